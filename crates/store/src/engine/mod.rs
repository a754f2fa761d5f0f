//! The two databases under one roof.

pub mod postgres;
pub mod sqlite;

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::error::{Error, Result};
use crate::tx::{Tx, Wake};

pub type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// Told of every commit, on whatever thread made it; must be quick.
pub type OnCommit = Arc<dyn Fn(Vec<Wake>) + Send + Sync>;

/// Finishes a future that only ever waits for an SQLite connection, which answers at once.
fn at_once<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(Error::Waited),
    }
}

/// Sends the process to its end: a failed sync may have lost what it reported, so nothing may be answered after it.
fn fatal(why: &str) -> ! {
    tracing::error!(
        why,
        "the disk failed while committing; stopping so that nothing false is answered"
    );
    std::process::abort();
}

/// Reads the epoch of the active process and compares. Rows are held, so that a takeover waits for this transaction.
pub(crate) async fn check_epoch(tx: &mut Tx, epoch: i64) -> Result<()> {
    let current = crate::lease::current_epoch(tx).await?;
    if current == epoch {
        Ok(())
    } else {
        Err(Error::Fenced)
    }
}
