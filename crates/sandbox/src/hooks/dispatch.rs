//! Carries the queued webhooks to the apps.
//!
//! One outlet for each app: a queue, the POSTs under way (at most `webhook_concurrency`), and those that failed and wait for their next try. A POST that is not answered 200 is sent again whole, with growing gaps on the sandbox's clock. Only this task touches the outlets; each POST runs in a task of its own and reports back.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::json::{signature, to_bytes};
use super::letters::{self, acknowledge};
use super::{address, summary};
use crate::activity::Activity;
use crate::clock::{Millis, SECOND};
use crate::core::{Core, Tx};
use crate::faults::Answer;
use crate::providers;
use crate::world::{Hook, Record};

/// How long a batch waits to fill, and a held webhook to be overtaken.
const GATHER: Duration = Duration::from_millis(50);
const HOLD: Duration = Duration::from_secs(2);

#[derive(Default)]
struct Outlet {
    queue: VecDeque<(Instant, Hook)>,
    held: Vec<Held>,
    /// Copies that a fault asked for.
    ready: VecDeque<Post>,
    retries: BTreeMap<(Millis, u64), Post>,
    in_flight: usize,
}

struct Held {
    hook: Hook,
    to_overtake: usize,
    since: Instant,
}

/// One POST: its body stays the same over all its tries.
#[derive(Clone)]
struct Post {
    app: String,
    hooks: Arc<Vec<Hook>>,
    body: Bytes,
    attempt: u32,
    copy: bool,
}

/// What became of a try.
enum Outcome {
    Done,
    Again { due: Millis },
}

struct Report {
    app: String,
    outcome: Outcome,
    post: Post,
}

/// Runs until it is dropped.
pub async fn run(
    core: Arc<Core>,
    mut hooks: mpsc::UnboundedReceiver<Hook>,
    client: reqwest::Client,
) {
    let mut outlets: HashMap<String, Outlet> = HashMap::new();
    let mut tries: JoinSet<Report> = JoinSet::new();
    let mut serial = 0;
    loop {
        let wait = pump(&core, &client, &mut outlets, &mut tries);
        tokio::select! {
            hook = hooks.recv() => match hook {
                Some(hook) => {
                    receive(&mut outlets, hook);
                    while let Ok(more) = hooks.try_recv() {
                        receive(&mut outlets, more);
                    }
                }
                None => return,
            },
            Some(report) = tries.join_next(), if !tries.is_empty() => {
                if let Ok(report) = report {
                    serial += 1;
                    settle(&mut outlets, report, serial);
                }
            }
            () = core.poke_dispatcher.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn receive(outlets: &mut HashMap<String, Outlet>, hook: Hook) {
    if hook.letter.as_ref().is_some_and(|letter| letter.polled) {
        return;
    }
    let outlet = outlets.entry(hook.app.clone()).or_default();
    let now = Instant::now();
    for held in &mut outlet.held {
        held.to_overtake = held.to_overtake.saturating_sub(1);
    }
    match hook.fault.reorder {
        Some(to_overtake) if to_overtake > 0 => {
            outlet.held.push(Held {
                hook,
                to_overtake,
                since: now,
            });
        }
        _ => outlet.queue.push_back((now, hook)),
    }
}

fn settle(outlets: &mut HashMap<String, Outlet>, report: Report, serial: u64) {
    let outlet = outlets.entry(report.app).or_default();
    outlet.in_flight = outlet.in_flight.saturating_sub(1);
    if let Outcome::Again { due } = report.outcome {
        outlet.retries.insert((due, serial), report.post);
    }
}

/// Starts what can be started, and says how long nothing else will be due.
fn pump(
    core: &Arc<Core>,
    client: &reqwest::Client,
    outlets: &mut HashMap<String, Outlet>,
    tries: &mut JoinSet<Report>,
) -> Duration {
    let (now, concurrency, batch) = {
        let state = core.state();
        let settings = &state.world.settings;
        let now = core.real_now() + state.world.offset_ms;
        (
            now,
            settings.webhook_concurrency.max(1),
            settings.webhook_batch.max(1),
        )
    };
    let mut wait = Duration::from_millis(500);
    for outlet in outlets.values_mut() {
        outlet.release_held();
        while outlet.in_flight < concurrency {
            let Some(post) = outlet.next(now, batch) else {
                break;
            };
            outlet.in_flight += 1;
            tries.spawn(attempt(core.clone(), client.clone(), post));
        }
        if outlet.in_flight < concurrency {
            wait = wait.min(outlet.idle_for(now));
        }
    }
    wait
}

impl Outlet {
    fn release_held(&mut self) {
        let now = Instant::now();
        let ready = |held: &mut Held| held.to_overtake == 0 || now - held.since >= HOLD;
        for held in self.held.extract_if(.., ready) {
            self.queue.push_back((now, held.hook));
        }
    }

    fn next(&mut self, now: Millis, batch: usize) -> Option<Post> {
        if let Some(copy) = self.ready.pop_front() {
            return Some(copy);
        }
        if self
            .retries
            .first_key_value()
            .is_some_and(|((due, _), _)| *due <= now)
        {
            return self.retries.pop_first().map(|(_, post)| post);
        }
        let (since, first) = self.queue.front()?;
        let batch = match first.letter {
            Some(_) => 1,
            None => first.fault.batch.unwrap_or(batch).max(1),
        };
        if self.queue.len() < batch && since.elapsed() < GATHER {
            return None;
        }
        let taken = self.queue.len().min(batch);
        let app = first.app.clone();
        let hooks: Vec<Hook> = self.queue.drain(..taken).map(|(_, hook)| hook).collect();
        let copies = hooks
            .iter()
            .filter_map(|hook| hook.fault.duplicate)
            .max()
            .unwrap_or(0);
        let body = body(&hooks);
        let post = Post {
            app,
            hooks: Arc::new(hooks),
            body,
            attempt: 1,
            copy: false,
        };
        for _ in 0..copies {
            self.ready.push_back(Post {
                copy: true,
                ..post.clone()
            });
        }
        Some(post)
    }

    /// How long nothing becomes due by itself.
    fn idle_for(&self, now: Millis) -> Duration {
        let retry = self
            .retries
            .keys()
            .next()
            .map(|(due, _)| (due - now).max(0));
        let retry = retry.map(|ms| Duration::from_millis(ms.unsigned_abs()));
        let gather = self
            .queue
            .front()
            .map(|(since, _)| GATHER.saturating_sub(since.elapsed()));
        let held = self
            .held
            .iter()
            .map(|held| HOLD.saturating_sub(held.since.elapsed()))
            .min();
        let least = [retry, gather, held].into_iter().flatten().min();
        least
            .unwrap_or(Duration::from_secs(1))
            .max(Duration::from_millis(1))
    }
}

/// The bytes of a POST: a letter as its provider writes it, or Meta's envelope.
fn body(hooks: &[Hook]) -> Bytes {
    match hooks {
        [hook] => match &hook.letter {
            Some(letter) if letter.form => Bytes::from(providers::form(&hook.value)),
            Some(_) => Bytes::from(hook.value.to_string()),
            None => Bytes::from(to_bytes(&envelope(hooks))),
        },
        _ => Bytes::from(to_bytes(&envelope(hooks))),
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    object: &'static str,
    entry: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    changes: Vec<EntryChange<'a>>,
}

#[derive(Serialize)]
struct EntryChange<'a> {
    value: &'a Value,
    field: &'a str,
}

/// The body: one entry for each account (and instant), with its changes.
fn envelope(hooks: &[Hook]) -> Envelope<'_> {
    let mut entry: Vec<Entry<'_>> = Vec::new();
    for hook in hooks {
        let change = EntryChange {
            value: &hook.value,
            field: &hook.field,
        };
        match entry.last_mut() {
            Some(last) if last.id == hook.entry && last.time == hook.entry_time => {
                last.changes.push(change);
            }
            _ => entry.push(Entry {
                id: &hook.entry,
                time: hook.entry_time,
                changes: vec![change],
            }),
        }
    }
    Envelope {
        object: "whatsapp_business_account",
        entry,
    }
}

/// What a try needs to know of the world at its moment.
struct Target {
    url: String,
    headers: Vec<(String, String)>,
    timeout: Duration,
    delay_ms: u64,
}

async fn attempt(core: Arc<Core>, client: reqwest::Client, mut post: Post) -> Report {
    let app = post.app.clone();
    let Some(target) = target(&core, &post) else {
        return Report {
            app,
            outcome: Outcome::Done,
            post,
        };
    };
    if target.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(target.delay_ms)).await;
    }
    let heard = call(&client, &target, post.body.clone()).await;
    let ignored = post.attempt == 1
        && post
            .hooks
            .iter()
            .any(|hook| hook.fault.answer == Some(Answer::Drop));
    let heard = if ignored {
        Err("dropped".to_owned())
    } else {
        heard
    };
    let (outcome, durable) = core.write(|tx| conclude(tx, &post, &heard));
    durable.reached().await;
    if matches!(outcome, Outcome::Again { .. }) {
        post.attempt += 1;
    }
    Report { app, outcome, post }
}

/// Where this POST goes now, or `None` when its changes are gone (a reset) or were answered.
fn target(core: &Core, post: &Post) -> Option<Target> {
    let mut state = core.state();
    let first = post.hooks.first()?;
    if !post.copy
        && !post
            .hooks
            .iter()
            .any(|hook| state.world.hooks.contains_key(&hook.id))
    {
        return None;
    }
    let wrong = post.attempt == 1
        && !post.copy
        && post
            .hooks
            .iter()
            .any(|hook| hook.fault.wrong_signature == Some(true));
    let now = core.real_now() + state.world.offset_ms;
    let (url, headers) = if first.letter.is_some() {
        let gateway = state.world.gateway(&post.app)?;
        let headers = providers::headers(gateway, first, &post.body, now, wrong);
        (first.url.clone(), headers)
    } else {
        let app = state.world.app(&post.app)?;
        let url = address(&state.world, app, &first.field, &first.entry, &first.number)
            .unwrap_or_else(|| first.url.clone());
        let secret = if wrong {
            "not the secret of this app"
        } else {
            &app.secret
        };
        let own = [
            ("content-type", "application/json".to_owned()),
            ("user-agent", "facebookexternalua".to_owned()),
            ("x-hub-signature-256", signature(secret, &post.body)),
        ];
        (
            url,
            own.map(|(name, value)| (name.to_owned(), value)).into(),
        )
    };
    let timeout = Duration::from_millis(state.world.settings.webhook_timeout_ms);
    let delay_ms = if post.attempt == 1 {
        let state = &mut *state;
        post.hooks
            .iter()
            .map(|hook| hook.fault.delay_ms(&mut state.chance))
            .max()
            .unwrap_or(0)
    } else {
        0
    };
    state.hook_attempts += 1;
    state.hooks_in_flight += 1;
    Some(Target {
        url,
        headers,
        timeout,
        delay_ms,
    })
}

async fn call(client: &reqwest::Client, target: &Target, body: Bytes) -> Result<u16, String> {
    let mut request = client.post(&target.url).timeout(target.timeout).body(body);
    for (name, value) in &target.headers {
        request = request.header(name, value);
    }
    let answer = request.send().await.map_err(|error| reason(&error))?;
    let status = answer.status().as_u16();
    // Read to the end, so that the connection can be used again.
    let _ = answer.bytes().await;
    Ok(status)
}

fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "timeout".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "connection lost".to_owned()
    }
}

/// Writes down what a try came to.
fn conclude(tx: &mut Tx<'_>, post: &Post, heard: &Result<u16, String>) -> Outcome {
    tx.state.hooks_in_flight = tx.state.hooks_in_flight.saturating_sub(1);
    let letter = post.hooks.first().and_then(|hook| hook.letter.clone());
    // Meta wants 200 and nothing else.
    let success = match heard {
        Ok(status) if letter.is_some() => (200..300).contains(status),
        heard => *heard == Ok(200),
    };
    note(tx, post, heard);
    if post.copy {
        return Outcome::Done;
    }
    for hook in post.hooks.iter().filter(|hook| !hook.number.is_empty()) {
        connected(tx, &hook.number, success);
    }
    let ids: Vec<u64> = post.hooks.iter().map(|hook| hook.id).collect();
    if success {
        tx.record(Record::HooksDone { ids });
        for hook in post.hooks.iter() {
            acknowledge(tx, hook);
        }
        return Outcome::Done;
    }
    tx.state.hook_failures += 1;
    let settings = &tx.world().settings;
    let oldest = post
        .hooks
        .iter()
        .map(|hook| hook.at)
        .min()
        .unwrap_or(tx.now);
    if tx.now - oldest > settings.webhook_give_up_s * SECOND {
        tx.record(Record::HooksGivenUp { ids });
        return Outcome::Done;
    }
    if let Some(retry) = letter.and_then(|letter| letter.retry.clone()) {
        let Some(gap) = retry.gap(post.attempt, heard.as_ref().ok().copied()) else {
            tx.record(Record::HooksGivenUp { ids });
            return Outcome::Done;
        };
        return Outcome::Again { due: tx.now + gap };
    }
    let doublings = (post.attempt - 1).min(20);
    let gap = settings
        .webhook_retry_ms
        .max(1)
        .saturating_mul(1 << doublings);
    Outcome::Again {
        due: tx.now + gap.min(settings.webhook_retry_max_s.max(1) * SECOND),
    }
}

fn connected(tx: &mut Tx<'_>, number: &str, success: bool) {
    let before = tx.state.connected.insert(number.to_owned(), success);
    if before != Some(success) {
        let businesses = crate::phone::businesses(tx.state);
        tx.live("businesses", businesses);
    }
}

fn note(tx: &mut Tx<'_>, post: &Post, heard: &Result<u16, String>) {
    let Some(first) = post.hooks.first() else {
        return;
    };
    let outcome = match heard {
        Ok(status) => status.to_string(),
        Err(reason) => format!("error: {reason}"),
    };
    let letter = first.letter.is_some();
    let mut summary = if letter {
        letters::summary(tx.world(), &first.what, first.wamid.as_deref())
    } else {
        summary(&first.what, &first.value)
    };
    if let (Some(fields), true) = (summary.as_object_mut(), post.hooks.len() > 1) {
        fields.insert("changes".to_owned(), json!(post.hooks.len()));
    }
    tx.note(Activity {
        kind: "webhook",
        what: first.what.clone(),
        outcome: if post.copy {
            format!("copy:{outcome}")
        } else {
            outcome
        },
        number: first.number.clone(),
        person: first.person.clone(),
        summary,
        attempt: post.attempt,
        json: if letter {
            first.value.clone()
        } else {
            json!(envelope(&post.hooks))
        },
    });
}
