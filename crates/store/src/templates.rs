//! Templates, as last read from the provider.

use domain::id::{AccountId, TemplateId, WorkspaceId};
use domain::template::{Category, Template, TemplateStatus};

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::{Row, json};
use crate::{params, sql};

fn template_of(mut row: Row) -> Result<Template> {
    Ok(Template {
        id: row.get()?,
        account_id: row.get()?,
        provider_id: row.get()?,
        name: row.get()?,
        language: row.get()?,
        category: Category::from_name(&row.get::<String>()?),
        status: TemplateStatus::from_name(&row.get::<String>()?),
        quality: row.get()?,
        rejected_reason: row.get()?,
        body: row.json()?,
        synced_at: row.get()?,
    })
}

/// # Errors
/// As the database says.
pub async fn list(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<Vec<Template>> {
    let rows = tx
        .query(
            "templates",
            sql!(
                "SELECT id, account_id, provider_id, name, language, category, status, quality, rejected_reason, \
                 body, synced_at FROM templates WHERE workspace_id = ?1 ORDER BY name, language"
            ),
            params![workspace_id],
        )
        .await?;
    rows.into_iter().map(template_of).collect()
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such template.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: TemplateId) -> Result<Template> {
    let row = tx
        .query_opt(
            "templates",
            sql!(
                "SELECT id, account_id, provider_id, name, language, category, status, quality, rejected_reason, \
                 body, synced_at FROM templates WHERE workspace_id = ?1 AND id = ?2"
            ),
            params![workspace_id, id],
        )
        .await?;
    template_of(row.ok_or(Error::NotFound("template"))?)
}

/// # Errors
/// As the database says.
pub async fn lookup(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    account_id: AccountId,
    name: &str,
    language: &str,
) -> Result<Option<Template>> {
    let row = tx
        .query_opt(
            "templates",
            sql!(
                "SELECT id, account_id, provider_id, name, language, category, status, quality, rejected_reason, \
                 body, synced_at FROM templates \
                 WHERE workspace_id = ?1 AND account_id = ?2 AND name = ?3 AND language = ?4"
            ),
            params![workspace_id, account_id, name, language],
        )
        .await?;
    row.map(template_of).transpose()
}

/// Saves a template as it is at the provider; its id stays what it was.
///
/// # Errors
/// As the database says.
pub async fn save(tx: &mut Tx, workspace_id: WorkspaceId, template: &Template) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO templates (workspace_id, id, account_id, provider_id, name, language, category, status, \
             quality, rejected_reason, body, synced_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
             ON CONFLICT (workspace_id, account_id, name, language) DO UPDATE SET \
             provider_id = excluded.provider_id, category = excluded.category, status = excluded.status, \
             quality = excluded.quality, rejected_reason = excluded.rejected_reason, body = excluded.body, \
             synced_at = excluded.synced_at"
        ),
        params![
            workspace_id,
            template.id,
            template.account_id,
            template.provider_id.as_ref(),
            &template.name,
            &template.language,
            template.category.as_str(),
            template.status.as_str(),
            template.quality.as_ref(),
            template.rejected_reason.as_ref(),
            json(&template.body)?,
            template.synced_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes a template that the provider no longer has.
///
/// # Errors
/// As the database says.
pub async fn delete(tx: &mut Tx, workspace_id: WorkspaceId, id: TemplateId) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM templates WHERE workspace_id = ?1 AND id = ?2"),
        params![workspace_id, id],
    )
    .await?;
    Ok(())
}
