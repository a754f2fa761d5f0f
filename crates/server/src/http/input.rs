//! What comes in: bodies, queries, ids. Everything that is wrong with one is told with its place.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::id::{Id, Kind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use store::keys::Once;

use crate::door::Door;
use crate::problems::Problem;

/// A JSON body, read strictly, and the key under which the request is done once.
pub struct Body<T> {
    pub value: T,
    pub once: Option<Once>,
}

impl<T: DeserializeOwned> FromRequest<Arc<Door>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, door: &Arc<Door>) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "json_expected",
            ));
        }
        let key = request.headers().get("idempotency-key").cloned();
        let about = format!("{} {}", request.method(), request.uri().path());
        let bytes = axum::body::Bytes::from_request(request, door)
            .await
            .map_err(|_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"))?;
        let once = key.map(|key| once(&key, &about, &bytes)).transpose()?;
        let text = if bytes.is_empty() { &b"{}"[..] } else { &bytes };
        Ok(Self {
            value: read(&mut serde_json::Deserializer::from_slice(text), "")?,
            once,
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|bare| bare.trim().eq_ignore_ascii_case("application/json"))
}

/// The key of a request that is done once, with a digest of what it asks.
///
/// # Errors
/// When the key is empty, long, or not plain text.
pub fn once(key: &axum::http::HeaderValue, about: &str, body: &[u8]) -> Result<Once, Problem> {
    let key = key
        .to_str()
        .ok()
        .filter(|key| (1..=200).contains(&key.len()));
    let key = key.ok_or_else(|| Problem::field("idempotency_key_invalid", "Idempotency-Key"))?;
    let mut digest = Sha256::new();
    digest.update(about.as_bytes());
    digest.update([0]);
    digest.update(body);
    Ok(Once {
        key: key.to_owned(),
        request_hash: app::chance::hex(&digest.finalize()),
    })
}

/// Reads JSON; what is wrong is told with its path. `under` is the path of what is read.
///
/// # Errors
/// `not_json`, `unknown_field`, `missing`, `wrong_type`.
pub fn read<'de, T, D>(deserializer: D, under: &str) -> Result<T, Problem>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de, Error = serde_json::Error>,
{
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if matches!(
            inner.classify(),
            serde_json::error::Category::Syntax
                | serde_json::error::Category::Eof
                | serde_json::error::Category::Io
        ) {
            return Problem::new(StatusCode::BAD_REQUEST, "not_json");
        }
        let told = inner.to_string();
        let named = |prefix: &str| {
            told.strip_prefix(prefix)
                .and_then(|rest| rest.split('`').next())
                .map(ToOwned::to_owned)
        };
        let at = |name: Option<&str>| {
            let path = if path == "." { "" } else { path.as_str() };
            let last = path.rsplit('.').next();
            let parts = [
                Some(under),
                Some(path),
                name.filter(|name| last != Some(*name)),
            ];
            let parts: Vec<&str> = parts
                .into_iter()
                .flatten()
                .filter(|part| !part.is_empty())
                .collect();
            parts.join(".")
        };
        if let Some(name) = named("unknown field `") {
            return Problem::field("unknown_field", &at(Some(&name)));
        }
        if let Some(name) = named("missing field `") {
            return Problem::field("missing", &at(Some(&name)));
        }
        if told.starts_with("unknown variant") {
            return Problem::field("bad_value", &at(None));
        }
        Problem::field("wrong_type", &at(None))
    })
}

/// Tells "left out" from "null": the first keeps a value, the second takes it away.
///
/// # Errors
/// As the inner type.
pub fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// An id in a path or a body. One that cannot be is one that is not there.
///
/// # Errors
/// `not_found`.
pub fn id<K: Kind>(text: &str) -> Result<Id<K>, Problem> {
    text.parse().map_err(|_| Problem::not_found(K::PREFIX))
}

/// # Errors
/// `not_found`.
pub fn opt_id<K: Kind>(text: Option<&str>) -> Result<Option<Id<K>>, Problem> {
    text.filter(|text| !text.is_empty()).map(id).transpose()
}

/// The query of a list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// From 1 to 200; 50 when left out.
    #[param(value_type = Option<i64>)]
    pub limit: Option<String>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    pub search: Option<String>,
}

const LIMIT: i64 = 50;
const LIMIT_MOST: i64 = 200;
const SEARCH_MOST: usize = 500;

impl ListQuery {
    /// # Errors
    /// `limit_out_of_range`.
    pub fn limit(&self) -> Result<i64, Problem> {
        limit(self.limit.as_deref())
    }

    /// What is searched; no more of it than anybody types.
    #[must_use]
    pub fn search(&self) -> Option<String> {
        search(self.search.as_deref())
    }
}

/// # Errors
/// `limit_out_of_range`.
pub fn limit(text: Option<&str>) -> Result<i64, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(LIMIT);
    };
    let limit = text
        .parse::<i64>()
        .ok()
        .filter(|limit| (1..=LIMIT_MOST).contains(limit));
    limit.ok_or_else(|| Problem::field("limit_out_of_range", "limit").with("most", LIMIT_MOST))
}

#[must_use]
pub fn search(text: Option<&str>) -> Option<String> {
    let text: String = text?
        .chars()
        .filter(|letter| *letter != '\0')
        .take(SEARCH_MOST)
        .collect();
    (!text.trim().is_empty()).then_some(text)
}

/// A query string.
pub struct Ask<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Door>> for Ask<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Problem> {
        axum::extract::Query::<T>::from_request_parts(parts, door)
            .await
            .map(|query| Self(query.0))
            .map_err(|_| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "query_invalid"))
    }
}

/// The one part of a path that varies.
pub struct Named(pub String);

impl FromRequestParts<Arc<Door>> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Problem> {
        axum::extract::Path::<String>::from_request_parts(parts, door)
            .await
            .map(|path| Self(path.0))
            .map_err(|_| Problem::not_found("path"))
    }
}

/// An address that is there, asked in a way that it is not.
pub async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
}
