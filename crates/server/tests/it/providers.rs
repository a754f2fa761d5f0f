//! What every provider must do, driven through Kesher's API and the sandbox's alone: one suite, run for each.

mod devices;
mod officials;
mod troubles;

use serde_json::{Value, json};

use crate::bad_input::PIXEL;
use crate::numbers::Desk;
use crate::world::{DANA, eventually};
use devices::*;
use officials::*;
use troubles::*;

macro_rules! suite {
    ($engine:expr; $($provider:ident $kit:ident: $($name:ident),+;)+) => {
        $(mod $provider {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(database) = $engine {
                    let plan = crate::world::World::on(database);
                    Box::pin(super::super::$name(plan, &crate::numbers::$kit)).await;
                }
            })+
        })+
    };
}

mod sqlite {
    macro_rules! gateways {
        ($($provider:ident $kit:ident),+) => {
            suite!(Some(store::testing::sqlite()); $($provider $kit:
                a_device_is_linked_and_checked,
                a_device_says_what_it_can,
                a_device_hears_people_and_its_own_phone,
                one_way_keeps_nothing_of_what_is_said,
                whoever_is_not_the_provider_is_refused,
                a_dead_key_waits_for_a_new_one,
                too_many_at_once_waits_and_goes_once,
                a_lost_answer_is_never_sent_twice;)+);
        };
    }

    macro_rules! officials {
        ($($provider:ident $kit:ident),+) => {
            suite!(Some(store::testing::sqlite()); $($provider $kit:
                an_official_number_is_checked,
                an_official_number_says_what_it_can,
                an_official_number_hears_people,
                whoever_is_not_the_provider_is_refused,
                a_dead_key_waits_for_a_new_one,
                too_many_at_once_waits_and_goes_once,
                a_lost_answer_is_never_sent_twice;)+);
        };
    }

    gateways!(waha WAHA, green_api GREEN_API, evolution EVOLUTION, wuzapi WUZAPI);
    // The others take a first word all the same, and tell afterwards that it failed.
    suite!(Some(store::testing::sqlite());
        held_waha WAHA: a_number_that_is_held_back_waits;
        held_wuzapi WUZAPI: a_number_that_is_held_back_waits;
        late_dialog360 DIALOG360: a_late_no_to_an_old_key_is_no_news;
        late_waha WAHA: a_late_no_to_an_old_key_is_no_news;
    );
    officials!(dialog360 DIALOG360, twilio TWILIO, vonage VONAGE, gupshup GUPSHUP, infobip INFOBIP);

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_number_moves_and_its_conversation_goes_on() {
        let plan = crate::world::World::on(store::testing::sqlite());
        Box::pin(super::a_number_moves_and_its_conversation_goes_on(plan)).await;
    }
}

mod postgres {
    suite!(store::testing::postgres().await;
        waha WAHA:
            a_device_is_linked_and_checked,
            a_device_hears_people_and_its_own_phone,
            a_lost_answer_is_never_sent_twice;
        twilio TWILIO:
            an_official_number_says_what_it_can,
            a_dead_key_waits_for_a_new_one;
    );

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_number_moves_and_its_conversation_goes_on() {
        if let Some(database) = store::testing::postgres().await {
            let plan = crate::world::World::on(database);
            Box::pin(super::a_number_moves_and_its_conversation_goes_on(plan)).await;
        }
    }
}

/// A picture with words and a document, uploaded.
async fn files(desk: &Desk) -> [Value; 2] {
    let upload = async |name: &str, bytes: &[u8]| {
        let file = desk.world.upload(&desk.shop.key, name, bytes).await;
        assert_eq!(file["state"], "stored", "{file}");
        file["id"].clone()
    };
    let picture = upload("photo.png", PIXEL).await;
    let paper = upload("offer.pdf", PAPER).await;
    [
        json!({"kind": "media", "media_id": picture, "caption": "הנה"}),
        json!({"kind": "media", "media_id": paper}),
    ]
}

const PAPER: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

fn the_files_arrived(accepted: &[Value]) {
    assert_eq!(accepted[1]["text"], "הנה", "{accepted:#?}");
    for (item, bytes) in [(&accepted[1], PIXEL), (&accepted[2], PAPER)] {
        assert_eq!(item["media"]["size_bytes"], bytes.len(), "{item:#}");
    }
}

fn examples(template: &Value) -> Value {
    let variables = template["variables"].as_array().unwrap().iter();
    variables
        .map(|variable| json!({"key": variable["key"], "value": variable["example"]}))
        .collect()
}

async fn the_photo_is_kept(desk: &Desk, thread: &str) {
    desk.world
        .photo_to(desk.kit.phone, DANA, "image/png", PIXEL)
        .await;
    let photo = eventually("the photo is here and kept", async || {
        let all = desk.messages(thread).await;
        all.into_iter()
            .find(|message| message["media"]["state"] == "stored")
    })
    .await;
    assert_eq!(photo["media"]["media_kind"], "image");
    let url = photo["media"]["url"].as_str().unwrap();
    assert_eq!(desk.world.bytes(&desk.shop.key, url).await, PIXEL);
}
