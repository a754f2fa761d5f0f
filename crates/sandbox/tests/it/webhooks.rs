//! Webhooks: bytes, signature, retries, batches, and who gets them.

use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::world::{APP, DANA, NUMBER, Receiver, WABA, World, answer, until};

pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    let digest: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256={digest}")
}

#[tokio::test]
async fn the_signature_is_over_the_raw_bytes_which_are_escaped_as_metas() {
    // The vector of the reference, with our own HMAC first.
    assert_eq!(
        signature(
            "test_app_secret",
            br#"{"object":"whatsapp_business_account","entry":[]}"#
        ),
        "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756"
    );
    let world = World::start().await;
    world
        .setup(json!({"apps": [{"id": APP, "secret": "test_app_secret"}]}))
        .await;
    world
        .person(DANA, "text", json!({"text": "ראו https://x.example/א 😀"}))
        .await;
    until("it arrives", async || world.receiver.all().len() == 1).await;
    let arrived = world.receiver.all().remove(0);
    assert_eq!(
        arrived.signature,
        signature("test_app_secret", &arrived.raw)
    );
    let text = std::str::from_utf8(&arrived.raw).unwrap();
    assert!(text.is_ascii());
    assert!(
        text.contains(r"\u05e8\u05d0\u05d5 https:\/\/x.example\/\u05d0 \ud83d\ude00"),
        "{text}"
    );
    assert_eq!(arrived.body["object"], "whatsapp_business_account");
    assert_eq!(arrived.body["entry"][0]["id"], WABA);
    assert_eq!(
        arrived.body["entry"][0]["time"],
        Value::Null,
        "the messages family has no time"
    );
    let value = &arrived.body["entry"][0]["changes"][0]["value"];
    assert_eq!(
        value["metadata"],
        json!({"display_phone_number": "972500000001", "phone_number_id": NUMBER})
    );
    assert_eq!(
        value["contacts"][0],
        json!({"profile": {"name": "דנה לדוגמה"}, "wa_id": DANA, "user_id": "IL.13491208655302741918"})
    );
    assert_eq!(value["messages"][0]["from"], DANA);
}

#[tokio::test]
async fn what_is_not_answered_200_comes_again_whole() {
    let world = World::start().await;
    world
        .setup(json!({"settings": {"webhook_retry_ms": 50}}))
        .await;
    world.receiver.answer_with(503);
    let wamid = world.dana_writes().await;
    until("it was tried three times", async || {
        world.receiver.all().len() >= 3
    })
    .await;
    assert_eq!(world.chat(DANA).await["messages"][0]["ticks"], "sending");
    let gaps: Vec<Duration> = world
        .receiver
        .all()
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    assert!(
        gaps[0] >= Duration::from_millis(45) && gaps[1] > gaps[0],
        "{gaps:?}"
    );
    world.receiver.answer_with(200);
    world.quiet().await;
    let arrived = world.receiver.all();
    assert!(arrived.iter().all(|one| one.raw == arrived[0].raw));
    assert_eq!(
        arrived[0].body["entry"][0]["changes"][0]["value"]["messages"][0]["id"],
        wamid
    );
    assert_eq!(world.chat(DANA).await["messages"][0]["ticks"], "delivered");
    let counts = world.get("control/webhooks").await;
    assert_eq!(counts["delivered"], 1);
    assert_eq!(counts["failed_attempts"], json!(arrived.len() - 1));
}

#[tokio::test]
async fn winding_the_clock_brings_the_next_try_and_the_end() {
    let world = World::start().await;
    world
        .setup(json!({"settings": {"webhook_retry_ms": 3_600_000}}))
        .await;
    world.receiver.answer_with(500);
    world.dana_writes().await;
    until("it was tried", async || world.receiver.all().len() == 1).await;
    world.wind(3_700).await;
    until("it was tried again", async || {
        world.receiver.all().len() == 2
    })
    .await;
    world.wind(8 * 24 * 3_600).await;
    until("it was given up", async || {
        world.get("control/webhooks").await["given_up"] == 1
    })
    .await;
    assert_eq!(world.get("control/webhooks").await["pending"], 0);
}

#[tokio::test]
async fn batches_and_speed() {
    let world = World::start().await;
    world
        .setup(json!({"settings": {"webhook_batch": 50, "webhook_concurrency": 16}}))
        .await;
    let messages: Vec<Value> = (0..3_000)
        .map(|n| json!({"from": format!("97250001{:04}", n % 2_000), "text": format!("#{n}")}))
        .collect();
    let start = Instant::now();
    world
        .control("inbound", json!({"messages": messages}))
        .await;
    until("all arrived", async || {
        world.receiver.messages().len() == 3_000
    })
    .await;
    let posts = world.receiver.all().len();
    assert!(posts <= 120, "{posts} posts");
    assert!(
        start.elapsed() < Duration::from_secs(8),
        "{:?}",
        start.elapsed()
    );
    let largest = world
        .receiver
        .all()
        .iter()
        .map(|one| one.body["entry"][0]["changes"].as_array().unwrap().len())
        .max();
    assert_eq!(largest, Some(50));
}

#[tokio::test]
async fn subscribing_takes_a_handshake_and_overrides_go_number_account_app() {
    let world = World::start().await;
    let app_token = format!("{APP}|sandbox-app-secret");
    let subscribe = async |token: &str| {
        let query = format!(
            "object=whatsapp_business_account&callback_url={}&verify_token={token}&fields=messages,message_template_status_update",
            world.receiver.url
        );
        let request = world
            .client
            .post(format!("{}/v25.0/{APP}/subscriptions?{query}", world.url));
        answer(request.bearer_auth(&app_token)).await
    };
    assert_eq!(subscribe("right").await, (200, json!({"success": true})));
    let (status, refused) = subscribe("wrong").await;
    assert_eq!(
        (status, refused["error"]["code"].as_i64()),
        (400, Some(2_200))
    );

    let (account, number) = (Receiver::start().await, Receiver::start().await);
    let to = |url: &str| json!({"override_callback_uri": url, "verify_token": "right"});
    assert_eq!(
        world
            .post(&format!("{WABA}/subscribed_apps"), to(&account.url))
            .await
            .0,
        200
    );
    world.dana_writes().await;
    until("the account's gets it", async || {
        account.messages().len() == 1
    })
    .await;
    assert_eq!(
        world
            .post(NUMBER, json!({"webhook_configuration": to(&number.url)}))
            .await
            .0,
        200
    );
    world.dana_writes().await;
    until("the number's gets it", async || {
        number.messages().len() == 1
    })
    .await;
    let configuration = world
        .get(&format!("v25.0/{NUMBER}?fields=webhook_configuration"))
        .await;
    assert_eq!(
        configuration["webhook_configuration"],
        json!({"application": world.receiver.url,
        "whatsapp_business_account": account.url, "phone_number": number.url})
    );
    let listed = world.get(&format!("v25.0/{WABA}/subscribed_apps")).await;
    assert_eq!(
        listed["data"][0]["override_callback_uri"],
        json!(account.url)
    );

    // Empty removes the number's, a plain POST the account's.
    assert_eq!(
        world
            .post(
                NUMBER,
                json!({"webhook_configuration": {"override_callback_uri": ""}})
            )
            .await
            .0,
        200
    );
    assert_eq!(
        world
            .post(&format!("{WABA}/subscribed_apps"), json!({}))
            .await
            .0,
        200
    );
    world.dana_writes().await;
    until("the app's gets it", async || {
        world.receiver.messages().len() == 1
    })
    .await;
    // Other fields than messages never follow an override, and only those subscribed to come.
    world
        .person(DANA, "marketing", json!({"stopped": true}))
        .await;
    world
        .control("templates/monthly_offer", json!({"status": "PAUSED"}))
        .await;
    world.quiet().await;
    let fields: Vec<Value> = world
        .receiver
        .changes()
        .into_iter()
        .map(|change| change["field"].clone())
        .collect();
    assert_eq!(fields, ["messages", "message_template_status_update"]);
}

#[tokio::test]
async fn any_webhook_can_be_sent() {
    let world = World::start().await;
    world
        .control(
            "webhook",
            json!({"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}}),
        )
        .await;
    world.control("webhook", json!({"field": "smb_message_echoes", "number": NUMBER, "value": {"message_echoes": []}})).await;
    world
        .control(&format!("numbers/{NUMBER}"), json!({"tier": "TIER_10K"}))
        .await;
    until("all arrived", async || world.receiver.changes().len() == 3).await;
    let arrived = world.receiver.all();
    let entry = |field: &str| {
        let entries = arrived.iter().map(|one| one.body["entry"][0].clone());
        entries
            .into_iter()
            .find(|entry| entry["changes"][0]["field"] == field)
            .unwrap()
    };
    assert!(entry("account_update")["time"].is_i64());
    assert_eq!(
        entry("smb_message_echoes")["changes"][0]["value"]["messaging_product"],
        "whatsapp"
    );
    assert_eq!(
        entry("business_capability_update")["changes"][0]["value"]["max_daily_conversations_per_business"],
        "TIER_10K"
    );
}

/// `cargo nextest run -p sandbox --release --run-ignored only speed --no-capture` tells how many webhooks a second leave, one change each.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a check"]
async fn speed() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on_disk(folder.path().to_owned(), None).await;
    world
        .setup(json!({"settings": {"webhook_concurrency": 32}}))
        .await;
    let messages = |n: u64| -> Vec<Value> {
        (0..n)
            .map(|n| json!({"from": format!("97250001{:04}", n % 2_000), "text": "שלום"}))
            .collect()
    };
    world
        .control("inbound", json!({"messages": messages(1_000)}))
        .await;
    world.quiet().await;
    let start = Instant::now();
    world
        .control("inbound", json!({"messages": messages(10_000)}))
        .await;
    until("all arrived", async || {
        world.get("control/webhooks").await["pending"] == 0
    })
    .await;
    eprintln!(
        "{:.0} webhooks a second",
        10_000.0 / start.elapsed().as_secs_f64()
    );
}
