//! How fast a business may send: a number's throughput and the pair limit.
//!
//! Kept in memory, on the sandbox's clock. A restart forgets them, which only ever allows more.

use std::collections::{HashMap, VecDeque};

use crate::clock::{Millis, SECOND};

/// One message to the same person every 6 seconds; a burst of 45 borrows from the time to come.
const PAIR_BURST: f64 = 45.0;
const PAIR_GAP: f64 = 6_000.0;

#[derive(Debug, Default)]
pub struct Rates {
    numbers: HashMap<String, Lane>,
    pairs: HashMap<(String, String), Bucket>,
}

#[derive(Debug, Default)]
struct Lane {
    /// The instants of the last second, in and out together.
    recent: VecDeque<Millis>,
    /// The same for accepted sends only, and the most of them there ever were in one second.
    sends: VecDeque<Millis>,
    most: usize,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Millis,
}

impl Lane {
    fn forget(&mut self, now: Millis) {
        for queue in [&mut self.recent, &mut self.sends] {
            while queue.front().is_some_and(|at| now - at >= SECOND) {
                queue.pop_front();
            }
        }
    }
}

impl Rates {
    /// Whether the number may carry one message more in this second.
    pub fn has_room(&mut self, number: &str, per_second: usize, now: Millis) -> bool {
        let lane = self.numbers.entry(number.to_owned()).or_default();
        lane.forget(now);
        lane.recent.len() < per_second
    }

    /// Takes a token of the pair, if there is one.
    pub fn take_pair(&mut self, number: &str, person: &str, now: Millis) -> bool {
        let bucket = self
            .pairs
            .entry((number.to_owned(), person.to_owned()))
            .or_insert(Bucket {
                tokens: PAIR_BURST,
                at: now,
            });
        #[expect(clippy::cast_precision_loss, reason = "gaps are small")]
        let elapsed = (now - bucket.at).max(0) as f64;
        bucket.tokens = (bucket.tokens + elapsed / PAIR_GAP).min(PAIR_BURST);
        bucket.at = now;
        let free = bucket.tokens >= 1.0;
        if free {
            bucket.tokens -= 1.0;
        }
        free
    }

    pub fn sent(&mut self, number: &str, now: Millis) {
        let lane = self.numbers.entry(number.to_owned()).or_default();
        lane.forget(now);
        lane.recent.push_back(now);
        lane.sends.push_back(now);
        lane.most = lane.most.max(lane.sends.len());
    }

    pub fn received(&mut self, number: &str, now: Millis) {
        let lane = self.numbers.entry(number.to_owned()).or_default();
        lane.forget(now);
        lane.recent.push_back(now);
    }

    /// The most sends accepted in any second, by number.
    pub fn most(&self) -> impl Iterator<Item = (&str, usize)> {
        self.numbers
            .iter()
            .map(|(number, lane)| (number.as_str(), lane.most))
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_a_burst_of_45_and_then_one_in_6_seconds() {
        let mut rates = Rates::default();
        let sent = (0..60).filter(|_| rates.take_pair("n", "p", 0)).count();
        assert_eq!(sent, 45);
        assert!(!rates.take_pair("n", "p", 5_000));
        assert!(rates.take_pair("n", "p", 6_100));
        assert!(!rates.take_pair("n", "p", 6_200));
        assert!(rates.take_pair("n", "other", 6_200));
    }

    #[test]
    fn no_second_holds_more_than_the_throughput() {
        let mut rates = Rates::default();
        for at in 0..80 {
            assert!(rates.has_room("n", 80, at));
            rates.sent("n", at);
        }
        assert!(!rates.has_room("n", 80, 999));
        assert!(rates.has_room("n", 80, 1_000));
        rates.received("n", 1_000);
        assert!(!rates.has_room("n", 80, 1_000));
        assert_eq!(rates.most().next(), Some(("n", 80)));
    }
}
