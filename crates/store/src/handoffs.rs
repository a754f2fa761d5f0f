//! Texts that were opened in an agent's own app (click to chat). Kesher cannot see whether one was sent: the agent says.

use domain::id::{ConversationId, HandoffId, MessageId, UserId, WorkspaceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::{Row, word};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    pub id: HandoffId,
    pub conversation_id: ConversationId,
    pub user_id: UserId,
    pub text: String,
    pub state: HandoffState,
    /// The message that it became.
    pub message_id: Option<MessageId>,
    pub opened_at: Timestamp,
    pub settled_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffState {
    /// Nobody has said yet whether it was sent.
    Open,
    Sent,
    Dropped,
}

fn handoff_of(mut row: Row) -> Result<Handoff> {
    Ok(Handoff {
        id: row.get()?,
        conversation_id: row.get()?,
        user_id: row.get()?,
        text: row.get()?,
        state: row.word()?,
        message_id: row.get()?,
        opened_at: row.get()?,
        settled_at: row.get()?,
    })
}

/// # Errors
/// As the database says.
pub async fn save(tx: &mut Tx, workspace_id: WorkspaceId, handoff: &Handoff) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO handoffs (workspace_id, id, conversation_id, user_id, text, state, message_id, opened_at, \
             settled_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
             ON CONFLICT (workspace_id, id) DO UPDATE SET state = excluded.state, message_id = excluded.message_id, \
             settled_at = excluded.settled_at"
        ),
        params![
            workspace_id,
            handoff.id,
            handoff.conversation_id,
            handoff.user_id,
            &handoff.text,
            word(&handoff.state)?,
            handoff.message_id,
            handoff.opened_at,
            handoff.settled_at
        ],
    )
    .await?;
    Ok(())
}

/// One, held until the end of a write.
///
/// # Errors
/// [`Error::NotFound`] when the workspace has no such handoff.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: HandoffId) -> Result<Handoff> {
    let row = tx
        .query_opt(
            "handoffs",
            sql!(
                "SELECT id, conversation_id, user_id, text, state, message_id, opened_at, settled_at FROM handoffs \
                 WHERE workspace_id = ?1 AND id = ?2 {lock}"
            ),
            params![workspace_id, id],
        )
        .await?;
    handoff_of(row.ok_or(Error::NotFound("handoff"))?)
}

/// What a user opened and has not settled, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn open_of(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    user_id: UserId,
    limit: i64,
) -> Result<Vec<Handoff>> {
    let rows = tx
        .query(
            "handoffs",
            sql!(
                "SELECT id, conversation_id, user_id, text, state, message_id, opened_at, settled_at FROM handoffs \
                 WHERE workspace_id = ?1 AND user_id = ?2 AND state = 'open' ORDER BY id LIMIT ?3"
            ),
            params![workspace_id, user_id, limit],
        )
        .await?;
    rows.into_iter().map(handoff_of).collect()
}
