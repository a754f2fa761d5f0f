//! Whether the process lives, whether it can work, and its figures.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::door::Door;
use crate::problems::Problem;

pub fn routes() -> Router<Arc<Door>> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Ready when the database answers and we are not about to stop.
async fn ready(State(door): State<Arc<Door>>) -> Response {
    let asked = door
        .app
        .store
        .read((), |tx, ()| Box::pin(store::installation::get(tx)));
    match asked.await {
        Ok(_) if !door.stop.is_cancelled() => "ok\n".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response(),
    }
}

/// Prometheus's text. For this machine, or for whoever has the token.
async fn metrics(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    info: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
) -> Response {
    let local = info.is_some_and(|info| info.0.0.ip().is_loopback())
        && !headers.contains_key("x-forwarded-for");
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let known = door
        .metrics_token
        .as_deref()
        .filter(|token| !token.is_empty());
    // Compared by their hashes: how much of it fits is not told by the time it takes.
    let has_token = given
        .zip(known)
        .is_some_and(|(given, known)| app::chance::hash(given) == app::chance::hash(known));
    if !(has_token || (local && known.is_none())) {
        return Problem::not_found("path").into_response();
    }
    match &door.metrics {
        Some(handle) => handle.render().into_response(),
        None => Problem::not_found("path").into_response(),
    }
}
