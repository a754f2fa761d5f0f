//! The checker: tests each thing that a channel needs on its own, and says which one fails.

use std::sync::Arc;

use domain::access::Permission;
use domain::channel::{Channel, Health, HealthState, Link, LinkState, Provider};
use domain::id::ChannelId;
use store::{Tx, accounts, channels};
use whatsapp::adapter::NumberState;
use whatsapp::meta::answers::{AccountInfo, NumberInfo, SubscribedApp, TokenInfo};
use whatsapp::meta::client::Client;
use whatsapp::provider::{CallError, Secret};

use crate::browse::settings::{ChannelRow, channel};
use crate::caller::Caller;
use crate::connect_channel::{changed, digits};
use crate::jobs::read_number::{health_of, health_of_state};
use crate::senders::call::webhook_address;
use crate::{App, Refusal, RefusalKind, Result};

/// Rights that a token needs (Meta, permissions page, 2026).
const SCOPES: [&str; 2] = [
    "whatsapp_business_messaging",
    "whatsapp_business_management",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    Ok,
    Failed,
    Warning,
    Skipped,
}

/// What became of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub key: &'static str,
    pub state: CheckState,
    /// Stable; says what is wrong.
    pub code: Option<String>,
    /// The provider's own words, or the values that matter. For a person's eyes.
    pub details: Option<String>,
}

impl Check {
    const fn of(key: &'static str, state: CheckState) -> Self {
        Self {
            key,
            state,
            code: None,
            details: None,
        }
    }

    fn failed(key: &'static str, code: &str) -> Self {
        Self {
            code: Some(code.to_owned()),
            ..Self::of(key, CheckState::Failed)
        }
    }

    fn with(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    fn only_warned(mut self) -> Self {
        self.state = CheckState::Warning;
        self
    }
}

/// Checks a channel. What it learns of the number is kept: only an explicit no to the token disconnects.
///
/// # Errors
/// `not_found`; `channel_disconnected` when there is nothing to check.
pub async fn check(app: &App, by: &Caller, id: ChannelId) -> Result<Vec<Check>> {
    by.must(Permission::ChannelsManage)?;
    let row = channel(app, by, id).await?;
    if row.channel.provider != Provider::Meta {
        return check_other(app, &row).await;
    }
    let directory = app.directory.get();
    let missing = || Refusal::new(RefusalKind::Conflict, "channel_disconnected");
    let connection = row.channel.connection.clone().ok_or_else(missing)?;
    let Some(token) = directory.token(connection.account_id).cloned() else {
        return Ok(vec![Check::failed("token", "token_unreadable")]);
    };
    let client = app.client(&connection.base_url)?;
    let (told_token, number, account, apps, templates) = tokio::join!(
        client.debug_token(&token, &token),
        client.number(&connection.phone_number_id, &token),
        client.account(&connection.waba_id, &token),
        client.subscribed_apps(&connection.waba_id, &token),
        client.templates(&connection.waba_id, &token, None),
    );
    let checks = vec![
        token_check(&told_token, &number),
        scopes_check(&told_token),
        number_check(&number),
        registered_check(&number),
        subscribed_check(&client, &apps, &row, &connection.waba_id, &token).await,
        field_check(&client, &row, app).await,
        reachable_check(&row),
        templates_check(templates.as_ref().map(|page| page.items.len())),
        signature_check(&row),
    ];
    keep(app, by, &row.channel, number, account).await?;
    Ok(checks)
}

/// The checks of a provider other than Meta: what it says of the key and the number, its templates, and whether it
/// reports to us.
async fn check_other(app: &App, row: &ChannelRow) -> Result<Vec<Check>> {
    if row.channel.link == Link::None {
        return Ok(vec![]);
    }
    let missing = || Refusal::new(RefusalKind::Conflict, "channel_disconnected");
    let directory = app.directory.get();
    let line = directory.line(row.channel.id).ok_or_else(missing)?;
    if line.channel.connection.is_none() {
        return Err(missing().into());
    }
    let Some(number) = directory.number(&line.channel) else {
        return Ok(vec![Check::failed("token", "token_unreadable")]);
    };
    let told = app.speaker.state(&number).await;
    let mut checks = vec![match &told {
        Err(error) => call_failed("token", error),
        Ok(_) => Check::of("token", CheckState::Ok),
    }];
    checks.push(match &told {
        Err(_) => Check::of("linked", CheckState::Skipped),
        Ok(state) => linked_check(state),
    });
    let url = webhook_address(app, line);
    checks.push(match url {
        None => Check::of("webhook_field", CheckState::Skipped),
        Some(url) => match app.speaker.set_up(&number, &url).await {
            Ok(()) => Check::of("webhook_field", CheckState::Ok).with(url),
            Err(error) => call_failed("webhook_field", &error),
        },
    });
    checks.push(match row.last_event_at {
        Some(at) => Check::of("webhook_reachable", CheckState::Ok).with(at.to_string()),
        None => Check {
            code: Some("no_webhook_yet".to_owned()),
            ..Check::of("webhook_reachable", CheckState::Warning)
        },
    });
    let can = app.speaker.capabilities(row.channel.provider);
    if can.is_some_and(|can| can.templates) {
        let templates = app.speaker.templates(&number).await;
        checks.push(templates_check(templates.as_ref().map(Vec::len)));
    }
    if let Ok(state) = told {
        let health = Health {
            checked_at: Some(app.clock.business_now()),
            ..health_of_state(&state, &line.channel.health)
        };
        crate::jobs::read_number::keep(app, line, health, state.phone).await?;
        app.reload_directory().await?;
    }
    Ok(checks)
}

fn linked_check(state: &NumberState) -> Check {
    let check = match state.link {
        LinkState::Linked => Check::of("linked", CheckState::Ok),
        LinkState::Restricted => Check::failed("linked", "number_restricted").only_warned(),
        LinkState::Banned => Check::failed("linked", "number_banned"),
        LinkState::Unknown | LinkState::Starting => Check::of("linked", CheckState::Warning),
        LinkState::Unlinked | LinkState::AwaitingCode => Check::failed("linked", "number_unlinked"),
    };
    match &state.detail {
        Some(detail) => check.with(detail.clone()),
        None => check,
    }
}

fn call_failed(key: &'static str, error: &CallError) -> Check {
    let (code, details) = match error {
        CallError::RetryAfter { failure, .. }
        | CallError::Refused(failure)
        | CallError::Credentials(failure)
        | CallError::Restricted(failure)
        | CallError::NotAccepted(failure) => (failure.reason.as_str(), failure.details.clone()),
        CallError::Unclear { .. } => ("unreachable", None),
    };
    let check = Check {
        details,
        ..Check::failed(key, code)
    };
    if matches!(
        error,
        CallError::RetryAfter { .. } | CallError::Unclear { .. } | CallError::NotAccepted(_)
    ) {
        check.only_warned()
    } else {
        check
    }
}

type Answer<T> = std::result::Result<T, CallError>;

/// The token serves when the provider says so, or has answered a question asked with it.
fn token_check(told: &Answer<TokenInfo>, number: &Answer<NumberInfo>) -> Check {
    match told {
        Ok(info) if info.is_valid => Check::of("token", CheckState::Ok),
        Ok(_) => Check::failed("token", "token_invalid"),
        Err(_) if number.is_ok() => Check::of("token", CheckState::Ok),
        Err(error) => call_failed("token", error),
    }
}

fn scopes_check(told: &Answer<TokenInfo>) -> Check {
    let Ok(info) = told else {
        return Check::of("scopes", CheckState::Skipped);
    };
    let missing: Vec<&str> = SCOPES
        .into_iter()
        .filter(|scope| info.scopes.iter().all(|given| given != scope))
        .collect();
    if missing.is_empty() {
        Check::of("scopes", CheckState::Ok)
    } else {
        Check::failed("scopes", "permission_missing").with(missing.join(", "))
    }
}

fn number_check(number: &Answer<NumberInfo>) -> Check {
    match number {
        Ok(info) => {
            let check = Check::of("number", CheckState::Ok);
            match &info.display_phone_number {
                Some(phone) => check.with(phone.clone()),
                None => check,
            }
        }
        Err(error) => call_failed("number", error),
    }
}

fn registered_check(number: &Answer<NumberInfo>) -> Check {
    match number {
        Ok(info) => match info.status.as_deref() {
            None | Some("CONNECTED") => Check::of("registered", CheckState::Ok),
            Some(other) => Check::failed("registered", "number_not_registered").with(other),
        },
        Err(_) => Check::of("registered", CheckState::Skipped),
    }
}

/// The account must send its webhooks to our app. Where it does not, it is told to: that is what the check is for.
async fn subscribed_check(
    client: &Client,
    apps: &Answer<Vec<SubscribedApp>>,
    row: &ChannelRow,
    waba_id: &str,
    token: &Secret,
) -> Check {
    let Some(own) = &row.app else {
        return Check::of("app_subscribed", CheckState::Skipped);
    };
    match apps {
        Ok(apps) => {
            let subscribed = apps
                .iter()
                .any(|app| app.whatsapp_business_api_data.id == own.provider_app_id);
            if subscribed || client.subscribe_app(waba_id, token, None).await.is_ok() {
                Check::of("app_subscribed", CheckState::Ok)
            } else {
                Check::failed("app_subscribed", "app_not_subscribed")
            }
        }
        Err(error) => call_failed("app_subscribed", error),
    }
}

/// Whether the app asks for messages, and at which address. Only the app itself may be asked, with its secret.
async fn field_check(client: &Client, row: &ChannelRow, app: &App) -> Check {
    let directory = app.directory.get();
    let signer = row
        .app
        .as_ref()
        .and_then(|own| directory.signers.get(&own.app_key));
    let Some((signer, secret)) = signer.and_then(|signer| Some((signer, signer.secrets.first()?)))
    else {
        return Check::of("webhook_field", CheckState::Skipped);
    };
    let app_token = Secret::new(format!(
        "{}|{}",
        signer.app.provider_app_id,
        secret.expose()
    ));
    match client
        .subscriptions(&signer.app.provider_app_id, &app_token)
        .await
    {
        Ok(subscriptions) => {
            let ours = subscriptions
                .iter()
                .find(|one| one.object == "whatsapp_business_account");
            match ours {
                None => Check::failed("webhook_field", "callback_missing"),
                Some(one) if one.fields.iter().any(|field| field.name == "messages") => {
                    Check::of("webhook_field", CheckState::Ok)
                        .with(one.callback_url.clone().unwrap_or_default())
                }
                Some(_) => Check::failed("webhook_field", "messages_not_subscribed"),
            }
        }
        Err(error) => call_failed("webhook_field", &error).only_warned(),
    }
}

/// We cannot call ourselves from outside; a signed webhook that came is the proof.
fn reachable_check(row: &ChannelRow) -> Check {
    match row.app.as_ref().and_then(|app| app.last_webhook_at) {
        Some(at) => Check::of("webhook_reachable", CheckState::Ok).with(at.to_string()),
        None => Check {
            code: Some("no_webhook_yet".to_owned()),
            ..Check::of("webhook_reachable", CheckState::Warning)
        },
    }
}

fn templates_check(count: std::result::Result<usize, &CallError>) -> Check {
    match count {
        Ok(0) => Check {
            code: Some("no_templates".to_owned()),
            ..Check::of("templates", CheckState::Warning)
        },
        Ok(count) => Check::of("templates", CheckState::Ok).with(count.to_string()),
        Err(error) => call_failed("templates", error),
    }
}

fn signature_check(row: &ChannelRow) -> Check {
    match row.app.as_ref().and_then(|app| app.last_webhook_at) {
        Some(at) => Check::of("signature_seen", CheckState::Ok).with(at.to_string()),
        None => Check {
            code: Some("no_signed_webhook_yet".to_owned()),
            ..Check::of("signature_seen", CheckState::Warning)
        },
    }
}

/// Keeps what was learnt of the number and its account.
async fn keep(
    app: &App,
    by: &Caller,
    before: &Channel,
    number: Answer<NumberInfo>,
    account: Answer<AccountInfo>,
) -> Result<()> {
    let phone = number
        .as_ref()
        .ok()
        .and_then(|info| info.display_phone_number.as_deref())
        .and_then(digits);
    let health = match &number {
        Ok(info) => health_of(info),
        Err(CallError::Credentials(failure)) => Health {
            state: HealthState::Disconnected,
            reason: Some(failure.reason),
            ..before.health.clone()
        },
        Err(_) => before.health.clone(),
    };
    let now = app.clock.business_now();
    let learnt = Learnt {
        by: by.clone(),
        channel: before.clone(),
        phone,
        portfolio_id: account
            .ok()
            .and_then(|info| info.owner_business_info)
            .map(|owner| owner.id),
        health: Health {
            checked_at: Some(now),
            ..health
        },
        now,
    };
    app.store
        .write(Arc::new(learnt), |tx, learnt| Box::pin(keep_in(tx, learnt)))
        .await?;
    app.reload_directory().await
}

struct Learnt {
    by: Caller,
    channel: Channel,
    phone: Option<String>,
    portfolio_id: Option<String>,
    health: Health,
    now: jiff::Timestamp,
}

async fn keep_in(tx: &mut Tx, learnt: &Learnt) -> store::Result<()> {
    let workspace_id = learnt.by.workspace_id;
    let mut channel = channels::get(tx, workspace_id, learnt.channel.id).await?;
    channels::update_health(tx, workspace_id, channel.id, &learnt.health).await?;
    if channel.phone.is_none() && learnt.phone.is_some() {
        channel.phone.clone_from(&learnt.phone);
        channels::update(tx, workspace_id, &channel).await?;
    }
    if let Some(connection) = &channel.connection
        && connection.portfolio_id.is_none()
        && learnt.portfolio_id.is_some()
    {
        let mut account = accounts::get(tx, workspace_id, connection.account_id).await?;
        account.portfolio_id.clone_from(&learnt.portfolio_id);
        accounts::update(tx, &account).await?;
    }
    tx.emit(
        workspace_id,
        changed(channel.id, &learnt.by, "health", learnt.now),
    );
    Ok(())
}
