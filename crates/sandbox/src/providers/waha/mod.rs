//! WAHA, a server that drives linked devices: one session a number.
//!
//! Source: WAHA's documentation and OpenAPI 2026.7.1. The session's webhooks, their events, keys, headers and repetitions stand in its configuration (`Gateway::config`), as they do there.

mod events;
mod messages;
mod sessions;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::call::Call;
use super::{Aim, Answer, Event, Origin, Refused, Sealing, Words};
use super::{chat, write};
use crate::chance::Chance;
use crate::core::{Core, Tx};
use crate::faults::Endpoint;
use crate::hooks::Post;
use crate::people;
use crate::world::{Gateway, LinkState, Person, Provider, World};

pub struct Waha;

impl Words for Waha {
    fn aim(&self, world: &World, call: &Call) -> Aim {
        let session = session_name(call);
        let gateway = world.gateway_of_account(Provider::Waha, &session);
        let endpoint = match call.segments().as_slice() {
            ["api", send] if send.starts_with("send") && *send != "sendSeen" => {
                let to = call.text("chatId").unwrap_or("");
                let phone = write::phone_of_chat(world, to).unwrap_or_default();
                return Aim::message(gateway, &phone, messages::kind(send));
            }
            ["api", "sendSeen"] => Endpoint::MarkRead,
            ["api", "contacts", ..] | ["api", _, "lids", ..] => Endpoint::Check,
            ["api", "files", ..] => Endpoint::MediaDownload,
            ["api", "sessions", ..] if matches!(call.method.as_str(), "PUT" | "POST") => {
                if call.path.len() > 3 {
                    Endpoint::Link
                } else {
                    Endpoint::Settings
                }
            }
            ["api", "sessions", ..] | ["api", _, "auth", ..] => Endpoint::Link,
            _ => Endpoint::Api,
        };
        Aim::at(endpoint, gateway)
    }

    fn answer<'a>(
        &'a self,
        core: &'a Arc<Core>,
        call: &'a Call,
        heard: Option<&'a str>,
    ) -> BoxFuture<'a, Answer> {
        route(core, call, heard).boxed()
    }

    fn refusal(&self, call: &Call, code: Option<u32>, status: Option<u16>) -> Refused {
        match (code, status) {
            (Some(code), status) if code != 429 && !(500..600).contains(&code) && code > 404 => {
                server_error(call, code, status.unwrap_or(500), 0)
            }
            (code, status) => {
                let status = status.or(code.and_then(|code| u16::try_from(code).ok()));
                plain(status.unwrap_or(500), "")
            }
        }
    }

    fn id(&self, chance: &mut Chance, person: &Person, from: Origin) -> String {
        let chat = if person.hidden {
            write::lid(&person.phone)
        } else {
            format!("{}@c.us", person.phone)
        };
        match from {
            Origin::Api => format!("true_{chat}_3EB0{}", chance.hex(18)),
            Origin::Person => format!("false_{chat}_3A{}", chance.hex(18)),
            Origin::OwnPhone => format!("true_{chat}_3A{}", chance.hex(18)),
        }
    }

    fn tell(&self, tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
        events::tell(tx, gateway, event)
    }

    fn sign(&self, sealing: &Sealing<'_>) -> Vec<(String, String)> {
        events::sign(sealing)
    }
}

/// The session that a request names: in its path, its body or its query.
fn session_name(call: &Call) -> String {
    let in_path = match call.segments().as_slice() {
        ["api", "sessions", name, ..] | ["api", "files", name, ..] => Some(*name),
        [
            "api",
            name,
            "auth" | "lids" | "chats" | "presence" | "new-message-id",
            ..,
        ] => Some(*name),
        _ => None,
    };
    in_path
        .or_else(|| call.text("session"))
        .or_else(|| call.text("name"))
        .or_else(|| call.query("session"))
        .unwrap_or("default")
        .to_owned()
}

/// `{message, error, statusCode}`, as the framework below WAHA writes its errors.
fn plain(status: u16, message: &str) -> Refused {
    let error = match status {
        400 => "Bad Request",
        401 => {
            return Refused::new(401, json!({"message": "Unauthorized", "statusCode": 401}));
        }
        403 => "Forbidden",
        404 => "Not Found",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
    let message = if message.is_empty() { error } else { message };
    Refused::new(
        status,
        json!({"statusCode": status, "error": error, "message": message}),
    )
}

/// The engine passes on what WhatsApp's server answered.
fn server_error(call: &Call, code: u32, status: u16, now: i64) -> Refused {
    let details = format!("server returned error {code}");
    let body = json!({"statusCode": status, "timestamp": crate::clock::rfc3339(now),
        "exception": {"message": format!("2 UNKNOWN: {details}"), "code": 2, "details": details, "name": "Error"},
        "request": {"path": format!("/{}", call.path.join("/")), "method": call.method.as_str()},
        "version": environment()});
    Refused::coded(status, code, body)
}

fn environment() -> Value {
    json!({"tier": "CORE", "version": "2026.7.1", "engine": "GOWS"})
}

fn status(state: LinkState) -> &'static str {
    match state {
        LinkState::Stopped => "STOPPED",
        LinkState::Starting | LinkState::Disconnected => "STARTING",
        LinkState::Scan => "SCAN_QR_CODE",
        LinkState::Linked | LinkState::Timelocked | LinkState::YellowCard => "WORKING",
        LinkState::Failed | LinkState::LoggedOut | LinkState::Banned => "FAILED",
    }
}

fn found(code: u16, value: Value) -> Answer {
    let status = axum::http::StatusCode::from_u16(code).unwrap_or_default();
    Ok((status, axum::Json(value)).into_response())
}

fn ok(value: Value) -> Answer {
    found(200, value)
}

/// The caller's key must be the one of some session; it reaches the sessions that have it.
fn key(call: &Call) -> Option<&str> {
    call.header("x-api-key").or_else(|| call.query("x-api-key"))
}

async fn route(core: &Arc<Core>, call: &Call, heard: Option<&str>) -> Answer {
    if call.segments() == ["ping"] {
        return ok(json!({"message": "pong"}));
    }
    let key = key(call).unwrap_or("");
    let known = core
        .state()
        .world
        .gateways_of(Provider::Waha)
        .any(|gateway| gateway.key == key);
    if !known {
        return Err(plain(401, ""));
    }
    let name = session_name(call);
    let gateway = || {
        let state = core.state();
        let gateway = state.world.gateway_of_account(Provider::Waha, &name);
        gateway
            .filter(|gateway| gateway.key == key)
            .cloned()
            .ok_or_else(|| plain(404, &format!("Session \"{name}\" does not exist")))
    };
    match (call.method.as_str(), call.segments().as_slice()) {
        ("GET", ["api", "version" | "server"] | ["api", "server", "version"]) => ok(environment()),
        ("GET", ["api", "sessions"]) => sessions::list(core, call, key),
        ("POST", ["api", "sessions"]) => sessions::create(core, call, &name, key).await,
        ("GET", ["api", "sessions", _]) => ok(sessions::info(&gateway()?, core.now())),
        ("PUT", ["api", "sessions", _]) => sessions::update(core, call, gateway()?).await,
        ("DELETE", ["api", "sessions", _]) => sessions::delete(core, gateway()?).await,
        ("GET", ["api", "sessions", _, "me"]) => ok(sessions::me(&gateway()?, core.now())),
        ("GET", ["api", "sessions", _, "capping"]) => ok(sessions::capping()),
        ("POST", ["api", "sessions", _, verb]) => sessions::steer(core, gateway()?, verb).await,
        ("GET", ["api", _, "auth", "qr"]) => sessions::qr(call, &gateway()?),
        ("POST", ["api", _, "auth", "request-code"]) => sessions::pair_code(call, &gateway()?),
        ("GET", ["api", _, "new-message-id"]) => {
            gateway()?;
            ok(json!({"id": format!("3EB0{}", core.state().chance.hex(18))}))
        }
        ("GET", ["api", "contacts", "check-exists"]) => {
            let gateway = gateway()?;
            sessions::must_work(&gateway)?;
            check_exists(core, call)
        }
        ("GET", ["api", _, "lids", "pn", phone]) => {
            let phone = write::digits(phone);
            ok(json!({"lid": write::lid(&phone), "pn": format!("{phone}@c.us")}))
        }
        ("GET", ["api", _, "lids", lid]) => find_lid(core, &gateway()?, lid),
        ("GET", ["api", "files", _, id]) => chat::file(core, &gateway()?.id, id)
            .await
            .ok_or_else(|| plain(404, "File not found")),
        _ => messages::route(core, call, gateway()?, heard).await,
    }
}

fn check_exists(core: &Core, call: &Call) -> Answer {
    let phone = write::digits(call.query("phone").unwrap_or(""));
    if phone.len() < 7 {
        return Err(plain(400, "phone is required"));
    }
    if people::reachable(&core.state().world, &phone) {
        ok(json!({"numberExists": true, "chatId": format!("{phone}@c.us")}))
    } else {
        ok(json!({"numberExists": false}))
    }
}

/// A hidden identity shows its phone only to those who may know it.
fn find_lid(core: &Core, gateway: &Gateway, lid: &str) -> Answer {
    let now = core.now();
    let state = core.state();
    let address = if lid.ends_with("@lid") {
        lid.to_owned()
    } else {
        format!("{lid}@lid")
    };
    let person = write::phone_of_chat(&state.world, &address)
        .and_then(|phone| state.world.person_with_phone(&phone));
    let phone = person
        .filter(|person| state.world.phone_known(&gateway.id, person, now))
        .map(|person| format!("{}@c.us", person.phone));
    ok(json!({"lid": address, "pn": phone}))
}

/// An answer of 201, as every send gives it.
fn created(value: Value) -> Answer<Response> {
    found(201, value)
}
