//! Vonage's codes: the end of an error's `type`, or its `title` where that is a number. (Vonage, "Messages API errors",
//! the list of 2021 that is still pointed to.) The same number may mean another thing in an answer than in a status,
//! so that an answer is first judged by what its status says.

use domain::failure::{Failure, FailureReason as Reason};
use domain::report::ProviderError;
use serde_json::Value;

use crate::call::Refusal;
use crate::failure::{Class, CodeLine, Verdict, in_table, told_later};
use crate::json::word;
use crate::meta;

#[rustfmt::skip]
const LINES: &[CodeLine] = &[
    (1000, Reason::AccountRateLimited, Class::Wait, 1),
    (1010, Reason::MessageInvalid, Class::Refuse, 0),
    (1020, Reason::MessageInvalid, Class::Refuse, 0),
    (1021, Reason::MessageInvalid, Class::Refuse, 0),
    (1022, Reason::TemplateInvalid, Class::Refuse, 0),
    (1030, Reason::ServiceUnavailable, Class::Retry, 0),
    (1050, Reason::Undeliverable, Class::Refuse, 0),
    (1060, Reason::AccountLocked, Class::Restricted, 0),
    (1070, Reason::PaymentProblem, Class::Restricted, 0),
    (1120, Reason::NumberNotRegistered, Class::Restricted, 0),
    (1160, Reason::RecipientNotAllowed, Class::Refuse, 0),
    (1170, Reason::RecipientInvalid, Class::Refuse, 0),
    (1240, Reason::MarketingStopped, Class::Refuse, 0),
    (1241, Reason::PairRateLimited, Class::Wait, 60),
    (1250, Reason::Undeliverable, Class::Refuse, 0),
    (1260, Reason::Undeliverable, Class::Refuse, 0),
    (1300, Reason::Undeliverable, Class::Refuse, 0),
    (1310, Reason::Undeliverable, Class::Refuse, 0),
    (1320, Reason::DuplicateRequest, Class::Refuse, 0),
    (1330, Reason::ServiceUnavailable, Class::Retry, 0),
    (1331, Reason::ServiceUnavailable, Class::Retry, 0),
    (1340, Reason::WindowClosed, Class::Refuse, 0),
    (1380, Reason::MediaInvalid, Class::Refuse, 0),
    (1381, Reason::MediaInvalid, Class::Refuse, 0),
    (1382, Reason::MediaInvalid, Class::Refuse, 0),
];

/// What a status says whose code says nothing.
#[rustfmt::skip]
const STATUSES: &[CodeLine] = &[
    (401, Reason::TokenInvalid, Class::Credentials, 0),
    (402, Reason::PaymentProblem, Class::Restricted, 0),
    (403, Reason::PermissionMissing, Class::Credentials, 0),
    (404, Reason::ObjectMissing, Class::Refuse, 0),
    (422, Reason::MessageInvalid, Class::Refuse, 0),
    (429, Reason::AccountRateLimited, Class::Wait, 1),
];

/// What is known of a code; Meta's own codes are passed on too.
#[must_use]
pub fn verdict_on(code: i64) -> Option<Verdict> {
    in_table(LINES, code).or_else(|| {
        (code >= 100_000)
            .then(|| meta::errors::verdict_on(code))
            .flatten()
            .map(|verdict| Verdict {
                before_acceptance: false,
                ..verdict
            })
    })
}

/// A failure that came later, in a status.
#[must_use]
pub fn failure_of(error: &ProviderError) -> Failure {
    told_later(error, verdict_on(error.code))
}

/// The code of an error: its title where that is a number, or what stands behind the `#` of its type.
pub(crate) fn code_of(error: &Value) -> Option<i64> {
    word(error, "title")
        .and_then(|title| title.parse().ok())
        .or_else(|| word(error, "type")?.rsplit_once('#')?.1.parse().ok())
}

/// The refusal in an answer (RFC 7807): `{"type":"…#1120","title":"…","detail":"…"}`.
pub(crate) fn read(status: u16, body: &Value) -> Option<Refusal> {
    let title = word(body, "title")?;
    let code = code_of(body);
    let by_code = code.and_then(verdict_on);
    let by_status = in_table(STATUSES, i64::from(status));
    // 422 may be many things; the others are what they are.
    let verdict = match status {
        401 | 402 | 403 | 429 => by_status,
        _ => by_code.or(by_status),
    };
    Some(Refusal {
        verdict,
        code,
        details: word(body, "detail").or(Some(title)),
    })
}
