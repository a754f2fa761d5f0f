//! Somebody of the team has read a conversation: nothing of it is unread any more, and the person sees blue ticks.

use std::sync::Arc;

use domain::access::Permission;
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::{ConversationId, MessageId};
use domain::inbound::Tracked;
use domain::message::Direction;
use jiff::{SignedDuration, Timestamp};
use store::outbox::{Class, OutboxKind, OutboxRow, OutboxState};
use store::{Tx, channels, conversations, messages, outbox};

use crate::caller::Caller;
use crate::chance::Ids;
use crate::error::{Told, told};
use crate::senders::call::Saying;
use crate::signals::Notice;
use crate::{App, Result};

/// A message can be marked as read for this long (Meta, messages page).
const MARKABLE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Marks a conversation as read up to a message.
///
/// # Errors
/// When the workspace has no such conversation or message.
pub async fn read(app: &App, by: &Caller, id: ConversationId, up_to: MessageId) -> Result<()> {
    by.must(Permission::ConversationsWrite)?;
    let input = (
        by.clone(),
        id,
        up_to,
        false,
        app.clock.business_now(),
        Arc::clone(&app.ids),
    );
    told(
        app.store
            .write(input, |tx, input| Box::pin(read_in(tx, input)))
            .await,
    )
}

/// Shows the person that somebody is writing, and the team who.
///
/// # Errors
/// When the workspace has no such conversation.
pub async fn typing(app: &App, by: &Caller, id: ConversationId) -> Result<()> {
    by.must(Permission::ConversationsWrite)?;
    let question = (by.workspace_id, id);
    let last = app.store.read(question, |tx, (workspace_id, id)| {
        Box::pin(async move {
            conversations::get(tx, *workspace_id, *id).await?;
            let page = messages::page(tx, *workspace_id, *id, None, 20).await?;
            Ok(Ok(page
                .into_iter()
                .find(|message| message.direction == Direction::In)
                .map(|message| message.id)))
        })
    });
    let last = told(last.await)?;
    if let Some(user_id) = by.user_id() {
        app.signals.notice(
            by.workspace_id,
            Notice::Typing {
                conversation_id: id,
                user_id,
            },
        );
    }
    let Some(up_to) = last else {
        return Ok(());
    };
    let input = (
        by.clone(),
        id,
        up_to,
        true,
        app.clock.business_now(),
        Arc::clone(&app.ids),
    );
    told(
        app.store
            .write(input, |tx, input| Box::pin(read_in(tx, input)))
            .await,
    )
}

type Input = (Caller, ConversationId, MessageId, bool, Timestamp, Arc<Ids>);

async fn read_in(tx: &mut Tx, input: &Input) -> store::Result<Told<()>> {
    let (by, id, up_to, typing, now, ids) = input;
    let workspace_id = by.workspace_id;
    let thread = conversations::get(tx, workspace_id, *id).await?;
    let message = messages::get(tx, workspace_id, *up_to).await?;
    if message.conversation_id != thread.id {
        return Err(store::Error::NotFound("message"));
    }
    let was_unread = thread.unread_count > 0;
    // What came after the message that was seen stays unread.
    let left = match thread.unread_count {
        0 => 0,
        known => {
            let after = (message.at, message.id);
            messages::count_inbound_after(tx, workspace_id, thread.id, after, known).await?
        }
    };
    let mut thread = Tracked::loaded(thread);
    thread.now.unread_count = left;
    if thread.has_changed() {
        conversations::save(tx, workspace_id, &[&thread]).await?;
        let subjects = Subjects {
            conversation_id: Some(thread.now.id),
            contact_id: Some(thread.now.contact_id),
            channel_id: Some(thread.now.channel_id),
            ..Subjects::default()
        };
        tx.emit(
            workspace_id,
            NewEvent::new(EventKind::ConversationChanged, *now, by.actor(), subjects)
                .with("what", "read"),
        );
    }
    let channel = channels::get(tx, workspace_id, thread.now.channel_id).await?;
    let target = message
        .provider_id
        .filter(|_| message.direction == Direction::In);
    let markable = now.duration_since(message.at) < MARKABLE && channel.link.has_window();
    if let (Some(target), true) = (target, markable && (was_unread || *typing)) {
        let row = OutboxRow {
            id: ids.next(*now),
            channel_id: channel.id,
            conversation_id: thread.now.id,
            message_id: None,
            kind: OutboxKind::Read,
            class: Class::Answer,
            state: OutboxState::Queued,
            due_at: *now,
            purpose: domain::capability::Purpose::ByHand,
            campaign_id: None,
            wait_reason: None,
            payload: serde_json::to_string(&Saying::Read {
                target,
                typing: *typing,
            })
            .ok(),
            tries: 0,
            epoch: None,
            marked_at: None,
            created_at: *now,
        };
        outbox::save(tx, workspace_id, &[&row]).await?;
    }
    Ok(Ok(()))
}
