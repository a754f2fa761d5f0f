//! The world: everything the sandbox knows, and the only way it changes.
//!
//! A change is a [`Record`]. [`World::apply`] is called with it when it happens and again when the ledger is replayed, so whatever is to survive a restart must be said in a record; what `apply` derives (indices, windows, counts) need not.

mod gateway;
mod gateway_seed;
mod letter;
mod message;
mod record;
mod seed;
mod things;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

pub use gateway::{Carried, Gateway, Link, LinkState, Provider};
pub use letter::{Letter, Retry};
pub use message::{From, Message, State, Thread};
pub use record::{Hook, Mark, Media, Record, ThreadChange, Timer, Upload};
pub use seed::{Setup, default_world};
pub use things::{
    App, Group, Number, Override, Person, Portfolio, Settings, Template, Throughput,
    UnknownNumbers, Waba, country, country_code,
};

use crate::clock::{DAY, Millis};
use crate::faults::{Plan, Preset};

#[derive(Debug, Default)]
pub struct World {
    pub settings: Settings,
    pub apps: Vec<App>,
    pub portfolios: Vec<Portfolio>,
    pub wabas: Vec<Waba>,
    pub numbers: Vec<Number>,
    /// What speaks another API than Meta's; each lies over the number of its id.
    pub gateways: Vec<Gateway>,
    pub templates: Vec<Template>,
    pub groups: Vec<Group>,
    pub persons: Vec<Person>,
    person_at: HashMap<String, usize>,

    pub messages: Vec<Message>,
    message_at: HashMap<String, usize>,
    threads: HashMap<(String, String), Thread>,

    pub media: HashMap<String, Media>,
    pub uploads: HashMap<String, Upload>,
    pub timers: BTreeMap<(Millis, u64), Timer>,
    next_timer: u64,
    /// Webhooks not yet answered 200.
    pub hooks: BTreeMap<u64, Hook>,
    pub next_hook: u64,
    pub hooks_delivered: u64,
    pub hooks_given_up: u64,
    pub hooks_unaddressed: u64,

    pub offset_ms: Millis,
    pub plan: Plan,
    pub presets: Vec<Preset>,
    pub next_ids: VecDeque<String>,
    /// The portfolio's contact book: (portfolio, person).
    contact_book: HashSet<(String, String)>,
    /// By portfolio: who was reached outside a window, oldest first.
    initiated: HashMap<String, VecDeque<(Millis, String)>>,
    /// By number and month: the service messages that were sent.
    service_counts: HashMap<(String, String), u64>,
    opaque_seen: HashSet<String>,
    pub opaque_repeated: u64,
}

impl World {
    pub fn app(&self, id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.id == id)
    }

    pub fn portfolio(&self, id: &str) -> Option<&Portfolio> {
        self.portfolios.iter().find(|portfolio| portfolio.id == id)
    }

    pub fn waba(&self, id: &str) -> Option<&Waba> {
        self.wabas.iter().find(|waba| waba.id == id)
    }

    pub fn number(&self, id: &str) -> Option<&Number> {
        self.numbers.iter().find(|number| number.id == id)
    }

    pub fn template(&self, id: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.id == id)
    }

    /// The template of this name and language that has not been deleted.
    pub fn template_named(&self, waba: &str, name: &str, language: &str) -> Option<&Template> {
        self.templates.iter().find(|template| {
            template.waba == waba
                && template.name == name
                && template.language == language
                && template.deleted_at.is_none()
        })
    }

    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// The portfolio that a number belongs to.
    pub fn portfolio_of(&self, number: &str) -> Option<&Portfolio> {
        let waba = self.waba(&self.number(number)?.waba)?;
        self.portfolio(&waba.portfolio)
    }

    pub fn person(&self, id: &str) -> Option<&Person> {
        self.person_at.get(id).and_then(|at| self.persons.get(*at))
    }

    pub fn person_with_phone(&self, phone: &str) -> Option<&Person> {
        self.person(&format!("+{phone}"))
    }

    pub fn person_with_user_id(&self, user_id: &str) -> Option<&Person> {
        self.person(&format!("@{user_id}"))
    }

    /// By id, phone (digits) or user id.
    pub fn find_person(&self, key: &str) -> Option<&Person> {
        self.person(key)
            .or_else(|| self.person_with_phone(key.trim_start_matches('+')))
            .or_else(|| self.person_with_user_id(key))
    }

    pub fn message(&self, wamid: &str) -> Option<&Message> {
        self.message_at
            .get(wamid)
            .and_then(|at| self.messages.get(*at))
    }

    /// A message's place in the order of all messages, counted from 1.
    pub fn seq(&self, wamid: &str) -> usize {
        self.message_at.get(wamid).map_or(0, |at| at + 1)
    }

    pub fn thread(&self, number: &str, person: &str) -> Option<&Thread> {
        self.threads.get(&(number.to_owned(), person.to_owned()))
    }

    /// The numbers that a person has a thread with.
    pub fn numbers_of(&self, person: &str) -> Vec<String> {
        let met = |number: &&Number| self.thread(&number.id, person).is_some();
        self.numbers
            .iter()
            .filter(met)
            .map(|number| number.id.clone())
            .collect()
    }

    /// Whether a business number may know this person's phone: it is not hidden, or it passed
    /// between them within 30 days, or it is in the portfolio's contact book.
    pub fn phone_known(&self, number: &str, person: &Person, now: Millis) -> bool {
        if !person.hidden {
            return true;
        }
        let seen = self
            .thread(number, &person.id)
            .and_then(|thread| thread.phone_seen_at);
        if seen.is_some_and(|at| now - at < 30 * DAY) {
            return true;
        }
        self.portfolio_of(number).is_some_and(|portfolio| {
            portfolio.contact_book
                && self
                    .contact_book
                    .contains(&(portfolio.id.clone(), person.id.clone()))
        })
    }

    /// How many people a portfolio reached outside a window in the last day, and whether this person
    /// is one of them.
    pub fn reached(&self, portfolio: &str, person: &str, now: Millis) -> (usize, bool) {
        let recent = self.initiated.get(portfolio).into_iter().flatten();
        let unique: HashSet<&str> = recent
            .filter(|(at, _)| now - at < DAY)
            .map(|(_, who)| who.as_str())
            .collect();
        (unique.len(), unique.contains(person))
    }

    /// The service messages that a number has sent in a month (`2026-11`).
    pub fn service_count(&self, number: &str, month: &str) -> u64 {
        self.service_counts
            .get(&(number.to_owned(), month.to_owned()))
            .copied()
            .unwrap_or(0)
    }

    /// Takes the pending webhooks off what `apply` has just queued.
    pub fn pending_hooks(&self) -> Vec<Hook> {
        self.hooks.values().cloned().collect()
    }
}
