//! From a content to its endpoint and body: Infobip has one of each for each kind of message.
//! (Infobip, "Send WhatsApp messages", 2026.)

use domain::content::{
    Content, Interactive, InteractiveAction, InteractiveHeader, MediaContent, MediaKind,
    TemplateButton, TemplateButtonValue, TemplateComponent, TemplateContent, TemplateParameter,
};
use serde_json::{Map, Value, json};

use crate::adapter::{Number, Outgoing};
use crate::meta::person::phone_of;
use crate::proof::with_key;
use crate::provider::CannotSay;
use crate::saying::{digits_of, link_of, texts_of};

/// The path behind `/whatsapp/1/message/`, and the body. Our id is the message's own id, and comes back with every
/// report.
///
/// # Errors
/// When Infobip has no such message, its file has no address, or the recipient is no phone number.
pub fn request(
    number: &Number,
    out: &Outgoing<'_>,
    content: &Content,
) -> Result<(&'static [&'static str], Value), CannotSay> {
    let from = phone_of(&number.number).unwrap_or_else(|| number.number.clone());
    let mut message = json!({
        "from": from,
        "to": digits_of(out.to)?,
        "messageId": out.our_id,
        "callbackData": out.our_id,
    });
    if let Some(url) = out.callback_url {
        message["notifyUrl"] = with_key(url, number.webhook_secrets.first()).into();
    }
    if let Some(quoted) = out.reply_to {
        message["context"] = json!({ "replyToMessageId": quoted });
    }
    let (path, said) = said(content)?;
    message["content"] = said;
    if matches!(content, Content::Template(_)) {
        message = json!({ "messages": [message] });
    }
    Ok((path, message))
}

fn said(content: &Content) -> Result<(&'static [&'static str], Value), CannotSay> {
    Ok(match content {
        Content::Text { text, preview_url } => (
            &["text"],
            json!({ "text": text, "previewUrl": preview_url }),
        ),
        Content::Media(media) => {
            let path: &[&str] = match media.media_kind {
                MediaKind::Image => &["image"],
                MediaKind::Video => &["video"],
                MediaKind::Audio => &["audio"],
                MediaKind::Document => &["document"],
                MediaKind::Sticker => &["sticker"],
            };
            (path, media_json(media)?)
        }
        Content::Location(place) => {
            let mut said = json!({ "latitude": place.latitude, "longitude": place.longitude });
            put(&mut said, "name", place.name.as_deref());
            put(&mut said, "address", place.address.as_deref());
            (&["location"], said)
        }
        Content::Interactive(interactive) => interactive_json(interactive)?,
        Content::Template(template) => (&["template"], template_json(template)?),
        Content::Contacts { .. } => {
            return Err(CannotSay::NoSuchMessage {
                kind: content.kind(),
            });
        }
        content => {
            return Err(CannotSay::InboundOnly {
                kind: content.kind(),
            });
        }
    })
}

fn put(object: &mut Value, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        object[key] = value.into();
    }
}

fn media_json(media: &MediaContent) -> Result<Value, CannotSay> {
    let mut said = json!({ "mediaUrl": link_of(media)? });
    match (&media.caption, media.media_kind) {
        (caption, MediaKind::Image | MediaKind::Video | MediaKind::Document) => {
            put(&mut said, "caption", caption.as_deref());
        }
        (Some(_), _) => return Err(CannotSay::NoPlaceFor { field: "caption" }),
        (None, _) => {}
    }
    if media.media_kind == MediaKind::Document {
        put(&mut said, "filename", media.filename.as_deref());
    }
    Ok(said)
}

/// A file in a header: `{"type":"IMAGE","mediaUrl":…}`.
fn header_media(media: &MediaContent) -> Result<Value, CannotSay> {
    let kind = media.media_kind.as_str().to_ascii_uppercase();
    let mut said = json!({ "type": kind, "mediaUrl": link_of(media)? });
    if media.media_kind == MediaKind::Document {
        put(&mut said, "filename", media.filename.as_deref());
    }
    Ok(said)
}

fn interactive_json(
    interactive: &Interactive,
) -> Result<(&'static [&'static str], Value), CannotSay> {
    let (path, action): (&[&str], _) = match &interactive.action {
        InteractiveAction::Buttons { buttons } => {
            let buttons: Vec<_> = buttons
                .iter()
                .map(|button| json!({ "type": "REPLY", "id": button.id, "title": button.title }))
                .collect();
            (&["interactive", "buttons"], json!({ "buttons": buttons }))
        }
        InteractiveAction::List { button, sections } => {
            let sections: Vec<_> = sections
                .iter()
                .map(|section| {
                    let rows: Vec<_> = section
                        .rows
                        .iter()
                        .map(|row| {
                            let mut said = json!({ "id": row.id, "title": row.title });
                            put(&mut said, "description", row.description.as_deref());
                            said
                        })
                        .collect();
                    let mut said = json!({ "rows": rows });
                    put(&mut said, "title", section.title.as_deref());
                    said
                })
                .collect();
            let action = json!({ "title": button, "sections": sections });
            (&["interactive", "list"], action)
        }
        InteractiveAction::UrlButton { display_text, url } => (
            &["interactive", "url-button"],
            json!({ "displayText": display_text, "url": url }),
        ),
        InteractiveAction::LocationRequest => (&["interactive", "location-request"], Value::Null),
        _ => return Err(CannotSay::NoPlaceFor { field: "action" }),
    };
    let mut said = json!({ "body": { "text": interactive.body } });
    if !action.is_null() {
        said["action"] = action;
    }
    match &interactive.header {
        None => {}
        Some(InteractiveHeader::Text { text }) => {
            said["header"] = json!({ "type": "TEXT", "text": text });
        }
        Some(InteractiveHeader::Media(media)) => said["header"] = header_media(media)?,
    }
    if let Some(footer) = &interactive.footer {
        said["footer"] = json!({ "text": footer });
    }
    Ok((path, said))
}

fn template_json(template: &TemplateContent) -> Result<Value, CannotSay> {
    let mut data = Map::new();
    let mut buttons = Vec::new();
    data.insert("body".into(), json!({ "placeholders": [] }));
    for component in &template.components {
        match component {
            TemplateComponent::Header { parameters } => {
                data.insert("header".into(), template_header(parameters)?);
            }
            TemplateComponent::Body { parameters } => {
                let texts = texts_of(parameters, "body")?;
                data.insert("body".into(), json!({ "placeholders": texts }));
            }
            TemplateComponent::Button(button) => buttons.push(template_button(button)?),
            TemplateComponent::LimitedTimeOffer { .. } => {
                return Err(CannotSay::NoPlaceFor { field: "offer" });
            }
            TemplateComponent::Carousel { .. } => {
                return Err(CannotSay::NoPlaceFor { field: "carousel" });
            }
        }
    }
    if !buttons.is_empty() {
        data.insert("buttons".into(), buttons.into());
    }
    Ok(json!({
        "templateName": template.name,
        "templateData": data,
        "language": template.language,
    }))
}

fn template_header(parameters: &[TemplateParameter]) -> Result<Value, CannotSay> {
    match parameters {
        [TemplateParameter::Media(media)] => header_media(media),
        [TemplateParameter::Location(place)] => Ok(json!({
            "type": "LOCATION",
            "latitude": place.latitude,
            "longitude": place.longitude,
        })),
        parameters => {
            let texts = texts_of(parameters, "header")?;
            let text = texts.first().map_or("", String::as_str);
            Ok(json!({ "type": "TEXT", "placeholder": text }))
        }
    }
}

fn template_button(button: &TemplateButton) -> Result<Value, CannotSay> {
    let (kind, parameter) = match &button.value {
        TemplateButtonValue::QuickReply { payload } => ("QUICK_REPLY", payload),
        TemplateButtonValue::Url { suffix } => ("URL", suffix),
        TemplateButtonValue::CopyCode { code } => ("COPY_CODE", code),
        _ => return Err(CannotSay::NoPlaceFor { field: "button" }),
    };
    Ok(json!({ "type": kind, "parameter": parameter }))
}
