//! The job that puts a chat on the timeline, a piece at a time. Where it is stands in the import's row; a piece that was
//! written twice is found by its keys. So it may be stopped at any moment, by a crash too.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::chat_export::ExportKind;
use domain::content::{Content, MediaKind};
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::{ConversationId, ImportId, WorkspaceId};
use domain::inbound::Tracked;
use domain::message::{Author, AuthorKind, Delivery, Direction, Edited, Message};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use store::imports::{Import, ImportState, NewMessage};
use store::jobs::Job;
use store::lease::Epoch;
use store::media::{Media, MediaState};
use store::{Tx, conversations, imports, jobs, messages};

use super::container::Container;
use super::digest::{Digest, Planned};
use super::preview::{aside, digest, known_keys, live_ones, open};
use crate::chance::Ids;
use crate::{App, Error, Refusal, RefusalKind, Result, keep_file};

/// Messages of one transaction: what is written is searchable at once, and that is most of the work.
const PIECE: usize = 48;
/// Pieces that are on their way together: SQLite commits them as one.
const AT_ONCE: usize = 4;
/// Other jobs wait no longer than this.
const SLICE: Duration = Duration::from_secs(2);
/// A file that cannot be read after so many tries is given up.
const TRIES: i64 = 4;
const FILE_GONE: &str = "import_file_gone";

/// Goes on with an import; asks for itself again when there is more.
pub(crate) async fn run(app: &App, epoch: Epoch, job: &Job) -> Result<()> {
    let Ok(id) = job.subject.parse::<ImportId>() else {
        return Ok(());
    };
    let (workspace_id, began) = (job.workspace_id, Instant::now());
    let import = match load(app, workspace_id, id).await {
        Ok(import) if import.state == ImportState::Applying => import,
        Ok(_) | Err(Error::Store(store::Error::NotFound(_))) => return Ok(()),
        Err(error) => return Err(error),
    };
    let Some(thread) = import.conversation_id else {
        return Ok(());
    };
    let read = Box::pin(read(app, workspace_id, &import, thread)).await;
    let (mut container, digest, live) = match read {
        Ok(read) => read,
        Err(Error::Refused(refusal)) => {
            return fail(app, epoch, workspace_id, id, refusal.code).await;
        }
        Err(Error::Files(_)) if job.tries >= TRIES => {
            return fail(app, epoch, workspace_id, id, FILE_GONE).await;
        }
        Err(error) => return Err(error),
    };
    let mut done = usize::try_from(import.done).unwrap_or(0);
    while done < digest.planned.len() {
        if began.elapsed() > SLICE {
            return again(app, epoch, workspace_id, &import).await;
        }
        let end = (done + PIECE * AT_ONCE).min(digest.planned.len());
        let batch = Batch {
            workspace_id,
            import_id: id,
            thread,
            first: done,
            planned: &digest.planned[done..end],
            live: &live,
        };
        container = match put(app, epoch, container, batch).await? {
            Some(container) => container,
            // Somebody took it back.
            None => return Ok(()),
        };
        done = end;
        let input = (workspace_id, id, i64::try_from(done).unwrap_or(i64::MAX));
        let goes_on = app
            .store
            .write_as(epoch, input, |tx, (workspace_id, id, done)| {
                Box::pin(imports::progress(
                    tx,
                    *workspace_id,
                    *id,
                    ImportState::Applying,
                    *done,
                ))
            })
            .await?;
        if !goes_on {
            return Ok(());
        }
    }
    finish(app, epoch, workspace_id, id, "").await
}

async fn load(app: &App, workspace_id: WorkspaceId, id: ImportId) -> Result<Import> {
    let import = app
        .store
        .read((workspace_id, id), |tx, (workspace_id, id)| {
            Box::pin(imports::get(tx, *workspace_id, *id))
        });
    Ok(import.await?)
}

async fn read(
    app: &App,
    workspace_id: WorkspaceId,
    import: &Import,
    thread: ConversationId,
) -> Result<(Container, Digest, HashSet<usize>)> {
    let bytes = app.files.find(&import.id.to_string()).await?;
    let bytes = bytes.ok_or_else(|| Refusal::new(RefusalKind::Gone, FILE_GONE))?;
    let container = open(bytes, import.file_name.clone()).await?;
    let (container, digest) = digest(app, container, &import.choices).await?;
    let live = live_ones(app, workspace_id, thread, &digest).await?;
    Ok((container, digest, live))
}

/// Asks for the next slice, behind the jobs that wait.
async fn again(app: &App, epoch: Epoch, workspace_id: WorkspaceId, import: &Import) -> Result<()> {
    let now = app.clock.machine_now();
    let job = Job {
        workspace_id,
        id: app.ids.next(now),
        kind: crate::jobs::IMPORT_CHAT.to_owned(),
        subject: import.id.to_string(),
        payload: String::new(),
        due_at: now,
        tries: 0,
    };
    app.store
        .write_as(epoch, job, |tx, job| Box::pin(jobs::enqueue(tx, job)))
        .await?;
    Ok(())
}

/// Some messages of an import, and where they go.
struct Batch<'a> {
    workspace_id: WorkspaceId,
    import_id: ImportId,
    thread: ConversationId,
    /// The place of the first among all.
    first: usize,
    planned: &'a [Planned],
    live: &'a HashSet<usize>,
}

/// Writes a batch; answers nothing when the import is not to go on.
async fn put(
    app: &App,
    epoch: Epoch,
    container: Container,
    batch: Batch<'_>,
) -> Result<Option<Container>> {
    let known = known_keys(app, batch.workspace_id, batch.thread, batch.planned).await?;
    let new: Vec<&Planned> = batch
        .planned
        .iter()
        .zip(batch.first..)
        .filter(|(planned, nth)| !batch.live.contains(nth) && !known.contains(&planned.key))
        .map(|(planned, _)| planned)
        .collect();
    let (container, files) = keep_files(app, container, &new).await?;
    let now = app.clock.business_now();
    let rows: Vec<NewMessage> = new
        .into_iter()
        .map(|planned| new_message(planned, batch.thread, &files, now, &app.ids))
        .collect();
    let writes = rows.chunks(PIECE).map(|piece| {
        let input = Arc::new((
            batch.workspace_id,
            batch.import_id,
            batch.thread,
            piece.to_vec(),
        ));
        app.store.write_as(epoch, input, |tx, input| {
            Box::pin(async move {
                let (workspace_id, import_id, thread, piece) = &**input;
                let state = ImportState::Applying;
                if !imports::is_in(tx, *workspace_id, *import_id, state).await? {
                    return Ok(false);
                }
                imports::add(tx, *workspace_id, *import_id, *thread, piece).await?;
                Ok(true)
            })
        })
    });
    let went_on = try_join_all(writes).await?;
    Ok(went_on.into_iter().all(|went| went).then_some(container))
}

/// A file of the export that is kept.
struct Kept {
    sha256: String,
    size: i64,
    mime_type: &'static str,
}

/// Keeps the files of these messages: first the objects, then their rows.
async fn keep_files(
    app: &App,
    mut container: Container,
    new: &[&Planned],
) -> Result<(Container, BTreeMap<String, Kept>)> {
    let mut kept = BTreeMap::new();
    for (name, _) in new.iter().filter_map(|planned| planned.said.file.as_ref()) {
        if kept.contains_key(name) {
            continue;
        }
        let wanted = name.clone();
        let (back, bytes) = aside(move || {
            let bytes = container.file(&wanted);
            (container, bytes)
        })
        .await?;
        container = back;
        let Some(bytes) = bytes? else { continue };
        // What could run in a browser or on a desk is not brought along.
        let Some(mime_type) = keep_file::harmless(&bytes, name) else {
            continue;
        };
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let sha256 = app.files.put(bytes.into()).await?;
        kept.insert(
            name.clone(),
            Kept {
                sha256,
                size,
                mime_type,
            },
        );
    }
    Ok((container, kept))
}

fn new_message(
    planned: &Planned,
    thread: ConversationId,
    files: &BTreeMap<String, Kept>,
    now: Timestamp,
    ids: &Ids,
) -> NewMessage {
    let (at, said) = (planned.at, &planned.said);
    let mut content = said.content.clone();
    let id = ids.next(at);
    let file = said.file.as_ref().and_then(|(name, kind)| {
        let kept = files.get(name)?;
        let Content::Media(media) = &mut content else {
            return None;
        };
        media.media_kind = shown_as(*kind, kept.mime_type);
        media.mime_type = Some(kept.mime_type.to_owned());
        let row = Media {
            id: ids.next(at),
            message_id: Some(id),
            account_id: None,
            state: MediaState::Stored,
            media_kind: media.media_kind,
            mime_type: media.mime_type.clone(),
            filename: keep_file::safe_name(name),
            size_bytes: Some(kept.size),
            sha256: Some(kept.sha256.clone()),
            source: None,
            upload: None,
            tries: 0,
            next_try_at: None,
            created_at: now,
        };
        media.media_id = Some(row.id);
        Some(row)
    });
    let message = Message {
        // No provider knows it: it can be neither answered nor reacted to.
        direction: if planned.ours {
            Direction::Out
        } else {
            Direction::In
        },
        edited: said.edited.then(|| Edited {
            at,
            content: content.clone(),
        }),
        delivery: planned.ours.then_some(Delivery::Sent),
        revoked_at: said.deleted.then_some(at),
        ..Message::queued(
            id,
            thread,
            Author {
                kind: AuthorKind::Import,
                user_id: None,
            },
            content,
            at,
        )
    };
    NewMessage {
        key: planned.key.clone(),
        message,
        sender: said.sender.clone(),
        file,
    }
}

/// A picture that is none, say a HEIC, is shown as a document.
fn shown_as(kind: ExportKind, mime_type: &str) -> MediaKind {
    let is = |family: &str| mime_type.starts_with(family);
    match kind {
        ExportKind::Image if matches!(mime_type, "image/jpeg" | "image/png") => MediaKind::Image,
        ExportKind::Sticker if mime_type == "image/webp" => MediaKind::Sticker,
        ExportKind::Gif if mime_type == "image/gif" => MediaKind::Image,
        ExportKind::Video | ExportKind::VideoNote | ExportKind::Gif if is("video/") => {
            MediaKind::Video
        }
        ExportKind::Audio | ExportKind::Voice if is("audio/") => MediaKind::Audio,
        _ => MediaKind::Document,
    }
}

async fn fail(
    app: &App,
    epoch: Epoch,
    workspace_id: WorkspaceId,
    id: ImportId,
    why: &'static str,
) -> Result<()> {
    tracing::warn!(import_id = %id, why, "an import failed");
    finish(app, epoch, workspace_id, id, why).await
}

/// The last step: the conversation's last line, and the one event that tells of it all. `why`: it failed.
async fn finish(
    app: &App,
    epoch: Epoch,
    workspace_id: WorkspaceId,
    id: ImportId,
    why: &'static str,
) -> Result<()> {
    let now = (app.clock.business_now(), app.clock.machine_now());
    let input = (workspace_id, id, why, now, app.ids.next(now.1));
    app.store
        .write_as(epoch, input, |tx, (workspace_id, id, why, now, job_id)| {
            Box::pin(async move {
                let mut import = imports::get(tx, *workspace_id, *id).await?;
                if import.state != ImportState::Applying {
                    return Ok(());
                }
                import.added = imports::count(tx, *workspace_id, *id).await?;
                import.applied_at = Some(now.0);
                if why.is_empty() {
                    import.state = ImportState::Applied;
                    import.done = import.total;
                } else {
                    import.state = ImportState::Failed;
                    import.failure = Some((*why).to_owned());
                }
                imports::save(tx, *workspace_id, &import).await?;
                last_line(tx, *workspace_id, import.conversation_id).await?;
                let event = told_of(&import, EventKind::ImportApplied, now.0);
                tx.emit(*workspace_id, event);
                let job = Job {
                    workspace_id: *workspace_id,
                    id: *job_id,
                    kind: crate::jobs::FORGET_IMPORT.to_owned(),
                    subject: id.to_string(),
                    payload: String::new(),
                    due_at: now.1,
                    tries: 0,
                };
                jobs::enqueue(tx, &job).await
            })
        })
        .await?;
    Ok(())
}

/// The event of an import, with ids and numbers only.
pub(super) fn told_of(import: &Import, kind: EventKind, now: Timestamp) -> NewEvent {
    let subjects = Subjects {
        contact_id: import.contact_id,
        lead_id: import.lead_id,
        conversation_id: import.conversation_id,
        channel_id: Some(import.channel_id),
        ..Subjects::default()
    };
    NewEvent::new(kind, now, import.actor, subjects)
        .with("import_id", import.id)
        .with("messages", import.added)
}

/// The list shows the newest message, if that is now one of the export's.
async fn last_line(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    thread: Option<ConversationId>,
) -> store::Result<()> {
    let Some(thread) = thread else { return Ok(()) };
    let thread = conversations::get(tx, workspace_id, thread).await?;
    let newest = messages::page(tx, workspace_id, thread.id, None, 1).await?;
    let Some(newest) = newest.first() else {
        return Ok(());
    };
    let mut tracked = Tracked::loaded(thread);
    tracked.now.receive(newest, false);
    if tracked.has_changed() {
        conversations::save(tx, workspace_id, &[&tracked]).await?;
    }
    Ok(())
}
