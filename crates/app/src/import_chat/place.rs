//! The first step of applying, in one transaction: the contact, the conversation and the lead, found or made.

use std::collections::BTreeMap;

use domain::access::Permission;
use domain::chat_export::{Missing, Whom};
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::ContactId;
use domain::people::{Lead, LeadSource, SourceKind};
use store::imports::{Import, ImportState};
use store::{Tx, channels, imports, jobs, leads, workspaces};

use super::{Means, known_contact, not_a_preview, seen};
use crate::error::Told;
use crate::jobs as work;
use crate::open_conversation::{Begin, Found, contact_of_phone, new_contact, thread_of};
use crate::{Refusal, RefusalKind};

fn refusal(missing: Missing) -> Refusal {
    match missing {
        Missing::Us => Refusal::invalid("import_us_missing", "us"),
        Missing::Contact => Refusal::invalid("import_contact_missing", "contact_id"),
        Missing::Group => Refusal::invalid("import_group", "include_group"),
        Missing::News => Refusal::new(RefusalKind::Conflict, "import_nothing_new"),
    }
}

pub(super) async fn begin(tx: &mut Tx, means: &Means) -> store::Result<Told<()>> {
    let workspace_id = means.by.workspace_id;
    let mut import = seen(tx, &means.by, means.id).await?;
    if import.state != ImportState::Preview {
        return Ok(Err(not_a_preview()));
    }
    if let Some(missing) = import.choices.missing(&import.preview).first() {
        return Ok(Err(refusal(*missing)));
    }
    let is_new = matches!(import.choices.whom, Whom::New { .. });
    if (is_new || import.choices.make_lead)
        && let Err(refusal) = means.by.must(Permission::LeadsWrite)
    {
        return Ok(Err(refusal));
    }
    let contact = match contact(tx, means, &mut import).await? {
        Ok(contact) => contact,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let begin = Begin::Past(import.preview.first);
    let thread = thread_of(tx, means.maker(), contact, import.channel_id, begin).await?;
    import.made.conversation |= thread.is_new;
    let thread = thread.value;
    let others = imports::of_conversation(tx, workspace_id, thread.id).await?;
    if others.iter().any(|other| other.state.is_under_way()) {
        return Ok(Err(Refusal::new(RefusalKind::Conflict, "import_busy")));
    }
    if import.choices.make_lead {
        lead(tx, means, &mut import, contact).await?;
    }
    import.contact_id = Some(contact);
    import.conversation_id = Some(thread.id);
    import.state = ImportState::Applying;
    import.total = i64::try_from(import.preview.messages).unwrap_or(i64::MAX);
    imports::save(tx, workspace_id, &import).await?;
    jobs::enqueue(tx, &means.job(work::IMPORT_CHAT, means.machine_now)).await?;
    Ok(Ok(()))
}

async fn contact(
    tx: &mut Tx,
    means: &Means,
    import: &mut Import,
) -> store::Result<Told<ContactId>> {
    let workspace_id = means.by.workspace_id;
    let (name, phone) = match &import.choices.whom {
        Whom::Contact { id } => {
            let known = known_contact(tx, workspace_id, *id).await?;
            return Ok(known.map(|contact| contact.id));
        }
        Whom::New { name, phone } => (name.as_deref(), phone.as_deref()),
        Whom::Unknown => return Ok(Err(refusal(Missing::Contact))),
    };
    let found = match phone {
        Some(phone) => contact_of_phone(tx, means.maker(), phone, name).await?,
        None => Found {
            value: new_contact(tx, means.maker(), name, None).await?,
            is_new: true,
        },
    };
    if found.is_new {
        import.made.contact = Some(found.value.version + 1);
    }
    Ok(Ok(found.value.id))
}

/// A lead, unless the contact has an open one in the channel's pipeline.
async fn lead(
    tx: &mut Tx,
    means: &Means,
    import: &mut Import,
    contact_id: ContactId,
) -> store::Result<()> {
    let workspace_id = means.by.workspace_id;
    let pipeline_id = channels::get(tx, workspace_id, import.channel_id)
        .await?
        .pipeline_id;
    let open = leads::open_of(tx, workspace_id, &[contact_id]).await?;
    if let Some(known) = open.iter().find(|lead| lead.pipeline_id == pipeline_id) {
        import.lead_id = Some(known.id);
        return Ok(());
    }
    let lead = Lead {
        id: means.ids.next(means.now),
        version: 0,
        contact_id,
        pipeline_id,
        status_id: workspaces::first_status(tx, workspace_id, pipeline_id).await?,
        title: None,
        assignee_id: None,
        source: LeadSource {
            kind: SourceKind::Import,
            detail: None,
        },
        fields: BTreeMap::new(),
        amount_minor: None,
        currency: None,
        created_at: means.now,
        closed_at: None,
        touched: false,
    };
    leads::save(tx, workspace_id, &[&lead]).await?;
    import.lead_id = Some(lead.id);
    import.made.lead = Some(lead.version + 1);
    let subjects = Subjects {
        lead_id: Some(lead.id),
        contact_id: Some(contact_id),
        channel_id: Some(import.channel_id),
        ..Subjects::default()
    };
    let event = NewEvent::new(
        EventKind::LeadCreated,
        means.now,
        means.by.actor(),
        subjects,
    );
    tx.emit(workspace_id, event.with("source", "import"));
    Ok(())
}
