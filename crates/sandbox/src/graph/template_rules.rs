//! What a template may look like when it is created or edited.
//!
//! Source: Meta's template reference (2025-2026). Errors are code 100 with a 2388xxx subcode.

use serde_json::Value;

use super::error::{Answer, GraphError};
use super::send::parameters;

const TITLE: &str = "The template is not valid";

pub fn check_name(name: &str) -> Answer<()> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if name.is_empty() || name.len() > 512 || !name.bytes().all(allowed) {
        return Err(GraphError::invalid(
            "Param name may hold lower-case letters, digits and underscores only, at most 512.",
        ));
    }
    Ok(())
}

/// Two letters, or with a country: `he`, `en_US`.
pub fn check_language(language: &str) -> Answer<()> {
    let (head, tail) = language.split_once('_').unwrap_or((language, "XX"));
    let ok = (2..=3).contains(&head.len())
        && head.bytes().all(|b| b.is_ascii_lowercase())
        && tail.len() >= 2
        && tail.bytes().all(|b| b.is_ascii_uppercase());
    if ok {
        Ok(())
    } else {
        Err(GraphError::invalid(format!(
            "Param language {language} is not known."
        )))
    }
}

fn word(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or("").to_ascii_uppercase()
}

/// The components of a template of this category.
pub fn check(components: &[Value], category: &str, named: bool) -> Answer<()> {
    let mut seen: Vec<String> = Vec::new();
    for component in components {
        let kind = word(component, "type");
        if seen.contains(&kind) {
            return Err(GraphError::invalid(format!(
                "There are two components of type {kind}."
            )));
        }
        match kind.as_str() {
            "HEADER" => header(component, named)?,
            "BODY" if category == "AUTHENTICATION" => authentication_body(component)?,
            "BODY" => body(component, named, 1_024)?,
            "FOOTER" if category == "AUTHENTICATION" => code_expiration(component)?,
            "FOOTER" => footer(component)?,
            "BUTTONS" => buttons(component, category)?,
            "CAROUSEL" => carousel(component, category, named)?,
            "LIMITED_TIME_OFFER" => offer(component)?,
            "CALL_PERMISSION_REQUEST" => {}
            other => {
                return Err(GraphError::invalid(format!(
                    "Unknown component type {other}."
                )));
            }
        }
        seen.push(kind);
    }
    if !seen.iter().any(|kind| kind == "BODY") {
        return Err(GraphError::template(
            2_388_072,
            TITLE,
            "The body is missing.",
        ));
    }
    let offer = seen.iter().any(|kind| kind == "LIMITED_TIME_OFFER");
    if offer && seen.iter().any(|kind| kind == "FOOTER") {
        return Err(GraphError::template(
            2_388_073,
            TITLE,
            "A limited time offer has no footer.",
        ));
    }
    Ok(())
}

fn header(component: &Value, named: bool) -> Answer<()> {
    let bad = |text: &str| {
        Err(GraphError::template(
            2_388_047,
            "The header is not valid",
            text,
        ))
    };
    match word(component, "format").as_str() {
        "TEXT" => {
            let text = component["text"].as_str().unwrap_or("");
            if text.is_empty() {
                return bad("The text is missing.");
            }
            too_long(text, 60, "header")?;
            let names = parameters(text);
            if names.len() > 1 {
                return bad("A header has at most one variable.");
            }
            let example = &component["example"];
            let given =
                example["header_text"].is_array() || example["header_text_named_params"].is_array();
            if !names.is_empty() && !given {
                return bad("An example of the variable is missing.");
            }
            variable_names(&names, named)
        }
        "IMAGE" | "VIDEO" | "DOCUMENT" | "GIF" => {
            let handle = component["example"]["header_handle"][0].as_str();
            if handle.is_none_or(str::is_empty) {
                bad("The example's header_handle is missing.")
            } else {
                Ok(())
            }
        }
        "LOCATION" | "PRODUCT" => Ok(()),
        other => bad(&format!("Unknown format {other}.")),
    }
}

fn too_long(text: &str, most: usize, place: &str) -> Answer<()> {
    if text.chars().count() <= most {
        return Ok(());
    }
    Err(GraphError::template(
        2_388_040,
        "Field exceeds character limit",
        format!("The {place} may have {most} characters."),
    ))
}

fn body(component: &Value, named: bool, most: usize) -> Answer<()> {
    let bad = |text: &str| {
        Err(GraphError::template(
            2_388_072,
            "The body is not valid",
            text,
        ))
    };
    let text = component["text"].as_str().unwrap_or("");
    if text.trim().is_empty() {
        return bad("The text is missing.");
    }
    too_long(text, most, "body")?;
    let names = parameters(text);
    let trimmed = text.trim();
    if trimmed.starts_with("{{") || trimmed.ends_with("}}") {
        return Err(GraphError::template(
            2_388_299,
            "Variables can't be at the start or end of the template",
            "This template can't begin or end with a variable.",
        ));
    }
    if text.contains("}}{{") || text.contains("}} {{") {
        return bad("Variables may not stand next to each other.");
    }
    let words = text
        .split_whitespace()
        .filter(|word| !word.contains("{{"))
        .count();
    if words <= names.len() && !names.is_empty() {
        return Err(GraphError::template(
            2_388_293,
            "Too many variables for the length",
            "This template has too many variables for its length.",
        ));
    }
    variable_names(&names, named)?;
    examples(&component["example"], &names, named)
}

fn variable_names(names: &[String], named: bool) -> Answer<()> {
    let bad = |text: String| {
        Err(GraphError::template(
            2_388_072,
            "The variables are not valid",
            text,
        ))
    };
    for (at, name) in names.iter().enumerate() {
        let named_well = name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
            && name.starts_with(|c: char| c.is_ascii_lowercase());
        if named && !named_well {
            return bad(format!(
                "The name {name} may hold lower-case letters and underscores only."
            ));
        }
        if !named && *name != (at + 1).to_string() {
            return bad(format!(
                "Variables count from {{{{1}}}}; found {{{{{name}}}}}."
            ));
        }
    }
    Ok(())
}

fn examples(example: &Value, names: &[String], named: bool) -> Answer<()> {
    let given = if named {
        example["body_text_named_params"]
            .as_array()
            .map_or(0, Vec::len)
    } else {
        example["body_text"][0].as_array().map_or(0, Vec::len)
    };
    if given < names.len() {
        let text = format!("{} examples are needed, {given} given.", names.len());
        return Err(GraphError::template(
            2_388_043,
            "Examples are missing",
            text,
        ));
    }
    Ok(())
}

fn footer(component: &Value) -> Answer<()> {
    let text = component["text"].as_str().unwrap_or("");
    if text.is_empty() || !parameters(text).is_empty() {
        return Err(GraphError::template(
            2_388_073,
            "The footer is not valid",
            "A footer has a text without variables.",
        ));
    }
    too_long(text, 60, "footer")
}

/// Meta writes the body of codes itself.
fn authentication_body(component: &Value) -> Answer<()> {
    if component["text"].is_string() {
        return Err(GraphError::template(
            2_388_072,
            "The body is not valid",
            "The text of a code is Meta's own.",
        ));
    }
    Ok(())
}

fn code_expiration(component: &Value) -> Answer<()> {
    match component["code_expiration_minutes"].as_i64() {
        Some(1..=90) => Ok(()),
        _ => Err(GraphError::template(
            2_388_073,
            "The footer is not valid",
            "code_expiration_minutes is 1 to 90.",
        )),
    }
}

fn offer(component: &Value) -> Answer<()> {
    let text = component["limited_time_offer"]["text"]
        .as_str()
        .unwrap_or("");
    if text.is_empty() {
        return Err(GraphError::invalid("The offer's text is missing."));
    }
    too_long(text, 16, "offer")
}

fn buttons(component: &Value, category: &str) -> Answer<()> {
    let bad = |text: &str| {
        Err(GraphError::template(
            2_388_039,
            "The buttons are not valid",
            text,
        ))
    };
    let buttons = component["buttons"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if buttons.is_empty() || buttons.len() > 10 {
        return bad("There are 1 to 10 buttons.");
    }
    let kinds: Vec<String> = buttons.iter().map(|button| word(button, "type")).collect();
    let count = |kind: &str| kinds.iter().filter(|other| *other == kind).count();
    for (kind, most) in [
        ("URL", 2),
        ("PHONE_NUMBER", 1),
        ("COPY_CODE", 1),
        ("FLOW", 1),
        ("OTP", 1),
    ] {
        if count(kind) > most {
            return bad(&format!("There may be {most} buttons of type {kind}."));
        }
    }
    if (category == "AUTHENTICATION") != (count("OTP") == 1) {
        return bad("A code has one OTP button, and nothing else has one.");
    }
    let changes = kinds
        .windows(2)
        .filter(|pair| (pair[0] == "QUICK_REPLY") != (pair[1] == "QUICK_REPLY"))
        .count();
    if changes > 1 {
        return bad("Quick replies stand together, all first or all last.");
    }
    buttons
        .iter()
        .zip(&kinds)
        .try_for_each(|(one, kind)| button(one, kind))
}

fn button(button: &Value, kind: &str) -> Answer<()> {
    let bad = |text: &str| {
        Err(GraphError::template(
            2_388_039,
            "The buttons are not valid",
            text,
        ))
    };
    let text = button["text"].as_str().unwrap_or("");
    too_long(text, 25, "button's label")?;
    let labelled = matches!(
        kind,
        "QUICK_REPLY" | "URL" | "PHONE_NUMBER" | "FLOW" | "VOICE_CALL"
    );
    if labelled && text.is_empty() {
        return bad("A label is missing.");
    }
    match kind {
        "URL" => url_button(button),
        "PHONE_NUMBER" => {
            let phone = button["phone_number"].as_str().unwrap_or("");
            if phone.is_empty() || phone.len() > 20 {
                bad("The phone number is missing or too long.")
            } else {
                Ok(())
            }
        }
        "QUICK_REPLY"
        | "COPY_CODE"
        | "OTP"
        | "FLOW"
        | "CATALOG"
        | "MPM"
        | "SPM"
        | "VOICE_CALL"
        | "REQUEST_CONTACT_INFO"
        | "ORDER_DETAILS"
        | "APP" => Ok(()),
        other => bad(&format!("Unknown button type {other}.")),
    }
}

/// At most 2000 characters, one variable at the end, with an example.
fn url_button(button: &Value) -> Answer<()> {
    let bad = |text: &str| {
        Err(GraphError::template(
            2_388_039,
            "The buttons are not valid",
            text,
        ))
    };
    let url = button["url"].as_str().unwrap_or("");
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return bad("The address is not valid.");
    }
    too_long(url, 2_000, "address")?;
    match parameters(url).len() {
        0 => Ok(()),
        1 if url.ends_with("{{1}}") => {
            let example = &button["example"];
            if example[0].is_string() || example.is_string() {
                Ok(())
            } else {
                bad("The address needs an example.")
            }
        }
        _ => bad("The address has one variable, {{1}}, at its end."),
    }
}

/// 2 to 10 cards with the same components.
fn carousel(component: &Value, category: &str, named: bool) -> Answer<()> {
    let cards = component["cards"].as_array().map_or(&[][..], Vec::as_slice);
    if !(2..=10).contains(&cards.len()) {
        return Err(GraphError::invalid("A carousel has 2 to 10 cards."));
    }
    let mut first: Option<Vec<String>> = None;
    for card in cards {
        let parts = card["components"].as_array().map_or(&[][..], Vec::as_slice);
        for part in parts {
            match word(part, "type").as_str() {
                "HEADER" => header(part, named)?,
                "BODY" => body(part, named, 160)?,
                "BUTTONS" => buttons(part, category)?,
                other => return Err(GraphError::invalid(format!("A card has no {other}."))),
            }
        }
        let mut shape: Vec<String> = parts.iter().map(|part| word(part, "type")).collect();
        shape.sort();
        if first.get_or_insert_with(|| shape.clone()) != &shape {
            return Err(GraphError::invalid("All cards have the same components."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn subcode(components: &Value) -> Option<u32> {
        let components = components.as_array().unwrap();
        check(components, "UTILITY", false)
            .err()
            .and_then(|error| error.subcode)
    }

    #[test]
    fn bodies() {
        let body = |text: &str, examples: usize| json!([{"type": "body", "text": text, "example": {"body_text": [vec!["x"; examples]]}}]);
        assert_eq!(
            subcode(&body("תודה {{1}}, הזמנה מספר {{2}} אושרה ותישלח היום.", 2)),
            None
        );
        assert_eq!(subcode(&body("{{1}} thanks for all", 1)), Some(2_388_299));
        assert_eq!(subcode(&body("thanks for all {{1}}", 1)), Some(2_388_299));
        assert_eq!(
            subcode(&body("a {{1}} and {{2}}, {{3}} b", 3)),
            Some(2_388_293)
        );
        assert_eq!(
            subcode(&body("thanks to you {{2}} for all", 1)),
            Some(2_388_072)
        );
        assert_eq!(
            subcode(&body("thanks to you {{1}} for all", 0)),
            Some(2_388_043)
        );
        assert_eq!(subcode(&body(&"a ".repeat(600), 0)), Some(2_388_040));
        assert_eq!(subcode(&json!([])), Some(2_388_072));
    }

    #[test]
    fn buttons_stand_together() {
        let with = |kinds: &[&str]| {
            let buttons: Vec<Value> = kinds
                .iter()
                .map(|kind| json!({"type": kind, "text": "a", "url": "https://a.example", "phone_number": "1"}))
                .collect();
            subcode(
                &json!([{"type": "BODY", "text": "hello"}, {"type": "BUTTONS", "buttons": buttons}]),
            )
        };
        assert_eq!(with(&["QUICK_REPLY", "QUICK_REPLY", "URL"]), None);
        assert_eq!(
            with(&["QUICK_REPLY", "URL", "QUICK_REPLY"]),
            Some(2_388_039)
        );
        assert_eq!(with(&["URL", "URL", "URL"]), Some(2_388_039));
        assert_eq!(with(&["OTP"]), Some(2_388_039));
    }
}
