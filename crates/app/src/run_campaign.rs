//! A mailing on an unofficial number: one text to many, at a human's pace. Every recipient's message stands in the
//! outbox from the start; the senders take them one by one as the number's rhythm lets them, and what is not sent yet
//! can be stopped at any time.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::access::Permission;
use domain::capability::{Purpose, Way, abilities, levels_whose_way};
use domain::content::Content;
use domain::event::{EventKind, NewEvent, Subjects};
use domain::id::{CampaignId, ChannelId, ContactId, ConversationId, MessageId, WorkspaceId};
use domain::message::{Delivery, Direction, Message, Receipts};
use domain::people::MarketingState;
use domain::phone::Phone;
use domain::rhythm;
use domain::sending::not_at_this_level;
use domain::wording::{self, first_name};
use jiff::{SignedDuration, Timestamp};
use store::campaigns::{self, Campaign, CampaignState, Recipient};
use store::keys::{Known, Once};
use store::outbox::OutboxState;
use store::{Tx, channels, contacts, keys, messages, outbox};

use crate::caller::Caller;
use crate::chance::Ids;
use crate::edit_contact::region_of;
use crate::error::{Told, told};
use crate::manage_wordings::values;
use crate::open_conversation::{Begin, contact_of_phone, thread_of};
use crate::pacing::{self, Pacer};
use crate::send_message::{Context, Queued, queue, refused};
use crate::senders::conclude;
use crate::sign_in::clean_name;
use crate::{App, Refusal, RefusalKind, Result, chance};

/// Recipients of one mailing: months at a human's pace.
const RECIPIENTS: usize = 20_000;
/// Recipients that one transaction writes down.
const PIECE: usize = 50;
const TEXT_LIMIT: usize = 4096;
/// Within this time the recipients of most mailings are written down; before, nothing may leave.
const WRITTEN_DOWN: SignedDuration = SignedDuration::from_secs(1);

/// What is asked.
#[derive(Debug, Clone)]
pub struct RunCampaign {
    pub channel_id: ChannelId,
    pub name: String,
    pub text: String,
    pub contact_ids: Vec<ContactId>,
    /// One phone a line, with a name after a comma if there is one.
    pub pasted: String,
    pub once: Option<Once>,
}

/// A line that cannot be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    pub line: usize,
    pub text: String,
    pub reason: &'static str,
}

/// What would happen.
#[derive(Debug, Clone)]
pub struct Plan {
    pub recipients: usize,
    pub invalid: Vec<BadLine>,
    pub duplicates: usize,
    pub opted_out: usize,
    pub first_at: Timestamp,
    pub finishes_at: Timestamp,
    /// The gateway tells of no answers, so each message carries a link under which one can ask to be left alone.
    pub opt_out_link: bool,
}

/// Somebody to be written to.
#[derive(Debug, Clone)]
enum Whom {
    Contact(ContactId),
    Phone {
        digits: String,
        name: Option<String>,
    },
}

struct Audience {
    whom: Vec<Whom>,
    invalid: Vec<BadLine>,
    duplicates: usize,
    opted_out: usize,
}

/// Says what would happen, without doing it.
///
/// # Errors
/// A refusal when the channel sends no mailings, or the text is wrong.
pub async fn plan(app: &App, by: &Caller, request: &RunCampaign) -> Result<Plan> {
    by.must(Permission::CampaignsManage)?;
    checked(request)?;
    let audience = audience(app, by, request).await?;
    let pacer = Pacer::new(app);
    let now = app.clock.business_now();
    let input = (by.workspace_id, request.channel_id, pacer, now);
    let read = app
        .store
        .read(input, |tx, (workspace_id, channel_id, pacer, now)| {
            Box::pin(async move {
                let channel = channels::get(tx, *workspace_id, *channel_id).await?;
                if let Err(refusal) = mailable(&channel) {
                    return Ok(Err(refusal));
                }
                let pacing = pacer.pacing(&channel);
                let facts = pacing::facts(tx, *workspace_id, &channel, &pacing, *now).await?;
                let reports = pacer.can(&channel).is_some_and(|can| can.reports_replies);
                Ok(Ok((facts.map(|(facts, _)| facts), reports)))
            })
        });
    let (facts, reports) = told(read.await)?;
    let count = u32::try_from(audience.whom.len()).unwrap_or(u32::MAX);
    let (first_at, finishes_at) =
        facts.map_or((now, now), |facts| rhythm::forecast(&facts, count, now));
    Ok(Plan {
        recipients: audience.whom.len(),
        invalid: audience.invalid,
        duplicates: audience.duplicates,
        opted_out: audience.opted_out,
        first_at,
        finishes_at,
        opt_out_link: !reports,
    })
}

/// Only a number whose table row sends mailings as free text; official ones send templates by campaigns of their own.
fn mailable(channel: &domain::channel::Channel) -> std::result::Result<(), Refusal> {
    let way = abilities(channel.level, channel.link).map(|can| can.way(Purpose::Mailing));
    if way == Some(Way::Sends) {
        return Ok(());
    }
    let levels = levels_whose_way(Purpose::Mailing, &[Way::Sends]);
    Err(refused(not_at_this_level(Purpose::Mailing, levels)))
}

fn checked(request: &RunCampaign) -> std::result::Result<(String, String), Refusal> {
    let name = clean_name(&request.name, "name")?;
    let text = request.text.replace('\0', "\u{fffd}");
    if text.trim().is_empty() {
        return Err(Refusal::invalid("text_empty", "text"));
    }
    let length = text.chars().count();
    if length > TEXT_LIMIT {
        return Err(Refusal::invalid("text_too_long", "text")
            .with("limit", TEXT_LIMIT)
            .with("got", length));
    }
    let unknown = wording::unknown_fields(&text);
    if !unknown.is_empty() {
        return Err(Refusal::invalid("wording_field_unknown", "text")
            .with("fields", unknown.join(", "))
            .with("known", wording::FIELDS.join(", ")));
    }
    Ok((name, text))
}

/// Who is written to: each once, nobody who asked to be left alone.
async fn audience(app: &App, by: &Caller, request: &RunCampaign) -> Result<Audience> {
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

/// Starts a mailing; answers its id.
///
/// # Errors
/// As [`plan`]; `nobody_to_write_to` when the audience is empty.
pub async fn run(app: &App, by: &Caller, request: RunCampaign) -> Result<CampaignId> {
    by.must(Permission::CampaignsManage)?;
    let (name, text) = checked(&request)?;
    let audience = audience(app, by, &request).await?;
    if audience.whom.is_empty() {
        return Err(Refusal::invalid("nobody_to_write_to", "to").into());
    }
    let now = app.clock.business_now();
    let campaign = Campaign {
        id: app.ids.next(now),
        channel_id: request.channel_id,
        name,
        text,
        state: CampaignState::Preparing,
        created_by: by
            .user_id()
            .unwrap_or_else(|| domain::id::UserId::from_bits(0)),
        created_at: now,
        stopped_at: None,
    };
    let input = (by.clone(), campaign.clone(), request.once.clone());
    let begun = app.store.write(input, |tx, (by, campaign, once)| {
        Box::pin(begin(tx, by, campaign, once.as_ref()))
    });
    if let Some(known) = told(begun.await)? {
        return Ok(known);
    }
    let mut position = 0;
    for piece in audience.whom.chunks(PIECE) {
        let input = Piece {
            by: by.clone(),
            campaign: campaign.clone(),
            whom: piece.to_vec(),
            position,
            tokens: piece.iter().map(|_| chance::token()).collect(),
            links: piece.iter().map(|_| String::new()).collect(),
            pacer: Pacer::new(app),
            now,
            ids: Arc::clone(&app.ids),
        };
        let input = input.with_links(app);
        app.store
            .write(Arc::new(input), |tx, piece| Box::pin(write_down(tx, piece)))
            .await?;
        position += i64::try_from(piece.len()).unwrap_or(0);
    }
    // From here on it runs: whatever breaks off before leaves a mailing that sends nothing.
    let input = (by.clone(), campaign.id, request.once, now);
    let started = app.store.write(input, |tx, (by, id, once, now)| {
        Box::pin(async move {
            let mut campaign = campaigns::get(tx, by.workspace_id, *id).await?;
            campaign.state = CampaignState::Running;
            campaigns::save(tx, by.workspace_id, &campaign).await?;
            tell(tx, by, &campaign, "started", *now);
            if let Some(once) = once {
                keys::done(tx, by.workspace_id, once, &id.to_string()).await?;
            }
            tx.wake(store::Wake::Outbox(by.workspace_id, campaign.channel_id));
            Ok(Ok(()))
        })
    });
    told(started.await)?;
    Ok(campaign.id)
}

async fn begin(
    tx: &mut Tx,
    by: &Caller,
    campaign: &Campaign,
    once: Option<&Once>,
) -> store::Result<Told<Option<CampaignId>>> {
    let mismatch = || Refusal::new(RefusalKind::Invalid, "idempotency_mismatch");
    if let Some(once) = once {
        match keys::claim(tx, by.workspace_id, once, campaign.created_at).await? {
            Known::New => {}
            Known::Done(id) => return Ok(id.parse().map(Some).map_err(|_| mismatch())),
            Known::Mismatch => return Ok(Err(mismatch())),
        }
    }
    let channel = channels::get(tx, by.workspace_id, campaign.channel_id).await?;
    if let Err(refusal) = mailable(&channel) {
        return Ok(Err(refusal));
    }
    campaigns::save(tx, by.workspace_id, campaign).await?;
    Ok(Ok(None))
}

struct Piece {
    by: Caller,
    campaign: Campaign,
    whom: Vec<Whom>,
    position: i64,
    tokens: Vec<String>,
    links: Vec<String>,
    pacer: Pacer,
    now: Timestamp,
    ids: Arc<Ids>,
}

impl Piece {
    fn with_links(mut self, app: &App) -> Self {
        self.links = self
            .tokens
            .iter()
            .map(|token| app.link(&format!("/o/{token}")).unwrap_or_default())
            .collect();
        self
    }
}

async fn write_down(tx: &mut Tx, piece: &Piece) -> store::Result<()> {
    let workspace_id = piece.by.workspace_id;
    let channel_id = piece.campaign.channel_id;
    let channel = channels::get(tx, workspace_id, channel_id).await?;
    let with_link = !piece
        .pacer
        .can(&channel)
        .is_some_and(|can| can.reports_replies);
    let common = values(tx, &piece.by, None, None).await?;
    let mut written = Vec::new();
    for (place, whom) in piece.whom.iter().enumerate() {
        let contact = match whom {
            Whom::Contact(id) => contacts::get(tx, workspace_id, *id).await?,
            Whom::Phone { digits, name } => {
                let name = name.as_deref();
                contact_of_phone(tx, &piece.by, digits, name, piece.now, &piece.ids).await?
            }
        };
        let thread = thread_of(
            tx,
            &piece.by,
            contact.id,
            channel_id,
            Begin::Resolved,
            piece.now,
            &piece.ids,
        )
        .await?;
        let mut values = common.clone();
        if let Some(name) = contact.name.as_ref().or(contact.profile_name.as_ref()) {
            values.insert("contact.first_name", first_name(name).to_owned());
            values.insert("contact.name", name.clone());
        }
        if let Some(phone) = &contact.phone {
            values.insert("contact.phone", format!("+{phone}"));
        }
        let mut text = wording::fill(&piece.campaign.text, &values).text;
        if with_link {
            let (token, link) = (&piece.tokens[place], &piece.links[place]);
            text = format!("{text}\n\n{link}");
            let hash = chance::hash(token);
            campaigns::add_opt_out_link(tx, workspace_id, &hash, contact.id, channel_id, piece.now)
                .await?;
        }
        let context = Context::load(tx, workspace_id, thread, piece.now, &piece.pacer).await?;
        let message = message_of(piece, &context, text);
        let (message_id, conversation_id) = (message.id, message.conversation_id);
        let queued = Queued {
            purpose: Purpose::Mailing,
            campaign_id: Some(piece.campaign.id),
        };
        let position = piece.position + i64::try_from(place).unwrap_or(0) + 1;
        // They leave in their order: each is due a moment after the one before it, the first when all are written down.
        let due = piece.now + WRITTEN_DOWN + SignedDuration::from_millis(position);
        queue(tx, &piece.by, context, message, queued, due, &piece.ids).await?;
        written.push(Recipient {
            position,
            contact_id: contact.id,
            conversation_id,
            message_id,
            answered_at: None,
            opted_out_at: None,
        });
    }
    campaigns::add_recipients(tx, workspace_id, piece.campaign.id, &written).await
}

fn message_of(piece: &Piece, context: &Context, text: String) -> Message {
    Message {
        id: piece.ids.next(piece.now),
        conversation_id: context.thread.id,
        connection_id: context.channel.connection.as_ref().map(|known| known.id),
        direction: Direction::Out,
        author: piece.by.author(),
        provider_id: None,
        content: Content::Text {
            text,
            preview_url: false,
        },
        at: piece.now,
        received_at: None,
        late: false,
        reply_to: None,
        forwarded: false,
        referral: None,
        resend_of: None,
        send_at: None,
        delivery: Some(Delivery::Queued),
        receipts: Receipts::default(),
        failure: None,
        pricing: None,
        edited: None,
        revoked_at: None,
        reactions: vec![],
    }
}

/// Stops a mailing: what has not left stays here. Stopped twice, it is stopped.
///
/// # Errors
/// `not_found`.
pub async fn stop(app: &App, by: &Caller, id: CampaignId) -> Result<()> {
    by.must(Permission::CampaignsManage)?;
    let now = app.clock.business_now();
    // First the state: from here on nothing of it is marked any more.
    let input = (by.clone(), id, now);
    let stopped = app.store.write(input, |tx, (by, id, now)| {
        Box::pin(async move {
            let mut campaign = campaigns::get(tx, by.workspace_id, *id).await?;
            if campaign.state != CampaignState::Stopped {
                campaign.state = CampaignState::Stopped;
                campaign.stopped_at = Some(*now);
                campaigns::save(tx, by.workspace_id, &campaign).await?;
                tell(tx, by, &campaign, "stopped", *now);
            }
            Ok(Ok(()))
        })
    });
    told(stopped.await)?;
    loop {
        let input = (by.workspace_id, id, now);
        let left = app.store.write(input, |tx, (workspace_id, id, now)| {
            Box::pin(async move {
                let limit = i64::try_from(PIECE).unwrap_or(1);
                let rows = outbox::cancel_of_campaign(tx, *workspace_id, *id, limit).await?;
                for row in &rows {
                    cancel_message(tx, *workspace_id, row.message_id, *now).await?;
                }
                Ok(rows.len())
            })
        });
        if left.await? < PIECE {
            return Ok(());
        }
    }
}

/// Takes back what still waits of mailings to a person: they answered, or asked to be left alone.
pub(crate) async fn cancel_waiting(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    conversation_id: ConversationId,
    now: Timestamp,
) -> store::Result<()> {
    for mut row in outbox::mailings_of_conversation(tx, workspace_id, conversation_id).await? {
        row.state = OutboxState::Cancelled;
        outbox::save(tx, workspace_id, &[&row]).await?;
        cancel_message(tx, workspace_id, row.message_id, now).await?;
    }
    Ok(())
}

async fn cancel_message(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    message_id: Option<MessageId>,
    now: Timestamp,
) -> store::Result<()> {
    let Some(message_id) = message_id else {
        return Ok(());
    };
    let message = messages::get(tx, workspace_id, message_id).await?;
    conclude(tx, workspace_id, message, now, |message| {
        message.delivery = Some(Delivery::Cancelled);
    })
    .await
}

fn tell(tx: &mut Tx, by: &Caller, campaign: &Campaign, what: &str, now: Timestamp) {
    let subjects = Subjects {
        channel_id: Some(campaign.channel_id),
        ..Subjects::default()
    };
    let event = NewEvent::new(EventKind::CampaignChanged, now, by.actor(), subjects);
    tx.emit(
        by.workspace_id,
        event.with("campaign_id", campaign.id).with("what", what),
    );
}
