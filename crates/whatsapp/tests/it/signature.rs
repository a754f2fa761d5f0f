//! Who is calling.

use whatsapp::meta::signature::{Handshake, HandshakeRefused, SignatureRefused, verify};
use whatsapp::provider::Secret;

const BODY: &[u8] = br#"{"object":"whatsapp_business_account","entry":[]}"#;
/// Meta's page has no vector; this one is of the reference, made with another implementation.
const DIGEST: &str = "dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756";

#[track_caller]
fn check(
    secrets: &[&str],
    header: Option<&str>,
    body: &[u8],
    expected: Result<(), SignatureRefused>,
) {
    let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::from(*text)).collect();
    assert_eq!(verify(&secrets, header, body), expected, "{header:?}");
}

#[test]
fn a_signature_of_one_of_our_secrets_is_taken() {
    let header = format!("sha256={DIGEST}");
    check(&["test_app_secret"], Some(&header), BODY, Ok(()));
    check(&["old", "test_app_secret"], Some(&header), BODY, Ok(()));
    check(&["test_app_secret", "next"], Some(&header), BODY, Ok(()));
    let upper = format!("sha256={}", DIGEST.to_uppercase());
    check(&["test_app_secret"], Some(&upper), BODY, Ok(()));
}

#[test]
fn any_other_signature_is_refused_with_its_reason() {
    let ours = ["test_app_secret"];
    let header = format!("sha256={DIGEST}");
    check(&ours, None, BODY, Err(SignatureRefused::Missing));
    check(
        &["other"],
        Some(&header),
        BODY,
        Err(SignatureRefused::Wrong),
    );
    check(&[], Some(&header), BODY, Err(SignatureRefused::Wrong));
    check(&ours, Some(&header), b"{}", Err(SignatureRefused::Wrong));
    for malformed in [
        "",
        "sha256=",
        DIGEST,
        &format!("sha1={DIGEST}"),
        &format!("sha256={}", &DIGEST[1..]),
        &format!("sha256={DIGEST}0"),
        &format!("sha256=+{}", &DIGEST[1..]),
        &format!("sha256=g{}", &DIGEST[1..]),
        &format!("sha256= {}", &DIGEST[1..]),
        &format!("sha256=é{}", &DIGEST[2..]),
    ] {
        check(
            &ours,
            Some(malformed),
            BODY,
            Err(SignatureRefused::Malformed),
        );
    }
}

#[test]
fn the_handshake_echoes_the_challenge_to_who_knows_the_token() {
    let long = "1".repeat(1025);
    for (mode, token, challenge, expected) in [
        (
            Some("subscribe"),
            Some("t0ken"),
            Some("1158201444"),
            Ok("1158201444"),
        ),
        (
            None,
            Some("t0ken"),
            Some("1"),
            Err(HandshakeRefused::NotSubscribe),
        ),
        (
            Some("unsubscribe"),
            Some("t0ken"),
            Some("1"),
            Err(HandshakeRefused::NotSubscribe),
        ),
        (
            Some("subscribe"),
            Some("t0ke"),
            Some("1"),
            Err(HandshakeRefused::WrongToken),
        ),
        (
            Some("subscribe"),
            None,
            Some("1"),
            Err(HandshakeRefused::WrongToken),
        ),
        (
            Some("subscribe"),
            Some("t0ken"),
            None,
            Err(HandshakeRefused::BadChallenge),
        ),
        (
            Some("subscribe"),
            Some("t0ken"),
            Some(""),
            Err(HandshakeRefused::BadChallenge),
        ),
        (
            Some("subscribe"),
            Some("t0ken"),
            Some("<script>"),
            Err(HandshakeRefused::BadChallenge),
        ),
        (
            Some("subscribe"),
            Some("t0ken"),
            Some(&long),
            Err(HandshakeRefused::BadChallenge),
        ),
    ] {
        let handshake = Handshake {
            mode,
            verify_token: token,
            challenge,
        };
        assert_eq!(
            handshake.echo(&Secret::from("t0ken")),
            expected,
            "{handshake:?}"
        );
    }
    let without_a_token = Handshake {
        mode: Some("subscribe"),
        verify_token: Some(""),
        challenge: Some("1"),
    };
    assert_eq!(
        without_a_token.echo(&Secret::from("")),
        Err(HandshakeRefused::WrongToken)
    );
}
