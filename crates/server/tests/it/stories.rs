//! The main job, end to end, with a pretend WhatsApp on the other side.

use std::time::{Duration, Instant};

use domain::access::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::world::{DANA, Plan, Shop, World, eventually, id};

on_both!(
    a_message_is_a_lead_within_a_second,
    an_answer_is_accepted_sent_delivered_and_read,
    a_closed_window_a_template_and_an_open_window,
    a_lost_answer_is_settled_by_its_statuses,
    an_unclear_message_without_news_is_asked_about,
    limits_wait_and_lose_nothing,
    an_expired_token_waits_for_a_new_one,
    a_stop_of_marketing_stops_marketing,
    a_pause_of_a_template_is_read_from_the_provider,
    a_file_goes_out_and_a_reaction_comes_back,
);

async fn open(plan: Plan) -> (World, Shop) {
    let world = plan.with_sandbox().open().await;
    let shop = world.shop().await;
    (world, shop)
}

/// Dana writes; answers her conversation.
async fn dana_writes(world: &World, shop: &Shop, words: &str) -> Value {
    world.person(DANA, "text", json!({"text": words})).await;
    eventually("her message is here", async || {
        let threads = world.items(&shop.key, "/conversations").await;
        threads
            .into_iter()
            .find(|thread| thread["last_message"]["text"] == words)
    })
    .await
}

async fn faults(world: &World, rules: Value) {
    world
        .control("PUT", "/control/faults", json!({"rules": rules}))
        .await;
}

/// What the provider has accepted, whoever asked.
async fn ledger(world: &World) -> Value {
    world.control("GET", "/control/ledger", Value::Null).await
}

async fn template(world: &World, shop: &Shop, name: &str) -> Value {
    let path = format!("/templates?search={name}");
    let found = world.items(&shop.key, &path).await;
    found
        .into_iter()
        .find(|template| template["name"] == name && template["language"] == "he")
        .unwrap()
}

/// Fills a template with its own examples.
fn filled(template: &Value) -> Value {
    let variables = template["variables"].as_array().unwrap().iter();
    let variables: Vec<Value> = variables
        .map(|variable| json!({"key": variable["key"], "value": variable["example"]}))
        .collect();
    json!({"content": {"kind": "template", "template_id": template["id"], "variables": variables}})
}

async fn sync(world: &World, shop: &Shop) {
    let body = json!({"channel_id": shop.channel_id});
    let read = world.post(&shop.key, "/templates/sync", body).await.good();
    assert!(read["items"].as_i64().unwrap() >= 6, "{read}");
}

async fn a_message_is_a_lead_within_a_second(plan: Plan) {
    let (world, shop) = open(plan).await;
    // The quickest of three: this machine has other work as well.
    let mut quickest = Duration::MAX;
    for person in [DANA, "972500000011", "972500000012"] {
        let words = format!("שלום, ראיתי את המודעה שלכם ({person})");
        let began = Instant::now();
        world
            .person(person, "text", json!({"text": words, "referral": true}))
            .await;
        let lead = eventually("there is a lead", async || {
            let threads = world.items(&shop.key, "/conversations").await;
            let thread = threads
                .into_iter()
                .find(|thread| thread["last_message"]["text"] == words)?;
            thread["lead"].is_object().then_some(thread)
        })
        .await;
        quickest = quickest.min(began.elapsed());
        assert_eq!(lead["lead"]["source"]["kind"], "whatsapp_ad");
        assert_eq!(lead["contact"]["phone"], format!("+{person}"));
        assert!(
            lead["contact"]["profile_name"]
                .as_str()
                .unwrap()
                .contains(char::is_alphabetic)
        );
        assert_eq!(
            (&lead["window"]["state"], &lead["unread_count"]),
            (&json!("open"), &json!(1))
        );
    }
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
    let counts = world
        .get(shop.a(Role::Agent), "/conversations/counts")
        .await;
    assert_eq!(
        counts,
        json!({"mine": 0, "unassigned": 3, "waiting": 3, "all": 3})
    );
    // Its story is told, newest first.
    let lead = id(&world.items(&shop.key, "/leads").await[0]);
    let timeline = world
        .items(&shop.key, &format!("/leads/{lead}/timeline"))
        .await;
    let kinds: Vec<_> = timeline
        .iter()
        .map(|item| item["kind"].as_str().unwrap())
        .collect();
    assert!(
        kinds.contains(&"lead.created") && kinds.contains(&"message.received"),
        "{kinds:?}"
    );
}

async fn an_answer_is_accepted_sent_delivered_and_read(plan: Plan) {
    let (world, shop) = open(plan).await;
    let slow = json!({"settings": {"sent_ms": 60_000, "delivered_ms": 60_000}});
    world.control("POST", "/control/setup", slow).await;
    let thread = id(&dana_writes(&world, &shop, "שלום").await);
    let agent = shop.a(Role::Agent);
    let path = format!("/conversations/{thread}/messages");
    let content = json!({"content": {"kind": "text", "text": "שלום דנה, במה אפשר לעזור?"}});
    let answer = world.post(agent, &path, content).await;
    assert_eq!(answer.status, 202);
    let answer = answer.good();
    assert!(matches!(
        answer["delivery"].as_str(),
        Some("queued" | "sending" | "accepted")
    ));
    assert_eq!(
        (&answer["author"]["kind"], &answer["author"]["name"]),
        (&json!("user"), &json!("Agent"))
    );
    let message = id(&answer);
    world.delivered_as(&shop, &message, "accepted").await;
    world.wind(&shop, SignedDuration::from_secs(61)).await;
    world.delivered_as(&shop, &message, "sent").await;
    world.wind(&shop, SignedDuration::from_secs(61)).await;
    let delivered = world.delivered_as(&shop, &message, "delivered").await;
    assert_eq!(delivered["pricing"]["category"], "service");
    world.person(DANA, "open", json!({"open": true})).await;
    let read = world.delivered_as(&shop, &message, "read").await;
    let receipts = read["receipts"].as_object().unwrap();
    let told: Vec<_> = receipts.keys().map(String::as_str).collect();
    assert_eq!(told, ["accepted_at", "delivered_at", "read_at", "sent_at"]);
    assert_eq!(
        world.conversation(&shop).await["last_message"]["delivery"],
        "read"
    );
    // What we have read, she sees as read; what came after it stays unread.
    let last = world.items(&shop.key, &path).await.pop().unwrap();
    dana_writes(&world, &shop, "ועוד משהו").await;
    assert_eq!(world.conversation(&shop).await["unread_count"], 2);
    let first = json!({"up_to": last["id"]});
    world
        .post(agent, &format!("/conversations/{thread}/read"), first)
        .await
        .good();
    assert_eq!(world.conversation(&shop).await["unread_count"], 1);
    let last = world.items(&shop.key, &path).await.remove(0);
    let up_to = json!({"up_to": last["id"]});
    world
        .post(agent, &format!("/conversations/{thread}/read"), up_to)
        .await
        .good();
    assert_eq!(world.conversation(&shop).await["unread_count"], 0);
    eventually("her ticks are blue", async || {
        let path = format!("/phone/api/chats/{DANA}/{}", crate::world::NUMBER);
        let chat = world.control("GET", &path, Value::Null).await;
        (chat["messages"][0]["ticks"] == "read").then_some(())
    })
    .await;
    assert_eq!(ledger(&world).await["counts"]["accepted"], 1);
}

async fn a_closed_window_a_template_and_an_open_window(plan: Plan) {
    let (world, shop) = open(plan).await;
    sync(&world, &shop).await;
    let thread = id(&dana_writes(&world, &shop, "שלום").await);
    let path = format!("/conversations/{thread}/messages");
    let text = json!({"content": {"kind": "text", "text": "עוד כאן?"}});
    // One that waits for its time is refused when the window will have closed by then.
    let later = (world.now() + SignedDuration::from_hours(30)).to_string();
    let too_late = json!({"content": {"kind": "text", "text": "מחר"}, "send_at": later});
    world
        .post(&shop.key, &path, too_late)
        .await
        .refused(409, "window_closed");
    world.wind(&shop, SignedDuration::from_hours(25)).await;
    let closed = world.conversation(&shop).await;
    assert_eq!(closed["window"]["state"], "closed");
    let problem = world
        .post(&shop.key, &path, text.clone())
        .await
        .refused(409, "window_closed");
    assert_eq!(problem["sending"]["reason"]["code"], "window_closed");
    assert_eq!(
        problem["sending"]["reason"]["params"]["closed_at"],
        closed["window"]["expires_at"]
    );
    let mends: Vec<_> = problem["sending"]["mends"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mend| &mend["code"])
        .collect();
    assert!(mends.contains(&&json!("choose_template")), "{problem:#}");
    let ask = json!({"conversation_id": thread, "content": {"kind": "text", "text": ""}});
    let decision = world
        .post(&shop.key, "/decisions", ask.clone())
        .await
        .good();
    assert_eq!(
        (&decision["verdict"], &decision["reason"]["code"]),
        (&json!("refused"), &json!("window_closed"))
    );
    // Nothing was written.
    assert_eq!(world.items(&shop.key, &path).await.len(), 1);
    // An approved template goes; how it reads stands in the thread.
    let welcome = template(&world, &shop, "lead_welcome").await;
    assert_eq!(
        (&welcome["sendable"], &welcome["category"]),
        (&json!(true), &json!("utility"))
    );
    // What is still to be filled in does not decide whether it may go.
    let blank = json!({"kind": "template", "template_id": welcome["id"]});
    let blank = json!({"conversation_id": thread, "content": blank});
    let decision = world.post(&shop.key, "/decisions", blank).await.good();
    assert_eq!(decision["verdict"], "now");
    let sent = world.post(&shop.key, &path, filled(&welcome)).await.good();
    let body = sent["content"]["rendered"]["body"].as_str().unwrap();
    assert!(body.contains("דנה") && !body.contains("{{"), "{body}");
    world.delivered_as(&shop, &id(&sent), "delivered").await;
    assert_eq!(world.conversation(&shop).await["window"]["state"], "closed");
    // Her tap on its button opens the window again.
    let chat = format!("/phone/api/chats/{DANA}/{}", crate::world::NUMBER);
    let chat = world.control("GET", &chat, Value::Null).await;
    let card = chat["messages"].as_array().unwrap().last().unwrap();
    world
        .person(DANA, "press", json!({"message_id": card["id"], "index": 0}))
        .await;
    eventually("the window is open", async || {
        (world.conversation(&shop).await["window"]["state"] == "open").then_some(())
    })
    .await;
    // WhatsApp tells whole seconds, so that a tap may stand before what was sent within the same second.
    let all = world.items(&shop.key, &path).await;
    let tap = all
        .iter()
        .find(|message| message["content"]["kind"] == "button_reply")
        .unwrap();
    assert_eq!(tap["reply_to"]["message_id"], sent["id"]);
    let free = world.post(&shop.key, &path, text).await.good();
    world.delivered_as(&shop, &id(&free), "delivered").await;
    let decision = world.post(&shop.key, "/decisions", ask).await.good();
    assert_eq!(
        (&decision["verdict"], &decision["reason"]["code"]),
        (&json!("now"), &json!("window_open"))
    );
    // She had one open lead all along.
    assert_eq!(world.items(&shop.key, "/leads").await.len(), 1);
    // Variables that are missing are named.
    let bare = json!({"content": {"kind": "template", "template_id": welcome["id"]}});
    let problem = world.post(&shop.key, &path, bare).await;
    assert_eq!(problem.status, 422, "{problem:#?}");
    assert!(
        problem.body["field"]
            .as_str()
            .unwrap()
            .starts_with("content.variables"),
        "{problem:#?}"
    );
}

async fn a_lost_answer_is_settled_by_its_statuses(plan: Plan) {
    let (world, shop) = open(plan).await;
    let slow = json!({"settings": {"sent_ms": 60_000}});
    world.control("POST", "/control/setup", slow).await;
    let thread = id(&dana_writes(&world, &shop, "שלום").await);
    faults(&world, json!([{"id": "lost", "endpoint": "messages", "answer": "drop", "accept": true, "count": 1}])).await;
    let message = id(&world.say(&shop, &thread, "נשלח או לא?").await);
    let unclear = world.delivered_as(&shop, &message, "unclear").await;
    assert_eq!(unclear["receipts"], json!({}));
    // Meanwhile others wait behind nothing: the next one goes.
    let next = id(&world.say(&shop, &thread, "ועוד אחת").await);
    world.delivered_as(&shop, &next, "accepted").await;
    world.wind(&shop, SignedDuration::from_secs(61)).await;
    world.delivered_as(&shop, &message, "delivered").await;
    world.delivered_as(&shop, &next, "delivered").await;
    let ledger = ledger(&world).await;
    assert_eq!(
        (
            &ledger["counts"]["accepted"],
            &ledger["counts"]["repeated_opaque"]
        ),
        (&json!(2), &json!(0))
    );
    // Nobody is asked about what is settled.
    world.wind(&shop, SignedDuration::from_mins(20)).await;
    dana_writes(&world, &shop, "קיבלתי").await;
    assert_eq!(
        world.items(&shop.key, "/attention").await,
        Vec::<Value>::new()
    );
}

async fn an_unclear_message_without_news_is_asked_about(plan: Plan) {
    let (world, shop) = open(plan).await;
    let thread = id(&dana_writes(&world, &shop, "שלום").await);
    let rules = json!([
        {"id": "lost", "endpoint": "messages", "answer": "drop", "count": 2},
        {"id": "silent", "endpoint": "webhook", "type": "status", "withhold": true}
    ]);
    faults(&world, rules).await;
    let mut asked = Vec::new();
    for words in ["ראשונה", "שנייה"] {
        let message = id(&world.say(&shop, &thread, words).await);
        world.delivered_as(&shop, &message, "unclear").await;
        asked.push(message);
    }
    // What may have left cannot be called back.
    let path = format!("/messages/{}/cancel", asked[0]);
    let answer = world.post(&shop.key, &path, json!({})).await;
    assert_eq!(answer.status, 409, "{answer:#?}");
    world.wind(&shop, SignedDuration::from_mins(16)).await;
    let items = eventually("a person is asked", async || {
        let items = world.items(&shop.key, "/attention").await;
        (items.len() == 2).then_some(items)
    })
    .await;
    assert!(
        items.iter().all(|item| item["kind"] == "message_unclear"),
        "{items:#?}"
    );
    let settle = async |message: &str, fate: &str| {
        let path = format!("/messages/{message}/settle");
        world
            .post(shop.a(Role::Agent), &path, json!({"as": fate}))
            .await
    };
    let sent = settle(&asked[0], "sent").await.good();
    assert_eq!(sent["delivery"], "accepted");
    let path = format!("/messages/{}/resend", asked[0]);
    world
        .post(&shop.key, &path, json!({}))
        .await
        .refused(409, "still_under_way");
    let not_sent = settle(&asked[1], "not_sent").await.good();
    assert!(
        matches!(not_sent["delivery"].as_str(), Some("failed" | "refused")),
        "{not_sent:#}"
    );
    assert_eq!(settle(&asked[0], "not_sent").await.status, 409);
    assert_eq!(
        settle(&asked[0], "maybe").await.refused(422, "bad_value")["field"],
        "as"
    );
    // What was not sent is sent again as a new message that names the old.
    let path = format!("/messages/{}/resend", asked[1]);
    let again = world
        .post(shop.a(Role::Agent), &path, json!({}))
        .await
        .good();
    assert_eq!(again["resend_of"], json!(asked[1]));
    world.delivered_as(&shop, &id(&again), "accepted").await;
    let old = world
        .get(&shop.key, &format!("/messages/{}", asked[1]))
        .await;
    assert_eq!(old["resent_as"], again["id"]);
    assert_eq!(ledger(&world).await["counts"]["accepted"], 1);
}

async fn limits_wait_and_lose_nothing(plan: Plan) {
    let (world, shop) = open(plan).await;
    let thread = id(&dana_writes(&world, &shop, "שלום").await);
    world
        .person("972500000011", "text", json!({"text": "גם אני"}))
        .await;
    let other = eventually("he has written too", async || {
        let threads = world.items(&shop.key, "/conversations").await;
        threads
            .iter()
            .find(|thread| thread["contact"]["phone"] == "+972500000011")
            .map(id)
    })
    .await;
    let rules = json!([
        {"id": "pair", "endpoint": "messages", "to": DANA, "error": 131_056, "count": 2},
        {"id": "busy", "endpoint": "messages", "to": "972500000011", "error": 130_429, "count": 2},
        {"id": "broken", "endpoint": "messages", "type": "location", "status": 503, "body": "no", "count": 1}
    ]);
    faults(&world, rules).await;
    let mut sent = Vec::new();
    for nth in 0..3 {
        sent.push((
            id(&world.say(&shop, &thread, &format!("{nth}")).await),
            format!("{nth}"),
        ));
        sent.push((
            id(&world.say(&shop, &other, &format!("{nth}")).await),
            format!("{nth}"),
        ));
    }
    for (message, _) in &sent {
        let arrived = eventually("each arrives", async || {
            let now = world.get(&shop.key, &format!("/messages/{message}")).await;
            (now["delivery"] == "delivered").then_some(now)
        })
        .await;
        assert_eq!(arrived["failure"], Value::Null, "{arrived:#}");
    }
    let ledger = ledger(&world).await;
    assert_eq!(
        (
            &ledger["counts"]["accepted"],
            &ledger["counts"]["repeated_opaque"]
        ),
        (&json!(6), &json!(0))
    );
    assert_eq!(
        ledger["counts"]["refused"],
        json!({"131056": 2, "130429": 2})
    );
    // To each person in the order in which it was said.
    for to in [DANA, "972500000011"] {
        let all = ledger["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["to"] == to);
        let said: Vec<_> = all
            .map(|item| item["payload"]["text"]["body"].as_str().unwrap())
            .collect();
        assert_eq!(said, ["0", "1", "2"], "{to}");
    }
}

async fn an_expired_token_waits_for_a_new_one(plan: Plan) {
    let (world, shop) = open(plan).await;
    let thread = id(&dana_writes(&world, &shop, "שלום").await);
    faults(
        &world,
        json!([{"id": "expired", "endpoint": "graph", "error": 190}]),
    )
    .await;
    let message = id(&world.say(&shop, &thread, "מחכה").await);
    let path = format!("/channels/{}", shop.channel_id);
    let channel = eventually("the channel is cut off", async || {
        let channel = world.get(&shop.key, &path).await;
        (channel["health"]["state"] == "disconnected").then_some(channel)
    })
    .await;
    assert_eq!(
        (&channel["connected"], &channel["health"]["reason"]),
        (&json!(false), &json!("token_invalid"))
    );
    assert_eq!(channel["health"]["waiting"], 1);
    assert_eq!(
        world.get(&shop.key, &format!("/messages/{message}")).await["delivery"],
        "queued"
    );
    // A new one is refused at once, with what mends it.
    let said = json!({"content": {"kind": "text", "text": "ועוד"}});
    let messages = format!("/conversations/{thread}/messages");
    let problem = world
        .post(&shop.key, &messages, said)
        .await
        .refused(409, "channel_disconnected");
    assert_eq!(problem["sending"]["mends"][0]["code"], "reconnect_channel");
    let events = world.items(&shop.key, "/events?limit=200").await;
    assert!(
        events
            .iter()
            .any(|event| event["kind"] == "channel.changed"),
        "{events:#?}"
    );
    // With a new token what waited goes by itself, once.
    world.control("DELETE", "/control/faults", json!({})).await;
    let setup = json!({"apps": [{"id": crate::world::META_APP, "tokens": ["a-new-token"]}]});
    world.control("POST", "/control/setup", setup).await;
    let change = json!({"version": channel["version"], "token": "a-new-token"});
    let channel = world.patch(shop.a(Role::Admin), &path, change).await.good();
    assert_eq!(channel["account"]["token_last4"], "oken");
    eventually("the channel is whole again", async || {
        let channel = world.get(&shop.key, &path).await;
        (channel["health"]["state"] == "ok" && channel["connected"] == true).then_some(())
    })
    .await;
    world.wind(&shop, SignedDuration::from_secs(20)).await;
    world.delivered_as(&shop, &message, "delivered").await;
    assert_eq!(ledger(&world).await["counts"]["accepted"], 1);
    assert_eq!(world.get(&shop.key, &path).await["health"]["waiting"], 0);
}

async fn a_stop_of_marketing_stops_marketing(plan: Plan) {
    let (world, shop) = open(plan).await;
    sync(&world, &shop).await;
    let thread = id(&dana_writes(&world, &shop, "שלום").await);
    let path = format!("/conversations/{thread}/messages");
    let offer = template(&world, &shop, "monthly_offer").await;
    assert_eq!(offer["category"], "marketing");
    let sent = id(&world.post(&shop.key, &path, filled(&offer)).await.good());
    world.delivered_as(&shop, &sent, "delivered").await;
    world
        .person(DANA, "marketing", json!({"stopped": true}))
        .await;
    let contact = format!(
        "/contacts/{}",
        id(&world.conversation(&shop).await["contact"])
    );
    eventually("her wish is known", async || {
        let contact = world.get(&shop.key, &contact).await;
        (contact["marketing"]["state"] == "opted_out").then_some(())
    })
    .await;
    let problem = world
        .post(&shop.key, &path, filled(&offer))
        .await
        .refused(409, "opted_out");
    assert_eq!(problem["sending"]["reason"]["code"], "marketing_opted_out");
    // Whatever is no marketing may go still.
    let welcome = template(&world, &shop, "lead_welcome").await;
    let sent = id(&world.post(&shop.key, &path, filled(&welcome)).await.good());
    world.delivered_as(&shop, &sent, "delivered").await;
    let free = id(&world.say(&shop, &thread, "בכיף").await);
    world.delivered_as(&shop, &free, "delivered").await;
    // And she may change her mind; within the second of a stop the stop would stand.
    world.wind(&shop, SignedDuration::from_secs(2)).await;
    world
        .person(DANA, "marketing", json!({"stopped": false}))
        .await;
    eventually("her new wish is known", async || {
        let contact = world.get(&shop.key, &contact).await;
        (contact["marketing"]["state"] == "allowed").then_some(())
    })
    .await;
    let sent = id(&world.post(&shop.key, &path, filled(&offer)).await.good());
    world.delivered_as(&shop, &sent, "delivered").await;
}

async fn a_pause_of_a_template_is_read_from_the_provider(plan: Plan) {
    let (world, shop) = open(plan).await;
    sync(&world, &shop).await;
    let thread = id(&dana_writes(&world, &shop, "שלום").await);
    let welcome = template(&world, &shop, "lead_welcome").await;
    world
        .control(
            "POST",
            "/control/templates/lead_welcome",
            json!({"status": "PAUSED"}),
        )
        .await;
    eventually("the pause is known", async || {
        let now = template(&world, &shop, "lead_welcome").await;
        (now["status"] == "paused" && now["sendable"] == false).then_some(())
    })
    .await;
    let path = format!("/conversations/{thread}/messages");
    let problem = world
        .post(&shop.key, &path, filled(&welcome))
        .await
        .refused(409, "template_not_sendable");
    assert_eq!(problem["sending"]["reason"]["params"]["status"], "paused");
    let sendable = world.items(&shop.key, "/templates?sendable=true").await;
    assert!(
        sendable
            .iter()
            .all(|template| template["name"] != "lead_welcome"),
        "{sendable:#?}"
    );
    // A number's news are read in the same way.
    world
        .control(
            "POST",
            &format!("/control/numbers/{}", crate::world::NUMBER),
            json!({"quality": "RED", "throughput": "HIGH"}),
        )
        .await;
    eventually("its quality is known", async || {
        let channel = world
            .get(&shop.key, &format!("/channels/{}", shop.channel_id))
            .await;
        (channel["health"]["quality"] == "RED" && channel["health"]["state"] == "warning")
            .then_some(())
    })
    .await;
    // What is refused for something that we have not heard of yet tells its reason.
    faults(
        &world,
        json!([{"id": "disabled", "endpoint": "messages", "error": 132_016, "count": 1}]),
    )
    .await;
    let offer = template(&world, &shop, "monthly_offer").await;
    let sent = id(&world.post(&shop.key, &path, filled(&offer)).await.good());
    let refused = world.delivered_as(&shop, &sent, "refused").await;
    assert_eq!(refused["failure"]["reason"], "template_disabled");
    assert_eq!(refused["failure"]["next_step"], "fix_template");
    assert_eq!(refused["failure"]["code"], 132_016);
}

async fn a_file_goes_out_and_a_reaction_comes_back(plan: Plan) {
    let (world, shop) = open(plan).await;
    let thread = id(&dana_writes(&world, &shop, "יש תמונה?").await);
    let file = world
        .upload(&shop.key, "photo.png", crate::bad_input::PIXEL)
        .await;
    assert_eq!(
        (&file["state"], &file["media_kind"]),
        (&json!("stored"), &json!("image"))
    );
    let path = format!("/conversations/{thread}/messages");
    let content = json!({"content": {"kind": "media", "media_id": file["id"], "caption": "הנה"}});
    let sent = id(&world.post(&shop.key, &path, content).await.good());
    world.delivered_as(&shop, &sent, "delivered").await;
    let accepted = ledger(&world).await["items"][0].clone();
    assert_eq!(accepted["type"], "image");
    assert_eq!(accepted["payload"]["image"]["caption"], "הנה");
    world
        .person(
            DANA,
            "reaction",
            json!({"message_id": accepted["wamid"], "emoji": "❤️"}),
        )
        .await;
    let shown = eventually("her reaction is here", async || {
        let shown = world.get(&shop.key, &format!("/messages/{sent}")).await;
        (shown["reactions"].as_array().unwrap().len() == 1).then_some(shown)
    })
    .await;
    assert_eq!(
        shown["reactions"][0],
        json!({"emoji": "❤️", "by": "person"})
    );
    // Ours on hers goes the same way, and an answer to it quotes it on her phone.
    let hers = world.items(&shop.key, &path).await.pop().unwrap();
    let react = format!("/messages/{}/reaction", id(&hers));
    world
        .post(&shop.key, &react, json!({"emoji": "👍"}))
        .await
        .good();
    let quote = json!({"content": {"kind": "text", "text": "בבקשה"}, "reply_to": hers["id"]});
    let quoting = id(&world.post(&shop.key, &path, quote).await.good());
    world.delivered_as(&shop, &quoting, "delivered").await;
    eventually("her phone shows both", async || {
        let path = format!("/phone/api/chats/{DANA}/{}", crate::world::NUMBER);
        let chat = world.control("GET", &path, Value::Null).await;
        let all = chat["messages"].as_array().unwrap().clone();
        let reacted = all[0]["reactions"] == json!([{"from": "business", "emoji": "👍"}]);
        let quoted = all
            .iter()
            .any(|message| message["quoted"]["id"] == all[0]["id"]);
        (reacted && quoted).then_some(())
    })
    .await;
}
