//! Sending, number checks, reading and files.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Wuzapi, ok, refused, server_error};
use crate::core::Core;
use crate::graph::file_bytes;
use crate::people;
use crate::providers::call::Call;
use crate::providers::send::{self, FileFrom, Obstruction, Outgoing};
use crate::providers::{Answer, Origin, Words as _, chat, write};
use crate::world::{Gateway, Person};

/// Meta's type of a send.
pub fn kind(send: &str) -> &'static str {
    match send {
        "image" => "image",
        "audio" => "audio",
        "video" => "video",
        "document" => "document",
        "sticker" => "sticker",
        "location" => "location",
        "contact" => "contacts",
        "buttons" | "list" => "interactive",
        _ => "text",
    }
}

pub async fn route(core: &Arc<Core>, call: &Call, gateway: Gateway, heard: Option<&str>) -> Answer {
    let phone = || write::digits(call.text("Phone").or(call.text("Chat")).unwrap_or(""));
    match (call.method.as_str(), call.segments().as_slice()) {
        (
            "POST",
            [
                "chat",
                "send",
                send @ ("text" | "image" | "audio" | "video" | "document" | "sticker" | "location"
                | "contact" | "buttons"),
            ],
        ) => message(core, call, &gateway, send, heard).await,
        ("POST", ["chat", "react"]) => {
            let id = call.text("Id").unwrap_or("");
            match chat::react(core, id, call.text("Body").unwrap_or("")).await {
                Some(true) => ok(json!({"Details": "Sent", "Id": id})),
                _ => Err(refused(500, "message not found")),
            }
        }
        ("POST", ["chat", "markread"]) => {
            for id in call.json["Id"].as_array().into_iter().flatten() {
                let done = chat::read(core, &gateway.id, &phone(), id.as_str()).await;
                done.ok_or_else(|| refused(500, "internal error"))?;
            }
            ok(json!({"Details": "Message(s) marked as read"}))
        }
        ("POST", ["chat", "presence"]) => {
            let on = call.text("State") == Some("composing");
            let done = chat::typing(core, &gateway.id, &phone(), on).await;
            done.ok_or_else(|| refused(500, "internal error"))?;
            ok(json!({"Details": "Chat presence set successfuly"}))
        }
        ("POST", ["chat", verb]) if verb.starts_with("download") => {
            download(core, call, &gateway).await
        }
        ("POST", ["user", "check"]) => check(core, call, &gateway),
        _ => Err(refused(404, "not found")),
    }
}

async fn message(
    core: &Core,
    call: &Call,
    gateway: &Gateway,
    send: &str,
    heard: Option<&str>,
) -> Answer {
    let phone = call
        .text("Phone")
        .ok_or_else(|| refused(400, "missing Phone in Payload"))?;
    let to = write::phone_of_chat(&core.state().world, phone)
        .ok_or_else(|| refused(400, "could not parse Phone"))?;
    if !gateway.link.state.is_linked() {
        return Err(refused(500, "no session"));
    }
    let kind = kind(send);
    let own = call.text("Id").map(str::to_owned);
    let out = Outgoing {
        content: content(core, call, gateway, kind).await?,
        quoted: call.json["ContextInfo"]["StanzaId"]
            .as_str()
            .map(str::to_owned),
        opaque: own.clone(),
        request: call.json.clone(),
        kind: kind.to_owned(),
        // WhatsApp has it before the answer leaves.
        delay: Some(0),
        to,
        ..Outgoing::default()
    };
    let sent = core.commit(|tx| {
        let id = match own {
            Some(id) => id,
            None => tx.new_id(|chance| Wuzapi.id(chance, &Person::default(), Origin::Api)),
        };
        send::submit(tx, gateway, Outgoing { id, ..out }, heard)
    });
    match sent.await {
        Some(Ok(message)) => ok(json!({"Details": "Sent", "Id": message.wamid,
            "Timestamp": write::rfc3339_seconds(message.at)})),
        Some(Err(Obstruction::Timelocked)) => Err(server_error(send::TIMELOCK, 500)),
        _ => Err(refused(500, "no session")),
    }
}

async fn content(core: &Core, call: &Call, gateway: &Gateway, kind: &str) -> Answer<Value> {
    let json = &call.json;
    let missing = |key: &str| refused(400, &format!("missing {key} in Payload"));
    Ok(match kind {
        "text" => json!({"body": call.text("Body").ok_or_else(|| missing("Body"))?}),
        "location" => {
            json!({"latitude": json["Latitude"], "longitude": json["Longitude"], "name": json["Name"]})
        }
        "contacts" => json!([{"name": {"formatted_name": json["Name"], "first_name": json["Name"]},
            "vcard": json["Vcard"], "phones": []}]),
        "interactive" => {
            let buttons = json["Buttons"].as_array().into_iter().flatten();
            let buttons: Vec<Value> = buttons
                .map(|one| json!({"type": "reply", "reply": {"id": one["ButtonId"], "title": one["ButtonText"]}}))
                .collect();
            json!({"type": "button", "body": {"text": json["Title"]}, "action": {"buttons": buttons}})
        }
        kind => {
            let key = match kind {
                "image" => "Image",
                "audio" => "Audio",
                "video" => "Video",
                "document" => "Document",
                _ => "Sticker",
            };
            let file = call.text(key).ok_or_else(|| missing(key))?;
            let is_url = file.starts_with("http://") || file.starts_with("https://");
            if !is_url && !file.starts_with("data:") {
                return Err(refused(
                    400,
                    &format!(
                        "{} data should start with \"data:\"",
                        key.to_ascii_lowercase()
                    ),
                ));
            }
            let from = FileFrom {
                url: is_url.then_some(file),
                data: (!is_url).then_some(file),
                filename: call.text("FileName"),
                ..FileFrom::default()
            };
            let media = send::media(core, &gateway.id, from).await;
            let mut media = media.map_err(|why| refused(400, &why.0))?;
            if let Some(caption) = call.text("Caption") {
                media["caption"] = json!(caption);
            }
            if kind == "audio" {
                media["voice"] = json!(true);
            }
            media
        }
    })
}

fn check(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    if !gateway.link.state.is_linked() {
        return Err(refused(500, "no session"));
    }
    let phones = call.json["Phone"].as_array();
    let phones = phones.ok_or_else(|| refused(400, "missing Phone in Payload"))?;
    let state = core.state();
    let one = |phone: &Value| {
        let digits = write::digits(phone.as_str().unwrap_or(""));
        json!({"IsInWhatsapp": people::reachable(&state.world, &digits),
            "JID": format!("{digits}@s.whatsapp.net"), "Query": phone, "VerifiedName": ""})
    };
    ok(json!({"Users": phones.iter().map(one).collect::<Vec<_>>()}))
}

/// The file behind the address that an inbound message's media have.
async fn download(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let id = call.text("DirectPath").or(call.text("Url")).unwrap_or("");
    let id = id.rsplit('/').next().unwrap_or("").to_owned();
    let media = core.state().world.media.get(&id).cloned();
    let media = media.filter(|media| media.number == gateway.id);
    match (media, file_bytes(core, &id).await) {
        (Some(media), Some(bytes)) => ok(json!({"Mimetype": media.mime_type,
            "Data": format!("data:{};base64,{}", media.mime_type, STANDARD.encode(bytes))})),
        _ => Err(refused(500, "failed to download")),
    }
}
