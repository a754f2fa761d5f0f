//! Winding the demo's clock: the sandbox first, so that what comes due there is on its way when the windows close here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Signed;
use super::input::Body;
use crate::commands::demo::sandbox_control;
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::Now;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wind {
    advance_s: Option<i64>,
    to_next_due: Option<bool>,
}

/// Winds the clock forward. Under `kesher demo` only.
#[utoipa::path(post, path = "/demo/clock", tag = "demo", request_body = Wind, responses((status = 200, body = Now)))]
pub async fn wind(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, .. }: Body<Wind>,
) -> Result<Json<Now>, Problem> {
    let Some(demo) = &door.demo else {
        return Err(Problem::new(StatusCode::NOT_FOUND, "demo_only"));
    };
    let step = match (value.advance_s, value.to_next_due) {
        (Some(seconds), None | Some(false)) if seconds >= 0 => SignedDuration::from_secs(seconds),
        (Some(_), None | Some(false)) => return Err(Problem::field("step_invalid", "advance_s")),
        // A little further than it is, so that it is due afterwards on both clocks.
        (None, Some(true)) => {
            SignedDuration::from_secs(app::wind_clock::to_next_due(&door.app).await?.as_secs() + 1)
        }
        _ => return Err(Problem::field("missing", "advance_s")),
    };
    let body = serde_json::json!({"advance_s": step.as_secs()});
    sandbox_control(&demo.sandbox_url, "clock", &body)
        .await
        .map_err(|_| Problem::new(StatusCode::CONFLICT, "sandbox_away"))?;
    let now = app::wind_clock::wind(&door.app, &signed.caller, step).await?;
    Ok(Json(Now { now: now.into() }))
}
