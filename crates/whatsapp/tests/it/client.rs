//! Calls against a server on loopback that does as it is told.

use std::time::Duration;

use domain::failure::FailureReason;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use whatsapp::meta::client::{BadBaseUrl, Client, DownloadError, Timeouts, http_client};
use whatsapp::provider::{CallError, Secret, SendOutcome, Unclear};

/// What the server does with the one request that it reads.
enum Then {
    Answer(&'static str, Vec<u8>),
    Close,
    Wait,
}

/// A server for one request: its address, and the request as it came.
async fn server(then: Then) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let told = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !is_whole(&request) {
            let mut piece = [0; 4096];
            let got = socket.read(&mut piece).await.unwrap();
            assert!(got > 0, "the request broke off");
            request.extend_from_slice(&piece[..got]);
        }
        match then {
            Then::Answer(head, body) => {
                let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len());
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
        String::from_utf8_lossy(&request).into_owned()
    });
    (address, told)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.parse().ok())
        .unwrap_or(0);
    body.len() >= length
}

fn client(address: &str, call: Duration) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let timeouts = Timeouts {
        call,
        ..Timeouts::default()
    };
    Client::new(http_client(timeouts).unwrap(), address, "v25.0").unwrap()
}

const PATIENT: Duration = Duration::from_secs(20);

async fn send(then: Then, call: Duration) -> (SendOutcome, String) {
    let (address, told) = server(then).await;
    let outcome = client(&address, call)
        .send(
            "106540352240001",
            &Secret::from("tok"),
            &json!({"type": "text"}),
        )
        .await;
    (outcome, told.await.unwrap())
}

fn json_answer(head: &'static str, name: &str) -> Then {
    Then::Answer(head, crate::sample("responses", name))
}

#[tokio::test]
async fn a_message_is_posted_once_with_our_name_and_the_token() {
    let (outcome, request) = send(json_answer("200 OK", "send-ok-phone"), PATIENT).await;
    assert_eq!(
        outcome,
        SendOutcome::Accepted {
            provider_id: "wamid.HBgMOTcyNTAwMDAwMDEwFQIAERgSNjc3NjEyODI4N0VGMkNCOEVBAA=="
                .to_owned(),
            wa_id: Some("972500000010".to_owned()),
            user_id: None,
            held: false,
        }
    );
    let request = request.to_ascii_lowercase();
    assert!(request.starts_with("post /v25.0/106540352240001/messages http/1.1\r\n"));
    assert!(request.contains("\r\nauthorization: bearer tok\r\n"));
    assert!(request.contains("\r\nuser-agent: kesher/"));
    assert!(request.ends_with(r#"{"type":"text"}"#));
}

#[tokio::test]
async fn what_meta_refuses_is_sorted_by_its_code() {
    let (outcome, _) = send(
        json_answer("401 Unauthorized", "error-190-token-expired"),
        PATIENT,
    )
    .await;
    assert!(matches!(outcome, SendOutcome::Credentials(failure) if failure.code == Some(190)));
    let (outcome, _) = send(
        json_answer("400 Bad Request", "error-132000-param-count"),
        PATIENT,
    )
    .await;
    assert!(
        matches!(outcome, SendOutcome::Refused(failure) if failure.reason == FailureReason::TemplateParameters)
    );
    let head = "429 Too Many Requests\r\nretry-after: 17";
    let (outcome, _) = send(json_answer(head, "error-130429-throughput"), PATIENT).await;
    assert!(
        matches!(outcome, SendOutcome::RetryAfter { after, .. } if after == Duration::from_secs(17))
    );
    let head = "400 Bad Request\r\nx-business-use-case-usage: \
                {\"102030405060701\":[{\"type\":\"m\",\"estimated_time_to_regain_access\":12}]}";
    let (outcome, _) = send(json_answer(head, "error-80007-waba-rate"), PATIENT).await;
    assert!(
        matches!(outcome, SendOutcome::RetryAfter { after, .. } if after == Duration::from_secs(720))
    );
}

#[tokio::test]
async fn what_may_have_been_accepted_is_unclear() {
    let unclear = |why| SendOutcome::Unclear { why };
    let (outcome, _) = send(Then::Close, PATIENT).await;
    assert_eq!(outcome, unclear(Unclear::ConnectionBroke));
    let (outcome, _) = send(Then::Wait, Duration::from_millis(300)).await;
    assert_eq!(outcome, unclear(Unclear::Timeout));
    for (head, body, why) in [
        ("200 OK", "<html>", Unclear::AnswerUnreadable),
        ("200 OK", "{}", Unclear::AnswerUnreadable),
        (
            "502 Bad Gateway",
            "",
            Unclear::ForeignAnswer { status: 502 },
        ),
        (
            "302 Found\r\nlocation: http://127.0.0.1:1/",
            "",
            Unclear::ForeignAnswer { status: 302 },
        ),
    ] {
        let (outcome, _) = send(Then::Answer(head, body.into()), PATIENT).await;
        assert_eq!(outcome, unclear(why), "{head}");
    }
}

#[tokio::test]
async fn without_a_connection_it_is_surely_not_accepted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    // The second is a server that speaks no TLS, the third a name that nobody has.
    let (plain, told) = server(Then::Close).await;
    for address in [
        address,
        plain.replace("http:", "https:"),
        "http://nobody.invalid".to_owned(),
    ] {
        let outcome = client(&address, PATIENT)
            .send("1", &Secret::from("tok"), &json!({}))
            .await;
        assert!(
            matches!(&outcome, SendOutcome::NotAccepted(failure) if failure.reason == FailureReason::Unreachable),
            "{address}: {outcome:?}"
        );
    }
    told.abort();
}

#[tokio::test]
async fn a_list_says_where_its_next_page_begins() {
    let (address, told) = server(json_answer("200 OK", "template-list")).await;
    let page = client(&address, PATIENT)
        .templates("102030405060701", &Secret::from("tok"), Some("a b&c"))
        .await
        .unwrap();
    assert_eq!(page.next.as_deref(), Some("MjQZD"));
    assert_eq!(page.items[1].status.as_deref(), Some("PAUSED"));
    let request = told.await.unwrap();
    assert!(request.starts_with("GET /v25.0/102030405060701/message_templates?fields=id%2Cname"));
    assert!(request.contains("&limit=100&after=a+b%26c HTTP/1.1"));
}

#[tokio::test]
async fn a_file_goes_up_as_a_form() {
    let (address, told) = server(json_answer("200 OK", "media-upload")).await;
    let id = client(&address, PATIENT)
        .upload_media(
            "1065",
            &Secret::from("tok"),
            "bytes",
            5,
            "image/png",
            "a.png",
        )
        .await
        .unwrap();
    assert_eq!(id, "1037543291543636");
    let request = told.await.unwrap();
    assert!(request.contains("name=\"messaging_product\"\r\n\r\nwhatsapp\r\n"));
    assert!(request.contains("name=\"type\"\r\n\r\nimage/png\r\n"));
    assert!(
        request.contains(
            "name=\"file\"; filename=\"a.png\"\r\ncontent-type: image/png"
                .replace("content-type", "Content-Type")
                .as_str()
        )
    );
}

#[tokio::test]
async fn a_file_comes_down_from_the_provider_only_and_not_too_large() {
    let token = Secret::from("tok");
    let (address, told) = server(Then::Answer(
        "200 OK\r\ncontent-type: image/png",
        b"12345".to_vec(),
    ))
    .await;
    let url = format!("{address}/file?mid=1");
    let client_here = client(&address, PATIENT);
    let download = client_here.download(&token, &url, 5).await.unwrap();
    assert_eq!(download.mime_type.as_deref(), Some("image/png"));
    assert_eq!(download.bytes().await.unwrap().as_ref(), b"12345");
    assert!(
        told.await
            .unwrap()
            .to_ascii_lowercase()
            .contains("authorization: bearer tok")
    );

    for (then, expected) in [
        (
            Then::Answer("200 OK", b"123456".to_vec()),
            DownloadError::TooLarge { max_bytes: 5 },
        ),
        (
            Then::Answer("404 Not Found", Vec::new()),
            DownloadError::Gone,
        ),
        (
            Then::Answer("401 Unauthorized", Vec::new()),
            DownloadError::Credentials,
        ),
        (
            Then::Answer("302 Found\r\nlocation: /x", Vec::new()),
            DownloadError::Status { status: 302 },
        ),
    ] {
        let (address, _told) = server(then).await;
        let refused = client(&address, PATIENT)
            .download(&token, &format!("{address}/file"), 5)
            .await
            .err();
        assert_eq!(refused, Some(expected));
    }
    for foreign in [
        "http://169.254.169.254/latest",
        "https://evilfbsbx.com/x",
        "http://lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com:8443/x",
        "file:///etc/passwd",
        "",
    ] {
        let refused = client_here.download(&token, foreign, 5).await.err();
        assert_eq!(refused, Some(DownloadError::ForeignHost), "{foreign}");
    }
}

#[tokio::test]
async fn a_path_cannot_be_left_by_an_id() {
    let (address, told) = server(json_answer("200 OK", "success-true")).await;
    let done = client(&address, PATIENT)
        .delete_media(&Secret::from("tok"), "../1?x=1")
        .await;
    assert_eq!(done, Ok(()));
    assert!(
        told.await
            .unwrap()
            .starts_with("DELETE /v25.0/..%2F1%3Fx=1 HTTP/1.1")
    );
}

#[tokio::test]
async fn a_resumable_upload_keeps_metas_odd_id() {
    let (address, told) = server(json_answer("200 OK", "resumable-upload-handle")).await;
    let session =
        serde_json::from_value(crate::json_sample("responses", "resumable-upload-session"))
            .unwrap();
    let handle = client(&address, PATIENT)
        .upload_bytes(&Secret::from("tok"), &session, 0, "abc".into())
        .await
        .unwrap();
    assert_eq!(handle.h, "4::aW1hZ2UvanBlZw==:EXAMPLE");
    let request = told.await.unwrap();
    assert!(
        request.starts_with(
            "POST /v25.0/upload:MTphdHRhY2htZW50OjEyMzQ1Njc4OTA=?sig=EXAMPLE HTTP/1.1"
        )
    );
    assert!(request.contains("authorization: OAuth tok\r\n"));
    assert!(request.contains("file_offset: 0\r\n"));
}

#[tokio::test]
async fn registering_says_the_pin_and_hears_yes() {
    let (address, told) = server(json_answer("200 OK", "success-true")).await;
    let done = client(&address, PATIENT)
        .register("1065", &Secret::from("tok"), &Secret::from("212834"))
        .await;
    assert_eq!(done, Ok(()));
    let request = told.await.unwrap();
    let body: serde_json::Value =
        serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(
        body,
        crate::json_sample("requests", "register-phone-number")
    );

    let (address, _told) = server(Then::Answer("200 OK", br#"{"success":false}"#.to_vec())).await;
    let undone = client(&address, PATIENT)
        .register("1065", &Secret::from("tok"), &Secret::from("212834"))
        .await;
    assert!(matches!(undone, Err(CallError::Unclear { .. })));
}

#[test]
fn a_provider_is_an_http_address() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = http_client(Timeouts::default()).unwrap();
    for bad in [
        "",
        "graph.facebook.com",
        "ftp://x/",
        "mailto:a@b",
        "https://",
    ] {
        assert_eq!(
            Client::new(http.clone(), bad, "v25.0").err(),
            Some(BadBaseUrl),
            "{bad}"
        );
    }
    assert!(Client::new(http, "http://127.0.0.1:4000/sandbox/", "v25.0").is_ok());
}
