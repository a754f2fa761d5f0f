//! The `pricing` object of statuses, by the rules in force at an instant.
//!
//! Source: Meta's pricing page and status-webhook page as of 2026-09-14; the rules changed on 2026-10-01.

use serde_json::{Value, json};

use crate::clock::Millis;

/// 2026-10-01T00:00:00Z: service messages and utility templates inside the window cost from here on.
pub const OCTOBER_2026: Millis = 1_790_812_800_000;

/// What the price of a message depends on.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub category: &'a str,
    pub group: bool,
    pub window_open: bool,
    pub free_entry: bool,
    /// Service messages that the number has sent this month before this one.
    pub service_before: u64,
    pub service_free: u64,
}

/// The `pricing` object.
pub fn pricing(case: Case<'_>, now: Millis) -> Value {
    let service = case.category == "service";
    let (billable, kind, category) = if case.free_entry && !case.group {
        (false, "free_entry_point", "referral_conversion")
    } else if now < OCTOBER_2026 {
        let free = case.window_open && (service || case.category == "utility");
        (
            !free,
            if free {
                free_kind(case.group)
            } else {
                "regular"
            },
            case.category,
        )
    } else {
        let free = service && case.service_before < case.service_free;
        (
            !free,
            if free {
                free_kind(case.group)
            } else {
                "regular"
            },
            case.category,
        )
    };
    let category = if case.group {
        format!("group_{category}")
    } else {
        category.to_owned()
    };
    json!({"billable": billable, "pricing_model": "PMP", "type": kind, "category": category})
}

fn free_kind(group: bool) -> &'static str {
    if group {
        "free_group_customer_service"
    } else {
        "free_customer_service"
    }
}

/// The month (`2026-11`) that an instant falls into in a time zone; the free service messages are
/// counted by it.
pub fn month(at: Millis, timezone: &str) -> String {
    let zone = jiff::tz::TimeZone::get(timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    jiff::Timestamp::from_millisecond(at)
        .map(|instant| {
            instant
                .to_zoned_datetime(zone)
                .strftime("%Y-%m")
                .to_string()
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(category: &str) -> Case<'_> {
        Case {
            category,
            group: false,
            window_open: true,
            free_entry: false,
            service_before: 0,
            service_free: 1_000,
        }
    }

    fn short(case: Case<'_>, now: Millis) -> String {
        let pricing = pricing(case, now);
        let word = |key: &str| pricing[key].as_str().unwrap_or("").to_owned();
        format!(
            "{} {} {}",
            pricing["billable"],
            word("type"),
            word("category")
        )
    }

    #[test]
    fn since_october_2026() {
        let now = OCTOBER_2026;
        assert_eq!(
            short(case("service"), now),
            "false free_customer_service service"
        );
        let paid = Case {
            service_before: 1_000,
            ..case("service")
        };
        assert_eq!(short(paid, now), "true regular service");
        assert_eq!(short(case("utility"), now), "true regular utility");
        assert_eq!(short(case("marketing"), now), "true regular marketing");
        let ad = Case {
            free_entry: true,
            ..case("marketing")
        };
        assert_eq!(short(ad, now), "false free_entry_point referral_conversion");
        let group = Case {
            group: true,
            ..case("service")
        };
        assert_eq!(
            short(group, now),
            "false free_group_customer_service group_service"
        );
    }

    #[test]
    fn until_september_2026() {
        let now = OCTOBER_2026 - 1;
        assert_eq!(
            short(case("service"), now),
            "false free_customer_service service"
        );
        assert_eq!(
            short(case("utility"), now),
            "false free_customer_service utility"
        );
        let outside = Case {
            window_open: false,
            ..case("utility")
        };
        assert_eq!(short(outside, now), "true regular utility");
    }

    #[test]
    fn a_month_begins_at_the_accounts_midnight() {
        // 2026-10-31T22:30Z is already November in Jerusalem.
        let at = crate::clock::parse_rfc3339("2026-10-31T22:30:00Z").unwrap();
        assert_eq!(month(at, "Asia/Jerusalem"), "2026-11");
        assert_eq!(month(at, "Nowhere/Land"), "2026-10");
    }
}
