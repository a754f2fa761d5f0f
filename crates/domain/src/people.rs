//! Contacts, their identities, and the leads that they bring.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ContactId, LeadId, PipelineId, StatusId, UserId};
use crate::report::Referral;

/// One name under which a person is known. `scope` is where the name holds: nothing for a phone or an e-mail, the
/// portfolio for a BSUID, the account for a gateway's LID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    pub kind: IdentityKind,
    pub scope: String,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    Bsuid,
    ParentBsuid,
    Lid,
    Phone,
    Email,
}

impl IdentityKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bsuid => "bsuid",
            Self::ParentBsuid => "parent_bsuid",
            Self::Lid => "lid",
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Bsuid,
            Self::ParentBsuid,
            Self::Lid,
            Self::Phone,
            Self::Email,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    pub id: ContactId,
    pub version: i64,
    /// Given by the team; wins over the profile's.
    pub name: Option<String>,
    pub profile_name: Option<String>,
    /// Orders profile names: the latest message's stands.
    pub profile_name_at: Option<Timestamp>,
    /// The phone in use, digits. May be missing: a person can write under a username alone.
    pub phone: Option<String>,
    pub username: Option<String>,
    pub email: Option<String>,
    pub marketing: Marketing,
    pub created_at: Timestamp,
    /// Set on a contact that was found to be another; everything of it has moved there.
    pub merged_into: Option<ContactId>,
}

/// Whether the person wants marketing, as WhatsApp or they themselves told us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marketing {
    pub state: MarketingState,
    pub at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarketingState {
    #[default]
    Unknown,
    Allowed,
    OptedOut,
}

impl Marketing {
    /// Takes a report in, whatever order reports come in: the later stands, and within a second a stop does.
    #[must_use]
    pub fn merge(self, stopped: bool, at: Timestamp) -> Self {
        let state = if stopped {
            MarketingState::OptedOut
        } else {
            MarketingState::Allowed
        };
        match self.at {
            Some(known)
                if known > at || (known == at && self.state == MarketingState::OptedOut) =>
            {
                self
            }
            _ => Self {
                state,
                at: Some(at),
            },
        }
    }
}

impl Contact {
    /// What to call the person on a screen. A phone is given as digits; the screen writes it its own way.
    #[must_use]
    pub fn display_name(&self) -> String {
        self.name
            .clone()
            .or_else(|| self.profile_name.clone())
            .or_else(|| self.phone.as_ref().map(|phone| format!("+{phone}")))
            .or_else(|| {
                self.username
                    .as_ref()
                    .map(|username| format!("@{username}"))
            })
            .unwrap_or_else(|| "?".to_owned())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lead {
    pub id: LeadId,
    pub version: i64,
    pub contact_id: ContactId,
    pub pipeline_id: PipelineId,
    pub status_id: StatusId,
    pub title: Option<String>,
    pub assignee_id: Option<UserId>,
    pub source: LeadSource,
    pub fields: BTreeMap<String, String>,
    pub amount_minor: Option<i64>,
    pub currency: Option<String>,
    pub created_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    /// A person or a rule has changed it since it was made; such a lead never folds into another by itself.
    pub touched: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadSource {
    pub kind: SourceKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    Whatsapp,
    WhatsappAd,
    Manual,
    Form,
    Import,
    Api,
}

impl LeadSource {
    /// Where a person who wrote on WhatsApp came from.
    #[must_use]
    pub fn of_message(referral: Option<&Referral>) -> Self {
        match referral {
            Some(referral) => Self {
                kind: SourceKind::WhatsappAd,
                detail: referral
                    .headline
                    .clone()
                    .or_else(|| referral.source_id.clone()),
            },
            None => Self {
                kind: SourceKind::Whatsapp,
                detail: None,
            },
        }
    }
}

impl Lead {
    /// A message of the person's became known that is earlier than what made the lead: then that is where it came
    /// from. Within a second an ad is the likelier beginning.
    pub fn begin_with(&mut self, at: Timestamp, source: LeadSource) {
        let by_message = |kind| matches!(kind, SourceKind::Whatsapp | SourceKind::WhatsappAd);
        if !by_message(self.source.kind) || !by_message(source.kind) {
            return;
        }
        let is_ad = |source: &LeadSource| source.kind == SourceKind::WhatsappAd;
        let same_second_ad = at == self.created_at && is_ad(&source) && !is_ad(&self.source);
        if at < self.created_at || same_second_ad {
            self.created_at = at;
            self.source = source;
        }
    }
}

/// What a column of a pipeline means, whatever the workspace calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusGroup {
    New,
    Active,
    Waiting,
    Meeting,
    Offer,
    Won,
    Lost,
    Invalid,
}

impl StatusGroup {
    /// A lead in such a status is over; the next message of the person makes a new one.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::Invalid)
    }
}

/// A word in both languages; at least one is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Localised {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub he: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Localised {
    #[must_use]
    pub fn both(he: &str, en: &str) -> Self {
        Self {
            he: Some(he.to_owned()),
            en: Some(en.to_owned()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub id: StatusId,
    pub pipeline_id: PipelineId,
    pub name: Localised,
    pub group: StatusGroup,
    pub position: i64,
}

/// A lead's field that the workspace has defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDefinition {
    pub key: String,
    pub label: Localised,
    pub kind: FieldKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    Text,
    Number,
    Date,
    Choice,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    pub id: PipelineId,
    pub name: Localised,
    pub fields: Vec<FieldDefinition>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_stands_over_a_resume_of_the_same_second() {
        let second = Timestamp::from_second(1_795_334_400).unwrap();
        let later = Timestamp::from_second(1_795_334_401).unwrap();
        let none = Marketing::default();
        assert_eq!(
            none.merge(true, second).merge(false, second),
            none.merge(false, second).merge(true, second)
        );
        assert_eq!(
            none.merge(false, second).merge(true, second).state,
            MarketingState::OptedOut
        );
        assert_eq!(
            none.merge(false, later).merge(true, second).state,
            MarketingState::Allowed
        );
    }
}
