//! A running sandbox, a receiver of its webhooks, and the words the tests are written in.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use sandbox::{Config, Sandbox, Source};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

pub const NUMBER: &str = "106540352240001";
pub const WABA: &str = "102030405060701";
pub const APP: &str = "670843887433847";
pub const DANA: &str = "972500000010";
pub const TOKEN: &str = "sandbox-token";

/// One webhook as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub body: Value,
    pub raw: Bytes,
    pub signature: String,
    pub at: Instant,
}

/// A server that keeps what it is sent and answers as it is told.
#[derive(Debug, Clone)]
pub struct Receiver {
    pub url: String,
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    arrived: Mutex<Vec<Arrived>>,
    answer: AtomicU16,
}

impl Receiver {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        inner.answer.store(200, Ordering::SeqCst);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = Router::new()
            .route("/hook", axum::routing::get(handshake).post(receive))
            .with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, inner }
    }

    pub fn answer_with(&self, status: u16) {
        self.inner.answer.store(status, Ordering::SeqCst);
    }

    pub fn all(&self) -> Vec<Arrived> {
        self.inner.arrived.lock().unwrap().clone()
    }

    /// Every change that arrived, in order.
    pub fn changes(&self) -> Vec<Value> {
        let entries = |arrived: Arrived| {
            arrived.body["entry"]
                .as_array()
                .cloned()
                .unwrap_or_default()
        };
        let all = self.all().into_iter().flat_map(entries);
        all.flat_map(|entry| entry["changes"].as_array().cloned().unwrap_or_default())
            .collect()
    }

    pub fn statuses(&self) -> Vec<Value> {
        self.changes()
            .into_iter()
            .flat_map(|change| {
                change["value"]["statuses"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default()
            })
            .collect()
    }

    pub fn messages(&self) -> Vec<Value> {
        self.changes()
            .into_iter()
            .flat_map(|change| {
                change["value"]["messages"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default()
            })
            .collect()
    }

    /// The names of the statuses of one message, in order of arrival.
    pub fn told(&self, wamid: &str) -> Vec<String> {
        let of = self
            .statuses()
            .into_iter()
            .filter(|status| status["id"] == wamid);
        of.map(|status| status["status"].as_str().unwrap().to_owned())
            .collect()
    }
}

async fn handshake(Query(query): Query<Vec<(String, String)>>) -> (StatusCode, String) {
    let get = |key: &str| {
        query
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.clone())
            .unwrap_or_default()
    };
    if get("hub.mode") == "subscribe" && get("hub.verify_token") == "right" {
        (StatusCode::OK, get("hub.challenge"))
    } else {
        (StatusCode::FORBIDDEN, String::new())
    }
}

async fn receive(State(inner): State<Arc<Inner>>, headers: HeaderMap, raw: Bytes) -> StatusCode {
    let status = StatusCode::from_u16(inner.answer.load(Ordering::SeqCst)).unwrap();
    let signature = headers["x-hub-signature-256"].to_str().unwrap().to_owned();
    let body = serde_json::from_slice(&raw).unwrap();
    inner.arrived.lock().unwrap().push(Arrived {
        body,
        raw,
        signature,
        at: Instant::now(),
    });
    status
}

/// A sandbox with a receiver.
pub struct World {
    pub url: String,
    pub client: reqwest::Client,
    pub receiver: Receiver,
    task: JoinHandle<()>,
}

impl World {
    /// Statuses come as fast as they can; unknown fields are errors.
    pub async fn start() -> Self {
        let world = Self::open(
            Config {
                strict: true,
                ..Config::default()
            },
            None,
        )
        .await;
        world
            .setup(json!({"settings": {"sent_ms": 0, "delivered_ms": 0, "read_ms": 0}}))
            .await;
        world
    }

    /// The clock stands still but for winding.
    pub async fn frozen() -> Self {
        let source = Source::new(|| 1_795_334_400_000);
        let world = Self::open(
            Config {
                strict: true,
                source,
                ..Config::default()
            },
            None,
        )
        .await;
        world
            .setup(json!({"settings": {"sent_ms": 0, "delivered_ms": 0, "read_ms": 0}}))
            .await;
        world
    }

    pub async fn on_disk(folder: PathBuf, receiver: Option<Receiver>) -> Self {
        let config = Config {
            data_dir: Some(folder),
            ..Config::default()
        };
        Self::open(config, receiver).await
    }

    async fn open(config: Config, receiver: Option<Receiver>) -> Self {
        let receiver = match receiver {
            Some(receiver) => receiver,
            None => Receiver::start().await,
        };
        let sandbox = Sandbox::open(config).await.unwrap();
        let url = sandbox.url();
        let task = tokio::spawn(async move {
            sandbox.run(std::future::pending()).await.unwrap();
        });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let world = Self {
            url,
            client,
            receiver,
            task,
        };
        world
            .setup(json!({"apps": [{"id": APP, "callback_url": world.receiver.url, "verify_token": "right"}]}))
            .await;
        world
    }

    /// As a kill: nothing more is done.
    pub fn kill(self) -> Receiver {
        self.task.abort();
        self.receiver
    }

    pub async fn setup(&self, setup: Value) -> Value {
        self.control("setup", setup).await
    }

    /// A control call that must succeed.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.try_control(path, body).await;
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }

    pub async fn try_control(&self, path: &str, body: Value) -> (u16, Value) {
        let request = self
            .client
            .post(format!("{}/control/{path}", self.url))
            .json(&body);
        answer(request).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, answer) = answer(
            self.client
                .get(format!("{}/{path}", self.url))
                .bearer_auth(TOKEN),
        )
        .await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub async fn faults(&self, plan: Value) {
        let request = self
            .client
            .put(format!("{}/control/faults", self.url))
            .json(&plan);
        let (status, answer) = answer(request).await;
        assert_eq!(status, 200, "{answer}");
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let request = self
            .client
            .post(format!("{}/v25.0/{path}", self.url))
            .bearer_auth(TOKEN)
            .json(&body);
        answer(request).await
    }

    /// Sends a message; the rest of the envelope is added.
    pub async fn try_send(&self, mut message: Value) -> (u16, Value) {
        let fields = message.as_object_mut().unwrap();
        fields
            .entry("messaging_product")
            .or_insert(json!("whatsapp"));
        if !fields.contains_key("recipient") {
            fields.entry("to").or_insert(json!(format!("+{DANA}")));
        }
        self.post(&format!("{NUMBER}/messages"), message).await
    }

    /// Sends and gives the id.
    pub async fn send(&self, message: Value) -> String {
        let (status, answer) = self.try_send(message).await;
        assert_eq!(status, 200, "{answer}");
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    pub async fn text(&self, body: &str) -> String {
        self.send(json!({"type": "text", "text": {"body": body}}))
            .await
    }

    /// The code that a send is refused with.
    pub async fn refusal(&self, message: Value) -> i64 {
        let (status, answer) = self.try_send(message).await;
        assert!(status >= 400, "accepted: {answer}");
        assert!(answer["error"]["fbtrace_id"].is_string(), "{answer}");
        answer["error"]["code"].as_i64().unwrap()
    }

    /// A person does something; the answer.
    pub async fn person(&self, phone: &str, action: &str, body: Value) -> Value {
        self.control(&format!("persons/{phone}/{action}"), body)
            .await
    }

    /// Dana writes, which opens the window; gives the id.
    pub async fn dana_writes(&self) -> String {
        let answer = self.person(DANA, "text", json!({"text": "שלום"})).await;
        answer["message"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn wind(&self, seconds: i64) {
        self.control("clock", json!({"advance_s": seconds})).await;
    }

    pub async fn ledger(&self) -> Value {
        self.get("control/ledger").await
    }

    pub async fn patch_person(&self, phone: &str, change: Value) -> Value {
        let request = self
            .client
            .patch(format!("{}/phone/api/persons/{phone}", self.url))
            .json(&change);
        let (status, answer) = answer(request).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub async fn chat(&self, phone: &str) -> Value {
        self.get(&format!("phone/api/chats/{phone}/{NUMBER}")).await
    }

    /// Waits until every webhook was answered.
    pub async fn quiet(&self) {
        until("no webhook is pending", async || {
            self.get("control/webhooks").await["pending"] == json!(0)
                && self.ledger().await["counts"]["by_delivery"]["accepted"] == json!(0)
        })
        .await;
    }
}

pub async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// Waits for a condition, ten seconds at most.
pub async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "waited in vain until {what}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
