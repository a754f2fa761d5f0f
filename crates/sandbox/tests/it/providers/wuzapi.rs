use serde_json::{Value, json};

use super::{Catcher, assert_has_shape, pairs, raw_sample, sample};
use crate::world::{DANA, World};

const KEY: (&str, &str) = ("token", "sandbox-wuzapi-token");
const NUMBER: &str = "wuzapi-972500000026";
const HMAC: &str = "invented-wuzapi-hmac-key-0123456789";

async fn wuzapi(world: &World, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = (!body.is_null()).then_some(body);
    world
        .call(method, &format!("wuzapi/{path}"), KEY, body)
        .await
}

async fn listening(world: &World) -> Catcher {
    let catcher = Catcher::start().await;
    let hook = json!({"webhookURL": catcher.url, "events": ["All"]});
    assert_eq!(wuzapi(world, "POST", "webhook", hook).await.0, 200);
    assert_eq!(
        wuzapi(
            world,
            "POST",
            "session/hmac/config",
            json!({"hmac_key": HMAC})
        )
        .await
        .0,
        200
    );
    catcher
}

fn data(one: &super::Caught) -> Value {
    serde_json::from_str(one.field("jsonData")).unwrap_or_default()
}

#[tokio::test]
async fn a_text_goes_its_way_and_is_told_in_a_form() {
    let world = World::start().await;
    let catcher = listening(&world).await;
    let request = sample("wuzapi_send_text.request.json");
    let (status, sent) = wuzapi(&world, "POST", "chat/send/text", request.clone()).await;
    assert_eq!(status, 200, "{sent}");
    assert_has_shape(&sent, &sample("wuzapi_send_text.response.json"));
    assert_eq!(
        wuzapi(&world, "POST", "chat/send/text", request).await.1["data"]["Id"],
        sent["data"]["Id"]
    );
    world
        .person(DANA, "open", json!({"number": NUMBER, "open": true}))
        .await;
    let read = catcher
        .first("it is read", |one| data(one)["state"] == "Read")
        .await;
    let mut receipt = sample("wuzapi_read_receipt.webhook.json");
    for key in ["instanceName", "userID"] {
        receipt.as_object_mut().unwrap().remove(key);
    }
    assert_has_shape(&data(&read), &receipt);
    assert_eq!(
        read.header("x-hmac-signature"),
        super::hmac256_hex(HMAC, &read.raw)
    );

    world
        .person(DANA, "text", json!({"number": NUMBER, "text": "כן בטח"}))
        .await;
    let inbound = catcher
        .first("it arrives", |one| data(one)["type"] == "Message")
        .await;
    let captured = pairs(&raw_sample("wuzapi_message_form_mode.webhook.form"));
    let names: Vec<&str> = inbound.form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        captured
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
    );
    assert_has_shape(
        &data(&inbound),
        &serde_json::from_str(&captured[1].1).unwrap(),
    );
    let ledger = world.ledger().await;
    assert_eq!(
        (
            &ledger["counts"]["accepted"],
            &ledger["counts"]["repeated_ids"]
        ),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn a_user_can_have_json() {
    let world = World::start().await;
    let catcher = Catcher::start().await;
    let config = json!({"webhook": catcher.url, "events": "Message", "webhook_format": "json"});
    world
        .setup(
            json!({"gateways": [{"provider": "wuzapi", "account": "sales-1", "config": config}]}),
        )
        .await;
    world
        .person(DANA, "text", json!({"number": NUMBER, "text": "כן בטח"}))
        .await;
    let inbound = catcher
        .first("it arrives", |one| one.json["type"] == "Message")
        .await;
    assert_has_shape(
        &inbound.json,
        &sample("wuzapi_message_json_mode.webhook.json"),
    );
}

#[tokio::test]
async fn a_user_is_made_linked_and_lost() {
    let world = World::frozen().await;
    let catcher = listening(&world).await;
    let admin = ("authorization", "sandbox-wuzapi-admin");
    let user = json!({"name": "sales-2", "token": "t2", "webhook": catcher.url, "events": "All"});
    assert_eq!(
        world
            .call("POST", "wuzapi/admin/users", admin, Some(user))
            .await
            .0,
        201
    );
    let two = async |method: &str, path: &str, body: Value| {
        let body = (!body.is_null()).then_some(body);
        world
            .call(method, &format!("wuzapi/{path}"), ("token", "t2"), body)
            .await
    };
    assert_eq!(
        two(
            "POST",
            "session/connect",
            json!({"Subscribe": ["All"], "Immediate": true})
        )
        .await
        .0,
        200
    );
    world.wind(1).await;
    let (_, status) = two("GET", "session/status", Value::Null).await;
    assert_eq!(status, sample("wuzapi_status.response.json"));
    let (_, qr) = two("GET", "session/qr", Value::Null).await;
    assert!(
        qr["data"]["QRCode"]
            .as_str()
            .unwrap()
            .starts_with("data:image/png;base64,")
    );
    let (_, code) = two(
        "POST",
        "session/pairphone",
        json!({"Phone": "972500000033"}),
    )
    .await;
    assert_eq!(code["data"]["LinkingCode"].as_str().unwrap().len(), 9);
    world.control("link", json!({"provider": "wuzapi", "number": "sales-2", "to": "linked", "phone": "972500000033"})).await;
    let image = json!({"Phone": DANA, "Image": "data:image/jpeg;base64,AQID", "Caption": "x"});
    assert_eq!(two("POST", "chat/send/image", image).await.0, 200);
    world
        .control(
            "link",
            json!({"provider": "wuzapi", "number": "sales-2", "to": "timelocked"}),
        )
        .await;
    let (status, refused) = two(
        "POST",
        "chat/send/text",
        json!({"Phone": "972500000011", "Body": "x"}),
    )
    .await;
    assert_eq!(
        (status, &refused["error"]),
        (500, &json!("server returned error 463"))
    );
    world
        .control(
            "link",
            json!({"provider": "wuzapi", "number": "sales-2", "to": "banned"}),
        )
        .await;
    catcher
        .first("it is told", |one| data(one)["type"] == "TemporaryBan")
        .await;
    let (_, check) = wuzapi(&world, "POST", "user/check", json!({"Phone": [DANA]})).await;
    assert_eq!(check, sample("wuzapi_user_check.response.json"));
    assert_eq!(
        world
            .call("GET", "wuzapi/session/status", ("token", "no"), None)
            .await
            .0,
        401
    );
    let item = world.ledger().await["items"][0].clone();
    assert_eq!(
        (&item["media"]["size_bytes"], &item["text"]),
        (&json!(3), &json!("x"))
    );
}
