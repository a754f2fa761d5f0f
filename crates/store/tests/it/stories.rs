//! What the store promises, on both databases.

use domain::conversation::Conversation;
use domain::conversation::LastMessage;
use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::id::{ChannelId, ContactId, ConversationId, Id, WorkspaceId};
use domain::inbound::Tracked;
use domain::message::{AuthorKind, Direction};
use jiff::Timestamp;
use store::conversations::{Counts, View};
use store::journal::NewEntry;
use store::workspaces::Workspace;
use store::{Error, Store, conversations, events, journal, keys, lease, workspaces};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_334_400 + second).unwrap()
}

fn workspace(n: u128) -> Workspace {
    Workspace {
        id: Id::from_bits(n),
        name: "לדוגמה".into(),
        locale: "he".into(),
        time_zone: "Asia/Jerusalem".into(),
        region: "IL".into(),
        currency: "ILS".into(),
        created_at: at(0),
    }
}

async fn with_workspace(store: &Store, n: u128) -> WorkspaceId {
    let workspace = workspace(n);
    let id = workspace.id;
    store
        .write(workspace, |tx, workspace| {
            Box::pin(workspaces::insert(tx, workspace))
        })
        .await
        .unwrap();
    id
}

fn event() -> NewEvent {
    NewEvent::new(
        EventKind::ChannelChanged,
        at(0),
        Actor::SYSTEM,
        Subjects::default(),
    )
}

#[tokio::test]
async fn events_are_numbered_without_gaps_in_the_order_of_commits() {
    for fresh in crate::both().await {
        let id = with_workspace(&fresh.store, 1).await;
        let store = std::sync::Arc::new(fresh.store);
        let writers = (0..20).map(|n| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move {
                let write = store.write((id, n), |tx, (id, n)| {
                    tx.emit(*id, event());
                    tx.emit(*id, event());
                    let fails = n % 3 == 0;
                    Box::pin(async move {
                        if fails {
                            Err(Error::NotFound("it"))
                        } else {
                            Ok(())
                        }
                    })
                });
                write.await
            })
        });
        let mut stood = 0;
        for writer in writers.collect::<Vec<_>>() {
            stood += i64::from(writer.await.unwrap().is_ok());
        }
        let all = store
            .read(id, |tx, id| Box::pin(events::after(tx, *id, 0, 1000)))
            .await
            .unwrap();
        let numbers: Vec<i64> = all.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=stood * 2).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_write_that_refuses_leaves_nothing_and_its_neighbours_stand() {
    for fresh in crate::both().await {
        let store = std::sync::Arc::new(fresh.store);
        let writes = (1..=40_u128).map(|n| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move {
                store
                    .write(workspace(n), |tx, workspace| {
                        Box::pin(async move {
                            workspaces::insert(tx, workspace).await?;
                            if workspace.id.bits() % 2 == 0 {
                                Err(Error::ChangedMeanwhile("it"))
                            } else {
                                Ok(())
                            }
                        })
                    })
                    .await
            })
        });
        for write in writes.collect::<Vec<_>>() {
            let _ = write.await.unwrap();
        }
        let left = store
            .read((), |tx, ()| Box::pin(workspaces::list(tx)))
            .await
            .unwrap();
        assert_eq!(left.len(), 20);
        assert!(left.iter().all(|workspace| workspace.id.bits() % 2 == 1));
    }
}

fn entry(workspace_id: WorkspaceId, text: &str) -> NewEntry {
    NewEntry {
        workspace_id,
        source: "meta",
        app_id: None,
        entry_id: "1".into(),
        entry_time: None,
        raw: text.as_bytes().to_vec(),
        received_at: at(0),
        quarantined: None,
    }
}

#[tokio::test]
async fn what_is_taken_in_waits_in_its_order_until_it_is_applied() {
    for fresh in crate::both().await {
        let id = with_workspace(&fresh.store, 1).await;
        for n in 0..5 {
            fresh
                .store
                .intake(vec![
                    entry(id, &format!("{n}a")),
                    entry(id, &format!("{n}b")),
                ])
                .await
                .unwrap();
        }
        let all = fresh
            .store
            .read(id, |tx, id| Box::pin(journal::waiting(tx, *id, 100)))
            .await
            .unwrap();
        let texts: Vec<_> = all
            .iter()
            .map(|entry| String::from_utf8_lossy(&entry.raw).into_owned())
            .collect();
        assert_eq!(
            texts,
            ["0a", "0b", "1a", "1b", "2a", "2b", "3a", "3b", "4a", "4b"]
        );
        let seqs: Vec<i64> = all.iter().map(|entry| entry.seq).collect();
        fresh
            .store
            .write(
                (id, seqs[..3].to_vec(), vec![(seqs[3], 7)]),
                |tx, (id, whole, parts)| Box::pin(journal::applied(tx, *id, whole, parts)),
            )
            .await
            .unwrap();
        let left = fresh
            .store
            .read(id, |tx, id| Box::pin(journal::waiting(tx, *id, 100)))
            .await
            .unwrap();
        assert_eq!(
            left.iter().map(|entry| entry.seq).collect::<Vec<_>>(),
            seqs[3..]
        );
        assert_eq!(left[0].applied_items, 7);
    }
}

#[tokio::test]
async fn a_key_does_its_request_once_even_at_the_same_time() {
    for fresh in crate::both().await {
        let id = with_workspace(&fresh.store, 1).await;
        let store = std::sync::Arc::new(fresh.store);
        let requests = (0..20).map(|n| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move {
                let once = keys::Once {
                    key: "k".into(),
                    request_hash: "h".into(),
                };
                store
                    .write((id, once, n), |tx, (id, once, n)| {
                        Box::pin(async move {
                            let known = keys::claim(tx, *id, once, at(0)).await?;
                            if known == keys::Known::New {
                                keys::done(tx, *id, once, &n.to_string()).await?;
                            }
                            Ok(known)
                        })
                    })
                    .await
                    .unwrap()
            })
        });
        let mut new = 0;
        let mut results = std::collections::BTreeSet::new();
        for request in requests.collect::<Vec<_>>() {
            match request.await.unwrap() {
                keys::Known::New => new += 1,
                keys::Known::Done(result) => {
                    results.insert(result);
                }
                keys::Known::Mismatch => panic!("it is the same request"),
            }
        }
        assert_eq!((new, results.len()), (1, 1));
        let other = keys::Once {
            key: "k".into(),
            request_hash: "another".into(),
        };
        let known = store
            .write((id, other), |tx, (id, other)| {
                Box::pin(keys::claim(tx, *id, other, at(0)))
            })
            .await;
        assert_eq!(known.unwrap(), keys::Known::Mismatch);
    }
}

#[tokio::test]
async fn a_takeover_fences_the_one_before() {
    for fresh in crate::both().await {
        let take = |holder: &'static str, now: i64| {
            fresh.store.write((holder, now), |tx, (holder, now)| {
                Box::pin(lease::take(tx, holder, *now, now + 100))
            })
        };
        let first = take("a", 0).await.unwrap().unwrap();
        assert_eq!(take("b", 50).await.unwrap(), None);
        assert_eq!(take("a", 60).await.unwrap(), Some(first));
        let write = fresh
            .store
            .write_as(first, (), |_, ()| Box::pin(async { Ok(()) }))
            .await;
        assert!(write.is_ok());
        let second = take("b", 161).await.unwrap().unwrap();
        assert_ne!(first, second);
        let late = fresh
            .store
            .write_as(first, (), |_, ()| Box::pin(async { Ok(()) }))
            .await;
        assert!(matches!(late, Err(Error::Fenced)));
    }
}

fn inbound(n: u128) -> LastMessage {
    LastMessage {
        id: Id::from_bits(n),
        direction: Direction::In,
        kind: "text".into(),
        text: "שלום".into(),
        author_kind: AuthorKind::Person,
        delivery: None,
        failure_reason: None,
        at: at(0),
    }
}

fn thread(n: u128, last: i64) -> Conversation {
    let mut thread = Conversation::new(
        Id::from_bits(n),
        ChannelId::from_bits(1),
        ContactId::from_bits(n),
        at(last),
    );
    thread.last_at = at(last);
    thread
}

#[tokio::test]
async fn the_inbox_pages_without_gaps_and_counts_what_it_shows() {
    for fresh in crate::both().await {
        let id = with_workspace(&fresh.store, 1).await;
        let other = with_workspace(&fresh.store, 2).await;
        let mut threads: Vec<Tracked<Conversation>> = Vec::new();
        for n in 1..=25_u128 {
            // Several of one instant: the page must not lose any at its edge.
            let mut thread = thread(n, i64::try_from(n / 4).unwrap());
            thread.last_message = (n % 2 == 0).then(|| inbound(n));
            threads.push(Tracked::new(thread));
        }
        let save = |id: WorkspaceId, threads: Vec<Tracked<Conversation>>| {
            fresh.store.write((id, threads), |tx, (id, threads)| {
                Box::pin(async move {
                    conversations::save(tx, *id, &threads.iter().collect::<Vec<_>>()).await
                })
            })
        };
        save(id, threads.clone()).await.unwrap();
        save(other, vec![Tracked::new(thread(99, 1000))])
            .await
            .unwrap();
        let mut seen: Vec<ConversationId> = Vec::new();
        let mut cursor = None;
        loop {
            let page = fresh
                .store
                .read((id, cursor), |tx, (id, cursor)| {
                    Box::pin(conversations::page(tx, *id, View::All, None, *cursor, 7))
                })
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            cursor = Some((last.last_at, last.id));
            seen.extend(page.iter().map(|thread| thread.id));
        }
        let mut expected: Vec<_> = threads
            .iter()
            .map(|thread| (thread.now.last_at, thread.now.id))
            .collect();
        expected.sort_unstable_by(|one, other| other.cmp(one));
        assert_eq!(
            seen,
            expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        );
        let counts = fresh
            .store
            .read(id, |tx, id| Box::pin(conversations::counts(tx, *id, None)))
            .await
            .unwrap();
        assert_eq!(
            counts,
            Counts {
                mine: 0,
                unassigned: 25,
                waiting: 12,
                all: 25
            }
        );
    }
}
