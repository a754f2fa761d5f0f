//! Workspaces, and the pipelines and statuses that they work with.

use domain::id::{PipelineId, StatusId, WorkspaceId};
use domain::people::{Pipeline, Status, StatusGroup};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::{Row, json, word};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    /// `he` or `en`.
    pub locale: String,
    /// IANA name.
    pub time_zone: String,
    /// ISO 3166; phone numbers without a country code are of here.
    pub region: String,
    /// ISO 4217.
    pub currency: String,
    pub created_at: Timestamp,
}

/// # Errors
/// As the database says.
pub async fn insert(tx: &mut Tx, workspace: &Workspace) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO workspaces (id, name, locale, time_zone, region, currency, event_seq, reacted_seq, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7)"
        ),
        params![
            workspace.id,
            &workspace.name,
            &workspace.locale,
            &workspace.time_zone,
            &workspace.region,
            &workspace.currency,
            workspace.created_at
        ],
    )
    .await?;
    Ok(())
}

/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut Tx, id: WorkspaceId) -> Result<Workspace> {
    let row = tx
        .query_opt(
            "workspaces",
            sql!("SELECT id, name, locale, time_zone, region, currency, created_at FROM workspaces WHERE id = ?1"),
            params![id],
        )
        .await?;
    workspace_of(row.ok_or(Error::NotFound("workspace"))?)
}

/// All workspaces, oldest first. For the schedulers.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut Tx) -> Result<Vec<Workspace>> {
    let rows = tx
        .query(
            "workspaces",
            sql!("SELECT id, name, locale, time_zone, region, currency, created_at FROM workspaces ORDER BY id"),
            &[],
        )
        .await?;
    rows.into_iter().map(workspace_of).collect()
}

fn workspace_of(mut row: Row) -> Result<Workspace> {
    Ok(Workspace {
        id: row.get()?,
        name: row.get()?,
        locale: row.get()?,
        time_zone: row.get()?,
        region: row.get()?,
        currency: row.get()?,
        created_at: row.get()?,
    })
}

/// # Errors
/// As the database says.
pub async fn insert_pipeline(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    pipeline: &Pipeline,
    position: i64,
) -> Result<()> {
    tx.execute(
        sql!("INSERT INTO pipelines (workspace_id, id, name, fields, position) VALUES (?1, ?2, ?3, ?4, ?5)"),
        params![workspace_id, pipeline.id, json(&pipeline.name)?, json(&pipeline.fields)?, position],
    )
    .await?;
    Ok(())
}

/// # Errors
/// As the database says.
pub async fn insert_status(tx: &mut Tx, workspace_id: WorkspaceId, status: &Status) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO statuses (workspace_id, id, pipeline_id, name, status_group, position) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        ),
        params![
            workspace_id,
            status.id,
            status.pipeline_id,
            json(&status.name)?,
            word(&status.group)?,
            status.position
        ],
    )
    .await?;
    Ok(())
}

/// # Errors
/// As the database says.
pub async fn list_pipelines(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<Vec<Pipeline>> {
    let rows = tx
        .query(
            "pipelines",
            sql!("SELECT id, name, fields FROM pipelines WHERE workspace_id = ?1 ORDER BY position, id"),
            params![workspace_id],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Pipeline {
                id: row.get()?,
                name: row.json()?,
                fields: row.json()?,
            })
        })
        .collect()
}

/// All statuses of the workspace, in order.
///
/// # Errors
/// As the database says.
pub async fn list_statuses(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<Vec<Status>> {
    let rows = tx
        .query(
            "statuses",
            sql!(
                "SELECT id, pipeline_id, name, status_group, position FROM statuses \
                 WHERE workspace_id = ?1 ORDER BY pipeline_id, position, id"
            ),
            params![workspace_id],
        )
        .await?;
    rows.into_iter().map(status_of).collect()
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such status.
pub async fn get_status(tx: &mut Tx, workspace_id: WorkspaceId, id: StatusId) -> Result<Status> {
    let row = tx
        .query_opt(
            "statuses",
            sql!(
                "SELECT id, pipeline_id, name, status_group, position FROM statuses WHERE workspace_id = ?1 AND id = ?2"
            ),
            params![workspace_id, id],
        )
        .await?;
    status_of(row.ok_or(Error::NotFound("status"))?)
}

/// The status of a new lead: the first of the pipeline that is not closed.
///
/// # Errors
/// [`Error::NotFound`] when the pipeline has none.
pub async fn first_status(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    pipeline_id: PipelineId,
) -> Result<StatusId> {
    let all = list_statuses(tx, workspace_id).await?;
    let of_pipeline = || {
        all.iter()
            .filter(|status| status.pipeline_id == pipeline_id)
    };
    of_pipeline()
        .find(|status| status.group == StatusGroup::New)
        .or_else(|| of_pipeline().find(|status| !status.group.is_closed()))
        .map(|status| status.id)
        .ok_or(Error::NotFound("status"))
}

fn status_of(mut row: Row) -> Result<Status> {
    Ok(Status {
        id: row.get()?,
        pipeline_id: row.get()?,
        name: row.json()?,
        group: row.word()?,
        position: row.get()?,
    })
}
