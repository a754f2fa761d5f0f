//! An instance's life. (Evolution 2.3.6, `instance.controller.ts`, `webhook.controller.ts`.)

use std::time::Duration;

use domain::channel::LinkState;
use domain::failure::{Failure, FailureReason};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, call};
use crate::adapter::{LinkCode, Number, NumberState};
use crate::call::UNREADABLE;
use crate::gateway::{Jid, bare_png, jid};
use crate::json::{flag, integer, list, member, text, word};
use crate::provider::CallError;

/// What we want to hear. What we send ourselves is left out: its answer tells of it.
const EVENTS: &[&str] = &[
    "QRCODE_UPDATED",
    "CONNECTION_UPDATE",
    "STATUS_INSTANCE",
    "MESSAGES_UPSERT",
    "MESSAGES_EDITED",
    "MESSAGES_UPDATE",
    "MESSAGES_DELETE",
];
const NEXT_CODE: Duration = Duration::from_secs(3);

/// Whether a call failed because there is no instance of this name, or no link to end.
fn is_absent(error: &CallError) -> bool {
    matches!(error, CallError::Credentials(failure) if failure.reason == FailureReason::NumberUnlinked)
}

pub(super) async fn state(client: &Client, number: &Number) -> Result<NumberState, CallError> {
    let http = client.at(number)?;
    let path = ["instance", "connectionState", &number.number];
    let live = match call(number, http.get(&path, &[])).await {
        Ok(live) => live,
        Err(error) if is_absent(&error) => {
            return Ok(NumberState {
                link: LinkState::Unlinked,
                phone: None,
                restricted_until: None,
                detail: None,
            });
        }
        Err(error) => return Err(error),
    };
    let live = member(&live, "instance").and_then(|instance| word(instance, "state"));
    let live = live.ok_or(UNREADABLE)?;
    // For the number, and why it was closed; without it the state is true all the same.
    let query = [("instanceName", &*number.number)];
    let all = call(number, http.get(&["instance", "fetchInstances"], &query)).await;
    let known = all.ok().and_then(|all| known_of(&all, &number.number));
    Ok(state_of(&live, known.as_ref().unwrap_or(&Value::Null)))
}

fn known_of(all: &Value, name: &str) -> Option<Value> {
    let items = all.as_array()?;
    items
        .iter()
        .find(|item| word(item, "name").as_deref() == Some(name))
        .cloned()
}

/// What the live state says, and beside it what Evolution has written down of the instance.
#[must_use]
pub fn state_of(live: &str, known: &Value) -> NumberState {
    let owner = text(known, "ownerJid");
    let reason = integer(known, "disconnectionReasonCode");
    let link = match live {
        "open" => LinkState::Linked,
        // Also while it comes back by itself.
        "connecting" if owner.is_some() => LinkState::Starting,
        "connecting" => LinkState::AwaitingCode,
        "close" if matches!(reason, Some(402 | 403)) => LinkState::Banned,
        // All codes were shown and none was scanned.
        "close" | "refused" => LinkState::Unlinked,
        _ => LinkState::Unknown,
    };
    NumberState {
        link,
        phone: owner.and_then(|owner| match jid(&owner) {
            Jid::Phone(digits) => Some(digits),
            _ => None,
        }),
        restricted_until: None,
        detail: Some(match reason.filter(|_| live == "close") {
            Some(reason) => format!("{live}:{reason}"),
            None => live.to_owned(),
        }),
    }
}

/// The webhook that reports to us, with a header that only we and it know.
fn webhook(callback_url: &str, secret: &str) -> Value {
    json!({
        "enabled": true,
        "url": callback_url,
        "byEvents": false,
        "base64": false,
        "headers": { "Authorization": format!("Bearer {secret}") },
        "events": EVENTS,
    })
}

/// The body of `POST /instance/create`.
#[must_use]
pub fn instance_json(name: &str, callback_url: &str, secret: &str) -> Value {
    json!({
        "instanceName": name,
        "integration": "WHATSAPP-BAILEYS",
        "qrcode": true,
        "groupsIgnore": true,
        "readMessages": false,
        "readStatus": false,
        "syncFullHistory": false,
        "webhook": webhook(callback_url, secret),
    })
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
    let wanted = webhook(callback_url, secret.expose());
    let path = ["webhook", "find", &number.number];
    let known = match call(number, http.get(&path, &[])).await {
        Ok(known) => known,
        Err(error) if is_absent(&error) => {
            let body = instance_json(&number.number, callback_url, secret.expose());
            let request = http.post(&["instance", "create"], &[]).json(&body);
            return call(number, request).await.map(drop);
        }
        Err(error) => return Err(error),
    };
    if is_set(&known, &wanted) {
        return Ok(());
    }
    let path = ["webhook", "set", &number.number];
    let request = http.post(&path, &[]).json(&json!({ "webhook": wanted }));
    call(number, request).await.map(drop)
}

fn is_set(known: &Value, wanted: &Value) -> bool {
    let events = list(known, "events");
    flag(known, "enabled")
        && known["url"] == wanted["url"]
        && known["headers"]["Authorization"] == wanted["headers"]["Authorization"]
        && !flag(known, "webhookByEvents")
        && !flag(known, "webhookBase64")
        && EVENTS
            .iter()
            .all(|event| events.iter().any(|known| known == event))
}

pub(super) async fn link_code(
    client: &Client,
    number: &Number,
    phone: Option<&str>,
) -> Result<LinkCode, CallError> {
    let http = client.at(number)?;
    let digits = phone.map(|phone| phone.trim_start_matches('+'));
    let query: Vec<_> = digits
        .map(|digits| ("number", digits))
        .into_iter()
        .collect();
    let path = ["instance", "connect", &number.number];
    let answer = call(number, http.get(&path, &query)).await?;
    code_of(&answer, phone.is_some())
}

/// `{pairingCode, code, base64, count}`, or the instance that is open already. An instance that shows QR codes does not
/// turn to a pairing code; then its QR code is better than nothing.
fn code_of(answer: &Value, wants_pairing: bool) -> Result<LinkCode, CallError> {
    if let Some(instance) = member(answer, "instance")
        && word(instance, "state").as_deref() == Some("open")
    {
        return Ok(LinkCode::Linked);
    }
    let code = member(answer, "qrcode").unwrap_or(answer);
    let pairing = word(code, "pairingCode").filter(|_| wants_pairing);
    pairing
        .map(LinkCode::Pairing)
        .or_else(|| word(code, "code").map(LinkCode::QrText))
        .or_else(|| word(code, "base64").map(bare_png).map(LinkCode::QrPng))
        .ok_or_else(|| CallError::RetryAfter {
            after: NEXT_CODE,
            failure: Failure {
                details: word(answer, "message"),
                ..Failure::of(FailureReason::NumberUnlinked)
            },
        })
}

pub(super) async fn unlink(client: &Client, number: &Number) -> Result<(), CallError> {
    let http = client.at(number)?;
    let url = http.url(&["instance", "logout", &number.number], &[]);
    match call(number, http.request(Method::DELETE, url)).await {
        Ok(_) => Ok(()),
        Err(error) if is_absent(&error) || is_not_connected(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

fn is_not_connected(error: &CallError) -> bool {
    let CallError::Refused(failure) = error else {
        return false;
    };
    let said = failure.details.as_deref().unwrap_or_default();
    said.contains("is not connected")
}
