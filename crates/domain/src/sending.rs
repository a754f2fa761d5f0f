//! The one function that decides whether a message may go, now, later or not at all. It is asked twice: as a preview
//! when somebody wants to send, and bindingly inside the transaction that marks the message as being sent.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::channel::{Channel, HealthState, Level, Link};
use crate::content::Content;
use crate::people::{Contact, MarketingState};
use crate::template::Template;
use crate::window;

/// Everything that the decision needs to know. All of it is read in one transaction.
#[derive(Debug, Clone)]
pub struct Sending<'a> {
    pub channel: &'a Channel,
    pub contact: &'a Contact,
    pub window_expires_at: Option<Timestamp>,
    pub content: &'a Content,
    /// The template that `content` names, when it names one.
    pub template: Option<&'a Template>,
    /// Sent by a rule and not by a person.
    pub automatic: bool,
    /// A time that a person chose.
    pub send_at: Option<Timestamp>,
    /// When messages were last sent to this person on this number, newest first; [`PAIR_BURST`] are enough.
    pub recent_sends: &'a [Timestamp],
    /// A restored or copied installation sends nothing until a person releases it.
    pub held: bool,
    pub now: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Now,
    Later {
        until: Timestamp,
        reason: Reason,
    },
    Refused(Refusal),
    /// Kesher cannot send on this number; the agent's own app opens with the text.
    OpensApp,
}

/// Why, with the numbers that the sentence needs. The screens have a sentence for each code, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub code: ReasonCode,
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// Free text may go: the window is open.
    WindowOpen,
    /// An approved template may always go.
    TemplateAllowed,
    /// The channel has no window.
    NoWindow,
    WindowClosed,
    /// The person never wrote on this number.
    WindowNeverOpened,
    Scheduled,
    /// Too many messages to this person in a short time (Meta: one in six seconds, bursts of 45).
    PairLimit,
    TemplateUnknown,
    TemplateNotSendable,
    MarketingOptedOut,
    NoAddress,
    ChannelDisconnected,
    ChannelMissing,
    InstallationHeld,
    OpensApp,
}

/// A no, what to do instead, and which levels would say yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub reason: Reason,
    pub mends: Vec<Mend>,
    pub levels: Vec<Level>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mend {
    ChooseTemplate,
    ChooseOtherTemplate,
    ReconnectChannel,
    Call,
    AddPhone,
    ReleaseInstallation,
}

impl Reason {
    #[must_use]
    pub const fn of(code: ReasonCode) -> Self {
        Self {
            code,
            params: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.params.insert(key.to_owned(), value.to_string());
        self
    }
}

/// Decides. The order of the rules is the order in which a person would want to be told of them: what makes it
/// impossible altogether comes before what only another kind of message would mend.
#[must_use]
pub fn decide(sending: &Sending<'_>) -> Decision {
    if sending.held {
        return refuse(
            Reason::of(ReasonCode::InstallationHeld),
            &[Mend::ReleaseInstallation],
        );
    }
    if sending.channel.link == Link::None {
        return Decision::OpensApp;
    }
    if sending.channel.connection.is_none()
        || sending.channel.health.state == HealthState::Disconnected
    {
        return refuse(
            Reason::of(ReasonCode::ChannelDisconnected),
            &[Mend::ReconnectChannel],
        );
    }
    if sending.contact.phone.is_none() && !has_other_address(sending) {
        return refuse(Reason::of(ReasonCode::NoAddress), &[Mend::AddPhone]);
    }
    if let Some(refusal) = content_refusal(sending) {
        return Decision::Refused(refusal);
    }
    match earliest(sending) {
        Some((until, reason)) => Decision::Later { until, reason },
        None => Decision::Now,
    }
}

/// Why a message that may go may go; for the line above the composer.
#[must_use]
pub fn allowed_reason(sending: &Sending<'_>) -> Reason {
    if matches!(sending.content, Content::Template(_)) {
        return Reason::of(ReasonCode::TemplateAllowed);
    }
    match sending.window_expires_at {
        Some(end) if sending.channel.link.has_window() => {
            Reason::of(ReasonCode::WindowOpen).with("expires_at", end)
        }
        _ => Reason::of(ReasonCode::NoWindow),
    }
}

fn has_other_address(sending: &Sending<'_>) -> bool {
    // A person without a visible phone is reached by their id on the portfolio, which the conversation's own
    // existence proves: only WhatsApp itself can have made it.
    sending.contact.username.is_some() || sending.window_expires_at.is_some()
}

fn content_refusal(sending: &Sending<'_>) -> Option<Refusal> {
    if let Content::Template(content) = sending.content {
        return template_refusal(sending, &content.name);
    }
    if !sending.channel.link.has_window() {
        return None;
    }
    let moment = sending.send_at.unwrap_or(sending.now).max(sending.now);
    if window::is_open(sending.window_expires_at, moment, sending.automatic) {
        return None;
    }
    let reason = match sending.window_expires_at {
        Some(end) => Reason::of(ReasonCode::WindowClosed)
            .with("closed_at", end)
            .with("last_inbound_at", end - window::WINDOW),
        None => Reason::of(ReasonCode::WindowNeverOpened),
    };
    Some(Refusal {
        reason,
        mends: vec![Mend::ChooseTemplate, Mend::Call],
        levels: vec![],
    })
}

fn template_refusal(sending: &Sending<'_>, name: &str) -> Option<Refusal> {
    let Some(template) = sending.template else {
        let reason = Reason::of(ReasonCode::TemplateUnknown).with("name", name);
        return Some(Refusal {
            reason,
            mends: vec![Mend::ChooseOtherTemplate],
            levels: vec![],
        });
    };
    if !template.status.is_sendable() {
        let reason =
            Reason::of(ReasonCode::TemplateNotSendable).with("status", template.status.as_str());
        return Some(Refusal {
            reason,
            mends: vec![Mend::ChooseOtherTemplate],
            levels: vec![],
        });
    }
    let marketing = sending.contact.marketing;
    if template.category.is_marketing() && marketing.state == MarketingState::OptedOut {
        let mut reason = Reason::of(ReasonCode::MarketingOptedOut);
        if let Some(at) = marketing.at {
            reason = reason.with("at", at);
        }
        return Some(Refusal {
            reason,
            mends: vec![Mend::ChooseOtherTemplate, Mend::Call],
            levels: vec![],
        });
    }
    None
}

/// When it may go at the earliest, when that is not now.
fn earliest(sending: &Sending<'_>) -> Option<(Timestamp, Reason)> {
    let scheduled = sending.send_at.filter(|at| *at > sending.now);
    if let Some(until) = scheduled {
        return Some((until, Reason::of(ReasonCode::Scheduled)));
    }
    if !sending.channel.link.has_window() {
        return None;
    }
    pair_wait(sending.recent_sends, sending.now)
        .map(|until| (until, Reason::of(ReasonCode::PairLimit)))
}

/// Messages that may go to one person at once.
pub const PAIR_BURST: usize = 45;
/// What one of them costs afterwards (Meta, "Pair rate limit": one in six seconds, a burst borrows from the future).
pub const PAIR_GAP: SignedDuration = SignedDuration::from_secs(6);

/// When the next message to the same person may go, when not now. `recent` is newest first.
///
/// A bucket of [`PAIR_BURST`] that fills by one in [`PAIR_GAP`]; the answer is exact when `recent` reaches back to a
/// time when the bucket was full, and else on the safe side.
#[must_use]
pub fn pair_wait(recent: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    let gap_ms = i64::try_from(PAIR_GAP.as_millis()).unwrap_or(i64::MAX);
    let full_ms = gap_ms * i64::try_from(PAIR_BURST).unwrap_or(i64::MAX);
    // How much of the bucket is used up, in milliseconds of refilling.
    let mut used_ms: i64 = 0;
    let mut before: Option<Timestamp> = None;
    for sent in recent.iter().rev() {
        if let Some(before) = before {
            used_ms = (used_ms - elapsed_ms(before, *sent)).max(0);
        }
        used_ms += gap_ms;
        before = Some(*sent);
    }
    if let Some(before) = before {
        used_ms = (used_ms - elapsed_ms(before, now)).max(0);
    }
    let over_ms = used_ms + gap_ms - full_ms;
    (over_ms > 0).then(|| now + SignedDuration::from_millis(over_ms))
}

fn elapsed_ms(from: Timestamp, to: Timestamp) -> i64 {
    i64::try_from(to.duration_since(from).as_millis())
        .unwrap_or(0)
        .max(0)
}

fn refuse(reason: Reason, mends: &[Mend]) -> Decision {
    Decision::Refused(Refusal {
        reason,
        mends: mends.to_vec(),
        levels: vec![],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{Connection, Health, Provider};
    use crate::content::TemplateContent;
    use crate::id::{AccountId, ChannelId, ConnectionId, ContactId, PipelineId, TemplateId};
    use crate::people::Marketing;
    use crate::template::{Category, TemplateBody, TemplateStatus};

    fn now() -> Timestamp {
        Timestamp::from_second(1_795_334_400).unwrap()
    }

    fn channel(link: Link) -> Channel {
        Channel {
            id: ChannelId::from_bits(1),
            version: 1,
            name: "main".into(),
            level: Level::BusinessApi,
            link,
            provider: Provider::Meta,
            phone: None,
            pipeline_id: PipelineId::from_bits(1),
            connection: Some(Connection {
                id: ConnectionId::from_bits(1),
                account_id: AccountId::from_bits(1),
                app_id: None,
                waba_id: String::new(),
                portfolio_id: None,
                phone_number_id: String::new(),
                base_url: String::new(),
            }),
            health: Health::default(),
        }
    }

    fn contact() -> Contact {
        Contact {
            id: ContactId::from_bits(1),
            version: 1,
            name: None,
            profile_name: None,
            profile_name_at: None,
            phone: Some("972500000010".into()),
            username: None,
            email: None,
            marketing: Marketing::default(),
            created_at: now(),
            merged_into: None,
        }
    }

    fn template(category: Category, status: &str) -> Template {
        Template {
            id: TemplateId::from_bits(1),
            account_id: AccountId::from_bits(1),
            provider_id: None,
            name: "t".into(),
            language: "he".into(),
            category,
            status: TemplateStatus::from_name(status),
            quality: None,
            rejected_reason: None,
            body: TemplateBody::default(),
            synced_at: now(),
        }
    }

    fn text() -> Content {
        Content::Text {
            text: "hello".into(),
            preview_url: false,
        }
    }

    fn template_content() -> Content {
        Content::Template(TemplateContent {
            template_id: None,
            name: "t".into(),
            language: "he".into(),
            components: vec![],
            rendered: None,
        })
    }

    struct Case {
        channel: Channel,
        contact: Contact,
        window: Option<Timestamp>,
        content: Content,
        template: Option<Template>,
        automatic: bool,
        send_at: Option<Timestamp>,
        held: bool,
    }

    impl Case {
        fn new(content: Content) -> Self {
            Self {
                channel: channel(Link::Api),
                contact: contact(),
                window: Some(now() + SignedDuration::from_hours(1)),
                content,
                template: None,
                automatic: false,
                send_at: None,
                held: false,
            }
        }

        fn decide(&self) -> Decision {
            decide(&Sending {
                channel: &self.channel,
                contact: &self.contact,
                window_expires_at: self.window,
                content: &self.content,
                template: self.template.as_ref(),
                automatic: self.automatic,
                send_at: self.send_at,
                recent_sends: &[],
                held: self.held,
                now: now(),
            })
        }

        fn code(&self) -> Option<ReasonCode> {
            match self.decide() {
                Decision::Refused(refusal) => Some(refusal.reason.code),
                Decision::Later { reason, .. } => Some(reason.code),
                Decision::Now => None,
                Decision::OpensApp => Some(ReasonCode::OpensApp),
            }
        }
    }

    #[test]
    fn free_text_goes_while_the_window_is_open() {
        let mut case = Case::new(text());
        assert_eq!(case.code(), None);
        case.window = Some(now());
        assert_eq!(case.code(), Some(ReasonCode::WindowClosed));
        case.window = None;
        assert_eq!(case.code(), Some(ReasonCode::WindowNeverOpened));
    }

    #[test]
    fn a_machine_stops_a_minute_early() {
        let mut case = Case::new(text());
        case.window = Some(now() + SignedDuration::from_secs(59));
        assert_eq!(case.code(), None);
        case.automatic = true;
        assert_eq!(case.code(), Some(ReasonCode::WindowClosed));
    }

    #[test]
    fn free_text_for_a_time_after_the_window_is_refused_now() {
        let mut case = Case::new(text());
        case.send_at = Some(now() + SignedDuration::from_mins(30));
        assert_eq!(case.code(), Some(ReasonCode::Scheduled));
        case.send_at = Some(now() + SignedDuration::from_hours(2));
        assert_eq!(case.code(), Some(ReasonCode::WindowClosed));
    }

    #[test]
    fn an_approved_template_goes_at_any_time() {
        let mut case = Case::new(template_content());
        case.window = None;
        assert_eq!(case.code(), Some(ReasonCode::TemplateUnknown));
        case.template = Some(template(Category::Utility, "PAUSED"));
        assert_eq!(case.code(), Some(ReasonCode::TemplateNotSendable));
        case.template = Some(template(Category::Marketing, "APPROVED"));
        assert_eq!(case.code(), None);
        case.contact.marketing = Marketing::default().merge(true, now());
        assert_eq!(case.code(), Some(ReasonCode::MarketingOptedOut));
        case.template = Some(template(Category::Utility, "APPROVED"));
        assert_eq!(case.code(), None);
    }

    #[test]
    fn what_makes_it_impossible_comes_first() {
        let mut case = Case::new(text());
        case.window = None;
        case.contact.phone = None;
        assert_eq!(case.code(), Some(ReasonCode::NoAddress));
        case.channel.health.state = HealthState::Disconnected;
        assert_eq!(case.code(), Some(ReasonCode::ChannelDisconnected));
        case.channel = channel(Link::None);
        assert_eq!(case.code(), Some(ReasonCode::OpensApp));
        case.held = true;
        assert_eq!(case.code(), Some(ReasonCode::InstallationHeld));
    }

    #[test]
    fn a_burst_borrows_from_the_future() {
        let burst: Vec<_> = std::iter::repeat_n(now(), PAIR_BURST).collect();
        assert_eq!(pair_wait(&burst, now()), Some(now() + PAIR_GAP));
        assert_eq!(pair_wait(&burst[1..], now()), None);
        assert_eq!(pair_wait(&burst, now() + PAIR_GAP), None);
        let steady: Vec<_> = (0..60).map(|n| now() - PAIR_GAP * n).collect();
        assert_eq!(pair_wait(&steady, now() + PAIR_GAP), None);
    }
}
