//! Calls to the Graph API: how they are made and how their ends are judged. The calls themselves stand in
//! `messages` (here), `media`, `templates` and `accounts`.
//!
//! Nothing is retried here, and no redirect is followed: a token goes where it was meant to go or nowhere.

mod accounts;
mod media;
mod templates;

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use self::accounts::{CodeMethod, SyncKind, WebhookOverride};
pub use self::media::{Download, DownloadError};
use super::answers::{self, Done, Page};
use super::errors::{ApiError, verdict_on};
use super::send::mark_read_json;
use crate::call::{UNREADABLE, body_of, no_answer, retry_after, sorted};
use crate::json::{integer, lenient_json};
use crate::provider::{CallError, Secret, SendOutcome, Unclear};

/// Meta's own address; the sandbox is only another.
pub const GRAPH: &str = "https://graph.facebook.com";
/// What we speak unless told otherwise; Meta keeps a version for about two years (this one until 2028-07-29).
pub const GRAPH_VERSION: &str = "v25.0";

/// How long calls may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name, connection and TLS. When it runs out the provider has surely got nothing.
    pub connect: Duration,
    /// The whole call but for files.
    pub call: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            call: Duration::from_secs(30),
        }
    }
}

/// The HTTP client for providers: one for the process, built once. The binary installs the TLS provider before.
///
/// # Errors
/// When there is no TLS provider or no root certificates.
pub fn http_client(timeouts: Timeouts) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .user_agent(concat!("kesher/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.call)
        // Shorter than Meta's own, so that a message is seldom written into a connection that is being closed.
        .pool_idle_timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the provider's address is no http or https address")]
pub struct BadBaseUrl;

/// The Graph API at one address. Cheap to clone; holds no token.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    version: String,
}

impl Client {
    /// # Errors
    /// When `base_url` is no http or https address.
    pub fn new(
        http: reqwest::Client,
        base_url: &str,
        graph_version: &str,
    ) -> Result<Self, BadBaseUrl> {
        let base = Url::parse(base_url).map_err(|_| BadBaseUrl)?;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(BadBaseUrl);
        }
        Ok(Self {
            http,
            base,
            version: graph_version.to_owned(),
        })
    }

    /// Sends a message (a body of [`super::send`]). One call, one try.
    pub async fn send(&self, phone_number_id: &str, token: &Secret, body: &Value) -> SendOutcome {
        let url = self.url(&[phone_number_id, "messages"], &[]);
        match self.call(self.http.post(url).json(body), token).await {
            Ok(answer) => answers::accepted(&answer).unwrap_or(SendOutcome::Unclear {
                why: Unclear::AnswerUnreadable,
            }),
            Err(error) => error.into(),
        }
    }

    /// Marks a person's message as read, and shows that we are typing if asked to.
    ///
    /// # Errors
    /// As every call: see [`CallError`].
    pub async fn mark_read(
        &self,
        phone_number_id: &str,
        token: &Secret,
        message_id: &str,
        typing: bool,
    ) -> Result<(), CallError> {
        let body = mark_read_json(message_id, typing);
        let url = self.url(&[phone_number_id, "messages"], &[]);
        self.done(self.http.post(url).json(&body), token).await
    }

    /// `base/version/segment/segment?query`, each piece escaped.
    fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        // An http address always has a path to add to; `new` has seen to it.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(&self.version).extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// One call with its answer, whatever its shape.
    async fn call(&self, request: RequestBuilder, token: &Secret) -> Result<Value, CallError> {
        let response = request
            .bearer_auth(token.expose())
            .send()
            .await
            .map_err(|error| no_answer(&error))?;
        answer_of(response).await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        token: &Secret,
    ) -> Result<T, CallError> {
        let answer = self.call(request, token).await?;
        answers::read(answer).ok_or(UNREADABLE)
    }

    async fn page<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        token: &Secret,
    ) -> Result<Page<T>, CallError> {
        let answer = self.call(request, token).await?;
        Page::read(&answer).ok_or(UNREADABLE)
    }

    async fn done(&self, request: RequestBuilder, token: &Secret) -> Result<(), CallError> {
        let done: Done = self.read(request, token).await?;
        if done.success {
            Ok(())
        } else {
            Err(UNREADABLE)
        }
    }
}

async fn answer_of(response: Response) -> Result<Value, CallError> {
    let status = response.status().as_u16();
    let told_wait = told_wait(response.headers());
    let body = body_of(response).await?;
    judge(status, told_wait, &body)
}

/// What an answer means. A refusal in Meta's own form with a 4xx is sure; with a 5xx only where its code says so;
/// anything that is not in Meta's form may have been said by something on the way.
///
/// # Errors
/// For all but a 2xx with JSON.
pub fn judge(status: u16, told_wait: Option<Duration>, body: &[u8]) -> Result<Value, CallError> {
    let answer = lenient_json(body).ok();
    if (200..300).contains(&status) {
        return answer.ok_or(UNREADABLE);
    }
    let Some(error) = answer.as_ref().and_then(ApiError::read) else {
        return Err(CallError::Unclear {
            why: Unclear::ForeignAnswer { status },
        });
    };
    tracing::debug!(
        status,
        code = error.code,
        trace_id = error.trace_id,
        "Meta refused a call"
    );
    Err(sorted(
        status,
        told_wait,
        verdict_on(error.code),
        error.failure(),
    ))
}

/// How long Meta asks us to wait: `Retry-After` in seconds, or the longest `estimated_time_to_regain_access` in
/// minutes of `X-Business-Use-Case-Usage`.
fn told_wait(headers: &HeaderMap) -> Option<Duration> {
    let regain = headers
        .get("x-business-use-case-usage")
        .and_then(|value| value.to_str().ok())
        .and_then(minutes_to_regain);
    retry_after(headers)
        .max(regain)
        .filter(|wait| !wait.is_zero())
}

fn minutes_to_regain(usage: &str) -> Option<Duration> {
    let usage = lenient_json(usage.as_bytes()).ok()?;
    usage
        .as_object()?
        .values()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|entry| integer(entry, "estimated_time_to_regain_access"))
        .filter_map(|minutes| u64::try_from(minutes).ok())
        .max()
        .map(|minutes| Duration::from_secs(minutes.saturating_mul(60)))
}
