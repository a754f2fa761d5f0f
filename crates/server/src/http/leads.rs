//! Leads, contacts, pipelines.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::browse::leads as rows;
use app::edit_contact::{self, EditContact};
use app::edit_lead::{self, EditLead};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Signed;
use super::cursor;
use super::input::{Ask, Body, ListQuery, Named, given, id, limit, opt_id, search};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{Contact, Lead, List, Pipeline, TimelineItem};

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LeadQuery {
    pipeline_id: Option<String>,
    status_id: Option<String>,
    assignee_id: Option<String>,
    search: Option<String>,
    #[param(value_type = Option<i64>)]
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadChange {
    version: i64,
    status_id: Option<String>,
    /// `null` takes it away from whoever had it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    assignee_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    title: Option<Option<String>>,
    /// Only those that are named change; `null` takes one away.
    #[serde(default)]
    fields: BTreeMap<String, Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    amount_minor: Option<Option<i64>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactChange {
    version: i64,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    phone: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
}

/// A page of contacts, newest first.
#[utoipa::path(get, path = "/contacts", tag = "leads", params(ListQuery), responses((status = 200, body = List<Contact>)))]
pub async fn contacts(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(query): Ask<ListQuery>,
) -> Result<Json<List<Contact>>, Problem> {
    let before = cursor::id(query.cursor.as_deref())?;
    let page = rows::contact_page(
        &door.app,
        &signed.caller,
        query.search(),
        before,
        query.limit()?,
    )
    .await?;
    Ok(Json(List {
        items: page.items.iter().map(Contact::from).collect(),
        next: page.next.map(cursor::of_id),
    }))
}

async fn one_contact(door: &Door, signed: &Signed, name: &str) -> Result<Json<Contact>, Problem> {
    let contact = rows::contact(&door.app, &signed.caller, id(name)?).await?;
    Ok(Json(Contact::from(&contact)))
}

/// One contact.
#[utoipa::path(get, path = "/contacts/{id}", tag = "leads", params(("id" = String, Path)), responses((status = 200, body = Contact)))]
pub async fn contact(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Contact>, Problem> {
    one_contact(&door, &signed, &name).await
}

/// Corrects who a contact is.
#[utoipa::path(patch, path = "/contacts/{id}", tag = "leads", params(("id" = String, Path)), request_body = ContactChange, responses((status = 200, body = Contact)))]
pub async fn edit_contact(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<ContactChange>,
) -> Result<Json<Contact>, Problem> {
    let edit = EditContact {
        version: value.version,
        name: value.name,
        phone: value.phone,
        email: value.email,
    };
    match edit_contact::edit(&door.app, &signed.caller, id(&name)?, edit).await {
        Ok(()) => one_contact(&door, &signed, &name).await,
        Err(error) => {
            let problem = Problem::from(error);
            if problem.is_changed_meanwhile() {
                let current = one_contact(&door, &signed, &name).await?;
                return Err(problem.with_current(&current.0));
            }
            Err(problem)
        }
    }
}

/// A page of leads, newest first.
#[utoipa::path(get, path = "/leads", tag = "leads", params(LeadQuery), responses((status = 200, body = List<Lead>)))]
pub async fn list(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(query): Ask<LeadQuery>,
) -> Result<Json<List<Lead>>, Problem> {
    let ask = rows::Ask {
        pipeline_id: opt_id(query.pipeline_id.as_deref())?,
        status_id: opt_id(query.status_id.as_deref())?,
        assignee_id: opt_id(query.assignee_id.as_deref())?,
        search: search(query.search.as_deref()),
        before: cursor::pair(query.cursor.as_deref())?,
        limit: limit(query.limit.as_deref())?,
    };
    let page = rows::page(&door.app, &signed.caller, ask).await?;
    Ok(Json(List {
        items: page.items.iter().map(Lead::from).collect(),
        next: page.next.map(cursor::of_pair),
    }))
}

async fn one(door: &Door, signed: &Signed, name: &str) -> Result<Json<Lead>, Problem> {
    let lead = rows::get(&door.app, &signed.caller, id(name)?).await?;
    Ok(Json(Lead::from(&lead)))
}

/// One lead.
#[utoipa::path(get, path = "/leads/{id}", tag = "leads", params(("id" = String, Path)), responses((status = 200, body = Lead)))]
pub async fn get(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Lead>, Problem> {
    one(&door, &signed, &name).await
}

/// Changes a lead. Somebody's change meanwhile is told with `current`.
#[utoipa::path(patch, path = "/leads/{id}", tag = "leads", params(("id" = String, Path)), request_body = LeadChange, responses((status = 200, body = Lead)))]
pub async fn edit(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<LeadChange>,
) -> Result<Json<Lead>, Problem> {
    let unknown = |field: &'static str, code: &'static str| move |_| Problem::field(code, field);
    let edit = EditLead {
        version: value.version,
        status_id: opt_id(value.status_id.as_deref())
            .map_err(unknown("status_id", "status_unknown"))?,
        assignee_id: match value.assignee_id {
            Some(user) => {
                Some(opt_id(user.as_deref()).map_err(unknown("assignee_id", "user_unknown"))?)
            }
            None => None,
        },
        title: value.title,
        fields: value.fields,
        amount_minor: value.amount_minor,
    };
    match edit_lead::edit(&door.app, &signed.caller, id(&name)?, edit).await {
        Ok(()) => one(&door, &signed, &name).await,
        Err(error) => {
            let problem = Problem::from(error);
            if problem.is_changed_meanwhile() {
                let current = one(&door, &signed, &name).await?;
                return Err(problem.with_current(&current.0));
            }
            Err(problem)
        }
    }
}

/// What happened to a lead, its contact and its conversations, newest first.
#[utoipa::path(get, path = "/leads/{id}/timeline", tag = "leads", params(("id" = String, Path), ListQuery), responses((status = 200, body = List<TimelineItem>)))]
pub async fn timeline(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Ask(query): Ask<ListQuery>,
) -> Result<Json<List<TimelineItem>>, Problem> {
    let before = cursor::number(query.cursor.as_deref())?;
    let page = rows::timeline(
        &door.app,
        &signed.caller,
        id(&name)?,
        before,
        query.limit()?,
    )
    .await?;
    Ok(Json(List {
        items: page.items.into_iter().map(TimelineItem::from).collect(),
        next: page.next.map(cursor::of_number),
    }))
}

/// The pipelines with their statuses and fields.
#[utoipa::path(get, path = "/pipelines", tag = "leads", responses((status = 200, body = List<Pipeline>)))]
pub async fn pipelines(
    State(door): State<Arc<Door>>,
    signed: Signed,
) -> Result<Json<List<Pipeline>>, Problem> {
    let all = rows::pipelines(&door.app, &signed.caller).await?;
    Ok(Json(List::whole(
        all.into_iter().map(Pipeline::from).collect(),
    )))
}
