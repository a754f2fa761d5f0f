//! The world at the start, and how a setup changes it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Person, Record, World, country};

/// A setup as the control API takes it: parts to add, replace or change by id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// Each part that is given replaces all of its kind.
    pub replace: bool,
    pub settings: Option<Value>,
    pub apps: Vec<Value>,
    pub portfolios: Vec<Value>,
    pub wabas: Vec<Value>,
    pub numbers: Vec<Value>,
    /// Numbers of other providers than Meta.
    pub gateways: Vec<Value>,
    pub templates: Vec<Value>,
    pub groups: Vec<Value>,
    pub persons: Vec<Value>,
}

impl Setup {
    /// The records that bring this setup about, or what is wrong with it.
    pub fn records(
        &self,
        world: &World,
        new_id: &mut dyn FnMut() -> String,
    ) -> Result<Vec<Record>, String> {
        let mut records = Vec::new();
        if let Some(patch) = &self.settings {
            let settings = merged(&world.settings, patch, "settings")?;
            records.push(Record::Settings {
                settings: Box::new(settings),
            });
        }
        self.clears(&mut records);
        let kept = |at: Option<usize>| at.filter(|_| !self.replace);
        for patch in &self.apps {
            let old = kept(
                world
                    .apps
                    .iter()
                    .position(|app| app.id == text(patch, "id")),
            );
            let app = changed(old.map(|at| &world.apps[at]), patch, "app")?;
            records.push(Record::App { app: Box::new(app) });
        }
        for patch in &self.portfolios {
            let old = kept(
                world
                    .portfolios
                    .iter()
                    .position(|one| one.id == text(patch, "id")),
            );
            let portfolio = changed(old.map(|at| &world.portfolios[at]), patch, "portfolio")?;
            records.push(Record::Portfolio { portfolio });
        }
        for patch in &self.wabas {
            let old = kept(
                world
                    .wabas
                    .iter()
                    .position(|waba| waba.id == text(patch, "id")),
            );
            let waba = changed(old.map(|at| &world.wabas[at]), patch, "waba")?;
            records.push(Record::Waba {
                waba: Box::new(waba),
            });
        }
        for patch in &self.numbers {
            let old = kept(
                world
                    .numbers
                    .iter()
                    .position(|number| number.id == text(patch, "id")),
            );
            let number = changed(old.map(|at| &world.numbers[at]), patch, "number")?;
            records.push(Record::Number {
                number: Box::new(number),
            });
        }
        for patch in &self.groups {
            let old = kept(
                world
                    .groups
                    .iter()
                    .position(|group| group.id == text(patch, "id")),
            );
            let group = changed(old.map(|at| &world.groups[at]), patch, "group")?;
            records.push(Record::Group { group });
        }
        self.gateways(world, &mut records)?;
        self.templates(world, new_id, &mut records)?;
        self.persons(world, &mut records)?;
        Ok(records)
    }

    fn clears(&self, records: &mut Vec<Record>) {
        let parts = [
            ("apps", &self.apps),
            ("portfolios", &self.portfolios),
            ("wabas", &self.wabas),
            ("numbers", &self.numbers),
            ("gateways", &self.gateways),
            ("templates", &self.templates),
            ("groups", &self.groups),
            ("persons", &self.persons),
        ];
        for (kind, given) in parts {
            if self.replace && !given.is_empty() {
                records.push(Record::Clear {
                    kind: kind.to_owned(),
                });
            }
        }
    }

    /// Gateways are the same when the id is, or else provider and phone, or provider and account.
    fn gateways(&self, world: &World, records: &mut Vec<Record>) -> Result<(), String> {
        for patch in &self.gateways {
            let provider = super::Provider::of_name(text(patch, "provider"));
            let (phone, account) = (text(patch, "phone"), text(patch, "account"));
            let same = |one: &&super::Gateway| {
                Some(one.provider) == provider
                    && (one.phone == phone || phone.is_empty())
                    && (one.account == account || account.is_empty())
                    && !(phone.is_empty() && account.is_empty())
            };
            let old = world
                .gateway(text(patch, "id"))
                .or_else(|| world.gateways.iter().find(same))
                .filter(|_| !self.replace);
            let mut gateway: super::Gateway = changed(old, patch, "gateway")?;
            gateway.complete()?;
            records.push(gateway.record());
        }
        Ok(())
    }

    /// Templates are the same when WABA, name and language are.
    fn templates(
        &self,
        world: &World,
        new_id: &mut dyn FnMut() -> String,
        records: &mut Vec<Record>,
    ) -> Result<(), String> {
        for patch in &self.templates {
            let language = patch
                .get("language")
                .and_then(Value::as_str)
                .unwrap_or("he");
            let old = world
                .template_named(text(patch, "waba"), text(patch, "name"), language)
                .or_else(|| world.template(text(patch, "id")))
                .filter(|_| !self.replace);
            let mut template: super::Template = changed(old, patch, "template")?;
            if template.id.is_empty() {
                template.id = new_id();
            }
            records.push(Record::Template {
                template: Box::new(template),
            });
        }
        Ok(())
    }

    /// Persons are the same when the id or the phone is; new ones get the next free id, and a user id
    /// in every portfolio.
    fn persons(&self, world: &World, records: &mut Vec<Record>) -> Result<(), String> {
        let mut made = if self.replace { 0 } else { world.persons.len() };
        for patch in &self.persons {
            let old = world
                .person(text(patch, "id"))
                .or_else(|| world.person_with_phone(text(patch, "phone")))
                .filter(|_| !self.replace);
            let mut person: Person = changed(old, patch, "person")?;
            if person.id.is_empty() {
                made += 1;
                person.id = format!("p{made}");
            }
            if person.phone.is_empty() || !person.phone.bytes().all(|b| b.is_ascii_digit()) {
                return Err("person: phone must be digits only".to_owned());
            }
            person.fill_user_ids(
                world
                    .portfolios
                    .iter()
                    .map(|portfolio| portfolio.id.as_str()),
            );
            person.fill_user_ids(self.portfolios.iter().map(|patch| text(patch, "id")));
            records.push(Record::Person {
                person: Box::new(person),
            });
        }
        Ok(())
    }
}

impl Person {
    /// A user id for each portfolio that has none yet: two letters of the country and 20 digits that
    /// follow from person, portfolio and generation, so that a replay or a second sandbox agrees.
    pub fn fill_user_ids<'a>(&mut self, portfolios: impl Iterator<Item = &'a str>) {
        for portfolio in portfolios {
            if self.user_ids.contains_key(portfolio) {
                continue;
            }
            let seed = format!("{}|{}|{portfolio}|{}", self.id, self.phone, self.generation);
            let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            let digits = crate::chance::Chance::seeded(hash).digits(20);
            self.user_ids.insert(
                portfolio.to_owned(),
                format!("{}.{digits}", country(&self.phone)),
            );
        }
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// The old object (or the default) with the fields of the patch laid over it.
fn changed<T>(old: Option<&T>, patch: &Value, what: &str) -> Result<T, String>
where
    T: Serialize + DeserializeOwned + Default,
{
    match old {
        Some(old) => merged(old, patch, what),
        None => merged(&T::default(), patch, what),
    }
}

fn merged<T: Serialize + DeserializeOwned>(
    old: &T,
    patch: &Value,
    what: &str,
) -> Result<T, String> {
    let mut whole = serde_json::to_value(old).map_err(|error| format!("{what}: {error}"))?;
    let (Some(fields), Some(changes)) = (whole.as_object_mut(), patch.as_object()) else {
        return Err(format!("{what}: must be an object"));
    };
    for (key, value) in changes {
        fields.insert(key.clone(), value.clone());
    }
    serde_json::from_value(whole).map_err(|error| format!("{what}: {error}"))
}

/// The world that a sandbox starts with. The secret and the token are the caller's.
pub fn default_world(secret: &str, token: &str) -> Setup {
    let waba = "102030405060701";
    Setup {
        replace: true,
        settings: Some(json!({})),
        apps: vec![
            json!({"id": "670843887433847", "name": "Example CRM", "secret": secret,
            "tokens": [token], "wabas": [waba]}),
        ],
        portfolios: vec![json!({"id": "506914307656634", "name": "קבוצה לדוגמה"})],
        wabas: vec![
            json!({"id": waba, "name": "משרד לדוגמה", "portfolio": "506914307656634",
            "subscribed_apps": ["670843887433847"]}),
            json!({"id": super::gateway_seed::WABA, "name": "משרד לדוגמה 360", "portfolio": "506914307656634"}),
        ],
        numbers: vec![
            json!({"id": "106540352240001", "waba": waba, "phone": "972500000001",
            "country_code": "972", "verified_name": "משרד לדוגמה"}),
        ],
        gateways: super::gateway_seed::gateways(),
        templates: [default_templates(waba), super::gateway_seed::templates()].concat(),
        groups: Vec::new(),
        persons: default_persons(),
    }
}

fn default_persons() -> Vec<Value> {
    vec![
        json!({"phone": "972500000010", "name": "דנה לדוגמה",
            "user_ids": {"506914307656634": "IL.13491208655302741918"}}),
        json!({"phone": "972500000011", "name": "אבי לדוגמה"}),
        json!({"phone": "972500000012", "name": "יעל לדוגמה", "auto_read": true}),
        json!({"phone": "972500000013", "name": "Sam Example", "read_receipts": false}),
        json!({"phone": "972500000014", "name": "נועה לדוגמה", "username": "noa.example", "hidden": true}),
        json!({"phone": "972500000015", "name": "רון לדוגמה", "on_whatsapp": false}),
    ]
}

fn default_templates(waba: &str) -> Vec<Value> {
    let quick = |text: &str| json!({"type": "QUICK_REPLY", "text": text});
    let body = |text: &str, examples: &[&str]| json!({"type": "BODY", "text": text, "example": {"body_text": [examples]}});
    let one = |id: &str, name: &str, language: &str, category: &str, components: Value| {
        json!({"id": id, "waba": waba, "name": name, "language": language, "category": category,
            "quality": "GREEN", "components": components})
    };
    let mut paused = one(
        "1689556908129807",
        "old_campaign",
        "he",
        "MARKETING",
        json!([{"type": "BODY", "text": "המבצע הישן שלנו עדיין כאן."}]),
    );
    paused["status"] = json!("PAUSED");
    paused["quality"] = json!("RED");
    let mut rejected = one(
        "1689556908129808",
        "too_good_to_be_true",
        "he",
        "UTILITY",
        json!([{"type": "BODY", "text": "זכית! לחיצה אחת והפרס שלך."}]),
    );
    rejected["status"] = json!("REJECTED");
    rejected["rejected_reason"] = json!("INCORRECT_CATEGORY");
    let mut reminder = one(
        "1689556908129802",
        "meeting_reminder",
        "he",
        "UTILITY",
        json!([
        {"type": "BODY", "text": "תזכורת: נקבעה פגישה עם {{first_name}} ביום {{day}} בשעה {{hour}}. נתראה!",
         "example": {"body_text_named_params": [{"param_name": "first_name", "example": "דנה"},
            {"param_name": "day", "example": "ראשון"}, {"param_name": "hour", "example": "09:30"}]}},
        {"type": "BUTTONS", "buttons": [quick("אישור הגעה"), quick("ביטול")]}]),
    );
    reminder["parameter_format"] = json!("NAMED");
    vec![
        one(
            "1689556908129801",
            "lead_welcome",
            "he",
            "UTILITY",
            json!([
            body("שלום {{1}}, קיבלנו את פנייתך בנושא {{2}}. מתי נוח לדבר?", &["דנה", "משכנתא"]),
            {"type": "FOOTER", "text": "משרד לדוגמה"},
            {"type": "BUTTONS", "buttons": [quick("נוח לדבר עכשיו"), quick("אעדיף לכתוב")]}]),
        ),
        reminder,
        one(
            "1689556908129803",
            "documents_request",
            "he",
            "UTILITY",
            json!([
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW1hZ2UvanBlZw==:EXAMPLE"]}},
            body("שלום {{1}}, כדי להתקדם חסרים לנו המסמכים שבתמונה. אפשר לצלם ולשלוח כאן.", &["דנה"])]),
        ),
        one(
            "1689556908129804",
            "order_confirmation",
            "he",
            "UTILITY",
            json!([
            {"type": "HEADER", "format": "TEXT", "text": "ההזמנה אושרה"},
            body("תודה {{1}}, הזמנה מספר {{2}} אושרה ותישלח היום.", &["דנה", "7731"]),
            {"type": "FOOTER", "text": "משרד לדוגמה"},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "מעקב", "url": "https://shop.example.co.il/track/{{1}}",
                 "example": ["https://shop.example.co.il/track/7731"]},
                {"type": "PHONE_NUMBER", "text": "התקשרו", "phone_number": "972500000001"}]}]),
        ),
        one(
            "1689556908129805",
            "monthly_offer",
            "he",
            "MARKETING",
            json!([
            {"type": "HEADER", "format": "TEXT", "text": "מבצע החודש"},
            body("שלום {{1}}, עד {{2}} יש אצלנו תנאים מיוחדים. רוצה לשמוע?", &["דנה", "סוף החודש"]),
            {"type": "FOOTER", "text": "להסרה לחצו כאן למטה"},
            {"type": "BUTTONS", "buttons": [quick("כן, ספרו לי"), quick("הסירו אותי")]}]),
        ),
        one(
            "1689556908129806",
            "lead_welcome",
            "en",
            "UTILITY",
            json!([
            body("Hello {{1}}, we received your request about {{2}}. When is a good time to talk?", &["Dana", "a mortgage"]),
            {"type": "BUTTONS", "buttons": [quick("Now is good"), quick("I prefer to write")]}]),
        ),
        paused,
        rejected,
    ]
}
