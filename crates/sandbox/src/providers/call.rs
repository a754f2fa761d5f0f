//! A request to a provider's API as it came in.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, Method, header};
use serde_json::{Map, Value};

use crate::core::Core;
use crate::graph::decode_percent;
use crate::world::Provider;

const MOST_BYTES: usize = 101 * 1_024 * 1_024;

#[derive(Debug)]
pub struct Call {
    pub provider: Provider,
    pub method: Method,
    /// The path below the prefix, cut at its slashes.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    /// The JSON body; the texts of a multipart body or of a form as an object.
    pub json: Value,
    /// A form as it came, in order and with repeated names.
    pub form: Vec<(String, String)>,
    pub file: Option<File>,
    pub bytes: Bytes,
    /// `http://host/prefix`, as the caller knows it.
    pub base: String,
}

#[derive(Debug, Clone)]
pub struct File {
    pub name: Option<String>,
    pub mime_type: Option<String>,
    pub bytes: Bytes,
}

impl Call {
    /// Reads a request; `None` when its body cannot be read. JSON that is not valid is `Null`.
    pub async fn read(core: &Core, request: Request) -> Option<Self> {
        let (parts, body) = request.into_parts();
        let mut path: Vec<String> = parts
            .uri
            .path()
            .split('/')
            .filter(|part| !part.is_empty())
            .map(decode_percent)
            .collect();
        let prefix = (!path.is_empty()).then(|| path.remove(0))?;
        let host = text(&parts.headers, header::HOST.as_str());
        let base = match host.filter(|_| !core.public_url_given) {
            Some(host) => format!("http://{host}/{prefix}"),
            None => format!("{}/{prefix}", core.public_url),
        };
        let mut call = Self {
            provider: Provider::of_name(&prefix)?,
            method: parts.method.clone(),
            path,
            query: ordered_pairs(parts.uri.query().unwrap_or("")),
            headers: parts.headers.clone(),
            json: Value::Null,
            form: Vec::new(),
            file: None,
            bytes: Bytes::new(),
            base,
        };
        let kind = text(&parts.headers, header::CONTENT_TYPE.as_str())
            .unwrap_or("")
            .to_ascii_lowercase();
        if kind.starts_with("multipart/form-data") {
            call.read_multipart(Request::from_parts(parts, body))
                .await?;
            return Some(call);
        }
        call.bytes = axum::body::to_bytes(body, MOST_BYTES).await.ok()?;
        if kind.starts_with("application/x-www-form-urlencoded") {
            call.form = ordered_pairs(&String::from_utf8_lossy(&call.bytes));
            call.json = object(&call.form);
        } else {
            call.json = serde_json::from_slice(&call.bytes).unwrap_or_default();
        }
        Some(call)
    }

    async fn read_multipart(&mut self, request: Request) -> Option<()> {
        let mut form = Multipart::from_request(request, &()).await.ok()?;
        while let Some(field) = form.next_field().await.ok()? {
            let name = field.name().unwrap_or("").to_owned();
            if name == "file" {
                self.file = Some(File {
                    name: field.file_name().map(str::to_owned),
                    mime_type: field.content_type().map(str::to_owned),
                    bytes: field.bytes().await.ok()?,
                });
            } else {
                self.form.push((name, field.text().await.ok()?));
            }
        }
        self.json = object(&self.form);
        Some(())
    }

    pub fn is(&self, method: &str) -> bool {
        self.method.as_str() == method
    }

    /// The path, for matching.
    pub fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        text(&self.headers, name)
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A text of the JSON body or the form.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.json[name].as_str().filter(|text| !text.is_empty())
    }

    /// The token of `Authorization: scheme …`.
    pub fn authorization(&self, scheme: &str) -> Option<&str> {
        let (given, rest) = self.header("authorization")?.split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then(|| rest.trim())
    }

    /// User and password of Basic authentication.
    pub fn basic(&self) -> Option<(String, String)> {
        use base64::Engine as _;
        let decoded = base64::engine::general_purpose::STANDARD
            .decode(self.authorization("basic")?)
            .ok()?;
        let text = String::from_utf8(decoded).ok()?;
        let (user, password) = text.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn ordered_pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .map(str::trim)
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

fn object(pairs: &[(String, String)]) -> Value {
    let mut map = Map::new();
    for (key, value) in pairs {
        map.entry(key.clone())
            .or_insert_with(|| Value::String(value.clone()));
    }
    map.into()
}
