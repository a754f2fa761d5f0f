//! The crate from outside: Meta's samples in, neutral words out, and back; calls against a server that answers as told.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has told its story, in a helper too"
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "`json!` at the place of use reads best without a `&`"
)]

mod client;
mod dialog360;
mod errors;
mod evolution;
mod evolution_calls;
mod green_api;
mod green_api_calls;
mod gupshup;
mod infobip;
mod limits;
mod oddities;
mod properties;
mod providers;
mod requests;
mod responses;
mod signature;
mod twilio;
mod twilio_calls;
mod twilio_templates;
mod vonage;
mod waha;
mod waha_calls;
mod waha_door;
mod webhooks;
mod wuzapi;
mod wuzapi_calls;

use std::path::PathBuf;

/// The samples of one kind (`webhooks`), by name without `.json`.
fn samples(kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/whatsapp")
        .join(kind);
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect();
    found.sort();
    found
}

fn sample(kind: &str, name: &str) -> Vec<u8> {
    samples(kind)
        .into_iter()
        .find(|(found, _)| found == name)
        .unwrap_or_else(|| panic!("no sample {kind}/{name}"))
        .1
}

fn json_sample(kind: &str, name: &str) -> serde_json::Value {
    serde_json::from_slice(&sample(kind, name)).unwrap()
}
