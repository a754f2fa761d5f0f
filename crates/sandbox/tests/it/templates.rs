//! Templates from creation to disabling, media, and numbers.

use serde_json::{Value, json};

use crate::world::{DANA, NUMBER, TOKEN, WABA, World, answer, until};

fn new(name: &str) -> Value {
    json!({"name": name, "language": "he", "category": "MARKETING", "components": [
        {"type": "BODY", "text": "שלום {{1}}, יש לנו משהו חדש בשבילך.", "example": {"body_text": [["דנה"]]}}]})
}

fn send(name: &str) -> Value {
    json!({"to": "+972500000011", "type": "template", "template": {"name": name, "language": {"code": "he"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "אבי"}]}]}})
}

#[tokio::test]
async fn a_template_lives_from_review_to_disabling() {
    let world = World::start().await;
    let (status, created) = world
        .post(&format!("{WABA}/message_templates"), new("news"))
        .await;
    assert_eq!((status, created["status"].as_str()), (200, Some("PENDING")));
    assert_eq!(world.refusal(send("news")).await, 132_001);
    world.wind(61).await;
    world.send(send("news")).await;
    let id = created["id"].as_str().unwrap();
    let paused = async || {
        world
            .control(&format!("templates/{id}"), json!({"status": "PAUSED"}))
            .await
    };
    paused().await;
    assert_eq!(world.refusal(send("news")).await, 132_015);
    world.wind(3 * 3_600 - 60).await;
    assert_eq!(world.refusal(send("news")).await, 132_015);
    world.wind(61).await;
    world.send(send("news")).await;
    paused().await;
    world.wind(6 * 3_600 + 1).await;
    world.send(send("news")).await;
    paused().await;
    assert_eq!(world.refusal(send("news")).await, 132_016);
    world.quiet().await;
    let events: Vec<(Value, Value)> = world
        .receiver
        .changes()
        .into_iter()
        .filter(|change| change["field"] == "message_template_status_update")
        .map(|change| {
            (
                change["value"]["event"].clone(),
                change["value"]["other_info"]["title"].clone(),
            )
        })
        .collect();
    // They may overtake each other on the way.
    for expected in [
        ("APPROVED", json!(null)),
        ("PAUSED", json!("FIRST_PAUSE")),
        ("APPROVED", json!("UNPAUSE")),
        ("PAUSED", json!("SECOND_PAUSE")),
        ("DISABLED", json!("DISABLED")),
    ] {
        assert!(
            events.contains(&(json!(expected.0), expected.1.clone())),
            "{expected:?} in {events:?}"
        );
    }
    assert!(
        world.receiver.changes()[0]["value"]["message_template_id"].is_u64() || events.is_empty()
    );
}

#[tokio::test]
async fn what_meta_decides_is_told() {
    let world = World::start().await;
    world.setup(json!({"settings": {"review_s": null}})).await;
    world
        .post(&format!("{WABA}/message_templates"), new("waiting"))
        .await;
    world.wind(3_600 * 24).await;
    assert_eq!(
        world.refusal(send("waiting")).await,
        132_001,
        "the review waits for a decision"
    );
    world
        .control(
            "templates/waiting",
            json!({"status": "REJECTED", "reason": "PROMOTIONAL"}),
        )
        .await;
    world
        .control(
            "templates/order_confirmation",
            json!({"category": "MARKETING", "quality": "YELLOW"}),
        )
        .await;
    until("all arrived", async || world.receiver.changes().len() == 3).await;
    let changes = world.receiver.changes();
    let value = |field: &str| {
        changes
            .iter()
            .find(|change| change["field"] == field)
            .unwrap()["value"]
            .clone()
    };
    assert_eq!(
        value("message_template_status_update")["reason"],
        "PROMOTIONAL"
    );
    assert_eq!(
        value("template_category_update")["previous_category"],
        "UTILITY"
    );
    assert_eq!(
        value("message_template_quality_update")["new_quality_score"],
        "YELLOW"
    );
    let listed = world
        .get(&format!(
            "v25.0/{WABA}/message_templates?name=waiting&fields=status,rejected_reason"
        ))
        .await;
    assert_eq!(listed["data"][0]["rejected_reason"], "PROMOTIONAL");
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let world = World::start().await;
    let all = world.get(&format!("v25.0/{WABA}/message_templates")).await;
    assert_eq!(all["data"].as_array().unwrap().len(), 8);
    let count = async |query: &str| {
        let list = world
            .get(&format!("v25.0/{WABA}/message_templates?{query}"))
            .await;
        list["data"].as_array().unwrap().len()
    };
    assert_eq!(count("status=APPROVED").await, 6);
    assert_eq!(count("status=PAUSED").await, 1);
    assert_eq!(count("name=lead_welcome").await, 2);
    assert_eq!(count("name=lead_welcome&language=en").await, 1);
    assert_eq!(count("category=MARKETING").await, 2);
    let (mut seen, mut next) = (0, format!("v25.0/{WABA}/message_templates?limit=3"));
    loop {
        let page = world.get(&next).await;
        seen += page["data"].as_array().unwrap().len();
        match page["paging"]["next"].as_str() {
            Some(url) => {
                next = url
                    .strip_prefix(&format!("{}/", world.url))
                    .unwrap()
                    .to_owned();
            }
            None => break,
        }
    }
    assert_eq!(seen, 8);
    let request = world.client.get(format!(
        "{}/v25.0/{WABA}/message_templates?after=nonsense",
        world.url
    ));
    assert_eq!(
        answer(request.bearer_auth(TOKEN)).await.1["error"]["code"],
        131_059
    );
}

#[tokio::test]
async fn a_deleted_name_stays_taken_and_an_edit_waits_a_day() {
    let world = World::start().await;
    let edit = json!({"components": [{"type": "BODY", "text": "תודה {{1}}! הזמנה {{2}} התקבלה אצלנו היום.",
        "example": {"body_text": [["דנה", "7731"]]}}]});
    let order = "1689556908129804";
    assert_eq!(world.post(order, edit.clone()).await.0, 200);
    world.wind(120).await;
    let (_, refused) = world.post(order, edit.clone()).await;
    assert_eq!(refused["error"]["error_subcode"], 2_388_026);
    world.wind(24 * 3_600).await;
    assert_eq!(world.post(order, edit).await.0, 200);

    let delete = async |query: &str| {
        let request = world.client.delete(format!(
            "{}/v25.0/{WABA}/message_templates?{query}",
            world.url
        ));
        answer(request.bearer_auth(TOKEN)).await
    };
    assert_eq!(
        delete("name=monthly_offer").await,
        (200, json!({"success": true}))
    );
    assert_eq!(delete("name=monthly_offer").await.0, 400);
    let (_, refused) = world
        .post(&format!("{WABA}/message_templates"), new("monthly_offer"))
        .await;
    assert_eq!(refused["error"]["error_subcode"], 2_388_023);
    world.wind(31 * 24 * 3_600).await;
    assert_eq!(
        world
            .post(&format!("{WABA}/message_templates"), new("monthly_offer"))
            .await
            .0,
        200
    );
    let (_, refused) = world
        .post(&format!("{WABA}/message_templates"), new("monthly_offer"))
        .await;
    assert_eq!(refused["error"]["error_subcode"], 2_388_024);
}

#[tokio::test]
async fn parameters_must_fit() {
    let world = World::start().await;
    let with = |name: &str, components: Value| json!({"type": "template", "template": {"name": name, "language": {"code": "he"}, "components": components}});
    let text = |text: &str| json!({"type": "text", "text": text});
    let body = |parameters: Value| json!({"type": "body", "parameters": parameters});
    let two = body(json!([text("דנה"), text("7731")]));
    assert_eq!(
        world
            .refusal(with("lead_welcome", json!([body(json!([text("a")]))])))
            .await,
        132_000
    );
    assert_eq!(
        world.refusal(with("lead_welcome", json!([]))).await,
        132_000
    );
    assert_eq!(
        world
            .refusal(with("order_confirmation", json!([two])))
            .await,
        131_008,
        "the url needs its parameter"
    );
    assert_eq!(
        world
            .refusal(with(
                "lead_welcome",
                json!([body(json!([text("a\nb"), text("c")]))])
            ))
            .await,
        132_012
    );
    let long = "x".repeat(1_100);
    assert_eq!(
        world
            .refusal(with(
                "lead_welcome",
                json!([body(json!([text(&long), text("c")]))])
            ))
            .await,
        132_005
    );
    assert_eq!(
        world
            .refusal(with("documents_request", json!([body(json!([text("a")]))])))
            .await,
        132_012,
        "the image is missing"
    );
    assert_eq!(
        world
            .refusal(with(
                "meeting_reminder",
                json!([body(json!([text("a"), text("b"), text("c")]))])
            ))
            .await,
        132_012,
        "names are missing"
    );
    assert_eq!(
        world.refusal(with("old_campaign", json!([]))).await,
        132_015
    );
    assert_eq!(
        world.refusal(with("too_good_to_be_true", json!([]))).await,
        132_001
    );
    let mut english = with("lead_welcome", json!([two]));
    english["template"]["language"]["code"] = json!("en_US");
    assert_eq!(world.refusal(english).await, 132_001);
}

#[tokio::test]
async fn media_live_as_long_as_metas() {
    let world = World::start().await;
    let part = reqwest::multipart::Part::bytes(b"pdf".to_vec())
        .file_name("a.pdf")
        .mime_str("application/pdf")
        .unwrap();
    let form = reqwest::multipart::Form::new()
        .text("messaging_product", "whatsapp")
        .part("file", part);
    let url = format!("{}/v25.0/{NUMBER}/media", world.url);
    let (status, uploaded) =
        answer(world.client.post(url).bearer_auth(TOKEN).multipart(form)).await;
    assert_eq!(status, 200, "{uploaded}");
    let id = uploaded["id"].as_str().unwrap().to_owned();
    let retrieve = async || {
        answer(
            world
                .client
                .get(format!("{}/v25.0/{id}", world.url))
                .bearer_auth(TOKEN),
        )
        .await
    };
    let (_, media) = retrieve().await;
    assert_eq!(
        (media["mime_type"].as_str(), media["file_size"].as_i64()),
        (Some("application/pdf"), Some(3))
    );
    let link = media["url"].as_str().unwrap().to_owned();
    let download = async |token: Option<&str>, url: &str| {
        let request = world.client.get(url);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(download(Some(TOKEN), &link).await, 200);
    assert_eq!(download(None, &link).await, 401);
    assert_eq!(
        download(Some(TOKEN), &link.replace("hash=", "hash=0")).await,
        404
    );
    world.wind(5 * 60 + 2).await;
    assert_eq!(
        download(Some(TOKEN), &link).await,
        404,
        "the address lives five minutes"
    );
    assert_eq!(retrieve().await.0, 200);
    world.wind(31 * 24 * 3_600).await;
    assert_eq!(retrieve().await.0, 400, "the id lives thirty days");
    let gone = json!({"type": "document", "document": {"id": id}});
    assert_eq!(world.refusal(gone).await, 100);
}

#[tokio::test]
async fn a_resumable_upload_gives_a_handle() {
    let world = World::start().await;
    let query = "file_name=a.jpg&file_length=6&file_type=image/jpeg";
    let (status, session) = world
        .post(&format!("670843887433847/uploads?{query}"), json!({}))
        .await;
    assert_eq!(status, 200, "{session}");
    let url = format!("{}/v25.0/{}", world.url, session["id"].as_str().unwrap());
    let post = async |offset: &str, bytes: &'static [u8]| {
        let request = world
            .client
            .post(&url)
            .header("authorization", format!("OAuth {TOKEN}"));
        answer(request.header("file_offset", offset).body(bytes)).await
    };
    assert_eq!(post("0", b"abc").await.0, 200);
    let (_, state) = answer(world.client.get(&url).bearer_auth(TOKEN)).await;
    assert_eq!(state["file_offset"], 3);
    let (_, done) = post("3", b"def").await;
    assert!(done["h"].as_str().unwrap().starts_with("4::"), "{done}");
}

#[tokio::test]
async fn a_number_is_added_verified_and_registered() {
    let world = World::start().await;
    let new = json!({"cc": "972", "phone_number": "500000002", "verified_name": "סניף לדוגמה"});
    let (status, added) = world.post(&format!("{WABA}/phone_numbers"), new).await;
    assert_eq!(status, 200, "{added}");
    let id = added["id"].as_str().unwrap();
    let register = json!({"messaging_product": "whatsapp", "pin": "212834"});
    assert_eq!(
        world
            .post(&format!("{id}/register"), register.clone())
            .await
            .1["error"]["code"],
        133_006
    );
    assert_eq!(
        world
            .post(
                &format!("{id}/request_code?code_method=SMS&language=he"),
                json!({})
            )
            .await
            .0,
        200
    );
    assert_eq!(
        world
            .post(&format!("{id}/verify_code"), json!({"code": "000000"}))
            .await
            .0,
        400
    );
    assert_eq!(
        world
            .post(&format!("{id}/verify_code"), json!({"code": "123456"}))
            .await
            .0,
        200
    );
    assert_eq!(
        world
            .post(&format!("{id}/register"), register.clone())
            .await
            .0,
        200
    );
    let wrong = json!({"messaging_product": "whatsapp", "pin": "000001"});
    assert_eq!(
        world.post(&format!("{id}/register"), wrong).await.1["error"]["code"],
        133_005
    );
    for _ in 0..7 {
        world
            .post(&format!("{id}/register"), register.clone())
            .await;
    }
    let (_, refused) = world.post(&format!("{id}/register"), register).await;
    assert_eq!(refused["error"]["code"], 133_016);
    let health = world
        .get(&format!("v25.0/{NUMBER}?fields=health_status"))
        .await;
    assert_eq!(health["health_status"]["can_send_message"], "AVAILABLE");
    let token = world
        .get(&format!("v25.0/debug_token?input_token={TOKEN}"))
        .await;
    assert_eq!(
        token["data"]["granular_scopes"][0]["target_ids"],
        json!([WABA])
    );
    // People the business blocked are not heard.
    world.dana_writes().await;
    let block =
        json!({"messaging_product": "whatsapp", "block_users": [{"user": format!("+{DANA}")}]});
    assert_eq!(
        world.post(&format!("{NUMBER}/block_users"), block).await.0,
        200
    );
    world.quiet().await;
    world.dana_writes().await;
    world.quiet().await;
    assert_eq!(world.receiver.messages().len(), 1);
}

#[tokio::test]
async fn a_paced_template_is_held_and_released_or_dropped() {
    let world = World::start().await;
    let offer = json!({"type": "template", "template": {"name": "monthly_offer", "language": {"code": "he"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "א"}, {"type": "text", "text": "ב"}]}]}});
    let pace = async |wish: &str| {
        world
            .control("templates/monthly_offer", json!({"pacing": wish}))
            .await
    };
    let held = async || {
        let (status, answer) = world.try_send(offer.clone()).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(
            answer["messages"][0]["message_status"],
            "held_for_quality_assessment"
        );
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    };
    pace("hold").await;
    let first = held().await;
    world.wind(600).await;
    assert_eq!(world.ledger().await["items"][0]["delivery"], "accepted");
    pace("release").await;
    until("it is delivered", async || {
        world.receiver.told(&first).len() == 2
    })
    .await;
    pace("hold").await;
    let second = held().await;
    pace("drop").await;
    until("it failed", async || {
        world.receiver.told(&second) == ["failed"]
    })
    .await;
    assert_eq!(
        world.receiver.statuses().pop().unwrap()["errors"][0]["code"],
        132_015
    );
    assert_eq!(world.refusal(offer.clone()).await, 132_015);
}
