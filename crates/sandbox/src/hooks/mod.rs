//! Webhooks: who gets a change, and the queue in the ledger that keeps it until it is answered 200.

mod dispatch;
pub mod json;
mod letters;

use serde_json::{Value, json};

pub use dispatch::run;
pub use letters::{Post, fetched, post, waiting};

use crate::activity::Activity;
use crate::clock::seconds;
use crate::core::Tx;
use crate::faults::{Call, Endpoint};
use crate::world::{App, Hook, Provider, Record, World};

/// A change to be told.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub waba: String,
    /// The number it is about; decides an override.
    pub number: String,
    pub field: String,
    pub value: Value,
    /// `message`, `status:delivered`, or the field.
    pub what: String,
    pub person: String,
    pub wamid: Option<String>,
}

/// Queues a change for every app that is subscribed to the account and to the field.
pub fn queue(tx: &mut Tx<'_>, change: &Change) {
    let apps: Vec<App> = subscribers(tx.world(), change).cloned().collect();
    for app in apps {
        match address(
            tx.world(),
            &app,
            &change.field,
            &change.waba,
            &change.number,
        ) {
            Some(url) => queue_for(tx, change, &app, url),
            None => {
                tx.record(Record::HookUnaddressed);
                note(tx, change, "no_callback");
            }
        }
    }
    crate::providers::cloud(tx, change);
}

fn queue_for(tx: &mut Tx<'_>, change: &Change, app: &App, url: String) {
    let fault = tx.state.faults.judge(Call {
        provider: Provider::Meta,
        endpoint: Endpoint::Webhook,
        to: phone_of(&tx.state.world, &change.person),
        number: &change.number,
        kind: &change.what,
        template: "",
    });
    if fault.withhold == Some(true) {
        note(tx, change, "withheld");
        return;
    }
    let hook = Hook {
        id: tx.world().next_hook,
        app: app.id.clone(),
        url,
        at: tx.now,
        field: change.field.clone(),
        entry: change.waba.clone(),
        entry_time: (!is_messages_family(&change.field)).then(|| seconds(tx.now)),
        value: change.value.clone(),
        what: change.what.clone(),
        number: change.number.clone(),
        person: change.person.clone(),
        wamid: change.wamid.clone(),
        letter: None,
        fault,
    };
    tx.record(Record::Hook {
        hook: Box::new(hook),
    });
}

/// `entry.time` is absent on these.
fn is_messages_family(field: &str) -> bool {
    matches!(
        field,
        "messages"
            | "user_preferences"
            | "smb_message_echoes"
            | "smb_app_state_sync"
            | "history"
            | "calls"
    ) || field.starts_with("group_")
}

fn subscribers<'a>(world: &'a World, change: &'a Change) -> impl Iterator<Item = &'a App> {
    let subscribed = world
        .waba(&change.waba)
        .map_or(&[][..], |waba| &waba.subscribed_apps[..]);
    subscribed
        .iter()
        .filter_map(|id| world.app(id))
        .filter(|app| app.fields.is_empty() || app.fields.contains(&change.field))
}

/// Where a change goes now: an override of the number, of the account, or the app's own callback.
/// Overrides are for `messages` only.
fn address(world: &World, app: &App, field: &str, waba: &str, number: &str) -> Option<String> {
    let overridden = || {
        let number = world
            .number(number)
            .and_then(|number| number.webhook_override.as_ref());
        let waba = || {
            world
                .waba(waba)
                .and_then(|waba| waba.overrides.get(&app.id))
        };
        number.or_else(waba).map(|to| to.url.clone())
    };
    let to = if field == "messages" {
        overridden()
    } else {
        None
    };
    to.or_else(|| app.callback_url.clone())
        .filter(|url| !url.is_empty())
}

fn phone_of<'a>(world: &'a World, person: &str) -> &'a str {
    world
        .person(person)
        .map_or("", |person| person.phone.as_str())
}

fn note(tx: &mut Tx<'_>, change: &Change, outcome: &str) {
    tx.note(Activity {
        kind: "webhook",
        what: change.what.clone(),
        outcome: outcome.to_owned(),
        number: change.number.clone(),
        person: change.person.clone(),
        summary: summary(&change.what, &change.value),
        attempt: 0,
        json: change.value.clone(),
    });
}

/// The few words of a change that the panel shows.
pub fn summary(what: &str, value: &Value) -> Value {
    if what == "message" {
        let message = &value["messages"][0];
        let kind = message["type"].as_str().unwrap_or("");
        let body = &message[kind];
        let text = body["body"]
            .as_str()
            .or(body["caption"].as_str())
            .or(body["text"].as_str());
        return json!({"type": kind, "text": text, "wamid": message["id"]});
    }
    if what.starts_with("status:") {
        let status = &value["statuses"][0];
        return json!({"status": status["status"], "wamid": status["id"], "error": status["errors"][0]["code"]});
    }
    json!({"field": what})
}
