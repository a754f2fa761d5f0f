//! The last two days of the demo, played and not told: the persons write on the pretend phones, the team answers, and
//! everything goes its real way. So each of them can be taken up on the phone where it stands.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::change_conversation::{self, ChangeConversation};
use app::edit_lead::{self, EditLead};
use app::seed_demo::{Furnished, picture, thread_of};
use app::send_message::{self, Say as What, SendMessage};
use domain::content::Content;
use domain::conversation::{Conversation, ConversationState};
use domain::id::{ChannelId, UserId};
use jiff::SignedDuration;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::mailing::Mailing;
use super::{APP_ID, PHONE_NUMBER_ID, client, sandbox_control, wind};
use crate::commands::Failed;
use crate::door::Door;

/// Digits and name; `true`: reads what comes at once.
const PERSONS: &[(&str, &str, bool)] = &[
    ("972500000012", "יעל לדוגמה", true),
    ("972500000040", "סרגיי הדגמה", false),
    ("972500000041", "", false),
    ("972500000042", "מרים הדגמה", true),
    ("972500000043", "דוד לדוגמה", true),
    ("972500000044", "ליאן מתאל", false),
    ("972500000045", "עומר הדגמה", true),
    ("972500000046", "שני לדוגמה", false),
    ("972500000047", "אלכס הדגמה", true),
    ("972500000048", "רחל דוגמה", true),
    ("972500000049", "Dana Example", true),
    ("972500000050", "נועם לדוגמה", false),
];

/// The persons as the sandbox takes them.
pub(super) fn persons() -> Value {
    let all = PERSONS
        .iter()
        .map(|(phone, name, reads)| json!({"phone": phone, "name": name, "auto_read": reads}));
    all.collect()
}

enum Act {
    Say(&'static str),
    Ad(&'static str),
    Picture(&'static str),
    Answer(usize, &'static str),
    Note(usize, &'static str),
    Welcome(usize, &'static str),
    /// Who looks after it, the status, and some fields.
    Take(usize, usize, &'static [(&'static str, &'static str)]),
    Resolve(usize),
}

use Act::{Ad, Answer, Note, Picture, Resolve, Say, Take, Welcome};

/// Minutes before the present, who, what; in this order.
#[rustfmt::skip]
const SCRIPT: &[(i64, usize, Act)] = &[
    (2340, 9, Ad("ראיתי את הפרסום, אפשר פרטים על מחזור?")),
    (2330, 9, Answer(1, "שלום רחל, בשמחה. כמה נשאר במשכנתא?")),
    (2310, 9, Say("בערך 600 אלף ל־14 שנה")),
    (2290, 9, Take(1, 1, &[("purpose", "מחזור"), ("amount", "600000")])),
    (2280, 9, Answer(1, "תודה. אבדוק ואחזור מחר.")),
    (2200, 7, Say("שלום, אפשר לדבר עם יועץ?")),
    (2190, 7, Welcome(2, "שני")),
    (2000, 8, Say("היי, אנחנו אחרי חתימה, תודה על הכול!")),
    (1990, 8, Answer(0, "בהצלחה רבה! תמיד כאן בשבילכם.")),
    (1980, 8, Take(0, 6, &[("purpose", "רכישה"), ("amount", "1100000")])),
    (1975, 8, Resolve(0)),
    (1430, 0, Ad("שלום, ראיתי את המודעה שלכם. אפשר לשמוע על משכנתא ראשונה?")),
    (1425, 0, Take(0, 3, &[("purpose", "רכישה"), ("amount", "1240000"), ("equity", "400000"), ("city", "חיפה")])),
    (1420, 0, Answer(0, "שלום יעל, קיבלנו את פנייתך. מה הסכום המבוקש בערך?")),
    (1405, 0, Say("מיליון ומאתיים")),
    (1380, 3, Say("היי, מתאים לכם מחר בבוקר?")),
    (1370, 3, Answer(0, "כן! 10:30 מתאים?")),
    (1365, 3, Say("מצוין")),
    (1360, 3, Take(0, 4, &[("city", "קריית ביאליק")])),
    (1355, 3, Answer(0, "מעולה, קבענו למחר ב־10:30")),
    (1250, 4, Ad("שולח את המסמכים שביקשתם")),
    (1240, 4, Picture("תלוש אחרון")),
    (1230, 4, Take(1, 5, &[("purpose", "רכישה"), ("amount", "980000")])),
    (1220, 4, Answer(1, "תודה, המסמכים התקבלו")),
    (900, 0, Picture("הנה התלוש של אוקטובר")),
    (890, 0, Answer(0, "תודה! החלק התחתון מטושטש. אפשר עוד צילום?")),
    (880, 0, Say("בטח, שולחת צילום חדש עוד מעט. ומה לגבי ריבית פריים מול קבועה?")),
    (870, 0, Note(0, "להסביר לה את שלושת המסלולים בשיחה.")),
    (600, 6, Say("שלום, קיבלתי סירוב מהבנק. יש מה לעשות?")),
    (585, 6, Take(2, 1, &[("purpose", "רכישה")])),
    (580, 6, Answer(2, "כן, תלוי בסיבה. אפשר לצלם את המכתב?")),
    (560, 6, Picture("המכתב מהבנק")),
    (300, 5, Say("مرحبا، متى ممكن نحكي؟")),
    (290, 5, Take(2, 1, &[])),
    (180, 10, Ad("Hi! Can foreign residents get a mortgage?")),
    (170, 10, Answer(1, "Hello Dana, yes. Up to 50% in most cases.")),
    (165, 10, Say("Good to know, thanks!")),
    (95, 3, Answer(0, "מזכיר: היום ב־10:30")),
    (40, 2, Picture("")),
    (25, 11, Ad("אשמח לייעוץ על דירה ראשונה בגליל")),
    (14, 1, Say("שלום, ראיתי את המודעה שלכם")),
    (6, 1, Say("אפשר לדבר היום אחרי 17:00?")),
];

/// Plays it, winding both clocks to the present.
///
/// # Errors
/// When the sandbox or the database does not go along.
pub(super) async fn play(
    door: &Arc<Door>,
    demo: &Furnished,
    sandbox_url: &str,
    gateway: ChannelId,
) -> Result<(), Failed> {
    let now = |door: &Door| door.app.clock.business_now();
    let mut mailing = Mailing::prepare(door, demo, sandbox_url, gateway).await?;
    for (minutes, person, act) in SCRIPT {
        let when = door.app.clock.machine_now() - SignedDuration::from_mins(*minutes);
        mailing.run_until(when).await?;
        let step = when.duration_since(now(door));
        if step >= SignedDuration::from_secs(1) {
            wind(door, sandbox_url, step).await?;
        }
        let Some((phone, _, _)) = PERSONS.get(*person) else {
            continue;
        };
        perform(door, demo, sandbox_url, phone, act).await?;
    }
    mailing.run_until(door.app.clock.machine_now()).await?;
    let rest = door.app.clock.machine_now().duration_since(now(door));
    if rest >= SignedDuration::from_secs(1) {
        wind(door, sandbox_url, rest).await?;
    }
    // What is known of the numbers is of now, too.
    for row in app::browse::settings::channel_list(&door.app, &demo.system()).await? {
        app::jobs::read_number::read(&door.app, row.channel.id).await?;
    }
    Ok(())
}

async fn perform(
    door: &Door,
    demo: &Furnished,
    sandbox_url: &str,
    phone: &str,
    act: &Act,
) -> Result<(), Failed> {
    match act {
        Say(text) => write(door, demo, sandbox_url, phone, &json!({"text": text})).await,
        Ad(text) => {
            let ad = json!({"source_type": "ad", "source_id": "931209233989177503",
                "source_url": "https://fb.me/example1", "headline": "משכנתא ראשונה בלי כאב ראש",
                "body": "כל מה שצריך לדעת לפני שמתחילים", "ctwa_clid": format!("Aff-{APP_ID}")});
            write(
                door,
                demo,
                sandbox_url,
                phone,
                &json!({"text": text, "referral": ad}),
            )
            .await
        }
        Picture(caption) => send_picture(door, demo, sandbox_url, phone, caption).await,
        Answer(user, text) => {
            let content = Content::Text {
                text: (*text).to_owned(),
                preview_url: false,
            };
            answer(door, demo, phone, *user, What::Content(content)).await
        }
        Note(user, text) => answer(door, demo, phone, *user, What::Note((*text).to_owned())).await,
        Welcome(user, name) => welcome(door, demo, phone, *user, name).await,
        Take(user, status, fields) => take(door, demo, phone, *user, *status, fields).await,
        Resolve(user) => {
            let state = Some(ConversationState::Resolved);
            change(door, demo, phone, *user, None, state).await
        }
    }
}

/// Looks until something is there, for some seconds.
pub(super) async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> Result<T, Failed>
where
    F: Future<Output = Result<Option<T>, Failed>>,
{
    for _ in 0..500 {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(Failed::other(format!("the demo waited in vain for {what}")))
}

async fn thread(door: &Door, demo: &Furnished, phone: &str) -> Result<Conversation, Failed> {
    until("a conversation", || async {
        Ok(thread_of(&door.app, demo, phone).await?)
    })
    .await
}

/// How many messages of the person have come.
async fn heard(door: &Door, demo: &Furnished, phone: &str) -> Result<i64, Failed> {
    let thread = thread_of(&door.app, demo, phone).await?;
    Ok(thread.map_or(0, |thread| thread.unread_count))
}

async fn write(
    door: &Door,
    demo: &Furnished,
    sandbox_url: &str,
    phone: &str,
    body: &Value,
) -> Result<(), Failed> {
    let before = heard(door, demo, phone).await?;
    sandbox_control(sandbox_url, &format!("persons/{phone}/text"), body).await?;
    arrived(door, demo, phone, before).await
}

async fn arrived(door: &Door, demo: &Furnished, phone: &str, before: i64) -> Result<(), Failed> {
    until("a message", || async {
        let now = heard(door, demo, phone).await?;
        Ok((now > before).then_some(()))
    })
    .await
}

async fn send_picture(
    door: &Door,
    demo: &Furnished,
    sandbox_url: &str,
    phone: &str,
    caption: &str,
) -> Result<(), Failed> {
    let before = heard(door, demo, phone).await?;
    let shade = phone.bytes().last().unwrap_or(0) % 40;
    let file = Part::bytes(picture(shade))
        .file_name("photo.png")
        .mime_str("image/png")
        .map_err(Failed::other)?;
    let mut form = Form::new().part("file", file).text("kind", "image");
    if !caption.is_empty() {
        form = form.text("caption", caption.to_owned());
    }
    let url = format!("{sandbox_url}/phone/api/chats/{phone}/{PHONE_NUMBER_ID}/media");
    let response = client()?
        .post(url)
        .multipart(form)
        .send()
        .await
        .map_err(Failed::other)?;
    if !response.status().is_success() {
        let said = response.text().await.unwrap_or_default();
        return Err(Failed::other(format!(
            "the sandbox refused a picture: {said}"
        )));
    }
    arrived(door, demo, phone, before).await
}

/// The team reads and answers; what is said has left before time goes on.
async fn answer(
    door: &Door,
    demo: &Furnished,
    phone: &str,
    user: usize,
    say: What,
) -> Result<(), Failed> {
    let by = demo.person(user);
    let thread = thread(door, demo, phone).await?;
    if let Some(last) = thread
        .last_message
        .as_ref()
        .filter(|_| thread.unread_count > 0)
    {
        app::mark_read::read(&door.app, &by, thread.id, last.id).await?;
    }
    let is_note = matches!(say, What::Note(_));
    let request = SendMessage {
        conversation_id: thread.id,
        say,
        reply_to: None,
        send_at: None,
        purpose: domain::capability::Purpose::ByHand,
        once: None,
    };
    let made = send_message::send(&door.app, &by, request).await?;
    if is_note {
        return Ok(());
    }
    until("an answer to leave", || async {
        let shown = app::browse::thread::get(&door.app, &by, made).await?;
        Ok(shown
            .message
            .delivery
            .filter(|delivery| delivery.has_left()))
    })
    .await?;
    Ok(())
}

async fn welcome(
    door: &Door,
    demo: &Furnished,
    phone: &str,
    user: usize,
    name: &str,
) -> Result<(), Failed> {
    let ask = app::browse::settings::AskTemplates::default();
    let all = app::browse::settings::template_list(&door.app, &demo.system(), ask).await?;
    let Some(template) = all
        .into_iter()
        .find(|one| one.name == "lead_welcome" && one.language == "he")
    else {
        return Ok(());
    };
    let variables = BTreeMap::from([
        ("body.1".to_owned(), name.to_owned()),
        ("body.2".to_owned(), "משכנתא".to_owned()),
    ]);
    let say = What::Template {
        template_id: template.id,
        variables,
        header_media_id: None,
    };
    answer(door, demo, phone, user, say).await
}

async fn take(
    door: &Door,
    demo: &Furnished,
    phone: &str,
    user: usize,
    status: usize,
    fields: &[(&str, &str)],
) -> Result<(), Failed> {
    let by = demo.person(user);
    let assignee_id = demo.users.get(user).copied();
    change(door, demo, phone, user, Some(assignee_id), None).await?;
    let thread = thread(door, demo, phone).await?;
    let row = app::browse::conversations::get(&door.app, &by, thread.id).await?;
    let Some(lead) = row.lead else { return Ok(()) };
    let amount = fields
        .iter()
        .find(|(key, _)| *key == "amount")
        .and_then(|(_, value)| value.parse::<i64>().ok());
    let edit = EditLead {
        version: lead.version,
        status_id: demo.statuses.get(status).copied(),
        assignee_id: Some(demo.users.get(user).copied()),
        fields: fields
            .iter()
            .filter(|(key, _)| *key != "amount")
            .map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned())))
            .collect(),
        amount_minor: amount.map(|amount| Some(amount * 100)),
        ..EditLead::default()
    };
    edit_lead::edit(&door.app, &by, lead.id, edit).await?;
    Ok(())
}

/// Changes the conversation; ticks that come in meanwhile make it try again.
async fn change(
    door: &Door,
    demo: &Furnished,
    phone: &str,
    user: usize,
    assignee_id: Option<Option<UserId>>,
    state: Option<ConversationState>,
) -> Result<(), Failed> {
    until("a quiet conversation", || async {
        let thread = thread(door, demo, phone).await?;
        let change = ChangeConversation {
            version: thread.version,
            assignee_id,
            state,
        };
        match change_conversation::change(&door.app, &demo.person(user), thread.id, change).await {
            Ok(()) => Ok(Some(())),
            Err(app::Error::Refused(refusal)) if refusal.code == "changed_meanwhile" => Ok(None),
            Err(error) => Err(error.into()),
        }
    })
    .await
}
