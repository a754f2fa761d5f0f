//! Every sample webhook goes in over HTTP, in a workspace of its own, and has its right effect; twice, the effect of
//! once. The table is typed by hand, one line a file.

use futures_util::StreamExt;
use futures_util::stream::iter;

use crate::shown::{OURS, OURS_TOO, everything, lines};
use crate::world::{DANA, Plan, Shop, WABA, World, ZERO, eventually, id, text};
use crate::{sample, samples};

on_both!(
    every_sample_has_its_effect_once,
    what_comes_before_its_message_has_the_same_effect
);

/// What was there before the sample.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    /// Dana has written, and we have answered twice; the samples know our answers by the provider's ids.
    Dialogue,
    /// Dana has written the message that the sample speaks of.
    Wrote(&'static str),
    /// Another sample came in.
    Sample(&'static str),
    /// A dialogue, and then another sample.
    DialogueAnd(&'static str),
}

use Before::{Dialogue, DialogueAnd, Nothing, Sample, Wrote};

const DANAS: &str = "wamid.HBgMOTcyNTAwMDAwMDEwFQIAEhgUODdEQUM1MTUwNkQwNjY1MkJFMDIA";

const CONTACT: &str = "contact Dana Levi +972500000010";
const OPTED_OUT: &str = "contact Dana Levi +972500000010 marketing opted_out";
const LEAD: &str = "lead whatsapp";
/// A dialogue's own lines.
const SHE_WROTE: &str = "in text שלום";
const WE_WROTE: &str = "out accepted text OURS";
const WE_WROTE_TOO: &str = "out accepted text OURS_TOO";

type Line = (&'static str, Before, Vec<String>);

/// A new person writes: a contact, a lead, an open window, one unread message.
fn said(name: &'static str, content: &str) -> Line {
    let thread = "thread unread 1 window open since +0";
    (
        name,
        Nothing,
        owned(&[CONTACT, LEAD, thread, &format!("in {content}")]),
    )
}

/// Dana answers one of ours.
fn answered(name: &'static str, content: &str) -> Line {
    let thread = "thread unread 2 window open since +0";
    let said = format!("in {content}");
    (
        name,
        Dialogue,
        owned(&[
            CONTACT,
            LEAD,
            thread,
            SHE_WROTE,
            &said,
            WE_WROTE,
            WE_WROTE_TOO,
        ]),
    )
}

/// A status of our message: `out …` is its line.
fn told(name: &'static str, contact: &str, ours: &str) -> Line {
    let thread = "thread unread 1 window open since -60";
    let ours = format!("out {ours}");
    (
        name,
        Dialogue,
        owned(&[contact, LEAD, thread, SHE_WROTE, &ours, WE_WROTE_TOO]),
    )
}

/// A dialogue is as it was; only these lines come to it.
fn dialogue_and(name: &'static str, more: &[&str]) -> Line {
    let thread = "thread unread 1 window open since -60";
    let mut all = owned(&[CONTACT, LEAD, thread, SHE_WROTE, WE_WROTE, WE_WROTE_TOO]);
    all.extend(owned(more));
    (name, Dialogue, all)
}

/// Nothing but an event with the ids, the codes and the numbers.
fn event(name: &'static str, event: &str) -> Line {
    (name, Nothing, owned(&[event]))
}

fn account(name: &'static str, facts: &str) -> Line {
    event(name, &format!("hint account_update {facts}"))
}

fn template(name: &'static str, topic: &str, facts: &str) -> Line {
    let names = "template_language=he template_name=order_confirmation template_provider_id=1689556908129832";
    let own = "message_template_id=1689556908129832 message_template_language=he";
    let mut all: Vec<&str> = facts
        .split('|')
        .chain(own.split(' '))
        .chain(names.split(' '))
        .filter(|f| !f.is_empty())
        .collect();
    all.sort_unstable();
    event(name, &format!("hint {topic} {}", all.join(" ")))
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

const GROUP: &str = "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD";

#[rustfmt::skip]
fn table() -> Vec<Line> {
    vec![
        // Accounts and numbers.
        event("account-alerts", "hint account_alerts alert_info.alert_severity=WARNING alert_info.alert_status=ACTIVE alert_info.alert_type=INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED entity_id=506914307656634 entity_type=BUSINESS"),
        event("account-review-update", "hint account_review_update decision=APPROVED"),
        account("account-update-deleted", "event=ACCOUNT_DELETED"),
        account("account-update-disabled", "ban_info.waba_ban_date=November 22, 2026 ban_info.waba_ban_state=DISABLE event=DISABLED_UPDATE"),
        account("account-update-offboarded", "event=ACCOUNT_OFFBOARDED"),
        account("account-update-partner-added", "event=PARTNER_ADDED waba_info.owner_business_id=2329417887457253 waba_info.waba_id=WABA"),
        account("account-update-partner-removed-coexistence", "disconnection_info.initiated_by=SYSTEM disconnection_info.reason=PRIMARY_INACTIVITY event=PARTNER_REMOVED waba_info.owner_business_id=2329417887457253 waba_info.waba_id=WABA"),
        account("account-update-restriction", "event=ACCOUNT_RESTRICTION restriction_info.0.expiration=1795593600 restriction_info.0.restriction_type=RESTRICTED_BIZ_INITIATED_MESSAGING restriction_info.1.expiration=1795593600 restriction_info.1.restriction_type=RESTRICTED_ADD_PHONE_NUMBER_ACTION"),
        account("account-update-violation", "event=ACCOUNT_VIOLATION violation_info.violation_type=SCAM"),
        account("account-update-volume-tier", "event=VOLUME_BASED_PRICING_TIER_UPDATE volume_tier_info.effective_month=2026-11 volume_tier_info.pricing_category=UTILITY volume_tier_info.tier=250001:2000000 volume_tier_info.tier_update_time=1795334400"),
        event("business-capability-update", "hint business_capability_update max_daily_conversations_per_business=2000 max_phone_numbers_per_waba=20"),
        event("business-username-update", "hint business_username_update display_phone_number=972500000001 status=approved"),
        event("business-username-updates-revoked", "hint business_username_updates context=revoked display_phone_number=972500000001 status=deleted"),
        event("phone-number-name-update", "hint phone_number_name_update decision=APPROVED display_phone_number=972500000001"),
        event("phone-number-quality-update", "hint phone_number_quality_update display_phone_number=972500000001 event=THROUGHPUT_UPGRADE max_daily_conversations_per_business=TIER_UNLIMITED"),
        event("security-pin-reset-request", "notice security.PIN_RESET_REQUEST display_phone_number=972500000001 event=PIN_RESET_REQUEST"),
        event("partner-solutions", "notice partner_solutions.SOLUTION_UPDATED event=SOLUTION_UPDATED solution_id=774485461512159 solution_status=ACTIVE"),
        event("payment-configuration-update", "notice payment_configuration_update created_timestamp=1795248000 provider_mid=acc_GP4lfNA0iIMn5B status=Needs Testing updated_timestamp=1795334400"),
        event("flows-endpoint-error-rate", "notice flows.ENDPOINT_ERROR_RATE alert_state=ACTIVATED error_rate=14.28 errors.0.error_count=214 errors.0.error_rate=14.28 errors.0.error_type=TIMEOUT event=ENDPOINT_ERROR_RATE flow_id=6627390910605886 requests_count=1500 threshold=10"),
        event("flows-status-change", "notice flows.FLOW_STATUS_CHANGE event=FLOW_STATUS_CHANGE flow_id=6627390910605886 new_status=PUBLISHED old_status=DRAFT"),
        event("value-errors-system-level", "notice messages.errors code=130429"),

        // Several in one body: a status of ours, Dana, and a new person.
        ("batch-multi-entry-multi-change", Dialogue, owned(&[CONTACT, "contact Avi +972500000011", LEAD, LEAD, "thread unread 1 window open since +2", "in text 2", "thread unread 2 window open since +0", SHE_WROTE, "in text 1", WE_WROTE, "out read text OURS_TOO read-1"])),

        // Calls and groups.
        event("calls-connect-user-initiated", "notice calls.connect call_id=wacid.ABGGFjFVU2AfAgo6V-EXAMPLE1 direction=USER_INITIATED event=connect from_user_id=IL.13491208655302741918 timestamp=1795334400"),
        event("calls-status-ringing", "notice calls.ringing call_id=wacid.ABGGFjFVU2AfAgo6V-EXAMPLE1 recipient_user_id=IL.13491208655302741918 status=RINGING timestamp=1795334401 type=call"),
        event("calls-terminate", "notice calls.terminate call_id=wacid.ABGGFjFVU2AfAgo6V-EXAMPLE1 direction=BUSINESS_INITIATED duration=120 end_time=1795334520 event=terminate start_time=1795334400 status=COMPLETED timestamp=1795334520 to_user_id=IL.13491208655302741918"),
        event("group-lifecycle-create", &format!("notice group_lifecycle_update.group_create group_id={GROUP} join_approval_mode=approval_required request_id=REQ-0001 timestamp=1795334400 type=group_create")),
        event("group-participants-add", &format!("notice group_participants_update.group_participants_add added_participants.0.user_id=IL.13491208655302741918 group_id={GROUP} reason=invite_link timestamp=1795334400 type=group_participants_add")),
        event("msg-group-text", &format!("notice group.message group_id={GROUP} kind=text provider_id=wamid.HBgMOTcyNTAwMDAwMDEwFQIAEhgUMTE0NTEzOEY5M0U1RDc5MzhBNTYA")),

        // Coexistence: history and the phone book make contacts and no leads; what the phone says is a message of ours.
        ("history-chunk", Nothing, owned(&["contact  +972500000010", "thread unread 0 window closed since never", "out accepted by phone text המידע שביקשת", "out accepted by phone unsupported media_placeholder", "in text תודה!", "notice history.progress chunk_order=1 phase=0 progress=55"])),
        event("history-declined", "notice history.errors code=2593109"),
        ("smb-app-state-sync", Nothing, owned(&["contact דנה לוי +972500000010"])),
        ("smb-message-echoes-text", Nothing, owned(&[CONTACT, "thread unread 0 window closed since never", "out accepted by phone text נשלח מהטלפון של העסק"])),
        ("smb-message-echoes-revoke", Sample("smb-message-echoes-text"), owned(&[CONTACT, "thread unread 0 window closed since never", "out accepted by phone text revoked+10"])),

        // Messages.
        said("msg-audio-voice", "media audio audio/ogg; codecs=opus voice file pending"),
        // A tap on "remove me" is a wish to be left alone, whatever Meta makes of it.
        (
            "msg-button-template-quick-reply",
            Dialogue,
            owned(&[
                OPTED_OUT,
                LEAD,
                "thread unread 2 window open since +0",
                SHE_WROTE,
                "in button_reply STOP_PROMOS הסר אותי re OURS",
                WE_WROTE,
                WE_WROTE_TOO,
            ]),
        ),
        ("msg-contacts-request-contact-info", Nothing, owned(&["contact Noa B. +972500000010 @noa.b", LEAD, "thread unread 1 window open since +0", "in contacts +972500000010 own"])),
        said("msg-contacts-shared", "contacts יוסי כהן +972 50-000-0022"),
        said("msg-document", "media document application/pdf invoice-7731.pdf חשבונית file pending"),
        ("msg-edit", Wrote(DANAS), owned(&[CONTACT, LEAD, "thread unread 1 window open since -60", "in text תיקון: 3 יחידות edited+0"])),
        said("msg-image", "media image image/jpeg קבלה file pending"),
        answered("msg-interactive-button-reply", "button_reply confirm-1 אישור re OURS"),
        answered("msg-interactive-call-permission-reply", "call_permission_reply true re OURS_TOO"),
        answered("msg-interactive-list-reply", "list_reply slot-0930 09:30 יום ראשון re OURS"),
        answered("msg-interactive-nfm-reply-flow", r#"form_reply flow Sent {"flow_token":"flow-tok-0001","full_name":"Dana Levi","date":"2026-11-30"} re OURS_TOO"#),
        said("msg-location", "location 32.0853 34.7818 Derech Menachem Begin 132, Tel Aviv https://maps.example.net/azrieli Azrieli Center"),
        answered("msg-location-current", "location 31.771959 35.217018 re OURS"),
        said("msg-order", "order 194836987003835 בלי בצל 2 SKU-1001 30.0 ILS; 1 SKU-1002 24.9 ILS"),
        ("msg-reaction", Dialogue, owned(&[CONTACT, LEAD, "thread unread 1 window open since -60", SHE_WROTE, "out accepted text OURS 👍 person", WE_WROTE_TOO])),
        ("msg-reaction-removed", DialogueAnd("msg-reaction"), owned(&[CONTACT, LEAD, "thread unread 1 window open since -60", SHE_WROTE, WE_WROTE, WE_WROTE_TOO])),
        ("msg-revoke", Wrote(DANAS), owned(&[CONTACT, LEAD, "thread unread 1 window open since -60", "in text revoked+0"])),
        said("msg-sticker", "media sticker image/webp file pending"),
        ("msg-system-user-changed-number", Wrote(DANAS), owned(&["contact Dana Levi +972500000033", LEAD, "thread unread 1 window open since -60", SHE_WROTE])),
        ("msg-system-user-changed-user-id", Sample("msg-text-username-no-phone"), owned(&["contact Noa B. @noa.b", LEAD, "thread unread 1 window open since +0", "in text Hi, do you deliver to Haifa?"])),
        said("msg-text", "text שלום, יש לכם את זה בצבע אחר?"),
        said("msg-text-forwarded", "text הודעה שהועברה forwarded"),
        said("msg-text-frequently-forwarded", "text הועבר פעמים רבות forwarded"),
        said("msg-text-identity-hash", "text hello"),
        answered("msg-text-product-inquiry", "text זה עדיין במלאי? re OURS_TOO"),
        ("msg-text-referral-ctwa", Nothing, owned(&[CONTACT, "lead whatsapp_ad דברו איתנו", "thread unread 1 window open since +0", "in text אפשר לקבל פרטים? from ad https://fb.me/example1 דברו איתנו מבצע קיץ https://scontent.example.net/ad.jpg"])),
        answered("msg-text-reply-context", "text כן, מתאים לי re OURS"),
        ("msg-text-username-no-phone", Nothing, owned(&["contact Noa B. @noa.b", LEAD, "thread unread 1 window open since +0", "in text Hi, do you deliver to Haifa?"])),
        // Kept and shown, but no enquiry.
        ("msg-unsupported", Nothing, owned(&[CONTACT, "thread unread 1 window open since +0", "in unsupported poll 131051"])),
        said("msg-video", "media video video/mp4 סרטון file pending"),

        // Statuses.
        told("status-delivered-bsuid-only", CONTACT, "delivered text OURS delivered+3 regular utility"),
        told("status-delivered-utility", CONTACT, "delivered text OURS delivered+3 regular utility"),
        told("status-failed-131026-undeliverable", CONTACT, "failed text OURS failed+5 undeliverable fix_recipient 131026"),
        told("status-failed-131042-payment", CONTACT, "failed text OURS failed+5 payment_problem fix_payment 131042"),
        told("status-failed-131047-reengagement", CONTACT, "failed text OURS failed+5 window_closed use_template 131047"),
        told("status-failed-131049-ecosystem", CONTACT, "failed text OURS failed+5 marketing_limited wait_and_retry 131049"),
        told("status-failed-131053-media", CONTACT, "failed text OURS failed+5 media_invalid fix_media 131053"),
        told("status-failed-132015-paused-dropped", CONTACT, "failed text OURS failed+5 template_paused wait_and_retry 132015"),
        dialogue_and("status-group-read", &["notice group.status provider_id=OURS_TOO status=read"]),
        dialogue_and("status-group-service-free-tier", &["notice group.status provider_id=OURS_TOO status=delivered"]),
        told("status-played-voice", CONTACT, "played text OURS played+75"),
        told("status-read", CONTACT, "read text OURS read+60"),
        told("status-sent-free-entry-point", CONTACT, "sent text OURS sent+1 free_entry_point referral_conversion"),
        told("status-sent-marketing-v24", CONTACT, "sent text OURS sent+1 regular marketing"),
        told("status-sent-service-billable-since-oct-2026", CONTACT, "sent text OURS sent+1 regular service"),
        told("status-sent-service-free", CONTACT, "sent text OURS sent+1 free_customer_service service"),
        told("status-sent-utility-in-window-billable-since-oct-2026", CONTACT, "sent text OURS sent+1 regular utility"),
        told("status-sent-v23-with-conversation", CONTACT, "sent text OURS sent+1 regular marketing"),
        told("status-sent-v24-without-pricing", CONTACT, "sent text OURS sent+1"),
        told("status-with-opaque-callback-data", CONTACT, "delivered text OURS delivered+3 regular utility"),

        // Templates.
        template("template-category-changed", "template_category_update", "new_category=MARKETING|previous_category=UTILITY"),
        template("template-category-impending", "template_category_update", "category_update_timestamp=1795420800|correct_category=MARKETING|new_category=UTILITY"),
        template("template-components-update", "message_template_components_update", "message_template_buttons.0.message_template_button_type=URL|message_template_buttons.1.message_template_button_type=PHONE_NUMBER"),
        template("template-quality-update", "message_template_quality_update", "new_quality_score=YELLOW|previous_quality_score=GREEN"),
        template("template-status-approved", "message_template_status_update", "event=APPROVED|message_template_category=UTILITY|reason=NONE"),
        template("template-status-disabled", "message_template_status_update", "disable_info.disable_date=1795334300|event=DISABLED|message_template_category=MARKETING|other_info.title=DISABLED|reason=NONE"),
        template("template-status-paused", "message_template_status_update", "event=PAUSED|message_template_category=MARKETING|other_info.title=FIRST_PAUSE|reason=NONE"),
        template("template-status-pending-deletion", "message_template_status_update", "event=PENDING_DELETION"),
        template("template-status-rejected-invalid-format", "message_template_status_update", "event=REJECTED|message_template_category=UTILITY|reason=INVALID_FORMAT"),

        // People's wishes.
        ("user-preferences-resume", Nothing, owned(&["contact Dana Levi +972500000010 marketing allowed"])),
        ("user-preferences-stop", Nothing, owned(&["contact Dana Levi +972500000010 marketing opted_out"])),
    ]
}

#[test]
fn the_table_has_a_line_for_each_sample() {
    let mut lines: Vec<_> = table()
        .into_iter()
        .map(|(name, ..)| name.to_owned())
        .collect();
    lines.sort();
    let samples: Vec<_> = samples().into_iter().map(|(name, _)| name).collect();
    assert_eq!(samples.len(), 94);
    assert_eq!(lines, samples);
}

/// The sample as this shop's WABA would send it.
fn for_shop(shop: &Shop, name: &str) -> String {
    sample(name).replace(WABA, &shop.waba)
}

async fn dana_writes(world: &World, shop: &Shop, wamid: &str) {
    world
        .tell(
            shop,
            text(shop, DANA, "Dana Levi", wamid, ZERO - 60, "שלום"),
        )
        .await;
}

/// Answers Dana; the provider gives our messages the ids that the samples speak of.
async fn we_answer(world: &World, shop: &Shop) {
    let threads = world.items(&shop.key, "/conversations").await;
    let thread = id(threads
        .iter()
        .find(|thread| thread["contact"]["phone"] == "+972500000010")
        .unwrap());
    for ours in [OURS, OURS_TOO] {
        let message = id(&world.say(shop, &thread, ours).await);
        eventually("our answer is accepted", async || {
            let now = world.get(&shop.key, &format!("/messages/{message}")).await;
            (now["receipts"]["accepted_at"].is_string()).then_some(())
        })
        .await;
    }
}

async fn before(world: &World, shop: &Shop, before: Before) {
    match before {
        Nothing => {}
        Dialogue => {
            dana_writes(world, shop, "wamid.FIRST").await;
            we_answer(world, shop).await;
        }
        Wrote(wamid) => dana_writes(world, shop, wamid).await,
        Sample(name) => world.tell(shop, for_shop(shop, name)).await,
        DialogueAnd(name) => {
            Box::pin(self::before(world, shop, Dialogue)).await;
            world.tell(shop, for_shop(shop, name)).await;
        }
    }
}

/// What is wrong with a sample; nothing, when all is well.
async fn wrong_with(world: &World, shop: Shop, (name, before, expected): Line) -> Option<String> {
    self::before(world, &shop, before).await;
    let body = for_shop(&shop, name);
    world.tell(&shop, &body).await;
    let once = everything(world, &shop).await;
    let told: Vec<_> = lines(&once)
        .iter()
        .map(|line| line.replace(&shop.waba, "WABA"))
        .collect();
    if told != expected {
        return Some(format!(
            "{name}\n  shown    {told:#?}\n  expected {expected:#?}"
        ));
    }
    world.tell(&shop, &body).await;
    let twice = everything(world, &shop).await;
    (once != twice)
        .then(|| format!("{name}: twice is not once\n  once  {once:#}\n  twice {twice:#}"))
}

async fn every_sample_has_its_effect_once(plan: Plan) {
    let world = plan
        .on_the_samples_day()
        .with_obedient_provider()
        .await
        .open()
        .await;
    let shops = world.shops(table().len()).await;
    let wrong: Vec<_> = iter(shops.into_iter().zip(table()))
        .map(|(shop, line)| wrong_with(&world, shop, line))
        .buffer_unordered(8)
        .filter_map(async |wrong| wrong)
        .collect()
        .await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a sample that comes before the messages of ours that it speaks of.
async fn wrong_before(world: &World, shop: Shop, (name, _, expected): Line) -> Option<String> {
    dana_writes(world, &shop, "wamid.FIRST").await;
    world.tell(&shop, for_shop(&shop, name)).await;
    we_answer(world, &shop).await;
    let told = lines(&everything(world, &shop).await);
    (told != expected).then(|| format!("{name}\n  shown    {told:#?}\n  expected {expected:#?}"))
}

async fn what_comes_before_its_message_has_the_same_effect(plan: Plan) {
    let world = plan
        .on_the_samples_day()
        .with_obedient_provider()
        .await
        .open()
        .await;
    let dialogues: Vec<_> = table()
        .into_iter()
        .filter(|(_, before, _)| *before == Dialogue)
        .collect();
    let shops = world.shops(dialogues.len()).await;
    let wrong: Vec<_> = iter(shops.into_iter().zip(dialogues))
        .map(|(shop, line)| wrong_before(&world, shop, line))
        .buffer_unordered(8)
        .filter_map(async |wrong| wrong)
        .collect()
        .await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
