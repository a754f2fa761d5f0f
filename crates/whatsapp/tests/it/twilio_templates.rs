//! Twilio's Contents: as templates in Meta's form, where their variables stand, and those that are made on the way.

use domain::content::{
    Interactive, InteractiveAction, InteractiveHeader, ListRow, ListSection, MediaContent,
    MediaKind, MediaSource, ReplyButton, TemplateButtonValue, TemplateComponent, TemplateParameter,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use whatsapp::provider::CannotSay;
use whatsapp::twilio::content::{Layout, template};
use whatsapp::twilio::send::session_content;

use crate::providers::json_sample;
use crate::twilio::{HX, body, button, template_of};

/// What Twilio's list has of a Content, with the approval of the samples.
fn listed(content: &Value, types: Value) -> Value {
    let approval = json_sample("twilio_approval_fetch.response.json")["whatsapp"].clone();
    let mut item = content.clone();
    item["sid"] = HX.into();
    item["types"] = types;
    item["approval_requests"] = approval;
    item
}

#[test]
fn contents_become_templates_in_metas_form() {
    let create = json_sample("twilio_content_create.request.json");
    let info = template(&listed(&create, create["types"].clone())).unwrap();
    assert_eq!(info.id, HX);
    assert_eq!(info.name.as_deref(), Some("meeting_reminder_he"));
    assert_eq!(info.language.as_deref(), Some("he"));
    assert_eq!(info.status.as_deref(), Some("APPROVED"));
    assert_eq!(info.category.as_deref(), Some("UTILITY"));
    assert_eq!(info.rejected_reason, None);
    assert_eq!(
        Value::from(info.components),
        json!([
            {"type": "BODY", "text": "שלום {{1}}, תזכורת לפגישה ב-{{2}}.", "example": {"body_text_named_params": [
                {"param_name": "1", "example": "דנה"}, {"param_name": "2", "example": "20.8 10:30"}]}},
            {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "מאשרת"}, {"type": "QUICK_REPLY", "text": "לשנות מועד"}]},
        ])
    );
    for (types, expected) in [
        (
            json!({"twilio/card": {"title": "שלום {{1}}", "subtitle": "f", "media": ["https://c/{{2}}"],
                "actions": [{"type": "URL", "title": "u", "url": "https://s/{{3}}"},
                    {"type": "PHONE_NUMBER", "title": "p", "phone": "+972"}]}}),
            json!([
                {"type": "HEADER", "format": "DOCUMENT"},
                {"type": "BODY", "text": "שלום {{1}}", "example": {"body_text_named_params": [{"param_name": "1", "example": "d"}]}},
                {"type": "FOOTER", "text": "f"},
                {"type": "BUTTONS", "buttons": [
                    {"type": "URL", "text": "u", "url": "https://s/{{3}}", "example": ["https://s/"]},
                    {"type": "PHONE_NUMBER", "text": "p", "phone_number": "+972"}]},
            ]),
        ),
        (
            json!({"twilio/media": {"body": "b", "media": ["https://c/always.jpg"]}}),
            json!([{"type": "BODY", "text": "b"}]),
        ),
        (
            json!({"whatsapp/authentication": {"actions": [{"type": "COPY_CODE", "copy_code_text": "העתק"}]}}),
            json!([
                {"type": "BODY", "text": "{{1}}", "example": {"body_text_named_params": [{"param_name": "1", "example": "d"}]}},
                {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "העתק"}]},
            ]),
        ),
        (
            json!({"twilio/carousel": {"body": "b", "cards": []}}),
            json!([{"type": "BODY", "text": "b"}, {"type": "TWILIO/CAROUSEL"}]),
        ),
        (json!({}), json!([])),
    ] {
        let mut item = listed(&create, types.clone());
        item["variables"] = json!({"1": "d", "2": "a.pdf"});
        item["approval_requests"] = json!([{"status": "received", "rejection_reason": ""}]);
        let info = template(&item).unwrap();
        assert_eq!(info.status.as_deref(), Some("PENDING"));
        assert_eq!(Value::from(info.components), expected, "{types}");
    }
    assert_eq!(template(&json!({"friendly_name": "x"})), None);
    let bare = template(&json!({"sid": HX, "friendly_name": "x"})).unwrap();
    assert_eq!(bare.status.as_deref(), Some("UNSUBMITTED"));
}

#[test]
fn values_find_their_places_by_the_contents_own_names() {
    let card = json!({"types": {"whatsapp/card": {"header_text": "h {{4}}", "body": "{{2}} {{1}} {{2}} {{name}}",
        "actions": [{"type": "QUICK_REPLY", "title": "q", "id": "fixed"}, {"type": "URL", "title": "u", "url": "https://s/{{3}}"}]}}});
    let layout = Layout::read(&card).unwrap();
    let said = |name: Option<&str>, text: &str| TemplateParameter::Text {
        name: name.map(str::to_owned),
        text: text.to_owned(),
    };
    let filled = template_of(vec![
        TemplateComponent::Header {
            parameters: vec![said(None, "H")],
        },
        TemplateComponent::Body {
            parameters: vec![said(None, "B2"), said(None, "B1"), said(Some("name"), "N")],
        },
        button(
            1,
            TemplateButtonValue::Url {
                suffix: "S".to_owned(),
            },
        ),
    ]);
    assert_eq!(
        Value::from(layout.variables(&filled).unwrap()),
        json!({"1": "B1", "2": "B2", "3": "S", "4": "H", "name": "N"})
    );
    // Numbered through, where the definition cannot be seen.
    let numbered = Layout::numbered(&template_of(vec![
        body(&["a", "b"]),
        button(
            1,
            TemplateButtonValue::Url {
                suffix: String::new(),
            },
        ),
    ]));
    let filled = template_of(vec![
        body(&["a", "b"]),
        button(
            1,
            TemplateButtonValue::Url {
                suffix: "s".to_owned(),
            },
        ),
    ]);
    assert_eq!(
        Value::from(numbered.variables(&filled).unwrap()),
        json!({"1": "a", "2": "b", "3": "s"})
    );

    let mut picture = MediaContent::new(MediaKind::Image);
    picture.source = Some(MediaSource::Link("https://c/a.jpg".to_owned()));
    let filled = template_of(vec![TemplateComponent::Header {
        parameters: vec![TemplateParameter::Media(picture)],
    }]);
    for (pattern, expected) in [
        ("{{1}}", Ok(json!({"1": "https://c/a.jpg"}))),
        ("https://c/{{7}}.jpg", Ok(json!({"7": "a"}))),
        (
            "https://other/{{1}}",
            Err(CannotSay::NoPlaceFor { field: "header" }),
        ),
        (
            "https://c/a.jpg",
            Err(CannotSay::NoPlaceFor { field: "header" }),
        ),
    ] {
        let item = json!({"types": {"twilio/media": {"body": "b", "media": [pattern]}}});
        let said = Layout::read(&item).unwrap().variables(&filled);
        assert_eq!(said.map(Value::from), expected, "{pattern}");
    }

    let lost = |component| layout.variables(&template_of(vec![component])).is_err();
    assert!(lost(body(&["a", "b", "c", "d"])));
    assert!(lost(button(
        0,
        TemplateButtonValue::QuickReply {
            payload: "p".to_owned()
        }
    )));
    assert!(lost(TemplateComponent::Carousel { cards: Vec::new() }));

    let code = json!({"types": {"whatsapp/authentication": {"actions": [{"type": "COPY_CODE"}]}}});
    let filled = template_of(vec![
        body(&["1234"]),
        button(
            0,
            TemplateButtonValue::Url {
                suffix: "1234".to_owned(),
            },
        ),
    ]);
    let said = Layout::read(&code).unwrap().variables(&filled).unwrap();
    assert_eq!(Value::from(said), json!({"1": "1234"}));
}

pub fn interactive(action: InteractiveAction) -> Interactive {
    Interactive {
        header: None,
        body: "מה מתאים לך?".to_owned(),
        footer: None,
        action,
    }
}

pub fn buttons() -> InteractiveAction {
    InteractiveAction::Buttons {
        buttons: vec![ReplyButton {
            id: "call".to_owned(),
            title: "שיחה".to_owned(),
        }],
    }
}

#[test]
fn buttons_and_lists_are_contents_made_on_the_way() {
    let (content, variables) = session_content(&interactive(buttons())).unwrap();
    assert_eq!(
        content["types"],
        json!({"twilio/quick-reply": {"body": "{{1}}", "actions": [{"type": "QUICK_REPLY", "title": "שיחה", "id": "call"}]}})
    );
    assert_eq!(Value::from(variables), json!({"1": "מה מתאים לך?"}));
    let list = InteractiveAction::List {
        button: "בחר".to_owned(),
        sections: vec![ListSection {
            title: None,
            rows: vec![ListRow {
                id: "a".to_owned(),
                title: "A".to_owned(),
                description: Some("d".to_owned()),
            }],
        }],
    };
    let (other, _) = session_content(&interactive(list)).unwrap();
    assert_eq!(
        other["types"],
        json!({"twilio/list-picker": {"body": "{{1}}", "button": "בחר", "items": [{"item": "A", "id": "a", "description": "d"}]}})
    );
    assert_ne!(content["friendly_name"], other["friendly_name"]);
    let mut headed = interactive(buttons());
    headed.header = Some(InteractiveHeader::Text {
        text: "h".to_owned(),
    });
    assert!(session_content(&headed).is_err());
    assert!(session_content(&interactive(InteractiveAction::LocationRequest)).is_err());
}

proptest! {
    #[test]
    fn any_content_is_listed_or_passed_over(kind in "[a-z/]{0,12}", text in "\\PC{0,20}") {
        let item = json!({"sid": "HX1", "types": {kind: {"body": text, "actions": [{"type": text, "url": text}], "media": [text]}}});
        let _ = template(&item);
        let _ = Layout::read(&item);
    }
}
