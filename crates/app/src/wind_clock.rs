//! A demo's or a test's clock, wound forward.

use domain::access::Permission;
use jiff::{SignedDuration, Timestamp};
use store::installation;

use crate::caller::Caller;
use crate::error::told;
use crate::{App, Refusal, RefusalKind, Result};

/// At most a year at once, so that a slip of a zero does not end the demo.
const MOST: SignedDuration = SignedDuration::from_hours(24 * 366);

/// Winds the clock forward by this much; answers the new business time.
///
/// # Errors
/// When this installation's clock may not be wound, or the step is none.
pub async fn wind(app: &App, by: &Caller, advance: SignedDuration) -> Result<Timestamp> {
    by.must(Permission::ConversationsWrite)?;
    if advance.is_negative() || advance > MOST {
        return Err(Refusal::invalid("step_invalid", "advance_s").into());
    }
    let step_ms = i64::try_from(advance.as_millis()).unwrap_or(0);
    let wound = app.store.write(step_ms, |tx, step_ms| {
        Box::pin(async move { Ok(Ok(installation::wind_clock(tx, *step_ms).await?)) })
    });
    let offset_ms = told(wound.await)?;
    app.clock.set_offset_ms(offset_ms);
    app.signals.clock.send_replace(offset_ms);
    Ok(app.clock.business_now())
}

/// How far it is to the next thing that is due.
///
/// # Errors
/// `nothing_due` when nothing waits.
pub async fn to_next_due(app: &App) -> Result<SignedDuration> {
    let now = app.clock.business_now();
    let next = app
        .store
        .read(now.as_millisecond(), |tx, now_ms| {
            Box::pin(installation::next_due(tx, *now_ms))
        })
        .await?;
    match next {
        Some(next_ms) => Ok(SignedDuration::from_millis(next_ms - now.as_millisecond())),
        None => Err(Refusal::new(RefusalKind::Conflict, "nothing_due").into()),
    }
}
