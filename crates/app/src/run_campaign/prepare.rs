//! The job that writes a mailing's recipients down, a piece at a time: their contacts, their threads, their messages in
//! the outbox. How far it is stands in the recipients themselves, so it may be broken off at any instant; until all are
//! there, nothing leaves. One that is stopped meanwhile is written down all the same, so that whoever it did not reach is
//! known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::capability::Purpose;
use domain::content::Content;
use domain::id::{CampaignId, WorkspaceId};
use domain::message::Message;
use domain::wording::{self, first_name};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::campaigns::{self, CampaignState, Recipient};
use store::jobs::{self, Job};
use store::lease::Epoch;
use store::{Tx, channels, contacts};

use super::audience::Whom;
use super::{PIECE, take_back, tell};
use crate::caller::{Caller, Who};
use crate::chance::{self, Ids};
use crate::manage_wordings::values;
use crate::open_conversation::{Begin, Maker, contact_of_phone, thread_of};
use crate::pacing::Pacer;
use crate::send_message::{Context, Queued, queue};
use crate::{App, Result};

/// Other jobs wait no longer than this.
const SLICE: Duration = Duration::from_secs(2);

/// What the job needs to know: who asked, and who is written to, in their order.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    who: Who,
    whom: Vec<Whom>,
}

pub(super) fn job(app: &App, by: &Caller, id: CampaignId, whom: Vec<Whom>) -> Result<Job> {
    let now = app.clock.machine_now();
    let payload = Payload {
        who: by.who.clone(),
        whom,
    };
    Ok(Job {
        workspace_id: by.workspace_id,
        id: app.ids.next(now),
        kind: crate::jobs::PREPARE_CAMPAIGN.to_owned(),
        subject: id.to_string(),
        payload: serde_json::to_string(&payload).map_err(unreadable)?,
        due_at: now,
        tries: 0,
    })
}

fn unreadable(error: serde_json::Error) -> store::Error {
    store::Error::Corrupt {
        table: "jobs",
        column: "payload",
        why: error.to_string(),
    }
}

/// Goes on with it; asks for itself again when there is more.
pub(crate) async fn run(app: &App, epoch: Epoch, job: &Job) -> Result<()> {
    let Ok(id) = job.subject.parse::<CampaignId>() else {
        return Ok(());
    };
    let Payload { who, whom } = serde_json::from_str(&job.payload).map_err(unreadable)?;
    let by = Caller {
        workspace_id: job.workspace_id,
        who,
    };
    let began = Instant::now();
    let mut done = written(app, job.workspace_id, id).await?;
    while done < whom.len() {
        if began.elapsed() > SLICE {
            return again(app, epoch, job).await;
        }
        let end = (done + PIECE).min(whom.len());
        let first = i64::try_from(done + 1).unwrap_or(i64::MAX);
        let piece = Arc::new(Piece::new(app, &by, id, first, &whom[done..end]));
        app.store
            .write_as(epoch, piece, |tx, piece| Box::pin(write_down(tx, piece)))
            .await?;
        done = end;
    }
    let now = app.clock.business_now();
    let started = app.store.write_as(epoch, (by, id, now), |tx, input| {
        Box::pin(start(tx, &input.0, input.1, input.2))
    });
    if started.await? == CampaignState::Stopped {
        take_back(app, job.workspace_id, id, now).await?;
    }
    Ok(())
}

/// How many are written down.
async fn written(app: &App, workspace_id: WorkspaceId, id: CampaignId) -> Result<usize> {
    let read = app
        .store
        .read((workspace_id, id), |tx, (workspace_id, id)| {
            Box::pin(campaigns::last_position(tx, *workspace_id, *id))
        });
    Ok(usize::try_from(read.await?).unwrap_or(0))
}

/// Asks for the next slice, behind the jobs that wait.
async fn again(app: &App, epoch: Epoch, job: &Job) -> Result<()> {
    let now = app.clock.machine_now();
    let next = Job {
        id: app.ids.next(now),
        due_at: now,
        tries: 0,
        ..job.clone()
    };
    app.store
        .write_as(epoch, next, |tx, job| Box::pin(jobs::enqueue(tx, job)))
        .await?;
    Ok(())
}

/// From here on it runs, unless it was stopped while it was written down; answers which.
async fn start(
    tx: &mut Tx,
    by: &Caller,
    id: CampaignId,
    now: Timestamp,
) -> store::Result<CampaignState> {
    let mut campaign = campaigns::hold(tx, by.workspace_id, id).await?;
    if campaign.state == CampaignState::Preparing {
        campaign.state = CampaignState::Running;
        campaigns::save(tx, by.workspace_id, &campaign).await?;
        tell(tx, by, &campaign, "started", now);
        tx.wake(store::Wake::Outbox(by.workspace_id, campaign.channel_id));
    }
    Ok(campaign.state)
}

struct Piece {
    by: Caller,
    campaign_id: CampaignId,
    /// The position of its first.
    first: i64,
    whom: Vec<Whom>,
    /// For each a token and the link that it makes, where its message carries one.
    links: Vec<(String, String)>,
    pacer: Pacer,
    now: Timestamp,
    ids: Arc<Ids>,
}

impl Piece {
    fn new(app: &App, by: &Caller, campaign_id: CampaignId, first: i64, whom: &[Whom]) -> Self {
        let link = |_: &Whom| {
            let token = chance::token();
            let link = app.link(&format!("/o/{token}")).unwrap_or_default();
            (token, link)
        };
        Self {
            by: by.clone(),
            campaign_id,
            first,
            whom: whom.to_vec(),
            links: whom.iter().map(link).collect(),
            pacer: Pacer::new(app),
            now: app.clock.business_now(),
            ids: Arc::clone(&app.ids),
        }
    }
}

async fn write_down(tx: &mut Tx, piece: &Piece) -> store::Result<()> {
    let workspace_id = piece.by.workspace_id;
    let campaign = campaigns::get(tx, workspace_id, piece.campaign_id).await?;
    let channel_id = campaign.channel_id;
    let channel = channels::get(tx, workspace_id, channel_id).await?;
    let with_link = !piece
        .pacer
        .can(&channel)
        .is_some_and(|can| can.reports_replies);
    let common = values(tx, &piece.by, None, None).await?;
    let maker = Maker {
        by: &piece.by,
        now: piece.now,
        ids: &piece.ids,
    };
    let mut written = Vec::new();
    for ((whom, (token, link)), position) in piece.whom.iter().zip(&piece.links).zip(piece.first..)
    {
        let contact = match whom {
            Whom::Contact(id) => {
                let mut found = contacts::list(tx, workspace_id, &[*id]).await?;
                match found.pop() {
                    Some(contact) => contact,
                    // Taken away since it was chosen.
                    None => continue,
                }
            }
            Whom::Phone { digits, name } => {
                let name = name.as_deref();
                contact_of_phone(tx, maker, digits, name).await?.value
            }
        };
        let thread = thread_of(tx, maker, contact.id, channel_id, Begin::Resolved).await?;
        let mut values = common.clone();
        if let Some(name) = contact.name.as_ref().or(contact.profile_name.as_ref()) {
            values.insert("contact.first_name", first_name(name).to_owned());
            values.insert("contact.name", name.clone());
        }
        if let Some(phone) = &contact.phone {
            values.insert("contact.phone", format!("+{phone}"));
        }
        let mut text = wording::fill(&campaign.text, &values).text;
        if with_link {
            text = format!("{text}\n\n{link}");
            let hash = chance::hash(token);
            campaigns::add_opt_out_link(tx, workspace_id, &hash, contact.id, channel_id, piece.now)
                .await?;
        }
        let context =
            Context::load(tx, workspace_id, thread.value, piece.now, &piece.pacer).await?;
        let message = message_of(piece, &context, text);
        let (message_id, conversation_id) = (message.id, message.conversation_id);
        let queued = Queued {
            purpose: Purpose::Mailing,
            campaign_id: Some(campaign.id),
        };
        // They leave in their order: each is due a moment after the one before it.
        let due = campaign.created_at + SignedDuration::from_millis(position);
        queue(tx, &piece.by, context, message, queued, due, &piece.ids).await?;
        written.push(Recipient {
            position,
            contact_id: contact.id,
            conversation_id,
            message_id,
            answered_at: None,
            opted_out_at: None,
        });
    }
    campaigns::add_recipients(tx, workspace_id, campaign.id, &written).await
}

fn message_of(piece: &Piece, context: &Context, text: String) -> Message {
    Message {
        connection_id: context.channel.connection.as_ref().map(|known| known.id),
        ..Message::queued(
            piece.ids.next(piece.now),
            context.thread.id,
            piece.by.author(),
            Content::Text {
                text,
                preview_url: false,
            },
            piece.now,
        )
    }
}
