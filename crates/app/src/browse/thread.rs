//! A thread's messages, each with what stands beside it: the message it answers, its file, who wrote it, what was
//! sent again instead of it.

use std::collections::{BTreeMap, HashMap};

use domain::access::Permission;
use domain::id::{ConnectionId, ConversationId, MediaId, MessageId, UserId, WorkspaceId};
use domain::message::{AuthorKind, Delivery, Message};
use domain::sending::Reason;
use jiff::Timestamp;
use store::media::Media;
use store::messages::Cursor;
use store::{Tx, conversations, imports, media, messages, outbox, users};

use super::Page;
use crate::caller::Caller;
use crate::error::told;
use crate::message_content::file_of;
use crate::{App, Result};

/// A message as the thread shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub message: Message,
    /// The message that it answers, when we have that.
    pub quoted: Option<Message>,
    pub media: Option<Media>,
    pub resent_as: Option<MessageId>,
    /// The name of the user who wrote it; of an imported message, the name that the export gives.
    pub author_name: Option<String>,
    /// Until when it waits to be sent, and why.
    pub waits: Option<(Timestamp, Option<Reason>)>,
}

/// A page of a thread, newest first.
///
/// # Errors
/// `not_found`.
pub async fn page(
    app: &App,
    by: &Caller,
    id: ConversationId,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Page<Shown, Cursor>> {
    by.must(Permission::ConversationsRead)?;
    let input = (by.workspace_id, id, before, limit);
    let page = app
        .store
        .read(input, |tx, (workspace_id, id, before, limit)| {
            Box::pin(async move {
                let thread = conversations::get(tx, *workspace_id, *id).await?;
                let all = messages::page(tx, *workspace_id, thread.id, *before, limit + 1).await?;
                let page = Page::cut(all, *limit, |message| (message.at, message.id));
                Ok(Ok(Page {
                    items: shown(tx, *workspace_id, page.items).await?,
                    next: page.next,
                }))
            })
        });
    told(page.await)
}

/// One message.
///
/// # Errors
/// `not_found`.
pub async fn get(app: &App, by: &Caller, id: MessageId) -> Result<Shown> {
    by.must(Permission::ConversationsRead)?;
    let one = app
        .store
        .read((by.workspace_id, id), |tx, (workspace_id, id)| {
            Box::pin(async move {
                let message = messages::get(tx, *workspace_id, *id).await?;
                let one = shown(tx, *workspace_id, vec![message])
                    .await?
                    .into_iter()
                    .next();
                one.ok_or(store::Error::NotFound("message")).map(Ok)
            })
        });
    told(one.await)
}

async fn shown(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    all: Vec<Message>,
) -> store::Result<Vec<Shown>> {
    let Some(first) = all.last() else {
        return Ok(vec![]);
    };
    let (thread, from) = (first.conversation_id, first.at);
    let quoted = quoted(tx, workspace_id, &all).await?;
    let ids: Vec<MediaId> = all
        .iter()
        .filter_map(|message| file_of(&message.content))
        .collect();
    let files: BTreeMap<MediaId, Media> = media::list_by_id(tx, workspace_id, &ids)
        .await?
        .into_iter()
        .map(|file| (file.id, file))
        .collect();
    let resent: HashMap<MessageId, MessageId> =
        messages::resends_of(tx, workspace_id, thread, from)
            .await?
            .into_iter()
            .collect();
    let names: HashMap<UserId, String> =
        if all.iter().any(|message| message.author.user_id.is_some()) {
            users::list(tx, workspace_id)
                .await?
                .into_iter()
                .map(|user| (user.id, user.name))
                .collect()
        } else {
            HashMap::new()
        };
    let brought: Vec<MessageId> = all
        .iter()
        .filter(|message| message.author.kind == AuthorKind::Import)
        .map(|message| message.id)
        .collect();
    let mut senders = if brought.is_empty() {
        BTreeMap::new()
    } else {
        imports::senders(tx, workspace_id, &brought).await?
    };
    let queued: Vec<MessageId> = all
        .iter()
        .filter(|message| message.delivery == Some(Delivery::Queued))
        .map(|message| message.id)
        .collect();
    let mut waits: HashMap<MessageId, (Timestamp, Option<Reason>)> = HashMap::new();
    if !queued.is_empty() {
        for (id, until, reason) in outbox::waits_of(tx, workspace_id, &queued).await? {
            waits.insert(id, (until, reason));
        }
    }
    let all = all.into_iter().map(|message| Shown {
        waits: waits.remove(&message.id),
        quoted: message
            .connection_id
            .zip(message.reply_to.clone())
            .and_then(|key| quoted.get(&key).cloned()),
        media: file_of(&message.content).and_then(|id| files.get(&id).cloned()),
        resent_as: resent.get(&message.id).copied(),
        author_name: message
            .author
            .user_id
            .and_then(|id| names.get(&id).cloned())
            .or_else(|| senders.remove(&message.id)),
        message,
    });
    Ok(all.collect())
}

async fn quoted(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    all: &[Message],
) -> store::Result<HashMap<(ConnectionId, String), Message>> {
    let mut wanted: BTreeMap<ConnectionId, Vec<String>> = BTreeMap::new();
    for message in all {
        if let (Some(connection_id), Some(reply_to)) = (message.connection_id, &message.reply_to) {
            wanted
                .entry(connection_id)
                .or_default()
                .push(reply_to.clone());
        }
    }
    let mut found = HashMap::new();
    for (connection_id, ids) in wanted {
        for message in messages::list_by_provider_id(tx, workspace_id, connection_id, ids).await? {
            if let Some(provider_id) = message.provider_id.clone() {
                found.insert((connection_id, provider_id), message);
            }
        }
    }
    Ok(found)
}

/// A stored file with its bytes.
pub struct File {
    pub media: Media,
    pub bytes: bytes::Bytes,
}

/// A file's bytes.
///
/// # Errors
/// `not_found` when the workspace has no such file, or it is not here (yet).
pub async fn file(app: &App, by: &Caller, id: MediaId) -> Result<File> {
    let media = file_row(app, by, id).await?;
    let Some(name) = media
        .sha256
        .clone()
        .filter(|_| media.state == media::MediaState::Stored)
    else {
        return Err(
            crate::Refusal::new(crate::RefusalKind::NotFound, "not_found")
                .with("what", "file")
                .into(),
        );
    };
    let bytes = app.files.get(&name).await?;
    Ok(File { media, bytes })
}

/// What is known of a file.
///
/// # Errors
/// `not_found`.
pub async fn file_row(app: &App, by: &Caller, id: MediaId) -> Result<Media> {
    by.must(Permission::ConversationsRead)?;
    told(
        app.store
            .read((by.workspace_id, id), |tx, (workspace_id, id)| {
                Box::pin(async move { Ok(Ok(media::get(tx, *workspace_id, *id).await?)) })
            })
            .await,
    )
}
