use app::browse::conversations::Row;
use domain::conversation::LastMessage as LastRow;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{At, Contact, Lead, e164, word};

#[derive(Debug, Serialize, ToSchema)]
pub struct Conversation {
    pub id: String,
    pub version: i64,
    pub contact: Contact,
    pub channel: ConversationChannel,
    /// The newest open lead of the contact, else the newest.
    pub lead: Option<Lead>,
    /// `open` or `resolved`.
    pub state: String,
    pub assignee_id: Option<String>,
    pub unread_count: i64,
    pub window: Window,
    pub last_message: Option<LastMessage>,
    pub last_at: At,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationChannel {
    pub id: String,
    pub name: String,
    pub phone: Option<String>,
    pub level: String,
    pub link: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Window {
    /// `open`, `closed`, or `none` where the channel has no window.
    pub state: String,
    pub expires_at: Option<At>,
    pub last_inbound_at: Option<At>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LastMessage {
    pub id: String,
    pub direction: String,
    pub kind: String,
    pub text: String,
    pub author_kind: String,
    pub delivery: Option<String>,
    pub failure_reason: Option<String>,
    pub at: At,
}

impl From<&LastRow> for LastMessage {
    fn from(last: &LastRow) -> Self {
        Self {
            id: last.id.to_string(),
            direction: word(&last.direction),
            kind: last.kind.clone(),
            text: last.text.clone(),
            author_kind: word(&last.author_kind),
            delivery: last.delivery.map(|delivery| delivery.as_str().to_owned()),
            failure_reason: last.failure_reason.map(|reason| reason.as_str().to_owned()),
            at: last.at.into(),
        }
    }
}

impl Conversation {
    pub fn new(row: &Row, now: Timestamp) -> Self {
        let thread = &row.thread;
        let expires_at = row.channel.window_expires_at(thread.last_inbound_at);
        let state = if !row.channel.link.has_window() {
            "none"
        } else if domain::window::is_open(expires_at, now, false) {
            "open"
        } else {
            "closed"
        };
        Self {
            id: thread.id.to_string(),
            version: thread.version,
            contact: Contact::from(&row.contact),
            channel: ConversationChannel {
                id: row.channel.id.to_string(),
                name: row.channel.name.clone(),
                phone: row.channel.phone.as_deref().map(e164),
                level: word(&row.channel.level),
                link: word(&row.channel.link),
            },
            lead: row.lead.as_ref().map(Lead::from),
            state: word(&thread.state),
            assignee_id: thread.assignee_id.map(|id| id.to_string()),
            unread_count: thread.unread_count,
            window: Window {
                state: state.to_owned(),
                expires_at: expires_at.filter(|_| state != "none").map(At),
                last_inbound_at: thread.last_inbound_at.map(At),
            },
            last_message: thread.last_message.as_ref().map(LastMessage::from),
            last_at: thread.last_at.into(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Counts {
    pub mine: i64,
    pub unassigned: i64,
    pub waiting: i64,
    pub all: i64,
}
