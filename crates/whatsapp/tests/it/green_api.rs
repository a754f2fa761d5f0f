//! Green API: its samples in, ours out. The calls stand in `green_api_calls`.

use bytes::Bytes;
use domain::channel::Provider;
use domain::content::{Content, Location, MediaContent, MediaKind};
use domain::failure::FailureReason;
use domain::report::ProviderError;
use proptest::prelude::*;
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, Number, OutFile, Outgoing, WebhookRefused};
use whatsapp::green_api::errors::{code_of_receipt, failure_of};
use whatsapp::green_api::link::settings_json;
use whatsapp::green_api::{Client, Request, request};
use whatsapp::provider::Secret;

use crate::providers::{
    PATIENT, changes, dana, http, json_sample, names, number as number_of, outgoing, read_any,
    sample, text, told, verified,
};

pub const HOOK: &str = "https://leads.example.co.il/hooks/green/3f1c";
pub const TOKEN: &str = "d75b3a66374942c5b3c019c698abc2067e151558acbd451234";

pub fn number(base_url: &str) -> Number {
    let mut number = number_of(Provider::GreenApi, base_url);
    number.number = "7103000001".to_owned();
    number.token = Secret::from(TOKEN);
    number.webhook_secrets = vec![Secret::from("invented-green-token")];
    number
}

pub fn client() -> Client {
    Client::new(http(PATIENT))
}

pub fn file() -> OutFile {
    OutFile {
        bytes: Bytes::from_static(b"bytes"),
        mime_type: "image/jpeg".to_owned(),
        filename: "a.jpg".to_owned(),
        link: None,
        upload_id: None,
    }
}

pub fn media(kind: MediaKind, caption: Option<&str>) -> Content {
    let mut media = MediaContent::new(kind);
    media.caption = caption.map(str::to_owned);
    Content::Media(media)
}

#[test]
fn every_sample_is_said_or_understood() {
    for name in names("greenapi") {
        let expected: &str = match name.as_str() {
            "incoming_text.webhook.json" | "receive_notification.response.json" => {
                "message 0000000A 972500000010 דנה לוי -8126989 text \"כן בטח\""
            }
            "incoming_image.webhook.json" => {
                "message 0000000C 972500000010 דנה לוי -8126989 image \
                 link=https://do-media-7103.fra1.digitaloceanspaces.example/7103000001/invented.jpg image/jpeg \
                 caption=התמונה מהשטח file=invented.jpg"
            }
            "outgoing_from_phone.webhook.json" => {
                "echo 0000000B 972500000010 -8126989 text \"תודה! נדבר מחר ב-10\""
            }
            "status_read.webhook.json" => "read 00000001 972500000010 -8126970",
            "status_no_account.webhook.json" => {
                "failed 00000002 972500000099 -8126969 error=2 \"Number is not registered on WhatsApp\""
            }
            "state_yellow_card.webhook.json" => {
                "hint number green_api.stateInstanceChanged -8126401 state=yellowCard"
            }
            "quota_exceeded.webhook.json" => {
                "hint number green_api.quotaExceeded -8125401 method=correspondents state=quotaExceeded \
                 status=CORRESPONDENTS_QUOTA_EXCEEDED total=3 used=3"
            }
            // Said, or read as an answer, in the tests below. Numbers are not asked whether they are on WhatsApp.
            "send_message.request.json"
            | "send_message.response.json"
            | "set_settings.request.json"
            | "qr.response.json"
            | "check_whatsapp.response.json" => continue,
            other => panic!("no expectation for {other}"),
        };
        let told = told(
            &client(),
            &number("http://x"),
            &sample(&format!("greenapi_{name}")),
        );
        assert_eq!(told, [expected], "{name}");
    }
    let body = sample("greenapi_incoming_text.webhook.json");
    let change = &changes(&client(), &number("http://x"), &body)[0];
    assert_eq!(
        change.address.phone_number_id.as_deref(),
        Some("7103000001")
    );
    assert_eq!(
        change.address.display_phone.as_deref(),
        Some("972500000001")
    );
}

#[test]
fn the_samples_requests_are_ours() {
    let (to, content) = (dana(), text("היי דנה, כאן יעל ממשרד לוי."));
    let expected = json_sample("greenapi_send_message.request.json");
    assert_eq!(
        request(&outgoing(&to, &content)),
        Ok(Request::Json("sendMessage", expected))
    );

    let mut expected = json_sample("greenapi_set_settings.request.json");
    // We pace ourselves, and want to hear of changes.
    expected["delaySendMessagesMilliseconds"] = 1000.into();
    expected["editedMessageWebhook"] = "yes".into();
    expected["deletedMessageWebhook"] = "yes".into();
    assert_eq!(settings_json(HOOK, "invented-green-token"), expected);
}

#[test]
fn each_kind_of_message_has_its_method() {
    let to = dana();
    let file = file();
    let said = |content: &Content| {
        request(&Outgoing {
            reply_to: Some("3A0F"),
            file: Some(&file),
            ..outgoing(&to, content)
        })
        .unwrap()
    };
    assert_eq!(
        said(&media(MediaKind::Image, Some("התמונה"))),
        Request::Upload {
            fields: vec![
                ("chatId", "972500000010@c.us".to_owned()),
                ("fileName", "a.jpg".to_owned()),
                ("caption", "התמונה".to_owned()),
                ("quotedMessageId", "3A0F".to_owned()),
            ],
            mime_type: "image/jpeg".to_owned(),
            filename: "a.jpg".to_owned(),
            bytes: Bytes::from_static(b"bytes"),
        }
    );
    let place = Location {
        latitude: 32.0853,
        longitude: 34.7818,
        name: Some("משרד לוי".to_owned()),
        address: None,
        url: None,
    };
    assert_eq!(
        said(&Content::Location(place)),
        Request::Json(
            "sendLocation",
            json!({
                "chatId": "972500000010@c.us", "nameLocation": "משרד לוי", "address": "",
                "latitude": 32.0853, "longitude": 34.7818, "quotedMessageId": "3A0F",
            })
        )
    );
    assert_eq!(
        said(&text("a")),
        Request::Json(
            "sendMessage",
            json!({"chatId": "972500000010@c.us", "message": "a", "linkPreview": false, "quotedMessageId": "3A0F"})
        )
    );
}

#[test]
fn failures_that_come_later_have_codes_of_ours() {
    for (word, reason) in [
        ("failed", FailureReason::Undeliverable),
        ("noAccount", FailureReason::RecipientInvalid),
        ("notInGroup", FailureReason::GroupRefused),
        ("yellowCard", FailureReason::QualityLimited),
    ] {
        let error = ProviderError {
            code: code_of_receipt(word).unwrap(),
            title: Some(word.to_owned()),
            details: None,
        };
        let failure = failure_of(&error);
        assert_eq!(
            (failure.reason, failure.details.as_deref()),
            (reason, Some(word))
        );
    }
    assert_eq!(code_of_receipt("read"), None);
}

fn hook(kind: &str, more: Value) -> Vec<u8> {
    let mut body = json!({
        "typeWebhook": kind, "timestamp": 1_795_334_400, "idMessage": "3A0000000000000F",
        "instanceData": {"idInstance": 7_103_000_001_i64, "wid": "972500000001@c.us"},
        "senderData": {"chatId": "972500000010@c.us", "sender": "972500000010@c.us", "senderName": "Dana"},
    });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body.to_string().into_bytes()
}

#[test]
fn what_the_samples_do_not_show() {
    const INCOMING: &str = "incomingMessageReceived";
    const TYPED: &str = "outgoingMessageReceived";
    let said = |kind: &str, data: Value| {
        let mut data = data;
        data["typeMessage"] = kind.into();
        json!({ "messageData": data })
    };
    let vcard = "BEGIN:VCARD\nFN:Noa\nTEL;waid=972500000011:+972 50-000-0011\nEND:VCARD";
    let dana = "0000000F 972500000010 Dana +0";
    for (kind, more, expected) in [
        (
            INCOMING,
            said(
                "extendedTextMessage",
                json!({"extendedTextMessageData": {"text": "a", "isForwarded": true}}),
            ),
            format!("message {dana} text \"a\" forwarded"),
        ),
        (
            INCOMING,
            said(
                "quotedMessage",
                json!({"extendedTextMessageData": {"text": "כן"}, "quotedMessage": {"stanzaId": "BAE500000000000A"}}),
            ),
            format!("message {dana} text \"כן\" re=0000000A"),
        ),
        (
            INCOMING,
            said(
                "textMessage",
                json!({"textMessageData": {"textMessage": "{{SWE001}}"}}),
            ),
            format!("message {dana} unsupported undecryptable 1"),
        ),
        (
            INCOMING,
            said(
                "audioMessage",
                json!({"fileMessageData": {"downloadUrl": "https://x/a", "mimeType": "audio/ogg; codecs=opus", "caption": ""}}),
            ),
            format!("message {dana} audio link=https://x/a audio/ogg; codecs=opus voice"),
        ),
        (
            INCOMING,
            said(
                "stickerMessage",
                json!({"fileMessageData": {"downloadUrl": "https://x/a", "mimeType": "image/webp", "isAnimated": true}}),
            ),
            format!("message {dana} sticker link=https://x/a image/webp animated"),
        ),
        (
            INCOMING,
            said(
                "documentMessage",
                json!({"fileMessageData": {"downloadUrl": "", "fileName": "a.pdf"}}),
            ),
            format!("message {dana} document nowhere file=a.pdf"),
        ),
        (
            INCOMING,
            said(
                "locationMessage",
                json!({"locationMessageData": {"latitude": 32.08, "longitude": 34.78, "nameLocation": "Office", "address": ""}}),
            ),
            format!("message {dana} location 32.08 34.78 | Office"),
        ),
        (
            INCOMING,
            said(
                "contactMessage",
                json!({"contactMessageData": {"displayName": "Noa", "vcard": vcard}}),
            ),
            format!("message {dana} contacts Noa +972 50-000-0011 own=false"),
        ),
        (
            INCOMING,
            said(
                "contactsArrayMessage",
                json!({"contacts": [{"displayName": "Noa", "vcard": vcard}]}),
            ),
            format!("message {dana} contacts Noa +972 50-000-0011 own=false"),
        ),
        (
            INCOMING,
            said(
                "templateButtonsReplyMessage",
                json!({"templateButtonReplyMessage": {"stanzaId": "BAE500000000000A", "selectedId": "1", "selectedDisplayText": "כן"}}),
            ),
            format!("message {dana} button_reply 1 כן re=0000000A"),
        ),
        (
            INCOMING,
            said("pollMessage", json!({"pollMessageData": {"name": "?"}})),
            format!("message {dana} unknown pollMessage"),
        ),
        (
            INCOMING,
            said(
                "reactionMessage",
                json!({"extendedTextMessageData": {"text": "👍"}, "quotedMessage": {"stanzaId": "BAE500000000000A"}}),
            ),
            "reaction 0000000F 972500000010 Dana +0 👍 on 0000000A".to_owned(),
        ),
        (
            TYPED,
            said(
                "reactionMessage",
                json!({"extendedTextMessageData": {"text": ""}, "quotedMessage": {"stanzaId": "3A00000000000000"}}),
            ),
            "reaction 0000000F 972500000010 +0 none on 00000000 by-business".to_owned(),
        ),
        (
            INCOMING,
            said(
                "editedMessage",
                json!({"editedMessageData": {"textMessage": "בעצם לא", "stanzaId": "3A0000000000000E"}}),
            ),
            "edit 0000000F 972500000010 Dana +0 of 0000000E text \"בעצם לא\"".to_owned(),
        ),
        (
            TYPED,
            said(
                "editedMessage",
                json!({"editedMessageData": {"caption": "ראי", "stanzaId": "3A0000000000000E"}}),
            ),
            "edit 0000000F 972500000010 +0 of 0000000E text \"ראי\" by-business".to_owned(),
        ),
        (
            INCOMING,
            said(
                "deletedMessage",
                json!({"deletedMessageData": {"stanzaId": "3A0000000000000E"}}),
            ),
            "revoke 0000000F 972500000010 Dana +0 of 0000000E".to_owned(),
        ),
        // Ours, come back, is no second message.
        (
            "outgoingAPIMessageReceived",
            said(
                "textMessage",
                json!({"textMessageData": {"textMessage": "ours"}}),
            ),
            "notice green_api.outgoingAPIMessageReceived +0 message_id=3A0000000000000F".to_owned(),
        ),
        // A person whose phone is hidden.
        (
            INCOMING,
            json!({"senderData": {"chatId": "100000000000010@lid", "sender": "972500000010@c.us"}, "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": "a"}}}),
            "message 0000000F 972500000010~100000000000010@lid +0 text \"a\"".to_owned(),
        ),
        (
            INCOMING,
            json!({"senderData": {"chatId": "120363000000000001@g.us", "sender": "972500000010@c.us"}, "messageData": {}}),
            "notice green_api.incomingMessageReceived +0 chat=group message_id=3A0000000000000F"
                .to_owned(),
        ),
        // Receipts.
        (
            "outgoingMessageStatus",
            json!({"chatId": "972500000010@c.us", "status": "sent"}),
            "sent 0000000F 972500000010 +0".to_owned(),
        ),
        (
            "outgoingMessageStatus",
            json!({"chatId": "972500000010@c.us", "status": "delivered"}),
            "delivered 0000000F 972500000010 +0".to_owned(),
        ),
        (
            "outgoingMessageStatus",
            json!({"chatId": "972500000010@c.us", "status": "failed"}),
            "failed 0000000F 972500000010 +0 error=1 \"\"".to_owned(),
        ),
        (
            "outgoingMessageStatus",
            json!({"chatId": "972500000010@c.us", "status": "yellowCard"}),
            "failed 0000000F 972500000010 +0 error=4 \"\"".to_owned(),
        ),
        (
            "outgoingMessageStatus",
            json!({"chatId": "972500000010@c.us", "status": "new"}),
            "notice green_api.outgoingMessageStatus +0 message_id=3A0000000000000F status=new"
                .to_owned(),
        ),
        (
            "outgoingMessageStatus",
            json!({"chatId": "1203@g.us", "status": "read"}),
            "notice green_api.outgoingMessageStatus +0 chat=group message_id=3A0000000000000F"
                .to_owned(),
        ),
        (
            "incomingCall",
            json!({"from": "972500000010@c.us", "status": "offer", "idMessage": null}),
            "notice green_api.incomingCall +0 status=offer".to_owned(),
        ),
        (
            "stateInstanceChanged",
            json!({"stateInstance": "notAuthorized"}),
            "hint number green_api.stateInstanceChanged +0 state=notAuthorized".to_owned(),
        ),
        // What is missing is named.
        (
            INCOMING,
            json!({}),
            "bad: messageData is missing".to_owned(),
        ),
        (
            INCOMING,
            json!({"senderData": null}),
            "bad: senderData is missing".to_owned(),
        ),
        (
            "stateInstanceChanged",
            json!({}),
            "bad: stateInstance is missing".to_owned(),
        ),
        (
            "outgoingMessageStatus",
            json!({"status": "read"}),
            "bad: chatId is missing".to_owned(),
        ),
    ] {
        let told = told(&client(), &number("http://x"), &hook(kind, more.clone()));
        assert_eq!(told, [expected], "{kind} {more}");
    }
    for body in [&b""[..], b"[]", b"{}", br#"{"receiptId":1,"body":null}"#] {
        assert!(client().parse(&number("http://x"), body).is_err());
    }
}

fn signed(secrets: &[&str], header: Option<&str>) -> Result<(), WebhookRefused> {
    let mut number = number("http://x");
    number.webhook_secrets = secrets.iter().map(|text| Secret::from(*text)).collect();
    let headers: Vec<_> = header
        .map(|value| ("authorization", value))
        .into_iter()
        .collect();
    verified(&client(), &number, HOOK, &headers, b"{}")
}

#[test]
fn only_who_knows_our_secret_comes_in() {
    for (secrets, header, expected) in [
        (&["secret"][..], Some("Bearer secret"), Ok(())),
        (&["secret"], Some("bearer secret"), Ok(())),
        (&["secret"], Some("Bearer Bearer secret"), Ok(())),
        (&["secret"], Some("secret"), Ok(())),
        (&["old", "secret"], Some("Bearer secret"), Ok(())),
        (
            &["secret"],
            Some("Bearer secre"),
            Err(WebhookRefused::Wrong),
        ),
        (&["secret"], Some("Bearer "), Err(WebhookRefused::Wrong)),
        (&["secret"], Some(""), Err(WebhookRefused::Wrong)),
        (&[""], Some(""), Err(WebhookRefused::Wrong)),
        (&[], Some("Bearer secret"), Err(WebhookRefused::Wrong)),
        (&["secret"], None, Err(WebhookRefused::Missing)),
    ] {
        assert_eq!(signed(secrets, header), expected, "{secrets:?} {header:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_changed_byte_of_the_secret_is_refused(at in 0..6_usize, by in "[0-9A-Z]") {
        let mut secret = "secret".to_owned();
        secret.replace_range(at..=at, &by);
        let header = format!("Bearer {secret}");
        prop_assert_eq!(signed(&["secret"], Some(&header)), Err(WebhookRefused::Wrong));
    }

    #[test]
    fn any_json_is_read_or_refused(
        kind in "(incomingMessageReceived|outgoingMessageReceived|outgoingMessageStatus|quotaExceeded|[a-zA-Z]{0,8})",
        said in "(textMessage|imageMessage|reactionMessage|editedMessage|[a-z]{0,8})",
        data in crate::properties::any_json(),
    ) {
        let mut data = data;
        if data.is_object() {
            data["typeMessage"] = said.into();
        }
        read_any(&client(), &number("http://x"), &hook(&kind, json!({"messageData": data})));
    }

    #[test]
    fn a_broken_sample_never_panics(which in 0..7_usize, at in any::<prop::sample::Index>(), value in crate::properties::any_json()) {
        let files: Vec<String> = names("greenapi").into_iter().filter(|name| name.contains("webhook")).collect();
        let mut body = json_sample(&format!("greenapi_{}", files[which % files.len()]));
        crate::properties::replace_somewhere(&mut body, at, value);
        read_any(&client(), &number("http://x"), body.to_string().as_bytes());
    }
}
