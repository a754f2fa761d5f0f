//! Messages in both directions, and what became of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Carried;
use crate::clock::{DAY, HOUR, Millis};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    Person,
    Business,
}

/// One message, or one submission of the business to a group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    pub wamid: String,
    pub at: Millis,
    pub from: From,
    pub number: String,
    /// The person's id; for a group the group's id.
    pub person: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub group: bool,
    /// Meta's `type`.
    pub kind: String,
    /// From a business the request as it came; from a person the object named like the type.
    pub payload: Value,
    /// The message this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub forwarded: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Value>,
    /// `biz_opaque_callback_data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opaque: Option<String>,
    /// As the business wrote the recipient: digits, or a user id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub to: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_user_id: bool,
    /// A template, laid out with its parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Value>,
    /// The price category: `service`, `marketing`, `utility`, `authentication`; none for reactions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Sent outside a window: it counts towards the portfolio's limit.
    #[serde(default, skip_serializing_if = "is_false")]
    pub initiated: bool,
    /// After how long an undelivered message is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<Millis>,
    /// Held back by the pacing of its template when it was accepted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub held: bool,
    /// What another provider than Meta keeps with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Box<Carried>>,
    #[serde(skip)]
    pub state: State,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What happened to a message after it was accepted.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub sent_at: Option<Millis>,
    pub delivered_at: Option<Millis>,
    /// The business was told; a person without read receipts only has `seen` it.
    pub read_at: Option<Millis>,
    pub seen: bool,
    pub played_at: Option<Millis>,
    pub failed: Option<(Millis, u32)>,
    /// The webhook of a person's message was answered 200.
    pub acknowledged: bool,
    pub pricing: Option<Value>,
    pub conversation: Option<Value>,
    /// By side: the emoji.
    pub reactions: BTreeMap<&'static str, String>,
    pub edited: Option<String>,
    pub revoked: bool,
    pub answered: Option<String>,
    /// What the caller heard, when it was not the plain 200.
    pub answer: Option<String>,
}

impl Message {
    /// `accepted`, or the furthest it got.
    pub fn delivery(&self) -> &'static str {
        let state = &self.state;
        if state.failed.is_some() {
            "failed"
        } else if state.played_at.is_some() {
            "played"
        } else if state.read_at.is_some() {
            "read"
        } else if state.delivered_at.is_some() {
            "delivered"
        } else if state.sent_at.is_some() {
            "sent"
        } else {
            "accepted"
        }
    }

    /// Whether the business sent it through the API (and not from its own phone).
    pub fn is_submission(&self) -> bool {
        self.from == From::Business && !self.to.is_empty()
    }

    /// Whether the person's phone shows it.
    pub fn visible(&self) -> bool {
        let kind = if self.kind == "unsupported" {
            self.payload["type"].as_str()
        } else {
            Some(&*self.kind)
        };
        if matches!(kind, Some("reaction" | "edit" | "revoke")) {
            return false;
        }
        self.from == From::Person || self.state.delivered_at.is_some()
    }
}

/// The state of one person with one number.
#[derive(Debug, Clone, Default)]
pub struct Thread {
    /// Indices of its messages, in order.
    pub messages: Vec<usize>,
    pub last_inbound_at: Option<Millis>,
    /// An ad brought the person here at this instant and no answer has gone out yet.
    pub ad_at: Option<Millis>,
    pub free_entry_until: Option<Millis>,
    /// The chat is open on the person's phone.
    pub open: bool,
    pub typing_until: Option<Millis>,
    /// The last time the phone itself passed between the two.
    pub phone_seen_at: Option<Millis>,
    pub unread: usize,
}

impl Thread {
    /// The customer service window: 24 hours from each message of the person.
    pub fn window_closes_at(&self) -> Option<Millis> {
        self.last_inbound_at.map(|at| at + DAY)
    }

    pub fn window_open(&self, now: Millis) -> bool {
        self.window_closes_at().is_some_and(|closes| now < closes)
    }

    pub fn free_entry(&self, now: Millis) -> bool {
        self.free_entry_until.is_some_and(|until| now < until)
    }

    /// A business that answers an ad's message within a day opens the free entry point: 7 days
    /// (72 hours until 2026-09-30).
    pub fn answered(&mut self, now: Millis) {
        if let Some(ad_at) = self.ad_at.take()
            && now - ad_at < DAY
        {
            let length = if now < crate::pricing::OCTOBER_2026 {
                72 * HOUR
            } else {
                7 * DAY
            };
            self.free_entry_until = Some(now + length);
        }
    }
}
