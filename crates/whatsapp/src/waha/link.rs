//! A session's life: made, started, linked, unlinked. (WAHA, "Sessions" page and OpenAPI 2026.7.1.)

use domain::channel::LinkState;
use domain::failure::{Failure, FailureReason};
use serde_json::{Map, Value, json};
use std::time::Duration;

use super::{Client, call, errors, keyed};
use crate::adapter::{LinkCode, Number, NumberState};
use crate::call::{Http, UNREADABLE, ask, judge, refused};
use crate::gateway::{Jid, instant_in, jid};
use crate::json::{flag, list, member, text, word};
use crate::provider::CallError;

/// What we want to hear. `message.any` holds `message` too.
const EVENTS: &[&str] = &[
    "session.status",
    "message.any",
    "message.ack",
    "message.reaction",
    "message.edited",
    "message.revoked",
];
/// What WAHA should not even tell us.
const IGNORED: &[&str] = &["status", "groups", "channels", "broadcast"];
/// A session needs some seconds before it shows a code.
const START: Duration = Duration::from_secs(3);

/// The session with its state; `None` where WAHA has none of this name.
async fn session(http: &Http, number: &Number) -> Result<Option<Value>, CallError> {
    let request = http.get(&["api", "sessions", &number.number], &[]);
    let answer = ask(keyed(number, request)?).await?;
    if answer.status == 404 && answer.json().is_some() {
        return Ok(None);
    }
    judge(&answer, |body| errors::read(answer.status, body)).map(Some)
}

/// A call whose answer says no more than that it is done.
async fn done(http: &Http, number: &Number, action: &str) -> Result<(), CallError> {
    let request = http.post(&["api", "sessions", &number.number, action], &[]);
    let answer = ask(keyed(number, request)?).await?;
    if answer.is_success() {
        return Ok(());
    }
    let refusal = answer
        .json()
        .and_then(|body| errors::read(answer.status, &body));
    Err(refused(&answer, refusal))
}

pub(super) async fn state(client: &Client, number: &Number) -> Result<NumberState, CallError> {
    let http = client.at(number)?;
    Ok(match session(&http, number).await? {
        Some(session) => state_of(&session),
        None => NumberState {
            link: LinkState::Unlinked,
            phone: None,
            restricted_until: None,
            detail: None,
        },
    })
}

/// What a session's description says of the link. Only the engine GOWS tells of restrictions, and not of all: 463 has
/// been seen without any.
#[must_use]
pub fn state_of(session: &Value) -> NumberState {
    let status = word(session, "status");
    let me = member(session, "me").unwrap_or(&Value::Null);
    let link = link_of(status.as_deref().unwrap_or_default());
    let mut state = NumberState {
        link,
        phone: text(me, "id").and_then(|id| match jid(&id) {
            Jid::Phone(digits) => Some(digits),
            _ => None,
        }),
        restricted_until: None,
        detail: status,
    };
    if link != LinkState::Linked {
        return state;
    }
    if let Some(lock) = member(me, "reachoutTimelock").filter(|lock| flag(lock, "isActive")) {
        state.link = LinkState::Restricted;
        state.restricted_until = instant_in(lock, "timeEnforcementEnds");
        state.detail = word(lock, "enforcementType").or(state.detail);
    } else if let Some(capping) = member(me, "messageCapping")
        && word(capping, "cappingStatus").as_deref() == Some("CAPPED")
    {
        state.link = LinkState::Restricted;
        state.restricted_until = instant_in(capping, "cycleEnd");
        state.detail = Some("CAPPED".to_owned());
    }
    state
}

fn link_of(status: &str) -> LinkState {
    match status {
        "WORKING" => LinkState::Linked,
        "STARTING" => LinkState::Starting,
        "SCAN_QR_CODE" | "PASSKEY_REQUIRED" | "PASSKEY_CONFIRMATION_REQUIRED" => {
            LinkState::AwaitingCode
        }
        "STOPPED" | "FAILED" => LinkState::Unlinked,
        _ => LinkState::Unknown,
    }
}

pub(super) async fn set_up(
    client: &Client,
    number: &Number,
    callback_url: &str,
) -> Result<(), CallError> {
    // Without a secret every webhook would be refused, so nothing is set up.
    let secret = number
        .webhook_secrets
        .first()
        .ok_or_else(|| CallError::Credentials(Failure::of(FailureReason::TokenInvalid)))?;
    let http = client.at(number)?;
    let webhook = webhook(callback_url, secret.expose());
    let Some(known) = session(&http, number).await? else {
        let body = creation(&number.number, webhook);
        let request = http.post(&["api", "sessions"], &[]).json(&body);
        return call(number, request).await.map(drop);
    };
    let config = member(&known, "config").unwrap_or(&Value::Null);
    if !hears_all(config, &webhook) {
        // Restarts the session, so only where something has to change.
        let body = json!({ "config": merged(config, webhook) });
        let url = http.url(&["api", "sessions", &number.number], &[]);
        call(number, http.request(reqwest::Method::PUT, url).json(&body)).await?;
    }
    match word(&known, "status").as_deref() {
        Some("STOPPED") => done(&http, number, "start").await,
        Some("FAILED") => done(&http, number, "restart").await,
        _ => Ok(()),
    }
}

/// The request that makes a session which reports to us.
fn creation(session: &str, webhook: Value) -> Value {
    json!({ "name": session, "start": true, "config": merged(&Value::Null, webhook) })
}

/// For tests and the curious: the body of `POST /api/sessions`.
#[must_use]
pub fn session_json(session: &str, callback_url: &str, secret: &str) -> Value {
    creation(session, webhook(callback_url, secret))
}

fn webhook(callback_url: &str, secret: &str) -> Value {
    json!({
        "url": callback_url,
        "events": EVENTS,
        "hmac": { "key": secret },
        "retries": { "policy": "exponential", "delaySeconds": 2, "attempts": 15 },
        "customHeaders": null,
    })
}

fn hears_all(config: &Value, webhook: &Value) -> bool {
    let hears = |known: &Value| {
        let events = list(known, "events");
        known["url"] == webhook["url"]
            && known["hmac"]["key"] == webhook["hmac"]["key"]
            && EVENTS
                .iter()
                .all(|event| events.iter().any(|known| known == event))
    };
    let ignore = member(config, "ignore").unwrap_or(&Value::Null);
    IGNORED.iter().all(|kind| flag(ignore, kind)) && list(config, "webhooks").iter().any(hears)
}

/// The session's configuration with our webhook in it. A proxy and the webhooks of others stay as they are.
fn merged(config: &Value, webhook: Value) -> Value {
    let mut webhooks: Vec<Value> = list(config, "webhooks")
        .iter()
        .filter(|known| known["url"] != webhook["url"])
        .cloned()
        .collect();
    webhooks.push(webhook);
    let ignore: Map<String, Value> = IGNORED
        .iter()
        .map(|kind| ((*kind).to_owned(), true.into()))
        .collect();
    let mut config = config.as_object().cloned().unwrap_or_default();
    config.insert("webhooks".to_owned(), webhooks.into());
    config.insert("ignore".to_owned(), ignore.into());
    config.into()
}

/// A code to scan or to type. What must be started first is started; the caller asks again.
pub(super) async fn link_code(
    client: &Client,
    number: &Number,
    phone: Option<&str>,
) -> Result<LinkCode, CallError> {
    let http = client.at(number)?;
    let known = session(&http, number).await?;
    let status = known.as_ref().and_then(|session| word(session, "status"));
    match status.as_deref() {
        Some("WORKING") => Ok(LinkCode::Linked),
        Some("SCAN_QR_CODE") => shown_code(&http, number, phone).await,
        // Made in a browser on WhatsApp's own page only: no server can do it.
        Some("PASSKEY_REQUIRED" | "PASSKEY_CONFIRMATION_REQUIRED") => {
            Err(CallError::Refused(Failure {
                details: status,
                ..Failure::of(FailureReason::NumberNotEligible)
            }))
        }
        // After six codes that nobody scanned, a session gives up (FAILED).
        Some("STOPPED" | "FAILED") => {
            done(&http, number, "restart").await?;
            Err(later())
        }
        Some(_) => Err(later()),
        None => Err(CallError::Credentials(Failure::of(
            FailureReason::NumberUnlinked,
        ))),
    }
}

fn later() -> CallError {
    CallError::RetryAfter {
        after: START,
        failure: Failure::of(FailureReason::NumberUnlinked),
    }
}

async fn shown_code(
    http: &Http,
    number: &Number,
    phone: Option<&str>,
) -> Result<LinkCode, CallError> {
    let Some(phone) = phone else {
        let path = ["api", &number.number, "auth", "qr"];
        let answer = call(number, http.get(&path, &[("format", "raw")])).await?;
        return word(&answer, "value")
            .map(LinkCode::QrText)
            .ok_or(UNREADABLE);
    };
    let path = ["api", &number.number, "auth", "request-code"];
    let body = json!({ "phoneNumber": phone.trim_start_matches('+') });
    let answer = call(number, http.post(&path, &[]).json(&body)).await?;
    word(&answer, "code")
        .map(LinkCode::Pairing)
        .ok_or(UNREADABLE)
}

pub(super) async fn unlink(client: &Client, number: &Number) -> Result<(), CallError> {
    let http = client.at(number)?;
    if session(&http, number).await?.is_none() {
        return Ok(());
    }
    done(&http, number, "logout").await
}
