//! Connecting a number of Meta's: its app, its account, the channel and the tie between them, in one transaction.
//!
//! An app and an account belong to one workspace: the app's secret vouches for that workspace's webhooks, and another
//! workspace's attempt to connect them is refused.

use std::sync::Arc;

use domain::access::Permission;
use domain::channel::{Channel, Health, Level, Link, Provider, Settings};
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::{AccountId, AppId, ChannelId, PipelineId, WorkspaceId};
use jiff::Timestamp;
use store::accounts::{Account, App as MetaApp};
use store::channels::NewConnection;
use store::jobs::Job;
use store::keys::{Known, Once};
use store::{Tx, accounts, channels, jobs, keys, workspaces};
use whatsapp::meta::client::GRAPH;
use whatsapp::provider::Secret;

use crate::caller::Caller;
use crate::chance::Ids;
use crate::error::{Told, told};
use crate::jobs::read_number::health_of;
use crate::jobs::{READ_NUMBER, READ_TEMPLATES};
use crate::seal::SealError;
use crate::sign_in::clean_name;
use crate::{App, Refusal, RefusalKind, Result, chance};

const PROVIDER: &str = "meta";
/// Live secrets of one app: the new one, and the one before while Meta's side is changed.
const SECRETS: usize = 2;

/// What is asked.
#[derive(Clone)]
pub struct ConnectChannel {
    pub name: String,
    /// The Business API, or the Business app with coexistence.
    pub level: Level,
    pub link: Link,
    pub base_url: Option<String>,
    /// Meta's id of the app.
    pub app_id: String,
    pub app_secret: Secret,
    pub verify_token: Secret,
    pub waba_id: String,
    pub phone_number_id: String,
    pub token: Secret,
    pub pipeline_id: Option<PipelineId>,
    pub once: Option<Once>,
    /// The channel that moves here, and the version of it that the person saw.
    pub moved: Option<(ChannelId, i64)>,
}

/// Connects; answers the channel. What the provider tells of the number comes in by a job right after.
///
/// # Errors
/// `app_of_other_workspace`, `number_connected`, or a refusal that names the field.
pub async fn connect(app: &App, by: &Caller, request: ConnectChannel) -> Result<ChannelId> {
    by.must(Permission::ChannelsManage)?;
    let name = clean_name(&request.name, "name")?;
    for (value, field) in [
        (&request.app_id, "app.app_id"),
        (&request.waba_id, "waba_id"),
        (&request.phone_number_id, "phone_number_id"),
    ] {
        if value.is_empty() || value.len() > 32 || !value.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(Refusal::invalid("id_of_meta", field).into());
        }
    }
    secret(&request.app_secret, "app.app_secret")?;
    secret(&request.verify_token, "app.verify_token")?;
    secret(&request.token, "token")?;
    let base_url = request.base_url.clone().unwrap_or_else(|| GRAPH.to_owned());
    let base_url = base_url.trim_end_matches('/').to_owned();
    app.client(&base_url)?;
    let told_of = ask(app, &base_url, &request).await;

    let now = app.clock.business_now();
    let (app_id, account_id): (AppId, AccountId) = (app.ids.next(now), app.ids.next(now));
    let input = Input {
        by: by.clone(),
        name,
        base_url,
        app_id,
        app_key: chance::token(),
        // Sealed for the rows that will hold them; a row that is there already gets the same secrets sealed anew.
        app_secret: request.app_secret.clone(),
        verify_token: request.verify_token.clone(),
        account_id,
        token: request.token.clone(),
        seals: Seals::make(app, &request, app_id, account_id).map_err(broken)?,
        known: known_rows(app, by.workspace_id, &request).await?,
        request,
        told_of,
        now,
        machine_now: app.clock.machine_now(),
        ids: Arc::clone(&app.ids),
    };
    let input = input.sealed_for_known(app).map_err(broken)?;
    let outcome = app
        .store
        .write(Arc::new(input), |tx, input| Box::pin(connect_in(tx, input)))
        .await;
    // The app, the account or the number has a row of another workspace, which this one may not see.
    if matches!(outcome, Err(store::Error::Taken)) {
        return Err(Refusal::new(RefusalKind::Conflict, "app_of_other_workspace").into());
    }
    let id = told(outcome)?;
    app.reload_directory().await?;
    Ok(id)
}

pub(crate) fn secret(secret: &Secret, field: &str) -> std::result::Result<(), Refusal> {
    let text = secret.expose();
    if text.trim().is_empty() {
        return Err(Refusal::invalid("missing", field));
    }
    if text.len() > 4096
        || text
            .chars()
            .any(|letter| letter.is_control() || letter.is_whitespace())
    {
        return Err(Refusal::invalid("bad_value", field));
    }
    Ok(())
}

pub(crate) fn broken(error: SealError) -> crate::Error {
    crate::Error::Files(error.to_string())
}

/// What the provider tells of the number while it is being connected. A provider that says no or nothing does not
/// stand in the way: the checker tells what is wrong.
#[derive(Debug, Clone, Default)]
struct ToldOf {
    phone: Option<String>,
    portfolio_id: Option<String>,
    health: Health,
}

async fn ask(app: &App, base_url: &str, request: &ConnectChannel) -> ToldOf {
    let Ok(client) = app.client(base_url) else {
        return ToldOf::default();
    };
    let (number, account) = tokio::join!(
        client.number(&request.phone_number_id, &request.token),
        client.account(&request.waba_id, &request.token),
    );
    let mut told_of = ToldOf::default();
    if let Ok(number) = number {
        told_of.health = health_of(&number);
        told_of.health.checked_at = Some(app.clock.business_now());
        told_of.phone = number.display_phone_number.as_deref().and_then(digits);
    }
    if let Ok(account) = account {
        told_of.portfolio_id = account.owner_business_info.map(|owner| owner.id);
    }
    told_of
}

/// The digits of a number as the provider writes it for people.
pub(crate) fn digits(written: &str) -> Option<String> {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    domain::phone::Phone::from_digits(&digits)
        .ok()
        .map(|phone| phone.digits().to_owned())
}

/// Secrets for new rows.
struct Seals {
    app_secret: String,
    verify_token: String,
    token: String,
}

impl Seals {
    fn make(
        app: &App,
        request: &ConnectChannel,
        app_id: AppId,
        account_id: AccountId,
    ) -> std::result::Result<Self, SealError> {
        Ok(Self {
            app_secret: app.seal.seal(&app_id.to_string(), &request.app_secret)?,
            verify_token: app.seal.seal(&app_id.to_string(), &request.verify_token)?,
            token: app.seal.seal(&account_id.to_string(), &request.token)?,
        })
    }
}

/// Rows of this workspace that are used again.
#[derive(Default)]
struct KnownRows {
    app: Option<MetaApp>,
    account: Option<Account>,
}

async fn known_rows(
    app: &App,
    workspace_id: WorkspaceId,
    request: &ConnectChannel,
) -> Result<KnownRows> {
    let input = (
        workspace_id,
        request.app_id.clone(),
        request.waba_id.clone(),
    );
    let known = app
        .store
        .read(input, |tx, (workspace_id, app_id, waba_id)| {
            Box::pin(async move {
                let app = accounts::list_apps(tx).await?.into_iter().find(|app| {
                    app.workspace_id == *workspace_id && app.provider_app_id == *app_id
                });
                let account = accounts::list(tx, *workspace_id)
                    .await?
                    .into_iter()
                    .find(|account| account.waba_id == *waba_id);
                Ok(KnownRows { app, account })
            })
        });
    Ok(known.await?)
}

struct Input {
    by: Caller,
    name: String,
    base_url: String,
    app_id: AppId,
    app_key: String,
    app_secret: Secret,
    verify_token: Secret,
    account_id: AccountId,
    token: Secret,
    seals: Seals,
    known: KnownRows,
    request: ConnectChannel,
    told_of: ToldOf,
    now: Timestamp,
    machine_now: Timestamp,
    ids: Arc<Ids>,
}

impl Input {
    fn sealed_for_known(mut self, app: &App) -> std::result::Result<Self, SealError> {
        if let Some(known) = &mut self.known.app {
            add_secret(app, known, &self.app_secret)?;
            known.verify_token = app.seal.seal(&known.id.to_string(), &self.verify_token)?;
        }
        if let Some(account) = &mut self.known.account {
            account.token = app.seal.seal(&account.id.to_string(), &self.token)?;
            account.token_last4 = last4(&self.token);
            account.base_url.clone_from(&self.base_url);
            account.portfolio_id = self
                .told_of
                .portfolio_id
                .clone()
                .or(account.portfolio_id.take());
        }
        Ok(self)
    }
}

/// Puts a secret before the others, unless the newest is the same.
pub(crate) fn add_secret(
    app: &App,
    known: &mut MetaApp,
    secret: &Secret,
) -> std::result::Result<(), SealError> {
    let owner = known.id.to_string();
    let newest = known
        .secrets
        .first()
        .and_then(|sealed| app.seal.open(&owner, sealed).ok());
    if newest.is_none_or(|newest| newest.expose() != secret.expose()) {
        known.secrets.insert(0, app.seal.seal(&owner, secret)?);
        known.secrets.truncate(SECRETS);
    }
    Ok(())
}

pub(crate) fn last4(secret: &Secret) -> String {
    let letters: Vec<char> = secret.expose().chars().collect();
    letters[letters.len().saturating_sub(4)..].iter().collect()
}

async fn connect_in(tx: &mut Tx, input: &Input) -> store::Result<Told<ChannelId>> {
    let workspace_id = input.by.workspace_id;
    if let Some(once) = &input.request.once {
        match keys::claim(tx, workspace_id, once, input.now).await? {
            Known::New => {}
            Known::Done(id) => return Ok(id.parse().map_err(|_| mismatch())),
            Known::Mismatch => return Ok(Err(mismatch())),
        }
    }
    let pipelines = workspaces::list_pipelines(tx, workspace_id).await?;
    let pipeline = match input.request.pipeline_id {
        Some(id) => pipelines.iter().find(|pipeline| pipeline.id == id),
        None => pipelines.first(),
    };
    let Some(pipeline) = pipeline else {
        return Ok(Err(Refusal::invalid("pipeline_unknown", "pipeline_id")));
    };
    let all = channels::list(tx, workspace_id).await?;
    let moves = input.request.moved.map(|(id, _)| id);
    let connected = all
        .iter()
        .filter(|one| Some(one.id) != moves)
        .any(|channel| {
            channel
                .connection
                .as_ref()
                .is_some_and(|known| known.phone_number_id == input.request.phone_number_id)
        });
    if connected {
        return Ok(Err(Refusal::new(RefusalKind::Conflict, "number_connected")));
    }
    let app_id = keep_app(tx, workspace_id, input).await?;
    let account_id = keep_account(tx, workspace_id, input, app_id).await?;
    let channel = match input.request.moved {
        Some((id, version)) => match moved(tx, input, id, version).await? {
            Ok(channel) => channel,
            Err(refusal) => return Ok(Err(refusal)),
        },
        None => made(tx, input, pipeline.id).await?,
    };
    let connection = NewConnection {
        id: input.ids.next(input.now),
        channel_id: channel.id,
        account_id,
        phone_number_id: input.request.phone_number_id.clone(),
        webhook_secret: None,
    };
    if channels::reconnect(tx, workspace_id, &connection, input.now)
        .await?
        .is_none()
    {
        channels::connect(tx, workspace_id, &connection, input.now).await?;
    }
    for kind in [READ_NUMBER, READ_TEMPLATES] {
        jobs::enqueue(
            tx,
            &job(
                workspace_id,
                kind,
                channel.id,
                input.machine_now,
                &input.ids,
            ),
        )
        .await?;
    }
    tx.emit(
        workspace_id,
        changed(channel.id, &input.by, "connected", input.now),
    );
    if let Some(once) = &input.request.once {
        keys::done(tx, workspace_id, once, &channel.id.to_string()).await?;
    }
    Ok(Ok(channel.id))
}

async fn made(tx: &mut Tx, input: &Input, pipeline_id: PipelineId) -> store::Result<Channel> {
    let channel = Channel {
        id: input.ids.next(input.now),
        version: 1,
        name: input.name.clone(),
        level: input.request.level,
        link: input.request.link,
        provider: Provider::Meta,
        phone: input.told_of.phone.clone(),
        pipeline_id,
        connection: None,
        health: input.told_of.health.clone(),
        settings: Settings::default(),
    };
    channels::insert(tx, input.by.workspace_id, &channel, input.now).await?;
    Ok(channel)
}

/// The channel keeps its id, so its conversations, leads and messages go on under the new tie.
async fn moved(
    tx: &mut Tx,
    input: &Input,
    id: ChannelId,
    version: i64,
) -> store::Result<Told<Channel>> {
    let workspace_id = input.by.workspace_id;
    let mut channel = channels::get(tx, workspace_id, id).await?;
    if let (Some(before), Some(after)) = (&channel.phone, &input.told_of.phone)
        && before != after
    {
        return Ok(Err(Refusal::invalid("other_phone", "phone_number_id")));
    }
    channel.version = version;
    channel.name.clone_from(&input.name);
    channel.level = input.request.level;
    channel.relink(input.request.link, input.now);
    channel.provider = Provider::Meta;
    channel.phone = channel.phone.or_else(|| input.told_of.phone.clone());
    channel.settings.risk_accepted = None;
    channels::disconnect(tx, workspace_id, id, input.now).await?;
    channels::update(tx, workspace_id, &channel).await?;
    channels::update_health(tx, workspace_id, id, &input.told_of.health).await?;
    Ok(Ok(channel))
}

fn mismatch() -> Refusal {
    Refusal::new(RefusalKind::Invalid, "idempotency_mismatch")
}

async fn keep_app(tx: &mut Tx, workspace_id: WorkspaceId, input: &Input) -> store::Result<AppId> {
    if let Some(known) = &input.known.app {
        accounts::update_app_secrets(tx, known).await?;
        return Ok(known.id);
    }
    let is_first = accounts::list_apps(tx).await?.is_empty();
    let app = MetaApp {
        workspace_id,
        id: input.app_id,
        app_key: if is_first {
            String::new()
        } else {
            input.app_key.clone()
        },
        provider: PROVIDER.to_owned(),
        provider_app_id: input.request.app_id.clone(),
        secrets: vec![input.seals.app_secret.clone()],
        verify_token: input.seals.verify_token.clone(),
        last_webhook_at: None,
        created_at: input.now,
    };
    accounts::insert_app(tx, &app).await?;
    Ok(app.id)
}

async fn keep_account(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    input: &Input,
    app_id: AppId,
) -> store::Result<AccountId> {
    if let Some(known) = &input.known.account {
        let account = Account {
            app_id: Some(app_id),
            ..known.clone()
        };
        accounts::update(tx, &account).await?;
        return Ok(account.id);
    }
    let account = Account {
        workspace_id,
        id: input.account_id,
        provider: PROVIDER.to_owned(),
        app_id: Some(app_id),
        waba_id: input.request.waba_id.clone(),
        portfolio_id: input.told_of.portfolio_id.clone(),
        base_url: input.base_url.clone(),
        token: input.seals.token.clone(),
        token_last4: last4(&input.token),
        created_at: input.now,
    };
    accounts::insert(tx, &account).await?;
    Ok(account.id)
}

pub(crate) fn job(
    workspace_id: WorkspaceId,
    kind: &str,
    channel_id: ChannelId,
    due_at: Timestamp,
    ids: &Ids,
) -> Job {
    Job {
        workspace_id,
        id: ids.next(due_at),
        kind: kind.to_owned(),
        subject: channel_id.to_string(),
        payload: String::new(),
        due_at,
        tries: 0,
    }
}

pub(crate) fn changed(channel_id: ChannelId, by: &Caller, what: &str, now: Timestamp) -> NewEvent {
    let subjects = Subjects {
        channel_id: Some(channel_id),
        ..Subjects::default()
    };
    NewEvent::new(EventKind::ChannelChanged, now, by.actor(), subjects).with("what", what)
}
