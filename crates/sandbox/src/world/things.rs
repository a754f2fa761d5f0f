//! What can be set up: apps, portfolios, accounts, numbers, templates, people.
//!
//! The field names are those of the control API (`docs/sandbox.md`); a field left out takes its default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Millis;

/// An app at Meta: it signs webhooks with its secret and is called at its callback.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct App {
    pub id: String,
    pub name: String,
    pub secret: String,
    pub tokens: Vec<String>,
    /// The WABAs its tokens reach.
    pub wabas: Vec<String>,
    pub strict: bool,
    pub callback_url: Option<String>,
    pub verify_token: Option<String>,
    /// The webhook fields it subscribes to; empty means all.
    pub fields: Vec<String>,
}

/// A business portfolio: the scope of user ids and of the messaging limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Portfolio {
    pub id: String,
    pub name: String,
    pub tier: String,
    pub contact_book: bool,
}

impl Default for Portfolio {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            tier: "TIER_2K".into(),
            contact_book: true,
        }
    }
}

impl Portfolio {
    /// How many different users may be reached outside a window in a moving day; `None` is no limit.
    pub fn limit(&self) -> Option<usize> {
        match self.tier.as_str() {
            "TIER_50" => Some(50),
            "TIER_250" | "TIER_NOT_SET" => Some(250),
            "TIER_2K" => Some(2_000),
            "TIER_10K" => Some(10_000),
            "TIER_100K" => Some(100_000),
            _ => None,
        }
    }
}

/// Where webhooks go instead of the app's own callback.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    pub url: String,
    #[serde(default)]
    pub verify_token: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Waba {
    pub id: String,
    pub name: String,
    pub portfolio: String,
    pub timezone: String,
    pub currency: String,
    pub payment_method: bool,
    pub subscribed_apps: Vec<String>,
    /// By app: an override of this account's `messages` webhooks.
    pub overrides: BTreeMap<String, Override>,
}

impl Default for Waba {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            portfolio: String::new(),
            timezone: "Asia/Jerusalem".into(),
            currency: "USD".into(),
            payment_method: true,
            subscribed_apps: Vec::new(),
            overrides: BTreeMap::new(),
        }
    }
}

/// A number's limit: Meta's two levels, or a figure of one's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Throughput {
    Level(String),
    PerSecond(usize),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Number {
    pub id: String,
    pub waba: String,
    /// Digits only.
    pub phone: String,
    pub country_code: String,
    pub verified_name: String,
    pub quality: String,
    pub throughput: Throughput,
    pub on_business_app: bool,
    pub status: String,
    pub name_status: String,
    pub code_verified: bool,
    /// A test number may only write to these; `None` is an ordinary number.
    pub allowed_recipients: Option<Vec<String>>,
    pub pin: Option<String>,
    pub username: Option<String>,
    pub webhook_override: Option<Override>,
    /// Persons whom the business blocked, by id.
    pub blocked: Vec<String>,
    pub profile: Map<String, Value>,
    pub automation: Map<String, Value>,
    pub settings: Map<String, Value>,
    /// When register or deregister was called, for the limit of 10 in 72 hours.
    pub registrations: Vec<Millis>,
}

impl Default for Number {
    fn default() -> Self {
        Self {
            id: String::new(),
            waba: String::new(),
            phone: String::new(),
            country_code: String::new(),
            verified_name: String::new(),
            quality: "GREEN".into(),
            throughput: Throughput::Level("STANDARD".into()),
            on_business_app: false,
            status: "CONNECTED".into(),
            name_status: "APPROVED".into(),
            code_verified: true,
            allowed_recipients: None,
            pin: None,
            username: None,
            webhook_override: None,
            blocked: Vec::new(),
            profile: Map::new(),
            automation: Map::new(),
            settings: Map::new(),
            registrations: Vec::new(),
        }
    }
}

impl Number {
    /// Messages a second, in and out together: 80, 20 with coexistence, 1,000 for the high level.
    pub fn per_second(&self) -> usize {
        match &self.throughput {
            Throughput::PerSecond(cap) => *cap,
            _ if self.on_business_app => 20,
            Throughput::Level(level) if level == "HIGH" => 1_000,
            Throughput::Level(_) => 80,
        }
    }

    pub fn level(&self) -> &str {
        match &self.throughput {
            Throughput::Level(level) => level,
            Throughput::PerSecond(_) => "STANDARD",
        }
    }

    /// `+972 50-000-0001`, as the REST answers write it.
    pub fn display(&self) -> String {
        let code = self.country_code();
        let rest = self.phone.strip_prefix(code).unwrap_or(&self.phone);
        match (rest.get(..2), rest.get(2..5), rest.get(5..)) {
            (Some(a), Some(b), Some(c)) if !c.is_empty() => format!("+{code} {a}-{b}-{c}"),
            _ => format!("+{}", self.phone),
        }
    }

    pub fn country_code(&self) -> &str {
        if self.country_code.is_empty() {
            country_code(&self.phone)
        } else {
            &self.country_code
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Template {
    pub id: String,
    pub waba: String,
    pub name: String,
    pub language: String,
    pub category: String,
    pub parameter_format: String,
    pub status: String,
    pub components: Vec<Value>,
    pub quality: String,
    pub rejected_reason: Option<String>,
    pub previous_category: Option<String>,
    pub message_send_ttl_seconds: Option<i64>,
    /// Sends are held back for a quality assessment.
    pub pacing: bool,
    /// When an approved template was edited: once in 24 hours, 10 times in 30 days.
    pub edits: Vec<Millis>,
    pub pauses: u32,
    /// A name and language stay taken for 30 days after the deletion of an approved template.
    pub deleted_at: Option<Millis>,
    pub created_at: Millis,
}

impl Default for Template {
    fn default() -> Self {
        Self {
            id: String::new(),
            waba: String::new(),
            name: String::new(),
            language: "he".into(),
            category: "UTILITY".into(),
            parameter_format: "POSITIONAL".into(),
            status: "APPROVED".into(),
            components: Vec::new(),
            quality: "UNKNOWN".into(),
            rejected_reason: None,
            previous_category: None,
            message_send_ttl_seconds: None,
            pacing: false,
            edits: Vec::new(),
            pauses: 0,
            deleted_at: None,
            created_at: 0,
        }
    }
}

/// Somebody with a phone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    pub id: String,
    /// Digits only. Everyone has one; `hidden` people do not show it.
    pub phone: String,
    pub name: String,
    pub username: Option<String>,
    /// By portfolio; made when first needed.
    pub user_ids: BTreeMap<String, String>,
    pub hidden: bool,
    pub on_whatsapp: bool,
    pub phone_off: bool,
    pub read_receipts: bool,
    pub auto_read: bool,
    /// Numbers this person blocked.
    pub blocked: Vec<String>,
    /// Numbers whose marketing this person stopped.
    pub marketing_stopped: Vec<String>,
    pub listed: bool,
    /// Grows when the phone changes: a new number is a new user id.
    pub generation: u32,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            id: String::new(),
            phone: String::new(),
            name: String::new(),
            username: None,
            user_ids: BTreeMap::new(),
            hidden: false,
            on_whatsapp: true,
            phone_off: false,
            read_receipts: true,
            auto_read: false,
            blocked: Vec::new(),
            marketing_stopped: Vec::new(),
            listed: true,
            generation: 0,
        }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Group {
    pub id: String,
    pub number: String,
    pub subject: String,
    /// Phones, digits only.
    pub participants: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub sent_ms: Millis,
    pub delivered_ms: Millis,
    pub read_ms: Millis,
    /// How long a linked device takes to start.
    pub link_ms: Millis,
    pub review_s: Option<i64>,
    pub strict: bool,
    pub unknown_numbers: UnknownNumbers,
    pub webhook_batch: usize,
    pub webhook_concurrency: usize,
    pub webhook_timeout_ms: u64,
    pub webhook_retry_ms: Millis,
    pub webhook_retry_max_s: i64,
    pub webhook_give_up_s: i64,
    pub free_service_messages: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownNumbers {
    Reachable,
    NotOnWhatsapp,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sent_ms: 40,
            delivered_ms: 200,
            read_ms: 1_500,
            link_ms: 300,
            review_s: Some(60),
            strict: false,
            unknown_numbers: UnknownNumbers::Reachable,
            webhook_batch: 1,
            webhook_concurrency: 8,
            webhook_timeout_ms: 20_000,
            webhook_retry_ms: 1_000,
            webhook_retry_max_s: 3_600,
            webhook_give_up_s: 7 * 24 * 3_600,
            free_service_messages: 1_000,
        }
    }
}

/// The calling code of a number, for the markets people try things with; one digit otherwise.
pub fn country_code(phone: &str) -> &str {
    const CODES: &[&str] = &[
        "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44",
        "45", "46", "47", "48", "49", "52", "54", "55", "56", "57", "61", "65", "81", "82", "90",
        "91", "351", "353", "357", "380", "420", "962", "970", "971", "972",
    ];
    CODES
        .iter()
        .find_map(|code| phone.get(..code.len()).filter(|head| head == code))
        .unwrap_or_else(|| phone.get(..1).unwrap_or(""))
}

/// The two letters that begin a user id.
pub fn country(phone: &str) -> &'static str {
    match country_code(phone) {
        "1" => "US",
        "7" => "RU",
        "33" => "FR",
        "34" => "ES",
        "39" => "IT",
        "44" => "GB",
        "49" => "DE",
        "52" => "MX",
        "55" => "BR",
        "91" => "IN",
        "971" => "AE",
        _ => "IL",
    }
}
