//! The static files of the phone's page, embedded at build time.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/dist/phone"]
struct Page;

const NOT_BUILT: &str = "<!DOCTYPE html><meta charset=\"utf-8\"><title>The phone</title><p>The phone's page was not built into this program. Build the web folder first, then build again. The API below <code>/phone/api</code> works.";

pub async fn home() -> Redirect {
    Redirect::temporary("/phone")
}

pub async fn index() -> Response {
    file("index.html").unwrap_or_else(|| axum::response::Html(NOT_BUILT).into_response())
}

/// A file, or the page itself for an address that the page makes up.
pub async fn any(Path(path): Path<String>) -> Response {
    if let Some(found) = file(&path) {
        return found;
    }
    if path.starts_with("assets/") {
        StatusCode::NOT_FOUND.into_response()
    } else {
        index().await
    }
}

fn file(path: &str) -> Option<Response> {
    let file = Page::get(path)?;
    // Names of assets carry their content's hash; the page itself must always be asked for.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let kind = file.metadata.mimetype().to_owned();
    Some(
        (
            [("content-type", kind), ("cache-control", cache.to_owned())],
            file.data.into_owned(),
        )
            .into_response(),
    )
}
