//! The pace of an unofficial number over HTTP, judged by when the provider accepted what: the cap of a rolling day
//! outlives every restart, takeover and wrong clock, and a mailing keeps to a human's rhythm.

mod cap;
mod picture;
mod rhythm;

use domain::id::ConnectionId;
use jiff::{SignedDuration, Timestamp};
use store::{channels, pace};

use crate::numbers::{Desk, WAHA, beside, next_day_at};
use crate::world::Plan;

/// A warm number as its hours begin: it was linked thirty days ago.
async fn warm(plan: Plan) -> Desk {
    let (world, shop) = beside(plan).await;
    next_day_at(&world, &shop, 8).await;
    let desk = Desk::connected(world, shop, &WAHA, "business_app", "gateway_two_way").await;
    desk.settled().await;
    let linked_at = desk.world.now() - SignedDuration::from_hours(30 * 24);
    let input = (desk.shop.workspace_id, connection(&desk).await, linked_at);
    let store = &desk.world.app.store;
    let aged = store.write(input, |tx, (workspace_id, id, at)| {
        Box::pin(channels::set_linked_at(tx, *workspace_id, *id, *at))
    });
    aged.await.unwrap();
    desk.world.app.reload_directory().await.unwrap();
    assert_eq!(desk.card().await["today"]["cap"], 1000);
    desk
}

async fn connection(desk: &Desk) -> ConnectionId {
    let card = desk.card().await;
    let url = card["webhook"]["url"].as_str().unwrap();
    url.rsplit('/').next().unwrap().parse().unwrap()
}

/// Counts sends that were made at these times before now, on the clock of caps.
async fn count(desk: &Desk, ago: Vec<SignedDuration>) {
    let now: Timestamp = desk.world.app.clock.cap_now();
    let channel: domain::id::ChannelId = desk.channel.parse().unwrap();
    let input = (desk.shop.workspace_id, channel, now, ago);
    let counted = desk
        .world
        .app
        .store
        .write(input, |tx, (workspace_id, channel_id, now, ago)| {
            Box::pin(async move {
                for ago in ago {
                    pace::count_send(tx, *workspace_id, *channel_id, *now - *ago, None).await?;
                }
                Ok(())
            })
        });
    counted.await.unwrap();
}
