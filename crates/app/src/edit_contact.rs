//! A person or a program corrects who a contact is.

use domain::access::Permission;
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::ContactId;
use domain::people::IdentityKind;
use domain::phone::Phone;
use jiff::Timestamp;
use rlibphonenumber::enums::Region;
use store::{Tx, contacts};

use crate::caller::Caller;
use crate::change_conversation::changed_meanwhile;
use crate::error::{Told, told};
use crate::sign_in::email_of;
use crate::{App, Refusal, RefusalKind, Result};

/// What is changed. In each `Some(None)` the value is taken away.
#[derive(Debug, Clone, Default)]
pub struct EditContact {
    pub version: i64,
    pub name: Option<Option<String>>,
    /// As a person writes it.
    pub phone: Option<Option<String>>,
    pub email: Option<Option<String>>,
}

/// Edits a contact that nobody changed since the caller read it.
///
/// # Errors
/// `changed_meanwhile`; `phone_taken` when another contact has the number; a refusal that names the field.
pub async fn edit(app: &App, by: &Caller, id: ContactId, edit: EditContact) -> Result<()> {
    by.must(Permission::LeadsWrite)?;
    let phone = match edit.phone.clone() {
        Some(Some(text)) => {
            let phone = Phone::parse(&text, region_of(app, by).await?);
            Some(Some(
                phone
                    .map_err(|_| Refusal::invalid("phone_invalid", "phone"))?
                    .digits()
                    .to_owned(),
            ))
        }
        Some(None) => Some(None),
        None => None,
    };
    let email = match edit.email.clone() {
        Some(Some(text)) => Some(Some(email_of(&text, "email")?)),
        Some(None) => Some(None),
        None => None,
    };
    let edit = EditContact {
        phone,
        email,
        ..edit
    };
    let input = (by.clone(), id, edit, app.clock.business_now());
    let outcome = app
        .store
        .write(input, |tx, (by, id, edit, now)| {
            Box::pin(edit_in(tx, by, *id, edit, *now))
        })
        .await;
    if matches!(outcome, Err(store::Error::Taken)) {
        let mut refusal = Refusal::new(RefusalKind::Conflict, "phone_taken");
        refusal.field = Some("phone".to_owned());
        return Err(refusal.into());
    }
    told(outcome)
}

pub(crate) async fn region_of(app: &App, by: &Caller) -> Result<Region> {
    let workspace = crate::browse::settings::workspace(app, by).await?;
    // The regions in which workspaces can be made; a number with its country code needs none.
    Ok(match workspace.region.as_str() {
        "GB" => Region::GB,
        "US" => Region::US,
        _ => Region::IL,
    })
}

async fn edit_in(
    tx: &mut Tx,
    by: &Caller,
    id: ContactId,
    edit: &EditContact,
    now: Timestamp,
) -> store::Result<Told<()>> {
    let workspace_id = by.workspace_id;
    let id = contacts::get(tx, workspace_id, id).await?.id;
    let held = contacts::list_locked(tx, workspace_id, &[id])
        .await?
        .into_iter()
        .next();
    let Some(before) = held else {
        return Err(store::Error::NotFound("contact"));
    };
    if before.version != edit.version {
        return Ok(Err(changed_meanwhile("contact")));
    }
    let mut after = before.clone();
    let mut changed: Vec<&str> = Vec::new();
    if let Some(name) = &edit.name {
        after.name = name.as_deref().and_then(domain::text::clean_name);
    }
    if let Some(phone) = &edit.phone {
        after.phone.clone_from(phone);
    }
    if let Some(email) = &edit.email {
        after.email.clone_from(email);
    }
    if before.phone != after.phone {
        let (from, to) = (before.phone.as_deref(), after.phone.as_deref());
        contacts::replace_identity(tx, workspace_id, id, IdentityKind::Phone, from, to, now)
            .await?;
        changed.push("phone");
    }
    if before.name != after.name {
        changed.push("name");
    }
    if before.email != after.email {
        changed.push("email");
    }
    if changed.is_empty() {
        return Ok(Ok(()));
    }
    contacts::save(tx, workspace_id, &[&after]).await?;
    let subjects = Subjects {
        contact_id: Some(id),
        ..Subjects::default()
    };
    let event = NewEvent::new(EventKind::ContactChanged, now, by.actor(), subjects);
    tx.emit(workspace_id, event.with("what", changed.join(",")));
    Ok(Ok(()))
}
