//! Who is calling: the signature of a webhook and the handshake that sets one up.
//! (Meta, webhooks page, 2025-12.)

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::provider::Secret;

const DIGEST_BYTES: usize = 32;
/// A challenge is a short number in practice; nobody may use us to echo a page.
const CHALLENGE_MAX: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    #[error("no signature")]
    Missing,
    #[error("the signature is not sha256= and 64 hex digits")]
    Malformed,
    #[error("the signature is not made with our secret")]
    Wrong,
}

/// Checks `X-Hub-Signature-256` over the raw bytes of a request, before anything reads them. While an app's secret
/// is being replaced there are two candidates; which one fits is not told by the time it takes.
///
/// # Errors
/// When the header is missing, has another form, or fits none of the secrets.
pub fn verify(
    secrets: &[Secret],
    header: Option<&str>,
    raw: &[u8],
) -> Result<(), SignatureRefused> {
    let header = header.ok_or(SignatureRefused::Missing)?;
    let claimed = header
        .strip_prefix("sha256=")
        .and_then(digest_of_hex)
        .ok_or(SignatureRefused::Malformed)?;
    let mut fits = Choice::from(0);
    for secret in secrets {
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) {
            mac.update(raw);
            fits |= mac.finalize().into_bytes().as_slice().ct_eq(&claimed);
        }
    }
    if fits.into() {
        Ok(())
    } else {
        Err(SignatureRefused::Wrong)
    }
}

fn digest_of_hex(hex: &str) -> Option<[u8; DIGEST_BYTES]> {
    let digits = hex.as_bytes();
    if digits.len() != DIGEST_BYTES * 2 {
        return None;
    }
    let mut digest = [0; DIGEST_BYTES];
    for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(digest)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeRefused {
    #[error("hub.mode is not subscribe")]
    NotSubscribe,
    #[error("hub.verify_token is not ours")]
    WrongToken,
    /// Missing, over 1,024 characters, or with characters that a challenge has no need of.
    #[error("hub.challenge cannot be echoed")]
    BadChallenge,
}

/// The query of Meta's GET when the callback address is set. The parameter names hold dots.
#[derive(Debug, Clone, Copy, Default)]
pub struct Handshake<'a> {
    /// `hub.mode`
    pub mode: Option<&'a str>,
    /// `hub.verify_token`
    pub verify_token: Option<&'a str>,
    /// `hub.challenge`
    pub challenge: Option<&'a str>,
}

impl<'a> Handshake<'a> {
    /// The body to answer with, status 200. Anything else is answered 403.
    ///
    /// # Errors
    /// When the mode is another, the token is not the expected one, or the challenge is not safe to echo.
    pub fn echo(&self, expected: &Secret) -> Result<&'a str, HandshakeRefused> {
        if self.mode != Some("subscribe") {
            return Err(HandshakeRefused::NotSubscribe);
        }
        if !is_same(self.verify_token.unwrap_or_default(), expected.expose()) {
            return Err(HandshakeRefused::WrongToken);
        }
        self.challenge
            .filter(|challenge| is_safe_to_echo(challenge))
            .ok_or(HandshakeRefused::BadChallenge)
    }
}

/// Compared by digest, so that not even the length is told. An empty secret fits nothing.
fn is_same(given: &str, expected: &str) -> bool {
    let same = Sha256::digest(given)
        .as_slice()
        .ct_eq(Sha256::digest(expected).as_slice());
    !expected.is_empty() && bool::from(same)
}

fn is_safe_to_echo(challenge: &str) -> bool {
    (1..=CHALLENGE_MAX).contains(&challenge.len())
        && challenge
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte))
}
