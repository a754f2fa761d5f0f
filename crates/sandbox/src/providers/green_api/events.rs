//! Green API's notifications, pushed or kept for fetching.

use serde_json::{Value, json};

use super::state;
use crate::clock::{MINUTE, Millis, seconds};
use crate::core::{Core, Tx};
use crate::hooks::Post;
use crate::providers::{Event, write};
use crate::world::{From, Gateway, Letter, LinkState, Message, Retry, World};

pub fn tell(tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
    let now = tx.now;
    let (what, about, flag, body) = match event {
        Event::Inbound(one) => {
            let flag = match one.kind.as_str() {
                "edit" => "editedMessageWebhook",
                "revoke" => "deletedMessageWebhook",
                _ => "incomingWebhook",
            };
            (
                "message".to_owned(),
                Some(*one),
                flag,
                message(tx, gateway, one, "incomingMessageReceived"),
            )
        }
        Event::Echo(one) => {
            let body = message(tx, gateway, one, "outgoingMessageReceived");
            (
                "echo".to_owned(),
                Some(*one),
                "outgoingMessageWebhook",
                body,
            )
        }
        Event::Status {
            message: one,
            status,
        } => return status_posts(tx, gateway, one, status),
        Event::Queued(one) if gateway.link.state == LinkState::YellowCard => {
            let body = status_body(tx.world(), gateway, one, "yellowCard", now);
            ("status:yellowCard".to_owned(), Some(*one), "", body)
        }
        Event::Link(to) => {
            // Only a change of Green API's own words is told.
            let gateway = tx.world().gateway(&gateway.id).unwrap_or(gateway);
            let before = gateway.link.past.iter().rev().nth(1);
            if before.is_some_and(|(before, _)| state(*before) == state(*to)) {
                return Vec::new();
            }
            let mut body = envelope(gateway, "stateInstanceChanged", now);
            body["stateInstance"] = json!(state(*to));
            (
                "stateInstanceChanged".to_owned(),
                None,
                "stateWebhook",
                body,
            )
        }
        Event::Any { name, value } => {
            let mut body = envelope(gateway, name, now);
            for (key, part) in value.as_object().into_iter().flatten() {
                body[key] = part.clone();
            }
            ((*name).to_owned(), None, "", body)
        }
        Event::Accepted(_) | Event::Queued(_) | Event::Code => return Vec::new(),
    };
    post(gateway, &what, about, flag, body)
        .into_iter()
        .collect()
}

/// Statuses need their switch, except those that say it will never arrive.
fn status_posts(tx: &mut Tx<'_>, gateway: &Gateway, one: &Message, status: &str) -> Vec<Post> {
    let (word, flag) = match (status, one.state.failed) {
        ("failed", Some((_, 131_026))) => ("noAccount", ""),
        ("failed", _) => ("failed", ""),
        ("played", _) => return Vec::new(),
        (status, _) => (status, "outgoingWebhook"),
    };
    let mut posts = Vec::new();
    if status == "sent" {
        let body = message(tx, gateway, one, "outgoingAPIMessageReceived");
        posts.extend(post(
            gateway,
            "echo",
            Some(one),
            "outgoingAPIMessageWebhook",
            body,
        ));
    }
    let body = status_body(tx.world(), gateway, one, word, tx.now);
    posts.extend(post(
        gateway,
        &format!("status:{status}"),
        Some(one),
        flag,
        body,
    ));
    posts
}

fn post(
    gateway: &Gateway,
    what: &str,
    about: Option<&Message>,
    flag: &str,
    value: Value,
) -> Option<Post> {
    let text = |key: &str| {
        gateway
            .config
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or("")
    };
    if !flag.is_empty() && text(flag) != "yes" {
        return None;
    }
    let url = text("webhookUrl").to_owned();
    Some(Post {
        what: what.to_owned(),
        value,
        person: about.map(|one| one.person.clone()).unwrap_or_default(),
        wamid: about.map(|one| one.wamid.clone()),
        letter: Letter {
            key: Some(text("webhookUrlToken").to_owned()),
            polled: url.is_empty(),
            // Every minute for a day.
            retry: Some(Retry {
                first_ms: MINUTE,
                factor: 1,
                most_ms: MINUTE,
                attempts: 24 * 60,
                ..Retry::default()
            }),
            ..Letter::default()
        },
        url,
    })
}

fn envelope(gateway: &Gateway, kind: &str, now: Millis) -> Value {
    let id = gateway
        .account
        .parse::<u64>()
        .map_or_else(|_| json!(gateway.account), |id| json!(id));
    json!({"typeWebhook": kind, "timestamp": seconds(now),
        "instanceData": {"idInstance": id, "wid": format!("{}@c.us", gateway.phone), "typeInstance": "whatsapp"}})
}

fn chat(world: &World, gateway: &Gateway, one: &Message, now: Millis) -> String {
    world
        .person(&one.person)
        .map(|person| write::chat_id(world, &gateway.id, person, now, "c.us"))
        .unwrap_or_default()
}

fn message(tx: &Tx<'_>, gateway: &Gateway, one: &Message, kind: &str) -> Value {
    let (world, now) = (tx.world(), tx.now);
    let chat = chat(world, gateway, one, now);
    let name = world.person(&one.person).map(|person| person.name.clone());
    let own = one.from == From::Business;
    let (sender, sender_name) = if own {
        (
            format!("{}@c.us", gateway.phone),
            Some(gateway.name.clone()),
        )
    } else {
        (chat.clone(), name.clone())
    };
    let mut body = envelope(gateway, kind, now);
    body["idMessage"] = json!(one.wamid);
    body["senderData"] = json!({"chatId": chat, "sender": sender, "chatName": name,
        "senderName": sender_name, "senderContactName": ""});
    body["messageData"] = message_data(world, gateway, one, tx.public_url);
    body
}

fn message_data(world: &World, gateway: &Gateway, one: &Message, public_url: &str) -> Value {
    let own = one.from == From::Business;
    let payload = if own {
        &one.payload[one.kind.as_str()]
    } else {
        &one.payload
    };
    let text = payload["body"].as_str().unwrap_or("");
    let extended = json!({"text": text, "description": "", "title": "", "jpegThumbnail": "",
        "forwardingScore": u8::from(one.forwarded), "isForwarded": one.forwarded});
    match one.kind.as_str() {
        "text" if one.quoted.is_some() => {
            let quoted = one.quoted.as_deref().and_then(|id| world.message(id));
            let participant = match quoted.map(|quoted| quoted.from) {
                Some(From::Person) => world.person(&one.person).map(|person| person.phone.clone()),
                _ => Some(gateway.phone.clone()),
            };
            json!({"typeMessage": "quotedMessage", "extendedTextMessageData": extended,
                "quotedMessage": {"stanzaId": one.quoted, "participant": participant.map(|one| format!("{one}@c.us")),
                    "typeMessage": "textMessage"}})
        }
        "text" if own || one.forwarded => {
            json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": extended})
        }
        "text" => json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": text}}),
        "image" | "video" | "audio" | "document" | "sticker" => {
            let media = payload["id"].as_str().and_then(|id| world.media.get(id));
            let id = media.map(|media| media.id.as_str()).unwrap_or("");
            let mime_type = media.map(|media| media.mime_type.as_str()).unwrap_or("");
            let url = format!(
                "{public_url}/green-api/media/{}/{id}.{}",
                gateway.account,
                write::extension(mime_type)
            );
            let name = media.and_then(|media| media.filename.clone());
            json!({"typeMessage": format!("{}Message", one.kind), "fileMessageData": {"downloadUrl": url,
                "caption": payload["caption"].as_str().unwrap_or(""),
                "fileName": name.unwrap_or_else(|| format!("{id}.{}", write::extension(mime_type))),
                "jpegThumbnail": "", "mimeType": mime_type, "isForwarded": one.forwarded, "forwardingScore": 0}})
        }
        "location" => json!({"typeMessage": "locationMessage", "locationMessageData": {
            "nameLocation": payload["name"], "address": payload["address"], "jpegThumbnail": "",
            "latitude": payload["latitude"], "longitude": payload["longitude"]}}),
        "contacts" => json!({"typeMessage": "contactMessage", "contactMessageData": {
            "displayName": payload[0]["name"]["formatted_name"], "vcard": payload[0]["vcard"]}}),
        "reaction" => json!({"typeMessage": "reactionMessage",
            "extendedTextMessageData": {"text": payload["emoji"].as_str().unwrap_or("")},
            "quotedMessage": {"stanzaId": payload["message_id"]}}),
        "interactive" => {
            json!({"typeMessage": "interactiveButtonsReply", "interactiveButtonsReply": {
            "stanzaId": one.quoted, "selectedId": payload["button_reply"]["id"],
            "selectedDisplayText": payload["button_reply"]["title"]}})
        }
        "edit" => json!({"typeMessage": "editedMessage", "editedMessageData": {
            "textMessage": payload["message"]["text"]["body"], "stanzaId": payload["original_message_id"]}}),
        "revoke" => json!({"typeMessage": "deletedMessage",
            "deletedMessageData": {"stanzaId": payload["original_message_id"]}}),
        _ => {
            json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "{{SWE001}}"}})
        }
    }
}

fn status_body(world: &World, gateway: &Gateway, one: &Message, word: &str, now: Millis) -> Value {
    let mut body = envelope(gateway, "outgoingMessageStatus", now);
    body["chatId"] = json!(chat(world, gateway, one, now));
    body["idMessage"] = json!(one.wamid);
    body["status"] = json!(word);
    body["sendByApi"] = json!(one.is_submission());
    match word {
        "noAccount" => body["description"] = json!("Number is not registered on WhatsApp"),
        "failed" => body["description"] = json!("Message was not sent"),
        "yellowCard" => body["description"] = json!("Sending is suspended"),
        _ => {}
    }
    body
}

/// Where a file can be downloaded.
pub fn file_url(core: &Core, gateway: &Gateway, id: &str) -> String {
    let kind = core
        .state()
        .world
        .media
        .get(id)
        .map(|media| media.mime_type.clone());
    let ending = write::extension(kind.as_deref().unwrap_or(""));
    format!(
        "{}/green-api/media/{}/{id}.{ending}",
        core.public_url, gateway.account
    )
}

/// A message in the journals.
pub fn journal_entry(world: &World, gateway: &Gateway, one: &Message, now: Millis) -> Value {
    let own = one.from == From::Business;
    let mut entry = json!({"type": if own { "outgoing" } else { "incoming" }, "idMessage": one.wamid,
        "timestamp": seconds(one.at), "typeMessage": format!("{}Message", one.kind),
        "chatId": chat(world, gateway, one, now)});
    let payload = if own {
        &one.payload[one.kind.as_str()]
    } else {
        &one.payload
    };
    if let Some(text) = payload["body"].as_str() {
        entry["textMessage"] = json!(text);
    }
    if own {
        let status = match one.delivery() {
            "accepted" => "pending",
            "played" => "read",
            "failed" if one.state.failed.is_some_and(|(_, code)| code == 131_026) => "noAccount",
            other => other,
        };
        entry["statusMessage"] = json!(status);
        entry["sendByApi"] = json!(one.is_submission());
    }
    entry
}
