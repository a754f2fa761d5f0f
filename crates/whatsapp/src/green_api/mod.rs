//! Green API (green-api.com): a hosted gateway that drives an app account as a linked device. Unofficial: WhatsApp may
//! restrict or ban the account at any time. Written from its documents of 2026.
//!
//! - [`Number::number`] is the instance (`idInstance`), [`Number::token`] its `apiTokenInstance`. **The token stands in
//!   the path of every address**: addresses are never printed, and what Green API says is stripped of it.
//! - It has a queue of its own: an accepted message is stored, waits for its turn, and up to 24 hours while the phone is
//!   not linked. We pace ourselves, so its own gap is set to a second.
//! - Webhooks carry `Authorization: Bearer <secret>`, which [`Adapter::set_up`] registers. Nothing binds it to the body.

pub mod errors;
mod inbound;
pub mod link;
mod send;

use domain::content::MediaSource;
use domain::failure::{Failure, FailureReason};
use domain::report::{Change, ProviderError};
use reqwest::{Method, RequestBuilder, Url};
use serde_json::{Value, json};

pub use self::inbound::parse;
pub use self::send::{Request, request};
use self::send::{chat_id, form};
use crate::adapter::{
    Adapter, FetchError, Fetched, LinkCode, Number, NumberState, Outgoing, WebhookRefused,
    WebhookRequest,
};
use crate::call::{FILE_TIMEOUT, Http, UNREADABLE, ask, fetch as fetch_file, is_host_of, refused};
use crate::gateway;
use crate::json::word;
use crate::proof::{bearer, shared_secret};
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, SendOutcome, Unclear};
use crate::saying::digits_of;

/// Green API's general address; the console names each instance's own.
pub const BASE_URL: &str = "https://api.green-api.com";

pub const CAPABILITIES: Capabilities = gateway::CAPABILITIES;

/// Where its files are. No key goes there, the addresses are secret in themselves.
const FILE_HOSTS: &[&str] = &[
    "green-api.com",
    "greenapi.com",
    "green-api.org.il",
    "digitaloceanspaces.com",
    "yandexcloud.net",
];

/// Green API at the address that each number names. Cheap to clone; holds no key.
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

    async fn get(&self, number: &Number, method: &str) -> Result<Value, CallError> {
        let http = self.at(number)?;
        let url = url(&http, number, method)?;
        call(number, http.request(Method::GET, url)).await
    }

    async fn post(&self, number: &Number, method: &str, body: &Value) -> Result<Value, CallError> {
        let http = self.at(number)?;
        let url = url(&http, number, method)?;
        call(number, http.request(Method::POST, url).json(body)).await
    }

    async fn say(&self, number: &Number, request: Request) -> Result<Value, CallError> {
        match request {
            Request::Json(method, body) => self.post(number, method, &body).await,
            Request::Upload {
                fields,
                mime_type,
                filename,
                bytes,
            } => {
                let form = form(fields, &mime_type, filename, bytes)
                    .ok_or_else(|| CallError::Refused(Failure::of(FailureReason::MediaInvalid)))?;
                let http = Http::new(&self.http, &media_url(&number.base_url))?;
                let url = url(&http, number, "sendFileByUpload")?;
                let request = http
                    .request(Method::POST, url)
                    .timeout(FILE_TIMEOUT)
                    .multipart(form);
                call(number, request).await
            }
        }
    }
}

/// `base/waInstance{id}/{method}/{token}`.
fn url(http: &Http, number: &Number, method: &str) -> Result<Url, CallError> {
    let token = number.token.expose();
    if token.is_empty() || number.number.is_empty() {
        return Err(CallError::Credentials(Failure::of(
            FailureReason::TokenInvalid,
        )));
    }
    let instance = format!("waInstance{}", number.number);
    Ok(http.url(&[&instance, method, token], &[]))
}

/// Files go up at another host: `media.green-api.com` for `api.green-api.com`, `7103.media.greenapi.com` for
/// `7103.api.greenapi.com`. Anybody else's address stays as it is.
fn media_url(base_url: &str) -> String {
    let Ok(mut url) = Url::parse(base_url) else {
        return base_url.to_owned();
    };
    if !is_host_of(&url, &["green-api.com", "greenapi.com"]) {
        return base_url.to_owned();
    }
    let host = url.host_str().unwrap_or_default();
    let labels: Vec<&str> = host
        .split('.')
        .map(|label| if label == "api" { "media" } else { label })
        .collect();
    let host = labels.join(".");
    if url.set_host(Some(&host)).is_err() {
        return base_url.to_owned();
    }
    url.into()
}

/// One call with its answer, whatever its shape.
async fn call(number: &Number, request: RequestBuilder) -> Result<Value, CallError> {
    let answer = ask(request).await?;
    if answer.is_success() {
        return answer.json().ok_or(UNREADABLE);
    }
    Err(refused(&answer, errors::read(&answer, &number.token)))
}

impl Adapter for Client {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, number: &Number, out: Outgoing<'_>) -> SendOutcome {
        let request = match request(&out) {
            Ok(request) => request,
            Err(cannot) => return cannot.into(),
        };
        match self.say(number, request).await {
            Ok(answer) => match word(&answer, "idMessage") {
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
        let url = Url::parse(link)
            .ok()
            .filter(|url| http.is_own(url) || is_host_of(url, FILE_HOSTS))
            .ok_or(FetchError::Never)?;
        fetch_file(http.request(Method::GET, url), max_bytes).await
    }

    async fn mark_read(
        &self,
        number: &Number,
        to: &Recipient,
        target: &str,
        _typing: bool,
    ) -> Result<(), CallError> {
        let body = json!({ "chatId": chat_id(&digits_of(to)?), "idMessage": target });
        self.post(number, "readChat", &body).await.map(drop)
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
        // We register `Bearer <secret>`; whether Green API puts its own word before it again is not told.
        let given = header.as_deref().map(|text| bearer(text).unwrap_or(text));
        shared_secret(given, &number.webhook_secrets)
    }

    fn failure_of(&self, error: &ProviderError) -> Failure {
        errors::failure_of(error)
    }

    fn parse(&self, _number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        parse(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::media_url;

    #[test]
    fn files_go_up_at_the_media_host() {
        for (base, media) in [
            ("https://api.green-api.com", "https://media.green-api.com/"),
            (
                "https://7103.api.greenapi.com",
                "https://7103.media.greenapi.com/",
            ),
            ("http://127.0.0.1:4000", "http://127.0.0.1:4000"),
            ("https://api.example.co.il", "https://api.example.co.il"),
            ("no address", "no address"),
        ] {
            assert_eq!(media_url(base), media, "{base}");
        }
    }
}
