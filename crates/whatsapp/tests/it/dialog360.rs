//! 360dialog: what differs from Meta's own.

use domain::channel::{LinkState, Provider};
use domain::content::{
    Content, Interactive, InteractiveAction, MediaContent, MediaKind, MediaSource, ReplyButton,
    TemplateButton, TemplateButtonValue, TemplateComponent, TemplateContent, TemplateParameter,
};
use domain::failure::FailureReason;
use proptest::prelude::*;
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, FetchError, Number, OutFile, WebhookRefused};
use whatsapp::dialog360::errors::verdict_on_status;
use whatsapp::dialog360::{Client, webhook_json};
use whatsapp::failure::Class;
use whatsapp::meta::answers::accepted;
use whatsapp::meta::send::request_json;
use whatsapp::provider::{CallError, Recipient, SendOutcome};

use crate::providers::{
    PATIENT, answer, body_of, changes, dana, http, json_sample, names, number as number_of,
    outgoing, read_any, sample, sample_answer, sends_are_judged, server, text, told, verified,
};

fn number(base_url: &str) -> Number {
    let mut number = number_of(Provider::Dialog360, base_url);
    number.number = "200000000000001".to_owned();
    number
}

fn client() -> Client {
    Client::new(http(PATIENT))
}

fn reminder() -> Content {
    let mut logo = MediaContent::new(MediaKind::Image);
    logo.source = Some(MediaSource::Link(
        "https://cdn.example.co.il/logo.jpg".to_owned(),
    ));
    let said = |text: &str| TemplateParameter::Text {
        name: None,
        text: text.to_owned(),
    };
    Content::Template(TemplateContent {
        template_id: None,
        name: "meeting_reminder_he".to_owned(),
        language: "he".to_owned(),
        components: vec![
            TemplateComponent::Header {
                parameters: vec![TemplateParameter::Media(logo)],
            },
            TemplateComponent::Body {
                parameters: vec![said("דנה"), said("20.8 בשעה 10:30")],
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

fn buttons() -> Content {
    let button = |id: &str, title: &str| ReplyButton {
        id: id.to_owned(),
        title: title.to_owned(),
    };
    Content::Interactive(Interactive {
        header: None,
        body: "מה מתאים לך?".to_owned(),
        footer: None,
        action: InteractiveAction::Buttons {
            buttons: vec![button("call", "שיחת טלפון"), button("visit", "פגישה")],
        },
    })
}

/// A sample as we say it: a plus before the number (Meta takes both), and without what is said by being left out.
fn as_we_say(mut request: Value) -> Value {
    if let Some(to) = request.get("to").and_then(Value::as_str) {
        request["to"] = format!("+{to}").into();
    }
    if request["text"]["preview_url"] == json!(false) {
        request["text"]
            .as_object_mut()
            .unwrap()
            .remove("preview_url");
    }
    if let Some(language) = request.pointer_mut("/template/language") {
        language.as_object_mut().unwrap().remove("policy");
    }
    request
}

#[test]
fn every_request_of_the_samples_is_said() {
    let bsuid = Recipient::Bsuid("IL.13491208655302741918".to_owned());
    let greeting = "שלום דנה, קיבלנו את הפנייה שלך. מתי נוח לך שנתקשר?";
    for (file, to, content, our_id) in [
        ("send_text", dana(), text(greeting), Some("outbox-000077")),
        ("send_text_to_bsuid", bsuid, text("שלום דנה"), None),
        ("send_template", dana(), reminder(), None),
        ("send_interactive_buttons", dana(), buttons(), None),
    ] {
        let said = request_json(&to, &content, None, our_id).unwrap();
        let sample = json_sample(&format!("360dialog_{file}.request.json"));
        assert_eq!(said, as_we_say(sample), "{file}");
    }
    let sample = json_sample("360dialog_set_webhook.request.json");
    let said = webhook_json(&number("http://x"), sample["url"].as_str().unwrap()).unwrap();
    assert_eq!(said["url"], sample["url"]);
    assert_eq!(
        said["headers"],
        json!({ "Authorization": "Bearer invented-long-random-value" })
    );
}

#[test]
fn every_answer_and_webhook_of_the_samples_is_understood() {
    let ours = "wamid.HBgMOTcyNTAwMDAwMDEwFQIAEhgUM0VCMEFBQUEwMDAwMDAwMDAwMDEA";
    let sent = |wa_id: Option<&str>, user_id: Option<&str>| SendOutcome::Accepted {
        provider_id: ours.to_owned(),
        wa_id: wa_id.map(str::to_owned),
        user_id: user_id.map(str::to_owned),
        held: false,
    };
    for (file, expected) in [
        ("send_text", sent(Some("972500000010"), None)),
        (
            "send_text_to_bsuid",
            sent(None, Some("IL.13491208655302741918")),
        ),
    ] {
        let sample = json_sample(&format!("360dialog_{file}.response.json"));
        assert_eq!(accepted(&sample), Some(expected), "{file}");
    }
    // Seconds are told against the moment of Meta's own samples.
    #[rustfmt::skip]
    let expected = [
        ("coexistence_echo", "echo MDAwRUMA 972500000010 -8126800 text \"תודה! נדבר מחר ב-10\""),
        ("inbound_button_reply", "message MDAwQ0MA 972500000010 דנה לוי -8126900 button_reply confirm:4711 מאשרת re=MDAwMDEA"),
        ("inbound_text", "message MDAwQUEA 972500000010/02741918 דנה לוי -8126989 text \"כן, מחר ב-10\""),
        ("inbound_text_no_phone", "message MDAwQkIA -/02741918@dana.levi דנה לוי -8126980 text \"שלום\""),
        ("status_delivered", "delivered MDAwMDEA 972500000010 -8126995 PMP/regular/utility our=outbox-000077"),
        ("status_failed_131047", "failed MDAwMDEA 972500000010 -8126994 error=131047 \"Message failed to send because more than 24 hours have passed since the customer last replied to this number.\""),
    ];
    let number = number("http://x");
    for (file, line) in expected {
        let body = sample(&format!("360dialog_{file}.webhook.json"));
        assert_eq!(told(&client(), &number, &body), [line], "{file}");
        let address = &changes(&client(), &number, &body)[0].address;
        assert_eq!(address.waba_id.as_deref(), Some("100000000000001"));
        assert_eq!(address.phone_number_id.as_deref(), Some("200000000000001"));
    }
    let webhooks = names("360dialog")
        .iter()
        .filter(|name| name.contains("webhook."))
        .count();
    // And the request that registers one.
    assert_eq!(webhooks, expected.len() + 1);
}

#[test]
fn each_piece_keeps_its_account_and_time() {
    let change = |text: &str| {
        json!({"field": "messages", "value": {"metadata": {"phone_number_id": "2"},
            "messages": [{"from": "972500000010", "id": text, "type": "text", "text": {"body": text}}]}})
    };
    let body = json!({"object": "whatsapp_business_account", "entry": [
        {"id": "1", "time": 1_787_207_411, "changes": [change("a"), change("b")]},
        {"id": "3", "changes": [{"field": "account_update", "value": {"event": "X"}}]},
    ]});
    let body = body.to_string();
    let pieces = client().cut(body.as_bytes()).unwrap();
    assert_eq!(pieces.len(), 3);
    let parsed: Vec<_> = pieces
        .iter()
        .map(|piece| client().parse(&number("http://x"), piece).unwrap())
        .collect();
    let accounts: Vec<_> = parsed
        .iter()
        .map(|change| change.address.waba_id.clone().unwrap())
        .collect();
    assert_eq!(accounts, ["1", "1", "3"]);
    assert!(parsed.iter().all(|change| change.reports.len() == 1));
}

#[test]
fn only_who_knows_the_registered_header_is_let_in() {
    let mut number = number("http://x");
    number.webhook_secrets.insert(0, "next".into());
    let check = |headers: &[(&str, &str)]| {
        verified(&client(), &number, "https://l.example/h", headers, b"{}")
    };
    let value = "Bearer invented-long-random-value";
    assert_eq!(check(&[("authorization", value)]), Ok(()));
    assert_eq!(check(&[("authorization", "Bearer next")]), Ok(()));
    assert_eq!(check(&[]), Err(WebhookRefused::Missing));
    for wrong in ["", "Bearer ", "Bearer nextt", "Bearer nex", "Basic next2"] {
        let refused = check(&[("authorization", wrong)]);
        assert_eq!(refused, Err(WebhookRefused::Wrong), "{wrong}");
    }
    number.webhook_secrets = vec!["".into()];
    let refused = verified(&client(), &number, "", &[("authorization", "")], b"");
    assert_eq!(refused, Err(WebhookRefused::Wrong));
}

#[test]
fn refusals_of_its_own_are_judged_by_status_and_sentence() {
    for (status, sentence, reason, class) in [
        (
            400,
            "Payment method missing",
            FailureReason::PaymentProblem,
            Class::Restricted,
        ),
        (
            400,
            "Rate limit hit",
            FailureReason::NumberRateLimited,
            Class::Wait,
        ),
        (
            400,
            "This number is disabled",
            FailureReason::NumberNotRegistered,
            Class::Restricted,
        ),
        (400, "", FailureReason::MessageInvalid, Class::Refuse),
        (401, "", FailureReason::TokenInvalid, Class::Credentials),
        (402, "", FailureReason::PaymentProblem, Class::Restricted),
        (
            403,
            "",
            FailureReason::PermissionMissing,
            Class::Credentials,
        ),
        (404, "", FailureReason::ObjectMissing, Class::Refuse),
        (429, "", FailureReason::NumberRateLimited, Class::Wait),
    ] {
        let verdict = verdict_on_status(status, sentence).unwrap();
        assert_eq!((verdict.reason, verdict.class), (reason, class), "{status}");
    }
    assert_eq!(verdict_on_status(500, ""), None);
}

#[tokio::test]
async fn sends_end_as_they_must() {
    sends_are_judged(Client::new, number).await;
}

#[tokio::test]
async fn a_message_is_posted_with_the_key_and_our_id() {
    let sent = sample_answer("200 OK", "360dialog_send_text.response.json");
    let (address, requests) = server(vec![sent]).await;
    let outcome = client()
        .send(&number(&address), outgoing(&dana(), &text("שלום")))
        .await;
    assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    let request = &requests.await.unwrap()[0];
    assert!(request.starts_with("POST /messages HTTP/1.1\r\n"));
    assert!(
        request
            .to_ascii_lowercase()
            .contains("\r\nd360-api-key: key\r\n")
    );
    assert!(!request.to_ascii_lowercase().contains("authorization"));
    let body: Value = serde_json::from_str(body_of(request)).unwrap();
    assert_eq!(body["biz_opaque_callback_data"], "outbox-000077");
}

#[tokio::test]
async fn refusals_are_sorted_in_metas_form_and_in_its_own() {
    for (head, body, expected) in [
        (
            "400 Bad Request",
            r#"{"error":{"code":131047,"message":"Re-engagement"}}"#,
            FailureReason::WindowClosed,
        ),
        (
            "401 Unauthorized",
            r#"{"meta":{"developer_message":"Invalid api key","http_code":401,"success":false}}"#,
            FailureReason::TokenInvalid,
        ),
        (
            "400 Bad Request",
            r#"{"detail":"Payment is missing"}"#,
            FailureReason::PaymentProblem,
        ),
        (
            "403 Forbidden",
            r#"{"errors":[{"code":1010,"title":"Blocked"}]}"#,
            FailureReason::PermissionMissing,
        ),
    ] {
        let (address, _requests) = server(vec![answer(head, body)]).await;
        let outcome = client()
            .send(&number(&address), outgoing(&dana(), &text("שלום")))
            .await;
        let (SendOutcome::Refused(failure)
        | SendOutcome::Credentials(failure)
        | SendOutcome::Restricted(failure)) = outcome
        else {
            panic!("{body}: {outcome:?}")
        };
        assert_eq!(failure.reason, expected, "{body}");
    }
    // Of a 500 nobody knows, in whatever form.
    let (address, _requests) = server(vec![answer(
        "500 Internal Server Error",
        r#"{"meta":{"developer_message":"oops"}}"#,
    )])
    .await;
    let outcome = client()
        .send(&number(&address), outgoing(&dana(), &text("שלום")))
        .await;
    assert!(matches!(outcome, SendOutcome::Unclear { .. }));
}

#[tokio::test]
async fn a_file_goes_up_and_its_id_is_said() {
    let (address, requests) = server(vec![
        answer("200 OK", r#"{"id":"1037543291543636"}"#),
        sample_answer("200 OK", "360dialog_send_text.response.json"),
    ])
    .await;
    let number = number(&address);
    let mut file = OutFile {
        bytes: "bytes".into(),
        mime_type: "image/png".to_owned(),
        filename: "a.png".to_owned(),
        link: Some("https://leads.example.co.il/f/1".to_owned()),
        upload_id: None,
    };
    let id = client().upload(&number, &file).await.unwrap();
    file.upload_id = Some(id);
    let (to, content) = (dana(), Content::Media(MediaContent::new(MediaKind::Image)));
    let mut out = outgoing(&to, &content);
    out.file = Some(&file);
    client().send(&number, out).await;
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("POST /media HTTP/1.1\r\n"));
    assert!(requests[0].contains("name=\"messaging_product\"\r\n\r\nwhatsapp\r\n"));
    let body: Value = serde_json::from_str(body_of(&requests[1])).unwrap();
    assert_eq!(body["image"], json!({ "id": "1037543291543636" }));
}

#[tokio::test]
async fn a_file_comes_down_from_360dialog_under_metas_path() {
    let info = r#"{"url":"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=a%2Fb","mime_type":"image/jpeg"}"#;
    let (address, requests) = server(vec![answer("200 OK", info), answer("200 OK", "12345")]).await;
    let source = MediaSource::Id("555".to_owned());
    let fetched = client().fetch(&number(&address), &source, 5).await.unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"12345");
    assert_eq!(fetched.mime_type.as_deref(), Some("image/jpeg"));
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("GET /555 HTTP/1.1\r\n"));
    assert!(
        requests[1]
            .starts_with("GET /whatsapp_business/attachments/?mid=1&hash=a%2Fb HTTP/1.1\r\n")
    );
    assert!(
        requests[1]
            .to_ascii_lowercase()
            .contains("d360-api-key: key")
    );
}

#[tokio::test]
async fn a_strange_address_a_redirect_and_a_large_file_are_not_fetched() {
    for (url, thens, expected) in [
        ("https://evil.example/x", vec![], FetchError::Never),
        ("http://lookaside.fbsbx.com/x", vec![], FetchError::Never),
        ("file:///etc/passwd", vec![], FetchError::Never),
        (
            "https://lookaside.fbsbx.com/x",
            vec![answer("200 OK", "123456")],
            FetchError::Never,
        ),
        (
            "https://lookaside.fbsbx.com/x",
            vec![answer("302 Found\r\nlocation: https://evil.example/", "")],
            FetchError::Never,
        ),
        (
            "https://lookaside.fbsbx.com/x",
            vec![answer("503 Service Unavailable", "")],
            FetchError::Later,
        ),
    ] {
        let (address, requests) = server(thens).await;
        let source = MediaSource::Link(url.to_owned());
        let fetched = client().fetch(&number(&address), &source, 5).await;
        assert_eq!(fetched.err(), Some(expected), "{url}");
        requests.await.unwrap();
    }
    let gone = answer(
        "400 Bad Request",
        r#"{"error":{"code":100,"error_subcode":33}}"#,
    );
    let (address, _requests) = server(vec![gone]).await;
    let source = MediaSource::Id("555".to_owned());
    let fetched = client().fetch(&number(&address), &source, 5).await;
    assert_eq!(fetched.err(), Some(FetchError::Never));
}

#[tokio::test]
async fn the_state_and_the_set_up() {
    let health = r#"{"health_status":{"can_send_message":"BLOCKED","entities":[]},"display_phone_number":"+972 50-000-0001"}"#;
    let (address, requests) = server(vec![
        answer("200 OK", health),
        answer("200 OK", ""),
        answer("401 Unauthorized", ""),
    ])
    .await;
    let number = number(&address);
    let state = client().state(&number).await.unwrap();
    assert_eq!(state.link, LinkState::Restricted);
    assert_eq!(state.phone.as_deref(), Some("972500000001"));
    assert_eq!(state.detail.as_deref(), Some("BLOCKED"));
    let url = "https://leads.example.co.il/hooks/d360/3f1c";
    assert_eq!(client().set_up(&number, url).await, Ok(()));
    let refused = client().set_up(&number, url).await;
    assert!(matches!(refused, Err(CallError::Credentials(_))));
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("GET /health_status?fields=display_phone_number "));
    assert!(requests[1].starts_with("POST /v1/configs/webhook HTTP/1.1\r\n"));
    let body: Value = serde_json::from_str(body_of(&requests[1])).unwrap();
    assert_eq!(Some(body), webhook_json(&number, url));
}

#[tokio::test]
async fn without_a_page_of_its_health_a_number_is_known_by_its_key() {
    let none = || answer("404 Not Found", r#"{"meta":{"http_code":404}}"#);
    let (address, requests) = server(vec![none(), answer("200 OK", r#"{"url":null}"#)]).await;
    let state = client().state(&number(&address)).await.unwrap();
    assert_eq!(state.link, LinkState::Linked);
    assert_eq!(state.phone.as_deref(), Some("972500000001"));
    assert!(requests.await.unwrap()[1].starts_with("GET /v1/configs/webhook "));
    let (address, _requests) = server(vec![none(), answer("401 Unauthorized", "")]).await;
    let state = client().state(&number(&address)).await;
    assert!(matches!(state, Err(CallError::Credentials(_))));
}

#[tokio::test]
async fn templates_are_read_page_by_page() {
    let one = |name: &str| {
        json!({"id": "wrong", "external_id": format!("9{name}"), "name": name, "language": "he",
            "status": "approved", "category": "UTILITY", "quality_score": "GREEN", "namespace": "n",
            "components": [{"type": "BODY", "text": "x"}]})
    };
    let first = json!({"waba_templates": [one("a"), {"odd": 1}], "total": 3}).to_string();
    let second = json!({"waba_templates": [one("b")], "total": 3}).to_string();
    let (address, requests) =
        server(vec![answer("200 OK", &first), answer("200 OK", &second)]).await;
    let templates = client().templates(&number(&address)).await.unwrap();
    let ids: Vec<_> = templates.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["9a", "9b"]);
    assert_eq!(templates[0].components.len(), 1);
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("GET /v1/configs/templates?limit=100&offset=0 "));
    assert!(requests[1].starts_with("GET /v1/configs/templates?limit=100&offset=2 "));
}

#[tokio::test]
async fn a_read_mark_and_a_reaction_go_to_the_same_place() {
    let (address, requests) = server(vec![
        answer("200 OK", r#"{"success":true}"#),
        sample_answer("200 OK", "360dialog_send_text.response.json"),
    ])
    .await;
    let number = number(&address);
    let read = client().mark_read(&number, &dana(), "wamid.1", true).await;
    assert_eq!(read, Ok(()));
    let reacted = client()
        .react(&number, &dana(), "wamid.1", Some("👍"))
        .await;
    assert!(matches!(reacted, SendOutcome::Accepted { .. }));
    let requests = requests.await.unwrap();
    assert!(body_of(&requests[0]).contains(r#""typing_indicator":{"type":"text"}"#));
    assert!(body_of(&requests[1]).contains(r#""emoji":"👍""#));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        read_any(&client(), &number("http://x"), &bytes);
    }

    #[test]
    fn any_other_header_is_refused(value in "[ -~]{0,40}") {
        let headers = [("authorization", value.as_str())];
        let number = number("http://x");
        let expected = value.trim_end() == "Bearer invented-long-random-value"
            || value == "invented-long-random-value";
        let let_in = verified(&client(), &number, "", &headers, b"").is_ok();
        prop_assert_eq!(let_in, expected);
    }
}
