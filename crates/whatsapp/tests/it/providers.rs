//! What the tests of every provider's module need: its samples, a number, a message, and a server on loopback that
//! does as it is told.

use std::path::PathBuf;
use std::time::Duration;

use domain::channel::Provider;
use domain::content::{Content, MediaContent, MediaKind, MediaSource};
use domain::report::Change;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use whatsapp::adapter::{Adapter, Number, Outgoing, WebhookRefused, WebhookRequest};
use whatsapp::meta::client::{Timeouts, http_client};
use whatsapp::provider::{CallError, Recipient, Secret, SendOutcome, Unclear};

/// The bytes of a sample; a form without the newline at its end.
pub fn sample(file: &str) -> Vec<u8> {
    let path = folder().join(file);
    let mut bytes = std::fs::read(&path).unwrap_or_else(|_| panic!("no sample {file}"));
    if file.ends_with(".form") {
        bytes.truncate(bytes.trim_ascii_end().len());
    }
    bytes
}

pub fn json_sample(file: &str) -> Value {
    serde_json::from_slice(&sample(file)).unwrap()
}

/// The pairs of a form, sorted; of a member that holds JSON the JSON without its spaces.
pub fn form(bytes: &[u8]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(bytes)
        .map(|(name, value)| {
            let json: Option<Value> = serde_json::from_str(&value).ok();
            let json = json.filter(|json| json.is_object() || json.is_array());
            let value = json.map_or_else(|| value.into_owned(), |json| json.to_string());
            (name.into_owned(), value)
        })
        .collect();
    pairs.sort();
    pairs
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/providers")
}

/// The samples of a provider, by their names without the provider's.
pub fn names(provider: &str) -> Vec<String> {
    let mut found: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            name.strip_prefix(provider)?
                .strip_prefix('_')
                .map(str::to_owned)
        })
        .collect();
    found.sort();
    found
}

pub fn number(provider: Provider, base_url: &str) -> Number {
    Number {
        provider,
        base_url: base_url.to_owned(),
        account: "100000000000001".to_owned(),
        number: "972500000001".to_owned(),
        phone: Some("972500000001".to_owned()),
        token: Secret::from("key"),
        webhook_secrets: vec![Secret::from("invented-long-random-value")],
    }
}

pub fn dana() -> Recipient {
    Recipient::Phone("972500000010".to_owned())
}

pub fn text(text: &str) -> Content {
    Content::Text {
        text: text.to_owned(),
        preview_url: false,
    }
}

pub fn image(link: &str) -> Content {
    let mut media = MediaContent::new(MediaKind::Image);
    media.source = Some(MediaSource::Link(link.to_owned()));
    Content::Media(media)
}

pub const fn outgoing<'a>(to: &'a Recipient, content: &'a Content) -> Outgoing<'a> {
    Outgoing {
        to,
        content,
        reply_to: None,
        our_id: "outbox-000077",
        file: None,
        template_ref: None,
        callback_url: None,
    }
}

/// The whole way of a body: cut, and each piece parsed.
pub fn told(adapter: &impl Adapter, number: &Number, body: &[u8]) -> Vec<String> {
    changes(adapter, number, body)
        .iter()
        .flat_map(crate::webhooks::lines)
        .collect()
}

pub fn changes(adapter: &impl Adapter, number: &Number, body: &[u8]) -> Vec<Change> {
    adapter
        .cut(body)
        .unwrap()
        .iter()
        .map(|piece| adapter.parse(number, piece).unwrap())
        .collect()
}

/// Reads any bytes without a panic, and without a NUL that the database could not keep.
pub fn read_any(adapter: &impl Adapter, number: &Number, body: &[u8]) {
    let Ok(pieces) = adapter.cut(body) else {
        return;
    };
    for piece in pieces {
        let Ok(change) = adapter.parse(number, &piece) else {
            continue;
        };
        for report in change.reports {
            let kept = serde_json::to_string(&report.map_err(|bad| bad.reason)).unwrap();
            assert!(!kept.contains("\\u0000"), "NUL would not fit the database");
        }
    }
}

/// Whether a webhook with these headers is let in.
pub fn verified(
    adapter: &impl Adapter,
    number: &Number,
    public_url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<(), WebhookRefused> {
    let header = |name: &str| {
        let found = headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let request = WebhookRequest {
        public_url,
        header: &header,
        body,
    };
    adapter.verify(number, request)
}

/// What the server does with one request.
pub enum Then {
    Answer(String, Vec<u8>),
    Close,
    Wait,
}

pub fn answer(head: &str, body: &str) -> Then {
    Then::Answer(head.to_owned(), body.into())
}

pub fn sample_answer(head: &str, file: &str) -> Then {
    Then::Answer(head.to_owned(), sample(file))
}

/// A server for so many requests, each on a connection of its own: its address, and the requests as they came.
pub async fn server(thens: Vec<Then>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let here = address.clone();
    let told = tokio::spawn(async move {
        let mut requests = Vec::new();
        for then in thens {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !is_whole(&request) {
                let mut piece = [0; 4096];
                let got = socket.read(&mut piece).await.unwrap();
                assert!(got > 0, "the request broke off");
                request.extend_from_slice(&piece[..got]);
            }
            requests.push(String::from_utf8_lossy(&request).into_owned());
            match then {
                Then::Answer(head, body) => {
                    let head = head.replace("{here}", &here);
                    let length = body.len();
                    let head = format!(
                        "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                    );
                    socket.write_all(head.as_bytes()).await.unwrap();
                    socket.write_all(&body).await.unwrap();
                    socket.flush().await.unwrap();
                }
                Then::Close => drop(socket),
                Then::Wait => {
                    // Until the other side gives up.
                    let _ = socket.read(&mut [0; 1]).await;
                }
            }
        }
        requests
    });
    (address, told)
}

fn is_whole(request: &[u8]) -> bool {
    let Some(head_end) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..head_end]);
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.parse().ok())
        .unwrap_or(0);
    request.len() >= head_end + 4 + length
}

pub fn http(call: Duration) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let timeouts = Timeouts {
        call,
        ..Timeouts::default()
    };
    http_client(timeouts).unwrap()
}

pub const PATIENT: Duration = Duration::from_secs(20);

pub fn body_of(request: &str) -> &str {
    request.split_once("\r\n\r\n").unwrap().1
}

/// What holds for the sending of every module: broken, slow and foreign answers leave it open, a 401 is about the key,
/// a 429 says when to come back, and where nobody listens nothing was accepted.
pub async fn sends_are_judged<A: Adapter>(
    make: impl Fn(reqwest::Client) -> A,
    number: impl Fn(&str) -> Number,
) {
    let to = dana();
    let content = text("שלום");
    let unclear = |why| SendOutcome::Unclear { why };
    for (then, patience, expected) in [
        (Then::Close, PATIENT, unclear(Unclear::ConnectionBroke)),
        (
            Then::Wait,
            Duration::from_millis(300),
            unclear(Unclear::Timeout),
        ),
        (
            answer("200 OK", "<html>"),
            PATIENT,
            unclear(Unclear::AnswerUnreadable),
        ),
        (
            answer("200 OK", "{}"),
            PATIENT,
            unclear(Unclear::AnswerUnreadable),
        ),
        (
            answer("502 Bad Gateway", "<html>bad gateway</html>"),
            PATIENT,
            unclear(Unclear::ForeignAnswer { status: 502 }),
        ),
        (
            answer("302 Found\r\nlocation: http://127.0.0.1:1/", ""),
            PATIENT,
            unclear(Unclear::ForeignAnswer { status: 302 }),
        ),
    ] {
        let (address, _told) = server(vec![then]).await;
        let outcome = make(http(patience))
            .send(&number(&address), outgoing(&to, &content))
            .await;
        assert_eq!(outcome, expected);
    }
    for body in ["", "{}", "no"] {
        let (address, _told) = server(vec![answer("401 Unauthorized", body)]).await;
        let outcome = make(http(PATIENT))
            .send(&number(&address), outgoing(&to, &content))
            .await;
        assert!(
            matches!(outcome, SendOutcome::Credentials(_)),
            "{body}: {outcome:?}"
        );
        let head = "429 Too Many Requests\r\nretry-after: 17";
        let (address, _told) = server(vec![answer(head, body)]).await;
        let outcome = make(http(PATIENT))
            .send(&number(&address), outgoing(&to, &content))
            .await;
        assert!(
            matches!(&outcome, SendOutcome::RetryAfter { after, .. } if after.as_secs() == 17),
            "{outcome:?}"
        );
    }
    for address in ["http://127.0.0.1:1", "http://nobody.invalid", "no address"] {
        let outcome = make(http(PATIENT))
            .send(&number(address), outgoing(&to, &content))
            .await;
        assert!(
            matches!(outcome, SendOutcome::NotAccepted(_)),
            "{address}: {outcome:?}"
        );
    }
    let (address, _told) = server(vec![answer("401 Unauthorized", "{}")]).await;
    let state = make(http(PATIENT)).state(&number(&address)).await;
    assert!(matches!(state, Err(CallError::Credentials(_))), "{state:?}");
}
