//! A part of the history on its way into the database, and what its lines say.

use std::collections::BTreeMap;

use domain::content::{
    CardPhone, ContactCard, Content, Interactive, InteractiveAction, Location, ReplyButton,
};
use domain::id::{AccountId, MediaId, MessageId, WorkspaceId};
use domain::inbound::World;
use jiff::Timestamp;
use store::media::{Media, MediaState};
use store::{Tx, attention, media, world};

use super::files::DemoFile;

/// A part, ready to be saved.
pub(super) struct Told {
    pub(super) workspace_id: WorkspaceId,
    pub(super) accounts: BTreeMap<domain::id::ConnectionId, AccountId>,
    pub(super) late: Vec<(domain::id::AttentionId, MessageId)>,
    /// Taken by the one attempt that saves it: the database has nobody else yet, so none is tried twice.
    pub(super) world: std::sync::Mutex<Option<World>>,
    pub(super) files: Vec<Media>,
    pub(super) at: Timestamp,
    pub(super) machine_now: Timestamp,
}

pub(super) async fn save(tx: &mut Tx, told: &Told) -> store::Result<()> {
    let taken = told
        .world
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .take();
    let Some(world) = taken else {
        return Err(store::Error::Unavailable(
            "a part of the demo was tried twice".to_owned(),
        ));
    };
    let workspace_id = told.workspace_id;
    for (id, message_id) in &told.late {
        let conversation_id = world
            .messages
            .get(message_id)
            .map(|message| message.now.conversation_id);
        let item = attention::Attention {
            id: *id,
            kind: "message_late".to_owned(),
            conversation_id,
            message_id: Some(*message_id),
            facts: BTreeMap::new(),
            created_at: told.at,
        };
        attention::raise(tx, workspace_id, &item).await?;
    }
    world::save(
        tx,
        workspace_id,
        world,
        &told.accounts,
        told.at,
        told.machine_now,
    )
    .await?;
    for file in &told.files {
        media::save(tx, workspace_id, file).await?;
    }
    Ok(())
}

pub(super) fn stored(
    id: MediaId,
    message_id: Option<MessageId>,
    account_id: AccountId,
    file: &DemoFile,
    name: String,
    at: Timestamp,
) -> Media {
    Media {
        id,
        message_id,
        account_id: Some(account_id),
        state: MediaState::Stored,
        media_kind: file.media_kind,
        mime_type: Some(file.mime_type.to_owned()),
        filename: file.filename.map(ToOwned::to_owned),
        size_bytes: i64::try_from(file.bytes.len()).ok(),
        sha256: Some(name),
        source: None,
        upload: None,
        tries: 0,
        next_try_at: None,
        created_at: at,
    }
}

pub(super) fn text(words: &str) -> Content {
    Content::Text {
        text: words.to_owned(),
        preview_url: false,
    }
}

pub(super) fn office() -> Content {
    Content::Location(Location {
        latitude: 32.0853,
        longitude: 34.7818,
        name: Some("המשרד".to_owned()),
        address: Some("רחוב הדוגמה 1, תל אביב".to_owned()),
        url: None,
    })
}

pub(super) fn spouse() -> Content {
    Content::Contacts {
        cards: vec![ContactCard {
            formatted_name: Some("דני דוגמה".to_owned()),
            phones: vec![CardPhone {
                phone: "+972 50-000-0199".to_owned(),
                wa_id: Some("972500000199".to_owned()),
                label: Some("CELL".to_owned()),
            }],
            ..ContactCard::default()
        }],
    }
}

pub(super) fn buttons(body: &str, titles: &[&str]) -> Content {
    Content::Interactive(Interactive {
        header: None,
        body: body.to_owned(),
        footer: None,
        action: InteractiveAction::Buttons {
            buttons: titles
                .iter()
                .map(|title| ReplyButton {
                    id: (*title).to_owned(),
                    title: (*title).to_owned(),
                })
                .collect(),
        },
    })
}
