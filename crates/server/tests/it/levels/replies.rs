//! The one automatic answer to an enquirer: where the table has it, once in its period, and never late.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::numbers::{Desk, WAHA};
use crate::world::{Answer, DANA, Plan, eventually, id};

on_both!(
    each_enquirer_is_answered_once_in_a_period,
    nobody_is_answered_where_the_table_forbids_it,
);

const REPLY: &str = "תודה שפניתם! נחזור אליכם היום";
const YOSSI: &str = "972500000011";

async fn set(desk: &Desk, enabled: bool) -> Answer {
    let card = desk.card().await;
    let reply = json!({"enabled": enabled, "text": REPLY, "period_hours": 24});
    let change = json!({"version": card["version"], "instant_reply": reply});
    desk.world.patch(&desk.shop.key, &desk.path(), change).await
}

async fn replies(desk: &Desk) -> Vec<String> {
    let all = desk.accepted().await;
    all.iter()
        .filter(|item| item["text"] == REPLY)
        .map(|item| item["to"].as_str().unwrap().to_owned())
        .collect()
}

async fn answered(desk: &Desk, so_often: usize) {
    eventually(&format!("{so_often} are answered"), async || {
        (replies(desk).await.len() == so_often).then_some(())
    })
    .await;
}

async fn each_enquirer_is_answered_once_in_a_period(plan: Plan) {
    let desk = Desk::open(plan, &WAHA).await;
    set(&desk, true).await.good();
    let thread = id(&desk.writes(DANA, "שלום, כמה זה עולה?").await);
    answered(&desk, 1).await;
    let reply = eventually("it is on the timeline", async || {
        let all = desk.messages(&thread).await;
        let found = all
            .into_iter()
            .find(|message| message["direction"] == "out")?;
        (found["delivery"] == "delivered").then_some(found)
    })
    .await;
    assert_eq!(reply["author"]["kind"], "system", "{reply:#}");
    // Once more within its period: nothing. Somebody else: theirs.
    desk.wind(3600).await;
    desk.writes(DANA, "הלו?").await;
    desk.writes(YOSSI, "גם אני שואל").await;
    answered(&desk, 2).await;
    assert_eq!(replies(&desk).await, [DANA, YOSSI]);
    // After the period it is said again, in the night as well.
    desk.wind(24 * 3600).await;
    desk.writes(DANA, "שוב שלום").await;
    answered(&desk, 3).await;

    // What came late is kept, shown, and answered by people.
    desk.wind(25 * 3600).await;
    desk.faults(json!([{"id": "held up", "endpoint": "webhook", "wrong_signature": true}]))
        .await;
    desk.person(DANA, "text", json!({"text": "נתקעתי בדרך"}))
        .await;
    eventually("the first try was turned away", async || {
        let told = desk
            .world
            .control("GET", "/control/webhooks", Value::Null)
            .await;
        (told["failed_attempts"].as_i64()? > 0).then_some(())
    })
    .await;
    desk.no_faults().await;
    // Twenty minutes pass here before it is tried again there.
    let twenty = SignedDuration::from_mins(20);
    desk.world.wind_alone(&desk.shop, twenty).await;
    let late = eventually("it came late", async || {
        let all = desk.messages(&thread).await;
        all.into_iter()
            .find(|one| one["content"]["text"] == "נתקעתי בדרך")
    })
    .await;
    assert_eq!(late["late"], true, "{late:#}");
    // Nor is anybody who asks to be left alone.
    desk.wind(25 * 3600).await;
    desk.writes(YOSSI, "הסר").await;
    // It can be switched off.
    set(&desk, false).await.good();
    desk.wind(25 * 3600).await;
    desk.writes(DANA, "יש מישהו?").await;
    // Something that goes after all of it shows that nothing waits.
    desk.wind(60).await;
    let last = desk.say_text(&thread, "כן, אנחנו כאן").await;
    desk.becomes(&last, "delivered").await;
    assert_eq!(replies(&desk).await, [DANA, YOSSI, DANA]);
}

async fn nobody_is_answered_where_the_table_forbids_it(plan: Plan) {
    // Set while it was allowed, then switched to one way: the text stays, and is not sent.
    let desk = Desk::open(plan, &WAHA).await;
    let thread = desk.thread_of(DANA).await;
    set(&desk, true).await.good();
    let card = desk.card().await;
    let change = json!({"version": card["version"], "link": "gateway_one_way"});
    let path = desk.path();
    desk.world.patch(&desk.shop.key, &path, change).await.good();
    desk.person(DANA, "text", json!({"text": "שלום"})).await;
    eventually("that she wrote is known", async || {
        let all = desk.world.items(&desk.shop.key, "/events?limit=200").await;
        all.iter()
            .any(|event| event["kind"] == "conversation.answered")
            .then_some(())
    })
    .await;
    set(&desk, true).await.refused(422, "level_forbids");
    let last = desk.say_text(&thread, "שלום דנה").await;
    desk.becomes(&last, "delivered").await;
    assert_eq!(replies(&desk).await, Vec::<String>::new());

    let Desk { world, shop, .. } = desk;
    let other = WAHA.another("mine", "972500000058");
    let setup = json!({"gateways": [other.setup()]});
    world.control("POST", "/control/setup", setup).await;
    let desk = Desk::connected(world, shop, other, "personal_app", "gateway_two_way").await;
    desk.settled().await;
    set(&desk, true).await.refused(422, "level_forbids");
    desk.writes(DANA, "ושלום גם לכאן").await;
    let thread = id(&desk.threads().await[0]);
    let last = desk.say_text(&thread, "היי דנה").await;
    desk.becomes(&last, "delivered").await;
    assert_eq!(replies(&desk).await, Vec::<String>::new());
}
