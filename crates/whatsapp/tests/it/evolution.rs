//! Evolution: its samples in, ours out. The calls stand in `evolution_calls`.

use bytes::Bytes;
use domain::channel::Provider;
use domain::content::{Content, Location, MediaContent, MediaKind};
use proptest::prelude::*;
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, Number, OutFile, Outgoing, WebhookRefused};
use whatsapp::evolution::link::instance_json;
use whatsapp::evolution::{Client, request};
use whatsapp::provider::Secret;

use crate::providers::{
    PATIENT, changes, dana, http, json_sample, names, number as number_of, outgoing, read_any,
    sample, text, told, verified,
};

pub const HOOK: &str = "https://leads.example.co.il/hooks/evo/3f1c";

pub fn number(base_url: &str) -> Number {
    let mut number = number_of(Provider::Evolution, base_url);
    number.number = "sales-1".to_owned();
    number.webhook_secrets = vec![Secret::from("invented-evo-secret")];
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

pub fn media(kind: MediaKind, voice: bool) -> Content {
    let mut media = MediaContent::new(kind);
    media.voice = voice;
    if kind == MediaKind::Image {
        media.caption = Some("התמונה".to_owned());
    }
    Content::Media(media)
}

#[test]
fn every_sample_is_said_or_understood() {
    for name in names("evolution") {
        let expected = match name.as_str() {
            "messages_upsert.webhook.json" => {
                "message 0000000A 972500000010~100000000000010@lid דנה לוי -8126989 text \"כן בטח\""
            }
            "messages_update_read.webhook.json" => "read 00000001 972500000010 ?",
            "connection_update_logged_out.webhook.json" => {
                "hint number evolution.connection.update ? state=close:401"
            }
            "qrcode_updated.webhook.json" => "hint number evolution.qrcode.updated ? state=qrcode",
            // Said, or read as an answer, in the tests below.
            "instance_create.request.json"
            | "instance_create.response.json"
            | "license_required.response.json"
            | "not_exists.response.json"
            | "send_text.request.json"
            | "send_text.response.json" => continue,
            other => panic!("no expectation for {other}"),
        };
        let told = told(
            &client(),
            &number("http://x"),
            &sample(&format!("evolution_{name}")),
        );
        assert_eq!(told, [expected], "{name}");
    }
    let body = sample("evolution_messages_upsert.webhook.json");
    let change = &changes(&client(), &number("http://x"), &body)[0];
    assert_eq!(change.address.phone_number_id.as_deref(), Some("sales-1"));
    assert_eq!(
        change.address.display_phone.as_deref(),
        Some("972500000001")
    );
}

#[test]
fn the_samples_requests_are_ours() {
    let (to, content) = (dana(), text("היי דנה, כאן יעל ממשרד לוי."));
    let mut expected = json_sample("evolution_send_text.request.json");
    // The pace is ours to keep.
    expected.as_object_mut().unwrap().remove("delay");
    assert_eq!(
        request(&outgoing(&to, &content)),
        Ok(("sendText", expected))
    );

    let mut expected = json_sample("evolution_instance_create.request.json");
    expected["webhook"]["headers"] = json!({"Authorization": "Bearer invented-evo-secret"});
    expected["webhook"]["events"] = json!([
        "QRCODE_UPDATED",
        "CONNECTION_UPDATE",
        "STATUS_INSTANCE",
        "MESSAGES_UPSERT",
        "MESSAGES_EDITED",
        "MESSAGES_UPDATE",
        "MESSAGES_DELETE",
    ]);
    assert_eq!(
        instance_json("sales-1", HOOK, "invented-evo-secret"),
        expected
    );
}

#[test]
fn each_kind_of_message_has_its_method() {
    let to = dana();
    let (file, data) = (file(), "Ynl0ZXM=");
    let said = |content: &Content| {
        let out = Outgoing {
            reply_to: Some("3A0F"),
            file: Some(&file),
            ..outgoing(&to, content)
        };
        let (method, mut body) = request(&out).unwrap();
        let common = body.as_object_mut().unwrap();
        assert_eq!(common.remove("number"), Some("972500000010".into()));
        assert_eq!(
            common.remove("quoted"),
            Some(json!({"key": {"id": "3A0F"}}))
        );
        (method, body)
    };
    assert_eq!(
        said(&media(MediaKind::Image, false)),
        (
            "sendMedia",
            json!({"mediatype": "image", "mimetype": "image/jpeg", "fileName": "a.jpg", "media": data, "caption": "התמונה"})
        )
    );
    assert_eq!(
        said(&media(MediaKind::Document, false)).1["mediatype"],
        "document"
    );
    assert_eq!(
        said(&media(MediaKind::Audio, false)).1["mediatype"],
        "audio"
    );
    assert_eq!(
        said(&media(MediaKind::Audio, true)),
        ("sendWhatsAppAudio", json!({"audio": data}))
    );
    assert_eq!(
        said(&media(MediaKind::Sticker, false)),
        ("sendSticker", json!({"sticker": data}))
    );
    let place = Location {
        latitude: 32.5,
        longitude: 34.5,
        name: Some("משרד".to_owned()),
        address: None,
        url: None,
    };
    assert_eq!(
        said(&Content::Location(place)),
        (
            "sendLocation",
            json!({"latitude": 32.5, "longitude": 34.5, "name": "משרד", "address": "32.5, 34.5"})
        )
    );
}

fn envelope(event: &str, data: &Value) -> Vec<u8> {
    json!({"event": event, "instance": "sales-1", "data": data, "sender": "972500000001@s.whatsapp.net", "apikey": null})
        .to_string()
        .into_bytes()
}

#[test]
fn what_the_samples_do_not_show() {
    let said = |from_me: bool, message: Value| {
        json!({
            "key": {"remoteJid": "972500000010@s.whatsapp.net", "fromMe": from_me, "id": "3A0000000000000F"},
            "pushName": if from_me { "Você" } else { "Dana" }, "message": message, "messageTimestamp": 1_795_334_401,
        })
    };
    let dana = "0000000F 972500000010 Dana +1";
    let changed = |more: Value| {
        let mut data = json!({"key": {"remoteJid": "972500000001@s.whatsapp.net", "fromMe": true, "id": "3A0000000000000E"}, "timestampMs": "1795334402000"});
        data.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        data
    };
    for (event, data, expected) in [
        (
            "messages.upsert",
            said(true, json!({"conversation": "typed"})),
            "echo 0000000F 972500000010 +1 text \"typed\"".to_owned(),
        ),
        (
            "messages.upsert",
            said(
                false,
                json!({"imageMessage": {"url": "https://mmg.whatsapp.net/x", "mimetype": "image/jpeg", "caption": "ראי"}}),
            ),
            format!("message {dana} image id=3A0000000000000F image/jpeg caption=ראי"),
        ),
        (
            "messages.upsert",
            said(
                false,
                json!({"audioMessage": {"mimetype": "audio/ogg; codecs=opus", "ptt": true}}),
            ),
            format!("message {dana} audio id=3A0000000000000F audio/ogg; codecs=opus voice"),
        ),
        (
            "messages.upsert",
            said(
                false,
                json!({"ephemeralMessage": {"message": {"extendedTextMessage": {"text": "a", "contextInfo": {"stanzaId": "3EB0000000000A", "isForwarded": true}}}}}),
            ),
            format!("message {dana} text \"a\" re=0000000A forwarded"),
        ),
        (
            "messages.upsert",
            said(
                false,
                json!({"documentMessage": {"mimetype": "application/pdf", "fileName": "a.pdf"}}),
            ),
            format!("message {dana} document id=3A0000000000000F application/pdf file=a.pdf"),
        ),
        (
            "messages.upsert",
            said(
                false,
                json!({"locationMessage": {"degreesLatitude": 32.5, "degreesLongitude": 34.5, "name": "Office"}}),
            ),
            format!("message {dana} location 32.5 34.5 | Office"),
        ),
        (
            "messages.upsert",
            said(
                false,
                json!({"contactMessage": {"displayName": "Noa", "vcard": "BEGIN:VCARD\nTEL:+972 50\nEND:VCARD"}}),
            ),
            format!("message {dana} contacts Noa +972 50 own=false"),
        ),
        (
            "messages.upsert",
            said(
                false,
                json!({"listResponseMessage": {"title": "כן", "singleSelectReply": {"selectedRowId": "1"}}}),
            ),
            format!("message {dana} list_reply 1 כן"),
        ),
        (
            "messages.upsert",
            said(
                false,
                json!({"messageContextInfo": {}, "pollCreationMessageV3": {}}),
            ),
            format!("message {dana} unknown message"),
        ),
        (
            "messages.upsert",
            said(false, json!({"pollCreationMessage": {"name": "?"}})),
            format!("message {dana} unknown pollCreationMessage"),
        ),
        (
            "messages.upsert",
            said(
                false,
                json!({"reactionMessage": {"text": "👍", "key": {"id": "3EB0000000000A"}}}),
            ),
            "reaction 0000000F 972500000010 Dana +1 👍 on 0000000A".to_owned(),
        ),
        (
            "messages.upsert",
            json!({"key": {"remoteJid": "1203@g.us", "id": "3A0000000000000F"}, "message": {}}),
            "notice evolution.messages.upsert ? chat=group message_id=3A0000000000000F".to_owned(),
        ),
        (
            "send.message",
            said(true, json!({"conversation": "ours"})),
            "notice evolution.send.message ? message_id=3A0000000000000F".to_owned(),
        ),
        (
            "messages.update",
            json!({"keyId": "3EB0000000000A", "remoteJid": "972500000010@s.whatsapp.net", "fromMe": true, "status": "SERVER_ACK"}),
            "sent 0000000A 972500000010 ?".to_owned(),
        ),
        (
            "messages.update",
            json!({"keyId": "3EB0000000000A", "remoteJid": "972500000010@s.whatsapp.net", "fromMe": true, "status": "ERROR"}),
            "failed 0000000A 972500000010 ? error=-1 \"\"".to_owned(),
        ),
        (
            "messages.update",
            json!({"keyId": "3EB0000000000A", "remoteJid": "100000000000010@lid", "fromMe": true, "status": "DELIVERY_ACK"}),
            "delivered 0000000A -~100000000000010@lid ?".to_owned(),
        ),
        (
            "messages.update",
            json!({"keyId": "3A0F", "remoteJid": "972500000010@s.whatsapp.net", "fromMe": false, "status": "READ"}),
            "notice evolution.messages.update ? message_id=3A0F status=READ".to_owned(),
        ),
        (
            "messages.edited",
            changed(json!({"type": "MESSAGE_EDIT", "editedMessage": {"conversation": "בעצם לא"}})),
            "edit 0000000E - +2 of 0000000E text \"בעצם לא\"".to_owned(),
        ),
        (
            "messages.edited",
            changed(
                json!({"key": {"remoteJid": "972500000010@s.whatsapp.net", "fromMe": true, "id": "3EB0000000000A"}, "editedMessage": {"conversation": "a"}}),
            ),
            "edit 0000000A 972500000010 +2 of 0000000A text \"a\" by-business".to_owned(),
        ),
        (
            "messages.edited",
            changed(json!({"type": 0})),
            "revoke 0000000E - +2 of 0000000E".to_owned(),
        ),
        (
            "messages.edited",
            changed(json!({"type": "EPHEMERAL_SETTING"})),
            "notice evolution.messages.edited ? ".to_owned(),
        ),
        (
            "messages.delete",
            json!({"remoteJid": "972500000010@s.whatsapp.net", "fromMe": false, "id": "3A0000000000000E"}),
            "revoke 0000000E 972500000010 ? of 0000000E".to_owned(),
        ),
        (
            "connection.update",
            json!({"state": "open", "statusReason": 200}),
            "hint number evolution.connection.update ? state=open".to_owned(),
        ),
        (
            "status.instance",
            json!({"status": "closed", "disconnectionReasonCode": 403}),
            "hint number evolution.status.instance ? state=closed:403".to_owned(),
        ),
        (
            "contacts.update",
            json!({"remoteJid": "972500000010@s.whatsapp.net"}),
            "notice evolution.contacts.update ? ".to_owned(),
        ),
        (
            "messages.upsert",
            json!({}),
            "bad: data.key is missing".to_owned(),
        ),
        (
            "connection.update",
            json!({}),
            "bad: data.state is missing".to_owned(),
        ),
    ] {
        let told = told(&client(), &number("http://x"), &envelope(event, &data));
        assert_eq!(told, [expected], "{event} {data}");
    }
    let two = json!([said(false, json!({"conversation": "a"})), {}]);
    assert_eq!(
        told(
            &client(),
            &number("http://x"),
            &envelope("messages.upsert", &two)
        ),
        [
            &*format!("message {dana} text \"a\""),
            "bad: data.key is missing"
        ]
    );
    for body in [&b""[..], b"[]", b"{}", br#"{"event":"x"}"#] {
        assert!(client().parse(&number("http://x"), body).is_err());
    }
}

#[test]
fn the_instances_key_is_not_kept() {
    let body = br#"{"event":"connection.update","instance":"a","data":{"state":"open"},"apikey":"B6D711FC-secret"}"#;
    let pieces = client().cut(body).unwrap();
    assert!(!String::from_utf8_lossy(&pieces[0]).contains("secret"));
    assert!(client().parse(&number("http://x"), &pieces[0]).is_ok());
    let without = sample("evolution_messages_upsert.webhook.json");
    assert_eq!(client().cut(&without).unwrap()[0].as_ref(), without);
}

#[test]
fn only_who_knows_our_secret_comes_in() {
    for (header, expected) in [
        (Some("Bearer invented-evo-secret"), Ok(())),
        (
            Some("Bearer invented-evo-secre"),
            Err(WebhookRefused::Wrong),
        ),
        (Some(""), Err(WebhookRefused::Wrong)),
        (None, Err(WebhookRefused::Missing)),
    ] {
        let headers: Vec<_> = header
            .map(|value| ("authorization", value))
            .into_iter()
            .collect();
        assert_eq!(
            verified(&client(), &number("http://x"), HOOK, &headers, b"{}"),
            expected,
            "{header:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_json_is_read_or_refused(event in "(messages\\.(upsert|update|edited|delete)|connection\\.update|[a-z.]{0,8})", data in crate::properties::any_json()) {
        read_any(&client(), &number("http://x"), &envelope(&event, &data));
    }

    #[test]
    fn a_broken_sample_never_panics(which in 0..4_usize, at in any::<prop::sample::Index>(), value in crate::properties::any_json()) {
        let files: Vec<String> = names("evolution").into_iter().filter(|name| name.contains("webhook")).collect();
        let mut body = json_sample(&format!("evolution_{}", files[which % files.len()]));
        crate::properties::replace_somewhere(&mut body, at, value);
        read_any(&client(), &number("http://x"), body.to_string().as_bytes());
    }

    #[test]
    fn a_changed_byte_of_the_secret_is_refused(at in 0..19_usize, by in "[0-9A-Z]") {
        let mut secret = "invented-evo-secret".to_owned();
        secret.replace_range(at..=at, &by);
        let header = format!("Bearer {secret}");
        let refused = verified(&client(), &number("http://x"), HOOK, &[("authorization", &*header)], b"{}");
        prop_assert_eq!(refused, Err(WebhookRefused::Wrong));
    }
}
