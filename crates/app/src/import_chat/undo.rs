//! The job that takes away what an import brought: its messages, the files that nobody else has, and the lead, the
//! conversation and the contact that it made, where nobody has touched them since.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use domain::conversation::{Conversation, last_line};
use domain::event::EventKind;
use domain::id::{ImportId, JobId, WorkspaceId};
use domain::inbound::Tracked;
use jiff::{SignedDuration, Timestamp};
use store::imports::{Import, ImportState, Made, Removed};
use store::jobs::Job;
use store::lease::Epoch;
use store::{Tx, contacts, conversations, imports, jobs, leads, messages};

use super::run::told_of;
use crate::{App, Result};

/// Messages of one transaction.
const PIECE: i64 = 48;
const SLICE: Duration = Duration::from_secs(2);
/// A file is taken from the disk this long after its last message went, and only when nobody brought it again
/// meanwhile: whoever keeps the same bytes writes the object first and its row after that.
const FILES_STAY: SignedDuration = SignedDuration::from_mins(10);

/// Goes on with an undo; asks for itself again when there is more.
pub(crate) async fn run(app: &App, epoch: Epoch, job: &Job) -> Result<()> {
    let Ok(id) = job.subject.parse::<ImportId>() else {
        return Ok(());
    };
    let (workspace_id, began) = (job.workspace_id, Instant::now());
    loop {
        if began.elapsed() > SLICE {
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
            return Ok(());
        }
        let machine_now = app.clock.machine_now();
        let input = (
            workspace_id,
            id,
            app.ids.next::<domain::id::JobKind>(machine_now),
            machine_now,
        );
        let removed = app
            .store
            .write_as(epoch, input, |tx, (workspace_id, id, job_id, now)| {
                Box::pin(piece(tx, *workspace_id, *id, *job_id, *now))
            })
            .await?;
        if removed.messages == 0 {
            break;
        }
    }
    let input = (workspace_id, id, app.clock.business_now());
    app.store
        .write_as(epoch, input, |tx, (workspace_id, id, now)| {
            Box::pin(finish(tx, *workspace_id, *id, *now))
        })
        .await?;
    // What was stopped under way may have left its upload.
    app.files.remove(&id.to_string()).await
}

async fn piece(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ImportId,
    job_id: JobId,
    now: Timestamp,
) -> store::Result<Removed> {
    let import = match imports::get(tx, workspace_id, id).await {
        Ok(import) if import.state == ImportState::Undoing => import,
        Ok(_) | Err(store::Error::NotFound(_)) => return Ok(Removed::default()),
        Err(error) => return Err(error),
    };
    let removed = imports::remove(tx, workspace_id, id, PIECE).await?;
    let done = import.done + i64::try_from(removed.messages).unwrap_or(0);
    imports::progress(tx, workspace_id, id, ImportState::Undoing, done).await?;
    if !removed.objects.is_empty() {
        let payload = serde_json::to_string(&removed.objects)
            .map_err(|error| store::Error::BadValue(error.to_string()))?;
        let job = Job {
            workspace_id,
            id: job_id,
            kind: crate::jobs::FORGET_FILES.to_owned(),
            subject: job_id.to_string(),
            payload,
            due_at: now + FILES_STAY,
            tries: 0,
        };
        jobs::enqueue(tx, &job).await?;
    }
    Ok(removed)
}

async fn finish(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    id: ImportId,
    now: Timestamp,
) -> store::Result<()> {
    let mut import = imports::get(tx, workspace_id, id).await?;
    if import.state != ImportState::Undoing {
        return Ok(());
    }
    unmake(tx, workspace_id, &mut import).await?;
    import.state = ImportState::Undone;
    import.undone_at = Some(now);
    imports::save(tx, workspace_id, &import).await?;
    tx.emit(workspace_id, told_of(&import, EventKind::ImportUndone, now));
    Ok(())
}

/// Takes away what the import made and nobody uses; what another import still needs is that one's to take away.
async fn unmake(tx: &mut Tx, workspace_id: WorkspaceId, import: &mut Import) -> store::Result<()> {
    let Some(thread) = import.conversation_id else {
        return Ok(());
    };
    let thread = match conversations::get(tx, workspace_id, thread).await {
        Ok(thread) => thread,
        Err(store::Error::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    if let (Some(version), Some(lead_id)) = (import.made.lead, import.lead_id)
        && let Ok(lead) = leads::get(tx, workspace_id, lead_id).await
        && lead.version == version
        && !lead.touched
    {
        leads::delete(tx, workspace_id, &[lead_id]).await?;
    }
    let newest = messages::page(tx, workspace_id, thread.id, None, 1).await?;
    let is_empty = newest.is_empty() && thread.assignee_id.is_none();
    let others = imports::of_conversation(tx, workspace_id, thread.id).await?;
    let heir = others.into_iter().find(|other| {
        other.id != import.id
            && matches!(
                other.state,
                ImportState::Applied | ImportState::Failed | ImportState::Applying
            )
    });
    if let Some(mut heir) = heir {
        heir.made = Made {
            contact: heir.made.contact.or(import.made.contact),
            conversation: heir.made.conversation || import.made.conversation,
            lead: heir.made.lead,
        };
        imports::save(tx, workspace_id, &heir).await?;
    } else if is_empty && import.made.conversation {
        imports::remove_thread(tx, workspace_id, &thread).await?;
        return unmake_contact(tx, workspace_id, import).await;
    }
    let mut tracked = Tracked::loaded(thread);
    let newest = newest.first();
    tracked.now.last_message = newest.map(last_line);
    tracked.now.last_at = newest.map_or(tracked.now.created_at, |newest| newest.at);
    if tracked.has_changed() {
        conversations::save(tx, workspace_id, &[&tracked]).await?;
    }
    Ok(())
}

async fn unmake_contact(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    import: &Import,
) -> store::Result<()> {
    let (Some(version), Some(id)) = (import.made.contact, import.contact_id) else {
        return Ok(());
    };
    let held = contacts::list_locked(tx, workspace_id, &[id]).await?;
    let untouched = held
        .first()
        .is_some_and(|contact| contact.version == version && contact.merged_into.is_none());
    let threads: Vec<Conversation> = conversations::of_contacts(tx, workspace_id, &[id]).await?;
    let leads = leads::of_contact(tx, workspace_id, id).await?;
    if untouched && threads.is_empty() && leads.is_empty() {
        imports::remove_contact(tx, workspace_id, id).await?;
    }
    Ok(())
}

/// Takes files from the disk that no message has any more.
pub(crate) async fn forget_files(app: &App, job: &Job) -> Result<()> {
    let objects: BTreeSet<String> = serde_json::from_str(&job.payload).unwrap_or_default();
    let unused = app
        .store
        .read(objects.into_iter().collect::<Vec<_>>(), |tx, objects| {
            Box::pin(imports::unused_objects(tx, objects.clone()))
        })
        .await?;
    let before = app.clock.machine_now() - FILES_STAY + SignedDuration::from_mins(1);
    for object in unused {
        app.files.forget(&object, before).await?;
    }
    Ok(())
}

/// Takes away an upload that is not needed any more: its import is done, or nobody applied its preview.
pub(crate) async fn forget_upload(app: &App, job: &Job) -> Result<()> {
    let Ok(id) = job.subject.parse::<ImportId>() else {
        return Ok(());
    };
    let input = (job.workspace_id, id);
    let needed = app
        .store
        .write(input, |tx, (workspace_id, id)| {
            Box::pin(async move {
                imports::drop_preview(tx, *workspace_id, *id).await?;
                match imports::get(tx, *workspace_id, *id).await {
                    Ok(import) => Ok(import.state == ImportState::Applying),
                    Err(store::Error::NotFound(_)) => Ok(false),
                    Err(error) => Err(error),
                }
            })
        })
        .await?;
    if needed {
        return Ok(());
    }
    app.files.remove(&id.to_string()).await
}
