//! One call to a provider over HTTP: how it is built, how its answer is read with a bound, and how its end is judged.
//! Every module stands on this; what differs between providers (words, codes, keys) stays with them.
//!
//! Nothing is retried here. No redirect is followed ([`crate::meta::client::http_client`] sees to it): a key goes where
//! it was meant to go or nowhere. An address may hold a key, so neither addresses nor `reqwest`'s errors (they print
//! the address) are logged or handed on.

use std::time::Duration;

use bytes::Bytes;
use domain::failure::{Failure, FailureReason};
use jiff::fmt::rfc2822;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use serde_json::Value;

use crate::adapter::{FetchError, Fetched};
use crate::failure::Verdict;
use crate::json::lenient_json;
use crate::provider::{CallError, Unclear};

/// An answer is JSON of some kilobytes; a page of templates may have a few megabytes.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// For files of up to 100 MB.
pub(crate) const FILE_TIMEOUT: Duration = Duration::from_secs(300);
const RETRY_WITHOUT_HINT: Duration = Duration::from_secs(60);
/// Nobody is waited for longer, whatever they say.
const WAIT_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Done or not, nobody can say: a success that could not be read.
pub(crate) const UNREADABLE: CallError = CallError::Unclear {
    why: Unclear::AnswerUnreadable,
};

/// A provider at one address.
pub(crate) struct Http {
    client: Client,
    base: Url,
}

impl Http {
    /// # Errors
    /// When `base_url` is no http or https address: surely nothing was sent, and once it is mended, things go.
    pub(crate) fn new(client: &Client, base_url: &str) -> Result<Self, CallError> {
        let base = Url::parse(base_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| CallError::NotAccepted(Failure::of(FailureReason::Unreachable)))?;
        Ok(Self {
            client: client.clone(),
            base,
        })
    }

    /// `base/segment/segment?query`, each piece escaped.
    pub(crate) fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        // An http address always has a path to add to; `new` has seen to it.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    pub(crate) fn get(&self, segments: &[&str], query: &[(&str, &str)]) -> RequestBuilder {
        self.request(Method::GET, self.url(segments, query))
    }

    pub(crate) fn post(&self, segments: &[&str], query: &[(&str, &str)]) -> RequestBuilder {
        self.request(Method::POST, self.url(segments, query))
    }

    /// For the less usual methods, and for addresses that [`Self::is_own`] or [`is_host_of`] has passed.
    pub(crate) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Whether an address is on the provider's own host and port: the only one that gets the key by itself.
    pub(crate) fn is_own(&self, url: &Url) -> bool {
        url.scheme() == self.base.scheme()
            && url.host_str() == self.base.host_str()
            && url.port_or_known_default() == self.base.port_or_known_default()
    }

    /// The provider's own host, with another path and query.
    pub(crate) fn base(&self) -> &Url {
        &self.base
    }
}

/// Whether an address is one of these hosts, or below one, over TLS and on its usual port.
pub(crate) fn is_host_of(url: &Url, hosts: &[&str]) -> bool {
    url.scheme() == "https"
        && url.port_or_known_default() == Some(443)
        && url.host_str().is_some_and(|host| {
            hosts.iter().any(|known| {
                host.strip_suffix(known)
                    .is_some_and(|before| before.is_empty() || before.ends_with('.'))
            })
        })
}

/// A header's value that is never printed. `None` where the secret cannot stand in a header.
pub(crate) fn secret_header(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Puts a secret header on a request.
///
/// # Errors
/// When it cannot stand in a header: a person must enter the key again.
pub(crate) fn with_secret(
    request: RequestBuilder,
    name: &'static str,
    value: &str,
) -> Result<RequestBuilder, CallError> {
    let value = secret_header(value)
        .ok_or_else(|| CallError::Credentials(Failure::of(FailureReason::TokenInvalid)))?;
    Ok(request.header(name, value))
}

/// The body of a form.
pub(crate) fn with_form<K: AsRef<str>, V: AsRef<str>>(
    request: RequestBuilder,
    pairs: &[(K, V)],
) -> RequestBuilder {
    request
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form(pairs))
}

/// `application/x-www-form-urlencoded`.
pub(crate) fn form<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The pairs of a form, in their order; what is not UTF-8 becomes U+FFFD.
pub(crate) fn form_pairs(raw: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(raw).into_owned().collect()
}

/// What came back, whatever it says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn json(&self) -> Option<Value> {
        lenient_json(&self.body).ok()
    }

    pub(crate) fn told_wait(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }
}

/// Sends a request and reads the whole answer. One call, one try.
///
/// # Errors
/// Not accepted only where the connection never stood; unclear for all else.
pub(crate) async fn ask(request: RequestBuilder) -> Result<Answer, CallError> {
    let response = request.send().await.map_err(|error| no_answer(&error))?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = body_of(response).await?;
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// No answer came. Only where the connection never stood is it sure that nothing was accepted.
pub(crate) fn no_answer(error: &reqwest::Error) -> CallError {
    if error.is_connect() {
        return CallError::NotAccepted(Failure::of(FailureReason::Unreachable));
    }
    if error.is_builder() {
        return CallError::Refused(Failure::of(FailureReason::MessageInvalid));
    }
    CallError::Unclear {
        why: if error.is_timeout() {
            Unclear::Timeout
        } else {
            Unclear::ConnectionBroke
        },
    }
}

pub(crate) async fn body_of(mut response: Response) -> Result<Bytes, CallError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body.into()),
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(UNREADABLE),
            Err(error) => return Err(no_answer(&error)),
        }
    }
}

/// `Retry-After` in seconds, or as a date that is measured against the answer's own `Date` (RFC 9110, 10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let told = text("retry-after")?.trim();
    let wait = match told.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = rfc2822::parse(told).ok()?.timestamp();
            let now = rfc2822::parse(text("date")?).ok()?.timestamp();
            Duration::try_from(until.duration_since(now)).ok()?
        }
    };
    Some(wait.min(WAIT_MAX)).filter(|wait| !wait.is_zero())
}

/// A refusal in the provider's own form.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// What our table says of it; `None` for a code that is not in it.
    pub(crate) verdict: Option<Verdict>,
    pub(crate) code: Option<i64>,
    /// The provider's own sentence; may hold personal values.
    pub(crate) details: Option<String>,
}

impl Refusal {
    pub(crate) fn failure(&self) -> Failure {
        Failure {
            reason: self
                .verdict
                .map_or(FailureReason::Unknown, |verdict| verdict.reason),
            code: self.code,
            details: self.details.clone(),
        }
    }
}

/// What an answer means. `read` finds a refusal in the provider's own form; such a one is sure with a 4xx, and with a
/// 5xx only where its code says so. What is in another form may have been said by something on the way, and leaves it
/// open what the provider did, but for a 401 and a 429: nobody says these of what they have passed on.
///
/// # Errors
/// For all but a 2xx with JSON.
pub(crate) fn judge(
    answer: &Answer,
    read: impl FnOnce(&Value) -> Option<Refusal>,
) -> Result<Value, CallError> {
    let json = answer.json();
    if answer.is_success() {
        return json.ok_or(UNREADABLE);
    }
    Err(refused(answer, json.as_ref().and_then(read)))
}

/// The end of a call whose answer is no success.
pub(crate) fn refused(answer: &Answer, refusal: Option<Refusal>) -> CallError {
    let status = answer.status;
    tracing::debug!(
        status,
        code = refusal.as_ref().and_then(|refusal| refusal.code),
        "the provider refused a call"
    );
    match refusal {
        Some(refusal) => sorted(
            status,
            answer.told_wait(),
            refusal.verdict,
            refusal.failure(),
        ),
        None if matches!(status, 401 | 429) => sorted(
            status,
            answer.told_wait(),
            None,
            Failure::of(FailureReason::Unknown),
        ),
        None => CallError::Unclear {
            why: Unclear::ForeignAnswer { status },
        },
    }
}

/// A refusal that is the provider's own, sorted by what its code is known to mean.
pub(crate) fn sorted(
    status: u16,
    told_wait: Option<Duration>,
    verdict: Option<Verdict>,
    failure: Failure,
) -> CallError {
    let is_sure = match status {
        400..500 => true,
        500.. => verdict.is_some_and(|verdict| verdict.before_acceptance),
        _ => false,
    };
    if !is_sure {
        return CallError::Unclear {
            why: Unclear::ServerError {
                status,
                code: failure.code.unwrap_or_default(),
            },
        };
    }
    match (verdict, status) {
        (Some(verdict), _) => verdict.into_error(failure, told_wait),
        (None, 401) => CallError::Credentials(Failure {
            reason: FailureReason::TokenInvalid,
            ..failure
        }),
        (None, 429) => CallError::RetryAfter {
            after: told_wait.unwrap_or(RETRY_WITHOUT_HINT),
            failure: Failure {
                reason: FailureReason::NumberRateLimited,
                ..failure
            },
        },
        (None, _) => CallError::Refused(failure),
    }
}

/// The address where a redirect points, whole. Whether it may be asked, and with what, is the caller's to say.
pub(crate) fn redirect_of(from: &Url, response: &Response) -> Option<Url> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get("location")?.to_str().ok()?;
    from.join(location).ok()
}

/// The file in an answer; at most `max_bytes`, also where no length is told.
///
/// # Errors
/// Later, where the provider is slow or busy; never, where the file is gone or too large. A refused key is mended by a
/// person, so that the file may come later.
pub(crate) async fn file_of(mut response: Response, max_bytes: u64) -> Result<Fetched, FetchError> {
    match response.status().as_u16() {
        // Some create an answer (201) even where a file is only read.
        200 | 201 => {}
        401 | 403 | 408 | 425 | 429 | 500.. => return Err(FetchError::Later),
        _ => return Err(FetchError::Never),
    }
    if response
        .content_length()
        .is_some_and(|size| size > max_bytes)
    {
        return Err(FetchError::Never);
    }
    let mime_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| FetchError::Later)? {
        if (bytes.len() + chunk.len()) as u64 > max_bytes {
            return Err(FetchError::Never);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched {
        bytes: bytes.into(),
        mime_type,
    })
}

/// Fetches a file whose address has been checked. A redirect is no file.
///
/// # Errors
/// As [`file_of`].
pub(crate) async fn fetch(request: RequestBuilder, max_bytes: u64) -> Result<Fetched, FetchError> {
    let response = request
        .timeout(FILE_TIMEOUT)
        .send()
        .await
        .map_err(|_| FetchError::Later)?;
    file_of(response, max_bytes).await
}
