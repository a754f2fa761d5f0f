//! Infobip's WhatsApp channel. (Infobip, 2026.)
//!
//! - Every account has an address of its own (`https://….api.infobip.com`), which must be `Number.base_url`. The key
//!   goes as `Authorization: App …`. `Number.number` is the sender's digits.
//! - Our id is the message's id, so that every report has it. Whether a second message of the same id is refused
//!   depends on the contract, so it is not counted on.
//! - Where to report to is said with each message, with our secret at the end of the address (`?key=…`); messages that
//!   come in go to the address that stands in Infobip's portal, which should end so too or send
//!   `Authorization: Bearer <secret>`. So there is nothing to set up.

pub mod errors;
pub mod send;
pub mod templates;
pub mod webhook;

use std::borrow::Cow;

use domain::channel::LinkState;
use domain::content::MediaSource;
use domain::failure::{Failure, FailureReason};
use domain::report::{Change, ProviderError};
use reqwest::{Method, RequestBuilder, Url};
use serde_json::{Value, json};

use crate::adapter::{
    Adapter, FetchError, Fetched, FileWay, Number, NumberState, Outgoing, WebhookRefused,
    WebhookRequest,
};
use crate::call::{Http, UNREADABLE, ask, fetch, is_host_of, judge, refused, with_secret};
use crate::failure::Verdict;
use crate::json::{list, member, word};
use crate::meta::answers::TemplateInfo;
use crate::meta::person::phone_of;
use crate::proof::header_or_address;
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, SendOutcome, Unclear};
use crate::saying::placed;

/// Infobip's common address. It serves for trying out; an account's own is faster and stays.
pub const BASE_URL: &str = "https://api.infobip.com";
/// Where files of people are; the key opens them for seven days.
const FILE_HOSTS: &[&str] = &["infobip.com"];

pub const CAPABILITIES: Capabilities = Capabilities {
    templates: true,
    echoes_our_id: true,
    reports_own_messages: false,
    buttons: true,
    lists: true,
    reactions: false,
    mark_read: true,
    typing: false,
    bsuid_recipients: false,
    groups: false,
    files: FileWay::Link,
    takes_our_id_once: false,
    reports_replies: true,
};

/// Infobip at the address that each number names. Cheap to clone; holds no key.
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

    async fn say(&self, number: &Number, out: Outgoing<'_>) -> Result<SendOutcome, CallError> {
        let content = placed(out.content, out.file);
        let (kind, body) = send::request(number, &out, &content)?;
        let path: Vec<_> = ["whatsapp", "1", "message"]
            .iter()
            .chain(kind)
            .copied()
            .collect();
        let http = self.at(number)?;
        let answer = call(number, http.post(&path, &[]).json(&body)).await?;
        Ok(accepted(&answer))
    }
}

fn keyed(number: &Number, request: RequestBuilder) -> Result<RequestBuilder, CallError> {
    let key = format!("App {}", number.token.expose());
    with_secret(request, "authorization", &key)
}

async fn call(number: &Number, request: RequestBuilder) -> Result<Value, CallError> {
    let answer = ask(keyed(number, request)?).await?;
    judge(&answer, |body| errors::read(answer.status, body))
}

/// What an answer to a send says: of one message, or of a batch of one. A message may be refused within a success.
#[must_use]
pub fn accepted(answer: &Value) -> SendOutcome {
    let message = list(answer, "messages").first().unwrap_or(answer);
    let unreadable = SendOutcome::Unclear {
        why: Unclear::AnswerUnreadable,
    };
    let Some(provider_id) = word(message, "messageId") else {
        return unreadable;
    };
    let status = member(message, "status").unwrap_or(&Value::Null);
    let group = word(status, "groupName").unwrap_or_default();
    if matches!(group.as_str(), "REJECTED" | "UNDELIVERABLE" | "EXPIRED") {
        let name = word(status, "name").unwrap_or_default();
        let verdict = errors::verdict_on_name(&name);
        let failure = Failure {
            reason: verdict.map_or(FailureReason::Unknown, |verdict| verdict.reason),
            code: crate::json::integer(status, "id"),
            details: word(status, "description"),
        };
        return verdict
            .map_or(CallError::Refused(failure.clone()), |verdict: Verdict| {
                verdict.into_error(failure, None)
            })
            .into();
    }
    SendOutcome::Accepted {
        provider_id,
        wa_id: None,
        user_id: None,
        held: false,
    }
}

impl Adapter for Client {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, number: &Number, out: Outgoing<'_>) -> SendOutcome {
        self.say(number, out).await.unwrap_or_else(Into::into)
    }

    async fn fetch(
        &self,
        number: &Number,
        source: &MediaSource,
        max_bytes: u64,
    ) -> Result<Fetched, FetchError> {
        let MediaSource::Link(link) = source else {
            return Err(FetchError::Never);
        };
        let http = self.at(number).map_err(|_| FetchError::Later)?;
        let url = Url::parse(link)
            .ok()
            .filter(|url| http.is_own(url) || is_host_of(url, FILE_HOSTS))
            .ok_or(FetchError::Never)?;
        let request = keyed(number, http.request(Method::GET, url));
        fetch(request.map_err(|_| FetchError::Later)?, max_bytes).await
    }

    async fn mark_read(
        &self,
        number: &Number,
        _to: &Recipient,
        target: &str,
        _typing: bool,
    ) -> Result<(), CallError> {
        let http = self.at(number)?;
        let sender = number.number.as_str();
        let path = [
            "whatsapp", "1", "senders", sender, "message", target, "read",
        ];
        let request = http.post(&path, &[]).json(&json!({}));
        // Its success has no body.
        let answer = ask(keyed(number, request)?).await?;
        if answer.is_success() {
            return Ok(());
        }
        let refusal = answer
            .json()
            .and_then(|body| errors::read(answer.status, &body));
        Err(refused(&answer, refusal))
    }

    /// `GET /whatsapp/1/senders/quality`: what WhatsApp says of the sender. Where there is no such page, the sender's
    /// templates are asked for, which says at least whether the key is good and the sender there.
    async fn state(&self, number: &Number) -> Result<NumberState, CallError> {
        let http = self.at(number)?;
        let query = [("senders", number.number.as_str())];
        let path = ["whatsapp", "1", "senders", "quality"];
        let answer = ask(keyed(number, http.get(&path, &query))?).await?;
        if answer.status == 404 {
            self.templates(number).await?;
            return Ok(NumberState {
                link: LinkState::Linked,
                phone: phone_of(&number.number),
                restricted_until: None,
                detail: None,
            });
        }
        let answer = judge(&answer, |body| errors::read(answer.status, body))?;
        let senders = member(&answer, "senders")
            .or_else(|| member(&answer, "results"))
            .and_then(Value::as_array)
            .ok_or(UNREADABLE)?;
        let is_ours = |sender: &&Value| {
            word(sender, "sender").and_then(|told| phone_of(&told)) == phone_of(&number.number)
        };
        let detail = senders
            .iter()
            .find(is_ours)
            .and_then(|sender| word(sender, "status"));
        let link = match detail.as_deref() {
            Some("CONNECTED" | "FLAGGED") => LinkState::Linked,
            Some("RESTRICTED" | "RATE_LIMITED") => LinkState::Restricted,
            Some("BANNED") => LinkState::Banned,
            Some("DISCONNECTED" | "MIGRATED" | "DELETED" | "UNVERIFIED") => LinkState::Unlinked,
            Some(_) => LinkState::Unknown,
            // The key is good, the number is not one of its account.
            None => LinkState::Unlinked,
        };
        Ok(NumberState {
            link,
            phone: phone_of(&number.number),
            restricted_until: None,
            detail,
        })
    }

    async fn templates(&self, number: &Number) -> Result<Vec<TemplateInfo>, CallError> {
        let http = self.at(number)?;
        let path = ["whatsapp", "2", "senders", &number.number, "templates"];
        let answer = call(number, http.get(&path, &[])).await?;
        let items = member(&answer, "templates").and_then(Value::as_array);
        let items = items.ok_or(UNREADABLE)?;
        Ok(items.iter().filter_map(templates::template).collect())
    }

    fn verify(&self, number: &Number, request: WebhookRequest<'_>) -> Result<(), WebhookRefused> {
        header_or_address(&request, &number.webhook_secrets)
    }

    fn cut<'a>(&self, body: &'a [u8]) -> Result<Vec<Cow<'a, [u8]>>, NotUnderstood> {
        webhook::cut(body)
    }

    fn failure_of(&self, error: &ProviderError) -> Failure {
        errors::failure_of(error)
    }

    fn parse(&self, number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        webhook::parse(number, piece)
    }
}
