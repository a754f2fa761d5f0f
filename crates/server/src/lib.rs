//! The door: HTTP, webhooks, the live stream, settings, the command line, the embedded screens.
//!
//! Start at [`commands`]: each file is one of `kesher serve`, `kesher demo` and so on. [`http`] answers requests: a
//! handler turns a request into one call of a verb in `app` and its answer into JSON ([`shapes`]); a no becomes a
//! problem document ([`problems`]); who may call what stands in one table ([`rights`]).

pub mod capabilities;
pub mod commands;
pub mod config;
pub mod door;
pub mod http;
pub mod problems;
pub mod rights;
pub mod shapes;
