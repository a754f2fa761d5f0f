//! Templates: create, list, read, edit, delete, review.
//!
//! A template is in review for `review_s` of the clock and is then approved, unless it has been decided by the control API before. Every decision is told by webhook.

use serde_json::{Value, json};

use super::Caller;
use super::call::{Call, page, pick};
use super::error::{Answer, GraphError};
use super::review::{tell_status, unpaused};
use super::template_rules::{check, check_language, check_name};
use crate::clock::{DAY, HOUR, SECOND, seconds};
use crate::core::{Core, Tx};
use crate::world::{Record, Template, Timer};

const LIST_FIELDS: [&str; 8] = [
    "name",
    "parameter_format",
    "components",
    "language",
    "status",
    "category",
    "sub_category",
    "id",
];

/// Creations in an hour, and templates of an account.
const MOST_PER_HOUR: usize = 100;
const MOST: usize = 6_000;

pub async fn edge(core: &Core, caller: &Caller, call: &Call) -> Answer<Value> {
    match call.method.as_str() {
        "GET" => list(core, call),
        "POST" => create(core, caller, call).await,
        "DELETE" => delete(core, call).await,
        method => Err(GraphError::no_object(method, call.node())),
    }
}

pub async fn node(core: &Core, caller: &Caller, call: &Call) -> Answer<Value> {
    match (call.method.as_str(), call.edge()) {
        ("GET", "") => {
            let state = core.state();
            let template = state.world.template(call.node());
            let whole = template.map(whole).unwrap_or_default();
            Ok(pick(whole, call.fields().as_deref(), &LIST_FIELDS))
        }
        ("POST", "") => edit(core, caller, call).await,
        ("POST", "unpause") => unpause(core, call.node()).await,
        (method, _) => Err(GraphError::no_object(method, call.node())),
    }
}

fn whole(template: &Template) -> Value {
    json!({
        "id": template.id,
        "name": template.name,
        "parameter_format": template.parameter_format,
        "components": template.components,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "sub_category": (template.category == "MARKETING").then_some("CUSTOM"),
        "previous_category": template.previous_category,
        "rejected_reason": template.rejected_reason.as_deref().unwrap_or("NONE"),
        "quality_score": {"score": template.quality, "date": seconds(template.created_at)},
        "message_send_ttl_seconds": template.message_send_ttl_seconds,
        "cta_url_link_tracking_opted_out": false,
        "health_status": {"can_send_message":
            if matches!(template.status.as_str(), "APPROVED" | "FLAGGED") { "AVAILABLE" } else { "BLOCKED" },
            "entities": [{"entity_type": "MESSAGE_TEMPLATE", "id": template.id, "can_send_message":
                if template.status == "APPROVED" { "AVAILABLE" } else { "BLOCKED" }}]},
    })
}

fn list(core: &Core, call: &Call) -> Answer<Value> {
    let state = core.state();
    let wish = |key: &str| call.param(key).filter(|value| !value.is_empty());
    let (name, language) = (wish("name"), wish("language"));
    let (status, category, quality) = (wish("status"), wish("category"), wish("quality_score"));
    let (content, either) = (wish("content"), wish("name_or_content"));
    let fits = |template: &&Template| {
        let is = |wish: &Option<String>, has: &str| {
            wish.as_ref().is_none_or(|wish| {
                wish.split(',').any(|one| {
                    one.trim_matches(['[', ']', '"', ' '])
                        .eq_ignore_ascii_case(has)
                })
            })
        };
        let text = || json!(template.components).to_string();
        template.waba == call.node()
            && template.deleted_at.is_none()
            && name
                .as_ref()
                .is_none_or(|wish| template.name.contains(wish))
            && is(&language, &template.language)
            && is(&status, &template.status)
            && is(&category, &template.category)
            && is(&quality, &template.quality)
            && content.as_ref().is_none_or(|wish| text().contains(wish))
            && either
                .as_ref()
                .is_none_or(|wish| template.name.contains(wish) || text().contains(wish))
    };
    let fields = call.fields();
    let items = state
        .world
        .templates
        .iter()
        .filter(fits)
        .map(|one| pick(whole(one), fields.as_deref(), &LIST_FIELDS));
    let items: Vec<Value> = items.collect();
    let own = state.world.templates.iter();
    let count = own
        .filter(|one| one.waba == call.node() && one.deleted_at.is_none())
        .count();
    drop(state);
    let base = format!(
        "{}/{}/{}/message_templates",
        call.base(core),
        call.version,
        call.node()
    );
    let mut list = page(items, call, &base)?;
    if call.param("summary").is_some() {
        list["summary"] = json!({"total_count": count, "message_template_count": count,
            "message_template_limit": MOST, "are_translations_complete": true});
    }
    Ok(list)
}

async fn create(core: &Core, caller: &Caller, call: &Call) -> Answer<Value> {
    let template = new_template(caller, call)?;
    let outcome = core.commit(|tx| {
        room_for(tx, &template)?;
        Ok(submit(tx, template))
    });
    outcome
        .await
        .unwrap_or_else(|| Err(GraphError::new(131_016)))
}

fn new_template(caller: &Caller, call: &Call) -> Answer<Template> {
    known_keys(caller, call)?;
    let name = call.need("name")?;
    check_name(&name)?;
    let language = call.need("language")?;
    check_language(&language)?;
    let category = call.need("category")?.to_ascii_uppercase();
    if !matches!(
        category.as_str(),
        "MARKETING" | "UTILITY" | "AUTHENTICATION"
    ) {
        return Err(GraphError::invalid(
            "Param category must be one of {MARKETING, UTILITY, AUTHENTICATION}.",
        ));
    }
    let format = call
        .param("parameter_format")
        .unwrap_or_else(|| "POSITIONAL".into())
        .to_ascii_uppercase();
    let components = components(call)?;
    check(&components, &category, format == "NAMED")?;
    let ttl = call
        .param("message_send_ttl_seconds")
        .and_then(|ttl| ttl.parse().ok());
    check_ttl(&category, ttl)?;
    Ok(Template {
        waba: call.node().to_owned(),
        name,
        language,
        category,
        parameter_format: format,
        status: "PENDING".to_owned(),
        components,
        message_send_ttl_seconds: ttl,
        ..Template::default()
    })
}

fn known_keys(caller: &Caller, call: &Call) -> Answer<()> {
    const KNOWN: [&str; 16] = [
        "name",
        "language",
        "category",
        "parameter_format",
        "components",
        "message_send_ttl_seconds",
        "allow_category_change",
        "sub_category",
        "library_template_name",
        "library_template_button_inputs",
        "library_template_body_inputs",
        "cta_url_link_tracking_opted_out",
        "degrees_of_freedom_spec",
        "display_format",
        "languages",
        "is_primary_device_delivery_only",
    ];
    let stranger = call
        .body
        .as_object()
        .and_then(|body| body.keys().find(|key| !KNOWN.contains(&key.as_str())));
    match stranger {
        Some(key) if caller.strict => Err(GraphError::invalid(format!(
            "Unexpected key \"{key}\" on param."
        ))),
        _ => Ok(()),
    }
}

fn components(call: &Call) -> Answer<Vec<Value>> {
    match call.value("components") {
        Some(Value::Array(components)) if !components.is_empty() => Ok(components),
        _ => Err(GraphError::invalid("The parameter components is required.")),
    }
}

fn check_ttl(category: &str, ttl: Option<i64>) -> Answer<()> {
    let range = match category {
        "AUTHENTICATION" => 30..=900,
        "UTILITY" => 30..=43_200,
        _ => 43_200..=2_592_000,
    };
    match ttl {
        Some(ttl) if ttl != -1 && !range.contains(&ttl) => Err(GraphError::invalid(format!(
            "Param message_send_ttl_seconds must be {} to {} for {category}.",
            range.start(),
            range.end()
        ))),
        _ => Ok(()),
    }
}

fn room_for(tx: &Tx<'_>, template: &Template) -> Answer<()> {
    let own = || {
        tx.world()
            .templates
            .iter()
            .filter(|other| other.waba == template.waba)
    };
    let same =
        || own().filter(|other| other.name == template.name && other.language == template.language);
    if same().any(|other| other.deleted_at.is_none()) {
        return Err(GraphError::template(
            2_388_024,
            "Content in this language already exists",
            "There is already content in this language for this template.",
        ));
    }
    if same().any(|other| other.deleted_at.is_some_and(|at| tx.now - at < 30 * DAY)) {
        return Err(GraphError::template(
            2_388_023,
            "Message template language is being deleted",
            "New content in this language cannot be added for 30 days after the deletion.",
        ));
    }
    if own()
        .filter(|other| tx.now - other.created_at < HOUR)
        .count()
        >= MOST_PER_HOUR
    {
        return Err(GraphError::new(80_008));
    }
    if own().filter(|other| other.deleted_at.is_none()).count() >= MOST {
        return Err(GraphError::template(
            2_388_019,
            "Message template limit exceeded",
            "This account has as many templates as it may have.",
        ));
    }
    Ok(())
}

/// Puts a new template into review.
fn submit(tx: &mut Tx<'_>, mut template: Template) -> Value {
    template.id = tx.state.chance.digits(16);
    template.created_at = tx.now;
    let answer = json!({"id": template.id, "status": "PENDING", "category": template.category});
    review(tx, &template.id);
    // A name whose 30 days are over is taken by the new one.
    tx.record(Record::Template {
        template: Box::new(template),
    });
    answer
}

fn review(tx: &mut Tx<'_>, id: &str) {
    if let Some(review_s) = tx.world().settings.review_s {
        tx.after(
            review_s * SECOND,
            Timer::Review {
                template: id.to_owned(),
            },
        );
    }
}

/// Codes in several languages at once: created, or edited where they exist.
pub async fn upsert(core: &Core, caller: &Caller, call: &Call) -> Answer<Value> {
    let languages: Vec<String> = call
        .value("languages")
        .and_then(|list| list.as_array().cloned())
        .unwrap_or_default()
        .iter()
        .filter_map(|language| language.as_str().map(str::to_owned))
        .collect();
    if languages.is_empty() {
        return Err(GraphError::invalid("The parameter languages is required."));
    }
    if !call
        .need("category")?
        .eq_ignore_ascii_case("AUTHENTICATION")
    {
        return Err(GraphError::invalid(
            "Param category must be AUTHENTICATION.",
        ));
    }
    known_keys(caller, call)?;
    let name = call.need("name")?;
    check_name(&name)?;
    let components = components(call)?;
    check(&components, "AUTHENTICATION", false)?;
    languages
        .iter()
        .try_for_each(|language| check_language(language))?;
    let done = core.commit(|tx| {
        let one = |language: &String| {
            if let Some(mut old) = tx
                .world()
                .template_named(call.node(), &name, language)
                .cloned()
            {
                old.components.clone_from(&components);
                let answer = json!({"id": old.id, "status": old.status, "language": language});
                tx.record(Record::Template {
                    template: Box::new(old),
                });
                return answer;
            }
            let mut answer = submit(
                tx,
                Template {
                    waba: call.node().to_owned(),
                    name: name.clone(),
                    language: language.clone(),
                    category: "AUTHENTICATION".to_owned(),
                    status: "PENDING".to_owned(),
                    components: components.clone(),
                    ..Template::default()
                },
            );
            answer["language"] = json!(language);
            answer
        };
        let data: Vec<Value> = languages.iter().map(one).collect();
        json!({"data": data})
    });
    done.await.ok_or_else(|| GraphError::new(131_016))
}

/// An approved template can be edited once in 24 hours and 10 times in 30 days, and keeps its category.
async fn edit(core: &Core, caller: &Caller, call: &Call) -> Answer<Value> {
    known_keys(caller, call)?;
    let outcome = core.commit(|tx| {
        let id = call.node();
        let mut template = tx
            .world()
            .template(id)
            .cloned()
            .ok_or_else(|| GraphError::no_object("post", id))?;
        let approved = template.status == "APPROVED";
        if !approved && !matches!(template.status.as_str(), "REJECTED" | "PAUSED") {
            return Err(GraphError::template(
                2_388_003,
                "Template cannot be edited",
                "Only approved, rejected and paused templates can be edited.",
            ));
        }
        if let Some(category) = call
            .param("category")
            .map(|category| category.to_ascii_uppercase())
        {
            if approved && category != template.category {
                return Err(GraphError::template(
                    2_388_025,
                    "Template cannot be edited",
                    "The category of an approved template cannot be changed.",
                ));
            }
            template.category = category;
        }
        if call.value("components").is_some() {
            let components = components(call)?;
            check(
                &components,
                &template.category,
                template.parameter_format == "NAMED",
            )?;
            template.components = components;
        }
        if let Some(ttl) = call
            .param("message_send_ttl_seconds")
            .and_then(|ttl| ttl.parse().ok())
        {
            check_ttl(&template.category, Some(ttl))?;
            template.message_send_ttl_seconds = Some(ttl);
        }
        if approved {
            count_edit(tx, &mut template)?;
        }
        template.status = "PENDING".to_owned();
        template.rejected_reason = None;
        let answer = json!({"success": true, "id": template.id, "name": template.name, "category": template.category});
        tx.record(Record::Template {
            template: Box::new(template),
        });
        review(tx, id);
        Ok(answer)
    });
    outcome
        .await
        .unwrap_or_else(|| Err(GraphError::new(131_016)))
}

fn count_edit(tx: &Tx<'_>, template: &mut Template) -> Answer<()> {
    template.edits.retain(|at| tx.now - at < 30 * DAY);
    let today = template.edits.iter().any(|at| tx.now - at < DAY);
    if today || template.edits.len() >= 10 {
        return Err(GraphError::template(
            2_388_026,
            "Template cannot be edited",
            "An approved template can be edited once in 24 hours and 10 times in 30 days.",
        ));
    }
    template.edits.push(tx.now);
    Ok(())
}

/// By name (all languages), by name and id, or by up to 100 ids.
async fn delete(core: &Core, call: &Call) -> Answer<Value> {
    let ids: Vec<String> = match call.value("hsm_ids") {
        Some(Value::Array(ids)) => ids
            .iter()
            .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    let (name, id) = (call.param("name"), call.param("hsm_id"));
    if name.is_none() && id.is_none() && ids.is_empty() {
        return Err(GraphError::invalid("The parameter name is required."));
    }
    let outcome = core.commit(|tx| {
        let chosen = |template: &&Template| {
            template.waba == call.node()
                && template.deleted_at.is_none()
                && (ids.contains(&template.id)
                    || (ids.is_empty()
                        && name.as_ref().is_none_or(|name| *name == template.name)
                        && id.as_ref().is_none_or(|id| *id == template.id)))
        };
        let found: Vec<Template> = tx
            .world()
            .templates
            .iter()
            .filter(chosen)
            .cloned()
            .collect();
        if found.is_empty() {
            return Err(GraphError::template(
                2_593_002,
                "Message template not found",
                "There is no such template.",
            ));
        }
        if found.iter().any(|template| template.status == "DISABLED") {
            return Err(GraphError::template(
                2_388_027,
                "Template cannot be deleted",
                "A disabled template cannot be deleted.",
            ));
        }
        for mut template in found {
            // Only the name of an approved one stays taken.
            let taken = template.status == "APPROVED";
            template.deleted_at = Some(if taken { tx.now } else { 0 });
            template.status = "DELETED".to_owned();
            tell_status(tx, &template, "PENDING_DELETION", json!({"reason": null}));
            tx.record(Record::Template {
                template: Box::new(template),
            });
        }
        Ok(json!({"success": true}))
    });
    outcome
        .await
        .unwrap_or_else(|| Err(GraphError::new(131_016)))
}

async fn unpause(core: &Core, id: &str) -> Answer<Value> {
    let done = core.commit(|tx| {
        let paused = tx
            .world()
            .template(id)
            .is_some_and(|template| template.status == "PAUSED");
        if paused {
            unpaused(tx, id);
        }
        json!({"success": paused, "reason": (!paused).then_some("The template is not paused.")})
    });
    done.await.ok_or_else(|| GraphError::new(131_016))
}
