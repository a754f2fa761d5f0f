//! What stands behind a header: who, and what.

use std::borrow::Cow;

use super::header::{Shape, is_mark};
use super::phrases as known;
use super::{ExportKind, ExportedMedia, What};

/// Longest name of a sender, in characters; longer is a sentence with a colon.
const SENDER_LIMIT: usize = 60;
/// The app's own lines are short. A person's text may begin with a mark too, and is not to be taken for one.
const SYSTEM_LIMIT: usize = 300;

/// The app's mark before its own words.
const MARK: char = '\u{200e}';

/// What is known of the file when its entries are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    pub shape: Shape,
    /// The file has marks. One that lost them on its way is read by its words alone.
    pub has_marks: bool,
}

/// What follows the header of an entry, cut into who and what. No sender: a line of the app's.
pub(super) fn split(rest: &str) -> (Option<&str>, &str) {
    let line = rest.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    if begins_with(plain(line).trim_start(), known::ENCRYPTED) {
        return (None, rest);
    }
    let colon = line
        .find(": ")
        .or_else(|| line.ends_with(':').then(|| line.len() - 1));
    let Some(colon) = colon else {
        return (None, rest);
    };
    let (sender, body) = (&rest[..colon], &rest[colon + 1..]);
    if sender.is_empty() || sender.chars().count() > SENDER_LIMIT {
        return (None, rest);
    }
    (Some(sender), body.strip_prefix(' ').unwrap_or(body))
}

/// Whether this sender of Android's is the beginning of a line of the app's, given how often it is there.
pub(super) fn is_not_a_sender(sender: &str, times: u32) -> bool {
    times == 1 && known::NOT_A_SENDER.iter().any(|verb| sender.contains(verb))
}

/// A name without the marks around it.
pub(super) fn name(sender: &str) -> Cow<'_, str> {
    let odd = |letter: char| is_mark(letter) || matches!(letter, '\u{a0}' | '\u{202f}');
    if !sender.contains(odd) {
        return Cow::Borrowed(sender.trim());
    }
    let kept: String = sender
        .chars()
        .filter(|letter| !is_mark(*letter))
        .map(|letter| if odd(letter) { ' ' } else { letter })
        .collect();
    Cow::Owned(kept.trim().to_owned())
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said<'a> {
    pub what: What<'a>,
    pub edited: bool,
    pub in_group: bool,
}

/// A line that nobody said.
pub(super) fn unsaid(rest: &str) -> Said<'_> {
    let words = plain(rest);
    let what = match call(words.trim(), false) {
        true => What::Call(trimmed(words)),
        false => What::System(trimmed(words)),
    };
    said(what)
}

fn said(what: What<'_>) -> Said<'_> {
    let in_group = matches!(&what, What::System(text) if is_group(text));
    Said {
        what,
        edited: false,
        in_group,
    }
}

/// What a sender's entry says. `marked`: its line begins with the app's mark.
pub(super) fn classify<'a>(body: &'a str, marked: bool, setting: Setting) -> Said<'a> {
    let body_marked = body.starts_with(MARK);
    let (body, edited) = without_edit_note(body);
    // The app's words are believed where the app's mark stands, or where no mark could be.
    let believed = setting.shape == Shape::Android
        || !setting.has_marks
        || marked
        || body_marked
        || body.contains(MARK);
    let words = plain(body);
    let words = words.trim();
    let what = if believed {
        apps_words(words, body, setting, body_marked || !setting.has_marks)
    } else {
        None
    };
    let what = what.unwrap_or_else(|| What::Text(text_of(body, edited)));
    Said {
        edited,
        ..said(what)
    }
}

/// The body as it was written, but for one mark at its beginning and the ends of lines.
fn text_of(body: &str, edited: bool) -> Cow<'_, str> {
    let body = body
        .strip_prefix(MARK)
        .or_else(|| body.strip_prefix('\u{200f}'))
        .unwrap_or(body);
    let body = if edited { body.trim_end() } else { body };
    if body.contains('\r') {
        Cow::Owned(body.replace("\r\n", "\n").trim_end_matches('\r').to_owned())
    } else {
        Cow::Borrowed(body)
    }
}

fn without_edit_note(body: &str) -> (&str, bool) {
    let end = body.trim_end();
    for note in known::EDITED {
        if let Some(before) = end.strip_suffix(note) {
            return (before.trim_end_matches(is_mark).trim_end(), true);
        }
    }
    (body, false)
}

/// `words` are the body without marks; `may_be_system`: the app's mark stands before it.
fn apps_words<'a>(
    words: &str,
    body: &'a str,
    setting: Setting,
    may_be_system: bool,
) -> Option<What<'a>> {
    let first = words.split('\n').next().unwrap_or_default().trim_end();
    let alone = first.len() == words.len();
    if alone && is_deleted(words) {
        return Some(What::Deleted);
    }
    if let Some(media) =
        attached(words, first, setting.shape).or_else(|| omitted(words, first, setting))
    {
        return Some(What::Media(media));
    }
    if alone && let Some((latitude, longitude)) = location(words) {
        return Some(What::Location {
            latitude,
            longitude,
        });
    }
    let marked_call = setting.shape != Shape::Android && setting.has_marks;
    if alone && call(words, marked_call) {
        return Some(What::Call(Cow::Owned(words.to_owned())));
    }
    if let Some(poll) = poll(words) {
        return Some(poll);
    }
    if alone && (words == "null" || begins_with(words, known::UNSUPPORTED)) {
        return Some(What::Unsupported(trimmed(plain(body))));
    }
    let system = setting.shape != Shape::Android && may_be_system && is_system(words, setting);
    system.then(|| What::System(trimmed(plain(body))))
}

fn is_deleted(words: &str) -> bool {
    let words = words.trim_end_matches('.');
    known::DELETED.contains(&words) || begins_with(words, known::DELETED_BY_ADMIN)
}

fn is_system(words: &str, setting: Setting) -> bool {
    if begins_with(words, known::ENCRYPTED) {
        return true;
    }
    // A file without marks: only what nobody would write by hand.
    if !setting.has_marks || words.len() > SYSTEM_LIMIT || words.contains('\n') {
        return false;
    }
    is_group(words) || known::SYSTEM.iter().any(|phrase| words.contains(phrase))
}

fn is_group(words: &str) -> bool {
    known::GROUP.iter().any(|phrase| words.contains(phrase))
        || known::GROUP_ENDINGS
            .iter()
            .any(|phrase| words.ends_with(phrase))
}

/// A file that came with the export; what else stands there is its caption.
fn attached<'a>(words: &str, first: &str, shape: Shape) -> Option<ExportedMedia<'a>> {
    let of = |file: &str, caption: String| {
        let file = file.trim();
        is_file_name(file).then(|| ExportedMedia {
            kind: kind_of(file),
            file: Some(Cow::Owned(file.to_owned())),
            label: None,
            caption: (!caption.is_empty()).then_some(Cow::Owned(caption)),
        })
    };
    let below = words[first.len()..].trim();
    if shape == Shape::Android {
        let file = known::ATTACHED_ANDROID
            .iter()
            .find_map(|words| first.strip_suffix(words))?;
        return of(file, below.to_owned());
    }
    for opening in known::ATTACHED_IOS {
        if let Some((before, rest)) = words.split_once(opening)
            && let Some((file, after)) = rest.split_once('>')
            && !file.contains('\n')
        {
            let caption = [before.trim(), after.trim()];
            let caption: Vec<&str> = caption
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
            return of(file, caption.join("\n"));
        }
    }
    let file = known::ATTACHED_OLD_IOS
        .iter()
        .find_map(|words| first.strip_suffix(words))?;
    of(file, below.to_owned())
}

/// A file that was left out of the export.
fn omitted<'a>(words: &str, first: &str, setting: Setting) -> Option<ExportedMedia<'a>> {
    let below = words[first.len()..].trim();
    let of = |kind: ExportKind, label: &str| {
        let (label, caption) = match (label.is_empty(), kind) {
            (true, _) => (None, below),
            (false, ExportKind::Document) => (Some(label), below),
            (false, _) => (None, label),
        };
        let own = |text: &str| Cow::Owned(text.to_owned());
        ExportedMedia {
            kind,
            file: None,
            label: label.map(own),
            caption: (!caption.is_empty()).then(|| own(caption)),
        }
    };
    if let Some((_, kind)) = known::OMITTED_ANDROID
        .iter()
        .find(|(phrase, _)| *phrase == first)
    {
        return Some(of(*kind, ""));
    }
    // `<View once voice message omitted>` and its like.
    if let Some(inner) = first
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        && inner.chars().count() <= SENDER_LIMIT
        && known::OMITTED_ENDINGS
            .iter()
            .any(|ending| inner.ends_with(ending))
    {
        let kind = if inner.contains("voice") {
            ExportKind::Voice
        } else {
            ExportKind::Unknown
        };
        return Some(of(kind, ""));
    }
    if setting.shape == Shape::Android {
        return None;
    }
    for (phrase, kind) in known::OMITTED_IOS {
        if let Some(before) = first.strip_suffix(phrase) {
            let before = before.trim_end();
            // Without marks only the bare phrase is the app's.
            if before.is_empty() || setting.has_marks {
                return Some(of(*kind, before.trim_start()));
            }
        }
    }
    let unknown = setting.has_marks
        && first.chars().count() <= 40
        && known::OMITTED_ENDINGS
            .iter()
            .any(|ending| first.ends_with(ending));
    unknown.then(|| of(ExportKind::Unknown, ""))
}

fn is_file_name(file: &str) -> bool {
    file.len() <= 255
        && file.contains('.')
        && !file.starts_with('.')
        && !file.contains(['/', '\\', '\0'])
}

/// What a file is, by the name that WhatsApp gave it.
pub(super) fn kind_of(file: &str) -> ExportKind {
    let of_ios = file.split('-').nth(1).unwrap_or_default();
    match of_ios {
        "PHOTO" => return ExportKind::Image,
        "VIDEO" => return ExportKind::Video,
        "AUDIO" => return ExportKind::Audio,
        "STICKER" => return ExportKind::Sticker,
        "GIF" => return ExportKind::Gif,
        _ => {}
    }
    match file.split('-').next().unwrap_or_default() {
        "IMG" => return ExportKind::Image,
        "VID" => return ExportKind::Video,
        "PTT" => return ExportKind::Voice,
        "AUD" => return ExportKind::Audio,
        "STK" => return ExportKind::Sticker,
        "DOC" => return ExportKind::Document,
        _ => {}
    }
    let ending = file.rsplit('.').next().unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" | "png" | "heic" => ExportKind::Image,
        "webp" => ExportKind::Sticker,
        "mp4" | "3gp" | "mov" => ExportKind::Video,
        "opus" | "ogg" => ExportKind::Voice,
        "mp3" | "m4a" | "aac" | "amr" => ExportKind::Audio,
        "vcf" => ExportKind::Contact,
        _ => ExportKind::Document,
    }
}

fn location(words: &str) -> Option<(f64, f64)> {
    let url = known::LOCATIONS
        .iter()
        .find_map(|word| words.strip_prefix(word))?
        .trim();
    if !url.starts_with("https://") || url.contains(' ') {
        return None;
    }
    let (_, place) = url.split_once("q=")?;
    let place = place.split('&').next().unwrap_or_default();
    let (latitude, longitude) = place.split_once(',')?;
    let degrees = |text: &str, most: f64| {
        let number: f64 = text.parse().ok()?;
        (number.is_finite() && number.abs() <= most).then_some(number)
    };
    Some((degrees(latitude, 90.0)?, degrees(longitude, 180.0)?))
}

/// `marked`: the app's mark has been seen, so its words alone are enough.
fn call(words: &str, marked: bool) -> bool {
    known::CALLS.iter().any(|phrase| {
        words.strip_prefix(phrase).is_some_and(|tail| {
            let tail = tail.trim_start_matches([',', '.', ' ']);
            let told = tail.is_empty()
                || known::CALL_TAILS
                    .iter()
                    .any(|known| tail.starts_with(known))
                || (tail.starts_with(|letter: char| letter.is_ascii_digit()) && tail.len() < 24);
            told || (marked && words.len() < 80)
        })
    })
}

fn poll<'a>(words: &str) -> Option<What<'a>> {
    let rest = begins_with_one(words, known::POLLS)?;
    let (mut question, mut options) = (Vec::new(), Vec::new());
    for line in rest.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match begins_with_one(line, known::OPTIONS) {
            Some(option) => options.push(option.trim().to_owned()),
            None => question.push(line),
        }
    }
    (!options.is_empty()).then(|| What::Poll {
        question: question.join("\n"),
        options,
    })
}

fn begins_with(words: &str, phrases: &[&str]) -> bool {
    begins_with_one(words, phrases).is_some()
}

fn begins_with_one<'a>(words: &'a str, phrases: &[&str]) -> Option<&'a str> {
    phrases.iter().find_map(|phrase| words.strip_prefix(phrase))
}

/// A text without marks of direction.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    // All marks begin with one of two bytes, so most texts are looked through quickly.
    let may_have = text.bytes().any(|byte| byte == 0xe2 || byte == 0xef);
    if !may_have || !text.contains(is_mark) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|letter| !is_mark(*letter)).collect())
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}
