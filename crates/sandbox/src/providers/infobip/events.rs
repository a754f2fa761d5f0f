//! Infobip's pushes: inbound messages, delivery reports, seen reports.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::Millis;
use crate::core::Tx;
use crate::hooks::Post;
use crate::providers::Event;
use crate::world::{From, Gateway, Message, World};

pub fn tell(tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
    let reports = || gateway.status_webhook.clone().or(gateway.webhook.clone());
    let post = match event {
        Event::Inbound(one) => {
            let result = inbound(tx.world(), gateway, one, tx.public_url);
            result.map(|result| {
                let value =
                    json!({"results": [result], "messageCount": 1, "pendingMessageCount": 0});
                Post::new(gateway.webhook.clone(), "message", value).about(one)
            })
        }
        // There is no report of `sent`.
        Event::Status { status: "sent", .. } => None,
        Event::Status {
            message: one,
            status,
        } => {
            let result = match *status {
                "read" | "played" => {
                    json!({"messageId": one.wamid, "from": one.to, "to": gateway.phone,
                    "sentAt": instant(one.at), "seenAt": instant(tx.now)})
                }
                _ => report(one, tx.now),
            };
            let carried = one.carried.as_ref();
            let own = carried.and_then(|carried| carried.notify.clone());
            let value = json!({"results": [result]});
            let what = format!("status:{status}");
            Some(Post::new(own.or_else(reports), what, value).about(one))
        }
        Event::Any { name, value } => {
            Some(Post::new(gateway.webhook.clone(), *name, (*value).clone()))
        }
        _ => None,
    };
    post.into_iter().collect()
}

/// `2026-08-20T06:30:05.120+0000`.
fn instant(at: Millis) -> String {
    Timestamp::from_millisecond(at).map_or_else(
        |_| String::new(),
        |at| at.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string(),
    )
}

fn callback(one: &Message) -> Option<&str> {
    one.carried
        .as_ref()
        .and_then(|carried| carried.native.as_deref())
}

fn report(one: &Message, now: Millis) -> Value {
    let failed = one.state.failed.map(|(_, code)| code);
    let (status, error) = match failed {
        None => (
            json!({"groupId": 3, "groupName": "DELIVERED", "id": 5, "name": "DELIVERED_TO_HANDSET",
                "description": "Message delivered to handset"}),
            json!({"groupId": 0, "groupName": "OK", "id": 0, "name": "NO_ERROR", "description": "No Error", "permanent": false}),
        ),
        Some(meta) => {
            let rejected = (132_000..133_000).contains(&meta) || meta == 131_042;
            let status = if rejected {
                json!({"groupId": 5, "groupName": "REJECTED", "id": 8, "name": "REJECTED_PREFIX_MISSING", "description": "Message rejected"})
            } else {
                json!({"groupId": 2, "groupName": "UNDELIVERABLE", "id": 4, "name": "UNDELIVERABLE_REJECTED_OPERATOR",
                    "description": "Message rejected by operator"})
            };
            let (id, name, description, permanent) = error(meta);
            let error = json!({"groupId": 1, "groupName": "HANDSET_ERRORS", "id": id, "name": name,
                "description": description, "permanent": permanent});
            (status, error)
        }
    };
    let mut value = json!({"bulkId": "2034072219640523073", "messageId": one.wamid, "to": one.to,
        "sentAt": instant(one.at), "doneAt": instant(now), "messageCount": 1,
        "price": {"pricePerMessage": 0.0265, "currency": "EUR"}, "status": status, "error": error});
    if let Some(data) = callback(one) {
        value["callbackData"] = json!(data);
    }
    value
}

/// Infobip's error for one of Meta's codes: id, name, words, and whether another try is of no use.
fn error(meta: u32) -> (u32, &'static str, &'static str, bool) {
    match meta {
        131_026 => (
            7_032,
            "EC_WHATSAPP_USER_NOT_REACHABLE",
            "The user is not on WhatsApp",
            true,
        ),
        131_047 => (
            7_007,
            "EC_FREEFORM_MESSAGE_NOT_ALLOWED",
            "Free form message is not allowed outside of the 24 hour window",
            true,
        ),
        131_048 | 130_429 | 131_056 => (
            7_010,
            "EC_RATE_LIMIT",
            "The limit of messages was reached",
            false,
        ),
        131_049 | 131_050 => (
            7_050,
            "EC_USER_OPTED_OUT",
            "The user does not get marketing messages",
            true,
        ),
        131_052 => (
            7_020,
            "EC_MEDIA_DOWNLOAD",
            "The media could not be downloaded",
            true,
        ),
        132_000 | 132_012 => (
            7_009,
            "EC_TEMPLATE_PARAMETERS",
            "Template arguments do not match",
            true,
        ),
        132_001..=132_999 => (
            7_008,
            "EC_TEMPLATE_NOT_FOUND",
            "The template cannot be used",
            true,
        ),
        _ => (
            7_000,
            "EC_WHATSAPP_ERROR",
            "WhatsApp could not deliver the message",
            false,
        ),
    }
}

fn inbound(world: &World, gateway: &Gateway, one: &Message, public_url: &str) -> Option<Value> {
    let person = world.person(&one.person)?;
    let payload = &one.payload;
    let media = payload["id"].as_str().and_then(|id| world.media.get(id));
    let url = media.map(|media| {
        format!(
            "{public_url}/infobip/whatsapp/1/senders/{}/media/{}",
            gateway.phone, media.id
        )
    });
    let reply = |kind: &str, reply: &Value| {
        let mut value = json!({"type": kind, "id": reply["id"], "title": reply["title"]});
        if !reply["description"].is_null() {
            value["description"] = reply["description"].clone();
        }
        value
    };
    let mut message = match one.kind.as_str() {
        "text" => json!({"type": "TEXT", "text": payload["body"]}),
        "image" | "video" | "document" | "sticker" => {
            let mut value = json!({"type": one.kind.to_ascii_uppercase(), "url": url});
            if let Some(caption) = payload["caption"].as_str() {
                value["caption"] = json!(caption);
            }
            value
        }
        "audio" => {
            json!({"type": if payload["voice"] == true { "VOICE" } else { "AUDIO" }, "url": url})
        }
        "location" => {
            json!({"type": "LOCATION", "latitude": payload["latitude"], "longitude": payload["longitude"],
            "name": payload["name"], "address": payload["address"]})
        }
        "button" => {
            json!({"type": "BUTTON", "text": payload["text"], "payload": payload["payload"]})
        }
        "interactive" if !payload["button_reply"].is_null() => {
            reply("INTERACTIVE_BUTTON_REPLY", &payload["button_reply"])
        }
        "interactive" if !payload["list_reply"].is_null() => {
            reply("INTERACTIVE_LIST_REPLY", &payload["list_reply"])
        }
        "reaction" => {
            json!({"type": "REACTION", "emoji": payload["emoji"], "reactedTo": payload["message_id"]})
        }
        "contacts" => json!({"type": "CONTACT", "contacts": payload}),
        _ => json!({"type": "UNSUPPORTED"}),
    };
    let quoted = one.quoted.as_deref().and_then(|id| world.message(id));
    if let Some(quoted) = quoted {
        let from = if quoted.from == From::Business {
            &gateway.phone
        } else {
            &person.phone
        };
        message["context"] = json!({"from": from, "id": quoted.wamid});
    }
    let mut value = json!({"from": person.phone, "to": gateway.phone, "integrationType": "WHATSAPP",
        "receivedAt": instant(one.at), "messageId": one.wamid, "message": message,
        "contact": {"name": person.name}, "price": {"pricePerMessage": 0, "currency": "EUR"}});
    if let Some(quoted) = quoted.filter(|quoted| quoted.from == From::Business) {
        value["pairedMessageId"] = json!(quoted.wamid);
        if let Some(data) = callback(quoted) {
            value["callbackData"] = json!(data);
        }
    }
    Some(value)
}
