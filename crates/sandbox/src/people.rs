//! The person's side: who they are to a business, and what they send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::clock::{MINUTE, Millis, seconds};
use crate::core::Tx;
use crate::graph::error::asynchronous;
use crate::hooks::{self, Change};
use crate::providers::{self, Event};
use crate::statuses::metadata;
use crate::world::{From, Message, Number, Person, Provider, Record, World};

/// Something a person sends to a number.
#[derive(Debug, Clone, Default)]
pub struct Writing {
    pub number: String,
    pub person: String,
    /// Meta's `type`.
    pub kind: String,
    /// The object named like the type.
    pub body: Value,
    pub quoted: Option<String>,
    pub forwarded: bool,
    pub referral: Option<Value>,
}

/// A person's message arrives: it is in the chat at once, and its webhook is queued.
pub fn write(tx: &mut Tx<'_>, writing: Writing) -> Option<String> {
    let now = tx.now;
    let number = tx.world().number(&writing.number)?.clone();
    let person = tx.world().person(&writing.person)?.clone();
    let known = tx.world().phone_known(&number.id, &person, now);
    let wamid = match tx.world().provider_of(&number.id) {
        Provider::Meta | Provider::Dialog360 => {
            tx.new_wamid(known.then_some(person.phone.as_str()), true)
        }
        provider => providers::inbound_id(tx, provider, &person),
    };
    let message = Message {
        wamid: wamid.clone(),
        at: now,
        from: From::Person,
        number: writing.number,
        person: writing.person,
        group: false,
        kind: writing.kind,
        payload: writing.body,
        quoted: writing.quoted,
        forwarded: writing.forwarded,
        referral: writing.referral,
        opaque: None,
        to: String::new(),
        by_user_id: false,
        card: None,
        category: None,
        initiated: false,
        ttl_ms: None,
        held: false,
        carried: None,
        state: crate::world::State::default(),
    };
    tx.state.rates.received(&number.id, now);
    let own_words = providers::has_own_words(tx.world(), &number.id);
    let value = if own_words {
        Value::Null
    } else {
        inbound(tx.world(), &number, &person, &message, tx.public_url, now)
    };
    tx.record(Record::Message {
        message: Box::new(message.clone()),
    });
    let ignored = number.blocked.contains(&person.id) || number.status != "CONNECTED";
    if own_words {
        providers::tell(tx, &number.id, &Event::Inbound(&message));
    } else if !ignored {
        hooks::queue(
            tx,
            &Change {
                waba: number.waba,
                number: number.id,
                field: "messages".to_owned(),
                value,
                what: "message".to_owned(),
                person: person.id,
                wamid: Some(wamid.clone()),
            },
        );
    }
    crate::phone::tell_message(tx, &wamid);
    Some(wamid)
}

/// The value of an inbound message's webhook.
fn inbound(
    world: &World,
    number: &Number,
    person: &Person,
    message: &Message,
    public_url: &str,
    now: Millis,
) -> Value {
    let mut value = metadata(number);
    let kind = message.kind.as_str();
    let known = world.phone_known(&number.id, person, now);
    let user_id = user_id(world, &number.id, person);
    let mut body =
        json!({"id": message.wamid, "timestamp": seconds(now).to_string(), "type": kind});
    if kind == "system" {
        // No contacts, and from the number the person had: both are in the body already.
        if let Some(from) = message.payload["from"].as_str() {
            body["from"] = json!(from);
        }
        let mut system = message.payload.clone();
        if let Some(fields) = system.as_object_mut() {
            fields.remove("from");
        }
        body["system"] = system;
        value.insert("messages".to_owned(), json!([body]));
        return value.into();
    }
    if known {
        body["from"] = json!(person.phone);
    }
    body["from_user_id"] = json!(user_id);
    body[kind] = with_url(&message.payload, public_url, now);
    if kind == "unsupported" {
        body["errors"] = json!([asynchronous(131_051)]);
    }
    if let Some(context) = context(world, number, message) {
        body["context"] = context;
    }
    if let Some(referral) = &message.referral {
        body["referral"] = referral.clone();
    }
    value.insert(
        "contacts".to_owned(),
        json!([contact(world, &number.id, person, now, true, true)]),
    );
    value.insert("messages".to_owned(), json!([body]));
    value.into()
}

fn context(world: &World, number: &Number, message: &Message) -> Option<Value> {
    if message.forwarded {
        return Some(json!({"forwarded": true}));
    }
    let quoted = message.quoted.as_deref()?;
    let from = match world.message(quoted) {
        Some(quoted) if quoted.from == From::Person => world
            .person(&quoted.person)
            .map(|person| person.phone.clone()),
        _ => Some(number.phone.clone()),
    };
    Some(json!({"from": from, "id": quoted}))
}

/// Media carry an address that can be downloaded for five minutes.
fn with_url(body: &Value, public_url: &str, now: Millis) -> Value {
    let mut body = body.clone();
    if let (Some(id), Some(_)) = (body["id"].as_str(), body["mime_type"].as_str()) {
        body["url"] = json!(media_url(public_url, id, now, true));
    }
    body
}

/// The download address of a file. Its `hash` proves that this sandbox made it.
pub fn media_url(public_url: &str, id: &str, now: Millis, webhook: bool) -> String {
    let expires = seconds(now + 5 * MINUTE);
    let source = if webhook { "&source=webhook" } else { "" };
    let hash = media_hash(id, expires);
    format!(
        "{public_url}/whatsapp_business/attachments/?mid={id}{source}&ext={expires}&hash={hash}"
    )
}

pub fn media_hash(id: &str, expires: i64) -> String {
    let digest = Sha256::digest(format!("sandbox media {id} {expires}").as_bytes());
    hooks::json::hex(&digest[..12])
}

/// The entry of `contacts[]`. The phone is left out unless the number may know it or was itself
/// written to (`by_user_id` false); the username is told where the status allows it.
pub fn contact(
    world: &World,
    number: &str,
    person: &Person,
    now: Millis,
    with_username: bool,
    by_user_id: bool,
) -> Value {
    let mut contact =
        json!({"profile": {"name": person.name}, "user_id": user_id(world, number, person)});
    if !by_user_id || world.phone_known(number, person, now) {
        contact["wa_id"] = json!(person.phone);
    }
    if let (Some(username), true) = (&person.username, with_username) {
        contact["profile"]["username"] = json!(username);
    }
    if world.number(number).is_some_and(checks_identity) {
        contact["identity_key_hash"] = json!(identity_hash(person));
    }
    contact
}

pub fn user_id(world: &World, number: &str, person: &Person) -> Option<String> {
    world
        .portfolio_of(number)
        .and_then(|portfolio| person.user_ids.get(&portfolio.id))
        .cloned()
}

/// The number asked for identity hashes (`settings`, `user_identity_change`).
pub fn checks_identity(number: &Number) -> bool {
    number
        .settings
        .get("user_identity_change")
        .is_some_and(|change| change["enable_identity_key_check"] == json!(true))
}

/// Changes with the person's phone, as a real key would.
pub fn identity_hash(person: &Person) -> String {
    let digest = Sha256::digest(format!("identity {} {}", person.id, person.generation).as_bytes());
    STANDARD.encode(&digest[..9])
}

/// A phone that is never on WhatsApp.
const NOBODY: &str = "972500000099";

/// Whether a phone is on WhatsApp.
pub fn reachable(world: &World, phone: &str) -> bool {
    let unknown = world.settings.unknown_numbers == crate::world::UnknownNumbers::Reachable;
    world
        .person_with_phone(phone)
        .map_or(unknown && phone != NOBODY, |person| person.on_whatsapp)
}

/// The person that a number writes to; made, when nobody has it.
pub fn person_for_phone(tx: &mut Tx<'_>, phone: &str, name: Option<&str>, listed: bool) -> String {
    if let Some(person) = tx.world().person_with_phone(phone) {
        return person.id.clone();
    }
    let reachable = reachable(tx.world(), phone);
    let mut person = Person {
        id: format!("p{}", tx.world().persons.len() + 1),
        phone: phone.to_owned(),
        name: name.map_or_else(|| format!("+{phone}"), str::to_owned),
        on_whatsapp: reachable || name.is_some(),
        listed,
        ..Person::default()
    };
    let portfolios: Vec<String> = tx.world().portfolios.iter().map(|p| p.id.clone()).collect();
    person.fill_user_ids(portfolios.iter().map(String::as_str));
    let id = person.id.clone();
    tx.record(Record::Person {
        person: Box::new(person),
    });
    id
}
