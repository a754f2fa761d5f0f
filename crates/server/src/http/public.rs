//! Pages for people who are nobody here: files that a provider fetches, and the link under which one asks to be left
//! alone.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::door::Door;
use crate::problems::Problem;

pub fn routes() -> Router<Arc<Door>> {
    Router::new()
        .route("/shared/{token}", get(shared))
        .route("/o/{token}", get(ask).post(take))
}

/// A file for a provider.
async fn shared(
    State(door): State<Arc<Door>>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let (media, bytes) = app::share_file::open(&door.app, &token).await?;
    let kind = media
        .mime_type
        .as_deref()
        .and_then(|text| HeaderValue::from_str(text).ok())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, kind),
        // Whatever a person sent us, no browser shall run it.
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// Asks once more: an app that looks at links must not opt anybody out by looking.
async fn ask(State(door): State<Arc<Door>>, Path(token): Path<String>) -> Response {
    match app::opt_out::look(&door.app, &token).await {
        Ok(business) => page(
            StatusCode::OK,
            &business,
            "לא לקבל עוד הודעות דיוור?",
            "Stop receiving messages?",
            true,
        ),
        Err(error) => gone(error),
    }
}

async fn take(State(door): State<Arc<Door>>, Path(token): Path<String>) -> Response {
    let business = app::opt_out::look(&door.app, &token).await;
    match (business, app::opt_out::take(&door.app, &token).await) {
        (Ok(business), Ok(())) => page(
            StatusCode::OK,
            &business,
            "הוסרתם. לא יישלחו אליכם עוד הודעות דיוור.",
            "Done. No more messages will be sent to you.",
            false,
        ),
        (Err(error), _) | (_, Err(error)) => gone(error),
    }
}

fn gone(error: app::Error) -> Response {
    match error {
        app::Error::Refused(_) => page(
            StatusCode::NOT_FOUND,
            "",
            "הקישור אינו מוכר.",
            "This link is not known.",
            false,
        ),
        error => Problem::from(error).into_response(),
    }
}

fn page(status: StatusCode, business: &str, he: &str, en: &str, asks: bool) -> Response {
    let business = escape(business);
    let form = if asks {
        "<form method=\"post\"><button>הסירו אותי · Unsubscribe</button></form>"
    } else {
        ""
    };
    let html = format!(
        "<!doctype html><html lang=\"he\" dir=\"rtl\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{business}</title>\
         <style>:root{{color-scheme:light dark}}body{{font:18px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;\
         padding:0 1.5rem;text-align:center}}button{{font:inherit;padding:.7em 1.4em;border-radius:.6em;border:0;\
         background:#0b7a5c;color:#fff;cursor:pointer}}p[lang=en]{{opacity:.75}}</style>\
         <h1>{business}</h1><p>{he}</p><p lang=\"en\" dir=\"ltr\">{en}</p>{form}</html>"
    );
    (status, Html(html)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
