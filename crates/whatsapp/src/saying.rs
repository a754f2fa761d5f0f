//! What every module does with a message before it is said in the provider's words: its file gets a place, and what
//! cannot be said becomes a refusal.

use std::borrow::Cow;

use domain::content::{
    Content, InteractiveHeader, MediaContent, MediaSource, TemplateComponent, TemplateParameter,
};
use domain::failure::{Failure, FailureReason};
use domain::report::{Address, Person};
use jiff::Timestamp;

use crate::adapter::{Number, OutFile};
use crate::meta::person::{is_bsuid, phone_of};
use crate::provider::{CallError, CannotSay, Recipient, SendOutcome};

/// The content with its file where the provider finds it: an earlier upload, or else an address of ours. A file that
/// has a place already keeps it.
pub(crate) fn placed<'a>(content: &'a Content, file: Option<&OutFile>) -> Cow<'a, Content> {
    let source = file.and_then(|file| {
        let upload = file.upload_id.clone().map(MediaSource::Id);
        upload.or_else(|| file.link.clone().map(MediaSource::Link))
    });
    let (Some(file), Some(source)) = (file, source) else {
        return Cow::Borrowed(content);
    };
    let mut content = content.clone();
    let place = |media: &mut MediaContent| {
        if media.source.is_none() {
            media.source = Some(source.clone());
            media
                .mime_type
                .get_or_insert_with(|| file.mime_type.clone());
            media.filename.get_or_insert_with(|| file.filename.clone());
        }
    };
    match &mut content {
        Content::Media(media) => place(media),
        Content::Interactive(interactive) => {
            if let Some(InteractiveHeader::Media(media)) = &mut interactive.header {
                place(media);
            }
        }
        Content::Template(template) => {
            for component in &mut template.components {
                if let TemplateComponent::Header { parameters } = component {
                    for parameter in parameters {
                        if let TemplateParameter::Media(media) = parameter {
                            place(media);
                        }
                    }
                }
            }
        }
        _ => {}
    }
    Cow::Owned(content)
}

/// The address of a file that the provider fetches from us.
///
/// # Errors
/// When it has none.
pub(crate) fn link_of(media: &MediaContent) -> Result<&str, CannotSay> {
    match &media.source {
        Some(MediaSource::Link(link)) => Ok(link),
        _ => Err(CannotSay::MediaNotUploaded),
    }
}

impl From<CannotSay> for CallError {
    fn from(cannot: CannotSay) -> Self {
        let reason = match &cannot {
            CannotSay::InboundOnly { .. } => FailureReason::UnsupportedType,
            CannotSay::NoSuchMessage { .. } => FailureReason::UnsupportedType,
            CannotSay::MediaNotUploaded => FailureReason::MediaUnavailable,
            CannotSay::NeedsPhone => FailureReason::RecipientNeedsPhone,
            CannotSay::NoPlaceFor { .. } => FailureReason::MessageInvalid,
            CannotSay::BadRecipient => FailureReason::RecipientInvalid,
        };
        Self::Refused(Failure {
            details: Some(cannot.to_string()),
            ..Failure::of(reason)
        })
    }
}

impl From<CannotSay> for SendOutcome {
    fn from(cannot: CannotSay) -> Self {
        CallError::from(cannot).into()
    }
}

/// A call that was made on the way to a send, and failed: nothing has been sent yet, whatever came of it, so that all
/// can simply be done again.
pub(crate) fn before_sending(error: CallError) -> CallError {
    match error {
        CallError::Unclear { .. } => {
            CallError::NotAccepted(Failure::of(FailureReason::Unreachable))
        }
        other => other,
    }
}

/// The digits of a person who is written to, for a provider that knows phone numbers only.
///
/// # Errors
/// When it is a business-scoped id, a group, or no number.
pub(crate) fn digits_of(recipient: &Recipient) -> Result<String, CannotSay> {
    match recipient {
        Recipient::Phone(phone) => phone_of(phone).ok_or(CannotSay::BadRecipient),
        Recipient::Bsuid(_) | Recipient::Group(_) => Err(CannotSay::NeedsPhone),
    }
}

/// Which number a webhook speaks of: the one whose address it came to, unless it names another of our numbers.
pub(crate) fn address(number: &Number, told: Option<String>) -> Address {
    let is_this = told.is_none() || told == number.phone || number.phone.is_none();
    let digits = told.or_else(|| number.phone.clone());
    Address {
        phone_number_id: if is_this {
            Some(number.number.clone())
        } else {
            digits.clone()
        },
        display_phone: digits,
        waba_id: Some(number.account.clone()).filter(|account| !account.is_empty()),
        portfolio_id: None,
    }
}

/// The texts that a part of a template is filled in with, in their order.
///
/// # Errors
/// When something else than a text is filled in.
pub(crate) fn texts_of(
    parameters: &[TemplateParameter],
    field: &'static str,
) -> Result<Vec<String>, CannotSay> {
    parameters
        .iter()
        .map(|parameter| match parameter {
            TemplateParameter::Text { text, .. } => Ok(text.clone()),
            TemplateParameter::Currency { fallback, .. }
            | TemplateParameter::DateTime { fallback } => Ok(fallback.clone()),
            _ => Err(CannotSay::NoPlaceFor { field }),
        })
        .collect()
}

/// An instant as text: RFC 3339, or with an offset without its colon (`+0000`).
pub(crate) fn instant_in(text: &str) -> Option<Timestamp> {
    text.parse()
        .ok()
        .or_else(|| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok())
}

/// A person by what a provider has in the phone's place: digits, or a business-scoped id.
pub(crate) fn person_by(told: &str) -> Person {
    Person {
        phone: phone_of(told),
        bsuid: Some(told.to_owned()).filter(|told| is_bsuid(told)),
        ..Person::default()
    }
}
