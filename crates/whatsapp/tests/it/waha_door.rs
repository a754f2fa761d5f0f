//! WAHA: who comes in, and that nothing which comes in breaks the reading of it.

use proptest::prelude::*;
use whatsapp::adapter::WebhookRefused;
use whatsapp::provider::Secret;

use crate::providers::{json_sample, names, read_any, verified};
use crate::waha::{HOOK, client, envelope, number};

/// The vendor's published vector.
const SIGNED: &[u8] = br#"{"event":"message","session":"default","engine":"WEBJS"}"#;
const SIGNATURE: &str = "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89";

fn signed(secrets: &[&str], header: Option<&str>, body: &[u8]) -> Result<(), WebhookRefused> {
    let mut number = number("http://x");
    number.webhook_secrets = secrets.iter().map(|text| Secret::from(*text)).collect();
    let headers: Vec<_> = header
        .map(|value| ("x-webhook-hmac", value))
        .into_iter()
        .collect();
    verified(&client(), &number, HOOK, &headers, body)
}

#[test]
fn only_what_is_signed_with_our_secret_comes_in() {
    let upper = SIGNATURE.to_uppercase();
    for (secrets, header, body, expected) in [
        (&["my-secret-key"][..], Some(SIGNATURE), SIGNED, Ok(())),
        (&["my-secret-key"], Some(&upper), SIGNED, Ok(())),
        (&["old", "my-secret-key"], Some(SIGNATURE), SIGNED, Ok(())),
        (
            &["other"],
            Some(SIGNATURE),
            SIGNED,
            Err(WebhookRefused::Wrong),
        ),
        (&[], Some(SIGNATURE), SIGNED, Err(WebhookRefused::Wrong)),
        (&[""], Some(SIGNATURE), SIGNED, Err(WebhookRefused::Wrong)),
        (
            &["my-secret-key"],
            Some(SIGNATURE),
            b"{}",
            Err(WebhookRefused::Wrong),
        ),
        (
            &["my-secret-key"],
            None,
            SIGNED,
            Err(WebhookRefused::Missing),
        ),
        (
            &["my-secret-key"],
            Some(""),
            SIGNED,
            Err(WebhookRefused::Malformed),
        ),
        (
            &["my-secret-key"],
            Some(&SIGNATURE[2..]),
            SIGNED,
            Err(WebhookRefused::Malformed),
        ),
        (
            &["my-secret-key"],
            Some("no hex"),
            SIGNED,
            Err(WebhookRefused::Malformed),
        ),
    ] {
        assert_eq!(
            signed(secrets, header, body),
            expected,
            "{secrets:?} {header:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_changed_byte_is_refused(at in any::<prop::sample::Index>(), by in 1..=255_u8) {
        let mut body = SIGNED.to_vec();
        let at = at.index(body.len());
        body[at] ^= by;
        prop_assert_eq!(signed(&["my-secret-key"], Some(SIGNATURE), &body), Err(WebhookRefused::Wrong));
    }

    #[test]
    fn any_json_is_read_or_refused(event in "(message(\\.(any|ack|reaction|edited|revoked))?|session\\.status|[a-z.]{0,8})", payload in crate::properties::any_json()) {
        read_any(&client(), &number("http://x"), &envelope(&event, &payload));
    }

    #[test]
    fn a_broken_sample_never_panics(which in 0..5_usize, at in any::<prop::sample::Index>(), value in crate::properties::any_json()) {
        let files: Vec<String> = names("waha").into_iter().filter(|name| name.contains("webhook")).collect();
        let mut body = json_sample(&format!("waha_{}", files[which % files.len()]));
        crate::properties::replace_somewhere(&mut body, at, value);
        read_any(&client(), &number("http://x"), body.to_string().as_bytes());
    }
}
