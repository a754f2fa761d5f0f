//! The file that a person brings: the chat's text, or a zip that holds it with its files.
//!
//! Nothing of a zip is believed but its bytes. Everything in it is unpacked once, into nothing, before the first line is
//! looked at: so a broken zip, a bomb, a lock or a path that leads elsewhere is refused while there is nothing to undo.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use bytes::Bytes;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::Refusal;

/// The largest upload.
pub const IMPORT_LIMIT_BYTES: usize = 100 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

/// What a zip may hold, counted while it is unpacked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caps {
    pub entries: usize,
    pub text_bytes: u64,
    pub file_bytes: u64,
    pub total_bytes: u64,
    pub packed_bytes: u64,
    /// Unpacked bytes for one packed one, beyond the first megabyte: a chat packs well, but not so well.
    pub ratio: u64,
}

pub(super) const CAPS: Caps = Caps {
    entries: 20_000,
    text_bytes: 64 * MIB,
    file_bytes: 100 * MIB,
    total_bytes: 1024 * MIB,
    packed_bytes: IMPORT_LIMIT_BYTES as u64,
    ratio: 200,
};

type Zip = ZipArchive<Cursor<Bytes>>;

/// A file that was opened and found sound.
#[derive(Debug)]
pub(super) struct Container {
    pub text: String,
    /// The name of the text in the zip, else of the file: it may say whom the chat is with.
    pub titles: Vec<String>,
    zip: Option<Zip>,
    /// Files by their names in the chat.
    files: BTreeMap<String, usize>,
    caps: Caps,
}

fn too_large(limit: u64) -> Refusal {
    Refusal::invalid("import_too_large", "file").with("limit_mb", limit / MIB)
}

fn broken() -> Refusal {
    Refusal::invalid("import_zip_broken", "file")
}

fn locked() -> Refusal {
    Refusal::invalid("import_zip_locked", "file")
}

fn zip_error(error: &ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            locked()
        }
        _ => broken(),
    }
}

impl Container {
    /// Opens what was uploaded. Slow for a large file: not for a thread that answers others.
    pub fn open(bytes: Bytes, file_name: Option<&str>, caps: Caps) -> Result<Self, Refusal> {
        if bytes.is_empty() {
            return Err(Refusal::invalid("file_empty", "file"));
        }
        if bytes.len() > IMPORT_LIMIT_BYTES {
            return Err(too_large(IMPORT_LIMIT_BYTES as u64));
        }
        let own_name = file_name.map(ToOwned::to_owned);
        if bytes.starts_with(b"PK") {
            return Self::unpack(bytes, own_name, caps);
        }
        if bytes.len() as u64 > caps.text_bytes {
            return Err(too_large(caps.text_bytes));
        }
        Ok(Self {
            text: text_of(bytes.to_vec())?,
            titles: own_name.into_iter().collect(),
            zip: None,
            files: BTreeMap::new(),
            caps,
        })
    }

    fn unpack(bytes: Bytes, own_name: Option<String>, caps: Caps) -> Result<Self, Refusal> {
        let caps = Caps {
            packed_bytes: bytes.len() as u64,
            ..caps
        };
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| zip_error(&error))?;
        if zip.len() > caps.entries {
            return Err(bomb());
        }
        let mut total = 0;
        let mut texts: Vec<(usize, String)> = Vec::new();
        let mut files = BTreeMap::new();
        for index in 0..zip.len() {
            let Some(name) = name_of(&mut zip, index)? else {
                continue;
            };
            let is_text = name.to_ascii_lowercase().ends_with(".txt");
            let limit = caps.file_bytes.min(caps.total_bytes.saturating_sub(total));
            total += read(&mut zip, index, limit, caps, &mut std::io::sink())?;
            if is_text {
                texts.push((index, name.clone()));
            }
            // Of two with one name neither can be told from the other: the first is as good.
            files.entry(name).or_insert(index);
        }
        let (index, name) = the_chat(texts)?;
        files.remove(&name);
        let mut text = Vec::new();
        read(&mut zip, index, caps.text_bytes, caps, &mut text)?;
        Ok(Self {
            text: text_of(text)?,
            titles: [Some(name), own_name].into_iter().flatten().collect(),
            zip: Some(zip),
            files,
            caps,
        })
    }

    /// Whether a file that the chat names is here.
    pub fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The bytes of a file that the chat names.
    pub fn file(&mut self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let (Some(zip), Some(index)) = (self.zip.as_mut(), self.files.get(name)) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        read(zip, *index, self.caps.file_bytes, self.caps, &mut bytes)?;
        Ok(Some(bytes))
    }
}

fn bomb() -> Refusal {
    Refusal::invalid("import_zip_bomb", "file")
}

/// The name of an entry without its folders; `None` for what is no file of the chat's.
fn name_of(zip: &mut Zip, index: usize) -> Result<Option<String>, Refusal> {
    let entry = zip.by_index_raw(index).map_err(|error| zip_error(&error))?;
    let name = entry
        .name()
        .map_err(|error| zip_error(&error))?
        .into_owned();
    if entry.enclosed_name().is_none()
        || entry.is_symlink()
        || name.starts_with('/')
        || name.contains(['\\', '\0'])
        || name.split('/').any(|part| part == "..")
    {
        return Err(Refusal::invalid("import_zip_path", "file"));
    }
    if entry.encrypted() {
        return Err(locked());
    }
    let last = name.rsplit('/').next().unwrap_or_default();
    let is_litter = name.starts_with("__MACOSX/") || last.starts_with("._") || last == ".DS_Store";
    Ok((!entry.is_dir() && !is_litter && !last.is_empty()).then(|| last.to_owned()))
}

/// Unpacks an entry, counting what comes out; says how much that was.
fn read(
    zip: &mut Zip,
    index: usize,
    limit: u64,
    caps: Caps,
    to: &mut impl std::io::Write,
) -> Result<u64, Refusal> {
    let mut entry = zip.by_index(index).map_err(|error| zip_error(&error))?;
    // No entry is packed into more than the whole upload, whatever its header says.
    let packed = entry.compressed_size().min(caps.packed_bytes);
    let most = MIB + packed.saturating_mul(caps.ratio);
    let mut piece = vec![0; 64 * 1024];
    let mut count = 0;
    loop {
        let got = entry.read(&mut piece).map_err(|_| broken())?;
        if got == 0 {
            return Ok(count);
        }
        count += got as u64;
        if count > most {
            return Err(bomb());
        }
        if count > limit {
            // Less than a file may have: what was left of the whole.
            return Err(if limit < caps.file_bytes.min(caps.text_bytes) {
                bomb()
            } else {
                too_large(limit)
            });
        }
        to.write_all(piece.get(..got).unwrap_or_default())
            .map_err(|_| broken())?;
    }
}

/// The one text that is the chat: `_chat.txt`, else the only one, else the only one that is named as WhatsApp names them.
fn the_chat(mut texts: Vec<(usize, String)>) -> Result<(usize, String), Refusal> {
    if texts.iter().any(|(_, name)| name == "_chat.txt") {
        texts.retain(|(_, name)| name == "_chat.txt");
    } else if texts.len() > 1 {
        texts.retain(|(_, name)| domain::chat_export::title_of(name).is_some());
        if texts.is_empty() {
            return Err(many_chats());
        }
    }
    let mut texts = texts.into_iter();
    match (texts.next(), texts.next()) {
        (Some(chat), None) => Ok(chat),
        (None, _) => Err(Refusal::invalid("import_zip_no_chat", "file")),
        _ => Err(many_chats()),
    }
}

fn many_chats() -> Refusal {
    Refusal::invalid("import_zip_many_chats", "file")
}

fn text_of(bytes: Vec<u8>) -> Result<String, Refusal> {
    let text =
        String::from_utf8(bytes).map_err(|_| Refusal::invalid("import_not_a_chat", "file"))?;
    // No database keeps it.
    Ok(if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    })
}
