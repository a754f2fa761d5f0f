//! From a content to the form of `POST …/Messages.json`. (Twilio, "Message resource", 2026.)
//!
//! What Twilio has no place for: which message is answered, and a document's name; both are left out, for the message
//! says what it says without them. Buttons and lists are Contents that are made on the way ([`session_content`]).

use domain::content::{
    Content, Interactive, InteractiveAction, ListSection, Location, MediaContent, MediaKind,
    ReplyButton,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::adapter::Number;
use crate::meta::person::phone_of;
use crate::provider::{CannotSay, Recipient};
use crate::saying::{digits_of, link_of};

/// The names of the Contents that we make for buttons and lists begin so; they are no templates.
pub const SESSION_PREFIX: &str = "kesher_session_";

pub type Pairs = Vec<(&'static str, String)>;

/// The form that says `content`, but for templates and interactive messages: these name a Content.
///
/// # Errors
/// When Twilio has no such message, its file has no address, or the recipient is no phone number.
pub fn message_form(
    number: &Number,
    to: &Recipient,
    content: &Content,
    callback_url: Option<&str>,
) -> Result<Pairs, CannotSay> {
    let mut pairs = addressed(number, to)?;
    match content {
        Content::Text { text, .. } => pairs.push(("Body", text.clone())),
        Content::Media(media) => said_media(media, &mut pairs)?,
        Content::Location(place) => said_place(place, &mut pairs),
        Content::Contacts { .. } | Content::Interactive(_) | Content::Template(_) => {
            return Err(CannotSay::NoSuchMessage {
                kind: content.kind(),
            });
        }
        _ => {
            return Err(CannotSay::InboundOnly {
                kind: content.kind(),
            });
        }
    }
    pairs.extend(callback_url.map(|url| ("StatusCallback", url.to_owned())));
    Ok(pairs)
}

/// The form that sends a Content with its variables filled in.
///
/// # Errors
/// When the recipient is no phone number.
pub fn content_form(
    number: &Number,
    to: &Recipient,
    content_sid: &str,
    variables: &serde_json::Map<String, Value>,
    callback_url: Option<&str>,
) -> Result<Pairs, CannotSay> {
    let mut pairs = addressed(number, to)?;
    pairs.push(("ContentSid", content_sid.to_owned()));
    if !variables.is_empty() {
        let variables = serde_json::to_string(variables).unwrap_or_default();
        pairs.push(("ContentVariables", variables));
    }
    pairs.extend(callback_url.map(|url| ("StatusCallback", url.to_owned())));
    Ok(pairs)
}

/// A number is its own sender, or belongs to a messaging service (`MG…`), which then picks the sender if we name none.
fn addressed(number: &Number, to: &Recipient) -> Result<Pairs, CannotSay> {
    let to = digits_of(to)?;
    let mut pairs = vec![("To", format!("whatsapp:+{to}"))];
    let is_service = number.number.starts_with("MG");
    let own = phone_of(&number.number).or_else(|| number.phone.as_deref().and_then(phone_of));
    if let Some(own) = own {
        pairs.push(("From", format!("whatsapp:+{own}")));
    } else if !is_service {
        return Err(CannotSay::NoPlaceFor { field: "from" });
    }
    if is_service {
        pairs.push(("MessagingServiceSid", number.number.clone()));
    }
    Ok(pairs)
}

fn said_media(media: &MediaContent, pairs: &mut Pairs) -> Result<(), CannotSay> {
    let link = link_of(media)?.to_owned();
    let has_caption = matches!(
        media.media_kind,
        MediaKind::Image | MediaKind::Video | MediaKind::Document
    );
    match &media.caption {
        Some(caption) if has_caption => pairs.push(("Body", caption.clone())),
        Some(_) => return Err(CannotSay::NoPlaceFor { field: "caption" }),
        None => {}
    }
    pairs.push(("MediaUrl", link));
    Ok(())
}

/// Twilio wants a text beside the place; its name or its degrees.
fn said_place(place: &Location, pairs: &mut Pairs) {
    let degrees = format!("{},{}", place.latitude, place.longitude);
    let label = [place.name.as_deref(), place.address.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ");
    let text = if label.is_empty() {
        degrees.clone()
    } else {
        label.clone()
    };
    pairs.push(("Body", text));
    let action = if label.is_empty() {
        format!("geo:{degrees}")
    } else {
        format!("geo:{degrees}|{label}")
    };
    pairs.push(("PersistentAction", action));
}

/// The Content for a message with buttons or a list, and what fills it in. The text is its variable, so that the same
/// buttons need one Content only; its name is made of its buttons. Such a Content needs no approval inside the window
/// (Twilio, "Content types overview", 2026).
///
/// # Errors
/// When it has a header, a footer or an action for which these Contents have no place.
pub fn session_content(
    interactive: &Interactive,
) -> Result<(Value, serde_json::Map<String, Value>), CannotSay> {
    if interactive.header.is_some() {
        return Err(CannotSay::NoPlaceFor { field: "header" });
    }
    if interactive.footer.is_some() {
        return Err(CannotSay::NoPlaceFor { field: "footer" });
    }
    let types = match &interactive.action {
        InteractiveAction::Buttons { buttons } => quick_reply(buttons),
        InteractiveAction::List { button, sections } => list_picker(button, sections),
        _ => return Err(CannotSay::NoPlaceFor { field: "action" }),
    };
    let digest = Sha256::digest(types.to_string());
    let mark: String = digest.iter().take(12).map(|b| format!("{b:02x}")).collect();
    let content = json!({
        "friendly_name": format!("{SESSION_PREFIX}{mark}"),
        // Unused by WhatsApp within the window, but Twilio wants one.
        "language": "en",
        "variables": { "1": "text" },
        "types": types,
    });
    let variables = [("1".to_owned(), Value::from(interactive.body.as_str()))];
    Ok((content, variables.into_iter().collect()))
}

fn quick_reply(buttons: &[ReplyButton]) -> Value {
    let actions: Vec<_> = buttons
        .iter()
        .map(|button| json!({ "type": "QUICK_REPLY", "title": button.title, "id": button.id }))
        .collect();
    json!({ "twilio/quick-reply": { "body": "{{1}}", "actions": actions } })
}

/// Twilio's list has no sections.
fn list_picker(button: &str, sections: &[ListSection]) -> Value {
    let items: Vec<_> = sections
        .iter()
        .flat_map(|section| &section.rows)
        .map(|row| {
            let mut item = json!({ "item": row.title, "id": row.id });
            if let Some(description) = &row.description {
                item["description"] = description.as_str().into();
            }
            item
        })
        .collect();
    json!({ "twilio/list-picker": { "body": "{{1}}", "button": button, "items": items } })
}
