//! The call itself, with no transaction open, and what comes of it.

use std::time::Duration;

use domain::failure::{Failure, FailureReason};
use domain::id::WorkspaceId;
use domain::message::Message;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::lease::Epoch;
use store::media::{Media, MediaState, Upload};
use store::outbox::{OutboxKind, OutboxRow};
use whatsapp::adapter::{FileWay, Number, OutFile, Outgoing};
use whatsapp::provider::{CallError, Recipient, SendOutcome};

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
    /// The provider's id of the template that the message names.
    pub(super) template_ref: Option<String>,
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
    let number = app.directory.get().number(&line.channel);
    let outcome = match number {
        // Between the mark and this instant the process may have been paused, and another be active. Nothing was called,
        // so it goes back into the queue; where another is active already, that is refused, and it stays unclear.
        Some(_) if !app.active.may_call(epoch) => not_called(),
        Some(number) => ask(app, epoch, &call, &number, line).await,
        None => SendOutcome::NotAccepted(Failure::of(FailureReason::TokenInvalid)),
    };
    record::outcome(app, epoch, call, outcome, line).await
}

const fn not_called() -> SendOutcome {
    SendOutcome::NotAccepted(Failure::of(FailureReason::Unreachable))
}

async fn ask(app: &App, epoch: Epoch, call: &Call, number: &Number, line: &Line) -> SendOutcome {
    let started = std::time::Instant::now();
    let outcome = match (call.row.kind, &call.message) {
        (OutboxKind::Message, Some(message)) => {
            send_message(app, epoch, call, message, number, line).await
        }
        _ => say(app, call, number).await,
    };
    metrics::histogram!("kesher_send_seconds").record(started.elapsed().as_secs_f64());
    outcome
}

async fn send_message(
    app: &App,
    epoch: Epoch,
    call: &Call,
    message: &Message,
    number: &Number,
    line: &Line,
) -> SendOutcome {
    let file = match &call.file {
        Some(file) => match hand_over(app, call, file, number).await {
            Ok(file) => Some(file),
            Err(error) => return error.into(),
        },
        None => None,
    };
    if file.is_some() && !app.active.may_call(epoch) {
        return not_called();
    }
    let our_id = message.id.to_string();
    let callback_url = webhook_address(app, line);
    let out = Outgoing {
        to: &call.recipient,
        content: &message.content,
        reply_to: message.reply_to.as_deref(),
        our_id: &our_id,
        file: file.as_ref(),
        template_ref: call.template_ref.as_deref(),
        callback_url: callback_url.as_deref(),
    };
    app.speaker.send(number, out).await
}

/// Where a provider without apps reports on this number.
pub(crate) fn webhook_address(app: &App, line: &Line) -> Option<String> {
    let connection = line.channel.connection.as_ref()?;
    let provider = line.channel.provider.as_str();
    app.link(&format!("/webhooks/{provider}/{}", connection.id))
}

async fn say(app: &App, call: &Call, number: &Number) -> SendOutcome {
    let saying = call
        .row
        .payload
        .as_deref()
        .and_then(|payload| serde_json::from_str::<Saying>(payload).ok());
    let to = &call.recipient;
    match saying {
        Some(Saying::Reaction { target, emoji }) => {
            app.speaker
                .react(number, to, &target, emoji.as_deref())
                .await
        }
        Some(Saying::Read { target, typing }) => {
            match app.speaker.mark_read(number, to, &target, typing).await {
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

/// The file as the provider wants it: uploaded (unless it is there already), under an address of ours, or its bytes.
async fn hand_over(
    app: &App,
    call: &Call,
    file: &Media,
    number: &Number,
) -> Result<OutFile, CallError> {
    let gone = || CallError::Refused(Failure::of(FailureReason::MediaUnavailable));
    let way = app
        .speaker
        .capabilities(number.provider)
        .map_or(FileWay::Upload, |can| can.files);
    let now = app.clock.business_now();
    let mut out = OutFile {
        bytes: bytes::Bytes::new(),
        mime_type: file
            .mime_type
            .clone()
            .unwrap_or_else(|| "application/octet-stream".to_owned()),
        filename: file.filename.clone().unwrap_or_else(|| "file".to_owned()),
        link: None,
        upload_id: None,
    };
    if way == FileWay::Upload
        && let Some(known) = &file.upload
        && known.channel_id == call.row.channel_id
        && known.expires_at > now
    {
        out.upload_id = Some(known.id.clone());
        return Ok(out);
    }
    let (MediaState::Stored, Some(name)) = (file.state, &file.sha256) else {
        return Err(gone());
    };
    if way == FileWay::Link {
        let link = crate::share_file::link(app, call.workspace_id, file.id);
        out.link = Some(link.ok_or_else(gone)?);
        return Ok(out);
    }
    out.bytes = app.files.get(name).await.map_err(|_| gone())?;
    if way == FileWay::Upload {
        let id = app.speaker.upload(number, &out).await.map_err(|error| {
            // Nothing has been sent yet, whatever came of the upload: it can simply be done again.
            match error {
                CallError::Unclear { .. } => {
                    CallError::NotAccepted(Failure::of(FailureReason::Unreachable))
                }
                other => other,
            }
        })?;
        keep_upload(app, call, file, &id, now + UPLOAD_LIFE).await;
        out.upload_id = Some(id);
    }
    Ok(out)
}

async fn keep_upload(app: &App, call: &Call, file: &Media, id: &str, expires_at: Timestamp) {
    let mut kept = file.clone();
    kept.upload = Some(Upload {
        id: id.to_owned(),
        channel_id: call.row.channel_id,
        expires_at,
    });
    let save = (call.workspace_id, kept);
    let saved = app.store.write(save, |tx, (workspace_id, kept)| {
        Box::pin(store::media::save(tx, *workspace_id, kept))
    });
    if let Err(error) = saved.await {
        tracing::warn!(%error, "an upload's id was not kept; the file will be uploaded again next time");
    }
}
