use app::browse::campaigns::CampaignRow;
use app::run_campaign::Plan;
use domain::message::Delivery;
use serde::Serialize;
use store::campaigns::{CampaignState, RecipientRow};
use utoipa::ToSchema;

use super::{At, e164};

/// A mailing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Campaign {
    pub id: String,
    pub name: String,
    pub channel_id: String,
    pub text: String,
    /// `preparing`, `running`, `stopped` or `done`.
    pub state: &'static str,
    pub counts: CampaignCounts,
    pub next_at: Option<At>,
    pub finishes_at: Option<At>,
    pub created_at: At,
    pub created_by: Option<String>,
}

#[derive(Debug, Default, Serialize, ToSchema)]
pub struct CampaignCounts {
    pub waiting: i64,
    pub sent: i64,
    pub delivered: i64,
    pub read: i64,
    pub failed: i64,
    /// Nobody knows whether it went: a person is asked.
    pub unclear: i64,
    pub cancelled: i64,
    pub answered: i64,
    pub opted_out: i64,
}

impl From<CampaignRow> for Campaign {
    fn from(row: CampaignRow) -> Self {
        let mut counts = CampaignCounts {
            answered: row.counts.answered,
            opted_out: row.counts.opted_out,
            ..CampaignCounts::default()
        };
        for (delivery, count) in &row.counts.by_delivery {
            *place(&mut counts, *delivery) += count;
        }
        let state = match row.campaign.state {
            CampaignState::Preparing => "preparing",
            CampaignState::Stopped => "stopped",
            CampaignState::Running if row.is_done() => "done",
            CampaignState::Running => "running",
        };
        Self {
            id: row.campaign.id.to_string(),
            name: row.campaign.name,
            channel_id: row.campaign.channel_id.to_string(),
            text: row.campaign.text,
            state,
            counts,
            next_at: row.next_at.map(At),
            finishes_at: row.finishes_at.map(At),
            created_at: row.campaign.created_at.into(),
            created_by: row.created_by,
        }
    }
}

fn place(counts: &mut CampaignCounts, delivery: Option<Delivery>) -> &mut i64 {
    match delivery {
        None | Some(Delivery::Queued | Delivery::Sending) => &mut counts.waiting,
        Some(Delivery::Accepted | Delivery::Sent) => &mut counts.sent,
        Some(Delivery::Delivered) => &mut counts.delivered,
        Some(Delivery::Read | Delivery::Played) => &mut counts.read,
        Some(Delivery::Failed | Delivery::Refused) => &mut counts.failed,
        Some(Delivery::Unclear) => &mut counts.unclear,
        Some(Delivery::Cancelled) => &mut counts.cancelled,
    }
}

/// What would happen.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignPlan {
    pub recipients: usize,
    pub invalid: Vec<InvalidLine>,
    pub duplicates: usize,
    pub opted_out: usize,
    pub first_at: At,
    pub finishes_at: At,
    /// Days that have begun until the end.
    pub days: i64,
    pub opt_out_link: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InvalidLine {
    pub line: usize,
    pub text: String,
    pub reason: &'static str,
}

impl From<Plan> for CampaignPlan {
    fn from(plan: Plan) -> Self {
        let span = plan.finishes_at.duration_since(plan.first_at);
        Self {
            recipients: plan.recipients,
            invalid: plan
                .invalid
                .into_iter()
                .map(|bad| InvalidLine {
                    line: bad.line,
                    text: bad.text,
                    reason: bad.reason,
                })
                .collect(),
            duplicates: plan.duplicates,
            opted_out: plan.opted_out,
            first_at: plan.first_at.into(),
            finishes_at: plan.finishes_at.into(),
            days: span.as_hours() / 24 + 1,
            opt_out_link: plan.opt_out_link,
        }
    }
}

/// One person of a mailing.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignRecipient {
    pub contact: RecipientContact,
    /// `waiting`, `sent`, `delivered`, `read`, `failed`, `unclear`, `cancelled`, `answered` or `opted_out`.
    pub state: &'static str,
    /// Since when it stands so.
    pub at: At,
    pub reason: Option<String>,
    pub conversation_id: String,
    pub message_id: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientContact {
    pub id: String,
    pub name: Option<String>,
    pub phone: Option<String>,
}

impl From<RecipientRow> for CampaignRecipient {
    fn from(row: RecipientRow) -> Self {
        let state = if row.recipient.opted_out_at.is_some() {
            "opted_out"
        } else if row.recipient.answered_at.is_some() {
            "answered"
        } else {
            match row.delivery {
                None | Some(Delivery::Queued | Delivery::Sending) => "waiting",
                Some(Delivery::Accepted | Delivery::Sent) => "sent",
                Some(Delivery::Delivered) => "delivered",
                Some(Delivery::Read | Delivery::Played) => "read",
                Some(Delivery::Failed | Delivery::Refused) => "failed",
                Some(Delivery::Unclear) => "unclear",
                Some(Delivery::Cancelled) => "cancelled",
            }
        };
        let told = &row.receipts;
        let since = (row.recipient.opted_out_at)
            .or(row.recipient.answered_at)
            .or_else(|| {
                let all = [
                    told.accepted_at,
                    told.sent_at,
                    told.delivered_at,
                    told.read_at,
                    told.played_at,
                    told.failed_at,
                ];
                all.into_iter().flatten().max()
            })
            .unwrap_or(row.at);
        Self {
            contact: RecipientContact {
                id: row.recipient.contact_id.to_string(),
                name: row.name,
                phone: row.phone.as_deref().map(e164),
            },
            state,
            at: since.into(),
            reason: row
                .failure
                .map(|failure| failure.reason.as_str().to_owned()),
            conversation_id: row.recipient.conversation_id.to_string(),
            message_id: row.recipient.message_id.to_string(),
        }
    }
}
