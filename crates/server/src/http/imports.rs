//! Exported chats: bringing one, choosing, applying, taking it back.

use std::sync::Arc;

use app::import_chat::{self, Choose, IMPORT_LIMIT_BYTES, NewContact, Upload};
use axum::Json;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use domain::chat_export::DateOrder;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Signed;
use super::cursor;
use super::input::{Ask, Body, ListQuery, Named, given, id, once, opt_id};
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{Import, List};

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// The channel whose conversation the chat becomes part of. May be a part of the form as well, as the others.
    channel_id: Option<String>,
    /// Whose chat it is, by a lead or a contact.
    lead_id: Option<String>,
    contact_id: Option<String>,
    /// Where the phone was: `Asia/Jerusalem` when left out.
    time_zone: Option<String>,
    /// The file's name, for a body without a form.
    file_name: Option<String>,
}

impl ImportQuery {
    fn set(&mut self, name: &str, value: String) {
        match name {
            "channel_id" => self.channel_id = Some(value),
            "lead_id" => self.lead_id = Some(value),
            "contact_id" => self.contact_id = Some(value),
            "time_zone" => self.time_zone = Some(value),
            "file_name" => self.file_name = Some(value),
            _ => {}
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportChoice {
    /// The participant who is the business; `null`: none of them.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    us: Option<Option<String>>,
    contact_id: Option<String>,
    new_contact: Option<ImportContact>,
    /// `dmy`, `mdy` or `ymd`.
    date_order: Option<String>,
    time_zone: Option<String>,
    make_lead: Option<bool>,
    /// The third persons of a group did not consent; this says that it is right all the same.
    include_group: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportContact {
    name: Option<String>,
    phone: Option<String>,
}

fn too_large() -> Problem {
    Problem::field("import_too_large", "file").with("limit_mb", IMPORT_LIMIT_BYTES / (1024 * 1024))
}

/// The file and what comes with it: as a form, or as the body itself.
async fn received(
    request: Request,
    query: &mut ImportQuery,
    door: &Arc<Door>,
) -> Result<Bytes, Problem> {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("multipart/form-data"));
    if !is_form {
        return Bytes::from_request(request, door).await.map_err(|error| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                too_large()
            } else {
                Problem::new(StatusCode::BAD_REQUEST, "body_broken")
            }
        });
    }
    let broken = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large()
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "form_broken")
        }
    };
    let mut form = Multipart::from_request(request, door)
        .await
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "form_broken"))?;
    let mut bytes = None;
    while let Some(part) = form.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            let own_name = part.file_name().map(ToOwned::to_owned);
            query.file_name = query.file_name.take().or(own_name);
            bytes = Some(part.bytes().await.map_err(broken)?);
        } else {
            query.set(&name, part.text().await.map_err(broken)?);
        }
    }
    bytes.ok_or_else(|| Problem::field("missing", "file"))
}

/// Brings an exported chat (`.txt`, or `.zip` with its files). Nothing is changed yet: the answer is a preview.
#[utoipa::path(post, path = "/imports", tag = "imports", params(ImportQuery), request_body(content = String, content_type = "multipart/form-data", description = "The part `file`; the query's values may be parts too. Or the file as the body itself."), responses((status = 201, body = Import)))]
pub async fn bring(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(mut query): Ask<ImportQuery>,
    request: Request,
) -> Result<(StatusCode, Json<Import>), Problem> {
    let key = request.headers().get("idempotency-key").cloned();
    let bytes = received(request, &mut query, &door).await?;
    let once = key
        .map(|key| once(&key, "POST /imports", &bytes))
        .transpose()?;
    let channel_id = query.channel_id.as_deref().unwrap_or_default();
    if channel_id.is_empty() {
        return Err(Problem::field("missing", "channel_id"));
    }
    let unknown = |code: &'static str, field: &'static str| move |_| Problem::field(code, field);
    let upload = Upload {
        channel_id: id(channel_id).map_err(unknown("channel_unknown", "channel_id"))?,
        lead_id: opt_id(query.lead_id.as_deref()).map_err(unknown("lead_unknown", "lead_id"))?,
        contact_id: opt_id(query.contact_id.as_deref())
            .map_err(unknown("contact_unknown", "contact_id"))?,
        time_zone: query.time_zone.filter(|zone| !zone.is_empty()),
        file_name: query.file_name,
        bytes,
        once,
    };
    let shown = Box::pin(import_chat::upload(&door.app, &signed.caller, upload)).await?;
    Ok((StatusCode::CREATED, Json(Import::from(shown))))
}

/// A page of imports, newest first; other people's previews are left out.
#[utoipa::path(get, path = "/imports", tag = "imports", params(ListQuery), responses((status = 200, body = List<Import>)))]
pub async fn list(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Ask(query): Ask<ListQuery>,
) -> Result<Json<List<Import>>, Problem> {
    let before = cursor::id(query.cursor.as_deref())?;
    let page = import_chat::list(&door.app, &signed.caller, before, query.limit()?).await?;
    Ok(Json(List {
        items: page.items.into_iter().map(Import::from).collect(),
        next: page.next.map(cursor::of_id),
    }))
}

/// One import, with its progress.
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", params(("id" = String, Path)), responses((status = 200, body = Import)))]
pub async fn get(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Import>, Problem> {
    let shown = import_chat::get(&door.app, &signed.caller, id(&name)?).await?;
    Ok(Json(Import::from(shown)))
}

/// Chooses who is who, the order of dates, and so on; answers the new preview.
#[utoipa::path(patch, path = "/imports/{id}", tag = "imports", params(("id" = String, Path)), request_body = ImportChoice, responses((status = 200, body = Import)))]
pub async fn choose(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<ImportChoice>,
) -> Result<Json<Import>, Problem> {
    let date_order = match value.date_order.as_deref() {
        None => None,
        Some("dmy") => Some(DateOrder::Dmy),
        Some("mdy") => Some(DateOrder::Mdy),
        Some("ymd") => Some(DateOrder::Ymd),
        Some(_) => return Err(Problem::field("bad_value", "date_order")),
    };
    let choose = Choose {
        us: value.us,
        contact_id: opt_id(value.contact_id.as_deref())
            .map_err(|_| Problem::field("contact_unknown", "contact_id"))?,
        new_contact: value.new_contact.map(|new| NewContact {
            name: new.name,
            phone: new.phone,
        }),
        date_order,
        time_zone: value.time_zone,
        make_lead: value.make_lead,
        include_group: value.include_group,
    };
    let chosen = import_chat::choose(&door.app, &signed.caller, id(&name)?, choose);
    Ok(Json(Import::from(Box::pin(chosen).await?)))
}

/// Puts the chat on the timeline; it goes on by itself, and `progress` tells how far it is.
#[utoipa::path(post, path = "/imports/{id}/apply", tag = "imports", params(("id" = String, Path)), responses((status = 202, body = Import)))]
pub async fn apply(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<(StatusCode, Json<Import>), Problem> {
    let shown = import_chat::apply(&door.app, &signed.caller, id(&name)?).await?;
    Ok((StatusCode::ACCEPTED, Json(Import::from(shown))))
}

/// Takes away what the import brought, and only that.
#[utoipa::path(post, path = "/imports/{id}/undo", tag = "imports", params(("id" = String, Path)), responses((status = 202, body = Import)))]
pub async fn undo(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<(StatusCode, Json<Import>), Problem> {
    let shown = import_chat::undo(&door.app, &signed.caller, id(&name)?).await?;
    Ok((StatusCode::ACCEPTED, Json(Import::from(shown))))
}

/// Drops a preview, and the file with it.
#[utoipa::path(delete, path = "/imports/{id}", tag = "imports", params(("id" = String, Path)), responses((status = 204)))]
pub async fn drop_preview(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    import_chat::forget(&door.app, &signed.caller, id(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
