//! `kesher serve`.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use app::{App, Parts};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Failed, print};
use crate::config::{BadSetting, Data, Serve};
use crate::door::{Demo, Door};

/// How long a stop may take.
const STOP: Duration = Duration::from_secs(9);

/// Runs until told to stop.
///
/// # Errors
/// When it cannot start; one sentence says why.
pub async fn run(config: Serve) -> Result<(), Failed> {
    let opened = open(&config.data, faults(&config)).await?;
    if let Some(instant) = config.test_clock {
        choose_clock(&opened, instant).await?;
    }
    let stop = CancellationToken::new();
    let settings = Settings {
        listen: config.listen,
        public_url: config.public_url,
        metrics_token: config.metrics_token,
        demo: None,
    };
    let running = start(opened, settings, stop.clone()).await?;
    print(&format!("Kesher answers at {}\n", running.door.public_url))?;
    if let Some(token) = app::set_up::new_token(&running.door.app).await? {
        print(&format!(
            "Set it up (this link works once): {}\n",
            running.door.link(&format!("/setup?token={token}"))
        ))?;
    }
    stopped(stop).await;
    running.finish().await
}

#[cfg(feature = "planted-faults")]
fn faults(config: &Serve) -> app::faults::Faults {
    app::faults::Faults::named(&config.planted_faults)
}

#[cfg(not(feature = "planted-faults"))]
fn faults(_: &Serve) -> app::faults::Faults {
    app::faults::Faults::default()
}

/// Opens the application on this data.
///
/// # Errors
/// When the data cannot be opened.
pub async fn open(data: &Data, faults: app::faults::Faults) -> Result<Arc<App>, Failed> {
    data.prepare()?;
    let url = data.database()?;
    let parts = Parts {
        url,
        seal: data.seal()?,
        files: app::files::Files::in_folder(&data.data.join("files"))?,
        holder: format!("{}-{}", std::process::id(), &app::chance::token()[..8]),
        faults,
    };
    App::open(parts).await.map_err(|error| match error {
        app::Error::Store(error) => {
            let mend = match &error {
                store::Error::Open(_) => {
                    "see that no other kesher runs on it and that it is of this version"
                }
                _ => "see that it is there and that this user may use it",
            };
            BadSetting::new("--database-url", error, mend).into()
        }
        error => Failed::App(error),
    })
}

async fn choose_clock(app: &Arc<App>, instant: jiff::Timestamp) -> Result<(), Failed> {
    let offset_ms = instant.as_millisecond() - app.clock.machine_now().as_millisecond();
    let chosen = app
        .store
        .write(offset_ms, |tx, offset_ms| {
            Box::pin(store::installation::choose_clock(tx, *offset_ms))
        })
        .await;
    match chosen {
        Ok(()) => {
            app.clock.set_offset_ms(offset_ms);
            Ok(())
        }
        // A restart: the clock was chosen at its creation and has gone on since.
        Err(store::Error::Taken) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// How the door is to stand.
#[derive(Debug, Clone)]
pub struct Settings {
    pub listen: SocketAddr,
    pub public_url: Option<String>,
    pub metrics_token: Option<String>,
    pub demo: Option<Demo>,
}

/// A server that answers and works.
pub struct Running {
    pub door: Arc<Door>,
    pub address: SocketAddr,
    http: JoinHandle<std::io::Result<()>>,
    work: JoinHandle<()>,
    stop: CancellationToken,
}

/// Starts answering and working.
///
/// # Errors
/// When the address cannot be had.
pub async fn start(
    app: Arc<App>,
    settings: Settings,
    stop: CancellationToken,
) -> Result<Running, Failed> {
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        let what = format!("{} cannot be had ({error})", settings.listen);
        BadSetting::new(
            "--listen",
            what,
            "choose another address, or stop what is using it",
        )
    })?;
    let address = listener.local_addr().map_err(Failed::other)?;
    let public_url = public_url(settings.public_url, address)?;
    app.set_public_url(&public_url);
    let door = Arc::new(Door {
        app: Arc::clone(&app),
        gate: app::sign_in::Gate::default(),
        noted: app::note_webhook::Noted::default(),
        public_url,
        demo: settings.demo,
        metrics: recorder(),
        metrics_token: settings.metrics_token,
        stop: stop.clone(),
    });
    let work = tokio::spawn(app::run::run(app, stop.clone()));
    let http = tokio::spawn(crate::http::serve(Arc::clone(&door), listener));
    Ok(Running {
        door,
        address,
        http,
        work,
        stop,
    })
}

impl Running {
    /// Stops: requests and calls under way are finished, within reason.
    ///
    /// # Errors
    /// When answering had broken.
    pub async fn finish(self) -> Result<(), Failed> {
        self.stop.cancel();
        let ended = tokio::time::timeout(STOP, async {
            let (http, work) = tokio::join!(self.http, self.work);
            if let Err(error) = work {
                tracing::error!(%error, "the work broke off");
            }
            http
        });
        match ended.await {
            Ok(Ok(answering)) => answering.map_err(Failed::other),
            Ok(Err(error)) => Err(Failed::other(error)),
            Err(_) => {
                tracing::warn!("some requests did not end in time");
                Ok(())
            }
        }
    }
}

fn public_url(given: Option<String>, address: SocketAddr) -> Result<String, Failed> {
    let Some(url) = given else {
        return Ok(format!("http://{address}"));
    };
    let url = url.trim_end_matches('/').to_owned();
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
        let mend = "write it as https://crm.example.co.il, without a path";
        return Err(BadSetting::new(
            "--public-url",
            format!("{url} is no address of a server"),
            mend,
        )
        .into());
    }
    Ok(url)
}

/// One recorder for the process, however many servers a test starts.
fn recorder() -> Option<PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE
        .get_or_init(|| PrometheusBuilder::new().install_recorder().ok())
        .clone()
}

/// Waits for the word to stop, from outside or from `stop` itself.
pub async fn stopped(stop: CancellationToken) {
    let terminate = async {
        #[cfg(unix)]
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
        () = stop.cancelled() => {}
    }
}
