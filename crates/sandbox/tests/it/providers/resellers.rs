//! Vonage, Gupshup and Infobip: the Cloud API in other words.

use serde_json::{Value, json};

use super::{Catcher, assert_has_shape, pairs, raw_sample, sample};
use crate::world::{DANA, World, answer, until};

/// The number's console points at a catcher.
async fn listening(world: &World, provider: &str, phone: &str) -> Catcher {
    let catcher = Catcher::start().await;
    world
        .setup(
            json!({"gateways": [{"provider": provider, "phone": phone, "webhook": catcher.url,
            "webhook_headers": {"X-Hook-Secret": "s"}}]}),
        )
        .await;
    catcher
}

async fn delivered(world: &World, at: usize) {
    until("it is delivered", async || {
        world.ledger().await["items"][at]["delivery"] == "delivered"
    })
    .await;
}

fn with(mut value: Value, key: &str, to: &str) -> Value {
    value[key] = json!(to);
    value
}

#[tokio::test]
async fn vonage() {
    const PHONE: &str = "972500000027";
    let world = World::start().await;
    let catcher = listening(&world, "vonage", PHONE).await;
    let post = async |body: Value| {
        let request = world
            .client
            .post(format!("{}/vonage/v1/messages", world.url));
        answer(
            request
                .basic_auth("a1b2c3d4", Some("sandbox-vonage-secret"))
                .json(&body),
        )
        .await
    };
    let text = with(sample("vonage_send_text.request.json"), "from", PHONE);
    let (status, sent) = post(text.clone()).await;
    assert_eq!(status, 202, "{sent}");
    assert_has_shape(&sent, &sample("vonage_send.response.json"));
    let rejected = catcher
        .first("it is rejected", |one| one.json["status"] == "rejected")
        .await;
    assert_has_shape(
        &rejected.json,
        &sample("vonage_status_rejected_1340.webhook.json"),
    );
    assert_eq!(rejected.json["error"]["title"], "1340");
    let token = rejected
        .header("authorization")
        .strip_prefix("Bearer ")
        .unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(
        super::hs256("sandbox-vonage-signature-secret", signed),
        signature
    );

    let (status, sent) = post(with(
        sample("vonage_send_template.request.json"),
        "from",
        PHONE,
    ))
    .await;
    assert_eq!(status, 202, "{sent}");
    let told = |one: &super::Caught| one.json["status"] == "delivered";
    assert_has_shape(
        &catcher.first("it arrives", told).await.json,
        &sample("vonage_status_delivered.webhook.json"),
    );
    assert_eq!(
        world.ledger().await["items"][1]["text"],
        "שלום דנה, תזכורת לפגישה ב-20.8 10:30."
    );
    world
        .person(
            DANA,
            "text",
            json!({"number": PHONE, "text": "כן, מחר ב-10"}),
        )
        .await;
    let inbound = catcher
        .first("the answer", |one| one.json["message_type"] == "text")
        .await;
    assert_has_shape(&inbound.json, &sample("vonage_inbound_text.webhook.json"));
    let (status, sent) = post(with(
        sample("vonage_send_custom_buttons.request.json"),
        "from",
        PHONE,
    ))
    .await;
    assert_eq!(status, 202, "{sent}");
    delivered(&world, 2).await;
    world
        .person(
            DANA,
            "press",
            json!({"number": PHONE, "message_id": sent["message_uuid"], "index": 0}),
        )
        .await;
    let reply = catcher
        .first("the tap", |one| one.json["message_type"] == "reply")
        .await;
    assert_has_shape(&reply.json, &sample("vonage_inbound_reply.webhook.json"));

    let part = reqwest::multipart::Part::bytes(vec![1, 2, 3]).file_name("a.jpg");
    let form = reqwest::multipart::Form::new()
        .text("kind", "image")
        .text("caption", "x")
        .part("file", part.mime_str("image/jpeg").unwrap());
    let url = format!("{}/phone/api/chats/{DANA}/{PHONE}/media", world.url);
    assert_eq!(answer(world.client.post(url).multipart(form)).await.0, 201);
    let image = catcher
        .first("the picture", |one| one.json["message_type"] == "image")
        .await;
    assert_has_shape(&image.json, &sample("vonage_inbound_image.webhook.json"));

    let (status, refused) = post(with(text.clone(), "to", "+972")).await;
    assert_eq!(status, 422);
    assert_has_shape(&refused, &sample("vonage_error_422.response.json"));
    let request = world
        .client
        .post(format!("{}/vonage/v1/messages", world.url));
    assert_eq!(
        answer(request.basic_auth("a1b2c3d4", Some("no")).json(&text))
            .await
            .0,
        401
    );
    assert_eq!(world.ledger().await["items"][0]["opaque"], "outbox-000077");
}

#[tokio::test]
async fn gupshup() {
    const PHONE: &str = "972500000028";
    let world = World::start().await;
    let catcher = listening(&world, "gupshup", PHONE).await;
    let post = async |path: &str, name: &str, key: &str| {
        let mut form = pairs(&raw_sample(name));
        form.iter_mut()
            .filter(|(key, _)| key == "source")
            .for_each(|(_, value)| PHONE.clone_into(value));
        let body = reqwest::Url::parse_with_params("http://x/", &form)
            .unwrap()
            .query()
            .unwrap()
            .to_owned();
        let request = world
            .client
            .post(format!("{}/gupshup/wa/api/v1/{path}", world.url));
        let request = request
            .header("apikey", key)
            .header("content-type", "application/x-www-form-urlencoded");
        answer(request.body(body)).await
    };
    const KEY: &str = "sandbox-gupshup-key";
    let (status, sent) = post("template/msg", "gupshup_send_template.request.form", KEY).await;
    assert_eq!(status, 202, "{sent}");
    assert_has_shape(&sent, &sample("gupshup_send.response.json"));
    let kind = |name: &'static str| move |one: &super::Caught| one.json["payload"]["type"] == name;
    let enqueued = catcher.first("it is queued", kind("enqueued")).await;
    assert_has_shape(
        &enqueued.json,
        &sample("gupshup_event_enqueued.webhook.json"),
    );
    assert_eq!(enqueued.header("x-hook-secret"), "s");
    let arrived = catcher.first("it arrives", kind("delivered")).await;
    assert_has_shape(
        &arrived.json,
        &sample("gupshup_event_delivered.webhook.json"),
    );
    assert_eq!(arrived.json["payload"]["gsId"], sent["messageId"]);
    assert_eq!(
        arrived.json["payload"]["id"],
        enqueued.json["payload"]["payload"]["whatsappMessageId"]
    );
    world
        .person(
            DANA,
            "press",
            json!({"number": PHONE, "message_id": sent["messageId"], "index": 0}),
        )
        .await;
    let tap = catcher.first("the tap", kind("quick_reply")).await;
    assert_eq!(tap.json["payload"]["context"]["gsId"], sent["messageId"]);
    world
        .person(
            DANA,
            "text",
            json!({"number": PHONE, "text": "כן", "reply_to": sent["messageId"]}),
        )
        .await;
    let inbound = catcher.first("the answer", kind("text")).await;
    assert_has_shape(
        &inbound.json,
        &sample("gupshup_inbound_text_v2.webhook.json"),
    );
    assert_eq!(
        post("msg", "gupshup_send_text.request.form", KEY).await.0,
        202
    );
    delivered(&world, 1).await;
    assert_eq!(
        post("msg", "gupshup_send_text.request.form", "no").await.0,
        401
    );
    world
        .patch_person(DANA, json!({"on_whatsapp": false}))
        .await;
    post("msg", "gupshup_send_text.request.form", KEY).await;
    let failed = catcher.first("it fails", kind("failed")).await;
    assert_eq!(
        failed.json["payload"]["payload"],
        sample("gupshup_event_failed.webhook.json")["payload"]["payload"]
    );
    let list = world
        .call(
            "GET",
            "gupshup/wa/api/v1/template/list/LeadsApp",
            ("apikey", KEY),
            None,
        )
        .await;
    assert_eq!(list.1["templates"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn infobip() {
    const PHONE: &str = "972500000029";
    let world = World::start().await;
    let catcher = listening(&world, "infobip", PHONE).await;
    let key = ("authorization", "App sandbox-infobip-key");
    let post = async |kind: &str, body: Value| {
        world
            .call(
                "POST",
                &format!("infobip/whatsapp/1/message/{kind}"),
                key,
                Some(body),
            )
            .await
    };
    let notify = format!("{}/dlr", catcher.url);
    let mut template = sample("infobip_send_template.request.json");
    template["messages"][0]["from"] = json!(PHONE);
    template["messages"][0]["notifyUrl"] = json!(notify);
    template["messages"][0]["content"]["templateName"] = json!("meeting_reminder_image_he");
    let (status, sent) = post("template", template).await;
    assert_eq!(status, 200, "{sent}");
    assert_has_shape(&sent, &sample("infobip_send_template.response.json"));
    let report = |one: &super::Caught| one.json["results"][0]["status"]["groupName"] == "DELIVERED";
    let report = catcher.first("the report", report).await;
    assert_has_shape(
        &report.json,
        &sample("infobip_delivery_report.webhook.json"),
    );
    assert_eq!(report.uri, "/dlr");
    world
        .person(
            DANA,
            "press",
            json!({"number": PHONE, "message_id": "outbox-000078", "index": 0}),
        )
        .await;
    let kind = |name: &'static str| {
        move |one: &super::Caught| one.json["results"][0]["message"]["type"] == name
    };
    let tap = catcher.first("the tap", kind("BUTTON")).await;
    assert_has_shape(
        &tap.json,
        &sample("infobip_inbound_template_button.webhook.json"),
    );
    assert_eq!(tap.json["results"][0]["message"]["payload"], "confirm:4711");
    let text = with(sample("infobip_send_text.request.json"), "from", PHONE);
    let (status, sent) = post("text", text.clone()).await;
    assert_eq!(status, 200, "{sent}");
    assert_has_shape(&sent, &sample("infobip_send_text.response.json"));
    post("text", text.clone()).await;
    delivered(&world, 1).await;
    world
        .person(
            DANA,
            "text",
            json!({"number": PHONE, "text": "כן", "reply_to": "outbox-000077"}),
        )
        .await;
    let inbound = catcher.first("the answer", kind("TEXT")).await;
    assert_has_shape(&inbound.json, &sample("infobip_inbound_text.webhook.json"));
    world
        .person(DANA, "open", json!({"number": PHONE, "open": true}))
        .await;
    let seen = catcher
        .first("it is seen", |one| {
            one.json["results"][0]["seenAt"].is_string()
        })
        .await;
    assert_has_shape(&seen.json, &sample("infobip_seen_report.webhook.json"));
    let (status, refused) = post("text", with(text, "to", "")).await;
    assert_eq!(
        (status, refused),
        (400, sample("infobip_error.response.json"))
    );
    let ledger = world.ledger().await;
    assert_eq!(
        (
            &ledger["counts"]["accepted"],
            &ledger["counts"]["repeated_ids"]
        ),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        world
            .call(
                "POST",
                "infobip/whatsapp/1/message/text",
                ("authorization", "App no"),
                None
            )
            .await
            .0,
        401
    );
}
