//! Webhooks as Meta would send them.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

/// The secret of the app that signs.
pub const APP_SECRET: &str = "rig-app-secret";

/// `sha256=…` over the body.
#[must_use]
pub fn sign(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

/// A text message of a person.
#[must_use]
pub fn text(wamid: &str, phone: &str, second: i64, words: &str) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [{"id": super::world::WABA, "changes": [{
        "field": "messages",
        "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": super::world::PHONE, "phone_number_id": super::world::NUMBER},
            "contacts": [{"profile": {"name": format!("אדם {phone}")}, "wa_id": phone, "user_id": format!("IL.{phone}")}],
            "messages": [{
                "from": phone, "from_user_id": format!("IL.{phone}"), "id": wamid,
                "timestamp": second.to_string(), "type": "text", "text": {"body": words}
            }]
        }
    }]}]})
    .to_string()
    .into_bytes()
}
