//! Reading JSON that others wrote: leniently, in linear time, and without a copy where nothing needs mending.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

/// What came is not JSON that we can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotJson {
    #[error("it is not JSON")]
    Syntax,
    #[error("it is nested deeper than 128 levels")]
    TooDeep,
}

impl From<&serde_json::Error> for NotJson {
    fn from(error: &serde_json::Error) -> Self {
        // serde_json has no category of its own for it; the words are stable since 1.0.
        if error.to_string().starts_with("recursion limit exceeded") {
            Self::TooDeep
        } else {
            Self::Syntax
        }
    }
}

/// Reads JSON of any origin. Bytes that are not UTF-8, halves of surrogate pairs (`"\ud83d"`, which `serde_json`
/// refuses) and NUL (which PostgreSQL cannot keep) become U+FFFD; all else is exact.
///
/// # Errors
/// When it is not JSON, or nested deeper than 128 levels.
pub fn lenient_json(raw: &[u8]) -> Result<Value, NotJson> {
    serde_json::from_str(&mended(raw)).map_err(|error| NotJson::from(&error))
}

/// The text of a JSON document, so mended that every string in it can be read and kept. Borrowed when it was whole.
#[must_use]
pub fn mended(raw: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(raw) {
        Cow::Borrowed(text) => mend_escapes(text),
        Cow::Owned(text) => {
            let mended = match mend_escapes(&text) {
                Cow::Owned(mended) => Some(mended),
                Cow::Borrowed(_) => None,
            };
            Cow::Owned(mended.unwrap_or(text))
        }
    }
}

/// Backslashes stand in JSON strings only, so that escapes can be found without knowing where strings begin.
fn mend_escapes(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut mended = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(step) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'\\'))
    {
        let start = at + step;
        let escape = escape_at(bytes, start);
        if escape.is_bad {
            mended.push_str(&text[kept..start]);
            mended.push_str("\\ufffd");
            kept = start + escape.length;
        }
        at = start + escape.length;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    mended.push_str(&text[kept..]);
    Cow::Owned(mended)
}

struct Escape {
    /// Bytes from the backslash on.
    length: usize,
    is_bad: bool,
}

fn escape_at(bytes: &[u8], start: usize) -> Escape {
    let is_bad = match unit_at(bytes, start) {
        None => {
            return Escape {
                length: 2,
                is_bad: false,
            };
        }
        Some(0xD800..=0xDBFF) => {
            if matches!(unit_at(bytes, start + 6), Some(0xDC00..=0xDFFF)) {
                return Escape {
                    length: 12,
                    is_bad: false,
                };
            }
            true
        }
        Some(0 | 0xDC00..=0xDFFF) => true,
        Some(_) => false,
    };
    Escape { length: 6, is_bad }
}

/// The number of a `\uXXXX` that begins at `start`.
fn unit_at(bytes: &[u8], start: usize) -> Option<u32> {
    let escape = bytes.get(start..start + 6)?;
    if escape[0] != b'\\' || escape[1] != b'u' {
        return None;
    }
    escape[2..].iter().try_fold(0, |unit, digit| {
        Some(unit * 16 + char::from(*digit).to_digit(16)?)
    })
}

/// A member that is there and not null.
pub(crate) fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.get(key).filter(|found| !found.is_null())
}

/// An id or another word: a string with something in it, or an integer (template ids come as both).
pub(crate) fn word(value: &Value, key: &str) -> Option<String> {
    as_word(member(value, key)?)
}

pub(crate) fn as_word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// A string, also an empty one.
pub(crate) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// An integer, or a string that holds one.
pub(crate) fn integer(value: &Value, key: &str) -> Option<i64> {
    as_integer(value.get(key)?)
}

pub(crate) fn as_integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number, or a string that holds one; never NaN or infinite.
pub(crate) fn decimal(value: &Value, key: &str) -> Option<f64> {
    let number = match value.get(key)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite())
}

pub(crate) fn flag(value: &Value, key: &str) -> bool {
    match value.get(key) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text == "true",
        _ => false,
    }
}

/// The items of a list; none where it is missing or no list.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

pub(crate) fn instant(value: &Value, key: &str) -> Option<Timestamp> {
    as_integer(value.get(key)?).and_then(instant_of)
}

/// Unix seconds; milliseconds from 10^11 on (the year 5138 in seconds). Zero and less are no instants of WhatsApp.
pub(crate) fn instant_of(number: i64) -> Option<Timestamp> {
    match number {
        ..=0 => None,
        1..100_000_000_000 => Timestamp::from_second(number).ok(),
        _ => Timestamp::from_millisecond(number).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &[u8], expected: &Result<Value, NotJson>) {
        assert_eq!(&lenient_json(raw), expected);
    }

    #[test]
    fn what_is_whole_stays_as_it_is() {
        let raw = r#"{"a":"\u05e9 \ud83d\ude00 \\ud83d \/ \n","b":[1,2.5,null]}"#;
        assert!(matches!(mended(raw.as_bytes()), Cow::Borrowed(text) if text == raw));
        check(
            raw.as_bytes(),
            &Ok(serde_json::json!({"a": "ש 😀 \\ud83d / \n", "b": [1, 2.5, null]})),
        );
    }

    #[test]
    fn what_cannot_be_kept_becomes_a_replacement_character() {
        for (raw, expected) in [
            (br#""a\ud83d""#.as_slice(), "a\u{fffd}"),
            (br#""\ude00b""#, "\u{fffd}b"),
            (br#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (br#""\ud83dA""#, "\u{fffd}A"),
            (br#""a\u0000b""#, "a\u{fffd}b"),
            (b"\"a\xffb\"", "a\u{fffd}b"),
            (b"\"\xff\\uD800\"", "\u{fffd}\u{fffd}"),
        ] {
            check(raw, &Ok(Value::from(expected)));
        }
        check(
            br#"{"k\ud800":"v"}"#,
            &Ok(serde_json::json!({"k\u{fffd}": "v"})),
        );
    }

    #[test]
    fn what_is_not_json_is_told_apart_from_what_is_too_deep() {
        for raw in [
            b"".as_slice(),
            b"\\",
            b"\"\\",
            b"\"\\u12",
            b"{",
            b"nul",
            b"\"\\\xd7\x90\"",
        ] {
            check(raw, &Err(NotJson::Syntax));
        }
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        check(deep.as_bytes(), &Err(NotJson::TooDeep));
    }

    #[test]
    fn instants_are_seconds_or_milliseconds() {
        let at = |value: Value| instant(&serde_json::json!({"t": value}), "t");
        let second = Timestamp::from_second(1_795_334_400).ok();
        assert_eq!(at("1795334400".into()), second);
        assert_eq!(at(1_795_334_400.into()), second);
        assert_eq!(at(1_795_334_400_000_i64.into()), second);
        for wrong in [
            Value::from("soon"),
            0.into(),
            (-5).into(),
            i64::MAX.into(),
            1.5.into(),
            Value::Null,
            "".into(),
            true.into(),
        ] {
            assert_eq!(at(wrong.clone()), None, "{wrong}");
        }
    }
}
