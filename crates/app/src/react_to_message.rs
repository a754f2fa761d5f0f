//! Puts an emoji on a message, or takes ours back.

use std::sync::Arc;

use domain::access::Permission;
use domain::capability::Purpose;
use domain::content::Content;
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::MessageId;
use domain::message::{Fact, FactKind, Reactor};
use jiff::Timestamp;
use store::outbox::{Class, OutboxKind, OutboxRow, OutboxState};
use store::{Tx, conversations, messages, outbox};

use crate::caller::Caller;
use crate::chance::Ids;
use crate::error::{Told, told};
use crate::pacing::Pacer;
use crate::send_message::{Context, hold_thread, no};
use crate::senders::call::Saying;
use crate::{App, Refusal, RefusalKind, Result};

/// A message can be reacted to for this long (Meta, messages page).
const REACTABLE: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// Reacts; `None` takes the reaction back. The screen shows it at once.
///
/// # Errors
/// When the message is unknown to the provider or too old, or nothing may be sent now.
pub async fn react(app: &App, by: &Caller, id: MessageId, emoji: Option<String>) -> Result<()> {
    by.must(Permission::ConversationsWrite)?;
    if emoji
        .as_ref()
        .is_some_and(|emoji| emoji.is_empty() || emoji.chars().count() > 16 || emoji.is_ascii())
    {
        return Err(Refusal::invalid("emoji_invalid", "emoji").into());
    }
    let input = (
        by.clone(),
        id,
        emoji,
        app.clock.business_now(),
        Arc::clone(&app.ids),
        Pacer::new(app),
    );
    told(
        app.store
            .write(input, |tx, (by, id, emoji, now, ids, pacer)| {
                Box::pin(react_in(tx, by, *id, emoji.clone(), *now, ids, pacer))
            })
            .await,
    )
}

async fn react_in(
    tx: &mut Tx,
    by: &Caller,
    id: MessageId,
    emoji: Option<String>,
    now: Timestamp,
    ids: &Ids,
    pacer: &Pacer,
) -> store::Result<Told<()>> {
    let workspace_id = by.workspace_id;
    hold_thread(tx, workspace_id, id).await?;
    let mut message = messages::get(tx, workspace_id, id).await?;
    let (Some(connection_id), Some(target)) = (message.connection_id, message.provider_id.clone())
    else {
        return Ok(Err(Refusal::new(
            RefusalKind::Conflict,
            "message_not_at_provider",
        )));
    };
    if now.duration_since(message.at) > REACTABLE {
        return Ok(Err(Refusal::new(RefusalKind::Conflict, "message_too_old")));
    }
    let thread = conversations::get(tx, workspace_id, message.conversation_id).await?;
    let context = Context::load(tx, workspace_id, thread, now, pacer).await?;
    // A reaction is a free message: it needs an open window.
    let free = Content::Text {
        text: String::new(),
        preview_url: false,
    };
    let decision = context.decide(&free, None, Purpose::ByHand, None);
    if let Some(refusal) = no(decision, Purpose::ByHand) {
        return Ok(Err(refusal));
    }
    if !pacer.can(&context.channel).is_some_and(|can| can.reactions) {
        return Ok(Err(Refusal::new(
            RefusalKind::Conflict,
            "content_forbidden",
        )));
    }
    let outbox_id: domain::id::OutboxId = ids.next(now);
    let key = (connection_id, target.clone());
    let what = FactKind::Reaction {
        provider_id: outbox_id.to_string(),
        by: Reactor::Business,
        emoji: emoji.clone(),
    };
    let fact = Fact { at: now, what };
    messages::save_facts(tx, workspace_id, &[(&key, &fact)]).await?;
    let facts = messages::facts(tx, workspace_id, connection_id, vec![target.clone()]).await?;
    let facts: Vec<Fact> = facts.into_iter().map(|(_, fact)| fact).collect();
    message.project(&facts);
    messages::save(tx, workspace_id, &[&message]).await?;
    let payload = serde_json::to_string(&Saying::Reaction { target, emoji });
    let row = OutboxRow {
        id: outbox_id,
        channel_id: context.channel.id,
        conversation_id: message.conversation_id,
        message_id: None,
        kind: OutboxKind::Reaction,
        class: Class::Answer,
        state: OutboxState::Queued,
        due_at: now,
        purpose: Purpose::ByHand,
        campaign_id: None,
        wait_reason: None,
        payload: payload.ok(),
        tries: 0,
        epoch: None,
        marked_at: None,
        created_at: now,
    };
    outbox::save(tx, workspace_id, &[&row]).await?;
    let subjects = Subjects {
        message_id: Some(message.id),
        conversation_id: Some(message.conversation_id),
        contact_id: Some(context.contact.id),
        channel_id: Some(context.channel.id),
        ..Subjects::default()
    };
    tx.emit(
        workspace_id,
        NewEvent::new(EventKind::MessageChanged, now, by.actor(), subjects)
            .with("what", "reaction"),
    );
    Ok(Ok(()))
}
