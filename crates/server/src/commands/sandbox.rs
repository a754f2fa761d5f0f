//! `kesher sandbox`.

use sandbox::{Config, Sandbox, Source};
use tokio_util::sync::CancellationToken;

use super::serve::stopped;
use super::{Failed, print};
use crate::config::{BadSetting, Sandbox as Flags};

/// Runs until told to stop. The first line it writes is its address.
///
/// # Errors
/// When it cannot start.
pub async fn run(flags: Flags) -> Result<(), Failed> {
    if !flags.listen.ip().is_loopback() {
        let mend = "choose an address on 127.0.0.1: anyone who reaches it can play every person";
        return Err(BadSetting::new(
            "--listen",
            format!("{} is not on loopback", flags.listen),
            mend,
        )
        .into());
    }
    let setup = match &flags.setup {
        Some(path) => {
            let bad = |error: &dyn std::fmt::Display| {
                BadSetting::new(
                    "--setup",
                    format!("{}: {error}", path.display()),
                    "see docs/sandbox.md for its form",
                )
            };
            let bytes = std::fs::read(path).map_err(|error| bad(&error))?;
            Some(serde_json::from_slice(&bytes).map_err(|error| bad(&error))?)
        }
        None => None,
    };
    let defaults = Config::default();
    let behind_ms = i64::from(flags.behind_s) * 1000;
    let config = Config {
        listen: flags.listen,
        data_dir: flags.data,
        setup,
        app_secret: flags.secret.unwrap_or(defaults.app_secret),
        access_token: flags.token.unwrap_or(defaults.access_token),
        strict: flags.strict,
        public_url: None,
        seed: flags.seed,
        source: Source::system().behind(behind_ms),
    };
    let sandbox = Sandbox::open(config).await.map_err(|error| {
        let cause = std::error::Error::source(&error)
            .map(|cause| format!(" ({cause})"))
            .unwrap_or_default();
        Failed::other(format!("{error}{cause}"))
    })?;
    print(&format!("{}\n", sandbox.url()))?;
    let stop = CancellationToken::new();
    if flags.until_stdin_ends {
        let stop = stop.clone();
        // A thread of its own: the process can end while it still reads.
        std::thread::spawn(move || {
            let mut rest = Vec::new();
            // However it ends, whoever held the other side is gone.
            let _ = std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut rest);
            stop.cancel();
        });
    }
    sandbox.run(stopped(stop)).await.map_err(Failed::other)
}
