//! What became of a message that we sent. (Meta, status webhook page, 2026-09-14.)

use domain::report::{
    BadItem, Notice, Person, Pricing, ProviderError, Receipt, Report, StatusReport,
};
use serde_json::Value;

use super::facts::facts;
use super::inbound::bad;
use super::manage::topic;
use super::person::{Contacts, named};
use crate::json::{instant, integer, list, member, word};

pub(super) fn status_report(item: &Value, contacts: &Contacts<'_>) -> Result<Report, BadItem> {
    const PLACE: &str = "statuses[]";
    let provider_id = word(item, "id").ok_or_else(|| bad(PLACE, "id is missing"))?;
    let status = word(item, "status").ok_or_else(|| bad(PLACE, "status is missing"))?;
    let Some(receipt) = receipt_of(&status) else {
        // `deleted` of old, and whatever comes: no step of a delivery that we know.
        return Ok(Report::Notice(Notice {
            topic: topic("messages.statuses", &status),
            facts: facts(item),
            at: instant(item, "timestamp"),
        }));
    };
    let group_id = group_of(item);
    let person = if group_id.is_some() {
        participant(item)
    } else {
        recipient(item)
    };
    let pricing = pricing(item);
    Ok(Report::Status(StatusReport {
        provider_id,
        receipt,
        at: instant(item, "timestamp"),
        person: contacts.complete(person),
        our_id: word(item, "biz_opaque_callback_data"),
        free_entry_point_expires_at: free_entry_point_end(item, pricing.as_ref()),
        pricing,
        errors: errors_of(item),
        group_id,
    }))
}

fn receipt_of(status: &str) -> Option<Receipt> {
    Some(match status {
        "sent" => Receipt::Sent,
        "delivered" => Receipt::Delivered,
        "read" => Receipt::Read,
        "played" => Receipt::Played,
        "failed" => Receipt::Failed,
        _ => return None,
    })
}

/// In a group's status `recipient_id` is the group, and the person is the participant.
fn group_of(item: &Value) -> Option<String> {
    let is_group = word(item, "recipient_type").as_deref() == Some("group")
        || member(item, "recipient_participant_id").is_some()
        || member(item, "participant_recipient_id").is_some();
    is_group.then(|| word(item, "recipient_id")).flatten()
}

fn recipient(item: &Value) -> Person {
    let mut person = named(
        item,
        "recipient_id",
        "recipient_user_id",
        "recipient_parent_user_id",
    );
    // The name in Meta's documents until 2026-05-05.
    person.parent_bsuid = person
        .parent_bsuid
        .or_else(|| word(item, "parent_recipient_user_id"));
    person
}

fn participant(item: &Value) -> Person {
    let phone_key = if member(item, "recipient_participant_id").is_some() {
        "recipient_participant_id"
    } else {
        "participant_recipient_id"
    };
    named(
        item,
        phone_key,
        "recipient_participant_user_id",
        "recipient_participant_parent_user_id",
    )
}

/// On `sent`, or only on a later one; some group examples have it within `conversation`.
fn pricing(item: &Value) -> Option<Pricing> {
    let pricing = member(item, "pricing")
        .or_else(|| member(item, "conversation").and_then(|within| member(within, "pricing")))?;
    Some(Pricing {
        category: word(pricing, "category"),
        kind: word(pricing, "type"),
        model: word(pricing, "pricing_model"),
    })
}

/// Up to Graph v23 every status has a conversation; only one of a free entry point says when that ends.
fn free_entry_point_end(item: &Value, pricing: Option<&Pricing>) -> Option<jiff::Timestamp> {
    let conversation = member(item, "conversation")?;
    let by_price = pricing.and_then(|pricing| pricing.kind.as_deref()) == Some("free_entry_point");
    let by_origin = member(conversation, "origin")
        .and_then(|origin| word(origin, "type"))
        .as_deref()
        == Some("referral_conversion");
    (by_price || by_origin)
        .then(|| instant(conversation, "expiration_timestamp"))
        .flatten()
}

/// The errors of a status, a message or a change. One without a code says nothing that we could use.
pub(super) fn errors_of(item: &Value) -> Vec<ProviderError> {
    list(item, "errors")
        .iter()
        .filter_map(provider_error)
        .collect()
}

fn provider_error(error: &Value) -> Option<ProviderError> {
    Some(ProviderError {
        code: integer(error, "code")?,
        title: word(error, "title"),
        details: error
            .get("error_data")
            .and_then(|data| word(data, "details"))
            .or_else(|| word(error, "message")),
    })
}
