//! What every provider's module does, in neutral words, and the one place that picks the module by the provider.
//!
//! A module beside `meta` implements [`Adapter`]. What a provider cannot do keeps the default, which refuses; what it
//! can do is told by [`Capabilities`], so that nobody asks for the name. Its door is [`Adapter::verify`] over the raw
//! bytes, then [`Adapter::cut`] (the pieces are kept as they are), and later [`Adapter::parse`] (one piece).

use std::borrow::Cow;
use std::future::Future;

use bytes::Bytes;
use domain::channel::{LinkState, Provider};
use domain::content::{Content, MediaSource};
use domain::failure::{Failure, FailureReason};
use domain::report::{Change, ProviderError};
use jiff::Timestamp;

use crate::meta::answers::TemplateInfo;
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, Secret, SendOutcome};

/// One number at a provider: where it is and what speaks for it.
#[derive(Clone)]
pub struct Number {
    pub provider: Provider,
    /// Without a slash at its end.
    pub base_url: String,
    /// The provider's id of the account: a WABA, an account SID; empty where it has none.
    pub account: String,
    /// The provider's name of the number: a phone number id, a session, an instance.
    pub number: String,
    /// Digits, country code first, where they are known.
    pub phone: Option<String>,
    /// Key or token.
    pub token: Secret,
    /// What the provider signs its webhooks with, or sends with them. Several while one is being changed.
    pub webhook_secrets: Vec<Secret>,
}

/// A message that goes out.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    pub to: &'a Recipient,
    pub content: &'a Content,
    /// The provider's id of the message that this one answers.
    pub reply_to: Option<&'a str>,
    /// Our id of the message; goes with it where the provider takes one.
    pub our_id: &'a str,
    /// The bytes or the address of the content's file, when it has one.
    pub file: Option<&'a OutFile>,
    /// The provider's id of the template that the content names.
    pub template_ref: Option<&'a str>,
    /// Where the provider may report on this message, where it is told so with each one.
    pub callback_url: Option<&'a str>,
}

/// A file that goes with a message.
#[derive(Debug, Clone)]
pub struct OutFile {
    pub bytes: Bytes,
    pub mime_type: String,
    pub filename: String,
    /// An address under which the provider can fetch it, when the installation has a public one.
    pub link: Option<String>,
    /// The provider's id of an earlier upload.
    pub upload_id: Option<String>,
}

/// How a provider wants a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileWay {
    /// Uploaded before ([`Adapter::upload`]); the message names its id.
    Upload,
    /// Fetched by the provider from an address of ours ([`OutFile::link`]).
    Link,
    /// With the message itself ([`OutFile::bytes`]).
    Inline,
}

/// A file that was fetched from the provider.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub bytes: Bytes,
    pub mime_type: Option<String>,
}

/// Why a file could not be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("the file may come later")]
    Later,
    #[error("the file is gone, too large, or at a strange address")]
    Never,
}

/// What the provider says of the number now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberState {
    pub link: LinkState,
    /// Digits, where it tells them.
    pub phone: Option<String>,
    /// Until when the number is held back.
    pub restricted_until: Option<Timestamp>,
    /// The provider's own word for the state.
    pub detail: Option<String>,
}

/// How an app account is linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkCode {
    /// The text of a QR code, to be drawn by us.
    QrText(String),
    /// A picture of a QR code: base64 of a PNG.
    QrPng(String),
    /// A pairing code that is typed on the phone.
    Pairing(String),
    /// Nothing is asked any more: it is linked.
    Linked,
}

/// A webhook as it came in.
#[derive(Clone, Copy)]
pub struct WebhookRequest<'a> {
    /// The whole address that the provider was given, with its query.
    pub public_url: &'a str,
    /// A header's value by its lower-case name; `None` where it is missing or stands there twice.
    pub header: &'a (dyn Fn(&str) -> Option<String> + Sync),
    pub body: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefused {
    #[error("no signature")]
    Missing,
    #[error("the signature has a wrong form")]
    Malformed,
    #[error("the signature is not made with our secret")]
    Wrong,
}

/// What every provider's module does.
pub trait Adapter: Send + Sync {
    fn capabilities(&self) -> Capabilities;

    /// Sends a message. One call, one try; in doubt unclear.
    fn send(&self, number: &Number, out: Outgoing<'_>) -> impl Future<Output = SendOutcome> + Send;

    /// Uploads a file; answers the provider's id of it.
    fn upload(
        &self,
        _number: &Number,
        _file: &OutFile,
    ) -> impl Future<Output = Result<String, CallError>> + Send {
        async { Err(unsupported()) }
    }

    /// Fetches a file of a message that came in. At most `max_bytes` are taken; the key goes to the provider's own
    /// hosts only.
    fn fetch(
        &self,
        _number: &Number,
        _source: &MediaSource,
        _max_bytes: u64,
    ) -> impl Future<Output = Result<Fetched, FetchError>> + Send {
        async { Err(FetchError::Never) }
    }

    /// Reacts to a message; without an emoji the reaction is taken back.
    fn react(
        &self,
        _number: &Number,
        _to: &Recipient,
        _target: &str,
        _emoji: Option<&str>,
    ) -> impl Future<Output = SendOutcome> + Send {
        async { SendOutcome::Refused(Failure::of(FailureReason::UnsupportedType)) }
    }

    /// Marks a person's message as read.
    fn mark_read(
        &self,
        _number: &Number,
        _to: &Recipient,
        _target: &str,
        _typing: bool,
    ) -> impl Future<Output = Result<(), CallError>> + Send {
        async { Err(unsupported()) }
    }

    /// What the provider says of the number.
    fn state(&self, number: &Number)
    -> impl Future<Output = Result<NumberState, CallError>> + Send;

    /// Makes the provider report to `callback_url`, and starts the number where it must be started. Done again it
    /// changes nothing.
    fn set_up(
        &self,
        _number: &Number,
        _callback_url: &str,
    ) -> impl Future<Output = Result<(), CallError>> + Send {
        async { Ok(()) }
    }

    /// A code to link the app account with: a QR code, or a pairing code for `phone`.
    fn link_code(
        &self,
        _number: &Number,
        _phone: Option<&str>,
    ) -> impl Future<Output = Result<LinkCode, CallError>> + Send {
        async { Err(unsupported()) }
    }

    /// Ends the link: the app account forgets us.
    fn unlink(&self, _number: &Number) -> impl Future<Output = Result<(), CallError>> + Send {
        async { Ok(()) }
    }

    /// All templates of the account, in Meta's words (components as Meta has them); `id` is the provider's own.
    fn templates(
        &self,
        _number: &Number,
    ) -> impl Future<Output = Result<Vec<TemplateInfo>, CallError>> + Send {
        async { Err(unsupported()) }
    }

    /// Whether the provider itself is calling. Over the raw bytes, in constant time, before anything reads them.
    ///
    /// # Errors
    /// When the signature or secret is missing, has another form, or is not ours.
    fn verify(&self, number: &Number, request: WebhookRequest<'_>) -> Result<(), WebhookRefused>;

    /// Cuts a body into pieces that are kept one by one, without understanding them.
    ///
    /// # Errors
    /// When nothing of it can be cut: the whole is kept and put aside.
    fn cut<'a>(&self, body: &'a [u8]) -> Result<Vec<Cow<'a, [u8]>>, NotUnderstood> {
        Ok(vec![Cow::Borrowed(body)])
    }

    /// What a failure means that came later, in a status. Codes are the provider's own, so its own table says; the
    /// default is Meta's, for providers that pass Meta's codes on.
    fn failure_of(&self, error: &ProviderError) -> Failure {
        crate::meta::errors::failure_of(error)
    }

    /// Understands one piece. Each item stands alone; an unknown type is kept whole, never dropped.
    ///
    /// # Errors
    /// When the piece is not what this provider sends.
    fn parse(&self, number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood>;
}

/// The answer of a provider that has no such thing.
#[must_use]
pub fn unsupported() -> CallError {
    CallError::Refused(Failure::of(FailureReason::UnsupportedType))
}
