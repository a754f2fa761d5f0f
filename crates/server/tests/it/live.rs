//! The live stream: events as they happen, resumed without a gap, and to each what they may see.

use std::time::Duration;

use domain::access::Role;
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::world::{By, DANA, Plan, Shop, World, id, text};

on_both!(
    events_come_with_their_numbers,
    a_listener_that_was_away_misses_nothing,
    whoever_is_far_behind_begins_anew,
    each_hears_what_they_may,
    the_clock_and_passing_notices,
);

/// Somebody who listens.
struct Listener {
    response: reqwest::Response,
    heard: String,
}

#[derive(Debug)]
struct Heard {
    event: String,
    id: Option<i64>,
    data: Value,
}

impl Listener {
    async fn to(world: &World, by: &By, last: Option<i64>) -> Self {
        let mut headers = vec![("accept", "text/event-stream".to_owned())];
        match by {
            By::Key(key) => headers.push(("authorization", format!("Bearer {key}"))),
            By::Person(token) => headers.push(("cookie", format!("kesher_session={token}"))),
            By::Nobody => {}
        }
        if let Some(last) = last {
            headers.push(("last-event-id", last.to_string()));
        }
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = client.get(format!("{}/api/v1/live", world.url));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            heard: String::new(),
        }
    }

    /// What comes next; comments are nothing.
    async fn next(&mut self) -> Heard {
        let within = Duration::from_secs(10);
        let heard = tokio::time::timeout(within, self.wait()).await;
        heard.expect("something comes").expect("the stream goes on")
    }

    /// Whether the server has hung up.
    async fn ends(mut self) -> bool {
        let within = Duration::from_secs(20);
        tokio::time::timeout(within, async move { while self.wait().await.is_some() {} })
            .await
            .is_ok()
    }

    async fn wait(&mut self) -> Option<Heard> {
        loop {
            while let Some((block, rest)) = self.heard.split_once("\n\n") {
                let heard = read(block);
                self.heard = rest.to_owned();
                if let Some(heard) = heard {
                    return Some(heard);
                }
            }
            let piece = self.response.chunk().await.ok()??;
            self.heard.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    /// The next event of this kind.
    async fn event(&mut self, kind: &str) -> Heard {
        loop {
            let heard = self.next().await;
            if heard.event == "event" && heard.data["kind"] == kind {
                return heard;
            }
        }
    }

    async fn named(&mut self, name: &str) -> Heard {
        loop {
            let heard = self.next().await;
            if heard.event == name {
                return heard;
            }
        }
    }
}

fn read(block: &str) -> Option<Heard> {
    let field = |name: &str| {
        let begin = format!("{name}:");
        block
            .lines()
            .find_map(|line| line.strip_prefix(&begin))
            .map(|value| value.trim_start().to_owned())
    };
    Some(Heard {
        event: field("event")?,
        id: field("id").map(|id| id.parse().unwrap()),
        data: serde_json::from_str(&field("data")?).unwrap(),
    })
}

async fn shop(plan: Plan) -> (World, Shop) {
    let world = plan.open().await;
    let shop = world.shop().await;
    (world, shop)
}

async fn writes(world: &World, shop: &Shop, wamid: &str) {
    let now = world.now().as_second();
    world
        .tell(shop, text(shop, DANA, "Dana Levi", wamid, now, "שלום"))
        .await;
}

async fn events_come_with_their_numbers(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let mut listener = Listener::to(&world, shop.a(Role::Agent), None).await;
    assert_eq!(listener.next().await.event, "clock");
    writes(&world, &shop, "wamid.1").await;
    let mut last = 0;
    let mut kinds = Vec::new();
    while kinds.len() < 4 {
        let heard = listener.next().await;
        assert_eq!(heard.event, "event");
        let seq = heard.id.unwrap();
        assert_eq!(heard.data["seq"], seq);
        assert!(seq > last);
        last = seq;
        kinds.push(heard.data["kind"].as_str().unwrap().to_owned());
        assert!(
            heard.data["ids"].is_object()
                && heard.data["at"].is_string()
                && heard.data["facts"].is_object()
        );
    }
    kinds.sort();
    assert_eq!(
        kinds,
        [
            "contact.created",
            "conversation.created",
            "lead.created",
            "message.received"
        ]
    );
    // Ids, codes and numbers: no word of hers, no name, no phone.
    let all = world.items(&shop.key, "/events").await;
    let told = Value::from(all).to_string();
    assert!(
        !told.contains("שלום") && !told.contains("Dana") && !told.contains(DANA),
        "{told}"
    );
    // What a person does is told as well.
    let thread = id(&world.conversation(&shop).await);
    world.say(&shop, &thread, "היי").await;
    assert_eq!(
        listener.event("message.queued").await.data["ids"]["conversation_id"],
        json!(thread)
    );
}

async fn a_listener_that_was_away_misses_nothing(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let mut listener = Listener::to(&world, &shop.key, None).await;
    writes(&world, &shop, "wamid.0").await;
    let mut heard = vec![listener.event("message.received").await.id.unwrap()];
    // It goes and comes again in the middle of everything, many times.
    for nth in 1..12 {
        drop(listener);
        writes(&world, &shop, &format!("wamid.{nth}a")).await;
        listener = Listener::to(&world, &shop.key, heard.last().copied()).await;
        writes(&world, &shop, &format!("wamid.{nth}b")).await;
        for _ in 0..2 {
            heard.push(listener.event("message.received").await.id.unwrap());
        }
    }
    let events = world.items(&shop.key, "/events?limit=200").await;
    let received = events
        .iter()
        .filter(|event| event["kind"] == "message.received");
    let numbers: Vec<i64> = received
        .map(|event| event["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(heard, numbers);
    // Every number from the first on is there: nothing was lost between two commits.
    let all: Vec<i64> = events
        .iter()
        .map(|event| event["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(
        all,
        (1..=i64::try_from(all.len()).unwrap()).collect::<Vec<_>>()
    );
    // Whoever claims to know the future hears from now on.
    let mut dreamer = Listener::to(&world, &shop.key, Some(1_000_000)).await;
    writes(&world, &shop, "wamid.last").await;
    let next = dreamer.event("message.received").await.id.unwrap();
    assert!(next > *heard.last().unwrap());
}

async fn whoever_is_far_behind_begins_anew(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let now = world.now().as_second();
    // Twelve hundred messages are more events than anybody is told one by one.
    for batch in 0..6 {
        let items: Vec<Value> = (0..200)
            .map(|nth| {
                json!({"from": DANA, "id": format!("wamid.{batch}.{nth}"), "timestamp": now.to_string(), "type": "text",
                       "text": {"body": "x"}})
            })
            .collect();
        world
            .tell(
                &shop,
                crate::world::change(&shop, json!({"messages": items})),
            )
            .await;
    }
    let mut listener = Listener::to(&world, &shop.key, Some(1)).await;
    let mut first = listener.next().await;
    if first.event == "clock" {
        first = listener.next().await;
    }
    assert_eq!(first.event, "reset");
    writes(&world, &shop, "wamid.new").await;
    let next = listener.next().await;
    assert_eq!(
        (next.event.as_str(), &next.data["kind"]),
        ("event", &json!("message.received"))
    );
    // A little behind is caught up with.
    let seq = next.id.unwrap();
    let mut near = Listener::to(&world, &shop.key, Some(seq - 900)).await;
    assert_eq!(near.named("event").await.id, Some(seq - 899));
}

async fn each_hears_what_they_may(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let other = world.shop().await;
    let answer = world.ask(&By::Nobody, "/live").await;
    answer.refused(401, "not_signed_in");
    let mut viewer = Listener::to(&world, shop.a(Role::Viewer), None).await;
    let mut manager = Listener::to(&world, shop.a(Role::Manager), None).await;
    let mut owner = Listener::to(&world, shop.a(Role::Owner), None).await;
    let mut stranger = Listener::to(&world, other.a(Role::Owner), None).await;
    // Something for managers, something for admins, and something for all.
    world
        .tell(
            &shop,
            String::from_utf8(crate::world::change(&shop, json!({"messages": [7]}))).unwrap(),
        )
        .await;
    let key = json!({"name": "k", "scopes": ["leads.read"]});
    world
        .post(shop.a(Role::Owner), "/api-keys", key)
        .await
        .good();
    writes(&world, &shop, "wamid.1").await;
    let until_message = async |listener: &mut Listener| {
        let mut kinds = Vec::new();
        loop {
            let heard = listener.named("event").await;
            let kind = heard.data["kind"].as_str().unwrap().to_owned();
            kinds.push(kind.clone());
            if kind == "message.received" {
                return kinds;
            }
        }
    };
    let heard_by_viewer = until_message(&mut viewer).await;
    assert!(
        heard_by_viewer
            .iter()
            .all(|kind| kind != "quarantine.added" && kind != "api_key.changed"),
        "{heard_by_viewer:?}"
    );
    let heard_by_manager = until_message(&mut manager).await;
    assert!(
        heard_by_manager.contains(&"quarantine.added".to_owned()),
        "{heard_by_manager:?}"
    );
    assert!(
        !heard_by_manager.contains(&"api_key.changed".to_owned()),
        "{heard_by_manager:?}"
    );
    let heard_by_owner = until_message(&mut owner).await;
    assert!(
        heard_by_owner.contains(&"quarantine.added".to_owned())
            && heard_by_owner.contains(&"api_key.changed".to_owned())
    );
    // Another workspace hears of its own alone.
    writes(&world, &other, "wamid.theirs").await;
    let theirs = world.items(&other.key, "/events").await;
    assert_eq!(stranger.named("event").await.data, theirs[0]);
    // The same by asking.
    let asked = world.items(shop.a(Role::Viewer), "/events?limit=200").await;
    assert!(
        asked
            .iter()
            .all(|event| event["kind"] != "quarantine.added")
    );
    // Whoever is disabled hears no more.
    let users = world.items(shop.a(Role::Owner), "/users").await;
    let of_viewer = id(users.iter().find(|user| user["role"] == "viewer").unwrap());
    world
        .patch(
            shop.a(Role::Owner),
            &format!("/users/{of_viewer}"),
            json!({"disabled": true}),
        )
        .await
        .good();
    assert!(viewer.ends().await);
}

async fn the_clock_and_passing_notices(plan: Plan) {
    let (world, shop) = shop(plan).await;
    writes(&world, &shop, "wamid.1").await;
    let thread = id(&world.conversation(&shop).await);
    let mut listener = Listener::to(&world, shop.a(Role::Manager), None).await;
    let first = listener.named("clock").await;
    let before: jiff::Timestamp = first.data["now"].as_str().unwrap().parse().unwrap();
    world
        .wind(&shop, jiff::SignedDuration::from_hours(25))
        .await;
    let wound = listener.named("clock").await;
    let after: jiff::Timestamp = wound.data["now"].as_str().unwrap().parse().unwrap();
    assert!(after.duration_since(before) >= jiff::SignedDuration::from_hours(25));
    // Somebody of the team writes: the others see it, and it is no event.
    let path = format!("/conversations/{thread}/typing");
    let answer = world.post(shop.a(Role::Agent), &path, json!({})).await;
    assert_eq!(answer.status, 204, "{answer:#?}");
    let notice = listener.named("notice").await;
    assert_eq!(
        (&notice.data["kind"], &notice.data["conversation_id"]),
        (&json!("typing"), &json!(thread))
    );
    assert_eq!(notice.id, None);
    // Many listeners at once are told alike.
    let all = (0..20).map(|_| Listener::to(&world, &shop.key, None));
    let mut all: Vec<Listener> = futures_util::stream::iter(all).buffered(20).collect().await;
    writes(&world, &shop, "wamid.2").await;
    let seq = listener.event("message.received").await.id;
    for one in &mut all {
        assert_eq!(one.event("message.received").await.id, seq);
    }
}
