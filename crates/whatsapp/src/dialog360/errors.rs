//! 360dialog's refusals: Meta's own where Meta said them, and a few of 360dialog's that have no code, only a status and
//! a sentence. (docs.360dialog.com, "API error codes", 2026; the shape of its own is not documented, so read widely.)

use std::time::Duration;

use domain::failure::FailureReason as Reason;
use serde_json::Value;

use crate::call::Refusal;
use crate::failure::{Class, Verdict};
use crate::json::{integer, list, member, word};
use crate::meta::errors::{ApiError, verdict_on};

/// One line of the table: a status, and a word that its sentence holds (in lower case; empty for any sentence).
struct Line {
    status: u16,
    holds: &'static str,
    reason: Reason,
    class: Class,
    wait_s: u64,
}

const fn line(status: u16, holds: &'static str, reason: Reason, class: Class) -> Line {
    Line {
        status,
        holds,
        reason,
        class,
        wait_s: 0,
    }
}

impl Line {
    const fn wait(mut self, seconds: u64) -> Self {
        self.wait_s = seconds;
        self
    }
}

/// A later line is looked at only when no earlier one fits. All are decided before a message is looked at.
#[rustfmt::skip]
const LINES: &[Line] = &[
    line(400, "payment", Reason::PaymentProblem, Class::Restricted),
    line(400, "funds", Reason::PaymentProblem, Class::Restricted),
    line(400, "rate limit", Reason::NumberRateLimited, Class::Wait).wait(60),
    line(400, "disabled", Reason::NumberNotRegistered, Class::Restricted),
    line(400, "", Reason::MessageInvalid, Class::Refuse),
    line(401, "", Reason::TokenInvalid, Class::Credentials),
    line(402, "", Reason::PaymentProblem, Class::Restricted),
    line(403, "", Reason::PermissionMissing, Class::Credentials),
    line(404, "", Reason::ObjectMissing, Class::Refuse),
    line(429, "", Reason::NumberRateLimited, Class::Wait).wait(60),
];

/// What is known of a status of 360dialog's own, with its sentence.
#[must_use]
pub fn verdict_on_status(status: u16, sentence: &str) -> Option<Verdict> {
    let sentence = sentence.to_lowercase();
    LINES
        .iter()
        .find(|line| line.status == status && sentence.contains(line.holds))
        .map(|line| Verdict {
            reason: line.reason,
            class: line.class,
            wait: Duration::from_secs(line.wait_s),
            before_acceptance: true,
        })
}

/// The refusal in an answer: Meta's `{"error":{…}}`, or 360dialog's `{"meta":{"developer_message":…}}`,
/// `{"errors":[…]}`, `{"detail":…}`, `{"message":…}`. `None` where it is none of these.
pub(crate) fn read(status: u16, body: &Value) -> Option<Refusal> {
    if let Some(error) = ApiError::read(body) {
        let verdict = verdict_on(error.code);
        return Some(Refusal {
            verdict: verdict.or_else(|| verdict_on_status(status, "").filter(|_| status != 400)),
            code: Some(error.code),
            details: error.details,
        });
    }
    let meta = member(body, "meta").filter(|meta| meta.is_object());
    let first = list(body, "errors").first();
    let code = first.and_then(|error| integer(error, "code"));
    let details = first
        .and_then(|error| word(error, "details").or_else(|| word(error, "title")))
        .or_else(|| meta.and_then(|meta| word(meta, "developer_message")))
        .or_else(|| word(body, "detail"))
        .or_else(|| word(body, "message"))
        .or_else(|| word(body, "error"));
    if meta.is_none() && first.is_none() && details.is_none() {
        return None;
    }
    let sentence = details.as_deref().unwrap_or_default();
    Some(Refusal {
        verdict: code
            .and_then(verdict_on)
            .or_else(|| verdict_on_status(status, sentence)),
        code: code.or(Some(i64::from(status))),
        details,
    })
}
