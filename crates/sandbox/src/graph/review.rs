//! What Meta decides about a template, and the webhooks that tell it.

use serde_json::{Value, json};

use crate::activity::Activity;
use crate::clock::{HOUR, rfc3339, seconds};
use crate::core::Tx;
use crate::hooks::{self, Change};
use crate::world::{Record, Template, Timer};

/// The review is over: a template that is still pending is approved.
pub fn reviewed(tx: &mut Tx<'_>, id: &str) {
    if tx
        .world()
        .template(id)
        .is_some_and(|template| template.status == "PENDING")
    {
        decide(tx, id, "APPROVED", None);
    }
}

/// The pause is over.
pub fn unpaused(tx: &mut Tx<'_>, id: &str) {
    let Some(mut template) = tx.world().template(id).cloned() else {
        return;
    };
    if template.status != "PAUSED" {
        return;
    }
    template.status = "APPROVED".to_owned();
    tell_status(
        tx,
        &template,
        "APPROVED",
        json!({"reason": "NONE",
        "other_info": {"title": "UNPAUSE", "description": "Your WhatsApp message template has been unpaused."}}),
    );
    tx.record(Record::Template {
        template: Box::new(template),
    });
}

/// Gives a template a status, as Meta's review and quality control do, with the webhook. The first
/// pause is 3 hours, the second 6, the third disables.
pub fn decide(tx: &mut Tx<'_>, id: &str, status: &str, reason: Option<&str>) {
    let Some(mut template) = tx.world().template(id).cloned() else {
        return;
    };
    let mut status = status.to_owned();
    let mut more = json!({"reason": reason.unwrap_or("NONE")});
    if status == "PAUSED" {
        template.pauses += 1;
        let hours = if template.pauses == 1 { 3 } else { 6 };
        let until = tx.now + hours * HOUR;
        if template.pauses > 2 {
            status = "DISABLED".to_owned();
        } else {
            let title = if template.pauses == 1 {
                "FIRST_PAUSE"
            } else {
                "SECOND_PAUSE"
            };
            more["other_info"] = json!({"title": title, "description": format!(
                "Your WhatsApp message template has been paused for {hours} hours until {} because it continued to have issues.", rfc3339(until))});
            tx.after(
                hours * HOUR,
                Timer::Unpause {
                    template: id.to_owned(),
                },
            );
        }
    }
    if status == "DISABLED" {
        more["disable_info"] = json!({"disable_date": seconds(tx.now).to_string()});
        more["other_info"] = json!({"title": "DISABLED", "description": "Your WhatsApp message template was disabled."});
    }
    if status == "REJECTED" {
        template.rejected_reason = Some(reason.unwrap_or("INVALID_FORMAT").to_owned());
        more["reason"] = json!(template.rejected_reason);
    }
    template.status.clone_from(&status);
    tell_status(tx, &template, &status, more);
    tx.record(Record::Template {
        template: Box::new(template),
    });
}

pub fn tell_status(tx: &mut Tx<'_>, template: &Template, event: &str, more: Value) {
    let mut value = named(template);
    value["event"] = json!(event);
    value["message_template_category"] = json!(template.category);
    merge(&mut value, more);
    tell(tx, template, "message_template_status_update", value);
    tx.note(Activity {
        kind: "template",
        what: event.to_owned(),
        outcome: "done".to_owned(),
        summary: json!({"name": template.name, "language": template.language}),
        ..Activity::default()
    });
}

/// Ids are JSON integers in template webhooks.
pub fn named(template: &Template) -> Value {
    let id = template
        .id
        .parse::<u64>()
        .map_or_else(|_| json!(template.id), |id| json!(id));
    json!({"message_template_id": id, "message_template_name": template.name,
        "message_template_language": template.language})
}

pub fn tell(tx: &mut Tx<'_>, template: &Template, field: &str, value: Value) {
    hooks::queue(
        tx,
        &Change {
            waba: template.waba.clone(),
            field: field.to_owned(),
            what: field.to_owned(),
            value,
            ..Change::default()
        },
    );
}

fn merge(value: &mut Value, more: Value) {
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
}
