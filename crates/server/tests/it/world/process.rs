//! Processes of one installation: what outlives them, one that ends and starts again, another beside it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use app::files::Files;
use app::seal::Seal;
use app::{App, Parts, chance};
use futures_util::future::BoxFuture;
use server::commands::serve::{self, Settings};
use server::door::Demo;
use store::Tx;
use store::testing::TestDatabase;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{World, eventually};

/// What outlives a process: its database, its files, the key of its secrets, the pretend WhatsApp beside it.
pub(super) struct Home {
    pub(super) database: TestDatabase,
    pub(super) folder: tempfile::TempDir,
    pub(super) seal_key: String,
    pub(super) sandbox: Option<(String, DropGuard)>,
}

impl Home {
    pub(super) async fn open(&self) -> Arc<App> {
        App::open(Parts {
            url: self.database.url.clone(),
            seal: Seal::from_hex(&self.seal_key).unwrap(),
            files: Files::in_folder(&self.folder.path().join("files")).unwrap(),
            holder: chance::token(),
            faults: app::faults::Faults::default(),
        })
        .await
        .unwrap()
    }
}

impl World {
    pub(super) async fn start(
        home: Arc<Home>,
        app: Arc<App>,
        listen: SocketAddr,
        base_url: Option<String>,
    ) -> Self {
        let stop = CancellationToken::new();
        let sandbox = home.sandbox.as_ref().map(|(url, _)| url.clone());
        let settings = Settings {
            listen,
            public_url: None,
            metrics_token: None,
            demo: sandbox.clone().map(|sandbox_url| Demo { sandbox_url }),
        };
        let running = serve::start(Arc::clone(&app), settings, stop.clone())
            .await
            .map_err(|error| error.to_string())
            .unwrap();
        Self {
            app,
            url: format!("http://{}", running.address),
            base_url: sandbox
                .clone()
                .or(base_url)
                // Nobody listens there.
                .unwrap_or_else(|| "http://127.0.0.1:9".to_owned()),
            sandbox,
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(30))
                .build()
                .unwrap(),
            shops: AtomicU64::new(0),
            running,
            stop: stop.drop_guard(),
            home,
        }
    }

    /// Another process on the same database, beside this one. PostgreSQL only.
    pub async fn another(&self) -> Self {
        let app = self.home.open().await;
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let base_url = Some(self.base_url.clone());
        Self::start(Arc::clone(&self.home), app, anywhere, base_url).await
    }

    /// Ends this process; what the caller does to the database meanwhile, and where it stood.
    pub async fn end(self) -> Ended {
        let address = self.running.address;
        self.running
            .finish()
            .await
            .map_err(|error| error.to_string())
            .unwrap();
        drop(self.stop);
        // Whatever it still did in the background comes to its end.
        eventually("nothing of it is left", async || {
            (Arc::strong_count(&self.app) == 1).then_some(())
        })
        .await;
        Ended {
            home: self.home,
            address,
            base_url: self.base_url,
        }
    }
}

/// A process that has ended.
pub struct Ended {
    home: Arc<Home>,
    address: SocketAddr,
    base_url: String,
}

impl Ended {
    /// Starts again, at the same address.
    pub async fn start(self) -> World {
        let app = self.home.open().await;
        World::start(self.home, app, self.address, Some(self.base_url)).await
    }

    /// Changes the database while no process has it.
    pub async fn meanwhile<I: Send + Sync + Clone + 'static>(
        &self,
        input: I,
        change: impl for<'a> Fn(&'a mut Tx, &'a I) -> BoxFuture<'a, store::Result<()>>
        + Send
        + Sync
        + 'static,
    ) {
        let quiet: store::OnCommit = Arc::new(|_| {});
        let store = store::Store::open(&self.home.database.url, quiet)
            .await
            .unwrap();
        store.write(input, change).await.unwrap();
    }
}

pub(super) async fn start_sandbox() -> (String, DropGuard) {
    let config = sandbox::Config {
        strict: true,
        ..sandbox::Config::default()
    };
    let sandbox = sandbox::Sandbox::open(config).await.unwrap();
    let url = sandbox.url();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move { sandbox.run(async move { stopped.cancelled().await }).await });
    (url, stop.drop_guard())
}
