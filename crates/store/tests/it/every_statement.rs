//! Every statement of the crate can be prepared on both databases: a misspelt column is found here and not at night.

use std::path::Path;

use store::sql::{Dialect, translated};

/// The texts inside `sql!( … )` and the constants that only one database has, found in the source.
fn statements() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for piece in source.split("sql!(").skip(1) {
            if let Some(text) = string_literal(piece.trim_start()) {
                all.push(text);
            }
        }
    }
    all
}

/// A Rust string literal at the beginning of a text, with its line joins taken out.
fn string_literal(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut letters = inner.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some(out),
            '\\' => match letters.next()? {
                '\n' => while letters.next_if(|next| next.is_whitespace()).is_some() {},
                'n' => out.push('\n'),
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
    None
}

#[test]
fn they_are_found() {
    let found = statements();
    assert!(found.len() > 100, "only {} statements found", found.len());
    assert!(found.iter().all(|text| !text.contains("\\")));
}

#[tokio::test]
async fn sqlite_prepares_them_all() {
    let fresh = crate::open(store::testing::sqlite()).await;
    for text in statements() {
        if text.contains("nextval") {
            continue;
        }
        let sql: &'static str = translated(&text, Dialect::Sqlite).leak();
        let explain: &'static str = format!("EXPLAIN {sql}").leak();
        let parameters = parameters_of(sql);
        let explained = fresh
            .store
            .read((), move |tx, ()| {
                let values = vec![store::value::Value::Null; parameters];
                Box::pin(async move { tx.query("explain", explain, &values).await.map(|_| ()) })
            })
            .await;
        assert!(explained.is_ok(), "{sql}: {explained:?}");
    }
}

/// What may walk a table or a workspace: it is small by nature, or it waits and is short.
const WALKS: &[&str] = &[
    // Some few to an installation or a workspace.
    "apps",
    "accounts",
    "channels",
    "c ",
    "connections",
    "api_keys",
    "templates",
    "users",
    "wordings",
    "workspaces",
    "pipelines",
    "statuses",
    "schema_migrations",
    "campaigns",
    // Queues: an index over what waits and nothing else.
    "lane_queue",
    "q ",
    "outbox USING COVERING INDEX outbox_due",
    "outbox USING INDEX outbox_due",
    "outbox USING INDEX outbox_in_flight",
    // What a statement has made itself.
    "few",
    "ranked",
    "(subquery",
];

/// The cost of a statement is bounded by the page and the depth of an index, not by the history: none walks a table, or
/// all of a workspace.
#[tokio::test]
async fn sqlite_walks_nothing_that_grows() {
    let fresh = crate::open(store::testing::sqlite()).await;
    let mut looked_at = 0;
    for text in statements() {
        let begins = |word: &str| text.trim_start().starts_with(word);
        if text.contains("nextval") || !["SELECT", "UPDATE", "DELETE"].into_iter().any(begins) {
            continue;
        }
        looked_at += 1;
        let sql: &'static str = translated(&text, Dialect::Sqlite).leak();
        let explain: &'static str = format!("EXPLAIN QUERY PLAN {sql}").leak();
        let parameters = parameters_of(sql);
        let steps = fresh
            .store
            .read((), move |tx, ()| {
                let values = vec![store::value::Value::Null; parameters];
                Box::pin(async move {
                    let rows = tx.query("explain", explain, &values).await?;
                    rows.into_iter()
                        .map(|mut row| {
                            let _: (i64, i64, i64) = (row.get()?, row.get()?, row.get()?);
                            row.get::<String>()
                        })
                        .collect::<store::Result<Vec<_>>>()
                })
            })
            .await
            .unwrap();
        for step in steps {
            let Some((how, what)) = step.split_once(' ') else {
                continue;
            };
            let walks = match how {
                "SCAN" => !what.contains("VIRTUAL TABLE"),
                "SEARCH" => {
                    what.ends_with("(workspace_id=?)")
                        || what.ends_with("(workspace_id=? AND kind=?)")
                }
                _ => false,
            };
            let small = WALKS
                .iter()
                .any(|table| format!("{what} ").starts_with(table));
            assert!(!walks || small, "{step}: {sql}");
        }
    }
    assert!(looked_at > 80, "only {looked_at}");
}

fn parameters_of(sql: &str) -> usize {
    (1..40)
        .rev()
        .find(|n| sql.contains(&format!("?{n}")))
        .unwrap_or(0)
}

#[tokio::test]
async fn postgres_prepares_them_all() {
    let Some(database) = store::testing::postgres().await else {
        return;
    };
    let store::DatabaseUrl::Postgres(url) = database.url.clone() else {
        panic!()
    };
    let fresh = crate::open(database).await;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    for text in statements() {
        let sql = translated(&text, Dialect::Postgres);
        if let Err(error) = client.prepare(&sql).await {
            panic!("{sql}: {error:?}");
        }
    }
    drop(fresh);
}
