//! The answer that a fault gives instead of the true one.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::faults::{Answer, Fault};
use crate::line::Peer;

/// Gives a fault's answer. `own` is the error in the envelope of the API that was called; it is used
/// unless the fault says something else, or brings a body of its own. `drop` and `timeout` cut the
/// connection without a byte.
pub async fn answer(fault: &Fault, peer: &Peer, own: Option<Response>) -> Response {
    let mut answer = match (fault.answer, own) {
        (Some(Answer::Html), _) => {
            let page = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1></body></html>";
            (StatusCode::BAD_GATEWAY, axum::response::Html(page)).into_response()
        }
        (Some(Answer::Empty), _) => ().into_response(),
        (Some(Answer::Drop), _) => return peer.cut(),
        (Some(Answer::Timeout), _) => {
            tokio::time::sleep(Duration::from_millis(fault.timeout_ms.unwrap_or(60_000))).await;
            return peer.cut();
        }
        (None, Some(own)) if fault.body.is_none() => own,
        (None, _) => {
            let status = StatusCode::from_u16(fault.status.unwrap_or(200));
            let kind = fault
                .content_type
                .clone()
                .unwrap_or_else(|| "application/json".into());
            let body = fault.body.clone().unwrap_or_default();
            (status.unwrap_or_default(), [("content-type", kind)], body).into_response()
        }
    };
    if let Some(seconds) = fault.retry_after
        && let Ok(value) = seconds.to_string().parse()
    {
        answer.headers_mut().insert("retry-after", value);
    }
    answer
}
