//! What the unofficial gateways have in common, because WhatsApp Web stands behind all of them: its addresses, its
//! receipts, its refusals of a linked device, and what a linked device can say at all.

pub(crate) mod proto;
mod refusals;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::content::{
    CardEntry, CardPhone, ContactCard, Content, Location, MediaContent, MediaKind, MediaSource,
};
use domain::report::{
    Address, Hint, HintSubject, Notice, Person, ProviderError, Receipt, Report, StatusReport,
};
use jiff::Timestamp;
use serde_json::Value;

use crate::adapter::{FetchError, FileWay, OutFile, Outgoing};
use crate::json::{as_integer, instant_of, member};
use crate::meta::person::phone_of;
use crate::provider::{CannotSay, Capabilities};

pub(crate) use self::refusals::{
    Line, SERVER, failure_of, line, line_of_code, line_of_sentence, sentence,
};

/// What a linked device can do through any of the gateways. Reactions of ours are left out: a gateway asks whose
/// message is reacted to, and a message's id alone does not tell.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    templates: false,
    echoes_our_id: false,
    reports_own_messages: true,
    buttons: false,
    lists: false,
    reactions: false,
    mark_read: true,
    typing: false,
    bsuid_recipients: false,
    groups: false,
    files: FileWay::Inline,
    takes_our_id_once: false,
    reports_replies: true,
};

// ── Addresses ───────────────────────────────────────────────────────────────────────────────────────────────────────

/// An address of WhatsApp Web: `972…@c.us`, `972…@s.whatsapp.net`, `1000…@lid`, each perhaps with a device (`:12`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Jid {
    /// Digits.
    Phone(String),
    /// A person whose phone is hidden: `1000…@lid`, without the device.
    Lid(String),
    /// No person: `group`, `channel`, `broadcast` or `unknown`.
    Other(&'static str),
}

pub(crate) fn jid(text: &str) -> Jid {
    let (user, server) = text.split_once('@').unwrap_or((text, "c.us"));
    let user = user.split([':', '.', '_']).next().unwrap_or_default();
    match server {
        "c.us" | "s.whatsapp.net" | "hosted" => match phone_of(user) {
            // The service's own announcements come from `0@c.us`.
            Some(digits) => Jid::Phone(digits),
            None => Jid::Other("unknown"),
        },
        "lid" | "hosted.lid" if !user.is_empty() => Jid::Lid(format!("{user}@lid")),
        "g.us" => Jid::Other("group"),
        "newsletter" => Jid::Other("channel"),
        // Stories (`status@broadcast`) and lists.
        "broadcast" => Jid::Other("broadcast"),
        _ => Jid::Other("unknown"),
    }
}

/// The person whom these addresses name, by phone and hidden id; who names nobody leaves both empty.
pub(crate) fn person<'a>(addresses: impl IntoIterator<Item = Option<&'a str>>) -> Person {
    let mut person = Person::default();
    for address in addresses.into_iter().flatten() {
        match jid(address) {
            Jid::Phone(phone) => {
                person.phone.get_or_insert(phone);
            }
            Jid::Lid(lid) => {
                person.lid.get_or_insert(lid);
            }
            Jid::Other(_) => {}
        }
    }
    person
}

pub(crate) const fn is_nobody(person: &Person) -> bool {
    person.phone.is_none() && person.lid.is_none()
}

/// What a chat is when it is not one person's. Such chats are not read: no lead comes from a group, a channel or a
/// story, and what is said there was not said to the business.
pub(crate) fn not_one_person(chat: &str) -> Option<&'static str> {
    match jid(chat) {
        Jid::Other(kind) => Some(kind),
        Jid::Phone(_) | Jid::Lid(_) => None,
    }
}

/// Whose webhook it is: the session or instance that it names itself, so that the caller can compare.
pub(crate) fn address(number: Option<String>, own_jid: Option<&str>) -> Address {
    Address {
        phone_number_id: number,
        display_phone: own_jid.and_then(|text| match jid(text) {
            Jid::Phone(digits) => Some(digits),
            _ => None,
        }),
        ..Address::default()
    }
}

// ── Reports ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/// A receipt by its number (`WAMessageAck`); `None` while it is queued (0), and for a number that nobody knows.
pub(crate) const fn receipt_of_ack(ack: i64) -> Option<Receipt> {
    Some(match ack {
        -1 => Receipt::Failed,
        1 => Receipt::Sent,
        2 => Receipt::Delivered,
        3 => Receipt::Read,
        4 => Receipt::Played,
        _ => return None,
    })
}

/// A receipt by its name, in any of the gateways' spellings; `None` for `PENDING` and for what nobody knows.
pub(crate) fn receipt_of_word(word: &str) -> Option<Receipt> {
    Some(match word.to_ascii_uppercase().as_str() {
        "ERROR" | "FAILED" => Receipt::Failed,
        "SENT" | "SERVER" | "SERVER_ACK" => Receipt::Sent,
        "DELIVERED" | "DEVICE" | "DELIVERY_ACK" => Receipt::Delivered,
        "READ" => Receipt::Read,
        "PLAYED" => Receipt::Played,
        _ => return None,
    })
}

pub(crate) fn status(
    provider_id: String,
    receipt: Receipt,
    at: Option<Timestamp>,
    person: Person,
    error: Option<ProviderError>,
) -> Report {
    Report::Status(StatusReport {
        provider_id,
        receipt,
        at,
        person,
        our_id: None,
        pricing: None,
        free_entry_point_expires_at: None,
        errors: error.into_iter().collect(),
        group_id: None,
    })
}

/// The link of the number has changed, or is said to be restricted: a job reads what is true now.
pub(crate) fn state_hint(topic: &str, state: &str, at: Option<Timestamp>) -> Report {
    Report::Hint(Hint {
        subject: HintSubject::Number,
        topic: topic.to_owned(),
        facts: facts(&[("state", Some(state))]),
        at,
    })
}

pub(crate) fn notice(topic: &str, told: &[(&str, Option<&str>)], at: Option<Timestamp>) -> Report {
    Report::Notice(Notice {
        topic: topic.to_owned(),
        facts: facts(told),
        at,
    })
}

const FACT_MAX: usize = 64;

/// Facts that were picked by hand: a gateway's ids and addresses hold phone numbers, so nothing is told by its look.
pub(crate) fn facts(told: &[(&str, Option<&str>)]) -> BTreeMap<String, String> {
    let is_plain = |value: &str| {
        (1..=FACT_MAX).contains(&value.len())
            && value
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'@')
    };
    told.iter()
        .filter_map(|(key, value)| Some((*key, value.filter(|value| is_plain(value))?)))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// An event's name as part of a topic; what is no plain word stays out.
pub(crate) fn topic(field: &str, event: &str) -> String {
    let is_plain = (1..=FACT_MAX).contains(&event.len())
        && event
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if is_plain {
        format!("{field}.{event}")
    } else {
        field.to_owned()
    }
}

/// An instant as a gateway may write it: Unix seconds or milliseconds, or RFC 3339.
pub(crate) fn instant_of_any(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) if text.contains('T') => text.parse().ok(),
        value => as_integer(value).and_then(instant_of),
    }
}

pub(crate) fn instant_in(value: &Value, key: &str) -> Option<Timestamp> {
    instant_of_any(member(value, key)?)
}

// ── Content ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/// A file that came in, with the address where the gateway keeps it.
pub(crate) fn media_content(
    mime_type: Option<String>,
    url: Option<String>,
    kind: Option<MediaKind>,
) -> MediaContent {
    let kind = kind.unwrap_or_else(|| kind_of_mime(mime_type.as_deref().unwrap_or_default()));
    let mut media = MediaContent::new(kind);
    // WhatsApp records voice as Opus in Ogg, and lets nobody send such a file otherwise.
    media.voice = kind == MediaKind::Audio
        && mime_type
            .as_deref()
            .is_some_and(|mime| mime.starts_with("audio/ogg"));
    media.mime_type = mime_type;
    media.source = url.map(MediaSource::Link);
    media
}

fn kind_of_mime(mime_type: &str) -> MediaKind {
    match mime_type.split('/').next() {
        // WhatsApp makes every picture a JPEG or PNG; WebP is what its stickers are.
        Some("image") if mime_type == "image/webp" => MediaKind::Sticker,
        Some("image") => MediaKind::Image,
        Some("video") => MediaKind::Video,
        Some("audio") => MediaKind::Audio,
        _ => MediaKind::Document,
    }
}

/// A contact card from a vCard (RFC 6350, as WhatsApp writes it: `TEL;type=CELL;waid=972…:+972 …`).
pub(crate) fn card(vcard: &str, display_name: Option<String>) -> ContactCard {
    let mut card = ContactCard::default();
    for line in vcard.lines() {
        let Some((head, value)) = line.trim_end().split_once(':') else {
            continue;
        };
        // `item1.TEL` groups a line with others.
        let mut parts = head.split(';');
        let name = parts.next().unwrap_or_default();
        let name = name.rsplit('.').next().unwrap_or_default();
        let value = value.trim().to_owned();
        if value.is_empty() {
            continue;
        }
        let entry = |value| CardEntry { value, label: None };
        match name.to_ascii_uppercase().as_str() {
            "FN" => card.formatted_name = Some(value),
            "TEL" => card.phones.push(CardPhone {
                phone: value,
                wa_id: parts
                    .filter_map(|part| part.split_once('='))
                    .find(|(key, _)| key.eq_ignore_ascii_case("waid"))
                    .map(|(_, digits)| digits.to_owned()),
                label: None,
            }),
            "EMAIL" => card.emails.push(entry(value)),
            "URL" => card.urls.push(entry(value)),
            "ORG" => card.company = Some(value.trim_end_matches(';').to_owned()),
            _ => {}
        }
    }
    card.formatted_name = card.formatted_name.or(display_name);
    card
}

/// What a linked device is asked to say.
pub(crate) enum Said<'a> {
    Text {
        text: &'a str,
        preview_url: bool,
    },
    File {
        media: &'a MediaContent,
        file: &'a OutFile,
    },
    Place(&'a Location),
}

/// Picks what a gateway can say, before anything is called. Templates, buttons and lists are Meta's; cards are not sent.
///
/// # Errors
/// When it has no such message, a file is missing, or something in it would be lost silently.
pub(crate) fn said<'a>(out: &Outgoing<'a>) -> Result<Said<'a>, CannotSay> {
    match out.content {
        Content::Text { text, preview_url } => Ok(Said::Text {
            text,
            preview_url: *preview_url,
        }),
        Content::Media(media) => {
            let file = out.file.ok_or(CannotSay::MediaNotUploaded)?;
            let has_no_caption = matches!(media.media_kind, MediaKind::Audio | MediaKind::Sticker);
            if has_no_caption && media.caption.is_some() {
                return Err(CannotSay::NoPlaceFor { field: "caption" });
            }
            Ok(Said::File { media, file })
        }
        Content::Location(place) => Ok(Said::Place(place)),
        other => Err(CannotSay::NoSuchMessage { kind: other.kind() }),
    }
}

/// What a place is called, in one line.
pub(crate) fn place_name(place: &Location) -> String {
    let parts = [place.name.as_deref(), place.address.as_deref()];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(", ")
}

/// The name under which a file goes out.
pub(crate) fn filename<'a>(media: &'a MediaContent, file: &'a OutFile) -> &'a str {
    media.filename.as_deref().unwrap_or(&file.filename)
}

/// How much a JSON answer may have that holds a file of so many bytes: four letters for three bytes, and what stands
/// around them.
pub(crate) const fn inline_max(max_bytes: u64) -> u64 {
    max_bytes.saturating_mul(4) / 3 + 64 * 1024
}

/// The bytes of a file in an answer: base64, perhaps behind `data:image/jpeg;base64,`.
pub(crate) fn inline_file(encoded: &str, max_bytes: u64) -> Result<Bytes, FetchError> {
    let bare = encoded
        .rsplit_once("base64,")
        .map_or(encoded, |(_, bare)| bare);
    let bytes = STANDARD
        .decode(bare.trim())
        .map_err(|_| FetchError::Later)?;
    if bytes.len() as u64 > max_bytes {
        return Err(FetchError::Never);
    }
    Ok(bytes.into())
}

/// A picture of a code without `data:image/png;base64,`.
pub(crate) fn bare_png(picture: String) -> String {
    let bare = picture
        .rsplit_once("base64,")
        .map(|(_, bare)| bare.to_owned());
    bare.unwrap_or(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_phone_a_hidden_id_or_no_person() {
        for (text, expected) in [
            ("972500000010@c.us", Jid::Phone("972500000010".to_owned())),
            (
                "972500000010:12@s.whatsapp.net",
                Jid::Phone("972500000010".to_owned()),
            ),
            (
                "972500000010.0:3@s.whatsapp.net",
                Jid::Phone("972500000010".to_owned()),
            ),
            ("972500000010", Jid::Phone("972500000010".to_owned())),
            (
                "100000000000010@lid",
                Jid::Lid("100000000000010@lid".to_owned()),
            ),
            (
                "100000000000010:7@lid",
                Jid::Lid("100000000000010@lid".to_owned()),
            ),
            ("120363000000000001@g.us", Jid::Other("group")),
            ("120363000000000001@newsletter", Jid::Other("channel")),
            ("status@broadcast", Jid::Other("broadcast")),
            ("0@c.us", Jid::Other("unknown")),
            ("@lid", Jid::Other("unknown")),
            ("", Jid::Other("unknown")),
            ("972500000010@elsewhere", Jid::Other("unknown")),
        ] {
            assert_eq!(jid(text), expected, "{text}");
        }
    }

    #[test]
    fn a_code_in_a_sentence_is_not_part_of_a_longer_number() {
        let code = |text| line_of_sentence(SERVER, text).map(Line::code);
        assert_eq!(code("2 UNKNOWN: server returned error 463"), Some(463));
        assert_eq!(code("Server returned Error 475."), Some(475));
        assert_eq!(code("server returned error 4631"), None);
        assert_eq!(code("error 4631, error 463"), Some(463));
        assert_eq!(code("MessageAccountRestriction"), Some(463));
        assert_eq!(code("972500004630"), None);
    }

    #[test]
    fn facts_hold_no_address() {
        let told = facts(&[
            ("state", Some("WORKING")),
            ("id", Some("false_972500000010@c.us_3A")),
            ("none", None),
            ("name", Some("דנה")),
        ]);
        let told: Vec<_> = told
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(told, [("state", "WORKING")]);
        assert_eq!(topic("waha", "presence.update"), "waha.presence.update");
        assert_eq!(topic("waha", "what is this"), "waha");
    }

    #[test]
    fn a_vcard_is_read_as_whatsapp_writes_it() {
        let read = card(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:דנה לוי\r\nORG:משרד לוי;\r\n\
             item1.TEL;type=CELL;waid=972500000010:+972 50-000-0010\r\nEMAIL:d@example.co.il\r\nURL:\r\nEND:VCARD",
            Some("other".to_owned()),
        );
        assert_eq!(read.formatted_name.as_deref(), Some("דנה לוי"));
        assert_eq!(read.company.as_deref(), Some("משרד לוי"));
        assert_eq!(read.phones.len(), 1);
        assert_eq!(read.phones[0].phone, "+972 50-000-0010");
        assert_eq!(read.phones[0].wa_id.as_deref(), Some("972500000010"));
        assert_eq!(read.emails.len(), 1);
        assert!(read.urls.is_empty());
        assert_eq!(
            card("", Some("D".to_owned())).formatted_name.as_deref(),
            Some("D")
        );
    }
}
