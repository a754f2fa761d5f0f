//! The thread of one contact on one channel.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, ContactId, ConversationId, MessageId, UserId};
use crate::message::{AuthorKind, Delivery, Direction};

/// Graphemes of the last line that the list keeps.
pub const LAST_LINE: usize = 120;

#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    pub id: ConversationId,
    pub version: i64,
    pub channel_id: ChannelId,
    pub contact_id: ContactId,
    pub state: ConversationState,
    pub assignee_id: Option<UserId>,
    pub unread_count: i64,
    /// The person's last message, by the time that counts for the window.
    pub last_inbound_at: Option<Timestamp>,
    pub last_message: Option<LastMessage>,
    /// Sorts the inbox.
    pub last_at: Timestamp,
    pub created_at: Timestamp,
    /// Set on a thread whose contact was found to be another's; its messages have moved there.
    pub merged_into: Option<ConversationId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationState {
    Open,
    Resolved,
}

/// What the list shows of the newest message; kept with the conversation, so that the list reads one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastMessage {
    pub id: MessageId,
    pub direction: Direction,
    pub kind: String,
    pub text: String,
    pub author_kind: AuthorKind,
    pub delivery: Option<Delivery>,
    pub failure_reason: Option<crate::failure::FailureReason>,
    pub at: Timestamp,
}

impl Conversation {
    /// Whether the person had the last word: somebody waits for an answer. A chat that was imported is a memory.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.last_message.as_ref().is_some_and(|last| {
            last.direction == Direction::In && last.author_kind != AuthorKind::Import
        })
    }
}
