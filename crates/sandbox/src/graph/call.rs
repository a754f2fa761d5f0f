//! A Graph call as it came in: path, parameters, body.
//!
//! Parameters may stand in the query, in a form or in JSON; Graph takes them from anywhere, and so does [`Call::param`].

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, Method, header};
use serde_json::{Map, Value, json};

use super::error::{Answer, GraphError};
use crate::core::Core;

/// The largest body: a document of 100 MB and what surrounds it.
const MOST_BYTES: usize = 101 * 1_024 * 1_024;

#[derive(Debug)]
pub struct Call {
    pub method: Method,
    pub version: String,
    segments: Vec<String>,
    query: HashMap<String, String>,
    pub token: Option<String>,
    pub headers: HeaderMap,
    /// The JSON body, or an object made of a form's fields.
    pub body: Value,
    /// The raw body of an upload.
    pub bytes: Bytes,
    pub file: Option<File>,
}

/// The file of a multipart body.
#[derive(Debug, Clone)]
pub struct File {
    pub name: Option<String>,
    pub mime_type: Option<String>,
    pub bytes: Bytes,
}

impl Call {
    pub async fn read(request: Request) -> Answer<Self> {
        let (parts, body) = request.into_parts();
        let (version, segments) = segments(parts.uri.path());
        let query = pairs(parts.uri.query().unwrap_or(""));
        let mut call = Self {
            method: parts.method.clone(),
            version,
            segments,
            token: token(&parts.headers),
            query,
            headers: parts.headers.clone(),
            body: json!({}),
            bytes: Bytes::new(),
            file: None,
        };
        let kind = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or("").to_ascii_lowercase();
        if kind.starts_with("multipart/form-data") {
            call.read_multipart(Request::from_parts(parts, body))
                .await?;
        } else {
            let bytes = axum::body::to_bytes(body, MOST_BYTES)
                .await
                .map_err(|_| GraphError::invalid("The body is too large or was cut off."))?;
            call.read_bytes(bytes, &kind)?;
        }
        if call.token.is_none() {
            call.token = call.param("access_token");
        }
        Ok(call)
    }

    /// A call that another API stands for.
    pub fn passed(
        method: Method,
        segments: Vec<String>,
        query: HashMap<String, String>,
        headers: HeaderMap,
        body: Value,
        file: Option<File>,
    ) -> Self {
        Self {
            method,
            version: String::new(),
            segments,
            query,
            token: None,
            headers,
            body,
            bytes: Bytes::new(),
            file,
        }
    }

    fn read_bytes(&mut self, bytes: Bytes, kind: &str) -> Answer<()> {
        let upload = self.node().starts_with("upload:");
        if kind.starts_with("application/x-www-form-urlencoded") && !upload {
            let fields = pairs(&String::from_utf8_lossy(&bytes));
            self.body = fields
                .into_iter()
                .map(|(key, value)| (key, loose(&value)))
                .collect();
        } else if !upload && !bytes.iter().all(u8::is_ascii_whitespace) {
            self.body = serde_json::from_slice(&bytes)
                .map_err(|_| GraphError::invalid("The body is not valid JSON."))?;
        }
        self.bytes = bytes;
        Ok(())
    }

    async fn read_multipart(&mut self, request: Request) -> Answer<()> {
        let broken = |_| GraphError::invalid("The multipart body cannot be read.");
        let mut form = Multipart::from_request(request, &())
            .await
            .map_err(|_| GraphError::invalid("The multipart body cannot be read."))?;
        let mut fields = Map::new();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or("").to_owned();
            if name == "file" {
                self.file = Some(File {
                    name: field.file_name().map(str::to_owned),
                    mime_type: field.content_type().map(str::to_owned),
                    bytes: field.bytes().await.map_err(broken)?,
                });
            } else {
                let text = field.text().await.map_err(broken)?;
                fields.insert(name, Value::String(text));
            }
        }
        self.body = fields.into();
        Ok(())
    }

    /// The address under which the caller reaches this sandbox: the configured one, or the one it used.
    pub fn base(&self, core: &Core) -> String {
        let host = self
            .headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        match host.filter(|_| !core.public_url_given) {
            Some(host) => format!("http://{host}"),
            None => core.public_url.clone(),
        }
    }

    pub fn is(&self, method: &str) -> bool {
        self.method.as_str() == method
    }

    /// The object's id.
    pub fn node(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }

    pub fn edge(&self) -> &str {
        self.segments.get(1).map_or("", String::as_str)
    }

    /// A parameter from the query or the body.
    pub fn param(&self, key: &str) -> Option<String> {
        if let Some(value) = self.query.get(key) {
            return Some(value.clone());
        }
        match &self.body[key] {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    pub fn need(&self, key: &str) -> Answer<String> {
        self.param(key)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| GraphError::invalid(format!("The parameter {key} is required.")))
    }

    /// A parameter that may be JSON, such as a list of ids.
    pub fn value(&self, key: &str) -> Option<Value> {
        match self.query.get(key) {
            Some(text) => Some(loose(text)),
            None => {
                Some(&self.body[key])
                    .filter(|value| !value.is_null())
                    .map(|value| match value {
                        Value::String(text) => loose(text),
                        other => other.clone(),
                    })
            }
        }
    }

    /// The names in `fields=a,b,c{d}`; what stands in braces or brackets goes with its name.
    pub fn fields(&self) -> Option<Vec<String>> {
        let text = self.param("fields")?;
        let (mut names, mut name, mut depth) = (Vec::new(), String::new(), 0_i32);
        for character in text.chars().chain(std::iter::once(',')) {
            match character {
                '{' | '(' => depth += 1,
                '}' | ')' => depth -= 1,
                ',' if depth == 0 => names.push(std::mem::take(&mut name)),
                '.' if depth == 0 => name.push('\u{0}'),
                other if depth == 0 && !name.contains('\u{0}') => name.push(other),
                _ => {}
            }
        }
        let clean = |name: String| name.replace('\u{0}', "").trim().to_owned();
        Some(
            names
                .into_iter()
                .map(clean)
                .filter(|name| !name.is_empty())
                .collect(),
        )
    }
}

/// Keeps the asked fields of an object; `id` always stays.
pub fn pick(mut object: Value, fields: Option<&[String]>, default: &[&str]) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.retain(|key, value| {
            let wanted = match fields {
                Some(fields) => fields.iter().any(|field| field == key),
                None => default.contains(&key.as_str()),
            };
            (wanted && !value.is_null()) || key == "id"
        });
    }
    object
}

/// One page of a list. The cursor is the place after the last item, in Meta's manner opaque.
pub fn page(items: Vec<Value>, call: &Call, base: &str) -> Answer<Value> {
    let limit = call
        .param("limit")
        .and_then(|limit| limit.parse::<usize>().ok())
        .unwrap_or(25)
        .clamp(1, 1_000);
    let decode = |key: &str| {
        let cursor = call.param(key).filter(|cursor| !cursor.is_empty());
        cursor
            .map(|cursor| decode_cursor(&cursor).ok_or_else(|| GraphError::new(131_059)))
            .transpose()
    };
    let start = match (decode("after")?, decode("before")?) {
        (Some(after), _) => after,
        (None, Some(before)) => before.saturating_sub(limit),
        (None, None) => 0,
    };
    let total = items.len();
    let data: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
    if data.is_empty() {
        return Ok(json!({"data": []}));
    }
    let end = start + data.len();
    let mut paging = json!({"cursors": {"before": cursor(start), "after": cursor(end)}});
    if end < total {
        paging["next"] = json!(format!("{base}?limit={limit}&after={}", cursor(end)));
    }
    if start > 0 {
        paging["previous"] = json!(format!("{base}?limit={limit}&before={}", cursor(start)));
    }
    Ok(json!({"data": data, "paging": paging}))
}

fn cursor(at: usize) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("at{at}"))
}

fn decode_cursor(cursor: &str) -> Option<usize> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()?;
    std::str::from_utf8(&bytes)
        .ok()?
        .strip_prefix("at")?
        .parse()
        .ok()
}

/// `/v25.0/1065/messages` → `v25.0` and the rest. Without a version the newest is meant.
fn segments(path: &str) -> (String, Vec<String>) {
    let mut segments: Vec<String> = path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(decode_percent)
        .collect();
    let versioned = segments.first().is_some_and(|first| {
        first
            .strip_prefix('v')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    let version = if versioned {
        segments.remove(0)
    } else {
        "v26.0".to_owned()
    };
    (version, segments)
}

fn token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    known.then(|| token.trim().to_owned())
}

fn pairs(text: &str) -> HashMap<String, String> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                decode_percent(&key.replace('+', " ")),
                decode_percent(&value.replace('+', " ")),
            )
        })
        .collect()
}

/// A text that may be JSON.
fn loose(text: &str) -> Value {
    let structured = text.starts_with(['[', '{']);
    let parsed = structured
        .then(|| serde_json::from_str(text).ok())
        .flatten();
    parsed.unwrap_or_else(|| text.into())
}

pub fn decode_percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten();
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_taken_off() {
        assert_eq!(
            segments("/v25.0/1/messages"),
            ("v25.0".into(), vec!["1".into(), "messages".into()])
        );
        assert_eq!(segments("/1//x%20y").1, ["1", "x y"]);
    }

    #[test]
    fn cursors_are_opaque_and_come_back() {
        assert_eq!(decode_cursor(&cursor(17)), Some(17));
        assert_eq!(decode_cursor("nonsense"), None);
    }
}
