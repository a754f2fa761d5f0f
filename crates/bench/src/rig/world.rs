//! A workspace with one connected number, written straight into the database of a process that is not running.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::chance;
use app::seal::Seal;
use domain::channel::{Channel, Health, Level, Link, Provider, Settings};
use domain::id::{ChannelId, Id, WorkspaceId};
use domain::people::{Localised, Pipeline, Status, StatusGroup};
use jiff::Timestamp;
use store::accounts::{Account, App as MetaApp};
use store::channels::NewConnection;
use store::keys::ApiKey;
use store::workspaces::Workspace;
use store::{DatabaseUrl, Store, Tx, accounts, channels, keys, workspaces};

use super::Result;
use super::webhook::APP_SECRET;

pub const WABA: &str = "102030405060701";
pub const NUMBER: &str = "106540352240001";
pub const PHONE: &str = "972500000001";
pub const META_APP: &str = "670843887433847";
pub const PORTFOLIO: &str = "506914307656634";
pub const TOKEN: &str = "sandbox-token";
pub const API_KEY: &str = "kesher_rig-api-key";
pub const WORKSPACE: WorkspaceId = Id::from_bits(1);
pub const CHANNEL: ChannelId = Id::from_bits(1);

/// Where the process under test keeps its data.
#[derive(Debug, Clone)]
pub struct Place {
    pub folder: PathBuf,
    pub url: DatabaseUrl,
    pub secret_key: String,
}

impl Place {
    /// A place in `folder`; on PostgreSQL the database of `url`.
    #[must_use]
    pub fn new(folder: &Path, url: Option<DatabaseUrl>) -> Self {
        let url = url.unwrap_or_else(|| DatabaseUrl::Sqlite(folder.join("kesher.db")));
        Self {
            folder: folder.to_owned(),
            url,
            secret_key: Seal::new_key(),
        }
    }

    /// The database, as a command line names it.
    #[must_use]
    pub fn url_text(&self) -> String {
        match &self.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        }
    }

    /// # Errors
    /// When the database cannot be opened.
    pub async fn open(&self) -> Result<Store> {
        Ok(Store::open(&self.url, Arc::new(|_| {})).await?)
    }
}

struct Seeds {
    sandbox_url: String,
    token: String,
    secret: String,
    verify_token: String,
}

/// Writes the world.
///
/// # Errors
/// When the database says no.
pub async fn seed(place: &Place, sandbox_url: &str) -> Result<()> {
    let seal = Seal::from_hex(&place.secret_key)?;
    let owner: Id<_> = account_id();
    let app_owner = app_id();
    let seeds = Seeds {
        sandbox_url: sandbox_url.to_owned(),
        token: seal.seal(&owner.to_string(), &TOKEN.into())?,
        secret: seal.seal(&app_owner.to_string(), &APP_SECRET.into())?,
        verify_token: seal.seal(&app_owner.to_string(), &"rig-verify".into())?,
    };
    let store = place.open().await?;
    store
        .write(seeds, |tx, seeds| Box::pin(write(tx, seeds)))
        .await?;
    Ok(())
}

fn account_id() -> domain::id::AccountId {
    Id::from_bits(1)
}

fn app_id() -> domain::id::AppId {
    Id::from_bits(1)
}

async fn write(tx: &mut Tx, seeds: &Seeds) -> store::Result<()> {
    let now = Timestamp::UNIX_EPOCH;
    let workspace = Workspace {
        id: WORKSPACE,
        name: "לדוגמה".into(),
        locale: "he".into(),
        time_zone: "Asia/Jerusalem".into(),
        region: "IL".into(),
        currency: "ILS".into(),
        created_at: now,
    };
    workspaces::insert(tx, &workspace).await?;
    let pipeline = Pipeline {
        id: Id::from_bits(1),
        name: Localised::both("לידים", "Leads"),
        fields: vec![],
    };
    workspaces::insert_pipeline(tx, WORKSPACE, &pipeline, 0).await?;
    let status = Status {
        id: Id::from_bits(1),
        pipeline_id: pipeline.id,
        name: Localised::both("חדש", "New"),
        group: StatusGroup::New,
        position: 0,
    };
    workspaces::insert_status(tx, WORKSPACE, &status).await?;
    let app = MetaApp {
        workspace_id: WORKSPACE,
        id: app_id(),
        app_key: String::new(),
        provider: "meta".into(),
        provider_app_id: META_APP.into(),
        secrets: vec![seeds.secret.clone()],
        verify_token: seeds.verify_token.clone(),
        last_webhook_at: None,
        created_at: now,
    };
    accounts::insert_app(tx, &app).await?;
    let account = Account {
        workspace_id: WORKSPACE,
        id: account_id(),
        provider: "meta".into(),
        app_id: Some(app.id),
        waba_id: WABA.into(),
        portfolio_id: Some(PORTFOLIO.into()),
        base_url: seeds.sandbox_url.clone(),
        token: seeds.token.clone(),
        token_last4: "oken".into(),
        created_at: now,
    };
    accounts::insert(tx, &account).await?;
    let channel = Channel {
        id: CHANNEL,
        version: 1,
        name: "ראשי".into(),
        level: Level::BusinessApi,
        link: Link::Api,
        provider: Provider::Meta,
        phone: Some(PHONE.into()),
        pipeline_id: pipeline.id,
        connection: None,
        health: Health::default(),
        settings: Settings::default(),
    };
    channels::insert(tx, WORKSPACE, &channel, now).await?;
    let connection = NewConnection {
        id: Id::from_bits(1),
        channel_id: CHANNEL,
        account_id: account.id,
        phone_number_id: NUMBER.into(),
        webhook_secret: None,
    };
    channels::connect(tx, WORKSPACE, &connection, now).await?;
    let key = ApiKey {
        workspace_id: WORKSPACE,
        id: Id::from_bits(1),
        name: "rig".into(),
        last4: "-key".into(),
        scopes: domain::access::Permission::ALL
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        created_by: None,
        created_at: now,
        last_used_at: None,
        revoked_at: None,
    };
    keys::insert(tx, &key, &chance::hash(API_KEY)).await
}
