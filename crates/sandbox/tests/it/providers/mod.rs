//! The APIs of other providers, over real HTTP.

mod dialog360;
mod evolution;
mod green_api;
mod ledger;
mod resellers;
mod twilio;
mod waha;
mod wuzapi;

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::world::{World, answer, until};

/// A person who is not on WhatsApp.
pub const NOBODY: &str = "972500000099";

/// One call that a catcher got.
#[derive(Debug, Clone)]
pub struct Caught {
    pub uri: String,
    pub headers: HeaderMap,
    pub raw: Bytes,
    pub json: Value,
    pub form: Vec<(String, String)>,
}

impl Caught {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn field(&self, name: &str) -> &str {
        let found = self.form.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }
}

/// A server that keeps whatever it is sent; its file `/picture.jpg` can be fetched.
#[derive(Debug, Clone)]
pub struct Catcher {
    pub url: String,
    inner: Inner,
}

/// What came, and the status it is answered with.
type Inner = Arc<Mutex<(Vec<Caught>, u16)>>;

pub const PICTURE: &[u8] = b"\xff\xd8\xff\xe0 not quite a picture";

impl Catcher {
    pub async fn start() -> Self {
        let inner = Arc::new(Mutex::new((Vec::new(), 200)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let picture = axum::routing::get(|| async { ([("content-type", "image/jpeg")], PICTURE) });
        let app = Router::new()
            .route("/picture.jpg", picture)
            .fallback(catch)
            .with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, inner }
    }

    pub fn all(&self) -> Vec<Caught> {
        self.inner.lock().unwrap().0.clone()
    }

    pub fn answer_with(&self, status: u16) {
        self.inner.lock().unwrap().1 = status;
    }

    /// Waits for a call that fits, and gives the first.
    pub async fn first(&self, what: &str, fits: impl Fn(&Caught) -> bool) -> Caught {
        until(what, async || self.all().iter().any(&fits)).await;
        self.all().into_iter().find(|one| fits(one)).unwrap()
    }
}

async fn catch(State(inner): State<Inner>, uri: Uri, headers: HeaderMap, raw: Bytes) -> StatusCode {
    let mut inner = inner.lock().unwrap();
    inner.0.push(Caught {
        uri: uri.to_string(),
        headers,
        json: serde_json::from_slice(&raw).unwrap_or_default(),
        form: pairs(&String::from_utf8_lossy(&raw)),
        raw,
    });
    StatusCode::from_u16(inner.1).unwrap()
}

/// The pairs of a form.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let base = reqwest::Url::parse(&format!("http://x/?{}", text.trim())).unwrap();
    base.query_pairs()
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

/// A captured body.
pub fn sample(name: &str) -> Value {
    serde_json::from_str(&raw_sample(name)).unwrap()
}

pub fn raw_sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/providers");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The shape of a value: every path in it, with the kind of what is there. Lists count by their first
/// item, and `null` fits everything.
pub fn shape(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, out: &mut Vec<String>) {
        match value {
            Value::Object(map) => map
                .iter()
                .for_each(|(key, value)| walk(value, &format!("{at}.{key}"), out)),
            Value::Array(items) => items
                .first()
                .into_iter()
                .for_each(|item| walk(item, &format!("{at}[]"), out)),
            _ => out.push(at.to_owned()),
        }
    }
    let mut out = Vec::new();
    walk(value, "", &mut out);
    out
}

/// Asserts that everything in the sample is there too.
pub fn assert_has_shape(value: &Value, sample: &Value) {
    let has = shape(value);
    for path in shape(sample) {
        assert!(
            has.iter()
                .any(|one| *one == path || one.starts_with(&format!("{path}."))),
            "{path} is missing in {value:#}"
        );
    }
}

fn hmac256(key: &str, text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

pub fn hmac256_hex(key: &str, text: &[u8]) -> String {
    hmac256(key, text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The last part of a token signed with HS256.
pub fn hs256(key: &str, signed: &str) -> String {
    URL_SAFE_NO_PAD.encode(hmac256(key, signed.as_bytes()))
}

impl World {
    /// A call to a provider; status and body.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        header: (&str, &str),
        body: Option<Value>,
    ) -> (u16, Value) {
        let method = method.parse().unwrap();
        let mut request = self
            .client
            .request(method, format!("{}/{path}", self.url))
            .header(header.0, header.1);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }
}
