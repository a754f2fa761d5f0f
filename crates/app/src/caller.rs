//! Who asks for something.

use domain::access::{Permission, Role};
use domain::event::Actor;
use domain::id::{ApiKeyId, UserId, WorkspaceId};
use domain::message::{Author, AuthorKind};
use serde::{Deserialize, Serialize};

use crate::error::{Refusal, RefusalKind};

/// A person who is signed in, or a program with a key. Everything that a verb does, it does in this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub workspace_id: WorkspaceId,
    pub who: Who,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    User {
        id: UserId,
        role: Role,
    },
    Key {
        id: ApiKeyId,
        scopes: Vec<Permission>,
    },
    /// The installation itself: demo data, jobs.
    System,
}

impl Caller {
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match &self.who {
            Who::User { role, .. } => role.may(permission),
            Who::Key { scopes, .. } => scopes.contains(&permission),
            Who::System => true,
        }
    }

    /// # Errors
    /// When the caller may not.
    pub fn must(&self, permission: Permission) -> Result<(), Refusal> {
        if self.may(permission) {
            return Ok(());
        }
        Err(Refusal::new(RefusalKind::Forbidden, "no_right")
            .with("permission", permission.as_str()))
    }

    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self.who {
            Who::User { id, .. } => Some(id),
            Who::Key { .. } | Who::System => None,
        }
    }

    #[must_use]
    pub const fn author(&self) -> Author {
        match self.who {
            Who::User { id, .. } => Author {
                kind: AuthorKind::User,
                user_id: Some(id),
            },
            Who::Key { .. } => Author {
                kind: AuthorKind::Api,
                user_id: None,
            },
            Who::System => Author {
                kind: AuthorKind::System,
                user_id: None,
            },
        }
    }

    #[must_use]
    pub const fn actor(&self) -> Actor {
        let author = self.author();
        Actor {
            kind: author.kind,
            user_id: author.user_id,
        }
    }
}
