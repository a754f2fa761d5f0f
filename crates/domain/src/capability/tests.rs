//! The expected table is typed by hand from the design's table of levels and links; it is never generated.

use std::collections::BTreeSet;

use super::*;

const A: Level = Level::PersonalApp;
const B: Level = Level::BusinessApp;
const C: Level = Level::BusinessApi;

/// One line of the expected table.
struct Row {
    level: Level,
    link: Link,
    connect: Connect,
    write: Write,
    outreach: Outreach,
    replies: Replies,
    phone_messages: bool,
    instant: InstantReply,
    bot: bool,
    agents: bool,
    pace: Pace,
    risk: Risk,
}

#[rustfmt::skip]
const TABLE: [Row; 8] = [
    Row { level: A, link: Link::None, connect: Connect::Nothing, write: Write::OpensApp, outreach: Outreach::Task, replies: Replies::StayInApp, phone_messages: false, instant: InstantReply::None, bot: false, agents: false, pace: Pace::Hands, risk: Risk::None },
    Row { level: B, link: Link::None, connect: Connect::Nothing, write: Write::OpensApp, outreach: Outreach::Task, replies: Replies::StayInApp, phone_messages: false, instant: InstantReply::SetInApp, bot: false, agents: false, pace: Pace::Hands, risk: Risk::None },
    Row { level: A, link: Link::GatewayOneWay, connect: Connect::Code, write: Write::FreeText, outreach: Outreach::FreeText, replies: Replies::Reduced, phone_messages: false, instant: InstantReply::None, bot: false, agents: false, pace: Pace::Rhythm, risk: Risk::Ban },
    Row { level: B, link: Link::GatewayOneWay, connect: Connect::Code, write: Write::FreeText, outreach: Outreach::FreeText, replies: Replies::Reduced, phone_messages: false, instant: InstantReply::None, bot: false, agents: false, pace: Pace::Rhythm, risk: Risk::Ban },
    Row { level: A, link: Link::GatewayTwoWay, connect: Connect::Code, write: Write::FreeText, outreach: Outreach::FreeText, replies: Replies::Arrive, phone_messages: true, instant: InstantReply::None, bot: false, agents: false, pace: Pace::Rhythm, risk: Risk::Ban },
    Row { level: B, link: Link::GatewayTwoWay, connect: Connect::Code, write: Write::FreeText, outreach: Outreach::FreeText, replies: Replies::Arrive, phone_messages: true, instant: InstantReply::OncePerPeriod, bot: false, agents: false, pace: Pace::Rhythm, risk: Risk::Ban },
    Row { level: B, link: Link::Coexistence, connect: Connect::Onboarding, write: Write::WindowAndTemplates, outreach: Outreach::Templates, replies: Replies::Arrive, phone_messages: true, instant: InstantReply::Yes, bot: true, agents: true, pace: Pace::TwentyPerSecond, risk: Risk::Little },
    Row { level: C, link: Link::Api, connect: Connect::Verification, write: Write::WindowAndTemplates, outreach: Outreach::Templates, replies: Replies::Arrive, phone_messages: false, instant: InstantReply::Yes, bot: true, agents: true, pace: Pace::Provider, risk: Risk::None },
];

/// How each purpose goes out: by hand, instant reply, triggered, mailing, multi-step, bot.
#[rustfmt::skip]
const WAYS: [(Level, Link, [Way; 6]); 8] = {
    use Way::{BecomesTask as Task, OpensApp as App, Refused as No, Sends as Yes, SendsByWindow as Win};
    [
        (A, Link::None,          [App, No,  Task, Task, No,  No]),
        (B, Link::None,          [App, No,  Task, Task, No,  No]),
        (A, Link::GatewayOneWay, [Yes, No,  Yes,  Yes,  No,  No]),
        (B, Link::GatewayOneWay, [Yes, No,  Yes,  Yes,  No,  No]),
        (A, Link::GatewayTwoWay, [Yes, No,  Yes,  Yes,  No,  No]),
        (B, Link::GatewayTwoWay, [Yes, Yes, Yes,  Yes,  No,  No]),
        (B, Link::Coexistence,   [Win, Win, Win,  Win,  Win, Win]),
        (C, Link::Api,           [Win, Win, Win,  Win,  Win, Win]),
    ]
};

#[test]
fn every_pair_may_do_what_the_table_says_and_no_other_pair_exists() {
    let mut reached = 0;
    for level in Level::ALL {
        for link in Link::ALL {
            let row = TABLE
                .iter()
                .find(|row| (row.level, row.link) == (*level, *link));
            match (abilities(*level, *link), row) {
                (None, None) => {}
                (Some(can), Some(row)) => {
                    reached += 1;
                    let expected = Abilities {
                        connect: row.connect,
                        write: row.write,
                        mailing: row.outreach,
                        triggered: row.outreach,
                        replies: row.replies,
                        phone_messages: row.phone_messages,
                        instant_reply: row.instant,
                        bot: row.bot,
                        multi_step: row.bot,
                        many_agents: row.agents,
                        pace: row.pace,
                        risk: row.risk,
                    };
                    assert_eq!(can, expected, "{level:?} {link:?}");
                }
                (got, _) => panic!("{level:?} {link:?}: {got:?}"),
            }
        }
    }
    assert_eq!(reached, TABLE.len());
    assert_eq!(pairs().count(), TABLE.len());
}

#[test]
fn every_purpose_goes_out_as_the_table_says() {
    let mut cells = BTreeSet::new();
    for (level, link, ways) in WAYS {
        let can = abilities(level, link).unwrap();
        for (purpose, way) in Purpose::ALL.iter().zip(ways) {
            assert_eq!(can.way(*purpose), way, "{level:?} {link:?} {purpose:?}");
            cells.insert(format!("{level:?} {link:?} {purpose:?}"));
        }
    }
    assert_eq!(cells.len(), 8 * Purpose::ALL.len());
}

#[test]
fn a_refusal_names_the_levels_that_would_allow_it() {
    assert_eq!(levels_that_send(Purpose::Bot), vec![B, C]);
    assert_eq!(levels_that_send(Purpose::MultiStep), vec![B, C]);
    assert_eq!(levels_that_send(Purpose::InstantReply), vec![B, C]);
    assert_eq!(levels_that_send(Purpose::Mailing), vec![A, B, C]);
}

#[test]
fn a_provider_carries_only_pairs_that_exist() {
    let mut carried = BTreeSet::new();
    for provider in Provider::ALL {
        for level in Level::ALL {
            for link in Link::ALL {
                if provider.carries(*level, *link) {
                    assert!(abilities(*level, *link).is_some());
                    carried.insert(format!("{} {level:?} {link:?}", provider.as_str()));
                }
            }
        }
    }
    // Two of an own app, four of each of four gateways, one of each of six official ones, and coexistence at two.
    assert_eq!(carried.len(), 2 + 4 * 4 + 6 + 2);
    assert!(!Provider::Waha.carries(C, Link::Api));
    assert!(!Provider::Meta.carries(A, Link::GatewayOneWay));
    assert!(!Provider::Twilio.carries(B, Link::Coexistence));
    assert!(Provider::Dialog360.carries(B, Link::Coexistence));
}

#[test]
fn a_provider_is_written_in_json_as_it_says() {
    for provider in Provider::ALL {
        assert_eq!(serde_json::to_value(provider).unwrap(), provider.as_str());
        assert_eq!(Provider::from_name(provider.as_str()), Some(*provider));
    }
}
