//! Twilio: forms out, forms in, signatures, templates of its own kind, and codes.

use domain::channel::{LinkState, Provider};
use domain::content::{
    Content, Interactive, InteractiveAction, InteractiveHeader, ListRow, ListSection, Location,
    MediaContent, MediaKind, MediaSource, ReplyButton, TemplateButton, TemplateButtonValue,
    TemplateComponent, TemplateContent, TemplateParameter,
};
use domain::failure::FailureReason;
use domain::report::{ProviderError, Report};
use proptest::prelude::*;
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, FetchError, Number, OutFile, WebhookRefused};
use whatsapp::failure::Class;
use whatsapp::provider::{CannotSay, Recipient, SendOutcome};
use whatsapp::twilio::Client;
use whatsapp::twilio::content::{Layout, template};
use whatsapp::twilio::errors::{failure_of, verdict_on};
use whatsapp::twilio::send::{Pairs, content_form, message_form, session_content};

use crate::providers::{
    PATIENT, answer, body_of, dana, form, http, image, json_sample, names, number as number_of,
    outgoing, read_any, sample, sample_answer, sends_are_judged, server, text, told, verified,
};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const HX: &str = "HXccccccccccccccccccccccccccccccc3";

fn number(base_url: &str) -> Number {
    let mut number = number_of(Provider::Twilio, base_url);
    number.account = ACCOUNT.to_owned();
    number.token = "12345invented67890token".into();
    number.webhook_secrets = Vec::new();
    number
}

fn client() -> Client {
    Client::new(http(PATIENT))
}

fn encoded(pairs: &Pairs) -> Vec<(String, String)> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    form(body.as_bytes())
}

fn template_of(components: Vec<TemplateComponent>) -> TemplateContent {
    TemplateContent {
        template_id: None,
        name: "meeting_reminder_he".to_owned(),
        language: "he".to_owned(),
        components,
        rendered: None,
    }
}

fn body(texts: &[&str]) -> TemplateComponent {
    let parameters = texts
        .iter()
        .map(|text| TemplateParameter::Text {
            name: None,
            text: (*text).to_owned(),
        })
        .collect();
    TemplateComponent::Body { parameters }
}

const fn button(index: u8, value: TemplateButtonValue) -> TemplateComponent {
    TemplateComponent::Button(TemplateButton { index, value })
}

#[test]
fn every_request_of_the_samples_is_said() {
    let number = number("http://x");
    let callback = |order: u8| format!("https://leads.example.co.il/hooks/twilio/status?o={order}");
    let said = message_form(
        &number,
        &dana(),
        &text("שלום דנה, קיבלנו את הפנייה שלך."),
        Some(&callback(77)),
    );
    let expected = form(&sample("twilio_send_text.request.form"));
    assert_eq!(encoded(&said.unwrap()), expected);

    let filled = template_of(vec![body(&["דנה", "20.8 10:30"])]);
    let create = json_sample("twilio_content_create.request.json");
    let variables = Layout::read(&create).unwrap().variables(&filled).unwrap();
    let said = content_form(&number, &dana(), HX, &variables, Some(&callback(78)));
    let expected = form(&sample("twilio_send_template.request.form"));
    assert_eq!(encoded(&said.unwrap()), expected);
}

#[test]
fn every_webhook_of_the_samples_is_understood() {
    let media = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/SMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2/Media/MEdddddddddddddddddddddddddddddddd";
    #[rustfmt::skip]
    let expected = [
        ("inbound_button", "message bbbbbbb2 972500000010 דנה לוי ? button_reply confirm:4711 מאשרת re=aaaaaaa1".to_owned()),
        ("inbound_image", format!("message bbbbbbb2 972500000010 דנה לוי ? image link={media} image/jpeg caption=התמונה מהשטח")),
        ("inbound_text", "message bbbbbbb2 972500000010 דנה לוי ? text \"כן, מחר ב-10\"".to_owned()),
        ("status_delivered", "delivered aaaaaaa1 972500000010 ?".to_owned()),
        ("status_undelivered_63016", "failed aaaaaaa1 972500000010 ? error=63016 \"Message failed to send because more than 24 hours have passed since the customer last replied to this number\"".to_owned()),
    ];
    let webhooks = names("twilio")
        .iter()
        .filter(|name| name.contains("webhook."))
        .count();
    assert_eq!(webhooks, expected.len());
    let number = number("http://x");
    for (file, line) in expected {
        let body = sample(&format!("twilio_{file}.webhook.form"));
        assert_eq!(told(&client(), &number, &body), [line], "{file}");
        let address = client().parse(&number, &body).unwrap().address;
        assert_eq!(address.waba_id.as_deref(), Some(ACCOUNT));
        assert_eq!(address.phone_number_id.as_deref(), Some("972500000001"));
    }
}

#[test]
fn what_the_samples_do_not_show_is_understood_too() {
    #[rustfmt::skip]
    let cases = [
        ("MessageType=location&Latitude=32.08&Longitude=34.78&Label=Caf%C3%A9&Address=Tel+Aviv", "message SM1 972500000010 ? location 32.08 34.78 | Café | Tel Aviv"),
        ("MessageType=interactive&ListId=a&ListTitle=A&Body=A", "message SM1 972500000010 ? list_reply a A"),
        ("MessageType=interactive&InteractiveData=%7B%22a%22%3A1%7D", "message SM1 972500000010 ? form_reply flow  {\"a\":1}"),
        ("MessageType=reaction&Body=%F0%9F%91%8D&OriginalRepliedMessageSid=SM9", "reaction SM1 972500000010 ? 👍 on SM9"),
        ("MessageType=order", "message SM1 972500000010 ? unknown order"),
        ("MessageType=unsupported", "message SM1 972500000010 ? unsupported"),
        ("Body=hi&Forwarded=true", "message SM1 972500000010 ? text \"hi\" forwarded"),
        ("Body=hi&ReferralSourceId=7&ReferralCtwaClid=c", "message SM1 972500000010 ? text \"hi\" referral=|7|||||c"),
        ("MessageType=sticker&NumMedia=1&MediaUrl0=https%3A%2F%2Fx%2F1&MediaContentType0=image%2Fwebp", "message SM1 972500000010 ? sticker link=https://x/1 image/webp"),
        ("MessageType=document&NumMedia=1&MediaUrl0=https%3A%2F%2Fx%2F1&MediaContentType0=image%2Fpng", "message SM1 972500000010 ? document link=https://x/1 image/png"),
    ];
    let number = number("http://x");
    for (more, expected) in cases {
        let body =
            format!("MessageSid=SM1&SmsStatus=received&From=whatsapp%3A%2B972500000010&{more}");
        assert_eq!(
            told(&client(), &number, body.as_bytes()),
            [expected],
            "{more}"
        );
    }
    let two = "MessageSid=SM1&From=whatsapp%3A%2B972500000010&NumMedia=2&MediaUrl0=https%3A%2F%2Fx%2F1&MediaUrl1=https%3A%2F%2Fx%2F2&Body=b";
    let lines = told(&client(), &number, two.as_bytes());
    assert_eq!(lines.len(), 2);
    assert!(lines[1].starts_with("message SM1.1 "));
    // Nobody's phone: a business-scoped id in its place.
    let hidden = "MessageSid=SM1&From=whatsapp%3AIL.13491208655302741918&Body=b";
    assert_eq!(
        told(&client(), &number, hidden.as_bytes()),
        ["message SM1 -/02741918 ? text \"b\""]
    );
    let queued = "MessageSid=SM1&MessageStatus=queued&To=whatsapp%3A%2B972500000010";
    assert_eq!(
        told(&client(), &number, queued.as_bytes()),
        ["notice messages.statuses.queued ? message_id=SM1"]
    );
    let nobody = "MessageSid=SM1&Body=b";
    assert_eq!(
        told(&client(), &number, nobody.as_bytes()),
        ["bad: From names nobody"]
    );
    assert!(client().parse(&number, b"Body=x").is_err());
    // Another number of the same account.
    let other =
        "MessageSid=SM1&From=whatsapp%3A%2B972500000010&To=whatsapp%3A%2B972500000009&Body=b";
    let address = client().parse(&number, other.as_bytes()).unwrap().address;
    assert_eq!(address.phone_number_id.as_deref(), Some("972500000009"));
}

#[test]
fn an_unknown_type_is_kept_whole() {
    let body = b"MessageSid=SM1&From=whatsapp%3A%2B972500000010&MessageType=poll&Question=why";
    let change = client().parse(&number("http://x"), body).unwrap();
    let Ok(Report::Message(message)) = &change.reports[0] else {
        panic!()
    };
    let Content::Unknown { original, raw } = &message.content else {
        panic!()
    };
    assert_eq!(original, "poll");
    let raw: Value = serde_json::from_str(raw).unwrap();
    assert_eq!(raw["Question"], "why");
}

#[test]
fn what_twilio_cannot_say_is_not_said() {
    let number = number("http://x");
    let said = |to: &Recipient, content: &Content| message_form(&number, to, content, None).err();
    let bsuid = Recipient::Bsuid("IL.1349".to_owned());
    assert_eq!(said(&bsuid, &text("x")), Some(CannotSay::NeedsPhone));
    let nobody = Recipient::Phone("x".to_owned());
    assert_eq!(said(&nobody, &text("x")), Some(CannotSay::BadRecipient));
    let contacts = Content::Contacts { cards: Vec::new() };
    assert_eq!(
        said(&dana(), &contacts),
        Some(CannotSay::NoSuchMessage { kind: "contacts" })
    );
    let mut voice = MediaContent::new(MediaKind::Audio);
    voice.source = Some(MediaSource::Id("1".to_owned()));
    assert_eq!(
        said(&dana(), &Content::Media(voice.clone())),
        Some(CannotSay::MediaNotUploaded)
    );
    voice.source = Some(MediaSource::Link("https://x/1".to_owned()));
    voice.caption = Some("c".to_owned());
    assert_eq!(
        said(&dana(), &Content::Media(voice)),
        Some(CannotSay::NoPlaceFor { field: "caption" })
    );
    let reply = Content::ButtonReply {
        id: String::new(),
        title: String::new(),
    };
    assert_eq!(
        said(&dana(), &reply),
        Some(CannotSay::InboundOnly {
            kind: "button_reply"
        })
    );
}

#[test]
fn a_place_and_a_file_are_said() {
    let number = number("http://x");
    let place = Content::Location(Location {
        latitude: 32.0853,
        longitude: 34.7818,
        name: Some("המשרד".to_owned()),
        address: None,
        url: None,
    });
    let pairs = message_form(&number, &dana(), &place, None).unwrap();
    assert!(pairs.contains(&("PersistentAction", "geo:32.0853,34.7818|המשרד".to_owned())));
    assert!(pairs.contains(&("Body", "המשרד".to_owned())));
    let pairs = message_form(&number, &dana(), &image("https://x/1.png"), None).unwrap();
    assert!(pairs.contains(&("MediaUrl", "https://x/1.png".to_owned())));

    let mut service = number.clone();
    service.number = "MG1".to_owned();
    let pairs = message_form(&service, &dana(), &text("x"), None).unwrap();
    assert!(pairs.contains(&("MessagingServiceSid", "MG1".to_owned())));
    assert!(pairs.contains(&("From", "whatsapp:+972500000001".to_owned())));
}

#[test]
fn a_signature_of_the_vectors_is_taken_and_of_any_other_address_refused() {
    let vectors = json_sample("signatures.json");
    let text = |vector: &Value, key: &str| vector[key].as_str().unwrap().to_owned();
    let mut number = number("http://x");

    let vector = &vectors["twilio_form"];
    let url = text(vector, "url");
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(
            vector["params"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name, value.as_str().unwrap())),
        )
        .finish();
    let signature = text(vector, "X-Twilio-Signature");
    let check = |number: &Number, url: &str, signature: &str, body: &str| {
        let headers = [("x-twilio-signature", signature)];
        verified(&client(), number, url, &headers, body.as_bytes())
    };
    assert_eq!(check(&number, &url, &signature, &body), Ok(()));
    // Doubled pairs count once, the order does not matter, a port comes and goes.
    let doubled = format!("{body}&NumMedia=0");
    assert_eq!(check(&number, &url, &signature, &doubled), Ok(()));
    let with_port = url.replace(".co.il", ".co.il:443");
    assert_eq!(check(&number, &with_port, &signature, &body), Ok(()));
    for (url, body) in [
        (url.replace("wa", "wb"), body.clone()),
        (url.replace("https", "http"), body.clone()),
        (url.replace(".co.il", ".co.il:8443/x"), body.clone()),
        (url.clone(), body.replace("NumMedia=0", "NumMedia=1")),
        (url.clone(), format!("{body}&More=1")),
        (url.clone(), String::new()),
    ] {
        let refused = check(&number, &url, &signature, &body);
        assert_eq!(refused, Err(WebhookRefused::Wrong), "{url} {body}");
    }
    let missing = verified(&client(), &number, &url, &[], body.as_bytes());
    assert_eq!(missing, Err(WebhookRefused::Missing));
    for malformed in ["", "x", "AAAA", "sha1=ItYVSo+bmYJAvUBC0MljwEG8mkQ="] {
        let refused = check(&number, &url, malformed, &body);
        assert_eq!(refused, Err(WebhookRefused::Malformed), "{malformed}");
    }
    // An API key signs nothing: the account's token has to stand among the secrets.
    let token = number.token.clone();
    number.token = "SK1:secret".into();
    assert!(check(&number, &url, &signature, &body).is_err());
    number.webhook_secrets = vec!["other".into(), token];
    assert_eq!(check(&number, &url, &signature, &body), Ok(()));

    let vector = &vectors["twilio_json"];
    let (url, body) = (text(vector, "url"), text(vector, "raw_body"));
    let signature = text(vector, "X-Twilio-Signature");
    assert_eq!(check(&number, &url, &signature, &body), Ok(()));
    let refused = check(&number, &url, &signature, "{\"hello\":\"world\"} ");
    assert_eq!(refused, Err(WebhookRefused::Wrong));
}

#[test]
fn codes_are_sorted() {
    use FailureReason as R;
    for (code, reason, class) in [
        (20003, R::TokenInvalid, Class::Credentials),
        (20429, R::AccountRateLimited, Class::Wait),
        (21211, R::RecipientInvalid, Class::Refuse),
        (21610, R::MarketingStopped, Class::Refuse),
        (21655, R::TemplateMissing, Class::Refuse),
        (63007, R::NumberNotRegistered, Class::Restricted),
        (63016, R::WindowClosed, Class::Refuse),
        (63018, R::NumberRateLimited, Class::Wait),
        (63019, R::MediaInvalid, Class::Refuse),
        (63024, R::Undeliverable, Class::Refuse),
        (63028, R::TemplateParameters, Class::Refuse),
        (63032, R::ExperimentHoldout, Class::Refuse),
        (63041, R::TemplatePaused, Class::Wait),
        (63049, R::MarketingLimited, Class::Wait),
        (63005, R::ServiceUnavailable, Class::Retry),
    ] {
        let verdict = verdict_on(code).unwrap();
        assert_eq!((verdict.reason, verdict.class), (reason, class), "{code}");
        assert!(!verdict.before_acceptance, "{code}");
    }
    assert_eq!(verdict_on(99999), None);
    let error = |code| ProviderError {
        code,
        title: Some("t".to_owned()),
        details: None,
    };
    assert_eq!(failure_of(&error(63016)).reason, R::WindowClosed);
    assert_eq!(failure_of(&error(1)).reason, R::Unknown);
    assert_eq!(
        client().failure_of(&error(63049)).reason,
        R::MarketingLimited
    );
}

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

fn interactive(action: InteractiveAction) -> Interactive {
    Interactive {
        header: None,
        body: "מה מתאים לך?".to_owned(),
        footer: None,
        action,
    }
}

fn buttons() -> InteractiveAction {
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

#[tokio::test]
async fn sends_end_as_they_must() {
    sends_are_judged(Client::new, number).await;
}

#[tokio::test]
async fn a_message_is_a_form_with_basic_authorisation() {
    let (address, requests) = server(vec![
        sample_answer("201 Created", "twilio_send.response.json"),
        sample_answer("400 Bad Request", "twilio_error.response.json"),
    ])
    .await;
    let mut number = number(&address);
    let file = OutFile {
        bytes: "bytes".into(),
        mime_type: "image/png".to_owned(),
        filename: "a.png".to_owned(),
        link: Some("https://leads.example.co.il/f/1".to_owned()),
        upload_id: None,
    };
    let (to, content) = (dana(), Content::Media(MediaContent::new(MediaKind::Image)));
    let mut out = outgoing(&to, &content);
    out.file = Some(&file);
    out.callback_url = Some("https://leads.example.co.il/hooks/twilio/1");
    assert_eq!(
        client().send(&number, out).await,
        SendOutcome::Accepted {
            provider_id: "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1".to_owned(),
            wa_id: None,
            user_id: None,
            held: false,
        }
    );
    number.token = "SK1:secret".into();
    let refused = client().send(&number, out).await;
    assert!(
        matches!(&refused, SendOutcome::Refused(failure) if failure.reason == FailureReason::RecipientInvalid),
        "{refused:?}"
    );
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with(&format!(
        "POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1\r\n"
    )));
    // `AC…1:12345invented67890token` and `SK1:secret` in base64.
    let basic = "authorization: Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMToxMjM0NWludmVudGVkNjc4OTB0b2tlbg==";
    assert!(requests[0].contains(basic));
    assert!(requests[1].contains("authorization: Basic U0sxOnNlY3JldA=="));
    let pairs = form(body_of(&requests[0]).as_bytes());
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert!(pairs.contains(&pair("MediaUrl", "https://leads.example.co.il/f/1")));
    assert!(pairs.contains(&pair(
        "StatusCallback",
        "https://leads.example.co.il/hooks/twilio/1"
    )));
}

#[tokio::test]
async fn a_template_is_looked_at_once_and_then_sent() {
    let create = json_sample("twilio_content_create.request.json").to_string();
    let sent = || sample_answer("201 Created", "twilio_send.response.json");
    let (address, requests) = server(vec![answer("200 OK", &create), sent(), sent()]).await;
    let (client, number, to) = (client(), number(&address), dana());
    let content = Content::Template(template_of(vec![body(&["דנה", "מחר"])]));
    let mut out = outgoing(&to, &content);
    let missing = client.send(&number, out).await;
    assert!(
        matches!(missing, SendOutcome::Refused(failure) if failure.reason == FailureReason::TemplateMissing)
    );
    out.template_ref = Some(HX);
    for _ in 0..2 {
        let outcome = client.send(&number, out).await;
        assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    }
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with(&format!("GET /v1/Content/{HX} HTTP/1.1\r\n")));
    let pairs = form(body_of(&requests[2]).as_bytes());
    let variables = r#"{"1":"דנה","2":"מחר"}"#;
    assert!(pairs.contains(&("ContentVariables".to_owned(), variables.to_owned())));
}

#[tokio::test]
async fn what_breaks_before_the_send_has_surely_sent_nothing() {
    let (address, _requests) = server(vec![answer("502 Bad Gateway", "")]).await;
    let to = dana();
    let content = Content::Template(template_of(vec![body(&["דנה"])]));
    let mut out = outgoing(&to, &content);
    out.template_ref = Some(HX);
    let outcome = client().send(&number(&address), out).await;
    assert!(
        matches!(outcome, SendOutcome::NotAccepted(_)),
        "{outcome:?}"
    );
    // A Content that Twilio does not show is sent as if it were numbered through.
    let (address, requests) = server(vec![
        answer("404 Not Found", r#"{"code":20404,"status":404}"#),
        sample_answer("201 Created", "twilio_send.response.json"),
    ])
    .await;
    let outcome = client().send(&number(&address), out).await;
    assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    let requests = requests.await.unwrap();
    let pairs = form(body_of(&requests[1]).as_bytes());
    assert!(pairs.contains(&("ContentVariables".to_owned(), r#"{"1":"דנה"}"#.to_owned())));
}

#[tokio::test]
async fn the_content_for_buttons_is_made_once() {
    let made = || answer("201 Created", r#"{"sid":"HX9"}"#);
    let sent = || sample_answer("201 Created", "twilio_send.response.json");
    let (address, requests) = server(vec![made(), sent(), sent()]).await;
    let (client, number, to) = (client(), number(&address), dana());
    let content = Content::Interactive(interactive(buttons()));
    for _ in 0..2 {
        let outcome = client.send(&number, outgoing(&to, &content)).await;
        assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    }
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("POST /v1/Content HTTP/1.1\r\n"));
    let pairs = form(body_of(&requests[2]).as_bytes());
    assert!(pairs.contains(&("ContentSid".to_owned(), "HX9".to_owned())));
}

#[tokio::test]
async fn templates_are_read_page_by_page_and_the_key_stays_here() {
    let item = |name: &str| json!({"sid": format!("HX{name}"), "friendly_name": name, "types": {}});
    let first = json!({"contents": [item("a"), item("kesher_session_1")],
        "meta": {"next_page_url": "https://evil.example/v1/ContentAndApprovals?PageSize=100&Page=1&PageToken=DN%2F1"}});
    let second = json!({"contents": [item("b")], "meta": {"next_page_url": null}});
    let (address, requests) = server(vec![
        answer("200 OK", &first.to_string()),
        answer("200 OK", &second.to_string()),
    ])
    .await;
    let templates = client().templates(&number(&address)).await.unwrap();
    let ids: Vec<_> = templates.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["HXa", "HXb"]);
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("GET /v1/ContentAndApprovals?PageSize=100 "));
    assert!(
        requests[1]
            .starts_with("GET /v1/ContentAndApprovals?PageSize=100&Page=1&PageToken=DN%2F1 ")
    );
}

#[tokio::test]
async fn the_state_is_the_accounts_and_typing_is_a_read_mark() {
    for (status, expected) in [
        ("active", LinkState::Linked),
        ("suspended", LinkState::Restricted),
        ("closed", LinkState::Unlinked),
        ("new", LinkState::Unknown),
    ] {
        let body = json!({ "status": status }).to_string();
        let (address, requests) = server(vec![answer("200 OK", &body)]).await;
        let state = client().state(&number(&address)).await.unwrap();
        assert_eq!(state.link, expected);
        let request = &requests.await.unwrap()[0];
        assert!(request.starts_with(&format!("GET /2010-04-01/Accounts/{ACCOUNT}.json ")));
    }
    let (address, requests) = server(vec![answer("200 OK", r#"{"success":true}"#)]).await;
    let number = number(&address);
    let read = client().mark_read(&number, &dana(), "SM1", true).await;
    assert_eq!(read, Ok(()));
    assert!(
        client()
            .mark_read(&number, &dana(), "SM1", false)
            .await
            .is_err()
    );
    let request = &requests.await.unwrap()[0];
    assert!(request.starts_with("POST /v2/Indicators/Typing.json "));
    assert_eq!(body_of(request), "messageId=SM1&channel=whatsapp");
}

#[tokio::test]
async fn a_file_is_followed_to_the_storage_without_the_key() {
    let (address, requests) = server(vec![
        answer("307 Temporary Redirect\r\nlocation: {here}/stored?x=1", ""),
        answer("200 OK\r\ncontent-type: image/jpeg", "12345"),
    ])
    .await;
    let source = MediaSource::Link(format!("{address}/2010-04-01/Media/ME1"));
    let fetched = client().fetch(&number(&address), &source, 5).await.unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"12345");
    assert_eq!(fetched.mime_type.as_deref(), Some("image/jpeg"));
    let requests = requests.await.unwrap();
    assert!(requests[0].contains("authorization: Basic "));
    assert!(!requests[1].contains("authorization"));

    for (head, body, expected) in [
        (
            "302 Found\r\nlocation: https://evil.example/",
            "",
            FetchError::Never,
        ),
        (
            "302 Found\r\nlocation: http://169.254.169.254/",
            "",
            FetchError::Never,
        ),
        ("200 OK", "123456", FetchError::Never),
        ("404 Not Found", "", FetchError::Never),
        ("401 Unauthorized", "", FetchError::Later),
        ("500 Internal Server Error", "", FetchError::Later),
    ] {
        let (address, _requests) = server(vec![answer(head, body)]).await;
        let source = MediaSource::Link(format!("{address}/x"));
        let fetched = client().fetch(&number(&address), &source, 5).await;
        assert_eq!(fetched.err(), Some(expected), "{head}");
    }
    for strange in [
        "https://evil.example/x",
        "http://api.twilio.com/x",
        "https://api.twilio.com.evil.example/x",
        "",
    ] {
        let source = MediaSource::Link(strange.to_owned());
        let fetched = client()
            .fetch(&number("http://127.0.0.1:1"), &source, 5)
            .await;
        assert_eq!(fetched.err(), Some(FetchError::Never), "{strange}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        read_any(&client(), &number("http://x"), &bytes);
    }

    #[test]
    fn any_form_is_read_or_refused(pairs in prop::collection::vec((
        prop::sample::select(vec!["MessageSid", "From", "To", "MessageStatus", "SmsStatus", "Body", "MessageType",
            "NumMedia", "MediaUrl0", "MediaContentType0", "ErrorCode", "ListId", "Latitude", "Longitude", "WaId"]),
        "(\\PC|\u{0}){0,12}",
    ), 0..12)) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        read_any(&client(), &number("http://x"), body.as_bytes());
    }

    #[test]
    fn any_changed_byte_is_refused(at: prop::sample::Index, byte: u8) {
        let url = "https://leads.example.co.il/hooks/twilio/json?bodySHA256=93a23971a914e5eacbf0a8d25154cda309c3c1c72fbb9914d47c60f3cb681588";
        let mut body = b"{\"hello\":\"world\"}".to_vec();
        let at = at.index(body.len());
        let same = body[at] == byte;
        body[at] = byte;
        let headers = [("x-twilio-signature", "U+V3RcYKW7B2pvh8Yof3XCqNXLk=")];
        let let_in = verified(&client(), &number("http://x"), url, &headers, &body).is_ok();
        prop_assert_eq!(let_in, same);
    }

    #[test]
    fn any_content_is_listed_or_passed_over(kind in "[a-z/]{0,12}", text in "\\PC{0,20}") {
        let item = json!({"sid": "HX1", "types": {kind: {"body": text, "actions": [{"type": text, "url": text}], "media": [text]}}});
        let _ = template(&item);
        let _ = Layout::read(&item);
    }
}
