//! The demo: a small mortgage office, invented from end to end.
//!
//! [`furnish`] makes the workspace, its people and its number; [`history`] tells a month of conversations through the
//! same fold that real reports go through, with the times of back then; what the last two days bring is played by the
//! demo itself, on the pretend WhatsApp.

mod cast;
mod files;
mod numbers;
mod save;
mod tell;

use std::sync::Arc;

use domain::access::{Permission, Role};
use domain::channel::Provider;
use domain::id::{ChannelId, PipelineId, StatusId, UserId, WorkspaceId};
use domain::people::{FieldDefinition, FieldKind, Identity, IdentityKind, Localised, StatusGroup};
use jiff::Timestamp;
use store::conversations;
use store::users::User;
use store::workspaces::Workspace;
use store::{Tx, contacts, users, workspaces};
use whatsapp::provider::Secret;

use crate::caller::{Caller, Who};
use crate::chance::Ids;
use crate::connect_channel::{ConnectChannel, connect};
use crate::connect_number::tell_provider;
use crate::error::told;
use crate::set_up::{Furniture, field};
use crate::sign_in::Gate;
use crate::{App, Refusal, RefusalKind, Result};

pub use files::picture;
pub use numbers::{Listener, audience, mailing, numbers};
pub use tell::history;

/// The business.
pub const NAME: &str = "משכנתאות לדוגמה";
pub const OWNER_EMAIL: &str = "owner@example.com";
pub const PEOPLE: [(&str, &str, Role); 3] = [
    ("אמיר לדוגמה", OWNER_EMAIL, Role::Owner),
    ("ברכה הדגמה", "bracha@example.com", Role::Agent),
    ("גיל לדוגמה", "gil@example.com", Role::Agent),
];

/// Hebrew, English, and what it means.
const STATUSES: &[(&str, &str, StatusGroup)] = &[
    ("חדש", "New", StatusGroup::New),
    ("בטיפול", "In progress", StatusGroup::Active),
    ("אין מענה", "No answer", StatusGroup::Active),
    (
        "ממתין למסמכים",
        "Waiting for documents",
        StatusGroup::Waiting,
    ),
    ("נקבעה פגישה", "Meeting set", StatusGroup::Meeting),
    ("הוגש לבנקים", "Sent to banks", StatusGroup::Offer),
    ("נחתם", "Signed", StatusGroup::Won),
    ("לא מעוניין", "Not interested", StatusGroup::Lost),
    ("לקח בבנק אחר", "Took another bank", StatusGroup::Lost),
    ("לא רלוונטי", "Not relevant", StatusGroup::Invalid),
];

fn fields() -> Vec<FieldDefinition> {
    vec![
        field("equity", "הון עצמי", "Equity", FieldKind::Number, &[]),
        field("city", "יישוב", "City", FieldKind::Text, &[]),
        field(
            "purpose",
            "מטרה",
            "Purpose",
            FieldKind::Choice,
            &["רכישה", "מחזור", "כל מטרה"],
        ),
        field(
            "call_back_on",
            "לחזור בתאריך",
            "Call back on",
            FieldKind::Date,
            &[],
        ),
    ]
}

/// Where the pretend WhatsApp is, and what opens it.
#[derive(Clone)]
pub struct Sandbox {
    pub url: String,
    pub app_id: String,
    pub app_secret: Secret,
    pub verify_token: Secret,
    pub waba_id: String,
    pub phone_number_id: String,
    pub token: Secret,
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Furnished {
    pub workspace_id: WorkspaceId,
    pub users: Vec<UserId>,
    pub channel_id: ChannelId,
    pub pipeline_id: PipelineId,
    pub statuses: Vec<StatusId>,
}

impl Furnished {
    /// The installation itself, working in this workspace.
    #[must_use]
    pub const fn system(&self) -> Caller {
        Caller {
            workspace_id: self.workspace_id,
            who: Who::System,
        }
    }

    /// One of [`PEOPLE`].
    #[must_use]
    pub fn person(&self, index: usize) -> Caller {
        let (id, role) = self.users.get(index).zip(PEOPLE.get(index)).map_or(
            (Who::System, None),
            |(id, (_, _, role))| {
                (
                    Who::User {
                        id: *id,
                        role: *role,
                    },
                    Some(*role),
                )
            },
        );
        debug_assert!(role.is_none_or(|role| role.may(Permission::ConversationsWrite)));
        Caller {
            workspace_id: self.workspace_id,
            who: id,
        }
    }
}

/// Makes the workspace with its people, and connects its number.
///
/// # Errors
/// When there is a workspace already, or the sandbox's number cannot be connected.
pub async fn furnish(
    app: &App,
    gate: &Gate,
    password: &str,
    locale: &str,
    sandbox: &Sandbox,
) -> Result<Furnished> {
    let now = app.clock.business_now();
    let workspace = Workspace {
        id: app.ids.next(now),
        name: NAME.to_owned(),
        locale: locale.to_owned(),
        time_zone: "Asia/Jerusalem".to_owned(),
        region: "IL".to_owned(),
        currency: "ILS".to_owned(),
        created_at: now,
    };
    let password_hash = gate.hash(password).await?;
    let people: Vec<User> = PEOPLE
        .iter()
        .map(|(name, email, role)| User {
            workspace_id: workspace.id,
            id: app.ids.next(now),
            name: (*name).to_owned(),
            email: (*email).to_owned(),
            role: *role,
            locale: locale.to_owned(),
            password_hash: Some(password_hash.clone()),
            disabled_at: None,
            created_at: now,
        })
        .collect();
    let user_ids = people.iter().map(|user| user.id).collect();
    let workspace_id = workspace.id;
    let input = Arc::new((workspace, people, Arc::clone(&app.ids), now));
    let made = app.store.write(input, |tx, input| {
        Box::pin(async move {
            let (workspace, people, ids, now) = &**input;
            if !workspaces::list(tx).await?.is_empty() {
                return Ok(Err(Refusal::new(RefusalKind::Conflict, "already_made")));
            }
            furnish_in(tx, workspace, people, ids, *now).await.map(Ok)
        })
    });
    let (pipeline_id, statuses) = told(made.await)?;
    let by = Caller {
        workspace_id,
        who: Who::System,
    };
    let request = ConnectChannel {
        level: domain::channel::Level::BusinessApi,
        link: domain::channel::Link::Api,
        moved: None,
        name: "משכנתאות".to_owned(),
        base_url: Some(sandbox.url.clone()),
        app_id: sandbox.app_id.clone(),
        app_secret: sandbox.app_secret.clone(),
        verify_token: sandbox.verify_token.clone(),
        waba_id: sandbox.waba_id.clone(),
        phone_number_id: sandbox.phone_number_id.clone(),
        token: sandbox.token.clone(),
        pipeline_id: Some(pipeline_id),
        once: None,
    };
    let channel_id = connect(app, &by, request).await?;
    crate::jobs::read_templates::read(app, channel_id).await?;
    Ok(Furnished {
        workspace_id,
        users: user_ids,
        channel_id,
        pipeline_id,
        statuses,
    })
}

async fn furnish_in(
    tx: &mut Tx,
    workspace: &Workspace,
    people: &[User],
    ids: &Ids,
    now: Timestamp,
) -> store::Result<(PipelineId, Vec<StatusId>)> {
    workspaces::insert(tx, workspace).await?;
    for user in people {
        users::insert(tx, user).await?;
    }
    let furniture = Furniture {
        name: Localised::both("משכנתאות", "Mortgages"),
        statuses: STATUSES,
        fields: fields(),
    };
    crate::set_up::furnish(tx, workspace.id, &furniture, ids, now).await
}

/// The demo that this database holds already: its first workspace with a number. `None` when there is none.
///
/// # Errors
/// As the database says.
pub async fn standing(app: &App) -> Result<Option<Furnished>> {
    let found = app.store.read((), |tx, ()| {
        Box::pin(async move {
            for workspace in workspaces::list(tx).await? {
                let Some(channel) = store::channels::list(tx, workspace.id)
                    .await?
                    .into_iter()
                    .next()
                else {
                    continue;
                };
                let all = users::list(tx, workspace.id).await?;
                let statuses = workspaces::list_statuses(tx, workspace.id).await?;
                return Ok(Some(Furnished {
                    workspace_id: workspace.id,
                    users: PEOPLE
                        .iter()
                        .filter_map(|(_, email, _)| all.iter().find(|user| user.email == *email))
                        .map(|user| user.id)
                        .collect(),
                    channel_id: channel.id,
                    pipeline_id: channel.pipeline_id,
                    statuses: statuses
                        .into_iter()
                        .filter(|status| status.pipeline_id == channel.pipeline_id)
                        .map(|status| status.id)
                        .collect(),
                }));
            }
            Ok(None)
        })
    });
    Ok(found.await?)
}

/// The digits of somebody of the cast.
fn phone_of(index: usize) -> String {
    format!("9725000001{index:02}")
}

/// The demo's pretend WhatsApp or the server stands at another address since it was last started.
///
/// # Errors
/// As the database says.
pub async fn move_sandbox(app: &App, demo: &Furnished, url: &str) -> Result<()> {
    let input = (demo.workspace_id, demo.channel_id, url.to_owned());
    let all = app
        .store
        .write(input, |tx, (workspace_id, channel_id, url)| {
            Box::pin(async move {
                let own = store::channels::get(tx, *workspace_id, *channel_id).await?;
                let before = own
                    .connection
                    .map_or_else(String::new, |known| known.base_url);
                for mut account in store::accounts::list(tx, *workspace_id).await? {
                    let address = moved(&account.base_url, &before, url);
                    if account.base_url != address {
                        account.base_url = address;
                        store::accounts::update(tx, &account).await?;
                    }
                }
                store::channels::list(tx, *workspace_id).await
            })
        })
        .await?;
    app.reload_directory().await?;
    for channel in all {
        if channel.provider != Provider::Meta {
            tell_provider(app, channel.id).await;
        }
    }
    Ok(())
}

/// A provider's address once the sandbox has moved. Whoever was connected elsewhere stays there.
fn moved(address: &str, before: &str, after: &str) -> String {
    match address.strip_prefix(before) {
        Some(path) if path.is_empty() || path.starts_with('/') => format!("{after}{path}"),
        _ => address.to_owned(),
    }
}

/// Gives the owner another password: the file that told the one before is gone.
///
/// # Errors
/// As the database says.
pub async fn new_password(app: &App, gate: &Gate, demo: &Furnished, password: &str) -> Result<()> {
    let hash = gate.hash(password).await?;
    app.store
        .write((demo.workspace_id, hash), |tx, (workspace_id, hash)| {
            Box::pin(async move {
                for mut user in users::list(tx, *workspace_id).await? {
                    if PEOPLE.iter().any(|(_, email, _)| *email == user.email) {
                        user.password_hash = Some(hash.clone());
                        users::update(tx, &user, false).await?;
                    }
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}

/// The conversation of whoever has this phone (digits), on the demo's own number.
///
/// # Errors
/// As the database says.
pub async fn thread_of(
    app: &App,
    demo: &Furnished,
    phone: &str,
) -> Result<Option<domain::conversation::Conversation>> {
    let identity = Identity {
        kind: IdentityKind::Phone,
        scope: String::new(),
        value: phone.to_owned(),
    };
    let found = app.store.read(
        (demo.workspace_id, demo.channel_id, identity),
        |tx, (workspace_id, channel_id, identity)| {
            Box::pin(async move {
                let owners =
                    contacts::owners(tx, *workspace_id, std::slice::from_ref(identity)).await?;
                let Some((_, row)) = owners.into_iter().next() else {
                    return Ok(None);
                };
                let threads =
                    conversations::of_contacts(tx, *workspace_id, &[row.contact_id]).await?;
                Ok(threads
                    .into_iter()
                    .find(|thread| thread.channel_id == *channel_id))
            })
        },
    );
    Ok(found.await?)
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn what_is_at_the_sandbox_moves_with_it() {
        let (before, after) = ("http://127.0.0.1:4181", "http://127.0.0.1:5000");
        assert_eq!(moved(before, before, after), after);
        assert_eq!(
            moved("http://127.0.0.1:4181/waha", before, after),
            "http://127.0.0.1:5000/waha"
        );
        for elsewhere in ["http://127.0.0.1:41812/waha", "https://waha.example.com"] {
            assert_eq!(moved(elsewhere, before, after), elsewhere);
        }
    }
}
