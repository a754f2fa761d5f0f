//! A thousand messages of one mailing, sent through the whole of Kesher with the clock wound on: a human's rhythm.

use domain::risk::Week;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::pace;

use super::warm;
use crate::numbers::Desk;
use crate::world::{World, eventually, id};

const COUNT: usize = 1000;

/// The number has long been used and is well answered, so that its risk does not slow it.
async fn well_answered(desk: &Desk) {
    let channel: domain::id::ChannelId = desk.channel.parse().unwrap();
    let input = (desk.shop.workspace_id, channel, desk.world.now());
    let told = desk
        .world
        .app
        .store
        .write(input, |tx, (workspace_id, channel_id, now)| {
            Box::pin(async move {
                let more = Week {
                    sent: 4000,
                    answered: 2000,
                    ..Week::default()
                };
                pace::add_to_day(tx, *workspace_id, *channel_id, *now, &more).await
            })
        });
    told.await.unwrap();
}

async fn accepted(desk: &Desk, since: i64) -> (Vec<Timestamp>, i64) {
    let path = format!("/control/ledger?provider=waha&since={since}");
    let ledger = desk.world.control("GET", &path, Value::Null).await;
    let all = ledger["items"].as_array().unwrap().iter();
    let times = all.map(|item| item["accepted_at"].as_str().unwrap().parse().unwrap());
    let next = ledger["next"].as_i64().unwrap_or(since);
    (times.collect(), next)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_go_out_as_a_person_would_send_them() {
    let desk = warm(World::on(store::testing::sqlite())).await;
    well_answered(&desk).await;
    let phones: Vec<String> = (0..COUNT).map(|nth| format!("+97255{nth:07}")).collect();
    let body = json!({"channel_id": desk.channel, "name": "אלף", "text": "שלום",
        "to": {"pasted": phones.join("\n")}});
    let campaign = id(&desk.post("/campaigns", body).await.good());
    let mut sent: Vec<Timestamp> = Vec::new();
    let mut since = 0;
    while sent.len() < COUNT {
        let (more, next) = eventually("one more leaves", async || {
            let (more, next) = accepted(&desk, since).await;
            if !more.is_empty() {
                return Some((more, next));
            }
            let card = desk.card().await;
            if card["health"]["waiting"] != COUNT - sent.len() {
                // One is on its way.
                return None;
            }
            // To the next instant at which one may go, and no further.
            let next_at: Option<Timestamp> = card["today"]["next_at"]
                .as_str()
                .map(|text| text.parse().unwrap());
            let left = next_at.map_or(0, |at| at.duration_since(desk.world.now()).as_millis());
            if left > 0 {
                desk.wind(i64::try_from((left + 999) / 1000).unwrap()).await;
            }
            None
        })
        .await;
        assert_eq!(more.len(), 1, "one at a time");
        sent.extend(more);
        since = next;
    }
    let done = eventually("all of it is done", async || {
        let path = format!("/campaigns/{campaign}");
        let told = desk.world.get(&desk.shop.key, &path).await;
        (told["state"] == "done").then_some(told)
    })
    .await;
    assert_eq!(done["counts"]["failed"], 0, "{done:#}");
    assert_eq!(done["counts"]["unclear"], 0, "{done:#}");
    judge(&sent);
}

fn judge(sent: &[Timestamp]) {
    let zone = TimeZone::get("Asia/Jerusalem").unwrap();
    for at in sent {
        let local = zone.to_datetime(*at);
        assert!(
            (8..20).contains(&local.hour()),
            "{local} is not within the hours"
        );
    }
    let today = zone.to_datetime(sent[0]).date();
    let (first, second): (Vec<Timestamp>, Vec<Timestamp>) = sent
        .iter()
        .partition(|at| zone.to_datetime(**at).date() == today);
    // A mailing leaves a twentieth of the thousand to single messages; the rest goes on the day after, and no rolling
    // day holds more.
    assert_eq!((first.len(), second.len()), (950, 50));
    for (nth, at) in sent.iter().enumerate().skip(950) {
        let before = at.duration_since(sent[nth - 950]);
        assert!(
            before >= SignedDuration::from_hours(24),
            "{at} is one too many"
        );
    }
    let gaps = |times: &[Timestamp]| -> Vec<f64> {
        let pairs = times.windows(2);
        pairs
            .map(|pair| pair[1].duration_since(pair[0]).as_secs_f64())
            .collect()
    };
    assert!(gaps(&second).iter().all(|gap| *gap >= 19.5));
    let gaps = gaps(&first);
    // A thousand in twelve hours are 43.2 seconds; the clock is wound a second too far at the most.
    let mean = mean_of(&gaps);
    assert!((41.0..46.0).contains(&mean), "{mean}");
    // Pauses of two to six minutes; 35 seconds else, half as long at the least (and never under twenty seconds) and
    // half as much more at the most.
    let is_pause = |gap: f64| (119.5..=363.0).contains(&gap);
    let is_short = |gap: f64| (19.5..=55.0).contains(&gap);
    for gap in &gaps {
        assert!(is_pause(*gap) || is_short(*gap), "a gap of {gap} s");
    }
    let shorts: Vec<f64> = gaps.iter().copied().filter(|gap| is_short(*gap)).collect();
    let mean = mean_of(&shorts);
    assert!((33.5..38.0).contains(&mean), "{mean}");
    // They differ: no machine's beat. An even spread over 35 seconds has a deviation of ten.
    let squares: Vec<f64> = shorts.iter().map(|gap| (gap - mean).powi(2)).collect();
    let spread = mean_of(&squares).sqrt();
    assert!((8.0..12.0).contains(&spread), "{spread}");
    // A pause after every twenty to thirty messages.
    let pauses: Vec<usize> = (0..gaps.len()).filter(|nth| is_pause(gaps[*nth])).collect();
    for pair in pauses.windows(2) {
        let run = pair[1] - pair[0];
        assert!(
            (20..=30).contains(&run),
            "{run} messages between two pauses"
        );
    }
    assert!((36..=39).contains(&pauses.len()), "{} pauses", pauses.len());
}

fn mean_of(all: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a thousand of them")]
    let count = all.len() as f64;
    all.iter().sum::<f64>() / count
}
