//! What happened lately, for the panel of the phone's page. Kept in memory only.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::clock::{Millis, rfc3339};

const KEPT: usize = 1_000;

#[derive(Debug, Default)]
pub struct Activities {
    items: VecDeque<Value>,
    last: u64,
}

/// Something that happened, before it has its number and instant.
#[derive(Debug, Clone, Default)]
pub struct Activity {
    pub kind: &'static str,
    pub what: String,
    pub outcome: String,
    pub number: String,
    pub person: String,
    pub summary: Value,
    pub attempt: u32,
    pub json: Value,
}

impl Activities {
    pub fn add(&mut self, at: Millis, activity: Activity) -> Value {
        self.last += 1;
        let none_if_empty = |text: String| {
            if text.is_empty() {
                Value::Null
            } else {
                text.into()
            }
        };
        let item = json!({
            "seq": self.last,
            "at": rfc3339(at),
            "kind": activity.kind,
            "what": activity.what,
            "outcome": activity.outcome,
            "number": none_if_empty(activity.number),
            "person": none_if_empty(activity.person),
            "summary": activity.summary,
            "attempt": activity.attempt,
            "json": activity.json,
        });
        if self.items.len() == KEPT {
            self.items.pop_front();
        }
        self.items.push_back(item.clone());
        item
    }

    /// The items after `since` (or the newest), at most `limit`, oldest first.
    pub fn list(&self, since: Option<u64>, limit: usize) -> Vec<Value> {
        let seq = |item: &Value| item["seq"].as_u64().unwrap_or(0);
        match since {
            Some(since) => self
                .items
                .iter()
                .filter(|item| seq(item) > since)
                .take(limit)
                .cloned()
                .collect(),
            None => {
                let skip = self.items.len().saturating_sub(limit);
                self.items.iter().skip(skip).cloned().collect()
            }
        }
    }

    pub fn last(&self) -> u64 {
        self.last
    }

    pub fn clear(&mut self) {
        self.items.clear();
    }
}
