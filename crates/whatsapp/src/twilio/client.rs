//! Calls to Twilio's three hosts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::channel::LinkState;
use domain::content::{Content, MediaSource};
use domain::failure::{Failure, FailureReason};
use reqwest::{Method, RequestBuilder, Url};
use serde_json::Value;

use super::content::{Layout, template};
use super::errors;
use super::send::{Pairs, SESSION_PREFIX, content_form, message_form, session_content};
use crate::adapter::{FetchError, Fetched, Number, NumberState, Outgoing};
use crate::call::{
    FILE_TIMEOUT, Http, UNREADABLE, ask, fetch, file_of, form_pairs, is_host_of, judge,
    redirect_of, with_form,
};
use crate::json::{list, member, word};
use crate::meta::answers::TemplateInfo;
use crate::provider::{CallError, Secret, SendOutcome, Unclear};
use crate::saying::{before_sending, placed};

const API_HOST: &str = "api.twilio.com";
const VERSION: &str = "2010-04-01";
/// Where Twilio keeps files; its own answer sends us there, and the key stays behind.
const FILE_HOSTS: &[&str] = &["twilio.com", "twiliocdn.com", "amazonaws.com"];
/// Contents in one page; Twilio's most is 1,000.
const PAGE: &str = "100";
const PAGES_MAX: usize = 100;
/// Contents that are remembered; then all are asked for again.
const REMEMBERED_MAX: usize = 1000;

/// Twilio at the address that each number names. Cheap to clone; holds no key. Remembers what a Content looks like,
/// from the first look or from the last list: one that is approved does not change.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    layouts: Arc<Remembered<Arc<Layout>>>,
    session_contents: Arc<Remembered<String>>,
}

#[derive(Debug)]
struct Remembered<T>(Mutex<BTreeMap<(String, String), T>>);

impl<T: Clone> Remembered<T> {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(BTreeMap::new())))
    }

    fn get(&self, account: &str, name: &str) -> Option<T> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(account.to_owned(), name.to_owned())).cloned()
    }

    fn keep(&self, account: &str, name: &str, value: T) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (account.to_owned(), name.to_owned());
        if known.len() >= REMEMBERED_MAX && !known.contains_key(&key) {
            known.clear();
        }
        known.insert(key, value);
    }
}

/// `SK…:secret`
pub(super) fn is_api_key(token: &Secret) -> bool {
    token.expose().starts_with("SK") && token.expose().contains(':')
}

fn keyed(number: &Number, request: RequestBuilder) -> RequestBuilder {
    let token = number.token.expose();
    match token.split_once(':') {
        Some((key, secret)) if is_api_key(&number.token) => request.basic_auth(key, Some(secret)),
        _ => request.basic_auth(&number.account, Some(token)),
    }
}

async fn call(number: &Number, request: RequestBuilder) -> Result<Value, CallError> {
    let answer = ask(keyed(number, request)).await?;
    judge(&answer, errors::read)
}

impl Client {
    #[must_use]
    pub fn new(http: reqwest::Client) -> Self {
        Self {
            http,
            layouts: Remembered::new(),
            session_contents: Remembered::new(),
        }
    }

    fn at(&self, number: &Number) -> Result<Http, CallError> {
        Http::new(&self.http, &number.base_url)
    }

    /// Another host of Twilio's; anywhere else (a proxy, the pretend provider) it is all one.
    fn beside(&self, number: &Number, name: &str) -> Result<Http, CallError> {
        let is_twilio = Url::parse(&number.base_url)
            .is_ok_and(|url| url.scheme() == "https" && url.host_str() == Some(API_HOST));
        if is_twilio {
            Http::new(&self.http, &format!("https://{name}.twilio.com"))
        } else {
            self.at(number)
        }
    }

    pub(super) async fn say(
        &self,
        number: &Number,
        out: Outgoing<'_>,
    ) -> Result<SendOutcome, CallError> {
        let content = placed(out.content, out.file);
        let form = match &*content {
            Content::Template(template) => {
                let missing = || CallError::Refused(Failure::of(FailureReason::TemplateMissing));
                let sid = out.template_ref.ok_or_else(missing)?;
                let variables = if template.components.is_empty() {
                    serde_json::Map::new()
                } else {
                    let layout = self.layout(number, sid).await.map_err(before_sending)?;
                    let layout = layout.unwrap_or_else(|| Layout::numbered(template).into());
                    layout.variables(template)?
                };
                content_form(number, out.to, sid, &variables, out.callback_url)?
            }
            Content::Interactive(interactive) => {
                let (content, variables) = session_content(interactive)?;
                let sid = self.session_content(number, &content).await;
                let sid = sid.map_err(before_sending)?;
                content_form(number, out.to, &sid, &variables, out.callback_url)?
            }
            content => message_form(number, out.to, content, out.callback_url)?,
        };
        self.post(number, &form).await
    }

    async fn post(&self, number: &Number, form: &Pairs) -> Result<SendOutcome, CallError> {
        let http = self.at(number)?;
        let path = [VERSION, "Accounts", &number.account, "Messages.json"];
        let answer = call(number, with_form(http.post(&path, &[]), form)).await?;
        Ok(match word(&answer, "sid") {
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

    /// Where a Content's variables stand; `None` where Twilio does not show it (a send will tell why).
    async fn layout(&self, number: &Number, sid: &str) -> Result<Option<Arc<Layout>>, CallError> {
        if let Some(known) = self.layouts.get(&number.account, sid) {
            return Ok(Some(known));
        }
        let http = self.beside(number, "content")?;
        let request = keyed(number, http.get(&["v1", "Content", sid], &[]));
        let answer = ask(request).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        let answer = judge(&answer, errors::read)?;
        let layout: Arc<_> = Layout::read(&answer).ok_or(UNREADABLE)?.into();
        self.layouts.keep(&number.account, sid, layout.clone());
        Ok(Some(layout))
    }

    /// The Content for these buttons, made unless we remember one. A second one of the same name does no harm.
    async fn session_content(&self, number: &Number, content: &Value) -> Result<String, CallError> {
        let name = word(content, "friendly_name").unwrap_or_default();
        if let Some(known) = self.session_contents.get(&number.account, &name) {
            return Ok(known);
        }
        let http = self.beside(number, "content")?;
        let answer = call(number, http.post(&["v1", "Content"], &[]).json(content)).await?;
        let sid = word(&answer, "sid").ok_or(UNREADABLE)?;
        self.session_contents
            .keep(&number.account, &name, sid.clone());
        Ok(sid)
    }

    pub(super) async fn contents(&self, number: &Number) -> Result<Vec<TemplateInfo>, CallError> {
        let http = self.beside(number, "content")?;
        let mut all = Vec::new();
        let mut query = vec![("PageSize".to_owned(), PAGE.to_owned())];
        for _ in 0..PAGES_MAX {
            let pairs: Vec<_> = query
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect();
            let request = http.get(&["v1", "ContentAndApprovals"], &pairs);
            let answer = call(number, request).await?;
            if member(&answer, "contents").is_none() {
                return Err(UNREADABLE);
            }
            for item in list(&answer, "contents") {
                let name = word(item, "friendly_name").unwrap_or_default();
                if name.starts_with(SESSION_PREFIX) {
                    continue;
                }
                let Some(info) = template(item) else {
                    continue;
                };
                if let Some(layout) = Layout::read(item) {
                    self.layouts.keep(&number.account, &info.id, layout.into());
                }
                all.push(info);
            }
            // Only the query is taken: the key goes to our own host, whatever address stands there.
            let next = member(&answer, "meta").and_then(|meta| word(meta, "next_page_url"));
            let Some((_, next)) = next.as_deref().and_then(|next| next.split_once('?')) else {
                break;
            };
            query = form_pairs(next.as_bytes());
        }
        Ok(all)
    }

    pub(super) async fn account_state(&self, number: &Number) -> Result<NumberState, CallError> {
        let http = self.at(number)?;
        let file = format!("{}.json", number.account);
        let answer = call(number, http.get(&[VERSION, "Accounts", &file], &[])).await?;
        let status = word(&answer, "status").ok_or(UNREADABLE)?;
        Ok(NumberState {
            link: match status.as_str() {
                "active" => LinkState::Linked,
                "suspended" => LinkState::Restricted,
                "closed" => LinkState::Unlinked,
                _ => LinkState::Unknown,
            },
            phone: number.phone.clone(),
            restricted_until: None,
            detail: Some(status),
        })
    }

    /// `POST https://messaging.twilio.com/v2/Indicators/Typing.json` (in trial, 2026).
    pub(super) async fn show_typing(
        &self,
        number: &Number,
        message_id: &str,
    ) -> Result<(), CallError> {
        let http = self.beside(number, "messaging")?;
        let request = http.post(&["v2", "Indicators", "Typing.json"], &[]);
        let pairs = [("messageId", message_id), ("channel", "whatsapp")];
        call(number, with_form(request, &pairs)).await.map(|_| ())
    }

    pub(super) async fn file(
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
            .filter(|url| http.is_own(url) || is_host_of(url, &[API_HOST]))
            .ok_or(FetchError::Never)?;
        let response = keyed(number, http.request(Method::GET, url.clone()))
            .timeout(FILE_TIMEOUT)
            .send()
            .await
            .map_err(|_| FetchError::Later)?;
        let Some(next) = redirect_of(&url, &response) else {
            return file_of(response, max_bytes).await;
        };
        if !http.is_own(&next) && !is_host_of(&next, FILE_HOSTS) {
            return Err(FetchError::Never);
        }
        fetch(http.request(Method::GET, next), max_bytes).await
    }
}
