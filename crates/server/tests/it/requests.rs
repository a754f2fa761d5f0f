//! Requests to the API: rights, strictness, ids, pages, and doing things once.

use domain::access::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::world::{By, DANA, Plan, ROLES, Shop, World, id, text};

on_both!(
    each_role_may_what_it_may,
    nobody_comes_in_without_a_name,
    a_key_may_what_its_scopes_say,
    what_is_not_understood_is_refused_with_its_place,
    ids_that_are_none_are_not_found,
    pages_and_their_cursors,
    one_key_is_one_message,
    other_sites_cannot_act_for_a_person,
    an_invitation_a_password_and_too_many_guesses,
);

/// A shop with one conversation.
async fn shop(plan: Plan) -> (World, Shop) {
    let world = plan.open().await;
    let shop = world.shop().await;
    let now = world.now().as_second();
    world
        .tell(
            &shop,
            text(&shop, DANA, "Dana Levi", "wamid.1", now, "שלום"),
        )
        .await;
    (world, shop)
}

fn say(text: &str) -> Value {
    json!({"content": {"kind": "text", "text": text}})
}

async fn each_role_may_what_it_may(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let thread = id(&world.conversation(&shop).await);
    let lead = id(&world.items(&shop.key, "/leads").await[0]);
    let channel = shop.channel_id;
    use Role::{Admin, Agent, Manager, Owner, Viewer};
    // A call that is right in every way, who may make it, and what it answers then.
    let calls: [(&str, String, Value, &[Role]); 16] = [
        ("GET", "/conversations".into(), Value::Null, &ROLES),
        ("GET", "/channels".into(), Value::Null, &ROLES),
        ("GET", "/users".into(), Value::Null, &ROLES),
        ("GET", "/events".into(), Value::Null, &ROLES),
        (
            "POST",
            "/decisions".into(),
            json!({"conversation_id": thread, "content": {"kind": "text", "text": ""}}),
            &ROLES,
        ),
        (
            "POST",
            format!("/conversations/{thread}/messages"),
            say("שלום"),
            &[Owner, Admin, Manager, Agent],
        ),
        (
            "POST",
            format!("/conversations/{thread}/messages"),
            json!({"content": {"kind": "text", "text": "n"}, "note": true}),
            &[Owner, Admin, Manager, Agent],
        ),
        (
            "PATCH",
            format!("/leads/{lead}"),
            json!({"version": 0, "title": "x"}),
            &[Owner, Admin, Manager, Agent],
        ),
        (
            "GET",
            "/quarantine".into(),
            Value::Null,
            &[Owner, Admin, Manager],
        ),
        (
            "POST",
            "/quarantine/999/retry".into(),
            json!({}),
            &[Owner, Admin, Manager],
        ),
        (
            "POST",
            "/templates/sync".into(),
            json!({"channel_id": "ch_none"}),
            &[Owner, Admin, Manager],
        ),
        (
            "POST",
            "/users".into(),
            json!({"name": "New", "email": "not an email", "role": "agent", "locale": "he"}),
            &[Owner, Admin],
        ),
        (
            "PATCH",
            format!("/channels/{channel}"),
            json!({"version": 0, "name": "x"}),
            &[Owner, Admin],
        ),
        ("POST", "/channels".into(), json!({}), &[Owner, Admin]),
        ("GET", "/api-keys".into(), Value::Null, &[Owner, Admin]),
        (
            "POST",
            "/api-keys".into(),
            json!({"name": "", "scopes": []}),
            &[Owner, Admin],
        ),
    ];
    for (method, path, body, may) in calls {
        for role in ROLES {
            let by = shop.a(role);
            let answer = if method == "GET" {
                world.ask(by, &path).await
            } else {
                world.call(by, method, &path, body.clone()).await
            };
            let told = answer.body["code"].as_str().unwrap_or_default();
            let refused = answer.status == 403 && told == "no_right";
            assert_eq!(
                !refused,
                may.contains(&role),
                "{role:?} {method} {path}: {answer:#?}"
            );
            assert!(answer.status < 500, "{role:?} {method} {path}: {answer:#?}");
        }
    }
    // An admin makes nobody an owner, and nobody's last owner is taken away.
    let users = world.items(shop.a(Owner), "/users").await;
    let of = |role: &str| id(users.iter().find(|user| user["role"] == role).unwrap());
    let promote = json!({"role": "owner"});
    let path = format!("/users/{}", of("agent"));
    assert_eq!(world.patch(shop.a(Admin), &path, promote).await.status, 403);
    let path = format!("/users/{}", of("owner"));
    let demote = world
        .patch(shop.a(Owner), &path, json!({"role": "agent"}))
        .await;
    assert!((400..500).contains(&demote.status), "{demote:#?}");
    // A role that is taken away is away with the next call.
    let path = format!("/users/{}", of("manager"));
    world
        .patch(shop.a(Owner), &path, json!({"role": "viewer"}))
        .await
        .good();
    world
        .ask(shop.a(Manager), "/quarantine")
        .await
        .refused(403, "no_right");
    world
        .patch(shop.a(Owner), &path, json!({"disabled": true}))
        .await
        .good();
    world
        .ask(shop.a(Manager), "/conversations")
        .await
        .refused(401, "not_signed_in");
    assert_eq!(
        world.ask(shop.a(Viewer), "/conversations").await.status,
        200
    );
}

async fn nobody_comes_in_without_a_name(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let paths = [
        "/session",
        "/users",
        "/api-keys",
        "/conversations",
        "/conversations/counts",
        "/contacts",
        "/leads",
        "/pipelines",
        "/templates",
        "/channels",
        "/quarantine",
        "/attention",
        "/events",
        "/live",
        "/media/x",
    ];
    for path in paths {
        world
            .ask(&By::Nobody, path)
            .await
            .refused(401, "not_signed_in");
        let unknown = By::Person("a-session-that-never-was".into());
        world
            .ask(&unknown, path)
            .await
            .refused(401, "not_signed_in");
        let unknown = By::Key("kesher_a-key-that-never-was".into());
        world.ask(&unknown, path).await.refused(401, "key_invalid");
    }
    // Secrets have no place in an address.
    let By::Key(key) = &shop.key else {
        unreachable!()
    };
    let in_the_address = format!("/conversations?api_key={key}");
    world
        .ask(&By::Nobody, &in_the_address)
        .await
        .refused(400, "token_in_url");
    // Signed out is out.
    let agent = shop.a(Role::Agent);
    assert_eq!(world.get(agent, "/session").await["user"]["role"], "agent");
    assert_eq!(
        world
            .send(agent, "DELETE", "/session", &[], None)
            .await
            .status,
        204
    );
    world
        .ask(agent, "/session")
        .await
        .refused(401, "not_signed_in");
}

async fn a_key_may_what_its_scopes_say(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let body = json!({"name": "reads leads", "scopes": ["leads.read"]});
    let made = world.post(shop.a(Role::Owner), "/api-keys", body).await;
    assert_eq!(made.status, 201);
    let made = made.good();
    let key = By::Key(made["key"].as_str().unwrap().to_owned());
    assert_eq!(world.items(&key, "/leads").await.len(), 1);
    for path in [
        "/conversations",
        "/users",
        "/channels",
        "/quarantine",
        "/events",
        "/live",
        "/api-keys",
    ] {
        world.ask(&key, path).await.refused(403, "no_right");
    }
    let lead = world.items(&key, "/leads").await.remove(0);
    let change = json!({"version": lead["version"], "title": "x"});
    world
        .patch(&key, &format!("/leads/{}", id(&lead)), change)
        .await
        .refused(403, "no_right");
    world
        .patch(&key, "/me", json!({"name": "me"}))
        .await
        .refused(403, "wrong_actor");
    // The key itself is shown once, and ended it is nobody's.
    let listed = world.items(shop.a(Role::Owner), "/api-keys").await;
    assert!(
        listed.iter().all(|row| row.get("key").is_none()),
        "{listed:#?}"
    );
    let path = format!("/api-keys/{}", id(&made));
    assert_eq!(
        world
            .send(shop.a(Role::Owner), "DELETE", &path, &[], None)
            .await
            .status,
        204
    );
    world.ask(&key, "/leads").await.refused(401, "key_invalid");
    // A key cannot be given more than there is.
    let odd = json!({"name": "odd", "scopes": ["everything"]});
    assert_eq!(
        world
            .post(shop.a(Role::Owner), "/api-keys", odd)
            .await
            .status,
        422
    );
}

async fn what_is_not_understood_is_refused_with_its_place(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let thread = id(&world.conversation(&shop).await);
    let lead = world.items(&shop.key, "/leads").await.remove(0);
    let messages = format!("/conversations/{thread}/messages");
    let lead_path = format!("/leads/{}", id(&lead));
    let version = lead["version"].clone();
    let text = |more: Value| {
        let mut content = json!({"kind": "text", "text": "x"});
        content
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({"content": content})
    };
    let cases: Vec<(&str, &str, Value, &str, &str)> = vec![
        (
            "POST",
            &messages,
            json!({"content": {"kind": "text", "text": "x"}, "colour": 1}),
            "unknown_field",
            "colour",
        ),
        (
            "POST",
            &messages,
            text(json!({"bold": true})),
            "unknown_field",
            "content.bold",
        ),
        (
            "POST",
            &messages,
            json!({"content": {"kind": "text", "text": 7}}),
            "wrong_type",
            "content.text",
        ),
        (
            "POST",
            &messages,
            json!({"content": {"kind": "text"}}),
            "missing",
            "content.text",
        ),
        (
            "POST",
            &messages,
            json!({"content": {"text": "x"}}),
            "missing",
            "content.kind",
        ),
        (
            "POST",
            &messages,
            json!({"content": {"kind": "poem", "text": "x"}}),
            "bad_value",
            "content.kind",
        ),
        ("POST", &messages, json!({}), "missing", "content"),
        (
            "POST",
            &messages,
            json!({"content": {"kind": "text", "text": "x"}, "note": "yes"}),
            "wrong_type",
            "note",
        ),
        (
            "POST",
            &messages,
            json!({"content": {"kind": "interactive", "body": "x", "action": {"type": "buttons", "buttons": [{"id": "a", "title": "A", "icon": "!"}]}}}),
            "unknown_field",
            "content.action.buttons[0].icon",
        ),
        (
            "PATCH",
            &lead_path,
            json!({"version": version, "stage": "x"}),
            "unknown_field",
            "stage",
        ),
        (
            "PATCH",
            &lead_path,
            json!({"title": "x"}),
            "missing",
            "version",
        ),
        (
            "PATCH",
            &lead_path,
            json!({"version": "1"}),
            "wrong_type",
            "version",
        ),
        (
            "PATCH",
            &lead_path,
            json!({"version": version, "status_id": "won"}),
            "status_unknown",
            "status_id",
        ),
        (
            "PATCH",
            &lead_path,
            json!({"version": version, "assignee_id": "usr_nobody"}),
            "user_unknown",
            "assignee_id",
        ),
        (
            "POST",
            "/decisions",
            json!({"conversation_id": thread, "content": {"kind": "text", "text": "x", "a": 1}}),
            "unknown_field",
            "content.a",
        ),
        (
            "POST",
            "/users",
            json!({"name": "a", "email": "a@example.com", "role": "king", "locale": "he"}),
            "bad_value",
            "role",
        ),
    ];
    for (method, path, body, code, field) in cases {
        let answer = world.call(&shop.key, method, path, body.clone()).await;
        let problem = answer.refused(422, code);
        assert_eq!(problem["field"], field, "{body}");
        assert!(problem["request_id"].is_string() && problem["detail"].is_string());
    }
    let json_type = [("content-type", "application/json")];
    let broken = Some(b"{\"content\":".to_vec());
    world
        .send(&shop.key, "POST", &messages, &json_type, broken)
        .await
        .refused(400, "not_json");
    let list = Some(b"[1]".to_vec());
    assert_eq!(
        world
            .send(&shop.key, "POST", &messages, &json_type, list)
            .await
            .status,
        422
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = Some(b"text=x".to_vec());
    world
        .send(&shop.key, "POST", &messages, &form, body)
        .await
        .refused(415, "json_expected");
    let large = Some(vec![b' '; 2 * 1024 * 1024]);
    let answer = world
        .send(&shop.key, "POST", &messages, &json_type, large)
        .await;
    answer.refused(413, "body_too_large");
    // A way that is not there, and one that is not taken like this.
    world
        .ask(&shop.key, "/poems")
        .await
        .refused(404, "not_found");
    world
        .call(&shop.key, "PUT", "/conversations", json!({}))
        .await
        .refused(405, "method_not_allowed");
    // Nothing of all that was done.
    assert_eq!(world.items(&shop.key, &messages).await.len(), 1);
    assert_eq!(world.get(&shop.key, &lead_path).await, lead);
    // The language is the caller's.
    let hebrew = [("accept-language", "he")];
    let answer = world
        .send(&By::Nobody, "GET", "/session", &hebrew, None)
        .await;
    assert_eq!(answer.headers["content-type"], "application/problem+json");
}

async fn ids_that_are_none_are_not_found(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let thread = world.conversation(&shop).await;
    let lead = id(&world.items(&shop.key, "/leads").await[0]);
    let odd = [
        "x".to_owned(),
        "conv_".to_owned(),
        // The right letters of another kind, cut, prolonged, in capitals, or of no alphabet.
        lead.clone(),
        id(&thread)[..20].to_owned(),
        format!("{}0", id(&thread)),
        id(&thread).to_uppercase(),
        "conv_zzzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(),
        "conv_01hzzzzzzzzzzzzzzzzzzzzzzu".to_owned(),
        "%00".to_owned(),
        "..%2f..%2fsession".to_owned(),
        "1%27%20OR%20%271%27=%271".to_owned(),
        "a".repeat(3000),
    ];
    for id in odd {
        for path in [
            format!("/conversations/{id}"),
            format!("/conversations/{id}/messages"),
            format!("/messages/{id}"),
            format!("/contacts/{id}"),
            format!("/media/{id}"),
            format!("/channels/{id}"),
        ] {
            let answer = world.ask(&shop.key, &path).await;
            answer.refused(404, "not_found");
        }
    }
    world
        .post(&shop.key, "/quarantine/x/retry", json!({}))
        .await
        .refused(404, "not_found");
    world
        .post(
            &shop.key,
            "/quarantine/99999999999999999999/retry",
            json!({}),
        )
        .await
        .refused(404, "not_found");
}

async fn pages_and_their_cursors(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let now = world.now().as_second();
    for nth in 0..7 {
        let phone = format!("97250000010{nth}");
        // Several within one second.
        let body = text(
            &shop,
            &phone,
            "A",
            &format!("wamid.p{nth}"),
            now - nth / 3,
            "hello",
        );
        world.tell(&shop, body).await;
    }
    for list in ["/conversations", "/contacts", "/leads", "/events"] {
        let whole = world.items(&shop.key, &format!("{list}?limit=200")).await;
        if list == "/events" {
            continue;
        }
        assert_eq!(whole.len(), 8, "{list}");
        for limit in [1, 3, 8] {
            let mut paged = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = world
                    .get(&shop.key, &format!("{list}?limit={limit}{cursor}"))
                    .await;
                let items = page["items"].as_array().unwrap();
                assert!(items.len() <= limit && (!items.is_empty() || paged.len() == 8));
                paged.extend(items.clone());
                let Some(next) = page["next"].as_str() else {
                    break;
                };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(paged, whole, "{list} by {limit}");
        }
    }
    let lists = [
        "/conversations",
        "/contacts",
        "/leads",
        "/quarantine",
        "/attention",
    ];
    for list in lists {
        for limit in ["0", "-1", "201", "many", "1.5", "99999999999999999999"] {
            let problem = world.ask(&shop.key, &format!("{list}?limit={limit}")).await;
            assert_eq!(
                problem.refused(422, "limit_out_of_range")["field"],
                "limit",
                "{list} {limit}"
            );
        }
        for forged in [
            "x",
            "bm90IGEgY3Vyc29y",
            "%00",
            "MTIzOmNvbnZfenp6",
            "OTk5OTk5OTk5OTk5OTk5OTk5Omxk",
        ] {
            let answer = world
                .ask(&shop.key, &format!("{list}?cursor={forged}"))
                .await;
            assert!(
                matches!(answer.status, 400 | 422),
                "{list} {forged} {answer:#?}"
            );
            assert_eq!(answer.body["code"], "cursor_invalid", "{list} {forged}");
        }
        for search in [
            "%00",
            "%27%22%29%20OR%201=1--",
            "*",
            "%F0%9F%98%80",
            "%22",
            "AND",
            "a%00b",
        ] {
            let answer = world
                .ask(&shop.key, &format!("{list}?search={search}"))
                .await;
            assert_eq!(answer.status, 200, "{list} {search} {answer:#?}");
        }
    }
    world
        .ask(&shop.key, "/conversations?view=secret")
        .await
        .refused(422, "bad_value");
}

async fn one_key_is_one_message(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let thread = id(&world.conversation(&shop).await);
    let path = format!("/conversations/{thread}/messages");
    let send = |key: &'static str, text: &'static str| {
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let body = Some(say(text).to_string().into_bytes());
        let (world, shop, path) = (&world, &shop, &path);
        async move { world.send(&shop.key, "POST", path, &headers, body).await }
    };
    let first = send("one", "a").await.good();
    let again = send("one", "a").await.good();
    assert_eq!(id(&first), id(&again));
    send("one", "b").await.refused(422, "idempotency_mismatch");
    // Twenty at once are one.
    let all = join_all((0..20).map(|_| send("two", "c"))).await;
    let ids: Vec<String> = all.into_iter().map(|answer| id(&answer.good())).collect();
    assert!(ids.iter().all(|one| *one == ids[0]), "{ids:?}");
    // Another key is another message, and so is none.
    assert_ne!(id(&send("three", "c").await.good()), ids[0]);
    world.post(&shop.key, &path, say("c")).await.good();
    world.post(&shop.key, &path, say("c")).await.good();
    let sent = world.items(&shop.key, &path).await;
    assert_eq!(
        sent.iter()
            .filter(|message| message["direction"] == "out")
            .count(),
        5
    );
    // A refusal keeps nothing: the same key may be used for what was mended.
    send("four", "").await;
    send("four", "d").await.good();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", ""),
    ];
    let body = Some(say("x").to_string().into_bytes());
    let empty = world.send(&shop.key, "POST", &path, &headers, body).await;
    assert_eq!(
        empty.refused(422, "idempotency_key_invalid")["field"],
        "Idempotency-Key"
    );
    // A key is a workspace's own.
    let other = world.shop().await;
    let now = world.now().as_second();
    world
        .tell(
            &other,
            text(&other, DANA, "Dana Levi", "wamid.1", now, "שלום"),
        )
        .await;
    let theirs = id(&world.conversation(&other).await);
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "one"),
    ];
    let body = Some(say("a").to_string().into_bytes());
    let path = format!("/conversations/{theirs}/messages");
    let made = world
        .send(&other.key, "POST", &path, &headers, body)
        .await
        .good();
    assert_ne!(id(&made), id(&first));
}

async fn other_sites_cannot_act_for_a_person(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let thread = id(&world.conversation(&shop).await);
    let path = format!("/conversations/{thread}/messages");
    let By::Person(token) = shop.a(Role::Agent) else {
        unreachable!()
    };
    let cookie = format!("kesher_session={token}");
    let body = || Some(say("forged").to_string().into_bytes());
    let json_type = ("content-type", "application/json");
    let forged: [&[(&str, &str)]; 5] = [
        // A browser that tells nothing is not believed.
        &[("cookie", &cookie), json_type],
        &[
            ("cookie", &cookie),
            json_type,
            ("origin", "https://elsewhere.example"),
        ],
        &[("cookie", &cookie), json_type, ("origin", "null")],
        &[
            ("cookie", &cookie),
            json_type,
            ("origin", &world.url),
            ("sec-fetch-site", "cross-site"),
        ],
        &[
            ("cookie", &cookie),
            ("content-type", "text/plain"),
            ("origin", &world.url),
        ],
    ];
    for headers in forged {
        let answer = world
            .send(&By::Nobody, "POST", &path, headers, body())
            .await;
        answer.refused(403, "cross_site");
    }
    let own = [
        ("cookie", cookie.as_str()),
        json_type,
        ("origin", world.url.as_str()),
    ];
    world
        .send(&By::Nobody, "POST", &path, &own, body())
        .await
        .good();
    // Reading needs none of it.
    let only = [("cookie", cookie.as_str())];
    assert_eq!(
        world
            .send(&By::Nobody, "GET", &path, &only, None)
            .await
            .status,
        200
    );
}

async fn an_invitation_a_password_and_too_many_guesses(plan: Plan) {
    let (world, shop) = shop(plan).await;
    let invite =
        json!({"name": "New", "email": "New@Example.com", "role": "agent", "locale": "he"});
    let made = world
        .post(shop.a(Role::Admin), "/users", invite)
        .await
        .good();
    assert_eq!(
        (&made["user"]["email"], &made["user"]["invited"]),
        (&json!("new@example.com"), &json!(true))
    );
    let url = made["invite_url"].as_str().unwrap();
    let (_, token) = url.split_once("token=").unwrap();
    let sign_in = |password: &'static str| {
        let body = json!({"email": "new@example.com", "password": password});
        let world = &world;
        async move { world.post(&By::Nobody, "/session", body).await }
    };
    // Before they have joined nobody is them.
    sign_in("").await.refused(401, "credentials_wrong");
    let join = |password: &str| json!({"token": token, "password": password});
    let short = world.post(&By::Nobody, "/join", join("short")).await;
    assert_eq!(
        short.refused(422, "password_too_short")["field"],
        "password"
    );
    let joined = world
        .post(&By::Nobody, "/join", join("correct horse battery"))
        .await;
    assert_eq!(joined.status, 200, "{joined:#?}");
    let cookie = joined.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let again = world
        .post(&By::Nobody, "/join", join("another password"))
        .await;
    again.refused(410, "link_used");
    let signed = sign_in("correct horse battery").await;
    assert_eq!(signed.status, 200);
    let cookie = signed.headers["set-cookie"].to_str().unwrap();
    let token = cookie
        .strip_prefix("kesher_session=")
        .and_then(|rest| rest.split(';').next())
        .unwrap();
    let me = By::Person(token.to_owned());
    assert_eq!(world.get(&me, "/session").await["user"]["name"], "New");
    // Nobody guesses on: after five tries in a minute even the right one waits.
    for _ in 0..5 {
        sign_in("a wrong guess")
            .await
            .refused(401, "credentials_wrong");
    }
    let waits = sign_in("correct horse battery").await;
    assert!(waits.headers.contains_key("retry-after"), "{waits:#?}");
    waits.refused(429, "too_many_attempts");
    // Whoever is not there is answered as whoever guesses wrong.
    let nobody = json!({"email": "nobody@example.com", "password": "a wrong guess"});
    let told = world.post(&By::Nobody, "/session", nobody).await;
    told.refused(401, "credentials_wrong");
    // One who is in stays in.
    assert_eq!(world.ask(&me, "/session").await.status, 200);
}
