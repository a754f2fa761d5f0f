//! From a content to the body of `POST /v1/messages`. (Vonage, "Messages API", 2026.) What Vonage has no form of its
//! own for goes as `custom`: then it is Meta's object as it is.

use domain::content::{
    Content, MediaContent, MediaKind, TemplateComponent, TemplateContent, TemplateParameter,
};
use serde_json::{Map, Value, json};

use crate::adapter::{Number, Outgoing};
use crate::meta::person::phone_of;
use crate::meta::send::request_json as meta_request;
use crate::provider::{CannotSay, Recipient};
use crate::saying::{link_of, texts_of};

/// A longer id of ours would be refused, and takes the message with it.
const CLIENT_REF_MAX: usize = 100;

/// The request that says `content`, which has its file's address already.
///
/// # Errors
/// When the content only comes from people, its file has no address, or the recipient is neither a phone number nor a
/// business-scoped id.
pub fn request_json(
    number: &Number,
    out: &Outgoing<'_>,
    content: &Content,
) -> Result<Value, CannotSay> {
    let mut request = addressed(number, out.to)?;
    let (kind, key, said) = said(content)?;
    request.insert("message_type".into(), kind.into());
    request.insert(key.into(), said);
    if let Content::Template(template) = content
        && kind == "template"
    {
        let whatsapp = json!({ "policy": "deterministic", "locale": template.language });
        request.insert("whatsapp".into(), whatsapp);
    }
    if let Some(message) = out.reply_to {
        request.insert("context".into(), json!({ "message_uuid": message }));
    }
    if (1..=CLIENT_REF_MAX).contains(&out.our_id.len()) {
        request.insert("client_ref".into(), out.our_id.into());
    }
    if let Some(url) = out.callback_url {
        request.insert("webhook_url".into(), url.into());
        request.insert("webhook_version".into(), "v1".into());
    }
    Ok(Value::Object(request))
}

/// The request that puts an emoji on a message, or takes ours back.
///
/// # Errors
/// As [`request_json`].
pub fn reaction_json(
    number: &Number,
    to: &Recipient,
    target: &str,
    emoji: Option<&str>,
) -> Result<Value, CannotSay> {
    let mut request = addressed(number, to)?;
    let reaction = match emoji {
        Some(emoji) => json!({ "action": "react", "emoji": emoji }),
        None => json!({ "action": "unreact" }),
    };
    request.insert("message_type".into(), "reaction".into());
    request.insert("reaction".into(), reaction);
    request.insert("context".into(), json!({ "message_uuid": target }));
    Ok(Value::Object(request))
}

/// The request that marks a person's message as read.
#[must_use]
pub fn mark_read_json(typing: bool) -> Value {
    let mut request = json!({ "status": "read" });
    if typing {
        request["replying_indicator"] = json!({ "show": true, "type": "text" });
    }
    request
}

fn addressed(number: &Number, to: &Recipient) -> Result<Map<String, Value>, CannotSay> {
    let to = match to {
        Recipient::Phone(phone) => phone_of(phone).ok_or(CannotSay::BadRecipient)?,
        Recipient::Bsuid(id) => id.clone(),
        Recipient::Group(_) => return Err(CannotSay::NeedsPhone),
    };
    let from = phone_of(&number.number).unwrap_or_else(|| number.number.clone());
    let members = [
        ("channel", "whatsapp".to_owned()),
        ("from", from),
        ("to", to),
    ];
    Ok(members
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect())
}

/// The kind of message, the member that holds it, and what is in that.
fn said(content: &Content) -> Result<(&'static str, &'static str, Value), CannotSay> {
    Ok(match content {
        Content::Text { text, .. } => ("text", "text", text.as_str().into()),
        Content::Media(media) => {
            let kind = match media.media_kind {
                MediaKind::Document => "file",
                other => other.as_str(),
            };
            (kind, kind, media_json(media)?)
        }
        Content::Template(template) => match plain_texts(template)? {
            Some(texts) => {
                let said = json!({ "name": template.name, "parameters": texts });
                ("template", "template", said)
            }
            None => ("custom", "custom", custom_json(content)?),
        },
        content => ("custom", "custom", custom_json(content)?),
    })
}

fn media_json(media: &MediaContent) -> Result<Value, CannotSay> {
    let mut said = json!({ "url": link_of(media)? });
    let has_caption = matches!(
        media.media_kind,
        MediaKind::Image | MediaKind::Video | MediaKind::Document
    );
    match &media.caption {
        Some(caption) if has_caption => said["caption"] = caption.as_str().into(),
        Some(_) => return Err(CannotSay::NoPlaceFor { field: "caption" }),
        None => {}
    }
    if let (MediaKind::Document, Some(name)) = (media.media_kind, &media.filename) {
        said["name"] = name.as_str().into();
    }
    Ok(said)
}

/// The values of a template that has only a body, with numbered places; `None` where it has more.
fn plain_texts(template: &TemplateContent) -> Result<Option<Vec<String>>, CannotSay> {
    match template.components.as_slice() {
        [] => Ok(Some(Vec::new())),
        [TemplateComponent::Body { parameters }] => {
            let is_named = |parameter: &TemplateParameter| {
                matches!(parameter, TemplateParameter::Text { name: Some(_), .. })
            };
            if parameters.iter().any(is_named) {
                return Ok(None);
            }
            texts_of(parameters, "body").map(Some)
        }
        _ => Ok(None),
    }
}

/// Meta's object, without whom it is for.
fn custom_json(content: &Content) -> Result<Value, CannotSay> {
    let nobody = Recipient::Bsuid(String::new());
    let request = meta_request(&nobody, content, None, None)?;
    let kind = request["type"].clone();
    let said = kind.as_str().map(|kind| request[kind].clone());
    let mut custom = json!({ "type": kind });
    if let (Some(kind), Some(said)) = (kind.as_str(), said) {
        custom[kind] = said;
    }
    Ok(custom)
}
