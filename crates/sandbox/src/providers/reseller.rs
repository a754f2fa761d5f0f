//! What those share who resell the Cloud API in words of their own: a request stands for a body of Meta's, which Meta's own checks judge.

use serde_json::{Value, json};

use super::send::{self, FileFrom, Outgoing};
use crate::core::Core;
use crate::graph::error::GraphError;
use crate::graph::examine;
use crate::world::{Gateway, Message};

/// Sends the message that `body` is at Meta. A problem with a template is told afterwards by status,
/// as resellers do; other problems of the content are refused.
pub async fn submit(
    core: &Core,
    gateway: &Gateway,
    mut body: Value,
    mut out: Outgoing,
    heard: Option<&str>,
) -> Result<Message, GraphError> {
    let failed = || GraphError::new(131_016);
    body["to"] = json!(format!("+{}", out.to));
    let kind = body["type"].as_str().unwrap_or("text").to_owned();
    let media = matches!(
        kind.as_str(),
        "image" | "video" | "audio" | "document" | "sticker"
    );
    if let (true, Some(url)) = (media, body[&kind]["link"].as_str()) {
        let from = FileFrom {
            url: Some(url),
            filename: body[&kind]["filename"].as_str(),
            ..FileFrom::default()
        };
        match send::media(core, &gateway.id, from).await {
            Ok(file) if !file["id"].is_null() => {
                let caption = body[&kind]["caption"].take();
                body[&kind] = file;
                if !caption.is_null() {
                    body[&kind]["caption"] = caption;
                }
            }
            Ok(_) => {}
            Err(_) => out.broken = Some(131_052),
        }
    }
    let sent = core.commit(|tx| {
        let template = match examine(tx, &gateway.id, &body) {
            Ok((_, template)) => template,
            Err(error) if (132_000..133_000).contains(&error.code) => {
                out.broken = Some(error.code);
                None
            }
            Err(error) => return Err(error),
        };
        out.template = template;
        out.content = body[&kind].clone();
        out.kind = kind;
        send::submit(tx, gateway, out, heard).map_err(|_| failed())
    });
    sent.await.unwrap_or_else(|| Err(failed()))
}

/// The template component that fills the body.
pub fn body_component(parameters: &[Value]) -> Value {
    let texts: Vec<Value> = parameters
        .iter()
        .map(|one| json!({"type": "text", "text": one}))
        .collect();
    json!({"type": "body", "parameters": texts})
}

/// The template component of a quick reply's payload.
pub fn quick_reply(index: usize, payload: &Value) -> Value {
    json!({"type": "button", "sub_type": "quick_reply", "index": index.to_string(),
        "parameters": [{"type": "payload", "payload": payload}]})
}
