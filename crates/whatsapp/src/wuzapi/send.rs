//! From a content to wuzapi's request. (wuzapi's `handlers.go` and README, 2025 and 2026.)

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::content::{MediaContent, MediaKind};
use serde_json::{Value, json};

use crate::adapter::{OutFile, Outgoing};
use crate::gateway::{Said, filename, place_name, said};
use crate::provider::CannotSay;
use crate::saying::digits_of;

/// The method under `/chat/send/` and its body.
///
/// # Errors
/// When wuzapi has no such message, or the recipient is no phone number.
pub fn request(out: &Outgoing<'_>) -> Result<(&'static str, Value), CannotSay> {
    let said = said(out)?;
    let phone = digits_of(out.to)?;
    let (method, mut body) = match said {
        Said::Text { text, preview_url } => {
            let mut body = json!({ "Body": text });
            if preview_url {
                body["LinkPreview"] = true.into();
            }
            ("text", body)
        }
        Said::File { media, file } => file_request(media, file),
        Said::Place(place) => (
            "location",
            json!({
                "Latitude": place.latitude,
                "Longitude": place.longitude,
                "Name": place_name(place),
            }),
        ),
    };
    if let Some(id) = out.reply_to {
        // Taken for a message of the person: those are what is answered.
        body["ContextInfo"] = json!({ "StanzaId": id, "Participant": jid_of(&phone) });
    }
    body["Phone"] = phone.into();
    Ok((method, body))
}

/// Each kind wants its own beginning of the address that holds the bytes; what does not fit goes out as a document.
fn file_request(media: &MediaContent, file: &OutFile) -> (&'static str, Value) {
    let is = |kind: &str| file.mime_type.starts_with(kind);
    let (method, key, mime) = match media.media_kind {
        MediaKind::Image if is("image/") => ("image", "Image", &*file.mime_type),
        MediaKind::Video if is("video/") => ("video", "Video", &*file.mime_type),
        MediaKind::Audio if is("audio/ogg") => ("audio", "Audio", "audio/ogg"),
        MediaKind::Sticker if is("image/webp") => ("sticker", "Sticker", "image/webp"),
        _ => ("document", "Document", "application/octet-stream"),
    };
    let data = STANDARD.encode(&file.bytes);
    let mut body = json!({ key: format!("data:{mime};base64,{data}") });
    if method == "document" {
        body["FileName"] = filename(media, file).into();
    }
    if let Some(caption) = &media.caption {
        body["Caption"] = caption.as_str().into();
    }
    (method, body)
}

/// whatsmeow's address of a person.
pub(super) fn jid_of(digits: &str) -> String {
    format!("{digits}@s.whatsapp.net")
}
