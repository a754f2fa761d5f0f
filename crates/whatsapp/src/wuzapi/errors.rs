//! wuzapi's refusals: `{code, error, success: false}`, mostly with a 500 and a sentence of its own or of whatsmeow's.
//! (wuzapi's `handlers.go`, May 2025.) An answer comes after WhatsApp's own, so a refusal of WhatsApp's is sure.

use domain::failure::{Failure, FailureReason as Reason};
use domain::report::ProviderError;
use serde_json::Value;

use crate::call::Refusal;
use crate::failure::{Class, Verdict};
use crate::gateway::{self, Line, SERVER, line, line_of_code, line_of_sentence};
use crate::json::{flag, integer, word};

#[rustfmt::skip]
const SENTENCES: &[Line] = &[
    line(500, &["already connected"], Reason::DuplicateRequest, Class::Refuse),
    // The socket is away, the phone's link is not: nothing has been written.
    line(500, &["websocket not connected"], Reason::NumberUnlinked, Class::Wait).wait(30),
    line(500, &["no session", "not logged in", "not connected", "doesn't contain a device jid"], Reason::NumberUnlinked, Class::Credentials),
    line(500, &["no lid found", "failed to get device list"], Reason::Undeliverable, Class::Refuse),
    line(500, &["failed to upload file"], Reason::ServiceUnavailable, Class::Retry),
    line(500, &["could not decode image"], Reason::MediaInvalid, Class::Refuse),
    line(400, &["could not decode base64", "data should start with", "should start with \"data:"], Reason::MediaInvalid, Class::Refuse),
    line(400, &["could not parse phone", "missing phone"], Reason::RecipientInvalid, Class::Refuse),
];

#[rustfmt::skip]
const STATUSES: &[Line] = &[
    line(400, &[], Reason::MessageInvalid, Class::Refuse),
    line(401, &[], Reason::TokenInvalid, Class::Credentials),
    line(404, &[], Reason::NumberUnlinked, Class::Credentials),
    line(413, &[], Reason::MediaInvalid, Class::Refuse),
    line(429, &[], Reason::NumberRateLimited, Class::Wait).wait(60),
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

/// See [`crate::adapter::Adapter::failure_of`]. Receipts never say that something failed.
#[must_use]
pub fn failure_of(error: &ProviderError) -> Failure {
    gateway::failure_of(&[], error)
}

/// The refusal in an answer; `None` where it is not in wuzapi's form.
pub(crate) fn read(status: u16, body: &Value) -> Option<Refusal> {
    if integer(body, "code") != Some(i64::from(status)) || flag(body, "success") {
        return None;
    }
    let details = word(body, "error");
    let line = line_on(status, details.as_deref().unwrap_or_default());
    Some(Refusal {
        verdict: line.map(Line::verdict),
        code: Some(line.map_or(i64::from(status), Line::code)),
        details,
    })
}
