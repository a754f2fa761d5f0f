//! Leads, their timeline, contacts, and the pipelines.

use domain::access::Permission;
use domain::id::{ContactId, LeadId, PipelineId, StatusId, UserId};
use domain::people::{Contact, Lead, Pipeline, Status};
use store::events::{Event, TimelineOf};
use store::leads::{Cursor, Filter};
use store::{contacts, conversations, events, leads, search, users, workspaces};

use super::Page;
use crate::caller::Caller;
use crate::error::told;
use crate::{App, Result};

/// Which leads.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    pub pipeline_id: Option<PipelineId>,
    pub status_id: Option<StatusId>,
    pub assignee_id: Option<UserId>,
    pub search: Option<String>,
    pub before: Option<Cursor>,
    pub limit: i64,
}

/// A page of leads, newest first. A search goes over the people; it has one page, with the lead that stands for each.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn page(app: &App, by: &Caller, ask: Ask) -> Result<Page<Lead, Cursor>> {
    by.must(Permission::LeadsRead)?;
    let page = app
        .store
        .read((by.workspace_id, ask), |tx, (workspace_id, ask)| {
            Box::pin(async move {
                let fits = |lead: &Lead| {
                    ask.pipeline_id.is_none_or(|id| lead.pipeline_id == id)
                        && ask.status_id.is_none_or(|id| lead.status_id == id)
                        && ask
                            .assignee_id
                            .is_none_or(|id| lead.assignee_id == Some(id))
                };
                if let Some(text) = &ask.search {
                    let people = search::contacts(tx, *workspace_id, text, ask.limit).await?;
                    let mut found = leads::standing_for(tx, *workspace_id, &people).await?;
                    found.retain(fits);
                    found.sort_by_key(|lead| std::cmp::Reverse((lead.created_at, lead.id)));
                    return Ok(Page::whole(found));
                }
                let filter = Filter {
                    status_id: ask.status_id,
                    assignee_id: ask.assignee_id,
                };
                let all =
                    leads::page(tx, *workspace_id, &filter, ask.before, ask.limit + 1).await?;
                let mut page = Page::cut(all, ask.limit, |lead| (lead.created_at, lead.id));
                page.items.retain(fits);
                Ok(page)
            })
        });
    Ok(page.await?)
}

/// One lead.
///
/// # Errors
/// `not_found`.
pub async fn get(app: &App, by: &Caller, id: LeadId) -> Result<Lead> {
    by.must(Permission::LeadsRead)?;
    told(
        app.store
            .read((by.workspace_id, id), |tx, (workspace_id, id)| {
                Box::pin(async move { Ok(Ok(leads::get(tx, *workspace_id, *id).await?)) })
            })
            .await,
    )
}

/// An event with the name of who did it.
#[derive(Debug, Clone)]
pub struct Told {
    pub event: Event,
    pub actor_name: Option<String>,
}

/// A page of a lead's timeline, newest first: what happened to it, its contact and its conversations. `before` is the
/// number of the last event of the page before.
///
/// # Errors
/// `not_found`.
pub async fn timeline(
    app: &App,
    by: &Caller,
    id: LeadId,
    before: Option<i64>,
    limit: i64,
) -> Result<Page<Told, i64>> {
    by.must(Permission::LeadsRead)?;
    let input = (by.workspace_id, id, before, limit);
    let page = app
        .store
        .read(input, |tx, (workspace_id, id, before, limit)| {
            Box::pin(async move {
                let lead = leads::get(tx, *workspace_id, *id).await?;
                let threads =
                    conversations::of_contacts(tx, *workspace_id, &[lead.contact_id]).await?;
                let of = TimelineOf {
                    lead_id: lead.id,
                    contact_id: lead.contact_id,
                    conversations: threads.into_iter().map(|thread| thread.id).collect(),
                };
                let all = events::timeline(tx, *workspace_id, &of, *before, limit + 1).await?;
                let page = Page::cut(all, *limit, |event| event.seq);
                let names = users::list(tx, *workspace_id).await?;
                let items = page.items.into_iter().map(|event| Told {
                    actor_name: event
                        .actor
                        .user_id
                        .and_then(|id| names.iter().find(|user| user.id == id))
                        .map(|user| user.name.clone()),
                    event,
                });
                Ok(Ok(Page {
                    items: items.collect(),
                    next: page.next,
                }))
            })
        });
    told(page.await)
}

/// A page of contacts, newest first; a search has one page.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn contact_page(
    app: &App,
    by: &Caller,
    text: Option<String>,
    before: Option<ContactId>,
    limit: i64,
) -> Result<Page<Contact, ContactId>> {
    by.must(Permission::LeadsRead)?;
    let input = (by.workspace_id, text, before, limit);
    let page = app
        .store
        .read(input, |tx, (workspace_id, text, before, limit)| {
            Box::pin(async move {
                match text {
                    Some(text) => {
                        let ids = search::contacts(tx, *workspace_id, text, *limit).await?;
                        let mut found = contacts::list(tx, *workspace_id, &ids).await?;
                        found.retain(|contact| contact.merged_into.is_none());
                        found.sort_by_key(|contact| ids.iter().position(|id| *id == contact.id));
                        Ok(Page::whole(found))
                    }
                    None => {
                        let all = contacts::page(tx, *workspace_id, *before, limit + 1).await?;
                        Ok(Page::cut(all, *limit, |contact| contact.id))
                    }
                }
            })
        });
    Ok(page.await?)
}

/// One contact; one that was found to be another is that other.
///
/// # Errors
/// `not_found`.
pub async fn contact(app: &App, by: &Caller, id: ContactId) -> Result<Contact> {
    by.must(Permission::LeadsRead)?;
    told(
        app.store
            .read((by.workspace_id, id), |tx, (workspace_id, id)| {
                Box::pin(async move { Ok(Ok(contacts::get(tx, *workspace_id, *id).await?)) })
            })
            .await,
    )
}

/// The pipelines, each with its statuses in order.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn pipelines(app: &App, by: &Caller) -> Result<Vec<(Pipeline, Vec<Status>)>> {
    by.must(Permission::LeadsRead)?;
    let all = app.store.read(by.workspace_id, |tx, workspace_id| {
        Box::pin(async move {
            let statuses = workspaces::list_statuses(tx, *workspace_id).await?;
            let pipelines = workspaces::list_pipelines(tx, *workspace_id).await?;
            let pipelines = pipelines.into_iter().map(|pipeline| {
                let own = statuses
                    .iter()
                    .filter(|status| status.pipeline_id == pipeline.id)
                    .cloned()
                    .collect();
                (pipeline, own)
            });
            Ok(pipelines.collect())
        })
    });
    Ok(all.await?)
}
