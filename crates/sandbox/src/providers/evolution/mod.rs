//! Evolution API v2, a server that drives linked devices: one instance a number.
//!
//! Source: Evolution's code 2.3.7 and 2.4.0-rc2. The licence of 2.4 is not played; a fault with status 503 and a body does. Media of inbound messages are fetched with `getBase64FromMediaMessage`.

mod events;
mod instances;
mod messages;

use std::sync::Arc;

use axum::response::IntoResponse;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::call::Call;
use super::{Aim, Answer, Event, Origin, Refused, Sealing, Words, write};
use crate::chance::Chance;
use crate::core::{Core, Tx};
use crate::faults::Endpoint;
use crate::hooks::Post;
use crate::world::{Gateway, LinkState, Person, Provider, World};

pub struct Evolution;

impl Words for Evolution {
    fn aim(&self, world: &World, call: &Call) -> Aim {
        let name = call.path.get(2).map_or("", String::as_str);
        let gateway = world.gateway_of_account(Provider::Evolution, name);
        match call.segments().as_slice() {
            ["message", send, _] => {
                let to = call.text("number").unwrap_or("");
                let kind = messages::kind(send, call);
                Aim::message(gateway, to, kind)
            }
            ["chat", "whatsappNumbers", _] => Aim::at(Endpoint::Check, gateway),
            ["chat", "markMessageAsRead", _] => Aim::at(Endpoint::MarkRead, gateway),
            ["chat", "getBase64FromMediaMessage", _] => Aim::at(Endpoint::MediaDownload, gateway),
            ["webhook" | "settings", ..] => Aim::at(Endpoint::Settings, gateway),
            ["instance", ..] => Aim::at(Endpoint::Link, gateway),
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
        let known = known.filter(|code| (400..600).contains(code) && *code != 463);
        let text = code.map(|code| format!("server returned error {code}"));
        refused(
            status.or(known).unwrap_or(500),
            text.as_deref().unwrap_or(""),
        )
    }

    fn id(&self, chance: &mut Chance, _person: &Person, from: Origin) -> String {
        match from {
            Origin::Api => format!("3EB0{}", chance.hex(16)),
            Origin::Person | Origin::OwnPhone => format!("3A{}", chance.hex(18)),
        }
    }

    fn tell(&self, tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
        events::tell(tx, gateway, event)
    }

    /// A token that is not bound to the body, for those who gave a `jwt_key`.
    fn sign(&self, sealing: &Sealing<'_>) -> Vec<(String, String)> {
        let key = sealing
            .hook
            .letter
            .as_ref()
            .and_then(|letter| letter.key.as_deref());
        let Some(key) = key else {
            return Vec::new();
        };
        let iat = crate::clock::seconds(sealing.now);
        let claims = json!({"iat": iat, "exp": iat + 600, "app": "evolution", "action": "webhook"});
        let token = write::jwt(sealing.key(key), &claims);
        vec![("authorization".to_owned(), format!("Bearer {token}"))]
    }
}

fn refused(status: u16, message: &str) -> Refused {
    let error = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
    let message = if message.is_empty() { error } else { message };
    Refused::new(
        status,
        json!({"status": status, "error": error, "response": {"message": [message]}}),
    )
}

fn ok(value: Value) -> Answer {
    Ok(axum::Json(value).into_response())
}

fn created(value: Value) -> Answer {
    Ok((axum::http::StatusCode::CREATED, axum::Json(value)).into_response())
}

/// The state in Evolution's words.
fn state(link: LinkState) -> &'static str {
    match link {
        LinkState::Linked | LinkState::Timelocked | LinkState::YellowCard => "open",
        LinkState::Starting | LinkState::Scan | LinkState::Disconnected => "connecting",
        LinkState::Stopped | LinkState::Failed | LinkState::LoggedOut | LinkState::Banned => {
            "close"
        }
    }
}

/// The instance's own token; the key is the server's.
fn token(gateway: &Gateway) -> &str {
    gateway
        .config
        .get("token")
        .and_then(Value::as_str)
        .unwrap_or("")
}

fn instance_id(gateway: &Gateway) -> String {
    write::uuid(&mut Chance::seeded(
        gateway.account.bytes().fold(7_u64, |sum, byte| {
            u64::wrapping_add(sum.wrapping_mul(31), u64::from(byte))
        }),
    ))
}

async fn route(core: &Arc<Core>, call: &Call, heard: Option<&str>) -> Answer {
    let key = call.header("apikey").unwrap_or("").to_owned();
    let of_server = core
        .state()
        .world
        .gateways_of(Provider::Evolution)
        .any(|one| one.key == key);
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["instance", "create"]) if of_server => {
            return instances::create(core, call, &key).await;
        }
        ("GET", ["instance", "fetchInstances"]) => return instances::list(core, call, &key),
        _ => {}
    }
    let name = call.path.get(2).map_or("", String::as_str);
    let gateway = {
        let state = core.state();
        state
            .world
            .gateway_of_account(Provider::Evolution, name)
            .cloned()
    };
    let knows = gateway.as_ref().map_or(of_server, |one| {
        one.key == key || (!key.is_empty() && token(one) == key)
    });
    if !knows {
        return Err(refused(401, ""));
    }
    let gateway =
        gateway.ok_or_else(|| refused(404, &format!("The \"{name}\" instance does not exist")))?;
    match call.segments().as_slice() {
        ["instance", ..] => instances::route(core, call, gateway).await,
        ["webhook", "set", _] if call.is("POST") => {
            instances::set_webhook(core, call, gateway).await
        }
        ["webhook", "find", _] => ok(gateway.config.get("webhook").cloned().unwrap_or_default()),
        _ => messages::route(core, call, gateway, heard).await,
    }
}
