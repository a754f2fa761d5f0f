use app::hand_off::Opened;
use serde::Serialize;
use store::wordings::Wording as WordingRow;
use utoipa::ToSchema;

use super::{At, word};

/// A text that was opened in an agent's own app.
#[derive(Debug, Serialize, ToSchema)]
pub struct Handoff {
    pub id: String,
    pub conversation_id: String,
    pub text: String,
    /// Opens WhatsApp with the text.
    pub url: String,
    /// `open`, `sent` or `dropped`.
    pub state: String,
    pub opened_at: At,
}

impl From<Opened> for Handoff {
    fn from(opened: Opened) -> Self {
        let handoff = opened.handoff;
        Self {
            id: handoff.id.to_string(),
            conversation_id: handoff.conversation_id.to_string(),
            text: handoff.text,
            url: opened.url,
            state: word(&handoff.state),
            opened_at: handoff.opened_at.into(),
        }
    }
}

/// A saved text with fields to fill in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Wording {
    pub id: String,
    pub name: String,
    pub text: String,
    pub created_at: At,
}

impl From<WordingRow> for Wording {
    fn from(row: WordingRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            text: row.text,
            created_at: row.created_at.into(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FilledWording {
    pub text: String,
    /// Fields that have no value.
    pub missing: Vec<String>,
}
