//! `kesher demo`: the server, a pretend WhatsApp beside it, and a small business to look at, on this machine alone.
//!
//! Two processes that end together: the sandbox ends when its standard input does, so it does not outlive this one
//! however this one ends; and this one ends when the sandbox does.

mod mailing;
mod play;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use app::seed_demo::{self, Furnished, Sandbox};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, Command};
use tokio_util::sync::CancellationToken;
use whatsapp::provider::Secret;

use super::serve::{self, Settings, open, stopped};
use super::{Failed, print};
use crate::config::{BadSetting, Data, Demo as Flags, write_private};
use crate::door::{Demo, Door};

const APP_ID: &str = "670843887433847";
const WABA_ID: &str = "102030405060701";
const PHONE_NUMBER_ID: &str = "106540352240001";
/// Both clocks begin so far in the past, so that the last days can be played and not only told.
const BEHIND: SignedDuration = SignedDuration::from_hours(40);
const START: Duration = Duration::from_secs(15);

/// What others need to use the demo: `<data>/demo.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Card {
    url: String,
    sandbox_url: String,
    owner_email: String,
    owner_password: String,
    api_key: String,
    channel_id: String,
    phone_number_id: String,
    app_secret: String,
    verify_token: String,
    /// Opens the pretend WhatsApp.
    access_token: String,
}

/// Runs until told to stop, or until the sandbox ends.
///
/// # Errors
/// When it cannot start; one sentence says why.
pub async fn run(flags: Flags) -> Result<(), Failed> {
    let data = Data {
        data: flags.data.clone(),
        database_url: flags.database_url.clone(),
        secret_key: None,
    };
    data.prepare()?;
    let card_path = flags.data.join("demo.json");
    let known = read_card(&card_path);
    let app_secret = kept(known.as_ref().map(|card| &card.app_secret));
    let access_token = kept(known.as_ref().map(|card| &card.access_token));
    // Held until the end: waiting for a child would close it otherwise.
    let (mut child, lifeline, sandbox_url) =
        start_sandbox(&flags, &app_secret, &access_token).await?;
    let opened = open(&data, app::faults::Faults::default()).await?;
    let listen = free(flags.listen, "the server").await?;
    let stop = CancellationToken::new();
    let standing = seed_demo::standing(&opened).await?;
    if standing.is_none() {
        choose_clock(&opened).await?;
    }
    let settings = Settings {
        listen,
        public_url: None,
        metrics_token: None,
        demo: Some(Demo {
            sandbox_url: sandbox_url.clone(),
        }),
    };
    let running = serve::start(Arc::clone(&opened), settings, stop.clone()).await?;
    let mut card = Card {
        url: running.door.public_url.clone(),
        sandbox_url: sandbox_url.clone(),
        owner_email: seed_demo::OWNER_EMAIL.to_owned(),
        owner_password: kept(known.as_ref().map(|card| &card.owner_password)),
        api_key: known
            .as_ref()
            .map(|card| card.api_key.clone())
            .unwrap_or_default(),
        channel_id: String::new(),
        phone_number_id: PHONE_NUMBER_ID.to_owned(),
        app_secret,
        verify_token: kept(known.as_ref().map(|card| &card.verify_token)),
        access_token,
    };
    let made = match standing {
        Some(demo) => again(&running.door, demo, &card, known.is_none()).await,
        None => first(&running.door, &card, &flags.locale).await,
    };
    let demo = match made {
        Ok(demo) => demo,
        Err(failed) => {
            // Half a demo is worse than none, but its processes end as they should.
            let _ = child.start_kill();
            running.finish().await?;
            return Err(failed);
        }
    };
    card.channel_id = demo.channel_id.to_string();
    if card.api_key.is_empty() {
        card.api_key = new_key(&running.door, &demo).await?;
    }
    let text = serde_json::to_string_pretty(&card).map_err(Failed::other)?;
    write_private(&card_path, &format!("{text}\n")).map_err(Failed::other)?;
    tell(&running.door, &card, &card_path).await?;

    tokio::select! {
        () = stopped(stop.clone()) => {}
        () = follow(&running.door, &card.sandbox_url) => {}
        _ = child.wait() => tracing::error!("the sandbox ended, so the demo does"),
    }
    // It ends by itself when this process does; asking makes it sooner.
    drop(lifeline);
    running.finish().await?;
    let _ = tokio::time::timeout(Duration::from_secs(2), child.wait()).await;
    Ok(())
}

fn read_card(path: &Path) -> Option<Card> {
    let text = std::fs::read_to_string(path).ok()?;
    serde_json::from_str(&text).ok()
}

/// A secret that stays what it was, or is made.
fn kept(known: Option<&String>) -> String {
    known
        .filter(|known| !known.is_empty())
        .cloned()
        .unwrap_or_else(app::chance::token)
}

/// The address, or one with a free port when somebody has it.
async fn free(listen: SocketAddr, whose: &str) -> Result<SocketAddr, Failed> {
    match TcpListener::bind(listen).await {
        Ok(listener) => listener.local_addr().map_err(Failed::other),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let any = SocketAddr::new(listen.ip(), 0);
            let listener = TcpListener::bind(any).await.map_err(Failed::other)?;
            let address = listener.local_addr().map_err(Failed::other)?;
            print(&format!(
                "{listen} is in use: {whose} answers at {address} instead.\n"
            ))?;
            Ok(address)
        }
        Err(error) => {
            let what = format!("{listen} cannot be had ({error})");
            Err(BadSetting::new("--listen", what, "choose another address").into())
        }
    }
}

async fn start_sandbox(
    flags: &Flags,
    secret: &str,
    token: &str,
) -> Result<(Child, ChildStdin, String), Failed> {
    let listen = free(flags.sandbox_listen, "the pretend WhatsApp").await?;
    let program = std::env::current_exe().map_err(Failed::other)?;
    let mut child = Command::new(program)
        .arg("sandbox")
        .args(["--listen", &listen.to_string()])
        .arg("--data")
        .arg(flags.data.join("sandbox"))
        .args(["--behind-s", &BEHIND.as_secs().to_string()])
        .args(["--seed", "1", "--until-stdin-ends"])
        // Not as arguments: others on the machine can read those.
        .env("KESHER_SANDBOX_SECRET", secret)
        .env("KESHER_SANDBOX_TOKEN", token)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(Failed::other)?;
    let gone = || Failed::other("the sandbox did not start; its own words stand above");
    let out = child.stdout.take().ok_or_else(gone)?;
    let lifeline = child.stdin.take().ok_or_else(gone)?;
    let mut lines = BufReader::new(out).lines();
    let line = tokio::time::timeout(START, lines.next_line()).await;
    let url = line.ok().and_then(Result::ok).flatten().ok_or_else(gone)?;
    Ok((child, lifeline, url))
}

async fn choose_clock(app: &app::App) -> Result<(), Failed> {
    let offset_ms = i64::try_from(BEHIND.as_millis()).map_err(Failed::other)?;
    app.store
        .write(-offset_ms, |tx, offset_ms| {
            Box::pin(store::installation::choose_clock(tx, *offset_ms))
        })
        .await?;
    app.clock.set_offset_ms(-offset_ms);
    Ok(())
}

/// The sandbox sends what happens to our webhook, and lets in whoever has the token.
async fn introduce(door: &Door, card: &Card) -> Result<(), Failed> {
    let callback = door.webhook_url("");
    let setup = json!({
        "apps": [{
            "id": APP_ID, "secret": card.app_secret, "tokens": [card.access_token],
            "callback_url": callback, "verify_token": card.verify_token,
            "fields": ["messages", "message_template_status_update", "message_template_quality_update",
                "template_category_update", "account_update", "phone_number_quality_update",
                "phone_number_name_update", "business_capability_update", "user_preferences"],
        }],
        "numbers": [{"id": PHONE_NUMBER_ID, "verified_name": seed_demo::NAME}],
        "persons": play::persons(),
    });
    sandbox_control(&card.sandbox_url, "setup", &setup)
        .await
        .map(drop)
}

async fn first(door: &Arc<Door>, card: &Card, locale: &str) -> Result<Furnished, Failed> {
    let sandbox = Sandbox {
        url: card.sandbox_url.clone(),
        app_id: APP_ID.to_owned(),
        app_secret: Secret::new(card.app_secret.clone()),
        verify_token: Secret::new(card.verify_token.clone()),
        waba_id: WABA_ID.to_owned(),
        phone_number_id: PHONE_NUMBER_ID.to_owned(),
        token: Secret::new(card.access_token.clone()),
    };
    introduce(door, card).await?;
    together(door, &card.sandbox_url).await?;
    let demo = seed_demo::furnish(
        &door.app,
        &door.gate,
        &card.owner_password,
        locale,
        &sandbox,
    )
    .await?;
    seed_demo::history(&door.app, &demo).await?;
    let gateway = seed_demo::numbers(&door.app, &demo, &sandbox).await?;
    play::play(door, &demo, &card.sandbox_url, gateway).await?;
    Ok(demo)
}

async fn again(
    door: &Arc<Door>,
    demo: Furnished,
    card: &Card,
    card_lost: bool,
) -> Result<Furnished, Failed> {
    seed_demo::move_sandbox(&door.app, &demo, &card.sandbox_url).await?;
    if card_lost {
        seed_demo::new_password(&door.app, &door.gate, &demo, &card.owner_password).await?;
        let edit = app::edit_channel::EditChannel {
            version: app::browse::settings::channel(&door.app, &demo.system(), demo.channel_id)
                .await?
                .channel
                .version,
            token: Some(Secret::new(card.access_token.clone())),
            app_secret: Some(Secret::new(card.app_secret.clone())),
            ..Default::default()
        };
        app::edit_channel::edit(&door.app, &demo.system(), demo.channel_id, edit).await?;
    }
    introduce(door, card).await?;
    together(door, &card.sandbox_url).await?;
    Ok(demo)
}

/// Follows the sandbox's clock when somebody winds it from the phone's page. A step that this server is about to take
/// itself is seen once and not twice, since it takes it at once.
async fn follow(door: &Door, sandbox_url: &str) {
    let step = SignedDuration::from_secs(1);
    let mut before = SignedDuration::ZERO;
    loop {
        tokio::time::sleep(Duration::from_millis(700)).await;
        // A sandbox that does not answer now does so later, or has ended, which is noticed elsewhere.
        let ahead = ahead(door, sandbox_url).await.unwrap_or_default();
        if ahead > step && before > step {
            if let Err(failed) = together(door, sandbox_url).await {
                tracing::warn!(%failed, "the phone's clock could not be followed");
            }
            before = SignedDuration::ZERO;
        } else {
            before = ahead;
        }
    }
}

/// Winds whichever clock is behind up to the other.
async fn together(door: &Door, sandbox_url: &str) -> Result<(), Failed> {
    let ahead = ahead(door, sandbox_url).await?;
    if ahead > SignedDuration::from_secs(1) {
        wind_own(door, SignedDuration::from_secs(ahead.as_secs())).await?;
    } else if ahead < SignedDuration::from_secs(-1) {
        sandbox_control(
            sandbox_url,
            "clock",
            &json!({"advance_s": -ahead.as_secs()}),
        )
        .await?;
    }
    Ok(())
}

/// How far the sandbox's clock is ahead of the server's.
async fn ahead(door: &Door, sandbox_url: &str) -> Result<SignedDuration, Failed> {
    let answer = sandbox_control(sandbox_url, "clock", &json!({"now": true})).await?;
    let theirs = answer
        .get("now")
        .and_then(Value::as_str)
        .and_then(|now| now.parse::<jiff::Timestamp>().ok());
    let theirs = theirs.ok_or_else(|| Failed::other("the sandbox does not tell its time"))?;
    Ok(theirs.duration_since(door.app.clock.business_now()))
}

async fn wind_own(door: &Door, step: SignedDuration) -> Result<(), Failed> {
    let by = app::caller::Caller {
        workspace_id: domain::id::Id::from_bits(0),
        who: app::caller::Who::System,
    };
    app::wind_clock::wind(&door.app, &by, step).await?;
    Ok(())
}

/// Winds both clocks, the sandbox first.
async fn wind(door: &Door, sandbox_url: &str, step: SignedDuration) -> Result<(), Failed> {
    sandbox_control(sandbox_url, "clock", &json!({"advance_s": step.as_secs()})).await?;
    wind_own(door, SignedDuration::from_secs(step.as_secs())).await
}

async fn new_key(door: &Door, demo: &Furnished) -> Result<String, Failed> {
    let scopes = domain::access::Permission::ALL
        .iter()
        .map(|right| right.as_str().to_owned())
        .collect();
    let made = app::manage_api_keys::make(&door.app, &demo.system(), "demo", scopes, None).await?;
    Ok(made.key)
}

async fn tell(door: &Door, card: &Card, path: &Path) -> Result<(), Failed> {
    let token = app::sign_in::link_for_owner(&door.app).await?;
    print(&format!(
        "\nKesher's demo is ready.\n\n  The screens (this link signs you in once):\n    {}\n  The pretend phones:\n    {}/phone\n  Sign in again as {} with the password in {}\n\nCtrl+C ends it; everything is kept for the next time.\n",
        door.link(&format!("/sign-in?link={token}")),
        card.sandbox_url,
        card.owner_email,
        path.display(),
    ))
}

/// Posts to the sandbox's control API.
///
/// # Errors
/// When it does not answer, or says no.
pub async fn sandbox_control(sandbox_url: &str, what: &str, body: &Value) -> Result<Value, Failed> {
    let request = client()?
        .post(format!("{sandbox_url}/control/{what}"))
        .json(body);
    let response = request.send().await.map_err(Failed::other)?;
    if !response.status().is_success() {
        let said = response.text().await.unwrap_or_default();
        return Err(Failed::other(format!("the sandbox refused {what}: {said}")));
    }
    response.json().await.map_err(Failed::other)
}

/// The client for the sandbox: nothing goes through a proxy.
fn client() -> Result<reqwest::Client, Failed> {
    static CLIENT: std::sync::OnceLock<Option<reqwest::Client>> = std::sync::OnceLock::new();
    CLIENT
        .get_or_init(|| {
            reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(10))
                .build()
                .ok()
        })
        .clone()
        .ok_or_else(|| Failed::other("the client for the sandbox cannot be made"))
}
