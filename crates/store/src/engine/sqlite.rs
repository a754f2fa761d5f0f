//! SQLite: one writer thread, many readers.
//!
//! The writer drains two queues, what came from outside first, and commits all that has gathered in one transaction:
//! one sync of the disk for many callers. While the disk syncs, the next group gathers by itself. Each write of a
//! group stands in its own savepoint, so that one that fails does not take the others with it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Semaphore, oneshot};

use super::{BoxFuture, OnCommit, at_once, check_epoch, fatal};
use crate::error::{Error, Result};
use crate::journal::{self, NewEntry};
use crate::sql::Access;
use crate::tx::{Engine, Tx, Wake};

/// A group stops taking work after this time, so that what comes from outside waits no longer.
const GROUP_TIME: Duration = Duration::from_millis(5);
/// Entries of the journal that may wait before the door answers "later".
const INTAKE_LIMIT: usize = 20_000;
const WORK_LIMIT: usize = 10_000;
const READERS: usize = 4;
/// The log is copied into the file when it has grown to this.
const CHECKPOINT_BYTES: u64 = 16 * 1024 * 1024;
/// A log of more pages (64 MiB) is begun anew.
const LOG_PAGES: i64 = 16 * 1024;

pub struct Sqlite {
    queues: Arc<Queues>,
    readers: Arc<Readers>,
    writer: Option<std::thread::JoinHandle<()>>,
    keeper: Option<std::thread::JoinHandle<()>>,
    /// Held while the file is open: a second process is refused.
    _lock: std::fs::File,
}

struct Queues {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Default)]
struct State {
    intake: VecDeque<(Vec<NewEntry>, oneshot::Sender<Result<()>>)>,
    intake_rows: usize,
    work: VecDeque<Box<dyn Job>>,
    closed: bool,
}

/// A write that waits for its turn.
trait Job: Send {
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Answers the caller; `lost` when the group's commit failed.
    fn answer(self: Box<Self>, lost: Option<&str>);
}

struct Write<I, F, T> {
    input: I,
    epoch: Option<i64>,
    f: F,
    outcome: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
}

impl<I, F, T> Job for Write<I, F, T>
where
    I: Send,
    F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        let outcome = at_once(async {
            if let Some(epoch) = self.epoch {
                check_epoch(tx, epoch).await?;
            }
            let value = (self.f)(tx, &self.input).await?;
            tx.finish().await?;
            Ok(value)
        });
        let worked = outcome.is_ok();
        self.outcome = Some(outcome);
        worked
    }

    fn answer(self: Box<Self>, lost: Option<&str>) {
        let outcome = match (lost, self.outcome) {
            (_, Some(Err(error))) => Err(error),
            (Some(why), _) => Err(Error::Unavailable(why.to_owned())),
            (None, Some(Ok(value))) => Ok(value),
            (None, None) => Err(Error::Unavailable("the write never ran".to_owned())),
        };
        // The caller may have gone away; the write stands all the same.
        let _ = self.caller.send(outcome);
    }
}

impl Sqlite {
    /// Opens the file, making it if needed.
    ///
    /// # Errors
    /// When the folder cannot be written, or another process has the file.
    pub fn open(path: &Path, on_commit: OnCommit) -> Result<Self> {
        let lock = lock(path)?;
        let writer = connect(path, false)?;
        if crate::migrate::pending_in_sqlite(&writer) {
            back_up(&writer, path)?;
        }
        let queues = Arc::new(Queues {
            state: Mutex::default(),
            ready: Condvar::new(),
        });
        let readers = Arc::new(Readers::new(path));
        let gate = Arc::new(Mutex::new(()));
        let (queues_of_writer, gate_of_writer) = (Arc::clone(&queues), Arc::clone(&gate));
        let writer = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                Writer {
                    tx: Tx::new(Engine::Sqlite(writer), Access::Write),
                    queues: queues_of_writer,
                    gate: gate_of_writer,
                    on_commit,
                }
                .run();
            })
            .map_err(|error| Error::Open(error.to_string()))?;
        let keeper = spawn_keeper(path, &queues, &gate)?;
        Ok(Self {
            queues,
            readers,
            writer: Some(writer),
            keeper: Some(keeper),
            _lock: lock,
        })
    }

    /// Appends to the journal; answers when it is on the disk.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too much waits already or the commit failed.
    pub async fn intake(&self, entries: Vec<NewEntry>) -> Result<()> {
        let (caller, answer) = oneshot::channel();
        {
            let mut state = self.queues.lock();
            if state.intake_rows >= INTAKE_LIMIT || state.closed {
                return Err(Error::Unavailable(
                    "too much waits to be written".to_owned(),
                ));
            }
            state.intake_rows += entries.len();
            state.intake.push_back((entries, caller));
        }
        self.queues.ready.notify_one();
        answer
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the writer has stopped".to_owned())))
    }

    /// Runs a write in its turn; answers when it is on the disk.
    ///
    /// # Errors
    /// The write's own, or [`Error::Unavailable`] when the commit failed.
    pub async fn write<I, T, F>(&self, epoch: Option<i64>, input: I, f: F) -> Result<T>
    where
        I: Send + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        {
            let mut state = self.queues.lock();
            if state.work.len() >= WORK_LIMIT || state.closed {
                return Err(Error::Unavailable(
                    "too much waits to be written".to_owned(),
                ));
            }
            state.work.push_back(Box::new(Write {
                input,
                epoch,
                f,
                outcome: None,
                caller,
            }));
        }
        self.queues.ready.notify_one();
        answer
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the writer has stopped".to_owned())))
    }

    /// Runs a read on a snapshot.
    ///
    /// # Errors
    /// The read's own.
    pub async fn read<I, T, F>(&self, input: I, f: F) -> Result<T>
    where
        I: Send + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        let permit = Arc::clone(&readers.free).acquire_owned().await;
        let permit = permit.map_err(|_| Error::Unavailable("closed".to_owned()))?;
        let read = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut tx = Tx::new(Engine::Sqlite(readers.take()?), Access::Read);
            let outcome = batch(&tx, "BEGIN").and_then(|()| at_once(f(&mut tx, &input)));
            let ended = batch(&tx, "ROLLBACK");
            if let (Engine::Sqlite(connection), Ok(())) = (tx.engine, ended) {
                readers.give_back(connection);
            }
            outcome
        });
        read.await
            .unwrap_or_else(|_| Err(Error::Unavailable("the read broke off".to_owned())))
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.queues.lock().closed = true;
        self.queues.ready.notify_all();
        for thread in [self.writer.take(), self.keeper.take()]
            .into_iter()
            .flatten()
        {
            // A thread that panicked has already said so.
            let _ = thread.join();
        }
    }
}

impl Queues {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that waits from outside, and the first piece of other work. `None`: closed and empty.
    fn wait(&self) -> Option<Waiting> {
        let mut state = self.lock();
        loop {
            if !state.intake.is_empty() || !state.work.is_empty() {
                state.intake_rows = 0;
                return Some((state.intake.drain(..).collect(), state.work.pop_front()));
            }
            if state.closed {
                return None;
            }
            state = self
                .ready
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn next_work(&self) -> Option<Box<dyn Job>> {
        self.lock().work.pop_front()
    }
}

/// What the writer finds when it looks.
type Waiting = (Vec<IntakeJob>, Option<Box<dyn Job>>);
type IntakeJob = (Vec<NewEntry>, oneshot::Sender<Result<()>>);

struct Writer {
    tx: Tx,
    queues: Arc<Queues>,
    /// The keeper shuts it while it begins the log anew; waiting for it costs less than asking SQLite again and again.
    gate: Arc<Mutex<()>>,
    on_commit: OnCommit,
}

impl Writer {
    fn run(mut self) {
        while let Some((intake, first)) = self.queues.wait() {
            self.group(intake, first);
        }
    }

    fn group(&mut self, intake: Vec<IntakeJob>, first: Option<Box<dyn Job>>) {
        let gate = Arc::clone(&self.gate);
        let open = gate.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wakes: Vec<Wake> = Vec::new();
        let mut done: Vec<Box<dyn Job>> = Vec::new();
        let mut lost = batch(&self.tx, "BEGIN IMMEDIATE")
            .err()
            .map(|error| error.to_string());
        if lost.is_none() && !intake.is_empty() {
            let rows = intake.iter().flat_map(|(rows, _)| rows);
            lost = self
                .append(rows, &mut wakes)
                .err()
                .map(|error| error.to_string());
        }
        let started = Instant::now();
        let mut next = first;
        while let Some(mut job) = next {
            if lost.is_none() {
                lost = self.run_job(job.as_mut(), &mut wakes);
            }
            done.push(job);
            next = if lost.is_none() && started.elapsed() < GROUP_TIME {
                self.queues.next_work()
            } else {
                None
            };
        }
        if lost.is_none() {
            lost = self.commit().err().map(|error| error.to_string());
        }
        if lost.is_some() {
            // Ends whatever is still open; there may be nothing.
            let _ = batch(&self.tx, "ROLLBACK");
        }
        drop(open);
        if lost.is_none() {
            metrics::histogram!("kesher_store_group_size")
                .record((intake.len() + done.len()) as f64);
            (self.on_commit)(wakes);
        }
        for (_, caller) in intake {
            let _ = caller.send(
                lost.as_ref()
                    .map_or(Ok(()), |why| Err(Error::Unavailable(why.clone()))),
            );
        }
        for job in done {
            job.answer(lost.as_deref());
        }
    }

    fn append<'e>(
        &mut self,
        rows: impl Iterator<Item = &'e NewEntry>,
        wakes: &mut Vec<Wake>,
    ) -> Result<()> {
        let Engine::Sqlite(connection) = &self.tx.engine else {
            return Err(Error::Waited);
        };
        journal::append_sqlite(connection, rows, wakes)
    }

    /// Runs one write in a savepoint. Says why, when the whole transaction is gone.
    fn run_job(&mut self, job: &mut dyn Job, wakes: &mut Vec<Wake>) -> Option<String> {
        if let Err(error) = batch(&self.tx, "SAVEPOINT work") {
            return Some(error.to_string());
        }
        let worked = job.run(&mut self.tx);
        let ended = if worked {
            wakes.append(&mut self.tx.wakes);
            batch(&self.tx, "RELEASE work")
        } else {
            self.tx.events.clear();
            self.tx.wakes.clear();
            // After some errors (a full disk) SQLite has rolled everything back, the others' writes too.
            if self.is_gone() {
                return Some("the database rolled the whole group back".to_owned());
            }
            batch(&self.tx, "ROLLBACK TO work; RELEASE work")
        };
        ended.err().map(|error| error.to_string())
    }

    fn is_gone(&self) -> bool {
        matches!(&self.tx.engine, Engine::Sqlite(connection) if connection.is_autocommit())
    }

    fn commit(&self) -> Result<()> {
        let Engine::Sqlite(connection) = &self.tx.engine else {
            return Err(Error::Waited);
        };
        match connection.execute_batch("COMMIT") {
            Ok(()) => Ok(()),
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure) =>
            {
                fatal(&error.to_string())
            }
            Err(error) => Err(error.into()),
        }
    }
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
    opened: AtomicUsize,
}

impl Readers {
    fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            idle: Mutex::default(),
            free: Arc::new(Semaphore::new(READERS)),
            opened: AtomicUsize::new(0),
        }
    }

    fn take(&self) -> Result<Connection> {
        if let Some(connection) = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
        {
            return Ok(connection);
        }
        self.opened.fetch_add(1, Ordering::Relaxed);
        connect(&self.path, true)
    }

    fn give_back(&self, connection: Connection) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
    }
}

fn batch(tx: &Tx, sql: &str) -> Result<()> {
    match &tx.engine {
        Engine::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
        Engine::Postgres(_) => Err(Error::Waited),
    }
}

fn connect(path: &Path, reads_only: bool) -> Result<Connection> {
    let flags = if reads_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
    };
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| Error::Open(format!("{}: {error}", path.display())))?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(256);
    if !reads_only {
        // FULL: a commit is on the disk when it is answered. Copying the log into the file is the keeper's work.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; \
             PRAGMA cache_size = -16384;",
        )?;
    }
    connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 268435456;")?;
    Ok(connection)
}

/// Refuses a second process on the same file.
fn lock(path: &Path) -> Result<std::fs::File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let open = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name);
    let file =
        open.map_err(|error| Error::Open(format!("{}: {error}", Path::new(&name).display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::Open(format!(
            "{} is in use by another process",
            path.display()
        ))),
        Err(std::fs::TryLockError::Error(error)) => Err(Error::Open(error.to_string())),
    }
}

/// Keeps a copy of the file as it was before it is brought up to this version.
fn back_up(connection: &Connection, path: &Path) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".before-migration");
    // A copy from an earlier try is older than the data is now.
    let _ = std::fs::remove_file(&name);
    let copy = connection.execute(
        "VACUUM INTO ?1",
        [PathBuf::from(&name).display().to_string()],
    );
    copy.map(|_| ()).map_err(|error| {
        Error::Open(format!(
            "no backup could be made before the migration: {error}"
        ))
    })
}

/// Copies the log into the file beside the writer, so that no commit pays for it.
fn spawn_keeper(
    path: &Path,
    queues: &Arc<Queues>,
    gate: &Arc<Mutex<()>>,
) -> Result<std::thread::JoinHandle<()>> {
    let connection = connect(path, false)?;
    let (queues, gate) = (Arc::clone(queues), Arc::clone(gate));
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    std::thread::Builder::new()
        .name("sqlite-keeper".to_owned())
        .spawn(move || {
            loop {
                std::thread::park_timeout(Duration::from_millis(500));
                if queues.lock().closed {
                    break;
                }
                let size = std::fs::metadata(&wal).map_or(0, |file| file.len());
                if size < CHECKPOINT_BYTES {
                    continue;
                }
                if let Err(error) = copy_log(&connection, &gate) {
                    tracing::warn!(%error, "could not copy the log into the database file");
                }
            }
        })
        .map_err(|error| Error::Open(error.to_string()))
}

/// Copies while others write. A log that does not come to an end by itself, since more is written meanwhile, is begun
/// anew: that keeps the writer out, so it is done when hardly anything is left to copy.
fn copy_log(connection: &Connection, gate: &Mutex<()>) -> rusqlite::Result<()> {
    // The log's length and how much of it is copied, in pages.
    let copy = |mode: &str| {
        connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
            Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        })
    };
    let (length, copied) = copy("PASSIVE")?;
    if copied < length && length > LOG_PAGES {
        copy("PASSIVE")?;
        let _nobody_writes = gate.lock().unwrap_or_else(PoisonError::into_inner);
        copy("RESTART")?;
    }
    Ok(())
}
