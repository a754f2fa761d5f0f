//! Requests and their answers. Each file is one kind of thing; a handler converts in, calls one verb, converts out.

mod api_keys;
pub mod auth;
mod campaigns;
mod channels;
mod conversations;
pub mod cursor;
mod demo;
mod enter;
mod handoffs;
mod health;
mod imports;
mod input;
mod leads;
mod listen;
mod live;
mod media;
mod messages;
mod public;
mod sessions;
mod settings;
mod ui;
mod users;
mod webhooks;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Json, Router};
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use listen::serve;

use crate::door::Door;
use crate::rights::{Needs, RIGHTS};

/// Where the API is.
pub const API: &str = "/api/v1";
/// JSON bodies are small; files and webhooks have limits of their own.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;

type Api = OpenApiRouter<Arc<Door>>;

#[derive(OpenApi)]
#[openapi(info(
    title = "Kesher",
    description = "Leads and their WhatsApp conversations. Errors are RFC 9457 problem documents with a stable `code`; lists answer `items` and `next`; `Idempotency-Key` makes a POST happen once."
), components(schemas(crate::problems::Document)), modifiers(&Doors))]
struct Document;

/// The two ways in.
struct Doors;

impl utoipa::Modify for Doors {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key; it may do what its scopes say."))
            .build();
        let session = ApiKey::Cookie(ApiKeyValue::with_description(
            "kesher_session",
            "A person's session (`__Host-kesher` over https). Changes need the same origin.",
        ));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(key));
        components.add_security_scheme("session", SecurityScheme::ApiKey(session));
    }
}

fn api() -> Api {
    let answers = Api::new()
        .routes(routes!(sessions::me, sessions::sign_in, sessions::sign_out))
        .routes(routes!(sessions::by_link))
        .routes(routes!(sessions::setup_usable, sessions::set_up))
        .routes(routes!(sessions::join))
        .routes(routes!(sessions::edit_me))
        .routes(routes!(users::list, users::invite))
        .routes(routes!(users::edit))
        .routes(routes!(users::invite_again))
        .routes(routes!(api_keys::list, api_keys::make))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(conversations::list, conversations::open))
        .routes(routes!(conversations::counts))
        .routes(routes!(conversations::get, conversations::change))
        .routes(routes!(conversations::read))
        .routes(routes!(conversations::typing))
        .routes(routes!(messages::list, messages::send))
        .routes(routes!(messages::get))
        .routes(routes!(messages::react))
        .routes(routes!(messages::resend))
        .routes(routes!(messages::settle))
        .routes(routes!(messages::cancel))
        .routes(routes!(messages::decide))
        .routes(routes!(media::get))
        .routes(routes!(leads::contacts))
        .routes(routes!(leads::contact, leads::edit_contact))
        .routes(routes!(leads::list))
        .routes(routes!(leads::get, leads::edit))
        .routes(routes!(leads::timeline))
        .routes(routes!(leads::pipelines))
        .routes(routes!(settings::templates))
        .routes(routes!(settings::sync_templates))
        .routes(routes!(channels::list, channels::connect))
        .routes(routes!(channels::get, channels::edit))
        .routes(routes!(channels::check))
        .routes(routes!(channels::move_to))
        .routes(routes!(channels::linking, channels::link, channels::unlink))
        .routes(routes!(channels::setup))
        .routes(routes!(channels::request_code))
        .routes(routes!(channels::verify_code))
        .routes(routes!(channels::register))
        .routes(routes!(channels::capabilities))
        .routes(routes!(handoffs::open))
        .routes(routes!(handoffs::list))
        .routes(routes!(handoffs::confirm))
        .routes(routes!(handoffs::drop))
        .routes(routes!(handoffs::wordings, handoffs::add_wording))
        .routes(routes!(handoffs::edit_wording, handoffs::remove_wording))
        .routes(routes!(handoffs::fill_wording))
        .routes(routes!(campaigns::list, campaigns::run))
        .routes(routes!(campaigns::get))
        .routes(routes!(campaigns::recipients))
        .routes(routes!(campaigns::stop))
        .routes(routes!(imports::list))
        .routes(routes!(
            imports::get,
            imports::choose,
            imports::drop_preview
        ))
        .routes(routes!(imports::apply))
        .routes(routes!(imports::undo))
        .routes(routes!(settings::quarantine))
        .routes(routes!(settings::retry_quarantined))
        .routes(routes!(settings::dismiss_quarantined))
        .routes(routes!(settings::attention))
        .routes(routes!(settings::dismiss_attention))
        .routes(routes!(settings::events))
        .routes(routes!(demo::wind))
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        .layer(CompressionLayer::new().gzip(true));
    // What is sent as it is: files, and the stream.
    let raw = Api::new()
        .routes(routes!(media::keep))
        .routes(routes!(imports::bring))
        .routes(routes!(media::content))
        .routes(routes!(live::stream))
        .layer(DefaultBodyLimit::max(
            app::keep_file::FILE_LIMIT_BYTES + 64 * 1024,
        ));
    OpenApiRouter::with_openapi(Document::openapi()).nest(API, answers.merge(raw))
}

/// The API's own document, with the right that each call needs.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = api().into_openapi();
    for (method, path, needs) in RIGHTS {
        let Some(item) = document.paths.paths.get_mut(&format!("{API}{path}")) else {
            continue;
        };
        let operation = match *method {
            "GET" => &mut item.get,
            "POST" => &mut item.post,
            "PATCH" => &mut item.patch,
            _ => &mut item.delete,
        };
        if let Some(operation) = operation {
            operation.operation_id = Some(operation_id(method, path));
            let problem = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build();
            let response = ResponseBuilder::new()
                .description("Anything else: why not, and what mends it.")
                .content("application/problem+json", problem)
                .build();
            operation
                .responses
                .responses
                .insert("default".to_owned(), response.into());
            if *needs != Needs::Nothing {
                let none: [&str; 0] = [];
                operation.security = Some(vec![
                    SecurityRequirement::new("key", none),
                    SecurityRequirement::new("session", none),
                ]);
            }
            let right = match needs {
                Needs::Nothing => "nothing",
                Needs::SomebodyKnown => "signed_in",
                Needs::Person => "person",
                Needs::May(permission) => permission.as_str(),
            };
            let extension = utoipa::openapi::extensions::ExtensionsBuilder::new()
                .add("x-right", right)
                .build();
            operation
                .extensions
                .get_or_insert_default()
                .merge(extension);
        }
    }
    document
}

/// `PATCH /leads/{id}` is `patch_leads_id`: no two calls have the same.
fn operation_id(method: &str, path: &str) -> String {
    let words = path
        .split(['/', '-'])
        .map(|word| word.trim_matches(['{', '}']));
    let words = std::iter::once(method).chain(words.filter(|word| !word.is_empty()));
    words.collect::<Vec<_>>().join("_").to_lowercase()
}

/// The OpenAPI document as it is committed: `docs/api/openapi.json`.
#[must_use]
pub fn openapi_text() -> String {
    let mut text = openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// Everything that this server answers.
pub fn router(door: Arc<Door>) -> Router {
    let (api, _) = api().split_for_parts();
    let api = api
        .route_layer(from_fn_with_state(Arc::clone(&door), auth::enter))
        .method_not_allowed_fallback(input::wrong_method);
    Router::new()
        .merge(api)
        .route("/api/openapi.json", get(|| async { Json(openapi()) }))
        .merge(webhooks::routes())
        .merge(public::routes())
        .merge(health::routes())
        .fallback_service(ui::screens())
        .layer(from_fn_with_state(Arc::clone(&door), enter::answer))
        .layer(from_fn(enter::catch_panics))
        .with_state(door)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_has_its_right() {
        let document = openapi();
        let mut calls = Vec::new();
        for (path, item) in &document.paths.paths {
            let of = [
                ("GET", &item.get),
                ("POST", &item.post),
                ("PATCH", &item.patch),
                ("DELETE", &item.delete),
            ];
            for (method, operation) in of {
                if let Some(operation) = operation {
                    let right = operation
                        .extensions
                        .as_ref()
                        .and_then(|all| all.get("x-right"));
                    assert!(
                        right.is_some(),
                        "{method} {path} is missing in the table of rights"
                    );
                    calls.push((method, path.as_str()));
                }
            }
        }
        for (method, path, _) in RIGHTS {
            let there = calls
                .iter()
                .any(|(of, at)| of == method && at.strip_prefix(API) == Some(*path));
            assert!(there, "{method} {path} has a right and no handler");
        }
    }

    /// `make openapi` writes it again.
    #[test]
    fn the_committed_document_is_this_one() {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api/openapi.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == openapi_text(),
            "docs/api/openapi.json is stale: run `make openapi`"
        );
    }
}
