//! Infobip: an endpoint for each kind of message, batches in.

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
use whatsapp::infobip::errors::{failure_of, verdict_on_name, verdict_on_status};
use whatsapp::infobip::send::request;
use whatsapp::infobip::templates::template;
use whatsapp::infobip::{Client, accepted};
use whatsapp::provider::{CallError, CannotSay, Recipient, SendOutcome};

use crate::properties::any_json;
use crate::providers::{
    PATIENT, answer, body_of, dana, http, image, json_sample, names, number as number_of, outgoing,
    read_any, sample, sample_answer, sends_are_judged, server, text, told, verified,
};

fn number(base_url: &str) -> Number {
    number_of(Provider::Infobip, base_url)
}

fn client() -> Client {
    Client::new(http(PATIENT))
}

fn reminder() -> Content {
    let said = |text: &str| TemplateParameter::Text {
        name: None,
        text: text.to_owned(),
    };
    let mut logo = MediaContent::new(MediaKind::Image);
    logo.source = Some(MediaSource::Link(
        "https://cdn.example.co.il/logo.jpg".to_owned(),
    ));
    Content::Template(TemplateContent {
        template_id: None,
        name: "meeting_reminder_he".to_owned(),
        language: "he".to_owned(),
        components: vec![
            TemplateComponent::Header {
                parameters: vec![TemplateParameter::Media(logo)],
            },
            TemplateComponent::Body {
                parameters: vec![said("דנה"), said("20.8 10:30")],
            },
            TemplateComponent::Button(TemplateButton {
                index: 0,
                value: TemplateButtonValue::QuickReply {
                    payload: "confirm:4711".to_owned(),
                },
            }),
        ],
        rendered: None,
    })
}

/// A sample as we say it: the id of ours comes back as `callbackData`, and the address has our secret at its end.
fn as_we_say(mut message: Value) -> Value {
    message["callbackData"] = message["messageId"].clone();
    let url = message["notifyUrl"].as_str().unwrap();
    message["notifyUrl"] = format!("{url}?key=invented-long-random-value").into();
    message
}

#[test]
fn every_request_of_the_samples_is_said() {
    let number = number("http://x");
    let to = dana();
    let said = |content: &Content, our_id: &str| {
        let mut out = outgoing(&to, content);
        out.our_id = our_id;
        out.callback_url = Some("https://leads.example.co.il/hooks/infobip/dlr/3f1c");
        request(&number, &out, content).unwrap()
    };
    let (path, body) = said(&text("שלום דנה"), "outbox-000077");
    assert_eq!(path, ["text"]);
    let sample = json_sample("infobip_send_text.request.json");
    assert_eq!(body, as_we_say(sample));
    let (path, body) = said(&reminder(), "outbox-000078");
    assert_eq!(path, ["template"]);
    let mut sample = json_sample("infobip_send_template.request.json");
    sample["messages"][0] = as_we_say(sample["messages"][0].take());
    assert_eq!(body, sample);
}

#[test]
fn the_other_messages_are_said() {
    let number = number("http://x");
    let said = |content: &Content| {
        let to = dana();
        let mut out = outgoing(&to, content);
        out.reply_to = Some("id-1");
        let (path, body) = request(&number, &out, content)?;
        assert_eq!(body["context"], json!({"replyToMessageId": "id-1"}));
        Ok((path.join("/"), body["content"].clone()))
    };
    let is = |path: &str, content| Ok((path.to_owned(), content));
    assert_eq!(
        said(&image("https://x/1.png")),
        is("image", json!({"mediaUrl": "https://x/1.png"}))
    );
    let mut file = MediaContent::new(MediaKind::Document);
    file.source = Some(MediaSource::Link("https://x/1.pdf".to_owned()));
    file.filename = Some("a.pdf".to_owned());
    file.caption = Some("c".to_owned());
    assert_eq!(
        said(&Content::Media(file.clone())),
        is(
            "document",
            json!({"mediaUrl": "https://x/1.pdf", "caption": "c", "filename": "a.pdf"})
        )
    );
    let header = InteractiveHeader::Media(file.clone());
    file.media_kind = MediaKind::Sticker;
    assert_eq!(
        said(&Content::Media(file)),
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
        said(&place),
        is(
            "location",
            json!({"latitude": 32.08, "longitude": 34.78, "name": "n"})
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
    let buttons = InteractiveAction::Buttons {
        buttons: vec![ReplyButton {
            id: "yes".to_owned(),
            title: "כן".to_owned(),
        }],
    };
    assert_eq!(
        said(&interactive(Some(header), buttons)),
        is(
            "interactive/buttons",
            json!({"body": {"text": "b"}, "footer": {"text": "f"},
                "header": {"type": "DOCUMENT", "mediaUrl": "https://x/1.pdf", "filename": "a.pdf"},
                "action": {"buttons": [{"type": "REPLY", "id": "yes", "title": "כן"}]}})
        )
    );
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
    let header = InteractiveHeader::Text {
        text: "h".to_owned(),
    };
    assert_eq!(
        said(&interactive(Some(header), list)),
        is(
            "interactive/list",
            json!({"body": {"text": "b"}, "footer": {"text": "f"}, "header": {"type": "TEXT", "text": "h"},
                "action": {"title": "בחר", "sections": [{"rows": [{"id": "a", "title": "A", "description": "d"}]}]}})
        )
    );
    let link = InteractiveAction::UrlButton {
        display_text: "t".to_owned(),
        url: "https://s/".to_owned(),
    };
    let (path, content) = said(&interactive(None, link)).unwrap();
    assert_eq!(path, "interactive/url-button");
    assert_eq!(
        content["action"],
        json!({"displayText": "t", "url": "https://s/"})
    );
    let (path, content) = said(&interactive(None, InteractiveAction::LocationRequest)).unwrap();
    assert_eq!(path, "interactive/location-request");
    assert_eq!(content.get("action"), None);
    assert!(said(&interactive(None, InteractiveAction::ContactRequest)).is_err());
    let contacts = Content::Contacts { cards: Vec::new() };
    assert_eq!(
        said(&contacts),
        Err(CannotSay::NoSuchMessage { kind: "contacts" })
    );
    let bsuid = Recipient::Bsuid("IL.1349".to_owned());
    let content = text("x");
    let refused = request(&number, &outgoing(&bsuid, &content), &content);
    assert_eq!(refused, Err(CannotSay::NeedsPhone));
}

#[test]
fn every_webhook_of_the_samples_is_understood() {
    #[rustfmt::skip]
    let expected = [
        ("delivery_report", "delivered x-000078 972500000010 -8126993 our=lead-42"),
        ("inbound_template_button", "message sLTvmRpn 972500000010 דנה לוי -8126900 button_reply confirm:4711 מאשרת re=x-000078"),
        ("inbound_text", "message sLTvmRpm 972500000010 דנה לוי -8126989 text \"כן, מחר ב-10\" re=x-000077"),
        ("seen_report", "read x-000078 972500000010 -8126820 our=outbox-000078"),
    ];
    let webhooks = names("infobip")
        .iter()
        .filter(|name| name.contains("webhook."))
        .count();
    assert_eq!(webhooks, expected.len());
    let number = number("http://x");
    for (file, line) in expected {
        let body = sample(&format!("infobip_{file}.webhook.json"));
        assert_eq!(told(&client(), &number, &body), [line], "{file}");
        let address = client().parse(&number, &body).unwrap().address;
        assert_eq!(address.phone_number_id.as_deref(), Some("972500000001"));
    }
}

#[test]
fn every_result_is_a_piece_of_its_own() {
    let message = |to: &str| json!({"messageId": to, "from": "972500000010", "to": to, "message": {"type": "TEXT", "text": "b"}});
    let body =
        json!({"results": [message("972500000001"), message("972500000002"), 7]}).to_string();
    let pieces = client().cut(body.as_bytes()).unwrap();
    assert_eq!(pieces.len(), 3);
    let numbers: Vec<_> = pieces
        .iter()
        .map(|piece| client().parse(&number("http://x"), piece).unwrap())
        .map(|change| change.address.phone_number_id.unwrap())
        .collect();
    assert_eq!(numbers, ["972500000001", "972500000002", "972500000001"]);
    assert!(client().cut(b"{").is_err());
}

#[test]
fn what_the_samples_do_not_show_is_understood_too() {
    #[rustfmt::skip]
    let messages = [
        (json!({"type": "IMAGE", "url": "https://i/1", "caption": "c"}), "message m 972500000010 ? image link=https://i/1 caption=c"),
        (json!({"type": "VOICE", "url": "https://i/1"}), "message m 972500000010 ? audio link=https://i/1 voice"),
        (json!({"type": "LOCATION", "latitude": 32.08, "longitude": 34.78}), "message m 972500000010 ? location 32.08 34.78"),
        (json!({"type": "INTERACTIVE_BUTTON_REPLY", "id": "a", "title": "A"}), "message m 972500000010 ? button_reply a A"),
        (json!({"type": "INTERACTIVE_LIST_REPLY", "id": "a", "title": "A", "description": "d"}), "message m 972500000010 ? list_reply a A d"),
        (json!({"type": "INTERACTIVE_FLOW_REPLY", "response": {"a": 1}}), "message m 972500000010 ? form_reply flow  {\"a\":1}"),
        (json!({"type": "REACTION", "emoji": "👍", "context": {"id": "o"}}), "reaction m 972500000010 ? 👍 on o"),
        (json!({"type": "REACTION"}), "bad: results[].message names no message"),
        (json!({"type": "INFECTED_CONTENT"}), "message m 972500000010 ? unsupported INFECTED_CONTENT"),
        (json!({"type": "UNSUPPORTED"}), "message m 972500000010 ? unsupported"),
        (json!({"type": "CONTACT", "contacts": []}), "message m 972500000010 ? unknown CONTACT"),
        (json!({"type": "TEXT", "text": "b", "referral": {"sourceId": "7", "ctwaClickId": "c"}}), "message m 972500000010 ? text \"b\" referral=|7|||||c"),
        (json!({"type": "TEXT"}), "bad: results[].message has no content"),
        (json!({}), "bad: results[].message.type is missing"),
    ];
    let number = number("http://x");
    for (message, expected) in messages {
        let body =
            json!({"results": [{"messageId": "m", "from": "972500000010", "message": message}]});
        let told = told(&client(), &number, body.to_string().as_bytes());
        assert_eq!(told, [expected], "{message}");
    }
    #[rustfmt::skip]
    let reports = [
        (json!({"messageId": "m", "to": "972500000010", "status": {"groupName": "REJECTED", "id": 12, "name": "REJECTED_NOT_ENOUGH_CREDITS", "description": "d"}}), "failed m 972500000010 ? error=12 \"d\" our=m"),
        (json!({"messageId": "m", "to": "972500000010", "status": {"groupName": "UNDELIVERABLE"}, "error": {"id": 7007, "name": "EC_X", "description": "e"}}), "failed m 972500000010 ? error=7007 \"e\" our=m"),
        (json!({"messageId": "m", "status": {"groupName": "PENDING"}}), "notice messages.statuses.pending ? message_id=m status.groupName=PENDING"),
        (json!({"status": {"groupName": "DELIVERED"}}), "bad: results[].messageId is missing"),
        (json!({"deletedAt": "x"}), "notice infobip ? "),
    ];
    for (report, expected) in reports {
        let body = json!({"results": [report]}).to_string();
        let told = told(&client(), &number, body.as_bytes());
        assert_eq!(told[0].trim_end(), expected.trim_end(), "{report}");
    }
    let push = json!({"event": "TEMPLATE_STATUS", "templateId": "7"}).to_string();
    let told = told(&client(), &number, push.as_bytes());
    assert!(told[0].starts_with("notice infobip.template_status ?"));
    assert!(client().parse(&number, b"[]").is_err());
}

#[test]
fn answers_of_the_samples_are_understood() {
    let sent = |id: &str| SendOutcome::Accepted {
        provider_id: id.to_owned(),
        wa_id: None,
        user_id: None,
        held: false,
    };
    for (file, id) in [
        ("send_text", "outbox-000077"),
        ("send_template", "outbox-000078"),
    ] {
        let answer = json_sample(&format!("infobip_{file}.response.json"));
        assert_eq!(accepted(&answer), sent(id), "{file}");
    }
    let refused = json!({"messageId": "m", "status": {"groupName": "REJECTED", "id": 12, "name": "REJECTED_NOT_ENOUGH_CREDITS"}});
    assert!(
        matches!(accepted(&refused), SendOutcome::Restricted(failure) if failure.reason == FailureReason::PaymentProblem)
    );
    let unknown = json!({"messages": [{"messageId": "m", "status": {"groupName": "REJECTED", "id": 99, "name": "X"}}]});
    assert!(
        matches!(accepted(&unknown), SendOutcome::Refused(failure) if failure.code == Some(99))
    );
}

#[test]
fn a_secret_in_the_header_or_the_address_lets_in() {
    let number = number("http://x");
    let check =
        |url: &str, headers: &[(&str, &str)]| verified(&client(), &number, url, headers, b"{}");
    let url = "https://l/h?key=invented-long-random-value";
    assert_eq!(check(url, &[]), Ok(()));
    assert_eq!(check("https://l/h", &[]), Err(WebhookRefused::Missing));
    let refused = check("https://l/h?key=invented-long-random-valu", &[]);
    assert_eq!(refused, Err(WebhookRefused::Wrong));
    let bearer = "bearer invented-long-random-value";
    assert_eq!(check("https://l/h", &[("authorization", bearer)]), Ok(()));
}

#[test]
fn errors_are_sorted_by_name_and_status() {
    use FailureReason as R;
    for (name, reason, class) in [
        (
            "REJECTED_NOT_ENOUGH_CREDITS",
            R::PaymentProblem,
            Class::Restricted,
        ),
        (
            "EC_FREEFORM_MESSAGE_NOT_ALLOWED",
            R::WindowClosed,
            Class::Refuse,
        ),
        ("EC_OUTSIDE_24_HOUR_WINDOW", R::WindowClosed, Class::Refuse),
        (
            "EC_TEMPLATE_PARAM_MISMATCH",
            R::TemplateParameters,
            Class::Refuse,
        ),
        ("EC_UNKNOWN_SUBSCRIBER", R::Undeliverable, Class::Refuse),
        ("rejected_sender", R::NumberNotRegistered, Class::Restricted),
        ("EC_MEDIA_ERROR", R::MediaInvalid, Class::Refuse),
    ] {
        let verdict = verdict_on_name(name).unwrap();
        assert_eq!((verdict.reason, verdict.class), (reason, class), "{name}");
    }
    assert_eq!(verdict_on_name("EC_X"), None);
    assert_eq!(verdict_on_status(403).unwrap().class, Class::Credentials);
    assert_eq!(verdict_on_status(500), None);
    let error = ProviderError {
        code: 7007,
        title: Some("EC_X".to_owned()),
        details: None,
    };
    assert_eq!(failure_of(&error).reason, R::Unknown);
    assert_eq!(client().failure_of(&error).code, Some(7007));
}

#[test]
fn templates_become_metas_components() {
    let item = json!({"id": "111", "name": "reminder", "language": "he", "status": "SECOND_PAUSED", "category": "UTILITY",
        "structure": {"header": {"format": "TEXT", "text": "h {{1}}", "example": "H"},
            "body": {"text": "שלום {{1}}", "examples": ["דנה"]}, "footer": {"text": "f"},
            "buttons": [{"type": "URL", "text": "u", "url": "https://s/{{1}}", "example": "https://s/a"},
                {"type": "PHONE_NUMBER", "text": "p", "phoneNumber": "+972"}]}});
    let info = template(&item).unwrap();
    assert_eq!(info.status.as_deref(), Some("PAUSED"));
    assert_eq!(
        Value::from(info.components),
        json!([
            {"type": "HEADER", "format": "TEXT", "text": "h {{1}}", "example": {"header_text": ["H"]}},
            {"type": "BODY", "text": "שלום {{1}}", "example": {"body_text": [["דנה"]]}},
            {"type": "FOOTER", "text": "f"},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "u", "url": "https://s/{{1}}", "example": ["https://s/a"]},
                {"type": "PHONE_NUMBER", "text": "p", "phone_number": "+972"}]},
        ])
    );
    let old = json!({"id": "1", "structure": {"body": "b", "footer": "f", "carousel": {}}});
    assert_eq!(
        Value::from(template(&old).unwrap().components),
        json!([{"type": "BODY", "text": "b"}, {"type": "FOOTER", "text": "f"}, {"type": "CAROUSEL"}])
    );
    let metas = json!([{"type": "BODY", "text": "b"}]);
    let passed_on = template(&json!({"id": "1", "structure": metas})).unwrap();
    assert_eq!(Value::from(passed_on.components), metas);
    assert_eq!(template(&json!({})), None);
}

#[tokio::test]
async fn sends_end_as_they_must() {
    sends_are_judged(Client::new, number).await;
}

#[tokio::test]
async fn a_message_is_posted_to_its_kind_with_the_key() {
    let (address, requests) = server(vec![
        sample_answer("200 OK", "infobip_send_text.response.json"),
        sample_answer("200 OK", "infobip_send_template.response.json"),
        sample_answer("400 Bad Request", "infobip_error.response.json"),
        answer("403 Forbidden", r#"{"errorCode":"E403","description":"d"}"#),
    ])
    .await;
    let number = number(&address);
    let (to, content, filled) = (dana(), text("שלום"), reminder());
    for content in [&content, &filled] {
        let outcome = client().send(&number, outgoing(&to, content)).await;
        assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    }
    let refused = client().send(&number, outgoing(&to, &content)).await;
    assert!(
        matches!(&refused, SendOutcome::Refused(failure)
            if failure.reason == FailureReason::MessageInvalid && failure.details.as_deref() == Some("Bad Request")),
        "{refused:?}"
    );
    let refused = client().send(&number, outgoing(&to, &content)).await;
    assert!(
        matches!(&refused, SendOutcome::Credentials(failure) if failure.reason == FailureReason::PermissionMissing),
        "{refused:?}"
    );
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("POST /whatsapp/1/message/text HTTP/1.1\r\n"));
    assert!(requests[0].contains("authorization: App key\r\n"));
    assert!(requests[1].starts_with("POST /whatsapp/1/message/template HTTP/1.1\r\n"));
    let body: Value = serde_json::from_str(body_of(&requests[0])).unwrap();
    assert_eq!(body["messageId"], "outbox-000077");
    assert_eq!(body["callbackData"], "outbox-000077");
}

#[tokio::test]
async fn read_marks_templates_state_and_files() {
    let quality = |status: &str| {
        json!({"senders": [{"sender": "+972 50 000 0002", "status": "BANNED"},
            {"sender": "972500000001", "status": status}]})
        .to_string()
    };
    for (status, expected) in [
        ("CONNECTED", LinkState::Linked),
        ("RESTRICTED", LinkState::Restricted),
        ("BANNED", LinkState::Banned),
        ("DISCONNECTED", LinkState::Unlinked),
        ("NEW_WORD", LinkState::Unknown),
    ] {
        let (address, requests) = server(vec![answer("200 OK", &quality(status))]).await;
        let state = client().state(&number(&address)).await.unwrap();
        assert_eq!(state.link, expected, "{status}");
        let request = &requests.await.unwrap()[0];
        assert!(request.starts_with("GET /whatsapp/1/senders/quality?senders=972500000001 "));
    }
    let none = || answer("404 Not Found", r#"{"errorCode":"E404"}"#);
    let listed = answer("200 OK", r#"{"templates":[]}"#);
    let (address, _requests) = server(vec![none(), listed, none(), none()]).await;
    let state = client().state(&number(&address)).await.unwrap();
    assert_eq!(state.link, LinkState::Linked);
    assert!(client().state(&number(&address)).await.is_err());
    let (address, requests) = server(vec![
        answer("200 OK", r#"{"senders":[]}"#),
        answer("200 OK", ""),
        answer("200 OK", r#"{"templates":[{"id":"1"},{"odd":1}]}"#),
        answer("200 OK\r\ncontent-type: image/jpeg", "12345"),
        answer("401 Unauthorized", ""),
    ])
    .await;
    let number = number(&address);
    let client = client();
    let state = client.state(&number).await.unwrap();
    assert_eq!(state.link, LinkState::Unlinked);
    let read = client.mark_read(&number, &dana(), "m/1", false).await;
    assert_eq!(read, Ok(()));
    assert_eq!(client.templates(&number).await.unwrap().len(), 1);
    let source = MediaSource::Link(format!("{address}/whatsapp/1/senders/1/media/2"));
    let fetched = client.fetch(&number, &source, 5).await.unwrap();
    assert_eq!(fetched.mime_type.as_deref(), Some("image/jpeg"));
    let refused = client.mark_read(&number, &dana(), "m", false).await;
    assert!(matches!(refused, Err(CallError::Credentials(_))));
    let requests = requests.await.unwrap();
    assert!(
        requests[1]
            .starts_with("POST /whatsapp/1/senders/972500000001/message/m%2F1/read HTTP/1.1\r\n")
    );
    assert!(requests[2].starts_with("GET /whatsapp/2/senders/972500000001/templates "));
    for strange in [
        "https://evil.example/x",
        "https://infobip.com.evil.example/x",
    ] {
        let source = MediaSource::Link(strange.to_owned());
        let fetched = client.fetch(&number, &source, 5).await.err();
        assert_eq!(fetched, Some(FetchError::Never), "{strange}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        read_any(&client(), &number("http://x"), &bytes);
    }

    #[test]
    fn any_result_is_read_or_refused(
        kind in "TEXT|IMAGE|LOCATION|BUTTON|REACTION|INTERACTIVE_FLOW_REPLY|[A-Z]{0,6}",
        inner in any_json(),
    ) {
        let body = json!({"results": [
            {"messageId": "1", "from": "972500000010", "message": {"type": kind, "context": inner, "referral": inner, "text": inner, "response": inner}},
            {"messageId": "1", "status": inner, "error": inner}, {"messageId": "1", "seenAt": inner}, inner]});
        read_any(&client(), &number("http://x"), body.to_string().as_bytes());
        let _ = template(&json!({"id": "1", "structure": inner}));
        let _ = accepted(&inner);
    }
}
