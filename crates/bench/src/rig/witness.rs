//! The witness: it writes down what was acknowledged, on the disk before it counts, and knows nothing else.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::Result;

#[derive(Clone)]
pub struct Witness(Arc<Mutex<Notes>>);

struct Notes {
    file: File,
    webhooks: BTreeSet<String>,
    sends: BTreeSet<String>,
}

impl Witness {
    /// # Errors
    /// When the file cannot be made.
    pub fn new(folder: &Path) -> Result<Self> {
        let file = File::create(folder.join("witness.log"))?;
        Ok(Self(Arc::new(Mutex::new(Notes {
            file,
            webhooks: BTreeSet::new(),
            sends: BTreeSet::new(),
        }))))
    }

    /// A webhook with this message was answered 200.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn webhook(&self, wamid: &str) -> Result<()> {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(notes.file, "webhook {wamid}")?;
        notes.file.sync_data()?;
        notes.webhooks.insert(wamid.to_owned());
        Ok(())
    }

    /// A message was taken with this id (202).
    ///
    /// # Errors
    /// When the disk says no.
    pub fn send(&self, message_id: &str) -> Result<()> {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(notes.file, "send {message_id}")?;
        notes.file.sync_data()?;
        notes.sends.insert(message_id.to_owned());
        Ok(())
    }

    #[must_use]
    pub fn webhooks(&self) -> BTreeSet<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .webhooks
            .clone()
    }

    #[must_use]
    pub fn sends(&self) -> BTreeSet<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .sends
            .clone()
    }
}
