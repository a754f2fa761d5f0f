//! Twilio's WhatsApp channel: forms on the way out and in, templates of its own kind. (Twilio, 2026.)
//!
//! - `Number.account` is the account's SID (`AC…`), `Number.number` the sender's digits or a messaging service (`MG…`).
//!   The key is the account's auth token, or an API key as `SK…:secret`. Webhooks are signed with the auth token in
//!   any case, so with an API key the auth token must be among `webhook_secrets`.
//! - Where to report to is said with each message ([`Outgoing::callback_url`]); incoming messages go to the address
//!   that stands with the sender in Twilio's console. So there is nothing to set up.
//! - Twilio takes no id of ours, and its status callbacks are forms without the query of the address: a status is
//!   matched by Twilio's id only, and a send whose answer was lost stays unclear until a person looks.
//! - It has no reactions, and a read mark only together with typing.

mod client;
pub mod content;
pub mod errors;
pub mod send;
pub mod signature;
pub mod webhook;

use domain::content::MediaSource;
use domain::failure::Failure;
use domain::report::{Change, ProviderError};

pub use self::client::Client;
use crate::adapter::{
    Adapter, FetchError, Fetched, FileWay, Number, NumberState, Outgoing, WebhookRefused,
    WebhookRequest,
};
use crate::meta::answers::TemplateInfo;
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, Secret, SendOutcome};

/// Twilio's own address. Templates and typing have hosts of their own, which are found by this one.
pub const BASE_URL: &str = "https://api.twilio.com";

pub const CAPABILITIES: Capabilities = Capabilities {
    templates: true,
    echoes_our_id: false,
    reports_own_messages: false,
    buttons: true,
    lists: true,
    reactions: false,
    mark_read: false,
    typing: true,
    bsuid_recipients: false,
    groups: false,
    files: FileWay::Link,
    takes_our_id_once: false,
    reports_replies: true,
};

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
        self.file(number, source, max_bytes).await
    }

    /// Shows that we are typing, which marks the message as read. Without typing there is no read mark.
    async fn mark_read(
        &self,
        number: &Number,
        _to: &Recipient,
        target: &str,
        typing: bool,
    ) -> Result<(), CallError> {
        if typing {
            self.show_typing(number, target).await
        } else {
            Err(crate::adapter::unsupported())
        }
    }

    async fn state(&self, number: &Number) -> Result<NumberState, CallError> {
        self.account_state(number).await
    }

    async fn templates(&self, number: &Number) -> Result<Vec<TemplateInfo>, CallError> {
        self.contents(number).await
    }

    fn verify(&self, number: &Number, request: WebhookRequest<'_>) -> Result<(), WebhookRefused> {
        let mut secrets: Vec<Secret> = number.webhook_secrets.clone();
        if !client::is_api_key(&number.token) {
            secrets.push(number.token.clone());
        }
        let header = (request.header)("x-twilio-signature");
        signature::verify(
            &secrets,
            request.public_url,
            header.as_deref(),
            request.body,
        )
    }

    fn failure_of(&self, error: &ProviderError) -> Failure {
        errors::failure_of(error)
    }

    fn parse(&self, number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        webhook::parse(number, piece)
    }
}
