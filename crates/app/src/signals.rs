//! Who is woken when something is committed. A signal is only a hint: whoever waits also looks by itself from time to
//! time, since another process may have done the work, or the hint may be lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::id::{ChannelId, ConversationId, MessageId, WorkspaceId};
use store::Wake;
use tokio::sync::{Notify, broadcast, watch};

/// A set of things that want a look.
#[derive(Debug)]
pub struct Pending<K> {
    waiting: Mutex<BTreeSet<K>>,
    notify: Notify,
}

impl<K> Default for Pending<K> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            notify: Notify::new(),
        }
    }
}

impl<K: Ord> Pending<K> {
    pub fn add(&self, key: K) {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key);
        self.notify.notify_one();
    }

    /// Takes all that waits; waits for something, but no longer than `patience`.
    pub async fn take(&self, patience: Duration) -> BTreeSet<K> {
        let now = self.take_now();
        if !now.is_empty() {
            return now;
        }
        // Out of patience is an answer too: the caller looks by itself then.
        let _ = tokio::time::timeout(patience, self.notify.notified()).await;
        self.take_now()
    }

    fn take_now(&self) -> BTreeSet<K> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Something passing that a screen may show and need not remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A person of the team is writing.
    Typing {
        conversation_id: ConversationId,
        user_id: domain::id::UserId,
    },
    Progress {
        message_id: MessageId,
        done: u64,
        total: u64,
    },
}

#[derive(Debug)]
pub struct Signals {
    pub lanes: Pending<WorkspaceId>,
    pub outbox: Pending<(WorkspaceId, ChannelId)>,
    pub jobs: Pending<()>,
    pub channels: watch::Sender<u64>,
    events: Mutex<BTreeMap<WorkspaceId, watch::Sender<i64>>>,
    notices: broadcast::Sender<(WorkspaceId, Notice)>,
    /// The clock was wound.
    pub clock: watch::Sender<i64>,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            lanes: Pending::default(),
            outbox: Pending::default(),
            jobs: Pending::default(),
            channels: watch::channel(0).0,
            events: Mutex::default(),
            notices: broadcast::channel(256).0,
            clock: watch::channel(0).0,
        }
    }
}

impl Signals {
    /// What the store tells of every commit.
    #[must_use]
    pub fn on_commit(self: &Arc<Self>) -> store::OnCommit {
        let signals = Arc::clone(self);
        Arc::new(move |wakes| wakes.into_iter().for_each(|wake| signals.told(wake)))
    }

    fn told(&self, wake: Wake) {
        match wake {
            Wake::Events(workspace_id, seq) => self.events_up_to(workspace_id, seq),
            Wake::Lane(workspace_id) => self.lanes.add(workspace_id),
            Wake::Outbox(workspace_id, channel_id) => self.outbox.add((workspace_id, channel_id)),
            Wake::Jobs => self.jobs.add(()),
            Wake::Channels => self.channels.send_modify(|generation| *generation += 1),
        }
    }

    /// Tells those who watch a workspace that it has events up to this number.
    pub fn events_up_to(&self, workspace_id: WorkspaceId, seq: i64) {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = events.get(&workspace_id) {
            sender.send_if_modified(|known| {
                let newer = seq > *known;
                *known = (*known).max(seq);
                newer
            });
        }
    }

    /// Watches the events of a workspace.
    #[must_use]
    pub fn watch_events(&self, workspace_id: WorkspaceId) -> watch::Receiver<i64> {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.retain(|_, sender| sender.receiver_count() > 0);
        events
            .entry(workspace_id)
            .or_insert_with(|| watch::channel(0).0)
            .subscribe()
    }

    /// Workspaces whose events somebody watches.
    #[must_use]
    pub fn watched(&self) -> Vec<WorkspaceId> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events
            .iter()
            .filter(|(_, sender)| sender.receiver_count() > 0)
            .map(|(id, _)| *id)
            .collect()
    }

    pub fn notice(&self, workspace_id: WorkspaceId, notice: Notice) {
        // Nobody may be watching.
        let _ = self.notices.send((workspace_id, notice));
    }

    #[must_use]
    pub fn watch_notices(&self) -> broadcast::Receiver<(WorkspaceId, Notice)> {
        self.notices.subscribe()
    }
}
