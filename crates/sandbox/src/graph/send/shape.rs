//! A template as its parameters see it, and how it looks once they are filled in.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::error::{Answer, GraphError};

pub fn word(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or("").to_ascii_uppercase()
}

/// A template as its parameters see it.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    pub header: Option<(String, String)>,
    pub body: String,
    pub footer: Option<String>,
    pub buttons: Vec<Value>,
    pub cards: Vec<Shape>,
    pub has_expiration: bool,
    pub offer: Option<String>,
    pub named: bool,
}

/// The placeholders of a text, in order and once each: `1`, `2` or `first_name`.
pub fn parameters(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else {
            break;
        };
        let name = name.trim().to_owned();
        if !found.contains(&name) {
            found.push(name);
        }
        rest = tail;
    }
    found
}

impl Shape {
    pub fn of(components: &[Value], parameter_format: &str) -> Self {
        let mut shape = Self {
            named: parameter_format.eq_ignore_ascii_case("NAMED"),
            ..Self::default()
        };
        for component in components {
            let text = || component["text"].as_str().unwrap_or("").to_owned();
            match word(component, "type").as_str() {
                "HEADER" => shape.header = Some((word(component, "format"), text())),
                "BODY" if component["add_security_recommendation"] == json!(true) => {
                    shape.body = "{{1}} is your verification code. For your security, do not share this code.".to_owned();
                }
                "BODY" if component["text"].is_null() => {
                    shape.body = "{{1}} is your verification code.".to_owned();
                }
                "BODY" => shape.body = text(),
                "FOOTER" => shape.footer = Some(footer(component)),
                "BUTTONS" => {
                    shape.buttons = component["buttons"].as_array().cloned().unwrap_or_default();
                }
                "CALL_PERMISSION_REQUEST" => shape
                    .buttons
                    .push(json!({"type": "CALL_PERMISSION", "text": ""})),
                "LIMITED_TIME_OFFER" => {
                    let offer = &component["limited_time_offer"];
                    shape.has_expiration = offer["has_expiration"] == json!(true);
                    shape.offer = offer["text"].as_str().map(str::to_owned);
                }
                "CAROUSEL" => {
                    let cards = component["cards"].as_array().into_iter().flatten();
                    shape.cards = cards
                        .filter_map(|card| card["components"].as_array())
                        .map(|components| Self::of(components, parameter_format))
                        .collect();
                }
                _ => {}
            }
        }
        shape
    }

    /// Lays the template out with its parameters.
    pub fn card(&self, filled: &Filled) -> Answer<Value> {
        let body = filled.body.apply(&self.body);
        if body.chars().count() > 1_024 {
            return Err(GraphError::with(
                132_005,
                "body: the text with its parameters is longer than 1024 characters",
            ));
        }
        let header = self
            .header
            .as_ref()
            .map(|(format, text)| match format.as_str() {
                "TEXT" => json!({"type": "text", "text": filled.header.apply(text)}),
                "LOCATION" => json!({"type": "location", "location": filled.media}),
                _ => json!({"type": format.to_ascii_lowercase(), "media": filled.media}),
            });
        let cards = self
            .cards
            .iter()
            .zip(&filled.cards)
            .map(|(shape, filled)| shape.card(filled));
        let cards = cards.collect::<Answer<Vec<_>>>()?;
        Ok(json!({
            "header": header,
            "body": body,
            "footer": self.footer,
            "offer": self.offer,
            "buttons": self.laid_out_buttons(filled),
            "list": null,
            "cards": if cards.is_empty() { Value::Null } else { cards.into() },
        }))
    }

    fn laid_out_buttons(&self, filled: &Filled) -> Vec<Value> {
        let button = |(at, button): (usize, &Value)| {
            let given = filled.buttons.get(&at).map(String::as_str);
            let text = button["text"].as_str().unwrap_or("");
            let mut out = json!({"index": at, "text": text});
            let kind = match word(button, "type").as_str() {
                "QUICK_REPLY" => {
                    out["id"] = json!(given.unwrap_or(text));
                    "quick_reply"
                }
                "URL" => {
                    let url = button["url"].as_str().unwrap_or("");
                    out["url"] = json!(url.replace("{{1}}", given.unwrap_or("")));
                    "url"
                }
                "PHONE_NUMBER" => {
                    out["phone"] = button["phone_number"].clone();
                    "phone"
                }
                "COPY_CODE" | "OTP" => {
                    out["code"] = json!(given.unwrap_or(""));
                    if text.is_empty() {
                        out["text"] = json!("Copy code");
                    }
                    "copy_code"
                }
                "FLOW" => "flow",
                "REQUEST_CONTACT_INFO" => {
                    out["text"] = json!("Share Contact Info");
                    "contact_request"
                }
                "VOICE_CALL" => "call",
                "CALL_PERMISSION" => "call_permission",
                _ => "catalog",
            };
            out["type"] = json!(kind);
            out
        };
        self.buttons.iter().enumerate().map(button).collect()
    }
}

fn footer(component: &Value) -> String {
    match component["code_expiration_minutes"].as_i64() {
        Some(minutes) => format!("This code expires in {minutes} minutes."),
        None => component["text"].as_str().unwrap_or("").to_owned(),
    }
}

/// The parameters of one send.
#[derive(Debug, Default)]
pub struct Filled {
    pub header: Texts,
    pub media: Value,
    pub body: Texts,
    pub buttons: BTreeMap<usize, String>,
    pub cards: Vec<Filled>,
}

#[derive(Debug, Default)]
pub struct Texts(pub Vec<(String, String)>);

impl Texts {
    fn apply(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        })
    }
}
