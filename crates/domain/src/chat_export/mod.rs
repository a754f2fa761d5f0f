//! Reading a chat that a person exported from their phone ("Export chat").
//!
//! WhatsApp has no description of the file; what is here follows what its apps write, on iOS and Android, in Hebrew and
//! English. Lines that begin with a date and a time start entries; all others belong to the entry before. Nothing is
//! ever lost: wording that is not known is a person's text.
//!
//! [`Chat::read`] goes over the lines once, then decides for the file as a whole what its dates mean and which headers
//! are believable, and cuts it.

mod body;
mod header;
mod key;
mod phrases;
mod place;
mod plan;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use body::Setting;
use header::{Head, Shape};

pub use key::{Keys, Likeness, Side, likeness_of_content};
pub use place::{Names, content_of, guess_us, instants, title_of};
pub use plan::{Choices, Line, Missing, Preview, Us, Whom};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    Ios,
    Android,
}

/// What the three numbers of a date are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    Dmy,
    Mdy,
    Ymd,
}

/// What a file of the chat is, as far as the export says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportKind {
    Image,
    Video,
    VideoNote,
    Audio,
    Voice,
    Sticker,
    Gif,
    Document,
    Contact,
    /// Android says only that something was left out.
    Unknown,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ExportedMedia<'a> {
    pub kind: ExportKind,
    /// The file's name in the export; without one it was left out.
    pub file: Option<Cow<'a, str>>,
    /// What iOS tells of a document that was left out: its name and pages.
    pub label: Option<Cow<'a, str>>,
    pub caption: Option<Cow<'a, str>>,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub enum What<'a> {
    Text(Cow<'a, str>),
    Media(ExportedMedia<'a>),
    Deleted,
    Call(Cow<'a, str>),
    Poll {
        question: String,
        options: Vec<String>,
    },
    Location {
        latitude: f64,
        longitude: f64,
    },
    /// The export has no form for it.
    Unsupported(Cow<'a, str>),
    /// The app's own line; nobody said it.
    System(Cow<'a, str>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// By the clock of the phone that exported.
    pub at: DateTime,
    /// None for a line of the app's.
    pub sender: Option<Cow<'a, str>>,
    pub what: What<'a>,
    pub edited: bool,
    /// All its lines, as they stand in the file.
    pub raw: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    pub name: String,
    pub count: u64,
}

/// Something that a person should know before the file is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Warning {
    /// Lines before the first entry.
    LinesBefore { count: u64 },
    /// Lines that look like entries and are out of time: most likely pasted. They are kept as text.
    OutOfTime { count: u64 },
    /// Lines that look like entries, with dates that do not exist in the order that the others have.
    NoSuchDate { count: u64 },
    /// As many entries as WhatsApp exports at most: older ones may be missing.
    MayBeCut { count: u64 },
}

/// A date that can be read in two ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoReadings {
    pub text: String,
    pub dmy: Date,
    pub mdy: Date,
}

/// What is known of the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub platform: Platform,
    pub date_order: DateOrder,
    /// The dates do not say which order they are in: a person should.
    pub date_order_guessed: bool,
    pub two_readings: Option<TwoReadings>,
    pub hour12: bool,
    pub has_seconds: bool,
    /// In the order in which they first spoke.
    pub participants: Vec<Participant>,
    /// The name under which iOS puts the app's own lines: the contact's, or the group's.
    pub notices_under: Option<String>,
    pub group: bool,
    pub first: DateTime,
    pub last: DateTime,
    pub warnings: Vec<Warning>,
}

/// What the caller knows better than the file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading {
    pub date_order: Option<DateOrder>,
    /// Now, by the clock of the phone: nothing was said a day after it.
    pub now: Option<DateTime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no line of the text begins as those of an exported chat do, or nobody says anything")]
pub struct NotAChat;

/// A chat that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Chat<'a> {
    pub facts: Facts,
    /// What stands before the first entry.
    pub before: &'a str,
    pub entries: Vec<Entry<'a>>,
}

/// A header, where it stands, and when that was.
struct Start {
    head: Head,
    offset: usize,
    at: DateTime,
}

impl<'a> Chat<'a> {
    /// Reads the text of an exported chat. The time it takes grows with the text and with nothing else.
    ///
    /// # Errors
    /// When it is no exported chat.
    pub fn read(text: &'a str, reading: &Reading) -> Result<Self, NotAChat> {
        let heads = heads(text);
        let (order, guessed) = match reading.date_order {
            Some(order) if heads.iter().any(|(_, head)| head.is_possible(order)) => (order, false),
            _ => date_order(&heads, reading.now).ok_or(NotAChat)?,
        };
        let mut warnings = Vec::new();
        let starts = believable(&heads, order, reading.now, &mut warnings);
        let first = starts.first().ok_or(NotAChat)?;
        let shape = first.head.shape;
        let before = &text[..first.offset];
        if before.chars().any(char::is_alphanumeric) {
            let count = before.lines().count() as u64;
            warnings.push(Warning::LinesBefore { count });
        }
        let (entries, seen) = cut(text, &starts, shape);
        if seen.participants.is_empty() {
            return Err(NotAChat);
        }
        warnings.extend(may_be_cut(&entries));
        let two_readings = guessed
            .then(|| two_readings(text, &starts, order))
            .flatten();
        let (from, to) = span(&starts).ok_or(NotAChat)?;
        let facts = Facts {
            platform: if shape == Shape::Android {
                Platform::Android
            } else {
                Platform::Ios
            },
            date_order: order,
            date_order_guessed: two_readings.is_some(),
            two_readings,
            hour12: starts.iter().any(|start| start.head.has_half()),
            has_seconds: starts.iter().any(|start| start.head.has_seconds),
            group: seen.group || seen.participants.len() > 2,
            participants: seen.participants,
            notices_under: seen.notices_under,
            first: from,
            last: to,
            warnings,
        };
        Ok(Self {
            facts,
            before,
            entries,
        })
    }
}

/// Every line that may start an entry, with its offset. The first one says which shape the file's headers have.
fn heads(text: &str) -> Vec<(usize, Head)> {
    let mut found: Vec<(usize, Head)> = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        if let Some(head) = Head::of(bare)
            && found
                .first()
                .is_none_or(|(_, first)| first.shape == head.shape)
        {
            found.push((offset, head));
        }
        offset += line.len();
    }
    found
}

/// What the dates of the file mean, and whether that is a guess.
fn date_order(heads: &[(usize, Head)], now: Option<DateTime>) -> Option<(DateOrder, bool)> {
    let (_, first) = heads.first()?;
    if first.year_first {
        return Some((DateOrder::Ymd, false));
    }
    let count = |order| {
        let impossible = |(_, head): &&(usize, Head)| !head.year_first && !head.is_possible(order);
        heads.iter().filter(impossible).count()
    };
    match (count(DateOrder::Dmy), count(DateOrder::Mdy)) {
        (0, 0) => {}
        (0, _) => return Some((DateOrder::Dmy, false)),
        (_, 0) => return Some((DateOrder::Mdy, false)),
        // Pasted lines of another phone: what most lines say.
        (dmy, mdy) if dmy <= mdy => return Some((DateOrder::Dmy, true)),
        _ => return Some((DateOrder::Mdy, true)),
    }
    let dmy = steps_back(heads, DateOrder::Dmy, now);
    let mdy = steps_back(heads, DateOrder::Mdy, now);
    Some(match (dmy, mdy) {
        (0, back) if back > 0 => (DateOrder::Dmy, false),
        (back, 0) if back > 0 => (DateOrder::Mdy, false),
        (dmy, mdy) if dmy != mdy && dmy.min(mdy) > 0 => {
            let order = if dmy < mdy {
                DateOrder::Dmy
            } else {
                DateOrder::Mdy
            };
            (order, true)
        }
        _ if first.looks_american() => (DateOrder::Mdy, true),
        _ => (DateOrder::Dmy, true),
    })
}

/// How often the time goes back by more than a day when the dates are read in this order, or goes beyond now.
fn steps_back(heads: &[(usize, Head)], order: DateOrder, now: Option<DateTime>) -> usize {
    let end = now.and_then(|now| now.checked_add(1.day()).ok());
    let mut last: Option<DateTime> = None;
    let mut steps = 0;
    for at in heads.iter().filter_map(|(_, head)| head.moment(order)) {
        let back = last.is_some_and(|last| at < day_before(last));
        let beyond = end.is_some_and(|end| at > end);
        steps += usize::from(back || beyond);
        last = Some(at);
    }
    steps
}

fn day_before(at: DateTime) -> DateTime {
    at.checked_sub(1.day()).unwrap_or(DateTime::MIN)
}

/// The headers that start entries. One that is out of time is a line that somebody pasted: what is pasted was written
/// before, so it lies behind; and what lies ahead of everything after it was made up.
fn believable(
    heads: &[(usize, Head)],
    order: DateOrder,
    now: Option<DateTime>,
    warnings: &mut Vec<Warning>,
) -> Vec<Start> {
    let all: Vec<Start> = heads
        .iter()
        .filter_map(|(offset, head)| {
            Some(Start {
                head: *head,
                offset: *offset,
                at: head.moment(order)?,
            })
        })
        .collect();
    let no_such_date = (heads.len() - all.len()) as u64;
    if no_such_date > 0 {
        warnings.push(Warning::NoSuchDate {
            count: no_such_date,
        });
    }
    let mut latest_after = vec![None; all.len()];
    let mut latest: Option<DateTime> = None;
    for (place, start) in latest_after.iter_mut().zip(&all).rev() {
        *place = latest;
        latest = latest.max(Some(start.at));
    }
    let mut previous: Option<DateTime> = None;
    let mut kept = Vec::with_capacity(all.len());
    let mut out_of_time = 0;
    for (start, after) in all.into_iter().zip(latest_after) {
        let behind = previous.is_some_and(|previous| start.at < day_before(previous));
        let ahead = previous.zip(after).is_some_and(|(previous, after)| {
            after < day_before(start.at) && after >= day_before(previous)
        });
        let beyond = now.is_some_and(|now| day_before(start.at) > now) && previous.is_some();
        if behind || ahead || beyond {
            out_of_time += 1;
        } else {
            previous = Some(start.at);
            kept.push(start);
        }
    }
    if out_of_time > 0 {
        warnings.push(Warning::OutOfTime { count: out_of_time });
    }
    kept
}

fn span(starts: &[Start]) -> Option<(DateTime, DateTime)> {
    let times = || starts.iter().map(|start| start.at);
    Some((times().min()?, times().max()?))
}

fn two_readings(text: &str, starts: &[Start], order: DateOrder) -> Option<TwoReadings> {
    let of = |start: &Start| {
        let (dmy, mdy) = (
            start.head.day(DateOrder::Dmy)?,
            start.head.day(DateOrder::Mdy)?,
        );
        let line = text.get(start.offset..start.offset + start.head.length)?;
        let line = line.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let text = line.split([',', ' ', '\u{a0}', '\u{202f}']).next()?;
        (dmy != mdy).then(|| TwoReadings {
            text: text.to_owned(),
            dmy,
            mdy,
        })
    };
    // Where both readings are always the same day, there is nothing to choose.
    starts
        .iter()
        .filter(|_| order != DateOrder::Ymd)
        .find_map(of)
}

/// What was seen while cutting.
#[derive(Default)]
struct Seen {
    participants: Vec<Participant>,
    notices_under: Option<String>,
    group: bool,
}

fn cut<'a>(text: &'a str, starts: &[Start], shape: Shape) -> (Vec<Entry<'a>>, Seen) {
    let setting = Setting {
        shape,
        has_marks: text.contains('\u{200e}'),
    };
    let ends = starts
        .iter()
        .skip(1)
        .map(|start| start.offset)
        .chain([text.len()]);
    let pieces: Vec<(&Start, &str)> = starts
        .iter()
        .zip(ends)
        .map(|(start, end)| (start, &text[start.offset..end]))
        .collect();
    let rest = |start: &Start, raw: &'a str| -> &'a str {
        let rest = &raw[start.head.length..];
        let rest = rest.strip_suffix('\n').unwrap_or(rest);
        rest.strip_suffix('\r').unwrap_or(rest)
    };
    let mut times: HashMap<&str, u32> = HashMap::new();
    if shape == Shape::Android {
        for (start, raw) in &pieces {
            if let (Some(sender), _) = body::split(rest(start, raw)) {
                *times.entry(sender).or_default() += 1;
            }
        }
    }
    let mut seen = Seen::default();
    let mut places: HashMap<Cow<'a, str>, usize> = HashMap::new();
    let mut entries = Vec::with_capacity(pieces.len());
    for (start, raw) in pieces {
        let rest = rest(start, raw);
        let (sender, words) = match body::split(rest) {
            (Some(sender), _)
                if shape == Shape::Android
                    && body::is_not_a_sender(sender, times.get(sender).copied().unwrap_or(0)) =>
            {
                (None, rest)
            }
            cut => cut,
        };
        let said = match sender {
            Some(_) => body::classify(words, start.head.marked, setting),
            None => body::unsaid(words),
        };
        seen.group |= said.in_group;
        let name = sender.map(body::name);
        let sender = if matches!(said.what, What::System(_)) {
            if let Some(name) = name
                && seen.notices_under.is_none()
            {
                seen.notices_under = Some(name.into_owned());
            }
            None
        } else {
            name
        };
        if let Some(name) = &sender {
            match places.get(name) {
                Some(place) => seen.participants[*place].count += 1,
                None => {
                    places.insert(name.clone(), seen.participants.len());
                    seen.participants.push(Participant {
                        name: name.clone().into_owned(),
                        count: 1,
                    });
                }
            }
        }
        entries.push(Entry {
            at: start.at,
            sender,
            what: said.what,
            edited: said.edited,
            raw,
        });
    }
    (entries, seen)
}

/// WhatsApp exports the newest 40,000 entries, or 10,000 with their files.
fn may_be_cut(entries: &[Entry<'_>]) -> Option<Warning> {
    let count = entries.len();
    let near = |limit: usize| count >= limit - limit / 100 && count <= limit + limit / 100;
    let with_files = || {
        entries
            .iter()
            .any(|entry| matches!(&entry.what, What::Media(media) if media.file.is_some()))
    };
    (near(40_000) || (near(10_000) && with_files())).then_some(Warning::MayBeCut {
        count: count as u64,
    })
}
