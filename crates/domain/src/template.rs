//! Templates: messages that Meta has approved. Which variables one has, how it reads when they are filled in, and
//! whether it can be sent (Meta, "Message templates", 2026).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::content::{
    MediaContent, MediaKind, RenderedButton, RenderedTemplate, TemplateButton, TemplateButtonValue,
    TemplateComponent, TemplateContent, TemplateParameter,
};
use crate::id::{AccountId, TemplateId};

/// Longest body with its variables filled in (Meta: 132005 beyond it).
pub const BODY_LIMIT: usize = 1024;

/// One language of a template of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub id: TemplateId,
    pub account_id: AccountId,
    pub provider_id: Option<String>,
    pub name: String,
    /// Meta's code, with an underscore.
    pub language: String,
    pub category: Category,
    pub status: TemplateStatus,
    /// `GREEN`, `YELLOW`, `RED`; `None` while unknown.
    pub quality: Option<String>,
    pub rejected_reason: Option<String>,
    pub body: TemplateBody,
    pub synced_at: Timestamp,
}

/// Decides the price, and whether consent to marketing is needed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Category {
    Marketing,
    Utility,
    Authentication,
    /// One that this version does not know; treated as marketing, the strictest.
    Other(String),
}

impl Category {
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "marketing" => Self::Marketing,
            "utility" => Self::Utility,
            "authentication" => Self::Authentication,
            other => Self::Other(other.to_owned()),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Marketing => "marketing",
            Self::Utility => "utility",
            Self::Authentication => "authentication",
            Self::Other(other) => other,
        }
    }

    #[must_use]
    pub const fn is_marketing(&self) -> bool {
        matches!(self, Self::Marketing | Self::Other(_))
    }
}

/// A template's status, in lower case as Meta names it; an open set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TemplateStatus(String);

impl TemplateStatus {
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self(name.to_ascii_lowercase())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Meta sends only these (`flagged` is approved, at risk).
    #[must_use]
    pub fn is_sendable(&self) -> bool {
        matches!(self.0.as_str(), "approved" | "flagged" | "reinstated")
    }
}

/// What a template is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TemplateBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<TemplateHeader>,
    /// With `{{1}}` or `{{first_name}}`.
    pub body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<TemplateButtonShape>,
    /// Examples that were given at review, by variable key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub examples: BTreeMap<String, String>,
    /// It has parts (a carousel, an offer) that cannot be filled in on our screens yet; the API can send it whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_components: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateHeader {
    pub format: HeaderFormat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderFormat {
    Text,
    Image,
    Video,
    Document,
    Location,
    Other,
}

impl HeaderFormat {
    /// The kind of file that the header needs with every send.
    #[must_use]
    pub const fn media_kind(self) -> Option<MediaKind> {
        match self {
            Self::Image => Some(MediaKind::Image),
            Self::Video => Some(MediaKind::Video),
            Self::Document => Some(MediaKind::Document),
            Self::Text | Self::Location | Self::Other => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateButtonShape {
    /// `quick_reply`, `url`, `phone_number`, `copy_code`, `otp`, `form`, `other`.
    pub kind: String,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A place to fill in. Its key names the part and the variable: `header.1`, `body.first_name`, `button.0`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    pub key: String,
    pub component: &'static str,
    pub label: String,
    pub example: Option<String>,
}

/// Something wrong with what was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableProblem {
    /// The variable's key, or `header_media`, or `body` for the whole.
    pub key: String,
    pub problem: VariableFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableFault {
    Missing,
    /// The template has no such variable.
    Surplus,
    /// New lines, tabs and more than four spaces in a row are refused by Meta (132012).
    Whitespace,
    TooLong,
}

impl TemplateBody {
    /// All places to fill in, in reading order.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let mut all = Vec::new();
        if let Some(text) = self
            .header
            .as_ref()
            .and_then(|header| header.text.as_deref())
        {
            self.push_variables("header", text, &mut all);
        }
        self.push_variables("body", &self.body, &mut all);
        for (index, button) in self.buttons.iter().enumerate() {
            let asks = match button.kind.as_str() {
                "url" => button.url.as_deref().is_some_and(|url| url.contains("{{")),
                "copy_code" => true,
                _ => false,
            };
            if asks {
                let key = format!("button.{index}");
                let example = self.examples.get(&key).cloned();
                all.push(Variable {
                    key,
                    component: "button",
                    label: button.text.clone(),
                    example,
                });
            }
        }
        all
    }

    fn push_variables(&self, component: &'static str, text: &str, all: &mut Vec<Variable>) {
        for label in placeholders(text) {
            let key = format!("{component}.{label}");
            if all.iter().all(|known| known.key != key) {
                let example = self.examples.get(&key).cloned();
                all.push(Variable {
                    key,
                    component,
                    label: label.to_owned(),
                    example,
                });
            }
        }
    }
}

/// The names between double braces, in order.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}").map(|(name, _)| name.trim()))
}

/// The text with its places filled in; what has no value stays as it stands.
fn filled(component: &str, text: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        match values.get(&format!("{component}.{}", name.trim())) {
            Some(value) => out.push_str(value),
            None => out.push_str(&format!("{{{{{name}}}}}")),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

impl Template {
    /// Fills the template in.
    ///
    /// # Errors
    /// Every problem with the values at once: missing, surplus, badly spaced, too long; a media header without its
    /// file, or the other way round.
    pub fn fill(
        &self,
        values: &BTreeMap<String, String>,
        header_media: Option<MediaContent>,
    ) -> Result<TemplateContent, Vec<VariableProblem>> {
        let variables = self.body.variables();
        let mut problems = value_problems(&variables, values);
        let wanted = self
            .body
            .header
            .as_ref()
            .and_then(|header| header.format.media_kind());
        if wanted != header_media.as_ref().map(|media| media.media_kind) {
            let problem = if wanted.is_some() {
                VariableFault::Missing
            } else {
                VariableFault::Surplus
            };
            problems.push(VariableProblem {
                key: "header_media".to_owned(),
                problem,
            });
        }
        let rendered = self.render(values, header_media.clone());
        if rendered.body.chars().count() > BODY_LIMIT {
            problems.push(VariableProblem {
                key: "body".to_owned(),
                problem: VariableFault::TooLong,
            });
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(TemplateContent {
            template_id: Some(self.id),
            name: self.name.clone(),
            language: self.language.clone(),
            components: self.components(&variables, values, header_media),
            rendered: Some(rendered),
        })
    }

    /// How it reads to the person with these values.
    #[must_use]
    pub fn render(
        &self,
        values: &BTreeMap<String, String>,
        header_media: Option<MediaContent>,
    ) -> RenderedTemplate {
        let header_text = self
            .body
            .header
            .as_ref()
            .and_then(|header| header.text.as_deref());
        let buttons = self
            .body
            .buttons
            .iter()
            .enumerate()
            .map(|(index, button)| RenderedButton {
                kind: button.kind.clone(),
                text: button.text.clone(),
                url: button.url.as_ref().map(|url| {
                    let suffix = values
                        .get(&format!("button.{index}"))
                        .map_or("", String::as_str);
                    url.split_once("{{")
                        .map_or_else(|| url.clone(), |(stem, _)| format!("{stem}{suffix}"))
                }),
            });
        RenderedTemplate {
            header: header_text.map(|text| filled("header", text, values)),
            header_media,
            body: filled("body", &self.body.body, values),
            footer: self.body.footer.clone(),
            buttons: buttons.collect(),
        }
    }

    fn components(
        &self,
        variables: &[Variable],
        values: &BTreeMap<String, String>,
        header_media: Option<MediaContent>,
    ) -> Vec<TemplateComponent> {
        let texts = |component: &str| -> Vec<TemplateParameter> {
            variables
                .iter()
                .filter(|variable| variable.component == component)
                .map(|variable| TemplateParameter::Text {
                    name: variable
                        .label
                        .parse::<u32>()
                        .is_err()
                        .then(|| variable.label.clone()),
                    text: values.get(&variable.key).cloned().unwrap_or_default(),
                })
                .collect()
        };
        let mut all = Vec::new();
        let header = header_media.map_or_else(
            || texts("header"),
            |media| vec![TemplateParameter::Media(media)],
        );
        if !header.is_empty() {
            all.push(TemplateComponent::Header { parameters: header });
        }
        let body = texts("body");
        if !body.is_empty() {
            all.push(TemplateComponent::Body { parameters: body });
        }
        for (index, button) in (0_u8..).zip(&self.body.buttons) {
            let Some(value) = values.get(&format!("button.{index}")) else {
                continue;
            };
            let value = match button.kind.as_str() {
                "copy_code" => TemplateButtonValue::CopyCode {
                    code: value.clone(),
                },
                _ => TemplateButtonValue::Url {
                    suffix: value.clone(),
                },
            };
            all.push(TemplateComponent::Button(TemplateButton { index, value }));
        }
        all
    }
}

fn value_problems(
    variables: &[Variable],
    values: &BTreeMap<String, String>,
) -> Vec<VariableProblem> {
    let mut problems = Vec::new();
    for variable in variables {
        let problem = match values.get(&variable.key) {
            None => Some(VariableFault::Missing),
            Some(value) if value.trim().is_empty() => Some(VariableFault::Missing),
            Some(value) if value.contains(['\n', '\r', '\t']) || value.contains("     ") => {
                Some(VariableFault::Whitespace)
            }
            Some(value) if value.chars().count() > BODY_LIMIT => Some(VariableFault::TooLong),
            Some(_) => None,
        };
        if let Some(problem) = problem {
            problems.push(VariableProblem {
                key: variable.key.clone(),
                problem,
            });
        }
    }
    for key in values.keys() {
        if variables.iter().all(|variable| variable.key != *key) {
            problems.push(VariableProblem {
                key: key.clone(),
                problem: VariableFault::Surplus,
            });
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(body: TemplateBody) -> Template {
        Template {
            id: TemplateId::from_bits(1),
            account_id: AccountId::from_bits(1),
            provider_id: None,
            name: "order_confirmation".into(),
            language: "he".into(),
            category: Category::Utility,
            status: TemplateStatus::from_name("APPROVED"),
            quality: None,
            rejected_reason: None,
            body,
            synced_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn order() -> Template {
        template(TemplateBody {
            header: Some(TemplateHeader {
                format: HeaderFormat::Text,
                text: Some("הזמנה {{1}}".into()),
            }),
            body: "תודה {{1}}, הזמנה {{2}} אושרה. {{1}}!".into(),
            buttons: vec![TemplateButtonShape {
                kind: "url".into(),
                text: "מעקב".into(),
                url: Some("https://shop.example/t/{{1}}".into()),
            }],
            ..TemplateBody::default()
        })
    }

    #[test]
    fn every_place_is_a_variable_once() {
        let keys: Vec<_> = order()
            .body
            .variables()
            .into_iter()
            .map(|variable| variable.key)
            .collect();
        assert_eq!(keys, ["header.1", "body.1", "body.2", "button.0"]);
    }

    #[test]
    fn filled_in_it_reads_as_the_person_sees_it() {
        let values = values(&[
            ("header.1", "7731"),
            ("body.1", "דנה"),
            ("body.2", "7731"),
            ("button.0", "7731"),
        ]);
        let content = order().fill(&values, None).unwrap();
        let rendered = content.rendered.unwrap();
        assert_eq!(rendered.body, "תודה דנה, הזמנה 7731 אושרה. דנה!");
        assert_eq!(
            rendered.buttons[0].url.as_deref(),
            Some("https://shop.example/t/7731")
        );
        assert_eq!(content.components.len(), 3);
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let given = values(&[
            ("body.1", "a\nb"),
            ("body.3", "x"),
            ("button.0", "y"),
            ("header.1", "z"),
        ]);
        let problems = order()
            .fill(&given, Some(MediaContent::new(MediaKind::Image)))
            .unwrap_err();
        let told: Vec<_> = problems
            .iter()
            .map(|found| (found.key.as_str(), found.problem))
            .collect();
        assert_eq!(
            told,
            [
                ("body.1", VariableFault::Whitespace),
                ("body.2", VariableFault::Missing),
                ("body.3", VariableFault::Surplus),
                ("header_media", VariableFault::Surplus),
            ]
        );
    }

    #[test]
    fn named_variables_carry_their_names() {
        let named = template(TemplateBody {
            body: "שלום {{first_name}}".into(),
            ..TemplateBody::default()
        });
        let content = named
            .fill(&values(&[("body.first_name", "דנה")]), None)
            .unwrap();
        let TemplateComponent::Body { parameters } = &content.components[0] else {
            panic!()
        };
        assert_eq!(
            parameters[0],
            TemplateParameter::Text {
                name: Some("first_name".into()),
                text: "דנה".into()
            }
        );
    }

    #[test]
    fn broken_braces_stay_as_they_are() {
        let odd = template(TemplateBody {
            body: "a {{ b {{1}} c".into(),
            ..TemplateBody::default()
        });
        let _ = odd.render(&BTreeMap::new(), None);
    }
}
