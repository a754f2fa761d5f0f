//! The control API: setting up, winding the clock, breaking things, reading the ledger.

mod gateway;
mod guard;
mod ledger;
mod setup;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub use guard::loopback_only;
pub use ledger::words as message_words;
pub use setup::apply;

use crate::activity::Activity;
use crate::clock::{Millis, SECOND, parse_rfc3339, rfc3339};
use crate::core::{Core, Tx};
use crate::faults::{self, Engine, Plan, Preset};
use crate::people::{self, Writing};
use crate::phone;
use crate::world::{Number, Record, World};

/// The routes below `/control`.
pub fn routes() -> Router<Arc<Core>> {
    Router::new()
        .route("/world", get(setup::world))
        .route("/setup", post(setup::setup))
        .route("/reset", post(setup::reset))
        .route("/templates/{id}", post(setup::template))
        .route("/numbers/{id}", post(setup::number))
        .route("/webhook", post(setup::webhook))
        .route("/echo", post(setup::echo))
        .route("/link", post(gateway::link))
        .route("/typed", post(gateway::typed))
        .route("/clock", get(clock).post(wind))
        .route("/faults", get(plan).put(set_plan).delete(clear_plan))
        .route("/faults/presets", get(presets))
        .route("/faults/presets/{name}", post(set_preset))
        .route("/ledger", get(ledger::show))
        .route("/webhooks", get(ledger::webhooks))
        .route("/next-ids", post(next_ids))
        .route("/persons/{person}/{action}", post(person_acts))
        .route("/inbound", post(inbound))
}

/// A refusal of the control or phone API.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
        }
    }

    pub fn missing(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code,
            message: message.into(),
        }
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            code,
            message: message.into(),
        }
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "loopback_only",
            message: message.into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"error": {"code": self.code, "message": self.message}});
        (self.status, Json(body)).into_response()
    }
}

/// What a durable transaction gave; 500 when the disk failed.
pub fn durable<T>(value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "ledger_failed",
        message: "the ledger cannot be written".to_owned(),
    })
}

/// A JSON body whose errors are told in this API's way. An empty body is an empty object.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|error| Refusal::bad("bad_body", error.to_string()))?;
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|error| Refusal::bad("bad_body", error.to_string()))
    }
}

/// The number of this id or phone, or the first.
pub fn find_number<'a>(world: &'a World, id: Option<&str>) -> Result<&'a Number, Refusal> {
    match id {
        Some(id) => world
            .number(id)
            .or_else(|| world.numbers.iter().find(|number| number.phone == id))
            .ok_or_else(|| Refusal::missing("no_such_number", format!("there is no number {id}"))),
        None => world
            .numbers
            .iter()
            .find(|number| world.gateway(&number.id).is_none())
            .or_else(|| world.numbers.first())
            .ok_or_else(|| Refusal::missing("no_such_number", "there is no number")),
    }
}

fn clock_json(core: &Core) -> Value {
    let offset = core.state().world.offset_ms;
    clock_at(core, core.real_now(), offset)
}

/// A sandbox that began in the past tells its distance from the present.
fn clock_at(core: &Core, real: Millis, offset: Millis) -> Value {
    let behind = core.behind();
    json!({"now": rfc3339(real + offset), "real_now": rfc3339(real + behind), "offset_ms": offset - behind})
}

async fn clock(State(core): State<Arc<Core>>) -> Json<Value> {
    Json(clock_json(&core))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wind {
    advance_s: Option<f64>,
    set: Option<String>,
    #[serde(default)]
    now: bool,
}

/// Winds the clock forwards; what came due in between fires before the answer.
async fn wind(
    State(core): State<Arc<Core>>,
    Body(wind): Body<Wind>,
) -> Result<Json<Value>, Refusal> {
    let given = usize::from(wind.advance_s.is_some())
        + usize::from(wind.set.is_some())
        + usize::from(wind.now);
    if given != 1 {
        return Err(Refusal::bad("bad_body", "give one of advance_s, set, now"));
    }
    let real = core.real_now();
    let step = match (wind.advance_s, &wind.set) {
        (Some(seconds), _) => {
            #[expect(clippy::cast_possible_truncation, reason = "milliseconds are enough")]
            let step = (seconds * 1_000.0) as i64;
            step
        }
        (None, Some(instant)) => {
            let instant = parse_rfc3339(instant)
                .ok_or_else(|| Refusal::bad("bad_instant", "set is an RFC 3339 instant"))?;
            instant - core.now()
        }
        (None, None) => 0,
    };
    if step < 0 {
        return Err(Refusal::conflict(
            "backwards",
            "the clock only goes forwards",
        ));
    }
    if step > 0 {
        durable(
            core.commit(|tx| {
                let offset_ms = tx.world().offset_ms + step;
                tx.record(Record::Clock { offset_ms });
                tx.live("clock", clock_at(&core, real, offset_ms));
                tx.note(Activity {
                    kind: "clock",
                    what: "wound".to_owned(),
                    outcome: rfc3339(real + offset_ms),
                    summary: json!({"by_s": step / SECOND}),
                    ..Activity::default()
                });
            })
            .await,
        )?;
    }
    while core
        .fire_due(crate::delivery::fire)
        .is_some_and(|next| next <= core.now())
    {}
    core.poke.notify_one();
    core.poke_dispatcher.notify_one();
    Ok(Json(clock_json(&core)))
}

fn plan_json(core: &Core) -> Value {
    let state = core.state();
    let rules: Vec<Value> = state
        .world
        .plan
        .rules
        .iter()
        .enumerate()
        .map(|(at, rule)| {
            let mut rule = json!(rule);
            let (calls, fired) = state.faults.seen(at);
            rule["calls"] = json!(calls);
            rule["fired"] = json!(fired);
            rule
        })
        .collect();
    json!({"seed": state.world.plan.seed, "rules": rules})
}

async fn plan(State(core): State<Arc<Core>>) -> Json<Value> {
    Json(plan_json(&core))
}

async fn set_plan(
    State(core): State<Arc<Core>>,
    Body(plan): Body<Plan>,
) -> Result<Json<Value>, Refusal> {
    durable(
        core.commit(|tx| {
            let presets = tx.world().presets.clone();
            tx.state.faults = Engine::new(&plan, &presets);
            tx.record(Record::Plan {
                plan: Box::new(plan),
            });
        })
        .await,
    )?;
    Ok(Json(plan_json(&core)))
}

async fn clear_plan(State(core): State<Arc<Core>>) -> Result<Json<Value>, Refusal> {
    durable(
        core.commit(|tx| {
            tx.record(Record::Plan {
                plan: Box::default(),
            });
            tx.record(Record::Presets {
                presets: Vec::new(),
            });
            tx.state.faults = Engine::new(&Plan::default(), &[]);
            tell_presets(tx);
        })
        .await,
    )?;
    Ok(Json(plan_json(&core)))
}

fn presets_json(world: &World) -> Value {
    let all: Vec<Preset> = faults::presets()
        .into_iter()
        .map(|preset| {
            world
                .presets
                .iter()
                .find(|set| set.name == preset.name)
                .cloned()
                .unwrap_or(preset)
        })
        .collect();
    json!({"presets": all})
}

fn tell_presets(tx: &mut Tx<'_>) {
    let presets = presets_json(tx.world());
    tx.live("faults", presets);
}

async fn presets(State(core): State<Arc<Core>>) -> Json<Value> {
    Json(presets_json(&core.state().world))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    on: bool,
    #[serde(default)]
    params: serde_json::Map<String, Value>,
}

async fn set_preset(
    State(core): State<Arc<Core>>,
    Path(name): Path<String>,
    Body(switch): Body<Switch>,
) -> Result<Json<Value>, Refusal> {
    let default = faults::presets()
        .into_iter()
        .find(|preset| preset.name == name);
    let mut preset = default
        .ok_or_else(|| Refusal::missing("no_such_preset", format!("there is no preset {name}")))?;
    preset.on = switch.on;
    preset.params.extend(switch.params);
    preset
        .rules()
        .map_err(|error| Refusal::bad("bad_params", error))?;
    let answer = core.commit(|tx| {
        let mut presets = tx.world().presets.clone();
        presets.retain(|other| other.name != name);
        presets.push(preset);
        tx.state.faults.set_presets(&presets);
        tx.record(Record::Presets { presets });
        tell_presets(tx);
        presets_json(tx.world())
    });
    Ok(Json(durable(answer.await)?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NextIds {
    ids: Vec<String>,
}

async fn next_ids(
    State(core): State<Arc<Core>>,
    Body(next): Body<NextIds>,
) -> Result<Json<Value>, Refusal> {
    let queued = durable(
        core.commit(|tx| {
            tx.record(Record::NextIds { ids: next.ids });
            tx.world().next_ids.len()
        })
        .await,
    )?;
    Ok(Json(json!({"queued": queued})))
}

/// A person acts, as on the phone's page; the number is named in the body, or is the first.
async fn person_acts(
    State(core): State<Arc<Core>>,
    Path((person, action)): Path<(String, String)>,
    Body(mut body): Body<Value>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let number = body
        .as_object_mut()
        .and_then(|fields| fields.remove("number"));
    let number = number.as_ref().and_then(Value::as_str);
    phone::perform(&core, &person, number, &action, body).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inbound {
    number: Option<String>,
    messages: Vec<InboundText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InboundText {
    from: String,
    name: Option<String>,
    text: String,
}

/// Many people write at once, in one transaction.
async fn inbound(
    State(core): State<Arc<Core>>,
    Body(inbound): Body<Inbound>,
) -> Result<Json<Value>, Refusal> {
    if inbound.messages.len() > 10_000 {
        return Err(Refusal::bad("too_many", "at most 10,000 messages"));
    }
    let wamids = core.commit(|tx| {
        let number = find_number(tx.world(), inbound.number.as_deref())?
            .id
            .clone();
        let mut known: HashMap<String, String> = HashMap::new();
        let write = |message: InboundText| {
            let person = known.entry(message.from).or_insert_with_key(|from| {
                let phone = from.trim_start_matches('+');
                people::person_for_phone(tx, phone, message.name.as_deref().or(Some(phone)), false)
            });
            people::write(
                tx,
                Writing {
                    number: number.clone(),
                    person: person.clone(),
                    kind: "text".to_owned(),
                    body: json!({"body": message.text}),
                    ..Writing::default()
                },
            )
        };
        Ok(inbound
            .messages
            .into_iter()
            .filter_map(write)
            .collect::<Vec<_>>())
    });
    let wamids = durable(wamids.await)??;
    Ok(Json(json!({"wamids": wamids})))
}
