//! Meta's errors: the code, its HTTP status and its envelope.
//!
//! Sources: Meta's error table (2025-12 / 2026-05) and the captured envelopes in `testdata/whatsapp/responses`. Rate limits answer 429, as real traffic does.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::chance::Chance;

/// A refusal of a Graph call.
#[derive(Debug, Clone)]
pub struct GraphError {
    pub code: u32,
    pub subcode: Option<u32>,
    details: Option<String>,
    kind: &'static str,
    rare: Option<Box<Rare>>,
}

/// What few errors have.
#[derive(Debug, Clone, Default)]
struct Rare {
    /// Instead of the code's own title.
    message: Option<String>,
    user: Option<(&'static str, String)>,
    /// Parts of the answer beside `error`.
    beside: Option<Value>,
}

pub type Answer<T> = Result<T, GraphError>;

impl GraphError {
    pub fn new(code: u32) -> Self {
        Self {
            code,
            subcode: None,
            details: None,
            kind: "OAuthException",
            rare: None,
        }
    }

    pub fn with(code: u32, details: impl Into<String>) -> Self {
        Self {
            details: Some(details.into()),
            ..Self::new(code)
        }
    }

    /// 100: a parameter that is not what it should be.
    pub fn invalid(details: impl Into<String>) -> Self {
        Self::with(100, details)
    }

    /// 131008: a parameter that is missing.
    pub fn missing(path: &str) -> Self {
        Self::with(131_008, format!("Missing parameter: {path} is required."))
    }

    /// 131009: a value out of its limits.
    pub fn value(details: impl Into<String>) -> Self {
        Self::with(131_009, details)
    }

    /// 190, with the subcode of its reason.
    pub fn token(message: &str, subcode: Option<u32>) -> Self {
        Self {
            subcode,
            ..Self::new(190)
        }
        .message(message)
    }

    /// 100 / 33: the object is not there, or not for this token.
    pub fn no_object(method: &str, id: &str) -> Self {
        let method = method.to_ascii_lowercase();
        let message = format!(
            "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation."
        );
        Self {
            subcode: Some(33),
            kind: "GraphMethodException",
            ..Self::new(100)
        }
        .message(&message)
    }

    /// 100 with a 2388xxx subcode: a template that may not be.
    pub fn template(subcode: u32, title: &'static str, text: impl Into<String>) -> Self {
        let mut error = Self {
            subcode: Some(subcode),
            ..Self::new(100)
        }
        .message("Invalid parameter");
        error.rare().user = Some((title, text.into()));
        error
    }

    pub fn beside(mut self, parts: Value) -> Self {
        self.rare().beside = Some(parts);
        self
    }

    fn message(mut self, message: &str) -> Self {
        self.rare().message = Some(message.to_owned());
        self
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    pub fn details(&self) -> Option<&str> {
        self.details.as_deref()
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(known(self.code).0).unwrap_or(StatusCode::BAD_REQUEST)
    }

    /// The body of the answer.
    pub fn body(&self, trace: &str) -> Value {
        let rare = self.rare.as_deref().cloned().unwrap_or_default();
        let message = rare
            .message
            .unwrap_or_else(|| format!("(#{}) {}", self.code, known(self.code).1));
        let mut error = json!({
            "message": message, "type": self.kind, "code": self.code, "fbtrace_id": trace,
        });
        if let Some(details) = &self.details {
            error["error_data"] = json!({"details": details});
            if rare.beside.is_none() {
                error["error_data"]["messaging_product"] = json!("whatsapp");
            }
        }
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some((title, text)) = rare.user {
            error["is_transient"] = json!(false);
            error["error_user_title"] = json!(title);
            error["error_user_msg"] = json!(text);
        }
        let mut body = rare.beside.unwrap_or_else(|| json!({}));
        body["error"] = error;
        body
    }

    pub fn into_response(self, chance: &mut Chance) -> Response {
        let trace = chance.trace();
        let mut answer = (self.status(), axum::Json(self.body(&trace))).into_response();
        if self.code == 190
            && let Ok(value) = "OAuth \"Facebook Platform\" \"invalid_token\"".parse()
        {
            answer.headers_mut().insert("www-authenticate", value);
        }
        answer
    }
}

/// The object in `statuses[].errors[]` and `messages[].errors[]`.
pub fn asynchronous(code: u32) -> Value {
    let title = async_title(code);
    json!({"code": code, "title": title, "message": title,
        "error_data": {"details": async_details(code)},
        "href": "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes"})
}

fn async_title(code: u32) -> &'static str {
    match code {
        131_026 => "Message undeliverable",
        131_047 => "Re-engagement message",
        131_049 => "This message was not delivered to maintain healthy ecosystem engagement.",
        132_015 => "Template is paused",
        _ => known(code).1,
    }
}

fn async_details(code: u32) -> &'static str {
    match code {
        131_026 => "Message Undeliverable.",
        131_042 => {
            "Message failed to send because there were one or more errors related to your payment method."
        }
        131_047 => {
            "Message failed to send because more than 24 hours have passed since the customer last replied to this number."
        }
        131_048 => {
            "Message failed to send because there are restrictions on how many messages can be sent from this phone number."
        }
        131_049 => {
            "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."
        }
        131_050 => {
            "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business."
        }
        131_051 => "Message type is currently not supported.",
        131_053 => "The media could not be used.",
        132_015 => "Message dropped because the template was paused due to low quality.",
        137_000 => "The recipient identity key hash does not match.",
        code => known(code).1,
    }
}

/// HTTP status and title of a code.
pub fn known(code: u32) -> (u16, &'static str) {
    match code {
        0 => (401, "AuthException"),
        1 => (400, "An unknown error occurred"),
        2 => (503, "Service temporarily unavailable"),
        3 => (
            500,
            "Application does not have the capability to make this API call",
        ),
        4 => (429, "Application request limit reached"),
        10 => (403, "Application does not have permission for this action"),
        33 => (400, "Parameter value is not valid"),
        100 => (400, "Invalid parameter"),
        190 => (401, "Invalid OAuth access token"),
        200..=299 => (403, "Permissions error"),
        368 => (403, "Temporarily blocked for policies violations"),
        80_007 => (429, "Rate limit issues"),
        80_008 => (
            429,
            "There have been too many calls to this WhatsApp Business account",
        ),
        130_429 => (429, "Rate limit hit"),
        130_472 => (400, "User's number is part of an experiment"),
        130_497 => (
            403,
            "Business account is restricted from messaging users in this country",
        ),
        131_000 => (500, "Something went wrong"),
        131_005 => (403, "Access denied"),
        131_008 => (400, "Required parameter is missing"),
        131_009 => (400, "Parameter value is not valid"),
        131_016 => (500, "Service unavailable"),
        131_021 => (400, "Recipient cannot be sender"),
        131_026 => (400, "Message undeliverable"),
        131_030 => (400, "Recipient phone number not in allowed list"),
        131_031 => (403, "Business Account locked"),
        131_037 => (
            400,
            "WhatsApp provided number needs display name approval before message can be sent",
        ),
        131_041 => (400, "Group does not exist"),
        131_042 => (400, "Business eligibility payment issue"),
        131_045 => (500, "Incorrect certificate"),
        131_047 => (400, "Re-engagement message"),
        131_048 => (400, "Spam rate limit hit"),
        131_049 => (
            400,
            "Message was not delivered to maintain healthy ecosystem engagement",
        ),
        131_050 => (
            400,
            "User has stopped marketing messages from your business",
        ),
        131_051 => (400, "Message type unknown"),
        131_052 => (400, "Media download error"),
        131_053 => (400, "Media upload error"),
        131_055 => (400, "Method not allowed"),
        131_056 => (
            429,
            "(Business Account, Consumer Account) pair rate limit hit",
        ),
        131_057 => (500, "Business Account is in maintenance mode"),
        131_059 => (400, "Invalid pagination cursor"),
        131_061 => (
            400,
            "Template can only be sent with the Marketing Messages API",
        ),
        131_062 => (
            400,
            "Business-scoped User ID (BSUID) recipients are not supported for this message",
        ),
        131_063 => (400, "Marketing templates are disabled on Cloud API"),
        131_064 => (
            400,
            "Messaging limit reached because of template misclassification",
        ),
        132_000 => (
            400,
            "Number of parameters does not match the expected number of params",
        ),
        132_001 => (404, "Template name does not exist in the translation"),
        132_005 => (400, "Translated text too long"),
        132_007 => (400, "Template format character policy violated"),
        132_012 => (
            400,
            "Parameter format does not match format in the created template",
        ),
        132_015 => (400, "Template is paused"),
        132_016 => (400, "Template is disabled"),
        132_018 => (
            400,
            "There is an issue with the parameters in your template",
        ),
        133_005 => (400, "Two-step verification PIN mismatch"),
        133_006 => (400, "Phone number re-verification needed"),
        133_009 => (400, "Two-step verification PIN guessed too fast"),
        133_010 => (400, "Phone number not registered"),
        133_016 => (400, "Account register and deregister rate limit exceeded"),
        134_100 => (400, "Only marketing messages supported"),
        134_101 => (400, "Template is still syncing"),
        135_000 => (400, "Generic user error"),
        137_000 => (400, "Recipient identity key hash mismatch"),
        139_100 => (400, "Failed to block/unblock users"),
        139_101 => (400, "Blocklist limit reached"),
        147_001 => (400, "Username is not available"),
        _ => (400, "An error occurred"),
    }
}

/// The envelope a fault asks for by its number alone.
pub fn by_code(code: u32) -> GraphError {
    let details = match code {
        130_429 => Some("Cloud API message throughput has been reached."),
        131_056 => Some(PAIR_DETAILS),
        80_007 => Some("The WhatsApp Business Account has reached its rate limit."),
        _ => None,
    };
    let error = details.map_or_else(
        || GraphError::new(code),
        |details| GraphError::with(code, details),
    );
    match code {
        190 => GraphError::token(
            "Error validating access token: Session has expired.",
            Some(463),
        ),
        4 => GraphError {
            subcode: Some(2_446_079),
            ..error
        },
        _ => error,
    }
}

pub const PAIR_DETAILS: &str = "Message failed to send because there were too many messages sent from this phone number to the same recipient phone number in a short period of time.";
