//! Meta's answers, read leniently: a member that is missing or null is `None`, an id may come as a string or a number,
//! what is not known is passed over.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::json::{as_integer, as_word, list, member, word};
use crate::provider::SendOutcome;

/// Reads an answer; `None` where its shape is another.
#[must_use]
pub fn read<T: DeserializeOwned>(answer: Value) -> Option<T> {
    serde_json::from_value(answer).ok()
}

/// The answer to a send that Meta has accepted. `None` where no message id can be found in it.
#[must_use]
pub fn accepted(answer: &Value) -> Option<SendOutcome> {
    let message = list(answer, "messages").first()?;
    let contact = list(answer, "contacts").first().unwrap_or(&Value::Null);
    Some(SendOutcome::Accepted {
        provider_id: word(message, "id")?,
        wa_id: word(contact, "wa_id"),
        user_id: word(contact, "user_id"),
        held: word(message, "message_status").as_deref() == Some("held_for_quality_assessment"),
    })
}

/// One page of a list. `next` is the cursor to ask the next one with; `None` on the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

impl<T: DeserializeOwned> Page<T> {
    /// Reads `{"data":[…],"paging":{…}}`. An item of another shape is passed over.
    #[must_use]
    pub fn read(answer: &Value) -> Option<Self> {
        let data = member(answer, "data")?.as_array()?;
        let paging = member(answer, "paging").unwrap_or(&Value::Null);
        // The last page has cursors too, but no `next`.
        let next = member(paging, "next")
            .and_then(|_| member(paging, "cursors"))
            .and_then(|cursors| word(cursors, "after"));
        Some(Self {
            items: data.iter().cloned().filter_map(read).collect(),
            next,
        })
    }
}

fn any_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(as_word(&Value::deserialize(deserializer)?))
}

fn any_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(as_integer(&Value::deserialize(deserializer)?))
}

fn or_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// `{"success":true}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Done {
    pub success: bool,
    /// Of a contact-book entry: whether there was one.
    #[serde(default)]
    pub deleted: Option<bool>,
}

/// An answer that is only an id: an uploaded file, a new number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Created {
    pub id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MediaInfo {
    #[serde(default, deserialize_with = "any_word")]
    pub id: Option<String>,
    /// Good for five minutes, with the token.
    pub url: String,
    #[serde(default)]
    pub mime_type: Option<String>,
    /// Hex here, base64 in webhooks.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Bytes.
    #[serde(default, deserialize_with = "any_integer")]
    pub file_size: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UploadSession {
    /// `upload:…`
    pub id: String,
    /// Bytes that have arrived; only when asked.
    #[serde(default, deserialize_with = "any_integer")]
    pub file_offset: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UploadHandle {
    /// `4::…`; goes into a template's example or a profile, never into a message.
    pub h: String,
}

/// A number of an account. All but the id depend on the fields that were asked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct NumberInfo {
    pub id: String,
    #[serde(default)]
    pub display_phone_number: Option<String>,
    #[serde(default)]
    pub verified_name: Option<String>,
    /// `CONNECTED` sends; the list is open.
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub quality_rating: Option<String>,
    #[serde(default)]
    pub name_status: Option<String>,
    #[serde(default)]
    pub code_verification_status: Option<String>,
    #[serde(default)]
    pub account_mode: Option<String>,
    #[serde(default)]
    pub platform_type: Option<String>,
    #[serde(default)]
    pub throughput: Option<Throughput>,
    #[serde(default)]
    pub is_official_business_account: Option<bool>,
    /// Coexistence: the number lives in the Business app too.
    #[serde(default)]
    pub is_on_biz_app: Option<bool>,
    #[serde(default)]
    pub is_pin_enabled: Option<bool>,
    #[serde(default)]
    pub webhook_configuration: Option<WebhookConfiguration>,
    /// `TIER_2K` and so on, of the portfolio.
    #[serde(default, deserialize_with = "any_word")]
    pub whatsapp_business_manager_messaging_limit: Option<String>,
    #[serde(default)]
    pub health_status: Option<Health>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Throughput {
    /// `STANDARD` (80 a second) or `HIGH` (1,000).
    #[serde(default)]
    pub level: Option<String>,
}

/// Where the webhooks of a number go; the first that is set wins, from the number outward.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WebhookConfiguration {
    #[serde(default)]
    pub phone_number: Option<String>,
    #[serde(default)]
    pub whatsapp_business_account: Option<String>,
    #[serde(default)]
    pub application: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct AccountInfo {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub currency: Option<String>,
    /// Meta's own number of a time zone, or an IANA name.
    #[serde(default, deserialize_with = "any_word")]
    pub timezone_id: Option<String>,
    #[serde(default)]
    pub country: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub account_review_status: Option<String>,
    #[serde(default)]
    pub business_verification_status: Option<String>,
    #[serde(default)]
    pub owner_business_info: Option<OwnerBusiness>,
    #[serde(default, deserialize_with = "any_word")]
    pub whatsapp_business_manager_messaging_limit: Option<String>,
    #[serde(default)]
    pub health_status: Option<Health>,
}

/// The portfolio that owns an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OwnerBusiness {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
}

/// Whether messages can be sent, and which part of the chain hinders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Health {
    /// `AVAILABLE`, `LIMITED` or `BLOCKED`.
    pub can_send_message: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub entities: Vec<HealthEntity>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HealthEntity {
    pub entity_type: String,
    #[serde(default, deserialize_with = "any_word")]
    pub id: Option<String>,
    pub can_send_message: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub errors: Vec<HealthError>,
    #[serde(default, deserialize_with = "or_empty")]
    pub additional_info: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HealthError {
    #[serde(default, deserialize_with = "any_integer")]
    pub error_code: Option<i64>,
    #[serde(default)]
    pub error_description: Option<String>,
    #[serde(default)]
    pub possible_solution: Option<String>,
}

/// `GET /{id}?fields=health_status`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HealthAnswer {
    pub health_status: Health,
}

/// A template as the account has it. `components` stay in Meta's form: the template page of our own reads them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TemplateInfo {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub language: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub sub_category: Option<String>,
    #[serde(default)]
    pub previous_category: Option<String>,
    /// What Meta thinks it should be.
    #[serde(default)]
    pub correct_category: Option<String>,
    /// `POSITIONAL` or `NAMED`.
    #[serde(default)]
    pub parameter_format: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    pub components: Vec<Value>,
    #[serde(default)]
    pub quality_score: Option<QualityScore>,
    #[serde(default)]
    pub rejected_reason: Option<String>,
    #[serde(default, deserialize_with = "any_integer")]
    pub message_send_ttl_seconds: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QualityScore {
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub score: String,
    /// Unix seconds.
    #[serde(default, deserialize_with = "any_integer")]
    pub date: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TemplateCreated {
    pub id: String,
    #[serde(default)]
    pub status: Option<String>,
    /// May differ from the one asked for: a utility text that sells is approved as marketing.
    #[serde(default)]
    pub category: Option<String>,
}

/// An app that gets an account's webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SubscribedApp {
    pub whatsapp_business_api_data: AppData,
    #[serde(default)]
    pub override_callback_uri: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AppData {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub link: Option<String>,
}

/// One object whose changes an app is told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    pub object: String,
    #[serde(default)]
    pub callback_url: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    pub fields: Vec<SubscribedField>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SubscribedField {
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct BusinessProfile {
    #[serde(default)]
    pub about: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub profile_picture_url: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    pub websites: Vec<String>,
    #[serde(default)]
    pub vertical: Option<String>,
}

/// What a token is and may do (`debug_token`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TokenInfo {
    #[serde(default, deserialize_with = "any_word")]
    pub app_id: Option<String>,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub is_valid: bool,
    /// Unix seconds; 0 never ends.
    #[serde(default, deserialize_with = "any_integer")]
    pub expires_at: Option<i64>,
    #[serde(default, deserialize_with = "or_empty")]
    pub scopes: Vec<String>,
    /// Which accounts a right is for; trust these, not what a browser says.
    #[serde(default, deserialize_with = "or_empty")]
    pub granular_scopes: Vec<GranularScope>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GranularScope {
    pub scope: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub target_ids: Vec<String>,
}

/// `{"data":{…}}` around one thing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Wrapped<T> {
    pub data: T,
}

/// The token that a code of the embedded sign-up is exchanged for.
#[derive(Clone, Deserialize)]
pub struct AccessToken {
    pub access_token: String,
}

/// Work that Meta does later; the result comes by webhook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Requested {
    pub request_id: String,
}
