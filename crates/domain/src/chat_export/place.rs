//! Where an exported chat belongs: who is who in it, when it was by everybody's clock, and what its entries are in our
//! own words.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use rlibphonenumber::enums::Region;

use super::{ExportKind, ExportedMedia, Facts, What, phrases};
use crate::content::{Content, Location, MediaContent, MediaKind};
use crate::phone::Phone;
use crate::text;

/// What people are called here.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Of the business, its people and its number.
    pub ours: Vec<String>,
    /// Of the contact, when it is known whose chat it is.
    pub theirs: Vec<String>,
}

/// Whom the chat is with, by the name of its file.
#[must_use]
pub fn title_of(file_name: &str) -> Option<String> {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name
        .strip_suffix(".zip")
        .or_else(|| name.strip_suffix(".txt"))
        .unwrap_or(name);
    let title = phrases::TITLES
        .iter()
        .find_map(|opening| name.strip_prefix(opening))?;
    // What a browser adds to a second download.
    let title = match title.rsplit_once(" (") {
        Some((before, count))
            if count
                .trim_end_matches(')')
                .bytes()
                .all(|n| n.is_ascii_digit()) =>
        {
            before
        }
        _ => title,
    };
    text::clean_name(title)
}

/// Which participant is the business, where that can be told.
#[must_use]
pub fn guess_us(facts: &Facts, title: Option<&str>, names: &Names) -> Option<String> {
    let people = &facts.participants;
    let one_of = |known: &[String]| {
        people
            .iter()
            .find(|one| known.iter().any(|name| same_person(name, &one.name)))
    };
    if let Some(us) = one_of(&names.ours) {
        return Some(us.name.clone());
    }
    let [a, b] = people.as_slice() else {
        return None;
    };
    let mut theirs = names.theirs.clone();
    theirs.extend(title.map(ToOwned::to_owned));
    // In a chat of two iOS puts its own lines under the contact's name.
    theirs.extend(facts.notices_under.clone().filter(|_| !facts.group));
    let them = one_of(&theirs)?;
    Some(
        if them.name == a.name {
            &b.name
        } else {
            &a.name
        }
        .clone(),
    )
}

fn same_person(a: &str, b: &str) -> bool {
    let phone = |text: &str| Phone::parse(text, Region::IL).ok();
    let plain = |text: &str| text::search_text(text);
    match (phone(a), phone(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => !plain(a).is_empty() && plain(a) == plain(b),
        _ => false,
    }
}

/// When each entry was, in the order of the file.
///
/// An hour that comes twice (the end of summer time) is taken the first time, unless the entry before lies behind that; a
/// time that the clock skipped is moved on. Entries of one instant are put a millisecond apart, so that they stay in
/// their order wherever they are sorted by time.
#[must_use]
pub fn instants(times: impl IntoIterator<Item = DateTime>, zone: &TimeZone) -> Vec<Timestamp> {
    let mut last: Option<(DateTime, Timestamp)> = None;
    let mut all = Vec::new();
    for at in times {
        let ambiguous = zone.to_ambiguous_timestamp(at);
        let is_fold = matches!(ambiguous.offset(), AmbiguousOffset::Fold { .. });
        let earlier = ambiguous.compatible();
        let chosen = match (earlier, last) {
            (Ok(earlier), Some((_, known)))
                if is_fold && earlier.as_second() < known.as_second() =>
            {
                ambiguous.later().or(Ok(earlier))
            }
            (earlier, _) => earlier,
        };
        // Outside of what a clock can say: as if it were UTC.
        let instant = chosen
            .or_else(|_: jiff::Error| TimeZone::UTC.to_timestamp(at))
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let instant = match last {
            Some((same, known)) if same == at && known >= instant => {
                let next = known.as_millisecond() + 1;
                Timestamp::from_millisecond(next).unwrap_or(instant)
            }
            _ => instant,
        };
        last = Some((at, instant));
        all.push(instant);
    }
    all
}

/// An entry in our own words; `None` for a line of the app's. What was deleted has no words left.
#[must_use]
pub fn content_of(what: &What<'_>) -> Option<Content> {
    let text = |text: String| Content::Text {
        text,
        preview_url: false,
    };
    Some(match what {
        What::Text(words) | What::Call(words) => text(words.clone().into_owned()),
        What::Deleted => text(String::new()),
        What::Poll { question, options } => {
            let lines = std::iter::once(question.clone())
                .chain(options.iter().map(|option| format!("• {option}")));
            text(lines.collect::<Vec<_>>().join("\n"))
        }
        What::Location {
            latitude,
            longitude,
        } => Content::Location(Location {
            latitude: *latitude,
            longitude: *longitude,
            name: None,
            address: None,
            url: None,
        }),
        What::Media(media) => Content::Media(media_of(media)),
        What::Unsupported(words) => Content::Unsupported {
            original: Some(words.clone().into_owned()),
            code: None,
        },
        What::System(_) => return None,
    })
}

fn media_of(media: &ExportedMedia<'_>) -> MediaContent {
    let kind = match media.kind {
        ExportKind::Image => MediaKind::Image,
        ExportKind::Video | ExportKind::VideoNote | ExportKind::Gif => MediaKind::Video,
        ExportKind::Audio | ExportKind::Voice => MediaKind::Audio,
        ExportKind::Sticker => MediaKind::Sticker,
        ExportKind::Document | ExportKind::Contact | ExportKind::Unknown => MediaKind::Document,
    };
    let owned = |text: &Option<std::borrow::Cow<'_, str>>| {
        text.as_ref().map(|text| text.clone().into_owned())
    };
    MediaContent {
        caption: owned(&media.caption),
        filename: owned(&media.label).or_else(|| {
            // Names that WhatsApp made up for pictures and sound say nothing.
            owned(&media.file).filter(|_| kind == MediaKind::Document)
        }),
        voice: media.kind == ExportKind::Voice,
        ..MediaContent::new(kind)
    }
}
