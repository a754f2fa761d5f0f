//! Senders: each channel's worker, which says what stands in the outbox at the channel's pace.
//!
//! The commit that marks a row as being sent is the moment of sending; the call comes after it, with no transaction
//! open. What was being sent by a process that is no longer active is unclear: it may have been accepted or not, and
//! is never simply sent again.

pub(crate) mod call;
mod mark;
mod orphans;
mod pace;
mod record;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::id::{ChannelId, ConversationId, WorkspaceId};
use jiff::Timestamp;
use store::lease::Epoch;
use store::outbox::{self, Class};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::App;
pub(crate) use mark::conclude;
use pace::Pace;

/// How long senders wait for a signal before they look by themselves.
const PATIENCE: Duration = Duration::from_secs(1);
/// A new active process is silent for this long: it does not know what the one before sent in its last second.
const SILENCE: Duration = Duration::from_secs(1);

/// Runs the senders of all channels, until told to stop or the lease is lost. Calls under way are waited for.
pub async fn run(app: &Arc<App>, epoch: Epoch, stop: CancellationToken) {
    orphans::settle(app, epoch, &stop).await;
    if !app.faults.forget_pace() {
        // Being told to stop ends the silence.
        let _ = tokio::time::timeout(SILENCE, stop.cancelled()).await;
    }
    let mut channels: BTreeMap<ChannelId, Arc<Notify>> = BTreeMap::new();
    let mut tasks = JoinSet::new();
    while !stop.is_cancelled() {
        let mut waiting: BTreeSet<(WorkspaceId, ChannelId)> = tokio::select! {
            signalled = app.signals.outbox.take(PATIENCE) => signalled,
            () = stop.cancelled() => break,
        };
        match app
            .store
            .read((), |tx, ()| Box::pin(outbox::waiting_channels(tx)))
            .await
        {
            Ok(found) => waiting.extend(found),
            Err(error) => tracing::warn!(%error, "senders: looking for work; will try again"),
        }
        for (workspace_id, channel_id) in waiting {
            let notify = channels.entry(channel_id).or_insert_with(|| {
                let notify = Arc::new(Notify::new());
                let sender = Sender::new(
                    Arc::clone(app),
                    epoch,
                    workspace_id,
                    channel_id,
                    Arc::clone(&notify),
                );
                tasks.spawn(sender.run(stop.clone()));
                notify
            });
            notify.notify_one();
        }
    }
    while tasks.join_next().await.is_some() {}
}

/// One channel's worker.
struct Sender {
    app: Arc<App>,
    epoch: Epoch,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    notify: Arc<Notify>,
    pace: Pace,
    /// At most one call at a time in a conversation, so that its order stays.
    busy: Arc<Mutex<HashSet<ConversationId>>>,
    calls: JoinSet<Option<Duration>>,
    /// Until when the number's rhythm keeps its mailings back (business time).
    mailings_wait: Option<Timestamp>,
}

impl Sender {
    fn new(
        app: Arc<App>,
        epoch: Epoch,
        workspace_id: WorkspaceId,
        channel_id: ChannelId,
        notify: Arc<Notify>,
    ) -> Self {
        Self {
            app,
            epoch,
            workspace_id,
            channel_id,
            notify,
            pace: Pace::default(),
            busy: Arc::default(),
            calls: JoinSet::new(),
            mailings_wait: None,
        }
    }

    async fn run(mut self, stop: CancellationToken) {
        let mut clock = self.app.signals.clock.subscribe();
        let mut offset_ms = self.app.clock.offset_ms();
        while !stop.is_cancelled() {
            let wait = match self.round().await {
                Ok(wait) => wait,
                Err(crate::Error::Store(store::Error::Fenced)) => break,
                Err(error) => {
                    tracing::warn!(channel_id = %self.channel_id, %error, "sending: will try again");
                    PATIENCE
                }
            };
            tokio::select! {
                () = self.notify.notified() => {}
                Some(ended) = self.calls.join_next() => self.ended(ended),
                // The clock was wound: what was to wait so long has waited.
                Ok(()) = clock.changed() => {
                    let before = std::mem::replace(&mut offset_ms, self.app.clock.offset_ms());
                    let by = u64::try_from(offset_ms - before).unwrap_or(0);
                    self.pace.wind(Duration::from_millis(by));
                }
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => break,
            }
        }
        while let Some(ended) = self.calls.join_next().await {
            self.ended(ended);
        }
    }

    fn ended(&mut self, ended: Result<Option<Duration>, tokio::task::JoinError>) {
        match ended {
            Ok(Some(pause)) => self.pace.pause(pause),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "a call broke off; its message stays marked until it is settled");
            }
        }
    }

    /// Marks what may leave now and starts its calls. Says how long nothing needs to be looked at.
    async fn round(&mut self) -> crate::Result<Duration> {
        let directory = self.app.directory.get();
        let Some(line) = directory.line(self.channel_id) else {
            return Ok(PATIENCE);
        };
        let is_gateway = line.channel.link.is_gateway();
        self.pace.set_rate(if is_gateway {
            // One at a time, and its rhythm counts in the database.
            u32::MAX
        } else {
            line.channel.throughput_mps()
        });
        // An app account says one thing at a time.
        if is_gateway && !self.calls.is_empty() {
            return Ok(PATIENCE);
        }
        let free = self
            .pace
            .allowed()
            .min(if is_gateway { 1 } else { usize::MAX });
        if free == 0 {
            return Ok(self.pace.wait());
        }
        let now = self.app.clock.business_now();
        self.mailings_wait = self.mailings_wait.filter(|until| *until > now);
        let rows = self.candidates(free, now).await?;
        if rows.is_empty() {
            return self.until_next_due().await;
        }
        let more = rows.len() == free;
        let batch = mark::Batch::new(&self.app, self.workspace_id, line, &rows, self.epoch);
        let marked = self
            .app
            .store
            .write_as(self.epoch, batch, |tx, batch| {
                Box::pin(mark::mark(tx, batch))
            })
            .await;
        match marked {
            Ok(marked) => {
                self.pace.spend(marked.calls.len());
                self.mailings_wait = self.mailings_wait.max(marked.mailings_wait);
                for call in marked.calls {
                    self.start(call, line.clone());
                }
                self.release(&marked.left);
            }
            Err(error) => {
                self.release(&rows.iter().map(|row| row.1).collect::<Vec<_>>());
                return Err(error.into());
            }
        }
        Ok(if more { Duration::ZERO } else { PATIENCE })
    }

    /// Rows that may be marked: the first of each conversation that has no call under way.
    async fn candidates(
        &self,
        free: usize,
        now: Timestamp,
    ) -> crate::Result<Vec<(domain::id::OutboxId, ConversationId)>> {
        let up_to = if self.mailings_wait.is_some() {
            Class::Triggered
        } else {
            Class::Campaign
        };
        let question = (self.workspace_id, self.channel_id, now, up_to);
        let looked_at = i64::try_from(free * 4 + 64).unwrap_or(i64::MAX);
        let due = self
            .app
            .store
            .read(
                (question, looked_at),
                |tx, ((workspace_id, channel_id, now, up_to), limit)| {
                    Box::pin(outbox::due(
                        tx,
                        *workspace_id,
                        *channel_id,
                        *now,
                        *limit,
                        *up_to,
                    ))
                },
            )
            .await?;
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let mut chosen = Vec::new();
        for row in due {
            if chosen.len() == free {
                break;
            }
            if busy.insert(row.conversation_id) {
                chosen.push((row.id, row.conversation_id));
            }
        }
        Ok(chosen)
    }

    fn release(&self, conversations: &[ConversationId]) {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        for conversation_id in conversations {
            busy.remove(conversation_id);
        }
    }

    async fn until_next_due(&self) -> crate::Result<Duration> {
        let question = (self.workspace_id, self.channel_id);
        let next = self
            .app
            .store
            .read(question, |tx, (workspace_id, channel_id)| {
                Box::pin(outbox::next_due(tx, *workspace_id, *channel_id))
            })
            .await?;
        let now = self.app.clock.business_now();
        let wait = [next, self.mailings_wait]
            .into_iter()
            .flatten()
            .filter(|next| *next > now)
            .map(|next| next.duration_since(now).unsigned_abs())
            .min();
        Ok(wait.map_or(PATIENCE, |wait| wait.min(PATIENCE)))
    }

    fn start(&mut self, call: call::Call, line: crate::directory::Line) {
        let (app, epoch) = (Arc::clone(&self.app), self.epoch);
        let (busy, notify) = (Arc::clone(&self.busy), Arc::clone(&self.notify));
        let conversation_id = call.row.conversation_id;
        self.calls.spawn(async move {
            let pause = call::run(&app, epoch, call, &line).await;
            busy.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&conversation_id);
            notify.notify_one();
            pause
        });
    }
}
