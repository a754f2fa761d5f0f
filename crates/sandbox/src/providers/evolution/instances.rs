//! Instances: making, linking, configuring, ending them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{created, instance_id, ok, refused, state, token};
use crate::core::Core;
use crate::providers::call::Call;
use crate::providers::{Answer, link, write};
use crate::world::{Gateway, Link, LinkState, Provider};

/// The code that is shown, and the pairing code where a number was given.
pub fn code(gateway: &Gateway, pairing: bool) -> Value {
    let text = write::qr_text(gateway);
    let png = STANDARD.encode(write::qr_png(&text));
    let pair = gateway.link.pair_code.as_ref().filter(|_| pairing);
    json!({"pairingCode": pair.map(|code| code.replace('-', "")), "code": text,
        "base64": format!("data:image/png;base64,{png}"), "count": gateway.link.codes})
}

pub async fn create(core: &Core, call: &Call, key: &str) -> Answer {
    let name = call.text("instanceName").unwrap_or("").to_owned();
    if name.is_empty() {
        return Err(refused(400, "instanceName is required"));
    }
    let with_code = call.json["qrcode"].as_bool().unwrap_or(false);
    let number = call.text("number").map(write::digits);
    let made = core.commit(|tx| {
        if tx
            .world()
            .gateway_of_account(Provider::Evolution, &name)
            .is_some()
        {
            return Err(refused(
                403,
                &format!("This name \"{name}\" is already in use."),
            ));
        }
        let own = call.text("token").map(str::to_owned);
        let own = own.unwrap_or_else(|| write::uuid(&mut tx.state.chance).to_ascii_uppercase());
        let mut gateway = Gateway {
            provider: Provider::Evolution,
            account: name.clone(),
            key: key.to_owned(),
            link: Link {
                state: LinkState::Stopped,
                paired: false,
                ..Link::default()
            },
            ..Gateway::default()
        };
        gateway.config.insert("token".to_owned(), json!(own));
        if call.json["webhook"].is_object() {
            gateway
                .config
                .insert("webhook".to_owned(), call.json["webhook"].clone());
        }
        gateway.complete().map_err(|error| refused(400, &error))?;
        let id = gateway.id.clone();
        tx.record(gateway.record());
        if with_code || number.is_some() {
            link::change(tx, &id, LinkState::Scan, None);
        }
        Ok(tx.world().gateway(&id).cloned().unwrap_or_default())
    });
    let gateway = made.await.unwrap_or_else(|| Err(refused(500, "")))?;
    let setting = |key: &str, default: Value| match &call.json[key] {
        Value::Null => default,
        given => given.clone(),
    };
    let mut answer = json!({
        "instance": {"instanceName": gateway.account, "instanceId": instance_id(&gateway),
            "integration": "WHATSAPP-BAILEYS", "webhookWaBusiness": null, "accessTokenWaBusiness": "",
            "status": state(gateway.link.state)},
        "hash": token(&gateway),
        "webhook": {"webhookUrl": call.json["webhook"]["url"]},
        "websocket": {}, "rabbitmq": {}, "nats": {}, "sqs": {},
        "settings": {"rejectCall": setting("rejectCall", json!(false)), "msgCall": setting("msgCall", json!("")),
            "groupsIgnore": setting("groupsIgnore", json!(false)), "alwaysOnline": setting("alwaysOnline", json!(false)),
            "readMessages": setting("readMessages", json!(false)), "readStatus": setting("readStatus", json!(false)),
            "syncFullHistory": setting("syncFullHistory", json!(false)), "wavoipToken": ""}});
    if gateway.link.state == LinkState::Scan {
        answer["qrcode"] = code(&gateway, number.is_some());
    }
    created(answer)
}

/// The instances that a key reaches.
pub fn list(core: &Core, call: &Call, key: &str) -> Answer {
    let wish = call.query("instanceName");
    let state = core.state();
    let all: Vec<Value> = state
        .world
        .gateways_of(Provider::Evolution)
        .filter(|one| one.key == key || token(one) == key)
        .filter(|one| wish.is_none_or(|wish| one.account == wish))
        .map(|one| {
            json!({"id": instance_id(one), "name": one.account, "connectionStatus": super::state(one.link.state),
                "ownerJid": one.link.paired.then(|| format!("{}@s.whatsapp.net", one.phone)),
                "profileName": one.name, "integration": "WHATSAPP-BAILEYS", "number": one.phone})
        })
        .collect();
    if all.is_empty() && wish.is_none() {
        return Err(refused(401, ""));
    }
    ok(json!(all))
}

pub async fn route(core: &Core, call: &Call, gateway: Gateway) -> Answer {
    let id = gateway.id.clone();
    let steer = async |to: LinkState| {
        let done = core.commit(|tx| link::change(tx, &id, to, None)).await;
        done.ok_or_else(|| refused(500, ""))
    };
    let told = |what: &str| {
        ok(json!({"status": "SUCCESS", "error": false, "response": {"message": what}}))
    };
    match (
        call.method.as_str(),
        call.path.get(1).map_or("", String::as_str),
    ) {
        ("GET", "connectionState") => ok(json!({"instance": {"instanceName": gateway.account,
            "state": state(gateway.link.state)}})),
        ("GET", "connect") if gateway.link.state.is_linked() => {
            ok(json!({"instance": {"instanceName": gateway.account, "state": "open"}}))
        }
        ("GET", "connect") => {
            let to = if gateway.link.paired {
                LinkState::Starting
            } else {
                LinkState::Scan
            };
            if gateway.link.state != to {
                steer(to).await?;
            }
            let gateway = core.state().world.gateway(&gateway.id).cloned();
            let gateway = gateway.ok_or_else(|| refused(500, ""))?;
            if gateway.link.state == LinkState::Scan {
                return ok(code(&gateway, call.query("number").is_some()));
            }
            ok(json!({"instance": {"instanceName": gateway.account, "state": "connecting"}}))
        }
        ("POST" | "PUT", "restart") => {
            steer(LinkState::Starting).await?;
            ok(json!({"instance": {"instanceName": gateway.account, "state": "connecting"}}))
        }
        ("DELETE", "logout") => {
            if !gateway.link.state.is_linked() {
                return Err(refused(
                    400,
                    &format!("The \"{}\" instance is not connected", gateway.account),
                ));
            }
            steer(LinkState::LoggedOut).await?;
            told("Instance logged out")
        }
        ("DELETE", "delete") => {
            let gone = Gateway {
                removed: true,
                ..gateway
            };
            let done = core.commit(|tx| tx.record(gone.record())).await;
            done.ok_or_else(|| refused(500, ""))?;
            told("Instance deleted")
        }
        ("POST", "setPresence") => ok(json!({})),
        _ => Err(refused(404, "Cannot find this path")),
    }
}

pub async fn set_webhook(core: &Core, call: &Call, mut gateway: Gateway) -> Answer {
    let webhook = &call.json["webhook"];
    let url = webhook["url"].as_str().unwrap_or("");
    if !url.starts_with("http") {
        return Err(refused(400, "webhook.url is not valid"));
    }
    gateway.config.insert("webhook".to_owned(), webhook.clone());
    let done = core.commit(|tx| tx.record(gateway.record())).await;
    done.ok_or_else(|| refused(500, ""))?;
    created(webhook.clone())
}
