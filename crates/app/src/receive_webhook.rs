//! A webhook of Meta's: verify over the raw bytes, cut into changes without understanding them, keep each, then answer.

use domain::id::AppId;
use domain::id::WorkspaceId;
use store::journal::NewEntry;
use whatsapp::meta::envelope::{self, RawChange};
use whatsapp::meta::signature::{self, Handshake, SignatureRefused};

use crate::directory::Signer;
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
