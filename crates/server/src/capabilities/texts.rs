//! How the table is said, in both languages.

use domain::channel::{Level, Link, Provider};
use serde::Serialize;
use utoipa::ToSchema;

use super::Need;

/// A sentence in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Text {
    pub en: &'static str,
    pub he: &'static str,
}

const fn t(en: &'static str, he: &'static str) -> Text {
    Text { en, he }
}

pub(super) fn row_title(row: &str) -> Text {
    match row {
        "connect" => t("Connecting", "חיבור"),
        "write" => t("Writing to a lead", "כתיבה לליד"),
        "triggered" => t("Message on a trigger", "הודעה לפי אירוע"),
        "mailing" => t("Mailing", "דיוור"),
        "replies" => t("Replies", "תשובות"),
        "instant_reply" => t("Instant reply", "מענה מיידי"),
        "bot" => t(
            "Bots and multi-step automations",
            "בוטים ואוטומציות רב־שלביות",
        ),
        "many_agents" => t("Many agents on the number", "כמה נציגים על המספר"),
        "phone_messages" => t("What is typed on the phone", "מה שנכתב בטלפון"),
        "pace" => t("Pace", "קצב"),
        _ => t("Risk", "סיכון"),
    }
}

pub(super) fn row_help(row: &str) -> Text {
    match row {
        "connect" => t("What has to be done once.", "מה צריך לעשות פעם אחת."),
        "write" => t("A message that a person writes.", "הודעה שאדם כותב ביד."),
        "triggered" => t(
            "A single message that a rule sends: “we looked for you”.",
            "הודעה בודדת שכלל שולח: ״חיפשנו אתכם״.",
        ),
        "mailing" => t("One text to many people.", "נוסח אחד לאנשים רבים."),
        "replies" => t("Where the answers are read.", "היכן קוראים את התשובות."),
        "instant_reply" => t(
            "The one automatic answer to somebody who writes.",
            "המענה האוטומטי האחד למי שכותב.",
        ),
        "bot" => t(
            "Conversations that go on without a person.",
            "שיחות שמתנהלות בלי אדם.",
        ),
        "many_agents" => t(
            "Several people answer from one number.",
            "כמה אנשים עונים ממספר אחד.",
        ),
        "phone_messages" => t(
            "Whether it appears in the conversation here.",
            "האם זה מופיע בשיחה כאן.",
        ),
        "pace" => t("How much, and how fast.", "כמה, ובאיזו מהירות."),
        _ => t("What can happen to the account.", "מה עלול לקרות לחשבון."),
    }
}

pub(super) fn pair_title(level: Level, link: Link) -> Text {
    match (level, link) {
        (Level::PersonalApp, Link::None) => t("Personal app", "אפליקציה אישית"),
        (Level::BusinessApp, Link::None) => t("Business app", "אפליקציה עסקית"),
        (Level::PersonalApp, Link::GatewayOneWay) => t(
            "Personal app, one-way link",
            "אפליקציה אישית, קישור חד־כיווני",
        ),
        (Level::BusinessApp, Link::GatewayOneWay) => t(
            "Business app, one-way link",
            "אפליקציה עסקית, קישור חד־כיווני",
        ),
        (Level::PersonalApp, Link::GatewayTwoWay) => t(
            "Personal app, two-way link",
            "אפליקציה אישית, קישור דו־כיווני",
        ),
        (Level::BusinessApp, Link::GatewayTwoWay) => t(
            "Business app, two-way link",
            "אפליקציה עסקית, קישור דו־כיווני",
        ),
        (Level::BusinessApp, Link::Coexistence) => t(
            "Business app with the API (coexistence)",
            "אפליקציה עסקית עם API (דו־קיום)",
        ),
        _ => t("Official API", "API רשמי"),
    }
}

/// How a cell reads at a glance.
pub(super) fn tone(row: &str, code: &str) -> &'static str {
    match (row, code) {
        (_, "no" | "stay_in_app" | "ban") | ("instant_reply", "none") => "no",
        (
            _,
            "opens_app" | "task" | "reduced" | "set_in_app" | "once_per_period" | "rhythm"
            | "hands" | "code" | "little" | "verification" | "onboarding",
        ) => "limited",
        _ => "yes",
    }
}

pub(super) fn cell(row: &str, code: &str) -> Text {
    match (row, code) {
        ("connect", "nothing") => t(
            "Nothing to connect: the agent’s own app.",
            "אין מה לחבר: זו האפליקציה של הנציג.",
        ),
        ("connect", "code") => t(
            "QR or pairing code at an unofficial gateway.",
            "קוד QR או קוד צימוד, דרך שער לא רשמי.",
        ),
        ("connect", "onboarding") => t(
            "Meta’s onboarding of the Business app.",
            "ההצטרפות של Meta, מתוך האפליקציה העסקית.",
        ),
        ("connect", _) => t(
            "Business and number verification, and a token; several numbers a business.",
            "אימות של העסק ושל המספר, ואסימון גישה. אפשר כמה מספרים לעסק.",
        ),
        ("write", "opens_app") => t(
            "“Write on WhatsApp” opens the app with the text; the agent sends, Kesher records it.",
            "״כתיבה בוואטסאפ״ פותחת את האפליקציה עם הטקסט. הנציג שולח, וקשר רושם.",
        ),
        ("write", "free_text") => t(
            "Free text of any wording, as WhatsApp takes it.",
            "טקסט חופשי, כל מה שוואטסאפ מקבל.",
        ),
        ("write", _) => t(
            "An approved template always; free text within 24 hours of the person’s last message.",
            "תבנית מאושרת תמיד. טקסט חופשי עד 24 שעות מההודעה האחרונה שהתקבלה.",
        ),
        ("triggered" | "mailing", "task") => t(
            "Becomes a task, with the text ready to open.",
            "תהיה משימה, והטקסט יחכה מוכן לפתיחה באפליקציה.",
        ),
        ("mailing", "free_text") => t("Free text, at a human’s pace.", "טקסט חופשי, בקצב אנושי."),
        ("triggered", "free_text") => t("A single free message.", "הודעה חופשית בודדת."),
        ("triggered" | "mailing", _) => t("Approved templates.", "תבניות מאושרות."),
        ("replies", "stay_in_app") => t(
            "Stay in the app; an exported chat can be imported.",
            "נשארות באפליקציה. צ׳אט מיוצא אפשר לייבא לכאן.",
        ),
        ("replies", "reduced") => t(
            "Stay in the app; Kesher hears only who answered and when, or asked to stop.",
            "נשארות באפליקציה. קשר יודע רק מי ענה ומתי, ומי ביקש הסרה.",
        ),
        ("replies", _) => t("Arrive here.", "מגיעות לכאן."),
        ("instant_reply", "none") => t("None.", "אין."),
        ("instant_reply", "set_in_app") => t(
            "The text is kept here and set in the app by a person.",
            "הטקסט נשמר כאן, ואדם מגדיר אותו באפליקציה.",
        ),
        ("instant_reply", "once_per_period") => t(
            "Kesher sends it, once per enquirer and period.",
            "קשר שולח, פעם אחת לכל פונה בתקופה.",
        ),
        ("instant_reply", _) => t("Yes.", "כן."),
        ("bot", "yes") => t("Yes.", "כן."),
        ("bot", _) => t(
            "Refused: WhatsApp allows it on the API only.",
            "לא. וואטסאפ מאפשר את זה רק ב־API הרשמי.",
        ),
        ("many_agents", "yes") => t("Yes.", "כן."),
        ("many_agents", _) => t("No: one phone, one person.", "לא. טלפון אחד, אדם אחד."),
        ("phone_messages", "yes") => t(
            "Appears here as a message like any other, marked “Sent from the phone”.",
            "מופיע כאן כהודעה רגילה, בסימון ״נשלחה מהטלפון״.",
        ),
        ("phone_messages", _) => t("Does not appear.", "לא מופיע."),
        ("pace", "hands") => t("A person’s hands.", "לפי הידיים של הנציג."),
        ("pace", "rhythm") => t(
            "At most 1,000 in any 24 hours and at a human’s rhythm, what is typed on the phone included; less while the number warms up.",
            "עד 1,000 ביממה נעה ובקצב אנושי, כולל מה שנכתב בטלפון. בתקופת החימום פחות.",
        ),
        ("pace", "twenty_per_second") => t("20 a second.", "20 בשנייה."),
        ("pace", _) => t(
            "No cap of ours: the portfolio’s tier, the number’s throughput, the pair limit.",
            "בלי תקרה שלנו. רק מה ש־Meta קובעת: מכסת פתיחת השיחות, הקצב המרבי והרצף לאותו אדם.",
        ),
        ("risk", "ban") => t(
            "The account may be banned. Kesher warns, measures and slows down.",
            "החשבון עלול להיחסם. קשר מזהיר, מודד ומאט.",
        ),
        ("risk", "little") => t("Little.", "מעט."),
        _ => t("None.", "אין."),
    }
}

pub(super) const fn provider_name(provider: Provider) -> &'static str {
    match provider {
        Provider::None => "WhatsApp",
        Provider::Meta => "Meta Cloud API",
        Provider::Dialog360 => "360dialog",
        Provider::Twilio => "Twilio",
        Provider::Vonage => "Vonage",
        Provider::Gupshup => "Gupshup",
        Provider::Infobip => "Infobip",
        Provider::Waha => "WAHA",
        Provider::GreenApi => "Green API",
        Provider::Evolution => "Evolution API",
        Provider::Wuzapi => "wuzapi",
    }
}

/// What it is, where it runs, and what it costs in risk.
pub(super) const fn note(provider: Provider) -> Text {
    match provider {
        Provider::None => t(
            "The agent’s own app: nothing in between, and no risk.",
            "האפליקציה של הנציג: בלי מתווך ובלי סיכון.",
        ),
        Provider::Meta => t(
            "Meta’s own API, in Meta’s cloud: official, nobody in between, no risk of a ban for being connected.",
            "ה־API של Meta עצמה, בענן שלה: רשמי, בלי מתווך ובלי סיכון חסימה בגלל החיבור.",
        ),
        Provider::Dialog360 => t(
            "An official partner in the cloud that passes Meta’s API on almost as it is; no risk of a ban.",
            "שותף רשמי בענן, שמעביר את ה־API של Meta כמעט כמו שהוא. בלי סיכון חסימה.",
        ),
        Provider::Twilio => t(
            "An official partner in the cloud, with messages and templates of its own making; no risk of a ban.",
            "שותף רשמי בענן, עם ממשק משלו להודעות ולתבניות. בלי סיכון חסימה.",
        ),
        Provider::Vonage => t(
            "An official partner in the cloud that carries WhatsApp beside SMS and calls; no risk of a ban.",
            "שותף רשמי בענן, שמוסר וואטסאפ לצד SMS ושיחות. בלי סיכון חסימה.",
        ),
        Provider::Gupshup => t(
            "An official partner in the cloud, with one app for each number; no risk of a ban.",
            "שותף רשמי בענן, עם אפליקציה לכל מספר. בלי סיכון חסימה.",
        ),
        Provider::Infobip => t(
            "An official partner in the cloud, with an address of its own for each account; no risk of a ban.",
            "שותף רשמי בענן, עם כתובת נפרדת לכל חשבון. בלי סיכון חסימה.",
        ),
        Provider::Waha => t(
            "A gateway that you host yourselves, in a container: it links the app as one more device, and the account may be banned.",
            "שער שמתקינים אצלכם, בקונטיינר: הוא מתחבר לאפליקציה כמכשיר מקושר, והחשבון עלול להיחסם.",
        ),
        Provider::GreenApi => t(
            "A gateway in its vendor’s cloud: nothing to install, messages pass through its servers, and the account may be banned.",
            "שער בענן של הספק: אין מה להתקין, ההודעות עוברות בשרתים שלו, והחשבון עלול להיחסם.",
        ),
        Provider::Evolution => t(
            "A gateway that you host yourselves, with many instances on one server; each account may be banned.",
            "שער שמתקינים אצלכם, עם כמה מספרים בשרת אחד. כל חשבון עלול להיחסם.",
        ),
        Provider::Wuzapi => t(
            "A small gateway that you host yourselves, one user for each number; the account may be banned.",
            "שער קטן שמתקינים אצלכם, עם משתמש לכל מספר. החשבון עלול להיחסם.",
        ),
    }
}

const PHONE: Need = Need {
    field: "phone",
    label: t("Phone number", "מספר טלפון"),
    hint: t("The WhatsApp number itself.", "מספר הוואטסאפ עצמו."),
    secret: false,
    example: Some("050-000-0001"),
    default: None,
    required: true,
};

const fn address(default: Option<&'static str>, example: Option<&'static str>) -> Need {
    Need {
        field: "base_url",
        label: t("Address", "כתובת"),
        hint: if default.is_some() {
            t(
                "Stays as it is, unless the provider gave you another.",
                "נשארת כמו שהיא, אלא אם הספק נתן כתובת אחרת.",
            )
        } else {
            t("Where it answers.", "הכתובת שבה הוא עונה.")
        },
        secret: false,
        example,
        required: default.is_none(),
        default,
    }
}

const fn token(label: Text, hint: Text) -> Need {
    Need {
        field: "token",
        label,
        hint,
        secret: true,
        example: None,
        default: None,
        required: true,
    }
}

const fn named(field: &'static str, label: Text, hint: Text, example: &'static str) -> Need {
    Need {
        field,
        label,
        hint,
        secret: false,
        example: Some(example),
        default: None,
        required: true,
    }
}

const API_KEY: Text = t("API key", "מפתח API");

pub(super) fn needs(provider: Provider) -> Vec<Need> {
    let default = app::connect_number::base_url_of(provider);
    let in_console = t("From the provider’s console.", "מהקונסולה של הספק.");
    match provider {
        Provider::None => vec![PHONE],
        Provider::Meta => vec![
            named(
                "app",
                t("Meta app", "אפליקציית Meta"),
                t(
                    "App id, app secret and verify token.",
                    "מזהה האפליקציה, הסוד שלה ואסימון האימות.",
                ),
                "123456789012345",
            ),
            named(
                "waba_id",
                t("WhatsApp Business account", "חשבון WhatsApp Business"),
                t("Its id (WABA).", "המזהה (WABA)."),
                "100200300400500",
            ),
            named(
                "number",
                t("Phone number id", "מזהה המספר"),
                t("As Meta names it.", "כפי ש־Meta קוראת לו."),
                "106540352242922",
            ),
            token(
                t("Access token", "אסימון גישה"),
                t(
                    "Of a system user, without an end.",
                    "של משתמש מערכת, ללא תפוגה.",
                ),
            ),
        ],
        Provider::Dialog360 => vec![
            PHONE,
            token(
                API_KEY,
                t(
                    "The number’s own key from the Hub.",
                    "המפתח של המספר מה־Hub.",
                ),
            ),
            Need {
                required: false,
                ..address(default, None)
            },
        ],
        Provider::Twilio => vec![
            PHONE,
            named(
                "account",
                t("Account SID", "Account SID"),
                in_console,
                "AC…",
            ),
            token(
                t("Auth token", "Auth token"),
                t("It also signs the webhooks.", "הוא גם חותם על ה־webhooks."),
            ),
            Need {
                required: false,
                ..address(default, None)
            },
        ],
        Provider::Vonage | Provider::Gupshup => vec![
            PHONE,
            named(
                "account",
                t("Application or app name", "יישום או שם אפליקציה"),
                in_console,
                "my-app",
            ),
            token(API_KEY, in_console),
            Need {
                required: false,
                ..address(default, None)
            },
        ],
        Provider::Infobip => vec![
            PHONE,
            token(API_KEY, in_console),
            address(None, Some("https://xxxxx.api.infobip.com")),
        ],
        Provider::Waha => vec![
            address(None, Some("http://localhost:3000")),
            named(
                "number",
                t("Session", "Session"),
                t(
                    "Any name; WAHA's free edition has “default”.",
                    "שם כלשהו; במהדורה החופשית: default.",
                ),
                "default",
            ),
            token(
                API_KEY,
                t(
                    "WAHA_API_KEY of your server.",
                    "ה־WAHA_API_KEY של השרת שלכם.",
                ),
            ),
        ],
        Provider::GreenApi => vec![
            named(
                "number",
                t("Instance id", "מזהה Instance"),
                in_console,
                "7103000001",
            ),
            token(t("Instance token", "אסימון ה־Instance"), in_console),
            address(default, Some("https://7103.api.greenapi.com")),
        ],
        Provider::Evolution => vec![
            address(None, Some("http://localhost:8080")),
            named(
                "number",
                t("Instance", "Instance"),
                t("Any name.", "שם כלשהו."),
                "main",
            ),
            token(
                API_KEY,
                t(
                    "AUTHENTICATION_API_KEY of your server.",
                    "ה־AUTHENTICATION_API_KEY של השרת שלכם.",
                ),
            ),
        ],
        Provider::Wuzapi => vec![
            address(None, Some("http://localhost:8080")),
            named(
                "number",
                t("User", "משתמש"),
                t("The user of your server.", "המשתמש בשרת שלכם."),
                "main",
            ),
            token(
                t("User token", "אסימון המשתמש"),
                t("The token of that user.", "האסימון של אותו משתמש."),
            ),
        ],
    }
}

pub(super) const fn guide_head(hebrew: bool) -> &'static str {
    if hebrew {
        "# מה כל מספר יכול\n\nהטבלה נוצרת מהקוד שמחליט (`kesher capabilities --language he`); המסכים, הסירובים וה־API נגזרים מאותה טבלה.\n\n<div dir=\"rtl\">\n\n"
    } else {
        "# What each number can do\n\nThis table is made from the code that decides (`kesher capabilities --language en`); the screens, the refusals and the API are drawn from the same one.\n\n"
    }
}

pub(super) const fn guide_providers(hebrew: bool) -> &'static str {
    if hebrew {
        "\n## הספקים\n\nכל החיבורים נבנו לפי מסמכי הספקים, ועוד לא נוסו מול השירותים עצמם.\n\n"
    } else {
        "\n## Providers\n\nAll of them were built from the providers' documents and have not been tried against the live services yet.\n\n"
    }
}

pub(super) const fn guide_end(hebrew: bool) -> &'static str {
    if hebrew { "\n</div>\n" } else { "" }
}

pub(super) const fn not_yet(hebrew: bool) -> &'static str {
    if hebrew {
        "עוד אי אפשר לחבר בגרסה הזאת."
    } else {
        "Cannot be connected in this version yet."
    }
}
