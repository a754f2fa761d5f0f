//! Gupshup's list of templates, turned into Meta's components. What a template is made of stands as JSON within a
//! text (`containerMeta`); `data` has it all in one text and is taken where the other is missing.
//! (Gupshup, "Get templates", 2026.)

use serde_json::{Value, json};

use crate::json::{lenient_json, list, member, word};
use crate::meta::answers::TemplateInfo;

/// One template of the list. `None` where it has no id.
#[must_use]
pub fn template(item: &Value) -> Option<TemplateInfo> {
    Some(TemplateInfo {
        id: word(item, "id")?,
        name: word(item, "elementName"),
        language: word(item, "languageCode"),
        status: word(item, "status").map(|status| status.to_ascii_uppercase()),
        category: word(item, "category"),
        sub_category: None,
        previous_category: None,
        correct_category: None,
        parameter_format: None,
        components: components(item),
        quality_score: None,
        rejected_reason: word(item, "reason"),
        message_send_ttl_seconds: None,
    })
}

fn components(item: &Value) -> Vec<Value> {
    let container = match member(item, "containerMeta") {
        Some(Value::String(text)) => lenient_json(text.as_bytes()).unwrap_or_default(),
        Some(other) => other.clone(),
        None => Value::Null,
    };
    if let Value::Array(metas) = container {
        return metas;
    }
    let mut components = Vec::new();
    let kind = word(item, "templateType").unwrap_or_default();
    match kind.to_ascii_uppercase().as_str() {
        format @ ("IMAGE" | "VIDEO" | "DOCUMENT" | "LOCATION") => {
            components.push(json!({ "type": "HEADER", "format": format }));
        }
        "TEXT" | "" => {
            if let Some(text) = word(&container, "header") {
                components.push(json!({ "type": "HEADER", "format": "TEXT", "text": text }));
            }
        }
        // A carousel, a catalogue: cannot be filled in by us.
        other => components.push(json!({ "type": other })),
    }
    if let Some(text) = word(&container, "data").or_else(|| word(item, "data")) {
        components.push(json!({ "type": "BODY", "text": text }));
    }
    if let Some(text) = word(&container, "footer") {
        components.push(json!({ "type": "FOOTER", "text": text }));
    }
    let buttons: Vec<_> = list(&container, "buttons").iter().map(button).collect();
    if !buttons.is_empty() {
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    components
}

/// Meta's form, but for an example that is a text where Meta has a list.
fn button(button: &Value) -> Value {
    let mut said = json!({ "type": word(button, "type"), "text": word(button, "text") });
    for key in ["url", "phone_number"] {
        if let Some(value) = word(button, key) {
            said[key] = value.into();
        }
    }
    match member(button, "example") {
        Some(Value::String(example)) => said["example"] = json!([example]),
        Some(example) => said["example"] = example.clone(),
        None => {}
    }
    said
}
