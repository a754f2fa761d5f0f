//! Contacts and the names under which they are known.

use std::collections::BTreeMap;

use domain::id::{ContactId, WorkspaceId};
use domain::inbound::{IdentityRow, Tracked};
use domain::people::{Contact, Identity, IdentityKind, Marketing};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::search;
use crate::sql::{Column, Insert};
use crate::tx::Tx;
use crate::value::{Row, word};
use crate::{params, sql};

static CONTACTS: Insert = Insert {
    table: "contacts",
    columns: &[
        ("workspace_id", Column::Text),
        ("id", Column::Text),
        ("version", Column::Int),
        ("name", Column::Text),
        ("profile_name", Column::Text),
        ("profile_name_at", Column::Int),
        ("phone", Column::Text),
        ("username", Column::Text),
        ("email", Column::Text),
        ("marketing_state", Column::Text),
        ("marketing_at", Column::Int),
        ("created_at", Column::Int),
        ("merged_into", Column::Text),
    ],
    on_conflict: "(workspace_id, id) DO UPDATE SET version = excluded.version, name = excluded.name, \
                  profile_name = excluded.profile_name, profile_name_at = excluded.profile_name_at, \
                  phone = excluded.phone, username = excluded.username, email = excluded.email, \
                  marketing_state = excluded.marketing_state, marketing_at = excluded.marketing_at, \
                  created_at = excluded.created_at, merged_into = excluded.merged_into",
};

static IDENTITIES: Insert = Insert {
    table: "identities",
    columns: &[
        ("workspace_id", Column::Text),
        ("kind", Column::Text),
        ("scope", Column::Text),
        ("value", Column::Text),
        ("contact_id", Column::Text),
        ("retired_at", Column::Int),
    ],
    on_conflict: "(workspace_id, kind, scope, value) DO UPDATE SET contact_id = excluded.contact_id, \
                  retired_at = excluded.retired_at",
};

fn contact_of(mut row: Row) -> Result<Contact> {
    Ok(Contact {
        id: row.get()?,
        version: row.get()?,
        name: row.get()?,
        profile_name: row.get()?,
        profile_name_at: row.get()?,
        phone: row.get()?,
        username: row.get()?,
        email: row.get()?,
        marketing: Marketing {
            state: row.word()?,
            at: row.get()?,
        },
        created_at: row.get()?,
        merged_into: row.get()?,
    })
}

/// Contacts by id, held until the end of the transaction.
///
/// # Errors
/// As the database says.
pub async fn list_locked(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    ids: &[ContactId],
) -> Result<Vec<Contact>> {
    let rows = tx
        .query(
            "contacts",
            sql!(
                "SELECT id, version, name, profile_name, profile_name_at, phone, username, email, marketing_state, \
                 marketing_at, created_at, merged_into FROM contacts \
                 WHERE workspace_id = ?1 AND id in_list(?2) ORDER BY id {lock}"
            ),
            params![workspace_id, crate::value::list(ids.iter().copied())],
        )
        .await?;
    rows.into_iter().map(contact_of).collect()
}

/// Contacts by id.
///
/// # Errors
/// As the database says.
pub async fn list(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    ids: &[ContactId],
) -> Result<Vec<Contact>> {
    let rows = tx
        .query(
            "contacts",
            sql!(
                "SELECT id, version, name, profile_name, profile_name_at, phone, username, email, marketing_state, \
                 marketing_at, created_at, merged_into FROM contacts WHERE workspace_id = ?1 AND id in_list(?2)"
            ),
            params![workspace_id, crate::value::list(ids.iter().copied())],
        )
        .await?;
    rows.into_iter().map(contact_of).collect()
}

/// A contact; one that was found to be another is that other.
///
/// # Errors
/// [`Error::NotFound`] when the workspace has no such contact.
pub async fn get(tx: &mut Tx, workspace_id: WorkspaceId, id: ContactId) -> Result<Contact> {
    let mut id = id;
    // A merge points at the survivor; survivors may be merged in turn. The chain is short, the bound is a safeguard.
    for _ in 0..16 {
        let contact = list(tx, workspace_id, &[id])
            .await?
            .into_iter()
            .next()
            .ok_or(Error::NotFound("contact"))?;
        match contact.merged_into {
            Some(survivor) => id = survivor,
            None => return Ok(contact),
        }
    }
    Err(Error::NotFound("contact"))
}

/// Contacts, newest first; `before` is the id of the last of the page before.
///
/// # Errors
/// As the database says.
pub async fn page(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    before: Option<ContactId>,
    limit: i64,
) -> Result<Vec<Contact>> {
    let before = before.map_or_else(|| "~".to_owned(), ContactId::bare);
    let rows = tx
        .query(
            "contacts",
            sql!(
                "SELECT id, version, name, profile_name, profile_name_at, phone, username, email, marketing_state, \
                 marketing_at, created_at, merged_into FROM contacts \
                 WHERE workspace_id = ?1 AND id < ?2 AND merged_into IS NULL ORDER BY id DESC LIMIT ?3"
            ),
            params![workspace_id, before, limit],
        )
        .await?;
    rows.into_iter().map(contact_of).collect()
}

/// Saves contacts as they are now; each gets its next version, and its words become searchable.
///
/// # Errors
/// As the database says.
pub async fn save(tx: &mut Tx, workspace_id: WorkspaceId, contacts: &[&Contact]) -> Result<()> {
    let mut rows = Vec::with_capacity(contacts.len());
    let mut documents = Vec::with_capacity(contacts.len());
    for contact in contacts {
        rows.push(vec![
            workspace_id.into(),
            contact.id.into(),
            (contact.version + 1).into(),
            contact.name.as_ref().into(),
            contact.profile_name.as_ref().into(),
            contact.profile_name_at.into(),
            contact.phone.as_ref().into(),
            contact.username.as_ref().into(),
            contact.email.as_ref().into(),
            word(&contact.marketing.state)?,
            contact.marketing.at.into(),
            contact.created_at.into(),
            contact.merged_into.into(),
        ]);
        documents.push(search::Document::of_contact(contact));
    }
    tx.insert_many(&CONTACTS, rows).await?;
    search::save(tx, workspace_id, documents).await
}

/// Whose these names are.
///
/// # Errors
/// As the database says.
pub async fn owners(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    identities: &[Identity],
) -> Result<Vec<(Identity, IdentityRow)>> {
    // By kind and scope: most often that is one of each.
    let mut asked: BTreeMap<(IdentityKind, &str), Vec<String>> = BTreeMap::new();
    for known in identities {
        asked
            .entry((known.kind, known.scope.as_str()))
            .or_default()
            .push(known.value.clone());
    }
    let mut found = Vec::new();
    for ((kind, scope), values) in asked {
        let rows = tx
            .query(
                "identities",
                sql!(
                    "SELECT kind, scope, value, contact_id, retired_at FROM identities \
                     WHERE workspace_id = ?1 AND kind = ?2 AND scope = ?3 AND value in_list(?4)"
                ),
                params![workspace_id, kind.as_str(), scope, values],
            )
            .await?;
        for row in rows {
            found.push(identity_of(row)?);
        }
    }
    Ok(found)
}

/// All names of these contacts.
///
/// # Errors
/// As the database says.
pub async fn identities(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    contacts: &[ContactId],
) -> Result<Vec<(Identity, IdentityRow)>> {
    let rows = tx
        .query(
            "identities",
            sql!(
                "SELECT kind, scope, value, contact_id, retired_at FROM identities \
                 WHERE workspace_id = ?1 AND contact_id in_list(?2)"
            ),
            params![workspace_id, crate::value::list(contacts.iter().copied())],
        )
        .await?;
    rows.into_iter().map(identity_of).collect()
}

fn identity_of(mut row: Row) -> Result<(Identity, IdentityRow)> {
    let identity = Identity {
        kind: row.word()?,
        scope: row.get()?,
        value: row.get()?,
    };
    Ok((
        identity,
        IdentityRow {
            contact_id: row.get()?,
            retired_at: row.get()?,
        },
    ))
}

/// Saves names as they are now.
///
/// # Errors
/// As the database says.
pub async fn save_identities(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    identities: &[(&Identity, &Tracked<IdentityRow>)],
) -> Result<()> {
    let mut identities = identities.to_vec();
    identities.sort_by_key(|(identity, _)| *identity);
    let rows = identities.iter().map(|(identity, row)| {
        vec![
            workspace_id.into(),
            identity.kind.as_str().into(),
            (&identity.scope).into(),
            (&identity.value).into(),
            row.now.contact_id.into(),
            row.now.retired_at.into(),
        ]
    });
    tx.insert_many(&IDENTITIES, rows.collect()).await?;
    Ok(())
}

/// Gives a contact another phone or e-mail by hand: the old name is retired, the new one taken.
///
/// # Errors
/// [`Error::Taken`] when another contact has it.
pub async fn replace_identity(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    contact_id: ContactId,
    kind: IdentityKind,
    before: Option<&str>,
    after: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    if let Some(before) = before {
        tx.execute(
            sql!(
                "UPDATE identities SET retired_at = ?4 \
                 WHERE workspace_id = ?1 AND kind = ?2 AND scope = '' AND value = ?3"
            ),
            params![workspace_id, kind.as_str(), before, now],
        )
        .await?;
    }
    let Some(after) = after else { return Ok(()) };
    let changed = tx
        .execute(
            sql!(
                "INSERT INTO identities (workspace_id, kind, scope, value, contact_id, retired_at) \
                 VALUES (?1, ?2, '', ?3, ?4, NULL) \
                 ON CONFLICT (workspace_id, kind, scope, value) DO UPDATE SET contact_id = excluded.contact_id, \
                 retired_at = NULL \
                 WHERE identities.contact_id = excluded.contact_id OR identities.retired_at IS NOT NULL"
            ),
            params![workspace_id, kind.as_str(), after, contact_id],
        )
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::Taken)
    }
}
