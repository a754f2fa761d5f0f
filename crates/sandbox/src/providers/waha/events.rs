//! WAHA's webhooks.

use serde_json::{Value, json};

use super::{environment, sessions, status};
use crate::chance::Chance;
use crate::clock::{Millis, SECOND, seconds};
use crate::core::Tx;
use crate::hooks::Post;
use crate::providers::{Event, Sealing, write};
use crate::world::{From, Gateway, Letter, LinkState, Message, Retry, World};

/// Each event goes to every webhook of the session that wants it.
pub fn tell(tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
    let (now, base) = (tx.now, tx.public_url.to_owned());
    let show = |tx: &Tx<'_>, one: &Message| message(tx.world(), gateway, one, now, &base);
    match event {
        Event::Inbound(one) => {
            let (name, payload) = inbound(tx.world(), gateway, one, now, &base);
            let mut posts = posts(tx, gateway, name, "message", &payload, Some(one));
            if name == "message" {
                posts.extend(self::posts(
                    tx,
                    gateway,
                    "message.any",
                    "message",
                    &payload,
                    Some(one),
                ));
            }
            posts
        }
        Event::Echo(one) => {
            let payload = show(tx, one);
            posts(tx, gateway, "message.any", "echo", &payload, Some(one))
        }
        Event::Status {
            message: one,
            status,
        } => {
            let what = format!("status:{status}");
            let mut all = Vec::new();
            if *status == "sent" {
                let payload = show(tx, one);
                all = posts(tx, gateway, "message.any", "echo", &payload, Some(one));
            }
            let payload = ack(tx.world(), gateway, one, status, now);
            all.extend(posts(
                tx,
                gateway,
                "message.ack",
                &what,
                &payload,
                Some(one),
            ));
            all
        }
        Event::Link(_) => {
            let payload = status_payload(tx.world().gateway(&gateway.id).unwrap_or(gateway));
            posts(
                tx,
                gateway,
                "session.status",
                "session.status",
                &payload,
                None,
            )
        }
        Event::Any { name, value } => posts(tx, gateway, name, name, value, None),
        Event::Code | Event::Accepted(_) | Event::Queued(_) => Vec::new(),
    }
}

fn posts(
    tx: &mut Tx<'_>,
    gateway: &Gateway,
    event: &str,
    what: &str,
    payload: &Value,
    about: Option<&Message>,
) -> Vec<Post> {
    let hooks = gateway.config.get("webhooks").and_then(Value::as_array);
    let wants = |hook: &&Value| {
        let events = hook["events"].as_array().into_iter().flatten();
        let mut names = events.filter_map(Value::as_str);
        names.any(|name| name == event || name == "*")
    };
    let Some(hooks) = hooks else {
        // Nobody listens; one entry tells the panel so.
        return vec![Post {
            what: what.to_owned(),
            value: payload.clone(),
            ..Post::default()
        }];
    };
    let me = sessions::me(gateway, tx.now);
    let metadata = gateway.config.get("metadata").cloned().unwrap_or(json!({}));
    let (now, chance) = (tx.now, &mut tx.state.chance);
    let post = |hook: &Value| {
        let value = json!({"id": format!("evt_{}", ulid(chance, now)), "timestamp": now, "event": event,
            "session": gateway.account, "metadata": metadata, "me": me, "payload": payload,
            "environment": environment(), "engine": "GOWS"});
        let mut headers = vec![
            ("x-webhook-request-id".to_owned(), ulid(chance, now)),
            ("x-webhook-timestamp".to_owned(), now.to_string()),
        ];
        for custom in hook["customHeaders"].as_array().into_iter().flatten() {
            let text = |key: &str| custom[key].as_str().unwrap_or("").to_owned();
            headers.push((text("name"), text("value")));
        }
        Post {
            url: hook["url"].as_str().unwrap_or("").to_owned(),
            what: what.to_owned(),
            value,
            person: about.map(|one| one.person.clone()).unwrap_or_default(),
            wamid: about.map(|one| one.wamid.clone()),
            letter: Letter {
                headers,
                key: hook["hmac"]["key"].as_str().map(str::to_owned),
                retry: Some(retry(&hook["retries"])),
                ..Letter::default()
            },
        }
    };
    hooks.iter().filter(wants).map(post).collect()
}

/// Constant, linear or exponential; 15 tries of 2 seconds unless the webhook says otherwise.
fn retry(retries: &Value) -> Retry {
    let policy = retries["policy"].as_str().unwrap_or("constant");
    let first = retries["delaySeconds"].as_i64().unwrap_or(2);
    let attempts = retries["attempts"].as_u64().unwrap_or(15);
    Retry {
        first_ms: first * SECOND,
        factor: if policy == "exponential" { 2 } else { 1 },
        linear: policy == "linear",
        most_ms: 24 * 3_600 * SECOND,
        // The first call is no repetition.
        attempts: u32::try_from(attempts).unwrap_or(15).saturating_add(1),
        never: Vec::new(),
    }
}

/// 26 characters in lower case: ten of the instant, sixteen of chance.
fn ulid(chance: &mut Chance, now: Millis) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let letter = |bits: u64| char::from(LETTERS[usize::try_from(bits & 31).unwrap_or(0)]);
    let instant = now.unsigned_abs();
    let head = (0..10).rev().map(|at| letter(instant >> (5 * at)));
    let tail: Vec<char> = (0..16).map(|_| letter(chance.next())).collect();
    head.chain(tail).collect()
}

pub fn sign(sealing: &Sealing<'_>) -> Vec<(String, String)> {
    let key = sealing
        .hook
        .letter
        .as_ref()
        .and_then(|letter| letter.key.as_deref());
    let Some(key) = key else {
        return Vec::new();
    };
    let signature = write::hmac_sha512_hex(sealing.key(key), sealing.body);
    vec![
        ("x-webhook-hmac".to_owned(), signature),
        ("x-webhook-hmac-algorithm".to_owned(), "sha512".to_owned()),
    ]
}

/// A message of either side. Own ones carry the chat in their id.
pub fn message(
    world: &World,
    gateway: &Gateway,
    message: &Message,
    now: Millis,
    public_url: &str,
) -> Value {
    let own = message.from == From::Business;
    let chat = world
        .person(&message.person)
        .map(|person| write::chat_id(world, &gateway.id, person, now, "c.us"))
        .unwrap_or_default();
    let me = format!("{}@c.us", gateway.phone);
    let body = if own {
        &message.payload[message.kind.as_str()]
    } else {
        &message.payload
    };
    let text = body["body"]
        .as_str()
        .or(body["caption"].as_str())
        .or(body["body"]["text"].as_str())
        .or(body["button_reply"]["title"].as_str())
        .unwrap_or("");
    let media = media(world, gateway, body, public_url);
    let (ack, ack_name) = match (own, message.state.sent_at) {
        (true, None) if message.is_submission() => (0, "PENDING"),
        (true, _) => (1, "SERVER"),
        (false, _) => (2, "DEVICE"),
    };
    let reply_to = message.quoted.as_ref().map(|id| json!({"id": id}));
    let mut value = json!({"id": message.wamid, "timestamp": seconds(message.at),
        "from": if own { &me } else { &chat }, "fromMe": own,
        "source": if message.is_submission() { "api" } else { "app" },
        "to": if own { &chat } else { &me }, "participant": null, "body": text,
        "hasMedia": !media.is_null(), "media": media, "ack": ack, "ackName": ack_name,
        "vCards": [], "replyTo": reply_to, "_data": {}});
    if message.kind == "location" {
        value["location"] = body.clone();
    }
    if !own && let Some(person) = world.person(&message.person) {
        value["_data"] =
            json!({"Info": {"SenderAlt": write::lid(&person.phone), "PushName": person.name}});
    }
    value
}

fn media(world: &World, gateway: &Gateway, body: &Value, public_url: &str) -> Value {
    let Some(media) = body["id"].as_str().and_then(|id| world.media.get(id)) else {
        return Value::Null;
    };
    let name = format!("{}.{}", media.id, write::extension(&media.mime_type));
    json!({"url": format!("{public_url}/waha/api/files/{}/{name}", gateway.account),
        "mimetype": media.mime_type, "filename": media.filename, "s3": null, "error": null})
}

/// What a person did: a message, or a change of one.
fn inbound(
    world: &World,
    gateway: &Gateway,
    one: &Message,
    now: Millis,
    public_url: &str,
) -> (&'static str, Value) {
    let mut value = message(world, gateway, one, now, public_url);
    match one.kind.as_str() {
        "reaction" => {
            value["reaction"] = json!({"text": one.payload["emoji"].as_str().unwrap_or(""),
                "messageId": one.payload["message_id"]});
            ("message.reaction", value)
        }
        "edit" => {
            value["editedMessageId"] = one.payload["original_message_id"].clone();
            value["body"] = one.payload["message"]["text"]["body"].clone();
            ("message.edited", value)
        }
        "revoke" => {
            let revoked = &one.payload["original_message_id"];
            let payload = json!({"after": value, "before": null, "revokedMessageId": revoked});
            ("message.revoked", payload)
        }
        _ => ("message", value),
    }
}

fn ack(world: &World, gateway: &Gateway, message: &Message, status: &str, now: Millis) -> Value {
    let (ack, name) = match status {
        "sent" => (1, "SERVER"),
        "delivered" => (2, "DEVICE"),
        "read" => (3, "READ"),
        "played" => (4, "PLAYED"),
        _ => (-1, "ERROR"),
    };
    let chat = world
        .person(&message.person)
        .map(|person| write::chat_id(world, &gateway.id, person, now, "c.us"));
    json!({"id": message.wamid, "from": chat, "to": format!("{}@c.us", gateway.phone),
        "participant": null, "fromMe": true, "ack": ack, "ackName": name})
}

fn status_payload(gateway: &Gateway) -> Value {
    let past = gateway.link.past.iter();
    let statuses: Vec<Value> = past
        .map(|(state, at)| json!({"status": status(*state), "timestamp": at}))
        .collect();
    let data = (gateway.link.state == LinkState::Banned)
        .then(|| json!({"error": "stream error", "code": "403"}));
    json!({"status": status(gateway.link.state), "statuses": statuses, "data": data})
}
