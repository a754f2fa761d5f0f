//! A WhatsApp Business Account: its numbers, templates and subscriptions; and the portfolio above it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::call::{Call, page, pick};
use super::error::{Answer, GraphError};
use super::{Caller, app, number, templates};
use crate::core::{Core, Tx};
use crate::world::{Number, Override, Record, Waba, World, country_code};

pub async fn handle(core: &Arc<Core>, caller: &Caller, call: &Call) -> Answer<Value> {
    let id = call.node();
    match (call.method.as_str(), call.edge()) {
        ("GET", "") => Ok(read(core, id, call)),
        ("POST", "") => Ok(json!({"success": true})),
        ("GET", "phone_numbers") => phone_numbers(core, id, call),
        ("POST", "phone_numbers") => add_number(core, id, call).await,
        (_, "subscribed_apps") => subscribed_apps(core, caller, id, call).await,
        (_, "message_templates") => templates::edge(core, caller, call).await,
        ("POST", "upsert_message_templates") => templates::upsert(core, caller, call).await,
        _ => Err(GraphError::no_object(call.method.as_str(), id)),
    }
}

fn read(core: &Core, id: &str, call: &Call) -> Value {
    let state = core.state();
    let Some(waba) = state.world.waba(id) else {
        return Value::Null;
    };
    let whole = json!({
        "id": waba.id,
        "name": waba.name,
        "currency": waba.currency,
        "timezone_id": timezone_id(&waba.timezone),
        "message_template_namespace": format!("{:0>8}_0000", waba.id.get(..8).unwrap_or("")),
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "ownership_type": "SELF",
        "status": "ACTIVE",
        "country": "IL",
        "owner_business_info": {"id": waba.portfolio,
            "name": state.world.portfolio(&waba.portfolio).map(|portfolio| &portfolio.name)},
        "primary_funding_id": waba.payment_method.then_some("1"),
        "whatsapp_business_manager_messaging_limit":
            state.world.portfolio(&waba.portfolio).map(|portfolio| &portfolio.tier),
        "health_status": first_number(&state.world, waba).map(|number| number::health(&state.world, number)),
    });
    pick(
        whole,
        call.fields().as_deref(),
        &[
            "id",
            "name",
            "currency",
            "timezone_id",
            "message_template_namespace",
        ],
    )
}

/// Meta numbers the time zones; 70 is Jerusalem and 1 Los Angeles, which is all that is needed here.
fn timezone_id(timezone: &str) -> &'static str {
    if timezone == "Asia/Jerusalem" {
        "70"
    } else {
        "1"
    }
}

fn first_number<'a>(world: &'a World, waba: &Waba) -> Option<&'a Number> {
    world.numbers.iter().find(|number| number.waba == waba.id)
}

fn phone_numbers(core: &Core, id: &str, call: &Call) -> Answer<Value> {
    let state = core.state();
    let fields = call.fields();
    let default = [
        "id",
        "verified_name",
        "code_verification_status",
        "display_phone_number",
        "quality_rating",
        "platform_type",
        "throughput",
    ];
    let numbers = state
        .world
        .numbers
        .iter()
        .filter(|number| number.waba == id);
    let items = numbers.map(|number| {
        pick(
            number::whole(&state.world, number),
            fields.as_deref(),
            &default,
        )
    });
    page(items.collect(), call, &address(core, call))
}

fn address(core: &Core, call: &Call) -> String {
    format!(
        "{}/{}/{}/{}",
        call.base(core),
        call.version,
        call.node(),
        call.edge()
    )
}

/// Adds a number, which is then to be verified and registered.
async fn add_number(core: &Core, waba: &str, call: &Call) -> Answer<Value> {
    let digits = |text: String| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let code = digits(call.need("cc")?);
    let local = digits(call.need("phone_number")?);
    let verified_name = call.need("verified_name")?;
    let phone = if local.starts_with(&code) && local.len() > 10 {
        local
    } else {
        format!("{code}{local}")
    };
    let outcome = core.commit(|tx| {
        if tx
            .world()
            .numbers
            .iter()
            .any(|number| number.phone == phone)
        {
            return Err(GraphError::template(
                2_388_012,
                "Number already exists",
                "The number is already registered.",
            ));
        }
        let id = tx.state.chance.digits(15);
        let number = Number {
            id: id.clone(),
            waba: waba.to_owned(),
            country_code: country_code(&phone).to_owned(),
            phone,
            verified_name,
            status: "PENDING".to_owned(),
            name_status: "PENDING_REVIEW".to_owned(),
            quality: "UNKNOWN".to_owned(),
            code_verified: false,
            ..Number::default()
        };
        tx.record(Record::Number {
            number: Box::new(number),
        });
        Ok(json!({"id": id}))
    });
    outcome
        .await
        .unwrap_or_else(|| Err(GraphError::new(131_016)))
}

/// Subscribing without a body removes the override.
async fn subscribed_apps(core: &Core, caller: &Caller, id: &str, call: &Call) -> Answer<Value> {
    match call.method.as_str() {
        "GET" => Ok(list_subscribed(core, id)),
        "DELETE" => {
            let app = caller.app.clone();
            commit(core, id, |waba| {
                waba.subscribed_apps.retain(|subscribed| *subscribed != app);
                waba.overrides.remove(&app);
            })
            .await
        }
        _ => {
            let url = call
                .param("override_callback_uri")
                .filter(|url| !url.is_empty());
            let verify_token = call.param("verify_token").unwrap_or_default();
            if let Some(url) = &url {
                if url.chars().count() > 200 {
                    return Err(GraphError::invalid(
                        "Param override_callback_uri must be at most 200 characters long.",
                    ));
                }
                app::handshake(url, &verify_token).await?;
            }
            let app = caller.app.clone();
            commit(core, id, |waba| {
                if !waba.subscribed_apps.contains(&app) {
                    waba.subscribed_apps.push(app.clone());
                }
                match url {
                    Some(url) => waba.overrides.insert(app, Override { url, verify_token }),
                    None => waba.overrides.remove(&app),
                };
            })
            .await
        }
    }
}

fn list_subscribed(core: &Core, id: &str) -> Value {
    let state = core.state();
    let world = &state.world;
    let Some(waba) = world.waba(id) else {
        return json!({"data": []});
    };
    let apps = waba.subscribed_apps.iter().filter_map(|app| world.app(app));
    let data: Vec<Value> = apps
        .map(|app| {
            let mut item = json!({"whatsapp_business_api_data": {"id": app.id, "name": app.name,
                "link": format!("https://www.facebook.com/games/?app_id={}", app.id)}});
            if let Some(to) = waba.overrides.get(&app.id) {
                item["override_callback_uri"] = json!(to.url);
            }
            item
        })
        .collect();
    json!({"data": data})
}

async fn commit(core: &Core, id: &str, change: impl FnOnce(&mut Waba)) -> Answer<Value> {
    let done = core.commit(|tx: &mut Tx<'_>| {
        if let Some(mut waba) = tx.world().waba(id).cloned() {
            change(&mut waba);
            tx.record(Record::Waba {
                waba: Box::new(waba),
            });
        }
    });
    done.await
        .map(|()| json!({"success": true}))
        .ok_or_else(|| GraphError::new(131_016))
}

/// The portfolio and its accounts.
pub fn portfolio(core: &Core, call: &Call) -> Answer<Value> {
    let state = core.state();
    let world = &state.world;
    let id = call.node();
    let portfolio = world
        .portfolio(id)
        .ok_or_else(|| GraphError::no_object("get", id))?;
    match (call.method.as_str(), call.edge()) {
        ("GET", "") => Ok(pick(
            json!({"id": id, "name": portfolio.name, "verification_status": "verified",
                "whatsapp_business_manager_messaging_limit": portfolio.tier}),
            call.fields().as_deref(),
            &["id", "name"],
        )),
        ("GET", "owned_whatsapp_business_accounts" | "client_whatsapp_business_accounts") => {
            let own = world.wabas.iter().filter(|waba| waba.portfolio == id);
            let items = own.map(|waba| {
                json!({"id": waba.id, "name": waba.name, "currency": waba.currency,
                "timezone_id": timezone_id(&waba.timezone)})
            });
            page(items.collect(), call, &address(core, call))
        }
        _ => Err(GraphError::no_object(call.method.as_str(), id)),
    }
}
