//! What a business does in a chat besides sending: reading, typing, reacting; and fetching files.

use axum::response::{IntoResponse, Response};

use crate::clock::SECOND;
use crate::core::{Core, Tx};
use crate::graph::file_bytes;
use crate::world::{From, Mark, Record, ThreadChange};

/// Reads a person's messages: all, or the one of an id. `None` when the disk failed.
pub async fn read(core: &Core, number: &str, phone: &str, only: Option<&str>) -> Option<()> {
    core.commit(|tx| {
        let person = person(tx, phone);
        let unread: Vec<String> = person
            .and_then(|person| tx.world().thread(number, &person))
            .into_iter()
            .flat_map(|thread| thread.messages.iter())
            .filter_map(|at| tx.world().messages.get(*at))
            .filter(|one| one.from == From::Person && one.state.read_at.is_none())
            .filter(|one| only.is_none_or(|id| id == one.wamid))
            .map(|one| one.wamid.clone())
            .collect();
        for wamid in unread {
            mark(tx, &wamid, Mark::Read);
        }
    })
    .await
}

/// Shows the person that an answer is being written, or no longer.
pub async fn typing(core: &Core, number: &str, phone: &str, on: bool) -> Option<()> {
    core.commit(|tx| {
        if let Some(person) = person(tx, phone) {
            let change = if on {
                let until = tx.now + 25 * SECOND;
                ThreadChange::Typing { until }
            } else {
                ThreadChange::TypingEnded
            };
            tx.record(Record::Thread {
                number: number.to_owned(),
                person: person.clone(),
                change,
            });
            crate::phone::tell_chat(tx, number, &person);
        }
    })
    .await
}

fn person(tx: &Tx<'_>, phone: &str) -> Option<String> {
    let person = tx.world().person_with_phone(phone);
    person.map(|person| person.id.clone())
}

/// Something happens to a message that is there.
pub fn mark(tx: &mut Tx<'_>, wamid: &str, mark: Mark) {
    tx.record(Record::Mark {
        wamid: wamid.to_owned(),
        at: tx.now,
        mark,
    });
    crate::phone::tell_message(tx, wamid);
}

/// The business reacts; an empty emoji takes the reaction back. False when there is no such message.
pub async fn react(core: &Core, wamid: &str, emoji: &str) -> Option<bool> {
    core.commit(|tx| {
        let there = tx.world().message(wamid).is_some();
        if there {
            let (from, emoji) = (From::Business, emoji.to_owned());
            mark(tx, wamid, Mark::Reaction { from, emoji });
        }
        there
    })
    .await
}

/// A file of a number, by its id with or without an ending.
pub async fn file(core: &Core, number: &str, name: &str) -> Option<Response> {
    let id = name.split('.').next().unwrap_or("");
    let media = core.state().world.media.get(id).cloned();
    let media = media.filter(|media| media.number == number)?;
    let bytes = file_bytes(core, id).await?;
    Some(([("content-type", media.mime_type)], bytes).into_response())
}
