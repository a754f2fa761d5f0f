//! Who wrote to the office in the month before, and how it went. Everybody is invented; the numbers are in the block
//! that is kept for examples.

/// A line of a conversation. Who of the team says it is the one who looks after the lead.
#[derive(Debug, Clone, Copy)]
pub(super) enum Line {
    In(&'static str),
    /// Answers our last message.
    InQuoting(&'static str),
    /// Reached us hours after it was written.
    InLate(&'static str),
    Out(&'static str),
    /// Answers the person's last message.
    OutQuoting(&'static str),
    Note(&'static str),
    Picture(&'static str),
    Voice,
    Place,
    Card,
    Poll,
    OutDocument(&'static str),
    OutButtons(&'static str, &'static [&'static str]),
    Press(&'static str),
    Template(&'static str, &'static [&'static str]),
    /// Did not arrive; the provider's code.
    OutFailed(&'static str, i64),
    PersonReacts(&'static str),
    WeReact(&'static str),
    Stops,
    Later,
}

use Line::{
    Card, In, InLate, InQuoting, Later, Note, Out, OutButtons, OutDocument, OutFailed, OutQuoting,
    PersonReacts, Picture, Place, Poll, Press, Stops, Template, Voice, WeReact,
};

/// One lead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) days_ago: i64,
    /// Index into the statuses.
    pub(super) status: usize,
    /// Index into the people; past the last is nobody.
    pub(super) of: usize,
    pub(super) ad: Option<&'static str>,
    pub(super) city: Option<&'static str>,
    pub(super) amount: Option<i64>,
    pub(super) purpose: Option<&'static str>,
    pub(super) opening: &'static str,
    pub(super) talk: &'static [Line],
    pub(super) resolved: bool,
}

const NOBODY: usize = 9;

const FIRST_AD: &str = "משכנתא ראשונה בלי כאב ראש";
const REFINANCE_AD: &str = "בדיקת מחזור בחינם";

const DOCUMENTS: &[Line] = &[
    Out("שלום, קיבלנו את פנייתך. מה הסכום המבוקש בערך?"),
    In("בסביבות מיליון ומאתיים"),
    Out("מצוין. כדי להתקדם צריך תלושי שכר של שלושה חודשים ועו״ש."),
    Picture("הנה התלוש של אוקטובר"),
    WeReact("❤️"),
    OutQuoting("תודה! החלק התחתון מטושטש. אפשר עוד צילום?"),
    In("בטח, שולחת צילום חדש עוד מעט"),
    PersonReacts("👍"),
];
const MEETING: &[Line] = &[
    Out("שלום! אשמח לבדוק עבורכם. מתי נוח לדבר?"),
    OutButtons("מתי נוח לכם לפגישת ייעוץ?", &["בוקר", "צהריים", "ערב"]),
    Press("ערב"),
    Out("קבענו למחר ב־18:30 במשרד."),
    Place,
    InQuoting("מעולה, נתראה"),
    PersonReacts("🙏"),
];
const OFFER: &[Line] = &[
    Out("תודה על הפנייה. שלחנו לשלושה בנקים."),
    Later,
    OutDocument("מצורפת הצעת המחיר. נשמח לשמוע מה דעתכם."),
    In("קיבלתי, עוברים על זה"),
    Note("חשוב להם החזר חודשי נמוך, לא סך הריבית."),
    In("אפשר להוריד את המסלול הצמוד?"),
    Out("כן, אבדוק מול הבנק ואחזור אליכם."),
];
const SIGNED: &[Line] = &[
    Out("שלום, בוודאי. נתחיל מבדיקה קצרה."),
    Voice,
    Out("שמעתי, תודה. שולח רשימת מסמכים."),
    Picture("חוזה הרכישה"),
    Picture("תעודת זהות, צד קדמי"),
    Later,
    OutDocument("האישור העקרוני מצורף."),
    In("וואו, תודה רבה!!"),
    PersonReacts("❤️"),
    Later,
    In("חתמנו היום. תודה על הכול"),
    Out("בהצלחה בבית החדש!"),
];
const NO_ANSWER: &[Line] = &[
    Out("שלום, ניסינו להתקשר. מתי נוח לדבר?"),
    Later,
    Template("lead_welcome", &["לקוח יקר", "משכנתא"]),
];
const STOPPED: &[Line] = &[
    Out("שלום! נשמח לעזור. באיזה שלב אתם?"),
    In("כבר סגרנו עם מישהו אחר, תודה"),
    Stops,
    Note("ביקשו לא לקבל דיוור."),
];
const OTHER_BANK: &[Line] = &[
    Out("שלום, שלחנו בקשה לשני בנקים."),
    In("הבנק שלי נתן 4.1, יש לכם טוב יותר?"),
    Out("נבדוק ונחזור עוד היום."),
    Later,
    InLate("בסוף לקחתי בבנק שלי. תודה בכל אופן"),
];
const WRONG: &[Line] = &[
    In("זה המספר של המוסך?"),
    Out("לא, כאן משרד משכנתאות. בהצלחה!"),
];
const UNDELIVERED: &[Line] = &[
    Out("שלום, קיבלנו את הפנייה. מתי נוח לדבר?"),
    Later,
    OutFailed("ניסינו להשיג אותך. מתי נוח לדבר?", 131_026),
];
const SPOUSE: &[Line] = &[
    In("תדברו עם בעלי, הוא מטפל בזה"),
    Card,
    Out("תודה, ניצור איתו קשר."),
    Poll,
    Out("הסקר לא נפתח אצלנו, אפשר לכתוב במילים?"),
];
const ARABIC: &[Line] = &[
    Out("שלום! אפשר לדבר היום אחרי 17:00?"),
    In("نعم، بعد الخامسة مناسب"),
    Note("מעדיף ערבית, גיל יחזור אליו."),
];
const ENGLISH: &[Line] = &[
    Out("Hello! Yes, we work with new immigrants too."),
    In("Great. We have about 30% equity."),
    Out("That is a good start. I will send a list of documents."),
    InQuoting("Thank you 🙏"),
];

#[rustfmt::skip]
pub(super) const CAST: &[Part] = &[
    Part { name: "מיכל לדוגמה", days_ago: 31, status: 6, of: 0, ad: Some(FIRST_AD), city: Some("חיפה"), amount: Some(1_240_000), purpose: Some("רכישה"), opening: "היי, ראיתי את המודעה. אנחנו לפני רכישה ראשונה", talk: SIGNED, resolved: true },
    Part { name: "אורי הדגמה", days_ago: 30, status: 8, of: 1, ad: None, city: Some("נתניה"), amount: Some(900_000), purpose: Some("מחזור"), opening: "שלום, מחפש למחזר משכנתא מ־2021", talk: OTHER_BANK, resolved: true },
    Part { name: "שרה דוגמה", days_ago: 29, status: 7, of: 2, ad: Some(REFINANCE_AD), city: None, amount: None, purpose: Some("מחזור"), opening: "כמה עולה הבדיקה?", talk: STOPPED, resolved: true },
    Part { name: "יוסף הדגמה", days_ago: 28, status: 6, of: 1, ad: None, city: Some("באר שבע"), amount: Some(780_000), purpose: Some("רכישה"), opening: "הגעתי דרך חברים. אפשר ייעוץ?", talk: SIGNED, resolved: true },
    Part { name: "תמי לדוגמה", days_ago: 27, status: 5, of: 0, ad: None, city: Some("רעננה"), amount: Some(2_100_000), purpose: Some("רכישה"), opening: "שלום, קונים דירה שנייה וצריכים הצעה", talk: OFFER, resolved: false },
    Part { name: "רונן לדוגמה", days_ago: 26, status: 9, of: 2, ad: None, city: None, amount: None, purpose: None, opening: "שלום", talk: WRONG, resolved: true },
    Part { name: "אולגה הדגמה", days_ago: 25, status: 2, of: 0, ad: Some(FIRST_AD), city: Some("אשדוד"), amount: Some(650_000), purpose: Some("רכישה"), opening: "מעוניינת בפרטים", talk: NO_ANSWER, resolved: false },
    Part { name: "חיים דוגמה", days_ago: 24, status: 4, of: 1, ad: None, city: Some("ירושלים"), amount: Some(1_500_000), purpose: Some("רכישה"), opening: "אפשר לקבוע פגישה במשרד?", talk: MEETING, resolved: false },
    Part { name: "נטע הדגמה", days_ago: 23, status: 3, of: 2, ad: Some(FIRST_AD), city: Some("גבעתיים"), amount: Some(1_200_000), purpose: Some("רכישה"), opening: "היי! מה צריך כדי להתחיל?", talk: DOCUMENTS, resolved: false },
    Part { name: "Max Example", days_ago: 22, status: 1, of: 1, ad: None, city: Some("תל אביב"), amount: Some(1_900_000), purpose: Some("רכישה"), opening: "Hello, do you help new immigrants with a mortgage?", talk: ENGLISH, resolved: false },
    Part { name: "אבי הדגמה", days_ago: 21, status: 7, of: 0, ad: None, city: Some("חולון"), amount: None, purpose: Some("כל מטרה"), opening: "רק בודק ריביות", talk: STOPPED, resolved: true },
    Part { name: "לימור לדוגמה", days_ago: 20, status: 5, of: 2, ad: Some(REFINANCE_AD), city: Some("כפר סבא"), amount: Some(1_050_000), purpose: Some("מחזור"), opening: "הריבית שלי קפצה, מה אפשר לעשות?", talk: OFFER, resolved: false },
    Part { name: "סמיר הדגמה", days_ago: 19, status: 1, of: 2, ad: None, city: Some("נצרת"), amount: Some(820_000), purpose: Some("רכישה"), opening: "مرحبا، متى ممكن نحكي؟", talk: ARABIC, resolved: false },
    Part { name: "גליה לדוגמה", days_ago: 18, status: 2, of: 1, ad: None, city: None, amount: None, purpose: None, opening: "אשמח שתחזרו אליי", talk: UNDELIVERED, resolved: false },
    Part { name: "דורון דוגמה", days_ago: 17, status: 6, of: 2, ad: Some(FIRST_AD), city: Some("מודיעין"), amount: Some(1_350_000), purpose: Some("רכישה"), opening: "אנחנו זוג צעיר, דירה ראשונה", talk: SIGNED, resolved: true },
    Part { name: "ענת הדגמה", days_ago: 16, status: 3, of: 0, ad: None, city: Some("רמת גן"), amount: Some(1_700_000), purpose: Some("רכישה"), opening: "שלום, יש לנו אישור עקרוני שפג", talk: DOCUMENTS, resolved: false },
    Part { name: "בוריס לדוגמה", days_ago: 15, status: 8, of: 1, ad: Some(REFINANCE_AD), city: Some("אשקלון"), amount: Some(560_000), purpose: Some("מחזור"), opening: "מה ההפרש במחזור?", talk: OTHER_BANK, resolved: true },
    Part { name: "הדס לדוגמה", days_ago: 14, status: 4, of: 2, ad: None, city: Some("הוד השרון"), amount: Some(2_300_000), purpose: Some("רכישה"), opening: "רוצים להתייעץ לפני חתימת חוזה", talk: MEETING, resolved: false },
    Part { name: "פאדי הדגמה", days_ago: 13, status: 1, of: NOBODY, ad: None, city: Some("חיפה"), amount: None, purpose: Some("רכישה"), opening: "السلام عليكم، عندي سؤال", talk: ARABIC, resolved: false },
    Part { name: "זהבה דוגמה", days_ago: 12, status: 1, of: 1, ad: None, city: Some("פתח תקווה"), amount: Some(430_000), purpose: Some("כל מטרה"), opening: "שלום, פונה בשם המשפחה", talk: SPOUSE, resolved: false },
    Part { name: "קובי הדגמה", days_ago: 11, status: 3, of: 1, ad: Some(FIRST_AD), city: Some("ראשון לציון"), amount: Some(1_150_000), purpose: Some("רכישה"), opening: "אילו מסמכים להכין?", talk: DOCUMENTS, resolved: false },
    Part { name: "טליה לדוגמה", days_ago: 10, status: 5, of: 0, ad: None, city: Some("הרצליה"), amount: Some(2_800_000), purpose: Some("רכישה"), opening: "יש לנו הצעה מבנק, תוכלו לשפר?", talk: OFFER, resolved: false },
    Part { name: "משה דוגמה", days_ago: 9, status: 7, of: 2, ad: None, city: None, amount: None, purpose: None, opening: "כמה אחוז מימון אפשר?", talk: STOPPED, resolved: true },
    Part { name: "רינת הדגמה", days_ago: 8, status: 2, of: 2, ad: Some(REFINANCE_AD), city: Some("לוד"), amount: Some(610_000), purpose: Some("מחזור"), opening: "אפשר פרטים?", talk: NO_ANSWER, resolved: false },
    Part { name: "איתן לדוגמה", days_ago: 7, status: 4, of: 0, ad: None, city: Some("זכרון יעקב"), amount: Some(1_600_000), purpose: Some("רכישה"), opening: "נשמח לפגישה השבוע", talk: MEETING, resolved: false },
    Part { name: "Emma Example", days_ago: 6, status: 1, of: 1, ad: None, city: Some("ירושלים"), amount: Some(1_450_000), purpose: Some("רכישה"), opening: "Hi, I would like a consultation", talk: ENGLISH, resolved: false },
    Part { name: "גדי הדגמה", days_ago: 5, status: 9, of: NOBODY, ad: None, city: None, amount: None, purpose: None, opening: "אתם קונים רכבים?", talk: WRONG, resolved: true },
    Part { name: "ורד לדוגמה", days_ago: 4, status: 3, of: 2, ad: Some(FIRST_AD), city: Some("קריית אונו"), amount: Some(1_380_000), purpose: Some("רכישה"), opening: "היי, דירה ראשונה, מאיפה מתחילים?", talk: DOCUMENTS, resolved: false },
];
