//! Texts with fields to fill in: `{{contact.first_name}}`. A field that has no value stays empty, and is told.

use std::collections::BTreeMap;

/// The fields that a wording may name.
pub const FIELDS: [&str; 6] = [
    "contact.name",
    "contact.first_name",
    "contact.phone",
    "lead.title",
    "user.name",
    "business.name",
];

/// A text with its fields filled in, and what could not be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub text: String,
    /// Known fields without a value, and names that are no field, in the order in which they stand.
    pub missing: Vec<String>,
}

/// Fills a text in. White space that an empty field leaves doubled is joined.
#[must_use]
pub fn fill(text: &str, values: &BTreeMap<&str, String>) -> Filled {
    let mut out = String::with_capacity(text.len());
    let mut missing = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let after = &rest[start + 2..];
        let Some(end) = after.find("}}") else {
            break;
        };
        out.push_str(&rest[..start]);
        let name = after[..end].trim();
        match values.get(name).filter(|value| !value.trim().is_empty()) {
            Some(value) => out.push_str(value.trim()),
            None => {
                missing.push(name.to_owned());
                if out.ends_with(' ') && after[end + 2..].starts_with([' ', ',', '!', '.', '?']) {
                    out.pop();
                }
            }
        }
        rest = &after[end + 2..];
    }
    out.push_str(rest);
    Filled { text: out, missing }
}

/// The fields that a text names and that do not exist.
#[must_use]
pub fn unknown_fields(text: &str) -> Vec<String> {
    let filled = fill(text, &BTreeMap::new());
    filled
        .missing
        .into_iter()
        .filter(|name| !FIELDS.contains(&name.as_str()))
        .collect()
}

/// The first word of a name.
#[must_use]
pub fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("contact.first_name", "דנה".to_owned()),
            ("business.name", "נגריית הגליל".to_owned()),
            ("lead.title", String::new()),
        ])
    }

    #[test]
    fn fields_are_filled_in() {
        let filled = fill(
            "שלום {{contact.first_name}}, כאן {{ business.name }}",
            &values(),
        );
        assert_eq!(filled.text, "שלום דנה, כאן נגריית הגליל");
        assert!(filled.missing.is_empty());
    }

    #[test]
    fn what_has_no_value_leaves_no_gap_and_is_told() {
        let filled = fill("Hi {{lead.title}}, about {{nothing}}.", &values());
        assert_eq!(filled.text, "Hi, about.");
        assert_eq!(filled.missing, vec!["lead.title", "nothing"]);
        assert_eq!(unknown_fields("{{nothing}} {{user.name}}"), vec!["nothing"]);
    }

    #[test]
    fn braces_that_do_not_close_are_text() {
        assert_eq!(fill("a {{ b", &values()).text, "a {{ b");
    }
}
