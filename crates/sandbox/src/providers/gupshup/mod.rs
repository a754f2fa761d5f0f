//! Gupshup, the self-serve API (v1) with its event envelope (v2): forms that hold JSON.
//!
//! Source: Gupshup's documentation of 2026. A message has two ids: Gupshup's own, by which the send answers, and WhatsApp's, which later events carry. The partner API (v3) and the enterprise gateway are not played.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::call::Call;
use super::reseller::{self, body_component, quick_reply};
use super::send::Outgoing;
use super::{Aim, Answer, Event, Origin, Refused, Sealing, Words, chat, write};
use crate::chance::Chance;
use crate::core::{Core, Tx};
use crate::faults::Endpoint;
use crate::hooks::Post;
use crate::world::{Gateway, Message, Person, Provider, Template, World, country_code};

pub struct Gupshup;

impl Words for Gupshup {
    fn aim(&self, world: &World, call: &Call) -> Aim {
        let gateway = sender(world, call);
        let to = call.text("destination").unwrap_or("");
        match call.segments().as_slice() {
            ["wa", "api", "v1", "msg"] => {
                let kind = inner(call, "message")["type"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                Aim::message(gateway, to, &kind)
            }
            ["wa", "api", "v1", "template", "msg"] => {
                let mut aim = Aim::message(gateway, to, "template");
                aim.template = inner(call, "template")["id"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                aim
            }
            ["wa", "api", "v1", "template", ..] => Aim::at(Endpoint::Templates, gateway),
            ["media", ..] => Aim::at(Endpoint::MediaDownload, gateway),
            _ => Aim::at(Endpoint::Api, gateway),
        }
    }

    fn answer<'a>(
        &'a self,
        core: &'a Arc<Core>,
        call: &'a Call,
        heard: Option<&'a str>,
    ) -> BoxFuture<'a, Answer> {
        route(core, call, heard).boxed()
    }

    fn refusal(&self, _call: &Call, code: Option<u32>, status: Option<u16>) -> Refused {
        let known = code.and_then(|code| u16::try_from(code).ok());
        let known = known.filter(|code| (400..600).contains(code));
        let status = status.or(known).unwrap_or(500);
        let message = match (code, status) {
            (_, 401) => "Authentication Failed",
            (_, 429) => "Too Many Requests",
            (Some(code), _) if known.is_none() => explain(code),
            _ => "Internal Server Error",
        };
        let mut refused = refused(status, message);
        refused.code = code.unwrap_or(status.into());
        refused
    }

    fn id(&self, chance: &mut Chance, person: &Person, from: Origin) -> String {
        match from {
            Origin::Api => write::uuid(chance),
            Origin::Person | Origin::OwnPhone => {
                chance.wamid(Some(&person.phone), from == Origin::Person)
            }
        }
    }

    fn tell(&self, tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
        let (what, about, kind, payload) = match event {
            Event::Inbound(one) => {
                let Some(payload) = inbound(tx.world(), gateway, one, tx.public_url) else {
                    return Vec::new();
                };
                ("message".to_owned(), Some(*one), "message", payload)
            }
            Event::Accepted(one) => {
                let session = if one.card.is_some() {
                    "template"
                } else {
                    "session"
                };
                let payload = json!({"id": one.wamid, "type": "enqueued", "destination": one.to,
                    "payload": {"whatsappMessageId": native(one), "type": session}});
                let what = "status:enqueued".to_owned();
                (what, Some(*one), "message-event", payload)
            }
            Event::Status {
                message: one,
                status,
            } => {
                let payload = status_payload(one, status, tx.now);
                let what = format!("status:{status}");
                (what, Some(*one), "message-event", payload)
            }
            Event::Any { name, value } => ((*name).to_owned(), None, *name, (*value).clone()),
            _ => return Vec::new(),
        };
        let value = json!({"app": gateway.account, "timestamp": tx.now, "version": 2, "type": kind, "payload": payload});
        let post = Post::new(gateway.webhook.clone(), what, value);
        vec![match about {
            Some(message) => post.about(message),
            None => post,
        }]
    }

    /// There is no signature, only the headers of the subscription.
    fn sign(&self, sealing: &Sealing<'_>) -> Vec<(String, String)> {
        let headers = sealing.gateway.webhook_headers.iter();
        headers
            .map(|(name, value)| (name.to_ascii_lowercase(), sealing.key(value).to_owned()))
            .collect()
    }
}

/// A field that holds JSON.
fn inner(call: &Call, field: &str) -> Value {
    let text = call.text(field).unwrap_or("");
    serde_json::from_str(text).unwrap_or_default()
}

fn sender<'a>(world: &'a World, call: &Call) -> Option<&'a Gateway> {
    let source = write::digits(call.text("source").unwrap_or(""));
    world
        .gateways_of(Provider::Gupshup)
        .find(|one| one.phone == source)
}

fn refused(status: u16, message: &str) -> Refused {
    Refused::new(status, json!({"status": "error", "message": message}))
}

fn native(one: &Message) -> Option<&str> {
    one.carried
        .as_ref()
        .and_then(|carried| carried.native.as_deref())
}

async fn route(core: &Arc<Core>, call: &Call, heard: Option<&str>) -> Answer {
    if let ["media", number, name] = call.segments().as_slice() {
        let file = chat::file(core, number, name).await;
        return file.ok_or_else(|| refused(404, "Not Found"));
    }
    let key = call.header("apikey").unwrap_or("").to_owned();
    let known = {
        let state = core.state();
        state
            .world
            .gateways_of(Provider::Gupshup)
            .any(|one| one.key == key)
    };
    if !known {
        return Err(refused(401, "Authentication Failed"));
    }
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["wa", "api", "v1", "msg"]) => {
            let body = message_body(&inner(call, "message"))?;
            send(core, call, &key, body, heard).await
        }
        ("POST", ["wa", "api", "v1", "template", "msg"]) => {
            let body = template_body(core, call)?;
            send(core, call, &key, body, heard).await
        }
        ("GET", ["wa", "api", "v1", "template", "list", app]) => templates(core, &key, app),
        ("POST", ["wa" | "sm", "api", "v1", "app", "opt", "in", _]) => {
            Ok(StatusCode::ACCEPTED.into_response())
        }
        _ => Err(refused(404, "Not Found")),
    }
}

async fn send(core: &Core, call: &Call, key: &str, body: Value, heard: Option<&str>) -> Answer {
    let gateway = sender(&core.state().world, call)
        .filter(|one| one.key == key)
        .cloned();
    let gateway = gateway.ok_or_else(|| refused(400, "Invalid Source"))?;
    if call.text("channel") != Some("whatsapp") {
        return Err(refused(400, "Invalid Channel Provided"));
    }
    let to = write::digits(call.text("destination").unwrap_or(""));
    if to.len() < 7 {
        return Err(refused(400, "Invalid Destination"));
    }
    let (id, native) = {
        let chance = &mut core.state().chance;
        (write::uuid(chance), chance.wamid(Some(&to), false))
    };
    let quoted = inner(call, "message")["context"]["msgId"]
        .as_str()
        .map(str::to_owned);
    let out = Outgoing {
        id,
        native: Some(native),
        quoted,
        request: call.json.clone(),
        to,
        ..Outgoing::default()
    };
    let sent = reseller::submit(core, &gateway, body, out, heard).await;
    let message =
        sent.map_err(|error| refused(400, error.details().unwrap_or("Invalid message")))?;
    let answer = json!({"status": "submitted", "messageId": message.wamid});
    Ok((StatusCode::ACCEPTED, axum::Json(answer)).into_response())
}

/// The message as Meta would have it.
fn message_body(message: &Value) -> Answer<Value> {
    let file = |meta: &str, url: &Value| {
        let mut media = json!({"link": url});
        for key in ["caption", "filename"] {
            if let Some(text) = message[key].as_str() {
                media[key] = json!(text);
            }
        }
        json!({"type": meta, (meta): media})
    };
    Ok(match message["type"].as_str() {
        Some("text") => json!({"type": "text", "text": {"body": message["text"]}}),
        Some("image") => file("image", &message["originalUrl"]),
        Some("file") => file("document", &message["url"]),
        Some(kind @ ("audio" | "video" | "sticker")) => file(kind, &message["url"]),
        Some("location") => {
            json!({"type": "location", "location": {"latitude": message["latitude"],
            "longitude": message["longitude"], "name": message["name"], "address": message["address"]}})
        }
        Some("quick_reply") => {
            let options = message["options"].as_array().into_iter().flatten();
            let buttons: Vec<Value> = options
                .map(|one| json!({"type": "reply", "reply": {
                    "id": one["postbackText"].as_str().or(one["title"].as_str()), "title": one["title"]}}))
                .collect();
            let content = &message["content"];
            let mut interactive = json!({"type": "button", "body": {"text": content["text"]}, "action": {"buttons": buttons}});
            if let Some(header) = content["header"].as_str() {
                interactive["header"] = json!({"type": "text", "text": header});
            }
            if let Some(footer) = content["caption"].as_str() {
                interactive["footer"] = json!({"text": footer});
            }
            json!({"type": "interactive", "interactive": interactive})
        }
        Some("list") => {
            let row = |one: &Value| {
                json!({"id": one["postbackText"].as_str().or(one["title"].as_str()),
                    "title": one["title"], "description": one["description"]})
            };
            let items = message["items"].as_array().into_iter().flatten();
            let sections: Vec<Value> = items
                .map(|item| json!({"title": item["title"],
                    "rows": item["options"].as_array().into_iter().flatten().map(row).collect::<Vec<_>>()}))
                .collect();
            json!({"type": "interactive", "interactive": {"type": "list", "body": {"text": message["body"]},
                "action": {"button": message["globalButtons"][0]["title"], "sections": sections}}})
        }
        _ => return Err(refused(400, "Invalid message type")),
    })
}

/// A template by its id with flat parameters; the header's file stands in `message`.
fn template_body(core: &Core, call: &Call) -> Answer<Value> {
    let wish = inner(call, "template");
    let id = wish["id"].as_str().unwrap_or("");
    let found = {
        let state = core.state();
        state
            .world
            .template(id)
            .map(|one| (one.name.clone(), one.language.clone()))
    };
    let (name, language) = found.ok_or_else(|| refused(400, "Template not found"))?;
    let mut components = Vec::new();
    let header = inner(call, "message");
    if let Some(kind) = header["type"].as_str() {
        components
            .push(json!({"type": "header", "parameters": [{"type": kind, (kind): header[kind]}]}));
    }
    let parameters = wish["params"].as_array().cloned().unwrap_or_default();
    if !parameters.is_empty() {
        components.push(body_component(&parameters));
    }
    for one in inner(call, "postbackTexts")
        .as_array()
        .into_iter()
        .flatten()
    {
        let index = one["index"]
            .as_u64()
            .and_then(|at| usize::try_from(at).ok());
        components.push(quick_reply(index.unwrap_or(0), &one["text"]));
    }
    Ok(
        json!({"type": "template", "template": {"name": name, "language": {"code": language}, "components": components}}),
    )
}

fn templates(core: &Core, key: &str, app: &str) -> Answer {
    let state = core.state();
    let gateway = state.world.gateway_of_account(Provider::Gupshup, app);
    let gateway = gateway
        .filter(|one| one.key == key)
        .ok_or_else(|| refused(404, "App not found"))?;
    let shown = |one: &Template| {
        let body = one.components.iter().find(|part| part["type"] == "BODY");
        json!({"id": one.id, "elementName": one.name, "languageCode": one.language, "category": one.category,
            "status": one.status, "templateType": "TEXT", "data": body.map(|body| &body["text"]),
            "containerMeta": json!(one.components).to_string()})
    };
    let own = state.world.templates.iter();
    let own: Vec<Value> = own
        .filter(|one| one.waba == gateway.waba && one.deleted_at.is_none())
        .map(shown)
        .collect();
    Ok(axum::Json(json!({"status": "success", "templates": own})).into_response())
}

fn inbound(world: &World, gateway: &Gateway, one: &Message, public_url: &str) -> Option<Value> {
    let person = world.person(&one.person)?;
    let payload = &one.payload;
    let media = payload["id"].as_str().and_then(|id| world.media.get(id));
    let reply = |reply: &Value| {
        json!({"title": reply["title"], "id": reply["id"], "reply": reply["title"],
            "postbackText": reply["id"], "description": reply["description"]})
    };
    let (kind, body) = match one.kind.as_str() {
        "text" => ("text", json!({"text": payload["body"]})),
        "image" | "video" | "audio" | "sticker" | "document" => {
            let kind = if one.kind == "document" {
                "file"
            } else {
                one.kind.as_str()
            };
            let url = media
                .map(|media| format!("{public_url}/gupshup/media/{}/{}", gateway.id, media.id));
            (
                kind,
                json!({"url": url, "contentType": media.map(|media| &media.mime_type),
                "caption": payload["caption"], "name": media.and_then(|media| media.filename.as_ref()),
                "urlExpiry": one.at + 7 * crate::clock::DAY}),
            )
        }
        "location" => (
            "location",
            json!({"latitude": payload["latitude"], "longitude": payload["longitude"],
            "name": payload["name"], "address": payload["address"]}),
        ),
        "button" => (
            "quick_reply",
            json!({"text": payload["text"], "type": "button", "postbackText": payload["payload"]}),
        ),
        "interactive" if !payload["button_reply"].is_null() => {
            ("button_reply", reply(&payload["button_reply"]))
        }
        "interactive" if !payload["list_reply"].is_null() => {
            ("list_reply", reply(&payload["list_reply"]))
        }
        "contacts" => ("contact", json!({"contacts": payload})),
        "reaction" => (
            "reaction",
            json!({"emoji": payload["emoji"], "id": payload["message_id"]}),
        ),
        _ => return None,
    };
    let code = country_code(&person.phone);
    let mut value = json!({"id": one.wamid, "source": person.phone, "type": kind, "payload": body,
        "sender": {"phone": person.phone, "name": person.name, "country_code": code,
            "dial_code": person.phone.strip_prefix(code)}});
    if let Some(quoted) = one.quoted.as_deref().and_then(|id| world.message(id)) {
        value["context"] =
            json!({"id": native(quoted).unwrap_or(&quoted.wamid), "gsId": quoted.wamid});
    }
    Some(value)
}

/// A failure that comes before WhatsApp has the message carries Gupshup's id alone.
fn status_payload(one: &Message, status: &str, now: i64) -> Value {
    let at = crate::clock::seconds(now);
    if let ("failed", Some((_, meta))) = (status, one.state.failed) {
        let code = code(meta);
        return json!({"id": one.wamid, "type": "failed", "destination": one.to,
            "payload": {"code": code, "reason": explain(code)}});
    }
    let word = if status == "played" { "read" } else { status };
    json!({"id": native(one), "gsId": one.wamid, "type": word, "destination": one.to, "payload": {"ts": at}})
}

/// Gupshup's code for one of Meta's, which also comes through as it is.
fn code(meta: u32) -> u32 {
    match meta {
        131_026 => 1_002,
        131_042 => 1_003,
        131_047 => 1_005,
        131_050 => 1_012,
        131_052 => 1_010,
        130_429 | 131_048 | 131_056 => 4_001,
        132_000 | 132_012 => 4_003,
        132_001 | 132_015 | 132_016 => 4_002,
        meta => meta,
    }
}

fn explain(code: u32) -> &'static str {
    match code {
        1_002 => "Number Does Not Exists On WhatsApp",
        1_003 => "Unable to send message. Check your wallet balance",
        1_005 => {
            "Message sending failed as user is inactive for session message and template did not match"
        }
        1_010 => "Media download failed",
        1_012 => "User has opted out",
        4_001 => "Rate limit hit",
        4_002 => "Template does not exist",
        4_003 => "Template parameters do not match",
        _ => "Internal error",
    }
}
