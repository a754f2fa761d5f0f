//! An instance's life: its settings, its link, its codes. (green-api.com, "Account" pages, 2026.)

use std::time::Duration;

use domain::channel::LinkState;
use domain::failure::{Failure, FailureReason};
use serde_json::{Map, Value, json};

use super::Client;
use crate::adapter::{LinkCode, Number, NumberState};
use crate::call::UNREADABLE;
use crate::gateway::bare_png;
use crate::json::{flag, word};
use crate::meta::person::{phone, phone_of};
use crate::provider::CallError;

/// We pace ourselves; its own queue only must not be faster than this.
const GAP_MS: i64 = 1000;
/// Codes change every twenty seconds, and may be asked for once a second.
const NEXT_CODE: Duration = Duration::from_secs(2);

/// What is told to us and what is not. A phone that is also read by a person must not be marked as read by us.
const FLAGS: &[(&str, &str)] = &[
    ("incomingWebhook", "yes"),
    ("outgoingWebhook", "yes"),
    ("outgoingMessageWebhook", "yes"),
    ("outgoingAPIMessageWebhook", "no"),
    ("stateWebhook", "yes"),
    ("editedMessageWebhook", "yes"),
    ("deletedMessageWebhook", "yes"),
    ("incomingCallWebhook", "no"),
    ("markIncomingMessagesReaded", "no"),
    ("keepOnlineStatus", "no"),
];

/// The body of `setSettings`.
#[must_use]
pub fn settings_json(callback_url: &str, secret: &str) -> Value {
    let mut settings: Map<String, Value> = FLAGS
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).into()))
        .collect();
    settings.insert("webhookUrl".to_owned(), callback_url.into());
    settings.insert(
        "webhookUrlToken".to_owned(),
        format!("Bearer {secret}").into(),
    );
    settings.insert("delaySendMessagesMilliseconds".to_owned(), GAP_MS.into());
    settings.into()
}

/// Setting restarts the instance and takes up to five minutes, so it is done only where something differs.
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
    let wanted = settings_json(callback_url, secret.expose());
    let known = client.get(number, "getSettings").await?;
    let is_set = wanted.as_object().is_some_and(|wanted| {
        wanted
            .iter()
            .all(|(key, value)| known.get(key) == Some(value))
    });
    if is_set {
        return Ok(());
    }
    let answer = client.post(number, "setSettings", &wanted).await?;
    if flag(&answer, "saveSettings") {
        Ok(())
    } else {
        Err(UNREADABLE)
    }
}

pub(super) async fn state(client: &Client, number: &Number) -> Result<NumberState, CallError> {
    let answer = client.get(number, "getStateInstance").await?;
    let mut state = state_of(&answer).ok_or(UNREADABLE)?;
    if matches!(state.link, LinkState::Linked | LinkState::Restricted) {
        // Only for the number; without it the state is true all the same.
        let settings = client.get(number, "getWaSettings").await;
        state.phone = settings.ok().and_then(|settings| phone(&settings, "phone"));
    }
    Ok(state)
}

/// What `getStateInstance` says. When a restriction ends is never told.
#[must_use]
pub fn state_of(answer: &Value) -> Option<NumberState> {
    let state = word(answer, "stateInstance")?;
    let link = match state.as_str() {
        "authorized" => LinkState::Linked,
        "notAuthorized" => LinkState::Unlinked,
        "starting" => LinkState::Starting,
        "blocked" => LinkState::Banned,
        // Under suspicion of spam: what is sent waits in its queue.
        "yellowCard" => LinkState::Restricted,
        _ => LinkState::Unknown,
    };
    Some(NumberState {
        link,
        phone: None,
        restricted_until: None,
        detail: Some(state),
    })
}

pub(super) async fn link_code(
    client: &Client,
    number: &Number,
    phone: Option<&str>,
) -> Result<LinkCode, CallError> {
    let Some(phone) = phone else {
        return code_of(client.get(number, "qr").await?);
    };
    // A number, not a text.
    let digits = phone_of(phone).and_then(|digits| digits.parse::<u64>().ok());
    let digits = digits.ok_or_else(not_eligible)?;
    let body = json!({ "phoneNumber": digits });
    let answer = client.post(number, "getAuthorizationCode", &body).await?;
    match word(&answer, "code") {
        Some(code) if flag(&answer, "status") => Ok(LinkCode::Pairing(code)),
        // It may say no to a number that is linked already, or to too many tries.
        _ if answer.get("status") == Some(&Value::Bool(false)) => Err(not_eligible()),
        _ => Err(UNREADABLE),
    }
}

fn not_eligible() -> CallError {
    CallError::Refused(Failure::of(FailureReason::NumberNotEligible))
}

fn code_of(answer: Value) -> Result<LinkCode, CallError> {
    let message = word(&answer, "message");
    match word(&answer, "type").as_deref() {
        Some("qrCode") => message.map(bare_png).map(LinkCode::QrPng).ok_or(UNREADABLE),
        Some("alreadyLogged") => Ok(LinkCode::Linked),
        // Made in a browser on WhatsApp's own page only: no server can do it.
        Some("passkeyRequired") => Err(not_eligible()),
        // `error`, `timeout`: the instance is starting, or the next code is not there yet.
        Some(_) => Err(CallError::RetryAfter {
            after: NEXT_CODE,
            failure: Failure {
                details: message,
                ..Failure::of(FailureReason::NumberUnlinked)
            },
        }),
        None => Err(UNREADABLE),
    }
}

pub(super) async fn unlink(client: &Client, number: &Number) -> Result<(), CallError> {
    match client.get(number, "logout").await {
        Ok(answer) if flag(&answer, "isLogout") => Ok(()),
        Ok(_) => Err(UNREADABLE),
        // There is no link to end.
        Err(CallError::Credentials(failure)) if failure.reason == FailureReason::NumberUnlinked => {
            Ok(())
        }
        Err(error) => Err(error),
    }
}
