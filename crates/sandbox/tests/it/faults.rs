//! The fault plan: what breaks, and what the ledger says of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{DANA, NUMBER, TOKEN, World, until};

async fn raw_send(world: &World, body: &str) -> Result<reqwest::Response, reqwest::Error> {
    let message = json!({"messaging_product": "whatsapp", "to": format!("+{DANA}"), "type": "text", "text": {"body": body},
        "biz_opaque_callback_data": body});
    let request = world
        .client
        .post(format!("{}/v25.0/{NUMBER}/messages", world.url))
        .bearer_auth(TOKEN);
    request.json(&message).send().await
}

#[tokio::test]
async fn a_lost_answer_is_in_the_ledger() {
    let world = World::start().await;
    world.dana_writes().await;
    world.faults(json!({"rules": [{"endpoint": "messages", "nth": [2], "answer": "drop", "accept": true}]})).await;
    assert!(raw_send(&world, "one").await.is_ok());
    let error = raw_send(&world, "two").await.unwrap_err();
    assert!(
        !error.is_connect() && !error.is_timeout(),
        "the connection stood and was cut: {error:?}"
    );
    assert!(raw_send(&world, "three").await.is_ok());
    let ledger = world.ledger().await;
    let heard: Vec<(&str, &str)> = ledger["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["opaque"].as_str().unwrap(),
                item["answer"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(heard, [("one", "200"), ("two", "drop"), ("three", "200")]);
    let wamid = ledger["items"][1]["wamid"].as_str().unwrap();
    until("its statuses come all the same", async || {
        world.receiver.told(wamid).len() == 2
    })
    .await;
    let status = world
        .receiver
        .statuses()
        .into_iter()
        .find(|status| status["id"] == *wamid)
        .unwrap();
    assert_eq!(status["biz_opaque_callback_data"], "two");
}

#[tokio::test]
async fn drops_before_the_acceptance_are_not_in_the_ledger() {
    let world = World::start().await;
    world
        .faults(json!({"rules": [{"endpoint": "messages", "answer": "drop"}]}))
        .await;
    assert!(raw_send(&world, "one").await.is_err());
    assert_eq!(world.ledger().await["items"], json!([]));
}

#[tokio::test]
async fn answers_of_every_kind() {
    let world = World::start().await;
    world
        .faults(json!({"rules": [
            {"endpoint": "messages", "nth": 1, "error": 131_056},
            {"endpoint": "messages", "nth": 2, "answer": "html"},
            {"endpoint": "messages", "nth": 3, "answer": "empty"},
            {"endpoint": "messages", "nth": 4, "status": 503, "body": "{\"x\":1}"},
            {"endpoint": "messages", "nth": 5, "answer": "timeout", "timeout_ms": 200},
            {"endpoint": "messages", "nth": 6, "delay_ms": 300},
            {"endpoint": "messages", "nth": 7, "error": 131_016}]}))
        .await;
    let answer = raw_send(&world, "1").await.unwrap();
    assert_eq!(answer.status(), 429);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["code"], 131_056);
    let answer = raw_send(&world, "2").await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().starts_with("<!DOCTYPE"));
    let answer = raw_send(&world, "3").await.unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.text().await.unwrap().as_str()
        ),
        (200, "")
    );
    let answer = raw_send(&world, "4").await.unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.text().await.unwrap().as_str()
        ),
        (503, "{\"x\":1}")
    );
    let start = Instant::now();
    assert!(raw_send(&world, "5").await.is_err());
    assert!(start.elapsed() >= Duration::from_millis(200));
    let start = Instant::now();
    assert_eq!(raw_send(&world, "6").await.unwrap().status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(raw_send(&world, "7").await.unwrap().status(), 500);
    assert_eq!(world.ledger().await["counts"]["accepted"], 1);
    let plan = world.get("control/faults").await;
    assert_eq!(plan["rules"][5]["calls"], 7);
    assert_eq!(plan["rules"][5]["fired"], 1);
}

#[tokio::test]
async fn webhooks_are_doubled_overtaken_withheld_and_forged() {
    let world = World::start().await;
    world.dana_writes().await;
    world.quiet().await;
    world
        .faults(json!({"rules": [
            {"endpoint": "webhook", "type": "sent", "reorder": 1},
            {"endpoint": "webhook", "type": "delivered", "duplicate": 2}]}))
        .await;
    let wamid = world.text("x").await;
    until("all came", async || world.receiver.told(&wamid).len() == 4).await;
    assert_eq!(
        world
            .receiver
            .told(&wamid)
            .iter()
            .filter(|status| *status == "delivered")
            .count(),
        3
    );
    assert_ne!(world.receiver.told(&wamid)[0], "sent");

    world
        .faults(
            json!({"rules": [{"endpoint": "webhook", "type": "delivered", "withhold": true},
        {"endpoint": "webhook", "type": "message", "wrong_signature": true}]}),
        )
        .await;
    let silent = world.text("y").await;
    world.person(DANA, "open", json!({"open": true})).await;
    until("it is read", async || {
        world.receiver.told(&silent).len() == 2
    })
    .await;
    assert_eq!(world.receiver.told(&silent), ["sent", "read"]);
    let before = world.receiver.all().len();
    world.dana_writes().await;
    until("it came", async || world.receiver.all().len() > before).await;
    let forged = world.receiver.all().pop().unwrap();
    assert_ne!(
        forged.signature,
        crate::webhooks::signature("sandbox-app-secret", &forged.raw)
    );
}

#[tokio::test]
async fn presets_are_switched_by_name() {
    let world = World::start().await;
    let presets = world.get("control/faults/presets").await;
    assert_eq!(presets["presets"].as_array().unwrap().len(), 6);
    world
        .control("faults/presets/rate_error", json!({"on": true}))
        .await;
    assert_eq!(raw_send(&world, "1").await.unwrap().status(), 429);
    world
        .control("faults/presets/rate_error", json!({"on": false}))
        .await;
    assert_eq!(raw_send(&world, "2").await.unwrap().status(), 200);
    world
        .control(
            "faults/presets/slow_answers",
            json!({"on": true, "params": {"delay_ms": 150}}),
        )
        .await;
    let start = Instant::now();
    assert_eq!(raw_send(&world, "3").await.unwrap().status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
    world
        .control("faults/presets/slow_answers", json!({"on": false}))
        .await;
    world
        .control("faults/presets/lost_answer", json!({"on": true}))
        .await;
    assert!(raw_send(&world, "4").await.is_err());
    assert_eq!(
        world
            .try_control("faults/presets/nothing", json!({"on": true}))
            .await
            .0,
        404
    );
    let request = world.client.delete(format!("{}/control/faults", world.url));
    assert_eq!(crate::world::answer(request).await.0, 200);
    assert_eq!(raw_send(&world, "5").await.unwrap().status(), 200);
    assert_eq!(world.ledger().await["counts"]["accepted"], 4);
}

#[tokio::test]
async fn a_media_download_can_fail() {
    let world = World::start().await;
    let part = reqwest::multipart::Part::bytes(vec![1, 2, 3])
        .file_name("a.jpg")
        .mime_str("image/jpeg")
        .unwrap();
    let form = reqwest::multipart::Form::new()
        .text("kind", "image")
        .part("file", part);
    let url = format!("{}/phone/api/chats/{DANA}/{NUMBER}/media", world.url);
    assert_eq!(
        crate::world::answer(world.client.post(url).multipart(form))
            .await
            .0,
        201
    );
    until("it arrives", async || world.receiver.messages().len() == 1).await;
    let url = world.receiver.messages()[0]["image"]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    world
        .faults(json!({"rules": [{"endpoint": "media_download", "count": 1, "status": 500}]}))
        .await;
    let get = async || {
        world
            .client
            .get(&url)
            .bearer_auth(TOKEN)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(get().await, 500);
    assert_eq!(get().await, 200);
}
