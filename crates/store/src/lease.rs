//! Which process is the active one: the one that runs lanes and senders.
//!
//! One row says who and until when, another in which epoch. A takeover raises the epoch; every transaction of the active
//! process reads it first and holds the row, so that what an old holder still had in hand is refused. The two are apart
//! because a holder has to renew while its own transactions hold the epoch all the time.

use crate::error::Result;
use crate::tx::Tx;
use crate::{params, sql};

/// The epoch in which something may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(pub i64);

pub(crate) async fn current_epoch(tx: &mut Tx) -> Result<i64> {
    let row = tx
        .query_opt(
            "epochs",
            sql!("SELECT epoch FROM epochs WHERE name = 'active' {share}"),
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
            sql!("SELECT holder, expires_at FROM leases WHERE name = 'active' {lock}"),
            &[],
        )
        .await?;
    let Some(mut row) = row else {
        return Ok(None);
    };
    let (current, expires_at): (String, i64) = (row.get()?, row.get()?);
    let ours = current == holder;
    if !ours && expires_at > now_ms {
        return Ok(None);
    }
    tx.execute(
        sql!("UPDATE leases SET holder = ?1, expires_at = ?2 WHERE name = 'active'"),
        params![holder, until_ms],
    )
    .await?;
    let epoch = if ours {
        sql!("SELECT epoch FROM epochs WHERE name = 'active'")
    } else {
        sql!("UPDATE epochs SET epoch = epoch + 1 WHERE name = 'active' RETURNING epoch")
    };
    let row = tx.query_opt("epochs", epoch, &[]).await?;
    row.map_or(Ok(None), |mut row| Ok(Some(Epoch(row.get()?))))
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
