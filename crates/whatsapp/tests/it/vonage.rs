//! Vonage: its own messages and Meta's within them, its webhooks, its tokens and codes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::channel::{LinkState, Provider};
use domain::content::{
    Content, Interactive, InteractiveAction, Location, MediaContent, MediaKind, MediaSource,
    ReplyButton, TemplateComponent, TemplateContent, TemplateParameter,
};
use domain::failure::FailureReason;
use domain::report::ProviderError;
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use whatsapp::adapter::{Adapter, FetchError, Number, WebhookRefused};
use whatsapp::failure::Class;
use whatsapp::provider::{CallError, CannotSay, Recipient, SendOutcome};
use whatsapp::vonage::Client;
use whatsapp::vonage::errors::{failure_of, verdict_on};
use whatsapp::vonage::send::{reaction_json, request_json};

use crate::properties::any_json;
use crate::providers::{
    PATIENT, answer, body_of, dana, http, image, json_sample, names, number as number_of, outgoing,
    read_any, sample, sample_answer, sends_are_judged, server, text, told, verified,
};

fn number(base_url: &str) -> Number {
    let mut number = number_of(Provider::Vonage, base_url);
    number.token = "a1b2c3d4:secret".into();
    number.webhook_secrets = vec!["invented-vonage-signature-secret-000001".into()];
    number
}

fn client() -> Client {
    Client::new(http(PATIENT))
}

fn buttons() -> Content {
    Content::Interactive(Interactive {
        header: None,
        body: "מה מתאים לך?".to_owned(),
        footer: None,
        action: InteractiveAction::Buttons {
            buttons: vec![ReplyButton {
                id: "call".to_owned(),
                title: "שיחת טלפון".to_owned(),
            }],
        },
    })
}

fn reminder(names: [Option<&str>; 2]) -> Content {
    let said = |name: Option<&str>, text: &str| TemplateParameter::Text {
        name: name.map(str::to_owned),
        text: text.to_owned(),
    };
    Content::Template(TemplateContent {
        template_id: None,
        name: "meeting_reminder_he".to_owned(),
        language: "he".to_owned(),
        components: vec![TemplateComponent::Body {
            parameters: vec![said(names[0], "דנה"), said(names[1], "20.8 10:30")],
        }],
        rendered: None,
    })
}

#[test]
fn every_request_of_the_samples_is_said() {
    let number = number("http://x");
    let to = dana();
    for (file, content, our_id) in [
        ("send_text", text("שלום דנה"), "outbox-000077"),
        ("send_template", reminder([None, None]), "outbox-000078"),
        ("send_custom_buttons", buttons(), ""),
    ] {
        let mut out = outgoing(&to, &content);
        out.our_id = our_id;
        let said = request_json(&number, &out, &content).unwrap();
        let sample = json_sample(&format!("vonage_{file}.request.json"));
        assert_eq!(said, sample, "{file}");
    }
}

#[test]
fn the_other_messages_are_said() {
    let number = number("http://x");
    let said = |content: &Content| {
        let to = dana();
        let mut out = outgoing(&to, content);
        out.reply_to = Some("u-1");
        out.callback_url = Some("https://leads.example.co.il/hooks/1");
        request_json(&number, &out, content)
    };
    let request = said(&image("https://x/1.png")).unwrap();
    assert_eq!(request["image"], json!({"url": "https://x/1.png"}));
    assert_eq!(request["context"], json!({"message_uuid": "u-1"}));
    assert_eq!(
        request["webhook_url"],
        "https://leads.example.co.il/hooks/1"
    );
    let mut file = MediaContent::new(MediaKind::Document);
    file.source = Some(MediaSource::Link("https://x/1.pdf".to_owned()));
    file.filename = Some("a.pdf".to_owned());
    file.caption = Some("c".to_owned());
    let request = said(&Content::Media(file.clone())).unwrap();
    assert_eq!(request["message_type"], "file");
    assert_eq!(
        request["file"],
        json!({"url": "https://x/1.pdf", "caption": "c", "name": "a.pdf"})
    );
    file.media_kind = MediaKind::Sticker;
    assert_eq!(
        said(&Content::Media(file)),
        Err(CannotSay::NoPlaceFor { field: "caption" })
    );
    let place = Content::Location(Location {
        latitude: 32.08,
        longitude: 34.78,
        name: None,
        address: None,
        url: None,
    });
    let request = said(&place).unwrap();
    assert_eq!(
        request["custom"],
        json!({"type": "location", "location": {"latitude": "32.08", "longitude": "34.78"}})
    );
    // Named places stand in Meta's form only.
    let request = said(&reminder([Some("first_name"), Some("time")])).unwrap();
    assert_eq!(request["custom"]["type"], "template");
    assert_eq!(
        request["custom"]["template"]["components"][0]["parameters"][0]["parameter_name"],
        "first_name"
    );
    let bsuid = Recipient::Bsuid("IL.1349".to_owned());
    let reaction = reaction_json(&number, &bsuid, "u-1", Some("👍")).unwrap();
    assert_eq!(reaction["to"], "IL.1349");
    assert_eq!(
        reaction["reaction"],
        json!({"action": "react", "emoji": "👍"})
    );
    let taken_back = reaction_json(&number, &bsuid, "u-1", None).unwrap();
    assert_eq!(taken_back["reaction"], json!({"action": "unreact"}));
    let group = Recipient::Group("g".to_owned());
    let refused = reaction_json(&number, &group, "u-1", None);
    assert_eq!(refused, Err(CannotSay::NeedsPhone));
}

#[test]
fn every_webhook_of_the_samples_is_understood() {
    #[rustfmt::skip]
    let expected = [
        ("inbound_image", "message 456789cf 972500000010 דנה לוי -8126880 image link=https://api.nexmo.com/v3/media/1b456509-974c-458b-aafa-45fc48a4d976 caption=התמונה מהשטח"),
        ("inbound_reply", "message 456789ce 972500000010 דנה לוי -8126940 button_reply call שיחת טלפון re=456789ab"),
        ("inbound_text", "message 456789cd 972500000010/02741918 דנה לוי -8126989 text \"כן, מחר ב-10\""),
        ("status_delivered", "delivered 456789ab 972500000010/02741918 -8126991 PMP/regular/utility our=outbox-000077"),
        ("status_rejected_1340", "failed 456789ab 972500000010 -8126991 error=1340 \"Outside of the allowed window. This message is sent outside of allowed response window.\" our=outbox-000077"),
    ];
    let webhooks = names("vonage")
        .iter()
        .filter(|name| name.contains("webhook."))
        .count();
    assert_eq!(webhooks, expected.len());
    let number = number("http://x");
    for (file, line) in expected {
        let body = sample(&format!("vonage_{file}.webhook.json"));
        assert_eq!(told(&client(), &number, &body), [line], "{file}");
        let address = client().parse(&number, &body).unwrap().address;
        assert_eq!(address.phone_number_id.as_deref(), Some("972500000001"));
    }
}

#[test]
fn what_the_samples_do_not_show_is_understood_too() {
    #[rustfmt::skip]
    let cases = [
        (json!({"message_type": "reply", "reply": {"id": "a", "title": "A", "description": "d"}}), "message u-1 972500000010 ? list_reply a A d"),
        (json!({"message_type": "reply", "reply": {"id": "a", "title": "A", "description": ""}}), "message u-1 972500000010 ? list_reply a A"),
        (json!({"message_type": "button", "button": {"payload": "p", "text": "P"}}), "message u-1 972500000010 ? button_reply p P"),
        (json!({"message_type": "location", "location": {"lat": 32.08, "long": 34.78, "name": "n"}}), "message u-1 972500000010 ? location 32.08 34.78 | n"),
        (json!({"message_type": "file", "file": {"url": "https://x/1", "name": "a.pdf"}}), "message u-1 972500000010 ? document link=https://x/1 file=a.pdf"),
        (json!({"message_type": "reaction", "reaction": {"action": "react", "emoji": "👍"}, "context": {"message_uuid": "u-9"}}), "reaction u-1 972500000010 ? 👍 on u-9"),
        (json!({"message_type": "reaction", "reaction": {"action": "unreact", "emoji": "👍"}, "context": {"message_uuid": "u-9"}}), "reaction u-1 972500000010 ? none on u-9"),
        (json!({"message_type": "reaction", "reaction": {}}), "bad: context.message_uuid is missing"),
        (json!({"message_type": "order", "order": {"catalog_id": "c", "product_items": [{"product_retailer_id": "r", "quantity": 2, "item_price": "5.5", "currency": "ILS"}]}}), "message u-1 972500000010 ? order c 2xr 5.5 ILS"),
        (json!({"message_type": "contact", "contact": {}}), "message u-1 972500000010 ? unknown contact"),
        (json!({"message_type": "unsupported"}), "message u-1 972500000010 ? unsupported"),
        (json!({"message_type": "text"}), "bad: its content is missing"),
        (json!({"message_type": "text", "text": "b", "from": ""}), "bad: from names nobody"),
        (json!({"message_type": "text", "text": "b", "from": "IL.13491208655302741918"}), "message u-1 -/02741918 ? text \"b\""),
        (json!({"status": "new_word"}), "notice messages.statuses.new_word ? status=new_word"),
    ];
    let number = number("http://x");
    for (more, expected) in cases {
        let mut body = json!({"message_uuid": "u-1", "from": "972500000010"});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let told = told(&client(), &number, body.to_string().as_bytes());
        assert_eq!(told, [expected], "{more}");
    }
    for refused in ["{", "[]", "{}", r#"{"message_uuid":"u-1"}"#] {
        assert!(client().parse(&number, refused.as_bytes()).is_err());
    }
}

fn token(head: &Value, claims: &Value, secret: &str) -> String {
    let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", part(head), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("Bearer {signed}.{signature}")
}

#[test]
fn a_token_of_the_vectors_is_taken_and_any_other_refused() {
    let vector = &json_sample("signatures.json")["vonage_jwt"];
    let body = vector["raw_body"].as_str().unwrap();
    let good = vector["Authorization"].as_str().unwrap();
    let number = number("http://x");
    let check = |header: &str, body: &str| {
        let headers = [("authorization", header)];
        verified(&client(), &number, "", &headers, body.as_bytes())
    };
    assert_eq!(check(good, body), Ok(()));
    assert_eq!(check(good, "{}"), Err(WebhookRefused::Wrong));
    let missing = verified(&client(), &number, "", &[], body.as_bytes());
    assert_eq!(missing, Err(WebhookRefused::Missing));
    for malformed in ["", "Bearer ", "Bearer a", "Bearer a.b", "Bearer !.!.!"] {
        assert_eq!(check(malformed, body), Err(WebhookRefused::Malformed));
    }
    let hash: String = Sha256::digest(body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let secret = "invented-vonage-signature-secret-000001";
    let hs256 = json!({"alg": "HS256", "typ": "JWT"});
    let claims = json!({"payload_hash": hash});
    assert_eq!(check(&token(&hs256, &claims, secret), body), Ok(()));
    // Without a digest it speaks for any body.
    assert_eq!(check(&token(&hs256, &json!({}), secret), body), Ok(()));
    let other_secret = check(&token(&hs256, &claims, "other"), body);
    assert_eq!(other_secret, Err(WebhookRefused::Wrong));
    for head in [
        json!({"alg": "none"}),
        json!({"alg": "HS512"}),
        json!({"alg": "RS256"}),
        json!({}),
    ] {
        let refused = check(&token(&head, &claims, secret), body);
        assert_eq!(refused, Err(WebhookRefused::Malformed), "{head}");
    }
    for hash in [json!("xx"), json!(1), json!("")] {
        let claims = json!({ "payload_hash": hash });
        assert!(check(&token(&hs256, &claims, secret), body).is_err());
    }
}

#[test]
fn codes_are_sorted() {
    use FailureReason as R;
    for (code, reason, class) in [
        (1000, R::AccountRateLimited, Class::Wait),
        (1022, R::TemplateInvalid, Class::Refuse),
        (1070, R::PaymentProblem, Class::Restricted),
        (1120, R::NumberNotRegistered, Class::Restricted),
        (1240, R::MarketingStopped, Class::Refuse),
        (1241, R::PairRateLimited, Class::Wait),
        (1300, R::Undeliverable, Class::Refuse),
        (1340, R::WindowClosed, Class::Refuse),
        (1381, R::MediaInvalid, Class::Refuse),
        (131_049, R::MarketingLimited, Class::Wait),
    ] {
        let verdict = verdict_on(code).unwrap();
        assert_eq!((verdict.reason, verdict.class), (reason, class), "{code}");
        assert!(!verdict.before_acceptance, "{code}");
    }
    for unknown in [0, 1, 100, 190, 9999] {
        assert_eq!(verdict_on(unknown), None, "{unknown}");
    }
    let error = ProviderError {
        code: 1340,
        title: None,
        details: None,
    };
    assert_eq!(failure_of(&error).reason, R::WindowClosed);
    assert_eq!(client().failure_of(&error).reason, R::WindowClosed);
}

#[tokio::test]
async fn sends_end_as_they_must() {
    sends_are_judged(Client::new, number).await;
}

#[tokio::test]
async fn a_message_is_posted_with_basic_authorisation() {
    let (address, requests) = server(vec![
        sample_answer("202 Accepted", "vonage_send.response.json"),
        sample_answer("422 Unprocessable", "vonage_error_422.response.json"),
        answer("402 Payment Required", r#"{"title":"Low balance"}"#),
    ])
    .await;
    let number = number(&address);
    let (to, content) = (dana(), text("שלום דנה"));
    let outcome = client().send(&number, outgoing(&to, &content)).await;
    let SendOutcome::Accepted { provider_id, .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(provider_id, "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab");
    let refused = client().send(&number, outgoing(&to, &content)).await;
    assert!(
        matches!(&refused, SendOutcome::Refused(failure)
            if failure.reason == FailureReason::MessageInvalid && failure.code == Some(1150)),
        "{refused:?}"
    );
    let refused = client().send(&number, outgoing(&to, &content)).await;
    assert!(
        matches!(&refused, SendOutcome::Restricted(failure) if failure.reason == FailureReason::PaymentProblem),
        "{refused:?}"
    );
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("POST /v1/messages HTTP/1.1\r\n"));
    assert!(requests[0].contains("authorization: Basic YTFiMmMzZDQ6c2VjcmV0\r\n"));
}

#[tokio::test]
async fn the_account_is_the_api_key_where_the_key_is_only_the_secret() {
    let none = r##"{"type":"#1020","title":"Not Found"}"##;
    let (address, requests) = server(vec![answer("404 Not Found", none)]).await;
    let mut number = number(&address);
    number.account = "a1b2c3d4".to_owned();
    number.token = "secret".into();
    // Who has no such page has taken the key all the same.
    let state = client().state(&number).await.unwrap();
    assert_eq!(state.link, LinkState::Linked);
    assert!(client().templates(&number).await.is_err());
    let requests = requests.await.unwrap();
    assert!(requests[0].contains("authorization: Basic YTFiMmMzZDQ6c2VjcmV0\r\n"));
}

#[tokio::test]
async fn read_marks_templates_state_and_files() {
    let first = json!({"templates": [{"id": "1", "name": "a", "language": "he", "components": []}, 7], "total_items": 2});
    let second = json!({"templates": [{"template_id": 2, "name": "b"}], "total_items": 2});
    let (address, requests) = server(vec![
        answer("200 OK", ""),
        answer("200 OK", &first.to_string()),
        answer("200 OK", &second.to_string()),
        answer("200 OK", "{}"),
        answer("200 OK\r\ncontent-type: image/jpeg", "12345"),
        answer("302 Found\r\nlocation: https://evil.example/", ""),
    ])
    .await;
    let number = number(&address);
    let client = client();
    let read = client.mark_read(&number, &dana(), "u/1", true).await;
    assert_eq!(read, Ok(()));
    let templates = client.templates(&number).await.unwrap();
    let ids: Vec<_> = templates.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["1", "2"]);
    let state = client.state(&number).await.unwrap();
    assert_eq!(state.link, LinkState::Linked);
    let source = MediaSource::Link(format!("{address}/v3/media/1"));
    let fetched = client.fetch(&number, &source, 5).await.unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"12345");
    let redirected = client.fetch(&number, &source, 5).await.err();
    assert_eq!(redirected, Some(FetchError::Never));
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("PATCH /v1/messages/u%2F1 HTTP/1.1\r\n"));
    assert_eq!(
        serde_json::from_str::<Value>(body_of(&requests[0])).unwrap(),
        json!({"status": "read", "replying_indicator": {"show": true, "type": "text"}})
    );
    let path = "GET /v2/whatsapp-manager/wabas/100000000000001/templates?page_size=100&page=";
    assert!(requests[1].starts_with(&format!("{path}1 ")));
    assert!(requests[2].starts_with(&format!("{path}2 ")));
    for strange in ["https://evil.example/x", "http://api.nexmo.com/x", ""] {
        let source = MediaSource::Link(strange.to_owned());
        let fetched = client.fetch(&number, &source, 5).await.err();
        assert_eq!(fetched, Some(FetchError::Never), "{strange}");
    }
    let (address, _requests) = server(vec![answer("401 Unauthorized", "")]).await;
    let mut number = number;
    number.base_url = address;
    let refused = client.mark_read(&number, &dana(), "u", false).await;
    assert!(matches!(refused, Err(CallError::Credentials(_))));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        read_any(&client(), &number("http://x"), &bytes);
    }

    #[test]
    fn any_members_are_read_or_refused(kind in "text|image|reply|button|location|reaction|order|contact|[a-z]{0,6}", inner in any_json(), status: bool) {
        let key = if status { "status" } else { "message_type" };
        let body = json!({"message_uuid": "u", "from": "972500000010", key: kind, "error": inner, "context": inner,
            "whatsapp": inner, "profile": inner, "timestamp": inner, kind: inner});
        read_any(&client(), &number("http://x"), body.to_string().as_bytes());
    }

    #[test]
    fn any_changed_byte_is_refused(at: prop::sample::Index, byte: u8) {
        let vector = &json_sample("signatures.json")["vonage_jwt"];
        let mut body = vector["raw_body"].as_str().unwrap().as_bytes().to_vec();
        let at = at.index(body.len());
        let same = body[at] == byte;
        body[at] = byte;
        let headers = [("authorization", vector["Authorization"].as_str().unwrap())];
        prop_assert_eq!(verified(&client(), &number("http://x"), "", &headers, &body).is_ok(), same);
    }
}
