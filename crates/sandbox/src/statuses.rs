//! The status webhooks of a business's messages.
//!
//! Source: Meta's status-webhook page (2026-09-14) and the table of identifiers on its user id page (2026-06).

use serde_json::{Map, Value, json};

use crate::clock::{Millis, seconds};
use crate::core::Tx;
use crate::graph::error::asynchronous;
use crate::hooks::{self, Change};
use crate::people::{checks_identity, contact, identity_hash};
use crate::providers::{self, Event};
use crate::world::{Message, Number, Person, World};

/// Queues a status webhook; for a group one status for each participant.
pub fn tell(tx: &mut Tx<'_>, wamid: &str, status: &str) {
    let Some(message) = tx.world().message(wamid).cloned() else {
        return;
    };
    let Some(number) = tx.world().number(&message.number).cloned() else {
        return;
    };
    if providers::has_own_words(tx.world(), &number.id) {
        providers::tell(
            tx,
            &number.id,
            &Event::Status {
                message: &message,
                status,
            },
        );
        return;
    }
    let mut value = metadata(&number);
    let (contacts, statuses) = if message.group {
        group_statuses(tx.world(), &number, &message, status, tx.now)
    } else {
        let Some(person) = tx.world().person(&message.person) else {
            return;
        };
        let named = matches!(status, "delivered" | "read" | "played");
        let contact = contact(
            tx.world(),
            &number.id,
            person,
            tx.now,
            named,
            message.by_user_id,
        );
        (
            vec![contact],
            vec![personal_status(
                tx.world(),
                person,
                &message,
                status,
                tx.now,
            )],
        )
    };
    if status != "failed" {
        value.insert("contacts".to_owned(), contacts.into());
    }
    value.insert("statuses".to_owned(), statuses.into());
    hooks::queue(
        tx,
        &Change {
            waba: number.waba,
            number: number.id,
            field: "messages".to_owned(),
            value: value.into(),
            what: format!("status:{status}"),
            person: message.person,
            wamid: Some(wamid.to_owned()),
        },
    );
}

/// `messaging_product` and `metadata`, which begin every value of the messages family.
pub fn metadata(number: &Number) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("messaging_product".to_owned(), json!("whatsapp"));
    value.insert(
        "metadata".to_owned(),
        json!({"display_phone_number": number.phone, "phone_number_id": number.id}),
    );
    value
}

/// Who the recipient is, by the table of identifiers (Meta's user id page, 2026-06): a phone that was
/// written to is always told back; a `failed` one carries no user id.
fn personal_status(
    world: &World,
    person: &Person,
    message: &Message,
    status: &str,
    now: Millis,
) -> Value {
    let mut value = common_status(message, status, now);
    if !message.by_user_id || world.phone_known(&message.number, person, now) {
        value["recipient_id"] = json!(person.phone);
    }
    if status != "failed" || message.by_user_id {
        let user_id = world
            .portfolio_of(&message.number)
            .and_then(|p| person.user_ids.get(&p.id));
        value["recipient_user_id"] = json!(user_id);
    }
    let checks = world.number(&message.number).is_some_and(checks_identity);
    if checks && status != "failed" {
        value["recipient_identity_key_hash"] = json!(identity_hash(person));
    }
    value
}

fn common_status(message: &Message, status: &str, now: Millis) -> Value {
    let state = &message.state;
    let mut value =
        json!({"id": message.wamid, "status": status, "timestamp": seconds(now).to_string()});
    if let Some(opaque) = &message.opaque {
        value["biz_opaque_callback_data"] = json!(opaque);
    }
    if let Some((_, code)) = state.failed {
        value["errors"] = json!([asynchronous(code)]);
    }
    // On `sent`, and on one of `delivered` and `read`.
    let delivered_told = status == "read" && state.delivered_at < state.read_at;
    if matches!(status, "sent" | "delivered" | "read") && !delivered_told {
        if let Some(pricing) = &state.pricing {
            value["pricing"] = pricing.clone();
        }
        if let Some(conversation) = &state.conversation {
            value["conversation"] = conversation.clone();
        }
    }
    value
}

fn group_statuses(
    world: &World,
    number: &Number,
    message: &Message,
    status: &str,
    now: Millis,
) -> (Vec<Value>, Vec<Value>) {
    let participants = world
        .group(&message.person)
        .map_or(&[][..], |group| &group.participants[..]);
    let portfolio = world
        .portfolio_of(&number.id)
        .map(|portfolio| portfolio.id.clone())
        .unwrap_or_default();
    participants
        .iter()
        .filter_map(|phone| world.person_with_phone(phone))
        .map(|person| {
            let mut value = common_status(message, status, now);
            value["recipient_id"] = json!(message.person);
            value["recipient_type"] = json!("group");
            value["recipient_participant_id"] = json!(person.phone);
            value["recipient_participant_user_id"] = json!(person.user_ids.get(&portfolio));
            (contact(world, &number.id, person, now, false, false), value)
        })
        .unzip()
}

/// Tells the app what was typed in the business's own app.
pub fn tell_echo(tx: &mut Tx<'_>, number: &Number, person: &str, wamid: &str, text: Value) {
    let Some(person) = tx.world().person(person).cloned() else {
        return;
    };
    if providers::has_own_words(tx.world(), &number.id) {
        if let Some(message) = tx.world().message(wamid).cloned() {
            providers::tell(tx, &number.id, &Event::Echo(&message));
        }
        return;
    }
    let contact = contact(tx.world(), &number.id, &person, tx.now, false, false);
    let echo = json!({"from": number.phone, "to": person.phone, "to_user_id": contact["user_id"], "id": wamid,
        "timestamp": seconds(tx.now).to_string(), "type": "text", "text": text});
    let mut value = metadata(number);
    value.insert("contacts".to_owned(), json!([contact]));
    value.insert("message_echoes".to_owned(), json!([echo]));
    hooks::queue(
        tx,
        &Change {
            waba: number.waba.clone(),
            number: number.id.clone(),
            field: "smb_message_echoes".to_owned(),
            value: value.into(),
            what: "smb_message_echoes".to_owned(),
            person: person.id,
            wamid: Some(wamid.to_owned()),
        },
    );
}
