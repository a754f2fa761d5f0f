//! Write on WhatsApp: texts that open in the agent's own app, and saved wordings.

use std::sync::Arc;

use app::hand_off::{self, Opened};
use app::manage_wordings::{self, For};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Signed;
use super::input::{Ask, Body, Named, id, opt_id};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{FilledWording, Handoff, List, Message, Wording};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandoff {
    text: String,
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HandoffQuery {
    /// `open` (the default).
    state: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWording {
    name: String,
    /// With fields as `{{contact.first_name}}`.
    text: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordingChange {
    name: Option<String>,
    text: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FillFor {
    lead_id: Option<String>,
    conversation_id: Option<String>,
}

/// Opens a text in the agent's own WhatsApp.
#[utoipa::path(post, path = "/conversations/{id}/handoffs", tag = "handoffs", params(("id" = String, Path)), request_body = NewHandoff, responses((status = 201, body = Handoff)))]
pub async fn open(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<NewHandoff>,
) -> Result<(StatusCode, Json<Handoff>), Problem> {
    let opened = hand_off::open(&door.app, &signed.caller, id(&name)?, &value.text).await?;
    Ok((StatusCode::CREATED, Json(Handoff::from(opened))))
}

/// What the caller opened and has not settled.
#[utoipa::path(get, path = "/handoffs", tag = "handoffs", params(HandoffQuery), responses((status = 200, body = List<Handoff>)))]
pub async fn list(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(query): Ask<HandoffQuery>,
) -> Result<Json<List<Handoff>>, Problem> {
    if !matches!(query.state.as_deref(), None | Some("open" | "")) {
        return Err(Problem::field("bad_value", "state"));
    }
    let all: Vec<Opened> = hand_off::open_ones(&door.app, &signed.caller).await?;
    let items = all.into_iter().map(Handoff::from).collect();
    Ok(Json(List::whole(items)))
}

/// It was sent: it becomes a message.
#[utoipa::path(post, path = "/handoffs/{id}/confirm", tag = "handoffs", params(("id" = String, Path)), responses((status = 200, body = Message)))]
pub async fn confirm(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Message>, Problem> {
    let made = hand_off::confirm(&door.app, &signed.caller, id(&name)?).await?;
    let shown = app::browse::thread::get(&door.app, &signed.caller, made).await?;
    Ok(Json(Message::from(shown)))
}

/// It was not sent.
#[utoipa::path(post, path = "/handoffs/{id}/drop", tag = "handoffs", params(("id" = String, Path)), responses((status = 204)))]
pub async fn drop(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    hand_off::drop(&door.app, &signed.caller, id(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All saved wordings.
#[utoipa::path(get, path = "/wordings", tag = "wordings", responses((status = 200, body = List<Wording>)))]
pub async fn wordings(
    State(door): State<Arc<Door>>,
    signed: Signed,
) -> Result<Json<List<Wording>>, Problem> {
    let all = manage_wordings::list(&door.app, &signed.caller).await?;
    let items = all.into_iter().map(Wording::from).collect();
    Ok(Json(List::whole(items)))
}

/// Saves a wording.
#[utoipa::path(post, path = "/wordings", tag = "wordings", request_body = NewWording, responses((status = 201, body = Wording)))]
pub async fn add_wording(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, .. }: Body<NewWording>,
) -> Result<(StatusCode, Json<Wording>), Problem> {
    let made = manage_wordings::add(&door.app, &signed.caller, &value.name, &value.text).await?;
    Ok((StatusCode::CREATED, Json(Wording::from(made))))
}

/// Changes a wording.
#[utoipa::path(patch, path = "/wordings/{id}", tag = "wordings", params(("id" = String, Path)), request_body = WordingChange, responses((status = 200, body = Wording)))]
pub async fn edit_wording(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<WordingChange>,
) -> Result<Json<Wording>, Problem> {
    let (new_name, text) = (value.name.as_deref(), value.text.as_deref());
    let kept = manage_wordings::edit(&door.app, &signed.caller, id(&name)?, new_name, text).await?;
    Ok(Json(Wording::from(kept)))
}

/// Removes a wording.
#[utoipa::path(delete, path = "/wordings/{id}", tag = "wordings", params(("id" = String, Path)), responses((status = 204)))]
pub async fn remove_wording(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    manage_wordings::remove(&door.app, &signed.caller, id(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A wording with its fields filled in.
#[utoipa::path(post, path = "/wordings/{id}/fill", tag = "wordings", params(("id" = String, Path)), request_body = FillFor, responses((status = 200, body = FilledWording)))]
pub async fn fill_wording(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<FillFor>,
) -> Result<Json<FilledWording>, Problem> {
    let whom = For {
        lead_id: opt_id(value.lead_id.as_deref())?,
        conversation_id: opt_id(value.conversation_id.as_deref())?,
    };
    let filled = manage_wordings::fill(&door.app, &signed.caller, id(&name)?, whom).await?;
    Ok(Json(FilledWording {
        text: filled.text,
        missing: filled.missing,
    }))
}
