//! What the API shows of a shop: whole, to compare; and in a few lines, to be typed by hand in a table.

use serde_json::{Value, json};

use crate::world::{Shop, World, ZERO, second};

/// The provider's id of our message that most samples speak of, and of the other one.
pub const OURS: &str = "wamid.HBgMOTcyNTAwMDAwMDEwFQIAERgSNjc3NjEyODI4N0VGMkNCOEVBAA==";
pub const OURS_TOO: &str = "wamid.HBgMOTcyNTAwMDAwMDEwFQIAERgSQkI2MTkxNzI3MTlEMTgzMDUzAA==";

/// Everything that the API shows of a shop, but for what passes by itself (when a file is tried again).
pub async fn everything(world: &World, shop: &Shop) -> Value {
    let key = &shop.key;
    let mut threads = Vec::new();
    for view in ["all", "resolved"] {
        let path = format!("/conversations?view={view}&limit=200");
        for thread in world.items(key, &path).await {
            let path = format!(
                "/conversations/{}/messages?limit=200",
                crate::world::id(&thread)
            );
            let mut messages = world.items(key, &path).await;
            messages.reverse();
            threads.push(json!({"thread": thread, "messages": messages}));
        }
    }
    let mut all = json!({
        "threads": threads,
        "contacts": world.items(key, "/contacts?limit=200").await,
        "leads": world.items(key, "/leads?limit=200").await,
        "counts": world.get(key, "/conversations/counts").await,
        "events": world.items(key, "/events?limit=200").await,
        "quarantine": world.items(key, "/quarantine?limit=200").await,
        "attention": world.items(key, "/attention?limit=200").await,
    });
    drop_members(&mut all, &["next_try_at"]);
    all
}

/// The same in every shop in which the same was told: without ids, events and the times of receipt.
pub fn bare(mut everything: Value) -> Value {
    everything["events"].take();
    drop_members(
        &mut everything,
        &[
            "id",
            "version",
            "conversation_id",
            "message_id",
            "contact_id",
            "channel",
            "status_id",
            "pipeline_id",
            "media_id",
            "url",
            "received_at",
            "accepted_at",
            "user_id",
        ],
    );
    everything
}

fn drop_members(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !names.contains(&name.as_str()));
            members
                .values_mut()
                .for_each(|member| drop_members(member, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_members(item, names)),
        _ => {}
    }
}

/// In a few lines: contacts, leads, threads with their messages, provider's events, and what went wrong.
pub fn lines(all: &Value) -> Vec<String> {
    let list = |name: &str| all[name].as_array().unwrap().clone();
    let mut lines: Vec<String> = list("contacts").iter().rev().map(contact).collect();
    lines.extend(list("leads").iter().rev().map(lead));
    for thread in list("threads").iter().rev() {
        lines.push(window(&thread["thread"]));
        lines.extend(thread["messages"].as_array().unwrap().iter().map(message));
    }
    lines.extend(list("events").iter().filter_map(event));
    lines.extend(
        list("quarantine")
            .iter()
            .map(|item| format!("quarantine {}", word(&item["reason"]))),
    );
    lines.extend(
        list("attention")
            .iter()
            .map(|item| format!("attention {}", word(&item["kind"]))),
    );
    lines
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace(OURS, "OURS").replace(OURS_TOO, "OURS_TOO"),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The members that are there, each after a blank.
fn parts(value: &Value, names: &[&str]) -> String {
    let told = names
        .iter()
        .map(|name| word(&value[name]))
        .filter(|text| !text.is_empty());
    told.map(|text| format!(" {text}")).collect()
}

fn contact(contact: &Value) -> String {
    let mut told = format!(
        "contact {}{}",
        word(&contact["profile_name"]),
        parts(contact, &["phone"])
    );
    if let Some(username) = contact["username"].as_str() {
        told += &format!(" @{username}");
    }
    if contact["marketing"]["state"] != "unknown" {
        told += &format!(" marketing {}", word(&contact["marketing"]["state"]));
    }
    told
}

fn lead(lead: &Value) -> String {
    let closed = if lead["closed_at"].is_null() {
        ""
    } else {
        " closed"
    };
    format!(
        "lead{}{closed}",
        parts(&lead["source"], &["kind", "detail"])
    )
}

fn since(at: &Value) -> String {
    at.as_str().map_or_else(
        || "never".to_owned(),
        |at| {
            let at: jiff::Timestamp = at.parse().unwrap();
            format!("{:+}", at.duration_since(second(ZERO)).as_secs())
        },
    )
}

fn window(thread: &Value) -> String {
    let window = &thread["window"];
    let state = word(&window["state"]);
    let opened = since(&window["last_inbound_at"]);
    format!(
        "thread unread {} window {state} since {opened}",
        thread["unread_count"]
    )
}

fn message(message: &Value) -> String {
    let mut told = format!(
        "{}{}",
        word(&message["direction"]),
        parts(message, &["delivery"])
    );
    if message["author"]["kind"] == "phone" {
        told += " by phone";
    }
    told += &format!(" {}", content(message));
    for (name, at) in message["receipts"].as_object().unwrap() {
        let name = name.trim_end_matches("_at");
        if name != "accepted" {
            told += &format!(" {name}{}", since(at));
        }
    }
    told += &parts(&message["pricing"], &["kind", "category"]);
    told += &parts(&message["failure"], &["reason", "next_step", "code"]);
    if !message["reply_to"].is_null() {
        let quoted = parts(&message["reply_to"], &["text"]);
        told += &format!(" re{quoted}");
    }
    for (member, name) in [("forwarded", "forwarded"), ("late", "late")] {
        if message[member] == true {
            told += &format!(" {name}");
        }
    }
    for (member, name) in [("edited_at", "edited"), ("revoked_at", "revoked")] {
        if !message[member].is_null() {
            told += &format!(" {name}{}", since(&message[member]));
        }
    }
    if !message["referral"].is_null() {
        let names = ["source_type", "source_url", "headline", "body", "media_url"];
        told += &format!(" from{}", parts(&message["referral"], &names));
    }
    for reaction in message["reactions"].as_array().unwrap() {
        told += &parts(reaction, &["emoji", "by"]);
    }
    told
}

fn content(message: &Value) -> String {
    let content = &message["content"];
    let kind = word(&content["kind"]);
    let all = |member: &str, names: &[&str]| {
        let items = content[member].as_array().unwrap().iter();
        items
            .map(|item| parts(item, names))
            .collect::<Vec<_>>()
            .join(";")
    };
    match kind.as_str() {
        "media" => {
            let names = ["media_kind", "mime_type", "filename", "caption"];
            let mut told = format!("media{}", parts(content, &names));
            if content["voice"] == true {
                told += " voice";
            }
            told + &format!(" file {}", word(&message["media"]["state"]))
        }
        "contacts" => {
            let cards = content["cards"].as_array().unwrap();
            let card = |card: &Value| {
                let phones = card["phones"].as_array().unwrap().iter();
                let phones: Vec<_> = phones.map(|phone| word(&phone["phone"])).collect();
                let own = if card["own"] == true { " own" } else { "" };
                format!(
                    "{} {}{own}",
                    parts(card, &["formatted_name"]),
                    phones.join(",")
                )
            };
            format!(
                "contacts{}",
                cards.iter().map(card).collect::<Vec<_>>().join(";")
            )
        }
        "order" => {
            let items = all(
                "items",
                &["quantity", "product_retailer_id", "item_price", "currency"],
            );
            format!("order{}{items}", parts(content, &["catalog_id", "text"]))
        }
        _ => {
            let names = [
                "text",
                "latitude",
                "longitude",
                "address",
                "url",
                "id",
                "title",
                "description",
                "name",
                "body",
                "response",
                "accepted",
                "original",
                "code",
            ];
            format!("{kind}{}", parts(content, &names))
        }
    }
}

/// What a provider told of its own; everything else of an event is seen in the state.
fn event(event: &Value) -> Option<String> {
    let kind = word(&event["kind"]);
    let name = kind.strip_prefix("provider.")?;
    let facts = event["facts"].as_object().unwrap();
    let topic = word(&facts["topic"]);
    let others = facts.iter().filter(|(fact, _)| *fact != "topic");
    let others: String = others
        .map(|(fact, value)| format!(" {fact}={}", word(value)))
        .collect();
    Some(format!("{name} {topic}{others}"))
}
