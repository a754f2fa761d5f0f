//! Content objects: Twilio's templates, and their approval by WhatsApp.
//!
//! A content object is one of the world's templates whose account is Twilio's and whose only component is `{variables, types}`.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

use super::{created, messages, not_found, ok, refused, sid as new_sid};
use crate::clock::SECOND;
use crate::core::Core;
use crate::delivery::Rendered;
use crate::providers::call::Call;
use crate::providers::send::Outgoing;
use crate::providers::{Answer, write};
use crate::world::{Gateway, Record, Template, Timer, World};

const DAY_30: i64 = 30 * 24 * 3_600 * SECOND;

/// Fills a message from a content object. Approved content goes out at any time, other content only
/// in an open window.
pub fn fill(
    core: &Core,
    call: &Call,
    account: &str,
    gateway: &Gateway,
    sid: &str,
    out: &mut Outgoing,
) -> Answer<()> {
    let template = find(&core.state().world, account, sid).cloned();
    let template = template.ok_or_else(|| refused(400, 21_655, "The ContentSid is Invalid"))?;
    let given = match call.text("ContentVariables") {
        None => Map::new(),
        Some(text) => {
            let parsed = serde_json::from_str::<Map<String, Value>>(text).ok();
            let texts = parsed.filter(|map| map.values().all(Value::is_string));
            texts.ok_or_else(|| {
                refused(400, 21_656, "The Content Variables parameter is invalid.")
            })?
        }
    };
    let (kind, types) = type_of(&template);
    let defaults = &template.components[0]["variables"];
    let asked = placeholders(&types.to_string());
    if given.keys().any(|name| !asked.contains(name)) {
        out.broken = Some(132_000);
    }
    let text = |raw: &Value| {
        let mut text = raw.as_str().unwrap_or("").to_owned();
        for name in &asked {
            let value = given.get(name).unwrap_or(&defaults[name.as_str()]);
            text = text.replace(&format!("{{{{{name}}}}}"), value.as_str().unwrap_or(""));
        }
        text
    };
    let approved = template.status == "APPROVED";
    if kind == "twilio/list-picker" {
        let rows: Vec<Value> = types["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| json!({"id": text(&item["id"]), "title": text(&item["item"]), "description": text(&item["description"])}))
            .collect();
        out.kind = "interactive".to_owned();
        out.content = json!({"type": "list", "body": {"text": text(&types["body"])},
            "action": {"button": text(&types["button"]), "sections": [{"rows": rows}]}});
        return Ok(());
    }
    if !approved && !messages::window_open(core, gateway, &out.to) {
        out.broken = Some(131_047);
    }
    if matches!(template.status.as_str(), "PAUSED" | "DISABLED") {
        out.broken = Some(132_015);
    }
    out.kind = "template".to_owned();
    out.content = json!({"name": template.name, "language": template.language});
    out.template = Some(Rendered {
        card: card(&template, types, text),
        category: if approved {
            template.category.clone()
        } else {
            "SERVICE".to_owned()
        },
        ttl_ms: DAY_30,
        held: false,
    });
    Ok(())
}

fn card(template: &Template, types: &Value, text: impl Fn(&Value) -> String) -> Value {
    let actions = types["actions"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate();
    let buttons: Vec<Value> = actions
        .map(|(at, action)| {
            let title = text(&action["title"]);
            match action["type"].as_str().unwrap_or("QUICK_REPLY") {
                "URL" => json!({"index": at, "type": "url", "text": title, "url": text(&action["url"])}),
                "PHONE_NUMBER" => json!({"index": at, "type": "phone", "text": title, "phone": text(&action["phone"])}),
                _ => json!({"index": at, "type": "quick_reply", "text": title, "id": text(&action["id"])}),
            }
        })
        .collect();
    let body = if types["body"].is_null() {
        &types["title"]
    } else {
        &types["body"]
    };
    let media = types["media"][0].as_str();
    let header =
        media.map(|_| json!({"type": "image", "media": {"link": text(&types["media"][0])}}));
    json!({"header": header, "body": text(body), "footer": types["footer"].as_str(), "buttons": buttons,
        "list": null, "cards": null,
        "template": {"name": template.name, "language": template.language, "category": template.category}})
}

/// The first of the types, which is the one that WhatsApp shows.
fn type_of(template: &Template) -> (&str, &Value) {
    let types = template.components.first().map(|one| &one["types"]);
    let first = types
        .and_then(Value::as_object)
        .and_then(|types| types.iter().next());
    first.map_or(("twilio/text", &Value::Null), |(kind, value)| {
        (kind.as_str(), value)
    })
}

/// The names in `{{…}}`.
fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = text
        .split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}"))
        .map(|(name, _)| name.trim().to_owned())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn find<'a>(world: &'a World, account: &str, sid: &str) -> Option<&'a Template> {
    world
        .template(sid)
        .filter(|one| one.waba == account && one.deleted_at.is_none())
}

pub async fn route(core: &Arc<Core>, call: &Call, account: &str) -> Answer {
    let one = |sid: &str| {
        find(&core.state().world, account, sid)
            .cloned()
            .ok_or_else(|| not_found(call))
    };
    match (call.method.as_str(), call.segments().as_slice()) {
        ("POST", ["v1", "Content"]) => create(core, call, account).await,
        ("GET", ["v1", "Content"]) => ok(list(core, call, account, false)),
        ("GET", ["v1", "ContentAndApprovals"]) => ok(list(core, call, account, true)),
        ("GET", ["v1", "Content", sid]) => ok(show(&one(sid)?, &call.base)),
        ("PUT", ["v1", "Content", sid]) => change(core, call, one(sid)?).await,
        ("DELETE", ["v1", "Content", sid]) => {
            let mut template = one(sid)?;
            template.deleted_at = Some(core.now());
            save(core, call, template).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        ("POST", ["v1", "Content", sid, "ApprovalRequests", "whatsapp"]) => {
            submit(core, call, one(sid)?).await
        }
        ("GET", ["v1", "Content", sid, "ApprovalRequests"]) => {
            let template = one(sid)?;
            let mut approval = approval(&template);
            approval["type"] = json!("whatsapp");
            ok(
                json!({"sid": template.id, "account_sid": account, "whatsapp": approval,
                "url": format!("{}/v1/Content/{}/ApprovalRequests", call.base, template.id)}),
            )
        }
        _ => Err(not_found(call)),
    }
}

fn show(template: &Template, base: &str) -> Value {
    let parts = template.components.first().cloned().unwrap_or_default();
    let url = format!("{base}/v1/Content/{}", template.id);
    json!({"sid": template.id, "account_sid": template.waba, "friendly_name": template.name,
        "language": template.language, "variables": parts["variables"], "types": parts["types"],
        "date_created": write::rfc3339_seconds(template.created_at),
        "date_updated": write::rfc3339_seconds(template.created_at), "url": url,
        "links": {"approval_create": format!("{url}/ApprovalRequests/whatsapp"),
            "approval_fetch": format!("{url}/ApprovalRequests")}})
}

fn approval(template: &Template) -> Value {
    let status = match template.status.as_str() {
        "UNSUBMITTED" => "unsubmitted",
        "RECEIVED" => "received",
        "PENDING" => "pending",
        "REJECTED" => "rejected",
        "PAUSED" => "paused",
        "DISABLED" => "disabled",
        _ => "approved",
    };
    json!({"name": template.name, "category": template.category, "content_type": type_of(template).0,
        "status": status, "rejection_reason": template.rejected_reason.as_deref().unwrap_or(""),
        "allow_category_change": true})
}

fn list(core: &Core, call: &Call, account: &str, approvals: bool) -> Value {
    let number = |key: &str| call.query(key).and_then(|text| text.parse::<usize>().ok());
    let (size, page) = (
        number("PageSize").unwrap_or(50).clamp(1, 1_000),
        number("Page").unwrap_or(0),
    );
    let state = core.state();
    let own: Vec<&Template> = state
        .world
        .templates
        .iter()
        .filter(|one| one.waba == account && one.deleted_at.is_none())
        .collect();
    let item = |template: &&Template| {
        let mut item = show(template, &call.base);
        if approvals {
            item["approval_requests"] = approval(template);
        }
        item
    };
    let items: Vec<Value> = own.iter().skip(page * size).take(size).map(item).collect();
    let path = format!("{}/{}", call.base, call.path.join("/"));
    let at = |page: usize| format!("{path}?PageSize={size}&Page={page}");
    let next = ((page + 1) * size < own.len()).then(|| at(page + 1));
    json!({"contents": items, "meta": {"page": page, "page_size": size, "key": "contents",
        "first_page_url": at(0), "previous_page_url": page.checked_sub(1).map(at),
        "next_page_url": next, "url": at(page)}})
}

fn parts(call: &Call) -> Answer<Value> {
    const KNOWN: [&str; 14] = [
        "twilio/text",
        "twilio/media",
        "twilio/location",
        "twilio/quick-reply",
        "twilio/call-to-action",
        "twilio/list-picker",
        "twilio/card",
        "twilio/carousel",
        "twilio/catalog",
        "twilio/schedule",
        "twilio/flows",
        "whatsapp/card",
        "whatsapp/authentication",
        "whatsapp/flows",
    ];
    let types = call.json["types"].as_object();
    let types = types.filter(|types| {
        !types.is_empty() && types.keys().all(|kind| KNOWN.contains(&kind.as_str()))
    });
    let types =
        types.ok_or_else(|| refused(400, 20_001, "types is missing or has an unknown type"))?;
    let variables = match &call.json["variables"] {
        Value::Null => json!({}),
        given => given.clone(),
    };
    Ok(json!({"variables": variables, "types": types}))
}

async fn create(core: &Core, call: &Call, account: &str) -> Answer {
    let language = call.text("language");
    let language = language.ok_or_else(|| refused(400, 20_001, "language is required"))?;
    let components = vec![parts(call)?];
    let made = core.commit(|tx| {
        let template = Template {
            id: new_sid(&mut tx.state.chance, "HX"),
            waba: account.to_owned(),
            name: call.text("friendly_name").unwrap_or("").to_owned(),
            language: language.to_owned(),
            category: String::new(),
            status: "UNSUBMITTED".to_owned(),
            components,
            created_at: tx.now,
            ..Template::default()
        };
        let shown = show(&template, &call.base);
        tx.record(Record::Template {
            template: Box::new(template),
        });
        shown
    });
    created(made.await.ok_or_else(|| not_found(call))?)
}

/// Only before it is submitted.
async fn change(core: &Core, call: &Call, mut template: Template) -> Answer {
    if template.status != "UNSUBMITTED" {
        return Err(refused(
            400,
            20_001,
            "Content that was submitted for approval cannot be changed",
        ));
    }
    template.components = vec![parts(call)?];
    if let Some(name) = call.text("friendly_name") {
        name.clone_into(&mut template.name);
    }
    let shown = show(&template, &call.base);
    save(core, call, template).await?;
    ok(shown)
}

async fn save(core: &Core, call: &Call, template: Template) -> Answer<()> {
    let done = core.commit(|tx| {
        tx.record(Record::Template {
            template: Box::new(template),
        });
    });
    done.await.ok_or_else(|| not_found(call))
}

/// Hands content to WhatsApp's review, which is the one that Meta's templates have.
async fn submit(core: &Core, call: &Call, mut template: Template) -> Answer {
    let name = call.text("name").unwrap_or("").to_owned();
    let valid = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let category = call.text("category").unwrap_or("").to_ascii_uppercase();
    if !valid
        || !matches!(
            category.as_str(),
            "UTILITY" | "MARKETING" | "AUTHENTICATION"
        )
    {
        return Err(refused(400, 20_001, "name or category is not valid"));
    }
    if template.status != "UNSUBMITTED" {
        return Err(refused(409, 20_409, "The content was submitted already"));
    }
    template.name = name;
    template.category = category;
    template.status = "PENDING".to_owned();
    let mut answer = approval(&template);
    answer["status"] = json!("received");
    let done = core.commit(|tx| {
        let id = template.id.clone();
        if let Some(review_s) = tx.world().settings.review_s {
            tx.after(review_s * SECOND, Timer::Review { template: id });
        }
        tx.record(Record::Template {
            template: Box::new(template),
        });
    });
    done.await.ok_or_else(|| not_found(call))?;
    created(answer)
}
