//! Meta's codes and what follows from each. (Meta, error codes page, 2026-05, and changelog to autumn 2026.)
//!
//! A send that failed with a 5xx may have been accepted all the same, and the Cloud API has no key against doubles;
//! so a 5xx is taken as sure only for codes that are decided before a message is looked at.

use std::time::Duration;

use domain::failure::{Failure, FailureReason as Reason};
use domain::report::ProviderError;
use serde_json::Value;

use crate::failure::{Class, Verdict, told_later};
use crate::json::{integer, member, word};

/// One line of the table: a code, or a range of them.
struct Line {
    from: i64,
    to: i64,
    reason: Reason,
    class: Class,
    wait_s: u64,
    before_acceptance: bool,
}

const fn line(code: i64, reason: Reason, class: Class) -> Line {
    range(code, code, reason, class)
}

const fn range(from: i64, to: i64, reason: Reason, class: Class) -> Line {
    Line {
        from,
        to,
        reason,
        class,
        wait_s: 0,
        before_acceptance: false,
    }
}

impl Line {
    const fn wait(mut self, seconds: u64) -> Self {
        self.wait_s = seconds;
        self
    }

    const fn before_acceptance(mut self) -> Self {
        self.before_acceptance = true;
        self
    }
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A later line is looked at only when no earlier one fits.
#[rustfmt::skip]
const LINES: &[Line] = &[
    // Authorisation and Graph.
    line(0, Reason::TokenInvalid, Class::Credentials).before_acceptance(),
    line(1, Reason::ServiceUnavailable, Class::Retry),
    line(2, Reason::ServiceUnavailable, Class::Retry),
    line(3, Reason::PermissionMissing, Class::Credentials).before_acceptance(),
    line(4, Reason::AppRateLimited, Class::Wait).wait(MINUTE).before_acceptance(),
    line(10, Reason::PermissionMissing, Class::Credentials).before_acceptance(),
    line(33, Reason::ObjectMissing, Class::Credentials).before_acceptance(),
    line(100, Reason::MessageInvalid, Class::Refuse).before_acceptance(),
    line(190, Reason::TokenInvalid, Class::Credentials).before_acceptance(),
    range(200, 299, Reason::PermissionMissing, Class::Credentials).before_acceptance(),
    line(368, Reason::AccountRestricted, Class::Restricted).before_acceptance(),
    line(506, Reason::DuplicateRequest, Class::Refuse),
    line(613, Reason::CallRateLimited, Class::Wait).wait(MINUTE),
    line(80007, Reason::AccountRateLimited, Class::Wait).wait(MINUTE).before_acceptance(),
    line(80008, Reason::AccountRateLimited, Class::Wait).wait(MINUTE).before_acceptance(),
    line(131005, Reason::PermissionMissing, Class::Credentials).before_acceptance(),

    // Throttling and integrity.
    line(130429, Reason::NumberRateLimited, Class::Wait).wait(1).before_acceptance(),
    line(131048, Reason::QualityLimited, Class::Restricted).wait(HOUR),
    line(131056, Reason::PairRateLimited, Class::Wait).wait(1).before_acceptance(),
    line(131064, Reason::TemplateMisuseLimited, Class::Restricted).wait(HOUR),
    line(133016, Reason::RegistrationRateLimited, Class::Wait).wait(3 * DAY),
    line(130497, Reason::CountryNotAllowed, Class::Refuse),
    line(131031, Reason::AccountLocked, Class::Restricted).before_acceptance(),
    line(131057, Reason::NumberInMaintenance, Class::Wait).wait(MINUTE).before_acceptance(),
    line(131059, Reason::PageExpired, Class::Refuse),

    // Sending.
    line(130472, Reason::ExperimentHoldout, Class::Refuse),
    line(131000, Reason::ServiceUnavailable, Class::Retry),
    line(131008, Reason::MessageInvalid, Class::Refuse),
    line(131009, Reason::MessageInvalid, Class::Refuse),
    line(131016, Reason::ServiceUnavailable, Class::Retry),
    line(131021, Reason::RecipientInvalid, Class::Refuse),
    line(131026, Reason::Undeliverable, Class::Refuse),
    line(131030, Reason::RecipientNotAllowed, Class::Refuse),
    line(131037, Reason::DisplayNameNotApproved, Class::Restricted),
    line(131042, Reason::PaymentProblem, Class::Restricted),
    line(131044, Reason::PaymentProblem, Class::Restricted),
    line(131045, Reason::NumberNotRegistered, Class::Restricted).before_acceptance(),
    line(131047, Reason::WindowClosed, Class::Refuse),
    line(131049, Reason::MarketingLimited, Class::Wait).wait(DAY),
    line(131050, Reason::MarketingStopped, Class::Refuse),
    line(131051, Reason::UnsupportedType, Class::Refuse),
    line(131052, Reason::MediaUnavailable, Class::Refuse),
    line(131053, Reason::MediaInvalid, Class::Refuse),
    line(131055, Reason::OtherApiRequired, Class::Refuse),
    line(131060, Reason::UnsupportedType, Class::Refuse),
    line(131061, Reason::OtherApiRequired, Class::Refuse),
    line(131062, Reason::RecipientNeedsPhone, Class::Refuse),
    line(131063, Reason::OtherApiRequired, Class::Refuse),
    line(131065, Reason::CountryNotAllowed, Class::Refuse),
    line(134011, Reason::PaymentProblem, Class::Restricted),
    line(134100, Reason::OtherApiRequired, Class::Refuse),
    line(134101, Reason::TemplateSyncing, Class::Wait).wait(10 * MINUTE).before_acceptance(),
    line(134102, Reason::TemplateMissing, Class::Refuse).before_acceptance(),
    line(134103, Reason::ServiceUnavailable, Class::Refuse),
    line(135000, Reason::MessageInvalid, Class::Refuse),
    line(137000, Reason::IdentityChanged, Class::Refuse),
    line(1752041, Reason::DuplicateRequest, Class::Refuse),

    // Templates.
    line(132000, Reason::TemplateParameters, Class::Refuse),
    line(132001, Reason::TemplateMissing, Class::Refuse),
    line(132005, Reason::TemplateParameters, Class::Refuse),
    line(132007, Reason::TemplatePolicy, Class::Refuse),
    line(132008, Reason::TemplateParameters, Class::Refuse),
    line(132012, Reason::TemplateParameters, Class::Refuse),
    line(132015, Reason::TemplatePaused, Class::Wait).wait(3 * HOUR),
    line(132016, Reason::TemplateDisabled, Class::Refuse),
    line(132018, Reason::TemplateParameters, Class::Refuse),
    line(132021, Reason::TemplateInvalid, Class::Refuse),
    line(132068, Reason::FormBlocked, Class::Refuse),
    line(132069, Reason::FormThrottled, Class::Wait).wait(HOUR),
    range(200_005, 200_007, Reason::InsightsUnavailable, Class::Refuse),

    // Registration, numbers, migration; among them the few of the 2388xxx that are not about templates.
    line(133000, Reason::NumberNotRegistered, Class::Refuse),
    line(133004, Reason::ServiceUnavailable, Class::Retry),
    line(133005, Reason::PinWrong, Class::Refuse),
    line(133006, Reason::NumberNotVerified, Class::Refuse),
    range(133_008, 133_009, Reason::RegistrationRateLimited, Class::Wait).wait(MINUTE),
    line(133010, Reason::NumberNotRegistered, Class::Restricted).before_acceptance(),
    line(133015, Reason::RegistrationRateLimited, Class::Wait).wait(5 * MINUTE),
    line(2388001, Reason::NumberNotEligible, Class::Refuse),
    line(2388012, Reason::NumberNotEligible, Class::Refuse),
    line(2388091, Reason::NumberNotEligible, Class::Refuse),
    line(2388093, Reason::NumberNotEligible, Class::Refuse),
    line(2388103, Reason::NumberNotEligible, Class::Refuse),
    line(2388019, Reason::TemplateLimitReached, Class::Refuse),
    range(2_388_000, 2_388_999, Reason::TemplateInvalid, Class::Refuse),
    line(2494100, Reason::NumberInMaintenance, Class::Wait).wait(5 * MINUTE),
    line(2593079, Reason::NumberNotEligible, Class::Refuse),
    line(2593085, Reason::NumberNotEligible, Class::Refuse),
    range(2_593_107, 2_593_109, Reason::HistoryUnavailable, Class::Refuse),
    range(147_001, 147_005, Reason::UsernameRefused, Class::Refuse),

    // Blocks, groups, calls, forms, sign-ups.
    range(139_100, 139_102, Reason::BlockListRefused, Class::Refuse),
    line(139103, Reason::BlockListRefused, Class::Retry),
    line(131020, Reason::GroupRefused, Class::Refuse),
    line(131041, Reason::GroupRefused, Class::Refuse),
    line(131208, Reason::NumberRateLimited, Class::Wait).wait(MINUTE),
    range(131_201, 131_215, Reason::GroupRefused, Class::Refuse),
    line(138005, Reason::CallRateLimited, Class::Wait).wait(MINUTE),
    line(138009, Reason::CallRateLimited, Class::Wait).wait(DAY),
    range(138_012, 138_013, Reason::CallRateLimited, Class::Wait).wait(HOUR),
    range(138_000, 138_999, Reason::CallRefused, Class::Refuse),
    range(139_000, 139_004, Reason::FormRefused, Class::Refuse),
    range(2_494_164, 2_494_179, Reason::SignupFailed, Class::Refuse),
];

/// What is known of a code; `None` for one that Meta has added since.
#[must_use]
pub fn verdict_on(code: i64) -> Option<Verdict> {
    LINES
        .iter()
        .find(|line| (line.from..=line.to).contains(&code))
        .map(|line| Verdict {
            reason: line.reason,
            class: line.class,
            wait: Duration::from_secs(line.wait_s),
            before_acceptance: line.before_acceptance,
        })
}

/// A failure that came later, in a status.
#[must_use]
pub fn failure_of(error: &ProviderError) -> Failure {
    told_later(error, verdict_on(error.code))
}

/// The error of an answer: `{"error":{…}}`, Meta's own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The code that decides: the subcode where Meta puts the meaning there (100/33 and 100/2388xxx).
    pub code: i64,
    /// Meta's sentence for a person, the most exact one. May hold personal values.
    pub details: Option<String>,
    /// Quote it when asking Meta's support.
    pub trace_id: Option<String>,
}

impl ApiError {
    /// Reads the envelope. `None` where the body has another form, and so may not be Meta's.
    #[must_use]
    pub fn read(body: &Value) -> Option<Self> {
        let error = member(body, "error").filter(|error| error.is_object())?;
        let code = integer(error, "code")?;
        let subcode = integer(error, "error_subcode");
        Some(Self {
            code: deciding_code(code, subcode),
            details: details(error),
            trace_id: word(error, "fbtrace_id"),
        })
    }

    #[must_use]
    pub fn failure(&self) -> Failure {
        Failure {
            reason: verdict_on(self.code).map_or(Reason::Unknown, |verdict| verdict.reason),
            code: Some(self.code),
            details: self.details.clone(),
        }
    }
}

fn deciding_code(code: i64, subcode: Option<i64>) -> i64 {
    match subcode {
        Some(subcode) if code == 100 && (subcode == 33 || verdict_on(subcode).is_some()) => subcode,
        _ => code,
    }
}

/// `error_data` is an object for messages and may be a plain string for templates.
fn details(error: &Value) -> Option<String> {
    let data = error.get("error_data");
    data.and_then(|data| word(data, "details"))
        .or_else(|| data.and_then(Value::as_str).map(str::to_owned))
        .or_else(|| word(error, "error_user_msg"))
        .or_else(|| word(error, "message"))
}
