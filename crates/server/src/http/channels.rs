//! Channels: connecting, changing, checking.

use std::sync::Arc;

use app::connect_channel::{self, ConnectChannel};
use app::edit_channel::{self, EditChannel};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use whatsapp::provider::Secret;

use super::auth::Signed;
use super::input::{Body, Named, id, opt_id};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{Channel, Check, Checks, List};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    name: String,
    /// `meta`.
    provider: String,
    /// `business_api`.
    level: String,
    /// `api`.
    link: String,
    base_url: Option<String>,
    app: NewApp,
    waba_id: String,
    phone_number_id: String,
    token: String,
    pipeline_id: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApp {
    app_id: String,
    app_secret: String,
    verify_token: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelChange {
    version: i64,
    name: Option<String>,
    token: Option<String>,
    app_secret: Option<String>,
}

/// All channels.
#[utoipa::path(get, path = "/channels", tag = "channels", responses((status = 200, body = List<Channel>)))]
pub async fn list(
    State(door): State<Arc<Door>>,
    signed: Signed,
) -> Result<Json<List<Channel>>, Problem> {
    let all = app::browse::settings::channel_list(&door.app, &signed.caller).await?;
    Ok(Json(List::whole(
        all.into_iter()
            .map(|row| Channel::new(&door, row))
            .collect(),
    )))
}

async fn one(
    door: &Door,
    signed: &Signed,
    channel_id: domain::id::ChannelId,
) -> Result<Json<Channel>, Problem> {
    let row = app::browse::settings::channel(&door.app, &signed.caller, channel_id).await?;
    Ok(Json(Channel::new(door, row)))
}

/// One channel.
#[utoipa::path(get, path = "/channels/{id}", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = Channel)))]
pub async fn get(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Channel>, Problem> {
    one(&door, &signed, id(&name)?).await
}

/// Connects a number.
#[utoipa::path(post, path = "/channels", tag = "channels", request_body = NewChannel, responses((status = 201, body = Channel)))]
pub async fn connect(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, once }: Body<NewChannel>,
) -> Result<(StatusCode, Json<Channel>), Problem> {
    for (field, given, only) in [
        ("provider", &value.provider, "meta"),
        ("level", &value.level, "business_api"),
        ("link", &value.link, "api"),
    ] {
        if given != only {
            return Err(Problem::field("not_offered_yet", field));
        }
    }
    let request = ConnectChannel {
        name: value.name,
        base_url: value.base_url.filter(|url| !url.is_empty()),
        app_id: value.app.app_id,
        app_secret: Secret::new(value.app.app_secret),
        verify_token: Secret::new(value.app.verify_token),
        waba_id: value.waba_id,
        phone_number_id: value.phone_number_id,
        token: Secret::new(value.token),
        pipeline_id: opt_id(value.pipeline_id.as_deref())
            .map_err(|_| Problem::field("pipeline_unknown", "pipeline_id"))?,
        once,
    };
    let made = connect_channel::connect(&door.app, &signed.caller, request).await?;
    Ok((StatusCode::CREATED, one(&door, &signed, made).await?))
}

/// Changes a channel's name, token or secret.
#[utoipa::path(patch, path = "/channels/{id}", tag = "channels", params(("id" = String, Path)), request_body = ChannelChange, responses((status = 200, body = Channel)))]
pub async fn edit(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<ChannelChange>,
) -> Result<Json<Channel>, Problem> {
    let channel_id = id(&name)?;
    let edit = EditChannel {
        version: value.version,
        name: value.name,
        token: value.token.map(Secret::new),
        app_secret: value.app_secret.map(Secret::new),
    };
    match edit_channel::edit(&door.app, &signed.caller, channel_id, edit).await {
        Ok(()) => one(&door, &signed, channel_id).await,
        Err(error) => {
            let problem = Problem::from(error);
            if problem.is_changed_meanwhile() {
                let current = one(&door, &signed, channel_id).await?;
                return Err(problem.with_current(&current.0));
            }
            Err(problem)
        }
    }
}

/// Tests each thing that the channel needs.
#[utoipa::path(post, path = "/channels/{id}/check", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = Checks)))]
pub async fn check(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Checks>, Problem> {
    let checks = app::check_channel::check(&door.app, &signed.caller, id(&name)?).await?;
    Ok(Json(Checks {
        checks: checks.into_iter().map(Check::from).collect(),
    }))
}
