//! Who is calling: a person by their session's cookie, or a program by its key; and whether they may.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use app::caller::{Caller, Who};
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use store::users::User;

use crate::door::Door;
use crate::problems::{Locale, Problem};
use crate::rights::{self, Needs};

/// Somebody we know.
#[derive(Debug, Clone)]
pub struct Signed {
    pub caller: Caller,
    /// The person, when it is one.
    pub user: Option<User>,
}

impl Signed {
    /// A person who is signed in.
    #[must_use]
    pub fn of_user(user: User) -> Self {
        Self {
            caller: Caller {
                workspace_id: user.workspace_id,
                who: Who::User {
                    id: user.id,
                    role: user.role,
                },
            },
            user: Some(user),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(not_signed_in)
    }
}

/// The caller's address, as the connection tells it: a header can say anything.
pub struct From(pub Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(info.map(|info| info.0.ip())))
    }
}

/// Beside an answer: the language of whoever asked.
#[derive(Debug, Clone, Copy)]
pub struct UserLocale(pub Locale);

fn not_signed_in() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in")
}

/// Stands before every call of the API: finds out who calls, whether the call was really theirs, and whether they may.
/// Rights are read anew for each call.
pub async fn enter(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let signed = match admit(&door, &mut parts).await {
        Ok(signed) => signed,
        Err(problem) => return problem.into_response(),
    };
    let locale = signed
        .as_ref()
        .and_then(|signed| signed.user.as_ref())
        .map(Locale::of_user);
    if let Some(signed) = signed {
        parts.extensions.insert(signed);
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(locale) = locale {
        response.extensions_mut().insert(UserLocale(locale));
    }
    response
}

async fn admit(door: &Arc<Door>, parts: &mut Parts) -> Result<Option<Signed>, Problem> {
    let path = parts
        .extensions
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let path = path.unwrap_or_default();
    let needs = rights::needs(&parts.method, &path);
    if path != "/api/v1/setup" && has_token(parts.uri.query()) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "token_in_url"));
    }
    let Some(needs) = needs else {
        return Err(Problem::new(StatusCode::FORBIDDEN, "no_right"));
    };
    if needs == Needs::Nothing {
        if !parts.method.is_safe() && is_foreign(door, &parts.headers, false) {
            return Err(cross_site());
        }
        return Ok(None);
    }
    let signed = who(door, parts).await?;
    match needs {
        Needs::Nothing | Needs::SomebodyKnown => {}
        Needs::Person if signed.user.is_some() => {}
        Needs::Person => return Err(Problem::new(StatusCode::FORBIDDEN, "wrong_actor")),
        Needs::May(permission) => signed.caller.must(permission).map_err(app::Error::from)?,
    }
    Ok(Some(signed))
}

fn cross_site() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "cross_site")
}

/// Addresses are logged and remembered: a secret has no place in one.
fn has_token(query: Option<&str>) -> bool {
    query.unwrap_or_default().split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        matches!(
            name,
            "token" | "access_token" | "api_key" | "apikey" | "key" | "authorization"
        )
    })
}

async fn who(door: &Arc<Door>, parts: &Parts) -> Result<Signed, Problem> {
    if let Some(authorization) = parts.headers.get(header::AUTHORIZATION) {
        let key = authorization
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix("Bearer "));
        let caller = match key {
            Some(key) => app::manage_api_keys::lookup(&door.app, key.trim()).await?,
            None => None,
        };
        let caller = caller.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "key_invalid"))?;
        return Ok(Signed { caller, user: None });
    }
    let token = session_token(door, &parts.headers).ok_or_else(not_signed_in)?;
    let user = app::sign_in::lookup(&door.app, &token)
        .await?
        .ok_or_else(not_signed_in)?;
    if !parts.method.is_safe() && (is_foreign(door, &parts.headers, true) || !is_plain_data(parts))
    {
        return Err(cross_site());
    }
    Ok(Signed::of_user(user))
}

/// Whether another site's page made the browser send this. Browsers tell with every such request; `strictly`, one
/// that tells nothing is not believed.
fn is_foreign(door: &Door, headers: &HeaderMap, strictly: bool) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(header::HeaderName::from_static("sec-fetch-site")) {
        Some("same-origin" | "none") => return false,
        Some(_) => return true,
        None => {}
    }
    match text(header::ORIGIN) {
        Some(origin) => {
            let own = door.public_url.trim_end_matches('/');
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            origin != own && (authority.is_none() || authority != text(header::HOST))
        }
        None => strictly,
    }
}

/// A form of another site can send text and forms, but no JSON.
fn is_plain_data(parts: &Parts) -> bool {
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    match kind {
        None => {
            parts.method == Method::DELETE
                || parts
                    .headers
                    .get(header::CONTENT_LENGTH)
                    .is_none_or(|length| length == "0")
        }
        Some(kind) => {
            let bare = kind.split(';').next().unwrap_or_default().trim();
            let path = parts.uri.path();
            let is_upload = (path.ends_with("/media") || path.ends_with("/imports"))
                && bare.eq_ignore_ascii_case("multipart/form-data");
            bare.eq_ignore_ascii_case("application/json") || is_upload
        }
    }
}

const fn cookie_name(is_https: bool) -> &'static str {
    // The prefix holds browsers to Secure, the path / and no domain.
    if is_https {
        "__Host-kesher"
    } else {
        "kesher_session"
    }
}

/// The session's token, from the cookie.
#[must_use]
pub fn session_token(door: &Door, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name(door.is_https());
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, token)| token.to_owned())
        .filter(|token| (16..=128).contains(&token.len()))
}

/// The cookie of a new session; `None` ends it.
#[must_use]
pub fn cookie(door: &Door, token: Option<&str>) -> Option<HeaderValue> {
    let name = cookie_name(door.is_https());
    let secure = if door.is_https() { "; Secure" } else { "" };
    let (token, age) = token.map_or(("", 0), |token| (token, 30 * 24 * 3600));
    let text = format!("{name}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).ok()
}
