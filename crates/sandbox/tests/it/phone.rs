//! The phone's API: what a person sees and does.

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::world::{DANA, NUMBER, World, answer, until};

#[tokio::test]
async fn a_template_is_laid_out_and_its_button_answers() {
    let world = World::start().await;
    let template = json!({"type": "template", "template": {"name": "lead_welcome", "language": {"code": "he"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "דנה"}, {"type": "text", "text": "משכנתא"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "1", "parameters": [{"type": "payload", "payload": "WRITE"}]}]}});
    let wamid = world.send(template).await;
    until("it is delivered", async || {
        world.receiver.told(&wamid).len() == 2
    })
    .await;
    let chat = world.chat(DANA).await;
    let card = &chat["messages"][0]["content"];
    assert_eq!(
        card["body"],
        "שלום דנה, קיבלנו את פנייתך בנושא משכנתא. מתי נוח לדבר?"
    );
    assert_eq!(card["footer"], "משרד לדוגמה");
    assert_eq!(
        card["buttons"][0],
        json!({"index": 0, "type": "quick_reply", "id": "נוח לדבר עכשיו", "text": "נוח לדבר עכשיו"})
    );
    assert_eq!(card["buttons"][1]["id"], "WRITE");
    assert_eq!(card["template"]["category"], "UTILITY");
    assert_eq!(chat["window"]["open"], false);
    assert_eq!(chat["unread"], 1);

    let tapped = world
        .person(DANA, "press", json!({"message_id": wamid, "index": 1}))
        .await;
    assert_eq!(tapped["message"]["type"], "button");
    until("it arrives", async || world.receiver.messages().len() == 1).await;
    let message = world.receiver.messages().remove(0);
    assert_eq!(
        message["button"],
        json!({"payload": "WRITE", "text": "אעדיף לכתוב"})
    );
    assert_eq!(
        message["context"],
        json!({"from": "972500000001", "id": wamid})
    );
    let chat = world.chat(DANA).await;
    assert_eq!(chat["messages"][0]["answered"], "WRITE");
    assert_eq!(chat["window"]["open"], true, "a tap opens the window");
}

#[tokio::test]
async fn buttons_lists_and_forms_of_interactive_messages() {
    let world = World::start().await;
    world.dana_writes().await;
    let interactive = |body: Value| json!({"type": "interactive", "interactive": body});
    let buttons = world.send(interactive(json!({"type": "button", "body": {"text": "?"}, "action": {"buttons": [
        {"type": "reply", "reply": {"id": "yes", "title": "כן"}}, {"type": "reply", "reply": {"id": "no", "title": "לא"}}]}}))).await;
    let list = world.send(interactive(json!({"type": "list", "body": {"text": "?"}, "action": {"button": "בחירה", "sections": [
        {"title": "בוקר", "rows": [{"id": "9", "title": "09:00", "description": "יום ראשון"}]}]}}))).await;
    let link = world
        .send(interactive(
            json!({"type": "cta_url", "body": {"text": "!"}, "action": {"name": "cta_url",
        "parameters": {"display_text": "לאתר", "url": "https://x.example"}}}),
        ))
        .await;
    let form = world
        .send(interactive(
            json!({"type": "flow", "body": {"text": "!"}, "action": {"name": "flow", "parameters":
        {"flow_message_version": "3", "flow_id": "1", "flow_cta": "מילוי", "flow_token": "t-1"}}}),
        ))
        .await;
    let place = world
        .send(interactive(
            json!({"type": "location_request_message", "body": {"text": "?"},
        "action": {"name": "send_location"}}),
        ))
        .await;
    until("all are there", async || {
        world.chat(DANA).await["messages"].as_array().unwrap().len() == 6
    })
    .await;

    world
        .person(DANA, "press", json!({"message_id": buttons, "id": "no"}))
        .await;
    world
        .person(DANA, "choose", json!({"message_id": list, "row_id": "9"}))
        .await;
    let opened = world
        .person(DANA, "press", json!({"message_id": link, "index": 0}))
        .await;
    assert_eq!(opened["opened"]["url"], "https://x.example");
    world
        .person(
            DANA,
            "form",
            json!({"message_id": form, "response": {"date": "2026-11-30"}}),
        )
        .await;
    world
        .person(
            DANA,
            "location",
            json!({"latitude": 31.77, "longitude": 35.21, "reply_to": place}),
        )
        .await;
    world.quiet().await;
    let messages = world.receiver.messages();
    let find = |key: &str| {
        let found = messages
            .iter()
            .find(|message| message["interactive"]["type"] == key);
        found.unwrap()["interactive"][key].clone()
    };
    assert_eq!(find("button_reply"), json!({"id": "no", "title": "לא"}));
    assert_eq!(
        find("list_reply"),
        json!({"id": "9", "title": "09:00", "description": "יום ראשון"})
    );
    let response: Value =
        serde_json::from_str(find("nfm_reply")["response_json"].as_str().unwrap()).unwrap();
    assert_eq!(response, json!({"date": "2026-11-30", "flow_token": "t-1"}));
    let location = messages
        .iter()
        .find(|message| message["type"] == "location")
        .unwrap();
    assert_eq!(location["context"]["id"], json!(place));
    assert_eq!(world.receiver.messages().len(), 5, "a link sends nothing");
}

#[tokio::test]
async fn replies_reactions_edits_and_revokes() {
    let world = World::start().await;
    let hello = world.dana_writes().await;
    let answer_id = world
        .send(json!({"type": "text", "text": {"body": "כן?"}, "context": {"message_id": hello}}))
        .await;
    until("it is there", async || {
        world.chat(DANA).await["messages"].as_array().unwrap().len() == 2
    })
    .await;
    assert_eq!(
        world.chat(DANA).await["messages"][1]["quoted"]["preview"],
        "שלום"
    );
    world
        .person(DANA, "text", json!({"text": "כן", "reply_to": answer_id}))
        .await;
    world
        .person(
            DANA,
            "reaction",
            json!({"message_id": answer_id, "emoji": "👍"}),
        )
        .await;
    world
        .person(
            DANA,
            "reaction",
            json!({"message_id": answer_id, "emoji": ""}),
        )
        .await;
    world
        .person(
            DANA,
            "edit",
            json!({"message_id": hello, "text": "שלום רב"}),
        )
        .await;
    world.quiet().await;
    world
        .setup(json!({"numbers": [{"id": NUMBER, "on_business_app": true}]}))
        .await;
    world
        .person(
            DANA,
            "edit",
            json!({"message_id": hello, "text": "שלום לכם"}),
        )
        .await;
    world
        .person(DANA, "revoke", json!({"message_id": hello}))
        .await;
    world
        .person(DANA, "unsupported", json!({"kind": "poll"}))
        .await;
    world.quiet().await;
    let messages = world.receiver.messages();
    let of = |kind: &str| {
        messages
            .iter()
            .filter(|message| message["type"] == kind)
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("text")[1]["context"],
        json!({"from": "972500000001", "id": answer_id})
    );
    let mut emojis: Vec<Value> = of("reaction")
        .iter()
        .map(|message| message["reaction"]["emoji"].clone())
        .collect();
    emojis.sort_by_key(Value::is_null);
    assert_eq!(
        emojis,
        [json!("👍"), Value::Null],
        "a removed reaction has no emoji"
    );
    let kinds: Vec<Value> = of("unsupported")
        .iter()
        .map(|message| message["unsupported"]["type"].clone())
        .collect();
    assert!(
        kinds.contains(&json!("edit")) && kinds.contains(&json!("poll")),
        "{kinds:?}"
    );
    assert_eq!(of("unsupported")[0]["errors"][0]["code"], 131_051);
    assert_eq!(of("edit")[0]["edit"]["message"]["text"]["body"], "שלום לכם");
    assert_eq!(
        of("revoke")[0]["revoke"]["original_message_id"],
        json!(hello)
    );
    let chat = world.chat(DANA).await;
    assert_eq!(chat["messages"][0]["revoked"], true);
    assert_eq!(
        chat["messages"].as_array().unwrap().len(),
        4,
        "edits show on the message itself"
    );
}

#[tokio::test]
async fn files_go_both_ways() {
    let world = World::start().await;
    let part = reqwest::multipart::Part::bytes(b"picture".to_vec())
        .file_name("a.jpg")
        .mime_str("image/jpeg")
        .unwrap();
    let form = reqwest::multipart::Form::new()
        .text("kind", "image")
        .text("caption", "קבלה")
        .part("file", part);
    let url = format!("{}/phone/api/chats/{DANA}/{NUMBER}/media", world.url);
    let (status, sent) = answer(world.client.post(&url).multipart(form)).await;
    assert_eq!(status, 201, "{sent}");
    until("it arrives", async || world.receiver.messages().len() == 1).await;
    let image = world.receiver.messages()[0]["image"].clone();
    assert_eq!(
        (image["caption"].as_str(), image["mime_type"].as_str()),
        (Some("קבלה"), Some("image/jpeg"))
    );
    let bytes = world
        .client
        .get(image["url"].as_str().unwrap())
        .bearer_auth("sandbox-token")
        .send()
        .await
        .unwrap();
    assert_eq!(bytes.bytes().await.unwrap(), "picture");
    let local = sent["message"]["content"]["media"]["url"].as_str().unwrap();
    let shown = world
        .client
        .get(format!("{}{local}", world.url))
        .send()
        .await
        .unwrap();
    assert_eq!(shown.headers()["content-type"], "image/jpeg");

    let voice = reqwest::multipart::Part::bytes(b"voice".to_vec())
        .file_name("v.webm")
        .mime_str("audio/webm")
        .unwrap();
    let form = reqwest::multipart::Form::new()
        .text("kind", "voice")
        .part("file", voice);
    assert_eq!(answer(world.client.post(&url).multipart(form)).await.0, 201);
    until("it arrives", async || world.receiver.messages().len() == 2).await;
    let audio = world
        .receiver
        .messages()
        .into_iter()
        .find(|m| m["type"] == "audio")
        .unwrap()["audio"]
        .clone();
    assert_eq!(
        (audio["voice"].as_bool(), audio["mime_type"].as_str()),
        (Some(true), Some("audio/ogg; codecs=opus"))
    );
}

#[tokio::test]
async fn a_phone_that_is_off_gets_everything_when_it_is_on() {
    let world = World::start().await;
    world.dana_writes().await;
    world.patch_person(DANA, json!({"phone_off": true})).await;
    let wamid = world.text("waiting").await;
    until("it is sent", async || {
        world.receiver.told(&wamid) == ["sent"]
    })
    .await;
    assert_eq!(
        world.chat(DANA).await["messages"].as_array().unwrap().len(),
        1
    );
    assert_eq!(
        world
            .try_control(&format!("persons/{DANA}/text"), json!({"text": "x"}))
            .await
            .0,
        409
    );
    world.patch_person(DANA, json!({"phone_off": false})).await;
    until("it is delivered", async || {
        world.receiver.told(&wamid) == ["sent", "delivered"]
    })
    .await;
}

#[tokio::test]
async fn people_change_numbers_and_hide_them() {
    let world = World::start().await;
    world.dana_writes().await;
    let url = format!("{}/phone/api/persons/{DANA}/change-number", world.url);
    let (status, person) = answer(
        world
            .client
            .post(url)
            .json(&json!({"phone": "972500000033"})),
    )
    .await;
    assert_eq!(status, 200, "{person}");
    until("it arrives", async || world.receiver.messages().len() == 2).await;
    let system = world
        .receiver
        .messages()
        .into_iter()
        .find(|message| message["type"] == "system")
        .unwrap();
    assert_eq!(system["from"], DANA);
    assert_eq!(system["system"]["type"], "user_changed_number");
    assert_eq!(system["system"]["wa_id"], "972500000033");
    assert_eq!(
        system["system"]["previous_user_id"],
        "IL.13491208655302741918"
    );
    assert_eq!(
        system["system"]["user_id"],
        person["user_ids"]["506914307656634"]
    );
    world
        .patch_person("972500000033", json!({"hidden": true}))
        .await;
    world
        .person("972500000033", "text", json!({"text": "מי אני"}))
        .await;
    until("it arrives", async || world.receiver.messages().len() == 3).await;
    let hidden = world
        .receiver
        .messages()
        .into_iter()
        .find(|m| m["text"]["body"] == "מי אני")
        .unwrap();
    assert_eq!(
        hidden["from"],
        Value::Null,
        "hiding makes the businesses forget the number"
    );

    let create = world
        .client
        .post(format!("{}/phone/api/persons", world.url));
    let (status, made) = answer(create.json(&json!({"name": "חדשה לדוגמה"}))).await;
    assert_eq!(
        (status, made["phone"].as_str()),
        (201, Some("972500000020"))
    );
}

#[tokio::test]
async fn stopping_marketing_is_told() {
    let world = World::start().await;
    world
        .person(DANA, "marketing", json!({"stopped": true}))
        .await;
    until("it arrives", async || world.receiver.changes().len() == 1).await;
    let change = world.receiver.changes().remove(0);
    assert_eq!(change["field"], "user_preferences");
    let preference = &change["value"]["user_preferences"][0];
    assert_eq!(
        (preference["value"].as_str(), preference["wa_id"].as_str()),
        (Some("stop"), Some(DANA))
    );
    assert!(preference["timestamp"].is_i64());
    assert_eq!(world.chat(DANA).await["marketing_stopped"], true);
}

#[tokio::test]
async fn the_live_stream_and_the_panel_tell_what_happens() {
    let world = World::start().await;
    let stream = world
        .client
        .get(format!("{}/phone/api/live", world.url))
        .send()
        .await
        .unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut chunks = stream.bytes_stream();
    world.dana_writes().await;
    let wamid = world.text("hello").await;
    let mut heard = String::new();
    while !(heard.contains("event: message")
        && heard.contains(&wamid)
        && heard.contains("event: chat"))
    {
        let chunk = tokio::time::timeout(std::time::Duration::from_secs(5), chunks.next())
            .await
            .unwrap();
        heard.push_str(std::str::from_utf8(&chunk.unwrap().unwrap()).unwrap());
    }
    world.quiet().await;
    let activity = world.get("phone/api/activity").await;
    let items = activity["items"].as_array().unwrap();
    let found = |kind: &str, what: &str, outcome: &str| {
        items
            .iter()
            .any(|item| item["kind"] == kind && item["what"] == what && item["outcome"] == outcome)
    };
    assert!(found("person", "text", "done"));
    assert!(found("webhook", "message", "200"));
    assert!(found("send", "text", "accepted"));
    assert!(found("webhook", "status:delivered", "200"));
    let later = world
        .get(&format!("phone/api/activity?since={}", activity["next"]))
        .await;
    assert_eq!(later["items"], json!([]));
    let businesses = world.get("phone/api/businesses").await;
    assert_eq!(businesses["businesses"][0]["connected"], true);
    let home = world.client.get(&world.url).send().await.unwrap();
    assert!(home.url().path().starts_with("/phone"));
    assert_eq!(home.status(), 200);
}

#[tokio::test]
async fn what_the_business_types_in_its_own_app_is_echoed() {
    let world = World::start().await;
    assert_eq!(
        world
            .try_control("echo", json!({"to": DANA, "text": "x"}))
            .await
            .0,
        409
    );
    world
        .setup(json!({"numbers": [{"id": NUMBER, "on_business_app": true}]}))
        .await;
    world
        .control("echo", json!({"to": DANA, "text": "מהטלפון"}))
        .await;
    until("it arrives", async || world.receiver.changes().len() == 1).await;
    let change = world.receiver.changes().remove(0);
    assert_eq!(change["field"], "smb_message_echoes");
    let echo = &change["value"]["message_echoes"][0];
    assert_eq!(
        (echo["to"].as_str(), echo["text"]["body"].as_str()),
        (Some(DANA), Some("מהטלפון"))
    );
    assert_eq!(
        world.chat(DANA).await["messages"][0]["content"]["body"],
        "מהטלפון"
    );
    assert_eq!(
        world.ledger().await["items"],
        json!([]),
        "it is no submission"
    );
}
