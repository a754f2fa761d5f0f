//! One webhook of wuzapi, understood: a dump of whatsmeow's events, with their Go names. (wuzapi's `wmiau.go`, May 2025;
//! the names of the number from its README, 2026.)

use std::borrow::Cow;

use domain::content::MediaSource;
use domain::report::{
    BadItem, Change, EditReport, Hint, HintSubject, MessageReport, Person, ReactionReport, Report,
    RevokeReport,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::call::form_pairs;
use crate::gateway::proto::{self, answered, change, content, context, file, key_id, unwrapped};
use crate::gateway::{
    self, address, facts, instant_in, is_nobody, not_one_person, notice, receipt_of_word,
    state_hint, topic,
};
use crate::json::{flag, lenient_json, list, member, text, word};
use crate::provider::NotUnderstood;

const FIELD: &str = "wuzapi";

/// One JSON out of a body, whichever way wuzapi is set to send it: as it is, or as a form whose `jsonData` holds it. The
/// user's token, which stands beside it in a form, is left out.
pub(super) fn piece(body: &[u8]) -> Result<Cow<'_, [u8]>, NotUnderstood> {
    if body.trim_ascii_start().starts_with(b"{") {
        let Ok(mut told) = lenient_json(body) else {
            return Ok(Cow::Borrowed(body));
        };
        let removed = told
            .as_object_mut()
            .and_then(|members| members.remove("token"));
        return Ok(match removed {
            Some(_) => Cow::Owned(told.to_string().into_bytes()),
            None => Cow::Borrowed(body),
        });
    }
    let pairs = form_pairs(body);
    let found = |name: &str| {
        let pair = pairs.iter().find(|(key, _)| key == name);
        pair.map(|(_, value)| value.as_str())
    };
    let data = found("jsonData").ok_or_else(|| NotUnderstood::shape("jsonData is missing"))?;
    let mut told = lenient_json(data.as_bytes())?;
    let members = told
        .as_object_mut()
        .ok_or_else(|| NotUnderstood::shape("jsonData is not an object"))?;
    for name in ["instanceName", "userID"] {
        if let Some(value) = found(name) {
            members.entry(name).or_insert_with(|| value.into());
        }
    }
    Ok(Cow::Owned(told.to_string().into_bytes()))
}

/// # Errors
/// When it is not JSON, or not an event of wuzapi's.
pub fn parse(raw: &[u8]) -> Result<Change, NotUnderstood> {
    let told = lenient_json(raw)?;
    let kind = word(&told, "type").ok_or_else(|| NotUnderstood::shape("type is missing"))?;
    let reading = Reading {
        kind: &kind,
        event: member(&told, "event").unwrap_or(&Value::Null),
    };
    let reports = match kind.as_str() {
        "ReadReceipt" => reading.receipts(word(&told, "state").as_deref()),
        _ => reading.report().map(|report| vec![report]),
    };
    let reports = match reports {
        Ok(reports) => reports.into_iter().map(Ok).collect(),
        Err(wrong) => vec![Err(BadItem {
            reason: format!("event.{wrong}"),
        })],
    };
    Ok(Change {
        address: address(word(&told, "instanceName"), None),
        reports,
    })
}

/// What is wrong: names the member, never its value.
type Wrong = &'static str;

struct Reading<'a> {
    kind: &'a str,
    event: &'a Value,
}

impl Reading<'_> {
    fn report(&self) -> Result<Report, Wrong> {
        match self.kind {
            "Message" => self.said(),
            "Connected" | "Disconnected" | "LoggedOut" | "PairSuccess" | "PairError" | "QR"
            | "QRTimeout" | "StreamReplaced" | "ClientOutdated" | "ConnectFailure" => {
                Ok(state_hint(&topic(FIELD, self.kind), self.kind, None))
            }
            "TemporaryBan" => {
                let code = word(self.event, "Code");
                Ok(Report::Hint(Hint {
                    subject: HintSubject::Number,
                    topic: topic(FIELD, self.kind),
                    facts: facts(&[("state", Some(self.kind)), ("code", code.as_deref())]),
                    at: None,
                }))
            }
            _ => Ok(self.notice(&[], None)),
        }
    }

    fn notice(&self, told: &[(&str, Option<&str>)], at: Option<Timestamp>) -> Report {
        notice(&topic(FIELD, self.kind), told, at)
    }

    /// Receipts of several messages come together.
    fn receipts(&self, state: Option<&str>) -> Result<Vec<Report>, Wrong> {
        let chat = text(self.event, "Chat").ok_or("Chat is missing")?;
        let at = instant_in(self.event, "Timestamp");
        if let Some(kind) = not_one_person(&chat) {
            return Ok(vec![self.notice(&[("chat", Some(kind))], at)]);
        }
        // `ReadSelf`: the business read the person's messages on its phone.
        let receipt = state.and_then(receipt_of_word);
        let Some(receipt) = receipt.filter(|_| !flag(self.event, "IsFromMe")) else {
            return Ok(vec![self.notice(&[("state", state)], at)]);
        };
        let other = text(self.event, "SenderAlt");
        let person = gateway::person([Some(&*chat), other.as_deref()]);
        let ids = list(self.event, "MessageIDs")
            .iter()
            .filter_map(Value::as_str);
        let reports: Vec<_> = ids
            .map(|id| gateway::status(id.to_owned(), receipt, at, person.clone(), None))
            .collect();
        if reports.is_empty() {
            return Err("MessageIDs is missing");
        }
        Ok(reports)
    }

    fn said(&self) -> Result<Report, Wrong> {
        let info = member(self.event, "Info").ok_or("Info is missing")?;
        let provider_id = word(info, "ID").ok_or("Info.ID is missing")?;
        let chat = text(info, "Chat").ok_or("Info.Chat is missing")?;
        let at = instant_in(info, "Timestamp");
        if let Some(kind) = not_one_person(&chat) {
            let told = [("chat", Some(kind)), ("message_id", Some(&*provider_id))];
            return Ok(self.notice(&told, at));
        }
        let by_business = flag(info, "IsFromMe");
        let person = person(info, &chat, by_business);
        if is_nobody(&person) {
            return Err("Info.Chat is missing");
        }
        let message = unwrapped(member(self.event, "Message").ok_or("Message is missing")?);
        if let Some(reaction) = member(message, "reactionMessage") {
            let target = member(reaction, "key").and_then(key_id);
            return Ok(Report::Reaction(ReactionReport {
                provider_id,
                person,
                at,
                target: target.ok_or("Message.reactionMessage.key is missing")?,
                emoji: word(reaction, "text"),
                by_business,
            }));
        }
        if let Some(protocol) = member(message, "protocolMessage") {
            return self.changed(protocol, provider_id, person, at, by_business);
        }
        let around = context(message);
        let report = MessageReport {
            provider_id,
            person,
            sent_at: at,
            content: content(message, source(message)),
            reply_to: around.and_then(answered),
            forwarded: around.is_some_and(|around| flag(around, "isForwarded")),
            referral: None,
            group_id: None,
        };
        Ok(if by_business {
            Report::Echo(report)
        } else {
            Report::Message(report)
        })
    }

    fn changed(
        &self,
        protocol: &Value,
        provider_id: String,
        person: Person,
        at: Option<Timestamp>,
        by_business: bool,
    ) -> Result<Report, Wrong> {
        let Some(change) = change(protocol) else {
            return Ok(self.notice(&[("message_id", Some(&provider_id))], at));
        };
        let target = member(protocol, "key").and_then(key_id);
        let target = target.ok_or("Message.protocolMessage.key is missing")?;
        Ok(match change {
            proto::Change::Edit(edited) => Report::Edit(EditReport {
                provider_id,
                person,
                at,
                target,
                content: content(edited, source(edited)),
                by_business,
            }),
            proto::Change::Revoke => Report::Revoke(RevokeReport {
                provider_id,
                person,
                at,
                target,
                by_business,
            }),
        })
    }
}

fn person(info: &Value, chat: &str, by_business: bool) -> Person {
    let other = text(
        info,
        if by_business {
            "RecipientAlt"
        } else {
            "SenderAlt"
        },
    );
    let mut person = gateway::person([Some(chat), other.as_deref()]);
    if !by_business {
        person.profile_name = word(info, "PushName");
    }
    person
}

/// wuzapi keeps nothing: whoever wants a file gives it back all that it needs to find and open it. That becomes the
/// file's id, with the method under `/chat/`.
fn source(message: &Value) -> Option<MediaSource> {
    let (kind, _, part) = file(message)?;
    let method = match kind {
        "imageMessage" | "stickerMessage" => "downloadimage",
        "videoMessage" | "ptvMessage" => "downloadvideo",
        "audioMessage" => "downloadaudio",
        _ => "downloaddocument",
    };
    let any = |keys: [&str; 2]| keys.iter().find_map(|key| word(part, key));
    let media_key = any(["mediaKey", "MediaKey"])?;
    let id = json!({
        "method": method,
        "Url": any(["URL", "url"]),
        "DirectPath": any(["directPath", "DirectPath"]),
        "MediaKey": media_key,
        "Mimetype": any(["mimetype", "Mimetype"]),
        "FileEncSHA256": any(["fileEncSHA256", "fileEncSha256"]),
        "FileSHA256": any(["fileSHA256", "fileSha256"]),
        "FileLength": crate::json::integer(part, "fileLength"),
    });
    Some(MediaSource::Id(id.to_string()))
}
