//! What the rhythm of an unofficial number needs to know, read in the transaction that decides.

use std::sync::Arc;

use domain::capability::{Pace, abilities};
use domain::channel::Channel;
use domain::id::WorkspaceId;
use domain::rhythm::{self, DAY, DAY_CAP, Facts, Holding};
use domain::risk::{self, Signal};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{Tx, pace};
use whatsapp::provider::Capabilities;
use whatsapp::speaker::Speaker;

use crate::App;
use crate::directory::Directory;

/// What a transaction cannot read by itself: the cap's clock, the workspace's zone, what a provider reports.
#[derive(Clone)]
pub(crate) struct Pacer {
    directory: Arc<Directory>,
    speaker: Speaker,
    cap_now: Timestamp,
}

/// The pacer's answer for one channel.
#[derive(Debug, Clone)]
pub(crate) struct Pacing {
    zone: TimeZone,
    pub(crate) cap_now: Timestamp,
    reports_typed: bool,
}

impl Pacer {
    pub(crate) fn new(app: &App) -> Self {
        Self {
            directory: app.directory.get(),
            speaker: app.speaker.clone(),
            cap_now: app.clock.cap_now(),
        }
    }

    /// What the channel's provider can do.
    pub(crate) fn can(&self, channel: &Channel) -> Option<Capabilities> {
        self.speaker.capabilities(channel.provider)
    }

    pub(crate) fn pacing(&self, channel: &Channel) -> Pacing {
        let line = self.directory.line(channel.id);
        Pacing {
            zone: line.map_or(TimeZone::UTC, |line| line.zone.clone()),
            cap_now: self.cap_now,
            reports_typed: self
                .can(channel)
                .is_some_and(|can| can.reports_own_messages),
        }
    }
}

/// The number's rhythm and the signs of its risk; `None` where its pace is no rhythm.
pub(crate) async fn facts(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel: &Channel,
    pacing: &Pacing,
    now: Timestamp,
) -> store::Result<Option<(Facts, Vec<Signal>)>> {
    let is_rhythm =
        abilities(channel.level, channel.link).is_some_and(|can| can.pace == Pace::Rhythm);
    let (true, Some(connection)) = (is_rhythm, &channel.connection) else {
        return Ok(None);
    };
    let week = pace::week(tx, workspace_id, channel.id, now).await?;
    let (risk, signals) = risk::assess(&week, connection.linked_at, now);
    let since = pacing.cap_now - DAY;
    let cap = rhythm::day_cap(connection.linked_at, now, pacing.reports_typed, risk);
    let single = pace::nth_newest(tx, workspace_id, channel.id, cap, since).await?;
    let mailing = rhythm::mailing_cap(cap);
    let mailing = pace::nth_newest(tx, workspace_id, channel.id, mailing, since).await?;
    // The channel's own bits are as good a seed as any.
    let bits = channel.id.bits();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the lower half of an id is its chance"
    )]
    let seed = bits as u64;
    let facts = Facts {
        linked_at: connection.linked_at,
        reports_typed: pacing.reports_typed,
        hours: channel.settings.hours,
        zone: pacing.zone.clone(),
        risk,
        seed,
        sent_24h: pace::count_since(tx, workspace_id, channel.id, since, DAY_CAP).await?,
        holding: Holding { single, mailing },
        last: pace::last_send(tx, workspace_id, channel.id).await?,
        cap_now: pacing.cap_now,
    };
    Ok(Some((facts, signals)))
}
