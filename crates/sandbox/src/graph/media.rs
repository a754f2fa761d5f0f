//! Media: upload, retrieve, download, delete; and resumable uploads.
//!
//! Source: Meta's media reference (2025-12): uploads live 30 days, ids from webhooks 7, download addresses 5 minutes.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Reply;
use super::call::Call;
use super::error::{Answer, GraphError};
use crate::clock::{DAY, seconds};
use crate::core::Core;
use crate::hooks::json::hex;
use crate::people::{media_hash, media_url};
use crate::world::{Media, Record, Upload};

const MEGABYTE: usize = 1_024 * 1_024;

/// A file to be kept.
#[derive(Debug)]
pub struct NewFile {
    pub number: String,
    pub mime_type: String,
    pub filename: Option<String>,
    pub bytes: Bytes,
    pub inbound: bool,
    pub voice: bool,
}

/// Keeps a file: first its bytes, then its record. `None` when that failed.
pub async fn keep(core: &Core, file: NewFile) -> Option<Media> {
    let digest = Sha256::digest(&file.bytes);
    let id = core.state().chance.digits(16);
    if let Some(folder) = &core.media_folder {
        write_file(folder.join(&id), file.bytes.clone())
            .await
            .ok()?;
    } else {
        core.state().files.insert(id.clone(), file.bytes.to_vec());
    }
    let media = |now| Media {
        id,
        number: file.number,
        mime_type: file.mime_type,
        sha256_hex: hex(&digest),
        sha256_base64: STANDARD.encode(digest),
        size_bytes: file.bytes.len(),
        filename: file.filename,
        at: now,
        expires_at: now + if file.inbound { 7 * DAY } else { 30 * DAY },
        inbound: file.inbound,
        voice: file.voice,
    };
    core.commit(|tx| {
        let media = media(tx.now);
        tx.record(Record::Media {
            media: Box::new(media.clone()),
        });
        media
    })
    .await
}

async fn write_file(path: PathBuf, bytes: Bytes) -> std::io::Result<()> {
    tokio::task::spawn_blocking(move || {
        let mut file = std::fs::File::create(path)?;
        std::io::Write::write_all(&mut file, &bytes)?;
        file.sync_all()
    })
    .await
    .map_err(std::io::Error::other)?
}

/// The bytes of a kept file.
pub async fn bytes(core: &Core, id: &str) -> Option<Bytes> {
    if let Some(folder) = &core.media_folder {
        // The id is one of ours, digits only: it cannot leave the folder.
        let safe = id.bytes().all(|b| b.is_ascii_digit());
        let path = safe.then(|| folder.join(id))?;
        return tokio::fs::read(path).await.ok().map(Bytes::from);
    }
    core.state().files.get(id).cloned().map(Bytes::from)
}

pub async fn upload(core: &Core, number: &str, call: &Call) -> Answer<Value> {
    if call.param("messaging_product").as_deref() != Some("whatsapp") {
        return Err(GraphError::invalid(
            "The parameter messaging_product is required.",
        ));
    }
    let file = call
        .file
        .as_ref()
        .ok_or_else(|| GraphError::invalid("The parameter file is required."))?;
    let mime_type = call
        .param("type")
        .filter(|kind| kind.contains('/'))
        .or_else(|| file.mime_type.clone());
    let mime_type = mime_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    check_file(&mime_type, file.bytes.len())?;
    let media = keep(
        core,
        NewFile {
            number: number.to_owned(),
            mime_type,
            filename: file.name.clone(),
            bytes: file.bytes.clone(),
            inbound: false,
            voice: false,
        },
    );
    let media = media.await.ok_or_else(|| GraphError::new(131_016))?;
    Ok(json!({"id": media.id}))
}

/// The size that a type may have.
fn check_file(mime_type: &str, size: usize) -> Answer<()> {
    let most = match mime_type.split([';', '/']).next().unwrap_or("") {
        "image" if mime_type == "image/webp" => 500 * 1_024,
        "image" => 5 * MEGABYTE,
        "video" | "audio" => 16 * MEGABYTE,
        _ => 100 * MEGABYTE,
    };
    if size == 0 {
        return Err(GraphError::invalid("The file is empty."));
    }
    if size > most {
        return Err(GraphError::invalid(format!(
            "The file is {size} bytes; {mime_type} may have {most}."
        )));
    }
    let known = [
        "image/jpeg",
        "image/png",
        "image/webp",
        "video/mp4",
        "video/3gpp",
        "audio/aac",
        "audio/amr",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/opus",
    ];
    let plain = mime_type.split(';').next().unwrap_or("").trim();
    let visual =
        plain.starts_with("image/") || plain.starts_with("video/") || plain.starts_with("audio/");
    if visual && !known.contains(&plain) {
        return Err(GraphError::invalid(format!(
            "Param file must be a file with one of the following types: {}. Received file of type '{plain}'.",
            known.join(", ")
        )));
    }
    Ok(())
}

pub async fn node(core: &Core, call: &Call) -> Answer<Value> {
    let id = call.node();
    let now = core.now();
    let media = core.state().world.media.get(id).cloned();
    let media = media
        .filter(|media| media.expires_at > now)
        .ok_or_else(|| GraphError::no_object(call.method.as_str(), id))?;
    if call
        .param("phone_number_id")
        .is_some_and(|number| number != media.number)
    {
        return Err(GraphError::no_object(call.method.as_str(), id));
    }
    match call.method.as_str() {
        "DELETE" => {
            let id = id.to_owned();
            let done = core.commit(|tx| tx.record(Record::MediaGone { id })).await;
            done.map(|()| json!({"success": true}))
                .ok_or_else(|| GraphError::new(131_016))
        }
        "GET" => Ok(json!({
            "messaging_product": "whatsapp",
            "url": media_url(&call.base(core), id, now, false),
            "mime_type": media.mime_type,
            "sha256": media.sha256_hex,
            "file_size": media.size_bytes,
            "id": id,
        })),
        method => Err(GraphError::no_object(method, id)),
    }
}

/// The file behind a download address: 404 once it is 5 minutes old.
pub async fn download(core: &Arc<Core>, call: &Call) -> Answer<Reply> {
    let gone = || {
        Ok(Reply::Whole(Box::new(
            StatusCode::NOT_FOUND.into_response(),
        )))
    };
    let id = call.need("mid")?;
    let expires: i64 = call.need("ext")?.parse().unwrap_or(0);
    let honest = call.param("hash").as_deref() == Some(media_hash(&id, expires).as_str());
    let now = core.now();
    let media = core.state().world.media.get(&id).cloned();
    let Some(media) =
        media.filter(|media| honest && expires >= seconds(now) && media.expires_at > now)
    else {
        return gone();
    };
    match bytes(core, &id).await {
        Some(bytes) => {
            let response = ([("content-type", media.mime_type)], bytes).into_response();
            Ok(Reply::Whole(Box::new(response)))
        }
        None => gone(),
    }
}

/// `POST /{app}/uploads`: begins a resumable upload.
pub async fn begin(core: &Core, call: &Call) -> Answer<Value> {
    let file_type = call.need("file_type")?;
    let allowed = [
        "application/pdf",
        "image/jpeg",
        "image/jpg",
        "image/png",
        "video/mp4",
    ];
    if !allowed.contains(&file_type.as_str()) {
        return Err(GraphError::invalid(format!(
            "Param file_type must be one of {}.",
            allowed.join(", ")
        )));
    }
    let file_length = call.need("file_length")?.parse().unwrap_or(0);
    let app = call.node().to_owned();
    let done = core.commit(|tx| {
        let id = format!(
            "upload:{}",
            STANDARD.encode(format!("1:attachment:{}", tx.state.chance.digits(12)))
        );
        let id = id.trim_end_matches('=').to_owned();
        tx.record(Record::Upload {
            upload: Upload {
                id: id.clone(),
                app,
                file_type,
                file_length,
                received: 0,
            },
        });
        json!({"id": format!("{id}?sig={}", tx.state.chance.hex(16))})
    });
    done.await.ok_or_else(|| GraphError::new(131_016))
}

/// `POST /upload:…` takes bytes from `file_offset` on, `GET` tells how far it is.
pub async fn resume(core: &Core, call: &Call) -> Answer<Value> {
    let id = call.node().to_owned();
    let upload = core.state().world.uploads.get(&id).cloned();
    let mut upload = upload.ok_or_else(|| GraphError::no_object(call.method.as_str(), &id))?;
    if call.is("GET") {
        return Ok(json!({"id": id, "file_offset": upload.received}));
    }
    let offset = call
        .headers
        .get("file_offset")
        .and_then(|value| value.to_str().ok());
    let offset: usize = offset.and_then(|text| text.parse().ok()).unwrap_or(0);
    if offset != upload.received {
        return Err(GraphError::invalid(format!(
            "file_offset must be {}.",
            upload.received
        )));
    }
    upload.received += call.bytes.len();
    let (whole, handle) = (upload.received >= upload.file_length, handle(&upload));
    let done = core.commit(|tx| tx.record(Record::Upload { upload })).await;
    done.ok_or_else(|| GraphError::new(131_016))?;
    if whole {
        Ok(json!({"h": handle}))
    } else {
        Ok(json!({"success": true}))
    }
}

/// A handle in Meta's shape; it names the upload, and no template looks further.
fn handle(upload: &Upload) -> String {
    let digest = Sha256::digest(upload.id.as_bytes());
    format!(
        "4::{}:{}",
        STANDARD.encode(&upload.file_type),
        hex(&digest[..16])
    )
}
