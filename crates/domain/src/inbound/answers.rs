//! That somebody answered: what mailings, instant replies and a number's risk need to know. A one-way channel learns
//! nothing else of a person's message.

use super::Place;
use super::world::World;
use crate::content::Content;
use crate::event::{Actor, EventKind, NewEvent, Subjects};
use crate::id::{ContactId, ConversationId, MessageId};
use crate::message::Message;
use crate::report::AnswerReport;
use crate::text;
use jiff::Timestamp;

/// Somebody wrote to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub conversation_id: ConversationId,
    pub contact_id: ContactId,
    /// `None` where only the fact of it was told.
    pub message_id: Option<MessageId>,
    pub at: Timestamp,
    /// It came so late that nothing automatic follows from it.
    pub late: bool,
    /// Asked to be left alone.
    pub opt_out: bool,
}

impl World {
    /// A message of a person, as an answer.
    pub(super) fn answered_by(&mut self, message: &Message, contact_id: ContactId, place: &Place) {
        let opt_out = asks_to_stop(&message.content);
        self.answers.push(Answer {
            conversation_id: message.conversation_id,
            contact_id,
            message_id: Some(message.id),
            at: message.at,
            late: message.late,
            opt_out,
        });
        if opt_out {
            self.stop_marketing(contact_id, message.at, place);
        }
    }

    /// The fact of an answer on a one-way channel. Nobody is made a contact by it.
    pub(super) fn answered(&mut self, report: &AnswerReport, place: &Place) {
        let moment = place.moment(report.at);
        let known = report
            .person
            .identities(place)
            .into_iter()
            .find_map(|identity| Some(self.identities.get(&identity)?.now.contact_id));
        let Some(contact_id) = known.map(|id| self.survivor(id)) else {
            return;
        };
        let Some(conversation_id) = self
            .conversation_of
            .get(&(place.channel_id, contact_id))
            .copied()
        else {
            return;
        };
        self.answers.push(Answer {
            conversation_id,
            contact_id,
            message_id: None,
            at: moment.at,
            late: moment.late,
            opt_out: report.opt_out,
        });
        let subjects = Subjects {
            conversation_id: Some(conversation_id),
            contact_id: Some(contact_id),
            channel_id: Some(place.channel_id),
            ..Subjects::default()
        };
        let event = NewEvent::new(
            EventKind::ConversationAnswered,
            place.received_at,
            Actor::PERSON,
            subjects,
        );
        self.events.push(event.with("opt_out", report.opt_out));
        if report.opt_out {
            self.stop_marketing(contact_id, moment.at, place);
        }
    }
}

/// Whether a message does nothing but ask to be left alone.
#[must_use]
pub fn asks_to_stop(content: &Content) -> bool {
    match content {
        Content::Text { text, .. } => text::asks_to_stop(text),
        Content::ButtonReply { title, .. } => text::asks_to_stop(title),
        _ => false,
    }
}
