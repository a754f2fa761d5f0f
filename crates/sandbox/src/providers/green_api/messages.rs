//! Sending, the queue, and the journals.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{events, ok, refused};
use crate::clock::MINUTE;
use crate::core::Core;
use crate::providers::call::Call;
use crate::providers::send::{self, FileFrom, Outgoing};
use crate::providers::{Answer, Origin, Words as _, chat, link, write};
use crate::world::{From, Gateway, LinkState, Mark, Provider, Record};

/// Sends that one instance may do in a second.
const PER_SECOND: usize = 50;

/// Meta's type of a method; files are told apart by their own type.
pub fn kind(method: &str) -> &'static str {
    match method {
        "sendFileByUrl" | "sendFileByUpload" => "document",
        "sendLocation" => "location",
        "sendContact" => "contacts",
        "sendInteractiveButtons" | "sendInteractiveButtonsReply" => "interactive",
        _ => "text",
    }
}

pub async fn route(core: &Arc<Core>, call: &Call, gateway: Gateway, heard: Option<&str>) -> Answer {
    let method = super::method(call);
    match (call.method.as_str(), method) {
        (
            "POST",
            "sendMessage"
            | "sendFileByUrl"
            | "sendFileByUpload"
            | "sendLocation"
            | "sendContact"
            | "sendInteractiveButtons"
            | "sendInteractiveButtonsReply",
        ) => message(core, call, &gateway, heard).await,
        ("POST", "uploadFile") => upload(core, call, &gateway).await,
        ("POST", "readChat") => read(core, call, &gateway).await,
        ("POST", "editMessage" | "deleteMessage") => change(core, call, &gateway).await,
        ("POST", "sendTyping") => typing(core, call, &gateway).await,
        ("POST", "downloadFile") => download(core, call, &gateway),
        ("GET", "showMessagesQueue") => queue(core, &gateway),
        ("GET", "clearMessagesQueue") => clear(core, &gateway).await,
        ("GET", "lastIncomingMessages") => journal(core, call, &gateway, From::Person),
        ("GET", "lastOutgoingMessages") => journal(core, call, &gateway, From::Business),
        ("POST", "getMessage") => one(core, call, &gateway),
        _ => Err(refused(404, "Not Found")),
    }
}

fn phone(core: &Core, call: &Call) -> Answer<String> {
    let chat = call.text("chatId").unwrap_or("");
    let phone = write::phone_of_chat(&core.state().world, chat);
    phone
        .filter(|phone| chat.ends_with("@lid") || (11..=16).contains(&phone.len()))
        .ok_or_else(|| refused(400, "bad phone number, valid from 11 to 16 digits"))
}

async fn message(core: &Core, call: &Call, gateway: &Gateway, heard: Option<&str>) -> Answer {
    let to = phone(core, call)?;
    if gateway.link.state == LinkState::Banned {
        return Err(refused(400, "instance account not authorized"));
    }
    let (kind, content) = content(core, call, gateway).await?;
    let url = content["id"]
        .as_str()
        .map(|id| events::file_url(core, gateway, id));
    let out = Outgoing {
        quoted: call.text("quotedMessageId").map(str::to_owned),
        request: call.json.clone(),
        kind: kind.to_owned(),
        content,
        to,
        ..Outgoing::default()
    };
    let sent = core.commit(|tx| {
        if !tx.state.rates.has_room(&gateway.id, PER_SECOND, tx.now) {
            return Err(refused(429, ""));
        }
        let person = crate::world::Person::default();
        let id = tx.new_id(|chance| super::GreenApi.id(chance, &person, Origin::Api));
        send::submit(tx, gateway, Outgoing { id, ..out }, heard)
            .map_err(|_| refused(400, "instance account not authorized"))
    });
    let sent = sent.await.ok_or_else(|| refused(500, ""))??;
    let mut answer = json!({"idMessage": sent.wamid});
    if super::method(call) == "sendFileByUpload" {
        answer["urlFile"] = json!(url);
    }
    ok(answer)
}

async fn content(core: &Core, call: &Call, gateway: &Gateway) -> Answer<(&'static str, Value)> {
    let json = &call.json;
    let method = super::method(call);
    let missing = |key: &str| {
        refused(
            400,
            &format!("Validation failed. Details: '{key}' is required"),
        )
    };
    Ok(match method {
        "sendMessage" => {
            let text = call.text("message").ok_or_else(|| missing("message"))?;
            if text.chars().count() > 20_000 {
                return Err(refused(
                    400,
                    "Validation failed. Details: 'message' length must be less than or equal to 20000 characters long",
                ));
            }
            ("text", json!({"body": text}))
        }
        "sendLocation" => (
            "location",
            json!({"latitude": json["latitude"], "longitude": json["longitude"],
                "name": json["nameLocation"], "address": json["address"]}),
        ),
        "sendContact" => {
            let contact = &json["contact"];
            let phone = contact["phoneContact"].to_string();
            let name = [&contact["firstName"], &contact["lastName"]];
            let name = name
                .into_iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(" ");
            (
                "contacts",
                json!([{"name": {"formatted_name": name, "first_name": name},
                    "phones": [{"phone": phone, "wa_id": phone}]}]),
            )
        }
        "sendInteractiveButtons" | "sendInteractiveButtonsReply" => {
            let buttons = json["buttons"].as_array().into_iter().flatten();
            let buttons: Vec<Value> = buttons
                .map(|one| json!({"type": "reply", "reply": {"id": one["buttonId"], "title": one["buttonText"]}}))
                .collect();
            let content = json!({"type": "button", "body": {"text": json["body"]},
                "footer": {"text": json["footer"]}, "action": {"buttons": buttons}});
            ("interactive", content)
        }
        _ => {
            let file = call.file.as_ref();
            let name = call
                .text("fileName")
                .or(file.and_then(|file| file.name.as_deref()));
            let name = name.ok_or_else(|| missing("fileName"))?;
            let guessed = type_of(name);
            let from = FileFrom {
                url: call.text("urlFile"),
                bytes: file.map(|file| file.bytes.clone()),
                mime_type: file
                    .and_then(|file| file.mime_type.as_deref())
                    .or(Some(guessed)),
                filename: Some(name),
                ..FileFrom::default()
            };
            if from.url.is_none() && from.bytes.is_none() {
                return Err(missing(if method == "sendFileByUrl" {
                    "urlFile"
                } else {
                    "file"
                }));
            }
            let media = send::media(core, &gateway.id, from).await;
            let mut media = media.map_err(|why| refused(400, &why.0))?;
            if let Some(caption) = call.text("caption") {
                media["caption"] = json!(caption);
            }
            (
                send::kind_of(media["mime_type"].as_str().unwrap_or(guessed)),
                media,
            )
        }
    })
}

/// A file's type by the ending of its name, as Green API tells it.
fn type_of(name: &str) -> &'static str {
    match name
        .rsplit('.')
        .next()
        .unwrap_or("")
        .to_ascii_lowercase()
        .as_str()
    {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "mp4" => "video/mp4",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

/// A raw body that can be sent by its address afterwards.
async fn upload(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let from = FileFrom {
        bytes: Some(call.bytes.clone()),
        mime_type: call.header("content-type"),
        filename: call.header("ga-filename"),
        ..FileFrom::default()
    };
    let media = send::media(core, &gateway.id, from).await;
    let media = media.map_err(|why| refused(400, &why.0))?;
    let url = events::file_url(core, gateway, media["id"].as_str().unwrap_or(""));
    ok(json!({"urlFile": url}))
}

async fn read(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let phone = phone(core, call)?;
    let done = chat::read(core, &gateway.id, &phone, call.text("idMessage")).await;
    done.ok_or_else(|| refused(500, ""))?;
    ok(json!({"setRead": true}))
}

/// Edits or removes an own message.
async fn change(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let id = call.text("idMessage").unwrap_or("");
    let own = {
        let state = core.state();
        let message = state.world.message(id);
        message.is_some_and(|one| one.number == gateway.id && one.from == From::Business)
    };
    if !own {
        return Err(refused(400, "message not found"));
    }
    let mark = match (super::method(call), call.text("message")) {
        ("deleteMessage", _) => Mark::Revoked,
        (_, Some(text)) => Mark::Edited {
            text: text.to_owned(),
        },
        _ => {
            return Err(refused(
                400,
                "Validation failed. Details: 'message' is required",
            ));
        }
    };
    let done = core.commit(|tx| chat::mark(tx, id, mark)).await;
    done.ok_or_else(|| refused(500, ""))?;
    ok(json!({"idMessage": id}))
}

async fn typing(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let phone = phone(core, call)?;
    let done = chat::typing(core, &gateway.id, &phone, true).await;
    done.ok_or_else(|| refused(500, ""))?;
    ok(json!({}))
}

fn download(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let message = core
        .state()
        .world
        .message(call.text("idMessage").unwrap_or(""))
        .cloned();
    let message = message.filter(|one| one.number == gateway.id);
    let id = message.as_ref().and_then(|one| one.payload["id"].as_str());
    let id = id.ok_or_else(|| refused(400, "message not found"))?;
    ok(json!({"downloadUrl": events::file_url(core, gateway, id)}))
}

fn queue(core: &Core, gateway: &Gateway) -> Answer {
    let state = core.state();
    let waiting = link::queued(&state.world, &gateway.id);
    let items: Vec<Value> = waiting
        .map(|one| {
            json!({"messageID": one.wamid, "messagesIDs": [one.wamid], "type": "sendMessage",
                "body": one.carried.as_ref().map(|carried| &carried.request)})
        })
        .collect();
    ok(json!(items))
}

async fn clear(core: &Core, gateway: &Gateway) -> Answer {
    let done = core.commit(|tx| {
        let waiting: Vec<String> = link::queued(tx.world(), &gateway.id)
            .map(|one| one.wamid.clone())
            .collect();
        for wamid in waiting {
            let (at, mark) = (tx.now, Mark::Failed { code: 131_016 });
            tx.record(Record::Mark { wamid, at, mark });
        }
        tx.state.departures.remove(&gateway.id);
    });
    done.await.ok_or_else(|| refused(500, ""))?;
    ok(json!({"isCleared": true}))
}

/// The messages of the last minutes (a day unless told), newest first.
fn journal(core: &Core, call: &Call, gateway: &Gateway, from: From) -> Answer {
    let minutes = call
        .query("minutes")
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_440_i64);
    let now = core.now();
    let state = core.state();
    let items: Vec<Value> = state
        .world
        .messages
        .iter()
        .rev()
        .filter(|one| {
            one.number == gateway.id && one.from == from && now - one.at <= minutes * MINUTE
        })
        .map(|one| events::journal_entry(&state.world, gateway, one, now))
        .collect();
    ok(json!(items))
}

fn one(core: &Core, call: &Call, gateway: &Gateway) -> Answer {
    let now = core.now();
    let state = core.state();
    let message = state.world.message(call.text("idMessage").unwrap_or(""));
    let message = message.filter(|one| one.number == gateway.id);
    let message = message.ok_or_else(|| refused(400, "message not found"))?;
    ok(events::journal_entry(&state.world, gateway, message, now))
}

/// A file of a message; its address is all that is needed.
pub async fn file(core: &Core, account: &str, name: &str) -> Answer {
    let number = {
        let state = core.state();
        let gateway = state.world.gateway_of_account(Provider::GreenApi, account);
        gateway
            .map(|gateway| gateway.id.clone())
            .unwrap_or_default()
    };
    let file = chat::file(core, &number, name).await;
    file.ok_or_else(|| refused(404, "Not Found"))
}
