//! What fell through or needs a look, each with its reason.

use std::collections::BTreeMap;

use domain::id::{AttentionId, ConversationId, MessageId, WorkspaceId};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::json;
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    pub id: AttentionId,
    /// `message_late`, `message_unclear`, `message_refused`, `media_unavailable`.
    pub kind: String,
    pub conversation_id: Option<ConversationId>,
    pub message_id: Option<MessageId>,
    pub facts: BTreeMap<String, String>,
    pub created_at: Timestamp,
}

/// Raised twice under one id, it stands there once.
///
/// # Errors
/// As the database says.
pub async fn raise(tx: &mut Tx, workspace_id: WorkspaceId, attention: &Attention) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO attention (workspace_id, id, kind, conversation_id, message_id, facts, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (workspace_id, id) DO NOTHING"
        ),
        params![
            workspace_id,
            attention.id,
            &attention.kind,
            attention.conversation_id,
            attention.message_id,
            json(&attention.facts)?,
            attention.created_at
        ],
    )
    .await?;
    Ok(())
}

/// What is open, newest first; `before` is the id of the last of the page before.
///
/// # Errors
/// As the database says.
pub async fn page(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    before: Option<AttentionId>,
    limit: i64,
) -> Result<Vec<Attention>> {
    let before = before.map_or_else(|| "~".to_owned(), AttentionId::bare);
    let rows = tx
        .query(
            "attention",
            sql!(
                "SELECT id, kind, conversation_id, message_id, facts, created_at FROM attention \
                 WHERE workspace_id = ?1 AND dismissed_at IS NULL AND id < ?2 ORDER BY id DESC LIMIT ?3"
            ),
            params![workspace_id, before, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Attention {
                id: row.get()?,
                kind: row.get()?,
                conversation_id: row.get()?,
                message_id: row.get()?,
                facts: row.json()?,
                created_at: row.get()?,
            })
        })
        .collect()
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such item.
pub async fn dismiss(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: AttentionId,
    now: Timestamp,
) -> Result<()> {
    let changed = tx
        .execute(
            sql!("UPDATE attention SET dismissed_at = coalesce(dismissed_at, ?3) WHERE workspace_id = ?1 AND id = ?2"),
            params![workspace_id, id, now],
        )
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::NotFound("attention item"))
    }
}

/// Closes an item that is still open, where there is one. Answers whether there was.
///
/// # Errors
/// As the database says.
pub async fn close(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: AttentionId,
    now: Timestamp,
) -> Result<bool> {
    let changed = tx
        .execute(
            sql!(
                "UPDATE attention SET dismissed_at = ?3 WHERE workspace_id = ?1 AND id = ?2 AND dismissed_at IS NULL"
            ),
            params![workspace_id, id, now],
        )
        .await?;
    Ok(changed == 1)
}
