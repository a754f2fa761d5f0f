//! The installation itself: its clock and whether it may send.

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::Value;
use crate::{params, sql};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Business time is real time plus this.
    pub clock_offset_ms: i64,
    /// A demo or test installation's clock may be wound forward.
    pub clock_may_be_wound: bool,
    /// Nothing is sent until a person releases it.
    pub held: bool,
    /// Hash of the one-time set-up token; none once somebody has set the installation up.
    pub setup_token_hash: Option<String>,
}

/// # Errors
/// As the database says.
pub async fn get(tx: &mut Tx) -> Result<Installation> {
    let row = tx
        .query_opt(
            "installation",
            sql!("SELECT clock_offset_ms, clock_may_be_wound, held, setup_token_hash FROM installation WHERE id = 1"),
            &[],
        )
        .await?;
    let mut row = row.ok_or(Error::NotFound("installation"))?;
    Ok(Installation {
        clock_offset_ms: row.get()?,
        clock_may_be_wound: row.get()?,
        held: row.get()?,
        setup_token_hash: row.get()?,
    })
}

/// Makes this a demo or test installation whose clock starts with this offset. Only before there is any workspace.
///
/// # Errors
/// [`Error::Taken`] when the installation is in use.
pub async fn choose_clock(tx: &mut Tx, offset_ms: i64) -> Result<()> {
    let changed = tx
        .execute(
            sql!(
                "UPDATE installation SET clock_offset_ms = ?1, clock_may_be_wound = 1 \
                 WHERE id = 1 AND NOT EXISTS (SELECT 1 FROM workspaces)"
            ),
            params![offset_ms],
        )
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::Taken)
    }
}

/// Winds the clock forward; answers the new offset.
///
/// # Errors
/// [`Error::NotFound`] when this installation's clock may not be wound.
pub async fn wind_clock(tx: &mut Tx, advance_ms: i64) -> Result<i64> {
    let row = tx
        .query_opt(
            "installation",
            sql!(
                "UPDATE installation SET clock_offset_ms = clock_offset_ms + ?1 \
                 WHERE id = 1 AND clock_may_be_wound = 1 AND ?1 >= 0 RETURNING clock_offset_ms"
            ),
            params![advance_ms],
        )
        .await?;
    row.ok_or(Error::NotFound("clock that may be wound"))?.get()
}

/// Sets or clears the set-up token.
///
/// # Errors
/// As the database says.
pub async fn set_setup_token(tx: &mut Tx, hash: Option<&str>) -> Result<()> {
    tx.execute(
        sql!("UPDATE installation SET setup_token_hash = ?1 WHERE id = 1"),
        &[Value::from(hash)],
    )
    .await?;
    Ok(())
}

/// The soonest instant at which something is due: a timer, a job, a scheduled message. For winding a demo's clock.
///
/// # Errors
/// As the database says.
pub async fn next_due(tx: &mut Tx, now_ms: i64) -> Result<Option<i64>> {
    let row = tx
        .query_opt(
            "installation",
            sql!(
                "SELECT min(due) FROM (\
                 SELECT min(due_at) AS due FROM timers WHERE due_at > ?1 \
                 UNION ALL SELECT min(due_at) FROM jobs WHERE due_at > ?1 \
                 UNION ALL SELECT min(due_at) FROM outbox WHERE state = 'queued' AND due_at > ?1 \
                 UNION ALL SELECT min(last_inbound_at + 86400000) FROM conversations \
                 WHERE merged_into IS NULL AND last_inbound_at + 86400000 > ?1) AS dues"
            ),
            params![now_ms],
        )
        .await?;
    row.map_or(Ok(None), |mut row| row.get())
}
