//! Campaigns as the screens show them.

use std::sync::Arc;

use domain::access::Permission;
use domain::id::CampaignId;
use domain::message::Delivery;
use domain::rhythm::{self, Beat};
use jiff::Timestamp;
use store::campaigns::{self, Campaign, CampaignState, Counts, RecipientRow, Standing};
use store::{Tx, channels, users};

use super::Page;
use crate::caller::Caller;
use crate::error::told;
use crate::pacing::{self, Pacer};
use crate::{App, Result};

/// A campaign with how far it is.
#[derive(Debug, Clone)]
pub struct CampaignRow {
    pub campaign: Campaign,
    pub counts: Counts,
    pub created_by: Option<String>,
    /// When the next leaves, and about when the last: while it runs.
    pub next_at: Option<Timestamp>,
    pub finishes_at: Option<Timestamp>,
}

impl CampaignRow {
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.counts
            .by_delivery
            .iter()
            .filter(|(delivery, _)| matches!(delivery, Some(Delivery::Queued | Delivery::Sending)))
            .map(|(_, count)| count)
            .sum()
    }

    /// Nothing of it waits any more.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.campaign.state == CampaignState::Running && self.waiting() == 0
    }
}

/// A page of campaigns, newest first.
///
/// # Errors
/// When the caller may not, or as the database says.
pub async fn page(
    app: &App,
    by: &Caller,
    before: Option<CampaignId>,
    limit: i64,
) -> Result<Page<CampaignRow, CampaignId>> {
    by.must(Permission::ConversationsRead)?;
    let input = (by.workspace_id, before, limit, Asked::new(app));
    let page = app
        .store
        .read(input, |tx, (workspace_id, before, limit, asked)| {
            Box::pin(async move {
                let all = campaigns::page(tx, *workspace_id, *before, limit + 1).await?;
                let page = Page::cut(all, *limit, |campaign| campaign.id);
                let mut items = Vec::new();
                for campaign in page.items {
                    items.push(row(tx, *workspace_id, campaign, asked).await?);
                }
                Ok(Page {
                    items,
                    next: page.next,
                })
            })
        });
    Ok(page.await?)
}

/// One campaign.
///
/// # Errors
/// `not_found`.
pub async fn get(app: &App, by: &Caller, id: CampaignId) -> Result<CampaignRow> {
    by.must(Permission::ConversationsRead)?;
    let input = (by.workspace_id, id, Asked::new(app));
    let found = app.store.read(input, |tx, (workspace_id, id, asked)| {
        Box::pin(async move {
            let campaign = campaigns::get(tx, *workspace_id, *id).await?;
            row(tx, *workspace_id, campaign, asked).await.map(Ok)
        })
    });
    told(found.await)
}

struct Asked {
    pacer: Arc<Pacer>,
    now: Timestamp,
}

impl Asked {
    fn new(app: &App) -> Self {
        Self {
            pacer: Arc::new(Pacer::new(app)),
            now: app.clock.business_now(),
        }
    }
}

async fn row(
    tx: &mut Tx,
    workspace_id: domain::id::WorkspaceId,
    campaign: Campaign,
    asked: &Asked,
) -> store::Result<CampaignRow> {
    let counts = campaigns::counts(tx, workspace_id, campaign.id).await?;
    let people = users::list(tx, workspace_id).await?;
    let created_by = people
        .into_iter()
        .find(|user| user.id == campaign.created_by)
        .map(|user| user.name);
    let mut row = CampaignRow {
        campaign,
        counts,
        created_by,
        next_at: None,
        finishes_at: None,
    };
    let waiting = row.waiting();
    if row.campaign.state == CampaignState::Running && waiting > 0 {
        let channel = channels::get(tx, workspace_id, row.campaign.channel_id).await?;
        let pacing = asked.pacer.pacing(&channel);
        let facts = pacing::facts(tx, workspace_id, &channel, &pacing, asked.now).await?;
        if let Some((facts, _)) = facts {
            let next = facts.earliest(Beat::Mailing, true, asked.now);
            row.next_at = Some(next.map_or(asked.now, |(at, _)| at));
            let count = u32::try_from(waiting).unwrap_or(u32::MAX);
            row.finishes_at = Some(rhythm::forecast(&facts, count, asked.now).1);
        }
    }
    Ok(row)
}

/// A page of a campaign's recipients, in their order; of one standing if one is asked for. Such a page may be short and
/// still have a next.
///
/// # Errors
/// `not_found`.
pub async fn recipients(
    app: &App,
    by: &Caller,
    id: CampaignId,
    standing: Option<Standing>,
    after: Option<i64>,
    limit: i64,
) -> Result<Page<RecipientRow, i64>> {
    by.must(Permission::ConversationsRead)?;
    let input = (by.workspace_id, id, standing, after.unwrap_or(0), limit);
    let page = app
        .store
        .read(input, |tx, (workspace_id, id, standing, after, limit)| {
            Box::pin(async move {
                campaigns::get(tx, *workspace_id, *id).await?;
                let (items, next) =
                    campaigns::recipients(tx, *workspace_id, *id, *standing, *after, *limit)
                        .await?;
                Ok(Ok(Page { items, next }))
            })
        });
    told(page.await)
}
