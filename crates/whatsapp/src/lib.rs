//! Speech: the only crate that knows the providers' JSON, their signatures and their error codes. It turns what a
//! provider says into `domain::report` and `domain::content` into what a provider takes. It touches no database and
//! knows nothing of leads.
//!
//! Start with [`meta`], then [`provider`]: the neutral words for what a provider can do and how a call ended.
//!
//! To add a provider, put a module beside `meta`:
//! 1. `CAPABILITIES`: what it can do, as data. Nothing outside asks for a provider by its name.
//! 2. The door: check who is calling over the raw bytes, and cut the body into pieces, without understanding it.
//! 3. `parse`: one piece → `domain::report::Change`. Every item alone, an unknown type kept whole, never dropped; no
//!    personal value in a reason or a fact.
//! 4. `request_json` and `check`: content → its request, and its limits as [`provider::Problem`]s.
//! 5. A table of its codes → [`failure::Verdict`], and a client whose calls end as [`provider::CallError`] or
//!    [`provider::SendOutcome`]: surely accepted, surely not, or unclear, and in doubt unclear.
//! 6. Its samples under `testdata/`, with one line of expectation for each in `tests/it`.
//!
//! What the modules share: `call` makes a call over HTTP and judges its end, `proof` knows who is calling, `saying` gets
//! a message ready. A partner that passes Meta's bodies on (360dialog) reads and writes them with [`meta`].

pub mod adapter;
mod call;
pub mod dialog360;
pub mod evolution;
pub mod failure;
mod gateway;
pub mod green_api;
pub mod gupshup;
pub mod infobip;
pub mod json;
pub mod meta;
mod proof;
pub mod provider;
mod saying;
pub mod speaker;
pub mod twilio;
pub mod vonage;
pub mod waha;
pub mod wuzapi;
