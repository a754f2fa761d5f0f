use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn read(text: &str) -> Chat<'_> {
    Chat::read(text, &Reading::default()).unwrap()
}

macro_rules! samples {
    ($($name:literal),+) => {
        /// By name: the text, and what it says.
        const SAMPLES: &[(&str, &str, &str)] = &[$((
            $name,
            include_str!(concat!("../../../../testdata/whatsapp/chats/", $name, ".txt")),
            include_str!(concat!("../../../../testdata/whatsapp/chats/", $name, ".expected.json")),
        )),+];
    };
}

samples!(
    "android_en_24h",
    "android_en_us_12h",
    "android_he",
    "ios_en",
    "ios_he_1to1",
    "ios_he_group_media"
);

fn sample(name: &str) -> (String, Value) {
    let (_, text, expected) = SAMPLES.iter().find(|(of, _, _)| *of == name).unwrap();
    ((*text).to_owned(), serde_json::from_str(expected).unwrap())
}

/// A chat in the form of the samples' expected results.
fn told(chat: &Chat<'_>) -> Value {
    let entries = chat.entries.iter().enumerate().map(|(index, entry)| {
        let mut told = json!({
            "index": index,
            "local_time": entry.at.to_string(),
            "sender": entry.sender,
            "text": null,
        });
        let (kind, text) = match &entry.what {
            What::Text(text) => ("text", Some(text.to_string())),
            What::Media(media) => {
                told["media"] = json!({"kind": media.kind, "file": media.file, "omitted": media.file.is_none()});
                if media.file.is_none() {
                    told["media"]["label"] = json!(media.label);
                }
                ("media", media.caption.as_ref().map(ToString::to_string))
            }
            What::Deleted => ("deleted", None),
            What::Call(text) => ("call", Some(text.to_string())),
            What::Poll { question, .. } => ("poll", Some(question.clone())),
            What::Location { latitude, longitude } => {
                told["location"] = json!({"lat": latitude, "lng": longitude});
                ("location", None)
            }
            What::Unsupported(_) => ("unsupported", None),
            What::System(text) => ("system", Some(text.to_string())),
        };
        told["kind"] = json!(kind);
        told["text"] = json!(text);
        if entry.edited {
            told["edited"] = json!(true);
        }
        told
    });
    let participants: serde_json::Map<String, Value> = chat
        .facts
        .participants
        .iter()
        .map(|one| (one.name.clone(), json!(one.count)))
        .collect();
    json!({
        "platform": chat.facts.platform,
        "date_order": chat.facts.date_order,
        "date_order_guessed": chat.facts.date_order_guessed,
        "hour12": chat.facts.hour12,
        "has_seconds": chat.facts.has_seconds,
        "participants": participants,
        "entries": entries.collect::<Vec<_>>(),
    })
}

#[test]
fn the_samples_are_read_as_expected() {
    for (name, _, _) in SAMPLES {
        let (text, expected) = sample(name);
        let chat = read(&text);
        assert_eq!(told(&chat), expected, "{name}");
        assert_eq!(chat.facts.warnings, [], "{name}");
        assert_eq!(chat.facts.group, *name == "ios_he_group_media", "{name}");
    }
}

#[test]
fn line_ends_and_a_bom_change_nothing() {
    for (name, _, _) in SAMPLES {
        let (text, expected) = sample(name);
        let other = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(told(&read(&other)), expected, "{name}");
    }
}

#[test]
fn a_date_that_says_nothing_is_guessed_and_shown_both_ways() {
    let text = "05/08/2026, 10:15 - Dana: hi\n06/08/2026, 10:15 - Levi: hello\n";
    let facts = read(text).facts;
    assert_eq!(
        (facts.date_order, facts.date_order_guessed),
        (DateOrder::Dmy, true)
    );
    let two = facts.two_readings.unwrap();
    assert_eq!(two.text, "05/08/2026");
    assert_eq!(
        (two.dmy.to_string(), two.mdy.to_string()),
        ("2026-08-05".into(), "2026-05-08".into())
    );
    let chosen = Reading {
        date_order: Some(DateOrder::Mdy),
        now: None,
    };
    let facts = Chat::read(text, &chosen).unwrap().facts;
    assert_eq!(
        (facts.date_order, facts.date_order_guessed),
        (DateOrder::Mdy, false)
    );
    assert_eq!(facts.first.to_string(), "2026-05-08T10:15:00");
    // American phones.
    let facts = read("5/8/26, 3:00\u{202f}PM - A: x\n5/8/26, 3:01\u{202f}PM - B: y\n").facts;
    assert_eq!(
        (facts.date_order, facts.date_order_guessed),
        (DateOrder::Mdy, true)
    );
    // Both readings are one day: nothing to ask.
    assert!(
        !read("5/5/2026, 3:00 - A: x\n5/5/2026, 3:01 - B: y\n")
            .facts
            .date_order_guessed
    );
}

#[test]
fn the_order_of_time_tells_the_order_of_dates() {
    // Read as month first, October would lie before September.
    let text = "10/09/2026, 10:00 - A: x\n11/09/2026, 10:00 - B: y\n01/10/2026, 10:00 - A: z\n";
    let facts = read(text).facts;
    assert_eq!(
        (facts.date_order, facts.date_order_guessed),
        (DateOrder::Dmy, false)
    );
    // Nothing was said tomorrow.
    let now = Reading {
        date_order: None,
        now: Some("2026-09-01T00:00:00".parse().unwrap()),
    };
    let facts = Chat::read("08/10/2026, 10:00 - A: x\n", &now)
        .unwrap()
        .facts;
    assert_eq!(
        (facts.date_order, facts.date_order_guessed),
        (DateOrder::Mdy, false)
    );
}

#[test]
fn pasted_lines_of_the_same_shape_stay_text() {
    let text = "5.8.2026, 10:00 - A: look:\n1.2.2020, 09:00 - Old: one\n2.2.2020, 09:00 - Old: two\n\
                5.8.2026, 10:05 - B: seen\n31.12.2099, 10:00 - Odd: future\n6.8.2026, 10:05 - A: bye\n\
                1.1.2020, 01:01 - Old: at the end\n";
    let chat = read(text);
    let names: Vec<&str> = chat
        .facts
        .participants
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!((names, chat.entries.len()), (vec!["A", "B"], 3));
    assert_eq!(chat.facts.warnings, [Warning::OutOfTime { count: 4 }]);
    let What::Text(text) = &chat.entries[2].what else {
        panic!()
    };
    assert_eq!(text, "bye\n1.1.2020, 01:01 - Old: at the end");
}

#[test]
fn lines_of_the_app_that_look_like_a_senders() {
    let text = "5.8.2026, 10:00 - Dana changed the subject to \"a: b\"\n5.8.2026, 10:01 - Dana: hi\n\
                5.8.2026, 10:02 - Levi added Noa\n5.8.2026, 10:03 - I added: sugar\n5.8.2026, 10:03 - I added: milk\n";
    let chat = read(text);
    let names: Vec<&str> = chat
        .facts
        .participants
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["Dana", "I added"]);
    assert!(chat.facts.group);
}

#[test]
fn what_the_app_writes_in_bodies() {
    let of = |body: &str| {
        let text = format!("5.8.2026, 10:00 - Dana: {body}\n");
        told(&read(&text))["entries"][0].clone()
    };
    for (body, kind, text) in [
        ("<View once voice message omitted>", "media", json!(null)),
        (
            "<Media omitted>\nlook at this",
            "media",
            json!("look at this"),
        ),
        ("offer.pdf (file attached)", "media", json!(null)),
        (
            "../../x.txt (file attached)",
            "text",
            json!("../../x.txt (file attached)"),
        ),
        ("You deleted this message", "deleted", json!(null)),
        ("Voice call, 2 min", "call", json!("Voice call, 2 min")),
        (
            "Voice call, tomorrow?",
            "text",
            json!("Voice call, tomorrow?"),
        ),
        ("null", "unsupported", json!(null)),
        (
            "Waiting for this message. This may take a while.",
            "unsupported",
            json!(null),
        ),
        (
            "POLL:\nWhen?\nOPTION: Sunday (2 votes)\nOPTION: Monday (0 votes)",
            "poll",
            json!("When?"),
        ),
        (
            "location: https://maps.google.com/?q=91,0",
            "text",
            json!("location: https://maps.google.com/?q=91,0"),
        ),
        ("I left the keys", "text", json!("I left the keys")),
        ("", "text", json!("")),
    ] {
        let entry = of(body);
        assert_eq!(
            (entry["kind"].as_str().unwrap(), &entry["text"]),
            (kind, &text),
            "{body}"
        );
    }
}

#[test]
fn an_ios_text_that_speaks_as_the_app_does_stays_a_text() {
    let text = "[5.8.2026, 10:00:00] Dana: \u{200e}image omitted\n[5.8.2026, 10:00:01] Dana: image omitted\n\
                [5.8.2026, 10:00:02] Dana: I added milk\n";
    let chat = read(text);
    let kinds: Vec<bool> = chat
        .entries
        .iter()
        .map(|entry| matches!(entry.what, What::Text(_)))
        .collect();
    assert_eq!(kinds, [false, true, true]);
}

#[test]
fn what_is_no_chat() {
    for text in [
        "",
        "hello\nworld\n",
        "12.5.2026\n1,2,3\n",
        "5.8.2026, 10:00 - Messages and calls are end-to-end encrypted.\n",
        "99.99.2026, 10:00 - A: x\n",
    ] {
        assert_eq!(
            Chat::read(text, &Reading::default()),
            Err(NotAChat),
            "{text}"
        );
    }
}

fn keys_of(text: &str, us: &str) -> Vec<String> {
    let chat = read(text);
    let mut keys = Keys::default();
    chat.entries
        .iter()
        .filter_map(|entry| {
            let side = if entry.sender.as_deref() == Some(us) {
                Side::Us
            } else {
                Side::Them
            };
            Some(keys.next(entry.at, Likeness::of(entry, side)?))
        })
        .collect()
}

#[test]
fn a_message_has_the_same_key_in_every_export() {
    let android = "5.8.2026, 10:00 - Dana: hi\n5.8.2026, 10:00 - Levi: hi\n5.8.2026, 10:01 - Dana: ok\n\
                   5.8.2026, 10:01 - Dana: ok\n5.8.2026, 10:02 - Dana: <Media omitted>\n";
    let ios = "[05/08/2026, 10:00:07] Dana Cohen: hi\n[05/08/2026, 10:00:30] My shop: \u{200f}hi \n\
               [05/08/2026, 10:01:02] Dana Cohen: ok\n[05/08/2026, 10:01:03] Dana Cohen: ok\n\
               \u{200e}[05/08/2026, 10:02:03] Dana Cohen: \u{200e}<attached: 00000004-PHOTO-2026-08-05-10-02-03.jpg>\n\
               [13/08/2026, 10:03:00] My shop: new\n";
    let (old, new) = (keys_of(android, "Levi"), keys_of(ios, "My shop"));
    assert_eq!(old, new[..5]);
    let mut unique = new.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), new.len());
}

#[test]
fn a_message_that_came_another_way_is_known_again() {
    let chat = read("5.8.2026, 10:00 - Dana: שלום  לכם\n");
    let live = crate::content::Content::Text {
        text: "שלום לכם".into(),
        preview_url: false,
    };
    assert_eq!(
        Likeness::of(&chat.entries[0], Side::Them),
        likeness_of_content(&live, false)
    );
    assert_ne!(
        Likeness::of(&chat.entries[0], Side::Them),
        likeness_of_content(&live, true)
    );
}

#[test]
fn the_clock_of_jerusalem() {
    let zone = TimeZone::get("Asia/Jerusalem").unwrap();
    let of = |times: &[&str]| -> Vec<String> {
        let times = times.iter().map(|at| at.parse().unwrap());
        instants(times, &zone)
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(of(&["2026-08-05T10:00:00"]), ["2026-08-05T07:00:00Z"]);
    // 27 March 2026: from 02:00 to 03:00 at once.
    assert_eq!(of(&["2026-03-27T02:30:00"]), ["2026-03-27T00:30:00Z"]);
    // 25 October 2026: 01:00 to 02:00 comes twice.
    assert_eq!(
        of(&[
            "2026-10-25T01:50:00",
            "2026-10-25T01:50:00",
            "2026-10-25T01:10:00"
        ]),
        [
            "2026-10-24T22:50:00Z",
            "2026-10-24T22:50:00.001Z",
            "2026-10-24T23:10:00Z"
        ]
    );
}

#[test]
fn who_is_who() {
    let title = title_of("WhatsApp Chat with Dana Levi (1).txt");
    assert_eq!(title.as_deref(), Some("Dana Levi"));
    assert_eq!(
        title_of("צ'אט WhatsApp עם דנה לוי.zip").as_deref(),
        Some("דנה לוי")
    );
    assert_eq!(title_of("_chat.txt"), None);
    let (text, _) = sample("android_en_24h");
    let facts = read(&text).facts;
    let none = Names::default();
    assert_eq!(guess_us(&facts, None, &none), None);
    assert_eq!(
        guess_us(&facts, title.as_deref(), &none).as_deref(),
        Some("Levi Realty")
    );
    let ours = Names {
        ours: vec!["levi  realty".into()],
        theirs: vec![],
    };
    assert_eq!(
        guess_us(&facts, None, &ours).as_deref(),
        Some("Levi Realty")
    );
    // iOS puts its notice under the contact's name.
    let (text, _) = sample("ios_he_1to1");
    assert_eq!(
        guess_us(&read(&text).facts, None, &none).as_deref(),
        Some("משרד לוי")
    );
}

/// Text that is often nearly an export.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[5.8.2026, 15:40:24] ".to_owned()),
        Just("5/8/26, 3:40\u{202f}PM - ".to_owned()),
        Just("31/12/2025, 23:59 - ".to_owned()),
        Just("\u{200e}".to_owned()),
        Just("דנה: ".to_owned()),
        Just("<attached: ".to_owned()),
        Just("image omitted".to_owned()),
        Just("POLL:".to_owned()),
        Just("location: https://maps.google.com/?q=".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        "[0-9./:, \\[\\]-]{0,12}",
        ".{0,12}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_is_too_odd_and_none_of_it_is_lost(text in any_text()) {
        if let Ok(chat) = Chat::read(&text, &Reading::default()) {
            let whole: String = std::iter::once(chat.before)
                .chain(chat.entries.iter().map(|entry| entry.raw))
                .collect();
            prop_assert_eq!(whole, text.clone());
            let said: u64 = chat.facts.participants.iter().map(|one| one.count).sum();
            prop_assert_eq!(said as usize, chat.entries.iter().filter(|entry| entry.sender.is_some()).count());
            let zone = TimeZone::get("Asia/Jerusalem").unwrap();
            prop_assert_eq!(instants(chat.entries.iter().map(|entry| entry.at), &zone).len(), chat.entries.len());
            for entry in &chat.entries {
                prop_assert_eq!(content_of(&entry.what).is_none(), matches!(entry.what, What::System(_)));
            }
        }
    }

    #[test]
    fn what_is_written_is_read_again(messages in proptest::collection::vec(("[a-zA-Zא-ת]{1,20}", "[a-zA-Zא-ת ,.!?]{1,60}(\n[a-zא-ת]{0,20}){0,2}"), 1..30)) {
        let mut text = String::new();
        for (nth, (sender, words)) in messages.iter().enumerate() {
            let (hour, minute) = (nth / 60 % 24, nth % 60);
            text.push_str(&format!("13.8.2026, {hour}:{minute:02} - {sender}: x{words}\n"));
        }
        let chat = read(&text);
        prop_assert_eq!(chat.entries.len(), messages.len());
        for (entry, (sender, words)) in chat.entries.iter().zip(&messages) {
            prop_assert_eq!(entry.sender.as_deref(), Some(sender.as_str()));
            prop_assert_eq!(&entry.what, &What::Text(format!("x{words}").into()));
        }
    }
}
