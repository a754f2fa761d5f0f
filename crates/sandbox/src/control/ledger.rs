//! What the sandbox accepted, and how its webhooks fare: the outside truth for tests.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::core::Core;
use crate::world::{Message, World};

const MOST: usize = 10_000;

/// Every accepted submission, oldest first. `seq` counts all messages, so it has gaps.
pub async fn show(
    State(core): State<Arc<Core>>,
    Query(query): Query<HashMap<String, String>>,
) -> Json<Value> {
    let number = |key: &str| query.get(key).and_then(|text| text.parse::<usize>().ok());
    let (since, limit) = (
        number("since").unwrap_or(0),
        number("limit").unwrap_or(500).min(MOST),
    );
    let state = core.state();
    let phone = |number: &str| {
        let number = state.world.number(number);
        number.map_or("", |number| number.phone.as_str())
    };
    let fits = |message: &Message| {
        let is = |key: &str, has: &str| query.get(key).is_none_or(|wish| wish == has);
        is("to", &message.to)
            && (is("number", &message.number) || is("number", phone(&message.number)))
            && is("provider", state.world.provider_of(&message.number).name())
            && is("type", &message.kind)
            && is("opaque", message.opaque.as_deref().unwrap_or(""))
    };
    let submissions = || {
        let messages = state.world.messages.iter().enumerate();
        messages.filter(|(_, message)| message.is_submission())
    };
    let items: Vec<Value> = submissions()
        .skip_while(|(at, _)| at + 1 < since)
        .filter(|(_, message)| fits(message))
        .take(limit)
        .map(|(at, message)| item(&state.world, at + 1, message))
        .collect();
    let mut by_delivery: BTreeMap<&str, u64> =
        ["accepted", "sent", "delivered", "read", "played", "failed"]
            .map(|name| (name, 0))
            .into();
    for (_, message) in submissions() {
        *by_delivery.entry(message.delivery()).or_default() += 1;
    }
    let next = items
        .last()
        .and_then(|item| item["seq"].as_u64())
        .map_or(json!(since), |seq| json!(seq + 1));
    let counts = json!({
        "accepted": by_delivery.values().sum::<u64>(),
        "refused": state.refused,
        "repeated_opaque": state.world.opaque_repeated,
        "repeated_ids": state.repeated_ids,
        "max_per_second": state.rates.most().collect::<BTreeMap<_, _>>(),
        "by_delivery": by_delivery,
    });
    Json(json!({"items": items, "next": next, "counts": counts}))
}

fn item(world: &World, seq: usize, message: &Message) -> Value {
    let state = &message.state;
    let carried = message.carried.as_deref();
    let request = carried.map_or(&message.payload, |carried| &carried.request);
    json!({
        "seq": seq,
        "at": rfc3339(message.at),
        "accepted_at": rfc3339(message.at),
        "provider": world.provider_of(&message.number),
        "from": world.number(&message.number).map(|number| &number.phone),
        "number": message.number,
        "to": message.to,
        "person": message.person,
        "type": message.kind,
        "opaque": message.opaque,
        "wamid": message.wamid,
        "payload": request,
        "text": words(message),
        "media": file(world, message),
        "answer": state.answer.as_deref().unwrap_or("200"),
        "delivery": message.delivery(),
        "error": state.failed.map(|(_, code)| code),
        "sent_at": state.sent_at.map(rfc3339),
        "delivered_at": state.delivered_at.map(rfc3339),
        "read_at": state.read_at.map(rfc3339),
        "played_at": state.played_at.map(rfc3339),
        "failed_at": state.failed.map(|(at, _)| rfc3339(at)),
    })
}

/// What the person reads of it.
pub fn words(message: &Message) -> Option<&str> {
    let body = &message.payload[message.kind.as_str()];
    let card = message.card.as_ref().map(|card| &card["body"]);
    card.and_then(Value::as_str)
        .or(body["body"].as_str())
        .or(body["body"]["text"].as_str())
        .or(body["caption"].as_str())
}

/// The file that came with it, if its bytes are here.
fn file(world: &World, message: &Message) -> Option<Value> {
    let body = &message.payload[message.kind.as_str()];
    let media = world.media.get(body["id"].as_str()?)?;
    Some(
        json!({"id": media.id, "mime_type": media.mime_type, "size_bytes": media.size_bytes,
        "sha256": media.sha256_hex, "filename": media.filename}),
    )
}

pub async fn webhooks(State(core): State<Arc<Core>>) -> Json<Value> {
    let state = core.state();
    let world = &state.world;
    Json(json!({
        "pending": world.hooks.len(),
        "in_flight": state.hooks_in_flight,
        "delivered": world.hooks_delivered,
        "attempts": state.hook_attempts,
        "failed_attempts": state.hook_failures,
        "given_up": world.hooks_given_up,
        "no_callback": world.hooks_unaddressed,
    }))
}
