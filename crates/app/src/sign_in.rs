//! Signing in and out: passwords, sessions, one-time links, and how often somebody may guess.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use jiff::{SignedDuration, Timestamp};
use store::users::{LinkPurpose, Session, User};
use store::{Tx, users};
use tokio::sync::Semaphore;

use crate::error::told;
use crate::{App, Refusal, RefusalKind, Result, chance};

/// How long somebody stays signed in without doing anything about it. Machine time.
const SESSION: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long a sign-in link works, and an invitation.
pub const LINK: SignedDuration = SignedDuration::from_hours(24);
pub const INVITATION: SignedDuration = SignedDuration::from_hours(24 * 7);

const PASSWORD_LEAST: usize = 8;
const PASSWORD_MOST_BYTES: usize = 1024;

const MINUTE: Duration = Duration::from_secs(60);
const TRIES_OF_ACCOUNT: usize = 5;
const TRIES_OF_ADDRESS: usize = 20;
/// Names that are remembered at once; beyond it the oldest tries are forgotten first.
const NAMES: usize = 10_000;

/// Who guards the door: counts tries, and lets only a few passwords be hashed at once (each takes 19 MiB).
pub struct Gate {
    tries: Mutex<HashMap<String, VecDeque<Instant>>>,
    hashing: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            tries: Mutex::default(),
            hashing: Semaphore::new(2),
        }
    }
}

impl Gate {
    /// Counts a try of this account from this address.
    ///
    /// # Errors
    /// `too_many_attempts`, with the seconds to wait.
    fn pass(&self, account: &str, address: Option<IpAddr>) -> std::result::Result<(), Refusal> {
        let now = Instant::now();
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() > NAMES {
            tries.retain(|_, times| {
                times
                    .back()
                    .is_some_and(|last| now.duration_since(*last) < MINUTE)
            });
        }
        let names = [
            (format!("account:{account}"), TRIES_OF_ACCOUNT),
            (
                address
                    .map(|ip| format!("address:{ip}"))
                    .unwrap_or_default(),
                TRIES_OF_ADDRESS,
            ),
        ];
        let mut wait = Duration::ZERO;
        for (name, most) in names.iter().filter(|(name, _)| !name.is_empty()) {
            let times = tries.entry(name.clone()).or_default();
            while times
                .front()
                .is_some_and(|first| now.duration_since(*first) >= MINUTE)
            {
                times.pop_front();
            }
            if let Some(first) = times.front().filter(|_| times.len() >= *most) {
                wait = wait.max(MINUTE.saturating_sub(now.duration_since(*first)));
            }
        }
        if !wait.is_zero() {
            let seconds = wait.as_secs() + 1;
            return Err(Refusal::new(RefusalKind::TooMany, "too_many_attempts")
                .with("retry_after_s", seconds));
        }
        for (name, _) in names.into_iter().filter(|(name, _)| !name.is_empty()) {
            tries.entry(name).or_default().push_back(now);
        }
        Ok(())
    }

    /// Forgets the tries of an account whose owner has shown the right password.
    fn welcome(&self, account: &str) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.remove(&format!("account:{account}"));
    }

    /// Hashes a password, away from the threads that answer.
    ///
    /// # Errors
    /// When the machine has no memory for it.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.apart(move || {
            let mut salt = [0_u8; 16];
            chance::fill(&mut salt);
            let hash = hasher()?.hash_password_with_salt(password.as_bytes(), &salt);
            Ok(hash.map_err(|_| argon2::Error::OutOfMemory)?.to_string())
        })
        .await
    }

    /// Whether this is the password. Takes as long when nobody has such a hash.
    async fn fits(&self, password: &str, hash: Option<String>) -> Result<bool> {
        let password = password.to_owned();
        self.apart(move || {
            let known = hash.as_deref().unwrap_or(NOBODYS);
            let fits = hasher()?
                .verify_password(password.as_bytes(), known)
                .is_ok();
            Ok(fits && hash.is_some())
        })
        .await
    }

    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> std::result::Result<T, argon2::Error> + Send + 'static,
    ) -> Result<T> {
        let _turn = self.hashing.acquire().await;
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| crate::Error::Files(error.to_string()))?
            .map_err(|error| crate::Error::Files(format!("hashing a password: {error}")))
    }
}

/// A hash of the same cost that fits no password, for e-mails that nobody has.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Argon2id, 19 MiB, two passes, one lane (OWASP's first choice, 2024).
fn hasher() -> std::result::Result<Argon2<'static>, argon2::Error> {
    let params = Params::new(19 * 1024, 2, 1, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A password as it is hashed.
///
/// # Errors
/// When it is too short, longer than a kilobyte, or holds NUL.
pub fn new_password(password: &str, field: &str) -> std::result::Result<String, Refusal> {
    if password.chars().count() < PASSWORD_LEAST {
        return Err(Refusal::invalid("password_too_short", field).with("least", PASSWORD_LEAST));
    }
    if password.len() > PASSWORD_MOST_BYTES || password.contains('\0') {
        return Err(Refusal::invalid("password_invalid", field));
    }
    Ok(password.to_owned())
}

/// An e-mail as it is kept: lower case, trimmed.
///
/// # Errors
/// When it cannot be one.
pub fn email_of(text: &str, field: &str) -> std::result::Result<String, Refusal> {
    let email = text.trim().to_lowercase();
    let shaped = email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    let plain = !email
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control());
    if shaped && plain && email.len() <= 254 {
        Ok(email)
    } else {
        Err(Refusal::invalid("email_invalid", field))
    }
}

/// Somebody who has just come in. The token goes into their cookie and nowhere else.
pub struct SignedIn {
    pub user: User,
    pub token: String,
}

/// Signs in with e-mail and password.
///
/// # Errors
/// `credentials_wrong`, the same for an unknown e-mail, a wrong password and a disabled user; `too_many_attempts`.
pub async fn sign_in(
    app: &App,
    gate: &Gate,
    address: Option<IpAddr>,
    email: &str,
    password: &str,
) -> Result<SignedIn> {
    let email = email.trim().to_lowercase();
    gate.pass(&email, address)?;
    let wrong = || Refusal::new(RefusalKind::Unauthenticated, "credentials_wrong");
    if password.len() > PASSWORD_MOST_BYTES || email.len() > 254 || email.contains('\0') {
        return Err(wrong().into());
    }
    let found = app
        .store
        .read(email.clone(), |tx, email| {
            Box::pin(users::lookup_by_email(tx, email))
        })
        .await?
        .filter(|user| user.disabled_at.is_none());
    let hash = found.as_ref().and_then(|user| user.password_hash.clone());
    let fits = gate.fits(password, hash).await?;
    let Some(user) = found.filter(|_| fits) else {
        return Err(wrong().into());
    };
    gate.welcome(&email);
    open(app, user).await
}

/// Signs in with a one-time link.
///
/// # Errors
/// `link_used` when it is used up, expired, or was never one.
pub async fn by_link(app: &App, token: &str) -> Result<SignedIn> {
    let used = use_link(app, token, LinkPurpose::SignIn, None).await?;
    open(app, used).await
}

/// Accepts an invitation: chooses a password and is in.
///
/// # Errors
/// `link_used` when the invitation is used up or expired; the password's own refusals.
pub async fn join(app: &App, gate: &Gate, token: &str, password: &str) -> Result<SignedIn> {
    let password = new_password(password, "password")?;
    let hash = gate.hash(&password).await?;
    let used = use_link(app, token, LinkPurpose::Join, Some(hash)).await?;
    open(app, used).await
}

async fn use_link(
    app: &App,
    token: &str,
    purpose: LinkPurpose,
    password_hash: Option<String>,
) -> Result<User> {
    let input = (
        chance::hash(token),
        purpose,
        password_hash,
        app.clock.machine_now(),
    );
    let used = app
        .store
        .write(input, |tx, (hash, purpose, password_hash, now)| {
            Box::pin(async move {
                let Some(mut user) = users::use_link(tx, hash, *purpose, *now).await? else {
                    return Ok(Err(Refusal::new(RefusalKind::Gone, "link_used")));
                };
                if let Some(chosen) = password_hash {
                    user.password_hash = Some(chosen.clone());
                    users::update(tx, &user, true).await?;
                }
                Ok(Ok(user))
            })
        });
    told(used.await)
}

/// Opens a session.
///
/// # Errors
/// As the database says.
pub async fn open(app: &App, user: User) -> Result<SignedIn> {
    let token = chance::token();
    let input = (
        session(&user, &token, app.clock.machine_now()),
        app.clock.machine_now(),
    );
    app.store
        .write(input, |tx, (session, now)| {
            Box::pin(users::insert_session(tx, session, *now))
        })
        .await?;
    Ok(SignedIn { user, token })
}

pub(crate) fn session(user: &User, token: &str, now: Timestamp) -> Session {
    Session {
        token_hash: chance::hash(token),
        workspace_id: user.workspace_id,
        user_id: user.id,
        expires_at: now + SESSION,
    }
}

/// The user of a session's token.
///
/// # Errors
/// As the database says.
pub async fn lookup(app: &App, token: &str) -> Result<Option<User>> {
    let input = (chance::hash(token), app.clock.machine_now());
    let found = app.store.read(input, |tx, (hash, now)| {
        Box::pin(users::lookup_session(tx, hash, *now))
    });
    Ok(found.await?)
}

/// Ends a session. One that is not there has ended already.
///
/// # Errors
/// As the database says.
pub async fn sign_out(app: &App, token: &str) -> Result<()> {
    let hash = chance::hash(token);
    app.store
        .write(hash, |tx, hash| Box::pin(users::delete_session(tx, hash)))
        .await?;
    Ok(())
}

/// Makes a one-time link for a user; answers its token.
pub(crate) async fn link(
    tx: &mut Tx,
    user: &User,
    token: &str,
    purpose: LinkPurpose,
    machine_now: Timestamp,
) -> store::Result<()> {
    let lasts = match purpose {
        LinkPurpose::SignIn => LINK,
        LinkPurpose::Join => INVITATION,
    };
    users::insert_link(tx, user, &chance::hash(token), purpose, machine_now + lasts).await
}

/// A one-time sign-in link's token for the first owner: what `kesher demo` prints.
///
/// # Errors
/// `nobody_yet` when the installation has no owner.
pub async fn link_for_owner(app: &App) -> Result<String> {
    let token = chance::token();
    let input = (token.clone(), app.clock.machine_now());
    let made = app.store.write(input, |tx, (token, now)| {
        Box::pin(async move {
            for workspace in store::workspaces::list(tx).await? {
                let all = users::list(tx, workspace.id).await?;
                let owner = all.into_iter().find(|user| {
                    user.role == domain::access::Role::Owner && user.disabled_at.is_none()
                });
                if let Some(owner) = owner {
                    link(tx, &owner, token, LinkPurpose::SignIn, *now).await?;
                    return Ok(Ok(()));
                }
            }
            Ok(Err(Refusal::new(RefusalKind::Conflict, "nobody_yet")))
        })
    });
    told(made.await)?;
    Ok(token)
}

/// What a person changes of themselves.
#[derive(Debug, Clone, Default)]
pub struct EditSelf {
    pub name: Option<String>,
    pub locale: Option<String>,
    pub password: Option<NewPassword>,
}

#[derive(Debug, Clone)]
pub struct NewPassword {
    pub current: String,
    pub new: String,
}

/// Changes one's own name, language or password. Another password ends all sessions but one: the answer holds a new
/// session's token then.
///
/// # Errors
/// `password_wrong` when the current password is another; the refusals of each part.
pub async fn edit_self(
    app: &App,
    gate: &Gate,
    user: &User,
    edit: EditSelf,
) -> Result<(User, Option<String>)> {
    let mut after = user.clone();
    if let Some(name) = &edit.name {
        after.name = clean_name(name, "name")?;
    }
    if let Some(locale) = &edit.locale {
        after.locale = locale_of(locale, "locale")?;
    }
    let mut token = None;
    if let Some(password) = &edit.password {
        gate.pass(&user.email, None)?;
        let new = new_password(&password.new, "password.new")?;
        if !gate
            .fits(&password.current, user.password_hash.clone())
            .await?
        {
            return Err(Refusal::invalid("password_wrong", "password.current").into());
        }
        gate.welcome(&user.email);
        after.password_hash = Some(gate.hash(&new).await?);
        token = Some(chance::token());
    }
    let input = (
        Arc::new(after.clone()),
        token.clone(),
        app.clock.machine_now(),
    );
    app.store
        .write(input, |tx, (after, token, now)| {
            Box::pin(async move {
                users::update(tx, after, token.is_some()).await?;
                if let Some(token) = token {
                    users::insert_session(tx, &session(after, token, *now), *now).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok((after, token))
}

/// A name that may be shown.
///
/// # Errors
/// When nothing is left of it.
pub fn clean_name(name: &str, field: &str) -> std::result::Result<String, Refusal> {
    domain::text::clean_name(name).ok_or_else(|| Refusal::invalid("missing", field))
}

/// `he` or `en`.
///
/// # Errors
/// For any other.
pub fn locale_of(locale: &str, field: &str) -> std::result::Result<String, Refusal> {
    match locale {
        "he" | "en" => Ok(locale.to_owned()),
        _ => Err(Refusal::invalid("bad_value", field)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_in_a_minute_waits() {
        let gate = Gate::default();
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        for _ in 0..TRIES_OF_ACCOUNT {
            assert!(gate.pass("a@b.example", address).is_ok());
        }
        let refusal = gate.pass("a@b.example", address).unwrap_err();
        assert_eq!(refusal.code, "too_many_attempts");
        assert!(gate.pass("c@b.example", address).is_ok());
        gate.welcome("a@b.example");
        assert!(gate.pass("a@b.example", address).is_ok());
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let gate = Gate::default();
        let hash = gate.hash("correct horse").await.unwrap();
        assert!(
            gate.fits("correct horse", Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!gate.fits("wrong horse", Some(hash)).await.unwrap());
        assert!(!gate.fits("correct horse", None).await.unwrap());
    }
}
