//! A person brings a chat that they exported from WhatsApp. First it is only looked at ([`upload`], [`choose`]); then its
//! messages go on the timeline, each once ([`apply`]); and what one import brought can be taken away again ([`undo`]).
//!
//! The upload itself is kept until the import is done or dropped, and no longer. Both ways are jobs that go on where
//! they were after a crash: see [`run`] and [`undo`](mod@undo).

mod container;
mod digest;
mod place;
mod preview;
pub(crate) mod run;
#[cfg(test)]
mod tests;
pub(crate) mod undo;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use domain::access::Permission;
use domain::chat_export::{Choices, DateOrder, Missing, Us, Whom};
use domain::id::{ChannelId, ContactId, ImportId, JobId, LeadId};
use domain::people::Contact;
use domain::phone::Phone;
use jiff::{SignedDuration, Timestamp};
use store::imports::{Import, ImportState, Made};
use store::jobs::Job;
use store::keys::{Known, Once};
use store::{Tx, channels, contacts, imports, jobs, keys, leads};

pub use container::IMPORT_LIMIT_BYTES;
pub use preview::phone_of;

use crate::browse::Page;
use crate::caller::{Caller, Who};
use crate::chance::Ids;
use crate::error::{Told, told};
use crate::jobs as work;
use crate::open_conversation::Maker;
use crate::{App, Refusal, RefusalKind, Result};

/// The business's own zone, where nobody says otherwise.
pub const TIME_ZONE: &str = "Asia/Jerusalem";
/// A preview that nobody applies is somebody's private chat: it does not stay.
const PREVIEW_STAYS: SignedDuration = SignedDuration::from_hours(24);
/// So many choices may be on their way together.
const CHOICES_AT_ONCE: usize = 8;

/// A file that somebody brings.
#[derive(Debug, Clone)]
pub struct Upload {
    pub channel_id: ChannelId,
    pub lead_id: Option<LeadId>,
    pub contact_id: Option<ContactId>,
    pub time_zone: Option<String>,
    pub file_name: Option<String>,
    pub bytes: Bytes,
    pub once: Option<Once>,
}

/// What a person says of a preview. What is left out stays as it was.
#[derive(Debug, Clone, Default)]
pub struct Choose {
    /// The participant who is the business; `Some(None)`: none of them is.
    pub us: Option<Option<String>>,
    pub contact_id: Option<ContactId>,
    pub new_contact: Option<NewContact>,
    pub date_order: Option<DateOrder>,
    pub time_zone: Option<String>,
    pub make_lead: Option<bool>,
    pub include_group: Option<bool>,
}

#[derive(Debug, Clone, Default)]
pub struct NewContact {
    pub name: Option<String>,
    /// As a person writes it.
    pub phone: Option<String>,
}

/// An import as it is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    pub import: Import,
    /// What still has to be said before it can be applied.
    pub missing: Vec<Missing>,
    /// Contacts that are spoken of.
    pub contacts: BTreeMap<ContactId, Contact>,
    pub may_undo: bool,
}

/// Looks at a file; nothing is on the timeline yet.
///
/// # Errors
/// A refusal that says what is wrong with the file; nothing is kept of it then.
pub async fn upload(app: &App, by: &Caller, upload: Upload) -> Result<Shown> {
    by.must(Permission::ConversationsWrite)?;
    let contact_id = whose(app, by, &upload).await?;
    let time_zone = upload.time_zone.unwrap_or_else(|| TIME_ZONE.to_owned());
    digest::zone(&time_zone)?;
    let container = preview::open(upload.bytes.clone(), upload.file_name.clone()).await?;
    let first =
        preview::first_choices(app, by, container, upload.channel_id, contact_id, time_zone);
    let (container, choices) = Box::pin(first).await?;
    let preview = preview::preview(app, by, container, upload.channel_id, &choices).await?;
    let now = app.clock.business_now();
    let import = Import {
        id: app.ids.next(now),
        channel_id: upload.channel_id,
        state: ImportState::Preview,
        file_name: upload
            .file_name
            .as_deref()
            .and_then(crate::keep_file::safe_name),
        file_bytes: i64::try_from(upload.bytes.len()).unwrap_or(i64::MAX),
        choices,
        preview,
        contact_id: None,
        conversation_id: None,
        lead_id: upload.lead_id,
        made: Made::default(),
        done: 0,
        total: 0,
        added: 0,
        failure: None,
        actor: by.actor(),
        created_by: by.user_id(),
        created_at: now,
        applied_at: None,
        undone_at: None,
    };
    app.files
        .put_as(&import.id.to_string(), upload.bytes)
        .await?;
    let machine_now = app.clock.machine_now();
    let forget = job(
        by,
        app,
        work::FORGET_IMPORT,
        import.id,
        machine_now + PREVIEW_STAYS,
    );
    let input = Arc::new((by.workspace_id, import, upload.once, forget, now));
    let kept = app.store.write(Arc::clone(&input), |tx, input| {
        Box::pin(async move {
            let (workspace_id, import, once, forget, now) = &**input;
            if let Some(once) = once {
                match keys::claim(tx, *workspace_id, once, *now).await? {
                    Known::New => {}
                    Known::Done(made) => {
                        return Ok(made.parse::<ImportId>().map_err(|_| mismatch()));
                    }
                    Known::Mismatch => return Ok(Err(mismatch())),
                }
                keys::done(tx, *workspace_id, once, &import.id.to_string()).await?;
            }
            imports::save(tx, *workspace_id, import).await?;
            jobs::enqueue(tx, forget).await?;
            Ok(Ok(import.id))
        })
    });
    let kept = told(kept.await);
    if kept.as_ref().ok() != Some(&input.1.id) {
        app.files.remove(&input.1.id.to_string()).await?;
    }
    get(app, by, kept?).await
}

fn mismatch() -> Refusal {
    Refusal::new(RefusalKind::Invalid, "idempotency_mismatch")
}

pub(crate) fn job(
    by: &Caller,
    app: &App,
    kind: &str,
    import_id: ImportId,
    due_at: Timestamp,
) -> Job {
    Job {
        workspace_id: by.workspace_id,
        id: app.ids.next::<domain::id::JobKind>(due_at),
        kind: kind.to_owned(),
        subject: import_id.to_string(),
        payload: String::new(),
        due_at,
        tries: 0,
    }
}

/// The contact that the caller names, by itself or by a lead.
async fn whose(app: &App, by: &Caller, upload: &Upload) -> Result<Option<ContactId>> {
    let input = (
        by.workspace_id,
        upload.channel_id,
        upload.lead_id,
        upload.contact_id,
    );
    let found = app
        .store
        .read(input, |tx, (workspace_id, channel, lead, contact)| {
            Box::pin(async move {
                if let Err(store::Error::NotFound(_)) =
                    channels::get(tx, *workspace_id, *channel).await
                {
                    return Ok(Err(Refusal::invalid("channel_unknown", "channel_id")));
                }
                if let Some(lead) = lead {
                    return match leads::get(tx, *workspace_id, *lead).await {
                        Ok(lead) => Ok(Ok(Some(lead.contact_id))),
                        Err(store::Error::NotFound(_)) => {
                            Ok(Err(Refusal::invalid("lead_unknown", "lead_id")))
                        }
                        Err(error) => Err(error),
                    };
                }
                match contact {
                    Some(contact) => Ok(known_contact(tx, *workspace_id, *contact)
                        .await?
                        .map(|contact| Some(contact.id))),
                    None => Ok(Ok(None)),
                }
            })
        });
    told(found.await)
}

async fn known_contact(
    tx: &mut Tx,
    workspace_id: domain::id::WorkspaceId,
    id: ContactId,
) -> store::Result<Told<Contact>> {
    match contacts::get(tx, workspace_id, id).await {
        Ok(contact) => Ok(Ok(contact)),
        Err(store::Error::NotFound(_)) => {
            Ok(Err(Refusal::invalid("contact_unknown", "contact_id")))
        }
        Err(error) => Err(error),
    }
}

/// Whether this caller may see an import. What is not on the timeline is still its bringer's own.
fn may_see(by: &Caller, import: &Import) -> bool {
    import.state != ImportState::Preview || is_own(by, import) || by.may(Permission::ChannelsManage)
}

fn is_own(by: &Caller, import: &Import) -> bool {
    match by.who {
        Who::User { id, .. } => import.created_by == Some(id),
        Who::Key { .. } => import.created_by.is_none(),
        Who::System => true,
    }
}

/// Whether this caller may take away what the import brought.
fn may_undo(by: &Caller, import: &Import) -> bool {
    by.may(Permission::ConversationsWrite)
        && (is_own(by, import) || by.may(Permission::ChannelsManage))
}

/// An import of the caller's to see.
async fn seen(tx: &mut Tx, by: &Caller, id: ImportId) -> store::Result<Import> {
    let import = imports::get(tx, by.workspace_id, id).await?;
    if may_see(by, &import) {
        Ok(import)
    } else {
        Err(store::Error::NotFound("import"))
    }
}

/// One import.
///
/// # Errors
/// `not_found`.
pub async fn get(app: &App, by: &Caller, id: ImportId) -> Result<Shown> {
    by.must(Permission::ConversationsRead)?;
    let one = app.store.read((by.clone(), id), |tx, (by, id)| {
        Box::pin(async move {
            let import = seen(tx, by, *id).await?;
            let mut all = shown(tx, by, vec![import]).await?;
            all.pop().ok_or(store::Error::NotFound("import")).map(Ok)
        })
    });
    told(one.await)
}

/// A page of imports, newest first.
///
/// # Errors
/// When the caller may not.
pub async fn list(
    app: &App,
    by: &Caller,
    before: Option<ImportId>,
    limit: i64,
) -> Result<Page<Shown, ImportId>> {
    by.must(Permission::ConversationsRead)?;
    let input = (by.clone(), before, limit);
    let page = app.store.read(input, |tx, (by, before, limit)| {
        Box::pin(async move {
            let all = imports::page(tx, by.workspace_id, *before, limit + 1).await?;
            let mut page = Page::cut(all, *limit, |import| import.id);
            page.items.retain(|import| may_see(by, import));
            Ok(Page {
                items: shown(tx, by, page.items).await?,
                next: page.next,
            })
        })
    });
    Ok(page.await?)
}

async fn shown(tx: &mut Tx, by: &Caller, all: Vec<Import>) -> store::Result<Vec<Shown>> {
    let mut ids: Vec<ContactId> = Vec::new();
    for import in &all {
        ids.extend(import.contact_id);
        ids.extend(import.preview.known.iter().map(|(_, id)| *id));
        if let Whom::Contact { id } = import.choices.whom {
            ids.push(id);
        }
    }
    let known: BTreeMap<ContactId, Contact> = contacts::list(tx, by.workspace_id, &ids)
        .await?
        .into_iter()
        .map(|contact| (contact.id, contact))
        .collect();
    let all = all.into_iter().map(|import| Shown {
        missing: if import.state == ImportState::Preview {
            import.choices.missing(&import.preview)
        } else {
            vec![]
        },
        may_undo: may_undo(by, &import)
            && matches!(
                import.state,
                ImportState::Applied | ImportState::Failed | ImportState::Applying
            ),
        contacts: known.clone(),
        import,
    });
    Ok(all.collect())
}

fn not_a_preview() -> Refusal {
    Refusal::new(RefusalKind::Conflict, "import_not_a_preview")
}

/// Chooses; the preview is made anew.
///
/// # Errors
/// A refusal that names the field; `import_not_a_preview` once it was applied.
pub async fn choose(app: &App, by: &Caller, id: ImportId, choose: Choose) -> Result<Shown> {
    by.must(Permission::ConversationsWrite)?;
    // Making a preview takes a while, and a person clicks on: no choice is lost to the one before it.
    for _ in 0..CHOICES_AT_ONCE {
        if choose_once(app, by, id, choose.clone()).await? {
            return get(app, by, id).await;
        }
    }
    Err(Refusal::new(RefusalKind::Conflict, "changed_meanwhile").into())
}

/// Says whether nobody chose something else meanwhile.
async fn choose_once(app: &App, by: &Caller, id: ImportId, choose: Choose) -> Result<bool> {
    let import = get(app, by, id).await?.import;
    if import.state != ImportState::Preview {
        return Err(not_a_preview().into());
    }
    let choices = chosen(app, by, &import, choose).await?;
    let bytes = app.files.find(&id.to_string()).await?;
    let bytes = bytes.ok_or_else(|| Refusal::new(RefusalKind::Gone, "import_file_gone"))?;
    let container = preview::open(bytes, import.file_name.clone()).await?;
    let preview = preview::preview(app, by, container, import.channel_id, &choices).await?;
    let input = Arc::new((by.clone(), import, choices, preview));
    let saved = app.store.write(input, |tx, input| {
        Box::pin(async move {
            let (by, before, choices, preview) = &**input;
            let mut import = seen(tx, by, before.id).await?;
            if import.state != ImportState::Preview {
                return Ok(Err(not_a_preview()));
            }
            if import.choices != before.choices {
                return Ok(Ok(false));
            }
            import.choices = choices.clone();
            import.preview = preview.clone();
            imports::save(tx, by.workspace_id, &import).await?;
            Ok(Ok(true))
        })
    });
    told(saved.await)
}

async fn chosen(app: &App, by: &Caller, import: &Import, choose: Choose) -> Result<Choices> {
    let mut choices = import.choices.clone();
    if let Some(us) = choose.us {
        choices.us = match us {
            None => Us::Nobody,
            Some(name) => {
                let people = &import.preview.facts.participants;
                if !people.iter().any(|one| one.name == name) {
                    return Err(Refusal::invalid("participant_unknown", "us").into());
                }
                Us::Named { name }
            }
        };
    }
    if let Some(id) = choose.contact_id {
        let input = (by.workspace_id, id);
        let known = app
            .store
            .read(input, |tx, (workspace_id, id)| {
                Box::pin(known_contact(tx, *workspace_id, *id))
            })
            .await;
        choices.whom = Whom::Contact {
            id: told(known)?.id,
        };
    } else if let Some(new) = choose.new_contact {
        let region = crate::edit_contact::region_of(app, by).await?;
        let phone = new
            .phone
            .filter(|text| !text.trim().is_empty())
            .map(|text| Phone::parse(&text, region))
            .transpose()
            .map_err(|_| Refusal::invalid("phone_invalid", "new_contact.phone"))?;
        let name = new.name.as_deref().and_then(domain::text::clean_name);
        if phone.is_none() && name.is_none() {
            return Err(Refusal::invalid("missing", "new_contact.phone").into());
        }
        choices.whom = Whom::New {
            name,
            phone: phone.map(|phone| phone.digits().to_owned()),
        };
    }
    if let Some(time_zone) = choose.time_zone {
        digest::zone(&time_zone)?;
        choices.time_zone = time_zone;
    }
    choices.date_order = choose.date_order.or(choices.date_order);
    choices.make_lead = choose.make_lead.unwrap_or(choices.make_lead);
    choices.include_group = choose.include_group.unwrap_or(choices.include_group);
    Ok(choices)
}

/// What a verb's transaction needs beside its input.
struct Means {
    by: Caller,
    id: ImportId,
    now: Timestamp,
    machine_now: Timestamp,
    ids: Arc<Ids>,
}

impl Means {
    fn of(app: &App, by: &Caller, id: ImportId) -> Self {
        Self {
            by: by.clone(),
            id,
            now: app.clock.business_now(),
            machine_now: app.clock.machine_now(),
            ids: Arc::clone(&app.ids),
        }
    }

    fn maker(&self) -> Maker<'_> {
        Maker {
            by: &self.by,
            now: self.now,
            ids: &self.ids,
        }
    }

    fn job(&self, kind: &str, due_at: Timestamp) -> Job {
        Job {
            workspace_id: self.by.workspace_id,
            id: self.ids.next::<domain::id::JobKind>(self.machine_now) as JobId,
            kind: kind.to_owned(),
            subject: self.id.to_string(),
            payload: String::new(),
            due_at,
            tries: 0,
        }
    }
}

/// Begins to put the chat on the timeline.
///
/// # Errors
/// What is missing; `import_busy` when another import into the same conversation is under way.
pub async fn apply(app: &App, by: &Caller, id: ImportId) -> Result<Shown> {
    by.must(Permission::ConversationsWrite)?;
    let means = Means::of(app, by, id);
    let begun = app
        .store
        .write(means, |tx, means| Box::pin(place::begin(tx, means)))
        .await;
    match begun {
        // Somebody wrote for the first time, or made the same contact, at this very moment.
        Err(store::Error::Taken) => {
            return Err(Refusal::new(RefusalKind::Conflict, "changed_meanwhile").into());
        }
        begun => told(begun)?,
    }
    get(app, by, id).await
}

/// Begins to take away what an import brought; one that is under way stops.
///
/// # Errors
/// `no_right` for another's import; `import_not_applied` when there is nothing to take away.
pub async fn undo(app: &App, by: &Caller, id: ImportId) -> Result<Shown> {
    by.must(Permission::ConversationsWrite)?;
    let means = Means::of(app, by, id);
    let begun = app.store.write(means, |tx, means| {
        Box::pin(async move {
            let mut import = seen(tx, &means.by, means.id).await?;
            if !may_undo(&means.by, &import) {
                let refusal = Refusal::new(RefusalKind::Forbidden, "no_right");
                return Ok(Err(refusal.with("permission", "channels.manage")));
            }
            match import.state {
                ImportState::Applied | ImportState::Failed | ImportState::Applying => {}
                ImportState::Undoing => return Ok(Ok(())),
                ImportState::Preview | ImportState::Undone => {
                    return Ok(Err(Refusal::new(
                        RefusalKind::Conflict,
                        "import_not_applied",
                    )));
                }
            }
            import.state = ImportState::Undoing;
            import.done = 0;
            import.total = imports::count(tx, means.by.workspace_id, import.id).await?;
            imports::save(tx, means.by.workspace_id, &import).await?;
            jobs::enqueue(tx, &means.job(work::UNDO_IMPORT, means.machine_now)).await?;
            Ok(Ok(()))
        })
    });
    told(begun.await)?;
    get(app, by, id).await
}

/// Drops a preview and the upload with it.
///
/// # Errors
/// `import_not_a_preview` once it was applied.
pub async fn forget(app: &App, by: &Caller, id: ImportId) -> Result<()> {
    by.must(Permission::ConversationsWrite)?;
    let dropped = app.store.write((by.clone(), id), |tx, (by, id)| {
        Box::pin(async move {
            seen(tx, by, *id).await?;
            if imports::drop_preview(tx, by.workspace_id, *id).await? {
                Ok(Ok(()))
            } else {
                Ok(Err(not_a_preview()))
            }
        })
    });
    told(dropped.await)?;
    app.files.remove(&id.to_string()).await
}
