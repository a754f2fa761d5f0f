//! wuzapi, a small server over whatsmeow: one user a number.
//!
//! Source: wuzapi's code of May 2025 and its README of 2026. Its answer comes after WhatsApp's own, so an accepted message is `sent` at once. Media of inbound messages are fetched by `/chat/download…`; they are not put into the webhook.

mod events;
mod messages;

use std::sync::Arc;

use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::call::Call;
use super::{Aim, Answer, Event, Origin, Refused, Sealing, Words, link, write};
use crate::chance::Chance;
use crate::core::{Core, Tx};
use crate::faults::Endpoint;
use crate::hooks::Post;
use crate::hooks::json::hex;
use crate::world::{Gateway, Link, LinkState, Person, Provider, World};

pub struct Wuzapi;

/// The token of the admin routes.
const ADMIN: &str = "sandbox-wuzapi-admin";

impl Words for Wuzapi {
    fn aim(&self, world: &World, call: &Call) -> Aim {
        let gateway = user(world, call);
        match call.segments().as_slice() {
            ["chat", "send", kind] => Aim::message(
                gateway,
                call.text("Phone").unwrap_or(""),
                messages::kind(kind),
            ),
            ["chat", "markread"] => Aim::at(Endpoint::MarkRead, gateway),
            ["chat", verb] if verb.starts_with("download") => {
                Aim::at(Endpoint::MediaDownload, gateway)
            }
            ["user", "check"] => Aim::at(Endpoint::Check, gateway),
            ["session", "hmac", ..] | ["webhook"] => Aim::at(Endpoint::Settings, gateway),
            ["session", ..] => Aim::at(Endpoint::Link, gateway),
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
        let known =
            known.filter(|code| (400..600).contains(code) && !matches!(code, 463 | 475 | 479));
        match (code, known) {
            (Some(code), None) => server_error(code, status.unwrap_or(500)),
            _ => refused(status.or(known).unwrap_or(500), "internal error"),
        }
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

    /// Over the body as it is sent; a form's names are sorted already.
    fn sign(&self, sealing: &Sealing<'_>) -> Vec<(String, String)> {
        let key = text(sealing.gateway, "hmac_key");
        if key.is_empty() {
            return Vec::new();
        }
        let signature = hex(&write::hmac_sha256(sealing.key(key), sealing.body));
        vec![("x-hmac-signature".to_owned(), signature)]
    }
}

fn text<'a>(gateway: &'a Gateway, key: &str) -> &'a str {
    gateway
        .config
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or("")
}

fn user<'a>(world: &'a World, call: &Call) -> Option<&'a Gateway> {
    let token = call.header("token").or_else(|| call.query("token"))?;
    world
        .gateways_of(Provider::Wuzapi)
        .find(|one| one.key == token)
}

fn refused(status: u16, error: &str) -> Refused {
    Refused::new(
        status,
        json!({"code": status, "error": error, "success": false}),
    )
}

/// What WhatsApp's server refused.
fn server_error(code: u32, status: u16) -> Refused {
    let mut refused = refused(status, &format!("server returned error {code}"));
    refused.code = code;
    refused
}

fn ok(data: Value) -> Answer {
    Ok(axum::Json(json!({"code": 200, "data": data, "success": true})).into_response())
}

/// A user who was removed on the phone has no client any more.
fn is_connected(state: LinkState) -> bool {
    state.is_linked() || state == LinkState::Scan
}

async fn route(core: &Arc<Core>, call: &Call, heard: Option<&str>) -> Answer {
    if call.path.first().is_some_and(|first| first == "admin") {
        return admin(core, call).await;
    }
    let gateway = user(&core.state().world, call).cloned();
    let gateway = gateway.ok_or_else(|| refused(401, "unauthorized"))?;
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["session", "connect"]) => connect(core, call, gateway).await,
        ("POST", ["session", "disconnect"]) => {
            steer(core, &gateway, LinkState::Stopped).await?;
            ok(json!({"Details": "Disconnected"}))
        }
        ("POST", ["session", "logout"]) => {
            if !gateway.link.state.is_linked() {
                return Err(refused(500, "could not disconnect as it was not logged in"));
            }
            steer(core, &gateway, LinkState::LoggedOut).await?;
            ok(json!({"Details": "Logged out"}))
        }
        ("GET", ["session", "status"]) => ok(json!({"Connected": is_connected(gateway.link.state),
            "LoggedIn": gateway.link.state.is_linked()})),
        ("GET", ["session", "qr"]) => qr(&gateway),
        ("POST", ["session", "pairphone"]) => pair(core, call, &gateway).await,
        ("POST", ["session", "hmac", "config"]) => {
            let key = call.text("hmac_key").unwrap_or("");
            if key.len() < 32 {
                return Err(refused(400, "hmac_key must be at least 32 characters"));
            }
            configure(core, gateway, &[("hmac_key", key)]).await?;
            ok(json!({"Details": "HMAC configuration saved successfully"}))
        }
        (_, ["webhook"]) => webhook(core, call, gateway).await,
        _ => messages::route(core, call, gateway, heard).await,
    }
}

async fn steer(core: &Core, gateway: &Gateway, to: LinkState) -> Answer<()> {
    let done = core
        .commit(|tx| link::change(tx, &gateway.id, to, None))
        .await;
    done.ok_or_else(|| refused(500, "internal error"))
}

async fn configure(core: &Core, mut gateway: Gateway, changes: &[(&str, &str)]) -> Answer<()> {
    for (key, value) in changes {
        gateway.config.insert((*key).to_owned(), json!(value));
    }
    let done = core.commit(|tx| tx.record(gateway.record())).await;
    done.ok_or_else(|| refused(500, "internal error"))
}

async fn connect(core: &Core, call: &Call, gateway: Gateway) -> Answer {
    if gateway.link.state.is_linked() {
        return Err(refused(500, "already connected"));
    }
    let events: Vec<&str> = call.json["Subscribe"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let events = events.join(",");
    let (id, phone) = (gateway.id.clone(), gateway.phone.clone());
    let webhook = text(&gateway, "webhook").to_owned();
    if !events.is_empty() {
        configure(core, gateway, &[("events", &events)]).await?;
    }
    let done = core.commit(|tx| link::start(tx, &id)).await;
    done.ok_or_else(|| refused(500, "internal error"))?;
    ok(
        json!({"details": "Connected!", "events": events, "webhook": webhook,
        "jid": format!("{phone}:12@s.whatsapp.net")}),
    )
}

fn qr(gateway: &Gateway) -> Answer {
    if gateway.link.state.is_linked() {
        return Err(refused(500, "already logged in"));
    }
    if !is_connected(gateway.link.state) {
        return Err(refused(500, "not connected"));
    }
    let code = (gateway.link.state == LinkState::Scan).then(|| {
        let png = write::qr_png(&write::qr_text(gateway));
        format!("data:image/png;base64,{}", STANDARD.encode(png))
    });
    ok(json!({"QRCode": code.unwrap_or_default()}))
}

async fn pair(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    if gateway.link.state.is_linked() {
        return Err(refused(400, "already paired"));
    }
    if call.text("Phone").is_none() {
        return Err(refused(400, "missing Phone in Payload"));
    }
    if gateway.link.state != LinkState::Scan {
        steer(core, gateway, LinkState::Scan).await?;
    }
    let code = {
        let state = core.state();
        let gateway = state.world.gateway(&gateway.id);
        gateway.and_then(|one| one.link.pair_code.clone())
    };
    ok(json!({"LinkingCode": code}))
}

async fn webhook(core: &Core, call: &Call, gateway: Gateway) -> Answer {
    if call.is("GET") {
        let events: Vec<&str> = text(&gateway, "events").split(',').collect();
        return ok(json!({"webhook": text(&gateway, "webhook"), "subscribe": events}));
    }
    let url = if call.is("DELETE") {
        ""
    } else {
        call.text("webhookURL").unwrap_or("")
    };
    let events = match &call.json["events"] {
        Value::Array(events) => events
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(","),
        Value::String(events) => events.clone(),
        _ => text(&gateway, "events").to_owned(),
    };
    configure(core, gateway, &[("webhook", url), ("events", &events)]).await?;
    ok(json!({"webhook": url}))
}

/// Users: listing, adding, removing.
async fn admin(core: &Core, call: &Call) -> Answer {
    if call.header("authorization") != Some(ADMIN) {
        return Err(refused(401, "unauthorized"));
    }
    match (call.method.as_str(), call.segments().as_slice()) {
        ("GET", ["admin", "users"]) => {
            let state = core.state();
            let all = state.world.gateways_of(Provider::Wuzapi);
            let all: Vec<Value> = all.map(shown).collect();
            ok(json!(all))
        }
        ("POST", ["admin", "users"]) => add(core, call).await,
        ("DELETE", ["admin", "users", id]) => {
            let found = {
                let state = core.state();
                let mut all = state.world.gateways_of(Provider::Wuzapi);
                all.find(|one| events::user_id(one) == *id).cloned()
            };
            let found = found.ok_or_else(|| refused(404, "user not found"))?;
            let gone = Gateway {
                removed: true,
                ..found
            };
            let done = core.commit(|tx| tx.record(gone.record())).await;
            done.ok_or_else(|| refused(500, "internal error"))?;
            ok(json!({"id": id, "Details": "User deleted"}))
        }
        _ => Err(refused(404, "not found")),
    }
}

fn shown(gateway: &Gateway) -> Value {
    json!({"id": events::user_id(gateway), "name": gateway.account, "token": gateway.key,
        "webhook": text(gateway, "webhook"), "events": text(gateway, "events"),
        "connected": is_connected(gateway.link.state), "loggedIn": gateway.link.state.is_linked(),
        "jid": gateway.link.paired.then(|| format!("{}:12@s.whatsapp.net", gateway.phone))})
}

async fn add(core: &Core, call: &Call) -> Answer {
    let (Some(name), Some(token)) = (call.text("name"), call.text("token")) else {
        return Err(refused(400, "name and token are required"));
    };
    let made = core.commit(|tx| {
        if tx
            .world()
            .gateways_of(Provider::Wuzapi)
            .any(|one| one.key == token)
        {
            return Err(refused(409, "user with this token already exists"));
        }
        let mut gateway = Gateway {
            provider: Provider::Wuzapi,
            account: name.to_owned(),
            key: token.to_owned(),
            link: Link {
                state: LinkState::Stopped,
                paired: false,
                ..Link::default()
            },
            ..Gateway::default()
        };
        for (own, given) in [
            ("webhook", "webhook"),
            ("events", "events"),
            ("hmac_key", "hmacKey"),
        ] {
            let value = call.text(given).unwrap_or("");
            gateway.config.insert(own.to_owned(), json!(value));
        }
        gateway.complete().map_err(|error| refused(400, &error))?;
        let value = shown(&gateway);
        tx.record(gateway.record());
        Ok(value)
    });
    let value = made
        .await
        .unwrap_or_else(|| Err(refused(500, "internal error")))?;
    let body = json!({"code": 201, "data": value, "success": true});
    Ok((axum::http::StatusCode::CREATED, axum::Json(body)).into_response())
}
