//! Exported chats that people brought: what was chosen for each, how far it is, and which messages came with it.
//!
//! A message of an export is known again by its key within its conversation, so that a newer export of the same chat
//! adds only what is new. The key's row also says which import brought the message: an undo takes away exactly those.

use std::collections::{BTreeMap, BTreeSet};

use domain::chat_export::{Choices, Preview};
use domain::content::Content;
use domain::conversation::Conversation;
use domain::event::Actor;
use domain::id::{
    ChannelId, ContactId, ConversationId, ImportId, LeadId, MediaId, MessageId, UserId, WorkspaceId,
};
use domain::message::{Direction, Message};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::media::Media;
use crate::sql::{Column, Insert};
use crate::tx::Tx;
use crate::value::{Row, json, list, word};
use crate::{media, messages, params, search, sql};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Nothing has been changed yet.
    Preview,
    Applying,
    Applied,
    Undoing,
    Undone,
    /// The file could not be read to its end; what came of it stays until it is undone.
    Failed,
}

impl ImportState {
    /// A job works on it.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Applying | Self::Undoing)
    }
}

/// What an import made, with the version that it left: whoever touched it since keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Made {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub conversation: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    pub id: ImportId,
    pub channel_id: ChannelId,
    pub state: ImportState,
    pub file_name: Option<String>,
    pub file_bytes: i64,
    pub choices: Choices,
    pub preview: Preview,
    pub contact_id: Option<ContactId>,
    pub conversation_id: Option<ConversationId>,
    pub lead_id: Option<LeadId>,
    pub made: Made,
    pub done: i64,
    pub total: i64,
    pub added: i64,
    pub failure: Option<String>,
    pub actor: Actor,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub applied_at: Option<Timestamp>,
    pub undone_at: Option<Timestamp>,
}

fn import_of(mut row: Row) -> Result<Import> {
    Ok(Import {
        id: row.get()?,
        channel_id: row.get()?,
        state: row.word()?,
        file_name: row.get()?,
        file_bytes: row.get()?,
        choices: row.json()?,
        preview: row.json()?,
        contact_id: row.get()?,
        conversation_id: row.get()?,
        lead_id: row.get()?,
        made: row.json()?,
        done: row.get()?,
        total: row.get()?,
        added: row.get()?,
        failure: row.get()?,
        actor: row.json()?,
        created_by: row.get()?,
        created_at: row.get()?,
        applied_at: row.get()?,
        undone_at: row.get()?,
    })
}

/// Saves an import as it is now.
///
/// # Errors
/// As the database says.
pub async fn save(tx: &mut Tx, workspace_id: WorkspaceId, import: &Import) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO imports (workspace_id, id, channel_id, state, file_name, file_bytes, choices, preview, \
             contact_id, conversation_id, lead_id, made, done, total, added, failure, actor, created_by, created_at, \
             applied_at, undone_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) \
             ON CONFLICT (workspace_id, id) DO UPDATE SET state = excluded.state, choices = excluded.choices, \
             preview = excluded.preview, contact_id = excluded.contact_id, \
             conversation_id = excluded.conversation_id, lead_id = excluded.lead_id, made = excluded.made, \
             done = excluded.done, total = excluded.total, added = excluded.added, failure = excluded.failure, \
             applied_at = excluded.applied_at, undone_at = excluded.undone_at"
        ),
        params![
            workspace_id,
            import.id,
            import.channel_id,
            word(&import.state)?,
            import.file_name.as_ref(),
            import.file_bytes,
            json(&import.choices)?,
            json(&import.preview)?,
            import.contact_id,
            import.conversation_id,
            import.lead_id,
            json(&import.made)?,
            import.done,
            import.total,
            import.added,
            import.failure.as_ref(),
            json(&import.actor)?,
            import.created_by,
            import.created_at,
            import.applied_at,
            import.undone_at
        ],
    )
    .await?;
    Ok(())
}

/// Notes how far an import is; says whether it is still in this state. The row is held, so nobody stops it meanwhile.
///
/// # Errors
/// As the database says.
pub async fn progress(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ImportId,
    state: ImportState,
    done: i64,
) -> Result<bool> {
    let changed = tx
        .execute(
            sql!("UPDATE imports SET done = ?4 WHERE workspace_id = ?1 AND id = ?2 AND state = ?3"),
            params![workspace_id, id, word(&state)?, done],
        )
        .await?;
    Ok(changed == 1)
}

/// Whether an import is in this state; held, shared, until the end of a write.
///
/// # Errors
/// As the database says.
pub async fn is_in(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ImportId,
    state: ImportState,
) -> Result<bool> {
    let row = tx
        .query_opt(
            "imports",
            sql!(
                "SELECT 1 FROM imports WHERE workspace_id = ?1 AND id = ?2 AND state = ?3 {share}"
            ),
            params![workspace_id, id, word(&state)?],
        )
        .await?;
    Ok(row.is_some())
}

/// An import, held until the end of a write.
///
/// # Errors
/// [`Error::NotFound`] when the workspace has no such import.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: ImportId) -> Result<Import> {
    let row = tx
        .query_opt(
            "imports",
            sql!(
                "SELECT id, channel_id, state, file_name, file_bytes, choices, preview, contact_id, conversation_id, \
                 lead_id, made, done, total, added, failure, actor, created_by, created_at, applied_at, undone_at \
                 FROM imports WHERE workspace_id = ?1 AND id = ?2 {lock}"
            ),
            params![workspace_id, id],
        )
        .await?;
    import_of(row.ok_or(Error::NotFound("import"))?)
}

/// A page of imports, newest first; `before` is the id of the last of the page before.
///
/// # Errors
/// As the database says.
pub async fn page(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    before: Option<ImportId>,
    limit: i64,
) -> Result<Vec<Import>> {
    let before = before.map_or_else(|| "~".to_owned(), ImportId::bare);
    let rows = tx
        .query(
            "imports",
            sql!(
                "SELECT id, channel_id, state, file_name, file_bytes, choices, preview, contact_id, conversation_id, \
                 lead_id, made, done, total, added, failure, actor, created_by, created_at, applied_at, undone_at \
                 FROM imports WHERE workspace_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
            ),
            params![workspace_id, before, limit],
        )
        .await?;
    rows.into_iter().map(import_of).collect()
}

/// The imports into a conversation, newest first.
///
/// # Errors
/// As the database says.
pub async fn of_conversation(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
) -> Result<Vec<Import>> {
    let rows = tx
        .query(
            "imports",
            sql!(
                "SELECT id, channel_id, state, file_name, file_bytes, choices, preview, contact_id, conversation_id, \
                 lead_id, made, done, total, added, failure, actor, created_by, created_at, applied_at, undone_at \
                 FROM imports WHERE workspace_id = ?1 AND conversation_id = ?2 ORDER BY id DESC LIMIT 200"
            ),
            params![workspace_id, conversation_id],
        )
        .await?;
    rows.into_iter().map(import_of).collect()
}

/// Forgets an import that was never applied.
///
/// # Errors
/// As the database says.
pub async fn drop_preview(tx: &mut Tx, workspace_id: WorkspaceId, id: ImportId) -> Result<bool> {
    let gone = tx
        .execute(
            sql!("DELETE FROM imports WHERE workspace_id = ?1 AND id = ?2 AND state = 'preview'"),
            params![workspace_id, id],
        )
        .await?;
    Ok(gone == 1)
}

/// Which of these keys the conversation has already.
///
/// # Errors
/// As the database says.
pub async fn known_keys(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    keys: Vec<String>,
) -> Result<BTreeSet<String>> {
    let rows = tx
        .query(
            "imported_messages",
            sql!(
                "SELECT import_key FROM imported_messages \
                 WHERE workspace_id = ?1 AND conversation_id = ?2 AND import_key in_list(?3)"
            ),
            params![workspace_id, conversation_id, keys],
        )
        .await?;
    rows.into_iter().map(|mut row| row.get()).collect()
}

/// A message of a conversation that did not come with an export.
#[derive(Debug, Clone)]
pub struct LiveMessage {
    pub id: MessageId,
    pub direction: Direction,
    pub at: Timestamp,
    pub content: Content,
}

/// Messages that came another way, in this time, oldest first, after this one.
///
/// # Errors
/// As the database says.
pub async fn live_messages(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    after: (Timestamp, Option<MessageId>),
    until: Timestamp,
    limit: i64,
) -> Result<Vec<LiveMessage>> {
    let after_id = after.1.map(MessageId::bare).unwrap_or_default();
    let rows = tx
        .query(
            "messages",
            sql!(
                "SELECT id, direction, at, content FROM messages \
                 WHERE workspace_id = ?1 AND conversation_id = ?2 AND (at, id) > (?3, ?4) AND at <= ?5 \
                 AND author_kind <> 'import' AND direction <> 'note' ORDER BY at, id LIMIT ?6"
            ),
            params![workspace_id, conversation_id, after.0, after_id, until, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(LiveMessage {
                id: row.get()?,
                direction: row.word()?,
                at: row.get()?,
                content: row.json()?,
            })
        })
        .collect()
}

/// A message on its way onto the timeline.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub key: String,
    pub message: Message,
    pub sender: Option<String>,
    pub file: Option<Media>,
}

static IMPORTED: Insert = Insert {
    table: "imported_messages",
    columns: &[
        ("workspace_id", Column::Text),
        ("conversation_id", Column::Text),
        ("import_key", Column::Text),
        ("import_id", Column::Text),
        ("message_id", Column::Text),
        ("media_id", Column::Text),
        ("sender", Column::Text),
    ],
    on_conflict: "",
};

/// Puts those of the messages on the timeline that the conversation does not have yet; says how many.
///
/// # Errors
/// [`Error::Taken`] when another import brings the same at this moment: to be tried again.
pub async fn add(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    import_id: ImportId,
    conversation_id: ConversationId,
    all: &[NewMessage],
) -> Result<usize> {
    let keys = all.iter().map(|one| one.key.clone()).collect();
    let known = known_keys(tx, workspace_id, conversation_id, keys).await?;
    let new: Vec<&NewMessage> = all.iter().filter(|one| !known.contains(&one.key)).collect();
    let rows = new.iter().map(|one| {
        vec![
            workspace_id.into(),
            conversation_id.into(),
            (&one.key).into(),
            import_id.into(),
            one.message.id.into(),
            one.file.as_ref().map(|file| file.id).into(),
            one.sender.as_ref().into(),
        ]
    });
    tx.insert_many(&IMPORTED, rows.collect()).await?;
    let to_keep: Vec<&Message> = new.iter().map(|one| &one.message).collect();
    messages::save(tx, workspace_id, &to_keep).await?;
    messages::make_searchable(tx, workspace_id, &to_keep).await?;
    for file in new.iter().filter_map(|one| one.file.as_ref()) {
        media::save(tx, workspace_id, file).await?;
    }
    Ok(new.len())
}

/// How many messages an import has brought that are still there.
///
/// # Errors
/// As the database says.
pub async fn count(tx: &mut Tx, workspace_id: WorkspaceId, id: ImportId) -> Result<i64> {
    let row = tx
        .query_opt(
            "imported_messages",
            sql!(
                "SELECT count(*) FROM imported_messages WHERE workspace_id = ?1 AND import_id = ?2"
            ),
            params![workspace_id, id],
        )
        .await?;
    row.map_or(Ok(0), |mut row| row.get())
}

/// What a piece of an undo took away.
#[derive(Debug, Default)]
pub struct Removed {
    pub messages: usize,
    /// Objects that these messages had.
    pub objects: BTreeSet<String>,
}

/// Takes some of an import's messages away again, with their files' rows.
///
/// # Errors
/// As the database says.
pub async fn remove(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ImportId,
    limit: i64,
) -> Result<Removed> {
    let rows = tx
        .query(
            "imported_messages",
            sql!(
                "SELECT message_id, media_id FROM imported_messages \
                 WHERE workspace_id = ?1 AND import_id = ?2 ORDER BY message_id LIMIT ?3"
            ),
            params![workspace_id, id, limit],
        )
        .await?;
    let (mut ids, mut files): (Vec<MessageId>, Vec<MediaId>) = (vec![], vec![]);
    for mut row in rows {
        ids.push(row.get()?);
        files.extend(row.get::<Option<MediaId>>()?);
    }
    if ids.is_empty() {
        return Ok(Removed::default());
    }
    let objects = media::list_by_id(tx, workspace_id, &files).await?;
    let subjects = ids.iter().map(|id| id.bare()).collect();
    search::forget(tx, workspace_id, "message", subjects).await?;
    for sql in [
        sql!("DELETE FROM messages WHERE workspace_id = ?1 AND id in_list(?2)"),
        sql!("DELETE FROM imported_messages WHERE workspace_id = ?1 AND message_id in_list(?2)"),
    ] {
        tx.execute(sql, params![workspace_id, list(ids.iter().copied())])
            .await?;
    }
    if !files.is_empty() {
        tx.execute(
            sql!("DELETE FROM media WHERE workspace_id = ?1 AND id in_list(?2)"),
            params![workspace_id, list(files)],
        )
        .await?;
    }
    Ok(Removed {
        messages: ids.len(),
        objects: objects.into_iter().filter_map(|file| file.sha256).collect(),
    })
}

/// Those of the objects that no file of any workspace has.
///
/// # Errors
/// As the database says.
pub async fn unused_objects(tx: &mut Tx, objects: Vec<String>) -> Result<BTreeSet<String>> {
    let rows = tx
        .query(
            "media",
            sql!(
                "SELECT DISTINCT sha256 FROM media WHERE sha256 in_list(?1) AND sha256 IS NOT NULL"
            ),
            params![objects.clone()],
        )
        .await?;
    let mut unused: BTreeSet<String> = objects.into_iter().collect();
    for mut row in rows {
        unused.remove(&row.get::<String>()?);
    }
    Ok(unused)
}

/// How exports name whoever wrote these messages.
///
/// # Errors
/// As the database says.
pub async fn senders(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    ids: &[MessageId],
) -> Result<BTreeMap<MessageId, String>> {
    let rows = tx
        .query(
            "imported_messages",
            sql!(
                "SELECT message_id, sender FROM imported_messages \
                 WHERE workspace_id = ?1 AND message_id in_list(?2) AND sender IS NOT NULL"
            ),
            params![workspace_id, list(ids.iter().copied())],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| Ok((row.get()?, row.get()?)))
        .collect()
}

/// Two threads became one: what came with exports into the first is known again in the second. A message that both have
/// keeps its row where it is, for the undo.
pub(crate) async fn follow_thread(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    from: ConversationId,
    to: ConversationId,
) -> Result<()> {
    for sql in [
        sql!(
            "UPDATE imported_messages SET conversation_id = ?3 WHERE workspace_id = ?1 AND conversation_id = ?2 \
             AND NOT EXISTS (SELECT 1 FROM imported_messages other WHERE other.workspace_id = ?1 \
             AND other.conversation_id = ?3 AND other.import_key = imported_messages.import_key)"
        ),
        sql!(
            "UPDATE imports SET conversation_id = ?3 WHERE workspace_id = ?1 AND conversation_id = ?2"
        ),
    ] {
        tx.execute(sql, params![workspace_id, from, to]).await?;
    }
    Ok(())
}

/// Takes a conversation away that an import had made and that has no message left; its counters with it.
///
/// # Errors
/// As the database says.
pub async fn remove_thread(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    thread: &Conversation,
) -> Result<()> {
    crate::conversations::uncount(tx, workspace_id, thread).await?;
    tx.execute(
        sql!("DELETE FROM conversations WHERE workspace_id = ?1 AND id = ?2"),
        params![workspace_id, thread.id],
    )
    .await?;
    Ok(())
}

/// Takes a contact away that an import had made; its names with it.
///
/// # Errors
/// As the database says.
pub async fn remove_contact(tx: &mut Tx, workspace_id: WorkspaceId, id: ContactId) -> Result<()> {
    search::forget(tx, workspace_id, "contact", vec![id.bare()]).await?;
    for sql in [
        sql!("DELETE FROM identities WHERE workspace_id = ?1 AND contact_id = ?2"),
        sql!("DELETE FROM contacts WHERE workspace_id = ?1 AND id = ?2"),
    ] {
        tx.execute(sql, params![workspace_id, id]).await?;
    }
    Ok(())
}
