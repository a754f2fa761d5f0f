//! The provider's door: raw bytes in, kept, then answered.

use std::sync::Arc;
use std::time::Duration;

use app::receive_webhook::{self, BODY_LIMIT_BYTES};
use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use domain::channel::Provider;
use futures_util::StreamExt;
use serde::Deserialize;
use whatsapp::adapter::WebhookRequest;
use whatsapp::meta::signature::Handshake;

use crate::door::Door;
use crate::problems::Problem;

/// A body comes within this time, or not at all.
const BODY_TIME: Duration = Duration::from_secs(10);
/// So much of a body that is too large is listened to, and so long.
const LISTENED_BYTES: usize = 8 * BODY_LIMIT_BYTES;
const LISTENED_TIME: Duration = Duration::from_secs(2);

pub fn routes() -> Router<Arc<Door>> {
    Router::new()
        .route("/webhooks/meta", get(handshake_first).post(first))
        .route("/webhooks/meta/{app_key}", get(handshake).post(other))
        .route("/webhooks/{provider}/{connection_id}", post(of_connection))
}

/// What a provider other than Meta reports: each connection has an address of its own.
async fn of_connection(
    State(door): State<Arc<Door>>,
    Path((provider, connection_id)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let unknown = || Problem::not_found("connection").into_response();
    let (Some(provider), Ok(connection_id)) =
        (Provider::from_name(&provider), connection_id.parse())
    else {
        return unknown();
    };
    let bytes = match read(&headers, body).await {
        Ok(bytes) => bytes,
        Err(problem) => return close(problem.into_response()),
    };
    let public_url = door.link(uri.path_and_query().map_or("", |path| path.as_str()));
    let header = |name: &str| one_header(&headers, name).map(ToOwned::to_owned);
    let request = WebhookRequest {
        public_url: &public_url,
        header: &header,
        body: &bytes,
    };
    let taken =
        receive_webhook::receive_of_connection(&door.app, provider, connection_id, request).await;
    match taken {
        Ok(()) => {
            app::note_webhook::note_connection(&door.app, &door.noted, connection_id);
            StatusCode::OK.into_response()
        }
        Err(error) => not_taken(error),
    }
}

fn not_taken(error: app::Error) -> Response {
    match error {
        app::Error::Refused(refusal) => Problem::from(app::Error::Refused(refusal)).into_response(),
        // Whatever it is, it is not on the disk: the provider comes again.
        error => {
            tracing::error!(%error, "a webhook could not be kept");
            metrics::counter!("kesher_webhooks_not_kept").increment(1);
            Problem::unavailable().into_response()
        }
    }
}

#[derive(Debug, Default, Deserialize)]
struct HandshakeQuery {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
}

type Doors = State<Arc<Door>>;

async fn handshake_first(
    State(door): Doors,
    Query(query): Query<HandshakeQuery>,
) -> Result<String, Problem> {
    shake(&door, "", &query).await
}

async fn handshake(
    State(door): Doors,
    Path(app_key): Path<String>,
    Query(query): Query<HandshakeQuery>,
) -> Result<String, Problem> {
    shake(&door, &app_key, &query).await
}

async fn shake(door: &Door, app_key: &str, query: &HandshakeQuery) -> Result<String, Problem> {
    let handshake = Handshake {
        mode: query.mode.as_deref(),
        verify_token: query.verify_token.as_deref(),
        challenge: query.challenge.as_deref(),
    };
    Ok(receive_webhook::handshake(&door.app, app_key, &handshake).await?)
}

async fn first(State(door): Doors, headers: HeaderMap, body: Body) -> Response {
    receive(&door, "", &headers, body).await
}

async fn other(
    State(door): Doors,
    Path(app_key): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    receive(&door, &app_key, &headers, body).await
}

async fn receive(door: &Arc<Door>, app_key: &str, headers: &HeaderMap, body: Body) -> Response {
    let taken = match read(headers, body).await {
        Ok(bytes) => {
            let signature = one_header(headers, "x-hub-signature-256");
            receive_webhook::receive(&door.app, app_key, signature, &bytes).await
        }
        Err(problem) => return close(problem.into_response()),
    };
    match taken {
        Ok(()) => {
            app::note_webhook::note(&door.app, &door.noted, app_key);
            StatusCode::OK.into_response()
        }
        Err(error) => not_taken(error),
    }
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let plain = headers
        .get(header::CONTENT_ENCODING)
        .is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if !plain {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "encoding_not_supported",
        ));
    }
    tokio::time::timeout(BODY_TIME, gather(body))
        .await
        .unwrap_or_else(|_| Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow")))
}

/// Gathers a body up to the limit.
async fn gather(body: Body) -> Result<Bytes, Problem> {
    let mut pieces = body.into_data_stream();
    let mut gathered: Vec<u8> = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "body_broken"))?;
        if gathered.len() + piece.len() > BODY_LIMIT_BYTES {
            // Whoever is cut off in the middle of speaking does not hear the answer: the rest is listened to, for a
            // while, and forgotten. Both ways of ending it come to the same.
            let _ = tokio::time::timeout(LISTENED_TIME, forget(pieces)).await;
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
            ));
        }
        gathered.extend_from_slice(&piece);
    }
    Ok(gathered.into())
}

async fn forget(mut pieces: BodyDataStream) {
    let mut length = 0_usize;
    while let Some(Ok(piece)) = pieces.next().await {
        length = length.saturating_add(piece.len());
        if length > LISTENED_BYTES {
            break;
        }
    }
}

/// Two signatures are none: nobody knows which one a proxy meant.
fn one_header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next();
    first
        .filter(|_| all.next().is_none())
        .and_then(|value| value.to_str().ok())
}

/// What is left of such a body is not read.
fn close(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
