//! WAHA: calls against a server that answers as told.

use domain::channel::LinkState;
use domain::content::{Content, MediaKind, MediaSource, TemplateContent};
use domain::failure::FailureReason;
use domain::report::ProviderError;
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, FetchError, LinkCode, Outgoing};
use whatsapp::failure::Class;
use whatsapp::provider::{CallError, Recipient, SendOutcome, Unclear};
use whatsapp::waha::Client;
use whatsapp::waha::errors::{ACK_ERROR, failure_of, verdict_on};
use whatsapp::waha::link::session_json;

use crate::providers::{
    answer, body_of, dana, json_sample, outgoing, sample, sample_answer, sends_are_judged, server,
    text,
};
use crate::waha::{HELLO, HOOK, client, file, media, number};

#[tokio::test]
async fn what_cannot_be_said_is_refused_before_any_call() {
    let nowhere = number("http://127.0.0.1:1");
    let bsuid = Recipient::Bsuid("IL.1349".to_owned());
    let group = Recipient::Group("1203@g.us".to_owned());
    let nobody = Recipient::Phone("דנה".to_owned());
    let template = Content::Template(TemplateContent {
        template_id: None,
        name: "hello".to_owned(),
        language: "he".to_owned(),
        components: vec![],
        rendered: None,
    });
    let photo = file("image/webp", "s.webp");
    for (to, content, file, reason) in [
        (&dana(), &template, None, FailureReason::UnsupportedType),
        (&bsuid, &text("a"), None, FailureReason::RecipientNeedsPhone),
        (&group, &text("a"), None, FailureReason::RecipientNeedsPhone),
        (&nobody, &text("a"), None, FailureReason::RecipientInvalid),
        (
            &dana(),
            &media(MediaKind::Image, None, false),
            None,
            FailureReason::MediaUnavailable,
        ),
        (
            &dana(),
            &media(MediaKind::Sticker, None, false),
            Some(&photo),
            FailureReason::UnsupportedType,
        ),
        (
            &dana(),
            &media(MediaKind::Audio, Some("lost"), false),
            Some(&photo),
            FailureReason::MessageInvalid,
        ),
    ] {
        let out = Outgoing {
            file,
            ..outgoing(to, content)
        };
        let outcome = client().send(&nowhere, out).await;
        assert!(
            matches!(&outcome, SendOutcome::Refused(failure) if failure.reason == reason),
            "{reason:?}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_send_names_the_key_and_reads_the_id() {
    let (address, told) = server(vec![sample_answer(
        "201 Created",
        "waha_send_text.response.json",
    )])
    .await;
    let (to, content) = (dana(), text(HELLO));
    let outcome = client()
        .send(&number(&address), outgoing(&to, &content))
        .await;
    assert_eq!(
        outcome,
        SendOutcome::Accepted {
            provider_id: "3EB0AAAA000000000001".to_owned(),
            wa_id: Some("972500000010".to_owned()),
            user_id: None,
            held: false,
        }
    );
    let request = &told.await.unwrap()[0];
    assert!(
        request.starts_with("POST /api/sendText HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request
            .to_ascii_lowercase()
            .contains("\r\nx-api-key: key\r\n")
    );

    for (body, id) in [
        (
            r#"{"id":{"_serialized":"true_100000000000010@lid_3EB0C"}}"#,
            "3EB0C",
        ),
        (
            r#"{"key":{"id":"3EB0C","remoteJid":"972500000010@s.whatsapp.net"}}"#,
            "3EB0C",
        ),
        (r#"{"id":"3EB0C"}"#, "3EB0C"),
    ] {
        let (address, _told) = server(vec![answer("201 Created", body)]).await;
        let outcome = client()
            .send(&number(&address), outgoing(&to, &content))
            .await;
        assert!(
            matches!(&outcome, SendOutcome::Accepted { provider_id, .. } if provider_id == id),
            "{body}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn sends_end_as_for_every_provider() {
    sends_are_judged(Client::new, number).await;
}

/// Typed by hand from the reference: status, body → how a send ends.
#[tokio::test]
async fn refusals_are_sorted_by_what_they_say() {
    let session = |status: &str| {
        json!({"error": "Session status is not as expected. Try again later or restart the session",
               "session": "sales-1", "status": status, "expected": ["WORKING"]})
        .to_string()
    };
    let exception = |message: &str| {
        json!({"statusCode": 500, "timestamp": "2026-08-20T06:30:05.000Z", "exception": {"message": message},
               "request": {"path": "/api/sendText", "method": "POST"}})
        .to_string()
    };
    let nest =
        |status: u16, message: Value| json!({"statusCode": status, "message": message}).to_string();
    let timelock = String::from_utf8(sample("waha_send_463.response.json")).unwrap();
    let restricted = |reason| (Class::Restricted, reason);
    for (head, body, (class, reason)) in [
        (
            "500 Internal Server Error",
            timelock,
            restricted(FailureReason::ReachOutLocked),
        ),
        (
            "500 Internal Server Error",
            exception("server returned error 475"),
            restricted(FailureReason::ReachOutLocked),
        ),
        (
            "500 Internal Server Error",
            exception("MessageAccountRestriction"),
            restricted(FailureReason::ReachOutLocked),
        ),
        (
            "500 Internal Server Error",
            exception("Error: No LID for user"),
            (Class::Refuse, FailureReason::Undeliverable),
        ),
        (
            "422 Unprocessable Entity",
            session("SCAN_QR_CODE"),
            (Class::Credentials, FailureReason::NumberUnlinked),
        ),
        (
            "422 Unprocessable Entity",
            session("FAILED"),
            (Class::Credentials, FailureReason::NumberUnlinked),
        ),
        (
            "422 Unprocessable Entity",
            session("STARTING"),
            (Class::Wait, FailureReason::NumberUnlinked),
        ),
        (
            "422 Unprocessable Entity",
            nest(422, json!("The method is not implemented by the engine.")),
            (Class::Refuse, FailureReason::UnsupportedType),
        ),
        (
            "400 Bad Request",
            nest(
                400,
                json!(["text must be a string", "chatId must be a string"]),
            ),
            (Class::Refuse, FailureReason::MessageInvalid),
        ),
        (
            "401 Unauthorized",
            nest(401, json!("Unauthorized")),
            (Class::Credentials, FailureReason::TokenInvalid),
        ),
        (
            "403 Forbidden",
            nest(403, json!("Forbidden resource")),
            (Class::Credentials, FailureReason::PermissionMissing),
        ),
        (
            "404 Not Found",
            nest(404, json!("Session not found")),
            (Class::Credentials, FailureReason::NumberUnlinked),
        ),
        (
            "429 Too Many Requests",
            nest(429, json!("slow down")),
            (Class::Wait, FailureReason::NumberRateLimited),
        ),
    ] {
        let (address, _told) = server(vec![answer(head, &body)]).await;
        let (to, content) = (dana(), text("a"));
        let outcome = client()
            .send(&number(&address), outgoing(&to, &content))
            .await;
        let (got, failure) = match outcome {
            SendOutcome::Refused(failure) => (Class::Refuse, failure),
            SendOutcome::Restricted(failure) => (Class::Restricted, failure),
            SendOutcome::Credentials(failure) => (Class::Credentials, failure),
            SendOutcome::RetryAfter { failure, .. } => (Class::Wait, failure),
            other => panic!("{body}: {other:?}"),
        };
        assert_eq!((got, failure.reason), (class, reason), "{body}");
    }
    for body in [
        exception("Protocol error (Runtime.callFunctionOn): Target closed."),
        exception("server returned error 4630"),
    ] {
        let (address, _told) = server(vec![answer("500 Internal Server Error", &body)]).await;
        let (to, content) = (dana(), text("a"));
        let outcome = client()
            .send(&number(&address), outgoing(&to, &content))
            .await;
        assert_eq!(
            outcome,
            SendOutcome::Unclear {
                why: Unclear::ServerError {
                    status: 500,
                    code: 500
                }
            }
        );
    }
    assert_eq!(verdict_on(500, "anything"), None);
    let error = ProviderError {
        code: ACK_ERROR,
        title: Some("ERROR".to_owned()),
        details: None,
    };
    assert_eq!(failure_of(&error).reason, FailureReason::Undeliverable);
    let error = ProviderError { code: 463, ..error };
    assert_eq!(failure_of(&error).reason, FailureReason::ReachOutLocked);
}

fn session_answer(status: &str, config: &Value) -> String {
    json!({"name": "sales-1", "status": status, "config": config}).to_string()
}

#[tokio::test]
async fn a_session_is_made_once_and_changed_only_where_it_must_be() {
    // There is none: it is made and started.
    let (address, told) = server(vec![
        answer(
            "404 Not Found",
            r#"{"statusCode":404,"message":"Session not found"}"#,
        ),
        answer("201 Created", "{}"),
    ])
    .await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    let requests = told.await.unwrap();
    assert!(requests[0].starts_with("GET /api/sessions/sales-1 HTTP/1.1"));
    assert!(requests[1].starts_with("POST /api/sessions HTTP/1.1"));
    let made: Value = serde_json::from_str(body_of(&requests[1])).unwrap();
    assert_eq!(
        made,
        session_json("sales-1", HOOK, "invented-waha-hmac-key")
    );

    // It stands as we want it: only started, where it is stopped.
    let config = &made["config"];
    let (address, told) = server(vec![answer("200 OK", &session_answer("WORKING", config))]).await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    assert_eq!(told.await.unwrap().len(), 1);
    let (address, told) = server(vec![
        answer("200 OK", &session_answer("STOPPED", config)),
        answer("201 Created", ""),
    ])
    .await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    assert!(told.await.unwrap()[1].starts_with("POST /api/sessions/sales-1/start HTTP/1.1"));

    // It knows another secret: changed, and what is not ours is left alone.
    let other = json!({
        "proxy": {"server": "p:3128"},
        "webhooks": [{"url": "https://n8n.example.co.il/x", "events": ["message"]}, {"url": HOOK, "events": ["*"]}],
    });
    let (address, told) = server(vec![
        answer("200 OK", &session_answer("WORKING", &other)),
        answer("200 OK", "{}"),
    ])
    .await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    let requests = told.await.unwrap();
    assert!(requests[1].starts_with("PUT /api/sessions/sales-1 HTTP/1.1"));
    let changed: Value = serde_json::from_str(body_of(&requests[1])).unwrap();
    assert_eq!(changed["config"]["proxy"], other["proxy"]);
    assert_eq!(changed["config"]["webhooks"][0], other["webhooks"][0]);
    assert_eq!(changed["config"]["webhooks"][1], config["webhooks"][0]);
    assert_eq!(changed["config"]["webhooks"].as_array().unwrap().len(), 2);

    let mut without = number("http://127.0.0.1:1");
    without.webhook_secrets.clear();
    let refused = client().set_up(&without, HOOK).await;
    assert!(matches!(refused, Err(CallError::Credentials(_))));
}

#[tokio::test]
async fn a_link_begins_with_a_code() {
    let waiting = session_answer("SCAN_QR_CODE", &Value::Null);
    let (address, told) = server(vec![
        answer("200 OK", &waiting),
        sample_answer("200 OK", "waha_qr_raw.response.json"),
    ])
    .await;
    let code = client().link_code(&number(&address), None).await.unwrap();
    let qr = json_sample("waha_qr_raw.response.json")["value"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(code, LinkCode::QrText(qr));
    assert!(told.await.unwrap()[1].starts_with("GET /api/sales-1/auth/qr?format=raw HTTP/1.1"));

    let (address, told) = server(vec![
        answer("200 OK", &waiting),
        sample_answer("201 Created", "waha_request_code.response.json"),
    ])
    .await;
    let code = client()
        .link_code(&number(&address), Some("+972500000001"))
        .await
        .unwrap();
    assert_eq!(code, LinkCode::Pairing("ABCD-EFGH".to_owned()));
    let request = &told.await.unwrap()[1];
    assert!(request.starts_with("POST /api/sales-1/auth/request-code HTTP/1.1"));
    assert_eq!(body_of(request), r#"{"phoneNumber":"972500000001"}"#);

    let (address, _told) = server(vec![answer(
        "200 OK",
        &session_answer("WORKING", &Value::Null),
    )])
    .await;
    assert_eq!(
        client().link_code(&number(&address), None).await,
        Ok(LinkCode::Linked)
    );

    // A session that gave up is started again, and asked again by the caller.
    let (address, told) = server(vec![
        answer("200 OK", &session_answer("FAILED", &Value::Null)),
        answer("201 Created", "{}"),
    ])
    .await;
    let later = client().link_code(&number(&address), None).await;
    assert!(
        matches!(later, Err(CallError::RetryAfter { .. })),
        "{later:?}"
    );
    assert!(told.await.unwrap()[1].starts_with("POST /api/sessions/sales-1/restart HTTP/1.1"));

    let (address, _told) = server(vec![answer(
        "200 OK",
        &session_answer("PASSKEY_REQUIRED", &Value::Null),
    )])
    .await;
    let refused = client().link_code(&number(&address), None).await;
    assert!(
        matches!(refused, Err(CallError::Refused(failure)) if failure.details.as_deref() == Some("PASSKEY_REQUIRED"))
    );
}

#[tokio::test]
async fn a_link_ends_with_a_logout() {
    let (address, told) = server(vec![
        answer("200 OK", &session_answer("WORKING", &Value::Null)),
        answer("201 Created", "{}"),
    ])
    .await;
    assert_eq!(client().unlink(&number(&address)).await, Ok(()));
    assert!(told.await.unwrap()[1].starts_with("POST /api/sessions/sales-1/logout HTTP/1.1"));
    let gone = r#"{"statusCode":404,"message":"Session not found"}"#;
    let (address, _told) = server(vec![answer("404 Not Found", gone)]).await;
    assert_eq!(client().unlink(&number(&address)).await, Ok(()));
    let (address, _told) = server(vec![answer("404 Not Found", gone)]).await;
    let state = client().state(&number(&address)).await.unwrap();
    assert_eq!(state.link, LinkState::Unlinked);
}

#[tokio::test]
async fn a_message_is_marked_as_read() {
    let (address, told) = server(vec![answer("201 Created", "{}")]).await;
    let done = client()
        .mark_read(&number(&address), &dana(), "3A0F", true)
        .await;
    assert_eq!(done, Ok(()));
    let request = &told.await.unwrap()[0];
    assert!(request.starts_with("POST /api/sendSeen HTTP/1.1"));
    let body: Value = serde_json::from_str(body_of(request)).unwrap();
    assert_eq!(
        body,
        json!({"session": "sales-1", "chatId": "972500000010@c.us", "messageIds": ["false_972500000010@c.us_3A0F"]})
    );
}

#[tokio::test]
async fn a_file_is_asked_where_waha_is_and_nowhere_else() {
    let link = |text: String| MediaSource::Link(text);
    // WAHA's own idea of its address is not ours.
    for told_host in ["{here}", "http://localhost:3000"] {
        let (address, told) =
            server(vec![answer("200 OK\r\ncontent-type: image/png", "12345")]).await;
        let url = format!(
            "{}/api/files/sales-1/a%20b.png?x=1",
            told_host.replace("{here}", &address)
        );
        let fetched = client()
            .fetch(&number(&address), &link(url), 5)
            .await
            .unwrap();
        assert_eq!(fetched.bytes.as_ref(), b"12345");
        assert_eq!(fetched.mime_type.as_deref(), Some("image/png"));
        let request = told.await.unwrap()[0].to_ascii_lowercase();
        assert!(
            request.starts_with("get /api/files/sales-1/a%20b.png?x=1 http/1.1"),
            "{request}"
        );
        assert!(request.contains("\r\nx-api-key: key\r\n"));
    }
    for (then, expected) in [
        (answer("200 OK", "123456"), FetchError::Never),
        (answer("404 Not Found", ""), FetchError::Never),
        (answer("401 Unauthorized", ""), FetchError::Later),
        (answer("503 Service Unavailable", ""), FetchError::Later),
    ] {
        let (address, _told) = server(vec![then]).await;
        let refused = client()
            .fetch(
                &number(&address),
                &link(format!("{address}/api/files/a")),
                5,
            )
            .await
            .err();
        assert_eq!(refused, Some(expected));
    }
    let nowhere = number("http://127.0.0.1:1");
    for foreign in [
        link("https://bucket.s3.example/a.jpg".to_owned()),
        link("http://169.254.169.254/latest/api/files/".to_owned()),
        link("file:///api/files/a".to_owned()),
        link("no address".to_owned()),
        MediaSource::Id("1".to_owned()),
    ] {
        assert_eq!(
            client().fetch(&nowhere, &foreign, 5).await.err(),
            Some(FetchError::Never),
            "{foreign:?}"
        );
    }
}
