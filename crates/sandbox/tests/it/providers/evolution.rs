use serde_json::{Value, json};

use super::{Catcher, assert_has_shape, sample};
use crate::world::{DANA, World, until};

const KEY: (&str, &str) = ("apikey", "sandbox-evolution-key");
const NUMBER: &str = "evolution-972500000025";

async fn evolution(world: &World, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = (!body.is_null()).then_some(body);
    world
        .call(method, &format!("evolution/{path}"), KEY, body)
        .await
}

async fn listening(world: &World) -> Catcher {
    let catcher = Catcher::start().await;
    let mut webhook = sample("evolution_instance_create.request.json")["webhook"].clone();
    webhook["url"] = json!(catcher.url);
    let (status, _) = evolution(
        world,
        "POST",
        "webhook/set/sales-1",
        json!({"webhook": webhook}),
    )
    .await;
    assert_eq!(status, 201);
    catcher
}

fn event(name: &'static str) -> impl Fn(&super::Caught) -> bool {
    move |one| one.json["event"] == name
}

#[tokio::test]
async fn a_text_goes_its_way_and_is_told() {
    let world = World::start().await;
    let catcher = listening(&world).await;
    let (status, sent) = evolution(
        &world,
        "POST",
        "message/sendText/sales-1",
        sample("evolution_send_text.request.json"),
    )
    .await;
    assert_eq!(status, 201, "{sent}");
    assert_has_shape(&sent, &sample("evolution_send_text.response.json"));
    world
        .person(DANA, "open", json!({"number": NUMBER, "open": true}))
        .await;
    let read = catcher
        .first("it is read", |one| one.json["data"]["status"] == "READ")
        .await;
    assert_has_shape(
        &read.json,
        &sample("evolution_messages_update_read.webhook.json"),
    );
    assert_eq!(read.json["data"]["keyId"], sent["key"]["id"]);
    let token = read
        .header("authorization")
        .strip_prefix("Bearer ")
        .unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(super::hs256("invented-evo-jwt-key", signed), signature);
    catcher
        .first("its own message", event("send.message"))
        .await;

    world
        .person(DANA, "text", json!({"number": NUMBER, "text": "כן בטח"}))
        .await;
    let inbound = catcher.first("it arrives", event("messages.upsert")).await;
    assert_has_shape(
        &inbound.json,
        &sample("evolution_messages_upsert.webhook.json"),
    );
    world
        .control(
            "typed",
            json!({"provider": "evolution", "to": DANA, "text": "תודה!"}),
        )
        .await;
    catcher
        .first("the echo", |one| {
            one.json["event"] == "messages.upsert" && one.json["data"]["key"]["fromMe"] == true
        })
        .await;
}

#[tokio::test]
async fn nobody_a_timelock_and_a_lost_link() {
    let world = World::start().await;
    let catcher = listening(&world).await;
    let send = async |number: &str| {
        evolution(
            &world,
            "POST",
            "message/sendText/sales-1",
            json!({"number": number, "text": "x"}),
        )
        .await
    };
    assert_eq!(
        send(super::NOBODY).await,
        (400, sample("evolution_not_exists.response.json"))
    );
    world
        .control("link", json!({"provider": "evolution", "to": "timelocked"}))
        .await;
    assert_eq!(send(DANA).await.0, 201);
    catcher
        .first("it is refused", |one| one.json["data"]["status"] == "ERROR")
        .await;
    world
        .control("link", json!({"provider": "evolution", "to": "logged_out"}))
        .await;
    let lost = |one: &super::Caught| one.json["data"]["statusReason"] == 401;
    let lost = catcher.first("it is lost", lost).await;
    assert_has_shape(
        &lost.json,
        &sample("evolution_connection_update_logged_out.webhook.json"),
    );
    assert_eq!(send(DANA).await.0, 500);
    let (_, state) = evolution(
        &world,
        "GET",
        "instance/connectionState/sales-1",
        Value::Null,
    )
    .await;
    assert_eq!(state["instance"]["state"], "close");
    assert_eq!(
        world
            .call(
                "GET",
                "evolution/instance/fetchInstances",
                ("apikey", "no"),
                None
            )
            .await
            .0,
        401
    );
    let ledger = world.ledger().await;
    assert_eq!(
        (&ledger["counts"]["accepted"], &ledger["items"][0]["error"]),
        (&json!(1), &json!(463))
    );
}

#[tokio::test]
async fn an_instance_is_made_and_scanned() {
    let world = World::frozen().await;
    let catcher = Catcher::start().await;
    let mut request = sample("evolution_instance_create.request.json");
    request["instanceName"] = json!("sales-2");
    request["webhook"]["url"] = json!(catcher.url);
    let (status, made) = evolution(&world, "POST", "instance/create", request.clone()).await;
    assert_eq!(status, 201, "{made}");
    assert_has_shape(&made, &sample("evolution_instance_create.response.json"));
    assert_eq!(
        evolution(&world, "POST", "instance/create", request)
            .await
            .0,
        403
    );
    let code = catcher.first("the code", event("qrcode.updated")).await;
    assert_has_shape(&code.json, &sample("evolution_qrcode_updated.webhook.json"));
    let (_, code) = evolution(
        &world,
        "GET",
        "instance/connect/sales-2?number=972500000032",
        Value::Null,
    )
    .await;
    assert_eq!(code["pairingCode"].as_str().unwrap().len(), 8);
    world.control("link", json!({"provider": "evolution", "number": "sales-2", "to": "linked", "phone": "972500000032"})).await;
    let key = ("apikey", made["hash"].as_str().unwrap());
    let (_, state) = world
        .call(
            "GET",
            "evolution/instance/connectionState/sales-2",
            key,
            None,
        )
        .await;
    assert_eq!(state["instance"]["state"], "open");
    let body = json!({"number": DANA, "mediatype": "image", "mimetype": "image/png", "media": "AQID", "caption": "x"});
    let (status, _) = world
        .call(
            "POST",
            "evolution/message/sendMedia/sales-2",
            key,
            Some(body),
        )
        .await;
    assert_eq!(status, 201);
    let item = world.ledger().await["items"][0].clone();
    assert_eq!(
        (&item["media"]["size_bytes"], &item["from"]),
        (&json!(3), &json!("972500000032"))
    );
    let (_, numbers) = evolution(
        &world,
        "POST",
        "chat/whatsappNumbers/sales-1",
        json!({"numbers": [DANA, super::NOBODY]}),
    )
    .await;
    assert_eq!(
        (&numbers[0]["exists"], &numbers[1]["exists"]),
        (&json!(true), &json!(false))
    );
    until("all is told", async || {
        world.get("control/webhooks").await["in_flight"] == 0
    })
    .await;
}
