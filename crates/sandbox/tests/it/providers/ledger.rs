//! What all providers have in common: one ledger, one setup, one fault plan.

use serde_json::{Value, json};

use super::Catcher;
use crate::world::{DANA, World, until};

#[tokio::test]
async fn every_provider_has_a_number() {
    let world = World::start().await;
    let all = world.get("control/world").await;
    assert_eq!(all["numbers"].as_array().unwrap().len(), 1, "Meta's own");
    let providers: Vec<&str> = all["gateways"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gateway| gateway["provider"].as_str().unwrap())
        .collect();
    assert_eq!(
        providers,
        [
            "waha",
            "green-api",
            "360dialog",
            "twilio",
            "evolution",
            "wuzapi",
            "vonage",
            "gupshup",
            "infobip"
        ]
    );
    let businesses = world.get("phone/api/businesses").await;
    assert_eq!(businesses["businesses"][1]["provider"], "waha");
    let wrong = json!({"gateways": [{"provider": "meta", "phone": "972500000040"}]});
    assert_eq!(world.try_control("setup", wrong).await.0, 400);
}

#[tokio::test]
async fn answers_are_lost_late_and_statuses_overtake() {
    let world = World::start().await;
    let catcher = Catcher::start().await;
    let to = "whatsapp:+972500000010";
    let account = "AC00000000000000000000000000000001";
    let url = format!(
        "{}/twilio/2010-04-01/Accounts/{account}/Messages.json",
        world.url
    );
    let send = async || {
        let form = [
            ("To", to),
            ("From", "whatsapp:+972500000024"),
            ("StatusCallback", &catcher.url),
            ("ContentSid", "HXccccccccccccccccccccccccccccccc4"),
        ];
        let body = reqwest::Url::parse_with_params("http://x/", form)
            .unwrap()
            .query()
            .unwrap()
            .to_owned();
        let request = world
            .client
            .post(&url)
            .basic_auth(account, Some("sandbox-twilio-token"));
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
    };
    world
        .faults(json!({"rules": [
            {"endpoint": "messages", "provider": "twilio", "nth": 1, "answer": "timeout", "timeout_ms": 150, "accept": true},
            {"endpoint": "messages", "provider": "twilio", "nth": 2, "answer": "html"},
            {"endpoint": "messages", "provider": "twilio", "nth": 3, "status": 503},
            {"endpoint": "webhook", "provider": "twilio", "type": "sent", "reorder": 1}]}))
        .await;
    assert!(send().await.is_err());
    let told = || {
        catcher
            .all()
            .iter()
            .map(|one| one.field("MessageStatus").to_owned())
            .collect::<Vec<_>>()
    };
    until("both are told", async || told().len() == 2).await;
    assert_eq!(told(), ["delivered", "sent"]);
    assert_eq!(send().await.unwrap().status(), 502);
    let refused = send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.json::<Value>().await.unwrap()["status"], 503);
    let ledger = world.ledger().await;
    assert_eq!(
        (&ledger["counts"]["accepted"], &ledger["items"][0]["answer"]),
        (&json!(1), &json!("timeout"))
    );
}

#[tokio::test]
async fn any_event_can_be_told() {
    let world = World::start().await;
    let catcher = Catcher::start().await;
    let config = json!({"webhookUrl": catcher.url});
    let setup =
        json!({"gateways": [{"provider": "green-api", "account": "7103000001", "config": config}]});
    world.setup(setup).await;
    let mut told = super::sample("greenapi_quota_exceeded.webhook.json");
    let value = json!({"quotaData": told["quotaData"].take()});
    let hook = json!({"number": "972500000022", "field": "quotaExceeded", "value": value});
    assert_eq!(world.control("webhook", hook).await["queued"], 1);
    let caught = catcher.first("it comes", |_| true).await;
    assert_eq!(caught.json["typeWebhook"], "quotaExceeded");
    assert_eq!(caught.json["quotaData"]["total"], 3);
    assert_eq!(caught.json["instanceData"]["idInstance"], 7_103_000_001_u64);
    let card = json!({"provider": "waha", "to": "yellow_card"});
    assert_eq!(world.try_control("link", card).await.0, 409);
}

#[tokio::test]
async fn the_ledger_has_instants_to_count_gaps_by() {
    let world = World::frozen().await;
    let send = async |phone: &str| {
        let body = json!({"session": "default", "chatId": format!("{phone}@c.us"), "text": "x"});
        let answer = world
            .call(
                "POST",
                "waha/api/sendText",
                ("x-api-key", "sandbox-waha-key"),
                Some(body),
            )
            .await;
        assert_eq!(answer.0, 201);
    };
    send(DANA).await;
    world.control("clock", json!({"advance_s": 31.5})).await;
    send("972500000011").await;
    world.text("to Meta").await;
    let items = world
        .get("control/ledger?provider=waha&number=972500000021")
        .await["items"]
        .clone();
    let at: Vec<&str> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["accepted_at"].as_str().unwrap())
        .collect();
    assert_eq!(at, ["2026-11-22T08:00:00.000Z", "2026-11-22T08:00:31.500Z"]);
    assert_eq!(world.ledger().await["items"][2]["provider"], "meta");
}

#[tokio::test]
async fn a_kill_forgets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on_disk(folder.path().to_owned(), None).await;
    let catcher = Catcher::start().await;
    let config = json!({"webhooks": [{"url": catcher.url, "events": ["message"]}]});
    world
        .setup(json!({"gateways": [{"provider": "waha", "account": "default", "config": config}]}))
        .await;
    catcher.answer_with(500);
    world
        .person(
            DANA,
            "text",
            json!({"number": "waha-972500000021", "text": "a"}),
        )
        .await;
    until("the first try", async || !catcher.all().is_empty()).await;
    world
        .control("link", json!({"provider": "waha", "to": "logged_out"}))
        .await;
    let receiver = world.kill();
    catcher.answer_with(200);
    let seen = catcher.all().len();
    let world = World::on_disk(folder.path().to_owned(), Some(receiver)).await;
    let (_, session) = world
        .call(
            "GET",
            "waha/api/sessions/default",
            ("x-api-key", "sandbox-waha-key"),
            None,
        )
        .await;
    assert_eq!(session["status"], "FAILED");
    until("it comes again", async || catcher.all().len() > seen).await;
}

#[tokio::test]
async fn webhooks_of_a_provider_go_wrong_alone() {
    let world = World::start().await;
    let catcher = Catcher::start().await;
    let config =
        json!({"webhooks": [{"url": catcher.url, "events": ["message"], "hmac": {"key": "k"}}]});
    world
        .setup(json!({"gateways": [{"provider": "waha", "account": "default", "config": config}]}))
        .await;
    world
        .faults(json!({"rules": [
            {"endpoint": "webhook", "provider": "waha", "type": "message", "nth": 1, "duplicate": 1},
            {"endpoint": "webhook", "provider": "waha", "type": "message", "nth": 2, "wrong_signature": true},
            {"endpoint": "webhook", "provider": "waha", "type": "message", "nth": 3, "withhold": true}]}))
        .await;
    let write = async |text: &str| {
        world
            .person(
                DANA,
                "text",
                json!({"number": "waha-972500000021", "text": text}),
            )
            .await;
    };
    write("one").await;
    until("it came twice", async || catcher.all().len() == 2).await;
    assert_eq!(catcher.all()[0].raw, catcher.all()[1].raw);
    write("two").await;
    until("it came", async || catcher.all().len() == 3).await;
    write("three").await;
    write("four").await;
    until("the last came", async || catcher.all().len() == 4).await;
    let bodies: Vec<Value> = catcher
        .all()
        .iter()
        .map(|one| one.json["payload"]["body"].clone())
        .collect();
    assert_eq!(bodies, ["one", "one", "two", "four"]);
    let signs = |at: usize| {
        use hmac::{Hmac, KeyInit, Mac};
        let one = &catcher.all()[at];
        let mut mac = Hmac::<sha2::Sha512>::new_from_slice(b"k").unwrap();
        mac.update(&one.raw);
        let hex: String = mac
            .finalize()
            .into_bytes()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        one.header("x-webhook-hmac") == hex
    };
    assert_eq!((signs(0), signs(2), signs(3)), (true, false, true));
}
