//! A preview: whose chat the file is, and what of it is new.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use domain::chat_export::{self, Choices, Facts, Names, Preview, Us, Whom};
use domain::id::{ChannelId, ContactId, ConversationId, WorkspaceId};
use domain::people::{Contact, Identity, IdentityKind};
use domain::phone::Phone;
use jiff::{SignedDuration, Timestamp};
use rlibphonenumber::enums::Region;
use store::imports::LiveMessage;
use store::{Tx, channels, contacts, conversations, imports, search, users, workspaces};

use super::container::{CAPS, Container};
use super::digest::{self, Digest, Planned};
use crate::caller::Caller;
use crate::error::told;
use crate::{App, Error, Result};

/// Keys that are looked for at once.
const KEYS: usize = 500;
/// Participants whom the preview looks for among the contacts.
const LOOKED_FOR: usize = 12;

/// Runs what takes a while on a thread that nobody waits for.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Files(error.to_string()))
}

pub(super) async fn open(bytes: Bytes, file_name: Option<String>) -> Result<Container> {
    Ok(aside(move || Container::open(bytes, file_name.as_deref(), CAPS)).await??)
}

/// Reads the whole file with these choices; gives the container back.
pub(super) async fn digest(
    app: &App,
    container: Container,
    choices: &Choices,
) -> Result<(Container, Digest)> {
    let (choices, now) = (choices.clone(), app.clock.business_now());
    aside(move || digest::digest(&container, &choices, now).map(|digest| (container, digest)))
        .await?
        .map_err(Into::into)
}

/// The first choices for a file: what can be told from it and from the people we know.
pub(super) async fn first_choices(
    app: &App,
    by: &Caller,
    container: Container,
    channel_id: ChannelId,
    contact_id: Option<ContactId>,
    time_zone: String,
) -> Result<(Container, Choices)> {
    let mut choices = Choices {
        us: Us::Unknown,
        whom: contact_id.map_or(Whom::Unknown, |id| Whom::Contact { id }),
        date_order: None,
        time_zone,
        make_lead: false,
        include_group: false,
    };
    let (given, now) = (choices.clone(), app.clock.business_now());
    let (container, facts) =
        aside(move || digest::facts(&container, &given, now).map(|facts| (container, facts)))
            .await??;
    let names = names(app, by, channel_id, contact_id).await?;
    let title = container
        .titles
        .iter()
        .find_map(|name| chat_export::title_of(name));
    if let Some(name) = chat_export::guess_us(&facts, title.as_deref(), &names) {
        choices.us = Us::Named { name };
    }
    if choices.whom == Whom::Unknown {
        choices.whom = whom(app, by, &facts, &choices.us).await?;
    }
    Ok((container, choices))
}

async fn names(
    app: &App,
    by: &Caller,
    channel_id: ChannelId,
    contact_id: Option<ContactId>,
) -> Result<Names> {
    let input = (by.workspace_id, channel_id, contact_id);
    let names = app
        .store
        .read(input, |tx, (workspace_id, channel_id, contact_id)| {
            Box::pin(async move {
                let channel = channels::get(tx, *workspace_id, *channel_id).await?;
                let mut ours = vec![workspaces::get(tx, *workspace_id).await?.name, channel.name];
                ours.extend(channel.phone.map(|digits| format!("+{digits}")));
                let people = users::list(tx, *workspace_id).await?;
                ours.extend(people.into_iter().map(|user| user.name));
                let theirs = match contact_id {
                    Some(id) => names_of(&contacts::get(tx, *workspace_id, *id).await?),
                    None => vec![],
                };
                Ok(Ok(Names { ours, theirs }))
            })
        });
    told(names.await)
}

fn names_of(contact: &Contact) -> Vec<String> {
    let phone = contact.phone.as_ref().map(|digits| format!("+{digits}"));
    [contact.name.clone(), contact.profile_name.clone(), phone]
        .into_iter()
        .flatten()
        .collect()
}

/// Whose chat of two it is: a contact that we know, or a number that we do not.
async fn whom(app: &App, by: &Caller, facts: &Facts, us: &Us) -> Result<Whom> {
    let others: Vec<&str> = facts
        .participants
        .iter()
        .map(|one| one.name.as_str())
        .filter(|name| !us.is(name))
        .collect();
    let [them] = others.as_slice() else {
        return Ok(Whom::Unknown);
    };
    if *us == Us::Unknown {
        return Ok(Whom::Unknown);
    }
    let known = known(app, by.workspace_id, vec![(*them).to_owned()]).await?;
    if let Some((_, id)) = known.first() {
        return Ok(Whom::Contact { id: *id });
    }
    let phone = phone_of(them);
    Ok(phone.map_or(Whom::Unknown, |phone| Whom::New {
        name: None,
        phone: Some(phone),
    }))
}

/// A participant without a name in the address book is a number.
#[must_use]
pub fn phone_of(name: &str) -> Option<String> {
    let phone = Phone::parse(name, Region::IL).ok()?;
    Some(phone.digits().to_owned())
}

/// The contacts that these participants are: by their number, or by a name that one contact alone has.
async fn known(
    app: &App,
    workspace_id: WorkspaceId,
    names: Vec<String>,
) -> Result<Vec<(String, ContactId)>> {
    let found = app
        .store
        .read((workspace_id, names), |tx, (workspace_id, names)| {
            Box::pin(async move {
                let mut found = Vec::new();
                for name in names {
                    if let Some(id) = known_one(tx, *workspace_id, name).await? {
                        found.push((name.clone(), id));
                    }
                }
                Ok(found)
            })
        });
    Ok(found.await?)
}

async fn known_one(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    name: &str,
) -> store::Result<Option<ContactId>> {
    if let Some(value) = phone_of(name) {
        let identity = Identity {
            kind: IdentityKind::Phone,
            scope: String::new(),
            value,
        };
        let owners = contacts::owners(tx, workspace_id, &[identity]).await?;
        let owner = owners
            .into_iter()
            .find(|(_, row)| row.retired_at.is_none())
            .map(|(_, row)| row.contact_id);
        return Ok(owner);
    }
    let ids = search::contacts(tx, workspace_id, name, 20).await?;
    let plain = domain::text::search_text(name);
    let mut same = contacts::list(tx, workspace_id, &ids).await?;
    same.retain(|contact| {
        contact.merged_into.is_none()
            && names_of(contact)
                .iter()
                .any(|known| domain::text::search_text(known) == plain)
    });
    Ok(match same.as_slice() {
        [one] if !plain.is_empty() => Some(one.id),
        _ => None,
    })
}

/// What would become of the file with these choices.
pub(super) async fn preview(
    app: &App,
    by: &Caller,
    container: Container,
    channel_id: ChannelId,
    choices: &Choices,
) -> Result<Preview> {
    let (_container, digest) = digest(app, container, choices).await?;
    let names = digest
        .facts
        .participants
        .iter()
        .filter(|one| !choices.us.is(&one.name))
        .take(LOOKED_FOR)
        .map(|one| one.name.clone())
        .collect();
    let known = known(app, by.workspace_id, names).await?;
    let thread = thread_of(app, by.workspace_id, channel_id, &choices.whom).await?;
    let there = match thread {
        Some(thread) => there(app, by.workspace_id, thread, &digest).await?.len(),
        None => 0,
    };
    let messages = digest.planned.len();
    Ok(Preview {
        facts: digest.facts,
        known,
        first: digest.first,
        last: digest.last,
        messages: messages as u64,
        media: digest.media,
        files: digest.files,
        new: (messages - there) as u64,
        already_there: there as u64,
        sample: digest.sample,
    })
}

/// The conversation into which the chat would go, where there is one.
async fn thread_of(
    app: &App,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    whom: &Whom,
) -> Result<Option<ConversationId>> {
    let input = (workspace_id, channel_id, whom.clone());
    let found = app
        .store
        .read(input, |tx, (workspace_id, channel_id, whom)| {
            Box::pin(async move {
                let contact = match whom {
                    Whom::Contact { id } => Some(contacts::get(tx, *workspace_id, *id).await?.id),
                    Whom::New {
                        phone: Some(phone), ..
                    } => known_one(tx, *workspace_id, &format!("+{phone}")).await?,
                    Whom::New { .. } | Whom::Unknown => None,
                };
                let Some(contact) = contact else {
                    return Ok(Ok(None));
                };
                let all = conversations::of_contacts(tx, *workspace_id, &[contact]).await?;
                let thread = all
                    .into_iter()
                    .find(|thread| thread.channel_id == *channel_id);
                Ok(Ok(thread.map(|thread| thread.id)))
            })
        });
    told(found.await)
}

/// Which of the messages the conversation has already, from an earlier export or because they came another way.
async fn there(
    app: &App,
    workspace_id: WorkspaceId,
    thread: ConversationId,
    digest: &Digest,
) -> Result<HashSet<usize>> {
    let mut there = live_ones(app, workspace_id, thread, digest).await?;
    for (piece, first) in digest.planned.chunks(KEYS).zip((0..).step_by(KEYS)) {
        let known = known_keys(app, workspace_id, thread, piece).await?;
        let nths = piece
            .iter()
            .zip(first..)
            .filter(|(planned, _)| known.contains(&planned.key))
            .map(|(_, nth)| nth);
        there.extend(nths);
    }
    Ok(there)
}

pub(super) async fn known_keys(
    app: &App,
    workspace_id: WorkspaceId,
    thread: ConversationId,
    piece: &[Planned],
) -> Result<BTreeSet<String>> {
    let keys: Vec<String> = piece.iter().map(|planned| planned.key.clone()).collect();
    let known = app
        .store
        .read((workspace_id, thread, keys), |tx, (id, thread, keys)| {
            Box::pin(imports::known_keys(tx, *id, *thread, keys.clone()))
        });
    Ok(known.await?)
}

/// Which of the messages came another way. A group has no conversation of its own, so there is nothing to compare.
pub(super) async fn live_ones(
    app: &App,
    workspace_id: WorkspaceId,
    thread: ConversationId,
    digest: &Digest,
) -> Result<HashSet<usize>> {
    const PAGE: i64 = 1000;
    if digest.facts.group {
        return Ok(HashSet::new());
    }
    let margin = SignedDuration::from_mins(3);
    let (from, until): (Timestamp, Timestamp) = (digest.first - margin, digest.last + margin);
    let mut all: Vec<LiveMessage> = Vec::new();
    let mut after = (from, None);
    loop {
        let input = Arc::new((workspace_id, thread, after, until));
        let page = app.store.read(input, |tx, input| {
            let (workspace_id, thread, after, until) = **input;
            Box::pin(imports::live_messages(
                tx,
                workspace_id,
                thread,
                after,
                until,
                PAGE,
            ))
        });
        let page = page.await?;
        let Some(last) = page.last() else { break };
        after = (last.at, Some(last.id));
        let is_last = (page.len() as i64) < PAGE;
        all.extend(page);
        if is_last {
            break;
        }
    }
    Ok(digest::came_live(&digest.planned, &all))
}
