//! The sandbox's clock: real time plus an offset that only grows.
//!
//! Everything a person or a business could notice (windows, statuses, reviews, expiries, the gaps between webhook retries) happens on this clock, so that winding it lets a day pass in a moment. Real time comes from a [`Source`] that the caller gives.

use std::sync::Arc;

use jiff::Timestamp;

/// An instant of the sandbox's clock, in milliseconds since 1970.
pub type Millis = i64;

pub const SECOND: Millis = 1_000;
pub const MINUTE: Millis = 60 * SECOND;
pub const HOUR: Millis = 60 * MINUTE;
pub const DAY: Millis = 24 * HOUR;

/// Where real time comes from.
#[derive(Clone)]
pub struct Source {
    now: Arc<dyn Fn() -> Millis + Send + Sync>,
    pub(crate) behind: Millis,
}

impl Source {
    pub fn new(now: impl Fn() -> Millis + Send + Sync + 'static) -> Self {
        Self {
            now: Arc::new(now),
            behind: 0,
        }
    }

    /// The same, so much behind: the sandbox begins in the past, and can be wound up to the present.
    #[must_use]
    pub fn behind(self, by: Millis) -> Self {
        Self { behind: by, ..self }
    }

    /// The machine's clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox's only reading of the clock"
    )]
    pub fn system() -> Self {
        Self::new(|| Timestamp::now().as_millisecond())
    }

    pub fn now(&self) -> Millis {
        (self.now)() - self.behind
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source")
    }
}

/// An instant as the control and phone APIs write it: UTC, with milliseconds.
pub fn rfc3339(at: Millis) -> String {
    match Timestamp::from_millisecond(at) {
        Ok(instant) => format!("{instant:.3}"),
        Err(_) => at.to_string(),
    }
}

pub fn parse_rfc3339(text: &str) -> Option<Millis> {
    text.parse::<Timestamp>().ok().map(|t| t.as_millisecond())
}

/// Unix seconds, as Meta's payloads carry them.
pub fn seconds(at: Millis) -> i64 {
    at.div_euclid(SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_utc_with_milliseconds() {
        assert_eq!(rfc3339(1_795_334_400_120), "2026-11-22T08:00:00.120Z");
        assert_eq!(
            parse_rfc3339("2026-11-22T08:00:00.120Z"),
            Some(1_795_334_400_120)
        );
        assert_eq!(seconds(1_795_334_400_999), 1_795_334_400);
    }
}
