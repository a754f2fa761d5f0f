//! Licence levels, links and providers: what a number is, and what it may therefore do.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, AppId, ChannelId, ConnectionId, PipelineId, UserId};
use crate::rhythm::Hours;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    PersonalApp,
    BusinessApp,
    BusinessApi,
}

impl Level {
    pub const ALL: &'static [Self] = &[Self::PersonalApp, Self::BusinessApp, Self::BusinessApi];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    None,
    GatewayOneWay,
    GatewayTwoWay,
    Coexistence,
    Api,
}

impl Link {
    pub const ALL: &'static [Self] = &[
        Self::None,
        Self::GatewayOneWay,
        Self::GatewayTwoWay,
        Self::Coexistence,
        Self::Api,
    ];

    /// An unofficial gateway drives an app account.
    #[must_use]
    pub const fn is_gateway(self) -> bool {
        matches!(self, Self::GatewayOneWay | Self::GatewayTwoWay)
    }

    /// Official links have a 24-hour window and need templates outside it.
    #[must_use]
    pub const fn has_window(self) -> bool {
        matches!(self, Self::Coexistence | Self::Api)
    }

    /// Messages a second that the number takes, in and out together, unless the provider says more (Meta, 2026).
    #[must_use]
    pub const fn default_throughput(self) -> u32 {
        match self {
            Self::Api => 80,
            Self::Coexistence => 20,
            Self::None | Self::GatewayOneWay | Self::GatewayTwoWay => 1,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Provider {
    #[serde(rename = "none")]
    None,
    #[serde(rename = "meta")]
    Meta,
    #[serde(rename = "360dialog")]
    Dialog360,
    #[serde(rename = "twilio")]
    Twilio,
    #[serde(rename = "vonage")]
    Vonage,
    #[serde(rename = "gupshup")]
    Gupshup,
    #[serde(rename = "infobip")]
    Infobip,
    #[serde(rename = "waha")]
    Waha,
    #[serde(rename = "green_api")]
    GreenApi,
    #[serde(rename = "evolution")]
    Evolution,
    #[serde(rename = "wuzapi")]
    Wuzapi,
}

impl Provider {
    /// In the order in which they are offered.
    pub const ALL: &'static [Self] = &[
        Self::None,
        Self::Meta,
        Self::Dialog360,
        Self::Twilio,
        Self::Vonage,
        Self::Gupshup,
        Self::Infobip,
        Self::Waha,
        Self::GreenApi,
        Self::Evolution,
        Self::Wuzapi,
    ];

    /// As in the database, in the API and in a webhook's address; never changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Meta => "meta",
            Self::Dialog360 => "360dialog",
            Self::Twilio => "twilio",
            Self::Vonage => "vonage",
            Self::Gupshup => "gupshup",
            Self::Infobip => "infobip",
            Self::Waha => "waha",
            Self::GreenApi => "green_api",
            Self::Evolution => "evolution",
            Self::Wuzapi => "wuzapi",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == name)
    }
}

/// Whether the number is joined to its provider, and may speak there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    #[default]
    Unknown,
    /// Not joined: it was never linked, or the phone has removed the link.
    Unlinked,
    /// On its way: the provider is starting.
    Starting,
    /// Waits for a QR code to be scanned or a pairing code to be typed.
    AwaitingCode,
    Linked,
    /// Linked, but for a time no new people may be written to.
    Restricted,
    /// Shut out by WhatsApp.
    Banned,
}

/// One WhatsApp number as the workspace sees it, with its live connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    pub id: ChannelId,
    pub version: i64,
    pub name: String,
    pub level: Level,
    pub link: Link,
    pub provider: Provider,
    /// Digits.
    pub phone: Option<String>,
    pub pipeline_id: PipelineId,
    pub connection: Option<Connection>,
    pub health: Health,
    pub settings: Settings,
}

/// What the workspace has chosen for the number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// When a gateway's number works by itself.
    pub hours: Hours,
    pub instant_reply: Option<InstantReply>,
    /// Who accepted the risk of an unofficial gateway, and when.
    pub risk_accepted: Option<Accepted>,
    /// Since when people open windows by writing: what they wrote while the number was an app account opened none.
    pub windows_since: Option<jiff::Timestamp>,
}

/// The one automatic answer to an enquirer. Where Kesher cannot send it, its text is kept here and set in the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstantReply {
    pub enabled: bool,
    pub text: String,
    /// Nobody gets it twice within so many hours.
    pub period_hours: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    pub by: UserId,
    pub at: jiff::Timestamp,
}

/// Where the channel's messages go now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub id: ConnectionId,
    pub account_id: AccountId,
    pub app_id: Option<AppId>,
    pub waba_id: String,
    pub portfolio_id: Option<String>,
    pub phone_number_id: String,
    pub base_url: String,
    /// Since when the number is linked there (business time): its warm-up runs from here.
    pub linked_at: jiff::Timestamp,
}

/// What the provider last told of the number, and what we saw.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    pub state: HealthState,
    #[serde(default)]
    pub quality: Option<String>,
    #[serde(default)]
    pub tier: Option<String>,
    #[serde(default)]
    pub throughput_mps: Option<u32>,
    #[serde(default)]
    pub reason: Option<crate::failure::FailureReason>,
    #[serde(default)]
    pub checked_at: Option<jiff::Timestamp>,
    #[serde(default)]
    pub link: LinkState,
    /// Until when WhatsApp keeps the number from new people.
    #[serde(default)]
    pub restricted_until: Option<jiff::Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    Ok,
    Warning,
    /// The provider refused our credentials, or a person disconnected it. Nothing is sent until that is mended.
    Disconnected,
    #[default]
    Unknown,
}

impl Channel {
    /// The number takes another link at `now`.
    pub fn relink(&mut self, link: Link, now: jiff::Timestamp) {
        if link.has_window() && !self.link.has_window() {
            self.settings.windows_since = Some(now);
        }
        self.link = link;
    }

    /// When the window closes that a person opened who last wrote at `last_inbound_at`.
    #[must_use]
    pub fn window_expires_at(
        &self,
        last_inbound_at: Option<jiff::Timestamp>,
    ) -> Option<jiff::Timestamp> {
        // Providers tell the second in which something was written.
        let since = self.settings.windows_since.map(|since| since.as_second());
        last_inbound_at
            .filter(|at| since.is_none_or(|since| at.as_second() >= since))
            .map(crate::window::closes_at)
    }

    /// Messages a second that we allow ourselves.
    #[must_use]
    pub fn throughput_mps(&self) -> u32 {
        self.health
            .throughput_mps
            .unwrap_or_else(|| self.link.default_throughput())
    }
}
