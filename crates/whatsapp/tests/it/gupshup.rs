//! Gupshup: forms with JSON in them out, events in.

use domain::channel::{LinkState, Provider};
use domain::content::{
    Content, Interactive, InteractiveAction, InteractiveHeader, ListRow, ListSection, Location,
    MediaContent, MediaKind, MediaSource, ReplyButton, TemplateButton, TemplateButtonValue,
    TemplateComponent, TemplateContent, TemplateParameter,
};
use domain::failure::FailureReason;
use domain::report::ProviderError;
use proptest::prelude::*;
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, FetchError, Number, WebhookRefused};
use whatsapp::failure::Class;
use whatsapp::gupshup::Client;
use whatsapp::gupshup::errors::{failure_of, verdict_on, verdict_on_status};
use whatsapp::gupshup::send::{Pairs, message_form, template_form};
use whatsapp::gupshup::templates::template;
use whatsapp::provider::{CannotSay, Recipient, SendOutcome};

use crate::properties::any_json;
use crate::providers::{
    PATIENT, answer, body_of, dana, form, http, image, names, number as number_of, outgoing,
    read_any, sample, sample_answer, sends_are_judged, server, text, told, verified,
};

const TEMPLATE: &str = "c6aecef6-bcb0-4fb1-8100-28c094e3bc6b";

fn number(base_url: &str) -> Number {
    let mut number = number_of(Provider::Gupshup, base_url);
    number.account = "LeadsApp".to_owned();
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

fn said(text: &str) -> TemplateParameter {
    TemplateParameter::Text {
        name: None,
        text: text.to_owned(),
    }
}

const fn button(index: u8, value: TemplateButtonValue) -> TemplateComponent {
    TemplateComponent::Button(TemplateButton { index, value })
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

fn reminder() -> TemplateContent {
    template_of(vec![
        TemplateComponent::Body {
            parameters: vec![said("דנה"), said("20.8 10:30")],
        },
        button(
            0,
            TemplateButtonValue::QuickReply {
                payload: "confirm:4711".to_owned(),
            },
        ),
    ])
}

#[test]
fn every_request_of_the_samples_is_said() {
    let number = number("http://x");
    let (to, content) = (dana(), text("שלום דנה"));
    let out = outgoing(&to, &content);
    let said = message_form(&number, &out, &content).unwrap();
    let expected = form(&sample("gupshup_send_text.request.form"));
    assert_eq!(encoded(&said), expected);
    let said = template_form(&number, &out, &reminder(), TEMPLATE).unwrap();
    let expected = form(&sample("gupshup_send_template.request.form"));
    assert_eq!(encoded(&said), expected);
}

/// The `message` that says a content.
fn message(content: &Content) -> Result<Value, CannotSay> {
    let to = dana();
    let mut out = outgoing(&to, content);
    out.reply_to = Some("gs-1");
    let pairs = message_form(&number("http://x"), &out, content)?;
    let (_, text) = pairs.iter().find(|(name, _)| *name == "message").unwrap();
    Ok(serde_json::from_str(text).unwrap())
}

#[test]
fn the_other_messages_are_said() {
    let context = json!({"msgId": "gs-1"});
    assert_eq!(
        message(&image("https://x/1.png")),
        Ok(
            json!({"type": "image", "originalUrl": "https://x/1.png", "previewUrl": "https://x/1.png", "context": context})
        )
    );
    let mut file = MediaContent::new(MediaKind::Document);
    file.source = Some(MediaSource::Link("https://x/1.pdf".to_owned()));
    file.filename = Some("a.pdf".to_owned());
    file.caption = Some("c".to_owned());
    assert_eq!(
        message(&Content::Media(file.clone())),
        Ok(
            json!({"type": "file", "url": "https://x/1.pdf", "filename": "a.pdf", "caption": "c", "context": context})
        )
    );
    file.media_kind = MediaKind::Audio;
    assert_eq!(
        message(&Content::Media(file.clone())),
        Err(CannotSay::NoPlaceFor { field: "caption" })
    );
    let place = Content::Location(Location {
        latitude: 32.08,
        longitude: 34.78,
        name: Some("n".to_owned()),
        address: None,
        url: None,
    });
    assert_eq!(
        message(&place),
        Ok(
            json!({"type": "location", "longitude": 34.78, "latitude": 32.08, "name": "n", "address": "", "context": context})
        )
    );
    let interactive = |header, action| {
        Content::Interactive(Interactive {
            header,
            body: "b".to_owned(),
            footer: Some("f".to_owned()),
            action,
        })
    };
    let header = InteractiveHeader::Text {
        text: "h".to_owned(),
    };
    let buttons = InteractiveAction::Buttons {
        buttons: vec![ReplyButton {
            id: "yes".to_owned(),
            title: "כן".to_owned(),
        }],
    };
    assert_eq!(
        message(&interactive(Some(header), buttons.clone())),
        Ok(
            json!({"type": "quick_reply", "msgid": "outbox-000077", "context": context,
            "content": {"type": "text", "header": "h", "text": "b", "caption": "f"},
            "options": [{"type": "text", "title": "כן", "postbackText": "yes"}]})
        )
    );
    file.media_kind = MediaKind::Document;
    let pictured = message(&interactive(Some(InteractiveHeader::Media(file)), buttons));
    assert_eq!(pictured.unwrap()["content"]["type"], "file");
    let list = InteractiveAction::List {
        button: "בחר".to_owned(),
        sections: vec![ListSection {
            title: Some("s".to_owned()),
            rows: vec![ListRow {
                id: "a".to_owned(),
                title: "A".to_owned(),
                description: None,
            }],
        }],
    };
    assert_eq!(
        message(&interactive(None, list)),
        Ok(
            json!({"type": "list", "title": "", "body": "b", "footer": "f", "msgid": "outbox-000077", "context": context,
            "globalButtons": [{"type": "text", "title": "בחר"}],
            "items": [{"title": "s", "subtitle": "s", "options": [
                {"type": "text", "title": "A", "description": "", "postbackText": "a"}]}]})
        )
    );
    let asks = interactive(None, InteractiveAction::LocationRequest);
    assert!(message(&asks).is_err());
    let contacts = Content::Contacts { cards: Vec::new() };
    assert_eq!(
        message(&contacts),
        Err(CannotSay::NoSuchMessage { kind: "contacts" })
    );
    let bsuid = Recipient::Bsuid("IL.1349".to_owned());
    let content = text("x");
    let refused = message_form(&number("http://x"), &outgoing(&bsuid, &content), &content);
    assert_eq!(refused, Err(CannotSay::NeedsPhone));
}

#[test]
fn a_templates_values_stand_in_one_list() {
    let (to, content) = (dana(), text(""));
    let out = outgoing(&to, &content);
    let pair = |components, name: &str| {
        let filled = template_of(components);
        let pairs = template_form(&number("http://x"), &out, &filled, TEMPLATE).unwrap();
        let found = pairs.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| serde_json::from_str::<Value>(&text).unwrap())
    };
    let components = vec![
        TemplateComponent::Header {
            parameters: vec![said("h")],
        },
        TemplateComponent::Body {
            parameters: vec![said("b")],
        },
        button(
            1,
            TemplateButtonValue::Url {
                suffix: "s".to_owned(),
            },
        ),
    ];
    assert_eq!(
        pair(components.clone(), "template"),
        Some(json!({"id": TEMPLATE, "params": ["h", "b", "s"]}))
    );
    assert_eq!(pair(components, "postbackTexts"), None);
    let mut file = MediaContent::new(MediaKind::Document);
    file.source = Some(MediaSource::Link("https://x/1.pdf".to_owned()));
    file.filename = Some("a.pdf".to_owned());
    let header = TemplateComponent::Header {
        parameters: vec![TemplateParameter::Media(file)],
    };
    assert_eq!(
        pair(vec![header], "message"),
        Some(
            json!({"type": "document", "document": {"link": "https://x/1.pdf", "filename": "a.pdf"}})
        )
    );
    let carousel = template_of(vec![TemplateComponent::Carousel { cards: Vec::new() }]);
    assert!(template_form(&number("http://x"), &out, &carousel, TEMPLATE).is_err());
}

#[test]
fn every_event_of_the_samples_is_understood() {
    #[rustfmt::skip]
    let expected = [
        ("event_delivered", "delivered b3226a35 972500000010 -8126995"),
        ("event_enqueued", "notice messages.statuses.enqueued -8126997 id=ee4a68a0-1203-4c85-8dc3-49d0b3226a35 type=enqueued"),
        ("event_failed", "failed b3226a35 972500000010 -8126996 error=1002 \"Number Does Not Exists On WhatsApp\""),
        ("inbound_button_v2", "message MDAwQ0MA 972500000010 דנה לוי -8126900 button_reply call שיחת טלפון re=b3226a35"),
        ("inbound_text_v2", "message MDAwQUEA 972500000010 דנה לוי -8126989 text \"כן, מחר ב-10\" re=b3226a35"),
    ];
    let webhooks = names("gupshup")
        .iter()
        .filter(|name| name.contains("webhook."))
        .count();
    assert_eq!(webhooks, expected.len());
    let number = number("http://x");
    for (file, line) in expected {
        let body = sample(&format!("gupshup_{file}.webhook.json"));
        assert_eq!(told(&client(), &number, &body), [line], "{file}");
        let address = client().parse(&number, &body).unwrap().address;
        assert_eq!(address.phone_number_id.as_deref(), Some("972500000001"));
    }
}

#[test]
fn what_the_samples_do_not_show_is_understood_too() {
    #[rustfmt::skip]
    let messages = [
        ("image", json!({"url": "https://f/1", "contentType": "image/png", "caption": "c"}), "message wamid.1 972500000010 ? image link=https://f/1 image/png caption=c"),
        ("file", json!({"url": "https://f/1", "name": "a.pdf"}), "message wamid.1 972500000010 ? document link=https://f/1 file=a.pdf"),
        ("location", json!({"latitude": "32.08", "longitude": "34.78"}), "message wamid.1 972500000010 ? location 32.08 34.78"),
        ("contact", json!({"contacts": [{"name": {"formatted_name": "D"}, "phones": [{"phone": "+972"}]}]}), "message wamid.1 972500000010 ? contacts D +972 own=false"),
        ("list_reply", json!({"title": "A", "id": "x", "postbackText": "a", "description": "d"}), "message wamid.1 972500000010 ? list_reply a A d"),
        ("quick_reply", json!({"text": "כן", "type": "button"}), "message wamid.1 972500000010 ? button_reply כן כן"),
        ("reaction", json!({"emoji": "👍", "msgId": "gs-9"}), "reaction wamid.1 972500000010 ? 👍 on gs-9"),
        ("reaction", json!({"emoji": "👍"}), "bad: payload.payload names no message"),
        ("poll", json!({}), "message wamid.1 972500000010 ? unknown poll"),
        ("text", json!({}), "bad: payload.payload is missing"),
    ];
    let number = number("http://x");
    for (kind, payload, expected) in messages {
        let body = json!({"type": "message", "payload": {"id": "wamid.1", "source": "972500000010", "type": kind, "payload": payload}});
        let told = told(&client(), &number, body.to_string().as_bytes());
        assert_eq!(told, [expected], "{kind}");
    }
    #[rustfmt::skip]
    let events = [
        (json!({"type": "user-event", "payload": {"type": "opted-out", "phone": "972500000010"}}), "preference 972500000010 stopped=true ?"),
        (json!({"type": "user-event", "payload": {"type": "opted-in", "phone": "972500000010"}}), "preference 972500000010 stopped=false ?"),
        (json!({"type": "user-event", "payload": {"type": "sandbox-start", "phone": "972500000010"}}), "notice user-event.sandbox_start ? type=sandbox-start"),
        (json!({"type": "template-event", "payload": {"id": "t", "elementName": "n", "languageCode": "he", "status": "approved"}}), "hint template t n he template-event ? id=t status=approved"),
        (json!({"type": "account-event", "payload": {"type": "x"}}), "hint account account-event ? type=x"),
        (json!({"type": "billing-event", "payload": {}}), "notice billing-event ? "),
        (json!({"type": "message-event", "payload": {"type": "read"}}), "bad: payload.id is missing"),
        (json!({"type": "message-event", "payload": {"type": "read", "id": "wamid.1", "destination": "972500000010"}}), "read wamid.1 972500000010 ?"),
        (json!({"type": "message", "payload": {"type": "text", "id": "wamid.1"}}), "bad: payload.source names nobody"),
    ];
    for (body, expected) in events {
        let told = told(&client(), &number, body.to_string().as_bytes());
        assert_eq!(told, [expected], "{body}");
    }
    for refused in ["{", "[]", "{}", r#"{"type":"message"}"#] {
        assert!(client().parse(&number, refused.as_bytes()).is_err());
    }
}

#[test]
fn a_secret_in_the_header_or_the_address_lets_in() {
    let number = number("http://x");
    let check =
        |url: &str, headers: &[(&str, &str)]| verified(&client(), &number, url, headers, b"{}");
    let secret = "invented-long-random-value";
    let bearer = format!("Bearer {secret}");
    assert_eq!(check("https://l/h", &[("authorization", &bearer)]), Ok(()));
    assert_eq!(check(&format!("https://l/h?a=1&key={secret}"), &[]), Ok(()));
    assert_eq!(check("https://l/h", &[]), Err(WebhookRefused::Missing));
    assert_eq!(check("https://l/h?a=1", &[]), Err(WebhookRefused::Missing));
    for url in ["https://l/h?key=", "https://l/h?key=x"] {
        assert_eq!(check(url, &[]), Err(WebhookRefused::Wrong), "{url}");
    }
    // A wrong header is not mended by the address.
    let url = format!("https://l/h?key={secret}");
    let refused = check(&url, &[("authorization", "Bearer x")]);
    assert_eq!(refused, Err(WebhookRefused::Wrong));
}

#[test]
fn codes_are_sorted() {
    use FailureReason as R;
    for (code, reason, class) in [
        (1002, R::Undeliverable, Class::Refuse),
        (1003, R::PaymentProblem, Class::Restricted),
        (1005, R::WindowClosed, Class::Refuse),
        (1010, R::MediaInvalid, Class::Refuse),
        (1012, R::MarketingStopped, Class::Refuse),
        (4001, R::AccountRateLimited, Class::Wait),
        (131_047, R::WindowClosed, Class::Refuse),
    ] {
        let verdict = verdict_on(code).unwrap();
        assert_eq!((verdict.reason, verdict.class), (reason, class), "{code}");
    }
    assert_eq!(verdict_on(1), None);
    assert_eq!(verdict_on_status(401).unwrap().class, Class::Credentials);
    assert_eq!(verdict_on_status(500), None);
    let error = ProviderError {
        code: 1012,
        title: None,
        details: None,
    };
    assert_eq!(failure_of(&error).reason, R::MarketingStopped);
    assert_eq!(client().failure_of(&error).reason, R::MarketingStopped);
}

#[test]
fn templates_become_metas_components() {
    let container = json!({"data": "שלום {{1}}", "header": "h", "footer": "f", "buttons": [
        {"type": "URL", "text": "u", "url": "https://s/{{1}}", "example": "https://s/a"},
        {"type": "QUICK_REPLY", "text": "q"}, {"type": "PHONE_NUMBER", "text": "p", "phone_number": "+972"}]});
    let item = json!({"id": TEMPLATE, "elementName": "reminder", "languageCode": "he", "status": "APPROVED",
        "category": "UTILITY", "templateType": "TEXT", "data": "all in one", "containerMeta": container.to_string()});
    let info = template(&item).unwrap();
    assert_eq!(info.id, TEMPLATE);
    assert_eq!(info.name.as_deref(), Some("reminder"));
    assert_eq!(
        Value::from(info.components),
        json!([
            {"type": "HEADER", "format": "TEXT", "text": "h"},
            {"type": "BODY", "text": "שלום {{1}}"},
            {"type": "FOOTER", "text": "f"},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "u", "url": "https://s/{{1}}", "example": ["https://s/a"]},
                {"type": "QUICK_REPLY", "text": "q"}, {"type": "PHONE_NUMBER", "text": "p", "phone_number": "+972"}]},
        ])
    );
    let picture =
        json!({"id": "1", "templateType": "IMAGE", "data": "b", "containerMeta": "broken"});
    assert_eq!(
        Value::from(template(&picture).unwrap().components),
        json!([{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "b"}])
    );
    let carousel = json!({"id": "1", "templateType": "CAROUSEL"});
    assert_eq!(
        Value::from(template(&carousel).unwrap().components),
        json!([{"type": "CAROUSEL"}])
    );
    let metas = json!([{"type": "BODY", "text": "b"}]);
    let passed_on = template(&json!({"id": "1", "containerMeta": metas.to_string()})).unwrap();
    assert_eq!(Value::from(passed_on.components), metas);
    assert_eq!(template(&json!({})), None);
}

#[tokio::test]
async fn sends_end_as_they_must() {
    sends_are_judged(Client::new, number).await;
}

#[tokio::test]
async fn a_message_is_a_form_with_the_key() {
    let sent = || sample_answer("202 Accepted", "gupshup_send.response.json");
    let (address, requests) = server(vec![
        sent(),
        sent(),
        answer(
            "200 OK",
            r#"{"status":"error","message":"Invalid Destination"}"#,
        ),
        answer(
            "400 Bad Request",
            r#"{"status":"error","message":{"message":"no"}}"#,
        ),
        answer("500 Oops", r#"{"status":"error","message":"no"}"#),
    ])
    .await;
    let number = number(&address);
    let (to, content) = (dana(), text("שלום"));
    let outcome = client().send(&number, outgoing(&to, &content)).await;
    let SendOutcome::Accepted { provider_id, .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(provider_id, "ee4a68a0-1203-4c85-8dc3-49d0b3226a35");
    let filled = Content::Template(reminder());
    let mut out = outgoing(&to, &filled);
    let missing = client().send(&number, out).await;
    assert!(
        matches!(missing, SendOutcome::Refused(failure) if failure.reason == FailureReason::TemplateMissing)
    );
    out.template_ref = Some(TEMPLATE);
    let outcome = client().send(&number, out).await;
    assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    for _ in 0..2 {
        let refused = client().send(&number, outgoing(&to, &content)).await;
        assert!(
            matches!(&refused, SendOutcome::Refused(failure) if failure.reason == FailureReason::MessageInvalid),
            "{refused:?}"
        );
    }
    let unclear = client().send(&number, outgoing(&to, &content)).await;
    assert!(
        matches!(unclear, SendOutcome::Unclear { .. }),
        "{unclear:?}"
    );
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("POST /wa/api/v1/msg HTTP/1.1\r\n"));
    assert!(requests[0].contains("apikey: key\r\n"));
    assert!(requests[1].starts_with("POST /wa/api/v1/template/msg HTTP/1.1\r\n"));
    let pairs = form(body_of(&requests[1]).as_bytes());
    assert!(pairs.contains(&("src.name".to_owned(), "LeadsApp".to_owned())));
}

#[tokio::test]
async fn templates_state_and_files() {
    let list = r#"{"status":"success","templates":[{"id":"1"},{"odd":1}]}"#;
    let (address, requests) = server(vec![
        answer("200 OK", list),
        answer("200 OK", list),
        answer("200 OK", "12345"),
    ])
    .await;
    let number = number(&address);
    let templates = client().templates(&number).await.unwrap();
    assert_eq!(templates.len(), 1);
    let state = client().state(&number).await.unwrap();
    assert_eq!(state.link, LinkState::Linked);
    let source = MediaSource::Link(format!("{address}/fm/wamedia/1"));
    let fetched = client().fetch(&number, &source, 5).await.unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"12345");
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("GET /wa/api/v1/template/list/LeadsApp "));
    // The file's address is all that it needs.
    assert!(!requests[2].contains("apikey"));
    for strange in ["https://evil.example/x", "http://filemanager.gupshup.io/x"] {
        let source = MediaSource::Link(strange.to_owned());
        let fetched = client().fetch(&number, &source, 5).await.err();
        assert_eq!(fetched, Some(FetchError::Never), "{strange}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        read_any(&client(), &number("http://x"), &bytes);
    }

    #[test]
    fn any_event_is_read_or_refused(
        event in "message|message-event|user-event|template-event|[a-z]{0,6}",
        kind in "text|image|location|contact|list_reply|reaction|sent|failed|[a-z]{0,6}",
        inner in any_json(),
    ) {
        let body = json!({"type": event, "timestamp": inner, "payload": {"id": "1", "type": kind, "source": "972500000010",
            "payload": inner, "context": inner, "sender": inner}});
        read_any(&client(), &number("http://x"), body.to_string().as_bytes());
        let _ = template(&json!({"id": "1", "containerMeta": inner, "templateType": kind}));
    }
}
