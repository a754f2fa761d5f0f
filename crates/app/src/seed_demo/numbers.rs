//! The demo's other numbers: an agent's own Business app, a gateway and an official partner. So each licence level and
//! each family of providers can be looked at beside the others.

use domain::channel::{InstantReply, Level, Link, LinkState, Provider};
use domain::id::{ChannelId, ContactId};
use domain::people::{Identity, IdentityKind};
use jiff::{SignedDuration, Timestamp};
use store::{channels, contacts};
use whatsapp::provider::Secret;

use super::cast::CAST;
use super::{Furnished, Sandbox, phone_of};
use crate::connect_number::{ConnectNumber, connect};
use crate::edit_channel::{EditChannel, edit};
use crate::manage_wordings;
use crate::run_campaign::RunCampaign;
use crate::{App, Refusal, RefusalKind, Result};

/// The pretend gateway's key and number, as it has them from the start.
const WAHA_KEY: &str = "sandbox-waha-key";
const DIALOG360_KEY: &str = "sandbox-360-key";
const DIALOG360_PHONE: &str = "+972500000023";
const AGENT_PHONE: &str = "050-000-0032";

/// So long ago the gateway's number was linked: its warm-up is over.
const LINKED_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 30);

const INSTANT_REPLY: &str =
    "תודה שפנית למשכנתאות לדוגמה! קיבלנו את ההודעה ונחזור אליך עוד היום, בין 9:00 ל־18:00.";

const WORDINGS: [(&str, &str); 2] = [
    (
        "היכרות",
        "שלום {{contact.first_name}}, כאן {{user.name}} מ{{business.name}}. קיבלתי את הפנייה שלך, מתי נוח לדבר?",
    ),
    (
        "אין מענה",
        "שלום {{contact.first_name}}, ניסיתי להתקשר ולא הייתה תשובה. אפשר לכתוב לי כאן מתי נוח, ואחזור אליך.",
    ),
];

/// Whom the mailing is for: places in the cast, of people who did not ask to be left alone.
const AUDIENCE: [usize; 12] = [0, 1, 3, 4, 6, 8, 11, 14, 15, 16, 19, 24];

const MAILING_NAME: &str = "הריבית ירדה";
const MAILING_TEXT: &str = "פרסומת · {{business.name}}\nשלום {{contact.first_name}}, הריבית ירדה החודש. לבדוק אם כדאי למחזר? הבדיקה בחינם.\nלהסרה השיבו ״הסר״.";

/// What somebody does with the mailing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listener {
    pub name: &'static str,
    pub reads: bool,
    pub phone_off: bool,
    pub answers: Option<&'static str>,
}

/// Connects them; answers the gateway's.
///
/// # Errors
/// When a provider cannot be connected, or the database says no.
pub async fn numbers(app: &App, demo: &Furnished, sandbox: &Sandbox) -> Result<ChannelId> {
    by_hand(app, demo).await?;
    let gateway = gateway(app, demo, sandbox).await?;
    partner(app, demo, sandbox).await?;
    Ok(gateway)
}

fn plain(name: &str, provider: Provider, level: Level, link: Link) -> ConnectNumber {
    ConnectNumber {
        name: name.to_owned(),
        provider,
        level,
        link,
        base_url: None,
        account: None,
        number: None,
        phone: None,
        token: None,
        webhook_secret: None,
        accept_risk: false,
        pipeline_id: None,
        once: None,
        moved: None,
    }
}

/// The agent's own app: nothing to connect, a text for its instant reply, and two wordings to begin with.
async fn by_hand(app: &App, demo: &Furnished) -> Result<()> {
    let by = demo.person(0);
    let request = ConnectNumber {
        phone: Some(AGENT_PHONE.to_owned()),
        ..plain(
            "הנייד של גיל",
            Provider::None,
            Level::BusinessApp,
            Link::None,
        )
    };
    let id = connect(app, &by, request).await?;
    let version = crate::browse::settings::channel(app, &by, id)
        .await?
        .channel
        .version;
    let change = EditChannel {
        version,
        instant_reply: Some(Some(InstantReply {
            enabled: true,
            text: INSTANT_REPLY.to_owned(),
            period_hours: 24,
        })),
        ..EditChannel::default()
    };
    edit(app, &by, id, change).await?;
    for (name, text) in WORDINGS {
        manage_wordings::add(app, &demo.person(2), name, text).await?;
    }
    Ok(())
}

/// A gateway's number that has been linked for a month.
async fn gateway(app: &App, demo: &Furnished, sandbox: &Sandbox) -> Result<ChannelId> {
    let request = ConnectNumber {
        base_url: Some(format!("{}/waha", sandbox.url)),
        number: Some("default".to_owned()),
        token: Some(Secret::new(WAHA_KEY.to_owned())),
        accept_risk: true,
        ..plain(
            "קו הדיוור",
            Provider::Waha,
            Level::BusinessApp,
            Link::GatewayOneWay,
        )
    };
    let id = connect(app, &demo.person(0), request).await?;
    // Told where to report, the gateway starts its session again.
    for _ in 0..100 {
        crate::jobs::read_number::read(app, id).await?;
        app.reload_directory().await?;
        let row = crate::browse::settings::channel(app, &demo.person(0), id).await?;
        if row.channel.health.link == LinkState::Linked {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let since = app.clock.machine_now() - LINKED_BEFORE;
    linked_since(app, demo, id, since).await?;
    Ok(id)
}

async fn linked_since(app: &App, demo: &Furnished, id: ChannelId, since: Timestamp) -> Result<()> {
    let input = (demo.workspace_id, id, since);
    app.store
        .write(input, |tx, (workspace_id, id, since)| {
            Box::pin(async move {
                let mut channel = channels::get(tx, *workspace_id, *id).await?;
                if let Some(connection) = &channel.connection {
                    channels::set_linked_at(tx, *workspace_id, connection.id, *since).await?;
                }
                if let Some(accepted) = &mut channel.settings.risk_accepted {
                    accepted.at = *since;
                }
                channels::update(tx, *workspace_id, &channel).await?;
                Ok(())
            })
        })
        .await?;
    app.reload_directory().await
}

/// An official partner's number.
async fn partner(app: &App, demo: &Furnished, sandbox: &Sandbox) -> Result<()> {
    let request = ConnectNumber {
        base_url: Some(format!("{}/360dialog", sandbox.url)),
        phone: Some(DIALOG360_PHONE.to_owned()),
        token: Some(Secret::new(DIALOG360_KEY.to_owned())),
        ..plain(
            "סניף חיפה",
            Provider::Dialog360,
            Level::BusinessApi,
            Link::Api,
        )
    };
    let id = connect(app, &demo.person(0), request).await?;
    crate::jobs::read_number::read(app, id).await?;
    crate::jobs::read_templates::read(app, id).await?;
    app.reload_directory().await
}

/// Who is written to by the mailing, as the pretend WhatsApp is to have them.
#[must_use]
pub fn audience() -> Vec<(String, Listener)> {
    AUDIENCE
        .iter()
        .enumerate()
        .filter_map(|(place, index)| {
            let name = CAST.get(*index)?.name;
            let answers = match place {
                2 => Some("כן, אשמח לבדיקה"),
                4 => Some("הסר"),
                7 => Some("כמה אפשר לחסוך?"),
                9 => Some("אפשר להתקשר אליי מחר"),
                _ => None,
            };
            let listener = Listener {
                name,
                reads: !matches!(place, 1 | 6 | 10 | 11),
                phone_off: place == 10,
                answers,
            };
            Some((phone_of(*index), listener))
        })
        .collect()
}

/// The mailing, ready to be run.
///
/// # Errors
/// When the history was not told yet, or the database says no.
pub async fn mailing(app: &App, demo: &Furnished, channel_id: ChannelId) -> Result<RunCampaign> {
    let identities: Vec<Identity> = AUDIENCE
        .iter()
        .map(|index| Identity {
            kind: IdentityKind::Phone,
            scope: String::new(),
            value: phone_of(*index),
        })
        .collect();
    let read = app.store.read(
        (demo.workspace_id, identities),
        |tx, (workspace_id, identities)| Box::pin(contacts::owners(tx, *workspace_id, identities)),
    );
    let owners = read.await?;
    let contact_ids: Vec<ContactId> = AUDIENCE
        .iter()
        .filter_map(|index| {
            let phone = phone_of(*index);
            let known = owners.iter().find(|(identity, _)| identity.value == phone);
            known.map(|(_, row)| row.contact_id)
        })
        .collect();
    if contact_ids.len() < AUDIENCE.len() {
        return Err(Refusal::new(RefusalKind::NotFound, "not_found").into());
    }
    Ok(RunCampaign {
        channel_id,
        name: MAILING_NAME.to_owned(),
        text: MAILING_TEXT.to_owned(),
        contact_ids,
        pasted: String::new(),
        once: None,
    })
}
