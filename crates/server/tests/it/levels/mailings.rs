//! Mailings on an unofficial number: said beforehand, paced, stopped, told person by person; and who gets no more.

use app::chance;
use domain::access::Role;
use serde_json::{Value, json};

use crate::numbers::{DIALOG360, Desk, WAHA, beside, next_morning};
use crate::world::{DANA, Plan, eventually, id};

on_both!(
    a_dry_run_says_what_would_happen,
    a_mailing_goes_at_its_pace_until_it_is_stopped,
    whoever_answers_or_opts_out_gets_no_more,
    a_link_asks_before_it_takes,
    only_some_numbers_send_mailings,
);

const YOSSI: &str = "972500000011";

async fn open(plan: Plan) -> Desk {
    let (world, shop) = beside(plan).await;
    next_morning(&world, &shop).await;
    let desk = Desk::connected(world, shop, &WAHA, "business_app", "gateway_two_way").await;
    desk.settled().await;
    desk
}

fn mailing(desk: &Desk, text: &str, to: Value) -> Value {
    json!({"channel_id": desk.channel, "name": "מבצע", "text": text, "to": to})
}

async fn start(desk: &Desk, text: &str, to: Value) -> String {
    let answer = desk.post("/campaigns", mailing(desk, text, to)).await;
    assert_eq!(answer.status, 201, "{answer:#?}");
    id(&answer.good())
}

async fn progress(desk: &Desk, campaign: &str) -> Value {
    let path = format!("/campaigns/{campaign}");
    desk.world.get(&desk.shop.key, &path).await
}

async fn states(desk: &Desk, campaign: &str) -> Vec<String> {
    let path = format!("/campaigns/{campaign}/recipients");
    let all = desk.world.items(&desk.shop.key, &path).await;
    all.iter()
        .map(|one| one["state"].as_str().unwrap().to_owned())
        .collect()
}

/// Winds on until so many have been accepted; answers how long it took, in seconds.
async fn sent(desk: &Desk, count: usize) -> i64 {
    let began = desk.world.now();
    eventually(&format!("{count} have left"), async || {
        if desk.accepted().await.len() >= count {
            return Some(());
        }
        desk.wind(60).await;
        None
    })
    .await;
    assert_eq!(desk.accepted().await.len(), count);
    desk.world.now().duration_since(began).as_secs()
}

async fn a_dry_run_says_what_would_happen(plan: Plan) {
    let desk = open(plan).await;
    desk.writes(DANA, "שלום").await;
    desk.writes(YOSSI, "הסר").await;
    let contacts = desk.world.items(&desk.shop.key, "/contacts").await;
    let dana = contacts
        .iter()
        .find(|contact| contact["phone"] == format!("+{DANA}"))
        .unwrap();
    let pasted =
        "050-000-0070, נועה\n0500000071\nnot a phone\n\n050 000 0070\n050-000-0011\n050-000-0010";
    let to = json!({"contact_ids": [dana["id"]], "pasted": pasted});
    let mut body = mailing(&desk, "שלום {{contact.first_name}}", to);
    body["dry_run"] = true.into();
    let answer = desk.post("/campaigns", body.clone()).await;
    assert_eq!(answer.status, 200, "{answer:#?}");
    let plan = answer.good();
    assert_eq!(
        (
            &plan["recipients"],
            &plan["duplicates"],
            &plan["opted_out"],
            &plan["days"]
        ),
        (&json!(3), &json!(2), &json!(1), &json!(1)),
        "{plan:#}"
    );
    let bad = &plan["invalid"][0];
    assert_eq!(
        (&bad["line"], &bad["text"], &bad["reason"]),
        (&json!(3), &json!("not a phone"), &json!("phone_invalid"))
    );
    // A new number says nineteen of its twenty a day by mailing, so sixty take four days.
    let many: Vec<String> = (0..60).map(|nth| format!("05000001{nth:02}")).collect();
    let mut long = mailing(&desk, "שלום", json!({"pasted": many.join("\n")}));
    long["dry_run"] = true.into();
    let long = desk.post("/campaigns", long).await.good();
    assert_eq!(
        (&long["recipients"], &long["days"]),
        (&json!(60), &json!(4)),
        "{long:#}"
    );
    // Nothing of it was done.
    assert_eq!(desk.world.items(&desk.shop.key, "/contacts").await.len(), 2);
    assert_eq!(
        desk.world.items(&desk.shop.key, "/campaigns").await.len(),
        0
    );
    // What cannot be filled in, and whoever may not.
    body["text"] = "שלום {{contact.shoe_size}}".into();
    desk.post("/campaigns", body.clone())
        .await
        .refused(422, "wording_field_unknown");
    body["text"] = "שלום".into();
    let agent = desk.shop.a(Role::Agent);
    let told = desk.world.post(agent, "/campaigns", body).await;
    told.refused(403, "no_right");
}

async fn a_mailing_goes_at_its_pace_until_it_is_stopped(plan: Plan) {
    let desk = open(plan).await;
    let pasted = "050-000-0070, נועה כהן\n050-000-0071\n050-000-0072\n050-000-0073\n050-000-0074";
    let text = "שלום {{contact.first_name}}, יש מקום";
    let campaign = start(&desk, text, json!({"pasted": pasted})).await;
    let begun = progress(&desk, &campaign).await;
    assert_eq!(begun["state"], "running");
    // A thousand of them bury nobody who waits for an answer.
    assert_eq!(desk.threads().await, Vec::<Value>::new());
    sent(&desk, 1).await;
    let waits = eventually("it is known", async || {
        let told = progress(&desk, &campaign).await;
        (told["counts"]["waiting"] == 4).then_some(told)
    })
    .await;
    assert!(waits["next_at"].is_string() && waits["finishes_at"].is_string());
    // Twenty a day in twelve hours: thirty-six minutes, half as long at the least and half as much more at the most.
    for nth in 2..=3 {
        let took = sent(&desk, nth).await;
        assert!((18 * 60 - 60..=54 * 60 + 60).contains(&took), "{took} s");
    }
    // A person's own word is not held to the mailing's gap.
    let thread = id(&desk.writes(DANA, "אפשר לדבר?").await);
    desk.breathe().await;
    let by_hand = desk.say_text(&thread, "בטח").await;
    desk.becomes(&by_hand, "delivered").await;
    let path = format!("/campaigns/{campaign}/stop");
    let stopped = desk.post(&path, json!({})).await.good();
    assert_eq!(stopped["state"], "stopped");
    assert_eq!(
        (
            &stopped["counts"]["cancelled"],
            &stopped["counts"]["waiting"]
        ),
        (&json!(2), &json!(0)),
        "{stopped:#}"
    );
    desk.post(&path, json!({})).await.good();
    desk.wind(26 * 3600).await;
    let after = desk.say_text(&thread, "והנה עוד משהו").await;
    desk.becomes(&after, "delivered").await;
    let said = desk.said().await;
    assert_eq!(
        said,
        [
            "שלום נועה, יש מקום",
            "שלום, יש מקום",
            "שלום, יש מקום",
            "בטח",
            "והנה עוד משהו"
        ]
    );
    let ends = [
        "delivered",
        "delivered",
        "delivered",
        "cancelled",
        "cancelled",
    ];
    assert_eq!(states(&desk, &campaign).await, ends);
}

async fn whoever_answers_or_opts_out_gets_no_more(plan: Plan) {
    let desk = open(plan).await;
    let people = [DANA, YOSSI, "972500000012"];
    for person in people {
        desk.writes(person, &format!("שלום מ-{person}")).await;
    }
    let contacts = desk.world.items(&desk.shop.key, "/contacts").await;
    let id_of = |person: &str| {
        let phone = format!("+{person}");
        let found = contacts.iter().find(|contact| contact["phone"] == phone);
        found.unwrap()["id"].clone()
    };
    let ids: Vec<Value> = people.iter().map(|person| id_of(person)).collect();
    let campaign = start(&desk, "מבצע!", json!({"contact_ids": ids})).await;
    sent(&desk, 1).await;
    let first = desk.accepted().await[0]["to"].as_str().unwrap().to_owned();
    assert_eq!(first, DANA);
    // One answers what has not been said to him yet, another asks to be left alone.
    desk.writes(YOSSI, "רציתי לשאול משהו").await;
    desk.writes("972500000012", "הסר").await;
    eventually("both are known", async || {
        let told = progress(&desk, &campaign).await;
        (told["state"] == "done").then_some(told)
    })
    .await;
    assert_eq!(
        states(&desk, &campaign).await,
        ["delivered", "answered", "opted_out"]
    );
    desk.wind(26 * 3600).await;
    // She answers what she got; the campaign hears of it.
    desk.writes(DANA, "מעניין").await;
    let told = eventually("her answer counts", async || {
        let told = progress(&desk, &campaign).await;
        (told["counts"]["answered"] == 2).then_some(told)
    })
    .await;
    assert_eq!(
        (&told["counts"]["opted_out"], &told["counts"]["waiting"]),
        (&json!(1), &json!(0)),
        "{told:#}"
    );
    assert_eq!(desk.said().await, ["מבצע!"]);
    // The next mailing leaves out whoever asked; alone they are nobody.
    let mut next = mailing(&desk, "שוב", json!({"contact_ids": ids}));
    next["dry_run"] = true.into();
    let plan = desk.post("/campaigns", next).await.good();
    assert_eq!(
        (&plan["recipients"], &plan["opted_out"]),
        (&json!(2), &json!(1))
    );
    let alone = mailing(&desk, "שוב", json!({"contact_ids": [ids[2]]}));
    desk.post("/campaigns", alone)
        .await
        .refused(422, "nobody_to_write_to");
    // A person may still write to them by hand: that is no mailing.
    let thread = id(&desk.writes("972500000012", "בעצם יש לי שאלה").await);
    desk.breathe().await;
    let by_hand = desk.say_text(&thread, "בשמחה").await;
    desk.becomes(&by_hand, "delivered").await;
}

async fn a_link_asks_before_it_takes(plan: Plan) {
    let desk = open(plan).await;
    desk.writes(DANA, "שלום").await;
    let contact = desk
        .world
        .items(&desk.shop.key, "/contacts")
        .await
        .remove(0);
    // As a mailing of a gateway that tells of no answers would make it.
    let token = chance::token();
    let input = (
        desk.shop.workspace_id,
        chance::hash(&token),
        id(&contact).parse().unwrap(),
        desk.channel.parse().unwrap(),
        desk.world.now(),
    );
    let store = &desk.world.app.store;
    let made = store.write(
        input,
        |tx, (workspace_id, hash, contact_id, channel_id, now)| {
            Box::pin(store::campaigns::add_opt_out_link(
                tx,
                *workspace_id,
                hash,
                *contact_id,
                *channel_id,
                *now,
            ))
        },
    );
    made.await.unwrap();
    // It waits, since something was said just now.
    let thread = id(&desk.threads().await[0]);
    let first = desk.say_text(&thread, "שלום גם לך").await;
    desk.becomes(&first, "delivered").await;
    let campaign = start(&desk, "מבצע!", json!({"contact_ids": [contact["id"]]})).await;
    let page =
        async |method: &str, token: &str| desk.world.page(method, &format!("/o/{token}")).await;
    let marketing = async || {
        let path = format!("/contacts/{}", id(&contact));
        desk.world.get(&desk.shop.key, &path).await["marketing"]["state"].clone()
    };
    // Looked at as often as one likes, by whatever looks at links, it changes nothing.
    for _ in 0..3 {
        let (status, html) = page("GET", &token).await;
        assert_eq!(status, 200);
        assert!(
            html.contains("<form method=\"post\">") && html.contains("dir=\"rtl\""),
            "{html}"
        );
        assert!(html.contains("לדוגמה"), "the page names who wrote: {html}");
        assert!(!html.contains(DANA), "and nobody else: {html}");
    }
    assert_eq!(marketing().await, "unknown");
    let (status, html) = page("POST", &token).await;
    assert_eq!(status, 200);
    assert!(!html.contains("<form"), "{html}");
    assert_eq!(marketing().await, "opted_out");
    assert_eq!(page("POST", &token).await.0, 200);
    assert_eq!(states(&desk, &campaign).await, ["opted_out"]);
    desk.wind(26 * 3600).await;
    let last = desk.say_text(&thread, "להתראות").await;
    desk.becomes(&last, "delivered").await;
    assert_eq!(desk.said().await, ["שלום גם לך", "להתראות"]);
    // A link of nobody's.
    for strange in ["x", &chance::token()] {
        for method in ["GET", "POST"] {
            assert_eq!(page(method, strange).await.0, 404, "{method} {strange}");
        }
    }
}

async fn only_some_numbers_send_mailings(plan: Plan) {
    let desk = Desk::open(plan, &DIALOG360).await;
    let told = desk
        .post(
            "/campaigns",
            mailing(&desk, "x", json!({"pasted": "0500000070"})),
        )
        .await
        .refused(409, "level_forbids");
    assert_eq!(
        told["sending"]["levels"],
        json!(["personal_app", "business_app"]),
        "{told:#}"
    );
    let body = json!({"name": "own", "provider": "none", "level": "business_app", "link": "none",
        "phone": "0500000061"});
    let own = id(&desk.post("/channels", body).await.good());
    let mut body = mailing(&desk, "x", json!({"pasted": "0500000070"}));
    body["channel_id"] = own.into();
    desk.post("/campaigns", body)
        .await
        .refused(409, "level_forbids");
    assert_eq!(
        desk.world.items(&desk.shop.key, "/campaigns").await.len(),
        0
    );
}
