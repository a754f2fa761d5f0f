//! Channels and the connections that tie them to accounts.

use domain::channel::{Channel, Connection, Health};
use domain::id::{AccountId, ChannelId, ConnectionId, WorkspaceId};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::tx::{Tx, Wake};
use crate::value::{Row, json, word};
use crate::{params, sql};

fn channel_of(mut row: Row) -> Result<Channel> {
    let mut channel = Channel {
        id: row.get()?,
        version: row.get()?,
        name: row.get()?,
        level: row.word()?,
        link: row.word()?,
        provider: row.word()?,
        phone: row.get()?,
        pipeline_id: row.get()?,
        health: row.json()?,
        connection: None,
    };
    if let Some(id) = row.get::<Option<ConnectionId>>()? {
        channel.connection = Some(Connection {
            id,
            account_id: row.get()?,
            phone_number_id: row.get()?,
            app_id: row.get()?,
            waba_id: row.get()?,
            portfolio_id: row.get()?,
            base_url: row.get()?,
        });
    }
    Ok(channel)
}

/// All channels of a workspace with their live connections.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<Vec<Channel>> {
    let rows = tx
        .query(
            "channels",
            sql!(
                "SELECT c.id, c.version, c.name, c.level, c.link, c.provider, c.phone, c.pipeline_id, c.health, \
                 k.id, k.account_id, k.phone_number_id, a.app_id, a.waba_id, a.portfolio_id, a.base_url \
                 FROM channels c \
                 LEFT JOIN connections k ON k.workspace_id = c.workspace_id AND k.channel_id = c.id \
                 AND k.disconnected_at IS NULL \
                 LEFT JOIN accounts a ON a.workspace_id = k.workspace_id AND a.id = k.account_id \
                 WHERE c.workspace_id = ?1 ORDER BY c.created_at, c.id"
            ),
            params![workspace_id],
        )
        .await?;
    rows.into_iter().map(channel_of).collect()
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such channel.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: ChannelId) -> Result<Channel> {
    let row = tx
        .query_opt(
            "channels",
            sql!(
                "SELECT c.id, c.version, c.name, c.level, c.link, c.provider, c.phone, c.pipeline_id, c.health, \
                 k.id, k.account_id, k.phone_number_id, a.app_id, a.waba_id, a.portfolio_id, a.base_url \
                 FROM channels c \
                 LEFT JOIN connections k ON k.workspace_id = c.workspace_id AND k.channel_id = c.id \
                 AND k.disconnected_at IS NULL \
                 LEFT JOIN accounts a ON a.workspace_id = k.workspace_id AND a.id = k.account_id \
                 WHERE c.workspace_id = ?1 AND c.id = ?2"
            ),
            params![workspace_id, id],
        )
        .await?;
    channel_of(row.ok_or(Error::NotFound("channel"))?)
}

/// A new channel; its connection is made apart.
///
/// # Errors
/// As the database says.
pub async fn insert(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel: &Channel,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO channels (workspace_id, id, version, name, level, link, provider, phone, pipeline_id, \
             health, created_at) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        ),
        params![
            workspace_id,
            channel.id,
            &channel.name,
            word(&channel.level)?,
            word(&channel.link)?,
            word(&channel.provider)?,
            channel.phone.as_ref(),
            channel.pipeline_id,
            json(&channel.health)?,
            now
        ],
    )
    .await?;
    tx.wake(Wake::Channels);
    Ok(())
}

/// Saves a channel's name and phone if nobody changed it since `version`.
///
/// # Errors
/// [`Error::ChangedMeanwhile`].
pub async fn update(tx: &mut Tx, workspace_id: WorkspaceId, channel: &Channel) -> Result<()> {
    let changed = tx
        .execute(
            sql!(
                "UPDATE channels SET version = version + 1, name = ?4, phone = ?5, level = ?6, link = ?7 \
                 WHERE workspace_id = ?1 AND id = ?2 AND version = ?3"
            ),
            params![
                workspace_id,
                channel.id,
                channel.version,
                &channel.name,
                channel.phone.as_ref(),
                word(&channel.level)?,
                word(&channel.link)?
            ],
        )
        .await?;
    tx.wake(Wake::Channels);
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::ChangedMeanwhile("channel"))
    }
}

/// # Errors
/// As the database says.
pub async fn update_health(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ChannelId,
    health: &Health,
) -> Result<()> {
    tx.execute(
        sql!("UPDATE channels SET health = ?3 WHERE workspace_id = ?1 AND id = ?2"),
        params![workspace_id, id, json(health)?],
    )
    .await?;
    tx.wake(Wake::Channels);
    Ok(())
}

/// Ties a channel to an account from now on.
///
/// # Errors
/// [`Error::Taken`] when the number is connected already.
pub async fn connect(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    id: ConnectionId,
    account_id: AccountId,
    phone_number_id: &str,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO connections (workspace_id, id, channel_id, account_id, phone_number_id, connected_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        ),
        params![workspace_id, id, channel_id, account_id, phone_number_id, now],
    )
    .await?;
    tx.wake(Wake::Channels);
    Ok(())
}

/// Messages that wait to be sent on a channel. A short walk along an index of what waits.
///
/// # Errors
/// As the database says.
pub async fn waiting(tx: &mut Tx, workspace_id: WorkspaceId, id: ChannelId) -> Result<i64> {
    let row = tx
        .query_opt(
            "outbox",
            sql!(
                "SELECT count(*) FROM (SELECT 1 FROM outbox \
                 WHERE workspace_id = ?1 AND channel_id = ?2 AND state = 'queued' LIMIT 1000) AS few"
            ),
            params![workspace_id, id],
        )
        .await?;
    row.map_or(Ok(0), |mut row| row.get())
}

/// Holds a connection until the end of the transaction: with others who record what the provider has accepted on it,
/// or `alone`. Whoever is told something of a message that nobody knows yet holds it alone, so that the message and
/// what is told of it cannot pass each other by unseen. Held before conversations.
///
/// # Errors
/// As the database says.
pub async fn hold_connection(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ConnectionId,
    alone: bool,
) -> Result<()> {
    let sql = if alone {
        sql!("SELECT id FROM connections WHERE workspace_id = ?1 AND id = ?2 {lock}")
    } else {
        sql!("SELECT id FROM connections WHERE workspace_id = ?1 AND id = ?2 {share}")
    };
    tx.query_opt("connections", sql, params![workspace_id, id])
        .await?;
    Ok(())
}
