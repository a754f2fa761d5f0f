//! Evolution: calls against a server that answers as told.

use domain::channel::LinkState;
use domain::content::{Content, MediaKind, MediaSource, TemplateContent};
use domain::failure::FailureReason;
use domain::report::ProviderError;
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, FetchError, LinkCode};
use whatsapp::evolution::Client;
use whatsapp::evolution::errors::{ACK_ERROR, failure_of, verdict_on};
use whatsapp::evolution::link::{instance_json, state_of};
use whatsapp::failure::Class;
use whatsapp::provider::{CallError, Recipient, SendOutcome, Unclear};

use crate::evolution::{HOOK, client, media, number};
use crate::providers::{
    answer, body_of, dana, outgoing, sample, sample_answer, sends_are_judged, server, text,
};

#[tokio::test]
async fn what_cannot_be_said_is_refused_before_any_call() {
    let nowhere = number("http://127.0.0.1:1");
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
        (
            &dana(),
            &media(MediaKind::Image, false),
            FailureReason::MediaUnavailable,
        ),
    ] {
        let outcome = client().send(&nowhere, outgoing(to, content)).await;
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
        "evolution_send_text.response.json",
    )])
    .await;
    let (to, content) = (dana(), text("היי"));
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
        request.starts_with("POST /message/sendText/sales-1 HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.to_ascii_lowercase().contains("\r\napikey: key\r\n"));
}

#[tokio::test]
async fn sends_end_as_for_every_provider() {
    sends_are_judged(Client::new, number).await;
}

async fn outcome_of(head: &str, body: &str) -> SendOutcome {
    let (address, _told) = server(vec![answer(head, body)]).await;
    let (to, content) = (dana(), text("a"));
    client()
        .send(&number(&address), outgoing(&to, &content))
        .await
}

/// Typed by hand from the reference and the sources: status, body → how a send ends.
#[tokio::test]
async fn refusals_are_sorted_by_what_they_say() {
    let own = |status: u16, message: Value| {
        json!({"status": status, "error": "Bad Request", "response": {"message": message}})
            .to_string()
    };
    let sampled = |file: &str| String::from_utf8(sample(file)).unwrap();
    let unlinked = FailureReason::NumberUnlinked;
    for (head, body, class, reason) in [
        (
            "400 Bad Request",
            sampled("evolution_not_exists.response.json"),
            Class::Refuse,
            FailureReason::RecipientInvalid,
        ),
        (
            "503 Service Unavailable",
            sampled("evolution_license_required.response.json"),
            Class::Credentials,
            FailureReason::PermissionMissing,
        ),
        (
            "400 Bad Request",
            own(400, json!(["instance requires property \"text\""])),
            Class::Refuse,
            FailureReason::MessageInvalid,
        ),
        (
            "400 Bad Request",
            own(400, json!(["Text is required"])),
            Class::Refuse,
            FailureReason::MessageInvalid,
        ),
        (
            "400 Bad Request",
            own(400, json!(["Error: Connection Closed"])),
            Class::Wait,
            unlinked,
        ),
        (
            "400 Bad Request",
            own(400, json!(["Error: MessageAccountRestriction"])),
            Class::Restricted,
            FailureReason::ReachOutLocked,
        ),
        (
            "401 Unauthorized",
            own(401, json!("Unauthorized")),
            Class::Credentials,
            FailureReason::TokenInvalid,
        ),
        (
            "404 Not Found",
            own(404, json!(["The \"sales-1\" instance does not exist"])),
            Class::Credentials,
            unlinked,
        ),
    ] {
        let (got, failure) = match outcome_of(head, &body).await {
            SendOutcome::Refused(failure) => (Class::Refuse, failure),
            SendOutcome::Restricted(failure) => (Class::Restricted, failure),
            SendOutcome::Credentials(failure) => (Class::Credentials, failure),
            SendOutcome::RetryAfter { failure, .. } => (Class::Wait, failure),
            other => panic!("{body}: {other:?}"),
        };
        assert_eq!((got, failure.reason), (class, reason), "{body}");
    }
    // Thrown somewhere within a send, perhaps after the message has left.
    for text in [
        "PrismaClientKnownRequestError: \nInvalid `this.prismaRepository.message.create()` invocation",
        "Error: Timed Out",
        "TypeError: Cannot read properties of undefined",
        "[object Object]",
    ] {
        let outcome = outcome_of("400 Bad Request", &own(400, json!([text]))).await;
        assert_eq!(
            outcome,
            SendOutcome::Unclear {
                why: Unclear::ServerError {
                    status: 400,
                    code: 400
                }
            },
            "{text}"
        );
    }
    let outcome = outcome_of("500 Internal Server Error", &own(500, json!("no idea"))).await;
    assert!(
        matches!(outcome, SendOutcome::Unclear { .. }),
        "{outcome:?}"
    );
    let outcome = outcome_of("400 Bad Request", r#"{"message":"a proxy's"}"#).await;
    assert!(
        matches!(outcome, SendOutcome::Unclear { .. }),
        "{outcome:?}"
    );
    assert_eq!(verdict_on(500, "no idea"), None);
    let error = ProviderError {
        code: ACK_ERROR,
        title: None,
        details: None,
    };
    assert_eq!(failure_of(&error).reason, FailureReason::Undeliverable);
}

#[tokio::test]
async fn an_instance_tells_its_link() {
    let owned = json!({"ownerJid": "972500000001@s.whatsapp.net"});
    let closed = |code: i64| json!({"ownerJid": "972500000001@s.whatsapp.net", "disconnectionReasonCode": code});
    for (live, known, link, detail) in [
        ("open", owned.clone(), LinkState::Linked, "open"),
        ("connecting", owned, LinkState::Starting, "connecting"),
        (
            "connecting",
            Value::Null,
            LinkState::AwaitingCode,
            "connecting",
        ),
        ("close", closed(401), LinkState::Unlinked, "close:401"),
        ("close", closed(403), LinkState::Banned, "close:403"),
        ("close", closed(402), LinkState::Banned, "close:402"),
        ("open", closed(403), LinkState::Linked, "open"),
        ("refused", Value::Null, LinkState::Unlinked, "refused"),
        ("new", Value::Null, LinkState::Unknown, "new"),
    ] {
        let state = state_of(live, &known);
        assert_eq!(
            (state.link, state.detail.as_deref()),
            (link, Some(detail)),
            "{live} {known}"
        );
        assert_eq!(state.phone.is_some(), known.is_object(), "{known}");
    }
    let (address, told) = server(vec![
        answer(
            "200 OK",
            r#"{"instance":{"instanceName":"sales-1","state":"open"}}"#,
        ),
        answer(
            "200 OK",
            r#"[{"name":"other"},{"name":"sales-1","ownerJid":"972500000001@s.whatsapp.net"}]"#,
        ),
    ])
    .await;
    let state = client().state(&number(&address)).await.unwrap();
    assert_eq!(
        (state.link, state.phone.as_deref()),
        (LinkState::Linked, Some("972500000001"))
    );
    assert!(told.await.unwrap()[0].starts_with("GET /instance/connectionState/sales-1 HTTP/1.1"));
    let gone = r#"{"status":404,"error":"Not Found","response":{"message":["The \"sales-1\" instance does not exist"]}}"#;
    let (address, _told) = server(vec![answer("404 Not Found", gone)]).await;
    assert_eq!(
        client().state(&number(&address)).await.unwrap().link,
        LinkState::Unlinked
    );
}

#[tokio::test]
async fn an_instance_is_made_once_and_its_webhook_set_only_where_it_differs() {
    let gone = r#"{"status":404,"error":"Not Found","response":{"message":["The \"sales-1\" instance does not exist"]}}"#;
    let (address, told) = server(vec![
        answer("404 Not Found", gone),
        sample_answer("201 Created", "evolution_instance_create.response.json"),
    ])
    .await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    let requests = told.await.unwrap();
    assert!(requests[0].starts_with("GET /webhook/find/sales-1 HTTP/1.1"));
    assert!(requests[1].starts_with("POST /instance/create HTTP/1.1"));
    let made: Value = serde_json::from_str(body_of(&requests[1])).unwrap();
    assert_eq!(made, instance_json("sales-1", HOOK, "invented-evo-secret"));

    let mut known = made["webhook"].clone();
    known["webhookByEvents"] = false.into();
    let (address, told) = server(vec![answer("200 OK", &known.to_string())]).await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    assert_eq!(told.await.unwrap().len(), 1);
    // None is set yet: `null`.
    let (address, told) = server(vec![answer("200 OK", "null"), answer("201 Created", "{}")]).await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    let request = &told.await.unwrap()[1];
    assert!(request.starts_with("POST /webhook/set/sales-1 HTTP/1.1"));
    let said: Value = serde_json::from_str(body_of(request)).unwrap();
    assert_eq!(said, json!({"webhook": made["webhook"]}));
}

#[tokio::test]
async fn a_link_begins_with_a_code_and_ends_with_a_logout() {
    let code = async |body: &str, phone: Option<&str>| {
        let (address, told) = server(vec![answer("200 OK", body)]).await;
        let code = client().link_code(&number(&address), phone).await;
        (code, told.await.unwrap().remove(0))
    };
    let shown = r#"{"pairingCode":"WZYEH1YY","code":"2@INVENTED","base64":"data:image/png;base64,iVBORw0KGgo=","count":1}"#;
    let (qr, request) = code(shown, None).await;
    assert_eq!(qr, Ok(LinkCode::QrText("2@INVENTED".to_owned())));
    assert!(request.starts_with("GET /instance/connect/sales-1 HTTP/1.1"));
    let (pairing, request) = code(shown, Some("+972500000001")).await;
    assert_eq!(pairing, Ok(LinkCode::Pairing("WZYEH1YY".to_owned())));
    assert!(request.starts_with("GET /instance/connect/sales-1?number=972500000001 HTTP/1.1"));
    let (qr, _) = code(
        r#"{"pairingCode":null,"code":"2@INVENTED"}"#,
        Some("972500000001"),
    )
    .await;
    assert_eq!(qr, Ok(LinkCode::QrText("2@INVENTED".to_owned())));
    let (linked, _) = code(
        r#"{"instance":{"instanceName":"sales-1","state":"open"}}"#,
        None,
    )
    .await;
    assert_eq!(linked, Ok(LinkCode::Linked));
    let (later, _) = code(r#"{"count":0}"#, None).await;
    assert!(
        matches!(later, Err(CallError::RetryAfter { .. })),
        "{later:?}"
    );

    let not_connected = r#"{"status":400,"error":"Bad Request","response":{"message":["The \"sales-1\" instance is not connected"]}}"#;
    for (head, body, expected) in [
        ("200 OK", r#"{"status":"SUCCESS"}"#, true),
        ("400 Bad Request", not_connected, true),
        ("500 Internal Server Error", "", false),
    ] {
        let (address, told) = server(vec![answer(head, body)]).await;
        assert_eq!(
            client().unlink(&number(&address)).await.is_ok(),
            expected,
            "{body}"
        );
        assert!(told.await.unwrap()[0].starts_with("DELETE /instance/logout/sales-1 HTTP/1.1"));
    }
}

#[tokio::test]
async fn files_and_read_marks_go_by_a_messages_id() {
    let file = r#"{"mediaType":"imageMessage","mimetype":"image/jpeg","base64":"MTIzNDU="}"#;
    let (address, told) = server(vec![answer("201 Created", file)]).await;
    let id = MediaSource::Id("3A0F".to_owned());
    let fetched = client().fetch(&number(&address), &id, 5).await.unwrap();
    assert_eq!(
        (fetched.bytes.as_ref(), fetched.mime_type.as_deref()),
        (&b"12345"[..], Some("image/jpeg"))
    );
    let request = &told.await.unwrap()[0];
    assert!(request.starts_with("POST /chat/getBase64FromMediaMessage/sales-1 HTTP/1.1"));
    assert_eq!(
        body_of(request),
        r#"{"convertToMp4":false,"message":{"key":{"id":"3A0F"}}}"#
    );
    for (then, max, expected) in [
        (answer("201 Created", file), 4, FetchError::Never),
        (answer("201 Created", "{}"), 5, FetchError::Later),
        (answer("400 Bad Request", "{}"), 5, FetchError::Never),
    ] {
        let (address, _told) = server(vec![then]).await;
        assert_eq!(
            client().fetch(&number(&address), &id, max).await.err(),
            Some(expected)
        );
    }
    let link = MediaSource::Link("https://mmg.whatsapp.net/x".to_owned());
    assert_eq!(
        client()
            .fetch(&number("http://127.0.0.1:1"), &link, 5)
            .await
            .err(),
        Some(FetchError::Never)
    );

    let (address, told) = server(vec![answer("201 Created", r#"{"read":"success"}"#)]).await;
    assert_eq!(
        client()
            .mark_read(&number(&address), &dana(), "3A0F", false)
            .await,
        Ok(())
    );
    let body: Value = serde_json::from_str(body_of(&told.await.unwrap()[0])).unwrap();
    assert_eq!(
        body,
        json!({"readMessages": [{"remoteJid": "972500000010@s.whatsapp.net", "fromMe": false, "id": "3A0F"}]})
    );
}
