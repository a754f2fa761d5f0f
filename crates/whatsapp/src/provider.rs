//! What every provider's module offers, in neutral words: what the provider can do, who is written to, and how a
//! call ended.

use std::time::Duration;

use domain::failure::Failure;

use crate::adapter::FileWay;

/// What a provider can do. The senders and the screens ask these, never the provider's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// It sends approved templates (and, outside of the window, nothing else).
    pub templates: bool,
    /// It takes an id of ours with a message and gives it back in the reports: a lost answer settles itself.
    pub echoes_our_id: bool,
    /// It reports what the business writes in its own app.
    pub reports_own_messages: bool,
    pub buttons: bool,
    pub lists: bool,
    pub reactions: bool,
    pub mark_read: bool,
    /// It can show that we are typing (with Meta only together with a read mark).
    pub typing: bool,
    /// It reaches a person by a business-scoped id, without a phone number.
    pub bsuid_recipients: bool,
    pub groups: bool,
    /// How it wants the file of a message.
    pub files: FileWay,
    /// It has an id of ours refused or ignored a second time, so that a send whose answer was lost may be asked again.
    pub takes_our_id_once: bool,
    /// It tells when people answer: without that a mailing must carry an opt-out link.
    pub reports_replies: bool,
}

/// Who is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// Digits, country code first; a leading plus is allowed.
    Phone(String),
    /// A business-scoped user id, whole (`IL.1349…`).
    Bsuid(String),
    /// A group's id.
    Group(String),
}

/// A key, token or PIN. It cannot be printed; whoever needs the text says `expose`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// How the sending of a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider has it. Whether it arrives is told later.
    Accepted {
        provider_id: String,
        /// The number that the provider made of ours; may differ from it (Brazil, Mexico).
        wa_id: Option<String>,
        /// The person's business-scoped id.
        user_id: Option<String>,
        /// The provider holds it back to watch the template's quality; it may still be dropped.
        held: bool,
    },
    /// Surely not accepted; may be sent again after this time, not before.
    RetryAfter { after: Duration, failure: Failure },
    /// Surely not accepted, and never will be as it is.
    Refused(Failure),
    /// Surely not accepted: our token is dead or may not do this. Nothing goes until a person acts.
    Credentials(Failure),
    /// Surely not accepted: the number or the account is held back. Nothing goes until that ends.
    Restricted(Failure),
    /// Surely not accepted, for no lasting reason: may be sent again.
    NotAccepted(Failure),
    /// It may have been accepted or not. Never sent again blindly.
    Unclear { why: Unclear },
}

/// How a call other than a send failed. The same sorting as of [`SendOutcome`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("to be asked again in {} s ({})", after.as_secs(), failure.reason.as_str())]
    RetryAfter { after: Duration, failure: Failure },
    #[error("refused ({})", .0.reason.as_str())]
    Refused(Failure),
    #[error("the token does not serve ({})", .0.reason.as_str())]
    Credentials(Failure),
    #[error("the number or account is restricted ({})", .0.reason.as_str())]
    Restricted(Failure),
    #[error("not accepted ({})", .0.reason.as_str())]
    NotAccepted(Failure),
    #[error("unclear whether it was done: {why}")]
    Unclear { why: Unclear },
}

/// Why nobody knows whether a call was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    #[error("no answer in time")]
    Timeout,
    #[error("the connection broke")]
    ConnectionBroke,
    /// A success that could not be read.
    #[error("the answer could not be read")]
    AnswerUnreadable,
    /// A failure that is not in the provider's own form: something on the way may have said it.
    #[error("HTTP {status} that is not the provider's own answer")]
    ForeignAnswer { status: u16 },
    /// The provider failed in a way that does not say whether it had accepted before.
    #[error("HTTP {status}, provider's code {code}")]
    ServerError { status: u16, code: i64 },
}

impl From<CallError> for SendOutcome {
    fn from(error: CallError) -> Self {
        match error {
            CallError::RetryAfter { after, failure } => Self::RetryAfter { after, failure },
            CallError::Refused(failure) => Self::Refused(failure),
            CallError::Credentials(failure) => Self::Credentials(failure),
            CallError::Restricted(failure) => Self::Restricted(failure),
            CallError::NotAccepted(failure) => Self::NotAccepted(failure),
            CallError::Unclear { why } => Self::Unclear { why },
        }
    }
}

/// A piece of what came that no adapter can read. The whole of it goes to quarantine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUnderstood {
    #[error("it is not JSON")]
    NotJson,
    #[error("it is nested too deep")]
    TooDeep,
    /// A webhook about something else than WhatsApp.
    #[error("its object is unknown")]
    UnknownObject,
    /// Names the member that was wrong, never its value.
    #[error("{reason}")]
    Shape { reason: String },
}

impl NotUnderstood {
    /// A stable word for the quarantine's list.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::TooDeep => "too_deep",
            Self::UnknownObject => "unknown_object",
            Self::Shape { .. } => "wrong_shape",
        }
    }

    pub(crate) fn shape(reason: &str) -> Self {
        Self::Shape {
            reason: reason.to_owned(),
        }
    }
}

impl From<crate::json::NotJson> for NotUnderstood {
    fn from(error: crate::json::NotJson) -> Self {
        match error {
            crate::json::NotJson::Syntax => Self::NotJson,
            crate::json::NotJson::TooDeep => Self::TooDeep,
        }
    }
}

/// A message that this provider cannot be asked to send, however long one waits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotSay {
    /// Only people send such messages.
    #[error("a {kind} comes from people, it cannot be sent")]
    InboundOnly { kind: &'static str },
    /// The file has no id or address at the provider yet: upload it first.
    #[error("the file is not at the provider yet")]
    MediaNotUploaded,
    /// The provider has no place for this; it would be lost silently.
    #[error("{field} cannot be said with this kind of message")]
    NoPlaceFor { field: &'static str },
    /// The provider has no message of this kind.
    #[error("a {kind} cannot be sent through this provider")]
    NoSuchMessage { kind: &'static str },
    #[error("the recipient is no phone number")]
    BadRecipient,
    /// The provider writes to phone numbers only.
    #[error("this provider reaches a person by the phone number only")]
    NeedsPhone,
}

/// One limit that a message breaks, found before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a path into the content's JSON: `text`, `action.buttons[1].title`.
    pub field: String,
    pub code: ProblemCode,
    /// In the unit of the code (characters, items, bytes).
    pub limit: Option<u64>,
    pub got: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// More characters than `limit`.
    TooLong,
    /// More items than `limit`.
    TooMany,
    /// Fewer items than `limit`.
    TooFew,
    /// More bytes than `limit`.
    TooLarge,
    Missing,
    /// The same id twice.
    NotUnique,
    /// Not with this kind of message.
    NotAllowed,
    /// A value that the provider refuses.
    BadValue,
    /// A type of file that the provider refuses.
    BadType,
}

impl ProblemCode {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::TooFew => "too_few",
            Self::TooLarge => "too_large",
            Self::Missing => "missing",
            Self::NotUnique => "not_unique",
            Self::NotAllowed => "not_allowed",
            Self::BadValue => "bad_value",
            Self::BadType => "bad_type",
        }
    }
}
