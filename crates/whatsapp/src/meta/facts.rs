//! Facts for events: from a payload of any shape, the ids, codes, numbers and fixed words, and nothing that says who
//! someone is or what they said. When in doubt a value is left out: the journal has the whole.

use std::collections::BTreeMap;

use serde_json::Value;

const FACTS_MAX: usize = 40;
const ITEMS_MAX: usize = 20;
const DEPTH_MAX: usize = 6;
const VALUE_MAX: usize = 256;
const WORD_MAX: usize = 64;

/// Members that hold a person, a text or a secret, whatever their form.
#[rustfmt::skip]
const PERSONAL: &[&str] = &[
    "from", "to", "wa_id", "phone", "phone_number", "recipient_id", "recipient_participant_id",
    "participant_recipient_id", "input", "requester", "profile", "contacts", "contact", "session", "sdp",
    "subject", "description", "message", "details", "text", "body", "caption", "title", "payload",
    "context_text", "email", "address", "birthday", "latitude", "longitude", "pin", "token", "certificate",
    "verify_token", "messages", "message_echoes", "state_sync", "history",
];

/// Members whose value is one of a fixed list of words, in whatever case.
#[rustfmt::skip]
const FIXED_WORDS: &[&str] = &[
    "event", "type", "status", "decision", "reason", "category", "action", "action_type", "direction",
    "context", "tier", "language", "country", "initiated_by", "mode",
];
#[rustfmt::skip]
const FIXED_WORD_ENDINGS: &[&str] = &[
    "_status", "_state", "_type", "_role", "_category", "_reason", "_tier", "_language", "_score", "_mode",
    "_severity", "_limit", "_month",
];
const ID_ENDINGS: &[&str] = &["_id", "_ids", "_code", "_mid"];
const TIME_ENDINGS: &[&str] = &["timestamp", "_time", "_date", "expiration", "_at"];

/// What may be told of a payload: path in it → value.
pub(crate) fn facts(value: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(value, "", "", 0, &mut found);
    found
}

fn collect(
    value: &Value,
    path: &str,
    key: &str,
    depth: usize,
    found: &mut BTreeMap<String, String>,
) {
    if depth > DEPTH_MAX || found.len() >= FACTS_MAX {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                if !is_personal(path, name) {
                    collect(inner, &joined(path, name), name, depth + 1, found);
                }
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().take(ITEMS_MAX).enumerate() {
                collect(
                    inner,
                    &joined(path, &index.to_string()),
                    key,
                    depth + 1,
                    found,
                );
            }
        }
        _ => {
            if let Some(told) = told(key, value) {
                found.insert(path.to_owned(), told);
            }
        }
    }
}

fn joined(path: &str, name: &str) -> String {
    let name: String = name.chars().take(WORD_MAX).collect();
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}

/// `other_info.title` is a fixed word (`FIRST_PAUSE`); every other title is a text.
fn is_personal(path: &str, name: &str) -> bool {
    if path == "other_info" && name == "title" {
        return false;
    }
    if matches!(name, "phone_number_id" | "display_phone_number") || name.starts_with("max_phone") {
        return false;
    }
    if name == "context" {
        // A fixed word beside a user name; a message's context is an object of ids.
        return false;
    }
    PERSONAL.contains(&name)
        || [
            "phone", "name", "text", "title", "footer", "element", "email", "link", "url", "sdp",
        ]
        .iter()
        .any(|part| name.contains(part))
}

fn told(key: &str, value: &Value) -> Option<String> {
    match value {
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => {
            // A long number under a name that we do not know could be somebody's.
            let is_small = number
                .as_f64()
                .is_some_and(|size| size.abs() < 10_000_000.0);
            let told = number.to_string();
            let is_told = is_small || is_time(key) || (is_id(key) && !is_phone_like(&told));
            is_told.then_some(told)
        }
        Value::String(text) => is_told(key, text).then(|| text.clone()),
        _ => None,
    }
}

fn is_told(key: &str, text: &str) -> bool {
    if key == "display_phone_number" {
        return text.len() <= WORD_MAX;
    }
    if is_id(key) {
        return (1..=VALUE_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic())
            && !is_phone_like(text);
    }
    if is_time(key) {
        return text.len() <= WORD_MAX && text.is_ascii();
    }
    if is_fixed_word(key) {
        return is_plain_word(text);
    }
    is_upper_case_word(text)
}

fn is_id(key: &str) -> bool {
    matches!(key, "id" | "code") || ID_ENDINGS.iter().any(|ending| key.ends_with(ending))
}

fn is_time(key: &str) -> bool {
    TIME_ENDINGS.iter().any(|ending| key.ends_with(ending))
}

fn is_fixed_word(key: &str) -> bool {
    FIXED_WORDS.contains(&key)
        || FIXED_WORD_ENDINGS
            .iter()
            .any(|ending| key.ends_with(ending))
}

/// Letters, digits and joints; two words at most, as in "Needs Testing".
fn is_plain_word(text: &str) -> bool {
    (1..=WORD_MAX).contains(&text.len())
        && text.matches(' ').count() <= 1
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.: ".contains(&b))
        && !is_long_number(text)
}

/// A number as long as a phone's.
fn is_long_number(text: &str) -> bool {
    text.len() >= 8 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Meta's own ids have 14 digits and more; what is shorter under such a name may be a phone's number.
fn is_phone_like(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (7..=13).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_upper_case_word(text: &str) -> bool {
    (2..=WORD_MAX).contains(&text.len())
        && text.bytes().any(|b| b.is_ascii_uppercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_and_texts_are_never_told() {
        let told = facts(&serde_json::json!({
            "event": "ACCOUNT_VIOLATION",
            "violation_info": {"violation_type": "SCAM"},
            "phone_number": "972500000001",
            "wa_id": "972500000010",
            "customer": "972500000010",
            "customer_number": 972_500_000_010_i64,
            "value": "972500000010",
            "id": "972500000010",
            "user_id": 972_500_000_010_i64,
            "context": "revoked",
            "name": "DANA LEVI",
            "nickname": "DANA",
            "message": "Hello",
            "note": "Some text with words",
            "added_participants": [{"wa_id": "972500000010", "user_id": "IL.1349", "username": "dana.levi"}],
            "requests_count": 1500,
            "error_rate": 14.28,
            "template_id": 1_689_556_908_129_832_i64,
            "other_info": {"title": "FIRST_PAUSE", "description": "Your template"},
            "reason": null
        }));
        let expected = [
            ("added_participants.0.user_id", "IL.1349"),
            ("context", "revoked"),
            ("error_rate", "14.28"),
            ("event", "ACCOUNT_VIOLATION"),
            ("other_info.title", "FIRST_PAUSE"),
            ("requests_count", "1500"),
            ("template_id", "1689556908129832"),
            ("violation_info.violation_type", "SCAM"),
        ];
        let expected: BTreeMap<_, _> = expected
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_huge_payload_tells_little() {
        let items: Vec<_> = (0..1000).map(|n| serde_json::json!({"id": n})).collect();
        assert_eq!(
            facts(&serde_json::json!({"a": items, "b": items, "c": 1})).len(),
            40
        );
    }
}
