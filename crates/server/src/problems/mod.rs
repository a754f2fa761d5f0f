//! A no, as a problem document (RFC 9457): a stable code, a sentence in the caller's language, the field that is wrong
//! and what mends it. The sentences stand in [`texts`].

mod texts;

use std::collections::BTreeMap;

use app::{Error, Refusal, RefusalKind};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::sending;
use serde::Serialize;
use serde_json::Value;
use store::users::User;
use utoipa::ToSchema;

use crate::shapes::{Coded, word};

pub use texts::{TEXTS, Text};

/// The language in which a person is told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    He,
    En,
}

impl Locale {
    fn of_name(name: &str) -> Option<Self> {
        // `iw` is what old software calls Hebrew.
        match name.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("he" | "iw") => Some(Self::He),
            Some("en") => Some(Self::En),
            _ => None,
        }
    }

    /// The first language that is asked for and that we have.
    #[must_use]
    pub fn asked(headers: &HeaderMap) -> Option<Self> {
        let asked = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        asked.split(',').find_map(Self::of_name)
    }

    #[must_use]
    pub fn of_user(user: &User) -> Self {
        Self::of_name(&user.locale).unwrap_or(Self::He)
    }
}

/// A no on its way out. The layer around all requests says it in the caller's language.
#[derive(Debug, Clone)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    field: Option<String>,
    params: BTreeMap<String, String>,
    sending: Option<sending::Refusal>,
    current: Option<Value>,
}

/// A no: RFC 9457, with a stable `code`, sentences in the caller's language, and what mends it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    code: &'static str,
    detail: String,
    /// Which part of the request is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    params: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sending: Option<Sending>,
    /// With `changed_meanwhile`: the thing as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    current: Option<Value>,
    request_id: String,
}

/// What the sending rule said: why, what to do instead, which licence levels would allow it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sending {
    reason: Coded,
    mends: Vec<Coded>,
    levels: Vec<String>,
}

impl Problem {
    #[must_use]
    pub const fn new(status: StatusCode, code: &'static str) -> Self {
        Self {
            status,
            code,
            field: None,
            params: BTreeMap::new(),
            sending: None,
            current: None,
        }
    }

    /// A part of the request is wrong.
    #[must_use]
    pub fn field(code: &'static str, field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, code)
        }
    }

    /// The same whether a thing is another workspace's or nobody's.
    #[must_use]
    pub const fn not_found(_what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    #[must_use]
    pub const fn cursor() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "cursor_invalid")
    }

    #[must_use]
    pub const fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable").with("retry_after_s", 2)
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.params.insert(key.to_owned(), value.to_string());
        self
    }

    #[must_use]
    pub fn is_changed_meanwhile(&self) -> bool {
        self.code == "changed_meanwhile"
    }

    /// How the thing is now, for whoever lost the race.
    #[must_use]
    pub fn with_current(mut self, current: &impl Serialize) -> Self {
        self.current = serde_json::to_value(current).ok();
        self
    }

    /// The response that goes out, with the headers that the first one carries.
    #[must_use]
    pub fn said(self, locale: Locale, request_id: &str, before: Response) -> Response {
        let text = texts::of(self.code);
        let (title, mend) = match locale {
            Locale::He => (text.he, text.mend_he),
            Locale::En => (text.en, text.mend_en),
        };
        let title = self.filled(title);
        let mend = Some(self.filled(mend)).filter(|mend| !mend.is_empty());
        let document = Document {
            kind: format!("urn:kesher:problem:{}", self.code),
            detail: title.clone(),
            title,
            status: self.status.as_u16(),
            code: self.code,
            mend,
            sending: self.sending.map(|refusal| Sending {
                reason: Coded::from(&refusal.reason),
                mends: refusal.mends.iter().map(Coded::from).collect(),
                levels: refusal.levels.iter().map(word).collect(),
            }),
            field: self.field,
            params: self.params,
            current: self.current,
            request_id: request_id.to_owned(),
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let (mut parts, _) = before.into_parts();
        parts.status = self.status;
        let headers = &mut parts.headers;
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::CONTENT_ENCODING);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(wait) = document
            .params
            .get("retry_after_s")
            .and_then(|wait| HeaderValue::from_str(wait).ok())
        {
            headers.insert(header::RETRY_AFTER, wait);
        }
        let language = if locale == Locale::He { "he" } else { "en" };
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
        Response::from_parts(parts, Body::from(body))
    }

    fn filled(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (key, value) in &self.params {
            out = out.replace(&format!("{{{key}}}"), value);
        }
        if let Some(field) = &self.field {
            out = out.replace("{field}", field);
        }
        out
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.kind {
            RefusalKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            RefusalKind::NotFound => StatusCode::NOT_FOUND,
            RefusalKind::Conflict => StatusCode::CONFLICT,
            RefusalKind::Forbidden => StatusCode::FORBIDDEN,
            RefusalKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            RefusalKind::Gone => StatusCode::GONE,
            RefusalKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        };
        if refusal.kind == RefusalKind::NotFound {
            return Self::new(status, refusal.code);
        }
        Self {
            status,
            code: refusal.code,
            field: refusal.field,
            params: refusal.params,
            sending: refusal.sending,
            current: None,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::from(refusal),
            Error::Store(store::Error::NotFound(_)) => Self::not_found("row"),
            Error::Store(error) if error.is_transient() => {
                tracing::warn!(%error, "the database is not there");
                Self::unavailable()
            }
            Error::Provider(error) => {
                tracing::warn!(%error, "a provider could not be asked");
                Self::new(StatusCode::CONFLICT, "provider_failed").with("reason", error)
            }
            Error::Store(store::Error::BadValue(_)) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "value_refused")
            }
            error => {
                tracing::error!(%error, "a request failed");
                Self::internal()
            }
        }
    }
}
