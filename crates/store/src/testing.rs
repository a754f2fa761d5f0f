//! Databases for tests: a fresh one for each, on both engines. Only with the feature `testing`.

use std::time::Duration;

use tokio_postgres::NoTls;

use crate::{DatabaseUrl, Store};

/// Names the cluster that `scripts/test-postgres` has started.
pub const POSTGRES: &str = "KESHER_TEST_POSTGRES";
const TEMPLATE: &str = "kesher_template";

/// A database of one test, gone with it.
pub struct TestDatabase {
    pub url: DatabaseUrl,
    /// Holds the folder of an SQLite file.
    _folder: Option<tempfile::TempDir>,
}

/// A fresh SQLite file.
#[must_use]
pub fn sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("kesher.db"));
    TestDatabase {
        url,
        _folder: Some(folder),
    }
}

/// A fresh PostgreSQL database, copied from a migrated template. `None` where no cluster was started.
pub async fn postgres() -> Option<TestDatabase> {
    #[expect(clippy::disallowed_methods, reason = "tests have no other settings")]
    let cluster = std::env::var(POSTGRES).ok()?;
    make_template(&cluster).await;
    let name = format!("t_{}", hex(rand()));
    // Copies of one template wait for each other; now and then one is told to come again.
    for _ in 0..100 {
        if run(
            &cluster,
            &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"),
        )
        .await
        .is_ok()
        {
            return Some(TestDatabase {
                url: DatabaseUrl::Postgres(with_database(&cluster, &name)),
                _folder: None,
            });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no database could be made from the template");
}

/// Whoever comes first makes the template; the others wait until it is one.
async fn make_template(cluster: &str) {
    if run(cluster, &format!("CREATE DATABASE {TEMPLATE}"))
        .await
        .is_ok()
    {
        let url = DatabaseUrl::Postgres(with_database(cluster, TEMPLATE));
        drop(
            Store::open(&url, std::sync::Arc::new(|_| {}))
                .await
                .expect("the template migrates"),
        );
        // Its connections have to be gone before it can be copied.
        tokio::time::sleep(Duration::from_millis(100)).await;
        run(
            cluster,
            &format!("ALTER DATABASE {TEMPLATE} IS_TEMPLATE true"),
        )
        .await
        .expect("it becomes a template");
        return;
    }
    for _ in 0..600 {
        if is_template(cluster).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the template was never finished");
}

async fn is_template(cluster: &str) -> bool {
    let Ok(client) = connect(cluster).await else {
        return false;
    };
    let row = client
        .query_opt(
            "SELECT datistemplate FROM pg_database WHERE datname = $1",
            &[&TEMPLATE],
        )
        .await;
    row.is_ok_and(|row| row.is_some_and(|row| row.get(0)))
}

async fn run(cluster: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    connect(cluster).await?.batch_execute(sql).await
}

async fn connect(cluster: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(cluster, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

fn with_database(cluster: &str, name: &str) -> String {
    let (stem, _) = cluster.rsplit_once('/').unwrap_or((cluster, ""));
    format!("{stem}/{name}")
}

fn rand() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    hasher.finish()
}

fn hex(number: u64) -> String {
    format!("{number:016x}")
}
