//! Vonage's Messages API, WhatsApp channel. (Vonage, 2026.)
//!
//! - The key is the API secret, and `Number.account` the API key (Basic). With `api_key:api_secret` as the key, the
//!   account is the WABA, whose templates can then be listed. The other way, a token that we sign ourselves with an
//!   application's private key, is not spoken: Basic serves for all that is called here.
//! - `Number.number` is the sender's digits.
//! - Where to report to is said with each message; messages that come in go to the address that stands in Vonage's
//!   dashboard. So there is nothing to set up. `webhook_secrets` are the account's signature secrets.
//! - Read marks are taken by a regional address only (`https://api-eu.vonage.com`).

pub mod errors;
pub mod send;
pub mod signature;
pub mod webhook;

use domain::channel::LinkState;
use domain::content::MediaSource;
use domain::failure::Failure;
use domain::report::{Change, ProviderError};
use reqwest::{Method, RequestBuilder, Url};
use serde_json::Value;

use crate::adapter::{
    Adapter, FetchError, Fetched, FileWay, Number, NumberState, Outgoing, WebhookRefused,
    WebhookRequest,
};
use crate::call::{Http, UNREADABLE, ask, fetch, is_host_of, judge, refused};
use crate::json::{integer, member, word};
use crate::meta::answers::{TemplateInfo, read};
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, SendOutcome, Unclear};
use crate::saying::placed;

/// Vonage's own address; there are regional ones.
pub const BASE_URL: &str = "https://api.nexmo.com";
/// Where files of people are; the key opens them.
const FILE_HOSTS: &[&str] = &["nexmo.com", "vonage.com"];
const PAGES_MAX: usize = 100;

pub const CAPABILITIES: Capabilities = Capabilities {
    templates: true,
    echoes_our_id: true,
    reports_own_messages: false,
    buttons: true,
    lists: true,
    reactions: true,
    mark_read: true,
    typing: true,
    bsuid_recipients: true,
    groups: false,
    files: FileWay::Link,
    takes_our_id_once: false,
    reports_replies: true,
};

/// Vonage at the address that each number names. Cheap to clone; holds no key.
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

    async fn post(&self, number: &Number, body: &Value) -> SendOutcome {
        let called = async {
            let http = self.at(number)?;
            call(number, http.post(&["v1", "messages"], &[]).json(body)).await
        };
        match called.await {
            Ok(answer) => match word(&answer, "message_uuid") {
                Some(provider_id) => SendOutcome::Accepted {
                    provider_id,
                    wa_id: None,
                    user_id: None,
                    held: false,
                },
                None => SendOutcome::Unclear {
                    why: Unclear::AnswerUnreadable,
                },
            },
            Err(error) => error.into(),
        }
    }
}

/// API key and secret, where both stand in the key.
fn pair(number: &Number) -> Option<(&str, &str)> {
    number.token.expose().split_once(':')
}

fn keyed(number: &Number, request: RequestBuilder) -> RequestBuilder {
    let alone = (number.account.as_str(), number.token.expose());
    let (key, secret) = pair(number).unwrap_or(alone);
    request.basic_auth(key, Some(secret))
}

async fn call(number: &Number, request: RequestBuilder) -> Result<Value, CallError> {
    let answer = ask(keyed(number, request)).await?;
    judge(&answer, |body| errors::read(answer.status, body))
}

impl Adapter for Client {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, number: &Number, out: Outgoing<'_>) -> SendOutcome {
        let content = placed(out.content, out.file);
        match send::request_json(number, &out, &content) {
            Ok(body) => self.post(number, &body).await,
            Err(cannot) => cannot.into(),
        }
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
        fetch(keyed(number, http.request(Method::GET, url)), max_bytes).await
    }

    async fn react(
        &self,
        number: &Number,
        to: &Recipient,
        target: &str,
        emoji: Option<&str>,
    ) -> SendOutcome {
        match send::reaction_json(number, to, target, emoji) {
            Ok(body) => self.post(number, &body).await,
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
        let http = self.at(number)?;
        let url = http.url(&["v1", "messages", target], &[]);
        let request = http.request(Method::PATCH, url);
        let request = request.json(&send::mark_read_json(typing));
        // Its success has no body.
        let answer = ask(keyed(number, request)).await?;
        if answer.is_success() {
            return Ok(());
        }
        let refusal = answer
            .json()
            .and_then(|body| errors::read(answer.status, &body));
        Err(refused(&answer, refusal))
    }

    /// Whether the key is good: Vonage has no word on a number. (`GET /v2/applications`, which Basic opens.) Whoever
    /// says that there is no such page has taken the key.
    async fn state(&self, number: &Number) -> Result<NumberState, CallError> {
        let http = self.at(number)?;
        let request = http.get(&["v2", "applications"], &[("page_size", "1")]);
        let answer = ask(keyed(number, request)).await?;
        if answer.status != 404 {
            judge(&answer, |body| errors::read(answer.status, body))?;
        }
        Ok(NumberState {
            link: LinkState::Linked,
            phone: number.phone.clone(),
            restricted_until: None,
            detail: None,
        })
    }

    /// `GET /v2/whatsapp-manager/wabas/{waba}/templates`; the components are Meta's.
    async fn templates(&self, number: &Number) -> Result<Vec<TemplateInfo>, CallError> {
        if pair(number).is_none() {
            // The account is the API key: of the WABA nothing is known.
            return Err(crate::adapter::unsupported());
        }
        let http = self.at(number)?;
        let path = [
            "v2",
            "whatsapp-manager",
            "wabas",
            &number.account,
            "templates",
        ];
        let mut all = Vec::new();
        for page in 1..=PAGES_MAX {
            let page = page.to_string();
            let query = [("page_size", "100"), ("page", page.as_str())];
            let answer = call(number, http.get(&path, &query)).await?;
            let items = ["templates", "data"]
                .iter()
                .find_map(|key| member(&answer, key)?.as_array())
                .ok_or(UNREADABLE)?;
            all.extend(items.iter().filter_map(template));
            let total = integer(&answer, "total_items").or_else(|| integer(&answer, "total"));
            let is_last = total
                .and_then(|total| usize::try_from(total).ok())
                .is_none_or(|total| all.len() >= total);
            if items.is_empty() || is_last {
                break;
            }
        }
        Ok(all)
    }

    fn verify(&self, number: &Number, request: WebhookRequest<'_>) -> Result<(), WebhookRefused> {
        let header = (request.header)("authorization");
        signature::verify(&number.webhook_secrets, header.as_deref(), request.body)
    }

    fn failure_of(&self, error: &ProviderError) -> Failure {
        errors::failure_of(error)
    }

    fn parse(&self, number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        webhook::parse(number, piece)
    }
}

fn template(item: &Value) -> Option<TemplateInfo> {
    let mut item = item.clone();
    let id = word(&item, "template_id").or_else(|| word(&item, "id"))?;
    item.as_object_mut()?.insert("id".into(), id.into());
    read(item)
}
