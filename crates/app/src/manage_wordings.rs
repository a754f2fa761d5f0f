//! Saved wordings: kept, changed, filled in for a conversation.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::access::Permission;
use domain::id::{ContactId, ConversationId, LeadId, WordingId};
use domain::wording::{self, Filled, first_name};
use store::wordings::{self, Wording};
use store::{Tx, contacts, conversations, leads, users, workspaces};

use crate::caller::Caller;
use crate::error::told;
use crate::sign_in::clean_name;
use crate::{App, Refusal, Result};

/// Characters of a wording.
const TEXT_LIMIT: usize = 4096;

/// All wordings, by name.
///
/// # Errors
/// As the database says.
pub async fn list(app: &App, by: &Caller) -> Result<Vec<Wording>> {
    by.must(Permission::ConversationsRead)?;
    let all = app
        .store
        .read(by.workspace_id, |tx, id| Box::pin(wordings::list(tx, *id)));
    Ok(all.await?)
}

fn checked(text: &str) -> std::result::Result<String, Refusal> {
    let text = text.replace('\0', "\u{fffd}");
    if text.trim().is_empty() {
        return Err(Refusal::invalid("text_empty", "text"));
    }
    let length = text.chars().count();
    if length > TEXT_LIMIT {
        return Err(Refusal::invalid("text_too_long", "text")
            .with("limit", TEXT_LIMIT)
            .with("got", length));
    }
    let unknown = wording::unknown_fields(&text);
    if !unknown.is_empty() {
        return Err(Refusal::invalid("wording_field_unknown", "text")
            .with("fields", unknown.join(", "))
            .with("known", wording::FIELDS.join(", ")));
    }
    Ok(text)
}

/// Keeps a new wording.
///
/// # Errors
/// A refusal that names the field.
pub async fn add(app: &App, by: &Caller, name: &str, text: &str) -> Result<Wording> {
    by.must(Permission::ConversationsWrite)?;
    let now = app.clock.business_now();
    let made = Wording {
        id: app.ids.next(now),
        name: clean_name(name, "name")?,
        text: checked(text)?,
        created_at: now,
    };
    let input = (by.workspace_id, made.clone());
    app.store
        .write(input, |tx, (id, made)| {
            Box::pin(wordings::save(tx, *id, made))
        })
        .await?;
    Ok(made)
}

/// Changes a wording.
///
/// # Errors
/// `not_found`, or a refusal that names the field.
pub async fn edit(
    app: &App,
    by: &Caller,
    id: WordingId,
    name: Option<&str>,
    text: Option<&str>,
) -> Result<Wording> {
    by.must(Permission::ConversationsWrite)?;
    let name = name.map(|name| clean_name(name, "name")).transpose()?;
    let text = text.map(checked).transpose()?;
    let input = (by.workspace_id, id, name, text);
    let done = app
        .store
        .write(input, |tx, (workspace_id, id, name, text)| {
            Box::pin(async move {
                let mut kept = wordings::get(tx, *workspace_id, *id).await?;
                if let Some(name) = name {
                    kept.name.clone_from(name);
                }
                if let Some(text) = text {
                    kept.text.clone_from(text);
                }
                wordings::save(tx, *workspace_id, &kept).await?;
                Ok(Ok(kept))
            })
        });
    told(done.await)
}

/// Removes a wording.
///
/// # Errors
/// `not_found`.
pub async fn remove(app: &App, by: &Caller, id: WordingId) -> Result<()> {
    by.must(Permission::ConversationsWrite)?;
    let done = app
        .store
        .write((by.workspace_id, id), |tx, (workspace_id, id)| {
            Box::pin(async move { wordings::delete(tx, *workspace_id, *id).await.map(Ok) })
        });
    told(done.await)
}

/// For whom a wording is filled in.
#[derive(Debug, Clone, Copy, Default)]
pub struct For {
    pub lead_id: Option<LeadId>,
    pub conversation_id: Option<ConversationId>,
}

/// A wording with its fields filled in.
///
/// # Errors
/// `not_found`.
pub async fn fill(app: &App, by: &Caller, id: WordingId, whom: For) -> Result<Filled> {
    by.must(Permission::ConversationsRead)?;
    let input = (Arc::new(by.clone()), id, whom);
    let done = app.store.read(input, |tx, (by, id, whom)| {
        Box::pin(async move {
            let kept = wordings::get(tx, by.workspace_id, *id).await?;
            let mut contact_id = None;
            let mut title = None;
            if let Some(lead_id) = whom.lead_id {
                let lead = leads::get(tx, by.workspace_id, lead_id).await?;
                contact_id = Some(lead.contact_id);
                title = lead.title;
            }
            if let Some(conversation_id) = whom.conversation_id {
                let thread = conversations::get(tx, by.workspace_id, conversation_id).await?;
                contact_id = contact_id.or(Some(thread.contact_id));
            }
            let values = values(tx, by, contact_id, title).await?;
            Ok(Ok(wording::fill(&kept.text, &values)))
        })
    });
    told(done.await)
}

/// What the fields stand for.
pub(crate) async fn values(
    tx: &mut Tx,
    by: &Caller,
    contact_id: Option<ContactId>,
    title: Option<String>,
) -> store::Result<BTreeMap<&'static str, String>> {
    let mut values = BTreeMap::new();
    let workspace = workspaces::get(tx, by.workspace_id).await?;
    values.insert("business.name", workspace.name);
    if let Some(user_id) = by.user_id() {
        let people = users::list(tx, by.workspace_id).await?;
        if let Some(user) = people.into_iter().find(|user| user.id == user_id) {
            values.insert("user.name", user.name);
        }
    }
    if let Some(title) = title {
        values.insert("lead.title", title);
    }
    if let Some(contact_id) = contact_id {
        let contact = contacts::get(tx, by.workspace_id, contact_id).await?;
        if let Some(name) = contact.name.or(contact.profile_name) {
            values.insert("contact.first_name", first_name(&name).to_owned());
            values.insert("contact.name", name);
        }
        if let Some(phone) = contact.phone {
            values.insert("contact.phone", format!("+{phone}"));
        }
    }
    Ok(values)
}
