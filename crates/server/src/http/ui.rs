//! The screens, carried inside the binary.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use tower_http::compression::CompressionLayer;

use crate::problems::Problem;

#[derive(RustEmbed)]
#[folder = "../../web/dist/app"]
struct Screens;

/// Names with a hash of their content never change.
const FOREVER: &str = "public, max-age=31536000, immutable";
const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Kesher</title><p>The screens were not built into this server: run <code>make build</code>. The API is at <code>/api/v1</code>.";

/// Answers every address that nothing else does.
pub fn screens() -> Router {
    Router::new()
        .fallback(|request: Request| async move { answer(&request) })
        .layer(CompressionLayer::new().gzip(true))
}

fn answer(request: &Request) -> Response {
    let path = request.uri().path();
    let ours = ["/api", "/webhooks"].iter().any(|prefix| {
        path == *prefix
            || path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('/'))
    });
    if ours {
        return Problem::not_found("path").into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed").into_response();
    }
    let name = path.trim_start_matches('/');
    if let Some(file) = Screens::get(name).filter(|_| !name.is_empty()) {
        let forever = name.starts_with("assets/");
        return page(file, if forever { FOREVER } else { "no-cache" });
    }
    // A missing file is missing; every other address is one of the screens'.
    if name
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains('.'))
    {
        return Problem::not_found("path").into_response();
    }
    match Screens::get("index.html") {
        Some(file) => page(file, "no-cache"),
        None => {
            let mut response = Response::new(Body::from(NOT_BUILT));
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response
        }
    }
}

fn page(file: rust_embed::EmbeddedFile, caching: &'static str) -> Response {
    let kind = file.metadata.mimetype().to_owned();
    let mut response = Response::new(Body::from(file.data.into_owned()));
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}
