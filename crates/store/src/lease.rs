//! Which process is the active one: the one that runs lanes and senders.
//!
//! One row says who, until when, and in which epoch. A takeover raises the epoch; every transaction of the active
//! process reads it first and holds the row, so that what an old holder still had in hand is refused.

use crate::error::Result;
use crate::tx::Tx;
use crate::{params, sql};

/// The epoch in which something may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(pub i64);

pub(crate) async fn current_epoch(tx: &mut Tx) -> Result<i64> {
    let row = tx
        .query_opt(
            "leases",
            sql!("SELECT epoch FROM leases WHERE name = 'active' {share}"),
            &[],
        )
        .await?;
    row.map_or(Ok(0), |mut row| row.get())
}

/// Takes the lease, when it is free, expired, or already ours. Times are machine time, in milliseconds.
///
/// A holder that asks again under its own name keeps its epoch; everyone else gets a new one.
///
/// # Errors
/// As the database says.
pub async fn take(tx: &mut Tx, holder: &str, now_ms: i64, until_ms: i64) -> Result<Option<Epoch>> {
    let row = tx
        .query_opt(
            "leases",
            sql!("SELECT epoch, holder, expires_at FROM leases WHERE name = 'active' {lock}"),
            &[],
        )
        .await?;
    let Some(mut row) = row else { return Ok(None) };
    let (epoch, current, expires_at): (i64, String, i64) = (row.get()?, row.get()?, row.get()?);
    if current != holder && expires_at > now_ms {
        return Ok(None);
    }
    let epoch = if current == holder { epoch } else { epoch + 1 };
    tx.execute(
        sql!("UPDATE leases SET epoch = ?1, holder = ?2, expires_at = ?3 WHERE name = 'active'"),
        params![epoch, holder, until_ms],
    )
    .await?;
    Ok(Some(Epoch(epoch)))
}

/// Gives the lease back, so that another need not wait for its end.
///
/// # Errors
/// As the database says.
pub async fn release(tx: &mut Tx, holder: &str) -> Result<()> {
    tx.execute(
        sql!("UPDATE leases SET expires_at = 0, holder = '' WHERE name = 'active' AND holder = ?1"),
        params![holder],
    )
    .await?;
    Ok(())
}
