//! Which process is the active one, and whether this one still is.
//!
//! On SQLite the file's lock has answered that already: whoever has it open is active, under a new epoch with every
//! start. On PostgreSQL the active process renews a lease; when it cannot, it stops calling out before the lease
//! ends, and another takes over.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use store::lease::{self, Epoch};
use store::sql::Dialect;
use tokio::sync::watch;

use crate::App;

/// How long a lease lasts, in machine time. A takeover happens at most this and one look later.
const LEASE: Duration = Duration::from_secs(6);
/// How often it is renewed, and how often the others look.
const RENEW: Duration = Duration::from_millis(1500);
/// A call starts only with this much left.
const CALL_MARGIN: Duration = Duration::from_secs(2);

pub struct Active {
    holder: String,
    dialect: Dialect,
    state: watch::Sender<Option<Epoch>>,
    until: Mutex<Option<Instant>>,
    #[cfg(feature = "planted-faults")]
    later: Mutex<Vec<store::journal::NewEntry>>,
}

impl Active {
    #[must_use]
    pub fn new(holder: String, dialect: Dialect) -> Self {
        Self {
            holder,
            dialect,
            state: watch::channel(None).0,
            until: Mutex::new(None),
            #[cfg(feature = "planted-faults")]
            later: Mutex::default(),
        }
    }

    /// The epoch in which this process is active; `None` while it stands by.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<Epoch>> {
        self.state.subscribe()
    }

    #[must_use]
    pub fn epoch(&self) -> Option<Epoch> {
        *self.state.borrow()
    }

    /// Whether a call to a provider may start now: there is enough left of the lease. Asked right before the call,
    /// since the process may have been paused since it marked the message.
    #[must_use]
    pub fn may_call(&self, epoch: Epoch) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        self.epoch() == Some(epoch)
            && (self.dialect == Dialect::Sqlite
                || until.is_some_and(|until| Instant::now() + CALL_MARGIN < until))
    }

    fn set(&self, epoch: Option<Epoch>, until: Option<Instant>) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
        self.state.send_if_modified(|known| {
            let changed = *known != epoch;
            *known = epoch;
            changed
        });
    }

    #[cfg(feature = "planted-faults")]
    pub(crate) fn later(&self, entries: Vec<store::journal::NewEntry>) {
        self.later
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(entries);
    }

    #[cfg(feature = "planted-faults")]
    fn take_later(&self) -> Vec<store::journal::NewEntry> {
        std::mem::take(&mut *self.later.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes the lease and keeps it, until told to stop; then gives it back.
pub async fn run(app: &App, stop: tokio_util::sync::CancellationToken) {
    while !stop.is_cancelled() {
        renew(app).await;
        #[cfg(feature = "planted-faults")]
        if let Err(error) = app.store.intake(app.active.take_later()).await {
            tracing::warn!(%error, "what was answered too early could not be kept");
        }
        // Being told to stop ends the wait.
        let _ = tokio::time::timeout(RENEW, stop.cancelled()).await;
    }
    app.active.set(None, None);
    let holder = app.active.holder.clone();
    let released = app
        .store
        .write(holder, |tx, holder| Box::pin(lease::release(tx, holder)))
        .await;
    if let Err(error) = released {
        tracing::warn!(%error, "the lease could not be given back; another process waits until it ends");
    }
}

async fn renew(app: &App) {
    let alone = app.active.dialect == Dialect::Sqlite;
    if alone && app.active.epoch().is_some() {
        // Nobody else can have the file: there is nothing to renew, and an idle process does not write.
        return;
    }
    // The lease counts from before the question, so that a slow answer cannot make it longer.
    let asked = Instant::now();
    let machine_ms = app.clock.machine_now().as_millisecond();
    let until_ms = machine_ms + i64::try_from(LEASE.as_millis()).unwrap_or(0);
    // The lease of a process that had the file before ended with its lock, whatever time was left on it.
    let now_ms = if alone { i64::MAX } else { machine_ms };
    let holder = app.active.holder.clone();
    let answer = app.store.take_lease(holder, now_ms, until_ms).await;
    match answer {
        Ok(Some(epoch)) => {
            if app.active.epoch() != Some(epoch) {
                tracing::info!(epoch = epoch.0, "this process is the active one now");
            }
            app.active.set(Some(epoch), Some(asked + LEASE));
        }
        Ok(None) => app.active.set(None, None),
        Err(error) => {
            tracing::warn!(%error, "the lease could not be renewed");
            let until = *app
                .active
                .until
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if app.active.dialect == Dialect::Postgres
                && until.is_none_or(|until| Instant::now() >= until)
            {
                app.active.set(None, None);
            }
        }
    }
}
