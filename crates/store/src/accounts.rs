//! Meta apps and accounts: who signs what comes in, and with which token we speak. Secrets come sealed and go sealed.

use domain::id::{AccountId, AppId, WorkspaceId};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::tx::{Tx, Wake};
use crate::value::{Row, json};
use crate::{params, sql};

/// A Meta app. One app belongs to one workspace, so its secret vouches for that workspace alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub workspace_id: WorkspaceId,
    pub id: AppId,
    /// Names the app in the address of its webhook; empty for the installation's first.
    pub app_key: String,
    pub provider: String,
    pub provider_app_id: String,
    /// Sealed; the newest first. Two live while one is changed for another.
    pub secrets: Vec<String>,
    pub verify_token: String,
    pub last_webhook_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

fn app_of(mut row: Row) -> Result<App> {
    Ok(App {
        workspace_id: row.get()?,
        id: row.get()?,
        app_key: row.get()?,
        provider: row.get()?,
        provider_app_id: row.get()?,
        secrets: row.json()?,
        verify_token: row.get()?,
        last_webhook_at: row.get()?,
        created_at: row.get()?,
    })
}

/// All apps of the installation. For the door, which knows a webhook by its app.
///
/// # Errors
/// As the database says.
pub async fn list_apps(tx: &mut Tx) -> Result<Vec<App>> {
    let rows = tx
        .query(
            "apps",
            sql!(
                "SELECT workspace_id, id, app_key, provider, provider_app_id, secrets, verify_token, \
                 last_webhook_at, created_at FROM apps ORDER BY id"
            ),
            &[],
        )
        .await?;
    rows.into_iter().map(app_of).collect()
}

/// # Errors
/// [`Error::Taken`] when another workspace, or another address, has this app already.
pub async fn insert_app(tx: &mut Tx, app: &App) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO apps (workspace_id, id, app_key, provider, provider_app_id, secrets, verify_token, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        ),
        params![
            app.workspace_id,
            app.id,
            &app.app_key,
            &app.provider,
            &app.provider_app_id,
            json(&app.secrets)?,
            &app.verify_token,
            app.created_at
        ],
    )
    .await?;
    tx.wake(Wake::Channels);
    Ok(())
}

/// # Errors
/// As the database says.
pub async fn update_app_secrets(tx: &mut Tx, app: &App) -> Result<()> {
    tx.execute(
        sql!("UPDATE apps SET secrets = ?3, verify_token = ?4 WHERE workspace_id = ?1 AND id = ?2"),
        params![
            app.workspace_id,
            app.id,
            json(&app.secrets)?,
            &app.verify_token
        ],
    )
    .await?;
    tx.wake(Wake::Channels);
    Ok(())
}

/// Notes that a signed webhook came; the checker shows it.
///
/// # Errors
/// As the database says.
pub async fn note_webhook(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: AppId,
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!("UPDATE apps SET last_webhook_at = ?3 WHERE workspace_id = ?1 AND id = ?2"),
        params![workspace_id, id, at],
    )
    .await?;
    Ok(())
}

/// A WABA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub workspace_id: WorkspaceId,
    pub id: AccountId,
    pub provider: String,
    pub app_id: Option<AppId>,
    pub waba_id: String,
    pub portfolio_id: Option<String>,
    pub base_url: String,
    /// Sealed.
    pub token: String,
    pub token_last4: String,
    pub created_at: Timestamp,
}

fn account_of(mut row: Row) -> Result<Account> {
    Ok(Account {
        workspace_id: row.get()?,
        id: row.get()?,
        provider: row.get()?,
        app_id: row.get()?,
        waba_id: row.get()?,
        portfolio_id: row.get()?,
        base_url: row.get()?,
        token: row.get()?,
        token_last4: row.get()?,
        created_at: row.get()?,
    })
}

/// # Errors
/// [`Error::Taken`] when another workspace has this WABA.
pub async fn insert(tx: &mut Tx, account: &Account) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO accounts (workspace_id, id, provider, app_id, waba_id, portfolio_id, base_url, token, \
             token_last4, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        ),
        params![
            account.workspace_id,
            account.id,
            &account.provider,
            account.app_id,
            &account.waba_id,
            account.portfolio_id.as_ref(),
            &account.base_url,
            &account.token,
            &account.token_last4,
            account.created_at
        ],
    )
    .await?;
    Ok(())
}

/// # Errors
/// As the database says.
pub async fn update(tx: &mut Tx, account: &Account) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE accounts SET portfolio_id = ?3, base_url = ?4, token = ?5, token_last4 = ?6, app_id = ?7 \
             WHERE workspace_id = ?1 AND id = ?2"
        ),
        params![
            account.workspace_id,
            account.id,
            account.portfolio_id.as_ref(),
            &account.base_url,
            &account.token,
            &account.token_last4,
            account.app_id
        ],
    )
    .await?;
    tx.wake(Wake::Channels);
    Ok(())
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such account.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: AccountId) -> Result<Account> {
    let row = tx
        .query_opt(
            "accounts",
            sql!(
                "SELECT workspace_id, id, provider, app_id, waba_id, portfolio_id, base_url, token, token_last4, \
                 created_at FROM accounts WHERE workspace_id = ?1 AND id = ?2"
            ),
            params![workspace_id, id],
        )
        .await?;
    account_of(row.ok_or(Error::NotFound("account"))?)
}

/// # Errors
/// As the database says.
pub async fn list(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<Vec<Account>> {
    let rows = tx
        .query(
            "accounts",
            sql!(
                "SELECT workspace_id, id, provider, app_id, waba_id, portfolio_id, base_url, token, token_last4, \
                 created_at FROM accounts WHERE workspace_id = ?1 ORDER BY id"
            ),
            params![workspace_id],
        )
        .await?;
    rows.into_iter().map(account_of).collect()
}
