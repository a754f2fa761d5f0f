//! `POST /{number}/messages`: sends, reactions, read marks.
//!
//! The checks run in the order in which Meta's refusals are seen: the envelope, the content, the recipient, then the number's throughput and the pair limit. Source: Meta's messages reference (2025-11 to 2026-06).

mod content;
mod interactive;
mod shape;
mod template;

use serde_json::{Value, json};

pub use shape::parameters;

use super::error::{Answer, GraphError, PAIR_DETAILS};
use super::fields::Fields;
use crate::activity::Activity;
use crate::clock::{DAY, SECOND};
use crate::core::{Core, Tx};
use crate::delivery::{self, Rendered, Submission};
use crate::people;
use crate::world::{Message, Number, Record, ThreadChange};

const TYPES: [&str; 11] = [
    "text",
    "image",
    "audio",
    "video",
    "document",
    "sticker",
    "location",
    "contacts",
    "interactive",
    "template",
    "reaction",
];

/// How a send came in.
#[derive(Debug, Clone, Copy)]
pub struct Manner<'a> {
    pub strict: bool,
    /// `/marketing_messages`.
    pub marketing: bool,
    /// A fault that stands between the acceptance and the caller.
    pub heard: Option<&'a str>,
}

/// Accepts a request or refuses it; the answer may only leave once it is durable.
pub async fn messages(
    core: &Core,
    number: &str,
    body: &Value,
    manner: Manner<'_>,
) -> Answer<Value> {
    let outcome = core.commit(|tx| {
        let outcome = handle(tx, number, body, manner);
        if let Err(error) = &outcome {
            refused(tx, number, body, error.code, error.details());
        }
        outcome
    });
    outcome
        .await
        .unwrap_or_else(|| Err(GraphError::new(131_016)))
}

/// Checks the content of a body that a request to another provider stands for: its type and limits,
/// and its template, which is given laid out.
pub fn examine(tx: &Tx<'_>, number: &str, body: &Value) -> Answer<(String, Option<Rendered>)> {
    let number = tx
        .world()
        .number(number)
        .cloned()
        .ok_or_else(|| GraphError::no_object("post", number))?;
    let manner = Manner {
        strict: false,
        marketing: false,
        heard: None,
    };
    let mut fields = Fields::of(body, "", manner.strict)?;
    let kind = fields.text("type")?.unwrap_or("text").to_owned();
    if !TYPES.contains(&kind.as_str()) {
        return Err(GraphError::with(
            131_051,
            format!("Message type {kind} is not supported."),
        ));
    }
    let recipient = recipient(&mut fields, &number)?;
    let template = check_content(tx, &number, &mut fields, &kind, &recipient, manner)?;
    Ok((kind, template))
}

/// Counts and notes a refusal.
pub fn refused(tx: &mut Tx<'_>, number: &str, body: &Value, code: u32, details: Option<&str>) {
    *tx.state.refused.entry(code).or_default() += 1;
    tx.note(Activity {
        kind: "send",
        what: body["type"].as_str().unwrap_or("text").to_owned(),
        outcome: code.to_string(),
        number: number.to_owned(),
        summary: json!({"to": body["to"].as_str().or(body["recipient"].as_str()), "details": details}),
        json: body.clone(),
        ..Activity::default()
    });
}

fn handle(tx: &mut Tx<'_>, number: &str, body: &Value, manner: Manner<'_>) -> Answer<Value> {
    let number = tx
        .world()
        .number(number)
        .cloned()
        .ok_or_else(|| GraphError::no_object("post", number))?;
    let mut fields = Fields::of(body, "", manner.strict)?;
    if fields.text("messaging_product")? != Some("whatsapp") {
        return Err(GraphError::invalid(
            "The parameter messaging_product is required.",
        ));
    }
    if number.status != "CONNECTED" {
        return Err(GraphError::with(
            133_010,
            "The number is not registered for Cloud API.",
        ));
    }
    if fields.get("status").is_some() {
        return mark_read(tx, &number, fields);
    }
    send(tx, &number, body, fields, manner)
}

fn send(
    tx: &mut Tx<'_>,
    number: &Number,
    body: &Value,
    mut fields: Fields<'_>,
    manner: Manner<'_>,
) -> Answer<Value> {
    let kind = fields.text("type")?.unwrap_or("text");
    if !TYPES.contains(&kind) {
        return Err(GraphError::with(
            131_051,
            format!("Message type {kind} is not supported."),
        ));
    }
    if manner.marketing && kind != "template" {
        return Err(GraphError::new(131_055));
    }
    let recipient = recipient(&mut fields, number)?;
    let opaque = fields
        .text_up_to("biz_opaque_callback_data", 512, 100)?
        .map(str::to_owned);
    let identity_hash = fields
        .text("recipient_identity_key_hash")?
        .map(str::to_owned);
    let quoted = context(&mut fields, kind)?;
    fields.get("messaging_account_id");
    if manner.marketing {
        for key in ["product_policy", "message_activity_sharing", "bid_spec"] {
            fields.get(key);
        }
    }
    let template = check_content(tx, number, &mut fields, kind, &recipient, manner)?;
    fields.finish()?;
    let person = resolve(tx, number, &recipient)?;
    check_pace(tx, number, &person)?;
    let status = template.as_ref().map(|template| {
        if template.held {
            "held_for_quality_assessment"
        } else {
            "accepted"
        }
    });
    let wamid = delivery::accept(
        tx,
        Submission {
            number: number.id.clone(),
            person: person.clone(),
            group: recipient.group,
            to: recipient
                .digits
                .clone()
                .unwrap_or_else(|| recipient.input.clone()),
            by_user_id: recipient.digits.is_none() && !recipient.group,
            kind: kind.to_owned(),
            payload: body.clone(),
            quoted,
            opaque,
            identity_hash,
            template,
            own: None,
        },
    );
    accepted(tx, number, body, kind, &person, &wamid, manner.heard);
    Ok(answer(&recipient, &wamid, status))
}

fn accepted(
    tx: &mut Tx<'_>,
    number: &Number,
    body: &Value,
    kind: &str,
    person: &str,
    wamid: &str,
    heard: Option<&str>,
) {
    if let Some(answer) = heard {
        tx.record(Record::Answer {
            wamid: wamid.to_owned(),
            answer: answer.to_owned(),
        });
    }
    let text = body[kind]["body"]
        .as_str()
        .or(body[kind]["body"]["text"].as_str());
    tx.note(Activity {
        kind: "send",
        what: kind.to_owned(),
        outcome: heard.unwrap_or("accepted").to_owned(),
        number: number.id.clone(),
        person: person.to_owned(),
        summary: json!({"text": text.or(body[kind]["name"].as_str()), "wamid": wamid}),
        json: body.clone(),
        ..Activity::default()
    });
}

/// Whom a request addresses.
#[derive(Debug)]
struct Recipient {
    input: String,
    /// A phone, with its country code; none for a user id or a group.
    digits: Option<String>,
    group: bool,
}

/// `to` wins over `recipient`. Without `+` the business number's own country code is put in front,
/// unless the digits begin with it.
fn recipient(fields: &mut Fields<'_>, number: &Number) -> Answer<Recipient> {
    let group = match fields.text("recipient_type")? {
        None | Some("individual") => false,
        Some("group") => true,
        Some(other) => {
            return Err(GraphError::invalid(format!(
                "Param recipient_type must be one of {{individual, group}} - got \"{other}\"."
            )));
        }
    };
    let to = match fields.get("to") {
        Some(Value::Number(digits)) => Some(digits.to_string()),
        _ => fields.text("to")?.map(str::to_owned),
    };
    let by_user_id = fields.text("recipient")?.map(str::to_owned);
    let Some(input) = to.clone().or(by_user_id).filter(|input| !input.is_empty()) else {
        return Err(GraphError::invalid("The parameter to is required."));
    };
    if group || to.is_none() {
        return Ok(Recipient {
            input,
            digits: None,
            group,
        });
    }
    let plus = input.trim_start().starts_with('+');
    let digits: String = input
        .chars()
        .filter(|c| !matches!(c, '+' | ' ' | '-' | '(' | ')'))
        .collect();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || digits.len() > 20 {
        return Err(GraphError::value(format!(
            "Param to is not a phone number: {input}"
        )));
    }
    let code = number.country_code();
    let digits = if plus || digits.starts_with(code) {
        digits
    } else {
        format!("{code}{digits}")
    };
    Ok(Recipient {
        input,
        digits: Some(digits),
        group: false,
    })
}

fn context(fields: &mut Fields<'_>, kind: &str) -> Answer<Option<String>> {
    let Some(mut context) = fields.object("context")? else {
        return Ok(None);
    };
    if kind == "reaction" {
        return Err(GraphError::invalid(
            "Param context is not allowed for reactions.",
        ));
    }
    let quoted = context.need_text("message_id")?.to_owned();
    context.finish()?;
    Ok(Some(quoted))
}

fn check_content(
    tx: &Tx<'_>,
    number: &Number,
    fields: &mut Fields<'_>,
    kind: &str,
    recipient: &Recipient,
    manner: Manner<'_>,
) -> Answer<Option<Rendered>> {
    let files = content::Files {
        world: tx.world(),
        number: &number.id,
        now: tx.now,
    };
    match kind {
        "text" => content::text(fields)?,
        "image" | "video" | "audio" | "document" | "sticker" => {
            content::media(fields, kind, &files)?;
        }
        "location" => content::location(fields.need_object("location")?)?,
        "contacts" => content::contacts(fields)?,
        "reaction" => {
            content::reaction(fields)?;
            check_reaction(tx, fields)?;
        }
        "interactive" => interactive::check(fields.need_object("interactive")?, &files)?,
        _ => {
            let by_user_id = recipient.digits.is_none() && !recipient.group;
            let template = fields.need_object("template")?;
            let case = template::Case {
                number,
                files: &files,
                by_user_id,
                marketing: manner.marketing,
            };
            return template::check(template, case).map(Some);
        }
    }
    Ok(None)
}

/// Only messages younger than 30 days can be reacted to.
fn check_reaction(tx: &Tx<'_>, fields: &mut Fields<'_>) -> Answer<()> {
    let wamid = fields.need_object("reaction")?.need_text("message_id")?;
    let too_old = |message: &Message| tx.now - message.at > 30 * DAY;
    if tx.world().message(wamid).is_some_and(too_old) {
        return Err(GraphError::value("The message is older than 30 days."));
    }
    Ok(())
}

/// The person (or group) behind a recipient, made where nobody has the phone yet.
fn resolve(tx: &mut Tx<'_>, number: &Number, recipient: &Recipient) -> Answer<String> {
    if recipient.group {
        return match tx.world().group(&recipient.input) {
            Some(group) if group.number == number.id => Ok(group.id.clone()),
            _ => Err(GraphError::new(131_041)),
        };
    }
    let Some(phone) = &recipient.digits else {
        let of_portfolio = |person: &&crate::world::Person| {
            people::user_id(tx.world(), &number.id, person).as_deref() == Some(&recipient.input)
        };
        let person = tx
            .world()
            .person_with_user_id(&recipient.input)
            .filter(of_portfolio);
        return person.map(|person| person.id.clone()).ok_or_else(|| {
            GraphError::value(format!(
                "{} is not a user id of this portfolio.",
                recipient.input
            ))
        });
    };
    if *phone == number.phone {
        return Err(GraphError::with(131_021, "The recipient is the sender."));
    }
    if let Some(allowed) = &number.allowed_recipients
        && !allowed.contains(phone)
    {
        return Err(GraphError::with(
            131_030,
            "Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.",
        ));
    }
    Ok(people::person_for_phone(tx, phone, None, false))
}

fn check_pace(tx: &mut Tx<'_>, number: &Number, person: &str) -> Answer<()> {
    let now = tx.now;
    if !tx
        .state
        .rates
        .has_room(&number.id, number.per_second(), now)
    {
        return Err(GraphError::with(
            130_429,
            "Cloud API message throughput has been reached.",
        ));
    }
    if !tx.state.rates.take_pair(&number.id, person, now) {
        return Err(GraphError::with(131_056, PAIR_DETAILS));
    }
    Ok(())
}

/// Only templates have a status.
fn answer(recipient: &Recipient, wamid: &str, status: Option<&str>) -> Value {
    let mut contact = json!({"input": recipient.input});
    let mut message = json!({"id": wamid});
    match &recipient.digits {
        Some(digits) => contact["wa_id"] = json!(digits),
        None if recipient.group => message["group_id"] = json!(recipient.input),
        None => contact["user_id"] = json!(recipient.input),
    }
    if let Some(status) = status {
        message["message_status"] = json!(status);
    }
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})
}

/// Marks a person's message, and the earlier ones of the thread, as read; may show typing for 25
/// seconds. Within 30 days.
fn mark_read(tx: &mut Tx<'_>, number: &Number, mut fields: Fields<'_>) -> Answer<Value> {
    if fields.text("status")? != Some("read") {
        return Err(GraphError::invalid("Param status must be one of {read}."));
    }
    let wamid = fields.need_text("message_id")?;
    let typing = match fields.object("typing_indicator")? {
        Some(mut indicator) => {
            if indicator.need_text("type")? != "text" {
                return Err(GraphError::invalid(
                    "Param typing_indicator['type'] must be one of {text}.",
                ));
            }
            indicator.finish()?;
            true
        }
        None => false,
    };
    fields.finish()?;
    let message = tx
        .world()
        .message(wamid)
        .filter(|message| {
            message.from == crate::world::From::Person
                && message.number == number.id
                && tx.now - message.at <= 30 * DAY
        })
        .cloned()
        .ok_or_else(|| GraphError::invalid("Param message_id is not a message of this number."))?;
    read_up_to(tx, &message);
    if typing {
        let change = ThreadChange::Typing {
            until: tx.now + 25 * SECOND,
        };
        tx.record(Record::Thread {
            number: number.id.clone(),
            person: message.person.clone(),
            change,
        });
    }
    crate::phone::tell_chat(tx, &number.id, &message.person);
    tx.note(Activity {
        kind: "read",
        what: if typing { "typing" } else { "read" }.to_owned(),
        outcome: "accepted".to_owned(),
        number: number.id.clone(),
        person: message.person,
        summary: json!({"wamid": wamid}),
        ..Activity::default()
    });
    Ok(json!({"success": true}))
}

fn read_up_to(tx: &mut Tx<'_>, last: &Message) {
    let Some(thread) = tx.world().thread(&last.number, &last.person) else {
        return;
    };
    let unread: Vec<String> = thread
        .messages
        .iter()
        .rev()
        .filter_map(|at| tx.world().messages.get(*at))
        .skip_while(|message| message.wamid != last.wamid)
        .filter(|message| message.from == crate::world::From::Person)
        .take_while(|message| message.state.read_at.is_none())
        .map(|message| message.wamid.clone())
        .collect();
    for wamid in unread {
        let mark = crate::world::Mark::Read;
        tx.record(Record::Mark {
            wamid: wamid.clone(),
            at: tx.now,
            mark,
        });
        crate::phone::tell_message(tx, &wamid);
    }
}
