//! Answers of the less travelled parts: blocked people, calls, forms, user names, figures, sign-up.

use serde::Deserialize;
use serde_json::Value;

/// Who was blocked or unblocked. A partial failure is HTTP 400 with both this and an `error`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BlockAnswer {
    pub block_users: BlockUsers,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BlockUsers {
    #[serde(default)]
    pub added_users: Vec<BlockedUser>,
    #[serde(default)]
    pub removed_users: Vec<BlockedUser>,
    #[serde(default)]
    pub failed_users: Vec<BlockedUser>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BlockedUser {
    pub input: String,
    #[serde(default)]
    pub wa_id: Option<String>,
    #[serde(default)]
    pub user_id: Option<String>,
    #[serde(default)]
    pub errors: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallStarted {
    pub calls: Vec<CallId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallId {
    pub id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallPermissions {
    pub permission: CallPermission,
    #[serde(default)]
    pub actions: Vec<CallAction>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallPermission {
    /// `no_permission`, `temporary` or `permanent`.
    pub status: String,
    /// Unix seconds.
    #[serde(default)]
    pub expiration_time: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallAction {
    pub action_name: String,
    pub can_perform_action: bool,
    #[serde(default)]
    pub limits: Vec<CallLimit>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallLimit {
    /// An ISO 8601 duration (`PT24H`).
    pub time_period: String,
    pub max_allowed: i64,
    pub current_usage: i64,
    #[serde(default)]
    pub limit_expiration_time: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct FormCreated {
    pub id: String,
    #[serde(default)]
    pub success: bool,
    #[serde(default)]
    pub validation_errors: Vec<Value>,
}

/// What a form's endpoint answers, before it is encrypted: a screen, or the word that it is alive.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct FormEndpointAnswer {
    #[serde(default)]
    pub screen: Option<String>,
    pub data: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Username {
    #[serde(default)]
    pub username: Option<String>,
    /// `approved` or `reserved`.
    pub status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UsernameSuggestions {
    pub username_suggestions: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ParentBsuidAccounts {
    pub parent_bsuid_account_id: String,
    #[serde(default)]
    pub enrolled_business_portfolios: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TemplatesArchived {
    #[serde(default)]
    pub archived_templates: Vec<String>,
    #[serde(default)]
    pub unarchived_templates: Vec<String>,
    /// Template id → why not.
    #[serde(default)]
    pub failed_templates: std::collections::BTreeMap<String, String>,
}

/// Approximate; never a bill.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PricingAnalytics {
    pub pricing_analytics: AnalyticsData<PricingPoint>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct AnalyticsData<T> {
    pub data: Vec<DataPoints<T>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DataPoints<T> {
    #[serde(default)]
    pub granularity: Option<String>,
    #[serde(default = "Vec::new")]
    pub data_points: Vec<T>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PricingPoint {
    pub start: i64,
    pub end: i64,
    #[serde(default)]
    pub country: Option<String>,
    #[serde(default)]
    pub tier: Option<String>,
    #[serde(default)]
    pub pricing_type: Option<String>,
    #[serde(default)]
    pub pricing_category: Option<String>,
    #[serde(default)]
    pub volume: i64,
    #[serde(default)]
    pub cost: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TemplatePoint {
    pub template_id: String,
    pub start: i64,
    pub end: i64,
    #[serde(default)]
    pub sent: i64,
    #[serde(default)]
    pub delivered: i64,
    #[serde(default)]
    pub read: i64,
    #[serde(default)]
    pub clicked: Vec<Value>,
    #[serde(default)]
    pub cost: Vec<Value>,
}

/// What the embedded sign-up tells the browser. A hint only: check it against `debug_token`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SignupEvent {
    #[serde(rename = "type")]
    pub kind: String,
    /// Any `FINISH…` is a success.
    pub event: String,
    pub data: SignupData,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SignupData {
    #[serde(default)]
    pub phone_number_id: Option<String>,
    #[serde(default)]
    pub waba_id: Option<String>,
    #[serde(default)]
    pub business_id: Option<String>,
    #[serde(default)]
    pub current_step: Option<String>,
    #[serde(default)]
    pub error_message: Option<String>,
}
