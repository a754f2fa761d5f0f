//! Meta's Cloud API, client and receiver. Written from Meta's pages as of autumn 2026 (Graph v23 to v26); what Meta
//! adds later is kept as unknown, never dropped.
//!
//! What comes in: [`signature::verify`], then [`envelope::cut`] (the door), then [`webhook::parse_change`] (the lane).
//! What goes out: [`limits::check`] (before it is accepted), [`send::request_json`], [`client::Client`].

pub mod adapter;
pub mod answers;
pub mod answers_more;
pub mod client;
pub mod envelope;
pub mod errors;
pub(crate) mod facts;
mod inbound;
pub mod limits;
pub(crate) mod manage;
pub(crate) mod person;
pub mod send;
pub mod signature;
mod statuses;
pub mod webhook;

use crate::adapter::FileWay;
use crate::provider::Capabilities;

/// What the Cloud API can do. On a coexistence number it also reports what is typed on the phone.
pub const CAPABILITIES: Capabilities = Capabilities {
    templates: true,
    echoes_our_id: true,
    reports_own_messages: true,
    buttons: true,
    lists: true,
    reactions: true,
    mark_read: true,
    typing: true,
    bsuid_recipients: true,
    groups: true,
    files: FileWay::Upload,
    takes_our_id_once: false,
    reports_replies: true,
};
