//! wuzapi: calls against a server that answers as told.

use domain::channel::LinkState;
use domain::content::{Content, MediaSource, TemplateContent};
use domain::failure::FailureReason;
use domain::report::{ProviderError, Report};
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, FetchError, LinkCode};
use whatsapp::failure::Class;
use whatsapp::provider::{CallError, Recipient, Secret, SendOutcome};
use whatsapp::wuzapi::Client;
use whatsapp::wuzapi::errors::{failure_of, verdict_on};
use whatsapp::wuzapi::link::state_of;

use crate::providers::{
    answer, body_of, dana, outgoing, sample_answer, sends_are_judged, server, text,
};
use crate::wuzapi::{HOOK, KEY, client, hook, number};

#[tokio::test]
async fn what_cannot_be_said_is_refused_before_any_call() {
    let template = Content::Template(TemplateContent {
        template_id: None,
        name: "hello".to_owned(),
        language: "he".to_owned(),
        components: vec![],
        rendered: None,
    });
    let bsuid = Recipient::Bsuid("IL.1349".to_owned());
    for (to, content, reason) in [
        (&dana(), &template, FailureReason::UnsupportedType),
        (&bsuid, &text("a"), FailureReason::RecipientNeedsPhone),
    ] {
        let outcome = client()
            .send(&number("http://127.0.0.1:1"), outgoing(to, content))
            .await;
        assert!(
            matches!(&outcome, SendOutcome::Refused(failure) if failure.reason == reason),
            "{reason:?}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_send_names_the_token_and_reads_the_id() {
    let (address, told) = server(vec![sample_answer(
        "200 OK",
        "wuzapi_send_text.response.json",
    )])
    .await;
    let (to, content) = (dana(), text("היי"));
    let outcome = client()
        .send(&number(&address), outgoing(&to, &content))
        .await;
    assert!(
        matches!(&outcome, SendOutcome::Accepted { provider_id, .. } if provider_id == "3EB0AAAA000000000001"),
        "{outcome:?}"
    );
    let request = &told.await.unwrap()[0];
    assert!(
        request.starts_with("POST /chat/send/text HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.to_ascii_lowercase().contains("\r\ntoken: key\r\n"));
}

#[tokio::test]
async fn sends_end_as_for_every_provider() {
    sends_are_judged(Client::new, number).await;
}

/// Typed by hand from the reference and the sources: status, sentence → how a send ends.
#[tokio::test]
async fn refusals_are_sorted_by_what_they_say() {
    let sending = |what: &str| format!("Error sending message: {what}");
    let unlinked = FailureReason::NumberUnlinked;
    for (status, error, class, reason) in [
        (
            500,
            sending("server returned error 463"),
            Class::Restricted,
            FailureReason::ReachOutLocked,
        ),
        (
            500,
            sending("server returned error 475"),
            Class::Restricted,
            FailureReason::ReachOutLocked,
        ),
        (
            500,
            sending("server returned error 479"),
            Class::Refuse,
            FailureReason::MessageInvalid,
        ),
        (500, "No session".to_owned(), Class::Credentials, unlinked),
        (
            500,
            sending("the store doesn't contain a device JID"),
            Class::Credentials,
            unlinked,
        ),
        (
            500,
            sending("websocket not connected"),
            Class::Wait,
            unlinked,
        ),
        (
            400,
            "Could not parse Phone".to_owned(),
            Class::Refuse,
            FailureReason::RecipientInvalid,
        ),
        (
            400,
            "Missing Body in Payload".to_owned(),
            Class::Refuse,
            FailureReason::MessageInvalid,
        ),
        (
            400,
            "Could not decode base64 encoded data from payload".to_owned(),
            Class::Refuse,
            FailureReason::MediaInvalid,
        ),
        (
            401,
            "Unauthorized".to_owned(),
            Class::Credentials,
            FailureReason::TokenInvalid,
        ),
    ] {
        let body = json!({"code": status, "error": error, "success": false}).to_string();
        let (address, _told) = server(vec![answer(&format!("{status} Said"), &body)]).await;
        let (to, content) = (dana(), text("a"));
        let (got, failure) = match client()
            .send(&number(&address), outgoing(&to, &content))
            .await
        {
            SendOutcome::Refused(failure) => (Class::Refuse, failure),
            SendOutcome::Restricted(failure) => (Class::Restricted, failure),
            SendOutcome::Credentials(failure) => (Class::Credentials, failure),
            SendOutcome::RetryAfter { failure, .. } => (Class::Wait, failure),
            other => panic!("{body}: {other:?}"),
        };
        assert_eq!((got, failure.reason), (class, reason), "{body}");
    }
    for body in [
        json!({"code": 500, "error": sending("timed out waiting for message send response"), "success": false}),
        json!({"code": 400, "error": "said with another status", "success": false}),
    ] {
        let (address, _told) =
            server(vec![answer("500 Internal Server Error", &body.to_string())]).await;
        let (to, content) = (dana(), text("a"));
        let outcome = client()
            .send(&number(&address), outgoing(&to, &content))
            .await;
        assert!(
            matches!(outcome, SendOutcome::Unclear { .. }),
            "{outcome:?}"
        );
    }
    assert_eq!(verdict_on(500, "anything"), None);
    let error = ProviderError {
        code: 463,
        title: None,
        details: None,
    };
    assert_eq!(failure_of(&error).reason, FailureReason::ReachOutLocked);
}

#[tokio::test]
async fn a_file_is_asked_with_what_its_message_told() {
    let image = json!({"URL": "https://mmg.whatsapp.net/x", "directPath": "/v/x", "mediaKey": "a2V5", "mimetype": "image/jpeg",
        "fileEncSHA256": "ZW5j", "fileSHA256": "c2hh", "fileLength": 5});
    let event = json!({"Info": {"ID": "3A0F", "Chat": "972500000010@s.whatsapp.net"}, "Message": {"imageMessage": image}});
    let change = client()
        .parse(&number("http://x"), &hook("Message", &event))
        .unwrap();
    let Ok(Report::Message(message)) = &change.reports[0] else {
        panic!("{change:?}");
    };
    let Content::Media(media) = &message.content else {
        panic!("{message:?}");
    };
    let source = media.source.clone().unwrap();
    let file = json!({"code": 200, "data": {"Mimetype": "image/jpeg", "Data": "data:image/jpeg;base64,MTIzNDU="}, "success": true});
    let (address, told) = server(vec![answer("200 OK", &file.to_string())]).await;
    let fetched = client().fetch(&number(&address), &source, 5).await.unwrap();
    assert_eq!(
        (fetched.bytes.as_ref(), fetched.mime_type.as_deref()),
        (&b"12345"[..], Some("image/jpeg"))
    );
    let request = &told.await.unwrap()[0];
    assert!(request.starts_with("POST /chat/downloadimage HTTP/1.1"));
    let body: Value = serde_json::from_str(body_of(request)).unwrap();
    assert_eq!(
        body,
        json!({"Url": "https://mmg.whatsapp.net/x", "DirectPath": "/v/x", "MediaKey": "a2V5", "Mimetype": "image/jpeg",
            "FileEncSHA256": "ZW5j", "FileSHA256": "c2hh", "FileLength": 5})
    );
    let (address, _told) = server(vec![answer("200 OK", &file.to_string())]).await;
    assert_eq!(
        client().fetch(&number(&address), &source, 4).await.err(),
        Some(FetchError::Never)
    );
    for strange in [
        MediaSource::Id(r#"{"method":"../admin/users"}"#.to_owned()),
        MediaSource::Id("3A0F".to_owned()),
        MediaSource::Link("https://mmg.whatsapp.net/x".to_owned()),
    ] {
        assert_eq!(
            client()
                .fetch(&number("http://127.0.0.1:1"), &strange, 5)
                .await
                .err(),
            Some(FetchError::Never)
        );
    }
}

const NO_SESSION: &str = r#"{"code":500,"error":"No session","success":false}"#;

#[tokio::test]
async fn a_user_tells_its_link() {
    for (status, link) in [
        (
            json!({"Connected": true, "LoggedIn": true}),
            LinkState::Linked,
        ),
        (
            json!({"connected": true, "loggedIn": true}),
            LinkState::Linked,
        ),
        (
            json!({"Connected": true, "LoggedIn": false}),
            LinkState::AwaitingCode,
        ),
        (
            json!({"Connected": false, "LoggedIn": true}),
            LinkState::Starting,
        ),
        (
            json!({"Connected": false, "LoggedIn": false}),
            LinkState::Unlinked,
        ),
        (Value::Null, LinkState::Unlinked),
    ] {
        assert_eq!(state_of(&status).link, link, "{status}");
    }
    let linked = data(
        &json!({"connected": true, "loggedIn": true, "jid": "972500000001:12@s.whatsapp.net"}),
    );
    let (address, _told) = server(vec![answer("200 OK", &linked)]).await;
    let state = client().state(&number(&address)).await.unwrap();
    assert_eq!(
        (state.link, state.phone.as_deref()),
        (LinkState::Linked, Some("972500000001"))
    );
    let (address, _told) = server(vec![answer("500 Internal Server Error", NO_SESSION)]).await;
    assert_eq!(
        client().state(&number(&address)).await.unwrap().link,
        LinkState::Unlinked
    );
}

#[tokio::test]
async fn a_user_is_set_up_and_connected_where_it_is_not() {
    let done = data(&json!({"Details": "ok"}));
    let (address, told) = server(vec![
        answer("200 OK", &done),
        answer("200 OK", &done),
        answer("500 Internal Server Error", NO_SESSION),
        answer("200 OK", &done),
    ])
    .await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    let requests = told.await.unwrap();
    assert!(requests[0].starts_with("POST /session/hmac/config HTTP/1.1"));
    assert_eq!(body_of(&requests[0]), format!(r#"{{"hmac_key":"{KEY}"}}"#));
    assert!(requests[1].starts_with("POST /webhook HTTP/1.1"));
    assert!(body_of(&requests[1]).contains(HOOK));
    assert!(requests[3].starts_with("POST /session/connect HTTP/1.1"));

    let connected = data(&json!({"Connected": true, "LoggedIn": false}));
    let (address, told) = server(vec![
        answer("200 OK", &done),
        answer("200 OK", &done),
        answer("200 OK", &connected),
    ])
    .await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    assert_eq!(told.await.unwrap().len(), 3);

    let mut short = number("http://127.0.0.1:1");
    short.webhook_secrets = vec![Secret::from("too short")];
    assert!(matches!(
        client().set_up(&short, HOOK).await,
        Err(CallError::Credentials(_))
    ));
}

#[tokio::test]
async fn a_link_begins_with_a_code_and_ends_with_a_logout() {
    let waiting = data(&json!({"Connected": true, "LoggedIn": false}));
    let code = async |then: Vec<(&str, String)>, phone: Option<&str>| {
        let thens = then.iter().map(|(head, body)| answer(head, body)).collect();
        let (address, told) = server(thens).await;
        let code = client().link_code(&number(&address), phone).await;
        (code, told.await.unwrap())
    };
    let qr = data(&json!({"QRCode": "data:image/png;base64,iVBORw0KGgo="}));
    let (shown, requests) = code(vec![("200 OK", waiting.clone()), ("200 OK", qr)], None).await;
    assert_eq!(shown, Ok(LinkCode::QrPng("iVBORw0KGgo=".to_owned())));
    assert!(requests[1].starts_with("GET /session/qr HTTP/1.1"));
    let (later, _) = code(
        vec![
            ("200 OK", waiting.clone()),
            ("200 OK", data(&json!({"QRCode": ""}))),
        ],
        None,
    )
    .await;
    assert!(
        matches!(later, Err(CallError::RetryAfter { .. })),
        "{later:?}"
    );
    let pairing = data(&json!({"LinkingCode": "ABCD-EFGH"}));
    let (shown, requests) = code(
        vec![("200 OK", waiting), ("200 OK", pairing)],
        Some("+972500000001"),
    )
    .await;
    assert_eq!(shown, Ok(LinkCode::Pairing("ABCD-EFGH".to_owned())));
    assert_eq!(body_of(&requests[1]), r#"{"Phone":"972500000001"}"#);
    let (linked, _) = code(
        vec![(
            "200 OK",
            data(&json!({"Connected": true, "LoggedIn": true})),
        )],
        None,
    )
    .await;
    assert_eq!(linked, Ok(LinkCode::Linked));
    let already = r#"{"code":500,"error":"Already Connected","success":false}"#.to_owned();
    let (later, requests) = code(
        vec![
            ("500 Internal Server Error", NO_SESSION.to_owned()),
            ("500 Internal Server Error", already),
        ],
        None,
    )
    .await;
    assert!(
        matches!(later, Err(CallError::RetryAfter { .. })),
        "{later:?}"
    );
    assert!(requests[1].starts_with("POST /session/connect HTTP/1.1"));

    for (head, body, expected) in [
        ("200 OK", data(&json!({"Details": "Logged out"})), true),
        ("500 Internal Server Error", NO_SESSION.to_owned(), true),
        (
            "500 Internal Server Error",
            r#"{"code":500,"error":"Could not logout as it was not logged in","success":false}"#
                .to_owned(),
            true,
        ),
        (
            "500 Internal Server Error",
            r#"{"code":500,"error":"Could not perform logout","success":false}"#.to_owned(),
            false,
        ),
    ] {
        let (address, _told) = server(vec![answer(head, &body)]).await;
        assert_eq!(
            client().unlink(&number(&address)).await.is_ok(),
            expected,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_message_is_marked_as_read() {
    let (address, told) = server(vec![answer("200 OK", &data(&json!({"Details": "ok"})))]).await;
    assert_eq!(
        client()
            .mark_read(&number(&address), &dana(), "3A0F", false)
            .await,
        Ok(())
    );
    let body: Value = serde_json::from_str(body_of(&told.await.unwrap()[0])).unwrap();
    let chat = "972500000010@s.whatsapp.net";
    assert_eq!(body, json!({"Id": ["3A0F"], "Chat": chat, "Sender": chat}));
}

fn data(data: &Value) -> String {
    json!({"code": 200, "data": data, "success": true}).to_string()
}
