//! What the product does: one file per verb. No HTTP, no SQL.
//!
//! The way of the data is one way. [`receive_webhook`] puts what the outside says into the journal; the [`lanes`]
//! apply it to the state; people's commands (`send_message`, `edit_lead`, …) write to the state and to the outbox;
//! the [`senders`] say what stands in the outbox; [`jobs`] do slow work. Nothing in memory has to last: every wait is
//! a row, and whoever is woken looks into the database.

pub mod caller;
pub mod chance;
pub mod clock;
pub mod directory;
pub mod error;
pub mod faults;
pub mod files;
pub mod seal;
pub mod signals;

pub mod active;
pub mod jobs;
pub mod lanes;
pub mod message_content;
mod pacing;
pub mod receive_webhook;
pub mod run;
pub mod senders;
pub mod timers;

pub mod browse;

pub mod change_conversation;
pub mod check_channel;
mod close_attention;
pub mod connect_channel;
pub mod connect_number;
pub mod edit_channel;
pub mod edit_contact;
pub mod edit_lead;
pub mod hand_off;
pub mod import_chat;
pub mod keep_file;
pub mod link_number;
pub mod look_after_quarantine;
pub mod manage_api_keys;
pub mod manage_users;
pub mod manage_wordings;
pub mod mark_read;
pub mod note_webhook;
pub mod open_conversation;
pub mod opt_out;
pub mod preview_decision;
pub mod react_to_message;
pub mod run_campaign;
pub mod seed_demo;
pub mod send_message;
pub mod set_up;
pub mod set_up_number;
pub mod settle_message;
pub mod share_file;
pub mod sign_in;
pub mod wind_clock;

use std::sync::{Arc, OnceLock};

use store::Store;
use whatsapp::meta::client::Client;
use whatsapp::speaker::Speaker;

pub use error::{Error, Refusal, RefusalKind, Result};

/// Everything that a verb needs: memory, speech, time and chance.
pub struct App {
    pub store: Store,
    pub clock: clock::Clock,
    pub ids: Arc<chance::Ids>,
    pub seal: seal::Seal,
    pub files: files::Files,
    pub signals: Arc<signals::Signals>,
    pub directory: directory::Current,
    pub active: active::Active,
    pub faults: faults::Faults,
    pub speaker: Speaker,
    http: reqwest::Client,
    public_url: OnceLock<String>,
}

/// What an application needs to open.
pub struct Parts {
    pub url: store::DatabaseUrl,
    pub seal: seal::Seal,
    pub files: files::Files,
    /// Names this process among those of one database.
    pub holder: String,
    pub faults: faults::Faults,
}

impl App {
    /// Opens memory, brings it up to this version, and reads the directory.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub async fn open(parts: Parts) -> Result<Arc<Self>> {
        let signals = Arc::new(signals::Signals::default());
        let store = Store::open(&parts.url, signals.on_commit()).await?;
        let installation = store
            .read((), |tx, ()| Box::pin(store::installation::get(tx)))
            .await?;
        let http = whatsapp::meta::client::http_client(whatsapp::meta::client::Timeouts::default())
            .map_err(|error| Error::Files(error.to_string()))?;
        let active = active::Active::new(parts.holder, store.dialect());
        let app = Self {
            store,
            clock: clock::Clock::default(),
            ids: Arc::default(),
            seal: parts.seal,
            files: parts.files,
            signals,
            directory: directory::Current::default(),
            active,
            faults: parts.faults,
            speaker: Speaker::new(http.clone()),
            http,
            public_url: OnceLock::new(),
        };
        app.clock.set_offset_ms(installation.clock_offset_ms);
        app.resume_cap_clock().await?;
        app.reload_directory().await?;
        Ok(Arc::new(app))
    }

    /// Reads apps, channels and secrets again.
    ///
    /// # Errors
    /// As the database says; the old snapshot stays then.
    pub async fn reload_directory(&self) -> Result<()> {
        self.directory
            .set(directory::Directory::load(&self.store, &self.seal).await?);
        Ok(())
    }

    /// Takes the clock of caps up and keeps it: the wall clock of this start does not free anything.
    async fn resume_cap_clock(&self) -> Result<()> {
        let kept = self
            .store
            .read((), |tx, ()| Box::pin(store::pace::cap_clock(tx)))
            .await?;
        self.clock.resume_cap(kept);
        self.keep_cap_clock().await
    }

    /// Keeps the clock of caps as it is now.
    ///
    /// # Errors
    /// As the database says.
    pub(crate) async fn keep_cap_clock(&self) -> Result<()> {
        let anchor = self.clock.cap_anchor();
        let kept = self.store.write(anchor, |tx, (boot, clock)| {
            Box::pin(store::pace::keep_cap_clock(tx, boot, *clock))
        });
        Ok(kept.await?)
    }

    /// Says under which address others reach this installation. Once, before anything runs.
    pub fn set_public_url(&self, url: &str) {
        // A second call would come from a mistake in a test; the first stands.
        let _ = self.public_url.set(url.trim_end_matches('/').to_owned());
    }

    /// An address of ours for others; `None` where nobody has said how they reach us.
    #[must_use]
    pub fn link(&self, path: &str) -> Option<String> {
        self.public_url.get().map(|base| format!("{base}{path}"))
    }

    /// A client for this provider address.
    ///
    /// # Errors
    /// When it is no http or https address.
    pub(crate) fn client(&self, base_url: &str) -> std::result::Result<Client, Refusal> {
        Client::new(
            self.http.clone(),
            base_url,
            whatsapp::meta::client::GRAPH_VERSION,
        )
        .map_err(|_| Refusal::invalid("base_url_invalid", "base_url"))
    }
}
