//! What holds for any bytes, and for samples that something has chewed on.

use std::borrow::Cow;
use std::sync::LazyLock;

use domain::content::Content;
use proptest::prelude::*;
use whatsapp::json::{lenient_json, mended};
use whatsapp::meta::envelope::cut;
use whatsapp::meta::limits::check;
use whatsapp::meta::send::request_json;
use whatsapp::meta::webhook::parse_change;
use whatsapp::provider::Recipient;

static WEBHOOKS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| crate::samples("webhooks"));

fn read(body: &[u8]) {
    let Ok(changes) = cut(body) else { return };
    for change in changes {
        let Ok(parsed) = parse_change(&change.entry_id, change.entry_time, change.slice.as_bytes())
        else {
            continue;
        };
        for report in parsed.reports {
            let kept = serde_json::to_string(&report.map_err(|bad| bad.reason)).unwrap();
            assert!(!kept.contains("\\u0000"), "NUL would not fit the database");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = lenient_json(&bytes);
        read(&bytes);
    }

    #[test]
    fn any_text_with_escapes_is_mended_to_what_serde_takes(text in r#"("|\\|u|d83d|de00|0000|[a-z]|ש|\\u[dD][89a-fA-F][0-9a-f]{2}){0,40}"#) {
        let json = format!("\"{text}\"");
        if let Ok(value) = lenient_json(json.as_bytes()) {
            // Looked for in the text itself: a backslash that is meant as one, before "u0000", is no NUL.
            prop_assert!(!value.as_str().unwrap_or_default().contains('\0'));
        }
    }

    #[test]
    fn mending_twice_changes_nothing(text in r#"(\\u[dD][89a-fA-F][0-9a-f]{2}|\\u0000|\\\\|[a-z]){0,40}"#) {
        let once = mended(text.as_bytes()).into_owned();
        prop_assert!(matches!(mended(once.as_bytes()), Cow::Borrowed(same) if same == once));
    }

    #[test]
    fn whole_json_is_read_exactly(value in any_json()) {
        let text = value.to_string();
        prop_assert_eq!(lenient_json(text.as_bytes()), Ok(value));
    }

    #[test]
    fn a_sample_with_broken_bytes_never_panics(
        which in 0..94_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut body = WEBHOOKS[which % WEBHOOKS.len()].1.clone();
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        read(&body);
    }

    #[test]
    fn a_sample_with_another_value_somewhere_never_panics(
        which in 0..94_usize,
        at in any::<prop::sample::Index>(),
        value in any_json(),
    ) {
        let mut body: serde_json::Value = serde_json::from_slice(&WEBHOOKS[which % WEBHOOKS.len()].1).unwrap();
        replace_somewhere(&mut body, at, value);
        read(body.to_string().as_bytes());
    }

    #[test]
    fn a_text_that_passes_the_check_can_be_said(text in "\\PC{0,20}", phone in "[0-9]{8,15}") {
        let content = Content::Text { text: text.clone(), preview_url: false };
        if check(&content).is_empty() {
            let request = request_json(&Recipient::Phone(phone.clone()), &content, None, None).unwrap();
            prop_assert_eq!(request["text"]["body"].as_str(), Some(text.as_str()));
            let to = format!("+{phone}");
            prop_assert_eq!(request["to"].as_str(), Some(to.as_str()));
        }
    }
}

pub fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[^\u{0}]{0,12}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z_]{0,8}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn pointers(value: &serde_json::Value, at: String, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, inner) in members {
                pointers(inner, format!("{at}/{key}"), found);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                pointers(inner, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

/// Puts a value in the place of one of a document's own.
pub fn replace_somewhere(
    body: &mut serde_json::Value,
    at: prop::sample::Index,
    value: serde_json::Value,
) {
    let mut places = Vec::new();
    pointers(body, String::new(), &mut places);
    let place = &places[at.index(places.len())];
    *body.pointer_mut(place).unwrap() = value;
}
