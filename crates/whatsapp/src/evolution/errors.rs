//! Evolution's refusals: `{status, error, response: {message: […]}}`, and the licence's own. (Evolution 2.3.6, `main.ts`
//! and `whatsapp.baileys.service.ts`; 2.4.0-rc2 for the licence.)
//!
//! **A 400 is not always sure.** Whatever goes wrong within a send, also after the message has left (its own database, its
//! store of files), comes as a 400 with the text of the exception. Only what is known to come before is taken as sure.

use domain::failure::{Failure, FailureReason as Reason};
use domain::report::ProviderError;
use serde_json::Value;

use crate::call::{Answer, Refusal};
use crate::failure::{Class, Verdict};
use crate::gateway::{self, Line, SERVER, line, line_of_code, line_of_sentence};
use crate::json::{flag, integer, member, word};
use crate::provider::{CallError, Unclear};

/// A message whose receipt says `ERROR`; no reason is ever told.
pub const ACK_ERROR: i64 = -1;

#[rustfmt::skip]
const SENTENCES: &[Line] = &[
    // Baileys, when it has no socket to write to. The phone comes back by itself, or its state says more.
    line(400, &["connection closed"], Reason::NumberUnlinked, Class::Wait).wait(30),
    line(404, &["instance does not exist"], Reason::NumberUnlinked, Class::Credentials),
    line(400, &["owned media must be", "invalid file or audio source"], Reason::MediaInvalid, Class::Refuse),
];

#[rustfmt::skip]
const STATUSES: &[Line] = &[
    line(400, &[], Reason::MessageInvalid, Class::Refuse),
    line(401, &[], Reason::TokenInvalid, Class::Credentials),
    line(403, &[], Reason::PermissionMissing, Class::Credentials),
    line(404, &[], Reason::NumberUnlinked, Class::Credentials),
    line(413, &[], Reason::MediaInvalid, Class::Refuse),
    line(429, &[], Reason::NumberRateLimited, Class::Wait).wait(60),
];

/// Each send asks first whether the number is on WhatsApp.
const NOT_THERE: Line = line(400, &[], Reason::RecipientInvalid, Class::Refuse);
/// From 2.4 on nothing works until a person activates the installation at the vendor's server.
const LICENCE: Line = line(503, &[], Reason::PermissionMissing, Class::Credentials);

#[rustfmt::skip]
const RECEIPTS: &[Line] = &[
    line(ACK_ERROR, &[], Reason::Undeliverable, Class::Refuse),
];

/// What is known of a refusal.
#[must_use]
pub fn verdict_on(status: u16, sentence: &str) -> Option<Verdict> {
    line_on(status, sentence).map(Line::verdict)
}

fn line_on(status: u16, sentence: &str) -> Option<&'static Line> {
    line_of_sentence(SERVER, sentence)
        .or_else(|| line_of_sentence(SENTENCES, sentence))
        .or_else(|| line_of_code(STATUSES, i64::from(status)))
}

/// See [`crate::adapter::Adapter::failure_of`].
#[must_use]
pub fn failure_of(error: &ProviderError) -> Failure {
    gateway::failure_of(RECEIPTS, error)
}

/// What an answer that is no success means.
pub(crate) fn refused(answer: &Answer) -> CallError {
    let refusal = answer.json().and_then(|body| read(answer.status, &body));
    match refusal {
        Some(Told::Sure(refusal)) => crate::call::refused(answer, Some(refusal)),
        Some(Told::Thrown) => CallError::Unclear {
            why: Unclear::ServerError {
                status: answer.status,
                code: i64::from(answer.status),
            },
        },
        None => crate::call::refused(answer, None),
    }
}

enum Told {
    Sure(Refusal),
    /// An exception from somewhere within.
    Thrown,
}

fn read(status: u16, body: &Value) -> Option<Told> {
    let sure = |line: Option<&Line>, details| {
        Some(Told::Sure(Refusal {
            verdict: line.map(Line::verdict),
            code: Some(line.map_or(i64::from(status), Line::code)),
            details,
        }))
    };
    if word(body, "code").as_deref() == Some("LICENSE_REQUIRED") {
        return sure(Some(&LICENCE), word(body, "message"));
    }
    let response = member(body, "response")?;
    if integer(body, "status") != Some(i64::from(status)) {
        return None;
    }
    let first = match member(response, "message") {
        Some(Value::Array(items)) => items.first(),
        other => other,
    };
    if let Some(first) = first.filter(|first| first.is_object()) {
        let is_absent = member(first, "exists").is_some() && !flag(first, "exists");
        return sure(
            is_absent
                .then_some(&NOT_THERE)
                .or_else(|| line_on(status, "")),
            None,
        );
    }
    let sentence = gateway::sentence(response, "message");
    let text = sentence.as_deref().unwrap_or_default();
    let is_known = line_of_sentence(SERVER, text)
        .or_else(|| line_of_sentence(SENTENCES, text))
        .is_some();
    if is_thrown(text) && !is_known {
        return Some(Told::Thrown);
    }
    sure(line_on(status, text), sentence)
}

/// The text of an exception: `Error: …`, `PrismaClientKnownRequestError: …`, or an object that nobody could print.
fn is_thrown(sentence: &str) -> bool {
    let name = sentence.trim_start().split(':').next().unwrap_or_default();
    (name.ends_with("Error") && !name.contains(' ')) || sentence.contains("[object Object]")
}
