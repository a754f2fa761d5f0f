//! wuzapi (asternic/wuzapi): a small self-hosted gateway over whatsmeow that drives an app account as a linked device.
//! Unofficial: WhatsApp may restrict or ban the account at any time. Written from its sources of May 2025 and its README
//! of 2026.
//!
//! - [`Number::number`] is the user's name (`instanceName`), [`Number::token`] the user's token (`Token`).
//! - Webhooks are signed: hex HMAC-SHA256 over the raw body, with the key that [`Adapter::set_up`] registers (32
//!   characters and more). As a form (`WEBHOOK_FORMAT=form`) they hold the token: it is taken out before anything is kept.
//! - An answer comes after WhatsApp's own: what is accepted here has been sent.

pub mod errors;
mod inbound;
pub mod link;
mod send;

use std::borrow::Cow;

use domain::content::MediaSource;
use domain::failure::Failure;
use domain::report::{Change, ProviderError};
use hmac::Hmac;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sha2::Sha256;

pub use self::inbound::parse;
use self::send::jid_of;
pub use self::send::request;
use crate::adapter::{
    Adapter, FetchError, Fetched, LinkCode, Number, NumberState, Outgoing, WebhookRefused,
    WebhookRequest,
};
use crate::call::{FILE_TIMEOUT, Http, UNREADABLE, ask, fetch as fetch_file, judge, with_secret};
use crate::gateway::{self, inline_file, inline_max};
use crate::json::{lenient_json, member, word};
use crate::proof::hex_mac;
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, SendOutcome, Unclear};
use crate::saying::digits_of;

pub const CAPABILITIES: Capabilities = gateway::CAPABILITIES;

/// wuzapi at the address that each number names. Cheap to clone; holds no key.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
}

impl Client {
    #[must_use]
    pub const fn new(http: reqwest::Client) -> Self {
        Self { http }
    }

    fn at(&self, number: &Number) -> Result<Http, CallError> {
        Http::new(&self.http, &number.base_url)
    }

    async fn post_message(
        &self,
        number: &Number,
        method: &str,
        body: &Value,
    ) -> Result<Value, CallError> {
        let http = self.at(number)?;
        let mut request = http.post(&["chat", "send", method], &[]).json(body);
        if !matches!(method, "text" | "location") {
            request = request.timeout(FILE_TIMEOUT);
        }
        call(number, request).await
    }
}

fn keyed(number: &Number, request: RequestBuilder) -> Result<RequestBuilder, CallError> {
    with_secret(request, "Token", number.token.expose())
}

/// One call with what stands in its answer's `data`.
async fn call(number: &Number, request: RequestBuilder) -> Result<Value, CallError> {
    let answer = ask(keyed(number, request)?).await?;
    let body = judge(&answer, |body| errors::read(answer.status, body))?;
    member(&body, "data").cloned().ok_or(UNREADABLE)
}

impl Adapter for Client {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, number: &Number, out: Outgoing<'_>) -> SendOutcome {
        let (method, body) = match request(&out) {
            Ok(request) => request,
            Err(cannot) => return cannot.into(),
        };
        match self.post_message(number, method, &body).await {
            Ok(answer) => match word(&answer, "Id") {
                Some(provider_id) => SendOutcome::Accepted {
                    provider_id,
                    wa_id: None,
                    user_id: None,
                    held: false,
                },
                None => SendOutcome::Unclear {
                    why: Unclear::AnswerUnreadable,
                },
            },
            Err(error) => error.into(),
        }
    }

    /// A file comes within JSON, decrypted by wuzapi.
    async fn fetch(
        &self,
        number: &Number,
        source: &MediaSource,
        max_bytes: u64,
    ) -> Result<Fetched, FetchError> {
        let MediaSource::Id(id) = source else {
            return Err(FetchError::Never);
        };
        let (method, body) = asked(id).ok_or(FetchError::Never)?;
        let http = self.at(number).map_err(|_| FetchError::Later)?;
        let request = keyed(number, http.post(&["chat", &method], &[]).json(&body));
        let request = request.map_err(|_| FetchError::Later)?;
        let answer = fetch_file(request, inline_max(max_bytes)).await?;
        let told = lenient_json(&answer.bytes).map_err(|_| FetchError::Later)?;
        let data = member(&told, "data").unwrap_or(&Value::Null);
        let encoded = word(data, "Data").ok_or(FetchError::Later)?;
        Ok(Fetched {
            bytes: inline_file(&encoded, max_bytes)?,
            mime_type: word(data, "Mimetype"),
        })
    }

    async fn mark_read(
        &self,
        number: &Number,
        to: &Recipient,
        target: &str,
        _typing: bool,
    ) -> Result<(), CallError> {
        let chat = jid_of(&digits_of(to)?);
        let http = self.at(number)?;
        let body = json!({ "Id": [target], "Chat": chat, "Sender": chat });
        call(number, http.post(&["chat", "markread"], &[]).json(&body))
            .await
            .map(drop)
    }

    async fn state(&self, number: &Number) -> Result<NumberState, CallError> {
        link::state(self, number).await
    }

    async fn set_up(&self, number: &Number, callback_url: &str) -> Result<(), CallError> {
        link::set_up(self, number, callback_url).await
    }

    async fn link_code(&self, number: &Number, phone: Option<&str>) -> Result<LinkCode, CallError> {
        link::link_code(self, number, phone).await
    }

    async fn unlink(&self, number: &Number) -> Result<(), CallError> {
        link::unlink(self, number).await
    }

    fn verify(&self, number: &Number, request: WebhookRequest<'_>) -> Result<(), WebhookRefused> {
        hex_mac::<Hmac<Sha256>>(&request, "x-hmac-signature", &number.webhook_secrets)
    }

    fn cut<'a>(&self, body: &'a [u8]) -> Result<Vec<Cow<'a, [u8]>>, NotUnderstood> {
        Ok(vec![inbound::piece(body)?])
    }

    fn failure_of(&self, error: &ProviderError) -> Failure {
        errors::failure_of(error)
    }

    fn parse(&self, _number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        parse(piece)
    }
}

/// The method and the body that a file's id holds. It was made by us, of what a webhook told: the method is one of four.
fn asked(id: &str) -> Option<(String, Value)> {
    let mut body = lenient_json(id.as_bytes()).ok()?;
    let method = word(&body, "method")?;
    body.as_object_mut()?.remove("method");
    let is_known = matches!(
        &*method,
        "downloadimage" | "downloadvideo" | "downloadaudio" | "downloaddocument"
    );
    is_known.then_some((method, body))
}
