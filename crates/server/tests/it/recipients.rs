//! The people of a mailing: those of one standing, page after page; a line without a name takes none away; and they are
//! written to in their order. A mailing that was answered for is written down to its last line, once, whatever happens.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::numbers::{Desk, WAHA, beside, next_morning};
use crate::world::{Plan, eventually, id};

on_both!(
    those_of_one_standing,
    a_name_stays_and_the_order_holds,
    one_key_is_one_mailing,
    written_down_through_an_end,
    stopped_while_written_down,
);

/// More than one page looks at.
const MANY: usize = 520;

async fn open(plan: Plan) -> Desk {
    let (world, shop) = beside(plan).await;
    next_morning(&world, &shop).await;
    let desk = Desk::connected(world, shop, &WAHA, "business_app", "gateway_two_way").await;
    desk.settled().await;
    desk
}

async fn start(desk: &Desk, pasted: String) -> String {
    let body = json!({"channel_id": desk.channel, "name": "מבצע", "text": "שלום {{contact.first_name}}",
        "to": {"pasted": pasted}});
    id(&desk.post("/campaigns", body).await.good())
}

async fn page(desk: &Desk, campaign: &str, query: &str) -> (Vec<Value>, Option<String>) {
    let path = format!("/campaigns/{campaign}/recipients?{query}");
    let page = desk.world.get(&desk.shop.key, &path).await;
    let next = page["next"].as_str().map(ToOwned::to_owned);
    (page["items"].as_array().unwrap().clone(), next)
}

async fn those_of_one_standing(plan: Plan) {
    let desk = open(plan).await;
    let phone = |n: usize| format!("97250001{n:04}");
    let pasted: Vec<String> = (0..MANY).map(|n| format!("+{}", phone(n))).collect();
    let campaign = start(&desk, pasted.join("\n")).await;
    desk.post(&format!("/campaigns/{campaign}/stop"), json!({}))
        .await
        .good();
    // The last of them answers all the same.
    let last = phone(MANY - 1);
    let body = json!({"number": desk.kit.phone, "messages": [{"from": last, "text": "מי זה?"}]});
    desk.world.control("POST", "/control/inbound", body).await;
    let counts = eventually("the answer counts", async || {
        let path = format!("/campaigns/{campaign}");
        let counts = desk.world.get(&desk.shop.key, &path).await["counts"].clone();
        (counts["answered"] == 1).then_some(counts)
    })
    .await;

    let (none, next) = page(&desk, &campaign, "state=answered").await;
    assert!(none.is_empty(), "as far as was looked: {none:#?}");
    let next = next.expect("and there is more to look at");
    let (found, next) = page(&desk, &campaign, &format!("state=answered&cursor={next}")).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["contact"]["phone"], format!("+{last}"));
    assert_eq!((&found[0]["state"], next), (&json!("answered"), None));

    // Under each word as many as are counted under it, however the pages fall.
    for word in ["cancelled", "waiting", "sent", "delivered", "read"] {
        let (mut all, mut cursor) = (0, Some(String::new()));
        while let Some(from) = cursor {
            let query = format!("state={word}&limit=200&cursor={from}");
            let (items, next) = page(&desk, &campaign, &query).await;
            all += items.len();
            cursor = next;
        }
        assert_eq!(counts[word], all, "{word}: {counts:#?}");
    }
    let path = format!("/campaigns/{campaign}/recipients?state=happy");
    desk.world
        .ask(&desk.shop.key, &path)
        .await
        .refused(422, "bad_value");
}

async fn a_name_stays_and_the_order_holds(plan: Plan) {
    let desk = open(plan).await;
    let pasted = "050-000-0071, יעל כהן\n050-000-0072, דן לוי\n050-000-0073\n050-000-0071";
    let campaign = start(&desk, pasted.to_owned()).await;
    let (people, _) = page(&desk, &campaign, "").await;
    let names: Vec<_> = people
        .iter()
        .map(|one| one["contact"]["name"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(names, ["יעל כהן", "דן לוי", ""]);
    let sent = eventually("all three have left", async || {
        let sent = desk.accepted().await;
        if sent.len() < 3 {
            desk.wind(60).await;
        }
        (sent.len() == 3).then_some(sent)
    })
    .await;
    let to: Vec<_> = sent
        .iter()
        .map(|one| one["to"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(to, ["972500000071", "972500000072", "972500000073"]);
}

/// More than can be written down at once.
const HUNDREDS: usize = 600;

fn lines(count: usize) -> String {
    let line = |n| format!("+97250001{n:04}");
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

fn mailing(desk: &Desk, pasted: &str) -> Value {
    json!({"channel_id": desk.channel, "name": "מבצע", "text": "שלום", "to": {"pasted": pasted}})
}

async fn state(desk: &Desk, campaign: &str) -> Value {
    let path = format!("/campaigns/{campaign}");
    desk.world.get(&desk.shop.key, &path).await
}

/// Everyone in it, page after page.
async fn everyone(desk: &Desk, campaign: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (vec![], Some(String::new()));
    while let Some(from) = cursor {
        let (items, next) = page(desk, campaign, &format!("limit=200&cursor={from}")).await;
        all.extend(items);
        cursor = next;
    }
    all
}

/// Asks for a mailing and hangs up while its people are written down; its id.
async fn half_written(desk: &Desk) -> String {
    let asked = desk.post("/campaigns", mailing(desk, &lines(HUNDREDS)));
    let caught = eventually("some of it is written down", async || {
        let all = desk.world.items(&desk.shop.key, "/campaigns").await;
        let one = all.first()?;
        assert_eq!(one["state"], "preparing", "too fast to be caught: {one:#}");
        (one["counts"]["waiting"] != 0).then(|| id(one))
    });
    tokio::select! {
        biased;
        campaign = caught => campaign,
        answer = asked => panic!("too fast to be caught: {answer:#?}"),
    }
}

async fn one_key_is_one_mailing(plan: Plan) {
    let desk = open(plan).await;
    let body = mailing(&desk, &lines(300)).to_string().into_bytes();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "once"),
    ];
    let ask = || {
        let (world, key) = (&desk.world, &desk.shop.key);
        world.send(key, "POST", "/campaigns", &headers, Some(body.clone()))
    };
    let all = join_all((0..8).map(|_| ask())).await;
    let ids: BTreeSet<String> = all.into_iter().map(|answer| id(&answer.good())).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(id(&ask().await.good()), *ids.first().unwrap());
    assert_eq!(
        desk.world.items(&desk.shop.key, "/campaigns").await.len(),
        1
    );
    let all = everyone(&desk, ids.first().unwrap()).await;
    assert_eq!(all.len(), 300);
    let other = mailing(&desk, &lines(2)).to_string().into_bytes();
    let other = desk
        .world
        .send(&desk.shop.key, "POST", "/campaigns", &headers, Some(other));
    other.await.refused(422, "idempotency_mismatch");
}

async fn written_down_through_an_end(plan: Plan) {
    let desk = open(plan).await;
    let campaign = half_written(&desk).await;
    let desk = desk.restarted().await;
    eventually("it runs", async || {
        (state(&desk, &campaign).await["state"] == "running").then_some(())
    })
    .await;
    let all = everyone(&desk, &campaign).await;
    let phones: BTreeSet<_> = all
        .iter()
        .map(|one| one["contact"]["phone"].as_str())
        .collect();
    assert_eq!((all.len(), phones.len()), (HUNDREDS, HUNDREDS));
}

async fn stopped_while_written_down(plan: Plan) {
    let desk = open(plan).await;
    let campaign = half_written(&desk).await;
    let path = format!("/campaigns/{campaign}/stop");
    desk.post(&path, json!({})).await.good();
    // Whoever it will not reach is known all the same.
    eventually("all of them are written down and taken back", async || {
        let one = state(&desk, &campaign).await;
        assert_eq!(one["state"], "stopped", "{one:#}");
        (one["counts"]["cancelled"] == HUNDREDS).then_some(())
    })
    .await;
    desk.wind(600).await;
    assert_eq!(desk.said().await, Vec::<String>::new());
}
