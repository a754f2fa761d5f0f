//! Infobip: an endpoint for each type, templates in batches, reports in lists.
//!
//! Source: Infobip's Java client (March 2026) and its documentation. The caller's `messageId` is a message's id, and a second message of the same id is not sent. Error ids of reports that the documentation does not give are the nearest ones.

mod events;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::call::Call;
use super::reseller::{self, body_component, quick_reply};
use super::send::Outgoing;
use super::{Aim, Answer, Event, Origin, Refused, Sealing, Words, chat, write};
use crate::chance::Chance;
use crate::core::{Core, Tx};
use crate::faults::Endpoint;
use crate::hooks::Post;
use crate::world::{Gateway, Message, Person, Provider, World};

pub struct Infobip;

impl Words for Infobip {
    fn aim(&self, world: &World, call: &Call) -> Aim {
        match call.segments().as_slice() {
            ["whatsapp", "1", "message", "template"] => {
                let first = &call.json["messages"][0];
                let gateway = of_phone(world, &first["from"]);
                let mut aim = Aim::message(gateway, first["to"].as_str().unwrap_or(""), "template");
                aim.template = first["content"]["templateName"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                aim
            }
            ["whatsapp", "1", "message", kind @ ..] => {
                let gateway = of_phone(world, &call.json["from"]);
                Aim::message(gateway, call.text("to").unwrap_or(""), &kind.join("/"))
            }
            ["whatsapp", _, "senders", sender, rest @ ..] => {
                let endpoint = match rest.first() {
                    Some(&"templates") => Endpoint::Templates,
                    Some(&"media") => Endpoint::MediaDownload,
                    Some(&"message") => Endpoint::MarkRead,
                    _ => Endpoint::Api,
                };
                Aim::at(endpoint, of_phone(world, &json!(sender)))
            }
            _ => Aim::at(Endpoint::Api, None),
        }
    }

    fn answer<'a>(
        &'a self,
        core: &'a Arc<Core>,
        call: &'a Call,
        heard: Option<&'a str>,
    ) -> BoxFuture<'a, Answer> {
        route(core, call, heard).boxed()
    }

    fn refusal(&self, _call: &Call, code: Option<u32>, status: Option<u16>) -> Refused {
        let known = code.and_then(|code| u16::try_from(code).ok());
        let known = known.filter(|code| (400..600).contains(code));
        let status = status.or(known).unwrap_or(500);
        let (id, text) = match status {
            400 => ("BAD_REQUEST", "Bad Request"),
            401 => ("UNAUTHORIZED", "Invalid login details"),
            403 => ("FORBIDDEN", "Forbidden"),
            429 => ("TOO_MANY_REQUESTS", "Too many requests"),
            _ => (
                "GENERAL_ERROR",
                "Something went wrong. Please contact support.",
            ),
        };
        refused(status, id, text)
    }

    fn id(&self, chance: &mut Chance, _person: &Person, from: Origin) -> String {
        match from {
            Origin::Api => write::uuid(chance),
            Origin::Person | Origin::OwnPhone => format!("ABEG{}", chance.trace()),
        }
    }

    fn tell(&self, tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
        events::tell(tx, gateway, event)
    }

    /// There is no signature, only the headers that the user registered.
    fn sign(&self, sealing: &Sealing<'_>) -> Vec<(String, String)> {
        let headers = sealing.gateway.webhook_headers.iter();
        headers
            .map(|(name, value)| (name.to_ascii_lowercase(), sealing.key(value).to_owned()))
            .collect()
    }
}

fn of_phone<'a>(world: &'a World, phone: &Value) -> Option<&'a Gateway> {
    let phone = phone.as_str()?;
    world
        .gateways_of(Provider::Infobip)
        .find(|one| one.phone == phone)
}

fn refused(status: u16, id: &str, text: &str) -> Refused {
    Refused::new(
        status,
        json!({"requestError": {"serviceException": {"messageId": id, "text": text}}}),
    )
}

fn invalid(field: &str, problem: &str) -> Refused {
    let mut refused = refused(400, "BAD_REQUEST", "Bad Request");
    refused.body["requestError"]["serviceException"]["validationErrors"] =
        json!({field: [problem]});
    refused
}

fn ok(value: Value) -> Answer {
    Ok(axum::Json(value).into_response())
}

async fn route(core: &Arc<Core>, call: &Call, heard: Option<&str>) -> Answer {
    let key = call.authorization("App").unwrap_or("").to_owned();
    let known = {
        let state = core.state();
        state
            .world
            .gateways_of(Provider::Infobip)
            .any(|one| one.key == key)
    };
    if !known {
        return Err(refused(401, "UNAUTHORIZED", "Invalid login details"));
    }
    let sender = |phone: &str| {
        let gateway = of_phone(&core.state().world, &json!(phone)).cloned();
        gateway.ok_or_else(|| refused(404, "NOT_FOUND", "Sender not found"))
    };
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["whatsapp", "1", "message", "template"]) => batch(core, call, heard).await,
        ("POST", ["whatsapp", "1", "message", kind @ ..]) => {
            let body = body(&kind.join("/"), &call.json["content"])?;
            let sent = send(core, &call.json, body, heard).await?;
            ok(pending(&sent))
        }
        ("GET", ["whatsapp", "2", "senders", phone, "templates"]) => {
            let gateway = sender(phone)?;
            let state = core.state();
            let own = state.world.templates.iter();
            let own: Vec<Value> = own
                .filter(|one| one.waba == gateway.waba && one.deleted_at.is_none())
                .map(|one| {
                    json!({"id": one.id, "name": one.name, "language": one.language,
                    "status": one.status, "category": one.category, "structure": one.components})
                })
                .collect();
            ok(json!({"templates": own}))
        }
        ("GET", ["whatsapp", "1", "senders", phone, "media", id]) => {
            let gateway = sender(phone)?;
            let file = chat::file(core, &gateway.id, id).await;
            file.ok_or_else(|| refused(404, "NOT_FOUND", "Media not found"))
        }
        ("POST", ["whatsapp", "1", "senders", phone, "message", id, "read"]) => {
            let gateway = sender(phone)?;
            read(core, &gateway, id).await
        }
        _ => Err(refused(404, "NOT_FOUND", "Not found")),
    }
}

async fn read(core: &Core, gateway: &Gateway, id: &str) -> Answer {
    let phone = {
        let state = core.state();
        let message = state
            .world
            .message(id)
            .filter(|one| one.number == gateway.id);
        let person = message.and_then(|one| state.world.person(&one.person));
        person.map(|person| person.phone.clone())
    };
    let phone = phone.ok_or_else(|| refused(404, "NOT_FOUND", "Message not found"))?;
    let done = chat::read(core, &gateway.id, &phone, Some(id)).await;
    done.ok_or_else(|| refused(500, "GENERAL_ERROR", "Something went wrong."))?;
    Ok(StatusCode::OK.into_response())
}

/// The messages of a batch are taken one by one; one that is not valid refuses those from it on.
async fn batch(core: &Core, call: &Call, heard: Option<&str>) -> Answer {
    let messages = call.json["messages"]
        .as_array()
        .filter(|all| !all.is_empty());
    let messages = messages.ok_or_else(|| invalid("messages", "must not be empty"))?;
    let mut answers = Vec::new();
    for one in messages {
        let body = template_body(&one["content"]);
        answers.push(pending(&send(core, one, body, heard).await?));
    }
    let bulk = core.state().chance.digits(19);
    ok(json!({"messages": answers, "bulkId": bulk}))
}

fn pending(message: &Message) -> Value {
    json!({"to": message.to, "messageCount": 1, "messageId": message.wamid,
        "status": {"groupId": 1, "groupName": "PENDING", "id": 7, "name": "PENDING_ENROUTE",
            "description": "Message sent to next instance"}})
}

async fn send(core: &Core, request: &Value, body: Value, heard: Option<&str>) -> Answer<Message> {
    let text = |key: &str| request[key].as_str().filter(|text| !text.is_empty());
    let gateway = of_phone(&core.state().world, &request["from"]).cloned();
    let gateway = gateway.ok_or_else(|| invalid("from", "must be a registered sender"))?;
    let to = text("to").ok_or_else(|| invalid("to", "must not be blank"))?;
    if to.len() < 7 || !to.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid("to", "must be a phone number"));
    }
    let own = text("messageId").map(str::to_owned);
    let out = Outgoing {
        id: match &own {
            Some(id) => id.clone(),
            None => write::uuid(&mut core.state().chance),
        },
        to: to.to_owned(),
        quoted: request["context"]["replyToMessageId"]
            .as_str()
            .map(str::to_owned),
        opaque: own,
        notify: text("notifyUrl").map(str::to_owned),
        native: text("callbackData").map(str::to_owned),
        request: request.clone(),
        ..Outgoing::default()
    };
    let sent = reseller::submit(core, &gateway, body, out, heard).await;
    sent.map_err(|error| invalid("content", error.details().unwrap_or("is not valid")))
}

/// The message as Meta would have it.
fn body(kind: &str, content: &Value) -> Answer<Value> {
    let file = |meta: &str| {
        let mut media = json!({"link": content["mediaUrl"]});
        for key in ["caption", "filename"] {
            if let Some(text) = content[key].as_str() {
                media[key] = json!(text);
            }
        }
        json!({"type": meta, (meta): media})
    };
    let interactive = |kind: &str, action: Value| {
        let mut value = json!({"type": kind, "body": content["body"], "action": action});
        if content["footer"].is_object() {
            value["footer"] = content["footer"].clone();
        }
        if let Some(header) = content["header"]["text"].as_str() {
            value["header"] = json!({"type": "text", "text": header});
        }
        json!({"type": "interactive", "interactive": value})
    };
    Ok(match kind {
        "text" => json!({"type": "text", "text": {"body": content["text"]}}),
        "image" | "document" | "audio" | "video" | "sticker" => file(kind),
        "location" => json!({"type": "location", "location": content}),
        "interactive/buttons" => {
            let buttons = content["action"]["buttons"]
                .as_array()
                .into_iter()
                .flatten();
            let buttons: Vec<Value> = buttons
                .map(|one| json!({"type": "reply", "reply": {"id": one["id"], "title": one["title"]}}))
                .collect();
            interactive("button", json!({"buttons": buttons}))
        }
        "interactive/list" => {
            let action = &content["action"];
            interactive(
                "list",
                json!({"button": action["title"], "sections": action["sections"]}),
            )
        }
        _ => {
            return Err(refused(
                404,
                "NOT_FOUND",
                "This type of message is not played",
            ));
        }
    })
}

fn template_body(content: &Value) -> Value {
    let data = &content["templateData"];
    let mut components = Vec::new();
    let header = &data["header"];
    match header["type"].as_str() {
        Some("TEXT") => components.push(json!({"type": "header",
            "parameters": [{"type": "text", "text": header["placeholder"]}]})),
        Some(kind @ ("IMAGE" | "VIDEO" | "DOCUMENT")) => {
            let kind = kind.to_ascii_lowercase();
            components.push(json!({"type": "header",
                "parameters": [{"type": kind, (kind.as_str()): {"link": header["mediaUrl"]}}]}));
        }
        _ => {}
    }
    let placeholders = data["body"]["placeholders"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if !placeholders.is_empty() {
        components.push(body_component(&placeholders));
    }
    for (index, button) in data["buttons"].as_array().into_iter().flatten().enumerate() {
        match button["type"].as_str() {
            Some("QUICK_REPLY") => components.push(quick_reply(index, &button["parameter"])),
            Some("URL") => components.push(
                json!({"type": "button", "sub_type": "url", "index": index.to_string(),
                "parameters": [{"type": "text", "text": button["parameter"]}]}),
            ),
            _ => {}
        }
    }
    json!({"type": "template", "template": {"name": content["templateName"],
        "language": {"code": content["language"]}, "components": components}})
}
