//! Twilio's codes, the same in answers and in status callbacks. (Twilio, "Error and warning dictionary", 2026.)
//!
//! No code makes a 5xx sure: Twilio has no key against doubles, and says of none that it comes before acceptance.

use domain::failure::{Failure, FailureReason as Reason};
use domain::report::ProviderError;
use serde_json::Value;

use crate::call::Refusal;
use crate::failure::{Class, CodeLine, Verdict, in_table, told_later};
use crate::json::{integer, word};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

#[rustfmt::skip]
const LINES: &[CodeLine] = &[
    // Who we are, and how much.
    (20003, Reason::TokenInvalid, Class::Credentials, 0),
    (20005, Reason::AccountLocked, Class::Restricted, 0),
    (20006, Reason::PermissionMissing, Class::Credentials, 0),
    (20008, Reason::PermissionMissing, Class::Credentials, 0),
    (20404, Reason::ObjectMissing, Class::Credentials, 0),
    (20429, Reason::AccountRateLimited, Class::Wait, 1),
    (14107, Reason::NumberRateLimited, Class::Wait, 1),
    (30001, Reason::NumberRateLimited, Class::Wait, MINUTE),
    (30002, Reason::AccountLocked, Class::Restricted, 0),
    (63017, Reason::AccountRateLimited, Class::Wait, 1),
    (63018, Reason::NumberRateLimited, Class::Wait, MINUTE),
    (63038, Reason::AccountRateLimited, Class::Wait, HOUR),
    (21611, Reason::NumberRateLimited, Class::Wait, MINUTE),

    // Whom.
    (21211, Reason::RecipientInvalid, Class::Refuse, 0),
    (21217, Reason::RecipientInvalid, Class::Refuse, 0),
    (21614, Reason::RecipientInvalid, Class::Refuse, 0),
    (63031, Reason::RecipientInvalid, Class::Refuse, 0),
    (21408, Reason::CountryNotAllowed, Class::Refuse, 0),
    (21608, Reason::RecipientNotAllowed, Class::Refuse, 0),
    (63015, Reason::RecipientNotAllowed, Class::Refuse, 0),
    (21610, Reason::MarketingStopped, Class::Refuse, 0),
    (21612, Reason::Undeliverable, Class::Refuse, 0),
    (30003, Reason::Undeliverable, Class::Refuse, 0),
    (30004, Reason::Undeliverable, Class::Refuse, 0),
    (30005, Reason::Undeliverable, Class::Refuse, 0),
    (30006, Reason::Undeliverable, Class::Refuse, 0),
    (63003, Reason::Undeliverable, Class::Refuse, 0),
    (63014, Reason::Undeliverable, Class::Refuse, 0),
    (63024, Reason::Undeliverable, Class::Refuse, 0),
    (63033, Reason::Undeliverable, Class::Refuse, 0),
    (63032, Reason::ExperimentHoldout, Class::Refuse, 0),
    (63049, Reason::MarketingLimited, Class::Wait, DAY),

    // From which number.
    (21212, Reason::NumberNotRegistered, Class::Restricted, 0),
    (21603, Reason::NumberNotRegistered, Class::Restricted, 0),
    (21606, Reason::NumberNotRegistered, Class::Restricted, 0),
    (21660, Reason::NumberNotRegistered, Class::Restricted, 0),
    (63001, Reason::NumberNotRegistered, Class::Restricted, 0),
    (63002, Reason::NumberNotRegistered, Class::Restricted, 0),
    (63007, Reason::NumberNotRegistered, Class::Restricted, 0),
    (63008, Reason::NumberNotRegistered, Class::Restricted, 0),
    (63022, Reason::DisplayNameNotApproved, Class::Restricted, 0),
    (63112, Reason::AccountLocked, Class::Restricted, 0),

    // What.
    (63016, Reason::WindowClosed, Class::Refuse, 0),
    (21602, Reason::MessageInvalid, Class::Refuse, 0),
    (21604, Reason::MessageInvalid, Class::Refuse, 0),
    (21609, Reason::MessageInvalid, Class::Refuse, 0),
    (21617, Reason::MessageInvalid, Class::Refuse, 0),
    (21619, Reason::MessageInvalid, Class::Refuse, 0),
    (63021, Reason::MessageInvalid, Class::Refuse, 0),
    (63030, Reason::MessageInvalid, Class::Refuse, 0),
    (30007, Reason::TemplatePolicy, Class::Refuse, 0),
    (63013, Reason::TemplatePolicy, Class::Refuse, 0),
    (12300, Reason::MediaInvalid, Class::Refuse, 0),
    (21620, Reason::MediaInvalid, Class::Refuse, 0),
    (21623, Reason::MediaInvalid, Class::Refuse, 0),
    (63019, Reason::MediaInvalid, Class::Refuse, 0),
    (21655, Reason::TemplateMissing, Class::Refuse, 0),
    (63027, Reason::TemplateMissing, Class::Refuse, 0),
    (21656, Reason::TemplateParameters, Class::Refuse, 0),
    (63028, Reason::TemplateParameters, Class::Refuse, 0),
    (63029, Reason::TemplateInvalid, Class::Refuse, 0),
    (63040, Reason::TemplateInvalid, Class::Refuse, 0),
    (63041, Reason::TemplatePaused, Class::Wait, 3 * HOUR),
    (63042, Reason::TemplateDisabled, Class::Refuse, 0),

    // Twilio's or Meta's own trouble.
    (30008, Reason::ServiceUnavailable, Class::Retry, 0),
    (63005, Reason::ServiceUnavailable, Class::Retry, 0),
    (63009, Reason::ServiceUnavailable, Class::Retry, 0),
    (63010, Reason::ServiceUnavailable, Class::Retry, 0),
    (63012, Reason::ServiceUnavailable, Class::Retry, 0),
    (63020, Reason::ServiceUnavailable, Class::Retry, 0),
    (63023, Reason::ServiceUnavailable, Class::Retry, 0),
];

/// What is known of a code; `None` for one that is not in the table.
#[must_use]
pub fn verdict_on(code: i64) -> Option<Verdict> {
    in_table(LINES, code)
}

/// A failure that came later, in a status callback.
#[must_use]
pub fn failure_of(error: &ProviderError) -> Failure {
    told_later(error, verdict_on(error.code))
}

/// The refusal in an answer: `{"code":21211,"message":"…","more_info":"…","status":400}`.
pub(crate) fn read(body: &Value) -> Option<Refusal> {
    let code = integer(body, "code")?;
    Some(Refusal {
        verdict: verdict_on(code),
        code: Some(code),
        details: word(body, "message"),
    })
}
