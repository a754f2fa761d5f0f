//! The picture of the rhythm in the documentation: two days of a mailing, drawn from the rule itself.

use std::fmt::Write;
use std::path::PathBuf;

use domain::rhythm::{self, Beat, Facts, Holding, Hours, LastSend};
use domain::risk::RiskLevel;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A mailing of two days: nineteen parts of twenty of each day's thousand.
const COUNT: usize = 1900;
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 360.0;
/// Room for the axes.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 44.0;
/// The longest gap that is drawn.
const TALLEST_S: f64 = 400.0;
const HOURS: f64 = 36.0;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures/rhythm.svg")
}

/// When each message of a warm number leaves, from eight in the morning.
fn times() -> Vec<Timestamp> {
    let zone = TimeZone::get("Asia/Jerusalem").unwrap();
    let day = jiff::civil::date(2026, 11, 22);
    let mut now = zone.to_timestamp(day.at(8, 0, 0, 0)).unwrap();
    let mut sent: Vec<Timestamp> = Vec::new();
    while sent.len() < COUNT {
        let within = |at: &&Timestamp| now.duration_since(**at) < rhythm::DAY;
        let newest = |nth: u32| {
            let nth = usize::try_from(nth).unwrap();
            sent.iter().rev().filter(within).nth(nth - 1).copied()
        };
        let facts = Facts {
            linked_at: now - SignedDuration::from_hours(24 * 30),
            reports_typed: true,
            hours: Hours::default(),
            zone: zone.clone(),
            risk: RiskLevel::Low,
            seed: 7,
            sent_24h: u32::try_from(sent.iter().filter(within).count()).unwrap(),
            holding: Holding {
                single: newest(rhythm::DAY_CAP),
                mailing: newest(rhythm::mailing_cap(rhythm::DAY_CAP)),
            },
            last: sent.last().map(|at| LastSend {
                at: *at,
                ordinal: sent.len() as u64,
            }),
            cap_now: now,
        };
        match facts.earliest(Beat::Mailing, true, now) {
            Some((until, _)) => now = until,
            None => sent.push(now),
        }
    }
    sent
}

/// A dot for each message: when it left, and how long after the one before it.
fn draw(times: &[Timestamp]) -> String {
    let first = times[0];
    let x = |at: Timestamp| {
        let hours = at.duration_since(first).as_secs_f64() / 3600.0;
        LEFT + hours / HOURS * (WIDTH - LEFT - RIGHT)
    };
    let y = |gap: f64| HEIGHT - BOTTOM - gap / TALLEST_S * (HEIGHT - TOP - BOTTOM);
    let mut svg = String::new();
    let mut line = |text: String| {
        svg.push_str(&text);
        svg.push('\n');
    };
    line(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\" role=\"img\" aria-label=\"Gaps between the messages of a mailing over two days\">"
    ));
    line(format!(
        "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>"
    ));
    let (right, bottom) = (WIDTH - RIGHT, y(0.0));
    line(format!(
        "<text x=\"{LEFT}\" y=\"24\" font-size=\"15\" fill=\"#1f2933\">Seconds before each message of a mailing, \
         warm number (1,000 a day)</text>"
    ));
    for seconds in [0, 60, 120, 180, 240, 300, 360] {
        let at = y(f64::from(seconds));
        line(format!(
            "<path d=\"M{LEFT} {at:.1}H{right}\" stroke=\"#e4e7eb\"/>"
        ));
        line(format!(
            "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#52606d\">{seconds} s</text>",
            LEFT - 8.0,
            at + 4.0
        ));
    }
    for hour in (0..=36).step_by(4) {
        let at = first + SignedDuration::from_hours(hour);
        let clock = (8 + hour) % 24;
        line(format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#52606d\">{clock:02}:00</text>",
            x(at),
            bottom + 20.0
        ));
    }
    let night = (
        x(first + SignedDuration::from_hours(12)),
        x(first + SignedDuration::from_hours(24)),
    );
    line(format!(
        "<rect x=\"{:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#f0f4f8\"/>",
        night.0,
        night.1 - night.0,
        bottom - TOP
    ));
    line(format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#52606d\">night: nothing is sent</text>",
        f64::midpoint(night.0, night.1),
        f64::midpoint(TOP, bottom)
    ));
    let mut dots = String::new();
    for pair in times.windows(2) {
        let gap = pair[1].duration_since(pair[0]).as_secs_f64();
        if gap <= TALLEST_S {
            let _ = write!(dots, "M{:.1} {:.1}h0", x(pair[1]), y(gap));
        }
    }
    line(format!(
        "<path d=\"{dots}\" fill=\"none\" stroke=\"#0b7a5c\" stroke-width=\"3\" stroke-linecap=\"round\"/>"
    ));
    line("</svg>".to_owned());
    svg
}

#[test]
fn the_picture_is_drawn_from_this_rule() {
    let kept = std::fs::read_to_string(path()).unwrap_or_default();
    assert_eq!(
        kept,
        draw(&times()),
        "docs/pictures/rhythm.svg is stale: run this test's neighbour with `--run-ignored only`"
    );
}

#[test]
#[ignore = "draws docs/pictures/rhythm.svg"]
fn draw_the_picture() {
    std::fs::create_dir_all(path().parent().unwrap()).unwrap();
    std::fs::write(path(), draw(&times())).unwrap();
}
