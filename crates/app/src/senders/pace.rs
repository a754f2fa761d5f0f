//! The pace of a number: so many messages in any second. Kept in memory, since one process sends; a new one is silent
//! for a second first.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
/// Calls in flight at once, whatever the rate: more only wait for each other.
const IN_FLIGHT: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Pace {
    rate: usize,
    /// When messages were sent in the last second, oldest first.
    sent: VecDeque<Instant>,
    paused_until: Option<Instant>,
}

impl Pace {
    pub(super) fn set_rate(&mut self, per_second: u32) {
        // What comes in counts against the number's throughput too: a tenth is left for it.
        let per_second = usize::try_from(per_second).unwrap_or(1);
        self.rate = (per_second - per_second / 10).max(1);
    }

    /// How many may be sent at this instant.
    pub(super) fn allowed(&mut self) -> usize {
        let now = Instant::now();
        if self.paused_until.is_some_and(|until| now < until) {
            return 0;
        }
        while self
            .sent
            .front()
            .is_some_and(|sent| now.duration_since(*sent) >= SECOND)
        {
            self.sent.pop_front();
        }
        self.rate.saturating_sub(self.sent.len()).min(IN_FLIGHT)
    }

    pub(super) fn spend(&mut self, count: usize) {
        let now = Instant::now();
        self.sent.extend(std::iter::repeat_n(now, count));
    }

    /// Sends nothing for this long: the provider asked for it.
    pub(super) fn pause(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        self.paused_until = Some(self.paused_until.map_or(until, |known| known.max(until)));
    }

    /// A demo's or a test's clock was wound forward by so much: a pause is over so much sooner.
    pub(super) fn wind(&mut self, by: Duration) {
        self.paused_until = self.paused_until.and_then(|until| until.checked_sub(by));
    }

    /// How long until something may be sent.
    pub(super) fn wait(&self) -> Duration {
        let now = Instant::now();
        let paused = self
            .paused_until
            .map(|until| until.saturating_duration_since(now))
            .unwrap_or_default();
        let full = self
            .sent
            .front()
            .map(|sent| SECOND.saturating_sub(now.duration_since(*sent)))
            .unwrap_or_default();
        paused.max(full).max(Duration::from_millis(1)).min(SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_holds_more_than_the_rate() {
        let mut pace = Pace::default();
        pace.set_rate(80);
        assert_eq!(pace.allowed(), 72);
        pace.spend(72);
        assert_eq!(pace.allowed(), 0);
        assert!(pace.wait() <= SECOND && pace.wait() > Duration::ZERO);
    }

    #[test]
    fn a_pause_stops_everything() {
        let mut pace = Pace::default();
        pace.set_rate(80);
        pace.pause(Duration::from_secs(5));
        assert_eq!(pace.allowed(), 0);
        pace.wind(Duration::from_secs(3));
        assert_eq!(pace.allowed(), 0);
        pace.wind(Duration::from_secs(3));
        assert_eq!(pace.allowed(), 72);
    }
}
