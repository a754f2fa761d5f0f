//! A person, a program or a rule sends a message: it is checked, decided as a preview, and put into the outbox in the
//! same transaction. Whether it really goes is decided once more when it is marked.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::access::Permission;
use domain::capability::Purpose;
use domain::channel::Channel;
use domain::content::{
    Content, InteractiveHeader, MediaContent, TemplateComponent, TemplateContent, TemplateParameter,
};
use domain::conversation::{Conversation, ConversationState};
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::{CampaignId, ConversationId, MediaId, MessageId, TemplateId, WorkspaceId};
use domain::inbound::Tracked;
use domain::message::{Delivery, Direction, Message, Receipts};
use domain::people::Contact;
use domain::rhythm;
use domain::sending::{self, Decision, PAIR_BURST, Sending};
use domain::template::{Template, VariableFault};
use jiff::{SignedDuration, Timestamp};
use store::keys::{Known, Once};
use store::outbox::{Class, OutboxKind, OutboxRow, OutboxState};
use store::{
    Tx, channels, contacts, conversations, installation, keys, media, messages, outbox, templates,
};
use whatsapp::meta::limits;

use crate::caller::Caller;
use crate::chance::Ids;
use crate::error::{Told, told};
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
        id: ids.next(now),
        conversation_id: context.thread.id,
        connection_id: context.channel.connection.as_ref().map(|known| known.id),
        direction: if is_note {
            Direction::Note
        } else {
            Direction::Out
        },
        author: by.author(),
        provider_id: None,
        content,
        at: request.send_at.unwrap_or(now).max(now),
        received_at: None,
        late: false,
        reply_to: quoted.and_then(|quoted| quoted.provider_id),
        forwarded: false,
        referral: None,
        resend_of: None,
        send_at: request.send_at,
        delivery: (!is_note).then_some(Delivery::Queued),
        receipts: Receipts::default(),
        failure: None,
        pricing: None,
        edited: None,
        revoked_at: None,
        reactions: vec![],
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

/// What is said, whole and within the provider's limits.
pub(crate) async fn content_of(
    tx: &mut Tx,
    context: &Context,
    say: &Say,
) -> store::Result<Told<Content>> {
    match say {
        Say::Note(text) => Ok(note(text)),
        Say::Content(content) => own_content(tx, context, content.clone()).await,
        Say::Template {
            template_id,
            variables,
            header_media_id,
        } => template_content(tx, context, *template_id, variables, *header_media_id).await,
    }
}

/// Characters of a note.
const NOTE_LIMIT: usize = 8192;

fn note(text: &str) -> Told<Content> {
    let text = text.replace('\0', "\u{fffd}");
    if text.trim().is_empty() {
        return Err(Refusal::invalid("text_empty", "content.text"));
    }
    let length = text.chars().count();
    if length > NOTE_LIMIT {
        return Err(too_long("content.text", NOTE_LIMIT as u64, length as u64));
    }
    Ok(Content::Text {
        text,
        preview_url: false,
    })
}

fn too_long(field: &str, limit: u64, got: u64) -> Refusal {
    Refusal::invalid("text_too_long", field)
        .with("limit", limit)
        .with("got", got)
}

async fn own_content(
    tx: &mut Tx,
    context: &Context,
    mut content: Content,
) -> store::Result<Told<Content>> {
    if let Content::Text { text, .. } = &mut content {
        *text = text.replace('\0', "\u{fffd}");
        if text
            .chars()
            .all(|letter| letter.is_whitespace() || is_invisible(letter))
        {
            return Ok(Err(Refusal::invalid("text_empty", "content.text")));
        }
    }
    for file in files_of(&mut content) {
        match stored_file(tx, context, file).await? {
            Ok(()) => {}
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    if matches!(content, Content::Template(_)) {
        return Ok(Err(Refusal::invalid(
            "template_by_id",
            "content.template_id",
        )));
    }
    match limits::check(&content).into_iter().next() {
        None => Ok(Ok(content)),
        Some(problem) => {
            let field = format!("content.{}", problem.field);
            let code = match problem.code {
                whatsapp::provider::ProblemCode::TooLong => "text_too_long",
                other => other.as_str(),
            };
            let mut refusal = Refusal::invalid(code, &field);
            for (name, value) in [("limit", problem.limit), ("got", problem.got)] {
                if let Some(value) = value {
                    refusal = refusal.with(name, value);
                }
            }
            Ok(Err(refusal))
        }
    }
}

const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The file that a content names by our id must be ours and stored; what is known of it goes into the message.
async fn stored_file(
    tx: &mut Tx,
    context: &Context,
    file: &mut MediaContent,
) -> store::Result<Told<()>> {
    let Some(media_id) = file.media_id else {
        return Ok(Err(Refusal::invalid("missing", "content.media_id")));
    };
    let workspace_id = context.workspace_id;
    let Some(known) = media::list_by_id(tx, workspace_id, &[media_id])
        .await?
        .into_iter()
        .next()
    else {
        return Ok(Err(Refusal::invalid("file_unknown", "content.media_id")));
    };
    if known.state != media::MediaState::Stored {
        return Ok(Err(Refusal::invalid("file_not_ready", "content.media_id")));
    }
    file.media_kind = known.media_kind;
    file.mime_type = known.mime_type;
    file.filename = known
        .filename
        .filter(|_| known.media_kind == domain::content::MediaKind::Document);
    let size = u64::try_from(known.size_bytes.unwrap_or(0)).unwrap_or(0);
    match limits::check_file(file, size).into_iter().next() {
        None => Ok(Ok(())),
        Some(problem) => {
            let mut refusal = Refusal::invalid(
                if problem.code == whatsapp::provider::ProblemCode::TooLarge {
                    "file_too_large"
                } else {
                    "file_type"
                },
                "content.media_id",
            );
            if let Some(limit) = problem.limit {
                refusal = refusal.with("limit", limit);
            }
            Ok(Err(refusal))
        }
    }
}

fn files_of(content: &mut Content) -> Vec<&mut MediaContent> {
    match content {
        Content::Media(media) => vec![media],
        Content::Interactive(interactive) => match &mut interactive.header {
            Some(InteractiveHeader::Media(media)) => vec![media],
            _ => vec![],
        },
        _ => vec![],
    }
}

/// The file of ours that goes with a message, whatever its kind.
pub(crate) fn file_of(content: &Content) -> Option<MediaId> {
    match content {
        Content::Media(media) => media.media_id,
        Content::Interactive(interactive) => match &interactive.header {
            Some(InteractiveHeader::Media(media)) => media.media_id,
            _ => None,
        },
        Content::Template(template) => {
            template
                .components
                .iter()
                .find_map(|component| match component {
                    TemplateComponent::Header { parameters } => {
                        parameters.iter().find_map(|parameter| match parameter {
                            TemplateParameter::Media(media) => media.media_id,
                            _ => None,
                        })
                    }
                    _ => None,
                })
        }
        _ => None,
    }
}

async fn template_content(
    tx: &mut Tx,
    context: &Context,
    template_id: TemplateId,
    variables: &BTreeMap<String, String>,
    header_media_id: Option<MediaId>,
) -> store::Result<Told<Content>> {
    let workspace_id = context.workspace_id;
    let template = templates::get(tx, workspace_id, template_id).await?;
    if !context.channel.link.has_window() {
        return Ok(Err(refused(sending::content_forbidden("template"))));
    }
    let connection = context.channel.connection.as_ref();
    if connection.is_none_or(|known| known.account_id != template.account_id) {
        return Ok(Err(Refusal::invalid(
            "template_of_other_account",
            "content.template_id",
        )));
    }
    let header = match (
        header_media_id,
        template
            .body
            .header
            .as_ref()
            .and_then(|header| header.format.media_kind()),
    ) {
        (Some(media_id), kind) => {
            let mut file = MediaContent::new(kind.unwrap_or(domain::content::MediaKind::Document));
            file.media_id = Some(media_id);
            if let Err(refusal) = stored_file(tx, context, &mut file).await? {
                return Ok(Err(refusal));
            }
            Some(file)
        }
        (None, _) => None,
    };
    let values: BTreeMap<String, String> = variables
        .iter()
        .map(|(key, value)| (key.clone(), value.replace('\0', "\u{fffd}")))
        .collect();
    Ok(template
        .fill(&values, header)
        .map(Content::Template)
        .map_err(|problems| {
            let first = problems.first();
            let code = match first.map(|problem| problem.problem) {
                Some(VariableFault::Surplus) => "variable_surplus",
                Some(VariableFault::Whitespace) => "variable_whitespace",
                Some(VariableFault::TooLong) => "text_too_long",
                Some(VariableFault::Missing) | None => "variable_missing",
            };
            let key = first.map_or("", |problem| problem.key.as_str());
            let all = problems
                .iter()
                .map(|problem| problem.key.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            Refusal::invalid(code, &format!("content.variables.{key}")).with("variables", all)
        }))
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
