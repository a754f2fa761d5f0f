//! What a person decides about a message that stands still: cancel one that waits, send one again, or say what became
//! of one that is unclear.

use std::sync::Arc;

use domain::access::Permission;
use domain::capability::Purpose;
use domain::id::MessageId;
use domain::message::{Delivery, Direction, Message, Receipts};
use jiff::Timestamp;
use store::keys::{Known, Once};
use store::outbox::OutboxState;
use store::{Tx, conversations, keys, messages, outbox};

use crate::caller::Caller;
use crate::chance::Ids;
use crate::error::{Told, told};
use crate::pacing::Pacer;
use crate::send_message::{Context, Queued, hold_thread, no, queue, template_of};
use crate::senders::conclude;
use crate::{App, Refusal, RefusalKind, Result, close_attention};

/// What a person saw in the other's phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Sent,
    NotSent,
}

/// Takes a message back that has not left.
///
/// # Errors
/// `already_left` when it has.
pub async fn cancel(app: &App, by: &Caller, id: MessageId) -> Result<()> {
    by.must(Permission::ConversationsWrite)?;
    let input = (by.clone(), id, app.clock.business_now());
    told(
        app.store
            .write(input, |tx, (by, id, now)| {
                Box::pin(cancel_in(tx, by, *id, *now))
            })
            .await,
    )
}

async fn cancel_in(
    tx: &mut Tx,
    by: &Caller,
    id: MessageId,
    now: Timestamp,
) -> store::Result<Told<()>> {
    hold_thread(tx, by.workspace_id, id).await?;
    let message = messages::get(tx, by.workspace_id, id).await?;
    let row = outbox::of_message(tx, by.workspace_id, id).await?;
    match row.filter(|row| row.state == OutboxState::Queued) {
        None => Ok(Err(Refusal::new(RefusalKind::Conflict, "already_left"))),
        Some(mut row) => {
            row.state = OutboxState::Cancelled;
            outbox::save(tx, by.workspace_id, &[&row]).await?;
            conclude(tx, by.workspace_id, message, now, |message| {
                message.delivery = Some(Delivery::Cancelled);
            })
            .await?;
            Ok(Ok(()))
        }
    }
}

/// Says what became of an unclear message. One that was not sent can be sent again afterwards.
///
/// # Errors
/// `not_unclear` when a report has settled it meanwhile.
pub async fn settle(app: &App, by: &Caller, id: MessageId, fate: Fate) -> Result<()> {
    by.must(Permission::ConversationsWrite)?;
    let input = (by.clone(), id, fate, app.clock.business_now());
    told(
        app.store
            .write(input, |tx, (by, id, fate, now)| {
                Box::pin(settle_in(tx, by, *id, *fate, *now))
            })
            .await,
    )
}

async fn settle_in(
    tx: &mut Tx,
    by: &Caller,
    id: MessageId,
    fate: Fate,
    now: Timestamp,
) -> store::Result<Told<()>> {
    hold_thread(tx, by.workspace_id, id).await?;
    let message = messages::get(tx, by.workspace_id, id).await?;
    if message.delivery != Some(Delivery::Unclear) {
        return Ok(Err(Refusal::new(RefusalKind::Conflict, "not_unclear")));
    }
    if let Some(mut row) = outbox::of_message(tx, by.workspace_id, id).await? {
        row.state = if fate == Fate::Sent {
            OutboxState::Done
        } else {
            OutboxState::Refused
        };
        outbox::save(tx, by.workspace_id, &[&row]).await?;
    }
    let asked = close_attention::of_message(id);
    close_attention::close(tx, by.workspace_id, asked, by.actor(), now).await?;
    conclude(tx, by.workspace_id, message, now, |message| {
        message.delivery = Some(if fate == Fate::Sent {
            Delivery::Accepted
        } else {
            Delivery::Refused
        });
    })
    .await?;
    Ok(Ok(()))
}

/// Sends a message again, as a new one, by a person's decision.
///
/// # Errors
/// `still_under_way` while the first may still arrive; else as sending.
pub async fn resend(
    app: &App,
    by: &Caller,
    id: MessageId,
    once: Option<Once>,
) -> Result<MessageId> {
    by.must(Permission::ConversationsWrite)?;
    let input = (
        by.clone(),
        id,
        once,
        app.clock.business_now(),
        Arc::clone(&app.ids),
        Pacer::new(app),
    );
    told(
        app.store
            .write(input, |tx, (by, id, once, now, ids, pacer)| {
                Box::pin(resend_in(tx, by, *id, once.as_ref(), *now, ids, pacer))
            })
            .await,
    )
}

async fn resend_in(
    tx: &mut Tx,
    by: &Caller,
    id: MessageId,
    once: Option<&Once>,
    now: Timestamp,
    ids: &Ids,
    pacer: &Pacer,
) -> store::Result<Told<MessageId>> {
    let workspace_id = by.workspace_id;
    if let Some(once) = once {
        match keys::claim(tx, workspace_id, once, now).await? {
            Known::New => {}
            Known::Done(made) => {
                return Ok(made
                    .parse()
                    .map_err(|_| Refusal::new(RefusalKind::Invalid, "idempotency_mismatch")));
            }
            Known::Mismatch => {
                return Ok(Err(Refusal::new(
                    RefusalKind::Invalid,
                    "idempotency_mismatch",
                )));
            }
        }
    }
    hold_thread(tx, workspace_id, id).await?;
    let first = messages::get(tx, workspace_id, id).await?;
    let ended = matches!(
        first.delivery,
        Some(Delivery::Failed | Delivery::Refused | Delivery::Cancelled | Delivery::Unclear)
    );
    if first.direction != Direction::Out || !ended {
        return Ok(Err(Refusal::new(RefusalKind::Conflict, "still_under_way")));
    }
    let thread = conversations::get(tx, workspace_id, first.conversation_id).await?;
    let context = Context::load(tx, workspace_id, thread, now, pacer).await?;
    let template = template_of(tx, workspace_id, &context.channel, &first.content).await?;
    let decision = context.decide(&first.content, template.as_ref(), Purpose::ByHand, None);
    if let Some(refusal) = no(decision, Purpose::ByHand) {
        return Ok(Err(refusal));
    }
    let message = Message {
        id: ids.next(now),
        conversation_id: context.thread.id,
        connection_id: context.channel.connection.as_ref().map(|known| known.id),
        author: by.author(),
        provider_id: None,
        at: now,
        resend_of: Some(first.id),
        send_at: None,
        delivery: Some(Delivery::Queued),
        receipts: Receipts::default(),
        failure: None,
        pricing: None,
        edited: None,
        revoked_at: None,
        reactions: vec![],
        ..first
    };
    let made = message.id;
    queue(tx, by, context, message, Queued::BY_HAND, now, ids).await?;
    if let Some(once) = once {
        keys::done(tx, workspace_id, once, &made.to_string()).await?;
    }
    Ok(Ok(made))
}
