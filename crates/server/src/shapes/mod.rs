//! What the API says, as JSON. Ids and instants are text; where a thing is not known it is `null`.

mod campaign;
mod channel;
pub mod content;
mod conversation;
mod handoff;
mod import;
mod lead;
mod message;
mod people;

pub use campaign::*;
pub use channel::*;
pub use conversation::*;
pub use handoff::*;
pub use import::*;
pub use lead::*;
pub use message::*;
pub use people::*;

use domain::people::Localised;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T: ToSchema> {
    pub items: Vec<T>,
    /// Give it back as `cursor` for the next page; `null` at the end.
    pub next: Option<String>,
}

impl<T: ToSchema> List<T> {
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// An instant: RFC 3339 in UTC.
#[derive(Debug, Clone, Copy)]
pub struct At(pub Timestamp);

impl Serialize for At {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Nothing here is known more finely than to the millisecond.
        let whole = Timestamp::from_millisecond(self.0.as_millisecond()).unwrap_or(self.0);
        serializer.collect_str(&whole)
    }
}

impl utoipa::PartialSchema for At {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::DateTime,
            )))
            .into()
    }
}

impl ToSchema for At {}

impl From<Timestamp> for At {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// A word in one or both languages.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Words {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub he: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl From<Localised> for Words {
    fn from(words: Localised) -> Self {
        Self {
            he: words.he,
            en: words.en,
        }
    }
}

/// The word of an enum, as serde writes it.
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A phone as people and programs exchange it: `+972500000010`.
pub fn e164(digits: &str) -> String {
    format!("+{digits}")
}
