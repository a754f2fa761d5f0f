//! Signing in and out, and who one is.

use std::sync::Arc;

use app::set_up::SetUp;
use app::sign_in::{self, EditSelf, NewPassword, SignedIn};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{From, Signed, cookie, session_token};
use super::input::{Ask, Body};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::Me;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    email: String,
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Token {
    token: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    token: String,
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    token: String,
    workspace_name: String,
    name: String,
    email: String,
    password: String,
    locale: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMe {
    name: Option<String>,
    locale: Option<String>,
    password: Option<Passwords>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    current: String,
    new: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct SetupToken {
    #[serde(default)]
    token: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Usable {
    usable: bool,
}

async fn welcome(door: &Arc<Door>, signed_in: SignedIn) -> Result<Response, Problem> {
    let SignedIn { user, token } = signed_in;
    let signed = Signed::of_user(user);
    let me = Me::new(
        door,
        &signed,
        app::browse::settings::workspace(&door.app, &signed.caller).await?,
    );
    let mut response = Json(me).into_response();
    if let Some(cookie) = cookie(door, Some(&token)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Signs in; the answer sets the session's cookie.
#[utoipa::path(post, path = "/session", tag = "session", request_body = Credentials, responses((status = 200, body = Me)))]
pub async fn sign_in(
    State(door): State<Arc<Door>>,
    From(address): From,
    Body { value, .. }: Body<Credentials>,
) -> Result<Response, Problem> {
    let signed_in = sign_in::sign_in(
        &door.app,
        &door.gate,
        address,
        &value.email,
        &value.password,
    )
    .await?;
    welcome(&door, signed_in).await
}

/// Signs in with a one-time link.
#[utoipa::path(post, path = "/session/link", tag = "session", request_body = Token, responses((status = 200, body = Me)))]
pub async fn by_link(
    State(door): State<Arc<Door>>,
    Body { value, .. }: Body<Token>,
) -> Result<Response, Problem> {
    let signed_in = sign_in::by_link(&door.app, &value.token).await?;
    welcome(&door, signed_in).await
}

/// Who is calling.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Me)))]
pub async fn me(State(door): State<Arc<Door>>, signed: Signed) -> Result<Json<Me>, Problem> {
    let workspace = app::browse::settings::workspace(&door.app, &signed.caller).await?;
    Ok(Json(Me::new(&door, &signed, workspace)))
}

/// Signs out.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204)))]
pub async fn sign_out(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(token) = session_token(&door, &headers) {
        sign_in::sign_out(&door.app, &token).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookie(&door, None) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Whether a set-up link can still be used.
#[utoipa::path(get, path = "/setup", tag = "session", params(SetupToken), responses((status = 200, body = Usable)))]
pub async fn setup_usable(
    State(door): State<Arc<Door>>,
    Ask(ask): Ask<SetupToken>,
) -> Result<Json<Usable>, Problem> {
    let usable = app::set_up::usable(&door.app, &ask.token).await?;
    Ok(Json(Usable { usable }))
}

/// Sets the installation up: its first workspace and owner.
#[utoipa::path(post, path = "/setup", tag = "session", request_body = Setup, responses((status = 200, body = Me)))]
pub async fn set_up(
    State(door): State<Arc<Door>>,
    Body { value, .. }: Body<Setup>,
) -> Result<Response, Problem> {
    let request = SetUp {
        token: value.token,
        workspace_name: value.workspace_name,
        name: value.name,
        email: value.email,
        password: value.password,
        locale: value.locale,
    };
    let signed_in = app::set_up::set_up(&door.app, &door.gate, request).await?;
    welcome(&door, signed_in).await
}

/// Accepts an invitation with a password of one's own.
#[utoipa::path(post, path = "/join", tag = "session", request_body = Join, responses((status = 200, body = Me)))]
pub async fn join(
    State(door): State<Arc<Door>>,
    Body { value, .. }: Body<Join>,
) -> Result<Response, Problem> {
    let signed_in = sign_in::join(&door.app, &door.gate, &value.token, &value.password).await?;
    welcome(&door, signed_in).await
}

/// Changes one's own name, language or password.
#[utoipa::path(patch, path = "/me", tag = "session", request_body = EditMe, responses((status = 200, body = Me)))]
pub async fn edit_me(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, .. }: Body<EditMe>,
) -> Result<Response, Problem> {
    let Some(user) = &signed.user else {
        return Err(Problem::new(StatusCode::FORBIDDEN, "wrong_actor"));
    };
    let edit = EditSelf {
        name: value.name,
        locale: value.locale,
        password: value.password.map(|password| NewPassword {
            current: password.current,
            new: password.new,
        }),
    };
    let (user, token) = sign_in::edit_self(&door.app, &door.gate, user, edit).await?;
    if let Some(token) = token {
        return welcome(&door, SignedIn { user, token }).await;
    }
    let signed = Signed::of_user(user);
    let workspace = app::browse::settings::workspace(&door.app, &signed.caller).await?;
    Ok(Json(Me::new(&door, &signed, workspace)).into_response())
}
