//! Files: up, down and away. (Meta, media page, 2025-12.)

use bytes::Bytes;
use domain::failure::{Failure, FailureReason};
use reqwest::multipart::{Form, Part};
use reqwest::{Response, Url};

use super::Client;
use crate::call::{FILE_TIMEOUT, UNREADABLE, no_answer};
use crate::meta::answers::{Created, MediaInfo, UploadHandle, UploadSession};
use crate::provider::{CallError, Secret, Unclear};

/// Where Meta keeps files. A token goes to these and to the provider's own address, nowhere else.
const FILE_HOSTS: &[&str] = &["fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net"];

impl Client {
    /// Uploads a file for messages of this number; the id lives 30 days. `body` may be bytes or a stream of them.
    ///
    /// # Errors
    /// As every call; refused as `media_invalid` where `mime_type` is not one.
    pub async fn upload_media(
        &self,
        phone_number_id: &str,
        token: &Secret,
        body: impl Into<reqwest::Body>,
        size_bytes: u64,
        mime_type: &str,
        filename: &str,
    ) -> Result<String, CallError> {
        let file = Part::stream_with_length(body, size_bytes)
            .file_name(filename.to_owned())
            .mime_str(mime_type)
            .map_err(|_| CallError::Refused(Failure::of(FailureReason::MediaInvalid)))?;
        let form = Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", mime_type.to_owned())
            .part("file", file);
        let url = self.url(&[phone_number_id, "media"], &[]);
        let request = self.http.post(url).timeout(FILE_TIMEOUT).multipart(form);
        let created: Created = self.read(request, token).await?;
        Ok(created.id)
    }

    /// Where a file is now. The address is good for five minutes. With `phone_number_id` Meta checks the owner.
    ///
    /// # Errors
    /// As every call.
    pub async fn media_info(
        &self,
        token: &Secret,
        media_id: &str,
        phone_number_id: Option<&str>,
    ) -> Result<MediaInfo, CallError> {
        let query: Vec<_> = phone_number_id
            .map(|id| ("phone_number_id", id))
            .into_iter()
            .collect();
        let url = self.url(&[media_id], &query);
        self.read(self.http.get(url), token).await
    }

    /// # Errors
    /// As every call.
    pub async fn delete_media(&self, token: &Secret, media_id: &str) -> Result<(), CallError> {
        let url = self.url(&[media_id], &[]);
        self.done(self.http.delete(url), token).await
    }

    /// Begins to fetch a file. The caller takes it piece by piece; at most `max_bytes` come.
    ///
    /// # Errors
    /// When the address is not one of Meta's or the provider's own, the file is gone, too large, or not to be had.
    pub async fn download(
        &self,
        token: &Secret,
        url: &str,
        max_bytes: u64,
    ) -> Result<Download, DownloadError> {
        let url = Url::parse(url).map_err(|_| DownloadError::ForeignHost)?;
        if !self.is_trusted(&url) {
            return Err(DownloadError::ForeignHost);
        }
        let response = self
            .http
            .get(url)
            .timeout(FILE_TIMEOUT)
            .bearer_auth(token.expose())
            .send()
            .await
            .map_err(|error| DownloadError::of(&error))?;
        match response.status().as_u16() {
            200 => Download::new(response, max_bytes),
            401 | 403 => Err(DownloadError::Credentials),
            404 | 410 => Err(DownloadError::Gone),
            status => Err(DownloadError::Status { status }),
        }
    }

    /// Our own provider (the sandbox has no TLS), or a host of Meta's over TLS.
    fn is_trusted(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        let is_provider = url.scheme() == self.base.scheme()
            && self.base.host_str() == Some(host)
            && url.port_or_known_default() == self.base.port_or_known_default();
        let is_meta = url.scheme() == "https"
            && url.port_or_known_default() == Some(443)
            && FILE_HOSTS.iter().any(|known| {
                host.strip_suffix(known)
                    .is_some_and(|before| before.is_empty() || before.ends_with('.'))
            });
        is_provider || is_meta
    }

    /// Opens a resumable upload, for a template's example or a profile picture.
    ///
    /// # Errors
    /// As every call.
    pub async fn start_upload(
        &self,
        app_id: &str,
        token: &Secret,
        filename: &str,
        mime_type: &str,
        size_bytes: u64,
    ) -> Result<UploadSession, CallError> {
        let size = size_bytes.to_string();
        let query = [
            ("file_name", filename),
            ("file_length", &size),
            ("file_type", mime_type),
        ];
        let url = self.url(&[app_id, "uploads"], &query);
        self.read(self.http.post(url), token).await
    }

    /// How much of it has arrived.
    ///
    /// # Errors
    /// As every call.
    pub async fn upload_offset(
        &self,
        token: &Secret,
        session: &UploadSession,
    ) -> Result<UploadSession, CallError> {
        let url = self.session_url(session)?;
        let request = self.http.get(url).header("Authorization", oauth(token));
        self.read_without_bearer(request).await
    }

    /// Sends the file from `offset` on; the answer is the handle.
    ///
    /// # Errors
    /// As every call.
    pub async fn upload_bytes(
        &self,
        token: &Secret,
        session: &UploadSession,
        offset: u64,
        body: Bytes,
    ) -> Result<UploadHandle, CallError> {
        let url = self.session_url(session)?;
        let request = self
            .http
            .post(url)
            .timeout(FILE_TIMEOUT)
            .header("Authorization", oauth(token))
            .header("file_offset", offset)
            .body(body);
        self.read_without_bearer(request).await
    }

    /// The id holds a query (`upload:…?sig=…`) and is Meta's to write.
    fn session_url(&self, session: &UploadSession) -> Result<Url, CallError> {
        let unreadable = || UNREADABLE;
        let (path, query) = session.id.split_once('?').unwrap_or((&session.id, ""));
        if !path.starts_with("upload:") {
            return Err(unreadable());
        }
        let mut url = self.url(&[path], &[]);
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        Ok(url)
    }

    async fn read_without_bearer<T: serde::de::DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<T, CallError> {
        let response = request.send().await.map_err(|error| no_answer(&error))?;
        let answer = super::answer_of(response).await?;
        super::answers::read(answer).ok_or(UNREADABLE)
    }
}

/// This one endpoint wants another word before the token.
fn oauth(token: &Secret) -> String {
    format!("OAuth {}", token.expose())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DownloadError {
    #[error("the address is not the provider's")]
    ForeignHost,
    /// The address has run out (five minutes): ask for a new one by the file's id. After that: the file is gone.
    #[error("the file is not there (any more)")]
    Gone,
    #[error("the token does not open the file")]
    Credentials,
    #[error("the file is larger than {max_bytes} bytes")]
    TooLarge { max_bytes: u64 },
    #[error("HTTP {status}")]
    Status { status: u16 },
    #[error("the connection broke or took too long")]
    Broken,
}

impl DownloadError {
    fn of(error: &reqwest::Error) -> Self {
        debug_assert!(!error.is_redirect(), "redirects are not followed");
        Self::Broken
    }
}

/// A file on its way.
#[derive(Debug)]
pub struct Download {
    response: Response,
    /// As Meta says it; may have parameters.
    pub mime_type: Option<String>,
    /// As Meta says it.
    pub size_bytes: Option<u64>,
    max_bytes: u64,
    got: u64,
}

impl Download {
    fn new(response: Response, max_bytes: u64) -> Result<Self, DownloadError> {
        let size_bytes = response.content_length();
        if size_bytes.is_some_and(|size| size > max_bytes) {
            return Err(DownloadError::TooLarge { max_bytes });
        }
        let mime_type = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(Self {
            response,
            mime_type,
            size_bytes,
            max_bytes,
            got: 0,
        })
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When the connection breaks, or more comes than was asked for.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, DownloadError> {
        let chunk = self
            .response
            .chunk()
            .await
            .map_err(|error| DownloadError::of(&error))?;
        if let Some(chunk) = &chunk {
            self.got += chunk.len() as u64;
            if self.got > self.max_bytes {
                return Err(DownloadError::TooLarge {
                    max_bytes: self.max_bytes,
                });
            }
        }
        Ok(chunk)
    }

    /// The whole file in memory.
    ///
    /// # Errors
    /// As [`Self::chunk`].
    pub async fn bytes(mut self) -> Result<Bytes, DownloadError> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }
}

/// A failed fetch said as a call's end, for callers that sort all ends alike.
impl From<DownloadError> for CallError {
    fn from(error: DownloadError) -> Self {
        let failure = |reason| Failure::of(reason);
        match error {
            DownloadError::Credentials => Self::Credentials(failure(FailureReason::TokenInvalid)),
            DownloadError::Gone | DownloadError::ForeignHost | DownloadError::TooLarge { .. } => {
                Self::Refused(failure(FailureReason::MediaUnavailable))
            }
            DownloadError::Status { status } => Self::Unclear {
                why: Unclear::ForeignAnswer { status },
            },
            DownloadError::Broken => Self::NotAccepted(failure(FailureReason::Unreachable)),
        }
    }
}
