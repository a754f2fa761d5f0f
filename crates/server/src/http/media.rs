//! Files: uploading one, and reading it again.

use std::sync::Arc;

use app::browse::thread;
use app::keep_file::{FILE_LIMIT_BYTES, KeepFile, safe_name, sniff};
use axum::Json;
use axum::body::Body;
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;

use super::auth::Signed;
use super::input::{Named, id, once};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::Media;

/// What a browser shows by itself without being able to run anything of it.
const SHOWN: [&str; 9] = [
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "audio/ogg",
    "audio/mpeg",
    "audio/mp4",
    "video/mp4",
    "video/3gpp",
];
const PLAYED_TOO: [&str; 2] = ["audio/aac", "audio/amr"];
/// A file that is opened by itself can do nothing.
const SANDBOX: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'";

/// Uploads a file (multipart, part `file`). What it is, its bytes say.
#[utoipa::path(post, path = "/media", tag = "media", request_body(content = String, content_type = "multipart/form-data"), responses((status = 201, body = Media)))]
pub async fn keep(
    State(door): State<Arc<Door>>,
    signed: Signed,
    headers: HeaderMap,
    mut form: Multipart,
) -> Result<(StatusCode, Json<Media>), Problem> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Problem::field("file_too_large", "file")
                .with("limit_mb", FILE_LIMIT_BYTES / (1024 * 1024));
        }
        Problem::new(StatusCode::BAD_REQUEST, "form_broken")
    };
    let mut upload: Option<(Option<String>, Bytes)> = None;
    while let Some(part) = form.next_field().await.map_err(broken)? {
        if part.name() == Some("file") {
            let filename = part.file_name().map(ToOwned::to_owned);
            upload = Some((filename, part.bytes().await.map_err(broken)?));
        }
    }
    let (filename, bytes) = upload.ok_or_else(|| Problem::field("missing", "file"))?;
    let once = headers
        .get("idempotency-key")
        .map(|key| once(key, "POST /media", &bytes))
        .transpose()?;
    let request = KeepFile {
        filename,
        bytes,
        once,
    };
    let file = app::keep_file::keep(&door.app, &signed.caller, request).await?;
    Ok((StatusCode::CREATED, Json(Media::from(&file))))
}

/// What is known of a file.
#[utoipa::path(get, path = "/media/{id}", tag = "media", params(("id" = String, Path)), responses((status = 200, body = Media)))]
pub async fn get(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Media>, Problem> {
    let file = thread::file_row(&door.app, &signed.caller, id(&name)?).await?;
    Ok(Json(Media::from(&file)))
}

/// A file's bytes. Pictures, sound and film that cannot run anything are shown; all else is for saving.
#[utoipa::path(get, path = "/media/{id}/content", tag = "media", params(("id" = String, Path)), responses((status = 200, content_type = "application/octet-stream", body = String), (status = 206)))]
pub async fn content(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = thread::file(&door.app, &signed.caller, id(&name)?).await?;
    let told = file
        .media
        .mime_type
        .as_deref()
        .map(|mime_type| mime_type.split(';').next().unwrap_or_default().trim());
    let seen = sniff(&file.bytes);
    // Its bytes decide; where they look like nothing (raw sound), the type that was told does.
    let safe = match seen {
        Some(mime_type) => SHOWN.contains(&mime_type).then_some(mime_type),
        None => told.and_then(|told| PLAYED_TOO.into_iter().find(|known| *known == told)),
    };
    // Ogg sound from WhatsApp names its codec, which players want to know.
    let content_type = match (safe, file.media.mime_type.as_deref()) {
        (Some("audio/ogg"), Some(told)) if told.starts_with("audio/ogg") => told.to_owned(),
        (Some(mime_type), _) => mime_type.to_owned(),
        (None, _) => "application/octet-stream".to_owned(),
    };
    let filename = file
        .media
        .filename
        .as_deref()
        .and_then(safe_name)
        .unwrap_or_else(|| format!("{}.{}", file.media.id, ending(&content_type, told)));
    let mut response = ranged(&headers, file.bytes);
    let mut set = |name: header::HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, &content_type);
    set(
        header::CONTENT_DISPOSITION,
        &disposition(safe.is_some(), &filename),
    );
    set(header::CONTENT_SECURITY_POLICY, SANDBOX);
    set(header::CACHE_CONTROL, "private, no-store");
    Ok(response)
}

fn ending(content_type: &str, told: Option<&str>) -> &'static str {
    match (content_type.split(';').next().unwrap_or_default(), told) {
        ("image/jpeg", _) => "jpg",
        ("image/png", _) => "png",
        ("image/webp", _) => "webp",
        ("image/gif", _) => "gif",
        ("audio/ogg", _) => "ogg",
        ("audio/mpeg", _) => "mp3",
        ("audio/mp4", _) => "m4a",
        ("video/mp4", _) => "mp4",
        (_, Some("application/pdf")) => "pdf",
        _ => "bin",
    }
}

/// RFC 6266, with the name in UTF-8 (RFC 8187).
fn disposition(inline: bool, filename: &str) -> String {
    let kind = if inline { "inline" } else { "attachment" };
    let mut encoded = String::new();
    for byte in filename.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{kind}; filename*=UTF-8''{encoded}")
}

/// The whole, or the one range that is asked for.
fn ranged(headers: &HeaderMap, bytes: Bytes) -> Response {
    let total = bytes.len();
    let asked = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let mut response = match asked.map(|text| range(text, total)) {
        None | Some(Range::Whole) => Response::new(Body::from(bytes)),
        Some(Range::Part(first, last)) => {
            let mut response = Response::new(Body::from(bytes.slice(first..=last)));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let told = format!("bytes {first}-{last}/{total}");
            if let Ok(told) = HeaderValue::from_str(&told) {
                response.headers_mut().insert(header::CONTENT_RANGE, told);
            }
            response
        }
        Some(Range::Outside) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            if let Ok(told) = HeaderValue::from_str(&format!("bytes */{total}")) {
                response.headers_mut().insert(header::CONTENT_RANGE, told);
            }
            response
        }
    };
    response
        .headers_mut()
        .insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    response
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    Part(usize, usize),
    Outside,
}

/// One range of bytes; several at once are answered with the whole, which is allowed.
fn range(text: &str, total: usize) -> Range {
    let Some(spec) = text
        .strip_prefix("bytes=")
        .filter(|spec| !spec.contains(','))
    else {
        return Range::Whole;
    };
    let Some((first, last)) = spec.trim().split_once('-') else {
        return Range::Whole;
    };
    let end = total.saturating_sub(1);
    match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), _) if first >= total => Range::Outside,
        (Ok(first), Ok(last)) if first <= last => Range::Part(first, last.min(end)),
        (Ok(first), Err(_)) if last.is_empty() => Range::Part(first, end),
        (Err(_), Ok(count)) if first.is_empty() && count > 0 && total > 0 => {
            Range::Part(total.saturating_sub(count), end)
        }
        _ => Range::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_players_ask_them() {
        for (text, expected) in [
            ("bytes=0-", Range::Part(0, 9)),
            ("bytes=2-4", Range::Part(2, 4)),
            ("bytes=-3", Range::Part(7, 9)),
            ("bytes=5-100", Range::Part(5, 9)),
            ("bytes=10-", Range::Outside),
            ("bytes=4-2", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("items=0-1", Range::Whole),
        ] {
            assert_eq!(range(text, 10), expected, "{text}");
        }
    }
}
