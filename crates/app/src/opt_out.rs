//! Asking to be left alone by a personal link: for mailings whose gateway tells of no answers. (Communications Law,
//! section 30A: a refusal must be easy, free, and take effect at once.)

use std::sync::Arc;

use domain::event::{Actor, EventKind, NewEvent, Subjects};
use store::{Tx, campaigns, contacts, conversations};

use crate::run_campaign::cancel_waiting;
use crate::{App, Refusal, RefusalKind, Result, chance};

/// Whether there is such a link; and the name of the business that wrote.
///
/// # Errors
/// `not_found`.
pub async fn look(app: &App, token: &str) -> Result<String> {
    let found = app.store.read(chance::hash(token), |tx, hash| {
        Box::pin(async move {
            match campaigns::opt_out_link(tx, hash).await? {
                Some((workspace_id, _, _)) => {
                    let workspace = store::workspaces::get(tx, workspace_id).await?;
                    Ok(Some(workspace.name))
                }
                None => Ok(None),
            }
        })
    });
    let name = found.await?;
    name.ok_or_else(|| Refusal::new(RefusalKind::NotFound, "not_found").into())
}

/// Takes the wish in: from here on no mailing goes to that person. Asked twice, it is asked once.
///
/// # Errors
/// `not_found`.
pub async fn take(app: &App, token: &str) -> Result<()> {
    let input = Arc::new((chance::hash(token), app.clock.business_now()));
    let done = app.store.write(input, |tx, input| {
        Box::pin(async move { take_in(tx, &input.0, input.1).await })
    });
    if done.await? {
        return Ok(());
    }
    Err(Refusal::new(RefusalKind::NotFound, "not_found").into())
}

async fn take_in(tx: &mut Tx, hash: &str, now: jiff::Timestamp) -> store::Result<bool> {
    let Some((workspace_id, contact_id, channel_id)) = campaigns::opt_out_link(tx, hash).await?
    else {
        return Ok(false);
    };
    let mut all = contacts::list_locked(tx, workspace_id, &[contact_id]).await?;
    let Some(contact) = all.first_mut() else {
        return Ok(false);
    };
    let merged = contact.marketing.merge(true, now);
    if merged != contact.marketing {
        contact.marketing = merged;
        contacts::save(tx, workspace_id, &[&*contact]).await?;
        let subjects = Subjects {
            contact_id: Some(contact_id),
            channel_id: Some(channel_id),
            ..Subjects::default()
        };
        let event = NewEvent::new(EventKind::MarketingStopped, now, Actor::PERSON, subjects);
        tx.emit(workspace_id, event.with("by", "link"));
    }
    let threads = conversations::of_contacts(tx, workspace_id, &[contact_id]).await?;
    for thread in threads {
        cancel_waiting(tx, workspace_id, thread.id, now).await?;
        campaigns::note_answer(tx, workspace_id, thread.id, now, true).await?;
    }
    Ok(true)
}
