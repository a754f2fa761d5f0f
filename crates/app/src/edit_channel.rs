//! Changing a channel: its name, its account's token, its app's secret.

use std::sync::Arc;

use domain::access::Permission;
use domain::capability::{self, abilities};
use domain::channel::{Channel, InstantReply, Link};
use domain::id::ChannelId;
use domain::rhythm::Hours;
use jiff::Timestamp;
use store::accounts::{Account, App as MetaApp};
use store::{Tx, accounts, channels, jobs};
use whatsapp::provider::Secret;

use crate::caller::Caller;
use crate::chance::Ids;
use crate::connect_channel::{add_secret, broken, changed, job, last4, secret};
use crate::error::{Told, told};
use crate::jobs::READ_NUMBER;
use crate::sign_in::clean_name;
use crate::{App, Refusal, Result};

/// What is changed of a channel.
#[derive(Clone, Default)]
pub struct EditChannel {
    pub version: i64,
    pub name: Option<String>,
    pub token: Option<Secret>,
    pub app_secret: Option<Secret>,
    /// One way or two ways of a gateway.
    pub link: Option<Link>,
    pub hours: Option<Hours>,
    /// `Some(None)` takes it away.
    pub instant_reply: Option<Option<InstantReply>>,
}

/// Characters of an instant reply.
const INSTANT_REPLY_LIMIT: usize = 4096;

/// What can be said of a change before anything is read.
fn check(edit: &EditChannel) -> std::result::Result<(), Refusal> {
    if edit.hours.is_some_and(|hours| !hours.is_valid()) {
        return Err(Refusal::invalid("hours_invalid", "working_hours"));
    }
    if let Some(Some(reply)) = &edit.instant_reply {
        if reply.enabled && reply.text.trim().is_empty() {
            return Err(Refusal::invalid("text_empty", "instant_reply.text"));
        }
        let length = reply.text.chars().count();
        if length > INSTANT_REPLY_LIMIT {
            return Err(Refusal::invalid("text_too_long", "instant_reply.text")
                .with("limit", INSTANT_REPLY_LIMIT)
                .with("got", length));
        }
        if !(1..=24 * 90).contains(&reply.period_hours) {
            return Err(Refusal::invalid("bad_value", "instant_reply.period_hours"));
        }
    }
    Ok(())
}

/// Changes a channel's name, its account's token or its app's secret. The secret before stays good beside the new one.
///
/// # Errors
/// `changed_meanwhile`, or a refusal that names the field.
pub async fn edit(app: &App, by: &Caller, id: ChannelId, edit: EditChannel) -> Result<()> {
    by.must(Permission::ChannelsManage)?;
    check(&edit)?;
    let name = edit
        .name
        .as_deref()
        .map(|name| clean_name(name, "name"))
        .transpose()?;
    if let Some(token) = &edit.token {
        secret(token, "token")?;
    }
    if let Some(app_secret) = &edit.app_secret {
        secret(app_secret, "app_secret")?;
    }
    let directory = app.directory.get();
    let line = directory
        .line(id)
        .filter(|line| line.workspace_id == by.workspace_id);
    let connection = line.and_then(|line| line.channel.connection.clone());
    let mut account = connection
        .as_ref()
        .and_then(|known| directory.account(known.account_id))
        .cloned();
    let mut meta_app = connection
        .and_then(|known| known.app_id)
        .and_then(|id| {
            directory
                .signers
                .values()
                .find(|signer| signer.app.id == id)
        })
        .map(|signer| signer.app.clone());
    if let (Some(account), Some(token)) = (&mut account, &edit.token) {
        account.token = app
            .seal
            .seal(&account.id.to_string(), token)
            .map_err(broken)?;
        account.token_last4 = last4(token);
    }
    if let (Some(known), Some(app_secret)) = (&mut meta_app, &edit.app_secret) {
        add_secret(app, known, app_secret).map_err(broken)?;
    }
    let input = Changes {
        by: by.clone(),
        id,
        version: edit.version,
        name,
        link: edit.link,
        hours: edit.hours,
        instant_reply: edit.instant_reply,
        account: account.filter(|_| edit.token.is_some()),
        app: meta_app.filter(|_| edit.app_secret.is_some()),
        now: app.clock.business_now(),
        machine_now: app.clock.machine_now(),
        ids: Arc::clone(&app.ids),
    };
    told(
        app.store
            .write(Arc::new(input), |tx, input| Box::pin(edit_in(tx, input)))
            .await,
    )?;
    app.reload_directory().await
}

struct Changes {
    by: Caller,
    id: ChannelId,
    version: i64,
    name: Option<String>,
    link: Option<Link>,
    hours: Option<Hours>,
    instant_reply: Option<Option<InstantReply>>,
    account: Option<Account>,
    app: Option<MetaApp>,
    now: Timestamp,
    machine_now: Timestamp,
    ids: Arc<Ids>,
}

fn takes_instant_reply(channel: &Channel) -> bool {
    abilities(channel.level, channel.link)
        .is_some_and(|can| can.instant_reply != capability::InstantReply::None)
}

async fn edit_in(tx: &mut Tx, input: &Changes) -> store::Result<Told<()>> {
    let workspace_id = input.by.workspace_id;
    let mut channel = channels::get(tx, workspace_id, input.id).await?;
    channel.version = input.version;
    if let Some(name) = &input.name {
        channel.name.clone_from(name);
    }
    if let Some(link) = input.link {
        // From one way to two of a gateway and back; anything else is a move.
        let may = channel.link.is_gateway()
            && link.is_gateway()
            && channel.provider.carries(channel.level, link);
        if !may && link != channel.link {
            return Ok(Err(Refusal::invalid("pair_not_possible", "link")));
        }
        channel.link = link;
    }
    if let Some(hours) = input.hours {
        channel.settings.hours = hours;
    }
    if let Some(reply) = &input.instant_reply {
        if reply.is_some() && !takes_instant_reply(&channel) {
            let refusal = Refusal::invalid("level_forbids", "instant_reply");
            return Ok(Err(refusal.with("purpose", "instant_reply")));
        }
        channel.settings.instant_reply.clone_from(reply);
    }
    channels::update(tx, workspace_id, &channel).await?;
    if let Some(account) = &input.account {
        accounts::update(tx, account).await?;
        // A number that was cut off for its token is asked again with the new one.
        jobs::enqueue(
            tx,
            &job(
                workspace_id,
                READ_NUMBER,
                input.id,
                input.machine_now,
                &input.ids,
            ),
        )
        .await?;
    }
    if let Some(app) = &input.app {
        accounts::update_app_secrets(tx, app).await?;
    }
    tx.emit(
        workspace_id,
        changed(input.id, &input.by, "settings", input.now),
    );
    Ok(Ok(()))
}
