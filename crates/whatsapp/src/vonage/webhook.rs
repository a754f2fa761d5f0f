//! Vonage's two webhooks: a message from a person, and what became of one of ours. (Vonage, "Messages API", 2026.)

use domain::content::{Content, Location, MediaContent, MediaKind, MediaSource, OrderItem};
use domain::report::{
    BadItem, Change, MessageReport, Notice, Person, Pricing, ProviderError, ReactionReport,
    Receipt, Referral, Report, StatusReport,
};
use serde_json::Value;

use super::errors::code_of;
use crate::adapter::Number;
use crate::json::{decimal, integer, lenient_json, list, member, text, word};
use crate::meta::facts::facts;
use crate::meta::manage::topic;
use crate::meta::person::{is_nobody, phone_of, username};
use crate::provider::NotUnderstood;
use crate::saying::{address, instant_in, person_by};

/// Understands one webhook.
///
/// # Errors
/// When it is not JSON, or speaks of no message.
pub fn parse(number: &Number, raw: &[u8]) -> Result<Change, NotUnderstood> {
    let item = lenient_json(raw)?;
    let id = word(&item, "message_uuid")
        .ok_or_else(|| NotUnderstood::shape("message_uuid is missing"))?;
    let kind = word(&item, "message_type");
    let status = word(&item, "status");
    let (ours, report) = match (kind, status) {
        (Some(kind), _) => ("to", inbound(&item, id, &kind)),
        (None, Some(status)) => ("from", Ok(status_report(&item, id, &status))),
        (None, None) => {
            return Err(NotUnderstood::shape("message_type and status are missing"));
        }
    };
    let told = word(&item, ours).and_then(|told| phone_of(&told));
    Ok(Change {
        address: address(number, told),
        reports: vec![report],
    })
}

/// Who it is, by the number or id in the plain member and by what stands in `whatsapp`.
fn person(item: &Value, key: &str, within: &str) -> Person {
    let mut person = person_by(&word(item, key).unwrap_or_default());
    if let Some(more) = member(item, "whatsapp").and_then(|whatsapp| member(whatsapp, within)) {
        person.phone = person
            .phone
            .or_else(|| word(more, "wa_id").and_then(|id| phone_of(&id)));
        person.bsuid = person.bsuid.or_else(|| word(more, "user_id"));
        person.parent_bsuid = word(more, "parent_user_id");
    }
    if let Some(profile) = member(item, "profile") {
        person.profile_name = word(profile, "name");
        person.username = username(profile, "username");
    }
    person
}

fn status_report(item: &Value, provider_id: String, status: &str) -> Report {
    let at = word(item, "timestamp").and_then(|at| instant_in(&at));
    let receipt = match status {
        "submitted" => Receipt::Sent,
        "delivered" => Receipt::Delivered,
        "read" => Receipt::Read,
        "rejected" | "undeliverable" => Receipt::Failed,
        other => {
            return Report::Notice(Notice {
                topic: topic("messages.statuses", other),
                facts: facts(item),
                at,
            });
        }
    };
    let error = member(item, "error").and_then(|error| {
        Some(ProviderError {
            code: code_of(error)?,
            title: word(error, "title"),
            details: word(error, "detail"),
        })
    });
    let pricing = member(item, "whatsapp").and_then(|whatsapp| member(whatsapp, "pricing"));
    Report::Status(StatusReport {
        provider_id,
        receipt,
        at,
        person: person(item, "to", "recipient"),
        our_id: word(item, "client_ref"),
        pricing: pricing.map(|pricing| Pricing {
            category: word(pricing, "category"),
            kind: word(pricing, "type"),
            model: word(pricing, "pricing_model"),
        }),
        free_entry_point_expires_at: None,
        errors: error.into_iter().collect(),
        group_id: None,
    })
}

fn inbound(item: &Value, provider_id: String, kind: &str) -> Result<Report, BadItem> {
    let bad = |wrong: &str| BadItem {
        reason: wrong.to_owned(),
    };
    let person = person(item, "from", "sender");
    if is_nobody(&person) {
        return Err(bad("from names nobody"));
    }
    let at = word(item, "timestamp").and_then(|at| instant_in(&at));
    let context = member(item, "context").unwrap_or(&Value::Null);
    let reply_to = word(context, "message_uuid");
    if kind == "reaction" {
        let reaction = member(item, "reaction").ok_or_else(|| bad("reaction is missing"))?;
        let taken_back = word(reaction, "action").as_deref() == Some("unreact");
        return Ok(Report::Reaction(ReactionReport {
            provider_id,
            person,
            at,
            target: reply_to.ok_or_else(|| bad("context.message_uuid is missing"))?,
            emoji: word(reaction, "emoji").filter(|_| !taken_back),
            by_business: false,
        }));
    }
    Ok(Report::Message(MessageReport {
        provider_id,
        person,
        sent_at: at,
        content: content(item, kind).ok_or_else(|| bad("its content is missing"))?,
        reply_to,
        forwarded: false,
        referral: referral(item),
        group_id: None,
    }))
}

/// `None` where the content of a known kind is not there.
fn content(item: &Value, kind: &str) -> Option<Content> {
    Some(match kind {
        "text" => Content::Text {
            text: text(item, "text")?,
            preview_url: false,
        },
        "image" => media(item, kind, MediaKind::Image)?,
        "video" => media(item, kind, MediaKind::Video)?,
        "audio" => media(item, kind, MediaKind::Audio)?,
        "file" => media(item, kind, MediaKind::Document)?,
        "sticker" => media(item, kind, MediaKind::Sticker)?,
        "location" => {
            let place = member(item, kind)?;
            Content::Location(Location {
                latitude: decimal(place, "lat").or_else(|| decimal(place, "latitude"))?,
                longitude: decimal(place, "long").or_else(|| decimal(place, "longitude"))?,
                name: word(place, "name"),
                address: word(place, "address"),
                url: word(place, "url"),
            })
        }
        "button" => {
            let button = member(item, kind)?;
            let label = word(button, "text");
            let id = word(button, "payload").or_else(|| label.clone())?;
            Content::ButtonReply {
                title: label.unwrap_or_else(|| id.clone()),
                id,
            }
        }
        "reply" => reply(member(item, kind)?)?,
        "order" => order(member(item, kind)?),
        "unsupported" => Content::Unsupported {
            original: None,
            code: None,
        },
        // Contact cards among them: their form is not told anywhere.
        kind => Content::Unknown {
            original: kind.to_owned(),
            raw: item.to_string(),
        },
    })
}

/// A button or a row of a list: a row has a place for a description, a button has not.
fn reply(reply: &Value) -> Option<Content> {
    let id = word(reply, "id")?;
    let title = word(reply, "title").unwrap_or_default();
    Some(match reply.get("description") {
        Some(description) => Content::ListReply {
            id,
            title,
            description: description
                .as_str()
                .map(str::to_owned)
                .filter(|text| !text.is_empty()),
        },
        None => Content::ButtonReply { id, title },
    })
}

fn media(item: &Value, key: &str, kind: MediaKind) -> Option<Content> {
    let file = member(item, key)?;
    let mut media = MediaContent::new(kind);
    media.source = Some(MediaSource::Link(word(file, "url")?));
    media.caption = word(file, "caption");
    media.filename = word(file, "name").filter(|_| kind == MediaKind::Document);
    Some(Content::Media(media))
}

fn order(order: &Value) -> Content {
    let items = list(order, "product_items").iter().map(|item| OrderItem {
        product_retailer_id: word(item, "product_retailer_id").unwrap_or_default(),
        quantity: integer(item, "quantity").unwrap_or(1),
        item_price: decimal(item, "item_price").unwrap_or_default(),
        currency: word(item, "currency").unwrap_or_default(),
    });
    Content::Order {
        catalog_id: word(order, "catalog_id").unwrap_or_default(),
        text: word(order, "text"),
        items: items.collect(),
    }
}

fn referral(item: &Value) -> Option<Referral> {
    let value = member(member(item, "whatsapp")?, "referral")?;
    Some(Referral {
        source_type: word(value, "source_type"),
        source_id: word(value, "source_id"),
        source_url: word(value, "source_url"),
        headline: word(value, "headline"),
        body: word(value, "body"),
        media_url: ["image_url", "video_url", "thumbnail_url"]
            .iter()
            .find_map(|key| word(value, key)),
        ctwa_clid: word(value, "ctwa_clid"),
    })
}
