use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha512;

use super::{Catcher, NOBODY, assert_has_shape, sample};
use crate::world::{DANA, World, answer, until};

const KEY: (&str, &str) = ("x-api-key", "sandbox-waha-key");
const NUMBER: &str = "waha-972500000021";

async fn waha(world: &World, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = (!body.is_null()).then_some(body);
    world
        .call(method, &format!("waha/api/{path}"), KEY, body)
        .await
}

async fn send(world: &World, to: &str, text: &str) -> (u16, Value) {
    let body = json!({"session": "default", "chatId": format!("{to}@c.us"), "text": text});
    waha(world, "POST", "sendText", body).await
}

/// The default session tells its events to a catcher.
async fn listening(world: &World) -> Catcher {
    let catcher = Catcher::start().await;
    let mut config = sample("waha_session_create.request.json")["config"].clone();
    config["webhooks"][0]["url"] = json!(catcher.url);
    config["webhooks"][0]["events"] = json!(["*"]);
    let (status, answer) = waha(world, "PUT", "sessions/default", json!({"config": config})).await;
    assert_eq!(status, 200, "{answer}");
    until("it works again", async || {
        waha(world, "GET", "sessions/default", Value::Null).await.1["status"] == "WORKING"
    })
    .await;
    catcher
}

#[tokio::test]
async fn a_text_goes_its_way_and_is_told_signed() {
    let world = World::start().await;
    let catcher = listening(&world).await;
    let mut request = sample("waha_send_text.request.json");
    request["session"] = json!("default");
    let (status, answer) = waha(&world, "POST", "sendText", request.clone()).await;
    assert_eq!(status, 201);
    assert_has_shape(&answer, &sample("waha_send_text.response.json"));
    assert_eq!(answer["id"], "true_972500000010@c.us_3EB0AAAA000000000001");
    world
        .person(DANA, "open", json!({"number": NUMBER, "open": true}))
        .await;
    let ack = |name: &'static str| {
        move |one: &super::Caught| {
            one.json["event"] == "message.ack" && one.json["payload"]["ackName"] == name
        }
    };
    let server = catcher.first("it is sent", ack("SERVER")).await;
    let read = catcher.first("it is read", ack("READ")).await;
    assert_has_shape(&read.json, &sample("waha_message_ack_read.webhook.json"));
    let mut mac = Hmac::<Sha512>::new_from_slice(b"invented-waha-hmac-key").unwrap();
    mac.update(&server.raw);
    let hex: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(server.header("x-webhook-hmac"), hex);
    assert_eq!(server.header("x-webhook-hmac-algorithm"), "sha512");
    let own = catcher
        .first("its own message", |one| one.json["event"] == "message.any")
        .await;
    assert_eq!(own.json["payload"]["source"], "api");

    // The same id once more is the same message.
    let (status, again) = waha(&world, "POST", "sendText", request).await;
    assert_eq!((status, &again["id"]), (201, &answer["id"]));
    let ledger = world.ledger().await;
    assert_eq!(ledger["counts"]["accepted"], 1);
    assert_eq!(ledger["counts"]["repeated_ids"], 1);
    let item = &ledger["items"][0];
    assert_eq!(
        (&item["provider"], &item["from"]),
        (&json!("waha"), &json!("972500000021"))
    );
    assert_eq!(item["opaque"], "3EB0AAAA000000000001");
    assert_eq!(item["text"], sample("waha_send_text.request.json")["text"]);
    let chat = world.get(&format!("phone/api/chats/{DANA}/{NUMBER}")).await;
    assert_eq!(chat["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn people_answer_and_the_phone_echoes() {
    let world = World::start().await;
    let catcher = listening(&world).await;
    world
        .person(DANA, "text", json!({"number": NUMBER, "text": "כן בטח"}))
        .await;
    let inbound = catcher
        .first("it arrives", |one| one.json["event"] == "message")
        .await;
    assert_has_shape(&inbound.json, &sample("waha_message_inbound.webhook.json"));
    assert_eq!(inbound.json["payload"]["body"], "כן בטח");
    world
        .control(
            "typed",
            json!({"provider": "waha", "to": DANA, "text": "תודה! נדבר מחר"}),
        )
        .await;
    let echo = |one: &super::Caught| one.json["payload"]["fromMe"] == true;
    let echo = catcher.first("the echo", echo).await;
    assert_has_shape(&echo.json, &sample("waha_message_from_phone.webhook.json"));
    assert_eq!(echo.json["payload"]["source"], "app");
    assert_eq!(
        world.ledger().await["items"],
        json!([]),
        "an echo is no submission"
    );

    let part = reqwest::multipart::Part::bytes(vec![1, 2, 3]).file_name("a.jpg");
    let form = reqwest::multipart::Form::new()
        .text("kind", "image")
        .text("caption", "התמונה")
        .part("file", part.mime_str("image/jpeg").unwrap());
    let url = format!("{}/phone/api/chats/{DANA}/{NUMBER}/media", world.url);
    assert_eq!(answer(world.client.post(url).multipart(form)).await.0, 201);
    let picture = |one: &super::Caught| one.json["payload"]["hasMedia"] == true;
    let picture = catcher.first("the picture", picture).await;
    let url = picture.json["payload"]["media"]["url"].as_str().unwrap();
    assert_eq!(world.client.get(url).send().await.unwrap().status(), 401);
    let file = world
        .client
        .get(url)
        .header(KEY.0, KEY.1)
        .send()
        .await
        .unwrap();
    assert_eq!(file.bytes().await.unwrap().as_ref(), [1, 2, 3]);
}

#[tokio::test]
async fn who_may_not_and_who_is_not_there() {
    let world = World::start().await;
    let (status, body) = world
        .call("GET", "waha/api/sessions", ("x-api-key", "wrong"), None)
        .await;
    assert_eq!(
        (status, body),
        (401, json!({"message": "Unauthorized", "statusCode": 401}))
    );
    let check = async |phone: &str| {
        waha(
            &world,
            "GET",
            &format!("contacts/check-exists?phone={phone}&session=default"),
            Value::Null,
        )
        .await
        .1
    };
    assert_eq!(check(DANA).await, sample("waha_check_exists.response.json"));
    assert_eq!(check(NOBODY).await["numberExists"], false);
    let catcher = listening(&world).await;
    assert_eq!(send(&world, NOBODY, "x").await.0, 201);
    let error = catcher
        .first("it fails", |one| one.json["payload"]["ackName"] == "ERROR")
        .await;
    assert_eq!(error.json["payload"]["ack"], -1);
    assert_eq!(world.ledger().await["items"][0]["delivery"], "failed");
}

#[tokio::test]
async fn a_session_is_made_scanned_lost_and_found() {
    let world = World::frozen().await;
    let catcher = Catcher::start().await;
    let mut request = sample("waha_session_create.request.json");
    request["config"]["webhooks"][0]["url"] = json!(catcher.url);
    let (status, session) = waha(&world, "POST", "sessions", request.clone()).await;
    assert_eq!((status, &session["status"]), (201, &json!("STARTING")));
    assert_eq!(waha(&world, "POST", "sessions", request).await.0, 422);
    assert_eq!(
        waha(&world, "GET", "sales-1/auth/qr?format=raw", Value::Null)
            .await
            .0,
        422
    );
    world.wind(1).await;
    let scan = catcher
        .first("it shows a code", |one| {
            one.json["payload"]["status"] == "SCAN_QR_CODE"
        })
        .await;
    assert_has_shape(
        &scan.json["payload"],
        &sample("waha_session_scan_qr.webhook.json")["payload"],
    );
    let (_, raw) = waha(&world, "GET", "sales-1/auth/qr?format=raw", Value::Null).await;
    assert!(raw["value"].as_str().unwrap().starts_with("2@"));
    let png = world
        .client
        .get(format!("{}/waha/api/sales-1/auth/qr", world.url));
    let png = png.header(KEY.0, KEY.1).send().await.unwrap();
    assert_eq!(png.headers()["content-type"], "image/png");
    let (status, code) = waha(
        &world,
        "POST",
        "sales-1/auth/request-code",
        json!({"phoneNumber": "972500000031"}),
    )
    .await;
    assert_eq!((status, code["code"].as_str().unwrap().len()), (201, 9));

    // Six codes: a minute for the first, twenty seconds for each other one.
    world.wind(60).await;
    let (_, second) = waha(&world, "GET", "sales-1/auth/qr?format=raw", Value::Null).await;
    assert_ne!(second, raw);
    world.wind(100).await;
    let (_, failed) = waha(&world, "GET", "sessions/sales-1", Value::Null).await;
    assert_eq!(
        (&failed["status"], &failed["me"]),
        (&json!("FAILED"), &Value::Null)
    );
    waha(&world, "POST", "sessions/sales-1/restart", json!({})).await;
    world.wind(1).await;
    let link =
        json!({"provider": "waha", "number": "sales-1", "to": "linked", "phone": "972500000031"});
    world.control("link", link).await;
    let (_, me) = waha(&world, "GET", "sessions/sales-1/me", Value::Null).await;
    assert_eq!(me["id"], "972500000031@c.us");

    let steer = async |to: &str| {
        world
            .control(
                "link",
                json!({"provider": "waha", "number": "sales-1", "to": to}),
            )
            .await;
        waha(&world, "GET", "sessions/sales-1", Value::Null).await.1["status"].clone()
    };
    assert_eq!(steer("logged_out").await, "FAILED");
    let failed = catcher
        .first("it failed", |one| one.json["payload"]["status"] == "FAILED")
        .await;
    assert_has_shape(
        &failed.json["payload"],
        &sample("waha_session_failed.webhook.json")["payload"],
    );
    let body = json!({"session": "sales-1", "chatId": "972500000010@c.us", "text": "x"});
    let (status, refused) = waha(&world, "POST", "sendText", body).await;
    assert_eq!((status, &refused["statusCode"]), (422, &json!(422)));
    assert_eq!(steer("banned").await, "FAILED");
    assert_eq!(world.ledger().await["items"], json!([]));
}

#[tokio::test]
async fn a_timelock_spares_the_chats_there_are() {
    let world = World::frozen().await;
    assert_eq!(send(&world, DANA, "one").await.0, 201);
    let link = json!({"provider": "waha", "to": "timelocked", "until": "2026-11-26T08:00:00Z"});
    world.control("link", link).await;
    let (_, info) = waha(&world, "GET", "sessions/default", Value::Null).await;
    assert_has_shape(
        &info,
        &sample("waha_session_info_timelocked.response.json")["me"]
            .as_object()
            .map_or(Value::Null, |me| json!({"me": me})),
    );
    assert_eq!(
        info["me"]["reachoutTimelock"]["timeEnforcementEnds"],
        "2026-11-26T08:00:00Z"
    );
    assert_eq!(send(&world, DANA, "two").await.0, 201);
    let (status, refused) = send(&world, "972500000011", "three").await;
    assert_eq!(status, 500);
    assert_has_shape(&refused, &sample("waha_send_463.response.json"));
    let ledger = world.ledger().await;
    assert_eq!(ledger["counts"]["accepted"], 2);
    assert_eq!(ledger["counts"]["refused"]["463"], 1);
    waha(&world, "POST", "sessions/default/restart", json!({})).await;
    world.wind(1).await;
    assert_eq!(
        send(&world, "972500000011", "three").await.0,
        500,
        "a restart is no way out"
    );
    world.wind(5 * 86_400).await;
    assert_eq!(send(&world, "972500000011", "four").await.0, 201);
}

#[tokio::test]
async fn media_come_as_base64_or_by_address() {
    let world = World::start().await;
    let catcher = Catcher::start().await;
    let body = json!({"session": "default", "chatId": "972500000010@c.us", "caption": "x",
        "file": {"mimetype": "image/png", "filename": "a.png", "data": "AQID"}});
    assert_eq!(waha(&world, "POST", "sendImage", body).await.0, 201);
    let body = json!({"session": "default", "chatId": "972500000010@c.us",
        "file": {"mimetype": "image/jpeg", "filename": "b.jpg", "url": format!("{}/picture.jpg", catcher.url)}});
    assert_eq!(waha(&world, "POST", "sendFile", body).await.0, 201);
    let ledger = world.ledger().await;
    assert_eq!(ledger["items"][0]["media"]["size_bytes"], 3);
    assert_eq!(
        ledger["items"][1]["media"]["size_bytes"],
        super::PICTURE.len()
    );
    assert_eq!(ledger["items"][1]["type"], "document");
}

#[tokio::test]
async fn webhooks_are_repeated_as_the_session_says() {
    let world = World::frozen().await;
    let catcher = Catcher::start().await;
    catcher.answer_with(500);
    let config = json!({"webhooks": [{"url": catcher.url, "events": ["message"],
        "retries": {"policy": "constant", "delaySeconds": 10, "attempts": 1}}]});
    let setup = json!({"gateways": [{"provider": "waha", "account": "default", "config": config}]});
    world.setup(setup).await;
    world
        .person(DANA, "text", json!({"number": NUMBER, "text": "a"}))
        .await;
    until("the first try", async || catcher.all().len() == 1).await;
    until("it is noted", async || {
        world.get("control/webhooks").await["failed_attempts"] == 1
    })
    .await;
    world.wind(10).await;
    until("the second", async || catcher.all().len() == 2).await;
    until("it is given up", async || {
        world.get("control/webhooks").await["given_up"] == 1
    })
    .await;
}
