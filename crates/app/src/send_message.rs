//! A person, a program or a rule sends a message: it is checked, decided as a preview, and put into the outbox in the
//! same transaction. Whether it really goes is decided once more when it is marked.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::access::Permission;
use domain::capability::Purpose;
use domain::channel::Channel;
use domain::content::{Content, TemplateContent};
use domain::conversation::{Conversation, ConversationState};
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::{CampaignId, ConversationId, MediaId, MessageId, TemplateId, WorkspaceId};
use domain::inbound::Tracked;
use domain::message::{Delivery, Direction, Message};
use domain::people::Contact;
use domain::rhythm;
use domain::sending::{self, Decision, PAIR_BURST, Sending};
use domain::template::Template;
use jiff::{SignedDuration, Timestamp};
use store::keys::{Known, Once};
use store::outbox::{Class, OutboxKind, OutboxRow, OutboxState};
use store::{
    Tx, channels, contacts, conversations, installation, keys, messages, outbox, templates,
};

use crate::caller::Caller;
use crate::chance::Ids;
use crate::error::{Told, told};
use crate::message_content::content_of;
use crate::pacing::{self, Pacer};
use crate::{App, Refusal, RefusalKind, Result};

/// A message may wait for a chosen time at most this long.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 365);

/// What is asked.
#[derive(Debug, Clone)]
pub struct SendMessage {
    pub conversation_id: ConversationId,
    pub say: Say,
    pub reply_to: Option<MessageId>,
    /// Business time.
    pub send_at: Option<Timestamp>,
    /// Why it is sent: a program says so when no person wrote it.
    pub purpose: Purpose,
    pub once: Option<Once>,
}

/// What is to be said.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one is made for a request")]
pub enum Say {
    Content(Content),
    Template {
        template_id: TemplateId,
        variables: BTreeMap<String, String>,
        header_media_id: Option<MediaId>,
    },
    /// For the team's eyes.
    Note(String),
}

/// Sends; answers the id of the message, which is queued (or, for a note, there).
///
/// # Errors
/// A refusal that names the field or the rule; then nothing was written.
pub async fn send(app: &App, by: &Caller, request: SendMessage) -> Result<MessageId> {
    by.must(Permission::ConversationsWrite)?;
    let now = app.clock.business_now();
    if let Some(refusal) = send_at_refusal(&request, now) {
        return Err(refusal.into());
    }
    let input = (
        by.clone(),
        request,
        now,
        Arc::clone(&app.ids),
        Pacer::new(app),
    );
    told(
        app.store
            .write(input, |tx, (by, request, now, ids, pacer)| {
                Box::pin(send_in(tx, by, request, *now, ids, pacer))
            })
            .await,
    )
}

fn send_at_refusal(request: &SendMessage, now: Timestamp) -> Option<Refusal> {
    let at = request.send_at?;
    if at < now - SignedDuration::from_mins(1) {
        return Some(Refusal::invalid("time_is_past", "send_at"));
    }
    (at > now + AHEAD).then(|| Refusal::invalid("time_too_far", "send_at"))
}

async fn send_in(
    tx: &mut Tx,
    by: &Caller,
    request: &SendMessage,
    now: Timestamp,
    ids: &Ids,
    pacer: &Pacer,
) -> store::Result<Told<MessageId>> {
    let workspace_id = by.workspace_id;
    if let Some(once) = &request.once {
        match keys::claim(tx, workspace_id, once, now).await? {
            Known::New => {}
            Known::Done(id) => return Ok(id.parse().map_err(|_| mismatch())),
            Known::Mismatch => return Ok(Err(mismatch())),
        }
    }
    let thread = conversations::get(tx, workspace_id, request.conversation_id).await?;
    let context = Context::load(tx, workspace_id, thread, now, pacer).await?;
    let content = match content_of(tx, &context, &request.say).await? {
        Ok(content) => content,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let quoted = match request.reply_to {
        Some(id) => Some(messages::get(tx, workspace_id, id).await?),
        None => None,
    };
    let is_note = matches!(request.say, Say::Note(_));
    if !is_note {
        let template = template_of(tx, workspace_id, &context.channel, &content).await?;
        let decision = context.decide(
            &content,
            template.as_ref(),
            request.purpose,
            request.send_at,
        );
        if let Some(refusal) = no(decision, request.purpose) {
            return Ok(Err(refusal));
        }
    }
    let message = Message {
        connection_id: context.channel.connection.as_ref().map(|known| known.id),
        direction: if is_note {
            Direction::Note
        } else {
            Direction::Out
        },
        reply_to: quoted.and_then(|quoted| quoted.provider_id),
        send_at: request.send_at,
        delivery: (!is_note).then_some(Delivery::Queued),
        ..Message::queued(
            ids.next(now),
            context.thread.id,
            by.author(),
            content,
            request.send_at.unwrap_or(now).max(now),
        )
    };
    let id = message.id;
    let queued = Queued {
        purpose: request.purpose,
        campaign_id: None,
    };
    queue(tx, by, context, message, queued, now, ids).await?;
    if let Some(once) = &request.once {
        keys::done(tx, workspace_id, once, &id.to_string()).await?;
    }
    Ok(Ok(id))
}

fn mismatch() -> Refusal {
    Refusal::new(RefusalKind::Invalid, "idempotency_mismatch")
}

/// What a decision says no with, if it does.
pub(crate) fn no(decision: Decision, purpose: Purpose) -> Option<Refusal> {
    match decision {
        Decision::Now | Decision::Later { .. } => None,
        Decision::OpensApp => Some(refused(sending::in_own_app(purpose, false))),
        Decision::BecomesTask => Some(refused(sending::in_own_app(purpose, true))),
        Decision::Refused(refusal) => Some(refused(refusal)),
    }
}

/// Why a message stands in the outbox.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Queued {
    pub(crate) purpose: Purpose,
    pub(crate) campaign_id: Option<CampaignId>,
}

impl Queued {
    pub(crate) const BY_HAND: Self = Self {
        purpose: Purpose::ByHand,
        campaign_id: None,
    };

    const fn class(self) -> Class {
        match self.purpose {
            Purpose::ByHand | Purpose::InstantReply | Purpose::Bot => Class::Answer,
            Purpose::Triggered | Purpose::MultiStep => Class::Triggered,
            Purpose::Mailing => Class::Campaign,
        }
    }
}

/// Writes a message with its outbox row, the thread's last line and the event.
pub(crate) async fn queue(
    tx: &mut Tx,
    by: &Caller,
    context: Context,
    message: Message,
    queued: Queued,
    now: Timestamp,
    ids: &Ids,
) -> store::Result<()> {
    let workspace_id = by.workspace_id;
    messages::save(tx, workspace_id, &[&message]).await?;
    messages::make_searchable(tx, workspace_id, &[&message]).await?;
    let waits = message.send_at.is_some_and(|at| at > now);
    let mut thread = Tracked::loaded(context.thread);
    // A mailing moves no thread: a thousand of them would bury whoever waits for an answer. An answer brings it up.
    if !waits && queued.purpose != Purpose::Mailing {
        thread.now.receive(&message, false);
        if message.direction == Direction::Out {
            thread.now.state = ConversationState::Open;
        }
    }
    if thread.has_changed() {
        conversations::save(tx, workspace_id, &[&thread]).await?;
    }
    if message.direction == Direction::Out {
        let retried_at = outbox::waits_until(tx, workspace_id, message.conversation_id).await?;
        let row = OutboxRow {
            id: ids.next(now),
            channel_id: context.channel.id,
            conversation_id: message.conversation_id,
            message_id: Some(message.id),
            kind: OutboxKind::Message,
            class: queued.class(),
            state: OutboxState::Queued,
            due_at: message.send_at.or(retried_at).unwrap_or(now).max(now),
            purpose: queued.purpose,
            campaign_id: queued.campaign_id,
            wait_reason: None,
            payload: None,
            tries: 0,
            epoch: None,
            marked_at: None,
            created_at: now,
        };
        outbox::save(tx, workspace_id, &[&row]).await?;
    }
    let kind = if message.direction == Direction::Note {
        EventKind::MessageNoted
    } else {
        EventKind::MessageQueued
    };
    let subjects = Subjects {
        message_id: Some(message.id),
        conversation_id: Some(message.conversation_id),
        contact_id: Some(context.contact.id),
        channel_id: Some(context.channel.id),
        ..Subjects::default()
    };
    tx.emit(
        workspace_id,
        NewEvent::new(kind, now, by.actor(), subjects).with("kind", message.content.kind()),
    );
    Ok(())
}

/// All that the decision about a conversation needs.
pub(crate) struct Context {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) thread: Conversation,
    pub(crate) channel: Channel,
    pub(crate) contact: Contact,
    recent: Vec<Timestamp>,
    rhythm: Option<rhythm::Facts>,
    held: bool,
    now: Timestamp,
}

impl Context {
    pub(crate) async fn load(
        tx: &mut Tx,
        workspace_id: WorkspaceId,
        thread: Conversation,
        now: Timestamp,
        pacer: &Pacer,
    ) -> store::Result<Self> {
        let channel = channels::get(tx, workspace_id, thread.channel_id).await?;
        let contact = contacts::get(tx, workspace_id, thread.contact_id).await?;
        let limit = i64::try_from(PAIR_BURST).unwrap_or(i64::MAX);
        let recent = outbox::recent_sends(tx, workspace_id, thread.id, limit).await?;
        let held = installation::get(tx).await?.held;
        let pacing = pacer.pacing(&channel);
        let rhythm = pacing::facts(tx, workspace_id, &channel, &pacing, now).await?;
        Ok(Self {
            workspace_id,
            thread,
            channel,
            contact,
            recent,
            rhythm: rhythm.map(|(facts, _)| facts),
            held,
            now,
        })
    }

    pub(crate) fn decide(
        &self,
        content: &Content,
        template: Option<&Template>,
        purpose: Purpose,
        send_at: Option<Timestamp>,
    ) -> Decision {
        sending::decide(&self.sending(content, template, purpose, send_at))
    }

    pub(crate) fn sending<'a>(
        &'a self,
        content: &'a Content,
        template: Option<&'a Template>,
        purpose: Purpose,
        send_at: Option<Timestamp>,
    ) -> Sending<'a> {
        Sending {
            channel: &self.channel,
            contact: &self.contact,
            window_expires_at: self.channel.window_expires_at(self.thread.last_inbound_at),
            content,
            template,
            purpose,
            send_at,
            rhythm: self.rhythm.as_ref(),
            is_known: self.thread.last_inbound_at.is_some() || !self.recent.is_empty(),
            recent_sends: &self.recent,
            held: self.held,
            now: self.now,
        }
    }
}

/// A no of the sending rule, as the caller is told it.
pub(crate) fn refused(refusal: sending::Refusal) -> Refusal {
    use domain::sending::ReasonCode as Code;
    let code = match refusal.reason.code {
        Code::WindowClosed | Code::WindowNeverOpened => "window_closed",
        Code::TemplateUnknown | Code::TemplateNotSendable => "template_not_sendable",
        Code::MarketingOptedOut => "opted_out",
        Code::NoAddress => "no_address",
        Code::ChannelDisconnected | Code::ChannelMissing => "channel_disconnected",
        Code::InstallationHeld => "installation_held",
        Code::LevelForbids => "level_forbids",
        Code::OpensApp | Code::BecomesTask => "opens_app",
        Code::ContentForbidden => "content_forbidden",
        Code::NumberUnlinked => "number_unlinked",
        Code::NumberBanned => "number_banned",
        _ => "not_allowed",
    };
    let mut told = Refusal::new(RefusalKind::Conflict, code);
    told.params.clone_from(&refusal.reason.params);
    told.sending = Some(refusal);
    told
}

/// Holds the conversation of a message, before the message itself is: see `store::messages::conversations_of`.
pub(crate) async fn hold_thread(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: MessageId,
) -> store::Result<()> {
    let threads = messages::conversations_of(tx, workspace_id, &[id], &[]).await?;
    conversations::list_by_id(tx, workspace_id, &threads).await?;
    Ok(())
}

/// The template that a content names, among those of the channel's account.
pub(crate) async fn template_of(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel: &Channel,
    content: &Content,
) -> store::Result<Option<Template>> {
    let (Content::Template(TemplateContent { name, language, .. }), Some(connection)) =
        (content, channel.connection.as_ref())
    else {
        return Ok(None);
    };
    templates::lookup(tx, workspace_id, connection.account_id, name, language).await
}
