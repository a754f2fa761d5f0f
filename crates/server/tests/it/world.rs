//! A server that runs in this process on a database of its own, and the words that the tests are written in.

mod process;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use app::seal::Seal;
use app::{App, chance};
use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{any, post};
use domain::access::{Permission, Role};
use domain::channel::{Channel, Health, Level, Link, Provider};
use domain::id::{ChannelId, ConnectionId, Id, Kind, WorkspaceId};
use domain::people::{FieldDefinition, FieldKind, Localised, Pipeline, Status, StatusGroup};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::commands::serve::Running;
use sha2::Sha256;
use store::accounts::{Account, App as MetaApp};
use store::channels::NewConnection;
use store::keys::ApiKey;
use store::testing::TestDatabase;
use store::users::{Session, User};
use store::workspaces::Workspace;
use store::{Tx, accounts, channels, installation, journal, keys, users, workspaces};
use tokio_util::sync::DropGuard;

use process::{Home, start_sandbox};

/// The moment of most samples: 2026-11-22, 08:00 UTC.
pub const ZERO: i64 = 1_795_334_400;
/// As the samples name them.
pub const WABA: &str = "102030405060701";
pub const NUMBER: &str = "106540352240001";
pub const PHONE: &str = "972500000001";
pub const PORTFOLIO: &str = "506914307656634";
pub const META_APP: &str = "670843887433847";
/// What the sandbox knows from its start.
pub const TOKEN: &str = "sandbox-token";
pub const SECRET: &str = "sandbox-app-secret";
/// A person of the samples and of the sandbox.
pub const DANA: &str = "972500000010";

pub const ROLES: [Role; 5] = [
    Role::Owner,
    Role::Admin,
    Role::Manager,
    Role::Agent,
    Role::Viewer,
];

/// How long anything may take to become true.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(10);

/// How a world is to begin.
pub struct Plan {
    database: TestDatabase,
    business_now: Option<Timestamp>,
    sandbox: bool,
    base_url: Option<String>,
}

pub struct World {
    pub app: Arc<App>,
    pub url: String,
    /// Set where there is a pretend WhatsApp.
    pub sandbox: Option<String>,
    /// Where channels find their provider.
    base_url: String,
    http: reqwest::Client,
    shops: AtomicU64,
    running: Running,
    stop: DropGuard,
    home: Arc<Home>,
}

/// A workspace with one number, its people and a key for programs.
#[derive(Clone)]
pub struct Shop {
    pub workspace_id: WorkspaceId,
    pub channel_id: ChannelId,
    pub connection_id: ConnectionId,
    pub app_key: String,
    pub secret: String,
    pub waba: String,
    /// May do everything that a program can.
    pub key: By,
    people: Vec<(Role, By)>,
}

impl Shop {
    pub fn a(&self, role: Role) -> &By {
        &self.people.iter().find(|(has, _)| *has == role).unwrap().1
    }
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum By {
    Nobody,
    Key(String),
    Person(String),
}

/// What a request was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body of an answer that had to be good.
    #[track_caller]
    pub fn good(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:#?}");
        self.body
    }

    /// Holds the answer to a refusal with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let told = (self.status, self.body["code"].as_str().unwrap_or_default());
        assert_eq!(told, (status, code), "{self:#?}");
        self.body
    }
}

impl World {
    /// Real time, and no provider anywhere.
    pub fn on(database: TestDatabase) -> Plan {
        Plan {
            database,
            business_now: None,
            sandbox: false,
            base_url: None,
        }
    }
}

impl Plan {
    /// The samples' day, a little after the last of them, so that none is told before it happened.
    pub fn on_the_samples_day(mut self) -> Self {
        self.business_now = Some(second(ZERO + 150));
        self
    }

    /// A pretend WhatsApp beside it, which knows this server's address once the first shop is open.
    pub fn with_sandbox(mut self) -> Self {
        self.sandbox = true;
        self
    }

    /// A provider that gives each message the id that its text names, and nothing else.
    pub async fn with_obedient_provider(mut self) -> Self {
        self.base_url = Some(obedient_provider().await);
        self
    }

    pub async fn open(self) -> World {
        // Another test of this process may have done so.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = if self.sandbox {
            Some(start_sandbox().await)
        } else {
            None
        };
        let home = Home {
            database: self.database,
            folder: tempfile::tempdir().unwrap(),
            seal_key: Seal::new_key(),
            sandbox,
        };
        let app = home.open().await;
        let machine_now = app.clock.machine_now();
        let offset_ms = self
            .business_now
            .map_or(0, |now| now.as_millisecond() - machine_now.as_millisecond());
        app.store
            .write(offset_ms, |tx, offset_ms| {
                Box::pin(installation::choose_clock(tx, *offset_ms))
            })
            .await
            .unwrap();
        app.clock.set_offset_ms(offset_ms);
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        World::start(Arc::new(home), app, anywhere, self.base_url).await
    }
}

async fn obedient_provider() -> String {
    let messages = post(
        async |Path(_): Path<(String, String)>, Json(body): Json<Value>| {
            let id = body["text"]["body"]
                .as_str()
                .unwrap_or("wamid.none")
                .to_owned();
            Json(json!({
                "messaging_product": "whatsapp",
                "contacts": [{"input": body["to"], "wa_id": body["to"]}],
                "messages": [{"id": id}]
            }))
        },
    );
    let router = Router::new()
        .route("/{version}/{number}/messages", messages)
        .fallback(any(async || StatusCode::SERVICE_UNAVAILABLE));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

pub fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Waits until it is so.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "it never came to this: {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// `sha256=…` over the body.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", chance::hex(&mac.finalize().into_bytes()))
}

// Requests.
impl World {
    pub async fn send(
        &self,
        by: &By,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let path =
            if path.starts_with("/api/") || path.starts_with("/webhooks") || path == "/metrics" {
                path.to_owned()
            } else {
                format!("/api/v1{path}")
            };
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .header("accept-language", "en");
        request = match by {
            By::Nobody => request,
            By::Key(key) => request.header("authorization", format!("Bearer {key}")),
            By::Person(token) => request
                .header("cookie", format!("kesher_session={token}"))
                .header("origin", &self.url),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Answer {
            status,
            headers,
            body,
        }
    }

    pub async fn call(&self, by: &By, method: &str, path: &str, body: Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.send(by, method, path, &json, Some(body.to_string().into_bytes()))
            .await
    }

    pub async fn ask(&self, by: &By, path: &str) -> Answer {
        self.send(by, "GET", path, &[], None).await
    }

    /// The body of a good answer.
    pub async fn get(&self, by: &By, path: &str) -> Value {
        let answer = self.ask(by, path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:#?}");
        answer.body
    }

    pub async fn items(&self, by: &By, path: &str) -> Vec<Value> {
        self.get(by, path).await["items"]
            .as_array()
            .unwrap()
            .clone()
    }

    pub async fn post(&self, by: &By, path: &str, body: Value) -> Answer {
        self.call(by, "POST", path, body).await
    }

    pub async fn patch(&self, by: &By, path: &str, body: Value) -> Answer {
        self.call(by, "PATCH", path, body).await
    }

    /// A webhook of this shop's app, rightly signed; answers the status.
    pub async fn webhook(&self, shop: &Shop, body: impl AsRef<[u8]>) -> u16 {
        let body = body.as_ref();
        self.signed_with(&shop.secret, shop, body).await.status
    }

    pub async fn signed_with(&self, secret: &str, shop: &Shop, body: &[u8]) -> Answer {
        let signature = sign(secret, body);
        let headers = [("x-hub-signature-256", signature.as_str())];
        self.post_webhook(shop, &headers, body).await
    }

    pub async fn post_webhook(&self, shop: &Shop, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let path = if shop.app_key.is_empty() {
            "/webhooks/meta".to_owned()
        } else {
            format!("/webhooks/meta/{}", shop.app_key)
        };
        self.send(&By::Nobody, "POST", &path, headers, Some(body.to_vec()))
            .await
    }

    /// Puts a webhook in, and waits until everything that came in is applied.
    pub async fn tell(&self, shop: &Shop, body: impl AsRef<[u8]>) {
        assert_eq!(self.webhook(shop, body).await, 200);
        self.applied(shop).await;
    }

    /// Waits until nothing of this shop's journal waits.
    pub async fn applied(&self, shop: &Shop) {
        eventually("everything is applied", async || {
            let waiting = self
                .app
                .store
                .read((), |tx, ()| Box::pin(journal::waiting_workspaces(tx)));
            (!waiting.await.unwrap().contains(&shop.workspace_id)).then_some(())
        })
        .await;
    }

    pub fn now(&self) -> Timestamp {
        self.app.clock.business_now()
    }

    /// Winds the clock, and the sandbox's where there is one.
    pub async fn wind(&self, shop: &Shop, by: SignedDuration) {
        if self.sandbox.is_some() {
            let body = json!({"advance_s": by.as_secs()});
            self.post(&shop.key, "/demo/clock", body).await.good();
        } else {
            self.wind_alone(shop, by).await;
        }
    }

    /// Winds the clock here and not in the sandbox.
    pub async fn wind_alone(&self, shop: &Shop, by: SignedDuration) {
        let caller = app::caller::Caller {
            workspace_id: shop.workspace_id,
            who: app::caller::Who::System,
        };
        app::wind_clock::wind(&self.app, &caller, by).await.unwrap();
    }

    /// The only conversation of a shop.
    pub async fn conversation(&self, shop: &Shop) -> Value {
        let mut all = self.items(&shop.key, "/conversations").await;
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }

    /// Says something in a conversation; answers the message.
    pub async fn say(&self, shop: &Shop, conversation: &str, text: &str) -> Value {
        let body = json!({"content": {"kind": "text", "text": text}});
        let path = format!("/conversations/{conversation}/messages");
        self.post(&shop.key, &path, body).await.good()
    }

    /// Waits until a message has come so far; answers it.
    pub async fn delivered_as(&self, shop: &Shop, message: &str, delivery: &str) -> Value {
        let path = format!("/messages/{message}");
        eventually(&format!("the message is {delivery}"), async || {
            let now = self.get(&shop.key, &path).await;
            (now["delivery"] == delivery).then_some(now)
        })
        .await
    }

    /// A call of the sandbox's control API.
    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", self.sandbox.as_ref().unwrap());
        let response = self
            .http
            .request(method, url)
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path} {status}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Whether these bytes stand anywhere in the database's files, removed rows and the log of writes among them.
    /// On SQLite only.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let store::DatabaseUrl::Sqlite(path) = &self.home.database.url else {
            panic!("only a file can be looked through")
        };
        let folder = path.parent().unwrap();
        let mut all = std::fs::read_dir(folder).unwrap();
        all.any(|file| {
            let file = std::fs::read(file.unwrap().path()).unwrap();
            file.windows(bytes.len()).any(|window| window == bytes)
        })
    }

    /// The bytes of a file.
    pub async fn bytes(&self, by: &By, path: &str) -> Vec<u8> {
        let By::Key(key) = by else {
            panic!("files are asked for with a key here")
        };
        let request = self
            .http
            .get(format!("{}{path}", self.url))
            .bearer_auth(key);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.bytes().await.unwrap().to_vec()
    }

    /// A page of ours that anybody may open.
    pub async fn page(&self, method: &str, path: &str) -> (u16, String) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}{path}", self.url));
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Uploads a file.
    pub async fn upload(&self, by: &By, name: &str, bytes: &[u8]) -> Value {
        let By::Key(key) = by else {
            panic!("files are given with a key here")
        };
        let file = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", file);
        let request = self
            .http
            .post(format!("{}/api/v1/media", self.url))
            .bearer_auth(key);
        let response = request.multipart(form).send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// A person sends a photo.
    pub async fn photo(&self, person: &str, mime: &str, bytes: &[u8]) {
        self.photo_to(NUMBER, person, mime, bytes).await;
    }

    /// A person sends a photo to one of the sandbox's numbers.
    pub async fn photo_to(&self, number: &str, person: &str, mime: &str, bytes: &[u8]) {
        let file = reqwest::multipart::Part::bytes(bytes.to_vec())
            .mime_str(mime)
            .unwrap();
        let form = reqwest::multipart::Form::new()
            .part("file", file.file_name("photo.png"))
            .text("kind", "image");
        let url = format!(
            "{}/phone/api/chats/{person}/{number}/media",
            self.sandbox.as_ref().unwrap()
        );
        let response = self.http.post(url).multipart(form).send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{}",
            response.text().await.unwrap()
        );
    }

    /// What a person does on their phone.
    pub async fn person(&self, person: &str, action: &str, body: Value) -> Value {
        let path = format!("/phone/api/chats/{person}/{NUMBER}/{action}");
        self.control("POST", &path, body).await
    }
}

/// The value of an id, as text.
pub fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

// Shops.
impl World {
    /// A new workspace with a number. Its number has the samples' id; the app and the WABA are its own, since each of
    /// these belongs to one workspace. The first shop of a world with a sandbox is the sandbox's.
    pub async fn shop(&self) -> Shop {
        self.shops(1).await.remove(0)
    }

    pub async fn shops(&self, count: usize) -> Vec<Shop> {
        let first = self.shops.fetch_add(count as u64, Ordering::SeqCst);
        let seeds: Vec<Seeds> = (first..).take(count).map(|nth| self.seeds(nth)).collect();
        let shops = seeds.iter().map(|seeds| seeds.shop.clone()).collect();
        self.app
            .store
            .write(Arc::new(seeds), |tx, all| {
                Box::pin(async move {
                    for seeds in all.iter() {
                        write(tx, seeds).await?;
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
        self.app.reload_directory().await.unwrap();
        if first == 0 && self.sandbox.is_some() {
            let callback = format!("{}/webhooks/meta", self.url);
            let setup = json!({
                "settings": {"sent_ms": 5, "delivered_ms": 10, "read_ms": 10},
                "apps": [{"id": META_APP, "callback_url": callback, "verify_token": "verify-me"}]
            });
            self.control("POST", "/control/setup", setup).await;
        }
        shops
    }

    fn seeds(&self, nth: u64) -> Seeds {
        let unique = u128::from(nth) + 1;
        let token = |name: &str| format!("{name}-{}", chance::token());
        let waba = if nth == 0 {
            WABA.to_owned()
        } else {
            format!("10203{:010}", nth + 1)
        };
        let secret = if nth == 0 {
            SECRET.to_owned()
        } else {
            token("secret")
        };
        let seal = |owner: &str, text: &str| self.app.seal.seal(owner, &text.into()).unwrap();
        Seeds {
            unique,
            now: self.now(),
            machine_now: self.app.clock.machine_now(),
            base_url: self.base_url.clone(),
            provider_app_id: if nth == 0 {
                META_APP.to_owned()
            } else {
                format!("67084{:010}", nth + 1)
            },
            token: seal(&account_id(unique).to_string(), TOKEN),
            sealed_secret: seal(&app_id(unique).to_string(), &secret),
            verify_token: seal(&app_id(unique).to_string(), "verify-me"),
            shop: Shop {
                workspace_id: Id::from_bits(unique),
                channel_id: Id::from_bits(unique),
                connection_id: Id::from_bits(unique),
                app_key: if nth == 0 {
                    String::new()
                } else {
                    format!("app{nth}")
                },
                secret,
                waba,
                key: By::Key(format!("kesher_{}", chance::token())),
                people: ROLES
                    .map(|role| (role, By::Person(token("session"))))
                    .into(),
            },
        }
    }
}

struct Seeds {
    shop: Shop,
    unique: u128,
    now: Timestamp,
    machine_now: Timestamp,
    base_url: String,
    provider_app_id: String,
    token: String,
    sealed_secret: String,
    verify_token: String,
}

fn account_id(unique: u128) -> domain::id::AccountId {
    Id::from_bits(unique)
}

fn app_id(unique: u128) -> domain::id::AppId {
    Id::from_bits(unique)
}

fn nth<K: Kind>(unique: u128, nth: u8) -> Id<K> {
    Id::from_bits(unique * 100 + u128::from(nth))
}

async fn write(tx: &mut Tx, seeds: &Seeds) -> store::Result<()> {
    let workspace_id = seeds.shop.workspace_id;
    let workspace = Workspace {
        id: workspace_id,
        name: "לדוגמה".into(),
        locale: "he".into(),
        time_zone: "Asia/Jerusalem".into(),
        region: "IL".into(),
        currency: "ILS".into(),
        created_at: seeds.now,
    };
    workspaces::insert(tx, &workspace).await?;
    write_pipeline(tx, seeds).await?;
    write_number(tx, seeds).await?;
    write_people(tx, seeds).await
}

async fn write_pipeline(tx: &mut Tx, seeds: &Seeds) -> store::Result<()> {
    let pipeline = Pipeline {
        id: Id::from_bits(seeds.unique),
        name: Localised::both("לידים", "Leads"),
        fields: vec![FieldDefinition {
            key: "city".into(),
            label: Localised::both("עיר", "City"),
            kind: FieldKind::Text,
            options: vec![],
        }],
    };
    workspaces::insert_pipeline(tx, seeds.shop.workspace_id, &pipeline, 0).await?;
    let groups = [
        (StatusGroup::New, "חדש", "New"),
        (StatusGroup::Active, "בטיפול", "Active"),
        (StatusGroup::Won, "נסגר", "Won"),
    ];
    for (position, (group, he, en)) in (0_u8..).zip(groups) {
        let status = Status {
            id: nth(seeds.unique, position),
            pipeline_id: pipeline.id,
            name: Localised::both(he, en),
            group,
            position: position.into(),
        };
        workspaces::insert_status(tx, seeds.shop.workspace_id, &status).await?;
    }
    Ok(())
}

async fn write_number(tx: &mut Tx, seeds: &Seeds) -> store::Result<()> {
    let shop = &seeds.shop;
    let app = MetaApp {
        workspace_id: shop.workspace_id,
        id: app_id(seeds.unique),
        app_key: shop.app_key.clone(),
        provider: "meta".into(),
        provider_app_id: seeds.provider_app_id.clone(),
        secrets: vec![seeds.sealed_secret.clone()],
        verify_token: seeds.verify_token.clone(),
        last_webhook_at: None,
        created_at: seeds.now,
    };
    accounts::insert_app(tx, &app).await?;
    let account = Account {
        workspace_id: shop.workspace_id,
        id: account_id(seeds.unique),
        provider: "meta".into(),
        app_id: Some(app.id),
        waba_id: shop.waba.clone(),
        portfolio_id: Some(PORTFOLIO.into()),
        base_url: seeds.base_url.clone(),
        token: seeds.token.clone(),
        token_last4: "oken".into(),
        created_at: seeds.now,
    };
    accounts::insert(tx, &account).await?;
    let channel = Channel {
        id: shop.channel_id,
        version: 1,
        name: "ראשי".into(),
        level: Level::BusinessApi,
        link: Link::Api,
        provider: Provider::Meta,
        phone: Some(PHONE.into()),
        pipeline_id: Id::from_bits(seeds.unique),
        connection: None,
        health: Health::default(),
        settings: domain::channel::Settings::default(),
    };
    channels::insert(tx, shop.workspace_id, &channel, seeds.now).await?;
    let connection = NewConnection {
        id: shop.connection_id,
        channel_id: shop.channel_id,
        account_id: account.id,
        phone_number_id: NUMBER.into(),
        webhook_secret: None,
    };
    channels::connect(tx, shop.workspace_id, &connection, seeds.now).await
}

async fn write_people(tx: &mut Tx, seeds: &Seeds) -> store::Result<()> {
    let shop = &seeds.shop;
    for (position, (role, by)) in (0_u8..).zip(&shop.people) {
        let user = User {
            workspace_id: shop.workspace_id,
            id: nth(seeds.unique, position),
            name: format!("{role:?}"),
            email: format!("{role:?}.{}@example.com", seeds.unique).to_lowercase(),
            role: *role,
            locale: "en".into(),
            password_hash: None,
            disabled_at: None,
            created_at: seeds.now,
        };
        users::insert(tx, &user).await?;
        let By::Person(token) = by else { continue };
        let session = Session {
            token_hash: chance::hash(token),
            workspace_id: shop.workspace_id,
            user_id: user.id,
            expires_at: seeds.machine_now + SignedDuration::from_hours(24),
        };
        users::insert_session(tx, &session, seeds.machine_now).await?;
    }
    let By::Key(key) = &shop.key else {
        return Ok(());
    };
    let row = ApiKey {
        workspace_id: shop.workspace_id,
        id: Id::from_bits(seeds.unique),
        name: "test".into(),
        last4: "test".into(),
        scopes: Permission::ALL
            .map(|scope| scope.as_str().to_owned())
            .into(),
        created_by: None,
        created_at: seeds.now,
        last_used_at: None,
        revoked_at: None,
    };
    keys::insert(tx, &row, &chance::hash(key)).await
}

/// A webhook of one change in `messages`, whose value has these members.
pub fn change(shop: &Shop, members: Value) -> Vec<u8> {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": PHONE, "phone_number_id": NUMBER}
    });
    for (name, member) in members.as_object().unwrap() {
        value[name] = member.clone();
    }
    json!({"object": "whatsapp_business_account", "entry": [{"id": shop.waba, "changes": [
        {"field": "messages", "value": value}
    ]}]})
    .to_string()
    .into_bytes()
}

/// A person's text.
pub fn text(shop: &Shop, phone: &str, name: &str, wamid: &str, at: i64, words: &str) -> Vec<u8> {
    change(
        shop,
        json!({
            "contacts": [{"profile": {"name": name}, "wa_id": phone}],
            "messages": [{"from": phone, "id": wamid, "timestamp": at.to_string(), "type": "text",
                          "text": {"body": words}}]
        }),
    )
}
