//! The one function that decides whether a message may go, now, later or not at all. It is asked twice: as a preview
//! when somebody wants to send, and bindingly inside the transaction that marks the message as being sent.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::capability::{Purpose, Way, abilities, levels_that_send};
use crate::channel::{Channel, HealthState, Level, LinkState};
use crate::content::Content;
use crate::people::{Contact, MarketingState};
use crate::rhythm::{self, Beat};
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
    pub purpose: Purpose,
    /// A time that a person chose.
    pub send_at: Option<Timestamp>,
    /// The number's rhythm, where its pace is one.
    pub rhythm: Option<&'a rhythm::Facts>,
    /// The person has written on this number, or was written to before.
    pub is_known: bool,
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
    /// As [`Decision::OpensApp`], but nobody is there to press: it waits for a person.
    BecomesTask,
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
    /// It waits for a person, with the text ready to open.
    BecomesTask,
    /// The level or the link does not allow this at all.
    LevelForbids,
    /// This kind of message does not exist on this number.
    ContentForbidden,
    /// The rolling day's cap of the number is full.
    DayCap,
    /// A human's rhythm: not so soon after the last.
    RhythmGap,
    /// A human's rhythm: a longer pause after some messages.
    RhythmPause,
    OutsideWorkingHours,
    /// WhatsApp holds the number back from new people for a time.
    NumberRestricted,
    /// WhatsApp has shut the account out.
    NumberBanned,
    /// The phone is not linked (any more).
    NumberUnlinked,
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
    /// Write it in the agent's own app.
    OpenApp,
    /// Connect the number at a level that allows it.
    RaiseLevel,
    LinkAgain,
    SendAsText,
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
    let Some(can) = abilities(sending.channel.level, sending.channel.link) else {
        return level_forbids(sending);
    };
    match can.way(sending.purpose) {
        Way::OpensApp => return Decision::OpensApp,
        Way::BecomesTask => return Decision::BecomesTask,
        Way::Refused => return level_forbids(sending),
        Way::Sends | Way::SendsByWindow => {}
    }
    if let Some(refusal) = number_refusal(sending) {
        return Decision::Refused(refusal);
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

fn level_forbids(sending: &Sending<'_>) -> Decision {
    Decision::Refused(not_at_this_level(
        sending.purpose,
        levels_that_send(sending.purpose),
    ))
}

/// The level or the link does not allow it; these levels do.
#[must_use]
pub fn not_at_this_level(purpose: Purpose, levels: Vec<Level>) -> Refusal {
    Refusal {
        reason: Reason::of(ReasonCode::LevelForbids).with("purpose", purpose_name(purpose)),
        mends: vec![Mend::RaiseLevel],
        levels,
    }
}

/// Kesher does not send on this number: a person does, in their own app. Nobody is there to press when `waits`.
#[must_use]
pub fn in_own_app(purpose: Purpose, waits: bool) -> Refusal {
    let code = if waits {
        ReasonCode::BecomesTask
    } else {
        ReasonCode::OpensApp
    };
    Refusal {
        reason: Reason::of(code).with("purpose", purpose_name(purpose)),
        mends: vec![Mend::OpenApp, Mend::RaiseLevel],
        levels: levels_that_send(purpose),
    }
}

const fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::ByHand => "by_hand",
        Purpose::InstantReply => "instant_reply",
        Purpose::Triggered => "triggered",
        Purpose::Mailing => "mailing",
        Purpose::MultiStep => "multi_step",
        Purpose::Bot => "bot",
    }
}

/// What is wrong with the number itself.
fn number_refusal(sending: &Sending<'_>) -> Option<Refusal> {
    let health = &sending.channel.health;
    let (code, mends): (ReasonCode, &[Mend]) = match health.link {
        LinkState::Banned => (ReasonCode::NumberBanned, &[Mend::OpenApp]),
        LinkState::Unlinked | LinkState::AwaitingCode | LinkState::Starting
            if sending.channel.link.is_gateway() =>
        {
            (ReasonCode::NumberUnlinked, &[Mend::LinkAgain])
        }
        _ if sending.channel.connection.is_none() || health.state == HealthState::Disconnected => {
            (ReasonCode::ChannelDisconnected, &[Mend::ReconnectChannel])
        }
        _ => return None,
    };
    Some(Refusal {
        reason: Reason::of(code),
        mends: mends.to_vec(),
        levels: vec![],
    })
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
    if !sending.channel.link.has_window() {
        return text_refusal(sending);
    }
    let is_out = sending.contact.marketing.state == MarketingState::OptedOut;
    if is_out && sending.purpose == Purpose::Mailing {
        return Some(opted_out(sending, &[Mend::Call]));
    }
    if let Content::Template(content) = sending.content {
        return template_refusal(sending, &content.name);
    }
    let moment = sending.send_at.unwrap_or(sending.now).max(sending.now);
    if window::is_open(
        sending.window_expires_at,
        moment,
        sending.purpose.is_automatic(),
    ) {
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

/// A number without windows has no message of this kind.
#[must_use]
pub fn content_forbidden(kind: &str) -> Refusal {
    Refusal {
        reason: Reason::of(ReasonCode::ContentForbidden).with("kind", kind),
        mends: vec![Mend::SendAsText],
        levels: vec![Level::BusinessApi],
    }
}

/// On a gateway: no templates and nothing to press, and a mailing goes to nobody who asked to be left alone.
fn text_refusal(sending: &Sending<'_>) -> Option<Refusal> {
    if matches!(
        sending.content,
        Content::Template(_) | Content::Interactive(_)
    ) {
        return Some(content_forbidden(sending.content.kind()));
    }
    let to_many = matches!(sending.purpose, Purpose::Mailing | Purpose::Triggered);
    if to_many && sending.contact.marketing.state == MarketingState::OptedOut {
        return Some(opted_out(sending, &[Mend::Call]));
    }
    None
}

fn opted_out(sending: &Sending<'_>, mends: &[Mend]) -> Refusal {
    let mut reason = Reason::of(ReasonCode::MarketingOptedOut);
    if let Some(at) = sending.contact.marketing.at {
        reason = reason.with("at", at);
    }
    Refusal {
        reason,
        mends: mends.to_vec(),
        levels: vec![],
    }
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
    let is_out = sending.contact.marketing.state == MarketingState::OptedOut;
    (template.category.is_marketing() && is_out)
        .then(|| opted_out(sending, &[Mend::ChooseOtherTemplate, Mend::Call]))
}

/// When it may go at the earliest, when that is not now.
fn earliest(sending: &Sending<'_>) -> Option<(Timestamp, Reason)> {
    let scheduled = sending.send_at.filter(|at| *at > sending.now);
    if let Some(until) = scheduled {
        return Some((until, Reason::of(ReasonCode::Scheduled)));
    }
    if sending.channel.link.has_window() {
        return pair_wait(sending.recent_sends, sending.now)
            .map(|until| (until, Reason::of(ReasonCode::PairLimit)));
    }
    // Held back from new people; those who are known may be written to (providers' documents on error 463).
    let held = sending.channel.health.restricted_until;
    if let Some(until) = held.filter(|until| !sending.is_known && *until > sending.now) {
        let reason = Reason::of(ReasonCode::NumberRestricted).with("until", until);
        return Some((until, reason));
    }
    let beat = match sending.purpose {
        Purpose::Mailing => Beat::Mailing,
        _ => Beat::Single,
    };
    // The instant reply answers somebody who is there now, at whatever hour.
    let keeps_hours = matches!(sending.purpose, Purpose::Mailing | Purpose::Triggered);
    sending
        .rhythm
        .and_then(|facts| facts.earliest(beat, keeps_hours, sending.now))
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
mod tests;
