//! `X-Twilio-Signature`: HMAC-SHA1 over the whole address and, of a form, all names and values in order.
//! (Twilio, "Webhooks security", 2026, and the validator of its Python library.)

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::adapter::WebhookRefused;
use crate::call::form_pairs;
use crate::proof::{bytes_of_hex, mac_fits};
use crate::provider::Secret;

const DIGEST_BYTES: usize = 20;

/// Checks the signature of a request to `url`. A body that is no form is named by its digest in the address
/// (`bodySHA256`), and the address alone is signed. The address is tried with and without its port, as Twilio's own
/// libraries do: proxies add and drop it.
///
/// # Errors
/// When the header is missing, is not 20 bytes in base64, or fits none of the secrets.
pub fn verify(
    secrets: &[Secret],
    url: &str,
    header: Option<&str>,
    body: &[u8],
) -> Result<(), WebhookRefused> {
    let header = header.ok_or(WebhookRefused::Missing)?;
    let claimed = STANDARD
        .decode(header.trim())
        .ok()
        .filter(|claimed| claimed.len() == DIGEST_BYTES)
        .ok_or(WebhookRefused::Malformed)?;
    let signed = match body_digest(url) {
        Some(told) => {
            let told = bytes_of_hex(&told).ok_or(WebhookRefused::Malformed)?;
            if !bool::from(Sha256::digest(body).as_slice().ct_eq(&told)) {
                return Err(WebhookRefused::Wrong);
            }
            String::new()
        }
        None => sorted_pairs(body),
    };
    let fits = addresses(url).iter().fold(false, |fits, address| {
        fits | mac_fits::<Hmac<Sha1>>(secrets, &[address.as_bytes(), signed.as_bytes()], &claimed)
    });
    if fits {
        Ok(())
    } else {
        Err(WebhookRefused::Wrong)
    }
}

fn body_digest(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    form_pairs(query.as_bytes())
        .into_iter()
        .find(|(name, _)| name == "bodySHA256")
        .map(|(_, value)| value)
}

/// Names and values, each pair once, in the order of their bytes, with nothing between them.
fn sorted_pairs(body: &[u8]) -> String {
    let mut pairs = form_pairs(body);
    pairs.sort();
    pairs.dedup();
    pairs
        .into_iter()
        .flat_map(|(name, value)| [name, value])
        .collect()
}

/// The address as it is, without its port, and with the port of its scheme.
fn addresses(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else {
        return all;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let bare = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    let port = if scheme == "http" { 80 } else { 443 };
    all.push(format!("{scheme}://{bare}{path}"));
    all.push(format!("{scheme}://{bare}:{port}{path}"));
    all.dedup();
    all
}
