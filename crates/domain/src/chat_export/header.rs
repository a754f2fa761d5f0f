//! The beginning of an entry: its date and time, before who said what.
//!
//! ```text
//! iOS      "[" DATE [","] SP TIME "]" SP
//! Android  DATE [","] SP TIME SP DASH SP
//! old iOS  DATE [","] SP TIME ":" SP
//! ```

use jiff::civil::{Date, DateTime, Time};

use super::DateOrder;

/// Which of the three forms starts entries in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Ios,
    OldIos,
    Android,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

/// A line that may start an entry. What its numbers mean is decided for the file as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub shape: Shape,
    /// The three numbers of the date, as they stand there.
    date: [u16; 3],
    pub year_first: bool,
    two_digit_year: bool,
    slashes: bool,
    time: [u8; 3],
    pub has_seconds: bool,
    half: Option<Half>,
    /// Bytes of the line before what follows the header.
    pub length: usize,
    /// The line begins with a mark that no person types: the app itself wrote it.
    pub marked: bool,
}

/// Marks of direction that WhatsApp puts around names and before its own words.
pub(super) const fn is_mark(letter: char) -> bool {
    matches!(
        letter,
        '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

impl Head {
    /// Reads the beginning of a line.
    pub fn of(line: &str) -> Option<Self> {
        let body = line.trim_start_matches(is_mark);
        let first = *body.as_bytes().first()?;
        if first != b'[' && !first.is_ascii_digit() {
            return None;
        }
        let marked = line
            .chars()
            .take_while(|letter| is_mark(*letter))
            .any(|letter| letter != '\u{feff}');
        let mut cursor = Cursor(body);
        let in_brackets = cursor.eat('[');
        let mut head = cursor.date()?;
        cursor.eat(',');
        cursor.space()?;
        cursor.time(&mut head)?;
        head.shape = if in_brackets {
            cursor.eat(']').then_some(())?;
            Shape::Ios
        } else if cursor.eat(':') {
            Shape::OldIos
        } else {
            cursor.space()?;
            ['-', '–', '—']
                .into_iter()
                .any(|dash| cursor.eat(dash))
                .then_some(())?;
            Shape::Android
        };
        // A message may be empty, and then an editor may have cut the blank behind it.
        if !cursor.0.is_empty() {
            cursor.space()?;
        }
        head.length = line.len() - cursor.0.len();
        head.marked = marked;
        Some(head)
    }

    pub const fn has_half(&self) -> bool {
        self.half.is_some()
    }

    /// American phones write so.
    pub const fn looks_american(&self) -> bool {
        self.half.is_some() && self.two_digit_year && self.slashes
    }

    /// Whether the date exists when it is read in this order.
    pub fn is_possible(&self, order: DateOrder) -> bool {
        self.day(order).is_some()
    }

    /// The date as it stands there, for a person to choose a reading.
    pub fn day(&self, order: DateOrder) -> Option<Date> {
        if self.year_first != (order == DateOrder::Ymd) {
            return None;
        }
        let [a, b, c] = self.date;
        let (year, month, day) = match order {
            DateOrder::Dmy => (c, b, a),
            DateOrder::Mdy => (c, a, b),
            DateOrder::Ymd => (a, b, c),
        };
        let year = if self.two_digit_year {
            2000 + year
        } else {
            year
        };
        let narrow = |number: u16| i8::try_from(number).ok();
        Date::new(i16::try_from(year).ok()?, narrow(month)?, narrow(day)?).ok()
    }

    /// When it was said, by the clock of the phone; `None` when there is no such time.
    pub fn moment(&self, order: DateOrder) -> Option<DateTime> {
        let [hour, minute, second] = self.time;
        let hour = match (self.half, hour) {
            (None, hour) => hour,
            (Some(_), 0 | 13..) => return None,
            (Some(Half::Morning), 12) => 0,
            (Some(Half::Morning), hour) => hour,
            (Some(Half::Afternoon), 12) => 12,
            (Some(Half::Afternoon), hour) => hour + 12,
        };
        let narrow = |number: u8| i8::try_from(number).ok();
        let time = Time::new(narrow(hour)?, narrow(minute)?, narrow(second)?, 0).ok()?;
        Some(DateTime::from_parts(self.day(order)?, time))
    }
}

/// What is left of a line.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn eat(&mut self, letter: char) -> bool {
        match self.0.strip_prefix(letter) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// One blank or more, of any kind that WhatsApp uses.
    fn space(&mut self) -> Option<()> {
        let rest = self.0.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
        let found = rest.len() < self.0.len();
        self.0 = rest;
        found.then_some(())
    }

    /// A number of at most this many digits, and how many it has.
    fn number(&mut self, most: usize) -> Option<(u16, usize)> {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > most {
            return None;
        }
        let (text, rest) = self.0.split_at(digits);
        self.0 = rest;
        Some((text.parse().ok()?, digits))
    }

    fn date(&mut self) -> Option<Head> {
        let (a, a_digits) = self.number(4)?;
        let separator = self.0.chars().next()?;
        if !matches!(separator, '.' | '/' | '-') || !self.eat(separator) {
            return None;
        }
        let (b, _) = self.number(2)?;
        self.eat(separator).then_some(())?;
        let (c, c_digits) = self.number(4)?;
        let year_first = a_digits == 4;
        let sound = if year_first {
            c_digits <= 2
        } else {
            a_digits <= 2 && matches!(c_digits, 2 | 4)
        };
        sound.then_some(Head {
            shape: Shape::Android,
            date: [a, b, c],
            year_first,
            two_digit_year: !year_first && c_digits == 2,
            slashes: separator == '/',
            time: [0; 3],
            has_seconds: false,
            half: None,
            length: 0,
            marked: false,
        })
    }

    fn time(&mut self, head: &mut Head) -> Option<()> {
        let narrow = |number: u16| u8::try_from(number).ok();
        head.time[0] = narrow(self.number(2)?.0)?;
        (self.eat(':') || self.eat('.')).then_some(())?;
        head.time[1] = narrow(self.two_digits()?)?;
        let before = self.0;
        if self.eat(':') || self.eat('.') {
            match self.two_digits() {
                Some(second) => {
                    head.time[2] = narrow(second)?;
                    head.has_seconds = true;
                }
                // The colon that ends an old header.
                None => self.0 = before,
            }
        }
        let before = self.0;
        // There may be a blank, or none.
        let _ = self.space();
        head.half = self.half();
        if head.half.is_none() {
            self.0 = before;
        }
        Some(())
    }

    fn two_digits(&mut self) -> Option<u16> {
        self.number(2)
            .filter(|(_, digits)| *digits == 2)
            .map(|(number, _)| number)
    }

    fn half(&mut self) -> Option<Half> {
        for (half, first, hebrew) in [
            (Half::Morning, ['a', 'A'], "לפנה"),
            (Half::Afternoon, ['p', 'P'], "אחה"),
        ] {
            let mut cursor = Cursor(self.0);
            if first.into_iter().any(|letter| cursor.eat(letter)) {
                cursor.eat('.');
                // `a. m.`
                let _ = cursor.space();
                if cursor.eat('m') || cursor.eat('M') {
                    cursor.eat('.');
                    self.0 = cursor.0;
                    return Some(half);
                }
            } else if let Some(rest) = self.0.strip_prefix(hebrew) {
                let rest = rest.trim_start_matches(['"', '\'', '״', '׳', '”', '“']);
                self.0 = rest.strip_prefix('צ')?;
                return Some(half);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_as_phones_write_them() {
        for (line, shape, order, moment) in [
            (
                "[5.8.2026, 15:40:24] דנה: א",
                Shape::Ios,
                DateOrder::Dmy,
                "2026-08-05T15:40:24",
            ),
            (
                "\u{200e}[05/08/2026, 9:05:44] D: x",
                Shape::Ios,
                DateOrder::Dmy,
                "2026-08-05T09:05:44",
            ),
            (
                "[8/5/26, 3:40:24\u{202f}PM] D: x",
                Shape::Ios,
                DateOrder::Mdy,
                "2026-08-05T15:40:24",
            ),
            (
                "[2026-08-05 15.40.24] D: x",
                Shape::Ios,
                DateOrder::Ymd,
                "2026-08-05T15:40:24",
            ),
            (
                "5.8.2026, 15:40 - דנה: א",
                Shape::Android,
                DateOrder::Dmy,
                "2026-08-05T15:40:00",
            ),
            (
                "8/5/26, 12:01 AM - D: x",
                Shape::Android,
                DateOrder::Mdy,
                "2026-08-05T00:01:00",
            ),
            (
                "8/5/26, 12:30 p. m. – D: x",
                Shape::Android,
                DateOrder::Mdy,
                "2026-08-05T12:30:00",
            ),
            (
                "5/8/2026, 3:40 אחה״צ - ד: א",
                Shape::Android,
                DateOrder::Dmy,
                "2026-08-05T15:40:00",
            ),
            (
                "5/8/2026, 3:40 לפנה\"צ - ד: א",
                Shape::Android,
                DateOrder::Dmy,
                "2026-08-05T03:40:00",
            ),
            (
                "05/08/2014 10:15:02: Dana: hi",
                Shape::OldIos,
                DateOrder::Dmy,
                "2014-08-05T10:15:02",
            ),
        ] {
            let head = Head::of(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(head.shape, shape, "{line}");
            assert_eq!(head.moment(order).unwrap().to_string(), moment, "{line}");
        }
    }

    #[test]
    fn what_only_looks_like_a_header() {
        for line in [
            "",
            "12 apples",
            "[1] a footnote",
            "1.2.3",
            "5.8/2026, 15:40 - a: b",
            "5.8.202, 15:40 - a: b",
            "5.8.2026, 15:4 - a: b",
            "5.8.2026 15:40 a: b",
            "[5.8.2026, 15:40 a: b",
            "12345.8.2026, 15:40 - a: b",
        ] {
            assert!(Head::of(line).is_none(), "{line}");
        }
        let thirteenth = Head::of("31/02/2026, 10:00 - a: b").unwrap();
        assert_eq!(thirteenth.moment(DateOrder::Dmy), None);
        assert_eq!(
            Head::of("1/2/26, 13:00 PM - a: b")
                .unwrap()
                .moment(DateOrder::Dmy),
            None
        );
    }
}
