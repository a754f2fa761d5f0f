//! What becomes of a message after the API has accepted it: its statuses, in time.
//!
//! Meta answers 200 before it knows whether a message can be delivered; a closed window, a person who is not there, a stopped marketing, a missing payment all come later as a `failed` status. Here the outcome is settled at the acceptance and told by a timer.

use serde_json::{Value, json};

use crate::clock::{Millis, seconds};
use crate::core::Tx;
use crate::hooks;
use crate::people::identity_hash;
use crate::pricing::{Case, month, pricing};
use crate::providers;
use crate::statuses::tell;
use crate::world::{
    Carried, From, Mark, Message, Number, Person, Provider, Record, Template, Timer, World,
};

/// A message that passed every check of the API.
#[derive(Debug)]
pub struct Submission {
    pub number: String,
    /// The person's id, or the group's.
    pub person: String,
    pub group: bool,
    pub to: String,
    pub by_user_id: bool,
    pub kind: String,
    pub payload: Value,
    pub quoted: Option<String>,
    pub opaque: Option<String>,
    pub identity_hash: Option<String>,
    pub template: Option<Rendered>,
    /// What another provider than Meta decides about it.
    pub own: Option<Own>,
}

/// A submission through another provider's API.
#[derive(Debug, Default)]
pub struct Own {
    pub id: String,
    pub carried: Carried,
    /// Known beforehand: it will fail with this code.
    pub broken: Option<u32>,
    /// It leaves so much later, from a queue of the provider's own.
    pub delay: Option<Millis>,
    /// Free text at any time, and no price: an account of the app, driven by a linked device.
    pub linked_device: bool,
}

/// A template that is about to be sent.
#[derive(Debug)]
pub struct Rendered {
    pub card: Value,
    pub category: String,
    /// After how long an undelivered message is dropped.
    pub ttl_ms: Millis,
    /// Held back until it is known how people take the first ones (pacing).
    pub held: bool,
}

/// Takes a message in, and sets its first timer.
pub fn accept(tx: &mut Tx<'_>, submission: Submission) -> String {
    let now = tx.now;
    let person = tx.world().person(&submission.person).cloned();
    let thread = tx.world().thread(&submission.number, &submission.person);
    let window_open = submission.group || thread.is_some_and(|thread| thread.window_open(now));
    let phone = person
        .as_ref()
        .filter(|_| !submission.by_user_id)
        .map(|p| p.phone.clone());
    let own = submission.own.unwrap_or_default();
    let wamid = if own.id.is_empty() {
        tx.new_wamid(phone.as_deref(), false)
    } else {
        own.id
    };
    let held = submission
        .template
        .as_ref()
        .is_some_and(|template| template.held);
    let (card, category, ttl_ms) = match submission.template {
        Some(one) => (
            Some(one.card),
            Some(one.category.to_ascii_lowercase()),
            Some(one.ttl_ms),
        ),
        None if submission.kind == "reaction" || own.linked_device => (None, None, None),
        None => (None, Some("service".to_owned()), None),
    };
    let message = Message {
        wamid: wamid.clone(),
        at: now,
        from: From::Business,
        initiated: card.is_some() && !window_open,
        number: submission.number,
        person: submission.person,
        group: submission.group,
        kind: submission.kind,
        payload: submission.payload,
        quoted: submission.quoted,
        forwarded: false,
        referral: None,
        opaque: submission.opaque,
        to: submission.to,
        by_user_id: submission.by_user_id,
        card,
        category,
        ttl_ms,
        held,
        carried: (own.carried != Carried::default()).then(|| Box::new(own.carried)),
        state: crate::world::State::default(),
    };
    let obstacle = obstacle(
        tx.world(),
        &message,
        window_open || own.linked_device,
        submission.identity_hash.as_deref(),
        now,
    );
    let obstacle = own.broken.or(obstacle);
    tx.state.rates.sent(&message.number, now);
    tx.record(Record::Message {
        message: Box::new(message),
    });
    let delay = own.delay.unwrap_or(tx.world().settings.sent_ms);
    match obstacle {
        Some(code) => tx.after(
            delay,
            Timer::Fail {
                wamid: wamid.clone(),
                code,
            },
        ),
        None if held => {}
        None => tx.after(
            delay,
            Timer::Send {
                wamid: wamid.clone(),
            },
        ),
    }
    wamid
}

/// A text that was typed in the business's own app. It is free and no submission, so the ledger does
/// not list it.
pub fn echo(tx: &mut Tx<'_>, number: &Number, person: &str, text: &str) -> String {
    let phone = tx
        .world()
        .person(person)
        .map(|person| person.phone.clone())
        .unwrap_or_default();
    let wamid = match tx.world().provider_of(&number.id) {
        Provider::Meta | Provider::Dialog360 => tx.new_wamid(Some(&phone), false),
        provider => providers::echo_id(tx, provider, person),
    };
    let message = Message {
        wamid: wamid.clone(),
        at: tx.now,
        from: From::Business,
        number: number.id.clone(),
        person: person.to_owned(),
        group: false,
        kind: "text".to_owned(),
        payload: json!({"text": {"body": text}}),
        quoted: None,
        forwarded: false,
        referral: None,
        opaque: None,
        to: String::new(),
        by_user_id: false,
        card: None,
        category: None,
        initiated: false,
        ttl_ms: None,
        held: false,
        carried: None,
        state: crate::world::State::default(),
    };
    tx.record(Record::Message {
        message: Box::new(message),
    });
    tx.record(Record::Mark {
        wamid: wamid.clone(),
        at: tx.now,
        mark: Mark::Delivered,
    });
    crate::statuses::tell_echo(tx, number, person, &wamid, json!({"body": text}));
    crate::phone::tell_message(tx, &wamid);
    wamid
}

/// Ends the pacing of a template: the messages held back go out, or are dropped (132015).
pub fn end_pacing(tx: &mut Tx<'_>, template: &Template, drop: bool) {
    let of_template = |message: &&Message| {
        let card = message.card.as_ref().map(|card| &card["template"]);
        message.held
            && message.state.sent_at.is_none()
            && message.state.failed.is_none()
            && card.is_some_and(|card| {
                card["name"] == template.name.as_str()
                    && card["language"] == template.language.as_str()
            })
    };
    let held: Vec<String> = tx
        .world()
        .messages
        .iter()
        .filter(of_template)
        .map(|message| message.wamid.clone())
        .collect();
    for wamid in held {
        let timer = if drop {
            Timer::Fail {
                wamid,
                code: 132_015,
            }
        } else {
            Timer::Send { wamid }
        };
        tx.after(0, timer);
    }
}

/// Why a message will not arrive.
fn obstacle(
    world: &World,
    message: &Message,
    window_open: bool,
    hash: Option<&str>,
    now: Millis,
) -> Option<u32> {
    let number = world.number(&message.number)?;
    let linked_device = world.provider_of(&number.id).is_linked_device();
    let category = message.category.as_deref();
    if !message.group {
        let person = world.person(&message.person)?;
        if linked_device {
            // A block is not told: the message stays at one tick.
            return (!person.on_whatsapp).then_some(131_026);
        }
        if let Some(code) = unreachable(person, number, category, hash) {
            return Some(code);
        }
        if message.card.is_none() && !window_open {
            return Some(131_047);
        }
        if message.initiated && over_the_limit(world, message, now) {
            return Some(131_048);
        }
    }
    let waba = world.waba(&number.waba)?;
    if !waba.payment_method && category.is_some() {
        let service = category == Some("service");
        let sent = world.service_count(&number.id, &month(now, &waba.timezone));
        if !service || sent >= world.settings.free_service_messages {
            return Some(131_042);
        }
    }
    None
}

fn unreachable(
    person: &Person,
    number: &Number,
    category: Option<&str>,
    hash: Option<&str>,
) -> Option<u32> {
    if !person.on_whatsapp || person.blocked.contains(&number.id) {
        return Some(131_026);
    }
    if category == Some("marketing") && person.marketing_stopped.contains(&number.id) {
        return Some(131_050);
    }
    // Marketing to numbers of the USA is paused since 2025-04-01.
    if category == Some("marketing") && person.phone.starts_with('1') {
        return Some(131_049);
    }
    hash.filter(|hash| *hash != identity_hash(person))
        .map(|_| 137_000)
}

/// The portfolio has reached as many people outside windows in a day as its tier allows.
fn over_the_limit(world: &World, message: &Message, now: Millis) -> bool {
    let Some(portfolio) = world.portfolio_of(&message.number) else {
        return false;
    };
    let (reached, already) = world.reached(&portfolio.id, &message.person, now);
    !already && portfolio.limit().is_some_and(|limit| reached >= limit)
}

/// What a timer of a message does.
pub fn fire(tx: &mut Tx<'_>, timer: Timer) {
    match timer {
        Timer::Send { wamid } => send(tx, &wamid),
        Timer::Fail { wamid, code } => fail(tx, &wamid, code),
        Timer::Deliver { wamid } => deliver(tx, &wamid),
        Timer::Read { wamid } => see(tx, &wamid),
        Timer::Review { template } => crate::graph::reviewed(tx, &template),
        Timer::Link { gateway, turn } => providers::link::fire(tx, &gateway, turn),
        Timer::Unpause { template } => crate::graph::unpaused(tx, &template),
    }
}

fn send(tx: &mut Tx<'_>, wamid: &str) {
    let Some(message) = tx.world().message(wamid).cloned() else {
        return;
    };
    if message.state.failed.is_some()
        || message.state.sent_at.is_some()
        || providers::link::holds_back(tx.world(), &message.number)
    {
        return;
    }
    let (pricing, conversation, month) = price(tx.world(), &message, tx.now);
    tx.record(Record::Mark {
        wamid: wamid.to_owned(),
        at: tx.now,
        mark: Mark::Sent {
            pricing,
            conversation,
            month,
        },
    });
    tell(tx, wamid, "sent");
    if message.kind == "reaction" {
        // Only `sent` is ever told of a reaction.
        let reaction = &message.payload["reaction"];
        let emoji = reaction["emoji"].as_str().unwrap_or("").to_owned();
        if let Some(target) = reaction["message_id"].as_str() {
            let mark = Mark::Reaction {
                from: From::Business,
                emoji,
            };
            tx.record(Record::Mark {
                wamid: target.to_owned(),
                at: tx.now,
                mark,
            });
            crate::phone::tell_message(tx, target);
        }
        return;
    }
    let delay = tx.world().settings.delivered_ms;
    tx.after(
        delay,
        Timer::Deliver {
            wamid: wamid.to_owned(),
        },
    );
}

/// The price object, the free entry conversation, and the month whose free tier this message uses.
fn price(
    world: &World,
    message: &Message,
    now: Millis,
) -> (Option<Value>, Option<Value>, Option<String>) {
    let Some(category) = &message.category else {
        return (None, None, None);
    };
    let thread = world.thread(&message.number, &message.person);
    let waba = world
        .number(&message.number)
        .and_then(|number| world.waba(&number.waba));
    let month = month(now, waba.map_or("UTC", |waba| waba.timezone.as_str()));
    let free_entry = thread.is_some_and(|thread| thread.free_entry(message.at));
    let case = Case {
        category,
        group: message.group,
        window_open: message.group || thread.is_some_and(|thread| thread.window_open(message.at)),
        free_entry,
        service_before: world.service_count(&message.number, &month),
        service_free: world.settings.free_service_messages,
    };
    let until = thread
        .and_then(|thread| thread.free_entry_until)
        .filter(|_| free_entry);
    let conversation = until.map(|until| {
        // One conversation for the whole entry point: its id follows from where and when it began.
        let id = format!("{}{}{until}", message.number, message.person);
        let id = hooks::json::signature("conversation", id.as_bytes());
        json!({"id": id.get(7..39), "expiration_timestamp": seconds(until).to_string(),
            "origin": {"type": "referral_conversion"}})
    });
    let counted = category == "service" && !free_entry;
    (
        Some(pricing(case, now)),
        conversation,
        counted.then_some(month),
    )
}

fn fail(tx: &mut Tx<'_>, wamid: &str, code: u32) {
    tx.record(Record::Mark {
        wamid: wamid.to_owned(),
        at: tx.now,
        mark: Mark::Failed { code },
    });
    tell(tx, wamid, "failed");
}

fn deliver(tx: &mut Tx<'_>, wamid: &str) {
    let Some(message) = tx.world().message(wamid).cloned() else {
        return;
    };
    let dropped = message.ttl_ms.is_some_and(|ttl| tx.now - message.at > ttl);
    if message.state.delivered_at.is_some() || message.state.failed.is_some() || dropped {
        return;
    }
    if message.group {
        tx.record(Record::Mark {
            wamid: wamid.to_owned(),
            at: tx.now,
            mark: Mark::Delivered,
        });
        tell(tx, wamid, "delivered");
        return;
    }
    let Some(person) = tx.world().person(&message.person).cloned() else {
        return;
    };
    let blocked = person.blocked.contains(&message.number);
    if blocked && tx.world().provider_of(&message.number).is_linked_device() {
        return;
    }
    if person.phone_off {
        // It waits; switching the phone on delivers it.
        return;
    }
    let open = tx
        .world()
        .thread(&message.number, &message.person)
        .is_some_and(|thread| thread.open);
    tx.record(Record::Mark {
        wamid: wamid.to_owned(),
        at: tx.now,
        mark: Mark::Delivered,
    });
    if open && person.read_receipts {
        // Read at once: `delivered` is skipped, `read` implies it.
        see(tx, wamid);
        return;
    }
    tell(tx, wamid, "delivered");
    if open {
        see(tx, wamid);
    } else if person.auto_read {
        let delay = tx.world().settings.read_ms;
        tx.after(
            delay,
            Timer::Read {
                wamid: wamid.to_owned(),
            },
        );
    }
    crate::phone::tell_message(tx, wamid);
}

/// The person sees a message; the business hears of it if read receipts are on.
pub fn see(tx: &mut Tx<'_>, wamid: &str) {
    let Some(message) = tx.world().message(wamid).cloned() else {
        return;
    };
    if message.state.seen || message.state.delivered_at.is_none() {
        return;
    }
    tx.record(Record::Mark {
        wamid: wamid.to_owned(),
        at: tx.now,
        mark: Mark::Seen,
    });
    if tx
        .world()
        .person(&message.person)
        .is_some_and(|person| person.read_receipts)
    {
        tx.record(Record::Mark {
            wamid: wamid.to_owned(),
            at: tx.now,
            mark: Mark::Read,
        });
        tell(tx, wamid, "read");
    }
    crate::phone::tell_message(tx, wamid);
}

/// The person plays a voice message.
pub fn play(tx: &mut Tx<'_>, wamid: &str) {
    let played = tx
        .world()
        .message(wamid)
        .is_none_or(|message| message.state.played_at.is_some());
    if played {
        return;
    }
    see(tx, wamid);
    tx.record(Record::Mark {
        wamid: wamid.to_owned(),
        at: tx.now,
        mark: Mark::Played,
    });
    tell(tx, wamid, "played");
}

/// Sends everything that waited for a phone that is on again.
pub fn resume(tx: &mut Tx<'_>, person: &str) {
    let waiting: Vec<String> = tx
        .world()
        .messages
        .iter()
        .filter(|message| {
            message.person == person
                && message.from == From::Business
                && message.kind != "reaction"
                && message.state.sent_at.is_some()
                && message.state.delivered_at.is_none()
        })
        .map(|message| message.wamid.clone())
        .collect();
    for wamid in waiting {
        tx.after(0, Timer::Deliver { wamid });
    }
}
