//! The command line: each file is one command.

pub mod demo;
pub mod doctor;
pub mod sandbox;
pub mod serve;

use std::process::ExitCode;

use clap::Parser;

use crate::config::{BadSetting, CapabilitiesCommand, Cli, Command, Language};

/// Why a command ended badly. Its sentence is for whoever started it.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Setting(#[from] BadSetting),
    #[error(transparent)]
    App(#[from] app::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("{0}")]
    Other(String),
}

impl Failed {
    pub fn other(what: impl std::fmt::Display) -> Self {
        Self::Other(what.to_string())
    }
}

/// Runs what the command line asks for.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    // One provider for the whole process, before anything speaks TLS. Somebody may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if let Err(failed) = log(&cli) {
        return ended(Err(failed));
    }
    if let Command::Openapi = cli.command {
        return ended(print(&crate::http::openapi_text()));
    }
    if let Command::Capabilities(asked) = &cli.command {
        return ended(capabilities(asked));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli.command)),
        Err(error) => Err(Failed::other(error)),
    };
    ended(outcome)
}

async fn dispatch(command: Command) -> Result<(), Failed> {
    match command {
        Command::Serve(serve) => Box::pin(serve::run(serve)).await,
        Command::Demo(demo) => Box::pin(demo::run(demo)).await,
        Command::Sandbox(sandbox) => Box::pin(sandbox::run(sandbox)).await,
        Command::Migrate(data) => doctor::migrate(data).await,
        Command::Doctor(data) => doctor::run(data).await,
        Command::Openapi | Command::Capabilities(_) => Ok(()),
    }
}

/// The guide's page "What can this number do?", made from the table that decides.
fn capabilities(asked: &CapabilitiesCommand) -> Result<(), Failed> {
    use whatsapp::meta::client::{Timeouts, http_client};
    // It calls nobody; a speaker only knows what each provider can do.
    let http = http_client(Timeouts::default()).map_err(Failed::other)?;
    let speaker = whatsapp::speaker::Speaker::new(http);
    let table = crate::capabilities::Capabilities::new(&speaker);
    print(&crate::capabilities::guide(
        &table,
        asked.language == Language::He,
    ))
}

fn log(cli: &Cli) -> Result<(), Failed> {
    let filter = tracing_subscriber::EnvFilter::try_new(&cli.log).map_err(|error| {
        BadSetting::new(
            "--log",
            error,
            "write a level such as info, or a filter such as app=debug,info",
        )
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if cli.log_json {
        builder.json().try_init()
    } else {
        builder.with_target(false).try_init()
    };
    started.map_err(Failed::other)
}

/// Writes to standard output: what a command answers, apart from its log.
///
/// # Errors
/// When nobody reads it.
pub fn print(text: &str) -> Result<(), Failed> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failed::other)
}

fn ended(outcome: Result<(), Failed>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            use std::io::Write;
            // When even this cannot be written, the exit code tells.
            let _ = writeln!(std::io::stderr(), "kesher: {failed}");
            ExitCode::FAILURE
        }
    }
}
