//! Marking: the binding decision, inside the transaction whose commit is the moment of sending.

use std::collections::BTreeMap;

use domain::conversation::Conversation;
use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::failure::{Failure, FailureReason};
use domain::id::{ConversationId, OutboxId, WorkspaceId};
use domain::inbound::Tracked;
use domain::message::{Delivery, Message};
use domain::people::{Contact, IdentityKind};
use domain::risk::Week;
use domain::sending::{self, Decision, PAIR_BURST, ReasonCode, Sending};
use domain::template::Template;
use jiff::{SignedDuration, Timestamp};
use store::campaigns::CampaignState;
use store::lease::Epoch;
use store::outbox::{Class, OutboxKind, OutboxRow, OutboxState};
use store::{Tx, campaigns, contacts, conversations, installation, media, messages, outbox, pace};
use whatsapp::provider::Recipient;

use super::call::Call;
use crate::App;
use crate::directory::Line;
use crate::message_content::file_of;
use crate::pacing::{self, Pacer, Pacing};
use crate::send_message::template_of;

/// How long a row waits that something else must free.
const A_WHILE: SignedDuration = SignedDuration::from_secs(15);
/// How long a number's mailings wait for one of them that is being written down.
const A_MOMENT: SignedDuration = SignedDuration::from_secs(1);

pub(super) struct Batch {
    workspace_id: WorkspaceId,
    line: Line,
    rows: Vec<OutboxId>,
    threads: Vec<ConversationId>,
    epoch: Epoch,
    now: Timestamp,
    app_faults: crate::faults::Faults,
    pacing: Pacing,
}

impl Batch {
    pub(super) fn new(
        app: &App,
        workspace_id: WorkspaceId,
        line: &Line,
        rows: &[(OutboxId, ConversationId)],
        epoch: Epoch,
    ) -> Self {
        Self {
            workspace_id,
            line: line.clone(),
            rows: rows.iter().map(|(id, _)| *id).collect(),
            threads: rows.iter().map(|(_, id)| *id).collect(),
            epoch,
            now: app.clock.business_now(),
            app_faults: app.faults,
            pacing: Pacer::new(app).pacing(&line.channel),
        }
    }
}

/// What came of a batch.
pub(super) struct Marked {
    pub(super) calls: Vec<Call>,
    /// Conversations of rows that do not leave now.
    pub(super) left: Vec<ConversationId>,
    /// Until when the number's mailings wait: one instant for all of them, so no row is moved.
    pub(super) mailings_wait: Option<Timestamp>,
}

/// What comes of one row.
#[expect(clippy::large_enum_variant, reason = "a few at a time")]
enum One {
    Leaves(Call),
    Stays,
    /// The mailings of the number wait.
    MailingsWait(Timestamp),
}

pub(super) async fn mark(tx: &mut Tx, batch: &Batch) -> store::Result<Marked> {
    let held = installation::get(tx).await?.held;
    // Held first, in their order: see `store::messages::conversations_of`.
    conversations::list_by_id(tx, batch.workspace_id, &batch.threads).await?;
    let mut marked = Marked {
        calls: vec![],
        left: vec![],
        mailings_wait: None,
    };
    for row in outbox::list_by_id(tx, batch.workspace_id, &batch.rows).await? {
        let conversation_id = row.conversation_id;
        // It may have been put off since it was chosen, behind one that is tried again.
        let one = if row.state == OutboxState::Queued && row.due_at <= batch.now {
            mark_one(tx, batch, row, held).await?
        } else {
            One::Stays
        };
        match one {
            One::Leaves(call) => marked.calls.push(call),
            One::Stays => marked.left.push(conversation_id),
            One::MailingsWait(until) => {
                marked.left.push(conversation_id);
                marked.mailings_wait = marked.mailings_wait.max(Some(until));
            }
        }
    }
    Ok(marked)
}

async fn mark_one(
    tx: &mut Tx,
    batch: &Batch,
    mut row: OutboxRow,
    held: bool,
) -> store::Result<One> {
    let workspace_id = batch.workspace_id;
    let thread = conversations::get(tx, workspace_id, row.conversation_id).await?;
    let contact = contacts::get(tx, workspace_id, thread.contact_id).await?;
    let message = match row.message_id {
        Some(id) => Some(messages::get(tx, workspace_id, id).await?),
        None => None,
    };
    if let Some(id) = row.campaign_id {
        match campaigns::get(tx, workspace_id, id).await?.state {
            CampaignState::Running => {}
            CampaignState::Preparing => return Ok(One::MailingsWait(batch.now + A_MOMENT)),
            // It is being taken back.
            CampaignState::Stopped => {
                let until = batch.now + A_WHILE;
                outbox::postpone(tx, workspace_id, row.id, until).await?;
                return Ok(One::Stays);
            }
        }
    }
    // Before the decision: what leaves is counted with it.
    let Some(recipient) = recipient(tx, batch, &contact).await? else {
        let failure = Failure::of(FailureReason::RecipientNeedsPhone);
        refuse(tx, batch, &mut row, message, failure).await?;
        return Ok(One::Stays);
    };
    let template = match &message {
        Some(message) => {
            template_of(tx, workspace_id, &batch.line.channel, &message.content).await?
        }
        None => None,
    };
    if let (OutboxKind::Message, Some(message)) = (row.kind, &message) {
        let asked = Asked {
            thread: &thread,
            contact: &contact,
            message,
            template: template.as_ref(),
            held,
        };
        if let Some(one) = kept_back(tx, batch, &mut row, &asked).await? {
            return Ok(one);
        }
    }
    row.state = OutboxState::Sending;
    row.tries += 1;
    row.epoch = Some(batch.epoch.0);
    row.marked_at = Some(batch.now);
    outbox::save(tx, workspace_id, &[&row]).await?;
    let mut file = None;
    if let Some(mut message) = message.clone() {
        message.delivery = Some(Delivery::Sending);
        message.connection_id = batch.line.channel.connection.as_ref().map(|known| known.id);
        messages::save(tx, workspace_id, &[&message]).await?;
        if let Some(media_id) = file_of(&message.content) {
            file = media::list_by_id(tx, workspace_id, &[media_id])
                .await?
                .into_iter()
                .next();
        }
    }
    Ok(One::Leaves(Call {
        workspace_id,
        row,
        message,
        recipient,
        file,
        template_ref: template.and_then(|template| template.provider_id),
    }))
}

/// What a decision looks at.
struct Asked<'a> {
    thread: &'a Conversation,
    contact: &'a Contact,
    message: &'a Message,
    template: Option<&'a Template>,
    held: bool,
}

/// The binding decision. `None` when the message leaves now; it is then counted for its number's rhythm.
async fn kept_back(
    tx: &mut Tx,
    batch: &Batch,
    row: &mut OutboxRow,
    asked: &Asked<'_>,
) -> store::Result<Option<One>> {
    let workspace_id = batch.workspace_id;
    let channel = &batch.line.channel;
    let thread = asked.thread;
    let limit = i64::try_from(PAIR_BURST).unwrap_or(i64::MAX);
    let recent = if batch.app_faults.forget_pace() {
        vec![]
    } else {
        outbox::recent_sends(tx, workspace_id, thread.id, limit).await?
    };
    let facts = pacing::facts(tx, workspace_id, channel, &batch.pacing, batch.now).await?;
    let is_known = thread.last_inbound_at.is_some() || !recent.is_empty();
    let decision = sending::decide(&Sending {
        channel,
        contact: asked.contact,
        window_expires_at: channel.window_expires_at(thread.last_inbound_at),
        content: &asked.message.content,
        template: asked.template,
        purpose: row.purpose,
        send_at: None,
        rhythm: facts.as_ref().map(|(facts, _)| facts),
        is_known,
        recent_sends: &recent,
        held: asked.held,
        now: batch.now,
    });
    match decision {
        Decision::Now => {
            if facts.is_some() {
                let at = batch.pacing.cap_now;
                pace::count_send(tx, workspace_id, row.channel_id, at, None).await?;
                let more = Week {
                    sent: 1,
                    new_people: i64::from(!is_known),
                    ..Week::default()
                };
                pace::add_to_day(tx, workspace_id, row.channel_id, batch.now, &more).await?;
            }
            return Ok(None);
        }
        Decision::Later { until, reason } if is_of_all_mailings(row, reason.code) => {
            return Ok(Some(One::MailingsWait(until)));
        }
        Decision::Later { until, reason } => {
            let reason = Some(&reason);
            outbox::postpone_conversation(tx, workspace_id, thread.id, until, reason).await?;
        }
        Decision::Refused(refusal) if may_wait(refusal.reason.code) => {
            // What a person will mend is not refused: it waits, and the channel's card says so.
            let (until, reason) = (batch.now + A_WHILE, Some(&refusal.reason));
            outbox::postpone_conversation(tx, workspace_id, thread.id, until, reason).await?;
        }
        Decision::Refused(refusal) => {
            let failure = Failure::of(reason_of(refusal.reason.code));
            refuse(tx, batch, row, Some(asked.message.clone()), failure).await?;
        }
        Decision::OpensApp | Decision::BecomesTask => {
            let failure = Failure::of(FailureReason::Unreachable);
            refuse(tx, batch, row, Some(asked.message.clone()), failure).await?;
        }
    }
    Ok(Some(One::Stays))
}

/// A mailing of a thousand has a thousand rows; what holds the number back holds all of them alike.
const fn is_of_all_mailings(row: &OutboxRow, code: ReasonCode) -> bool {
    matches!(row.class, Class::Campaign)
        && matches!(
            code,
            ReasonCode::DayCap
                | ReasonCode::RhythmGap
                | ReasonCode::RhythmPause
                | ReasonCode::OutsideWorkingHours
        )
}

/// Everything else is a no for good.
const fn may_wait(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::ChannelDisconnected | ReasonCode::InstallationHeld | ReasonCode::NumberUnlinked
    )
}

fn reason_of(code: ReasonCode) -> FailureReason {
    match code {
        ReasonCode::WindowClosed | ReasonCode::WindowNeverOpened => FailureReason::WindowClosed,
        ReasonCode::TemplateUnknown => FailureReason::TemplateMissing,
        ReasonCode::TemplateNotSendable => FailureReason::TemplatePaused,
        ReasonCode::MarketingOptedOut => FailureReason::MarketingStopped,
        ReasonCode::NoAddress => FailureReason::RecipientNeedsPhone,
        ReasonCode::LevelForbids => FailureReason::NumberNotEligible,
        ReasonCode::ContentForbidden => FailureReason::UnsupportedType,
        ReasonCode::NumberBanned => FailureReason::AccountLocked,
        _ => FailureReason::Unknown,
    }
}

/// The phone where there is one; else the person's id within the portfolio.
async fn recipient(
    tx: &mut Tx,
    batch: &Batch,
    contact: &Contact,
) -> store::Result<Option<Recipient>> {
    if let Some(phone) = &contact.phone {
        return Ok(Some(Recipient::Phone(phone.clone())));
    }
    let connection = batch.line.channel.connection.as_ref();
    let scope = connection.map(|known| {
        known
            .portfolio_id
            .clone()
            .unwrap_or_else(|| known.account_id.bare())
    });
    let identities = contacts::identities(tx, batch.workspace_id, &[contact.id]).await?;
    let bsuid = identities.into_iter().find(|(identity, _)| {
        identity.kind == IdentityKind::Bsuid && Some(&identity.scope) == scope.as_ref()
    });
    Ok(bsuid.map(|(identity, _)| Recipient::Bsuid(identity.value)))
}

async fn refuse(
    tx: &mut Tx,
    batch: &Batch,
    row: &mut OutboxRow,
    message: Option<Message>,
    failure: Failure,
) -> store::Result<()> {
    row.state = OutboxState::Refused;
    outbox::save(tx, batch.workspace_id, &[row]).await?;
    let Some(message) = message else {
        return Ok(());
    };
    conclude(tx, batch.workspace_id, message, batch.now, |message| {
        message.delivery = Some(Delivery::Refused);
        message.failure = Some(failure.clone());
    })
    .await
}

/// Changes an outgoing message, its thread's last line, and tells.
pub(crate) async fn conclude(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    mut message: Message,
    now: Timestamp,
    change: impl FnOnce(&mut Message) + Send,
) -> store::Result<()> {
    let before = message.delivery;
    change(&mut message);
    messages::save(tx, workspace_id, &[&message]).await?;
    let thread = conversations::get(tx, workspace_id, message.conversation_id).await?;
    let mut thread = Tracked::loaded(thread);
    thread.now.follow(&message);
    if thread.has_changed() {
        conversations::save(tx, workspace_id, &[&thread]).await?;
    }
    if message.delivery != before
        && let Some(delivery) = message.delivery
    {
        let subjects = Subjects {
            message_id: Some(message.id),
            conversation_id: Some(message.conversation_id),
            contact_id: Some(thread.now.contact_id),
            channel_id: Some(thread.now.channel_id),
            ..Subjects::default()
        };
        let mut facts = BTreeMap::from([("delivery".to_owned(), delivery.as_str().to_owned())]);
        if let Some(failure) = &message.failure {
            facts.insert("reason".to_owned(), failure.reason.as_str().to_owned());
        }
        let kind = EventKind::MessageDelivery;
        tx.emit(
            workspace_id,
            NewEvent {
                kind,
                at: now,
                actor: Actor::SYSTEM,
                subjects,
                facts,
            },
        );
    }
    Ok(())
}
