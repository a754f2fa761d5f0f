//! A long history, written by bulk SQL into a file that is kept between runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use store::{DatabaseUrl, Store};

use crate::rig::Result;
use crate::rig::world::{self, Place};

/// Messages of one conversation.
const EACH: u64 = 50;

/// A database with so many messages; made when it is not there yet. The file's name says the schema's size, so that a
/// changed schema makes a new one.
///
/// # Errors
/// When the disk or SQLite says no.
pub async fn with_messages(folder: &Path, count: u64) -> Result<PathBuf> {
    let schema = include_str!("../../../store/src/migrations/0001_first.sql").len();
    let path = folder.join(format!("history-{count}-{schema}.db"));
    if path.exists() {
        return Ok(path);
    }
    std::fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!("history-{count}-{schema}.unfinished"));
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mut name = unfinished.clone().into_os_string();
        name.push(suffix);
        // Left over from a run that was broken off, or not there.
        let _ = std::fs::remove_file(name);
    }
    let url = DatabaseUrl::Sqlite(unfinished.clone());
    drop(Store::open(&url, Arc::new(|_| {})).await?);
    let place = Place {
        folder: folder.to_owned(),
        url,
        secret_key: "00".repeat(32),
    };
    world::seed(&place, "http://127.0.0.1:9").await?;
    fill(&unfinished, count)?;
    std::fs::rename(&unfinished, &path)?;
    Ok(path)
}

fn fill(path: &Path, count: u64) -> Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA temp_store = MEMORY;
         DROP INDEX messages_of_conversation; DROP INDEX messages_by_provider_id;",
    )?;
    let threads = count / EACH;
    let (ws, chan) = (world::WORKSPACE.bare(), world::CHANNEL.bare());
    // Ids keep the alphabet of real ones; their order is that of time.
    connection.execute_batch(&format!(
        "BEGIN;
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {threads})
         INSERT INTO contacts (workspace_id, id, version, profile_name, phone, marketing_state, created_at)
         SELECT '{ws}', printf('01%024d', i), 1, 'אדם ' || i, printf('97250%07d', i), 'unknown', 1790000000000 + i * 1000 FROM n;
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {threads})
         INSERT INTO conversations (workspace_id, id, version, channel_id, contact_id, state, assignee_id, waiting,
           unread_count, last_inbound_at, last_message, last_at, created_at)
         SELECT '{ws}', printf('02%024d', i), 1, '{chan}', printf('01%024d', i), 'open', NULL, i % 2, i % 3,
           1790000000000 + i * 1000,
           json_object('id', printf('msg_03%024d', i), 'direction', 'in', 'kind', 'text', 'text', 'שלום ' || i,
             'author_kind', 'person', 'delivery', NULL, 'failure_reason', NULL, 'at', '2026-09-21T14:13:20Z'),
           1790000000000 + i * 1000, 1790000000000 + i * 1000 FROM n;
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {threads})
         INSERT INTO leads (workspace_id, id, version, contact_id, pipeline_id, status_id, source, fields, created_at, touched)
         SELECT '{ws}', printf('05%024d', i), 1, printf('01%024d', i), '{one}', '{one}', '{{\"kind\":\"whatsapp\"}}', '{{}}',
           1790000000000 + i * 1000, 0 FROM n;
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})
         INSERT INTO messages (workspace_id, id, conversation_id, connection_id, direction, author_kind, provider_id,
           content, at, received_at, late, forwarded, delivery, receipts, reactions)
         SELECT '{ws}', printf('03%024d', i), printf('02%024d', i % {threads}), '{one}',
           CASE i % 2 WHEN 0 THEN 'in' ELSE 'out' END, CASE i % 2 WHEN 0 THEN 'person' ELSE 'user' END,
           'wamid.H' || i, json_object('kind', 'text', 'text', 'הודעה מספר ' || i || ' בשיחה על הצעת המחיר'),
           1780000000000 + i * 10, 1780000000000 + i * 10, 0, 0, CASE i % 2 WHEN 0 THEN NULL ELSE 'read' END, '{{}}', '[]'
         FROM n;
         INSERT INTO counters VALUES ('{ws}', 'open', {threads}), ('{ws}', 'unassigned', {threads}), ('{ws}', 'waiting', {threads} / 2);
         COMMIT;",
        one = domain::id::StatusId::from_bits(1).bare(),
    ))?;
    connection.execute_batch(
        "CREATE INDEX messages_of_conversation ON messages (workspace_id, conversation_id, at, id);
         CREATE UNIQUE INDEX messages_by_provider_id ON messages (workspace_id, connection_id, provider_id)
           WHERE provider_id IS NOT NULL;
         PRAGMA journal_mode = WAL;",
    )?;
    Ok(())
}
