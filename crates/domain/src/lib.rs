//! The rules of the business. Pure: no I/O, no clock, no chance, no async; time and ids are arguments.
//!
//! One word per idea, the same in the type, the table, the API, the screens and the docs: workspace, user, account,
//! channel, connection, provider, contact (with identities), lead, pipeline, status, conversation (with its window),
//! message (with its delivery), template, event, journal, outbox, sender, lane. `ARCHITECTURE.md` explains them.

pub mod access;
pub mod capability;
pub mod channel;
pub mod chat_export;
pub mod click_to_chat;
pub mod content;
pub mod conversation;
pub mod event;
pub mod failure;
pub mod id;
pub mod inbound;
pub mod message;
pub mod people;
pub mod phone;
pub mod report;
pub mod rhythm;
pub mod risk;
pub mod sending;
pub mod template;
pub mod text;
pub mod window;
pub mod wording;
