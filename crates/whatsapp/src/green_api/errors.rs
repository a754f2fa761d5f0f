//! Green API's refusals: statuses and sentences, no codes; 466 is its own, for a plan that is used up. (green-api.com,
//! "Common errors" and "Limits" pages, 2026.)
//!
//! Its envelope (`{statusCode, timestamp, path, message}`) repeats the address that was called, and the token stands in
//! that. Only the sentence is taken, and the token is taken out of it.

use domain::failure::{Failure, FailureReason as Reason};
use domain::report::ProviderError;
use serde_json::Value;

use crate::call::{Answer, Refusal};
use crate::failure::{Class, Verdict};
use crate::gateway::{self, Line, line, line_of_code, line_of_sentence, sentence};
use crate::json::{integer, member, word};
use crate::provider::Secret;

/// HTTP's status for a plan whose limit is reached.
const QUOTA: u16 = 466;
/// A sentence is short; a page of HTML says nothing to anybody.
const SENTENCE_MAX: usize = 300;

/// A later line is looked at only when no earlier one fits.
#[rustfmt::skip]
const SENTENCES: &[Line] = &[
    line(400, &["instance is starting"], Reason::NumberUnlinked, Class::Wait).wait(30),
    line(400, &["not authorized"], Reason::NumberUnlinked, Class::Credentials),
    line(400, &["yellowcard", "yellow card"], Reason::QualityLimited, Class::Restricted),
    line(400, &["account is blocked", "instance is blocked"], Reason::AccountLocked, Class::Restricted),
    line(400, &["timeout limit exceeded"], Reason::NumberRateLimited, Class::Wait).wait(60),
    line(400, &["bad phone number", "chatid"], Reason::RecipientInvalid, Class::Refuse),
];

#[rustfmt::skip]
const STATUSES: &[Line] = &[
    line(400, &[], Reason::MessageInvalid, Class::Refuse),
    line(401, &[], Reason::TokenInvalid, Class::Credentials),
    line(403, &[], Reason::TokenInvalid, Class::Credentials),
    line(404, &[], Reason::ObjectMissing, Class::Credentials),
    line(413, &[], Reason::MediaInvalid, Class::Refuse),
    // Fifty sends a second, one question about the state a second.
    line(429, &[], Reason::NumberRateLimited, Class::Wait).wait(2),
    line(466, &[], Reason::PaymentProblem, Class::Restricted),
];

/// What comes later, in a receipt. Green API has words for it; the codes are ours.
#[rustfmt::skip]
const RECEIPTS: &[(&str, Line)] = &[
    ("failed", line(1, &[], Reason::Undeliverable, Class::Refuse)),
    ("noAccount", line(2, &[], Reason::RecipientInvalid, Class::Refuse)),
    ("notInGroup", line(3, &[], Reason::GroupRefused, Class::Refuse)),
    ("yellowCard", line(4, &[], Reason::QualityLimited, Class::Restricted)),
];

/// Our code of a receipt that says that a message failed.
#[must_use]
pub fn code_of_receipt(status: &str) -> Option<i64> {
    let found = RECEIPTS.iter().find(|(word, _)| *word == status);
    found.map(|(_, line)| line.code())
}

/// See [`crate::adapter::Adapter::failure_of`].
#[must_use]
pub fn failure_of(error: &ProviderError) -> Failure {
    let found = RECEIPTS.iter().find(|(_, line)| line.code() == error.code);
    match found {
        Some((_, line)) => Failure {
            reason: line.verdict().reason,
            code: Some(error.code),
            details: error.details.clone().or_else(|| error.title.clone()),
        },
        None => gateway::failure_of(&[], error),
    }
}

/// What is known of a refusal.
#[must_use]
pub fn verdict_on(status: u16, sentence: &str) -> Option<Verdict> {
    line_on(status, sentence).map(Line::verdict)
}

fn line_on(status: u16, sentence: &str) -> Option<&'static Line> {
    line_of_sentence(SENTENCES, sentence)
        .filter(|_| status == 400)
        .or_else(|| line_of_code(STATUSES, i64::from(status)))
}

/// The refusal in an answer; `None` where it is in no form of Green API's. Some of its sentences come as plain text. A
/// 403 and its own 466 are taken whatever the body: nobody on the way says the one of a path, or the other at all.
pub(crate) fn read(answer: &Answer, token: &Secret) -> Option<Refusal> {
    let status = answer.status;
    let body = answer.json().unwrap_or_default();
    let details = told(&body).or_else(|| plain(answer));
    let is_known = details
        .as_deref()
        .is_some_and(|text| status == 400 && line_of_sentence(SENTENCES, text).is_some());
    let is_own = integer(&body, "statusCode") == Some(i64::from(status))
        || member(&body, "invokeStatus").is_some()
        || member(&body, "correspondentsStatus").is_some()
        || matches!(status, 403 | QUOTA)
        || is_known;
    if !is_own {
        return None;
    }
    let details = details.map(|text| without(&text, token));
    Some(Refusal {
        verdict: verdict_on(status, details.as_deref().unwrap_or_default()),
        code: Some(i64::from(status)),
        details,
    })
}

fn told(body: &Value) -> Option<String> {
    let quota = member(body, "correspondentsStatus").or_else(|| member(body, "invokeStatus"));
    quota
        .and_then(|quota| word(quota, "description").or_else(|| word(quota, "status")))
        .or_else(|| sentence(body, "message"))
}

fn plain(answer: &Answer) -> Option<String> {
    if answer.json().is_some_and(|body| !body.is_string()) || answer.body.len() > SENTENCE_MAX {
        return None;
    }
    let text = std::str::from_utf8(&answer.body).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty() && !text.starts_with('<'))
}

fn without(text: &str, token: &Secret) -> String {
    if token.expose().is_empty() {
        return text.to_owned();
    }
    text.replace(token.expose(), "…")
}
