//! The heart: one world behind one lock, changed by transactions.
//!
//! [`Core::write`] runs a function with a [`Tx`]. What the function records is applied at once, appended to the ledger as one line, and its webhooks are let go when that line is on the disk. Nothing waits while the lock is held. The lock's users are the HTTP handlers, the scheduler (which fires what came due) and the webhook dispatcher.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use crate::activity::{Activities, Activity};
use crate::chance::Chance;
use crate::clock::{Millis, Source};
use crate::faults::Engine;
use crate::ledger::{Durable, Ledger};
use crate::rates::Rates;
use crate::world::{Hook, Record, Timer, World};

/// An event of the live stream.
#[derive(Debug, Clone)]
pub struct Live {
    pub event: &'static str,
    pub data: Value,
}

#[derive(Debug)]
pub struct Core {
    state: Mutex<State>,
    ledger: Ledger,
    source: Source,
    pub live: broadcast::Sender<Live>,
    /// Woken when a timer was set or the clock wound: the scheduler and the dispatcher wait on it.
    pub poke: Notify,
    pub poke_dispatcher: Notify,
    /// Where files lie; `None` keeps them in memory.
    pub media_folder: Option<PathBuf>,
    /// `http://host:port` under which this sandbox is reached, for the URLs in webhooks.
    pub public_url: String,
    /// Given by the configuration, so that it stands for every caller.
    pub public_url_given: bool,
    pub secret: String,
    pub token: String,
    /// Calls webhooks, and fetches files from this machine.
    pub client: reqwest::Client,
    /// Cancelled when the sandbox ends, so that streams end with it.
    pub over: CancellationToken,
}

/// Everything under the lock.
#[derive(Debug)]
pub struct State {
    pub world: World,
    pub faults: Engine,
    pub rates: Rates,
    pub chance: Chance,
    pub activities: Activities,
    /// Refusals by code since the start of the process.
    pub refused: BTreeMap<u32, u64>,
    /// Files of a sandbox without a folder.
    pub files: HashMap<String, Vec<u8>>,
    /// By number: whether the last webhook was answered 200.
    pub connected: HashMap<String, bool>,
    pub hook_attempts: u64,
    pub hook_failures: u64,
    pub hooks_in_flight: u64,
    /// By number of a provider that queues: when its next message leaves.
    pub departures: HashMap<String, Millis>,
    /// Sends that carried the id of a message that was there already.
    pub repeated_ids: u64,
}

/// A transaction in the making.
pub struct Tx<'a> {
    /// The instant at which it happens.
    pub now: Millis,
    pub state: &'a mut State,
    pub public_url: &'a str,
    records: Vec<Record>,
    hooks: Vec<Hook>,
    live: VecDeque<Live>,
    /// Somebody listens to the live stream.
    watched: bool,
    timers: bool,
    anew: bool,
}

impl Core {
    #[expect(
        clippy::too_many_arguments,
        reason = "called once, where the sandbox is put together"
    )]
    pub fn new(
        world: World,
        chance: Chance,
        ledger: Ledger,
        source: Source,
        media_folder: Option<PathBuf>,
        public_url: String,
        public_url_given: bool,
        secret: String,
        token: String,
        client: reqwest::Client,
    ) -> Self {
        let faults = Engine::new(&world.plan, &world.presets);
        let state = State {
            world,
            faults,
            rates: Rates::default(),
            chance,
            activities: Activities::default(),
            refused: BTreeMap::new(),
            files: HashMap::new(),
            connected: HashMap::new(),
            hook_attempts: 0,
            hook_failures: 0,
            hooks_in_flight: 0,
            departures: HashMap::new(),
            repeated_ids: 0,
        };
        Self {
            state: Mutex::new(state),
            ledger,
            source,
            live: broadcast::channel(1_024).0,
            poke: Notify::new(),
            poke_dispatcher: Notify::new(),
            media_folder,
            public_url,
            public_url_given,
            secret,
            token,
            client,
            over: CancellationToken::new(),
        }
    }

    /// The state, for reading. A panic in a transaction leaves what was applied, which is what the
    /// ledger has too.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn real_now(&self) -> Millis {
        self.source.now()
    }

    /// How much the sandbox began in the past.
    pub fn behind(&self) -> Millis {
        self.source.behind
    }

    /// The sandbox's clock.
    pub fn now(&self) -> Millis {
        self.source.now() + self.state().world.offset_ms
    }

    pub fn write<T>(&self, change: impl FnOnce(&mut Tx<'_>) -> T) -> (T, Durable) {
        let mut state = self.state();
        let now = self.source.now() + state.world.offset_ms;
        self.write_at(&mut state, now, change)
    }

    /// Runs a change and waits until it is on the disk; `None` when the disk failed.
    pub async fn commit<T>(&self, change: impl FnOnce(&mut Tx<'_>) -> T) -> Option<T> {
        let (value, durable) = self.write(change);
        durable.reached().await.then_some(value)
    }

    fn write_at<T>(
        &self,
        state: &mut State,
        now: Millis,
        change: impl FnOnce(&mut Tx<'_>) -> T,
    ) -> (T, Durable) {
        let mut tx = Tx {
            now,
            state,
            public_url: &self.public_url,
            records: Vec::new(),
            hooks: Vec::new(),
            live: VecDeque::new(),
            watched: self.live.receiver_count() > 0,
            timers: false,
            anew: false,
        };
        let value = change(&mut tx);
        let Tx {
            records,
            hooks,
            live,
            timers,
            anew,
            ..
        } = tx;
        let durable = if records.is_empty() {
            Durable::already()
        } else {
            self.ledger.append(&records, hooks, anew)
        };
        for event in live {
            let _ = self.live.send(event);
        }
        if timers {
            self.poke.notify_one();
        }
        (value, durable)
    }

    /// Fires what is due, each at its own instant and in order, and says when the next is due.
    pub fn fire_due(&self, act: impl Fn(&mut Tx<'_>, Timer)) -> Option<Millis> {
        const AT_ONCE: usize = 256;
        let mut state = self.state();
        let now = self.source.now() + state.world.offset_ms;
        for _ in 0..AT_ONCE {
            let (due, seq) = match state.world.timers.first_key_value() {
                Some((key, _)) if key.0 <= now => *key,
                Some((key, _)) => return Some(key.0),
                None => return None,
            };
            let Some(timer) = state.world.timers.get(&(due, seq)).cloned() else {
                continue;
            };
            let (_, durable) = self.write_at(&mut state, due, |tx| {
                tx.record(Record::TimerDone { due, seq });
                act(tx, timer);
            });
            drop(durable);
        }
        Some(now)
    }
}

impl Tx<'_> {
    pub fn world(&self) -> &World {
        &self.state.world
    }

    /// Makes a change.
    pub fn record(&mut self, record: Record) {
        match &record {
            Record::Timer { .. } => self.timers = true,
            Record::Hook { hook } => self.hooks.push((**hook).clone()),
            _ => {}
        }
        self.state.world.apply(&record);
        self.records.push(record);
    }

    pub fn after(&mut self, delay: Millis, timer: Timer) {
        self.record(Record::Timer {
            due: self.now + delay,
            timer,
        });
    }

    /// The ledger begins anew with this transaction.
    pub fn start_anew(&mut self) {
        self.anew = true;
        self.records.clear();
        self.hooks.clear();
    }

    /// Whether it is worth making an event.
    pub fn is_watched(&self) -> bool {
        self.watched
    }

    pub fn live(&mut self, event: &'static str, data: Value) {
        if self.watched {
            self.live.push_back(Live { event, data });
        }
    }

    /// Notes something for the "what happened" panel.
    pub fn note(&mut self, activity: Activity) {
        let noted = self.state.activities.add(self.now, activity);
        self.live("activity", noted);
    }

    /// The id of the next message: one that a test has fixed, or a new one.
    pub fn new_wamid(&mut self, phone: Option<&str>, inbound: bool) -> String {
        if let Some(fixed) = self.state.world.next_ids.front().cloned() {
            self.record(Record::NextIdUsed);
            return fixed;
        }
        self.state.chance.wamid(phone, inbound)
    }

    /// The same for another provider's ids.
    pub fn new_id(&mut self, make: impl FnOnce(&mut Chance) -> String) -> String {
        if let Some(fixed) = self.state.world.next_ids.front().cloned() {
            self.record(Record::NextIdUsed);
            return fixed;
        }
        make(&mut self.state.chance)
    }
}
