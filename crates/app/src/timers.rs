//! Waits that have ended. They run on business time and only in the active process.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::id::MessageId;
use domain::message::Delivery;
use jiff::Timestamp;
use store::lease::Epoch;
use store::timers::Timer;
use store::{Tx, attention, messages, timers};
use tokio_util::sync::CancellationToken;

use crate::hand_off::{self, HANDOFF_OPEN};
use crate::{App, close_attention};

/// A message has been unclear for a while: a person is asked.
pub const MESSAGE_UNCLEAR: &str = "message_unclear";

const LOOK: Duration = Duration::from_millis(500);
const PIECE: i64 = 64;

/// Sets off what is due, until told to stop.
pub async fn run(app: &App, epoch: Epoch, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let now = app.clock.business_now();
        match app
            .store
            .read(now, |tx, now| Box::pin(timers::due(tx, *now, PIECE)))
            .await
        {
            Ok(due) => {
                for timer in due {
                    let input = (timer, now);
                    let set_off = app.store.write_as(epoch, input, |tx, (timer, now)| {
                        Box::pin(set_off(tx, timer, *now))
                    });
                    match set_off.await {
                        Ok(()) => {}
                        Err(store::Error::Fenced) => return,
                        Err(error) => {
                            tracing::warn!(%error, "a timer could not be set off; will try again");
                        }
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "looking for timers; will try again"),
        }
        // Being told to stop ends the wait.
        let _ = tokio::time::timeout(LOOK, stop.cancelled()).await;
    }
}

async fn set_off(tx: &mut Tx, timer: &Timer, now: Timestamp) -> store::Result<()> {
    if !timers::take(tx, timer.workspace_id, timer.id).await? {
        return Ok(());
    }
    if timer.kind == HANDOFF_OPEN {
        return match timer.subject.parse() {
            Ok(id) => hand_off::ask(tx, timer.workspace_id, id, now).await,
            Err(_) => Ok(()),
        };
    }
    let Some(message_id) = timer
        .subject
        .parse::<MessageId>()
        .ok()
        .filter(|_| timer.kind == MESSAGE_UNCLEAR)
    else {
        tracing::warn!(kind = %timer.kind, "a timer of a kind that this version does not know");
        return Ok(());
    };
    let message = messages::get(tx, timer.workspace_id, message_id).await?;
    if message.delivery != Some(Delivery::Unclear) {
        return Ok(());
    }
    let item = attention::Attention {
        id: close_attention::of_message(message_id),
        kind: MESSAGE_UNCLEAR.to_owned(),
        conversation_id: Some(message.conversation_id),
        message_id: Some(message_id),
        facts: BTreeMap::new(),
        created_at: now,
    };
    attention::raise(tx, timer.workspace_id, &item).await?;
    let subjects = Subjects {
        message_id: Some(message_id),
        conversation_id: Some(message.conversation_id),
        ..Subjects::default()
    };
    let event = NewEvent::new(EventKind::AttentionRaised, now, Actor::SYSTEM, subjects);
    tx.emit(timer.workspace_id, event.with("kind", MESSAGE_UNCLEAR));
    Ok(())
}
