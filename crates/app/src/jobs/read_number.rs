//! Reads from the provider what a number is and how it fares.

use domain::channel::{Health, HealthState, LinkState, Provider};
use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::failure::FailureReason;
use domain::id::{ChannelId, WorkspaceId};
use domain::risk::Week;
use jiff::Timestamp;
use store::jobs::Job;
use store::{Tx, channels, pace};
use whatsapp::adapter::NumberState;
use whatsapp::meta::answers::NumberInfo;
use whatsapp::provider::CallError;

use crate::directory::Line;
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
    let Some(number) = directory.number(&line.channel) else {
        return Ok(());
    };
    let before = &line.channel.health;
    let asked = if line.channel.provider == Provider::Meta {
        let client = app.client(&connection.base_url)?;
        let info = client
            .number(&connection.phone_number_id, &number.token)
            .await;
        info.map(|info| (health_of(&info), None))
    } else {
        let state = app.speaker.state(&number).await;
        state.map(|state| (health_of_state(&state, before), state.phone))
    };
    let (health, phone) = match asked {
        Ok(told) => told,
        // Said of a token that was replaced meanwhile, it is no news; the new one is asked about by a job of its own.
        Err(CallError::Credentials(_)) if is_changed(app, line) => return Ok(()),
        Err(CallError::Credentials(failure)) => (
            Health {
                state: HealthState::Disconnected,
                reason: Some(failure.reason),
                ..before.clone()
            },
            None,
        ),
        Err(error) => return Err(error.into()),
    };
    let health = Health {
        checked_at: Some(app.clock.business_now()),
        ..health
    };
    keep(app, line, health, phone).await
}

/// Whether a person has changed the channel since this snapshot.
fn is_changed(app: &App, line: &Line) -> bool {
    let now = app.directory.get();
    now.line(line.channel.id)
        .is_none_or(|known| known.channel.version != line.channel.version)
}

/// Keeps what was told of a number. With each link that is new its warm-up begins.
pub(crate) async fn keep(
    app: &App,
    line: &Line,
    health: Health,
    phone: Option<String>,
) -> Result<()> {
    let input = Learnt {
        workspace_id: line.workspace_id,
        channel_id: line.channel.id,
        health,
        phone,
        now: app.clock.business_now(),
    };
    app.store
        .write(input, |tx, input| Box::pin(keep_in(tx, input)))
        .await?;
    Ok(())
}

struct Learnt {
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    health: Health,
    phone: Option<String>,
    now: Timestamp,
}

async fn keep_in(tx: &mut Tx, input: &Learnt) -> store::Result<()> {
    let Learnt {
        workspace_id,
        channel_id,
        health,
        phone,
        now,
    } = input;
    let mut channel = channels::get(tx, *workspace_id, *channel_id).await?;
    channels::update_health(tx, *workspace_id, *channel_id, health).await?;
    if channel.phone.is_none() && phone.is_some() {
        channel.phone.clone_from(phone);
        channels::update(tx, *workspace_id, &channel).await?;
    }
    // A sign of its risk, whether the provider tells it or a refused message did.
    let is_held = health.link == LinkState::Restricted && channel.link.is_gateway();
    if is_held && channel.health.link != LinkState::Restricted {
        let more = Week {
            restricted: 1,
            ..Week::default()
        };
        pace::add_to_day(tx, *workspace_id, *channel_id, *now, &more).await?;
    }
    if let Some(connection) = &channel.connection {
        let since = match health.link {
            LinkState::Linked | LinkState::Restricted => Some(Some(*now)),
            LinkState::Unlinked | LinkState::AwaitingCode | LinkState::Banned => Some(None),
            // A gateway that starts again takes its link up where it was: a number's warm-up does not begin anew.
            LinkState::Starting | LinkState::Unknown => None,
        };
        if let Some(since) = since {
            channels::note_link(tx, *workspace_id, connection.id, since).await?;
        }
    }
    let same = Health {
        checked_at: channel.health.checked_at,
        ..health.clone()
    } == channel.health;
    if same {
        // Nothing to tell: the heartbeat found what it expected.
        return Ok(());
    }
    let subjects = Subjects {
        channel_id: Some(*channel_id),
        ..Subjects::default()
    };
    let event = NewEvent::new(EventKind::ChannelChanged, *now, Actor::SYSTEM, subjects);
    tx.emit(*workspace_id, event.with("what", "health"));
    Ok(())
}

/// A number's health as a provider other than Meta tells it.
#[must_use]
pub fn health_of_state(told: &NumberState, before: &Health) -> Health {
    let (state, reason) = match told.link {
        LinkState::Linked => (HealthState::Ok, None),
        LinkState::Restricted => (HealthState::Warning, Some(FailureReason::QualityLimited)),
        LinkState::Banned => (HealthState::Warning, Some(FailureReason::AccountLocked)),
        LinkState::Unknown => (before.state, before.reason),
        LinkState::Unlinked | LinkState::Starting | LinkState::AwaitingCode => {
            (HealthState::Warning, None)
        }
    };
    Health {
        // It was told to wait; that the provider does not name the end does not end it.
        restricted_until: told.restricted_until.or(before.restricted_until),
        state,
        reason,
        link: told.link,
        ..before.clone()
    }
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
