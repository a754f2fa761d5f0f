//! What a provider reports: verify over the raw bytes, cut into pieces without understanding them, keep each, then
//! answer. Of a one-way channel only the bare facts are kept, so that one is understood at the door.

use domain::channel::{Link, Provider};
use domain::id::{AppId, ConnectionId, WorkspaceId};
use domain::report::Report;
use store::journal::NewEntry;
use whatsapp::adapter::{Number, WebhookRefused, WebhookRequest};
use whatsapp::meta::envelope::{self, RawChange};
use whatsapp::meta::signature::{self, Handshake, SignatureRefused};

use crate::directory::{Line, Signer};
use crate::{App, Refusal, RefusalKind, Result};

/// The longest body that is read; Meta sends at most 3 MB.
pub const BODY_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// Takes a webhook in. When this answers, what came is on the disk.
///
/// # Errors
/// A refusal when the address or the signature is wrong: then nothing is kept but a count. [`crate::Error::Store`] when it
/// could not be kept: then Meta must be told to come again.
pub async fn receive(app: &App, app_key: &str, signature: Option<&str>, body: &[u8]) -> Result<()> {
    let signer = signer(app, app_key).await?;
    if let Err(refused) = signature::verify(&signer.secrets, signature, body) {
        let code = match refused {
            SignatureRefused::Missing => "signature_missing",
            SignatureRefused::Malformed | SignatureRefused::Wrong => "signature_invalid",
        };
        metrics::counter!("kesher_webhooks_refused", "code" => code).increment(1);
        return Err(Refusal::new(RefusalKind::Unauthenticated, code).into());
    }
    let entries = entries(app, signer.app.workspace_id, signer.app.id, body);
    metrics::counter!("kesher_webhook_changes").increment(entries.len() as u64);
    if app.faults.answer_before_commit() {
        return keep_later(app, entries);
    }
    app.store.intake(entries).await?;
    Ok(())
}

/// What is kept of a one-way channel: reports that have been reduced, as JSON.
pub(crate) const REDUCED: &str = "reduced";

/// Takes in what a provider other than Meta reports on one of our connections. When this answers, it is on the disk.
///
/// # Errors
/// A refusal when the address or the proof of the caller is wrong: then nothing is kept but a count.
/// [`crate::Error::Store`] when it could not be kept: then the provider must be told to come again.
pub async fn receive_of_connection(
    app: &App,
    provider: Provider,
    connection_id: ConnectionId,
    request: WebhookRequest<'_>,
) -> Result<()> {
    let line = line_of(app, provider, connection_id).await?;
    let number = app
        .directory
        .get()
        .number(&line.channel)
        .ok_or_else(connection_unknown)?;
    if let Err(refused) = app.speaker.verify(&number, request) {
        let code = match refused {
            WebhookRefused::Missing => "signature_missing",
            WebhookRefused::Malformed | WebhookRefused::Wrong => "signature_invalid",
        };
        metrics::counter!("kesher_webhooks_refused", "code" => code).increment(1);
        return Err(Refusal::new(RefusalKind::Unauthenticated, code).into());
    }
    let entries = entries_of(app, &line, &number, request.body);
    metrics::counter!("kesher_webhook_changes").increment(entries.len() as u64);
    if app.faults.answer_before_commit() {
        return keep_later(app, entries);
    }
    app.store.intake(entries).await?;
    Ok(())
}

fn connection_unknown() -> Refusal {
    Refusal::new(RefusalKind::NotFound, "connection_unknown")
}

async fn line_of(app: &App, provider: Provider, id: ConnectionId) -> Result<Line> {
    let known = |app: &App| {
        let directory = app.directory.get();
        let line = directory.line_of_connection(id)?;
        (line.channel.provider == provider).then(|| line.clone())
    };
    if let Some(line) = known(app) {
        return Ok(line);
    }
    // Another process may have made it a moment ago.
    app.reload_directory().await?;
    known(app).ok_or_else(|| connection_unknown().into())
}

fn entries_of(app: &App, line: &Line, number: &Number, body: &[u8]) -> Vec<NewEntry> {
    let connection_id = line
        .channel
        .connection
        .as_ref()
        .map(|known| known.id.to_string())
        .unwrap_or_default();
    let entry = |source, raw, quarantined| NewEntry {
        workspace_id: line.workspace_id,
        source,
        app_id: None,
        entry_id: connection_id.clone(),
        entry_time: None,
        raw,
        received_at: app.clock.business_now(),
        quarantined,
    };
    let source = number.provider.as_str();
    let one_way = line.channel.link == Link::GatewayOneWay;
    let pieces = match app.speaker.cut(number.provider, body) {
        Ok(pieces) => pieces,
        // What a one-way channel's people wrote is not kept, whether we can read it or not.
        Err(error) if one_way => return vec![entry(REDUCED, b"[]".to_vec(), Some(error.code()))],
        Err(error) => return vec![entry(source, body.to_vec(), Some(error.code()))],
    };
    pieces
        .into_iter()
        .filter_map(|piece| {
            if !one_way {
                return Some(entry(source, piece.into_owned(), None));
            }
            let reports = match app.speaker.parse(number, &piece) {
                Ok(change) => change.reports,
                Err(error) => return Some(entry(REDUCED, b"[]".to_vec(), Some(error.code()))),
            };
            let kept: Vec<Report> = reports
                .into_iter()
                .filter_map(|report| report.ok()?.reduced())
                .collect();
            let raw = serde_json::to_vec(&kept).ok()?;
            (!kept.is_empty()).then(|| entry(REDUCED, raw, None))
        })
        .collect()
}

/// The answer to Meta's handshake.
///
/// # Errors
/// When the address, the token or the challenge is wrong.
pub async fn handshake(app: &App, app_key: &str, query: &Handshake<'_>) -> Result<String> {
    let signer = signer(app, app_key).await?;
    query
        .echo(&signer.verify_token)
        .map(ToOwned::to_owned)
        .map_err(|_| Refusal::new(RefusalKind::Forbidden, "handshake_refused").into())
}

async fn signer(app: &App, app_key: &str) -> Result<Signer> {
    if let Some(signer) = app.directory.get().signers.get(app_key) {
        return Ok(signer.clone());
    }
    // Another process may have made it a moment ago.
    app.reload_directory().await?;
    let known = app.directory.get().signers.get(app_key).cloned();
    known.ok_or_else(|| Refusal::new(RefusalKind::NotFound, "app_unknown").into())
}

fn entries(app: &App, workspace_id: WorkspaceId, app_id: AppId, body: &[u8]) -> Vec<NewEntry> {
    let received_at = app.clock.business_now();
    let entry = |change: Option<RawChange<'_>>, quarantined| {
        let raw = change
            .as_ref()
            .map_or_else(|| body.to_vec(), |change| change.slice.as_bytes().to_vec());
        let (entry_id, entry_time) = change
            .map(|change| (change.entry_id, change.entry_time))
            .unwrap_or_default();
        NewEntry {
            workspace_id,
            source: "meta",
            app_id: Some(app_id),
            entry_id: entry_id.replace('\0', "\u{fffd}"),
            entry_time,
            raw,
            received_at,
            quarantined,
        }
    };
    match envelope::cut(body) {
        Ok(changes) => changes
            .into_iter()
            .map(|change| entry(Some(change), None))
            .collect(),
        // Genuine, but nothing that we know: a redelivery could not mend it.
        Err(error) => vec![entry(None, Some(error.code()))],
    }
}

#[cfg(feature = "planted-faults")]
fn keep_later(app: &App, entries: Vec<NewEntry>) -> Result<()> {
    // The mistake itself: the answer goes out while the rows are still in memory.
    app.active.later(entries);
    Ok(())
}

#[cfg(not(feature = "planted-faults"))]
fn keep_later(_: &App, _: Vec<NewEntry>) -> Result<()> {
    Ok(())
}
