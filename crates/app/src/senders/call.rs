//! The call itself, with no transaction open, and what comes of it.

use std::time::Duration;

use domain::content::{Content, MediaContent, MediaSource, TemplateComponent, TemplateParameter};
use domain::failure::{Failure, FailureReason};
use domain::id::WorkspaceId;
use domain::message::Message;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::lease::Epoch;
use store::media::{Media, MediaState, Upload};
use store::outbox::{OutboxKind, OutboxRow};
use whatsapp::meta::client::Client;
use whatsapp::meta::send::{reaction_json, request_json};
use whatsapp::provider::{CallError, Recipient, Secret, SendOutcome};

use super::record;
use crate::App;
use crate::directory::Line;

/// A marked row with all that its call needs.
pub(super) struct Call {
    pub(super) workspace_id: WorkspaceId,
    pub(super) row: OutboxRow,
    pub(super) message: Option<Message>,
    pub(super) recipient: Recipient,
    pub(super) file: Option<Media>,
}

/// What a row says that is no message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Saying {
    Reaction {
        target: String,
        emoji: Option<String>,
    },
    Read {
        target: String,
        typing: bool,
    },
}

/// An upload at Meta lives for 30 days; ours is used for 29.
const UPLOAD_LIFE: SignedDuration = SignedDuration::from_hours(29 * 24);

/// Calls the provider once and records what came of it. Says how long the channel should pause, if it should.
pub(super) async fn run(app: &App, epoch: Epoch, call: Call, line: &Line) -> Option<Duration> {
    let outcome = match prepare(app, line) {
        // Between the mark and this instant the process may have been paused, and another be active. Nothing was called,
        // so it goes back into the queue; where another is active already, that is refused, and it stays unclear.
        Some(_) if !app.active.may_call(epoch) => {
            SendOutcome::NotAccepted(Failure::of(FailureReason::Unreachable))
        }
        Some((client, token, number)) => ask(app, epoch, &call, &client, &token, &number).await,
        None => SendOutcome::NotAccepted(Failure::of(FailureReason::TokenInvalid)),
    };
    record::outcome(app, epoch, call, outcome, line).await
}

fn prepare(app: &App, line: &Line) -> Option<(Client, Secret, String)> {
    let directory = app.directory.get();
    let connection = line.channel.connection.as_ref()?;
    let token = directory.token(connection.account_id)?.clone();
    let client = app.client(&connection.base_url).ok()?;
    Some((client, token, connection.phone_number_id.clone()))
}

async fn ask(
    app: &App,
    epoch: Epoch,
    call: &Call,
    client: &Client,
    token: &Secret,
    number: &str,
) -> SendOutcome {
    let started = std::time::Instant::now();
    let outcome = match (call.row.kind, &call.message) {
        (OutboxKind::Message, Some(message)) => {
            send_message(app, epoch, call, message, client, token, number).await
        }
        _ => say(call, client, token, number).await,
    };
    metrics::histogram!("kesher_send_seconds").record(started.elapsed().as_secs_f64());
    outcome
}

async fn send_message(
    app: &App,
    epoch: Epoch,
    call: &Call,
    message: &Message,
    client: &Client,
    token: &Secret,
    number: &str,
) -> SendOutcome {
    let mut content = message.content.clone();
    if let Some(file) = &call.file {
        match upload(app, call, file, client, token, number).await {
            Ok(id) => place_file(&mut content, &MediaSource::Id(id)),
            Err(error) => return error.into(),
        }
        if !app.active.may_call(epoch) {
            return SendOutcome::NotAccepted(Failure::of(FailureReason::Unreachable));
        }
    }
    let our_id = message.id.to_string();
    match request_json(
        &call.recipient,
        &content,
        message.reply_to.as_deref(),
        Some(&our_id),
    ) {
        Ok(body) => client.send(number, token, &body).await,
        Err(error) => SendOutcome::Refused(Failure {
            reason: FailureReason::MessageInvalid,
            code: None,
            details: Some(error.to_string()),
        }),
    }
}

async fn say(call: &Call, client: &Client, token: &Secret, number: &str) -> SendOutcome {
    let saying = call
        .row
        .payload
        .as_deref()
        .and_then(|payload| serde_json::from_str::<Saying>(payload).ok());
    match saying {
        Some(Saying::Reaction { target, emoji }) => {
            match reaction_json(&call.recipient, &target, emoji.as_deref(), None) {
                Ok(body) => client.send(number, token, &body).await,
                Err(_) => SendOutcome::Refused(Failure::of(FailureReason::RecipientInvalid)),
            }
        }
        Some(Saying::Read { target, typing }) => {
            match client.mark_read(number, token, &target, typing).await {
                Ok(()) => SendOutcome::Accepted {
                    provider_id: String::new(),
                    wa_id: None,
                    user_id: None,
                    held: false,
                },
                Err(error) => error.into(),
            }
        }
        None => SendOutcome::Refused(Failure::of(FailureReason::MessageInvalid)),
    }
}

/// The provider's id of our file, uploaded unless it is there already.
async fn upload(
    app: &App,
    call: &Call,
    file: &Media,
    client: &Client,
    token: &Secret,
    number: &str,
) -> Result<String, CallError> {
    let now = app.clock.business_now();
    if let Some(known) = &file.upload
        && known.channel_id == call.row.channel_id
        && known.expires_at > now
    {
        return Ok(known.id.clone());
    }
    let gone = || CallError::Refused(Failure::of(FailureReason::MediaUnavailable));
    let (MediaState::Stored, Some(name)) = (file.state, &file.sha256) else {
        return Err(gone());
    };
    let bytes = app.files.get(name).await.map_err(|_| gone())?;
    let mime_type = file
        .mime_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    let filename = file.filename.as_deref().unwrap_or("file");
    let size = bytes.len() as u64;
    let id = client
        .upload_media(number, token, bytes, size, mime_type, filename)
        .await;
    // Nothing has been sent yet, whatever came of the upload: it can simply be done again.
    let id = id.map_err(|error| match error {
        CallError::Unclear { .. } => {
            CallError::NotAccepted(Failure::of(FailureReason::Unreachable))
        }
        other => other,
    })?;
    let mut kept = file.clone();
    kept.upload = Some(Upload {
        id: id.clone(),
        channel_id: call.row.channel_id,
        expires_at: now + UPLOAD_LIFE,
    });
    let save = (call.workspace_id, kept);
    let saved = app.store.write(save, |tx, (workspace_id, kept)| {
        Box::pin(store::media::save(tx, *workspace_id, kept))
    });
    if let Err(error) = saved.await {
        tracing::warn!(%error, "an upload's id was not kept; the file will be uploaded again next time");
    }
    Ok(id)
}

/// Tells the content where the provider has its file.
fn place_file(content: &mut Content, source: &MediaSource) {
    let place = |media: &mut MediaContent| media.source = Some(source.clone());
    match content {
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
            if let Some(domain::content::InteractiveHeader::Media(media)) = &mut interactive.header
            {
                place(media);
            }
        }
        _ => {}
    }
}
