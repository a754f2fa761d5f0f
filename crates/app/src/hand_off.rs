//! Write on WhatsApp: a text is opened in the agent's own app by click to chat. Kesher cannot see whether it was sent, so
//! the agent says so, with one key; what nobody has said is asked about later.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::access::Permission;
use domain::capability::Purpose;
use domain::click_to_chat;
use domain::content::Content;
use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::id::{ConversationId, HandoffId, MessageId, UserId, WorkspaceId};
use domain::inbound::Tracked;
use domain::message::{Delivery, Message};
use domain::sending::Decision;
use jiff::{SignedDuration, Timestamp};
use store::handoffs::{self, Handoff, HandoffState};
use store::timers::Timer;
use store::{Tx, attention, conversations, messages, timers};

use crate::caller::Caller;
use crate::chance::Ids;
use crate::error::{Told, told};
use crate::pacing::Pacer;
use crate::send_message::{Context, refused};
use crate::{App, Refusal, RefusalKind, Result, close_attention};

/// Whoever has not said within this time whether it was sent is asked.
const ASK_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// The timer's kind.
pub(crate) const HANDOFF_OPEN: &str = "handoff_open";
/// WhatsApp takes no longer text.
const TEXT_LIMIT: usize = 65_536;
/// Open ones that are shown.
const SHOWN: i64 = 100;

/// A handoff with the address that opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub handoff: Handoff,
    pub url: String,
}

/// Opens a text for a conversation. Any channel of the person will do: the agent's own app is always at hand.
///
/// # Errors
/// `no_address`, `text_empty`, `text_too_long`, or what forbids it altogether.
pub async fn open(app: &App, by: &Caller, id: ConversationId, text: &str) -> Result<Opened> {
    by.must(Permission::ConversationsWrite)?;
    let user_id = by
        .user_id()
        .ok_or_else(|| Refusal::new(RefusalKind::Forbidden, "wrong_actor"))?;
    let text = text.replace('\0', "\u{fffd}");
    if text.trim().is_empty() {
        return Err(Refusal::invalid("text_empty", "text").into());
    }
    let length = text.chars().count();
    if length > TEXT_LIMIT {
        return Err(Refusal::invalid("text_too_long", "text")
            .with("limit", TEXT_LIMIT)
            .with("got", length)
            .into());
    }
    let input = Input {
        by: by.clone(),
        user_id,
        id,
        text,
        now: app.clock.business_now(),
        ids: Arc::clone(&app.ids),
        pacer: Pacer::new(app),
    };
    told(
        app.store
            .write(input, |tx, input| Box::pin(open_in(tx, input)))
            .await,
    )
}

struct Input {
    by: Caller,
    user_id: UserId,
    id: ConversationId,
    text: String,
    now: Timestamp,
    ids: Arc<Ids>,
    pacer: Pacer,
}

async fn open_in(tx: &mut Tx, input: &Input) -> store::Result<Told<Opened>> {
    let workspace_id = input.by.workspace_id;
    let thread = conversations::get(tx, workspace_id, input.id).await?;
    let context = Context::load(tx, workspace_id, thread, input.now, &input.pacer).await?;
    let content = text_content(&input.text);
    // A person writes by hand from the app at every level; only what stops everything stops this.
    if let Decision::Refused(refusal) = context.decide(&content, None, Purpose::ByHand, None)
        && refusal.reason.code == domain::sending::ReasonCode::InstallationHeld
    {
        return Ok(Err(refused(refusal)));
    }
    let Some(phone) = context.contact.phone.clone() else {
        return Ok(Err(Refusal::new(RefusalKind::Conflict, "no_address")));
    };
    let url = click_to_chat::url(&phone, &input.text);
    if url.len() > click_to_chat::URL_LIMIT {
        let refusal = Refusal::invalid("text_too_long_for_link", "text");
        return Ok(Err(refusal.with("limit", click_to_chat::URL_LIMIT)));
    }
    let handoff = Handoff {
        id: input.ids.next(input.now),
        conversation_id: context.thread.id,
        user_id: input.user_id,
        text: input.text.clone(),
        state: HandoffState::Open,
        message_id: None,
        opened_at: input.now,
        settled_at: None,
    };
    handoffs::save(tx, workspace_id, &handoff).await?;
    let timer = Timer {
        workspace_id,
        id: input.ids.next(input.now),
        kind: HANDOFF_OPEN.to_owned(),
        subject: handoff.id.to_string(),
        due_at: input.now + ASK_AFTER,
    };
    timers::insert(tx, &timer).await?;
    Ok(Ok(Opened { handoff, url }))
}

fn text_content(text: &str) -> Content {
    Content::Text {
        text: text.to_owned(),
        preview_url: false,
    }
}

/// What the caller opened and has not settled.
///
/// # Errors
/// As the database says.
pub async fn open_ones(app: &App, by: &Caller) -> Result<Vec<Opened>> {
    by.must(Permission::ConversationsWrite)?;
    let Some(user_id) = by.user_id() else {
        return Ok(vec![]);
    };
    let input = (by.workspace_id, user_id);
    let all = app.store.read(input, |tx, (workspace_id, user_id)| {
        Box::pin(async move {
            let mut all = Vec::new();
            for handoff in handoffs::open_of(tx, *workspace_id, *user_id, SHOWN).await? {
                let thread = conversations::get(tx, *workspace_id, handoff.conversation_id).await?;
                let contact = store::contacts::get(tx, *workspace_id, thread.contact_id).await?;
                let phone = contact.phone.unwrap_or_default();
                let url = click_to_chat::url(&phone, &handoff.text);
                all.push(Opened { handoff, url });
            }
            Ok(all)
        })
    });
    Ok(all.await?)
}

/// The agent says that it was sent: it becomes a message of the timeline. Said twice, it is one message.
///
/// # Errors
/// `not_found`; `already_settled` when it was dropped.
pub async fn confirm(app: &App, by: &Caller, id: HandoffId) -> Result<MessageId> {
    by.must(Permission::ConversationsWrite)?;
    let input = (
        by.clone(),
        id,
        app.clock.business_now(),
        Arc::clone(&app.ids),
    );
    told(
        app.store
            .write(input, |tx, (by, id, now, ids)| {
                Box::pin(confirm_in(tx, by, *id, *now, ids))
            })
            .await,
    )
}

async fn confirm_in(
    tx: &mut Tx,
    by: &Caller,
    id: HandoffId,
    now: Timestamp,
    ids: &Ids,
) -> store::Result<Told<MessageId>> {
    let workspace_id = by.workspace_id;
    let mut handoff = handoffs::get(tx, workspace_id, id).await?;
    if let (HandoffState::Sent, Some(message_id)) = (handoff.state, handoff.message_id) {
        return Ok(Ok(message_id));
    }
    if handoff.state != HandoffState::Open {
        return Ok(Err(Refusal::new(RefusalKind::Conflict, "already_settled")));
    }
    let thread = conversations::get(tx, workspace_id, handoff.conversation_id).await?;
    let message = Message {
        delivery: Some(Delivery::Sent),
        ..Message::queued(
            ids.next(now),
            thread.id,
            by.author(),
            text_content(&handoff.text),
            // The person sent it when it was opened, as near as anyone knows.
            handoff.opened_at,
        )
    };
    messages::save(tx, workspace_id, &[&message]).await?;
    messages::make_searchable(tx, workspace_id, &[&message]).await?;
    let mut thread = Tracked::loaded(thread);
    thread.now.receive(&message, false);
    if thread.has_changed() {
        conversations::save(tx, workspace_id, &[&thread]).await?;
    }
    handoff.state = HandoffState::Sent;
    handoff.message_id = Some(message.id);
    handoff.settled_at = Some(now);
    handoffs::save(tx, workspace_id, &handoff).await?;
    let asked = close_attention::of_handoff(id);
    close_attention::close(tx, workspace_id, asked, by.actor(), now).await?;
    let subjects = Subjects {
        message_id: Some(message.id),
        conversation_id: Some(message.conversation_id),
        contact_id: Some(thread.now.contact_id),
        channel_id: Some(thread.now.channel_id),
        ..Subjects::default()
    };
    let event = NewEvent::new(EventKind::MessageQueued, now, by.actor(), subjects);
    tx.emit(
        workspace_id,
        event.with("kind", "text").with("by", "own_app"),
    );
    Ok(Ok(message.id))
}

/// The agent says that it was not sent.
///
/// # Errors
/// `not_found`; `already_settled` when it was said to be sent.
pub async fn drop(app: &App, by: &Caller, id: HandoffId) -> Result<()> {
    by.must(Permission::ConversationsWrite)?;
    let input = (by.clone(), id, app.clock.business_now());
    let dropped = app.store.write(input, |tx, (by, id, now)| {
        Box::pin(async move {
            let workspace_id = by.workspace_id;
            let mut handoff = handoffs::get(tx, workspace_id, *id).await?;
            match handoff.state {
                HandoffState::Sent => {
                    let refusal = Refusal::new(RefusalKind::Conflict, "already_settled");
                    return Ok(Err(refusal));
                }
                HandoffState::Dropped => return Ok(Ok(())),
                HandoffState::Open => {}
            }
            handoff.state = HandoffState::Dropped;
            handoff.settled_at = Some(*now);
            handoffs::save(tx, workspace_id, &handoff).await?;
            let asked = close_attention::of_handoff(*id);
            close_attention::close(tx, workspace_id, asked, by.actor(), *now).await?;
            Ok(Ok(()))
        })
    });
    told(dropped.await)
}

/// Nobody has said whether it was sent: it goes on the list of what needs a look.
pub(crate) async fn ask(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: HandoffId,
    now: Timestamp,
) -> store::Result<()> {
    let handoff = handoffs::get(tx, workspace_id, id).await?;
    if handoff.state != HandoffState::Open {
        return Ok(());
    }
    let item = attention::Attention {
        id: close_attention::of_handoff(id),
        kind: HANDOFF_OPEN.to_owned(),
        conversation_id: Some(handoff.conversation_id),
        message_id: None,
        facts: BTreeMap::from([("handoff_id".to_owned(), id.to_string())]),
        created_at: now,
    };
    attention::raise(tx, workspace_id, &item).await?;
    let subjects = Subjects {
        conversation_id: Some(handoff.conversation_id),
        ..Subjects::default()
    };
    let event = NewEvent::new(EventKind::AttentionRaised, now, Actor::SYSTEM, subjects);
    tx.emit(workspace_id, event.with("kind", HANDOFF_OPEN));
    Ok(())
}
