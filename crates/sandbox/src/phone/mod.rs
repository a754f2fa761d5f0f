//! The phone's side of the sandbox: the API of the page with the phones, and its live stream.
//!
//! Everything here shows what the *person* would see. The paths and shapes are written down in `docs/sandbox.md`.

mod act;
mod answers;
mod live;
mod media;
mod persons;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, patch, post};

pub use act::perform;
pub use persons::json as person_json;
pub use view::{businesses, tell_chat, tell_message};

use crate::core::Core;

/// The routes below `/phone/api`.
pub fn routes() -> Router<Arc<Core>> {
    Router::new()
        .route("/persons", get(persons::list).post(persons::create))
        .route("/persons/{person}", patch(persons::change))
        .route(
            "/persons/{person}/change-number",
            post(persons::change_number),
        )
        .route("/businesses", get(view::list_businesses))
        .route("/chats", get(view::list_chats))
        .route("/chats/{person}/{number}", get(view::show_chat))
        .route("/chats/{person}/{number}/media", post(media::send))
        .route("/chats/{person}/{number}/{action}", post(act::handle))
        .route("/media/{id}", get(media::show))
        .route("/activity", get(live::activity))
        .route("/live", get(live::stream))
}
