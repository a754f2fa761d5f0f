//! Text from outside: what is kept, what is shown, what is searched.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Longest name that is kept of a person, in graphemes.
pub const NAME_LIMIT: usize = 256;

/// A person's name as it may be shown: no control characters, no marks that turn the direction of what follows,
/// at most [`NAME_LIMIT`] graphemes. `None` when nothing is left.
#[must_use]
pub fn clean_name(name: &str) -> Option<String> {
    let kept: String = name
        .chars()
        .filter(|letter| {
            !letter.is_control() && !is_direction_control(*letter) && *letter != '\u{feff}'
        })
        .collect();
    let kept: String = kept.trim().graphemes(true).take(NAME_LIMIT).collect();
    (!kept.is_empty()).then_some(kept)
}

/// Overrides, embeddings and isolates: they can make a name or a file read as another. The plain marks LRM and RLM
/// stay, since people need them.
#[must_use]
pub const fn is_direction_control(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The first line's worth of a text, for lists: white space folded, at most `limit` graphemes.
#[must_use]
pub fn snippet(text: &str, limit: usize) -> String {
    // Looking at more than this would make a huge message cost what its snippet is worth a thousand times over.
    let head: String = text
        .chars()
        .take(limit * 8)
        .filter(|letter| !is_direction_control(*letter))
        .collect();
    let folded = head.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = folded.graphemes(true).take(limit).collect();
    cut.trim_end().to_owned()
}

/// The searchable form of a text: compatibility forms folded, lower case, Hebrew points and the quotation marks of
/// abbreviations dropped, final letters made plain, digits of one number joined (`050-123-4567` as `0501234567`),
/// everything else a space between words.
#[must_use]
pub fn search_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.nfkc().flat_map(char::to_lowercase).peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{0591}'..='\u{05bd}' | '\u{05bf}' | '\u{05c1}'..='\u{05c7}' => {}
            '"' | '\'' | '\u{05f3}' | '\u{05f4}' | '\u{2018}'..='\u{201f}' => {}
            'ך' => out.push('כ'),
            'ם' => out.push('מ'),
            'ן' => out.push('נ'),
            'ף' => out.push('פ'),
            'ץ' => out.push('צ'),
            '-' | '.' | '(' | ')' | '/' | '+' => {
                let after_digit = out.ends_with(|last: char| last.is_ascii_digit());
                let before_digit = letters.peek().is_some_and(char::is_ascii_digit);
                if !(after_digit && before_digit) {
                    push_space(&mut out);
                }
            }
            letter if letter.is_alphanumeric() => out.push(letter),
            _ => push_space(&mut out),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// The words of a search, each with the forms under which it may stand in a text: a Hebrew word also behind the
/// letters ו ה ב כ ל מ ש, one or two of them. At most eight words are looked at.
#[must_use]
pub fn search_words(query: &str) -> Vec<Vec<String>> {
    search_text(query)
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(8)
        .map(forms)
        .collect()
}

fn forms(word: &str) -> Vec<String> {
    const PREFIXES: [&str; 16] = [
        "ו", "ה", "ב", "כ", "ל", "מ", "ש", "וה", "וב", "ול", "ומ", "וש", "שה", "מה", "בה", "כש",
    ];
    let mut all = vec![word.to_owned()];
    if word
        .chars()
        .next()
        .is_some_and(|first| ('א'..='ת').contains(&first))
    {
        all.extend(PREFIXES.iter().map(|prefix| format!("{prefix}{word}")));
    }
    // A local phone number is stored with its country code.
    if word.len() >= 4
        && word.starts_with('0')
        && word.bytes().all(|letter| letter.is_ascii_digit())
    {
        all.push(format!("972{}", &word[1..]));
    }
    all
}

/// Whether somebody asks with these words, and no others, to be left alone. (Communications Law, section 30A: a refusal
/// in the way in which the message came; the words that mailings name and people use.)
#[must_use]
pub fn asks_to_stop(text: &str) -> bool {
    const WORDS: [&str; 17] = [
        "הסר",
        "הסירו",
        "הסרה",
        "להסיר",
        "להסרה",
        "הסר אותי",
        "תסירו אותי",
        "תסיר אותי",
        "הסירו אותי",
        "נא להסיר",
        "stop",
        "unsubscribe",
        "remove",
        "remove me",
        "opt out",
        "stop all",
        "cancel",
    ];
    // A long text that happens to begin so is a letter, not a word.
    if text.len() > 64 {
        return false;
    }
    let said = search_text(text);
    WORDS.iter().any(|word| search_text(word) == said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hebrew_is_found_as_people_write_it() {
        assert_eq!(search_text("שָׁלוֹם, צה״ל!"), "שלומ צהל");
        assert_eq!(search_text("טל׳ 050-123-4567."), "טל 0501234567");
        assert_eq!(search_text("Ünïted  Ltd."), "ünïted ltd");
        assert!(search_words("בית")[0].contains(&"הבית".to_owned()));
        assert!(search_words("050-123")[0].contains(&"97250123".to_owned()));
    }

    #[test]
    fn a_name_cannot_turn_the_line_around() {
        assert_eq!(
            clean_name("דנה\u{202e}gpj.exe\u{0}"),
            Some("דנהgpj.exe".to_owned())
        );
        assert_eq!(clean_name(" \u{2066}\u{0} "), None);
        assert_eq!(
            clean_name(&"א".repeat(1_000_000)).map(|name| name.chars().count()),
            Some(NAME_LIMIT)
        );
    }

    #[test]
    fn a_snippet_keeps_a_family_whole() {
        assert_eq!(snippet("👨‍👩‍👧‍👦👨‍👩‍👧‍👦 a\n\nb", 3), "👨‍👩‍👧‍👦👨‍👩‍👧‍👦");
    }

    proptest! {
        #[test]
        fn searching_twice_changes_nothing(text in ".{0,200}") {
            let once = search_text(&text);
            prop_assert_eq!(search_text(&once), once);
        }
    }
}
