//! Events, numbered per workspace in the order in which they were committed.

use std::collections::BTreeMap;

use domain::event::{Actor, NewEvent, Subjects};
use domain::id::{ContactId, ConversationId, LeadId, WorkspaceId};
use jiff::Timestamp;

use crate::error::Result;
use crate::sql::{Column, Insert};
use crate::tx::Tx;
use crate::value::{Row, json, word};
use crate::{params, sql};

/// An event as it was committed.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub seq: i64,
    pub kind: String,
    pub at: Timestamp,
    pub actor: Actor,
    pub subjects: Subjects,
    pub facts: BTreeMap<String, String>,
}

static EVENTS: Insert = Insert {
    table: "events",
    columns: &[
        ("workspace_id", Column::Text),
        ("seq", Column::Int),
        ("kind", Column::Text),
        ("at", Column::Int),
        ("actor_kind", Column::Text),
        ("actor_user_id", Column::Text),
        ("contact_id", Column::Text),
        ("lead_id", Column::Text),
        ("conversation_id", Column::Text),
        ("message_id", Column::Text),
        ("channel_id", Column::Text),
        ("template_id", Column::Text),
        ("user_id", Column::Text),
        ("facts", Column::Text),
    ],
    on_conflict: "",
};

/// Numbers and writes events; says the last number of each workspace.
pub(crate) async fn append(
    tx: &mut Tx,
    events: Vec<(WorkspaceId, NewEvent)>,
) -> Result<Vec<(WorkspaceId, i64)>> {
    let mut by_workspace: BTreeMap<WorkspaceId, Vec<NewEvent>> = BTreeMap::new();
    for (workspace_id, event) in events {
        by_workspace.entry(workspace_id).or_default().push(event);
    }
    let mut last_numbers = Vec::new();
    for (workspace_id, events) in by_workspace {
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let row = tx
            .query_opt(
                "workspaces",
                sql!("UPDATE workspaces SET event_seq = event_seq + ?2 WHERE id = ?1 RETURNING event_seq"),
                params![workspace_id, count],
            )
            .await?;
        let last: i64 = row.ok_or(crate::Error::NotFound("workspace"))?.get()?;
        let rows = (last - count + 1..=last).zip(events).map(|(seq, event)| {
            let subjects = event.subjects;
            Ok(vec![
                workspace_id.into(),
                seq.into(),
                event.kind.as_str().into(),
                event.at.into(),
                word(&event.actor.kind)?,
                event.actor.user_id.into(),
                subjects.contact_id.into(),
                subjects.lead_id.into(),
                subjects.conversation_id.into(),
                subjects.message_id.into(),
                subjects.channel_id.into(),
                subjects.template_id.into(),
                subjects.user_id.into(),
                json(&event.facts)?,
            ])
        });
        let rows = rows.collect::<Result<Vec<_>>>()?;
        tx.insert_many(&EVENTS, rows).await?;
        last_numbers.push((workspace_id, last));
    }
    Ok(last_numbers)
}

fn event_of(mut row: Row) -> Result<Event> {
    Ok(Event {
        seq: row.get()?,
        kind: row.get()?,
        at: row.get()?,
        actor: Actor {
            kind: row.word()?,
            user_id: row.get()?,
        },
        subjects: Subjects {
            contact_id: row.get()?,
            lead_id: row.get()?,
            conversation_id: row.get()?,
            message_id: row.get()?,
            channel_id: row.get()?,
            template_id: row.get()?,
            user_id: row.get()?,
        },
        facts: row.json()?,
    })
}

/// Events after a number, oldest first.
///
/// # Errors
/// As the database says.
pub async fn after(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Event>> {
    let rows = tx
        .query(
            "events",
            sql!(
                "SELECT seq, kind, at, actor_kind, actor_user_id, contact_id, lead_id, conversation_id, message_id, \
                 channel_id, template_id, user_id, facts FROM events \
                 WHERE workspace_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
            ),
            params![workspace_id, seq, limit],
        )
        .await?;
    rows.into_iter().map(event_of).collect()
}

/// The number of the newest event; 0 when there is none.
///
/// # Errors
/// As the database says.
pub async fn last_seq(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<i64> {
    let row = tx
        .query_opt(
            "workspaces",
            sql!("SELECT event_seq FROM workspaces WHERE id = ?1"),
            params![workspace_id],
        )
        .await?;
    row.map_or(Ok(0), |mut row| row.get())
}

/// What the timeline of a lead shows: events of the lead, its contact and its conversations, newest first.
#[derive(Debug, Clone)]
pub struct TimelineOf {
    pub lead_id: LeadId,
    pub contact_id: ContactId,
    pub conversations: Vec<ConversationId>,
}

/// A page of a timeline, newest first; `before` is the number of the last event of the page before.
///
/// Three short walks along three indexes, merged: the cost is that of the page.
///
/// # Errors
/// As the database says.
pub async fn timeline(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    of: &TimelineOf,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Event>> {
    let before = before.unwrap_or(i64::MAX);
    let mut all = Vec::new();
    let by_lead = sql!(
        "SELECT seq, kind, at, actor_kind, actor_user_id, contact_id, lead_id, conversation_id, message_id, \
         channel_id, template_id, user_id, facts FROM events \
         WHERE workspace_id = ?1 AND lead_id = ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4"
    );
    all.extend(
        tx.query(
            "events",
            by_lead,
            params![workspace_id, of.lead_id, before, limit],
        )
        .await?,
    );
    let by_contact = sql!(
        "SELECT seq, kind, at, actor_kind, actor_user_id, contact_id, lead_id, conversation_id, message_id, \
         channel_id, template_id, user_id, facts FROM events \
         WHERE workspace_id = ?1 AND contact_id = ?2 AND seq < ?3 AND kind <> 'message.delivery' \
         ORDER BY seq DESC LIMIT ?4"
    );
    all.extend(
        tx.query(
            "events",
            by_contact,
            params![workspace_id, of.contact_id, before, limit],
        )
        .await?,
    );
    let mut events = all.into_iter().map(event_of).collect::<Result<Vec<_>>>()?;
    events.sort_by_key(|event| std::cmp::Reverse(event.seq));
    events.dedup_by_key(|event| event.seq);
    events.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(events)
}
