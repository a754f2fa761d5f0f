//! Steering numbers of other providers: their link, and what is typed on their phone.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Body, Refusal, durable};
use crate::clock::parse_rfc3339;
use crate::core::Core;
use crate::delivery;
use crate::people;
use crate::providers::link;
use crate::world::{Gateway, LinkState, Provider, World};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steer {
    provider: Option<Provider>,
    number: Option<String>,
    to: LinkState,
    /// The end of a timelock.
    until: Option<String>,
    /// The phone that scans, for a session that has none yet.
    phone: Option<String>,
}

/// A gateway by its id, phone or account; or the only one, or first, of a provider.
fn find<'a>(
    world: &'a World,
    provider: Option<Provider>,
    number: Option<&str>,
) -> Result<&'a Gateway, Refusal> {
    let fits = |one: &&Gateway| {
        provider.is_none_or(|provider| one.provider == provider)
            && !one.removed
            && number.is_none_or(|key| one.id == key || one.phone == key || one.account == key)
    };
    world.gateways.iter().find(fits).ok_or_else(|| {
        Refusal::missing(
            "no_such_number",
            "there is no such number of another provider",
        )
    })
}

/// Brings a linked device's link into another state, with all that follows.
pub async fn link(
    State(core): State<Arc<Core>>,
    Body(steer): Body<Steer>,
) -> Result<Json<Value>, Refusal> {
    let until = steer.until.as_deref().map(|text| {
        parse_rfc3339(text)
            .ok_or_else(|| Refusal::bad("bad_instant", "until is an RFC 3339 instant"))
    });
    let until = until.transpose()?;
    let steered = core.commit(|tx| {
        let mut gateway = find(tx.world(), steer.provider, steer.number.as_deref())?.clone();
        if !gateway.provider.is_linked_device() {
            return Err(Refusal::conflict(
                "not_a_linked_device",
                "this provider has no link",
            ));
        }
        let suspends = gateway.provider == Provider::GreenApi;
        if steer.to == LinkState::YellowCard && !suspends {
            return Err(Refusal::conflict(
                "no_yellow_card",
                "only Green API has the yellow card",
            ));
        }
        let phone = steer.phone.or_else(|| {
            (gateway.phone.is_empty() && steer.to.is_linked()).then(|| free_phone(tx.world()))
        });
        if let Some(phone) = phone {
            gateway.phone = phone;
            tx.record(gateway.clone().record());
        }
        link::change(tx, &gateway.id, steer.to, until);
        Ok(json!(tx.world().gateway(&gateway.id)))
    });
    durable(steered.await)?.map(Json)
}

/// A phone of the invented range that nobody has.
fn free_phone(world: &World) -> String {
    let taken = |phone: &String| {
        world.numbers.iter().any(|number| number.phone == *phone)
            || world.person_with_phone(phone).is_some()
    };
    let mut phones = (31..1_000).map(|tail| format!("972500000{tail:03}"));
    phones.find(|phone| !taken(phone)).unwrap_or_default()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    provider: Option<Provider>,
    number: Option<String>,
    to: String,
    text: String,
}

/// Somebody at the business writes from its own phone: the person gets it, and the provider tells its
/// user.
pub async fn typed(
    State(core): State<Arc<Core>>,
    Body(typed): Body<Typed>,
) -> Result<Json<Value>, Refusal> {
    let wamid = core.commit(|tx| {
        let gateway = find(tx.world(), typed.provider, typed.number.as_deref())?;
        let number = super::find_number(tx.world(), Some(&gateway.id))?.clone();
        let person = match tx.world().find_person(&typed.to) {
            Some(person) => person.id.clone(),
            None => people::person_for_phone(tx, typed.to.trim_start_matches('+'), None, false),
        };
        Ok::<_, Refusal>(delivery::echo(tx, &number, &person, &typed.text))
    });
    let wamid = durable(wamid.await)??;
    Ok(Json(json!({"wamid": wamid})))
}
