//! Lanes: what came in is applied to the state, workspace by workspace, in the order of the journal, batch after batch.

mod answers;
mod batch;
mod understand;

use std::collections::BTreeSet;
use std::time::Duration;

use domain::id::WorkspaceId;
use store::lease::Epoch;
use store::{events, journal};
use tokio_util::sync::CancellationToken;

use crate::App;
pub use understand::Item;

/// Entries that one turn takes.
const ENTRIES: i64 = 256;
/// How long a lane waits for a signal before it looks by itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs all lanes of the active process, until it is told to stop or loses the lease.
pub async fn run(app: &App, epoch: Epoch, stop: CancellationToken) {
    let mut waiting: BTreeSet<WorkspaceId> = BTreeSet::new();
    while !stop.is_cancelled() {
        if waiting.is_empty() {
            tokio::select! {
                signalled = app.signals.lanes.take(PATIENCE) => waiting = signalled,
                () = stop.cancelled() => break,
            }
            match app
                .store
                .read((), |tx, ()| Box::pin(journal::waiting_workspaces(tx)))
                .await
            {
                Ok(found) => waiting.extend(found),
                Err(error) => pause(&error, "lanes: looking for work").await,
            }
        }
        // A turn each, so that a busy workspace holds up nobody.
        for workspace_id in std::mem::take(&mut waiting) {
            match turn(app, epoch, workspace_id).await {
                Ok(true) => {
                    waiting.insert(workspace_id);
                }
                Ok(false) => {}
                Err(crate::Error::Store(store::Error::Fenced)) => return,
                Err(error) => {
                    waiting.insert(workspace_id);
                    pause(&error, "lanes: applying").await;
                }
            }
        }
    }
}

async fn pause(error: &(dyn std::fmt::Display + Sync), doing: &str) {
    tracing::warn!(%error, doing, "will try again");
    tokio::time::sleep(Duration::from_millis(500)).await;
}

/// Applies the next entries of a workspace. Says whether there may be more.
async fn turn(app: &App, epoch: Epoch, workspace_id: WorkspaceId) -> crate::Result<bool> {
    let entries = app
        .store
        .read(workspace_id, |tx, workspace_id| {
            Box::pin(journal::waiting(tx, *workspace_id, ENTRIES))
        })
        .await?;
    if entries.is_empty() {
        return Ok(false);
    }
    let full = i64::try_from(entries.len()).unwrap_or(ENTRIES) == ENTRIES;
    if let Some(oldest) = entries.first() {
        let lag = app.clock.business_now().duration_since(oldest.received_at);
        metrics::gauge!("kesher_lane_lag_seconds").set(lag.as_secs_f64());
    }
    let understood = understand::entries(app, &entries).await?;
    batch::apply(app, epoch, workspace_id, understood).await?;
    Ok(full || !app_is_drained(app, workspace_id).await?)
}

async fn app_is_drained(app: &App, workspace_id: WorkspaceId) -> crate::Result<bool> {
    let left = app
        .store
        .read(workspace_id, |tx, workspace_id| {
            Box::pin(journal::waiting(tx, *workspace_id, 1))
        })
        .await?;
    Ok(left.is_empty())
}

/// The number of the newest event of a workspace.
///
/// # Errors
/// As the database says.
pub async fn last_event(app: &App, workspace_id: WorkspaceId) -> crate::Result<i64> {
    let seq = app.store.read(workspace_id, |tx, workspace_id| {
        Box::pin(events::last_seq(tx, *workspace_id))
    });
    Ok(seq.await?)
}
