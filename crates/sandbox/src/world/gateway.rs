//! Numbers that speak another provider's API than Meta's.
//!
//! A gateway is laid over a number of the same id: threads, chats and the ledger know the number, the provider's module knows the gateway. What a provider lets its user configure by API lies in `config`, in that provider's own words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Number, Record, World};
use crate::clock::Millis;

/// Whose API a number speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    #[default]
    Meta,
    Waha,
    GreenApi,
    #[serde(rename = "360dialog")]
    Dialog360,
    Twilio,
    Evolution,
    Wuzapi,
    Vonage,
    Gupshup,
    Infobip,
}

impl Provider {
    /// Every provider but Meta.
    pub const OTHERS: [Self; 9] = [
        Self::Waha,
        Self::GreenApi,
        Self::Dialog360,
        Self::Twilio,
        Self::Evolution,
        Self::Wuzapi,
        Self::Vonage,
        Self::Gupshup,
        Self::Infobip,
    ];

    /// Its name in the control API, and the first segment of its paths.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Waha => "waha",
            Self::GreenApi => "green-api",
            Self::Dialog360 => "360dialog",
            Self::Twilio => "twilio",
            Self::Evolution => "evolution",
            Self::Wuzapi => "wuzapi",
            Self::Vonage => "vonage",
            Self::Gupshup => "gupshup",
            Self::Infobip => "infobip",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::OTHERS
            .into_iter()
            .chain([Self::Meta])
            .find(|one| one.name() == name)
    }

    /// Drives an account of the app as a linked device: no templates, no window, and a link that can
    /// be lost.
    pub fn is_linked_device(self) -> bool {
        matches!(
            self,
            Self::Waha | Self::GreenApi | Self::Evolution | Self::Wuzapi
        )
    }

    /// Keeps messages while the device cannot send, instead of refusing them.
    pub fn keeps_for_later(self) -> bool {
        self == Self::GreenApi
    }

    /// Takes a message that WhatsApp refuses for a timelock, and tells so afterwards.
    pub fn tells_timelock_late(self) -> bool {
        matches!(self, Self::GreenApi | Self::Evolution)
    }

    /// How many QR codes one start shows before it gives up.
    pub fn codes(self) -> u32 {
        if self == Self::Evolution { 30 } else { 6 }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gateway {
    /// The id of the number below it; `provider-phone` (360dialog: the account) unless given.
    pub id: String,
    pub provider: Provider,
    /// Digits only; empty until a phone has scanned the code.
    pub phone: String,
    /// As people see the business.
    pub name: String,
    /// What the provider calls the thing its API addresses: a session, an instance, an account.
    pub account: String,
    pub key: String,
    /// What webhooks are signed with, where that is not the key and not set by API.
    pub secret: String,
    /// For providers that resell the Cloud API: whose templates and limits count.
    pub waba: String,
    /// Where webhooks go for providers that have it set in a console and not by API.
    pub webhook: Option<String>,
    /// Where statuses go, if elsewhere.
    pub status_webhook: Option<String>,
    pub webhook_headers: BTreeMap<String, String>,
    /// The business also answers from the app on a phone (official providers).
    pub on_business_app: bool,
    pub config: Map<String, Value>,
    pub link: Link,
    /// Removed by the provider's API; its chats stay.
    pub removed: bool,
}

/// How a linked device stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Link {
    pub state: LinkState,
    /// When a timelock ends.
    pub until: Option<Millis>,
    /// A phone has scanned: a start needs no code.
    pub paired: bool,
    /// Codes shown since the start.
    pub codes: u32,
    pub pair_code: Option<String>,
    /// Grows with each change, so that an old timer finds itself outdated.
    pub turn: u64,
    /// The last states, newest last.
    pub past: Vec<(LinkState, Millis)>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            state: LinkState::Linked,
            until: None,
            paired: true,
            codes: 0,
            pair_code: None,
            turn: 0,
            past: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    Stopped,
    Starting,
    /// A code waits to be scanned.
    Scan,
    Linked,
    /// The connection to WhatsApp is down for a while.
    Disconnected,
    /// All codes were shown and none was scanned.
    Failed,
    /// The phone removed the device.
    LoggedOut,
    Banned,
    /// Linked, but refused to people without a chat.
    Timelocked,
    /// Linked, but sending is suspended for suspected spam.
    YellowCard,
}

impl LinkState {
    /// Messages go out.
    pub fn sends(self) -> bool {
        matches!(self, Self::Linked | Self::Timelocked)
    }

    /// The phone knows this device.
    pub fn is_linked(self) -> bool {
        self.sends() || self == Self::YellowCard
    }
}

/// What a message has of its provider beyond the common picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// The request as it came, without the bytes of files.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub request: Value,
    /// Where this message's statuses go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
    /// A second id, where the provider has two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native: Option<String>,
}

impl World {
    /// The gateway over a number.
    pub fn gateway(&self, number: &str) -> Option<&Gateway> {
        self.gateways.iter().find(|gateway| gateway.id == number)
    }

    pub fn provider_of(&self, number: &str) -> Provider {
        self.gateway(number)
            .map_or(Provider::Meta, |gateway| gateway.provider)
    }

    /// The living gateways of a provider.
    pub fn gateways_of(&self, provider: Provider) -> impl Iterator<Item = &Gateway> {
        self.gateways
            .iter()
            .filter(move |gateway| gateway.provider == provider && !gateway.removed)
    }

    pub fn gateway_of_account(&self, provider: Provider, account: &str) -> Option<&Gateway> {
        self.gateways_of(provider)
            .find(|gateway| gateway.account == account)
    }

    /// A gateway brings its number with it.
    pub(super) fn put_gateway(&mut self, gateway: &Gateway) {
        let at = match self.numbers.iter().position(|one| one.id == gateway.id) {
            Some(at) => at,
            None => {
                self.numbers.push(Number {
                    id: gateway.id.clone(),
                    ..Number::default()
                });
                self.numbers.len() - 1
            }
        };
        let number = &mut self.numbers[at];
        number.phone.clone_from(&gateway.phone);
        number.verified_name.clone_from(&gateway.name);
        number.waba.clone_from(&gateway.waba);
        number.on_business_app = gateway.on_business_app || gateway.provider.is_linked_device();
        match self.gateways.iter_mut().find(|one| one.id == gateway.id) {
            Some(old) => *old = gateway.clone(),
            None => self.gateways.push(gateway.clone()),
        }
    }
}

impl Gateway {
    pub fn record(self) -> Record {
        Record::Gateway {
            gateway: Box::new(self),
        }
    }

    /// Fills what a setup left out, or says what is missing.
    pub fn complete(&mut self) -> Result<(), String> {
        if self.provider == Provider::Meta {
            return Err("gateway: provider must be one of the others than meta".to_owned());
        }
        if !self.phone.bytes().all(|b| b.is_ascii_digit()) {
            return Err("gateway: phone must be digits only".to_owned());
        }
        if self.account.is_empty() {
            self.account.clone_from(&self.phone);
        }
        if self.account.is_empty() {
            return Err("gateway: account or phone is needed".to_owned());
        }
        if self.id.is_empty() {
            let which = if self.phone.is_empty() {
                &self.account
            } else {
                &self.phone
            };
            self.id = match self.provider {
                // Its webhooks carry the id as Meta's do.
                Provider::Dialog360 => self.account.clone(),
                provider => format!("{}-{which}", provider.name()),
            };
        }
        if self.name.is_empty() {
            self.name.clone_from(&self.account);
        }
        Ok(())
    }
}
