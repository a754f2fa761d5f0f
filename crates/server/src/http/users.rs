//! The people of a workspace.

use std::sync::Arc;

use app::manage_users::{self, EditUser, Invite};
use axum::Json;
use axum::extract::State;
use domain::access::Role;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Signed;
use super::input::{Body, Named, id};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{Invitation, InviteUrl, List, User};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    name: String,
    email: String,
    #[schema(value_type = String)]
    role: Role,
    locale: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    name: Option<String>,
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    disabled: Option<bool>,
}

/// Everybody.
#[utoipa::path(get, path = "/users", tag = "users", responses((status = 200, body = List<User>)))]
pub async fn list(
    State(door): State<Arc<Door>>,
    signed: Signed,
) -> Result<Json<List<User>>, Problem> {
    let all = app::browse::settings::user_list(&door.app, &signed.caller).await?;
    Ok(Json(List::whole(all.iter().map(User::from).collect())))
}

/// Invites somebody.
#[utoipa::path(post, path = "/users", tag = "users", request_body = NewUser, responses((status = 200, body = Invitation)))]
pub async fn invite(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, once }: Body<NewUser>,
) -> Result<Json<Invitation>, Problem> {
    let request = Invite {
        name: value.name,
        email: value.email,
        role: value.role,
        locale: value.locale,
        once,
    };
    let invited = manage_users::invite(&door.app, &signed.caller, request).await?;
    Ok(Json(Invitation {
        user: User::from(&invited.user),
        invite_url: door.link(&format!("/join?token={}", invited.token)),
    }))
}

/// Changes somebody's name or role, or disables them.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", params(("id" = String, Path)), request_body = UserChange, responses((status = 200, body = User)))]
pub async fn edit(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<UserChange>,
) -> Result<Json<User>, Problem> {
    let edit = EditUser {
        name: value.name,
        role: value.role,
        disabled: value.disabled,
    };
    let user = manage_users::edit(&door.app, &signed.caller, id(&name)?, edit).await?;
    Ok(Json(User::from(&user)))
}

/// Makes a new invitation for somebody.
#[utoipa::path(post, path = "/users/{id}/invite", tag = "users", params(("id" = String, Path)), responses((status = 200, body = InviteUrl)))]
pub async fn invite_again(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<InviteUrl>, Problem> {
    let token = manage_users::invite_again(&door.app, &signed.caller, id(&name)?).await?;
    Ok(Json(InviteUrl {
        invite_url: door.link(&format!("/join?token={token}")),
    }))
}
