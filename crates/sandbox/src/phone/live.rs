//! The live stream of the page, and the list of what happened.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use crate::core::Core;

pub async fn activity(
    State(core): State<Arc<Core>>,
    Query(query): Query<HashMap<String, String>>,
) -> Json<Value> {
    let number = |key: &str| query.get(key).and_then(|text| text.parse::<u64>().ok());
    let limit = usize::try_from(number("limit").unwrap_or(100)).unwrap_or(100);
    let state = core.state();
    let items = state.activities.list(number("since"), limit);
    let next = items.last().map_or_else(
        || json!(state.activities.last()),
        |item| item["seq"].clone(),
    );
    Json(json!({"items": items, "next": next}))
}

/// One listener's stream. A listener that falls behind is told to fetch everything again.
pub async fn stream(
    State(core): State<Arc<Core>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let heard = core.live.subscribe();
    let over = core.over.clone();
    let events = stream::unfold(heard, |mut heard| async move {
        match heard.recv().await {
            Ok(live) => Some((event(live.event, &live.data), heard)),
            Err(RecvError::Lagged(_)) => Some((event("reset", &json!({})), heard)),
            Err(RecvError::Closed) => None,
        }
    });
    let events = events.map(Ok).take_until(over.cancelled_owned());
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

fn event(name: &str, data: &Value) -> Event {
    Event::default().event(name).data(data.to_string())
}
