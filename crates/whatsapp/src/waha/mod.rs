//! WAHA (devlikeapro/waha): a self-hosted gateway that drives an app account as a linked device. Unofficial: WhatsApp
//! may restrict or ban the account at any time. Written from WAHA's documents and OpenAPI 2026.7.1.
//!
//! - [`Number::number`] is the session, [`Number::token`] the key (`X-Api-Key`).
//! - Webhooks are signed: hex HMAC-SHA512 over the raw body, with the key that [`Adapter::set_up`] registers.
//! - A message's id is the last part of WAHA's (`true_972…@c.us_3EB0…`): the chat within is now the phone, now the hidden
//!   id of the same person.
//! - WAHA can hand out an id before a send, but not every engine keeps it. So a send whose answer was lost stays unclear.

pub mod errors;
mod inbound;
pub mod link;
mod send;

use domain::content::MediaSource;
use domain::failure::Failure;
use domain::report::{Change, ProviderError};
use hmac::Hmac;
use reqwest::{Method, RequestBuilder, Url};
use serde_json::{Value, json};
use sha2::Sha512;

pub use self::inbound::parse;
pub use self::send::request;
use self::send::{accepted, chat_id, full_id};
use crate::adapter::{
    Adapter, FetchError, Fetched, LinkCode, Number, NumberState, Outgoing, WebhookRefused,
    WebhookRequest,
};
use crate::call::{FILE_TIMEOUT, Http, ask, fetch as fetch_file, judge, with_secret};
use crate::gateway::{self, Jid, jid};
use crate::proof::hex_mac;
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, SendOutcome, Unclear};
use crate::saying::digits_of;

pub const CAPABILITIES: Capabilities = gateway::CAPABILITIES;

/// Where WAHA keeps files of messages.
const FILES: &str = "/api/files/";

/// WAHA at the address that each number names. Cheap to clone; holds no key.
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
        let mut request = self.at(number)?.post(&["api", method], &[]).json(body);
        if body.get("file").is_some() {
            request = request.timeout(FILE_TIMEOUT);
        }
        call(number, request).await
    }
}

fn keyed(number: &Number, request: RequestBuilder) -> Result<RequestBuilder, CallError> {
    with_secret(request, "X-Api-Key", number.token.expose())
}

/// One call with its answer, whatever its shape.
async fn call(number: &Number, request: RequestBuilder) -> Result<Value, CallError> {
    let answer = ask(keyed(number, request)?).await?;
    judge(&answer, |body| errors::read(answer.status, body))
}

impl Adapter for Client {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, number: &Number, out: Outgoing<'_>) -> SendOutcome {
        let (method, body) = match request(&number.number, &out) {
            Ok(request) => request,
            Err(cannot) => return cannot.into(),
        };
        let answer = match self.post_message(number, method, &body).await {
            Ok(answer) => answer,
            Err(error) => return error.into(),
        };
        let Some((provider_id, chat)) = accepted(&answer) else {
            return SendOutcome::Unclear {
                why: Unclear::AnswerUnreadable,
            };
        };
        SendOutcome::Accepted {
            provider_id,
            wa_id: chat.and_then(|chat| match jid(&chat) {
                Jid::Phone(digits) => Some(digits),
                _ => None,
            }),
            user_id: None,
            held: false,
        }
    }

    async fn fetch(
        &self,
        number: &Number,
        source: &MediaSource,
        max_bytes: u64,
    ) -> Result<Fetched, FetchError> {
        let MediaSource::Link(link) = source else {
            return Err(FetchError::Never);
        };
        let http = self.at(number).map_err(|_| FetchError::Later)?;
        let url = file_url(&http, link).ok_or(FetchError::Never)?;
        let request =
            keyed(number, http.request(Method::GET, url)).map_err(|_| FetchError::Later)?;
        fetch_file(request, max_bytes).await
    }

    async fn mark_read(
        &self,
        number: &Number,
        to: &Recipient,
        target: &str,
        _typing: bool,
    ) -> Result<(), CallError> {
        let chat_id = chat_id(&digits_of(to)?);
        let body = json!({
            "session": number.number,
            "messageIds": [full_id(&chat_id, target)],
            "chatId": chat_id,
        });
        self.post_message(number, "sendSeen", &body).await.map(drop)
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
        hex_mac::<Hmac<Sha512>>(&request, "x-webhook-hmac", &number.webhook_secrets)
    }

    fn failure_of(&self, error: &ProviderError) -> Failure {
        errors::failure_of(error)
    }

    fn parse(&self, _number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        parse(piece)
    }
}

/// Where a file is asked. WAHA writes its own idea of its address into webhooks, often `http://localhost:3000`; the file
/// is asked where we know WAHA to be, and the key goes nowhere else.
fn file_url(http: &Http, told: &str) -> Option<Url> {
    let told = Url::parse(told).ok()?;
    if http.is_own(&told) {
        return Some(told);
    }
    if !matches!(told.scheme(), "http" | "https") || !told.path().starts_with(FILES) {
        return None;
    }
    let mut url = http.base().clone();
    let stem = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{stem}{}", told.path()));
    url.set_query(told.query());
    Some(url)
}
