//! The crash rig: the real process is killed again and again under load, and afterwards nothing acknowledged may be
//! missing, nothing may be in twice, and nothing may have been sent twice.
//!
//! `faults` runs all of it; `faults --short` is the form that runs with the tests; `faults --planted` shows that the
//! rig sees three mistakes that are made on purpose (it needs a binary with the feature `planted-faults`).

#![expect(
    clippy::print_stdout,
    reason = "a command that reports on the terminal"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bench::rig::check::{Verdict, judge, ledger};
use bench::rig::load::{self, Counts, PEOPLE, phone};
use bench::rig::process::{Process, Start, free_port};
use bench::rig::webhook::APP_SECRET;
use bench::rig::witness::Witness;
use bench::rig::world::{self, Place};
use bench::rig::{Error, Result};
use clap::Parser;
use sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

#[derive(Parser)]
struct Options {
    /// A few kills, for the tests.
    #[arg(long)]
    short: bool,
    /// One row only: crash-sqlite, crash-postgres, takeover, paused, planted.
    #[arg(long)]
    row: Option<String>,
    /// The binary under test.
    #[arg(long, default_value = "target/debug/kesher")]
    binary: PathBuf,
    /// Keep the folders of the runs.
    #[arg(long)]
    keep: bool,
}

/// What the number takes in a second.
const CAP: u64 = 80;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    // A second call would be refused; there is none.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(&options).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("the rig itself failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<bool> {
    let wanted = |row: &str| options.row.as_deref().is_none_or(|only| only == row);
    let kills = if options.short { 3 } else { 10 };
    let (mut passed, mut failed) = (0, 0);
    let mut count = |outcome: bool| if outcome { passed += 1 } else { failed += 1 };
    if wanted("crash-sqlite") {
        count(crash(options, "crash-sqlite", None, kills, "").await?);
    }
    if wanted("crash-postgres") {
        match store::testing::postgres().await {
            Some(database) => {
                count(crash(options, "crash-postgres", Some(database.url), kills, "").await?);
            }
            None => println!(
                "crash-postgres: skipped, there is no PostgreSQL (run under scripts/test-postgres)"
            ),
        }
    }
    if wanted("takeover") {
        match store::testing::postgres().await {
            Some(database) => count(takeover(options, database.url).await?),
            None => println!("takeover: skipped, there is no PostgreSQL"),
        }
    }
    if wanted("planted") {
        for fault in ["answer_before_commit", "resend_on_restart", "forget_pace"] {
            count(planted(options, fault).await?);
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// Everything around the process under test.
struct Scene {
    _folder: Option<tempfile::TempDir>,
    start: Start,
    sandbox_url: String,
    stop_sandbox: CancellationToken,
    witness: Witness,
    client: reqwest::Client,
    counts: Arc<Counts>,
}

impl Scene {
    async fn new(
        options: &Options,
        url: Option<store::DatabaseUrl>,
        planted: &str,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().to_owned();
        let kept = if options.keep {
            println!("kept: {}", folder.keep().display());
            None
        } else {
            Some(folder)
        };
        let stop_sandbox = CancellationToken::new();
        let sandbox = Sandbox::open(sandbox::Config {
            app_secret: APP_SECRET.into(),
            ..Default::default()
        })
        .await?;
        let sandbox_url = sandbox.url();
        let stop = stop_sandbox.clone();
        tokio::spawn(async move { sandbox.run(async move { stop.cancelled().await }).await });
        let place = Place::new(&path, url);
        world::seed(&place, &sandbox_url).await?;
        let start = Start {
            binary: options.binary.clone(),
            place,
            port: free_port()?,
            planted: planted.to_owned(),
        };
        Ok(Self {
            _folder: kept,
            start,
            sandbox_url,
            stop_sandbox,
            witness: Witness::new(&path)?,
            client: reqwest::Client::builder()
                .timeout(Duration::from_secs(30))
                .build()?,
            counts: Arc::default(),
        })
    }

    async fn control(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self
            .client
            .post(format!("{}{path}", self.sandbox_url))
            .json(body)
            .send()
            .await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(format!("{path}: {status} {text}").into());
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Tells the sandbox to which process its webhooks go.
    async fn call_back(&self, start: &Start) -> Result<()> {
        let callback = format!("http://127.0.0.1:{}/webhooks/meta", start.port);
        let setup = json!({
            // Statuses come later than the slowest answer: else they settle a message before its answer does, and no
            // kill would find one in between.
            "settings": {"webhook_retry_ms": 200, "webhook_retry_max_s": 1, "webhook_batch": 10,
                         "sent_ms": 1500, "delivered_ms": 100},
            "apps": [{"id": world::META_APP, "secret": APP_SECRET, "callback_url": callback}],
            "portfolios": [{"id": world::PORTFOLIO, "tier": "TIER_UNLIMITED"}]
        });
        self.control("/control/setup", &setup).await?;
        Ok(())
    }

    /// Everyone writes once, so that every window is open on both sides, and the conversations exist.
    async fn open_windows(&self, url: &str) -> Result<Vec<String>> {
        self.call_back(&self.start).await?;
        let people: Vec<Value> = (0..PEOPLE)
            .map(|person| json!({"from": phone(person), "text": "שלום"}))
            .collect();
        self.control("/control/inbound", &json!({"messages": people}))
            .await?;
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let ids = self.conversations(url).await?;
            if ids.len() as u64 == PEOPLE {
                return Ok(ids);
            }
            if Instant::now() > deadline {
                return Err(format!("only {} conversations came to be", ids.len()).into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn conversations(&self, url: &str) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let address = format!("{url}/api/v1/conversations?view=all&limit=100{cursor}");
            let page: Value = self
                .client
                .get(address)
                .bearer_auth(world::API_KEY)
                .send()
                .await?
                .error_for_status()?
                .json()
                .await?;
            let items = page["items"].as_array().ok_or("no items")?;
            ids.extend(
                items
                    .iter()
                    .filter_map(|item| item["id"].as_str().map(ToOwned::to_owned)),
            );
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(ids),
            }
        }
    }

    /// Rows that are marked as being sent; the process must have ended.
    async fn marked(&self) -> Result<usize> {
        let store = self.start.place.open().await?;
        let rows = store
            .read((), |tx, ()| {
                Box::pin(store::outbox::orphans(tx, i64::MAX, 1000))
            })
            .await?;
        Ok(rows.len())
    }

    /// Waits until the sandbox has told everything and the journal is empty.
    async fn drain(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(90);
        let mut calm = 0;
        let mut before = 0;
        while Instant::now() < deadline && calm < 4 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let hooks: Value = self
                .client
                .get(format!("{}/control/webhooks", self.sandbox_url))
                .send()
                .await?
                .json()
                .await?;
            let waits =
                hooks["pending"].as_u64().unwrap_or(0) + hooks["in_flight"].as_u64().unwrap_or(0);
            let accepted = ledger(&self.sandbox_url).await?.accepted.len();
            calm = if waits == 0 && accepted == before {
                calm + 1
            } else {
                0
            };
            before = accepted;
        }
        Ok(())
    }

    /// Entries that wait to be applied, looked at from outside while the process runs.
    async fn lane(&self) -> Result<u64> {
        if let store::DatabaseUrl::Sqlite(path) = &self.start.place.url {
            let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
            let file = rusqlite::Connection::open_with_flags(path, flags)?;
            file.busy_timeout(Duration::from_secs(5))?;
            let count: i64 =
                file.query_row("SELECT count(*) FROM lane_queue", [], |row| row.get(0))?;
            return Ok(u64::try_from(count)?);
        }
        let store = self.start.place.open().await?;
        let waiting = store
            .read((), |tx, ()| {
                Box::pin(store::journal::waiting(tx, world::WORKSPACE, 10_000))
            })
            .await?;
        Ok(waiting.len() as u64)
    }

    async fn verdict(&self) -> Result<Verdict> {
        let ledger = ledger(&self.sandbox_url).await?;
        let store = self.start.place.open().await?;
        judge(&store, &self.witness, &ledger, CAP).await
    }
}

fn report(name: &str, verdict: &Verdict, more: &str) -> bool {
    let figures = verdict
        .figures
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect::<Vec<_>>()
        .join(", ");
    let worked = verdict.violations.is_empty();
    println!(
        "{name}: {} · {more} · {figures}",
        if worked { "ok" } else { "FAILED" }
    );
    for violation in verdict.violations.iter().take(8) {
        println!("  {violation}");
    }
    worked
}

fn pause(least_ms: u64, most_ms: u64) -> Duration {
    let mut bytes = [0_u8; 8];
    let random = if getrandom::fill(&mut bytes).is_ok() {
        u64::from_le_bytes(bytes)
    } else {
        0
    };
    Duration::from_millis(least_ms + random % (most_ms - least_ms))
}

/// Kills under load.
async fn crash(
    options: &Options,
    name: &str,
    url: Option<store::DatabaseUrl>,
    kills: u32,
    planted: &str,
) -> Result<bool> {
    let (verdict, more) = crash_run(options, url, kills, planted).await?;
    Ok(report(name, &verdict, &more))
}

async fn crash_run(
    options: &Options,
    url: Option<store::DatabaseUrl>,
    kills: u32,
    planted: &str,
) -> Result<(Verdict, String)> {
    let on_postgres = url.is_some();
    let scene = Scene::new(options, url, planted).await?;
    let mut process = Process::start(&scene.start).await?;
    let conversations = scene.open_windows(&process.url).await?;
    // Slow answers, so that most kills fall between the mark and the answer: a second's worth is marked at once, and
    // quick ones would all be answered before the next second begins.
    let slow = json!({"seed": 7, "rules": [{"id": "slow", "endpoint": "messages", "delay_ms": [300, 1200]}]});
    scene
        .client
        .put(format!("{}/control/faults", scene.sandbox_url))
        .json(&slow)
        .send()
        .await?
        .error_for_status()?;
    let (url_sender, url) = watch::channel(process.url.clone());
    let stop = CancellationToken::new();
    let mut tasks: JoinSet<std::result::Result<(), Error>> = JoinSet::new();
    load::webhooks(&mut tasks, 220, &url, &scene.witness, &scene.counts, &stop);
    load::sends(
        &mut tasks,
        22,
        &conversations,
        &url,
        &scene.witness,
        &scene.counts,
        &stop,
    );
    let mut between = 0;
    let mut slowest = Duration::ZERO;
    let mut killed = 0;
    // A few more than asked for, until one has fallen where it hurts most.
    while killed < kills || (between == 0 && killed < kills + 6) {
        if planted.contains("pace") || killed == 0 {
            // A queue that is longer than a second's worth, so that a lost pace would show.
            load::burst(
                &format!("burst-{killed}"),
                &conversations,
                &url,
                &scene.witness,
                &scene.counts,
            )
            .await?;
            // A new process is silent for its first second; afterwards the queue is under way.
            tokio::time::sleep(pause(300, 1200)).await;
        } else {
            tokio::time::sleep(pause(800, 2600)).await;
        }
        process.kill().await?;
        killed += 1;
        between += u32::from(scene.marked().await? > 0);
        process = Process::start(&scene.start).await?;
        slowest = slowest.max(process.started_in);
        url_sender.send_replace(process.url.clone());
        if on_postgres {
            // The lease of the process that was killed has to end before this one may send.
            tokio::time::sleep(Duration::from_secs(8)).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop.cancel();
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let behind = scene.lane().await?;
    scene.drain().await?;
    process.kill().await?;
    let mut verdict = scene.verdict().await?;
    verdict
        .figures
        .insert("entries behind at the end of the load", behind);
    if between == 0 && planted.is_empty() {
        verdict.violations.push(
            "no kill fell between the mark and the answer: the run proves too little".to_owned(),
        );
    }
    scene.stop_sandbox.cancel();
    let more = format!(
        "{killed} kills, {between} of them between mark and answer, slowest start {} ms",
        slowest.as_millis()
    );
    Ok((verdict, more))
}

/// A mistake made on purpose must turn the run red.
async fn planted(options: &Options, fault: &str) -> Result<bool> {
    for attempt in 1..=3 {
        let kills = if fault == "answer_before_commit" {
            3
        } else {
            2
        };
        let (verdict, _) = crash_run(options, None, kills, fault).await?;
        if let Some(first) = verdict.violations.first() {
            println!("planted {fault}: seen at attempt {attempt} ({first})");
            return Ok(true);
        }
    }
    println!("planted {fault}: NOT SEEN, the rig is blind to it");
    Ok(false)
}

/// Two processes: one is killed, one is paused; the other takes over, and the paused one sends nothing afterwards.
async fn takeover(options: &Options, url: store::DatabaseUrl) -> Result<bool> {
    let scene = Scene::new(options, Some(url), "").await?;
    let first = Process::start(&scene.start).await?;
    let conversations = scene.open_windows(&first.url).await?;
    let second_start = Start {
        port: free_port()?,
        ..scene.start.clone()
    };
    let second = Process::start(&second_start).await?;
    scene.call_back(&second_start).await?;
    let (url_sender, url) = watch::channel(second.url.clone());
    let accepted = || async { Ok::<_, Error>(ledger(&scene.sandbox_url).await?.accepted.len()) };

    first.kill().await?;
    let killed = Instant::now();
    load::burst(
        "after-kill",
        &conversations[..10],
        &url,
        &scene.witness,
        &scene.counts,
    )
    .await?;
    let before = accepted().await?;
    let mut taken_over = None;
    while killed.elapsed() < Duration::from_secs(20) {
        if accepted().await? > before {
            taken_over = Some(killed.elapsed());
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    // The second is active now. It is paused in the middle of slow calls; a third takes over.
    let slow =
        json!({"seed": 7, "rules": [{"id": "slow", "endpoint": "messages", "delay_ms": 300}]});
    scene
        .client
        .put(format!("{}/control/faults", scene.sandbox_url))
        .json(&slow)
        .send()
        .await?
        .error_for_status()?;
    let third_start = Start {
        port: free_port()?,
        ..scene.start.clone()
    };
    let third = Process::start(&third_start).await?;
    url_sender.send_replace(third.url.clone());
    scene.call_back(&third_start).await?;
    let burst = {
        let (url, witness) = (url.clone(), scene.witness.clone());
        let (counts, conversations) = (Arc::clone(&scene.counts), conversations.clone());
        tokio::spawn(async move {
            load::burst("before-pause", &conversations, &url, &witness, &counts).await
        })
    };
    // Until calls are under way: each takes 300 ms, and its answer is not there yet.
    let before = accepted().await?;
    while accepted().await? == before {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    second.signal("STOP").await?;
    burst.await??;
    let nap = if options.short { 15 } else { 60 };
    tokio::time::sleep(Duration::from_secs(nap)).await;
    let asleep: std::collections::BTreeSet<String> = unclear(&scene).await?;
    let before: std::collections::BTreeSet<String> = ledger(&scene.sandbox_url)
        .await?
        .accepted
        .into_keys()
        .collect();
    second.signal("CONT").await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = ledger(&scene.sandbox_url).await?.accepted;
    let woke_and_sent = after
        .keys()
        .filter(|id| asleep.contains(*id) && !before.contains(*id))
        .count();
    scene.drain().await?;
    second.kill().await?;
    third.kill().await?;
    let mut verdict = scene.verdict().await?;
    match taken_over {
        Some(after) if after <= Duration::from_secs(10) => {}
        other => verdict
            .violations
            .push(format!("a killed process was taken over after {other:?}")),
    }
    if woke_and_sent > 0 {
        verdict.violations.push(format!(
            "{woke_and_sent} messages were sent by a process that woke too late"
        ));
    }
    scene.stop_sandbox.cancel();
    let more = format!(
        "taken over in {} ms, paused {nap} s with {} messages in hand, {woke_and_sent} sent on waking",
        taken_over.unwrap_or_default().as_millis(),
        asleep.len()
    );
    Ok(report("takeover", &verdict, &more))
}

/// Messages that are unclear now.
async fn unclear(scene: &Scene) -> Result<std::collections::BTreeSet<String>> {
    let store = scene.start.place.open().await?;
    let mut found = std::collections::BTreeSet::new();
    for id in scene.witness.sends() {
        let Ok(message_id) = id.parse::<domain::id::MessageId>() else {
            continue;
        };
        let message = store
            .read(message_id, |tx, id| {
                Box::pin(store::messages::get(tx, world::WORKSPACE, *id))
            })
            .await?;
        if message.delivery == Some(domain::message::Delivery::Unclear) {
            found.insert(id);
        }
    }
    Ok(found)
}
