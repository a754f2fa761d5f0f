//! Who a report is about. A person is found by any of their names; when two contacts turn out to be one, the older
//! stays and takes over all that the other had.

use jiff::Timestamp;

use super::fold::Place;
use super::world::{IdentityRow, Mint, Move, Tracked, World};
use crate::event::{Actor, EventKind, NewEvent, Subjects};
use crate::id::{ContactId, ConversationId, LeadId};
use crate::people::{Contact, Identity, IdentityKind, Marketing};
use crate::report::{IdentityReport, Person};
use crate::text;

impl Person {
    /// The person's names, the surest first. A BSUID holds within the portfolio, a LID within the account.
    #[must_use]
    pub fn identities(&self, place: &Place) -> Vec<Identity> {
        let identity = |kind, scope: &str, value: &Option<String>| {
            value
                .as_ref()
                .filter(|value| !value.is_empty())
                .map(|value| Identity {
                    kind,
                    scope: scope.to_owned(),
                    value: value.clone(),
                })
        };
        [
            identity(IdentityKind::Bsuid, &place.portfolio_scope, &self.bsuid),
            identity(IdentityKind::ParentBsuid, "", &self.parent_bsuid),
            identity(IdentityKind::Lid, &place.account_scope, &self.lid),
            identity(IdentityKind::Phone, "", &self.phone),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl World {
    /// The contact of this person, made if there is none, with all the names that the report gives. `None` when the
    /// report names nobody.
    pub(super) fn contact(
        &mut self,
        person: &Person,
        at: Timestamp,
        place: &Place,
        mint: &mut Mint<'_>,
    ) -> Option<ContactId> {
        let identities = person.identities(place);
        let contact_id = self.find(&identities, at, mint, place)?;
        self.take_names(contact_id, person, at);
        self.attach(contact_id, identities);
        Some(contact_id)
    }

    /// The contact under any of these names, joined where there are two; made where there is none.
    fn find(
        &mut self,
        identities: &[Identity],
        at: Timestamp,
        mint: &mut Mint<'_>,
        place: &Place,
    ) -> Option<ContactId> {
        if identities.is_empty() {
            return None;
        }
        let mut found: Vec<ContactId> = Vec::new();
        for identity in identities {
            let Some(row) = self.identities.get(identity).map(|tracked| tracked.now) else {
                continue;
            };
            // A number that its person gave up belongs to whoever writes from it afterwards, unless a surer name
            // says otherwise.
            let passed_on = row.retired_at.is_some_and(|retired_at| at > retired_at);
            if !passed_on && !found.contains(&row.contact_id) {
                found.push(row.contact_id);
            }
        }
        found.sort_unstable();
        let mut found = found.into_iter();
        let Some(survivor) = found.next() else {
            return Some(self.make_contact(at, mint));
        };
        for loser in found {
            self.join(survivor, loser, place);
        }
        Some(survivor)
    }

    fn make_contact(&mut self, at: Timestamp, mint: &mut Mint<'_>) -> ContactId {
        let id = mint.id(at);
        let contact = Contact {
            id,
            version: 0,
            name: None,
            profile_name: None,
            profile_name_at: None,
            phone: None,
            username: None,
            email: None,
            marketing: Marketing::default(),
            created_at: at,
            merged_into: None,
        };
        self.contacts.insert(id, Tracked::new(contact));
        let subjects = Subjects {
            contact_id: Some(id),
            ..Subjects::default()
        };
        self.events.push(NewEvent::new(
            EventKind::ContactCreated,
            at,
            Actor::PERSON,
            subjects,
        ));
        id
    }

    fn attach(&mut self, contact_id: ContactId, identities: Vec<Identity>) {
        for identity in identities {
            let row = IdentityRow {
                contact_id,
                retired_at: None,
            };
            match self.identities.get_mut(&identity) {
                Some(known) if known.now.contact_id == contact_id => {}
                Some(known) => known.now = row,
                None => {
                    self.identities.insert(identity, Tracked::new(row));
                }
            }
        }
    }

    fn take_names(&mut self, contact_id: ContactId, person: &Person, at: Timestamp) {
        let Some(contact) = self
            .contacts
            .get_mut(&contact_id)
            .map(|tracked| &mut tracked.now)
        else {
            return;
        };
        if contact.phone.is_none() {
            contact.phone.clone_from(&person.phone);
        }
        if let Some(username) = &person.username {
            contact.username = Some(username.clone());
        }
        let Some(name) = person.profile_name.as_deref().and_then(text::clean_name) else {
            return;
        };
        let known = (contact.profile_name_at, contact.profile_name.as_deref());
        if known < (Some(at), Some(name.as_str())) {
            contact.profile_name = Some(name);
            contact.profile_name_at = Some(at);
        }
    }

    /// A person told us their own phone number.
    pub(super) fn learn_phone(
        &mut self,
        contact_id: ContactId,
        phone: &str,
        at: Timestamp,
        place: &Place,
    ) {
        let person = Person {
            phone: Some(phone.to_owned()),
            ..Person::default()
        };
        let identities = person.identities(place);
        let known = identities
            .first()
            .and_then(|identity| self.identities.get(identity))
            .map(|row| row.now.contact_id);
        match known {
            Some(other) if other != contact_id => {
                let (survivor, loser) = (contact_id.min(other), contact_id.max(other));
                self.join(survivor, loser, place);
                self.take_names(survivor, &person, at);
            }
            _ => {
                self.take_names(contact_id, &person, at);
                self.attach(contact_id, identities);
            }
        }
    }

    /// A person has another number or id from now on.
    pub(super) fn change_identity(
        &mut self,
        report: &IdentityReport,
        at: Timestamp,
        place: &Place,
        mint: &mut Mint<'_>,
    ) {
        let before = report.before.identities(place);
        let after = report.after.identities(place);
        let all: Vec<Identity> = before.iter().chain(&after).cloned().collect();
        let Some(contact_id) = self.find(&all, at, mint, place) else {
            return;
        };
        self.attach(contact_id, all);
        for identity in before
            .iter()
            .filter(|identity| identity.kind == IdentityKind::Phone)
        {
            if let Some(row) = self
                .identities
                .get_mut(identity)
                .filter(|_| report.after.phone != report.before.phone)
            {
                row.now.retired_at = Some(row.now.retired_at.map_or(at, |known| known.min(at)));
            }
        }
        let Some(contact) = self.contacts.get_mut(&contact_id) else {
            return;
        };
        if report.after.phone.is_some() {
            contact.now.phone.clone_from(&report.after.phone);
        }
        if contact.has_changed() {
            let subjects = Subjects {
                contact_id: Some(contact_id),
                ..Subjects::default()
            };
            self.events.push(
                NewEvent::new(EventKind::ContactChanged, at, Actor::PERSON, subjects)
                    .with("what", "identity"),
            );
        }
    }

    /// Makes one of two contacts.
    fn join(&mut self, survivor_id: ContactId, loser_id: ContactId, place: &Place) {
        let Some(loser) = self.contacts.get_mut(&loser_id) else {
            return;
        };
        loser.now.merged_into = Some(survivor_id);
        let loser = loser.now.clone();
        let Some(survivor) = self
            .contacts
            .get_mut(&survivor_id)
            .map(|tracked| &mut tracked.now)
        else {
            return;
        };
        survivor.name = survivor.name.take().or(loser.name);
        survivor.phone = survivor.phone.take().or(loser.phone);
        survivor.username = survivor.username.take().or(loser.username);
        survivor.email = survivor.email.take().or(loser.email);
        survivor.created_at = survivor.created_at.min(loser.created_at);
        if (survivor.profile_name_at, &survivor.profile_name)
            < (loser.profile_name_at, &loser.profile_name)
        {
            survivor.profile_name = loser.profile_name;
            survivor.profile_name_at = loser.profile_name_at;
        }
        if let Some(at) = loser.marketing.at {
            let stopped = loser.marketing.state == crate::people::MarketingState::OptedOut;
            survivor.marketing = survivor.marketing.merge(stopped, at);
        }
        for row in self
            .identities
            .values_mut()
            .filter(|row| row.now.contact_id == loser_id)
        {
            row.now.contact_id = survivor_id;
        }
        self.merged.push((loser_id, survivor_id));
        let subjects = Subjects {
            contact_id: Some(survivor_id),
            ..Subjects::default()
        };
        self.events.push(
            NewEvent::new(
                EventKind::ContactMerged,
                place.received_at,
                Actor::SYSTEM,
                subjects,
            )
            .with("merged", loser_id),
        );
        self.join_leads(survivor_id, loser_id, place);
        self.join_conversations(survivor_id, loser_id);
    }

    /// A lead that was made by itself and that nobody touched folds into an open one of the same pipeline: it is as if
    /// it had never been made, but for the events that tell of it.
    fn join_leads(&mut self, survivor_id: ContactId, loser_id: ContactId, place: &Place) {
        let of = |world: &Self, contact: ContactId| -> Vec<LeadId> {
            world
                .leads
                .values()
                .filter(|lead| lead.now.contact_id == contact)
                .map(|lead| lead.now.id)
                .collect()
        };
        for moved in of(self, loser_id) {
            let Some(lead) = self.leads.get(&moved).map(|tracked| tracked.now.clone()) else {
                continue;
            };
            let twin = of(self, survivor_id)
                .into_iter()
                .filter_map(|id| self.leads.get(&id).map(|tracked| tracked.now.clone()))
                .find(|other| other.pipeline_id == lead.pipeline_id && other.closed_at.is_none());
            let folds = match &twin {
                Some(other) if !lead.touched => Some((lead.id, other.id)),
                Some(other) if !other.touched => Some((other.id, lead.id)),
                _ => None,
            };
            if let Some(lead) = self.leads.get_mut(&moved) {
                lead.now.contact_id = survivor_id;
            }
            if let Some((folded, kept)) = folds {
                self.fold_lead(folded, kept, place);
            }
        }
    }

    fn fold_lead(&mut self, folded: LeadId, kept: LeadId, place: &Place) {
        let Some(gone) = self.leads.remove(&folded) else {
            return;
        };
        if gone.before.is_some() {
            self.folded.push(folded);
        }
        if let Some(lead) = self.leads.get_mut(&kept) {
            lead.now.begin_with(gone.now.created_at, gone.now.source);
            lead.now.created_at = lead.now.created_at.min(gone.now.created_at);
        }
        let subjects = Subjects {
            lead_id: Some(kept),
            ..Subjects::default()
        };
        self.events.push(
            NewEvent::new(
                EventKind::LeadFolded,
                place.received_at,
                Actor::SYSTEM,
                subjects,
            )
            .with("folded", folded),
        );
    }

    fn join_conversations(&mut self, survivor_id: ContactId, loser_id: ContactId) {
        let moved: Vec<ConversationId> = self
            .conversations
            .values()
            .filter(|thread| thread.now.contact_id == loser_id && thread.now.merged_into.is_none())
            .map(|thread| thread.now.id)
            .collect();
        for from in moved {
            let Some(thread) = self
                .conversations
                .get(&from)
                .map(|tracked| tracked.now.clone())
            else {
                continue;
            };
            self.conversation_of.remove(&(thread.channel_id, loser_id));
            let key = (thread.channel_id, survivor_id);
            let Some(to) = self.conversation_of.get(&key).copied() else {
                self.conversation_of.insert(key, from);
                if let Some(tracked) = self.conversations.get_mut(&from) {
                    tracked.now.contact_id = survivor_id;
                }
                continue;
            };
            if let Some(tracked) = self.conversations.get_mut(&to) {
                tracked.now.take_over(&thread);
            }
            if let Some(tracked) = self.conversations.get_mut(&from) {
                tracked.now.contact_id = survivor_id;
                tracked.now.merged_into = Some(to);
            }
            for message in self
                .messages
                .values_mut()
                .filter(|message| message.now.conversation_id == from)
            {
                message.now.conversation_id = to;
            }
            self.moves.push(Move { from, to });
        }
    }
}
