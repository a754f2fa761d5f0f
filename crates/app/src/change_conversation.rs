//! Who looks after a conversation, and whether it is done with.

use domain::access::Permission;
use domain::conversation::ConversationState;
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::{ConversationId, UserId};
use domain::inbound::Tracked;
use jiff::Timestamp;
use store::{Tx, conversations, users};

use crate::caller::Caller;
use crate::error::{Told, told};
use crate::{App, Refusal, RefusalKind, Result};

/// What is changed.
#[derive(Debug, Clone)]
pub struct ChangeConversation {
    pub version: i64,
    /// `Some(None)` takes it away from whoever had it.
    pub assignee_id: Option<Option<UserId>>,
    pub state: Option<ConversationState>,
}

/// Changes a conversation that nobody changed since the caller read it.
///
/// # Errors
/// `changed_meanwhile`; `user_unknown` when the assignee is nobody who can work here.
pub async fn change(
    app: &App,
    by: &Caller,
    id: ConversationId,
    change: ChangeConversation,
) -> Result<()> {
    by.must(Permission::ConversationsWrite)?;
    let input = (by.clone(), id, change, app.clock.business_now());
    told(
        app.store
            .write(input, |tx, (by, id, change, now)| {
                Box::pin(change_in(tx, by, *id, change, *now))
            })
            .await,
    )
}

async fn change_in(
    tx: &mut Tx,
    by: &Caller,
    id: ConversationId,
    change: &ChangeConversation,
    now: Timestamp,
) -> store::Result<Told<()>> {
    let workspace_id = by.workspace_id;
    let mut thread = Tracked::loaded(conversations::get(tx, workspace_id, id).await?);
    if thread.now.version != change.version {
        return Ok(Err(changed_meanwhile("conversation")));
    }
    if let Some(assignee_id) = change.assignee_id {
        if let Err(refusal) = worker(tx, by, assignee_id).await? {
            return Ok(Err(refusal));
        }
        thread.now.assignee_id = assignee_id;
    }
    if let Some(state) = change.state {
        thread.now.state = state;
        if state == ConversationState::Resolved {
            thread.now.unread_count = 0;
        }
    }
    if !thread.has_changed() {
        return Ok(Ok(()));
    }
    conversations::save(tx, workspace_id, &[&thread]).await?;
    let subjects = Subjects {
        conversation_id: Some(thread.now.id),
        contact_id: Some(thread.now.contact_id),
        channel_id: Some(thread.now.channel_id),
        user_id: thread
            .now
            .assignee_id
            .filter(|_| change.assignee_id.is_some()),
        ..Subjects::default()
    };
    let event = |what: &str| {
        NewEvent::new(EventKind::ConversationChanged, now, by.actor(), subjects).with("what", what)
    };
    let before = thread.before.as_ref();
    if before.is_some_and(|before| before.assignee_id != thread.now.assignee_id) {
        let from = before.and_then(|before| before.assignee_id);
        tx.emit(
            workspace_id,
            with_ids(event("assignee"), from, thread.now.assignee_id),
        );
    }
    if before.is_some_and(|before| before.state != thread.now.state) {
        let to = match thread.now.state {
            ConversationState::Open => "open",
            ConversationState::Resolved => "resolved",
        };
        tx.emit(workspace_id, event("state").with("to", to));
    }
    Ok(Ok(()))
}

pub(crate) fn changed_meanwhile(what: &str) -> Refusal {
    Refusal::new(RefusalKind::Conflict, "changed_meanwhile").with("what", what)
}

/// An event with the ids from which and to which something went.
pub(crate) fn with_ids(
    event: NewEvent,
    from: Option<impl ToString>,
    to: Option<impl ToString>,
) -> NewEvent {
    let event = match from {
        Some(from) => event.with("from", from.to_string()),
        None => event,
    };
    match to {
        Some(to) => event.with("to", to.to_string()),
        None => event,
    }
}

/// Whoever is given work must be somebody of the workspace who can do it.
pub(crate) async fn worker(
    tx: &mut Tx,
    by: &Caller,
    user_id: Option<UserId>,
) -> store::Result<Told<()>> {
    let Some(user_id) = user_id else {
        return Ok(Ok(()));
    };
    let known = match users::get(tx, by.workspace_id, user_id).await {
        Ok(user) => user.disabled_at.is_none() && user.role.may(Permission::ConversationsWrite),
        Err(store::Error::NotFound(_)) => false,
        Err(error) => return Err(error),
    };
    Ok(if known {
        Ok(())
    } else {
        Err(Refusal::invalid("user_unknown", "assignee_id"))
    })
}
