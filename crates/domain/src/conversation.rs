//! The thread of one contact on one channel.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, ContactId, ConversationId, MessageId, UserId};
use crate::message::{AuthorKind, Delivery, Direction, Message};
use crate::text;

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
    #[must_use]
    pub fn new(
        id: ConversationId,
        channel_id: ChannelId,
        contact_id: ContactId,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            version: 0,
            channel_id,
            contact_id,
            state: ConversationState::Open,
            assignee_id: None,
            unread_count: 0,
            last_inbound_at: None,
            last_message: None,
            last_at: at,
            created_at: at,
            merged_into: None,
        }
    }

    /// Takes a message in: the last line, the window, what is unread, and the thread opens again.
    pub fn receive(&mut self, message: &Message, live: bool) {
        if message.direction == Direction::In && live {
            self.last_inbound_at = Some(
                self.last_inbound_at
                    .map_or(message.at, |known| known.max(message.at)),
            );
            self.unread_count += 1;
            self.state = ConversationState::Open;
        }
        let newest = self
            .last_message
            .as_ref()
            .is_none_or(|last| (last.at, last.id) < (message.at, message.id));
        if newest {
            self.last_message = Some(last_line(message));
            self.last_at = self.last_at.max(message.at);
        }
    }

    /// The last line follows what is told of its message.
    pub fn follow(&mut self, message: &Message) {
        if self
            .last_message
            .as_ref()
            .is_some_and(|last| last.id == message.id)
        {
            self.last_message = Some(last_line(message));
        }
    }

    /// Becomes the thread of both.
    pub(crate) fn take_over(&mut self, other: &Self) {
        self.unread_count += other.unread_count;
        self.last_inbound_at = self.last_inbound_at.max(other.last_inbound_at);
        self.created_at = self.created_at.min(other.created_at);
        self.last_at = self.last_at.max(other.last_at);
        self.assignee_id = self.assignee_id.or(other.assignee_id);
        if other.state == ConversationState::Open {
            self.state = ConversationState::Open;
        }
        let key = |thread: &Self| thread.last_message.as_ref().map(|last| (last.at, last.id));
        if key(self) < key(other) {
            self.last_message.clone_from(&other.last_message);
        }
    }

    /// Whether the person had the last word: somebody waits for an answer. A chat that was imported is a memory.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.last_message.as_ref().is_some_and(|last| {
            last.direction == Direction::In && last.author_kind != AuthorKind::Import
        })
    }
}

/// What the list shows of a message.
#[must_use]
pub fn last_line(message: &Message) -> LastMessage {
    let text = if message.revoked_at.is_some() {
        String::new()
    } else {
        text::snippet(&message.shown().words(), LAST_LINE)
    };
    LastMessage {
        id: message.id,
        direction: message.direction,
        kind: if message.revoked_at.is_some() {
            "revoked".to_owned()
        } else {
            message.shown().kind().to_owned()
        },
        text,
        author_kind: message.author.kind,
        delivery: message.delivery,
        failure_reason: message.failure.as_ref().map(|failure| failure.reason),
        at: message.at,
    }
}
