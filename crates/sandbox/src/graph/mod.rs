//! The Graph API: `/{version}/{id}/{edge}`, as Meta answers it.
//!
//! [`handle`] reads a request, asks the fault plan, finds the caller's app by its token, and hands the request to the object it names. One file for each kind of object.

mod account;
mod app;
mod call;
pub mod error;
mod fields;
mod media;
mod number;
mod profile;
mod review;
mod send;
mod template_rules;
mod templates;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use self::call::Call;
use self::error::{Answer, GraphError};
use crate::chance::Chance;
use crate::core::Core;
use crate::faults::{self, Endpoint, Fault};
use crate::faulty;
use crate::line::Peer;
use crate::world::Provider;

pub use call::{File as CallFile, decode_percent};
pub use media::{NewFile, bytes as file_bytes, keep as keep_file};
pub use review::{decide, named as template_named, reviewed, tell as tell_template, unpaused};
pub use send::examine;

/// What a call is answered with.
pub enum Reply {
    Json(Value),
    Whole(Box<Response>),
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

/// Answers any Graph call.
pub async fn handle(
    State(core): State<Arc<Core>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    let call = match Call::read(request).await {
        Ok(call) => call,
        Err(error) => return error.into_response(&mut core.state().chance),
    };
    let (endpoint, kind) = classify(&core, &call);
    let fault = judge(&core, &call, endpoint, &kind);
    let refused_by_fault = !fault.accepts();
    let outcome = if refused_by_fault {
        note_refusal(&core, &call, endpoint, &fault);
        Ok(Reply::Json(json!({})))
    } else {
        let heard = fault.answers().then(|| fault.name());
        route(&core, &call, heard.as_deref()).await
    };
    let (delay, mut chance) = {
        let mut state = core.state();
        (
            fault.delay_ms(&mut state.chance),
            Chance::seeded(state.chance.next()),
        )
    };
    if delay > 0 {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    // A call that was refused anyway is answered so; a fault only hides a success.
    let response = match outcome {
        Ok(_) if fault.answers() => {
            let own = own_envelope(&fault, &mut chance);
            faulty::answer(&fault, &peer, own).await
        }
        Ok(Reply::Json(value)) => axum::Json(value).into_response(),
        Ok(Reply::Whole(response)) => *response,
        Err(error) => error.into_response(&mut chance),
    };
    with_headers(response, &call, &mut chance)
}

fn classify(core: &Core, call: &Call) -> (Endpoint, String) {
    let kind = || call.body["type"].as_str().unwrap_or("text").to_owned();
    let endpoint = match (call.edge(), call.node()) {
        ("messages" | "marketing_messages", _) if call.is("POST") => {
            if call.body["status"].is_null() {
                Endpoint::Messages
            } else {
                Endpoint::MarkRead
            }
        }
        ("media", _) => Endpoint::Media,
        ("attachments", "whatsapp_business") => Endpoint::MediaDownload,
        ("message_templates" | "upsert_message_templates", _) => Endpoint::Templates,
        (_, node) => {
            let state = core.state();
            if state.world.media.contains_key(node) {
                Endpoint::Media
            } else if state.world.template(node).is_some() {
                Endpoint::Templates
            } else {
                Endpoint::Graph
            }
        }
    };
    (endpoint, kind())
}

fn judge(core: &Core, call: &Call, endpoint: Endpoint, kind: &str) -> Fault {
    let mut state = core.state();
    if state.faults.is_idle() {
        return Fault::default();
    }
    let to: String = call.body["to"]
        .as_str()
        .unwrap_or("")
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    state.faults.judge(faults::Call {
        provider: Provider::Meta,
        endpoint,
        to: &to,
        number: call.node(),
        kind,
        template: call.body["template"]["name"].as_str().unwrap_or(""),
    })
}

/// A send that a fault refuses is counted under its code (or its status).
fn note_refusal(core: &Core, call: &Call, endpoint: Endpoint, fault: &Fault) {
    if endpoint != Endpoint::Messages {
        return;
    }
    let code = fault.error.or(fault.status.map(u32::from)).unwrap_or(0);
    let (_, durable) = core.write(|tx| {
        send::refused(
            tx,
            call.node(),
            &call.body,
            code,
            Some(&format!("fault: {}", fault.name())),
        );
    });
    drop(durable);
}

/// Meta's envelope of a fault's error code, if the fault has one.
fn own_envelope(fault: &Fault, chance: &mut Chance) -> Option<Response> {
    let code = fault.error?;
    let mut answer = error::by_code(code).into_response(chance);
    if let Some(status) = fault
        .status
        .and_then(|s| axum::http::StatusCode::from_u16(s).ok())
    {
        *answer.status_mut() = status;
    }
    Some(answer)
}

fn with_headers(mut response: Response, call: &Call, chance: &mut Chance) -> Response {
    let usage = json!({call.node(): [{"type": "messaging", "call_count": 1, "total_cputime": 1,
        "total_time": 1, "estimated_time_to_regain_access": 0}]});
    let headers = [
        ("x-fb-trace-id", chance.trace()),
        ("x-fb-request-id", chance.trace()),
        ("facebook-api-version", call.version.clone()),
        ("x-business-use-case-usage", usage.to_string()),
        (
            "x-app-usage",
            r#"{"call_count":1,"total_cputime":1,"total_time":1}"#.to_owned(),
        ),
    ];
    for (name, value) in headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Who calls: the app, and what its token reaches.
#[derive(Debug, Clone)]
pub struct Caller {
    pub app: String,
    pub wabas: Vec<String>,
    pub strict: bool,
}

impl Caller {
    /// The app of a token: one of its own, or the app token `id|secret`.
    fn find(core: &Core, token: Option<&str>) -> Answer<Self> {
        let Some(token) = token else {
            return Err(GraphError::token(
                "An access token is required to request this resource.",
                None,
            ));
        };
        let state = core.state();
        let app = state.world.apps.iter().find(|app| {
            app.tokens.iter().any(|own| own == token)
                || token == format!("{}|{}", app.id, app.secret)
        });
        app.map(|app| Self {
            app: app.id.clone(),
            wabas: app.wabas.clone(),
            strict: app.strict || state.world.settings.strict,
        })
        .ok_or_else(|| {
            GraphError::token(
                "Invalid OAuth access token - Cannot parse access token",
                None,
            )
        })
    }
}

/// What kind of object an id names, for this caller.
enum Node {
    Number,
    Waba,
    App,
    Template,
    Media,
    Portfolio,
}

fn node(core: &Core, caller: &Caller, id: &str) -> Option<Node> {
    let state = core.state();
    let world = &state.world;
    let reaches = |waba: &str| caller.wabas.iter().any(|own| own == waba);
    if let Some(number) = world.number(id) {
        return reaches(&number.waba).then_some(Node::Number);
    }
    if world.waba(id).is_some() {
        return reaches(id).then_some(Node::Waba);
    }
    if id == caller.app {
        return Some(Node::App);
    }
    if let Some(template) = world.template(id) {
        return (reaches(&template.waba) && template.deleted_at.is_none())
            .then_some(Node::Template);
    }
    if let Some(media) = world.media.get(id) {
        let waba = world
            .number(&media.number)
            .map(|number| number.waba.as_str())?;
        return reaches(waba).then_some(Node::Media);
    }
    world.portfolio(id).map(|_| Node::Portfolio)
}

/// A call that came through a reseller of the Cloud API, which names the number or account by its
/// key and not in the path.
#[derive(Debug)]
pub struct Passed {
    pub method: axum::http::Method,
    /// The object and its edge, as Meta's own path would have them.
    pub path: Vec<String>,
    pub query: std::collections::HashMap<String, String>,
    pub body: Value,
    pub file: Option<CallFile>,
    pub headers: axum::http::HeaderMap,
    /// The account that the key reaches.
    pub waba: String,
}

/// Answers a passed call as Meta would.
pub async fn pass(core: &Arc<Core>, passed: Passed, heard: Option<&str>) -> Answer<Reply> {
    let caller = Caller {
        app: String::new(),
        wabas: vec![passed.waba],
        strict: core.state().world.settings.strict,
    };
    let call = Call::passed(
        passed.method,
        passed.path,
        passed.query,
        passed.headers,
        passed.body,
        passed.file,
    );
    answer(core, &call, &caller, heard).await
}

async fn route(core: &Arc<Core>, call: &Call, heard: Option<&str>) -> Answer<Reply> {
    let id = call.node();
    if id == "oauth" && call.edge() == "access_token" {
        return app::access_token(core, call).map(Reply::Json);
    }
    let caller = Caller::find(core, call.token.as_deref())?;
    answer(core, call, &caller, heard).await
}

async fn answer(
    core: &Arc<Core>,
    call: &Call,
    caller: &Caller,
    heard: Option<&str>,
) -> Answer<Reply> {
    let id = call.node();
    if id == "whatsapp_business" && call.edge() == "attachments" {
        return media::download(core, call).await;
    }
    if id == "debug_token" {
        return app::debug_token(core, call).map(Reply::Json);
    }
    if id.starts_with("upload:") {
        return media::resume(core, call).await.map(Reply::Json);
    }
    let missing = || GraphError::no_object(call.method.as_str(), id);
    let value = match node(core, caller, id).ok_or_else(missing)? {
        Node::Number => number::handle(core, caller, call, heard).await?,
        Node::Waba => account::handle(core, caller, call).await?,
        Node::App => app::handle(core, call).await?,
        Node::Template => templates::node(core, caller, call).await?,
        Node::Media => media::node(core, call).await?,
        Node::Portfolio => account::portfolio(core, call)?,
    };
    Ok(Reply::Json(value))
}
