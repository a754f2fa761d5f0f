//! PostgreSQL: a pool, transactions that are tried again when two stand in each other's way, and a group commit for
//! what comes from outside.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{ManagerConfig, Pool, PoolConfig, RecyclingMethod, Runtime, Timeouts};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_postgres::NoTls;

use super::{BoxFuture, OnCommit, check_epoch};
use crate::error::{Error, Result};
use crate::journal::{self, NewEntry};
use crate::sql::Access;
use crate::tx::{Engine, Lease, Tx, Wake};

const CONNECTIONS: usize = 20;
/// Writes at once, at most: reads and what comes from outside never wait for writes that wait for each other.
const WRITES: usize = 12;
const TRIES: u32 = 6;
/// Callers whose entries share a commit, at most.
const GROUP: usize = 512;
const COMMITTERS: usize = 2;

pub struct Postgres {
    pool: Pool,
    intake: mpsc::Sender<IntakeJob>,
    writes: Semaphore,
    on_commit: OnCommit,
}

type IntakeJob = (Vec<NewEntry>, oneshot::Sender<Result<()>>);

impl Postgres {
    /// Opens a pool; no connection is made before the first is needed.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub fn open(url: &str, on_commit: OnCommit) -> Result<Self> {
        let mut config: tokio_postgres::Config = url
            .parse()
            .map_err(|_| Error::Open("the database URL is not a PostgreSQL URL".to_owned()))?;
        if config.get_application_name().is_none() {
            config.application_name("kesher");
        }
        // No transaction of ours waits for anything but the database. One that does belongs to a process that was paused,
        // and holds what the process that takes over needs: the server ends it.
        let options = config.get_options().unwrap_or_default().to_owned();
        config.options(format!(
            "{options} -c idle_in_transaction_session_timeout=3000"
        ));
        let manager = deadpool_postgres::Manager::from_config(
            config,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let timeouts = Timeouts {
            wait: Some(Duration::from_secs(5)),
            create: Some(Duration::from_secs(5)),
            recycle: Some(Duration::from_secs(5)),
        };
        let mut pool_config = PoolConfig::new(CONNECTIONS);
        pool_config.timeouts = timeouts;
        let pool = Pool::builder(manager)
            .config(pool_config)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| Error::Open(error.to_string()))?;
        let (intake, jobs) = mpsc::channel(4096);
        let jobs = Arc::new(tokio::sync::Mutex::new(jobs));
        for _ in 0..COMMITTERS {
            tokio::spawn(commit_intake(
                pool.clone(),
                Arc::clone(&jobs),
                Arc::clone(&on_commit),
            ));
        }
        Ok(Self {
            pool,
            intake,
            writes: Semaphore::new(WRITES),
            on_commit,
        })
    }

    /// Appends to the journal; answers when it is on the disk.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too much waits already or the commit failed.
    pub async fn intake(&self, entries: Vec<NewEntry>) -> Result<()> {
        let (caller, answer) = oneshot::channel();
        self.intake
            .try_send((entries, caller))
            .map_err(|_| Error::Unavailable("too much waits to be written".to_owned()))?;
        answer
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the commit broke off".to_owned())))
    }

    /// Runs a write in a transaction of its own, again when it collided with another.
    ///
    /// # Errors
    /// The write's own, or the database's.
    pub async fn write<I, T, F>(&self, epoch: Option<i64>, input: I, f: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>>,
    {
        let permit = self.writes.acquire().await;
        let _permit = permit.map_err(|_| Error::Unavailable("closed".to_owned()))?;
        self.write_now(epoch, input, f).await
    }

    /// As [`Self::write`], without waiting behind other writes: for the lease.
    ///
    /// # Errors
    /// The write's own, or the database's.
    pub async fn write_now<I, T, F>(&self, epoch: Option<i64>, input: I, f: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>>,
    {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.attempt(epoch, &input, &f).await {
                Err(Attempt::Collided) if tries < TRIES => {
                    tokio::time::sleep(Duration::from_millis(5 << tries)).await;
                }
                Err(Attempt::Collided) => {
                    return Err(Error::Unavailable(
                        "too many writes stood in each other's way".to_owned(),
                    ));
                }
                Err(Attempt::Failed(error)) => return Err(error),
                Ok((value, wakes)) => {
                    (self.on_commit)(wakes);
                    return Ok(value);
                }
            }
        }
    }

    async fn attempt<I, T, F>(
        &self,
        epoch: Option<i64>,
        input: &I,
        f: &F,
    ) -> std::result::Result<(T, Vec<Wake>), Attempt>
    where
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>>,
    {
        let mut tx = Tx::new(
            Engine::Postgres(begin(&self.pool, "BEGIN").await?),
            Access::Write,
        );
        let ran: Result<T> = async {
            if let Some(epoch) = epoch {
                check_epoch(&mut tx, epoch).await?;
            }
            let value = f(&mut tx, input).await?;
            tx.finish().await?;
            Ok(value)
        }
        .await;
        let Engine::Postgres(lease) = tx.engine else {
            return Err(Attempt::Failed(Error::Waited));
        };
        match ran {
            // Without an answer nobody knows whether it was committed; the caller reads before it acts.
            Ok(value) => match lease.end("COMMIT").await {
                Ok(()) => Ok((value, tx.wakes)),
                Err(error) => Err(Attempt::of(error)),
            },
            Err(error) => {
                // The first error is the one to tell; the connection is closed when this one fails too.
                let _ = lease.end("ROLLBACK").await;
                Err(Attempt::of(error))
            }
        }
    }

    /// Runs a read on a snapshot.
    ///
    /// # Errors
    /// The read's own, or the database's.
    pub async fn read<I, T, F>(&self, input: I, f: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>>,
    {
        let lease = begin(
            &self.pool,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        )
        .await?;
        let mut tx = Tx::new(Engine::Postgres(lease), Access::Read);
        let outcome = f(&mut tx, &input).await;
        if let Engine::Postgres(lease) = tx.engine {
            // Nothing was written: how the transaction ends changes nothing.
            let _ = lease.end("COMMIT").await;
        }
        outcome
    }
}

enum Attempt {
    Collided,
    Failed(Error),
}

impl Attempt {
    fn of(error: Error) -> Self {
        match &error {
            // Serialisation failure and deadlock: the other one has gone on, so this one can go again. A row that
            // appeared between our look and our insert is the same story.
            Error::Unavailable(told) if told.ends_with("(40001)") || told.ends_with("(40P01)") => {
                Self::Collided
            }
            _ => Self::Failed(error),
        }
    }
}

impl From<Error> for Attempt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

async fn begin(pool: &Pool, sql: &str) -> Result<Lease> {
    let client = pool.get().await?;
    client.batch_execute(sql).await?;
    Ok(Lease::new(client))
}

async fn commit_intake(
    pool: Pool,
    jobs: Arc<tokio::sync::Mutex<mpsc::Receiver<IntakeJob>>>,
    on_commit: OnCommit,
) {
    loop {
        let mut group = Vec::new();
        if jobs.lock().await.recv_many(&mut group, GROUP).await == 0 {
            return;
        }
        let outcome = append(&pool, group.iter().flat_map(|(rows, _)| rows)).await;
        let lost = match outcome {
            Ok(wakes) => {
                on_commit(wakes);
                None
            }
            Err(error) => Some(error.to_string()),
        };
        for (_, caller) in group {
            // A caller that has gone away is answered by nobody.
            let _ = caller.send(
                lost.as_ref()
                    .map_or(Ok(()), |why| Err(Error::Unavailable(why.clone()))),
            );
        }
    }
}

async fn append<'e>(pool: &Pool, rows: impl Iterator<Item = &'e NewEntry>) -> Result<Vec<Wake>> {
    let mut tx = Tx::new(Engine::Postgres(begin(pool, "BEGIN").await?), Access::Write);
    let appended = journal::append(&mut tx, rows).await;
    let Engine::Postgres(lease) = tx.engine else {
        return Err(Error::Waited);
    };
    lease
        .end(if appended.is_ok() {
            "COMMIT"
        } else {
            "ROLLBACK"
        })
        .await?;
    appended?;
    Ok(tx.wakes)
}
