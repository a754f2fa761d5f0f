//! 360dialog: Meta's Cloud API behind another host and key.
//!
//! Source: 360dialog's documentation, January to September 2026. Sends, media and templates are Meta's own (`graph`); here are the key that names the number, the paths, the template list, and the webhook with headers of the user's choice instead of a signature.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use axum::response::IntoResponse;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::call::Call;
use super::{Aim, Answer, Event, Origin, Refused, Sealing, Words};
use crate::chance::Chance;
use crate::core::{Core, Tx};
use crate::faults::Endpoint;
use crate::graph::{self, CallFile, Passed, Reply};
use crate::hooks::{self, Change, Post};
use crate::people::media_url;
use crate::world::{Gateway, Letter, Person, Provider, Template, World};

pub struct Dialog360;

/// Where Meta's own download addresses point; the user puts 360dialog's host in its place.
const META_MEDIA: &str = "https://lookaside.fbsbx.com";

impl Words for Dialog360 {
    fn aim(&self, world: &World, call: &Call) -> Aim {
        let gateway = gateway(world, call);
        match call.segments().as_slice() {
            ["messages"] if call.json["status"].is_null() => {
                let to = call.text("to").or(call.text("recipient")).unwrap_or("");
                let mut aim = Aim::message(gateway, to, call.text("type").unwrap_or("text"));
                aim.template = call.json["template"]["name"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                aim
            }
            ["messages"] => Aim::at(Endpoint::MarkRead, gateway),
            ["v1", "configs", "webhook"] | ["waba_webhook"] => Aim::at(Endpoint::Settings, gateway),
            ["v1", "configs", "templates", ..] => Aim::at(Endpoint::Templates, gateway),
            ["whatsapp_business", "attachments"] => Aim::at(Endpoint::MediaDownload, gateway),
            _ => Aim::at(Endpoint::Media, gateway),
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

    /// A code is Meta's, in Meta's envelope; a bare status is 360dialog's own.
    fn refusal(&self, _call: &Call, code: Option<u32>, status: Option<u16>) -> Refused {
        match code {
            Some(code) => {
                let error = graph::error::by_code(code);
                let status = status.unwrap_or(error.status().as_u16());
                Refused::coded(status, code, error.body("Aexample"))
            }
            None => own(status.unwrap_or(500), "Something went wrong"),
        }
    }

    fn id(&self, chance: &mut Chance, person: &Person, from: Origin) -> String {
        chance.wamid(Some(&person.phone), from == Origin::Person)
    }

    /// Everything is told in Meta's envelope ([`pass_on`]).
    fn tell(&self, _tx: &mut Tx<'_>, _gateway: &Gateway, _event: &Event<'_>) -> Vec<Post> {
        Vec::new()
    }

    /// The headers that the user registered are all there is to know a webhook by.
    fn sign(&self, sealing: &Sealing<'_>) -> Vec<(String, String)> {
        let headers = sealing.gateway.webhook_headers.iter();
        headers
            .map(|(name, value)| (name.to_ascii_lowercase(), sealing.key(value).to_owned()))
            .collect()
    }
}

fn gateway<'a>(world: &'a World, call: &Call) -> Option<&'a Gateway> {
    let key = call.header("d360-api-key")?;
    world
        .gateways_of(Provider::Dialog360)
        .find(|one| one.key == key)
}

/// 360dialog's own envelope.
fn own(status: u16, message: &str) -> Refused {
    Refused::new(
        status,
        json!({"meta": {"success": false, "http_code": status, "developer_message": message}}),
    )
}

async fn route(core: &Arc<Core>, call: &Call, heard: Option<&str>) -> Answer {
    let gateway = gateway(&core.state().world, call).cloned();
    let gateway = gateway.ok_or_else(|| own(401, "Invalid api key"))?;
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["messages"]) => pass(core, call, &gateway, "messages", heard).await,
        ("POST", ["media"]) => pass(core, call, &gateway, "media", heard).await,
        ("POST", ["v1", "configs", "webhook"]) => set_webhook(core, call, gateway).await,
        ("GET", ["v1", "configs", "webhook"]) => Ok(axum::Json(
            json!({"url": gateway.webhook, "headers": gateway.webhook_headers}),
        )
        .into_response()),
        ("GET", ["v1", "configs", "templates"]) => Ok(templates(core, call, &gateway)),
        ("POST", ["v1", "configs", "templates"]) => create_template(core, call, &gateway).await,
        ("DELETE", ["v1", "configs", "templates", name]) => {
            let mut passed = passed(
                call,
                &gateway,
                vec![gateway.waba.clone(), "message_templates".to_owned()],
            );
            passed.query.insert("name".to_owned(), (*name).to_owned());
            respond(graph::pass(core, passed, heard).await)
        }
        (_, ["whatsapp_business", "attachments"]) => {
            let path = call.path.clone();
            respond(graph::pass(core, passed(call, &gateway, path), heard).await)
        }
        ("GET" | "DELETE", [id]) => media(core, call, &gateway, id).await,
        _ => Err(own(404, "Not found")),
    }
}

/// The call as Meta would get it.
fn passed(call: &Call, gateway: &Gateway, path: Vec<String>) -> Passed {
    Passed {
        method: call.method.clone(),
        path,
        query: call.query.iter().cloned().collect(),
        body: call.json.clone(),
        file: call.file.clone().map(|file| CallFile {
            name: file.name,
            mime_type: file.mime_type,
            bytes: file.bytes,
        }),
        headers: call.headers.clone(),
        waba: gateway.waba.clone(),
    }
}

async fn pass(
    core: &Arc<Core>,
    call: &Call,
    gateway: &Gateway,
    edge: &str,
    heard: Option<&str>,
) -> Answer {
    let path = vec![gateway.id.clone(), edge.to_owned()];
    respond(graph::pass(core, passed(call, gateway, path), heard).await)
}

fn respond(answer: graph::error::Answer<Reply>) -> Answer {
    match answer {
        Ok(Reply::Json(value)) => Ok(axum::Json(value).into_response()),
        Ok(Reply::Whole(response)) => Ok(*response),
        Err(error) => {
            let status = error.status().as_u16();
            let mut refused = Refused::coded(status, error.code, error.body("Aexample"));
            // Meta's side has counted it.
            refused.counted = true;
            Err(refused)
        }
    }
}

/// A file of this number; its address is one at Meta.
async fn media(core: &Arc<Core>, call: &Call, gateway: &Gateway, id: &str) -> Answer {
    let now = core.now();
    let own_file = core
        .state()
        .world
        .media
        .get(id)
        .is_some_and(|media| media.number == gateway.id);
    if !own_file {
        return Err(own(404, "Media not found"));
    }
    let path = vec![id.to_owned()];
    let answer = graph::pass(core, passed(call, gateway, path), None).await;
    let answer = answer.map(|reply| match reply {
        Reply::Json(mut value) if call.method == Method::GET => {
            value["url"] = json!(media_url(META_MEDIA, id, now, false));
            Reply::Json(value)
        }
        other => other,
    });
    respond(answer)
}

async fn set_webhook(core: &Core, call: &Call, mut gateway: Gateway) -> Answer {
    let url = call.text("url").filter(|url| url.starts_with("http"));
    let url = url.ok_or_else(|| own(400, "url is not valid"))?;
    gateway.webhook = Some(url.to_owned());
    if let Some(headers) = call.json["headers"].as_object() {
        gateway.webhook_headers = headers
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect();
    }
    let shown = json!({"url": gateway.webhook, "headers": gateway.webhook_headers});
    let done = core.commit(|tx| tx.record(gateway.record())).await;
    done.ok_or_else(|| own(500, "Something went wrong"))?;
    Ok(axum::Json(shown).into_response())
}

fn shown(template: &Template) -> Value {
    json!({"id": template.id, "name": template.name, "language": template.language,
        "category": template.category, "status": template.status.to_ascii_lowercase(),
        "components": template.components, "namespace": "c8ae5f90_307a_ca4c_b8f6_d1e2a2573574",
        "rejected_reason": template.rejected_reason.as_deref().unwrap_or("NONE")})
}

fn templates(core: &Core, call: &Call, gateway: &Gateway) -> axum::response::Response {
    let number = |key: &str| call.query(key).and_then(|text| text.parse::<usize>().ok());
    let (limit, offset) = (
        number("limit").unwrap_or(1_000),
        number("offset").unwrap_or(0),
    );
    let state = core.state();
    let own = state.world.templates.iter();
    let own: Vec<&Template> = own
        .filter(|one| one.waba == gateway.waba && one.deleted_at.is_none())
        .collect();
    let page: Vec<Value> = own
        .iter()
        .skip(offset)
        .take(limit)
        .map(|one| shown(one))
        .collect();
    let value = json!({"count": page.len(), "total": own.len(), "limit": limit, "offset": offset,
        "waba_templates": page});
    axum::Json(value).into_response()
}

async fn create_template(core: &Arc<Core>, call: &Call, gateway: &Gateway) -> Answer {
    let path = vec![gateway.waba.clone(), "message_templates".to_owned()];
    match graph::pass(core, passed(call, gateway, path), None).await {
        Ok(Reply::Json(made)) => {
            let state = core.state();
            let template = state.world.template(made["id"].as_str().unwrap_or(""));
            let shown = template.map(shown).unwrap_or_default();
            Ok((StatusCode::CREATED, axum::Json(shown)).into_response())
        }
        other => respond(other),
    }
}

/// A change in Meta's envelope goes on to the numbers that it is about.
pub fn pass_on(tx: &mut Tx<'_>, change: &Change) {
    let about = |one: &&Gateway| {
        one.id == change.number || (change.number.is_empty() && one.waba == change.waba)
    };
    let gateways: Vec<Gateway> = tx
        .world()
        .gateways_of(Provider::Dialog360)
        .filter(about)
        .cloned()
        .collect();
    for gateway in gateways {
        let value = json!({"object": "whatsapp_business_account", "entry": [{"id": change.waba,
            "changes": [{"field": change.field, "value": change.value}]}]});
        let post = Post {
            url: gateway.webhook.clone().unwrap_or_default(),
            what: change.what.clone(),
            value,
            person: change.person.clone(),
            wamid: change.wamid.clone(),
            letter: Letter::default(),
        };
        hooks::post(tx, &gateway, post);
    }
}
