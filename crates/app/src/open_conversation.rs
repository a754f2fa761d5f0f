//! The thread of a contact on a channel: found, or begun by us. WhatsApp knows nothing of it until something is sent.

use std::sync::Arc;

use domain::access::Permission;
use domain::conversation::{Conversation, ConversationState};
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::{ChannelId, ContactId, ConversationId, WorkspaceId};
use domain::inbound::Tracked;
use domain::people::{Contact, Identity, IdentityKind, Marketing};
use jiff::Timestamp;
use store::{Tx, channels, contacts, conversations};

use crate::caller::Caller;
use crate::chance::Ids;
use crate::error::told;
use crate::{App, Result};

/// Finds or begins the thread; answers its id.
///
/// # Errors
/// `not_found` when the workspace has no such contact or channel.
pub async fn open(
    app: &App,
    by: &Caller,
    contact_id: ContactId,
    channel_id: ChannelId,
) -> Result<ConversationId> {
    by.must(Permission::ConversationsWrite)?;
    let input = (
        by.clone(),
        contact_id,
        channel_id,
        app.clock.business_now(),
        Arc::clone(&app.ids),
    );
    let made = app
        .store
        .write(input, |tx, (by, contact_id, channel_id, now, ids)| {
            Box::pin(async move {
                let workspace_id = by.workspace_id;
                let contact = contacts::get(tx, workspace_id, *contact_id).await?;
                channels::get(tx, workspace_id, *channel_id).await?;
                let begin = Begin::Open;
                let thread = thread_of(tx, by, contact.id, *channel_id, begin, *now, ids).await?;
                Ok(Ok(thread.id))
            })
        });
    told(made.await)
}

/// How a thread that is not there yet begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    /// In the inbox: somebody is about to write.
    Open,
    /// Out of the way, until the person answers: a mailing.
    Resolved,
}

/// The thread of a contact on a channel, begun where there is none.
pub(crate) async fn thread_of(
    tx: &mut Tx,
    by: &Caller,
    contact_id: ContactId,
    channel_id: ChannelId,
    begin: Begin,
    now: Timestamp,
    ids: &Ids,
) -> store::Result<Conversation> {
    let workspace_id = by.workspace_id;
    // Held first, so that two who begin at once begin one.
    contacts::list_locked(tx, workspace_id, &[contact_id]).await?;
    let all = conversations::of_contacts(tx, workspace_id, &[contact_id]).await?;
    if let Some(known) = all
        .into_iter()
        .find(|thread| thread.channel_id == channel_id)
    {
        return Ok(known);
    }
    let mut thread = Conversation::new(ids.next(now), channel_id, contact_id, now);
    if begin == Begin::Resolved {
        thread.state = ConversationState::Resolved;
    }
    conversations::save(tx, workspace_id, &[&Tracked::new(thread.clone())]).await?;
    let subjects = Subjects {
        conversation_id: Some(thread.id),
        contact_id: Some(contact_id),
        channel_id: Some(channel_id),
        ..Subjects::default()
    };
    tx.emit(
        workspace_id,
        NewEvent::new(EventKind::ConversationCreated, now, by.actor(), subjects),
    );
    Ok(thread)
}

/// The contact who has this phone (digits) now, made where there is none.
pub(crate) async fn contact_of_phone(
    tx: &mut Tx,
    by: &Caller,
    phone: &str,
    name: Option<&str>,
    now: Timestamp,
    ids: &Ids,
) -> store::Result<Contact> {
    let workspace_id = by.workspace_id;
    let identity = Identity {
        kind: IdentityKind::Phone,
        scope: String::new(),
        value: phone.to_owned(),
    };
    if let Some(known) = owner(tx, workspace_id, identity).await? {
        return Ok(known);
    }
    let contact = Contact {
        id: ids.next(now),
        version: 0,
        name: name.and_then(domain::text::clean_name),
        profile_name: None,
        profile_name_at: None,
        phone: Some(phone.to_owned()),
        username: None,
        email: None,
        marketing: Marketing::default(),
        created_at: now,
        merged_into: None,
    };
    contacts::save(tx, workspace_id, &[&contact]).await?;
    contacts::replace_identity(
        tx,
        workspace_id,
        contact.id,
        IdentityKind::Phone,
        None,
        Some(phone),
        now,
    )
    .await?;
    let subjects = Subjects {
        contact_id: Some(contact.id),
        ..Subjects::default()
    };
    tx.emit(
        workspace_id,
        NewEvent::new(EventKind::ContactCreated, now, by.actor(), subjects),
    );
    Ok(contact)
}

async fn owner(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    identity: Identity,
) -> store::Result<Option<Contact>> {
    let owners = contacts::owners(tx, workspace_id, &[identity]).await?;
    let Some((_, row)) = owners.into_iter().find(|(_, row)| row.retired_at.is_none()) else {
        return Ok(None);
    };
    contacts::get(tx, workspace_id, row.contact_id)
        .await
        .map(Some)
}
