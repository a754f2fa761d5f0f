//! Twilio's webhooks: inbound messages and status callbacks, both as forms.

use serde_json::{Value, json};

use super::{VERSION, messages};
use crate::core::Tx;
use crate::hooks::Post;
use crate::providers::Event;
use crate::world::{From, Gateway, Letter, Message, Retry, World};

pub fn tell(tx: &mut Tx<'_>, gateway: &Gateway, event: &Event<'_>) -> Vec<Post> {
    let post = match event {
        Event::Inbound(one) => {
            let pairs = inbound(tx.world(), gateway, one, tx.public_url);
            pairs.map(|pairs| Post::new(gateway.webhook.clone(), "message", pairs).about(one))
        }
        Event::Status {
            message: one,
            status,
        } => {
            let carried = one.carried.as_ref();
            let own = carried.and_then(|carried| carried.notify.clone());
            // Who names no address wants no statuses.
            let url = own.or_else(|| gateway.status_webhook.clone());
            url.map(|url| {
                let pairs = status_pairs(tx.world(), gateway, one, status);
                Post::new(Some(url), format!("status:{status}"), pairs).about(one)
            })
        }
        Event::Any { name, value } => {
            let pairs = value.as_object().into_iter().flatten();
            let pairs = pairs.map(|(key, value)| json!([key, value])).collect();
            Some(Post::new(gateway.webhook.clone(), *name, pairs))
        }
        _ => None,
    };
    let post = post.map(|post| Post {
        letter: Letter {
            form: true,
            // Nothing is repeated unless the user asks for it.
            retry: Some(Retry::none()),
            ..Letter::default()
        },
        ..post
    });
    post.into_iter().collect()
}

/// `[name, value]` of each that has a value.
fn pairs(list: Vec<(&str, Option<String>)>) -> Value {
    list.into_iter()
        .filter_map(|(name, value)| value.map(|value| json!([name, value])))
        .collect()
}

fn address(phone: &str) -> String {
    format!("whatsapp:+{phone}")
}

fn inbound(world: &World, gateway: &Gateway, one: &Message, public_url: &str) -> Option<Value> {
    let person = world.person(&one.person)?;
    let payload = &one.payload;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let media = payload["id"].as_str().and_then(|id| world.media.get(id));
    let button = &payload["button_reply"];
    let list = &payload["list_reply"];
    let (kind, body) = match one.kind.as_str() {
        "text" => ("text", text(&payload["body"])),
        "image" | "video" | "audio" | "document" | "sticker" => {
            (one.kind.as_str(), text(&payload["caption"]))
        }
        "location" => ("location", None),
        "contacts" => ("contacts", None),
        "button" => ("button", text(&payload["text"])),
        "interactive" if !button.is_null() => ("button", text(&button["title"])),
        "interactive" if !list.is_null() => ("interactive", text(&list["title"])),
        _ => return None,
    };
    let sid = Some(one.wamid.clone());
    let quoted = one.quoted.as_deref().and_then(|id| world.message(id));
    let quoted_from = quoted.map(|quoted| {
        address(if quoted.from == From::Business {
            &gateway.phone
        } else {
            &person.phone
        })
    });
    let referral = one.referral.clone().unwrap_or_default();
    let media_url = media.map(|media| {
        let me = messages::media_sid(&media.id);
        format!(
            "{public_url}/twilio/{VERSION}/Accounts/{}/Messages/{}/Media/{me}",
            gateway.account, one.wamid
        )
    });
    let number = |value: &Value| (!value.is_null()).then(|| value.to_string());
    Some(pairs(vec![
        ("SmsMessageSid", sid.clone()),
        (
            "NumMedia",
            Some(if media.is_some() { "1" } else { "0" }.to_owned()),
        ),
        ("ProfileName", Some(person.name.clone())),
        ("MessageType", Some(kind.to_owned())),
        ("SmsSid", sid.clone()),
        ("WaId", Some(person.phone.clone())),
        ("SmsStatus", Some("received".to_owned())),
        ("Body", Some(body.unwrap_or_default())),
        ("To", Some(address(&gateway.phone))),
        ("NumSegments", Some("1".to_owned())),
        ("ReferralNumMedia", Some("0".to_owned())),
        ("MessageSid", sid),
        ("AccountSid", Some(gateway.account.clone())),
        ("From", Some(address(&person.phone))),
        ("ApiVersion", Some(VERSION.to_owned())),
        ("MediaUrl0", media_url),
        (
            "MediaContentType0",
            media.map(|media| media.mime_type.clone()),
        ),
        ("Latitude", number(&payload["latitude"])),
        ("Longitude", number(&payload["longitude"])),
        ("Address", text(&payload["address"])),
        ("Label", text(&payload["name"])),
        (
            "ButtonText",
            text(&payload["text"]).or(text(&button["title"])),
        ),
        (
            "ButtonPayload",
            text(&payload["payload"]).or(text(&button["id"])),
        ),
        ("ListId", text(&list["id"])),
        ("ListTitle", text(&list["title"])),
        ("Forwarded", one.forwarded.then(|| "true".to_owned())),
        (
            "OriginalRepliedMessageSid",
            quoted.map(|quoted| quoted.wamid.clone()),
        ),
        ("OriginalRepliedMessageSender", quoted_from),
        ("ReferralBody", text(&referral["body"])),
        ("ReferralHeadline", text(&referral["headline"])),
        ("ReferralSourceId", text(&referral["source_id"])),
        ("ReferralSourceType", text(&referral["source_type"])),
        ("ReferralSourceUrl", text(&referral["source_url"])),
        ("ReferralCtwaClid", text(&referral["ctwa_clid"])),
    ]))
}

fn status_pairs(world: &World, gateway: &Gateway, one: &Message, status: &str) -> Value {
    let person = world
        .person(&one.person)
        .map(|person| address(&person.phone));
    let word = match status {
        "failed" => "undelivered",
        "played" => "read",
        other => other,
    };
    let error = one.state.failed.map(|(_, code)| code);
    let word = Some(word.to_owned());
    let sid = Some(one.wamid.clone());
    let event = match status {
        "delivered" => Some("DELIVERED".to_owned()),
        "read" | "played" => Some("READ".to_owned()),
        _ => None,
    };
    let meta = error.map(|code| {
        let error = crate::graph::error::asynchronous(code);
        error["error_data"]["details"]
            .as_str()
            .unwrap_or("")
            .trim_end_matches('.')
            .to_owned()
    });
    pairs(vec![
        ("ChannelPrefix", Some("whatsapp".to_owned())),
        ("ApiVersion", Some(VERSION.to_owned())),
        ("MessageStatus", word.clone()),
        ("SmsSid", sid.clone()),
        ("SmsStatus", word),
        (
            "ChannelInstallSid",
            Some("XEeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee".to_owned()),
        ),
        ("To", person),
        ("From", Some(address(&gateway.phone))),
        ("MessageSid", sid),
        ("AccountSid", Some(gateway.account.clone())),
        ("ErrorCode", error.map(|error| code(error).to_string())),
        (
            "ErrorMessage",
            error.map(|error| explain(code(error)).to_owned()),
        ),
        ("ChannelStatusMessage", meta),
        ("EventType", event),
    ])
}

/// Twilio's code for one of Meta's.
pub fn code(meta: u32) -> u32 {
    match meta {
        131_047 => 63_016,
        131_026 => 63_024,
        131_048 | 130_429 | 131_056 => 63_018,
        131_049 => 63_049,
        131_050 => 21_610,
        131_042 => 63_001,
        131_052 => 63_019,
        132_000 => 63_028,
        132_001 | 132_015 | 132_016 => 63_027,
        130_472 => 63_032,
        368 => 63_013,
        _ => 63_020,
    }
}

pub fn explain(code: u32) -> &'static str {
    match code {
        20_003 => "Authenticate",
        20_429 => "Too Many Requests",
        21_211 => "Invalid 'To' Phone Number",
        21_610 => "Attempt to send to unsubscribed recipient",
        21_655 => "The ContentSid is Invalid",
        21_656 => "The Content Variables parameter is invalid.",
        63_001 => "Channel could not authenticate the request",
        63_003 => "Channel could not find To address",
        63_007 => "Twilio could not find a Channel with the specified From address",
        63_013 => "Channel policy violation",
        63_016 => {
            "Failed to send freeform message because you are outside the allowed window. Please use a Template."
        }
        63_018 => "Rate limit exceeded for Channel",
        63_019 => "Media failed to download",
        63_024 => "Invalid message recipient",
        63_027 => "Template does not exist for a language and locale",
        63_028 => "Number of parameters provided does not match the expected number of parameters",
        63_032 => "User is not eligible for this message",
        63_049 => "Meta chose not to deliver this WhatsApp marketing message",
        _ => "Channel internal error",
    }
}
