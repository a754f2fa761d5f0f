use std::collections::BTreeMap;

use app::browse::leads::Told;
use domain::people::{
    Contact as ContactRow, Lead as LeadRow, Pipeline as PipelineRow, Status as StatusRow,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{At, Words, e164, word};

#[derive(Debug, Serialize, ToSchema)]
pub struct Contact {
    pub id: String,
    pub version: i64,
    pub name: Option<String>,
    /// What to call the person: the name, the profile's name, the phone or the username.
    pub display_name: String,
    pub profile_name: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub username: Option<String>,
    pub email: Option<String>,
    pub marketing: Marketing,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Marketing {
    /// `unknown`, `allowed`, `opted_out`.
    pub state: String,
    pub at: Option<At>,
}

impl From<&ContactRow> for Contact {
    fn from(contact: &ContactRow) -> Self {
        Self {
            id: contact.id.to_string(),
            version: contact.version,
            name: contact.name.clone(),
            display_name: contact.display_name(),
            profile_name: contact.profile_name.clone(),
            phone: contact.phone.as_deref().map(e164),
            username: contact.username.clone(),
            email: contact.email.clone(),
            marketing: Marketing {
                state: word(&contact.marketing.state),
                at: contact.marketing.at.map(At),
            },
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Lead {
    pub id: String,
    pub version: i64,
    pub contact_id: String,
    pub pipeline_id: String,
    pub status_id: String,
    pub title: Option<String>,
    pub assignee_id: Option<String>,
    pub source: Source,
    pub fields: BTreeMap<String, String>,
    pub created_at: At,
    pub closed_at: Option<At>,
    pub amount_minor: Option<i64>,
    pub currency: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Source {
    /// `whatsapp`, `whatsapp_ad`, `manual`, `form`, `import`, `api`.
    pub kind: String,
    pub detail: Option<String>,
}

impl From<&LeadRow> for Lead {
    fn from(lead: &LeadRow) -> Self {
        Self {
            id: lead.id.to_string(),
            version: lead.version,
            contact_id: lead.contact_id.to_string(),
            pipeline_id: lead.pipeline_id.to_string(),
            status_id: lead.status_id.to_string(),
            title: lead.title.clone(),
            assignee_id: lead.assignee_id.map(|id| id.to_string()),
            source: Source {
                kind: word(&lead.source.kind),
                detail: lead.source.detail.clone(),
            },
            fields: lead.fields.clone(),
            created_at: lead.created_at.into(),
            closed_at: lead.closed_at.map(At),
            amount_minor: lead.amount_minor,
            currency: lead.currency.clone(),
        }
    }
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineItem {
    pub seq: i64,
    pub kind: String,
    pub at: At,
    pub actor: TimelineActor,
    pub facts: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineActor {
    pub kind: String,
    pub user_id: Option<String>,
    pub name: Option<String>,
}

impl From<Told> for TimelineItem {
    fn from(told: Told) -> Self {
        Self {
            seq: told.event.seq,
            kind: told.event.kind,
            at: told.event.at.into(),
            actor: TimelineActor {
                kind: word(&told.event.actor.kind),
                user_id: told.event.actor.user_id.map(|id| id.to_string()),
                name: told.actor_name,
            },
            facts: told.event.facts,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Pipeline {
    pub id: String,
    pub name: Words,
    pub statuses: Vec<Status>,
    pub fields: Vec<Field>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    pub id: String,
    pub name: Words,
    /// `new`, `active`, `waiting`, `meeting`, `offer`, `won`, `lost`, `invalid`.
    pub group: String,
    pub position: i64,
    pub is_closed: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Field {
    pub key: String,
    pub label: Words,
    /// `text`, `number`, `date`, `choice`.
    pub kind: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

impl From<(PipelineRow, Vec<StatusRow>)> for Pipeline {
    fn from((pipeline, statuses): (PipelineRow, Vec<StatusRow>)) -> Self {
        Self {
            id: pipeline.id.to_string(),
            name: pipeline.name.into(),
            statuses: statuses
                .into_iter()
                .map(|status| Status {
                    id: status.id.to_string(),
                    group: word(&status.group),
                    is_closed: status.group.is_closed(),
                    position: status.position,
                    name: status.name.into(),
                })
                .collect(),
            fields: pipeline
                .fields
                .into_iter()
                .map(|field| Field {
                    key: field.key,
                    label: field.label.into(),
                    kind: word(&field.kind),
                    options: field.options,
                })
                .collect(),
        }
    }
}
