//! The limits of the simple types: text, media, location, contacts, reactions.

use serde_json::Value;

use super::super::error::{Answer, GraphError};
use super::super::fields::Fields;
use crate::clock::Millis;
use crate::world::World;

/// The files that a number may send.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    pub world: &'a World,
    pub number: &'a str,
    pub now: Millis,
}

pub fn text(fields: &mut Fields<'_>) -> Answer<()> {
    let mut text = fields.need_object("text")?;
    text.need_text_up_to("body", 4_096, 100)?;
    text.flag("preview_url")?;
    text.finish()
}

pub fn media(fields: &mut Fields<'_>, kind: &str, files: &Files<'_>) -> Answer<()> {
    let mut media = fields.need_object(match kind {
        "image" => "image",
        "video" => "video",
        "audio" => "audio",
        "document" => "document",
        _ => "sticker",
    })?;
    let mime = source(&mut media, files)?;
    if let Some(mime) = &mime {
        check_type(kind, mime)?;
    }
    if matches!(kind, "image" | "video" | "document") {
        media.text_up_to("caption", 1_024, 100)?;
    }
    if kind == "document" {
        media.text("filename")?;
    }
    if kind == "audio" && media.flag("voice")? == Some(true) {
        let ogg = mime.is_none_or(|mime| mime.starts_with("audio/ogg"));
        if !ogg {
            return Err(GraphError::value(
                "A voice message must be audio/ogg with the OPUS codec.",
            ));
        }
    }
    media.finish()
}

/// `id` or `link`: the id must be of this number and alive, the link must look like an address.
/// Gives the declared type of an uploaded file.
pub fn source(media: &mut Fields<'_>, files: &Files<'_>) -> Answer<Option<String>> {
    let id = match media.get("id") {
        Some(Value::Number(id)) => Some(id.to_string()),
        _ => media.text("id")?.map(str::to_owned),
    };
    let link = media.text("link")?;
    match (id, link) {
        (Some(id), _) => {
            let file = files
                .world
                .media
                .get(&id)
                .filter(|file| file.number == files.number && file.expires_at > files.now);
            file.map(|file| Some(file.mime_type.clone())).ok_or_else(|| {
                GraphError::invalid(format!("Param {} {id} is not a valid whatsapp business account media attachment ID.", media.name("id")))
            })
        }
        (None, Some(link)) if link.starts_with("http://") || link.starts_with("https://") => {
            Ok(None)
        }
        (None, Some(_)) => Err(GraphError::invalid(format!(
            "Param {} is not a valid URI.",
            media.name("link")
        ))),
        (None, None) => Err(GraphError::with(
            131_008,
            format!(
                "Missing parameter: one of {} and {} is required.",
                media.name("id"),
                media.name("link")
            ),
        )),
    }
}

/// A file of the wrong type is told as 131053; the sandbox knows it at once.
fn check_type(kind: &str, mime: &str) -> Answer<()> {
    let fits = match kind {
        "image" => matches!(mime, "image/jpeg" | "image/png"),
        "video" => matches!(mime, "video/mp4" | "video/3gpp"),
        "audio" => mime.starts_with("audio/"),
        "sticker" => mime == "image/webp",
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(GraphError::with(
            131_053,
            format!("Unsupported {kind} mime type {mime}."),
        ))
    }
}

pub fn location(mut location: Fields<'_>) -> Answer<()> {
    for (key, most) in [("latitude", 90.0), ("longitude", 180.0)] {
        let name = location.name(key);
        let degrees = match location.need(key)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse::<f64>().ok(),
            _ => None,
        };
        if degrees.is_none_or(|degrees| degrees.is_nan() || degrees.abs() > most) {
            return Err(GraphError::value(format!("Param {name} is not valid.")));
        }
    }
    location.text("name")?;
    location.text("address")?;
    location.finish()
}

pub fn contacts(fields: &mut Fields<'_>) -> Answer<()> {
    let cards = fields.objects("contacts")?;
    if cards.len() > 257 {
        return Err(GraphError::invalid(
            "Param contacts must have at most 257 items.",
        ));
    }
    cards.into_iter().try_for_each(card)
}

fn card(mut card: Fields<'_>) -> Answer<()> {
    let mut name = card.need_object("name")?;
    name.need_text("formatted_name")?;
    let mut parts = 0;
    for key in ["first_name", "last_name", "middle_name", "suffix", "prefix"] {
        parts += usize::from(name.text(key)?.is_some());
    }
    if parts == 0 {
        return Err(GraphError::missing(&name.name("first_name")));
    }
    name.finish()?;
    if let Some(birthday) = card.text("birthday")?
        && birthday.parse::<jiff::civil::Date>().is_err()
    {
        return Err(GraphError::value("A birthday must be YYYY-MM-DD."));
    }
    parts_of(&mut card, "phones", &["phone", "type", "wa_id"])?;
    parts_of(&mut card, "emails", &["email", "type"])?;
    parts_of(&mut card, "urls", &["url", "type"])?;
    parts_of(
        &mut card,
        "addresses",
        &[
            "street",
            "city",
            "state",
            "zip",
            "country",
            "country_code",
            "type",
        ],
    )?;
    if let Some(mut org) = card.object("org")? {
        for key in ["company", "department", "title"] {
            org.text(key)?;
        }
        org.finish()?;
    }
    card.finish()
}

fn parts_of(card: &mut Fields<'_>, key: &'static str, keys: &[&'static str]) -> Answer<()> {
    if card.list(key)?.is_none_or(<[Value]>::is_empty) {
        return Ok(());
    }
    for mut part in card.objects(key)? {
        for key in keys {
            part.text(key)?;
        }
        part.finish()?;
    }
    Ok(())
}

pub fn reaction(fields: &mut Fields<'_>) -> Answer<()> {
    let mut reaction = fields.need_object("reaction")?;
    reaction.need_text("message_id")?;
    let emoji = reaction
        .text("emoji")?
        .ok_or_else(|| GraphError::missing("reaction['emoji']"))?;
    if emoji.chars().count() > 20 || emoji.chars().any(|c| c.is_ascii_alphabetic()) {
        return Err(GraphError::value(
            "Param reaction['emoji'] must be one emoji.",
        ));
    }
    reaction.finish()
}
