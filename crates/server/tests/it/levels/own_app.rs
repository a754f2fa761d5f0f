//! Without a link: the agent's own app opens with the text, and the agent says whether it was sent.

use domain::access::Role;
use serde_json::{Value, json};

use crate::numbers::{Desk, WAHA, beside};
use crate::world::{DANA, Plan, eventually, id};

on_both!(
    what_is_handed_over_is_on_the_timeline_once,
    an_instant_reply_is_kept_for_the_app,
);

async fn own(plan: Plan, level: &str) -> Desk {
    let (world, shop) = beside(plan).await;
    let body = json!({"name": "own", "provider": "none", "level": level, "link": "none",
        "phone": "050-000-0061"});
    let made = world.post(&shop.key, "/channels", body).await;
    assert_eq!(made.status, 201, "{made:#?}");
    let card = made.good();
    assert_eq!(
        (&card["connected"], &card["phone"], &card["verified"]),
        (&json!(true), &json!("+972500000061"), &json!(true))
    );
    Desk {
        channel: id(&card),
        world,
        shop,
        kit: &WAHA,
    }
}

async fn what_is_handed_over_is_on_the_timeline_once(plan: Plan) {
    let desk = own(plan, "personal_app").await;
    let thread = desk.thread_of(DANA).await;
    let agent = desk.shop.a(Role::Agent);
    let open = async |text: &str| {
        let path = format!("/conversations/{thread}/handoffs");
        let answer = desk.world.post(agent, &path, json!({"text": text})).await;
        assert_eq!(answer.status, 201, "{answer:#?}");
        answer.good()
    };
    let settle = async |handoff: &Value, how: &str| {
        let path = format!("/handoffs/{}/{how}", id(handoff));
        desk.world.post(agent, &path, json!({})).await
    };
    let handoff = open("שלום דנה & ברוכה הבאה").await;
    assert_eq!(handoff["state"], "open");
    // Click to chat: the person's number and the text, whole.
    let url = reqwest::Url::parse(handoff["url"].as_str().unwrap()).unwrap();
    assert_eq!(
        (url.scheme(), url.host_str(), url.path()),
        ("https", Some("wa.me"), "/972500000010")
    );
    let told: Vec<_> = url.query_pairs().collect();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&*told[0].0, &*told[0].1),
        ("text", "שלום דנה & ברוכה הבאה")
    );
    let mine = async || desk.world.items(agent, "/handoffs").await;
    assert_eq!(mine().await.len(), 1);
    // Another's are not mine; nothing is on the timeline before somebody says so.
    let other = desk
        .world
        .items(desk.shop.a(Role::Manager), "/handoffs")
        .await;
    assert_eq!(other, Vec::<Value>::new());
    assert_eq!(desk.messages(&thread).await, Vec::<Value>::new());

    let message = settle(&handoff, "confirm").await.good();
    assert_eq!(
        (
            &message["direction"],
            &message["author"]["kind"],
            &message["delivery"]
        ),
        (&json!("out"), &json!("user"), &json!("sent")),
        "{message:#}"
    );
    assert_eq!(message["author"]["name"], "Agent");
    // Said twice, it is one message; it cannot be unsaid.
    assert_eq!(
        settle(&handoff, "confirm").await.good()["id"],
        message["id"]
    );
    settle(&handoff, "drop")
        .await
        .refused(409, "already_settled");
    assert_eq!(desk.messages(&thread).await.len(), 1);
    assert_eq!(mine().await, Vec::<Value>::new());

    let dropped = open("לא נשלח").await;
    assert_eq!(settle(&dropped, "drop").await.status, 204);
    assert_eq!(settle(&dropped, "drop").await.status, 204);
    settle(&dropped, "confirm")
        .await
        .refused(409, "already_settled");
    assert_eq!(desk.messages(&thread).await.len(), 1);

    // What nobody has said is asked about.
    let forgotten = open("נשכח").await;
    let attention = async || desk.world.items(&desk.shop.key, "/attention").await;
    desk.wind(9 * 60).await;
    assert_eq!(attention().await, Vec::<Value>::new());
    desk.wind(2 * 60).await;
    let asked = eventually("the agent is asked", async || {
        let items = attention().await;
        (!items.is_empty()).then_some(items)
    })
    .await;
    assert_eq!(asked.len(), 1, "{asked:#?}");
    assert_eq!(
        (&asked[0]["kind"], &asked[0]["facts"]["handoff_id"]),
        (&json!("handoff_open"), &forgotten["id"])
    );
    settle(&forgotten, "confirm").await.good();
    let all = desk.messages(&thread).await;
    let texts: Vec<_> = all
        .iter()
        .map(|one| one["content"]["text"].clone())
        .collect();
    assert_eq!(texts, ["שלום דנה & ברוכה הבאה", "נשכח"]);
    // What was settled needs no look any more.
    assert_eq!(attention().await, Vec::<Value>::new());
    // WhatsApp's own interface heard of none of it.
    let ledger = desk
        .world
        .control("GET", "/control/ledger", Value::Null)
        .await;
    assert_eq!(ledger["items"], json!([]));
}

async fn an_instant_reply_is_kept_for_the_app(plan: Plan) {
    let desk = own(plan, "business_app").await;
    let set = async |body: Value| {
        let card = desk.card().await;
        let change = json!({"version": card["version"], "instant_reply": body});
        desk.world.patch(&desk.shop.key, &desk.path(), change).await
    };
    let reply = json!({"enabled": true, "text": "קיבלנו, נחזור היום", "period_hours": 24});
    let card = set(reply.clone()).await.good();
    assert_eq!(card["instant_reply"]["in_app"], true, "{card:#}");
    assert_eq!(card["instant_reply"]["text"], "קיבלנו, נחזור היום");
    assert_eq!(set(Value::Null).await.good()["instant_reply"], Value::Null);
    for (wrong, code) in [
        (
            json!({"enabled": true, "text": " ", "period_hours": 24}),
            "text_empty",
        ),
        (
            json!({"enabled": true, "text": "x", "period_hours": 0}),
            "bad_value",
        ),
    ] {
        set(wrong).await.refused(422, code);
    }
    // A personal app has none at all.
    let body = json!({"name": "mine", "provider": "none", "level": "personal_app", "link": "none",
        "phone": "050-000-0062"});
    let personal = desk.post("/channels", body).await.good();
    let change = json!({"version": personal["version"], "instant_reply": reply});
    let path = format!("/channels/{}", id(&personal));
    let told = desk.world.patch(&desk.shop.key, &path, change).await;
    told.refused(422, "level_forbids");
}
