//! From a content to WAHA's request. (WAHA, "Send messages" page and OpenAPI 2026.7.1.)

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::content::{MediaContent, MediaKind};
use serde_json::{Value, json};

use crate::adapter::{OutFile, Outgoing};
use crate::gateway::{Said, filename, place_name, said};
use crate::json::{member, word};
use crate::provider::CannotSay;
use crate::saying::digits_of;

/// The method under `/api/` and its body.
///
/// # Errors
/// When WAHA has no such message, or the recipient is no phone number.
pub fn request(session: &str, out: &Outgoing<'_>) -> Result<(&'static str, Value), CannotSay> {
    let said = said(out)?;
    let chat_id = chat_id(&digits_of(out.to)?);
    let (method, mut body) = match said {
        Said::Text { text, preview_url } => (
            "sendText",
            json!({ "text": text, "linkPreview": preview_url }),
        ),
        Said::File { media, file } => file_request(media, file)?,
        Said::Place(place) => (
            "sendLocation",
            json!({
                "latitude": place.latitude,
                "longitude": place.longitude,
                "title": place_name(place),
            }),
        ),
    };
    body["session"] = session.into();
    if let Some(id) = out.reply_to {
        body["reply_to"] = full_id(&chat_id, id).into();
    }
    body["chatId"] = chat_id.into();
    Ok((method, body))
}

fn file_request(media: &MediaContent, file: &OutFile) -> Result<(&'static str, Value), CannotSay> {
    let method = match media.media_kind {
        MediaKind::Image => "sendImage",
        MediaKind::Video => "sendVideo",
        MediaKind::Audio if media.voice => "sendVoice",
        MediaKind::Audio | MediaKind::Document => "sendFile",
        MediaKind::Sticker => return Err(CannotSay::NoSuchMessage { kind: "sticker" }),
    };
    let mut body = json!({
        "file": {
            "mimetype": file.mime_type,
            "filename": filename(media, file),
            "data": STANDARD.encode(&file.bytes),
        },
    });
    if media.voice {
        // WhatsApp plays Opus only; what is Opus already is left alone.
        body["convert"] = true.into();
    }
    if let Some(caption) = &media.caption {
        body["caption"] = caption.as_str().into();
    }
    Ok((method, body))
}

/// WAHA's address of a person.
pub(super) fn chat_id(digits: &str) -> String {
    format!("{digits}@c.us")
}

/// WAHA's own form of a message's id, `fromMe_chat_id`. Our ids are the last part of it: the chat is now the phone, now
/// the hidden id of the same person, and a receipt must find its message. Taken for a message of the person, because
/// those are what is answered; only the browser engines look at that part.
pub(super) fn full_id(chat_id: &str, id: &str) -> String {
    format!("false_{chat_id}_{id}")
}

/// The message's own id out of `true_972…@c.us_3EB0…`, with the chat where it is told. A bare id stays as it is.
pub(super) fn split_id(full: &str) -> (Option<&str>, &str) {
    let mut parts = full.split('_');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("true" | "false"), Some(chat), Some(id)) => (Some(chat), id),
        _ => (None, full),
    }
}

/// The id in the answer to a send, and the chat that WAHA made of the number: a message, or one in the words of the
/// engine (WEBJS: `{id: {_serialized}}`, NOWEB: `{key: {id, remoteJid}}`).
pub(super) fn accepted(answer: &Value) -> Option<(String, Option<String>)> {
    let id = member(answer, "id");
    let full = id
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .or_else(|| word(id?, "_serialized"));
    if let Some(full) = full {
        let (chat, id) = split_id(&full);
        return Some((id.to_owned(), chat.map(str::to_owned)));
    }
    let key = member(answer, "key")?;
    Some((word(key, "id")?, word(key, "remoteJid")))
}
