//! Recording what came of a call. It is tried until it stands, or until another process is active.

use std::sync::Arc;
use std::time::Duration;

use domain::channel::{HealthState, LinkState};
use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::failure::{Failure, FailureScope, scope};
use domain::id::{ChannelId, ConnectionId, WorkspaceId};
use domain::inbound::{IdentityRow, Tracked};
use domain::message::Delivery;
use domain::people::{Identity, IdentityKind};
use domain::risk::Week;
use jiff::{SignedDuration, Timestamp};
use store::lease::Epoch;
use store::outbox::{OutboxKind, OutboxRow, OutboxState};
use store::{Tx, channels, contacts, conversations, messages, outbox, pace, timers};
use whatsapp::provider::SendOutcome;

use super::call::Call;
use super::mark::conclude;
use crate::App;
use crate::directory::Line;
use crate::timers::MESSAGE_UNCLEAR;

/// How often something that was surely not accepted is tried, before a person is told.
const TRIES: i64 = 8;
/// A person is asked about an unclear message after this time.
const ASK_AFTER: SignedDuration = SignedDuration::from_mins(15);

struct Answer {
    workspace_id: WorkspaceId,
    row: OutboxRow,
    connection_id: Option<ConnectionId>,
    portfolio_scope: Option<String>,
    is_gateway: bool,
    /// Of the channel that was called: a person changes it with each new token.
    channel_version: i64,
    outcome: SendOutcome,
    now: Timestamp,
    ids: Arc<crate::chance::Ids>,
}

pub(super) async fn outcome(
    app: &App,
    epoch: Epoch,
    call: Call,
    outcome: SendOutcome,
    line: &Line,
) -> Option<Duration> {
    metrics::counter!("kesher_sends", "outcome" => name(&outcome)).increment(1);
    let connection = line.channel.connection.as_ref();
    let pause = pause(&outcome);
    let mut wait = Duration::from_millis(50);
    loop {
        let answer = Answer {
            workspace_id: call.workspace_id,
            row: call.row.clone(),
            connection_id: connection.map(|known| known.id),
            portfolio_scope: connection.map(|known| {
                known
                    .portfolio_id
                    .clone()
                    .unwrap_or_else(|| known.account_id.bare())
            }),
            is_gateway: line.channel.link.is_gateway(),
            channel_version: line.channel.version,
            outcome: outcome.clone(),
            now: app.clock.business_now(),
            ids: Arc::clone(&app.ids),
        };
        match app
            .store
            .write_as(epoch, answer, |tx, answer| Box::pin(record(tx, answer)))
            .await
        {
            Ok(()) => return pause,
            Err(store::Error::Fenced) => return pause,
            Err(error) => {
                tracing::warn!(%error, outbox_id = %call.row.id, "an answer could not be recorded; will try again");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(5));
            }
        }
    }
}

const fn name(outcome: &SendOutcome) -> &'static str {
    match outcome {
        SendOutcome::Accepted { .. } => "accepted",
        SendOutcome::RetryAfter { .. } => "retry_after",
        SendOutcome::Refused(_) => "refused",
        SendOutcome::Credentials(_) => "credentials",
        SendOutcome::Restricted(_) => "restricted",
        SendOutcome::NotAccepted(_) => "not_accepted",
        SendOutcome::Unclear { .. } => "unclear",
    }
}

/// How long the whole channel waits: when the limit is not one person's or one message's.
fn pause(outcome: &SendOutcome) -> Option<Duration> {
    match outcome {
        SendOutcome::RetryAfter { after, failure } => match scope(failure.reason) {
            FailureScope::Message | FailureScope::Pair | FailureScope::Template => None,
            FailureScope::Number
            | FailureScope::Account
            | FailureScope::App
            | FailureScope::Token => Some(*after),
        },
        SendOutcome::NotAccepted(_) => Some(Duration::from_millis(500)),
        // A second try at once would be the next strike.
        SendOutcome::Restricted(_) => Some(Duration::from_secs(60)),
        _ => None,
    }
}

async fn record(tx: &mut Tx, answer: &Answer) -> store::Result<()> {
    if let (SendOutcome::Accepted { .. }, Some(connection_id)) =
        (&answer.outcome, answer.connection_id)
    {
        channels::hold_connection(tx, answer.workspace_id, connection_id, false).await?;
    }
    conversations::get(tx, answer.workspace_id, answer.row.conversation_id).await?;
    let rows = outbox::list_by_id(tx, answer.workspace_id, &[answer.row.id]).await?;
    // A status may have settled it already, or a person decided; an answer recorded twice changes nothing.
    let Some(mut row) = rows.into_iter().next() else {
        return Ok(());
    };
    match &answer.outcome {
        SendOutcome::Accepted {
            provider_id,
            wa_id: _,
            user_id,
            ..
        } => {
            row.state = OutboxState::Done;
            outbox::save(tx, answer.workspace_id, &[&row]).await?;
            accepted(tx, answer, provider_id, user_id.as_deref()).await
        }
        _ if row.state != OutboxState::Sending => Ok(()),
        SendOutcome::RetryAfter { after, failure } => {
            let after = SignedDuration::try_from(*after).unwrap_or(SignedDuration::from_mins(1));
            back_to_queue(tx, answer, row, after, Some(failure)).await
        }
        SendOutcome::NotAccepted(failure) if row.tries < TRIES => {
            let after = SignedDuration::from_secs(1 << row.tries.clamp(0, 6));
            back_to_queue(tx, answer, row, after, Some(failure)).await
        }
        SendOutcome::Credentials(failure) => {
            disconnect(tx, answer, failure).await?;
            let after = SignedDuration::from_secs(15);
            back_to_queue(tx, answer, row, after, Some(failure)).await
        }
        SendOutcome::Restricted(failure) if answer.is_gateway => {
            let until = hold_number(tx, answer, failure).await?;
            let after = until.duration_since(answer.now);
            back_to_queue(tx, answer, row, after, Some(failure)).await
        }
        SendOutcome::Refused(failure)
        | SendOutcome::Restricted(failure)
        | SendOutcome::NotAccepted(failure) => {
            row.state = OutboxState::Refused;
            outbox::save(tx, answer.workspace_id, &[&row]).await?;
            if answer.is_gateway {
                let more = Week {
                    failed: 1,
                    ..Week::default()
                };
                let channel_id = row.channel_id;
                pace::add_to_day(tx, answer.workspace_id, channel_id, answer.now, &more).await?;
            }
            change_message(tx, answer, Delivery::Refused, Some(failure.clone())).await
        }
        SendOutcome::Unclear { .. } => {
            unclear(tx, answer.workspace_id, row, answer.now, &answer.ids).await
        }
    }
}

async fn accepted(
    tx: &mut Tx,
    answer: &Answer,
    provider_id: &str,
    user_id: Option<&str>,
) -> store::Result<()> {
    let Some(message_id) = answer.row.message_id else {
        return Ok(());
    };
    let message = messages::get(tx, answer.workspace_id, message_id).await?;
    let conversation_id = message.conversation_id;
    let facts = match answer.connection_id {
        Some(connection_id) => {
            messages::facts(
                tx,
                answer.workspace_id,
                connection_id,
                vec![provider_id.to_owned()],
            )
            .await?
        }
        None => vec![],
    };
    let facts: Vec<_> = facts.into_iter().map(|(_, fact)| fact).collect();
    conclude(tx, answer.workspace_id, message, answer.now, |message| {
        message.connection_id = answer.connection_id;
        message
            .provider_id
            .get_or_insert_with(|| provider_id.to_owned());
        message.receipts.accepted_at.get_or_insert(answer.now);
        let known = message.delivery.filter(|known| known.has_left());
        message.delivery =
            Some(known.map_or(Delivery::Accepted, |known| known.merge(Delivery::Accepted)));
        message.failure = None;
        message.project(&facts);
    })
    .await?;
    if let Some(user_id) = user_id {
        learn_bsuid(tx, answer, conversation_id, user_id).await?;
    }
    Ok(())
}

/// The answer names the person's id within the portfolio: from now on they are found by it too.
async fn learn_bsuid(
    tx: &mut Tx,
    answer: &Answer,
    conversation_id: domain::id::ConversationId,
    user_id: &str,
) -> store::Result<()> {
    let Some(scope) = answer.portfolio_scope.clone() else {
        return Ok(());
    };
    let identity = Identity {
        kind: IdentityKind::Bsuid,
        scope,
        value: user_id.to_owned(),
    };
    if !contacts::owners(tx, answer.workspace_id, std::slice::from_ref(&identity))
        .await?
        .is_empty()
    {
        return Ok(());
    }
    let thread = conversations::get(tx, answer.workspace_id, conversation_id).await?;
    let row = Tracked::new(IdentityRow {
        contact_id: thread.contact_id,
        retired_at: None,
    });
    contacts::save_identities(tx, answer.workspace_id, &[(&identity, &row)]).await
}

async fn back_to_queue(
    tx: &mut Tx,
    answer: &Answer,
    mut row: OutboxRow,
    after: SignedDuration,
    failure: Option<&Failure>,
) -> store::Result<()> {
    row.state = OutboxState::Queued;
    row.due_at = answer.now + after;
    // It was surely not accepted, so it does not count as sent.
    row.marked_at = None;
    row.epoch = None;
    outbox::save(tx, answer.workspace_id, &[&row]).await?;
    row.wait_reason = None;
    let until = row.due_at;
    outbox::postpone_conversation(tx, answer.workspace_id, row.conversation_id, until, None)
        .await?;
    if answer.is_gateway && row.kind == OutboxKind::Message {
        pace::uncount_send(tx, answer.workspace_id, row.channel_id).await?;
    }
    // Why it waits stands beside it, in the provider's words.
    change_message(tx, answer, Delivery::Queued, failure.cloned()).await
}

async fn change_message(
    tx: &mut Tx,
    answer: &Answer,
    delivery: Delivery,
    failure: Option<Failure>,
) -> store::Result<()> {
    let Some(message_id) = answer.row.message_id else {
        return Ok(());
    };
    let message = messages::get(tx, answer.workspace_id, message_id).await?;
    if message.delivery.is_some_and(Delivery::has_left) {
        return Ok(());
    }
    conclude(tx, answer.workspace_id, message, answer.now, |message| {
        message.delivery = Some(delivery);
        message.failure = failure;
    })
    .await
}

/// WhatsApp keeps the number from new people: nothing is tried again before the job that reads the number's state has
/// learnt until when, and not sooner than this.
const HELD_BACK: SignedDuration = SignedDuration::from_hours(24);

async fn hold_number(tx: &mut Tx, answer: &Answer, failure: &Failure) -> store::Result<Timestamp> {
    let channel = channels::get(tx, answer.workspace_id, answer.row.channel_id).await?;
    let mut health = channel.health;
    let until = health
        .restricted_until
        .unwrap_or(answer.now)
        .max(answer.now + HELD_BACK);
    health.state = HealthState::Warning;
    health.link = LinkState::Restricted;
    health.restricted_until = Some(until);
    health.reason = Some(failure.reason);
    channels::update_health(tx, answer.workspace_id, channel.id, &health).await?;
    let more = Week {
        restricted: 1,
        ..Week::default()
    };
    pace::add_to_day(tx, answer.workspace_id, channel.id, answer.now, &more).await?;
    told_of_health(tx, answer, channel.id, "restricted", failure);
    Ok(until)
}

fn told_of_health(
    tx: &mut Tx,
    answer: &Answer,
    channel_id: ChannelId,
    health: &str,
    failure: &Failure,
) {
    let subjects = Subjects {
        channel_id: Some(channel_id),
        ..Subjects::default()
    };
    let event = NewEvent::new(
        EventKind::ChannelChanged,
        answer.now,
        Actor::SYSTEM,
        subjects,
    );
    tx.emit(
        answer.workspace_id,
        event
            .with("health", health)
            .with("reason", failure.reason.as_str()),
    );
}

/// Only the provider's explicit no to our token disconnects a number.
async fn disconnect(tx: &mut Tx, answer: &Answer, failure: &Failure) -> store::Result<()> {
    let channel = channels::get(tx, answer.workspace_id, answer.row.channel_id).await?;
    // Said of a token that was replaced while the call was under way, it is no news.
    let is_old = channel.version != answer.channel_version;
    if is_old || channel.health.state == HealthState::Disconnected {
        return Ok(());
    }
    let mut health = channel.health;
    health.state = HealthState::Disconnected;
    health.reason = Some(failure.reason);
    health.checked_at = Some(answer.now);
    channels::update_health(tx, answer.workspace_id, channel.id, &health).await?;
    told_of_health(tx, answer, channel.id, "disconnected", failure);
    Ok(())
}

/// Nobody knows whether it was accepted: it is not sent again, a status may still tell, and else a person is asked.
pub(super) async fn unclear(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    mut row: OutboxRow,
    now: Timestamp,
    ids: &crate::chance::Ids,
) -> store::Result<()> {
    let message = match row.message_id {
        Some(id) => Some(messages::get(tx, workspace_id, id).await?),
        None => None,
    };
    // A read mark or a reaction that may not have gone is not worth a question.
    row.state = if message.is_some() {
        OutboxState::Unclear
    } else {
        OutboxState::Done
    };
    outbox::save(tx, workspace_id, &[&row]).await?;
    let Some(message) = message.filter(|message| !message.delivery.is_some_and(Delivery::has_left))
    else {
        return Ok(());
    };
    let message_id = message.id;
    conclude(tx, workspace_id, message, now, |message| {
        message.delivery = Some(Delivery::Unclear);
    })
    .await?;
    let timer = timers::Timer {
        workspace_id,
        id: ids.next(now),
        kind: MESSAGE_UNCLEAR.to_owned(),
        subject: message_id.to_string(),
        due_at: now + ASK_AFTER,
    };
    timers::insert(tx, &timer).await
}
