//! Webhooks as fast as they are acknowledged.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::Latencies;
use super::http::Connection;
use crate::rig::webhook::{sign, text};
use crate::rig::{Result, load};

/// What came of a load.
#[derive(Debug)]
pub struct Rate {
    pub per_second: f64,
    pub latencies: Latencies,
}

/// Loads with so many connections for this long. Each webhook is new.
///
/// # Errors
/// When one is not acknowledged.
pub async fn load(port: u16, connections: u64, run: u64, time: Duration) -> Result<Rate> {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for connection in 0..connections {
        tasks.spawn(async move {
            let mut line = Connection::open(port).await?;
            let mut latencies = Latencies::default();
            let mut number = 0_u64;
            while started.elapsed() < time {
                let request = request(run, connection, number);
                number += 1;
                let asked = Instant::now();
                let status = line.call(&request).await?;
                if status != 200 {
                    return Err(format!("answered {status}").into());
                }
                latencies.push(asked.elapsed());
            }
            Ok::<_, crate::rig::Error>(latencies)
        });
    }
    let mut all = Latencies::default();
    while let Some(ended) = tasks.join_next().await {
        all.join(ended??);
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    let per_second = all.len() as f64 / started.elapsed().as_secs_f64();
    Ok(Rate {
        per_second,
        latencies: all,
    })
}

/// Loads at a fixed rate, so that answers can be compared at the same work.
///
/// # Errors
/// When one is not acknowledged.
pub async fn steady(port: u16, per_second: u64, run: u64, time: Duration) -> Result<Rate> {
    const CONNECTIONS: u64 = 32;
    let started = Instant::now();
    let gap = Duration::from_micros(1_000_000 * CONNECTIONS / per_second);
    let mut tasks = JoinSet::new();
    for connection in 0..CONNECTIONS {
        tasks.spawn(async move {
            let mut line = Connection::open(port).await?;
            let mut latencies = Latencies::default();
            let mut ticks = tokio::time::interval(gap);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut number = 0_u64;
            while started.elapsed() < time {
                ticks.tick().await;
                let request = request(run, connection, number);
                number += 1;
                let asked = Instant::now();
                line.call(&request).await?;
                latencies.push(asked.elapsed());
            }
            Ok::<_, crate::rig::Error>(latencies)
        });
    }
    let mut all = Latencies::default();
    while let Some(ended) = tasks.join_next().await {
        all.join(ended??);
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    let rate = all.len() as f64 / started.elapsed().as_secs_f64();
    Ok(Rate {
        per_second: rate,
        latencies: all,
    })
}

fn request(run: u64, connection: u64, number: u64) -> Vec<u8> {
    let wamid = format!("wamid.BENCH{run:03}{connection:04}{number:09}");
    let body = text(
        &wamid,
        &load::phone(connection * 7 + number),
        load::now(),
        "שלום, ראיתי את המודעה שלכם",
    );
    let head = format!(
        "POST /webhooks/meta HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
         x-hub-signature-256: {}\r\ncontent-length: {}\r\n\r\n",
        sign(&body),
        body.len()
    );
    [head.into_bytes(), body].concat()
}
