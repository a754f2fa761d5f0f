//! What a restart keeps.

use serde_json::{Value, json};

use crate::world::{DANA, Receiver, World, answer, until};

#[tokio::test]
async fn a_killed_sandbox_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on_disk(folder.path().to_owned(), None).await;
    world
        .setup(json!({"settings": {"sent_ms": 0, "delivered_ms": 0}}))
        .await;
    world.dana_writes().await;
    let wamid = world.text("before").await;
    until("it is delivered", async || {
        world.receiver.told(&wamid).len() == 2
    })
    .await;
    world.quiet().await;
    world.wind(3_600).await;
    world
        .control("next-ids", json!({"ids": ["wamid.NEXT"]}))
        .await;
    world
        .patch_person("972500000011", json!({"phone_off": true}))
        .await;
    // The receiver is down when the sandbox dies.
    world.receiver.answer_with(503);
    let unheard =
        world.person(DANA, "text", json!({"text": "unheard"})).await["message"]["id"].clone();
    assert_eq!(unheard, "wamid.NEXT");
    let offset = world.get("control/clock").await["offset_ms"].clone();
    let ledger = world.ledger().await;
    let receiver = world.kill();
    let heard = receiver.all().len();

    receiver.answer_with(200);
    let world = World::on_disk(folder.path().to_owned(), Some(receiver)).await;
    assert_eq!(world.get("control/clock").await["offset_ms"], offset);
    assert_eq!(world.ledger().await["items"], ledger["items"]);
    until("the webhook comes", async || {
        world.receiver.all().len() > heard
    })
    .await;
    world.quiet().await;
    let last = world.receiver.messages().pop().unwrap();
    assert_eq!(last["id"], "wamid.NEXT");
    let chat = world.chat(DANA).await;
    assert_eq!(chat["messages"].as_array().unwrap().len(), 3);
    assert_eq!(chat["window"]["open"], true);
    let persons = world.get("phone/api/persons").await;
    assert_eq!(persons["persons"][1]["phone_off"], true);
}

#[tokio::test]
async fn a_torn_last_line_is_cut_off_and_a_torn_middle_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on_disk(folder.path().to_owned(), None).await;
    world.text("kept").await;
    let receiver = world.kill();
    let file = folder.path().join("ledger.jsonl");
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{whole}[{{\"r\":\"mess")).unwrap();
    let world = World::on_disk(folder.path().to_owned(), Some(receiver)).await;
    assert_eq!(world.ledger().await["items"].as_array().unwrap().len(), 1);
    drop(world.kill());
    std::fs::write(&file, format!("garbage\n{whole}")).unwrap();
    let config = sandbox::Config {
        data_dir: Some(folder.path().to_owned()),
        ..sandbox::Config::default()
    };
    assert!(sandbox::Sandbox::open(config).await.is_err());
}

#[tokio::test]
async fn statuses_that_were_due_come_after_the_restart() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on_disk(folder.path().to_owned(), None).await;
    world.setup(json!({"settings": {"sent_ms": 60_000}})).await;
    world.dana_writes().await;
    let wamid = world.text("later").await;
    let receiver = world.kill();
    let world = World::on_disk(folder.path().to_owned(), Some(receiver)).await;
    assert_eq!(world.ledger().await["items"][0]["delivery"], "accepted");
    world.wind(120).await;
    until("it is delivered", async || {
        world.receiver.told(&wamid).len() == 2
    })
    .await;
}

#[tokio::test]
async fn repeated_data_is_counted_and_the_list_is_filtered() {
    let world = World::start().await;
    for opaque in ["a", "b", "a"] {
        let message =
            json!({"type": "text", "text": {"body": opaque}, "biz_opaque_callback_data": opaque});
        world.send(message).await;
    }
    let ledger = world.get("control/ledger?opaque=a").await;
    assert_eq!(ledger["items"].as_array().unwrap().len(), 2);
    assert_eq!(ledger["counts"]["repeated_opaque"], 1);
    assert_eq!(ledger["counts"]["accepted"], 3);
    let first = world.get("control/ledger?limit=1").await;
    assert_eq!(first["items"][0]["opaque"], "a");
    let rest = world
        .get(&format!("control/ledger?since={}", first["next"]))
        .await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_reset_begins_anew_on_disk_too() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on_disk(folder.path().to_owned(), None).await;
    world.text("gone").await;
    world.wind(60).await;
    world.control("reset", json!({"keep_world": true})).await;
    assert_eq!(world.ledger().await["items"], json!([]));
    let receiver = world.kill();
    let world = World::on_disk(folder.path().to_owned(), Some(receiver)).await;
    assert_eq!(world.ledger().await["items"], json!([]));
    assert_eq!(world.get("control/clock").await["offset_ms"], 0);
    let app = world.get("control/world").await["apps"][0].clone();
    assert!(app["callback_url"].is_string(), "what was set up is kept");
    let after = world.control("reset", json!({})).await;
    assert_eq!(after["apps"][0]["callback_url"], Value::Null);
    assert_eq!(after["persons"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn the_clock_goes_forwards_only() {
    let world = World::start().await;
    let (status, _) = world
        .try_control("clock", json!({"set": "2020-01-01T00:00:00Z"}))
        .await;
    assert_eq!(status, 409);
    let (status, _) = world.try_control("clock", json!({"advance_s": -1})).await;
    assert_eq!(status, 409);
    let clock = world
        .control("clock", json!({"set": "2030-01-01T00:00:00Z"}))
        .await;
    assert!(
        clock["now"]
            .as_str()
            .unwrap()
            .starts_with("2030-01-01T00:00:0"),
        "{clock}"
    );
    assert_eq!(
        world.try_control("clock", json!({"advance": 1})).await.0,
        400,
        "unknown fields are refused"
    );
}

#[tokio::test]
async fn control_and_phone_are_for_this_machine() {
    let world = World::start().await;
    for (name, value) in [
        ("host", "sandbox.example.com"),
        ("origin", "https://evil.example.com"),
    ] {
        let request = world
            .client
            .get(format!("{}/control/world", world.url))
            .header(name, value);
        assert_eq!(answer(request).await.0, 403, "{name}");
    }
    let request = world
        .client
        .get(format!("{}/control/world", world.url))
        .header("origin", "http://localhost:5173");
    assert_eq!(answer(request).await.0, 200);
    drop::<Option<Receiver>>(None);
}
