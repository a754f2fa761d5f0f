//! wuzapi's webhooks: events of whatsmeow, as JSON or inside of a form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::text;
use crate::chance::Chance;
use crate::clock::SECOND;
use crate::core::Tx;
use crate::hooks::Post;
use crate::providers::{Event, write};
use crate::world::{From, Gateway, Letter, LinkState, Media, Message, Retry};

pub fn tell(tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
    let one = |kind: &str, what: &str, about: Option<&Message>, body: Value| {
        post(gateway, kind, what, about, body)
    };
    let post = match event {
        Event::Inbound(message) => one(
            "Message",
            "message",
            Some(message),
            json!({"event": self::message(tx, gateway, message)}),
        ),
        Event::Echo(message) => one(
            "Message",
            "echo",
            Some(message),
            json!({"event": self::message(tx, gateway, message)}),
        ),
        Event::Status { message, status } => {
            let (state, kind) = match *status {
                "delivered" => ("Delivered", ""),
                "read" | "played" => ("Read", "read"),
                // The answer of the send was `sent`; a failure has no event.
                _ => return Vec::new(),
            };
            let chat = jid(tx, gateway, message);
            let body = json!({"state": state, "event": {"Chat": chat, "Sender": chat, "IsFromMe": false,
                "IsGroup": false, "MessageIDs": [message.wamid], "Timestamp": write::rfc3339_seconds(tx.now),
                "Type": kind, "MessageSender": ""}});
            one(
                "ReadReceipt",
                &format!("status:{status}"),
                Some(message),
                body,
            )
        }
        Event::Link(to) => {
            let kind = match to {
                LinkState::Linked => "Connected",
                LinkState::Disconnected | LinkState::Stopped => "Disconnected",
                LinkState::LoggedOut => "LoggedOut",
                LinkState::Banned => "TemporaryBan",
                LinkState::Scan => "QR",
                LinkState::Failed => "QRTimeout",
                _ => return Vec::new(),
            };
            let now = tx.world().gateway(&gateway.id).cloned();
            let event = match to {
                LinkState::Scan => now.map(|one| json!({"Codes": [write::qr_text(&one)]})),
                LinkState::Banned => Some(json!({"Code": 101, "Expire": 86_400_000_000_000_i64})),
                _ => Some(json!({})),
            };
            one(kind, kind, None, json!({"event": event}))
        }
        Event::Code => {
            let now = tx.world().gateway(&gateway.id).cloned();
            let codes = now.map(|one| json!({"Codes": [write::qr_text(&one)]}));
            one("QR", "QR", None, json!({"event": codes}))
        }
        Event::Any { name, value } => one(name, name, None, json!({"event": value})),
        Event::Accepted(_) | Event::Queued(_) => None,
    };
    post.into_iter().collect()
}

/// Eight hex digits that follow from the token.
pub fn user_id(gateway: &Gateway) -> String {
    let seed = gateway.key.bytes().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    Chance::seeded(seed).hex(8).to_ascii_lowercase()
}

fn post(
    gateway: &Gateway,
    kind: &str,
    what: &str,
    about: Option<&Message>,
    mut body: Value,
) -> Option<Post> {
    let mut wanted = text(gateway, "events").split(',').map(str::trim);
    if !wanted.any(|one| one == kind || one == "All") {
        return None;
    }
    body["type"] = json!(kind);
    let json_format = text(gateway, "webhook_format") == "json";
    let value = if json_format {
        body["instanceName"] = json!(gateway.account);
        body["userID"] = json!(user_id(gateway));
        body
    } else {
        // In this order they are sorted, as the signature wants them.
        json!([
            ["instanceName", gateway.account],
            ["jsonData", body.to_string()],
            ["token", gateway.key],
            ["userID", user_id(gateway)]
        ])
    };
    Some(Post {
        url: text(gateway, "webhook").to_owned(),
        what: what.to_owned(),
        value,
        person: about.map(|one| one.person.clone()).unwrap_or_default(),
        wamid: about.map(|one| one.wamid.clone()),
        letter: Letter {
            form: !json_format,
            retry: Some(Retry {
                first_ms: 30 * SECOND,
                factor: 2,
                most_ms: 3_600 * SECOND,
                attempts: 3,
                ..Retry::default()
            }),
            ..Letter::default()
        },
    })
}

/// Thirty-two bytes, as the keys and digests of a file are.
fn secret_of(media: &Media, what: &str) -> String {
    STANDARD.encode(write::hmac_sha256(what, media.id.as_bytes()))
}

fn jid(tx: &Tx<'_>, gateway: &Gateway, one: &Message) -> String {
    let person = tx.world().person(&one.person);
    person
        .map(|person| write::chat_id(tx.world(), &gateway.id, person, tx.now, "s.whatsapp.net"))
        .unwrap_or_default()
}

fn message(tx: &Tx<'_>, gateway: &Gateway, one: &Message) -> Value {
    let own = one.from == From::Business;
    let chat = jid(tx, gateway, one);
    let person = tx.world().person(&one.person).cloned().unwrap_or_default();
    let sender = if own {
        format!("{}@s.whatsapp.net", gateway.phone)
    } else {
        chat.clone()
    };
    let payload = if own {
        &one.payload[one.kind.as_str()]
    } else {
        &one.payload
    };
    let file = payload["id"]
        .as_str()
        .and_then(|id| tx.world().media.get(id));
    let (kind, media_type) = match one.kind.as_str() {
        "image" | "video" | "audio" | "document" | "sticker" => ("media", one.kind.as_str()),
        "reaction" => ("reaction", ""),
        _ => ("text", ""),
    };
    let body = payload["body"].as_str().unwrap_or("");
    let context = one.quoted.as_ref().map(|id| json!({"stanzaID": id}));
    let content = match one.kind.as_str() {
        "text" if context.is_some() => {
            json!({"extendedTextMessage": {"text": body, "contextInfo": context}})
        }
        "text" => json!({"conversation": body}),
        "image" | "video" | "audio" | "document" | "sticker" => {
            let path = file.map(|file| format!("/v/t62/{}", file.id));
            let url = path
                .as_ref()
                .map(|path| format!("https://mmg.whatsapp.net{path}"));
            json!({(format!("{}Message", one.kind)): {"URL": url, "directPath": path, "mimetype": file.map(|one| &one.mime_type),
                "caption": payload["caption"], "fileLength": file.map(|one| one.size_bytes),
                "fileName": file.and_then(|one| one.filename.as_ref()), "contextInfo": context,
                "mediaKey": file.map(|one| secret_of(one, "key")), "fileSHA256": file.map(|one| secret_of(one, "file")),
                "fileEncSHA256": file.map(|one| secret_of(one, "encrypted file"))}})
        }
        "reaction" => json!({"reactionMessage": {"key": {"ID": payload["message_id"]},
            "text": payload["emoji"].as_str().unwrap_or("")}}),
        "location" => json!({"locationMessage": {"degreesLatitude": payload["latitude"],
            "degreesLongitude": payload["longitude"], "name": payload["name"]}}),
        "interactive" => {
            json!({"buttonsResponseMessage": {"selectedButtonID": payload["button_reply"]["id"],
            "Response": {"SelectedDisplayText": payload["button_reply"]["title"]}, "contextInfo": context}})
        }
        "revoke" => {
            json!({"protocolMessage": {"type": 0, "key": {"ID": payload["original_message_id"]}}})
        }
        _ => json!({}),
    };
    json!({"Info": {"Chat": chat, "Sender": sender, "SenderAlt": write::lid(&person.phone), "IsFromMe": own,
            "IsGroup": false, "ID": one.wamid, "Type": kind, "PushName": if own { &gateway.name } else { &person.name },
            "Timestamp": write::rfc3339_seconds(one.at), "Category": "", "MediaType": media_type},
        "Message": content, "IsEphemeral": false, "IsViewOnce": false, "IsEdit": one.kind == "edit"})
}
