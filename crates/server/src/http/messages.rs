//! Messages: what was said, saying something, and what becomes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::browse::thread;
use app::send_message::{self, Say, SendMessage};
use app::settle_message::{self, Fate};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::capability::Purpose;
use domain::content::{Content, Interactive, Location, MediaContent, MediaKind};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::auth::Signed;
use super::conversations::Nothing;
use super::cursor;
use super::input::{self, Ask, Body, ListQuery, Named, given, id, opt_id};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{Decision, List, Message};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    #[schema(value_type = crate::shapes::content::SendContent)]
    content: Value,
    reply_to: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    send_at: Option<Timestamp>,
    /// For the team's eyes only.
    #[serde(default)]
    note: bool,
    /// Why it is sent, when no person wrote it: `by_hand` (the default), `instant_reply`, `triggered`, `mailing`,
    /// `multi_step` or `bot`. What the number's level forbids is refused.
    #[serde(default = "by_hand")]
    #[schema(value_type = Option<String>)]
    purpose: Purpose,
}

const fn by_hand() -> Purpose {
    Purpose::ByHand
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    conversation_id: String,
    /// An empty text asks whether one may write freely.
    #[schema(value_type = crate::shapes::content::SendContent)]
    content: Value,
    #[schema(value_type = Option<String>, format = DateTime)]
    send_at: Option<Timestamp>,
    /// As when sending.
    #[serde(default = "by_hand")]
    #[schema(value_type = Option<String>)]
    purpose: Purpose,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct React {
    /// `null` takes ours back.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    emoji: Option<Option<String>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    #[serde(rename = "as")]
    fate: SettleAs,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettleAs {
    Sent,
    NotSent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextContent {
    #[serde(rename = "kind")]
    _kind: String,
    text: String,
    #[serde(default)]
    preview_url: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileContent {
    #[serde(rename = "kind")]
    _kind: String,
    media_id: String,
    caption: Option<String>,
    #[serde(default)]
    voice: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilledTemplate {
    #[serde(rename = "kind")]
    _kind: String,
    template_id: String,
    #[serde(default)]
    variables: Vec<FilledVariable>,
    header_media_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilledVariable {
    key: String,
    value: String,
}

/// What is to be said, read strictly.
fn say(content: Value, note: bool) -> Result<Say, Problem> {
    let kind = content
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    match kind.as_str() {
        "text" => {
            let text: TextContent = input::read(content, "content")?;
            if note {
                return Ok(Say::Note(text.text));
            }
            Ok(Say::Content(Content::Text {
                text: text.text,
                preview_url: text.preview_url,
            }))
        }
        _ if note => Err(Problem::field("note_is_text", "content.kind")),
        "media" => {
            let file: FileContent = input::read(content, "content")?;
            let unknown = |_| Problem::field("file_unknown", "content.media_id");
            // Its kind and type are what the stored file says.
            let mut media = MediaContent::new(MediaKind::Document);
            media.media_id = Some(file.media_id.parse().map_err(unknown)?);
            media.caption = file.caption.filter(|caption| !caption.trim().is_empty());
            media.voice = file.voice;
            Ok(Say::Content(Content::Media(media)))
        }
        "interactive" => Ok(Say::Content(Content::Interactive(whole::<Interactive>(
            content,
        )?))),
        "location" => Ok(Say::Content(Content::Location(whole::<Location>(content)?))),
        "template" => {
            let filled: FilledTemplate = input::read(content, "content")?;
            let mut variables = BTreeMap::new();
            for variable in filled.variables {
                variables.insert(variable.key, variable.value);
            }
            let unknown = |_| Problem::not_found("template");
            Ok(Say::Template {
                template_id: filled.template_id.parse().map_err(unknown)?,
                variables,
                header_media_id: opt_id(filled.header_media_id.as_deref())?,
            })
        }
        "" => Err(Problem::field("missing", "content.kind")),
        _ => Err(Problem::field("bad_value", "content.kind")),
    }
}

/// Reads a shape of the domain strictly: what did not come back out was not understood.
fn whole<T: DeserializeOwned + Serialize>(mut content: Value) -> Result<T, Problem> {
    if let Some(members) = content.as_object_mut() {
        members.remove("kind");
    }
    let read: T = input::read(content.clone(), "content")?;
    let back = serde_json::to_value(&read).unwrap_or_default();
    match surplus(&content, &back, "content") {
        Some(path) => Err(Problem::field("unknown_field", &path)),
        None => Ok(read),
    }
}

fn surplus(given: &Value, understood: &Value, path: &str) -> Option<String> {
    match (given, understood) {
        (Value::Object(given), Value::Object(understood)) => {
            given.iter().find_map(|(key, value)| {
                let path = format!("{path}.{key}");
                match understood.get(key) {
                    Some(known) => surplus(value, known, &path),
                    // What stands for nothing is left out on the way back.
                    None if is_nothing(value) => None,
                    None => Some(path),
                }
            })
        }
        (Value::Array(given), Value::Array(understood)) => given
            .iter()
            .zip(understood)
            .enumerate()
            .find_map(|(index, (value, known))| surplus(value, known, &format!("{path}[{index}]"))),
        _ => None,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

async fn one(
    door: &Door,
    signed: &Signed,
    message_id: domain::id::MessageId,
) -> Result<Json<Message>, Problem> {
    let shown = thread::get(&door.app, &signed.caller, message_id).await?;
    Ok(Json(Message::from(shown)))
}

type Accepted = Result<(StatusCode, Json<Message>), Problem>;

/// A page of a thread, newest first; `next` goes to what is older.
#[utoipa::path(get, path = "/conversations/{id}/messages", tag = "messages", params(("id" = String, Path), ListQuery), responses((status = 200, body = List<Message>)))]
pub async fn list(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Ask(query): Ask<ListQuery>,
) -> Result<Json<List<Message>>, Problem> {
    let before = cursor::pair(query.cursor.as_deref())?;
    let page = thread::page(
        &door.app,
        &signed.caller,
        id(&name)?,
        before,
        query.limit()?,
    )
    .await?;
    Ok(Json(List {
        items: page.items.into_iter().map(Message::from).collect(),
        next: page.next.map(cursor::of_pair),
    }))
}

/// Says something: answers the message, which waits to be sent.
#[utoipa::path(post, path = "/conversations/{id}/messages", tag = "messages", params(("id" = String, Path)), request_body = Send, responses((status = 202, body = Message)))]
pub async fn send(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, once }: Body<Send>,
) -> Accepted {
    let request = SendMessage {
        conversation_id: id(&name)?,
        say: say(value.content, value.note)?,
        reply_to: opt_id(value.reply_to.as_deref())?,
        send_at: value.send_at,
        purpose: value.purpose,
        once,
    };
    let made = send_message::send(&door.app, &signed.caller, request).await?;
    Ok((StatusCode::ACCEPTED, one(&door, &signed, made).await?))
}

/// One message.
#[utoipa::path(get, path = "/messages/{id}", tag = "messages", params(("id" = String, Path)), responses((status = 200, body = Message)))]
pub async fn get(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Message>, Problem> {
    one(&door, &signed, id(&name)?).await
}

/// Puts an emoji on a message, or takes ours back.
#[utoipa::path(post, path = "/messages/{id}/reaction", tag = "messages", params(("id" = String, Path)), request_body = React, responses((status = 202, body = Message)))]
pub async fn react(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<React>,
) -> Accepted {
    let message_id = id(&name)?;
    let emoji = value
        .emoji
        .ok_or_else(|| Problem::field("missing", "emoji"))?;
    let emoji = emoji.filter(|emoji| !emoji.is_empty());
    app::react_to_message::react(&door.app, &signed.caller, message_id, emoji).await?;
    Ok((StatusCode::ACCEPTED, one(&door, &signed, message_id).await?))
}

/// Sends a message that did not arrive again, as a new one.
#[utoipa::path(post, path = "/messages/{id}/resend", tag = "messages", params(("id" = String, Path)), responses((status = 202, body = Message)))]
pub async fn resend(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { once, .. }: Body<Nothing>,
) -> Accepted {
    let made = settle_message::resend(&door.app, &signed.caller, id(&name)?, once).await?;
    Ok((StatusCode::ACCEPTED, one(&door, &signed, made).await?))
}

/// Says what became of an unclear message.
#[utoipa::path(post, path = "/messages/{id}/settle", tag = "messages", params(("id" = String, Path)), request_body = Settle, responses((status = 200, body = Message)))]
pub async fn settle(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<Settle>,
) -> Result<Json<Message>, Problem> {
    let message_id = id(&name)?;
    let fate = match value.fate {
        SettleAs::Sent => Fate::Sent,
        SettleAs::NotSent => Fate::NotSent,
    };
    settle_message::settle(&door.app, &signed.caller, message_id, fate).await?;
    one(&door, &signed, message_id).await
}

/// Takes a message back that has not left.
#[utoipa::path(post, path = "/messages/{id}/cancel", tag = "messages", params(("id" = String, Path)), responses((status = 200, body = Message)))]
pub async fn cancel(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Message>, Problem> {
    let message_id = id(&name)?;
    settle_message::cancel(&door.app, &signed.caller, message_id).await?;
    one(&door, &signed, message_id).await
}

/// What would happen if this were sent. An empty text asks whether one may write freely.
#[utoipa::path(post, path = "/decisions", tag = "messages", request_body = Asked, responses((status = 200, body = Decision)))]
pub async fn decide(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, .. }: Body<Asked>,
) -> Result<Json<Decision>, Problem> {
    let conversation_id = id(&value.conversation_id)?;
    let say = match say(value.content, false)? {
        Say::Content(Content::Text { text, .. }) if text.is_empty() => None,
        say => Some(say),
    };
    let preview = app::preview_decision::preview(
        &door.app,
        &signed.caller,
        conversation_id,
        say,
        value.send_at,
        value.purpose,
    )
    .await?;
    Ok(Json(Decision::from(preview)))
}
