//! Who a report is about. A person may have a phone number, a business-scoped id, or both; the names stand apart, in
//! `contacts`, and are found by id, never by position. (Meta, BSUID page, 2026-06.)

use domain::report::Person;
use serde_json::Value;

use crate::json::{list, member, word};

/// The people that a change's `contacts` name.
pub(super) struct Contacts<'a>(&'a [Value]);

impl<'a> Contacts<'a> {
    pub(super) fn of(value: &'a Value) -> Self {
        Self(list(value, "contacts"))
    }

    /// Adds to a person what the contacts say of them.
    pub(super) fn complete(&self, mut person: Person) -> Person {
        let Some(contact) = self.0.iter().find(|contact| is_same(contact, &person)) else {
            return person;
        };
        let profile = member(contact, "profile").unwrap_or(&Value::Null);
        person.phone = person.phone.or_else(|| phone(contact, "wa_id"));
        person.bsuid = person.bsuid.or_else(|| word(contact, "user_id"));
        person.parent_bsuid = person
            .parent_bsuid
            .or_else(|| word(contact, "parent_user_id"));
        person.username = person
            .username
            .or_else(|| username(profile, "username"))
            .or_else(|| username(contact, "username"));
        person.profile_name = person.profile_name.or_else(|| word(profile, "name"));
        person
    }
}

fn is_same(contact: &Value, person: &Person) -> bool {
    let by_bsuid = person.bsuid.is_some() && word(contact, "user_id") == person.bsuid;
    let by_phone = person.phone.is_some() && phone(contact, "wa_id") == person.phone;
    by_bsuid || by_phone
}

/// Digits without a plus; `None` where it is something else (a group's id, say).
pub(crate) fn phone(value: &Value, key: &str) -> Option<String> {
    word(value, key).and_then(|text| phone_of(&text))
}

pub(crate) fn phone_of(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|letter| !matches!(letter, '+' | ' ' | '-' | '(' | ')' | '.'))
        .collect();
    let is_phone = (4..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_phone.then_some(digits)
}

/// Payloads have it without `@`; older examples with.
pub(crate) fn username(value: &Value, key: &str) -> Option<String> {
    let name = word(value, key)?;
    let bare = name.strip_prefix('@').unwrap_or(&name);
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// Whether it looks like `IL.1349…` or `IL.ENT.1181…`: two letters, a dot, letters and digits.
pub(crate) fn is_bsuid(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else {
        return false;
    };
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && !rest.is_empty()
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

/// A person by the three members that name them. A business-scoped id in the phone's place is taken as what it is.
pub(super) fn named(value: &Value, phone_key: &str, bsuid_key: &str, parent_key: &str) -> Person {
    let misplaced = word(value, phone_key).filter(|text| is_bsuid(text));
    Person {
        phone: phone(value, phone_key),
        bsuid: word(value, bsuid_key).or(misplaced),
        parent_bsuid: word(value, parent_key),
        ..Person::default()
    }
}

pub(crate) const fn is_nobody(person: &Person) -> bool {
    person.phone.is_none() && person.bsuid.is_none() && person.parent_bsuid.is_none()
}
