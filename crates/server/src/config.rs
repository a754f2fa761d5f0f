//! What the program listens to: flags, and the environment behind them. Each is read here, once.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use app::seal::Seal;
use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use store::DatabaseUrl;

/// Leads and their WhatsApp conversations, on a machine of your own.
#[derive(Debug, Parser)]
#[command(name = "kesher", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// What is logged: `info`, `debug`, or a filter such as `app=debug,info`.
    #[arg(
        long,
        global = true,
        env = "KESHER_LOG",
        default_value = "info,tower_http=warn"
    )]
    pub log: String,
    /// Logs as JSON, one object a line.
    #[arg(long, global = true, env = "KESHER_LOG_JSON")]
    pub log_json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the server.
    Serve(Serve),
    /// Runs the server with a pretend WhatsApp and a small business to look at, on this machine alone.
    Demo(Demo),
    /// Runs the pretend WhatsApp by itself.
    Sandbox(Sandbox),
    /// Brings the database up to this version, and ends.
    Migrate(Data),
    /// Looks at the settings and the database, and says what is wrong.
    Doctor(Data),
    /// Writes the API's OpenAPI document.
    Openapi,
    /// Writes the guide's page "What can this number do?".
    Capabilities(CapabilitiesCommand),
}

#[derive(Debug, Clone, Args)]
pub struct CapabilitiesCommand {
    #[arg(long, value_enum, default_value = "en")]
    pub language: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    En,
    He,
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct Data {
    /// The folder for the database, files and the secret key.
    #[arg(long, env = "KESHER_DATA", default_value = "data")]
    pub data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; a SQLite file in the data folder when left out.
    #[arg(long, env = "KESHER_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// 64 hex digits that seal secrets in the database; `<data>/secret.key` when left out.
    #[arg(long, env = "KESHER_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Serve {
    #[command(flatten)]
    pub data: Data,
    /// The address to answer on; port 0 takes a free one.
    #[arg(long, env = "KESHER_LISTEN", default_value = "127.0.0.1:4180")]
    pub listen: SocketAddr,
    /// How others reach this server, such as `https://crm.example.co.il`.
    #[arg(long, env = "KESHER_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Whoever reads /metrics from another machine sends this as a bearer token.
    #[arg(long, env = "KESHER_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// Starts a test installation's clock at this instant. Only while the database is empty.
    #[arg(long, value_name = "RFC3339", env = "KESHER_TEST_CLOCK")]
    pub test_clock: Option<Timestamp>,
    /// Mistakes to make on purpose.
    #[cfg(feature = "planted-faults")]
    #[arg(long, env = "KESHER_PLANTED_FAULTS", default_value = "")]
    pub planted_faults: String,
}

#[derive(Debug, Clone, Args)]
pub struct Demo {
    /// The folder for everything of the demo.
    #[arg(long, env = "KESHER_DATA", default_value = "data/demo")]
    pub data: PathBuf,
    /// The address to answer on; a free port is taken when it is in use.
    #[arg(long, env = "KESHER_LISTEN", default_value = "127.0.0.1:4180")]
    pub listen: SocketAddr,
    /// The pretend WhatsApp's address; a free port is taken when it is in use.
    #[arg(long, env = "KESHER_SANDBOX_LISTEN", default_value = "127.0.0.1:4181")]
    pub sandbox_listen: SocketAddr,
    /// `postgres://…` instead of a SQLite file in the data folder.
    #[arg(long, env = "KESHER_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// The language of the owner: `he` or `en`.
    #[arg(long, env = "KESHER_DEMO_LOCALE", default_value = "he")]
    pub locale: String,
}

#[derive(Debug, Clone, Args)]
pub struct Sandbox {
    /// The address to answer on; port 0 takes a free one. Loopback only.
    #[arg(long, default_value = "127.0.0.1:4181")]
    pub listen: SocketAddr,
    /// Where the ledger and files are kept; without one everything is forgotten at the end.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// A file with a setup (as `POST /control/setup` takes it) for an empty sandbox.
    #[arg(long)]
    pub setup: Option<PathBuf>,
    /// The default app's secret, which signs webhooks.
    #[arg(long, env = "KESHER_SANDBOX_SECRET", hide_env_values = true)]
    pub secret: Option<String>,
    /// The default app's access token.
    #[arg(long, env = "KESHER_SANDBOX_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Answers unknown fields in Graph requests with an error.
    #[arg(long)]
    pub strict: bool,
    /// Makes ids repeatable.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Runs the clock so many seconds behind the machine's.
    #[arg(long, default_value_t = 0)]
    pub behind_s: u32,
    /// Ends when its standard input does: when whoever started it is gone.
    #[arg(long)]
    pub until_stdin_ends: bool,
}

/// Something is wrong with how the program was started. Names the flag and what mends it.
#[derive(Debug, thiserror::Error)]
#[error("{flag}: {what}; {mend}")]
pub struct BadSetting {
    pub flag: &'static str,
    pub what: String,
    pub mend: String,
}

impl BadSetting {
    pub fn new(flag: &'static str, what: impl ToString, mend: impl ToString) -> Self {
        Self {
            flag,
            what: what.to_string(),
            mend: mend.to_string(),
        }
    }
}

impl Data {
    /// Where the database is.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn database(&self) -> Result<DatabaseUrl, BadSetting> {
        let Some(url) = &self.database_url else {
            return Ok(DatabaseUrl::Sqlite(self.data.join("kesher.db")));
        };
        DatabaseUrl::parse(url).map_err(|error| {
            BadSetting::new(
                "--database-url",
                error,
                "write sqlite:PATH or postgres://USER@HOST/NAME",
            )
        })
    }

    /// Makes the data folder, for its owner alone.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn prepare(&self) -> Result<(), BadSetting> {
        std::fs::create_dir_all(&self.data).map_err(|error| {
            let what = format!(
                "the folder {} cannot be made ({error})",
                self.data.display()
            );
            BadSetting::new(
                "--data",
                what,
                "choose a folder that this user may write to",
            )
        })
    }

    /// The key that seals secrets; made at the first start.
    ///
    /// # Errors
    /// When it cannot be read or is no key.
    pub fn seal(&self) -> Result<Seal, BadSetting> {
        let mend = "give 64 hex digits, the same as at the first start";
        if let Some(key) = &self.secret_key {
            return Seal::from_hex(key)
                .map_err(|error| BadSetting::new("--secret-key", error, mend));
        }
        let path = self.data.join("secret.key");
        let key = match std::fs::read_to_string(&path) {
            Ok(key) => key,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = Seal::new_key();
                write_private(&path, &format!("{key}\n")).map_err(|error| {
                    let what = format!("{} cannot be written ({error})", path.display());
                    BadSetting::new(
                        "--data",
                        what,
                        "choose a folder that this user may write to",
                    )
                })?;
                key
            }
            Err(error) => {
                let what = format!("{} cannot be read ({error})", path.display());
                return Err(BadSetting::new(
                    "--data",
                    what,
                    "give this user the right to read it",
                ));
            }
        };
        Seal::from_hex(&key).map_err(|error| {
            let what = format!("{}: {error}", path.display());
            BadSetting::new(
                "--data",
                what,
                "put back the key that this database was made with",
            )
        })
    }
}

/// Writes a file that its owner alone can read, whole or not at all.
///
/// # Errors
/// When the disk says no.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let beside = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
