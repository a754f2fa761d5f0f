//! WhatsApp's own message (`WAProto`'s `Message`) as JSON: Baileys and whatsmeow write the same members, but for the case
//! of an abbreviation (`stanzaId`, `stanzaID`). What a gateway passes on like this is read here.

use domain::content::{Content, Location, MediaKind, MediaSource};
use serde_json::Value;

use super::{card, media_content};
use crate::json::{decimal, flag, integer, list, member, text, word};

/// Envelopes around a message that change nothing of what it says.
const WRAPPERS: &[&str] = &[
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "deviceSentMessage",
    "editedMessage",
];
/// A wrapped message within a wrapped message, and no deeper.
const DEPTH_MAX: usize = 4;

const FILES: &[(&str, MediaKind)] = &[
    ("imageMessage", MediaKind::Image),
    ("videoMessage", MediaKind::Video),
    ("ptvMessage", MediaKind::Video),
    ("audioMessage", MediaKind::Audio),
    ("documentMessage", MediaKind::Document),
    ("stickerMessage", MediaKind::Sticker),
];

/// What stands inside the envelopes.
pub(crate) fn unwrapped(message: &Value) -> &Value {
    let mut inner = message;
    for _ in 0..DEPTH_MAX {
        let next = WRAPPERS
            .iter()
            .find_map(|wrapper| member(member(inner, wrapper)?, "message"));
        match next {
            Some(next) => inner = next,
            None => break,
        }
    }
    inner
}

/// The part of a message that is a file, with its kind.
pub(crate) fn file(message: &Value) -> Option<(&'static str, MediaKind, &Value)> {
    FILES.iter().find_map(|(key, kind)| {
        let part = member(message, key).filter(|part| part.is_object())?;
        Some((*key, *kind, part))
    })
}

/// What a message says. `source` is where its file can be had; a kind that is not known here is kept whole.
pub(crate) fn content(message: &Value, source: Option<MediaSource>) -> Content {
    let said = member(message, "conversation").and_then(Value::as_str);
    let said = said.map(str::to_owned).or_else(|| {
        member(message, "extendedTextMessage").and_then(|extended| text(extended, "text"))
    });
    if let Some(text) = said {
        return Content::Text {
            text,
            preview_url: false,
        };
    }
    if let Some((_, kind, part)) = file(message) {
        let mut media = media_content(word(part, "mimetype"), None, Some(kind));
        media.source = source;
        media.voice = kind == MediaKind::Audio && (flag(part, "ptt") || flag(part, "PTT"));
        media.caption = word(part, "caption");
        media.filename = word(part, "fileName").or_else(|| word(part, "title"));
        media.animated = flag(part, "isAnimated");
        return Content::Media(media);
    }
    other(message).unwrap_or_else(|| Content::Unknown {
        original: kind_of(message).unwrap_or("message").to_owned(),
        raw: message.to_string(),
    })
}

fn other(message: &Value) -> Option<Content> {
    let place =
        member(message, "locationMessage").or_else(|| member(message, "liveLocationMessage"));
    if let Some(place) = place {
        return Some(Content::Location(Location {
            latitude: decimal(place, "degreesLatitude")?,
            longitude: decimal(place, "degreesLongitude")?,
            name: word(place, "name"),
            address: word(place, "address"),
            url: word(place, "url").or_else(|| word(place, "URL")),
        }));
    }
    let card_of = |contact: &Value| {
        let vcard = word(contact, "vcard").unwrap_or_default();
        card(&vcard, word(contact, "displayName"))
    };
    if let Some(contact) = member(message, "contactMessage") {
        return Some(Content::Contacts {
            cards: vec![card_of(contact)],
        });
    }
    if let Some(contacts) = member(message, "contactsArrayMessage") {
        return Some(Content::Contacts {
            cards: list(contacts, "contacts").iter().map(card_of).collect(),
        });
    }
    let reply = member(message, "templateButtonReplyMessage")
        .or_else(|| member(message, "buttonsResponseMessage"));
    if let Some(reply) = reply {
        let id = [
            "selectedId",
            "selectedID",
            "selectedButtonId",
            "selectedButtonID",
        ];
        let title = word(reply, "selectedDisplayText");
        return Some(Content::ButtonReply {
            id: id
                .iter()
                .find_map(|key| word(reply, key))
                .or_else(|| title.clone())?,
            title: title.unwrap_or_default(),
        });
    }
    let choice = member(message, "listResponseMessage")?;
    let row = member(choice, "singleSelectReply")?;
    Some(Content::ListReply {
        id: word(row, "selectedRowId").or_else(|| word(row, "selectedRowID"))?,
        title: word(choice, "title").unwrap_or_default(),
        description: word(choice, "description"),
    })
}

/// The name of the member that says what it is: a fixed word of WhatsApp's.
fn kind_of(message: &Value) -> Option<&str> {
    let names = message.as_object()?.keys();
    names
        .map(String::as_str)
        .find(|name| name.ends_with("Message") && name.len() <= 64)
}

/// What stands around a message: which one it answers, and whether it was forwarded. Every kind of message has its own.
pub(crate) fn context(message: &Value) -> Option<&Value> {
    message
        .as_object()?
        .values()
        .find_map(|part| member(part, "contextInfo"))
}

pub(crate) fn answered(context: &Value) -> Option<String> {
    word(context, "stanzaId").or_else(|| word(context, "stanzaID"))
}

/// The id in a message's key.
pub(crate) fn key_id(key: &Value) -> Option<String> {
    word(key, "id").or_else(|| word(key, "ID"))
}

/// What a protocol message does to an earlier one.
pub(crate) enum Change<'a> {
    Edit(&'a Value),
    Revoke,
}

/// `None` for the many that are about devices and settings.
pub(crate) fn change(protocol: &Value) -> Option<Change<'_>> {
    if let Some(edited) = member(protocol, "editedMessage") {
        return Some(Change::Edit(unwrapped(edited)));
    }
    let is_revoke = match protocol.get("type") {
        Some(Value::String(name)) => name == "REVOKE",
        // The number 0 is left out by some.
        Some(Value::Number(_)) => integer(protocol, "type") == Some(0),
        _ => false,
    };
    is_revoke.then_some(Change::Revoke)
}
