//! Messages, and the facts that are told of them.

use domain::id::{ConnectionId, ConversationId, MessageId, WorkspaceId};
use domain::inbound::{Move, ProviderKey};
use domain::message::{Author, Fact, Message};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::search;
use crate::sql::{Column, Insert};
use crate::tx::Tx;
use crate::value::{Row, Value, json, list, word};
use crate::{params, sql};

static MESSAGES: Insert = Insert {
    table: "messages",
    columns: &[
        ("workspace_id", Column::Text),
        ("id", Column::Text),
        ("conversation_id", Column::Text),
        ("connection_id", Column::Text),
        ("direction", Column::Text),
        ("author_kind", Column::Text),
        ("author_user_id", Column::Text),
        ("provider_id", Column::Text),
        ("content", Column::Text),
        ("at", Column::Int),
        ("received_at", Column::Int),
        ("late", Column::Int),
        ("reply_to", Column::Text),
        ("forwarded", Column::Int),
        ("referral", Column::Text),
        ("resend_of", Column::Text),
        ("send_at", Column::Int),
        ("delivery", Column::Text),
        ("receipts", Column::Text),
        ("failure", Column::Text),
        ("pricing", Column::Text),
        ("edited", Column::Text),
        ("revoked_at", Column::Int),
        ("reactions", Column::Text),
    ],
    on_conflict: "(workspace_id, id) DO UPDATE SET conversation_id = excluded.conversation_id, \
                  connection_id = excluded.connection_id, provider_id = excluded.provider_id, at = excluded.at, \
                  content = excluded.content, send_at = excluded.send_at, delivery = excluded.delivery, \
                  receipts = excluded.receipts, failure = excluded.failure, pricing = excluded.pricing, \
                  edited = excluded.edited, revoked_at = excluded.revoked_at, reactions = excluded.reactions",
};

static FACTS: Insert = Insert {
    table: "facts",
    columns: &[
        ("workspace_id", Column::Text),
        ("connection_id", Column::Text),
        ("provider_id", Column::Text),
        ("fact_key", Column::Text),
        ("at", Column::Int),
        ("what", Column::Text),
    ],
    on_conflict: "(workspace_id, connection_id, provider_id, fact_key) DO NOTHING",
};

fn message_of(mut row: Row) -> Result<Message> {
    Ok(Message {
        id: row.get()?,
        conversation_id: row.get()?,
        connection_id: row.get()?,
        direction: row.word()?,
        author: Author {
            kind: row.word()?,
            user_id: row.get()?,
        },
        provider_id: row.get()?,
        content: row.json()?,
        at: row.get()?,
        received_at: row.get()?,
        late: row.get()?,
        reply_to: row.get()?,
        forwarded: row.get()?,
        referral: row.opt_json()?,
        resend_of: row.get()?,
        send_at: row.get()?,
        delivery: row.opt_word()?,
        receipts: row.json()?,
        failure: row.opt_json()?,
        pricing: row.opt_json()?,
        edited: row.opt_json()?,
        revoked_at: row.get()?,
        reactions: row.json()?,
    })
}

/// Saves messages as they are now. Their words become searchable.
///
/// # Errors
/// [`Error::Taken`] when a new one has the provider id of another.
pub async fn save(tx: &mut Tx, workspace_id: WorkspaceId, messages: &[&Message]) -> Result<()> {
    let opt =
        |value: Option<Result<Value>>| value.transpose().map(|value| value.unwrap_or(Value::Null));
    let rows = messages.iter().map(|message| {
        Ok(vec![
            workspace_id.into(),
            message.id.into(),
            message.conversation_id.into(),
            message.connection_id.into(),
            word(&message.direction)?,
            word(&message.author.kind)?,
            message.author.user_id.into(),
            message.provider_id.as_ref().into(),
            json(&message.content)?,
            message.at.into(),
            message.received_at.into(),
            message.late.into(),
            message.reply_to.as_ref().into(),
            message.forwarded.into(),
            opt(message.referral.as_ref().map(json))?,
            message.resend_of.into(),
            message.send_at.into(),
            opt(message.delivery.as_ref().map(word))?,
            json(&message.receipts)?,
            opt(message.failure.as_ref().map(json))?,
            opt(message.pricing.as_ref().map(json))?,
            opt(message.edited.as_ref().map(json))?,
            message.revoked_at.into(),
            json(&message.reactions)?,
        ])
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    tx.insert_many(&MESSAGES, rows).await?;
    Ok(())
}

/// Makes the words of messages searchable; for new messages and edited ones.
///
/// # Errors
/// As the database says.
pub async fn make_searchable(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    messages: &[&Message],
) -> Result<()> {
    let documents = messages
        .iter()
        .filter_map(|message| search::Document::of_message(message));
    search::save(tx, workspace_id, documents.collect()).await
}

/// Messages by id. Held until the end of a write.
///
/// # Errors
/// As the database says.
pub async fn list_by_id(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    ids: &[MessageId],
) -> Result<Vec<Message>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let rows = tx
        .query(
            "messages",
            sql!(
                "SELECT id, conversation_id, connection_id, direction, author_kind, author_user_id, provider_id, \
                 content, at, received_at, late, reply_to, forwarded, referral, resend_of, send_at, delivery, \
                 receipts, failure, pricing, edited, revoked_at, reactions FROM messages \
                 WHERE workspace_id = ?1 AND id in_list(?2) ORDER BY id {lock}"
            ),
            params![workspace_id, list(ids.iter().copied())],
        )
        .await?;
    rows.into_iter().map(message_of).collect()
}

/// # Errors
/// [`Error::NotFound`] when the workspace has no such message.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: MessageId) -> Result<Message> {
    list_by_id(tx, workspace_id, &[id])
        .await?
        .into_iter()
        .next()
        .ok_or(Error::NotFound("message"))
}

/// Messages under a connection's provider ids. Held until the end of a write.
///
/// # Errors
/// As the database says.
pub async fn list_by_provider_id(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    connection_id: ConnectionId,
    provider_ids: Vec<String>,
) -> Result<Vec<Message>> {
    let rows = tx
        .query(
            "messages",
            sql!(
                "SELECT id, conversation_id, connection_id, direction, author_kind, author_user_id, provider_id, \
                 content, at, received_at, late, reply_to, forwarded, referral, resend_of, send_at, delivery, \
                 receipts, failure, pricing, edited, revoked_at, reactions FROM messages \
                 WHERE workspace_id = ?1 AND connection_id = ?2 AND provider_id in_list(?3) \
                 AND provider_id IS NOT NULL ORDER BY id {lock}"
            ),
            params![workspace_id, connection_id, provider_ids],
        )
        .await?;
    rows.into_iter().map(message_of).collect()
}

/// How many of a connection's provider ids are messages that we know; nothing is held.
///
/// # Errors
/// As the database says.
pub async fn count_known(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    connection_id: ConnectionId,
    provider_ids: Vec<String>,
) -> Result<i64> {
    let row = tx
        .query_opt(
            "messages",
            sql!(
                "SELECT count(*) FROM messages WHERE workspace_id = ?1 AND connection_id = ?2 \
                 AND provider_id in_list(?3) AND provider_id IS NOT NULL"
            ),
            params![workspace_id, connection_id, provider_ids],
        )
        .await?;
    row.map_or(Ok(0), |mut row| row.get())
}

/// The conversations of messages, by our ids or by a connection's provider ids; nothing is held. Whoever changes
/// messages holds their conversations first, in the order of their ids, and only then the messages and outbox rows: so
/// two that change the same things wait for each other and never both.
///
/// # Errors
/// As the database says.
pub async fn conversations_of(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    ids: &[MessageId],
    provider_ids: &[(ConnectionId, Vec<String>)],
) -> Result<Vec<ConversationId>> {
    let mut rows = Vec::new();
    if !ids.is_empty() {
        let sql = sql!(
            "SELECT DISTINCT conversation_id FROM messages WHERE workspace_id = ?1 AND id in_list(?2)"
        );
        rows.extend(
            tx.query(
                "messages",
                sql,
                params![workspace_id, list(ids.iter().copied())],
            )
            .await?,
        );
    }
    for (connection_id, provider_ids) in provider_ids {
        let sql = sql!(
            "SELECT DISTINCT conversation_id FROM messages WHERE workspace_id = ?1 AND connection_id = ?2 \
             AND provider_id in_list(?3) AND provider_id IS NOT NULL"
        );
        rows.extend(
            tx.query(
                "messages",
                sql,
                params![workspace_id, *connection_id, provider_ids.clone()],
            )
            .await?,
        );
    }
    rows.into_iter().map(|mut row| row.get()).collect()
}

/// Where a page begins: before this one.
pub type Cursor = (Timestamp, MessageId);

/// A page of a thread, newest first.
///
/// # Errors
/// As the database says.
pub async fn page(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Message>> {
    let (at, id) = before.map_or_else(
        || (i64::MAX, "~".to_owned()),
        |(at, id)| (at.as_millisecond(), id.bare()),
    );
    let rows = tx
        .query(
            "messages",
            sql!(
                "SELECT id, conversation_id, connection_id, direction, author_kind, author_user_id, provider_id, \
                 content, at, received_at, late, reply_to, forwarded, referral, resend_of, send_at, delivery, \
                 receipts, failure, pricing, edited, revoked_at, reactions FROM messages \
                 WHERE workspace_id = ?1 AND conversation_id = ?2 AND (at, id) < (?3, ?4) \
                 ORDER BY at DESC, id DESC LIMIT ?5"
            ),
            params![workspace_id, conversation_id, at, id, limit],
        )
        .await?;
    rows.into_iter().map(message_of).collect()
}

/// How many messages of a person came after this one; stops at `limit`.
///
/// # Errors
/// As the database says.
pub async fn count_inbound_after(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    after: Cursor,
    limit: i64,
) -> Result<i64> {
    let row = tx
        .query_opt(
            "messages",
            sql!(
                "SELECT count(*) FROM (SELECT 1 FROM messages WHERE workspace_id = ?1 AND conversation_id = ?2 \
                 AND (at, id) > (?3, ?4) AND direction = 'in' LIMIT ?5) AS few"
            ),
            params![workspace_id, conversation_id, after.0, after.1, limit],
        )
        .await?;
    row.map_or(Ok(0), |mut row| row.get())
}

/// The message that was made to resend another, by the other's id.
///
/// # Errors
/// As the database says.
pub async fn resends_of(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    from: Timestamp,
) -> Result<Vec<(MessageId, MessageId)>> {
    let rows = tx
        .query(
            "messages",
            sql!(
                "SELECT resend_of, id FROM messages WHERE workspace_id = ?1 AND conversation_id = ?2 AND at >= ?3 \
                 AND resend_of IS NOT NULL LIMIT 200"
            ),
            params![workspace_id, conversation_id, from],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| Ok((row.get()?, row.get()?)))
        .collect()
}

/// Facts that are kept under a connection's provider ids.
///
/// # Errors
/// As the database says.
pub async fn facts(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    connection_id: ConnectionId,
    provider_ids: Vec<String>,
) -> Result<Vec<(ProviderKey, Fact)>> {
    let rows = tx
        .query(
            "facts",
            sql!(
                "SELECT provider_id, at, what FROM facts \
                 WHERE workspace_id = ?1 AND connection_id = ?2 AND provider_id in_list(?3)"
            ),
            params![workspace_id, connection_id, provider_ids],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let provider_id: String = row.get()?;
            let fact = Fact {
                at: row.get()?,
                what: row.json()?,
            };
            Ok(((connection_id, provider_id), fact))
        })
        .collect()
}

/// Keeps facts, each once.
///
/// # Errors
/// As the database says.
pub async fn save_facts(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    facts: &[(&ProviderKey, &Fact)],
) -> Result<()> {
    let rows = facts.iter().map(|(key, fact)| {
        Ok(vec![
            workspace_id.into(),
            key.0.into(),
            (&key.1).into(),
            fact.key().into(),
            fact.at.into(),
            json(&fact.what)?,
        ])
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    tx.insert_many(&FACTS, rows).await?;
    Ok(())
}

/// Hangs the messages of one thread on another.
///
/// # Errors
/// As the database says.
pub async fn move_all(tx: &mut Tx, workspace_id: WorkspaceId, step: Move) -> Result<()> {
    for sql in [
        // By the messages, while they still stand in the thread: texts have no index of their own by thread.
        sql!(
            "UPDATE search_documents SET conversation_id = ?3 WHERE workspace_id = ?1 AND kind = 'message' \
             AND subject_id IN (SELECT id FROM messages WHERE workspace_id = ?1 AND conversation_id = ?2)"
        ),
        sql!(
            "UPDATE messages SET conversation_id = ?3 WHERE workspace_id = ?1 AND conversation_id = ?2"
        ),
        sql!(
            "UPDATE outbox SET conversation_id = ?3 WHERE workspace_id = ?1 AND conversation_id = ?2"
        ),
    ] {
        tx.execute(sql, params![workspace_id, step.from, step.to])
            .await?;
    }
    crate::imports::follow_thread(tx, workspace_id, step.from, step.to).await
}
