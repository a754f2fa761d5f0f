//! Webhooks about templates, accounts and numbers, and all that no rule uses yet. They are hints: whoever needs the
//! truth reads it from the API. (Meta, webhooks page, 2026-09.)

use domain::report::{Hint, HintSubject, Notice, Report};
use jiff::Timestamp;
use serde_json::Value;

use super::facts::facts;
use crate::json::{instant, word};

const TOPIC_WORD_MAX: usize = 64;

/// The one report of a change that is not about messages.
pub(super) fn report(field: &str, value: &Value, at: Option<Timestamp>) -> Report {
    let at = at.or_else(|| instant(value, "timestamp"));
    match subject(field, value) {
        Some(subject) => Report::Hint(Hint {
            subject,
            topic: field.to_owned(),
            facts: facts(value),
            at,
        }),
        None => Report::Notice(Notice {
            topic: topic(field, &event_of(value)),
            facts: facts(value),
            at,
        }),
    }
}

/// What should be read again; `None` where there is nothing to read.
fn subject(field: &str, value: &Value) -> Option<HintSubject> {
    Some(match field {
        "message_template_status_update"
        | "message_template_quality_update"
        | "message_template_components_update"
        | "template_category_update"
        | "template_correct_category_detection" => template(value),
        "account_alerts" if word(value, "entity_type").as_deref() == Some("PHONE_NUMBER") => {
            HintSubject::Number
        }
        "account_update"
        | "account_review_update"
        | "account_alerts"
        | "business_capability_update"
        | "business_status_update" => HintSubject::Account,
        "phone_number_quality_update"
        | "phone_number_name_update"
        | "account_settings_update"
        | "business_username_update"
        | "business_username_updates" => HintSubject::Number,
        _ => return None,
    })
}

fn template(value: &Value) -> HintSubject {
    HintSubject::Template {
        provider_id: word(value, "message_template_id"),
        name: word(value, "message_template_name"),
        language: word(value, "message_template_language"),
    }
}

/// The event's name within its field, under one of the names that Meta gives it.
fn event_of(value: &Value) -> String {
    ["event", "type", "action_type"]
        .iter()
        .find_map(|key| word(value, key))
        .unwrap_or_default()
}

/// `field.event`, where the event is a plain word; else the field alone.
pub(crate) fn topic(field: &str, event: &str) -> String {
    let is_plain = (1..=TOPIC_WORD_MAX).contains(&event.len())
        && event
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain {
        format!("{field}.{event}")
    } else {
        field.to_owned()
    }
}
