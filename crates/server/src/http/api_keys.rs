//! Keys for programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Signed;
use super::input::{Body, Named, id};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{ApiKey, List};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    name: String,
    /// Names of permissions.
    scopes: Vec<String>,
}

/// All keys; never the keys themselves.
#[utoipa::path(get, path = "/api-keys", tag = "api keys", responses((status = 200, body = List<ApiKey>)))]
pub async fn list(
    State(door): State<Arc<Door>>,
    signed: Signed,
) -> Result<Json<List<ApiKey>>, Problem> {
    let all = app::browse::settings::key_list(&door.app, &signed.caller).await?;
    Ok(Json(List::whole(
        all.into_iter().map(ApiKey::from).collect(),
    )))
}

/// Makes a key; it is shown in this answer only.
#[utoipa::path(post, path = "/api-keys", tag = "api keys", request_body = NewKey, responses((status = 201, body = ApiKey)))]
pub async fn make(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, once }: Body<NewKey>,
) -> Result<(StatusCode, Json<ApiKey>), Problem> {
    let made =
        app::manage_api_keys::make(&door.app, &signed.caller, &value.name, value.scopes, once)
            .await?;
    let shape = ApiKey {
        key: Some(made.key),
        ..ApiKey::from(made.row)
    };
    Ok((StatusCode::CREATED, Json(shape)))
}

/// Ends a key.
#[utoipa::path(delete, path = "/api-keys/{id}", tag = "api keys", params(("id" = String, Path)), responses((status = 204)))]
pub async fn revoke(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    app::manage_api_keys::revoke(&door.app, &signed.caller, id(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
