//! Gupshup's self-serve API, version 1 on the way out, version 2 on the way in. (Gupshup, 2026.) Its partner API, which
//! passes Meta's bodies on, is not spoken.
//!
//! - The key goes in the header `apikey`. `Number.account` is the app's name, `Number.number` the sender's digits.
//! - Events are set up in Gupshup's dashboard, where a header of one's own can be registered. They are let in with
//!   `Authorization: Bearer <secret>`, or with `?key=<secret>` at the end of the address.
//! - Gupshup takes no id of ours.
//! - A template is named by Gupshup's id and filled in with one list of values, in the order of the template's parts.

pub mod errors;
pub mod send;
pub mod templates;
pub mod webhook;

use domain::channel::LinkState;
use domain::content::{Content, MediaSource};
use domain::failure::{Failure, FailureReason};
use domain::report::{Change, ProviderError};
use reqwest::{Method, RequestBuilder, Url};
use serde_json::Value;

use crate::adapter::{
    Adapter, FetchError, Fetched, FileWay, Number, NumberState, Outgoing, WebhookRefused,
    WebhookRequest,
};
use crate::call::{
    Http, UNREADABLE, ask, fetch, is_host_of, judge, refused, with_form, with_secret,
};
use crate::json::{member, word};
use crate::meta::answers::TemplateInfo;
use crate::proof::header_or_address;
use crate::provider::{CallError, Capabilities, NotUnderstood, SendOutcome, Unclear};
use crate::saying::placed;

/// Gupshup's own address.
pub const BASE_URL: &str = "https://api.gupshup.io";
/// Where files of people are; their addresses open them without a key, for a while.
const FILE_HOSTS: &[&str] = &["gupshup.io", "smsgupshup.com"];

pub const CAPABILITIES: Capabilities = Capabilities {
    templates: true,
    echoes_our_id: false,
    reports_own_messages: false,
    buttons: true,
    lists: true,
    reactions: false,
    mark_read: false,
    typing: false,
    bsuid_recipients: false,
    groups: false,
    files: FileWay::Link,
    takes_our_id_once: false,
    reports_replies: true,
};

/// Gupshup at the address that each number names. Cheap to clone; holds no key.
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
        let (path, form): (&[&str], _) = if let Content::Template(template) = &*content {
            let missing = || CallError::Refused(Failure::of(FailureReason::TemplateMissing));
            let id = out.template_ref.ok_or_else(missing)?;
            let form = send::template_form(number, &out, template, id)?;
            (&["wa", "api", "v1", "template", "msg"], form)
        } else {
            let form = send::message_form(number, &out, &content)?;
            (&["wa", "api", "v1", "msg"], form)
        };
        let http = self.at(number)?;
        let answer = call(number, with_form(http.post(path, &[]), &form)).await?;
        Ok(match word(&answer, "messageId") {
            Some(provider_id) => SendOutcome::Accepted {
                provider_id,
                wa_id: None,
                user_id: None,
                held: false,
            },
            None => SendOutcome::Unclear {
                why: Unclear::AnswerUnreadable,
            },
        })
    }

    async fn listed(&self, number: &Number) -> Result<Value, CallError> {
        let http = self.at(number)?;
        let path = ["wa", "api", "v1", "template", "list", &number.account];
        call(number, http.get(&path, &[])).await
    }
}

async fn call(number: &Number, request: RequestBuilder) -> Result<Value, CallError> {
    let request = with_secret(request, "apikey", number.token.expose())?;
    let mut answer = ask(request).await?;
    let body = judge(&answer, |body| errors::read(answer.status, body))?;
    if word(&body, "status").as_deref() == Some("error") {
        // A refusal in the dress of a success is its own word all the same.
        answer.status = 400;
        let refusal = errors::read(answer.status, &body);
        return Err(refused(&answer, refusal));
    }
    Ok(body)
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
        fetch(http.request(Method::GET, url), max_bytes).await
    }

    /// Whether the key opens the app's templates: Gupshup has no word on a number.
    async fn state(&self, number: &Number) -> Result<NumberState, CallError> {
        self.listed(number).await?;
        Ok(NumberState {
            link: LinkState::Linked,
            phone: number.phone.clone(),
            restricted_until: None,
            detail: None,
        })
    }

    async fn templates(&self, number: &Number) -> Result<Vec<TemplateInfo>, CallError> {
        let answer = self.listed(number).await?;
        let items = member(&answer, "templates").and_then(Value::as_array);
        let items = items.ok_or(UNREADABLE)?;
        Ok(items.iter().filter_map(templates::template).collect())
    }

    fn verify(&self, number: &Number, request: WebhookRequest<'_>) -> Result<(), WebhookRefused> {
        header_or_address(&request, &number.webhook_secrets)
    }

    fn failure_of(&self, error: &ProviderError) -> Failure {
        errors::failure_of(error)
    }

    fn parse(&self, number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        webhook::parse(number, piece)
    }
}
