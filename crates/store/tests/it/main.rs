//! Memory on both databases: every test runs on SQLite and, where a cluster was started, on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that panics has told its story")]

mod every_statement;
mod imports;
mod stories;

use std::sync::Arc;

use store::Store;
use store::testing::{TestDatabase, postgres, sqlite};

/// A store of this test's own; the database goes with it.
pub struct Fresh {
    pub store: Store,
    _database: TestDatabase,
}

pub async fn open(database: TestDatabase) -> Fresh {
    let store = Store::open(&database.url, Arc::new(|_| {})).await.unwrap();
    Fresh {
        store,
        _database: database,
    }
}

/// The databases that this run has.
pub async fn both() -> Vec<Fresh> {
    let mut all = vec![open(sqlite()).await];
    if let Some(database) = postgres().await {
        all.push(open(database).await);
    }
    all
}
