//! Speaks for numbers of every provider: the one place that picks the module by the provider's name.

use std::borrow::Cow;

use domain::channel::Provider;
use domain::content::MediaSource;
use domain::failure::{Failure, FailureReason};
use domain::report::{Change, ProviderError};

use crate::adapter::{
    Adapter, FetchError, Fetched, LinkCode, Number, NumberState, OutFile, Outgoing, WebhookRefused,
    WebhookRequest, unsupported,
};
use crate::dialog360;
use crate::evolution;
use crate::green_api;
use crate::gupshup;
use crate::infobip;
use crate::meta::adapter::Meta;
use crate::meta::answers::TemplateInfo;
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, SendOutcome};
use crate::twilio;
use crate::vonage;
use crate::waha;
use crate::wuzapi;

/// Cheap to clone; holds no key.
#[derive(Debug, Clone)]
pub struct Speaker {
    meta: Meta,
    dialog360: dialog360::Client,
    twilio: twilio::Client,
    vonage: vonage::Client,
    waha: waha::Client,
    green_api: green_api::Client,
    gupshup: gupshup::Client,
    infobip: infobip::Client,
    evolution: evolution::Client,
    wuzapi: wuzapi::Client,
}

/// Runs `$call` with the module of a provider, or answers `$none` where there is no module (an agent's own app).
macro_rules! with_module {
    ($self:ident, $provider:expr, $module:ident => $call:expr, $none:expr) => {
        match $provider {
            Provider::Meta => {
                let $module = &$self.meta;
                $call
            }
            Provider::Dialog360 => {
                let $module = &$self.dialog360;
                $call
            }
            Provider::Twilio => {
                let $module = &$self.twilio;
                $call
            }
            Provider::Vonage => {
                let $module = &$self.vonage;
                $call
            }
            Provider::Waha => {
                let $module = &$self.waha;
                $call
            }
            Provider::GreenApi => {
                let $module = &$self.green_api;
                $call
            }
            Provider::Gupshup => {
                let $module = &$self.gupshup;
                $call
            }
            Provider::Infobip => {
                let $module = &$self.infobip;
                $call
            }
            Provider::Evolution => {
                let $module = &$self.evolution;
                $call
            }
            Provider::Wuzapi => {
                let $module = &$self.wuzapi;
                $call
            }
            _ => $none,
        }
    };
}

impl Speaker {
    #[must_use]
    pub fn new(http: reqwest::Client) -> Self {
        Self {
            meta: Meta::new(http.clone()),
            dialog360: dialog360::Client::new(http.clone()),
            twilio: twilio::Client::new(http.clone()),
            vonage: vonage::Client::new(http.clone()),
            waha: waha::Client::new(http.clone()),
            green_api: green_api::Client::new(http.clone()),
            gupshup: gupshup::Client::new(http.clone()),
            infobip: infobip::Client::new(http.clone()),
            evolution: evolution::Client::new(http.clone()),
            wuzapi: wuzapi::Client::new(http),
        }
    }

    /// What a provider can do; `None` where Kesher has no module for it.
    #[must_use]
    pub fn capabilities(&self, provider: Provider) -> Option<Capabilities> {
        with_module!(self, provider, module => Some(module.capabilities()), None)
    }

    /// See [`Adapter::send`].
    pub async fn send(&self, number: &Number, out: Outgoing<'_>) -> SendOutcome {
        with_module!(self, number.provider, module => module.send(number, out).await, no_module())
    }

    /// See [`Adapter::upload`].
    ///
    /// # Errors
    /// As every call.
    pub async fn upload(&self, number: &Number, file: &OutFile) -> Result<String, CallError> {
        with_module!(self, number.provider, module => module.upload(number, file).await, Err(unsupported()))
    }

    /// See [`Adapter::fetch`].
    ///
    /// # Errors
    /// When the file may come later, or never will.
    pub async fn fetch(
        &self,
        number: &Number,
        source: &MediaSource,
        max_bytes: u64,
    ) -> Result<Fetched, FetchError> {
        with_module!(self, number.provider, module => module.fetch(number, source, max_bytes).await,
            Err(FetchError::Never))
    }

    /// See [`Adapter::react`].
    pub async fn react(
        &self,
        number: &Number,
        to: &Recipient,
        target: &str,
        emoji: Option<&str>,
    ) -> SendOutcome {
        with_module!(self, number.provider, module => module.react(number, to, target, emoji).await, no_module())
    }

    /// See [`Adapter::mark_read`].
    ///
    /// # Errors
    /// As every call.
    pub async fn mark_read(
        &self,
        number: &Number,
        to: &Recipient,
        target: &str,
        typing: bool,
    ) -> Result<(), CallError> {
        with_module!(self, number.provider, module => module.mark_read(number, to, target, typing).await,
            Err(unsupported()))
    }

    /// See [`Adapter::state`].
    ///
    /// # Errors
    /// As every call.
    pub async fn state(&self, number: &Number) -> Result<NumberState, CallError> {
        with_module!(self, number.provider, module => module.state(number).await, Err(unsupported()))
    }

    /// See [`Adapter::set_up`].
    ///
    /// # Errors
    /// As every call.
    pub async fn set_up(&self, number: &Number, callback_url: &str) -> Result<(), CallError> {
        with_module!(self, number.provider, module => module.set_up(number, callback_url).await, Err(unsupported()))
    }

    /// See [`Adapter::link_code`].
    ///
    /// # Errors
    /// As every call.
    pub async fn link_code(
        &self,
        number: &Number,
        phone: Option<&str>,
    ) -> Result<LinkCode, CallError> {
        with_module!(self, number.provider, module => module.link_code(number, phone).await, Err(unsupported()))
    }

    /// See [`Adapter::unlink`].
    ///
    /// # Errors
    /// As every call.
    pub async fn unlink(&self, number: &Number) -> Result<(), CallError> {
        with_module!(self, number.provider, module => module.unlink(number).await, Ok(()))
    }

    /// See [`Adapter::templates`].
    ///
    /// # Errors
    /// As every call.
    pub async fn templates(&self, number: &Number) -> Result<Vec<TemplateInfo>, CallError> {
        with_module!(self, number.provider, module => module.templates(number).await, Err(unsupported()))
    }

    /// See [`Adapter::verify`].
    ///
    /// # Errors
    /// When it is not the provider who calls.
    pub fn verify(
        &self,
        number: &Number,
        request: WebhookRequest<'_>,
    ) -> Result<(), WebhookRefused> {
        with_module!(self, number.provider, module => module.verify(number, request), Err(WebhookRefused::Wrong))
    }

    /// See [`Adapter::cut`].
    ///
    /// # Errors
    /// When nothing of it can be cut.
    pub fn cut<'a>(
        &self,
        provider: Provider,
        body: &'a [u8],
    ) -> Result<Vec<Cow<'a, [u8]>>, NotUnderstood> {
        with_module!(self, provider, module => module.cut(body), Err(NotUnderstood::UnknownObject))
    }

    /// See [`Adapter::failure_of`].
    #[must_use]
    pub fn failure_of(&self, provider: Provider, error: &ProviderError) -> Failure {
        with_module!(self, provider, module => module.failure_of(error), crate::meta::errors::failure_of(error))
    }

    /// See [`Adapter::parse`].
    ///
    /// # Errors
    /// When the piece is not what this provider sends.
    pub fn parse(&self, number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        with_module!(self, number.provider, module => module.parse(number, piece),
            Err(NotUnderstood::UnknownObject))
    }
}

const fn no_module() -> SendOutcome {
    SendOutcome::Refused(Failure::of(FailureReason::UnsupportedType))
}
