//! The app's own words, in English and Hebrew. What is not here is taken for a person's text: a phrase that is missing
//! costs a label, never a message.

use super::ExportKind;

/// The app's notice at the beginning of a chat.
pub(super) const ENCRYPTED: &[&str] = &[
    "Messages and calls are end-to-end encrypted",
    "Messages to this chat and calls are now secured with end-to-end encryption",
    "Messages you send to this chat and calls are now secured",
    "ההודעות והשיחות מוצפנות מקצה לקצה",
    "הודעות ושיחות מוצפנות מקצה לקצה",
];

/// What happens in groups only.
pub(super) const GROUP: &[&str] = &[
    " created group ",
    " created this group",
    "You created group",
    " added you",
    " added ",
    " removed ",
    " joined using ",
    " joined from ",
    " changed the subject",
    " changed the group ",
    " changed this group's ",
    " changed the description",
    " changed their settings",
    "You're now an admin",
    "You were added",
    "This message was sent to the group",
    "הוסיף/ה",
    "הוספת את",
    "הסיר/ה",
    "הסרת את",
    "יצא/ה",
    "הצטרף/ה",
    "יצר/ה את הקבוצה",
    "יצרת את הקבוצה",
    "שינה/תה את",
    "שינית את",
];

/// The same, at the end.
pub(super) const GROUP_ENDINGS: &[&str] = &[" left", " left the group", " עזב/ה"];

/// What happens in a chat of two as well.
pub(super) const SYSTEM: &[&str] = &[
    "security code with ",
    "security code changed",
    "Your security code",
    " changed their phone number",
    " changed to a new number",
    "changed their number",
    "This business ",
    "This chat is with ",
    "is a contact",
    "Messages will disappear",
    "disappearing messages",
    "You blocked this ",
    "You unblocked this ",
    "pinned a message",
    "קוד האבטחה",
    "שינה/תה את מספר",
    "החליף/ה מספר",
    "העסק הזה ",
    "עסק זה ",
    "הודעות זמניות",
    "חסמת את",
    "נעץ/ה הודעה",
];

/// Of these a "sender" on Android is no sender: `Dana changed the subject to "a: b"`.
pub(super) const NOT_A_SENDER: &[&str] = &[
    " created group ",
    " added ",
    " removed ",
    " changed the subject",
    " changed this group's ",
    " changed the group ",
    " changed the description",
    " joined using ",
    "security code with ",
    " changed their phone number",
    " changed to a new number",
    "הוסיף/ה",
    "הסיר/ה",
    "יצר/ה את הקבוצה",
    "שינה/תה את",
    "קוד האבטחה",
];

pub(super) const DELETED: &[&str] = &[
    "This message was deleted",
    "You deleted this message",
    "הודעה זו נמחקה",
    "ההודעה הזו נמחקה",
    "מחקת הודעה זו",
    "מחקת את ההודעה הזו",
];
pub(super) const DELETED_BY_ADMIN: &[&str] = &[
    "This message was deleted by admin",
    "ההודעה נמחקה על ידי מנהל",
];

pub(super) const EDITED: &[&str] = &[
    "<This message was edited>",
    "<הודעה זו נערכה>",
    "<ההודעה נערכה>",
    "<ההודעה הזו נערכה>",
];

/// A whole line on Android.
pub(super) const OMITTED_ANDROID: &[(&str, ExportKind)] = &[
    ("<Media omitted>", ExportKind::Unknown),
    ("<Video note omitted>", ExportKind::VideoNote),
    ("<המדיה לא נכללה>", ExportKind::Unknown),
    ("<מדיה לא נכללה>", ExportKind::Unknown),
    ("<המדיה הוסרה>", ExportKind::Unknown),
    ("<המדיה הושמטה>", ExportKind::Unknown),
];

/// The end of a line on iOS; the longer before the shorter.
pub(super) const OMITTED_IOS: &[(&str, ExportKind)] = &[
    ("video note omitted", ExportKind::VideoNote),
    ("image omitted", ExportKind::Image),
    ("video omitted", ExportKind::Video),
    ("audio omitted", ExportKind::Audio),
    ("sticker omitted", ExportKind::Sticker),
    ("GIF omitted", ExportKind::Gif),
    ("document omitted", ExportKind::Document),
    ("Contact card omitted", ExportKind::Contact),
    ("תמונה הושמטה", ExportKind::Image),
    ("סרטון הושמט", ExportKind::Video),
    ("אודיו הושמט", ExportKind::Audio),
    ("הודעה קולית הושמטה", ExportKind::Voice),
    ("סטיקר הושמט", ExportKind::Sticker),
    ("מדבקה הושמטה", ExportKind::Sticker),
    ("GIF הושמט", ExportKind::Gif),
    ("מסמך הושמט", ExportKind::Document),
    ("כרטיס איש קשר הושמט", ExportKind::Contact),
];
/// Something was left out that we have no word for.
pub(super) const OMITTED_ENDINGS: &[&str] = &[" omitted", " הושמט", " הושמטה"];

pub(super) const ATTACHED_ANDROID: &[&str] =
    &[" (file attached)", " (קובץ מצורף)", " (הקובץ מצורף)"];
pub(super) const ATTACHED_IOS: &[&str] = &["<attached: ", "<מצורף: "];
pub(super) const ATTACHED_OLD_IOS: &[&str] = &[" <attached>", " <מצורף>"];

pub(super) const CALLS: &[&str] = &[
    "Missed voice call",
    "Missed video call",
    "Missed group voice call",
    "Missed group video call",
    "Silenced voice call",
    "Silenced video call",
    "Voice call",
    "Video call",
    "Group voice call",
    "Group video call",
    "שיחה קולית",
    "שיחת וידאו",
];
/// What may stand behind a call's words: how long it was, or what to do about it.
pub(super) const CALL_TAILS: &[&str] = &[
    "Tap to call back",
    "No answer",
    "שלא נענתה",
    "אין מענה",
    "הקישו",
];

pub(super) const POLLS: &[&str] = &["POLL:", "סקר:"];
pub(super) const OPTIONS: &[&str] = &["OPTION:", "אפשרות:"];
pub(super) const LOCATIONS: &[&str] = &["location: ", "Location: ", "מיקום: "];
/// Something that the export has no form for.
pub(super) const UNSUPPORTED: &[&str] = &[
    "Waiting for this message",
    "Live location shared",
    "ממתין להודעה זו",
    "ממתינים להודעה זו",
    "מיקום בזמן אמת שותף",
];

/// File names of exported chats: what stands before the name of whom it is with.
pub(super) const TITLES: &[&str] = &[
    "WhatsApp Chat with ",
    "WhatsApp Chat - ",
    "צ'אט WhatsApp עם ",
    "צ׳אט WhatsApp עם ",
    "צ’אט WhatsApp עם ",
    "WhatsApp - צ'אט עם ",
];
