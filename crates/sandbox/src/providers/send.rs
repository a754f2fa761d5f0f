//! The way of every provider's message into the world.

use std::time::Duration;

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Event, link, tell};
use crate::activity::Activity;
use crate::core::{Core, Tx};
use crate::delivery::{self, Own, Rendered, Submission};
use crate::graph::{NewFile, keep_file};
use crate::people;
use crate::world::{Carried, Gateway, LinkState, Message, Record};

/// A message that passed its provider's own checks.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// The recipient's phone, digits only.
    pub to: String,
    /// As the provider names it; a message of this id that is there already is not sent again.
    pub id: String,
    /// Meta's type, and the object named like it: the common picture of a message.
    pub kind: String,
    pub content: Value,
    pub quoted: Option<String>,
    /// The caller's own id, where the provider takes one.
    pub opaque: Option<String>,
    pub request: Value,
    pub template: Option<Rendered>,
    /// Where its statuses go.
    pub notify: Option<String>,
    pub native: Option<String>,
    /// Known beforehand: it will fail with this code (one of Meta's).
    pub broken: Option<u32>,
    /// It leaves so much later.
    pub delay: Option<i64>,
}

/// WhatsApp's error for a number that may not start chats.
pub const TIMELOCK: u32 = 463;

/// Why a linked device does not take a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstruction {
    NotLinked(LinkState),
    /// The person has no chat with the number, which may not start new ones.
    Timelocked,
}

/// Takes a message in and gives it as it stands.
pub fn submit(
    tx: &mut Tx<'_>,
    gateway: &Gateway,
    mut out: Outgoing,
    heard: Option<&str>,
) -> Result<Message, Obstruction> {
    let linked_device = gateway.provider.is_linked_device();
    let state = gateway.link.state;
    let waits = linked_device && !state.sends();
    if waits && !gateway.provider.keeps_for_later() {
        return Err(Obstruction::NotLinked(state));
    }
    if let Some(message) = tx.world().message(&out.id).cloned() {
        tx.state.repeated_ids += 1;
        return Ok(message);
    }
    let person = people::person_for_phone(tx, &out.to, None, false);
    let has_chat = tx
        .world()
        .thread(&gateway.id, &person)
        .is_some_and(|thread| !thread.messages.is_empty());
    if linked_device && state == LinkState::Timelocked && !has_chat {
        if !gateway.provider.tells_timelock_late() {
            return Err(Obstruction::Timelocked);
        }
        out.broken = out.broken.or(Some(TIMELOCK));
    }
    let delay = out
        .delay
        .or_else(|| linked_device.then(|| link::departure(tx, &gateway.id)));
    let payload = json!({"type": out.kind, (out.kind.as_str()): out.content});
    let wamid = delivery::accept(
        tx,
        Submission {
            number: gateway.id.clone(),
            person: person.clone(),
            group: false,
            to: out.to,
            by_user_id: false,
            kind: out.kind.clone(),
            payload,
            quoted: out.quoted,
            opaque: out.opaque,
            identity_hash: None,
            template: out.template,
            own: Some(Own {
                id: out.id,
                carried: Carried {
                    request: without_bytes(&out.request),
                    notify: out.notify,
                    native: out.native,
                },
                broken: out.broken,
                delay,
                linked_device,
            }),
        },
    );
    if let Some(answer) = heard {
        let (wamid, answer) = (wamid.clone(), answer.to_owned());
        tx.record(Record::Answer { wamid, answer });
    }
    let message = tx.world().message(&wamid).cloned();
    let Some(message) = message else {
        return Err(Obstruction::NotLinked(state));
    };
    tx.note(Activity {
        kind: "send",
        what: out.kind,
        outcome: heard.unwrap_or("accepted").to_owned(),
        number: gateway.id.clone(),
        person,
        summary: json!({"text": crate::control::message_words(&message), "wamid": wamid}),
        json: message
            .carried
            .as_ref()
            .map(|carried| carried.request.clone())
            .unwrap_or_default(),
        ..Activity::default()
    });
    tell(tx, &gateway.id, &Event::Accepted(&message));
    if waits {
        tell(tx, &gateway.id, &Event::Queued(&message));
    }
    Ok(message)
}

/// A request as the ledger keeps it: long texts that are files in base64 are only told by length.
pub fn without_bytes(value: &Value) -> Value {
    const LONG: usize = 2_000;
    match value {
        Value::String(text) if text.len() > LONG && !text.contains([' ', '\n']) => {
            json!(format!("({} characters)", text.len()))
        }
        Value::Array(items) => items.iter().map(without_bytes).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), without_bytes(value)))
            .collect(),
        other => other.clone(),
    }
}

/// A file that a request names.
#[derive(Debug, Default)]
pub struct FileFrom<'a> {
    pub url: Option<&'a str>,
    /// Base64, with or without `data:…;base64,`.
    pub data: Option<&'a str>,
    pub bytes: Option<Bytes>,
    pub mime_type: Option<&'a str>,
    pub filename: Option<&'a str>,
}

/// The file could not be had, or is not what it should be.
#[derive(Debug)]
pub struct NoFile(pub String);

/// Keeps the file of a request and gives the media object of Meta's picture: an id, or the link where
/// the file lies elsewhere than on this machine (nothing is fetched from outside).
pub async fn media(core: &Core, number: &str, from: FileFrom<'_>) -> Result<Value, NoFile> {
    let failed = |text: String| NoFile(text);
    let (bytes, told) = if let Some(bytes) = from.bytes {
        (bytes, None)
    } else if let Some(data) = from.data {
        let (told, data) = match data
            .strip_prefix("data:")
            .and_then(|rest| rest.split_once(","))
        {
            Some((head, data)) => (head.split(';').next().map(str::to_owned), data),
            None => (None, data),
        };
        let bytes = STANDARD
            .decode(data.trim())
            .map_err(|error| failed(format!("the data are not base64: {error}")))?;
        (Bytes::from(bytes), told)
    } else if let Some(url) = from.url {
        if !is_here(url) {
            let mut media = json!({"link": url});
            if let Some(name) = from.filename {
                media["filename"] = json!(name);
            }
            return Ok(media);
        }
        fetch(core, url).await.map_err(failed)?
    } else {
        return Err(failed("there is no file".to_owned()));
    };
    if bytes.is_empty() {
        return Err(failed("the file is empty".to_owned()));
    }
    let mime_type = from
        .mime_type
        .map(str::to_owned)
        .or(told)
        .filter(|kind| kind.contains('/'))
        .unwrap_or_else(|| "application/octet-stream".to_owned());
    let media = keep_file(
        core,
        NewFile {
            number: number.to_owned(),
            voice: mime_type.starts_with("audio/ogg"),
            mime_type,
            filename: from.filename.map(str::to_owned),
            bytes,
            inbound: false,
        },
    );
    let media = media
        .await
        .ok_or_else(|| failed("the file cannot be kept".to_owned()))?;
    let mut value = json!({"id": media.id, "mime_type": media.mime_type});
    if let Some(name) = media.filename {
        value["filename"] = json!(name);
    }
    Ok(value)
}

/// Whether an address is on this machine.
fn is_here(url: &str) -> bool {
    let host = reqwest::Url::parse(url).ok();
    let host = host.as_ref().and_then(|url| url.host_str()).unwrap_or("");
    let plain = host.trim_matches(['[', ']']);
    plain == "localhost"
        || plain.ends_with(".localhost")
        || plain
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

async fn fetch(core: &Core, url: &str) -> Result<(Bytes, Option<String>), String> {
    let request = core.client.get(url).timeout(Duration::from_secs(10));
    let answer = request.send().await.map_err(|error| error.to_string())?;
    if !answer.status().is_success() {
        return Err(format!("{url} answered {}", answer.status()));
    }
    let kind = answer.headers().get("content-type");
    let kind = kind.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let bytes = answer.bytes().await.map_err(|error| error.to_string())?;
    Ok((bytes, kind))
}

/// Meta's type of a file.
pub fn kind_of(mime_type: &str) -> &'static str {
    match mime_type.split('/').next() {
        Some("image") if mime_type != "image/webp" => "image",
        Some("video") => "video",
        Some("audio") => "audio",
        _ => "document",
    }
}
