use std::collections::BTreeMap;

use app::browse::settings::ChannelRow;
use app::check_channel::Check as CheckRow;
use app::link_number::Linking as LinkingRow;
use app::set_up_number::Step;
use domain::capability::{Abilities, InstantReply, abilities};
use domain::channel::Provider;
use domain::rhythm::Hours;
use domain::risk::RiskLevel;
use domain::template::Template as TemplateRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::attention::Attention as AttentionRow;
use store::events::Event as EventRow;
use store::journal::QuarantineRow;
use utoipa::ToSchema;
use whatsapp::adapter::LinkCode;

use super::{At, e164, word};
use crate::door::Door;

#[derive(Debug, Serialize, ToSchema)]
pub struct Channel {
    pub id: String,
    pub version: i64,
    pub name: String,
    pub level: String,
    pub link: String,
    pub provider: String,
    pub phone: Option<String>,
    pub pipeline_id: String,
    pub connected: bool,
    pub account: Option<ChannelAccount>,
    pub phone_number_id: Option<String>,
    pub health: ChannelHealth,
    pub webhook: ChannelWebhook,
    /// What the number may do; see `GET /capabilities`.
    pub abilities: Option<ChannelAbilities>,
    /// Of a gateway.
    pub linking: Option<ChannelLinking>,
    /// Of an unofficial number: its day.
    pub today: Option<ChannelToday>,
    /// Of an unofficial number: its ban risk.
    pub risk: Option<ChannelRisk>,
    pub instant_reply: Option<ChannelInstantReply>,
    pub working_hours: Option<WorkingHours>,
    /// Whether somebody has used this provider against the live service.
    pub verified: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "a row of yes and no")]
pub struct ChannelAbilities {
    pub connect: String,
    pub write: String,
    pub mailing: String,
    pub triggered: String,
    pub replies: String,
    pub phone_messages: bool,
    pub instant_reply: String,
    pub bot: bool,
    pub multi_step: bool,
    pub many_agents: bool,
    pub pace: String,
    pub risk: String,
}

impl From<Abilities> for ChannelAbilities {
    fn from(can: Abilities) -> Self {
        Self {
            connect: word(&can.connect),
            write: word(&can.write),
            mailing: word(&can.mailing),
            triggered: word(&can.triggered),
            replies: word(&can.replies),
            phone_messages: can.phone_messages,
            instant_reply: word(&can.instant_reply),
            bot: can.bot,
            multi_step: can.multi_step,
            many_agents: can.many_agents,
            pace: word(&can.pace),
            risk: word(&can.risk),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelLinking {
    /// `unknown`, `unlinked`, `starting`, `awaiting_code`, `linked`, `restricted`, `banned`.
    pub state: String,
    pub last_event_at: Option<At>,
    pub restricted_until: Option<At>,
    pub checked_at: Option<At>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelToday {
    /// Counted messages of the last rolling day, typed ones included.
    pub sent_24h: u32,
    pub cap: u32,
    /// How many of a mailing can still go today.
    pub reachable: u32,
    /// The mean gap of a mailing.
    pub gap_s: i64,
    pub next_at: Option<At>,
    pub window: WorkingHours,
    pub warm_up: Option<WarmUp>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WarmUp {
    /// The first day is 1.
    pub day: i64,
    pub cap_tomorrow: u32,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkingHours {
    /// `08:00`, in the workspace's time zone.
    pub from: String,
    pub to: String,
}

impl From<Hours> for WorkingHours {
    fn from(hours: Hours) -> Self {
        let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        Self {
            from: text(hours.from_min),
            to: text(hours.to_min),
        }
    }
}

impl WorkingHours {
    /// The hours, where both are times of a day (`24:00` among them).
    pub fn read(&self) -> Option<Hours> {
        let minute = |text: &str| {
            let (hour, minute) = text.split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
        };
        let hours = Hours {
            from_min: minute(&self.from)?,
            to_min: minute(&self.to)?,
        };
        hours.is_valid().then_some(hours)
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelRisk {
    /// `low`, `raised`, `high`.
    pub level: String,
    /// The number is slowed for it.
    pub slowed: bool,
    pub signals: Vec<RiskSignal>,
    /// Who accepted the risk when the number was connected.
    pub accepted_by: Option<String>,
    pub accepted_at: Option<At>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RiskSignal {
    /// `young_link`, `few_replies`, `many_new_people`, `failed_sends`, `opt_outs`, `held_back`.
    pub code: String,
    /// Days, per cent or times.
    pub value: i64,
    pub level: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelInstantReply {
    pub enabled: bool,
    pub text: String,
    pub period_hours: u32,
    /// Kesher cannot send it here: a person sets it in the app.
    pub in_app: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelAccount {
    pub id: String,
    pub waba_id: String,
    pub portfolio_id: Option<String>,
    pub app_key: Option<String>,
    pub token_last4: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelHealth {
    /// `ok`, `warning`, `disconnected`, `unknown`.
    pub state: String,
    pub quality: Option<String>,
    pub tier: Option<String>,
    pub throughput_mps: Option<u32>,
    pub reason: Option<String>,
    pub checked_at: Option<At>,
    pub last_webhook_at: Option<At>,
    /// Messages that wait to be sent.
    pub waiting: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelWebhook {
    /// The address to give to the provider.
    pub url: String,
    pub verify_token_set: bool,
}

impl Channel {
    pub fn new(door: &Door, row: ChannelRow) -> Self {
        let channel = row.channel;
        let can = abilities(channel.level, channel.link);
        let disconnected = channel.health.state == domain::channel::HealthState::Disconnected;
        let app_key = row.app.as_ref().map(|app| app.app_key.clone());
        Self {
            id: channel.id.to_string(),
            version: channel.version,
            name: channel.name,
            level: word(&channel.level),
            link: word(&channel.link),
            provider: word(&channel.provider),
            phone: channel.phone.as_deref().map(e164),
            pipeline_id: channel.pipeline_id.to_string(),
            connected: (channel.connection.is_some() || channel.provider == Provider::None)
                && !disconnected,
            account: row.account.map(|account| ChannelAccount {
                id: account.id.to_string(),
                waba_id: account.waba_id,
                portfolio_id: account.portfolio_id,
                app_key: app_key.clone(),
                token_last4: Some(account.token_last4),
            }),
            phone_number_id: channel
                .connection
                .as_ref()
                .map(|known| known.phone_number_id.clone()),
            health: ChannelHealth {
                state: word(&channel.health.state),
                quality: channel.health.quality.clone(),
                tier: channel.health.tier.clone(),
                throughput_mps: channel.health.throughput_mps,
                reason: channel
                    .health
                    .reason
                    .map(|reason| reason.as_str().to_owned()),
                checked_at: channel.health.checked_at.map(At),
                last_webhook_at: row.app.as_ref().and_then(|app| app.last_webhook_at).map(At),
                waiting: row.waiting,
            },
            webhook: ChannelWebhook {
                url: row
                    .webhook_url
                    .filter(|_| row.app.is_none())
                    .unwrap_or_else(|| door.webhook_url(app_key.as_deref().unwrap_or_default())),
                verify_token_set: row.app.is_some(),
            },
            abilities: can.map(ChannelAbilities::from),
            linking: channel.link.is_gateway().then(|| ChannelLinking {
                state: word(&channel.health.link),
                last_event_at: row.last_event_at.map(At),
                restricted_until: channel.health.restricted_until.map(At),
                checked_at: channel.health.checked_at.map(At),
            }),
            risk: row.pace.as_ref().map(|pace| ChannelRisk {
                level: word(&pace.risk),
                slowed: pace.risk != RiskLevel::Low,
                signals: pace
                    .signals
                    .iter()
                    .map(|signal| RiskSignal {
                        code: word(&signal.code),
                        value: signal.value,
                        level: word(&signal.level),
                    })
                    .collect(),
                accepted_by: pace.accepted_by.clone(),
                accepted_at: channel
                    .settings
                    .risk_accepted
                    .as_ref()
                    .map(|one| At(one.at)),
            }),
            today: row.pace.map(|pace| ChannelToday {
                sent_24h: pace.sent_24h,
                cap: pace.cap,
                reachable: pace.reachable,
                gap_s: pace.gap_s,
                next_at: pace.next_at.map(At),
                window: pace.hours.into(),
                warm_up: pace
                    .warm_up
                    .map(|(day, cap_tomorrow)| WarmUp { day, cap_tomorrow }),
            }),
            instant_reply: channel
                .settings
                .instant_reply
                .map(|reply| ChannelInstantReply {
                    enabled: reply.enabled,
                    text: reply.text,
                    period_hours: reply.period_hours,
                    in_app: can.is_some_and(|can| can.instant_reply == InstantReply::SetInApp),
                }),
            working_hours: channel
                .link
                .is_gateway()
                .then(|| channel.settings.hours.into()),
            verified: channel.provider == Provider::None,
        }
    }
}

/// How far the linking of an app account is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Linking {
    pub state: String,
    /// To be drawn as a QR code.
    pub qr: Option<String>,
    /// A picture of the QR code: base64 of a PNG.
    pub qr_png: Option<String>,
    /// To be typed on the phone.
    pub code: Option<String>,
    pub phone: Option<String>,
}

impl From<LinkingRow> for Linking {
    fn from(row: LinkingRow) -> Self {
        let mut linking = Self {
            state: word(&row.state),
            qr: None,
            qr_png: None,
            code: None,
            phone: row.phone.as_deref().map(e164),
        };
        match row.code {
            Some(LinkCode::QrText(text)) => linking.qr = Some(text),
            Some(LinkCode::QrPng(png)) => linking.qr_png = Some(png),
            Some(LinkCode::Pairing(code)) => linking.code = Some(code),
            Some(LinkCode::Linked) | None => {}
        }
        linking
    }
}

/// The checklist of a number at Meta.
#[derive(Debug, Serialize, ToSchema)]
pub struct NumberSetup {
    pub steps: Vec<SetupStep>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SetupStep {
    /// `business_verification`, `number_added`, `code_verified`, `registered`, `display_name`, `two_factor`.
    pub key: String,
    /// `done`, `todo`, `waiting`, `failed`.
    pub state: String,
    pub detail: Option<String>,
}

impl From<Step> for SetupStep {
    fn from(step: Step) -> Self {
        Self {
            key: step.key.to_owned(),
            state: word(&step.state),
            detail: step.detail,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Checks {
    pub checks: Vec<Check>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    pub key: String,
    /// `ok`, `failed`, `warning`, `skipped`.
    pub state: String,
    pub code: Option<String>,
    pub details: Option<String>,
}

impl From<CheckRow> for Check {
    fn from(check: CheckRow) -> Self {
        Self {
            key: check.key.to_owned(),
            state: word(&check.state),
            code: check.code,
            details: check.details,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Template {
    pub id: String,
    pub account_id: String,
    pub name: String,
    /// The name as people read it.
    pub title: String,
    pub language: String,
    pub category: String,
    pub status: String,
    pub quality: Option<String>,
    pub sendable: bool,
    pub not_sendable_reason: Option<String>,
    #[schema(value_type = Option<TemplateHeader>)]
    pub header: Value,
    /// With `{{1}}` or `{{first_name}}`.
    pub body: String,
    pub footer: Option<String>,
    #[schema(value_type = Vec<super::content::TemplateButton>)]
    pub buttons: Value,
    pub variables: Vec<Variable>,
    pub rejected_reason: Option<String>,
    pub synced_at: At,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateHeader {
    /// `text`, `image`, `video`, `document`, `location`.
    pub format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Variable {
    /// `header.1`, `body.1`, `body.first_name`, `button.0`.
    pub key: String,
    pub label: String,
    pub example: Option<String>,
    pub component: String,
}

impl From<TemplateRow> for Template {
    fn from(template: TemplateRow) -> Self {
        let approved = template.status.is_sendable();
        let reason = if !approved {
            Some(template.status.as_str().to_owned())
        } else if template.body.needs_components {
            Some("needs_components".to_owned())
        } else {
            None
        };
        let variables = template
            .body
            .variables()
            .into_iter()
            .map(|variable| Variable {
                key: variable.key,
                label: variable.label,
                example: variable.example,
                component: variable.component.to_owned(),
            });
        Self {
            id: template.id.to_string(),
            account_id: template.account_id.to_string(),
            title: template.name.replace('_', " "),
            language: template.language.clone(),
            category: template.category.as_str().to_owned(),
            status: template.status.as_str().to_owned(),
            quality: template.quality.clone(),
            sendable: reason.is_none(),
            not_sendable_reason: reason,
            variables: variables.collect(),
            header: serde_json::to_value(&template.body.header).unwrap_or_default(),
            buttons: serde_json::to_value(&template.body.buttons).unwrap_or_default(),
            body: template.body.body,
            footer: template.body.footer,
            rejected_reason: template.rejected_reason,
            synced_at: template.synced_at.into(),
            name: template.name,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Synced {
    pub items: usize,
}

/// Something that came in and could not be applied.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quarantined {
    pub id: String,
    pub received_at: At,
    pub reason: String,
    pub field: Option<String>,
    /// The item's place in its entry; `null` for the whole.
    pub position: Option<i64>,
    pub phone_number_id: Option<String>,
    pub raw: String,
    pub source: String,
}

/// As much of it as a person reads.
const RAW_SHOWN_BYTES: usize = 64 * 1024;

impl From<QuarantineRow> for Quarantined {
    fn from(row: QuarantineRow) -> Self {
        let change = whatsapp::json::lenient_json(&row.raw).unwrap_or_default();
        let text = |pointer: &str| {
            change
                .pointer(pointer)
                .and_then(Value::as_str)
                .map(ToOwned::to_owned)
        };
        let shown = row.raw.get(..RAW_SHOWN_BYTES).unwrap_or(&row.raw);
        Self {
            id: row.id.to_string(),
            received_at: row.created_at.into(),
            reason: row.reason,
            field: text("/field"),
            position: Some(row.position).filter(|position| *position >= 0),
            phone_number_id: text("/value/metadata/phone_number_id"),
            raw: String::from_utf8_lossy(shown).into_owned(),
            source: row.source,
        }
    }
}

/// Something that a person should look at.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attention {
    pub id: String,
    pub kind: String,
    pub at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    pub facts: BTreeMap<String, String>,
}

impl From<AttentionRow> for Attention {
    fn from(item: AttentionRow) -> Self {
        Self {
            id: item.id.to_string(),
            kind: item.kind,
            at: item.created_at.into(),
            conversation_id: item.conversation_id.map(|id| id.to_string()),
            message_id: item.message_id.map(|id| id.to_string()),
            facts: item.facts,
        }
    }
}

/// Something that happened: ids, codes and numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Event {
    pub seq: i64,
    pub kind: String,
    pub at: At,
    #[schema(value_type = EventIds)]
    pub ids: Value,
    pub facts: BTreeMap<String, String>,
}

/// What an event is about: those that it has.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventIds {
    pub contact_id: Option<String>,
    pub lead_id: Option<String>,
    pub conversation_id: Option<String>,
    pub message_id: Option<String>,
    pub channel_id: Option<String>,
    pub template_id: Option<String>,
    pub user_id: Option<String>,
}

impl From<EventRow> for Event {
    fn from(event: EventRow) -> Self {
        Self {
            seq: event.seq,
            kind: event.kind,
            at: event.at.into(),
            ids: serde_json::to_value(event.subjects).unwrap_or_default(),
            facts: event.facts,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Now {
    pub now: At,
}
