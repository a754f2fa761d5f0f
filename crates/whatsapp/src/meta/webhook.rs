//! One change, understood. Every item stands alone: a bad one is told by its position and its neighbours are read.

use domain::report::{
    Address, BadItem, Change, HistoryDirection, Notice, Person, PreferenceReport, Report,
};
use jiff::Timestamp;
use serde_json::Value;

use super::facts::facts;
use super::inbound::{Origin, Reading, bad};
use super::manage;
use super::manage::topic;
use super::person::{Contacts, is_nobody, named, phone, phone_of};
use super::statuses::status_report;
use crate::json::{instant, instant_of, integer, lenient_json, list, member, word};
use crate::provider::NotUnderstood;

/// What a field's name may be at most; it becomes part of an event's name.
const FIELD_MAX: usize = 128;

/// Understands one change as [`super::envelope::cut`] gave it. Unknown types become unknown messages with their
/// JSON, unknown fields become notices: nothing is dropped. The order of the reports depends on the bytes only.
///
/// # Errors
/// When it is not JSON, nested too deep, or has no `value` to read: the whole of it goes to quarantine.
pub fn parse_change(
    entry_id: &str,
    entry_time: Option<i64>,
    raw: &[u8],
) -> Result<Change, NotUnderstood> {
    let change = lenient_json(raw)?;
    if !change.is_object() {
        return Err(NotUnderstood::shape("the change is not an object"));
    }
    let value = member(&change, "value")
        .filter(|value| value.is_object())
        .ok_or_else(|| NotUnderstood::shape("value is missing"))?;
    let field = field_of(&change, value)?;
    Ok(Change {
        address: address(&field, entry_id, value),
        reports: reports(&field, value, entry_time.and_then(instant_of)),
    })
}

/// Meta's own examples misplace it sometimes; what is plainly about messages is read as such.
fn field_of(change: &Value, value: &Value) -> Result<String, NotUnderstood> {
    let named = word(change, "field").or_else(|| word(value, "field"));
    if let Some(field) = named {
        return if field.len() <= FIELD_MAX {
            Ok(field)
        } else {
            Err(NotUnderstood::shape("field is too long"))
        };
    }
    if ["messages", "statuses", "errors"]
        .iter()
        .any(|key| member(value, key).is_some())
    {
        return Ok("messages".to_owned());
    }
    Err(NotUnderstood::shape("field is missing"))
}

fn address(field: &str, entry_id: &str, value: &Value) -> Address {
    let metadata = member(value, "metadata").unwrap_or(&Value::Null);
    let entry_id = Some(entry_id.to_owned()).filter(|id| !id.is_empty());
    let mut address = Address {
        phone_number_id: word(metadata, "phone_number_id")
            .or_else(|| word(value, "phone_number_id"))
            .or_else(|| alerted_number(field, value)),
        display_phone: phone(metadata, "display_phone_number")
            .or_else(|| phone(value, "display_phone_number"))
            // In account_update this is the business's number.
            .or_else(|| phone(value, "phone_number").filter(|_| field == "account_update")),
        ..Address::default()
    };
    if field == "partner_solutions" {
        address.portfolio_id = entry_id;
    } else {
        address.waba_id = entry_id;
    }
    // A partner's webhooks may stand under the partner's own id; the account is named within.
    if let Some(info) = member(value, "waba_info") {
        address.waba_id = word(info, "waba_id").or(address.waba_id);
        address.portfolio_id = word(info, "owner_business_id").or(address.portfolio_id);
    }
    address
}

fn alerted_number(field: &str, value: &Value) -> Option<String> {
    let is_number =
        field == "account_alerts" && word(value, "entity_type").as_deref() == Some("PHONE_NUMBER");
    is_number.then(|| word(value, "entity_id")).flatten()
}

type Reports = Vec<Result<Report, BadItem>>;

fn reports(field: &str, value: &Value, at: Option<Timestamp>) -> Reports {
    let reports = match field {
        "messages" => messages(value, at),
        "standby" => standby(member(value, "standby").unwrap_or(value)),
        "smb_message_echoes" | "message_echoes" => messages(value, at),
        "history" => history(value),
        "smb_app_state_sync" => state_sync(value),
        "user_preferences" => items(value, "user_preferences", |item| {
            preference(item, &Contacts::of(value))
        }),
        "calls" => calls(value),
        _ if member(value, "groups").is_some() => {
            items(value, "groups", |item| Ok(notice(field, item)))
        }
        _ => Vec::new(),
    };
    if reports.is_empty() {
        return vec![Ok(manage::report(field, value, at))];
    }
    reports
}

/// The items of a list, each read alone. A member that is no list is one bad item.
fn items(
    value: &Value,
    key: &'static str,
    read: impl Fn(&Value) -> Result<Report, BadItem>,
) -> Reports {
    match member(value, key) {
        None => Vec::new(),
        Some(Value::Array(items)) => items.iter().map(read).collect(),
        Some(_) => vec![Err(BadItem {
            reason: format!("{key} is not a list"),
        })],
    }
}

fn messages(value: &Value, at: Option<Timestamp>) -> Reports {
    let contacts = Contacts::of(value);
    let reading = |place| Reading {
        place,
        contacts: &contacts,
        thread: None,
    };
    let mut reports = items(value, "messages", |item| {
        reading("messages[]").report(item, Origin::Person)
    });
    reports.extend(items(value, "message_echoes", |item| {
        reading("message_echoes[]").report(item, Origin::Business)
    }));
    reports.extend(items(value, "statuses", |item| status(item, &contacts)));
    reports.extend(items(value, "errors", |item| {
        Ok(named_notice("messages.errors", item, at))
    }));
    reports.extend(items(value, "user_actions", |item| {
        let kind = word(item, "action_type").unwrap_or_default();
        Ok(named_notice(
            &topic("messages.user_actions", &kind),
            item,
            at,
        ))
    }));
    if let Some(within) = member(value, "standby") {
        reports.extend(standby(within));
    }
    reports
}

fn status(item: &Value, contacts: &Contacts<'_>) -> Result<Report, BadItem> {
    if word(item, "type").as_deref() == Some("call") {
        return Ok(call_notice(item));
    }
    status_report(item, contacts)
}

/// Another app answers this thread (Meta, changelog 2026-08-04): what is said is kept, like the past, and nothing of
/// ours reacts to it.
fn standby(value: &Value) -> Reports {
    let contacts = Contacts::of(value);
    let past = |place, item: &Value, direction| {
        Reading {
            place,
            contacts: &contacts,
            thread: None,
        }
        .report(item, Origin::Past(direction))
    };
    let mut reports = items(value, "messages", |item| {
        past("standby.messages[]", item, HistoryDirection::In)
    });
    reports.extend(items(value, "message_echoes", |item| {
        past("standby.message_echoes[]", item, HistoryDirection::Out)
    }));
    reports.extend(items(value, "statuses", |item| status(item, &contacts)));
    reports
}

/// Chunks of the phone's history: threads of messages, or files that come later, or why there are none.
fn history(value: &Value) -> Reports {
    let contacts = Contacts::of(value);
    let business = member(value, "metadata").and_then(|meta| phone(meta, "display_phone_number"));
    let mut reports = Vec::new();
    if member(value, "history").is_some_and(|history| !history.is_array()) {
        reports.push(Err(BadItem {
            reason: "history is not a list".to_owned(),
        }));
    }
    for chunk in list(value, "history") {
        if let Some(metadata) = member(chunk, "metadata") {
            reports.push(Ok(named_notice("history.progress", metadata, None)));
        }
        reports.extend(items(chunk, "errors", |item| {
            Ok(named_notice("history.errors", item, None))
        }));
        for thread in list(chunk, "threads") {
            let person = contacts.complete(thread_person(thread));
            let reading = Reading {
                place: "history[].threads[].messages[]",
                contacts: &contacts,
                thread: Some(&person),
            };
            reports.extend(items(thread, "messages", |item| {
                reading.report(item, past(item, business.as_deref()))
            }));
        }
    }
    let reading = Reading {
        place: "messages[]",
        contacts: &contacts,
        thread: None,
    };
    reports.extend(items(value, "messages", |item| {
        reading.report(item, past(item, business.as_deref()))
    }));
    reports
}

/// Out when the business's own number wrote it.
fn past(item: &Value, business: Option<&str>) -> Origin {
    let from = phone(item, "from");
    let is_ours = from.is_some() && from.as_deref() == business;
    Origin::Past(if is_ours {
        HistoryDirection::Out
    } else {
        HistoryDirection::In
    })
}

fn thread_person(thread: &Value) -> Person {
    let context = member(thread, "context").unwrap_or(&Value::Null);
    let mut person = named(context, "wa_id", "user_id", "parent_user_id");
    if is_nobody(&person) {
        person = named(thread, "id", "user_id", "parent_user_id");
    }
    person
}

/// The business's phone book. An edit arrives as `add`.
fn state_sync(value: &Value) -> Reports {
    items(value, "state_sync", |item| {
        const PLACE: &str = "state_sync[]";
        if word(item, "type").is_some_and(|kind| kind != "contact") {
            return Ok(notice("smb_app_state_sync", item));
        }
        let contact = member(item, "contact").ok_or_else(|| bad(PLACE, "contact is missing"))?;
        let person = Person {
            phone: word(contact, "phone_number").and_then(|text| phone_of(&text)),
            bsuid: word(contact, "user_id"),
            profile_name: word(contact, "full_name").or_else(|| word(contact, "first_name")),
            ..Person::default()
        };
        if is_nobody(&person) {
            return Err(bad(PLACE, "contact.phone_number is missing"));
        }
        Ok(Report::PhoneBook {
            person,
            removed: word(item, "action").as_deref() == Some("remove"),
            at: member(item, "metadata").and_then(|meta| instant(meta, "timestamp")),
        })
    })
}

fn preference(item: &Value, contacts: &Contacts<'_>) -> Result<Report, BadItem> {
    const PLACE: &str = "user_preferences[]";
    let is_marketing = word(item, "category").is_none_or(|it| it == "marketing_messages");
    let stopped = match word(item, "value").as_deref() {
        Some("stop") if is_marketing => true,
        Some("resume" | "signup") if is_marketing => false,
        _ => return Ok(notice("user_preferences", item)),
    };
    let person = contacts.complete(named(item, "wa_id", "user_id", "parent_user_id"));
    if is_nobody(&person) {
        return Err(bad(PLACE, "wa_id and user_id are missing"));
    }
    Ok(Report::Preference(PreferenceReport {
        person,
        stopped,
        at: instant(item, "timestamp"),
    }))
}

fn calls(value: &Value) -> Reports {
    let mut reports = items(value, "calls", |item| Ok(call_notice(item)));
    reports.extend(items(value, "statuses", |item| Ok(call_notice(item))));
    reports.extend(items(value, "errors", |item| {
        Ok(named_notice("calls.errors", item, None))
    }));
    reports
}

/// `calls.connect`, `calls.terminate`, `calls.ringing` …: the call's id, direction and length, never what was said.
fn call_notice(item: &Value) -> Report {
    let event = word(item, "event")
        .or_else(|| word(item, "status"))
        .unwrap_or_default();
    let mut facts = facts(item);
    if let Some(id) = facts.remove("id") {
        facts.insert("call_id".to_owned(), id);
    }
    Report::Notice(Notice {
        topic: topic("calls", &event.to_ascii_lowercase()),
        facts,
        at: instant(item, "timestamp"),
    })
}

fn notice(field: &str, item: &Value) -> Report {
    let kind = word(item, "type").unwrap_or_default();
    named_notice(&topic(field, &kind), item, None)
}

fn named_notice(topic: &str, item: &Value, at: Option<Timestamp>) -> Report {
    let mut facts = facts(item);
    if let Some(code) = integer(item, "code") {
        facts.insert("code".to_owned(), code.to_string());
    }
    Report::Notice(Notice {
        topic: topic.to_owned(),
        facts,
        at: instant(item, "timestamp").or(at),
    })
}
