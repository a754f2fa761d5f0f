//! The account's templates: `GET /v1/configs/templates`, page by page. Their components are Meta's.
//! (docs.360dialog.com, templates page, 2026.)

use serde_json::{Value, json};

use super::call;
use crate::adapter::Number;
use crate::call::{Http, UNREADABLE};
use crate::json::{integer, member, word};
use crate::meta::answers::{TemplateInfo, read};
use crate::provider::CallError;

const PAGE: usize = 100;
/// An account has at most 6,000 templates (Meta, 2026).
const PAGES_MAX: usize = 100;

pub(super) async fn all(number: &Number, http: &Http) -> Result<Vec<TemplateInfo>, CallError> {
    let mut all = Vec::new();
    let limit = PAGE.to_string();
    let mut offset = 0;
    for _ in 0..PAGES_MAX {
        let from = offset.to_string();
        let query = [("limit", limit.as_str()), ("offset", from.as_str())];
        let answer = call(number, http.get(&["v1", "configs", "templates"], &query)).await?;
        let page = ["waba_templates", "templates", "data"]
            .iter()
            .find_map(|key| member(&answer, key)?.as_array())
            .ok_or(UNREADABLE)?;
        all.extend(page.iter().filter_map(template));
        offset += page.len();
        let total = integer(&answer, "total").and_then(|total| usize::try_from(total).ok());
        if page.is_empty() || total.map_or(page.len() < PAGE, |total| offset >= total) {
            break;
        }
    }
    Ok(all)
}

/// One template. Its id is Meta's where 360dialog tells it, for the webhooks name that one.
fn template(item: &Value) -> Option<TemplateInfo> {
    let mut item = item.clone();
    let id = word(&item, "external_id").or_else(|| word(&item, "id"));
    let id = id.or_else(|| {
        let name = word(&item, "name")?;
        Some(format!("{name}:{}", word(&item, "language")?))
    })?;
    let members = item.as_object_mut()?;
    members.insert("id".into(), id.into());
    if let Some(Value::String(score)) = members.get("quality_score") {
        let score = json!({ "score": score });
        members.insert("quality_score".into(), score);
    }
    // A member of a form that we do not know must not cost us the template.
    read(item.clone()).or_else(|| {
        let known = ["id", "name", "language", "status", "category", "components"];
        let bare: serde_json::Map<_, _> = known
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), item.get(*key)?.clone())))
            .collect();
        read(bare.into())
    })
}
