//! Connecting a number that is not Meta's own: an agent's app, an unofficial gateway, or an official partner. And moving
//! one: a channel goes to another provider or level, and its conversations go on.

use std::sync::Arc;

use domain::access::Permission;
use domain::capability::{Family, abilities};
use domain::channel::{
    Accepted, Channel, Health, HealthState, Level, Link, LinkState, Provider, Settings,
};
use domain::id::{AccountId, ChannelId, ConnectionId, PipelineId, UserId};
use domain::phone::Phone;
use jiff::Timestamp;
use rlibphonenumber::enums::Region;
use store::accounts::Account;
use store::channels::NewConnection;
use store::keys::{Known, Once};
use store::{Tx, accounts, channels, jobs, keys, workspaces};
use whatsapp::provider::Secret;

use crate::caller::Caller;
use crate::chance::Ids;
use crate::connect_channel::{broken, changed, job, last4, secret};
use crate::edit_contact::region_of;
use crate::error::{Told, told};
use crate::jobs::{READ_NUMBER, READ_TEMPLATES};
use crate::senders::call::webhook_address;
use crate::sign_in::clean_name;
use crate::{App, Refusal, RefusalKind, Result, chance};

/// What is asked.
#[derive(Clone)]
pub struct ConnectNumber {
    pub name: String,
    pub provider: Provider,
    pub level: Level,
    pub link: Link,
    /// Where the provider is; its own address where it has one.
    pub base_url: Option<String>,
    /// The provider's id of the account.
    pub account: Option<String>,
    /// The provider's name of the number: a session, an instance.
    pub number: Option<String>,
    /// As a person writes it.
    pub phone: Option<String>,
    pub token: Option<Secret>,
    /// What the provider signs its webhooks with, where it makes that itself; else ours is made.
    pub webhook_secret: Option<Secret>,
    /// The warnings of an unofficial gateway were read and accepted.
    pub accept_risk: bool,
    pub pipeline_id: Option<PipelineId>,
    pub once: Option<Once>,
    /// The channel that moves here, and the version of it that the person saw.
    pub moved: Option<(ChannelId, i64)>,
}

/// Where a provider is unless told otherwise.
#[must_use]
pub const fn base_url_of(provider: Provider) -> Option<&'static str> {
    match provider {
        Provider::Dialog360 => Some("https://waba-v2.360dialog.io"),
        Provider::Twilio => Some("https://api.twilio.com"),
        Provider::Vonage => Some("https://api.nexmo.com"),
        Provider::Gupshup => Some("https://api.gupshup.io"),
        Provider::GreenApi => Some("https://api.green-api.com"),
        // Self-hosted, or an address of the account's own.
        Provider::None
        | Provider::Meta
        | Provider::Infobip
        | Provider::Waha
        | Provider::Evolution
        | Provider::Wuzapi => None,
    }
}

/// Connects, or moves a channel; answers its id. The provider is told where to report right after.
///
/// # Errors
/// `pair_not_possible`, `risk_not_accepted`, `number_connected`, `account_of_other_workspace`, or a refusal that names
/// the field. Nothing is written then.
pub async fn connect(app: &App, by: &Caller, request: ConnectNumber) -> Result<ChannelId> {
    by.must(Permission::ChannelsManage)?;
    let wanted = Wanted::check(&request, region_of(app, by).await?)?;
    let now = app.clock.business_now();
    let account_id: AccountId = app.ids.next(now);
    let connection_id: ConnectionId = app.ids.next(now);
    let known = known_account(app, by, &wanted).await?;
    let account_id = known.as_ref().map_or(account_id, |known| known.id);
    let seal = |owner: &str, secret: &Secret| app.seal.seal(owner, secret).map_err(broken);
    let account = match &wanted.token {
        Some(token) => Some(Account {
            workspace_id: by.workspace_id,
            id: account_id,
            provider: request.provider.as_str().to_owned(),
            app_id: None,
            waba_id: wanted.account.clone(),
            portfolio_id: None,
            base_url: wanted.base_url.clone(),
            token: seal(&account_id.to_string(), token)?,
            token_last4: last4(token),
            created_at: now,
        }),
        None => None,
    };
    if let Some(given) = &request.webhook_secret {
        secret(given, "webhook_secret")?;
    }
    let webhook_secret = request
        .webhook_secret
        .clone()
        .unwrap_or_else(|| Secret::new(chance::token()));
    let input = Input {
        by: by.clone(),
        is_known: known.is_some(),
        connection: account.as_ref().map(|account| NewConnection {
            id: connection_id,
            channel_id: domain::id::Id::from_bits(0),
            account_id: account.id,
            phone_number_id: wanted.number.clone(),
            webhook_secret: None,
        }),
        account,
        webhook_secret: seal(&webhook_owner(account_id, &wanted.number), &webhook_secret)?,
        wanted,
        has_templates: app
            .speaker
            .capabilities(request.provider)
            .is_some_and(|can| can.templates),
        request,
        now,
        machine_now: app.clock.machine_now(),
        ids: Arc::clone(&app.ids),
    };
    let outcome = app
        .store
        .write(Arc::new(input), |tx, input| Box::pin(connect_in(tx, input)))
        .await;
    // The account or the number has a row of another workspace, which this one may not see.
    if matches!(outcome, Err(store::Error::Taken)) {
        return Err(Refusal::new(RefusalKind::Conflict, "account_of_other_workspace").into());
    }
    let id = told(outcome)?;
    app.reload_directory().await?;
    tell_provider(app, id).await;
    Ok(id)
}

/// Tells the provider where to report. One that says no or nothing does not stand in the way: the checker tells.
pub(crate) async fn tell_provider(app: &App, id: ChannelId) {
    let directory = app.directory.get();
    let Some(line) = directory.line(id) else {
        return;
    };
    let (Some(number), Some(url)) = (directory.number(&line.channel), webhook_address(app, line))
    else {
        return;
    };
    if let Err(error) = app.speaker.set_up(&number, &url).await {
        tracing::warn!(channel_id = %id, %error, "the provider could not be told where to report");
    }
}

/// To which row a webhook's secret belongs: a tie keeps its name when the number comes back.
pub(crate) fn webhook_owner(account_id: AccountId, number: &str) -> String {
    format!("webhook {account_id} {number}")
}

/// The request, whole and right.
struct Wanted {
    name: String,
    base_url: String,
    account: String,
    number: String,
    phone: Option<String>,
    token: Option<Secret>,
}

impl Wanted {
    fn check(request: &ConnectNumber, region: Region) -> std::result::Result<Self, Refusal> {
        let name = clean_name(&request.name, "name")?;
        if abilities(request.level, request.link).is_none()
            || !request.provider.carries(request.level, request.link)
        {
            return Err(Refusal::invalid("pair_not_possible", "link"));
        }
        let phone = match request.phone.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(
                Phone::parse(text, region)
                    .map_err(|_| Refusal::invalid("phone_invalid", "phone"))?
                    .digits()
                    .to_owned(),
            ),
        };
        let family = request.provider.family();
        if family == Family::None {
            return Ok(Self {
                name,
                base_url: String::new(),
                account: String::new(),
                number: String::new(),
                phone: Some(phone.ok_or_else(|| Refusal::invalid("missing", "phone"))?),
                token: None,
            });
        }
        if family == Family::Unofficial && !request.accept_risk {
            return Err(Refusal::invalid("risk_not_accepted", "accept_risk"));
        }
        let token = request
            .token
            .clone()
            .ok_or_else(|| Refusal::invalid("missing", "token"))?;
        secret(&token, "token")?;
        let base_url = request.base_url.as_deref().map(str::trim);
        let base_url = base_url
            .filter(|url| !url.is_empty())
            .or_else(|| base_url_of(request.provider))
            .ok_or_else(|| Refusal::invalid("missing", "base_url"))?
            .trim_end_matches('/')
            .to_owned();
        let is_address = reqwest::Url::parse(&base_url)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !is_address {
            return Err(Refusal::invalid("base_url_invalid", "base_url"));
        }
        let given = |value: &Option<String>, field: &str| match value.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(text)
                if text.len() > 128
                    || text.chars().any(|letter| {
                        letter.is_control() || letter.is_whitespace() || letter == '/'
                    }) =>
            {
                Err(Refusal::invalid("bad_value", field))
            }
            Some(text) => Ok(Some(text.to_owned())),
        };
        let (account, number) = (
            given(&request.account, "account")?,
            given(&request.number, "number")?,
        );
        let needs_account = matches!(request.provider, Provider::Twilio);
        let number = match family {
            Family::Unofficial => number.ok_or_else(|| Refusal::invalid("missing", "number"))?,
            _ => number
                .or_else(|| phone.clone())
                .ok_or_else(|| Refusal::invalid("missing", "phone"))?,
        };
        let account = match account {
            Some(account) => account,
            None if needs_account => return Err(Refusal::invalid("missing", "account")),
            None => number.clone(),
        };
        Ok(Self {
            name,
            base_url,
            account,
            number,
            phone,
            token: Some(token),
        })
    }
}

async fn known_account(app: &App, by: &Caller, wanted: &Wanted) -> Result<Option<Account>> {
    let all = app
        .store
        .read(by.workspace_id, |tx, id| Box::pin(accounts::list(tx, *id)));
    Ok(all
        .await?
        .into_iter()
        .find(|one| one.waba_id == wanted.account && one.base_url == wanted.base_url))
}

struct Input {
    by: Caller,
    request: ConnectNumber,
    wanted: Wanted,
    account: Option<Account>,
    is_known: bool,
    connection: Option<NewConnection>,
    webhook_secret: String,
    has_templates: bool,
    now: Timestamp,
    machine_now: Timestamp,
    ids: Arc<Ids>,
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
    let all = channels::list(tx, workspace_id).await?;
    if is_connected(input, &all) {
        return Ok(Err(Refusal::new(RefusalKind::Conflict, "number_connected")));
    }
    let channel = match input.request.moved {
        Some((id, version)) => move_channel(tx, input, id, version).await?,
        None => new_channel(tx, input).await?,
    };
    let channel = match channel {
        Ok(channel) => channel,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let (Some(account), Some(connection)) = (&input.account, &input.connection) {
        if input.is_known {
            accounts::update(tx, account).await?;
        } else {
            accounts::insert(tx, account).await?;
        }
        let connection = NewConnection {
            channel_id: channel.id,
            webhook_secret: Some(input.webhook_secret.clone()),
            ..connection.clone()
        };
        // A number that comes back takes its tie up again, so that what the provider tells of older messages finds them.
        if channels::reconnect(tx, workspace_id, &connection, input.now)
            .await?
            .is_none()
        {
            channels::connect(tx, workspace_id, &connection, input.now).await?;
        }
        let kinds: &[&str] = if input.has_templates {
            &[READ_NUMBER, READ_TEMPLATES]
        } else {
            &[READ_NUMBER]
        };
        for kind in kinds {
            let job = job(
                workspace_id,
                kind,
                channel.id,
                input.machine_now,
                &input.ids,
            );
            jobs::enqueue(tx, &job).await?;
        }
    }
    let what = if input.request.moved.is_some() {
        "moved"
    } else {
        "connected"
    };
    let mut event = changed(channel.id, &input.by, what, input.now)
        .with("provider", input.request.provider.as_str());
    if channel.settings.risk_accepted.is_some() {
        event = event.with("risk_accepted", true);
    }
    tx.emit(workspace_id, event);
    if let Some(once) = &input.request.once {
        keys::done(tx, workspace_id, once, &channel.id.to_string()).await?;
    }
    Ok(Ok(channel.id))
}

fn is_connected(input: &Input, all: &[Channel]) -> bool {
    let others = all
        .iter()
        .filter(|channel| input.request.moved.is_none_or(|(id, _)| id != channel.id));
    let mut others = others.filter(|channel| channel.provider == input.request.provider);
    match &input.connection {
        Some(new) => others.any(|channel| {
            channel.connection.as_ref().is_some_and(|known| {
                known.phone_number_id == new.phone_number_id
                    && known.base_url == input.wanted.base_url
                    && known.waba_id == input.wanted.account
            })
        }),
        None => others.any(|channel| channel.phone == input.wanted.phone),
    }
}

fn accepted(input: &Input) -> Option<Accepted> {
    let by = input.by.user_id().unwrap_or_else(|| UserId::from_bits(0));
    (input.request.provider.family() == Family::Unofficial)
        .then_some(Accepted { by, at: input.now })
}

/// An agent's own app needs nothing; everything else is asked how it fares.
fn health(input: &Input) -> Health {
    if input.connection.is_none() {
        return Health {
            state: HealthState::Ok,
            link: LinkState::Linked,
            ..Health::default()
        };
    }
    let link = if input.request.link.is_gateway() {
        LinkState::Unlinked
    } else {
        LinkState::Unknown
    };
    Health {
        link,
        ..Health::default()
    }
}

async fn new_channel(tx: &mut Tx, input: &Input) -> store::Result<Told<Channel>> {
    let workspace_id = input.by.workspace_id;
    let pipelines = workspaces::list_pipelines(tx, workspace_id).await?;
    let pipeline = match input.request.pipeline_id {
        Some(id) => pipelines.iter().find(|pipeline| pipeline.id == id),
        None => pipelines.first(),
    };
    let Some(pipeline) = pipeline else {
        return Ok(Err(Refusal::invalid("pipeline_unknown", "pipeline_id")));
    };
    let channel = Channel {
        id: input.ids.next(input.now),
        version: 1,
        name: input.wanted.name.clone(),
        level: input.request.level,
        link: input.request.link,
        provider: input.request.provider,
        phone: input.wanted.phone.clone(),
        pipeline_id: pipeline.id,
        connection: None,
        health: health(input),
        settings: Settings {
            risk_accepted: accepted(input),
            ..Settings::default()
        },
    };
    channels::insert(tx, workspace_id, &channel, input.now).await?;
    Ok(Ok(channel))
}

/// The channel keeps its id, so its conversations, leads and messages go on under the new tie.
async fn move_channel(
    tx: &mut Tx,
    input: &Input,
    id: ChannelId,
    version: i64,
) -> store::Result<Told<Channel>> {
    let workspace_id = input.by.workspace_id;
    let mut channel = channels::get(tx, workspace_id, id).await?;
    let same_phone = match (&channel.phone, &input.wanted.phone) {
        (Some(before), Some(after)) => before == after,
        _ => true,
    };
    if !same_phone {
        return Ok(Err(Refusal::invalid("other_phone", "phone")));
    }
    channel.version = version;
    channel.name.clone_from(&input.wanted.name);
    channel.level = input.request.level;
    channel.relink(input.request.link, input.now);
    channel.provider = input.request.provider;
    channel.phone = channel.phone.or_else(|| input.wanted.phone.clone());
    channel.settings.risk_accepted = accepted(input);
    channels::disconnect(tx, workspace_id, id, input.now).await?;
    channels::update(tx, workspace_id, &channel).await?;
    channels::update_health(tx, workspace_id, id, &health(input)).await?;
    Ok(Ok(channel))
}

fn mismatch() -> Refusal {
    Refusal::new(RefusalKind::Invalid, "idempotency_mismatch")
}
