//! A message and how far it came.
//!
//! What is told of a message after it (receipts, edits, revocation, reactions) is kept as *facts* by the provider's
//! id, each once, even before the message itself is known. The state of a message is a pure function of its facts, so
//! that any order and any repetition of them ends in the same state.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::content::Content;
use crate::failure::Failure;
use crate::id::{ConnectionId, ConversationId, MessageId, UserId};
use crate::report::{Pricing, Receipt, Referral};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    In,
    Out,
    /// Written by the team for the team; never leaves.
    Note,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// The contact.
    Person,
    User,
    Automation,
    Flow,
    Api,
    /// The business, in its own app.
    Phone,
    /// Whoever it was: the message came with an exported chat.
    Import,
    System,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub kind: AuthorKind,
    pub user_id: Option<UserId>,
}

/// How far an outgoing message came. From `Unclear` on it only goes forward, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Queued,
    Sending,
    /// Our own rules, or the provider before accepting, said no.
    Refused,
    /// A person took it back before it left.
    Cancelled,
    /// The call may or may not have been accepted.
    Unclear,
    Accepted,
    Sent,
    Failed,
    Delivered,
    Read,
    Played,
}

/// A stage that the provider has told us of, or that is told of by its silence: nothing goes back behind it.
impl Delivery {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Unclear => "unclear",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
        }
    }

    /// The later of two stages; a report never takes a message back.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether the provider may have the message: from here on it must not be sent again by itself.
    #[must_use]
    pub const fn has_left(self) -> bool {
        !matches!(
            self,
            Self::Queued | Self::Sending | Self::Refused | Self::Cancelled
        )
    }
}

impl From<Receipt> for Delivery {
    fn from(receipt: Receipt) -> Self {
        match receipt {
            Receipt::Sent => Self::Sent,
            Receipt::Failed => Self::Failed,
            Receipt::Delivered => Self::Delivered,
            Receipt::Read => Self::Read,
            Receipt::Played => Self::Played,
        }
    }
}

/// When each stage was reached, as far as it was told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Receipts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub played_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<Timestamp>,
}

impl Receipts {
    fn note(&mut self, receipt: Receipt, at: Timestamp) {
        let place = match receipt {
            Receipt::Sent => &mut self.sent_at,
            Receipt::Failed => &mut self.failed_at,
            Receipt::Delivered => &mut self.delivered_at,
            Receipt::Read => &mut self.read_at,
            Receipt::Played => &mut self.played_at,
        };
        // The first time is the true one; a repetition may carry a later.
        *place = Some(place.map_or(at, |known| known.min(at)));
    }
}

/// Who reacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reactor {
    Person,
    Business,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    pub by: Reactor,
    pub emoji: String,
}

/// Something that was told of a message after it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    pub at: Timestamp,
    pub what: FactKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum FactKind {
    Receipt {
        receipt: Receipt,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pricing: Option<Pricing>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
    /// The body is boxed: most facts are receipts.
    Edit {
        provider_id: String,
        content: Box<Content>,
    },
    Revoke {
        provider_id: String,
    },
    Reaction {
        provider_id: String,
        by: Reactor,
        emoji: Option<String>,
    },
}

impl Fact {
    /// Equal for two reports of the same fact, so that the second is dropped.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.what {
            FactKind::Receipt {
                receipt, failure, ..
            } => {
                let code = failure
                    .as_ref()
                    .and_then(|failure| failure.code)
                    .unwrap_or(0);
                if *receipt == Receipt::Failed {
                    format!("failed:{code}")
                } else {
                    receipt.as_str().to_owned()
                }
            }
            FactKind::Edit { provider_id, .. } => format!("edit:{provider_id}"),
            FactKind::Revoke { provider_id } => format!("revoke:{provider_id}"),
            FactKind::Reaction { provider_id, .. } => format!("reaction:{provider_id}"),
        }
    }
}

/// A message as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub connection_id: Option<ConnectionId>,
    pub direction: Direction,
    pub author: Author,
    /// The provider's id; unknown until an outgoing message is accepted.
    pub provider_id: Option<String>,
    pub content: Content,
    /// Sorts the thread: the provider's believable time, or ours.
    pub at: Timestamp,
    pub received_at: Option<Timestamp>,
    pub late: bool,
    pub reply_to: Option<String>,
    pub forwarded: bool,
    pub referral: Option<Referral>,
    pub resend_of: Option<MessageId>,
    /// A time that a person chose for it.
    pub send_at: Option<Timestamp>,
    /// `None` for what came in and for notes.
    pub delivery: Option<Delivery>,
    pub receipts: Receipts,
    pub failure: Option<Failure>,
    pub pricing: Option<Pricing>,
    pub edited: Option<Edited>,
    pub revoked_at: Option<Timestamp>,
    pub reactions: Vec<Reaction>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edited {
    pub at: Timestamp,
    pub content: Content,
}

impl Message {
    /// What is said from here, and waits to be sent: nothing is told of it yet.
    #[must_use]
    pub fn queued(
        id: MessageId,
        conversation_id: ConversationId,
        author: Author,
        content: Content,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            conversation_id,
            connection_id: None,
            direction: Direction::Out,
            author,
            provider_id: None,
            content,
            at,
            received_at: None,
            late: false,
            reply_to: None,
            forwarded: false,
            referral: None,
            resend_of: None,
            send_at: None,
            delivery: Some(Delivery::Queued),
            receipts: Receipts::default(),
            failure: None,
            pricing: None,
            edited: None,
            revoked_at: None,
            reactions: vec![],
        }
    }

    /// What it says now.
    #[must_use]
    pub fn shown(&self) -> &Content {
        self.edited
            .as_ref()
            .map_or(&self.content, |edited| &edited.content)
    }

    /// Recomputes from all facts what is told of this message. The order of `facts` does not matter.
    ///
    /// Ties within a second: removal over reaction, then the greater provider id; a revocation ends every edit.
    pub fn project(&mut self, facts: &[Fact]) {
        self.project_receipts(facts);
        self.project_edits(facts);
        self.reactions = [Reactor::Person, Reactor::Business]
            .into_iter()
            .filter_map(|by| standing_reaction(by, facts))
            .collect();
    }

    fn project_receipts(&mut self, facts: &[Fact]) {
        if self.direction != Direction::Out {
            return;
        }
        let mut failures = Vec::new();
        let mut priced = Vec::new();
        for fact in facts {
            let FactKind::Receipt {
                receipt,
                pricing,
                failure,
            } = &fact.what
            else {
                continue;
            };
            self.receipts.note(*receipt, fact.at);
            self.delivery = Some(
                self.delivery
                    .map_or((*receipt).into(), |known| known.merge((*receipt).into())),
            );
            if let Some(failure) = failure {
                failures.push((fact.at, failure));
            }
            if let Some(pricing) = pricing {
                priced.push((fact.at, *receipt, pricing));
            }
        }
        if self.delivery == Some(Delivery::Failed) {
            let first = failures
                .into_iter()
                .min_by_key(|(at, failure)| (*at, failure.code));
            self.failure = first
                .map(|(_, failure)| failure.clone())
                .or_else(|| self.failure.take());
        } else if self
            .delivery
            .is_some_and(|delivery| delivery > Delivery::Failed)
        {
            self.failure = None;
        }
        // Meta may tell the price on `sent` or on a later status; the first one told stands.
        if let Some((_, _, pricing)) = priced
            .into_iter()
            .min_by_key(|(at, receipt, _)| (*at, *receipt))
        {
            self.pricing = Some(pricing.clone());
        }
    }

    fn project_edits(&mut self, facts: &[Fact]) {
        self.revoked_at = facts
            .iter()
            .filter(|fact| matches!(fact.what, FactKind::Revoke { .. }))
            .map(|fact| fact.at)
            .min();
        let latest = facts
            .iter()
            .filter_map(|fact| match &fact.what {
                FactKind::Edit {
                    provider_id,
                    content,
                } => Some((fact.at, provider_id, content)),
                _ => None,
            })
            .max_by_key(|(at, provider_id, _)| (*at, provider_id.as_str()));
        self.edited = latest.map(|(at, _, content)| Edited {
            at,
            content: (**content).clone(),
        });
    }
}

fn standing_reaction(by: Reactor, facts: &[Fact]) -> Option<Reaction> {
    facts
        .iter()
        .filter_map(|fact| match &fact.what {
            FactKind::Reaction {
                provider_id,
                by: who,
                emoji,
            } if *who == by => Some((fact.at, provider_id, emoji)),
            _ => None,
        })
        .max_by_key(|(at, provider_id, emoji)| (*at, emoji.is_none(), provider_id.as_str()))
        .and_then(|(_, _, emoji)| emoji.clone())
        .map(|emoji| Reaction { by, emoji })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureReason;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_334_400 + second).unwrap()
    }

    fn message(direction: Direction) -> Message {
        Message {
            id: MessageId::from_bits(1),
            conversation_id: ConversationId::from_bits(1),
            connection_id: None,
            direction,
            author: Author {
                kind: AuthorKind::User,
                user_id: None,
            },
            provider_id: Some("wamid.1".into()),
            content: Content::Text {
                text: "one".into(),
                preview_url: false,
            },
            at: at(0),
            received_at: None,
            late: false,
            reply_to: None,
            forwarded: false,
            referral: None,
            resend_of: None,
            send_at: None,
            delivery: Some(Delivery::Accepted),
            receipts: Receipts::default(),
            failure: None,
            pricing: None,
            edited: None,
            revoked_at: None,
            reactions: vec![],
        }
    }

    fn any_fact() -> impl Strategy<Value = Fact> {
        let receipt = prop_oneof![
            Just(Receipt::Sent),
            Just(Receipt::Failed),
            Just(Receipt::Delivered),
            Just(Receipt::Read),
            Just(Receipt::Played)
        ];
        let kind = prop_oneof![
            (receipt, 0_i64..3).prop_map(|(receipt, code)| FactKind::Receipt {
                receipt,
                pricing: (code == 1).then(|| Pricing {
                    category: Some("utility".into()),
                    kind: None,
                    model: None
                }),
                failure: (receipt == Receipt::Failed).then(|| Failure {
                    reason: FailureReason::Unknown,
                    code: Some(131_000 + code),
                    details: None
                }),
            }),
            (0_u8..3).prop_map(|n| FactKind::Edit {
                provider_id: format!("e{n}"),
                content: Box::new(Content::Text {
                    text: format!("edit {n}"),
                    preview_url: false
                })
            }),
            (0_u8..2).prop_map(|n| FactKind::Revoke {
                provider_id: format!("x{n}")
            }),
            (0_u8..3, any::<bool>()).prop_map(|(n, gone)| FactKind::Reaction {
                provider_id: format!("r{n}"),
                by: Reactor::Person,
                emoji: (!gone).then(|| format!("{n}"))
            }),
        ];
        (0_i64..3, kind).prop_map(|(second, what)| Fact {
            at: at(second),
            what,
        })
    }

    proptest! {
        #[test]
        fn any_order_of_facts_ends_in_the_same_state(
            (facts, shuffled) in prop::collection::vec(any_fact(), 0..8)
                .prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle()))
        ) {
            let mut one = message(Direction::Out);
            one.project(&facts);
            let mut other = message(Direction::Out);
            // Facts come one by one, and each time all that are known are folded again.
            for known in 1..=shuffled.len() {
                other.project(&shuffled[..known]);
            }
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn a_late_sent_does_not_take_read_back() {
        let mut sent = message(Direction::Out);
        for receipt in [Receipt::Read, Receipt::Sent, Receipt::Delivered] {
            sent.project(&[Fact {
                at: at(1),
                what: FactKind::Receipt {
                    receipt,
                    pricing: None,
                    failure: None,
                },
            }]);
        }
        assert_eq!(sent.delivery, Some(Delivery::Read));
        assert_eq!(sent.receipts.delivered_at, Some(at(1)));
    }

    #[test]
    fn what_came_in_has_no_delivery() {
        let mut came = message(Direction::In);
        came.delivery = None;
        came.project(&[Fact {
            at: at(1),
            what: FactKind::Revoke {
                provider_id: "x".into(),
            },
        }]);
        assert_eq!((came.delivery, came.revoked_at), (None, Some(at(1))));
    }
}
