use std::collections::BTreeMap;

use app::browse::thread::Shown;
use app::preview_decision::Preview;
use domain::content::Content;
use domain::failure::next_step;
use domain::message::Message as MessageRow;
use domain::sending::{Mend, Reason};
use serde::Serialize;
use serde_json::Value;
use store::media::{Media as MediaRow, MediaState};
use utoipa::ToSchema;

use super::{At, e164, word};

#[derive(Debug, Serialize, ToSchema)]
pub struct Message {
    pub id: String,
    pub conversation_id: String,
    /// `in`, `out`, `note`.
    pub direction: String,
    pub author: Author,
    /// What it says; `kind` names the shape.
    #[schema(value_type = super::content::Content)]
    pub content: Value,
    /// Sorts the thread, with the id.
    pub at: At,
    pub received_at: Option<At>,
    pub late: bool,
    pub delivery: Option<String>,
    /// Waits until then.
    pub send_at: Option<At>,
    /// Why it has not left yet, and until when it waits.
    pub waits: Option<Waits>,
    pub receipts: Receipts,
    pub failure: Option<Failure>,
    pub reply_to: Option<ReplyTo>,
    pub reactions: Vec<Reaction>,
    pub edited_at: Option<At>,
    pub revoked_at: Option<At>,
    pub forwarded: bool,
    pub referral: Option<Referral>,
    pub media: Option<Media>,
    pub resend_of: Option<String>,
    pub resent_as: Option<String>,
    pub pricing: Option<Pricing>,
}

/// Why a message has not left yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct Waits {
    pub until: At,
    /// `null` while it waits for its turn, or for its own time.
    pub reason: Option<Coded>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Author {
    pub kind: String,
    pub user_id: Option<String>,
    pub name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Receipts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub played_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<At>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Failure {
    pub reason: String,
    pub next_step: String,
    pub code: Option<i64>,
    pub details: Option<String>,
}

/// The message that this one answers; all but the object itself is `null` when we do not have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplyTo {
    pub message_id: Option<String>,
    pub direction: Option<String>,
    pub kind: Option<String>,
    pub text: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Reaction {
    pub emoji: String,
    /// `person` or `business`.
    pub by: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Referral {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_url: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Pricing {
    pub category: Option<String>,
    pub kind: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Media {
    pub id: String,
    /// `pending`, `stored`, `unavailable`.
    pub state: String,
    pub media_kind: String,
    pub mime_type: Option<String>,
    pub size_bytes: Option<i64>,
    pub filename: Option<String>,
    /// Set once the file is stored.
    pub url: Option<String>,
    pub next_try_at: Option<At>,
}

impl From<&MediaRow> for Media {
    fn from(file: &MediaRow) -> Self {
        let url = format!("{}/media/{}/content", crate::http::API, file.id);
        Self {
            id: file.id.to_string(),
            state: word(&file.state),
            media_kind: file.media_kind.as_str().to_owned(),
            mime_type: file.mime_type.clone(),
            size_bytes: file.size_bytes,
            filename: file.filename.as_deref().and_then(app::keep_file::safe_name),
            url: (file.state == MediaState::Stored).then_some(url),
            next_try_at: file.next_try_at.map(At),
        }
    }
}

impl From<Shown> for Message {
    fn from(shown: Shown) -> Self {
        let message = shown.message;
        let receipts = &message.receipts;
        Self {
            id: message.id.to_string(),
            conversation_id: message.conversation_id.to_string(),
            direction: word(&message.direction),
            author: Author {
                kind: word(&message.author.kind),
                user_id: message.author.user_id.map(|id| id.to_string()),
                name: shown.author_name,
            },
            content: content(&message),
            at: message.at.into(),
            received_at: message.received_at.map(At),
            late: message.late,
            delivery: message
                .delivery
                .map(|delivery| delivery.as_str().to_owned()),
            send_at: message.send_at.map(At),
            waits: shown.waits.as_ref().map(|(until, reason)| Waits {
                until: At(*until),
                reason: reason.as_ref().map(Coded::from),
            }),
            receipts: Receipts {
                accepted_at: receipts.accepted_at.map(At),
                sent_at: receipts.sent_at.map(At),
                delivered_at: receipts.delivered_at.map(At),
                read_at: receipts.read_at.map(At),
                played_at: receipts.played_at.map(At),
                failed_at: receipts.failed_at.map(At),
            },
            failure: message.failure.as_ref().map(|failure| Failure {
                reason: failure.reason.as_str().to_owned(),
                next_step: word(&next_step(failure.reason)),
                code: failure.code,
                details: failure.details.clone(),
            }),
            reply_to: message
                .reply_to
                .as_ref()
                .map(|_| reply_to(shown.quoted.as_ref())),
            reactions: message
                .reactions
                .iter()
                .map(|reaction| Reaction {
                    emoji: reaction.emoji.clone(),
                    by: word(&reaction.by),
                })
                .collect(),
            edited_at: message.edited.as_ref().map(|edited| edited.at.into()),
            revoked_at: message.revoked_at.map(At),
            forwarded: message.forwarded,
            referral: message.referral.clone().map(|referral| Referral {
                source_type: referral.source_type,
                source_url: referral.source_url,
                headline: referral.headline,
                body: referral.body,
                media_url: referral.media_url,
            }),
            media: shown
                .media
                .as_ref()
                .filter(|_| message.revoked_at.is_none())
                .map(Media::from),
            resend_of: message.resend_of.map(|id| id.to_string()),
            resent_as: shown.resent_as.map(|id| id.to_string()),
            pricing: message.pricing.map(|pricing| Pricing {
                category: pricing.category,
                kind: pricing.kind,
            }),
        }
    }
}

fn reply_to(quoted: Option<&MessageRow>) -> ReplyTo {
    ReplyTo {
        message_id: quoted.map(|message| message.id.to_string()),
        direction: quoted.map(|message| word(&message.direction)),
        kind: quoted.map(|message| message.shown().kind().to_owned()),
        text: quoted
            .filter(|message| message.revoked_at.is_none())
            .map(|message| domain::text::snippet(&message.shown().words(), 160)),
    }
}

/// What a message says now. What was taken back is not told any more; the provider's own handles are nobody's business.
fn content(message: &MessageRow) -> Value {
    if message.revoked_at.is_some() {
        let nothing = Content::Text {
            text: String::new(),
            preview_url: false,
        };
        return serde_json::to_value(nothing).unwrap_or_default();
    }
    let mut content = serde_json::to_value(message.shown()).unwrap_or_default();
    strip(&mut content);
    content
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let is_media = members.contains_key("media_kind");
            if is_media {
                members.remove("source");
                members.remove("sha256");
            }
            members.remove("components");
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// What would happen to a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decision {
    /// `now`, `later`, `refused`, `opens_app`.
    pub verdict: String,
    pub until: Option<At>,
    pub reason: Coded,
    pub mends: Vec<Coded>,
    /// Licence levels that would allow it.
    pub levels: Vec<String>,
    pub from: DecisionFrom,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Coded {
    pub code: String,
    pub params: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionFrom {
    pub channel_id: String,
    pub phone: Option<String>,
}

impl From<&Reason> for Coded {
    fn from(reason: &Reason) -> Self {
        Self {
            code: word(&reason.code),
            params: reason.params.clone(),
        }
    }
}

impl From<&Mend> for Coded {
    fn from(mend: &Mend) -> Self {
        Self {
            code: word(mend),
            params: BTreeMap::new(),
        }
    }
}

impl From<Preview> for Decision {
    fn from(preview: Preview) -> Self {
        Self {
            verdict: word(&preview.verdict),
            until: preview.until.map(At),
            reason: Coded::from(&preview.reason),
            mends: preview.mends.iter().map(Coded::from).collect(),
            levels: preview.levels.iter().map(word).collect(),
            from: DecisionFrom {
                channel_id: preview.channel_id.to_string(),
                phone: preview.phone.as_deref().map(e164),
            },
        }
    }
}
