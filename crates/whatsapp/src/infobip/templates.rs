//! Infobip's templates, turned into Meta's components. (Infobip, "Get WhatsApp templates", 2026.)

use serde_json::{Value, json};

use crate::json::{list, member, word};
use crate::meta::answers::TemplateInfo;

/// One template of the list. `None` where it has no id.
#[must_use]
pub fn template(item: &Value) -> Option<TemplateInfo> {
    let structure = member(item, "structure").unwrap_or(&Value::Null);
    Some(TemplateInfo {
        id: word(item, "id")?,
        name: word(item, "name"),
        language: word(item, "language"),
        status: word(item, "status").map(|status| match status.as_str() {
            "FIRST_PAUSED" | "SECOND_PAUSED" => "PAUSED".to_owned(),
            _ => status,
        }),
        category: word(item, "category"),
        sub_category: None,
        previous_category: None,
        correct_category: None,
        parameter_format: None,
        components: components(structure),
        quality_score: None,
        rejected_reason: word(item, "rejectionReason"),
        message_send_ttl_seconds: None,
    })
}

fn components(structure: &Value) -> Vec<Value> {
    if let Some(metas) = structure.as_array() {
        return metas.clone();
    }
    let mut components = Vec::new();
    if let Some(header) = member(structure, "header") {
        let format = word(header, "format").unwrap_or_else(|| "TEXT".to_owned());
        let mut said = json!({ "type": "HEADER", "format": format });
        if let Some(text) = word(header, "text") {
            said["text"] = text.into();
        }
        if let Some(example) = word(header, "example").filter(|_| format == "TEXT") {
            said["example"] = json!({ "header_text": [example] });
        }
        components.push(said);
    }
    // Both were a plain text in the first version of the interface.
    if let Some(body) = member(structure, "body") {
        let mut said = json!({ "type": "BODY", "text": text_of(body) });
        let examples = list(body, "examples");
        if !examples.is_empty() {
            said["example"] = json!({ "body_text": [examples] });
        }
        components.push(said);
    }
    if let Some(footer) = member(structure, "footer") {
        components.push(json!({ "type": "FOOTER", "text": text_of(footer) }));
    }
    let buttons: Vec<_> = list(structure, "buttons").iter().map(button).collect();
    if !buttons.is_empty() {
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    for key in ["carousel", "limitedTimeOffer"] {
        if member(structure, key).is_some() {
            components.push(json!({ "type": key.to_ascii_uppercase() }));
        }
    }
    components
}

fn text_of(part: &Value) -> Option<String> {
    part.as_str()
        .map(str::to_owned)
        .or_else(|| word(part, "text"))
}

fn button(button: &Value) -> Value {
    let mut said = json!({ "type": word(button, "type"), "text": word(button, "text") });
    for (theirs, metas) in [("url", "url"), ("phoneNumber", "phone_number")] {
        if let Some(value) = word(button, theirs) {
            said[metas] = value.into();
        }
    }
    if let Some(example) = word(button, "example") {
        said["example"] = json!([example]);
    }
    said
}
