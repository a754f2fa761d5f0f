//! WAHA's refusals. It speaks as NestJS does (`{statusCode, error, message}`), in its own form when the session is not
//! ready (`{error, session, status, expected}`), and with a 500 and the engine's exception for what WhatsApp refused.
//! (WAHA's sources, `manager.abc.ts` and `AllExceptionsFilter.ts`; its issues about error 463, 2026.)

use domain::failure::{Failure, FailureReason as Reason};
use domain::report::ProviderError;
use serde_json::Value;

use crate::call::Refusal;
use crate::failure::{Class, Verdict};
use crate::gateway::{self, Line, SERVER, line, line_of_code, line_of_sentence, sentence};
use crate::json::{integer, member, word};

/// A message whose receipt says `ERROR`; no reason is ever told.
pub const ACK_ERROR: i64 = -1;

#[rustfmt::skip]
const SENTENCES: &[Line] = &[
    line(422, &["session status is not as expected"], Reason::NumberUnlinked, Class::Credentials),
    line(422, &["not implemented by the engine", "available only in plus"], Reason::UnsupportedType, Class::Refuse),
    // whatsapp-web.js, before it sends anything to a number that WhatsApp does not know.
    line(500, &["no lid for user"], Reason::Undeliverable, Class::Refuse),
];

/// By HTTP status, where no sentence is known.
#[rustfmt::skip]
const STATUSES: &[Line] = &[
    line(400, &[], Reason::MessageInvalid, Class::Refuse),
    line(401, &[], Reason::TokenInvalid, Class::Credentials),
    line(403, &[], Reason::PermissionMissing, Class::Credentials),
    // The session has been removed at WAHA.
    line(404, &[], Reason::NumberUnlinked, Class::Credentials),
    line(413, &[], Reason::MediaInvalid, Class::Refuse),
    line(422, &[], Reason::MessageInvalid, Class::Refuse),
    line(429, &[], Reason::NumberRateLimited, Class::Wait).wait(60),
];

/// The session is on its way: nothing has to be done, only waited.
const STARTING: Line = line(422, &[], Reason::NumberUnlinked, Class::Wait).wait(10);

/// What comes later, in a receipt.
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

/// The refusal in an answer; `None` where it is not in a form of WAHA's.
pub(crate) fn read(status: u16, body: &Value) -> Option<Refusal> {
    let exception = member(body, "exception").filter(|exception| exception.is_object());
    let session_status = word(body, "status").filter(|_| member(body, "session").is_some());
    let is_own = exception.is_some()
        || session_status.is_some()
        || integer(body, "statusCode") == Some(i64::from(status));
    if !is_own {
        return None;
    }
    let details = exception
        .and_then(|exception| sentence(exception, "message").or_else(|| word(exception, "details")))
        .or_else(|| sentence(body, "message"))
        .or_else(|| word(body, "error"));
    let line = if session_status.as_deref() == Some("STARTING") {
        Some(&STARTING)
    } else {
        line_on(status, details.as_deref().unwrap_or_default())
    };
    Some(Refusal {
        verdict: line.map(Line::verdict),
        code: line.map(Line::code).or(Some(i64::from(status))),
        details,
    })
}
