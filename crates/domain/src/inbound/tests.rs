//! Any order, any repetition, any cut into batches ends in the same state.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{Mint, Place, World};
use crate::content::Content;
use crate::failure::{Failure, FailureReason};
use crate::id::Id;
use crate::message::{Author, AuthorKind, Delivery, Direction, Message, Receipts};
use crate::report::{
    EditReport, IdentityReport, MessageReport, Person, PreferenceReport, ProviderError,
    ReactionReport, Receipt, Report, RevokeReport, StatusReport,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_334_400 + second).unwrap()
}

fn place() -> Place {
    Place {
        channel_id: Id::from_bits(1),
        connection_id: Id::from_bits(2),
        pipeline_id: Id::from_bits(3),
        first_status_id: Id::from_bits(4),
        portfolio_scope: "p".into(),
        account_scope: "a".into(),
        received_at: at(3600),
        digest: "d".into(),
    }
}

fn understood(error: &ProviderError) -> Failure {
    Failure {
        reason: FailureReason::Unknown,
        code: Some(error.code),
        details: None,
    }
}

fn person(phone: Option<&str>, bsuid: &str) -> Person {
    Person {
        phone: phone.map(Into::into),
        bsuid: Some(bsuid.into()),
        ..Person::default()
    }
}

fn text(words: &str) -> Content {
    Content::Text {
        text: words.into(),
        preview_url: false,
    }
}

fn message(id: &str, person: Person, second: i64) -> Report {
    Report::Message(MessageReport {
        provider_id: id.into(),
        person,
        sent_at: Some(at(second)),
        content: text(id),
        reply_to: None,
        forwarded: false,
        referral: None,
        group_id: None,
    })
}

/// A world with one message of ours that the provider has taken, in a thread with Dana.
fn world() -> World {
    let mut world = World::default();
    feed(
        &mut world,
        [message("first", person(Some("972500000010"), "IL.1"), 0)],
    );
    let conversation_id = *world.conversations.keys().next().unwrap();
    world.add_message(Message {
        id: Id::from_bits(77),
        conversation_id,
        connection_id: Some(place().connection_id),
        direction: Direction::Out,
        author: Author {
            kind: AuthorKind::User,
            user_id: None,
        },
        provider_id: Some("ours".into()),
        content: text("ours"),
        at: at(5),
        received_at: None,
        late: false,
        reply_to: None,
        forwarded: false,
        referral: None,
        resend_of: None,
        send_at: None,
        delivery: Some(Delivery::Accepted),
        receipts: Receipts::default(),
        failure: None,
        pricing: None,
        edited: None,
        revoked_at: None,
        reactions: vec![],
    });
    world
}

fn feed(world: &mut World, reports: impl IntoIterator<Item = Report>) {
    let mut next = 1000_u128;
    let mut chance = move || {
        next += 1;
        next
    };
    let mut mint = Mint {
        chance: &mut chance,
    };
    for report in reports {
        world.apply(report, &place(), &mut mint, &understood);
    }
}

fn status(receipt: Receipt, second: i64) -> Report {
    Report::Status(StatusReport {
        provider_id: "ours".into(),
        receipt,
        at: Some(at(second)),
        person: Person::default(),
        our_id: None,
        pricing: None,
        free_entry_point_expires_at: None,
        errors: vec![],
        group_id: None,
    })
}

/// What a screen can see of the state; ids, which depend on chance, are left out.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    people: Vec<(Option<String>, Vec<String>, String)>,
    threads: Vec<(Option<Timestamp>, i64)>,
    open_leads: usize,
    leads: Vec<String>,
    messages: BTreeMap<String, String>,
}

fn seen(world: &World) -> Seen {
    let alive = |id| {
        world
            .contacts
            .get(id)
            .is_some_and(|contact| contact.now.merged_into.is_none())
    };
    let mut people: Vec<_> = world
        .contacts
        .values()
        .filter(|contact| alive(&contact.now.id))
        .map(|contact| {
            let mut names: Vec<String> = world
                .identities
                .iter()
                .filter(|(_, row)| row.now.contact_id == contact.now.id)
                .map(|(identity, row)| format!("{}:{:?}", identity.value, row.now.retired_at))
                .collect();
            names.sort();
            (
                contact.now.phone.clone(),
                names,
                format!("{:?}", contact.now.marketing),
            )
        })
        .collect();
    people.sort();
    let mut threads: Vec<_> = world
        .conversations
        .values()
        .filter(|thread| thread.now.merged_into.is_none())
        .map(|thread| (thread.now.last_inbound_at, thread.now.unread_count))
        .collect();
    threads.sort();
    let messages = world
        .messages
        .values()
        .map(|row| {
            let now = &row.now;
            let told = format!(
                "{:?} {:?} {:?} {:?} {:?}",
                now.delivery, now.receipts, now.edited, now.revoked_at, now.reactions
            );
            (now.provider_id.clone().unwrap_or_default(), told)
        })
        .collect();
    let open_leads = world
        .leads
        .values()
        .filter(|lead| lead.now.closed_at.is_none())
        .count();
    let mut leads: Vec<_> = world
        .leads
        .values()
        .map(|lead| {
            let now = &lead.now;
            format!("{:?} {:?} {:?}", now.created_at, now.source, now.closed_at)
        })
        .collect();
    leads.sort();
    Seen {
        people,
        threads,
        open_leads,
        leads,
        messages,
    }
}

fn story() -> Vec<Report> {
    let dana = || person(Some("972500000010"), "IL.1");
    let moved = || person(Some("972500000033"), "IL.2");
    vec![
        status(Receipt::Sent, 6),
        status(Receipt::Delivered, 7),
        status(Receipt::Read, 8),
        message("second", dana(), 10),
        Report::Edit(EditReport {
            provider_id: "edit".into(),
            person: dana(),
            at: Some(at(12)),
            target: "second".into(),
            content: text("mended"),
            by_business: false,
        }),
        Report::Reaction(ReactionReport {
            provider_id: "like".into(),
            person: dana(),
            at: Some(at(13)),
            target: "ours".into(),
            emoji: Some("👍".into()),
            by_business: false,
        }),
        Report::Reaction(ReactionReport {
            provider_id: "unlike".into(),
            person: dana(),
            at: Some(at(13)),
            target: "ours".into(),
            emoji: None,
            by_business: false,
        }),
        Report::Revoke(RevokeReport {
            provider_id: "revoke".into(),
            person: dana(),
            at: Some(at(14)),
            target: "second".into(),
            by_business: false,
        }),
        Report::Preference(PreferenceReport {
            person: dana(),
            stopped: true,
            at: Some(at(20)),
        }),
        Report::Preference(PreferenceReport {
            person: dana(),
            stopped: false,
            at: Some(at(20)),
        }),
        Report::IdentityChanged(IdentityReport {
            provider_id: "moved".into(),
            before: dana(),
            after: moved(),
            at: Some(at(30)),
        }),
        message("third", moved(), 40),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_story_in_any_order_and_told_twice_ends_the_same(
        order in Just((0..24_usize).collect::<Vec<_>>()).prop_shuffle()
    ) {
        let story = story();
        let mut straight = world();
        feed(&mut straight, story.clone());
        let mut mixed = world();
        feed(&mut mixed, order.iter().map(|n| story[n % story.len()].clone()));
        prop_assert_eq!(seen(&mixed), seen(&straight));
    }
}

#[test]
fn one_person_one_thread_one_lead_after_a_change_of_number() {
    let mut world = world();
    feed(&mut world, story());
    let seen = seen(&world);
    assert_eq!(seen.people.len(), 1);
    assert_eq!(seen.people[0].0.as_deref(), Some("972500000033"));
    assert_eq!((seen.threads.len(), seen.open_leads), (1, 1));
}

#[test]
fn whoever_gets_a_number_later_is_somebody_else() {
    let mut world = world();
    feed(&mut world, story());
    feed(
        &mut world,
        [message("new", person(Some("972500000010"), "IL.9"), 5000)],
    );
    assert_eq!(seen(&world).people.len(), 2);
}

#[test]
fn a_closed_lead_is_followed_by_a_new_one_and_a_reaction_makes_none() {
    let mut world = world();
    for lead in world.leads.values_mut() {
        lead.now.closed_at = Some(at(1));
    }
    feed(&mut world, [story().remove(5)]);
    assert_eq!(seen(&world).open_leads, 0);
    feed(
        &mut world,
        [message("again", person(Some("972500000010"), "IL.1"), 50)],
    );
    assert_eq!(seen(&world).open_leads, 1);
}

#[test]
fn our_own_id_settles_a_message_whose_answer_was_lost() {
    let mut world = world();
    let lost = world.messages.get_mut(&Id::from_bits(77)).unwrap();
    lost.now.provider_id = None;
    lost.now.delivery = Some(Delivery::Unclear);
    world
        .by_provider_id
        .remove(&(place().connection_id, "ours".to_owned()));
    let Report::Status(mut told) = status(Receipt::Delivered, 9) else {
        panic!()
    };
    told.our_id = Some(crate::id::MessageId::from_bits(77).to_string());
    feed(&mut world, [Report::Status(told)]);
    let found = &world.messages[&Id::from_bits(77)].now;
    assert_eq!(found.delivery, Some(Delivery::Delivered));
    assert_eq!(world.settled, [Id::from_bits(77)]);
}

#[test]
fn a_late_message_opens_the_window_from_its_own_time() {
    let mut world = World::default();
    feed(
        &mut world,
        [message("late", person(Some("972500000010"), "IL.1"), -7200)],
    );
    let thread = &world.conversations.values().next().unwrap().now;
    assert_eq!(
        thread.last_inbound_at.map(crate::window::closes_at),
        Some(at(-7200) + SignedDuration::from_hours(24))
    );
    assert_eq!(world.late.len(), 1);
    assert_eq!(seen(&world).open_leads, 1);
}
