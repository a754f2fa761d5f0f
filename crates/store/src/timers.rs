//! Waits that survive a restart.

use domain::id::{TimerId, WorkspaceId};
use jiff::Timestamp;

use crate::error::Result;
use crate::tx::{Tx, Wake};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    pub workspace_id: WorkspaceId,
    pub id: TimerId,
    pub kind: String,
    /// What it is about, as an id with its prefix.
    pub subject: String,
    /// Business time.
    pub due_at: Timestamp,
}

/// # Errors
/// As the database says.
pub async fn insert(tx: &mut Tx, timer: &Timer) -> Result<()> {
    tx.execute(
        sql!("INSERT INTO timers (workspace_id, id, kind, subject_id, due_at) VALUES (?1, ?2, ?3, ?4, ?5)"),
        params![timer.workspace_id, timer.id, &timer.kind, &timer.subject, timer.due_at],
    )
    .await?;
    Ok(())
}

/// Timers that are due, over all workspaces, the longest due first.
///
/// # Errors
/// As the database says.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Timer>> {
    let rows = tx
        .query(
            "timers",
            sql!(
                "SELECT workspace_id, id, kind, subject_id, due_at FROM timers WHERE due_at <= ?1 \
                 ORDER BY due_at, id LIMIT ?2"
            ),
            params![now, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Timer {
                workspace_id: row.get()?,
                id: row.get()?,
                kind: row.get()?,
                subject: row.get()?,
                due_at: row.get()?,
            })
        })
        .collect()
}

/// Takes a timer away, in the transaction of what it set off. Says whether it was still there.
///
/// # Errors
/// As the database says.
pub async fn take(tx: &mut Tx, workspace_id: WorkspaceId, id: TimerId) -> Result<bool> {
    let taken = tx
        .execute(
            sql!("DELETE FROM timers WHERE workspace_id = ?1 AND id = ?2"),
            params![workspace_id, id],
        )
        .await?;
    if taken == 1 {
        tx.wake(Wake::Lane(workspace_id));
    }
    Ok(taken == 1)
}
