//! What the settings show: templates, channels, people, keys; and what needs a look.

use std::collections::BTreeMap;

use domain::access::Permission;
use domain::channel::{Channel, Provider};
use domain::id::{AttentionId, ChannelId, WorkspaceId};
use domain::rhythm::{Beat, DAY, Hours, WARM_UP_DAYS};
use domain::risk::{RiskLevel, Signal};
use domain::template::Template;
use jiff::Timestamp;
use store::accounts::{Account, App as MetaApp};
use store::attention::Attention;
use store::events::Event;
use store::journal::QuarantineRow;
use store::keys::ApiKey;
use store::users::User;
use store::workspaces::Workspace;
use store::{
    Tx, accounts, attention, channels, events, journal, keys, templates, users, workspaces,
};

use super::Page;
use crate::caller::Caller;
use crate::error::told;
use crate::pacing::{self, Pacer};
use crate::senders::call::webhook_address;
use crate::{App, Result};

/// The workspace of the caller.
///
/// # Errors
/// As the database says.
pub async fn workspace(app: &App, by: &Caller) -> Result<Workspace> {
    let workspace = app
        .store
        .read(by.workspace_id, |tx, id| Box::pin(workspaces::get(tx, *id)));
    Ok(workspace.await?)
}

/// All people of the workspace, oldest first.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn user_list(app: &App, by: &Caller) -> Result<Vec<User>> {
    by.must(Permission::UsersRead)?;
    let all = app
        .store
        .read(by.workspace_id, |tx, id| Box::pin(users::list(tx, *id)));
    Ok(all.await?)
}

/// All API keys, newest first.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn key_list(app: &App, by: &Caller) -> Result<Vec<ApiKey>> {
    by.must(Permission::ApiKeysManage)?;
    let all = app
        .store
        .read(by.workspace_id, |tx, id| Box::pin(keys::list(tx, *id)));
    Ok(all.await?)
}

/// A channel with what the settings show of it.
#[derive(Debug, Clone)]
pub struct ChannelRow {
    pub channel: Channel,
    pub account: Option<Account>,
    pub app: Option<MetaApp>,
    /// Messages that wait to be sent.
    pub waiting: i64,
    /// When the provider last reported something on the number.
    pub last_event_at: Option<Timestamp>,
    /// Where the provider reports, when it has no app.
    pub webhook_url: Option<String>,
    /// Of an unofficial number.
    pub pace: Option<PaceRow>,
}

/// Today of an unofficial number, and its risk.
#[derive(Debug, Clone)]
pub struct PaceRow {
    pub sent_24h: u32,
    pub cap: u32,
    pub reachable: u32,
    pub gap_s: i64,
    /// When the next of a mailing may go, when not now.
    pub next_at: Option<Timestamp>,
    pub hours: Hours,
    /// Days since the link that have begun, while the cap still grows; and tomorrow's cap.
    pub warm_up: Option<(i64, u32)>,
    pub risk: RiskLevel,
    pub signals: Vec<Signal>,
    /// The name of the user who accepted the risk.
    pub accepted_by: Option<String>,
}

/// All channels.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn channel_list(app: &App, by: &Caller) -> Result<Vec<ChannelRow>> {
    by.must(Permission::ChannelsRead)?;
    let input = (by.workspace_id, Asked::new(app, by));
    let all = app.store.read(input, |tx, (id, asked)| {
        Box::pin(channel_rows(tx, *id, asked))
    });
    Ok(all.await?)
}

/// What the rows need from outside of the transaction.
struct Asked {
    pacer: Pacer,
    urls: BTreeMap<ChannelId, String>,
    now: Timestamp,
}

impl Asked {
    fn new(app: &App, by: &Caller) -> Self {
        let directory = app.directory.get();
        let may_manage = by.may(Permission::ChannelsManage);
        let urls = directory.lines().iter().filter_map(|line| {
            let mut url = webhook_address(app, line)?;
            // These sign nothing: the address that is set in their console carries the secret.
            let bare = matches!(line.channel.provider, Provider::Gupshup | Provider::Infobip);
            if bare && may_manage {
                let secret = directory
                    .number(&line.channel)?
                    .webhook_secrets
                    .into_iter()
                    .next()?;
                url = format!("{url}?key={}", secret.expose());
            }
            Some((line.channel.id, url))
        });
        Self {
            pacer: Pacer::new(app),
            urls: urls.collect(),
            now: app.clock.business_now(),
        }
    }
}

async fn channel_rows(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    asked: &Asked,
) -> store::Result<Vec<ChannelRow>> {
    let apps = accounts::list_apps(tx).await?;
    let all_accounts = accounts::list(tx, workspace_id).await?;
    let mut rows = Vec::new();
    for channel in channels::list(tx, workspace_id).await? {
        let connection = channel.connection.as_ref();
        let account =
            connection.and_then(|known| all_accounts.iter().find(|one| one.id == known.account_id));
        let own_app = connection.and_then(|known| known.app_id).and_then(|id| {
            apps.iter()
                .find(|app| app.id == id && app.workspace_id == workspace_id)
        });
        rows.push(ChannelRow {
            account: account.cloned(),
            app: own_app.cloned(),
            waiting: channels::waiting(tx, workspace_id, channel.id).await?,
            last_event_at: match connection {
                Some(known) => channels::last_event_at(tx, workspace_id, known.id).await?,
                None => None,
            },
            webhook_url: asked.urls.get(&channel.id).cloned(),
            pace: pace_row(tx, workspace_id, &channel, asked).await?,
            channel,
        });
    }
    Ok(rows)
}

async fn pace_row(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel: &Channel,
    asked: &Asked,
) -> store::Result<Option<PaceRow>> {
    let now = asked.now;
    let pacing = asked.pacer.pacing(channel);
    let Some((facts, signals)) = pacing::facts(tx, workspace_id, channel, &pacing, now).await?
    else {
        return Ok(None);
    };
    let accepted = channel.settings.risk_accepted.as_ref();
    let people = users::list(tx, workspace_id).await?;
    let tomorrow = now + DAY;
    let cap = facts.cap(now);
    let days = now.duration_since(facts.linked_at).as_hours() / 24;
    Ok(Some(PaceRow {
        sent_24h: facts.sent_24h,
        cap,
        reachable: facts.reachable_today(now),
        gap_s: facts.gap(now).as_secs(),
        next_at: facts.earliest(Beat::Mailing, true, now).map(|(at, _)| at),
        hours: facts.hours,
        warm_up: (days < WARM_UP_DAYS).then(|| (days + 1, facts.cap(tomorrow))),
        risk: facts.risk,
        signals,
        accepted_by: accepted.and_then(|one| {
            let user = people.iter().find(|user| user.id == one.by)?;
            Some(user.name.clone())
        }),
    }))
}

/// One channel.
///
/// # Errors
/// `not_found`.
pub async fn channel(app: &App, by: &Caller, id: ChannelId) -> Result<ChannelRow> {
    by.must(Permission::ChannelsRead)?;
    let input = (by.workspace_id, id, Asked::new(app, by));
    let found = app.store.read(input, |tx, (workspace_id, id, asked)| {
        Box::pin(async move {
            let all = channel_rows(tx, *workspace_id, asked).await?;
            let found = all.into_iter().find(|row| row.channel.id == *id);
            found.ok_or(store::Error::NotFound("channel")).map(Ok)
        })
    });
    told(found.await)
}

/// Which templates.
#[derive(Debug, Clone, Default)]
pub struct AskTemplates {
    pub channel_id: Option<ChannelId>,
    pub search: Option<String>,
    pub sendable: bool,
}

/// The templates, by name. An account has some hundreds at most; they come in one page.
///
/// # Errors
/// `not_found` when the channel is none of the workspace's.
pub async fn template_list(app: &App, by: &Caller, ask: AskTemplates) -> Result<Vec<Template>> {
    by.must(Permission::TemplatesRead)?;
    let found = app
        .store
        .read((by.workspace_id, ask), |tx, (workspace_id, ask)| {
            Box::pin(async move {
                let account = match ask.channel_id {
                    Some(id) => channels::get(tx, *workspace_id, id)
                        .await?
                        .connection
                        .map(|known| known.account_id),
                    None => None,
                };
                let mut all = templates::list(tx, *workspace_id).await?;
                all.retain(|template| {
                    (ask.channel_id.is_none() || account == Some(template.account_id))
                        && (!ask.sendable || template.status.is_sendable())
                        && ask
                            .search
                            .as_ref()
                            .is_none_or(|text| has_words(template, text))
                });
                Ok(Ok(all))
            })
        });
    told(found.await)
}

fn has_words(template: &Template, text: &str) -> bool {
    let all = domain::text::search_text(&format!(
        "{} {}",
        template.name.replace('_', " "),
        template.body.body
    ));
    domain::text::search_words(text).iter().all(|forms| {
        forms
            .iter()
            .any(|form| all.split(' ').any(|word| word.starts_with(form.as_str())))
    })
}

/// A page of what could not be applied, newest first.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn quarantine(
    app: &App,
    by: &Caller,
    before: Option<i64>,
    limit: i64,
) -> Result<Page<QuarantineRow, i64>> {
    by.must(Permission::QuarantineView)?;
    let all = app.store.read(
        (by.workspace_id, before, limit + 1),
        |tx, (id, before, limit)| Box::pin(journal::list_quarantine(tx, *id, *before, *limit)),
    );
    Ok(Page::cut(all.await?, limit, |row| row.id))
}

/// A page of what a person should look at, newest first.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn attention_page(
    app: &App,
    by: &Caller,
    before: Option<AttentionId>,
    limit: i64,
) -> Result<Page<Attention, AttentionId>> {
    by.must(Permission::ConversationsRead)?;
    let all = app.store.read(
        (by.workspace_id, before, limit + 1),
        |tx, (id, before, limit)| Box::pin(attention::page(tx, *id, *before, *limit)),
    );
    Ok(Page::cut(all.await?, limit, |item| item.id))
}

/// Takes an item off the list of what needs a look.
///
/// # Errors
/// `not_found`.
pub async fn dismiss_attention(app: &App, by: &Caller, id: AttentionId) -> Result<()> {
    by.must(Permission::ConversationsWrite)?;
    let input = (by.clone(), id, app.clock.business_now());
    let done = app.store.write(
        input,
        |tx, (by, id, now): &(Caller, AttentionId, Timestamp)| {
            Box::pin(async move {
                attention::dismiss(tx, by.workspace_id, *id, *now).await?;
                let event = domain::event::NewEvent::new(
                    domain::event::EventKind::AttentionDismissed,
                    *now,
                    by.actor(),
                    domain::event::Subjects::default(),
                );
                tx.emit(by.workspace_id, event.with("attention_id", id));
                Ok(Ok(()))
            })
        },
    );
    told(done.await)
}

/// Events after a number, oldest first. Which of them the caller may see is the door's to say, event by event.
///
/// # Errors
/// As the database says.
pub async fn events_after(
    app: &App,
    workspace_id: WorkspaceId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Event>> {
    let all = app
        .store
        .read((workspace_id, seq, limit), |tx, (id, seq, limit)| {
            Box::pin(events::after(tx, *id, *seq, *limit))
        });
    Ok(all.await?)
}

/// What one must be allowed to read to be told of an event.
#[must_use]
pub fn right_for(kind: &str) -> Permission {
    match kind.split('.').next().unwrap_or_default() {
        "message" | "conversation" | "attention" => Permission::ConversationsRead,
        "contact" | "lead" | "marketing" => Permission::LeadsRead,
        "channel" => Permission::ChannelsRead,
        "template" => Permission::TemplatesRead,
        "user" => Permission::UsersRead,
        "quarantine" => Permission::QuarantineView,
        "api_key" => Permission::ApiKeysManage,
        _ => Permission::EventsRead,
    }
}
