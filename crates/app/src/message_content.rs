//! What a message says, made whole: files of ours with what is known of them, templates filled in, and all of it within
//! the provider's limits.

use std::collections::BTreeMap;

use domain::content::{
    Content, InteractiveHeader, MediaContent, TemplateComponent, TemplateParameter,
};
use domain::id::{MediaId, TemplateId};
use domain::sending;
use domain::template::VariableFault;
use store::{Tx, media, templates};
use whatsapp::meta::limits;

use crate::Refusal;
use crate::error::Told;
use crate::send_message::{Context, Say, refused};

/// What is said, whole and within the provider's limits.
pub(crate) async fn content_of(
    tx: &mut Tx,
    context: &Context,
    say: &Say,
) -> store::Result<Told<Content>> {
    match say {
        Say::Note(text) => Ok(note(text)),
        Say::Content(content) => own_content(tx, context, content.clone()).await,
        Say::Template {
            template_id,
            variables,
            header_media_id,
        } => template_content(tx, context, *template_id, variables, *header_media_id).await,
    }
}

/// Characters of a note.
const NOTE_LIMIT: usize = 8192;

fn note(text: &str) -> Told<Content> {
    let text = text.replace('\0', "\u{fffd}");
    if text.trim().is_empty() {
        return Err(Refusal::invalid("text_empty", "content.text"));
    }
    let length = text.chars().count();
    if length > NOTE_LIMIT {
        return Err(too_long("content.text", NOTE_LIMIT as u64, length as u64));
    }
    Ok(Content::Text {
        text,
        preview_url: false,
    })
}

fn too_long(field: &str, limit: u64, got: u64) -> Refusal {
    Refusal::invalid("text_too_long", field)
        .with("limit", limit)
        .with("got", got)
}

async fn own_content(
    tx: &mut Tx,
    context: &Context,
    mut content: Content,
) -> store::Result<Told<Content>> {
    if let Content::Text { text, .. } = &mut content {
        *text = text.replace('\0', "\u{fffd}");
        if text
            .chars()
            .all(|letter| letter.is_whitespace() || is_invisible(letter))
        {
            return Ok(Err(Refusal::invalid("text_empty", "content.text")));
        }
    }
    for file in files_of(&mut content) {
        match stored_file(tx, context, file).await? {
            Ok(()) => {}
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    if matches!(content, Content::Template(_)) {
        return Ok(Err(Refusal::invalid(
            "template_by_id",
            "content.template_id",
        )));
    }
    match limits::check(&content).into_iter().next() {
        None => Ok(Ok(content)),
        Some(problem) => {
            let field = format!("content.{}", problem.field);
            let code = match problem.code {
                whatsapp::provider::ProblemCode::TooLong => "text_too_long",
                other => other.as_str(),
            };
            let mut refusal = Refusal::invalid(code, &field);
            for (name, value) in [("limit", problem.limit), ("got", problem.got)] {
                if let Some(value) = value {
                    refusal = refusal.with(name, value);
                }
            }
            Ok(Err(refusal))
        }
    }
}

const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The file that a content names by our id must be ours and stored; what is known of it goes into the message.
async fn stored_file(
    tx: &mut Tx,
    context: &Context,
    file: &mut MediaContent,
) -> store::Result<Told<()>> {
    let Some(media_id) = file.media_id else {
        return Ok(Err(Refusal::invalid("missing", "content.media_id")));
    };
    let workspace_id = context.workspace_id;
    let Some(known) = media::list_by_id(tx, workspace_id, &[media_id])
        .await?
        .into_iter()
        .next()
    else {
        return Ok(Err(Refusal::invalid("file_unknown", "content.media_id")));
    };
    if known.state != media::MediaState::Stored {
        return Ok(Err(Refusal::invalid("file_not_ready", "content.media_id")));
    }
    file.media_kind = known.media_kind;
    file.mime_type = known.mime_type;
    file.filename = known
        .filename
        .filter(|_| known.media_kind == domain::content::MediaKind::Document);
    let size = u64::try_from(known.size_bytes.unwrap_or(0)).unwrap_or(0);
    match limits::check_file(file, size).into_iter().next() {
        None => Ok(Ok(())),
        Some(problem) => {
            let mut refusal = Refusal::invalid(
                if problem.code == whatsapp::provider::ProblemCode::TooLarge {
                    "file_too_large"
                } else {
                    "file_type"
                },
                "content.media_id",
            );
            if let Some(limit) = problem.limit {
                refusal = refusal.with("limit", limit);
            }
            Ok(Err(refusal))
        }
    }
}

fn files_of(content: &mut Content) -> Vec<&mut MediaContent> {
    match content {
        Content::Media(media) => vec![media],
        Content::Interactive(interactive) => match &mut interactive.header {
            Some(InteractiveHeader::Media(media)) => vec![media],
            _ => vec![],
        },
        _ => vec![],
    }
}

/// The file of ours that goes with a message, whatever its kind.
pub(crate) fn file_of(content: &Content) -> Option<MediaId> {
    match content {
        Content::Media(media) => media.media_id,
        Content::Interactive(interactive) => match &interactive.header {
            Some(InteractiveHeader::Media(media)) => media.media_id,
            _ => None,
        },
        Content::Template(template) => {
            template
                .components
                .iter()
                .find_map(|component| match component {
                    TemplateComponent::Header { parameters } => {
                        parameters.iter().find_map(|parameter| match parameter {
                            TemplateParameter::Media(media) => media.media_id,
                            _ => None,
                        })
                    }
                    _ => None,
                })
        }
        _ => None,
    }
}

async fn template_content(
    tx: &mut Tx,
    context: &Context,
    template_id: TemplateId,
    variables: &BTreeMap<String, String>,
    header_media_id: Option<MediaId>,
) -> store::Result<Told<Content>> {
    let workspace_id = context.workspace_id;
    let template = templates::get(tx, workspace_id, template_id).await?;
    if !context.channel.link.has_window() {
        return Ok(Err(refused(sending::content_forbidden("template"))));
    }
    let connection = context.channel.connection.as_ref();
    if connection.is_none_or(|known| known.account_id != template.account_id) {
        return Ok(Err(Refusal::invalid(
            "template_of_other_account",
            "content.template_id",
        )));
    }
    let header = match (
        header_media_id,
        template
            .body
            .header
            .as_ref()
            .and_then(|header| header.format.media_kind()),
    ) {
        (Some(media_id), kind) => {
            let mut file = MediaContent::new(kind.unwrap_or(domain::content::MediaKind::Document));
            file.media_id = Some(media_id);
            if let Err(refusal) = stored_file(tx, context, &mut file).await? {
                return Ok(Err(refusal));
            }
            Some(file)
        }
        (None, _) => None,
    };
    let values: BTreeMap<String, String> = variables
        .iter()
        .map(|(key, value)| (key.clone(), value.replace('\0', "\u{fffd}")))
        .collect();
    Ok(template
        .fill(&values, header)
        .map(Content::Template)
        .map_err(|problems| {
            let first = problems.first();
            let code = match first.map(|problem| problem.problem) {
                Some(VariableFault::Surplus) => "variable_surplus",
                Some(VariableFault::Whitespace) => "variable_whitespace",
                Some(VariableFault::TooLong) => "text_too_long",
                Some(VariableFault::Missing) | None => "variable_missing",
            };
            let key = first.map_or("", |problem| problem.key.as_str());
            let all = problems
                .iter()
                .map(|problem| problem.key.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            Refusal::invalid(code, &format!("content.variables.{key}")).with("variables", all)
        }))
}
