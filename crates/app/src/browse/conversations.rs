//! The inbox: rows, one row, counts, and search.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Permission;
use domain::channel::Channel;
use domain::conversation::{Conversation, ConversationState};
use domain::id::{ChannelId, ContactId, ConversationId, WorkspaceId};
use domain::people::{Contact, Lead};
use store::conversations::{Counts, Cursor, View};
use store::{Tx, channels, contacts, conversations, leads, search};

use super::Page;
use crate::caller::Caller;
use crate::error::told;
use crate::{App, Result};

/// A conversation with all that a row of the inbox shows.
#[derive(Debug, Clone)]
pub struct Row {
    pub thread: Conversation,
    pub contact: Contact,
    pub channel: Channel,
    /// The newest open lead of the contact, else the newest.
    pub lead: Option<Lead>,
}

/// Which rows.
#[derive(Debug, Clone)]
pub struct Ask {
    pub view: View,
    pub channel_id: Option<ChannelId>,
    pub search: Option<String>,
    pub before: Option<Cursor>,
    pub limit: i64,
}

/// A page of the inbox, newest first. A search looks through people and messages, and finds resolved conversations
/// too unless the view asks for something else; it has one page.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn page(app: &App, by: &Caller, ask: Ask) -> Result<Page<Row, Cursor>> {
    by.must(Permission::ConversationsRead)?;
    let input = (by.workspace_id, ask);
    let found = app.store.read(input, |tx, (workspace_id, ask)| {
        Box::pin(async move {
            let page = match &ask.search {
                Some(text) => Page::whole(found(tx, *workspace_id, ask, text).await?),
                None => {
                    let limit = ask.limit + 1;
                    let threads = conversations::page(
                        tx,
                        *workspace_id,
                        ask.view,
                        ask.channel_id,
                        ask.before,
                        limit,
                    )
                    .await?;
                    Page::cut(threads, ask.limit, |thread| (thread.last_at, thread.id))
                }
            };
            Ok(Page {
                items: rows(tx, *workspace_id, page.items).await?,
                next: page.next,
            })
        })
    });
    Ok(found.await?)
}

async fn found(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    ask: &Ask,
    text: &str,
) -> store::Result<Vec<Conversation>> {
    let people = search::contacts(tx, workspace_id, text, ask.limit).await?;
    let mut threads: BTreeMap<ConversationId, Conversation> = BTreeMap::new();
    if !people.is_empty() {
        for thread in conversations::of_contacts(tx, workspace_id, &people).await? {
            threads.insert(thread.id, thread);
        }
    }
    let said = search::conversations(tx, workspace_id, text, ask.limit).await?;
    let said: Vec<ConversationId> = said
        .into_iter()
        .filter(|id| !threads.contains_key(id))
        .collect();
    if !said.is_empty() {
        for thread in conversations::list_by_id(tx, workspace_id, &said).await? {
            threads.insert(thread.id, thread);
        }
    }
    let mut threads: Vec<Conversation> = threads
        .into_values()
        .filter(|thread| thread.merged_into.is_none() && shows(ask.view, thread))
        .filter(|thread| ask.channel_id.is_none_or(|id| thread.channel_id == id))
        .collect();
    threads.sort_by_key(|thread| std::cmp::Reverse((thread.last_at, thread.id)));
    threads.truncate(usize::try_from(ask.limit).unwrap_or(0));
    Ok(threads)
}

fn shows(view: View, thread: &Conversation) -> bool {
    let open = thread.state == ConversationState::Open;
    match view {
        View::All => true,
        View::Mine(user) => open && thread.assignee_id == Some(user),
        View::Unassigned => open && thread.assignee_id.is_none(),
        View::Waiting => open && thread.is_waiting(),
        View::Resolved => !open,
    }
}

/// One conversation; one that was joined to another is that other.
///
/// # Errors
/// `not_found`.
pub async fn get(app: &App, by: &Caller, id: ConversationId) -> Result<Row> {
    by.must(Permission::ConversationsRead)?;
    let row = app
        .store
        .read((by.workspace_id, id), |tx, (workspace_id, id)| {
            Box::pin(async move {
                let thread = conversations::get(tx, *workspace_id, *id).await?;
                let row = rows(tx, *workspace_id, vec![thread])
                    .await?
                    .into_iter()
                    .next();
                row.ok_or(store::Error::NotFound("conversation")).map(Ok)
            })
        });
    told(row.await)
}

/// The numbers above the list.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn counts(app: &App, by: &Caller) -> Result<Counts> {
    by.must(Permission::ConversationsRead)?;
    let counts = app.store.read(
        (by.workspace_id, by.user_id()),
        |tx, (workspace_id, user_id)| Box::pin(conversations::counts(tx, *workspace_id, *user_id)),
    );
    Ok(counts.await?)
}

/// Joins what a page of threads shows: three statements for the page.
pub(crate) async fn rows(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    threads: Vec<Conversation>,
) -> store::Result<Vec<Row>> {
    if threads.is_empty() {
        return Ok(vec![]);
    }
    let ids: BTreeSet<ContactId> = threads.iter().map(|thread| thread.contact_id).collect();
    let ids: Vec<ContactId> = ids.into_iter().collect();
    let people: BTreeMap<ContactId, Contact> = contacts::list(tx, workspace_id, &ids)
        .await?
        .into_iter()
        .map(|contact| (contact.id, contact))
        .collect();
    let standing: BTreeMap<ContactId, Lead> = leads::standing_for(tx, workspace_id, &ids)
        .await?
        .into_iter()
        .map(|lead| (lead.contact_id, lead))
        .collect();
    let numbers: BTreeMap<ChannelId, Channel> = channels::list(tx, workspace_id)
        .await?
        .into_iter()
        .map(|channel| (channel.id, channel))
        .collect();
    let rows = threads.into_iter().filter_map(|thread| {
        Some(Row {
            contact: people.get(&thread.contact_id)?.clone(),
            channel: numbers.get(&thread.channel_id)?.clone(),
            lead: standing.get(&thread.contact_id).cloned(),
            thread,
        })
    });
    Ok(rows.collect())
}
