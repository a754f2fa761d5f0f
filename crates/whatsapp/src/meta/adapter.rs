//! The Cloud API as one provider among others. What only Meta has (its apps, the set-up of a number) is asked of
//! [`super::client::Client`] itself.

use std::borrow::Cow;

use domain::channel::LinkState;
use domain::content::{
    Content, InteractiveHeader, MediaContent, MediaSource, TemplateComponent, TemplateParameter,
};
use domain::failure::{Failure, FailureReason};
use domain::report::Change;

use super::answers::{NumberInfo, TemplateInfo};
use super::client::{Client, DownloadError, GRAPH_VERSION};
use super::send::{reaction_json, request_json};
use super::webhook::parse_change;
use super::{CAPABILITIES, signature};
use crate::adapter::{
    Adapter, FetchError, Fetched, Number, NumberState, OutFile, Outgoing, WebhookRefused,
    WebhookRequest,
};
use crate::provider::{CallError, Capabilities, NotUnderstood, Recipient, SendOutcome};

/// Pages that are read at most: an account has at most 6,000 templates.
const PAGES: usize = 100;

/// The Cloud API's module.
#[derive(Debug, Clone)]
pub struct Meta {
    http: reqwest::Client,
}

impl Meta {
    #[must_use]
    pub const fn new(http: reqwest::Client) -> Self {
        Self { http }
    }

    fn client(&self, number: &Number) -> Result<Client, CallError> {
        Client::new(self.http.clone(), &number.base_url, GRAPH_VERSION)
            .map_err(|_| CallError::NotAccepted(Failure::of(FailureReason::Unreachable)))
    }
}

impl Adapter for Meta {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, number: &Number, out: Outgoing<'_>) -> SendOutcome {
        let client = match self.client(number) {
            Ok(client) => client,
            Err(error) => return error.into(),
        };
        let placed = out
            .file
            .and_then(|file| file.upload_id.clone())
            .map(|id| with_file(out.content, &MediaSource::Id(id)));
        let content = placed.as_ref().unwrap_or(out.content);
        match request_json(out.to, content, out.reply_to, Some(out.our_id)) {
            Ok(body) => client.send(&number.number, &number.token, &body).await,
            Err(error) => cannot_say(&error),
        }
    }

    async fn upload(&self, number: &Number, file: &OutFile) -> Result<String, CallError> {
        let size = file.bytes.len() as u64;
        self.client(number)?
            .upload_media(
                &number.number,
                &number.token,
                file.bytes.clone(),
                size,
                &file.mime_type,
                &file.filename,
            )
            .await
    }

    async fn fetch(
        &self,
        number: &Number,
        source: &MediaSource,
        max_bytes: u64,
    ) -> Result<Fetched, FetchError> {
        let client = self.client(number).map_err(|_| FetchError::Never)?;
        let (url, mime_type) = match source {
            // The provider's address of a file lives for five minutes, so it is asked for each time.
            MediaSource::Id(id) => match client.media_info(&number.token, id, None).await {
                Ok(info) => (info.url, info.mime_type),
                Err(CallError::Refused(_)) => return Err(FetchError::Never),
                Err(_) => return Err(FetchError::Later),
            },
            MediaSource::Link(url) => (url.clone(), None),
        };
        let download = client
            .download(&number.token, &url, max_bytes)
            .await
            .map_err(|error| missing(&error))?;
        let bytes = download.bytes().await.map_err(|error| missing(&error))?;
        Ok(Fetched { bytes, mime_type })
    }

    async fn react(
        &self,
        number: &Number,
        to: &Recipient,
        target: &str,
        emoji: Option<&str>,
    ) -> SendOutcome {
        let client = match self.client(number) {
            Ok(client) => client,
            Err(error) => return error.into(),
        };
        match reaction_json(to, target, emoji, None) {
            Ok(body) => client.send(&number.number, &number.token, &body).await,
            Err(_) => SendOutcome::Refused(Failure::of(FailureReason::RecipientInvalid)),
        }
    }

    async fn mark_read(
        &self,
        number: &Number,
        _to: &Recipient,
        target: &str,
        typing: bool,
    ) -> Result<(), CallError> {
        self.client(number)?
            .mark_read(&number.number, &number.token, target, typing)
            .await
    }

    async fn state(&self, number: &Number) -> Result<NumberState, CallError> {
        let info = self
            .client(number)?
            .number(&number.number, &number.token)
            .await?;
        Ok(state_of(&info))
    }

    async fn templates(&self, number: &Number) -> Result<Vec<TemplateInfo>, CallError> {
        let client = self.client(number)?;
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..PAGES {
            let page = client
                .templates(&number.account, &number.token, after.as_deref())
                .await?;
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(all)
    }

    fn verify(&self, number: &Number, request: WebhookRequest<'_>) -> Result<(), WebhookRefused> {
        let header = (request.header)("x-hub-signature-256");
        signature::verify(&number.webhook_secrets, header.as_deref(), request.body).map_err(
            |refused| match refused {
                signature::SignatureRefused::Missing => WebhookRefused::Missing,
                signature::SignatureRefused::Malformed => WebhookRefused::Malformed,
                signature::SignatureRefused::Wrong => WebhookRefused::Wrong,
            },
        )
    }

    fn cut<'a>(&self, body: &'a [u8]) -> Result<Vec<Cow<'a, [u8]>>, NotUnderstood> {
        let changes = super::envelope::cut(body)?;
        Ok(changes
            .into_iter()
            .map(|change| match change.slice {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            })
            .collect())
    }

    fn parse(&self, number: &Number, piece: &[u8]) -> Result<Change, NotUnderstood> {
        parse_change(&number.account, None, piece)
    }
}

fn state_of(info: &NumberInfo) -> NumberState {
    let connected = info
        .status
        .as_deref()
        .is_none_or(|status| status == "CONNECTED");
    NumberState {
        link: if connected {
            LinkState::Linked
        } else {
            LinkState::Unlinked
        },
        phone: info
            .display_phone_number
            .as_deref()
            .map(|text| text.chars().filter(char::is_ascii_digit).collect()),
        restricted_until: None,
        detail: info.status.clone(),
    }
}

/// A message that this provider cannot be asked to send.
#[must_use]
pub(crate) fn cannot_say(error: &crate::provider::CannotSay) -> SendOutcome {
    SendOutcome::Refused(Failure {
        reason: FailureReason::MessageInvalid,
        code: None,
        details: Some(error.to_string()),
    })
}

const fn missing(error: &DownloadError) -> FetchError {
    match error {
        DownloadError::ForeignHost | DownloadError::TooLarge { .. } => FetchError::Never,
        _ => FetchError::Later,
    }
}

/// The content with the place where the provider has its file.
#[must_use]
pub fn with_file(content: &Content, source: &MediaSource) -> Content {
    let place = |media: &mut MediaContent| media.source = Some(source.clone());
    let mut content = content.clone();
    match &mut content {
        Content::Media(media) => place(media),
        Content::Template(template) => {
            for component in &mut template.components {
                if let TemplateComponent::Header { parameters } = component {
                    for parameter in parameters {
                        if let TemplateParameter::Media(media) = parameter {
                            place(media);
                        }
                    }
                }
            }
        }
        Content::Interactive(interactive) => {
            if let Some(InteractiveHeader::Media(media)) = &mut interactive.header {
                place(media);
            }
        }
        _ => {}
    }
    content
}
