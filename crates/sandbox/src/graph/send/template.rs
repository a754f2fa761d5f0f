//! Sending a template: is it there, may it be sent, do the parameters fit, and how does it look.
//!
//! Source: Meta's template reference; codes 132000 (count), 132001 (missing), 132005 (too long), 132012 (format), 132015/132016 (paused, disabled), 131008 (a button's parameter is missing), 131062 (a code cannot go to a user id).

use serde_json::{Value, json};

use super::super::error::{Answer, GraphError};
use super::super::fields::Fields;
use super::content::{self, Files};
use super::shape::{Filled, Shape, Texts, parameters, word};
use crate::clock::{Millis, SECOND};
use crate::delivery::Rendered;
use crate::world::{Number, Template};

#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub number: &'a Number,
    pub files: &'a Files<'a>,
    pub by_user_id: bool,
    /// Through the Marketing Messages API.
    pub marketing: bool,
}

/// Gives the template laid out.
pub fn check(mut request: Fields<'_>, case: Case<'_>) -> Answer<Rendered> {
    let name = request.need_text("name")?;
    let mut language = request.need_object("language")?;
    let code = language.need_text("code")?;
    language.text("policy")?;
    language.finish()?;
    let template = find(&case, name, code)?;
    check_category(template, &case)?;
    let shape = Shape::of(&template.components, &template.parameter_format);
    let given = match request.list("components")? {
        Some([]) | None => Vec::new(),
        Some(_) => request.objects("components")?,
    };
    let filled = fill(&shape, given, case.files, "")?;
    request.finish()?;
    let mut card = shape.card(&filled)?;
    card["template"] = json!({"name": template.name, "language": template.language, "category": template.category});
    Ok(Rendered {
        card,
        category: template.category.clone(),
        ttl_ms: time_to_live(template),
        held: template.pacing,
    })
}

fn find<'a>(case: &Case<'a>, name: &str, language: &str) -> Answer<&'a Template> {
    let template = case
        .files
        .world
        .template_named(&case.number.waba, name, language);
    let missing = || {
        GraphError::with(
            132_001,
            format!("template name ({name}) does not exist in {language}"),
        )
    };
    match template {
        Some(template) => match template.status.as_str() {
            "APPROVED" | "FLAGGED" | "LOCKED" | "REINSTATED" => Ok(template),
            "PAUSED" => Err(GraphError::with(
                132_015,
                format!("template {name} is paused because of low quality"),
            )),
            "DISABLED" => Err(GraphError::with(
                132_016,
                format!("template {name} is disabled"),
            )),
            _ => Err(missing()),
        },
        None => Err(missing()),
    }
}

fn check_category(template: &Template, case: &Case<'_>) -> Answer<()> {
    if case.marketing && template.category != "MARKETING" {
        return Err(GraphError::with(
            134_100,
            "Only marketing templates can be sent here.",
        ));
    }
    let buttons = || {
        let components = template
            .components
            .iter()
            .filter_map(|c| c["buttons"].as_array());
        components
            .flatten()
            .any(|button| word(button, "type") == "OTP")
    };
    if case.by_user_id && template.category == "AUTHENTICATION" && buttons() {
        return Err(GraphError::with(
            131_062,
            "You can only send authentication messages to recipients' phone numbers, not their business-scoped user IDs.",
        ));
    }
    Ok(())
}

/// After how long an undelivered message is dropped: 10 minutes for codes, 30 days otherwise, or as
/// the template says (`-1` is 30 days).
fn time_to_live(template: &Template) -> Millis {
    let default = if template.category == "AUTHENTICATION" {
        600
    } else {
        30 * 24 * 3_600
    };
    let seconds = match template.message_send_ttl_seconds {
        Some(seconds) if seconds > 0 => seconds,
        Some(_) => 30 * 24 * 3_600,
        None => default,
    };
    seconds * SECOND
}

/// Fits the request's components to the shape.
fn fill(shape: &Shape, given: Vec<Fields<'_>>, files: &Files<'_>, at: &str) -> Answer<Filled> {
    let mut filled = Filled::default();
    let (mut header, mut body, mut cards, mut offer) = (false, false, false, false);
    for mut component in given {
        let kind = component.need_text("type")?.to_ascii_lowercase();
        match kind.as_str() {
            "header" => {
                header = true;
                fill_header(shape, &mut component, &mut filled, files, at)?;
            }
            "body" => {
                body = true;
                let named = shape.named;
                filled.body = texts(&mut component, &shape.body, named, &format!("{at}body"))?;
            }
            "button" => fill_button(shape, &mut component, &mut filled, at)?,
            "carousel" => {
                cards = true;
                filled.cards = fill_cards(shape, &mut component, files)?;
            }
            "limited_time_offer" => {
                offer = true;
                component.need_list("parameters")?;
            }
            "call_permission_request" | "request_contact_info" | "order_status" | "footer" => {
                component.get("parameters");
            }
            other => {
                return Err(GraphError::invalid(format!(
                    "Unknown template component {other}."
                )));
            }
        }
        component.finish()?;
    }
    if !body {
        expect_count(&format!("{at}body"), 0, parameters(&shape.body).len())?;
    }
    if !header {
        header_is_not_needed(shape, at)?;
    }
    if !cards && !shape.cards.is_empty() {
        return Err(GraphError::with(132_012, "carousel: the cards are missing"));
    }
    if shape.has_expiration && !offer {
        return Err(GraphError::with(
            132_012,
            "limited_time_offer: the expiration is missing",
        ));
    }
    buttons_are_filled(shape, &filled, at)?;
    Ok(filled)
}

fn header_is_not_needed(shape: &Shape, at: &str) -> Answer<()> {
    match &shape.header {
        Some((format, text)) if format == "TEXT" => {
            expect_count(&format!("{at}header"), 0, parameters(text).len())
        }
        Some((format, _)) => Err(GraphError::with(
            132_012,
            format!("{at}header: Format mismatch, expected {format}, received UNKNOWN"),
        )),
        None => Ok(()),
    }
}

fn fill_header(
    shape: &Shape,
    component: &mut Fields<'_>,
    filled: &mut Filled,
    files: &Files<'_>,
    at: &str,
) -> Answer<()> {
    let Some((format, text)) = &shape.header else {
        return match component.list("parameters")? {
            Some([]) | None => Ok(()),
            Some(given) => expect_count(&format!("{at}header"), given.len(), 0),
        };
    };
    if format == "TEXT" {
        filled.header = texts(component, text, shape.named, &format!("{at}header"))?;
        return Ok(());
    }
    let mut given = component.objects("parameters")?;
    expect_count(&format!("{at}header"), given.len(), 1)?;
    let Some(mut parameter) = given.pop() else {
        return Ok(());
    };
    let kind = parameter.need_text("type")?.to_ascii_uppercase();
    let expected = if format == "GIF" && kind == "VIDEO" {
        "VIDEO"
    } else {
        format
    };
    if kind != expected {
        let details = format!("{at}header: Format mismatch, expected {format}, received {kind}");
        return Err(GraphError::with(132_012, details));
    }
    filled.media = header_value(&mut parameter, &kind, files)?;
    parameter.finish()
}

fn header_value(parameter: &mut Fields<'_>, kind: &str, files: &Files<'_>) -> Answer<Value> {
    let key = match kind {
        "IMAGE" => "image",
        "VIDEO" => "video",
        "DOCUMENT" => "document",
        "GIF" => "gif",
        "LOCATION" => "location",
        _ => "product",
    };
    let whole = parameter.need(key)?.clone();
    let mut value = parameter.need_object(key)?;
    match kind {
        "LOCATION" => content::location(value)?,
        "PRODUCT" => value.all_seen(),
        _ => {
            content::source(&mut value, files)?;
            value.text("filename")?;
            value.finish()?;
        }
    }
    Ok(whole)
}

/// The text parameters of a header or body: as many as there are placeholders, each a text without
/// line breaks, tabs, or more than four spaces in a row.
fn texts(component: &mut Fields<'_>, text: &str, named: bool, place: &str) -> Answer<Texts> {
    let expected = parameters(text);
    let given = match component.list("parameters")? {
        Some([]) | None => Vec::new(),
        Some(_) => component.objects("parameters")?,
    };
    expect_count(place, given.len(), expected.len())?;
    let mut filled = Vec::new();
    for (at, mut parameter) in given.into_iter().enumerate() {
        let value = text_parameter(&mut parameter, place)?;
        let name = match parameter.text("parameter_name")? {
            Some(name) => name.to_owned(),
            None if named => {
                return Err(GraphError::with(
                    132_012,
                    format!("{place}: parameter_name is missing"),
                ));
            }
            None => expected.get(at).cloned().unwrap_or_default(),
        };
        if !expected.contains(&name) {
            let details = format!("{place}: there is no parameter {name} in the template");
            return Err(GraphError::with(132_012, details));
        }
        parameter.finish()?;
        filled.push((name, value));
    }
    match expected
        .iter()
        .find(|name| filled.iter().all(|(given, _)| given != *name))
    {
        Some(missing) => Err(GraphError::with(
            132_012,
            format!("{place}: the parameter {missing} is missing"),
        )),
        None => Ok(Texts(filled)),
    }
}

fn text_parameter(parameter: &mut Fields<'_>, place: &str) -> Answer<String> {
    let kind = parameter.need_text("type")?;
    let value = match kind {
        "text" => parameter.need_text("text")?,
        "currency" | "date_time" => {
            let mut object = parameter.need_object(if kind == "currency" {
                "currency"
            } else {
                "date_time"
            })?;
            let value = object.need_text("fallback_value")?;
            object.all_seen();
            value
        }
        other => {
            let details = format!(
                "{place}: Format mismatch, expected TEXT, received {}",
                other.to_uppercase()
            );
            return Err(GraphError::with(132_012, details));
        }
    };
    if value.contains(['\n', '\t']) || value.contains("     ") {
        let details = format!(
            "{place}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        );
        return Err(GraphError::with(132_012, details));
    }
    Ok(value.to_owned())
}

fn fill_button(
    shape: &Shape,
    component: &mut Fields<'_>,
    filled: &mut Filled,
    at: &str,
) -> Answer<()> {
    let index = match component.need("index")? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let index = index.and_then(|index| usize::try_from(index).ok());
    let sub_type = component.need_text("sub_type")?.to_ascii_lowercase();
    let Some((index, button)) = index.and_then(|at| Some((at, shape.buttons.get(at)?))) else {
        return Err(GraphError::with(
            132_018,
            format!("{at}buttons: there is no such button"),
        ));
    };
    let kind = word(button, "type");
    if !fits(&kind, &sub_type) {
        let details =
            format!("{at}buttons: Button at index {index} is of type {kind}, not {sub_type}");
        return Err(GraphError::with(132_012, details));
    }
    let given = match component.list("parameters")? {
        Some([]) | None => Vec::new(),
        Some(_) => component.objects("parameters")?,
    };
    for mut parameter in given {
        if let Some(value) = button_parameter(&mut parameter, &sub_type)? {
            filled.buttons.insert(index, value);
        }
        parameter.finish()?;
    }
    Ok(())
}

fn fits(kind: &str, sub_type: &str) -> bool {
    match sub_type {
        "url" => matches!(kind, "URL" | "OTP"),
        "copy_code" => matches!(kind, "COPY_CODE" | "OTP"),
        other => kind.eq_ignore_ascii_case(other),
    }
}

fn button_parameter(parameter: &mut Fields<'_>, sub_type: &str) -> Answer<Option<String>> {
    let value = match parameter.need_text("type")? {
        "payload" => parameter.need_text_up_to("payload", 256, 131_009)?,
        "text" => parameter.need_text_up_to("text", 2_000, 131_009)?,
        "coupon_code" => parameter.need_text_up_to("coupon_code", 20, 131_009)?,
        "action" => {
            parameter.need("action")?;
            return Ok(None);
        }
        "ttl_minutes" => {
            parameter.need("ttl_minutes")?;
            return Ok(None);
        }
        other => {
            return Err(GraphError::with(
                132_012,
                format!("buttons: {other} does not fit {sub_type}"),
            ));
        }
    };
    Ok(Some(value.to_owned()))
}

/// A url with a variable, a coupon code and a one-time code need their parameter on every send.
fn buttons_are_filled(shape: &Shape, filled: &Filled, place: &str) -> Answer<()> {
    for (at, button) in shape.buttons.iter().enumerate() {
        let (kind, given) = (word(button, "type"), filled.buttons.contains_key(&at));
        let needed = match kind.as_str() {
            "URL" => button["url"].as_str().is_some_and(|url| url.contains("{{")),
            "COPY_CODE" | "OTP" => true,
            _ => false,
        };
        if needed && !given {
            let details =
                format!("{place}buttons: Button at index {at} of type {kind} requires a parameter");
            return Err(GraphError::with(131_008, details));
        }
    }
    Ok(())
}

fn fill_cards(shape: &Shape, component: &mut Fields<'_>, files: &Files<'_>) -> Answer<Vec<Filled>> {
    let given = component.objects("cards")?;
    expect_count("carousel", given.len(), shape.cards.len())?;
    let mut filled = Vec::new();
    for (at, (mut card, shape)) in given.into_iter().zip(&shape.cards).enumerate() {
        card.need("card_index")?;
        let components = card.objects("components")?;
        filled.push(fill(shape, components, files, &format!("card {at} "))?);
        card.finish()?;
    }
    Ok(filled)
}

fn expect_count(place: &str, given: usize, expected: usize) -> Answer<()> {
    if given == expected {
        return Ok(());
    }
    Err(GraphError::with(
        132_000,
        format!(
            "{place}: number of localizable_params ({given}) does not match the expected number of params ({expected})"
        ),
    ))
}
