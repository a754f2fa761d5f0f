//! WAHA: its samples in, ours out. The calls stand in `waha_calls`, the door in `waha_door`.

use bytes::Bytes;
use domain::channel::{LinkState, Provider};
use domain::content::{Content, Location, MediaContent, MediaKind};
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, Number, NumberState, OutFile, Outgoing};
use whatsapp::provider::Secret;
use whatsapp::waha::link::{session_json, state_of};
use whatsapp::waha::{Client, request};

use crate::providers::{
    PATIENT, changes, dana, http, json_sample, names, number as number_of, outgoing, sample, text,
    told,
};

pub const HOOK: &str = "https://leads.example.co.il/hooks/waha/3f1c";
/// The samples' message to Dana.
pub const HELLO: &str = "היי דנה, כאן יעל ממשרד לוי. אפשר לשאול שאלה קצרה?";

pub fn number(base_url: &str) -> Number {
    let mut number = number_of(Provider::Waha, base_url);
    number.number = "sales-1".to_owned();
    number.webhook_secrets = vec![Secret::from("invented-waha-hmac-key")];
    number
}

pub fn client() -> Client {
    Client::new(http(PATIENT))
}

pub fn file(mime_type: &str, filename: &str) -> OutFile {
    OutFile {
        bytes: Bytes::from_static(b"bytes"),
        mime_type: mime_type.to_owned(),
        filename: filename.to_owned(),
        link: None,
        upload_id: None,
    }
}

pub fn media(kind: MediaKind, caption: Option<&str>, voice: bool) -> Content {
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

pub fn envelope(event: &str, payload: &Value) -> Vec<u8> {
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
