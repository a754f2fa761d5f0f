//! Files on the phone: showing them, and sending photos, files, voice and stickers.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::act::{Acted, Chat, send as send_message};
use crate::control::{Refusal, durable};
use crate::core::Core;
use crate::graph::{NewFile, file_bytes, keep_file};
use crate::people::Writing;

/// The file itself. Types that a browser would run are only ever downloaded.
pub async fn show(State(core): State<Arc<Core>>, Path(id): Path<String>) -> Response {
    let media = core.state().world.media.get(&id).cloned();
    let (Some(media), Some(bytes)) = (media, file_bytes(&core, &id).await) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let shown = [
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "application/pdf",
        "text/plain",
    ];
    let plain = media.mime_type.split(';').next().unwrap_or("").to_owned();
    let safe = shown.contains(&plain.as_str())
        || plain.starts_with("audio/")
        || plain.starts_with("video/");
    let kind = if safe {
        media.mime_type
    } else {
        "application/octet-stream".to_owned()
    };
    (
        [
            ("content-type", kind),
            ("x-content-type-options", "nosniff".to_owned()),
        ],
        bytes,
    )
        .into_response()
}

/// A file from the person: multipart with `file` and `kind`.
pub async fn send(
    State(core): State<Arc<Core>>,
    Path((person, number)): Path<(String, String)>,
    form: Multipart,
) -> Acted {
    let (fields, file) = read(form).await?;
    let (name, mime_type, bytes) =
        file.ok_or_else(|| Refusal::bad("no_file", "the file is missing"))?;
    let text = |key: &str| fields.get(key).filter(|text| !text.is_empty()).cloned();
    let kind = text("kind").unwrap_or_else(|| "document".to_owned());
    let (kind, voice) = if kind == "voice" {
        ("audio".to_owned(), true)
    } else {
        (kind, false)
    };
    if !matches!(
        kind.as_str(),
        "image" | "video" | "audio" | "document" | "sticker"
    ) {
        return Err(Refusal::bad("bad_kind", format!("there is no kind {kind}")));
    }
    let number_id = {
        let (chat, _) = core.write(|tx| Chat::find(tx, &person, Some(&number)));
        let chat = chat?;
        chat.may_write()?;
        chat.number.id
    };
    let mime_type = mime_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    let mime_type = if voice {
        "audio/ogg; codecs=opus".to_owned()
    } else {
        mime_type
    };
    let filename = text("filename").or(name);
    let file = NewFile {
        number: number_id,
        mime_type,
        filename,
        bytes,
        inbound: true,
        voice,
    };
    let media = durable(keep_file(&core, file).await)?;
    let mut body =
        json!({"id": media.id, "mime_type": media.mime_type, "sha256": media.sha256_base64});
    match kind.as_str() {
        "audio" => body["voice"] = json!(voice),
        "sticker" => body["animated"] = json!(false),
        "document" => body["filename"] = json!(media.filename),
        _ => {}
    }
    if let (Some(caption), true) = (text("caption"), kind != "audio" && kind != "sticker") {
        body["caption"] = json!(caption);
    }
    let quoted = text("reply_to");
    let sent = core.commit(|tx| {
        let chat = Chat::find(tx, &person, Some(&number))?;
        let writing = Writing {
            quoted,
            ..chat.writing(&kind, body)
        };
        send_message(tx, writing, "media")
    });
    let sent: Value = durable(sent.await)??;
    Ok((StatusCode::CREATED, Json(sent)))
}

type FormFile = (Option<String>, Option<String>, Bytes);

async fn read(mut form: Multipart) -> Result<(HashMap<String, String>, Option<FormFile>), Refusal> {
    let broken = |_| Refusal::bad("bad_body", "the multipart body cannot be read");
    let (mut fields, mut file) = (HashMap::new(), None);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or("").to_owned();
        if name == "file" {
            let (filename, kind) = (
                field.file_name().map(str::to_owned),
                field.content_type().map(str::to_owned),
            );
            file = Some((filename, kind, field.bytes().await.map_err(broken)?));
        } else {
            fields.insert(name, field.text().await.map_err(broken)?);
        }
    }
    Ok((fields, file))
}
