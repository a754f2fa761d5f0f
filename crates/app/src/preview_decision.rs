//! What would happen if this were sent: the same decision, asked without sending.

use std::sync::Arc;

use domain::access::Permission;
use domain::capability::Purpose;
use domain::channel::Level;
use domain::content::{Content, TemplateContent};
use domain::id::{ChannelId, ConversationId};
use domain::sending::{Decision, Mend, Reason, ReasonCode, allowed_reason};
use jiff::Timestamp;
use store::{Tx, conversations, templates};

use crate::caller::Caller;
use crate::error::{Told, told};
use crate::message_content::content_of;
use crate::pacing::Pacer;
use crate::send_message::{Context, Say, template_of};
use crate::{App, Result};

/// What would happen.
#[derive(Debug, Clone)]
pub struct Preview {
    pub verdict: Verdict,
    pub until: Option<Timestamp>,
    pub reason: Reason,
    pub mends: Vec<Mend>,
    pub levels: Vec<Level>,
    pub channel_id: ChannelId,
    pub phone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Now,
    Later,
    Refused,
    OpensApp,
}

/// Asks. `None` for what is said asks whether free text may go at all.
///
/// # Errors
/// A refusal when what is said is itself wrong (an empty text, a missing variable).
pub async fn preview(
    app: &App,
    by: &Caller,
    conversation_id: ConversationId,
    say: Option<Say>,
    send_at: Option<Timestamp>,
    purpose: Purpose,
) -> Result<Preview> {
    by.must(Permission::ConversationsRead)?;
    let input = (
        by.clone(),
        conversation_id,
        say,
        send_at,
        purpose,
        app.clock.business_now(),
        Pacer::new(app),
    );
    let preview = app.store.read(Arc::new(input), |tx, input| {
        Box::pin(async move {
            let (by, conversation_id, say, send_at, purpose, now, pacer) = &**input;
            let thread = conversations::get(tx, by.workspace_id, *conversation_id).await?;
            let context = Context::load(tx, by.workspace_id, thread, *now, pacer).await?;
            preview_in(tx, &context, say.as_ref(), *send_at, *purpose).await
        })
    });
    told(preview.await)
}

async fn preview_in(
    tx: &mut Tx,
    context: &Context,
    say: Option<&Say>,
    send_at: Option<Timestamp>,
    purpose: Purpose,
) -> store::Result<Told<Preview>> {
    let content = match say {
        None => Content::Text {
            text: String::new(),
            preview_url: false,
        },
        Some(say) => match content_of(tx, context, say).await? {
            Ok(content) => content,
            // Whether a template may go does not hang on what is still to be filled in.
            Err(refusal) if refusal.code == "variable_missing" => {
                match unfilled(tx, context, say).await? {
                    Some(content) => content,
                    None => return Ok(Err(refusal)),
                }
            }
            Err(refusal) => return Ok(Err(refusal)),
        },
    };
    let template = template_of(tx, context.workspace_id, &context.channel, &content).await?;
    let decision = context.decide(&content, template.as_ref(), purpose, send_at);
    let allowed = allowed_reason(&context.sending(&content, template.as_ref(), purpose, send_at));
    let mut preview = Preview {
        verdict: Verdict::Now,
        until: None,
        reason: allowed,
        mends: vec![],
        levels: vec![],
        channel_id: context.channel.id,
        phone: context.channel.phone.clone(),
    };
    match decision {
        Decision::Now => {}
        Decision::Later { until, reason } => {
            preview.verdict = Verdict::Later;
            preview.until = Some(until);
            preview.reason = reason;
        }
        Decision::OpensApp => {
            preview.verdict = Verdict::OpensApp;
            preview.reason = Reason::of(ReasonCode::OpensApp);
        }
        Decision::BecomesTask => {
            preview.verdict = Verdict::OpensApp;
            preview.reason = Reason::of(ReasonCode::BecomesTask);
        }
        Decision::Refused(refusal) => {
            preview.verdict = Verdict::Refused;
            preview.reason = refusal.reason;
            preview.mends = refusal.mends;
            preview.levels = refusal.levels;
        }
    }
    Ok(Ok(preview))
}

/// A template as it stands, with nothing filled in: enough to decide.
async fn unfilled(tx: &mut Tx, context: &Context, say: &Say) -> store::Result<Option<Content>> {
    let Say::Template { template_id, .. } = say else {
        return Ok(None);
    };
    let template = templates::get(tx, context.workspace_id, *template_id).await?;
    Ok(Some(Content::Template(TemplateContent {
        template_id: Some(template.id),
        name: template.name,
        language: template.language,
        components: vec![],
        rendered: None,
    })))
}
