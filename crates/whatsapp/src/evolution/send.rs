//! From a content to Evolution's request. (Evolution 2.3.6, `sendMessage.dto.ts` and `message.schema.ts`.)

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::content::{Location, MediaContent, MediaKind};
use serde_json::{Value, json};

use crate::adapter::{OutFile, Outgoing};
use crate::gateway::{Said, filename, said};
use crate::provider::CannotSay;
use crate::saying::digits_of;

/// The method under `/message/` and its body.
///
/// # Errors
/// When Evolution has no such message, or the recipient is no phone number.
pub fn request(out: &Outgoing<'_>) -> Result<(&'static str, Value), CannotSay> {
    let said = said(out)?;
    let number = digits_of(out.to)?;
    let (method, mut body) = match said {
        Said::Text { text, preview_url } => (
            "sendText",
            json!({ "text": text, "linkPreview": preview_url }),
        ),
        Said::File { media, file } => file_request(media, file),
        Said::Place(place) => ("sendLocation", place_json(place)),
    };
    body["number"] = number.into();
    if let Some(id) = out.reply_to {
        // It finds the message by its id in its own database; without one there the answer goes out unquoted.
        body["quoted"] = json!({ "key": { "id": id } });
    }
    Ok((method, body))
}

fn file_request(media: &MediaContent, file: &OutFile) -> (&'static str, Value) {
    let data = STANDARD.encode(&file.bytes);
    match media.media_kind {
        // Made into Opus there.
        MediaKind::Audio if media.voice => ("sendWhatsAppAudio", json!({ "audio": data })),
        MediaKind::Sticker => ("sendSticker", json!({ "sticker": data })),
        kind => {
            let mut body = json!({
                "mediatype": kind.as_str(),
                "mimetype": file.mime_type,
                "fileName": filename(media, file),
                "media": data,
            });
            if let Some(caption) = &media.caption {
                body["caption"] = caption.as_str().into();
            }
            ("sendMedia", body)
        }
    }
}

/// Name and address may not be empty there.
fn place_json(place: &Location) -> Value {
    let degrees = format!("{}, {}", place.latitude, place.longitude);
    let or_degrees = |text: &Option<String>| text.clone().unwrap_or_else(|| degrees.clone());
    json!({
        "latitude": place.latitude,
        "longitude": place.longitude,
        "name": or_degrees(&place.name),
        "address": or_degrees(&place.address),
    })
}
