//! The ban risk of an unofficial number: signs that WhatsApp is known to look at, each with its figure, and how much the
//! number is slowed for them. Nobody outside of WhatsApp knows the real rule; this one errs on the careful side.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    #[default]
    Low,
    Raised,
    High,
}

impl RiskLevel {
    /// The day's cap is divided by this.
    #[must_use]
    pub const fn slowing(self) -> u32 {
        match self {
            Self::Low => 1,
            Self::Raised => 2,
            Self::High => 4,
        }
    }
}

/// What a number did on the last seven days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Week {
    pub sent: i64,
    /// Of these to people who had never written to this number.
    pub new_people: i64,
    pub answered: i64,
    pub opted_out: i64,
    pub failed: i64,
    /// Times that WhatsApp held the number back.
    pub restricted: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalCode {
    /// The number was linked less than ten days ago.
    YoungLink,
    /// Too few of the people who were written to answered.
    FewReplies,
    /// Many people who never wrote.
    ManyNewPeople,
    /// Many numbers are not on WhatsApp, or refuse us.
    FailedSends,
    /// Many asked to be left alone.
    OptOuts,
    /// WhatsApp has held the number back within the week.
    HeldBack,
}

/// A sign, with its figure: days, per cent or times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Signal {
    pub code: SignalCode,
    pub value: i64,
    pub level: RiskLevel,
}

/// Below so many sends shares say nothing.
const ENOUGH: i64 = 20;

/// Weighs the signs. The level is the highest of them.
#[must_use]
pub fn assess(week: &Week, linked_at: Timestamp, now: Timestamp) -> (RiskLevel, Vec<Signal>) {
    let mut signals = Vec::new();
    let mut add = |code, value, level| signals.push(Signal { code, value, level });
    if week.restricted > 0 {
        add(SignalCode::HeldBack, week.restricted, RiskLevel::High);
    }
    if week.sent >= ENOUGH {
        let failed = share(week.failed, week.sent);
        if failed >= 30 {
            add(SignalCode::FailedSends, failed, RiskLevel::High);
        } else if failed >= 10 {
            add(SignalCode::FailedSends, failed, RiskLevel::Raised);
        }
        let opted_out = share(week.opted_out, week.sent);
        if opted_out >= 5 {
            add(SignalCode::OptOuts, opted_out, RiskLevel::Raised);
        }
    }
    if week.new_people >= ENOUGH {
        // Vendors' advice: thirty answers to a hundred messages.
        let answered = share(week.answered, week.new_people);
        if answered < 10 {
            add(SignalCode::FewReplies, answered, RiskLevel::Raised);
        }
        let new_people = share(week.new_people, week.sent);
        if new_people >= 90 && week.new_people >= 200 {
            add(SignalCode::ManyNewPeople, new_people, RiskLevel::Raised);
        }
    }
    let days = now.duration_since(linked_at).as_secs() / SignedDuration::from_hours(24).as_secs();
    if days < 10 {
        // Known to the warm-up already: told, and not slowed twice.
        add(SignalCode::YoungLink, days.max(0), RiskLevel::Low);
    }
    let level = signals
        .iter()
        .map(|signal| signal.level)
        .max()
        .unwrap_or_default();
    (level, signals)
}

const fn share(part: i64, whole: i64) -> i64 {
    if whole <= 0 { 0 } else { part * 100 / whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_795_334_400 + day * 86_400).unwrap()
    }

    #[test]
    fn a_quiet_number_is_at_no_risk() {
        let week = Week {
            sent: 50,
            new_people: 10,
            answered: 8,
            ..Week::default()
        };
        assert_eq!(assess(&week, at(0), at(30)), (RiskLevel::Low, vec![]));
    }

    #[test]
    fn each_sign_is_told_with_its_figure() {
        let week = Week {
            sent: 400,
            new_people: 390,
            answered: 20,
            opted_out: 21,
            failed: 60,
            restricted: 0,
        };
        let (level, signals) = assess(&week, at(0), at(4));
        assert_eq!(level, RiskLevel::Raised);
        let told: Vec<_> = signals
            .iter()
            .map(|signal| (signal.code, signal.value))
            .collect();
        assert_eq!(
            told,
            vec![
                (SignalCode::FailedSends, 15),
                (SignalCode::OptOuts, 5),
                (SignalCode::FewReplies, 5),
                (SignalCode::ManyNewPeople, 97),
                (SignalCode::YoungLink, 4),
            ]
        );
        let held = Week {
            restricted: 1,
            ..Week::default()
        };
        assert_eq!(assess(&held, at(0), at(30)).0, RiskLevel::High);
    }

    #[test]
    fn a_new_link_is_told_and_slowed_by_the_warm_up_alone() {
        let (level, signals) = assess(&Week::default(), at(0), at(1));
        assert_eq!(level, RiskLevel::Low);
        assert_eq!(signals.len(), 1);
    }
}
