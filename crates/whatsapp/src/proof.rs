//! Who is calling: the pieces from which each provider's `verify` is made. All of it takes the same time whether it
//! fits or not, and says nothing of which secret fitted.

use hmac::{KeyInit, Mac};
use reqwest::Url;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::adapter::{WebhookRefused, WebhookRequest};
use crate::call::form_pairs;
use crate::provider::Secret;

/// Whether a text that came with a webhook is one of our secrets. Compared by digest, so that not even the length is
/// told. An empty secret fits nothing.
pub(crate) fn is_one_of(given: &str, secrets: &[Secret]) -> bool {
    let given = Sha256::digest(given);
    let mut fits = Choice::from(0);
    for secret in secrets {
        let same = given
            .as_slice()
            .ct_eq(Sha256::digest(secret.expose()).as_slice());
        fits |= same & Choice::from(u8::from(!secret.expose().is_empty()));
    }
    fits.into()
}

/// Checks a secret that stands in a header as it is, or behind `Bearer `.
///
/// # Errors
/// When the header is missing, or is not one of the secrets.
pub(crate) fn shared_secret(
    header: Option<&str>,
    secrets: &[Secret],
) -> Result<(), WebhookRefused> {
    let header = header.ok_or(WebhookRefused::Missing)?;
    let given = bearer(header).unwrap_or(header);
    if is_one_of(given, secrets) {
        Ok(())
    } else {
        Err(WebhookRefused::Wrong)
    }
}

/// What stands behind `Bearer `; the word's case does not matter (RFC 9110, 11.1).
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
        .filter(|token| !token.is_empty())
}

/// Whether `claimed` is the MAC of the parts, one after the other, under one of the secrets. An empty secret fits
/// nothing.
pub(crate) fn mac_fits<M: Mac + KeyInit>(
    secrets: &[Secret],
    parts: &[&[u8]],
    claimed: &[u8],
) -> bool {
    let mut fits = Choice::from(0);
    for secret in secrets {
        let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret.expose().as_bytes()) else {
            continue;
        };
        for part in parts {
            mac.update(part);
        }
        let same = mac.finalize().into_bytes().as_slice().ct_eq(claimed);
        fits |= same & Choice::from(u8::from(!secret.expose().is_empty()));
    }
    fits.into()
}

/// Checks a MAC over the whole body that stands in a header as hex digits.
///
/// # Errors
/// When there is none, it has another form, or it is not made with one of the secrets.
pub(crate) fn hex_mac<M: Mac + KeyInit>(
    request: &WebhookRequest<'_>,
    header: &str,
    secrets: &[Secret],
) -> Result<(), WebhookRefused> {
    let header = (request.header)(header).ok_or(WebhookRefused::Missing)?;
    let claimed = bytes_of_hex(&header)
        .filter(|digest| digest.len() == M::output_size())
        .ok_or(WebhookRefused::Malformed)?;
    if mac_fits::<M>(secrets, &[request.body], &claimed) {
        Ok(())
    } else {
        Err(WebhookRefused::Wrong)
    }
}

/// The bytes of hex digits of either case.
pub(crate) fn bytes_of_hex(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        })
        .collect()
}

/// The name of the secret in an address that a provider was given, for providers that sign nothing and may send no
/// header of ours.
pub(crate) const KEY_IN_ADDRESS: &str = "key";

/// Checks a secret in the `Authorization` header, or else in the address that was called.
///
/// # Errors
/// When there is none, or it is not one of the secrets.
pub(crate) fn header_or_address(
    request: &WebhookRequest<'_>,
    secrets: &[Secret],
) -> Result<(), WebhookRefused> {
    if let Some(header) = (request.header)("authorization") {
        return shared_secret(Some(&header), secrets);
    }
    let query = request.public_url.split_once('?').map(|(_, query)| query);
    let given = form_pairs(query.unwrap_or_default().as_bytes())
        .into_iter()
        .find(|(name, _)| name == KEY_IN_ADDRESS)
        .map(|(_, value)| value)
        .ok_or(WebhookRefused::Missing)?;
    if is_one_of(&given, secrets) {
        Ok(())
    } else {
        Err(WebhookRefused::Wrong)
    }
}

/// The address with the secret in it, so that [`header_or_address`] lets it in.
pub(crate) fn with_key(address: &str, secret: Option<&Secret>) -> String {
    match (Url::parse(address), secret) {
        (Ok(mut url), Some(secret)) => {
            url.query_pairs_mut()
                .append_pair(KEY_IN_ADDRESS, secret.expose());
            url.into()
        }
        _ => address.to_owned(),
    }
}
