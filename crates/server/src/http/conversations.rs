//! The inbox.

use std::sync::Arc;

use app::browse::conversations::{self as rows, Ask as AskRows};
use app::change_conversation::{self, ChangeConversation};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::conversation::ConversationState;
use serde::Deserialize;
use store::conversations::View;
use utoipa::ToSchema;

use super::auth::Signed;
use super::cursor;
use super::input::{Ask, Body, Named, given, id, limit, opt_id, search};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{Conversation, Counts, List};

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConversationQuery {
    /// `mine`, `unassigned`, `waiting`, `all` (the default) or `resolved`.
    view: Option<String>,
    channel_id: Option<String>,
    search: Option<String>,
    #[param(value_type = Option<i64>)]
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversationChange {
    version: i64,
    /// `null` takes it away from whoever had it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    assignee_id: Option<Option<String>>,
    #[schema(value_type = Option<String>)]
    state: Option<ConversationState>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadUpTo {
    up_to: String,
}

/// Nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConversation {
    contact_id: String,
    channel_id: String,
}

/// Finds or begins the thread of a contact on a channel.
#[utoipa::path(post, path = "/conversations", tag = "conversations", request_body = NewConversation, responses((status = 200, body = Conversation)))]
pub async fn open(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, .. }: Body<NewConversation>,
) -> Result<Json<Conversation>, Problem> {
    let contact_id =
        id(&value.contact_id).map_err(|_| Problem::field("bad_value", "contact_id"))?;
    let channel_id =
        id(&value.channel_id).map_err(|_| Problem::field("bad_value", "channel_id"))?;
    let made =
        app::open_conversation::open(&door.app, &signed.caller, contact_id, channel_id).await?;
    one(&door, &signed, &made.to_string()).await
}

/// A page of the inbox, newest first.
#[utoipa::path(get, path = "/conversations", tag = "conversations", params(ConversationQuery), responses((status = 200, body = List<Conversation>)))]
pub async fn list(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(query): Ask<ConversationQuery>,
) -> Result<Json<List<Conversation>>, Problem> {
    let view = match (query.view.as_deref(), signed.caller.user_id()) {
        (None | Some("all" | ""), _) => View::All,
        (Some("mine"), Some(user_id)) => View::Mine(user_id),
        (Some("unassigned"), _) => View::Unassigned,
        (Some("waiting"), _) => View::Waiting,
        (Some("resolved"), _) => View::Resolved,
        _ => return Err(Problem::field("bad_value", "view")),
    };
    let ask = AskRows {
        view,
        channel_id: opt_id(query.channel_id.as_deref())?,
        search: search(query.search.as_deref()),
        before: cursor::pair(query.cursor.as_deref())?,
        limit: limit(query.limit.as_deref())?,
    };
    let page = rows::page(&door.app, &signed.caller, ask).await?;
    let now = door.app.clock.business_now();
    Ok(Json(List {
        items: page
            .items
            .iter()
            .map(|row| Conversation::new(row, now))
            .collect(),
        next: page.next.map(cursor::of_pair),
    }))
}

/// The numbers above the list.
#[utoipa::path(get, path = "/conversations/counts", tag = "conversations", responses((status = 200, body = Counts)))]
pub async fn counts(
    State(door): State<Arc<Door>>,
    signed: Signed,
) -> Result<Json<Counts>, Problem> {
    let counts = rows::counts(&door.app, &signed.caller).await?;
    Ok(Json(Counts {
        mine: counts.mine,
        unassigned: counts.unassigned,
        waiting: counts.waiting,
        all: counts.all,
    }))
}

async fn one(door: &Door, signed: &Signed, name: &str) -> Result<Json<Conversation>, Problem> {
    let row = rows::get(&door.app, &signed.caller, id(name)?).await?;
    Ok(Json(Conversation::new(&row, door.app.clock.business_now())))
}

/// One conversation.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations", params(("id" = String, Path)), responses((status = 200, body = Conversation)))]
pub async fn get(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Conversation>, Problem> {
    one(&door, &signed, &name).await
}

/// Assigns, resolves or opens again. Somebody's change meanwhile is told with `current`.
#[utoipa::path(patch, path = "/conversations/{id}", tag = "conversations", params(("id" = String, Path)), request_body = ConversationChange, responses((status = 200, body = Conversation)))]
pub async fn change(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<ConversationChange>,
) -> Result<Json<Conversation>, Problem> {
    let change = ChangeConversation {
        version: value.version,
        assignee_id: match value.assignee_id {
            Some(user) => Some(
                opt_id(user.as_deref())
                    .map_err(|_| Problem::field("user_unknown", "assignee_id"))?,
            ),
            None => None,
        },
        state: value.state,
    };
    match change_conversation::change(&door.app, &signed.caller, id(&name)?, change).await {
        Ok(()) => one(&door, &signed, &name).await,
        Err(error) => {
            let problem = Problem::from(error);
            if problem.is_changed_meanwhile() {
                let current = one(&door, &signed, &name).await?;
                return Err(problem.with_current(&current.0));
            }
            Err(problem)
        }
    }
}

/// Marks as read up to a message.
#[utoipa::path(post, path = "/conversations/{id}/read", tag = "conversations", params(("id" = String, Path)), request_body = ReadUpTo, responses((status = 204)))]
pub async fn read(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<ReadUpTo>,
) -> Result<StatusCode, Problem> {
    app::mark_read::read(&door.app, &signed.caller, id(&name)?, id(&value.up_to)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows the person that somebody is writing.
#[utoipa::path(post, path = "/conversations/{id}/typing", tag = "conversations", params(("id" = String, Path)), responses((status = 204)))]
pub async fn typing(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    app::mark_read::typing(&door.app, &signed.caller, id(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
