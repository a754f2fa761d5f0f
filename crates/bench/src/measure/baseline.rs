//! The bare baseline: the same HTTP server and the same HMAC, and one sync of the disk for what has gathered. Only what
//! cannot be left out: whoever acknowledges durably does at least this.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use tokio::sync::{mpsc, oneshot};
use whatsapp::meta::signature;
use whatsapp::provider::Secret;

use crate::rig::Result;
use crate::rig::webhook::APP_SECRET;

type Job = (Bytes, oneshot::Sender<()>);

struct Door {
    secrets: Vec<Secret>,
    jobs: mpsc::Sender<Job>,
}

/// Serves until the process ends.
///
/// # Errors
/// When the port or the file cannot be had.
pub async fn serve(port: u16, file: &Path) -> Result<()> {
    let file = File::create(file)?;
    let (jobs, waiting) = mpsc::channel::<Job>(65_536);
    std::thread::spawn(move || write(file, waiting));
    let door = Arc::new(Door {
        secrets: vec![APP_SECRET.into()],
        jobs,
    });
    let router = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/webhooks/meta", post(receive))
        .with_state(door);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn receive(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = headers
        .get("x-hub-signature-256")
        .and_then(|value| value.to_str().ok());
    if signature::verify(&door.secrets, header, &body).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let (caller, answer) = oneshot::channel();
    if door.jobs.send((body, caller)).await.is_err() || answer.await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::OK
}

fn write(mut file: File, mut jobs: mpsc::Receiver<Job>) {
    let mut group = Vec::new();
    while jobs.blocking_recv_many(&mut group, 4096) > 0 {
        let mut buffer = Vec::new();
        for (body, _) in &group {
            buffer.extend_from_slice(&(body.len() as u64).to_le_bytes());
            buffer.extend_from_slice(body);
        }
        if file
            .write_all(&buffer)
            .and_then(|()| file.sync_data())
            .is_err()
        {
            return;
        }
        for (_, caller) in group.drain(..) {
            // Whoever has gone away needs no answer.
            let _ = caller.send(());
        }
    }
}
