//! The captured request and response bodies of `testdata/whatsapp`: every send is accepted or refused as it should be, strictly, and answers have the shapes of the captured ones.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::world::{DANA, NUMBER, TOKEN, WABA, World, answer};

fn folder(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/whatsapp")
        .join(kind)
}

fn sample(kind: &str, name: &str) -> Value {
    let path = folder(kind).join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The keys of an object and of what is in it, with the kinds of the values.
fn shape(value: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, path: &str, out: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields
                .iter()
                .for_each(|(key, value)| walk(value, &format!("{path}.{key}"), out)),
            Value::Array(items) => items
                .iter()
                .for_each(|item| walk(item, &format!("{path}[]"), out)),
            Value::String(_) => drop(out.insert(format!("{path}: text"))),
            Value::Number(_) => drop(out.insert(format!("{path}: number"))),
            Value::Bool(_) => drop(out.insert(format!("{path}: bool"))),
            Value::Null => drop(out.insert(format!("{path}: null"))),
        }
    }
    let mut out = BTreeSet::new();
    walk(value, "", &mut out);
    out
}

/// A world in which what the samples speak of exists: their templates, files, message and group.
async fn world() -> World {
    let world = World::start().await;
    let quick = |text: &str| json!({"type": "QUICK_REPLY", "text": text});
    let body = |text: &str| json!({"type": "BODY", "text": text});
    let image = json!({"type": "HEADER", "format": "IMAGE"});
    let template = |name: &str, components: Value| json!({"waba": WABA, "name": name, "language": "he", "components": components});
    let mut named = template(
        "reservation_confirmation",
        json!([image, body("שלום {{first_name}}, תור ב{{date}} אצלנו.")]),
    );
    named["parameter_format"] = json!("NAMED");
    let mut code = template(
        "auth_code_he",
        json!([{"type": "BODY"}, {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "קוד"}]}]),
    );
    code["category"] = json!("AUTHENTICATION");
    let mut promotion = template(
        "seasonal_promotion",
        json!([body("המבצע עד {{1}} בלבד!"),
        {"type": "BUTTONS", "buttons": [quick("הסר אותי"), quick("עוד")]}]),
    );
    promotion["category"] = json!("MARKETING");
    let card = json!({"components": [image, {"type": "BUTTONS", "buttons": [quick("עוד"),
        {"type": "URL", "text": "אתר", "url": "https://shop.example.co.il/{{1}}"}]}]});
    let coupon = json!({"type": "COPY_CODE", "text": "העתקה"});
    world
        .setup(json!({"templates": [named, code, promotion,
            template("carousel_he", json!([body("שלום {{1}}!"), {"type": "CAROUSEL", "cards": [card, card]}])),
            template("coupon_he", json!([body("הנחה של {{1}} לך"), {"type": "BUTTONS", "buttons": [coupon]}])),
            template("booking_flow_he", json!([body("קביעת תור"), {"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "תור"}]}])),
            template("lto_he", json!([image, body("שלום {{1}}!"), {"type": "LIMITED_TIME_OFFER",
                "limited_time_offer": {"text": "מבצע", "has_expiration": true}}, {"type": "BUTTONS", "buttons": [coupon]}])),
            template("order_delivery_update", json!([{"type": "HEADER", "format": "LOCATION"}, body("{{1}}, הזמנה {{2}} בדרך")]))],
            "groups": [{"id": "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD", "number": NUMBER, "participants": [DANA]}]}))
        .await;
    world.dana_writes().await;
    world
}

/// Uploads a file and gives its id.
async fn upload(world: &World, mime: &str) -> String {
    let part = reqwest::multipart::Part::bytes(vec![1, 2, 3])
        .file_name("f")
        .mime_str(mime)
        .unwrap();
    let form = reqwest::multipart::Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", mime.to_owned())
        .part("file", part);
    let request = world
        .client
        .post(format!("{}/v25.0/{NUMBER}/media", world.url))
        .bearer_auth(TOKEN)
        .multipart(form);
    let (status, body) = answer(request).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        shape(&body),
        shape(&sample("responses", "media-upload.json"))
    );
    body["id"].as_str().unwrap().to_owned()
}

/// Puts living ids in the place of the samples'.
fn with_ids(value: &mut Value, ids: &[(&str, String)]) {
    match value {
        Value::String(text) => {
            if let Some((_, id)) = ids.iter().find(|(old, _)| old == text) {
                text.clone_from(id);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| with_ids(item, ids)),
        Value::Object(fields) => fields.values_mut().for_each(|value| with_ids(value, ids)),
        _ => {}
    }
}

#[tokio::test]
async fn every_send_of_the_samples_is_accepted_strictly_but_the_wrong_ones() {
    let world = world().await;
    let mut ids = Vec::new();
    for (old, mime) in [
        ("1037543291543636", "image/jpeg"),
        ("1037543291543637", "application/pdf"),
        ("1037543291543638", "audio/ogg"),
        ("1037543291543639", "image/webp"),
        ("1037543291543640", "image/png"),
        ("1037543291543641", "image/png"),
    ] {
        ids.push((old, upload(&world, mime).await));
    }
    let mut names: Vec<String> = std::fs::read_dir(folder("requests"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("send-"))
        .collect();
    names.sort();
    assert!(names.len() >= 34, "{}", names.len());
    for name in names {
        let mut body = sample("requests", &name);
        with_ids(&mut body, &ids);
        let (edge, expected) = match name.as_str() {
            // The template needs a parameter that this sample does not give.
            "send-marketing-message.json" => ("marketing_messages", Err(132_000)),
            _ => ("messages", Ok(())),
        };
        let (status, answer) = world.post(&format!("{NUMBER}/{edge}"), body).await;
        match expected {
            Ok(()) => assert_eq!(status, 200, "{name}: {answer}"),
            Err(code) => assert_eq!(answer["error"]["code"], code, "{name}: {answer}"),
        }
        // Not to meet the pair limit.
        world.wind(6).await;
        world.dana_writes().await;
    }
}

#[tokio::test]
async fn answers_have_the_shapes_of_the_samples() {
    let world = world().await;
    let send = async |name: &str| {
        world
            .post(&format!("{NUMBER}/messages"), sample("requests", name))
            .await
            .1
    };
    let same = |answer: &Value, name: &str| {
        assert_eq!(
            shape(answer),
            shape(&sample("responses", name)),
            "{name}: {answer}"
        );
    };
    same(&send("send-text.json").await, "send-ok-phone.json");
    same(&send("send-text-by-bsuid.json").await, "send-ok-bsuid.json");
    same(&send("send-text-group.json").await, "send-ok-group.json");
    same(
        &send("send-template-positional.json").await,
        "send-ok-template-accepted.json",
    );
    let refuse = async |body: Value| world.try_send(body).await.1;
    same(
        &refuse(json!({"type": "text", "text": {"body": ""}})).await,
        "error-100-invalid-parameter.json",
    );
    let template = |name: &str, parameters: Value| {
        json!({"type": "template", "template": {"name": name, "language": {"code": "he"},
        "components": [{"type": "body", "parameters": parameters}]}})
    };
    let one = json!([{"type": "text", "text": "דנה"}]);
    let count = refuse(template("order_confirmation", one.clone())).await;
    same(&count, "error-132000-param-count.json");
    assert_eq!(
        count["error"]["error_data"],
        sample("responses", "error-132000-param-count.json")["error"]["error_data"]
    );
    same(
        &refuse(template("nothing", one)).await,
        "error-132001-template-missing.json",
    );
    same(
        &world.post("999/messages", json!({})).await.1,
        "error-33-object-missing.json",
    );
    let code = json!({"recipient": "IL.13491208655302741918", "type": "template",
        "template": sample("requests", "send-template-otp-copy-code.json")["template"]});
    same(&refuse(code).await, "error-131062-bsuid-not-supported.json");

    let bad = json!({"name": "x", "language": "he", "category": "UTILITY", "components": [{"type": "BODY",
        "text": "{{1}} at the start of it", "example": {"body_text": [["a"]]}}]});
    same(
        &world
            .post(&format!("{WABA}/message_templates"), bad)
            .await
            .1,
        "error-template-create-2388299.json",
    );
    let mut new = sample("requests", "template-create-utility.json");
    new["name"] = json!("order_confirmation_2");
    same(
        &world
            .post(&format!("{WABA}/message_templates"), new)
            .await
            .1,
        "template-create.json",
    );

    let id = upload(&world, "image/jpeg").await;
    same(
        &world.get(&format!("v25.0/{id}")).await,
        "media-retrieve.json",
    );
    let fields = "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,throughput,webhook_configuration,name_status,status,whatsapp_business_manager_messaging_limit,is_on_biz_app";
    let number = world.get(&format!("v25.0/{NUMBER}?fields={fields}")).await;
    same(&number, "phone-number-get.json");
    assert_eq!(number["display_phone_number"], "+972 50-000-0001");
    let numbers = world
        .get(&format!(
            "v25.0/{WABA}/phone_numbers?fields=verified_name,display_phone_number,quality_rating"
        ))
        .await;
    same(&numbers, "phone-numbers-list.json");
    let score = world
        .get("v25.0/1689556908129804?fields=quality_score")
        .await;
    same(&score, "template-quality-score.json");
    let profile = sample("requests", "business-profile-update.json");
    assert_eq!(
        world
            .post(&format!("{NUMBER}/whatsapp_business_profile"), profile)
            .await
            .1,
        sample("responses", "success-true.json")
    );
    let fields = "about,address,description,email,profile_picture_url,websites,vertical";
    same(
        &world
            .get(&format!(
                "v25.0/{NUMBER}/whatsapp_business_profile?fields={fields}"
            ))
            .await,
        "business-profile.json",
    );
    let block = json!({"messaging_product": "whatsapp", "block_users": [{"user": "+972500000010"}, {"user": "+972500000099"}]});
    let (status, body) = world.post(&format!("{NUMBER}/block_users"), block).await;
    assert_eq!(status, 400);
    same(&body, "block-users-partial-failure.json");
    let username = sample("requests", "business-username-claim.json");
    assert_eq!(
        world.post(&format!("{NUMBER}/username"), username).await.1,
        json!({"status": "approved"})
    );
    same(
        &world.get(&format!("v25.0/{NUMBER}/username")).await,
        "username-current.json",
    );
}

#[tokio::test]
async fn other_requests_of_the_samples_succeed() {
    let world = World::start().await;
    let success = json!({"success": true});
    for (edge, name) in [
        ("", "set-two-step-pin.json"),
        (
            "/conversational_automation",
            "conversational-automation.json",
        ),
        ("/settings", "identity-change-check-enable.json"),
    ] {
        let (status, answer) = world
            .post(&format!("{NUMBER}{edge}"), sample("requests", name))
            .await;
        assert_eq!((status, &answer), (200, &success), "{name}");
    }
    // The PIN was just set to another.
    let (_, answer) = world
        .post(
            &format!("{NUMBER}/register"),
            sample("requests", "register-phone-number.json"),
        )
        .await;
    assert_eq!(answer["error"]["code"], 133_005);
    let pin = json!({"messaging_product": "whatsapp", "pin": "150954"});
    assert_eq!(
        world.post(&format!("{NUMBER}/register"), pin).await.1,
        success
    );
    for name in [
        "template-create-authentication-copy-code.json",
        "template-create-named-params-media-header.json",
        "template-create-request-contact-info.json",
        "template-create-utility.json",
    ] {
        let mut body = sample("requests", name);
        body["name"] = json!(format!("new_{}", body["name"].as_str().unwrap()));
        let (status, answer) = world.post(&format!("{WABA}/message_templates"), body).await;
        assert_eq!(status, 200, "{name}: {answer}");
    }
    let upsert = sample("requests", "upsert-authentication-templates.json");
    let (status, answer) = world
        .post(&format!("{WABA}/upsert_message_templates"), upsert)
        .await;
    assert_eq!((status, answer["data"].as_array().unwrap().len()), (200, 3));
    let (status, answer) = world
        .post("1689556908129804", sample("requests", "template-edit.json"))
        .await;
    assert_eq!((status, &answer["success"]), (200, &json!(true)));
}
