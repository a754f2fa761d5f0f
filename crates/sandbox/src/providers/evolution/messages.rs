//! Sending, number checks, reading and files.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Evolution, created, events, ok, refused};
use crate::core::Core;
use crate::graph::file_bytes;
use crate::people;
use crate::providers::call::Call;
use crate::providers::send::{self, FileFrom, Outgoing};
use crate::providers::{Answer, Origin, Refused, Words as _, chat, write};
use crate::world::{Gateway, Person};

/// Meta's type of a send.
pub fn kind(send: &str, call: &Call) -> &'static str {
    match (send, call.text("mediatype")) {
        ("sendMedia", Some("image")) => "image",
        ("sendMedia", Some("video" | "ptv")) | ("sendPtv", _) => "video",
        ("sendMedia", Some("audio")) | ("sendWhatsAppAudio", _) => "audio",
        ("sendMedia", _) => "document",
        ("sendSticker", _) => "sticker",
        ("sendLocation", _) => "location",
        ("sendContact", _) => "contacts",
        ("sendButtons" | "sendList", _) => "interactive",
        ("sendReaction", _) => "reaction",
        _ => "text",
    }
}

pub async fn route(core: &Arc<Core>, call: &Call, gateway: Gateway, heard: Option<&str>) -> Answer {
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["message", "sendReaction", _]) => {
            let key = call.json["key"]["id"].as_str().unwrap_or("");
            let emoji = call.text("reaction").unwrap_or("");
            match chat::react(core, key, emoji).await {
                Some(true) => created(json!({"key": call.json["key"], "status": "PENDING"})),
                _ => Err(refused(400, "Message not found")),
            }
        }
        (
            "POST",
            [
                "message",
                send @ ("sendText" | "sendMedia" | "sendWhatsAppAudio" | "sendSticker" | "sendPtv"
                | "sendLocation" | "sendContact" | "sendButtons" | "sendList"),
                _,
            ],
        ) => message(core, call, &gateway, send, heard).await,
        ("POST", ["chat", "whatsappNumbers", _]) => numbers(core, call),
        ("POST" | "PUT", ["chat", "markMessageAsRead", _]) => read(core, call, &gateway).await,
        ("POST", ["chat", "sendPresence", _]) => {
            let phone = write::digits(call.text("number").unwrap_or(""));
            let on = call.text("presence") != Some("paused");
            let done = chat::typing(core, &gateway.id, &phone, on).await;
            done.ok_or_else(|| refused(500, ""))?;
            created(json!({"presence": call.json["presence"]}))
        }
        ("POST", ["chat", "getBase64FromMediaMessage", _]) => base64(core, call, &gateway).await,
        (method, _) => Err(refused(
            404,
            &format!("Cannot {method} /{}", call.path.join("/")),
        )),
    }
}

fn absent(phone: &str) -> Refused {
    let jid = format!("{phone}@s.whatsapp.net");
    Refused::new(
        400,
        json!({"status": 400, "error": "Bad Request",
            "response": {"message": [{"jid": jid, "exists": false, "number": phone}]}}),
    )
}

async fn message(
    core: &Core,
    call: &Call,
    gateway: &Gateway,
    send: &str,
    heard: Option<&str>,
) -> Answer {
    let number = call
        .text("number")
        .ok_or_else(|| refused(400, "instance requires property \"number\""))?;
    let to = write::phone_of_chat(&core.state().world, number).ok_or_else(|| absent(number))?;
    if !gateway.link.state.sends() {
        return Err(refused(500, "Connection Closed"));
    }
    // Every send looks first whether the number is there.
    if !people::reachable(&core.state().world, &to) {
        return Err(absent(&to));
    }
    let kind = kind(send, call);
    let out = Outgoing {
        content: content(core, call, gateway, kind).await?,
        quoted: call.json["quoted"]["key"]["id"].as_str().map(str::to_owned),
        request: call.json.clone(),
        kind: kind.to_owned(),
        to,
        ..Outgoing::default()
    };
    let sent = core.commit(|tx| {
        let id = tx.new_id(|chance| Evolution.id(chance, &Person::default(), Origin::Api));
        let sent = send::submit(tx, gateway, Outgoing { id, ..out }, heard);
        sent.map(|message| events::message(tx.world(), gateway, &message, tx.now))
    });
    match sent.await {
        Some(Ok(value)) => created(value),
        _ => Err(refused(500, "Connection Closed")),
    }
}

async fn content(core: &Core, call: &Call, gateway: &Gateway, kind: &str) -> Answer<Value> {
    let json = &call.json;
    let missing = |key: &str| refused(400, &format!("instance requires property \"{key}\""));
    Ok(match kind {
        "text" => json!({"body": call.text("text").ok_or_else(|| missing("text"))?}),
        "location" => json!({"latitude": json["latitude"], "longitude": json["longitude"],
            "name": json["name"], "address": json["address"]}),
        "contacts" => {
            let card = |one: &Value| {
                json!({"name": {"formatted_name": one["fullName"], "first_name": one["fullName"]},
                    "phones": [{"phone": one["phoneNumber"], "wa_id": one["wuid"]}]})
            };
            json["contact"]
                .as_array()
                .into_iter()
                .flatten()
                .map(card)
                .collect()
        }
        "interactive" => {
            let body = [call.text("title"), call.text("description")];
            let body = body.into_iter().flatten().collect::<Vec<_>>().join("\n");
            let reply = |one: &Value| json!({"type": "reply", "reply": {"id": one["id"], "title": one["displayText"]}});
            let row = |row: &Value| json!({"id": row["rowId"], "title": row["title"], "description": row["description"]});
            if json["sections"].is_array() || json["values"].is_array() {
                let sections = json["sections"].as_array().or(json["values"].as_array());
                let sections: Vec<Value> = sections
                    .into_iter()
                    .flatten()
                    .map(|one| json!({"title": one["title"],
                        "rows": one["rows"].as_array().into_iter().flatten().map(row).collect::<Vec<_>>()}))
                    .collect();
                json!({"type": "list", "body": {"text": body},
                    "action": {"button": json["buttonText"], "sections": sections}})
            } else {
                let buttons = json["buttons"].as_array().into_iter().flatten();
                let buttons: Vec<Value> = buttons.map(reply).collect();
                json!({"type": "button", "body": {"text": body}, "footer": {"text": json["footer"]},
                    "action": {"buttons": buttons}})
            }
        }
        kind => {
            let file = ["media", "audio", "sticker", "video"]
                .into_iter()
                .find_map(|key| call.text(key));
            let file = file.ok_or_else(|| missing("media"))?;
            let is_url = file.starts_with("http://") || file.starts_with("https://");
            let default = match kind {
                "audio" => "audio/ogg; codecs=opus",
                "image" => "image/jpeg",
                "video" => "video/mp4",
                "sticker" => "image/webp",
                _ => "application/octet-stream",
            };
            let from = FileFrom {
                url: is_url.then_some(file),
                data: (!is_url).then_some(file),
                mime_type: call.text("mimetype").or(Some(default)),
                filename: call.text("fileName"),
                ..FileFrom::default()
            };
            let media = send::media(core, &gateway.id, from).await;
            let mut media = media.map_err(|why| refused(400, &why.0))?;
            if let Some(caption) = call.text("caption") {
                media["caption"] = json!(caption);
            }
            if kind == "audio" {
                media["voice"] = json!(true);
            }
            media
        }
    })
}

fn numbers(core: &Core, call: &Call) -> Answer {
    let state = core.state();
    let one = |number: &Value| {
        let phone = write::digits(number.as_str().unwrap_or(""));
        let exists = people::reachable(&state.world, &phone);
        let mut entry =
            json!({"jid": format!("{phone}@s.whatsapp.net"), "exists": exists, "number": number});
        if exists {
            entry["lid"] = json!(write::lid(&phone));
        }
        entry
    };
    let numbers = call.json["numbers"].as_array();
    let numbers = numbers.ok_or_else(|| refused(400, "instance requires property \"numbers\""))?;
    ok(numbers.iter().map(one).collect())
}

async fn read(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    for key in call.json["readMessages"].as_array().into_iter().flatten() {
        let jid = key["remoteJid"].as_str().unwrap_or("");
        let phone = write::phone_of_chat(&core.state().world, jid).unwrap_or_default();
        let done = chat::read(core, &gateway.id, &phone, key["id"].as_str()).await;
        done.ok_or_else(|| refused(500, ""))?;
    }
    created(json!({"message": "Read messages", "read": "success"}))
}

async fn base64(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let id = call.json["message"]["key"]["id"].as_str().unwrap_or("");
    let found = {
        let state = core.state();
        let message = state
            .world
            .message(id)
            .filter(|one| one.number == gateway.id);
        message.and_then(|one| {
            let body = match one.from {
                crate::world::From::Business => &one.payload[one.kind.as_str()],
                crate::world::From::Person => &one.payload,
            };
            let media = state.world.media.get(body["id"].as_str()?)?;
            Some((one.kind.clone(), body["caption"].clone(), media.clone()))
        })
    };
    let (kind, caption, media) = found.ok_or_else(|| refused(400, "Message not found"))?;
    let bytes = file_bytes(core, &media.id).await;
    let bytes = bytes.ok_or_else(|| refused(400, "Message not found"))?;
    created(
        json!({"mediaType": format!("{kind}Message"), "fileName": media.filename, "caption": caption,
        "size": {"fileLength": media.size_bytes}, "mimetype": media.mime_type, "base64": STANDARD.encode(bytes)}),
    )
}
