//! The people of a workspace, their sessions and one-time links. Tokens are kept as hashes only.

use domain::access::Role;
use domain::id::{UserId, WorkspaceId};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::{Row, word};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub workspace_id: WorkspaceId,
    pub id: UserId,
    pub name: String,
    /// In lower case.
    pub email: String,
    pub role: Role,
    pub locale: String,
    /// None until an invited person has chosen one.
    pub password_hash: Option<String>,
    pub disabled_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

const BY_ID: &str = sql!(
    "SELECT workspace_id, id, name, email, role, locale, password_hash, disabled_at, created_at FROM users \
     WHERE workspace_id = ?1 AND id = ?2"
);

fn user_of(mut row: Row) -> Result<User> {
    Ok(User {
        workspace_id: row.get()?,
        id: row.get()?,
        name: row.get()?,
        email: row.get()?,
        role: row.word()?,
        locale: row.get()?,
        password_hash: row.get()?,
        disabled_at: row.get()?,
        created_at: row.get()?,
    })
}

/// # Errors
/// [`Error::Taken`] when somebody has this e-mail.
pub async fn insert(tx: &mut Tx, user: &User) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO users (workspace_id, id, name, email, role, locale, password_hash, disabled_at, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        ),
        params![
            user.workspace_id,
            user.id,
            &user.name,
            &user.email,
            word(&user.role)?,
            &user.locale,
            user.password_hash.as_ref(),
            user.disabled_at,
            user.created_at
        ],
    )
    .await?;
    Ok(())
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such user.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: UserId) -> Result<User> {
    user_of(
        tx.query_opt("users", BY_ID, params![workspace_id, id])
            .await?
            .ok_or(Error::NotFound("user"))?,
    )
}

/// # Errors
/// As the database says.
pub async fn lookup_by_email(tx: &mut Tx, email: &str) -> Result<Option<User>> {
    let row = tx
        .query_opt(
            "users",
            sql!(
                "SELECT workspace_id, id, name, email, role, locale, password_hash, disabled_at, created_at \
                 FROM users WHERE email = ?1"
            ),
            params![email],
        )
        .await?;
    row.map(user_of).transpose()
}

/// # Errors
/// As the database says.
pub async fn list(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<Vec<User>> {
    let rows = tx
        .query(
            "users",
            sql!(
                "SELECT workspace_id, id, name, email, role, locale, password_hash, disabled_at, created_at \
                 FROM users WHERE workspace_id = ?1 ORDER BY created_at, id"
            ),
            params![workspace_id],
        )
        .await?;
    rows.into_iter().map(user_of).collect()
}

/// Saves everything of a user that can change. Whoever is disabled or has another password loses all sessions.
///
/// # Errors
/// [`Error::Taken`] when somebody else has this e-mail.
pub async fn update(tx: &mut Tx, user: &User, end_sessions: bool) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE users SET name = ?3, email = ?4, role = ?5, locale = ?6, password_hash = ?7, disabled_at = ?8 \
             WHERE workspace_id = ?1 AND id = ?2"
        ),
        params![
            user.workspace_id,
            user.id,
            &user.name,
            &user.email,
            word(&user.role)?,
            &user.locale,
            user.password_hash.as_ref(),
            user.disabled_at
        ],
    )
    .await?;
    if end_sessions {
        tx.execute(
            sql!("DELETE FROM sessions WHERE workspace_id = ?1 AND user_id = ?2"),
            params![user.workspace_id, user.id],
        )
        .await?;
    }
    Ok(())
}

/// Owners who can sign in: the last one may not go.
///
/// # Errors
/// As the database says.
pub async fn count_owners(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<i64> {
    let row = tx
        .query_opt(
            "users",
            sql!("SELECT count(*) FROM users WHERE workspace_id = ?1 AND role = 'owner' AND disabled_at IS NULL"),
            params![workspace_id],
        )
        .await?;
    row.map_or(Ok(0), |mut row| row.get())
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub token_hash: String,
    pub workspace_id: WorkspaceId,
    pub user_id: UserId,
    /// Machine time: winding a demo's clock signs nobody out.
    pub expires_at: Timestamp,
}

/// # Errors
/// As the database says.
pub async fn insert_session(tx: &mut Tx, session: &Session, now: Timestamp) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO sessions (token_hash, workspace_id, user_id, created_at, seen_at, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?4, ?5)"
        ),
        params![&session.token_hash, session.workspace_id, session.user_id, now, session.expires_at],
    )
    .await?;
    tx.execute(
        sql!("DELETE FROM sessions WHERE expires_at < ?1"),
        params![now],
    )
    .await?;
    Ok(())
}

/// The user of a live session.
///
/// # Errors
/// As the database says.
pub async fn lookup_session(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<User>> {
    let row = tx
        .query_opt(
            "users",
            sql!(
                "SELECT u.workspace_id, u.id, u.name, u.email, u.role, u.locale, u.password_hash, u.disabled_at, \
                 u.created_at FROM sessions s JOIN users u ON u.workspace_id = s.workspace_id AND u.id = s.user_id \
                 WHERE s.token_hash = ?1 AND s.expires_at > ?2 AND u.disabled_at IS NULL"
            ),
            params![token_hash, now],
        )
        .await?;
    row.map(user_of).transpose()
}

/// # Errors
/// As the database says.
pub async fn delete_session(tx: &mut Tx, token_hash: &str) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM sessions WHERE token_hash = ?1"),
        params![token_hash],
    )
    .await?;
    Ok(())
}

/// What a one-time link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    SignIn,
    Join,
}

/// # Errors
/// As the database says.
pub async fn insert_link(
    tx: &mut Tx,
    user: &User,
    token_hash: &str,
    purpose: LinkPurpose,
    expires_at: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO links (token_hash, workspace_id, user_id, purpose, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)"
        ),
        params![token_hash, user.workspace_id, user.id, word(&purpose)?, expires_at],
    )
    .await?;
    Ok(())
}

/// Uses a link up: whoever comes second finds nothing.
///
/// # Errors
/// As the database says.
pub async fn use_link(
    tx: &mut Tx,
    token_hash: &str,
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<Option<User>> {
    let row = tx
        .query_opt(
            "links",
            sql!(
                "DELETE FROM links WHERE token_hash = ?1 AND purpose = ?2 AND expires_at > ?3 \
                 RETURNING workspace_id, user_id"
            ),
            params![token_hash, word(&purpose)?, now],
        )
        .await?;
    let Some(mut row) = row else { return Ok(None) };
    let user = get(tx, row.get()?, row.get()?).await?;
    Ok(user.disabled_at.is_none().then_some(user))
}
