//! The gateway's mailing, which runs beside the played days at the number's own pace: the clock is wound to each message
//! as it comes due, and a few of the people answer.

use std::sync::Arc;

use app::browse::campaigns::{self, CampaignRow};
use app::caller::Caller;
use app::run_campaign::{self, RunCampaign};
use app::seed_demo::{self, Furnished, Listener};
use domain::id::{CampaignId, ChannelId};
use domain::message::Delivery;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::play::until;
use super::{sandbox_control, wind};
use crate::commands::Failed;
use crate::door::Door;

/// What the gateway calls its number.
const NUMBER: &str = "972500000021";

pub(super) struct Mailing<'a> {
    door: &'a Arc<Door>,
    sandbox_url: &'a str,
    by: Caller,
    /// Asked for, and when it begins: in the morning, when people are at work.
    request: Option<(Timestamp, RunCampaign)>,
    id: Option<CampaignId>,
    /// Who has not answered yet of those who will, the first first.
    answers: Vec<(usize, String, &'static str)>,
    is_done: bool,
}

impl<'a> Mailing<'a> {
    /// Sets the people up on the pretend WhatsApp.
    ///
    /// # Errors
    /// When the sandbox or the database does not go along.
    pub(super) async fn prepare(
        door: &'a Arc<Door>,
        demo: &Furnished,
        sandbox_url: &'a str,
        gateway: ChannelId,
    ) -> Result<Self, Failed> {
        let audience = seed_demo::audience();
        let persons: Vec<Value> = audience.iter().map(person).collect();
        sandbox_control(sandbox_url, "setup", &json!({"persons": persons})).await?;
        let by = demo.person(0);
        let request = seed_demo::mailing(&door.app, demo, gateway).await?;
        let begins = morning(door.app.clock.business_now());
        let answers = audience
            .into_iter()
            .enumerate()
            .filter_map(|(place, (phone, one))| Some((place, phone, one.answers?)));
        Ok(Self {
            door,
            sandbox_url,
            by,
            request: Some((begins, request)),
            id: None,
            answers: answers.collect(),
            is_done: false,
        })
    }

    /// Lets it send what is due before this instant.
    ///
    /// # Errors
    /// As [`Mailing::prepare`].
    pub(super) async fn run_until(&mut self, when: Timestamp) -> Result<(), Failed> {
        if let Some((begins, _)) = self.request
            && begins > when
        {
            return Ok(());
        }
        if let Some((begins, request)) = self.request.take() {
            self.wind_to(begins).await?;
            self.id = Some(run_campaign::run(&self.door.app, &self.by, request).await?);
        }
        while !self.is_done {
            let row = self.row().await?;
            let waiting = row.waiting();
            if waiting == 0 {
                self.answer(usize::MAX).await?;
                self.is_done = true;
                return Ok(());
            }
            let now = self.door.app.clock.business_now();
            let next = row.next_at.unwrap_or(now) + SignedDuration::from_secs(1);
            if next > when {
                return Ok(());
            }
            self.wind_to(next).await?;
            until("a message of the mailing", || async {
                let row = self.row().await?;
                let under_way = row.counts.by_delivery.iter().any(|(delivery, count)| {
                    matches!(delivery, Some(Delivery::Sending | Delivery::Accepted)) && *count > 0
                });
                Ok((row.waiting() < waiting && !under_way).then_some(()))
            })
            .await?;
            let sent = seed_demo::audience().len() - usize::try_from(waiting).unwrap_or(0);
            self.answer(sent).await?;
        }
        Ok(())
    }

    async fn row(&self) -> Result<CampaignRow, Failed> {
        let missing = || Failed::other("the demo's mailing did not begin");
        let id = self.id.ok_or_else(missing)?;
        Ok(campaigns::get(&self.door.app, &self.by, id).await?)
    }

    async fn wind_to(&self, when: Timestamp) -> Result<(), Failed> {
        let ahead = when.duration_since(self.door.app.clock.business_now());
        let step = SignedDuration::from_secs(ahead.as_secs());
        if step.is_positive() {
            wind(self.door, self.sandbox_url, step).await?;
        }
        Ok(())
    }

    /// Those answer whose message was read some messages ago.
    async fn answer(&mut self, sent: usize) -> Result<(), Failed> {
        while let Some((place, phone, text)) = self.answers.first().cloned() {
            if place + 2 > sent {
                break;
            }
            self.answers.remove(0);
            let before = heard(&self.row().await?);
            let body = json!({"number": NUMBER, "text": text});
            sandbox_control(self.sandbox_url, &format!("persons/{phone}/text"), &body).await?;
            until("an answer to the mailing", || async {
                let row = self.row().await?;
                Ok((heard(&row) > before).then_some(()))
            })
            .await?;
        }
        Ok(())
    }
}

/// Now, or the next morning in the demo's zone, when it is too late or too early for a mailing.
fn morning(now: Timestamp) -> Timestamp {
    let Ok(zone) = TimeZone::get("Asia/Jerusalem") else {
        return now;
    };
    let local = zone.to_datetime(now);
    if (9..18).contains(&local.hour()) {
        return now;
    }
    let day = if local.hour() < 9 {
        Ok(local.date())
    } else {
        local.date().tomorrow()
    };
    let at = day.and_then(|day| zone.to_timestamp(day.at(9, 12, 0, 0)));
    at.unwrap_or(now)
}

fn person((phone, one): &(String, Listener)) -> Value {
    json!({"phone": phone, "name": one.name, "auto_read": one.reads, "phone_off": one.phone_off, "listed": false})
}

/// Who answered, or asked to be left alone: each is counted as one of the two.
const fn heard(row: &CampaignRow) -> i64 {
    row.counts.answered + row.counts.opted_out
}
