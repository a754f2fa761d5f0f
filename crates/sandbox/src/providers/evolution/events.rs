//! Evolution's webhooks.

use serde_json::{Value, json};

use super::{instance_id, instances, state};
use crate::clock::{Millis, SECOND, rfc3339, seconds};
use crate::core::Tx;
use crate::hooks::Post;
use crate::providers::{Event, write};
use crate::world::{From, Gateway, Letter, LinkState, Message, Retry, World};

pub fn tell(tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
    let (world, now) = (tx.world(), tx.now);
    // The gateway as it is after the change that is told.
    let gateway = world.gateway(&gateway.id).unwrap_or(gateway);
    let base = tx.public_url;
    let one = |event: &str, what: &str, about: Option<&Message>, data: Value| {
        post(gateway, base, now, event, what, about, data)
    };
    let posts = match event {
        Event::Inbound(message) => {
            let data = self::message(world, gateway, message, now);
            vec![one("messages.upsert", "message", Some(message), data)]
        }
        Event::Echo(message) => {
            let data = self::message(world, gateway, message, now);
            vec![one("messages.upsert", "echo", Some(message), data)]
        }
        Event::Accepted(message) => {
            let data = self::message(world, gateway, message, now);
            vec![one("send.message", "echo", Some(message), data)]
        }
        Event::Status { message, status } => {
            let data = update(world, gateway, message, status, now);
            vec![one(
                "messages.update",
                &format!("status:{status}"),
                Some(message),
                data,
            )]
        }
        Event::Link(to) => link_posts(gateway, *to, one),
        Event::Code => vec![one("qrcode.updated", "qrcode.updated", None, qr(gateway))],
        Event::Any { name, value } => vec![one(name, name, None, (*value).clone())],
        Event::Queued(_) => Vec::new(),
    };
    posts.into_iter().flatten().collect()
}

fn link_posts(
    gateway: &Gateway,
    to: LinkState,
    one: impl Fn(&str, &str, Option<&Message>, Value) -> Option<Post>,
) -> Vec<Option<Post>> {
    let reason = match to {
        LinkState::LoggedOut => 401,
        LinkState::Banned => 403,
        LinkState::Disconnected => 428,
        LinkState::Failed => 500,
        _ => 200,
    };
    let word = if to == LinkState::Failed {
        "refused"
    } else {
        state(to)
    };
    let mut data = json!({"instance": gateway.account, "state": word, "statusReason": reason});
    if to.is_linked() {
        data["wuid"] = json!(format!("{}@s.whatsapp.net", gateway.phone));
        data["profileName"] = json!(gateway.name);
        data["profilePictureUrl"] = Value::Null;
    }
    let mut posts = vec![one("connection.update", "connection.update", None, data)];
    match to {
        LinkState::Scan => posts.push(one("qrcode.updated", "qrcode.updated", None, qr(gateway))),
        LinkState::LoggedOut | LinkState::Banned => {
            let data = json!({"instance": gateway.account, "status": "closed",
                "disconnectionReasonCode": reason, "disconnectionObject": null, "disconnectionAt": null});
            posts.push(one("status.instance", "status.instance", None, data));
        }
        _ => {}
    }
    posts
}

fn qr(gateway: &Gateway) -> Value {
    let mut code = instances::code(gateway, false);
    code["instance"] = json!(gateway.account);
    json!({"qrcode": code})
}

/// One webhook, if the instance has one that wants the event.
fn post(
    gateway: &Gateway,
    base: &str,
    now: Millis,
    event: &str,
    what: &str,
    about: Option<&Message>,
    data: Value,
) -> Option<Post> {
    let hook = gateway.config.get("webhook").cloned().unwrap_or_default();
    if hook["enabled"] == json!(false) {
        return None;
    }
    let name = event.replace('.', "_").to_ascii_uppercase();
    let events = hook["events"]
        .as_array()
        .filter(|events| !events.is_empty());
    if events.is_some_and(|events| events.iter().all(|one| *one != name.as_str())) {
        return None;
    }
    let mut url = hook["url"].as_str().unwrap_or("").to_owned();
    if hook["byEvents"] == json!(true) {
        url = format!("{url}/{}", event.replace('.', "-"));
    }
    let headers = hook["headers"].as_object().into_iter().flatten();
    let headers = headers
        .filter(|(name, _)| *name != "jwt_key")
        .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value.as_str()?.to_owned())))
        .collect();
    let value = json!({"event": event, "instance": gateway.account, "data": data, "destination": url,
        "date_time": rfc3339(now), "sender": format!("{}@s.whatsapp.net", gateway.phone),
        "server_url": format!("{base}/evolution"), "apikey": null});
    Some(Post {
        url,
        what: what.to_owned(),
        value,
        person: about.map(|one| one.person.clone()).unwrap_or_default(),
        wamid: about.map(|one| one.wamid.clone()),
        letter: Letter {
            headers,
            key: hook["headers"]["jwt_key"].as_str().map(str::to_owned),
            retry: Some(Retry {
                first_ms: 5 * SECOND,
                factor: 2,
                most_ms: 300 * SECOND,
                attempts: 10,
                never: vec![400, 401, 403, 404, 422],
                ..Retry::default()
            }),
            ..Letter::default()
        },
    })
}

/// A message of either side.
pub fn message(world: &World, gateway: &Gateway, one: &Message, now: Millis) -> Value {
    let own = one.from == From::Business;
    let person = world.person(&one.person).cloned().unwrap_or_default();
    let jid = write::chat_id(world, &gateway.id, &person, now, "s.whatsapp.net");
    let mut key = json!({"remoteJid": jid, "fromMe": own, "id": one.wamid});
    if !own {
        key["remoteJidAlt"] = json!(write::lid(&person.phone));
    }
    let payload = if own {
        &one.payload[one.kind.as_str()]
    } else {
        &one.payload
    };
    let (kind, content) = content(world, one, payload);
    let status = match (own, one.is_submission()) {
        (true, true) => "PENDING",
        (true, false) => "SERVER_ACK",
        (false, _) => "DELIVERY_ACK",
    };
    let context = one.quoted.as_ref().map(|id| json!({"stanzaId": id}));
    json!({"key": key, "pushName": if own { "" } else { &person.name }, "status": status,
        "message": content, "contextInfo": context, "messageType": kind,
        "messageTimestamp": seconds(one.at), "instanceId": instance_id(gateway),
        "source": if one.is_submission() { "unknown" } else { "android" }})
}

fn content(world: &World, one: &Message, payload: &Value) -> (&'static str, Value) {
    let file = |name: &'static str| {
        let media = payload["id"].as_str().and_then(|id| world.media.get(id));
        let value = json!({"url": "https://mmg.whatsapp.net/v/encrypted", "mimetype": media.map(|one| &one.mime_type),
            "caption": payload["caption"], "fileLength": media.map(|one| one.size_bytes.to_string()),
            "fileName": media.and_then(|one| one.filename.as_ref())});
        (name, json!({(name): value}))
    };
    match one.kind.as_str() {
        "image" => file("imageMessage"),
        "video" => file("videoMessage"),
        "audio" => file("audioMessage"),
        "document" => file("documentMessage"),
        "sticker" => file("stickerMessage"),
        "location" => (
            "locationMessage",
            json!({"locationMessage": {"degreesLatitude": payload["latitude"],
            "degreesLongitude": payload["longitude"], "name": payload["name"], "address": payload["address"]}}),
        ),
        "contacts" => (
            "contactMessage",
            json!({"contactMessage": {
            "displayName": payload[0]["name"]["formatted_name"], "vcard": payload[0]["vcard"]}}),
        ),
        "reaction" => (
            "reactionMessage",
            json!({"reactionMessage": {"key": {"id": payload["message_id"]},
            "text": payload["emoji"].as_str().unwrap_or("")}}),
        ),
        "interactive" if !payload["button_reply"].is_null() => (
            "buttonsResponseMessage",
            json!({"buttonsResponseMessage": {"selectedButtonId": payload["button_reply"]["id"],
                "selectedDisplayText": payload["button_reply"]["title"]}}),
        ),
        "interactive" if !payload["list_reply"].is_null() => (
            "listResponseMessage",
            json!({"listResponseMessage": {"title": payload["list_reply"]["title"],
                "singleSelectReply": {"selectedRowId": payload["list_reply"]["id"]}}}),
        ),
        "revoke" => (
            "protocolMessage",
            json!({"protocolMessage": {"type": "REVOKE",
            "key": {"id": payload["original_message_id"]}}}),
        ),
        "edit" => (
            "editedMessage",
            json!({"editedMessage": {"message": {"protocolMessage": {
            "key": {"id": payload["original_message_id"]},
            "editedMessage": {"conversation": payload["message"]["text"]["body"]}}}}}),
        ),
        _ => {
            let text = payload["body"]
                .as_str()
                .or(payload["body"]["text"].as_str())
                .unwrap_or("");
            (
                "conversation",
                json!({"conversation": text, "messageContextInfo": {}}),
            )
        }
    }
}

fn update(world: &World, gateway: &Gateway, one: &Message, status: &str, now: Millis) -> Value {
    let word = match status {
        "sent" => "SERVER_ACK",
        "delivered" => "DELIVERY_ACK",
        "read" => "READ",
        "played" => "PLAYED",
        _ => "ERROR",
    };
    let person = world.person(&one.person).cloned().unwrap_or_default();
    json!({"keyId": one.wamid, "remoteJid": write::chat_id(world, &gateway.id, &person, now, "s.whatsapp.net"),
        "fromMe": true, "participant": format!("{}:12@s.whatsapp.net", gateway.phone), "status": word,
        "pollUpdates": null, "instanceId": instance_id(gateway), "messageId": format!("cmeh{:0>20}", world.seq(&one.wamid))})
}
