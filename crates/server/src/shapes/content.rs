//! What a message can say, for the API's document. The JSON itself is written and read by `domain::content`; these
//! stand beside it so that a client's types can be drawn from the document. A test holds the two together.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a message says; `kind` names the shape.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    Text(Text),
    Media(MediaFile),
    Location(Location),
    Contacts(Contacts),
    Interactive(Interactive),
    Template(SentTemplate),
    ButtonReply(ButtonReply),
    ListReply(ListReply),
    FormReply(FormReply),
    CallPermissionReply(CallPermissionReply),
    Order(Order),
    Unsupported(Unsupported),
    Unknown(Unknown),
}

/// What can be said.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SendContent {
    Text(Text),
    Media(SendFile),
    Location(Location),
    Interactive(Interactive),
    Template(SendTemplate),
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Text {
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MediaFile {
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub media_kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub animated: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SendFile {
    /// Of an uploaded file.
    pub media_id: String,
    pub caption: Option<String>,
    #[serde(default)]
    pub voice: bool,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Location {
    pub latitude: f64,
    pub longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Contacts {
    pub cards: Vec<Card>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Card {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<CardPhone>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<CardEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<CardEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// The person answered our request for their own details.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CardPhone {
    pub phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CardEntry {
    pub value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Interactive {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    pub body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    pub action: Action,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Header {
    Text { text: String },
    Media(MediaFile),
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    Buttons {
        buttons: Vec<Choice>,
    },
    List {
        button: String,
        sections: Vec<Section>,
    },
    UrlButton {
        display_text: String,
        url: String,
    },
    LocationRequest,
    ContactRequest,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Choice {
    pub id: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Section {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub rows: Vec<Choice>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SentTemplate {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_id: Option<String>,
    pub name: String,
    pub language: String,
    /// How it reads to the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rendered: Option<Rendered>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Rendered {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_media: Option<MediaFile>,
    pub body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<TemplateButton>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TemplateButton {
    /// `quick_reply`, `url`, `phone_number`, `copy_code`, `otp`, `form`, `other`.
    pub kind: String,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SendTemplate {
    pub template_id: String,
    /// One for each of the template's variables.
    #[serde(default)]
    pub variables: Vec<VariableValue>,
    pub header_media_id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct VariableValue {
    pub key: String,
    pub value: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ButtonReply {
    pub id: String,
    pub title: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ListReply {
    pub id: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FormReply {
    pub name: String,
    pub body: String,
    /// The answers, as the JSON text that came.
    pub response: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CallPermissionReply {
    pub accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permanent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Order {
    pub catalog_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub items: Vec<OrderItem>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OrderItem {
    pub product_retailer_id: String,
    pub quantity: i64,
    pub item_price: f64,
    pub currency: String,
}

/// Something that WhatsApp does not hand to programs.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Unsupported {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
}

/// A type that this version does not know; kept whole.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Unknown {
    pub original: String,
    pub raw: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    /// What the domain writes is what the document says, member for member.
    #[test]
    fn the_document_says_what_is_written() {
        let samples = json!([
            {"kind": "text", "text": "a", "preview_url": true},
            {"kind": "media", "media_kind": "image", "media_id": "media_00000000000000000000000001", "caption": "c",
             "filename": "f", "voice": true, "animated": true, "mime_type": "image/png"},
            {"kind": "location", "latitude": 1.5, "longitude": 2.5, "name": "n", "address": "a", "url": "u"},
            {"kind": "contacts", "cards": [{"formatted_name": "f", "first_name": "a", "last_name": "b",
             "phones": [{"phone": "1", "wa_id": "2", "label": "l"}], "emails": [{"value": "v", "label": "l"}],
             "urls": [{"value": "v"}], "company": "c", "own": true}]},
            {"kind": "interactive", "header": {"type": "text", "text": "h"}, "body": "b", "footer": "f",
             "action": {"type": "list", "button": "b", "sections": [{"title": "t", "rows": [{"id": "i", "title": "t", "description": "d"}]}]}},
            {"kind": "interactive", "body": "b", "action": {"type": "buttons", "buttons": [{"id": "i", "title": "t"}]}},
            {"kind": "interactive", "body": "b", "action": {"type": "url_button", "display_text": "d", "url": "u"}},
            {"kind": "interactive", "body": "b", "action": {"type": "location_request"}},
            {"kind": "template", "template_id": "tmpl_00000000000000000000000001", "name": "n", "language": "he",
             "rendered": {"header": "h", "body": "b", "footer": "f", "buttons": [{"kind": "url", "text": "t", "url": "u"}]}},
            {"kind": "button_reply", "id": "i", "title": "t"},
            {"kind": "list_reply", "id": "i", "title": "t", "description": "d"},
            {"kind": "form_reply", "name": "n", "body": "b", "response": "{}"},
            {"kind": "call_permission_reply", "accepted": true, "permanent": true, "expires_at": "2026-11-22T08:00:00Z"},
            {"kind": "order", "catalog_id": "c", "text": "t", "items": [{"product_retailer_id": "p", "quantity": 1, "item_price": 1.5, "currency": "ILS"}]},
            {"kind": "unsupported", "original": "poll", "code": 131_051},
            {"kind": "unknown", "original": "o", "raw": "r"},
        ]);
        for sample in samples.as_array().unwrap() {
            let ours: domain::content::Content = serde_json::from_value(sample.clone()).unwrap();
            let written: Value = serde_json::to_value(&ours).unwrap();
            let documented: super::Content = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(serde_json::to_value(&documented).unwrap(), written);
            assert_eq!(&written, sample);
        }
    }
}
