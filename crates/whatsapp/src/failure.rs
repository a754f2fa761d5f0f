//! How a provider's code is judged: the same few classes for every provider. Each provider's module keeps its own
//! table of codes.

use std::time::Duration;

use domain::failure::{Failure, FailureReason};
use domain::report::ProviderError;

use crate::provider::CallError;

/// What a sender does after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// May be sent again soon, a few times.
    Retry,
    /// May be sent again after the wait.
    Wait,
    /// Never as it is.
    Refuse,
    /// A person must renew or extend our rights.
    Credentials,
    /// The number or the account is held back.
    Restricted,
}

/// What is known of a provider's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub reason: FailureReason,
    pub class: Class,
    /// The least wait before another try; zero where there is none.
    pub wait: Duration,
    /// It says surely that the message was not accepted, whatever the HTTP status. A 4xx always does.
    pub before_acceptance: bool,
}

/// A line of a table of codes: the code, what it is, what a sender does, and the least wait in seconds.
pub(crate) type CodeLine = (i64, FailureReason, Class, u64);

/// What a table of codes says of one. None of its lines makes a 5xx sure.
pub(crate) fn in_table(lines: &[CodeLine], code: i64) -> Option<Verdict> {
    lines
        .iter()
        .find(|(known, ..)| *known == code)
        .map(|(_, reason, class, wait_s)| Verdict {
            reason: *reason,
            class: *class,
            wait: Duration::from_secs(*wait_s),
            before_acceptance: false,
        })
}

/// A failure that came later, in a status, with what is known of its code.
pub(crate) fn told_later(error: &ProviderError, verdict: Option<Verdict>) -> Failure {
    Failure {
        reason: verdict.map_or(FailureReason::Unknown, |verdict| verdict.reason),
        code: Some(error.code),
        details: error.details.clone().or_else(|| error.title.clone()),
    }
}

impl Verdict {
    /// The end of a call that surely did nothing.
    #[must_use]
    pub fn into_error(self, failure: Failure, told_wait: Option<Duration>) -> CallError {
        match self.class {
            Class::Retry if told_wait.is_none() => CallError::NotAccepted(failure),
            Class::Retry | Class::Wait => CallError::RetryAfter {
                after: told_wait.unwrap_or_default().max(self.wait),
                failure,
            },
            Class::Refuse => CallError::Refused(failure),
            Class::Credentials => CallError::Credentials(failure),
            Class::Restricted => CallError::Restricted(failure),
        }
    }
}
