//! What an official partner must do: 360dialog, Twilio, Vonage, Gupshup, Infobip.

use serde_json::{Value, json};

use super::{examples, files, the_files_arrived, the_photo_is_kept};
use crate::numbers::{Desk, Kit, beside, connecting};
use crate::world::{DANA, Plan, eventually, id};

pub(super) async fn an_official_number_is_checked(plan: Plan, kit: &'static Kit) {
    let (world, shop) = beside(plan).await;
    // An official number has no link to lose, and no level but its own.
    let unofficial = connecting(&world, kit, "business_app", "gateway_one_way");
    let told = world.post(&shop.key, "/channels", unofficial).await;
    told.refused(422, "pair_not_possible");
    let desk = Desk::connected(world, shop, kit, "business_api", "api").await;
    desk.settled().await;
    let card = desk.card().await;
    assert_eq!(card["connected"], true);
    for of_gateways in ["linking", "today", "risk", "working_hours"] {
        assert_eq!(card[of_gateways], Value::Null, "{card:#}");
    }
    assert_eq!(card["abilities"]["pace"], "provider");
    let link = format!("{}/link", desk.path());
    desk.post(&link, json!({"method": "qr"}))
        .await
        .refused(409, "not_a_gateway");
    desk.writes(DANA, "שלום").await;
    let checks = eventually("everything is checked", async || {
        let path = format!("{}/check", desk.path());
        let checks = desk.post(&path, json!({})).await.good();
        let all = checks["checks"].as_array().unwrap();
        all.iter()
            .all(|check| check["state"] == "ok")
            .then_some(checks)
    })
    .await;
    let keys: Vec<_> = checks["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["key"].clone())
        .collect();
    let wanted = [
        "token",
        "linked",
        "webhook_field",
        "webhook_reachable",
        "templates",
    ];
    assert_eq!(keys, wanted, "{checks:#}");
    // A number is connected once.
    let again = connecting(&desk.world, kit, "business_api", "api");
    desk.post("/channels", again)
        .await
        .refused(409, "number_connected");
}

async fn template_of(desk: &Desk, name: &str) -> Value {
    eventually("its templates are read", async || {
        let all = desk
            .world
            .items(&desk.shop.key, "/templates?limit=200")
            .await;
        all.into_iter().find(|template| {
            template["name"]
                .as_str()
                .is_some_and(|text| text.contains(name))
                && template["sendable"] == true
                && template["body"]
                    .as_str()
                    .is_some_and(|body| body.contains("{{1}}"))
        })
    })
    .await
}

pub(super) async fn an_official_number_says_what_it_can(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open(plan, kit).await;
    let thread = desk.thread_of(DANA).await;
    // Outside of the window a template goes, and nothing else.
    let text = json!({"kind": "text", "text": "שלום"});
    let told = desk.send(&thread, text).await.refused(409, "window_closed");
    assert_eq!(told["sending"]["mends"][0]["code"], "choose_template");
    let template = template_of(&desk, "meeting_reminder").await;
    let filled = json!({"kind": "template", "template_id": template["id"], "variables": examples(&template)});
    let mut said = vec![desk.say(&thread, filled).await];
    let told = desk.becomes(&said[0], "delivered").await;
    assert!(told["receipts"]["delivered_at"].is_string(), "{told:#}");
    desk.writes(DANA, "מתי?").await;
    desk.dana_reads().await;
    said.push(desk.say_text(&thread, "בעשר").await);
    for content in files(&desk).await {
        said.push(desk.say(&thread, content).await);
    }
    let buttons = json!({"kind": "interactive", "body": "מתאים?", "action": {"type": "buttons",
        "buttons": [{"id": "yes", "title": "כן"}, {"id": "no", "title": "לא"}]}});
    said.push(desk.say(&thread, buttons).await);
    for message in &said {
        desk.becomes(message, "read").await;
    }
    let accepted = desk.accepted().await;
    assert_eq!(accepted.len(), said.len(), "{accepted:#?}");
    assert!(
        accepted[0]["text"]
            .as_str()
            .unwrap()
            .contains("תזכורת לפגישה"),
        "{accepted:#?}"
    );
    assert_eq!(accepted[1]["text"], "בעשר");
    let files: Vec<Value> = accepted[1..4].to_vec();
    the_files_arrived(&files);
    assert!(
        accepted[4]["text"].as_str().unwrap().contains("מתאים?"),
        "{accepted:#?}"
    );
    // What failed at the provider is told in its own words and ours.
    desk.world
        .control(
            "POST",
            "/control/setup",
            json!({"settings": {"unknown_numbers": "not_on_whatsapp"}}),
        )
        .await;
    let nobody = desk.thread_of("972500000012").await;
    let path = "/phone/api/persons/972500000012";
    desk.world
        .control("PATCH", path, json!({"on_whatsapp": false}))
        .await;
    let filled = json!({"kind": "template", "template_id": template["id"], "variables": examples(&template)});
    let lost = desk.say(&nobody, filled).await;
    let failed = eventually("it failed", async || {
        let message = desk.message(&lost).await;
        matches!(message["delivery"].as_str(), Some("failed" | "refused")).then_some(message)
    })
    .await;
    assert!(
        matches!(
            failed["failure"]["reason"].as_str(),
            Some("undeliverable" | "recipient_invalid")
        ),
        "{failed:#}"
    );
}

pub(super) async fn an_official_number_hears_people(plan: Plan, kit: &'static Kit) {
    let desk = Desk::open(plan, kit).await;
    let thread = desk.writes(DANA, "שלום, יש לכם מקום מחר?").await;
    assert_eq!(thread["contact"]["phone"], format!("+{DANA}"));
    assert_eq!(thread["window"]["state"], "open");
    assert_eq!(thread["lead"]["source"]["kind"], "whatsapp");
    let thread = id(&thread);
    the_photo_is_kept(&desk, &thread).await;
    // She presses a button of ours.
    let buttons = json!({"kind": "interactive", "body": "מתאים?", "action": {"type": "buttons",
        "buttons": [{"id": "yes", "title": "כן"}, {"id": "no", "title": "לא"}]}});
    let ours = desk.say(&thread, buttons).await;
    desk.becomes(&ours, "delivered").await;
    let accepted = desk.accepted().await.pop().unwrap();
    desk.person(
        DANA,
        "press",
        json!({"message_id": accepted["wamid"], "index": 0}),
    )
    .await;
    let reply = eventually("her answer is here", async || {
        let all = desk.messages(&thread).await;
        all.into_iter()
            .find(|message| message["content"]["kind"] == "button_reply")
    })
    .await;
    assert_eq!(
        (&reply["content"]["title"], &reply["content"]["id"]),
        (&json!("כן"), &json!("yes")),
        "{reply:#}"
    );
    assert_eq!(reply["reply_to"]["message_id"], json!(ours), "{reply:#}");
}
