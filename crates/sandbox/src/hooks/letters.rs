//! Webhooks in the words of other providers: queued like Meta's, with the same faults.

use serde_json::{Value, json};

use super::phone_of;
use crate::activity::Activity;
use crate::clock::HOUR;
use crate::core::Tx;
use crate::faults::{Call, Endpoint};
use crate::world::{Gateway, Hook, Letter, Mark, Message, Record, World};

/// How long an event waits to be fetched.
const KEPT: i64 = 24 * HOUR;

/// One webhook that a provider has written.
#[derive(Debug, Clone, Default)]
pub struct Post {
    /// Empty when the user has given no address.
    pub url: String,
    /// `message`, `status:delivered`, or the event's own name.
    pub what: String,
    /// The body: JSON, or a list of pairs for a form.
    pub value: Value,
    pub person: String,
    pub wamid: Option<String>,
    pub letter: Letter,
}

impl Post {
    /// A webhook that is about nothing in the chats.
    pub fn new(url: Option<String>, what: impl Into<String>, value: Value) -> Self {
        Self {
            url: url.unwrap_or_default(),
            what: what.into(),
            value,
            ..Self::default()
        }
    }

    /// The message it is about.
    #[must_use]
    pub fn about(self, message: &Message) -> Self {
        Self {
            person: message.person.clone(),
            wamid: Some(message.wamid.clone()),
            ..self
        }
    }
}

/// Queues a webhook of a gateway.
pub fn post(tx: &mut Tx<'_>, gateway: &Gateway, post: Post) {
    if post.url.is_empty() && !post.letter.polled {
        tx.record(Record::HookUnaddressed);
        note(tx, gateway, &post, "no_callback");
        return;
    }
    let fault = tx.state.faults.judge(Call {
        provider: gateway.provider,
        endpoint: Endpoint::Webhook,
        to: phone_of(&tx.state.world, &post.person),
        number: &gateway.id,
        kind: &post.what,
        template: "",
    });
    if fault.withhold == Some(true) {
        note(tx, gateway, &post, "withheld");
        return;
    }
    if post.letter.polled {
        forget_old(tx, &gateway.id);
    }
    // What is fetched cannot be repeated by the dispatcher.
    let copies = if post.letter.polled {
        fault.duplicate.unwrap_or(0)
    } else {
        0
    };
    for _ in 0..=copies {
        let hook = Hook {
            id: tx.world().next_hook,
            app: gateway.id.clone(),
            url: post.url.clone(),
            at: tx.now,
            field: post.what.clone(),
            entry: String::new(),
            entry_time: None,
            value: post.value.clone(),
            what: post.what.clone(),
            number: gateway.id.clone(),
            person: post.person.clone(),
            wamid: post.wamid.clone(),
            letter: Some(Box::new(post.letter.clone())),
            fault: fault.clone(),
        };
        tx.record(Record::Hook {
            hook: Box::new(hook),
        });
    }
}

/// Nobody fetched these in time.
fn forget_old(tx: &mut Tx<'_>, gateway: &str) {
    let old = |hook: &&Hook| {
        let polled = hook.letter.as_ref().is_some_and(|letter| letter.polled);
        hook.app == gateway && polled && tx.now - hook.at >= KEPT
    };
    let ids: Vec<u64> = tx
        .world()
        .hooks
        .values()
        .filter(old)
        .map(|hook| hook.id)
        .collect();
    if !ids.is_empty() {
        tx.record(Record::HooksGivenUp { ids });
    }
}

fn note(tx: &mut Tx<'_>, gateway: &Gateway, post: &Post, outcome: &str) {
    let summary = summary(tx.world(), &post.what, post.wamid.as_deref());
    tx.note(Activity {
        kind: "webhook",
        what: post.what.clone(),
        outcome: outcome.to_owned(),
        number: gateway.id.clone(),
        person: post.person.clone(),
        summary,
        json: post.value.clone(),
        ..Activity::default()
    });
}

/// The few words that the panel shows of a letter.
pub fn summary(world: &World, what: &str, wamid: Option<&str>) -> Value {
    let message = wamid.and_then(|wamid| world.message(wamid));
    match (what.strip_prefix("status:"), message) {
        (Some(status), Some(message)) => json!({"status": status, "wamid": wamid,
            "error": message.state.failed.map(|(_, code)| code)}),
        (None, Some(message)) => json!({"type": message.kind, "wamid": wamid,
            "text": message.payload["body"].as_str().or(message.payload["caption"].as_str())}),
        _ => json!({"field": what}),
    }
}

/// The oldest event that waits to be fetched.
pub fn waiting<'a>(world: &'a World, gateway: &str, now: i64) -> Option<&'a Hook> {
    world.hooks.values().find(|hook| {
        hook.app == gateway
            && hook.letter.as_ref().is_some_and(|letter| letter.polled)
            && now - hook.at < KEPT
    })
}

/// A fetched event was acknowledged; false when there is no such event.
pub fn fetched(tx: &mut Tx<'_>, gateway: &str, id: u64) -> bool {
    let Some(hook) = tx
        .world()
        .hooks
        .get(&id)
        .filter(|hook| hook.app == gateway)
        .cloned()
    else {
        return false;
    };
    tx.record(Record::HooksDone { ids: vec![id] });
    acknowledge(tx, &hook);
    true
}

/// The person's message reached the business.
pub fn acknowledge(tx: &mut Tx<'_>, hook: &Hook) {
    if let (Some(wamid), "message") = (&hook.wamid, hook.what.as_str()) {
        tx.record(Record::Mark {
            wamid: wamid.clone(),
            at: tx.now,
            mark: Mark::Acknowledged,
        });
        crate::phone::tell_message(tx, wamid);
    }
}
