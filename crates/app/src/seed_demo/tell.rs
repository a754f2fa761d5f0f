//! Telling the history: each part's lines become reports that are folded into an empty world, with the times of back
//! then, and the world is saved as a lane would save it.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::content::{Content, MediaContent, MediaSource};
use domain::conversation::ConversationState;
use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::id::{AccountId, ConversationId, MediaId, MessageId, UserId};
use domain::inbound::{Mint, Place, Tracked, World};
use domain::message::{Author, AuthorKind, Delivery, Direction, Message, Receipts};
use domain::report::{
    MessageReport, Person, PreferenceReport, ProviderError, ReactionReport, Receipt, Referral,
    Report, StatusReport,
};
use domain::template::Template;
use jiff::{SignedDuration, Timestamp};
use store::templates;
use whatsapp::meta::errors::failure_of;

use super::cast::{CAST, Line, Part};
use super::files::{self, DemoFile};
use super::save::{Told, buttons, office, save, spouse, stored, text};
use super::{Furnished, PEOPLE, phone_of};
use crate::{App, Refusal, RefusalKind, Result};

/// Tells all of it, the oldest first.
///
/// # Errors
/// When the number is not connected, or the database or the disk says no.
pub async fn history(app: &App, demo: &Furnished) -> Result<usize> {
    let directory = app.directory.get();
    let missing = || Refusal::new(RefusalKind::Conflict, "channel_disconnected");
    let line = directory.line(demo.channel_id).ok_or_else(missing)?;
    let connection = line.channel.connection.clone().ok_or_else(missing)?;
    let known = app
        .store
        .read(demo.workspace_id, |tx, id| {
            Box::pin(templates::list(tx, *id))
        })
        .await?;
    let account_scope = connection.account_id.bare();
    let place = Place {
        channel_id: demo.channel_id,
        connection_id: connection.id,
        pipeline_id: demo.pipeline_id,
        first_status_id: line.first_status_id,
        portfolio_scope: connection
            .portfolio_id
            .clone()
            .unwrap_or_else(|| account_scope.clone()),
        account_scope,
        received_at: app.clock.business_now(),
        digest: String::new(),
    };
    for (index, part) in CAST.iter().enumerate() {
        let mut teller = Teller::new(app, demo, &place, &known, part, index);
        teller.tell().await?;
        let told = teller.end(app, connection.account_id);
        app.store
            .write(Arc::new(told), |tx, told| Box::pin(save(tx, told)))
            .await?;
    }
    Ok(CAST.len())
}

/// Chance that is the same every time (splitmix64).
struct Dice(u64);

impl Dice {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }

    fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = u64::try_from(most - least + 1).unwrap_or(1);
        least + i64::try_from(self.next() % span).unwrap_or(0)
    }
}

struct Teller<'a> {
    app: &'a App,
    demo: &'a Furnished,
    place: Place,
    templates: &'a [Template],
    part: &'a Part,
    person: Person,
    world: World,
    dice: Dice,
    at: Timestamp,
    count: usize,
    index: usize,
    /// Our and the person's last messages, by provider id.
    ours: Option<String>,
    theirs: Option<String>,
    files: Vec<(MediaId, Option<MessageId>, DemoFile, String)>,
}

impl<'a> Teller<'a> {
    fn new(
        app: &'a App,
        demo: &'a Furnished,
        place: &Place,
        templates: &'a [Template],
        part: &'a Part,
        index: usize,
    ) -> Self {
        let mut dice = Dice(0x6B65_7368_6572 + index as u64);
        let person = Person {
            phone: Some(phone_of(index)),
            profile_name: Some(part.name.to_owned()),
            ..Person::default()
        };
        let minute = dice.between(0, 480);
        let begin = app.clock.business_now() - SignedDuration::from_hours(24 * part.days_ago)
            + SignedDuration::from_mins(minute - 240);
        Self {
            app,
            demo,
            place: place.clone(),
            templates,
            part,
            person,
            world: World::default(),
            dice,
            at: begin,
            count: 0,
            index,
            ours: None,
            theirs: None,
            files: vec![],
        }
    }

    async fn tell(&mut self) -> Result<()> {
        let referral = self.part.ad.map(|headline| Referral {
            source_type: Some("ad".to_owned()),
            source_id: Some("931209233989177503".to_owned()),
            source_url: Some("https://fb.me/example1".to_owned()),
            headline: Some(headline.to_owned()),
            body: Some("כל מה שצריך לדעת לפני שמתחילים".to_owned()),
            ..Referral::default()
        });
        self.receive(
            text(self.part.opening),
            None,
            referral,
            SignedDuration::ZERO,
        );
        for line in self.part.talk {
            let minutes = self.dice.between(2, 25);
            self.at += SignedDuration::from_mins(minutes);
            self.line(*line).await?;
        }
        Ok(())
    }

    async fn line(&mut self, line: Line) -> Result<()> {
        match line {
            Line::In(words) => self.receive(text(words), None, None, SignedDuration::ZERO),
            Line::InQuoting(words) => {
                let quoted = self.ours.clone();
                self.receive(text(words), quoted, None, SignedDuration::ZERO);
            }
            Line::InLate(words) => {
                self.receive(text(words), None, None, SignedDuration::from_hours(3));
            }
            Line::Picture(caption) => {
                let shade = u8::try_from(self.index * 3 % 40).unwrap_or(0);
                self.receive_file(files::payslip(shade), Some(caption), false)
                    .await?;
            }
            Line::Voice => self.receive_file(files::voice(), None, true).await?,
            Line::Place => self.receive(office(), None, None, SignedDuration::ZERO),
            Line::Card => self.receive(spouse(), None, None, SignedDuration::ZERO),
            Line::Poll => {
                let content = Content::Unsupported {
                    original: Some("poll".to_owned()),
                    code: Some(131_051),
                };
                self.receive(content, None, None, SignedDuration::ZERO);
            }
            Line::Press(title) => {
                let content = Content::ButtonReply {
                    id: title.to_owned(),
                    title: title.to_owned(),
                };
                let quoted = self.ours.clone();
                self.receive(content, quoted, None, SignedDuration::ZERO);
            }
            Line::Out(words) => self.send(text(words), None, None),
            Line::OutQuoting(words) => {
                let quoted = self.theirs.clone();
                self.send(text(words), quoted, None);
            }
            Line::OutDocument(caption) => self.send_document(caption).await?,
            Line::OutButtons(body, titles) => self.send(buttons(body, titles), None, None),
            Line::OutFailed(words, code) => self.send(text(words), None, Some(code)),
            Line::Template(name, values) => self.send_template(name, values),
            Line::Note(words) => self.note(words),
            Line::PersonReacts(emoji) => self.react(self.ours.clone(), emoji, false),
            Line::WeReact(emoji) => self.react(self.theirs.clone(), emoji, true),
            Line::Stops => {
                let report = PreferenceReport {
                    person: self.person.clone(),
                    stopped: true,
                    at: Some(self.at),
                };
                self.fold(Report::Preference(report));
            }
            Line::Later => {
                let hours = self.dice.between(20, 44);
                let latest = self.app.clock.business_now() - SignedDuration::from_hours(2);
                self.at = (self.at + SignedDuration::from_hours(hours)).min(latest);
            }
        }
        Ok(())
    }

    fn provider_id(&mut self) -> String {
        self.count += 1;
        format!("wamid.DEMO{:03}{:03}", self.index, self.count)
    }

    fn fold(&mut self, report: Report) {
        self.place.received_at = self.at;
        self.place.digest = format!("demo:{}:{}", self.index, self.count);
        let ids = Arc::clone(&self.app.ids);
        let mut chance = move || ids.chance();
        let mut mint = Mint {
            chance: &mut chance,
        };
        self.world
            .apply(report, &self.place, &mut mint, &failure_of);
    }

    fn receive(
        &mut self,
        content: Content,
        reply_to: Option<String>,
        referral: Option<Referral>,
        late: SignedDuration,
    ) {
        let provider_id = self.provider_id();
        let report = MessageReport {
            provider_id: provider_id.clone(),
            person: self.person.clone(),
            sent_at: Some(self.at - late),
            content,
            reply_to,
            forwarded: false,
            referral,
            group_id: None,
        };
        self.fold(Report::Message(report));
        self.theirs = Some(provider_id);
    }

    async fn receive_file(
        &mut self,
        file: DemoFile,
        caption: Option<&str>,
        voice: bool,
    ) -> Result<()> {
        let mut content = MediaContent::new(file.media_kind);
        content.source = Some(MediaSource::Id(format!("demo{}", self.index)));
        content.mime_type = Some(file.mime_type.to_owned());
        content.filename = file.filename.map(ToOwned::to_owned);
        content.caption = caption.map(ToOwned::to_owned);
        content.voice = voice;
        self.receive(Content::Media(content), None, None, SignedDuration::ZERO);
        // The fold has asked for it to be fetched; it is here already.
        if let Some((message_id, media_id)) = self.world.files.pop() {
            let name = self.app.files.put(file.bytes.clone().into()).await?;
            self.files.push((media_id, Some(message_id), file, name));
        }
        Ok(())
    }

    fn thread_id(&self) -> Option<ConversationId> {
        self.world.conversations.keys().next().copied()
    }

    fn author(&self) -> Author {
        let user_id = self
            .demo
            .users
            .get(self.part.of)
            .or(self.demo.users.first())
            .copied();
        Author {
            kind: AuthorKind::User,
            user_id,
        }
    }

    fn send(&mut self, content: Content, reply_to: Option<String>, fails: Option<i64>) {
        let Some(conversation_id) = self.thread_id() else {
            return;
        };
        let provider_id = self.provider_id();
        let message = Message {
            connection_id: Some(self.place.connection_id),
            provider_id: Some(provider_id.clone()),
            reply_to,
            delivery: Some(Delivery::Accepted),
            receipts: Receipts {
                accepted_at: Some(self.at),
                ..Receipts::default()
            },
            ..Message::queued(
                self.app.ids.next(self.at),
                conversation_id,
                self.author(),
                content,
                self.at,
            )
        };
        let key = (self.place.connection_id, provider_id.clone());
        self.world.by_provider_id.insert(key, message.id);
        self.put(message, EventKind::MessageQueued);
        let stages: &[(Receipt, i64)] = if fails.is_some() {
            &[(Receipt::Failed, 2)]
        } else {
            &[
                (Receipt::Sent, 1),
                (Receipt::Delivered, 3),
                (Receipt::Read, 70),
            ]
        };
        let now = self.at;
        for (receipt, seconds) in stages {
            self.at = now + SignedDuration::from_secs(*seconds);
            let errors = fails
                .filter(|_| *receipt == Receipt::Failed)
                .map(|code| ProviderError {
                    code,
                    title: Some("Message undeliverable".to_owned()),
                    details: None,
                });
            self.fold(Report::Status(StatusReport {
                provider_id: provider_id.clone(),
                receipt: *receipt,
                at: Some(self.at),
                person: self.person.clone(),
                our_id: None,
                pricing: None,
                free_entry_point_expires_at: None,
                errors: errors.into_iter().collect(),
                group_id: None,
            }));
        }
        self.ours = Some(provider_id);
    }

    /// Puts a message of the team's into the world.
    fn put(&mut self, message: Message, kind: EventKind) {
        let Some(thread) = self.world.conversations.get_mut(&message.conversation_id) else {
            return;
        };
        thread.now.receive(&message, false);
        let subjects = Subjects {
            message_id: Some(message.id),
            conversation_id: Some(message.conversation_id),
            contact_id: Some(thread.now.contact_id),
            channel_id: Some(thread.now.channel_id),
            ..Subjects::default()
        };
        let actor = Actor {
            kind: message.author.kind,
            user_id: message.author.user_id,
        };
        let event =
            NewEvent::new(kind, message.at, actor, subjects).with("kind", message.content.kind());
        self.world.events.push(event);
        self.world
            .messages
            .insert(message.id, Tracked::new(message));
    }

    fn note(&mut self, words: &str) {
        let Some(conversation_id) = self.thread_id() else {
            return;
        };
        let message = Message {
            direction: Direction::Note,
            delivery: None,
            ..Message::queued(
                self.app.ids.next(self.at),
                conversation_id,
                self.author(),
                text(words),
                self.at,
            )
        };
        self.put(message, EventKind::MessageNoted);
    }

    async fn send_document(&mut self, caption: &str) -> Result<()> {
        let file = files::offer();
        let name = self.app.files.put(file.bytes.clone().into()).await?;
        let media_id: MediaId = self.app.ids.next(self.at);
        let mut content = MediaContent::new(file.media_kind);
        content.media_id = Some(media_id);
        content.mime_type = Some(file.mime_type.to_owned());
        content.filename = file.filename.map(ToOwned::to_owned);
        content.caption = Some(caption.to_owned());
        self.files.push((media_id, None, file, name));
        self.send(Content::Media(content), None, None);
        Ok(())
    }

    fn send_template(&mut self, name: &str, values: &[&str]) {
        let found = self
            .templates
            .iter()
            .find(|template| template.name == name && template.language == "he");
        let Some(template) = found else { return };
        let filled: BTreeMap<String, String> = template
            .body
            .variables()
            .into_iter()
            .enumerate()
            .map(|(index, variable)| {
                let value = values.get(index).map(|value| (*value).to_owned());
                (variable.key, value.or(variable.example).unwrap_or_default())
            })
            .collect();
        if let Ok(content) = template.fill(&filled, None) {
            self.send(Content::Template(content), None, None);
        }
    }

    fn react(&mut self, target: Option<String>, emoji: &str, by_business: bool) {
        let Some(target) = target else { return };
        let report = ReactionReport {
            provider_id: self.provider_id(),
            person: self.person.clone(),
            at: Some(self.at),
            target,
            emoji: Some(emoji.to_owned()),
            by_business,
        };
        self.fold(Report::Reaction(report));
    }

    /// What the team has made of the lead and the thread by now.
    fn end(mut self, app: &App, account_id: AccountId) -> Told {
        let assignee = self
            .demo
            .users
            .get(self.part.of)
            .copied()
            .filter(|_| self.part.of < PEOPLE.len());
        for thread in self.world.conversations.values_mut() {
            thread.now.assignee_id = assignee;
            thread.now.unread_count = 0;
            if self.part.resolved {
                thread.now.state = ConversationState::Resolved;
            }
        }
        self.end_lead(assignee);
        let late = self.world.late.clone();
        Told {
            workspace_id: self.demo.workspace_id,
            accounts: BTreeMap::from([(self.place.connection_id, account_id)]),
            late: late
                .into_iter()
                .map(|id| (app.ids.next(self.at), id))
                .collect(),
            world: std::sync::Mutex::new(Some(self.world)),
            files: self
                .files
                .into_iter()
                .map(|(id, message_id, file, name)| {
                    stored(id, message_id, account_id, &file, name, self.at)
                })
                .collect(),
            at: self.at,
            machine_now: app.clock.machine_now(),
        }
    }

    fn end_lead(&mut self, assignee: Option<UserId>) {
        let Some(lead) = self.world.leads.values_mut().next() else {
            return;
        };
        let lead = &mut lead.now;
        lead.assignee_id = assignee;
        let before = lead.status_id;
        if let Some(status) = self.demo.statuses.get(self.part.status) {
            lead.status_id = *status;
        }
        lead.touched = lead.status_id != before || assignee.is_some();
        // The last four of the list are the ends.
        lead.closed_at = (self.part.status >= 6).then_some(self.at);
        let mut set = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                lead.fields.insert(key.to_owned(), value);
            }
        };
        set("city", self.part.city.map(ToOwned::to_owned));
        set("purpose", self.part.purpose.map(ToOwned::to_owned));
        set(
            "equity",
            self.part.amount.map(|amount| (amount / 3).to_string()),
        );
        lead.amount_minor = self.part.amount.map(|amount| amount * 100);
        lead.currency = self.part.amount.map(|_| "ILS".to_owned());
        let subjects = Subjects {
            lead_id: Some(lead.id),
            contact_id: Some(lead.contact_id),
            ..Subjects::default()
        };
        let actor = Actor {
            kind: AuthorKind::User,
            user_id: assignee,
        };
        if let Some(user_id) = assignee {
            let event = NewEvent::new(EventKind::LeadChanged, self.at, actor, subjects);
            self.world
                .events
                .push(event.with("what", "assignee").with("to", user_id));
        }
        if lead.status_id != before {
            let event = NewEvent::new(EventKind::LeadChanged, self.at, actor, subjects);
            let event = event
                .with("what", "status")
                .with("from", before)
                .with("to", lead.status_id);
            self.world.events.push(event);
        }
    }
}
