//! What a person is shown of an exported chat before it is taken, and what they choose.

use serde::{Deserialize, Serialize};

use super::{DateOrder, ExportKind, Facts};
use crate::id::ContactId;

/// Whose chat it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "whom", rename_all = "snake_case")]
pub enum Whom {
    #[default]
    Unknown,
    Contact {
        id: ContactId,
    },
    /// Somebody new; `phone` as digits with the country code.
    New {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone: Option<String>,
    },
}

/// Which participant is the business.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "us", rename_all = "snake_case")]
pub enum Us {
    #[default]
    Unknown,
    /// Only others wrote.
    Nobody,
    Named {
        name: String,
    },
}

impl Us {
    #[must_use]
    pub fn is(&self, sender: &str) -> bool {
        matches!(self, Self::Named { name } if name == sender)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    pub us: Us,
    pub whom: Whom,
    /// None: as the file says, or as was guessed.
    pub date_order: Option<DateOrder>,
    pub time_zone: String,
    pub make_lead: bool,
    /// Third persons of a group did not consent; a person has to say that it is right all the same.
    pub include_group: bool,
}

/// What a person still has to say before the chat can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    Us,
    Contact,
    Group,
    /// Nothing of it is new.
    News,
}

/// An entry as the preview shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub at: jiff::Timestamp,
    pub sender: Option<String>,
    pub ours: bool,
    /// `text`, `media`, `deleted`, `call`, `poll`, `location`, `unsupported`, `system`.
    pub kind: String,
    pub text: Option<String>,
    pub media: Option<ExportKind>,
    /// The file is in the export.
    pub has_file: bool,
    pub edited: bool,
}

/// What would become of the file with these choices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    pub facts: Facts,
    /// Contacts that participants seem to be, by the participant's name.
    pub known: Vec<(String, ContactId)>,
    pub first: jiff::Timestamp,
    pub last: jiff::Timestamp,
    /// Without the app's own lines.
    pub messages: u64,
    pub media: u64,
    /// Files that are in the export.
    pub files: u64,
    pub new: u64,
    pub already_there: u64,
    pub sample: Vec<Line>,
}

impl Choices {
    #[must_use]
    pub fn missing(&self, preview: &Preview) -> Vec<Missing> {
        [
            (self.us == Us::Unknown, Missing::Us),
            (self.whom == Whom::Unknown, Missing::Contact),
            (preview.facts.group && !self.include_group, Missing::Group),
            (preview.new == 0, Missing::News),
        ]
        .into_iter()
        .filter_map(|(is_missing, what)| is_missing.then_some(what))
        .collect()
    }
}
