use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use super::{Catcher, NOBODY, PICTURE, assert_has_shape, pairs, raw_sample, sample};
use crate::world::{DANA, World, answer, until};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "sandbox-twilio-token";
const NUMBER: &str = "twilio-972500000024";

fn request(world: &World, method: &str, path: &str) -> reqwest::RequestBuilder {
    let url = format!("{}/twilio/{path}", world.url);
    let request = world.client.request(method.parse().unwrap(), url);
    request.basic_auth(ACCOUNT, Some(TOKEN))
}

async fn send(world: &World, fields: &[(&str, &str)]) -> (u16, Value) {
    let body: String = reqwest::Url::parse_with_params("http://x/", fields)
        .unwrap()
        .query()
        .unwrap()
        .to_owned();
    let path = format!("2010-04-01/Accounts/{ACCOUNT}/Messages.json");
    let post = request(world, "POST", &path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    answer(post).await
}

/// A captured form, from the sandbox's number and to the catcher.
fn form(name: &str, catcher: &Catcher) -> Vec<(String, String)> {
    let mut form = pairs(&raw_sample(name));
    for (key, value) in &mut form {
        match key.as_str() {
            "From" => "whatsapp:+972500000024".clone_into(value),
            "StatusCallback" => *value = format!("{}/status?o=77", catcher.url),
            _ => {}
        }
    }
    form
}

async fn send_form(world: &World, form: &[(String, String)]) -> (u16, Value) {
    let fields: Vec<(&str, &str)> = form.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    send(world, &fields).await
}

fn signature(catcher: &Catcher, one: &super::Caught) -> String {
    let mut text = format!("{}{}", catcher.url, one.uri);
    let mut form = one.form.clone();
    form.sort();
    for (key, value) in form {
        text.push_str(&key);
        text.push_str(&value);
    }
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

/// Everything in the sample form is there too.
fn assert_has_fields(one: &super::Caught, name: &str) {
    for (key, _) in pairs(&raw_sample(name)) {
        assert!(
            one.form.iter().any(|(own, _)| *own == key),
            "{key} is missing in {:?}",
            one.form
        );
    }
}

#[tokio::test]
async fn outside_the_window_only_content_arrives() {
    let world = World::start().await;
    let catcher = Catcher::start().await;
    let text = form("twilio_send_text.request.form", &catcher);
    let (status, sent) = send_form(&world, &text).await;
    assert_eq!(status, 201, "{sent}");
    assert_has_shape(&sent, &sample("twilio_send.response.json"));
    assert_eq!(sent["status"], "queued");
    let failed = catcher
        .first("it fails", |one| {
            one.field("MessageStatus") == "undelivered"
        })
        .await;
    assert_has_fields(&failed, "twilio_status_undelivered_63016.webhook.form");
    assert_eq!(
        (failed.field("ErrorCode"), failed.uri.as_str()),
        ("63016", "/status?o=77")
    );
    assert_eq!(
        failed.header("x-twilio-signature"),
        signature(&catcher, &failed)
    );

    let template = form("twilio_send_template.request.form", &catcher);
    let (status, sent) = send_form(&world, &template).await;
    assert_eq!(status, 201, "{sent}");
    assert_eq!(sent["body"], "שלום דנה, תזכורת לפגישה ב-20.8 10:30.");
    let delivered = catcher
        .first("it is delivered", |one| {
            one.field("MessageStatus") == "delivered"
        })
        .await;
    assert_has_fields(&delivered, "twilio_status_delivered.webhook.form");
    let path = format!(
        "2010-04-01/Accounts/{ACCOUNT}/Messages/{}.json",
        sent["sid"].as_str().unwrap()
    );
    assert_eq!(
        answer(request(&world, "GET", &path)).await.1["status"],
        "delivered"
    );
    send(
        &world,
        &[
            ("To", &format!("whatsapp:+{NOBODY}")),
            ("From", "whatsapp:+972500000024"),
            ("ContentSid", "HXccccccccccccccccccccccccccccccc4"),
            ("StatusCallback", &catcher.url),
        ],
    )
    .await;
    catcher
        .first("nobody is there", |one| one.field("ErrorCode") == "63024")
        .await;
}

#[tokio::test]
async fn people_write_send_pictures_and_press() {
    let world = World::start().await;
    let catcher = Catcher::start().await;
    let hook = format!("{}/in?src=wa", catcher.url);
    world
        .setup(
            json!({"gateways": [{"provider": "twilio", "phone": "972500000024", "webhook": hook}]}),
        )
        .await;
    world
        .person(
            DANA,
            "text",
            json!({"number": NUMBER, "text": "כן, מחר ב-10"}),
        )
        .await;
    let text = catcher
        .first("it arrives", |one| one.field("MessageType") == "text")
        .await;
    assert_has_fields(&text, "twilio_inbound_text.webhook.form");
    assert_eq!(
        text.header("x-twilio-signature"),
        signature(&catcher, &text)
    );
    assert_eq!(
        (text.field("Body"), text.field("WaId")),
        ("כן, מחר ב-10", DANA)
    );

    let part = reqwest::multipart::Part::bytes(vec![1, 2, 3]).file_name("a.jpg");
    let multipart = reqwest::multipart::Form::new()
        .text("kind", "image")
        .part("file", part.mime_str("image/jpeg").unwrap());
    let url = format!("{}/phone/api/chats/{DANA}/{NUMBER}/media", world.url);
    assert_eq!(
        answer(world.client.post(url).multipart(multipart)).await.0,
        201
    );
    let image = catcher
        .first("the picture", |one| one.field("MessageType") == "image")
        .await;
    assert_has_fields(&image, "twilio_inbound_image.webhook.form");
    let file = world
        .client
        .get(image.field("MediaUrl0"))
        .basic_auth(ACCOUNT, Some(TOKEN));
    assert_eq!(
        file.send().await.unwrap().bytes().await.unwrap().as_ref(),
        [1, 2, 3]
    );

    let (_, sent) = send_form(&world, &form("twilio_send_template.request.form", &catcher)).await;
    until("it is there", async || {
        world.ledger().await["items"][0]["delivery"] == "delivered"
    })
    .await;
    let press = json!({"number": NUMBER, "message_id": sent["sid"], "index": 0});
    world.person(DANA, "press", press).await;
    let pressed = catcher
        .first("the tap", |one| one.field("MessageType") == "button")
        .await;
    assert_has_fields(&pressed, "twilio_inbound_button.webhook.form");
    assert_eq!(
        (pressed.field("ButtonPayload"), pressed.field("ButtonText")),
        ("confirm", "מאשרת")
    );

    // The window is open now; a file is fetched.
    let url = format!("{}/picture.jpg", catcher.url);
    let to = [
        ("To", "whatsapp:+972500000010"),
        ("From", "whatsapp:+972500000024"),
    ];
    let (_, sent) = send(
        &world,
        &[&to[..], &[("MediaUrl", &url), ("Body", "x")]].concat(),
    )
    .await;
    assert!(sent["sid"].as_str().unwrap().starts_with("MM"));
    assert_eq!(
        world.ledger().await["items"][1]["media"]["size_bytes"],
        PICTURE.len()
    );
    let url = format!("{}/nothing", world.url);
    send(
        &world,
        &[
            &to[..],
            &[("MediaUrl", &url), ("StatusCallback", &catcher.url)],
        ]
        .concat(),
    )
    .await;
    catcher
        .first("it cannot be had", |one| one.field("ErrorCode") == "63019")
        .await;
}

#[tokio::test]
async fn content_is_made_submitted_and_approved() {
    let world = World::frozen().await;
    let body = sample("twilio_content_create.request.json");
    let (status, made) = answer(request(&world, "POST", "v1/Content").json(&body)).await;
    assert_eq!(status, 201, "{made}");
    let sid = made["sid"].as_str().unwrap();
    let to = [
        ("To", "whatsapp:+972500000010"),
        ("From", "whatsapp:+972500000024"),
        ("ContentSid", sid),
    ];
    assert_eq!(send(&world, &to).await.0, 201);
    world.wind(1).await;
    assert_eq!(
        world.ledger().await["items"][0]["error"],
        131_047,
        "not approved yet"
    );
    let submit = json!({"name": "meeting_reminder_new", "category": "UTILITY"});
    let path = format!("v1/Content/{sid}/ApprovalRequests/whatsapp");
    let (status, received) = answer(request(&world, "POST", &path).json(&submit)).await;
    assert_eq!((status, &received["status"]), (201, &json!("received")));
    world.wind(120).await;
    let path = format!("v1/Content/{sid}/ApprovalRequests");
    let (_, approval) = answer(request(&world, "GET", &path)).await;
    assert_has_shape(&approval, &sample("twilio_approval_fetch.response.json"));
    assert_eq!(approval["whatsapp"]["status"], "approved");
    assert_eq!(send(&world, &to).await.0, 201);
    world.wind(1).await;
    let item = &world.ledger().await["items"][1];
    assert_eq!(
        (&item["delivery"], &item["text"]),
        (
            &json!("delivered"),
            &json!("שלום דנה, תזכורת לפגישה ב-20.8 10:30.")
        )
    );
    let (_, list) = answer(request(&world, "GET", "v1/ContentAndApprovals?PageSize=2")).await;
    assert_eq!(list["contents"].as_array().unwrap().len(), 2);
    assert!(list["meta"]["next_page_url"].is_string());
}

#[tokio::test]
async fn refusals_have_its_envelope() {
    let world = World::start().await;
    let from = ("From", "whatsapp:+972500000024");
    let (status, refused) = send(&world, &[("To", "whatsapp:+97250"), from, ("Body", "x")]).await;
    assert_eq!(
        (status, refused),
        (400, sample("twilio_error.response.json"))
    );
    let code = async |fields: &[(&str, &str)]| send(&world, fields).await.1["code"].clone();
    let to = ("To", "whatsapp:+972500000010");
    assert_eq!(code(&[to, from]).await, 21_619);
    assert_eq!(
        code(&[to, ("From", "whatsapp:+972500000001"), ("Body", "x")]).await,
        63_007
    );
    assert_eq!(code(&[to, from, ("ContentSid", "HX0")]).await, 21_655);
    let variables = ("ContentVariables", "{1}");
    assert_eq!(
        code(&[
            to,
            from,
            ("ContentSid", "HXccccccccccccccccccccccccccccccc3"),
            variables
        ])
        .await,
        21_656
    );
    let path = format!(
        "{}/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        world.url
    );
    let (status, refused) = answer(world.client.get(path).basic_auth(ACCOUNT, Some("wrong"))).await;
    assert_eq!((status, &refused["code"]), (401, &json!(20_003)));
    world
        .faults(json!({"rules": [{"endpoint": "messages", "provider": "twilio", "nth": 1, "status": 429},
            {"endpoint": "messages", "provider": "twilio", "nth": 2, "error": 63_018}]}))
        .await;
    assert_eq!(code(&[to, from, ("Body", "x")]).await, 20_429);
    assert_eq!(code(&[to, from, ("Body", "x")]).await, 63_018);
    assert_eq!(world.ledger().await["items"], json!([]));
}
