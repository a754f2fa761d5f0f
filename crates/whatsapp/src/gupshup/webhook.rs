//! Gupshup's events of version 2, one to a request: messages of people, what became of ours, and the rest.
//! (Gupshup, "Inbound messages" and "Message events", 2026.)
//!
//! A message of ours has two ids. The answer to the send has Gupshup's, and so have the first events as `id`; later
//! ones have WhatsApp's as `id` and Gupshup's as `gsId`. Gupshup's is the one that we know.

use domain::content::{
    CardPhone, ContactCard, Content, Location, MediaContent, MediaKind, MediaSource,
};
use domain::report::{
    BadItem, Change, Hint, HintSubject, MessageReport, Notice, PreferenceReport, Pricing,
    ProviderError, ReactionReport, Receipt, Report, StatusReport,
};
use jiff::Timestamp;
use serde_json::Value;

use crate::adapter::Number;
use crate::json::{decimal, instant, integer, lenient_json, list, member, text, word};
use crate::meta::facts::facts;
use crate::meta::manage::topic;
use crate::meta::person::{is_nobody, phone};
use crate::provider::NotUnderstood;
use crate::saying::{address, person_by};

/// Understands one event.
///
/// # Errors
/// When it is not JSON, or has no type or payload.
pub fn parse(number: &Number, raw: &[u8]) -> Result<Change, NotUnderstood> {
    let event = lenient_json(raw)?;
    let kind = word(&event, "type").ok_or_else(|| NotUnderstood::shape("type is missing"))?;
    let payload = member(&event, "payload")
        .filter(|payload| payload.is_object())
        .ok_or_else(|| NotUnderstood::shape("payload is missing"))?;
    let at = instant(&event, "timestamp");
    let report = match kind.as_str() {
        "message" => inbound(payload, at),
        "message-event" => message_event(payload, at),
        "user-event" => Ok(user_event(payload, at)),
        "template-event" => Ok(hint(&kind, payload, at, template(payload))),
        "account-event" => Ok(hint(&kind, payload, at, HintSubject::Account)),
        kind => Ok(notice(kind, payload, at)),
    };
    // An event names its app, never the number.
    Ok(Change {
        address: address(number, None),
        reports: vec![report],
    })
}

fn bad(wrong: &str) -> BadItem {
    BadItem {
        reason: format!("payload.{wrong}"),
    }
}

fn notice(kind: &str, payload: &Value, at: Option<Timestamp>) -> Report {
    let event = word(payload, "type").unwrap_or_default();
    Report::Notice(Notice {
        topic: topic(&plain(kind), &event.replace('-', "_")),
        facts: facts(payload),
        at,
    })
}

fn hint(kind: &str, payload: &Value, at: Option<Timestamp>, subject: HintSubject) -> Report {
    Report::Hint(Hint {
        subject,
        topic: plain(kind),
        facts: facts(payload),
        at,
    })
}

/// A type as part of an event's name: short, and nothing but a word.
fn plain(kind: &str) -> String {
    kind.chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
        .take(64)
        .collect()
}

fn template(payload: &Value) -> HintSubject {
    HintSubject::Template {
        provider_id: word(payload, "id"),
        name: word(payload, "elementName"),
        language: word(payload, "languageCode"),
    }
}

/// A person who allows or forbids; a tester who comes or goes is only noticed.
fn user_event(payload: &Value, at: Option<Timestamp>) -> Report {
    let stopped = match word(payload, "type").as_deref() {
        Some("opted-out") => true,
        Some("opted-in") => false,
        _ => return notice("user-event", payload, at),
    };
    let person = person_by(&word(payload, "phone").unwrap_or_default());
    if is_nobody(&person) {
        return notice("user-event", payload, at);
    }
    Report::Preference(PreferenceReport {
        person,
        stopped,
        at,
    })
}

fn message_event(payload: &Value, at: Option<Timestamp>) -> Result<Report, BadItem> {
    let status = word(payload, "type").ok_or_else(|| bad("type is missing"))?;
    let receipt = match status.as_str() {
        "sent" => Receipt::Sent,
        "delivered" => Receipt::Delivered,
        "read" => Receipt::Read,
        "failed" => Receipt::Failed,
        // `enqueued`, `deleted` and what else comes are no steps of a delivery.
        status => {
            return Ok(Report::Notice(Notice {
                topic: topic("messages.statuses", status),
                facts: facts(payload),
                at,
            }));
        }
    };
    let provider_id = word(payload, "gsId")
        .or_else(|| word(payload, "id"))
        .ok_or_else(|| bad("id is missing"))?;
    let more = member(payload, "payload").unwrap_or(&Value::Null);
    let error = integer(more, "code").map(|code| ProviderError {
        code,
        title: None,
        details: word(more, "reason"),
    });
    let pricing = member(more, "pricing").map(|pricing| Pricing {
        category: word(pricing, "category"),
        kind: word(pricing, "type"),
        model: word(pricing, "policy").or_else(|| word(pricing, "pricing_model")),
    });
    Ok(Report::Status(StatusReport {
        provider_id,
        receipt,
        at: instant(more, "ts").or(at),
        person: person_by(&word(payload, "destination").unwrap_or_default()),
        our_id: None,
        pricing,
        free_entry_point_expires_at: None,
        errors: error.into_iter().collect(),
        group_id: None,
    }))
}

fn inbound(payload: &Value, at: Option<Timestamp>) -> Result<Report, BadItem> {
    let provider_id = word(payload, "id").ok_or_else(|| bad("id is missing"))?;
    let kind = word(payload, "type").ok_or_else(|| bad("type is missing"))?;
    let sender = member(payload, "sender").unwrap_or(&Value::Null);
    let mut person = person_by(&word(payload, "source").unwrap_or_default());
    person.phone = person.phone.or_else(|| phone(sender, "phone"));
    person.profile_name = word(sender, "name");
    if is_nobody(&person) {
        return Err(bad("source names nobody"));
    }
    let said = member(payload, "payload").unwrap_or(&Value::Null);
    let context = member(payload, "context").unwrap_or(&Value::Null);
    // The quoted message is ours where Gupshup has an id for it, or else a person's.
    let reply_to = word(context, "gsId").or_else(|| word(context, "id"));
    if kind == "reaction" {
        let target = word(said, "msgId")
            .or_else(|| word(said, "gsId"))
            .or_else(|| word(said, "id"))
            .or(reply_to);
        return Ok(Report::Reaction(ReactionReport {
            provider_id,
            person,
            at,
            target: target.ok_or_else(|| bad("payload names no message"))?,
            emoji: word(said, "emoji").or_else(|| word(said, "text")),
            by_business: false,
        }));
    }
    let content = content(payload, said, &kind).ok_or_else(|| bad("payload is missing"))?;
    Ok(Report::Message(MessageReport {
        provider_id,
        person,
        sent_at: at,
        content,
        reply_to,
        forwarded: false,
        referral: None,
        group_id: None,
    }))
}

/// `None` where the content of a known kind is not there.
fn content(payload: &Value, said: &Value, kind: &str) -> Option<Content> {
    Some(match kind {
        "text" => Content::Text {
            text: text(said, "text")?,
            preview_url: false,
        },
        "image" => media(said, MediaKind::Image)?,
        "video" => media(said, MediaKind::Video)?,
        "audio" | "voice" => media(said, MediaKind::Audio)?,
        "file" => media(said, MediaKind::Document)?,
        "sticker" => media(said, MediaKind::Sticker)?,
        "location" => Content::Location(Location {
            latitude: decimal(said, "latitude")?,
            longitude: decimal(said, "longitude")?,
            name: word(said, "name"),
            address: word(said, "address"),
            url: word(said, "url"),
        }),
        "contact" => Content::Contacts {
            cards: list(said, "contacts").iter().map(card).collect(),
        },
        "button_reply" => Content::ButtonReply {
            id: word(said, "postbackText").or_else(|| word(said, "id"))?,
            title: word(said, "title").unwrap_or_default(),
        },
        "list_reply" => Content::ListReply {
            id: word(said, "postbackText").or_else(|| word(said, "id"))?,
            title: word(said, "title").unwrap_or_default(),
            description: word(said, "description"),
        },
        "quick_reply" | "button" => {
            let title = word(said, "text")?;
            Content::ButtonReply {
                id: word(said, "postbackText")
                    .or_else(|| word(said, "payload"))
                    .unwrap_or_else(|| title.clone()),
                title,
            }
        }
        "unsupported" => Content::Unsupported {
            original: None,
            code: None,
        },
        kind => Content::Unknown {
            original: kind.to_owned(),
            raw: payload.to_string(),
        },
    })
}

fn media(said: &Value, kind: MediaKind) -> Option<Content> {
    let mut media = MediaContent::new(kind);
    media.source = Some(MediaSource::Link(word(said, "url")?));
    media.mime_type = word(said, "contentType");
    media.caption = word(said, "caption");
    media.filename = word(said, "name").filter(|_| kind == MediaKind::Document);
    Some(Content::Media(media))
}

fn card(value: &Value) -> ContactCard {
    let name = value.get("name").unwrap_or(&Value::Null);
    let phones = list(value, "phones").iter().filter_map(|phone| {
        Some(CardPhone {
            phone: word(phone, "phone")?,
            wa_id: word(phone, "wa_id"),
            label: word(phone, "type"),
        })
    });
    ContactCard {
        formatted_name: word(name, "formatted_name"),
        first_name: word(name, "first_name"),
        last_name: word(name, "last_name"),
        phones: phones.collect(),
        ..ContactCard::default()
    }
}
