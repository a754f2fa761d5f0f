//! What follows from an answer, in the transaction that takes it in: mailings to that person stop, campaigns and the
//! number's risk hear of it, and an enquirer gets the channel's instant reply, once in its period.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::capability::{Purpose, abilities};
use domain::channel::Channel;
use domain::content::Content;
use domain::id::WorkspaceId;
use domain::inbound::{Answer, Place};
use domain::message::Message;
use domain::risk::Week;
use domain::sending::Decision;
use jiff::{SignedDuration, Timestamp};
use store::{Tx, campaigns, channels, conversations, pace};

use crate::App;
use crate::caller::{Caller, Who};
use crate::chance::Ids;
use crate::pacing::Pacer;
use crate::run_campaign::cancel_waiting;
use crate::send_message::{Context, Queued, queue};

/// What the transaction needs from outside.
pub(super) struct AfterAnswers {
    pacer: Pacer,
    ids: Arc<Ids>,
    now: Timestamp,
}

impl AfterAnswers {
    pub(super) fn new(app: &App) -> Self {
        Self {
            pacer: Pacer::new(app),
            ids: Arc::clone(&app.ids),
            now: app.clock.business_now(),
        }
    }

    pub(super) async fn run(
        &self,
        tx: &mut Tx,
        workspace_id: WorkspaceId,
        places: &[&Place],
        answers: Vec<Answer>,
        typed: Vec<(String, Timestamp)>,
    ) -> store::Result<()> {
        if answers.is_empty() && typed.is_empty() {
            return Ok(());
        }
        // A batch is of few numbers, most often of one.
        let ids: BTreeSet<_> = places.iter().map(|place| place.channel_id).collect();
        for id in ids {
            let channel = channels::get(tx, workspace_id, id).await?;
            if channel.link.is_gateway() {
                for (provider_id, _) in &typed {
                    let at = self.pacer.pacing(&channel).cap_now;
                    pace::count_send(tx, workspace_id, id, at, Some(provider_id)).await?;
                }
            }
            if !channel.link.is_gateway() && channel.settings.instant_reply.is_none() {
                continue;
            }
            for answer in &answers {
                let thread = conversations::get(tx, workspace_id, answer.conversation_id).await?;
                if thread.channel_id == id {
                    self.answer(tx, workspace_id, &channel, answer).await?;
                }
            }
        }
        Ok(())
    }

    async fn answer(
        &self,
        tx: &mut Tx,
        workspace_id: WorkspaceId,
        channel: &Channel,
        answer: &Answer,
    ) -> store::Result<()> {
        if channel.link.is_gateway() {
            let conversation_id = answer.conversation_id;
            cancel_waiting(tx, workspace_id, conversation_id, self.now).await?;
            let opt_out = answer.opt_out;
            campaigns::note_answer(tx, workspace_id, conversation_id, answer.at, opt_out).await?;
            let more = Week {
                answered: 1,
                opted_out: i64::from(opt_out),
                ..Week::default()
            };
            pace::add_to_day(tx, workspace_id, channel.id, self.now, &more).await?;
        }
        if answer.late || answer.opt_out || answer.message_id.is_none() {
            return Ok(());
        }
        self.reply_at_once(tx, workspace_id, channel, answer).await
    }

    /// The channel's instant reply, where it has one and the table lets Kesher send it.
    async fn reply_at_once(
        &self,
        tx: &mut Tx,
        workspace_id: WorkspaceId,
        channel: &Channel,
        answer: &Answer,
    ) -> store::Result<()> {
        let Some(reply) = channel
            .settings
            .instant_reply
            .as_ref()
            .filter(|one| one.enabled)
        else {
            return Ok(());
        };
        if abilities(channel.level, channel.link).is_none() || reply.text.trim().is_empty() {
            return Ok(());
        }
        let thread = conversations::get(tx, workspace_id, answer.conversation_id).await?;
        let context = Context::load(tx, workspace_id, thread, self.now, &self.pacer).await?;
        let content = Content::Text {
            text: reply.text.clone(),
            preview_url: false,
        };
        let decision = context.decide(&content, None, Purpose::InstantReply, None);
        if !matches!(decision, Decision::Now | Decision::Later { .. }) {
            return Ok(());
        }
        let period = SignedDuration::from_hours(i64::from(reply.period_hours.max(1)));
        let since = self.now - period;
        let contact_id = context.contact.id;
        let may =
            pace::claim_instant_reply(tx, workspace_id, channel.id, contact_id, self.now, since);
        if !may.await? {
            return Ok(());
        }
        let by = Caller {
            workspace_id,
            who: Who::System,
        };
        let message = Message {
            connection_id: context.channel.connection.as_ref().map(|known| known.id),
            ..Message::queued(
                self.ids.next(self.now),
                answer.conversation_id,
                by.author(),
                content,
                self.now,
            )
        };
        let queued = Queued {
            purpose: Purpose::InstantReply,
            campaign_id: None,
        };
        queue(tx, &by, context, message, queued, self.now, &self.ids).await
    }
}
