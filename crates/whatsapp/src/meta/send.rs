//! From a content to the body of `POST /{phone_number_id}/messages`. (Meta, messages page, 2026-06.)
//!
//! The quirks are Meta's: a button's index is a string except for `copy_code`, coordinates are strings.

use domain::content::{
    CarouselCard, ContactCard, Content, FormAction, Interactive, InteractiveAction,
    InteractiveHeader, ListSection, Location, MediaContent, MediaKind, MediaSource, ReplyButton,
    TemplateButton, TemplateButtonValue, TemplateComponent, TemplateContent, TemplateParameter,
};
use serde_json::{Map, Value, json};

use super::person::phone_of;
use crate::provider::{CannotSay, Recipient};

/// The request that says `content`. `reply_to` is the provider's id of the quoted message; `our_id` (at most 512
/// characters) comes back in every status of the message. Limits are [`super::limits::check`]'s, not looked at here.
///
/// # Errors
/// When the content only ever comes from people, its file is not at Meta yet, something in it has no place in Meta's
/// form, or the recipient is no phone number.
pub fn request_json(
    recipient: &Recipient,
    content: &Content,
    reply_to: Option<&str>,
    our_id: Option<&str>,
) -> Result<Value, CannotSay> {
    let (kind, said) = said(content)?;
    let mut request = addressed(recipient)?;
    if let Some(message_id) = reply_to {
        request.insert("context".into(), json!({ "message_id": message_id }));
    }
    if let Some(our_id) = our_id {
        request.insert("biz_opaque_callback_data".into(), our_id.into());
    }
    request.insert("type".into(), kind.into());
    request.insert(kind.into(), said);
    Ok(Value::Object(request))
}

/// The request that puts an emoji on a message, or takes ours back. Only a `sent` status ever follows.
///
/// # Errors
/// When the recipient is no phone number.
pub fn reaction_json(
    recipient: &Recipient,
    target: &str,
    emoji: Option<&str>,
    our_id: Option<&str>,
) -> Result<Value, CannotSay> {
    let mut request = addressed(recipient)?;
    if let Some(our_id) = our_id {
        request.insert("biz_opaque_callback_data".into(), our_id.into());
    }
    request.insert("type".into(), "reaction".into());
    request.insert(
        "reaction".into(),
        json!({ "message_id": target, "emoji": emoji.unwrap_or_default() }),
    );
    Ok(Value::Object(request))
}

/// The request that marks a person's message, and those before it, as read. Typing shows until our next message,
/// 25 seconds at most; Meta has no typing without a read mark.
#[must_use]
pub fn mark_read_json(message_id: &str, typing: bool) -> Value {
    let mut request = json!({
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message_id,
    });
    if typing {
        request["typing_indicator"] = json!({ "type": "text" });
    }
    request
}

/// Without a plus Meta puts the business's own country code before the number, so a plus always stands there.
fn addressed(recipient: &Recipient) -> Result<Map<String, Value>, CannotSay> {
    let mut request = Map::new();
    request.insert("messaging_product".into(), "whatsapp".into());
    let (kind, key, value) = match recipient {
        Recipient::Phone(phone) => {
            let digits = phone_of(phone).ok_or(CannotSay::BadRecipient)?;
            ("individual", "to", format!("+{digits}"))
        }
        Recipient::Bsuid(id) => ("individual", "recipient", id.clone()),
        Recipient::Group(id) => ("group", "to", id.clone()),
    };
    request.insert("recipient_type".into(), kind.into());
    request.insert(key.into(), value.into());
    Ok(request)
}

fn said(content: &Content) -> Result<(&'static str, Value), CannotSay> {
    Ok(match content {
        Content::Text { text, preview_url } => {
            let mut said = json!({ "body": text });
            if *preview_url {
                said["preview_url"] = true.into();
            }
            ("text", said)
        }
        Content::Media(media) => (media.media_kind.as_str(), media_json(media)?),
        Content::Location(place) => ("location", location_json(place)),
        Content::Contacts { cards } => ("contacts", cards.iter().map(card_json).collect()),
        Content::Interactive(interactive) => ("interactive", interactive_json(interactive)?),
        Content::Template(template) => ("template", template_json(template)?),
        Content::ButtonReply { .. }
        | Content::ListReply { .. }
        | Content::FormReply { .. }
        | Content::CallPermissionReply { .. }
        | Content::Order { .. }
        | Content::Unsupported { .. }
        | Content::Unknown { .. } => {
            return Err(CannotSay::InboundOnly {
                kind: content.kind(),
            });
        }
    })
}

/// Sets a member where there is something to set.
fn put(object: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object[key] = value.into();
    }
}

fn source_json(media: &MediaContent) -> Result<Value, CannotSay> {
    match &media.source {
        Some(MediaSource::Id(id)) => Ok(json!({ "id": id })),
        Some(MediaSource::Link(link)) => Ok(json!({ "link": link })),
        None => Err(CannotSay::MediaNotUploaded),
    }
}

fn media_json(media: &MediaContent) -> Result<Value, CannotSay> {
    let mut said = source_json(media)?;
    let has_caption = matches!(
        media.media_kind,
        MediaKind::Image | MediaKind::Video | MediaKind::Document
    );
    if has_caption {
        put(&mut said, "caption", media.caption.as_deref());
    } else if media.caption.is_some() {
        return Err(CannotSay::NoPlaceFor { field: "caption" });
    }
    if media.media_kind == MediaKind::Document {
        put(&mut said, "filename", media.filename.as_deref());
    }
    if media.voice && media.media_kind == MediaKind::Audio {
        said["voice"] = true.into();
    }
    Ok(said)
}

fn location_json(place: &Location) -> Value {
    let mut said = json!({
        "latitude": place.latitude.to_string(),
        "longitude": place.longitude.to_string(),
    });
    put(&mut said, "name", place.name.as_deref());
    put(&mut said, "address", place.address.as_deref());
    said
}

/// Meta wants the whole name and at least one part of it.
fn card_json(card: &ContactCard) -> Value {
    let whole = card.formatted_name.clone().unwrap_or_else(|| {
        [card.first_name.as_deref(), card.last_name.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    });
    let mut name = json!({ "formatted_name": whole });
    put(&mut name, "first_name", card.first_name.as_deref());
    put(&mut name, "last_name", card.last_name.as_deref());
    if card.first_name.is_none() && card.last_name.is_none() {
        name["first_name"] = whole.into();
    }
    let mut said = json!({ "name": name });
    let phones = card.phones.iter().map(|phone| {
        let mut said = json!({ "phone": phone.phone });
        put(&mut said, "type", phone.label.as_deref());
        put(&mut said, "wa_id", phone.wa_id.as_deref());
        said
    });
    put_list(&mut said, "phones", phones);
    for (members, key, entries) in [
        ("emails", "email", &card.emails),
        ("urls", "url", &card.urls),
    ] {
        let entries = entries.iter().map(|entry| {
            let mut said = json!({ key: entry.value });
            put(&mut said, "type", entry.label.as_deref());
            said
        });
        put_list(&mut said, members, entries);
    }
    if let Some(company) = &card.company {
        said["org"] = json!({ "company": company });
    }
    said
}

fn put_list(object: &mut Value, key: &str, items: impl Iterator<Item = Value>) {
    let items: Vec<Value> = items.collect();
    if !items.is_empty() {
        object[key] = items.into();
    }
}

fn interactive_json(interactive: &Interactive) -> Result<Value, CannotSay> {
    let (kind, action) = action_json(&interactive.action);
    let mut said = json!({
        "type": kind,
        "body": { "text": interactive.body },
        "action": action,
    });
    match &interactive.header {
        None => {}
        Some(InteractiveHeader::Text { text }) => {
            said["header"] = json!({ "type": "text", "text": text });
        }
        Some(InteractiveHeader::Media(media)) => said["header"] = media_value(media)?,
    }
    if let Some(footer) = &interactive.footer {
        said["footer"] = json!({ "text": footer });
    }
    Ok(said)
}

/// `{"type":"image","image":{…}}`: a file in a header or a parameter. Only a document's name has a place here.
fn media_value(media: &MediaContent) -> Result<Value, CannotSay> {
    let kind = media.media_kind.as_str();
    let mut file = source_json(media)?;
    if media.media_kind == MediaKind::Document {
        put(&mut file, "filename", media.filename.as_deref());
    }
    Ok(json!({ "type": kind, kind: file }))
}

fn action_json(action: &InteractiveAction) -> (&'static str, Value) {
    let named = |name: &str, parameters: Value| json!({ "name": name, "parameters": parameters });
    match action {
        InteractiveAction::Buttons { buttons } => {
            let buttons: Vec<Value> = buttons.iter().map(reply_button_json).collect();
            ("button", json!({ "buttons": buttons }))
        }
        InteractiveAction::List { button, sections } => {
            let sections: Vec<Value> = sections.iter().map(section_json).collect();
            ("list", json!({ "button": button, "sections": sections }))
        }
        InteractiveAction::UrlButton { display_text, url } => {
            let parameters = json!({ "display_text": display_text, "url": url });
            ("cta_url", named("cta_url", parameters))
        }
        InteractiveAction::LocationRequest => (
            "location_request_message",
            json!({ "name": "send_location" }),
        ),
        InteractiveAction::ContactRequest => (
            "request_contact_info",
            json!({ "name": "request_contact_info" }),
        ),
        InteractiveAction::CallPermissionRequest => (
            "call_permission_request",
            json!({ "name": "call_permission_request" }),
        ),
        InteractiveAction::VoiceCall {
            display_text,
            ttl_minutes,
            payload,
        } => {
            let mut parameters = json!({ "display_text": display_text });
            put(&mut parameters, "ttl_minutes", *ttl_minutes);
            put(&mut parameters, "payload", payload.as_deref());
            ("voice_call", named("voice_call", parameters))
        }
        InteractiveAction::Form(form) => ("flow", named("flow", form_json(form))),
    }
}

fn form_json(form: &FormAction) -> Value {
    let mut parameters = json!({
        "flow_message_version": "3",
        "flow_id": form.form_id,
        "flow_cta": form.button,
        "flow_action": if form.screen.is_some() { "navigate" } else { "data_exchange" },
    });
    put(&mut parameters, "flow_token", form.token.as_deref());
    if let Some(screen) = &form.screen {
        let mut payload = json!({ "screen": screen });
        put(&mut payload, "data", form.data.clone());
        parameters["flow_action_payload"] = payload;
    }
    if form.draft {
        parameters["mode"] = "draft".into();
    }
    parameters
}

fn reply_button_json(button: &ReplyButton) -> Value {
    json!({ "type": "reply", "reply": { "id": button.id, "title": button.title } })
}

fn section_json(section: &ListSection) -> Value {
    let rows: Vec<Value> = section
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
}

fn template_json(template: &TemplateContent) -> Result<Value, CannotSay> {
    let mut said = json!({
        "name": template.name,
        "language": { "code": template.language },
    });
    if !template.components.is_empty() {
        said["components"] = components_json(&template.components)?;
    }
    Ok(said)
}

fn components_json(components: &[TemplateComponent]) -> Result<Value, CannotSay> {
    components.iter().map(component_json).collect()
}

fn component_json(component: &TemplateComponent) -> Result<Value, CannotSay> {
    Ok(match component {
        TemplateComponent::Header { parameters } => {
            json!({ "type": "header", "parameters": parameters_json(parameters)? })
        }
        TemplateComponent::Body { parameters } => {
            json!({ "type": "body", "parameters": parameters_json(parameters)? })
        }
        TemplateComponent::Button(button) => button_json(button),
        TemplateComponent::LimitedTimeOffer { expires_at_ms } => {
            let offer = json!({ "expiration_time_ms": expires_at_ms });
            let parameter = json!({ "type": "limited_time_offer", "limited_time_offer": offer });
            json!({ "type": "limited_time_offer", "parameters": [parameter] })
        }
        TemplateComponent::Carousel { cards } => {
            let cards = cards.iter().map(card_components_json);
            json!({ "type": "carousel", "cards": cards.collect::<Result<Vec<_>, _>>()? })
        }
    })
}

fn card_components_json(card: &CarouselCard) -> Result<Value, CannotSay> {
    Ok(json!({
        "card_index": card.card_index,
        "components": components_json(&card.components)?,
    }))
}

fn parameters_json(parameters: &[TemplateParameter]) -> Result<Value, CannotSay> {
    parameters.iter().map(parameter_json).collect()
}

fn parameter_json(parameter: &TemplateParameter) -> Result<Value, CannotSay> {
    Ok(match parameter {
        TemplateParameter::Text { name, text } => {
            let mut said = json!({ "type": "text", "text": text });
            put(&mut said, "parameter_name", name.as_deref());
            said
        }
        TemplateParameter::Currency {
            fallback,
            code,
            amount_1000,
        } => json!({
            "type": "currency",
            "currency": { "fallback_value": fallback, "code": code, "amount_1000": amount_1000 },
        }),
        TemplateParameter::DateTime { fallback } => {
            json!({ "type": "date_time", "date_time": { "fallback_value": fallback } })
        }
        TemplateParameter::Media(media) => media_value(media)?,
        TemplateParameter::Location(place) => {
            json!({ "type": "location", "location": location_json(place) })
        }
        TemplateParameter::Product {
            catalog_id,
            product_retailer_id,
        } => json!({
            "type": "product",
            "product": { "catalog_id": catalog_id, "product_retailer_id": product_retailer_id },
        }),
    })
}

fn button_json(button: &TemplateButton) -> Value {
    let text_index = Value::from(button.index.to_string());
    let action = |action: Value| vec![json!({ "type": "action", "action": action })];
    let (sub_type, index, parameters) = match &button.value {
        TemplateButtonValue::QuickReply { payload } => (
            "quick_reply",
            text_index,
            vec![json!({ "type": "payload", "payload": payload })],
        ),
        TemplateButtonValue::Url { suffix } => (
            "url",
            text_index,
            vec![json!({ "type": "text", "text": suffix })],
        ),
        TemplateButtonValue::CopyCode { code } => (
            "copy_code",
            button.index.into(),
            vec![json!({ "type": "coupon_code", "coupon_code": code })],
        ),
        TemplateButtonValue::Form { token, data } => {
            let mut form = json!({});
            put(&mut form, "flow_token", token.as_deref());
            put(&mut form, "flow_action_data", data.clone());
            ("flow", text_index, action(form))
        }
        TemplateButtonValue::Action {
            sub_type,
            action: passed_on,
        } => (sub_type.as_str(), text_index, action(passed_on.clone())),
        TemplateButtonValue::VoiceCall {
            ttl_minutes,
            payload,
        } => {
            let mut parameters = vec![json!({ "type": "ttl_minutes", "ttl_minutes": ttl_minutes })];
            if let Some(payload) = payload {
                parameters.push(json!({ "type": "payload", "payload": payload }));
            }
            ("voice_call", text_index, parameters)
        }
    };
    json!({
        "type": "button",
        "sub_type": sub_type,
        "index": index,
        "parameters": parameters,
    })
}
