//! Reads an account's templates from the provider: the truth behind every hint.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::event::{Actor, EventKind, NewEvent, Subjects};
use domain::id::{AccountId, ChannelId, TemplateId, WorkspaceId};
use domain::template::{
    Category, HeaderFormat, Template, TemplateBody, TemplateButtonShape, TemplateHeader,
    TemplateStatus,
};
use jiff::Timestamp;
use serde_json::Value;
use store::jobs::Job;
use store::{Tx, templates};
use whatsapp::meta::answers::TemplateInfo;

use crate::chance::Ids;
use crate::{App, Refusal, RefusalKind, Result};

pub(super) async fn run(app: &App, job: &Job) -> Result<()> {
    let Ok(channel_id) = job.subject.parse::<ChannelId>() else {
        return Ok(());
    };
    read(app, channel_id).await.map(|_| ())
}

/// Reads the templates of a channel's account; says how many there are.
///
/// # Errors
/// When the channel is not connected, or the provider cannot be asked.
pub async fn read(app: &App, channel_id: ChannelId) -> Result<usize> {
    let directory = app.directory.get();
    let not_connected = || Refusal::new(RefusalKind::Conflict, "channel_disconnected");
    let line = directory.line(channel_id).ok_or_else(not_connected)?;
    let connection = line.channel.connection.as_ref().ok_or_else(not_connected)?;
    let number = directory.number(&line.channel).ok_or_else(not_connected)?;
    let all = app.speaker.templates(&number).await?;
    let count = all.len();
    let input = Input {
        workspace_id: line.workspace_id,
        account_id: connection.account_id,
        read: all,
        now: app.clock.business_now(),
        ids: Arc::clone(&app.ids),
    };
    app.store
        .write(input, |tx, input| Box::pin(save(tx, input)))
        .await?;
    Ok(count)
}

struct Input {
    workspace_id: WorkspaceId,
    account_id: AccountId,
    read: Vec<TemplateInfo>,
    now: Timestamp,
    ids: Arc<Ids>,
}

async fn save(tx: &mut Tx, input: &Input) -> store::Result<()> {
    let known: BTreeMap<(String, String), Template> = templates::list(tx, input.workspace_id)
        .await?
        .into_iter()
        .filter(|template| template.account_id == input.account_id)
        .map(|template| ((template.name.clone(), template.language.clone()), template))
        .collect();
    let mut seen = BTreeSet::new();
    for info in &input.read {
        let (Some(name), Some(language)) = (&info.name, &info.language) else {
            continue;
        };
        let key = (name.clone(), language.clone());
        let before = known.get(&key);
        let id = before.map_or_else(|| input.ids.next(input.now), |template| template.id);
        let template = template_of(info, id, input.account_id, name, language, input.now);
        let changed = before.is_none_or(|before| {
            Template {
                synced_at: input.now,
                ..before.clone()
            } != template
        });
        templates::save(tx, input.workspace_id, &template).await?;
        if changed {
            tell(tx, input, template.id);
        }
        seen.insert(key);
    }
    for (key, template) in &known {
        if !seen.contains(key) {
            templates::delete(tx, input.workspace_id, template.id).await?;
            tell(tx, input, template.id);
        }
    }
    Ok(())
}

fn tell(tx: &mut Tx, input: &Input, template_id: TemplateId) {
    let subjects = Subjects {
        template_id: Some(template_id),
        ..Subjects::default()
    };
    tx.emit(
        input.workspace_id,
        NewEvent::new(
            EventKind::TemplateChanged,
            input.now,
            Actor::SYSTEM,
            subjects,
        ),
    );
}

fn template_of(
    info: &TemplateInfo,
    id: TemplateId,
    account_id: AccountId,
    name: &str,
    language: &str,
    now: Timestamp,
) -> Template {
    Template {
        id,
        account_id,
        provider_id: Some(info.id.clone()),
        name: name.to_owned(),
        language: language.to_owned(),
        category: Category::from_name(info.category.as_deref().unwrap_or_default()),
        status: TemplateStatus::from_name(info.status.as_deref().unwrap_or("unknown")),
        quality: info
            .quality_score
            .as_ref()
            .map(|quality| quality.score.clone()),
        rejected_reason: info
            .rejected_reason
            .clone()
            .filter(|reason| reason != "NONE"),
        body: body_of(&info.components),
        synced_at: now,
    }
}

/// Meta's components in words of our own. What our screens cannot fill in yet is noted, not lost: the template can
/// still be sent whole through the API.
fn body_of(components: &[Value]) -> TemplateBody {
    let mut body = TemplateBody::default();
    for component in components {
        let text = || {
            component
                .get("text")
                .and_then(Value::as_str)
                .map(ToOwned::to_owned)
        };
        match kind_of(component, "type").as_str() {
            "HEADER" => {
                let format = header_format(&kind_of(component, "format"));
                examples(
                    component,
                    "header",
                    &["header_text", "header_text_named_params"],
                    &mut body,
                );
                body.header = Some(TemplateHeader {
                    format,
                    text: text(),
                });
            }
            "BODY" => {
                body.body = text().unwrap_or_default();
                examples(
                    component,
                    "body",
                    &["body_text", "body_text_named_params"],
                    &mut body,
                );
            }
            "FOOTER" => body.footer = text(),
            "BUTTONS" => buttons(component, &mut body),
            _ => body.needs_components = true,
        }
    }
    body
}

fn kind_of(value: &Value, member: &str) -> String {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_ascii_uppercase()
}

fn header_format(name: &str) -> HeaderFormat {
    match name {
        "TEXT" => HeaderFormat::Text,
        "IMAGE" => HeaderFormat::Image,
        "VIDEO" => HeaderFormat::Video,
        "DOCUMENT" => HeaderFormat::Document,
        "LOCATION" => HeaderFormat::Location,
        _ => HeaderFormat::Other,
    }
}

fn buttons(component: &Value, body: &mut TemplateBody) {
    let all = component
        .get("buttons")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    for (index, button) in all.iter().enumerate() {
        let text = |member: &str| {
            button
                .get(member)
                .and_then(Value::as_str)
                .map(ToOwned::to_owned)
        };
        let kind = match kind_of(button, "type").as_str() {
            "QUICK_REPLY" => "quick_reply",
            "URL" => "url",
            "PHONE_NUMBER" => "phone_number",
            "COPY_CODE" => "copy_code",
            "OTP" => "otp",
            "FLOW" => "form",
            _ => "other",
        };
        let example = button.get("example").and_then(|example| match example {
            Value::Array(list) => list.first().and_then(Value::as_str),
            other => other.as_str(),
        });
        if let Some(example) = example {
            // A link's example is the whole address; what is filled in is its end.
            let stem =
                text("url").and_then(|url| url.split_once("{{").map(|(stem, _)| stem.to_owned()));
            let value = stem.and_then(|stem| example.strip_prefix(&stem).map(ToOwned::to_owned));
            body.examples.insert(
                format!("button.{index}"),
                value.unwrap_or_else(|| example.to_owned()),
            );
        }
        if matches!(kind, "otp" | "other") {
            body.needs_components = true;
        }
        body.buttons.push(TemplateButtonShape {
            kind: kind.to_owned(),
            text: text("text").unwrap_or_default(),
            url: text("url"),
        });
    }
}

fn examples(component: &Value, part: &str, members: &[&str], body: &mut TemplateBody) {
    let Some(example) = component.get("example") else {
        return;
    };
    for member in members {
        let Some(list) = example.get(*member).and_then(Value::as_array) else {
            continue;
        };
        // `body_text` is a list of lists, `header_text` a list.
        let list = list.first().and_then(Value::as_array).unwrap_or(list);
        for (index, value) in list.iter().enumerate() {
            let named = value.get("param_name").and_then(Value::as_str);
            let text = value
                .get("example")
                .and_then(Value::as_str)
                .or_else(|| value.as_str());
            if let Some(text) = text {
                let name = named.map_or_else(|| (index + 1).to_string(), ToOwned::to_owned);
                body.examples
                    .insert(format!("{part}.{name}"), text.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metas_components_become_ours() {
        let components: Vec<Value> =
            serde_json::from_str(include_str!("../../tests/template-components.json")).unwrap();
        let body = body_of(&components);
        let keys: Vec<_> = body
            .variables()
            .into_iter()
            .map(|variable| (variable.key, variable.example))
            .collect();
        let expected = [("body.1", "דנה"), ("body.2", "7731"), ("button.0", "7731")];
        assert_eq!(
            keys,
            expected.map(|(key, example)| (key.to_owned(), Some(example.to_owned())))
        );
        assert_eq!(
            body.header.map(|header| header.format),
            Some(HeaderFormat::Text)
        );
        assert!(!body.needs_components);
    }
}
