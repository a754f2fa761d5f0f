//! The customer service window: for 24 hours after a person's last message any message may be sent, afterwards only
//! approved templates (Meta, "Customer service windows").

use jiff::{SignedDuration, Timestamp};

/// Length of the window.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// Automatic sends stop this long before the end: Meta's clock decides, not ours.
pub const AUTOMATIC_MARGIN: SignedDuration = SignedDuration::from_mins(1);
/// A message that took longer than this to reach us is late: it makes its lead and opens its window, and starts
/// nothing automatic.
pub const LATE: SignedDuration = SignedDuration::from_mins(10);

/// When a report happened, as far as it can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub at: Timestamp,
    /// The provider's time was missing or absurd, so the time of receipt stands in.
    pub odd: bool,
    pub late: bool,
}

/// Reconciles the provider's time with the time of receipt: the earlier of the two, but a time before WhatsApp's
/// first year, or a day ahead of us, is no time at all.
#[must_use]
pub fn moment(provider: Option<Timestamp>, received_at: Timestamp) -> Moment {
    let first_year = Timestamp::constant(1_230_768_000, 0);
    let believable =
        |at: &Timestamp| *at >= first_year && *at <= received_at + SignedDuration::from_hours(24);
    match provider.filter(believable) {
        Some(at) => Moment {
            at: at.min(received_at),
            odd: false,
            late: received_at.duration_since(at) > LATE,
        },
        None => Moment {
            at: received_at,
            odd: true,
            late: false,
        },
    }
}

/// When a window that this message opened closes.
#[must_use]
pub fn closes_at(last_inbound_at: Timestamp) -> Timestamp {
    last_inbound_at + WINDOW
}

/// Whether free text may go at `now`. `automatic` sends stop a minute early.
#[must_use]
pub fn is_open(window_expires_at: Option<Timestamp>, now: Timestamp, automatic: bool) -> bool {
    let margin = if automatic {
        AUTOMATIC_MARGIN
    } else {
        SignedDuration::ZERO
    };
    window_expires_at.is_some_and(|end| now < end - margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_earlier_time_counts() {
        let received = at(1_795_334_400);
        assert_eq!(
            moment(Some(at(1_795_334_390)), received).at,
            at(1_795_334_390)
        );
        assert_eq!(moment(Some(at(1_795_334_500)), received).at, received);
        assert!(moment(Some(at(1_795_334_400 - 601)), received).late);
        assert!(!moment(Some(at(1_795_334_400 - 600)), received).late);
    }

    #[test]
    fn an_absurd_time_is_no_time() {
        let received = at(1_795_334_400);
        for absurd in [Some(at(0)), Some(at(253_000_000_000)), Some(at(-5)), None] {
            let moment = moment(absurd, received);
            assert!(moment.odd && !moment.late);
            assert_eq!(moment.at, received);
        }
    }

    #[test]
    fn machines_stop_a_minute_before_people() {
        let end = closes_at(at(0) + SignedDuration::from_hours(1));
        assert!(is_open(
            Some(end),
            end - SignedDuration::from_secs(30),
            false
        ));
        assert!(!is_open(
            Some(end),
            end - SignedDuration::from_secs(30),
            true
        ));
        assert!(!is_open(Some(end), end, false));
        assert!(!is_open(None, at(0), false));
    }
}
