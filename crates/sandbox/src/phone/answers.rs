//! What a person answers by tapping: buttons, rows of a list, WhatsApp forms.

use serde::Deserialize;
use serde_json::{Value, json};

use super::act::{Chat, send};
use super::view;
use crate::control::Refusal;
use crate::core::Tx;
use crate::people::Writing;
use crate::world::{Mark, Message, Record};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Press {
    message_id: String,
    index: Option<usize>,
    id: Option<String>,
    card: Option<usize>,
}

/// A quick reply sends; the other buttons open something on the phone.
pub fn press(tx: &mut Tx<'_>, chat: &Chat, press: &Press) -> Result<Value, Refusal> {
    let message = chat.message(tx, &press.message_id)?;
    let shown = view::show(tx.world(), &message);
    let card = match press.card {
        Some(card) => shown["content"]["cards"][card].clone(),
        None => shown["content"].clone(),
    };
    let wanted = |button: &&Value| {
        press.index.is_some_and(|at| button["index"] == json!(at))
            || press
                .id
                .as_ref()
                .is_some_and(|id| button["id"] == json!(id))
    };
    let button = card["buttons"]
        .as_array()
        .into_iter()
        .flatten()
        .find(wanted)
        .cloned();
    let button =
        button.ok_or_else(|| Refusal::missing("no_such_button", "there is no such button"))?;
    if button["type"] != "quick_reply" {
        return Ok(json!({"message": null, "opened": button}));
    }
    let (kind, body) = if message.kind == "template" {
        (
            "button",
            json!({"payload": button["id"], "text": button["text"]}),
        )
    } else {
        let reply = json!({"id": button["id"], "title": button["text"]});
        (
            "interactive",
            json!({"type": "button_reply", "button_reply": reply}),
        )
    };
    answer(
        tx,
        chat,
        &message,
        button["id"].as_str().unwrap_or(""),
        kind,
        body,
        "press",
    )
}

/// Marks what was chosen on a message, and sends the choice.
fn answer(
    tx: &mut Tx<'_>,
    chat: &Chat,
    message: &Message,
    id: &str,
    kind: &str,
    body: Value,
    what: &str,
) -> Result<Value, Refusal> {
    let mark = Mark::Answered { id: id.to_owned() };
    tx.record(Record::Mark {
        wamid: message.wamid.clone(),
        at: tx.now,
        mark,
    });
    view::tell_message(tx, &message.wamid);
    let writing = Writing {
        quoted: Some(message.wamid.clone()),
        ..chat.writing(kind, body)
    };
    send(tx, writing, what)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choose {
    message_id: String,
    row_id: String,
}

pub fn choose(tx: &mut Tx<'_>, chat: &Chat, choose: &Choose) -> Result<Value, Refusal> {
    let message = chat.message(tx, &choose.message_id)?;
    let sections = message.payload["interactive"]["action"]["sections"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut rows = sections
        .iter()
        .filter_map(|section| section["rows"].as_array())
        .flatten();
    let row = rows.find(|row| row["id"] == json!(choose.row_id));
    let row = row.ok_or_else(|| Refusal::missing("no_such_row", "there is no such row"))?;
    let mut reply = json!({"id": row["id"], "title": row["title"]});
    if !row["description"].is_null() {
        reply["description"] = row["description"].clone();
    }
    let body = json!({"type": "list_reply", "list_reply": reply});
    answer(
        tx,
        chat,
        &message,
        &choose.row_id,
        "interactive",
        body,
        "choose",
    )
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    message_id: String,
    response: Value,
}

pub fn form(tx: &mut Tx<'_>, chat: &Chat, form: Form) -> Result<Value, Refusal> {
    let message = chat.message(tx, &form.message_id)?;
    let mut response = form.response;
    let token = &message.payload["interactive"]["action"]["parameters"]["flow_token"];
    if let (Some(fields), Some(token)) = (response.as_object_mut(), token.as_str()) {
        fields.entry("flow_token").or_insert_with(|| json!(token));
    }
    let reply = json!({"name": "flow", "body": "Sent", "response_json": response.to_string()});
    let body = json!({"type": "nfm_reply", "nfm_reply": reply});
    answer(tx, chat, &message, "form", "interactive", body, "form")
}
