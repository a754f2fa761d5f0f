//! Fetching the files of messages from the provider. A message is shown with "file pending" until its file is here; a
//! link that fails is tried again, more and more seldom, until the provider's copy is gone (seven days).

use std::sync::Arc;

use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::id::WorkspaceId;
use jiff::{SignedDuration, Timestamp};
use store::lease::Epoch;
use store::media::{Media, MediaState};
use store::{Tx, media, messages};
use tokio::task::JoinSet;
use whatsapp::adapter::{FetchError, Fetched};

use crate::App;

/// Files that are fetched at once.
const AT_ONCE: i64 = 4;
/// WhatsApp takes documents up to 100 MB.
const FILE_LIMIT_BYTES: u64 = 100 * 1024 * 1024;
/// The provider keeps a file that came in for seven days (Meta, media page, 2025-10).
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Fetches what is due.
pub(super) async fn round(app: &Arc<App>, epoch: Epoch, now: Timestamp) -> crate::Result<()> {
    loop {
        let due = app
            .store
            .read(now, |tx, now| Box::pin(media::due(tx, *now, AT_ONCE)))
            .await?;
        if due.is_empty() {
            return Ok(());
        }
        let mut tasks = JoinSet::new();
        for (workspace_id, file) in due {
            let app = Arc::clone(app);
            tasks.spawn(async move { fetch(&app, epoch, workspace_id, file).await });
        }
        while let Some(ended) = tasks.join_next().await {
            match ended {
                Ok(outcome) => outcome?,
                Err(error) => tracing::error!(%error, "fetching a file broke off"),
            }
        }
    }
}

async fn fetch(
    app: &App,
    epoch: Epoch,
    workspace_id: WorkspaceId,
    mut file: Media,
) -> crate::Result<()> {
    let fetched = bytes(app, &file).await;
    match fetched {
        Ok(fetched) => {
            file.size_bytes = i64::try_from(fetched.bytes.len()).ok();
            file.sha256 = Some(app.files.put(fetched.bytes).await?);
            file.mime_type = file.mime_type.or(fetched.mime_type);
            file.state = MediaState::Stored;
            file.next_try_at = None;
        }
        Err(FetchError::Later)
            if app.clock.business_now().duration_since(file.created_at) < GIVEN_UP_AFTER =>
        {
            file.tries += 1;
            let wait = SignedDuration::from_secs((2_i64 << file.tries.clamp(0, 9)).min(600));
            file.next_try_at = Some(app.clock.machine_now() + wait);
            metrics::counter!("kesher_file_fetches_failed").increment(1);
        }
        Err(FetchError::Later | FetchError::Never) => {
            file.state = MediaState::Unavailable;
            file.next_try_at = None;
        }
    }
    let input = (workspace_id, file, app.clock.business_now());
    app.store
        .write_as(epoch, input, |tx, (workspace_id, file, now)| {
            Box::pin(save(tx, *workspace_id, file, *now))
        })
        .await?;
    Ok(())
}

async fn save(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    file: &Media,
    now: Timestamp,
) -> store::Result<()> {
    media::save(tx, workspace_id, file).await?;
    if file.state == MediaState::Pending {
        return Ok(());
    }
    let Some(message_id) = file.message_id else {
        return Ok(());
    };
    let message = messages::get(tx, workspace_id, message_id).await?;
    let subjects = Subjects {
        message_id: Some(message_id),
        conversation_id: Some(message.conversation_id),
        ..Subjects::default()
    };
    tx.emit(
        workspace_id,
        NewEvent::new(EventKind::MessageChanged, now, Actor::SYSTEM, subjects).with("what", "file"),
    );
    Ok(())
}

async fn bytes(app: &App, file: &Media) -> Result<Fetched, FetchError> {
    let directory = app.directory.get();
    // The key that fetches it is the account's; any of its numbers will do.
    let number = file
        .account_id
        .and_then(|id| directory.number_of_account(id))
        .ok_or(FetchError::Never)?;
    let source = file.source.as_ref().ok_or(FetchError::Never)?;
    app.speaker.fetch(&number, source, FILE_LIMIT_BYTES).await
}
