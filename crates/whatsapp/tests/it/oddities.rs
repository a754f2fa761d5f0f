//! Webhooks that no sample shows: the odd, the old, the broken and the unknown.

use domain::content::Content;
use domain::report::{HintSubject, Report};
use whatsapp::meta::envelope::cut;
use whatsapp::meta::webhook::parse_change;
use whatsapp::provider::NotUnderstood;

use crate::webhooks::{ZERO, changes, told};

/// A body with one change of this field and value.
fn body(field: &str, value: &serde_json::Value) -> Vec<u8> {
    let change = serde_json::json!({"field": field, "value": value});
    let entry = serde_json::json!({"id": "102030405060701", "changes": [change]});
    serde_json::json!({"object": "whatsapp_business_account", "entry": [entry]})
        .to_string()
        .into_bytes()
}

#[track_caller]
fn check(field: &str, value: serde_json::Value, expected: &[&str]) {
    assert_eq!(told(&body(field, &value)), expected, "{field} {value}");
}

/// A message of Dana's with these members.
fn dana(kind: &str, more: serde_json::Value) -> serde_json::Value {
    let mut message = serde_json::json!({
        "id": "wamid.00000001", "from": "972500000010", "timestamp": ZERO.to_string(), "type": kind
    });
    let members = message.as_object_mut().unwrap();
    for (key, value) in more.as_object().unwrap() {
        members.insert(key.clone(), value.clone());
    }
    message
}

#[track_caller]
fn check_message(kind: &str, more: serde_json::Value, expected: &str) {
    check(
        "messages",
        serde_json::json!({"messages": [dana(kind, more)]}),
        &[expected],
    );
}

#[test]
fn a_change_says_whose_it_is() {
    use serde_json::json;
    let address = |name: &str| changes(&crate::sample("webhooks", name)).remove(0).address;
    let text = address("msg-text");
    assert_eq!(text.phone_number_id.as_deref(), Some("106540352240001"));
    assert_eq!(text.display_phone.as_deref(), Some("972500000001"));
    assert_eq!(text.waba_id.as_deref(), Some("102030405060701"));
    assert_eq!(text.portfolio_id, None);
    let solution = address("partner-solutions");
    assert_eq!(solution.waba_id, None);
    assert_eq!(solution.portfolio_id.as_deref(), Some("506914307656634"));
    let name = address("phone-number-name-update");
    assert_eq!(name.display_phone.as_deref(), Some("972500000001"));
    let partner = address("account-update-partner-added");
    assert_eq!(partner.waba_id.as_deref(), Some("102030405060701"));
    assert_eq!(partner.portfolio_id.as_deref(), Some("2329417887457253"));
    let violation = body(
        "account_update",
        &json!({"event": "ACCOUNT_VIOLATION", "phone_number": "+972 50-000-0001"}),
    );
    let violation = changes(&violation).remove(0).address;
    assert_eq!(violation.display_phone.as_deref(), Some("972500000001"));
    let alert = body(
        "account_alerts",
        &json!({"entity_type": "PHONE_NUMBER", "entity_id": "106540352240001"}),
    );
    let alert = changes(&alert).remove(0);
    assert_eq!(
        alert.address.phone_number_id.as_deref(),
        Some("106540352240001")
    );
    assert!(
        matches!(&alert.reports[0], Ok(Report::Hint(hint)) if hint.subject == HintSubject::Number)
    );
}

#[test]
fn a_bad_item_stands_alone_and_its_value_is_not_told() {
    use serde_json::json;
    check(
        "messages",
        json!({"messages": [
            dana("text", json!({"text": {"body": "a"}})),
            dana("text", json!({"text": {"body": 5}})),
            "secret",
            dana("text", json!({"id": null, "text": {"body": "b"}})),
            dana("text", json!({"from": "", "text": {"body": "b"}})),
            dana("image", json!({"image": {"caption": "secret"}})),
            dana("text", json!({"text": {"body": "c"}})),
        ]}),
        &[
            "message 00000001 972500000010 +0 text \"a\"",
            "bad: messages[].text.body is missing",
            "bad: messages[].id is missing",
            "bad: messages[].id is missing",
            "bad: messages[].from and from_user_id are missing",
            "bad: messages[].its file has no id and no url",
            "message 00000001 972500000010 +0 text \"c\"",
        ],
    );
    check(
        "messages",
        json!({"messages": {"a": 1}}),
        &["bad: messages is not a list"],
    );
    check(
        "messages",
        json!({"statuses": [{"status": "sent"}, {"id": "w", "status": 5}, {"id": "w"}]}),
        &[
            "bad: statuses[].id is missing",
            "notice messages.statuses.5 ? id=w status=5",
            "bad: statuses[].status is missing",
        ],
    );
}

#[test]
fn what_is_not_known_is_kept_whole() {
    use serde_json::json;
    check_message(
        "poll",
        json!({"poll": {"q": "?"}}),
        "message 00000001 972500000010 +0 unknown poll",
    );
    check_message(
        "interactive",
        json!({"interactive": {"type": "new_reply", "new_reply": {"a": 1}}}),
        "message 00000001 972500000010 +0 unknown interactive.new_reply",
    );
    let body = body(
        "messages",
        &json!({"messages": [dana("poll", json!({"poll": {"q": "מה\u{0}?"}}))]}),
    );
    let Ok(Report::Message(message)) = changes(&body).remove(0).reports.remove(0) else {
        panic!("it is a message");
    };
    let Content::Unknown { raw, .. } = message.content else {
        panic!("its type is unknown");
    };
    let raw: serde_json::Value = serde_json::from_str(&raw).unwrap();
    assert_eq!(raw["poll"]["q"], "מה\u{fffd}?");
    check(
        "brand_new_field",
        json!({"event": "SOMETHING", "wa_id": "972500000010", "name": "Dana", "thing_id": "77"}),
        &["notice brand_new_field.SOMETHING ? event=SOMETHING thing_id=77"],
    );
    check(
        "messages",
        json!({"messaging_product": "whatsapp"}),
        &["notice messages ? "],
    );
    check(
        "messages",
        json!({"user_actions": [{"action_type": "landing_page_view", "url": "https://x"}]}),
        &["notice messages.user_actions.landing_page_view ? action_type=landing_page_view"],
    );
    check(
        "messaging_handovers",
        json!({"type": "control_passed", "previous_owner_role": "primary"}),
        &[
            "notice messaging_handovers.control_passed ? previous_owner_role=primary type=control_passed",
        ],
    );
    check(
        "messages",
        json!({"statuses": [{"id": "wamid.00000001", "status": "deleted"}]}),
        &["notice messages.statuses.deleted ? id=wamid.00000001 status=deleted"],
    );
}

#[test]
fn messages_of_other_times_are_read_too() {
    use serde_json::json;
    check_message(
        "request_welcome",
        json!({}),
        "notice messages.request_welcome +0 id=wamid.00000001 timestamp=1795334400 type=request_welcome",
    );
    check_message(
        "system",
        json!({"system": {"type": "customer_changed_number", "new_wa_id": "972500000033", "body": "User A changed from 972500000010 to 972500000033"}}),
        "identity 00000001 972500000010 => 972500000033 +0",
    );
    check_message(
        "system",
        json!({"system": {"type": "user_changed_number", "wa_id": "972500000033", "user_id": "IL.20000000002", "body": "User from Haifa to Eilat changed from IL.10000000001 to IL.20000000002"}}),
        "identity 00000001 972500000010/00000001 => 972500000033/00000002 +0",
    );
    check_message(
        "system",
        json!({"system": {"type": "customer_identity_changed", "identity": {"hash": "Sjvj"}}}),
        "notice messages.system.customer_identity_changed +0 id=wamid.00000001 system.type=customer_identity_changed timestamp=1795334400 type=system",
    );
    check_message(
        "system",
        json!({"system": {"type": "user_changed_number"}}),
        "bad: messages[].system names no new id",
    );
    check_message(
        "document",
        json!({"errors": [{"code": 131_052, "title": "Media file size too big"}]}),
        "message 00000001 972500000010 +0 unsupported document 131052",
    );
    check_message(
        "unknown",
        json!({"errors": [{"code": 131_051}]}),
        "message 00000001 972500000010 +0 unsupported 131051",
    );
    check_message(
        "unsupported",
        json!({}),
        "message 00000001 972500000010 +0 unsupported",
    );
    check_message(
        "location",
        json!({"location": {"latitude": "32.5", "longitude": "34"}}),
        "message 00000001 972500000010 +0 location 32.5 34",
    );
    check_message(
        "text",
        json!({"timestamp": ZERO * 1000, "text": {"body": ""}}),
        "message 00000001 972500000010 +0 text \"\"",
    );
    check_message(
        "text",
        json!({"timestamp": "soon", "text": {"body": "x"}}),
        "message 00000001 972500000010 ? text \"x\"",
    );
    check_message(
        "text",
        json!({"from": "IL.1349", "text": {"body": "x"}}),
        "message 00000001 -/IL.1349 +0 text \"x\"",
    );
}

#[test]
fn what_the_business_does_in_its_app_is_told_as_its_own() {
    use serde_json::json;
    let echo = |kind: &str, more: serde_json::Value| {
        let mut echo = dana(kind, more);
        echo["from"] = "972500000001".into();
        echo["to"] = "972500000010".into();
        json!({"message_echoes": [echo]})
    };
    check(
        "smb_message_echoes",
        echo(
            "edit",
            json!({"edit": {"original_message_id": "wamid.00000000", "message": {"type": "text", "text": {"body": "x"}}}}),
        ),
        &["edit 00000001 972500000010 +0 of 00000000 text \"x\" by-business"],
    );
    check(
        "smb_message_echoes",
        echo(
            "reaction",
            json!({"reaction": {"message_id": "wamid.00000000", "emoji": ""}}),
        ),
        &["reaction 00000001 972500000010 +0 none on 00000000 by-business"],
    );
    check(
        "message_echoes",
        echo("text", json!({"text": {"body": "x"}})),
        &["echo 00000001 972500000010 +0 text \"x\""],
    );
    // Another app answers this thread: kept, and nothing of ours reacts.
    let mut standby = echo("text", json!({"text": {"body": "out"}}));
    standby["messages"] = json!([dana("text", json!({"text": {"body": "in"}}))]);
    let expected = [
        "past-in 00000001 972500000010 +0 text \"in\"",
        "past-out 00000001 972500000010 +0 text \"out\"",
    ];
    check("standby", standby.clone(), &expected);
    check("standby", json!({"standby": standby}), &expected);
    check("messages", json!({"standby": standby}), &expected);
}

#[test]
fn wishes_that_are_not_known_change_nothing() {
    use serde_json::json;
    let wish = |value: &str, category: &str| json!({"user_preferences": [{"user_id": "IL.1349", "value": value, "category": category, "timestamp": ZERO}]});
    check(
        "user_preferences",
        wish("signup", "marketing_messages"),
        &["preference -/IL.1349 stopped=false +0"],
    );
    for odd in [
        wish("pause", "marketing_messages"),
        wish("stop", "other_messages"),
    ] {
        let told = told(&body("user_preferences", &odd));
        assert!(
            told[0].starts_with("notice user_preferences +0"),
            "{told:?}"
        );
    }
}

#[test]
fn a_text_is_kept_whole_and_nul_replaced() {
    let long = "ש".repeat(70_000);
    let value = serde_json::json!({"messages": [dana("text", serde_json::json!({"text": {"body": long}}))]});
    let Ok(Report::Message(message)) = changes(&body("messages", &value))
        .remove(0)
        .reports
        .remove(0)
    else {
        panic!("it is a message");
    };
    assert_eq!(message.content.words(), long);
    let raw =
        br#"{"field":"messages","value":{"messages":[{"id":"w","from":"972500000010","type":"text",
        "text":{"body":"a\u0000b \ud83d \ud83d\ude00"}}]}}"#;
    let change = parse_change("1", None, raw).unwrap();
    let Ok(Report::Message(message)) = &change.reports[0] else {
        panic!("it is a message");
    };
    assert_eq!(message.content.words(), "a\u{fffd}b \u{fffd} 😀");
}

#[test]
fn a_body_is_cut_without_being_understood() {
    let cut_of = |body: &str| {
        cut(body.as_bytes()).map(|changes| {
            changes
                .into_iter()
                .map(|change| {
                    let field = change.field.unwrap_or_else(|| "?".to_owned());
                    format!(
                        "{} {:?} {field} {}",
                        change.entry_id, change.entry_time, change.slice
                    )
                })
                .collect::<Vec<_>>()
        })
    };
    let shape = |reason: &str| {
        Err(NotUnderstood::Shape {
            reason: reason.to_owned(),
        })
    };
    let whole =
        |entry: &str| format!(r#"{{"object":"whatsapp_business_account","entry":{entry}}}"#);
    assert_eq!(cut_of(&whole("[]")), Ok(vec![]));
    // Any order, numbers for strings, doubled members: the last one stands.
    assert_eq!(
        cut_of(
            r#"{"entry":[{"changes":[{"value":{"x": 1},"field":"a"}, {"field":7}],"time":"1795334400","id":12}],"object":"whatsapp_business_account"}"#
        ),
        Ok(vec![
            r#"12 Some(1795334400) a {"value":{"x": 1},"field":"a"}"#.to_owned(),
            r#"12 Some(1795334400) 7 {"field":7}"#.to_owned(),
        ])
    );
    assert_eq!(
        cut_of(&whole(
            r#"[{"id":"1","id":"2","changes":[{"field":"a","field":"b"},5]}]"#
        )),
        Ok(vec![
            r#"2 None b {"field":"a","field":"b"}"#.to_owned(),
            "2 None ? 5".to_owned(),
        ])
    );
    // Halves of pairs do not matter within a change, and are mended where a name has them.
    let half = r#"[{"id":"1","changes":[{"field":"a","value":"\ud83d"}]}]"#;
    assert_eq!(
        cut_of(&whole(half)),
        Ok(vec![
            r#"1 None a {"field":"a","value":"\ud83d"}"#.to_owned()
        ])
    );
    let name = r#"[{"id":"\ud83d","changes":[{"field":"a"}]}]"#;
    assert_eq!(
        cut_of(&whole(name)),
        Ok(vec!["\u{fffd} None a {\"field\":\"a\"}".to_owned()])
    );
    let deep = format!(
        r#"[{{"id":"1","changes":[{}1{}]}}]"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    assert_eq!(cut_of(&whole(&deep)).map(|changes| changes.len()), Ok(1));

    assert_eq!(cut_of(""), Err(NotUnderstood::NotJson));
    assert_eq!(cut_of("{"), Err(NotUnderstood::NotJson));
    for other in [
        "[]",
        "5",
        "{}",
        r#"{"object":"page","entry":[]}"#,
        r#"{"object":null}"#,
    ] {
        assert_eq!(cut_of(other), Err(NotUnderstood::UnknownObject), "{other}");
    }
    assert_eq!(
        cut_of(r#"{"object":"whatsapp_business_account"}"#),
        shape("entry is missing")
    );
    assert_eq!(cut_of(&whole("{}")), shape("entry is not a list"));
    assert_eq!(cut_of(&whole("[5]")), shape("entry[] is not an object"));
    assert_eq!(
        cut_of(&whole(r#"[{"id":"1"}]"#)),
        shape("entry[].changes is missing")
    );
    assert_eq!(
        cut_of(&whole(r#"[{"id":"1","changes":{}}]"#)),
        shape("entry[].changes is not a list")
    );
    // Whole neighbours are not lost with it.
    assert_eq!(
        cut_of(&whole(
            r#"[{"id":"1"},{"id":"2","changes":[{"field":"a"}]}]"#
        )),
        Ok(vec![
            r#" None ? {"id":"1"}"#.to_owned(),
            r#"2 None a {"field":"a"}"#.to_owned()
        ])
    );
    assert_eq!(
        cut(b"{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[\"\xff\"]}]}")
            .unwrap()[0]
            .slice,
        "\"\u{fffd}\""
    );
}

#[test]
fn a_change_that_cannot_be_read_says_why() {
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    let deep = format!(r#"{{"field":"messages","value":{{"a":{deep}}}}}"#);
    for (raw, code) in [
        ("", "not_json"),
        (deep.as_str(), "too_deep"),
        ("5", "wrong_shape"),
        (r#"{"field":"messages"}"#, "wrong_shape"),
        (r#"{"field":"messages","value":null}"#, "wrong_shape"),
        (r#"{"field":"messages","value":[]}"#, "wrong_shape"),
        (r#"{"value":{}}"#, "wrong_shape"),
        (r#"{"id":"1"}"#, "wrong_shape"),
    ] {
        let refused = parse_change("1", None, raw.as_bytes()).unwrap_err();
        assert_eq!(refused.code(), code, "{raw}");
    }
    // Meta's examples forget the field now and then.
    let change = parse_change("1", None, br#"{"value":{"messages":[]}}"#).unwrap();
    assert!(matches!(&change.reports[0], Ok(Report::Notice(notice)) if notice.topic == "messages"));
}
