use std::collections::BTreeMap;

use app::browse::settings::ChannelRow;
use app::check_channel::Check as CheckRow;
use domain::template::Template as TemplateRow;
use serde::Serialize;
use serde_json::Value;
use store::attention::Attention as AttentionRow;
use store::events::Event as EventRow;
use store::journal::QuarantineRow;
use utoipa::ToSchema;

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
            connected: channel.connection.is_some() && !disconnected,
            account: row.account.map(|account| ChannelAccount {
                id: account.id.to_string(),
                waba_id: account.waba_id,
                portfolio_id: account.portfolio_id,
                app_key: app_key.clone(),
                token_last4: Some(account.token_last4),
            }),
            phone_number_id: channel.connection.map(|known| known.phone_number_id),
            health: ChannelHealth {
                state: word(&channel.health.state),
                quality: channel.health.quality,
                tier: channel.health.tier,
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
                url: door.webhook_url(app_key.as_deref().unwrap_or_default()),
                verify_token_set: row.app.is_some(),
            },
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
