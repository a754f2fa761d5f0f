//! Sessions: making, configuring, starting, linking, ending them.

use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{found, ok, plain, status};
use crate::clock::Millis;
use crate::core::Core;
use crate::providers::call::Call;
use crate::providers::{Answer, link, write};
use crate::world::{Gateway, Link, LinkState, Provider};

/// What a session is, as every answer about it tells.
pub fn info(gateway: &Gateway, now: Millis) -> Value {
    json!({"name": gateway.account, "status": status(gateway.link.state), "me": me(gateway, now),
        "presence": null, "timestamps": {"activity": now},
        "config": gateway.config, "engine": {"engine": "GOWS"}})
}

/// The account behind a session; nobody before a phone has scanned.
pub fn me(gateway: &Gateway, now: Millis) -> Value {
    if gateway.phone.is_empty() || !gateway.link.paired {
        return Value::Null;
    }
    let mut me = account(gateway);
    if gateway.link.state == LinkState::Timelocked {
        let ends = gateway.link.until.unwrap_or(now);
        me["reachoutTimelock"] = json!({"isActive": true, "enforcementType": "RESTRICT_ALL_COMPANIONS",
            "timeEnforcementEnds": write::rfc3339_seconds(ends)});
    }
    me
}

/// `me` as webhooks carry it.
pub fn account(gateway: &Gateway) -> Value {
    let phone = &gateway.phone;
    json!({"id": format!("{phone}@c.us"), "pushName": gateway.name, "lid": write::lid(phone),
        "jid": format!("{phone}:12@s.whatsapp.net")})
}

pub fn capping() -> Value {
    json!({"cappingStatus": "NONE", "totalQuota": -1, "usedQuota": 0, "cycleStart": null,
        "cycleEnd": null, "mvStatus": null, "oteStatus": null})
}

pub fn list(core: &Core, call: &Call, key: &str) -> Answer {
    let all = call.query("all") == Some("true");
    let now = core.now();
    let state = core.state();
    let sessions: Vec<Value> = state
        .world
        .gateways_of(Provider::Waha)
        .filter(|one| one.key == key && (all || one.link.state != LinkState::Stopped))
        .map(|gateway| info(gateway, now))
        .collect();
    ok(json!(sessions))
}

/// A new session has no phone until one scans its code.
pub async fn create(core: &Core, call: &Call, name: &str, key: &str) -> Answer {
    let config = call.json["config"].as_object().cloned().unwrap_or_default();
    let start = call.json["start"].as_bool().unwrap_or(true);
    let made = core.commit(|tx| {
        if tx
            .world()
            .gateway_of_account(Provider::Waha, name)
            .is_some()
        {
            return Err(plain(
                422,
                &format!("Session '{name}' already exists. Use PUT to update it."),
            ));
        }
        let mut gateway = Gateway {
            provider: Provider::Waha,
            account: name.to_owned(),
            key: key.to_owned(),
            config,
            link: Link {
                state: LinkState::Stopped,
                paired: false,
                ..Link::default()
            },
            ..Gateway::default()
        };
        gateway.complete().map_err(|error| plain(400, &error))?;
        let id = gateway.id.clone();
        tx.record(gateway.record());
        if start {
            link::start(tx, &id);
        }
        let gateway = tx.world().gateway(&id).cloned().unwrap_or_default();
        Ok(info(&gateway, tx.now))
    });
    found(201, made.await.unwrap_or_else(|| Err(plain(500, "")))?)
}

/// A running session starts again with its new configuration.
pub async fn update(core: &Core, call: &Call, mut gateway: Gateway) -> Answer {
    if let Some(config) = call.json["config"].as_object() {
        gateway.config = config.clone();
    }
    let id = gateway.id.clone();
    let done = core.commit(|tx| {
        let runs = gateway.link.state.is_linked();
        tx.record(gateway.record());
        if runs {
            link::change(tx, &id, LinkState::Starting, None);
        }
        let gateway = tx.world().gateway(&id).cloned().unwrap_or_default();
        info(&gateway, tx.now)
    });
    ok(done.await.ok_or_else(|| plain(500, ""))?)
}

pub async fn delete(core: &Core, mut gateway: Gateway) -> Answer {
    gateway.removed = true;
    let done = core.commit(|tx| tx.record(gateway.record())).await;
    done.ok_or_else(|| plain(500, ""))?;
    Ok(axum::http::StatusCode::OK.into_response())
}

/// `start`, `stop`, `restart`, `logout`: each may be called in any state.
pub async fn steer(core: &Core, gateway: Gateway, verb: &str) -> Answer {
    if !matches!(verb, "start" | "stop" | "restart" | "logout") {
        return Err(plain(404, "Cannot POST this path"));
    }
    let id = gateway.id.clone();
    let done = core.commit(|tx| {
        let state = gateway.link.state;
        match verb {
            "start" => link::start(tx, &id),
            "stop" if state != LinkState::Stopped => {
                link::change(tx, &id, LinkState::Stopped, None);
            }
            "restart" => {
                link::change(tx, &id, LinkState::Stopped, None);
                link::start(tx, &id);
            }
            "logout" => {
                let mut gateway = gateway.clone();
                gateway.link.paired = false;
                tx.record(gateway.record());
                link::change(tx, &id, LinkState::Stopped, None);
                if state != LinkState::Stopped {
                    link::start(tx, &id);
                }
            }
            _ => {}
        }
        let gateway = tx.world().gateway(&id).cloned().unwrap_or_default();
        info(&gateway, tx.now)
    });
    found(201, done.await.ok_or_else(|| plain(500, ""))?)
}

/// Refuses what only a working session does.
pub fn must_work(gateway: &Gateway) -> Answer<()> {
    must_be(gateway, "WORKING")
}

fn must_be(gateway: &Gateway, expected: &str) -> Answer<()> {
    let now = status(gateway.link.state);
    if now == expected {
        return Ok(());
    }
    let mut refused = plain(
        422,
        "Session status is not as expected. Try again later or restart the session",
    );
    refused.body["session"] = json!(gateway.account);
    refused.body["status"] = json!(now);
    refused.body["expected"] = json!([expected]);
    Err(refused)
}

/// The code as a picture, as base64 in JSON, or as the text to draw oneself.
pub fn qr(call: &Call, gateway: &Gateway) -> Answer {
    must_be(gateway, "SCAN_QR_CODE")?;
    let text = write::qr_text(gateway);
    if call.query("format") == Some("raw") {
        return ok(json!({"value": text}));
    }
    let png = write::qr_png(&text);
    let json_wanted = call
        .header("accept")
        .is_some_and(|accept| accept.contains("application/json"));
    if json_wanted {
        return ok(json!({"mimetype": "image/png", "data": STANDARD.encode(png)}));
    }
    Ok(([("content-type", "image/png")], png).into_response())
}

pub fn pair_code(call: &Call, gateway: &Gateway) -> Answer {
    must_be(gateway, "SCAN_QR_CODE")?;
    let phone = write::digits(call.text("phoneNumber").unwrap_or(""));
    if phone.len() < 7 {
        return Err(plain(400, "phoneNumber is required"));
    }
    found(201, json!({"code": gateway.link.pair_code}))
}
