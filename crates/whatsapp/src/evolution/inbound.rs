//! One webhook of Evolution, understood. (Evolution 2.3.6, `whatsapp.baileys.service.ts`.)
//!
//! `date_time` is local time with the letter of UTC behind it, so it is not read: what has no instant of its own has none.

use std::borrow::Cow;

use domain::content::MediaSource;
use domain::report::{
    BadItem, Change, EditReport, MessageReport, Person, ProviderError, ReactionReport, Receipt,
    Report, RevokeReport,
};
use serde_json::Value;

use super::errors::ACK_ERROR;
use crate::gateway::proto::{self, answered, change, content, key_id, unwrapped};
use crate::gateway::{
    self, address, instant_in, is_nobody, not_one_person, notice, receipt_of_word, state_hint,
    topic,
};
use crate::json::{flag, lenient_json, member, text, word};
use crate::provider::NotUnderstood;

const FIELD: &str = "evolution";

/// The body without the instance's key, which Evolution puts into every webhook when it is set to show it.
pub(super) fn without_key(body: &[u8]) -> Cow<'_, [u8]> {
    let Ok(mut envelope) = lenient_json(body) else {
        return Cow::Borrowed(body);
    };
    let removed = envelope
        .as_object_mut()
        .and_then(|members| members.remove("apikey"));
    match removed {
        Some(key) if !key.is_null() => Cow::Owned(envelope.to_string().into_bytes()),
        _ => Cow::Borrowed(body),
    }
}

/// # Errors
/// When it is not JSON, or not Evolution's envelope.
pub fn parse(raw: &[u8]) -> Result<Change, NotUnderstood> {
    let envelope = lenient_json(raw)?;
    let event = word(&envelope, "event").ok_or_else(|| NotUnderstood::shape("event is missing"))?;
    let data = member(&envelope, "data").ok_or_else(|| NotUnderstood::shape("data is missing"))?;
    let own = text(&envelope, "sender");
    let reading = Reading {
        event: &event,
        own: own.as_deref(),
    };
    // Some versions put several of a kind into one.
    let items = data
        .as_array()
        .map_or(std::slice::from_ref(data), Vec::as_slice);
    Ok(Change {
        address: address(word(&envelope, "instance"), own.as_deref()),
        reports: items
            .iter()
            .map(|item| {
                reading.report(item).map_err(|wrong| BadItem {
                    reason: format!("data.{wrong}"),
                })
            })
            .collect(),
    })
}

/// What is wrong: names the member, never its value.
type Wrong = &'static str;

struct Reading<'a> {
    event: &'a str,
    /// The number's own address.
    own: Option<&'a str>,
}

impl Reading<'_> {
    fn report(&self, data: &Value) -> Result<Report, Wrong> {
        match self.event {
            "messages.upsert" => self.said(data),
            "messages.update" => self.receipt(data),
            "messages.edited" => self.edit(data),
            "messages.delete" => self.delete(data),
            "connection.update" => {
                let state = word(data, "state").ok_or("state is missing")?;
                // Why it closed says whether the phone removed us (401) or WhatsApp did (402, 403).
                let reason = word(data, "statusReason").filter(|_| state != "open");
                let state =
                    reason.map_or_else(|| state.clone(), |reason| format!("{state}:{reason}"));
                Ok(self.state(&state))
            }
            "status.instance" => {
                let status = word(data, "status").ok_or("status is missing")?;
                let reason = word(data, "disconnectionReasonCode");
                Ok(self.state(
                    &reason.map_or_else(|| status.clone(), |reason| format!("{status}:{reason}")),
                ))
            }
            "logout.instance" | "remove.instance" => Ok(self.state("removed")),
            // The code itself opens the account to whoever scans it: not a word of it.
            "qrcode.updated" => Ok(self.state("qrcode")),
            _ => {
                let id = member(data, "key").and_then(key_id);
                Ok(self.notice(&[("message_id", id.as_deref())]))
            }
        }
    }

    fn state(&self, state: &str) -> Report {
        state_hint(&topic(FIELD, self.event), state, None)
    }

    fn notice(&self, told: &[(&str, Option<&str>)]) -> Report {
        notice(&topic(FIELD, self.event), told, None)
    }

    /// The person whose chat it is, or the notice that it is nobody's alone.
    fn chat(&self, key: &Value, id: &str) -> Result<Result<Person, Report>, Wrong> {
        let chat = text(key, "remoteJid").ok_or("key.remoteJid is missing")?;
        if let Some(kind) = not_one_person(&chat) {
            return Ok(Err(
                self.notice(&[("chat", Some(kind)), ("message_id", Some(id))])
            ));
        }
        let other = text(key, "remoteJidAlt").or_else(|| text(key, "senderPn"));
        let person = gateway::person([Some(&*chat), other.as_deref()]);
        if is_nobody(&person) {
            return Err("key.remoteJid is missing");
        }
        Ok(Ok(person))
    }

    /// What is sent through the API does not come this way, so that all of ours was written in the app.
    fn said(&self, data: &Value) -> Result<Report, Wrong> {
        let key = member(data, "key").ok_or("key is missing")?;
        let provider_id = key_id(key).ok_or("key.id is missing")?;
        let mut person = match self.chat(key, &provider_id)? {
            Ok(person) => person,
            Err(notice) => return Ok(notice),
        };
        let by_business = flag(key, "fromMe");
        if !by_business {
            person.profile_name = word(data, "pushName");
        }
        let at = instant_in(data, "messageTimestamp");
        let message = unwrapped(member(data, "message").ok_or("message is missing")?);
        if let Some(reaction) = member(message, "reactionMessage") {
            let target = member(reaction, "key").and_then(key_id);
            return Ok(Report::Reaction(ReactionReport {
                provider_id,
                person,
                at,
                target: target.ok_or("message.reactionMessage.key.id is missing")?,
                emoji: word(reaction, "text"),
                by_business,
            }));
        }
        let around = member(data, "contextInfo").or_else(|| proto::context(message));
        let report = MessageReport {
            content: content(message, Some(MediaSource::Id(provider_id.clone()))),
            provider_id,
            person,
            sent_at: at,
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

    fn receipt(&self, data: &Value) -> Result<Report, Wrong> {
        let id = word(data, "keyId").or_else(|| member(data, "key").and_then(key_id));
        let id = id.ok_or("keyId is missing")?;
        let key = member(data, "key").unwrap_or(data);
        let person = match self.chat(key, &id)? {
            Ok(person) => person,
            Err(notice) => return Ok(notice),
        };
        let status = word(data, "status").ok_or("status is missing")?;
        match receipt_of_word(&status) {
            Some(receipt) if flag(key, "fromMe") => {
                let error = ProviderError {
                    code: ACK_ERROR,
                    title: Some(status),
                    details: None,
                };
                let error = Some(error).filter(|_| receipt == Receipt::Failed);
                Ok(gateway::status(id, receipt, None, person, error))
            }
            _ => Ok(self.notice(&[("message_id", Some(&id)), ("status", Some(&status))])),
        }
    }

    /// A protocol message: an edit or a deletion among much else. Its key is the sender's: what a person changed stands
    /// in their chat with us, so our own address stands there, and nobody's name.
    fn edit(&self, data: &Value) -> Result<Report, Wrong> {
        let Some(change) = change(data) else {
            return Ok(self.notice(&[]));
        };
        let key = member(data, "key").ok_or("key is missing")?;
        let target = key_id(key).ok_or("key.id is missing")?;
        let chat = text(key, "remoteJid").ok_or("key.remoteJid is missing")?;
        if let Some(kind) = not_one_person(&chat) {
            return Ok(self.notice(&[("chat", Some(kind)), ("message_id", Some(&target))]));
        }
        let other = gateway::person([Some(&*chat)]);
        let own = gateway::person([self.own]);
        let by_business = flag(key, "fromMe") && other.phone != own.phone;
        let person = if by_business {
            other
        } else {
            Person::default()
        };
        let at = instant_in(data, "timestampMs");
        Ok(match change {
            proto::Change::Edit(edited) => Report::Edit(EditReport {
                provider_id: target.clone(),
                person,
                at,
                content: content(edited, Some(MediaSource::Id(target.clone()))),
                target,
                by_business,
            }),
            proto::Change::Revoke => Report::Revoke(RevokeReport {
                provider_id: target.clone(),
                person,
                at,
                target,
                by_business,
            }),
        })
    }

    fn delete(&self, data: &Value) -> Result<Report, Wrong> {
        let key = member(data, "key").unwrap_or(data);
        let target = key_id(key).ok_or("id is missing")?;
        let person = match self.chat(key, &target)? {
            Ok(person) => person,
            Err(notice) => return Ok(notice),
        };
        Ok(Report::Revoke(RevokeReport {
            provider_id: target.clone(),
            person,
            at: None,
            target,
            by_business: flag(key, "fromMe"),
        }))
    }
}
