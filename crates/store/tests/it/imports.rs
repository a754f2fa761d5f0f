//! Exported chats in memory, on both databases.

use domain::chat_export::{
    Chat, Choices, Keys, Likeness, Preview, Reading, Side, Us, Whom, content_of,
};
use domain::conversation::Conversation;
use domain::event::Actor;
use domain::id::{ChannelId, ConversationId, Id, ImportId, MessageId, WorkspaceId};
use domain::inbound::{Move, Tracked};
use domain::message::{Author, AuthorKind, Direction, Message, Receipts};
use jiff::Timestamp;
use store::imports::{Import, ImportState, Made, NewMessage};
use store::{Store, conversations, imports, messages, search};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_785_000_000 + second).unwrap()
}

const TEXT: &str = "5.8.2026, 10:00 - Dana: ראשונה\n5.8.2026, 10:01 - Dana: שנייה\n13.8.2026, 10:02 - Dana: שלישית\n";

fn import(id: u128, thread: ConversationId) -> Import {
    let chat = Chat::read(TEXT, &Reading::default()).unwrap();
    Import {
        id: ImportId::from_bits(id),
        channel_id: ChannelId::from_bits(1),
        state: ImportState::Applying,
        file_name: Some("צ'אט.txt".into()),
        file_bytes: 100,
        choices: Choices {
            us: Us::Nobody,
            whom: Whom::New {
                name: None,
                phone: Some("972500000010".into()),
            },
            date_order: None,
            time_zone: "Asia/Jerusalem".into(),
            make_lead: false,
            include_group: false,
        },
        preview: Preview {
            facts: chat.facts,
            known: vec![("Dana".into(), Id::from_bits(1))],
            first: at(0),
            last: at(9),
            messages: 3,
            media: 0,
            files: 0,
            new: 3,
            already_there: 0,
            sample: vec![],
        },
        contact_id: Some(Id::from_bits(1)),
        conversation_id: Some(thread),
        lead_id: None,
        made: Made {
            contact: Some(1),
            conversation: true,
            lead: None,
        },
        done: 0,
        total: 3,
        added: 0,
        failure: None,
        actor: Actor::user(Id::from_bits(7)),
        created_by: Some(Id::from_bits(7)),
        created_at: at(0),
        applied_at: None,
        undone_at: None,
    }
}

/// The messages of a text, with ids from this one on.
fn new_messages(text: &str, thread: ConversationId, first_id: u128) -> Vec<NewMessage> {
    let chat = Chat::read(text, &Reading::default()).unwrap();
    let mut keys = Keys::default();
    let all = chat
        .entries
        .iter()
        .zip(0_u8..)
        .map(|(entry, nth)| NewMessage {
            key: keys.next(entry.at, Likeness::of(entry, Side::Them).unwrap()),
            message: Message {
                id: MessageId::from_bits(first_id + u128::from(nth)),
                conversation_id: thread,
                connection_id: None,
                direction: Direction::In,
                author: Author {
                    kind: AuthorKind::Import,
                    user_id: None,
                },
                provider_id: None,
                content: content_of(&entry.what).unwrap(),
                at: at(nth.into()),
                received_at: None,
                late: false,
                reply_to: None,
                forwarded: false,
                referral: None,
                resend_of: None,
                send_at: None,
                delivery: None,
                receipts: Receipts::default(),
                failure: None,
                pricing: None,
                edited: None,
                revoked_at: None,
                reactions: vec![],
            },
            sender: Some("Dana".into()),
            file: None,
        });
    all.collect()
}

async fn keep(store: &Store, id: WorkspaceId, import: &Import) {
    store
        .write((id, import.clone()), |tx, (id, import)| {
            Box::pin(imports::save(tx, *id, import))
        })
        .await
        .unwrap();
}

async fn add(store: &Store, id: WorkspaceId, import: &Import, all: Vec<NewMessage>) -> usize {
    let thread = import.conversation_id.unwrap();
    store
        .write(
            (id, import.id, thread, all),
            |tx, (id, import, thread, all)| Box::pin(imports::add(tx, *id, *import, *thread, all)),
        )
        .await
        .unwrap()
}

async fn found(store: &Store, id: WorkspaceId, words: &'static str) -> usize {
    store
        .read((id, words), |tx, (id, words)| {
            Box::pin(search::conversations(tx, *id, words, 10))
        })
        .await
        .unwrap()
        .len()
}

async fn shown(store: &Store, id: WorkspaceId, thread: ConversationId) -> Vec<String> {
    let page = store.read((id, thread), |tx, (id, thread)| {
        Box::pin(messages::page(tx, *id, *thread, None, 100))
    });
    page.await
        .unwrap()
        .iter()
        .map(|message| message.content.words())
        .collect()
}

#[tokio::test]
async fn a_newer_export_adds_only_what_is_new_and_an_undo_takes_exactly_that() {
    for fresh in crate::both().await {
        let (store, id) = (&fresh.store, WorkspaceId::from_bits(1));
        let thread = ConversationId::from_bits(1);
        let (old, new) = (import(1, thread), import(2, thread));
        keep(store, id, &old).await;
        keep(store, id, &new).await;
        let read = store.read((id, old.id), |tx, (id, one)| {
            Box::pin(imports::get(tx, *id, *one))
        });
        assert_eq!(read.await.unwrap(), old);

        assert_eq!(
            add(store, id, &old, new_messages(TEXT, thread, 100)).await,
            3
        );
        // A piece that is written again after a crash.
        assert_eq!(
            add(store, id, &old, new_messages(TEXT, thread, 200)).await,
            0
        );
        let longer = format!("{TEXT}13.8.2026, 10:03 - Dana: רביעית\n");
        assert_eq!(
            add(store, id, &new, new_messages(&longer, thread, 300)).await,
            1
        );
        assert_eq!(shown(store, id, thread).await.len(), 4);
        assert_eq!(found(store, id, "רביעית").await, 1);

        let removed = store.write((id, new.id), |tx, (id, one)| {
            Box::pin(imports::remove(tx, *id, *one, 48))
        });
        assert_eq!(removed.await.unwrap().messages, 1);
        assert_eq!(
            shown(store, id, thread).await,
            ["שלישית", "שנייה", "ראשונה"]
        );
        assert_eq!(
            (
                found(store, id, "רביעית").await,
                found(store, id, "שנייה").await
            ),
            (0, 1)
        );
        // In pieces, to the end.
        for left in [2, 1, 0] {
            let removed = store.write((id, old.id), |tx, (id, one)| {
                Box::pin(imports::remove(tx, *id, *one, 1))
            });
            removed.await.unwrap();
            let count = store.read((id, old.id), |tx, (id, one)| {
                Box::pin(imports::count(tx, *id, *one))
            });
            assert_eq!(count.await.unwrap(), left);
        }
        assert_eq!(shown(store, id, thread).await.len(), 0);
        // Brought again, it is new again.
        assert_eq!(
            add(store, id, &old, new_messages(TEXT, thread, 400)).await,
            3
        );
    }
}

#[tokio::test]
async fn an_import_that_was_stopped_goes_no_further() {
    for fresh in crate::both().await {
        let (store, id) = (&fresh.store, WorkspaceId::from_bits(1));
        let mut import = import(1, ConversationId::from_bits(1));
        keep(store, id, &import).await;
        let progress = |done: i64| {
            store.write((id, import.id, done), |tx, (id, one, done)| {
                Box::pin(imports::progress(
                    tx,
                    *id,
                    *one,
                    ImportState::Applying,
                    *done,
                ))
            })
        };
        assert!(progress(48).await.unwrap());
        import.state = ImportState::Undoing;
        import.done = 48;
        keep(store, id, &import).await;
        assert!(!progress(96).await.unwrap());
        let read = store.read((id, import.id), |tx, (id, one)| {
            Box::pin(imports::get(tx, *id, *one))
        });
        assert_eq!(read.await.unwrap().done, 48);
    }
}

#[tokio::test]
async fn what_was_imported_follows_its_thread() {
    for fresh in crate::both().await {
        let (store, id) = (&fresh.store, WorkspaceId::from_bits(1));
        let (from, to) = (ConversationId::from_bits(1), ConversationId::from_bits(2));
        let (one, other) = (import(1, from), import(2, to));
        keep(store, id, &one).await;
        keep(store, id, &other).await;
        add(store, id, &one, new_messages(TEXT, from, 100)).await;
        let first_line = TEXT.split_inclusive('\n').next().unwrap();
        add(store, id, &other, new_messages(first_line, to, 200)).await;
        store
            .write(id, move |tx, id| {
                Box::pin(messages::move_all(tx, *id, Move { from, to }))
            })
            .await
            .unwrap();
        // Everything is known there now; each import still has its own.
        let all = new_messages(TEXT, to, 300);
        let moved = Import {
            conversation_id: Some(to),
            ..one.clone()
        };
        assert_eq!(add(store, id, &moved, all).await, 0);
        for (import, count) in [(&one, 3), (&other, 1)] {
            let removed = store.write((id, import.id), |tx, (id, one)| {
                Box::pin(imports::remove(tx, *id, *one, 48))
            });
            assert_eq!(removed.await.unwrap().messages, count);
        }
        assert_eq!(shown(store, id, to).await.len(), 0);
    }
}

#[tokio::test]
async fn a_thread_that_goes_leaves_the_counters_as_they_were() {
    for fresh in crate::both().await {
        let (store, id) = (&fresh.store, WorkspaceId::from_bits(1));
        let thread = Conversation::new(Id::from_bits(1), Id::from_bits(1), Id::from_bits(1), at(0));
        let counts = || store.read(id, |tx, id| Box::pin(conversations::counts(tx, *id, None)));
        let tracked = Tracked::new(thread.clone());
        store
            .write((id, tracked), |tx, (id, tracked)| {
                Box::pin(async move { conversations::save(tx, *id, &[tracked]).await })
            })
            .await
            .unwrap();
        assert_eq!(counts().await.unwrap().all, 1);
        store
            .write((id, thread), |tx, (id, thread)| {
                Box::pin(imports::remove_thread(tx, *id, thread))
            })
            .await
            .unwrap();
        let counts = counts().await.unwrap();
        assert_eq!((counts.all, counts.unassigned, counts.waiting), (0, 0, 0));
    }
}
