//! Mailings.

use std::sync::Arc;

use app::browse::campaigns as rows;
use app::run_campaign::{self, RunCampaign};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Signed;
use super::input::{Ask, Body, ListQuery, Named, id, limit, opt_id};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{Campaign, CampaignPlan, CampaignRecipient, List};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCampaign {
    channel_id: String,
    name: String,
    /// With fields as `{{contact.first_name}}`.
    text: String,
    to: Audience,
    /// Answers what would happen, and does nothing.
    #[serde(default)]
    dry_run: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    #[serde(default)]
    contact_ids: Vec<String>,
    /// One phone a line, with a name after a comma if there is one.
    #[serde(default)]
    pasted: String,
}

/// Starts a mailing, or says what it would do. From the answer on it is sure; a long list is still being written down
/// then (`preparing`), and nothing leaves before all of it is.
#[utoipa::path(post, path = "/campaigns", tag = "campaigns", request_body = NewCampaign, responses((status = 201, body = Campaign), (status = 200, body = CampaignPlan, description = "With `dry_run`: what would happen.")))]
pub async fn run(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, once }: Body<NewCampaign>,
) -> Result<Response, Problem> {
    let contact_ids: Result<Vec<_>, Problem> = value
        .to
        .contact_ids
        .iter()
        .map(|name| id(name).map_err(|_| Problem::field("contact_unknown", "to.contact_ids")))
        .collect();
    let request = RunCampaign {
        channel_id: id(&value.channel_id).map_err(|_| Problem::field("bad_value", "channel_id"))?,
        name: value.name,
        text: value.text,
        contact_ids: contact_ids?,
        pasted: value.to.pasted,
        once,
    };
    if value.dry_run {
        let plan = run_campaign::plan(&door.app, &signed.caller, &request).await?;
        return Ok(Json(CampaignPlan::from(plan)).into_response());
    }
    let made = run_campaign::run(&door.app, &signed.caller, request).await?;
    let row = rows::get(&door.app, &signed.caller, made).await?;
    Ok((StatusCode::CREATED, Json(Campaign::from(row))).into_response())
}

/// A page of mailings, newest first.
#[utoipa::path(get, path = "/campaigns", tag = "campaigns", params(ListQuery), responses((status = 200, body = List<Campaign>)))]
pub async fn list(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(query): Ask<ListQuery>,
) -> Result<Json<List<Campaign>>, Problem> {
    let before = opt_id(query.cursor.as_deref()).map_err(|_| Problem::cursor())?;
    let page = rows::page(&door.app, &signed.caller, before, query.limit()?).await?;
    Ok(Json(List {
        items: page.items.into_iter().map(Campaign::from).collect(),
        next: page.next.map(|id| id.to_string()),
    }))
}

/// One mailing.
#[utoipa::path(get, path = "/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)), responses((status = 200, body = Campaign)))]
pub async fn get(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Campaign>, Problem> {
    let row = rows::get(&door.app, &signed.caller, id(&name)?).await?;
    Ok(Json(Campaign::from(row)))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecipientQuery {
    /// `waiting`, `sent`, `delivered`, `read`, `failed`, `unclear`, `cancelled`, `answered` or `opted_out`: those that
    /// are counted under this word. A page may then be short, or empty, and still have a next.
    state: Option<String>,
    /// From 1 to 200; 50 when left out.
    #[param(value_type = Option<i64>)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of its people, with what became of each.
#[utoipa::path(get, path = "/campaigns/{id}/recipients", tag = "campaigns", params(("id" = String, Path), RecipientQuery), responses((status = 200, body = List<CampaignRecipient>)))]
pub async fn recipients(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Ask(query): Ask<RecipientQuery>,
) -> Result<Json<List<CampaignRecipient>>, Problem> {
    let standing = match query.state.as_deref() {
        None | Some("") => None,
        Some(text) => Some(
            serde_json::from_value(text.into())
                .map_err(|_| Problem::field("bad_value", "state"))?,
        ),
    };
    let after = match query.cursor.as_deref() {
        None | Some("") => None,
        Some(text) => Some(text.parse().map_err(|_| Problem::cursor())?),
    };
    let limit = limit(query.limit.as_deref())?;
    let (app, by) = (&door.app, &signed.caller);
    let page = rows::recipients(app, by, id(&name)?, standing, after, limit).await?;
    Ok(Json(List {
        items: page
            .items
            .into_iter()
            .map(CampaignRecipient::from)
            .collect(),
        next: page.next.map(|position| position.to_string()),
    }))
}

/// Stops a mailing: what has not left stays here.
#[utoipa::path(post, path = "/campaigns/{id}/stop", tag = "campaigns", params(("id" = String, Path)), responses((status = 200, body = Campaign)))]
pub async fn stop(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Campaign>, Problem> {
    let campaign_id = id(&name)?;
    run_campaign::stop(&door.app, &signed.caller, campaign_id).await?;
    let row = rows::get(&door.app, &signed.caller, campaign_id).await?;
    Ok(Json(Campaign::from(row)))
}
