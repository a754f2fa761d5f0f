//! A pretend WhatsApp: Meta's Cloud API, and those of other providers, from the other side.
//!
//! It answers the Graph API, calls webhooks as Meta does, plays the phones of invented people, and breaks on demand. `docs/sandbox.md` is its manual. It shares nothing with the crate that speaks to WhatsApp: both are written from Meta's reference alone, so that a misspelt field cannot pass by being misspelt on both sides.
//!
//! Where to start: [`core`](crate::core) holds the world behind one lock and runs transactions; `world` says what there is and how a record changes it; `graph` answers Meta's API; `delivery` and `people` are what happens between acceptance and phone; `hooks` carries webhooks; `providers` speaks the other providers' APIs over the same world; `phone` and `control` are the two local APIs.

mod activity;
mod chance;
mod clock;
mod control;
mod core;
mod delivery;
mod faults;
mod faulty;
mod graph;
mod hooks;
mod ledger;
mod line;
mod page;
mod people;
mod phone;
mod pricing;
mod providers;
mod rates;
mod statuses;
mod world;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::chance::Chance;
pub use crate::clock::Source;
use crate::core::Core;
use crate::ledger::Ledger;
use crate::line::{Door, Peer};
pub use crate::world::Setup;
use crate::world::World;

/// How a sandbox is to run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the ledger and the files lie; `None` forgets everything at the end.
    pub data_dir: Option<PathBuf>,
    /// What to add to the default world of an empty sandbox.
    pub setup: Option<Setup>,
    /// The secret and token of the default app.
    pub app_secret: String,
    pub access_token: String,
    /// Unknown fields in Graph requests are errors.
    pub strict: bool,
    /// The address others use for this sandbox; from `listen` unless given.
    pub public_url: Option<String>,
    /// Makes ids and fault decisions repeatable.
    pub seed: Option<u64>,
    pub source: Source,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data_dir: None,
            setup: None,
            app_secret: "sandbox-app-secret".to_owned(),
            access_token: "sandbox-token".to_owned(),
            strict: false,
            public_url: None,
            seed: None,
            source: Source::system(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
    #[error("the ledger in {0} cannot be opened")]
    Ledger(PathBuf, #[source] std::io::Error),
    #[error("the setup is not valid: {0}")]
    Setup(String),
    #[error("the webhook client cannot be made")]
    Client(#[from] reqwest::Error),
    #[error("the server failed")]
    Serve(#[source] std::io::Error),
}

/// Opens a sandbox and runs it until `shutdown`.
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    Sandbox::open(config).await?.run(shutdown).await
}

/// A sandbox that listens and remembers, but does not answer yet.
#[derive(Debug)]
pub struct Sandbox {
    core: Arc<Core>,
    door: Door,
    address: SocketAddr,
    hooks: mpsc::UnboundedReceiver<world::Hook>,
}

impl Sandbox {
    /// Binds the address and replays the ledger.
    pub async fn open(config: Config) -> Result<Self, Error> {
        let listen_error = |error| Error::Listen(config.listen, error);
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let (to_dispatcher, hooks) = hook_channel();
        let mut world = World::default();
        let ledger = open_ledger(
            config.data_dir.as_deref(),
            &mut world,
            to_dispatcher.clone(),
        )?;
        for hook in world.pending_hooks() {
            let _ = to_dispatcher.send(hook);
        }
        let chance = match config.seed {
            // A replayed ledger must not meet the same ids again.
            Some(seed) => Chance::seeded(seed.wrapping_add(world.messages.len() as u64)),
            None => Chance::fresh(),
        };
        let empty = world.apps.is_empty() && world.numbers.is_empty();
        let core = Arc::new(Core::new(
            world,
            chance,
            ledger,
            config.source.clone(),
            config.data_dir.as_ref().map(|folder| folder.join("media")),
            config
                .public_url
                .clone()
                .unwrap_or_else(|| format!("http://{address}")),
            config.public_url.is_some(),
            config.app_secret.clone(),
            config.access_token.clone(),
            http_client(Duration::from_secs(60))?,
        ));
        if empty {
            furnish(&core, &config).await?;
        }
        Ok(Self {
            core,
            door: Door(listener),
            address,
            hooks,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers until `shutdown`. Dropping this future stops at once; the ledger has everything that was answered.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Error> {
        let Self {
            core, door, hooks, ..
        } = self;
        let mut tasks = JoinSet::new();
        tasks.spawn(hooks::run(core.clone(), hooks, core.client.clone()));
        tasks.spawn(schedule(core.clone()));
        let over = core.over.clone();
        let stop = over.clone();
        let server = axum::serve(
            door,
            router(core).into_make_service_with_connect_info::<Peer>(),
        )
        .with_graceful_shutdown(async move {
            shutdown.await;
            stop.cancel();
        });
        tokio::select! {
            ended = async { server.await } => ended.map_err(Error::Serve),
            // Connections that do not end by themselves are not waited for.
            () = async { over.cancelled().await; tokio::time::sleep(Duration::from_secs(1)).await } => Ok(()),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what it carries is kept in the world until it is answered, outage or not"
)]
fn hook_channel() -> (
    mpsc::UnboundedSender<world::Hook>,
    mpsc::UnboundedReceiver<world::Hook>,
) {
    mpsc::unbounded_channel()
}

fn open_ledger(
    folder: Option<&std::path::Path>,
    world: &mut World,
    hooks: mpsc::UnboundedSender<world::Hook>,
) -> Result<Ledger, Error> {
    let Some(folder) = folder else {
        return Ok(Ledger::in_memory(hooks));
    };
    let failed = |error| Error::Ledger(folder.to_owned(), error);
    std::fs::create_dir_all(folder.join("media")).map_err(failed)?;
    let file = ledger::replay(folder, |records| {
        records.iter().for_each(|record| world.apply(record));
    })
    .map_err(failed)?;
    Ledger::on_disk(file, hooks).map_err(failed)
}

/// Lays the default world, and the caller's setup over it.
async fn furnish(core: &Core, config: &Config) -> Result<(), Error> {
    let setup = world::default_world(&config.app_secret, &config.access_token);
    let done = core.commit(|tx| {
        control::apply(tx, &setup)?;
        if config.strict {
            control::apply(tx, &strictly())?;
        }
        config
            .setup
            .as_ref()
            .map_or(Ok(()), |setup| control::apply(tx, setup))
    });
    done.await
        .unwrap_or_else(|| Err("the ledger cannot be written".to_owned()))
        .map_err(Error::Setup)
}

fn strictly() -> Setup {
    Setup {
        settings: Some(serde_json::json!({"strict": true})),
        ..Setup::default()
    }
}

/// Fires what comes due, until it is dropped.
async fn schedule(core: Arc<Core>) {
    loop {
        let next = core.fire_due(delivery::fire);
        let wait = next.map_or(500, |due| (due - core.now()).clamp(0, 500));
        if wait > 0 {
            tokio::select! {
                () = core.poke.notified() => {}
                () = tokio::time::sleep(Duration::from_millis(wait.unsigned_abs())) => {}
            }
        } else {
            tokio::task::yield_now().await;
        }
    }
}

fn router(core: Arc<Core>) -> Router {
    let local = Router::new()
        .nest("/control", control::routes())
        .nest("/phone/api", phone::routes())
        .route("/phone", get(page::index))
        .route("/phone/", get(page::index))
        .route("/phone/{*path}", get(page::any))
        .route_layer(axum::middleware::from_fn(control::loopback_only));
    Router::new()
        .route("/", get(page::home))
        .merge(local)
        .merge(providers::routes())
        .fallback(graph::handle)
        .layer(DefaultBodyLimit::max(101 * 1_024 * 1_024))
        .with_state(core)
}

/// The client that calls webhooks: connections are kept, nothing goes through a proxy.
fn http_client(timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
    // Someone else may have chosen a provider already; then theirs is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .pool_max_idle_per_host(256)
        .timeout(timeout)
        .build()
}
