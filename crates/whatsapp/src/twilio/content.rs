//! Twilio's Content: templates of its own form, one `HX…` for each language, turned into Meta's components; and where
//! in one the variables stand. (Twilio, "Content types overview" and "Content API resources", 2026.)
//!
//! Twilio numbers the places of a whole template through; Meta, and so our content, counts them part by part. Which is
//! which stands only in the definition, so that it is read before the first send ([`Layout`]).

use std::collections::BTreeMap;

use domain::content::{
    MediaContent, TemplateButton, TemplateButtonValue, TemplateComponent, TemplateContent,
    TemplateParameter,
};
use serde_json::{Map, Value, json};

use crate::json::{list, member, word};
use crate::meta::answers::TemplateInfo;
use crate::provider::CannotSay;
use crate::saying::link_of;

/// The types that are read, the richest first: a Content may have several, and a channel takes the richest it can.
const TYPES: &[&str] = &[
    "whatsapp/card",
    "whatsapp/authentication",
    "twilio/card",
    "twilio/call-to-action",
    "twilio/quick-reply",
    "twilio/media",
    "twilio/text",
];

/// One Content as `GET /v1/ContentAndApprovals` has it. `None` where it has no id.
#[must_use]
pub fn template(item: &Value) -> Option<TemplateInfo> {
    let approval = approval(item);
    let status = word(approval, "status").unwrap_or_else(|| "unsubmitted".to_owned());
    Some(TemplateInfo {
        id: word(item, "sid")?,
        name: word(approval, "name").or_else(|| word(item, "friendly_name")),
        language: word(item, "language").map(|language| language.replace('-', "_")),
        status: Some(
            match status.as_str() {
                "received" => "pending",
                other => other,
            }
            .to_ascii_uppercase(),
        ),
        category: word(approval, "category"),
        sub_category: None,
        previous_category: None,
        correct_category: None,
        parameter_format: None,
        components: components(item, word(approval, "content_type").as_deref()),
        quality_score: None,
        rejected_reason: word(approval, "rejection_reason"),
        message_send_ttl_seconds: None,
    })
}

/// An object, one within it, or a list of them: the documents and the libraries have all three.
fn approval(item: &Value) -> &Value {
    let told = member(item, "approval_requests").unwrap_or(&Value::Null);
    let told = told.get(0).unwrap_or(told);
    member(told, "whatsapp").unwrap_or(told)
}

/// The definition that WhatsApp gets.
fn definition<'a>(item: &'a Value, content_type: Option<&'a str>) -> Option<(&'a str, &'a Value)> {
    let types = member(item, "types")?;
    content_type
        .into_iter()
        .chain(TYPES.iter().copied())
        .find_map(|kind| Some((kind, member(types, kind)?)))
        .or_else(|| {
            let (kind, definition) = types.as_object()?.iter().next()?;
            Some((kind.as_str(), definition))
        })
}

/// The parts of a definition under one name each; Twilio's types name them differently.
struct Parts<'a> {
    header: Option<String>,
    body: Option<String>,
    footer: Option<String>,
    media: Option<&'a str>,
    buttons: &'a [Value],
}

fn parts(definition: &Value) -> Parts<'_> {
    let title = word(definition, "title");
    let body = word(definition, "body");
    Parts {
        // A card of the first kind has only a title, and it is the text.
        header: word(definition, "header_text")
            .or_else(|| title.clone().filter(|_| body.is_some())),
        body: body.or(title),
        footer: word(definition, "footer").or_else(|| word(definition, "subtitle")),
        media: list(definition, "media").first().and_then(Value::as_str),
        buttons: list(definition, "actions"),
    }
}

fn components(item: &Value, content_type: Option<&str>) -> Vec<Value> {
    let Some((kind, definition)) = definition(item, content_type) else {
        return Vec::new();
    };
    let defaults = member(item, "variables").unwrap_or(&Value::Null);
    let parts = parts(definition);
    let mut components = Vec::new();
    // A picture that is always the same needs nothing from us.
    if let Some(media) = parts.media.filter(|media| media.contains("{{")) {
        let format = format_of(&filled(media, defaults));
        components.push(json!({ "type": "HEADER", "format": format }));
    } else if let Some(text) = &parts.header {
        let mut header = json!({ "type": "HEADER", "format": "TEXT", "text": text });
        with_examples(&mut header, "header_text_named_params", text, defaults);
        components.push(header);
    }
    // The text of a code is WhatsApp's own; its one variable is the code.
    let body = match kind {
        "whatsapp/authentication" => Some("{{1}}".to_owned()),
        _ => parts.body,
    };
    if let Some(text) = &body {
        let mut said = json!({ "type": "BODY", "text": text });
        with_examples(&mut said, "body_text_named_params", text, defaults);
        components.push(said);
    }
    if let Some(text) = parts.footer {
        components.push(json!({ "type": "FOOTER", "text": text }));
    }
    let buttons: Vec<_> = parts
        .buttons
        .iter()
        .map(|action| button(kind, action, defaults))
        .collect();
    if !buttons.is_empty() {
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    if !TYPES.contains(&kind) {
        // Its like in Meta's form (a carousel, a catalogue) cannot be filled in by us.
        components.push(json!({ "type": kind.to_ascii_uppercase() }));
    }
    components
}

fn button(kind: &str, action: &Value, defaults: &Value) -> Value {
    if kind == "whatsapp/authentication" {
        return json!({ "type": "OTP", "text": word(action, "copy_code_text") });
    }
    let label = word(action, "title");
    match word(action, "type").unwrap_or_default().as_str() {
        "URL" => {
            let url = word(action, "url").unwrap_or_default();
            let mut said = json!({ "type": "URL", "text": label, "url": url });
            if url.contains("{{") {
                said["example"] = json!([filled(&url, defaults)]);
            }
            said
        }
        "PHONE_NUMBER" => {
            json!({ "type": "PHONE_NUMBER", "text": label, "phone_number": word(action, "phone") })
        }
        "QUICK_REPLY" => json!({ "type": "QUICK_REPLY", "text": label }),
        "COPY_CODE" => {
            json!({ "type": "COPY_CODE", "text": label, "example": word(action, "code") })
        }
        other => json!({ "type": other, "text": label }),
    }
}

fn with_examples(component: &mut Value, key: &str, text: &str, defaults: &Value) {
    let examples: Vec<_> = keys(text)
        .iter()
        .filter_map(|name| Some(json!({ "param_name": name, "example": word(defaults, name)? })))
        .collect();
    if !examples.is_empty() {
        component["example"] = json!({ key: examples });
    }
}

/// The kind of a file by the end of its address; a picture where that says nothing.
fn format_of(address: &str) -> &'static str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "mp4" | "3gp" => "VIDEO",
        "pdf" | "doc" | "docx" | "xls" | "xlsx" | "ppt" | "pptx" | "txt" => "DOCUMENT",
        _ => "IMAGE",
    }
}

/// The names between double braces, each once, in the order in which they first stand there.
fn keys(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for rest in text.split("{{").skip(1) {
        if let Some((name, _)) = rest.split_once("}}")
            && !all.iter().any(|known| known == name.trim())
        {
            all.push(name.trim().to_owned());
        }
    }
    all
}

fn filled(text: &str, defaults: &Value) -> String {
    keys(text).iter().fold(text.to_owned(), |text, name| {
        let value = word(defaults, name).unwrap_or_default();
        text.replace(&format!("{{{{{name}}}}}"), &value)
    })
}

/// Where in a Content its variables stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    header: Vec<String>,
    body: Vec<String>,
    /// The address of the header's file, with its variable.
    media: Option<String>,
    /// For each button what of it is variable: the address, the code or what comes back.
    buttons: Vec<String>,
}

impl Layout {
    /// Reads `GET /v1/Content/{sid}`.
    #[must_use]
    pub fn read(item: &Value) -> Option<Self> {
        let (kind, definition) = definition(item, None)?;
        let parts = parts(definition);
        if kind == "whatsapp/authentication" {
            return Some(Self {
                body: vec!["1".to_owned()],
                ..Self::default()
            });
        }
        Some(Self {
            header: keys(parts.header.as_deref().unwrap_or_default()),
            body: keys(parts.body.as_deref().unwrap_or_default()),
            media: parts.media.map(str::to_owned),
            buttons: parts.buttons.iter().map(variable_of).collect(),
        })
    }

    /// As if the places were numbered through, part by part: what a template of only a body has in any case.
    #[must_use]
    pub fn numbered(template: &TemplateContent) -> Self {
        let mut layout = Self::default();
        let mut next = 1;
        let mut take = |count: usize| -> Vec<String> {
            let taken = (next..next + count).map(|n| n.to_string()).collect();
            next += count;
            taken
        };
        for component in &template.components {
            match component {
                TemplateComponent::Header { parameters } => match parameters.first() {
                    Some(TemplateParameter::Media(_)) => {
                        layout.media = take(1).first().map(|key| format!("{{{{{key}}}}}"));
                    }
                    _ => layout.header = take(parameters.len()),
                },
                TemplateComponent::Body { parameters } => layout.body = take(parameters.len()),
                TemplateComponent::Button(button) => {
                    layout
                        .buttons
                        .resize(usize::from(button.index) + 1, String::new());
                    if let (Some(place), Some(key)) = (layout.buttons.last_mut(), take(1).first()) {
                        *place = format!("{{{{{key}}}}}");
                    }
                }
                _ => {}
            }
        }
        layout
    }

    /// `ContentVariables`: the value of each place, by its name in the Content.
    ///
    /// # Errors
    /// When something is filled in for which the Content has no place.
    pub fn variables(&self, template: &TemplateContent) -> Result<Map<String, Value>, CannotSay> {
        let mut found = BTreeMap::new();
        for component in &template.components {
            match component {
                TemplateComponent::Header { parameters } => self.header(parameters, &mut found)?,
                TemplateComponent::Body { parameters } => {
                    texts(parameters, &self.body, "body", &mut found)?;
                }
                TemplateComponent::Button(button) => self.button(button, &mut found)?,
                TemplateComponent::LimitedTimeOffer { .. } => return Err(no_place("offer")),
                TemplateComponent::Carousel { .. } => return Err(no_place("carousel")),
            }
        }
        Ok(found
            .into_iter()
            .map(|(key, value)| (key, Value::from(value)))
            .collect())
    }

    fn header(
        &self,
        parameters: &[TemplateParameter],
        found: &mut BTreeMap<String, String>,
    ) -> Result<(), CannotSay> {
        if let [TemplateParameter::Media(media)] = parameters {
            return self.media(media, found);
        }
        texts(parameters, &self.header, "header", found)
    }

    fn media(
        &self,
        media: &MediaContent,
        found: &mut BTreeMap<String, String>,
    ) -> Result<(), CannotSay> {
        let link = link_of(media)?;
        let pattern = self.media.as_deref().ok_or(no_place("header"))?;
        put_in(pattern, link, "header", found)
    }

    fn button(
        &self,
        button: &TemplateButton,
        found: &mut BTreeMap<String, String>,
    ) -> Result<(), CannotSay> {
        const FIELD: &str = "button";
        let pattern = self.buttons.get(usize::from(button.index));
        let key = pattern.and_then(|pattern| keys(pattern).into_iter().next());
        let value = match &button.value {
            TemplateButtonValue::QuickReply { payload } => payload,
            TemplateButtonValue::Url { suffix } => suffix,
            TemplateButtonValue::CopyCode { code } => code,
            _ => return Err(no_place(FIELD)),
        };
        match key {
            Some(key) => {
                found.insert(key, value.clone());
                Ok(())
            }
            // The code of an authentication template is said once, in the body.
            None if pattern.is_none() && found.values().any(|known| known == value) => Ok(()),
            None => Err(no_place(FIELD)),
        }
    }
}

const fn no_place(field: &'static str) -> CannotSay {
    CannotSay::NoPlaceFor { field }
}

fn variable_of(action: &Value) -> String {
    ["url", "code", "id", "phone"]
        .iter()
        .filter_map(|key| word(action, key))
        .find(|text| text.contains("{{"))
        .unwrap_or_default()
}

fn texts(
    parameters: &[TemplateParameter],
    places: &[String],
    field: &'static str,
    found: &mut BTreeMap<String, String>,
) -> Result<(), CannotSay> {
    for (index, parameter) in parameters.iter().enumerate() {
        let (name, text) = match parameter {
            TemplateParameter::Text { name, text } => (name.clone(), text),
            TemplateParameter::Currency { fallback, .. }
            | TemplateParameter::DateTime { fallback } => (None, fallback),
            _ => return Err(no_place(field)),
        };
        let key = match name {
            Some(name) => places.iter().find(|place| **place == name),
            None => places.get(index),
        };
        let key = key.ok_or(no_place(field))?;
        found.insert(key.clone(), text.clone());
    }
    Ok(())
}

/// Finds the value that makes `whole` of a text with one variable in it.
fn put_in(
    pattern: &str,
    whole: &str,
    field: &'static str,
    found: &mut BTreeMap<String, String>,
) -> Result<(), CannotSay> {
    let (before, rest) = pattern.split_once("{{").ok_or(no_place(field))?;
    let (key, after) = rest.split_once("}}").ok_or(no_place(field))?;
    let value = whole
        .strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after))
        .ok_or(no_place(field))?;
    found.insert(key.trim().to_owned(), value.to_owned());
    Ok(())
}
