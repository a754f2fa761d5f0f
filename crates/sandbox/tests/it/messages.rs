//! Sending: what is accepted, what is refused, and which statuses follow.

use serde_json::{Value, json};

use crate::world::{DANA, NUMBER, World, until};

#[tokio::test]
async fn a_text_goes_through_its_statuses_with_our_data() {
    let world = World::start().await;
    world.dana_writes().await;
    let message =
        json!({"type": "text", "text": {"body": "שלום"}, "biz_opaque_callback_data": "order=7731"});
    let (status, answer) = world.try_send(message).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer["contacts"],
        json!([{"input": "+972500000010", "wa_id": "972500000010"}])
    );
    assert_eq!(
        answer["messages"][0].as_object().unwrap().len(),
        1,
        "no message_status for a text"
    );
    let wamid = answer["messages"][0]["id"].as_str().unwrap();
    until("it is delivered", async || {
        world.receiver.told(wamid).len() == 2
    })
    .await;
    assert_eq!(world.receiver.told(wamid), ["sent", "delivered"]);
    world.person(DANA, "open", json!({"open": true})).await;
    until("it is read", async || world.receiver.told(wamid).len() == 3).await;

    let statuses = world.receiver.statuses();
    let free = json!({"billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"});
    for (status, pricing) in statuses.iter().zip([&free, &free, &Value::Null]) {
        assert_eq!(status["biz_opaque_callback_data"], "order=7731");
        assert_eq!(status["recipient_id"], DANA);
        assert_eq!(status["recipient_user_id"], "IL.13491208655302741918");
        assert_eq!(&status["pricing"], pricing, "{status}");
    }
    let ledger = world.ledger().await;
    assert_eq!(ledger["items"][0]["opaque"], "order=7731");
    assert_eq!(ledger["items"][0]["delivery"], "read");
}

#[tokio::test]
async fn an_open_chat_reads_at_once_and_skips_delivered() {
    let world = World::start().await;
    world.dana_writes().await;
    world.person(DANA, "open", json!({"open": true})).await;
    let wamid = world.text("hello").await;
    until("it is read", async || {
        world.receiver.told(&wamid).len() == 2
    })
    .await;
    assert_eq!(world.receiver.told(&wamid), ["sent", "read"]);
    let read = world.receiver.statuses().pop().unwrap();
    assert_eq!(
        read["pricing"]["category"], "service",
        "the price is on one of delivered and read"
    );
}

#[tokio::test]
async fn the_window_closes_after_a_day() {
    let world = World::start().await;
    world.dana_writes().await;
    world.wind(23 * 3_600).await;
    let within = world.text("in time").await;
    world.wind(2 * 3_600).await;
    let late = world.text("too late").await;
    until("it failed", async || {
        world.receiver.told(&late) == ["failed"]
    })
    .await;
    until("the other was delivered", async || {
        world.receiver.told(&within) == ["sent", "delivered"]
    })
    .await;
    let failed = world
        .receiver
        .statuses()
        .into_iter()
        .find(|status| status["id"] == *late)
        .unwrap();
    assert_eq!(failed["errors"][0]["code"], 131_047);
    assert_eq!(
        failed["recipient_user_id"],
        Value::Null,
        "a failed status to a phone has no user id"
    );
    let change = world
        .receiver
        .changes()
        .into_iter()
        .find(|c| c["value"]["statuses"][0]["status"] == "failed")
        .unwrap();
    assert_eq!(change["value"]["contacts"], Value::Null);
}

#[tokio::test]
async fn why_a_message_fails_later() {
    let world = World::start().await;
    let template = |name: &str, parameters: &[&str]| {
        let parameters: Vec<Value> = parameters
            .iter()
            .map(|text| json!({"type": "text", "text": text}))
            .collect();
        json!({"type": "template", "template": {"name": name, "language": {"code": "he"},
            "components": [{"type": "body", "parameters": parameters}]}})
    };
    let to = |mut message: Value, phone: &str| {
        message["to"] = json!(format!("+{phone}"));
        message
    };
    let code = async |wamid: String| {
        until("it failed", async || {
            world.receiver.told(&wamid).contains(&"failed".to_owned())
        })
        .await;
        let all = world.receiver.statuses();
        all.iter().find(|status| status["id"] == *wamid).unwrap()["errors"][0]["code"]
            .as_i64()
            .unwrap()
    };
    let offer = template("monthly_offer", &["דנה", "סוף החודש"]);
    // The sixth person is not on WhatsApp.
    assert_eq!(
        code(world.send(to(offer.clone(), "972500000015")).await).await,
        131_026
    );
    world.person(DANA, "block", json!({"blocked": true})).await;
    assert_eq!(code(world.send(offer.clone()).await).await, 131_026);
    world.person(DANA, "block", json!({"blocked": false})).await;
    world
        .person(DANA, "marketing", json!({"stopped": true}))
        .await;
    assert_eq!(code(world.send(offer.clone()).await).await, 131_050);
    // Utility still goes.
    let welcome = world
        .send(template("lead_welcome", &["דנה", "משכנתא"]))
        .await;
    until("it is delivered", async || {
        world.receiver.told(&welcome) == ["sent", "delivered"]
    })
    .await;
    world
        .setup(json!({"wabas": [{"id": "102030405060701", "payment_method": false}]}))
        .await;
    assert_eq!(
        code(world.send(to(offer, "972500000011")).await).await,
        131_042
    );
}

#[tokio::test]
async fn a_portfolio_reaches_so_many_people_a_day() {
    let world = World::start().await;
    world
        .setup(json!({"portfolios": [{"id": "506914307656634", "tier": "TIER_50"}]}))
        .await;
    let welcome = |phone: u64| {
        json!({"to": format!("+{phone}"), "type": "template", "template": {"name": "lead_welcome", "language": {"code": "he"},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "א"}, {"type": "text", "text": "ב"}]}]}})
    };
    for phone in 972_500_001_000..972_500_001_050 {
        world.send(welcome(phone)).await;
        if phone % 25 == 0 {
            world.wind(2).await;
        }
    }
    let again = world.send(welcome(972_500_001_000)).await;
    let over = world.send(welcome(972_500_001_050)).await;
    world.wind(24 * 3_600).await;
    let next_day = world.send(welcome(972_500_001_051)).await;
    world.quiet().await;
    assert_eq!(
        world.receiver.told(&again),
        ["sent", "delivered"],
        "the same person counts once"
    );
    assert_eq!(world.receiver.told(&over), ["failed"]);
    assert_eq!(world.receiver.told(&next_day), ["sent", "delivered"]);
}

#[tokio::test]
async fn the_pair_and_the_number_have_their_limits() {
    let world = World::frozen().await;
    world.dana_writes().await;
    let text = json!({"type": "text", "text": {"body": "x"}});
    for _ in 0..45 {
        world.send(text.clone()).await;
    }
    assert_eq!(world.refusal(text.clone()).await, 131_056);
    world.wind(6).await;
    world.send(text.clone()).await;
    assert_eq!(world.refusal(text.clone()).await, 131_056);

    world.wind(60).await;
    world
        .setup(json!({"numbers": [{"id": NUMBER, "throughput": 5}]}))
        .await;
    let to =
        |n: u64| json!({"to": format!("+97250000{n:04}"), "type": "text", "text": {"body": "x"}});
    for n in 0..5 {
        world.send(to(100 + n)).await;
    }
    let (status, answer) = world.try_send(to(200)).await;
    assert_eq!(
        (status, answer["error"]["code"].as_i64()),
        (429, Some(130_429))
    );
    assert_eq!(answer["error"]["message"], "(#130429) Rate limit hit");
    world.wind(1).await;
    world.send(to(200)).await;
    let counts = world.ledger().await["counts"].clone();
    assert_eq!(counts["refused"], json!({"131056": 2, "130429": 1}));
    assert_eq!(counts["accepted"], 52);
}

#[tokio::test]
async fn refusals_carry_metas_codes() {
    let world = World::start().await;
    let text = |body: &str| json!({"type": "text", "text": {"body": body}});
    assert_eq!(
        world
            .refusal(json!({"messaging_product": "sms", "type": "text", "text": {"body": "x"}}))
            .await,
        100
    );
    assert_eq!(
        world.refusal(json!({"type": "poll", "poll": {}})).await,
        131_051
    );
    assert_eq!(world.refusal(json!({"type": "text"})).await, 131_008);
    assert_eq!(world.refusal(text("")).await, 100);
    assert_eq!(world.refusal(text(&"א".repeat(4_097))).await, 100);
    assert_eq!(
        world
            .refusal(json!({"to": "+972500000001", "type": "text", "text": {"body": "x"}}))
            .await,
        131_021
    );
    assert_eq!(
        world
            .refusal(json!({"to": "hello", "type": "text", "text": {"body": "x"}}))
            .await,
        131_009
    );
    assert_eq!(
        world
            .refusal(json!({"type": "image", "image": {"id": "1"}}))
            .await,
        100
    );
    assert_eq!(
        world.refusal(json!({"type": "image", "image": {}})).await,
        131_008
    );
    assert_eq!(
        world
            .refusal(json!({"type": "text", "text": {"body": "x"}, "tpye": 1}))
            .await,
        100
    );
    assert_eq!(
        world
            .refusal(json!({"recipient": "IL.1", "type": "text", "text": {"body": "x"}}))
            .await,
        131_009
    );
    let long = json!({"type": "interactive", "interactive": {"type": "button", "body": {"text": "x"}, "action": {"buttons":
        [{"type": "reply", "reply": {"id": "1", "title": "a title of more than twenty characters"}}]}}});
    assert_eq!(world.refusal(long).await, 131_009);
    let rows: Vec<Value> = (0..11)
        .map(|n| json!({"id": n.to_string(), "title": "x"}))
        .collect();
    let list = json!({"type": "interactive", "interactive": {"type": "list", "body": {"text": "x"},
        "action": {"button": "b", "sections": [{"rows": rows}]}}});
    assert_eq!(world.refusal(list).await, 131_009);
    let card = json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "x"}}]});
    assert_eq!(world.refusal(card).await, 131_008);
    let long_data = "x".repeat(513);
    assert_eq!(world.refusal(json!({"type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": long_data})).await, 100);
    assert_eq!(world.ledger().await["counts"]["accepted"], 0);

    world
        .setup(json!({"numbers": [{"id": NUMBER, "allowed_recipients": ["972500000011"]}]}))
        .await;
    assert_eq!(world.refusal(text("x")).await, 131_030);
    world
        .setup(json!({"numbers": [{"id": NUMBER, "status": "DISCONNECTED"}]}))
        .await;
    assert_eq!(world.refusal(text("x")).await, 133_010);
}

#[tokio::test]
async fn without_a_country_code_the_business_numbers_own_is_put_in_front() {
    let world = World::start().await;
    let to = async |to: &str| {
        let (_, answer) = world
            .try_send(json!({"to": to, "type": "text", "text": {"body": "x"}}))
            .await;
        answer["contacts"][0]["wa_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(to("+972 50-000-0010").await, DANA);
    assert_eq!(to("500000010").await, DANA);
    assert_eq!(to("972500000010").await, DANA);
    assert_eq!(
        to("0500000010").await,
        "9720500000010",
        "a leading 0 is not understood"
    );
    assert_eq!(to("+447700900123").await, "447700900123");
}

#[tokio::test]
async fn tokens_and_objects() {
    let world = World::start().await;
    let url = format!("{}/v25.0/{NUMBER}/messages", world.url);
    for request in [
        world.client.post(&url),
        world.client.post(&url).bearer_auth("wrong"),
    ] {
        let (status, answer) = crate::world::answer(request.json(&json!({}))).await;
        assert_eq!((status, answer["error"]["code"].as_i64()), (401, Some(190)));
    }
    let (status, answer) = world.post("999/messages", json!({})).await;
    assert_eq!(status, 400);
    assert_eq!(answer["error"]["code"], 100);
    assert_eq!(answer["error"]["error_subcode"], 33);
    assert_eq!(answer["error"]["type"], "GraphMethodException");
}

#[tokio::test]
async fn reactions_are_only_ever_sent() {
    let world = World::start().await;
    let hello = world.dana_writes().await;
    let reaction = world
        .send(json!({"type": "reaction", "reaction": {"message_id": hello, "emoji": "😀"}}))
        .await;
    let text = world.text("after it").await;
    until("the text is delivered", async || {
        world.receiver.told(&text).len() == 2
    })
    .await;
    assert_eq!(world.receiver.told(&reaction), ["sent"]);
    let sent = world
        .receiver
        .statuses()
        .into_iter()
        .find(|status| status["id"] == *reaction)
        .unwrap();
    assert_eq!(sent["pricing"], Value::Null, "reactions are never charged");
    let chat = world.chat(DANA).await;
    assert_eq!(
        chat["messages"][0]["reactions"],
        json!([{"from": "business", "emoji": "😀"}])
    );
    world
        .send(json!({"type": "reaction", "reaction": {"message_id": hello, "emoji": ""}}))
        .await;
    until("it is gone", async || {
        world.chat(DANA).await["messages"][0]["reactions"] == json!([])
    })
    .await;
}

#[tokio::test]
async fn marking_as_read_reads_what_came_before_and_may_show_typing() {
    let world = World::start().await;
    world.dana_writes().await;
    let second = world.dana_writes().await;
    let body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": second,
        "typing_indicator": {"type": "text"}});
    let (status, answer) = world.post(&format!("{NUMBER}/messages"), body).await;
    assert_eq!((status, answer), (200, json!({"success": true})));
    let chat = world.chat(DANA).await;
    assert_eq!(chat["messages"][0]["ticks"], "read");
    assert_eq!(chat["messages"][1]["ticks"], "read");
    assert!(chat["typing_until"].is_string());
    world.wind(26).await;
    assert_eq!(
        world.chat(DANA).await["typing_until"],
        Value::Null,
        "typing ends after 25 seconds"
    );
    let unknown =
        json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.nothing"});
    assert_eq!(
        world.post(&format!("{NUMBER}/messages"), unknown).await.0,
        400
    );
}

#[tokio::test]
async fn a_hidden_person_is_known_by_user_id_only() {
    let world = World::start().await;
    let noa = "972500000014";
    world.person(noa, "text", json!({"text": "hi"})).await;
    until("it arrives", async || world.receiver.messages().len() == 1).await;
    let value = world.receiver.changes()[0]["value"].clone();
    let user_id = value["messages"][0]["from_user_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(value["messages"][0]["from"], Value::Null);
    assert_eq!(value["contacts"][0]["wa_id"], Value::Null);
    assert_eq!(value["contacts"][0]["profile"]["username"], "noa.example");

    let (_, answer) = world
        .try_send(json!({"recipient": user_id, "type": "text", "text": {"body": "hello"}}))
        .await;
    assert_eq!(
        answer["contacts"],
        json!([{"input": user_id, "user_id": user_id}])
    );
    let wamid = answer["messages"][0]["id"].as_str().unwrap();
    until("it is delivered", async || {
        world.receiver.told(wamid).len() == 2
    })
    .await;
    let delivered = world.receiver.statuses().pop().unwrap();
    assert_eq!(delivered["recipient_id"], Value::Null);
    assert_eq!(delivered["recipient_user_id"], json!(user_id));

    // Asked for the number, she shares it, and is known from then on.
    let ask = json!({"recipient": user_id, "type": "interactive", "interactive": {"type": "request_contact_info",
        "body": {"text": "?"}, "action": {"name": "request_contact_info"}}});
    let ask = world.send(ask).await;
    world
        .person(noa, "contacts", json!({"share_own": true, "reply_to": ask}))
        .await;
    world.person(noa, "text", json!({"text": "there"})).await;
    until("it arrives", async || world.receiver.messages().len() == 3).await;
    let messages = world.receiver.messages();
    assert_eq!(messages[1]["contacts"][0]["origin"], "contact_request");
    assert_eq!(messages[1]["contacts"][0]["phones"][0]["wa_id"], noa);
    assert_eq!(messages[2]["from"], noa);
}

#[tokio::test]
async fn an_ad_opens_the_free_entry_point_once_it_is_answered() {
    let world = World::start().await;
    world
        .person(DANA, "text", json!({"text": "פרטים?", "referral": true}))
        .await;
    until("it arrives", async || world.receiver.messages().len() == 1).await;
    assert_eq!(
        world.receiver.messages()[0]["referral"]["source_type"],
        "ad"
    );
    let wamid = world.text("שלום").await;
    until("it is delivered", async || {
        world.receiver.told(&wamid).len() == 2
    })
    .await;
    let sent = world.receiver.statuses().remove(0);
    assert_eq!(sent["pricing"]["type"], "free_entry_point");
    assert_eq!(sent["pricing"]["category"], "referral_conversion");
    assert_eq!(
        sent["conversation"]["origin"]["type"],
        "referral_conversion"
    );
}

#[tokio::test]
async fn service_messages_cost_beyond_the_free_ones() {
    let world = World::start().await;
    world
        .setup(json!({"settings": {"free_service_messages": 2}}))
        .await;
    world.dana_writes().await;
    for text in ["one", "two", "three"] {
        let wamid = world.text(text).await;
        until("it is delivered", async || {
            world.receiver.told(&wamid).len() == 2
        })
        .await;
    }
    let sent = world
        .receiver
        .statuses()
        .into_iter()
        .filter(|status| status["status"] == "sent");
    let types: Vec<Value> = sent
        .map(|status| status["pricing"]["type"].clone())
        .collect();
    assert_eq!(
        types,
        ["free_customer_service", "free_customer_service", "regular"]
    );
}

#[tokio::test]
async fn groups_tell_a_status_for_each_participant() {
    let world = World::start().await;
    let group = "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD";
    world.setup(json!({"groups": [{"id": group, "number": NUMBER, "subject": "x", "participants": [DANA, "972500000011"]}]})).await;
    let text =
        json!({"recipient_type": "group", "to": group, "type": "text", "text": {"body": "עדכון"}});
    let (status, answer) = world.try_send(text).await;
    assert_eq!(status, 200);
    assert_eq!(answer["contacts"], json!([{"input": group}]));
    assert_eq!(answer["messages"][0]["group_id"], group);
    until("both have it", async || {
        world.receiver.statuses().len() == 4
    })
    .await;
    let delivered = world.receiver.statuses().pop().unwrap();
    assert_eq!(delivered["recipient_type"], "group");
    assert_eq!(delivered["recipient_id"], group);
    assert_eq!(delivered["recipient_participant_id"], "972500000011");
    assert_eq!(delivered["pricing"]["type"], "free_group_customer_service");
}
