//! Chats as the person's phone shows them.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use serde_json::{Value, json};

use super::persons;
use crate::clock::{Millis, rfc3339};
use crate::control::{Refusal, find_number};
use crate::core::{Core, State, Tx};
use crate::world::{From, Message, Number, Person, Thread, World};

/// A message that is new or changed goes to the page, with the chat's own state.
pub fn tell_message(tx: &mut Tx<'_>, wamid: &str) {
    let Some(message) = tx.world().message(wamid) else {
        return;
    };
    if !tx.is_watched() || !message.visible() || message.group {
        return;
    }
    let (number, person) = (message.number.clone(), message.person.clone());
    let shown = show(tx.world(), message);
    tx.live(
        "message",
        json!({"person": person, "number": number, "message": shown}),
    );
    tell_chat(tx, &number, &person);
}

pub fn tell_chat(tx: &mut Tx<'_>, number: &str, person: &str) {
    let Some(found) = tx.world().person(person).filter(|_| tx.is_watched()) else {
        return;
    };
    let mut chat = status(tx.world(), found, number, tx.now);
    chat["person"] = json!(person);
    chat["number"] = json!(number);
    tx.live("chat", chat);
}

/// Window, typing, unread and the person's switches for this business.
fn status(world: &World, person: &Person, number: &str, now: Millis) -> Value {
    let none = Thread::default();
    let thread = world.thread(number, &person.id).unwrap_or(&none);
    let typing = thread.typing_until.filter(|until| *until > now);
    let free = thread.free_entry_until.filter(|until| *until > now);
    json!({
        "window": {"open": thread.window_open(now), "closes_at": thread.window_closes_at().map(rfc3339),
            "free_entry_until": free.map(rfc3339)},
        "typing_until": typing.map(rfc3339),
        "unread": thread.unread,
        "open": thread.open,
        "blocked": person.blocked.iter().any(|blocked| blocked == number),
        "marketing_stopped": person.marketing_stopped.iter().any(|stopped| stopped == number),
    })
}

pub fn business(state: &State, number: &Number) -> Value {
    json!({"id": number.id, "phone": number.phone, "name": number.verified_name,
        "provider": state.world.provider_of(&number.id),
        "username": number.username, "on_business_app": number.on_business_app,
        "connected": state.connected.get(&number.id)})
}

pub fn businesses(state: &State) -> Value {
    let all: Vec<Value> = state
        .world
        .numbers
        .iter()
        .map(|number| business(state, number))
        .collect();
    json!({"businesses": all})
}

pub async fn list_businesses(Extract(core): Extract<Arc<Core>>) -> Json<Value> {
    Json(businesses(&core.state()))
}

pub async fn list_chats(
    Extract(core): Extract<Arc<Core>>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Refusal> {
    let state = core.state();
    let world = &state.world;
    let person = persons::find(world, query.get("person").map_or("", String::as_str))?;
    let chat = |number: String| {
        let thread = world.thread(&number, &person.id);
        let messages = thread
            .into_iter()
            .flat_map(|thread| thread.messages.iter().rev());
        let last = messages
            .filter_map(|at| world.messages.get(*at))
            .find(|message| message.visible());
        json!({"number": number, "unread": thread.map_or(0, |thread| thread.unread),
            "last": last.map(|message| show(world, message))})
    };
    let chats: Vec<Value> = world.numbers_of(&person.id).into_iter().map(chat).collect();
    Ok(Json(json!({"chats": chats})))
}

pub async fn show_chat(
    Extract(core): Extract<Arc<Core>>,
    Path((person, number)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Refusal> {
    let now = core.now();
    let state = core.state();
    let world = &state.world;
    let person = persons::find(world, &person)?;
    let number = find_number(world, Some(&number))?;
    let limit = query
        .get("limit")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(200_usize)
        .min(2_000);
    let thread = world.thread(&number.id, &person.id);
    let mut messages: Vec<Value> = thread
        .into_iter()
        .flat_map(|thread| thread.messages.iter().rev())
        .filter_map(|at| world.messages.get(*at))
        .filter(|message| message.visible())
        .take(limit)
        .map(|message| show(world, message))
        .collect();
    messages.reverse();
    let mut chat = status(world, person, &number.id, now);
    chat["person"] = persons::json(person);
    chat["business"] = business(&state, number);
    chat["messages"] = messages.into();
    Ok(Json(chat))
}

/// A message, laid out.
pub fn show(world: &World, message: &Message) -> Value {
    let (kind, content) = content(world, message);
    let state = &message.state;
    let reactions: Vec<Value> = state
        .reactions
        .iter()
        .map(|(from, emoji)| json!({"from": from, "emoji": emoji}))
        .collect();
    json!({
        "id": message.wamid,
        "seq": world.seq(&message.wamid),
        "from": message.from,
        "at": rfc3339(message.at),
        "type": kind,
        "content": content,
        "ticks": ticks(message),
        "quoted": message.quoted.as_deref().and_then(|wamid| quoted(world, wamid)),
        "reactions": reactions,
        "edited": state.edited.is_some(),
        "revoked": state.revoked,
        "forwarded": message.forwarded,
        "referral": message.referral,
        "answered": state.answered,
    })
}

fn ticks(message: &Message) -> Option<&'static str> {
    if message.from == From::Business {
        return None;
    }
    Some(if message.state.read_at.is_some() {
        "read"
    } else if message.state.acknowledged {
        "delivered"
    } else {
        "sending"
    })
}

fn quoted(world: &World, wamid: &str) -> Option<Value> {
    let message = world.message(wamid)?;
    let (kind, content) = content(world, message);
    let texts = [
        &content["body"],
        &content["caption"],
        &content["text"],
        &content["title"],
        &content["filename"],
    ];
    let preview = texts.into_iter().find_map(Value::as_str).unwrap_or("");
    let preview: String = preview.chars().take(120).collect();
    Some(json!({"id": wamid, "from": message.from, "type": kind, "preview": preview}))
}

/// The type that the page lays out, and what it needs for that.
fn content(world: &World, message: &Message) -> (String, Value) {
    let kind = message.kind.as_str();
    if message.state.revoked {
        return ("text".to_owned(), json!({"body": "", "preview_url": false}));
    }
    let body = match message.from {
        From::Business => &message.payload[kind],
        From::Person => &message.payload,
    };
    let value = match kind {
        "text" => {
            let text = message.state.edited.as_deref().or(body["body"].as_str());
            json!({"body": text, "preview_url": body["preview_url"].as_bool().unwrap_or(false)})
        }
        "image" | "video" | "audio" | "document" | "sticker" => media_content(world, body),
        "contacts" => json!({"contacts": body}),
        "template" => message
            .card
            .as_ref()
            .map(|card| card_with_media(world, card))
            .unwrap_or_default(),
        "interactive" if message.from == From::Business => interactive_card(world, body),
        "interactive" => return answer(body),
        "order" => json!({"order": body}),
        "unsupported" => json!({"kind": body["type"]}),
        "system" => json!({"body": body["body"]}),
        _ => body.clone(),
    };
    (kind.to_owned(), value)
}

fn media_content(world: &World, body: &Value) -> Value {
    let mut content = json!({"media": media(world, body)});
    for key in ["caption", "filename", "voice", "animated"] {
        if !body[key].is_null() {
            content[key] = body[key].clone();
        }
    }
    content
}

/// A file of ours has a local address; a link keeps its own.
fn media(world: &World, body: &Value) -> Value {
    let id = body["id"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| body["id"].as_u64().map(|id| id.to_string()));
    match id {
        Some(id) => {
            let file = world.media.get(&id);
            json!({"id": id, "url": format!("/phone/api/media/{id}"),
                "mime_type": file.map(|file| &file.mime_type), "size_bytes": file.map(|file| file.size_bytes)})
        }
        None => json!({"id": null, "url": body["link"], "mime_type": null}),
    }
}

fn card_with_media(world: &World, card: &Value) -> Value {
    let mut card = card.clone();
    with_media(world, &mut card);
    if let Some(cards) = card["cards"].as_array_mut() {
        cards.iter_mut().for_each(|card| with_media(world, card));
    }
    card
}

fn with_media(world: &World, card: &mut Value) {
    let raw = card["header"]["media"].clone();
    if raw.is_object() {
        card["header"]["media"] = media(world, &raw);
        if !raw["filename"].is_null() {
            card["header"]["filename"] = raw["filename"].clone();
        }
    }
}

fn interactive_card(world: &World, body: &Value) -> Value {
    let action = &body["action"];
    let cards = action["cards"].as_array().map(|cards| {
        let card = |card: &Value| {
            json!({"header": header(world, &card["header"]), "body": card["body"]["text"],
                "buttons": buttons("", &card["action"])})
        };
        cards.iter().map(card).collect::<Vec<_>>()
    });
    let kind = body["type"].as_str().unwrap_or("");
    let list = (kind == "list")
        .then(|| json!({"button": action["button"], "sections": action["sections"]}));
    json!({"header": header(world, &body["header"]), "body": body["body"]["text"], "footer": body["footer"]["text"],
        "buttons": buttons(kind, action), "list": list, "cards": cards, "template": null})
}

fn header(world: &World, header: &Value) -> Value {
    match header["type"].as_str() {
        None => Value::Null,
        Some("text") => json!({"type": "text", "text": header["text"]}),
        Some(kind) => {
            json!({"type": kind, "media": media(world, &header[kind]), "filename": header[kind]["filename"]})
        }
    }
}

/// The buttons of an interactive message, or of one card of a carousel.
fn buttons(kind: &str, action: &Value) -> Vec<Value> {
    let parameters = &action["parameters"];
    let one = |kind: &str, text: &Value| vec![json!({"index": 0, "type": kind, "text": text})];
    match (kind, action["name"].as_str()) {
        (_, Some("cta_url")) => {
            vec![
                json!({"index": 0, "type": "url", "text": parameters["display_text"], "url": parameters["url"]}),
            ]
        }
        ("flow", _) => one("flow", &parameters["flow_cta"]),
        ("location_request_message", _) => one("location_request", &json!("Send location")),
        ("request_contact_info", _) => one("contact_request", &json!("Share Contact Info")),
        ("call_permission_request", _) => one("call_permission", &json!("Allow calls")),
        ("voice_call", _) => one("call", &parameters["display_text"]),
        ("catalog_message" | "product" | "product_list", _) => one("catalog", &json!("View items")),
        _ => {
            let replies = action["buttons"]
                .as_array()
                .into_iter()
                .flatten()
                .enumerate();
            replies
                .map(|(at, button)| {
                    let reply = if button["reply"].is_object() { &button["reply"] } else { &button["quick_reply"] };
                    json!({"index": at, "type": "quick_reply", "id": reply["id"], "text": reply["title"]})
                })
                .collect()
        }
    }
}

/// A person's tap or filled form.
fn answer(body: &Value) -> (String, Value) {
    let kind = body["type"].as_str().unwrap_or("");
    if kind == "nfm_reply" {
        let response = body["nfm_reply"]["response_json"].as_str().unwrap_or("{}");
        let response: Value = serde_json::from_str(response).unwrap_or_default();
        return (
            "form".to_owned(),
            json!({"body": body["nfm_reply"]["body"], "response": response}),
        );
    }
    ("reply".to_owned(), body[kind].clone())
}
