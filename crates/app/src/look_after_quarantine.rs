//! What could not be applied: tried again, or put away.

use domain::access::Permission;
use store::journal;

use crate::caller::Caller;
use crate::error::told;
use crate::{App, Result};

/// Applies the entry again; what of it was applied before stays as it is.
///
/// # Errors
/// `not_found`.
pub async fn retry(app: &App, by: &Caller, id: i64) -> Result<()> {
    release(app, by, id, true).await
}

/// Takes the item off the list. The journal keeps it.
///
/// # Errors
/// `not_found`.
pub async fn dismiss(app: &App, by: &Caller, id: i64) -> Result<()> {
    release(app, by, id, false).await
}

async fn release(app: &App, by: &Caller, id: i64, retry: bool) -> Result<()> {
    by.must(Permission::QuarantineView)?;
    let input = (by.workspace_id, id, retry);
    told(
        app.store
            .write(input, |tx, (workspace_id, id, retry)| {
                Box::pin(async move {
                    journal::release_quarantine(tx, *workspace_id, *id, *retry).await?;
                    Ok(Ok(()))
                })
            })
            .await,
    )
}
