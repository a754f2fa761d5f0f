//! Meta's codes. The list is typed by hand from the reference's page, not taken from the table that is tested.

use std::time::Duration;

use domain::failure::{FailureReason, FailureScope, NextStep, next_step, scope};
use domain::report::ProviderError;
use whatsapp::failure::Class;
use whatsapp::meta::client::judge;
use whatsapp::meta::errors::{failure_of, verdict_on};
use whatsapp::provider::{CallError, Unclear};

#[rustfmt::skip]
const LISTED: &[i64] = &[
    0, 1, 2, 3, 4, 10, 33, 100, 190, 200, 210, 299, 368, 506, 613, 80007, 80008, 131005,
    130429, 131048, 131056, 131064, 133016, 130497, 131031, 131057, 131059,
    130472, 131000, 131008, 131009, 131016, 131021, 131026, 131030, 131037, 131042, 131044, 131045, 131047,
    131049, 131050, 131051, 131052, 131053, 131055, 131060, 131061, 131062, 131063, 131065,
    134011, 134100, 134101, 134102, 134103, 135000, 137000, 1752041,
    132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018, 132021, 132068, 132069,
    2388019, 2388023, 2388024, 2388039, 2388040, 2388041, 2388043, 2388047, 2388072, 2388073, 2388293, 2388299,
    200_005, 200_006, 200_007,
    133000, 133004, 133005, 133006, 133008, 133009, 133010, 133015,
    2388001, 2388012, 2388091, 2388093, 2388103, 2494100, 2593079, 2593085, 2593107, 2593108, 2593109,
    147001, 147002, 147003, 147004, 147005,
    139100, 139101, 139102, 139103,
    131020, 131041, 131201, 131202, 131204, 131207, 131208, 131209, 131210, 131211, 131212, 131213, 131214, 131215,
    138000, 138001, 138002, 138003, 138004, 138005, 138006, 138007, 138009, 138012, 138013, 138018, 138038,
    139000, 139001, 139002, 139003, 139004,
    2494164, 2494165, 2494166, 2494167, 2494168, 2494176, 2494177, 2494179,
];

#[test]
fn every_code_of_the_page_is_known() {
    for code in LISTED {
        let verdict = verdict_on(*code).unwrap_or_else(|| panic!("{code} is not known"));
        assert_ne!(verdict.reason, FailureReason::Unknown, "{code}");
        if verdict.class == Class::Wait {
            assert!(!verdict.wait.is_zero(), "{code} waits for nothing");
        }
    }
    for unknown in [5, 131_999, 42, -1, i64::MAX] {
        assert_eq!(verdict_on(unknown), None, "{unknown}");
    }
}

#[test]
fn a_code_stops_what_it_should_and_says_what_helps() {
    use FailureReason as R;
    for (code, reason, stops, helps) in [
        (
            190,
            R::TokenInvalid,
            FailureScope::Token,
            NextStep::RenewCredentials,
        ),
        (
            0,
            R::TokenInvalid,
            FailureScope::Token,
            NextStep::RenewCredentials,
        ),
        (
            4,
            R::AppRateLimited,
            FailureScope::App,
            NextStep::WaitAndRetry,
        ),
        (
            131_056,
            R::PairRateLimited,
            FailureScope::Pair,
            NextStep::WaitAndRetry,
        ),
        (
            132_015,
            R::TemplatePaused,
            FailureScope::Template,
            NextStep::WaitAndRetry,
        ),
        (
            130_429,
            R::NumberRateLimited,
            FailureScope::Number,
            NextStep::WaitAndRetry,
        ),
        (
            131_048,
            R::QualityLimited,
            FailureScope::Number,
            NextStep::WaitAndRetry,
        ),
        (
            131_057,
            R::NumberInMaintenance,
            FailureScope::Number,
            NextStep::WaitAndRetry,
        ),
        (
            131_042,
            R::PaymentProblem,
            FailureScope::Account,
            NextStep::FixPayment,
        ),
        (
            368,
            R::AccountRestricted,
            FailureScope::Account,
            NextStep::ContactSupport,
        ),
        (
            131_031,
            R::AccountLocked,
            FailureScope::Account,
            NextStep::ContactSupport,
        ),
        (
            131_064,
            R::TemplateMisuseLimited,
            FailureScope::Account,
            NextStep::WaitAndRetry,
        ),
        (
            80_007,
            R::AccountRateLimited,
            FailureScope::Account,
            NextStep::WaitAndRetry,
        ),
        (
            131_047,
            R::WindowClosed,
            FailureScope::Message,
            NextStep::UseTemplate,
        ),
        (
            131_026,
            R::Undeliverable,
            FailureScope::Message,
            NextStep::FixRecipient,
        ),
        (
            131_053,
            R::MediaInvalid,
            FailureScope::Message,
            NextStep::FixMedia,
        ),
        (
            131_052,
            R::MediaUnavailable,
            FailureScope::Message,
            NextStep::AskPerson,
        ),
        (
            137_000,
            R::IdentityChanged,
            FailureScope::Message,
            NextStep::AskPerson,
        ),
    ] {
        assert_eq!(verdict_on(code).unwrap().reason, reason, "{code}");
        assert_eq!(scope(reason), stops, "{code}");
        assert_eq!(next_step(reason), helps, "{code}");
    }
}

#[test]
fn a_late_failure_keeps_the_sentence_and_an_unknown_code_is_unknown() {
    let late = |code| {
        failure_of(&ProviderError {
            code,
            title: Some("Title".to_owned()),
            details: None,
        })
    };
    assert_eq!(late(131_049).reason, FailureReason::MarketingLimited);
    assert_eq!(late(131_049).details.as_deref(), Some("Title"));
    assert_eq!(late(999_999).reason, FailureReason::Unknown);
    assert_eq!(late(999_999).code, Some(999_999));
}

fn envelope(code: i64) -> Vec<u8> {
    format!(r#"{{"error":{{"message":"(#{code}) m","type":"OAuthException","code":{code}}}}}"#)
        .into_bytes()
}

#[track_caller]
fn judged(status: u16, body: &[u8]) -> &'static str {
    match judge(status, None, body) {
        Ok(_) => "ok",
        Err(CallError::RetryAfter { .. }) => "retry_after",
        Err(CallError::Refused(_)) => "refused",
        Err(CallError::Credentials(_)) => "credentials",
        Err(CallError::Restricted(_)) => "restricted",
        Err(CallError::NotAccepted(_)) => "not_accepted",
        Err(CallError::Unclear { .. }) => "unclear",
    }
}

#[test]
fn an_answer_is_sure_only_where_meta_itself_says_so() {
    for (status, body, expected) in [
        (200, b"{}".to_vec(), "ok"),
        (200, b"<html>".to_vec(), "unclear"),
        (200, Vec::new(), "unclear"),
        (302, envelope(100), "unclear"),
        (400, envelope(100), "refused"),
        (400, envelope(1), "not_accepted"),
        (400, envelope(130_429), "retry_after"),
        (429, envelope(131_056), "retry_after"),
        (401, envelope(190), "credentials"),
        (403, envelope(10), "credentials"),
        (403, envelope(368), "restricted"),
        (400, envelope(131_042), "restricted"),
        (400, envelope(999_999), "refused"),
        (429, envelope(999_999), "retry_after"),
        (404, envelope(132_001), "refused"),
        // Something on the way may have answered, after Meta had accepted.
        (403, b"<html>blocked</html>".to_vec(), "unclear"),
        (413, Vec::new(), "unclear"),
        (400, br#"{"error":"no"}"#.to_vec(), "unclear"),
        (502, b"Bad Gateway".to_vec(), "unclear"),
        // Meta's own failures: only what is decided before acceptance is sure.
        (500, envelope(131_000), "unclear"),
        (503, envelope(2), "unclear"),
        (500, envelope(131_016), "unclear"),
        (500, envelope(999_999), "unclear"),
        (500, envelope(131_057), "retry_after"),
        (500, envelope(3), "credentials"),
        (500, envelope(131_045), "restricted"),
    ] {
        let text = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(judged(status, &body), expected, "{status} {text}");
    }
}

#[test]
fn the_wait_is_the_longer_of_metas_word_and_ours() {
    let after = |told: Option<u64>, code| match judge(
        400,
        told.map(Duration::from_secs),
        &envelope(code),
    ) {
        Err(CallError::RetryAfter { after, .. }) => after.as_secs(),
        other => panic!("{other:?}"),
    };
    assert_eq!(after(None, 80_007), 60);
    assert_eq!(after(Some(300), 80_007), 300);
    assert_eq!(after(Some(5), 132_015), 3 * 3600);
    assert_eq!(after(Some(7), 1), 7);
}

#[test]
fn the_meaning_of_a_subcode_wins_where_meta_puts_it_there() {
    let refused = |body: &str| match judge(400, None, body.as_bytes()) {
        Err(CallError::Refused(failure) | CallError::Credentials(failure)) => failure,
        other => panic!("{other:?}"),
    };
    let gone = refused(r#"{"error":{"code":100,"error_subcode":33,"message":"m"}}"#);
    assert_eq!(
        (gone.reason, gone.code),
        (FailureReason::ObjectMissing, Some(33))
    );
    let other = refused(r#"{"error":{"code":100,"error_subcode":2494055,"message":"m"}}"#);
    assert_eq!(
        (other.reason, other.code),
        (FailureReason::MessageInvalid, Some(100))
    );
    let plain = refused(r#"{"error":{"code":"100","error_data":"why","message":"m"}}"#);
    assert_eq!(plain.details.as_deref(), Some("why"));
    assert_eq!(
        judge(500, None, &envelope(131_000)),
        Err(CallError::Unclear {
            why: Unclear::ServerError {
                status: 500,
                code: 131_000
            }
        })
    );
}
