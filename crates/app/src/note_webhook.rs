//! That a webhook has come: the checker shows it as the proof that the provider reaches us.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::id::ConnectionId;
use jiff::{SignedDuration, Timestamp};
use store::accounts;

use crate::App;

/// It is noted at most so often, so that a busy app costs no writes.
const NOTED: SignedDuration = SignedDuration::from_secs(30);

/// When it was last noted (business time), by the key in the app's address.
#[derive(Debug, Default)]
pub struct Noted(Mutex<HashMap<String, Timestamp>>);

impl Noted {
    fn is_due(&self, app_key: &str, now: Timestamp) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = all
            .get(app_key)
            .is_none_or(|last| now.duration_since(*last) > NOTED);
        if due {
            all.insert(app_key.to_owned(), now);
        }
        due
    }
}

/// Notes it, in a task of its own: the answer to the webhook does not wait for it.
pub fn note(app: &Arc<App>, noted: &Noted, app_key: &str) {
    if !noted.is_due(app_key, app.clock.business_now()) {
        return;
    }
    let Some(signer) = app.directory.get().signers.get(app_key).cloned() else {
        return;
    };
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let input = (
            signer.app.workspace_id,
            signer.app.id,
            app.clock.business_now(),
        );
        let done = app.store.write(input, |tx, (workspace_id, id, now)| {
            Box::pin(accounts::note_webhook(tx, *workspace_id, *id, *now))
        });
        if let Err(error) = done.await {
            tracing::warn!(%error, "that a webhook came could not be noted");
        }
    });
}

/// Notes that the provider reported something on a connection: the card shows how long ago.
pub fn note_connection(app: &Arc<App>, noted: &Noted, id: ConnectionId) {
    let now = app.clock.business_now();
    if !noted.is_due(&id.to_string(), now) {
        return;
    }
    let directory = app.directory.get();
    let Some(workspace_id) = directory
        .line_of_connection(id)
        .map(|line| line.workspace_id)
    else {
        return;
    };
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let done = app
            .store
            .write((workspace_id, id, now), |tx, (workspace_id, id, now)| {
                Box::pin(store::channels::note_event(tx, *workspace_id, *id, *now))
            });
        if let Err(error) = done.await {
            tracing::warn!(%error, "that a webhook came could not be noted");
        }
    });
}
