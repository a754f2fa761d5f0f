//! `kesher migrate` and `kesher doctor`.

use super::serve::open;
use super::{Failed, print};
use crate::config::Data;

/// Opens the database, which brings it up to this version.
///
/// # Errors
/// When it cannot be opened.
pub async fn migrate(data: Data) -> Result<(), Failed> {
    open(&data, app::faults::Faults::default()).await?;
    print("The database is of this version.\n")
}

/// Says what is there and what is wrong.
///
/// # Errors
/// When the database cannot be opened.
pub async fn run(data: Data) -> Result<(), Failed> {
    let app = open(&data, app::faults::Faults::default()).await?;
    let installation = app
        .store
        .read((), |tx, ()| Box::pin(store::installation::get(tx)))
        .await?;
    let workspaces = app
        .store
        .read((), |tx, ()| Box::pin(store::workspaces::list(tx)))
        .await?;
    let directory = app.directory.get();
    let mut told = format!(
        "Database: {:?}, of this version.\nFiles: {}.\nWorkspaces: {}.\nNumbers: {}.\n",
        data.database()?,
        data.data.join("files").display(),
        workspaces.len(),
        directory.lines().len(),
    );
    if workspaces.is_empty() {
        told.push_str(
            "Nobody has set it up yet: start `kesher serve` and open the link that it prints.\n",
        );
    }
    if installation.held {
        told.push_str("Sending is on hold: this installation was restored from a backup.\n");
    }
    if installation.clock_may_be_wound {
        told.push_str(&format!(
            "This is a demo or test installation; its clock says {}.\n",
            app.clock.business_now()
        ));
    }
    for line in directory.lines() {
        let state = &line.channel.health;
        let token = line
            .channel
            .connection
            .as_ref()
            .is_some_and(|known| directory.token(known.account_id).is_some());
        let note = if token {
            ""
        } else {
            "; its token does not open with this secret key"
        };
        told.push_str(&format!(
            "Number {}: {:?}{note}.\n",
            line.channel.id, state.state
        ));
    }
    print(&told)
}
