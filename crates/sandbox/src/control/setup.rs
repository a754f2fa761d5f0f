//! Changing the world: what is there, what Meta decides about it, and starting over.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Body, Refusal, durable};
use crate::clock::rfc3339;
use crate::core::{Core, Tx};
use crate::delivery;
use crate::faults::{Engine, Plan};
use crate::graph::{self, tell_template, template_named};
use crate::hooks::{self, Change};
use crate::people;
use crate::phone;
use crate::providers::{self, Event};
use crate::world::{Number, Record, Setup, Throughput, World, default_world};

fn world_json(core: &Core) -> Value {
    let now = core.now();
    let state = core.state();
    let world = &state.world;
    let persons: Vec<Value> = world.persons.iter().map(phone::person_json).collect();
    json!({
        "now": rfc3339(now),
        "settings": world.settings,
        "apps": world.apps,
        "portfolios": world.portfolios,
        "wabas": world.wabas,
        "numbers": world.numbers.iter().filter(|one| world.gateway(&one.id).is_none()).collect::<Vec<_>>(),
        "gateways": world.gateways,
        "templates": world.templates.iter().filter(|one| one.deleted_at.is_none()).collect::<Vec<_>>(),
        "groups": world.groups,
        "persons": persons,
    })
}

pub async fn world(State(core): State<Arc<Core>>) -> Json<Value> {
    Json(world_json(&core))
}

pub async fn setup(
    State(core): State<Arc<Core>>,
    Body(setup): Body<Setup>,
) -> Result<Json<Value>, Refusal> {
    durable(
        core.commit(|tx| {
            apply(tx, &setup).map_err(|error| Refusal::bad("bad_setup", error))?;
            tx.live("reset", json!({}));
            Ok::<_, Refusal>(())
        })
        .await,
    )??;
    Ok(Json(world_json(&core)))
}

/// Records a setup.
pub fn apply(tx: &mut Tx<'_>, setup: &Setup) -> Result<(), String> {
    let mut chance = crate::chance::Chance::seeded(tx.state.chance.next());
    let records = setup.records(tx.world(), &mut || chance.digits(16))?;
    for record in records {
        tx.record(record);
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reset {
    keep_world: bool,
}

/// Begins anew, in memory and in the file.
pub async fn reset(
    State(core): State<Arc<Core>>,
    Body(reset): Body<Reset>,
) -> Result<Json<Value>, Refusal> {
    let (secret, token) = (core.secret.clone(), core.token.clone());
    durable(
        core.commit(|tx| {
            let old = std::mem::take(&mut tx.state.world);
            tx.start_anew();
            // Ids of webhooks are not used twice: one may still be under way.
            tx.state.world.next_hook = old.next_hook;
            if reset.keep_world {
                keep(tx, old);
            } else {
                apply(tx, &default_world(&secret, &token))?;
            }
            tx.state.faults = Engine::new(&Plan::default(), &[]);
            tx.state.rates.clear();
            tx.state.refused.clear();
            tx.state.activities.clear();
            tx.state.files.clear();
            tx.state.departures.clear();
            tx.state.repeated_ids = 0;
            tx.live("reset", json!({}));
            Ok::<_, String>(())
        })
        .await,
    )?
    .map_err(|error| Refusal::bad("bad_setup", error))?;
    Ok(Json(world_json(&core)))
}

/// Carries what was set up over into the new world.
fn keep(tx: &mut Tx<'_>, old: World) {
    tx.record(Record::Settings {
        settings: Box::new(old.settings),
    });
    old.portfolios
        .into_iter()
        .for_each(|portfolio| tx.record(Record::Portfolio { portfolio }));
    old.apps
        .into_iter()
        .for_each(|app| tx.record(Record::App { app: Box::new(app) }));
    old.wabas.into_iter().for_each(|waba| {
        tx.record(Record::Waba {
            waba: Box::new(waba),
        });
    });
    old.numbers.into_iter().for_each(|number| {
        tx.record(Record::Number {
            number: Box::new(number),
        });
    });
    old.gateways
        .into_iter()
        .for_each(|gateway| tx.record(gateway.record()));
    old.groups
        .into_iter()
        .for_each(|group| tx.record(Record::Group { group }));
    old.templates.into_iter().for_each(|one| {
        tx.record(Record::Template {
            template: Box::new(one),
        });
    });
    old.persons.into_iter().for_each(|person| {
        tx.record(Record::Person {
            person: Box::new(person),
        });
    });
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    status: Option<String>,
    reason: Option<String>,
    category: Option<String>,
    quality: Option<String>,
    pacing: Option<Pacing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pacing {
    Hold,
    Release,
    Drop,
}

/// What Meta decides about a template (by id, or all languages of a name).
pub async fn template(
    State(core): State<Arc<Core>>,
    Path(key): Path<String>,
    Body(decision): Body<Decision>,
) -> Result<Json<Value>, Refusal> {
    let decided = core.commit(|tx| {
        let chosen = tx
            .world()
            .templates
            .iter()
            .filter(|one| one.deleted_at.is_none() && (one.id == key || one.name == key));
        let ids: Vec<String> = chosen.map(|template| template.id.clone()).collect();
        if ids.is_empty() {
            return Err(Refusal::missing(
                "no_such_template",
                format!("there is no template {key}"),
            ));
        }
        ids.iter().for_each(|id| decide(tx, id, &decision));
        let templates: Vec<Value> = ids
            .iter()
            .map(|id| json!(tx.world().template(id)))
            .collect();
        Ok(json!({"templates": templates}))
    });
    durable(decided.await)?.map(Json)
}

fn decide(tx: &mut Tx<'_>, id: &str, decision: &Decision) {
    if let Some(category) = &decision.category {
        change_template(tx, id, "template_category_update", |template, value| {
            value["previous_category"] = json!(template.category);
            value["new_category"] = json!(category);
            template.previous_category =
                Some(std::mem::replace(&mut template.category, category.clone()));
        });
    }
    if let Some(quality) = &decision.quality {
        change_template(
            tx,
            id,
            "message_template_quality_update",
            |template, value| {
                value["previous_quality_score"] = json!(template.quality);
                value["new_quality_score"] = json!(quality);
                template.quality.clone_from(quality);
            },
        );
    }
    if let Some(pacing) = decision.pacing {
        pace(tx, id, pacing);
    }
    if let Some(status) = &decision.status {
        graph::decide(tx, id, status, decision.reason.as_deref());
    }
}

/// A bad signal drops what was held and pauses the template.
fn pace(tx: &mut Tx<'_>, id: &str, pacing: Pacing) {
    let Some(mut template) = tx.world().template(id).cloned() else {
        return;
    };
    template.pacing = pacing == Pacing::Hold;
    tx.record(Record::Template {
        template: Box::new(template.clone()),
    });
    if pacing != Pacing::Hold {
        delivery::end_pacing(tx, &template, pacing == Pacing::Drop);
    }
    if pacing == Pacing::Drop {
        graph::decide(tx, id, "PAUSED", None);
    }
}

fn change_template(
    tx: &mut Tx<'_>,
    id: &str,
    field: &str,
    change: impl FnOnce(&mut crate::world::Template, &mut Value),
) {
    let Some(mut template) = tx.world().template(id).cloned() else {
        return;
    };
    let mut value = template_named(&template);
    change(&mut template, &mut value);
    tell_template(tx, &template, field, value);
    tx.record(Record::Template {
        template: Box::new(template),
    });
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberChange {
    quality: Option<String>,
    tier: Option<String>,
    throughput: Option<Throughput>,
    status: Option<String>,
    name_status: Option<String>,
}

/// What Meta decides about a number.
pub async fn number(
    State(core): State<Arc<Core>>,
    Path(id): Path<String>,
    Body(change): Body<NumberChange>,
) -> Result<Json<Value>, Refusal> {
    let changed = core.commit(|tx| {
        let number = super::find_number(tx.world(), Some(&id))?.clone();
        Ok::<_, Refusal>(change_number(tx, number, change))
    });
    durable(changed.await)?.map(Json)
}

fn change_number(tx: &mut Tx<'_>, mut number: Number, change: NumberChange) -> Value {
    if let Some(quality) = change.quality {
        number.quality = quality;
    }
    if let Some(status) = change.status {
        number.status = status;
    }
    if let Some(throughput) = change.throughput {
        number.throughput = throughput;
        let value = json!({"display_phone_number": number.phone, "event": "THROUGHPUT_UPGRADE",
            "max_daily_conversations_per_business": tx.world().portfolio_of(&number.id).map(|p| &p.tier)});
        tell(tx, &number, "phone_number_quality_update", value);
    }
    if let Some(decision) = change.name_status {
        number.name_status.clone_from(&decision);
        let value = json!({"display_phone_number": number.phone, "decision": decision,
            "requested_verified_name": number.verified_name, "rejection_reason": null});
        tell(tx, &number, "phone_number_name_update", value);
    }
    if let Some(tier) = change.tier
        && let Some(mut portfolio) = tx.world().portfolio_of(&number.id).cloned()
    {
        portfolio.tier.clone_from(&tier);
        tx.record(Record::Portfolio { portfolio });
        let value =
            json!({"max_daily_conversations_per_business": tier, "max_phone_numbers_per_waba": 20});
        tell(tx, &number, "business_capability_update", value);
    }
    let shown = json!(number);
    tx.record(Record::Number {
        number: Box::new(number),
    });
    shown
}

fn tell(tx: &mut Tx<'_>, number: &Number, field: &str, value: Value) {
    hooks::queue(
        tx,
        &Change {
            waba: number.waba.clone(),
            number: number.id.clone(),
            field: field.to_owned(),
            what: field.to_owned(),
            value,
            ..Change::default()
        },
    );
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyWebhook {
    waba: Option<String>,
    field: String,
    value: Value,
    number: Option<String>,
}

/// Sends a webhook as given.
pub async fn webhook(
    State(core): State<Arc<Core>>,
    Body(any): Body<AnyWebhook>,
) -> Result<Json<Value>, Refusal> {
    let queued = core.commit(|tx| {
        let number = any
            .number
            .as_deref()
            .map(|id| super::find_number(tx.world(), Some(id)).cloned())
            .transpose()?;
        let waba = any
            .waba
            .or_else(|| number.as_ref().map(|number| number.waba.clone()));
        let waba = waba
            .or_else(|| tx.world().wabas.first().map(|waba| waba.id.clone()))
            .unwrap_or_default();
        let mut value = any.value;
        let meta = |number: &&Number| !providers::has_own_words(tx.world(), &number.id);
        if let (Some(number), Some(fields)) = (number.as_ref().filter(meta), value.as_object_mut())
        {
            for (key, given) in crate::statuses::metadata(number) {
                fields.entry(key).or_insert(given);
            }
        }
        let before = tx.world().hooks.len();
        let own_words = number
            .as_ref()
            .is_some_and(|number| providers::has_own_words(tx.world(), &number.id));
        if let (Some(number), true) = (&number, own_words) {
            let (name, value) = (any.field.as_str(), &value);
            providers::tell(tx, &number.id, &Event::Any { name, value });
            return Ok(json!({"queued": tx.world().hooks.len() - before}));
        }
        hooks::queue(
            tx,
            &Change {
                waba,
                number: number.map(|number| number.id).unwrap_or_default(),
                what: any.field.clone(),
                field: any.field,
                value,
                ..Change::default()
            },
        );
        Ok::<_, Refusal>(json!({"queued": tx.world().hooks.len() - before}))
    });
    durable(queued.await)?.map(Json)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Echo {
    number: Option<String>,
    to: String,
    text: String,
}

/// Somebody at the business writes from its own phone (coexistence): the person gets it, and the app
/// hears of it by `smb_message_echoes`.
pub async fn echo(
    State(core): State<Arc<Core>>,
    Body(echo): Body<Echo>,
) -> Result<Json<Value>, Refusal> {
    let wamid = core.commit(|tx| {
        let number = super::find_number(tx.world(), echo.number.as_deref())?.clone();
        if !number.on_business_app {
            return Err(Refusal::conflict(
                "not_on_business_app",
                "the number is not on the WhatsApp Business app",
            ));
        }
        let person = match tx.world().find_person(&echo.to) {
            Some(person) => person.id.clone(),
            None => people::person_for_phone(tx, echo.to.trim_start_matches('+'), None, false),
        };
        Ok(delivery::echo(tx, &number, &person, &echo.text))
    });
    let wamid = durable(wamid.await)??;
    Ok(Json(json!({"wamid": wamid})))
}
