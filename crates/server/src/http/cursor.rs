//! Where the next page of a list begins, as an opaque text. One that we did not write is refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::{Id, Kind};
use jiff::Timestamp;

use crate::problems::Problem;

fn write(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn read(cursor: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    String::from_utf8(bytes).ok()
}

/// An instant and an id.
#[must_use]
pub fn of_pair<K: Kind>((at, id): (Timestamp, Id<K>)) -> String {
    write(&format!("{}:{id}", at.as_millisecond()))
}

/// # Errors
/// `cursor_invalid`.
pub fn pair<K: Kind>(cursor: Option<&str>) -> Result<Option<(Timestamp, Id<K>)>, Problem> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let parts = read(cursor).and_then(|text| {
        let (at, id) = text.split_once(':')?;
        let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
        Some((at, id.parse().ok()?))
    });
    parts.map(Some).ok_or_else(Problem::cursor)
}

/// An id alone.
#[must_use]
pub fn of_id<K: Kind>(id: Id<K>) -> String {
    write(&id.to_string())
}

/// # Errors
/// `cursor_invalid`.
pub fn id<K: Kind>(cursor: Option<&str>) -> Result<Option<Id<K>>, Problem> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let id = read(cursor).and_then(|text| text.parse().ok());
    id.map(Some).ok_or_else(Problem::cursor)
}

/// A number.
#[must_use]
pub fn of_number(number: i64) -> String {
    write(&format!("n{number}"))
}

/// # Errors
/// `cursor_invalid`.
pub fn number(cursor: Option<&str>) -> Result<Option<i64>, Problem> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let number = read(cursor).and_then(|text| text.strip_prefix('n')?.parse().ok());
    number.map(Some).ok_or_else(Problem::cursor)
}
