//! 360dialog: Meta's Cloud API behind another host and another key. Bodies, webhooks and most codes are Meta's and are
//! read and written by [`crate::meta`]; here stands what differs. (docs.360dialog.com, messaging API, autumn 2026.)
//!
//! - The key (`D360-API-KEY`) selects the number, so that no path names it.
//! - A file's address points to Meta; it is fetched from 360dialog, under the same path.
//! - Webhooks carry no signature. We register a header `Authorization: Bearer <secret>` together with our address.

pub mod errors;
mod media;
mod templates;

use std::borrow::Cow;

use domain::channel::LinkState;
use domain::content::MediaSource;
use domain::failure::{Failure, FailureReason};
use domain::report::Change;
use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::adapter::{
    Adapter, FetchError, Fetched, Number, NumberState, OutFile, Outgoing, WebhookRefused,
    WebhookRequest,
};
use crate::call::{FILE_TIMEOUT, Http, UNREADABLE, ask, judge, refused, with_secret};
use crate::json::{member, word};
use crate::meta::answers::{TemplateInfo, accepted};
use crate::meta::envelope;
use crate::meta::person::phone;
use crate::meta::send::{mark_read_json, reaction_json, request_json};
use crate::meta::webhook::parse_change;
use crate::proof::shared_secret;
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, SendOutcome, Unclear};
use crate::saying::placed;

/// 360dialog's own address. Its test environment is `https://waba-sandbox.360dialog.io`.
pub const BASE_URL: &str = "https://waba-v2.360dialog.io";
/// The test environment has the messages under `/v1`, and takes no uploads.
const SANDBOX_HOST: &str = "waba-sandbox.360dialog.io";

/// As Meta's: 360dialog passes everything on.
pub const CAPABILITIES: Capabilities = crate::meta::CAPABILITIES;

/// 360dialog at the address that each number names. Cheap to clone; holds no key.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
}

impl Client {
    #[must_use]
    pub const fn new(http: reqwest::Client) -> Self {
        Self { http }
    }

    fn at(&self, number: &Number) -> Result<Http, CallError> {
        Http::new(&self.http, &number.base_url)
    }

    async fn post_message(&self, number: &Number, body: &Value) -> Result<Value, CallError> {
        let http = self.at(number)?;
        let path: &[&str] = if http.base().host_str() == Some(SANDBOX_HOST) {
            &["v1", "messages"]
        } else {
            &["messages"]
        };
        call(number, http.post(path, &[]).json(body)).await
    }

    async fn sent(&self, number: &Number, body: &Value) -> SendOutcome {
        match self.post_message(number, body).await {
            Ok(answer) => accepted(&answer).unwrap_or(SendOutcome::Unclear {
                why: Unclear::AnswerUnreadable,
            }),
            Err(error) => error.into(),
        }
    }
}

fn keyed(number: &Number, request: RequestBuilder) -> Result<RequestBuilder, CallError> {
    with_secret(request, "D360-API-KEY", number.token.expose())
}

/// One call with its answer, whatever its shape.
async fn call(number: &Number, request: RequestBuilder) -> Result<Value, CallError> {
    let answer = ask(keyed(number, request)?).await?;
    judge(&answer, |body| errors::read(answer.status, body))
}

impl Adapter for Client {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, number: &Number, out: Outgoing<'_>) -> SendOutcome {
        let content = placed(out.content, out.file);
        match request_json(out.to, &content, out.reply_to, Some(out.our_id)) {
            Ok(body) => self.sent(number, &body).await,
            Err(cannot) => cannot.into(),
        }
    }

    async fn upload(&self, number: &Number, file: &OutFile) -> Result<String, CallError> {
        let http = self.at(number)?;
        let part = Part::stream_with_length(file.bytes.clone(), file.bytes.len() as u64)
            .file_name(file.filename.clone())
            .mime_str(&file.mime_type)
            .map_err(|_| CallError::Refused(Failure::of(FailureReason::MediaInvalid)))?;
        let form = Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", file.mime_type.clone())
            .part("file", part);
        let request = http
            .post(&["media"], &[])
            .timeout(FILE_TIMEOUT)
            .multipart(form);
        word(&call(number, request).await?, "id").ok_or(UNREADABLE)
    }

    async fn fetch(
        &self,
        number: &Number,
        source: &MediaSource,
        max_bytes: u64,
    ) -> Result<Fetched, FetchError> {
        media::fetch(self, number, source, max_bytes).await
    }

    async fn react(
        &self,
        number: &Number,
        to: &Recipient,
        target: &str,
        emoji: Option<&str>,
    ) -> SendOutcome {
        match reaction_json(to, target, emoji, None) {
            Ok(body) => self.sent(number, &body).await,
            Err(cannot) => cannot.into(),
        }
    }

    async fn mark_read(
        &self,
        number: &Number,
        _to: &Recipient,
        target: &str,
        typing: bool,
    ) -> Result<(), CallError> {
        let answer = self
            .post_message(number, &mark_read_json(target, typing))
            .await?;
        match answer.get("success") {
            Some(Value::Bool(false)) => Err(UNREADABLE),
            _ => Ok(()),
        }
    }

    /// `GET /health_status`: what Meta says of the number and the account behind the key. Where there is no such page
    /// (the test environment), the registered webhook is asked for, which says at least whether the key is good.
    async fn state(&self, number: &Number) -> Result<NumberState, CallError> {
        let http = self.at(number)?;
        let query = [("fields", "display_phone_number")];
        let request = keyed(number, http.get(&["health_status"], &query))?;
        let answer = ask(request).await?;
        if answer.status == 404 {
            let request = http.get(&["v1", "configs", "webhook"], &[]);
            call(number, request).await?;
            return Ok(NumberState {
                link: LinkState::Linked,
                phone: number.phone.clone(),
                restricted_until: None,
                detail: None,
            });
        }
        let answer = judge(&answer, |body| errors::read(answer.status, body))?;
        let health = member(&answer, "health_status").ok_or(UNREADABLE)?;
        let detail = word(health, "can_send_message").ok_or(UNREADABLE)?;
        let link = match detail.as_str() {
            // Limited is also who waits for a verification and may send all the same.
            "AVAILABLE" | "LIMITED" => LinkState::Linked,
            "BLOCKED" => LinkState::Restricted,
            _ => LinkState::Unknown,
        };
        Ok(NumberState {
            link,
            phone: phone(&answer, "display_phone_number"),
            restricted_until: None,
            detail: Some(detail),
        })
    }

    /// Registers our address, and the header by which we know 360dialog again.
    async fn set_up(&self, number: &Number, callback_url: &str) -> Result<(), CallError> {
        let http = self.at(number)?;
        let body = webhook_json(number, callback_url)
            .ok_or_else(|| CallError::Refused(Failure::of(FailureReason::SignupFailed)))?;
        let request = http.post(&["v1", "configs", "webhook"], &[]).json(&body);
        let answer = ask(keyed(number, request)?).await?;
        if answer.is_success() {
            return Ok(());
        }
        let refusal = answer
            .json()
            .and_then(|body| errors::read(answer.status, &body));
        Err(refused(&answer, refusal))
    }

    async fn templates(&self, number: &Number) -> Result<Vec<TemplateInfo>, CallError> {
        let http = self.at(number)?;
        templates::all(number, &http).await
    }

    fn verify(&self, number: &Number, request: WebhookRequest<'_>) -> Result<(), WebhookRefused> {
        let header = (request.header)("authorization");
        shared_secret(header.as_deref(), &number.webhook_secrets)
    }

    /// Each piece is a whole envelope again, with one change in it: account and time stand in the envelope.
    fn cut<'a>(&self, body: &'a [u8]) -> Result<Vec<Cow<'a, [u8]>>, NotUnderstood> {
        let changes = envelope::cut(body)?;
        if changes.len() == 1 {
            return Ok(vec![Cow::Borrowed(body)]);
        }
        Ok(changes.iter().map(|change| piece(change).into()).collect())
    }

    fn parse(&self, _number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        let mut whole = Change::default();
        for (index, change) in envelope::cut(piece)?.iter().enumerate() {
            let parsed =
                parse_change(&change.entry_id, change.entry_time, change.slice.as_bytes())?;
            if index == 0 {
                whole.address = parsed.address;
            }
            whole.reports.extend(parsed.reports);
        }
        Ok(whole)
    }
}

/// The body of `POST /v1/configs/webhook`; `None` without a secret, for then every webhook would be refused.
#[must_use]
pub fn webhook_json(number: &Number, callback_url: &str) -> Option<Value> {
    let secret = number.webhook_secrets.first()?.expose();
    Some(json!({
        "url": callback_url,
        "headers": { "Authorization": format!("Bearer {secret}") },
    }))
}

fn piece(change: &envelope::RawChange<'_>) -> Vec<u8> {
    let time = change
        .entry_time
        .map(|time| format!(r#""time":{time},"#))
        .unwrap_or_default();
    let id = Value::from(change.entry_id.as_str());
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":{id},{time}"changes":[{}]}}]}}"#,
        change.slice
    )
    .into_bytes()
}
