//! The ledger: an append-only file of transactions, one JSON line each, and the thread that writes it.
//!
//! A line is flushed to disk (`fdatasync`, one for all the lines that gathered meanwhile) before the answer it stands for leaves and before its webhooks go out. A torn last line, from a kill in the middle of a write, is cut off at the start. An error of the disk ends the sandbox: after it nothing is known.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use tokio::sync::{mpsc as async_mpsc, oneshot};

use crate::world::{Hook, Record};

/// One transaction on its way to the disk.
struct Commit {
    line: Vec<u8>,
    hooks: Vec<Hook>,
    done: oneshot::Sender<()>,
    /// Begin a new file with this line.
    anew: bool,
}

/// Hands transactions to the writer in the order in which they were made.
#[derive(Debug)]
pub struct Ledger {
    to: Option<mpsc::Sender<Commit>>,
    hooks: async_mpsc::UnboundedSender<Hook>,
}

/// Resolves when a transaction is on the disk.
#[must_use = "an answer may only leave once its transaction is durable"]
pub struct Durable(Option<oneshot::Receiver<()>>);

impl Durable {
    /// Nothing was written.
    pub fn already() -> Self {
        Self(None)
    }

    /// False when the disk failed, and the answer must not leave.
    pub async fn reached(self) -> bool {
        match self.0 {
            Some(done) => done.await.is_ok(),
            None => true,
        }
    }
}

impl Ledger {
    /// A ledger that is forgotten: webhooks are let go at once.
    pub fn in_memory(hooks: async_mpsc::UnboundedSender<Hook>) -> Self {
        Self { to: None, hooks }
    }

    /// Starts the writer of `file`, which [`replay`] has opened.
    pub fn on_disk(file: File, hooks: async_mpsc::UnboundedSender<Hook>) -> std::io::Result<Self> {
        let (to, from) = mpsc::channel();
        let released = hooks.clone();
        std::thread::Builder::new().name("sandbox-ledger".into()).spawn(move || {
            if let Err(error) = write_all(file, &from, &released) {
                tracing::error!(%error, "the ledger cannot be written; nothing more is accepted");
            }
        })?;
        Ok(Self {
            to: Some(to),
            hooks,
        })
    }

    /// Appends a transaction. Called under the world's lock, so that the file's order is the order of
    /// the changes.
    pub fn append(&self, records: &[Record], hooks: Vec<Hook>, anew: bool) -> Durable {
        let Some(to) = &self.to else {
            for hook in hooks {
                let _ = self.hooks.send(hook);
            }
            return Durable::already();
        };
        let mut line = serde_json::to_vec(records).unwrap_or_default();
        line.push(b'\n');
        let (done, durable) = oneshot::channel();
        let _ = to.send(Commit {
            line,
            hooks,
            done,
            anew,
        });
        Durable(Some(durable))
    }
}

/// Gathers what is waiting, writes it, flushes it, and lets the waiters and the webhooks go.
fn write_all(
    mut file: File,
    from: &mpsc::Receiver<Commit>,
    hooks: &async_mpsc::UnboundedSender<Hook>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    while let Ok(first) = from.recv() {
        let mut batch = vec![first];
        batch.extend(from.try_iter().take(4_095));
        for commit in &batch {
            if commit.anew {
                bytes.clear();
                file.set_len(0)?;
                file.rewind()?;
            }
            bytes.extend_from_slice(&commit.line);
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
        bytes.clear();
        for commit in batch {
            let _ = commit.done.send(());
            for hook in commit.hooks {
                let _ = hooks.send(hook);
            }
        }
    }
    Ok(())
}

/// Reads the ledger in `folder`, giving each transaction to `apply`, and returns the file ready for
/// appending. A line that is not whole is cut off when it is the last, and an error elsewhere.
pub fn replay(folder: &Path, mut apply: impl FnMut(Vec<Record>)) -> std::io::Result<File> {
    std::fs::create_dir_all(folder)?;
    let path = file_in(folder);
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(&path)?;
    let length = file.metadata()?.len();
    let mut reader = BufReader::new(&mut file);
    let (mut whole, mut line) = (0_u64, Vec::new());
    loop {
        line.clear();
        let read = reader.by_ref().read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        let end = whole + u64::try_from(read).unwrap_or(0);
        match serde_json::from_slice::<Vec<Record>>(&line) {
            Ok(records) if line.ends_with(b"\n") => apply(records),
            Err(error) if end < length => {
                return Err(std::io::Error::other(format!(
                    "{}: at byte {whole}: {error}",
                    path.display()
                )));
            }
            _ => break,
        }
        whole = end;
    }
    if whole < length {
        tracing::warn!(
            cut_bytes = length - whole,
            "the ledger ended in a torn line"
        );
        file.set_len(whole)?;
        file.sync_data()?;
    }
    File::open(folder)?.sync_all()?;
    Ok(file)
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("ledger.jsonl")
}
