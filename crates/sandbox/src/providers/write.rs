//! Small things that several providers write alike: addresses, forms, signatures, codes to scan.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

use crate::chance::Chance;
use crate::clock::Millis;
use crate::hooks::json::hex;
use crate::world::{Gateway, Person, World};

/// The digits of an address such as `whatsapp:+972…` or `972…@c.us`.
pub fn digits(address: &str) -> String {
    let address = address.split('@').next().unwrap_or("");
    address.chars().filter(char::is_ascii_digit).collect()
}

/// The hidden identity behind a phone: 15 digits that follow from it.
pub fn lid(phone: &str) -> String {
    let hash = phone.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{}@lid", Chance::seeded(hash).digits(15))
}

/// The address of a person's chat with a linked device: the phone, or the hidden identity of somebody
/// who hides it. `host` is `c.us` or `s.whatsapp.net`.
pub fn chat_id(world: &World, number: &str, person: &Person, now: Millis, host: &str) -> String {
    if world.phone_known(number, person, now) {
        format!("{}@{host}", person.phone)
    } else {
        lid(&person.phone)
    }
}

/// The phone behind a chat address. A hidden identity is looked up among the people.
pub fn phone_of_chat(world: &World, address: &str) -> Option<String> {
    if address.ends_with("@lid") {
        let person = world.persons.iter().find(|one| lid(&one.phone) == address);
        return person.map(|person| person.phone.clone());
    }
    let digits = digits(address);
    ((7..=16).contains(&digits.len())).then_some(digits)
}

/// A list of pairs as `application/x-www-form-urlencoded`.
pub fn form(pairs: &Value) -> String {
    let pair = |pair: &Value| {
        let part = |at: usize| encode(pair[at].as_str().unwrap_or(""));
        format!("{}={}", part(0), part(1))
    };
    let pairs = pairs.as_array().into_iter().flatten().map(pair);
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent-encoding of a form: a blank is `+`.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

pub fn hmac_sha512_hex(key: &str, body: &[u8]) -> String {
    let mut mac = match Hmac::<Sha512>::new_from_slice(key.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    };
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}

pub fn hmac_sha256(key: &str, body: &[u8]) -> Vec<u8> {
    let mut mac = match Hmac::<Sha256>::new_from_slice(key.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    };
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}

pub fn hmac_sha1_base64(key: &str, text: &str) -> String {
    let mut mac = match Hmac::<sha1::Sha1>::new_from_slice(key.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    };
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// A JSON web token signed with HS256.
pub fn jwt(key: &str, claims: &Value) -> String {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let head = URL_SAFE_NO_PAD.encode(json!({"alg": "HS256", "typ": "JWT"}).to_string());
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(hmac_sha256(key, signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// A random UUID.
pub fn uuid(chance: &mut Chance) -> String {
    let hex = chance.hex(32).to_ascii_lowercase();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or("").to_owned();
    format!(
        "{}-{}-4{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

/// RFC 3339 to the second.
pub fn rfc3339_seconds(at: Millis) -> String {
    Timestamp::from_second(crate::clock::seconds(at))
        .map_or_else(|_| String::new(), |instant| instant.to_string())
}

/// `Thu, 20 Aug 2026 06:30:05 +0000`.
pub fn rfc2822(at: Millis) -> String {
    Timestamp::from_millisecond(at).map_or_else(
        |_| String::new(),
        |instant| instant.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
    )
}

/// The file extension of a type.
pub fn extension(mime_type: &str) -> &'static str {
    match mime_type.split(';').next().unwrap_or("") {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        "audio/ogg" => "ogg",
        "audio/mpeg" => "mp3",
        "application/pdf" => "pdf",
        "text/plain" => "txt",
        _ => "bin",
    }
}

/// What a linked device shows for scanning: four parts, as the real one.
pub fn qr_text(gateway: &Gateway) -> String {
    let seed = format!(
        "{}|{}|{}",
        gateway.id, gateway.link.turn, gateway.link.codes
    );
    let key = |part: &str| STANDARD.encode(hmac_sha256(&seed, part.as_bytes()));
    let reference = key("ref").replace(['+', '/', '='], "");
    format!(
        "2@{reference},{},{},{},1",
        key("noise"),
        key("identity"),
        key("adv")
    )
}

/// The same as a picture. Nobody scans it (`/control/link` does), so it only looks like a code: a
/// PNG with the three corners and a pattern that follows from the text.
pub fn qr_png(text: &str) -> Vec<u8> {
    const MODULES: usize = 33;
    const SCALE: usize = 6;
    const QUIET: usize = 4;
    let bits = hmac_sha256("pattern", text.as_bytes());
    let corner = |x: usize, y: usize| {
        let near = |a: usize| if a < 8 { Some(a) } else { None };
        let far = |a: usize| (a >= MODULES - 8).then(|| MODULES - 1 - a);
        let (x, y) = match (near(x), far(x), near(y), far(y)) {
            (Some(x), _, Some(y), _) | (_, Some(x), Some(y), _) | (Some(x), _, _, Some(y)) => {
                (x, y)
            }
            _ => return None,
        };
        let ring = x.max(y).max(6 - x.min(6)).max(6 - y.min(6));
        Some(x < 7 && y < 7 && ring != 5)
    };
    let dark = |x: usize, y: usize| {
        corner(x, y).unwrap_or_else(|| {
            let at = (x * 7 + y * 13 + x * y) % 256;
            bits[at / 8] >> (at % 8) & 1 == 1
        })
    };
    let side = (MODULES + 2 * QUIET) * SCALE;
    let mut rows = Vec::with_capacity(side * (side + 1));
    for y in 0..side {
        rows.push(0);
        for x in 0..side {
            let inside = |a: usize| (a / SCALE).checked_sub(QUIET).filter(|a| *a < MODULES);
            let is_dark = matches!((inside(x), inside(y)), (Some(x), Some(y)) if dark(x, y));
            rows.push(if is_dark { 0 } else { 255 });
        }
    }
    png(side, &rows)
}

/// An 8-bit grey PNG whose data are stored without compression.
fn png(side: usize, rows: &[u8]) -> Vec<u8> {
    let mut out = vec![0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];
    let size = u32::try_from(side).unwrap_or(0).to_be_bytes();
    let head = [&size[..], &size[..], &[8, 0, 0, 0, 0]].concat();
    chunk(&mut out, b"IHDR", &head);
    let mut data = vec![0x78, 0x01];
    let mut blocks = rows.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(0);
        data.push(u8::from(blocks.peek().is_none()));
        data.extend_from_slice(&length.to_le_bytes());
        data.extend_from_slice(&(!length).to_le_bytes());
        data.extend_from_slice(block);
    }
    let (a, b) = rows.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    data.extend_from_slice(&(b << 16 | a).to_be_bytes());
    chunk(&mut out, b"IDAT", &data);
    chunk(&mut out, b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let start = out.len();
    out.extend_from_slice(name);
    out.extend_from_slice(data);
    let crc = out[start..].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xEDB8_8320
            } else {
                crc >> 1
            }
        })
    });
    out.extend_from_slice(&(!crc).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_the_published_vectors() {
        assert_eq!(
            hmac_sha512_hex(
                "my-secret-key",
                br#"{"event":"message","session":"default","engine":"WEBJS"}"#
            ),
            "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89"
        );
        let signed = "https://leads.example.co.il/hooks/twilio/in?src=waBodyכן, מחר ב-10Fromwhatsapp:+972500000010MessageSidSMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2NumMedia0Towhatsapp:+972500000001";
        assert_eq!(
            hmac_sha1_base64("12345invented67890token", signed),
            "ItYVSo+bmYJAvUBC0MljwEG8mkQ="
        );
        assert_eq!(
            hex(&hmac_sha256(
                "invented-wuzapi-hmac-key-0123456789",
                br#"{"type":"Connected"}"#
            )),
            "e76ceff4e69749cc7b24051ff1a751b602032e178850a17c8d648bcc561815f1"
        );
    }

    #[test]
    fn addresses_are_read_from_every_form() {
        assert_eq!(digits("whatsapp:+972500000010"), "972500000010");
        assert_eq!(digits("972500000010@s.whatsapp.net"), "972500000010");
        assert_eq!(
            rfc2822(1_787_207_405_000),
            "Thu, 20 Aug 2026 06:30:05 +0000"
        );
        assert_eq!(
            form(&json!([["a b", "ש&"], ["c", "1+1"]])),
            "a+b=%D7%A9%26&c=1%2B1"
        );
    }

    #[test]
    fn the_picture_of_a_code_is_a_png() {
        let png = qr_png("2@x");
        assert_eq!(&png[1..4], b"PNG");
        assert_eq!(&png[png.len() - 4..], &[0xAE, 0x42, 0x60, 0x82]);
    }
}
