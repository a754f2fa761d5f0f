//! A phone number: reading it, its registration, and the edges below it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::call::{Call, pick};
use super::error::{Answer, GraphError};
use super::fields::Fields;
use super::{Caller, media, profile, send};
use crate::clock::{DAY, HOUR};
use crate::core::{Core, Tx};
use crate::world::{Number, Override, Record, World};

/// Fields of a number that are given when none are asked for.
const DEFAULT_FIELDS: [&str; 8] = [
    "id",
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "webhook_configuration",
];

pub async fn handle(
    core: &Arc<Core>,
    caller: &Caller,
    call: &Call,
    heard: Option<&str>,
) -> Answer<Value> {
    let id = call.node().to_owned();
    match (call.method.as_str(), call.edge()) {
        ("POST", "messages") => {
            let manner = send::Manner {
                strict: caller.strict,
                marketing: false,
                heard,
            };
            send::messages(core, &id, &call.body, manner).await
        }
        ("POST", "marketing_messages") => {
            let manner = send::Manner {
                strict: caller.strict,
                marketing: true,
                heard,
            };
            send::messages(core, &id, &call.body, manner).await
        }
        ("POST", "media") => media::upload(core, &id, call).await,
        ("GET", "") => Ok(read(core, &id, call)),
        ("POST", "") => change(core, caller, &id, call).await,
        ("POST", "request_code") => request_code(call),
        ("POST", "verify_code") => verify_code(core, &id, call).await,
        ("POST", "register") => register(core, &id, call).await,
        ("POST", "deregister") => deregister(core, &id).await,
        (_, "whatsapp_business_profile") => profile::business_profile(core, &id, call).await,
        (_, "conversational_automation") => profile::automation(core, &id, call).await,
        (_, "block_users") => profile::block_users(core, &id, call).await,
        (_, "settings") => profile::settings(core, &id, call).await,
        (_, "username" | "username_suggestions") => profile::username(core, &id, call).await,
        ("DELETE", "contact_book") => profile::contact_book(core, &id, call).await,
        ("POST", "smb_app_data") => profile::app_data(core, &id, call),
        _ => Err(GraphError::no_object(call.method.as_str(), &id)),
    }
}

/// A number, with every field that can be asked for.
pub fn whole(world: &World, number: &Number) -> Value {
    let tier = world
        .portfolio_of(&number.id)
        .map(|portfolio| portfolio.tier.clone());
    json!({
        "id": number.id,
        "display_phone_number": number.display(),
        "verified_name": number.verified_name,
        "status": number.status,
        "quality_rating": number.quality,
        "name_status": number.name_status,
        "code_verification_status": if number.code_verified { "VERIFIED" } else { "NOT_VERIFIED" },
        "account_mode": if number.allowed_recipients.is_some() { "SANDBOX" } else { "LIVE" },
        "platform_type": "CLOUD_API",
        "throughput": {"level": number.level()},
        "is_official_business_account": false,
        "is_on_biz_app": number.on_business_app,
        "is_pin_enabled": number.pin.is_some(),
        "search_visibility": "VISIBLE",
        "webhook_configuration": webhook_configuration(world, number),
        "whatsapp_business_manager_messaging_limit": tier,
        "messaging_limit_tier": tier,
        "conversational_automation": number.automation,
        "username": number.username,
        "health_status": health(world, number),
    })
}

fn webhook_configuration(world: &World, number: &Number) -> Value {
    let waba = world.waba(&number.waba);
    let app = waba
        .and_then(|waba| waba.subscribed_apps.first())
        .and_then(|id| world.app(id));
    let mut configuration = Map::new();
    if let Some(url) = app.and_then(|app| app.callback_url.clone()) {
        configuration.insert("application".to_owned(), json!(url));
    }
    if let Some(to) = waba.and_then(|waba| waba.overrides.values().next()) {
        configuration.insert("whatsapp_business_account".to_owned(), json!(to.url));
    }
    if let Some(to) = &number.webhook_override {
        configuration.insert("phone_number".to_owned(), json!(to.url));
    }
    configuration.into()
}

/// Whether the number, its account, its portfolio and the app can send.
pub fn health(world: &World, number: &Number) -> Value {
    let waba = world.waba(&number.waba);
    let connected = number.status == "CONNECTED";
    let pays = waba.is_some_and(|waba| waba.payment_method);
    let can = |ok: bool, otherwise: &str| {
        if ok {
            "AVAILABLE".to_owned()
        } else {
            otherwise.to_owned()
        }
    };
    let mut account =
        json!({"entity_type": "WABA", "id": number.waba, "can_send_message": can(pays, "LIMITED")});
    if !pays {
        account["additional_info"] = json!(["There is no payment method on this account."]);
    }
    let mut own = json!({"entity_type": "PHONE_NUMBER", "id": number.id,
        "can_send_message": can(connected, "BLOCKED")});
    if !connected {
        own["errors"] = json!([{"error_code": 141_000, "error_description": "The phone number is not registered.",
            "possible_solution": "Register the phone number."}]);
    }
    let all = if connected {
        can(pays, "LIMITED")
    } else {
        "BLOCKED".to_owned()
    };
    let app = waba.and_then(|waba| waba.subscribed_apps.first());
    json!({"can_send_message": all, "entities": [own, account,
        {"entity_type": "BUSINESS", "id": waba.map(|waba| &waba.portfolio), "can_send_message": "AVAILABLE"},
        {"entity_type": "APP", "id": app, "can_send_message": "AVAILABLE"}]})
}

fn read(core: &Core, id: &str, call: &Call) -> Value {
    let state = core.state();
    match state.world.number(id) {
        Some(number) => pick(
            whole(&state.world, number),
            call.fields().as_deref(),
            &DEFAULT_FIELDS,
        ),
        None => Value::Null,
    }
}

/// Changes a number through the given function and records it.
pub fn update(tx: &mut Tx<'_>, id: &str, change: impl FnOnce(&mut Number)) {
    if let Some(mut number) = tx.world().number(id).cloned() {
        change(&mut number);
        tx.record(Record::Number {
            number: Box::new(number),
        });
    }
}

/// Runs a change of a number that may refuse, and answers `{"success": true}`.
pub async fn commit(
    core: &Core,
    id: &str,
    change: impl FnOnce(&mut Tx<'_>, &mut Number) -> Answer<()>,
) -> Answer<Value> {
    let done = core.commit(|tx| {
        let mut number = tx
            .world()
            .number(id)
            .cloned()
            .ok_or_else(|| GraphError::no_object("post", id))?;
        let tried = number.registrations.len();
        let outcome = change(tx, &mut number);
        if outcome.is_ok() || number.registrations.len() != tried {
            // A refused registration counts towards its limit too.
            tx.record(Record::Number {
                number: Box::new(number),
            });
        }
        outcome.map(|()| json!({"success": true}))
    });
    done.await.unwrap_or_else(|| Err(GraphError::new(131_016)))
}

/// The PIN, a webhook override, or a new display name.
async fn change(core: &Core, caller: &Caller, id: &str, call: &Call) -> Answer<Value> {
    if let Some(name) = call.param("new_display_name") {
        return commit(core, id, |_, number| {
            number.verified_name = name;
            number.name_status = "PENDING_REVIEW".to_owned();
            Ok(())
        })
        .await;
    }
    let mut fields = Fields::of(&call.body, "", caller.strict)?;
    fields.get("messaging_product");
    if let Some(mut configuration) = fields.object("webhook_configuration")? {
        let url = configuration
            .text_up_to("override_callback_uri", 200, 100)?
            .unwrap_or("")
            .to_owned();
        let token = configuration.text("verify_token")?.unwrap_or("").to_owned();
        configuration.finish()?;
        fields.finish()?;
        let to = (!url.is_empty()).then_some(Override {
            url,
            verify_token: token,
        });
        if let Some(to) = &to {
            super::app::handshake(&to.url, &to.verify_token).await?;
        }
        return commit(core, id, |_, number| {
            number.webhook_override = to;
            Ok(())
        })
        .await;
    }
    let pin = fields.need_text("pin")?.to_owned();
    fields.finish()?;
    check_pin(&pin)?;
    commit(core, id, |_, number| {
        number.pin = Some(pin);
        Ok(())
    })
    .await
}

fn check_pin(pin: &str) -> Answer<()> {
    if pin.len() == 6 && pin.bytes().all(|b| b.is_ascii_digit()) {
        Ok(())
    } else {
        Err(GraphError::invalid("Param pin must be 6 digits."))
    }
}

fn request_code(call: &Call) -> Answer<Value> {
    let method = call.need("code_method")?;
    if !matches!(method.as_str(), "SMS" | "VOICE") {
        return Err(GraphError::invalid(
            "Param code_method must be one of {SMS, VOICE}.",
        ));
    }
    call.need("language")?;
    Ok(json!({"success": true}))
}

/// Every code but `000000` is right, with or without its hyphen.
async fn verify_code(core: &Core, id: &str, call: &Call) -> Answer<Value> {
    let code = call.need("code")?.replace('-', "");
    if code.len() != 6 || code == "000000" || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(GraphError::invalid("The code is wrong."));
    }
    commit(core, id, |_, number| {
        number.code_verified = true;
        Ok(())
    })
    .await
}

/// Sets the PIN or must match it; with deregister at most 10 calls in 72 hours.
async fn register(core: &Core, id: &str, call: &Call) -> Answer<Value> {
    if call.param("messaging_product").as_deref() != Some("whatsapp") {
        return Err(GraphError::invalid(
            "The parameter messaging_product is required.",
        ));
    }
    let pin = call.need("pin")?;
    check_pin(&pin)?;
    commit(core, id, |tx, number| {
        count_registration(tx, number)?;
        if !number.code_verified {
            return Err(GraphError::with(133_006, "Verify the number first."));
        }
        if number.pin.as_ref().is_some_and(|set| *set != pin) {
            return Err(GraphError::with(133_005, "The PIN does not match."));
        }
        number.pin = Some(pin);
        number.status = "CONNECTED".to_owned();
        Ok(())
    })
    .await
}

async fn deregister(core: &Core, id: &str) -> Answer<Value> {
    commit(core, id, |tx, number| {
        if number.on_business_app {
            return Err(GraphError::new(100));
        }
        count_registration(tx, number)?;
        number.status = "DISCONNECTED".to_owned();
        Ok(())
    })
    .await
}

fn count_registration(tx: &Tx<'_>, number: &mut Number) -> Answer<()> {
    number.registrations.retain(|at| tx.now - at < 3 * DAY);
    if number.registrations.len() >= 10 {
        return Err(GraphError::with(
            133_016,
            format!("At most 10 calls in {} hours.", 3 * DAY / HOUR),
        ));
    }
    number.registrations.push(tx.now);
    Ok(())
}
