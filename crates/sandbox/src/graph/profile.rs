//! What hangs below a number: business profile, conversational components, block list, settings, username, contact book.

use serde_json::{Map, Value, json};

use super::call::{Call, pick};
use super::error::{Answer, GraphError};
use super::fields::Fields;
use super::number::{commit, update};
use crate::core::{Core, Tx};
use crate::hooks::{self, Change};
use crate::world::{Number, Person, Record, ThreadChange};

const VERTICALS: [&str; 24] = [
    "",
    "UNDEFINED",
    "ALCOHOL",
    "APPAREL",
    "AUTO",
    "BEAUTY",
    "EDU",
    "ENTERTAIN",
    "EVENT_PLAN",
    "FINANCE",
    "GOVT",
    "GROCERY",
    "HEALTH",
    "HOTEL",
    "NONPROFIT",
    "ONLINE_GAMBLING",
    "OTC_DRUGS",
    "OTHER",
    "PHYSICAL_GAMBLING",
    "PROF_SERVICES",
    "RESTAURANT",
    "RETAIL",
    "TRAVEL",
    "NOT_A_BIZ",
];

pub async fn business_profile(core: &Core, id: &str, call: &Call) -> Answer<Value> {
    if call.is("GET") {
        let profile = core
            .state()
            .world
            .number(id)
            .map(|number| number.profile.clone())
            .unwrap_or_default();
        let mut whole = Value::Object(profile);
        whole["messaging_product"] = json!("whatsapp");
        let mut fields = call.fields();
        if let Some(fields) = &mut fields {
            fields.push("messaging_product".to_owned());
        }
        return Ok(json!({"data": [pick(whole, fields.as_deref(), &["messaging_product"])]}));
    }
    let mut fields = Fields::of(&call.body, "", true)?;
    if fields.text("messaging_product")? != Some("whatsapp") {
        return Err(GraphError::invalid(
            "The parameter messaging_product is required.",
        ));
    }
    let mut changes = Map::new();
    for (key, most) in [
        ("about", 139),
        ("address", 256),
        ("description", 512),
        ("email", 128),
    ] {
        if let Some(text) = fields.text_up_to(key, most, 100)? {
            changes.insert(key.to_owned(), json!(text));
        }
    }
    if let Some(vertical) = fields.text("vertical")? {
        if !VERTICALS.contains(&vertical) {
            return Err(GraphError::invalid(format!(
                "Param vertical {vertical} is not known."
            )));
        }
        changes.insert("vertical".to_owned(), json!(vertical));
    }
    if let Some(websites) = fields.list("websites")? {
        if websites.len() > 2
            || websites
                .iter()
                .any(|site| site.as_str().is_none_or(|s| s.len() > 256))
        {
            return Err(GraphError::invalid(
                "Param websites must be at most 2 addresses of 256 characters.",
            ));
        }
        changes.insert("websites".to_owned(), json!(websites));
    }
    if fields.text("profile_picture_handle")?.is_some() {
        let url = format!("{}/phone/api/picture/{id}", core.public_url);
        changes.insert("profile_picture_url".to_owned(), json!(url));
    }
    fields.finish()?;
    commit(core, id, |_, number| {
        number.profile.extend(changes);
        Ok(())
    })
    .await
}

/// At most 4 ice breakers of 80 characters; at most 30 commands, name ≤ 32, hint ≤ 256.
pub async fn automation(core: &Core, id: &str, call: &Call) -> Answer<Value> {
    if call.is("GET") {
        let automation = core
            .state()
            .world
            .number(id)
            .map(|number| number.automation.clone());
        return Ok(automation.unwrap_or_default().into());
    }
    let prompts = call.value("prompts");
    let commands = call.value("commands");
    if let Some(prompts) = &prompts {
        let texts: Vec<&str> = prompts
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if texts.len() > 4 || texts.iter().any(|text| text.chars().count() > 80) {
            return Err(GraphError::invalid(
                "Param prompts must be at most 4 texts of 80 characters.",
            ));
        }
    }
    if let Some(commands) = &commands {
        let long = |command: &Value, key: &str, most| {
            command[key]
                .as_str()
                .is_none_or(|text| text.is_empty() || text.chars().count() > most)
        };
        let list = commands.as_array().map_or(&[][..], Vec::as_slice);
        if list.len() > 30
            || list
                .iter()
                .any(|c| long(c, "command_name", 32) || long(c, "command_description", 256))
        {
            return Err(GraphError::invalid(
                "Param commands must be at most 30 with name (32) and description (256).",
            ));
        }
    }
    commit(core, id, |_, number| {
        for (key, value) in [("prompts", prompts), ("commands", commands)] {
            if let Some(value) = value {
                number.automation.insert(key.to_owned(), value);
            }
        }
        Ok(())
    })
    .await
}

/// One feature a call.
pub async fn settings(core: &Core, id: &str, call: &Call) -> Answer<Value> {
    if call.is("GET") {
        let settings = core
            .state()
            .world
            .number(id)
            .map(|number| number.settings.clone());
        return Ok(settings.unwrap_or_default().into());
    }
    let known = [
        "calling",
        "user_identity_change",
        "payload_encryption",
        "storage_configuration",
    ];
    let given = call.body.as_object().cloned().unwrap_or_default();
    let [(feature, value)] = &given.iter().collect::<Vec<_>>()[..] else {
        return Err(GraphError::invalid("One feature is set in one call."));
    };
    if !known.contains(&feature.as_str()) {
        return Err(GraphError::invalid(format!(
            "Param {feature} is not known."
        )));
    }
    let (feature, value) = ((*feature).clone(), (*value).clone());
    commit(core, id, |_, number| {
        number.settings.insert(feature, value);
        Ok(())
    })
    .await
}

/// Only people who wrote in the last 24 hours can be blocked. A partial failure is HTTP 400 with both
/// the list and error 139100.
pub async fn block_users(core: &Core, id: &str, call: &Call) -> Answer<Value> {
    if call.is("GET") {
        return Ok(blocked(core, id));
    }
    let users = call
        .value("block_users")
        .and_then(|users| users.as_array().cloned());
    let users = users.filter(|users| !users.is_empty());
    let users =
        users.ok_or_else(|| GraphError::invalid("The parameter block_users is required."))?;
    let unblock = call.is("DELETE");
    let outcome = core.commit(|tx| {
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for user in &users {
            block(tx, id, user, unblock, &mut done, &mut failed);
        }
        let key = if unblock {
            "removed_users"
        } else {
            "added_users"
        };
        let mut list = json!({key: done});
        if failed.is_empty() {
            return Ok(json!({"messaging_product": "whatsapp", "block_users": list}));
        }
        list["failed_users"] = failed.into();
        let beside = json!({"messaging_product": "whatsapp", "block_users": list});
        let details = "Failed to block some users, see the block_users response list for details";
        Err(GraphError::with(139_100, details).beside(beside))
    });
    outcome
        .await
        .unwrap_or_else(|| Err(GraphError::new(131_016)))
}

fn block(
    tx: &mut Tx<'_>,
    id: &str,
    user: &Value,
    unblock: bool,
    done: &mut Vec<Value>,
    failed: &mut Vec<Value>,
) {
    let input = user["user"]
        .as_str()
        .or(user["user_id"].as_str())
        .unwrap_or("");
    let digits: String = input.chars().filter(char::is_ascii_digit).collect();
    let by_user_id = user["user_id"].is_string();
    let person = if by_user_id {
        tx.world().person_with_user_id(input)
    } else {
        tx.world().person_with_phone(&digits)
    };
    let person = person.map(|person| person.id.clone()).unwrap_or_default();
    let recent = tx
        .world()
        .thread(id, &person)
        .is_some_and(|thread| thread.window_open(tx.now));
    let key = if by_user_id { "user_id" } else { "wa_id" };
    let mut entry = json!({"input": input, key: if by_user_id { input } else { &digits }});
    if !unblock && !recent {
        entry["errors"] = json!([{"message": "Re-engagement required", "code": 131_047,
            "error_data": {"details": "User has not messaged the business in the last 24 hours"}}]);
        failed.push(entry);
        return;
    }
    update(tx, id, |number| {
        number.blocked.retain(|blocked| *blocked != person);
        if !unblock {
            number.blocked.push(person);
        }
    });
    done.push(entry);
}

fn blocked(core: &Core, id: &str) -> Value {
    let now = core.now();
    let state = core.state();
    let world = &state.world;
    let number = world.number(id);
    let persons = number
        .into_iter()
        .flat_map(|number| &number.blocked)
        .filter_map(|id| world.person(id));
    let entry = |person: &Person| {
        let mut entry = json!({"messaging_product": "whatsapp",
            "user_id": crate::people::user_id(world, id, person)});
        entry["input"] = entry["user_id"].clone();
        if world.phone_known(id, person, now) {
            entry["input"] = json!(person.phone);
            entry["wa_id"] = json!(person.phone);
        }
        entry
    };
    json!({"data": persons.map(entry).collect::<Vec<_>>()})
}

/// `a-z 0-9 . _`, 3 to 35 characters with a letter, no dot at an end or doubled, not `www…`.
fn is_username(name: &str) -> bool {
    (3..=35).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'_')
        && name.bytes().any(|b| b.is_ascii_lowercase())
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.starts_with("www")
}

pub async fn username(core: &Core, id: &str, call: &Call) -> Answer<Value> {
    if call.edge() == "username_suggestions" {
        return Ok(
            json!({"data": [{"username_suggestions": ["example_office", "example.office.il"]}]}),
        );
    }
    if call.is("GET") {
        let username = core
            .state()
            .world
            .number(id)
            .and_then(|number| number.username.clone());
        return Ok(username.map_or_else(
            || json!({}),
            |name| json!({"username": name, "status": "approved"}),
        ));
    }
    let wish = if call.is("DELETE") {
        None
    } else {
        Some(call.need("username")?.to_ascii_lowercase())
    };
    if wish.as_deref().is_some_and(|name| !is_username(name)) {
        return Err(GraphError::invalid(
            "Param username is not a valid username.",
        ));
    }
    let answer = if wish.is_some() {
        json!({"status": "approved"})
    } else {
        json!({"success": true})
    };
    commit(core, id, |tx, number| {
        let taken =
            |other: &Number| other.id != id && other.username.is_some() && other.username == wish;
        if tx.world().numbers.iter().any(taken) {
            return Err(GraphError::new(147_001));
        }
        let mut value = json!({"display_phone_number": number.phone,
            "status": if wish.is_some() { "approved" } else { "deleted" }});
        if let Some(name) = wish.as_ref().or(number.username.as_ref()) {
            value["username"] = json!(name);
        }
        number.username = wish;
        hooks::queue(
            tx,
            &Change {
                waba: number.waba.clone(),
                number: number.id.clone(),
                field: "business_username_updates".to_owned(),
                what: "business_username_updates".to_owned(),
                value,
                ..Change::default()
            },
        );
        Ok(())
    })
    .await
    .map(|_| answer)
}

pub async fn contact_book(core: &Core, id: &str, call: &Call) -> Answer<Value> {
    let user_id = call.need("bsuid")?;
    let done = core.commit(|tx| {
        let person = tx
            .world()
            .person_with_user_id(&user_id)
            .map(|person| person.id.clone());
        let deleted = person.is_some();
        if let Some(person) = person {
            let change = ThreadChange::NotInContactBook;
            tx.record(Record::Thread {
                number: id.to_owned(),
                person,
                change,
            });
        }
        json!({"messaging_product": "whatsapp", "success": true, "deleted": deleted})
    });
    done.await.ok_or_else(|| GraphError::new(131_016))
}

/// Coexistence: asks for the contacts or the history. The webhooks are the control API's to send.
pub fn app_data(core: &Core, id: &str, call: &Call) -> Answer<Value> {
    let kind = call.need("sync_type")?;
    if !matches!(kind.as_str(), "smb_app_state_sync" | "history") {
        return Err(GraphError::invalid("Param sync_type is not known."));
    }
    let mut state = core.state();
    if !state
        .world
        .number(id)
        .is_some_and(|number| number.on_business_app)
    {
        return Err(GraphError::invalid(
            "The number is not on the WhatsApp Business app.",
        ));
    }
    let request = format!("3EB0{}", state.chance.hex(16));
    Ok(json!({"messaging_product": "whatsapp", "request_id": request}))
}
