//! Who a mailing writes to: each once, nobody who asked to be left alone.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use domain::id::ContactId;
use domain::people::MarketingState;
use domain::phone::Phone;
use serde::{Deserialize, Serialize};
use store::contacts;

use super::RunCampaign;
use crate::caller::Caller;
use crate::edit_contact::region_of;
use crate::{App, Refusal, Result};

/// Recipients of one mailing: months at a human's pace.
const RECIPIENTS: usize = 20_000;

/// A line that cannot be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    pub line: usize,
    pub text: String,
    pub reason: &'static str,
}

/// Somebody to be written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Whom {
    Contact(ContactId),
    Phone {
        digits: String,
        name: Option<String>,
    },
}

pub(super) struct Audience {
    pub(super) whom: Vec<Whom>,
    pub(super) invalid: Vec<BadLine>,
    pub(super) duplicates: usize,
    pub(super) opted_out: usize,
}

pub(super) async fn audience(app: &App, by: &Caller, request: &RunCampaign) -> Result<Audience> {
    let region = region_of(app, by).await?;
    let mut found = Audience {
        whom: vec![],
        invalid: vec![],
        duplicates: 0,
        opted_out: 0,
    };
    let mut phones: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut order = Vec::new();
    for (number, line) in request.pasted.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let (phone, name) = line
            .split_once([',', ';', '\t'])
            .map_or((line, None), |(phone, name)| (phone, Some(name)));
        match Phone::parse(phone.trim(), region) {
            Ok(phone) => {
                let digits = phone.digits().to_owned();
                let name = name.and_then(domain::text::clean_name);
                match phones.entry(digits.clone()) {
                    Entry::Occupied(mut known) => {
                        found.duplicates += 1;
                        // The same line once more without a name takes none away.
                        let known = known.get_mut();
                        *known = known.take().or(name);
                    }
                    Entry::Vacant(free) => {
                        free.insert(name);
                        order.push(digits);
                    }
                }
            }
            Err(_) => found.invalid.push(BadLine {
                line: number + 1,
                text: domain::text::snippet(line, 60),
                reason: "phone_invalid",
            }),
        }
    }
    if order.len() + request.contact_ids.len() > RECIPIENTS {
        let refusal = Refusal::invalid("too_many_recipients", "to");
        return Err(refusal.with("limit", RECIPIENTS).into());
    }
    let mut taken: BTreeSet<ContactId> = BTreeSet::new();
    for ids in request.contact_ids.chunks(200) {
        let read = app
            .store
            .read((by.workspace_id, ids.to_vec()), |tx, (id, ids)| {
                Box::pin(contacts::list(tx, *id, ids))
            });
        let known: BTreeMap<_, _> = read
            .await?
            .into_iter()
            .map(|contact| (contact.id, contact))
            .collect();
        for id in ids {
            match known.get(id) {
                Some(contact) if contact.marketing.state == MarketingState::OptedOut => {
                    found.opted_out += 1;
                }
                Some(contact) if contact.phone.is_some() => {
                    if taken.insert(contact.id) {
                        found.whom.push(Whom::Contact(contact.id));
                        if let Some(phone) = &contact.phone {
                            found.duplicates += usize::from(phones.remove(phone).is_some());
                        }
                    } else {
                        found.duplicates += 1;
                    }
                }
                Some(_) => found.invalid.push(BadLine {
                    line: 0,
                    text: id.to_string(),
                    reason: "no_address",
                }),
                None => {
                    return Err(Refusal::invalid("contact_unknown", "to.contact_ids").into());
                }
            }
        }
    }
    let opted_out = opted_out_phones(app, by, &order).await?;
    for digits in order {
        let Some(name) = phones.remove(&digits) else {
            continue;
        };
        if opted_out.contains(&digits) {
            found.opted_out += 1;
        } else {
            found.whom.push(Whom::Phone { digits, name });
        }
    }
    Ok(found)
}

async fn opted_out_phones(app: &App, by: &Caller, phones: &[String]) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for piece in phones.chunks(200) {
        let input = (by.workspace_id, piece.to_vec());
        let read = app.store.read(input, |tx, (workspace_id, phones)| {
            Box::pin(async move {
                let identities: Vec<_> = phones
                    .iter()
                    .map(|phone| domain::people::Identity {
                        kind: domain::people::IdentityKind::Phone,
                        scope: String::new(),
                        value: phone.clone(),
                    })
                    .collect();
                let owners = contacts::owners(tx, *workspace_id, &identities).await?;
                let ids: Vec<ContactId> = owners.iter().map(|(_, row)| row.contact_id).collect();
                let people = contacts::list(tx, *workspace_id, &ids).await?;
                let out: BTreeSet<ContactId> = people
                    .into_iter()
                    .filter(|one| one.marketing.state == MarketingState::OptedOut)
                    .map(|one| one.id)
                    .collect();
                Ok(owners
                    .into_iter()
                    .filter(|(_, row)| out.contains(&row.contact_id))
                    .map(|(identity, _)| identity.value)
                    .collect::<Vec<_>>())
            })
        });
        found.extend(read.await?);
    }
    Ok(found)
}
