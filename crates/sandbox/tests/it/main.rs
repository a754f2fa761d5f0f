//! The sandbox over real HTTP, as a client and a webhook receiver meet it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected fails here"
)]

mod faults;
mod ledger;
mod messages;
mod phone;
mod providers;
mod samples;
mod templates;
mod webhooks;
mod world;
