//! An app: tokens, subscriptions with their handshake, and the start of resumable uploads.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::Call;
use super::error::{Answer, GraphError};
use crate::chance::Chance;
use crate::clock::{DAY, seconds};
use crate::core::Core;
use crate::world::Record;

pub async fn handle(core: &Core, call: &Call) -> Answer<Value> {
    match (call.method.as_str(), call.edge()) {
        ("GET", "") => Ok(read(core, call.node())),
        ("POST", "subscriptions") => subscribe(core, call).await,
        ("GET", "subscriptions") => Ok(subscriptions(core, call.node())),
        ("DELETE", "subscriptions") => unsubscribe(core, call.node()).await,
        ("POST", "uploads") => super::media::begin(core, call).await,
        _ => Err(GraphError::no_object(call.method.as_str(), call.node())),
    }
}

fn read(core: &Core, id: &str) -> Value {
    let state = core.state();
    json!({"id": id, "name": state.world.app(id).map(|app| &app.name)})
}

/// What can be subscribed to and is played here.
const EVERY_FIELD: [&str; 12] = [
    "business_capability_update",
    "business_username_updates",
    "history",
    "message_template_quality_update",
    "message_template_status_update",
    "messages",
    "phone_number_name_update",
    "phone_number_quality_update",
    "smb_app_state_sync",
    "smb_message_echoes",
    "template_category_update",
    "user_preferences",
];

fn subscriptions(core: &Core, id: &str) -> Value {
    let state = core.state();
    let app = state.world.app(id).filter(|app| app.callback_url.is_some());
    let data: Vec<Value> = app
        .iter()
        .map(|app| {
            let named = app.fields.iter().map(String::as_str);
            // None named is every one.
            let every = EVERY_FIELD.into_iter().filter(|_| app.fields.is_empty());
            let fields: Vec<Value> = named
                .chain(every)
                .map(|field| json!({"name": field, "version": "v26.0"}))
                .collect();
            json!({"object": "whatsapp_business_account", "callback_url": app.callback_url,
                "active": true, "fields": fields})
        })
        .collect();
    json!({"data": data})
}

/// Sets the callback, after a handshake with it.
async fn subscribe(core: &Core, call: &Call) -> Answer<Value> {
    if call.need("object")? != "whatsapp_business_account" {
        return Err(GraphError::invalid(
            "Param object must be whatsapp_business_account.",
        ));
    }
    let url = call.need("callback_url")?;
    let verify_token = call.need("verify_token")?;
    let fields = match call.value("fields") {
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
        Some(Value::String(names)) => names
            .split(',')
            .map(|name| name.trim().to_owned())
            .collect(),
        _ => Vec::new(),
    };
    handshake(&url, &verify_token).await?;
    let done = core.commit(|tx| {
        if let Some(mut app) = tx.world().app(call.node()).cloned() {
            app.callback_url = Some(url);
            app.verify_token = Some(verify_token);
            app.fields = fields;
            tx.record(Record::App { app: Box::new(app) });
        }
    });
    done.await
        .map(|()| json!({"success": true}))
        .ok_or_else(|| GraphError::new(131_016))
}

async fn unsubscribe(core: &Core, id: &str) -> Answer<Value> {
    let done = core.commit(|tx| {
        if let Some(mut app) = tx.world().app(id).cloned() {
            app.callback_url = None;
            tx.record(Record::App { app: Box::new(app) });
        }
    });
    done.await
        .map(|()| json!({"success": true}))
        .ok_or_else(|| GraphError::new(131_016))
}

/// `GET <url>?hub.mode=subscribe&hub.challenge=…&hub.verify_token=…` must be answered 200 with the
/// raw challenge.
pub async fn handshake(url: &str, verify_token: &str) -> Answer<()> {
    let refused = |why: String| {
        GraphError::with(
            2_200,
            format!("Callback verification failed with the following errors: {why}"),
        )
    };
    let challenge = Chance::fresh().digits(10);
    let client = crate::http_client(Duration::from_secs(10)).map_err(|e| refused(e.to_string()))?;
    let mut target =
        reqwest::Url::parse(url).map_err(|_| refused("the URL is not valid".into()))?;
    target
        .query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", verify_token);
    let answer = client
        .get(target)
        .send()
        .await
        .map_err(|_| refused("no answer".into()))?;
    let status = answer.status().as_u16();
    let body = answer.text().await.unwrap_or_default();
    if status == 200 && body.trim() == challenge {
        Ok(())
    } else {
        Err(refused(format!(
            "HTTP Status Code = {status}; the challenge did not come back"
        )))
    }
}

/// `GET /oauth/access_token`: an app token for the client credentials, or the app's first own token
/// for the code of an embedded signup.
pub fn access_token(core: &Core, call: &Call) -> Answer<Value> {
    let state = core.state();
    let id = call.need("client_id")?;
    let app = state
        .world
        .app(&id)
        .filter(|app| call.param("client_secret").as_deref() == Some(&app.secret));
    let app = app.ok_or_else(|| GraphError::invalid("Error validating client secret."))?;
    let token = match call.param("code") {
        Some(_) => app.tokens.first().cloned().unwrap_or_default(),
        None => format!("{}|{}", app.id, app.secret),
    };
    Ok(json!({"access_token": token, "token_type": "bearer"}))
}

pub fn debug_token(core: &Core, call: &Call) -> Answer<Value> {
    let token = call.need("input_token")?;
    let now = core.now();
    let state = core.state();
    let app = state
        .world
        .apps
        .iter()
        .find(|app| app.tokens.contains(&token));
    let Some(app) = app else {
        return Ok(json!({"data": {"is_valid": false, "scopes": [],
            "error": {"code": 190, "message": "Invalid OAuth access token."}}}));
    };
    let scopes = [
        "whatsapp_business_management",
        "whatsapp_business_messaging",
        "business_management",
    ];
    let granular = |scope: &str| json!({"scope": scope, "target_ids": app.wabas});
    Ok(
        json!({"data": {"app_id": app.id, "type": "SYSTEM_USER", "application": app.name, "is_valid": true,
        "expires_at": 0, "data_access_expires_at": 0, "issued_at": seconds(now - DAY), "scopes": scopes,
        "granular_scopes": [granular(scopes[0]), granular(scopes[1])], "user_id": "100000000000001"}}),
    )
}
