//! Refusals that have words and no codes: a gateway's catalogue is a table of sentences.

use std::time::Duration;

use domain::failure::{Failure, FailureReason as Reason};
use domain::report::ProviderError;
use serde_json::Value;

use crate::failure::{Class, Verdict};
use crate::json::{member, word};

/// One line of a gateway's catalogue: its code (or one of ours, where it only has a sentence), and the words that its
/// sentence holds, in lower case.
pub(crate) struct Line {
    code: i64,
    holds: &'static [&'static str],
    reason: Reason,
    class: Class,
    wait_s: u64,
}

pub(crate) const fn line(
    code: i64,
    holds: &'static [&'static str],
    reason: Reason,
    class: Class,
) -> Line {
    Line {
        code,
        holds,
        reason,
        class,
        wait_s: 0,
    }
}

impl Line {
    pub(crate) const fn wait(mut self, seconds: u64) -> Self {
        self.wait_s = seconds;
        self
    }

    pub(crate) const fn code(&self) -> i64 {
        self.code
    }

    /// Every line of a catalogue is decided before the message leaves, whatever HTTP status carries it.
    pub(crate) const fn verdict(&self) -> Verdict {
        Verdict {
            reason: self.reason,
            class: self.class,
            wait: Duration::from_secs(self.wait_s),
            before_acceptance: true,
        }
    }
}

/// What WhatsApp itself answers a linked device, in the words of the libraries (whatsmeow: `server returned error
/// 463`; Baileys: `MessageAccountRestriction`). The message is surely not on its way.
#[rustfmt::skip]
pub(crate) const SERVER: &[Line] = &[
    line(463, &["error 463", "messageaccountrestriction"], Reason::ReachOutLocked, Class::Restricted),
    line(475, &["error 475"], Reason::ReachOutLocked, Class::Restricted),
    line(479, &["error 479"], Reason::MessageInvalid, Class::Refuse),
    line(429, &["error 429", "rate-overlimit"], Reason::NumberRateLimited, Class::Wait).wait(300),
];

pub(crate) fn line_of_code(lines: &'static [Line], code: i64) -> Option<&'static Line> {
    lines.iter().find(|line| line.code == code)
}

/// The first line whose words stand in a sentence.
pub(crate) fn line_of_sentence(lines: &'static [Line], sentence: &str) -> Option<&'static Line> {
    let sentence = sentence.to_lowercase();
    lines
        .iter()
        .find(|line| line.holds.iter().any(|words| holds(&sentence, words)))
}

/// Words that end in a digit are not the beginning of a longer number.
fn holds(sentence: &str, words: &str) -> bool {
    sentence.match_indices(words).any(|(at, found)| {
        let next = sentence[at + found.len()..].bytes().next();
        !(words.ends_with(|last: char| last.is_ascii_digit())
            && next.is_some_and(|byte| byte.is_ascii_digit()))
    })
}

/// A failure that came later, in a receipt, by the gateway's own table.
pub(crate) fn failure_of(lines: &'static [Line], error: &ProviderError) -> Failure {
    let line = line_of_code(lines, error.code).or_else(|| line_of_code(SERVER, error.code));
    Failure {
        reason: line.map_or(Reason::Unknown, |line| line.reason),
        code: Some(error.code),
        details: error.details.clone().or_else(|| error.title.clone()),
    }
}

/// The text under `key`, or the texts of the list there, as validation errors come.
pub(crate) fn sentence(value: &Value, key: &str) -> Option<String> {
    match member(value, key)? {
        Value::Array(items) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Some(texts.join("; ")).filter(|text| !text.is_empty())
        }
        _ => word(value, key),
    }
}
