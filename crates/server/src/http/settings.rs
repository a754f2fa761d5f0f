//! Templates, the quarantine, what needs a look, and events.

use std::sync::Arc;

use app::browse::settings::{self as rows, AskTemplates};
use app::look_after_quarantine;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::access::Permission;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Signed;
use super::cursor;
use super::input::{Ask, Body, ListQuery, Named, id, limit, opt_id, search};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{Attention, Event, List, Quarantined, Synced, Template};

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TemplateQuery {
    channel_id: Option<String>,
    search: Option<String>,
    /// `true` leaves out what cannot be sent now.
    sendable: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncTemplates {
    channel_id: String,
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// The number of the last event that is known; 0 for all.
    after: Option<i64>,
    #[param(value_type = Option<i64>)]
    limit: Option<String>,
}

/// The templates, by name.
#[utoipa::path(get, path = "/templates", tag = "templates", params(TemplateQuery), responses((status = 200, body = List<Template>)))]
pub async fn templates(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(query): Ask<TemplateQuery>,
) -> Result<Json<List<Template>>, Problem> {
    let ask = AskTemplates {
        channel_id: opt_id(query.channel_id.as_deref())?,
        search: search(query.search.as_deref()),
        sendable: query.sendable.unwrap_or(false),
    };
    let all = rows::template_list(&door.app, &signed.caller, ask).await?;
    Ok(Json(List::whole(
        all.into_iter().map(Template::from).collect(),
    )))
}

/// Reads a channel's templates from the provider again.
#[utoipa::path(post, path = "/templates/sync", tag = "templates", request_body = SyncTemplates, responses((status = 200, body = Synced)))]
pub async fn sync_templates(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, .. }: Body<SyncTemplates>,
) -> Result<Json<Synced>, Problem> {
    let channel_id = id(&value.channel_id)?;
    // Of the caller's workspace, or not there.
    rows::channel(&door.app, &signed.caller, channel_id).await?;
    let items = app::jobs::read_templates::read(&door.app, channel_id).await?;
    Ok(Json(Synced { items }))
}

/// What came in and could not be applied, newest first.
#[utoipa::path(get, path = "/quarantine", tag = "quarantine", params(ListQuery), responses((status = 200, body = List<Quarantined>)))]
pub async fn quarantine(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(query): Ask<ListQuery>,
) -> Result<Json<List<Quarantined>>, Problem> {
    let before = cursor::number(query.cursor.as_deref())?;
    let page = rows::quarantine(&door.app, &signed.caller, before, query.limit()?).await?;
    Ok(Json(List {
        items: page.items.into_iter().map(Quarantined::from).collect(),
        next: page.next.map(cursor::of_number),
    }))
}

fn number(text: &str) -> Result<i64, Problem> {
    text.parse()
        .map_err(|_| Problem::not_found("quarantined item"))
}

/// Applies an entry again.
#[utoipa::path(post, path = "/quarantine/{id}/retry", tag = "quarantine", params(("id" = String, Path)), responses((status = 202)))]
pub async fn retry_quarantined(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    look_after_quarantine::retry(&door.app, &signed.caller, number(&name)?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Takes an item off the list.
#[utoipa::path(post, path = "/quarantine/{id}/dismiss", tag = "quarantine", params(("id" = String, Path)), responses((status = 204)))]
pub async fn dismiss_quarantined(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    look_after_quarantine::dismiss(&door.app, &signed.caller, number(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a person should look at, newest first.
#[utoipa::path(get, path = "/attention", tag = "attention", params(ListQuery), responses((status = 200, body = List<Attention>)))]
pub async fn attention(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(query): Ask<ListQuery>,
) -> Result<Json<List<Attention>>, Problem> {
    let before = cursor::id(query.cursor.as_deref())?;
    let page = rows::attention_page(&door.app, &signed.caller, before, query.limit()?).await?;
    Ok(Json(List {
        items: page.items.into_iter().map(Attention::from).collect(),
        next: page.next.map(cursor::of_id),
    }))
}

/// Takes an item off the list of what needs a look.
#[utoipa::path(post, path = "/attention/{id}/dismiss", tag = "attention", params(("id" = String, Path)), responses((status = 204)))]
pub async fn dismiss_attention(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    rows::dismiss_attention(&door.app, &signed.caller, id(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Events after a number, oldest first, as far as the caller may see them. `next` is the number to ask after.
#[utoipa::path(get, path = "/events", tag = "events", params(EventQuery), responses((status = 200, body = List<Event>)))]
pub async fn events(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(query): Ask<EventQuery>,
) -> Result<Json<List<Event>>, Problem> {
    signed
        .caller
        .must(Permission::EventsRead)
        .map_err(app::Error::from)?;
    let limit = limit(query.limit.as_deref())?;
    let all = rows::events_after(
        &door.app,
        signed.caller.workspace_id,
        query.after.unwrap_or(0),
        limit,
    )
    .await?;
    let next = all
        .last()
        .filter(|_| i64::try_from(all.len()).is_ok_and(|count| count == limit));
    let next = next.map(|event| event.seq.to_string());
    let seen = all
        .into_iter()
        .filter(|event| signed.caller.may(rows::right_for(&event.kind)));
    Ok(Json(List {
        items: seen.map(Event::from).collect(),
        next,
    }))
}
