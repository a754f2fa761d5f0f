//! What must not go wrong with any provider: strangers at the door, dead keys, haste, lost answers, a move.

use serde_json::{Value, json};

use crate::numbers::{DIALOG360, Desk, Kit, WAHA, connecting};
use crate::world::{By, DANA, Plan, eventually, id};

/// As the provider would write it, but for the proof.
const STRANGE: &[u8] =
    br#"{"event": "message", "session": "default", "payload": {"body": "the-forger-was-here"}}"#;

pub(super) async fn whoever_is_not_the_provider_is_refused(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open(plan, kit).await;
    let card = desk.card().await;
    let url = card["webhook"]["url"].as_str().unwrap();
    let path = url
        .strip_prefix(&desk.world.url)
        .unwrap()
        .split('?')
        .next()
        .unwrap();
    let post = async |headers: &[(&str, &str)]| {
        let body = Some(STRANGE.to_vec());
        desk.world
            .send(&By::Nobody, "POST", path, headers, body)
            .await
    };
    post(&[]).await.refused(401, "signature_missing");
    post(&[kit.forged]).await.refused(401, "signature_invalid");
    post(&[(kit.forged.0, "x")])
        .await
        .refused(401, "signature_invalid");
    post(&[kit.forged, kit.forged])
        .await
        .refused(401, "signature_missing");
    // An address of nobody's, and one of another provider's.
    for strange in [
        format!("/webhooks/{}/conn_0123456789abcdefghjkmnpqrs", kit.provider),
        path.replace(kit.provider, if kit.gateway { "twilio" } else { "waha" }),
    ] {
        let body = Some(STRANGE.to_vec());
        let told = desk
            .world
            .send(&By::Nobody, "POST", &strange, &[kit.forged], body)
            .await;
        assert_eq!(told.status, 404, "{strange}: {told:#?}");
    }
    assert!(!desk.world.holds(b"the-forger-was-here"));
    if !kit.signs {
        return;
    }
    // The sandbox itself signs wrongly once: that one is refused, its repetition is taken, and she is heard once.
    desk.faults(json!([{"id": "forged", "endpoint": "webhook", "wrong_signature": true}]))
        .await;
    desk.person(DANA, "text", json!({"text": "אני זו אני"}))
        .await;
    let hooks = async || {
        desk.world
            .control("GET", "/control/webhooks", Value::Null)
            .await
    };
    eventually("the first tries are turned away", async || {
        let told = hooks().await;
        (told["failed_attempts"].as_i64()? > 0 && told["in_flight"] == 0).then_some(())
    })
    .await;
    assert_eq!(desk.threads().await, Vec::<Value>::new());
    if kit.repeats {
        let thread = eventually("she is heard", async || {
            desk.wind(61).await;
            desk.threads().await.into_iter().next()
        })
        .await;
        assert_eq!(desk.messages(&id(&thread)).await.len(), 1);
    } else {
        assert_eq!(hooks().await["given_up"], 1);
    }
}

pub(super) async fn a_dead_key_waits_for_a_new_one(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open(plan, kit).await;
    let thread = id(&desk.writes(DANA, "שלום").await);
    // A gateway that answers as no provider does says nothing of the key.
    desk.faults(json!([{"id": "proxy", "endpoint": "messages", "answer": "html", "count": 1}]))
        .await;
    let foreign = desk.say_text(&thread, "ראשונה").await;
    desk.becomes(&foreign, "unclear").await;
    assert_eq!(desk.card().await["connected"], true);
    desk.breathe().await;
    // Its own no does.
    let new = json!({"provider": kit.prefix, "phone": kit.phone, "key": "a-new-key"});
    let setup = json!({"gateways": [new]});
    desk.world.control("POST", "/control/setup", setup).await;
    let waiting = desk.say_text(&thread, "מחכה").await;
    let card = desk
        .channel_until("the number is cut off", |card| {
            card["health"]["state"] == "disconnected"
        })
        .await;
    assert_eq!(
        (
            &card["connected"],
            &card["health"]["reason"],
            &card["health"]["waiting"]
        ),
        (&json!(false), &json!("token_invalid"), &json!(1)),
        "{card:#}"
    );
    assert_eq!(desk.message(&waiting).await["delivery"], "queued");
    let more = json!({"kind": "text", "text": "ועוד"});
    let told = desk.send(&thread, more).await;
    let told = told.refused(409, "channel_disconnected");
    assert_eq!(told["sending"]["mends"][0]["code"], "reconnect_channel");
    // With a new key what waited goes, once.
    let change =
        json!({"version": card["version"], "token": kit.token.replace(kit.key(), "a-new-key")});
    let path = desk.path();
    desk.world.patch(&desk.shop.key, &path, change).await.good();
    desk.channel_until("it is whole again", |card| {
        card["health"]["state"] == "ok" && card["connected"] == true
    })
    .await;
    // It goes by itself: the sender looks again every fifteen seconds.
    desk.goes(&waiting, 16).await;
    assert_eq!(desk.said().await, ["מחכה"]);
    assert_eq!(desk.card().await["health"]["waiting"], 0);
}

pub(super) async fn a_late_no_to_an_old_key_is_no_news(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open(plan, kit).await;
    let thread = id(&desk.writes(DANA, "שלום").await);
    let card = desk.card().await;
    let slow =
        json!({"id": "slow", "endpoint": "messages", "status": 401, "delay_ms": 1500, "count": 1});
    desk.faults(json!([slow])).await;
    let message = desk.say_text(&thread, "בדרך").await;
    eventually("the call is under way", async || {
        (desk.message(&message).await["delivery"] == "sending").then_some(())
    })
    .await;
    // Meanwhile a person gives the new key.
    let new = json!({"provider": kit.prefix, "phone": kit.phone, "key": "a-new-key"});
    let setup = json!({"gateways": [new]});
    desk.world.control("POST", "/control/setup", setup).await;
    let token = kit.token.replace(kit.key(), "a-new-key");
    let change = json!({"version": card["version"], "token": token});
    let path = desk.path();
    desk.world.patch(&desk.shop.key, &path, change).await.good();
    let waits = eventually("it is told no", async || {
        let message = desk.message(&message).await;
        message["failure"].is_object().then_some(message)
    })
    .await;
    assert_eq!(waits["failure"]["reason"], "token_invalid");
    assert_eq!(desk.card().await["connected"], true);
    desk.goes(&message, 16).await;
    assert_eq!(desk.said().await, ["בדרך"]);
}

pub(super) async fn too_many_at_once_waits_and_goes_once(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open(plan, kit).await;
    let thread = id(&desk.writes(DANA, "שלום").await);
    let rule = json!([{"id": "busy", "endpoint": "messages", "status": 429, "retry_after": 90, "count": 1}]);
    desk.faults(rule).await;
    let message = desk.say_text(&thread, "לאט").await;
    let waits = eventually("it is told to wait", async || {
        let message = desk.message(&message).await;
        (message["delivery"] == "queued" && message["failure"].is_object()).then_some(message)
    })
    .await;
    let reason = waits["failure"]["reason"].as_str().unwrap();
    assert!(reason.ends_with("rate_limited"), "{waits:#}");
    let until: jiff::Timestamp = waits["waits"]["until"].as_str().unwrap().parse().unwrap();
    let left = until.duration_since(desk.world.now()).as_secs();
    assert!((80..=90).contains(&left), "{left}: {waits:#}");
    desk.wind(60).await;
    let next = desk.say_text(&thread, "ואחריה").await;
    desk.wind(31).await;
    let arrived = desk.becomes(&message, "delivered").await;
    assert_eq!(
        (&arrived["failure"], &arrived["waits"]),
        (&Value::Null, &Value::Null)
    );
    desk.breathe().await;
    desk.becomes(&next, "delivered").await;
    assert_eq!(desk.said().await, ["לאט", "ואחריה"]);
    // Not before the provider said.
    let accepted = desk.accepted().await;
    let at: jiff::Timestamp = accepted[0]["accepted_at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(at >= until, "{at} is before {until}");
}

pub(super) async fn a_lost_answer_is_never_sent_twice(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open(plan, kit).await;
    let thread = id(&desk.writes(DANA, "שלום").await);
    let lost =
        json!({"id": "lost", "endpoint": "messages", "answer": "drop", "accept": true, "count": 1});
    let silent = json!({"id": "silent", "endpoint": "webhook", "withhold": true});
    desk.faults(json!([lost, silent])).await;
    let message = desk.say_text(&thread, "האם הגיעה?").await;
    desk.becomes(&message, "unclear").await;
    desk.wind(14 * 60).await;
    assert_eq!(
        desk.world.items(&desk.shop.key, "/attention").await,
        Vec::<Value>::new()
    );
    desk.wind(61).await;
    let asked = eventually("a person is asked", async || {
        let items = desk.world.items(&desk.shop.key, "/attention").await;
        (!items.is_empty()).then_some(items)
    })
    .await;
    assert_eq!(
        (&asked[0]["kind"], &asked[0]["message_id"]),
        (&json!("message_unclear"), &json!(message))
    );
    let path = format!("/messages/{message}/settle");
    let settled = desk.post(&path, json!({"as": "sent"})).await.good();
    assert_eq!(settled["delivery"], "accepted");

    // Once more, and now the provider tells of it. Only whoever gives our id back settles it.
    desk.faults(json!([{"id": "lost", "endpoint": "messages", "answer": "drop", "accept": true, "count": 1}]))
        .await;
    let message = desk.say_text(&thread, "וזו?").await;
    if kit.echoes_our_id {
        desk.becomes(&message, "delivered").await;
    } else {
        desk.becomes(&message, "unclear").await;
        desk.wind(16 * 60).await;
        eventually("a person is asked", async || {
            let items = desk.world.items(&desk.shop.key, "/attention").await;
            items
                .iter()
                .any(|item| item["message_id"] == json!(message))
                .then_some(())
        })
        .await;
    }
    // What is said next goes; nothing went twice.
    desk.breathe().await;
    let next = desk.say_text(&thread, "הלאה").await;
    desk.becomes(&next, "delivered").await;
    assert_eq!(desk.said().await, ["האם הגיעה?", "וזו?", "הלאה"]);
}

pub(super) async fn a_number_moves_and_its_conversation_goes_on(plan: Plan) {
    let desk = Desk::open(plan, &WAHA).await;
    let thread = id(&desk.writes(DANA, "שלום").await);
    let before = desk.say_text(&thread, "מהמכשיר").await;
    desk.becomes(&before, "delivered").await;
    // The same number is set up at an official partner.
    let there = json!({"gateways": [{"provider": "360dialog", "phone": WAHA.phone, "account": "200000000000021",
        "key": "the-key-of-the-new-home", "waba": "102030405060702"}]});
    desk.world.control("POST", "/control/setup", there).await;
    let mut to = connecting(&desk.world, &DIALOG360, "business_api", "api");
    to["token"] = "the-key-of-the-new-home".into();
    to["account"] = "200000000000021".into();
    let card = desk.card().await;
    let path = format!("{}/move", desk.path());
    // Not within the second in which she wrote.
    desk.wind(60).await;
    // Another number is another channel.
    let body = json!({"version": card["version"], "to": to});
    let told = desk.post(&path, body).await.refused(422, "other_phone");
    assert_eq!(told["field"], "phone");
    to["phone"] = WAHA.phone.into();
    // Whoever saw an older card looks again.
    let stale = json!({"version": 0, "to": to});
    desk.post(&path, stale)
        .await
        .refused(409, "changed_meanwhile");
    let body = json!({"version": card["version"], "to": to});
    let moved = desk.post(&path, body).await.good();
    assert_eq!(
        (
            &moved["id"],
            &moved["provider"],
            &moved["level"],
            &moved["link"]
        ),
        (
            &json!(desk.channel),
            &json!("360dialog"),
            &json!("business_api"),
            &json!("api")
        )
    );
    assert_eq!(moved["today"], Value::Null);
    desk.channel_until("it is well there", |card| card["health"]["state"] == "ok")
        .await;
    // Its people, leads and messages are where they were.
    let all = desk.threads().await;
    assert_eq!(all.len(), 1);
    assert_eq!(id(&all[0]), thread);
    // What she wrote to the app account opened no window with WhatsApp's own interface.
    assert_eq!(all[0]["window"]["state"], "closed");
    let early = json!({"kind": "text", "text": "מוקדם מדי"});
    desk.send(&thread, early)
        .await
        .refused(409, "window_closed");
    let path = format!("/control/persons/{DANA}/text");
    let body = json!({"number": "200000000000021", "text": "עברתם?"});
    desk.world.control("POST", &path, body).await;
    eventually("she is heard there", async || {
        let all = desk.messages(&thread).await;
        all.iter()
            .any(|message| message["content"]["text"] == "עברתם?")
            .then_some(())
    })
    .await;
    let after = desk.say_text(&thread, "מהבית החדש").await;
    desk.becomes(&after, "delivered").await;
    // The old home is heard no more.
    let body = json!({"number": "waha-972500000021", "text": "לבית הישן"});
    desk.world.control("POST", &path, body).await;
    eventually("the old home is turned away", async || {
        let told = desk
            .world
            .control("GET", "/control/webhooks", Value::Null)
            .await;
        (told["failed_attempts"].as_i64()? > 0).then_some(())
    })
    .await;
    assert_eq!(desk.messages(&thread).await.len(), 4);
    let path = format!("/control/ledger?provider={}", "360dialog");
    let ledger = desk.world.control("GET", &path, Value::Null).await;
    assert_eq!(ledger["items"].as_array().unwrap().len(), 1, "{ledger:#}");
    assert_eq!(desk.said().await, ["מהמכשיר"]);
    let leads = desk.world.items(&desk.shop.key, "/leads").await;
    assert_eq!(leads.len(), 1, "{leads:#?}");
}
