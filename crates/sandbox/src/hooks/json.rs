//! The bytes of a webhook: Meta's way of writing JSON, and the signature over it.
//!
//! Meta escapes everything outside ASCII as `\uXXXX` and `/` as `\/`, which is why a receiver must hash the bytes it got and not JSON written anew.

use std::io;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};
use sha2::Sha256;

struct MetaFormatter;

impl Formatter for MetaFormatter {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut units = [0_u16; 2];
        for character in fragment.chars() {
            match character {
                '/' => writer.write_all(b"\\/")?,
                '\u{0}'..='\u{7f}' => CompactFormatter
                    .write_string_fragment(writer, character.encode_utf8(&mut [0; 4]))?,
                _ => {
                    for unit in character.encode_utf16(&mut units) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A value as Meta writes it.
pub fn to_bytes(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1_024);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, MetaFormatter);
    if let Err(error) = value.serialize(&mut serializer) {
        tracing::error!(%error, "a webhook could not be written");
    }
    bytes
}

/// The value of `X-Hub-Signature-256`.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = match Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    };
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn signs_as_the_documented_example() {
        assert_eq!(
            signature(
                "test_app_secret",
                br#"{"object":"whatsapp_business_account","entry":[]}"#
            ),
            "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756"
        );
    }

    #[test]
    fn escapes_slashes_and_everything_outside_ascii() {
        let bytes = to_bytes(&json!({"a": "ש/\n\"😀"}));
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            r#"{"a":"\u05e9\/\n\"\ud83d\ude00"}"#
        );
    }
}
