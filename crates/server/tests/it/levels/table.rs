//! The whole table: for every level, link and purpose a message either leaves or is refused in the right words.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::numbers::{DIALOG360, Desk, Kit, WAHA, beside, connecting, next_morning};
use crate::world::{DANA, Plan, World, eventually, id};

on_both!(every_purpose_on_every_number, pairs_that_do_not_exist);

/// What becomes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Goes,
    /// A person sends it in their own app.
    App,
    /// Nobody is there to press: it waits for a person.
    Task,
    No,
}

use Fate::{App, Goes, No, Task};

const PURPOSES: [&str; 6] = [
    "by_hand",
    "instant_reply",
    "triggered",
    "mailing",
    "multi_step",
    "bot",
];

/// Level, link, and the fate of a text of each purpose while the person's window is open.
#[rustfmt::skip]
const TABLE: [(&str, &str, [Fate; 6]); 8] = [
    //                                       by hand, instant, triggered, mailing, several steps, bot
    ("personal_app", "none",            [App,  No,   Task, Task, No,   No]),
    ("personal_app", "gateway_one_way", [Goes, No,   Goes, Goes, No,   No]),
    ("personal_app", "gateway_two_way", [Goes, No,   Goes, Goes, No,   No]),
    ("business_app", "none",            [App,  No,   Task, Task, No,   No]),
    ("business_app", "gateway_one_way", [Goes, No,   Goes, Goes, No,   No]),
    ("business_app", "gateway_two_way", [Goes, Goes, Goes, Goes, No,   No]),
    ("business_app", "coexistence",     [Goes, Goes, Goes, Goes, Goes, Goes]),
    ("business_api", "api",             [Goes, Goes, Goes, Goes, Goes, Goes]),
];

/// Who would send it, for each purpose.
#[rustfmt::skip]
const LEVELS: [&[&str]; 6] = [
    &["personal_app", "business_app", "business_api"],
    &["business_app", "business_api"],
    &["personal_app", "business_app", "business_api"],
    &["personal_app", "business_app", "business_api"],
    &["business_app", "business_api"],
    &["business_app", "business_api"],
];

/// A channel of each pair; what it is set up with at the sandbox is its own.
async fn channel(world: World, shop: crate::world::Shop, nth: usize) -> Desk {
    let (level, link, _) = TABLE[nth];
    let phone = format!("97250000005{nth}");
    let kit: &'static Kit = match link {
        "none" => &WAHA,
        "coexistence" | "api" => DIALOG360.another(&format!("20000000000005{nth}"), &phone),
        _ => WAHA.another(&format!("session{nth}"), &phone),
    };
    if link == "none" {
        let body = json!({"name": "own", "provider": "none", "level": level, "link": link, "phone": phone});
        let made = world.post(&shop.key, "/channels", body).await;
        assert_eq!(made.status, 201, "{made:#?}");
        let channel = id(&made.good());
        return Desk {
            world,
            shop,
            kit,
            channel,
        };
    }
    let mut setup = kit.setup();
    setup["on_business_app"] = (link == "coexistence").into();
    let setup = json!({"gateways": [setup]});
    world.control("POST", "/control/setup", setup).await;
    let desk = Desk::connected(world, shop, kit, level, link).await;
    desk.settled().await;
    desk
}

async fn every_purpose_on_every_number(plan: Plan) {
    let (mut world, mut shop) = beside(plan).await;
    let mut left = BTreeSet::new();
    let mut none_left = Vec::new();
    for (nth, (level, link, fates)) in TABLE.iter().enumerate() {
        next_morning(&world, &shop).await;
        let desk = channel(world, shop, nth).await;
        let official = matches!(*link, "coexistence" | "api");
        let thread = desk.thread_of(DANA).await;
        if official {
            // Outside of the window nothing goes as text, whatever for.
            for purpose in PURPOSES {
                let told = desk.send_for(&thread, purpose, "too early").await;
                told.refused(409, "window_closed");
            }
            desk.writes(DANA, "שלום").await;
        }
        for (place, purpose) in PURPOSES.iter().enumerate() {
            let words = format!("{level} {link} {purpose}");
            let told = desk.send_for(&thread, purpose, &words).await;
            let sent = match fates[place] {
                Goes => told.good(),
                fate => {
                    let (code, reason, mends) = match fate {
                        App => ("opens_app", "opens_app", "open_app"),
                        Task => ("opens_app", "becomes_task", "open_app"),
                        _ => ("level_forbids", "level_forbids", "raise_level"),
                    };
                    let told = told.refused(409, code);
                    let sending = &told["sending"];
                    assert_eq!(sending["reason"]["code"], reason, "{words}: {told:#}");
                    assert_eq!(sending["reason"]["params"]["purpose"], *purpose);
                    assert_eq!(sending["mends"][0]["code"], mends, "{words}: {told:#}");
                    assert_eq!(sending["levels"], json!(LEVELS[place]), "{words}: {told:#}");
                    none_left.push(words);
                    continue;
                }
            };
            eventually(&format!("{words} leaves"), async || {
                if !official {
                    // At a human's pace.
                    desk.wind(600).await;
                }
                let message = desk.message(&id(&sent)).await;
                matches!(
                    message["delivery"].as_str(),
                    Some("sent" | "delivered" | "read")
                )
                .then_some(())
            })
            .await;
            left.insert(words);
        }
        Desk { world, shop, .. } = desk;
    }
    let ledger = world.control("GET", "/control/ledger", Value::Null).await;
    let said: Vec<String> = ledger["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["text"].as_str().unwrap().to_owned())
        .collect();
    let once: BTreeSet<String> = said.iter().cloned().collect();
    assert_eq!(said.len(), once.len(), "something went twice: {said:#?}");
    assert_eq!(once, left);
    assert_eq!((left.len(), none_left.len()), (25, 23));
}

async fn pairs_that_do_not_exist(plan: Plan) {
    let (world, shop) = beside(plan).await;
    let levels = ["personal_app", "business_app", "business_api"];
    let links = [
        "none",
        "gateway_one_way",
        "gateway_two_way",
        "coexistence",
        "api",
    ];
    let mut refused = 0;
    for level in levels {
        for link in links {
            let exists = TABLE
                .iter()
                .any(|(of, with, _)| (*of, *with) == (level, link));
            // Each provider carries its own kind of link, and no other.
            let carries = |provider: &str| match link {
                "none" => provider == "none",
                "gateway_one_way" | "gateway_two_way" => provider == "waha",
                "coexistence" => matches!(provider, "meta" | "360dialog"),
                _ => matches!(provider, "meta" | "360dialog" | "twilio"),
            };
            for provider in ["none", "meta", "360dialog", "twilio", "waha"] {
                if exists && carries(provider) {
                    continue;
                }
                let mut body = connecting(&world, &WAHA, level, link);
                body["provider"] = provider.into();
                let told = world.post(&shop.key, "/channels", body).await;
                let told = told.refused(422, "pair_not_possible");
                assert_eq!(told["field"], "link", "{level} {link} {provider}");
                refused += 1;
            }
        }
    }
    // Of seventy-five the table has two numbers without a link, four at a gateway, two and three official ones.
    assert_eq!(refused, 75 - 2 - 4 - 2 - 3);
    assert_eq!(world.items(&shop.key, "/channels").await.len(), 1);
    // A number changes between one way and two, and nothing else, without moving.
    let desk = Desk::connected(world, shop, &WAHA, "personal_app", "gateway_one_way").await;
    let change = async |link: &str| {
        let card = desk.card().await;
        let body = json!({"version": card["version"], "link": link});
        desk.world.patch(&desk.shop.key, &desk.path(), body).await
    };
    assert_eq!(
        change("gateway_two_way").await.good()["abilities"]["replies"],
        "arrive"
    );
    assert_eq!(
        change("gateway_one_way").await.good()["abilities"]["replies"],
        "reduced"
    );
    for link in ["none", "coexistence", "api"] {
        change(link).await.refused(422, "pair_not_possible");
    }
}
