//! Histories by chance, judged by what the provider accepted: whatever is done in whatever order, nothing gets out that
//! the table forbids at that time. Every history is told by its seed.

mod judge;

use std::collections::BTreeSet;

use domain::access::Role;
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::numbers::{DIALOG360, Desk, GREEN_API, Kit, WAHA, beside};
use crate::world::{NUMBER, Shop, World, eventually, id};

/// Worlds beside each other, and histories in each.
const WORLDS: u64 = 4;
const HISTORIES: u64 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_gets_out_that_the_table_forbids() {
    let worlds = (0..WORLDS).map(|nth| {
        Box::pin(async move {
            let plan = World::on(store::testing::sqlite());
            let (mut world, mut shop) = beside(plan).await;
            let mut sent = Vec::new();
            for seed in nth * HISTORIES..(nth + 1) * HISTORIES {
                let out;
                (world, shop, out) = Box::pin(history(world, shop, seed)).await;
                sent.push(out);
            }
            sent
        })
    });
    let sent: Vec<Vec<_>> = join_all(worlds).await.into_iter().flatten().collect();
    assert_eq!(sent.len() as u64, WORLDS * HISTORIES);
    // A test in which little happens proves little.
    let busy = sent.iter().filter(|out| !out.is_empty()).count();
    assert!(
        busy * 3 >= sent.len(),
        "{busy} of {} sent something",
        sent.len()
    );
    let ways: BTreeSet<_> = sent.iter().flatten().collect();
    assert!(ways.len() >= 15, "only these went out: {ways:?}");
}

/// `SplitMix64`.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

const PURPOSES: [&str; 6] = [
    "by_hand",
    "instant_reply",
    "triggered",
    "mailing",
    "multi_step",
    "bot",
];

/// The purposes that Kesher itself sends. Typed from the product's page.
fn may(level: &str, link: &str) -> &'static [&'static str] {
    match (level, link) {
        ("personal_app", "gateway_one_way" | "gateway_two_way")
        | ("business_app", "gateway_one_way") => &["by_hand", "triggered", "mailing"],
        ("business_app", "gateway_two_way") => {
            &["by_hand", "instant_reply", "triggered", "mailing"]
        }
        ("business_app", "coexistence") | ("business_api", "api") => &PURPOSES,
        _ => &[],
    }
}

/// Something that was asked for, under the number that its words bear.
#[derive(Debug, Clone)]
struct Asked {
    purpose: &'static str,
    kind: &'static str,
    person: Option<usize>,
    campaign: Option<usize>,
}

/// What the judge knows, by the sandbox's clock.
struct History {
    seed: u64,
    chance: Chance,
    desk: Desk,
    level: &'static str,
    /// Since when the link is what.
    links: Vec<(Timestamp, &'static str)>,
    linked: bool,
    people: [String; 2],
    contacts: Vec<Value>,
    threads: Vec<String>,
    template: Option<String>,
    asked: Vec<Asked>,
    wrote: Vec<(usize, Timestamp, Timestamp)>,
    winds: Vec<(Timestamp, Timestamp)>,
    out: [Option<Timestamp>; 2],
    campaigns: Vec<(String, Option<Timestamp>)>,
    log: Vec<String>,
}

/// What went out, by link and purpose.
type Out = Vec<(&'static str, &'static str)>;

async fn history(world: World, shop: Shop, seed: u64) -> (World, Shop, Out) {
    let mut history = begin(world, shop, seed).await;
    for _ in 0..6 + history.chance.below(7) {
        history.step().await;
    }
    history.end().await;
    let out = history.judge().await;
    (history.desk.world, history.desk.shop, out)
}

async fn now(world: &World) -> Timestamp {
    let clock = world.control("GET", "/control/clock", Value::Null).await;
    clock["now"].as_str().unwrap().parse().unwrap()
}

async fn begin(world: World, shop: Shop, seed: u64) -> History {
    let mut chance = Chance(seed);
    let (level, link) = chance.one_of(&[
        ("personal_app", "none"),
        ("personal_app", "gateway_one_way"),
        ("personal_app", "gateway_two_way"),
        ("business_app", "none"),
        ("business_app", "gateway_one_way"),
        ("business_app", "gateway_two_way"),
        ("business_app", "gateway_two_way"),
        ("business_app", "coexistence"),
        ("business_api", "api"),
        ("business_api", "api"),
    ]);
    let phone = format!("97253{:07}", 1_000_000 + seed);
    let kit: &'static Kit = match link {
        "coexistence" | "api" => DIALOG360.another(&format!("3000000{seed:08}"), &phone),
        _ if chance.below(2) == 0 => WAHA.another(&format!("session{seed}"), &phone),
        _ => GREEN_API.another(&format!("71{seed:08}"), &phone),
    };
    let people: [String; 2] =
        std::array::from_fn(|nth| format!("97254{:07}", 1_000_000 + seed * 2 + nth as u64));
    let mut setup = kit.setup();
    setup["on_business_app"] = (link == "coexistence").into();
    let mut setup = json!({"gateways": [setup]});
    if link == "none" {
        setup = json!({});
    }
    world.control("POST", "/control/setup", setup).await;
    // They are known from the shop's other number.
    let words: Vec<Value> = people
        .iter()
        .map(|person| json!({"from": person, "text": "שלום"}))
        .collect();
    let body = json!({"number": NUMBER, "messages": words});
    world.control("POST", "/control/inbound", body).await;
    let began = now(&world).await;
    let desk = if link == "none" {
        let body = json!({"name": "own", "provider": "none", "level": level, "link": link, "phone": format!("+{phone}")});
        let channel = id(&world.post(&shop.key, "/channels", body).await.good());
        Desk {
            world,
            shop,
            kit,
            channel,
        }
    } else {
        let desk = Desk::connected(world, shop, kit, level, link).await;
        desk.settled().await;
        desk
    };
    let contacts = eventually("both are known", async || {
        let all = desk
            .world
            .items(&desk.shop.key, "/contacts?limit=200")
            .await;
        let find = |person: &String| {
            let phone = json!(format!("+{person}"));
            all.iter()
                .find(|contact| contact["phone"] == phone)
                .cloned()
        };
        people.iter().map(find).collect::<Option<Vec<Value>>>()
    })
    .await;
    let mut threads = Vec::new();
    for contact in &contacts {
        let body = json!({"contact_id": contact["id"], "channel_id": desk.channel});
        threads.push(id(&desk.post("/conversations", body).await.good()));
    }
    let template = match link {
        "coexistence" | "api" => Some(own_template(&desk).await),
        _ => None,
    };
    History {
        seed,
        chance,
        level,
        links: vec![(began, link)],
        linked: true,
        people,
        contacts,
        threads,
        template,
        asked: vec![],
        wrote: vec![],
        winds: vec![],
        out: [None; 2],
        campaigns: vec![],
        log: vec![format!("{level} {link} {}", kit.provider)],
        desk,
    }
}

async fn own_template(desk: &Desk) -> String {
    let account = desk.card().await["account"]["id"].clone();
    eventually("its templates are read", async || {
        let all = desk
            .world
            .items(&desk.shop.key, "/templates?limit=200")
            .await;
        let own = all
            .iter()
            .find(|one| one["account_id"] == account && one["name"] == "meeting_reminder_he");
        own.map(id)
    })
    .await
}

impl History {
    fn link(&self) -> &'static str {
        self.links.last().unwrap().1
    }

    fn is_gateway(&self) -> bool {
        self.link().starts_with("gateway")
    }

    async fn now(&self) -> Timestamp {
        now(&self.desk.world).await
    }

    fn note(&mut self, what: String) {
        self.log.push(what);
    }

    async fn step(&mut self) {
        match self.chance.below(16) {
            0..=4 => self.send().await,
            5..=6 => self.write("").await,
            7 => self.write("הסר").await,
            8..=9 => self.wind().await,
            10 => self.campaign().await,
            11 => self.stop().await,
            12 => self.switch().await,
            13 => self.relink().await,
            14 => self.hand_off().await,
            _ => self.connect_again().await,
        }
    }

    /// A number for what is asked now; its words bear it.
    fn ask(&mut self, asked: Asked) -> String {
        self.asked.push(asked);
        format!("#{}.", self.asked.len() - 1)
    }

    async fn send(&mut self) {
        let purpose = match self.chance.below(3) {
            0 => self.chance.one_of(&PURPOSES),
            1 => "by_hand",
            _ => self.chance.one_of(&["triggered", "mailing"]),
        };
        let kind = self
            .chance
            .one_of(&["text", "text", "text", "template", "interactive"]);
        let person = self.chance.below(2);
        let words = self.ask(Asked {
            purpose,
            kind,
            person: Some(person),
            campaign: None,
        });
        let content = match (kind, &self.template) {
            ("template", Some(template)) => {
                json!({"kind": kind, "template_id": template, "variables": [
                {"key": "body.1", "value": words}, {"key": "body.2", "value": "מחר"}]})
            }
            ("interactive", _) => json!({"kind": kind, "body": words,
                "action": {"type": "buttons", "buttons": [{"id": "yes", "title": "כן"}]}}),
            _ => {
                self.asked.last_mut().unwrap().kind = "text";
                json!({"kind": "text", "text": words})
            }
        };
        let path = format!("/conversations/{}/messages", self.threads[person]);
        let body = json!({"content": content, "purpose": purpose});
        let answer = self.desk.post(&path, body).await;
        assert!(
            matches!(answer.status, 202 | 409),
            "{}: {answer:#?}",
            self.seed
        );
        self.note(format!(
            "send {words} {purpose} {kind} to {person}: {} {}",
            answer.status, answer.body["code"]
        ));
        if answer.status == 202 {
            let may = may(self.level, self.link());
            assert!(may.contains(&purpose), "{}: {:#?}", self.seed, self.log);
        }
    }

    /// A person writes, or asks to be left alone.
    async fn write(&mut self, words: &str) {
        if self.link() == "none" {
            return self.hand_off().await;
        }
        let person = self.chance.below(2);
        let said = if words.is_empty() {
            format!("w{}", self.wrote.len())
        } else {
            words.to_owned()
        };
        let before = self.now().await;
        let phone = self.people[person].clone();
        self.desk
            .person(&phone, "text", json!({"text": said}))
            .await;
        let hears = self.linked && self.link() != "gateway_one_way";
        if hears {
            let thread = self.threads[person].clone();
            eventually("it is heard", async || {
                let all = self.desk.messages(&thread).await;
                all.iter()
                    .any(|one| one["content"]["text"] == said)
                    .then_some(())
            })
            .await;
        }
        if !words.is_empty() && self.linked {
            let path = format!("/contacts/{}", id(&self.contacts[person]));
            eventually("the wish is known", async || {
                let contact = self.desk.world.get(&self.desk.shop.key, &path).await;
                (contact["marketing"]["state"] == "opted_out").then_some(())
            })
            .await;
            let now = self.now().await;
            self.out[person].get_or_insert(now);
        }
        let after = self.now().await;
        self.wrote.push((person, before, after));
        self.note(format!("{person} writes {said}"));
    }

    async fn wind(&mut self) {
        let seconds = self.chance.one_of(&[30, 300, 3600, 9 * 3600, 26 * 3600]);
        self.wind_by(seconds).await;
        self.note(format!("wind {seconds}"));
    }

    async fn wind_by(&mut self, seconds: i64) {
        let before = self.now().await;
        self.desk.wind(seconds).await;
        let after = self.now().await;
        self.winds.push((before, after));
    }

    async fn campaign(&mut self) {
        let nth = self.campaigns.len();
        let words = self.ask(Asked {
            purpose: "mailing",
            kind: "text",
            person: None,
            campaign: Some(nth),
        });
        let ids: Vec<&Value> = self.contacts.iter().map(|contact| &contact["id"]).collect();
        let body = json!({"channel_id": self.desk.channel, "name": "x", "text": words, "to": {"contact_ids": ids}});
        let answer = self.desk.post("/campaigns", body).await;
        self.note(format!(
            "campaign {words}: {} {}",
            answer.status, answer.body["code"]
        ));
        if answer.status == 201 {
            assert!(self.is_gateway(), "{}: {:#?}", self.seed, self.log);
            self.campaigns.push((id(&answer.body), None));
        } else {
            assert!(matches!(answer.status, 409 | 422), "{answer:#?}");
            self.campaigns.push((String::new(), None));
        }
    }

    async fn stop(&mut self) {
        let running = self
            .campaigns
            .iter()
            .rposition(|(id, stopped)| !id.is_empty() && stopped.is_none());
        let Some(nth) = running else {
            return self.send().await;
        };
        let path = format!("/campaigns/{}/stop", self.campaigns[nth].0);
        self.desk.post(&path, json!({})).await.good();
        self.campaigns[nth].1 = Some(self.now().await);
        self.note(format!("stop {nth}"));
    }

    async fn switch(&mut self) {
        if !self.is_gateway() {
            return self.send().await;
        }
        let to = if self.link() == "gateway_one_way" {
            "gateway_two_way"
        } else {
            "gateway_one_way"
        };
        let card = self.desk.card().await;
        let change = json!({"version": card["version"], "link": to});
        let path = self.desk.path();
        let desk = &self.desk;
        desk.world.patch(&desk.shop.key, &path, change).await.good();
        let now = self.now().await;
        self.links.push((now, to));
        self.note(format!("switch to {to}"));
    }

    async fn relink(&mut self) {
        if !self.is_gateway() {
            return self.wind().await;
        }
        let to = if self.linked { "logged_out" } else { "linked" };
        self.linked = !self.linked;
        let body = json!({"number": self.desk.kit.phone, "to": to});
        self.desk.world.control("POST", "/control/link", body).await;
        let linked = self.linked;
        self.desk
            .channel_until("the link is known", |card| {
                (card["linking"]["state"] == "linked") == linked
            })
            .await;
        self.note(to.to_owned());
    }

    async fn hand_off(&mut self) {
        let words = self.ask(Asked {
            purpose: "own app",
            kind: "text",
            person: None,
            campaign: None,
        });
        let person = self.chance.below(2);
        let path = format!("/conversations/{}/handoffs", self.threads[person]);
        let agent = self.desk.shop.a(Role::Agent);
        let opened = self
            .desk
            .world
            .post(agent, &path, json!({"text": words}))
            .await
            .good();
        let path = format!("/handoffs/{}/confirm", id(&opened));
        self.desk.world.post(agent, &path, json!({})).await.good();
        self.note(format!("handoff {words}"));
    }

    async fn connect_again(&mut self) {
        if self.link() == "none" {
            return self.send().await;
        }
        let body = crate::numbers::connecting(
            &self.desk.world,
            self.desk.kit,
            self.level,
            self.links[0].1,
        );
        let told = self.desk.post("/channels", body).await;
        told.refused(409, "number_connected");
        self.note("connect again".to_owned());
    }

    /// What waits gets its chance: linked again, and more than a day later.
    async fn end(&mut self) {
        if self.is_gateway() && !self.linked {
            self.relink().await;
        }
        for seconds in [60, 26 * 3600] {
            self.wind_by(seconds).await;
            let mut known = usize::MAX;
            eventually("it is quiet", async || {
                let count = self.accepted().await.len();
                let same = std::mem::replace(&mut known, count) == count;
                same.then_some(())
            })
            .await;
        }
    }

    async fn accepted(&self) -> Vec<Value> {
        let all = self.desk.accepted().await;
        let own = |item: &Value| item["from"] == self.desk.kit.phone;
        all.into_iter().filter(own).collect()
    }
}
