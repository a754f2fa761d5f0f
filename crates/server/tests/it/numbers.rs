//! Numbers of other providers than Meta at the sandbox: how each is connected, and the words that their tests share.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::world::{DANA, Plan, Shop, World, eventually, id};

/// The sandbox's number at one provider, and what Kesher must be told to connect it.
#[derive(Debug)]
pub struct Kit {
    /// As in Kesher's API.
    pub provider: &'static str,
    /// As in the sandbox.
    pub prefix: &'static str,
    pub phone: &'static str,
    pub account: Option<&'static str>,
    pub number: Option<&'static str>,
    pub token: &'static str,
    pub secret: Option<&'static str>,
    /// A gateway that drives an app account.
    pub gateway: bool,
    /// Its console is where one says which address hears of messages.
    pub console: bool,
    /// A proof of the caller that is right in form and made with another key.
    pub forged: (&'static str, &'static str),
    /// Proves each webhook over its body, instead of showing one secret with all of them.
    pub signs: bool,
    /// Brings a webhook again that was not taken.
    pub repeats: bool,
    /// Takes an id of ours and gives it back.
    pub echoes_our_id: bool,
}

const HEX_128: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\
                       00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const HEX_64: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const NOT_OURS: (&str, &str) = ("authorization", "Bearer not-the-secret-of-this-webhook");

pub const WAHA: Kit = Kit {
    provider: "waha",
    prefix: "waha",
    phone: "972500000021",
    account: None,
    number: Some("default"),
    token: "sandbox-waha-key",
    secret: None,
    gateway: true,
    console: false,
    forged: ("x-webhook-hmac", HEX_128),
    signs: true,
    repeats: true,
    echoes_our_id: false,
};

pub const GREEN_API: Kit = Kit {
    provider: "green_api",
    prefix: "green-api",
    phone: "972500000022",
    number: Some("7103000001"),
    token: "sandbox-green-token",
    forged: NOT_OURS,
    ..WAHA
};

pub const DIALOG360: Kit = Kit {
    provider: "360dialog",
    prefix: "360dialog",
    phone: "972500000023",
    account: Some("200000000000023"),
    number: None,
    token: "sandbox-360-key",
    gateway: false,
    forged: NOT_OURS,
    echoes_our_id: true,
    ..WAHA
};

pub const TWILIO: Kit = Kit {
    provider: "twilio",
    prefix: "twilio",
    phone: "972500000024",
    account: Some("AC00000000000000000000000000000001"),
    number: None,
    token: "sandbox-twilio-token",
    gateway: false,
    console: true,
    // Twenty bytes in base64.
    forged: ("x-twilio-signature", "AAECAwQFBgcICQoLDA0ODxAREhM="),
    repeats: false,
    ..WAHA
};

pub const EVOLUTION: Kit = Kit {
    provider: "evolution",
    prefix: "evolution",
    phone: "972500000025",
    number: Some("sales-1"),
    token: "sandbox-evolution-key",
    forged: NOT_OURS,
    signs: false,
    ..WAHA
};

pub const WUZAPI: Kit = Kit {
    provider: "wuzapi",
    prefix: "wuzapi",
    phone: "972500000026",
    number: Some("sales-1"),
    token: "sandbox-wuzapi-token",
    forged: ("x-hmac-signature", HEX_64),
    ..WAHA
};

pub const VONAGE: Kit = Kit {
    provider: "vonage",
    prefix: "vonage",
    phone: "972500000027",
    // So its templates can be read.
    account: Some("102030405060702"),
    token: "a1b2c3d4:sandbox-vonage-secret",
    secret: Some("sandbox-vonage-signature-secret"),
    console: true,
    // Says that it is signed by HS256, and of nothing.
    forged: ("authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAA"),
    ..DIALOG360
};

pub const GUPSHUP: Kit = Kit {
    provider: "gupshup",
    prefix: "gupshup",
    phone: "972500000028",
    account: Some("LeadsApp"),
    token: "sandbox-gupshup-key",
    console: true,
    echoes_our_id: false,
    signs: false,
    ..DIALOG360
};

pub const INFOBIP: Kit = Kit {
    provider: "infobip",
    prefix: "infobip",
    phone: "972500000029",
    account: None,
    token: "sandbox-infobip-key",
    console: true,
    signs: false,
    ..DIALOG360
};

impl Kit {
    /// Another number at the same provider: a session or an account of this name, with a phone and a key of its own.
    pub fn another(&self, name: &str, phone: &str) -> &'static Self {
        let leaked = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let name = leaked(name.to_owned());
        Box::leak(Box::new(Self {
            phone: leaked(phone.to_owned()),
            number: self.number.map(|_| name),
            account: self.account.map(|_| name),
            token: leaked(format!("key-of-{name}")),
            ..*self
        }))
    }

    /// What sets the number up at the sandbox.
    pub fn setup(&self) -> Value {
        let account = self.number.or(self.account).unwrap_or(self.phone);
        json!({"provider": self.prefix, "phone": self.phone, "account": account, "key": self.key(),
            "waba": "102030405060702", "link": {"state": "linked", "paired": true}})
    }

    /// The secret part of the token.
    pub fn key(&self) -> &'static str {
        self.token.rsplit(':').next().unwrap()
    }
}

/// A world with one number of a provider, connected.
pub struct Desk {
    pub world: World,
    pub shop: Shop,
    pub kit: &'static Kit,
    /// The channel's id.
    pub channel: String,
}

/// What connects a number.
pub fn connecting(world: &World, kit: &Kit, level: &str, link: &str) -> Value {
    let base_url = format!("{}/{}", world.sandbox.as_ref().unwrap(), kit.prefix);
    let mut body = json!({"name": kit.provider, "provider": kit.provider, "level": level, "link": link,
        "base_url": base_url, "phone": kit.phone, "token": kit.token, "accept_risk": kit.gateway});
    for (name, value) in [
        ("account", kit.account),
        ("number", kit.number),
        ("webhook_secret", kit.secret),
    ] {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    body
}

/// Winds to nine in the morning of the workspace's next day.
pub async fn next_morning(world: &World, shop: &Shop) {
    next_day_at(world, shop, 9).await;
}

/// Winds to an hour of the workspace's next day.
pub async fn next_day_at(world: &World, shop: &Shop, hour: i8) {
    let zone = jiff::tz::TimeZone::get("Asia/Jerusalem").unwrap();
    let now = world.now();
    let tomorrow = zone.to_datetime(now).date().tomorrow().unwrap();
    let then = zone.to_timestamp(tomorrow.at(hour, 0, 0, 0)).unwrap();
    // Whole seconds are wound: not one too few.
    let left = then.duration_since(now) + SignedDuration::from_secs(1);
    world.wind(shop, left).await;
}

/// A world with the sandbox and a shop whose own number is Meta's.
pub async fn beside(plan: Plan) -> (World, Shop) {
    let world = plan.with_sandbox().open().await;
    let shop = world.shop().await;
    let quick = json!({"settings": {"link_ms": 20}});
    world.control("POST", "/control/setup", quick).await;
    (world, shop)
}

impl Desk {
    /// Connected at its widest: a gateway both ways, an official number at the API.
    pub async fn open(plan: Plan, kit: &'static Kit) -> Self {
        let link = if kit.gateway {
            "gateway_two_way"
        } else {
            "api"
        };
        Self::open_as(plan, kit, link).await
    }

    pub async fn open_as(plan: Plan, kit: &'static Kit, link: &str) -> Self {
        let (world, shop) = beside(plan).await;
        let level = if kit.gateway {
            "business_app"
        } else {
            "business_api"
        };
        let desk = Self::connected(world, shop, kit, level, link).await;
        desk.settled().await;
        desk
    }

    /// Connects a number in a world that is there.
    pub async fn connected(
        world: World,
        shop: Shop,
        kit: &'static Kit,
        level: &str,
        link: &str,
    ) -> Self {
        let body = connecting(&world, kit, level, link);
        let answer = world.post(&shop.key, "/channels", body).await;
        assert_eq!(answer.status, 201, "{answer:#?}");
        let channel = answer.good();
        if kit.console {
            let setup = json!({"gateways": [{"provider": kit.prefix, "phone": kit.phone,
                "webhook": channel["webhook"]["url"]}]});
            world.control("POST", "/control/setup", setup).await;
        }
        Self {
            channel: id(&channel),
            world,
            shop,
            kit,
        }
    }

    /// Its process ends, and another starts.
    pub async fn restarted(self) -> Self {
        Self {
            world: self.world.end().await.start().await,
            ..self
        }
    }

    /// Waits until the number is linked, and known to be.
    pub async fn settled(&self) {
        if self.kit.gateway {
            // Being told where to report makes some of them start anew.
            eventually("it has started", async || {
                let world = self
                    .world
                    .control("GET", "/control/world", Value::Null)
                    .await;
                let all = world["gateways"].as_array().unwrap();
                let own = all
                    .iter()
                    .find(|one| one["phone"] == self.kit.phone)
                    .unwrap();
                (own["link"]["state"] == "linked").then_some(())
            })
            .await;
            let check = format!("{}/check", self.path());
            self.post(&check, json!({})).await.good();
        }
        let state = if self.kit.gateway {
            "linking"
        } else {
            "health"
        };
        let good = if self.kit.gateway { "linked" } else { "ok" };
        self.channel_until("it is linked", |channel| channel[state]["state"] == good)
            .await;
    }

    pub fn path(&self) -> String {
        format!("/channels/{}", self.channel)
    }

    pub async fn card(&self) -> Value {
        self.world.get(&self.shop.key, &self.path()).await
    }

    pub async fn channel_until(&self, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || {
            let channel = self.card().await;
            so(&channel).then_some(channel)
        })
        .await
    }

    pub async fn post(&self, path: &str, body: Value) -> crate::world::Answer {
        self.world.post(&self.shop.key, path, body).await
    }

    /// What a person does on their phone, to this number.
    pub async fn person(&self, person: &str, action: &str, mut body: Value) -> Value {
        body["number"] = self.kit.phone.into();
        let path = format!("/control/persons/{person}/{action}");
        self.world.control("POST", &path, body).await
    }

    /// A person writes; answers their thread.
    pub async fn writes(&self, person: &str, words: &str) -> Value {
        self.person(person, "text", json!({"text": words})).await;
        eventually(&format!("{words} is here"), async || {
            for thread in self.threads().await {
                let all = self.messages(&id(&thread)).await;
                if all.iter().any(|one| one["content"]["text"] == words) {
                    return Some(thread);
                }
            }
            None
        })
        .await
    }

    pub async fn threads(&self) -> Vec<Value> {
        let path = format!("/conversations?channel_id={}", self.channel);
        self.world.items(&self.shop.key, &path).await
    }

    /// The thread of somebody who has written to the shop's own number only.
    pub async fn thread_of(&self, person: &str) -> String {
        self.world
            .person(person, "text", json!({"text": "שלום"}))
            .await;
        let phone = format!("+{person}");
        let contact = eventually("they are known", async || {
            let all = self.world.items(&self.shop.key, "/contacts").await;
            all.into_iter().find(|contact| contact["phone"] == phone)
        })
        .await;
        let body = json!({"contact_id": contact["id"], "channel_id": self.channel});
        id(&self.post("/conversations", body).await.good())
    }

    pub async fn messages(&self, thread: &str) -> Vec<Value> {
        let path = format!("/conversations/{thread}/messages");
        let mut all = self.world.items(&self.shop.key, &path).await;
        all.reverse();
        all
    }

    pub async fn send(&self, thread: &str, content: Value) -> crate::world::Answer {
        let path = format!("/conversations/{thread}/messages");
        self.post(&path, json!({"content": content})).await
    }

    /// Says a text for a reason.
    pub async fn send_for(&self, thread: &str, purpose: &str, words: &str) -> crate::world::Answer {
        let path = format!("/conversations/{thread}/messages");
        let body = json!({"content": {"kind": "text", "text": words}, "purpose": purpose});
        self.post(&path, body).await
    }

    /// Says something that has to be taken; answers the message's id.
    pub async fn say(&self, thread: &str, content: Value) -> String {
        id(&self.send(thread, content).await.good())
    }

    pub async fn say_text(&self, thread: &str, words: &str) -> String {
        self.say(thread, json!({"kind": "text", "text": words}))
            .await
    }

    pub async fn message(&self, message: &str) -> Value {
        let path = format!("/messages/{message}");
        self.world.get(&self.shop.key, &path).await
    }

    pub async fn becomes(&self, message: &str, delivery: &str) -> Value {
        let began = std::time::Instant::now();
        loop {
            let now = self.message(message).await;
            // Whoever has it open has read what was delivered.
            if now["delivery"] == delivery || (delivery == "delivered" && now["delivery"] == "read")
            {
                return now;
            }
            let patient = began.elapsed() < std::time::Duration::from_secs(10);
            assert!(patient, "it never became {delivery}: {now:#}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Winds on, by so many seconds at once, until a message has been delivered.
    pub async fn goes(&self, message: &str, seconds: i64) {
        let began = std::time::Instant::now();
        loop {
            let now = self.message(message).await;
            if matches!(now["delivery"].as_str(), Some("delivered" | "read")) {
                return;
            }
            if began.elapsed() > std::time::Duration::from_secs(10) {
                panic!(
                    "it never went: {now:#} {:#} {:#?}",
                    self.card().await,
                    self.accepted().await
                );
            }
            self.wind(seconds).await;
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// An app account says one thing every twenty seconds at most; nobody else waits.
    pub async fn breathe(&self) {
        if self.kit.gateway {
            self.wind(21).await;
        }
    }

    pub async fn wind(&self, seconds: i64) {
        let by = SignedDuration::from_secs(seconds);
        self.world.wind(&self.shop, by).await;
    }

    /// What the provider has accepted, oldest first.
    pub async fn accepted(&self) -> Vec<Value> {
        let path = format!("/control/ledger?provider={}", self.kit.prefix);
        let ledger = self.world.control("GET", &path, Value::Null).await;
        ledger["items"].as_array().unwrap().clone()
    }

    /// The texts that the provider has accepted, oldest first.
    pub async fn said(&self) -> Vec<String> {
        let all = self.accepted().await;
        all.iter()
            .map(|item| item["text"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Rules that touch this provider only.
    pub async fn faults(&self, mut rules: Value) {
        for rule in rules.as_array_mut().unwrap() {
            rule["provider"] = self.kit.prefix.into();
        }
        let body = json!({"rules": rules});
        self.world.control("PUT", "/control/faults", body).await;
    }

    pub async fn no_faults(&self) {
        self.world
            .control("DELETE", "/control/faults", json!({}))
            .await;
    }

    pub async fn link_becomes(&self, state: &str) {
        let body = json!({"provider": self.kit.prefix, "to": state});
        self.world.control("POST", "/control/link", body).await;
    }

    /// Dana reads everything.
    pub async fn dana_reads(&self) {
        self.person(DANA, "open", json!({"open": true})).await;
    }
}
