//! The process under test: the real binary.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::Result;
use super::world::Place;

/// A running `kesher serve`.
pub struct Process {
    pub url: String,
    child: Child,
    /// From the start to the first answer.
    pub started_in: Duration,
}

/// How to start it.
#[derive(Debug, Clone)]
pub struct Start {
    pub binary: PathBuf,
    pub place: Place,
    pub port: u16,
    /// Names of planted faults; only a binary with that feature knows them.
    pub planted: String,
}

/// A port that is free now.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Process {
    /// Starts the process and waits for its first answer.
    ///
    /// # Errors
    /// When it ends, or does not answer within twenty seconds.
    pub async fn start(start: &Start) -> Result<Self> {
        let began = Instant::now();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(
            start
                .place
                .folder
                .join(format!("kesher-{}.log", start.port)),
        )?;
        let mut command = Command::new(&start.binary);
        command
            .arg("serve")
            .args(["--data", &start.place.folder.display().to_string()])
            .args(["--database-url", &start.place.url_text()])
            .args(["--listen", &format!("127.0.0.1:{}", start.port)])
            .env("KESHER_SECRET_KEY", &start.place.secret_key)
            .stdin(Stdio::null())
            .stdout(Stdio::from(log.try_clone()?))
            .stderr(Stdio::from(log))
            .kill_on_drop(true);
        if !start.planted.is_empty() {
            command.env("KESHER_PLANTED_FAULTS", &start.planted);
        }
        let mut child = command.spawn()?;
        let url = format!("http://127.0.0.1:{}", start.port);
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(1))
            .build()?;
        loop {
            if let Some(status) = child.try_wait()? {
                return Err(format!("the process ended at its start: {status}").into());
            }
            let answer = client.get(format!("{url}/healthz")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(Self {
                    url,
                    child,
                    started_in: began.elapsed(),
                });
            }
            if began.elapsed() > Duration::from_secs(20) {
                return Err("the process does not answer".into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Kills it as a power cut of the process would: no handler of its own runs.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn kill(mut self) -> Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }

    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Sends it a signal by name (`STOP`, `CONT`, `TERM`).
    ///
    /// # Errors
    /// When there is no such process.
    pub async fn signal(&self, name: &str) -> Result<()> {
        let pid = self.child.id().ok_or("the process has ended")?;
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(pid.to_string())
            .status()
            .await?;
        if sent.success() {
            Ok(())
        } else {
            Err("the signal could not be sent".into())
        }
    }

    /// Resident memory, in bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn memory_bytes(&self) -> Result<u64> {
        let pid = self.child.id().ok_or("the process has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .ok_or("no VmRSS")?;
        let kb: u64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
        Ok(kb * 1024)
    }
}
