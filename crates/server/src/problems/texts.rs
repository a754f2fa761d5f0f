//! The sentences. `{name}` stands for a value of the problem. The voice is that of the screens: what happened, then
//! what helps, in the plural that offends nobody.

/// One problem in both languages. An empty mend says that there is nothing to do.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    pub code: &'static str,
    pub he: &'static str,
    pub mend_he: &'static str,
    pub en: &'static str,
    pub mend_en: &'static str,
}

const fn text(
    code: &'static str,
    he: &'static str,
    mend_he: &'static str,
    en: &'static str,
    mend_en: &'static str,
) -> Text {
    Text {
        code,
        he,
        mend_he,
        en,
        mend_en,
    }
}

const UNKNOWN: Text = text(
    "internal",
    "משהו השתבש אצלנו.",
    "נסו שוב בעוד רגע.",
    "Something went wrong on our side.",
    "Try again in a moment.",
);

/// The text of a code; a code without one gets a general sentence.
#[must_use]
pub fn of(code: &str) -> Text {
    TEXTS
        .iter()
        .copied()
        .find(|text| text.code == code)
        .unwrap_or(UNKNOWN)
}

/// All of them.
#[rustfmt::skip]
pub const TEXTS: &[Text] = &[
    UNKNOWN,
    // Who is calling.
    text("not_signed_in", "צריך להיכנס למערכת.", "היכנסו ונסו שוב.", "You are not signed in.", "Sign in and try again."),
    text("key_invalid", "מפתח ה־API אינו תקין או בוטל.", "צרו מפתח חדש בהגדרות.", "The API key is not valid, or was revoked.", "Make a new key in the settings."),
    text("credentials_wrong", "האימייל או הסיסמה אינם נכונים.", "בדקו אותם ונסו שוב.", "The e-mail or the password is wrong.", "Check them and try again."),
    text("too_many_attempts", "יותר מדי ניסיונות.", "אפשר לנסות שוב בעוד {retry_after_s} שניות.", "Too many attempts.", "You can try again in {retry_after_s} seconds."),
    text("link_used", "הקישור כבר נוצל או שפג תוקפו.", "בקשו קישור חדש.", "The link was used already, or has expired.", "Ask for a new one."),
    text("no_right", "אין לכם הרשאה לזה.", "בקשו ממנהל המערכת.", "You may not do this.", "Ask an administrator."),
    text("wrong_actor", "רק אדם יכול לעשות זאת, לא מפתח API.", "", "Only a person can do this, not an API key.", ""),
    text("cross_site", "הבקשה הגיעה מאתר אחר ונדחתה.", "רעננו את העמוד ונסו שוב.", "The request came from another site and was refused.", "Reload the page and try again."),
    text("token_in_url", "אין לשלוח מפתח או סיסמה בכתובת.", "שלחו אותו בכותרת Authorization.", "A key has no place in an address.", "Send it in the Authorization header."),
    text("nobody_yet", "עדיין אין משתמשים.", "השלימו את ההקמה.", "There is nobody yet.", "Finish the set-up first."),
    // The request itself.
    text("not_found", "לא נמצא.", "ייתכן שנמחק או הועבר.", "Not found.", "It may have been removed or merged."),
    text("method_not_allowed", "הפעולה אינה אפשרית בכתובת הזאת.", "", "This address does not take this method.", ""),
    text("json_expected", "הגוף צריך להיות JSON.", "הוסיפו Content-Type: application/json.", "The body must be JSON.", "Add Content-Type: application/json."),
    text("not_json", "הגוף אינו JSON תקין.", "", "The body is not valid JSON.", ""),
    text("body_too_large", "הבקשה גדולה מדי.", "", "The request is too large.", ""),
    text("body_too_slow", "הבקשה לא הגיעה בזמן.", "", "The request did not arrive in time.", ""),
    text("body_broken", "הבקשה נקטעה.", "", "The request broke off.", ""),
    text("encoding_not_supported", "אין תמיכה בגוף דחוס.", "שלחו בלי Content-Encoding.", "A compressed body is not taken.", "Send it without Content-Encoding."),
    text("form_broken", "הקובץ לא הגיע בשלמותו.", "העלו אותו שוב.", "The upload did not arrive whole.", "Upload it again."),
    text("unknown_field", "השדה {field} אינו מוכר.", "הסירו אותו.", "The field {field} is not known.", "Leave it out."),
    text("missing", "חסר ערך: {field}.", "מלאו אותו.", "{field} is missing.", "Fill it in."),
    text("wrong_type", "הערך של {field} אינו מהסוג הנכון.", "", "{field} has the wrong type.", ""),
    text("bad_value", "הערך של {field} אינו אפשרי.", "", "The value of {field} is not possible.", ""),
    text("value_refused", "אחד הערכים אינו יכול להישמר.", "", "One of the values cannot be kept.", ""),
    text("query_invalid", "הפרמטרים בכתובת אינם תקינים.", "", "The query is not valid.", ""),
    text("limit_out_of_range", "אפשר לבקש בין 1 ל־{most} שורות.", "", "Between 1 and {most} rows can be asked for.", ""),
    text("cursor_invalid", "הסמן של העמוד הבא אינו תקין.", "התחילו מהעמוד הראשון.", "The cursor is not valid.", "Start from the first page."),
    text("idempotency_key_invalid", "המפתח Idempotency-Key אינו תקין.", "", "The Idempotency-Key is not valid.", ""),
    text("idempotency_mismatch", "המפתח כבר שימש לבקשה אחרת.", "שלחו מפתח חדש.", "The key was used for another request.", "Send a new key."),
    text("already_made", "זה כבר נוצר בבקשה קודמת, ומוצג פעם אחת בלבד.", "צרו חדש.", "It was made by an earlier request and is shown only once.", "Make a new one."),
    text("changed_meanwhile", "מישהו אחר שינה את זה בינתיים.", "בדקו את הערך החדש ושמרו שוב.", "Somebody else changed this meanwhile.", "Look at it as it is now and save again."),
    text("unavailable", "השירות אינו זמין כרגע.", "נסו שוב בעוד רגע.", "The service is not available right now.", "Try again in a moment."),
    text("not_offered_yet", "האפשרות הזאת עדיין לא נתמכת.", "", "This is not offered yet.", ""),
    // People and settings.
    text("email_invalid", "כתובת האימייל אינה תקינה.", "", "The e-mail address is not valid.", ""),
    text("email_taken", "כבר יש משתמש עם האימייל הזה.", "", "Somebody has this e-mail already.", ""),
    text("password_too_short", "הסיסמה קצרה מדי.", "בחרו לפחות {least} תווים.", "The password is too short.", "Choose at least {least} characters."),
    text("password_invalid", "אי אפשר להשתמש בסיסמה הזאת.", "בחרו סיסמה קצרה מ־1,024 תווים.", "This password cannot be used.", "Choose one shorter than 1,024 characters."),
    text("password_wrong", "הסיסמה הנוכחית אינה נכונה.", "", "The current password is wrong.", ""),
    text("last_owner", "חייב להישאר לפחות בעלים אחד.", "מנו קודם בעלים נוסף.", "At least one owner must remain.", "Make somebody else an owner first."),
    text("scope_unknown", "ההרשאה {field} אינה מוכרת.", "", "The scope {field} is not known.", ""),
    text("user_unknown", "אין משתמש פעיל כזה.", "בחרו מישהו מהצוות.", "There is no such active user.", "Choose somebody of the team."),
    text("status_unknown", "הסטטוס אינו שייך לתהליך של הליד.", "", "The status is not of the lead's pipeline.", ""),
    text("pipeline_unknown", "אין תהליך כזה.", "", "There is no such pipeline.", ""),
    text("field_unknown", "אין בתהליך שדה {field}.", "", "The pipeline has no field {field}.", ""),
    text("field_value", "הערך אינו מתאים לשדה.", "{options}", "The value does not fit the field.", "{options}"),
    text("phone_invalid", "זה אינו מספר טלפון.", "כתבו אותו כמו 050-1234567 או עם קידומת מדינה.", "This is not a phone number.", "Write it like 050-1234567, or with its country code."),
    text("phone_taken", "המספר שייך כבר לאיש קשר אחר.", "פתחו את איש הקשר ההוא.", "Another contact has this number.", "Open that contact."),
    // Channels.
    text("id_of_meta", "מזהה של Meta מכיל ספרות בלבד.", "העתיקו אותו מלוח הבקרה של Meta.", "An id of Meta's has digits only.", "Copy it from Meta's dashboard."),
    text("base_url_invalid", "כתובת הספק אינה תקינה.", "", "The provider's address is not valid.", ""),
    text("app_of_other_workspace", "האפליקציה, החשבון או המספר מחוברים כבר למרחב עבודה אחר.", "נתקו אותם שם קודם.", "The app, the account or the number is connected to another workspace.", "Disconnect it there first."),
    text("number_connected", "המספר כבר מחובר.", "", "The number is connected already.", ""),
    text("channel_disconnected", "הערוץ מנותק.", "חברו אותו מחדש בהגדרות הערוצים.", "The channel is disconnected.", "Connect it again in the channel settings."),
    text("provider_failed", "הספק לא ענה כמצופה ({reason}).", "נסו שוב בעוד רגע.", "The provider did not answer as it should ({reason}).", "Try again in a moment."),
    text("app_unknown", "אין אפליקציה בכתובת הזאת.", "", "No app has this address.", ""),
    text("handshake_refused", "אסימון האימות אינו נכון.", "העתיקו אותו שוב מהגדרות הערוץ.", "The verify token is wrong.", "Copy it again from the channel's settings."),
    text("signature_missing", "חסרה חתימה.", "", "The signature is missing.", ""),
    text("signature_invalid", "החתימה אינה נכונה.", "אם יש שרת ביניים, ודאו שאינו משנה את גוף הבקשה.", "The signature is wrong.", "If there is a proxy in between, see that it leaves the body as it is."),
    // Sending.
    text("window_closed", "עברו יותר מ־24 שעות מאז ההודעה האחרונה של הלקוח.", "שלחו תבנית מאושרת.", "More than 24 hours have passed since the person last wrote.", "Send an approved template."),
    text("template_not_sendable", "אי אפשר לשלוח את התבנית הזאת עכשיו.", "בחרו תבנית אחרת.", "This template cannot be sent now.", "Choose another one."),
    text("opted_out", "הלקוח ביקש לא לקבל הודעות שיווק.", "אפשר לשלוח תבנית שירות או להתקשר.", "The person does not want marketing messages.", "Send a utility template, or call."),
    text("no_address", "אין לאיש הקשר מספר או מזהה שאפשר לשלוח אליו.", "הוסיפו מספר טלפון.", "The contact has no number or id to send to.", "Add a phone number."),
    text("installation_held", "השליחה מושהית בהתקנה הזאת.", "בקשו ממנהל המערכת לשחרר אותה.", "Sending is on hold in this installation.", "Ask an administrator to release it."),
    text("not_allowed", "אי אפשר לשלוח את ההודעה הזאת.", "", "This message cannot be sent.", ""),
    text("opens_app", "מהמספר הזה שולחים מהאפליקציה.", "פתחו את וואטסאפ ושלחו משם.", "This number sends from the WhatsApp app.", "Open WhatsApp and send from there."),
    text("text_empty", "ההודעה ריקה.", "כתבו משהו.", "The message is empty.", "Write something."),
    text("text_too_long", "הטקסט ארוך מדי: {got} תווים מתוך {limit}.", "קצרו אותו.", "The text is too long: {got} of {limit} characters.", "Shorten it."),
    text("note_is_text", "הערה פנימית היא טקסט בלבד.", "", "A note is text only.", ""),
    text("time_is_past", "השעה שנבחרה כבר עברה.", "בחרו שעה אחרת.", "The chosen time is past.", "Choose another."),
    text("time_too_far", "אפשר לתזמן עד שנה מראש.", "", "A message can be scheduled a year ahead at most.", ""),
    text("template_by_id", "תבנית שולחים לפי המזהה שלה.", "", "A template is sent by its id.", ""),
    text("template_of_other_account", "התבנית שייכת לחשבון אחר.", "בחרו תבנית של המספר הזה.", "The template belongs to another account.", "Choose one of this number's."),
    text("variable_missing", "חסרים ערכים בתבנית: {variables}.", "מלאו אותם.", "The template lacks values: {variables}.", "Fill them in."),
    text("variable_surplus", "בתבנית אין מקום לערכים: {variables}.", "הסירו אותם.", "The template has no place for: {variables}.", "Leave them out."),
    text("variable_whitespace", "ערך בתבנית לא יכול להכיל ירידת שורה, טאב או יותר מארבעה רווחים.", "כתבו אותו בשורה אחת.", "A value in a template cannot hold a line break, a tab or more than four spaces.", "Write it on one line."),
    text("file_unknown", "אין קובץ כזה.", "העלו אותו שוב.", "There is no such file.", "Upload it again."),
    text("file_not_ready", "הקובץ עדיין לא כאן.", "", "The file is not here yet.", ""),
    text("file_empty", "הקובץ ריק.", "", "The file is empty.", ""),
    text("file_too_large", "הקובץ גדול מדי: עד {limit_mb} מ״ב.", "הקטינו אותו או שלחו כמסמך.", "The file is too large: up to {limit_mb} MB.", "Make it smaller, or send it as a document."),
    text("file_type", "וואטסאפ לא מקבל קבצים מהסוג הזה.", "שלחו JPG, PNG, PDF, MP4 או קובץ שמע.", "WhatsApp does not take this type of file.", "Send a JPG, PNG, PDF, MP4 or an audio file."),
    text("heic_not_supported", "וואטסאפ לא מקבל קובצי HEIC.", "המירו ל־JPG ושלחו שוב.", "WhatsApp does not take HEIC files.", "Convert it to JPG and send again."),
    text("emoji_invalid", "זה אינו אמוג׳י.", "", "This is not an emoji.", ""),
    text("message_too_old", "ההודעה ישנה מדי לתגובה.", "", "The message is too old to react to.", ""),
    text("message_not_at_provider", "ההודעה עוד לא הגיעה לוואטסאפ.", "נסו שוב אחרי שתישלח.", "WhatsApp does not have the message yet.", "Try again once it is sent."),
    text("already_left", "ההודעה כבר יצאה.", "", "The message has left already.", ""),
    text("not_unclear", "מצב ההודעה כבר ידוע.", "", "What became of the message is known already.", ""),
    text("still_under_way", "ההודעה הקודמת עוד עשויה להגיע.", "", "The first message may still arrive.", ""),
    // Limits of a message's parts, as the provider has them.
    text("too_long", "הערך של {field} ארוך מדי: עד {limit} תווים.", "קצרו אותו.", "{field} is too long: up to {limit} characters.", "Shorten it."),
    text("too_many", "יותר מדי פריטים ב־{field}: עד {limit}.", "", "Too many items in {field}: up to {limit}.", ""),
    text("too_few", "מעט מדי פריטים ב־{field}: לפחות {limit}.", "", "Too few items in {field}: at least {limit}.", ""),
    text("too_large", "הקובץ גדול מדי.", "", "The file is too large.", ""),
    text("not_unique", "המזהה ב־{field} מופיע פעמיים.", "", "The id in {field} is there twice.", ""),
    text("bad_type", "הסוג של {field} אינו נתמך.", "", "The type of {field} is not taken.", ""),
    // Exported chats.
    text("import_too_large", "הקובץ גדול מדי: עד {limit_mb} MB.", "ייצאו את הצ׳אט בלי מדיה ונסו שוב.", "The file is too large: up to {limit_mb} MB.", "Export the chat without media and try again."),
    text("import_not_a_chat", "זה לא נראה כמו צ׳אט שיוצא מוואטסאפ.", "בוואטסאפ פתחו את הצ׳אט, בחרו ״ייצוא צ׳אט״ והעלו את הקובץ כמו שהוא.", "This does not look like a chat exported from WhatsApp.", "In WhatsApp open the chat, choose “Export chat”, and upload the file as it is."),
    text("import_zip_broken", "קובץ ה־ZIP פגום או שלא הגיע בשלמותו.", "ייצאו את הצ׳אט שוב.", "The zip is broken, or did not arrive whole.", "Export the chat again."),
    text("import_zip_bomb", "קובץ ה־ZIP נפרש לגודל שאי אפשר לקבל.", "ייצאו את הצ׳אט שוב, בלי מדיה.", "The zip unpacks to more than can be taken.", "Export the chat again, without media."),
    text("import_zip_path", "בקובץ ה־ZIP יש קובץ שמצביע אל מחוץ לו.", "העלו את הקובץ כפי שוואטסאפ יצר אותו.", "The zip holds a file that points outside of it.", "Upload the file as WhatsApp made it."),
    text("import_zip_locked", "קובץ ה־ZIP מוגן בסיסמה.", "העלו אותו בלי סיסמה.", "The zip is locked with a password.", "Upload it without one."),
    text("import_zip_no_chat", "אין צ׳אט בתוך קובץ ה־ZIP.", "בחרו את הקובץ שוואטסאפ יצר בייצוא.", "There is no chat in the zip.", "Choose the file that WhatsApp made when exporting."),
    text("import_zip_many_chats", "יש יותר מצ׳אט אחד בקובץ ה־ZIP.", "העלו כל צ׳אט בנפרד.", "There is more than one chat in the zip.", "Upload each chat by itself."),
    text("import_group", "זה צ׳אט של קבוצה: אנשים אחרים בקבוצה לא הסכימו לשמירת ההודעות שלהם.", "אם זה בסדר, אשרו זאת במפורש.", "This is a group chat: the others in it did not agree to their messages being kept.", "If that is all right, say so explicitly."),
    text("import_us_missing", "צריך לבחור מי מהמשתתפים הוא אתם.", "", "Choose which participant is you.", ""),
    text("import_contact_missing", "צריך לבחור של מי הצ׳אט.", "", "Choose whose chat it is.", ""),
    text("import_nothing_new", "כל ההודעות בקובץ כבר כאן.", "", "All messages of the file are here already.", ""),
    text("import_busy", "ייבוא אחר לשיחה הזאת עדיין פועל.", "חכו שיסתיים ונסו שוב.", "Another import into this conversation is still running.", "Wait until it is done and try again."),
    text("import_not_a_preview", "הייבוא הזה כבר הוחל.", "", "This import was applied already.", ""),
    text("import_not_applied", "אין מה לבטל: הייבוא הזה לא הוחל.", "", "There is nothing to undo: this import was not applied.", ""),
    text("import_file_gone", "הקובץ שהועלה כבר אינו כאן.", "העלו אותו שוב.", "The uploaded file is not here any more.", "Upload it again."),
    text("participant_unknown", "אין משתתף כזה בצ׳אט.", "", "There is no such participant in the chat.", ""),
    text("contact_unknown", "אין איש קשר כזה.", "", "There is no such contact.", ""),
    text("lead_unknown", "אין ליד כזה.", "", "There is no such lead.", ""),
    text("channel_unknown", "אין ערוץ כזה.", "", "There is no such channel.", ""),
    text("time_zone_unknown", "אזור הזמן אינו מוכר.", "", "The time zone is not known.", ""),
    // The demo.
    text("demo_only", "זה קיים בהדגמה בלבד.", "", "This is there in the demo only.", ""),
    text("sandbox_away", "הסימולטור אינו עונה.", "הפעילו מחדש את ההדגמה.", "The sandbox does not answer.", "Start the demo again."),
    text("step_invalid", "אפשר להזיז את השעון קדימה בלבד, עד שנה.", "", "The clock goes forward only, a year at most.", ""),
    text("nothing_due", "אין משהו שממתין לזמן.", "", "Nothing waits for a time.", ""),
    // Levels, links and providers.
    text("pair_not_possible", "הרמה והקישור האלה לא אפשריים יחד אצל הספק הזה.", "מה אפשרי כתוב בעמוד ״מה כל מספר יכול״.", "This level and this link do not exist together at this provider.", "What is possible is on the page “What each number can do”."),
    text("risk_not_accepted", "דרך שער לא רשמי החשבון עלול להיחסם.", "קראו את האזהרות ואשרו אותן.", "An unofficial gateway may get the account banned.", "Read the warnings and accept them."),
    text("account_of_other_workspace", "החשבון הזה כבר מחובר לעסק אחר.", "בדקו את הפרטים.", "This account is connected to another business already.", "Check what you gave."),
    text("other_phone", "זה מספר אחר מהמספר של הערוץ.", "כדי לחבר מספר אחר, הוסיפו ערוץ חדש.", "This is another number than the channel's.", "To connect another number, add a channel."),
    text("not_a_gateway", "מספר כזה לא מקשרים בקוד.", "", "This number is not linked by a code.", ""),
    text("not_at_meta", "המספר הזה לא אצל Meta ישירות.", "הגדירו אותו אצל הספק שלו.", "This number is not at Meta itself.", "Set it up at its provider."),
    text("provider_refused", "הספק סירב: {details}", "תקנו ונסו שוב.", "The provider refused: {details}", "Mend it and try again."),
    text("hours_invalid", "שעות העבודה אינן תקינות.", "כתבו אותן כמו 08:00 עד 20:00.", "The working hours are not valid.", "Write them as 08:00 to 20:00."),
    text("level_forbids", "רמת הרישיון של המספר לא מאפשרת את זה.", "איזו רמה מאפשרת כתוב בעמוד ״מה כל מספר יכול״.", "The number's licence level does not allow this.", "Which level does is on the page “What each number can do”."),
    text("content_forbidden", "הודעה מסוג זה אי אפשר לשלוח מהמספר הזה.", "שלחו טקסט או קובץ.", "A message of this kind cannot be sent on this number.", "Send a text or a file."),
    text("number_unlinked", "הטלפון לא מקושר.", "סריקת קוד בהגדרות הערוץ תקשר אותו.", "The phone is not linked.", "Link it again in the channel's settings."),
    text("number_banned", "וואטסאפ חסם את החשבון הזה.", "ערעור מגישים מתוך האפליקציה בטלפון.", "WhatsApp has banned this account.", "Appeal to WhatsApp from the app."),
    text("connection_unknown", "הכתובת הזאת אינה של מספר מחובר.", "", "This address belongs to no connected number.", ""),
    text("text_too_long_for_link", "הטקסט ארוך מדי לקישור של וואטסאפ.", "קצרו אותו.", "The text is too long for a WhatsApp link.", "Make it shorter."),
    text("already_settled", "כבר נאמר מה קרה עם ההודעה הזאת.", "רעננו את העמוד.", "Somebody has said already what became of it.", "Reload the page."),
    text("wording_field_unknown", "אלה אינם שדות: {fields}.", "אפשר להשתמש בשדות {known}.", "These are no fields: {fields}.", "There are: {known}."),
    text("nobody_to_write_to", "אין למי לכתוב.", "הוסיפו נמענים עם מספר טלפון.", "There is nobody to write to.", "Add people with a phone number."),
    text("too_many_recipients", "אפשר עד {limit} נמענים בדיוור אחד.", "חלקו לכמה דיוורים.", "A mailing takes at most {limit} people.", "Split it."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Codes that `app` and the door itself use, read from their sources: one that is added without words fails here.
    fn used() -> BTreeSet<String> {
        let mut codes = BTreeSet::new();
        for folder in ["../app/src", "src"] {
            read(
                &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
                &mut codes,
            );
        }
        codes
    }

    fn read(folder: &Path, codes: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, codes);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                for (opening, skipped) in [
                    ("Refusal::invalid(", 0),
                    ("Problem::field(", 0),
                    ("Refusal::new(", 1),
                    ("Problem::new(", 1),
                ] {
                    for rest in source.split(opening).skip(1) {
                        let argument = rest.splitn(3, ',').nth(skipped).unwrap_or_default().trim();
                        let code = argument
                            .strip_prefix('"')
                            .and_then(|rest| rest.split('"').next());
                        let plain = |code: &&str| {
                            !code.is_empty()
                                && code.bytes().all(|byte| {
                                    byte.is_ascii_lowercase()
                                        || byte.is_ascii_digit()
                                        || byte == b'_'
                                })
                        };
                        codes.extend(code.filter(plain).map(ToOwned::to_owned));
                    }
                }
            }
        }
    }

    #[test]
    fn every_code_has_words_in_both_languages() {
        let used = used();
        assert!(used.len() > 60, "the sources are read: {}", used.len());
        for code in used {
            assert!(
                TEXTS.iter().any(|text| text.code == code),
                "no words for {code}"
            );
        }
        let hebrew = |text: &str| text.chars().any(|letter| ('א'..='ת').contains(&letter));
        for text in TEXTS {
            assert!(
                hebrew(text.he) && !text.en.is_empty() && !hebrew(text.en),
                "{}",
                text.code
            );
            assert_eq!(
                text.mend_he.is_empty(),
                text.mend_en.is_empty(),
                "{}",
                text.code
            );
        }
    }

    #[test]
    fn a_code_has_one_text() {
        let codes: BTreeSet<&str> = TEXTS.iter().map(|text| text.code).collect();
        assert_eq!(codes.len(), TEXTS.len());
    }
}
