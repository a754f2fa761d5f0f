//! Leads.

use domain::id::{ContactId, LeadId, StatusId, UserId, WorkspaceId};
use domain::people::Lead;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::sql::{Column, Insert};
use crate::tx::Tx;
use crate::value::{Row, json, list};
use crate::{params, sql};

static LEADS: Insert = Insert {
    table: "leads",
    columns: &[
        ("workspace_id", Column::Text),
        ("id", Column::Text),
        ("version", Column::Int),
        ("contact_id", Column::Text),
        ("pipeline_id", Column::Text),
        ("status_id", Column::Text),
        ("title", Column::Text),
        ("assignee_id", Column::Text),
        ("source", Column::Text),
        ("fields", Column::Text),
        ("amount_minor", Column::Int),
        ("currency", Column::Text),
        ("created_at", Column::Int),
        ("closed_at", Column::Int),
        ("touched", Column::Int),
    ],
    on_conflict: "(workspace_id, id) DO UPDATE SET version = excluded.version, contact_id = excluded.contact_id, \
                  status_id = excluded.status_id, title = excluded.title, assignee_id = excluded.assignee_id, \
                  source = excluded.source, \
                  fields = excluded.fields, amount_minor = excluded.amount_minor, currency = excluded.currency, \
                  created_at = excluded.created_at, closed_at = excluded.closed_at, touched = excluded.touched",
};

fn lead_of(mut row: Row) -> Result<Lead> {
    Ok(Lead {
        id: row.get()?,
        version: row.get()?,
        contact_id: row.get()?,
        pipeline_id: row.get()?,
        status_id: row.get()?,
        title: row.get()?,
        assignee_id: row.get()?,
        source: row.json()?,
        fields: row.json()?,
        amount_minor: row.get()?,
        currency: row.get()?,
        created_at: row.get()?,
        closed_at: row.get()?,
        touched: row.get()?,
    })
}

/// Open leads of contacts, held until the end of the transaction.
///
/// # Errors
/// As the database says.
pub async fn open_of(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    contacts: &[ContactId],
) -> Result<Vec<Lead>> {
    let rows = tx
        .query(
            "leads",
            sql!(
                "SELECT id, version, contact_id, pipeline_id, status_id, title, assignee_id, source, fields, \
                 amount_minor, currency, created_at, closed_at, touched FROM leads \
                 WHERE workspace_id = ?1 AND contact_id in_list(?2) AND closed_at IS NULL ORDER BY id {lock}"
            ),
            params![workspace_id, list(contacts.iter().copied())],
        )
        .await?;
    rows.into_iter().map(lead_of).collect()
}

/// The leads of one contact, newest first, at most fifty.
///
/// # Errors
/// As the database says.
pub async fn of_contact(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    contact_id: ContactId,
) -> Result<Vec<Lead>> {
    let rows = tx
        .query(
            "leads",
            sql!(
                "SELECT id, version, contact_id, pipeline_id, status_id, title, assignee_id, source, fields, \
                 amount_minor, currency, created_at, closed_at, touched FROM leads \
                 WHERE workspace_id = ?1 AND contact_id = ?2 ORDER BY created_at DESC LIMIT 50"
            ),
            params![workspace_id, contact_id],
        )
        .await?;
    rows.into_iter().map(lead_of).collect()
}

/// The lead that stands for each contact in a list: the newest open one, else the newest.
///
/// # Errors
/// As the database says.
pub async fn standing_for(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    contacts: &[ContactId],
) -> Result<Vec<Lead>> {
    let rows = tx
        .query(
            "leads",
            sql!(
                "SELECT id, version, contact_id, pipeline_id, status_id, title, assignee_id, source, fields, \
                 amount_minor, currency, created_at, closed_at, touched FROM (\
                 SELECT leads.*, row_number() OVER (PARTITION BY contact_id \
                 ORDER BY CASE WHEN closed_at IS NULL THEN 0 ELSE 1 END, created_at DESC) AS place \
                 FROM leads WHERE workspace_id = ?1 AND contact_id in_list(?2)) AS ranked WHERE place = 1"
            ),
            params![workspace_id, list(contacts.iter().copied())],
        )
        .await?;
    rows.into_iter().map(lead_of).collect()
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such lead.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: LeadId) -> Result<Lead> {
    let row = tx
        .query_opt(
            "leads",
            sql!(
                "SELECT id, version, contact_id, pipeline_id, status_id, title, assignee_id, source, fields, \
                 amount_minor, currency, created_at, closed_at, touched FROM leads \
                 WHERE workspace_id = ?1 AND id = ?2 {lock}"
            ),
            params![workspace_id, id],
        )
        .await?;
    lead_of(row.ok_or(Error::NotFound("lead"))?)
}

/// # Errors
/// As the database says.
pub async fn list_by_id(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    ids: &[LeadId],
) -> Result<Vec<Lead>> {
    let rows = tx
        .query(
            "leads",
            sql!(
                "SELECT id, version, contact_id, pipeline_id, status_id, title, assignee_id, source, fields, \
                 amount_minor, currency, created_at, closed_at, touched FROM leads \
                 WHERE workspace_id = ?1 AND id in_list(?2)"
            ),
            params![workspace_id, list(ids.iter().copied())],
        )
        .await?;
    rows.into_iter().map(lead_of).collect()
}

/// Where a page of leads begins: after this one.
pub type Cursor = (Timestamp, LeadId);

/// Which leads a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub status_id: Option<StatusId>,
    pub assignee_id: Option<UserId>,
}

/// Leads, newest first.
///
/// # Errors
/// As the database says.
pub async fn page(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    filter: &Filter,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Lead>> {
    let (at, id) = before.map_or_else(
        || (i64::MAX, "~".to_owned()),
        |(at, id)| (at.as_millisecond(), id.bare()),
    );
    let assignee = filter.assignee_id.map(UserId::bare).unwrap_or_default();
    let rows = match filter.status_id {
        Some(status_id) => {
            let sql = sql!(
                "SELECT id, version, contact_id, pipeline_id, status_id, title, assignee_id, source, fields, \
                 amount_minor, currency, created_at, closed_at, touched FROM leads \
                 WHERE workspace_id = ?1 AND status_id = ?2 AND (?3 = '' OR assignee_id = ?3) \
                 AND (created_at, id) < (?4, ?5) ORDER BY created_at DESC, id DESC LIMIT ?6"
            );
            tx.query(
                "leads",
                sql,
                params![workspace_id, status_id, assignee, at, id, limit],
            )
            .await?
        }
        None => {
            let sql = sql!(
                "SELECT id, version, contact_id, pipeline_id, status_id, title, assignee_id, source, fields, \
                 amount_minor, currency, created_at, closed_at, touched FROM leads \
                 WHERE workspace_id = ?1 AND (?2 = '' OR assignee_id = ?2) \
                 AND (created_at, id) < (?3, ?4) ORDER BY created_at DESC, id DESC LIMIT ?5"
            );
            tx.query("leads", sql, params![workspace_id, assignee, at, id, limit])
                .await?
        }
    };
    rows.into_iter().map(lead_of).collect()
}

/// Saves leads as they are now; each gets its next version.
///
/// # Errors
/// As the database says.
pub async fn save(tx: &mut Tx, workspace_id: WorkspaceId, leads: &[&Lead]) -> Result<()> {
    let rows = leads.iter().map(|lead| {
        Ok(vec![
            workspace_id.into(),
            lead.id.into(),
            (lead.version + 1).into(),
            lead.contact_id.into(),
            lead.pipeline_id.into(),
            lead.status_id.into(),
            lead.title.as_ref().into(),
            lead.assignee_id.into(),
            json(&lead.source)?,
            json(&lead.fields)?,
            lead.amount_minor.into(),
            lead.currency.as_ref().into(),
            lead.created_at.into(),
            lead.closed_at.into(),
            lead.touched.into(),
        ])
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    tx.insert_many(&LEADS, rows).await?;
    Ok(())
}

/// Removes leads that were folded into others.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx, workspace_id: WorkspaceId, ids: &[LeadId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    tx.execute(
        sql!("DELETE FROM leads WHERE workspace_id = ?1 AND id in_list(?2)"),
        params![workspace_id, list(ids.iter().copied())],
    )
    .await?;
    Ok(())
}
