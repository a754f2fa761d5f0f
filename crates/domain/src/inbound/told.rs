//! What is told of a message after it: receipts, reactions, edits and revokes. Each is a fact, kept by the provider's id
//! even before its message is known.

use super::Place;
use super::world::{ProviderKey, StoredFact, World};
use crate::event::{Actor, EventKind, NewEvent};
use crate::failure::Failure;
use crate::id::MessageId;
use crate::message::{Delivery, Fact, FactKind, Reactor};
use crate::report::{
    EditReport, Notice, ProviderError, ReactionReport, RevokeReport, StatusReport,
};

impl World {
    pub(super) fn status(
        &mut self,
        report: StatusReport,
        place: &Place,
        understood: &dyn Fn(&ProviderError) -> Failure,
    ) {
        if report.group_id.is_some() {
            let facts = [
                ("provider_id".to_owned(), report.provider_id),
                ("status".to_owned(), report.receipt.as_str().to_owned()),
            ];
            let notice = Notice {
                topic: "group.status".to_owned(),
                facts: facts.into_iter().collect(),
                at: report.at,
            };
            return self.notice(notice, place);
        }
        let key = (place.connection_id, report.provider_id.clone());
        self.recognise(report.our_id.as_deref(), &key);
        let fact = Fact {
            at: place.moment(report.at).at,
            what: FactKind::Receipt {
                receipt: report.receipt,
                pricing: report.pricing,
                failure: report.errors.first().map(understood),
            },
        };
        let before = self.delivery(&key);
        self.note(&key, fact);
        if let Some((message_id, delivery)) = self.delivery(&key).filter(|now| Some(*now) != before)
        {
            self.told(message_id, delivery, place);
        }
    }

    /// A status that carries our own id tells the provider's id of a message whose answer we never saw.
    fn recognise(&mut self, our_id: Option<&str>, key: &ProviderKey) {
        let Some(message_id) = our_id.and_then(|id| id.parse::<MessageId>().ok()) else {
            return;
        };
        let Some(message) = self
            .messages
            .get_mut(&message_id)
            .map(|tracked| &mut tracked.now)
        else {
            return;
        };
        if message.provider_id.is_some() || message.connection_id != Some(key.0) {
            return;
        }
        message.provider_id = Some(key.1.clone());
        message.delivery = Some(
            message
                .delivery
                .map_or(Delivery::Accepted, |known| known.merge(Delivery::Accepted)),
        );
        self.by_provider_id.insert(key.clone(), message_id);
        self.settled.push(message_id);
    }

    fn delivery(&self, key: &ProviderKey) -> Option<(MessageId, Delivery)> {
        let message = &self.messages.get(self.by_provider_id.get(key)?)?.now;
        message.delivery.map(|delivery| (message.id, delivery))
    }

    fn told(&mut self, message_id: MessageId, delivery: Delivery, place: &Place) {
        let Some(message) = self
            .messages
            .get(&message_id)
            .map(|tracked| tracked.now.clone())
        else {
            return;
        };
        if let Some(thread) = self.conversations.get_mut(&message.conversation_id) {
            thread.now.follow(&message);
        }
        let mut event = NewEvent::new(
            EventKind::MessageDelivery,
            place.received_at,
            Actor::SYSTEM,
            self.subjects(&message),
        )
        .with("delivery", delivery.as_str());
        if let Some(failure) = &message.failure {
            event = event.with("reason", failure.reason.as_str());
        }
        self.events.push(event);
    }

    /// Keeps a fact once, and recomputes its message when that is known. Says whether the fact was new.
    fn note(&mut self, key: &ProviderKey, fact: Fact) -> bool {
        let facts = self.facts.entry(key.clone()).or_default();
        let fact_key = fact.key();
        if facts.iter().any(|stored| stored.fact.key() == fact_key) {
            return false;
        }
        facts.push(StoredFact { fact, is_new: true });
        let all: Vec<Fact> = facts.iter().map(|stored| stored.fact.clone()).collect();
        if let Some(message) = self
            .by_provider_id
            .get(key)
            .and_then(|id| self.messages.get_mut(id))
        {
            message.now.project(&all);
        }
        true
    }

    pub(super) fn reaction(&mut self, report: ReactionReport, place: &Place) {
        let moment = place.moment(report.at);
        let by = if report.by_business {
            Reactor::Business
        } else {
            Reactor::Person
        };
        // Whether Meta lets a reaction open the window is not confirmed, so it does not.
        let fact = Fact {
            at: moment.at,
            what: FactKind::Reaction {
                provider_id: report.provider_id,
                by,
                emoji: report.emoji,
            },
        };
        self.change(
            (place.connection_id, report.target),
            fact,
            "reaction",
            place,
        );
    }

    pub(super) fn edit(&mut self, report: EditReport, place: &Place) {
        let fact = Fact {
            at: place.moment(report.at).at,
            what: FactKind::Edit {
                provider_id: report.provider_id,
                content: Box::new(report.content),
            },
        };
        self.change((place.connection_id, report.target), fact, "edit", place);
    }

    pub(super) fn revoke(&mut self, report: &RevokeReport, place: &Place) {
        let fact = Fact {
            at: place.moment(report.at).at,
            what: FactKind::Revoke {
                provider_id: report.provider_id.clone(),
            },
        };
        self.change(
            (place.connection_id, report.target.clone()),
            fact,
            "revoke",
            place,
        );
    }

    fn change(&mut self, key: ProviderKey, fact: Fact, what: &str, place: &Place) {
        if !self.note(&key, fact) {
            return;
        }
        let Some(message) = self
            .by_provider_id
            .get(&key)
            .and_then(|id| self.messages.get(id))
        else {
            return;
        };
        let message = message.now.clone();
        if let Some(thread) = self.conversations.get_mut(&message.conversation_id) {
            thread.now.follow(&message);
        }
        let event = NewEvent::new(
            EventKind::MessageChanged,
            place.received_at,
            Actor::PERSON,
            self.subjects(&message),
        );
        self.events.push(event.with("what", what));
    }
}
