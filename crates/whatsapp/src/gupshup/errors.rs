//! Gupshup's codes, which come in events; Meta's codes are passed on among them. An answer has no code, only a status
//! and a sentence. (Gupshup, "Error codes", 2026.)

use domain::failure::{Failure, FailureReason as Reason};
use domain::report::ProviderError;
use serde_json::Value;

use crate::call::Refusal;
use crate::failure::{Class, CodeLine, Verdict, in_table, told_later};
use crate::json::{member, word};
use crate::meta;

#[rustfmt::skip]
const LINES: &[CodeLine] = &[
    (500, Reason::ServiceUnavailable, Class::Retry, 0),
    (1001, Reason::NumberNotRegistered, Class::Refuse, 0),
    (1002, Reason::Undeliverable, Class::Refuse, 0),
    (1003, Reason::PaymentProblem, Class::Restricted, 0),
    (1004, Reason::WindowClosed, Class::Refuse, 0),
    (1005, Reason::WindowClosed, Class::Refuse, 0),
    (1006, Reason::RecipientNotAllowed, Class::Refuse, 0),
    (1007, Reason::RecipientNotAllowed, Class::Refuse, 0),
    (1008, Reason::WindowClosed, Class::Refuse, 0),
    (1010, Reason::MediaInvalid, Class::Refuse, 0),
    (1011, Reason::MediaInvalid, Class::Refuse, 0),
    (1012, Reason::MarketingStopped, Class::Refuse, 0),
    (4001, Reason::AccountRateLimited, Class::Wait, 60),
    (4002, Reason::ServiceUnavailable, Class::Retry, 0),
    (4003, Reason::TemplateMissing, Class::Refuse, 0),
];

/// What a status says of an answer.
#[rustfmt::skip]
const STATUSES: &[CodeLine] = &[
    (400, Reason::MessageInvalid, Class::Refuse, 0),
    (401, Reason::TokenInvalid, Class::Credentials, 0),
    (402, Reason::PaymentProblem, Class::Restricted, 0),
    (403, Reason::PermissionMissing, Class::Credentials, 0),
    (404, Reason::ObjectMissing, Class::Credentials, 0),
    (429, Reason::AccountRateLimited, Class::Wait, 1),
];

/// What is known of an event's code.
#[must_use]
pub fn verdict_on(code: i64) -> Option<Verdict> {
    in_table(LINES, code).or_else(|| {
        (code >= 100_000)
            .then(|| meta::errors::verdict_on(code))
            .flatten()
    })
}

/// What is known of an answer's status.
#[must_use]
pub fn verdict_on_status(status: u16) -> Option<Verdict> {
    in_table(STATUSES, i64::from(status))
}

/// A failure that came later, in an event.
#[must_use]
pub fn failure_of(error: &ProviderError) -> Failure {
    told_later(error, verdict_on(error.code))
}

/// The refusal in an answer: `{"status":"error","message":"…"}`, where the sentence may be an object that holds it.
pub(crate) fn read(status: u16, body: &Value) -> Option<Refusal> {
    let told = member(body, "message").or_else(|| member(body, "error"));
    let is_error = word(body, "status").as_deref() == Some("error");
    if !is_error && told.is_none() {
        return None;
    }
    Some(Refusal {
        verdict: verdict_on_status(status),
        code: None,
        details: told.and_then(|told| {
            let text = told.as_str().map(str::to_owned);
            text.or_else(|| word(told, "message"))
        }),
    })
}
