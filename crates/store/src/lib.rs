//! Memory: the only crate that knows SQL. SQLite by default, PostgreSQL by URL; the same text and the same tests for
//! both.
//!
//! Start at [`Store`]. A read or a write is a function of a transaction and its input and of nothing else, so it can
//! be grouped with others and tried again:
//!
//! ```ignore
//! store.write(input, |tx, input| Box::pin(save(tx, input))).await
//! ```
//!
//! Each other module holds the statements of one table, beside the table's others. To add one: write the statement in
//! `sql!`, in words that both databases understand (`sql.rs` has the three marks for what they say differently); a
//! test prepares every statement on both.

mod engine;
mod error;
mod migrate;
mod planner;
pub mod sql;
mod tx;
pub mod value;

pub mod accounts;
pub mod attention;
pub mod campaigns;
pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod events;
pub mod handoffs;
pub mod imports;
pub mod installation;
pub mod jobs;
pub mod journal;
pub mod keys;
pub mod leads;
pub mod lease;
pub mod media;
pub mod messages;
pub mod outbox;
pub mod pace;
pub mod search;
pub mod templates;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timers;
pub mod users;
pub mod wordings;
pub mod workspaces;
pub mod world;

use std::path::PathBuf;

pub use engine::{BoxFuture, OnCommit};
pub use error::{Error, Result};
pub use tx::{Tx, Wake};

use engine::postgres::Postgres;
use engine::sqlite::Sqlite;
use lease::Epoch;

/// Where the data is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(Error::Open(
            "a database URL begins with sqlite: or postgres://".to_owned(),
        ))
    }
}

/// A URL may hold a password: it is never shown whole.
impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

/// The open database.
pub struct Store {
    engine: AnyEngine,
}

enum AnyEngine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Store {
    /// Opens the database and brings it up to this version. `on_commit` is told of every commit of this process.
    ///
    /// # Errors
    /// When it cannot be opened, another process has the file, or its version is newer.
    pub async fn open(url: &DatabaseUrl, on_commit: OnCommit) -> Result<Self> {
        let engine = match url {
            DatabaseUrl::Sqlite(path) => AnyEngine::Sqlite(Sqlite::open(path, on_commit)?),
            DatabaseUrl::Postgres(url) => AnyEngine::Postgres(Postgres::open(url, on_commit)?),
        };
        let store = Self { engine };
        store
            .write((), |tx, ()| {
                Box::pin(async move {
                    migrate::migrate(tx).await?;
                    planner::tell(tx).await
                })
            })
            .await?;
        Ok(store)
    }

    #[must_use]
    pub const fn dialect(&self) -> sql::Dialect {
        match self.engine {
            AnyEngine::Sqlite(_) => sql::Dialect::Sqlite,
            AnyEngine::Postgres(_) => sql::Dialect::Postgres,
        }
    }

    /// Reads on a snapshot. Nothing that a write decides may come from here: a write reads in its own transaction.
    ///
    /// # Errors
    /// The read's own, or [`Error::Unavailable`].
    pub async fn read<I, T, F>(&self, input: I, f: F) -> Result<T>
    where
        I: Send + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        match &self.engine {
            AnyEngine::Sqlite(sqlite) => sqlite.read(input, f).await,
            AnyEngine::Postgres(postgres) => postgres.read(input, f).await,
        }
    }

    /// Writes; answers when it is on the disk, or an error when nothing of it is there.
    ///
    /// # Errors
    /// The write's own. After [`Error::Unavailable`] from PostgreSQL the write may stand all the same (the answer to
    /// the commit was lost): read before acting on it.
    pub async fn write<I, T, F>(&self, input: I, f: F) -> Result<T>
    where
        I: Send + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        self.write_in(None, input, f).await
    }

    /// Writes as the active process of this epoch.
    ///
    /// # Errors
    /// [`Error::Fenced`] when another process has taken over; else as [`Store::write`].
    pub async fn write_as<I, T, F>(&self, epoch: Epoch, input: I, f: F) -> Result<T>
    where
        I: Send + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        self.write_in(Some(epoch.0), input, f).await
    }

    /// Takes or renews the lease (see [`lease::take`]), ahead of every other write.
    ///
    /// # Errors
    /// As the database says.
    pub async fn take_lease(
        &self,
        holder: String,
        now_ms: i64,
        until_ms: i64,
    ) -> Result<Option<Epoch>> {
        let input = (holder, now_ms, until_ms);
        match &self.engine {
            AnyEngine::Sqlite(sqlite) => {
                sqlite
                    .write(None, input, |tx, (holder, now_ms, until_ms)| {
                        Box::pin(lease::take(tx, holder, *now_ms, *until_ms))
                    })
                    .await
            }
            AnyEngine::Postgres(postgres) => {
                postgres
                    .write_now(None, input, |tx, (holder, now_ms, until_ms)| {
                        Box::pin(lease::take(tx, holder, *now_ms, *until_ms))
                    })
                    .await
            }
        }
    }

    async fn write_in<I, T, F>(&self, epoch: Option<i64>, input: I, f: F) -> Result<T>
    where
        I: Send + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        match &self.engine {
            AnyEngine::Sqlite(sqlite) => sqlite.write(epoch, input, f).await,
            AnyEngine::Postgres(postgres) => postgres.write(epoch, input, f).await,
        }
    }

    /// Appends to the journal, in one commit with whatever else comes in at this time; answers when it is on the
    /// disk.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: nothing may be acknowledged.
    pub async fn intake(&self, entries: Vec<journal::NewEntry>) -> Result<()> {
        match &self.engine {
            AnyEngine::Sqlite(sqlite) => sqlite.intake(entries).await,
            AnyEngine::Postgres(postgres) => postgres.intake(entries).await,
        }
    }
}
