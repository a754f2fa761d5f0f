//! Phone numbers as people write them, and as WhatsApp wants them.

use rlibphonenumber::enums::Region;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

/// Digits with the country code first and no plus, as WhatsApp's `wa_id` has them: at most 15 (E.164).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPhone {
    #[error("the text holds no phone number")]
    NoNumber,
    #[error("a phone number has between 7 and 15 digits with its country code")]
    Length,
}

impl Phone {
    /// Reads a number in any usual writing; one without a country code is taken as of `region`.
    ///
    /// A number is never refused because no operator has it (`is_valid` refuses the well-formed 050-1234567); only
    /// what cannot be a phone number is.
    ///
    /// # Errors
    /// When the text holds letters, or too few or too many digits.
    pub fn parse(text: &str, region: Region) -> Result<Self, NotAPhone> {
        let text = normalise_digits(text);
        if text.chars().any(char::is_alphabetic) {
            return Err(NotAPhone::NoNumber);
        }
        let number = PHONE_NUMBER_UTIL
            .parse(&text, Some(region))
            .map_err(|_| NotAPhone::NoNumber)?;
        let e164 = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164);
        let digits = e164.trim_start_matches('+');
        // Israel's plan is closed: a mobile has nine digits after the country code, a land line eight. A short number
        // is a service's, and nobody's WhatsApp.
        let is_israeli_and_short = digits.starts_with("972") && digits.len() < 11;
        if is_israeli_and_short {
            return Err(NotAPhone::Length);
        }
        Self::from_digits(digits)
    }

    /// Takes digits with the country code, as a provider gives them.
    ///
    /// # Errors
    /// When there are other characters than digits, fewer than 7 or more than 15.
    pub fn from_digits(digits: &str) -> Result<Self, NotAPhone> {
        if digits.is_empty() || !digits.bytes().all(|letter| letter.is_ascii_digit()) {
            return Err(NotAPhone::NoNumber);
        }
        if !(7..=15).contains(&digits.len()) {
            return Err(NotAPhone::Length);
        }
        Ok(Self(digits.to_owned()))
    }

    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// `+972500000010`.
    #[must_use]
    pub fn e164(&self) -> String {
        format!("+{}", self.0)
    }
}

/// Arabic-Indic and full-width digits become ASCII; marks of direction go.
fn normalise_digits(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfkc()
        .filter(|letter| !matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .map(|letter| match letter {
            '\u{0660}'..='\u{0669}' => char::from(b'0' + (letter as u32 - 0x660) as u8),
            '\u{06f0}'..='\u{06f9}' => char::from(b'0' + (letter as u32 - 0x6f0) as u8),
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, digits) in [
            ("050-1234567", "972501234567"),
            ("0501234567", "972501234567"),
            ("+972 (0)50-123-4567", "972501234567"),
            ("٠٥٠١٢٣٤٥٦٧", "972501234567"),
            ("03-000-0100", "97230000100"),
            ("+44 20 7946 0000", "442079460000"),
            ("972500000010", "972500000010"),
        ] {
            assert_eq!(
                Phone::parse(text, Region::IL).map(|phone| phone.digits().to_owned()),
                Ok(digits.to_owned()),
                "{text}"
            );
        }
        for bad in ["", "abc", "12", "call me", "+0"] {
            assert!(Phone::parse(bad, Region::IL).is_err(), "{bad}");
        }
    }
}
