//! What was on the list of what needs a look goes off it once it is settled, whoever settled it.

use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::id::{AttentionId, HandoffId, Id, MessageId, WorkspaceId};
use jiff::Timestamp;
use store::{Tx, attention};

/// The item that asks about a message: one for each, however often it is raised.
pub(crate) const fn of_message(id: MessageId) -> AttentionId {
    Id::from_bits(id.bits())
}

/// The item that asks about a handoff.
pub(crate) const fn of_handoff(id: HandoffId) -> AttentionId {
    Id::from_bits(id.bits())
}

/// Takes the item off the list, if it is on it.
pub(crate) async fn close(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: AttentionId,
    by: Actor,
    now: Timestamp,
) -> store::Result<()> {
    if attention::close(tx, workspace_id, id, now).await? {
        let event = NewEvent::new(EventKind::AttentionDismissed, now, by, Subjects::default());
        tx.emit(workspace_id, event.with("attention_id", id));
    }
    Ok(())
}
