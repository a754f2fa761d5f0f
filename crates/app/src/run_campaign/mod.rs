//! A mailing on an unofficial number: one text to many, at a human's pace. Every recipient's message stands in the
//! outbox from the start; the senders take them one by one as the number's rhythm lets them, and what is not sent yet
//! can be stopped at any time.

mod audience;
pub(crate) mod prepare;

use std::time::{Duration, Instant};

use domain::access::Permission;
use domain::capability::{Purpose, Way, abilities, levels_whose_way};
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::{CampaignId, ChannelId, ContactId, ConversationId, WorkspaceId};
use domain::message::Delivery;
use domain::rhythm;
use domain::sending::not_at_this_level;
use domain::wording;
use jiff::Timestamp;
use store::campaigns::{self, Campaign, CampaignState};
use store::jobs::{self, Job};
use store::keys::{Known, Once};
use store::outbox::{OutboxRow, OutboxState};
use store::{Tx, channels, conversations, keys, messages, outbox};

pub use self::audience::BadLine;
use self::audience::audience;
use crate::caller::Caller;
use crate::error::{Told, told};
use crate::pacing::{self, Pacer};
use crate::send_message::refused;
use crate::senders::conclude;
use crate::sign_in::clean_name;
use crate::{App, Refusal, RefusalKind, Result};

const TEXT_LIMIT: usize = 4096;
/// Messages that one transaction takes back.
const PIECE: usize = 50;
/// How long an answer waits for the recipients to be written down, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);

/// What is asked.
#[derive(Debug, Clone)]
pub struct RunCampaign {
    pub channel_id: ChannelId,
    pub name: String,
    pub text: String,
    pub contact_ids: Vec<ContactId>,
    /// One phone a line, with a name after a comma if there is one.
    pub pasted: String,
    pub once: Option<Once>,
}

/// What would happen.
#[derive(Debug, Clone)]
pub struct Plan {
    pub recipients: usize,
    pub invalid: Vec<BadLine>,
    pub duplicates: usize,
    pub opted_out: usize,
    pub first_at: Timestamp,
    pub finishes_at: Timestamp,
    /// The gateway tells of no answers, so each message carries a link under which one can ask to be left alone.
    pub opt_out_link: bool,
}

/// Says what would happen, without doing it.
///
/// # Errors
/// A refusal when the channel sends no mailings, or the text is wrong.
pub async fn plan(app: &App, by: &Caller, request: &RunCampaign) -> Result<Plan> {
    by.must(Permission::CampaignsManage)?;
    checked(request)?;
    let audience = audience(app, by, request).await?;
    let pacer = Pacer::new(app);
    let now = app.clock.business_now();
    let input = (by.workspace_id, request.channel_id, pacer, now);
    let read = app
        .store
        .read(input, |tx, (workspace_id, channel_id, pacer, now)| {
            Box::pin(async move {
                let channel = channels::get(tx, *workspace_id, *channel_id).await?;
                if let Err(refusal) = mailable(&channel) {
                    return Ok(Err(refusal));
                }
                let pacing = pacer.pacing(&channel);
                let facts = pacing::facts(tx, *workspace_id, &channel, &pacing, *now).await?;
                let reports = pacer.can(&channel).is_some_and(|can| can.reports_replies);
                Ok(Ok((facts.map(|(facts, _)| facts), reports)))
            })
        });
    let (facts, reports) = told(read.await)?;
    let count = u32::try_from(audience.whom.len()).unwrap_or(u32::MAX);
    let (first_at, finishes_at) =
        facts.map_or((now, now), |facts| rhythm::forecast(&facts, count, now));
    Ok(Plan {
        recipients: audience.whom.len(),
        invalid: audience.invalid,
        duplicates: audience.duplicates,
        opted_out: audience.opted_out,
        first_at,
        finishes_at,
        opt_out_link: !reports,
    })
}

/// Only a number whose table row sends mailings as free text; official ones send templates by campaigns of their own.
fn mailable(channel: &domain::channel::Channel) -> std::result::Result<(), Refusal> {
    let way = abilities(channel.level, channel.link).map(|can| can.way(Purpose::Mailing));
    if way == Some(Way::Sends) {
        return Ok(());
    }
    let levels = levels_whose_way(Purpose::Mailing, &[Way::Sends]);
    Err(refused(not_at_this_level(Purpose::Mailing, levels)))
}

fn checked(request: &RunCampaign) -> std::result::Result<(String, String), Refusal> {
    let name = clean_name(&request.name, "name")?;
    let text = request.text.replace('\0', "\u{fffd}");
    if text.trim().is_empty() {
        return Err(Refusal::invalid("text_empty", "text"));
    }
    let length = text.chars().count();
    if length > TEXT_LIMIT {
        return Err(Refusal::invalid("text_too_long", "text")
            .with("limit", TEXT_LIMIT)
            .with("got", length));
    }
    let unknown = wording::unknown_fields(&text);
    if !unknown.is_empty() {
        return Err(Refusal::invalid("wording_field_unknown", "text")
            .with("fields", unknown.join(", "))
            .with("known", wording::FIELDS.join(", ")));
    }
    Ok((name, text))
}

/// Starts a mailing; answers its id. From then on it is sure: a job writes its recipients down, and it runs. Most are
/// written down by the time of the answer; a long list still is `Preparing` then.
///
/// # Errors
/// As [`plan`]; `nobody_to_write_to` when the audience is empty.
pub async fn run(app: &App, by: &Caller, request: RunCampaign) -> Result<CampaignId> {
    by.must(Permission::CampaignsManage)?;
    let (name, text) = checked(&request)?;
    let audience = audience(app, by, &request).await?;
    if audience.whom.is_empty() {
        return Err(Refusal::invalid("nobody_to_write_to", "to").into());
    }
    let now = app.clock.business_now();
    let campaign = Campaign {
        id: app.ids.next(now),
        channel_id: request.channel_id,
        name,
        text,
        state: CampaignState::Preparing,
        created_by: by
            .user_id()
            .unwrap_or_else(|| domain::id::UserId::from_bits(0)),
        created_at: now,
        stopped_at: None,
    };
    let job = prepare::job(app, by, campaign.id, audience.whom)?;
    let input = (by.clone(), campaign, job, request.once);
    let begun = app.store.write(input, |tx, (by, campaign, job, once)| {
        Box::pin(begin(tx, by, campaign, job, once.as_ref()))
    });
    let id = told(begun.await)?;
    let asked = Instant::now();
    while asked.elapsed() < PATIENCE && state_of(app, by, id).await? == CampaignState::Preparing {
        tokio::time::sleep(LOOK).await;
    }
    Ok(id)
}

async fn state_of(app: &App, by: &Caller, id: CampaignId) -> Result<CampaignState> {
    let read = app
        .store
        .read((by.workspace_id, id), |tx, (workspace_id, id)| {
            Box::pin(campaigns::get(tx, *workspace_id, *id))
        });
    Ok(read.await?.state)
}

/// The mailing, the job that prepares it and the answer to whoever asks again, all at once or not at all.
async fn begin(
    tx: &mut Tx,
    by: &Caller,
    campaign: &Campaign,
    job: &Job,
    once: Option<&Once>,
) -> store::Result<Told<CampaignId>> {
    let mismatch = || Refusal::new(RefusalKind::Invalid, "idempotency_mismatch");
    if let Some(once) = once {
        match keys::claim(tx, by.workspace_id, once, campaign.created_at).await? {
            Known::New => {}
            Known::Done(id) => return Ok(id.parse().map_err(|_| mismatch())),
            Known::Mismatch => return Ok(Err(mismatch())),
        }
    }
    let channel = channels::get(tx, by.workspace_id, campaign.channel_id).await?;
    if let Err(refusal) = mailable(&channel) {
        return Ok(Err(refusal));
    }
    campaigns::save(tx, by.workspace_id, campaign).await?;
    jobs::enqueue(tx, job).await?;
    if let Some(once) = once {
        keys::done(tx, by.workspace_id, once, &campaign.id.to_string()).await?;
    }
    Ok(Ok(campaign.id))
}

/// Stops a mailing: what has not left stays here. Stopped twice, it is stopped.
///
/// # Errors
/// `not_found`.
pub async fn stop(app: &App, by: &Caller, id: CampaignId) -> Result<()> {
    by.must(Permission::CampaignsManage)?;
    let now = app.clock.business_now();
    // First the state: from here on nothing of it is marked any more.
    let input = (by.clone(), id, now);
    let stopped = app.store.write(input, |tx, (by, id, now)| {
        Box::pin(async move {
            let mut campaign = campaigns::hold(tx, by.workspace_id, *id).await?;
            if campaign.state != CampaignState::Stopped {
                campaign.state = CampaignState::Stopped;
                campaign.stopped_at = Some(*now);
                campaigns::save(tx, by.workspace_id, &campaign).await?;
                tell(tx, by, &campaign, "stopped", *now);
            }
            Ok(Ok(()))
        })
    });
    told(stopped.await)?;
    take_back(app, by.workspace_id, id, now).await
}

/// Takes back what has not left of a mailing, in pieces.
async fn take_back(
    app: &App,
    workspace_id: WorkspaceId,
    id: CampaignId,
    now: Timestamp,
) -> Result<()> {
    loop {
        let input = (workspace_id, id, now);
        let left = app.store.write(input, |tx, (workspace_id, id, now)| {
            Box::pin(take_piece_back(tx, *workspace_id, *id, *now))
        });
        if left.await? < PIECE {
            return Ok(());
        }
    }
}

/// Answers how many waited. One that the sender marks at this moment leaves, and waits no more.
async fn take_piece_back(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: CampaignId,
    now: Timestamp,
) -> store::Result<usize> {
    let limit = i64::try_from(PIECE).unwrap_or(1);
    let waiting = outbox::waiting_of_campaign(tx, workspace_id, id, limit).await?;
    let (rows, threads): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
    // Held first, in their order: see `store::messages::conversations_of`.
    conversations::list_by_id(tx, workspace_id, &threads).await?;
    for row in outbox::list_by_id(tx, workspace_id, &rows).await? {
        cancel(tx, workspace_id, row, now).await?;
    }
    Ok(rows.len())
}

/// Takes back what still waits of mailings to a person: they answered, or asked to be left alone.
pub(crate) async fn cancel_waiting(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    now: Timestamp,
) -> store::Result<()> {
    for row in outbox::mailings_of_conversation(tx, workspace_id, conversation_id).await? {
        cancel(tx, workspace_id, row, now).await?;
    }
    Ok(())
}

async fn cancel(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    mut row: OutboxRow,
    now: Timestamp,
) -> store::Result<()> {
    if row.state != OutboxState::Queued {
        return Ok(());
    }
    row.state = OutboxState::Cancelled;
    outbox::save(tx, workspace_id, &[&row]).await?;
    let Some(message_id) = row.message_id else {
        return Ok(());
    };
    let message = messages::get(tx, workspace_id, message_id).await?;
    conclude(tx, workspace_id, message, now, |message| {
        message.delivery = Some(Delivery::Cancelled);
    })
    .await
}

fn tell(tx: &mut Tx, by: &Caller, campaign: &Campaign, what: &str, now: Timestamp) {
    let subjects = Subjects {
        channel_id: Some(campaign.channel_id),
        ..Subjects::default()
    };
    let event = NewEvent::new(EventKind::CampaignChanged, now, by.actor(), subjects);
    tx.emit(
        by.workspace_id,
        event.with("campaign_id", campaign.id).with("what", what),
    );
}
