//! The rhythm of an unofficial number: how many messages a day, and how far apart, so that the account that carries
//! them is used as a person would use it. (Product rule, after the vendors' advice on pacing, 2026: numbers that are new,
//! quick or even are the ones that get banned.)
//!
//! One call in flight. Within the working hours the mean gap of a mailing is the greater of [`LEAST_GAP`] and the
//! hours divided by the day's cap, pauses included; a single message to a person is not held to it but stays
//! [`SINGLE_GAP`] apart. Chance is drawn from the channel and the number of the message, so that the same question has
//! the same answer after a restart.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::risk::RiskLevel;
use crate::sending::{Reason, ReasonCode};

/// Messages in a rolling day, those typed on the phone included.
pub const DAY_CAP: u32 = 1_000;
/// Where the gateway does not report what is typed on the phone, room is left for it.
pub const DAY_CAP_UNSEEN: u32 = 800;
/// A rolling day.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The least mean gap of a mailing.
pub const LEAST_GAP: SignedDuration = SignedDuration::from_secs(35);
/// Between any message and the next single one.
pub const SINGLE_GAP: SignedDuration = SignedDuration::from_secs(20);

/// Messages of a block that ends in one pause; pauses stand 20 to 30 messages apart.
const BLOCK: u64 = 25;
const PAUSE_LEAST_MS: i64 = 120_000;
const PAUSE_MOST_MS: i64 = 360_000;
const PAUSE_MEAN_MS: i64 = (PAUSE_LEAST_MS + PAUSE_MOST_MS) / 2;
/// A mailing leaves this share of the day's cap to single messages.
const SINGLE_SHARE: u32 = 20;

/// How long after its link a number may send how much in a day: (days that have begun, cap).
const WARM_UP: [(i64, u32); 5] = [(3, 20), (7, 50), (10, 120), (14, 300), (20, 600)];

/// After so many days a number is warm.
pub const WARM_UP_DAYS: i64 = 20;

/// When a number works, in minutes of the workspace's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub from_min: u16,
    /// After `from_min`, at most 1,440.
    pub to_min: u16,
}

impl Default for Hours {
    fn default() -> Self {
        Self {
            from_min: 8 * 60,
            to_min: 20 * 60,
        }
    }
}

impl Hours {
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.from_min < self.to_min && self.to_min <= 24 * 60
    }

    fn length(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.to_min.saturating_sub(self.from_min).max(1)))
    }

    /// When the hours that hold `now` end; `None` outside of them.
    #[must_use]
    pub fn end_of_today(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = zone.to_datetime(now);
        let minute =
            u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).ok()?;
        (self.from_min..self.to_min).contains(&minute).then(|| {
            at_minute(local.date(), self.to_min, zone)
                .unwrap_or_else(|| now + SignedDuration::from_mins(1))
        })
    }

    /// The next instant within the hours: now, or their next beginning.
    #[must_use]
    pub fn next(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        if self.end_of_today(now, zone).is_some() {
            return now;
        }
        let today = zone.to_datetime(now).date();
        let opens = at_minute(today, self.from_min, zone).filter(|at| *at > now);
        opens
            .or_else(|| at_minute(today.tomorrow().ok()?, self.from_min, zone))
            .unwrap_or(now)
    }
}

fn at_minute(day: Date, minute: u16, zone: &TimeZone) -> Option<Timestamp> {
    let at = day
        .at(0, 0, 0, 0)
        .checked_add(SignedDuration::from_mins(i64::from(minute)))
        .ok()?;
    zone.to_timestamp(at).ok()
}

/// What the rule needs to know of a number. Sends are on the cap's clock, which no wrong wall clock moves ahead.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Business time.
    pub linked_at: Timestamp,
    /// The gateway reports what is typed on the phone.
    pub reports_typed: bool,
    pub hours: Hours,
    pub zone: TimeZone,
    pub risk: RiskLevel,
    /// Of the channel; so that two numbers do not move in step.
    pub seed: u64,
    /// Counted sends of the last rolling day; more than the cap need not be counted.
    pub sent_24h: u32,
    /// When the sends that hold the caps were: see [`Facts::watched`].
    pub holding: Holding,
    pub last: Option<LastSend>,
    /// The cap's clock.
    pub cap_now: Timestamp,
}

/// The counted send that fills each cap: the `cap`-th newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holding {
    pub single: Option<Timestamp>,
    pub mailing: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSend {
    pub at: Timestamp,
    /// Counts the channel's sends.
    pub ordinal: u64,
}

/// Single messages, or one of a mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    Single,
    Mailing,
}

/// The day's cap for a number that was linked at `linked_at`.
#[must_use]
pub fn day_cap(linked_at: Timestamp, now: Timestamp, reports_typed: bool, risk: RiskLevel) -> u32 {
    let days = now.duration_since(linked_at).as_secs().max(0) / (24 * 3600);
    let warm = WARM_UP
        .iter()
        .find(|(until, _)| days < *until)
        .map_or(DAY_CAP, |(_, cap)| *cap);
    let most = if reports_typed {
        DAY_CAP
    } else {
        DAY_CAP_UNSEEN
    };
    // A number at risk is slowed: half, then a quarter.
    warm.min(most) / risk.slowing()
}

/// What a mailing may take of a day's cap.
#[must_use]
pub const fn mailing_cap(cap: u32) -> u32 {
    cap - cap.div_ceil(SINGLE_SHARE)
}

/// The mean gap of a mailing, pauses included.
#[must_use]
pub fn mean_gap(cap: u32, hours: Hours) -> SignedDuration {
    let share = hours.length().as_millis() / i128::from(cap.max(1));
    SignedDuration::from_millis(i64::try_from(share).unwrap_or(i64::MAX)).max(LEAST_GAP)
}

/// The gap after the channel's `ordinal`-th send, before the next of a mailing.
#[must_use]
pub fn gap_after(seed: u64, ordinal: u64, mean: SignedDuration) -> SignedDuration {
    let mean_ms = i64::try_from(mean.as_millis()).unwrap_or(i64::MAX);
    // Gaps that are themselves as long as a pause need no pause.
    if mean_ms >= PAUSE_MEAN_MS {
        return around(mean_ms, chance(seed, ordinal, 1));
    }
    let block = ordinal / BLOCK;
    let place = chance(seed, block, 2) % 6;
    if ordinal % BLOCK == place {
        let span = u64::try_from(PAUSE_MOST_MS - PAUSE_LEAST_MS).unwrap_or(0);
        let extra = i64::try_from(chance(seed, block, 3) % (span + 1)).unwrap_or(0);
        return SignedDuration::from_millis(PAUSE_LEAST_MS + extra);
    }
    let gaps = i64::try_from(BLOCK).unwrap_or(1);
    let rest_ms = (gaps * mean_ms - PAUSE_MEAN_MS) / (gaps - 1);
    around(rest_ms, chance(seed, ordinal, 1))
}

/// Between half and one and a half times.
fn around(mean_ms: i64, chance: u64) -> SignedDuration {
    let span = u64::try_from(mean_ms.max(0)).unwrap_or(0);
    let extra = i64::try_from(chance % (span + 1)).unwrap_or(0);
    SignedDuration::from_millis(mean_ms / 2 + extra)
}

/// A draw that is the same each time it is asked for (`SplitMix64`, a public-domain mixer).
const fn chance(seed: u64, number: u64, purpose: u64) -> u64 {
    let mut mixed = seed
        ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ purpose.wrapping_mul(0xd1b5_4a32_d192_ed03);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Facts {
    #[must_use]
    pub fn cap(&self, now: Timestamp) -> u32 {
        day_cap(self.linked_at, now, self.reports_typed, self.risk)
    }

    #[must_use]
    pub fn gap(&self, now: Timestamp) -> SignedDuration {
        mean_gap(self.cap(now), self.hours)
    }

    /// When the next message may go, when not now, and why not. `automatic` ones keep the working hours; a person's
    /// own single message goes at any hour.
    #[must_use]
    pub fn earliest(
        &self,
        beat: Beat,
        automatic: bool,
        now: Timestamp,
    ) -> Option<(Timestamp, Reason)> {
        let cap = self.cap(now);
        let (cap_here, holding) = match beat {
            Beat::Single => (cap, self.holding.single),
            Beat::Mailing => (mailing_cap(cap), self.holding.mailing),
        };
        let mut wait = SignedDuration::ZERO;
        let mut reason = None;
        let mut later = |until: Timestamp, why: Reason| {
            let needed = until.duration_since(self.cap_now);
            if needed > wait {
                wait = needed;
                reason = Some(why);
            }
        };
        if let Some(holding) = holding {
            let why = Reason::of(ReasonCode::DayCap)
                .with("cap", cap_here)
                .with("sent", self.sent_24h);
            later(holding + DAY, why);
        }
        if let Some(last) = self.last {
            let (gap, code) = match beat {
                Beat::Single => (SINGLE_GAP, ReasonCode::RhythmGap),
                Beat::Mailing => {
                    let gap = gap_after(self.seed, last.ordinal, self.gap(now)).max(SINGLE_GAP);
                    let is_pause = gap.as_millis() >= i128::from(PAUSE_LEAST_MS)
                        && self.gap(now).as_millis() < i128::from(PAUSE_MEAN_MS);
                    let code = if is_pause {
                        ReasonCode::RhythmPause
                    } else {
                        ReasonCode::RhythmGap
                    };
                    (gap, code)
                }
            };
            later(last.at + gap, Reason::of(code).with("gap_s", gap.as_secs()));
        }
        let mut until = now + wait;
        if automatic {
            let open = self.hours.next(until, &self.zone);
            if open > until {
                until = open;
                let from = format!(
                    "{:02}:{:02}",
                    self.hours.from_min / 60,
                    self.hours.from_min % 60
                );
                reason = Some(Reason::of(ReasonCode::OutsideWorkingHours).with("from", from));
            }
        }
        reason.map(|reason| (until, reason))
    }

    /// How many messages of a mailing can still go today: the lesser of the cap that is left and the time that is
    /// left.
    #[must_use]
    pub fn reachable_today(&self, now: Timestamp) -> u32 {
        let left = mailing_cap(self.cap(now)).saturating_sub(self.sent_24h);
        let from = self.hours.next(now, &self.zone);
        let time_left = match self.hours.end_of_today(now, &self.zone) {
            Some(end) => end.duration_since(now),
            // Before the hours begin, the whole of them; after their end, nothing of today.
            None if same_day(now, from, &self.zone) => self.hours.length(),
            None => SignedDuration::ZERO,
        };
        let fits = time_left.as_millis() / self.gap(now).as_millis().max(1);
        left.min(u32::try_from(fits.max(0)).unwrap_or(u32::MAX))
    }
}

fn same_day(one: Timestamp, other: Timestamp, zone: &TimeZone) -> bool {
    zone.to_datetime(one).date() == zone.to_datetime(other).date()
}

/// How long a mailing of so many takes when nothing else is sent: (first, last), following the caps of each day.
#[must_use]
pub fn forecast(facts: &Facts, count: u32, now: Timestamp) -> (Timestamp, Timestamp) {
    let first = facts.hours.next(now, &facts.zone);
    let mut left = count;
    let mut day = first;
    let mut used = facts.sent_24h;
    for _ in 0..3_660 {
        let cap = mailing_cap(facts.cap(day)).saturating_sub(used);
        let gap = facts.gap(day);
        let end = facts
            .hours
            .end_of_today(day, &facts.zone)
            .unwrap_or(day + facts.hours.length());
        let fits = u32::try_from(end.duration_since(day).as_millis() / gap.as_millis().max(1))
            .unwrap_or(u32::MAX);
        let today = cap.min(fits).min(left);
        left -= today;
        if left == 0 {
            let spent = gap.checked_mul(i32::try_from(today.saturating_sub(1)).unwrap_or(i32::MAX));
            return (first, day + spent.unwrap_or(SignedDuration::ZERO));
        }
        day = facts
            .hours
            .next(end + SignedDuration::from_mins(1), &facts.zone);
        used = 0;
    }
    (first, day)
}

/// The clock of rolling caps: business time without any step of the wall clock ahead of the boot clock, so that a
/// wrong wall clock frees nothing. It is kept in the database from time to time and taken up again at the next start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapClock {
    /// Real time at the anchor, in milliseconds of UTC.
    pub real_ms: i64,
    /// The boot clock at the anchor.
    pub boot_ms: i64,
}

impl CapClock {
    /// Takes the clock up: within the same boot from where it was, else from the wall clock, but never back.
    #[must_use]
    pub fn resume(kept: Option<Self>, same_boot: bool, wall_ms: i64, boot_ms: i64) -> Self {
        match kept {
            Some(kept) if same_boot && boot_ms >= kept.boot_ms => kept,
            Some(kept) => Self {
                real_ms: kept.real_ms.max(wall_ms),
                boot_ms,
            },
            None => Self {
                real_ms: wall_ms,
                boot_ms,
            },
        }
    }

    /// Real time on this clock.
    #[must_use]
    pub const fn real_ms_at(self, boot_ms: i64) -> i64 {
        self.real_ms + (boot_ms - self.boot_ms)
    }
}

#[cfg(test)]
mod tests;
