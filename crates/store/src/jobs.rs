//! Slow work outside of the lanes: reading the truth from a provider, and the like. A job is inserted in the
//! transaction of its cause; two of one kind and subject are one.

use domain::id::{JobId, WorkspaceId};
use jiff::Timestamp;

use crate::error::Result;
use crate::tx::{Tx, Wake};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub workspace_id: WorkspaceId,
    pub id: JobId,
    pub kind: String,
    pub subject: String,
    pub payload: String,
    /// Machine time: a wound clock hurries no call.
    pub due_at: Timestamp,
    pub tries: i64,
}

/// # Errors
/// As the database says.
pub async fn enqueue(tx: &mut Tx, job: &Job) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO jobs (workspace_id, id, kind, subject, payload, due_at, tries) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0) \
             ON CONFLICT (workspace_id, kind, subject) DO UPDATE SET id = excluded.id, payload = excluded.payload, \
             due_at = excluded.due_at, tries = 0"
        ),
        params![job.workspace_id, job.id, &job.kind, &job.subject, &job.payload, job.due_at],
    )
    .await?;
    tx.wake(Wake::Jobs);
    Ok(())
}

/// Jobs that are due, over all workspaces.
///
/// # Errors
/// As the database says.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Job>> {
    let rows = tx
        .query(
            "jobs",
            sql!(
                "SELECT workspace_id, id, kind, subject, payload, due_at, tries FROM jobs WHERE due_at <= ?1 \
                 ORDER BY due_at, id LIMIT ?2"
            ),
            params![now, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Job {
                workspace_id: row.get()?,
                id: row.get()?,
                kind: row.get()?,
                subject: row.get()?,
                payload: row.get()?,
                due_at: row.get()?,
                tries: row.get()?,
            })
        })
        .collect()
}

/// Ends a job, unless the same was asked for again meanwhile.
///
/// # Errors
/// As the database says.
pub async fn finish(tx: &mut Tx, workspace_id: WorkspaceId, id: JobId) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM jobs WHERE workspace_id = ?1 AND id = ?2"),
        params![workspace_id, id],
    )
    .await?;
    Ok(())
}

/// Tries a job again later.
///
/// # Errors
/// As the database says.
pub async fn postpone(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: JobId,
    due_at: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!("UPDATE jobs SET due_at = ?3, tries = tries + 1 WHERE workspace_id = ?1 AND id = ?2"),
        params![workspace_id, id, due_at],
    )
    .await?;
    Ok(())
}
