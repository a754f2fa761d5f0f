//! What a message says, in words of our own: the same shape for every provider, in the database and in the API.
//! `whatsapp` translates to and from the providers' JSON.

use serde::{Deserialize, Serialize};

use crate::id::{MediaId, TemplateId};

/// What a message says. `kind` names the variant in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    Text {
        text: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        preview_url: bool,
    },
    Media(MediaContent),
    Location(Location),
    Contacts {
        cards: Vec<ContactCard>,
    },
    Interactive(Interactive),
    Template(TemplateContent),
    /// A tap on a button of ours: a template's quick reply or an interactive message's reply button.
    ButtonReply {
        id: String,
        title: String,
    },
    /// A choice from a list of ours.
    ListReply {
        id: String,
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// A filled WhatsApp form (Meta calls it a Flow).
    FormReply {
        name: String,
        body: String,
        /// The answers, as the JSON text that came.
        response: String,
    },
    CallPermissionReply {
        accepted: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        permanent: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<jiff::Timestamp>,
    },
    Order {
        catalog_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        items: Vec<OrderItem>,
    },
    /// WhatsApp told us that something came which the API does not carry (a poll, say).
    Unsupported {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        original: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i64>,
    },
    /// A type that this version does not know; kept whole, so that a later one can show it.
    Unknown {
        original: String,
        raw: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    Image,
    Video,
    Audio,
    Document,
    Sticker,
}

impl MediaKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }
}

/// Where the provider finds a file: its own id, or an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaSource {
    Id(String),
    Link(String),
}

/// A file with what is known of it. `media_id` is ours; `source` is the provider's handle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MediaContent {
    pub media_kind: MediaKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_id: Option<MediaId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<MediaSource>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// As the provider wrote it: base64 in webhooks, hex in answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub voice: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub animated: bool,
}

impl MediaContent {
    #[must_use]
    pub fn new(media_kind: MediaKind) -> Self {
        Self {
            media_kind,
            media_id: None,
            source: None,
            mime_type: None,
            sha256: None,
            caption: None,
            filename: None,
            voice: false,
            animated: false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees, north positive.
    pub latitude: f64,
    /// Degrees, east positive.
    pub longitude: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A contact card that someone shared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ContactCard {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatted_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<CardPhone>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<CardEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<CardEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// The person answered our request for their own details.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardPhone {
    pub phone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardEntry {
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderItem {
    pub product_retailer_id: String,
    pub quantity: i64,
    pub item_price: f64,
    pub currency: String,
}

/// A message of ours with something to press. Allowed in an open window only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interactive {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<InteractiveHeader>,
    pub body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    pub action: InteractiveAction,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InteractiveHeader {
    Text { text: String },
    Media(MediaContent),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InteractiveAction {
    /// One to three reply buttons.
    Buttons {
        buttons: Vec<ReplyButton>,
    },
    /// Up to ten rows in up to ten sections, behind one button.
    List {
        button: String,
        sections: Vec<ListSection>,
    },
    UrlButton {
        display_text: String,
        url: String,
    },
    LocationRequest,
    /// Asks the person for their phone number (since July 2026).
    ContactRequest,
    /// Opens a WhatsApp form.
    Form(FormAction),
    /// Asks whether we may call.
    CallPermissionRequest,
    /// A button that calls us.
    VoiceCall {
        display_text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ttl_minutes: Option<i64>,
        /// What comes back with the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
    },
}

/// A WhatsApp form behind a button: which one, and where in it the person begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormAction {
    /// The provider's id of the form.
    pub form_id: String,
    /// The button's label.
    pub button: String,
    /// Comes back with the answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The screen to open; without one the form asks its endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
    /// What that screen is filled with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
    /// A form that is not published yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyButton {
    pub id: String,
    pub title: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSection {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub rows: Vec<ListRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    pub id: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A template as it is sent: which one, with what filled in, and how it reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateContent {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<TemplateId>,
    pub name: String,
    /// Meta's code, with an underscore: `he`, `en_US`.
    pub language: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<TemplateComponent>,
    /// How it reads to the person; what the thread and search show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rendered: Option<RenderedTemplate>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TemplateComponent {
    Header { parameters: Vec<TemplateParameter> },
    Body { parameters: Vec<TemplateParameter> },
    Button(TemplateButton),
    LimitedTimeOffer { expires_at_ms: i64 },
    Carousel { cards: Vec<CarouselCard> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateButton {
    /// From zero, over all buttons of the template.
    pub index: u8,
    pub value: TemplateButtonValue,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TemplateButtonValue {
    /// What comes back when the person taps; the label, when not given.
    QuickReply {
        payload: String,
    },
    /// The end of the address, or the code of an authentication template.
    Url {
        suffix: String,
    },
    CopyCode {
        code: String,
    },
    /// Opens a WhatsApp form.
    Form {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<serde_json::Value>,
    },
    /// Catalogue buttons and others whose action we pass on as it is.
    Action {
        sub_type: String,
        action: serde_json::Value,
    },
    VoiceCall {
        ttl_minutes: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CarouselCard {
    pub card_index: u8,
    pub components: Vec<TemplateComponent>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TemplateParameter {
    Text {
        /// The variable's name in a template with named variables.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        text: String,
    },
    Currency {
        fallback: String,
        code: String,
        /// The amount times 1,000.
        amount_1000: i64,
    },
    DateTime {
        fallback: String,
    },
    Media(MediaContent),
    Location(Location),
    Product {
        catalog_id: String,
        product_retailer_id: String,
    },
}

/// How a template reads with its variables filled in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RenderedTemplate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_media: Option<MediaContent>,
    pub body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<RenderedButton>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedButton {
    /// `quick_reply`, `url`, `phone_number`, `copy_code`, `otp`, `form`, `other`.
    pub kind: String,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Content {
    /// The variant's name, as in JSON; media say their own kind (`image`).
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Media(media) => media.media_kind.as_str(),
            Self::Location(_) => "location",
            Self::Contacts { .. } => "contacts",
            Self::Interactive(_) => "interactive",
            Self::Template(_) => "template",
            Self::ButtonReply { .. } => "button_reply",
            Self::ListReply { .. } => "list_reply",
            Self::FormReply { .. } => "form_reply",
            Self::CallPermissionReply { .. } => "call_permission_reply",
            Self::Order { .. } => "order",
            Self::Unsupported { .. } => "unsupported",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The words of the message, for the list's last line and for search. Empty where it has none.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Text { text, .. } => text.clone(),
            Self::Media(media) => media
                .caption
                .clone()
                .or_else(|| media.filename.clone())
                .unwrap_or_default(),
            Self::Location(place) => [place.name.as_deref(), place.address.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", "),
            Self::Contacts { cards } => cards
                .iter()
                .filter_map(|card| card.formatted_name.as_deref())
                .collect::<Vec<_>>()
                .join(", "),
            Self::Interactive(interactive) => interactive.body.clone(),
            Self::Template(template) => template
                .rendered
                .as_ref()
                .map_or_else(|| template.name.clone(), |rendered| rendered.body.clone()),
            Self::ButtonReply { title, .. } | Self::ListReply { title, .. } => title.clone(),
            Self::FormReply { body, .. } => body.clone(),
            Self::Order { text, .. } => text.clone().unwrap_or_default(),
            Self::CallPermissionReply { .. } | Self::Unsupported { .. } | Self::Unknown { .. } => {
                String::new()
            }
        }
    }

    /// Whether this message, coming in, is an enquiry: it makes a lead and it is something to answer.
    #[must_use]
    pub const fn is_enquiry(&self) -> bool {
        !matches!(
            self,
            Self::Unsupported { .. } | Self::CallPermissionReply { .. }
        )
    }

    /// The file of the message, if it is one.
    #[must_use]
    pub const fn media(&self) -> Option<&MediaContent> {
        if let Self::Media(media) = self {
            Some(media)
        } else {
            None
        }
    }
}
