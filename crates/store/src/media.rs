//! Files of messages: what is known of each, and which are still to be fetched. The bytes are elsewhere, under the hash
//! of themselves.

use domain::content::{MediaKind, MediaSource};
use domain::id::{AccountId, ChannelId, MediaId, MessageId, WorkspaceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::tx::{Tx, Wake};
use crate::value::{Row, Value, json, list, word};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    pub id: MediaId,
    pub message_id: Option<MessageId>,
    pub account_id: Option<AccountId>,
    pub state: MediaState,
    pub media_kind: MediaKind,
    pub mime_type: Option<String>,
    pub filename: Option<String>,
    pub size_bytes: Option<i64>,
    /// The object's name.
    pub sha256: Option<String>,
    /// Where the provider has it.
    pub source: Option<MediaSource>,
    pub upload: Option<Upload>,
    pub tries: i64,
    pub next_try_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// Our file at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: String,
    pub channel_id: ChannelId,
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// Still to be fetched from the provider.
    Pending,
    Stored,
    /// Given up: the provider no longer has it, or it was never right.
    Unavailable,
}

fn media_of(mut row: Row) -> Result<Media> {
    let mut media = Media {
        id: row.get()?,
        message_id: row.get()?,
        account_id: row.get()?,
        state: row.word()?,
        media_kind: row.word()?,
        mime_type: row.get()?,
        filename: row.get()?,
        size_bytes: row.get()?,
        sha256: row.get()?,
        source: row.opt_json()?,
        upload: None,
        tries: row.get()?,
        next_try_at: row.get()?,
        created_at: row.get()?,
    };
    let upload: (Option<String>, Option<ChannelId>, Option<Timestamp>) =
        (row.get()?, row.get()?, row.get()?);
    if let (Some(id), Some(channel_id), Some(expires_at)) = upload {
        media.upload = Some(Upload {
            id,
            channel_id,
            expires_at,
        });
    }
    Ok(media)
}

/// Saves a file's row as it is now.
///
/// # Errors
/// As the database says.
pub async fn save(tx: &mut Tx, workspace_id: WorkspaceId, media: &Media) -> Result<()> {
    let upload = media.upload.as_ref();
    tx.execute(
        sql!(
            "INSERT INTO media (workspace_id, id, message_id, account_id, state, media_kind, mime_type, filename, \
             size_bytes, sha256, source, tries, next_try_at, created_at, upload_id, upload_channel_id, \
             upload_expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
             ON CONFLICT (workspace_id, id) DO UPDATE SET message_id = excluded.message_id, state = excluded.state, \
             mime_type = excluded.mime_type, filename = excluded.filename, size_bytes = excluded.size_bytes, \
             sha256 = excluded.sha256, source = excluded.source, tries = excluded.tries, \
             next_try_at = excluded.next_try_at, upload_id = excluded.upload_id, \
             upload_channel_id = excluded.upload_channel_id, upload_expires_at = excluded.upload_expires_at"
        ),
        params![
            workspace_id,
            media.id,
            media.message_id,
            media.account_id,
            word(&media.state)?,
            word(&media.media_kind)?,
            media.mime_type.as_ref(),
            media.filename.as_ref(),
            media.size_bytes,
            media.sha256.as_ref(),
            media.source.as_ref().map(json).transpose()?.unwrap_or(Value::Null),
            media.tries,
            media.next_try_at,
            media.created_at,
            upload.map(|upload| &upload.id),
            upload.map(|upload| upload.channel_id),
            upload.map(|upload| upload.expires_at)
        ],
    )
    .await?;
    if media.state == MediaState::Pending {
        tx.wake(Wake::Jobs);
    }
    Ok(())
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such file.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: MediaId) -> Result<Media> {
    list_by_id(tx, workspace_id, &[id])
        .await?
        .into_iter()
        .next()
        .ok_or(Error::NotFound("file"))
}

/// # Errors
/// As the database says.
pub async fn list_by_id(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    ids: &[MediaId],
) -> Result<Vec<Media>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let rows = tx
        .query(
            "media",
            sql!(
                "SELECT id, message_id, account_id, state, media_kind, mime_type, filename, size_bytes, sha256, \
                 source, tries, next_try_at, created_at, upload_id, upload_channel_id, upload_expires_at FROM media \
                 WHERE workspace_id = ?1 AND id in_list(?2)"
            ),
            params![workspace_id, list(ids.iter().copied())],
        )
        .await?;
    rows.into_iter().map(media_of).collect()
}

/// Files whose next try is due, over all workspaces. `now` is machine time: a wound clock hurries no download.
///
/// # Errors
/// As the database says.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<(WorkspaceId, Media)>> {
    let rows = tx
        .query(
            "media",
            sql!(
                "SELECT workspace_id, id, message_id, account_id, state, media_kind, mime_type, filename, size_bytes, \
                 sha256, source, tries, next_try_at, created_at, upload_id, upload_channel_id, upload_expires_at \
                 FROM media WHERE state = 'pending' AND next_try_at <= ?1 ORDER BY next_try_at LIMIT ?2"
            ),
            params![now, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| Ok((row.get()?, media_of(row)?)))
        .collect()
}
