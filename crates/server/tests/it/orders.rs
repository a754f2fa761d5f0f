//! Stories among the samples: whatever order their webhooks come in, they end in the same state.

use futures_util::StreamExt;
use futures_util::stream::iter;
use serde_json::{Value, json};

use crate::sample;
use crate::shown::{OURS, bare, everything, lines};
use crate::world::{DANA, Plan, Shop, WABA, World, ZERO, change, eventually, id, text};

on_both!(
    statuses_of_a_message,
    an_edit_a_revocation_and_reactions,
    a_change_of_number,
    stop_and_resume,
    where_a_lead_came_from,
);

/// The message of Dana's that the samples edit and take back.
const DANAS: &str = "wamid.HBgMOTcyNTAwMDAwMDEwFQIAEhgUODdEQUM1MTUwNkQwNjY1MkJFMDIA";

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for next in 0..count {
        let put_in = |order: &Vec<usize>| -> Vec<Vec<usize>> {
            let at = |place| {
                let mut order = order.clone();
                order.insert(place, next);
                order
            };
            (0..=order.len()).map(at).collect()
        };
        all = all.iter().flat_map(put_in).collect();
    }
    all
}

/// All of them on SQLite; on PostgreSQL, where each takes longer and the rules are the same, a third of many.
fn played(world: &World, orders: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let is_sqlite = world.app.store.dialect() == store::sql::Dialect::Sqlite;
    let step = if is_sqlite || orders.len() <= 24 {
        1
    } else {
        3
    };
    orders.into_iter().step_by(step).collect()
}

#[test]
fn there_are_as_many_orders_as_there_should_be() {
    let mut all = orders(5);
    assert_eq!(all.len(), 120);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 120);
}

/// One step of a story.
enum Step {
    Webhook(Vec<u8>),
    /// We send the message that has the samples' id.
    WeSend,
}

/// Plays a story in every order, each in a shop of its own, and holds every end to these lines and to each other.
/// In every other order all of it comes in at once, so that one batch applies it.
async fn play(
    world: &World,
    first: &str,
    steps: impl Fn(&Shop) -> Vec<Step>,
    orders: Vec<Vec<usize>>,
    end: &[&str],
) {
    let orders = played(world, orders);
    let shops = world.shops(orders.len()).await;
    let all = shops.into_iter().zip(orders).enumerate();
    let ends: Vec<(Vec<usize>, Value)> = iter(all)
        .map(async |(nth, (shop, order))| {
            if !first.is_empty() {
                world
                    .tell(
                        &shop,
                        text(&shop, DANA, "Dana Levi", first, ZERO - 60, "שלום"),
                    )
                    .await;
            }
            let steps = steps(&shop);
            let one_by_one = nth % 2 == 0;
            for step in &order {
                match &steps[*step] {
                    Step::Webhook(body) => {
                        assert_eq!(world.webhook(&shop, body).await, 200);
                        if one_by_one {
                            world.applied(&shop).await;
                        }
                    }
                    Step::WeSend => we_send(world, &shop).await,
                }
            }
            world.applied(&shop).await;
            (order, everything(world, &shop).await)
        })
        .buffer_unordered(8)
        .collect()
        .await;
    let (model, shown) = &ends[0];
    for (order, all) in &ends {
        assert_eq!(lines(all), end, "in the order {order:?}");
        assert_eq!(
            bare(all.clone()),
            bare(shown.clone()),
            "in the orders {order:?} and {model:?}"
        );
    }
}

async fn we_send(world: &World, shop: &Shop) {
    let thread = id(&world.conversation(shop).await);
    let message = id(&world.say(shop, &thread, OURS).await);
    eventually("our message is accepted", async || {
        let now = world.get(&shop.key, &format!("/messages/{message}")).await;
        now["receipts"]["accepted_at"].is_string().then_some(())
    })
    .await;
}

fn webhook(shop: &Shop, name: &str) -> Step {
    Step::Webhook(sample(name).replace(WABA, &shop.waba).into_bytes())
}

async fn open(plan: Plan) -> World {
    plan.on_the_samples_day()
        .with_obedient_provider()
        .await
        .open()
        .await
}

async fn statuses_of_a_message(plan: Plan) {
    let world = open(plan).await;
    // All orders of five would be 720 with our own sending among them: every sixth puts it at another place.
    let orders = orders(5).into_iter().enumerate().map(|(nth, mut order)| {
        order.insert(nth % 6, 5);
        order
    });
    let steps = |shop: &Shop| {
        vec![
            webhook(
                shop,
                "status-sent-utility-in-window-billable-since-oct-2026",
            ),
            webhook(shop, "status-delivered-utility"),
            webhook(shop, "status-read"),
            webhook(shop, "status-played-voice"),
            webhook(shop, "status-failed-131049-ecosystem"),
            Step::WeSend,
        ]
    };
    let end = [
        "contact Dana Levi +972500000010",
        "lead whatsapp",
        "thread unread 1 window open since -60",
        "in text שלום",
        // It was played, so it cannot have failed for good: the failure is a fact among the others.
        "out played text OURS delivered+3 failed+5 played+75 read+60 sent+1 regular utility",
    ];
    play_ours(&world, steps, orders.collect(), &end).await;
}

/// As [`play`], where the times of our own sending are not the same in every order.
async fn play_ours(
    world: &World,
    steps: impl Fn(&Shop) -> Vec<Step>,
    orders: Vec<Vec<usize>>,
    end: &[&str],
) {
    let orders = played(world, orders);
    let shops = world.shops(orders.len()).await;
    let ends: Vec<(Vec<usize>, Vec<String>)> = iter(shops.into_iter().zip(orders))
        .map(async |(shop, order)| {
            world
                .tell(
                    &shop,
                    text(&shop, DANA, "Dana Levi", "wamid.FIRST", ZERO - 60, "שלום"),
                )
                .await;
            let steps = steps(&shop);
            for step in &order {
                match &steps[*step] {
                    Step::Webhook(body) => assert_eq!(world.webhook(&shop, body).await, 200),
                    Step::WeSend => we_send(world, &shop).await,
                }
            }
            world.applied(&shop).await;
            (order, lines(&everything(world, &shop).await))
        })
        .buffer_unordered(8)
        .collect()
        .await;
    for (order, lines) in ends {
        assert_eq!(lines, end, "in the order {order:?}");
    }
}

async fn an_edit_a_revocation_and_reactions(plan: Plan) {
    let world = open(plan).await;
    // The samples react to a message of ours; here it is Dana's own, so that one message has all of it.
    let on_danas = |shop: &Shop, name: &str, at: i64| {
        let body = sample(name).replace(WABA, &shop.waba).replace(OURS, DANAS);
        Step::Webhook(body.replace("1795334400", &at.to_string()).into_bytes())
    };
    let steps = |shop: &Shop| {
        vec![
            Step::Webhook(text(shop, DANA, "Dana Levi", DANAS, ZERO - 30, "2 יחידות")),
            webhook(shop, "msg-edit"),
            webhook(shop, "msg-revoke"),
            on_danas(shop, "msg-reaction", ZERO + 1),
            on_danas(shop, "msg-reaction-removed", ZERO + 1),
        ]
    };
    let end = [
        "contact Dana Levi +972500000010",
        "lead whatsapp",
        "thread unread 2 window open since -30",
        "in text שלום",
        "in text edited+0 revoked+0",
    ];
    play(&world, "wamid.FIRST", steps, orders(5), &end).await;
    // Without the revocation the edit is what is seen, and a reaction stands that was made after one was taken back.
    let steps = |shop: &Shop| {
        vec![
            Step::Webhook(text(shop, DANA, "Dana Levi", DANAS, ZERO - 30, "2 יחידות")),
            webhook(shop, "msg-edit"),
            on_danas(shop, "msg-reaction-removed", ZERO + 1),
            on_danas(shop, "msg-reaction", ZERO + 2),
        ]
    };
    let end = [
        "contact Dana Levi +972500000010",
        "lead whatsapp",
        "thread unread 2 window open since -30",
        "in text שלום",
        "in text תיקון: 3 יחידות edited+0 👍 person",
    ];
    play(&world, "wamid.FIRST", steps, orders(4), &end).await;
}

async fn a_change_of_number(plan: Plan) {
    let world = open(plan).await;
    let from = |shop: &Shop, phone: &str, bsuid: &str, wamid: &str, at: i64, words: &str| {
        Step::Webhook(change(
            shop,
            json!({
                "contacts": [{"profile": {"name": "Dana Levi"}, "wa_id": phone, "user_id": bsuid}],
                "messages": [{"from": phone, "from_user_id": bsuid, "id": wamid, "timestamp": at.to_string(),
                              "type": "text", "text": {"body": words}}]
            }),
        ))
    };
    let (old, new) = ("IL.13491208655302741918", "IL.24591208655302741777");
    let steps = |shop: &Shop| {
        vec![
            from(shop, DANA, old, "wamid.BEFORE", ZERO - 20, "לפני"),
            webhook(shop, "msg-system-user-changed-number"),
            from(shop, "972500000033", new, "wamid.AFTER", ZERO + 20, "אחרי"),
            from(shop, "972500000033", new, "wamid.LAST", ZERO + 40, "ועוד"),
            from(shop, DANA, old, "wamid.EARLY", ZERO - 40, "מוקדם"),
        ]
    };
    let end = [
        "contact Dana Levi +972500000033",
        "lead whatsapp",
        "thread unread 4 window open since +40",
        "in text מוקדם",
        "in text לפני",
        "in text אחרי",
        "in text ועוד",
    ];
    play(&world, "", steps, orders(5), &end).await;
}

async fn stop_and_resume(plan: Plan) {
    let world = open(plan).await;
    let at = |shop: &Shop, name: &str, at: i64| {
        let body = sample(name).replace(WABA, &shop.waba);
        Step::Webhook(body.replace("1795334400", &at.to_string()).into_bytes())
    };
    let steps = |shop: &Shop| {
        vec![
            at(shop, "user-preferences-stop", ZERO),
            at(shop, "user-preferences-resume", ZERO + 10),
            at(shop, "user-preferences-stop", ZERO + 20),
            // Within one second the stop stands.
            at(shop, "user-preferences-resume", ZERO + 20),
            webhook(shop, "msg-text"),
        ]
    };
    let end = [
        "contact Dana Levi +972500000010 marketing opted_out",
        "lead whatsapp",
        "thread unread 1 window open since +0",
        "in text שלום, יש לכם את זה בצבע אחר?",
    ];
    play(&world, "", steps, orders(5), &end).await;
    let steps = |shop: &Shop| {
        vec![
            at(shop, "user-preferences-stop", ZERO),
            at(shop, "user-preferences-resume", ZERO + 10),
            webhook(shop, "msg-text"),
        ]
    };
    let end = [
        "contact Dana Levi +972500000010 marketing allowed",
        "lead whatsapp",
        "thread unread 1 window open since +0",
        "in text שלום, יש לכם את זה בצבע אחר?",
    ];
    play(&world, "", steps, orders(3), &end).await;
}

async fn where_a_lead_came_from(plan: Plan) {
    let world = open(plan).await;
    // The first thing she wrote came through an ad, whatever reaches us first.
    let steps = |shop: &Shop| {
        let later = |wamid: &str, at: i64, words: &str| {
            Step::Webhook(text(shop, DANA, "Dana Levi", wamid, at, words))
        };
        vec![
            webhook(shop, "msg-text-referral-ctwa"),
            later("wamid.LATER", ZERO + 10, "הלו?"),
            later("wamid.LAST", ZERO + 20, "יש מישהו?"),
        ]
    };
    let end = [
        "contact Dana Levi +972500000010",
        "lead whatsapp_ad דברו איתנו",
        "thread unread 3 window open since +20",
        "in text אפשר לקבל פרטים? from ad https://fb.me/example1 דברו איתנו מבצע קיץ https://scontent.example.net/ad.jpg",
        "in text הלו?",
        "in text יש מישהו?",
    ];
    play(&world, "", steps, orders(3), &end).await;
}
