//! A person or a program changes a lead: its status, who looks after it, its title, fields and amount.

use std::collections::BTreeMap;

use domain::access::Permission;
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::{LeadId, StatusId, UserId};
use domain::people::{FieldDefinition, FieldKind, Lead};
use jiff::Timestamp;
use store::{Tx, leads, workspaces};

use crate::caller::Caller;
use crate::change_conversation::{changed_meanwhile, with_ids, worker};
use crate::error::{Told, told};
use crate::{App, Refusal, Result};

const TITLE_LIMIT: usize = 200;
const VALUE_LIMIT: usize = 2000;

/// What is changed. In each `Some(None)` the value is taken away.
#[derive(Debug, Clone, Default)]
pub struct EditLead {
    pub version: i64,
    pub status_id: Option<StatusId>,
    pub assignee_id: Option<Option<UserId>>,
    pub title: Option<Option<String>>,
    /// Only those that are named change.
    pub fields: BTreeMap<String, Option<String>>,
    pub amount_minor: Option<Option<i64>>,
}

/// Edits a lead that nobody changed since the caller read it.
///
/// # Errors
/// `changed_meanwhile`; a refusal that names the field.
pub async fn edit(app: &App, by: &Caller, id: LeadId, edit: EditLead) -> Result<()> {
    by.must(Permission::LeadsWrite)?;
    let input = (by.clone(), id, edit, app.clock.business_now());
    told(
        app.store
            .write(input, |tx, (by, id, edit, now)| {
                Box::pin(edit_in(tx, by, *id, edit, *now))
            })
            .await,
    )
}

async fn edit_in(
    tx: &mut Tx,
    by: &Caller,
    id: LeadId,
    edit: &EditLead,
    now: Timestamp,
) -> store::Result<Told<()>> {
    let workspace_id = by.workspace_id;
    let before = leads::get(tx, workspace_id, id).await?;
    if before.version != edit.version {
        return Ok(Err(changed_meanwhile("lead")));
    }
    let mut lead = before.clone();
    if let Some(status_id) = edit.status_id {
        let status = match workspaces::get_status(tx, workspace_id, status_id).await {
            Ok(status) if status.pipeline_id == lead.pipeline_id => status,
            Ok(_) | Err(store::Error::NotFound(_)) => {
                return Ok(Err(Refusal::invalid("status_unknown", "status_id")));
            }
            Err(error) => return Err(error),
        };
        lead.status_id = status_id;
        lead.closed_at = status
            .group
            .is_closed()
            .then(|| lead.closed_at.unwrap_or(now));
    }
    if let Some(assignee_id) = edit.assignee_id {
        if let Err(refusal) = worker(tx, by, assignee_id).await? {
            return Ok(Err(refusal));
        }
        lead.assignee_id = assignee_id;
    }
    if !edit.fields.is_empty() {
        let pipelines = workspaces::list_pipelines(tx, workspace_id).await?;
        let pipeline = pipelines
            .iter()
            .find(|pipeline| pipeline.id == lead.pipeline_id);
        let definitions = pipeline
            .map(|pipeline| pipeline.fields.as_slice())
            .unwrap_or_default();
        if let Err(refusal) = set_fields(&mut lead, &edit.fields, definitions) {
            return Ok(Err(refusal));
        }
    }
    if let Err(refusal) = set_plain(tx, &mut lead, edit, by).await? {
        return Ok(Err(refusal));
    }
    if lead == before {
        return Ok(Ok(()));
    }
    lead.touched = true;
    leads::save(tx, workspace_id, &[&lead]).await?;
    for event in events(&before, &lead, by, now) {
        tx.emit(workspace_id, event);
    }
    Ok(Ok(()))
}

async fn set_plain(
    tx: &mut Tx,
    lead: &mut Lead,
    edit: &EditLead,
    by: &Caller,
) -> store::Result<Told<()>> {
    if let Some(title) = &edit.title {
        lead.title = title.as_deref().and_then(domain::text::clean_name);
        let length = lead.title.as_ref().map_or(0, |title| title.chars().count());
        if length > TITLE_LIMIT {
            return Ok(Err(too_long("title", TITLE_LIMIT, length)));
        }
    }
    if let Some(amount_minor) = edit.amount_minor {
        if amount_minor.is_some_and(|amount| !(0..=1_000_000_000_000_000).contains(&amount)) {
            return Ok(Err(Refusal::invalid("bad_value", "amount_minor")));
        }
        lead.amount_minor = amount_minor;
        if amount_minor.is_some() && lead.currency.is_none() {
            lead.currency = Some(workspaces::get(tx, by.workspace_id).await?.currency);
        }
    }
    Ok(Ok(()))
}

fn set_fields(
    lead: &mut Lead,
    values: &BTreeMap<String, Option<String>>,
    definitions: &[FieldDefinition],
) -> Told<()> {
    for (key, value) in values {
        let at = format!("fields.{key}");
        let Some(definition) = definitions.iter().find(|definition| definition.key == *key) else {
            return Err(Refusal::invalid("field_unknown", &at));
        };
        match value
            .as_deref()
            .map(str::trim)
            .filter(|value| !value.is_empty())
        {
            None => {
                lead.fields.remove(key);
            }
            Some(value) => {
                let value = value.replace('\0', "\u{fffd}");
                let length = value.chars().count();
                if length > VALUE_LIMIT {
                    return Err(too_long(&at, VALUE_LIMIT, length));
                }
                if !fits(definition, &value) {
                    let refusal = Refusal::invalid("field_value", &at);
                    return Err(refusal.with("options", definition.options.join(", ")));
                }
                lead.fields.insert(key.clone(), value);
            }
        }
    }
    Ok(())
}

fn too_long(field: &str, limit: usize, got: usize) -> Refusal {
    Refusal::invalid("text_too_long", field)
        .with("limit", limit)
        .with("got", got)
}

fn fits(definition: &FieldDefinition, value: &str) -> bool {
    match definition.kind {
        FieldKind::Text => true,
        FieldKind::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
        FieldKind::Date => value.parse::<jiff::civil::Date>().is_ok(),
        FieldKind::Choice => definition.options.iter().any(|option| option == value),
    }
}

/// One event for each part that changed, with ids and keys, never values.
fn events(before: &Lead, after: &Lead, by: &Caller, now: Timestamp) -> Vec<NewEvent> {
    let subjects = Subjects {
        lead_id: Some(after.id),
        contact_id: Some(after.contact_id),
        ..Subjects::default()
    };
    let event = |what: &str| {
        NewEvent::new(EventKind::LeadChanged, now, by.actor(), subjects).with("what", what)
    };
    let mut all = Vec::new();
    if before.status_id != after.status_id {
        all.push(with_ids(
            event("status"),
            Some(before.status_id),
            Some(after.status_id),
        ));
    }
    if before.assignee_id != after.assignee_id {
        all.push(with_ids(
            event("assignee"),
            before.assignee_id,
            after.assignee_id,
        ));
    }
    if before.title != after.title {
        all.push(event("title"));
    }
    if before.fields != after.fields {
        let keys: Vec<&str> = before
            .fields
            .keys()
            .chain(after.fields.keys())
            .filter(|key| before.fields.get(*key) != after.fields.get(*key))
            .map(String::as_str)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        all.push(event("fields").with("keys", keys.join(",")));
    }
    if before.amount_minor != after.amount_minor {
        all.push(event("amount"));
    }
    all
}
