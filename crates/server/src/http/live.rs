//! The live stream: the tail of the workspace's events, with passing notices between them.
//!
//! It is resumed by `Last-Event-ID`, the number of the last event that was seen. Whoever is too far behind is told to
//! fetch everything again. Rights are checked for each event, and now and then whether the session still stands.

use std::sync::Arc;
use std::time::Duration;

use app::browse::settings::{events_after, right_for};
use app::signals::Notice;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::access::Permission;
use futures_util::Stream;
use serde_json::json;
use tokio::sync::mpsc::{Sender, channel};

use super::auth::{Signed, session_token};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::Event as EventShape;

/// Events that are sent after each other to somebody who was away; beyond it the screens fetch anew.
const BEHIND_MOST: i64 = 1000;
const PIECE: i64 = 200;
/// How often the session is looked at, and the database by itself.
const LOOK: Duration = Duration::from_secs(15);

type Item = Result<Event, std::convert::Infallible>;

/// Server-sent events: `event` (with its number as id), `notice`, `clock`, `reset`.
#[utoipa::path(get, path = "/live", tag = "events", responses((status = 200, content_type = "text/event-stream", body = String)))]
pub async fn stream(
    State(door): State<Arc<Door>>,
    signed: Signed,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Item>>, Problem> {
    let known = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<i64>().ok());
    let last = app::lanes::last_event(&door.app, signed.caller.workspace_id).await?;
    let token = session_token(&door, &headers).filter(|_| signed.user.is_some());
    let (sender, receiver) = channel::<Item>(64);
    let tail = Tail {
        door,
        signed,
        token,
        seq: known.unwrap_or(last).min(last),
        sender,
    };
    tokio::spawn(tail.run(last));
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|item| (item, receiver))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(LOOK)))
}

/// One listener. It ends when the listener goes away, the session ends, or the server stops.
struct Tail {
    door: Arc<Door>,
    signed: Signed,
    token: Option<String>,
    /// The last number that was sent.
    seq: i64,
    sender: Sender<Item>,
}

/// The listener is gone.
struct Gone;

impl Tail {
    async fn run(mut self, last: i64) {
        // Ended by either side; nothing is left to do.
        let _ = self.follow(last).await;
    }

    async fn follow(&mut self, last: i64) -> Result<(), Gone> {
        let workspace_id = self.signed.caller.workspace_id;
        let signals = Arc::clone(&self.door.app.signals);
        let mut events = signals.watch_events(workspace_id);
        let mut notices = signals.watch_notices();
        let mut clock = signals.clock.subscribe();
        let stop = self.door.stop.clone();
        self.clock().await?;
        if last - self.seq > BEHIND_MOST {
            self.seq = last;
            self.send("reset", None, &json!({})).await?;
        }
        self.catch_up().await?;
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = self.sender.closed() => return Ok(()),
                changed = events.changed() => {
                    if changed.is_err() { return Ok(()) }
                    self.catch_up().await?;
                }
                _ = look.tick() => {
                    self.still_here().await?;
                    self.catch_up().await?;
                }
                changed = clock.changed() => {
                    if changed.is_err() { return Ok(()) }
                    self.clock().await?;
                }
                notice = notices.recv() => {
                    if let Ok((of, notice)) = notice && of == workspace_id {
                        self.notice(&notice).await?;
                    }
                }
            }
        }
    }

    /// Sends what is new.
    async fn catch_up(&mut self) -> Result<(), Gone> {
        loop {
            let workspace_id = self.signed.caller.workspace_id;
            let Ok(all) = events_after(&self.door.app, workspace_id, self.seq, PIECE).await else {
                // The database is away; the next look tries again.
                return Ok(());
            };
            let more = i64::try_from(all.len()).is_ok_and(|count| count == PIECE);
            for event in all {
                self.seq = event.seq;
                if event.kind == "user.changed" {
                    self.still_here().await?;
                }
                if self.signed.caller.may(right_for(&event.kind)) {
                    let shape = serde_json::to_value(EventShape::from(event)).unwrap_or_default();
                    self.send("event", Some(self.seq), &shape).await?;
                }
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// Whoever was signed out, disabled or given another role meanwhile hears no more, or hears as what they are now.
    async fn still_here(&mut self) -> Result<(), Gone> {
        let Some(token) = &self.token else {
            return Ok(());
        };
        match app::sign_in::lookup(&self.door.app, token).await {
            Ok(Some(user)) => {
                self.signed = Signed::of_user(user);
                Ok(())
            }
            Ok(None) => Err(Gone),
            Err(_) => Ok(()),
        }
    }

    async fn clock(&self) -> Result<(), Gone> {
        let now = self.door.app.clock.business_now();
        self.send("clock", None, &json!({"now": format!("{now:.3}")}))
            .await
    }

    async fn notice(&self, notice: &Notice) -> Result<(), Gone> {
        if !self.signed.caller.may(Permission::ConversationsRead) {
            return Ok(());
        }
        let data = match notice {
            Notice::Typing {
                conversation_id,
                user_id,
            } => json!({"kind": "typing", "conversation_id": conversation_id, "user_id": user_id}),
            Notice::Progress {
                message_id,
                done,
                total,
            } => {
                json!({"kind": "progress", "message_id": message_id, "done": done, "total": total})
            }
        };
        self.send("notice", None, &data).await
    }

    async fn send(
        &self,
        name: &str,
        id: Option<i64>,
        data: &serde_json::Value,
    ) -> Result<(), Gone> {
        let mut event = Event::default().event(name).data(data.to_string());
        if let Some(id) = id {
            event = event.id(id.to_string());
        }
        self.sender.send(Ok(event)).await.map_err(|_| Gone)
    }
}
