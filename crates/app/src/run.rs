//! The work of a process beside answering: holding the lease, and while it is held lanes, senders, timers and jobs.

use std::sync::Arc;
use std::time::Duration;

use store::lease::Epoch;
use store::sql::Dialect;
use store::{events, installation, keys};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{App, active, jobs, lanes, senders, timers};

/// How often a process looks for what another has done: new events for its screens, channels, the clock.
const LOOK: Duration = Duration::from_millis(500);

/// Runs until told to stop; calls under way are waited for.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    let (holder, holder_stop) = (Arc::clone(&app), stop.clone());
    tasks.spawn(async move { active::run(&holder, holder_stop).await });
    tasks.spawn(follow_channels(Arc::clone(&app), stop.clone()));
    tasks.spawn(follow_others(Arc::clone(&app), stop.clone()));
    while_active(&app, &stop).await;
    while tasks.join_next().await.is_some() {}
}

/// Does the work of the active process for as long as this is it.
async fn while_active(app: &Arc<App>, stop: &CancellationToken) {
    let mut state = app.active.watch();
    while !stop.is_cancelled() {
        let epoch = *state.borrow_and_update();
        match epoch {
            Some(epoch) => {
                let round = stop.child_token();
                let mut work = spawn_work(app, epoch, &round);
                tokio::select! {
                    _ = state.changed() => {}
                    () = stop.cancelled() => {}
                }
                round.cancel();
                while work.join_next().await.is_some() {}
            }
            None => {
                tokio::select! {
                    _ = state.changed() => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }
}

fn spawn_work(app: &Arc<App>, epoch: Epoch, stop: &CancellationToken) -> JoinSet<()> {
    let mut work = JoinSet::new();
    let (app_of, stop_of) = (|| Arc::clone(app), || stop.clone());
    let (a, s) = (app_of(), stop_of());
    work.spawn(async move { lanes::run(&a, epoch, s).await });
    let (a, s) = (app_of(), stop_of());
    work.spawn(async move { senders::run(&a, epoch, s).await });
    let (a, s) = (app_of(), stop_of());
    work.spawn(async move { timers::run(&a, epoch, s).await });
    let (a, s) = (app_of(), stop_of());
    work.spawn(async move { jobs::run(&a, epoch, s).await });
    let (a, s) = (app_of(), stop_of());
    work.spawn(async move { sweep(&a, s).await });
    work
}

/// Reads the directory again when this process has changed something of it.
async fn follow_channels(app: Arc<App>, stop: CancellationToken) {
    let mut changes = app.signals.channels.subscribe();
    loop {
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = stop.cancelled() => return,
        }
        if let Err(error) = app.reload_directory().await {
            tracing::warn!(%error, "channels could not be read again");
        }
    }
}

/// Looks for what other processes of the same database have done. A process that has its database for itself need not.
async fn follow_others(app: Arc<App>, stop: CancellationToken) {
    if app.store.dialect() == Dialect::Sqlite {
        return;
    }
    while !stop.is_cancelled() {
        // Being told to stop ends the wait.
        let _ = tokio::time::timeout(LOOK, stop.cancelled()).await;
        for workspace_id in app.signals.watched() {
            let last = app
                .store
                .read(workspace_id, |tx, id| Box::pin(events::last_seq(tx, *id)))
                .await;
            if let Ok(last) = last {
                app.signals.events_up_to(workspace_id, last);
            }
        }
        if let Ok(installation) = app
            .store
            .read((), |tx, ()| Box::pin(installation::get(tx)))
            .await
            && installation.clock_offset_ms != app.clock.offset_ms()
        {
            app.clock.set_offset_ms(installation.clock_offset_ms);
            app.signals.clock.send_replace(installation.clock_offset_ms);
        }
    }
}

/// Removes what has run out.
async fn sweep(app: &App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let now = app.clock.business_now();
        if let Err(error) = app
            .store
            .write(now, |tx, now| Box::pin(keys::sweep(tx, *now)))
            .await
        {
            tracing::warn!(%error, "old keys could not be removed");
        }
        if let Err(error) = app.keep_cap_clock().await {
            tracing::warn!(%error, "the clock of caps could not be kept");
        }
        // Being told to stop ends the wait.
        let _ = tokio::time::timeout(Duration::from_secs(60), stop.cancelled()).await;
    }
}
