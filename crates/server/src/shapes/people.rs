use domain::access::Permission;
use serde::Serialize;
use store::keys::ApiKey as KeyRow;
use store::users::User as UserRow;
use store::workspaces::Workspace as WorkspaceRow;
use utoipa::ToSchema;

use super::{At, word};
use crate::door::Door;
use crate::http::auth::Signed;

#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    pub id: String,
    pub name: String,
    pub email: String,
    /// `owner`, `admin`, `manager`, `agent`, `viewer`.
    pub role: String,
    pub locale: String,
    pub disabled_at: Option<At>,
    /// Has not chosen a password yet.
    pub invited: bool,
}

impl From<&UserRow> for User {
    fn from(user: &UserRow) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            role: word(&user.role),
            locale: user.locale.clone(),
            disabled_at: user.disabled_at.map(At),
            invited: user.password_hash.is_none(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Workspace {
    pub id: String,
    pub name: String,
    pub locale: String,
    pub time_zone: String,
}

/// Who is calling, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// `null` for an API key.
    pub user: Option<User>,
    pub workspace: Workspace,
    pub permissions: Vec<String>,
    pub demo: bool,
    pub sandbox_phone_url: Option<String>,
    pub now: At,
}

impl Me {
    pub fn new(door: &Door, signed: &Signed, workspace: WorkspaceRow) -> Self {
        let permissions = Permission::ALL
            .into_iter()
            .filter(|right| signed.caller.may(*right));
        Self {
            user: signed.user.as_ref().map(User::from),
            workspace: Workspace {
                id: workspace.id.to_string(),
                name: workspace.name,
                locale: workspace.locale,
                time_zone: workspace.time_zone,
            },
            permissions: permissions.map(|right| right.as_str().to_owned()).collect(),
            demo: door.demo.is_some(),
            sandbox_phone_url: door
                .demo
                .as_ref()
                .map(|demo| format!("{}/phone", demo.sandbox_url)),
            now: door.app.clock.business_now().into(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    pub user: User,
    pub invite_url: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InviteUrl {
    pub invite_url: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    pub id: String,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_at: At,
    pub last_used_at: Option<At>,
    pub revoked_at: Option<At>,
    pub last4: String,
    /// The key itself: in the answer to its making, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            scopes: row.scopes,
            created_at: row.created_at.into(),
            last_used_at: row.last_used_at.map(At),
            revoked_at: row.revoked_at.map(At),
            last4: row.last4,
            key: None,
        }
    }
}
