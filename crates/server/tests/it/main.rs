//! The product from outside: webhooks and requests in over HTTP, and what the API then shows. Every test runs on
//! SQLite, and on PostgreSQL where this run has one.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has told its story, in a helper too"
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "`json!` at the place of use reads best without a `&`"
)]

/// Each test on both databases: `on_both!(a, b)` makes `sqlite::a`, `postgres::a` and so on of `async fn a(World)`.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                Box::pin(super::$name(crate::world::World::on(store::testing::sqlite()))).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(database) = store::testing::postgres().await {
                    Box::pin(super::$name(crate::world::World::on(database))).await;
                }
            })+
        }
    };
}

mod bad_input;
mod imports;
mod levels;
mod live;
mod numbers;
mod orders;
mod pace;
mod providers;
mod recipients;
mod requests;
mod retries;
mod shown;
mod stories;
mod tenants;
mod webhook_samples;
mod world;

use std::path::PathBuf;

/// The sample webhooks, by name without `.json`.
fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/whatsapp/webhooks");
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

fn sample(name: &str) -> String {
    let found = samples().into_iter().find(|(found, _)| found == name);
    let (_, body) = found.unwrap_or_else(|| panic!("no sample {name}"));
    String::from_utf8(body).unwrap()
}
