//! One message as Meta writes it, from a person, from the business's own app, or from the past.
//! (Meta, webhooks and messages pages, 2026-09.)

use domain::content::{
    CardEntry, CardPhone, ContactCard, Content, Location, MediaContent, MediaKind, MediaSource,
    OrderItem,
};
use domain::report::{
    BadItem, EditReport, HistoryDirection, IdentityReport, MessageReport, Notice, Person,
    ReactionReport, Referral, Report, RevokeReport,
};
use serde_json::Value;

use super::facts::facts;
use super::manage::topic;
use super::person::{Contacts, is_bsuid, is_nobody, named, phone, phone_of};
use crate::json::{as_word, decimal, flag, instant, integer, list, member, text, word};

/// Where a message stands: what a report of it becomes, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Person,
    /// The business, in its own app.
    Business,
    Past(HistoryDirection),
}

impl Origin {
    const fn is_business(self) -> bool {
        matches!(self, Self::Business | Self::Past(HistoryDirection::Out))
    }
}

/// The list that is read, and what helps to read its items.
pub(super) struct Reading<'a> {
    /// Names the list in a reason (`messages[]`).
    pub place: &'static str,
    pub contacts: &'a Contacts<'a>,
    /// The person of the thread, where the item itself names nobody.
    pub thread: Option<&'a Person>,
}

/// What is wrong with an item: names the member, never its value.
type Wrong = &'static str;

pub(super) fn bad(place: &str, wrong: Wrong) -> BadItem {
    BadItem {
        reason: format!("{place}.{wrong}"),
    }
}

impl Reading<'_> {
    pub(super) fn report(&self, item: &Value, origin: Origin) -> Result<Report, BadItem> {
        self.read(item, origin)
            .map_err(|wrong| bad(self.place, wrong))
    }

    fn read(&self, item: &Value, origin: Origin) -> Result<Report, Wrong> {
        let provider_id = word(item, "id").ok_or("id is missing")?;
        let kind = word(item, "type").ok_or("type is missing")?;
        match kind.as_str() {
            "reaction" => self.reaction(item, provider_id, origin),
            "edit" => self.edit(item, provider_id, origin),
            "revoke" => self.revoke(item, provider_id, origin),
            "system" => self.system(item, provider_id),
            // The chat was opened, nothing was said. Gone since 2026-03-27.
            "request_welcome" => Ok(notice("messages.request_welcome", item)),
            kind => self.message(item, kind, provider_id, origin),
        }
    }

    fn message(
        &self,
        item: &Value,
        kind: &str,
        provider_id: String,
        origin: Origin,
    ) -> Result<Report, Wrong> {
        let person = self.person(item, origin);
        if is_nobody(&person) {
            return Err(if origin.is_business() {
                "to and to_user_id are missing"
            } else {
                "from and from_user_id are missing"
            });
        }
        let context = item.get("context").unwrap_or(&Value::Null);
        let message = MessageReport {
            provider_id,
            person,
            sent_at: instant(item, "timestamp"),
            content: content(item, kind)?,
            reply_to: word(context, "id"),
            forwarded: flag(context, "forwarded") || flag(context, "frequently_forwarded"),
            referral: member(item, "referral").map(referral),
            group_id: word(item, "group_id"),
        };
        Ok(match origin {
            Origin::Person => Report::Message(message),
            Origin::Business => Report::Echo(message),
            Origin::Past(direction) => Report::History(message, direction),
        })
    }

    fn person(&self, item: &Value, origin: Origin) -> Person {
        let mut person = if origin.is_business() {
            named(item, "to", "to_user_id", "to_parent_user_id")
        } else {
            named(item, "from", "from_user_id", "from_parent_user_id")
        };
        if let Some(thread) = self.thread {
            person = of_thread(person, thread);
        }
        self.contacts.complete(person)
    }

    fn reaction(&self, item: &Value, provider_id: String, origin: Origin) -> Result<Report, Wrong> {
        let reaction = member(item, "reaction").ok_or("reaction is missing")?;
        Ok(Report::Reaction(ReactionReport {
            provider_id,
            person: self.person(item, origin),
            at: instant(item, "timestamp"),
            target: word(reaction, "message_id").ok_or("reaction.message_id is missing")?,
            // Absent or empty takes it back.
            emoji: word(reaction, "emoji"),
            by_business: origin.is_business(),
        }))
    }

    fn edit(&self, item: &Value, provider_id: String, origin: Origin) -> Result<Report, Wrong> {
        let edit = member(item, "edit").ok_or("edit is missing")?;
        let message = member(edit, "message").ok_or("edit.message is missing")?;
        let kind = word(message, "type").ok_or("edit.message.type is missing")?;
        Ok(Report::Edit(EditReport {
            provider_id,
            person: self.person(item, origin),
            at: instant(item, "timestamp"),
            target: word(edit, "original_message_id")
                .ok_or("edit.original_message_id is missing")?,
            content: content(message, &kind)?,
            by_business: origin.is_business(),
        }))
    }

    fn revoke(&self, item: &Value, provider_id: String, origin: Origin) -> Result<Report, Wrong> {
        let revoke = member(item, "revoke").ok_or("revoke is missing")?;
        Ok(Report::Revoke(RevokeReport {
            provider_id,
            person: self.person(item, origin),
            at: instant(item, "timestamp"),
            target: word(revoke, "original_message_id")
                .ok_or("revoke.original_message_id is missing")?,
            by_business: origin.is_business(),
        }))
    }

    fn system(&self, item: &Value, provider_id: String) -> Result<Report, Wrong> {
        let system = member(item, "system").ok_or("system is missing")?;
        let kind = word(system, "type").unwrap_or_default();
        if !matches!(
            kind.as_str(),
            "user_changed_number" | "customer_changed_number" | "user_changed_user_id"
        ) {
            // `customer_identity_changed` among them: another device, the same person and ids.
            return Ok(notice(&topic("messages.system", &kind), item));
        }
        let mut after = named(system, "wa_id", "user_id", "parent_user_id");
        after.phone = after.phone.or_else(|| phone(system, "new_wa_id"));
        let before = self.person_before(item, system);
        if is_nobody(&after) {
            return Err("system names no new id");
        }
        if is_nobody(&before) {
            return Err("system names no earlier id");
        }
        Ok(Report::IdentityChanged(IdentityReport {
            provider_id,
            before,
            after,
            at: instant(item, "timestamp"),
        }))
    }

    /// Until August 2026 the earlier id stood in the sentence only: `User Noa changed from IL.134… to IL.245…`.
    fn person_before(&self, item: &Value, system: &Value) -> Person {
        let mut before = self.person(item, Origin::Person);
        before.bsuid = word(system, "previous_user_id").or(before.bsuid);
        before.parent_bsuid = word(system, "previous_parent_user_id").or(before.parent_bsuid);
        if before.phone.is_some() && before.bsuid.is_some() {
            return before;
        }
        let told = text(system, "body").and_then(|body| earlier_id(&body));
        if let Some(told) = told {
            if is_bsuid(&told) {
                before.bsuid = before.bsuid.or(Some(told));
            } else {
                before.phone = before.phone.or_else(|| phone_of(&told));
            }
        }
        before
    }
}

/// The thread knows more of its person than each message of it.
fn of_thread(mut person: Person, thread: &Person) -> Person {
    let is_same = (person.phone.is_some() && person.phone == thread.phone)
        || (person.bsuid.is_some() && person.bsuid == thread.bsuid);
    if is_same || is_nobody(&person) {
        person.phone = person.phone.or_else(|| thread.phone.clone());
        person.bsuid = person.bsuid.or_else(|| thread.bsuid.clone());
        person.parent_bsuid = person.parent_bsuid.or_else(|| thread.parent_bsuid.clone());
        person.username = person.username.or_else(|| thread.username.clone());
        person.profile_name = person.profile_name.or_else(|| thread.profile_name.clone());
    }
    person
}

fn earlier_id(body: &str) -> Option<String> {
    // The last one: the name before it is the person's to choose.
    let (_, rest) = body.rsplit_once(" from ")?;
    let (earlier, _) = rest.split_once(" to ")?;
    Some(earlier.to_owned())
}

fn notice(topic: &str, item: &Value) -> Report {
    Report::Notice(Notice {
        topic: topic.to_owned(),
        facts: facts(item),
        at: instant(item, "timestamp"),
    })
}

fn referral(value: &Value) -> Referral {
    Referral {
        source_type: word(value, "source_type"),
        source_id: word(value, "source_id"),
        source_url: word(value, "source_url"),
        headline: word(value, "headline"),
        body: word(value, "body"),
        media_url: ["image_url", "video_url", "thumbnail_url"]
            .iter()
            .find_map(|key| word(value, key)),
        ctwa_clid: word(value, "ctwa_clid"),
    }
}

/// What a message says. A type that is not known here is kept whole.
fn content(item: &Value, kind: &str) -> Result<Content, Wrong> {
    let said = match kind {
        "text" => text_content(item),
        "image" => media(item, MediaKind::Image),
        "video" => media(item, MediaKind::Video),
        "audio" | "voice" => media(item, MediaKind::Audio),
        "document" => media(item, MediaKind::Document),
        "sticker" => media(item, MediaKind::Sticker),
        "location" => location(item),
        "contacts" => contacts(item),
        "button" => button(item),
        "interactive" => interactive(item),
        "order" => order(item),
        "unsupported" | "unknown" => return Ok(unsupported(item, kind)),
        // A file of the past: a later webhook brings it, or nothing does.
        "media_placeholder" => return Ok(unsupported(item, kind)),
        kind => return Ok(unknown(item, kind.to_owned())),
    };
    // A file over 100 MB and the like: the type is named, an error stands in the place of the content.
    match said {
        Err(_) if error_code(item).is_some() => Ok(unsupported(item, kind)),
        said => said,
    }
}

fn unknown(item: &Value, original: String) -> Content {
    Content::Unknown {
        original,
        raw: item.to_string(),
    }
}

fn unsupported(item: &Value, kind: &str) -> Content {
    let named = item
        .get("unsupported")
        .and_then(|inner| word(inner, "type"));
    let original = match kind {
        "unsupported" | "unknown" => named,
        kind => named.or_else(|| Some(kind.to_owned())),
    };
    Content::Unsupported {
        original,
        code: error_code(item),
    }
}

fn error_code(item: &Value) -> Option<i64> {
    list(item, "errors")
        .iter()
        .find_map(|error| integer(error, "code"))
}

fn text_content(item: &Value) -> Result<Content, Wrong> {
    let body = member(item, "text").ok_or("text is missing")?;
    Ok(Content::Text {
        text: text(body, "body").ok_or("text.body is missing")?,
        preview_url: false,
    })
}

fn media(item: &Value, kind: MediaKind) -> Result<Content, Wrong> {
    let file = member(item, kind.as_str())
        .or_else(|| member(item, "voice"))
        .filter(|file| file.is_object())
        .ok_or("its file is missing")?;
    let mut media = MediaContent::new(kind);
    media.source = word(file, "id")
        .map(MediaSource::Id)
        .or_else(|| word(file, "url").map(MediaSource::Link))
        .or_else(|| word(file, "link").map(MediaSource::Link));
    if media.source.is_none() {
        return Err("its file has no id and no url");
    }
    media.mime_type = word(file, "mime_type");
    media.sha256 = word(file, "sha256");
    media.caption = word(file, "caption");
    media.filename = word(file, "filename");
    media.voice = flag(file, "voice");
    media.animated = flag(file, "animated");
    Ok(Content::Media(media))
}

fn location(item: &Value) -> Result<Content, Wrong> {
    let place = member(item, "location").ok_or("location is missing")?;
    Ok(Content::Location(Location {
        latitude: decimal(place, "latitude").ok_or("location.latitude is no number")?,
        longitude: decimal(place, "longitude").ok_or("location.longitude is no number")?,
        name: word(place, "name"),
        address: word(place, "address"),
        url: word(place, "url"),
    }))
}

fn contacts(item: &Value) -> Result<Content, Wrong> {
    let cards = member(item, "contacts")
        .and_then(Value::as_array)
        .ok_or("contacts is not a list")?;
    Ok(Content::Contacts {
        cards: cards.iter().map(card).collect(),
    })
}

fn card(value: &Value) -> ContactCard {
    let name = value.get("name").unwrap_or(&Value::Null);
    ContactCard {
        formatted_name: word(name, "formatted_name"),
        first_name: word(name, "first_name"),
        last_name: word(name, "last_name"),
        phones: list(value, "phones")
            .iter()
            .filter_map(card_phone)
            .collect(),
        emails: entries(value, "emails", "email"),
        urls: entries(value, "urls", "url"),
        company: value.get("org").and_then(|org| word(org, "company")),
        own: word(value, "origin").as_deref() == Some("contact_request"),
    }
}

fn card_phone(value: &Value) -> Option<CardPhone> {
    let wa_id = word(value, "wa_id");
    Some(CardPhone {
        phone: word(value, "phone").or_else(|| wa_id.clone())?,
        wa_id,
        label: word(value, "type"),
    })
}

fn entries(value: &Value, members: &str, key: &str) -> Vec<CardEntry> {
    let entry = |inner: &Value| {
        Some(CardEntry {
            value: word(inner, key)?,
            label: word(inner, "type"),
        })
    };
    list(value, members).iter().filter_map(entry).collect()
}

/// A tap on a template's quick reply. Without a payload of ours its label stands in both places.
fn button(item: &Value) -> Result<Content, Wrong> {
    let button = member(item, "button").ok_or("button is missing")?;
    let payload = word(button, "payload");
    let label = word(button, "text");
    let id = payload
        .clone()
        .or_else(|| label.clone())
        .ok_or("button.payload is missing")?;
    Ok(Content::ButtonReply {
        title: label.or(payload).unwrap_or_default(),
        id,
    })
}

fn interactive(item: &Value) -> Result<Content, Wrong> {
    let interactive = member(item, "interactive").ok_or("interactive is missing")?;
    let kind = word(interactive, "type").ok_or("interactive.type is missing")?;
    let reply = member(interactive, &kind);
    match kind.as_str() {
        "button_reply" => {
            let reply = reply.ok_or("interactive.button_reply is missing")?;
            Ok(Content::ButtonReply {
                id: word(reply, "id").ok_or("interactive.button_reply.id is missing")?,
                title: word(reply, "title").unwrap_or_default(),
            })
        }
        "list_reply" => {
            let reply = reply.ok_or("interactive.list_reply is missing")?;
            Ok(Content::ListReply {
                id: word(reply, "id").ok_or("interactive.list_reply.id is missing")?,
                title: word(reply, "title").unwrap_or_default(),
                description: word(reply, "description"),
            })
        }
        "nfm_reply" => form_reply(reply.ok_or("interactive.nfm_reply is missing")?),
        "call_permission_reply" => {
            let reply = reply.ok_or("interactive.call_permission_reply is missing")?;
            Ok(Content::CallPermissionReply {
                accepted: word(reply, "response").as_deref() == Some("accept"),
                permanent: flag(reply, "is_permanent"),
                expires_at: instant(reply, "expiration_timestamp"),
            })
        }
        kind => Ok(unknown(item, format!("interactive.{kind}"))),
    }
}

/// The answers are a JSON text within the JSON; kept as that text.
fn form_reply(reply: &Value) -> Result<Content, Wrong> {
    let response = match reply.get("response_json") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => return Err("interactive.nfm_reply.response_json is missing"),
        Some(other) => other.to_string(),
    };
    Ok(Content::FormReply {
        name: word(reply, "name").unwrap_or_else(|| "flow".to_owned()),
        body: word(reply, "body").unwrap_or_default(),
        response,
    })
}

fn order(item: &Value) -> Result<Content, Wrong> {
    let order = member(item, "order").ok_or("order is missing")?;
    Ok(Content::Order {
        catalog_id: word(order, "catalog_id").unwrap_or_default(),
        text: word(order, "text"),
        items: list(order, "product_items")
            .iter()
            .map(order_item)
            .collect(),
    })
}

fn order_item(value: &Value) -> OrderItem {
    OrderItem {
        product_retailer_id: value
            .get("product_retailer_id")
            .and_then(as_word)
            .unwrap_or_default(),
        quantity: integer(value, "quantity").unwrap_or(1),
        item_price: decimal(value, "item_price").unwrap_or_default(),
        currency: word(value, "currency").unwrap_or_default(),
    }
}
