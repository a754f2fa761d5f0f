//! The records of the ledger, and what each does to the world.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    App, From, Gateway, Group, Letter, Message, Number, Person, Portfolio, Settings, Template,
    Waba, World,
};
use crate::clock::{DAY, Millis};
use crate::faults::{Fault, Plan, Preset};

/// One change of the world.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "r", rename_all = "snake_case")]
pub enum Record {
    Settings {
        settings: Box<Settings>,
    },
    App {
        app: Box<App>,
    },
    Portfolio {
        portfolio: Portfolio,
    },
    Waba {
        waba: Box<Waba>,
    },
    Number {
        number: Box<Number>,
    },
    Gateway {
        gateway: Box<Gateway>,
    },
    Template {
        template: Box<Template>,
    },
    Group {
        group: Group,
    },
    Person {
        person: Box<Person>,
    },
    /// Everything of one kind goes, before its replacements come.
    Clear {
        kind: String,
    },
    Message {
        message: Box<Message>,
    },
    Mark {
        wamid: String,
        at: Millis,
        mark: Mark,
    },
    /// What the caller heard of a submission.
    Answer {
        wamid: String,
        answer: String,
    },
    Thread {
        number: String,
        person: String,
        change: ThreadChange,
    },
    Forget {
        person: String,
    },
    Timer {
        due: Millis,
        timer: Timer,
    },
    TimerDone {
        due: Millis,
        seq: u64,
    },
    Hook {
        hook: Box<Hook>,
    },
    HooksDone {
        ids: Vec<u64>,
    },
    HooksGivenUp {
        ids: Vec<u64>,
    },
    HookUnaddressed,
    Media {
        media: Box<Media>,
    },
    MediaGone {
        id: String,
    },
    Upload {
        upload: Upload,
    },
    Clock {
        offset_ms: Millis,
    },
    Plan {
        plan: Box<Plan>,
    },
    Presets {
        presets: Vec<Preset>,
    },
    NextIds {
        ids: Vec<String>,
    },
    NextIdUsed,
}

/// Something that happened to a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "m", rename_all = "snake_case")]
pub enum Mark {
    Sent {
        pricing: Option<Value>,
        conversation: Option<Value>,
        month: Option<String>,
    },
    Delivered,
    /// The person saw it.
    Seen,
    /// The business was told so.
    Read,
    Played,
    Failed {
        code: u32,
    },
    Acknowledged,
    Reaction {
        from: From,
        emoji: String,
    },
    Edited {
        text: String,
    },
    Revoked,
    Answered {
        id: String,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ThreadChange {
    Open { open: bool },
    Typing { until: Millis },
    PhoneSeen { at: Millis },
    TypingEnded,
    NotInContactBook,
}

/// Something that will happen at an instant of the clock.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Timer {
    Send {
        wamid: String,
    },
    Fail {
        wamid: String,
        code: u32,
    },
    Deliver {
        wamid: String,
    },
    Read {
        wamid: String,
    },
    Review {
        template: String,
    },
    /// The next step of a link, unless it has moved since.
    Link {
        gateway: String,
        turn: u64,
    },
    Unpause {
        template: String,
    },
}

/// One change for one app, waiting to be answered 200.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hook {
    pub id: u64,
    pub app: String,
    pub url: String,
    pub at: Millis,
    pub field: String,
    /// The WABA.
    pub entry: String,
    /// Management fields carry their instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_time: Option<i64>,
    pub value: Value,
    /// `message`, `status:delivered`, or the field.
    pub what: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub person: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wamid: Option<String>,
    /// Another provider's webhook: how `value` is written and sent. `app` is then the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<Box<Letter>>,
    /// What is to go wrong with it; decided when it was queued, and forgotten by a restart.
    #[serde(skip)]
    pub fault: Fault,
}

/// A file's description. Its bytes lie in the media folder (or in memory), under the same id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Media {
    pub id: String,
    pub number: String,
    pub mime_type: String,
    pub sha256_hex: String,
    pub sha256_base64: String,
    pub size_bytes: usize,
    pub filename: Option<String>,
    pub at: Millis,
    pub expires_at: Millis,
    /// From a person: its id came in a webhook.
    pub inbound: bool,
    pub voice: bool,
}

/// A resumable upload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Upload {
    pub id: String,
    pub app: String,
    pub file_type: String,
    pub file_length: usize,
    pub received: usize,
}

impl World {
    /// The only way the world changes, live and in replay.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::Settings { settings } => self.settings = (**settings).clone(),
            Record::App { app } => put(&mut self.apps, app, |a| &a.id),
            Record::Portfolio { portfolio } => put(&mut self.portfolios, portfolio, |p| &p.id),
            Record::Waba { waba } => put(&mut self.wabas, waba, |w| &w.id),
            Record::Number { number } => put(&mut self.numbers, number, |n| &n.id),
            Record::Template { template } => put(&mut self.templates, template, |t| &t.id),
            Record::Gateway { gateway } => self.put_gateway(gateway),
            Record::Group { group } => put(&mut self.groups, group, |g| &g.id),
            Record::Person { person } => self.put_person(person),
            Record::Clear { kind } => self.clear(kind),
            Record::Message { message } => self.put_message(message),
            Record::Mark { wamid, at, mark } => self.mark(wamid, *at, mark),
            Record::Answer { wamid, answer } => {
                if let Some(message) = self.message_mut(wamid) {
                    message.state.answer = Some(answer.clone());
                }
            }
            Record::Thread {
                number,
                person,
                change,
            } => self.change_thread(number, person, change),
            Record::Forget { person } => self.forget(person),
            Record::Timer { due, timer } => {
                self.next_timer += 1;
                self.timers.insert((*due, self.next_timer), timer.clone());
            }
            Record::TimerDone { due, seq } => {
                self.timers.remove(&(*due, *seq));
            }
            Record::Hook { hook } => {
                self.next_hook = self.next_hook.max(hook.id + 1);
                self.hooks.insert(hook.id, (**hook).clone());
            }
            Record::HooksDone { ids } => self.hooks_delivered += self.drop_hooks(ids),
            Record::HooksGivenUp { ids } => self.hooks_given_up += self.drop_hooks(ids),
            Record::HookUnaddressed => self.hooks_unaddressed += 1,
            Record::Media { media } => {
                self.media.insert(media.id.clone(), (**media).clone());
            }
            Record::MediaGone { id } => {
                self.media.remove(id);
            }
            Record::Upload { upload } => {
                self.uploads.insert(upload.id.clone(), upload.clone());
            }
            Record::Clock { offset_ms } => self.offset_ms = *offset_ms,
            Record::Plan { plan } => self.plan = (**plan).clone(),
            Record::Presets { presets } => self.presets.clone_from(presets),
            Record::NextIds { ids } => self.next_ids.extend(ids.iter().cloned()),
            Record::NextIdUsed => {
                self.next_ids.pop_front();
            }
        }
    }

    fn clear(&mut self, kind: &str) {
        match kind {
            "apps" => self.apps.clear(),
            "portfolios" => self.portfolios.clear(),
            "wabas" => self.wabas.clear(),
            "numbers" => {
                let gateways = std::mem::take(&mut self.gateways);
                self.numbers
                    .retain(|number| gateways.iter().any(|gateway| gateway.id == number.id));
                self.gateways = gateways;
            }
            "gateways" => {
                let gateways = std::mem::take(&mut self.gateways);
                self.numbers
                    .retain(|number| gateways.iter().all(|gateway| gateway.id != number.id));
            }
            "templates" => self.templates.clear(),
            "groups" => self.groups.clear(),
            "persons" => {
                self.persons.clear();
                self.person_at.clear();
            }
            _ => {}
        }
    }

    /// Persons are found by id, by `+phone` and by `@user id`; an old phone no longer finds them.
    fn put_person(&mut self, person: &Person) {
        let at = match self.person_at.get(&person.id) {
            Some(at) => *at,
            None => {
                self.persons.push(Person::default());
                self.persons.len() - 1
            }
        };
        let old = std::mem::replace(&mut self.persons[at], person.clone());
        self.person_at.remove(&format!("+{}", old.phone));
        for user_id in old.user_ids.values() {
            self.person_at.remove(&format!("@{user_id}"));
        }
        self.person_at.insert(person.id.clone(), at);
        self.person_at.insert(format!("+{}", person.phone), at);
        for user_id in person.user_ids.values() {
            self.person_at.insert(format!("@{user_id}"), at);
        }
    }

    fn put_message(&mut self, message: &Message) {
        let at = self.messages.len();
        self.message_at.insert(message.wamid.clone(), at);
        let thread = self
            .threads
            .entry((message.number.clone(), message.person.clone()))
            .or_default();
        thread.messages.push(at);
        match message.from {
            From::Person if message.kind != "system" => {
                thread.last_inbound_at = Some(message.at);
                if message.referral.is_some() {
                    thread.ad_at = Some(message.at);
                }
            }
            From::Business if message.is_submission() => {
                thread.answered(message.at);
                thread.typing_until = None;
                self.count_submission(message);
            }
            From::Person | From::Business => {}
        }
        self.messages.push(message.clone());
        self.note_phone(message);
    }

    /// A phone that passed between the two is remembered by the number for 30 days, and by the
    /// portfolio's contact book.
    fn note_phone(&mut self, message: &Message) {
        let passed = match message.from {
            From::Person => self
                .person(&message.person)
                .is_some_and(|person| !person.hidden),
            From::Business => !message.by_user_id && !message.group,
        };
        if passed {
            let change = ThreadChange::PhoneSeen { at: message.at };
            self.change_thread(&message.number, &message.person, &change);
        }
    }

    fn count_submission(&mut self, message: &Message) {
        if let Some(opaque) = &message.opaque
            && !self.opaque_seen.insert(opaque.clone())
        {
            self.opaque_repeated += 1;
        }
        if message.initiated
            && let Some(portfolio) = self.portfolio_of(&message.number).map(|p| p.id.clone())
        {
            let reached = self.initiated.entry(portfolio).or_default();
            reached.push_back((message.at, message.person.clone()));
            while reached
                .front()
                .is_some_and(|(at, _)| message.at - at >= DAY)
            {
                reached.pop_front();
            }
        }
    }

    fn message_mut(&mut self, wamid: &str) -> Option<&mut Message> {
        self.message_at
            .get(wamid)
            .and_then(|at| self.messages.get_mut(*at))
    }

    fn mark(&mut self, wamid: &str, at: Millis, mark: &Mark) {
        let Some(message) = self.message_mut(wamid) else {
            return;
        };
        let (arrived, seen) = (message.state.delivered_at.is_some(), message.state.seen);
        let state = &mut message.state;
        match mark {
            Mark::Sent {
                pricing,
                conversation,
                month,
            } => {
                state.sent_at = Some(at);
                state.pricing.clone_from(pricing);
                state.conversation.clone_from(conversation);
                if let Some(month) = month {
                    let key = (message.number.clone(), month.clone());
                    *self.service_counts.entry(key).or_default() += 1;
                }
                return;
            }
            Mark::Delivered => state.delivered_at = Some(at),
            Mark::Seen => state.seen = true,
            Mark::Read => state.read_at = Some(at),
            Mark::Played => state.played_at = Some(at),
            Mark::Failed { code } => state.failed = Some((at, *code)),
            Mark::Acknowledged => state.acknowledged = true,
            Mark::Reaction { from, emoji } => {
                let side = if *from == From::Person {
                    "person"
                } else {
                    "business"
                };
                if emoji.is_empty() {
                    state.reactions.remove(side);
                } else {
                    state.reactions.insert(side, emoji.clone());
                }
            }
            Mark::Edited { text } => state.edited = Some(text.clone()),
            Mark::Revoked => state.revoked = true,
            Mark::Answered { id } => state.answered = Some(id.clone()),
        }
        let unread = match (message.from, mark) {
            (From::Business, Mark::Delivered) if !arrived => 1_isize,
            (From::Business, Mark::Seen) if !seen => -1,
            _ => return,
        };
        let key = (message.number.clone(), message.person.clone());
        if let Some(thread) = self.threads.get_mut(&key) {
            thread.unread = thread.unread.saturating_add_signed(unread);
        }
    }

    fn change_thread(&mut self, number: &str, person: &str, change: &ThreadChange) {
        if let ThreadChange::NotInContactBook = change {
            if let Some(portfolio) = self.portfolio_of(number).map(|p| p.id.clone()) {
                self.contact_book.remove(&(portfolio, person.to_owned()));
            }
            return;
        }
        let portfolio = self.portfolio_of(number).map(|p| p.id.clone());
        let thread = self
            .threads
            .entry((number.to_owned(), person.to_owned()))
            .or_default();
        match change {
            ThreadChange::Open { open } => thread.open = *open,
            ThreadChange::Typing { until } => thread.typing_until = Some(*until),
            ThreadChange::TypingEnded => thread.typing_until = None,
            ThreadChange::PhoneSeen { at } => {
                thread.phone_seen_at = Some(*at);
                if let Some(portfolio) = portfolio {
                    self.contact_book.insert((portfolio, person.to_owned()));
                }
            }
            ThreadChange::NotInContactBook => {}
        }
    }

    /// Every business forgets a person's phone.
    fn forget(&mut self, person: &str) {
        self.contact_book.retain(|(_, who)| who != person);
        for ((_, who), thread) in &mut self.threads {
            if who == person {
                thread.phone_seen_at = None;
            }
        }
    }

    fn drop_hooks(&mut self, ids: &[u64]) -> u64 {
        ids.iter()
            .filter(|id| self.hooks.remove(id).is_some())
            .map(|_| 1)
            .sum()
    }
}

fn put<T: Clone>(list: &mut Vec<T>, thing: &T, id: impl Fn(&T) -> &String) {
    match list.iter_mut().find(|other| id(other) == id(thing)) {
        Some(other) => *other = thing.clone(),
        None => list.push(thing.clone()),
    }
}
