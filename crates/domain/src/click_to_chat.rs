//! Click to chat: the address that opens an agent's own WhatsApp with a person and a text. Nothing is sent by it.
//! (WhatsApp, "How to use click to chat"; `wa.me` opens the app, or WhatsApp Web where there is none.)

use std::fmt::Write as _;

/// The address for a person (digits, country code first) and a text. A space is `%20`, never a plus: some apps show
/// the plus.
#[must_use]
pub fn url(digits: &str, text: &str) -> String {
    let mut url = format!("https://wa.me/{digits}");
    if text.is_empty() {
        return url;
    }
    url.push_str("?text=");
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                url.push(char::from(byte));
            }
            // Writing into a string does not fail.
            _ => {
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    url
}

/// An address that is longer than this may be cut on its way; it is not offered.
pub const URL_LIMIT: usize = 8_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::Phone;
    use rlibphonenumber::enums::Region;

    #[test]
    fn the_known_vectors_hold() {
        let vectors = include_str!("../../../testdata/whatsapp/click-to-chat-vectors.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        let mut seen = 0;
        for vector in vectors["links"].as_array().unwrap() {
            let (phone, text) = (
                vector["phone"].as_str().unwrap_or_default(),
                vector["text"].as_str().unwrap_or_default(),
            );
            assert_eq!(url(phone, text), vector["wa_me"].as_str().unwrap());
            seen += 1;
        }
        assert_eq!(seen, 5);
        for vector in vectors["phones"].as_array().unwrap() {
            let raw = vector["raw"].as_str().unwrap();
            let parsed = Phone::parse(raw, Region::IL).ok();
            let digits = parsed.as_ref().map(Phone::digits);
            assert_eq!(digits, vector["normalised"].as_str(), "{raw}");
        }
    }
}
