//! What a provider reports, in words of our own. An adapter in `whatsapp` turns each provider's JSON into these;
//! `inbound` folds them into the state. Nothing here says what follows from a report.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::content::Content;

/// Which number or account a change speaks of. At least one is known of any change that can be placed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Address {
    pub phone_number_id: Option<String>,
    /// Digits, country code first.
    pub display_phone: Option<String>,
    pub waba_id: Option<String>,
    pub portfolio_id: Option<String>,
}

/// One change, understood. `reports[n]` is the change's item `n`; the order is the provider's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Change {
    pub address: Address,
    pub reports: Vec<Result<Report, BadItem>>,
}

/// An item that could not be read. Its neighbours are not touched by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct BadItem {
    /// For a person who looks at the quarantine; names the member that was wrong, never its value.
    pub reason: String,
}

/// Who a report is about: every name that the provider gave. The phone may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Person {
    /// Digits, country code first, no plus (`wa_id`).
    pub phone: Option<String>,
    /// Business-scoped user id: one per person and portfolio.
    pub bsuid: Option<String>,
    pub parent_bsuid: Option<String>,
    /// A gateway's own id of a person without a visible phone.
    pub lid: Option<String>,
    pub username: Option<String>,
    /// The name that the person chose to show.
    pub profile_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// A person wrote to us.
    Message(MessageReport),
    /// The business itself wrote, in its own app (coexistence, or a gateway's phone).
    Echo(MessageReport),
    Status(StatusReport),
    Reaction(ReactionReport),
    Edit(EditReport),
    Revoke(RevokeReport),
    /// A person has another number or id from now on.
    IdentityChanged(IdentityReport),
    /// A person allows or forbids marketing from us.
    Preference(PreferenceReport),
    /// A contact card of the business's own phone book (coexistence).
    PhoneBook {
        person: Person,
        removed: bool,
        at: Option<Timestamp>,
    },
    /// Messages from before the number was connected.
    History(MessageReport, HistoryDirection),
    /// Templates, accounts and numbers: a hint that the truth has changed and should be read.
    Hint(Hint),
    /// All that no rule uses yet: becomes an event with its ids.
    Notice(Notice),
    /// Somebody answered on a one-way channel: who and when, and whether they asked to be left alone. What they wrote
    /// stays in the app.
    Answered(AnswerReport),
    /// Something was typed on the phone of a one-way channel: it counts against the number's cap.
    Typed {
        provider_id: String,
        at: Option<Timestamp>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerReport {
    pub provider_id: String,
    pub person: Person,
    pub at: Option<Timestamp>,
    pub opt_out: bool,
}

impl Report {
    /// What a one-way channel keeps of a report: receipts, the state of the number, and the bare fact of answers.
    /// `None` where nothing is kept.
    #[must_use]
    pub fn reduced(self) -> Option<Self> {
        match self {
            Self::Message(message) if message.group_id.is_none() => {
                Some(Self::Answered(AnswerReport {
                    opt_out: crate::inbound::asks_to_stop(&message.content),
                    provider_id: message.provider_id,
                    person: Person {
                        profile_name: None,
                        ..message.person
                    },
                    at: message.sent_at,
                }))
            }
            Self::Echo(message) if message.group_id.is_none() => Some(Self::Typed {
                provider_id: message.provider_id,
                at: message.sent_at,
            }),
            Self::Status(_) | Self::Hint(_) | Self::Answered(_) | Self::Typed { .. } => Some(self),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryDirection {
    In,
    Out,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageReport {
    /// Unique on its connection.
    pub provider_id: String,
    pub person: Person,
    /// As the provider said it, unchecked; `None` where it was missing or not a number.
    pub sent_at: Option<Timestamp>,
    pub content: Content,
    /// The provider id of the message that this one answers.
    pub reply_to: Option<String>,
    pub forwarded: bool,
    pub referral: Option<Referral>,
    /// Set for a group's message: such a message is kept with the group, makes no lead and no conversation.
    pub group_id: Option<String>,
}

/// The ad or post through which a person came (click to WhatsApp).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Referral {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ctwa_clid: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    Sent,
    Failed,
    Delivered,
    Read,
    Played,
}

impl Receipt {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusReport {
    pub provider_id: String,
    pub receipt: Receipt,
    pub at: Option<Timestamp>,
    pub person: Person,
    /// Our own id, echoed (`biz_opaque_callback_data`): settles a message whose answer was lost.
    pub our_id: Option<String>,
    pub pricing: Option<Pricing>,
    /// Set inside a free entry point.
    pub free_entry_point_expires_at: Option<Timestamp>,
    pub errors: Vec<ProviderError>,
    pub group_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pricing {
    pub category: Option<String>,
    /// `regular` costs; everything that begins with `free_` does not.
    pub kind: Option<String>,
    pub model: Option<String>,
}

/// A provider's error as it came. Personal values may stand in `details`: show it, do not log it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderError {
    pub code: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReactionReport {
    pub provider_id: String,
    pub person: Person,
    pub at: Option<Timestamp>,
    /// The message that is reacted to.
    pub target: String,
    /// `None` takes the reaction back.
    pub emoji: Option<String>,
    /// Made by the business in its own app.
    pub by_business: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EditReport {
    pub provider_id: String,
    pub person: Person,
    pub at: Option<Timestamp>,
    pub target: String,
    pub content: Content,
    pub by_business: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevokeReport {
    pub provider_id: String,
    pub person: Person,
    pub at: Option<Timestamp>,
    pub target: String,
    pub by_business: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityReport {
    pub provider_id: String,
    pub before: Person,
    pub after: Person,
    pub at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreferenceReport {
    pub person: Person,
    pub stopped: bool,
    pub at: Option<Timestamp>,
}

/// Something of an account has changed; a job reads the truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hint {
    pub subject: HintSubject,
    /// The webhook's field.
    pub topic: String,
    /// Ids, codes and numbers only.
    pub facts: BTreeMap<String, String>,
    pub at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HintSubject {
    Template {
        provider_id: Option<String>,
        name: Option<String>,
        language: Option<String>,
    },
    Account,
    Number,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// The webhook's field, and the event's name within it where it has one.
    pub topic: String,
    /// Ids, codes and numbers only.
    pub facts: BTreeMap<String, String>,
    pub at: Option<Timestamp>,
}
