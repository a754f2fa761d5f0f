//! The judge. It trusts what the witness wrote down and what the sandbox's ledger says, and looks at the database of a
//! process that has stopped.

use std::collections::{BTreeMap, BTreeSet};

use domain::message::{Delivery, Direction};
use serde_json::Value;
use store::conversations::View;
use store::{Store, contacts, conversations, messages};

use super::Result;
use super::witness::Witness;
use super::world::WORKSPACE;

/// What was found; empty violations are a pass.
#[derive(Debug, Default)]
pub struct Verdict {
    pub violations: Vec<String>,
    pub figures: BTreeMap<&'static str, u64>,
}

impl Verdict {
    fn demand(&mut self, holds: bool, says: impl FnOnce() -> String) {
        if !holds {
            self.violations.push(says());
        }
    }
}

struct Found {
    inbound: BTreeMap<String, u64>,
    outbound: BTreeMap<String, (Option<Delivery>, Option<String>)>,
    conversations: u64,
    contacts: u64,
}

async fn everything(store: &Store) -> Result<Found> {
    let mut found = Found {
        inbound: BTreeMap::new(),
        outbound: BTreeMap::new(),
        conversations: 0,
        contacts: 0,
    };
    let mut cursor = None;
    loop {
        let page = store
            .read(cursor, |tx, cursor| {
                Box::pin(conversations::page(
                    tx,
                    WORKSPACE,
                    View::All,
                    None,
                    *cursor,
                    100,
                ))
            })
            .await?;
        let Some(last) = page.last() else { break };
        cursor = Some((last.last_at, last.id));
        for thread in &page {
            found.conversations += 1;
            let mut before = None;
            loop {
                let page = store
                    .read((thread.id, before), |tx, (id, before)| {
                        Box::pin(messages::page(tx, WORKSPACE, *id, *before, 500))
                    })
                    .await?;
                let Some(last) = page.last() else { break };
                before = Some((last.at, last.id));
                for message in page {
                    match message.direction {
                        Direction::In => {
                            *found
                                .inbound
                                .entry(message.provider_id.unwrap_or_default())
                                .or_default() += 1;
                        }
                        _ => {
                            found.outbound.insert(
                                message.id.to_string(),
                                (message.delivery, message.provider_id),
                            );
                        }
                    }
                }
            }
        }
    }
    let mut before = None;
    loop {
        let page = store
            .read(before, |tx, before| {
                Box::pin(contacts::page(tx, WORKSPACE, *before, 200))
            })
            .await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        found.contacts += page.len() as u64;
    }
    Ok(found)
}

/// What the sandbox accepted: our id → how often.
#[derive(Debug, Default)]
pub struct Ledger {
    pub accepted: BTreeMap<String, u64>,
    /// Ids whose statuses have gone out.
    pub told: BTreeSet<String>,
    pub max_per_second: u64,
    pub refused: BTreeMap<String, u64>,
}

/// Reads the sandbox's ledger.
///
/// # Errors
/// When the sandbox does not answer.
pub async fn ledger(sandbox_url: &str) -> Result<Ledger> {
    let client = reqwest::Client::builder()
        .timeout(std::time::Duration::from_secs(30))
        .build()?;
    let mut all = Ledger::default();
    let mut since = 0_u64;
    loop {
        let page: Value = client
            .get(format!(
                "{sandbox_url}/control/ledger?since={since}&limit=500"
            ))
            .send()
            .await?
            .json()
            .await?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        for item in &items {
            // Reactions and read marks carry no id of ours.
            if let Some(opaque) = item["opaque"].as_str() {
                *all.accepted.entry(opaque.to_owned()).or_default() += 1;
                if !item["sent_at"].is_null() || !item["failed_at"].is_null() {
                    all.told.insert(opaque.to_owned());
                }
            }
        }
        if let Some(most) = page["counts"]["max_per_second"].as_object() {
            all.max_per_second = most.values().filter_map(Value::as_u64).max().unwrap_or(0);
        }
        if let Some(refused) = page["counts"]["refused"].as_object() {
            all.refused = refused
                .iter()
                .filter_map(|(code, count)| Some((code.clone(), count.as_u64()?)))
                .collect();
        }
        match page["next"].as_u64() {
            Some(next) if !items.is_empty() && next > since => since = next,
            _ => return Ok(all),
        }
    }
}

/// Judges a run.
///
/// # Errors
/// When the database or the sandbox cannot be read.
pub async fn judge(store: &Store, witness: &Witness, ledger: &Ledger, cap: u64) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let found = everything(store).await?;
    let acknowledged = witness.webhooks();
    let missing = acknowledged
        .iter()
        .filter(|wamid| !found.inbound.contains_key(*wamid))
        .count();
    verdict.demand(missing == 0, || {
        format!("{missing} acknowledged messages are missing")
    });
    let doubled = found.inbound.values().filter(|count| **count > 1).count();
    verdict.demand(doubled == 0, || format!("{doubled} messages are in twice"));
    verdict.demand(found.conversations == found.contacts, || {
        format!(
            "{} conversations of {} contacts",
            found.conversations, found.contacts
        )
    });
    let twice = ledger.accepted.values().filter(|count| **count > 1).count();
    verdict.demand(twice == 0, || {
        format!("{twice} messages were accepted twice by the provider")
    });
    verdict.demand(ledger.max_per_second <= cap, || {
        format!(
            "{} messages left in one second, the number takes {cap}",
            ledger.max_per_second
        )
    });
    let over = ledger.refused.get("130429").copied().unwrap_or(0)
        + ledger.refused.get("131056").copied().unwrap_or(0);
    verdict.demand(over == 0, || {
        format!("{over} sends were refused for being too fast")
    });
    let taken = witness.sends();
    let lost = taken
        .iter()
        .filter(|id| !found.outbound.contains_key(*id))
        .count();
    verdict.demand(lost == 0, || {
        format!("{lost} messages that were taken are gone")
    });
    let mut unclear = 0;
    for (id, (delivery, _)) in &found.outbound {
        let told = ledger.told.contains(id);
        if *delivery == Some(Delivery::Unclear) {
            unclear += 1;
            verdict.demand(!told, || {
                format!("{id} is unclear though its statuses came")
            });
        }
        verdict.demand(
            !matches!(delivery, Some(Delivery::Queued | Delivery::Sending)),
            || format!("{id} never left: {delivery:?}"),
        );
        verdict.demand(
            !told || delivery.is_some_and(|delivery| delivery >= Delivery::Sent),
            || format!("{id} was told of but stands at {delivery:?}"),
        );
    }
    let unknown = ledger
        .accepted
        .keys()
        .filter(|id| !found.outbound.contains_key(*id))
        .count();
    verdict.demand(unknown == 0, || {
        format!("{unknown} messages left that nobody asked for")
    });
    verdict.figures = BTreeMap::from([
        ("webhooks acknowledged", acknowledged.len() as u64),
        ("messages in", found.inbound.len() as u64),
        ("contacts", found.contacts),
        ("sends taken", taken.len() as u64),
        ("accepted by the provider", ledger.accepted.len() as u64),
        ("still unclear (never accepted)", unclear),
        ("most in one second", ledger.max_per_second),
    ]);
    Ok(verdict)
}
