//! How a provider's code is judged: the same few classes for every provider. Each provider's module keeps its own
//! table of codes.

use std::time::Duration;

use domain::failure::{Failure, FailureReason};

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
