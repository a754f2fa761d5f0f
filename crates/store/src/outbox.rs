//! What is to leave: messages, reactions and read marks. A row is written in the transaction of its cause, and stays
//! afterwards: it says when something was sent to whom.

use domain::capability::Purpose;
use domain::id::{CampaignId, ChannelId, ConversationId, MessageId, OutboxId, WorkspaceId};
use domain::sending::Reason;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::sql::{Column, Insert};
use crate::tx::{Tx, Wake};
use crate::value::{Row, Value, json, list, word};
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    pub id: OutboxId,
    pub channel_id: ChannelId,
    pub conversation_id: ConversationId,
    pub message_id: Option<MessageId>,
    pub kind: OutboxKind,
    pub class: Class,
    pub state: OutboxState,
    pub due_at: Timestamp,
    pub purpose: Purpose,
    pub campaign_id: Option<CampaignId>,
    /// Why it waits, when it does not wait for its own time.
    pub wait_reason: Option<Reason>,
    /// What a reaction or a read mark says, as JSON.
    pub payload: Option<String>,
    pub tries: i64,
    pub epoch: Option<i64>,
    pub marked_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxKind {
    Message,
    Reaction,
    Read,
}

/// Who goes first: answers, then what a rule set off, then campaigns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Answer,
    Triggered,
    Campaign,
}

impl Class {
    pub const ALL: [Self; 3] = [Self::Answer, Self::Triggered, Self::Campaign];

    const fn number(self) -> i64 {
        match self {
            Self::Answer => 0,
            Self::Triggered => 1,
            Self::Campaign => 2,
        }
    }

    const fn of_number(number: i64) -> Self {
        match number {
            0 => Self::Answer,
            1 => Self::Triggered,
            _ => Self::Campaign,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    Queued,
    Sending,
    Unclear,
    Done,
    Refused,
    Cancelled,
}

static OUTBOX: Insert = Insert {
    table: "outbox",
    columns: &[
        ("workspace_id", Column::Text),
        ("id", Column::Text),
        ("channel_id", Column::Text),
        ("conversation_id", Column::Text),
        ("message_id", Column::Text),
        ("kind", Column::Text),
        ("class", Column::Int),
        ("state", Column::Text),
        ("due_at", Column::Int),
        ("purpose", Column::Text),
        ("campaign_id", Column::Text),
        ("wait_reason", Column::Text),
        ("payload", Column::Text),
        ("tries", Column::Int),
        ("epoch", Column::Int),
        ("marked_at", Column::Int),
        ("created_at", Column::Int),
    ],
    on_conflict: "(workspace_id, id) DO UPDATE SET state = excluded.state, due_at = excluded.due_at, \
                  tries = excluded.tries, epoch = excluded.epoch, marked_at = excluded.marked_at, \
                  wait_reason = excluded.wait_reason",
};

/// Saves rows as they are now, and wakes the senders of those that wait.
///
/// # Errors
/// As the database says.
pub async fn save(tx: &mut Tx, workspace_id: WorkspaceId, rows: &[&OutboxRow]) -> Result<()> {
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        values.push(vec![
            workspace_id.into(),
            row.id.into(),
            row.channel_id.into(),
            row.conversation_id.into(),
            row.message_id.into(),
            word(&row.kind)?,
            row.class.number().into(),
            word(&row.state)?,
            row.due_at.into(),
            word(&row.purpose)?,
            row.campaign_id.into(),
            reason_json(row.wait_reason.as_ref())?,
            row.payload.as_ref().into(),
            row.tries.into(),
            row.epoch.into(),
            row.marked_at.into(),
            row.created_at.into(),
        ]);
        if row.state == OutboxState::Queued {
            tx.wake(Wake::Outbox(workspace_id, row.channel_id));
        }
    }
    tx.insert_many(&OUTBOX, values).await?;
    Ok(())
}

fn row_of(mut row: Row) -> Result<OutboxRow> {
    Ok(OutboxRow {
        id: row.get()?,
        channel_id: row.get()?,
        conversation_id: row.get()?,
        message_id: row.get()?,
        kind: row.word()?,
        class: Class::of_number(row.get()?),
        state: row.word()?,
        due_at: row.get()?,
        purpose: row.word()?,
        campaign_id: row.get()?,
        wait_reason: row.opt_json()?,
        payload: row.get()?,
        tries: row.get()?,
        epoch: row.get()?,
        marked_at: row.get()?,
        created_at: row.get()?,
    })
}

/// Channels for which something waits.
///
/// # Errors
/// As the database says.
pub async fn waiting_channels(tx: &mut Tx) -> Result<Vec<(WorkspaceId, ChannelId)>> {
    let rows = tx
        .query(
            "outbox",
            sql!("SELECT DISTINCT workspace_id, channel_id FROM outbox WHERE state = 'queued'"),
            &[],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| Ok((row.get()?, row.get()?)))
        .collect()
}

/// What may leave now on a channel, in the order in which it should: classes up to `up_to`.
///
/// # Errors
/// As the database says.
pub async fn due(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    now: Timestamp,
    limit: i64,
    up_to: Class,
) -> Result<Vec<OutboxRow>> {
    let mut all = Vec::new();
    for class in Class::ALL.into_iter().filter(|class| *class <= up_to) {
        let left = limit - i64::try_from(all.len()).unwrap_or(limit);
        if left <= 0 {
            break;
        }
        let rows = tx
            .query(
                "outbox",
                sql!(
                    "SELECT id, channel_id, conversation_id, message_id, kind, class, state, due_at, purpose, campaign_id, wait_reason, \
                     payload, tries, epoch, marked_at, created_at FROM outbox \
                     WHERE workspace_id = ?1 AND channel_id = ?2 AND class = ?3 AND state = 'queued' \
                     AND due_at <= ?4 ORDER BY due_at, id LIMIT ?5"
                ),
                params![workspace_id, channel_id, class.number(), now, left],
            )
            .await?;
        for row in rows {
            all.push(row_of(row)?);
        }
    }
    Ok(all)
}

/// The soonest instant at which something waits to leave on a channel.
///
/// # Errors
/// As the database says.
pub async fn next_due(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
) -> Result<Option<Timestamp>> {
    let row = tx
        .query_opt(
            "outbox",
            sql!(
                "SELECT min(due_at) FROM outbox WHERE workspace_id = ?1 AND channel_id = ?2 AND state = 'queued'"
            ),
            params![workspace_id, channel_id],
        )
        .await?;
    row.map_or(Ok(None), |mut row| row.get())
}

/// Rows by id, held until the end of a write.
///
/// # Errors
/// As the database says.
pub async fn list_by_id(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    ids: &[OutboxId],
) -> Result<Vec<OutboxRow>> {
    let rows = tx
        .query(
            "outbox",
            sql!(
                "SELECT id, channel_id, conversation_id, message_id, kind, class, state, due_at, purpose, campaign_id, wait_reason, payload, \
                 tries, epoch, marked_at, created_at FROM outbox \
                 WHERE workspace_id = ?1 AND id in_list(?2) ORDER BY id {lock}"
            ),
            params![workspace_id, list(ids.iter().copied())],
        )
        .await?;
    rows.into_iter().map(row_of).collect()
}

/// The row of a message, held until the end of a write.
///
/// # Errors
/// As the database says.
pub async fn of_message(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    message_id: MessageId,
) -> Result<Option<OutboxRow>> {
    let row = tx
        .query_opt(
            "outbox",
            sql!(
                "SELECT id, channel_id, conversation_id, message_id, kind, class, state, due_at, purpose, campaign_id, wait_reason, payload, \
                 tries, epoch, marked_at, created_at FROM outbox \
                 WHERE workspace_id = ?1 AND message_id = ?2 ORDER BY id DESC LIMIT 1 {lock}"
            ),
            params![workspace_id, message_id],
        )
        .await?;
    row.map(row_of).transpose()
}

/// Rows that were being sent by somebody who is no longer the active process, over all workspaces.
///
/// # Errors
/// As the database says.
pub async fn orphans(tx: &mut Tx, epoch: i64, limit: i64) -> Result<Vec<(WorkspaceId, OutboxRow)>> {
    let rows = tx
        .query(
            "outbox",
            sql!(
                "SELECT workspace_id, id, channel_id, conversation_id, message_id, kind, class, state, due_at, \
                 purpose, campaign_id, wait_reason, payload, tries, epoch, marked_at, created_at FROM outbox \
                 WHERE state = 'sending' AND epoch < ?1 ORDER BY id LIMIT ?2"
            ),
            params![epoch, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| Ok((row.get()?, row_of(row)?)))
        .collect()
}

/// Ends the rows of messages whose fate a report has told.
///
/// # Errors
/// As the database says.
pub async fn settle(tx: &mut Tx, workspace_id: WorkspaceId, messages: &[MessageId]) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    tx.execute(
        sql!(
            "UPDATE outbox SET state = 'done' \
             WHERE workspace_id = ?1 AND message_id in_list(?2) AND state IN ('sending', 'unclear')"
        ),
        params![workspace_id, list(messages.iter().copied())],
    )
    .await?;
    Ok(())
}

/// When messages (reactions among them) were last sent in a conversation, newest first. Read marks do not count.
///
/// # Errors
/// As the database says.
pub async fn recent_sends(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    limit: i64,
) -> Result<Vec<Timestamp>> {
    let rows = tx
        .query(
            "outbox",
            sql!(
                "SELECT marked_at FROM outbox WHERE workspace_id = ?1 AND conversation_id = ?2 \
                 AND marked_at IS NOT NULL AND kind <> 'read' ORDER BY marked_at DESC LIMIT ?3"
            ),
            params![workspace_id, conversation_id, limit],
        )
        .await?;
    rows.into_iter().map(|mut row| row.get()).collect()
}

/// Until when a conversation waits for something that is to be tried again; what is said after it must not overtake it.
///
/// # Errors
/// As the database says.
pub async fn waits_until(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
) -> Result<Option<Timestamp>> {
    let row = tx
        .query_opt(
            "outbox",
            sql!(
                "SELECT max(due_at) FROM outbox WHERE workspace_id = ?1 AND conversation_id = ?2 \
                 AND marked_at IS NULL AND state = 'queued' AND tries > 0"
            ),
            params![workspace_id, conversation_id],
        )
        .await?;
    row.map_or(Ok(None), |mut row| row.get())
}

/// Moves everything that waits in a conversation to a later time, so that its order stays, and says why.
///
/// # Errors
/// As the database says.
pub async fn postpone_conversation(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    until: Timestamp,
    reason: Option<&Reason>,
) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE outbox SET due_at = ?3, wait_reason = ?4 \
             WHERE workspace_id = ?1 AND conversation_id = ?2 AND state = 'queued' AND due_at < ?3"
        ),
        params![workspace_id, conversation_id, until, reason_json(reason)?],
    )
    .await?;
    Ok(())
}

/// Moves one row to a later time.
///
/// # Errors
/// As the database says.
pub async fn postpone(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: OutboxId,
    until: Timestamp,
) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE outbox SET due_at = ?3 WHERE workspace_id = ?1 AND id = ?2 AND state = 'queued' AND due_at < ?3"
        ),
        params![workspace_id, id, until],
    )
    .await?;
    Ok(())
}

/// Why each of these messages waits, and until when: those that do.
///
/// # Errors
/// As the database says.
pub async fn waits_of(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    messages: &[MessageId],
) -> Result<Vec<(MessageId, Timestamp, Option<Reason>)>> {
    let rows = tx
        .query(
            "outbox",
            sql!(
                "SELECT message_id, due_at, wait_reason FROM outbox \
                 WHERE workspace_id = ?1 AND message_id in_list(?2) AND state = 'queued'"
            ),
            params![workspace_id, list(messages.iter().copied())],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| Ok((row.get()?, row.get()?, row.opt_json()?)))
        .collect()
}

fn reason_json(reason: Option<&Reason>) -> Result<Value> {
    reason.map_or(Ok(Value::Null), json)
}

/// What waits of a campaign, at most `limit`, with the conversations that it stands in; nothing is held.
///
/// # Errors
/// As the database says.
pub async fn waiting_of_campaign(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    campaign_id: CampaignId,
    limit: i64,
) -> Result<Vec<(OutboxId, ConversationId)>> {
    let rows = tx
        .query(
            "outbox",
            sql!(
                "SELECT id, conversation_id FROM outbox \
                 WHERE workspace_id = ?1 AND campaign_id = ?2 AND state = 'queued' ORDER BY id LIMIT ?3"
            ),
            params![workspace_id, campaign_id, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| Ok((row.get()?, row.get()?)))
        .collect()
}

/// What waits of mailings in a conversation, held until the end of a write.
///
/// # Errors
/// As the database says.
pub async fn mailings_of_conversation(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
) -> Result<Vec<OutboxRow>> {
    let rows = tx
        .query(
            "outbox",
            sql!(
                "SELECT id, channel_id, conversation_id, message_id, kind, class, state, due_at, purpose, campaign_id, \
                 wait_reason, payload, tries, epoch, marked_at, created_at FROM outbox \
                 WHERE workspace_id = ?1 AND conversation_id = ?2 AND marked_at IS NULL AND state = 'queued' \
                 AND purpose = 'mailing' ORDER BY id {lock}"
            ),
            params![workspace_id, conversation_id],
        )
        .await?;
    rows.into_iter().map(row_of).collect()
}
