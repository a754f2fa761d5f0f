//! What nobody should send, and what comes all the same.

use domain::access::Role;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::media;

use crate::shown::everything;
use crate::world::{
    By, DANA, NUMBER, PORTFOLIO, Plan, SECRET, Shop, World, change, eventually, id, sign, text,
};

on_both!(
    a_signature_that_is_not_ours_leaves_nothing_but_a_count,
    two_secrets_live_while_one_is_changed,
    what_is_not_json_is_kept_and_shown,
    a_body_that_is_too_large_is_refused,
    an_unknown_number_waits_until_it_is_connected,
    an_app_vouches_for_its_own_numbers_alone,
    one_bad_item_among_a_hundred_good_ones,
    absurd_times_are_no_times,
    a_message_that_comes_hours_late,
    a_file_that_cannot_be_fetched_for_a_while,
    a_very_long_text,
    letters_that_are_none,
    names_and_emoji_of_all_kinds,
    two_people_change_one_lead,
);

async fn shop(plan: Plan) -> (World, Shop) {
    let world = plan.open().await;
    let shop = world.shop().await;
    (world, shop)
}

fn hello(world: &World, shop: &Shop, wamid: &str) -> Vec<u8> {
    text(
        shop,
        DANA,
        "Dana Levi",
        wamid,
        world.now().as_second(),
        "שלום",
    )
}

async fn refused_webhooks(world: &World, code: &str) -> u64 {
    let figures = world
        .send(&By::Nobody, "GET", "/metrics", &[], None)
        .await
        .body;
    let begin = format!("kesher_webhooks_refused{{code=\"{code}\"}} ");
    let figures = figures.as_str().unwrap().to_owned();
    let line = figures.lines().find_map(|line| line.strip_prefix(&begin));
    line.map_or(0, |count| count.parse().unwrap())
}

async fn a_signature_that_is_not_ours_leaves_nothing_but_a_count(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let other = world.shop().await;
    let body = hello(&world, &shop, "wamid.1");
    let right = sign(&shop.secret, &body);
    let before = refused_webhooks(&world, "signature_invalid").await;
    let missing_before = refused_webhooks(&world, "signature_missing").await;
    let theirs = sign(&other.secret, &body);
    let of_another_body = sign(&shop.secret, b"{}");
    let no_name = right.replace("sha256=", "");
    let cut = right[..60].to_owned();
    for wrong in [
        &theirs,
        &of_another_body,
        &no_name,
        &cut,
        "sha256=",
        "sha1=00",
    ] {
        let headers = [("x-hub-signature-256", wrong)];
        world
            .post_webhook(&shop, &headers, &body)
            .await
            .refused(401, "signature_invalid");
    }
    world
        .post_webhook(&shop, &[], &body)
        .await
        .refused(401, "signature_missing");
    // The old header is no signature, and of two nobody knows which one was meant.
    let old = [("x-hub-signature", right.as_str())];
    world
        .post_webhook(&shop, &old, &body)
        .await
        .refused(401, "signature_missing");
    let two = [
        ("x-hub-signature-256", theirs.as_str()),
        ("x-hub-signature-256", right.as_str()),
    ];
    world
        .post_webhook(&shop, &two, &body)
        .await
        .refused(401, "signature_missing");
    // Nothing is kept: neither applied nor put aside.
    world.tell(&shop, hello(&world, &shop, "wamid.2")).await;
    let all = everything(&world, &shop).await;
    assert_eq!(all["threads"][0]["messages"].as_array().unwrap().len(), 1);
    assert_eq!(all["quarantine"], json!([]));
    assert!(refused_webhooks(&world, "signature_invalid").await >= before + 6);
    assert!(refused_webhooks(&world, "signature_missing").await >= missing_before + 3);
    // An app that is not there is not there.
    let mut nobody = shop.clone();
    nobody.app_key = "nobodys".into();
    world
        .signed_with(&shop.secret, &nobody, &body)
        .await
        .refused(404, "app_unknown");
}

async fn two_secrets_live_while_one_is_changed(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let admin = shop.a(Role::Admin);
    let path = format!("/channels/{}", shop.channel_id);
    let mut secrets = vec![SECRET.to_owned()];
    for next in ["the-second-secret", "the-third-secret"] {
        let version = world.get(admin, &path).await["version"].clone();
        let change = json!({"version": version, "app_secret": next});
        world.patch(admin, &path, change).await.good();
        secrets.push(next.to_owned());
        let live = secrets.len() - 2;
        for (nth, secret) in secrets.iter().enumerate() {
            let body = hello(&world, &shop, &format!("wamid.{next}.{nth}"));
            let answer = world.signed_with(secret, &shop, &body).await;
            assert_eq!(
                answer.status,
                if nth < live { 401 } else { 200 },
                "{secret} after {next}"
            );
        }
    }
    world.applied(&shop).await;
    let thread = id(&world.conversation(&shop).await);
    let messages = world
        .items(&shop.key, &format!("/conversations/{thread}/messages"))
        .await;
    assert_eq!(messages.len(), 4);
}

async fn what_is_not_json_is_kept_and_shown(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let list = format!("{}{}", "[".repeat(300), "]".repeat(300));
    let bodies: [(&[u8], &str); 5] = [
        (
            b"{\"object\": \"whatsapp_business_account\", \"entry\": [",
            "not_json",
        ),
        (b"", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b"{\"object\": \"page\", \"entry\": []}", "unknown_object"),
        (list.as_bytes(), "unknown_object"),
    ];
    for (body, _) in bodies {
        assert_eq!(world.webhook(&shop, body).await, 200);
    }
    let shown = eventually("all of it is put aside", async || {
        let shown = world.items(shop.a(Role::Manager), "/quarantine").await;
        (shown.len() == bodies.len()).then_some(shown)
    })
    .await;
    for ((body, reason), item) in bodies.iter().zip(shown.iter().rev()) {
        assert_eq!(item["raw"], String::from_utf8_lossy(body).as_ref());
        assert_eq!(item["reason"], *reason, "{item:#}");
        assert_eq!(
            (&item["position"], &item["source"]),
            (&Value::Null, &json!("meta"))
        );
    }
    // What is nested too deep is found when it is applied.
    let deep = change(&shop, json!({"messages": "DEEP"}));
    let deep = String::from_utf8(deep).unwrap().replace("\"DEEP\"", &list);
    world.tell(&shop, deep).await;
    let deep = world.items(&shop.key, "/quarantine").await.remove(0);
    assert_eq!(
        (&deep["reason"], &deep["position"]),
        (&json!("too_deep"), &Value::Null)
    );
    // Put away, it is gone from the list.
    let path = format!("/quarantine/{}/dismiss", id(&shown[0]));
    world
        .post(shop.a(Role::Manager), &path, json!({}))
        .await
        .good();
    assert_eq!(
        world.items(&shop.key, "/quarantine").await.len(),
        bodies.len()
    );
    world
        .post(shop.a(Role::Manager), &path, json!({}))
        .await
        .refused(404, "not_found");
}

async fn a_body_that_is_too_large_is_refused(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let large = vec![b' '; 10 * 1024 * 1024];
    world
        .signed_with(&shop.secret, &shop, &large)
        .await
        .refused(413, "body_too_large");
    // Meta's largest are 3 MB.
    let mut most = hello(&world, &shop, "wamid.most");
    most.resize(3 * 1024 * 1024, b' ');
    world.tell(&shop, &most).await;
    assert_eq!(
        world.conversation(&shop).await["last_message"]["text"],
        "שלום"
    );
    assert_eq!(
        world.items(&shop.key, "/quarantine").await,
        Vec::<Value>::new()
    );
}

const OTHER_NUMBER: &str = "106540352249999";

fn to_other_number(body: Vec<u8>) -> Vec<u8> {
    String::from_utf8(body)
        .unwrap()
        .replace(NUMBER, OTHER_NUMBER)
        .into_bytes()
}

fn connect(shop: &Shop, app_id: &str, number: &str) -> Value {
    json!({
        "name": "Second", "provider": "meta", "level": "business_api", "link": "api",
        "base_url": "http://127.0.0.1:9",
        "app": {"app_id": app_id, "app_secret": shop.secret, "verify_token": "verify-me"},
        "waba_id": shop.waba, "phone_number_id": number, "token": "a-token"
    })
}

async fn an_unknown_number_waits_until_it_is_connected(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let body = to_other_number(hello(&world, &shop, "wamid.1"));
    // Half of a pair of code units: kept as it came, shown as the mark of what cannot be shown.
    let body = String::from_utf8(body)
        .unwrap()
        .replace("שלום", "a\\ud83db")
        .into_bytes();
    world.tell(&shop, &body).await;
    let item = world
        .items(shop.a(Role::Manager), "/quarantine")
        .await
        .remove(0);
    assert_eq!(item["reason"], "number_unknown");
    assert_eq!(item["phone_number_id"], OTHER_NUMBER);
    assert_eq!(item["field"], "messages");
    assert!(
        item["raw"]
            .as_str()
            .unwrap()
            .contains("\"body\":\"a\\ud83db\""),
        "{item:#}"
    );
    assert_eq!(
        world.items(&shop.key, "/contacts").await,
        Vec::<Value>::new()
    );
    // Tried too early it comes back.
    let retry = |item: &Value| format!("/quarantine/{}/retry", id(item));
    assert_eq!(
        world
            .post(shop.a(Role::Manager), &retry(&item), json!({}))
            .await
            .status,
        202
    );
    world.applied(&shop).await;
    let item = world.items(&shop.key, "/quarantine").await.remove(0);
    // Connected, it is applied.
    let made = world
        .post(
            shop.a(Role::Admin),
            "/channels",
            connect(&shop, crate::world::META_APP, OTHER_NUMBER),
        )
        .await;
    assert_eq!(made.status, 201, "{made:#?}");
    let channel = made.good();
    assert_eq!(
        world
            .post(shop.a(Role::Manager), &retry(&item), json!({}))
            .await
            .status,
        202
    );
    world.applied(&shop).await;
    let thread = world.conversation(&shop).await;
    assert_eq!(thread["channel"]["id"], channel["id"]);
    assert_eq!(thread["last_message"]["text"], "a\u{fffd}b");
    assert_eq!(thread["contact"]["phone"], format!("+{DANA}"));
    assert_eq!(
        world.items(&shop.key, "/quarantine").await,
        Vec::<Value>::new()
    );
}

async fn an_app_vouches_for_its_own_numbers_alone(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let other = world.shop().await;
    let app_of_other = "670840000000002";
    let made = world
        .post(
            other.a(Role::Owner),
            "/channels",
            connect(&other, app_of_other, OTHER_NUMBER),
        )
        .await;
    assert_eq!(made.status, 201, "{made:#?}");
    // Rightly signed by the first shop's app, about the second shop's number and account.
    let body = to_other_number(hello(&world, &other, "wamid.1"));
    world.tell(&shop, &body).await;
    let account = json!({"object": "whatsapp_business_account", "entry": [{"id": other.waba, "time": 1, "changes": [
        {"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}}]}]});
    world.tell(&shop, account.to_string()).await;
    assert_eq!(world.items(&shop.key, "/quarantine").await.len(), 2);
    for of_other in ["/conversations", "/contacts", "/leads", "/quarantine"] {
        assert_eq!(
            world.items(&other.key, of_other).await,
            Vec::<Value>::new(),
            "{of_other}"
        );
    }
    let told = world.items(&other.key, "/events").await;
    assert!(
        told.iter().all(|event| event["kind"] != "provider.hint"),
        "{told:#?}"
    );
    // And the second shop's own app does vouch.
    world.tell(&other, &body).await;
    assert_eq!(
        world.conversation(&other).await["contact"]["phone"],
        format!("+{DANA}")
    );
    // Another workspace's app, account or number cannot be connected.
    let admin = other.a(Role::Admin);
    let taken = connect(&other, crate::world::META_APP, "106540352240077");
    world
        .post(admin, "/channels", taken)
        .await
        .refused(409, "app_of_other_workspace");
    let mut taken = connect(&other, "670849999999999", "106540352240077");
    taken["waba_id"] = json!(shop.waba);
    world
        .post(admin, "/channels", taken)
        .await
        .refused(409, "app_of_other_workspace");
    assert_eq!(world.items(&other.key, "/channels").await.len(), 2);
    // The portfolio is no back door either: what names it alone goes to whoever signed.
    let portfolio = json!({"object": "whatsapp_business_account", "entry": [{"id": PORTFOLIO, "time": 2, "changes": [
        {"field": "partner_solutions", "value": {"event": "SOLUTION_UPDATED", "solution_id": "1"}}]}]});
    world.tell(&shop, portfolio.to_string()).await;
    let notices = async |of: &Shop| {
        let events = world.items(&of.key, "/events?limit=200").await;
        events
            .iter()
            .filter(|event| event["kind"] == "provider.notice")
            .count()
    };
    assert_eq!((notices(&shop).await, notices(&other).await), (1, 0));
}

async fn one_bad_item_among_a_hundred_good_ones(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let now = world.now().as_second();
    let items: Vec<Value> = (0..101)
        .map(|nth| match nth {
            41 => json!({"from": DANA, "timestamp": now.to_string(), "type": "text", "text": {"body": "no id"}}),
            _ => json!({"from": DANA, "id": format!("wamid.{nth}"), "timestamp": now.to_string(), "type": "text",
                        "text": {"body": format!("{nth}")}}),
        })
        .collect();
    let contacts = json!([{"profile": {"name": "Dana Levi"}, "wa_id": DANA}]);
    let body = change(&shop, json!({"contacts": contacts, "messages": items}));
    world.tell(&shop, &body).await;
    let thread = world.conversation(&shop).await;
    assert_eq!(thread["unread_count"], 100);
    let path = format!("/conversations/{}/messages?limit=200", id(&thread));
    assert_eq!(world.items(&shop.key, &path).await.len(), 100);
    let aside = world.items(&shop.key, "/quarantine").await;
    assert_eq!(aside.len(), 1, "{aside:#?}");
    assert_eq!(aside[0]["position"], 41);
    // Trying it again changes nothing but that it lies there anew.
    let path_of = format!("/quarantine/{}/retry", id(&aside[0]));
    assert_eq!(world.post(&shop.key, &path_of, json!({})).await.status, 202);
    world.applied(&shop).await;
    assert_eq!(world.items(&shop.key, "/quarantine").await.len(), 1);
    assert_eq!(world.conversation(&shop).await["unread_count"], 100);
    // Statuses beside it in the same value are read too, and so is a second change of the body.
    world.tell(&shop, &body).await;
    assert_eq!(world.items(&shop.key, &path).await.len(), 100);
}

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

async fn absurd_times_are_no_times(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let began = world.now();
    let times = [
        Some(json!("0")),
        Some(json!("-5")),
        // The last second of the year 9999, and milliseconds where seconds belong.
        Some(json!("253402300799")),
        Some(json!((began.as_millisecond()).to_string())),
        Some(json!("99999999999999999999")),
        Some(json!("soon")),
        Some(json!("")),
        Some(json!({"when": 1})),
        Some(Value::Null),
        None,
        // Two days ahead.
        Some(json!((began.as_second() + 172_800).to_string())),
    ];
    for (nth, time) in times.iter().enumerate() {
        let mut message = json!({"from": DANA, "id": format!("wamid.{nth}"), "type": "text", "text": {"body": format!("{nth}")}});
        if let Some(time) = time {
            message["timestamp"] = time.clone();
        }
        world
            .tell(&shop, change(&shop, json!({"messages": [message]})))
            .await;
    }
    let ended = world.now();
    let thread = world.conversation(&shop).await;
    let messages = world
        .items(
            &shop.key,
            &format!("/conversations/{}/messages", id(&thread)),
        )
        .await;
    assert_eq!(messages.len(), times.len());
    for message in &messages {
        let at = instant(&message["at"]);
        assert!(
            began - SignedDuration::from_secs(1) <= at && at <= ended,
            "{message:#}"
        );
        assert_eq!(message["late"], false);
    }
    assert_eq!(thread["window"]["state"], "open");
    let closes = instant(&thread["window"]["expires_at"]);
    assert!(closes <= ended + SignedDuration::from_hours(24));
    assert_eq!(
        world.items(&shop.key, "/attention").await,
        Vec::<Value>::new()
    );
    // A number where Meta writes a text is as good as the text.
    let at = began.as_second() - 3;
    let message = json!({"from": DANA, "id": "wamid.number", "timestamp": at, "type": "text", "text": {"body": "n"}});
    world
        .tell(&shop, change(&shop, json!({"messages": [message]})))
        .await;
    let messages = world
        .items(
            &shop.key,
            &format!("/conversations/{}/messages", id(&thread)),
        )
        .await;
    let numbered = messages
        .iter()
        .find(|message| message["content"]["text"] == "n")
        .unwrap();
    assert_eq!(instant(&numbered["at"]).as_second(), at);
}

async fn a_message_that_comes_hours_late(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let sent_at = world.now().as_second() - 3 * 3600;
    world
        .tell(
            &shop,
            text(&shop, DANA, "Dana Levi", "wamid.1", sent_at, "מישהו שם?"),
        )
        .await;
    let thread = world.conversation(&shop).await;
    assert_eq!(world.items(&shop.key, "/leads").await.len(), 1);
    assert_eq!(thread["window"]["state"], "open");
    assert_eq!(
        instant(&thread["window"]["expires_at"]).as_second(),
        sent_at + 86_400
    );
    let messages = world
        .items(
            &shop.key,
            &format!("/conversations/{}/messages", id(&thread)),
        )
        .await;
    assert_eq!((messages.len(), &messages[0]["late"]), (1, &json!(true)));
    assert_eq!(instant(&messages[0]["at"]).as_second(), sent_at);
    let attention = world.items(&shop.key, "/attention").await;
    assert_eq!(attention.len(), 1, "{attention:#?}");
    assert_eq!(attention[0]["kind"], "message_late");
    assert_eq!(attention[0]["message_id"], messages[0]["id"]);
    // Told again, nobody is asked to look twice; looked at, it is off the list.
    world
        .tell(
            &shop,
            text(&shop, DANA, "Dana Levi", "wamid.1", sent_at, "מישהו שם?"),
        )
        .await;
    assert_eq!(world.items(&shop.key, "/attention").await.len(), 1);
    let path = format!("/attention/{}/dismiss", id(&attention[0]));
    world
        .post(shop.a(Role::Agent), &path, json!({}))
        .await
        .good();
    assert_eq!(
        world.items(&shop.key, "/attention").await,
        Vec::<Value>::new()
    );
    // So late that its window has closed since: the lead is there, and no free text may go.
    let before_yesterday = world.now().as_second() - 30 * 3600;
    let person = "972500000099";
    world
        .tell(
            &shop,
            text(&shop, person, "Avi", "wamid.2", before_yesterday, "הלו"),
        )
        .await;
    let threads = world.items(&shop.key, "/conversations").await;
    let old = threads
        .iter()
        .find(|thread| thread["contact"]["phone"] == format!("+{person}"))
        .unwrap();
    assert_eq!(old["window"]["state"], "closed");
    assert!(old["lead"].is_object());
}

async fn a_file_that_cannot_be_fetched_for_a_while(plan: Plan) {
    let (world, shop) = shop(plan.with_sandbox()).await;
    let rules = json!({"rules": [{"id": "gone", "endpoint": "media_download", "status": 500, "body": "later"}]});
    world.control("PUT", "/control/faults", rules).await;
    let (mime, bytes) = ("image/png", PIXEL);
    world.photo(DANA, mime, bytes).await;
    let message = eventually("the photo is told of", async || {
        let thread = world
            .items(&shop.key, "/conversations")
            .await
            .into_iter()
            .next()?;
        let path = format!("/conversations/{}/messages", id(&thread));
        world.items(&shop.key, &path).await.into_iter().next()
    })
    .await;
    let path = format!("/messages/{}", id(&message));
    // It is shown while its file is pending, and each try that fails names the next.
    for _ in 0..3 {
        let shown = eventually("a try has failed", async || {
            let shown = world.get(&shop.key, &path).await;
            let next = shown["media"]["next_try_at"]
                .as_str()?
                .parse::<Timestamp>()
                .unwrap();
            (next > world.app.clock.machine_now()).then_some(shown)
        })
        .await;
        assert_eq!(shown["content"]["media_kind"], "image");
        assert_eq!(shown["media"]["state"], "pending");
        assert_eq!(shown["media"]["url"], Value::Null);
        let file = world
            .ask(
                &shop.key,
                &format!("/media/{}/content", shown["media"]["id"].as_str().unwrap()),
            )
            .await;
        assert_eq!(file.status, 404, "{file:#?}");
        make_due(&world).await;
    }
    world.control("DELETE", "/control/faults", json!({})).await;
    make_due(&world).await;
    let shown = eventually("the file is here", async || {
        let shown = world.get(&shop.key, &path).await;
        (shown["media"]["state"] == "stored").then_some(shown)
    })
    .await;
    assert_eq!(shown["media"]["size_bytes"], bytes.len());
    let file = world
        .bytes(&shop.key, shown["media"]["url"].as_str().unwrap())
        .await;
    assert_eq!(file, bytes);
    let events = world.items(&shop.key, "/events?limit=200").await;
    let told =
        |event: &&Value| event["kind"] == "message.changed" && event["facts"]["what"] == "file";
    assert_eq!(events.iter().filter(told).count(), 1);
}

/// A photo of one pixel.
pub const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

/// Lets the next try be now: machine time is never wound.
async fn make_due(world: &World) {
    let now = world.app.clock.machine_now();
    let later = now + SignedDuration::from_hours(1);
    world
        .app
        .store
        .write((now, later), |tx, (now, later)| {
            Box::pin(async move {
                for (workspace_id, mut file) in media::due(tx, *later, 10).await? {
                    file.next_try_at = Some(*now);
                    media::save(tx, workspace_id, &file).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
}

async fn a_very_long_text(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let long = "אבגדהוזח".repeat(8192);
    assert_eq!(long.chars().count(), 65_536);
    let now = world.now().as_second();
    world
        .tell(&shop, text(&shop, DANA, "Dana Levi", "wamid.1", now, &long))
        .await;
    let thread = world.conversation(&shop).await;
    let last = thread["last_message"]["text"].as_str().unwrap();
    assert!(last.chars().count() < 1000 && long.starts_with(last));
    let messages = world
        .items(
            &shop.key,
            &format!("/conversations/{}/messages", id(&thread)),
        )
        .await;
    assert_eq!(messages[0]["content"]["text"], long);
    // Ours is held to WhatsApp's own limit, and says so.
    let path = format!("/conversations/{}/messages", id(&thread));
    let ours = json!({"content": {"kind": "text", "text": long}});
    let problem = world
        .post(&shop.key, &path, ours)
        .await
        .refused(422, "text_too_long");
    assert_eq!(problem["field"], "content.text");
}

async fn letters_that_are_none(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let body = String::from_utf8(hello(&world, &shop, "wamid.1")).unwrap();
    for (nth, (raw, shown)) in [
        ("nul\\u0000here", "nul\u{fffd}here"),
        ("high\\ud83d alone", "high\u{fffd} alone"),
        ("low\\ude00 alone", "low\u{fffd} alone"),
        ("turned\\ude00\\ud83d", "turned\u{fffd}\u{fffd}"),
        ("whole\\ud83d\\ude00", "whole\u{1f600}"),
    ]
    .into_iter()
    .enumerate()
    {
        let wamid = format!("wamid.{nth}");
        let one = body
            .replace("wamid.1", &wamid)
            .replace("שלום", raw)
            .replace("Dana Levi", raw);
        world.tell(&shop, one).await;
        let thread = world.conversation(&shop).await;
        let messages = world
            .items(
                &shop.key,
                &format!("/conversations/{}/messages", id(&thread)),
            )
            .await;
        let texts: Vec<_> = messages
            .iter()
            .map(|message| &message["content"]["text"])
            .collect();
        assert!(texts.contains(&&json!(shown)), "{texts:?}");
    }
    // Bytes that are no letters at all.
    let mut bytes = body.replace("wamid.1", "wamid.bytes").into_bytes();
    let at = bytes
        .windows(8)
        .position(|window| window == "שלום".as_bytes())
        .unwrap();
    bytes[at] = 0xff;
    world.tell(&shop, &bytes).await;
    let thread = world.conversation(&shop).await;
    let messages = world
        .items(
            &shop.key,
            &format!("/conversations/{}/messages", id(&thread)),
        )
        .await;
    assert_eq!(messages.len(), 6);
    assert!(messages.iter().any(|message| {
        message["content"]["text"]
            .as_str()
            .unwrap()
            .starts_with('\u{fffd}')
    }));
    assert_eq!(
        world.items(&shop.key, "/quarantine").await,
        Vec::<Value>::new()
    );
    // From inside, too: what a person types is kept without what no database can keep.
    let note = json!({"content": {"kind": "text", "text": "a\u{0}b"}, "note": true});
    let path = format!("/conversations/{}/messages", id(&thread));
    let note = world.post(&shop.key, &path, note).await.good();
    assert_eq!(note["content"]["text"], "a\u{fffd}b");
}

async fn names_and_emoji_of_all_kinds(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let now = world.now().as_second();
    // A name that would turn what follows it; a name whose letters come apart; a family in one letter.
    let turned = "Dana\u{202e}gpj.exe\u{2066}";
    let apart = "Jose\u{301} שָׁלוֹם";
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    for (phone, wamid, name) in [
        ("972500000021", "w1", turned),
        ("972500000022", "w2", apart),
        ("972500000023", "w3", family),
    ] {
        world
            .tell(&shop, text(&shop, phone, name, wamid, now, name))
            .await;
    }
    let threads = world.items(&shop.key, "/conversations").await;
    let of = |phone: &str| {
        threads
            .iter()
            .find(|thread| thread["contact"]["phone"] == phone)
            .unwrap()
    };
    assert_eq!(
        of("+972500000021")["contact"]["display_name"],
        "Danagpj.exe"
    );
    assert_eq!(of("+972500000022")["contact"]["display_name"], apart);
    assert_eq!(of("+972500000023")["contact"]["display_name"], family);
    // In a text they are the person's own words, and stay; the list's line does not let them out.
    let messages = async |phone: &str| {
        world
            .items(
                &shop.key,
                &format!("/conversations/{}/messages", id(of(phone))),
            )
            .await
            .remove(0)
    };
    assert_eq!(messages("+972500000021").await["content"]["text"], turned);
    assert_eq!(of("+972500000021")["last_message"]["text"], "Danagpj.exe");
    assert_eq!(messages("+972500000022").await["content"]["text"], apart);
    assert_eq!(of("+972500000023")["last_message"]["text"], family);
    // Both ways of writing find it, with points and without.
    for words in ["jos%C3%A9", "Jose%CC%81", "%D7%A9%D7%9C%D7%95%D7%9D"] {
        let found = world
            .items(&shop.key, &format!("/conversations?search={words}"))
            .await;
        assert_eq!(found.len(), 1, "{words}");
        assert_eq!(found[0]["contact"]["phone"], "+972500000022");
    }
    // A reaction of several code points is one reaction.
    let wamid = "w3";
    let reaction = json!({"messages": [{"from": "972500000023", "id": "w4", "timestamp": now.to_string(), "type": "reaction",
        "reaction": {"message_id": wamid, "emoji": family}}]});
    world.tell(&shop, change(&shop, reaction)).await;
    assert_eq!(
        messages("+972500000023").await["reactions"],
        json!([{"emoji": family, "by": "person"}])
    );
}

async fn two_people_change_one_lead(plan: Plan) {
    let (world, shop) = shop(plan).await;
    world.tell(&shop, hello(&world, &shop, "wamid.1")).await;
    let lead = world.items(&shop.key, "/leads").await.remove(0);
    let path = format!("/leads/{}", id(&lead));
    let (agent, manager) = (shop.a(Role::Agent), shop.a(Role::Manager));
    let ours = world
        .patch(
            agent,
            &path,
            json!({"version": lead["version"], "title": "ours"}),
        )
        .await
        .good();
    assert_eq!(ours["title"], "ours");
    let theirs = world
        .patch(
            manager,
            &path,
            json!({"version": lead["version"], "title": "theirs"}),
        )
        .await;
    let problem = theirs.refused(409, "changed_meanwhile");
    assert_eq!(problem["current"], ours);
    let again = json!({"version": problem["current"]["version"], "title": "theirs"});
    assert_eq!(
        world.patch(manager, &path, again).await.good()["title"],
        "theirs"
    );
    // At the same instant exactly one of many is first.
    let now = world.get(&shop.key, &path).await;
    let change =
        |nth: usize| json!({"version": now["version"], "fields": {"city": format!("{nth}")}});
    let all = (0..12).map(|nth| world.patch(agent, &path, change(nth)));
    let all = futures_util::future::join_all(all).await;
    let first: Vec<_> = all.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(first.len(), 1, "{all:#?}");
    assert!(
        all.iter()
            .all(|answer| answer.status == 200 || answer.body["code"] == "changed_meanwhile")
    );
    assert_eq!(world.get(&shop.key, &path).await, first[0].body);
    // The same for a conversation and a contact.
    let thread = world.conversation(&shop).await;
    let path = format!("/conversations/{}", id(&thread));
    let resolve = json!({"version": thread["version"], "state": "resolved"});
    world.patch(agent, &path, resolve.clone()).await.good();
    let problem = world
        .patch(manager, &path, resolve)
        .await
        .refused(409, "changed_meanwhile");
    assert_eq!(problem["current"]["state"], "resolved");
    let path = format!("/contacts/{}", id(&thread["contact"]));
    let rename = |name: &str| json!({"version": thread["contact"]["version"], "name": name});
    world.patch(agent, &path, rename("דנה")).await.good();
    let problem = world
        .patch(manager, &path, rename("דינה"))
        .await
        .refused(409, "changed_meanwhile");
    assert_eq!(problem["current"]["name"], "דנה");
}
