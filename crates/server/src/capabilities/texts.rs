//! How the table is said, in both languages.

use domain::capability::Family;
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
            "בוטים ואוטומציות רב-שלביות",
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
        "write" => t("A message that a person writes.", "הודעה שאדם כותב."),
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
        (Level::BusinessApp, Link::None) => t("Business app", "אפליקציית Business"),
        (Level::PersonalApp, Link::GatewayOneWay) => t(
            "Personal app, gateway, one way",
            "אפליקציה אישית, שער חד-כיווני",
        ),
        (Level::BusinessApp, Link::GatewayOneWay) => t(
            "Business app, gateway, one way",
            "אפליקציית Business, שער חד-כיווני",
        ),
        (Level::PersonalApp, Link::GatewayTwoWay) => t(
            "Personal app, gateway, two ways",
            "אפליקציה אישית, שער דו-כיווני",
        ),
        (Level::BusinessApp, Link::GatewayTwoWay) => t(
            "Business app, gateway, two ways",
            "אפליקציית Business, שער דו-כיווני",
        ),
        (Level::BusinessApp, Link::Coexistence) => t(
            "Business app with API (coexistence)",
            "אפליקציית Business עם API (דו-קיום)",
        ),
        _ => t("Business API", "Business API"),
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
            "Nothing to connect: the agent's own app.",
            "אין מה לחבר: האפליקציה של הנציג.",
        ),
        ("connect", "code") => t(
            "QR or pairing code at an unofficial gateway.",
            "קוד QR או קוד צימוד בשער לא רשמי.",
        ),
        ("connect", "onboarding") => t(
            "Meta's onboarding of the Business app.",
            "תהליך החיבור של Meta לאפליקציית Business.",
        ),
        ("connect", _) => t(
            "Business and number verification, and a token; several numbers a business.",
            "אימות עסק ומספר, ואסימון; כמה מספרים לעסק.",
        ),
        ("write", "opens_app") => t(
            "“Write on WhatsApp” opens the app with the text; the agent sends, Kesher records it.",
            "״כתיבה ב-WhatsApp״ פותחת את האפליקציה עם הנוסח; הנציג שולח ו-Kesher רושם.",
        ),
        ("write", "free_text") => t(
            "Free text of any wording, as WhatsApp takes it.",
            "טקסט חופשי בכל נוסח, כפי ש-WhatsApp מקבלת.",
        ),
        ("write", _) => t(
            "An approved template always; free text within 24 hours of the person's last message.",
            "תבנית מאושרת תמיד; טקסט חופשי עד 24 שעות מההודעה האחרונה של האדם.",
        ),
        ("triggered" | "mailing", "task") => t(
            "Becomes a task, with the text ready to open.",
            "הופך למשימה, עם הנוסח מוכן לפתיחה.",
        ),
        ("mailing", "free_text") => t(
            "One-way mailing at a human's pace.",
            "דיוור חד-כיווני בקצב אנושי.",
        ),
        ("triggered", "free_text") => t("A single free message.", "הודעה חופשית בודדת."),
        ("triggered" | "mailing", _) => t("Approved templates.", "תבניות מאושרות."),
        ("replies", "stay_in_app") => t(
            "Stay in the app; an exported chat can be imported.",
            "נשארות באפליקציה; אפשר לייבא צ׳אט שיוצא.",
        ),
        ("replies", "reduced") => t(
            "Stay in the app; Kesher hears only who answered and when, or asked to stop.",
            "נשארות באפליקציה; Kesher יודעת רק מי ענה ומתי, או ביקש להפסיק.",
        ),
        ("replies", _) => t("Arrive here.", "מגיעות לכאן."),
        ("instant_reply", "none") => t("None.", "אין."),
        ("instant_reply", "set_in_app") => t(
            "The text is kept here and set in the app by a person.",
            "הנוסח נשמר כאן ואדם מגדיר אותו באפליקציה.",
        ),
        ("instant_reply", "once_per_period") => t(
            "Kesher sends it, once per enquirer and period.",
            "Kesher שולחת, פעם אחת לפונה בכל תקופה.",
        ),
        ("instant_reply", _) => t("Yes.", "כן."),
        ("bot", "yes") => t("Yes.", "כן."),
        ("bot", _) => t(
            "Refused: WhatsApp allows it on the API only.",
            "לא: WhatsApp מתירה זאת רק ב-API.",
        ),
        ("many_agents", "yes") => t("Yes.", "כן."),
        ("many_agents", _) => t("No: one phone, one person.", "לא: טלפון אחד, אדם אחד."),
        ("phone_messages", "yes") => t(
            "Is a message like any other, by “phone”.",
            "הודעה ככל הודעה, מאת ״טלפון״.",
        ),
        ("phone_messages", _) => t("Does not appear.", "אינו מופיע."),
        ("pace", "hands") => t("A person's hands.", "ידיים של אדם."),
        ("pace", "rhythm") => t(
            "At most 1,000 in a rolling day and a human's rhythm, counted durably, what is typed included; less while the number warms up.",
            "עד 1,000 ביממה מתגלגלת ובקצב אנושי, בספירה שאינה נשכחת, כולל מה שנכתב בטלפון; פחות בתקופת החימום.",
        ),
        ("pace", "twenty_per_second") => t("20 a second.", "20 בשנייה."),
        ("pace", _) => t(
            "No cap of ours: the portfolio's tier, the number's throughput, the pair limit.",
            "ללא תקרה שלנו: דרגת התיק, קצב המספר ומגבלת הזוג.",
        ),
        ("risk", "ban") => t(
            "The account may be banned: told, measured, slowed.",
            "החשבון עלול להיחסם: נאמר, נמדד, מואט.",
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

pub(super) const fn note(family: Family) -> Text {
    match family {
        Family::None => t("The agent's own app.", "האפליקציה של הנציג."),
        Family::Official => t(
            "Official. Built from documents, not yet verified against the live service.",
            "רשמי. נבנה לפי התיעוד, וטרם אומת מול השירות החי.",
        ),
        Family::Unofficial => t(
            "Unofficial: it drives an app account, and WhatsApp may ban it. Built from documents, not yet verified against the live service.",
            "לא רשמי: מפעיל חשבון אפליקציה, ו-WhatsApp עלולה לחסום אותו. נבנה לפי התיעוד, וטרם אומת מול השירות החי.",
        ),
    }
}

const PHONE: Need = Need {
    field: "phone",
    label: t("Phone number", "מספר טלפון"),
    hint: t("The WhatsApp number itself.", "מספר ה-WhatsApp עצמו."),
    secret: false,
    example: Some("050-000-0001"),
    default: None,
    required: true,
};

const fn address(default: Option<&'static str>, example: Option<&'static str>) -> Need {
    Need {
        field: "base_url",
        label: t("Address", "כתובת"),
        hint: t("Where the gateway answers.", "היכן השער עונה."),
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
    let in_console = t("From the provider's console.", "מהקונסולה של הספק.");
    match provider {
        Provider::None => vec![PHONE],
        Provider::Meta => vec![
            named(
                "app",
                t("Meta app", "אפליקציית Meta"),
                t(
                    "App id, app secret and verify token.",
                    "מזהה, סוד ואסימון אימות.",
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
                t("As Meta names it.", "כפי ש-Meta קוראת לו."),
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
                    "The number's own key from the Hub.",
                    "המפתח של המספר מה-Hub.",
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
                t("It also signs the webhooks.", "הוא גם חותם על ה-webhooks."),
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
                    "ה-WAHA_API_KEY של השרת שלכם.",
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
            token(t("Instance token", "אסימון ה-Instance"), in_console),
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
                    "ה-AUTHENTICATION_API_KEY של השרת שלכם.",
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
        "# מה המספר יכול לעשות?\n\nהטבלה נוצרת מהקוד שמחליט (`kesher capabilities --language he`); המסכים, הסירובים וה-API נגזרים מאותה טבלה.\n\n<div dir=\"rtl\">\n\n"
    } else {
        "# What can this number do?\n\nThis table is made from the code that decides (`kesher capabilities --language en`); the screens, the refusals and the API are drawn from the same one.\n\n"
    }
}

pub(super) const fn guide_providers(hebrew: bool) -> &'static str {
    if hebrew {
        "\n## הספקים\n\n"
    } else {
        "\n## Providers\n\n"
    }
}

pub(super) const fn built(hebrew: bool) -> &'static str {
    if hebrew {
        "אפשר לחבר."
    } else {
        "Can be connected."
    }
}

pub(super) const fn not_yet(hebrew: bool) -> &'static str {
    if hebrew {
        "טרם ניתן לחיבור בגרסה הזאת."
    } else {
        "Cannot be connected in this version yet."
    }
}
