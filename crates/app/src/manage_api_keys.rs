//! Keys for programs. A key is shown once; only its hash is kept.

use std::sync::Arc;

use domain::access::Permission;
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::ApiKeyId;
use jiff::SignedDuration;
use store::keys::{ApiKey, Known, Once};
use store::{Tx, keys};

use crate::caller::{Caller, Who};
use crate::error::{Told, told};
use crate::sign_in::clean_name;
use crate::{App, Refusal, RefusalKind, Result, chance};

/// What a key begins with, so that one that leaks is recognised.
const PREFIX: &str = "kesher_";
/// A use is noted at most so often.
const NOTED: SignedDuration = SignedDuration::from_hours(1);

/// A new key: its row, and the key itself, which nobody can read again.
pub struct Made {
    pub row: ApiKey,
    pub key: String,
}

/// Makes a key. It may do no more than whoever makes it.
///
/// # Errors
/// `scope_unknown`, `no_right` for a scope that the caller does not have.
pub async fn make(
    app: &App,
    by: &Caller,
    name: &str,
    scopes: Vec<String>,
    once: Option<Once>,
) -> Result<Made> {
    by.must(Permission::ApiKeysManage)?;
    let name = clean_name(name, "name")?;
    if scopes.is_empty() {
        return Err(Refusal::invalid("missing", "scopes").into());
    }
    for (index, scope) in scopes.iter().enumerate() {
        let Some(permission) = Permission::from_name(scope) else {
            return Err(Refusal::invalid("scope_unknown", &format!("scopes[{index}]")).into());
        };
        by.must(permission)?;
    }
    let now = app.clock.business_now();
    let key = format!("{PREFIX}{}", chance::token());
    let row = ApiKey {
        workspace_id: by.workspace_id,
        id: app.ids.next(now),
        name,
        last4: key[key.len() - 4..].to_owned(),
        scopes,
        created_by: by.user_id(),
        created_at: now,
        last_used_at: None,
        revoked_at: None,
    };
    let input = Arc::new((by.clone(), row.clone(), chance::hash(&key), once));
    told(
        app.store
            .write(input, |tx, input| {
                Box::pin(async move {
                    let (by, row, hash, once) = &**input;
                    make_in(tx, by, row, hash, once.as_ref()).await
                })
            })
            .await,
    )?;
    Ok(Made { row, key })
}

async fn make_in(
    tx: &mut Tx,
    by: &Caller,
    row: &ApiKey,
    hash: &str,
    once: Option<&Once>,
) -> store::Result<Told<()>> {
    if let Some(once) = once {
        match keys::claim(tx, row.workspace_id, once, row.created_at).await? {
            Known::New => {}
            // The key was told to whoever asked first and cannot be told again.
            Known::Done(_) => return Ok(Err(Refusal::new(RefusalKind::Conflict, "already_made"))),
            Known::Mismatch => {
                return Ok(Err(Refusal::new(
                    RefusalKind::Invalid,
                    "idempotency_mismatch",
                )));
            }
        }
        keys::done(tx, row.workspace_id, once, &row.id.to_string()).await?;
    }
    keys::insert(tx, row, hash).await?;
    tell(tx, by, row.id, "made", row.created_at);
    Ok(Ok(()))
}

/// Ends a key. One that has ended stays so.
///
/// # Errors
/// `not_found`.
pub async fn revoke(app: &App, by: &Caller, id: ApiKeyId) -> Result<()> {
    by.must(Permission::ApiKeysManage)?;
    let input = (by.clone(), id, app.clock.business_now());
    told(
        app.store
            .write(input, |tx, (by, id, now)| {
                Box::pin(async move {
                    keys::revoke(tx, by.workspace_id, *id, *now).await?;
                    tell(tx, by, *id, "revoked", *now);
                    Ok(Ok(()))
                })
            })
            .await,
    )
}

fn tell(tx: &mut Tx, by: &Caller, id: ApiKeyId, what: &str, now: jiff::Timestamp) {
    let event = NewEvent::new(
        EventKind::ApiKeyChanged,
        now,
        by.actor(),
        Subjects::default(),
    );
    tx.emit(
        by.workspace_id,
        event.with("what", what).with("api_key_id", id),
    );
}

/// Whoever this key stands for; `None` when it is no key of ours, or was revoked.
///
/// # Errors
/// As the database says.
pub async fn lookup(app: &App, key: &str) -> Result<Option<Caller>> {
    if !key.starts_with(PREFIX) || key.len() > 128 {
        return Ok(None);
    }
    let found = app
        .store
        .read(chance::hash(key), |tx, hash| {
            Box::pin(keys::lookup(tx, hash))
        })
        .await?;
    let Some(row) = found else { return Ok(None) };
    let now = app.clock.business_now();
    if row
        .last_used_at
        .is_none_or(|last| now.duration_since(last) > NOTED)
    {
        let input = (row.workspace_id, row.id, now);
        let noted = app.store.write(input, |tx, (workspace_id, id, now)| {
            Box::pin(keys::note_use(tx, *workspace_id, *id, *now))
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "the use of a key could not be noted");
        }
    }
    Ok(Some(Caller {
        workspace_id: row.workspace_id,
        who: Who::Key {
            id: row.id,
            scopes: row
                .scopes
                .iter()
                .filter_map(|name| Permission::from_name(name))
                .collect(),
        },
    }))
}
