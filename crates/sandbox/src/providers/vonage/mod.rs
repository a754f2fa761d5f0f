//! Vonage Messages API: JSON of its own, with Meta's objects passed on in `custom`.
//!
//! Source: Vonage's documentation and SDKs of 2026, and the error list of its 2021 specification. Tokens of an application are taken by their claim: their RS256 signature is not checked, for the sandbox has no public key. Template management is not played.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use base64::Engine as _;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::call::Call;
use super::reseller::{self, body_component};
use super::send::Outgoing;
use super::{Aim, Answer, Event, Origin, Refused, Sealing, Words, chat, write};
use crate::chance::Chance;
use crate::core::{Core, Tx};
use crate::faults::Endpoint;
use crate::graph::error::GraphError;
use crate::hooks::Post;
use crate::hooks::json::hex;
use crate::world::{From, Gateway, Message, Person, Provider, World};

pub struct Vonage;

impl Words for Vonage {
    fn aim(&self, world: &World, call: &Call) -> Aim {
        let gateway = sender(world, call);
        match (call.method.as_str(), call.segments().as_slice()) {
            ("POST", ["v1", "messages"]) => {
                let kind = call.text("message_type").unwrap_or("");
                let mut aim = Aim::message(gateway, call.text("to").unwrap_or(""), kind);
                aim.template = call.json["template"]["name"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                aim
            }
            ("PATCH", ["v1", "messages", _]) => Aim::at(Endpoint::MarkRead, gateway),
            (_, ["v3", "media", ..]) => Aim::at(Endpoint::MediaDownload, gateway),
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
        match (code, status) {
            (Some(429), _) | (None, Some(429)) => refused(
                429,
                1_000,
                "Throttled",
                "You are sending too many requests.",
            ),
            (Some(401), _) | (None, Some(401)) => unauthorized(),
            (Some(code), status) if code >= 1_000 => {
                refused(status.unwrap_or(422), code, explain(code), explain(code))
            }
            (code, status) => {
                let status = status.or(code.and_then(|code| u16::try_from(code).ok()));
                refused(
                    status.unwrap_or(500),
                    1_030,
                    "Internal error",
                    "There was an error processing your message in the Platform.",
                )
            }
        }
    }

    fn id(&self, chance: &mut Chance, _person: &Person, _from: Origin) -> String {
        write::uuid(chance)
    }

    fn tell(&self, tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
        let post = match event {
            Event::Inbound(one) => {
                let value = inbound(tx.world(), gateway, one, tx.public_url);
                value.map(|value| Post::new(gateway.webhook.clone(), "message", value).about(one))
            }
            Event::Status {
                message: one,
                status,
            } => {
                let carried = one.carried.as_ref();
                let own = carried.and_then(|carried| carried.notify.clone());
                let url = own
                    .or(gateway.status_webhook.clone())
                    .or(gateway.webhook.clone());
                let value = status_value(tx, gateway, one, status);
                Some(Post::new(url, format!("status:{status}"), value).about(one))
            }
            Event::Any { name, value } => {
                Some(Post::new(gateway.webhook.clone(), *name, (*value).clone()))
            }
            _ => None,
        };
        post.into_iter().collect()
    }

    /// A token bound to the body, signed with the account's signature secret.
    fn sign(&self, sealing: &Sealing<'_>) -> Vec<(String, String)> {
        let digest = hex(&Sha256::digest(sealing.body));
        let seed = u64::from_str_radix(digest.get(..16).unwrap_or("0"), 16).unwrap_or(0);
        let claims = json!({"iat": crate::clock::seconds(sealing.now), "jti": write::uuid(&mut Chance::seeded(seed)),
            "iss": "Vonage", "payload_hash": digest, "api_key": sealing.gateway.account,
            "application_id": sealing.gateway.config.get("application_id")});
        let token = write::jwt(sealing.key(&sealing.gateway.secret), &claims);
        vec![("authorization".to_owned(), format!("Bearer {token}"))]
    }
}

fn sender<'a>(world: &'a World, call: &Call) -> Option<&'a Gateway> {
    let from = call.text("from")?;
    world
        .gateways_of(Provider::Vonage)
        .find(|one| one.phone == from)
}

fn refused(status: u16, code: u32, title: &str, detail: &str) -> Refused {
    let kind = format!("https://developer.vonage.com/api-errors/messages#{code}");
    Refused::coded(
        status,
        code,
        json!({"type": kind, "title": title, "detail": detail,
        "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf"}),
    )
}

fn unauthorized() -> Refused {
    Refused::new(
        401,
        json!({"type": "https://developer.vonage.com/api-errors#unauthorized",
        "title": "Unauthorized", "detail": "You did not provide correct credentials.",
        "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf"}),
    )
}

fn invalid(name: &str, reason: &str) -> Refused {
    let mut refused = refused(
        422,
        1_150,
        "Invalid params",
        "The value of one or more parameters is invalid.",
    );
    refused.body["invalid_parameters"] = json!([{"name": name, "reason": reason}]);
    refused
}

/// The accounts that the caller proves to be.
fn authenticates(gateway: &Gateway, call: &Call) -> bool {
    if let Some((key, secret)) = call.basic() {
        return gateway.account == key && gateway.key == secret;
    }
    let claims = call.authorization("bearer").and_then(|token| {
        let middle = token.split('.').nth(1)?;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(middle)
            .ok()?;
        serde_json::from_slice::<Value>(&bytes).ok()
    });
    let application = gateway.config.get("application_id");
    claims.is_some_and(|claims| application.is_some_and(|id| claims["application_id"] == *id))
}

async fn route(core: &Arc<Core>, call: &Call, heard: Option<&str>) -> Answer {
    let known = {
        let state = core.state();
        state
            .world
            .gateways_of(Provider::Vonage)
            .any(|one| authenticates(one, call))
    };
    if !known {
        return Err(unauthorized());
    }
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["v1", "messages"]) => send(core, call, heard).await,
        ("PATCH", ["v1", "messages", id]) => read(core, call, id).await,
        ("GET", ["v2", "whatsapp-manager", "wabas", waba, "templates"]) => {
            Ok(templates(core, call, waba))
        }
        ("GET", ["v3", "media", id]) => {
            let number = core
                .state()
                .world
                .media
                .get(*id)
                .map(|one| one.number.clone());
            let file = chat::file(core, &number.unwrap_or_default(), id).await;
            file.ok_or_else(|| refused(404, 1_020, "Not Found", "The media was not found."))
        }
        _ => Err(refused(404, 1_020, "Not Found", "The path was not found.")),
    }
}

/// The account's templates in Meta's words, all on one page.
fn templates(core: &Core, call: &Call, waba: &str) -> axum::response::Response {
    let state = core.state();
    let own = |waba: &str| {
        let mut all = state.world.gateways_of(Provider::Vonage);
        all.any(|one| one.waba == waba && authenticates(one, call))
    };
    let all: Vec<Value> = state
        .world
        .templates
        .iter()
        .filter(|one| one.waba == waba && one.deleted_at.is_none() && own(waba))
        .map(|one| {
            json!({"template_id": one.id, "name": one.name, "language": one.language,
            "category": one.category, "status": one.status, "components": one.components})
        })
        .collect();
    let total = all.len();
    axum::Json(json!({"templates": all, "total_items": total})).into_response()
}

async fn send(core: &Core, call: &Call, heard: Option<&str>) -> Answer {
    if call.text("channel") != Some("whatsapp") {
        return Err(invalid("channel", "must be one of the supported channels"));
    }
    let gateway = sender(&core.state().world, call)
        .filter(|one| authenticates(one, call))
        .cloned();
    let gateway = gateway.ok_or_else(|| {
        refused(
            422,
            1_120,
            "Illegal sender",
            "Illegal Sender Address - rejected",
        )
    })?;
    let to = call.text("to").unwrap_or("");
    if to.len() < 7 || !to.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid("to", "expected to match the E.164 format"));
    }
    let body = body(call)?;
    let out = Outgoing {
        id: write::uuid(&mut core.state().chance),
        to: to.to_owned(),
        quoted: call.json["context"]["message_uuid"]
            .as_str()
            .map(str::to_owned),
        opaque: call.text("client_ref").map(str::to_owned),
        notify: call.text("webhook_url").map(str::to_owned),
        request: call.json.clone(),
        ..Outgoing::default()
    };
    let sent = reseller::submit(core, &gateway, body, out, heard).await;
    let message = sent.map_err(|error: GraphError| {
        invalid("message", error.details().unwrap_or("is not valid"))
    })?;
    let answer = json!({"message_uuid": message.wamid});
    Ok((StatusCode::ACCEPTED, axum::Json(answer)).into_response())
}

/// The message as Meta would have it.
fn body(call: &Call) -> Answer<Value> {
    let json = &call.json;
    let kind = call.text("message_type").unwrap_or("");
    let file = |own: &str, meta: &str| {
        let mut media = json!({"link": json[own]["url"]});
        for (from, to) in [("caption", "caption"), ("name", "filename")] {
            if let Some(text) = json[own][from].as_str() {
                media[to] = json!(text);
            }
        }
        json!({"type": meta, (meta): media})
    };
    Ok(match kind {
        "text" => json!({"type": "text", "text": {"body": json["text"]}}),
        "image" | "audio" | "video" | "sticker" => file(kind, kind),
        "file" => file("file", "document"),
        "location" => json!({"type": "location", "location": {"latitude": json["location"]["lat"],
            "longitude": json["location"]["long"], "name": json["location"]["name"], "address": json["location"]["address"]}}),
        "template" => {
            let name = json["template"]["name"].as_str().unwrap_or("");
            let name = name.rsplit(':').next().unwrap_or(name);
            let parameters = json["template"]["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let components = if parameters.is_empty() {
                json!([])
            } else {
                json!([body_component(&parameters)])
            };
            json!({"type": "template", "template": {"name": name,
                "language": {"code": json["whatsapp"]["locale"].as_str().unwrap_or("en")}, "components": components}})
        }
        "custom" => json["custom"].clone(),
        _ => return Err(invalid("message_type", "is not a valid message type")),
    })
}

async fn read(core: &Core, call: &Call, id: &str) -> Answer {
    let about = {
        let state = core.state();
        state.world.message(id).and_then(|one| {
            let person = state.world.person(&one.person)?;
            Some((one.number.clone(), person.phone.clone()))
        })
    };
    let (number, phone) =
        about.ok_or_else(|| refused(404, 1_020, "Not Found", "The message was not found."))?;
    let read = chat::read(core, &number, &phone, Some(id)).await;
    let shown = match call.json["replying_indicator"]["show"].as_bool() {
        Some(true) => chat::typing(core, &number, &phone, true).await,
        _ => Some(()),
    };
    match (read, shown) {
        (Some(()), Some(())) => Ok(StatusCode::OK.into_response()),
        _ => Err(refused(500, 1_030, "Internal error", "Internal error")),
    }
}

fn inbound(world: &World, gateway: &Gateway, one: &Message, public_url: &str) -> Option<Value> {
    let person = world.person(&one.person)?;
    let payload = &one.payload;
    let user_id = crate::people::user_id(world, &gateway.id, person);
    let known = world.phone_known(&gateway.id, person, one.at);
    let mut sender = json!({"user_id": user_id});
    if known {
        sender["wa_id"] = json!(person.phone);
    }
    let from = if known {
        Some(person.phone.clone())
    } else {
        user_id
    };
    let mut value = json!({"channel": "whatsapp", "message_uuid": one.wamid, "to": gateway.phone, "from": from,
        "timestamp": write::rfc3339_seconds(one.at), "context_status": "none",
        "profile": {"name": person.name}, "whatsapp": {"sender": sender}, "provider_message": "",
        "usage": {"currency": "EUR", "price": "0.0001"}});
    if let Some(username) = &person.username {
        value["profile"]["username"] = json!(username);
    }
    if let Some(quoted) = &one.quoted {
        let own = world
            .message(quoted)
            .is_none_or(|quoted| quoted.from == From::Business);
        value["context_status"] = json!("available");
        value["context"] = json!({"message_uuid": quoted,
            "message_from": if own { &gateway.phone } else { &person.phone }});
    }
    if let Some(referral) = &one.referral {
        value["whatsapp"]["referral"] = referral.clone();
    }
    let media = payload["id"].as_str().and_then(|id| world.media.get(id));
    let (kind, body) = match one.kind.as_str() {
        "text" => ("text", payload["body"].clone()),
        "image" | "video" | "audio" | "sticker" | "document" => {
            let kind = if one.kind == "document" {
                "file"
            } else {
                one.kind.as_str()
            };
            let mut file =
                json!({"url": media.map(|one| format!("{public_url}/vonage/v3/media/{}", one.id))});
            if let Some(caption) = payload["caption"].as_str() {
                file["caption"] = json!(caption);
            }
            if let Some(name) = media.and_then(|one| one.filename.as_ref()) {
                file["name"] = json!(name);
            }
            (kind, file)
        }
        "location" => (
            "location",
            json!({"lat": payload["latitude"], "long": payload["longitude"],
            "name": payload["name"], "address": payload["address"]}),
        ),
        "button" => (
            "button",
            json!({"payload": payload["payload"], "text": payload["text"]}),
        ),
        "interactive" if !payload["button_reply"].is_null() => {
            ("reply", payload["button_reply"].clone())
        }
        "interactive" if !payload["list_reply"].is_null() => {
            ("reply", payload["list_reply"].clone())
        }
        "reaction" => {
            let emoji = payload["emoji"].as_str();
            let action = if emoji.is_some() { "react" } else { "unreact" };
            ("reaction", json!({"action": action, "emoji": emoji}))
        }
        "contacts" => ("contact", payload.clone()),
        "order" => ("order", payload.clone()),
        _ => ("unsupported", Value::Null),
    };
    value["message_type"] = json!(kind);
    if !body.is_null() {
        value[kind] = body;
    }
    Some(value)
}

fn status_value(tx: &Tx<'_>, gateway: &Gateway, one: &Message, status: &str) -> Value {
    let world = tx.world();
    let failed = one.state.failed.map(|(_, code)| code);
    let word = match (status, failed) {
        ("sent", _) => "submitted",
        ("played", _) => "read",
        ("failed", Some(131_026)) => "undeliverable",
        ("failed", _) => "rejected",
        (status, _) => status,
    };
    let user_id = world
        .person(&one.person)
        .and_then(|person| crate::people::user_id(world, &gateway.id, person));
    let mut value = json!({"message_uuid": one.wamid, "to": one.to, "from": gateway.phone,
        "timestamp": write::rfc3339_seconds(tx.now), "channel": "whatsapp", "status": word});
    if let Some(reference) = &one.opaque {
        value["client_ref"] = json!(reference);
    }
    match failed {
        Some(meta) => {
            let code = code(meta);
            value["error"] = json!({"type": format!("https://developer.vonage.com/api-errors/messages#{code}"),
                "title": code.to_string(), "detail": explain(code), "instance": one.wamid});
        }
        None => {
            value["usage"] = json!({"currency": "EUR", "price": "0.0333"});
            value["whatsapp"] = json!({"recipient": {"user_id": user_id},
                "pricing": {"type": "regular", "pricing_model": "PMP", "category": one.category}});
        }
    }
    value
}

/// Vonage's code for one of Meta's.
fn code(meta: u32) -> u32 {
    match meta {
        131_047 => 1_340,
        131_026 => 1_300,
        131_050 => 1_240,
        131_048 | 130_429 => 1_000,
        131_056 => 1_241,
        131_042 => 1_070,
        131_052 | 131_053 => 1_380,
        132_000..=132_999 => 1_022,
        _ => 1_331,
    }
}

fn explain(code: u32) -> &'static str {
    match code {
        1_000 => "Throttled",
        1_022 => "Invalid template",
        1_070 => "Partner quota exceeded",
        1_120 => "Illegal sender",
        1_240 => "Number barred or opted out",
        1_241 => "Too many requests to this number",
        1_300 => "Not part of the provider network",
        1_340 => {
            "Outside of the allowed window. This message is sent outside of allowed response window."
        }
        1_380 => "The media URL cannot be used",
        _ => "Provider error",
    }
}
