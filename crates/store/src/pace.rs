//! The pace of unofficial numbers: what counts against a rolling cap, what a number did on each day, and the cap's
//! clock. All of it is written in the transaction that marks a message as being sent, so that it outlives every crash.

use domain::id::{ChannelId, ContactId, WorkspaceId};
use domain::rhythm::{CapClock, LastSend};
use domain::risk::Week;
use jiff::{SignedDuration, Timestamp};

use crate::error::Result;
use crate::tx::Tx;
use crate::{params, sql};

/// Counted sends older than this are of no use to any cap.
const KEPT: SignedDuration = SignedDuration::from_hours(72);
/// As many old ones are removed with each new one, so that none gathers.
const REMOVED: i64 = 4;

/// Counts a send on the cap's clock. `typed_id` is the provider's id of what was typed on the phone; told twice, it
/// counts once. Answers whether it was new.
///
/// # Errors
/// As the database says.
pub async fn count_send(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    at: Timestamp,
    typed_id: Option<&str>,
) -> Result<bool> {
    if let Some(typed_id) = typed_id {
        let known = tx
            .query_opt(
                "counted_sends",
                sql!(
                    "SELECT 1 FROM counted_sends WHERE workspace_id = ?1 AND channel_id = ?2 AND typed_id = ?3"
                ),
                params![workspace_id, channel_id, typed_id],
            )
            .await?;
        if known.is_some() {
            return Ok(false);
        }
    }
    // One sender of a channel counts, and the lane: the channel's row keeps them apart.
    tx.query_opt(
        "channels",
        sql!("SELECT id FROM channels WHERE workspace_id = ?1 AND id = ?2 {lock}"),
        params![workspace_id, channel_id],
    )
    .await?;
    tx.execute(
        sql!(
            "INSERT INTO counted_sends (workspace_id, channel_id, ordinal, at, typed_id) \
             SELECT ?1, ?2, coalesce(max(ordinal), 0) + 1, ?3, ?4 FROM counted_sends \
             WHERE workspace_id = ?1 AND channel_id = ?2"
        ),
        params![workspace_id, channel_id, at, typed_id],
    )
    .await?;
    tx.execute(
        sql!(
            "DELETE FROM counted_sends WHERE workspace_id = ?1 AND channel_id = ?2 AND ordinal IN (\
             SELECT ordinal FROM counted_sends WHERE workspace_id = ?1 AND channel_id = ?2 AND at < ?3 \
             ORDER BY at, ordinal LIMIT ?4)"
        ),
        params![workspace_id, channel_id, at - KEPT, REMOVED],
    )
    .await?;
    Ok(true)
}

/// Takes the newest send of ours back: the gateway surely did not accept it. A gateway's number has one call in flight,
/// so the newest is the one that is meant.
///
/// # Errors
/// As the database says.
pub async fn uncount_send(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
) -> Result<()> {
    tx.execute(
        sql!(
            "DELETE FROM counted_sends WHERE workspace_id = ?1 AND channel_id = ?2 AND ordinal = (\
             SELECT max(ordinal) FROM counted_sends \
             WHERE workspace_id = ?1 AND channel_id = ?2 AND typed_id IS NULL)"
        ),
        params![workspace_id, channel_id],
    )
    .await?;
    Ok(())
}

/// When the `nth` newest counted send was, if it is after `since`. One seek along the index, `nth` entries at most.
///
/// # Errors
/// As the database says.
pub async fn nth_newest(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    nth: u32,
    since: Timestamp,
) -> Result<Option<Timestamp>> {
    if nth == 0 {
        return Ok(None);
    }
    let row = tx
        .query_opt(
            "counted_sends",
            sql!(
                "SELECT at FROM counted_sends WHERE workspace_id = ?1 AND channel_id = ?2 AND at > ?3 \
                 ORDER BY at DESC, ordinal DESC LIMIT 1 OFFSET ?4"
            ),
            params![workspace_id, channel_id, since, i64::from(nth - 1)],
        )
        .await?;
    row.map(|mut row| row.get()).transpose()
}

/// Counted sends after `since`; stops at `limit`.
///
/// # Errors
/// As the database says.
pub async fn count_since(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    since: Timestamp,
    limit: u32,
) -> Result<u32> {
    let row = tx
        .query_opt(
            "counted_sends",
            sql!(
                "SELECT count(*) FROM (SELECT 1 FROM counted_sends \
                 WHERE workspace_id = ?1 AND channel_id = ?2 AND at > ?3 LIMIT ?4) AS few"
            ),
            params![workspace_id, channel_id, since, i64::from(limit)],
        )
        .await?;
    let count: i64 = row.map_or(Ok(0), |mut row| row.get())?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The newest counted send.
///
/// # Errors
/// As the database says.
pub async fn last_send(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
) -> Result<Option<LastSend>> {
    let row = tx
        .query_opt(
            "counted_sends",
            sql!(
                "SELECT at, ordinal FROM counted_sends WHERE workspace_id = ?1 AND channel_id = ?2 \
                 ORDER BY at DESC, ordinal DESC LIMIT 1"
            ),
            params![workspace_id, channel_id],
        )
        .await?;
    row.map(|mut row| {
        let (at, ordinal): (_, i64) = (row.get()?, row.get()?);
        Ok(LastSend {
            at,
            ordinal: u64::try_from(ordinal).unwrap_or(0),
        })
    })
    .transpose()
}

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Adds to what a number did on a day (of UTC; only sums over seven days are read).
///
/// # Errors
/// As the database says.
pub async fn add_to_day(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    at: Timestamp,
    more: &Week,
) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO channel_days (workspace_id, channel_id, day, sent, new_people, answered, opted_out, failed, \
             restricted) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
             ON CONFLICT (workspace_id, channel_id, day) DO UPDATE SET \
             sent = channel_days.sent + excluded.sent, new_people = channel_days.new_people + excluded.new_people, \
             answered = channel_days.answered + excluded.answered, \
             opted_out = channel_days.opted_out + excluded.opted_out, failed = channel_days.failed + excluded.failed, \
             restricted = channel_days.restricted + excluded.restricted"
        ),
        params![
            workspace_id,
            channel_id,
            at.as_millisecond().div_euclid(DAY_MS),
            more.sent,
            more.new_people,
            more.answered,
            more.opted_out,
            more.failed,
            more.restricted
        ],
    )
    .await?;
    Ok(())
}

/// What a number did on the last seven days.
///
/// # Errors
/// As the database says.
pub async fn week(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    now: Timestamp,
) -> Result<Week> {
    let row = tx
        .query_opt(
            "channel_days",
            sql!(
                "SELECT CAST(coalesce(sum(sent), 0) AS BIGINT), CAST(coalesce(sum(new_people), 0) AS BIGINT), \
                 CAST(coalesce(sum(answered), 0) AS BIGINT), CAST(coalesce(sum(opted_out), 0) AS BIGINT), \
                 CAST(coalesce(sum(failed), 0) AS BIGINT), CAST(coalesce(sum(restricted), 0) AS BIGINT) \
                 FROM channel_days WHERE workspace_id = ?1 AND channel_id = ?2 AND day > ?3"
            ),
            params![
                workspace_id,
                channel_id,
                now.as_millisecond().div_euclid(DAY_MS) - 7
            ],
        )
        .await?;
    let Some(mut row) = row else {
        return Ok(Week::default());
    };
    Ok(Week {
        sent: row.get()?,
        new_people: row.get()?,
        answered: row.get()?,
        opted_out: row.get()?,
        failed: row.get()?,
        restricted: row.get()?,
    })
}

/// The cap's clock as it was last kept, and the boot that it was kept in.
///
/// # Errors
/// As the database says.
pub async fn cap_clock(tx: &mut Tx) -> Result<Option<(String, CapClock)>> {
    let row = tx
        .query_opt(
            "cap_clock",
            sql!("SELECT boot_id, real_ms, boot_ms FROM cap_clock WHERE id = 1"),
            &[],
        )
        .await?;
    row.map(|mut row| {
        Ok((
            row.get()?,
            CapClock {
                real_ms: row.get()?,
                boot_ms: row.get()?,
            },
        ))
    })
    .transpose()
}

/// # Errors
/// As the database says.
pub async fn keep_cap_clock(tx: &mut Tx, boot_id: &str, clock: CapClock) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO cap_clock (id, boot_id, real_ms, boot_ms) VALUES (1, ?1, ?2, ?3) \
             ON CONFLICT (id) DO UPDATE SET boot_id = excluded.boot_id, real_ms = excluded.real_ms, \
             boot_ms = excluded.boot_ms"
        ),
        params![boot_id, clock.real_ms, clock.boot_ms],
    )
    .await?;
    Ok(())
}

/// Notes that a person gets a channel's instant reply now, unless they got one after `since`. Answers whether they
/// may get it.
///
/// # Errors
/// As the database says.
pub async fn claim_instant_reply(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    channel_id: ChannelId,
    contact_id: ContactId,
    now: Timestamp,
    since: Timestamp,
) -> Result<bool> {
    let changed = tx
        .execute(
            sql!(
                "INSERT INTO instant_replies (workspace_id, channel_id, contact_id, at) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (workspace_id, channel_id, contact_id) DO UPDATE SET at = excluded.at \
                 WHERE instant_replies.at <= ?5"
            ),
            params![workspace_id, channel_id, contact_id, now, since],
        )
        .await?;
    Ok(changed == 1)
}
