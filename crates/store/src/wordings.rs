//! Saved wordings: texts with fields to fill in.

use domain::id::{WordingId, WorkspaceId};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::Row;
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    pub id: WordingId,
    pub name: String,
    pub text: String,
    pub created_at: Timestamp,
}

fn wording_of(mut row: Row) -> Result<Wording> {
    Ok(Wording {
        id: row.get()?,
        name: row.get()?,
        text: row.get()?,
        created_at: row.get()?,
    })
}

/// # Errors
/// As the database says.
pub async fn save(tx: &mut Tx, workspace_id: WorkspaceId, wording: &Wording) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO wordings (workspace_id, id, name, text, created_at) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (workspace_id, id) DO UPDATE SET name = excluded.name, text = excluded.text"
        ),
        params![
            workspace_id,
            wording.id,
            &wording.name,
            &wording.text,
            wording.created_at
        ],
    )
    .await?;
    Ok(())
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such wording.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: WordingId) -> Result<Wording> {
    let row = tx
        .query_opt(
            "wordings",
            sql!("SELECT id, name, text, created_at FROM wordings WHERE workspace_id = ?1 AND id = ?2"),
            params![workspace_id, id],
        )
        .await?;
    wording_of(row.ok_or(Error::NotFound("wording"))?)
}

/// All of a workspace, by name.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<Vec<Wording>> {
    let rows = tx
        .query(
            "wordings",
            sql!("SELECT id, name, text, created_at FROM wordings WHERE workspace_id = ?1 ORDER BY name, id"),
            params![workspace_id],
        )
        .await?;
    rows.into_iter().map(wording_of).collect()
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such wording.
pub async fn delete(tx: &mut Tx, workspace_id: WorkspaceId, id: WordingId) -> Result<()> {
    let changed = tx
        .execute(
            sql!("DELETE FROM wordings WHERE workspace_id = ?1 AND id = ?2"),
            params![workspace_id, id],
        )
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::NotFound("wording"))
    }
}
