//! Campaigns: one text to an audience. Each recipient's message stands in the outbox; here is who belongs to it and
//! what came back.

use domain::id::{
    CampaignId, ChannelId, ContactId, ConversationId, MessageId, UserId, WorkspaceId,
};
use domain::message::{Delivery, Receipts};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::sql::{Column, Insert};
use crate::tx::Tx;
use crate::value::{Row, word};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    pub channel_id: ChannelId,
    pub name: String,
    pub text: String,
    pub state: CampaignState,
    pub created_by: UserId,
    pub created_at: Timestamp,
    pub stopped_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Its recipients are still being written down; nothing leaves yet that was not written down.
    Preparing,
    Running,
    Stopped,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    pub position: i64,
    pub contact_id: ContactId,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub answered_at: Option<Timestamp>,
    pub opted_out_at: Option<Timestamp>,
}

/// A recipient with what became of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientRow {
    pub recipient: Recipient,
    pub delivery: Option<Delivery>,
    pub failure: Option<domain::failure::Failure>,
    pub receipts: Receipts,
    pub at: Timestamp,
    pub name: Option<String>,
    pub phone: Option<String>,
}

/// Where a recipient's message stands, as [`counts`] counts it; and who answered besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Waiting,
    Sent,
    Delivered,
    Read,
    Failed,
    Unclear,
    Cancelled,
    /// Those who asked to be left alone are among them.
    Answered,
    OptedOut,
}

/// Recipients that one page looks at to find those of one standing: a page may be short, and still have a next.
const LOOKED_AT: i64 = 500;

static RECIPIENTS: Insert = Insert {
    table: "campaign_recipients",
    columns: &[
        ("workspace_id", Column::Text),
        ("campaign_id", Column::Text),
        ("position", Column::Int),
        ("contact_id", Column::Text),
        ("conversation_id", Column::Text),
        ("message_id", Column::Text),
    ],
    on_conflict: "(workspace_id, campaign_id, position) DO NOTHING",
};

fn campaign_of(mut row: Row) -> Result<Campaign> {
    Ok(Campaign {
        id: row.get()?,
        channel_id: row.get()?,
        name: row.get()?,
        text: row.get()?,
        state: row.word()?,
        created_by: row.get()?,
        created_at: row.get()?,
        stopped_at: row.get()?,
    })
}

/// # Errors
/// As the database says.
pub async fn save(tx: &mut Tx, workspace_id: WorkspaceId, campaign: &Campaign) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO campaigns (workspace_id, id, channel_id, name, text, state, created_by, created_at, stopped_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
             ON CONFLICT (workspace_id, id) DO UPDATE SET state = excluded.state, stopped_at = excluded.stopped_at"
        ),
        params![
            workspace_id,
            campaign.id,
            campaign.channel_id,
            &campaign.name,
            &campaign.text,
            word(&campaign.state)?,
            campaign.created_by,
            campaign.created_at,
            campaign.stopped_at
        ],
    )
    .await?;
    Ok(())
}

/// One; nothing is held.
///
/// # Errors
/// [`Error::NotFound`] when the workspace has no such campaign.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: CampaignId) -> Result<Campaign> {
    let sql = sql!(
        "SELECT id, channel_id, name, text, state, created_by, created_at, stopped_at FROM campaigns \
         WHERE workspace_id = ?1 AND id = ?2"
    );
    one(tx, sql, workspace_id, id).await
}

/// One, held until the end of a write: for whoever changes its state.
///
/// # Errors
/// As [`get`].
pub async fn hold(tx: &mut Tx, workspace_id: WorkspaceId, id: CampaignId) -> Result<Campaign> {
    let sql = sql!(
        "SELECT id, channel_id, name, text, state, created_by, created_at, stopped_at FROM campaigns \
         WHERE workspace_id = ?1 AND id = ?2 {lock}"
    );
    one(tx, sql, workspace_id, id).await
}

async fn one(
    tx: &mut Tx,
    sql: &'static str,
    workspace_id: WorkspaceId,
    id: CampaignId,
) -> Result<Campaign> {
    let row = tx
        .query_opt("campaigns", sql, params![workspace_id, id])
        .await?;
    campaign_of(row.ok_or(Error::NotFound("campaign"))?)
}

/// Newest first.
///
/// # Errors
/// As the database says.
pub async fn page(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    before: Option<CampaignId>,
    limit: i64,
) -> Result<Vec<Campaign>> {
    let rows = tx
        .query(
            "campaigns",
            sql!(
                "SELECT id, channel_id, name, text, state, created_by, created_at, stopped_at FROM campaigns \
                 WHERE workspace_id = ?1 AND (CAST(?2 AS TEXT) IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3"
            ),
            params![workspace_id, before, limit],
        )
        .await?;
    rows.into_iter().map(campaign_of).collect()
}

/// # Errors
/// As the database says.
pub async fn add_recipients(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: CampaignId,
    recipients: &[Recipient],
) -> Result<()> {
    let values = recipients
        .iter()
        .map(|one| {
            vec![
                workspace_id.into(),
                id.into(),
                one.position.into(),
                one.contact_id.into(),
                one.conversation_id.into(),
                one.message_id.into(),
            ]
        })
        .collect();
    tx.insert_many(&RECIPIENTS, values).await?;
    Ok(())
}

/// Recipients in their order, with what became of each: at most `limit`, of one `standing` if one is asked for. Beside
/// them how far was looked when there may be more.
///
/// # Errors
/// As the database says.
pub async fn recipients(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: CampaignId,
    standing: Option<Standing>,
    after: i64,
    limit: i64,
) -> Result<(Vec<RecipientRow>, Option<i64>)> {
    let until = match standing {
        Some(_) => after.saturating_add(LOOKED_AT),
        None => i64::MAX,
    };
    let standing = standing.map(|standing| word(&standing)).transpose()?;
    let rows = tx
        .query(
            "campaign_recipients",
            sql!(
                "SELECT r.position, r.contact_id, r.conversation_id, r.message_id, r.answered_at, r.opted_out_at, \
                 m.delivery, m.failure, m.receipts, m.at, coalesce(c.name, c.profile_name), c.phone \
                 FROM campaign_recipients r \
                 JOIN messages m ON m.workspace_id = r.workspace_id AND m.id = r.message_id \
                 JOIN contacts c ON c.workspace_id = r.workspace_id AND c.id = r.contact_id \
                 WHERE r.workspace_id = ?1 AND r.campaign_id = ?2 AND r.position > ?3 AND r.position <= ?4 \
                 AND (CAST(?5 AS TEXT) IS NULL OR CAST(?5 AS TEXT) = 'answered' AND r.answered_at IS NOT NULL \
                 OR CAST(?5 AS TEXT) = 'opted_out' AND r.opted_out_at IS NOT NULL \
                 OR CAST(?5 AS TEXT) = CASE coalesce(m.delivery, 'queued') WHEN 'queued' THEN 'waiting' \
                 WHEN 'sending' THEN 'waiting' WHEN 'accepted' THEN 'sent' WHEN 'played' THEN 'read' \
                 WHEN 'refused' THEN 'failed' ELSE m.delivery END) ORDER BY r.position LIMIT ?6"
            ),
            params![workspace_id, id, after, until, standing, limit + 1],
        )
        .await?;
    let mut rows: Vec<RecipientRow> = rows
        .into_iter()
        .map(|mut row| {
            Ok(RecipientRow {
                recipient: Recipient {
                    position: row.get()?,
                    contact_id: row.get()?,
                    conversation_id: row.get()?,
                    message_id: row.get()?,
                    answered_at: row.get()?,
                    opted_out_at: row.get()?,
                },
                delivery: row.opt_word()?,
                failure: row.opt_json()?,
                receipts: row.json()?,
                at: row.get()?,
                name: row.get()?,
                phone: row.get()?,
            })
        })
        .collect::<Result<_>>()?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() > size {
        rows.truncate(size);
        let last = rows.last().map(|row| row.recipient.position);
        return Ok((rows, last));
    }
    let more = until < last_position(tx, workspace_id, id).await?;
    Ok((rows, more.then_some(until)))
}

/// The position of the last recipient that is written down; 0 where none is.
///
/// # Errors
/// As the database says.
pub async fn last_position(tx: &mut Tx, workspace_id: WorkspaceId, id: CampaignId) -> Result<i64> {
    let row = tx
        .query_opt(
            "campaign_recipients",
            sql!(
                "SELECT coalesce(max(position), 0) FROM campaign_recipients \
                 WHERE workspace_id = ?1 AND campaign_id = ?2"
            ),
            params![workspace_id, id],
        )
        .await?;
    row.map_or(Ok(0), |mut row| row.get())
}

/// How many recipients stand where. Its cost is the campaign's size, not the history's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub by_delivery: Vec<(Option<Delivery>, i64)>,
    pub answered: i64,
    pub opted_out: i64,
}

/// # Errors
/// As the database says.
pub async fn counts(tx: &mut Tx, workspace_id: WorkspaceId, id: CampaignId) -> Result<Counts> {
    let rows = tx
        .query(
            "campaign_recipients",
            sql!(
                "SELECT m.delivery, count(*), count(CASE WHEN r.opted_out_at IS NULL THEN r.answered_at END), \
                 count(r.opted_out_at) FROM campaign_recipients r \
                 JOIN messages m ON m.workspace_id = r.workspace_id AND m.id = r.message_id \
                 WHERE r.workspace_id = ?1 AND r.campaign_id = ?2 GROUP BY m.delivery"
            ),
            params![workspace_id, id],
        )
        .await?;
    let mut counts = Counts::default();
    for mut row in rows {
        let (delivery, count) = (row.opt_word()?, row.get()?);
        counts.by_delivery.push((delivery, count));
        counts.answered += row.get::<i64>()?;
        counts.opted_out += row.get::<i64>()?;
    }
    Ok(counts)
}

/// Notes that a person answered, or asked to be left alone, in all campaigns that wrote to them here and have not heard
/// of it yet.
///
/// # Errors
/// As the database says.
pub async fn note_answer(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    at: Timestamp,
    opt_out: bool,
) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE campaign_recipients SET answered_at = coalesce(answered_at, ?3), \
             opted_out_at = CASE WHEN ?4 = 1 THEN coalesce(opted_out_at, ?3) ELSE opted_out_at END \
             WHERE workspace_id = ?1 AND conversation_id = ?2 AND (answered_at IS NULL OR (?4 = 1 AND opted_out_at IS NULL))"
        ),
        params![workspace_id, conversation_id, at, opt_out],
    )
    .await?;
    Ok(())
}

/// Keeps the token of a personal link under which somebody can ask to be left alone.
///
/// # Errors
/// As the database says.
pub async fn add_opt_out_link(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    token_hash: &str,
    contact_id: ContactId,
    channel_id: ChannelId,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO opt_out_links (token_hash, workspace_id, contact_id, channel_id, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5)"
        ),
        params![token_hash, workspace_id, contact_id, channel_id, now],
    )
    .await?;
    Ok(())
}

/// Whose link this is.
///
/// # Errors
/// As the database says.
pub async fn opt_out_link(
    tx: &mut Tx,
    token_hash: &str,
) -> Result<Option<(WorkspaceId, ContactId, ChannelId)>> {
    let row = tx
        .query_opt(
            "opt_out_links",
            sql!("SELECT workspace_id, contact_id, channel_id FROM opt_out_links WHERE token_hash = ?1"),
            params![token_hash],
        )
        .await?;
    row.map(|mut row| Ok((row.get()?, row.get()?, row.get()?)))
        .transpose()
}
