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
        settings: row.json()?,
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
            linked_at: row.get()?,
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
                 c.settings, k.id, k.account_id, k.phone_number_id, a.app_id, a.waba_id, a.portfolio_id, a.base_url, \
                 coalesce(k.linked_at, k.connected_at) \
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
                 c.settings, k.id, k.account_id, k.phone_number_id, a.app_id, a.waba_id, a.portfolio_id, a.base_url, \
                 coalesce(k.linked_at, k.connected_at) \
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
             health, settings, created_at) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
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
            json(&channel.settings)?,
            now
        ],
    )
    .await?;
    tx.wake(Wake::Channels);
    Ok(())
}

/// Saves what a person may change of a channel if nobody changed it since `version`.
///
/// # Errors
/// [`Error::ChangedMeanwhile`].
pub async fn update(tx: &mut Tx, workspace_id: WorkspaceId, channel: &Channel) -> Result<()> {
    let changed = tx
        .execute(
            sql!(
                "UPDATE channels SET version = version + 1, name = ?4, phone = ?5, level = ?6, link = ?7, \
                 provider = ?8, settings = ?9 WHERE workspace_id = ?1 AND id = ?2 AND version = ?3"
            ),
            params![
                workspace_id,
                channel.id,
                channel.version,
                &channel.name,
                channel.phone.as_ref(),
                word(&channel.level)?,
                word(&channel.link)?,
                word(&channel.provider)?,
                json(&channel.settings)?
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

/// A tie to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConnection {
    pub id: ConnectionId,
    pub channel_id: ChannelId,
    pub account_id: AccountId,
    /// The provider's name of the number.
    pub phone_number_id: String,
    /// Sealed. What the provider signs its webhooks with, where it has no app.
    pub webhook_secret: Option<String>,
}

/// Ties a channel to an account from now on.
///
/// # Errors
/// [`Error::Taken`] when the number is connected already.
pub async fn connect(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    new: &NewConnection,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO connections (workspace_id, id, channel_id, account_id, phone_number_id, connected_at, \
             webhook_secret) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        ),
        params![
            workspace_id,
            new.id,
            new.channel_id,
            new.account_id,
            &new.phone_number_id,
            now,
            new.webhook_secret.as_ref()
        ],
    )
    .await?;
    tx.wake(Wake::Channels);
    Ok(())
}

/// Ends the tie of a channel; what was said under it stays.
///
/// # Errors
/// As the database says.
pub async fn disconnect(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE connections SET disconnected_at = ?3 \
             WHERE workspace_id = ?1 AND channel_id = ?2 AND disconnected_at IS NULL"
        ),
        params![workspace_id, channel_id, now],
    )
    .await?;
    tx.wake(Wake::Channels);
    Ok(())
}

/// Takes an ended tie of this number up again, under whichever channel it is now; answers its id.
///
/// # Errors
/// As the database says.
pub async fn reconnect(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    new: &NewConnection,
    now: Timestamp,
) -> Result<Option<ConnectionId>> {
    let row = tx
        .query_opt(
            "connections",
            sql!(
                "UPDATE connections SET channel_id = ?4, disconnected_at = NULL, connected_at = ?5, linked_at = NULL, \
                 webhook_secret = ?6 WHERE workspace_id = ?1 AND account_id = ?2 AND phone_number_id = ?3 \
                 AND disconnected_at IS NOT NULL RETURNING id"
            ),
            params![
                workspace_id,
                new.account_id,
                &new.phone_number_id,
                new.channel_id,
                now,
                new.webhook_secret.as_ref()
            ],
        )
        .await?;
    tx.wake(Wake::Channels);
    row.map(|mut row| row.get()).transpose()
}

/// A connection's webhook secret, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSecret {
    pub connection_id: ConnectionId,
    pub account_id: AccountId,
    pub phone_number_id: String,
    pub sealed: String,
}

/// The webhook secrets of all live connections.
///
/// # Errors
/// As the database says.
pub async fn webhook_secrets(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<Vec<WebhookSecret>> {
    let rows = tx
        .query(
            "connections",
            sql!(
                "SELECT id, account_id, phone_number_id, webhook_secret FROM connections \
                 WHERE workspace_id = ?1 AND webhook_secret IS NOT NULL AND disconnected_at IS NULL"
            ),
            params![workspace_id],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(WebhookSecret {
                connection_id: row.get()?,
                account_id: row.get()?,
                phone_number_id: row.get()?,
                sealed: row.get()?,
            })
        })
        .collect()
}

/// Sets since when a number is linked.
///
/// # Errors
/// As the database says.
pub async fn set_linked_at(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ConnectionId,
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!("UPDATE connections SET linked_at = ?3 WHERE workspace_id = ?1 AND id = ?2"),
        params![workspace_id, id, at],
    )
    .await?;
    tx.wake(Wake::Channels);
    Ok(())
}

/// Notes that a number is linked, since `at` unless it has been before; or, without one, that its link has ended, so
/// that the next one is new.
///
/// # Errors
/// As the database says.
pub async fn note_link(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ConnectionId,
    at: Option<Timestamp>,
) -> Result<()> {
    let changed = tx
        .execute(
            sql!(
                "UPDATE connections SET linked_at = ?3 WHERE workspace_id = ?1 AND id = ?2 \
                 AND (linked_at IS NULL) <> (CAST(?3 AS BIGINT) IS NULL)"
            ),
            params![workspace_id, id, at],
        )
        .await?;
    if changed > 0 {
        tx.wake(Wake::Channels);
    }
    Ok(())
}

/// Notes that the provider reported something on a connection; the card shows how long ago.
///
/// # Errors
/// As the database says.
pub async fn note_event(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ConnectionId,
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!("UPDATE connections SET last_event_at = ?3 WHERE workspace_id = ?1 AND id = ?2"),
        params![workspace_id, id, at],
    )
    .await?;
    Ok(())
}

/// When the provider last reported something on a connection.
///
/// # Errors
/// As the database says.
pub async fn last_event_at(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ConnectionId,
) -> Result<Option<Timestamp>> {
    let row = tx
        .query_opt(
            "connections",
            sql!("SELECT last_event_at FROM connections WHERE workspace_id = ?1 AND id = ?2"),
            params![workspace_id, id],
        )
        .await?;
    row.map_or(Ok(None), |mut row| row.get())
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
