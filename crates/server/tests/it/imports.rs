//! Exported chats over HTTP: the preview, the choices, the timeline once, the undo; and every refusal leaves everything
//! as it was.

use std::io::{Cursor, Write};

use domain::access::Role;
use serde_json::{Value, json};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::shown::everything;
use crate::world::{Answer, By, DANA, Shop, World, eventually, id, text};

const ANDROID: &str = include_str!("../../../../testdata/whatsapp/chats/android_en_24h.txt");
const IOS: &str = include_str!("../../../../testdata/whatsapp/chats/ios_he_1to1.txt");
const GROUP: &str = include_str!("../../../../testdata/whatsapp/chats/ios_he_group_media.txt");
/// The smallest picture that is one.
const PICTURE: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\xff\xd9";

on_both!(
    a_chat_goes_on_the_timeline_once_and_comes_off_again,
    a_newer_export_adds_only_what_is_new,
    what_came_another_way_is_not_doubled,
    an_import_goes_on_where_it_was,
    files_come_along_and_go_when_nobody_has_them,
    who_is_who_is_chosen,
    a_group_needs_a_word,
    every_refusal_leaves_everything_as_it_was,
    a_preview_is_its_bringers_own,
);

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Programs send the file as it is, people's browsers a form.
async fn bring(
    world: &World,
    by: &By,
    shop: &Shop,
    more: &str,
    body: impl Into<Vec<u8>>,
) -> Answer {
    let path = format!("/imports?channel_id={}{more}", shop.channel_id);
    let (kind, body) = match by {
        By::Person(_) => (FORM, form(&[], &body.into())),
        _ => ("application/octet-stream", body.into()),
    };
    let headers = [("content-type", kind)];
    world.send(by, "POST", &path, &headers, Some(body)).await
}

const FORM: &str = "multipart/form-data; boundary=edge";

fn form(fields: &[(&str, &str)], file: &[u8]) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!(
            "--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(
        "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"_chat.txt\"\r\n\r\n",
    );
    let mut body = body.into_bytes();
    body.extend(file);
    body.extend(b"\r\n--edge--\r\n");
    body
}

/// With the name that says whom the chat is with.
const WITH_DANA: &str = "&file_name=WhatsApp%20Chat%20with%20Dana%20Levi.txt";

async fn settled(world: &World, shop: &Shop, import: &str, state: &str) -> Value {
    let path = format!("/imports/{import}");
    eventually(&format!("the import is {state}"), async || {
        let now = world.get(&shop.key, &path).await;
        (now["state"] == state).then_some(now)
    })
    .await
}

async fn applied(world: &World, shop: &Shop, import: &str) -> Value {
    let begun = world
        .post(&shop.key, &format!("/imports/{import}/apply"), json!({}))
        .await;
    assert_eq!(begun.status, 202, "{begun:#?}");
    settled(world, shop, import, "applied").await
}

async fn undone(world: &World, shop: &Shop, import: &str) -> Value {
    world
        .post(&shop.key, &format!("/imports/{import}/undo"), json!({}))
        .await
        .good();
    settled(world, shop, import, "undone").await
}

async fn choose(world: &World, shop: &Shop, import: &str, choice: Value) -> Value {
    world
        .patch(&shop.key, &format!("/imports/{import}"), choice)
        .await
        .good()
}

/// The thread's messages, oldest first, in a few words.
async fn thread(world: &World, shop: &Shop, conversation: &str) -> Vec<String> {
    let path = format!("/conversations/{conversation}/messages?limit=200");
    let mut all = world.items(&shop.key, &path).await;
    all.reverse();
    all.iter()
        .map(|message| {
            let content = &message["content"];
            let words = content["text"].as_str().or(content["caption"].as_str());
            format!(
                "{} {} {}",
                message["direction"].as_str().unwrap(),
                content["kind"].as_str().unwrap(),
                words.unwrap_or_default()
            )
        })
        .collect()
}

/// Everything but events, which tell that something was and is no more.
async fn all_but_events(world: &World, shop: &Shop) -> Value {
    let mut all = everything(world, shop).await;
    all["events"].take();
    all
}

async fn a_chat_goes_on_the_timeline_once_and_comes_off_again(plan: crate::world::Plan) {
    let world = plan.on_the_samples_day().open().await;
    let shop = world.shop().await;
    let before = all_but_events(&world, &shop).await;
    let preview = bring(&world, &shop.key, &shop, WITH_DANA, ANDROID).await;
    assert_eq!(preview.status, 201);
    let preview = preview.good();
    for (member, expected) in [
        ("state", json!("preview")),
        ("platform", json!("android")),
        ("date_order", json!("dmy")),
        ("date_order_guessed", json!(false)),
        ("messages", json!(10)),
        ("new", json!(10)),
        ("already_there", json!(0)),
        ("media", json!(3)),
        ("files", json!(0)),
        ("missing", json!(["contact"])),
        ("first", json!("2026-08-05T07:14:00Z")),
    ] {
        assert_eq!(preview[member], expected, "{member}");
    }
    assert_eq!(preview["participants"][1]["us"], true, "{preview:#?}");
    assert_eq!(preview["sample"][0]["kind"], "system");
    assert_eq!(
        all_but_events(&world, &shop).await,
        before,
        "a preview changes nothing"
    );

    let import = id(&preview);
    let choice =
        json!({"new_contact": {"name": "דנה", "phone": "050-000-0010"}, "make_lead": true});
    let chosen = choose(&world, &shop, &import, choice).await;
    assert_eq!(chosen["missing"], json!([]));
    assert_eq!(chosen["new_contact"]["phone"], "+972500000010");
    let done = applied(&world, &shop, &import).await;
    assert_eq!(
        (&done["added"], &done["progress"]),
        (&json!(10), &json!({"done": 10, "total": 10}))
    );

    let conversation = world.conversation(&shop).await;
    assert_eq!(conversation["unread_count"], 0);
    assert_eq!(conversation["window"]["state"], "closed");
    assert_eq!(conversation["contact"]["name"], "דנה");
    assert_eq!(conversation["lead"]["source"]["kind"], "import");
    assert_eq!(conversation["last_message"]["author_kind"], "import");
    assert_eq!(conversation["last_message"]["text"], "Great, 17:30 it is");
    let counts = world.get(&shop.key, "/conversations/counts").await;
    assert_eq!((&counts["waiting"], &counts["all"]), (&json!(0), &json!(1)));
    let lines = thread(&world, &shop, &id(&conversation)).await;
    assert_eq!(
        lines,
        [
            "in text Hi, is the flat still available?",
            "in text I can come tomorrow",
            "out media The living room",
            "in media ",
            "out text From my notes:\n[5/8/26, 3:40:24 PM] Someone else: pasted line of another shape\nend of notes",
            "in text ",
            "out media ",
            "in location ",
            "out unsupported ",
            "in text Great, 17:30 it is",
        ]
    );
    let messages = format!("/conversations/{}/messages?limit=200", id(&conversation));
    let messages = world.items(&shop.key, &messages).await;
    assert_eq!(
        messages[0]["author"],
        json!({"kind": "import", "user_id": null, "name": "Dana Levi"})
    );
    assert!(messages[0]["edited_at"].is_string() && messages[4]["revoked_at"].is_string());
    let found = world
        .items(&shop.key, "/conversations?view=all&search=parking")
        .await;
    assert!(found.is_empty());
    let found = world
        .items(&shop.key, "/conversations?view=all&search=available")
        .await;
    assert_eq!(found.len(), 1);

    // One event tells of all of it.
    let kinds: Vec<String> = world
        .items(&shop.key, "/events?limit=200")
        .await
        .iter()
        .map(|event| event["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| kind.starts_with("message."))
            .count(),
        0
    );
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| *kind == "import.applied")
            .count(),
        1
    );

    // It cannot be applied, changed or dropped again.
    let path = format!("/imports/{import}");
    world
        .post(&shop.key, &format!("{path}/apply"), json!({}))
        .await
        .refused(409, "import_not_a_preview");
    world
        .patch(&shop.key, &path, json!({"us": null}))
        .await
        .refused(409, "import_not_a_preview");
    world
        .send(&shop.key, "DELETE", &path, &[], None)
        .await
        .refused(409, "import_not_a_preview");

    undone(&world, &shop, &import).await;
    assert_eq!(
        all_but_events(&world, &shop).await,
        before,
        "an undo leaves nothing"
    );
    world
        .post(&shop.key, &format!("{path}/undo"), json!({}))
        .await
        .refused(409, "import_not_applied");
    // And it may be brought again.
    let again = id(&bring(&world, &shop.key, &shop, WITH_DANA, ANDROID)
        .await
        .good());
    choose(
        &world,
        &shop,
        &again,
        json!({"new_contact": {"phone": "0500000010"}}),
    )
    .await;
    assert_eq!(applied(&world, &shop, &again).await["added"], 10);
}

async fn a_newer_export_adds_only_what_is_new(plan: crate::world::Plan) {
    let world = plan.on_the_samples_day().open().await;
    let shop = world.shop().await;
    let first = id(&bring(&world, &shop.key, &shop, WITH_DANA, ANDROID)
        .await
        .good());
    choose(
        &world,
        &shop,
        &first,
        json!({"new_contact": {"phone": "+972 50-000-0010"}}),
    )
    .await;
    applied(&world, &shop, &first).await;
    let conversation = world.conversation(&shop).await;
    let contact = conversation["contact"]["id"].as_str().unwrap().to_owned();
    let old = thread(&world, &shop, &id(&conversation)).await;

    // The same again: nothing is new.
    let of_contact = format!("&contact_id={contact}{WITH_DANA}");
    let same = bring(&world, &shop.key, &shop, &of_contact, ANDROID)
        .await
        .good();
    assert_eq!(
        (&same["new"], &same["already_there"]),
        (&json!(0), &json!(10))
    );
    let path = format!("/imports/{}/apply", id(&same));
    world
        .post(&shop.key, &path, json!({}))
        .await
        .refused(409, "import_nothing_new");

    let longer = format!(
        "{ANDROID}14/08/2026, 8:00 - Dana Levi: One more thing\n14/08/2026, 8:00 - Levi Realty: Yes?\n"
    );
    let newer = bring(&world, &shop.key, &shop, &of_contact, longer)
        .await
        .good();
    assert_eq!(
        (&newer["new"], &newer["already_there"]),
        (&json!(2), &json!(10))
    );
    assert_eq!(newer["contact"]["id"], contact.as_str());
    assert_eq!(applied(&world, &shop, &id(&newer)).await["added"], 2);
    let mut all = old.clone();
    all.extend([
        "in text One more thing".to_owned(),
        "out text Yes?".to_owned(),
    ]);
    assert_eq!(thread(&world, &shop, &id(&conversation)).await, all);

    // The newer one's undo takes its two; the older one's takes the rest, and what it had made.
    undone(&world, &shop, &id(&newer)).await;
    assert_eq!(thread(&world, &shop, &id(&conversation)).await, old);
    let now = world.conversation(&shop).await;
    assert_eq!(now["last_message"]["text"], "Great, 17:30 it is");
    undone(&world, &shop, &first).await;
    assert!(world.items(&shop.key, "/contacts").await.is_empty());
    assert!(
        world
            .items(&shop.key, "/conversations?view=all")
            .await
            .is_empty()
    );
}

async fn what_came_another_way_is_not_doubled(plan: crate::world::Plan) {
    let world = plan.on_the_samples_day().open().await;
    let shop = world.shop().await;
    // 2026-11-22, 10:00:30 in Jerusalem.
    let at = crate::world::ZERO + 30;
    world
        .tell(
            &shop,
            text(&shop, DANA, "Dana", "wamid.live", at, "שלום לכם"),
        )
        .await;
    let before = all_but_events(&world, &shop).await;
    let chat = "21.11.2026, 9:00 - Dana: לפני\n22.11.2026, 10:00 - Dana: שלום  לכם\n22.11.2026, 10:00 - Us: אחרי\n";
    let conversation = world.conversation(&shop).await;
    let contact = conversation["contact"]["id"].as_str().unwrap();
    let preview = bring(
        &world,
        &shop.key,
        &shop,
        &format!("&contact_id={contact}"),
        chat,
    )
    .await
    .good();
    // The contact is called so: then the other one is us.
    assert_eq!(preview["participants"][1]["us"], true);
    assert_eq!(
        (&preview["new"], &preview["already_there"]),
        (&json!(2), &json!(1))
    );
    applied(&world, &shop, &id(&preview)).await;
    let lines = thread(&world, &shop, &id(&conversation)).await;
    assert_eq!(lines, ["in text לפני", "out text אחרי", "in text שלום לכם"]);
    // The window, what is unread and the lead are as they were.
    let now = world.conversation(&shop).await;
    for member in ["window", "unread_count", "lead", "last_message", "last_at"] {
        assert_eq!(now[member], conversation[member], "{member}");
    }
    // A note of the team's is in the thread: the undo leaves it, the conversation and the contact.
    undone(&world, &shop, &id(&preview)).await;
    let mut after = all_but_events(&world, &shop).await;
    let mut before = before;
    for all in [&mut before, &mut after] {
        all["threads"][0]["thread"]["version"].take();
    }
    assert_eq!(after, before);
}

async fn an_import_goes_on_where_it_was(plan: crate::world::Plan) {
    let world = plan.on_the_samples_day().open().await;
    let shop = world.shop().await;
    let mut chat = String::new();
    for nth in 0..1200 {
        let (hour, minute) = (nth / 60, nth % 60);
        chat.push_str(&format!(
            "13.8.2026, {hour}:{minute:02} - {}: line {nth}\n",
            ["Dana", "Us"][nth % 2]
        ));
    }
    let import = id(&bring(&world, &shop.key, &shop, "", chat.clone())
        .await
        .good());
    choose(
        &world,
        &shop,
        &import,
        json!({"us": "Us", "new_contact": {"phone": "0500000010"}}),
    )
    .await;
    let done = applied(&world, &shop, &import).await;
    assert_eq!(done["added"], 1200);
    let conversation = id(&world.conversation(&shop).await);
    let before = thread(&world, &shop, &conversation).await;
    // As after a crash: some are written, and it is not noted how many.
    as_after_a_crash(&world, &shop, &import, Some(chat)).await;
    assert_eq!(
        settled(&world, &shop, &import, "applied").await["added"],
        1200
    );
    assert_eq!(thread(&world, &shop, &conversation).await, before);
    // And when the file is gone, it says so, and what stands can be undone.
    as_after_a_crash(&world, &shop, &import, None).await;
    let failed = settled(&world, &shop, &import, "failed").await;
    assert_eq!(
        (&failed["failure"], &failed["may_undo"], &failed["added"]),
        (&json!("import_file_gone"), &json!(true), &json!(700))
    );
    undone(&world, &shop, &import).await;
    assert!(
        world
            .items(&shop.key, "/conversations?view=all")
            .await
            .is_empty()
    );
}

/// The state says that it is under way, the job waits, and a part of the messages is there.
async fn as_after_a_crash(world: &World, shop: &Shop, import: &str, upload: Option<String>) {
    // Whatever job still runs for it comes to its end first.
    eventually("no job is left", async || {
        let jobs = world
            .app
            .store
            .read(world.app.clock.machine_now(), |tx, now| {
                Box::pin(store::jobs::due(tx, *now, 32))
            });
        jobs.await.unwrap().is_empty().then_some(())
    })
    .await;
    if let Some(upload) = upload {
        let kept = world.app.files.put_as(import, upload.into()).await;
        kept.unwrap();
    }
    let input = (
        shop.workspace_id,
        import.parse().unwrap(),
        world.app.clock.machine_now(),
    );
    let written = world.app.store.write(input, |tx, (workspace_id, id, now)| {
        Box::pin(async move {
            let mut import = store::imports::get(tx, *workspace_id, *id).await?;
            store::imports::remove(tx, *workspace_id, *id, 500).await?;
            import.state = store::imports::ImportState::Applying;
            import.done = 0;
            store::imports::save(tx, *workspace_id, &import).await?;
            let job = store::jobs::Job {
                workspace_id: *workspace_id,
                id: domain::id::Id::from_bits(77),
                kind: app::jobs::IMPORT_CHAT.to_owned(),
                subject: id.to_string(),
                payload: String::new(),
                due_at: *now,
                tries: 0,
            };
            store::jobs::enqueue(tx, &job).await
        })
    });
    written.await.unwrap();
}

async fn files_come_along_and_go_when_nobody_has_them(plan: crate::world::Plan) {
    let world = plan.on_the_samples_day().open().await;
    let shop = world.shop().await;
    let zip = zip_of(&[
        ("WhatsApp Chat with Dana Levi.txt", ANDROID.as_bytes()),
        ("IMG-20260805-WA0003.jpg", PICTURE),
        ("PTT-20260805-WA0004.opus", b"#!/bin/sh\nnot a sound"),
        ("IMG-nobody-names-me.jpg", PICTURE),
    ]);
    let preview = bring(&world, &shop.key, &shop, "&file_name=x.zip", zip)
        .await
        .good();
    assert_eq!(preview["files"], 2);
    let import = id(&preview);
    choose(
        &world,
        &shop,
        &import,
        json!({"new_contact": {"phone": "0500000010"}}),
    )
    .await;
    applied(&world, &shop, &import).await;
    let conversation = world.conversation(&shop).await;
    let path = format!("/conversations/{}/messages?limit=200", id(&conversation));
    let messages = world.items(&shop.key, &path).await;
    let files: Vec<&Value> = messages
        .iter()
        .map(|one| &one["media"])
        .filter(|file| !file.is_null())
        .collect();
    assert_eq!(
        files.len(),
        1,
        "what could run does not come along: {files:#?}"
    );
    assert_eq!(files[0]["filename"], "IMG-20260805-WA0003.jpg");
    let url = files[0]["url"].as_str().unwrap();
    let content = world.ask(&shop.key, url).await;
    assert_eq!(
        (
            content.status,
            content.headers["content-type"].to_str().unwrap()
        ),
        (200, "image/jpeg")
    );
    undone(&world, &shop, &import).await;
    world.ask(&shop.key, url).await.refused(404, "not_found");
    // The object itself goes a little later; then nothing points at it.
    let due = world
        .app
        .store
        .read(
            world.app.clock.machine_now() + jiff::SignedDuration::from_mins(11),
            |tx, now| Box::pin(store::jobs::due(tx, *now, 32)),
        )
        .await
        .unwrap();
    let job = due
        .iter()
        .find(|job| job.kind == app::jobs::FORGET_FILES)
        .unwrap();
    let objects: Vec<String> = serde_json::from_str(&job.payload).unwrap();
    let unused = world
        .app
        .store
        .read(objects.clone(), |tx, objects| {
            Box::pin(store::imports::unused_objects(tx, objects.clone()))
        })
        .await
        .unwrap();
    assert_eq!(unused.len(), 1);
    assert!(world.app.files.get(&objects[0]).await.is_ok());
    // One that was written again since is somebody's who is about to point at it.
    let now = world.app.clock.machine_now();
    world
        .app
        .files
        .forget(&objects[0], now - jiff::SignedDuration::from_mins(9))
        .await
        .unwrap();
    assert!(world.app.files.get(&objects[0]).await.is_ok());
    world
        .app
        .files
        .forget(&objects[0], now + jiff::SignedDuration::from_secs(2))
        .await
        .unwrap();
    assert!(world.app.files.get(&objects[0]).await.is_err());
}

async fn who_is_who_is_chosen(plan: crate::world::Plan) {
    let world = plan.on_the_samples_day().open().await;
    let shop = world.shop().await;
    // Both readings of the dates are possible, nobody is known, and the file's name says nothing.
    let chat = "05/06/2026, 10:00 - +972 50-000-0010: hi\n06/06/2026, 10:00 - Levi: hello\n";
    let preview = bring(&world, &shop.key, &shop, "", chat).await.good();
    assert_eq!(preview["date_order_guessed"], true);
    assert_eq!(
        preview["two_readings"],
        json!({"text": "05/06/2026", "dmy": "2026-06-05", "mdy": "2026-05-06"})
    );
    assert_eq!(preview["missing"], json!(["us", "contact"]));
    assert_eq!(preview["participants"][0]["phone"], "+972500000010");
    let import = id(&preview);
    let path = format!("/imports/{import}");
    world
        .post(&shop.key, &format!("{path}/apply"), json!({}))
        .await
        .refused(422, "import_us_missing");
    for (choice, code) in [
        (json!({"us": "Nobody here"}), "participant_unknown"),
        (
            json!({"contact_id": "cont_00000000000000000000000009"}),
            "contact_unknown",
        ),
        (
            json!({"contact_id": "lead_00000000000000000000000009"}),
            "contact_unknown",
        ),
        (json!({"new_contact": {"phone": "12"}}), "phone_invalid"),
        (json!({"new_contact": {}}), "missing"),
        (json!({"time_zone": "Mars/Olympus"}), "time_zone_unknown"),
        (json!({"date_order": "ydm"}), "bad_value"),
        (json!({"who": 1}), "unknown_field"),
    ] {
        world
            .patch(&shop.key, &path, choice)
            .await
            .refused(422, code);
    }
    let chosen = choose(
        &world,
        &shop,
        &import,
        json!({"us": "Levi", "date_order": "mdy", "time_zone": "Europe/London"}),
    )
    .await;
    assert_eq!(
        (&chosen["first"], &chosen["date_order_guessed"]),
        (&json!("2026-05-06T09:00:00Z"), &json!(false))
    );
    assert_eq!(chosen["missing"], json!(["contact"]));
    world
        .post(&shop.key, &format!("{path}/apply"), json!({}))
        .await
        .refused(422, "import_contact_missing");
    choose(
        &world,
        &shop,
        &import,
        json!({"new_contact": {"name": "Dana", "phone": "0500000010"}}),
    )
    .await;
    applied(&world, &shop, &import).await;
    // Choices that are made at once are all kept.
    let other = id(
        &bring(&world, &shop.key, &shop, "", chat.replace("10:00", "11:00"))
            .await
            .good(),
    );
    futures_util::future::join_all([
        choose(&world, &shop, &other, json!({"us": "Levi"})),
        choose(&world, &shop, &other, json!({"date_order": "mdy"})),
        choose(&world, &shop, &other, json!({"make_lead": true})),
    ])
    .await;
    let now = world.get(&shop.key, &format!("/imports/{other}")).await;
    assert_eq!(
        (
            &now["participants"][1]["us"],
            &now["date_order"],
            &now["make_lead"]
        ),
        (&json!(true), &json!("mdy"), &json!(true))
    );
    // The next time the number is known, so all of it is told by itself.
    let more = format!("{chat}07/06/2026, 10:00 - Levi: more\n");
    let preview = bring(&world, &shop.key, &shop, "", more).await.good();
    assert_eq!(preview["participants"][0]["contact"]["name"], "Dana");
    // A lead names its contact.
    let lead = world.items(&shop.key, "/leads").await;
    assert!(lead.is_empty(), "no lead was asked for");
}

async fn a_group_needs_a_word(plan: crate::world::Plan) {
    let world = plan.on_the_samples_day().open().await;
    let shop = world.shop().await;
    let preview = bring(&world, &shop.key, &shop, "", GROUP).await.good();
    assert_eq!(preview["group"], true);
    let import = id(&preview);
    choose(
        &world,
        &shop,
        &import,
        json!({"us": "יעל כהן", "new_contact": {"name": "נכס הרצל 12"}}),
    )
    .await;
    let path = format!("/imports/{import}/apply");
    world
        .post(&shop.key, &path, json!({}))
        .await
        .refused(422, "import_group");
    choose(&world, &shop, &import, json!({"include_group": true})).await;
    assert_eq!(applied(&world, &shop, &import).await["added"], 8);
    let conversation = world.conversation(&shop).await;
    let path = format!("/conversations/{}/messages?limit=200", id(&conversation));
    let names: Vec<String> = world
        .items(&shop.key, &path)
        .await
        .iter()
        .rev()
        .filter(|message| message["direction"] == "in")
        .map(|message| message["author"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["+972 50-000-0012", "~ רון", "+972 50-000-0012"]);
}

async fn every_refusal_leaves_everything_as_it_was(plan: crate::world::Plan) {
    let world = plan.on_the_samples_day().open().await;
    let shop = world.shop().await;
    let before = everything(&world, &shop).await;
    let good = zip_of(&[("_chat.txt", IOS.as_bytes())]);
    let bomb = zip_of(&[
        ("_chat.txt", IOS.as_bytes()),
        ("a.jpg", &vec![0; 30_000_000]),
    ]);
    let channel = format!("channel_id={}", shop.channel_id);
    for (query, body, status, code) in [
        ("", good.clone(), 422, "missing"),
        (
            "channel_id=chan_00000000000000000000000009",
            good.clone(),
            422,
            "channel_unknown",
        ),
        ("channel_id=nonsense", good.clone(), 422, "channel_unknown"),
        (
            &format!("{channel}&lead_id=lead_00000000000000000000000009"),
            good.clone(),
            422,
            "lead_unknown",
        ),
        (
            &format!("{channel}&contact_id=cont_00000000000000000000000009"),
            good.clone(),
            422,
            "contact_unknown",
        ),
        (
            &format!("{channel}&time_zone=Nowhere"),
            good.clone(),
            422,
            "time_zone_unknown",
        ),
        (&channel, vec![], 422, "file_empty"),
        (
            &channel,
            b"just a letter\n".to_vec(),
            422,
            "import_not_a_chat",
        ),
        (&channel, PICTURE.to_vec(), 422, "import_not_a_chat"),
        (
            &channel,
            good[..good.len() - 30].to_vec(),
            422,
            "import_zip_broken",
        ),
        (&channel, bomb, 422, "import_zip_bomb"),
        (
            &channel,
            zip_of(&[("a.jpg", PICTURE)]),
            422,
            "import_zip_no_chat",
        ),
        (
            &channel,
            zip_of(&[("a.txt", b"a"), ("b.txt", b"b")]),
            422,
            "import_zip_many_chats",
        ),
        (
            &channel,
            zip_of(&[("_chat.txt", IOS.as_bytes()), ("../a.jpg", b"b")]),
            422,
            "import_zip_path",
        ),
    ] {
        let path = format!("/imports?{query}");
        let answer = world.send(&shop.key, "POST", &path, &[], Some(body)).await;
        answer.refused(status, code);
        assert_eq!(everything(&world, &shop).await, before, "{code}");
        assert!(
            world.items(&shop.key, "/imports").await.is_empty(),
            "{code}"
        );
    }
    let viewer = shop.a(Role::Viewer);
    bring(&world, viewer, &shop, "", good.clone())
        .await
        .refused(403, "no_right");
    bring(&world, &By::Nobody, &shop, "", good.clone())
        .await
        .refused(401, "not_signed_in");
    // As a form.
    let channel = shop.channel_id.to_string();
    let form = || form(&[("channel_id", &channel)], IOS.as_bytes());
    let headers = [("content-type", FORM), ("idempotency-key", "once")];
    let first = world
        .send(&shop.key, "POST", "/imports", &headers, Some(form()))
        .await
        .good();
    let again = world
        .send(&shop.key, "POST", "/imports", &headers, Some(form()))
        .await
        .good();
    assert_eq!(
        (id(&first), &first["file_name"]),
        (id(&again), &json!("_chat.txt"))
    );
    let broken = [("content-type", FORM)];
    world
        .send(
            &shop.key,
            "POST",
            "/imports",
            &broken,
            Some(b"--edge\r\n".to_vec()),
        )
        .await
        .refused(400, "form_broken");
    // Dropped, it is as if it had never been.
    let path = format!("/imports/{}", id(&first));
    let dropped = world.send(&shop.key, "DELETE", &path, &[], None).await;
    assert_eq!(dropped.status, 204);
    world.ask(&shop.key, &path).await.refused(404, "not_found");
    assert!(
        world.app.files.get(&id(&first)).await.is_err(),
        "the upload is gone"
    );
    assert_eq!(everything(&world, &shop).await, before);
}

async fn a_preview_is_its_bringers_own(plan: crate::world::Plan) {
    let world = plan.on_the_samples_day().open().await;
    let shops = [world.shop().await, world.shop().await];
    let shop = &shops[0];
    let agent = shop.a(Role::Agent);
    let import = id(&bring(&world, agent, shop, WITH_DANA, ANDROID).await.good());
    let path = format!("/imports/{import}");
    // Another person of the team does not see somebody's private chat; an admin does; another business sees nothing.
    for by in [shop.a(Role::Manager), shop.a(Role::Viewer), &shops[1].key] {
        world.ask(by, &path).await.refused(404, "not_found");
        assert!(world.items(by, "/imports").await.is_empty());
    }
    world.ask(shop.a(Role::Admin), &path).await.good();
    for (method, more, body) in [
        ("PATCH", "", json!({"us": null})),
        ("POST", "/apply", json!({})),
        ("POST", "/undo", json!({})),
    ] {
        let path = format!("{path}{more}");
        world
            .call(&shops[1].key, method, &path, body.clone())
            .await
            .refused(404, "not_found");
        world
            .call(shop.a(Role::Manager), method, &path, body)
            .await
            .refused(404, "not_found");
    }
    world
        .patch(
            agent,
            &path,
            json!({"new_contact": {"phone": "0500000010"}}),
        )
        .await
        .good();
    world
        .post(agent, &format!("{path}/apply"), json!({}))
        .await
        .good();
    settled(&world, shop, &import, "applied").await;
    // On the timeline everybody sees it; but only its bringer and an admin take it back.
    let seen = world.get(shop.a(Role::Manager), &path).await;
    assert_eq!(seen["may_undo"], false);
    world
        .post(shop.a(Role::Manager), &format!("{path}/undo"), json!({}))
        .await
        .refused(403, "no_right");
    world
        .post(agent, &format!("{path}/undo"), json!({}))
        .await
        .good();
    settled(&world, shop, &import, "undone").await;
}
