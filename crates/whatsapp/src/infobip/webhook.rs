//! What Infobip pushes: `{"results":[…]}`, of messages from people, of deliveries, and of readings. One request may
//! hold many, of several numbers, so that each result is kept as a piece of its own.
//! (Infobip, "Receive WhatsApp messages and reports", 2026.)

use std::borrow::Cow;

use domain::content::{Content, Location, MediaContent, MediaKind, MediaSource};
use domain::report::{
    BadItem, Change, MessageReport, Notice, ProviderError, ReactionReport, Receipt, Referral,
    Report, StatusReport,
};
use serde_json::{Value, json};

use crate::adapter::Number;
use crate::json::{decimal, integer, lenient_json, list, member, text, word};
use crate::meta::facts::facts;
use crate::meta::manage::topic;
use crate::meta::person::{is_nobody, phone_of};
use crate::provider::NotUnderstood;
use crate::saying::{address, instant_in, person_by};

/// Cuts a body into its results. One that is no list of results stays whole.
///
/// # Errors
/// When it is not JSON.
pub fn cut(body: &[u8]) -> Result<Vec<Cow<'_, [u8]>>, NotUnderstood> {
    let whole = lenient_json(body)?;
    let results = list(&whole, "results");
    if results.len() < 2 {
        return Ok(vec![Cow::Borrowed(body)]);
    }
    Ok(results
        .iter()
        .map(|result| Cow::Owned(json!({ "results": [result] }).to_string().into_bytes()))
        .collect())
}

/// Understands one piece.
///
/// # Errors
/// When it is not JSON, or no object.
pub fn parse(number: &Number, raw: &[u8]) -> Result<Change, NotUnderstood> {
    let whole = lenient_json(raw)?;
    if !whole.is_object() {
        return Err(NotUnderstood::shape("it is not an object"));
    }
    let Some(results) = member(&whole, "results").and_then(Value::as_array) else {
        // Pushes about templates, senders and preferences have forms of their own.
        return Ok(Change {
            address: address(number, None),
            reports: vec![Ok(notice(&whole))],
        });
    };
    let told = results.first().and_then(|first| ours(number, first));
    Ok(Change {
        address: address(number, told),
        reports: results.iter().map(|one| report(number, one)).collect(),
    })
}

/// Where the person of a result stands. A message and a reading come from the person; a delivery speaks of whom it
/// went to. Our own number is never the person.
fn person_key(number: &Number, result: &Value) -> &'static str {
    let from_person = member(result, "message").is_some() || member(result, "seenAt").is_some();
    let from = word(result, "from").and_then(|from| phone_of(&from));
    if from_person && (from.is_none() || from != phone_of(&number.number)) {
        "from"
    } else {
        "to"
    }
}

fn ours(number: &Number, result: &Value) -> Option<String> {
    let key = match person_key(number, result) {
        "from" => "to",
        _ => "from",
    };
    phone_of(&word(result, key)?)
}

fn notice(item: &Value) -> Report {
    let kind = word(item, "event")
        .or_else(|| word(item, "type"))
        .unwrap_or_default();
    Report::Notice(Notice {
        topic: topic("infobip", &kind.to_ascii_lowercase()),
        facts: facts(item),
        at: None,
    })
}

fn bad(wrong: &str) -> BadItem {
    BadItem {
        reason: format!("results[].{wrong}"),
    }
}

fn report(number: &Number, result: &Value) -> Result<Report, BadItem> {
    if let Some(message) = member(result, "message") {
        return inbound(result, message);
    }
    if member(result, "seenAt").is_some() {
        let at = word(result, "seenAt").and_then(|at| instant_in(&at));
        return status(number, result, Receipt::Read, at);
    }
    let Some(told) = member(result, "status") else {
        return Ok(notice(result));
    };
    let group = word(told, "groupName").unwrap_or_default();
    let receipt = match group.as_str() {
        "DELIVERED" => Receipt::Delivered,
        "UNDELIVERABLE" | "EXPIRED" | "REJECTED" => Receipt::Failed,
        // Accepted and pending are steps within Infobip.
        group => {
            let mut facts = facts(result);
            facts.extend(word(result, "messageId").map(|id| ("message_id".to_owned(), id)));
            return Ok(Report::Notice(Notice {
                topic: topic("messages.statuses", &group.to_ascii_lowercase()),
                facts,
                at: None,
            }));
        }
    };
    let at = word(result, "doneAt").and_then(|at| instant_in(&at));
    status(number, result, receipt, at)
}

fn status(
    number: &Number,
    result: &Value,
    receipt: Receipt,
    at: Option<jiff::Timestamp>,
) -> Result<Report, BadItem> {
    let provider_id = word(result, "messageId").ok_or_else(|| bad("messageId is missing"))?;
    // An error without a name of its own is named by the status.
    let error = member(result, "error").filter(|error| integer(error, "id").unwrap_or(0) != 0);
    let told = error.or_else(|| member(result, "status").filter(|_| receipt == Receipt::Failed));
    let error = told.map(|told| ProviderError {
        code: integer(told, "id").unwrap_or_default(),
        title: word(told, "name"),
        details: word(told, "description"),
    });
    Ok(Report::Status(StatusReport {
        // The message's id is the one that we gave it; a reading has nothing else of ours.
        our_id: word(result, "callbackData").or_else(|| Some(provider_id.clone())),
        provider_id,
        receipt,
        at,
        person: person_by(&word(result, person_key(number, result)).unwrap_or_default()),
        pricing: None,
        free_entry_point_expires_at: None,
        errors: error.into_iter().collect(),
        group_id: None,
    }))
}

fn inbound(result: &Value, message: &Value) -> Result<Report, BadItem> {
    let provider_id = word(result, "messageId").ok_or_else(|| bad("messageId is missing"))?;
    let kind = word(message, "type").ok_or_else(|| bad("message.type is missing"))?;
    let mut person = person_by(&word(result, "from").unwrap_or_default());
    if is_nobody(&person) {
        return Err(bad("from names nobody"));
    }
    person.profile_name = member(result, "contact").and_then(|contact| word(contact, "name"));
    let at = word(result, "receivedAt").and_then(|at| instant_in(&at));
    let context = member(message, "context").unwrap_or(&Value::Null);
    let reply_to = word(context, "id");
    if kind == "REACTION" {
        let target = word(message, "messageId").or(reply_to);
        return Ok(Report::Reaction(ReactionReport {
            provider_id,
            person,
            at,
            target: target.ok_or_else(|| bad("message names no message"))?,
            emoji: word(message, "emoji"),
            by_business: false,
        }));
    }
    Ok(Report::Message(MessageReport {
        provider_id,
        person,
        sent_at: at,
        content: content(message, &kind).ok_or_else(|| bad("message has no content"))?,
        reply_to,
        forwarded: false,
        referral: member(message, "referral").map(referral),
        group_id: None,
    }))
}

/// `None` where the content of a known kind is not there.
fn content(message: &Value, kind: &str) -> Option<Content> {
    Some(match kind {
        "TEXT" => Content::Text {
            text: text(message, "text")?,
            preview_url: false,
        },
        "IMAGE" => media(message, MediaKind::Image)?,
        "VIDEO" => media(message, MediaKind::Video)?,
        "AUDIO" | "VOICE" => media(message, MediaKind::Audio).map(|content| match content {
            Content::Media(media) => Content::Media(MediaContent {
                voice: kind == "VOICE",
                ..media
            }),
            other => other,
        })?,
        "DOCUMENT" => media(message, MediaKind::Document)?,
        "STICKER" => media(message, MediaKind::Sticker)?,
        "LOCATION" => Content::Location(Location {
            latitude: decimal(message, "latitude")?,
            longitude: decimal(message, "longitude")?,
            name: word(message, "name"),
            address: word(message, "address"),
            url: word(message, "url"),
        }),
        "BUTTON" => {
            let label = word(message, "text");
            let id = word(message, "payload").or_else(|| label.clone())?;
            Content::ButtonReply {
                title: label.unwrap_or_else(|| id.clone()),
                id,
            }
        }
        "INTERACTIVE_BUTTON_REPLY" => Content::ButtonReply {
            id: word(message, "id")?,
            title: word(message, "title").unwrap_or_default(),
        },
        "INTERACTIVE_LIST_REPLY" => Content::ListReply {
            id: word(message, "id")?,
            title: word(message, "title").unwrap_or_default(),
            description: word(message, "description"),
        },
        "INTERACTIVE_FLOW_REPLY" => {
            let response = member(message, "response")?;
            let text = response.as_str().map(str::to_owned);
            Content::FormReply {
                name: "flow".to_owned(),
                body: word(message, "text").unwrap_or_default(),
                response: text.unwrap_or_else(|| response.to_string()),
            }
        }
        // The second had a file that Infobip's scan took out.
        "UNSUPPORTED" | "INFECTED_CONTENT" => Content::Unsupported {
            original: Some(kind.to_owned()).filter(|kind| kind != "UNSUPPORTED"),
            code: None,
        },
        kind => Content::Unknown {
            original: kind.to_owned(),
            raw: message.to_string(),
        },
    })
}

fn media(message: &Value, kind: MediaKind) -> Option<Content> {
    let mut media = MediaContent::new(kind);
    media.source = Some(MediaSource::Link(word(message, "url")?));
    media.caption = word(message, "caption");
    media.filename = word(message, "filename").filter(|_| kind == MediaKind::Document);
    Some(Content::Media(media))
}

fn referral(value: &Value) -> Referral {
    let media = member(value, "referralMedia").unwrap_or(&Value::Null);
    Referral {
        source_type: word(value, "sourceType"),
        source_id: word(value, "sourceId"),
        source_url: word(value, "sourceUrl"),
        headline: word(value, "headline"),
        body: word(value, "body"),
        media_url: word(media, "url"),
        ctwa_clid: word(value, "ctwaClickId"),
    }
}
