//! The people of a workspace: invited, given a role, disabled. Nobody makes anyone greater than themselves, and the
//! last owner stays.

use std::sync::Arc;

use domain::access::{Permission, Role};
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::UserId;
use jiff::Timestamp;
use store::keys::{Known, Once};
use store::users::{LinkPurpose, User};
use store::{Tx, keys, users};

use crate::caller::{Caller, Who};
use crate::error::{Told, told};
use crate::sign_in::{clean_name, email_of, link, locale_of};
use crate::{App, Refusal, RefusalKind, Result, chance};

/// Who is invited.
#[derive(Debug, Clone)]
pub struct Invite {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub locale: String,
    pub once: Option<Once>,
}

/// A user and the token of their invitation.
pub struct Invited {
    pub user: User,
    pub token: String,
}

/// Invites somebody. The same request again gives the same user and a fresh invitation.
///
/// # Errors
/// `email_taken`, `no_right` for a role above the caller's, or a refusal that names the field.
pub async fn invite(app: &App, by: &Caller, request: Invite) -> Result<Invited> {
    by.must(Permission::UsersManage)?;
    may_grant(by, request.role)?;
    let now = app.clock.business_now();
    let user = User {
        workspace_id: by.workspace_id,
        id: app.ids.next(now),
        name: clean_name(&request.name, "name")?,
        email: email_of(&request.email, "email")?,
        role: request.role,
        locale: locale_of(&request.locale, "locale")?,
        password_hash: None,
        disabled_at: None,
        created_at: now,
    };
    let token = chance::token();
    let input = Arc::new(Inviting {
        by: by.clone(),
        user,
        token: token.clone(),
        once: request.once,
        now,
        machine_now: app.clock.machine_now(),
    });
    let outcome = app
        .store
        .write(input, |tx, input| Box::pin(invite_in(tx, input)))
        .await;
    if matches!(outcome, Err(store::Error::Taken)) {
        let mut refusal = Refusal::new(RefusalKind::Conflict, "email_taken");
        refusal.field = Some("email".to_owned());
        return Err(refusal.into());
    }
    let user = told(outcome)?;
    Ok(Invited { user, token })
}

struct Inviting {
    by: Caller,
    user: User,
    token: String,
    once: Option<Once>,
    now: Timestamp,
    machine_now: Timestamp,
}

async fn invite_in(tx: &mut Tx, input: &Inviting) -> store::Result<Told<User>> {
    let workspace_id = input.by.workspace_id;
    let mismatch = || Refusal::new(RefusalKind::Invalid, "idempotency_mismatch");
    if let Some(once) = &input.once {
        match keys::claim(tx, workspace_id, once, input.now).await? {
            Known::New => {}
            Known::Done(made) => {
                let Ok(id) = made.parse::<UserId>() else {
                    return Ok(Err(mismatch()));
                };
                let user = users::get(tx, workspace_id, id).await?;
                link(
                    tx,
                    &user,
                    &input.token,
                    LinkPurpose::Join,
                    input.machine_now,
                )
                .await?;
                return Ok(Ok(user));
            }
            Known::Mismatch => return Ok(Err(mismatch())),
        }
        keys::done(tx, workspace_id, once, &input.user.id.to_string()).await?;
    }
    users::insert(tx, &input.user).await?;
    link(
        tx,
        &input.user,
        &input.token,
        LinkPurpose::Join,
        input.machine_now,
    )
    .await?;
    tell(tx, &input.by, input.user.id, "invited", input.now);
    Ok(Ok(input.user.clone()))
}

/// A new invitation for somebody: to join, or to choose another password.
///
/// # Errors
/// `not_found`; `no_right` for somebody above the caller.
pub async fn invite_again(app: &App, by: &Caller, id: UserId) -> Result<String> {
    by.must(Permission::UsersManage)?;
    let token = chance::token();
    let input = (by.clone(), id, token.clone(), app.clock.machine_now());
    let made = app.store.write(input, |tx, (by, id, token, machine_now)| {
        Box::pin(async move {
            let user = users::get(tx, by.workspace_id, *id).await?;
            if let Err(refusal) = may_grant(by, user.role) {
                return Ok(Err(refusal));
            }
            link(tx, &user, token, LinkPurpose::Join, *machine_now).await?;
            Ok(Ok(()))
        })
    });
    told(made.await)?;
    Ok(token)
}

/// What is changed of a user.
#[derive(Debug, Clone, Default)]
pub struct EditUser {
    pub name: Option<String>,
    pub role: Option<Role>,
    pub disabled: Option<bool>,
}

/// Changes a user. Whoever is disabled is signed out everywhere at once.
///
/// # Errors
/// `not_found`; `no_right` for somebody, or a role, above the caller; `last_owner`.
pub async fn edit(app: &App, by: &Caller, id: UserId, edit: EditUser) -> Result<User> {
    by.must(Permission::UsersManage)?;
    let name = edit
        .name
        .as_deref()
        .map(|name| clean_name(name, "name"))
        .transpose()?;
    let input = (
        by.clone(),
        id,
        EditUser { name, ..edit },
        app.clock.business_now(),
    );
    told(
        app.store
            .write(input, |tx, (by, id, edit, now)| {
                Box::pin(edit_in(tx, by, *id, edit, *now))
            })
            .await,
    )
}

async fn edit_in(
    tx: &mut Tx,
    by: &Caller,
    id: UserId,
    edit: &EditUser,
    now: Timestamp,
) -> store::Result<Told<User>> {
    let before = users::get(tx, by.workspace_id, id).await?;
    for role in [Some(before.role), edit.role].into_iter().flatten() {
        if let Err(refusal) = may_grant(by, role) {
            return Ok(Err(refusal));
        }
    }
    let mut user = before.clone();
    if let Some(name) = &edit.name {
        user.name.clone_from(name);
    }
    if let Some(role) = edit.role {
        user.role = role;
    }
    if let Some(disabled) = edit.disabled {
        user.disabled_at = disabled.then(|| user.disabled_at.unwrap_or(now));
    }
    let was_owner = before.role == Role::Owner && before.disabled_at.is_none();
    let is_owner = user.role == Role::Owner && user.disabled_at.is_none();
    if was_owner && !is_owner && users::count_owners(tx, by.workspace_id).await? <= 1 {
        return Ok(Err(Refusal::new(RefusalKind::Conflict, "last_owner")));
    }
    users::update(tx, &user, user.disabled_at.is_some()).await?;
    tell(tx, by, id, "changed", now);
    Ok(Ok(user))
}

fn may_grant(by: &Caller, role: Role) -> Told<()> {
    let may = match &by.who {
        Who::User { role: own, .. } => own.may_grant(role),
        // A key has no rank: it may handle those who may not handle keys.
        Who::Key { .. } => matches!(role, Role::Manager | Role::Agent | Role::Viewer),
        Who::System => true,
    };
    if may {
        return Ok(());
    }
    Err(Refusal::new(RefusalKind::Forbidden, "no_right")
        .with("permission", Permission::UsersManage.as_str()))
}

fn tell(tx: &mut Tx, by: &Caller, id: UserId, what: &str, now: Timestamp) {
    let subjects = Subjects {
        user_id: Some(id),
        ..Subjects::default()
    };
    let event = NewEvent::new(EventKind::UserChanged, now, by.actor(), subjects);
    tx.emit(by.workspace_id, event.with("what", what));
}
