//! What is said while something before it waits to be tried again.

use serde_json::{Value, json};

use crate::world::{DANA, Plan, eventually, id};

on_both!(what_is_said_later_does_not_overtake);

async fn what_is_said_later_does_not_overtake(plan: Plan) {
    let world = plan.with_sandbox().open().await;
    let shop = world.shop().await;
    world.person(DANA, "text", json!({"text": "שלום"})).await;
    let thread = eventually("she has written", async || {
        world
            .items(&shop.key, "/conversations")
            .await
            .first()
            .map(id)
    })
    .await;
    let rules =
        json!({"rules": [{"id": "once", "endpoint": "messages", "error": 131_056, "count": 1}]});
    world.control("PUT", "/control/faults", rules).await;
    world.say(&shop, &thread, "first").await;
    eventually("the first is refused for now", async || {
        let ledger = world.control("GET", "/control/ledger", Value::Null).await;
        let message = world
            .items(&shop.key, &format!("/conversations/{thread}/messages"))
            .await
            .remove(0);
        (ledger["counts"]["refused"]["131056"] == 1 && message["delivery"] == "queued")
            .then_some(())
    })
    .await;
    let second = id(&world.say(&shop, &thread, "second").await);
    world.delivered_as(&shop, &second, "delivered").await;
    let ledger = world.control("GET", "/control/ledger", Value::Null).await;
    let said: Vec<&str> = ledger["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["payload"]["text"]["body"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["first", "second"]);
}
