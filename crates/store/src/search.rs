//! Search, in Hebrew and English, on both databases. What is searched is a text that `domain::text` has made plain; it
//! begins with a word of the workspace, and so does every query, so that a search never looks at another's rows.

use domain::id::{ContactId, ConversationId, WorkspaceId};
use domain::message::Message;
use domain::people::Contact;
use domain::text;

use crate::error::Result;
use crate::sql::{Column, Dialect, Insert};
use crate::tx::Tx;
use crate::value::Value;
use crate::{params, sql};

/// Characters of a message that can be searched.
const TEXT_LIMIT: usize = 4096;

/// Something to be found.
#[derive(Debug)]
pub struct Document {
    kind: &'static str,
    subject: String,
    conversation: Option<ConversationId>,
    text: String,
}

impl Document {
    #[must_use]
    pub fn of_contact(contact: &Contact) -> Self {
        let words = [
            &contact.name,
            &contact.profile_name,
            &contact.phone,
            &contact.username,
            &contact.email,
        ];
        let words = words
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        // One that was joined to another is found under the other.
        let text = if contact.merged_into.is_some() {
            String::new()
        } else {
            text::search_text(&words)
        };
        Self {
            kind: "contact",
            subject: contact.id.bare(),
            conversation: None,
            text,
        }
    }

    /// None for a message without words.
    #[must_use]
    pub fn of_message(message: &Message) -> Option<Self> {
        let words: String = message.shown().words().chars().take(TEXT_LIMIT).collect();
        let text = text::search_text(&words);
        (!text.is_empty() && message.revoked_at.is_none()).then(|| Self {
            kind: "message",
            subject: message.id.bare(),
            conversation: Some(message.conversation_id),
            text,
        })
    }
}

static DOCUMENTS: Insert = Insert {
    table: "search_documents",
    columns: &[
        ("workspace_id", Column::Text),
        ("kind", Column::Text),
        ("subject_id", Column::Text),
        ("conversation_id", Column::Text),
        ("text", Column::Text),
    ],
    on_conflict: "(workspace_id, kind, subject_id) DO UPDATE SET text = excluded.text",
};

/// The word of a workspace: letters and digits only, so that no tokenizer cuts it.
fn token(workspace_id: WorkspaceId) -> String {
    format!("ws{}", workspace_id.bare())
}

pub(crate) async fn save(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    documents: Vec<Document>,
) -> Result<()> {
    let token = token(workspace_id);
    if tx.dialect() == Dialect::Postgres {
        let rows = documents.into_iter().map(|document| {
            vec![
                workspace_id.into(),
                document.kind.into(),
                document.subject.into(),
                document.conversation.into(),
                format!("{token} {}", document.text).into(),
            ]
        });
        tx.insert_many(&DOCUMENTS, rows.collect()).await?;
        return Ok(());
    }
    for document in documents {
        save_in_sqlite(tx, workspace_id, &token, document).await?;
    }
    Ok(())
}

/// The index over the texts is told of every change by hand: the database has no triggers.
async fn save_in_sqlite(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    token: &str,
    document: Document,
) -> Result<()> {
    let text = format!("{token} {}", document.text);
    let known = tx
        .query_opt(
            "search_documents",
            sql!("SELECT id, text FROM search_documents WHERE workspace_id = ?1 AND kind = ?2 AND subject_id = ?3"),
            params![workspace_id, document.kind, &document.subject],
        )
        .await?;
    let id: i64 = match known {
        Some(mut row) => {
            let (id, before): (i64, String) = (row.get()?, row.get()?);
            if before == text {
                return Ok(());
            }
            tx.execute(FORGET, params![id, before]).await?;
            tx.execute(
                sql!("UPDATE search_documents SET text = ?2 WHERE id = ?1"),
                params![id, &text],
            )
            .await?;
            id
        }
        None => {
            let row = tx
                .query_opt(
                    "search_documents",
                    sql!(
                        "INSERT INTO search_documents (workspace_id, kind, subject_id, conversation_id, text) \
                         VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id"
                    ),
                    params![workspace_id, document.kind, document.subject, document.conversation, &text],
                )
                .await?;
            row.map_or(Ok(0), |mut row| row.get())?
        }
    };
    tx.execute(LEARN, params![id, text]).await?;
    Ok(())
}

/// Forgets what could be found under these subjects.
pub(crate) async fn forget(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    kind: &str,
    subjects: Vec<String>,
) -> Result<()> {
    if tx.dialect() == Dialect::Sqlite {
        let rows = tx
            .query(
                "search_documents",
                sql!(
                    "SELECT id, text FROM search_documents \
                     WHERE workspace_id = ?1 AND kind = ?2 AND subject_id in_list(?3)"
                ),
                params![workspace_id, kind, subjects.clone()],
            )
            .await?;
        for mut row in rows {
            let (id, text): (i64, String) = (row.get()?, row.get()?);
            tx.execute(FORGET, params![id, text]).await?;
        }
    }
    tx.execute(
        sql!(
            "DELETE FROM search_documents WHERE workspace_id = ?1 AND kind = ?2 AND subject_id in_list(?3)"
        ),
        params![workspace_id, kind, subjects],
    )
    .await?;
    Ok(())
}

/// SQLite alone has these two.
const LEARN: &str = "INSERT INTO search_index (rowid, text) VALUES (?1, ?2)";
const FORGET: &str =
    "INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', ?1, ?2)";
const FIND_SQLITE: &str = "SELECT d.subject_id, d.conversation_id FROM search_index i \
     JOIN search_documents d ON d.id = i.rowid \
     WHERE search_index MATCH ?1 AND d.kind = ?2 ORDER BY i.rowid DESC LIMIT ?3";
const FIND_POSTGRES: &str = "SELECT subject_id, conversation_id FROM search_documents \
     WHERE to_tsvector('simple', text) @@ to_tsquery('simple', ?1) AND kind = ?2 ORDER BY id DESC LIMIT ?3";

/// The query in the words of the database: every word of the search in one of its forms, or as the beginning of a
/// word. Only letters and digits are left of what a person typed, so nothing in it can be taken for an operator.
fn query_text(workspace_id: WorkspaceId, search: &str, dialect: Dialect) -> Option<String> {
    let words = text::search_words(search);
    if words.is_empty() {
        return None;
    }
    let (and, or, form): (&str, &str, fn(&str) -> String) = match dialect {
        Dialect::Sqlite => (" AND ", " OR ", |form| format!("\"{form}\"*")),
        Dialect::Postgres => (" & ", " | ", |form| format!("{form}:*")),
    };
    let words = words.iter().map(|forms| {
        let forms = forms
            .iter()
            .map(|text| form(text))
            .collect::<Vec<_>>()
            .join(or);
        format!("({forms})")
    });
    Some(
        std::iter::once(token(workspace_id))
            .chain(words)
            .collect::<Vec<_>>()
            .join(and),
    )
}

async fn find(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    kind: &str,
    search: &str,
    limit: i64,
) -> Result<Vec<(String, Option<ConversationId>)>> {
    let dialect = tx.dialect();
    let Some(query) = query_text(workspace_id, search, dialect) else {
        return Ok(vec![]);
    };
    let sql = match dialect {
        Dialect::Sqlite => FIND_SQLITE,
        Dialect::Postgres => FIND_POSTGRES,
    };
    let rows = tx
        .query(
            "search_documents",
            sql,
            &[Value::Text(query), kind.into(), limit.into()],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| Ok((row.get()?, row.get()?)))
        .collect()
}

/// Contacts whose names, phone or e-mail match; the newest first.
///
/// # Errors
/// As the database says.
pub async fn contacts(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    search: &str,
    limit: i64,
) -> Result<Vec<ContactId>> {
    let found = find(tx, workspace_id, "contact", search, limit).await?;
    found
        .into_iter()
        .map(|(subject, _)| Ok(ContactId::from_bare(&subject)?))
        .collect()
}

/// Conversations with a message whose words match; the newest message first.
///
/// # Errors
/// As the database says.
pub async fn conversations(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    search: &str,
    limit: i64,
) -> Result<Vec<ConversationId>> {
    let found = find(tx, workspace_id, "message", search, limit * 4).await?;
    let mut threads: Vec<ConversationId> = Vec::new();
    for thread in found.into_iter().filter_map(|(_, thread)| thread) {
        if !threads.contains(&thread) {
            threads.push(thread);
        }
    }
    threads.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(threads)
}
