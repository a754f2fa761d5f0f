//! How other providers than Meta send and repeat their webhooks.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// How another provider writes and sends a webhook.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Letter {
    /// `value` is a list of pairs and goes out as a form; otherwise it goes out as JSON.
    #[serde(default)]
    pub form: bool,
    /// Headers that stay the same over all tries.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// What it is signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Without one the settings of the sandbox hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// It waits to be fetched.
    #[serde(default)]
    pub polled: bool,
}

/// How a provider repeats a webhook that was not answered 2xx.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Retry {
    pub first_ms: Millis,
    /// The gap is multiplied by this after each try (1 is a constant gap).
    pub factor: i64,
    /// The gap grows by the first one after each try.
    pub linear: bool,
    pub most_ms: Millis,
    /// Tries in all.
    pub attempts: u32,
    /// Answers that end it at once.
    pub never: Vec<u16>,
}

impl Retry {
    /// No second try.
    pub fn none() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// The gap after so many tries, or `None` when that was the last.
    pub fn gap(&self, tried: u32, answer: Option<u16>) -> Option<Millis> {
        if tried >= self.attempts || answer.is_some_and(|status| self.never.contains(&status)) {
            return None;
        }
        let first = self.first_ms.max(1);
        let gap = if self.linear {
            first.saturating_mul(tried.into())
        } else {
            first.saturating_mul(self.factor.max(1).saturating_pow(tried.saturating_sub(1)))
        };
        Some(gap.min(self.most_ms.max(first)))
    }
}
