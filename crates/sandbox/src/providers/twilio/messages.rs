//! The Messages resource.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{VERSION, content, created, events, not_found, ok, refused, sender, sid};
use crate::clock::{SECOND, parse_rfc3339};
use crate::core::Core;
use crate::people;
use crate::providers::call::Call;
use crate::providers::send::{self, FileFrom, Outgoing};
use crate::providers::{Answer, chat, write};
use crate::world::{From, Gateway, Mark, Message, Provider, Record, World};

/// The longest text.
const MOST_BODY: usize = 1_600;

pub async fn send(core: &Arc<Core>, call: &Call, account: &str, heard: Option<&str>) -> Answer {
    let gateway = sender(&core.state().world, call).cloned();
    let gateway = gateway.ok_or_else(|| {
        refused(
            400,
            63_007,
            "Twilio could not find a Channel with the specified From address",
        )
    })?;
    let to = recipient(call, &gateway)?;
    let mut out = Outgoing {
        request: call.json.clone(),
        notify: call.text("StatusCallback").map(str::to_owned),
        to,
        ..Outgoing::default()
    };
    let prefix = fill(core, call, account, &gateway, &mut out).await?;
    out.delay = scheduled(call, core.now())?;
    let sent = core.commit(|tx| {
        out.id = tx.new_id(|chance| sid(chance, prefix));
        send::submit(tx, &gateway, out, heard).map(|message| show(tx.world(), &gateway, &message))
    });
    match sent.await {
        Some(Ok(value)) => created(value),
        _ => Err(refused(
            500,
            20_500,
            "An internal server error has occurred",
        )),
    }
}

fn recipient(call: &Call, gateway: &Gateway) -> Answer<String> {
    let Some(to) = call.text("To") else {
        return Err(refused(400, 21_604, "A 'To' phone number is required."));
    };
    let digits = write::digits(to);
    let valid = to.starts_with("whatsapp:+") && (8..=15).contains(&digits.len());
    if !valid {
        let text = format!("The 'To' number {to} is not a valid phone number.");
        return Err(refused(400, 21_211, &text));
    }
    if digits == gateway.phone {
        return Err(refused(
            400,
            63_031,
            "Channels message cannot have same From and To",
        ));
    }
    Ok(digits)
}

/// What is sent: a content object, a file, a place, or text. Gives the letters its id begins with.
async fn fill(
    core: &Core,
    call: &Call,
    account: &str,
    gateway: &Gateway,
    out: &mut Outgoing,
) -> Answer<&'static str> {
    if let Some(sid) = call.text("ContentSid") {
        content::fill(core, call, account, gateway, sid, out)?;
        return Ok("MM");
    }
    let body = call.text("Body").unwrap_or("");
    if body.chars().count() > MOST_BODY {
        return Err(refused(
            400,
            21_617,
            "The concatenated message body exceeds the 1600 character limit",
        ));
    }
    if let Some(place) = call
        .text("PersistentAction")
        .and_then(|text| text.strip_prefix("geo:"))
    {
        let (point, label) = place.split_once('|').unwrap_or((place, ""));
        let (latitude, longitude) = point.split_once(',').unwrap_or((point, ""));
        out.kind = "location".to_owned();
        out.content = json!({"latitude": latitude.parse::<f64>().ok(), "longitude": longitude.parse::<f64>().ok(), "name": label});
        return Ok("SM");
    }
    let Some(url) = call.text("MediaUrl") else {
        if body.is_empty() {
            return Err(refused(
                400,
                21_619,
                "A Message Body, Media URL or Content SID is required.",
            ));
        }
        out.kind = "text".to_owned();
        out.content = json!({"body": body});
        return Ok("SM");
    };
    if call
        .form
        .iter()
        .filter(|(key, _)| key == "MediaUrl")
        .count()
        > 1
    {
        return Err(refused(
            400,
            21_623,
            "Number of media files exceeds allowed limit",
        ));
    }
    let from = FileFrom {
        url: Some(url),
        ..FileFrom::default()
    };
    // Twilio takes the message first and fetches then: a file that cannot be had is told by status.
    let media = send::media(core, &gateway.id, from).await;
    let mut media = media.unwrap_or_else(|_| {
        out.broken = Some(131_052);
        json!({"link": url})
    });
    if !body.is_empty() {
        media["caption"] = json!(body);
    }
    out.kind = send::kind_of(media["mime_type"].as_str().unwrap_or("image/jpeg")).to_owned();
    out.content = media;
    Ok("MM")
}

/// How long a scheduled message waits.
fn scheduled(call: &Call, now: i64) -> Answer<Option<i64>> {
    if call.text("ScheduleType") != Some("fixed") {
        return Ok(None);
    }
    if call.text("MessagingServiceSid").is_none() {
        return Err(refused(
            400,
            21_705,
            "A Messaging Service is required to schedule a message",
        ));
    }
    let at = call.text("SendAt").and_then(parse_rfc3339);
    let wait = at.map(|at| at - now);
    match wait {
        Some(wait) if (900 * SECOND..=35 * 86_400 * SECOND).contains(&wait) => Ok(Some(wait)),
        _ => Err(refused(400, 35_114, "SendAt is invalid")),
    }
}

/// A message as the resource shows it.
pub fn show(world: &World, gateway: &Gateway, message: &Message) -> Value {
    let own = message.from == From::Business;
    let person = world.person(&message.person).map(|one| one.phone.clone());
    let person = format!("whatsapp:+{}", person.unwrap_or_default());
    let me = format!("whatsapp:+{}", gateway.phone);
    let content = if own {
        &message.payload[message.kind.as_str()]
    } else {
        &message.payload
    };
    let body = crate::control::message_words(message).or(content["body"].as_str());
    let media =
        ["id", "link"].iter().any(|key| !content[*key].is_null()) && message.kind != "template";
    let account = &gateway.account;
    let uri = format!("/{VERSION}/Accounts/{account}/Messages/{}", message.wamid);
    let state = &message.state;
    let error = state.failed.map(|(_, code)| events::code(code));
    let changed = [
        state.failed.map(|(at, _)| at),
        state.read_at,
        state.delivered_at,
        state.sent_at,
    ];
    let changed = changed.into_iter().flatten().max().unwrap_or(message.at);
    let request = message.carried.as_ref().map(|carried| &carried.request);
    json!({"account_sid": account, "api_version": VERSION, "body": body,
        "date_created": write::rfc2822(message.at), "date_sent": state.sent_at.map(write::rfc2822),
        "date_updated": write::rfc2822(changed),
        "direction": if own { "outbound-api" } else { "inbound" },
        "error_code": error, "error_message": error.map(events::explain),
        "from": if own { &me } else { &person }, "to": if own { &person } else { &me },
        "messaging_service_sid": request.and_then(|one| one["MessagingServiceSid"].as_str()),
        "num_media": if media { "1" } else { "0" }, "num_segments": "1", "price": null, "price_unit": null,
        "sid": message.wamid, "status": if own { status(message) } else { "received" },
        "subresource_uris": {"media": format!("{uri}/Media.json")}, "uri": format!("{uri}.json")})
}

fn status(message: &Message) -> &'static str {
    let waits = message
        .carried
        .as_ref()
        .is_some_and(|one| one.request["ScheduleType"] == "fixed");
    match message.delivery() {
        "accepted" if waits => "scheduled",
        "accepted" => "queued",
        "failed" if message.state.revoked => "canceled",
        "failed" => "undelivered",
        "played" => "read",
        other => other,
    }
}

pub async fn route(core: &Arc<Core>, call: &Call, account: &str) -> Answer {
    let path = call.segments();
    let path = path.get(3..).unwrap_or_default();
    match (call.method.as_str(), path) {
        ("GET", ["Messages.json"]) => list(core, call, account),
        ("GET", ["Messages", sid]) => {
            let (gateway, message) = find(core, call, account, sid)?;
            ok(show(&core.state().world, &gateway, &message))
        }
        ("POST", ["Messages", sid]) if call.text("Status") == Some("canceled") => {
            let (gateway, message) = find(core, call, account, sid)?;
            cancel(core, &gateway, &message).await
        }
        ("GET", ["Messages", sid, "Media.json"]) => {
            let (_, message) = find(core, call, account, sid)?;
            let id = media_id(&message);
            let list: Vec<Value> = id
                .iter()
                .map(|id| json!({"sid": media_sid(id), "parent_sid": message.wamid}))
                .collect();
            ok(json!({"media_list": list}))
        }
        ("GET", ["Messages", sid, "Media", _]) => {
            let (_, message) = find(core, call, account, sid)?;
            let id = media_id(&message).ok_or_else(|| not_found(call))?;
            let to = format!("{}/media/{id}", call.base);
            Ok((StatusCode::FOUND, [("location", to)]).into_response())
        }
        ("DELETE", ["Messages", sid, "Media", _]) => {
            let (_, message) = find(core, call, account, sid)?;
            let id = media_id(&message).ok_or_else(|| not_found(call))?;
            let done = core.commit(|tx| tx.record(Record::MediaGone { id })).await;
            done.ok_or_else(|| not_found(call))?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Err(not_found(call)),
    }
}

fn find(core: &Core, call: &Call, account: &str, sid: &str) -> Answer<(Gateway, Message)> {
    let sid = sid.trim_end_matches(".json");
    let state = core.state();
    let message = state.world.message(sid);
    let found = message.and_then(|message| {
        let gateway = state.world.gateway(&message.number)?;
        (gateway.account == account).then(|| (gateway.clone(), message.clone()))
    });
    found.ok_or_else(|| not_found(call))
}

/// The newest messages first; `To` and `From` narrow.
fn list(core: &Core, call: &Call, account: &str) -> Answer {
    let size = call
        .query("PageSize")
        .and_then(|text| text.parse().ok())
        .unwrap_or(50_usize);
    let state = core.state();
    let fits = |value: &Value| {
        ["To", "From"].into_iter().all(|key| {
            let wish = call.query(key).filter(|wish| !wish.is_empty());
            wish.is_none_or(|wish| value[key.to_ascii_lowercase()] == *wish)
        })
    };
    let all = state.world.messages.iter().rev();
    let messages: Vec<Value> = all
        .filter_map(|message| {
            let gateway = state.world.gateway(&message.number)?;
            let own = gateway.provider == Provider::Twilio && gateway.account == account;
            own.then(|| show(&state.world, gateway, message))
        })
        .filter(fits)
        .take(size)
        .collect();
    ok(json!({"messages": messages, "page": 0, "page_size": size, "next_page_uri": null}))
}

async fn cancel(core: &Core, gateway: &Gateway, message: &Message) -> Answer {
    if status(message) != "scheduled" {
        return Err(refused(400, 30_409, "Message cannot be canceled"));
    }
    let wamid = message.wamid.clone();
    let done = core.commit(|tx| {
        for mark in [Mark::Revoked, Mark::Failed { code: 131_016 }] {
            tx.record(Record::Mark {
                wamid: wamid.clone(),
                at: tx.now,
                mark,
            });
        }
        let message = tx.world().message(&wamid).cloned();
        message.map(|message| show(tx.world(), gateway, &message))
    });
    ok(done.await.flatten().unwrap_or_default())
}

fn media_id(message: &Message) -> Option<String> {
    let content = match message.from {
        From::Business => &message.payload[message.kind.as_str()],
        From::Person => &message.payload,
    };
    content["id"].as_str().map(str::to_owned)
}

pub fn media_sid(id: &str) -> String {
    format!("ME{id:0>32}")
}

/// Where a media address leads.
pub async fn storage(core: &Core, id: &str) -> Answer {
    let number = core
        .state()
        .world
        .media
        .get(id)
        .map(|media| media.number.clone());
    let file = chat::file(core, &number.unwrap_or_default(), id).await;
    file.ok_or_else(|| refused(404, 20_404, "The requested resource was not found"))
}

/// Reads a person's message, and shows that an answer is being written.
pub async fn typing(core: &Core, call: &Call) -> Answer {
    let id = call.text("messageId").unwrap_or("");
    let about = {
        let state = core.state();
        let message = state
            .world
            .message(id)
            .filter(|one| one.from == From::Person);
        message.and_then(|message| {
            let person = state.world.person(&message.person)?;
            Some((message.number.clone(), person.phone.clone()))
        })
    };
    let (number, phone) =
        about.ok_or_else(|| refused(400, 20_001, "messageId is not a received message"))?;
    let read = chat::read(core, &number, &phone, Some(id)).await;
    let shown = chat::typing(core, &number, &phone, true).await;
    match (read, shown) {
        (Some(()), Some(())) => ok(json!({"success": true})),
        _ => Err(refused(
            500,
            20_500,
            "An internal server error has occurred",
        )),
    }
}

/// Whether a person may be written to freely now.
pub fn window_open(core: &Core, gateway: &Gateway, phone: &str) -> bool {
    let (person, durable) = core.write(|tx| people::person_for_phone(tx, phone, None, false));
    drop(durable);
    let now = core.now();
    let state = core.state();
    let thread = state.world.thread(&gateway.id, &person);
    thread.is_some_and(|thread| thread.window_open(now))
}
