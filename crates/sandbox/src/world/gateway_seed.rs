//! One number of every provider, for the default world; `docs/sandbox.md` lists their keys.

use serde_json::{Value, json};

/// The account whose templates the resellers of the Cloud API share.
pub const WABA: &str = "102030405060702";

const TWILIO_ACCOUNT: &str = "AC00000000000000000000000000000001";

pub fn gateways() -> Vec<Value> {
    vec![
        json!({"provider": "waha", "phone": "972500000021", "account": "default",
            "key": "sandbox-waha-key", "name": "משרד לדוגמה (WAHA)"}),
        json!({"provider": "green-api", "phone": "972500000022", "account": "7103000001",
            "key": "sandbox-green-token", "name": "משרד לדוגמה (Green API)"}),
        json!({"provider": "360dialog", "phone": "972500000023", "account": "200000000000023",
            "key": "sandbox-360-key", "waba": WABA, "name": "משרד לדוגמה (360dialog)"}),
        json!({"provider": "twilio", "phone": "972500000024", "account": TWILIO_ACCOUNT,
            "key": "sandbox-twilio-token", "name": "משרד לדוגמה (Twilio)"}),
        json!({"provider": "evolution", "phone": "972500000025", "account": "sales-1",
            "key": "sandbox-evolution-key", "name": "משרד לדוגמה (Evolution)",
            "config": {"token": "sandbox-evolution-token"}}),
        json!({"provider": "wuzapi", "phone": "972500000026", "account": "sales-1",
            "key": "sandbox-wuzapi-token", "name": "משרד לדוגמה (wuzapi)"}),
        json!({"provider": "vonage", "phone": "972500000027", "account": "a1b2c3d4",
            "key": "sandbox-vonage-secret", "secret": "sandbox-vonage-signature-secret", "waba": WABA,
            "name": "משרד לדוגמה (Vonage)",
            "config": {"application_id": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ff"}}),
        json!({"provider": "gupshup", "phone": "972500000028", "account": "LeadsApp",
            "key": "sandbox-gupshup-key", "waba": WABA, "name": "משרד לדוגמה (Gupshup)"}),
        json!({"provider": "infobip", "phone": "972500000029", "account": "972500000029",
            "key": "sandbox-infobip-key", "waba": WABA, "name": "משרד לדוגמה (Infobip)"}),
    ]
}

/// The resellers' templates in Meta's components, and Twilio's in its content types. Their names are
/// not those of Meta's own account, so that a test of one does not move the other.
pub fn templates() -> Vec<Value> {
    let quick = |text: &str| json!({"type": "QUICK_REPLY", "text": text});
    let reseller = |id: &str, name: &str, category: &str, components: Value| {
        json!({"id": id, "waba": WABA, "name": name, "language": "he", "category": category,
            "quality": "GREEN", "components": components})
    };
    let twilio = |id: &str, name: &str, category: &str, variables: Value, types: Value| {
        json!({"id": id, "waba": TWILIO_ACCOUNT, "name": name, "language": "he", "category": category,
            "status": "APPROVED", "components": [{"variables": variables, "types": types}]})
    };
    vec![
        reseller(
            "c6aecef6-bcb0-4fb1-8100-28c094e3bc6b",
            "meeting_reminder_he",
            "UTILITY",
            json!([
                {"type": "BODY", "text": "שלום {{1}}, תזכורת לפגישה ב-{{2}}.",
                 "example": {"body_text": [["דנה", "20.8 10:30"]]}},
                {"type": "BUTTONS", "buttons": [quick("מאשרת"), quick("לשנות מועד")]}]),
        ),
        reseller(
            "c6aecef6-bcb0-4fb1-8100-28c094e3bc6c",
            "meeting_reminder_image_he",
            "UTILITY",
            json!([
                {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW1hZ2UvanBlZw==:EXAMPLE"]}},
                {"type": "BODY", "text": "שלום {{1}}, תזכורת לפגישה ב-{{2}}.",
                 "example": {"body_text": [["דנה", "20.8 10:30"]]}},
                {"type": "BUTTONS", "buttons": [quick("מאשרת"), quick("לשנות מועד")]}]),
        ),
        reseller(
            "c6aecef6-bcb0-4fb1-8100-28c094e3bc6d",
            "spring_offer_he",
            "MARKETING",
            json!([
                {"type": "BODY", "text": "שלום {{1}}, עד {{2}} יש אצלנו תנאים מיוחדים.",
                 "example": {"body_text": [["דנה", "סוף החודש"]]}},
                {"type": "BUTTONS", "buttons": [quick("ספרו לי"), quick("הסירו אותי")]}]),
        ),
        twilio(
            "HXccccccccccccccccccccccccccccccc3",
            "meeting_reminder_twilio_he",
            "UTILITY",
            json!({"1": "דנה", "2": "20.8 10:30"}),
            json!({"twilio/quick-reply": {"body": "שלום {{1}}, תזכורת לפגישה ב-{{2}}.", "actions": [
                {"type": "QUICK_REPLY", "title": "מאשרת", "id": "confirm"},
                {"type": "QUICK_REPLY", "title": "לשנות מועד", "id": "change"}]}}),
        ),
        twilio(
            "HXccccccccccccccccccccccccccccccc4",
            "lead_welcome_twilio_he",
            "UTILITY",
            json!({"1": "דנה"}),
            json!({"twilio/text": {"body": "שלום {{1}}, קיבלנו את הפנייה שלך."}}),
        ),
    ]
}
