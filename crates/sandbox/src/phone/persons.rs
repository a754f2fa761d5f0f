//! The people: listing, making, changing them.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::activity::Activity;
use crate::control::{Body, Refusal, durable};
use crate::core::{Core, Tx};
use crate::delivery;
use crate::people::{self, Writing};
use crate::world::{Person, Record, World};

/// A person as the API shows it.
pub fn json(person: &Person) -> Value {
    let mut value = json!(person);
    if let Some(fields) = value.as_object_mut() {
        fields.remove("generation");
    }
    value
}

pub fn find<'a>(world: &'a World, key: &str) -> Result<&'a Person, Refusal> {
    world
        .find_person(key)
        .ok_or_else(|| Refusal::missing("no_such_person", format!("there is no person {key}")))
}

pub async fn list(
    State(core): State<Arc<Core>>,
    Query(query): Query<HashMap<String, String>>,
) -> Json<Value> {
    let all = query.get("all").is_some_and(|all| all == "true");
    let state = core.state();
    let persons: Vec<Value> = state
        .world
        .persons
        .iter()
        .filter(|person| all || person.listed)
        .map(json)
        .collect();
    Json(json!({"persons": persons}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    name: String,
    phone: Option<String>,
    username: Option<String>,
    #[serde(default)]
    hidden: bool,
}

pub async fn create(
    State(core): State<Arc<Core>>,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let made = durable(core.commit(|tx| make(tx, new)).await)??;
    Ok((StatusCode::CREATED, Json(made)))
}

fn make(tx: &mut Tx<'_>, new: New) -> Result<Value, Refusal> {
    let phone = match new.phone {
        Some(phone) => digits(&phone)?,
        None => free_phone(tx.world()),
    };
    if tx.world().person_with_phone(&phone).is_some() {
        return Err(Refusal::conflict("phone_taken", "somebody has this phone"));
    }
    let id = people::person_for_phone(tx, &phone, Some(&new.name), true);
    let mut person = find(tx.world(), &id)?.clone();
    person.hidden = new.hidden;
    person.username = new
        .username
        .or_else(|| new.hidden.then(|| made_up_username(&person.id)));
    Ok(save(tx, person, "create"))
}

fn made_up_username(id: &str) -> String {
    format!("example.{id}")
}

fn digits(phone: &str) -> Result<String, Refusal> {
    let digits: String = phone
        .chars()
        .filter(|c| !matches!(c, '+' | ' ' | '-'))
        .collect();
    if (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(digits)
    } else {
        Err(Refusal::bad(
            "bad_phone",
            "a phone is 7 to 15 digits with the country code",
        ))
    }
}

fn free_phone(world: &World) -> String {
    let candidates = (972_500_000_020_u64..).map(|phone| phone.to_string());
    candidates
        .into_iter()
        .find(|phone| world.person_with_phone(phone).is_none())
        .unwrap_or_default()
}

/// Records a person and tells the page.
fn save(tx: &mut Tx<'_>, person: Person, what: &str) -> Value {
    let shown = json(&person);
    let id = person.id.clone();
    tx.record(Record::Person {
        person: Box::new(person),
    });
    tx.live("person", shown.clone());
    tx.note(Activity {
        kind: "person",
        what: what.to_owned(),
        outcome: "done".to_owned(),
        person: id,
        ..Activity::default()
    });
    shown
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    name: Option<String>,
    #[serde(default, deserialize_with = "some")]
    username: Option<Option<String>>,
    hidden: Option<bool>,
    on_whatsapp: Option<bool>,
    phone_off: Option<bool>,
    read_receipts: Option<bool>,
    auto_read: Option<bool>,
}

/// Tells `null` from absent.
fn some<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(value).map(Some)
}

pub async fn change(
    State(core): State<Arc<Core>>,
    Path(key): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Value>, Refusal> {
    durable(core.commit(|tx| apply(tx, &key, change)).await)?.map(Json)
}

fn apply(tx: &mut Tx<'_>, key: &str, change: Change) -> Result<Value, Refusal> {
    let mut person = find(tx.world(), key)?.clone();
    let (was_hidden, was_off) = (person.hidden, person.phone_off);
    if let Some(name) = change.name {
        person.name = name;
    }
    if let Some(username) = change.username {
        person.username = username;
    }
    let flags = [
        (&mut person.hidden, change.hidden),
        (&mut person.on_whatsapp, change.on_whatsapp),
        (&mut person.phone_off, change.phone_off),
        (&mut person.read_receipts, change.read_receipts),
        (&mut person.auto_read, change.auto_read),
    ];
    for (flag, wish) in flags {
        *flag = wish.unwrap_or(*flag);
    }
    if person.hidden && person.username.is_none() {
        person.username = Some(made_up_username(&person.id));
    }
    let (id, hides) = (person.id.clone(), person.hidden && !was_hidden);
    let switched_on = was_off && !person.phone_off;
    let shown = save(tx, person, "change");
    if hides {
        tx.record(Record::Forget { person: id.clone() });
    }
    if switched_on {
        delivery::resume(tx, &id);
    }
    Ok(shown)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewNumber {
    phone: String,
}

pub async fn change_number(
    State(core): State<Arc<Core>>,
    Path(key): Path<String>,
    Body(new): Body<NewNumber>,
) -> Result<Json<Value>, Refusal> {
    durable(core.commit(|tx| move_number(tx, &key, &new.phone)).await)?.map(Json)
}

/// A new phone is a new user id; every business that the person has written with gets a `system`
/// message, by phone where it knows the phone.
fn move_number(tx: &mut Tx<'_>, key: &str, phone: &str) -> Result<Value, Refusal> {
    let old = find(tx.world(), key)?.clone();
    let phone = digits(phone)?;
    if tx.world().person_with_phone(&phone).is_some() {
        return Err(Refusal::conflict("phone_taken", "somebody has this phone"));
    }
    let numbers = tx.world().numbers_of(&old.id);
    let known: Vec<bool> = numbers
        .iter()
        .map(|number| tx.world().phone_known(number, &old, tx.now))
        .collect();
    let mut person = old.clone();
    person.phone = phone;
    person.generation += 1;
    person.user_ids.clear();
    let portfolios: Vec<String> = tx.world().portfolios.iter().map(|p| p.id.clone()).collect();
    person.fill_user_ids(portfolios.iter().map(String::as_str));
    let shown = save(tx, person.clone(), "change_number");
    for (number, known) in numbers.into_iter().zip(known) {
        let body = system(tx.world(), &number, &old, &person, known);
        people::write(
            tx,
            Writing {
                number,
                person: person.id.clone(),
                kind: "system".to_owned(),
                body,
                ..Writing::default()
            },
        );
    }
    Ok(shown)
}

fn system(world: &World, number: &str, old: &Person, new: &Person, known: bool) -> Value {
    let (before, after) = (
        people::user_id(world, number, old),
        people::user_id(world, number, new),
    );
    if known {
        return json!({
            "from": old.phone,
            "body": format!("User {} changed from {} to {}", old.name, old.phone, new.phone),
            "wa_id": new.phone, "user_id": after, "previous_user_id": before, "type": "user_changed_number",
        });
    }
    let text = |id: &Option<String>| id.clone().unwrap_or_default();
    json!({
        "body": format!("User {} changed from {} to {}", old.name, text(&before), text(&after)),
        "user_id": after, "previous_user_id": before, "type": "user_changed_user_id",
    })
}
