//! Setting a number up at Meta from here: its code by SMS or voice, the code itself, the PIN; and a checklist whose
//! state is read from Meta each time. (Meta, phone numbers, 2026-05.)

use domain::access::Permission;
use domain::channel::Provider;
use domain::id::ChannelId;
use whatsapp::meta::answers::{AccountInfo, NumberInfo};
use whatsapp::meta::client::{Client, CodeMethod};
use whatsapp::provider::{CallError, Secret};

use crate::caller::Caller;
use crate::{App, Refusal, RefusalKind, Result};

/// A line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub key: &'static str,
    pub state: StepState,
    /// Meta's own word.
    pub detail: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Done,
    Todo,
    /// Meta is looking at it.
    Waiting,
    Failed,
}

/// One number at Meta, with what speaks for it.
struct AtMeta {
    client: Client,
    token: Secret,
    number: String,
    waba: String,
}

fn at_meta(app: &App, by: &Caller, id: ChannelId) -> Result<AtMeta> {
    by.must(Permission::ChannelsManage)?;
    let directory = app.directory.get();
    let line = directory
        .line(id)
        .filter(|line| line.workspace_id == by.workspace_id)
        .ok_or_else(|| Refusal::new(RefusalKind::NotFound, "not_found"))?;
    if line.channel.provider != Provider::Meta {
        return Err(Refusal::new(RefusalKind::Conflict, "not_at_meta").into());
    }
    let missing = || Refusal::new(RefusalKind::Conflict, "channel_disconnected");
    let connection = line.channel.connection.as_ref().ok_or_else(missing)?;
    let token = directory
        .token(connection.account_id)
        .cloned()
        .ok_or_else(missing)?;
    Ok(AtMeta {
        client: app.client(&connection.base_url)?,
        token,
        number: connection.phone_number_id.clone(),
        waba: connection.waba_id.clone(),
    })
}

/// The checklist.
///
/// # Errors
/// `not_at_meta`, or what Meta says.
pub async fn steps(app: &App, by: &Caller, id: ChannelId) -> Result<Vec<Step>> {
    let at = at_meta(app, by, id)?;
    let (number, account) = tokio::join!(
        at.client.number(&at.number, &at.token),
        at.client.account(&at.waba, &at.token),
    );
    Ok(checklist(number?, account.ok()))
}

fn checklist(number: NumberInfo, account: Option<AccountInfo>) -> Vec<Step> {
    let step = |key, state, detail: Option<String>| Step { key, state, detail };
    let business = account.and_then(|account| account.business_verification_status);
    let verified = number.code_verification_status.as_deref() == Some("VERIFIED");
    let registered = matches!(number.status.as_deref(), None | Some("CONNECTED"));
    vec![
        step(
            "business_verification",
            match business.as_deref() {
                Some("verified") => StepState::Done,
                Some("pending" | "pending_submission" | "pending_need_more_info") => {
                    StepState::Waiting
                }
                Some("rejected" | "failed" | "revoked") => StepState::Failed,
                _ => StepState::Todo,
            },
            business,
        ),
        step("number_added", StepState::Done, number.display_phone_number),
        step(
            "code_verified",
            // A number that sends has been verified, whatever the field says of an old code.
            if verified || registered {
                StepState::Done
            } else {
                StepState::Todo
            },
            number.code_verification_status,
        ),
        step(
            "registered",
            if registered {
                StepState::Done
            } else {
                StepState::Todo
            },
            number.status,
        ),
        step(
            "display_name",
            match number.name_status.as_deref() {
                Some("APPROVED" | "AVAILABLE_WITHOUT_REVIEW") => StepState::Done,
                Some("PENDING_REVIEW") => StepState::Waiting,
                Some("DECLINED" | "EXPIRED") => StepState::Failed,
                _ => StepState::Todo,
            },
            number.verified_name.or(number.name_status),
        ),
        step(
            "two_factor",
            match number.is_pin_enabled {
                Some(true) => StepState::Done,
                _ => StepState::Todo,
            },
            None,
        ),
    ]
}

/// What Meta says no to is the caller's to mend, not a fault of ours.
fn told(result: std::result::Result<(), CallError>, field: &str) -> Result<()> {
    match result {
        Err(CallError::Refused(failure) | CallError::RetryAfter { failure, .. }) => {
            let mut refusal =
                Refusal::invalid("provider_refused", field).with("reason", failure.reason.as_str());
            if let Some(details) = failure.details {
                refusal = refusal.with("details", details);
            }
            Err(refusal.into())
        }
        other => Ok(other?),
    }
}

/// Asks Meta to send the number its code; `language` as in `he`.
///
/// # Errors
/// `provider_refused` with Meta's reason.
pub async fn request_code(
    app: &App,
    by: &Caller,
    id: ChannelId,
    method: CodeMethod,
    language: &str,
) -> Result<()> {
    let at = at_meta(app, by, id)?;
    let language = if language == "he" { "he" } else { "en_US" };
    let asked = at
        .client
        .request_code(&at.number, &at.token, method, language)
        .await;
    told(asked, "method")
}

/// Gives Meta the code that came.
///
/// # Errors
/// `bad_value` when it is no code; `provider_refused` with Meta's reason.
pub async fn verify_code(app: &App, by: &Caller, id: ChannelId, code: &str) -> Result<()> {
    let at = at_meta(app, by, id)?;
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    if code.len() != 6 {
        return Err(Refusal::invalid("bad_value", "code").into());
    }
    let done = at.client.verify_code(&at.number, &at.token, &code).await;
    told(done, "code")
}

/// Registers the number with a PIN: from here on it sends.
///
/// # Errors
/// `bad_value` when the PIN is not six digits; `provider_refused` with Meta's reason.
pub async fn register(app: &App, by: &Caller, id: ChannelId, pin: Secret) -> Result<()> {
    let at = at_meta(app, by, id)?;
    let text = pin.expose();
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::invalid("bad_value", "pin").into());
    }
    let done = at.client.register(&at.number, &at.token, &pin).await;
    told(done, "pin")?;
    crate::jobs::read_number::read(app, id).await?;
    app.reload_directory().await
}
