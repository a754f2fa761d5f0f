//! Keys for programs, and the keys under which a request is done once.

use domain::id::{ApiKeyId, UserId, WorkspaceId};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::{Row, json};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub workspace_id: WorkspaceId,
    pub id: ApiKeyId,
    pub name: String,
    pub last4: String,
    /// Names of permissions.
    pub scopes: Vec<String>,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

fn key_of(mut row: Row) -> Result<ApiKey> {
    Ok(ApiKey {
        workspace_id: row.get()?,
        id: row.get()?,
        name: row.get()?,
        last4: row.get()?,
        scopes: row.json()?,
        created_by: row.get()?,
        created_at: row.get()?,
        last_used_at: row.get()?,
        revoked_at: row.get()?,
    })
}

/// # Errors
/// As the database says.
pub async fn insert(tx: &mut Tx, key: &ApiKey, key_hash: &str) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO api_keys (workspace_id, id, name, key_hash, last4, scopes, created_by, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        ),
        params![
            key.workspace_id,
            key.id,
            &key.name,
            key_hash,
            &key.last4,
            json(&key.scopes)?,
            key.created_by,
            key.created_at
        ],
    )
    .await?;
    Ok(())
}

/// A key that is not revoked.
///
/// # Errors
/// As the database says.
pub async fn lookup(tx: &mut Tx, key_hash: &str) -> Result<Option<ApiKey>> {
    let row = tx
        .query_opt(
            "api_keys",
            sql!(
                "SELECT workspace_id, id, name, last4, scopes, created_by, created_at, last_used_at, revoked_at \
                 FROM api_keys WHERE key_hash = ?1 AND revoked_at IS NULL"
            ),
            params![key_hash],
        )
        .await?;
    row.map(key_of).transpose()
}

/// # Errors
/// As the database says.
pub async fn list(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<Vec<ApiKey>> {
    let rows = tx
        .query(
            "api_keys",
            sql!(
                "SELECT workspace_id, id, name, last4, scopes, created_by, created_at, last_used_at, revoked_at \
                 FROM api_keys WHERE workspace_id = ?1 ORDER BY created_at DESC, id"
            ),
            params![workspace_id],
        )
        .await?;
    rows.into_iter().map(key_of).collect()
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such key.
pub async fn revoke(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<()> {
    let changed = tx
        .execute(
            sql!(
                "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?3) WHERE workspace_id = ?1 AND id = ?2"
            ),
            params![workspace_id, id, now],
        )
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::NotFound("API key"))
    }
}

/// Notes that a key was used; at most once an hour, so that a busy key costs no writes.
///
/// # Errors
/// As the database says.
pub async fn note_use(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!("UPDATE api_keys SET last_used_at = ?3 WHERE workspace_id = ?1 AND id = ?2"),
        params![workspace_id, id, now],
    )
    .await?;
    Ok(())
}

/// A request that is to be done once: its key, and a digest of what it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    pub key: String,
    pub request_hash: String,
}

/// What is known of a request that came before under the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    New,
    /// The same request, and the id of what it made.
    Done(String),
    /// Another request under the same key.
    Mismatch,
}

/// How long a key is remembered, in milliseconds.
const KEPT_MS: i64 = 24 * 3600 * 1000;

/// Takes the key for a request, in the transaction that does it: either both are there afterwards or neither. A key
/// whose request was refused made nothing, and is free again.
///
/// # Errors
/// As the database says.
pub async fn claim(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    once: &Once,
    now: Timestamp,
) -> Result<Known> {
    let now_ms = now.as_millisecond();
    tx.execute(
        sql!(
            "DELETE FROM idempotency_keys WHERE workspace_id = ?1 AND key = ?2 AND created_at < ?3"
        ),
        params![workspace_id, &once.key, now_ms - KEPT_MS],
    )
    .await?;
    let inserted = tx
        .execute(
            sql!(
                "INSERT INTO idempotency_keys (workspace_id, key, request_hash, result, created_at) \
                 VALUES (?1, ?2, ?3, '', ?4) ON CONFLICT (workspace_id, key) DO UPDATE \
                 SET request_hash = excluded.request_hash, created_at = excluded.created_at \
                 WHERE idempotency_keys.result = ''"
            ),
            params![workspace_id, &once.key, &once.request_hash, now_ms],
        )
        .await?;
    if inserted == 1 {
        return Ok(Known::New);
    }
    let row = tx
        .query_opt(
            "idempotency_keys",
            sql!("SELECT request_hash, result FROM idempotency_keys WHERE workspace_id = ?1 AND key = ?2"),
            params![workspace_id, &once.key],
        )
        .await?;
    let mut row = row.ok_or(Error::NotFound("idempotency key"))?;
    let (hash, result): (String, String) = (row.get()?, row.get()?);
    Ok(if hash == once.request_hash {
        Known::Done(result)
    } else {
        Known::Mismatch
    })
}

/// Notes what the request made.
///
/// # Errors
/// As the database says.
pub async fn done(tx: &mut Tx, workspace_id: WorkspaceId, once: &Once, result: &str) -> Result<()> {
    tx.execute(
        sql!("UPDATE idempotency_keys SET result = ?3 WHERE workspace_id = ?1 AND key = ?2"),
        params![workspace_id, &once.key, result],
    )
    .await?;
    Ok(())
}

/// Forgets keys older than a day.
///
/// # Errors
/// As the database says.
pub async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.execute(
        sql!("DELETE FROM idempotency_keys WHERE created_at < ?1"),
        params![now.as_millisecond() - KEPT_MS],
    )
    .await
}
