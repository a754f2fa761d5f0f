//! A file that somebody uploads to send it. What it is, its bytes say, whatever its name claims.

use std::sync::Arc;

use bytes::Bytes;
use domain::access::Permission;
use domain::content::{MediaContent, MediaKind};
use domain::id::MediaId;
use store::keys::{Known, Once};
use store::media::{Media, MediaState};
use store::{keys, media};
use whatsapp::meta::limits;

use crate::caller::Caller;
use crate::error::told;
use crate::{App, Refusal, RefusalKind, Result};

/// The largest file that WhatsApp takes.
pub const FILE_LIMIT_BYTES: usize = 100 * 1024 * 1024;
const FILENAME_LIMIT: usize = 240;

/// An upload.
#[derive(Debug, Clone)]
pub struct KeepFile {
    pub filename: Option<String>,
    pub bytes: Bytes,
    pub once: Option<Once>,
}

/// Keeps a file; answers its row.
///
/// # Errors
/// `file_empty`, `file_too_large`, `heic_not_supported`, `file_type`.
pub async fn keep(app: &App, by: &Caller, upload: KeepFile) -> Result<Media> {
    by.must(Permission::ConversationsWrite)?;
    let (mime_type, media_kind) = kind_of(&upload.bytes, upload.filename.as_deref())?;
    let mut content = MediaContent::new(media_kind);
    content.mime_type = Some(mime_type.to_owned());
    content.animated = media_kind == MediaKind::Sticker && is_animated_webp(&upload.bytes);
    let size = upload.bytes.len() as u64;
    if let Some(problem) = limits::check_file(&content, size).into_iter().next() {
        return Err(match problem.limit {
            Some(limit) => too_large(limit, size),
            None => Refusal::invalid("file_type", "file"),
        }
        .into());
    }
    let now = app.clock.business_now();
    let file = Media {
        id: app.ids.next(now),
        message_id: None,
        account_id: None,
        state: MediaState::Stored,
        media_kind,
        mime_type: Some(mime_type.to_owned()),
        filename: upload.filename.as_deref().and_then(safe_name),
        size_bytes: i64::try_from(upload.bytes.len()).ok(),
        sha256: Some(app.files.put(upload.bytes).await?),
        source: None,
        upload: None,
        tries: 0,
        next_try_at: None,
        created_at: now,
    };
    let input = Arc::new((by.workspace_id, file, upload.once, now));
    told(
        app.store
            .write(input, |tx, input| {
                Box::pin(async move {
                    let (workspace_id, file, once, now) = &**input;
                    if let Some(once) = once {
                        match keys::claim(tx, *workspace_id, once, *now).await? {
                            Known::New => {}
                            Known::Done(made) => {
                                let Ok(id) = made.parse::<MediaId>() else {
                                    return Ok(Err(mismatch()));
                                };
                                return Ok(Ok(media::get(tx, *workspace_id, id).await?));
                            }
                            Known::Mismatch => return Ok(Err(mismatch())),
                        }
                    }
                    media::save(tx, *workspace_id, file).await?;
                    if let Some(once) = once {
                        keys::done(tx, *workspace_id, once, &file.id.to_string()).await?;
                    }
                    Ok(Ok(file.clone()))
                })
            })
            .await,
    )
}

fn mismatch() -> Refusal {
    Refusal::new(RefusalKind::Invalid, "idempotency_mismatch")
}

fn too_large(limit: u64, got: u64) -> Refusal {
    Refusal::invalid("file_too_large", "file")
        .with("limit", limit)
        .with("limit_mb", limit / (1024 * 1024))
        .with("got", got)
}

/// What the bytes are, and as which kind of message they go.
fn kind_of(
    bytes: &[u8],
    filename: Option<&str>,
) -> std::result::Result<(&'static str, MediaKind), Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::invalid("file_empty", "file"));
    }
    if bytes.len() > FILE_LIMIT_BYTES {
        return Err(too_large(FILE_LIMIT_BYTES as u64, bytes.len() as u64));
    }
    match sniff(bytes) {
        Some("image/heic") => Err(Refusal::invalid("heic_not_supported", "file")),
        Some(mime_type) if blocked(mime_type) => Err(Refusal::invalid("file_type", "file")),
        Some(mime_type) => Ok((mime_type, media_kind(mime_type))),
        None => by_name(bytes, filename).map(|mime_type| (mime_type, MediaKind::Document)),
    }
}

/// What the bytes of somebody else's file are; `None` for what could run.
pub(crate) fn harmless(bytes: &[u8], filename: &str) -> Option<&'static str> {
    match sniff(bytes) {
        Some(mime_type) => (!blocked(mime_type)).then_some(mime_type),
        None => by_name(bytes, Some(filename)).ok(),
    }
}

fn media_kind(mime_type: &str) -> MediaKind {
    match mime_type {
        "image/jpeg" | "image/png" => MediaKind::Image,
        "image/webp" => MediaKind::Sticker,
        "video/mp4" | "video/3gpp" => MediaKind::Video,
        _ if mime_type.starts_with("audio/") => MediaKind::Audio,
        _ => MediaKind::Document,
    }
}

fn blocked(mime_type: &str) -> bool {
    matches!(
        mime_type,
        "application/x-executable" | "text/html" | "image/svg+xml"
    )
}

/// What the first bytes say.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..offset + magic.len()) == Some(magic);
    if at(0, b"\xff\xd8\xff") {
        return Some("image/jpeg");
    }
    if at(0, b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    if at(0, b"RIFF") && at(8, b"WEBP") {
        return Some("image/webp");
    }
    if at(0, b"GIF87a") || at(0, b"GIF89a") {
        return Some("image/gif");
    }
    if at(4, b"ftyp") {
        return Some(brand(bytes.get(8..12).unwrap_or_default()));
    }
    if at(0, b"OggS") {
        return Some("audio/ogg");
    }
    if at(0, b"#!AMR") {
        return Some("audio/amr");
    }
    if at(0, b"ID3")
        || (at(0, b"\xff")
            && bytes
                .get(1)
                .is_some_and(|byte| matches!(byte, 0xfb | 0xf3 | 0xf2)))
    {
        return Some("audio/mpeg");
    }
    if at(0, b"\xff") && bytes.get(1).is_some_and(|byte| matches!(byte, 0xf1 | 0xf9)) {
        return Some("audio/aac");
    }
    if at(0, b"%PDF-") {
        return Some("application/pdf");
    }
    if at(0, b"MZ") || at(0, b"\x7fELF") || at(0, b"#!") {
        return Some("application/x-executable");
    }
    markup(bytes)
}

/// A page or a drawing can hold a script.
fn markup(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.get(..bytes.len().min(512)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || head.starts_with("<script")
    {
        return Some("text/html");
    }
    (head.starts_with("<svg") || (head.starts_with("<?xml") && head.contains("<svg")))
        .then_some("image/svg+xml")
}

fn brand(brand: &[u8]) -> &'static str {
    match brand {
        b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1" | b"heim" | b"heis" => "image/heic",
        b"avif" => "image/avif",
        b"M4A " | b"M4B " => "audio/mp4",
        [b'3', b'g', ..] => "video/3gpp",
        b"qt  " => "video/quicktime",
        _ => "video/mp4",
    }
}

fn is_animated_webp(bytes: &[u8]) -> bool {
    bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 2 != 0)
}

/// Office files and plain text look like nothing of their own: the name's ending chooses among what the bytes allow.
fn by_name(bytes: &[u8], filename: Option<&str>) -> std::result::Result<&'static str, Refusal> {
    let ending = filename
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default();
    let is_zip = bytes.starts_with(b"PK\x03\x04");
    let is_ole = bytes.starts_with(b"\xd0\xcf\x11\xe0");
    Ok(match ending.as_str() {
        "docx" if is_zip => {
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        }
        "xlsx" if is_zip => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" if is_zip => {
            "application/vnd.openxmlformats-officedocument.presentationml.presentation"
        }
        "doc" if is_ole => "application/msword",
        "xls" if is_ole => "application/vnd.ms-excel",
        "ppt" if is_ole => "application/vnd.ms-powerpoint",
        "exe" | "apk" | "bat" | "cmd" | "com" | "js" | "msi" | "ps1" | "scr" | "sh" | "vbs"
        | "jar" => {
            return Err(Refusal::invalid("file_type", "file"));
        }
        _ if is_zip => "application/zip",
        _ if std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0) => "text/plain",
        _ => "application/octet-stream",
    })
}

/// A name that can be shown and saved anywhere: no path, no marks of direction, no dots at its end.
#[must_use]
pub fn safe_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = domain::text::clean_name(last)?;
    let clean = clean.trim_matches(['.', ' ']);
    let mut kept = String::new();
    for letter in clean.chars() {
        if kept.len() + letter.len_utf8() > FILENAME_LIMIT {
            break;
        }
        kept.push(match letter {
            ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            letter => letter,
        });
    }
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_say_what_a_file_is() {
        let code = |bytes: &[u8], name| match kind_of(bytes, Some(name)) {
            Ok((mime_type, _)) => mime_type,
            Err(refusal) => refusal.code,
        };
        for (bytes, name, expected) in [
            (&b"\xff\xd8\xff\xe0rest"[..], "a.png", "image/jpeg"),
            (b"\x00\x00\x00\x18ftypheic", "a.jpg", "heic_not_supported"),
            (b"MZ\x90\x00", "photo.jpg", "file_type"),
            (b"<svg onload=alert(1)>", "a.txt", "file_type"),
            (b"%PDF-1.7", "a", "application/pdf"),
            (b"plain", "a.csv", "text/plain"),
            (b"", "a", "file_empty"),
        ] {
            assert_eq!(code(bytes, name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_goes_nowhere() {
        assert_eq!(safe_name("../../etc/passwd"), Some("passwd".to_owned()));
        assert_eq!(safe_name("..\\..\\x"), Some("x".to_owned()));
        assert_eq!(safe_name("a\u{202e}gpj.exe"), Some("agpj.exe".to_owned()));
        assert_eq!(safe_name("..."), None);
        assert!(safe_name(&"א".repeat(4000)).is_some_and(|name| name.len() <= FILENAME_LIMIT));
    }
}
