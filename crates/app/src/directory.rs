//! What is looked up with every webhook and every send, and changes seldom: apps with their secrets, channels with
//! their connections. A snapshot in memory, read again when something of it changes and from time to time.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::{Arc, RwLock};

use domain::channel::Channel;
use domain::id::{AccountId, AppId, ChannelId, ConnectionId, StatusId, WorkspaceId};
use jiff::tz::TimeZone;
use store::accounts::{Account, App as MetaApp};
use store::{Store, accounts, channels, workspaces};
use whatsapp::adapter::Number;
use whatsapp::provider::Secret;

use crate::connect_number::webhook_owner;
use crate::seal::Seal;

/// An app that may sign what comes in.
#[derive(Clone)]
pub struct Signer {
    pub app: MetaApp,
    pub secrets: Vec<Secret>,
    pub verify_token: Secret,
}

/// A number of ours.
#[derive(Debug, Clone)]
pub struct Line {
    pub workspace_id: WorkspaceId,
    pub channel: Channel,
    pub first_status_id: StatusId,
    /// The workspace's.
    pub zone: TimeZone,
}

#[derive(Default)]
pub struct Directory {
    /// By the key in the address.
    pub signers: BTreeMap<String, Signer>,
    lines: Vec<Line>,
    tokens: BTreeMap<AccountId, Secret>,
    webhook_secrets: BTreeMap<ConnectionId, Secret>,
    accounts: BTreeMap<AccountId, Account>,
}

impl Directory {
    /// # Errors
    /// As the database says. A secret that does not open (another key) is left out and told in the log.
    pub async fn load(store: &Store, seal: &Seal) -> store::Result<Self> {
        let loaded = store.read((), |tx, ()| {
            Box::pin(async move {
                let apps = accounts::list_apps(tx).await?;
                let mut all = Vec::new();
                for workspace in workspaces::list(tx).await? {
                    let statuses = workspaces::list_statuses(tx, workspace.id).await?;
                    let lines = channels::list(tx, workspace.id).await?;
                    let accounts = accounts::list(tx, workspace.id).await?;
                    let secrets = channels::webhook_secrets(tx, workspace.id).await?;
                    all.push((workspace, statuses, lines, accounts, secrets));
                }
                Ok((apps, all))
            })
        });
        let (apps, workspaces) = loaded.await?;
        let mut directory = Self::default();
        for app in apps {
            directory.add_app(app, seal);
        }
        for (workspace, statuses, channels, accounts, secrets) in workspaces {
            let workspace_id = workspace.id;
            let zone = TimeZone::get(&workspace.time_zone).unwrap_or(TimeZone::UTC);
            for kept in secrets {
                let owner = webhook_owner(kept.account_id, &kept.phone_number_id);
                match seal.open(&owner, &kept.sealed) {
                    Ok(secret) => {
                        directory.webhook_secrets.insert(kept.connection_id, secret);
                    }
                    Err(error) => {
                        tracing::error!(connection_id = %kept.connection_id, %error, "a webhook's secret");
                    }
                }
            }
            for account in accounts {
                match seal.open(&account.id.to_string(), &account.token) {
                    Ok(token) => {
                        directory.tokens.insert(account.id, token);
                    }
                    Err(error) => {
                        tracing::error!(account_id = %account.id, %error, "an account's token");
                    }
                }
                directory.accounts.insert(account.id, account);
            }
            for channel in channels {
                let first = statuses
                    .iter()
                    .filter(|status| {
                        status.pipeline_id == channel.pipeline_id && !status.group.is_closed()
                    })
                    .min_by_key(|status| status.position);
                if let Some(first) = first {
                    let first_status_id = first.id;
                    directory.lines.push(Line {
                        workspace_id,
                        channel,
                        first_status_id,
                        zone: zone.clone(),
                    });
                }
            }
        }
        Ok(directory)
    }

    fn add_app(&mut self, app: MetaApp, seal: &Seal) {
        let owner = app.id.to_string();
        let secrets: Result<Vec<Secret>, _> = app
            .secrets
            .iter()
            .map(|sealed| seal.open(&owner, sealed))
            .collect();
        match (secrets, seal.open(&owner, &app.verify_token)) {
            (Ok(secrets), Ok(verify_token)) => {
                self.signers.insert(
                    app.app_key.clone(),
                    Signer {
                        app,
                        secrets,
                        verify_token,
                    },
                );
            }
            _ => tracing::error!(app_id = %app.id, "an app's secrets do not open with this key"),
        }
    }

    /// The number under which the app's workspace knows this provider id; of that app only.
    #[must_use]
    pub fn line_of_number(&self, app_id: AppId, phone_number_id: &str) -> Option<&Line> {
        self.lines_of_app(app_id).find(|line| {
            line.channel
                .connection
                .as_ref()
                .is_some_and(|known| known.phone_number_id == phone_number_id)
        })
    }

    /// A number of the app's workspace by its digits.
    #[must_use]
    pub fn line_of_phone(&self, app_id: AppId, digits: &str) -> Option<&Line> {
        self.lines_of_app(app_id)
            .find(|line| line.channel.phone.as_deref() == Some(digits))
    }

    /// Any number of this WABA or portfolio: for what is told of an account as a whole.
    #[must_use]
    pub fn line_of_account(
        &self,
        app_id: AppId,
        waba_id: Option<&str>,
        portfolio_id: Option<&str>,
    ) -> Option<&Line> {
        let of = |test: &dyn Fn(&domain::channel::Connection) -> bool| {
            self.lines_of_app(app_id)
                .find(|line| line.channel.connection.as_ref().is_some_and(test))
        };
        waba_id
            .and_then(|id| of(&|known| known.waba_id == id))
            .or_else(|| {
                portfolio_id.and_then(|id| of(&|known| known.portfolio_id.as_deref() == Some(id)))
            })
    }

    fn lines_of_app(&self, app_id: AppId) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| {
            line.channel
                .connection
                .as_ref()
                .is_some_and(|known| known.app_id == Some(app_id))
        })
    }

    #[must_use]
    pub fn line(&self, channel_id: ChannelId) -> Option<&Line> {
        self.lines.iter().find(|line| line.channel.id == channel_id)
    }

    /// The number of a live connection.
    #[must_use]
    pub fn line_of_connection(&self, id: ConnectionId) -> Option<&Line> {
        self.lines.iter().find(|line| {
            line.channel
                .connection
                .as_ref()
                .is_some_and(|known| known.id == id)
        })
    }

    /// A channel's number as its provider's module wants it; `None` where it is not connected, or its key does not open.
    #[must_use]
    pub fn number(&self, channel: &Channel) -> Option<Number> {
        let connection = channel.connection.as_ref()?;
        let app_secrets = connection.app_id.and_then(|id| {
            let signer = self.signers.values().find(|signer| signer.app.id == id)?;
            Some(signer.secrets.clone())
        });
        let own = self.webhook_secrets.get(&connection.id).cloned();
        Some(Number {
            provider: channel.provider,
            base_url: connection.base_url.clone(),
            account: connection.waba_id.clone(),
            number: connection.phone_number_id.clone(),
            phone: channel.phone.clone(),
            token: self.tokens.get(&connection.account_id)?.clone(),
            webhook_secrets: app_secrets.unwrap_or_else(|| own.into_iter().collect()),
        })
    }

    /// Any number of an account: for what its key alone can do.
    #[must_use]
    pub fn number_of_account(&self, id: AccountId) -> Option<Number> {
        let line = self.lines.iter().find(|line| {
            line.channel
                .connection
                .as_ref()
                .is_some_and(|known| known.account_id == id)
        })?;
        self.number(&line.channel)
    }

    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    #[must_use]
    pub fn token(&self, account_id: AccountId) -> Option<&Secret> {
        self.tokens.get(&account_id)
    }

    #[must_use]
    pub fn account(&self, account_id: AccountId) -> Option<&Account> {
        self.accounts.get(&account_id)
    }
}

/// The current snapshot.
#[derive(Default)]
pub struct Current(RwLock<Arc<Directory>>);

impl Current {
    #[must_use]
    pub fn get(&self) -> Arc<Directory> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn set(&self, directory: Directory) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
    }
}
