//! The fault plan: what goes wrong, when, decided by a seed.
//!
//! Rules come from `/control/faults` and from the presets of the phone's page. Each call is shown to all rules in order; those that fire add up to one [`Fault`].

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::chance::Chance;
use crate::world::Provider;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    pub seed: u64,
    pub rules: Vec<Rule>,
}

/// One rule, in the words of the control API.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    #[serde(default)]
    pub id: String,
    pub endpoint: Endpoint,
    /// Only calls to and webhooks of this provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<Nth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    #[serde(flatten)]
    pub fault: Fault,
    /// Used by the preset `template_paused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    Messages,
    MarkRead,
    Media,
    MediaDownload,
    Templates,
    Graph,
    /// Whether a number is on WhatsApp.
    Check,
    /// Sessions, QR codes, states of a linked device.
    Link,
    /// Settings and webhook configuration.
    Settings,
    /// Fetching events instead of being called.
    Poll,
    /// Any call of any provider.
    Api,
    Webhook,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Nth {
    One(u64),
    Many(Vec<u64>),
}

/// What goes wrong. Everything is optional; the default is that nothing does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fault {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `Retry-After` of the answer, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<Delay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reorder: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong_signature: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withhold: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Html,
    Empty,
    Drop,
    Timeout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Delay {
    Fixed(u64),
    Between([u64; 2]),
}

impl Fault {
    /// Whether the call is answered otherwise than it would be.
    pub fn answers(&self) -> bool {
        self.error.is_some()
            || self.status.is_some()
            || self.body.is_some()
            || self.answer.is_some()
    }

    /// Whether the call takes effect.
    pub fn accepts(&self) -> bool {
        !self.answers() || self.accept.unwrap_or(false)
    }

    /// What the ledger writes as the caller's answer.
    pub fn name(&self) -> String {
        match self.answer {
            Some(Answer::Html) => "html".into(),
            Some(Answer::Empty) => "empty".into(),
            Some(Answer::Drop) => "drop".into(),
            Some(Answer::Timeout) => "timeout".into(),
            None => match (self.error, self.status) {
                (Some(code), _) => code.to_string(),
                (None, status) => status.unwrap_or(200).to_string(),
            },
        }
    }

    pub fn delay_ms(&self, chance: &mut Chance) -> u64 {
        match self.delay_ms {
            None => 0,
            Some(Delay::Fixed(ms)) => ms,
            Some(Delay::Between([least, most])) => chance.between(least, most.max(least)),
        }
    }

    /// Takes from another what this one has not decided.
    fn add(&mut self, other: &Self) {
        if !self.answers() {
            self.error = other.error;
            self.status = other.status;
            self.retry_after = other.retry_after;
            self.body.clone_from(&other.body);
            self.content_type.clone_from(&other.content_type);
            self.answer = other.answer;
            self.accept = other.accept;
            self.timeout_ms = other.timeout_ms;
        }
        self.delay_ms = self.delay_ms.or(other.delay_ms);
        self.duplicate = self.duplicate.or(other.duplicate);
        self.reorder = self.reorder.or(other.reorder);
        self.batch = self.batch.or(other.batch);
        self.wrong_signature = self.wrong_signature.or(other.wrong_signature);
        self.withhold = self.withhold.or(other.withhold);
    }
}

/// A call as the rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub provider: Provider,
    pub endpoint: Endpoint,
    pub to: &'a str,
    pub number: &'a str,
    pub kind: &'a str,
    pub template: &'a str,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    pub name: String,
    pub on: bool,
    #[serde(default)]
    pub params: Map<String, Value>,
}

const PRESETS: [&str; 6] = [
    "slow_answers",
    "duplicate_webhooks",
    "reversed_order",
    "lost_answer",
    "rate_error",
    "template_paused",
];

/// All presets with their parameters, switched off.
pub fn presets() -> Vec<Preset> {
    PRESETS
        .iter()
        .map(|name| Preset {
            name: (*name).to_owned(),
            on: false,
            params: defaults(name),
        })
        .collect()
}

fn defaults(name: &str) -> Map<String, Value> {
    let params = match name {
        "slow_answers" => json!({"delay_ms": 3000}),
        "duplicate_webhooks" => json!({"probability": 0.2}),
        "lost_answer" | "rate_error" => json!({"probability": 1.0}),
        "template_paused" => json!({"template": null}),
        _ => json!({}),
    };
    params.as_object().cloned().unwrap_or_default()
}

impl Preset {
    /// The rule that a preset stands for, or what is wrong with its parameters.
    pub fn rules(&self) -> Result<Vec<Rule>, String> {
        let mut params = defaults(&self.name);
        params.extend(self.params.clone());
        let probability = params.get("probability").cloned().unwrap_or(json!(1.0));
        let rule = match self.name.as_str() {
            "slow_answers" => json!([{"endpoint": "messages", "delay_ms": params.get("delay_ms")}]),
            "duplicate_webhooks" => {
                json!([{"endpoint": "webhook", "duplicate": 1, "probability": probability}])
            }
            "reversed_order" => json!([{"endpoint": "webhook", "type": "sent", "reorder": 2}]),
            "lost_answer" => json!([{"endpoint": "messages", "answer": "drop", "accept": true,
                "probability": probability}]),
            "rate_error" => {
                json!([{"endpoint": "messages", "error": 130_429, "probability": probability}])
            }
            "template_paused" => json!([{"endpoint": "messages", "type": "template",
                "template": params.get("template"), "error": 132_015}]),
            _ => return Err(format!("there is no preset {}", self.name)),
        };
        serde_json::from_value(rule).map_err(|error| format!("{}: {error}", self.name))
    }
}

/// The rules at work, with what each has seen.
#[derive(Debug)]
pub struct Engine {
    chance: Chance,
    rules: Vec<Rule>,
    preset_rules: Vec<Rule>,
    seen: HashMap<usize, (u64, u64)>,
}

impl Engine {
    pub fn new(plan: &Plan, presets: &[Preset]) -> Self {
        let on = presets.iter().filter(|preset| preset.on);
        Self {
            chance: Chance::seeded(plan.seed),
            rules: plan.rules.clone(),
            preset_rules: on
                .filter_map(|preset| preset.rules().ok())
                .flatten()
                .collect(),
            seen: HashMap::new(),
        }
    }

    /// Puts other presets to work; the plan's own counts go on.
    pub fn set_presets(&mut self, presets: &[Preset]) {
        let on = presets.iter().filter(|preset| preset.on);
        self.preset_rules = on
            .filter_map(|preset| preset.rules().ok())
            .flatten()
            .collect();
    }

    pub fn is_idle(&self) -> bool {
        self.rules.is_empty() && self.preset_rules.is_empty()
    }

    /// What goes wrong with this call.
    pub fn judge(&mut self, call: Call<'_>) -> Fault {
        let mut fault = Fault::default();
        for at in 0..self.rules.len() {
            if matches(&self.rules[at], call) && self.fires(at) {
                fault.add(&self.rules[at].fault);
            }
        }
        for rule in &self.preset_rules {
            if matches(rule, call) && rule.probability.is_none_or(|p| self.chance.happens(p)) {
                fault.add(&rule.fault);
            }
        }
        fault
    }

    /// How often each rule of the plan was asked and fired.
    pub fn seen(&self, at: usize) -> (u64, u64) {
        self.seen.get(&at).copied().unwrap_or_default()
    }

    fn fires(&mut self, at: usize) -> bool {
        let rule = &self.rules[at];
        let (calls, fired) = self.seen.entry(at).or_default();
        *calls += 1;
        let chosen = match (&rule.nth, rule.every, rule.probability) {
            (Some(Nth::One(n)), _, _) => calls == n,
            (Some(Nth::Many(many)), _, _) => many.contains(calls),
            (None, Some(every), _) => every > 0 && calls.is_multiple_of(every),
            (None, None, Some(probability)) => self.chance.happens(probability),
            (None, None, None) => true,
        };
        let fires = chosen && rule.count.is_none_or(|count| *fired < count);
        if fires {
            *fired += 1;
        }
        fires
    }
}

fn matches(rule: &Rule, call: Call<'_>) -> bool {
    let api = call.endpoint != Endpoint::Webhook;
    let graph = rule.endpoint == Endpoint::Graph && api && call.provider == Provider::Meta;
    let any = rule.endpoint == Endpoint::Api && api;
    let wanted = |wish: &Option<String>, has: &str| wish.as_deref().is_none_or(|wish| wish == has);
    (graph || any || rule.endpoint == call.endpoint)
        && rule.provider.is_none_or(|wish| wish == call.provider)
        && wanted(&rule.to, call.to)
        && wanted(&rule.number, call.number)
        && wanted(&rule.template, call.template)
        && rule
            .kind
            .as_deref()
            .is_none_or(|kind| kind_matches(kind, call))
}

/// A webhook's kind is its field or, for a status, the status too.
fn kind_matches(wish: &str, call: Call<'_>) -> bool {
    call.kind == wish
        || call.kind.strip_prefix("status:") == Some(wish)
        || (call.kind.starts_with("status:") && wish == "status")
        || (call.endpoint == Endpoint::Webhook
            && wish == "messages"
            && (call.kind == "message" || call.kind.starts_with("status:")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(rules: &Value) -> Engine {
        let plan: Plan = serde_json::from_value(json!({"seed": 3, "rules": rules})).unwrap();
        Engine::new(&plan, &[])
    }

    fn send<'a>() -> Call<'a> {
        Call {
            provider: Provider::Meta,
            endpoint: Endpoint::Messages,
            to: "972500000010",
            number: "1",
            kind: "text",
            template: "",
        }
    }

    #[test]
    fn nth_count_and_every_choose_calls() {
        let mut engine = engine(&json!([
            {"endpoint": "messages", "nth": [2], "error": 131_000},
            {"endpoint": "messages", "every": 3, "count": 1, "answer": "drop", "accept": true}]));
        let heard: Vec<_> = (0..6)
            .map(|_| engine.judge(send()))
            .map(|f| f.answers())
            .collect();
        assert_eq!(heard, [false, true, true, false, false, false]);
        assert_eq!(engine.seen(1), (6, 1));
    }

    #[test]
    fn the_first_rule_that_answers_wins_and_others_add() {
        let mut engine = engine(&json!([
            {"endpoint": "messages", "error": 130_429},
            {"endpoint": "graph", "error": 4, "delay_ms": [5, 5]}]));
        let fault = engine.judge(send());
        assert_eq!(fault.error, Some(130_429));
        assert_eq!(fault.delay_ms(&mut Chance::seeded(1)), 5);
        assert!(!fault.accepts());
    }

    #[test]
    fn presets_are_rules() {
        for preset in presets() {
            assert!(!preset.rules().unwrap().is_empty(), "{}", preset.name);
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        let rule = json!({"endpoint": "messages", "eror": 4});
        assert!(serde_json::from_value::<Rule>(rule).is_err());
    }
}
