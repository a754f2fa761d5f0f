//! WAHA: its samples in, ours out, and calls against a server that answers as told.

use bytes::Bytes;
use domain::channel::{LinkState, Provider};
use domain::content::{Content, Location, MediaContent, MediaKind, MediaSource, TemplateContent};
use domain::failure::FailureReason;
use domain::report::ProviderError;
use proptest::prelude::*;
use serde_json::{Value, json};
use whatsapp::adapter::{
    Adapter, FetchError, LinkCode, Number, NumberState, OutFile, Outgoing, WebhookRefused,
};
use whatsapp::failure::Class;
use whatsapp::provider::{CallError, Recipient, Secret, SendOutcome, Unclear};
use whatsapp::waha::errors::{ACK_ERROR, failure_of, verdict_on};
use whatsapp::waha::link::{session_json, state_of};
use whatsapp::waha::{Client, request};

use crate::providers::{
    PATIENT, answer, body_of, changes, dana, http, json_sample, names, number as number_of,
    outgoing, read_any, sample, sample_answer, sends_are_judged, server, text, told, verified,
};

const HOOK: &str = "https://leads.example.co.il/hooks/waha/3f1c";
/// The samples' message to Dana.
const HELLO: &str = "היי דנה, כאן יעל ממשרד לוי. אפשר לשאול שאלה קצרה?";

fn number(base_url: &str) -> Number {
    let mut number = number_of(Provider::Waha, base_url);
    number.number = "sales-1".to_owned();
    number.webhook_secrets = vec![Secret::from("invented-waha-hmac-key")];
    number
}

fn client() -> Client {
    Client::new(http(PATIENT))
}

fn file(mime_type: &str, filename: &str) -> OutFile {
    OutFile {
        bytes: Bytes::from_static(b"bytes"),
        mime_type: mime_type.to_owned(),
        filename: filename.to_owned(),
        link: None,
        upload_id: None,
    }
}

fn media(kind: MediaKind, caption: Option<&str>, voice: bool) -> Content {
    let mut media = MediaContent::new(kind);
    media.caption = caption.map(str::to_owned);
    media.voice = voice;
    Content::Media(media)
}

fn office() -> Content {
    Content::Location(Location {
        latitude: 32.0853,
        longitude: 34.7818,
        name: Some("משרד לוי".to_owned()),
        address: Some("הרצל 1".to_owned()),
        url: None,
    })
}

#[test]
fn every_sample_is_said_or_understood() {
    let told = |file: &str| told(&client(), &number("http://x"), &sample(file));
    for name in names("waha") {
        let file = format!("waha_{name}");
        let expected: Vec<&str> = match name.as_str() {
            "message_inbound.webhook.json" => vec![
                "message 0000000A 972500000010~100000000000010@lid דנה לוי -8126989 text \"כן בטח\"",
            ],
            "message_from_phone.webhook.json" => {
                vec!["echo 0000000B 972500000010 -8126900 text \"תודה! נדבר מחר ב-10\""]
            }
            "message_ack_read.webhook.json" => vec!["read 00000001 972500000010 -8126989"],
            "session_failed.webhook.json" => {
                vec!["hint number waha.session.status -8126989 state=FAILED"]
            }
            "session_scan_qr.webhook.json" => {
                vec!["hint number waha.session.status -8126989 state=SCAN_QR_CODE"]
            }
            // Said, or read as an answer, in the tests below. Numbers are not asked whether they are on WhatsApp.
            "send_text.request.json"
            | "send_text.response.json"
            | "send_463.response.json"
            | "session_create.request.json"
            | "session_info_timelocked.response.json"
            | "qr_raw.response.json"
            | "request_code.response.json"
            | "check_exists.response.json" => continue,
            other => panic!("no expectation for {other}"),
        };
        assert_eq!(told(&file), expected, "{name}");
    }
    let change = &changes(
        &client(),
        &number("http://x"),
        &sample("waha_message_inbound.webhook.json"),
    )[0];
    assert_eq!(change.address.phone_number_id.as_deref(), Some("sales-1"));
    assert_eq!(
        change.address.display_phone.as_deref(),
        Some("972500000001")
    );
}

#[test]
fn the_samples_requests_are_ours_but_for_what_we_leave_out() {
    let (to, content) = (dana(), text(HELLO));
    let mut expected = json_sample("waha_send_text.request.json");
    // Not every engine keeps an id that is given to it.
    expected.as_object_mut().unwrap().remove("id");
    let (method, said) = request("sales-1", &outgoing(&to, &content)).unwrap();
    assert_eq!((method, said), ("sendText", expected));

    let mut expected = json_sample("waha_session_create.request.json");
    expected["config"]
        .as_object_mut()
        .unwrap()
        .remove("metadata");
    let events = expected["config"]["webhooks"][0]["events"]
        .as_array_mut()
        .unwrap();
    for more in ["message.reaction", "message.edited", "message.revoked"] {
        events.push(more.into());
    }
    assert_eq!(
        session_json("sales-1", HOOK, "invented-waha-hmac-key"),
        expected
    );
}

#[test]
fn each_kind_of_message_has_its_method() {
    let to = dana();
    let data = "Ynl0ZXM=";
    let said = |content: &Content, file: Option<&OutFile>| {
        let out = Outgoing {
            file,
            reply_to: Some("3A0F"),
            ..outgoing(&to, content)
        };
        let (method, mut body) = request("sales-1", &out).unwrap();
        let common = body.as_object_mut().unwrap();
        assert_eq!(common.remove("chatId"), Some("972500000010@c.us".into()));
        assert_eq!(common.remove("session"), Some("sales-1".into()));
        assert_eq!(
            common.remove("reply_to"),
            Some("false_972500000010@c.us_3A0F".into())
        );
        (method, body)
    };
    let photo = file("image/jpeg", "a.jpg");
    assert_eq!(
        said(
            &media(MediaKind::Image, Some("התמונה"), false),
            Some(&photo)
        ),
        (
            "sendImage",
            json!({
                "file": {"mimetype": "image/jpeg", "filename": "a.jpg", "data": data},
                "caption": "התמונה",
            })
        )
    );
    let method = |content: Content, mime: &str| said(&content, Some(&file(mime, "f"))).0;
    assert_eq!(
        method(media(MediaKind::Video, None, false), "video/mp4"),
        "sendVideo"
    );
    assert_eq!(
        method(media(MediaKind::Document, None, false), "application/pdf"),
        "sendFile"
    );
    assert_eq!(
        method(media(MediaKind::Audio, None, false), "audio/mpeg"),
        "sendFile"
    );
    let (voice, body) = said(
        &media(MediaKind::Audio, None, true),
        Some(&file("audio/mpeg", "v.mp3")),
    );
    assert_eq!((voice, &body["convert"]), ("sendVoice", &json!(true)));
    assert_eq!(
        said(&office(), None),
        (
            "sendLocation",
            json!({"latitude": 32.0853, "longitude": 34.7818, "title": "משרד לוי, הרצל 1"})
        )
    );
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_before_any_call() {
    let nowhere = number("http://127.0.0.1:1");
    let bsuid = Recipient::Bsuid("IL.1349".to_owned());
    let group = Recipient::Group("1203@g.us".to_owned());
    let nobody = Recipient::Phone("דנה".to_owned());
    let template = Content::Template(TemplateContent {
        template_id: None,
        name: "hello".to_owned(),
        language: "he".to_owned(),
        components: vec![],
        rendered: None,
    });
    let photo = file("image/webp", "s.webp");
    for (to, content, file, reason) in [
        (&dana(), &template, None, FailureReason::UnsupportedType),
        (&bsuid, &text("a"), None, FailureReason::RecipientNeedsPhone),
        (&group, &text("a"), None, FailureReason::RecipientNeedsPhone),
        (&nobody, &text("a"), None, FailureReason::RecipientInvalid),
        (
            &dana(),
            &media(MediaKind::Image, None, false),
            None,
            FailureReason::MediaUnavailable,
        ),
        (
            &dana(),
            &media(MediaKind::Sticker, None, false),
            Some(&photo),
            FailureReason::UnsupportedType,
        ),
        (
            &dana(),
            &media(MediaKind::Audio, Some("lost"), false),
            Some(&photo),
            FailureReason::MessageInvalid,
        ),
    ] {
        let out = Outgoing {
            file,
            ..outgoing(to, content)
        };
        let outcome = client().send(&nowhere, out).await;
        assert!(
            matches!(&outcome, SendOutcome::Refused(failure) if failure.reason == reason),
            "{reason:?}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_send_names_the_key_and_reads_the_id() {
    let (address, told) = server(vec![sample_answer(
        "201 Created",
        "waha_send_text.response.json",
    )])
    .await;
    let (to, content) = (dana(), text(HELLO));
    let outcome = client()
        .send(&number(&address), outgoing(&to, &content))
        .await;
    assert_eq!(
        outcome,
        SendOutcome::Accepted {
            provider_id: "3EB0AAAA000000000001".to_owned(),
            wa_id: Some("972500000010".to_owned()),
            user_id: None,
            held: false,
        }
    );
    let request = &told.await.unwrap()[0];
    assert!(
        request.starts_with("POST /api/sendText HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request
            .to_ascii_lowercase()
            .contains("\r\nx-api-key: key\r\n")
    );

    for (body, id) in [
        (
            r#"{"id":{"_serialized":"true_100000000000010@lid_3EB0C"}}"#,
            "3EB0C",
        ),
        (
            r#"{"key":{"id":"3EB0C","remoteJid":"972500000010@s.whatsapp.net"}}"#,
            "3EB0C",
        ),
        (r#"{"id":"3EB0C"}"#, "3EB0C"),
    ] {
        let (address, _told) = server(vec![answer("201 Created", body)]).await;
        let outcome = client()
            .send(&number(&address), outgoing(&to, &content))
            .await;
        assert!(
            matches!(&outcome, SendOutcome::Accepted { provider_id, .. } if provider_id == id),
            "{body}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn sends_end_as_for_every_provider() {
    sends_are_judged(Client::new, number).await;
}

/// Typed by hand from the reference: status, body → how a send ends.
#[tokio::test]
async fn refusals_are_sorted_by_what_they_say() {
    let session = |status: &str| {
        json!({"error": "Session status is not as expected. Try again later or restart the session",
               "session": "sales-1", "status": status, "expected": ["WORKING"]})
        .to_string()
    };
    let exception = |message: &str| {
        json!({"statusCode": 500, "timestamp": "2026-08-20T06:30:05.000Z", "exception": {"message": message},
               "request": {"path": "/api/sendText", "method": "POST"}})
        .to_string()
    };
    let nest =
        |status: u16, message: Value| json!({"statusCode": status, "message": message}).to_string();
    let timelock = String::from_utf8(sample("waha_send_463.response.json")).unwrap();
    let restricted = |reason| (Class::Restricted, reason);
    for (head, body, (class, reason)) in [
        (
            "500 Internal Server Error",
            timelock,
            restricted(FailureReason::ReachOutLocked),
        ),
        (
            "500 Internal Server Error",
            exception("server returned error 475"),
            restricted(FailureReason::ReachOutLocked),
        ),
        (
            "500 Internal Server Error",
            exception("MessageAccountRestriction"),
            restricted(FailureReason::ReachOutLocked),
        ),
        (
            "500 Internal Server Error",
            exception("Error: No LID for user"),
            (Class::Refuse, FailureReason::Undeliverable),
        ),
        (
            "422 Unprocessable Entity",
            session("SCAN_QR_CODE"),
            (Class::Credentials, FailureReason::NumberUnlinked),
        ),
        (
            "422 Unprocessable Entity",
            session("FAILED"),
            (Class::Credentials, FailureReason::NumberUnlinked),
        ),
        (
            "422 Unprocessable Entity",
            session("STARTING"),
            (Class::Wait, FailureReason::NumberUnlinked),
        ),
        (
            "422 Unprocessable Entity",
            nest(422, json!("The method is not implemented by the engine.")),
            (Class::Refuse, FailureReason::UnsupportedType),
        ),
        (
            "400 Bad Request",
            nest(
                400,
                json!(["text must be a string", "chatId must be a string"]),
            ),
            (Class::Refuse, FailureReason::MessageInvalid),
        ),
        (
            "401 Unauthorized",
            nest(401, json!("Unauthorized")),
            (Class::Credentials, FailureReason::TokenInvalid),
        ),
        (
            "403 Forbidden",
            nest(403, json!("Forbidden resource")),
            (Class::Credentials, FailureReason::PermissionMissing),
        ),
        (
            "404 Not Found",
            nest(404, json!("Session not found")),
            (Class::Credentials, FailureReason::NumberUnlinked),
        ),
        (
            "429 Too Many Requests",
            nest(429, json!("slow down")),
            (Class::Wait, FailureReason::NumberRateLimited),
        ),
    ] {
        let (address, _told) = server(vec![answer(head, &body)]).await;
        let (to, content) = (dana(), text("a"));
        let outcome = client()
            .send(&number(&address), outgoing(&to, &content))
            .await;
        let (got, failure) = match outcome {
            SendOutcome::Refused(failure) => (Class::Refuse, failure),
            SendOutcome::Restricted(failure) => (Class::Restricted, failure),
            SendOutcome::Credentials(failure) => (Class::Credentials, failure),
            SendOutcome::RetryAfter { failure, .. } => (Class::Wait, failure),
            other => panic!("{body}: {other:?}"),
        };
        assert_eq!((got, failure.reason), (class, reason), "{body}");
    }
    for body in [
        exception("Protocol error (Runtime.callFunctionOn): Target closed."),
        exception("server returned error 4630"),
    ] {
        let (address, _told) = server(vec![answer("500 Internal Server Error", &body)]).await;
        let (to, content) = (dana(), text("a"));
        let outcome = client()
            .send(&number(&address), outgoing(&to, &content))
            .await;
        assert_eq!(
            outcome,
            SendOutcome::Unclear {
                why: Unclear::ServerError {
                    status: 500,
                    code: 500
                }
            }
        );
    }
    assert_eq!(verdict_on(500, "anything"), None);
    let error = ProviderError {
        code: ACK_ERROR,
        title: Some("ERROR".to_owned()),
        details: None,
    };
    assert_eq!(failure_of(&error).reason, FailureReason::Undeliverable);
    let error = ProviderError { code: 463, ..error };
    assert_eq!(failure_of(&error).reason, FailureReason::ReachOutLocked);
}

fn envelope(event: &str, payload: &Value) -> Vec<u8> {
    json!({
        "event": event, "session": "sales-1", "timestamp": 1_795_334_400_000_i64,
        "me": {"id": "972500000001@c.us"}, "payload": payload,
    })
    .to_string()
    .into_bytes()
}

#[test]
fn what_the_samples_do_not_show() {
    let from_dana = |more: Value| {
        let mut payload = json!({
            "id": "false_972500000010@c.us_3A0000000F", "timestamp": 1_795_334_401, "from": "972500000010@c.us",
            "fromMe": false, "to": "972500000001@c.us", "body": "", "hasMedia": false,
        });
        payload
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        payload
    };
    let ours = |more: Value| {
        let mut payload = from_dana(json!({
            "id": "true_972500000010@c.us_3EB00000000A", "fromMe": true, "from": "972500000001@c.us", "to": "972500000010@c.us",
        }));
        payload
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        payload
    };
    let vcard = "BEGIN:VCARD\nFN:Noa\nTEL;waid=972500000011:+972 50-000-0011\nEND:VCARD";
    for (event, payload, expected) in [
        // What was sent through the API is never a second message.
        (
            "message.any",
            ours(json!({"source": "api", "body": "ours", "ack": 1})),
            "sent 0000000A 972500000010 +1",
        ),
        (
            "message.any",
            ours(json!({"source": "api", "body": "ours", "ack": 0})),
            "notice waha.message.sent_by_us +1 message_id=3EB00000000A",
        ),
        (
            "message.any",
            ours(json!({"body": "no source", "ack": 0})),
            "notice waha.message.sent_by_us +1 message_id=3EB00000000A",
        ),
        (
            "message.any",
            ours(json!({"source": "app", "body": "typed"})),
            "echo 0000000A 972500000010 +1 text \"typed\"",
        ),
        // Receipts, also where only the id names the chat, and by name only.
        (
            "message.ack",
            ours(json!({"ack": 1})),
            "sent 0000000A 972500000010 +1",
        ),
        (
            "message.ack",
            ours(json!({"ack": 2})),
            "delivered 0000000A 972500000010 +1",
        ),
        (
            "message.ack",
            ours(json!({"ack": 4})),
            "played 0000000A 972500000010 +1",
        ),
        (
            "message.ack",
            ours(json!({"ackName": "DEVICE"})),
            "delivered 0000000A 972500000010 +1",
        ),
        (
            "message.ack",
            ours(json!({"ack": -1, "ackName": "ERROR"})),
            "failed 0000000A 972500000010 +1 error=-1 \"\"",
        ),
        (
            "message.ack",
            ours(json!({"ack": 0})),
            "notice waha.message.ack +1 message_id=3EB00000000A",
        ),
        (
            "message.ack",
            ours(json!({"ack": 9})),
            "notice waha.message.ack +1 message_id=3EB00000000A",
        ),
        (
            "message.ack",
            from_dana(json!({"ack": 3})),
            "notice waha.message.ack +1 message_id=3A0000000F",
        ),
        (
            "message.ack",
            json!({"id": "true_100000000000010@lid_3EB00000000A", "fromMe": true, "ack": 2}),
            "delivered 0000000A -~100000000000010@lid +0",
        ),
        // Contents.
        (
            "message",
            from_dana(json!({"body": "שלום", "replyTo": {"id": "3EB00000000A"}})),
            "message 0000000F 972500000010 +1 text \"שלום\" re=0000000A",
        ),
        (
            "message",
            from_dana(
                json!({"body": "ראי", "hasMedia": true, "media": {"url": "http://localhost:3000/api/files/sales-1/a.jpg", "mimetype": "image/jpeg", "filename": "a.jpg"}}),
            ),
            "message 0000000F 972500000010 +1 image link=http://localhost:3000/api/files/sales-1/a.jpg image/jpeg caption=ראי file=a.jpg",
        ),
        (
            "message",
            from_dana(
                json!({"hasMedia": true, "media": {"url": "http://x/v", "mimetype": "audio/ogg; codecs=opus"}}),
            ),
            "message 0000000F 972500000010 +1 audio link=http://x/v audio/ogg; codecs=opus voice",
        ),
        (
            "message",
            from_dana(json!({"hasMedia": true, "media": null})),
            "message 0000000F 972500000010 +1 document nowhere",
        ),
        (
            "message",
            from_dana(
                json!({"location": {"latitude": "32.08", "longitude": 34.78, "description": "Office"}}),
            ),
            "message 0000000F 972500000010 +1 location 32.08 34.78 | Office",
        ),
        (
            "message",
            from_dana(json!({"vCards": [vcard]})),
            "message 0000000F 972500000010 +1 contacts Noa +972 50-000-0011 own=false",
        ),
        (
            "message",
            from_dana(json!({})),
            "message 0000000F 972500000010 +1 unknown message",
        ),
        (
            "message",
            from_dana(
                json!({"id": "false_100000000000010@lid_3A0000000F", "from": "100000000000010@lid", "body": "a", "_data": {"Info": {"SenderAlt": "972500000010@s.whatsapp.net"}}}),
            ),
            "message 0000000F 972500000010~100000000000010@lid +1 text \"a\"",
        ),
        // Not one person's.
        (
            "message",
            from_dana(
                json!({"id": "false_120363000000000001@g.us_3A0000000F_972500000010@c.us", "from": "120363000000000001@g.us", "body": "a"}),
            ),
            "notice waha.message +1 chat=group message_id=3A0000000F",
        ),
        (
            "message",
            from_dana(json!({"id": "false_status@broadcast_3A0000000F_972500000010@c.us"})),
            "notice waha.message +1 chat=broadcast message_id=3A0000000F",
        ),
        (
            "message.any",
            from_dana(json!({"id": "false_1203@newsletter_3A0000000F"})),
            "notice waha.message.any +1 chat=channel message_id=3A0000000F",
        ),
        // Afterwards.
        (
            "message.reaction",
            from_dana(
                json!({"reaction": {"text": "👍", "messageId": "true_972500000010@c.us_3EB00000000A"}}),
            ),
            "reaction 0000000F 972500000010 +1 👍 on 0000000A",
        ),
        (
            "message.reaction",
            ours(
                json!({"reaction": {"text": "", "messageId": "false_972500000010@c.us_3A0000000F"}}),
            ),
            "reaction 0000000A 972500000010 +1 none on 0000000F by-business",
        ),
        (
            "message.edited",
            from_dana(json!({"body": "בעצם לא", "editedMessageId": "3A0000000E"})),
            "edit 0000000F 972500000010 +1 of 0000000E text \"בעצם לא\"",
        ),
        (
            "message.revoked",
            json!({"before": null, "after": from_dana(json!({})), "revokedMessageId": "3A0000000E"}),
            "revoke 0000000F 972500000010 +1 of 0000000E",
        ),
        (
            "message.revoked",
            json!({"before": ours(json!({})), "after": null}),
            "revoke 0000000A 972500000010 +1 of 0000000A by-business",
        ),
        // The rest is told by its name only.
        (
            "presence.update",
            json!({"id": "972500000010@c.us", "presences": []}),
            "notice waha.presence.update +0 ",
        ),
        (
            "call.received",
            json!({"from": "972500000010@c.us"}),
            "notice waha.call.received +0 ",
        ),
        (
            "session.status",
            json!({"status": "WORKING"}),
            "hint number waha.session.status +0 state=WORKING",
        ),
        // What is missing is named.
        (
            "message",
            json!({"from": "972500000010@c.us"}),
            "bad: payload.id is missing",
        ),
        (
            "message",
            json!({"id": "3A"}),
            "bad: payload.from is missing",
        ),
        (
            "session.status",
            json!({}),
            "bad: payload.status is missing",
        ),
    ] {
        let told = told(&client(), &number("http://x"), &envelope(event, &payload));
        // A group's own notice has the time of its webhook.
        let expected = if expected.contains("chat=") {
            expected.replace("+1", "+0")
        } else {
            expected.to_owned()
        };
        assert_eq!(told, [expected], "{event} {payload}");
    }
}

#[test]
fn what_is_not_wahas_goes_to_quarantine() {
    let number = number("http://x");
    for body in [
        &b""[..],
        b"{",
        b"[]",
        b"{}",
        br#"{"event":"message"}"#,
        br#"{"payload":{}}"#,
    ] {
        assert!(
            client().parse(&number, body).is_err(),
            "{}",
            String::from_utf8_lossy(body)
        );
    }
}

/// The vendor's published vector.
const SIGNED: &[u8] = br#"{"event":"message","session":"default","engine":"WEBJS"}"#;
const SIGNATURE: &str = "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89";

fn signed(secrets: &[&str], header: Option<&str>, body: &[u8]) -> Result<(), WebhookRefused> {
    let mut number = number("http://x");
    number.webhook_secrets = secrets.iter().map(|text| Secret::from(*text)).collect();
    let headers: Vec<_> = header
        .map(|value| ("x-webhook-hmac", value))
        .into_iter()
        .collect();
    verified(&client(), &number, HOOK, &headers, body)
}

#[test]
fn only_what_is_signed_with_our_secret_comes_in() {
    let upper = SIGNATURE.to_uppercase();
    for (secrets, header, body, expected) in [
        (&["my-secret-key"][..], Some(SIGNATURE), SIGNED, Ok(())),
        (&["my-secret-key"], Some(&upper), SIGNED, Ok(())),
        (&["old", "my-secret-key"], Some(SIGNATURE), SIGNED, Ok(())),
        (
            &["other"],
            Some(SIGNATURE),
            SIGNED,
            Err(WebhookRefused::Wrong),
        ),
        (&[], Some(SIGNATURE), SIGNED, Err(WebhookRefused::Wrong)),
        (&[""], Some(SIGNATURE), SIGNED, Err(WebhookRefused::Wrong)),
        (
            &["my-secret-key"],
            Some(SIGNATURE),
            b"{}",
            Err(WebhookRefused::Wrong),
        ),
        (
            &["my-secret-key"],
            None,
            SIGNED,
            Err(WebhookRefused::Missing),
        ),
        (
            &["my-secret-key"],
            Some(""),
            SIGNED,
            Err(WebhookRefused::Malformed),
        ),
        (
            &["my-secret-key"],
            Some(&SIGNATURE[2..]),
            SIGNED,
            Err(WebhookRefused::Malformed),
        ),
        (
            &["my-secret-key"],
            Some("no hex"),
            SIGNED,
            Err(WebhookRefused::Malformed),
        ),
    ] {
        assert_eq!(
            signed(secrets, header, body),
            expected,
            "{secrets:?} {header:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_changed_byte_is_refused(at in any::<prop::sample::Index>(), by in 1..=255_u8) {
        let mut body = SIGNED.to_vec();
        let at = at.index(body.len());
        body[at] ^= by;
        prop_assert_eq!(signed(&["my-secret-key"], Some(SIGNATURE), &body), Err(WebhookRefused::Wrong));
    }

    #[test]
    fn any_json_is_read_or_refused(event in "(message(\\.(any|ack|reaction|edited|revoked))?|session\\.status|[a-z.]{0,8})", payload in crate::properties::any_json()) {
        read_any(&client(), &number("http://x"), &envelope(&event, &payload));
    }

    #[test]
    fn a_broken_sample_never_panics(which in 0..5_usize, at in any::<prop::sample::Index>(), value in crate::properties::any_json()) {
        let files: Vec<String> = names("waha").into_iter().filter(|name| name.contains("webhook")).collect();
        let mut body = json_sample(&format!("waha_{}", files[which % files.len()]));
        crate::properties::replace_somewhere(&mut body, at, value);
        read_any(&client(), &number("http://x"), body.to_string().as_bytes());
    }
}

fn state(link: LinkState, phone: Option<&str>, until: Option<&str>, detail: &str) -> NumberState {
    NumberState {
        link,
        phone: phone.map(str::to_owned),
        restricted_until: until.map(|text| text.parse().unwrap()),
        detail: Some(detail.to_owned()),
    }
}

#[test]
fn a_session_tells_its_link_and_its_restriction() {
    let ours = Some("972500000001");
    assert_eq!(
        state_of(&json_sample("waha_session_info_timelocked.response.json")),
        state(
            LinkState::Restricted,
            ours,
            Some("2026-08-26T09:33:50Z"),
            "RESTRICT_ALL_COMPANIONS"
        ),
    );
    let session = |status: &str, more: Value| {
        let mut me = json!({"id": "972500000001@c.us"});
        me.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        state_of(&json!({"name": "sales-1", "status": status, "me": me}))
    };
    let capped = json!({"messageCapping": {"cappingStatus": "CAPPED", "cycleEnd": 1_787_207_411}});
    assert_eq!(
        session("WORKING", capped.clone()),
        state(
            LinkState::Restricted,
            ours,
            Some("2026-08-20T06:30:11Z"),
            "CAPPED"
        )
    );
    assert_eq!(
        session("FAILED", capped),
        state(LinkState::Unlinked, ours, None, "FAILED")
    );
    let quiet = json!({"reachoutTimelock": {"isActive": false}, "messageCapping": {"cappingStatus": "NONE"}});
    for (status, link) in [
        ("WORKING", LinkState::Linked),
        ("STARTING", LinkState::Starting),
        ("SCAN_QR_CODE", LinkState::AwaitingCode),
        ("PASSKEY_REQUIRED", LinkState::AwaitingCode),
        ("STOPPED", LinkState::Unlinked),
        ("FAILED", LinkState::Unlinked),
        ("SOMETHING_NEW", LinkState::Unknown),
    ] {
        assert_eq!(
            session(status, quiet.clone()),
            state(link, ours, None, status)
        );
    }
}

fn session_answer(status: &str, config: &Value) -> String {
    json!({"name": "sales-1", "status": status, "config": config}).to_string()
}

#[tokio::test]
async fn a_session_is_made_once_and_changed_only_where_it_must_be() {
    // There is none: it is made and started.
    let (address, told) = server(vec![
        answer(
            "404 Not Found",
            r#"{"statusCode":404,"message":"Session not found"}"#,
        ),
        answer("201 Created", "{}"),
    ])
    .await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    let requests = told.await.unwrap();
    assert!(requests[0].starts_with("GET /api/sessions/sales-1 HTTP/1.1"));
    assert!(requests[1].starts_with("POST /api/sessions HTTP/1.1"));
    let made: Value = serde_json::from_str(body_of(&requests[1])).unwrap();
    assert_eq!(
        made,
        session_json("sales-1", HOOK, "invented-waha-hmac-key")
    );

    // It stands as we want it: only started, where it is stopped.
    let config = &made["config"];
    let (address, told) = server(vec![answer("200 OK", &session_answer("WORKING", config))]).await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    assert_eq!(told.await.unwrap().len(), 1);
    let (address, told) = server(vec![
        answer("200 OK", &session_answer("STOPPED", config)),
        answer("201 Created", ""),
    ])
    .await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    assert!(told.await.unwrap()[1].starts_with("POST /api/sessions/sales-1/start HTTP/1.1"));

    // It knows another secret: changed, and what is not ours is left alone.
    let other = json!({
        "proxy": {"server": "p:3128"},
        "webhooks": [{"url": "https://n8n.example.co.il/x", "events": ["message"]}, {"url": HOOK, "events": ["*"]}],
    });
    let (address, told) = server(vec![
        answer("200 OK", &session_answer("WORKING", &other)),
        answer("200 OK", "{}"),
    ])
    .await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    let requests = told.await.unwrap();
    assert!(requests[1].starts_with("PUT /api/sessions/sales-1 HTTP/1.1"));
    let changed: Value = serde_json::from_str(body_of(&requests[1])).unwrap();
    assert_eq!(changed["config"]["proxy"], other["proxy"]);
    assert_eq!(changed["config"]["webhooks"][0], other["webhooks"][0]);
    assert_eq!(changed["config"]["webhooks"][1], config["webhooks"][0]);
    assert_eq!(changed["config"]["webhooks"].as_array().unwrap().len(), 2);

    let mut without = number("http://127.0.0.1:1");
    without.webhook_secrets.clear();
    let refused = client().set_up(&without, HOOK).await;
    assert!(matches!(refused, Err(CallError::Credentials(_))));
}

#[tokio::test]
async fn a_link_begins_with_a_code() {
    let waiting = session_answer("SCAN_QR_CODE", &Value::Null);
    let (address, told) = server(vec![
        answer("200 OK", &waiting),
        sample_answer("200 OK", "waha_qr_raw.response.json"),
    ])
    .await;
    let code = client().link_code(&number(&address), None).await.unwrap();
    let qr = json_sample("waha_qr_raw.response.json")["value"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(code, LinkCode::QrText(qr));
    assert!(told.await.unwrap()[1].starts_with("GET /api/sales-1/auth/qr?format=raw HTTP/1.1"));

    let (address, told) = server(vec![
        answer("200 OK", &waiting),
        sample_answer("201 Created", "waha_request_code.response.json"),
    ])
    .await;
    let code = client()
        .link_code(&number(&address), Some("+972500000001"))
        .await
        .unwrap();
    assert_eq!(code, LinkCode::Pairing("ABCD-EFGH".to_owned()));
    let request = &told.await.unwrap()[1];
    assert!(request.starts_with("POST /api/sales-1/auth/request-code HTTP/1.1"));
    assert_eq!(body_of(request), r#"{"phoneNumber":"972500000001"}"#);

    let (address, _told) = server(vec![answer(
        "200 OK",
        &session_answer("WORKING", &Value::Null),
    )])
    .await;
    assert_eq!(
        client().link_code(&number(&address), None).await,
        Ok(LinkCode::Linked)
    );

    // A session that gave up is started again, and asked again by the caller.
    let (address, told) = server(vec![
        answer("200 OK", &session_answer("FAILED", &Value::Null)),
        answer("201 Created", "{}"),
    ])
    .await;
    let later = client().link_code(&number(&address), None).await;
    assert!(
        matches!(later, Err(CallError::RetryAfter { .. })),
        "{later:?}"
    );
    assert!(told.await.unwrap()[1].starts_with("POST /api/sessions/sales-1/restart HTTP/1.1"));

    let (address, _told) = server(vec![answer(
        "200 OK",
        &session_answer("PASSKEY_REQUIRED", &Value::Null),
    )])
    .await;
    let refused = client().link_code(&number(&address), None).await;
    assert!(
        matches!(refused, Err(CallError::Refused(failure)) if failure.details.as_deref() == Some("PASSKEY_REQUIRED"))
    );
}

#[tokio::test]
async fn a_link_ends_with_a_logout() {
    let (address, told) = server(vec![
        answer("200 OK", &session_answer("WORKING", &Value::Null)),
        answer("201 Created", "{}"),
    ])
    .await;
    assert_eq!(client().unlink(&number(&address)).await, Ok(()));
    assert!(told.await.unwrap()[1].starts_with("POST /api/sessions/sales-1/logout HTTP/1.1"));
    let gone = r#"{"statusCode":404,"message":"Session not found"}"#;
    let (address, _told) = server(vec![answer("404 Not Found", gone)]).await;
    assert_eq!(client().unlink(&number(&address)).await, Ok(()));
    let (address, _told) = server(vec![answer("404 Not Found", gone)]).await;
    let state = client().state(&number(&address)).await.unwrap();
    assert_eq!(state.link, LinkState::Unlinked);
}

#[tokio::test]
async fn a_message_is_marked_as_read() {
    let (address, told) = server(vec![answer("201 Created", "{}")]).await;
    let done = client()
        .mark_read(&number(&address), &dana(), "3A0F", true)
        .await;
    assert_eq!(done, Ok(()));
    let request = &told.await.unwrap()[0];
    assert!(request.starts_with("POST /api/sendSeen HTTP/1.1"));
    let body: Value = serde_json::from_str(body_of(request)).unwrap();
    assert_eq!(
        body,
        json!({"session": "sales-1", "chatId": "972500000010@c.us", "messageIds": ["false_972500000010@c.us_3A0F"]})
    );
}

#[tokio::test]
async fn a_file_is_asked_where_waha_is_and_nowhere_else() {
    let link = |text: String| MediaSource::Link(text);
    // WAHA's own idea of its address is not ours.
    for told_host in ["{here}", "http://localhost:3000"] {
        let (address, told) =
            server(vec![answer("200 OK\r\ncontent-type: image/png", "12345")]).await;
        let url = format!(
            "{}/api/files/sales-1/a%20b.png?x=1",
            told_host.replace("{here}", &address)
        );
        let fetched = client()
            .fetch(&number(&address), &link(url), 5)
            .await
            .unwrap();
        assert_eq!(fetched.bytes.as_ref(), b"12345");
        assert_eq!(fetched.mime_type.as_deref(), Some("image/png"));
        let request = told.await.unwrap()[0].to_ascii_lowercase();
        assert!(
            request.starts_with("get /api/files/sales-1/a%20b.png?x=1 http/1.1"),
            "{request}"
        );
        assert!(request.contains("\r\nx-api-key: key\r\n"));
    }
    for (then, expected) in [
        (answer("200 OK", "123456"), FetchError::Never),
        (answer("404 Not Found", ""), FetchError::Never),
        (answer("401 Unauthorized", ""), FetchError::Later),
        (answer("503 Service Unavailable", ""), FetchError::Later),
    ] {
        let (address, _told) = server(vec![then]).await;
        let refused = client()
            .fetch(
                &number(&address),
                &link(format!("{address}/api/files/a")),
                5,
            )
            .await
            .err();
        assert_eq!(refused, Some(expected));
    }
    let nowhere = number("http://127.0.0.1:1");
    for foreign in [
        link("https://bucket.s3.example/a.jpg".to_owned()),
        link("http://169.254.169.254/latest/api/files/".to_owned()),
        link("file:///api/files/a".to_owned()),
        link("no address".to_owned()),
        MediaSource::Id("1".to_owned()),
    ] {
        assert_eq!(
            client().fetch(&nowhere, &foreign, 5).await.err(),
            Some(FetchError::Never),
            "{foreign:?}"
        );
    }
}
