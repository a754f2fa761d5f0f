//! Who may do what in a workspace.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Admin,
    Manager,
    Agent,
    Viewer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Permission {
    #[serde(rename = "conversations.read")]
    ConversationsRead,
    #[serde(rename = "conversations.write")]
    ConversationsWrite,
    #[serde(rename = "leads.read")]
    LeadsRead,
    #[serde(rename = "leads.write")]
    LeadsWrite,
    #[serde(rename = "templates.read")]
    TemplatesRead,
    #[serde(rename = "templates.manage")]
    TemplatesManage,
    #[serde(rename = "channels.read")]
    ChannelsRead,
    #[serde(rename = "channels.manage")]
    ChannelsManage,
    #[serde(rename = "campaigns.manage")]
    CampaignsManage,
    #[serde(rename = "users.read")]
    UsersRead,
    #[serde(rename = "users.manage")]
    UsersManage,
    #[serde(rename = "api_keys.manage")]
    ApiKeysManage,
    #[serde(rename = "quarantine.view")]
    QuarantineView,
    #[serde(rename = "events.read")]
    EventsRead,
}

impl Permission {
    pub const ALL: [Self; 14] = [
        Self::ConversationsRead,
        Self::ConversationsWrite,
        Self::LeadsRead,
        Self::LeadsWrite,
        Self::TemplatesRead,
        Self::TemplatesManage,
        Self::ChannelsRead,
        Self::ChannelsManage,
        Self::CampaignsManage,
        Self::UsersRead,
        Self::UsersManage,
        Self::ApiKeysManage,
        Self::QuarantineView,
        Self::EventsRead,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConversationsRead => "conversations.read",
            Self::ConversationsWrite => "conversations.write",
            Self::LeadsRead => "leads.read",
            Self::LeadsWrite => "leads.write",
            Self::TemplatesRead => "templates.read",
            Self::TemplatesManage => "templates.manage",
            Self::ChannelsRead => "channels.read",
            Self::ChannelsManage => "channels.manage",
            Self::CampaignsManage => "campaigns.manage",
            Self::UsersRead => "users.read",
            Self::UsersManage => "users.manage",
            Self::ApiKeysManage => "api_keys.manage",
            Self::QuarantineView => "quarantine.view",
            Self::EventsRead => "events.read",
        }
    }

    /// The permission of this name, as an API key's scope gives it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|permission| permission.as_str() == name)
    }
}

impl Role {
    /// A role's rights, least first: each role has those of the one below it.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        let least = match permission {
            P::ConversationsRead
            | P::LeadsRead
            | P::TemplatesRead
            | P::ChannelsRead
            | P::UsersRead
            | P::EventsRead => Self::Viewer,
            P::ConversationsWrite | P::LeadsWrite => Self::Agent,
            P::TemplatesManage | P::QuarantineView | P::CampaignsManage => Self::Manager,
            P::ChannelsManage | P::UsersManage | P::ApiKeysManage => Self::Admin,
        };
        self.rank() >= least.rank()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Viewer => 0,
            Self::Agent => 1,
            Self::Manager => 2,
            Self::Admin => 3,
            Self::Owner => 4,
        }
    }

    /// Whether this role may give `other` to somebody, or take it away: nobody makes anyone greater than themselves.
    #[must_use]
    pub const fn may_grant(self, other: Self) -> bool {
        self.may(Permission::UsersManage) && self.rank() >= other.rank()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_what_the_one_below_has() {
        let roles = [
            Role::Viewer,
            Role::Agent,
            Role::Manager,
            Role::Admin,
            Role::Owner,
        ];
        for pair in roles.windows(2) {
            for permission in Permission::ALL {
                assert!(
                    !pair[0].may(permission) || pair[1].may(permission),
                    "{permission:?}"
                );
            }
        }
        assert!(!Role::Viewer.may(Permission::ConversationsWrite));
        assert!(!Role::Manager.may(Permission::ChannelsManage));
        assert!(!Role::Admin.may_grant(Role::Owner) && Role::Owner.may_grant(Role::Owner));
    }
}
