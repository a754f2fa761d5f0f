//! The journal: what the outside said, raw, as it came; and the queue of what of it is still to be applied.
//!
//! An entry is never changed. That it waits is a row of its own in `lane_queue`, which goes when the entry is
//! applied, so that applying does not rewrite the raw bytes, and looking for work never passes what is done.

use domain::id::{AppId, WorkspaceId};
use jiff::Timestamp;

use crate::error::Result;
use crate::sql::{Column, Insert};
use crate::tx::{Tx, Wake};
use crate::value::{Row, Value};
use crate::{params, sql};

/// One change of a webhook, to be kept.
#[derive(Debug, Clone)]
pub struct NewEntry {
    pub workspace_id: WorkspaceId,
    /// `meta`, later other providers, intake forms, results of jobs.
    pub source: &'static str,
    pub app_id: Option<AppId>,
    pub entry_id: String,
    pub entry_time: Option<i64>,
    pub raw: Vec<u8>,
    pub received_at: Timestamp,
    /// Why it cannot be applied; such an entry goes to quarantine at once.
    pub quarantined: Option<&'static str>,
}

/// An entry that waits to be applied.
#[derive(Debug, Clone)]
pub struct Entry {
    pub seq: i64,
    pub source: String,
    pub app_id: Option<AppId>,
    pub entry_id: String,
    pub entry_time: Option<i64>,
    pub raw: Vec<u8>,
    pub received_at: Timestamp,
    /// Items of it that are already applied.
    pub applied_items: i64,
}

const SQLITE_ENTRY: &str = sql!(
    "INSERT INTO journal (workspace_id, source, app_id, entry_id, entry_time, raw, received_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING seq"
);

static ENTRIES: Insert = Insert {
    table: "journal",
    columns: &[
        ("workspace_id", Column::Text),
        ("source", Column::Text),
        ("app_id", Column::Text),
        ("entry_id", Column::Text),
        ("entry_time", Column::Int),
        ("raw", Column::Bytes),
        ("received_at", Column::Int),
        ("seq", Column::Int),
    ],
    on_conflict: "",
};

static QUEUE: Insert = Insert {
    table: "lane_queue",
    columns: &[
        ("workspace_id", Column::Text),
        ("seq", Column::Int),
        ("applied_items", Column::Int),
    ],
    on_conflict: "",
};

static QUARANTINE: Insert = Insert {
    table: "quarantine",
    columns: &[
        ("workspace_id", Column::Text),
        ("journal_seq", Column::Int),
        ("position", Column::Int),
        ("reason", Column::Text),
        ("created_at", Column::Int),
    ],
    on_conflict: "(workspace_id, journal_seq, position) DO NOTHING",
};

fn row_of(entry: &NewEntry) -> Vec<Value> {
    vec![
        entry.workspace_id.into(),
        entry.source.into(),
        entry.app_id.into(),
        (&entry.entry_id).into(),
        entry.entry_time.into(),
        entry.raw.as_slice().into(),
        entry.received_at.into(),
    ]
}

/// The writer's own way, without a detour over `Tx`: this is the hottest path of all.
pub(crate) fn append_sqlite<'e>(
    connection: &rusqlite::Connection,
    entries: impl Iterator<Item = &'e NewEntry>,
    wakes: &mut Vec<Wake>,
) -> Result<()> {
    let mut insert = connection.prepare_cached(SQLITE_ENTRY)?;
    let mut queue = connection.prepare_cached(sql!(
        "INSERT INTO lane_queue (workspace_id, seq, applied_items) VALUES (?1, ?2, 0)"
    ))?;
    let mut quarantine = connection.prepare_cached(sql!(
        "INSERT INTO quarantine (workspace_id, journal_seq, position, reason, created_at) VALUES (?1, ?2, -1, ?3, ?4)"
    ))?;
    for entry in entries {
        let seq: i64 =
            insert.query_row(rusqlite::params_from_iter(row_of(entry)), |row| row.get(0))?;
        let workspace = Value::from(entry.workspace_id);
        match entry.quarantined {
            None => queue.execute((workspace, seq))?,
            Some(reason) => {
                quarantine.execute((workspace, seq, reason, entry.received_at.as_millisecond()))?
            }
        };
        let wake = Wake::Lane(entry.workspace_id);
        if !wakes.contains(&wake) {
            wakes.push(wake);
        }
    }
    Ok(())
}

/// Appends entries within a transaction.
///
/// # Errors
/// As the database says.
pub async fn append<'e>(tx: &mut Tx, entries: impl Iterator<Item = &'e NewEntry>) -> Result<()> {
    let entries: Vec<&NewEntry> = entries.collect();
    let first = reserve(tx, entries.len()).await?;
    let mut rows = Vec::with_capacity(entries.len());
    let mut queue = Vec::with_capacity(entries.len());
    let mut quarantine = Vec::new();
    for (seq, entry) in (first..).zip(&entries) {
        let mut row = row_of(entry);
        row.push(seq.into());
        rows.push(row);
        match entry.quarantined {
            None => queue.push(vec![entry.workspace_id.into(), seq.into(), 0.into()]),
            Some(reason) => quarantine.push(vec![
                entry.workspace_id.into(),
                seq.into(),
                (-1).into(),
                reason.into(),
                entry.received_at.into(),
            ]),
        }
        tx.wake(Wake::Lane(entry.workspace_id));
    }
    tx.insert_many(&ENTRIES, rows).await?;
    tx.insert_many(&QUEUE, queue).await?;
    tx.insert_many(&QUARANTINE, quarantine).await?;
    Ok(())
}

/// Numbers for `count` entries, in a row.
async fn reserve(tx: &mut Tx, count: usize) -> Result<i64> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let sql = match tx.dialect() {
        sql::Dialect::Sqlite => {
            sql!("SELECT coalesce(max(seq), 0) + 1 + 0 * ?1 FROM journal")
        }
        // One step of the sequence is worth 65,536 numbers, more than a group holds: two processes never get the same.
        sql::Dialect::Postgres => {
            sql!("SELECT nextval('journal_seq') * 65536 + 0 * CAST(?1 AS BIGINT)")
        }
    };
    let row = tx.query_opt("journal", sql, params![count]).await?;
    row.map_or(Ok(1), |mut row| row.get())
}

/// Workspaces that have something to apply.
///
/// # Errors
/// As the database says.
pub async fn waiting_workspaces(tx: &mut Tx) -> Result<Vec<WorkspaceId>> {
    let rows = tx
        .query(
            "lane_queue",
            sql!("SELECT DISTINCT workspace_id FROM lane_queue"),
            &[],
        )
        .await?;
    rows.into_iter().map(|mut row| row.get()).collect()
}

/// The next entries of a workspace to apply, in the order of the journal.
///
/// # Errors
/// As the database says.
pub async fn waiting(tx: &mut Tx, workspace_id: WorkspaceId, limit: i64) -> Result<Vec<Entry>> {
    let rows = tx
        .query(
            "journal",
            sql!(
                "SELECT j.seq, j.source, j.app_id, j.entry_id, j.entry_time, j.raw, j.received_at, q.applied_items \
                 FROM lane_queue q JOIN journal j ON j.seq = q.seq \
                 WHERE q.workspace_id = ?1 ORDER BY q.seq LIMIT ?2"
            ),
            params![workspace_id, limit],
        )
        .await?;
    rows.into_iter().map(entry_of).collect()
}

fn entry_of(mut row: Row) -> Result<Entry> {
    Ok(Entry {
        seq: row.get()?,
        source: row.get()?,
        app_id: row.get()?,
        entry_id: row.get()?,
        entry_time: row.get()?,
        raw: row.get()?,
        received_at: row.get()?,
        applied_items: row.get()?,
    })
}

/// Notes that items of an entry are applied; without `more` the whole entry is.
///
/// # Errors
/// As the database says.
pub async fn applied(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    whole: &[i64],
    parts: &[(i64, i64)],
) -> Result<()> {
    if !whole.is_empty() {
        tx.execute(
            sql!("DELETE FROM lane_queue WHERE workspace_id = ?1 AND seq in_list(?2)"),
            params![workspace_id, whole],
        )
        .await?;
    }
    for (seq, items) in parts {
        tx.execute(
            sql!("UPDATE lane_queue SET applied_items = ?3 WHERE workspace_id = ?1 AND seq = ?2"),
            params![workspace_id, *seq, *items],
        )
        .await?;
    }
    Ok(())
}

/// Something that could not be applied. `position` is the item's place in its entry, `-1` the whole entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    pub journal_seq: i64,
    pub position: i64,
    pub reason: String,
}

/// Puts items aside for a person to look at.
///
/// # Errors
/// As the database says.
pub async fn quarantine(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    items: &[Quarantined],
    now: Timestamp,
) -> Result<()> {
    let rows = items.iter().map(|item| {
        vec![
            workspace_id.into(),
            item.journal_seq.into(),
            item.position.into(),
            (&item.reason).into(),
            now.into(),
        ]
    });
    tx.insert_many(&QUARANTINE, rows.collect()).await?;
    Ok(())
}

/// What lies in quarantine, with the raw bytes.
#[derive(Debug, Clone)]
pub struct QuarantineRow {
    pub id: i64,
    pub journal_seq: i64,
    pub position: i64,
    pub reason: String,
    pub created_at: Timestamp,
    pub source: String,
    pub entry_id: String,
    pub raw: Vec<u8>,
}

/// A page of the quarantine, newest first; `before` is the id of the last row of the page before.
///
/// # Errors
/// As the database says.
pub async fn list_quarantine(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<QuarantineRow>> {
    let rows = tx
        .query(
            "quarantine",
            sql!(
                "SELECT q.id, q.journal_seq, q.position, q.reason, q.created_at, j.source, j.entry_id, j.raw \
                 FROM quarantine q JOIN journal j ON j.seq = q.journal_seq \
                 WHERE q.workspace_id = ?1 AND q.id < ?2 ORDER BY q.id DESC LIMIT ?3"
            ),
            params![workspace_id, before.unwrap_or(i64::MAX), limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(QuarantineRow {
                id: row.get()?,
                journal_seq: row.get()?,
                position: row.get()?,
                reason: row.get()?,
                created_at: row.get()?,
                source: row.get()?,
                entry_id: row.get()?,
                raw: row.get()?,
            })
        })
        .collect()
}

/// Takes an item out of quarantine; with `retry` its entry is applied again (what was applied before stays as it is).
///
/// # Errors
/// [`crate::Error::NotFound`] when the workspace has no such item.
pub async fn release_quarantine(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: i64,
    retry: bool,
) -> Result<()> {
    let row = tx
        .query_opt(
            "quarantine",
            sql!(
                "DELETE FROM quarantine WHERE workspace_id = ?1 AND id = ?2 RETURNING journal_seq"
            ),
            params![workspace_id, id],
        )
        .await?;
    let seq: i64 = row
        .ok_or(crate::Error::NotFound("quarantined item"))?
        .get()?;
    if retry {
        tx.execute(
            sql!(
                "INSERT INTO lane_queue (workspace_id, seq, applied_items) VALUES (?1, ?2, 0) \
                 ON CONFLICT (workspace_id, seq) DO UPDATE SET applied_items = 0"
            ),
            params![workspace_id, seq],
        )
        .await?;
        tx.wake(Wake::Lane(workspace_id));
    }
    Ok(())
}
