//! No more than a thousand in any rolling day.

use domain::rhythm::CapClock;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{Tx, installation, pace};

use super::{count, warm};
use crate::numbers::Desk;
use crate::world::{DANA, Plan, World, eventually, id};

on_both!(
    the_message_after_the_thousandth_waits,
    a_restart_frees_nothing,
    a_clock_that_jumps_ahead_frees_nothing,
);

/// A number that has said all but so many of its thousand, the first of them 23 hours ago; and three threads.
async fn nearly_full(plan: Plan, left: i64) -> (Desk, [String; 3]) {
    let desk = warm(plan).await;
    let mut threads = [const { String::new() }; 3];
    for (nth, person) in [DANA, "972500000011", "972500000012"].iter().enumerate() {
        threads[nth] = id(&desk.writes(person, &format!("שלום מ-{person}")).await);
    }
    let all = 1000 - left;
    let ago = (0..all).map(|nth| SignedDuration::from_secs(23 * 3600 - nth * 80));
    count(&desk, ago.collect()).await;
    assert_eq!(desk.card().await["today"]["sent_24h"], all);
    (desk, threads)
}

/// Waits until it is told to wait for the day's cap; answers until when.
async fn held_back(desk: &Desk, message: &str) -> Timestamp {
    let waits = eventually("it waits for the cap", async || {
        let message = desk.message(message).await;
        (message["waits"]["reason"]["code"] == "day_cap").then_some(message)
    })
    .await;
    assert_eq!(waits["delivery"], "queued", "{waits:#}");
    assert_eq!(
        waits["waits"]["reason"]["params"],
        json!({"cap": "1000", "sent": "1000"}),
        "{waits:#}"
    );
    waits["waits"]["until"].as_str().unwrap().parse().unwrap()
}

/// So many have been accepted, and no more.
async fn have_left(desk: &Desk, count: usize) {
    eventually(&format!("{count} have left"), async || {
        (desk.said().await.len() >= count).then_some(())
    })
    .await;
    assert_eq!(desk.said().await.len(), count);
}

async fn the_message_after_the_thousandth_waits(plan: Plan) {
    let (desk, [thread, other, _]) = nearly_full(plan, 1).await;
    let last = desk.say_text(&thread, "האלף").await;
    desk.becomes(&last, "delivered").await;
    let card = desk.card().await;
    assert_eq!(
        (&card["today"]["sent_24h"], &card["today"]["reachable"]),
        (&json!(1000), &json!(0)),
        "{card:#}"
    );
    desk.wind(21).await;
    let next = desk.say_text(&thread, "האלף ואחת").await;
    let until = held_back(&desk, &next).await;
    let left = until.duration_since(desk.world.now()).as_secs();
    assert!((3400..=3600).contains(&left), "{left}");
    // What was typed on the phone counts as well, and keeps it back no longer than its own day.
    let typed = json!({"provider": "waha", "to": DANA, "text": "מהנייד"});
    desk.world.control("POST", "/control/typed", typed).await;
    eventually("what was typed is here", async || {
        let all = desk.messages(&thread).await;
        all.iter()
            .any(|one| one["author"]["kind"] == "phone")
            .then_some(())
    })
    .await;
    // A minute before the first of the thousand is a day old nothing goes.
    desk.wind(left - 60).await;
    let patience = desk.say_text(&other, "ועוד אחת").await;
    held_back(&desk, &patience).await;
    assert_eq!(desk.said().await, ["האלף"]);
    // The typed one stands where the first has left; with the second the next may go.
    desk.wind(60 + 81).await;
    desk.becomes(&next, "delivered").await;
    desk.wind(81).await;
    desk.becomes(&patience, "delivered").await;
    assert_eq!(desk.said().await, ["האלף", "האלף ואחת", "ועוד אחת"]);
}

async fn a_restart_frees_nothing(plan: Plan) {
    let (desk, [thread, other, third]) = nearly_full(plan, 0).await;
    let message = desk.say_text(&thread, "מחכה").await;
    let until = held_back(&desk, &message).await;
    let desk = desk.restarted().await;
    assert_eq!(desk.card().await["today"]["sent_24h"], 1000);
    let also = desk.say_text(&other, "גם זו").await;
    held_back(&desk, &also).await;
    let left = until.duration_since(desk.world.now()).as_secs();
    desk.wind(left - 30).await;
    let again = desk.say_text(&third, "ועוד").await;
    held_back(&desk, &again).await;
    assert_eq!(desk.said().await, Vec::<String>::new());
    // One place is free; which of the three takes it first is all the same. The next is free eighty seconds later.
    desk.wind(31).await;
    have_left(&desk, 1).await;
    for count in 2..=3 {
        desk.wind(81).await;
        have_left(&desk, count).await;
    }
    for message in [message, also, again] {
        desk.becomes(&message, "delivered").await;
    }
}

/// The wall clock is so far ahead: business time with it, the clock of caps not.
const AHEAD: SignedDuration = SignedDuration::from_hours(25);

async fn jump(tx: &mut Tx, other_boot: bool) -> store::Result<()> {
    let ahead_ms = i64::try_from(AHEAD.as_millis()).unwrap();
    installation::wind_clock(tx, ahead_ms).await?;
    let (boot_id, clock) = pace::cap_clock(tx).await?.unwrap();
    // As if the real time of the anchor had been the same, and the wall clock had leapt since.
    let behind = CapClock {
        real_ms: clock.real_ms - ahead_ms,
        ..clock
    };
    let boot_id = if other_boot {
        "another boot".to_owned()
    } else {
        boot_id
    };
    pace::keep_cap_clock(tx, &boot_id, behind).await
}

async fn a_clock_that_jumps_ahead_frees_nothing(plan: Plan) {
    let (desk, [thread, other, _]) = nearly_full(plan, 0).await;
    let message = desk.say_text(&thread, "מחכה").await;
    held_back(&desk, &message).await;
    let before = desk.world.now();
    let Desk {
        world,
        shop,
        kit,
        channel,
    } = desk;
    let ended = world.end().await;
    ended
        .meanwhile((), |tx, ()| Box::pin(jump(tx, false)))
        .await;
    let desk = Desk {
        world: ended.start().await,
        shop,
        kit,
        channel,
    };
    let leapt = desk.world.now().duration_since(before);
    assert!(leapt >= AHEAD, "{leapt:?}");
    assert_eq!(desk.card().await["today"]["sent_24h"], 1000);
    let also = desk.say_text(&other, "גם זו").await;
    held_back(&desk, &also).await;
    assert_eq!(desk.said().await, Vec::<String>::new());

    // A machine that was off for that day has its day back.
    let Desk {
        world,
        shop,
        kit,
        channel,
    } = desk;
    let ended = world.end().await;
    ended.meanwhile((), |tx, ()| Box::pin(jump(tx, true))).await;
    let desk = Desk {
        world: ended.start().await,
        shop,
        kit,
        channel,
    };
    assert_eq!(desk.card().await["today"]["sent_24h"], 0);
    have_left(&desk, 1).await;
    desk.wind(21).await;
    have_left(&desk, 2).await;
    for message in [message, also] {
        desk.becomes(&message, "delivered").await;
    }
}

/// Another process takes the work over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_takeover_frees_nothing() {
    let Some(database) = store::testing::postgres().await else {
        return;
    };
    let (desk, [thread, other, _]) = nearly_full(World::on(database), 1).await;
    let second = desk.world.another().await;
    let last = desk.say_text(&thread, "האלף").await;
    desk.becomes(&last, "delivered").await;
    desk.wind(21).await;
    let next = desk.say_text(&thread, "האלף ואחת").await;
    let until = held_back(&desk, &next).await;
    let Desk {
        world,
        shop,
        kit,
        channel,
    } = desk;
    assert!(world.app.active.epoch().is_some() && second.app.active.epoch().is_none());
    drop(world.end().await);
    let desk = Desk {
        world: second,
        shop,
        kit,
        channel,
    };
    eventually("the second has the work", async || {
        desk.world.app.active.epoch().map(|_| ())
    })
    .await;
    let also = desk.say_text(&other, "גם זו").await;
    held_back(&desk, &also).await;
    assert_eq!(desk.said().await, ["האלף"]);
    // It goes when its time has come, and once.
    let left = until.duration_since(desk.world.now()).as_secs();
    desk.wind(left + 1).await;
    have_left(&desk, 2).await;
    desk.wind(81).await;
    have_left(&desk, 3).await;
    for message in [next, also] {
        desk.becomes(&message, "accepted").await;
    }
    let unclear = desk.world.items(&desk.shop.key, "/attention").await;
    assert_eq!(unclear, Vec::<Value>::new());
}
