use serde_json::{Value, json};

use super::{Catcher, NOBODY, PICTURE, assert_has_shape, sample};
use crate::world::{DANA, World, answer, until};

const NUMBER: &str = "green-api-972500000022";

async fn green(world: &World, method: &str, name: &str, body: Value) -> (u16, Value) {
    let (name, tail) = name
        .split_once('?')
        .map_or((name, String::new()), |(name, query)| {
            (name, format!("?{query}"))
        });
    let (name, id) = name
        .split_once('/')
        .map_or((name, String::new()), |(name, id)| (name, format!("/{id}")));
    let path = format!("green-api/waInstance7103000001/{name}/sandbox-green-token{id}{tail}");
    let body = (!body.is_null()).then_some(body);
    world.call(method, &path, ("accept", "*/*"), body).await
}

async fn get(world: &World, name: &str) -> Value {
    green(world, "GET", name, Value::Null).await.1
}

async fn send(world: &World, to: &str) -> (u16, Value) {
    green(
        world,
        "POST",
        "sendMessage",
        json!({"chatId": format!("{to}@c.us"), "message": "היי"}),
    )
    .await
}

async fn listening(world: &World) -> Catcher {
    let catcher = Catcher::start().await;
    let mut settings = sample("greenapi_set_settings.request.json");
    settings["webhookUrl"] = json!(catcher.url);
    settings["delaySendMessagesMilliseconds"] = json!(500);
    let (status, saved) = green(world, "POST", "setSettings", settings).await;
    assert_eq!((status, saved), (200, json!({"saveSettings": true})));
    catcher
}

fn of(kind: &'static str) -> impl Fn(&super::Caught) -> bool {
    move |one| one.json["typeWebhook"] == kind
}

#[tokio::test]
async fn a_message_goes_its_way_and_is_told() {
    let world = World::start().await;
    let catcher = listening(&world).await;
    let request = sample("greenapi_send_message.request.json");
    let (status, sent) = green(&world, "POST", "sendMessage", request).await;
    assert_eq!(status, 200);
    assert_has_shape(&sent, &sample("greenapi_send_message.response.json"));
    world
        .person(DANA, "open", json!({"number": NUMBER, "open": true}))
        .await;
    let read = catcher
        .first("it is read", |one| one.json["status"] == "read")
        .await;
    assert_has_shape(&read.json, &sample("greenapi_status_read.webhook.json"));
    assert_eq!(read.json["idMessage"], sent["idMessage"]);
    assert_eq!(read.header("authorization"), "Bearer invented-green-token");
    assert_eq!(send(&world, NOBODY).await.0, 200);
    let none = catcher
        .first("it is refused", |one| one.json["status"] == "noAccount")
        .await;
    assert_has_shape(
        &none.json,
        &sample("greenapi_status_no_account.webhook.json"),
    );

    world
        .person(DANA, "text", json!({"number": NUMBER, "text": "כן בטח"}))
        .await;
    let inbound = catcher
        .first("it arrives", of("incomingMessageReceived"))
        .await;
    assert_has_shape(
        &inbound.json,
        &sample("greenapi_incoming_text.webhook.json"),
    );
    world
        .control(
            "typed",
            json!({"provider": "green-api", "to": DANA, "text": "תודה!"}),
        )
        .await;
    let echo = catcher
        .first("the echo", of("outgoingMessageReceived"))
        .await;
    assert_has_shape(
        &echo.json,
        &sample("greenapi_outgoing_from_phone.webhook.json"),
    );
}

#[tokio::test]
async fn files_come_by_address_and_by_upload() {
    let world = World::start().await;
    let catcher = listening(&world).await;
    let body = json!({"chatId": "972500000010@c.us", "urlFile": format!("{}/picture.jpg", catcher.url),
        "fileName": "picture.jpg", "caption": "x"});
    assert_eq!(green(&world, "POST", "sendFileByUrl", body).await.0, 200);
    let part = reqwest::multipart::Part::bytes(vec![1, 2, 3]).file_name("a.pdf");
    let form = reqwest::multipart::Form::new()
        .text("chatId", "972500000010@c.us")
        .text("fileName", "a.pdf")
        .part("file", part.mime_str("application/pdf").unwrap());
    let url = format!(
        "{}/green-api/waInstance7103000001/sendFileByUpload/sandbox-green-token",
        world.url
    );
    let (status, sent) = answer(world.client.post(url).multipart(form)).await;
    assert_eq!(status, 200, "{sent}");
    let file = world
        .client
        .get(sent["urlFile"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(file.bytes().await.unwrap().as_ref(), [1, 2, 3]);
    let items = world.ledger().await["items"].clone();
    assert_eq!(
        (&items[0]["type"], &items[1]["type"]),
        (&json!("image"), &json!("document"))
    );
    assert_eq!(items[0]["media"]["size_bytes"], PICTURE.len());
    assert_eq!(items[0]["text"], "x");
}

#[tokio::test]
async fn events_can_be_fetched() {
    let world = World::start().await;
    green(
        &world,
        "POST",
        "setSettings",
        json!({"incomingWebhook": "yes"}),
    )
    .await;
    assert_eq!(
        get(&world, "receiveNotification?receiveTimeout=1").await,
        Value::Null
    );
    for text in ["a", "b"] {
        world
            .person(DANA, "text", json!({"number": NUMBER, "text": text}))
            .await;
    }
    let first = get(&world, "receiveNotification?receiveTimeout=5").await;
    assert_has_shape(
        &first,
        &sample("greenapi_receive_notification.response.json"),
    );
    assert_eq!(
        get(&world, "receiveNotification").await,
        first,
        "it stays until it is deleted"
    );
    let id = format!("deleteNotification/{}", first["receiptId"]);
    assert_eq!(
        green(&world, "DELETE", &id, Value::Null).await.1["result"],
        true
    );
    assert_eq!(
        green(&world, "DELETE", &id, Value::Null).await.1["result"],
        false
    );
    let second = get(&world, "receiveNotification").await;
    assert_eq!(
        second["body"]["messageData"]["textMessageData"]["textMessage"],
        "b"
    );
}

#[tokio::test]
async fn a_yellow_card_holds_the_queue() {
    let world = World::frozen().await;
    let catcher = listening(&world).await;
    world
        .control(
            "link",
            json!({"provider": "green-api", "to": "yellow_card"}),
        )
        .await;
    let state = catcher
        .first("it is told", of("stateInstanceChanged"))
        .await;
    assert_has_shape(
        &state.json,
        &sample("greenapi_state_yellow_card.webhook.json"),
    );
    assert_eq!(state.json["stateInstance"], "yellowCard");
    assert_eq!(send(&world, DANA).await.0, 200);
    catcher
        .first("it waits", |one| one.json["status"] == "yellowCard")
        .await;
    world.wind(10).await;
    assert_eq!(world.ledger().await["items"][0]["delivery"], "accepted");
    assert_eq!(
        get(&world, "showMessagesQueue")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(get(&world, "reboot").await, json!({"isReboot": true}));
    world.wind(10).await;
    assert_eq!(
        get(&world, "getStateInstance").await["stateInstance"],
        "authorized"
    );
    assert_eq!(world.ledger().await["items"][0]["delivery"], "delivered");
}

#[tokio::test]
async fn the_queue_keeps_its_own_gap() {
    let world = World::frozen().await;
    green(
        &world,
        "POST",
        "setSettings",
        json!({"delaySendMessagesMilliseconds": 3000}),
    )
    .await;
    for to in [DANA, "972500000011", "972500000012"] {
        assert_eq!(send(&world, to).await.0, 200);
    }
    world.wind(4).await;
    assert_eq!(
        get(&world, "showMessagesQueue")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        get(&world, "clearMessagesQueue").await,
        json!({"isCleared": true})
    );
    world.wind(60).await;
    let counts = world.ledger().await["counts"]["by_delivery"].clone();
    assert_eq!(
        (&counts["delivered"], &counts["failed"]),
        (&json!(2), &json!(1))
    );
}

#[tokio::test]
async fn an_instance_is_linked_and_lost() {
    let world = World::frozen().await;
    assert_eq!(get(&world, "qr").await["type"], "alreadyLogged");
    assert_eq!(get(&world, "logout").await, json!({"isLogout": true}));
    assert_eq!(
        get(&world, "getStateInstance").await["stateInstance"],
        "notAuthorized"
    );
    let (status, _) = green(
        &world,
        "POST",
        "checkWhatsapp",
        json!({"phoneNumber": 972_500_000_010_u64}),
    )
    .await;
    assert_eq!(status, 400);
    let qr = get(&world, "qr").await;
    assert_has_shape(&qr, &sample("greenapi_qr.response.json"));
    let (_, code) = green(
        &world,
        "POST",
        "getAuthorizationCode",
        json!({"phoneNumber": 972_500_000_022_u64}),
    )
    .await;
    assert_eq!(
        (&code["status"], code["code"].as_str().unwrap().len()),
        (&json!(true), 8)
    );
    world
        .control("link", json!({"provider": "green-api", "to": "linked"}))
        .await;
    assert_eq!(
        get(&world, "getStateInstance").await["stateInstance"],
        "authorized"
    );
    let (_, check) = green(
        &world,
        "POST",
        "checkWhatsapp",
        json!({"phoneNumber": 972_500_000_010_u64}),
    )
    .await;
    assert_eq!(check, sample("greenapi_check_whatsapp.response.json"));
    let (_, check) = green(
        &world,
        "POST",
        "checkWhatsapp",
        json!({"phoneNumber": 972_500_000_099_u64}),
    )
    .await;
    assert_eq!(check["existsWhatsapp"], false);
    world
        .control("link", json!({"provider": "green-api", "to": "banned"}))
        .await;
    assert_eq!(
        get(&world, "getStateInstance").await["stateInstance"],
        "blocked"
    );
    assert_eq!(send(&world, DANA).await.0, 400);
    let wrong = "green-api/waInstance7103000001/getStateInstance/wrong";
    assert_eq!(
        world.call("GET", wrong, ("accept", "*/*"), None).await.0,
        401
    );
}

#[tokio::test]
async fn faults_speak_its_words() {
    let world = World::start().await;
    world
        .faults(json!({"rules": [
            {"endpoint": "messages", "provider": "green-api", "nth": 1, "status": 429, "retry_after": 7},
            {"endpoint": "messages", "provider": "green-api", "nth": 2, "error": 466},
            {"endpoint": "messages", "provider": "green-api", "nth": 3, "answer": "drop", "accept": true},
            {"endpoint": "messages", "provider": "waha", "answer": "drop"}]}))
        .await;
    let url = format!(
        "{}/green-api/waInstance7103000001/sendMessage/sandbox-green-token",
        world.url
    );
    let send = async || {
        let body = json!({"chatId": "972500000010@c.us", "message": "x"});
        world.client.post(&url).json(&body).send().await
    };
    let first = send().await.unwrap();
    assert_eq!(
        (first.status().as_u16(), &first.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    let second = send().await.unwrap();
    assert_eq!(second.status().as_u16(), 466);
    assert!(second.json::<Value>().await.unwrap()["invokeStatus"].is_object());
    assert!(send().await.is_err());
    assert_eq!(send().await.unwrap().status(), 200);
    let ledger = world.ledger().await;
    assert_eq!(ledger["counts"]["accepted"], 2);
    assert_eq!(ledger["items"][0]["answer"], "drop");
    assert_eq!(ledger["counts"]["refused"], json!({"429": 1, "466": 1}));
    until("all is told", async || {
        world.get("control/webhooks").await["in_flight"] == 0
    })
    .await;
}
