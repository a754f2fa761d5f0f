//! One webhook of WAHA, understood. (WAHA, "Events" page, 2026.7.1.)
//!
//! `_data` is the engine's and may change any day. Only two things are taken from it, because they stand nowhere else
//! and nothing breaks without them: the name that a person shows, and the other address of a hidden one.

use domain::content::{Content, Location};
use domain::report::{
    BadItem, Change, EditReport, MessageReport, Person, ProviderError, ReactionReport, Receipt,
    Report, RevokeReport,
};
use jiff::Timestamp;
use serde_json::Value;

use super::errors::ACK_ERROR;
use super::send::split_id;
use crate::gateway::{
    self, address, card, instant_in, is_nobody, media_content, not_one_person, notice,
    receipt_of_ack, receipt_of_word, state_hint, topic,
};
use crate::json::{decimal, flag, integer, lenient_json, list, member, text, word};
use crate::provider::NotUnderstood;

const FIELD: &str = "waha";

/// # Errors
/// When it is not JSON, or not WAHA's envelope.
pub fn parse(raw: &[u8]) -> Result<Change, NotUnderstood> {
    let envelope = lenient_json(raw)?;
    let event = word(&envelope, "event").ok_or_else(|| NotUnderstood::shape("event is missing"))?;
    let session = word(&envelope, "session");
    let payload = member(&envelope, "payload")
        .filter(|payload| payload.is_object())
        .ok_or_else(|| NotUnderstood::shape("payload is missing"))?;
    let me = member(&envelope, "me").unwrap_or(&Value::Null);
    let own = text(me, "id");
    let reading = Reading {
        payload,
        at: instant_in(&envelope, "timestamp"),
    };
    let report = reading.report(&event).map_err(|wrong| BadItem {
        reason: format!("payload.{wrong}"),
    });
    Ok(Change {
        address: address(session, own.as_deref()),
        reports: vec![report],
    })
}

/// What is wrong: names the member, never its value.
type Wrong = &'static str;

struct Reading<'a> {
    payload: &'a Value,
    /// When the webhook was made.
    at: Option<Timestamp>,
}

/// What every payload about a message says of it.
struct Message {
    id: String,
    from_me: bool,
    person: Person,
    at: Option<Timestamp>,
}

impl Reading<'_> {
    fn report(&self, event: &str) -> Result<Report, Wrong> {
        match event {
            "message" | "message.any" => self.said(event),
            "message.ack" => self.receipt(event),
            "message.reaction" => self.reaction(event),
            "message.edited" => self.edit(event),
            "message.revoked" => self.revoke(event),
            "session.status" => {
                let status = word(self.payload, "status").ok_or("status is missing")?;
                Ok(state_hint("waha.session.status", &status, self.at))
            }
            _ => Ok(notice(&topic(FIELD, event), &[], self.at)),
        }
    }

    /// The message that a payload speaks of, or the notice that it is not one person's.
    fn message(&self, event: &str, payload: &Value) -> Result<Result<Message, Report>, Wrong> {
        let full = word(payload, "id").ok_or("id is missing")?;
        let (chat_of_id, id) = split_id(&full);
        let from_me = flag(payload, "fromMe");
        let told = text(payload, if from_me { "to" } else { "from" });
        let chat = chat_of_id.or(told.as_deref()).ok_or("from is missing")?;
        if let Some(kind) = not_one_person(chat) {
            let told = [("chat", Some(kind)), ("message_id", Some(id))];
            return Ok(Err(notice(&topic(FIELD, event), &told, self.at)));
        }
        let info = member(payload, "_data").and_then(|data| member(data, "Info"));
        let other =
            info.and_then(|info| text(info, if from_me { "RecipientAlt" } else { "SenderAlt" }));
        let mut person = gateway::person([
            Some(chat),
            told.as_deref().filter(|_| chat_of_id.is_none()),
            other.as_deref(),
        ]);
        if is_nobody(&person) {
            return Err("from is missing");
        }
        if !from_me {
            person.profile_name = info.and_then(|info| word(info, "PushName")).or_else(|| {
                let data = member(payload, "_data")?;
                word(data, "notifyName").or_else(|| word(data, "pushName"))
            });
        }
        Ok(Ok(Message {
            id: id.to_owned(),
            from_me,
            person,
            at: instant_in(payload, "timestamp").or(self.at),
        }))
    }

    fn said(&self, event: &str) -> Result<Report, Wrong> {
        let message = match self.message(event, self.payload)? {
            Ok(message) => message,
            Err(notice) => return Ok(notice),
        };
        if message.from_me && word(self.payload, "source").as_deref() != Some("app") {
            // Ours, come back: its receipt is news, its text is not. Without a receipt yet there is nothing to say.
            return Ok(match self.ack() {
                Some(receipt) => self.status(message, receipt),
                None => notice(
                    "waha.message.sent_by_us",
                    &[("message_id", Some(&message.id))],
                    message.at,
                ),
            });
        }
        let report = MessageReport {
            provider_id: message.id,
            person: message.person,
            sent_at: message.at,
            content: content(self.payload)?,
            reply_to: member(self.payload, "replyTo")
                .and_then(|quoted| word(quoted, "id"))
                .map(|id| split_id(&id).1.to_owned()),
            forwarded: false,
            referral: None,
            group_id: None,
        };
        Ok(if message.from_me {
            Report::Echo(report)
        } else {
            Report::Message(report)
        })
    }

    fn ack(&self) -> Option<Receipt> {
        match integer(self.payload, "ack") {
            Some(ack) => receipt_of_ack(ack),
            None => receipt_of_word(&word(self.payload, "ackName")?),
        }
    }

    fn status(&self, message: Message, receipt: Receipt) -> Report {
        let error = (receipt == Receipt::Failed).then(|| ProviderError {
            code: ACK_ERROR,
            title: word(self.payload, "ackName"),
            details: None,
        });
        gateway::status(message.id, receipt, message.at, message.person, error)
    }

    fn receipt(&self, event: &str) -> Result<Report, Wrong> {
        let message = match self.message(event, self.payload)? {
            Ok(message) => message,
            Err(notice) => return Ok(notice),
        };
        match self.ack() {
            Some(receipt) if message.from_me => Ok(self.status(message, receipt)),
            // Queued, or a message of the person's that was read on the phone.
            _ => Ok(notice(
                &topic(FIELD, event),
                &[("message_id", Some(&message.id))],
                message.at,
            )),
        }
    }

    fn reaction(&self, event: &str) -> Result<Report, Wrong> {
        let message = match self.message(event, self.payload)? {
            Ok(message) => message,
            Err(notice) => return Ok(notice),
        };
        let reaction = member(self.payload, "reaction").ok_or("reaction is missing")?;
        let target = word(reaction, "messageId").ok_or("reaction.messageId is missing")?;
        Ok(Report::Reaction(ReactionReport {
            provider_id: message.id,
            person: message.person,
            at: message.at,
            target: split_id(&target).1.to_owned(),
            emoji: word(reaction, "text"),
            by_business: message.from_me,
        }))
    }

    fn edit(&self, event: &str) -> Result<Report, Wrong> {
        let message = match self.message(event, self.payload)? {
            Ok(message) => message,
            Err(notice) => return Ok(notice),
        };
        let target = word(self.payload, "editedMessageId");
        Ok(Report::Edit(EditReport {
            target: target.map_or_else(
                || message.id.clone(),
                |target| split_id(&target).1.to_owned(),
            ),
            provider_id: message.id,
            person: message.person,
            at: message.at,
            content: content(self.payload)?,
            by_business: message.from_me,
        }))
    }

    /// `after` is what stands there now, `before` what was said, where the engine still knows it.
    fn revoke(&self, event: &str) -> Result<Report, Wrong> {
        let before = member(self.payload, "before");
        let after = member(self.payload, "after");
        let known = after.or(before).ok_or("after is missing")?;
        let message = match self.message(event, known)? {
            Ok(message) => message,
            Err(notice) => return Ok(notice),
        };
        let target = word(self.payload, "revokedMessageId")
            .or_else(|| word(before?, "id"))
            .map(|target| split_id(&target).1.to_owned());
        Ok(Report::Revoke(RevokeReport {
            target: target.unwrap_or_else(|| message.id.clone()),
            provider_id: message.id,
            person: message.person,
            at: message.at,
            by_business: message.from_me,
        }))
    }
}

fn content(payload: &Value) -> Result<Content, Wrong> {
    let body = word(payload, "body");
    if let Some(place) = member(payload, "location") {
        return Ok(Content::Location(Location {
            latitude: decimal(place, "latitude").ok_or("location.latitude is no number")?,
            longitude: decimal(place, "longitude").ok_or("location.longitude is no number")?,
            name: word(place, "name").or_else(|| word(place, "description")),
            address: word(place, "address"),
            url: word(place, "url"),
        }));
    }
    let cards: Vec<_> = list(payload, "vCards")
        .iter()
        .filter_map(Value::as_str)
        .map(|vcard| card(vcard, None))
        .collect();
    if !cards.is_empty() {
        return Ok(Content::Contacts { cards });
    }
    if flag(payload, "hasMedia") {
        return Ok(media(payload, body));
    }
    Ok(match body {
        Some(text) => Content::Text {
            text,
            preview_url: false,
        },
        // A poll, an event, an order: WAHA has no words of its own for it.
        None => Content::Unknown {
            original: "message".to_owned(),
            raw: payload.to_string(),
        },
    })
}

/// Without `media` the session is set not to download; with an error in it the download failed. Either way there is no
/// address, and the file cannot be had.
fn media(payload: &Value, caption: Option<String>) -> Content {
    let file = member(payload, "media").unwrap_or(&Value::Null);
    let mut media = media_content(word(file, "mimetype"), word(file, "url"), None);
    media.filename = word(file, "filename");
    media.caption = caption;
    Content::Media(media)
}
