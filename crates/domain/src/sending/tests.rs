use super::*;
use crate::channel::{Connection, Health, Link, Provider};
use crate::content::TemplateContent;
use crate::id::{AccountId, ChannelId, ConnectionId, ContactId, PipelineId, TemplateId};
use crate::people::Marketing;
use crate::template::{Category, TemplateBody, TemplateStatus};

fn now() -> Timestamp {
    Timestamp::from_second(1_795_334_400).unwrap()
}

fn channel(link: Link) -> Channel {
    let level = match link {
        Link::Api => Level::BusinessApi,
        _ => Level::BusinessApp,
    };
    Channel {
        id: ChannelId::from_bits(1),
        version: 1,
        name: "main".into(),
        level,
        link,
        provider: Provider::Meta,
        phone: None,
        pipeline_id: PipelineId::from_bits(1),
        connection: Some(Connection {
            id: ConnectionId::from_bits(1),
            account_id: AccountId::from_bits(1),
            app_id: None,
            waba_id: String::new(),
            portfolio_id: None,
            phone_number_id: String::new(),
            base_url: String::new(),
            linked_at: now(),
        }),
        health: Health::default(),
        settings: crate::channel::Settings::default(),
    }
}

fn contact() -> Contact {
    Contact {
        id: ContactId::from_bits(1),
        version: 1,
        name: None,
        profile_name: None,
        profile_name_at: None,
        phone: Some("972500000010".into()),
        username: None,
        email: None,
        marketing: Marketing::default(),
        created_at: now(),
        merged_into: None,
    }
}

fn template(category: Category, status: &str) -> Template {
    Template {
        id: TemplateId::from_bits(1),
        account_id: AccountId::from_bits(1),
        provider_id: None,
        name: "t".into(),
        language: "he".into(),
        category,
        status: TemplateStatus::from_name(status),
        quality: None,
        rejected_reason: None,
        body: TemplateBody::default(),
        synced_at: now(),
    }
}

fn text() -> Content {
    Content::Text {
        text: "hello".into(),
        preview_url: false,
    }
}

fn template_content() -> Content {
    Content::Template(TemplateContent {
        template_id: None,
        name: "t".into(),
        language: "he".into(),
        components: vec![],
        rendered: None,
    })
}

struct Case {
    channel: Channel,
    contact: Contact,
    window: Option<Timestamp>,
    content: Content,
    template: Option<Template>,
    purpose: Purpose,
    send_at: Option<Timestamp>,
    held: bool,
}

impl Case {
    fn new(content: Content) -> Self {
        Self {
            channel: channel(Link::Api),
            contact: contact(),
            window: Some(now() + SignedDuration::from_hours(1)),
            content,
            template: None,
            purpose: Purpose::ByHand,
            send_at: None,
            held: false,
        }
    }

    fn decide(&self) -> Decision {
        decide(&Sending {
            channel: &self.channel,
            contact: &self.contact,
            window_expires_at: self.window,
            content: &self.content,
            template: self.template.as_ref(),
            purpose: self.purpose,
            rhythm: None,
            is_known: true,
            send_at: self.send_at,
            recent_sends: &[],
            held: self.held,
            now: now(),
        })
    }

    fn code(&self) -> Option<ReasonCode> {
        match self.decide() {
            Decision::Refused(refusal) => Some(refusal.reason.code),
            Decision::Later { reason, .. } => Some(reason.code),
            Decision::Now => None,
            Decision::OpensApp => Some(ReasonCode::OpensApp),
            Decision::BecomesTask => Some(ReasonCode::BecomesTask),
        }
    }
}

#[test]
fn free_text_goes_while_the_window_is_open() {
    let mut case = Case::new(text());
    assert_eq!(case.code(), None);
    case.window = Some(now());
    assert_eq!(case.code(), Some(ReasonCode::WindowClosed));
    case.window = None;
    assert_eq!(case.code(), Some(ReasonCode::WindowNeverOpened));
}

#[test]
fn a_machine_stops_a_minute_early() {
    let mut case = Case::new(text());
    case.window = Some(now() + SignedDuration::from_secs(59));
    assert_eq!(case.code(), None);
    case.purpose = Purpose::Triggered;
    assert_eq!(case.code(), Some(ReasonCode::WindowClosed));
}

#[test]
fn free_text_for_a_time_after_the_window_is_refused_now() {
    let mut case = Case::new(text());
    case.send_at = Some(now() + SignedDuration::from_mins(30));
    assert_eq!(case.code(), Some(ReasonCode::Scheduled));
    case.send_at = Some(now() + SignedDuration::from_hours(2));
    assert_eq!(case.code(), Some(ReasonCode::WindowClosed));
}

#[test]
fn an_approved_template_goes_at_any_time() {
    let mut case = Case::new(template_content());
    case.window = None;
    assert_eq!(case.code(), Some(ReasonCode::TemplateUnknown));
    case.template = Some(template(Category::Utility, "PAUSED"));
    assert_eq!(case.code(), Some(ReasonCode::TemplateNotSendable));
    case.template = Some(template(Category::Marketing, "APPROVED"));
    assert_eq!(case.code(), None);
    case.contact.marketing = Marketing::default().merge(true, now());
    assert_eq!(case.code(), Some(ReasonCode::MarketingOptedOut));
    case.template = Some(template(Category::Utility, "APPROVED"));
    assert_eq!(case.code(), None);
}

#[test]
fn no_mailing_goes_to_whoever_asked_to_be_left_alone() {
    for link in [Link::Api, Link::GatewayOneWay] {
        let mut case = Case::new(text());
        case.channel = channel(link);
        case.purpose = Purpose::Mailing;
        assert_eq!(case.code(), None, "{link:?}");
        case.contact.marketing = Marketing::default().merge(true, now());
        assert_eq!(case.code(), Some(ReasonCode::MarketingOptedOut), "{link:?}");
        case.purpose = Purpose::ByHand;
        assert_eq!(case.code(), None, "{link:?}");
    }
    let mut case = Case::new(template_content());
    case.template = Some(template(Category::Utility, "APPROVED"));
    case.contact.marketing = Marketing::default().merge(true, now());
    case.purpose = Purpose::Mailing;
    assert_eq!(case.code(), Some(ReasonCode::MarketingOptedOut));
    case.purpose = Purpose::Triggered;
    assert_eq!(case.code(), None);
}

#[test]
fn what_makes_it_impossible_comes_first() {
    let mut case = Case::new(text());
    case.window = None;
    case.contact.phone = None;
    assert_eq!(case.code(), Some(ReasonCode::NoAddress));
    case.channel.health.state = HealthState::Disconnected;
    assert_eq!(case.code(), Some(ReasonCode::ChannelDisconnected));
    case.channel = channel(Link::None);
    assert_eq!(case.code(), Some(ReasonCode::OpensApp));
    case.held = true;
    assert_eq!(case.code(), Some(ReasonCode::InstallationHeld));
}

#[test]
fn a_burst_borrows_from_the_future() {
    let burst: Vec<_> = std::iter::repeat_n(now(), PAIR_BURST).collect();
    assert_eq!(pair_wait(&burst, now()), Some(now() + PAIR_GAP));
    assert_eq!(pair_wait(&burst[1..], now()), None);
    assert_eq!(pair_wait(&burst, now() + PAIR_GAP), None);
    let steady: Vec<_> = (0..60).map(|n| now() - PAIR_GAP * n).collect();
    assert_eq!(pair_wait(&steady, now() + PAIR_GAP), None);
}
