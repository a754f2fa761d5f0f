//! What an exported chat comes to with a person's choices: its messages with their keys and times.

use std::collections::{HashMap, HashSet};

use domain::chat_export::{
    self, Chat, Choices, ExportKind, Facts, Keys, Likeness, Line, Reading, Side, What,
};
use domain::content::Content;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::imports::LiveMessage;

use super::container::Container;
use crate::Refusal;

/// Entries that a preview shows: the first ones and the last ones.
const SAMPLE_HEAD: usize = 30;
const SAMPLE_TAIL: usize = 6;
const SAMPLE_TEXT: usize = 600;

/// A message of the export.
#[derive(Debug)]
pub(super) struct Planned {
    pub key: String,
    pub at: Timestamp,
    pub ours: bool,
    pub likeness: Likeness,
    pub said: Said,
}

#[derive(Debug)]
pub(super) struct Said {
    pub sender: Option<String>,
    pub content: Content,
    /// The file's name in the export, where it has one.
    pub file: Option<(String, ExportKind)>,
    pub edited: bool,
    pub deleted: bool,
}

#[derive(Debug)]
pub(super) struct Digest {
    pub facts: Facts,
    pub planned: Vec<Planned>,
    pub sample: Vec<Line>,
    pub media: u64,
    pub files: u64,
    pub first: Timestamp,
    pub last: Timestamp,
}

/// The zone of this name.
pub(super) fn zone(name: &str) -> Result<TimeZone, Refusal> {
    TimeZone::get(name).map_err(|_| Refusal::invalid("time_zone_unknown", "time_zone"))
}

fn reading(choices: &Choices, zone: &TimeZone, now: Timestamp) -> Reading {
    Reading {
        date_order: choices.date_order,
        now: Some(zone.to_datetime(now)),
    }
}

fn not_a_chat(_: chat_export::NotAChat) -> Refusal {
    Refusal::invalid("import_not_a_chat", "file")
}

/// What the file is.
pub(super) fn facts(
    container: &Container,
    choices: &Choices,
    now: Timestamp,
) -> Result<Facts, Refusal> {
    let zone = zone(&choices.time_zone)?;
    Chat::read(&container.text, &reading(choices, &zone, now))
        .map(|chat| chat.facts)
        .map_err(not_a_chat)
}

/// The whole of it.
pub(super) fn digest(
    container: &Container,
    choices: &Choices,
    now: Timestamp,
) -> Result<Digest, Refusal> {
    let zone = zone(&choices.time_zone)?;
    let chat = Chat::read(&container.text, &reading(choices, &zone, now)).map_err(not_a_chat)?;
    let times = chat_export::instants(chat.entries.iter().map(|entry| entry.at), &zone);
    let (mut keys, mut planned, mut sample) = (Keys::default(), Vec::new(), Vec::new());
    let (mut media, mut files) = (0, 0);
    let count = chat.entries.len();
    for (nth, (entry, at)) in chat.entries.iter().zip(&times).enumerate() {
        let sender = entry.sender.as_deref();
        let ours = sender.is_some_and(|sender| choices.us.is(sender));
        let file = match &entry.what {
            What::Media(found) => {
                media += 1;
                found
                    .file
                    .as_deref()
                    .filter(|file| container.has(file))
                    .map(|file| (file.to_owned(), found.kind))
            }
            _ => None,
        };
        files += u64::from(file.is_some());
        if nth < SAMPLE_HEAD || nth + SAMPLE_TAIL >= count {
            sample.push(line(entry, *at, ours, file.is_some()));
        }
        let side = match sender {
            _ if ours => Side::Us,
            Some(sender) if chat.facts.group => Side::OneOf(sender),
            _ => Side::Them,
        };
        let (Some(likeness), Some(content)) = (
            Likeness::of(entry, side),
            chat_export::content_of(&entry.what),
        ) else {
            continue;
        };
        planned.push(Planned {
            key: keys.next(entry.at, likeness),
            at: *at,
            ours,
            likeness,
            said: Said {
                sender: sender.map(ToOwned::to_owned),
                content,
                file,
                edited: entry.edited,
                deleted: entry.what == What::Deleted,
            },
        });
    }
    let ends = (times.iter().min().copied(), times.iter().max().copied());
    Ok(Digest {
        facts: chat.facts,
        planned,
        sample,
        media,
        files,
        first: ends.0.unwrap_or(now),
        last: ends.1.unwrap_or(now),
    })
}

fn line(entry: &chat_export::Entry<'_>, at: Timestamp, ours: bool, has_file: bool) -> Line {
    let short = |text: &str| Some(text.chars().take(SAMPLE_TEXT).collect::<String>());
    let (kind, text, media) = match &entry.what {
        What::Text(text) => ("text", short(text), None),
        What::Media(media) => {
            let words = media.caption.as_deref().or(media.label.as_deref());
            ("media", words.and_then(short), Some(media.kind))
        }
        What::Deleted => ("deleted", None, None),
        What::Call(text) => ("call", short(text), None),
        What::Poll { question, options } => {
            let lines = std::iter::once(question).chain(options).cloned();
            ("poll", short(&lines.collect::<Vec<_>>().join("\n")), None)
        }
        What::Location {
            latitude,
            longitude,
        } => ("location", Some(format!("{latitude}, {longitude}")), None),
        What::Unsupported(_) => ("unsupported", None, None),
        What::System(text) => ("system", short(text), None),
    };
    Line {
        at,
        sender: entry.sender.as_deref().map(ToOwned::to_owned),
        ours,
        kind: kind.to_owned(),
        text,
        media,
        has_file,
        edited: entry.edited,
    }
}

/// Which of the planned messages came another way already: on the same side, with the same words, within a minute. Each
/// message of the conversation stands for one of the export.
pub(super) fn came_live(planned: &[Planned], live: &[LiveMessage]) -> HashSet<usize> {
    let mut waiting: HashMap<Likeness, Vec<i64>> = HashMap::new();
    for message in live.iter().rev() {
        let ours = message.direction == domain::message::Direction::Out;
        if let Some(likeness) = chat_export::likeness_of_content(&message.content, ours) {
            let minutes = waiting.entry(likeness).or_default();
            minutes.push(message.at.as_second().div_euclid(60));
        }
    }
    let mut found = HashSet::new();
    for (nth, message) in planned.iter().enumerate() {
        let minute = message.at.as_second().div_euclid(60);
        // The oldest is last; what lies behind stands for nothing any more.
        let Some(minutes) = waiting.get_mut(&message.likeness) else {
            continue;
        };
        while minutes.last().is_some_and(|known| *known < minute - 1) {
            minutes.pop();
        }
        if minutes.last().is_some_and(|known| *known <= minute + 1) {
            minutes.pop();
            found.insert(nth);
        }
    }
    found
}
