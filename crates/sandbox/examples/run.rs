//! Runs a sandbox from flags, for checks that need one before (or without) the `kesher` program.
//!
//! `run [--listen ADDR] [--data DIR] [--setup FILE] [--secret TEXT] [--token TEXT] [--strict]`. The first line it writes is its address.

use std::io::Write;
use std::path::PathBuf;

use sandbox::{Config, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let mut config = Config::default();
    let mut flags = std::env::args().skip(1);
    // `kesher sandbox …` and this take the same flags.
    while let Some(flag) = flags.next() {
        let mut value = || flags.next().ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "sandbox" => {}
            "--listen" => config.listen = value()?.parse()?,
            "--data" => config.data_dir = Some(PathBuf::from(value()?)),
            "--setup" => config.setup = Some(serde_json::from_slice(&std::fs::read(value()?)?)?),
            "--secret" => config.app_secret = value()?,
            "--token" => config.access_token = value()?,
            "--strict" => config.strict = true,
            other => return Err(format!("unknown flag {other}").into()),
        }
    }
    let sandbox = Sandbox::open(config).await?;
    writeln!(std::io::stdout(), "{}", sandbox.url())?;
    std::io::stdout().flush()?;
    sandbox
        .run(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}
