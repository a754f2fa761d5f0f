//! The limits of interactive messages.

use std::collections::BTreeSet;

use super::super::error::{Answer, GraphError};
use super::super::fields::Fields;
use super::content::{self, Files};

pub fn check(mut interactive: Fields<'_>, files: &Files<'_>) -> Answer<()> {
    let kind = interactive.need_text("type")?;
    let limits = Limits::of(kind)?;
    header(&mut interactive, kind, limits.headers, files)?;
    body(&mut interactive, limits)?;
    if let Some(mut footer) = interactive.object("footer")? {
        if kind == "carousel" {
            return Err(GraphError::value("A carousel has no footer."));
        }
        footer.need_text_up_to("text", 60, 131_009)?;
        footer.finish()?;
    }
    let action = interactive.need_object("action")?;
    match kind {
        "button" => buttons(action)?,
        "list" => list(action)?,
        "cta_url" => cta_url(action)?,
        "flow" => flow(action)?,
        "location_request_message" => named(action, "send_location")?,
        "request_contact_info" => named(action, "request_contact_info")?,
        "call_permission_request" => named(action, "call_permission_request")?,
        "voice_call" => voice_call(action)?,
        "product" => product(action)?,
        "product_list" => product_list(action)?,
        "catalog_message" => catalog(action)?,
        "carousel" => carousel(action, files)?,
        // India and Brazil only; taken as they are.
        _ => action.all_seen(),
    }
    interactive.finish()
}

#[derive(Clone, Copy)]
struct Limits {
    body: usize,
    body_required: bool,
    headers: &'static [&'static str],
}

impl Limits {
    fn of(kind: &str) -> Answer<Self> {
        const ANY: &[&str] = &["text", "image", "video", "document"];
        let limits = |body, body_required, headers| {
            Ok(Self {
                body,
                body_required,
                headers,
            })
        };
        match kind {
            "list" => limits(4_096, true, &["text"]),
            "button" | "cta_url" | "flow" => limits(1_024, true, ANY),
            "product_list" => limits(1_024, true, &["text"]),
            "product" => limits(1_024, false, &[]),
            "location_request_message"
            | "request_contact_info"
            | "call_permission_request"
            | "voice_call"
            | "catalog_message"
            | "carousel"
            | "address_message" => limits(1_024, true, &[]),
            "order_details" | "order_status" => limits(1_024, true, ANY),
            other => Err(GraphError::value(format!(
                "Interactive type {other} is not supported."
            ))),
        }
    }
}

fn header(
    interactive: &mut Fields<'_>,
    kind: &str,
    allowed: &[&str],
    files: &Files<'_>,
) -> Answer<()> {
    let Some(mut header) = interactive.object("header")? else {
        if kind == "product_list" {
            return Err(GraphError::missing("interactive['header']"));
        }
        return Ok(());
    };
    let format = header.need_text("type")?;
    if !allowed.contains(&format) {
        return Err(GraphError::value(format!(
            "Header type {format} is not allowed for {kind}."
        )));
    }
    media_header(&mut header, format, files)?;
    header.text("sub_text")?;
    header.finish()
}

fn media_header(header: &mut Fields<'_>, format: &str, files: &Files<'_>) -> Answer<()> {
    let mut media = match format {
        "text" => {
            header.need_text_up_to("text", 60, 131_009)?;
            return Ok(());
        }
        "image" => header.need_object("image")?,
        "video" => header.need_object("video")?,
        _ => header.need_object("document")?,
    };
    content::source(&mut media, files)?;
    if format == "document" {
        media.text("filename")?;
    }
    media.finish()
}

fn body(interactive: &mut Fields<'_>, limits: Limits) -> Answer<()> {
    match interactive.object("body")? {
        Some(mut body) => {
            body.need_text_up_to("text", limits.body, 131_009)?;
            body.finish()
        }
        None if limits.body_required => Err(GraphError::missing("interactive['body']")),
        None => Ok(()),
    }
}

/// 1 to 3 replies with different ids (≤ 256) and titles (≤ 20).
fn buttons(mut action: Fields<'_>) -> Answer<()> {
    let buttons = action.objects("buttons")?;
    if buttons.len() > 3 {
        return Err(GraphError::value(
            "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3",
        ));
    }
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for mut button in buttons {
        if button.need_text("type")? != "reply" {
            return Err(GraphError::value(format!(
                "Param {} must be reply.",
                button.name("type")
            )));
        }
        let mut reply = button.need_object("reply")?;
        let id = reply.need_text_up_to("id", 256, 131_009)?;
        let title = reply.need_text_up_to("title", 20, 131_009)?;
        if !ids.insert(id) {
            return Err(GraphError::value("Duplicate button ids are not allowed."));
        }
        if !titles.insert(title) {
            return Err(GraphError::value(
                "Duplicate button titles are not allowed.",
            ));
        }
        reply.finish()?;
        button.finish()?;
    }
    action.finish()
}

/// At most 10 sections with at most 10 rows in all; a title on each of several sections.
fn list(mut action: Fields<'_>) -> Answer<()> {
    action.need_text_up_to("button", 20, 131_009)?;
    let sections = action.objects("sections")?;
    let several = sections.len() > 1;
    if sections.len() > 10 {
        return Err(GraphError::value(
            "Invalid sections count. Max allowed sections: 10",
        ));
    }
    let (mut ids, mut rows) = (BTreeSet::new(), 0);
    for mut section in sections {
        let title = section.text_up_to("title", 24, 131_009)?;
        if several && title.is_none_or(str::is_empty) {
            return Err(GraphError::missing(&section.name("title")));
        }
        for mut row in section.objects("rows")? {
            rows += 1;
            if !ids.insert(row.need_text_up_to("id", 200, 131_009)?) {
                return Err(GraphError::value("Duplicate row ids are not allowed."));
            }
            row.need_text_up_to("title", 24, 131_009)?;
            row.text_up_to("description", 72, 131_009)?;
            row.finish()?;
        }
        section.finish()?;
    }
    if rows > 10 {
        return Err(GraphError::value(format!(
            "Total row count exceed max allowed count: 10 (got {rows})"
        )));
    }
    action.finish()
}

fn cta_url(mut action: Fields<'_>) -> Answer<()> {
    expect_name(&mut action, "cta_url")?;
    let mut parameters = action.need_object("parameters")?;
    parameters.need_text_up_to("display_text", 20, 131_009)?;
    let url = parameters.need_text("url")?;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(GraphError::value(format!(
            "Param {} is not a valid URL.",
            parameters.name("url")
        )));
    }
    parameters.finish()?;
    action.finish()
}

fn flow(mut action: Fields<'_>) -> Answer<()> {
    expect_name(&mut action, "flow")?;
    let mut parameters = action.need_object("parameters")?;
    parameters.need("flow_message_version")?;
    if parameters.get("flow_id").is_none() & parameters.get("flow_name").is_none() {
        return Err(GraphError::missing(&parameters.name("flow_id")));
    }
    parameters.need_text_up_to("flow_cta", 30, 131_009)?;
    parameters.text("flow_token")?;
    parameters.text("mode")?;
    parameters.text("flow_metadata")?;
    if let Some(wish) = parameters.text("flow_action")?
        && !matches!(wish, "navigate" | "data_exchange")
    {
        return Err(GraphError::value(format!(
            "Flow action {wish} is not known."
        )));
    }
    if let Some(mut payload) = parameters.object("flow_action_payload")? {
        payload.text("screen")?;
        payload.get("data");
        payload.finish()?;
    }
    parameters.finish()?;
    action.finish()
}

fn voice_call(mut action: Fields<'_>) -> Answer<()> {
    expect_name(&mut action, "voice_call")?;
    if let Some(mut parameters) = action.object("parameters")? {
        parameters.text_up_to("display_text", 20, 131_009)?;
        parameters.get("ttl_minutes");
        parameters.text("payload")?;
        parameters.finish()?;
    }
    action.finish()
}

fn product(mut action: Fields<'_>) -> Answer<()> {
    action.need("catalog_id")?;
    action.need("product_retailer_id")?;
    action.finish()
}

fn product_list(mut action: Fields<'_>) -> Answer<()> {
    action.need("catalog_id")?;
    let sections = action.objects("sections")?;
    if sections.len() > 10 {
        return Err(GraphError::value(
            "Invalid sections count. Max allowed sections: 10",
        ));
    }
    let mut products = 0;
    for mut section in sections {
        section.text_up_to("title", 24, 131_009)?;
        for mut item in section.objects("product_items")? {
            products += 1;
            item.need("product_retailer_id")?;
            item.finish()?;
        }
        section.finish()?;
    }
    if products > 30 {
        return Err(GraphError::value("At most 30 products are allowed."));
    }
    action.finish()
}

fn catalog(mut action: Fields<'_>) -> Answer<()> {
    expect_name(&mut action, "catalog_message")?;
    if let Some(mut parameters) = action.object("parameters")? {
        parameters.get("thumbnail_product_retailer_id");
        parameters.finish()?;
    }
    action.finish()
}

/// 2 to 10 cards with the same kinds of buttons; a card's body ≤ 160 characters and 2 line breaks.
fn carousel(mut action: Fields<'_>, files: &Files<'_>) -> Answer<()> {
    let cards = action.objects("cards")?;
    if !(2..=10).contains(&cards.len()) {
        return Err(GraphError::value("A carousel has 2 to 10 cards."));
    }
    let mut shapes = BTreeSet::new();
    for (at, mut card) in cards.into_iter().enumerate() {
        if card.need("card_index")?.as_u64() != u64::try_from(at).ok() {
            return Err(GraphError::value(format!(
                "Param {} must be {at}.",
                card.name("card_index")
            )));
        }
        shapes.insert(carousel_card(&mut card, files)?);
        card.finish()?;
    }
    if shapes.len() > 1 {
        return Err(GraphError::value(
            "All cards must have the same kinds of buttons.",
        ));
    }
    action.finish()
}

fn carousel_card(card: &mut Fields<'_>, files: &Files<'_>) -> Answer<String> {
    let kind = card.text("type")?.unwrap_or("cta_url");
    if kind == "product" {
        product(card.need_object("action")?)?;
        return Ok(kind.to_owned());
    }
    let mut header = card.need_object("header")?;
    let format = header.need_text("type")?;
    if !matches!(format, "image" | "video") {
        return Err(GraphError::value("A card's header is an image or a video."));
    }
    media_header(&mut header, format, files)?;
    header.finish()?;
    if let Some(mut body) = card.object("body")? {
        let text = body.need_text_up_to("text", 160, 131_009)?;
        if text.matches('\n').count() > 2 {
            return Err(GraphError::value(
                "A card's body has at most 2 line breaks.",
            ));
        }
        body.finish()?;
    }
    let mut action = card.need_object("action")?;
    if action.get("name").is_some() {
        cta_url(action)?;
        return Ok("cta_url".to_owned());
    }
    let buttons = action.objects("buttons")?;
    let shape = format!("quick_reply:{}", buttons.len());
    for mut button in buttons {
        button.need_text("type")?;
        let mut reply = button.need_object("quick_reply")?;
        reply.need_text_up_to("id", 20, 131_009)?;
        reply.need_text_up_to("title", 20, 131_009)?;
        reply.finish()?;
        button.finish()?;
    }
    action.finish()?;
    Ok(shape)
}

fn named(mut action: Fields<'_>, name: &str) -> Answer<()> {
    expect_name(&mut action, name)?;
    action.finish()
}

fn expect_name(action: &mut Fields<'_>, name: &str) -> Answer<()> {
    match action.need_text("name")? {
        given if given == name => Ok(()),
        given => Err(GraphError::value(format!(
            "Action name must be {name} - got \"{given}\"."
        ))),
    }
}
