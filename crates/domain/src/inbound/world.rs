//! The part of a workspace's state that a batch touches.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::answers::Answer;
use crate::conversation::Conversation;
use crate::event::NewEvent;
use crate::id::{
    ChannelId, ConnectionId, ContactId, ConversationId, Id, Kind, LeadId, MediaId, MessageId,
};
use crate::message::{Fact, Message};
use crate::people::{Contact, Identity, Lead};

/// A thing as it was loaded (`None`: it is new) and as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracked<T> {
    pub before: Option<T>,
    pub now: T,
}

impl<T: Clone + PartialEq> Tracked<T> {
    #[must_use]
    pub fn loaded(value: T) -> Self {
        Self {
            before: Some(value.clone()),
            now: value,
        }
    }

    #[must_use]
    pub const fn new(value: T) -> Self {
        Self {
            before: None,
            now: value,
        }
    }

    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.before.as_ref() != Some(&self.now)
    }
}

/// Whose a name is. `retired_at`: the person has had another number since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityRow {
    pub contact_id: ContactId,
    pub retired_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct StoredFact {
    pub fact: Fact,
    pub is_new: bool,
}

/// Two threads became one: what hangs on the first now hangs on the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub from: ConversationId,
    pub to: ConversationId,
}

/// The provider's name of a message.
pub type ProviderKey = (ConnectionId, String);

#[derive(Debug, Default)]
pub struct World {
    pub contacts: BTreeMap<ContactId, Tracked<Contact>>,
    pub identities: HashMap<Identity, Tracked<IdentityRow>>,
    pub conversations: BTreeMap<ConversationId, Tracked<Conversation>>,
    /// Open leads of the contacts.
    pub leads: BTreeMap<LeadId, Tracked<Lead>>,
    pub messages: BTreeMap<MessageId, Tracked<Message>>,
    pub by_provider_id: HashMap<ProviderKey, MessageId>,
    pub facts: HashMap<ProviderKey, Vec<StoredFact>>,
    /// Digests of changes without ids of their own that were applied before.
    pub seen: HashSet<String>,
    pub newly_seen: Vec<String>,
    /// In the order in which they happened.
    pub events: Vec<NewEvent>,
    pub moves: Vec<Move>,
    /// Outgoing messages whose fate a report has told, whatever came of our call.
    pub settled: Vec<MessageId>,
    /// Files to fetch.
    pub files: Vec<(MessageId, MediaId)>,
    /// Contacts that are now others: loser to survivor.
    pub merged: Vec<(ContactId, ContactId)>,
    /// Leads that went into others and are no more.
    pub folded: Vec<LeadId>,
    /// Messages that came late: a person should look.
    pub late: Vec<MessageId>,
    /// Who wrote to us now.
    pub answers: Vec<Answer>,
    /// What the business wrote in its own app: the provider's id and when.
    pub typed: Vec<(String, Timestamp)>,
    pub(super) conversation_of: HashMap<(ChannelId, ContactId), ConversationId>,
}

impl World {
    pub fn add_contact(&mut self, contact: Contact) {
        self.contacts.insert(contact.id, Tracked::loaded(contact));
    }

    pub fn add_identity(&mut self, identity: Identity, row: IdentityRow) {
        self.identities.insert(identity, Tracked::loaded(row));
    }

    pub fn add_conversation(&mut self, conversation: Conversation) {
        self.conversation_of.insert(
            (conversation.channel_id, conversation.contact_id),
            conversation.id,
        );
        self.conversations
            .insert(conversation.id, Tracked::loaded(conversation));
    }

    pub fn add_lead(&mut self, lead: Lead) {
        self.leads.insert(lead.id, Tracked::loaded(lead));
    }

    pub fn add_message(&mut self, message: Message) {
        if let (Some(connection), Some(provider_id)) = (message.connection_id, &message.provider_id)
        {
            self.by_provider_id
                .insert((connection, provider_id.clone()), message.id);
        }
        self.messages.insert(message.id, Tracked::loaded(message));
    }

    pub fn add_fact(&mut self, key: ProviderKey, fact: Fact) {
        self.facts.entry(key).or_default().push(StoredFact {
            fact,
            is_new: false,
        });
    }
}

/// Makes ids. Chance is an argument: the caller gives it.
pub struct Mint<'a> {
    pub chance: &'a mut dyn FnMut() -> u128,
}

impl Mint<'_> {
    pub fn id<K: Kind>(&mut self, at: Timestamp) -> Id<K> {
        Id::from_parts(at.as_millisecond(), (self.chance)())
    }
}
