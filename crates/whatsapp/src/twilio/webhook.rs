//! Twilio's two webhooks, both forms: a message from a person, and what became of one of ours.
//! (Twilio, "Twilio's request to your webhook URL" and "Outbound message status", 2026.) Neither has a time of its own.

use std::collections::BTreeMap;

use domain::content::{Content, Location, MediaContent, MediaKind, MediaSource};
use domain::report::{
    BadItem, Change, MessageReport, Notice, Person, ProviderError, ReactionReport, Receipt,
    Referral, Report, StatusReport,
};
use serde_json::Value;

use crate::adapter::Number;
use crate::call::form_pairs;
use crate::meta::manage::topic;
use crate::meta::person::{is_bsuid, phone_of};
use crate::provider::NotUnderstood;
use crate::saying::address;

/// More files than this in one message are not WhatsApp's.
const FILES_MAX: u32 = 10;

/// The fields of a form; of a doubled one the first. Empty ones count as missing: Twilio sends many.
struct Form(BTreeMap<String, String>);

impl Form {
    fn read(raw: &[u8]) -> Self {
        let mut fields = BTreeMap::new();
        for (name, value) in form_pairs(raw) {
            // PostgreSQL cannot keep NUL.
            let value = value.replace('\0', "\u{fffd}");
            if !value.is_empty() {
                fields.entry(name).or_insert(value);
            }
        }
        Self(fields)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    fn is_true(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// Understands one form.
///
/// # Errors
/// When it has no message's id: then it is not one of the two.
pub fn parse(number: &Number, raw: &[u8]) -> Result<Change, NotUnderstood> {
    let form = Form::read(raw);
    let id = ["MessageSid", "SmsSid", "SmsMessageSid"]
        .iter()
        .find_map(|name| form.text(name))
        .ok_or_else(|| NotUnderstood::shape("MessageSid is missing"))?;
    let status = form.get("MessageStatus").or_else(|| form.get("SmsStatus"));
    let is_inbound = matches!(status, None | Some("received" | "receiving"));
    let ours = if is_inbound { "To" } else { "From" };
    let mut address = address(number, form.get(ours).and_then(phone_in));
    address.waba_id = form.text("AccountSid").or(address.waba_id);
    let reports = match status {
        Some(status) if !is_inbound => vec![Ok(status_report(&form, id, status))],
        _ => inbound(&form, &id),
    };
    Ok(Change { address, reports })
}

/// `whatsapp:+972…`
fn bare(text: &str) -> &str {
    text.strip_prefix("whatsapp:").unwrap_or(text)
}

fn phone_in(text: &str) -> Option<String> {
    phone_of(bare(text))
}

fn person(form: &Form, key: &str) -> Person {
    let told = form.get(key).map(bare).unwrap_or_default();
    Person {
        phone: phone_of(told).or_else(|| form.get("WaId").and_then(phone_of)),
        bsuid: Some(told.to_owned()).filter(|told| is_bsuid(told)),
        profile_name: form.text("ProfileName"),
        ..Person::default()
    }
}

fn status_report(form: &Form, provider_id: String, status: &str) -> Report {
    let receipt = match status {
        "sent" => Receipt::Sent,
        "delivered" => Receipt::Delivered,
        "read" => Receipt::Read,
        "failed" | "undelivered" => Receipt::Failed,
        // `queued`, `sending` and the like are steps within Twilio.
        other => {
            let facts = [("message_id".to_owned(), provider_id)];
            return Report::Notice(Notice {
                topic: topic("messages.statuses", other),
                facts: facts.into_iter().collect(),
                at: None,
            });
        }
    };
    let code = form.get("ErrorCode").and_then(|code| code.parse().ok());
    let error = code.filter(|code| *code != 0).map(|code| ProviderError {
        code,
        title: form.text("ErrorMessage"),
        details: form.text("ChannelStatusMessage"),
    });
    let mut person = person(form, "To");
    person.profile_name = None;
    Report::Status(StatusReport {
        provider_id,
        receipt,
        at: None,
        person,
        our_id: None,
        pricing: None,
        free_entry_point_expires_at: None,
        errors: error.into_iter().collect(),
        group_id: None,
    })
}

fn inbound(form: &Form, id: &str) -> Vec<Result<Report, BadItem>> {
    let person = person(form, "From");
    if person.phone.is_none() && person.bsuid.is_none() {
        return vec![Err(BadItem {
            reason: "From names nobody".to_owned(),
        })];
    }
    let reply_to = form.text("OriginalRepliedMessageSid");
    if form.get("MessageType") == Some("reaction")
        && let Some(target) = &reply_to
    {
        return vec![Ok(Report::Reaction(ReactionReport {
            provider_id: id.to_owned(),
            person,
            at: None,
            target: target.clone(),
            emoji: form.text("Body"),
            by_business: false,
        }))];
    }
    contents(form)
        .into_iter()
        .enumerate()
        .map(|(index, content)| {
            // WhatsApp has one file to a message; should more come, each needs an id of its own.
            let provider_id = if index == 0 {
                id.to_owned()
            } else {
                format!("{id}.{index}")
            };
            Ok(Report::Message(MessageReport {
                provider_id,
                person: person.clone(),
                sent_at: None,
                content,
                reply_to: reply_to.clone(),
                forwarded: form.is_true("Forwarded") || form.is_true("FrequentlyForwarded"),
                referral: referral(form),
                group_id: None,
            }))
        })
        .collect()
}

fn contents(form: &Form) -> Vec<Content> {
    let kind = form.get("MessageType").unwrap_or_default();
    let files: u32 = form
        .get("NumMedia")
        .and_then(|count| count.parse().ok())
        .unwrap_or_default();
    let media: Vec<_> = (0..files.min(FILES_MAX))
        .filter_map(|index| media(form, kind, index))
        .collect();
    if media.is_empty() {
        vec![content(form, kind)]
    } else {
        media
    }
}

fn content(form: &Form, kind: &str) -> Content {
    if let Some(id) = form.get("ButtonPayload").or_else(|| form.get("ButtonText")) {
        return Content::ButtonReply {
            id: id.to_owned(),
            title: form.get("ButtonText").unwrap_or(id).to_owned(),
        };
    }
    if let Some(id) = form.get("ListId") {
        return Content::ListReply {
            id: id.to_owned(),
            title: form.text("ListTitle").unwrap_or_default(),
            description: form.text("ListDescription"),
        };
    }
    if let Some(response) = form.get("InteractiveData").or_else(|| form.get("FlowData")) {
        return Content::FormReply {
            name: "flow".to_owned(),
            body: form.text("Body").unwrap_or_default(),
            response: response.to_owned(),
        };
    }
    let degrees = |name| {
        let degrees: f64 = form.get(name)?.parse().ok()?;
        degrees.is_finite().then_some(degrees)
    };
    if let (Some(latitude), Some(longitude)) = (degrees("Latitude"), degrees("Longitude")) {
        return Content::Location(Location {
            latitude,
            longitude,
            name: form.text("Label"),
            address: form.text("Address"),
            url: None,
        });
    }
    match (kind, form.get("Body")) {
        ("text" | "", Some(text)) => Content::Text {
            text: text.to_owned(),
            preview_url: false,
        },
        ("unsupported", _) => Content::Unsupported {
            original: None,
            code: None,
        },
        _ => Content::Unknown {
            original: kind.to_owned(),
            raw: raw(form),
        },
    }
}

/// The fields as a JSON object: what a later version can read again.
fn raw(form: &Form) -> String {
    let fields: serde_json::Map<_, _> = form
        .0
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect();
    Value::Object(fields).to_string()
}

fn media(form: &Form, kind: &str, index: u32) -> Option<Content> {
    let url = form.text(&format!("MediaUrl{index}"))?;
    let mime_type = form.text(&format!("MediaContentType{index}"));
    let family = mime_type.as_deref().and_then(|mime| mime.split('/').next());
    let media_kind = match (kind, family) {
        ("sticker", _) => MediaKind::Sticker,
        ("document", _) => MediaKind::Document,
        (_, Some("image")) => MediaKind::Image,
        (_, Some("video")) => MediaKind::Video,
        (_, Some("audio")) => MediaKind::Audio,
        _ => MediaKind::Document,
    };
    let mut media = MediaContent::new(media_kind);
    media.source = Some(MediaSource::Link(url));
    media.mime_type = mime_type;
    media.caption = form.text("Body").filter(|_| index == 0);
    Some(Content::Media(media))
}

fn referral(form: &Form) -> Option<Referral> {
    let referral = Referral {
        source_type: form.text("ReferralSourceType"),
        source_id: form.text("ReferralSourceId"),
        source_url: form.text("ReferralSourceUrl"),
        headline: form.text("ReferralHeadline"),
        body: form.text("ReferralBody"),
        media_url: form.text("ReferralMediaUrl"),
        ctwa_clid: form.text("ReferralCtwaClid"),
    };
    (referral != Referral::default()).then_some(referral)
}
