//! Meta's webhooks in our words: one line for each sample, typed by hand from the sample, and the odd ones.

use std::collections::BTreeMap;

use domain::content::{Content, MediaSource};
use domain::report::{BadItem, Change, HintSubject, HistoryDirection, Person, Report};
use jiff::Timestamp;
use whatsapp::meta::envelope::cut;
use whatsapp::meta::webhook::parse_change;

/// The moment of most samples.
pub const ZERO: i64 = 1_795_334_400;

pub fn changes(body: &[u8]) -> Vec<Change> {
    cut(body)
        .unwrap()
        .iter()
        .map(|change| {
            parse_change(&change.entry_id, change.entry_time, change.slice.as_bytes()).unwrap()
        })
        .collect()
}

pub fn told(body: &[u8]) -> Vec<String> {
    changes(body).iter().flat_map(lines).collect()
}

/// The reports of a change, one line each.
pub fn lines(change: &Change) -> Vec<String> {
    change
        .reports
        .iter()
        .map(|report| match report {
            Ok(report) => line(report),
            Err(BadItem { reason }) => format!("bad: {reason}"),
        })
        .collect()
}

/// A report as one line: what, the end of its id, who, when, and what it says.
pub fn line(report: &Report) -> String {
    match report {
        Report::Message(m) => format!("message {}", message(m)),
        Report::Echo(m) => format!("echo {}", message(m)),
        Report::History(m, HistoryDirection::In) => format!("past-in {}", message(m)),
        Report::History(m, HistoryDirection::Out) => format!("past-out {}", message(m)),
        Report::Status(s) => {
            let mut told = format!(
                "{} {} {} {}",
                s.receipt.as_str(),
                tail(&s.provider_id),
                who(&s.person),
                when(s.at)
            );
            if let Some(pricing) = &s.pricing {
                let part = |part: &Option<String>| part.clone().unwrap_or_default();
                told += &format!(
                    " {}/{}/{}",
                    part(&pricing.model),
                    part(&pricing.kind),
                    part(&pricing.category)
                );
            }
            for error in &s.errors {
                told += &format!(
                    " error={} {:?}",
                    error.code,
                    error.details.as_deref().unwrap_or_default()
                );
            }
            told += &option(" our=", s.our_id.as_ref());
            told += &option(" group=", s.group_id.as_deref().map(tail).as_ref());
            if s.free_entry_point_expires_at.is_some() {
                told += &format!(" free-until={}", when(s.free_entry_point_expires_at));
            }
            told
        }
        Report::Reaction(r) => format!(
            "reaction {} {} {} {} on {}{}",
            tail(&r.provider_id),
            who(&r.person),
            when(r.at),
            r.emoji.as_deref().unwrap_or("none"),
            tail(&r.target),
            if r.by_business { " by-business" } else { "" },
        ),
        Report::Edit(e) => format!(
            "edit {} {} {} of {} {}{}",
            tail(&e.provider_id),
            who(&e.person),
            when(e.at),
            tail(&e.target),
            content(&e.content),
            if e.by_business { " by-business" } else { "" },
        ),
        Report::Revoke(r) => format!(
            "revoke {} {} {} of {}{}",
            tail(&r.provider_id),
            who(&r.person),
            when(r.at),
            tail(&r.target),
            if r.by_business { " by-business" } else { "" },
        ),
        Report::IdentityChanged(i) => format!(
            "identity {} {} => {} {}",
            tail(&i.provider_id),
            who(&i.before),
            who(&i.after),
            when(i.at)
        ),
        Report::Preference(p) => format!(
            "preference {} stopped={} {}",
            who(&p.person),
            p.stopped,
            when(p.at)
        ),
        Report::PhoneBook {
            person,
            removed,
            at,
        } => {
            format!("phone-book {} removed={removed} {}", who(person), when(*at))
        }
        Report::Hint(h) => {
            let subject = match &h.subject {
                HintSubject::Account => "account".to_owned(),
                HintSubject::Number => "number".to_owned(),
                HintSubject::Template {
                    provider_id,
                    name,
                    language,
                } => {
                    let part = |part: &Option<String>| part.clone().unwrap_or_default();
                    format!(
                        "template {} {} {}",
                        part(provider_id),
                        part(name),
                        part(language)
                    )
                }
            };
            format!(
                "hint {subject} {} {} {}",
                h.topic,
                when(h.at),
                facts(&h.facts)
            )
        }
        Report::Notice(n) => format!("notice {} {} {}", n.topic, when(n.at), facts(&n.facts)),
        // Made from a message by whoever keeps it, never by an adapter.
        Report::Answered(_) | Report::Typed { .. } => "reduced".to_owned(),
    }
}

fn message(m: &domain::report::MessageReport) -> String {
    let mut told = format!(
        "{} {} {} {}",
        tail(&m.provider_id),
        who(&m.person),
        when(m.sent_at),
        content(&m.content)
    );
    told += &option(" re=", m.reply_to.as_deref().map(tail).as_ref());
    told += if m.forwarded { " forwarded" } else { "" };
    told += &option(" group=", m.group_id.as_deref().map(tail).as_ref());
    if let Some(r) = &m.referral {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        told += &format!(
            " referral={}|{}|{}|{}|{}|{}|{}",
            part(&r.source_type),
            part(&r.source_id),
            part(&r.source_url),
            part(&r.headline),
            part(&r.body),
            part(&r.media_url),
            part(&r.ctwa_clid)
        );
    }
    told
}

fn content(content: &Content) -> String {
    match content {
        Content::Text { text, .. } => format!("text {text:?}"),
        Content::Media(m) => {
            let source = match &m.source {
                Some(MediaSource::Id(id)) => format!("id={id}"),
                Some(MediaSource::Link(link)) => format!("link={link}"),
                None => "nowhere".to_owned(),
            };
            let mut told = format!("{} {source}", m.media_kind.as_str());
            told += &option(" ", m.mime_type.as_ref());
            told += &option(" sha=", m.sha256.as_ref().map(|sha| &sha[..6]));
            told += &option(" caption=", m.caption.as_ref());
            told += &option(" file=", m.filename.as_ref());
            told += if m.voice { " voice" } else { "" };
            told += if m.animated { " animated" } else { "" };
            told
        }
        Content::Location(l) => {
            let mut told = format!("location {} {}", l.latitude, l.longitude);
            for part in [&l.name, &l.address, &l.url] {
                told += &option(" | ", part.as_ref());
            }
            told
        }
        Content::Contacts { cards } => {
            let cards: Vec<String> = cards
                .iter()
                .map(|card| {
                    let phones: Vec<&str> = card.phones.iter().map(|p| p.phone.as_str()).collect();
                    let name = card.formatted_name.as_deref().unwrap_or("-");
                    format!("{name} {} own={}", phones.join(","), card.own)
                })
                .collect();
            format!("contacts {}", cards.join("; "))
        }
        Content::ButtonReply { id, title } => format!("button_reply {id} {title}"),
        Content::ListReply {
            id,
            title,
            description,
        } => {
            format!(
                "list_reply {id} {title}{}",
                option(" ", description.as_ref())
            )
        }
        Content::FormReply {
            name,
            body,
            response,
        } => format!("form_reply {name} {body} {response}"),
        Content::CallPermissionReply {
            accepted,
            permanent,
            expires_at,
        } => {
            format!(
                "call_permission_reply {accepted} {permanent} {}",
                when(*expires_at)
            )
        }
        Content::Order {
            catalog_id,
            text,
            items,
        } => {
            let items: Vec<String> = items
                .iter()
                .map(|i| {
                    format!(
                        "{}x{} {} {}",
                        i.quantity, i.product_retailer_id, i.item_price, i.currency
                    )
                })
                .collect();
            format!(
                "order {catalog_id}{} {}",
                option(" ", text.as_ref()),
                items.join("; ")
            )
        }
        Content::Unsupported { original, code } => {
            format!(
                "unsupported{}{}",
                option(" ", original.as_ref()),
                option(" ", code.as_ref())
            )
        }
        Content::Unknown { original, .. } => format!("unknown {original}"),
        Content::Interactive(_) | Content::Template(_) => "outgoing".to_owned(),
    }
}

/// `before` and the value, or nothing.
fn option(before: &str, value: Option<impl std::fmt::Display>) -> String {
    value
        .map(|value| format!("{before}{value}"))
        .unwrap_or_default()
}

fn tail(id: &str) -> String {
    id.chars()
        .skip(id.chars().count().saturating_sub(8))
        .collect()
}

fn who(person: &Person) -> String {
    let short = |id: &Option<String>| id.as_deref().map(tail);
    let mut told = person.phone.clone().unwrap_or_else(|| "-".to_owned());
    told += &option("/", short(&person.bsuid));
    told += &option("^", short(&person.parent_bsuid));
    told += &option("~", person.lid.as_ref());
    told += &option("@", person.username.as_ref());
    told += &option(" ", person.profile_name.as_ref());
    told
}

fn when(at: Option<Timestamp>) -> String {
    at.map_or_else(
        || "?".to_owned(),
        |at| format!("{:+}", at.as_second() - ZERO),
    )
}

fn facts(facts: &BTreeMap<String, String>) -> String {
    let facts: Vec<String> = facts
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    facts.join(" ")
}

/// Dana, as most samples name her: phone, business-scoped id, profile name.
const D: &str = "972500000010/02741918 Dana Levi";
/// Dana where the change has no contacts.
const D_PHONE: &str = "972500000010";
/// Our message that most statuses are about, and the one before it.
const OURS: &str = "OEVBAA==";
const TEMPLATE: &str = "hint template 1689556908129832 order_confirmation he";
const TEMPLATE_FACTS: &str = "message_template_id=1689556908129832 message_template_language=he";

#[rustfmt::skip]
fn expected() -> Vec<(&'static str, Vec<String>)> {
    let one = |name, line: String| (name, vec![line]);
    let said = |name, id: &str, said: &str| (name, vec![format!("message {id} {D} +0 {said}")]);
    let status = |name, receipt: &str, seconds: u32, more: &str| {
        let more = if more.is_empty() { String::new() } else { format!(" {more}") };
        (name, vec![format!("{receipt} {OURS} {D} +{seconds}{more}")])
    };
    let failed = |name, code: u32, details: &str| {
        (name, vec![format!("failed {OURS} {D_PHONE} +5 error={code} {details:?}")])
    };
    let account = |name, event: &str| {
        (name, vec![format!("hint account account_update +0 {event}")])
    };
    let template = |name, field: &str, seconds: u32, before: &str, after: &str| {
        (name, vec![format!("{TEMPLATE} {field} +{seconds} {before}{TEMPLATE_FACTS}{after}")])
    };
    vec![
        // Accounts and numbers.
        one("account-alerts", "hint account account_alerts +0 alert_info.alert_severity=WARNING alert_info.alert_status=ACTIVE alert_info.alert_type=INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED entity_id=506914307656634 entity_type=BUSINESS".into()),
        one("account-review-update", "hint account account_review_update +0 decision=APPROVED".into()),
        account("account-update-deleted", "event=ACCOUNT_DELETED"),
        account("account-update-disabled", "ban_info.waba_ban_date=November 22, 2026 ban_info.waba_ban_state=DISABLE event=DISABLED_UPDATE"),
        account("account-update-offboarded", "event=ACCOUNT_OFFBOARDED"),
        account("account-update-partner-added", "event=PARTNER_ADDED waba_info.owner_business_id=2329417887457253 waba_info.waba_id=102030405060701"),
        account("account-update-partner-removed-coexistence", "disconnection_info.initiated_by=SYSTEM disconnection_info.reason=PRIMARY_INACTIVITY event=PARTNER_REMOVED waba_info.owner_business_id=2329417887457253 waba_info.waba_id=102030405060701"),
        account("account-update-restriction", "event=ACCOUNT_RESTRICTION restriction_info.0.expiration=1795593600 restriction_info.0.restriction_type=RESTRICTED_BIZ_INITIATED_MESSAGING restriction_info.1.expiration=1795593600 restriction_info.1.restriction_type=RESTRICTED_ADD_PHONE_NUMBER_ACTION"),
        account("account-update-violation", "event=ACCOUNT_VIOLATION violation_info.violation_type=SCAM"),
        account("account-update-volume-tier", "event=VOLUME_BASED_PRICING_TIER_UPDATE volume_tier_info.effective_month=2026-11 volume_tier_info.pricing_category=UTILITY volume_tier_info.tier=250001:2000000 volume_tier_info.tier_update_time=1795334400"),
        one("business-capability-update", "hint account business_capability_update +0 max_daily_conversations_per_business=2000 max_phone_numbers_per_waba=20".into()),
        one("business-username-update", "hint number business_username_update +0 display_phone_number=972500000001 status=approved".into()),
        one("business-username-updates-revoked", "hint number business_username_updates +0 context=revoked display_phone_number=972500000001 status=deleted".into()),
        one("phone-number-name-update", "hint number phone_number_name_update +0 decision=APPROVED display_phone_number=972500000001".into()),
        one("phone-number-quality-update", "hint number phone_number_quality_update +0 display_phone_number=972500000001 event=THROUGHPUT_UPGRADE max_daily_conversations_per_business=TIER_UNLIMITED".into()),
        one("security-pin-reset-request", "notice security.PIN_RESET_REQUEST +0 display_phone_number=972500000001 event=PIN_RESET_REQUEST".into()),
        one("partner-solutions", "notice partner_solutions.SOLUTION_UPDATED +0 event=SOLUTION_UPDATED solution_id=774485461512159 solution_status=ACTIVE".into()),
        one("payment-configuration-update", "notice payment_configuration_update +0 created_timestamp=1795248000 provider_mid=acc_GP4lfNA0iIMn5B status=Needs Testing updated_timestamp=1795334400".into()),
        one("flows-endpoint-error-rate", "notice flows.ENDPOINT_ERROR_RATE +0 alert_state=ACTIVATED error_rate=14.28 errors.0.error_count=214 errors.0.error_rate=14.28 errors.0.error_type=TIMEOUT event=ENDPOINT_ERROR_RATE flow_id=6627390910605886 requests_count=1500 threshold=10".into()),
        one("flows-status-change", "notice flows.FLOW_STATUS_CHANGE +0 event=FLOW_STATUS_CHANGE flow_id=6627390910605886 new_status=PUBLISHED old_status=DRAFT".into()),
        one("value-errors-system-level", "notice messages.errors ? code=130429".into()),

        // Several in one body.
        ("batch-multi-entry-multi-change", vec![
            format!("read MDUzAA== {D} -1"),
            format!("message NTdBMjcA {D} +0 text \"1\""),
            "message RjRBMjEA 972500000011/02741900 Avi +2 text \"2\"".into(),
        ]),

        // Calls and groups.
        one("calls-connect-user-initiated", "notice calls.connect +0 call_id=wacid.ABGGFjFVU2AfAgo6V-EXAMPLE1 direction=USER_INITIATED event=connect from_user_id=IL.13491208655302741918 timestamp=1795334400".into()),
        one("calls-status-ringing", "notice calls.ringing +1 call_id=wacid.ABGGFjFVU2AfAgo6V-EXAMPLE1 recipient_user_id=IL.13491208655302741918 status=RINGING timestamp=1795334401 type=call".into()),
        one("calls-terminate", "notice calls.terminate +120 call_id=wacid.ABGGFjFVU2AfAgo6V-EXAMPLE1 direction=BUSINESS_INITIATED duration=120 end_time=1795334520 event=terminate start_time=1795334400 status=COMPLETED timestamp=1795334520 to_user_id=IL.13491208655302741918".into()),
        one("group-lifecycle-create", "notice group_lifecycle_update.group_create +0 group_id=Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD join_approval_mode=approval_required request_id=REQ-0001 timestamp=1795334400 type=group_create".into()),
        one("group-participants-add", "notice group_participants_update.group_participants_add +0 added_participants.0.user_id=IL.13491208655302741918 group_id=Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD reason=invite_link timestamp=1795334400 type=group_participants_add".into()),

        // Coexistence.
        ("history-chunk", vec![
            "notice history.progress ? chunk_order=1 phase=0 progress=55".into(),
            "past-out M0VCAA== 972500000010/02741918 -103445 text \"המידע שביקשת\"".into(),
            "past-out RTczAA== 972500000010/02741918 -103430 unsupported media_placeholder".into(),
            "past-in QzFBQ0MA 972500000010/02741918 -103410 text \"תודה!\"".into(),
        ]),
        one("history-declined", "notice history.errors ? code=2593109".into()),
        ("smb-app-state-sync", vec![
            "phone-book 972500000010 דנה לוי removed=false +0".into(),
            "phone-book 972500000044 removed=true +1".into(),
        ]),
        one("smb-message-echoes-text", format!("echo RDlDAA== {D} +0 text \"נשלח מהטלפון של העסק\"")),
        one("smb-message-echoes-revoke", format!("revoke QjlCAA== {D} +10 of RDlDAA== by-business")),

        // Messages.
        said("msg-audio-voice", "QTMyMkUA", "audio id=1003383421387257 audio/ogg; codecs=opus sha=m04pFf voice"),
        said("msg-button-template-quick-reply", "MTRBRUQA", "button_reply STOP_PROMOS הסר אותי re=OEVBAA=="),
        one("msg-contacts-request-contact-info", "message RUE0AA== -/02741918@noa.b Noa B. +0 contacts - +972500000010 own=true".into()),
        said("msg-contacts-shared", "RDNFOTcA", "contacts יוסי כהן +972 50-000-0022 own=false"),
        said("msg-document", "MjdCMDkA", "document id=1003383421387259 application/pdf sha=grwfwe caption=חשבונית file=invoice-7731.pdf"),
        one("msg-edit", format!("edit MURBMzgA {D} +0 of MkJFMDIA text \"תיקון: 3 יחידות\"")),
        said("msg-group-text", "MzhBNTYA", "text \"מישהו יכול לעזור?\" group=zM4MjAZD"),
        said("msg-image", "MTEwNjUA", "image id=1003383421387256 image/jpeg sha=SfInY0 caption=קבלה"),
        said("msg-interactive-button-reply", "NTMwRTIA", "button_reply confirm-1 אישור re=OEVBAA=="),
        said("msg-interactive-call-permission-reply", "OTdGNzQA", "call_permission_reply true false +604800 re=MDUzAA=="),
        said("msg-interactive-list-reply", "RUNEOTIA", "list_reply slot-0930 09:30 יום ראשון re=OEVBAA=="),
        said("msg-interactive-nfm-reply-flow", "MTM1OUEA", r#"form_reply flow Sent {"flow_token":"flow-tok-0001","full_name":"Dana Levi","date":"2026-11-30"} re=MDUzAA=="#),
        said("msg-location", "QTg2NUQA", "location 32.0853 34.7818 | Azrieli Center | Derech Menachem Begin 132, Tel Aviv | https://maps.example.net/azrieli"),
        said("msg-location-current", "Q0U5QzIA", "location 31.771959 35.217018 re=OEVBAA=="),
        said("msg-order", "MDEyMjIA", "order 194836987003835 בלי בצל 2xSKU-1001 30 ILS; 1xSKU-1002 24.9 ILS"),
        one("msg-reaction", format!("reaction MzRBNzcA {D} +0 👍 on OEVBAA==")),
        one("msg-reaction-removed", format!("reaction QTVDNkEA {D} +0 none on OEVBAA==")),
        one("msg-revoke", format!("revoke NUE4QkQA {D} +0 of MkJFMDIA")),
        said("msg-sticker", "MEY1RTkA", "sticker id=1003383421387260 image/webp sha=OmT4nh"),
        one("msg-system-user-changed-number", "identity MzBCRUUA 972500000010/02741918 => 972500000033/02741777 +0".into()),
        one("msg-system-user-changed-user-id", "identity M0U1AA== -/02741918^86844830 => -/02741777^86844111 +0".into()),
        said("msg-text", "RDU4QzEA", "text \"שלום, יש לכם את זה בצבע אחר?\""),
        said("msg-text-forwarded", "RTAzRUQA", "text \"הודעה שהועברה\" forwarded"),
        said("msg-text-frequently-forwarded", "OTQwNjcA", "text \"הועבר פעמים רבות\" forwarded"),
        said("msg-text-identity-hash", "RjBCMEUA", "text \"hello\""),
        said("msg-text-product-inquiry", "ODdERTgA", "text \"זה עדיין במלאי?\" re=MDUzAA=="),
        said("msg-text-referral-ctwa", "MThBREQA", "text \"אפשר לקבל פרטים?\" referral=ad|120226305854810726|https://fb.me/example1|דברו איתנו|מבצע קיץ|https://scontent.example.net/ad.jpg|Aff-EXAMPLEctwaclid0001"),
        said("msg-text-reply-context", "RTcwNzgA", "text \"כן, מתאים לי\" re=OEVBAA=="),
        one("msg-text-username-no-phone", "message NEJBAA== -/02741918^86844830@noa.b Noa B. +0 text \"Hi, do you deliver to Haifa?\"".into()),
        said("msg-unsupported", "NzMwMkYA", "unsupported poll 131051"),
        said("msg-video", "MUFDRjYA", "video id=1003383421387258 video/mp4 sha=Jh2ij6 caption=סרטון"),

        // Statuses.
        one("status-delivered-bsuid-only", format!("delivered {OURS} -/02741918^86844830@noa.b Dana Levi +3 PMP/regular/utility")),
        one("status-delivered-utility", format!("delivered {OURS} 972500000010/02741918@dana.levi Dana Levi +3 PMP/regular/utility")),
        failed("status-failed-131026-undeliverable", 131_026, "Message Undeliverable."),
        failed("status-failed-131042-payment", 131_042, "Message failed to send because there were one or more errors related to your payment method."),
        failed("status-failed-131047-reengagement", 131_047, "Message failed to send because more than 24 hours have passed since the customer last replied to this number."),
        failed("status-failed-131049-ecosystem", 131_049, "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."),
        failed("status-failed-131053-media", 131_053, "Unsupported Image mime type image/webp. Please use one of image/jpeg, image/png."),
        failed("status-failed-132015-paused-dropped", 132_015, "Message dropped because the template was paused due to low quality."),
        one("status-group-read", format!("read MDUzAA== {D} +100 PMP/regular/group_utility group=zM4MjAZD")),
        one("status-group-service-free-tier", format!("delivered MDUzAA== {D} +100 PMP/free_group_customer_service/group_service group=zM4MjAZD")),
        status("status-played-voice", "played", 75, ""),
        one("status-read", format!("read {OURS} 972500000010/02741918@dana.levi Dana Levi +60")),
        status("status-sent-free-entry-point", "sent", 1, "PMP/free_entry_point/referral_conversion free-until=+259200"),
        status("status-sent-marketing-v24", "sent", 1, "PMP/regular/marketing"),
        status("status-sent-service-billable-since-oct-2026", "sent", 1, "PMP/regular/service"),
        status("status-sent-service-free", "sent", 1, "PMP/free_customer_service/service"),
        status("status-sent-utility-in-window-billable-since-oct-2026", "sent", 1, "PMP/regular/utility"),
        one("status-sent-v23-with-conversation", format!("sent {OURS} {D_PHONE} +1 PMP/regular/marketing")),
        status("status-sent-v24-without-pricing", "sent", 1, ""),
        status("status-with-opaque-callback-data", "delivered", 3, "PMP/regular/utility our=order=7731;tenant=acme"),

        // Templates.
        template("template-category-changed", "template_category_update", 86_400, "", " new_category=MARKETING previous_category=UTILITY"),
        template("template-category-impending", "template_category_update", 0, "category_update_timestamp=1795420800 correct_category=MARKETING ", " new_category=UTILITY"),
        template("template-components-update", "message_template_components_update", 0, "message_template_buttons.0.message_template_button_type=URL message_template_buttons.1.message_template_button_type=PHONE_NUMBER ", ""),
        template("template-quality-update", "message_template_quality_update", 0, "", " new_quality_score=YELLOW previous_quality_score=GREEN"),
        template("template-status-approved", "message_template_status_update", 0, "event=APPROVED message_template_category=UTILITY ", " reason=NONE"),
        template("template-status-disabled", "message_template_status_update", 0, "disable_info.disable_date=1795334300 event=DISABLED message_template_category=MARKETING ", " other_info.title=DISABLED reason=NONE"),
        template("template-status-paused", "message_template_status_update", 0, "event=PAUSED message_template_category=MARKETING ", " other_info.title=FIRST_PAUSE reason=NONE"),
        template("template-status-pending-deletion", "message_template_status_update", 0, "event=PENDING_DELETION ", ""),
        template("template-status-rejected-invalid-format", "message_template_status_update", 0, "event=REJECTED message_template_category=UTILITY ", " reason=INVALID_FORMAT"),

        // People's wishes.
        one("user-preferences-resume", format!("preference {D} stopped=false +0")),
        one("user-preferences-stop", format!("preference {D} stopped=true +0")),
    ]
}

#[test]
fn every_sample_is_understood() {
    let expected: BTreeMap<_, _> = expected().into_iter().collect();
    let samples = crate::samples("webhooks");
    assert_eq!(samples.len(), 94);
    assert_eq!(expected.len(), 94);
    let mut wrong = Vec::new();
    for (name, body) in samples {
        let lines = expected
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name} has no line here"));
        let told = told(&body);
        if told != *lines {
            wrong.push(format!(
                "{name}\n  told     {told:#?}\n  expected {lines:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
