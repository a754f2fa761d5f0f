//! Reading a request's JSON: every access says what it needs, and in strict mode what nobody asked for is an error that names the field.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::error::{Answer, GraphError};

/// An object being read.
#[derive(Debug)]
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    /// How to name it in an error; empty at the top.
    path: String,
    strict: bool,
    seen: BTreeSet<&'static str>,
}

impl<'a> Fields<'a> {
    pub fn of(value: &'a Value, path: impl Into<String>, strict: bool) -> Answer<Self> {
        let path = path.into();
        match value {
            Value::Object(map) => Ok(Self {
                map,
                path,
                strict,
                seen: BTreeSet::new(),
            }),
            _ => Err(GraphError::invalid(format!(
                "Param {path} must be a JSON object."
            ))),
        }
    }

    /// `text['body']`, or `body` at the top.
    pub fn name(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}['{key}']", self.path)
        }
    }

    /// `null` counts as absent.
    pub fn get(&mut self, key: &'static str) -> Option<&'a Value> {
        self.seen.insert(key);
        self.map.get(key).filter(|value| !value.is_null())
    }

    pub fn need(&mut self, key: &'static str) -> Answer<&'a Value> {
        self.get(key)
            .ok_or_else(|| GraphError::missing(&self.name(key)))
    }

    pub fn text(&mut self, key: &'static str) -> Answer<Option<&'a str>> {
        let name = self.name(key);
        self.get(key)
            .map(|value| {
                value
                    .as_str()
                    .ok_or_else(|| GraphError::invalid(format!("Param {name} must be a string.")))
            })
            .transpose()
    }

    pub fn need_text(&mut self, key: &'static str) -> Answer<&'a str> {
        let name = self.name(key);
        let text = self.text(key)?.ok_or_else(|| GraphError::missing(&name))?;
        if text.is_empty() {
            return Err(GraphError::invalid(format!(
                "Param {name} must be a non-empty string."
            )));
        }
        Ok(text)
    }

    /// A text of at most so many characters; longer is error `code`.
    pub fn text_up_to(
        &mut self,
        key: &'static str,
        most: usize,
        code: u32,
    ) -> Answer<Option<&'a str>> {
        let name = self.name(key);
        let text = self.text(key)?;
        if text.is_some_and(|text| text.chars().count() > most) {
            let details = format!("Param {name} must be at most {most} characters long.");
            return Err(GraphError::with(code, details));
        }
        Ok(text)
    }

    pub fn need_text_up_to(
        &mut self,
        key: &'static str,
        most: usize,
        code: u32,
    ) -> Answer<&'a str> {
        let text = self.need_text(key)?;
        self.text_up_to(key, most, code)?;
        Ok(text)
    }

    pub fn flag(&mut self, key: &'static str) -> Answer<Option<bool>> {
        let name = self.name(key);
        self.get(key)
            .map(|value| match value {
                Value::Bool(flag) => Ok(*flag),
                Value::String(text) if text == "true" => Ok(true),
                Value::String(text) if text == "false" => Ok(false),
                _ => Err(GraphError::invalid(format!(
                    "Param {name} must be a boolean."
                ))),
            })
            .transpose()
    }

    pub fn list(&mut self, key: &'static str) -> Answer<Option<&'a [Value]>> {
        let name = self.name(key);
        self.get(key)
            .map(|value| match value {
                Value::Array(items) => Ok(items.as_slice()),
                _ => Err(GraphError::invalid(format!(
                    "Param {name} must be an array."
                ))),
            })
            .transpose()
    }

    pub fn need_list(&mut self, key: &'static str) -> Answer<&'a [Value]> {
        let name = self.name(key);
        let items = self.list(key)?.ok_or_else(|| GraphError::missing(&name))?;
        if items.is_empty() {
            return Err(GraphError::invalid(format!(
                "Param {name} must be a non-empty array."
            )));
        }
        Ok(items)
    }

    pub fn object(&mut self, key: &'static str) -> Answer<Option<Self>> {
        let (name, strict) = (self.name(key), self.strict);
        self.get(key)
            .map(|value| Fields::of(value, name, strict))
            .transpose()
    }

    pub fn need_object(&mut self, key: &'static str) -> Answer<Self> {
        let name = self.name(key);
        self.object(key)?.ok_or_else(|| GraphError::missing(&name))
    }

    /// The items of a list as objects, named `rows[0]` and so on.
    pub fn objects(&mut self, key: &'static str) -> Answer<Vec<Self>> {
        let (name, strict) = (self.name(key), self.strict);
        self.need_list(key)?
            .iter()
            .enumerate()
            .map(|(at, item)| Fields::of(item, format!("{name}[{at}]"), strict))
            .collect()
    }

    /// Takes everything below as read.
    pub fn all_seen(self) {}

    /// Ends the reading: strictly, every field must have been asked for.
    pub fn finish(self) -> Answer<()> {
        if !self.strict {
            return Ok(());
        }
        match self
            .map
            .keys()
            .find(|key| !self.seen.contains(key.as_str()))
        {
            Some(stranger) => {
                let name = self.name(stranger);
                Err(GraphError::invalid(format!(
                    "Unexpected key \"{stranger}\": param {name} is not known."
                )))
            }
            None => Ok(()),
        }
    }
}
