//! Evolution API (v2, 2.3.7 and its like): a self-hosted gateway that drives an app account as a linked device.
//! Unofficial: WhatsApp may restrict or ban the account at any time. Written from its sources, 2.3.6.
//!
//! - [`Number::number`] is the instance's name, [`Number::token`] the key (`apikey`): the global one, which also makes an
//!   instance, or the instance's own.
//! - Webhooks are not signed. We register a header `Authorization: Bearer <secret>` together with our address.
//! - A webhook may hold the instance's key: it is taken out before anything is kept.
//! - Files and quotes are found in its own database (`DATABASE_SAVE_DATA_NEW_MESSAGE`).

pub mod errors;
mod inbound;
pub mod link;
mod send;

use std::borrow::Cow;

use domain::content::MediaSource;
use domain::failure::Failure;
use domain::report::{Change, ProviderError};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

pub use self::inbound::parse;
pub use self::send::request;
use crate::adapter::{
    Adapter, FetchError, Fetched, LinkCode, Number, NumberState, Outgoing, WebhookRefused,
    WebhookRequest,
};
use crate::call::{FILE_TIMEOUT, Http, UNREADABLE, ask, fetch as fetch_file, with_secret};
use crate::gateway::proto::key_id;
use crate::gateway::{self, Jid, inline_file, inline_max, jid};
use crate::json::{lenient_json, member, text, word};
use crate::proof::shared_secret;
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, SendOutcome, Unclear};
use crate::saying::digits_of;

pub const CAPABILITIES: Capabilities = gateway::CAPABILITIES;

/// Evolution at the address that each number names. Cheap to clone; holds no key.
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
        let path = ["message", method, &number.number];
        let mut request = http.post(&path, &[]).json(body);
        if !matches!(method, "sendText" | "sendLocation") {
            request = request.timeout(FILE_TIMEOUT);
        }
        call(number, request).await
    }
}

fn keyed(number: &Number, request: RequestBuilder) -> Result<RequestBuilder, CallError> {
    with_secret(request, "apikey", number.token.expose())
}

/// One call with its answer, whatever its shape.
async fn call(number: &Number, request: RequestBuilder) -> Result<Value, CallError> {
    let answer = ask(keyed(number, request)?).await?;
    if answer.is_success() {
        return answer.json().ok_or(UNREADABLE);
    }
    Err(errors::refused(&answer))
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
        let answer = match self.post_message(number, method, &body).await {
            Ok(answer) => answer,
            Err(error) => return error.into(),
        };
        let key = member(&answer, "key").unwrap_or(&Value::Null);
        let Some(provider_id) = key_id(key) else {
            return SendOutcome::Unclear {
                why: Unclear::AnswerUnreadable,
            };
        };
        SendOutcome::Accepted {
            provider_id,
            wa_id: text(key, "remoteJid").and_then(|chat| match jid(&chat) {
                Jid::Phone(digits) => Some(digits),
                _ => None,
            }),
            user_id: None,
            held: false,
        }
    }

    /// A file comes within JSON, decrypted by Evolution.
    async fn fetch(
        &self,
        number: &Number,
        source: &MediaSource,
        max_bytes: u64,
    ) -> Result<Fetched, FetchError> {
        let MediaSource::Id(id) = source else {
            return Err(FetchError::Never);
        };
        let http = self.at(number).map_err(|_| FetchError::Later)?;
        let path = ["chat", "getBase64FromMediaMessage", &number.number];
        let body = json!({ "message": { "key": { "id": id } }, "convertToMp4": false });
        let request = keyed(number, http.post(&path, &[]).json(&body));
        let request = request.map_err(|_| FetchError::Later)?;
        let answer = fetch_file(request, inline_max(max_bytes)).await?;
        let told = lenient_json(&answer.bytes).map_err(|_| FetchError::Later)?;
        let encoded = word(&told, "base64").ok_or(FetchError::Later)?;
        Ok(Fetched {
            bytes: inline_file(&encoded, max_bytes)?,
            mime_type: word(&told, "mimetype"),
        })
    }

    async fn mark_read(
        &self,
        number: &Number,
        to: &Recipient,
        target: &str,
        _typing: bool,
    ) -> Result<(), CallError> {
        let chat = format!("{}@s.whatsapp.net", digits_of(to)?);
        let http = self.at(number)?;
        let path = ["chat", "markMessageAsRead", &number.number];
        let read = json!({ "remoteJid": chat, "fromMe": false, "id": target });
        let body = json!({ "readMessages": [read] });
        call(number, http.post(&path, &[]).json(&body))
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
        let header = (request.header)("authorization");
        shared_secret(header.as_deref(), &number.webhook_secrets)
    }

    fn cut<'a>(&self, body: &'a [u8]) -> Result<Vec<Cow<'a, [u8]>>, NotUnderstood> {
        Ok(vec![inbound::without_key(body)])
    }

    fn failure_of(&self, error: &ProviderError) -> Failure {
        errors::failure_of(error)
    }

    fn parse(&self, _number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        parse(piece)
    }
}
