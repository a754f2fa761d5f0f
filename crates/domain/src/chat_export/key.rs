//! By what a message is known again, when a newer export of the same chat comes.
//!
//! The key is made of what every export of a message has in common: the minute, whose side it is on, and its words. The
//! name of the chat is not in it (it changes with the phone and its language), nor is a person's name in a chat of two
//! (it changes with the address book): what tells chats apart is the conversation in which they are kept.

use std::collections::HashMap;

use jiff::civil::DateTime;
use sha2::{Digest, Sha256};

use super::header::is_mark;
use super::{Entry, What};
use crate::content::Content;

/// Whose message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side<'a> {
    Us,
    Them,
    /// One of several, in a group.
    OneOf(&'a str),
}

/// What a message says, whoever writes it down: equal for the same words on the same side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Likeness([u8; 16]);

impl Likeness {
    /// `None` for a line of the app's, which is nobody's message.
    #[must_use]
    pub fn of(entry: &Entry<'_>, side: Side<'_>) -> Option<Self> {
        let caption = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
        Some(match &entry.what {
            What::Text(text) => Self::new(side, "text", text),
            // With its file or without it: the same picture.
            What::Media(media) => {
                Self::new(side, "media", &caption(&media.caption).unwrap_or_default())
            }
            What::Deleted => Self::new(side, "deleted", ""),
            // Its words depend on the language of the phone.
            What::Call(_) => Self::new(side, "call", ""),
            What::Poll { question, .. } => Self::new(side, "poll", question),
            What::Location {
                latitude,
                longitude,
            } => Self::new(side, "location", &degrees(*latitude, *longitude)),
            What::Unsupported(_) => Self::new(side, "unsupported", ""),
            What::System(_) => return None,
        })
    }

    fn new(side: Side<'_>, kind: &str, words: &str) -> Self {
        let mut digest = Sha256::new();
        match side {
            Side::Us => digest.update("us"),
            Side::Them => digest.update("them"),
            Side::OneOf(name) => {
                digest.update("one:");
                digest.update(name);
            }
        }
        digest.update([0]);
        digest.update(kind);
        digest.update([0]);
        normalised(words, |piece| digest.update(piece));
        Self(half(&digest.finalize()))
    }
}

/// What a message that came another way says, in a chat of two; `None` where an export would have no such line.
#[must_use]
pub fn likeness_of_content(content: &Content, ours: bool) -> Option<Likeness> {
    let side = if ours { Side::Us } else { Side::Them };
    Some(match content {
        Content::Media(media) => {
            Likeness::new(side, "media", media.caption.as_deref().unwrap_or_default())
        }
        Content::Location(place) => {
            let words = degrees(place.latitude, place.longitude);
            Likeness::new(side, "location", &words)
        }
        Content::Unsupported { .. } | Content::Unknown { .. } | Content::Contacts { .. } => {
            return None;
        }
        other => Likeness::new(side, "text", &other.words()),
    })
}

fn degrees(latitude: f64, longitude: f64) -> String {
    format!("{latitude:.5},{longitude:.5}")
}

/// White space folded, marks dropped: what differs between two phones' exports of one text.
fn normalised(words: &str, mut write: impl FnMut(&str)) {
    let mut first = true;
    for word in words.split_whitespace() {
        if !first {
            write(" ");
        }
        first = false;
        for piece in word.split(is_mark) {
            write(piece);
        }
    }
}

fn half(digest: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    for (to, from) in half.iter_mut().zip(digest) {
        *to = *from;
    }
    half
}

/// Makes the keys of a chat's messages, in their order: the same words in one minute are told apart by their count.
#[derive(Debug, Default)]
pub struct Keys {
    minute: Option<DateTime>,
    /// Of the minute before as well, since clocks step back a little.
    seen: HashMap<[u8; 16], u32>,
}

impl Keys {
    /// The key of the next message.
    pub fn next(&mut self, at: DateTime, likeness: Likeness) -> String {
        let minute = at
            .with()
            .second(0)
            .subsec_nanosecond(0)
            .build()
            .unwrap_or(at);
        // What lies an hour back does not come again.
        if self
            .minute
            .is_none_or(|known| known.date() != minute.date())
        {
            self.seen.clear();
        }
        self.minute = Some(minute);
        let mut digest = Sha256::new();
        digest.update(minute.to_string());
        digest.update([0]);
        digest.update(likeness.0);
        let base = half(&digest.finalize());
        let nth = self.seen.entry(base).or_default();
        *nth += 1;
        let mut key = format!("{:032x}", u128::from_be_bytes(base));
        if *nth > 1 {
            key.push_str(&format!("-{nth}"));
        }
        key
    }
}
