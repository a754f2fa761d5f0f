//! What was being sent when the active process ended. It may have been accepted or not: it becomes unclear.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::id::{ConversationId, WorkspaceId};
use store::lease::Epoch;
use store::outbox::{OutboxRow, OutboxState};
use store::{Tx, conversations, outbox};
use tokio_util::sync::CancellationToken;

use super::record::unclear;
use crate::App;

const PIECE: i64 = 100;

/// Settles all rows of older epochs, in pieces, before anything new is sent.
pub(super) async fn settle(app: &App, epoch: Epoch, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match piece(app, epoch).await {
            Ok(0) | Err(store::Error::Fenced) => return,
            Ok(count) => tracing::warn!(
                count,
                "messages were being sent when the process ended; they are unclear now"
            ),
            Err(error) => {
                tracing::warn!(%error, "settling what was being sent; will try again");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

async fn piece(app: &App, epoch: Epoch) -> store::Result<usize> {
    let input = (
        epoch.0,
        app.clock.business_now(),
        Arc::clone(&app.ids),
        app.faults,
    );
    app.store
        .write_as(epoch, input, |tx, (epoch, now, ids, faults)| {
            Box::pin(async move {
                let orphans = outbox::orphans(tx, *epoch, PIECE).await?;
                let count = orphans.len();
                let mut threads: BTreeMap<WorkspaceId, Vec<ConversationId>> = BTreeMap::new();
                for (workspace_id, row) in &orphans {
                    threads
                        .entry(*workspace_id)
                        .or_default()
                        .push(row.conversation_id);
                }
                for (workspace_id, ids) in threads {
                    conversations::list_by_id(tx, workspace_id, &ids).await?;
                }
                for (workspace_id, row) in orphans {
                    if faults.resend_on_restart() {
                        send_again(tx, workspace_id, row).await?;
                    } else {
                        unclear(tx, workspace_id, row, *now, ids).await?;
                    }
                }
                Ok(count)
            })
        })
        .await
}

/// The mistake that the crash test plants.
async fn send_again(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    mut row: OutboxRow,
) -> store::Result<()> {
    row.state = OutboxState::Queued;
    outbox::save(tx, workspace_id, &[&row]).await
}
