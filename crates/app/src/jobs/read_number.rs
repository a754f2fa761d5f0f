//! Reads from the provider what a number is and how it fares.

use domain::channel::{Health, HealthState, LinkState};
use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::failure::FailureReason;
use domain::id::ChannelId;
use store::channels;
use store::jobs::Job;
use whatsapp::meta::answers::NumberInfo;
use whatsapp::provider::CallError;

use crate::{App, Result};

pub(super) async fn run(app: &App, job: &Job) -> Result<()> {
    let Ok(channel_id) = job.subject.parse::<ChannelId>() else {
        return Ok(());
    };
    read(app, channel_id).await
}

/// Reads a channel's number and keeps its health.
///
/// # Errors
/// When the provider cannot be asked. An explicit no to our token is not an error: it disconnects the channel.
pub async fn read(app: &App, channel_id: ChannelId) -> Result<()> {
    let directory = app.directory.get();
    let Some(line) = directory.line(channel_id) else {
        return Ok(());
    };
    let Some(connection) = line.channel.connection.as_ref() else {
        return Ok(());
    };
    let Some(token) = directory.token(connection.account_id) else {
        return Ok(());
    };
    let client = app.client(&connection.base_url)?;
    let health = match client.number(&connection.phone_number_id, token).await {
        Ok(info) => health_of(&info),
        Err(CallError::Credentials(failure)) => Health {
            state: HealthState::Disconnected,
            reason: Some(failure.reason),
            ..line.channel.health.clone()
        },
        Err(error) => return Err(error.into()),
    };
    let health = Health {
        checked_at: Some(app.clock.business_now()),
        ..health
    };
    let input = (
        line.workspace_id,
        channel_id,
        health,
        app.clock.business_now(),
    );
    app.store
        .write(input, |tx, (workspace_id, channel_id, health, now)| {
            Box::pin(async move {
                channels::update_health(tx, *workspace_id, *channel_id, health).await?;
                let subjects = Subjects {
                    channel_id: Some(*channel_id),
                    ..Subjects::default()
                };
                let event = NewEvent::new(EventKind::ChannelChanged, *now, Actor::SYSTEM, subjects);
                tx.emit(*workspace_id, event.with("what", "health"));
                Ok(())
            })
        })
        .await?;
    Ok(())
}

/// A number's health as the provider tells it.
#[must_use]
pub fn health_of(info: &NumberInfo) -> Health {
    let connected = info
        .status
        .as_deref()
        .is_none_or(|status| status == "CONNECTED");
    let red = info.quality_rating.as_deref() == Some("RED");
    let coexistence = info.is_on_biz_app == Some(true);
    let throughput = match info
        .throughput
        .as_ref()
        .and_then(|throughput| throughput.level.as_deref())
    {
        Some("HIGH") => 1000,
        _ if coexistence => 20,
        _ => 80,
    };
    Health {
        state: if connected && !red {
            HealthState::Ok
        } else {
            HealthState::Warning
        },
        quality: info.quality_rating.clone(),
        tier: info.whatsapp_business_manager_messaging_limit.clone(),
        throughput_mps: Some(throughput),
        reason: (!connected).then_some(FailureReason::NumberNotRegistered),
        checked_at: None,
        link: if connected {
            LinkState::Linked
        } else {
            LinkState::Unlinked
        },
        restricted_until: None,
    }
}
