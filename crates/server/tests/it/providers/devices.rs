//! What a linked device must do: WAHA, Green API, Evolution, wuzapi.

use serde_json::{Value, json};

use super::{examples, files, the_files_arrived, the_photo_is_kept};
use crate::bad_input::PIXEL;
use crate::numbers::{Desk, Kit, beside, connecting};
use crate::world::{DANA, Plan, eventually, id};

pub(super) async fn a_device_is_linked_and_checked(plan: Plan, kit: &'static Kit) {
    let (world, shop) = beside(plan).await;
    let out = json!({"provider": kit.prefix, "to": "logged_out"});
    world.control("POST", "/control/link", out).await;
    // Nobody is connected who has not read the warnings.
    let mut unread = connecting(&world, kit, "business_app", "gateway_two_way");
    unread["accept_risk"] = false.into();
    let told = world.post(&shop.key, "/channels", unread).await;
    assert_eq!(
        told.refused(422, "risk_not_accepted")["field"],
        "accept_risk"
    );
    let desk = Desk::connected(world, shop, kit, "business_app", "gateway_two_way").await;
    let card = desk.card().await;
    assert_eq!(card["verified"], false);
    let linking = format!("{}/link", desk.path());
    // The QR code is shown as soon as the provider has started.
    let shown = eventually("there is a QR code", async || {
        let told = desk.post(&linking, json!({"method": "qr"})).await;
        let told = (told.status == 200).then_some(told.body)?;
        let drawn = told["qr"].is_string() || told["qr_png"].is_string();
        (told["state"] != "linked" && drawn).then_some(told)
    })
    .await;
    assert_eq!(shown["code"], Value::Null);
    let typed = json!({"method": "code", "phone": kit.phone});
    let typed = eventually("there is a pairing code", async || {
        let told = desk.post(&linking, typed.clone()).await;
        let told = (told.status == 200).then_some(told.body)?;
        told["code"].is_string().then_some(told)
    })
    .await;
    assert!(typed["code"].as_str().unwrap().len() >= 8, "{typed}");
    let waits = desk.world.get(&desk.shop.key, &linking).await;
    assert!(
        matches!(waits["state"].as_str(), Some("awaiting_code" | "unlinked")),
        "{waits}"
    );
    // Nothing is taken for a number that is not linked.
    let thread = desk.thread_of(DANA).await;
    let text = json!({"kind": "text", "text": "שלום"});
    let told = desk
        .send(&thread, text)
        .await
        .refused(409, "number_unlinked");
    assert_eq!(told["sending"]["mends"][0]["code"], "link_again");

    // The phone scans: the provider tells, and the warm-up begins.
    desk.link_becomes("linked").await;
    let card = desk
        .channel_until("it is linked", |card| card["linking"]["state"] == "linked")
        .await;
    assert_eq!(card["health"]["state"], "ok");
    assert_eq!(
        (&card["today"]["cap"], &card["today"]["warm_up"]["day"]),
        (&json!(20), &json!(1)),
        "{card:#}"
    );
    desk.channel_until("its last event has an age", |card| {
        card["linking"]["last_event_at"].is_string()
    })
    .await;
    desk.wind(4 * 24 * 3600).await;
    let card = desk.card().await;
    assert_eq!(
        (&card["today"]["cap"], &card["today"]["warm_up"]["day"]),
        (&json!(50), &json!(5)),
        "{card:#}"
    );
    let checks = desk
        .post(&format!("{}/check", desk.path()), json!({}))
        .await;
    let checks = checks.good();
    for check in checks["checks"].as_array().unwrap() {
        assert_eq!(check["state"], "ok", "{checks:#}");
    }
    // It is removed on the phone: the card says so, and a new link begins a new warm-up.
    desk.link_becomes("logged_out").await;
    desk.channel_until("the link is gone", |card| {
        matches!(
            card["linking"]["state"].as_str(),
            Some("unlinked" | "starting" | "awaiting_code")
        )
    })
    .await;
    desk.link_becomes("linked").await;
    let card = desk
        .channel_until("it is linked again", |card| {
            card["linking"]["state"] == "linked"
        })
        .await;
    assert_eq!(card["today"]["cap"], 20, "{card:#}");
    // And by us: the account forgets us.
    let path = format!("{}/link", desk.path());
    let ended = desk
        .world
        .send(&desk.shop.key, "DELETE", &path, &[], None)
        .await;
    assert_eq!(ended.status, 204, "{ended:#?}");
    let card = desk.card().await;
    assert_ne!(card["linking"]["state"], "linked", "{card:#}");
}

pub(super) async fn a_device_says_what_it_can(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open(plan, kit).await;
    let sync = json!({"channel_id": desk.shop.channel_id});
    desk.post("/templates/sync", sync).await.good();
    let thread = id(&desk.writes(DANA, "מה המחיר?").await);
    let mut said = vec![desk.say_text(&thread, "שלום דנה, 120 ש״ח").await];
    let told = desk.becomes(&said[0], "delivered").await;
    assert!(told["receipts"]["delivered_at"].is_string(), "{told:#}");
    desk.dana_reads().await;
    for content in files(&desk).await {
        desk.becomes(said.last().unwrap(), "read").await;
        desk.breathe().await;
        said.push(desk.say(&thread, content).await);
    }
    let place = json!({"kind": "location", "latitude": 32.08, "longitude": 34.78, "name": "המשרד"});
    desk.becomes(said.last().unwrap(), "read").await;
    desk.breathe().await;
    said.push(desk.say(&thread, place).await);
    for message in &said {
        let message = desk.becomes(message, "read").await;
        for receipt in ["accepted_at", "read_at"] {
            assert!(message["receipts"][receipt].is_string(), "{message:#}");
        }
    }
    let accepted = desk.accepted().await;
    let kinds: Vec<&str> = accepted
        .iter()
        .map(|item| item["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["text", "image", "document", "location"],
        "{accepted:#?}"
    );
    assert_eq!(accepted[0]["text"], "שלום דנה, 120 ש״ח");
    the_files_arrived(&accepted);

    // What a linked device has no words for, and who has.
    let template = desk
        .world
        .items(&desk.shop.key, "/templates")
        .await
        .remove(0);
    let filled = json!({"kind": "template", "template_id": template["id"], "variables": examples(&template)});
    let buttons = json!({"kind": "interactive", "body": "מתאים?",
        "action": {"type": "buttons", "buttons": [{"id": "yes", "title": "כן"}]}});
    for content in [filled, buttons] {
        let told = desk
            .send(&thread, content)
            .await
            .refused(409, "content_forbidden");
        assert_eq!(
            told["sending"]["levels"],
            json!(["business_api"]),
            "{told:#}"
        );
        assert_eq!(told["sending"]["mends"][0]["code"], "send_as_text");
    }
    assert_eq!(desk.accepted().await.len(), 4);
}

pub(super) async fn a_device_hears_people_and_its_own_phone(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open(plan, kit).await;
    let thread = desk.writes(DANA, "שלום, יש לכם מקום מחר?").await;
    assert_eq!(thread["contact"]["phone"], format!("+{DANA}"));
    assert_eq!(thread["contact"]["profile_name"], "דנה לדוגמה");
    assert_eq!(thread["lead"]["source"]["kind"], "whatsapp");
    let thread = id(&thread);
    the_photo_is_kept(&desk, &thread).await;
    // Somebody at the business answers on the phone itself.
    let typed = json!({"provider": kit.prefix, "to": DANA, "text": "כן, בעשר"});
    desk.world.control("POST", "/control/typed", typed).await;
    let echo = eventually("what was typed is here", async || {
        let all = desk.messages(&thread).await;
        all.into_iter()
            .find(|message| message["content"]["text"] == "כן, בעשר")
    })
    .await;
    assert_eq!(
        (&echo["direction"], &echo["author"]["kind"]),
        (&json!("out"), &json!("phone"))
    );
    // It counts against the day, and is no submission of ours.
    desk.channel_until("it is counted", |card| card["today"]["sent_24h"] == 1)
        .await;
    assert_eq!(desk.accepted().await, Vec::<Value>::new());
    // Her answer to what we say by hand arrives, once.
    desk.breathe().await;
    let ours = desk.say_text(&thread, "שריינתי לך").await;
    desk.becomes(&ours, "delivered").await;
    desk.writes(DANA, "תודה!").await;
    let all = desk.messages(&thread).await;
    assert_eq!(all.len(), 5, "{all:#?}");
    assert_eq!(desk.card().await["today"]["sent_24h"], 2);
}

pub(super) async fn one_way_keeps_nothing_of_what_is_said(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open_as(plan, kit, "gateway_one_way").await;
    let (secret, whispered, typed) = (
        "the-orchid-blooms-at-dawn",
        "the-heron-sleeps-at-noon",
        "the-lantern-burns-at-dusk",
    );
    let thread = desk.thread_of(DANA).await;
    let ours = desk.say_text(&thread, "שלום דנה, חזרנו אליך").await;
    desk.becomes(&ours, "delivered").await;
    // Her answer, a picture of hers, what is typed on the phone, and somebody whom nobody knows.
    desk.person(DANA, "text", json!({"text": secret})).await;
    desk.world
        .photo_to(kit.phone, DANA, "image/png", PIXEL)
        .await;
    let body = json!({"provider": kit.prefix, "to": DANA, "text": typed});
    desk.world.control("POST", "/control/typed", body).await;
    desk.person("972500000013", "text", json!({"text": whispered}))
        .await;
    let events = eventually("that she answered is known", async || {
        let all = desk.world.items(&desk.shop.key, "/events?limit=200").await;
        let told = all
            .iter()
            .filter(|event| event["kind"] == "conversation.answered");
        (told.count() >= 2).then_some(all)
    })
    .await;
    desk.channel_until("what was typed counts", |card| {
        card["today"]["sent_24h"] == 2
    })
    .await;
    desk.world.applied(&desk.shop).await;
    // Only that, of whom and when.
    let answered = events
        .iter()
        .find(|event| event["kind"] == "conversation.answered");
    assert_eq!(answered.unwrap()["facts"], json!({"opt_out": "false"}));
    assert_eq!(desk.messages(&thread).await.len(), 1);
    assert_eq!(desk.threads().await.len(), 1, "a stranger makes no thread");
    let contacts = desk.world.items(&desk.shop.key, "/contacts").await;
    assert_eq!(contacts.len(), 1, "{contacts:#?}");
    assert_eq!(
        desk.world.items(&desk.shop.key, "/quarantine").await.len(),
        0
    );
    for words in [secret, whispered, typed] {
        assert!(
            !desk.world.holds(words.as_bytes()),
            "{words} is in the database"
        );
    }
    // The look itself sees what is there.
    assert!(desk.world.holds("שלום דנה, חזרנו אליך".as_bytes()));

    // A wish to be left alone is heard all the same, and stops mailings.
    desk.person(DANA, "text", json!({"text": "הסר"})).await;
    let contact = format!("/contacts/{}", id(&contacts[0]));
    eventually("her wish is known", async || {
        let contact = desk.world.get(&desk.shop.key, &contact).await;
        (contact["marketing"]["state"] == "opted_out").then_some(())
    })
    .await;
    let mailing = json!({"channel_id": desk.channel, "name": "מבצע", "text": "שלום",
        "to": {"contact_ids": [contacts[0]["id"]]}});
    desk.post("/campaigns", mailing)
        .await
        .refused(422, "nobody_to_write_to");
    let path = format!("/conversations/{thread}/messages");
    let body = json!({"content": {"kind": "text", "text": "x"}, "purpose": "mailing"});
    desk.post(&path, body).await.refused(409, "opted_out");
}

pub(super) async fn a_number_that_is_held_back_waits(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open(plan, kit).await;
    let known = id(&desk.writes(DANA, "שלום").await);
    let stranger = desk.thread_of("972500000011").await;
    desk.link_becomes("timelocked").await;
    // Whoever has written may be answered.
    let answer = desk.say_text(&known, "שלום דנה").await;
    desk.becomes(&answer, "delivered").await;
    desk.breathe().await;
    // A first word to somebody new is refused by WhatsApp, or waits where the provider has told of it before: the
    // number is held back, and no second one is tried.
    let first = desk.say_text(&stranger, "היי, כאן לדוגמה").await;
    let card = desk
        .channel_until("it is held back", |card| {
            card["linking"]["state"] == "restricted"
        })
        .await;
    assert_eq!(card["risk"]["level"], "high", "{card:#}");
    let signals = card["risk"]["signals"].as_array().unwrap();
    assert!(
        signals.iter().any(|signal| signal["code"] == "held_back"),
        "{card:#}"
    );
    // A number at high risk has a quarter of its day.
    assert_eq!(card["today"]["cap"], 5, "{card:#}");
    let until: jiff::Timestamp = card["linking"]["restricted_until"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let waits = eventually("the first word waits", async || {
        let message = desk.message(&first).await;
        let told = &message["waits"]["reason"]["code"];
        let failed = &message["failure"]["reason"];
        (told == "number_restricted" || failed == "reach_out_locked").then_some(message)
    })
    .await;
    assert_eq!(waits["delivery"], "queued", "{waits:#}");
    // Another first word waits before it is tried; after a refusal everything rests for a minute.
    desk.wind(61).await;
    let other = desk.thread_of("972500000013").await;
    let second = desk.say_text(&other, "גם לך").await;
    let waits = eventually("it waits for the number", async || {
        let message = desk.message(&second).await;
        (message["waits"]["reason"]["code"] == "number_restricted").then_some(message)
    })
    .await;
    assert_eq!(waits["failure"], Value::Null);
    // It ends, and each goes once.
    let left = until.duration_since(desk.world.now()).as_secs();
    desk.wind(left + 60).await;
    for message in [first, second] {
        desk.goes(&message, 30).await;
    }
    let mut said = desk.said().await;
    said.sort();
    assert_eq!(said, ["גם לך", "היי, כאן לדוגמה", "שלום דנה"]);
    // Shut out for good, nothing is taken any more.
    desk.link_becomes("banned").await;
    desk.channel_until("it is known", |card| card["linking"]["state"] != "linked")
        .await;
    let told = desk
        .send(&known, json!({"kind": "text", "text": "שלום?"}))
        .await;
    assert_eq!(told.status, 409);
    let code = told.body["code"].as_str().unwrap();
    assert!(
        matches!(code, "number_banned" | "number_unlinked"),
        "{code}"
    );
}
