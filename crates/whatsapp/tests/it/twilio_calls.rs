//! Calls to Twilio's three hosts, all played by one server on loopback.

use domain::channel::LinkState;
use domain::content::{Content, MediaContent, MediaKind, MediaSource};
use domain::failure::FailureReason;
use serde_json::json;
use whatsapp::adapter::{Adapter, FetchError, OutFile};
use whatsapp::provider::SendOutcome;
use whatsapp::twilio::Client;

use crate::providers::{
    answer, body_of, dana, form, json_sample, outgoing, sample_answer, sends_are_judged, server,
};
use crate::twilio::{ACCOUNT, HX, body, client, number, template_of};
use crate::twilio_templates::{buttons, interactive};

#[tokio::test]
async fn sends_end_as_they_must() {
    sends_are_judged(Client::new, number).await;
}

#[tokio::test]
async fn a_message_is_a_form_with_basic_authorisation() {
    let (address, requests) = server(vec![
        sample_answer("201 Created", "twilio_send.response.json"),
        sample_answer("400 Bad Request", "twilio_error.response.json"),
    ])
    .await;
    let mut number = number(&address);
    let file = OutFile {
        bytes: "bytes".into(),
        mime_type: "image/png".to_owned(),
        filename: "a.png".to_owned(),
        link: Some("https://leads.example.co.il/f/1".to_owned()),
        upload_id: None,
    };
    let (to, content) = (dana(), Content::Media(MediaContent::new(MediaKind::Image)));
    let mut out = outgoing(&to, &content);
    out.file = Some(&file);
    out.callback_url = Some("https://leads.example.co.il/hooks/twilio/1");
    assert_eq!(
        client().send(&number, out).await,
        SendOutcome::Accepted {
            provider_id: "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1".to_owned(),
            wa_id: None,
            user_id: None,
            held: false,
        }
    );
    number.token = "SK1:secret".into();
    let refused = client().send(&number, out).await;
    assert!(
        matches!(&refused, SendOutcome::Refused(failure) if failure.reason == FailureReason::RecipientInvalid),
        "{refused:?}"
    );
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with(&format!(
        "POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1\r\n"
    )));
    // `AC…1:12345invented67890token` and `SK1:secret` in base64.
    let basic = "authorization: Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMToxMjM0NWludmVudGVkNjc4OTB0b2tlbg==";
    assert!(requests[0].contains(basic));
    assert!(requests[1].contains("authorization: Basic U0sxOnNlY3JldA=="));
    let pairs = form(body_of(&requests[0]).as_bytes());
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert!(pairs.contains(&pair("MediaUrl", "https://leads.example.co.il/f/1")));
    assert!(pairs.contains(&pair(
        "StatusCallback",
        "https://leads.example.co.il/hooks/twilio/1"
    )));
}

#[tokio::test]
async fn a_template_is_looked_at_once_and_then_sent() {
    let create = json_sample("twilio_content_create.request.json").to_string();
    let sent = || sample_answer("201 Created", "twilio_send.response.json");
    let (address, requests) = server(vec![answer("200 OK", &create), sent(), sent()]).await;
    let (client, number, to) = (client(), number(&address), dana());
    let content = Content::Template(template_of(vec![body(&["דנה", "מחר"])]));
    let mut out = outgoing(&to, &content);
    let missing = client.send(&number, out).await;
    assert!(
        matches!(missing, SendOutcome::Refused(failure) if failure.reason == FailureReason::TemplateMissing)
    );
    out.template_ref = Some(HX);
    for _ in 0..2 {
        let outcome = client.send(&number, out).await;
        assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    }
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with(&format!("GET /v1/Content/{HX} HTTP/1.1\r\n")));
    let pairs = form(body_of(&requests[2]).as_bytes());
    let variables = r#"{"1":"דנה","2":"מחר"}"#;
    assert!(pairs.contains(&("ContentVariables".to_owned(), variables.to_owned())));
}

#[tokio::test]
async fn what_breaks_before_the_send_has_surely_sent_nothing() {
    let (address, _requests) = server(vec![answer("502 Bad Gateway", "")]).await;
    let to = dana();
    let content = Content::Template(template_of(vec![body(&["דנה"])]));
    let mut out = outgoing(&to, &content);
    out.template_ref = Some(HX);
    let outcome = client().send(&number(&address), out).await;
    assert!(
        matches!(outcome, SendOutcome::NotAccepted(_)),
        "{outcome:?}"
    );
    // A Content that Twilio does not show is sent as if it were numbered through.
    let (address, requests) = server(vec![
        answer("404 Not Found", r#"{"code":20404,"status":404}"#),
        sample_answer("201 Created", "twilio_send.response.json"),
    ])
    .await;
    let outcome = client().send(&number(&address), out).await;
    assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    let requests = requests.await.unwrap();
    let pairs = form(body_of(&requests[1]).as_bytes());
    assert!(pairs.contains(&("ContentVariables".to_owned(), r#"{"1":"דנה"}"#.to_owned())));
}

#[tokio::test]
async fn the_content_for_buttons_is_made_once() {
    let made = || answer("201 Created", r#"{"sid":"HX9"}"#);
    let sent = || sample_answer("201 Created", "twilio_send.response.json");
    let (address, requests) = server(vec![made(), sent(), sent()]).await;
    let (client, number, to) = (client(), number(&address), dana());
    let content = Content::Interactive(interactive(buttons()));
    for _ in 0..2 {
        let outcome = client.send(&number, outgoing(&to, &content)).await;
        assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    }
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("POST /v1/Content HTTP/1.1\r\n"));
    let pairs = form(body_of(&requests[2]).as_bytes());
    assert!(pairs.contains(&("ContentSid".to_owned(), "HX9".to_owned())));
}

#[tokio::test]
async fn templates_are_read_page_by_page_and_the_key_stays_here() {
    let item = |name: &str| json!({"sid": format!("HX{name}"), "friendly_name": name, "types": {}});
    let first = json!({"contents": [item("a"), item("kesher_session_1")],
        "meta": {"next_page_url": "https://evil.example/v1/ContentAndApprovals?PageSize=100&Page=1&PageToken=DN%2F1"}});
    let second = json!({"contents": [item("b")], "meta": {"next_page_url": null}});
    let (address, requests) = server(vec![
        answer("200 OK", &first.to_string()),
        answer("200 OK", &second.to_string()),
    ])
    .await;
    let templates = client().templates(&number(&address)).await.unwrap();
    let ids: Vec<_> = templates.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["HXa", "HXb"]);
    let requests = requests.await.unwrap();
    assert!(requests[0].starts_with("GET /v1/ContentAndApprovals?PageSize=100 "));
    assert!(
        requests[1]
            .starts_with("GET /v1/ContentAndApprovals?PageSize=100&Page=1&PageToken=DN%2F1 ")
    );
}

#[tokio::test]
async fn what_a_list_has_shown_is_not_looked_at_again() {
    let mut item = json_sample("twilio_content_create.request.json");
    item["sid"] = HX.into();
    let list = json!({"contents": [item], "meta": {}}).to_string();
    let (address, requests) = server(vec![
        answer("200 OK", &list),
        sample_answer("201 Created", "twilio_send.response.json"),
    ])
    .await;
    let (client, number, to) = (client(), number(&address), dana());
    assert_eq!(client.templates(&number).await.unwrap().len(), 1);
    let content = Content::Template(template_of(vec![body(&["דנה", "מחר"])]));
    let mut out = outgoing(&to, &content);
    out.template_ref = Some(HX);
    let outcome = client.send(&number, out).await;
    assert!(matches!(outcome, SendOutcome::Accepted { .. }));
    assert_eq!(requests.await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_state_is_the_accounts_and_typing_is_a_read_mark() {
    for (status, expected) in [
        ("active", LinkState::Linked),
        ("suspended", LinkState::Restricted),
        ("closed", LinkState::Unlinked),
        ("new", LinkState::Unknown),
    ] {
        let body = json!({ "status": status }).to_string();
        let (address, requests) = server(vec![answer("200 OK", &body)]).await;
        let state = client().state(&number(&address)).await.unwrap();
        assert_eq!(state.link, expected);
        let request = &requests.await.unwrap()[0];
        assert!(request.starts_with(&format!("GET /2010-04-01/Accounts/{ACCOUNT}.json ")));
    }
    let (address, requests) = server(vec![answer("200 OK", r#"{"success":true}"#)]).await;
    let number = number(&address);
    let read = client().mark_read(&number, &dana(), "SM1", true).await;
    assert_eq!(read, Ok(()));
    assert!(
        client()
            .mark_read(&number, &dana(), "SM1", false)
            .await
            .is_err()
    );
    let request = &requests.await.unwrap()[0];
    assert!(request.starts_with("POST /v2/Indicators/Typing.json "));
    assert_eq!(body_of(request), "messageId=SM1&channel=whatsapp");
}

#[tokio::test]
async fn a_file_is_followed_to_the_storage_without_the_key() {
    let (address, requests) = server(vec![
        answer("307 Temporary Redirect\r\nlocation: {here}/stored?x=1", ""),
        answer("200 OK\r\ncontent-type: image/jpeg", "12345"),
    ])
    .await;
    let source = MediaSource::Link(format!("{address}/2010-04-01/Media/ME1"));
    let fetched = client().fetch(&number(&address), &source, 5).await.unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"12345");
    assert_eq!(fetched.mime_type.as_deref(), Some("image/jpeg"));
    let requests = requests.await.unwrap();
    assert!(requests[0].contains("authorization: Basic "));
    assert!(!requests[1].contains("authorization"));

    for (head, body, expected) in [
        (
            "302 Found\r\nlocation: https://evil.example/",
            "",
            FetchError::Never,
        ),
        (
            "302 Found\r\nlocation: http://169.254.169.254/",
            "",
            FetchError::Never,
        ),
        ("200 OK", "123456", FetchError::Never),
        ("404 Not Found", "", FetchError::Never),
        ("401 Unauthorized", "", FetchError::Later),
        ("500 Internal Server Error", "", FetchError::Later),
    ] {
        let (address, _requests) = server(vec![answer(head, body)]).await;
        let source = MediaSource::Link(format!("{address}/x"));
        let fetched = client().fetch(&number(&address), &source, 5).await;
        assert_eq!(fetched.err(), Some(expected), "{head}");
    }
    for strange in [
        "https://evil.example/x",
        "http://api.twilio.com/x",
        "https://api.twilio.com.evil.example/x",
        "",
    ] {
        let source = MediaSource::Link(strange.to_owned());
        let fetched = client()
            .fetch(&number("http://127.0.0.1:1"), &source, 5)
            .await;
        assert_eq!(fetched.err(), Some(FetchError::Never), "{strange}");
    }
}
