//! Loading and saving the part of the state that a batch of reports touches (see `domain::inbound`): a dozen
//! statements for the whole batch, however many reports it has.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{AccountId, ConnectionId, ContactId, MessageId, WorkspaceId};
use domain::inbound::World;
use domain::message::Message;
use domain::people::Identity;
use jiff::Timestamp;

use crate::error::Result;
use crate::media::{Media, MediaState};
use crate::sql::{Column, Dialect, Insert};
use crate::tx::{Tx, Wake};
use crate::value::list;
use crate::{channels, contacts, conversations, leads, media, messages, outbox, params, sql};

/// What a batch names.
#[derive(Debug, Default, Clone)]
pub struct Keys {
    pub identities: BTreeSet<Identity>,
    /// Provider ids of messages, their own and those that they speak of.
    pub provider_ids: BTreeMap<ConnectionId, BTreeSet<String>>,
    /// Those of them of which something is told: a receipt, a reaction, an edit.
    pub told_of: BTreeMap<ConnectionId, BTreeSet<String>>,
    /// Our own ids, echoed.
    pub messages: BTreeSet<MessageId>,
    pub digests: BTreeSet<String>,
}

static SEEN: Insert = Insert {
    table: "seen_changes",
    columns: &[
        ("workspace_id", Column::Text),
        ("digest", Column::Text),
        ("seen_at", Column::Int),
    ],
    on_conflict: "(workspace_id, digest) DO NOTHING",
};

/// Loads everything that the batch may touch, and holds it until the end of the transaction.
///
/// # Errors
/// As the database says.
pub async fn load(tx: &mut Tx, workspace_id: WorkspaceId, keys: &Keys) -> Result<World> {
    let mut world = World::default();
    hold_connections(tx, workspace_id, keys).await?;
    let contacts = load_people(tx, workspace_id, keys, &mut world).await?;
    load_conversations(tx, workspace_id, keys, &contacts, &mut world).await?;
    for lead in leads::open_of(tx, workspace_id, &contacts).await? {
        world.add_lead(lead);
    }
    load_messages(tx, workspace_id, keys, &mut world).await?;
    let digests: Vec<String> = keys.digests.iter().cloned().collect();
    if !digests.is_empty() {
        let rows = tx
            .query(
                "seen_changes",
                sql!(
                    "SELECT digest FROM seen_changes WHERE workspace_id = ?1 AND digest in_list(?2)"
                ),
                params![workspace_id, digests],
            )
            .await?;
        for mut row in rows {
            world.seen.insert(row.get()?);
        }
    }
    Ok(world)
}

/// What is told of a message may come while the answer that names it is being recorded: then one waits for the other.
async fn hold_connections(tx: &mut Tx, workspace_id: WorkspaceId, keys: &Keys) -> Result<()> {
    if tx.dialect() == Dialect::Sqlite {
        // One writer: nothing passes by.
        return Ok(());
    }
    for (connection_id, names) in &keys.told_of {
        let all: Vec<String> = names.iter().cloned().collect();
        let known = messages::count_known(tx, workspace_id, *connection_id, all).await?;
        if usize::try_from(known).unwrap_or(0) < names.len() {
            channels::hold_connection(tx, workspace_id, *connection_id, true).await?;
        }
    }
    Ok(())
}

async fn load_people(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    keys: &Keys,
    world: &mut World,
) -> Result<Vec<ContactId>> {
    let named: Vec<Identity> = keys.identities.iter().cloned().collect();
    let owners = contacts::owners(tx, workspace_id, &named).await?;
    let ids: BTreeSet<ContactId> = owners.iter().map(|(_, row)| row.contact_id).collect();
    let ids: Vec<ContactId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(ids);
    }
    for contact in contacts::list_locked(tx, workspace_id, &ids).await? {
        world.add_contact(contact);
    }
    for (identity, row) in contacts::identities(tx, workspace_id, &ids).await? {
        world.add_identity(identity, row);
    }
    Ok(ids)
}

/// All conversations that the batch may touch, held in one statement in the order of their ids.
async fn load_conversations(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    keys: &Keys,
    contacts: &[ContactId],
    world: &mut World,
) -> Result<()> {
    let mut ids = conversations::ids_of_contacts(tx, workspace_id, contacts).await?;
    let ours: Vec<MessageId> = keys.messages.iter().copied().collect();
    let provider_ids: Vec<_> = keys
        .provider_ids
        .iter()
        .map(|(id, names)| (*id, names.iter().cloned().collect()))
        .collect();
    ids.extend(messages::conversations_of(tx, workspace_id, &ours, &provider_ids).await?);
    for thread in conversations::list_by_id(tx, workspace_id, &ids).await? {
        if thread.merged_into.is_none() {
            world.add_conversation(thread);
        }
    }
    Ok(())
}

async fn load_messages(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    keys: &Keys,
    world: &mut World,
) -> Result<()> {
    let mut found: BTreeMap<MessageId, Message> = BTreeMap::new();
    for (connection_id, provider_ids) in &keys.provider_ids {
        let ids: Vec<String> = provider_ids.iter().cloned().collect();
        for message in
            messages::list_by_provider_id(tx, workspace_id, *connection_id, ids.clone()).await?
        {
            found.insert(message.id, message);
        }
        for (key, fact) in messages::facts(tx, workspace_id, *connection_id, ids).await? {
            world.add_fact(key, fact);
        }
    }
    let ours: Vec<MessageId> = keys
        .messages
        .iter()
        .filter(|id| !found.contains_key(id))
        .copied()
        .collect();
    for message in messages::list_by_id(tx, workspace_id, &ours).await? {
        found.insert(message.id, message);
    }
    let threads: BTreeSet<_> = found
        .values()
        .map(|message| message.conversation_id)
        .collect();
    // A message may have got its provider's id since its conversation was looked for.
    let missing: Vec<_> = threads
        .into_iter()
        .filter(|id| !world.conversations.contains_key(id))
        .collect();
    if !missing.is_empty() {
        for thread in conversations::list_by_id(tx, workspace_id, &missing).await? {
            if thread.merged_into.is_none() {
                world.add_conversation(thread);
            }
        }
    }
    for message in found.into_values() {
        world.add_message(message);
    }
    Ok(())
}

/// Saves what the fold has changed, with its events, files to fetch and wakes.
///
/// `accounts` says from which account the files of a connection are fetched; `machine_now` is when they may be.
///
/// # Errors
/// As the database says.
pub async fn save(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    world: World,
    accounts: &BTreeMap<ConnectionId, AccountId>,
    now: Timestamp,
    machine_now: Timestamp,
) -> Result<()> {
    let changed: Vec<_> = world
        .contacts
        .values()
        .filter(|row| row.has_changed())
        .map(|row| &row.now)
        .collect();
    contacts::save(tx, workspace_id, &changed).await?;
    let changed: Vec<_> = world
        .identities
        .iter()
        .filter(|(_, row)| row.has_changed())
        .collect();
    contacts::save_identities(tx, workspace_id, &changed).await?;
    let changed: Vec<_> = world
        .leads
        .values()
        .filter(|row| row.has_changed())
        .map(|row| &row.now)
        .collect();
    leads::save(tx, workspace_id, &changed).await?;
    leads::delete(tx, workspace_id, &world.folded).await?;
    let changed: Vec<_> = world
        .conversations
        .values()
        .filter(|row| row.has_changed())
        .collect();
    conversations::save(tx, workspace_id, &changed).await?;
    for step in &world.moves {
        messages::move_all(tx, workspace_id, *step).await?;
    }
    let changed: Vec<_> = world
        .messages
        .values()
        .filter(|row| row.has_changed())
        .collect();
    let all: Vec<&Message> = changed.iter().map(|row| &row.now).collect();
    messages::save(tx, workspace_id, &all).await?;
    let reworded: Vec<&Message> = changed
        .iter()
        .filter(|row| {
            row.before
                .as_ref()
                .is_none_or(|before| before.edited != row.now.edited)
        })
        .map(|row| &row.now)
        .collect();
    messages::make_searchable(tx, workspace_id, &reworded).await?;
    let facts: Vec<_> = world
        .facts
        .iter()
        .flat_map(|(key, facts)| {
            facts
                .iter()
                .filter(|fact| fact.is_new)
                .map(move |fact| (key, &fact.fact))
        })
        .collect();
    messages::save_facts(tx, workspace_id, &facts).await?;
    let seen = world
        .newly_seen
        .iter()
        .map(|digest| vec![workspace_id.into(), digest.into(), now.into()]);
    tx.insert_many(&SEEN, seen.collect()).await?;
    outbox::settle(tx, workspace_id, &world.settled).await?;
    save_files(tx, workspace_id, &world, accounts, now, machine_now).await?;
    for (loser, survivor) in &world.merged {
        forget_contact(tx, workspace_id, *loser, *survivor).await?;
    }
    for event in world.events {
        tx.emit(workspace_id, event);
    }
    Ok(())
}

async fn save_files(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    world: &World,
    accounts: &BTreeMap<ConnectionId, AccountId>,
    now: Timestamp,
    machine_now: Timestamp,
) -> Result<()> {
    for (message_id, media_id) in &world.files {
        let Some(message) = world.messages.get(message_id).map(|row| &row.now) else {
            continue;
        };
        let Some(content) = message.content.media() else {
            continue;
        };
        let file = Media {
            id: *media_id,
            message_id: Some(*message_id),
            account_id: message
                .connection_id
                .and_then(|id| accounts.get(&id).copied()),
            state: MediaState::Pending,
            media_kind: content.media_kind,
            mime_type: content.mime_type.clone(),
            filename: content.filename.clone(),
            size_bytes: None,
            sha256: None,
            source: content.source.clone(),
            upload: None,
            tries: 0,
            next_try_at: Some(machine_now),
            created_at: now,
        };
        media::save(tx, workspace_id, &file).await?;
        tx.wake(Wake::Jobs);
    }
    Ok(())
}

/// Leads that were closed do not come with the batch: they follow their contact here.
async fn forget_contact(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    loser: ContactId,
    survivor: ContactId,
) -> Result<()> {
    tx.execute(
        sql!("UPDATE leads SET contact_id = ?3 WHERE workspace_id = ?1 AND contact_id in_list(?2)"),
        params![workspace_id, list([loser]), survivor],
    )
    .await?;
    Ok(())
}
