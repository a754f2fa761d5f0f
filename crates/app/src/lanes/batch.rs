//! Applying a batch: load, fold, save, mark as applied, in one transaction. One that the database refuses is halved
//! until the bad item stands alone; that goes to quarantine and the others apply.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::event::Actor;
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::MessageId;
use domain::id::WorkspaceId;
use domain::inbound::{Mint, Place, World};
use domain::report::{Person, ProviderError, Report};
use jiff::Timestamp;
use store::journal::Quarantined;
use store::lease::Epoch;
use store::world::Keys;
use store::{Tx, attention, jobs, journal, world};
use whatsapp::speaker::Speaker;

use super::answers::AfterAnswers;
use super::understand::{Item, Understood};
use crate::chance::Ids;
use crate::{App, close_attention};

/// Items that one transaction holds: some five milliseconds of work, so that what comes from outside is kept, and
/// answered, in between. Half of it or twice as much measures no better (docs/performance.md).
const ITEMS: usize = 24;
/// The same when the lane is behind: fewer, larger transactions carry more, and it catches up.
const ITEMS_BEHIND: usize = 160;

struct Batch {
    workspace_id: WorkspaceId,
    items: Vec<Item>,
    quarantined: Vec<Quarantined>,
    /// Entries that are done with this batch.
    whole: Vec<i64>,
    /// Entries of which so many items are done.
    parts: Vec<(i64, i64)>,
    now: Timestamp,
    machine_now: Timestamp,
    ids: Arc<Ids>,
    after: AfterAnswers,
    speaker: Speaker,
}

pub(super) async fn apply(
    app: &App,
    epoch: Epoch,
    workspace_id: WorkspaceId,
    understood: Understood,
) -> crate::Result<()> {
    let Understood {
        items,
        mut quarantined,
        entries,
    } = understood;
    let mut done: BTreeSet<i64> = BTreeSet::new();
    let mut rest = items.as_slice();
    let most = if rest.len() > ITEMS_BEHIND {
        ITEMS_BEHIND
    } else {
        ITEMS
    };
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(most));
        rest = later;
        // Entries before the one that the next items belong to are whole now.
        let next = rest.first().map(|item| item.journal_seq);
        let whole: Vec<i64> = entries
            .iter()
            .copied()
            .filter(|seq| next.is_none_or(|next| *seq < next) && done.insert(*seq))
            .collect();
        let last = now.last().map(|item| (item.journal_seq, item.position + 1));
        let parts = last
            .filter(|(seq, _)| Some(*seq) == next)
            .into_iter()
            .collect();
        halve(
            app,
            epoch,
            workspace_id,
            now,
            std::mem::take(&mut quarantined),
            whole,
            parts,
        )
        .await?;
    }
    let left: Vec<i64> = entries
        .into_iter()
        .filter(|seq| !done.contains(seq))
        .collect();
    if !left.is_empty() || !quarantined.is_empty() {
        run(
            app,
            epoch,
            batch(app, workspace_id, vec![], quarantined, left, vec![]),
        )
        .await?;
    }
    Ok(())
}

/// Tries the items together, and in halves where that fails for what they are.
async fn halve(
    app: &App,
    epoch: Epoch,
    workspace_id: WorkspaceId,
    items: &[Item],
    quarantined: Vec<Quarantined>,
    whole: Vec<i64>,
    parts: Vec<(i64, i64)>,
) -> crate::Result<()> {
    // Pieces still to do, the next on top. Marks go with the last piece.
    let mut pieces: Vec<&[Item]> = vec![items];
    let mut aside = quarantined;
    while let Some(piece) = pieces.pop() {
        let is_last = pieces.is_empty();
        let (whole, parts) = if is_last {
            (whole.clone(), parts.clone())
        } else {
            (vec![], vec![])
        };
        let attempt = batch(
            app,
            workspace_id,
            piece.to_vec(),
            aside.clone(),
            whole,
            parts,
        );
        match run(app, epoch, attempt).await {
            Ok(()) => aside.clear(),
            Err(crate::Error::Store(error)) if is_about_the_data(&error) => match piece {
                [] => return Err(error.into()),
                [bad] => {
                    tracing::warn!(
                        journal_seq = bad.journal_seq,
                        position = bad.position,
                        "an item is put aside"
                    );
                    aside.push(Quarantined {
                        journal_seq: bad.journal_seq,
                        position: bad.position,
                        reason: "database_refused".to_owned(),
                    });
                    pieces.push(&[]);
                }
                several => {
                    let (first, second) = several.split_at(several.len() / 2);
                    pieces.push(second);
                    pieces.push(first);
                }
            },
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether trying the same again is pointless. A name that was taken meanwhile is not: the next look finds it.
const fn is_about_the_data(error: &store::Error) -> bool {
    matches!(
        error,
        store::Error::BadValue(_) | store::Error::Corrupt { .. }
    )
}

fn batch(
    app: &App,
    workspace_id: WorkspaceId,
    items: Vec<Item>,
    quarantined: Vec<Quarantined>,
    whole: Vec<i64>,
    parts: Vec<(i64, i64)>,
) -> Batch {
    Batch {
        workspace_id,
        items,
        quarantined,
        whole,
        parts,
        now: app.clock.business_now(),
        machine_now: app.clock.machine_now(),
        ids: Arc::clone(&app.ids),
        after: AfterAnswers::new(app),
        speaker: app.speaker.clone(),
    }
}

async fn run(app: &App, epoch: Epoch, batch: Batch) -> crate::Result<()> {
    let count = batch.items.len();
    app.store
        .write_as(epoch, batch, |tx, batch| Box::pin(apply_in(tx, batch)))
        .await?;
    metrics::counter!("kesher_items_applied").increment(count as u64);
    Ok(())
}

async fn apply_in(tx: &mut Tx, batch: &Batch) -> store::Result<()> {
    let workspace_id = batch.workspace_id;
    if !batch.items.is_empty() {
        let mut state = world::load(tx, workspace_id, &keys(&batch.items)).await?;
        fold(&mut state, batch);
        follow_up(tx, batch, &state).await?;
        let answers = std::mem::take(&mut state.answers);
        let typed = std::mem::take(&mut state.typed);
        for message_id in &state.settled {
            // Its report tells what a person was asked about.
            let asked = close_attention::of_message(*message_id);
            close_attention::close(tx, workspace_id, asked, Actor::SYSTEM, batch.now).await?;
        }
        let accounts: BTreeMap<_, _> = batch
            .items
            .iter()
            .filter_map(|item| {
                item.account_id
                    .map(|account| (item.place.connection_id, account))
            })
            .collect();
        world::save(
            tx,
            workspace_id,
            state,
            &accounts,
            batch.now,
            batch.machine_now,
        )
        .await?;
        let places: Vec<&Place> = batch.items.iter().map(|item| &item.place).collect();
        batch
            .after
            .run(tx, workspace_id, &places, answers, typed)
            .await?;
    }
    if !batch.quarantined.is_empty() {
        journal::quarantine(tx, workspace_id, &batch.quarantined, batch.now).await?;
        let event = NewEvent::new(
            EventKind::QuarantineAdded,
            batch.now,
            Actor::SYSTEM,
            Subjects::default(),
        );
        tx.emit(workspace_id, event.with("count", batch.quarantined.len()));
    }
    journal::applied(tx, workspace_id, &batch.whole, &batch.parts).await
}

fn fold(state: &mut World, batch: &Batch) {
    let ids = Arc::clone(&batch.ids);
    let mut chance = move || ids.chance();
    let mut mint = Mint {
        chance: &mut chance,
    };
    for item in &batch.items {
        let understood = |error: &ProviderError| batch.speaker.failure_of(item.provider, error);
        state.apply(item.report.clone(), &item.place, &mut mint, &understood);
    }
}

/// What else follows from the batch: somebody should look at what came late, and the truth behind a hint is read.
async fn follow_up(tx: &mut Tx, batch: &Batch, state: &World) -> store::Result<()> {
    for message_id in &state.late {
        let conversation_id = state
            .messages
            .get(message_id)
            .map(|row| row.now.conversation_id);
        let item = attention::Attention {
            id: batch.ids.next(batch.now),
            kind: "message_late".to_owned(),
            conversation_id,
            message_id: Some(*message_id),
            facts: BTreeMap::new(),
            created_at: batch.now,
        };
        attention::raise(tx, batch.workspace_id, &item).await?;
        let subjects = Subjects {
            conversation_id,
            message_id: Some(*message_id),
            ..Subjects::default()
        };
        tx.emit(
            batch.workspace_id,
            NewEvent::new(
                EventKind::AttentionRaised,
                batch.now,
                Actor::SYSTEM,
                subjects,
            )
            .with("kind", "message_late"),
        );
    }
    for event in state
        .events
        .iter()
        .filter(|event| event.kind == EventKind::ProviderHint)
    {
        let Some(channel_id) = event.subjects.channel_id else {
            continue;
        };
        let topic = event.facts.get("topic").map_or("", String::as_str);
        let kind = if topic.contains("template") {
            crate::jobs::READ_TEMPLATES
        } else {
            crate::jobs::READ_NUMBER
        };
        let job = jobs::Job {
            workspace_id: batch.workspace_id,
            id: batch.ids.next(batch.now),
            kind: kind.to_owned(),
            subject: channel_id.to_string(),
            payload: String::new(),
            due_at: batch.machine_now,
            tries: 0,
        };
        jobs::enqueue(tx, &job).await?;
    }
    Ok(())
}

/// Everything that the items name.
fn keys(items: &[Item]) -> Keys {
    let mut keys = Keys::default();
    for item in items {
        let place = &item.place;
        let mut person = |person: &Person| keys.identities.extend(person.identities(place));
        let mut provider_ids: Vec<&String> = Vec::new();
        let mut told_of: Option<&String> = None;
        match &item.report {
            Report::Message(message) | Report::Echo(message) | Report::History(message, _) => {
                person(&message.person);
                for card in own_cards(&message.content) {
                    person(&card);
                }
                provider_ids.push(&message.provider_id);
            }
            Report::Status(status) => {
                told_of = Some(&status.provider_id);
                if let Some(ours) = status
                    .our_id
                    .as_deref()
                    .and_then(|id| id.parse::<MessageId>().ok())
                {
                    keys.messages.insert(ours);
                }
            }
            Report::Reaction(reaction) => told_of = Some(&reaction.target),
            Report::Edit(edit) => told_of = Some(&edit.target),
            Report::Revoke(revoke) => told_of = Some(&revoke.target),
            Report::IdentityChanged(change) => {
                person(&change.before);
                person(&change.after);
            }
            Report::Preference(preference) => person(&preference.person),
            Report::PhoneBook { person: named, .. } => person(named),
            Report::Answered(answer) => person(&answer.person),
            Report::Hint(_) | Report::Notice(_) | Report::Typed { .. } => {}
        }
        if matches!(&item.report, Report::Hint(_) | Report::Notice(_))
            || matches!(&item.report, Report::Message(message) if message.group_id.is_some())
            || matches!(&item.report, Report::Status(status) if status.group_id.is_some())
        {
            keys.digests.insert(place.digest.clone());
        }
        if let Some(name) = told_of {
            provider_ids.push(name);
            keys.told_of
                .entry(place.connection_id)
                .or_default()
                .insert(name.clone());
        }
        keys.provider_ids
            .entry(place.connection_id)
            .or_default()
            .extend(provider_ids.into_iter().cloned());
    }
    keys
}

/// The people whose numbers a message of shared cards may tell.
fn own_cards(content: &domain::content::Content) -> Vec<Person> {
    let domain::content::Content::Contacts { cards } = content else {
        return vec![];
    };
    cards
        .iter()
        .filter(|card| card.own)
        .flat_map(|card| &card.phones)
        .filter_map(|phone| phone.wa_id.clone())
        .map(|phone| Person {
            phone: Some(phone),
            ..Person::default()
        })
        .collect()
}
