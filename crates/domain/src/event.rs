//! Facts that happened: ids, codes and numbers, no texts and no personal values. The timeline joins those from the
//! state. Events are numbered per workspace in the order in which they were committed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, ContactId, ConversationId, LeadId, MessageId, TemplateId, UserId};
use crate::message::AuthorKind;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventKind { $($(#[$doc])* $name,)* }

        impl EventKind {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As in the database and the API; never changes.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
            }
        }
    };
}

kinds! {
    MessageReceived "message.received";
    MessageQueued "message.queued";
    MessageNoted "message.noted";
    MessageDelivery "message.delivery";
    /// Edited, revoked, reacted to, or its file has come.
    MessageChanged "message.changed";
    ConversationCreated "conversation.created";
    ConversationChanged "conversation.changed";
    /// Somebody answered in the app of a one-way channel.
    ConversationAnswered "conversation.answered";
    ContactCreated "contact.created";
    ContactChanged "contact.changed";
    ContactMerged "contact.merged";
    LeadCreated "lead.created";
    LeadChanged "lead.changed";
    LeadFolded "lead.folded";
    CampaignChanged "campaign.changed";
    MarketingStopped "marketing.stopped";
    MarketingResumed "marketing.resumed";
    ChannelChanged "channel.changed";
    TemplateChanged "template.changed";
    UserChanged "user.changed";
    AttentionRaised "attention.raised";
    AttentionDismissed "attention.dismissed";
    QuarantineAdded "quarantine.added";
    /// Something of a template, an account or a number has changed at the provider.
    ProviderHint "provider.hint";
    /// A provider told us something that no rule uses yet.
    ProviderNotice "provider.notice";
    ApiKeyChanged "api_key.changed";
    /// An exported chat is on the timeline; its messages have no events of their own.
    ImportApplied "import.applied";
    ImportUndone "import.undone";
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Subjects {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<ContactId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<LeadId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<ChannelId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<TemplateId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}

/// An event before it has its number.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    pub kind: EventKind,
    pub at: Timestamp,
    pub actor: Actor,
    pub subjects: Subjects,
    pub facts: BTreeMap<String, String>,
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub kind: AuthorKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}

impl Actor {
    pub const PERSON: Self = Self {
        kind: AuthorKind::Person,
        user_id: None,
    };
    pub const SYSTEM: Self = Self {
        kind: AuthorKind::System,
        user_id: None,
    };
    pub const PHONE: Self = Self {
        kind: AuthorKind::Phone,
        user_id: None,
    };

    #[must_use]
    pub const fn user(user_id: UserId) -> Self {
        Self {
            kind: AuthorKind::User,
            user_id: Some(user_id),
        }
    }
}

impl NewEvent {
    #[must_use]
    pub const fn new(kind: EventKind, at: Timestamp, actor: Actor, subjects: Subjects) -> Self {
        Self {
            kind,
            at,
            actor,
            subjects,
            facts: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.facts.insert(key.to_owned(), value.to_string());
        self
    }
}
