//! A workspace never sees another's data: what is somebody else's is answered as what is nobody's.

use domain::access::Role;
use domain::id::Id;
use domain::template::{Category, Template, TemplateBody, TemplateStatus};
use serde_json::{Value, json};
use server::rights::{Needs, RIGHTS};
use store::templates;

use crate::sample;
use crate::shown::everything;
use crate::world::{DANA, Plan, Shop, WABA, World, change, id, text};

on_both!(
    what_is_anothers_is_as_what_is_nobodys,
    ids_of_another_in_what_is_asked,
    lists_hold_ones_own_alone,
);

/// Everything of a shop that has an id.
struct Things {
    thread: String,
    message: String,
    lead: String,
    contact: String,
    media: String,
    channel: String,
    quarantined: String,
    attention: String,
    import: String,
    handoff: String,
    wording: String,
    campaign: String,
    user: String,
    key: String,
    template: String,
    status: String,
    pipeline: String,
}

/// A shop that has one of each.
async fn full(world: &World) -> (Shop, Things) {
    let shop = world.shop().await;
    let key = &shop.key;
    let late = world.now().as_second() - 3600;
    world
        .tell(
            &shop,
            text(&shop, DANA, "Dana Levi", "wamid.late", late, "שלום"),
        )
        .await;
    world
        .tell(&shop, sample("msg-image").replace(WABA, &shop.waba))
        .await;
    world
        .tell(&shop, change(&shop, json!({"messages": [7]})))
        .await;
    add_template(world, &shop).await;
    let thread = world.conversation(&shop).await;
    let messages = world
        .items(key, &format!("/conversations/{}/messages", id(&thread)))
        .await;
    let media = messages
        .iter()
        .find_map(|message| message["media"]["id"].as_str())
        .unwrap();
    let first = async |list: &str| world.items(shop.a(Role::Owner), list).await.remove(0);
    let pipeline = first("/pipelines").await;
    let things = Things {
        message: id(&messages[0]),
        lead: id(&thread["lead"]),
        contact: id(&thread["contact"]),
        media: media.to_owned(),
        channel: shop.channel_id.to_string(),
        quarantined: id(&first("/quarantine").await),
        attention: id(&first("/attention").await),
        import: import(world, &shop).await,
        handoff: handoff(world, &shop, &thread).await,
        wording: wording(world, &shop).await,
        campaign: campaign(world, &shop).await,
        user: id(&first("/users").await),
        key: id(&first("/api-keys").await),
        template: id(&first("/templates").await),
        status: id(&pipeline["statuses"][1]),
        pipeline: id(&pipeline),
        thread: id(&thread),
    };
    (shop, things)
}

async fn import(world: &World, shop: &Shop) -> String {
    let chat = "5.8.2026, 10:00 - Dana: x\n5.8.2026, 10:01 - Us: y\n";
    let path = format!("/imports?channel_id={}", shop.channel_id);
    let body = Some(chat.as_bytes().to_vec());
    id(&world.send(&shop.key, "POST", &path, &[], body).await.good())
}

async fn handoff(world: &World, shop: &Shop, thread: &Value) -> String {
    let path = format!("/conversations/{}/handoffs", id(thread));
    let body = json!({"text": "שלום"});
    id(&world
        .call(shop.a(Role::Owner), "POST", &path, body)
        .await
        .good())
}

async fn wording(world: &World, shop: &Shop) -> String {
    let body = json!({"name": "פתיחה", "text": "שלום {{contact.first_name}}"});
    id(&world
        .call(&shop.key, "POST", "/wordings", body)
        .await
        .good())
}

/// On a gateway where nobody listens.
async fn campaign(world: &World, shop: &Shop) -> String {
    let session = shop.channel_id.to_string();
    let channel = json!({"name": "דיוור", "provider": "waha", "level": "personal_app",
        "link": "gateway_one_way", "base_url": "http://127.0.0.1:9", "number": session,
        "token": "key", "accept_risk": true});
    let owner = shop.a(Role::Owner);
    let channel = world.call(owner, "POST", "/channels", channel).await.good();
    let body = json!({"channel_id": id(&channel), "name": "דיוור", "text": "שלום",
        "to": {"pasted": "050-000-0012"}});
    id(&world.call(owner, "POST", "/campaigns", body).await.good())
}

async fn add_template(world: &World, shop: &Shop) {
    let template = Template {
        id: Id::from_bits(shop.channel_id.bits()),
        account_id: Id::from_bits(shop.channel_id.bits()),
        provider_id: Some("1".into()),
        name: "welcome".into(),
        language: "he".into(),
        category: Category::Utility,
        status: TemplateStatus::from_name("APPROVED"),
        quality: None,
        rejected_reason: None,
        body: TemplateBody {
            body: "שלום".into(),
            ..TemplateBody::default()
        },
        synced_at: world.now(),
    };
    let input = (shop.workspace_id, template);
    let saved = world
        .app
        .store
        .write(input, |tx, (workspace_id, template)| {
            Box::pin(templates::save(tx, *workspace_id, template))
        });
    saved.await.unwrap();
}

impl Things {
    /// The id that stands in this path.
    fn named_in(&self, path: &str) -> &str {
        let kinds = [
            ("/users/", &self.user),
            ("/api-keys/", &self.key),
            ("/conversations/", &self.thread),
            ("/messages/", &self.message),
            ("/media/", &self.media),
            ("/contacts/", &self.contact),
            ("/leads/", &self.lead),
            ("/channels/", &self.channel),
            ("/quarantine/", &self.quarantined),
            ("/attention/", &self.attention),
            ("/imports/", &self.import),
            ("/handoffs/", &self.handoff),
            ("/wordings/", &self.wording),
            ("/campaigns/", &self.campaign),
        ];
        let found = kinds.iter().find(|(begin, _)| path.starts_with(begin));
        found
            .unwrap_or_else(|| panic!("{path} has an id of a kind that this test does not know"))
            .1
    }
}

/// A body that is right for this call.
fn body_for(method: &str, path: &str, own: &Things) -> Value {
    match (method, path) {
        ("POST", "/conversations/{id}/messages") => {
            json!({"content": {"kind": "text", "text": "x"}})
        }
        ("POST", "/conversations/{id}/read") => json!({"up_to": own.message}),
        ("POST", "/messages/{id}/reaction") => json!({"emoji": "👍"}),
        ("POST", "/messages/{id}/settle") => json!({"as": "sent"}),
        ("POST", "/conversations/{id}/handoffs") => json!({"text": "x"}),
        ("POST", "/channels/{id}/move") => json!({"version": 1, "to": {"name": "x",
            "provider": "none", "level": "personal_app", "link": "none", "phone": "0500000012"}}),
        ("POST", "/channels/{id}/link") => json!({"method": "qr"}),
        ("POST", "/channels/{id}/setup/request-code") => json!({"method": "sms", "language": "he"}),
        ("POST", "/channels/{id}/setup/verify-code") => json!({"code": "123456"}),
        ("POST", "/channels/{id}/setup/register") => json!({"pin": "123456"}),
        ("PATCH", "/wordings/{id}") => json!({"name": "x"}),
        ("PATCH", "/users/{id}") => json!({"name": "x"}),
        ("PATCH", "/imports/{id}") => json!({"make_lead": false}),
        ("PATCH", _) => json!({"version": 1}),
        _ => json!({}),
    }
}

/// An id of the same kind that nobody has.
fn nobodys(id: &str) -> String {
    match id.split_once('_') {
        Some((prefix, _)) => format!("{prefix}_0123456789abcdefghjkmnpqrs"),
        None => "987654321".to_owned(),
    }
}

async fn what_is_anothers_is_as_what_is_nobodys(plan: Plan) {
    let world = plan.open().await;
    let (shop, own) = full(&world).await;
    let (other, theirs) = full(&world).await;
    let before = everything(&world, &other).await;
    let mut asked = 0;
    for (method, path, needs) in RIGHTS {
        if !path.contains("{id}") || *needs == Needs::Nothing {
            continue;
        }
        asked += 1;
        let call = async |id: &str| {
            let path = path.replace("{id}", id);
            let owner = shop.a(Role::Owner);
            let answer = match *method {
                "GET" | "DELETE" => world.send(owner, method, &path, &[], None).await,
                _ => {
                    world
                        .call(
                            owner,
                            method,
                            &path,
                            body_for(method, &path.replace(id, "{id}"), &own),
                        )
                        .await
                }
            };
            let mut body = answer.body;
            if let Some(members) = body.as_object_mut() {
                members.remove("request_id");
            }
            (answer.status, body)
        };
        let named = theirs.named_in(path);
        let (status, told) = call(named).await;
        assert_eq!(status, 404, "{method} {path}: {told}");
        let (of_nobody, told_of_nobody) = call(&nobodys(named)).await;
        assert_eq!(
            (status, told),
            (of_nobody, told_of_nobody),
            "{method} {path}"
        );
    }
    assert!(asked >= 25, "{asked}");
    assert_eq!(everything(&world, &other).await, before);
}

async fn ids_of_another_in_what_is_asked(plan: Plan) {
    let world = plan.open().await;
    let (shop, own) = full(&world).await;
    let (other, theirs) = full(&world).await;
    let before = everything(&world, &other).await;
    let owner = shop.a(Role::Owner);
    let thread = world.conversation(&shop).await;
    let lead = world.get(owner, &format!("/leads/{}", own.lead)).await;
    let messages = format!("/conversations/{}/messages", own.thread);
    let say = |content: Value| json!({"content": content});
    let media = say(json!({"kind": "media", "media_id": theirs.media}));
    let template = say(json!({"kind": "template", "template_id": theirs.template}));
    let quote = json!({"content": {"kind": "text", "text": "x"}, "reply_to": theirs.message});
    let header = json!({"type": "media", "media_kind": "image", "media_id": theirs.media});
    let action = json!({"type": "buttons", "buttons": [{"id": "a", "title": "A"}]});
    let interactive =
        say(json!({"kind": "interactive", "header": header, "body": "x", "action": action}));
    let cases = [
        ("POST", messages.clone(), quote),
        ("POST", messages.clone(), media),
        ("POST", messages.clone(), template),
        ("POST", messages.clone(), interactive),
        (
            "POST",
            format!("/conversations/{}/read", own.thread),
            json!({"up_to": theirs.message}),
        ),
        (
            "POST",
            "/decisions".into(),
            json!({"conversation_id": theirs.thread, "content": {"kind": "text", "text": ""}}),
        ),
        (
            "POST",
            "/templates/sync".into(),
            json!({"channel_id": theirs.channel}),
        ),
        (
            "PATCH",
            format!("/conversations/{}", own.thread),
            json!({"version": thread["version"], "assignee_id": theirs.user}),
        ),
        (
            "PATCH",
            format!("/leads/{}", own.lead),
            json!({"version": lead["version"], "assignee_id": theirs.user}),
        ),
        (
            "PATCH",
            format!("/leads/{}", own.lead),
            json!({"version": lead["version"], "status_id": theirs.status}),
        ),
    ];
    for (method, path, body) in cases {
        let answer = world.call(owner, method, &path, body.clone()).await;
        assert!(
            matches!(answer.status, 404 | 409 | 422),
            "{method} {path} {body}: {answer:#?}"
        );
        // And nobody's are answered in the same words.
        let mut text = body.to_string();
        for named in [
            &theirs.media,
            &theirs.template,
            &theirs.message,
            &theirs.thread,
            &theirs.channel,
            &theirs.user,
            &theirs.status,
        ] {
            text = text.replace(named.as_str(), &nobodys(named));
        }
        let of_nobody = world
            .call(owner, method, &path, serde_json::from_str(&text).unwrap())
            .await;
        let told = |mut answer: crate::world::Answer| {
            answer.body["request_id"].take();
            (answer.status, answer.body.to_string())
        };
        assert_eq!(told(answer), told(of_nobody), "{method} {path} {body}");
    }
    assert_eq!(world.items(owner, &messages).await.len(), 2);
    assert_eq!(
        world.get(owner, &format!("/leads/{}", own.lead)).await,
        lead
    );
    assert_eq!(everything(&world, &other).await, before);
}

async fn lists_hold_ones_own_alone(plan: Plan) {
    let world = plan.open().await;
    let (shop, own) = full(&world).await;
    let (_, theirs) = full(&world).await;
    let owner = shop.a(Role::Owner);
    let lists = [
        "/users",
        "/api-keys",
        "/conversations",
        "/contacts",
        "/leads",
        "/pipelines",
        "/templates",
        "/channels",
        "/quarantine",
        "/attention",
        "/events?limit=200",
    ];
    for list in lists {
        let found = world.items(owner, list).await;
        assert!(!found.is_empty(), "{list}");
        let text = Value::from(found).to_string();
        for of_theirs in [
            &theirs.thread,
            &theirs.message,
            &theirs.lead,
            &theirs.contact,
            &theirs.channel,
            &theirs.user,
            &theirs.key,
            &theirs.template,
            &theirs.pipeline,
        ] {
            assert!(!text.contains(of_theirs.as_str()), "{list} {of_theirs}");
        }
    }
    // Both have a Dana of the same number: search finds one's own.
    for list in [
        "/conversations?search=Dana",
        "/contacts?search=972500000010",
        "/leads?search=Dana",
    ] {
        let found = world.items(owner, list).await;
        assert_eq!(found.len(), 1, "{list}");
        assert!(
            [&own.thread, &own.contact, &own.lead].contains(&&id(&found[0])),
            "{list}"
        );
    }
    // Filters by another's things find nothing.
    let filters = [
        format!("/conversations?channel_id={}", theirs.channel),
        format!("/leads?status_id={}", theirs.status),
        format!("/leads?assignee_id={}", theirs.user),
        format!("/leads?pipeline_id={}", theirs.pipeline),
        format!("/templates?channel_id={}", theirs.channel),
    ];
    for path in filters {
        let answer = world.ask(owner, &path).await;
        let empty = answer.status == 200 && answer.body["items"] == json!([]);
        assert!(empty || answer.status == 404, "{path} {answer:#?}");
    }
    // A cursor of one workspace is only a place in the other's own list.
    let page = world.get(owner, "/events?limit=1").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}
