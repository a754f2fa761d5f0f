//! Green API: calls against a server that answers as told.

use domain::channel::LinkState;
use domain::content::{Content, MediaKind, MediaSource, TemplateContent};
use domain::failure::FailureReason;
use serde_json::{Value, json};
use whatsapp::adapter::{Adapter, FetchError, LinkCode, Outgoing};
use whatsapp::failure::Class;
use whatsapp::green_api::Client;
use whatsapp::green_api::errors::verdict_on;
use whatsapp::green_api::link::{settings_json, state_of};
use whatsapp::provider::{CallError, Recipient, Secret, SendOutcome, Unclear};

use crate::green_api::{HOOK, TOKEN, client, file, media, number};
use crate::providers::{
    answer, body_of, dana, outgoing, sample_answer, sends_are_judged, server, text,
};

#[tokio::test]
async fn what_cannot_be_said_is_refused_before_any_call() {
    let nowhere = number("http://127.0.0.1:1");
    let bsuid = Recipient::Bsuid("IL.1349".to_owned());
    let nobody = Recipient::Phone("דנה".to_owned());
    let template = Content::Template(TemplateContent {
        template_id: None,
        name: "hello".to_owned(),
        language: "he".to_owned(),
        components: vec![],
        rendered: None,
    });
    let long = "א".repeat(20_001);
    let with = file();
    for (to, content, file, reason) in [
        (&dana(), &template, None, FailureReason::UnsupportedType),
        (&bsuid, &text("a"), None, FailureReason::RecipientNeedsPhone),
        (&nobody, &text("a"), None, FailureReason::RecipientInvalid),
        (&dana(), &text(&long), None, FailureReason::MessageInvalid),
        (
            &dana(),
            &media(MediaKind::Image, None),
            None,
            FailureReason::MediaUnavailable,
        ),
        (
            &dana(),
            &media(MediaKind::Sticker, None),
            Some(&with),
            FailureReason::UnsupportedType,
        ),
        (
            &dana(),
            &media(MediaKind::Audio, Some("lost")),
            Some(&with),
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
    let mut keyless = number("http://127.0.0.1:1");
    keyless.token = Secret::from("");
    let (to, content) = (dana(), text("a"));
    let outcome = client().send(&keyless, outgoing(&to, &content)).await;
    assert!(
        matches!(outcome, SendOutcome::Credentials(_)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_send_goes_to_the_instance_and_reads_the_id() {
    let accepted = SendOutcome::Accepted {
        provider_id: "BAE5AAAA00000001".to_owned(),
        wa_id: None,
        user_id: None,
        held: false,
    };
    let (address, told) = server(vec![sample_answer(
        "200 OK",
        "greenapi_send_message.response.json",
    )])
    .await;
    let (to, content) = (dana(), text("היי דנה, כאן יעל ממשרד לוי."));
    let outcome = client()
        .send(&number(&address), outgoing(&to, &content))
        .await;
    assert_eq!(outcome, accepted);
    let request = &told.await.unwrap()[0];
    assert!(request.starts_with(&format!(
        "POST /waInstance7103000001/sendMessage/{TOKEN} HTTP/1.1\r\n"
    )));

    let (address, told) = server(vec![answer(
        "200 OK",
        r#"{"idMessage":"BAE5AAAA00000001","urlFile":"https://x"}"#,
    )])
    .await;
    let (photo, file) = (media(MediaKind::Image, Some("התמונה")), file());
    let out = Outgoing {
        file: Some(&file),
        ..outgoing(&to, &photo)
    };
    assert_eq!(client().send(&number(&address), out).await, accepted);
    let request = &told.await.unwrap()[0];
    assert!(request.starts_with(&format!(
        "POST /waInstance7103000001/sendFileByUpload/{TOKEN} HTTP/1.1\r\n"
    )));
    for part in [
        "name=\"chatId\"\r\n\r\n972500000010@c.us\r\n",
        "name=\"caption\"\r\n\r\nהתמונה\r\n",
        "name=\"file\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg",
        "\r\n\r\nbytes\r\n",
    ] {
        assert!(request.contains(part), "{part}: {request}");
    }
}

#[tokio::test]
async fn sends_end_as_for_every_provider() {
    sends_are_judged(Client::new, number).await;
}

/// Typed by hand from the reference: status, body → how a send ends.
#[tokio::test]
async fn refusals_are_sorted_by_what_they_say() {
    let own = |status: u16, message: &str| {
        let path = format!("/waInstance7103000001/sendMessage/{TOKEN}");
        json!({"statusCode": status, "timestamp": "2026-08-20T06:30:05.000Z", "path": path, "message": message})
            .to_string()
    };
    let quota = json!({
        "correspondentsStatus": {"method": "correspondents", "used": 3, "total": 3,
            "status": "CORRESPONDENTS_QUOTA_EXCEEDED", "description": "Correspondents quota exceeded"},
    })
    .to_string();
    let unlinked = FailureReason::NumberUnlinked;
    for (head, body, class, reason) in [
        (
            "400 Bad Request",
            own(400, "instance account not authorized"),
            Class::Credentials,
            unlinked,
        ),
        (
            "400 Bad Request",
            "instance account not authorized".to_owned(),
            Class::Credentials,
            unlinked,
        ),
        (
            "400 Bad Request",
            own(400, "instance is starting or not authorized"),
            Class::Wait,
            unlinked,
        ),
        (
            "400 Bad Request",
            own(400, "bad phone number, valid from 11 to 16 digits"),
            Class::Refuse,
            FailureReason::RecipientInvalid,
        ),
        (
            "400 Bad Request",
            own(400, "Validation failed. Details: 'chatId' is required"),
            Class::Refuse,
            FailureReason::RecipientInvalid,
        ),
        (
            "400 Bad Request",
            own(400, "check phone number timeout limit exceeded"),
            Class::Wait,
            FailureReason::NumberRateLimited,
        ),
        (
            "400 Bad Request",
            own(400, "Validation failed. Details: 'message' is too long"),
            Class::Refuse,
            FailureReason::MessageInvalid,
        ),
        (
            "401 Unauthorized",
            String::new(),
            Class::Credentials,
            FailureReason::TokenInvalid,
        ),
        (
            "403 Forbidden",
            "<html>forbidden</html>".to_owned(),
            Class::Credentials,
            FailureReason::TokenInvalid,
        ),
        (
            "404 Not Found",
            own(404, "Cannot POST"),
            Class::Credentials,
            FailureReason::ObjectMissing,
        ),
        (
            "429 Too Many Requests",
            String::new(),
            Class::Wait,
            FailureReason::NumberRateLimited,
        ),
        (
            "466 Quota",
            quota,
            Class::Restricted,
            FailureReason::PaymentProblem,
        ),
        (
            "466 Quota",
            String::new(),
            Class::Restricted,
            FailureReason::PaymentProblem,
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
    for (head, body) in [
        ("400 Bad Request", "<html>bad request</html>".to_owned()),
        ("400 Bad Request", r#"{"message":"who knows"}"#.to_owned()),
        ("500 Internal Server Error", own(500, "not authorized")),
        ("503 Service Unavailable", String::new()),
    ] {
        let (address, _told) = server(vec![answer(head, &body)]).await;
        let (to, content) = (dana(), text("a"));
        let outcome = client()
            .send(&number(&address), outgoing(&to, &content))
            .await;
        assert!(
            matches!(outcome, SendOutcome::Unclear { .. }),
            "{body}: {outcome:?}"
        );
    }
    assert_eq!(verdict_on(500, "not authorized"), None);
}

#[tokio::test]
async fn the_token_is_never_told() {
    let said = format!("Cannot POST /waInstance7103000001/sendMessage/{TOKEN}");
    let body = json!({"statusCode": 404, "message": said}).to_string();
    let (to, content) = (dana(), text("a"));
    for then in [
        answer("404 Not Found", &body),
        answer("400 Bad Request", &said),
        answer("502 Bad Gateway", &said),
    ] {
        let (address, _told) = server(vec![then]).await;
        let outcome = client()
            .send(&number(&address), outgoing(&to, &content))
            .await;
        assert!(!format!("{outcome:?}").contains(TOKEN), "{outcome:?}");
    }
    for address in ["http://127.0.0.1:1", "http://nobody.invalid"] {
        let outcome = client()
            .send(&number(address), outgoing(&to, &content))
            .await;
        assert!(!format!("{outcome:?}").contains(TOKEN), "{outcome:?}");
    }
    let error = client()
        .state(&number("http://127.0.0.1:1"))
        .await
        .unwrap_err();
    assert!(!format!("{error:?} {error}").contains(TOKEN));
    assert!(!format!("{:?}", client()).contains(TOKEN));
}

#[tokio::test]
async fn an_instance_tells_its_link() {
    for (state, link) in [
        ("authorized", LinkState::Linked),
        ("notAuthorized", LinkState::Unlinked),
        ("starting", LinkState::Starting),
        ("blocked", LinkState::Banned),
        ("yellowCard", LinkState::Restricted),
        ("sleepMode", LinkState::Unknown),
    ] {
        let told = state_of(&json!({"stateInstance": state})).unwrap();
        assert_eq!((told.link, told.detail.as_deref()), (link, Some(state)));
    }
    assert_eq!(state_of(&json!({})), None);

    let (address, told) = server(vec![
        answer("200 OK", r#"{"stateInstance":"authorized"}"#),
        answer(
            "200 OK",
            r#"{"phone":"972500000001","stateInstance":"authorized"}"#,
        ),
    ])
    .await;
    let state = client().state(&number(&address)).await.unwrap();
    assert_eq!(
        (state.link, state.phone.as_deref()),
        (LinkState::Linked, Some("972500000001"))
    );
    let requests = told.await.unwrap();
    assert!(requests[0].starts_with(&format!(
        "GET /waInstance7103000001/getStateInstance/{TOKEN} HTTP/1.1"
    )));
    // The number is not worth losing the state over.
    let (address, _told) = server(vec![
        answer("200 OK", r#"{"stateInstance":"yellowCard"}"#),
        answer("429 Too Many Requests", ""),
    ])
    .await;
    let state = client().state(&number(&address)).await.unwrap();
    assert_eq!((state.link, state.phone), (LinkState::Restricted, None));
}

#[tokio::test]
async fn settings_are_set_only_where_they_differ() {
    let mut known = settings_json(HOOK, "invented-green-token");
    known["wid"] = "972500000001@c.us".into();
    let (address, told) = server(vec![answer("200 OK", &known.to_string())]).await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    assert_eq!(told.await.unwrap().len(), 1);

    known["stateWebhook"] = "no".into();
    let (address, told) = server(vec![
        answer("200 OK", &known.to_string()),
        answer("200 OK", r#"{"saveSettings":true}"#),
    ])
    .await;
    assert_eq!(client().set_up(&number(&address), HOOK).await, Ok(()));
    let request = &told.await.unwrap()[1];
    assert!(request.starts_with(&format!(
        "POST /waInstance7103000001/setSettings/{TOKEN} HTTP/1.1"
    )));
    let said: Value = serde_json::from_str(body_of(request)).unwrap();
    assert_eq!(said, settings_json(HOOK, "invented-green-token"));

    let (address, _told) = server(vec![
        answer("200 OK", "{}"),
        answer("200 OK", r#"{"saveSettings":false}"#),
    ])
    .await;
    let unclear = client().set_up(&number(&address), HOOK).await;
    assert_eq!(
        unclear,
        Err(CallError::Unclear {
            why: Unclear::AnswerUnreadable
        })
    );

    let mut without = number("http://127.0.0.1:1");
    without.webhook_secrets.clear();
    assert!(matches!(
        client().set_up(&without, HOOK).await,
        Err(CallError::Credentials(_))
    ));
}

#[tokio::test]
async fn a_link_begins_with_a_code_and_ends_with_a_logout() {
    let code = async |then, phone: Option<&str>| {
        let (address, told) = server(vec![then]).await;
        let code = client().link_code(&number(&address), phone).await;
        (code, told.await.unwrap().remove(0))
    };
    let (shown, request) = code(sample_answer("200 OK", "greenapi_qr.response.json"), None).await;
    assert_eq!(shown, Ok(LinkCode::QrPng("iVBORw0KGgo=".to_owned())));
    assert!(request.starts_with(&format!("GET /waInstance7103000001/qr/{TOKEN} HTTP/1.1")));
    let (shown, _) = code(
        answer(
            "200 OK",
            r#"{"type":"qrCode","message":"data:image/png;base64,iVBORw0KGgo="}"#,
        ),
        None,
    )
    .await;
    assert_eq!(shown, Ok(LinkCode::QrPng("iVBORw0KGgo=".to_owned())));
    let (shown, _) = code(
        answer(
            "200 OK",
            r#"{"type":"alreadyLogged","message":"instance account already authorized"}"#,
        ),
        None,
    )
    .await;
    assert_eq!(shown, Ok(LinkCode::Linked));
    let (shown, _) = code(
        answer(
            "200 OK",
            r#"{"type":"error","message":"instance is starting"}"#,
        ),
        None,
    )
    .await;
    assert!(
        matches!(shown, Err(CallError::RetryAfter { .. })),
        "{shown:?}"
    );
    let (shown, _) = code(answer("200 OK", r#"{"type":"passkeyRequired"}"#), None).await;
    assert!(matches!(shown, Err(CallError::Refused(_))), "{shown:?}");

    let (shown, request) = code(
        answer("200 OK", r#"{"status":true,"code":"ABCD1234"}"#),
        Some("+972500000001"),
    )
    .await;
    assert_eq!(shown, Ok(LinkCode::Pairing("ABCD1234".to_owned())));
    assert_eq!(body_of(&request), r#"{"phoneNumber":972500000001}"#);
    let (shown, _) = code(
        answer("200 OK", r#"{"status":false}"#),
        Some("972500000001"),
    )
    .await;
    assert!(matches!(shown, Err(CallError::Refused(_))), "{shown:?}");

    for (head, body, expected) in [
        ("200 OK", r#"{"isLogout":true}"#, true),
        ("400 Bad Request", "instance account not authorized", true),
        ("200 OK", r#"{"isLogout":false}"#, false),
        ("500 Internal Server Error", "", false),
    ] {
        let (address, _told) = server(vec![answer(head, body)]).await;
        assert_eq!(
            client().unlink(&number(&address)).await.is_ok(),
            expected,
            "{head} {body}"
        );
    }
}

#[tokio::test]
async fn a_message_is_marked_as_read() {
    let (address, told) = server(vec![answer("200 OK", r#"{"setRead":true}"#)]).await;
    let done = client()
        .mark_read(&number(&address), &dana(), "3A0F", false)
        .await;
    assert_eq!(done, Ok(()));
    let body: Value = serde_json::from_str(body_of(&told.await.unwrap()[0])).unwrap();
    assert_eq!(
        body,
        json!({"chatId": "972500000010@c.us", "idMessage": "3A0F"})
    );
}

#[tokio::test]
async fn a_file_comes_from_its_hosts_without_a_key() {
    let (address, told) = server(vec![answer("200 OK\r\ncontent-type: image/jpeg", "12345")]).await;
    let url = MediaSource::Link(format!("{address}/7103000001/a.jpg"));
    let fetched = client().fetch(&number(&address), &url, 5).await.unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"12345");
    assert!(!told.await.unwrap()[0].contains(TOKEN));
    let (address, _told) = server(vec![answer("200 OK", "123456")]).await;
    let url = MediaSource::Link(format!("{address}/a"));
    assert_eq!(
        client().fetch(&number(&address), &url, 5).await.err(),
        Some(FetchError::Never)
    );
    for foreign in [
        "http://169.254.169.254/a",
        "https://evildigitaloceanspaces.com/a",
        "http://x.digitaloceanspaces.com/a",
        "file:///etc/passwd",
        "",
    ] {
        let foreign = MediaSource::Link(foreign.to_owned());
        let refused = client()
            .fetch(&number("http://127.0.0.1:1"), &foreign, 5)
            .await
            .err();
        assert_eq!(refused, Some(FetchError::Never), "{foreign:?}");
    }
}
