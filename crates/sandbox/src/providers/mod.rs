//! The APIs of other providers than Meta, below a path prefix each.
//!
//! The world, the people, the timers, the webhooks' queue and the faults are the same for all. A provider's module only knows its words ([`Words`]): how its requests are read and answered, how it writes what happened, how it signs and how it refuses. [`send`] is the way of every message in, [`link`] the life of a linked device.

mod call;
mod chat;
mod dialog360;
mod evolution;
mod green_api;
mod gupshup;
mod infobip;
pub mod link;
mod reseller;
mod send;
mod twilio;
mod vonage;
mod waha;
mod write;
mod wuzapi;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

pub use write::form;

use self::call::Call;
use crate::activity::Activity;
use crate::chance::Chance;
use crate::core::{Core, Tx};
use crate::faults::{self, Endpoint, Fault};
use crate::hooks::{self, Change, Post};
use crate::line::Peer;
use crate::world::{Gateway, Hook, LinkState, Message, Person, Provider, World};

/// Something that happened to a gateway's number, for its provider to tell.
#[derive(Debug)]
pub enum Event<'a> {
    /// A person wrote.
    Inbound(&'a Message),
    /// `sent`, `delivered`, `read`, `played` or `failed`.
    Status {
        message: &'a Message,
        status: &'a str,
    },
    /// Somebody at the business wrote from its phone.
    Echo(&'a Message),
    /// The link of a device is in another state.
    Link(LinkState),
    /// Another QR code is shown.
    Code,
    /// Whatever a test asks for: the provider's own name of an event, and its content.
    Any { name: &'a str, value: &'a Value },
    /// A message was taken in.
    Accepted(&'a Message),
    /// A message waits in the provider's queue because its sender may not send.
    Queued(&'a Message),
}

/// What a request is about, for the fault plan.
#[derive(Debug)]
pub struct Aim {
    pub endpoint: Endpoint,
    /// The number's id.
    pub number: String,
    pub to: String,
    pub kind: String,
    pub template: String,
}

impl Aim {
    pub fn at(endpoint: Endpoint, number: Option<&Gateway>) -> Self {
        Self {
            endpoint,
            number: number.map(|one| one.id.clone()).unwrap_or_default(),
            to: String::new(),
            kind: String::new(),
            template: String::new(),
        }
    }

    pub fn message(number: Option<&Gateway>, to: &str, kind: &str) -> Self {
        Self {
            to: write::digits(to),
            kind: kind.to_owned(),
            ..Self::at(Endpoint::Messages, number)
        }
    }
}

/// A refusal in a provider's own envelope.
#[derive(Debug)]
pub struct Refused {
    pub status: u16,
    /// The provider's code, or the HTTP status again; the ledger counts by it.
    pub code: u32,
    pub body: Value,
    /// It is counted already.
    pub counted: bool,
}

pub type Answer<T = Response> = Result<T, Refused>;

impl Refused {
    pub fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            code: status.into(),
            body,
            counted: false,
        }
    }

    pub fn coded(status: u16, code: u32, body: Value) -> Self {
        Self {
            status,
            code,
            body,
            counted: false,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = match self.body {
            Value::String(text) => (status, text).into_response(),
            Value::Null => status.into_response(),
            body => (status, axum::Json(body)).into_response(),
        };
        if status == StatusCode::TOO_MANY_REQUESTS {
            let one = axum::http::HeaderValue::from_static("1");
            response.headers_mut().insert("retry-after", one);
        }
        response
    }
}

/// The words of one provider.
pub trait Words: Sync {
    /// What a request is about.
    fn aim(&self, world: &World, call: &Call) -> Aim;

    /// Answers a request. `heard` names the fault that will stand between an acceptance and the
    /// caller.
    fn answer<'a>(
        &'a self,
        core: &'a Arc<Core>,
        call: &'a Call,
        heard: Option<&'a str>,
    ) -> BoxFuture<'a, Answer>;

    /// The envelope of an error that a fault asks for: one of the provider's codes, an HTTP status,
    /// or both.
    fn refusal(&self, call: &Call, code: Option<u32>, status: Option<u16>) -> Refused;

    /// A new message id. A linked device's own messages look otherwise than those of phones.
    fn id(&self, chance: &mut Chance, person: &Person, from: Origin) -> String;

    /// The webhooks of an event.
    fn tell(&self, tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post>;

    /// Headers that depend on the body or on the instant: signatures. `forged` asks for a wrong one.
    fn sign(&self, sealing: &Sealing<'_>) -> Vec<(String, String)>;
}

/// Where a message was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Through the API.
    Api,
    /// On the person's phone.
    Person,
    /// On the business's own phone.
    OwnPhone,
}

/// A webhook about to be sent.
#[derive(Debug)]
pub struct Sealing<'a> {
    pub gateway: &'a Gateway,
    pub hook: &'a Hook,
    pub body: &'a [u8],
    pub now: i64,
    pub forged: bool,
}

impl Sealing<'_> {
    /// The key to sign with: the given one, or a wrong one.
    pub fn key<'k>(&self, key: &'k str) -> &'k str {
        if self.forged {
            "not the key of this webhook"
        } else {
            key
        }
    }
}

fn words(provider: Provider) -> Option<&'static dyn Words> {
    Some(match provider {
        Provider::Waha => &waha::Waha,
        Provider::GreenApi => &green_api::GreenApi,
        Provider::Dialog360 => &dialog360::Dialog360,
        Provider::Twilio => &twilio::Twilio,
        Provider::Evolution => &evolution::Evolution,
        Provider::Wuzapi => &wuzapi::Wuzapi,
        Provider::Vonage => &vonage::Vonage,
        Provider::Gupshup => &gupshup::Gupshup,
        Provider::Infobip => &infobip::Infobip,
        Provider::Meta => return None,
    })
}

/// The routes of all providers.
pub fn routes() -> Router<Arc<Core>> {
    Provider::OTHERS
        .into_iter()
        .fold(Router::new(), |router, provider| {
            router.route(&format!("/{}/{{*path}}", provider.name()), any(serve))
        })
}

async fn serve(
    State(core): State<Arc<Core>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    let Some(call) = Call::read(&core, request).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(words) = words(call.provider) else {
        return StatusCode::NOT_IMPLEMENTED.into_response();
    };
    let aim = words.aim(&core.state().world, &call);
    let fault = judge(&core, call.provider, &aim);
    let outcome = if fault.accepts() {
        let heard = fault.answers().then(|| fault.name());
        Some(words.answer(&core, &call, heard.as_deref()).await)
    } else {
        let code = fault.error.or(fault.status.map(u32::from)).unwrap_or(0);
        note_refusal(&core, &call, &aim, code, Some(&fault));
        None
    };
    let delay = {
        let mut state = core.state();
        fault.delay_ms(&mut state.chance)
    };
    if delay > 0 {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    match outcome {
        Some(Err(refused)) => {
            if !refused.counted {
                note_refusal(&core, &call, &aim, refused.code, None);
            }
            refused.into_response()
        }
        // A fault only hides a success.
        Some(Ok(response)) if !fault.answers() => response,
        _ => {
            let own = (fault.error.is_some() || fault.status.is_some_and(|status| status >= 400))
                .then(|| {
                    words
                        .refusal(&call, fault.error, fault.status)
                        .into_response()
                });
            crate::faulty::answer(&fault, &peer, own).await
        }
    }
}

fn judge(core: &Core, provider: Provider, aim: &Aim) -> Fault {
    let mut state = core.state();
    if state.faults.is_idle() {
        return Fault::default();
    }
    state.faults.judge(faults::Call {
        provider,
        endpoint: aim.endpoint,
        to: &aim.to,
        number: &aim.number,
        kind: &aim.kind,
        template: &aim.template,
    })
}

/// Counts and notes a send that was not accepted.
fn note_refusal(core: &Core, call: &Call, aim: &Aim, code: u32, fault: Option<&Fault>) {
    if aim.endpoint != Endpoint::Messages {
        return;
    }
    let details = fault.map(|fault| format!("fault: {}", fault.name()));
    let ((), durable) = core.write(|tx| {
        *tx.state.refused.entry(code).or_default() += 1;
        tx.note(Activity {
            kind: "send",
            what: aim.kind.clone(),
            outcome: code.to_string(),
            number: aim.number.clone(),
            summary: json!({"to": aim.to, "details": details}),
            json: send::without_bytes(&call.json),
            ..Activity::default()
        });
    });
    drop(durable);
}

/// Whether a number's provider writes its webhooks itself, instead of in Meta's envelope.
pub fn has_own_words(world: &World, number: &str) -> bool {
    !matches!(
        world.provider_of(number),
        Provider::Meta | Provider::Dialog360
    )
}

/// Tells a provider's user what happened.
pub fn tell(tx: &mut Tx<'_>, number: &str, event: &Event<'_>) {
    let Some(gateway) = tx.world().gateway(number).cloned() else {
        return;
    };
    // A device that is not linked hears nothing.
    let needs_link = matches!(event, Event::Inbound(_) | Event::Echo(_));
    let deaf = gateway.provider.is_linked_device() && !gateway.link.state.is_linked();
    if gateway.removed || (needs_link && deaf) {
        return;
    }
    let Some(words) = words(gateway.provider) else {
        return;
    };
    for post in words.tell(tx, &gateway, event) {
        hooks::post(tx, &gateway, post);
    }
}

/// Gives a change in Meta's envelope to the providers that pass it on as it is.
pub fn cloud(tx: &mut Tx<'_>, change: &Change) {
    dialog360::pass_on(tx, change);
}

/// The headers of a webhook, signature and all.
pub fn headers(
    gateway: &Gateway,
    hook: &Hook,
    body: &[u8],
    now: i64,
    forged: bool,
) -> Vec<(String, String)> {
    let Some(letter) = &hook.letter else {
        return Vec::new();
    };
    let kind = if letter.form {
        "application/x-www-form-urlencoded"
    } else {
        "application/json"
    };
    let mut headers = vec![("content-type".to_owned(), kind.to_owned())];
    headers.extend(letter.headers.iter().cloned());
    if let Some(words) = words(gateway.provider) {
        headers.extend(words.sign(&Sealing {
            gateway,
            hook,
            body,
            now,
            forged,
        }));
    }
    headers
}

/// The id of a message that a person sends to a number of this provider.
pub fn inbound_id(tx: &mut Tx<'_>, provider: Provider, person: &Person) -> String {
    new_id(tx, provider, person, Origin::Person)
}

/// The id of a message that is typed on the business's own phone.
pub fn echo_id(tx: &mut Tx<'_>, provider: Provider, person: &str) -> String {
    let person = tx.world().person(person).cloned().unwrap_or_default();
    new_id(tx, provider, &person, Origin::OwnPhone)
}

fn new_id(tx: &mut Tx<'_>, provider: Provider, person: &Person, from: Origin) -> String {
    match words(provider) {
        Some(words) => tx.new_id(|chance| words.id(chance, person, from)),
        None => tx.new_wamid(Some(&person.phone), from == Origin::Person),
    }
}
