//! The first workspace of an installation: made once, by whoever holds the one-time token that the server printed.

use std::sync::Arc;

use domain::access::Role;
use domain::id::{PipelineId, StatusId, WorkspaceId};
use domain::people::{FieldDefinition, FieldKind, Localised, Pipeline, Status, StatusGroup};
use jiff::Timestamp;
use store::users::User;
use store::workspaces::Workspace;
use store::{Tx, installation, users, workspaces};

use crate::chance::Ids;
use crate::error::{Told, told};
use crate::sign_in::{Gate, SignedIn, clean_name, email_of, locale_of, new_password, session};
use crate::{App, Refusal, RefusalKind, Result, chance};

/// What the first person tells.
#[derive(Debug, Clone)]
pub struct SetUp {
    pub token: String,
    pub workspace_name: String,
    pub name: String,
    pub email: String,
    pub password: String,
    pub locale: String,
}

/// Makes the one-time set-up token of an empty installation; `None` once there is a workspace. A token made before is
/// void from then on.
///
/// # Errors
/// As the database says.
pub async fn new_token(app: &App) -> Result<Option<String>> {
    let token = chance::token();
    let made = app.store.write(chance::hash(&token), |tx, hash| {
        Box::pin(async move {
            if !workspaces::list(tx).await?.is_empty() {
                return Ok(false);
            }
            installation::set_setup_token(tx, Some(hash)).await?;
            Ok(true)
        })
    });
    Ok(made.await?.then_some(token))
}

/// Whether the token may still be used.
///
/// # Errors
/// As the database says.
pub async fn usable(app: &App, token: &str) -> Result<bool> {
    let usable = app.store.read(chance::hash(token), |tx, hash| {
        Box::pin(async move {
            let known = installation::get(tx).await?.setup_token_hash;
            Ok(known.as_ref() == Some(hash) && workspaces::list(tx).await?.is_empty())
        })
    });
    Ok(usable.await?)
}

/// Sets the installation up and signs its owner in.
///
/// # Errors
/// `not_found` when the token is not the one, or somebody was first; the refusals of each field.
pub async fn set_up(app: &App, gate: &Gate, request: SetUp) -> Result<SignedIn> {
    if !usable(app, &request.token).await? {
        return Err(gone().into());
    }
    let password = new_password(&request.password, "password")?;
    let now = app.clock.business_now();
    let workspace = Workspace {
        id: app.ids.next(now),
        name: clean_name(&request.workspace_name, "workspace_name")?,
        locale: locale_of(&request.locale, "locale")?,
        time_zone: "Asia/Jerusalem".to_owned(),
        region: "IL".to_owned(),
        currency: "ILS".to_owned(),
        created_at: now,
    };
    let owner = User {
        workspace_id: workspace.id,
        id: app.ids.next(now),
        name: clean_name(&request.name, "name")?,
        email: email_of(&request.email, "email")?,
        role: Role::Owner,
        locale: workspace.locale.clone(),
        password_hash: Some(gate.hash(&password).await?),
        disabled_at: None,
        created_at: now,
    };
    let token = chance::token();
    let input = Arc::new(Input {
        setup_hash: chance::hash(&request.token),
        workspace,
        owner: owner.clone(),
        session_token: token.clone(),
        machine_now: app.clock.machine_now(),
        now,
        ids: Arc::clone(&app.ids),
    });
    told(
        app.store
            .write(input, |tx, input| Box::pin(set_up_in(tx, input)))
            .await,
    )?;
    Ok(SignedIn { user: owner, token })
}

fn gone() -> Refusal {
    Refusal::new(RefusalKind::NotFound, "not_found").with("what", "set-up")
}

struct Input {
    setup_hash: String,
    workspace: Workspace,
    owner: User,
    session_token: String,
    machine_now: Timestamp,
    now: Timestamp,
    ids: Arc<Ids>,
}

async fn set_up_in(tx: &mut Tx, input: &Input) -> store::Result<Told<()>> {
    let known = installation::get(tx).await?.setup_token_hash;
    if known.as_ref() != Some(&input.setup_hash) || !workspaces::list(tx).await?.is_empty() {
        return Ok(Err(gone()));
    }
    workspaces::insert(tx, &input.workspace).await?;
    users::insert(tx, &input.owner).await?;
    let pipeline = Furniture {
        name: Localised::both("לידים", "Leads"),
        statuses: DEFAULT_STATUSES,
        fields: default_fields(),
    };
    furnish(tx, input.workspace.id, &pipeline, &input.ids, input.now).await?;
    installation::set_setup_token(tx, None).await?;
    let session = session(&input.owner, &input.session_token, input.machine_now);
    users::insert_session(tx, &session, input.machine_now).await?;
    Ok(Ok(()))
}

/// A pipeline as a workspace starts with it.
pub(crate) struct Furniture {
    pub(crate) name: Localised,
    /// Hebrew, English, and what it means.
    pub(crate) statuses: &'static [(&'static str, &'static str, StatusGroup)],
    pub(crate) fields: Vec<FieldDefinition>,
}

/// Makes a pipeline with its statuses, in order.
pub(crate) async fn furnish(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    furniture: &Furniture,
    ids: &Ids,
    now: Timestamp,
) -> store::Result<(PipelineId, Vec<StatusId>)> {
    let pipeline = Pipeline {
        id: ids.next(now),
        name: furniture.name.clone(),
        fields: furniture.fields.clone(),
    };
    workspaces::insert_pipeline(tx, workspace_id, &pipeline, 0).await?;
    let mut statuses = Vec::new();
    for (position, (he, en, group)) in (0..).zip(furniture.statuses) {
        let status = Status {
            id: ids.next(now),
            pipeline_id: pipeline.id,
            name: Localised::both(he, en),
            group: *group,
            position,
        };
        workspaces::insert_status(tx, workspace_id, &status).await?;
        statuses.push(status.id);
    }
    Ok((pipeline.id, statuses))
}

/// A way that fits most businesses. Two statuses may mean the same kind of end: why a lead was lost is worth knowing.
const DEFAULT_STATUSES: &[(&str, &str, StatusGroup)] = &[
    ("חדש", "New", StatusGroup::New),
    ("בטיפול", "In progress", StatusGroup::Active),
    ("אין מענה", "No answer", StatusGroup::Active),
    (
        "ממתין ללקוח",
        "Waiting for the customer",
        StatusGroup::Waiting,
    ),
    ("נקבעה פגישה", "Meeting set", StatusGroup::Meeting),
    ("נשלחה הצעה", "Offer sent", StatusGroup::Offer),
    ("נסגרה עסקה", "Won", StatusGroup::Won),
    ("לא מעוניין", "Not interested", StatusGroup::Lost),
    ("סגר אצל מתחרה", "Chose a competitor", StatusGroup::Lost),
    ("לא רלוונטי", "Not relevant", StatusGroup::Invalid),
];

pub(crate) fn field(
    key: &str,
    he: &str,
    en: &str,
    kind: FieldKind,
    options: &[&str],
) -> FieldDefinition {
    FieldDefinition {
        key: key.to_owned(),
        label: Localised::both(he, en),
        kind,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    }
}

fn default_fields() -> Vec<FieldDefinition> {
    vec![
        field("city", "יישוב", "City", FieldKind::Text, &[]),
        field("topic", "נושא הפנייה", "Topic", FieldKind::Text, &[]),
        field("budget", "תקציב", "Budget", FieldKind::Number, &[]),
        field(
            "call_back_on",
            "לחזור בתאריך",
            "Call back on",
            FieldKind::Date,
            &[],
        ),
        field(
            "urgency",
            "דחיפות",
            "Urgency",
            FieldKind::Choice,
            &["גבוהה", "רגילה", "נמוכה"],
        ),
    ]
}
