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
                let maker = Maker { by, now: *now, ids };
                let thread = thread_of(tx, maker, contact.id, *channel_id, Begin::Open).await?;
                Ok(Ok(thread.value.id))
            })
        });
    told(made.await)
}

/// Who makes what is not there yet, and when.
#[derive(Clone, Copy)]
pub(crate) struct Maker<'a> {
    pub(crate) by: &'a Caller,
    pub(crate) now: Timestamp,
    pub(crate) ids: &'a Ids,
}

impl Maker<'_> {
    fn emit(self, tx: &mut Tx, kind: EventKind, subjects: Subjects) {
        let event = NewEvent::new(kind, self.now, self.by.actor(), subjects);
        tx.emit(self.by.workspace_id, event);
    }
}

/// What was looked for, and whether it had to be made.
pub(crate) struct Found<T> {
    pub(crate) value: T,
    pub(crate) is_new: bool,
}

/// How a thread that is not there yet begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    /// In the inbox: somebody is about to write.
    Open,
    /// Out of the way, until the person answers: a mailing.
    Resolved,
    /// In the inbox, at the time of its oldest message: an exported chat.
    Past(Timestamp),
}

/// The thread of a contact on a channel, begun where there is none.
pub(crate) async fn thread_of(
    tx: &mut Tx,
    maker: Maker<'_>,
    contact_id: ContactId,
    channel_id: ChannelId,
    begin: Begin,
) -> store::Result<Found<Conversation>> {
    let workspace_id = maker.by.workspace_id;
    // Held first, so that two who begin at once begin one.
    contacts::list_locked(tx, workspace_id, &[contact_id]).await?;
    let all = conversations::of_contacts(tx, workspace_id, &[contact_id]).await?;
    let known = all
        .into_iter()
        .find(|thread| thread.channel_id == channel_id);
    if let Some(value) = known {
        return Ok(Found {
            value,
            is_new: false,
        });
    }
    let at = match begin {
        Begin::Open | Begin::Resolved => maker.now,
        Begin::Past(at) => at,
    };
    let mut value = Conversation::new(maker.ids.next(maker.now), channel_id, contact_id, at);
    if begin == Begin::Resolved {
        value.state = ConversationState::Resolved;
    }
    conversations::save(tx, workspace_id, &[&Tracked::new(value.clone())]).await?;
    let subjects = Subjects {
        conversation_id: Some(value.id),
        contact_id: Some(contact_id),
        channel_id: Some(channel_id),
        ..Subjects::default()
    };
    maker.emit(tx, EventKind::ConversationCreated, subjects);
    Ok(Found {
        value,
        is_new: true,
    })
}

/// The contact who has this phone (digits) now, made where there is none.
pub(crate) async fn contact_of_phone(
    tx: &mut Tx,
    maker: Maker<'_>,
    phone: &str,
    name: Option<&str>,
) -> store::Result<Found<Contact>> {
    let identity = Identity {
        kind: IdentityKind::Phone,
        scope: String::new(),
        value: phone.to_owned(),
    };
    if let Some(value) = owner(tx, maker.by.workspace_id, identity).await? {
        return Ok(Found {
            value,
            is_new: false,
        });
    }
    Ok(Found {
        value: new_contact(tx, maker, name, Some(phone)).await?,
        is_new: true,
    })
}

/// Somebody whom nobody has yet.
pub(crate) async fn new_contact(
    tx: &mut Tx,
    maker: Maker<'_>,
    name: Option<&str>,
    phone: Option<&str>,
) -> store::Result<Contact> {
    let workspace_id = maker.by.workspace_id;
    let contact = Contact {
        id: maker.ids.next(maker.now),
        version: 0,
        name: name.and_then(domain::text::clean_name),
        profile_name: None,
        profile_name_at: None,
        phone: phone.map(ToOwned::to_owned),
        username: None,
        email: None,
        marketing: Marketing::default(),
        created_at: maker.now,
        merged_into: None,
    };
    contacts::save(tx, workspace_id, &[&contact]).await?;
    contacts::replace_identity(
        tx,
        workspace_id,
        contact.id,
        IdentityKind::Phone,
        None,
        phone,
        maker.now,
    )
    .await?;
    let subjects = Subjects {
        contact_id: Some(contact.id),
        ..Subjects::default()
    };
    maker.emit(tx, EventKind::ContactCreated, subjects);
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
