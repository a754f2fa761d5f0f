//! Conversations, as the inbox lists them, and the counters above the list.

use std::collections::BTreeMap;

use domain::conversation::{Conversation, ConversationState};
use domain::id::{ChannelId, ContactId, ConversationId, UserId, WorkspaceId};
use domain::inbound::Tracked;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::sql::{Column, Insert};
use crate::tx::Tx;
use crate::value::{Row, Value, json, list, word};
use crate::{params, sql};

static CONVERSATIONS: Insert = Insert {
    table: "conversations",
    columns: &[
        ("workspace_id", Column::Text),
        ("id", Column::Text),
        ("version", Column::Int),
        ("channel_id", Column::Text),
        ("contact_id", Column::Text),
        ("state", Column::Text),
        ("assignee_id", Column::Text),
        ("waiting", Column::Int),
        ("unread_count", Column::Int),
        ("last_inbound_at", Column::Int),
        ("last_message", Column::Text),
        ("last_at", Column::Int),
        ("created_at", Column::Int),
        ("merged_into", Column::Text),
    ],
    on_conflict: "(workspace_id, id) DO UPDATE SET version = excluded.version, contact_id = excluded.contact_id, \
                  state = excluded.state, assignee_id = excluded.assignee_id, waiting = excluded.waiting, \
                  unread_count = excluded.unread_count, last_inbound_at = excluded.last_inbound_at, \
                  last_message = excluded.last_message, last_at = excluded.last_at, \
                  created_at = excluded.created_at, merged_into = excluded.merged_into",
};

static COUNTERS: Insert = Insert {
    table: "counters",
    columns: &[
        ("workspace_id", Column::Text),
        ("name", Column::Text),
        ("value", Column::Int),
    ],
    on_conflict: "(workspace_id, name) DO UPDATE SET value = counters.value + excluded.value",
};

fn conversation_of(mut row: Row) -> Result<Conversation> {
    Ok(Conversation {
        id: row.get()?,
        version: row.get()?,
        channel_id: row.get()?,
        contact_id: row.get()?,
        state: row.word()?,
        assignee_id: row.get()?,
        unread_count: row.get()?,
        last_inbound_at: row.get()?,
        last_message: row.opt_json()?,
        last_at: row.get()?,
        created_at: row.get()?,
        merged_into: row.get()?,
    })
}

/// Conversations by id, held until the end of the transaction.
///
/// # Errors
/// As the database says.
pub async fn list_by_id(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    ids: &[ConversationId],
) -> Result<Vec<Conversation>> {
    let rows = tx
        .query(
            "conversations",
            sql!(
                "SELECT id, version, channel_id, contact_id, state, assignee_id, unread_count, last_inbound_at, \
                 last_message, last_at, created_at, merged_into FROM conversations \
                 WHERE workspace_id = ?1 AND id in_list(?2) ORDER BY id {lock}"
            ),
            params![workspace_id, list(ids.iter().copied())],
        )
        .await?;
    rows.into_iter().map(conversation_of).collect()
}

/// The ids of the living conversations of contacts; nothing is held.
///
/// # Errors
/// As the database says.
pub async fn ids_of_contacts(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    contacts: &[ContactId],
) -> Result<Vec<ConversationId>> {
    let rows = tx
        .query(
            "conversations",
            sql!(
                "SELECT id FROM conversations \
                 WHERE workspace_id = ?1 AND contact_id in_list(?2) AND merged_into IS NULL"
            ),
            params![workspace_id, list(contacts.iter().copied())],
        )
        .await?;
    rows.into_iter().map(|mut row| row.get()).collect()
}

/// The living conversations of contacts. Held until the end of a write.
///
/// # Errors
/// As the database says.
pub async fn of_contacts(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    contacts: &[ContactId],
) -> Result<Vec<Conversation>> {
    let ids = ids_of_contacts(tx, workspace_id, contacts).await?;
    list_by_id(tx, workspace_id, &ids).await
}

/// A conversation; one that was joined to another is that other. Held until the end of a write.
///
/// # Errors
/// [`Error::NotFound`] when the workspace has no such conversation.
pub async fn get(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ConversationId,
) -> Result<Conversation> {
    let mut id = id;
    for _ in 0..16 {
        let found = list_by_id(tx, workspace_id, &[id])
            .await?
            .into_iter()
            .next();
        let thread = found.ok_or(Error::NotFound("conversation"))?;
        match thread.merged_into {
            Some(survivor) => id = survivor,
            None => return Ok(thread),
        }
    }
    Err(Error::NotFound("conversation"))
}

/// Which conversations a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    All,
    Mine(UserId),
    Unassigned,
    /// Open, and the person had the last word.
    Waiting,
    Resolved,
}

/// Where a page begins: after this one.
pub type Cursor = (Timestamp, ConversationId);

/// A page of a list, newest first. Each view walks an index of its own; a channel narrows it.
///
/// # Errors
/// As the database says.
pub async fn page(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    view: View,
    channel_id: Option<ChannelId>,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Conversation>> {
    let (at, id) = before.map_or_else(
        || (i64::MAX, "~".to_owned()),
        |(at, id)| (at.as_millisecond(), id.bare()),
    );
    let channel = channel_id.map(ChannelId::bare).unwrap_or_default();
    let common = |rest: Vec<Value>| -> Vec<Value> {
        [
            vec![
                workspace_id.into(),
                at.into(),
                id.clone().into(),
                limit.into(),
            ],
            rest,
        ]
        .concat()
    };
    let (sql, values) = match (view, channel_id) {
        (View::All, None) => (ALL, common(vec!["open".into()])),
        (View::Resolved, None) => (ALL, common(vec!["resolved".into()])),
        (View::All, Some(channel)) => (OF_CHANNEL, common(vec!["open".into(), channel.into()])),
        (View::Resolved, Some(channel)) => {
            (OF_CHANNEL, common(vec!["resolved".into(), channel.into()]))
        }
        (View::Mine(user), _) => (MINE, common(vec![user.into(), channel.into()])),
        (View::Unassigned, _) => (UNASSIGNED, common(vec![channel.into()])),
        (View::Waiting, _) => (WAITING, common(vec![channel.into()])),
    };
    let rows = tx.query("conversations", sql, &values).await?;
    rows.into_iter().map(conversation_of).collect()
}

const ALL: &str = sql!(
    "SELECT id, version, channel_id, contact_id, state, assignee_id, unread_count, last_inbound_at, last_message, \
     last_at, created_at, merged_into FROM conversations \
     WHERE workspace_id = ?1 AND state = ?5 AND merged_into IS NULL AND (last_at, id) < (?2, ?3) \
     ORDER BY last_at DESC, id DESC LIMIT ?4"
);
const OF_CHANNEL: &str = sql!(
    "SELECT id, version, channel_id, contact_id, state, assignee_id, unread_count, last_inbound_at, last_message, \
     last_at, created_at, merged_into FROM conversations \
     WHERE workspace_id = ?1 AND channel_id = ?6 AND state = ?5 AND merged_into IS NULL \
     AND (last_at, id) < (?2, ?3) ORDER BY last_at DESC, id DESC LIMIT ?4"
);
const MINE: &str = sql!(
    "SELECT id, version, channel_id, contact_id, state, assignee_id, unread_count, last_inbound_at, last_message, \
     last_at, created_at, merged_into FROM conversations \
     WHERE workspace_id = ?1 AND assignee_id = ?5 AND state = 'open' AND merged_into IS NULL \
     AND (?6 = '' OR channel_id = ?6) AND (last_at, id) < (?2, ?3) ORDER BY last_at DESC, id DESC LIMIT ?4"
);
const UNASSIGNED: &str = sql!(
    "SELECT id, version, channel_id, contact_id, state, assignee_id, unread_count, last_inbound_at, last_message, \
     last_at, created_at, merged_into FROM conversations \
     WHERE workspace_id = ?1 AND assignee_id IS NULL AND state = 'open' AND merged_into IS NULL \
     AND (?5 = '' OR channel_id = ?5) AND (last_at, id) < (?2, ?3) ORDER BY last_at DESC, id DESC LIMIT ?4"
);
const WAITING: &str = sql!(
    "SELECT id, version, channel_id, contact_id, state, assignee_id, unread_count, last_inbound_at, last_message, \
     last_at, created_at, merged_into FROM conversations \
     WHERE workspace_id = ?1 AND state = 'open' AND waiting = 1 AND merged_into IS NULL \
     AND (?5 = '' OR channel_id = ?5) AND (last_at, id) < (?2, ?3) ORDER BY last_at DESC, id DESC LIMIT ?4"
);

/// Saves conversations as they are now, with the counters that follow from what changed; each gets its next version.
///
/// # Errors
/// As the database says.
pub async fn save(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    threads: &[&Tracked<Conversation>],
) -> Result<()> {
    // A thread that gives its place to another has to make room before the other takes it.
    let mut threads = threads.to_vec();
    threads.sort_by_key(|thread| (thread.now.merged_into.is_none(), thread.now.id));
    let rows = threads.iter().map(|thread| {
        let now = &thread.now;
        Ok(vec![
            workspace_id.into(),
            now.id.into(),
            (now.version + 1).into(),
            now.channel_id.into(),
            now.contact_id.into(),
            word(&now.state)?,
            now.assignee_id.into(),
            now.is_waiting().into(),
            now.unread_count.into(),
            now.last_inbound_at.into(),
            now.last_message
                .as_ref()
                .map(json)
                .transpose()?
                .unwrap_or(Value::Null),
            now.last_at.into(),
            now.created_at.into(),
            now.merged_into.into(),
        ])
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    tx.insert_many(&CONVERSATIONS, rows).await?;
    let mut steps: Vec<(&Conversation, i64)> = Vec::with_capacity(threads.len() * 2);
    for thread in &threads {
        steps.extend(thread.before.as_ref().map(|before| (before, -1)));
        steps.push((&thread.now, 1));
    }
    count(tx, workspace_id, &steps).await
}

/// Takes a conversation that goes away out of its counters.
pub(crate) async fn uncount(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    thread: &Conversation,
) -> Result<()> {
    count(tx, workspace_id, &[(thread, -1)]).await
}

async fn count(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    steps: &[(&Conversation, i64)],
) -> Result<()> {
    let mut changes: BTreeMap<String, i64> = BTreeMap::new();
    for (thread, step) in steps {
        for name in counted(thread) {
            *changes.entry(name).or_default() += step;
        }
    }
    let rows = changes.into_iter().filter(|(_, step)| *step != 0);
    let rows = rows.map(|(name, step)| vec![workspace_id.into(), name.into(), step.into()]);
    tx.insert_many(&COUNTERS, rows.collect()).await?;
    Ok(())
}

/// The counters that a conversation stands in.
fn counted(thread: &Conversation) -> Vec<String> {
    if thread.merged_into.is_some() || thread.state != ConversationState::Open {
        return vec![];
    }
    let mut names = vec!["open".to_owned()];
    names.push(thread.assignee_id.map_or_else(
        || "unassigned".to_owned(),
        |user| format!("of:{}", user.bare()),
    ));
    if thread.is_waiting() {
        names.push("waiting".to_owned());
    }
    names
}

/// The numbers above the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub mine: i64,
    pub unassigned: i64,
    pub waiting: i64,
    pub all: i64,
}

/// # Errors
/// As the database says.
pub async fn counts(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    user_id: Option<UserId>,
) -> Result<Counts> {
    let mine = format!("of:{}", user_id.map(UserId::bare).unwrap_or_default());
    let names = vec![
        mine.clone(),
        "unassigned".to_owned(),
        "waiting".to_owned(),
        "open".to_owned(),
    ];
    let rows = tx
        .query(
            "counters",
            sql!("SELECT name, value FROM counters WHERE workspace_id = ?1 AND name in_list(?2)"),
            params![workspace_id, names],
        )
        .await?;
    let mut counts = Counts::default();
    for mut row in rows {
        let (name, value): (String, i64) = (row.get()?, row.get()?);
        match name.as_str() {
            "unassigned" => counts.unassigned = value,
            "waiting" => counts.waiting = value,
            "open" => counts.all = value,
            _ => counts.mine = value,
        }
    }
    Ok(counts)
}
