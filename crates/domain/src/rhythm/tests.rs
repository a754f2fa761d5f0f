use super::*;

fn jerusalem() -> TimeZone {
    TimeZone::get("Asia/Jerusalem").unwrap()
}

/// Local time of Jerusalem on a Wednesday in winter (two hours ahead of UTC).
fn at(hour: i8, minute: i8) -> Timestamp {
    let local = jiff::civil::date(2026, 11, 25).at(hour, minute, 0, 0);
    jerusalem().to_timestamp(local).unwrap()
}

fn days_before(days: i64, now: Timestamp) -> Timestamp {
    now - SignedDuration::from_hours(24 * days)
}

fn facts(days: i64, now: Timestamp) -> Facts {
    Facts {
        linked_at: days_before(days, now),
        reports_typed: true,
        hours: Hours::default(),
        zone: jerusalem(),
        risk: RiskLevel::Low,
        seed: 7,
        sent_24h: 0,
        holding: Holding::default(),
        last: None,
        cap_now: now,
    }
}

#[test]
fn the_cap_grows_with_the_days_since_the_link() {
    let now = at(12, 0);
    let cap = |days| day_cap(days_before(days, now), now, true, RiskLevel::Low);
    // Typed by hand from the rule: day 1 to 3, to 7, to 10, to 14, to 20, then full.
    for (days, expected) in [
        (0, 20),
        (2, 20),
        (3, 50),
        (6, 50),
        (7, 120),
        (9, 120),
        (10, 300),
        (13, 300),
        (14, 600),
        (19, 600),
        (20, 1000),
        (400, 1000),
    ] {
        assert_eq!(cap(days), expected, "day {days}");
    }
    assert_eq!(
        day_cap(days_before(40, now), now, false, RiskLevel::Low),
        800
    );
    assert_eq!(
        day_cap(days_before(40, now), now, true, RiskLevel::Raised),
        500
    );
    assert_eq!(day_cap(days_before(1, now), now, true, RiskLevel::High), 5);
}

#[test]
fn the_mean_gap_is_kept_over_blocks_pauses_included() {
    for (cap, expected_ms) in [
        (1000, 43_200),
        (2000, 35_000),
        (300, 144_000),
        (20, 2_160_000),
    ] {
        let mean = mean_gap(cap, Hours::default());
        assert_eq!(mean.as_millis(), expected_ms);
        let count = 25 * 400;
        let total: i128 = (0..count).map(|n| gap_after(3, n, mean).as_millis()).sum();
        let average = total / i128::from(count);
        assert!(
            (average - expected_ms).abs() * 50 < expected_ms,
            "{average} for {expected_ms}"
        );
    }
}

#[test]
fn pauses_stand_20_to_30_messages_apart_and_last_2_to_6_minutes() {
    let mean = mean_gap(1000, Hours::default());
    let pauses: Vec<u64> = (0..5_000)
        .filter(|n| gap_after(11, *n, mean).as_secs() >= 120)
        .collect();
    for pair in pauses.windows(2) {
        assert!((20..=30).contains(&(pair[1] - pair[0])), "{pair:?}");
    }
    for n in 0..5_000 {
        let gap = gap_after(11, n, mean).as_millis();
        if pauses.contains(&n) {
            assert!((120_000..=360_000).contains(&gap));
        } else {
            // (25 × 43,200 − 240,000) ÷ 24 = 35,000.
            assert!((17_500..=52_500).contains(&gap), "{gap}");
        }
    }
}

#[test]
fn a_mailing_waits_for_the_gap_a_single_message_for_20_seconds() {
    let now = at(12, 0);
    let mut facts = facts(40, now);
    assert_eq!(facts.earliest(Beat::Mailing, true, now), None);
    facts.last = Some(LastSend {
        at: now,
        ordinal: 9,
    });
    let (until, reason) = facts.earliest(Beat::Mailing, true, now).unwrap();
    assert!(until > now + SignedDuration::from_secs(17));
    assert_eq!(reason.code, ReasonCode::RhythmGap);
    let (until, _) = facts.earliest(Beat::Single, false, now).unwrap();
    assert_eq!(until, now + SINGLE_GAP);
}

#[test]
fn the_cap_frees_a_place_a_day_after_the_send_that_holds_it() {
    let now = at(12, 0);
    let mut facts = facts(40, now);
    facts.sent_24h = 1000;
    facts.holding.single = Some(at(9, 30));
    let (until, reason) = facts.earliest(Beat::Single, false, now).unwrap();
    assert_eq!(until, at(9, 30) + DAY);
    assert_eq!(reason.code, ReasonCode::DayCap);
    // The cap's clock is behind the wall clock by what the wall clock jumped: nothing is freed by the jump.
    facts.cap_now = now - SignedDuration::from_hours(10);
    let (until, _) = facts.earliest(Beat::Single, false, now).unwrap();
    assert_eq!(until, at(9, 30) + DAY + SignedDuration::from_hours(10));
}

#[test]
fn what_a_rule_sends_keeps_the_working_hours_what_a_person_sends_does_not() {
    let night = at(22, 0);
    let facts = facts(40, night);
    let (until, reason) = facts.earliest(Beat::Mailing, true, night).unwrap();
    assert_eq!(until, at(8, 0) + DAY);
    assert_eq!(reason.code, ReasonCode::OutsideWorkingHours);
    assert_eq!(reason.params["from"], "08:00");
    assert_eq!(facts.earliest(Beat::Single, false, night), None);
    let early = at(6, 0);
    assert_eq!(
        facts.earliest(Beat::Mailing, true, early).unwrap().0,
        at(8, 0)
    );
}

#[test]
fn the_card_says_what_is_reachable() {
    let now = at(8, 0);
    // 950 of the cap, and twelve hours at 43.2 seconds hold a thousand.
    assert_eq!(facts(40, now).reachable_today(now), 950);
    let noon = at(14, 0);
    assert_eq!(facts(40, noon).reachable_today(noon), 500);
    let evening = at(21, 0);
    assert_eq!(facts(40, evening).reachable_today(evening), 0);
    let dawn = at(5, 0);
    assert_eq!(facts(1, dawn).reachable_today(dawn), 19);
}

#[test]
fn a_forecast_follows_the_warm_up() {
    let now = at(8, 0);
    let (first, last) = forecast(&facts(40, now), 950, now);
    assert_eq!(first, now);
    assert!(last < at(20, 0));
    // A new number: 19 a day for three days, then 47.
    let (_, last) = forecast(&facts(0, now), 60, now);
    let days = last.duration_since(now).as_hours() / 24;
    assert_eq!(days, 3);
}

#[test]
fn the_clock_of_caps_takes_no_step_ahead() {
    let kept = CapClock {
        real_ms: 1_000_000,
        boot_ms: 500,
    };
    // The wall clock jumped by a day, and the process started again: the boot clock knows better.
    let resumed = CapClock::resume(Some(kept), true, 1_000_000 + 86_400_000, 900);
    assert_eq!(resumed.real_ms_at(1_500), 1_001_000);
    // After a new boot the wall clock is all there is, but time does not go back.
    assert_eq!(
        CapClock::resume(Some(kept), false, 5_000_000, 10).real_ms_at(10),
        5_000_000
    );
    assert_eq!(
        CapClock::resume(Some(kept), false, 10, 10).real_ms_at(10),
        1_000_000
    );
    assert_eq!(CapClock::resume(None, false, 77, 10).real_ms_at(12), 79);
}

#[test]
fn hours_that_hold_a_change_of_the_clock_end_where_they_say() {
    // The last Sunday of October 2026: at two the clock goes back to one.
    let night = jiff::civil::date(2026, 10, 25).at(0, 30, 0, 0);
    let opens = Hours::default().next(jerusalem().to_timestamp(night).unwrap(), &jerusalem());
    assert_eq!(jerusalem().to_datetime(opens).hour(), 8);
}

proptest::proptest! {
    #[test]
    fn no_rolling_day_holds_more_than_the_cap(seed: u64, days in 0_i64..40) {
        // A mailing that goes as soon as it may, for two days.
        let start = at(8, 0);
        let mut sends: Vec<Timestamp> = vec![];
        let mut now = start;
        let mut facts = facts(days, start);
        facts.seed = seed;
        while now < start + DAY * 2 {
            facts.cap_now = now;
            let cap = facts.cap(now);
            let held = usize::try_from(mailing_cap(cap)).unwrap();
            facts.sent_24h = u32::try_from(sends.iter().rev().take_while(|at| now.duration_since(**at) < DAY).count()).unwrap();
            facts.holding.mailing = (held > 0 && sends.len() >= held).then(|| sends[sends.len() - held]);
            facts.last = sends.last().map(|at| LastSend { at: *at, ordinal: sends.len() as u64 });
            match facts.earliest(Beat::Mailing, true, now) {
                Some((until, _)) => {
                    proptest::prop_assert!(until > now);
                    now = until;
                }
                None => sends.push(now),
            }
        }
        for (index, first) in sends.iter().enumerate() {
            let within = sends[index..].iter().take_while(|at| at.duration_since(*first) < DAY).count();
            let cap = day_cap(start - DAY * i32::try_from(days).unwrap(), *first + DAY, true, RiskLevel::Low);
            proptest::prop_assert!(within <= usize::try_from(cap).unwrap(), "{} in a day with a cap of {}", within, cap);
        }
    }
}
