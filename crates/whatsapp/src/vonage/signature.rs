//! Vonage's webhooks carry a JWT, signed by HS256 with the account's signature secret, that names the body by its
//! digest. (Vonage, "Signed webhooks", 2026.)
//!
//! Its time is not looked at: what is told twice is recognised by its id, and nothing follows from hearing it again.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Hmac;
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::adapter::WebhookRefused;
use crate::json::{lenient_json, member, word};
use crate::proof::{bearer, bytes_of_hex, mac_fits};
use crate::provider::Secret;

/// Checks `Authorization: Bearer <JWT>`. A token without `payload_hash` speaks for any body.
///
/// # Errors
/// When the header is missing, is no such token, is not made with one of the secrets, or is made for another body.
pub fn verify(secrets: &[Secret], header: Option<&str>, body: &[u8]) -> Result<(), WebhookRefused> {
    let token = bearer(header.ok_or(WebhookRefused::Missing)?).ok_or(WebhookRefused::Malformed)?;
    let (signed, signature) = token.rsplit_once('.').ok_or(WebhookRefused::Malformed)?;
    let (head, claims) = signed.split_once('.').ok_or(WebhookRefused::Malformed)?;
    let claimed = decoded(signature).ok_or(WebhookRefused::Malformed)?;
    // The algorithm is ours to choose, never the caller's.
    let head = json(head).ok_or(WebhookRefused::Malformed)?;
    if word(&head, "alg").as_deref() != Some("HS256") {
        return Err(WebhookRefused::Malformed);
    }
    if !mac_fits::<Hmac<Sha256>>(secrets, &[signed.as_bytes()], &claimed) {
        return Err(WebhookRefused::Wrong);
    }
    let claims = json(claims).ok_or(WebhookRefused::Malformed)?;
    let Some(hash) = member(&claims, "payload_hash") else {
        return Ok(());
    };
    let hash = hash.as_str().and_then(bytes_of_hex);
    let hash = hash.ok_or(WebhookRefused::Malformed)?;
    if Sha256::digest(body).as_slice().ct_eq(&hash).into() {
        Ok(())
    } else {
        Err(WebhookRefused::Wrong)
    }
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

fn json(part: &str) -> Option<Value> {
    lenient_json(&decoded(part)?).ok()
}
