//! Twilio: forms instead of JSON, templates as content objects, statuses to an address each message names.
//!
//! Source: Twilio's OpenAPI (api v2010, content v1), its WhatsApp pages and its request validator. The content and messaging hosts are below the same prefix. Answers to inbound webhooks (`TwiML`) are not read.

mod content;
mod events;
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
use crate::world::{Gateway, Person, Provider, World};

pub struct Twilio;

const VERSION: &str = "2010-04-01";

impl Words for Twilio {
    fn aim(&self, world: &World, call: &Call) -> Aim {
        let sender = sender(world, call);
        match call.segments().as_slice() {
            [VERSION, "Accounts", _, "Messages.json"] if call.is("POST") => {
                let template = call.text("ContentSid").unwrap_or("");
                let kind = if !template.is_empty() {
                    "template"
                } else if call.text("MediaUrl").is_some() {
                    "media"
                } else {
                    "text"
                };
                let mut aim = Aim::message(sender, call.text("To").unwrap_or(""), kind);
                aim.template = template.to_owned();
                aim
            }
            [VERSION, "Accounts", _, "Messages", _, "Media", ..] | ["media", ..] => {
                Aim::at(Endpoint::MediaDownload, sender)
            }
            ["v1", ..] => Aim::at(Endpoint::Templates, sender),
            ["v2", "Indicators", ..] => Aim::at(Endpoint::MarkRead, sender),
            _ => Aim::at(Endpoint::Api, sender),
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
            (Some(429), _) | (None, Some(429)) => refused(429, 20_429, "Too Many Requests"),
            (Some(401), _) | (None, Some(401)) => unauthorized(),
            (Some(code), status) if code >= 1_000 => {
                let status = status.unwrap_or(if code == 20_429 { 429 } else { 400 });
                refused(status, code, events::explain(code))
            }
            (code, status) => {
                let status = status.or(code.and_then(|code| u16::try_from(code).ok()));
                refused(
                    status.unwrap_or(500),
                    20_500,
                    "An internal server error has occurred",
                )
            }
        }
    }

    fn id(&self, chance: &mut Chance, _person: &Person, _from: Origin) -> String {
        sid(chance, "SM")
    }

    fn tell(&self, tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
        events::tell(tx, gateway, event)
    }

    /// Over the address and the sorted parameters, with the account's token.
    fn sign(&self, sealing: &Sealing<'_>) -> Vec<(String, String)> {
        let mut pairs: Vec<(&str, &str)> = sealing
            .hook
            .value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|pair| Some((pair[0].as_str()?, pair[1].as_str()?)))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        let mut text = sealing.hook.url.clone();
        for (name, value) in pairs {
            text.push_str(name);
            text.push_str(value);
        }
        let signature = write::hmac_sha1_base64(sealing.key(&sealing.gateway.key), &text);
        vec![
            ("x-twilio-signature".to_owned(), signature),
            ("user-agent".to_owned(), "TwilioProxy/1.1".to_owned()),
        ]
    }
}

/// Two letters and 32 digits.
fn sid(chance: &mut Chance, kind: &str) -> String {
    format!("{kind}{}", chance.hex(32).to_ascii_lowercase())
}

fn account(call: &Call) -> Option<&str> {
    match call.segments().as_slice() {
        [VERSION, "Accounts", account, ..] => Some(account.trim_end_matches(".json")),
        _ => None,
    }
}

/// The number that a send is from: its own address, or that of the messaging service.
fn sender<'a>(world: &'a World, call: &Call) -> Option<&'a Gateway> {
    let from = write::digits(call.text("From").unwrap_or(""));
    let service = call.text("MessagingServiceSid");
    let account = account(call);
    let own = |one: &&Gateway| account.is_none_or(|account| one.account == account);
    let mut all = world.gateways_of(Provider::Twilio).filter(own);
    all.find(|one| match (from.is_empty(), service) {
        (false, _) => one.phone == from,
        (true, Some(service)) => {
            let has = one.config.get("messaging_service_sid");
            has.is_some_and(|has| has == service)
        }
        (true, None) => false,
    })
}

fn refused(status: u16, code: u32, message: &str) -> Refused {
    let body = json!({"code": code, "message": message, "status": status,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}")});
    Refused::coded(status, code, body)
}

fn unauthorized() -> Refused {
    refused(401, 20_003, "Authenticate")
}

fn not_found(call: &Call) -> Refused {
    let path = call.path.join("/");
    refused(
        404,
        20_404,
        &format!("The requested resource /{path} was not found"),
    )
}

fn ok(value: Value) -> Answer {
    Ok(axum::Json(value).into_response())
}

fn created(value: Value) -> Answer {
    Ok((axum::http::StatusCode::CREATED, axum::Json(value)).into_response())
}

/// The account that the caller proves to be: with its own token, or with a key of it
/// (`config.api_keys`, secrets by id).
fn authenticate(world: &World, call: &Call) -> Option<String> {
    let (user, password) = call.basic()?;
    let knows = |one: &&Gateway| {
        let keys = one.config.get("api_keys");
        let secret = keys.and_then(|keys| keys[user.as_str()].as_str());
        (one.account == user && one.key == password) || secret == Some(password.as_str())
    };
    let mut all = world.gateways_of(Provider::Twilio);
    all.find(knows).map(|one| one.account.clone())
}

async fn route(core: &Arc<Core>, call: &Call, heard: Option<&str>) -> Answer {
    if let ["media", id] = call.segments().as_slice() {
        return messages::storage(core, id).await;
    }
    let caller = authenticate(&core.state().world, call).ok_or_else(unauthorized)?;
    if account(call).is_some_and(|account| account != caller) {
        return Err(not_found(call));
    }
    match (call.method.as_str(), call.segments().as_slice()) {
        ("GET", [VERSION, "Accounts", _]) => ok(json!({"sid": caller, "friendly_name": "Example",
            "status": "active", "type": "Full"})),
        ("POST", [VERSION, "Accounts", _, "Messages.json"]) => {
            messages::send(core, call, &caller, heard).await
        }
        (_, [VERSION, "Accounts", _, "Messages.json" | "Messages", ..]) => {
            messages::route(core, call, &caller).await
        }
        ("POST", ["v2", "Indicators", "Typing.json"]) => messages::typing(core, call).await,
        (_, ["v1", ..]) => content::route(core, call, &caller).await,
        _ => Err(not_found(call)),
    }
}
