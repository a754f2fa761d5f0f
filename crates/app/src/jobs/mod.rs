//! Slow work outside of the lanes: fetching files, reading the truth about templates and numbers. It runs in the
//! active process, on machine time; what it learns it writes in a transaction of its own.

mod fetch_file;
pub mod read_number;
pub mod read_templates;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use store::jobs::Job;
use store::lease::Epoch;
use tokio_util::sync::CancellationToken;

use crate::connect_channel::job;
use crate::{App, import_chat, run_campaign};

/// Reads an account's templates.
pub const READ_TEMPLATES: &str = "read_templates";
/// Reads what a number is and how it fares.
pub const READ_NUMBER: &str = "read_number";
/// Puts an exported chat on the timeline.
pub const IMPORT_CHAT: &str = "import_chat";
/// Takes away what an import brought.
pub const UNDO_IMPORT: &str = "undo_import";
/// Takes away an upload that nobody needs any more.
pub const FORGET_IMPORT: &str = "forget_import";
/// Takes files from the disk that no message has any more.
pub const FORGET_FILES: &str = "forget_files";
/// Writes a mailing's recipients down.
pub const PREPARE_CAMPAIGN: &str = "prepare_campaign";

/// How often the numbers are asked how they fare.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// After this time an official number is asked again.
const STALE: SignedDuration = SignedDuration::from_hours(6);

const PATIENCE: Duration = Duration::from_secs(1);
const PIECE: i64 = 32;
/// A job that failed so often is given up; the next hint asks again.
const TRIES: i64 = 12;

/// Runs jobs and fetches files until told to stop.
pub async fn run(app: &Arc<App>, epoch: Epoch, stop: CancellationToken) {
    let mut heartbeat: Option<Instant> = None;
    while !stop.is_cancelled() {
        if heartbeat.is_none_or(|last| last.elapsed() > HEARTBEAT) {
            heartbeat = Some(Instant::now());
            if let Err(error) = ask_numbers(app, epoch).await {
                tracing::warn!(%error, "the heartbeat of the numbers: will try again");
            }
        }
        if let Err(error) = round(app, epoch).await {
            tracing::warn!(%error, "jobs: will try again");
        }
        tokio::select! {
            _ = app.signals.jobs.take(PATIENCE) => {}
            () = stop.cancelled() => break,
        }
    }
}

/// Gateways are asked each time, others when they were not asked for a while: what is told by webhook can be missed.
async fn ask_numbers(app: &App, epoch: Epoch) -> crate::Result<()> {
    let (now, machine_now) = (app.clock.business_now(), app.clock.machine_now());
    let due: Vec<_> = app
        .directory
        .get()
        .lines()
        .iter()
        .filter(|line| line.channel.connection.is_some())
        .filter(|line| {
            let fresh = |at| now.duration_since(at) < STALE;
            line.channel.link.is_gateway() || !line.channel.health.checked_at.is_some_and(fresh)
        })
        .map(|line| {
            let id = line.channel.id;
            job(line.workspace_id, READ_NUMBER, id, machine_now, &app.ids)
        })
        .collect();
    if due.is_empty() {
        return Ok(());
    }
    app.store
        .write_as(epoch, due, |tx, due| {
            Box::pin(async move {
                for job in due {
                    store::jobs::enqueue(tx, job).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}

async fn round(app: &Arc<App>, epoch: Epoch) -> crate::Result<()> {
    let now = app.clock.machine_now();
    fetch_file::round(app, epoch, now).await?;
    let due = app
        .store
        .read(now, |tx, now| Box::pin(store::jobs::due(tx, *now, PIECE)))
        .await?;
    if !due.is_empty() {
        // A job may follow from a change of a token or an address that this snapshot has not seen yet.
        app.reload_directory().await?;
    }
    for job in due {
        let outcome = match job.kind.as_str() {
            READ_TEMPLATES => read_templates::run(app, &job).await,
            READ_NUMBER => read_number::run(app, &job).await,
            IMPORT_CHAT => Box::pin(import_chat::run::run(app, epoch, &job)).await,
            UNDO_IMPORT => import_chat::undo::run(app, epoch, &job).await,
            FORGET_IMPORT => import_chat::undo::forget_upload(app, &job).await,
            FORGET_FILES => import_chat::undo::forget_files(app, &job).await,
            PREPARE_CAMPAIGN => run_campaign::prepare::run(app, epoch, &job).await,
            other => {
                tracing::warn!(
                    kind = other,
                    "a job of a kind that this version does not know is dropped"
                );
                Ok(())
            }
        };
        end(app, epoch, job, outcome).await?;
    }
    Ok(())
}

async fn end(app: &App, epoch: Epoch, job: Job, outcome: crate::Result<()>) -> crate::Result<()> {
    let again = match &outcome {
        Ok(()) | Err(crate::Error::Refused(_)) => None,
        Err(error) => {
            tracing::warn!(kind = %job.kind, tries = job.tries, %error, "a job failed");
            (job.tries < TRIES).then(|| {
                app.clock.machine_now() + SignedDuration::from_secs(2 << job.tries.clamp(0, 10))
            })
        }
    };
    app.store
        .write_as(epoch, (job, again), |tx, (job, again)| {
            Box::pin(async move {
                match again {
                    Some(due_at) => {
                        store::jobs::postpone(tx, job.workspace_id, job.id, *due_at).await
                    }
                    None => store::jobs::finish(tx, job.workspace_id, job.id).await,
                }
            })
        })
        .await?;
    Ok(())
}
