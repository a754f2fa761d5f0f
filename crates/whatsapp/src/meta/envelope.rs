//! Cutting a webhook's body into its changes without understanding them: what the door does before it answers 200.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{NotJson, instant_of, mended};
use crate::provider::NotUnderstood;

/// The `object` of every webhook about WhatsApp.
const OBJECT: &str = "whatsapp_business_account";

/// One change, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawChange<'a> {
    /// The WABA; for `partner_solutions` the portfolio. Empty where it was missing.
    pub entry_id: String,
    /// Unix seconds; Meta gives it for accounts and templates, not for messages.
    pub entry_time: Option<i64>,
    /// The webhook's field, where it can be read.
    pub field: Option<String>,
    /// The change's own bytes. Owned only where the body had to be mended to be cut.
    pub slice: Cow<'a, str>,
}

/// Cuts a body into its changes, in their order. A broken entry among whole ones becomes one `RawChange` with the
/// whole entry as its slice, which `parse_change` refuses: it goes to quarantine alone.
///
/// # Errors
/// When it is not JSON, about another object, or nothing in it can be cut; the reason names the member.
pub fn cut(raw: &[u8]) -> Result<Vec<RawChange<'_>>, NotUnderstood> {
    if let Some(changes) = std::str::from_utf8(raw).ok().and_then(cut_whole) {
        return Ok(changes);
    }
    match mended(raw) {
        Cow::Borrowed(text) => cut_leniently(text),
        Cow::Owned(text) => Ok(cut_leniently(&text)?
            .into_iter()
            .map(RawChange::into_owned)
            .collect()),
    }
}

impl RawChange<'_> {
    fn into_owned(self) -> RawChange<'static> {
        RawChange {
            entry_id: self.entry_id,
            entry_time: self.entry_time,
            field: self.field,
            slice: Cow::Owned(self.slice.into_owned()),
        }
    }
}

/// The common case: everything where Meta's documents say, read in two passes and without a copy.
fn cut_whole(text: &str) -> Option<Vec<RawChange<'_>>> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        object: &'a RawValue,
        #[serde(borrow)]
        entry: Vec<Entry<'a>>,
    }
    #[derive(Deserialize)]
    struct Entry<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
        #[serde(borrow, default)]
        time: Option<&'a RawValue>,
        #[serde(borrow)]
        changes: Vec<&'a RawValue>,
    }
    let envelope: Envelope = serde_json::from_str(text).ok()?;
    if word_of(envelope.object)? != OBJECT {
        return None;
    }
    let mut cut = Vec::new();
    for entry in envelope.entry {
        let entry_id = word_of(entry.id)?;
        let entry_time = entry.time.and_then(seconds_of);
        for change in entry.changes {
            cut.push(raw_change(&entry_id, entry_time, change));
        }
    }
    Some(cut)
}

/// The same for what is doubled, missing or of another type somewhere.
fn cut_leniently(text: &str) -> Result<Vec<RawChange<'_>>, NotUnderstood> {
    let body: &RawValue = serde_json::from_str(text).map_err(|error| NotJson::from(&error))?;
    let envelope = members(body).ok_or(NotUnderstood::UnknownObject)?;
    let object = envelope.get("object").and_then(|object| word_of(object));
    if object.as_deref() != Some(OBJECT) {
        return Err(NotUnderstood::UnknownObject);
    }
    let entries = match envelope.get("entry") {
        None => return Err(NotUnderstood::shape("entry is missing")),
        Some(entries) => {
            items(entries).ok_or_else(|| NotUnderstood::shape("entry is not a list"))?
        }
    };
    let mut cut = Vec::new();
    let mut first_refusal = None;
    let mut whole_changes = 0;
    for entry in entries {
        match cut_entry(entry) {
            Ok(changes) => {
                whole_changes += changes.len();
                cut.extend(changes);
            }
            Err(refusal) => {
                first_refusal.get_or_insert(refusal);
                cut.push(RawChange {
                    entry_id: String::new(),
                    entry_time: None,
                    field: None,
                    slice: Cow::Borrowed(entry.get()),
                });
            }
        }
    }
    match first_refusal {
        Some(refusal) if whole_changes == 0 => Err(refusal),
        _ => Ok(cut),
    }
}

fn cut_entry(entry: &RawValue) -> Result<Vec<RawChange<'_>>, NotUnderstood> {
    let entry = members(entry).ok_or_else(|| NotUnderstood::shape("entry[] is not an object"))?;
    let changes = entry
        .get("changes")
        .ok_or_else(|| NotUnderstood::shape("entry[].changes is missing"))?;
    let changes =
        items(changes).ok_or_else(|| NotUnderstood::shape("entry[].changes is not a list"))?;
    let entry_id = entry
        .get("id")
        .and_then(|id| word_of(id))
        .unwrap_or_default();
    let entry_time = entry.get("time").and_then(|time| seconds_of(time));
    Ok(changes
        .into_iter()
        .map(|change| raw_change(&entry_id, entry_time, change))
        .collect())
}

fn raw_change<'a>(entry_id: &str, entry_time: Option<i64>, change: &'a RawValue) -> RawChange<'a> {
    RawChange {
        entry_id: entry_id.to_owned(),
        entry_time,
        field: field_of(change),
        slice: Cow::Borrowed(change.get()),
    }
}

fn field_of(change: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Field<'a> {
        #[serde(borrow)]
        field: &'a RawValue,
    }
    let field = match serde_json::from_str::<Field>(change.get()) {
        Ok(found) => found.field,
        Err(_) => members(change)?.get("field")?,
    };
    word_of(field)
}

/// The members of an object; of a doubled one the last.
fn members(value: &RawValue) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_str(value.get()).ok()
}

fn items(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

/// A string or an integer, as text.
fn word_of(value: &RawValue) -> Option<String> {
    if value.get().starts_with('"') {
        serde_json::from_str(value.get()).ok()
    } else {
        serde_json::from_str::<i64>(value.get())
            .ok()
            .map(|number| number.to_string())
    }
}

fn seconds_of(value: &RawValue) -> Option<i64> {
    let number = word_of(value)?.parse().ok()?;
    instant_of(number).map(jiff::Timestamp::as_second)
}
