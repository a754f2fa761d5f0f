//! One report at a time into the world.

use jiff::Timestamp;

use super::world::{Mint, ProviderKey, Tracked, World};
use crate::content::{Content, MediaSource};
use crate::conversation::Conversation;
use crate::event::{Actor, EventKind, NewEvent, Subjects};
use crate::failure::Failure;
use crate::id::{ChannelId, ConnectionId, ContactId, ConversationId, LeadId, PipelineId, StatusId};
use crate::message::{Author, AuthorKind, Delivery, Direction, Fact, Message, Receipts};
use crate::people::{Lead, LeadSource};
use crate::report::{
    Hint, HintSubject, HistoryDirection, IdentityReport, MessageReport, Notice, PreferenceReport,
    Report,
};
use crate::window::{self, Moment};

/// Where a report came from: the channel and what belongs to it.
#[derive(Debug, Clone)]
pub struct Place {
    pub channel_id: ChannelId,
    pub connection_id: ConnectionId,
    pub pipeline_id: PipelineId,
    /// The status of a new lead.
    pub first_status_id: StatusId,
    /// Within which a BSUID names a person.
    pub portfolio_scope: String,
    pub account_scope: String,
    /// When the report reached us (business time).
    pub received_at: Timestamp,
    /// Names this item of this change; equal for a redelivery of the same.
    pub digest: String,
}

impl Place {
    pub(super) fn moment(&self, at: Option<Timestamp>) -> Moment {
        window::moment(at, self.received_at)
    }
}

impl World {
    /// Folds a report in. `understood` turns a provider's error into one of ours.
    pub fn apply(
        &mut self,
        report: Report,
        place: &Place,
        mint: &mut Mint<'_>,
        understood: &dyn Fn(&crate::report::ProviderError) -> Failure,
    ) {
        match report {
            Report::Message(message) if message.group_id.is_some() => {
                self.group_message(&message, place);
            }
            Report::Message(message) => {
                self.message(message, Direction::In, Origin::Live, place, mint);
            }
            Report::Echo(message) => {
                self.message(message, Direction::Out, Origin::Live, place, mint);
            }
            Report::History(message, direction) => {
                let direction = match direction {
                    HistoryDirection::In => Direction::In,
                    HistoryDirection::Out => Direction::Out,
                };
                self.message(message, direction, Origin::History, place, mint);
            }
            Report::Status(status) => self.status(status, place, understood),
            Report::Reaction(reaction) => self.reaction(reaction, place),
            Report::Edit(edit) => self.edit(edit, place),
            Report::Revoke(revoke) => self.revoke(&revoke, place),
            Report::IdentityChanged(report) => self.identity_changed(&report, place, mint),
            Report::Preference(preference) => self.preference(&preference, place, mint),
            Report::PhoneBook {
                person,
                removed: false,
                at,
            } => {
                let at = place.moment(at).at;
                self.contact(&person, at, place, mint);
            }
            Report::PhoneBook { removed: true, .. } => {}
            Report::Hint(hint) => self.hint(hint, place),
            Report::Notice(notice) => self.notice(notice, place),
            Report::Answered(answer) => self.answered(&answer, place),
            Report::Typed { provider_id, at } => {
                self.typed.push((provider_id, place.moment(at).at));
            }
        }
    }

    fn message(
        &mut self,
        report: MessageReport,
        direction: Direction,
        origin: Origin,
        place: &Place,
        mint: &mut Mint<'_>,
    ) {
        let key = (place.connection_id, report.provider_id.clone());
        if self.by_provider_id.contains_key(&key) {
            return;
        }
        let mut moment = place.moment(report.sent_at);
        // What was there before the number was connected is old, not late.
        moment.late &= origin == Origin::Live;
        let Some(contact_id) = self.contact(&report.person, moment.at, place, mint) else {
            return;
        };
        let conversation_id = self.conversation(contact_id, moment.at, place, mint);
        let message = new_message(report, direction, conversation_id, moment, place, mint);
        if direction == Direction::Out && origin == Origin::Live {
            self.typed.push((key.1.clone(), moment.at));
        }
        if direction == Direction::In && origin == Origin::Live {
            self.answered_by(&message, contact_id, place);
            self.learn_from(&message, contact_id, place);
            self.enquire(&message, contact_id, place, mint);
        }
        self.insert(message, key, origin, place);
    }

    /// Puts a message into the world with all that was told of it before it came.
    fn insert(&mut self, mut message: Message, key: ProviderKey, origin: Origin, place: &Place) {
        let facts: Vec<Fact> = self
            .facts
            .get(&key)
            .map(|facts| facts.iter().map(|stored| stored.fact.clone()).collect())
            .unwrap_or_default();
        message.project(&facts);
        if let Some(media_id) = message.content.media().and_then(|media| media.media_id) {
            self.files.push((message.id, media_id));
        }
        if message.late {
            self.late.push(message.id);
        }
        if let Some(thread) = self.conversations.get_mut(&message.conversation_id) {
            thread.now.receive(&message, origin == Origin::Live);
        }
        let actor = match message.direction {
            Direction::In => Actor::PERSON,
            Direction::Out | Direction::Note => Actor::PHONE,
        };
        let event = NewEvent::new(
            EventKind::MessageReceived,
            place.received_at,
            actor,
            self.subjects(&message),
        )
        .with("kind", message.content.kind());
        self.events.push(if message.late {
            event.with("late", true)
        } else {
            event
        });
        self.by_provider_id.insert(key, message.id);
        self.messages.insert(message.id, Tracked::new(message));
    }

    pub(super) fn subjects(&self, message: &Message) -> Subjects {
        let thread = self
            .conversations
            .get(&message.conversation_id)
            .map(|tracked| &tracked.now);
        Subjects {
            message_id: Some(message.id),
            conversation_id: Some(message.conversation_id),
            contact_id: thread.map(|thread| thread.contact_id),
            channel_id: thread.map(|thread| thread.channel_id),
            ..Subjects::default()
        }
    }

    fn conversation(
        &mut self,
        contact_id: ContactId,
        at: Timestamp,
        place: &Place,
        mint: &mut Mint<'_>,
    ) -> ConversationId {
        let key = (place.channel_id, contact_id);
        if let Some(id) = self.conversation_of.get(&key) {
            return *id;
        }
        let thread = Conversation::new(mint.id(at), place.channel_id, contact_id, at);
        let id = thread.id;
        self.conversation_of.insert(key, id);
        self.conversations.insert(id, Tracked::new(thread));
        let subjects = Subjects {
            conversation_id: Some(id),
            contact_id: Some(contact_id),
            channel_id: Some(place.channel_id),
            ..Subjects::default()
        };
        self.events.push(NewEvent::new(
            EventKind::ConversationCreated,
            place.received_at,
            Actor::PERSON,
            subjects,
        ));
        id
    }

    /// A person's answer to our request for their number tells us the number.
    fn learn_from(&mut self, message: &Message, contact_id: ContactId, place: &Place) {
        let Content::Contacts { cards } = &message.content else {
            return;
        };
        let own = cards
            .iter()
            .filter(|card| card.own)
            .flat_map(|card| &card.phones)
            .find_map(|phone| phone.wa_id.as_ref());
        if let Some(phone) = own {
            self.learn_phone(contact_id, phone, message.at, place);
        }
    }

    /// A message makes a lead when its contact has no open one in the channel's pipeline.
    fn enquire(
        &mut self,
        message: &Message,
        contact_id: ContactId,
        place: &Place,
        mint: &mut Mint<'_>,
    ) {
        if !message.content.is_enquiry() {
            return;
        }
        let contact_id = self.survivor(contact_id);
        let source = LeadSource::of_message(message.referral.as_ref());
        let open = self.leads.values_mut().find(|lead| {
            lead.now.contact_id == contact_id
                && lead.now.pipeline_id == place.pipeline_id
                && lead.now.closed_at.is_none()
        });
        if let Some(lead) = open {
            let known = lead.now.source.clone();
            lead.now.begin_with(message.at, source);
            if lead.now.source != known {
                let lead_id = Some(lead.now.id);
                let subjects = Subjects {
                    lead_id,
                    ..self.subjects(message)
                };
                self.events.push(
                    NewEvent::new(
                        EventKind::LeadChanged,
                        place.received_at,
                        Actor::PERSON,
                        subjects,
                    )
                    .with("what", "source"),
                );
            }
            return;
        }
        let id: LeadId = mint.id(message.at);
        let lead = Lead {
            id,
            version: 0,
            contact_id,
            pipeline_id: place.pipeline_id,
            status_id: place.first_status_id,
            title: None,
            assignee_id: None,
            source,
            fields: std::collections::BTreeMap::new(),
            amount_minor: None,
            currency: None,
            created_at: message.at,
            closed_at: None,
            touched: false,
        };
        self.leads.insert(id, Tracked::new(lead));
        let subjects = Subjects {
            lead_id: Some(id),
            ..self.subjects(message)
        };
        self.events.push(
            NewEvent::new(
                EventKind::LeadCreated,
                place.received_at,
                Actor::PERSON,
                subjects,
            )
            .with("source", "whatsapp"),
        );
    }

    pub(super) fn survivor(&self, contact_id: ContactId) -> ContactId {
        self.contacts
            .get(&contact_id)
            .and_then(|contact| contact.now.merged_into)
            .unwrap_or(contact_id)
    }

    fn group_message(&mut self, report: &MessageReport, place: &Place) {
        let facts = [
            ("provider_id".to_owned(), report.provider_id.clone()),
            ("kind".to_owned(), report.content.kind().to_owned()),
            (
                "group_id".to_owned(),
                report.group_id.clone().unwrap_or_default(),
            ),
        ];
        self.notice(
            Notice {
                topic: "group.message".to_owned(),
                facts: facts.into_iter().collect(),
                at: report.sent_at,
            },
            place,
        );
    }

    fn identity_changed(&mut self, report: &IdentityReport, place: &Place, mint: &mut Mint<'_>) {
        let at = place.moment(report.at).at;
        self.change_identity(report, at, place, mint);
    }

    fn preference(&mut self, report: &PreferenceReport, place: &Place, mint: &mut Mint<'_>) {
        let at = place.moment(report.at).at;
        let Some(contact_id) = self.contact(&report.person, at, place, mint) else {
            return;
        };
        self.set_marketing(contact_id, report.stopped, at, place);
    }

    pub(super) fn stop_marketing(&mut self, contact_id: ContactId, at: Timestamp, place: &Place) {
        self.set_marketing(contact_id, true, at, place);
    }

    fn set_marketing(
        &mut self,
        contact_id: ContactId,
        stopped: bool,
        at: Timestamp,
        place: &Place,
    ) {
        let Some(contact) = self
            .contacts
            .get_mut(&contact_id)
            .map(|tracked| &mut tracked.now)
        else {
            return;
        };
        let merged = contact.marketing.merge(stopped, at);
        if merged == contact.marketing {
            return;
        }
        contact.marketing = merged;
        let kind = if stopped {
            EventKind::MarketingStopped
        } else {
            EventKind::MarketingResumed
        };
        let subjects = Subjects {
            contact_id: Some(contact_id),
            ..Subjects::default()
        };
        self.events.push(NewEvent::new(
            kind,
            place.received_at,
            Actor::PERSON,
            subjects,
        ));
    }

    fn hint(&mut self, hint: Hint, place: &Place) {
        let mut facts = hint.facts;
        if let HintSubject::Template {
            provider_id,
            name,
            language,
        } = hint.subject
        {
            let named = [
                ("template_provider_id", provider_id),
                ("template_name", name),
                ("template_language", language),
            ];
            facts.extend(
                named
                    .into_iter()
                    .filter_map(|(key, value)| Some((key.to_owned(), value?))),
            );
        }
        self.once(EventKind::ProviderHint, hint.topic, facts, place);
    }

    pub(super) fn notice(&mut self, notice: Notice, place: &Place) {
        self.once(EventKind::ProviderNotice, notice.topic, notice.facts, place);
    }

    /// An event for something without an id of its own: known again by the digest of its bytes.
    fn once(
        &mut self,
        kind: EventKind,
        topic: String,
        mut facts: std::collections::BTreeMap<String, String>,
        place: &Place,
    ) {
        if !self.seen.insert(place.digest.clone()) {
            return;
        }
        self.newly_seen.push(place.digest.clone());
        facts.insert("topic".to_owned(), topic);
        let subjects = Subjects {
            channel_id: Some(place.channel_id),
            ..Subjects::default()
        };
        self.events.push(NewEvent {
            kind,
            at: place.received_at,
            actor: Actor::SYSTEM,
            subjects,
            facts,
        });
    }
}

/// Whether a message is news or was there before the number was connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Live,
    History,
}

fn new_message(
    report: MessageReport,
    direction: Direction,
    conversation_id: ConversationId,
    moment: Moment,
    place: &Place,
    mint: &mut Mint<'_>,
) -> Message {
    let id = mint.id(moment.at);
    let mut content = report.content;
    if let Content::Media(media) = &mut content
        && matches!(
            media.source,
            Some(MediaSource::Id(_) | MediaSource::Link(_))
        )
    {
        media.media_id = Some(mint.id(moment.at));
    }
    let kind = if direction == Direction::In {
        AuthorKind::Person
    } else {
        AuthorKind::Phone
    };
    Message {
        id,
        conversation_id,
        connection_id: Some(place.connection_id),
        direction,
        author: Author {
            kind,
            user_id: None,
        },
        provider_id: Some(report.provider_id),
        content,
        at: moment.at,
        received_at: Some(place.received_at),
        late: moment.late,
        reply_to: report.reply_to,
        forwarded: report.forwarded,
        referral: report.referral,
        resend_of: None,
        send_at: None,
        delivery: (direction == Direction::Out).then_some(Delivery::Accepted),
        receipts: Receipts::default(),
        failure: None,
        pricing: None,
        edited: None,
        revoked_at: None,
        reactions: vec![],
    }
}
