//! Addresses under which a provider fetches a file of ours: unguessable, of one file, good for a short time, and checked
//! without a row: the address is sealed with the installation's key.

use domain::id::{MediaId, WorkspaceId};
use jiff::{SignedDuration, Timestamp};
use store::media::{Media, MediaState};
use whatsapp::provider::Secret;

use crate::{App, Refusal, RefusalKind, Result};

/// A provider fetches at once, or a few times within minutes.
const LIFE: SignedDuration = SignedDuration::from_hours(2);
const OWNER: &str = "shared file";

/// An address of a file for a provider; `None` where nobody has said how others reach this installation.
#[must_use]
pub fn link(app: &App, workspace_id: WorkspaceId, id: MediaId) -> Option<String> {
    let until = (app.clock.machine_now() + LIFE).as_second();
    let said = format!("{} {} {until}", workspace_id.bare(), id.bare());
    let sealed = app.seal.seal(OWNER, &Secret::new(said)).ok()?;
    // Base64 with the letters that an address carries unescaped.
    let token = sealed
        .trim_start_matches("1:")
        .replace('+', "-")
        .replace('/', "_");
    app.link(&format!("/shared/{token}"))
}

/// The file behind an address.
///
/// # Errors
/// `not_found` when the address was not made by us, or is over.
pub async fn open(app: &App, token: &str) -> Result<(Media, bytes::Bytes)> {
    let gone = || Refusal::new(RefusalKind::NotFound, "not_found");
    let sealed = format!("1:{}", token.replace('-', "+").replace('_', "/"));
    let said = app.seal.open(OWNER, &sealed).map_err(|_| gone())?;
    let mut words = said.expose().split(' ');
    let mut word = || words.next().ok_or_else(gone);
    let workspace_id = WorkspaceId::from_bare(word()?).map_err(|_| gone())?;
    let id = MediaId::from_bare(word()?).map_err(|_| gone())?;
    let until = word()?.parse().map_err(|_| gone())?;
    if Timestamp::from_second(until).map_or(true, |until| until < app.clock.machine_now()) {
        return Err(gone().into());
    }
    let found = app
        .store
        .read((workspace_id, id), |tx, (workspace_id, id)| {
            Box::pin(async move { store::media::list_by_id(tx, *workspace_id, &[*id]).await })
        });
    let media = found.await?.into_iter().next().ok_or_else(gone)?;
    let name = media
        .sha256
        .clone()
        .filter(|_| media.state == MediaState::Stored)
        .ok_or_else(gone)?;
    let bytes = app.files.get(&name).await.map_err(|_| gone())?;
    Ok((media, bytes))
}
