//! From a content to Green API's request. (green-api.com, "Sending" pages, 2026.)

use bytes::Bytes;
use domain::content::MediaKind;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::adapter::Outgoing;
use crate::gateway::{Said, filename, said};
use crate::provider::CannotSay;
use crate::saying::digits_of;

/// Characters in one message.
const TEXT_MAX: usize = 20_000;

/// A request: its method, and what it carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    Json(&'static str, Value),
    /// `sendFileByUpload`, at another host: the fields, and the file.
    Upload {
        fields: Vec<(&'static str, String)>,
        mime_type: String,
        filename: String,
        bytes: Bytes,
    },
}

/// # Errors
/// When Green API has no such message, or the recipient is no phone number.
pub fn request(out: &Outgoing<'_>) -> Result<Request, CannotSay> {
    let said = said(out)?;
    let chat_id = chat_id(&digits_of(out.to)?);
    let (method, mut body) = match said {
        Said::Text { text, .. } if text.chars().count() > TEXT_MAX => {
            return Err(CannotSay::NoPlaceFor { field: "text" });
        }
        Said::Text { text, preview_url } => (
            "sendMessage",
            json!({ "message": text, "linkPreview": preview_url }),
        ),
        Said::Place(place) => (
            "sendLocation",
            json!({
                "nameLocation": place.name.as_deref().unwrap_or_default(),
                "address": place.address.as_deref().unwrap_or_default(),
                "latitude": place.latitude,
                "longitude": place.longitude,
            }),
        ),
        // A WebP picture goes out as a picture.
        Said::File { media, .. } if media.media_kind == MediaKind::Sticker => {
            return Err(CannotSay::NoSuchMessage { kind: "sticker" });
        }
        Said::File { media, file } => {
            let mut fields = vec![
                ("chatId", chat_id),
                ("fileName", filename(media, file).to_owned()),
            ];
            fields.extend(media.caption.clone().map(|caption| ("caption", caption)));
            fields.extend(out.reply_to.map(|id| ("quotedMessageId", id.to_owned())));
            return Ok(Request::Upload {
                fields,
                mime_type: file.mime_type.clone(),
                filename: filename(media, file).to_owned(),
                bytes: file.bytes.clone(),
            });
        }
    };
    body["chatId"] = chat_id.into();
    if let Some(id) = out.reply_to {
        body["quotedMessageId"] = id.into();
    }
    Ok(Request::Json(method, body))
}

/// The form of an upload; `None` where the type is no MIME type.
pub(super) fn form(
    fields: Vec<(&'static str, String)>,
    mime_type: &str,
    filename: String,
    bytes: Bytes,
) -> Option<Form> {
    let length = bytes.len() as u64;
    let part = Part::stream_with_length(bytes, length)
        .file_name(filename)
        .mime_str(mime_type)
        .ok()?;
    let form = fields
        .into_iter()
        .fold(Form::new(), |form, (name, value)| form.text(name, value));
    Some(form.part("file", part))
}

pub(super) fn chat_id(digits: &str) -> String {
    format!("{digits}@c.us")
}
