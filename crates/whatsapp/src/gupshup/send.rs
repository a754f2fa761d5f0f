//! From a content to the form of `POST /wa/api/v1/msg`, whose `message` is JSON, or of `…/template/msg`.
//! (Gupshup, self-serve API, 2026.)

use domain::content::{
    Content, Interactive, InteractiveAction, InteractiveHeader, ListSection, MediaContent,
    MediaKind, TemplateButtonValue, TemplateComponent, TemplateContent, TemplateParameter,
};
use serde_json::{Value, json};

use crate::adapter::{Number, Outgoing};
use crate::meta::person::phone_of;
use crate::provider::CannotSay;
use crate::saying::{digits_of, link_of, texts_of};

pub type Pairs = Vec<(&'static str, String)>;

/// The form that says `content`, which is no template and has its file's address already.
///
/// # Errors
/// When Gupshup has no such message, its file has no address, or the recipient is no phone number.
pub fn message_form(
    number: &Number,
    out: &Outgoing<'_>,
    content: &Content,
) -> Result<Pairs, CannotSay> {
    let mut message = message_json(content, out.our_id)?;
    if let Some(quoted) = out.reply_to {
        message["context"] = json!({ "msgId": quoted });
    }
    let mut pairs = addressed(number, out)?;
    pairs.push(("message", message.to_string()));
    if let Content::Text {
        preview_url: false, ..
    } = content
    {
        pairs.push(("disablePreview", "true".to_owned()));
    }
    Ok(pairs)
}

/// The form that sends a template: named by its id, filled in with one list of values.
///
/// # Errors
/// When something is filled in for which Gupshup has no place, or the recipient is no phone number.
pub fn template_form(
    number: &Number,
    out: &Outgoing<'_>,
    template: &TemplateContent,
    id: &str,
) -> Result<Pairs, CannotSay> {
    let mut params = Vec::new();
    let mut postbacks = Vec::new();
    let mut header = None;
    for component in &template.components {
        match component {
            TemplateComponent::Header { parameters } => match parameters.as_slice() {
                [TemplateParameter::Media(media)] => header = Some(header_json(media)?),
                parameters => params.extend(texts_of(parameters, "header")?),
            },
            TemplateComponent::Body { parameters } => params.extend(texts_of(parameters, "body")?),
            TemplateComponent::Button(button) => match &button.value {
                TemplateButtonValue::QuickReply { payload } => {
                    postbacks.push(json!({ "index": button.index, "text": payload }));
                }
                TemplateButtonValue::Url { suffix } => params.push(suffix.clone()),
                TemplateButtonValue::CopyCode { code } => params.push(code.clone()),
                _ => return Err(CannotSay::NoPlaceFor { field: "button" }),
            },
            TemplateComponent::LimitedTimeOffer { .. } => {
                return Err(CannotSay::NoPlaceFor { field: "offer" });
            }
            TemplateComponent::Carousel { .. } => {
                return Err(CannotSay::NoPlaceFor { field: "carousel" });
            }
        }
    }
    let mut pairs = addressed(number, out)?;
    pairs.push((
        "template",
        json!({ "id": id, "params": params }).to_string(),
    ));
    pairs.extend(header.map(|header| ("message", header.to_string())));
    if !postbacks.is_empty() {
        pairs.push(("postbackTexts", Value::from(postbacks).to_string()));
    }
    Ok(pairs)
}

fn addressed(number: &Number, out: &Outgoing<'_>) -> Result<Pairs, CannotSay> {
    let source = phone_of(&number.number).unwrap_or_else(|| number.number.clone());
    Ok(vec![
        ("channel", "whatsapp".to_owned()),
        ("source", source),
        ("destination", digits_of(out.to)?),
        ("src.name", number.account.clone()),
    ])
}

fn message_json(content: &Content, our_id: &str) -> Result<Value, CannotSay> {
    Ok(match content {
        Content::Text { text, .. } => json!({ "type": "text", "text": text }),
        Content::Media(media) => media_json(media)?,
        Content::Location(place) => json!({
            "type": "location",
            "longitude": place.longitude,
            "latitude": place.latitude,
            "name": place.name.as_deref().unwrap_or_default(),
            "address": place.address.as_deref().unwrap_or_default(),
        }),
        Content::Interactive(interactive) => interactive_json(interactive, our_id)?,
        Content::Contacts { .. } | Content::Template(_) => {
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

fn media_json(media: &MediaContent) -> Result<Value, CannotSay> {
    let link = link_of(media)?;
    let mut said = match media.media_kind {
        MediaKind::Image => json!({ "type": "image", "originalUrl": link, "previewUrl": link }),
        MediaKind::Video => json!({ "type": "video", "url": link }),
        MediaKind::Audio => json!({ "type": "audio", "url": link }),
        MediaKind::Sticker => json!({ "type": "sticker", "url": link }),
        MediaKind::Document => {
            let name = media.filename.as_deref().unwrap_or("file");
            json!({ "type": "file", "url": link, "filename": name })
        }
    };
    match (&media.caption, media.media_kind) {
        (Some(caption), MediaKind::Image | MediaKind::Video | MediaKind::Document) => {
            said["caption"] = caption.as_str().into();
        }
        (Some(_), _) => return Err(CannotSay::NoPlaceFor { field: "caption" }),
        (None, _) => {}
    }
    Ok(said)
}

/// The file of a template's header.
fn header_json(media: &MediaContent) -> Result<Value, CannotSay> {
    let kind = media.media_kind.as_str();
    let mut file = json!({ "link": link_of(media)? });
    if let (MediaKind::Document, Some(name)) = (media.media_kind, &media.filename) {
        file["filename"] = name.as_str().into();
    }
    Ok(json!({ "type": kind, kind: file }))
}

fn interactive_json(interactive: &Interactive, our_id: &str) -> Result<Value, CannotSay> {
    match &interactive.action {
        InteractiveAction::Buttons { buttons } => {
            let options: Vec<_> = buttons
                .iter()
                .map(|button| json!({ "type": "text", "title": button.title, "postbackText": button.id }))
                .collect();
            Ok(json!({
                "type": "quick_reply",
                "msgid": our_id,
                "content": content_json(interactive)?,
                "options": options,
            }))
        }
        InteractiveAction::List { button, sections } => {
            let title = match &interactive.header {
                None => String::new(),
                Some(InteractiveHeader::Text { text }) => text.clone(),
                Some(InteractiveHeader::Media(_)) => {
                    return Err(CannotSay::NoPlaceFor { field: "header" });
                }
            };
            let items: Vec<_> = sections.iter().map(section_json).collect();
            let mut said = json!({
                "type": "list",
                "title": title,
                "body": interactive.body,
                "msgid": our_id,
                "globalButtons": [{ "type": "text", "title": button }],
                "items": items,
            });
            if let Some(footer) = &interactive.footer {
                said["footer"] = footer.as_str().into();
            }
            Ok(said)
        }
        _ => Err(CannotSay::NoPlaceFor { field: "action" }),
    }
}

fn content_json(interactive: &Interactive) -> Result<Value, CannotSay> {
    let mut said = match &interactive.header {
        None => json!({ "type": "text" }),
        Some(InteractiveHeader::Text { text }) => json!({ "type": "text", "header": text }),
        Some(InteractiveHeader::Media(media)) => {
            let kind = match media.media_kind {
                MediaKind::Document => "file",
                other => other.as_str(),
            };
            json!({ "type": kind, "url": link_of(media)? })
        }
    };
    said["text"] = interactive.body.as_str().into();
    if let Some(footer) = &interactive.footer {
        said["caption"] = footer.as_str().into();
    }
    Ok(said)
}

fn section_json(section: &ListSection) -> Value {
    let options: Vec<_> = section
        .rows
        .iter()
        .map(|row| {
            json!({
                "type": "text",
                "title": row.title,
                "description": row.description.as_deref().unwrap_or_default(),
                "postbackText": row.id,
            })
        })
        .collect();
    let title = section.title.as_deref().unwrap_or_default();
    json!({ "title": title, "subtitle": title, "options": options })
}
