//! The life of a linked device: starting, showing codes, linked, and how the link is lost.

use crate::activity::Activity;
use crate::clock::{DAY, Millis, SECOND, rfc3339};
use crate::core::Tx;
use crate::providers::{self, Event};
use crate::world::{From, Gateway, LinkState, Record, Timer, World};

use serde_json::json;

/// How long the first code stands, and each one after it.
const FIRST_CODE: Millis = 60 * SECOND;
const NEXT_CODE: Millis = 20 * SECOND;

/// How long a queue keeps what cannot be sent.
const KEPT: Millis = DAY;

/// Begins to link, or to connect with the link there is.
pub fn start(tx: &mut Tx<'_>, id: &str) {
    let state = tx.world().gateway(id).map(|gateway| gateway.link.state);
    let under_way = matches!(state, Some(LinkState::Starting | LinkState::Scan));
    if under_way || state.is_some_and(LinkState::is_linked) {
        return;
    }
    change(tx, id, LinkState::Starting, None);
}

/// Brings a link into another state, tells it, and sets what follows from it.
pub fn change(tx: &mut Tx<'_>, id: &str, to: LinkState, until: Option<Millis>) {
    let Some(mut gateway) = tx.world().gateway(id).cloned() else {
        return;
    };
    let link = &mut gateway.link;
    link.state = to;
    link.until = match to {
        // Without an end it lasts a day, which is the shortest that was seen.
        LinkState::Timelocked => Some(until.unwrap_or(tx.now + DAY)),
        LinkState::Linked | LinkState::LoggedOut | LinkState::Banned => None,
        // A restart does not end a timelock.
        _ => link.until,
    };
    let until = link.until;
    link.turn += 1;
    link.codes = u32::from(to == LinkState::Scan);
    match to {
        LinkState::Scan => link.pair_code = Some(pair_code(tx)),
        LinkState::LoggedOut | LinkState::Banned => link.paired = false,
        _ if to.is_linked() => link.paired = true,
        _ => {}
    }
    if link.past.len() == 5 {
        link.past.remove(0);
    }
    link.past.push((to, tx.now));
    let turn = link.turn;
    tx.record(gateway.clone().record());
    tx.note(Activity {
        kind: "link",
        what: json!(to).as_str().unwrap_or("").to_owned(),
        outcome: "done".to_owned(),
        number: id.to_owned(),
        summary: json!({"until": until.map(rfc3339)}),
        ..Activity::default()
    });
    providers::tell(tx, id, &Event::Link(to));
    let next = match to {
        LinkState::Starting => Some(tx.world().settings.link_ms),
        LinkState::Scan => Some(FIRST_CODE),
        LinkState::Timelocked => until.map(|until| (until - tx.now).max(0)),
        _ => None,
    };
    if let Some(delay) = next {
        let gateway = id.to_owned();
        tx.after(delay, Timer::Link { gateway, turn });
    }
    if to.sends() {
        release(tx, id);
    }
}

fn pair_code(tx: &mut Tx<'_>) -> String {
    let letters = |tx: &mut Tx<'_>| {
        (0..4)
            .map(|_| char::from(b'A' + u8::try_from(tx.state.chance.next() % 26).unwrap_or(0)))
            .collect::<String>()
    };
    format!("{}-{}", letters(tx), letters(tx))
}

/// What a link does by itself after a while, unless something else happened to it meanwhile.
pub fn fire(tx: &mut Tx<'_>, id: &str, turn: u64) {
    let Some(gateway) = tx
        .world()
        .gateway(id)
        .filter(|one| one.link.turn == turn)
        .cloned()
    else {
        return;
    };
    match gateway.link.state {
        LinkState::Starting if gateway.link.paired => {
            let until = gateway.link.until.filter(|until| *until > tx.now);
            let to = until.map_or(LinkState::Linked, |_| LinkState::Timelocked);
            change(tx, id, to, until);
        }
        LinkState::Starting => change(tx, id, LinkState::Scan, None),
        LinkState::Scan if gateway.link.codes >= gateway.provider.codes() => {
            change(tx, id, LinkState::Failed, None);
        }
        LinkState::Scan => next_code(tx, gateway),
        LinkState::Timelocked => change(tx, id, LinkState::Linked, None),
        _ => {}
    }
}

fn next_code(tx: &mut Tx<'_>, mut gateway: Gateway) {
    gateway.link.codes += 1;
    let (id, turn) = (gateway.id.clone(), gateway.link.turn);
    tx.record(gateway.record());
    providers::tell(tx, &id, &Event::Code);
    tx.after(NEXT_CODE, Timer::Link { gateway: id, turn });
}

/// Whether a number's messages wait because its device cannot send.
pub fn holds_back(world: &World, number: &str) -> bool {
    world
        .gateway(number)
        .is_some_and(|gateway| gateway.provider.is_linked_device() && !gateway.link.state.sends())
}

/// The messages of a number that have not left yet.
pub fn queued<'a>(
    world: &'a World,
    number: &str,
) -> impl Iterator<Item = &'a crate::world::Message> {
    let number = number.to_owned();
    world.messages.iter().filter(move |message| {
        message.number == number
            && message.from == From::Business
            && message.is_submission()
            && message.state.sent_at.is_none()
            && message.state.failed.is_none()
    })
}

/// What waited goes out; what is too old is dropped.
fn release(tx: &mut Tx<'_>, id: &str) {
    let now = tx.now;
    let waiting: Vec<(String, Millis)> = queued(tx.world(), id)
        .map(|message| (message.wamid.clone(), message.at))
        .collect();
    for (wamid, at) in waiting {
        if now - at > KEPT {
            let mark = crate::world::Mark::Failed { code: 131_016 };
            tx.record(Record::Mark {
                wamid,
                at: now,
                mark,
            });
        } else {
            let delay = departure(tx, id);
            tx.after(delay, Timer::Send { wamid });
        }
    }
}

/// After how long the next message of a number leaves: at once, or in its turn where the provider
/// keeps a queue with a gap of its own (`config.delaySendMessagesMilliseconds`).
pub fn departure(tx: &mut Tx<'_>, id: &str) -> Millis {
    let base = tx.world().settings.sent_ms;
    let gap = tx
        .world()
        .gateway(id)
        .and_then(|gateway| gateway.config.get("delaySendMessagesMilliseconds"))
        .and_then(serde_json::Value::as_i64);
    let Some(gap) = gap else {
        return base;
    };
    let earliest = tx.now + base;
    let last = tx.state.departures.get(id).copied();
    let leaves = last.map_or(earliest, |last| earliest.max(last + gap));
    tx.state.departures.insert(id.to_owned(), leaves);
    leaves - tx.now
}
