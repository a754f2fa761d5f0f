use serde_json::{Value, json};

use super::{Catcher, assert_has_shape, sample};
use crate::world::{DANA, World, answer, until};

const KEY: (&str, &str) = ("d360-api-key", "sandbox-360-key");
const NUMBER: &str = "200000000000023";

async fn d360(world: &World, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = (!body.is_null()).then_some(body);
    world
        .call(method, &format!("360dialog/{path}"), KEY, body)
        .await
}

async fn listening(world: &World) -> Catcher {
    let catcher = Catcher::start().await;
    let mut hook = sample("360dialog_set_webhook.request.json");
    hook["url"] = json!(catcher.url);
    assert_eq!(
        d360(world, "POST", "v1/configs/webhook", hook.clone()).await,
        (200, hook)
    );
    catcher
}

fn value(one: &super::Caught) -> &Value {
    &one.json["entry"][0]["changes"][0]["value"]
}

fn status(name: &'static str) -> impl Fn(&super::Caught) -> bool {
    move |one| value(one)["statuses"][0]["status"] == name
}

#[tokio::test]
async fn the_window_decides_as_at_meta() {
    let world = World::start().await;
    let catcher = listening(&world).await;
    let request = sample("360dialog_send_text.request.json");
    let (code, sent) = d360(&world, "POST", "messages", request.clone()).await;
    assert_eq!(code, 200, "{sent}");
    assert_has_shape(&sent, &sample("360dialog_send_text.response.json"));
    let failed = catcher.first("it fails", status("failed")).await;
    assert_has_shape(
        &failed.json,
        &sample("360dialog_status_failed_131047.webhook.json"),
    );
    assert_eq!(value(&failed)["statuses"][0]["errors"][0]["code"], 131_047);
    assert_eq!(failed.header("x-hook-secret"), "invented-long-random-value");
    assert_eq!(failed.header("x-hub-signature-256"), "");

    world
        .person(
            DANA,
            "text",
            json!({"number": NUMBER, "text": "כן, מחר ב-10"}),
        )
        .await;
    let inbound = |one: &super::Caught| value(one)["messages"].is_array();
    let inbound = catcher.first("it arrives", inbound).await;
    assert_has_shape(
        &inbound.json,
        &sample("360dialog_inbound_text.webhook.json"),
    );
    d360(&world, "POST", "messages", request).await;
    let delivered = catcher.first("it is delivered", status("delivered")).await;
    assert_eq!(
        value(&delivered)["statuses"][0]["biz_opaque_callback_data"],
        "outbox-000077"
    );
    let buttons = sample("360dialog_send_interactive_buttons.request.json");
    assert_eq!(d360(&world, "POST", "messages", buttons).await.0, 200);
    let user_id = sample("360dialog_send_text_to_bsuid.request.json");
    assert_eq!(d360(&world, "POST", "messages", user_id).await.0, 200);
    let ledger = world.ledger().await;
    assert_eq!(ledger["items"][0]["provider"], "360dialog");
    assert_eq!(ledger["items"][0]["opaque"], "outbox-000077");
}

#[tokio::test]
async fn templates_are_listed_sent_made_and_pressed() {
    let world = World::frozen().await;
    let catcher = listening(&world).await;
    let (_, list) = d360(&world, "GET", "v1/configs/templates", Value::Null).await;
    assert_eq!(list["total"], 3);
    let mut request = sample("360dialog_send_template.request.json");
    request["template"]["name"] = json!("meeting_reminder_image_he");
    let (code, sent) = d360(&world, "POST", "messages", request).await;
    assert_eq!(code, 200, "{sent}");
    let wamid = sent["messages"][0]["id"].clone();
    until("it is delivered", async || {
        world.wind(1).await;
        world.ledger().await["items"][0]["delivery"] == "delivered"
    })
    .await;
    world
        .person(
            DANA,
            "press",
            json!({"number": NUMBER, "message_id": wamid, "index": 0}),
        )
        .await;
    let pressed = |one: &super::Caught| value(one)["messages"][0]["type"] == "button";
    let pressed = catcher.first("the tap", pressed).await;
    assert_has_shape(
        &pressed.json,
        &sample("360dialog_inbound_button_reply.webhook.json"),
    );
    assert_eq!(
        value(&pressed)["messages"][0]["button"]["payload"],
        "confirm:4711"
    );

    let new = json!({"name": "new_one_he", "language": "he", "category": "UTILITY",
        "components": [{"type": "BODY", "text": "שלום, זו הודעה חדשה."}]});
    let (code, made) = d360(&world, "POST", "v1/configs/templates", new).await;
    assert_eq!((code, &made["status"]), (201, &json!("pending")));
    world.wind(120).await;
    let decided = |one: &super::Caught| {
        one.json["entry"][0]["changes"][0]["field"] == "message_template_status_update"
    };
    assert_eq!(
        value(&catcher.first("it is approved", decided).await)["event"],
        "APPROVED"
    );
    let (code, _) = d360(
        &world,
        "DELETE",
        "v1/configs/templates/new_one_he",
        Value::Null,
    )
    .await;
    assert_eq!(code, 200);
}

#[tokio::test]
async fn files_go_up_and_come_down() {
    let world = World::start().await;
    let part = reqwest::multipart::Part::bytes(vec![1, 2, 3]).file_name("a.jpg");
    let form = reqwest::multipart::Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", "image/jpeg")
        .part("file", part.mime_str("image/jpeg").unwrap());
    let post = world
        .client
        .post(format!("{}/360dialog/media", world.url))
        .header(KEY.0, KEY.1);
    let (code, up) = answer(post.multipart(form)).await;
    assert_eq!(code, 200, "{up}");
    let (_, media) = d360(&world, "GET", up["id"].as_str().unwrap(), Value::Null).await;
    let url = media["url"].as_str().unwrap();
    let path = url.strip_prefix("https://lookaside.fbsbx.com").unwrap();
    let file = world
        .client
        .get(format!("{}/360dialog{path}", world.url))
        .header(KEY.0, KEY.1);
    assert_eq!(
        file.send().await.unwrap().bytes().await.unwrap().as_ref(),
        [1, 2, 3]
    );
    let wrong = world
        .call(
            "GET",
            "360dialog/v1/configs/webhook",
            ("d360-api-key", "no"),
            None,
        )
        .await;
    assert_eq!((wrong.0, &wrong.1["meta"]["http_code"]), (401, &json!(401)));
}

#[tokio::test]
async fn the_phone_echoes() {
    let world = World::start().await;
    let catcher = listening(&world).await;
    world
        .control(
            "typed",
            json!({"provider": "360dialog", "to": DANA, "text": "תודה!"}),
        )
        .await;
    let echo = |one: &super::Caught| value(one)["message_echoes"].is_array();
    let echo = catcher.first("the echo", echo).await;
    assert_has_shape(
        &echo.json,
        &sample("360dialog_coexistence_echo.webhook.json"),
    );
}
