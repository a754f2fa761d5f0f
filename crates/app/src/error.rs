//! What a verb answers when it does not do what was asked.
//!
//! A [`Refusal`] is for the caller: it has a stable code, the field that is wrong and the values that the sentence
//! needs; the door turns it into a problem document in the caller's language. [`Error::Store`] is for the log.

use std::collections::BTreeMap;

use domain::sending;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("refused: {}", .0.code)]
    Refused(Refusal),
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The disk or the object store under the files.
    #[error("files: {0}")]
    Files(String),
    /// A provider could not be asked.
    #[error("provider: {0}")]
    Provider(#[from] whatsapp::provider::CallError),
}

/// A no that a person can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub kind: RefusalKind,
    /// Stable, in snake case.
    pub code: &'static str,
    /// Which part of the request is wrong.
    pub field: Option<String>,
    /// Numbers and names for the sentence.
    pub params: BTreeMap<String, String>,
    /// What the sending rule said, when it was the one to refuse.
    pub sending: Option<sending::Refusal>,
}

/// What kind of no: the door has a status for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The request itself is wrong.
    Invalid,
    NotFound,
    /// It is right, but not in this state of things.
    Conflict,
    /// The caller may not.
    Forbidden,
    /// The caller is nobody we know.
    Unauthenticated,
    /// It was there and is used up.
    Gone,
    TooMany,
}

impl Refusal {
    #[must_use]
    pub const fn new(kind: RefusalKind, code: &'static str) -> Self {
        Self {
            kind,
            code,
            field: None,
            params: BTreeMap::new(),
            sending: None,
        }
    }

    /// The request's field is wrong.
    #[must_use]
    pub fn invalid(code: &'static str, field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::new(RefusalKind::Invalid, code)
        }
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.params.insert(key.to_owned(), value.to_string());
        self
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A write that refuses from inside its transaction: the refusal travels out beside the store's own errors, and the
/// transaction is left as it was.
pub type Told<T> = std::result::Result<T, Refusal>;

/// Turns what a verb's transaction answered into the verb's answer.
///
/// # Errors
/// The refusal, or the store's error.
pub fn told<T>(outcome: store::Result<Told<T>>) -> Result<T> {
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(refusal)) => Err(refusal.into()),
        Err(store::Error::NotFound(what)) => Err(Refusal::new(RefusalKind::NotFound, "not_found")
            .with("what", what)
            .into()),
        Err(store::Error::ChangedMeanwhile(what)) => {
            Err(Refusal::new(RefusalKind::Conflict, "changed_meanwhile")
                .with("what", what)
                .into())
        }
        Err(error) => Err(error.into()),
    }
}
