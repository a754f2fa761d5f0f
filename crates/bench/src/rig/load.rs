//! Loads: people who write, and a team that answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Result;
use super::webhook::{sign, text};
use super::witness::Witness;
use super::world::API_KEY;

/// People of the world.
pub const PEOPLE: u64 = 200;
const WRITERS: u64 = 16;

#[must_use]
pub fn phone(person: u64) -> String {
    format!("97250010{:04}", person % PEOPLE)
}

/// How many webhooks and sends a second were asked for, tried and taken.
#[derive(Debug, Default)]
pub struct Counts {
    pub webhooks_tried: AtomicU64,
    pub sends_tried: AtomicU64,
    pub sends_refused: AtomicU64,
}

/// Writes to the business at this rate until stopped; every webhook that was not acknowledged is sent again, as Meta
/// would. `url` changes when the process comes up somewhere else.
pub fn webhooks(
    tasks: &mut JoinSet<Result<()>>,
    per_second: u64,
    url: &watch::Receiver<String>,
    witness: &Witness,
    counts: &Arc<Counts>,
    stop: &CancellationToken,
) {
    let gap = Duration::from_micros(1_000_000 * WRITERS / per_second);
    for writer in 0..WRITERS {
        let (url, witness, counts, stop) = (
            url.clone(),
            witness.clone(),
            Arc::clone(counts),
            stop.clone(),
        );
        tasks.spawn(async move {
            let client = reqwest::Client::builder()
                .timeout(Duration::from_secs(5))
                .build()?;
            let mut ticks = tokio::time::interval(gap);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut number = 0_u64;
            while !stop.is_cancelled() {
                ticks.tick().await;
                let wamid = format!("wamid.RIG{writer:02}{number:08}");
                let body = text(
                    &wamid,
                    &phone(writer + number * WRITERS),
                    now(),
                    &format!("שורה {number}"),
                );
                number += 1;
                counts.webhooks_tried.fetch_add(1, Ordering::Relaxed);
                while !stop.is_cancelled() {
                    let address = format!("{}/webhooks/meta", *url.borrow());
                    let call = client
                        .post(address)
                        .header("content-type", "application/json")
                        .header("x-hub-signature-256", sign(&body))
                        .body(body.clone());
                    match call.send().await {
                        Ok(answer) if answer.status().as_u16() == 200 => {
                            witness.webhook(&wamid)?;
                            break;
                        }
                        _ => tokio::time::sleep(Duration::from_millis(50)).await,
                    }
                }
            }
            Ok(())
        });
    }
}

/// Answers people at this rate until stopped. A call without an answer is repeated under the same key, as a good
/// client would.
pub fn sends(
    tasks: &mut JoinSet<Result<()>>,
    per_second: u64,
    conversations: &[String],
    url: &watch::Receiver<String>,
    witness: &Witness,
    counts: &Arc<Counts>,
    stop: &CancellationToken,
) {
    const SENDERS: u64 = 4;
    let gap = Duration::from_micros(1_000_000 * SENDERS / per_second);
    for sender in 0..SENDERS {
        let (url, witness, counts, stop) = (
            url.clone(),
            witness.clone(),
            Arc::clone(counts),
            stop.clone(),
        );
        let conversations = conversations.to_vec();
        tasks.spawn(async move {
            let client = reqwest::Client::builder()
                .timeout(Duration::from_secs(5))
                .build()?;
            let mut ticks = tokio::time::interval(gap);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut number = 0_u64;
            while !stop.is_cancelled() {
                ticks.tick().await;
                let place = usize::try_from(sender + number * SENDERS)? % conversations.len();
                let key = format!("rig-{sender}-{number}");
                number += 1;
                send_once(
                    &client,
                    &url,
                    &conversations[place],
                    &key,
                    &witness,
                    &counts,
                    &stop,
                )
                .await?;
            }
            Ok(())
        });
    }
}

/// Queues many messages at once, one a conversation.
///
/// # Errors
/// When the witness's disk says no.
pub async fn burst(
    name: &str,
    conversations: &[String],
    url: &watch::Receiver<String>,
    witness: &Witness,
    counts: &Arc<Counts>,
) -> Result<()> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .build()?;
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    for (place, conversation) in conversations.iter().enumerate() {
        let (client, url, witness, counts, stop) = (
            client.clone(),
            url.clone(),
            witness.clone(),
            Arc::clone(counts),
            stop.clone(),
        );
        let (conversation, key) = (conversation.clone(), format!("{name}-{place}"));
        tasks.spawn(async move {
            send_once(&client, &url, &conversation, &key, &witness, &counts, &stop).await
        });
        if tasks.len() >= 32
            && let Some(ended) = tasks.join_next().await
        {
            ended??;
        }
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(())
}

async fn send_once(
    client: &reqwest::Client,
    url: &watch::Receiver<String>,
    conversation: &str,
    key: &str,
    witness: &Witness,
    counts: &Counts,
    stop: &CancellationToken,
) -> Result<()> {
    counts.sends_tried.fetch_add(1, Ordering::Relaxed);
    while !stop.is_cancelled() {
        let address = format!(
            "{}/api/v1/conversations/{conversation}/messages",
            *url.borrow()
        );
        let call = client
            .post(address)
            .bearer_auth(API_KEY)
            .header("idempotency-key", key)
            .json(&json!({"content": {"kind": "text", "text": format!("תשובה {key}")}}));
        match call.send().await {
            Ok(answer) if answer.status().as_u16() == 202 => {
                let message: Value = answer.json().await?;
                let id = message["id"].as_str().ok_or("a message without an id")?;
                witness.send(id)?;
                return Ok(());
            }
            Ok(answer) if answer.status().is_client_error() => {
                counts.sends_refused.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    Ok(())
}

/// The machine's time, in seconds.
#[must_use]
pub fn now() -> i64 {
    app::clock::Clock::default().machine_now().as_second()
}
