//! What a number may do: one table, by licence level and link. The sending rule, the refusals, the screens, the API and
//! the guides are all drawn from here, so that they cannot disagree.
//!
//! A pair that does not exist has no abilities and cannot be connected.

use serde::Serialize;

use crate::channel::{Level, Link, Provider};

/// How a number of this kind is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Connect {
    /// Nothing to connect: an agent's own app.
    Nothing,
    /// A QR or pairing code at an unofficial gateway.
    Code,
    /// Meta's onboarding of the Business app.
    Onboarding,
    /// Business and number verification, and a token.
    Verification,
}

/// How a person is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Write {
    /// The agent's own app opens with the text; Kesher records what was sent.
    OpensApp,
    /// Free text of any wording and size that WhatsApp takes.
    FreeText,
    /// An approved template always; free text inside the 24-hour window.
    WindowAndTemplates,
}

/// A mailing, or a single message that a trigger sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outreach {
    /// Becomes a task for a person, with the text ready to open.
    Task,
    FreeText,
    Templates,
}

/// Where answers are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Replies {
    /// In the app; an exported chat can be imported.
    StayInApp,
    /// In the app; a report is reduced to who, when, and answered or opted out.
    Reduced,
    Arrive,
}

/// The one automatic answer to an enquirer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InstantReply {
    None,
    /// The text is kept in Kesher and set in the app by a person.
    SetInApp,
    /// Kesher sends it, once per enquirer and period.
    OncePerPeriod,
    Yes,
}

/// What holds the number's pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// A person's hands.
    Hands,
    /// At most [`crate::rhythm::DAY_CAP`] in a rolling day, and a human's rhythm.
    Rhythm,
    /// Twenty a second (Meta, coexistence).
    TwentyPerSecond,
    /// No cap of ours: the portfolio's tier, the number's throughput, the pair limit.
    Provider,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    None,
    Little,
    /// The account may be banned: told, measured, slowed.
    Ban,
}

/// Everything that a pair of level and link may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Abilities {
    pub connect: Connect,
    pub write: Write,
    pub mailing: Outreach,
    pub triggered: Outreach,
    pub replies: Replies,
    /// What is typed on the phone is a message like any other, with the author "phone".
    pub phone_messages: bool,
    pub instant_reply: InstantReply,
    pub bot: bool,
    pub multi_step: bool,
    pub many_agents: bool,
    pub pace: Pace,
    pub risk: Risk,
}

/// What this pair may do; `None` where the pair does not exist.
#[must_use]
pub const fn abilities(level: Level, link: Link) -> Option<Abilities> {
    let business = matches!(level, Level::BusinessApp);
    Some(match (level, link) {
        (Level::PersonalApp | Level::BusinessApp, Link::None) => Abilities {
            connect: Connect::Nothing,
            write: Write::OpensApp,
            mailing: Outreach::Task,
            triggered: Outreach::Task,
            replies: Replies::StayInApp,
            phone_messages: false,
            instant_reply: if business {
                InstantReply::SetInApp
            } else {
                InstantReply::None
            },
            bot: false,
            multi_step: false,
            many_agents: false,
            pace: Pace::Hands,
            risk: Risk::None,
        },
        (Level::PersonalApp | Level::BusinessApp, Link::GatewayOneWay) => Abilities {
            replies: Replies::Reduced,
            phone_messages: false,
            instant_reply: InstantReply::None,
            ..GATEWAY
        },
        (Level::PersonalApp | Level::BusinessApp, Link::GatewayTwoWay) => Abilities {
            replies: Replies::Arrive,
            phone_messages: true,
            instant_reply: if business {
                InstantReply::OncePerPeriod
            } else {
                InstantReply::None
            },
            ..GATEWAY
        },
        (Level::BusinessApp, Link::Coexistence) => Abilities {
            connect: Connect::Onboarding,
            phone_messages: true,
            pace: Pace::TwentyPerSecond,
            risk: Risk::Little,
            ..API
        },
        (Level::BusinessApi, Link::Api) => API,
        _ => return None,
    })
}

/// Common to both ways of a gateway.
const GATEWAY: Abilities = Abilities {
    connect: Connect::Code,
    write: Write::FreeText,
    mailing: Outreach::FreeText,
    triggered: Outreach::FreeText,
    replies: Replies::Reduced,
    phone_messages: false,
    instant_reply: InstantReply::None,
    bot: false,
    multi_step: false,
    many_agents: false,
    pace: Pace::Rhythm,
    risk: Risk::Ban,
};

const API: Abilities = Abilities {
    connect: Connect::Verification,
    write: Write::WindowAndTemplates,
    mailing: Outreach::Templates,
    triggered: Outreach::Templates,
    replies: Replies::Arrive,
    phone_messages: false,
    instant_reply: InstantReply::Yes,
    bot: true,
    multi_step: true,
    many_agents: true,
    pace: Pace::Provider,
    risk: Risk::None,
};

/// Why something is sent. A person at the composer is one reason among others; the table knows them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A person wrote it, or chose a template.
    ByHand,
    /// The one automatic answer to an enquirer.
    InstantReply,
    /// A single message that a trigger sends.
    Triggered,
    /// One of many: a campaign.
    Mailing,
    /// A step of an automation that has more than one.
    MultiStep,
    /// A bot's.
    Bot,
}

impl Purpose {
    pub const ALL: &'static [Self] = &[
        Self::ByHand,
        Self::InstantReply,
        Self::Triggered,
        Self::Mailing,
        Self::MultiStep,
        Self::Bot,
    ];

    /// Sent by a rule and not by a person.
    #[must_use]
    pub const fn is_automatic(self) -> bool {
        !matches!(self, Self::ByHand)
    }
}

/// How something of a purpose goes out on a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Kesher sends it: anything that the channel's own rules (window, templates, pace) let through.
    Sends,
    /// An approved template only; free text while the window is open.
    SendsByWindow,
    /// The agent's own app opens with the text.
    OpensApp,
    /// A task for a person, with the text ready to open.
    BecomesTask,
    Refused,
}

impl Abilities {
    #[must_use]
    pub const fn way(&self, purpose: Purpose) -> Way {
        let (yes, no) = match self.write {
            Write::OpensApp => (Way::OpensApp, Way::Refused),
            Write::FreeText => (Way::Sends, Way::Refused),
            Write::WindowAndTemplates => (Way::SendsByWindow, Way::Refused),
        };
        match purpose {
            Purpose::ByHand => yes,
            Purpose::Triggered => outreach(self.triggered),
            Purpose::Mailing => outreach(self.mailing),
            Purpose::InstantReply => match self.instant_reply {
                InstantReply::None | InstantReply::SetInApp => no,
                InstantReply::OncePerPeriod | InstantReply::Yes => yes,
            },
            Purpose::MultiStep => {
                if self.multi_step {
                    yes
                } else {
                    no
                }
            }
            Purpose::Bot => {
                if self.bot {
                    yes
                } else {
                    no
                }
            }
        }
    }
}

const fn outreach(outreach: Outreach) -> Way {
    match outreach {
        Outreach::Task => Way::BecomesTask,
        Outreach::FreeText => Way::Sends,
        Outreach::Templates => Way::SendsByWindow,
    }
}

/// The pairs that exist, in the order of the comparison table.
pub fn pairs() -> impl Iterator<Item = (Level, Link, Abilities)> {
    Level::ALL.iter().flat_map(|level| {
        Link::ALL
            .iter()
            .filter_map(|link| abilities(*level, *link).map(|can| (*level, *link, can)))
    })
}

/// The levels on which something of this purpose is sent by Kesher itself.
#[must_use]
pub fn levels_that_send(purpose: Purpose) -> Vec<Level> {
    levels_whose_way(purpose, &[Way::Sends, Way::SendsByWindow])
}

/// The levels on which something of this purpose goes out in one of these ways.
#[must_use]
pub fn levels_whose_way(purpose: Purpose, ways: &[Way]) -> Vec<Level> {
    Level::ALL
        .iter()
        .copied()
        .filter(|level| {
            pairs().any(|(of, _, can)| of == *level && ways.contains(&can.way(purpose)))
        })
        .collect()
}

/// Who stands behind a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// An agent's own app.
    None,
    /// Meta and its partners.
    Official,
    /// A gateway that drives an app account.
    Unofficial,
}

impl Provider {
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::None => Family::None,
            Self::Meta
            | Self::Dialog360
            | Self::Twilio
            | Self::Vonage
            | Self::Gupshup
            | Self::Infobip => Family::Official,
            Self::Waha | Self::Evolution | Self::GreenApi | Self::Wuzapi => Family::Unofficial,
        }
    }

    /// Whether a number of this level and link can be connected at this provider.
    #[must_use]
    pub const fn carries(self, level: Level, link: Link) -> bool {
        if abilities(level, link).is_none() {
            return false;
        }
        match (self.family(), link) {
            (Family::None, Link::None)
            | (Family::Unofficial, Link::GatewayOneWay | Link::GatewayTwoWay)
            | (Family::Official, Link::Api) => true,
            // Coexistence comes through Meta's own onboarding, at Meta or at a partner that passes its webhooks on.
            (Family::Official, Link::Coexistence) => matches!(self, Self::Meta | Self::Dialog360),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
