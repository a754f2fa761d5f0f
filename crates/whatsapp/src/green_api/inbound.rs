//! One notification of Green API, understood. (green-api.com, "Notifications format" pages, 2026.)

use domain::content::{Content, Location, MediaKind};
use domain::report::{
    BadItem, Change, EditReport, Hint, HintSubject, MessageReport, Person, ProviderError,
    ReactionReport, Receipt, Report, RevokeReport,
};
use jiff::Timestamp;
use serde_json::Value;

use super::errors::code_of_receipt;
use crate::gateway::{
    self, address, card, facts, is_nobody, media_content, not_one_person, notice, receipt_of_word,
    state_hint, topic,
};
use crate::json::{decimal, flag, instant, lenient_json, list, member, text, word};
use crate::provider::NotUnderstood;

const FIELD: &str = "green_api";

/// Understands a webhook, or what polling brings (`{receiptId, body}`).
///
/// # Errors
/// When it is not JSON, or not a notification.
pub fn parse(raw: &[u8]) -> Result<Change, NotUnderstood> {
    let told = lenient_json(raw)?;
    let body = member(&told, "receiptId")
        .and_then(|_| member(&told, "body"))
        .unwrap_or(&told);
    let kind =
        word(body, "typeWebhook").ok_or_else(|| NotUnderstood::shape("typeWebhook is missing"))?;
    let instance = member(body, "instanceData").unwrap_or(&Value::Null);
    let own = text(instance, "wid");
    let reading = Reading {
        body,
        at: instant(body, "timestamp"),
    };
    Ok(Change {
        address: address(word(instance, "idInstance"), own.as_deref()),
        reports: vec![reading.report(&kind).map_err(|wrong| BadItem {
            reason: wrong.to_owned(),
        })],
    })
}

/// What is wrong: names the member, never its value.
type Wrong = &'static str;

struct Reading<'a> {
    body: &'a Value,
    at: Option<Timestamp>,
}

impl Reading<'_> {
    fn report(&self, kind: &str) -> Result<Report, Wrong> {
        match kind {
            "incomingMessageReceived" => self.said(kind, false),
            "outgoingMessageReceived" => self.said(kind, true),
            "outgoingMessageStatus" => self.receipt(kind),
            "stateInstanceChanged" => {
                let state = word(self.body, "stateInstance").ok_or("stateInstance is missing")?;
                Ok(state_hint(&topic(FIELD, kind), &state, self.at))
            }
            "quotaExceeded" => Ok(self.quota(kind)),
            // `outgoingAPIMessageReceived` among them: ours, come back. Its answer has told us of it, its receipts will.
            _ => {
                let told = [
                    ("message_id", word(self.body, "idMessage")),
                    ("status", word(self.body, "status")),
                ];
                let told = told.each_ref().map(|(key, value)| (*key, value.as_deref()));
                Ok(notice(&topic(FIELD, kind), &told, self.at))
            }
        }
    }

    /// A plan that is used up holds the number back like a restriction of WhatsApp's: a job reads the truth.
    fn quota(&self, kind: &str) -> Report {
        let quota = member(self.body, "quotaData").unwrap_or(&Value::Null);
        let told = ["method", "used", "total", "status"].map(|key| (key, word(quota, key)));
        let mut told: Vec<_> = told
            .iter()
            .map(|(key, value)| (*key, value.as_deref()))
            .collect();
        told.push(("state", Some("quotaExceeded")));
        Report::Hint(Hint {
            subject: HintSubject::Number,
            topic: topic(FIELD, kind),
            facts: facts(&told),
            at: self.at,
        })
    }

    fn not_one_person(&self, kind: &str, chat: &str) -> Option<Report> {
        let id = word(self.body, "idMessage");
        not_one_person(chat).map(|chat| {
            let told = [("chat", Some(chat)), ("message_id", id.as_deref())];
            notice(&topic(FIELD, kind), &told, self.at)
        })
    }

    fn receipt(&self, kind: &str) -> Result<Report, Wrong> {
        let chat = text(self.body, "chatId").ok_or("chatId is missing")?;
        if let Some(notice) = self.not_one_person(kind, &chat) {
            return Ok(notice);
        }
        let id = word(self.body, "idMessage").ok_or("idMessage is missing")?;
        let status = word(self.body, "status").ok_or("status is missing")?;
        let code = code_of_receipt(&status);
        let Some(receipt) = code
            .map(|_| Receipt::Failed)
            .or_else(|| receipt_of_word(&status))
        else {
            let told = [("message_id", Some(&*id)), ("status", Some(&*status))];
            return Ok(notice(&topic(FIELD, kind), &told, self.at));
        };
        let error = code.map(|code| ProviderError {
            code,
            title: Some(status),
            details: word(self.body, "description"),
        });
        let person = gateway::person([Some(&*chat)]);
        Ok(gateway::status(id, receipt, self.at, person, error))
    }

    fn said(&self, kind: &str, by_business: bool) -> Result<Report, Wrong> {
        let sender = member(self.body, "senderData").ok_or("senderData is missing")?;
        let chat = text(sender, "chatId").ok_or("senderData.chatId is missing")?;
        if let Some(notice) = self.not_one_person(kind, &chat) {
            return Ok(notice);
        }
        let provider_id = word(self.body, "idMessage").ok_or("idMessage is missing")?;
        let person = person(sender, &chat, by_business);
        if is_nobody(&person) {
            return Err("senderData.chatId is missing");
        }
        let data = member(self.body, "messageData").ok_or("messageData is missing")?;
        let said = word(data, "typeMessage").ok_or("messageData.typeMessage is missing")?;
        let at = self.at;
        match said.as_str() {
            "reactionMessage" => Ok(Report::Reaction(ReactionReport {
                provider_id,
                person,
                at,
                target: quoted(data).ok_or("messageData.quotedMessage.stanzaId is missing")?,
                emoji: member(data, "extendedTextMessageData").and_then(|text| word(text, "text")),
                by_business,
            })),
            "editedMessage" => {
                let edited = member(data, "editedMessageData")
                    .ok_or("messageData.editedMessageData is missing")?;
                let text = word(edited, "textMessage").or_else(|| word(edited, "caption"));
                Ok(Report::Edit(EditReport {
                    provider_id,
                    person,
                    at,
                    target: word(edited, "stanzaId")
                        .ok_or("messageData.editedMessageData.stanzaId is missing")?,
                    content: Content::Text {
                        text: text.ok_or("messageData.editedMessageData.textMessage is missing")?,
                        preview_url: false,
                    },
                    by_business,
                }))
            }
            "deletedMessage" => Ok(Report::Revoke(RevokeReport {
                provider_id,
                person,
                at,
                target: member(data, "deletedMessageData")
                    .and_then(|deleted| word(deleted, "stanzaId"))
                    .ok_or("messageData.deletedMessageData.stanzaId is missing")?,
                by_business,
            })),
            said => {
                let message = MessageReport {
                    provider_id,
                    person,
                    sent_at: at,
                    content: content(data, said)?,
                    reply_to: quoted(data).or_else(|| answered(data)),
                    forwarded: is_forwarded(data),
                    referral: None,
                    group_id: None,
                };
                Ok(if by_business {
                    Report::Echo(message)
                } else {
                    Report::Message(message)
                })
            }
        }
    }
}

/// `senderName` is whoever wrote; what the business writes carries its own name, and `chatName` may be a name out of its
/// phone book, which is not for us to spread.
fn person(sender: &Value, chat: &str, by_business: bool) -> Person {
    let from = text(sender, "sender").filter(|_| !by_business);
    let phone = word(sender, "senderPhoneNumber").filter(|_| !by_business);
    let mut person = gateway::person([Some(chat), from.as_deref(), phone.as_deref()]);
    if !by_business {
        person.profile_name = word(sender, "senderName");
    }
    person
}

fn quoted(data: &Value) -> Option<String> {
    word(member(data, "quotedMessage")?, "stanzaId")
}

/// The message whose button was pressed.
fn answered(data: &Value) -> Option<String> {
    ["templateButtonReplyMessage", "buttonsResponseMessage"]
        .iter()
        .find_map(|key| word(member(data, key)?, "stanzaId"))
}

fn is_forwarded(data: &Value) -> bool {
    data.as_object()
        .is_some_and(|members| members.values().any(|part| flag(part, "isForwarded")))
}

fn content(data: &Value, said: &str) -> Result<Content, Wrong> {
    let text_of = |key: &str, inner: &str| member(data, key).and_then(|part| text(part, inner));
    Ok(match said {
        "textMessage" => worded(
            text_of("textMessageData", "textMessage")
                .ok_or("messageData.textMessageData.textMessage is missing")?,
        ),
        "extendedTextMessage" | "quotedMessage" => worded(
            text_of("extendedTextMessageData", "text")
                .or_else(|| text_of("textMessageData", "textMessage"))
                .ok_or("messageData.extendedTextMessageData.text is missing")?,
        ),
        "imageMessage" => media(data, Some(MediaKind::Image)),
        "videoMessage" => media(data, Some(MediaKind::Video)),
        "audioMessage" => media(data, Some(MediaKind::Audio)),
        "documentMessage" => media(data, Some(MediaKind::Document)),
        "stickerMessage" => media(data, Some(MediaKind::Sticker)),
        "locationMessage" => {
            let place = member(data, "locationMessageData").unwrap_or(&Value::Null);
            Content::Location(Location {
                latitude: decimal(place, "latitude")
                    .ok_or("messageData.locationMessageData.latitude is no number")?,
                longitude: decimal(place, "longitude")
                    .ok_or("messageData.locationMessageData.longitude is no number")?,
                name: word(place, "nameLocation"),
                address: word(place, "address"),
                url: None,
            })
        }
        "contactMessage" => {
            let contact = member(data, "contactMessageData").unwrap_or(&Value::Null);
            Content::Contacts {
                cards: vec![card_of(contact)],
            }
        }
        "contactsArrayMessage" => {
            let within = member(data, "messageData").unwrap_or(data);
            let cards: Vec<_> = list(within, "contacts").iter().map(card_of).collect();
            if cards.is_empty() {
                unknown(data, said)
            } else {
                Content::Contacts { cards }
            }
        }
        "templateButtonsReplyMessage" => button(
            data,
            "templateButtonReplyMessage",
            "selectedId",
            "selectedDisplayText",
        )
        .unwrap_or_else(|| unknown(data, said)),
        "buttonsResponseMessage" => button(
            data,
            "buttonsResponseMessage",
            "selectedButtonId",
            "selectedButtonText",
        )
        .unwrap_or_else(|| unknown(data, said)),
        said => unknown(data, said),
    })
}

/// What the gateway could not decrypt comes as a text of its own.
fn worded(text: String) -> Content {
    let code = match text.as_str() {
        "{{SWE001}}" => 1,
        "{{SWE003}}" => 3,
        _ => {
            return Content::Text {
                text,
                preview_url: false,
            };
        }
    };
    Content::Unsupported {
        original: Some("undecryptable".to_owned()),
        code: Some(code),
    }
}

fn media(data: &Value, kind: Option<MediaKind>) -> Content {
    let file = member(data, "fileMessageData").unwrap_or(&Value::Null);
    let mut media = media_content(word(file, "mimeType"), word(file, "downloadUrl"), kind);
    media.caption = word(file, "caption");
    media.filename = word(file, "fileName");
    media.animated = flag(file, "isAnimated");
    Content::Media(media)
}

fn card_of(contact: &Value) -> domain::content::ContactCard {
    let vcard = word(contact, "vcard").unwrap_or_default();
    card(&vcard, word(contact, "displayName"))
}

fn button(data: &Value, key: &str, id: &str, title: &str) -> Option<Content> {
    let reply = member(data, key)?;
    let title = word(reply, title);
    Some(Content::ButtonReply {
        id: word(reply, id).or_else(|| title.clone())?,
        title: title.unwrap_or_default(),
    })
}

fn unknown(data: &Value, said: &str) -> Content {
    Content::Unknown {
        original: said.to_owned(),
        raw: data.to_string(),
    }
}
