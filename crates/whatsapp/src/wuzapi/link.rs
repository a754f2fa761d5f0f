//! A user's life at wuzapi: connected, linked, heard. (wuzapi's `handlers.go`, May 2025; the signature's key from its
//! README, 2026.) A user itself is made by an administrator, with another key than ours.

use std::time::Duration;

use domain::channel::LinkState;
use domain::failure::{Failure, FailureReason};
use serde_json::{Value, json};

use super::{Client, call};
use crate::adapter::{LinkCode, Number, NumberState};
use crate::call::{Http, UNREADABLE};
use crate::gateway::{Jid, bare_png, jid};
use crate::json::{flag, member, word};
use crate::provider::CallError;

/// What we want to hear; an older version passes over the names that it does not know.
const EVENTS: &[&str] = &[
    "Message",
    "ReadReceipt",
    "Connected",
    "Disconnected",
    "LoggedOut",
    "PairSuccess",
    "QRTimeout",
    "StreamReplaced",
    "ClientOutdated",
    "ConnectFailure",
    "TemporaryBan",
];
/// The least length of a key that signs webhooks.
const KEY_MIN: usize = 32;
const START: Duration = Duration::from_secs(3);

/// What wuzapi says of the session; `None` where the user is not connected at all.
async fn status(http: &Http, number: &Number) -> Result<Option<Value>, CallError> {
    match call(number, http.get(&["session", "status"], &[])).await {
        Ok(status) => Ok(Some(status)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_absent(error: &CallError) -> bool {
    matches!(error, CallError::Credentials(failure) if failure.reason == FailureReason::NumberUnlinked)
}

/// Newer versions begin the names with a small letter.
fn is(status: &Value, upper: &str, lower: &str) -> bool {
    flag(status, upper) || flag(status, lower)
}

pub(super) async fn state(client: &Client, number: &Number) -> Result<NumberState, CallError> {
    let http = client.at(number)?;
    let status = status(&http, number).await?;
    Ok(state_of(status.as_ref().unwrap_or(&Value::Null)))
}

/// What `data` of `/session/status` says. Restrictions are never told here.
#[must_use]
pub fn state_of(status: &Value) -> NumberState {
    let connected = is(status, "Connected", "connected");
    let (link, detail) = match (connected, is(status, "LoggedIn", "loggedIn")) {
        (true, true) => (LinkState::Linked, "logged in"),
        (true, false) => (LinkState::AwaitingCode, "connected"),
        (false, true) => (LinkState::Starting, "not connected"),
        (false, false) => (LinkState::Unlinked, "no session"),
    };
    let own = word(status, "jid").or_else(|| word(status, "Jid"));
    NumberState {
        link,
        phone: own.and_then(|own| match jid(&own) {
            Jid::Phone(digits) => Some(digits),
            _ => None,
        }),
        restricted_until: None,
        detail: Some(detail.to_owned()),
    }
}

/// All of it may be said again and changes nothing then.
pub(super) async fn set_up(
    client: &Client,
    number: &Number,
    callback_url: &str,
) -> Result<(), CallError> {
    let secret = number.webhook_secrets.first();
    let secret = secret.filter(|secret| secret.expose().len() >= KEY_MIN);
    // Without a key every webhook would be refused, so nothing is set up.
    let secret =
        secret.ok_or_else(|| CallError::Credentials(Failure::of(FailureReason::TokenInvalid)))?;
    let http = client.at(number)?;
    let key = json!({ "hmac_key": secret.expose() });
    call(
        number,
        http.post(&["session", "hmac", "config"], &[]).json(&key),
    )
    .await?;
    let hook = json!({ "webhookURL": callback_url, "events": EVENTS });
    call(number, http.post(&["webhook"], &[]).json(&hook)).await?;
    let status = status(&http, number).await?.unwrap_or_default();
    if is(&status, "Connected", "connected") {
        return Ok(());
    }
    connect(&http, number).await
}

async fn connect(http: &Http, number: &Number) -> Result<(), CallError> {
    let body = json!({ "Subscribe": EVENTS, "Immediate": true });
    let request = http.post(&["session", "connect"], &[]).json(&body);
    match call(number, request).await {
        Ok(_) => Ok(()),
        // A 500 with this sentence: there is a client, and it is on its way.
        Err(CallError::Refused(failure)) if failure.reason == FailureReason::DuplicateRequest => {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn link_code(
    client: &Client,
    number: &Number,
    phone: Option<&str>,
) -> Result<LinkCode, CallError> {
    let http = client.at(number)?;
    let status = status(&http, number).await?.unwrap_or_default();
    if is(&status, "LoggedIn", "loggedIn") {
        return Ok(LinkCode::Linked);
    }
    if !is(&status, "Connected", "connected") {
        connect(&http, number).await?;
        return Err(later());
    }
    if let Some(phone) = phone {
        let body = json!({ "Phone": phone.trim_start_matches('+') });
        let answer = call(
            number,
            http.post(&["session", "pairphone"], &[]).json(&body),
        )
        .await?;
        let code = word(&answer, "LinkingCode").map(LinkCode::Pairing);
        return code.ok_or(UNREADABLE);
    }
    let answer = call(number, http.get(&["session", "qr"], &[])).await?;
    match word(&answer, "QRCode") {
        Some(picture) => Ok(LinkCode::QrPng(bare_png(picture))),
        // Empty before the first one and after the last.
        None if member(&answer, "QRCode").is_some() => Err(later()),
        None => Err(UNREADABLE),
    }
}

fn later() -> CallError {
    CallError::RetryAfter {
        after: START,
        failure: Failure::of(FailureReason::NumberUnlinked),
    }
}

pub(super) async fn unlink(client: &Client, number: &Number) -> Result<(), CallError> {
    let http = client.at(number)?;
    match call(number, http.post(&["session", "logout"], &[])).await {
        Ok(_) => Ok(()),
        Err(error) if is_absent(&error) => Ok(()),
        Err(error) => Err(error),
    }
}
