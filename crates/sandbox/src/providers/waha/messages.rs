//! Sending, and what is done with messages that are there.

use std::sync::Arc;

use serde_json::{Value, json};

use super::sessions::must_work;
use super::{created, events, ok, plain, server_error};
use crate::clock::MINUTE;
use crate::core::Core;
use crate::providers::call::Call;
use crate::providers::send::{self, FileFrom, Obstruction, Outgoing};
use crate::providers::{Answer, chat, write};
use crate::world::{Gateway, Mark};

/// Meta's type of a send's name.
pub fn kind(send: &str) -> &'static str {
    match send {
        "sendImage" => "image",
        "sendVideo" => "video",
        "sendVoice" => "audio",
        "sendFile" => "document",
        "sendLocation" => "location",
        "sendContactVcard" => "contacts",
        "sendButtons" => "interactive",
        _ => "text",
    }
}

pub async fn route(core: &Arc<Core>, call: &Call, gateway: Gateway, heard: Option<&str>) -> Answer {
    match (call.method.as_str(), call.segments().as_slice()) {
        (
            "POST",
            [
                "api",
                send @ ("sendText" | "sendImage" | "sendVideo" | "sendVoice" | "sendFile"
                | "sendLocation" | "sendContactVcard" | "sendButtons"),
            ],
        ) => message(core, call, &gateway, send, heard).await,
        ("POST", ["api", "sendSeen"]) => {
            must_work(&gateway)?;
            seen(core, call, &gateway).await
        }
        ("POST", ["api", verb @ ("startTyping" | "stopTyping")]) => {
            must_work(&gateway)?;
            typing(core, call, &gateway, *verb == "startTyping").await
        }
        ("POST", ["api", _, "presence"]) => {
            must_work(&gateway)?;
            match call.text("presence") {
                Some("typing" | "recording") => typing(core, call, &gateway, true).await,
                Some("paused") => typing(core, call, &gateway, false).await,
                _ => created(json!({})),
            }
        }
        ("PUT", ["api", "reaction"]) => {
            must_work(&gateway)?;
            reaction(core, call).await
        }
        ("PUT" | "DELETE", ["api", _, "chats", _, "messages", id]) => {
            must_work(&gateway)?;
            change(core, call, id).await
        }
        (method, _) => Err(plain(
            404,
            &format!("Cannot {method} /{}", call.path.join("/")),
        )),
    }
}

fn need<'a>(call: &'a Call, key: &str) -> Answer<&'a str> {
    call.text(key)
        .ok_or_else(|| plain(400, &format!("{key} should not be empty")))
}

/// The recipient's phone.
fn recipient(core: &Core, call: &Call) -> Answer<String> {
    let chat = need(call, "chatId")?;
    write::phone_of_chat(&core.state().world, chat)
        .ok_or_else(|| plain(400, &format!("{chat} is not a chat")))
}

async fn message(
    core: &Core,
    call: &Call,
    gateway: &Gateway,
    send: &str,
    heard: Option<&str>,
) -> Answer {
    let to = recipient(core, call)?;
    must_work(gateway)?;
    let kind = kind(send);
    let content = content(core, call, gateway, kind).await?;
    let own = call.text("id").map(str::to_owned);
    let out = Outgoing {
        id: match &own {
            // The caller's id stands inside of the full one.
            Some(id) => full_id(&to, id),
            None => core.state().chance.hex(18),
        },
        quoted: call.text("reply_to").map(str::to_owned),
        opaque: own.clone(),
        request: call.json.clone(),
        kind: kind.to_owned(),
        content,
        to,
        ..Outgoing::default()
    };
    let sent = core.commit(|tx| {
        let mut out = out;
        if own.is_none() {
            let tail = std::mem::take(&mut out.id);
            out.id = tx.new_id(|_| full_id(&out.to, &format!("3EB0{tail}")));
        }
        send::submit(tx, gateway, out, heard)
            .map(|message| events::message(tx.world(), gateway, &message, tx.now, tx.public_url))
    });
    let sent = sent.await.ok_or_else(|| plain(500, ""))?;
    sent.map_or_else(
        |obstruction| {
            Err(match obstruction {
                Obstruction::Timelocked => server_error(call, 463, 500, core.now()),
                Obstruction::NotLinked(_) => plain(422, "Session status is not as expected"),
            })
        },
        created,
    )
}

fn full_id(phone: &str, id: &str) -> String {
    if id.starts_with("true_") {
        id.to_owned()
    } else {
        format!("true_{phone}@c.us_{id}")
    }
}

/// The message in Meta's picture.
async fn content(core: &Core, call: &Call, gateway: &Gateway, kind: &str) -> Answer<Value> {
    let json = &call.json;
    Ok(match kind {
        "text" => json!({"body": need(call, "text")?}),
        "location" => {
            json!({"latitude": json["latitude"], "longitude": json["longitude"], "name": json["title"]})
        }
        "contacts" => {
            let card = |card: &Value| {
                json!({"name": {"formatted_name": card["fullName"], "first_name": card["fullName"]},
                    "phones": [{"phone": card["phoneNumber"], "wa_id": card["whatsappId"]}]})
            };
            json["contacts"]
                .as_array()
                .into_iter()
                .flatten()
                .map(card)
                .collect()
        }
        "interactive" => {
            let buttons = json["buttons"].as_array().into_iter().flatten();
            let buttons: Vec<Value> = buttons
                .map(|one| json!({"type": "reply", "reply": {"id": one["id"].as_str().or(one["text"].as_str()), "title": one["text"]}}))
                .collect();
            json!({"type": "button", "body": {"text": json["body"]}, "action": {"buttons": buttons}})
        }
        kind => {
            let file = &json["file"];
            let from = FileFrom {
                url: file["url"].as_str(),
                data: file["data"].as_str(),
                mime_type: file["mimetype"].as_str(),
                filename: file["filename"].as_str(),
                ..FileFrom::default()
            };
            let media = send::media(core, &gateway.id, from).await;
            let mut media = media.map_err(|why| plain(500, &why.0))?;
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

/// Marks the person's messages as read.
async fn seen(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let phone = recipient(core, call)?;
    let done = chat::read(core, &gateway.id, &phone, None).await;
    done.ok_or_else(|| plain(500, ""))?;
    created(json!({"success": true}))
}

async fn typing(core: &Core, call: &Call, gateway: &Gateway, on: bool) -> Answer {
    let phone = recipient(core, call)?;
    let done = chat::typing(core, &gateway.id, &phone, on).await;
    done.ok_or_else(|| plain(500, ""))?;
    created(json!({"result": true}))
}

async fn reaction(core: &Core, call: &Call) -> Answer {
    let id = need(call, "messageId")?;
    let emoji = call.json["reaction"].as_str().unwrap_or("");
    match chat::react(core, id, emoji).await {
        Some(true) => ok(json!({"id": id})),
        _ => Err(plain(404, "Message not found")),
    }
}

/// An edit within 15 minutes, or a removal.
async fn change(core: &Core, call: &Call, id: &str) -> Answer {
    let message = core.state().world.message(id).cloned();
    let message = message.ok_or_else(|| plain(404, "Message not found"))?;
    let mark = if call.is("DELETE") {
        Mark::Revoked
    } else if core.now() - message.at > 15 * MINUTE {
        return Err(plain(400, "The message is too old to be edited"));
    } else {
        Mark::Edited {
            text: need(call, "text")?.to_owned(),
        }
    };
    let done = core.commit(|tx| chat::mark(tx, id, mark)).await;
    done.ok_or_else(|| plain(500, ""))?;
    ok(json!(true))
}
