//! Infobip's refusals: an answer is judged by its status, a report by the name of its error, which is also what their
//! pages explain. (Infobip, "Response status and error codes", 2026.) The WhatsApp errors among them have numbers from
//! 7000 on; only those are judged whose names say what they are.

use std::time::Duration;

use domain::failure::{Failure, FailureReason as Reason};
use domain::report::ProviderError;
use serde_json::Value;

use crate::call::Refusal;
use crate::failure::{Class, Verdict};
use crate::json::{member, word};

/// What a status says of an answer: what it is, what a sender does, and the least wait in seconds.
#[rustfmt::skip]
const STATUSES: &[(u16, Reason, Class, u64)] = &[
    (400, Reason::MessageInvalid, Class::Refuse, 0),
    (401, Reason::TokenInvalid, Class::Credentials, 0),
    (403, Reason::PermissionMissing, Class::Credentials, 0),
    (404, Reason::ObjectMissing, Class::Refuse, 0),
    (429, Reason::AccountRateLimited, Class::Wait, 1),
];

/// A part of an error's name (in capitals), and what it says. A later line is looked at only when no earlier one fits.
#[rustfmt::skip]
const NAMES: &[(&str, Reason, Class)] = &[
    ("NOT_ENOUGH_CREDITS", Reason::PaymentProblem, Class::Restricted),
    ("PAYMENT", Reason::PaymentProblem, Class::Restricted),
    ("FREEFORM", Reason::WindowClosed, Class::Refuse),
    ("24_HOUR", Reason::WindowClosed, Class::Refuse),
    ("OUTSIDE", Reason::WindowClosed, Class::Refuse),
    ("WINDOW", Reason::WindowClosed, Class::Refuse),
    ("TEMPLATE_PARAM", Reason::TemplateParameters, Class::Refuse),
    ("TEMPLATE_PAUSED", Reason::TemplatePaused, Class::Wait),
    ("TEMPLATE_DISABLED", Reason::TemplateDisabled, Class::Refuse),
    ("TEMPLATE_NOT", Reason::TemplateMissing, Class::Refuse),
    ("TEMPLATE", Reason::TemplateInvalid, Class::Refuse),
    ("MARKETING", Reason::MarketingLimited, Class::Wait),
    ("OPT_OUT", Reason::MarketingStopped, Class::Refuse),
    ("OPTED_OUT", Reason::MarketingStopped, Class::Refuse),
    ("BLACKLIST", Reason::MarketingStopped, Class::Refuse),
    ("BLOCKED", Reason::Undeliverable, Class::Refuse),
    ("EXPERIMENT", Reason::ExperimentHoldout, Class::Refuse),
    ("MEDIA", Reason::MediaInvalid, Class::Refuse),
    ("RATE_LIMIT", Reason::NumberRateLimited, Class::Wait),
    ("TOO_MANY", Reason::NumberRateLimited, Class::Wait),
    ("FLOODING", Reason::PairRateLimited, Class::Wait),
    ("UNKNOWN_SUBSCRIBER", Reason::Undeliverable, Class::Refuse),
    ("ABSENT_SUBSCRIBER", Reason::Undeliverable, Class::Refuse),
    ("USER_NOT", Reason::Undeliverable, Class::Refuse),
    ("INVALID_DESTINATION", Reason::RecipientInvalid, Class::Refuse),
    ("DESTINATION", Reason::RecipientInvalid, Class::Refuse),
    ("PREFIX", Reason::RecipientInvalid, Class::Refuse),
    ("SENDER", Reason::NumberNotRegistered, Class::Restricted),
    ("SOURCE", Reason::NumberNotRegistered, Class::Restricted),
    ("DUPLICATE", Reason::DuplicateRequest, Class::Refuse),
    ("EXPIRED", Reason::Undeliverable, Class::Refuse),
    ("UNDELIVERABLE", Reason::Undeliverable, Class::Refuse),
    ("UNAVAILABLE", Reason::ServiceUnavailable, Class::Retry),
    ("TIMEOUT", Reason::ServiceUnavailable, Class::Retry),
];

fn verdict(reason: Reason, class: Class, wait_s: u64) -> Verdict {
    Verdict {
        reason,
        class,
        wait: Duration::from_secs(wait_s),
        before_acceptance: false,
    }
}

/// What is known of an answer's status.
#[must_use]
pub fn verdict_on_status(status: u16) -> Option<Verdict> {
    STATUSES
        .iter()
        .find(|(known, ..)| *known == status)
        .map(|(_, reason, class, wait_s)| verdict(*reason, *class, *wait_s))
}

/// What is known of an error, or a status of a message, by its name (`EC_…`, `REJECTED_NOT_ENOUGH_CREDITS`).
#[must_use]
pub fn verdict_on_name(name: &str) -> Option<Verdict> {
    let name = name.to_ascii_uppercase();
    NAMES
        .iter()
        .find(|(part, ..)| name.contains(part))
        .map(|(_, reason, class)| {
            let wait = if *class == Class::Wait { 60 } else { 0 };
            verdict(*reason, *class, wait)
        })
}

/// A failure that came later, in a report. Its title is the error's name.
#[must_use]
pub fn failure_of(error: &ProviderError) -> Failure {
    let verdict = error.title.as_deref().and_then(verdict_on_name);
    Failure {
        reason: verdict.map_or(Reason::Unknown, |verdict| verdict.reason),
        code: Some(error.code),
        details: error.details.clone().or_else(|| error.title.clone()),
    }
}

/// The refusal in an answer, in the old form (`requestError.serviceException`) or the new one (`errorCode`).
pub(crate) fn read(status: u16, body: &Value) -> Option<Refusal> {
    let old = member(body, "requestError").and_then(|error| member(error, "serviceException"));
    let details = match old {
        Some(old) => word(old, "text").or_else(|| word(old, "messageId")),
        None => {
            let code = word(body, "errorCode")?;
            word(body, "description").or(Some(code))
        }
    };
    Some(Refusal {
        verdict: verdict_on_status(status),
        code: None,
        details,
    })
}
