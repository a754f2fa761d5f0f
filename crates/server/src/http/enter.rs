//! Around every request: its id, what is logged and measured of it, the headers of its answer, and a problem said in
//! the caller's language.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use crate::door::Door;
use crate::http::auth::UserLocale;
use crate::problems::{Locale, Problem};

const NOW: HeaderName = HeaderName::from_static("kesher-now");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing is loaded from elsewhere, nothing is framed, no form goes anywhere else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// Runs a request.
pub async fn answer(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = domain::id::Id::<domain::id::JobKind>::from_parts(
        door.app.clock.machine_now().as_millisecond(),
        door.app.ids.chance(),
    )
    .bare();
    let method = request.method().clone();
    // The template of the path: ids and queries may be personal.
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let asked = Locale::asked(request.headers());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let user = response
            .extensions()
            .get::<UserLocale>()
            .map(|locale| locale.0);
        response = problem.said(asked.or(user).unwrap_or(Locale::He), &id, response);
    }
    let status = response.status().as_u16();
    let took = started.elapsed();
    metrics::histogram!("kesher_http_seconds", "path" => path.clone(), "status" => status.to_string())
        .record(took.as_secs_f64());
    if status >= 500 {
        tracing::warn!(%method, path, status, took_ms = took.as_millis(), request_id = %id, "answered");
    } else {
        tracing::debug!(%method, path, status, took_ms = took.as_millis(), request_id = %id, "answered");
    }
    dress(&door, &id, response)
}

fn dress(door: &Door, id: &str, mut response: Response) -> Response {
    let is_too_large = response.status() == StatusCode::PAYLOAD_TOO_LARGE;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(name).or_insert(value);
        }
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(header::CACHE_CONTROL, "no-store");
    set(REQUEST_ID, id);
    if is_too_large {
        // The rest of the body is not read, so nothing more can be asked on this connection.
        set(header::CONNECTION, "close");
    }
    set(NOW, &format!("{:.3}", door.app.clock.business_now()));
    if door.is_https() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// A mistake of ours in one request ends that request alone.
pub async fn catch_panics(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a request broke off");
            let empty = Problem::internal().into_response();
            Problem::internal().said(Locale::En, "", empty)
        }
    }
}
