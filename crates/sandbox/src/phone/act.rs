//! What a person does in a chat.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{answers, persons, view};
use crate::activity::Activity;
use crate::clock::{MINUTE, seconds};
use crate::control::{Body, Refusal, durable, find_number};
use crate::core::{Core, Tx};
use crate::delivery;
use crate::hooks::{self, Change};
use crate::people::{self, Writing, contact};
use crate::statuses;
use crate::world::{From, Mark, Message, Number, Person, Record, ThreadChange};

pub type Acted = Result<(StatusCode, Json<Value>), Refusal>;

pub async fn handle(
    State(core): State<Arc<Core>>,
    Path((person, number, action)): Path<(String, String, String)>,
    Body(body): Body<Value>,
) -> Acted {
    perform(&core, &person, Some(&number), &action, body).await
}

/// Does one action of a person; 201 where it made a message.
pub async fn perform(
    core: &Core,
    person: &str,
    number: Option<&str>,
    action: &str,
    body: Value,
) -> Acted {
    let answer = durable(
        core.commit(|tx| act(tx, person, number, action, body))
            .await,
    )??;
    let made = answer["message"].is_object();
    Ok((
        if made {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        },
        Json(answer),
    ))
}

/// A chat in which something is done.
pub struct Chat {
    pub person: Person,
    pub number: Number,
}

impl Chat {
    pub fn find(tx: &Tx<'_>, person: &str, number: Option<&str>) -> Result<Self, Refusal> {
        let person = persons::find(tx.world(), person)?.clone();
        let number = find_number(tx.world(), number)?.clone();
        Ok(Self { person, number })
    }

    /// Whether the person can write here.
    pub fn may_write(&self) -> Result<(), Refusal> {
        if self.person.blocked.contains(&self.number.id) {
            return Err(Refusal::conflict(
                "blocked",
                "the person blocked this business",
            ));
        }
        if self.person.phone_off {
            return Err(Refusal::conflict("phone_off", "the phone is off"));
        }
        if !self.person.on_whatsapp {
            return Err(Refusal::conflict(
                "not_on_whatsapp",
                "the person is not on WhatsApp",
            ));
        }
        Ok(())
    }

    pub fn writing(&self, kind: &str, body: Value) -> Writing {
        Writing {
            number: self.number.id.clone(),
            person: self.person.id.clone(),
            kind: kind.to_owned(),
            body,
            ..Writing::default()
        }
    }

    /// A message of this chat that the person has.
    pub fn message(&self, tx: &Tx<'_>, wamid: &str) -> Result<Message, Refusal> {
        let own = |message: &&Message| {
            message.number == self.number.id && message.person == self.person.id
        };
        tx.world()
            .message(wamid)
            .filter(own)
            .cloned()
            .ok_or_else(|| {
                Refusal::missing(
                    "no_such_message",
                    format!("there is no message {wamid} in this chat"),
                )
            })
    }
}

/// Sends and answers with the message.
pub fn send(tx: &mut Tx<'_>, writing: Writing, what: &str) -> Result<Value, Refusal> {
    note(tx, &writing.number, &writing.person, what);
    let wamid = people::write(tx, writing);
    let message = wamid.as_deref().and_then(|wamid| tx.world().message(wamid));
    let message =
        message.ok_or_else(|| Refusal::bad("not_sent", "the message could not be sent"))?;
    Ok(json!({"message": view::show(tx.world(), message)}))
}

fn note(tx: &mut Tx<'_>, number: &str, person: &str, what: &str) {
    tx.note(Activity {
        kind: "person",
        what: what.to_owned(),
        outcome: "done".to_owned(),
        number: number.to_owned(),
        person: person.to_owned(),
        ..Activity::default()
    });
}

fn parse<T: DeserializeOwned>(body: Value) -> Result<T, Refusal> {
    serde_json::from_value(body).map_err(|error| Refusal::bad("bad_body", error.to_string()))
}

fn act(
    tx: &mut Tx<'_>,
    person: &str,
    number: Option<&str>,
    action: &str,
    body: Value,
) -> Result<Value, Refusal> {
    let chat = Chat::find(tx, person, number)?;
    match action {
        "block" => return block(tx, &chat, &parse(body)?),
        "open" => return open(tx, &chat, &parse(body)?),
        _ => {}
    }
    chat.may_write()?;
    match action {
        "text" => text(tx, &chat, parse(body)?),
        "reaction" => reaction(tx, &chat, &parse(body)?),
        "press" => answers::press(tx, &chat, &parse(body)?),
        "choose" => answers::choose(tx, &chat, &parse(body)?),
        "location" => location(tx, &chat, parse(body)?),
        "contacts" => contacts(tx, &chat, parse(body)?),
        "form" => answers::form(tx, &chat, parse(body)?),
        "edit" => edit(tx, &chat, &parse(body)?),
        "revoke" => revoke(tx, &chat, &parse(body)?),
        "unsupported" => {
            let wish: Unsupported = parse(body)?;
            send(
                tx,
                chat.writing("unsupported", json!({"type": wish.kind})),
                "unsupported",
            )
        }
        "played" => {
            let wish: OfMessage = parse(body)?;
            let message = chat.message(tx, &wish.message_id)?;
            delivery::play(tx, &message.wamid);
            Ok(json!({"message": null}))
        }
        "marketing" => marketing(tx, &chat, &parse(body)?),
        other => Err(Refusal::missing(
            "no_such_action",
            format!("there is no action {other}"),
        )),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unsupported {
    kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfMessage {
    message_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
    reply_to: Option<String>,
    #[serde(default)]
    forwarded: bool,
    referral: Option<Value>,
}

fn text(tx: &mut Tx<'_>, chat: &Chat, text: Text) -> Result<Value, Refusal> {
    if text.text.is_empty() {
        return Err(Refusal::bad("empty", "the text is empty"));
    }
    let referral = match text.referral {
        Some(Value::Bool(true)) => Some(made_up_ad(tx)),
        Some(Value::Object(ad)) => Some(ad.into()),
        _ => None,
    };
    let writing = Writing {
        quoted: text.reply_to,
        forwarded: text.forwarded,
        referral,
        ..chat.writing("text", json!({"body": text.text}))
    };
    send(tx, writing, "text")
}

fn made_up_ad(tx: &mut Tx<'_>) -> Value {
    json!({"source_url": "https://fb.me/example1", "source_id": tx.state.chance.digits(18),
        "source_type": "ad", "body": "כל מה שצריך לדעת לפני שמתחילים", "headline": "דברו איתנו בוואטסאפ",
        "media_type": "image", "image_url": "https://scontent.example.net/ad.jpg",
        "ctwa_clid": format!("Aff-{}", tx.state.chance.hex(24)), "welcome_message": {"text": "שלום! איך אפשר לעזור?"}})
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reaction {
    message_id: String,
    emoji: String,
}

/// A removed reaction has no emoji in its webhook.
fn reaction(tx: &mut Tx<'_>, chat: &Chat, reaction: &Reaction) -> Result<Value, Refusal> {
    let target = chat.message(tx, &reaction.message_id)?;
    let mark = Mark::Reaction {
        from: From::Person,
        emoji: reaction.emoji.clone(),
    };
    tx.record(Record::Mark {
        wamid: target.wamid.clone(),
        at: tx.now,
        mark,
    });
    let mut body = json!({"message_id": target.wamid});
    if !reaction.emoji.is_empty() {
        body["emoji"] = json!(reaction.emoji);
    }
    note(tx, &chat.number.id, &chat.person.id, "reaction");
    people::write(tx, chat.writing("reaction", body));
    view::tell_message(tx, &target.wamid);
    Ok(json!({"message": null}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Location {
    latitude: f64,
    longitude: f64,
    name: Option<String>,
    address: Option<String>,
    reply_to: Option<String>,
}

fn location(tx: &mut Tx<'_>, chat: &Chat, place: Location) -> Result<Value, Refusal> {
    let mut body = json!({"latitude": place.latitude, "longitude": place.longitude});
    for (key, value) in [("name", place.name), ("address", place.address)] {
        if let Some(value) = value {
            body[key] = json!(value);
        }
    }
    let writing = Writing {
        quoted: place.reply_to,
        ..chat.writing("location", body)
    };
    send(tx, writing, "location")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contacts {
    #[serde(default)]
    contacts: Vec<Card>,
    #[serde(default)]
    share_own: bool,
    reply_to: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Card {
    name: String,
    phone: String,
}

/// Shared cards carry a vCard; the answer to a request for the number carries the phone alone, and
/// from then on the business knows it.
fn contacts(tx: &mut Tx<'_>, chat: &Chat, wish: Contacts) -> Result<Value, Refusal> {
    let phone_part =
        |phone: &str| json!([{"phone": format!("+{phone}"), "wa_id": phone, "type": "CELL"}]);
    let body = if wish.share_own {
        json!([{"origin": "contact_request", "phones": phone_part(&chat.person.phone)}])
    } else {
        let cards = wish.contacts.iter().map(|card| {
            let phone: String = card.phone.chars().filter(char::is_ascii_digit).collect();
            let (first, last) = card.name.split_once(' ').unwrap_or((&card.name, ""));
            let mut name = json!({"first_name": first, "formatted_name": card.name});
            if !last.is_empty() {
                name["last_name"] = json!(last);
            }
            let vcard = format!(
                "BEGIN:VCARD\nVERSION:3.0\nFN:{}\nTEL;type=CELL;waid={phone}:+{phone}\nEND:VCARD",
                card.name
            );
            json!({"name": name, "phones": phone_part(&phone), "vcard": vcard, "origin": "other"})
        });
        cards.collect::<Vec<_>>().into()
    };
    if body.as_array().is_none_or(Vec::is_empty) {
        return Err(Refusal::bad("empty", "there is no contact"));
    }
    let writing = Writing {
        quoted: wish.reply_to,
        ..chat.writing("contacts", body)
    };
    let sent = send(tx, writing, "contacts");
    if wish.share_own {
        let change = ThreadChange::PhoneSeen { at: tx.now };
        let (number, person) = (chat.number.id.clone(), chat.person.id.clone());
        tx.record(Record::Thread {
            number,
            person,
            change,
        });
    }
    sent
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    message_id: String,
    text: String,
}

/// Within 15 minutes. A coexistence number is told the edit; any other gets `unsupported`.
fn edit(tx: &mut Tx<'_>, chat: &Chat, edit: &Edit) -> Result<Value, Refusal> {
    let message = own_message(tx, chat, &edit.message_id)?;
    if message.kind != "text" || tx.now - message.at > 15 * MINUTE {
        return Err(Refusal::conflict(
            "too_late",
            "only a text younger than 15 minutes can be edited",
        ));
    }
    let mark = Mark::Edited {
        text: edit.text.clone(),
    };
    tx.record(Record::Mark {
        wamid: message.wamid.clone(),
        at: tx.now,
        mark,
    });
    let body = json!({"original_message_id": message.wamid,
        "message": {"context": {"id": "M0"}, "type": "text", "text": {"body": edit.text}}});
    tell_change(tx, chat, "edit", body);
    view::tell_message(tx, &message.wamid);
    Ok(json!({"message": null}))
}

fn revoke(tx: &mut Tx<'_>, chat: &Chat, of: &OfMessage) -> Result<Value, Refusal> {
    let message = own_message(tx, chat, &of.message_id)?;
    tx.record(Record::Mark {
        wamid: message.wamid.clone(),
        at: tx.now,
        mark: Mark::Revoked,
    });
    tell_change(
        tx,
        chat,
        "revoke",
        json!({"original_message_id": message.wamid}),
    );
    view::tell_message(tx, &message.wamid);
    Ok(json!({"message": null}))
}

fn own_message(tx: &Tx<'_>, chat: &Chat, wamid: &str) -> Result<Message, Refusal> {
    let message = chat.message(tx, wamid)?;
    if message.from == From::Person {
        Ok(message)
    } else {
        Err(Refusal::conflict(
            "not_own",
            "this is the business's message",
        ))
    }
}

fn tell_change(tx: &mut Tx<'_>, chat: &Chat, kind: &str, body: Value) {
    note(tx, &chat.number.id, &chat.person.id, kind);
    let writing = if chat.number.on_business_app {
        chat.writing(kind, body)
    } else {
        // The chat shows the changed message, and nothing for this (`Message::visible`).
        Writing {
            kind: "unsupported".to_owned(),
            ..chat.writing(kind, json!({"type": kind}))
        }
    };
    people::write(tx, writing);
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    blocked: bool,
}

/// The business is told nothing.
fn block(tx: &mut Tx<'_>, chat: &Chat, wish: &Block) -> Result<Value, Refusal> {
    let mut person = chat.person.clone();
    person.blocked.retain(|number| *number != chat.number.id);
    if wish.blocked {
        person.blocked.push(chat.number.id.clone());
    }
    save(tx, chat, person, "block");
    Ok(json!({"message": null}))
}

fn save(tx: &mut Tx<'_>, chat: &Chat, person: Person, what: &str) {
    let shown = persons::json(&person);
    tx.record(Record::Person {
        person: Box::new(person),
    });
    tx.live("person", shown);
    note(tx, &chat.number.id, &chat.person.id, what);
    view::tell_chat(tx, &chat.number.id, &chat.person.id);
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    open: bool,
}

/// Opening a chat reads what has arrived.
fn open(tx: &mut Tx<'_>, chat: &Chat, wish: &Open) -> Result<Value, Refusal> {
    if wish.open && chat.person.phone_off {
        return Err(Refusal::conflict("phone_off", "the phone is off"));
    }
    let (number, person) = (chat.number.id.clone(), chat.person.id.clone());
    let unseen: Vec<String> = tx
        .world()
        .thread(&number, &person)
        .into_iter()
        .flat_map(|thread| thread.messages.iter())
        .filter_map(|at| tx.world().messages.get(*at))
        .filter(|m| m.from == From::Business && m.state.delivered_at.is_some() && !m.state.seen)
        .map(|message| message.wamid.clone())
        .collect();
    let change = ThreadChange::Open { open: wish.open };
    tx.record(Record::Thread {
        number: number.clone(),
        person: person.clone(),
        change,
    });
    if wish.open {
        for wamid in unseen {
            delivery::see(tx, &wamid);
        }
    }
    view::tell_chat(tx, &number, &person);
    Ok(json!({"message": null}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marketing {
    stopped: bool,
}

/// Stops or resumes marketing messages; the business is told by `user_preferences`.
fn marketing(tx: &mut Tx<'_>, chat: &Chat, wish: &Marketing) -> Result<Value, Refusal> {
    let mut person = chat.person.clone();
    person
        .marketing_stopped
        .retain(|number| *number != chat.number.id);
    if wish.stopped {
        person.marketing_stopped.push(chat.number.id.clone());
    }
    save(tx, chat, person, "marketing");
    let entry = contact(
        tx.world(),
        &chat.number.id,
        &chat.person,
        tx.now,
        true,
        true,
    );
    let verb = if wish.stopped { "stop" } else { "resume" };
    let mut preference = json!({"user_id": entry["user_id"], "category": "marketing_messages", "value": verb,
        "detail": format!("User requested to {verb} marketing messages"), "timestamp": seconds(tx.now)});
    if !entry["wa_id"].is_null() {
        preference["wa_id"] = entry["wa_id"].clone();
    }
    let mut value = statuses::metadata(&chat.number);
    value.insert("contacts".to_owned(), json!([entry]));
    value.insert("user_preferences".to_owned(), json!([preference]));
    hooks::queue(
        tx,
        &Change {
            waba: chat.number.waba.clone(),
            number: chat.number.id.clone(),
            field: "user_preferences".to_owned(),
            value: value.into(),
            what: "user_preferences".to_owned(),
            person: chat.person.id.clone(),
            wamid: None,
        },
    );
    Ok(json!({"message": null}))
}
