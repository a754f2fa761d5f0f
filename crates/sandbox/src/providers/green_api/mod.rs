//! Green API, a hosted linked device: one instance a number, the token in the path, sends that queue, events pushed or fetched.
//!
//! Source: Green API's documentation as of 2026. Settings take effect at once here, and a change of them does not reboot the instance.

mod events;
mod messages;

use std::sync::Arc;
use std::time::Duration;

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
use crate::hooks::{self, Post};
use crate::people;
use crate::world::{Gateway, LinkState, Person, Provider, World};

pub struct GreenApi;

impl Words for GreenApi {
    fn aim(&self, world: &World, call: &Call) -> Aim {
        let gateway = instance(world, call);
        let endpoint = match method(call) {
            "sendMessage"
            | "sendFileByUrl"
            | "sendFileByUpload"
            | "sendLocation"
            | "sendContact"
            | "sendInteractiveButtons"
            | "sendInteractiveButtonsReply" => {
                let to = call.text("chatId").unwrap_or("");
                let phone = write::phone_of_chat(world, to).unwrap_or_default();
                return Aim::message(gateway, &phone, messages::kind(method(call)));
            }
            "uploadFile" => Endpoint::Media,
            "downloadFile" => Endpoint::MediaDownload,
            "readChat" => Endpoint::MarkRead,
            "checkWhatsapp" => Endpoint::Check,
            "getSettings" | "setSettings" => Endpoint::Settings,
            "receiveNotification" | "deleteNotification" => Endpoint::Poll,
            "getStateInstance"
            | "getWaSettings"
            | "qr"
            | "getAuthorizationCode"
            | "reboot"
            | "logout" => Endpoint::Link,
            _ if call.path.first().is_some_and(|first| first == "media") => Endpoint::MediaDownload,
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
        let status = status
            .or(code.and_then(|code| u16::try_from(code).ok()))
            .unwrap_or(500);
        if status == 466 {
            return Refused::new(466, quota(call));
        }
        refused(status, "")
    }

    fn id(&self, chance: &mut Chance, _person: &Person, from: Origin) -> String {
        match from {
            Origin::Api => format!("BAE5{}", chance.hex(12)),
            Origin::Person | Origin::OwnPhone => format!("3A{}", chance.hex(18)),
        }
    }

    fn tell(&self, tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
        events::tell(tx, gateway, event)
    }

    fn sign(&self, sealing: &Sealing<'_>) -> Vec<(String, String)> {
        let key = sealing
            .hook
            .letter
            .as_ref()
            .and_then(|letter| letter.key.as_deref());
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            return Vec::new();
        };
        let key = sealing.key(key);
        // A scheme that the user typed stays; a bare token gets `Bearer`.
        let value = if key.starts_with("Bearer ") || key.starts_with("Basic ") {
            key.to_owned()
        } else {
            format!("Bearer {key}")
        };
        vec![("authorization".to_owned(), value)]
    }
}

fn instance<'a>(world: &'a World, call: &Call) -> Option<&'a Gateway> {
    let id = call.path.first()?.strip_prefix("waInstance")?;
    world.gateway_of_account(Provider::GreenApi, id)
}

fn method(call: &Call) -> &str {
    call.path.get(1).map_or("", String::as_str)
}

fn refused(status: u16, message: &str) -> Refused {
    let message = match (message, status) {
        ("", 401) => "Unauthorized",
        ("", 403) => "Forbidden",
        ("", 429) => "Too Many Requests",
        ("", _) => "Internal Server Error",
        (message, _) => message,
    };
    Refused::new(status, json!({"statusCode": status, "message": message}))
}

/// The answer of a plan that is used up.
fn quota(call: &Call) -> Value {
    json!({"invokeStatus": {"method": method(call), "used": 3, "total": 3, "status": "QUOTE_ALLOWED_EXCEEDED",
        "description": "Monthly quota has been exceeded"}})
}

fn ok(value: Value) -> Answer {
    Ok(axum::Json(value).into_response())
}

/// The state in Green API's words.
fn state(link: LinkState) -> &'static str {
    match link {
        LinkState::Linked | LinkState::Timelocked | LinkState::Disconnected => "authorized",
        LinkState::Starting => "starting",
        LinkState::Banned => "blocked",
        LinkState::YellowCard => "yellowCard",
        LinkState::Stopped | LinkState::Scan | LinkState::Failed | LinkState::LoggedOut => {
            "notAuthorized"
        }
    }
}

async fn route(core: &Arc<Core>, call: &Call, heard: Option<&str>) -> Answer {
    if let ["media", account, name] = call.segments().as_slice() {
        return messages::file(core, account, name).await;
    }
    let gateway = instance(&core.state().world, call).cloned();
    let gateway = gateway.ok_or_else(|| refused(403, ""))?;
    if call.path.get(2) != Some(&gateway.key) {
        return Err(refused(401, ""));
    }
    match (call.method.as_str(), method(call)) {
        ("GET", "getStateInstance") => ok(json!({"stateInstance": state(gateway.link.state)})),
        ("GET", "getWaSettings") => ok(json!({"avatar": "", "phone": gateway.phone,
            "stateInstance": state(gateway.link.state), "deviceId": format!("{}:12@c.us", gateway.phone)})),
        ("GET", "getSettings") => ok(settings(&gateway)),
        ("POST", "setSettings") => set_settings(core, call, gateway).await,
        ("GET", "qr") => qr(core, gateway).await,
        ("POST", "getAuthorizationCode") => pair_code(core, gateway).await,
        ("GET", "reboot") => {
            steer(core, &gateway, LinkState::Starting).await?;
            ok(json!({"isReboot": true}))
        }
        ("GET", "logout") => {
            steer(core, &gateway, LinkState::LoggedOut).await?;
            ok(json!({"isLogout": true}))
        }
        ("GET", "receiveNotification") => receive(core, call, &gateway).await,
        ("DELETE", "deleteNotification") => delete(core, call, &gateway).await,
        ("POST", "checkWhatsapp") => check(core, call, &gateway),
        _ => messages::route(core, call, gateway, heard).await,
    }
}

const FLAGS: [&str; 13] = [
    "incomingWebhook",
    "outgoingWebhook",
    "outgoingMessageWebhook",
    "outgoingAPIMessageWebhook",
    "stateWebhook",
    "incomingCallWebhook",
    "incomingBlockWebhook",
    "pollMessageWebhook",
    "editedMessageWebhook",
    "deletedMessageWebhook",
    "markIncomingMessagesReaded",
    "markIncomingMessagesReadedOnReply",
    "keepOnlineStatus",
];

fn settings(gateway: &Gateway) -> Value {
    let mut all = json!({"wid": format!("{}@c.us", gateway.phone), "typeInstance": "whatsapp",
        "webhookUrl": "", "webhookUrlToken": "", "delaySendMessagesMilliseconds": 500});
    for flag in FLAGS {
        all[flag] = json!("no");
    }
    for (key, value) in &gateway.config {
        all[key] = value.clone();
    }
    all
}

async fn set_settings(core: &Core, call: &Call, mut gateway: Gateway) -> Answer {
    let given = call
        .json
        .as_object()
        .ok_or_else(|| refused(400, "Bad request data"))?;
    for (key, value) in given {
        let fits = if FLAGS.contains(&key.as_str()) {
            value == "yes" || value == "no"
        } else if key == "delaySendMessagesMilliseconds" {
            value
                .as_i64()
                .is_some_and(|ms| (500..=600_000).contains(&ms))
        } else {
            true
        };
        if !fits {
            return Err(refused(
                400,
                &format!("Validation failed. Details: '{key}' is not valid"),
            ));
        }
        gateway.config.insert(key.clone(), value.clone());
    }
    let done = core.commit(|tx| tx.record(gateway.record())).await;
    done.ok_or_else(|| refused(500, ""))?;
    ok(json!({"saveSettings": true}))
}

async fn steer(core: &Core, gateway: &Gateway, to: LinkState) -> Answer<()> {
    let done = core
        .commit(|tx| link::change(tx, &gateway.id, to, None))
        .await;
    done.ok_or_else(|| refused(500, ""))
}

/// Asking for the code is what shows one.
async fn qr(core: &Core, gateway: Gateway) -> Answer {
    if gateway.link.state.is_linked() {
        return ok(
            json!({"type": "alreadyLogged", "message": "instance account already authorized"}),
        );
    }
    match gateway.link.state {
        LinkState::Banned | LinkState::Starting => ok(
            json!({"type": "error", "message": "instance is starting or blocked, try again later"}),
        ),
        _ => {
            let text = write::qr_text(&shown(core, &gateway).await?);
            ok(json!({"type": "qrCode", "message": STANDARD.encode(write::qr_png(&text))}))
        }
    }
}

/// The instance while it shows a code.
async fn shown(core: &Core, gateway: &Gateway) -> Answer<Gateway> {
    if gateway.link.state != LinkState::Scan {
        steer(core, gateway, LinkState::Scan).await?;
    }
    let gateway = core.state().world.gateway(&gateway.id).cloned();
    gateway.ok_or_else(|| refused(500, ""))
}

async fn pair_code(core: &Core, gateway: Gateway) -> Answer {
    if gateway.link.state.is_linked() {
        return ok(json!({"status": false, "code": ""}));
    }
    let gateway = shown(core, &gateway).await?;
    let code = gateway.link.pair_code.unwrap_or_default().replace('-', "");
    ok(json!({"status": true, "code": code}))
}

fn check(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let phone = match &call.json["phoneNumber"] {
        Value::Null => write::digits(call.text("chatId").unwrap_or("")),
        Value::String(text) => write::digits(text),
        number => number.to_string(),
    };
    if !(11..=16).contains(&phone.len()) {
        return Err(refused(400, "bad phone number, valid from 11 to 16 digits"));
    }
    if !gateway.link.state.is_linked() {
        return Err(refused(400, "instance is starting or not authorized"));
    }
    if people::reachable(&core.state().world, &phone) {
        ok(json!({"existsWhatsapp": true, "chatId": format!("{phone}@c.us")}))
    } else {
        ok(json!({"existsWhatsapp": false}))
    }
}

/// Waits for the next event; `null` when none comes in time.
async fn receive(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let wait = call
        .query("receiveTimeout")
        .and_then(|text| text.parse().ok());
    let wait = Duration::from_secs(wait.unwrap_or(5_u64).clamp(1, 60));
    let start = std::time::Instant::now();
    loop {
        let now = core.now();
        let waiting = {
            let state = core.state();
            let hook = hooks::waiting(&state.world, &gateway.id, now);
            hook.map(|hook| json!({"receiptId": hook.id, "body": hook.value}))
        };
        match waiting {
            Some(waiting) => return ok(waiting),
            None if start.elapsed() >= wait => return ok(Value::Null),
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn delete(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let id = call.path.get(3).and_then(|id| id.parse::<u64>().ok());
    let id = id.ok_or_else(|| refused(400, "receiptId is not a number"))?;
    let done = core.commit(|tx| hooks::fetched(tx, &gateway.id, id)).await;
    let result = done.ok_or_else(|| refused(500, ""))?;
    ok(json!({"result": result, "reason": if result { "" } else { "Receipt not found" }}))
}
