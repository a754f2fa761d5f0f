//! wuzapi: its samples in, ours out. The calls stand in `wuzapi_calls`.

use bytes::Bytes;
use domain::channel::{LinkState, Provider};
use domain::content::{Content, Location, MediaContent, MediaKind};
use proptest::prelude::*;
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, Number, OutFile, Outgoing, WebhookRefused};
use whatsapp::provider::Secret;
use whatsapp::wuzapi::link::state_of;
use whatsapp::wuzapi::{Client, request};

use crate::providers::{
    PATIENT, changes, dana, http, json_sample, names, number as number_of, outgoing, read_any,
    sample, text, told, verified,
};

pub const HOOK: &str = "https://leads.example.co.il/hooks/wuzapi/3f1c";
pub const KEY: &str = "invented-wuzapi-hmac-key-0123456789";

pub fn number(base_url: &str) -> Number {
    let mut number = number_of(Provider::Wuzapi, base_url);
    number.number = "sales-1".to_owned();
    number.webhook_secrets = vec![Secret::from(KEY)];
    number
}

pub fn client() -> Client {
    Client::new(http(PATIENT))
}

#[test]
fn every_sample_is_said_or_understood() {
    let hello =
        "message 0000000A 972500000010~100000000000010@lid דנה לוי -8126989 text \"כן בטח\"";
    for name in names("wuzapi") {
        let expected = match name.as_str() {
            "message_json_mode.webhook.json" | "message_form_mode.webhook.form" => hello,
            "read_receipt.webhook.json" => "read 00000001 972500000010 -8126940",
            // Said, or read as an answer, in the tests below. Numbers are not asked whether they are on WhatsApp.
            "send_text.request.json"
            | "send_text.response.json"
            | "status.response.json"
            | "user_check.response.json" => continue,
            other => panic!("no expectation for {other}"),
        };
        let body = sample(&format!("wuzapi_{name}"));
        assert_eq!(
            told(&client(), &number("http://x"), &body),
            [expected],
            "{name}"
        );
        let change = &changes(&client(), &number("http://x"), &body)[0];
        assert_eq!(
            change.address.phone_number_id.as_deref(),
            Some("sales-1"),
            "{name}"
        );
    }
    let (to, content) = (dana(), text("היי דנה, כאן יעל ממשרד לוי."));
    let mut expected = json_sample("wuzapi_send_text.request.json");
    // Whether a second message with the same id is really passed over is not known.
    expected.as_object_mut().unwrap().remove("Id");
    assert_eq!(request(&outgoing(&to, &content)), Ok(("text", expected)));
    let status = &json_sample("wuzapi_status.response.json")["data"];
    assert_eq!(state_of(status).link, LinkState::AwaitingCode);
}

#[test]
fn each_kind_of_message_has_its_method() {
    let to = dana();
    let said = |kind: MediaKind, caption: Option<&str>, mime: &str| {
        let mut media = MediaContent::new(kind);
        media.caption = caption.map(str::to_owned);
        let file = OutFile {
            bytes: Bytes::from_static(b"bytes"),
            mime_type: mime.to_owned(),
            filename: "a.bin".to_owned(),
            link: None,
            upload_id: None,
        };
        let content = Content::Media(media);
        let out = Outgoing {
            file: Some(&file),
            ..outgoing(&to, &content)
        };
        let (method, mut body) = request(&out).unwrap();
        assert_eq!(
            body.as_object_mut().unwrap().remove("Phone"),
            Some("972500000010".into())
        );
        (method, body)
    };
    let document =
        json!({"Document": "data:application/octet-stream;base64,Ynl0ZXM=", "FileName": "a.bin"});
    for (kind, caption, mime, expected) in [
        (
            MediaKind::Image,
            Some("ראי"),
            "image/jpeg",
            (
                "image",
                json!({"Image": "data:image/jpeg;base64,Ynl0ZXM=", "Caption": "ראי"}),
            ),
        ),
        (
            MediaKind::Video,
            None,
            "video/mp4",
            ("video", json!({"Video": "data:video/mp4;base64,Ynl0ZXM="})),
        ),
        (
            MediaKind::Audio,
            None,
            "audio/ogg; codecs=opus",
            ("audio", json!({"Audio": "data:audio/ogg;base64,Ynl0ZXM="})),
        ),
        (
            MediaKind::Audio,
            None,
            "audio/mpeg",
            ("document", document.clone()),
        ),
        (
            MediaKind::Document,
            None,
            "application/pdf",
            ("document", document),
        ),
        (
            MediaKind::Sticker,
            None,
            "image/webp",
            (
                "sticker",
                json!({"Sticker": "data:image/webp;base64,Ynl0ZXM="}),
            ),
        ),
    ] {
        assert_eq!(said(kind, caption, mime), expected);
    }
    let place = Content::Location(Location {
        latitude: 32.5,
        longitude: 34.5,
        name: Some("משרד".to_owned()),
        address: None,
        url: None,
    });
    let out = Outgoing {
        reply_to: Some("3A0F"),
        ..outgoing(&to, &place)
    };
    let quoted = json!({"StanzaId": "3A0F", "Participant": "972500000010@s.whatsapp.net"});
    assert_eq!(
        request(&out),
        Ok((
            "location",
            json!({"Phone": "972500000010", "Latitude": 32.5, "Longitude": 34.5, "Name": "משרד", "ContextInfo": quoted})
        ))
    );
}

pub fn hook(kind: &str, event: &Value) -> Vec<u8> {
    json!({"type": kind, "event": event, "instanceName": "sales-1"})
        .to_string()
        .into_bytes()
}

#[test]
fn what_the_samples_do_not_show() {
    let said = |from_me: bool, message: Value| {
        json!({
            "Info": {"ID": "3A0000000000000F", "Chat": "972500000010@s.whatsapp.net", "IsFromMe": from_me, "PushName": "Dana",
                "Timestamp": "2026-11-22T10:00:01+02:00", "SenderAlt": "100000000000010@lid"},
            "Message": message,
        })
    };
    let dana = "0000000F 972500000010~100000000000010@lid Dana +1";
    for (kind, event, expected) in [
        (
            "Message",
            said(true, json!({"conversation": "typed"})),
            "echo 0000000F 972500000010 +1 text \"typed\"".to_owned(),
        ),
        (
            "Message",
            said(
                false,
                json!({"extendedTextMessage": {"text": "a", "contextInfo": {"stanzaID": "3EB0000000000A"}}}),
            ),
            format!("message {dana} text \"a\" re=0000000A"),
        ),
        (
            "Message",
            said(
                false,
                json!({"protocolMessage": {"key": {"ID": "3A0000000000000E"}, "type": 14, "editedMessage": {"conversation": "b"}}}),
            ),
            "edit 0000000F 972500000010~100000000000010@lid Dana +1 of 0000000E text \"b\""
                .to_owned(),
        ),
        (
            "Message",
            said(
                false,
                json!({"protocolMessage": {"key": {"ID": "3A0000000000000E"}, "type": 0}}),
            ),
            "revoke 0000000F 972500000010~100000000000010@lid Dana +1 of 0000000E".to_owned(),
        ),
        (
            "Message",
            said(false, json!({"protocolMessage": {"type": 5}})),
            "notice wuzapi.Message +1 message_id=3A0000000000000F".to_owned(),
        ),
        (
            "Message",
            said(
                true,
                json!({"reactionMessage": {"key": {"ID": "3A0000000000000E"}, "text": "👍"}}),
            ),
            "reaction 0000000F 972500000010 +1 👍 on 0000000E by-business".to_owned(),
        ),
        (
            "Message",
            said(
                false,
                json!({"audioMessage": {"mimetype": "audio/ogg", "PTT": true}}),
            ),
            format!("message {dana} audio nowhere audio/ogg voice"),
        ),
        (
            "Message",
            json!({"Info": {"ID": "3A0F", "Chat": "1203@g.us"}}),
            "notice wuzapi.Message ? chat=group message_id=3A0F".to_owned(),
        ),
        (
            "Connected",
            json!({}),
            "hint number wuzapi.Connected ? state=Connected".to_owned(),
        ),
        (
            "LoggedOut",
            json!({"OnConnect": false, "Reason": 401}),
            "hint number wuzapi.LoggedOut ? state=LoggedOut".to_owned(),
        ),
        (
            "TemporaryBan",
            json!({"Code": 101, "Expire": 86_400_000_000_000_i64}),
            "hint number wuzapi.TemporaryBan ? code=101 state=TemporaryBan".to_owned(),
        ),
        (
            "Presence",
            json!({"From": "972500000010@s.whatsapp.net"}),
            "notice wuzapi.Presence ? ".to_owned(),
        ),
        (
            "Message",
            json!({}),
            "bad: event.Info is missing".to_owned(),
        ),
        (
            "ReadReceipt",
            json!({"Chat": "972500000010@s.whatsapp.net"}),
            "notice wuzapi.ReadReceipt ? ".to_owned(),
        ),
    ] {
        let told = told(&client(), &number("http://x"), &hook(kind, &event));
        // 2026-11-22T08:00:00Z is the zero of these lines.
        assert_eq!(told, [expected], "{kind} {event}");
    }
    let receipts = |state: &str, from_me: bool| {
        let event = json!({"Chat": "972500000010@s.whatsapp.net", "IsFromMe": from_me, "MessageIDs": ["3EB0000000000A", "3EB0000000000B"]});
        let body =
            json!({"type": "ReadReceipt", "state": state, "event": event, "token": "secret"})
                .to_string();
        assert!(
            !String::from_utf8_lossy(&client().cut(body.as_bytes()).unwrap()[0]).contains("secret")
        );
        told(&client(), &number("http://x"), body.as_bytes())
    };
    assert_eq!(
        receipts("Delivered", false),
        [
            "delivered 0000000A 972500000010 ?",
            "delivered 0000000B 972500000010 ?"
        ]
    );
    assert_eq!(
        receipts("ReadSelf", false),
        ["notice wuzapi.ReadReceipt ? state=ReadSelf"]
    );
    assert_eq!(
        receipts("Read", true),
        ["notice wuzapi.ReadReceipt ? state=Read"]
    );

    let form = sample("wuzapi_message_form_mode.webhook.form");
    assert!(
        !String::from_utf8_lossy(&client().cut(&form).unwrap()[0]).contains("invented-user-token")
    );
    assert!(client().cut(b"token=only").is_err());
    for body in [&b"{"[..], b"{}", b"{\"event\":1}"] {
        assert!(client().parse(&number("http://x"), body).is_err());
    }
}

#[test]
fn only_what_is_signed_with_our_key_comes_in() {
    let json_body: &[u8] = br#"{"type":"Connected"}"#;
    let json_mac = "e76ceff4e69749cc7b24051ff1a751b602032e178850a17c8d648bcc561815f1";
    let form: &[u8] =
        b"jsonData=%7B%22type%22%3A%22Connected%22%7D&token=invented-user-token&userID=7f000000";
    let form_mac = "bbaa431ebe573937a5afd5e76a636665976542c9198c4516f51580261948e2ce";
    for (header, body, expected) in [
        (Some(json_mac), json_body, Ok(())),
        (Some(form_mac), form, Ok(())),
        (Some(form_mac), json_body, Err(WebhookRefused::Wrong)),
        (Some(json_mac), b"{}", Err(WebhookRefused::Wrong)),
        (
            Some(&json_mac[2..]),
            json_body,
            Err(WebhookRefused::Malformed),
        ),
        (Some("no hex"), json_body, Err(WebhookRefused::Malformed)),
        (None, json_body, Err(WebhookRefused::Missing)),
    ] {
        let headers: Vec<_> = header
            .map(|value| ("x-hmac-signature", value))
            .into_iter()
            .collect();
        assert_eq!(
            verified(&client(), &number("http://x"), HOOK, &headers, body),
            expected,
            "{header:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_changed_byte_is_refused(at in any::<prop::sample::Index>(), by in 1..=255_u8) {
        let mut body = br#"{"type":"Connected"}"#.to_vec();
        let at = at.index(body.len());
        body[at] ^= by;
        let header = [("x-hmac-signature", "e76ceff4e69749cc7b24051ff1a751b602032e178850a17c8d648bcc561815f1")];
        prop_assert_eq!(verified(&client(), &number("http://x"), HOOK, &header, &body), Err(WebhookRefused::Wrong));
    }

    #[test]
    fn any_json_is_read_or_refused(kind in "(Message|ReadReceipt|Connected|[A-Za-z]{0,8})", event in crate::properties::any_json()) {
        read_any(&client(), &number("http://x"), &hook(&kind, &event));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        read_any(&client(), &number("http://x"), &bytes);
    }

    #[test]
    fn a_broken_sample_never_panics(form: bool, at in any::<prop::sample::Index>(), value in crate::properties::any_json()) {
        let file = if form { "wuzapi_message_json_mode.webhook.json" } else { "wuzapi_read_receipt.webhook.json" };
        let mut body = json_sample(file);
        crate::properties::replace_somewhere(&mut body, at, value);
        read_any(&client(), &number("http://x"), body.to_string().as_bytes());
    }
}
