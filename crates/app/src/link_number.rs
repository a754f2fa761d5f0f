//! Linking an app account to its gateway: by a QR code that the phone scans, or a code that is typed on it.

use domain::access::Permission;
use domain::channel::{Health, HealthState, LinkState};
use domain::id::ChannelId;
use whatsapp::adapter::{LinkCode, Number};
use whatsapp::provider::CallError;

use crate::caller::Caller;
use crate::connect_number::tell_provider;
use crate::directory::Line;
use crate::jobs::read_number::{health_of_state, keep};
use crate::{App, Refusal, RefusalKind, Result};

/// How the phone is to be linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkBy {
    Qr,
    /// A code for this phone, digits.
    Code(String),
}

/// How far the linking is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linking {
    pub state: LinkState,
    pub code: Option<LinkCode>,
    pub phone: Option<String>,
}

/// Begins to link, or asks for the code once more: QR codes live for some twenty seconds.
///
/// # Errors
/// `not_a_gateway`, or what the gateway says.
pub async fn link(app: &App, by: &Caller, id: ChannelId, how: LinkBy) -> Result<Linking> {
    by.must(Permission::ChannelsManage)?;
    let (line, number) = gateway(app, by, id)?;
    // Told where to report, and started: done again it changes nothing.
    tell_provider(app, id).await;
    let phone = match &how {
        LinkBy::Qr => None,
        LinkBy::Code(phone) => Some(phone.as_str()),
    };
    let code = match app.speaker.link_code(&number, phone).await {
        Ok(code) => Some(code),
        // It is still starting, or linked already: its state says so.
        Err(CallError::Refused(_) | CallError::RetryAfter { .. } | CallError::NotAccepted(_)) => {
            None
        }
        Err(error) => return Err(error.into()),
    };
    state(app, &line, &number, code).await
}

/// How far the linking is; with a QR code while one is awaited.
///
/// # Errors
/// `not_a_gateway`, or what the gateway says.
pub async fn linking(app: &App, by: &Caller, id: ChannelId) -> Result<Linking> {
    by.must(Permission::ChannelsManage)?;
    let (line, number) = gateway(app, by, id)?;
    let mut linking = state(app, &line, &number, None).await?;
    if linking.state == LinkState::AwaitingCode {
        linking.code = app.speaker.link_code(&number, None).await.ok();
    }
    Ok(linking)
}

/// Ends the link. What waits to be sent waits on.
///
/// # Errors
/// `not_a_gateway`, or what the gateway says.
pub async fn unlink(app: &App, by: &Caller, id: ChannelId) -> Result<()> {
    by.must(Permission::ChannelsManage)?;
    let (line, number) = gateway(app, by, id)?;
    app.speaker.unlink(&number).await?;
    let health = Health {
        link: LinkState::Unlinked,
        state: HealthState::Warning,
        ..line.channel.health.clone()
    };
    keep(app, &line, health, None).await?;
    app.reload_directory().await
}

fn gateway(app: &App, by: &Caller, id: ChannelId) -> Result<(Line, Number)> {
    let directory = app.directory.get();
    let line = directory
        .line(id)
        .filter(|line| line.workspace_id == by.workspace_id)
        .ok_or_else(|| Refusal::new(RefusalKind::NotFound, "not_found"))?;
    if !line.channel.link.is_gateway() {
        return Err(Refusal::new(RefusalKind::Conflict, "not_a_gateway").into());
    }
    let number = directory
        .number(&line.channel)
        .ok_or_else(|| Refusal::new(RefusalKind::Conflict, "channel_disconnected"))?;
    Ok((line.clone(), number))
}

async fn state(app: &App, line: &Line, number: &Number, code: Option<LinkCode>) -> Result<Linking> {
    let told = app.speaker.state(number).await?;
    let health = Health {
        checked_at: Some(app.clock.business_now()),
        ..health_of_state(&told, &line.channel.health)
    };
    keep(app, line, health, told.phone.clone()).await?;
    app.reload_directory().await?;
    Ok(Linking {
        state: told.link,
        code,
        phone: told.phone,
    })
}
