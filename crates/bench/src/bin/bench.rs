//! The measurements, as ratios in one run. `docs/performance.md` says what they mean.

#![expect(
    clippy::print_stdout,
    reason = "a command that reports on the terminal"
)]

use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use bench::measure::http::Connection;
use bench::measure::{Latencies, baseline, history, import, ingest};
use bench::rig::process::{Process, Start, free_port};
use bench::rig::world::{self, Place};
use bench::rig::{Result, load};
use clap::{Parser, Subcommand, ValueEnum};
use store::DatabaseUrl;

#[derive(Parser)]
struct Options {
    /// The binary under test.
    #[arg(long, default_value = "target/release/kesher")]
    binary: PathBuf,
    /// Seconds of each load.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Messages of the long history.
    #[arg(long, default_value_t = 10_000_000)]
    messages: u64,
    /// Where histories are kept.
    #[arg(long, default_value = "target/bench")]
    cache: PathBuf,
    /// Only these parts; all when left out.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Idle,
    Ingest,
    Import,
    Lists,
}

#[derive(Subcommand)]
enum Command {
    /// The bare baseline, as a process of its own.
    Baseline { port: u16, file: PathBuf },
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    // A second call would be refused; there is none.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outcome = match &options.command {
        Some(Command::Baseline { port, file }) => baseline::serve(*port, file).await,
        None => run(&options).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("the measurement failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<()> {
    let asked = |part| options.only.is_empty() || options.only.contains(&part);
    if asked(Part::Idle) {
        idle(options).await?;
    }
    if asked(Part::Ingest) {
        ingests(options).await?;
    }
    if asked(Part::Import) {
        imports(options).await?;
    }
    if asked(Part::Lists) {
        lists(options).await?;
    }
    Ok(())
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

async fn kesher(
    options: &Options,
    folder: &std::path::Path,
    url: Option<DatabaseUrl>,
) -> Result<Process> {
    let place = Place::new(folder, url);
    let place = Place {
        secret_key: "00".repeat(32),
        ..place
    };
    Process::start(&Start {
        binary: options.binary.clone(),
        place,
        port: free_port()?,
        planted: String::new(),
    })
    .await
}

async fn idle(options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    kesher(options, folder.path(), None).await?.kill().await?;
    let process = kesher(options, folder.path(), None).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let size = std::fs::metadata(&options.binary)?.len();
    println!(
        "start to first answer {}; idle memory {} MB; binary {} MB",
        ms(process.started_in),
        process.memory_bytes()? / 1_000_000,
        size / 1_000_000
    );
    process.kill().await
}

async fn ingests(options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let place = Place {
        secret_key: "00".repeat(32),
        ..Place::new(folder.path(), None)
    };
    world::seed(&place, "http://127.0.0.1:9").await?;
    let process = kesher(options, folder.path(), None).await?;
    let port = port_of(&process);
    let bare_port = free_port()?;
    let mut bare = tokio::process::Command::new(std::env::current_exe()?)
        .args(["baseline", &bare_port.to_string()])
        .arg(folder.path().join("baseline.log"))
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    while Connection::open(bare_port).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let time = Duration::from_secs(options.seconds);
    println!(
        "durable ingest            kesher/s    bare/s   ratio   p50 kesher/bare     p99 kesher/bare   lane lag"
    );
    let mut run = 0;
    for connections in [1, 16, 64] {
        run += 1;
        let bare = ingest::load(bare_port, connections, run, time).await?;
        let ours = ingest::load(port, connections, run, time).await?;
        let lag = drained(&process).await?;
        println!(
            "{connections:>3} connections        {:>12.0} {:>9.0}   {:>4.0}%   {} / {}   {} / {}   {}",
            ours.per_second,
            bare.per_second,
            100.0 * ours.per_second / bare.per_second,
            ms(ours.latencies.quantile(0.5)),
            ms(bare.latencies.quantile(0.5)),
            ms(ours.latencies.quantile(0.99)),
            ms(bare.latencies.quantile(0.99)),
            ms(lag)
        );
    }
    let bare_steady = ingest::steady(bare_port, 1000, run + 1, time).await?;
    let steady = ingest::steady(port, 1000, run + 1, time).await?;
    let lag = drained(&process).await?;
    println!(
        "at 1,000 a second       {:>12.0} {:>9.0}           {} / {}   {} / {}   {}",
        steady.per_second,
        bare_steady.per_second,
        ms(steady.latencies.quantile(0.5)),
        ms(bare_steady.latencies.quantile(0.5)),
        ms(steady.latencies.quantile(0.99)),
        ms(bare_steady.latencies.quantile(0.99)),
        ms(lag)
    );
    bare.kill().await?;
    process.kill().await
}

fn port_of(process: &Process) -> u16 {
    process
        .url
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .unwrap_or(0)
}

/// How long after the last webhook the lane has applied everything: a last message is sent and looked for.
async fn drained(process: &Process) -> Result<Duration> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(60))
        .build()?;
    let started = Instant::now();
    let wamid = format!("wamid.LAST{}", load::now());
    let words = format!("אחרון {}", started.elapsed().as_nanos());
    let body = bench::rig::webhook::text(&wamid, "972500099999", load::now(), &words);
    client
        .post(format!("{}/webhooks/meta", process.url))
        .header("x-hub-signature-256", bench::rig::webhook::sign(&body))
        .body(body)
        .send()
        .await?
        .error_for_status()?;
    loop {
        let page: serde_json::Value = client
            .get(format!(
                "{}/api/v1/conversations?view=all&limit=1",
                process.url
            ))
            .bearer_auth(world::API_KEY)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        if page["items"][0]["last_message"]["text"].as_str() == Some(words.as_str()) {
            return Ok(started.elapsed());
        }
        if started.elapsed() > Duration::from_secs(120) {
            return Err("the lane does not come to its end".into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// An exported chat of 200,000 lines: read alone, then brought, applied and taken back through the API.
async fn imports(options: &Options) -> Result<()> {
    const LINES: usize = 200_000;
    let text = import::chat(LINES);
    let (time, entries) = import::parsed(&text)?;
    let folder = tempfile::tempdir()?;
    let place = Place {
        secret_key: "00".repeat(32),
        ..Place::new(folder.path(), None)
    };
    world::seed(&place, "http://127.0.0.1:9").await?;
    let process = kesher(options, folder.path(), None).await?;
    let done = import::imported(&process.url, text).await?;
    println!(
        "exported chat of {LINES} lines: read at {:.0} lines/s ({entries} messages); previewed in {}; \
         imported at {:.0} messages/s; taken back at {:.0} messages/s",
        per_second(LINES as u64, time),
        ms(done.previewed_in),
        per_second(done.messages, done.applied_in),
        per_second(done.messages, done.undone_in)
    );
    process.kill().await
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

async fn lists(options: &Options) -> Result<()> {
    let small = history::with_messages(&options.cache, 100_000).await?;
    let large = history::with_messages(&options.cache, options.messages).await?;
    println!("                          inbox p50   inbox p99   thread p50   thread p99");
    let mut medians = Vec::new();
    for (path, count) in [(small, 100_000), (large, options.messages)] {
        let folder = tempfile::tempdir()?;
        let process = kesher(options, folder.path(), Some(DatabaseUrl::Sqlite(path))).await?;
        let port = port_of(&process);
        let inbox = reads(port, |n| {
            format!("/api/v1/conversations?view=all&limit={}", 50 + n % 2)
        })
        .await?;
        let threads = count / 50;
        let thread = reads(port, |n| {
            let place = n * 7919 % threads;
            format!("/api/v1/conversations/conv_02{place:024}/messages?limit=50")
        })
        .await?;
        println!(
            "{count:>10} messages     {:>9}   {:>9}   {:>10}   {:>10}",
            ms(inbox.quantile(0.5)),
            ms(inbox.quantile(0.99)),
            ms(thread.quantile(0.5)),
            ms(thread.quantile(0.99))
        );
        medians.push((inbox.quantile(0.5), thread.quantile(0.5)));
        process.kill().await?;
    }
    if let [small, large] = medians[..] {
        println!(
            "long history against short: inbox {:.2} times, thread {:.2} times",
            large.0.as_secs_f64() / small.0.as_secs_f64(),
            large.1.as_secs_f64() / small.1.as_secs_f64()
        );
    }
    Ok(())
}

async fn reads(port: u16, path: impl Fn(u64) -> String) -> Result<Latencies> {
    let mut line = Connection::open(port).await?;
    let mut latencies = Latencies::default();
    for n in 0..600 {
        let request = format!(
            "GET {} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\n\r\n",
            path(n),
            world::API_KEY
        );
        let asked = Instant::now();
        let status = line.call(request.as_bytes()).await?;
        if status != 200 {
            return Err(format!("{}: answered {status}", path(n)).into());
        }
        // The first reads warm the cache.
        if n >= 100 {
            latencies.push(asked.elapsed());
        }
    }
    Ok(latencies)
}
