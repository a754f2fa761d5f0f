//! Who may call what: one line for each call of the API. A call that is missing here is refused to everyone.

use axum::http::Method;
use domain::access::Permission;

/// What a call asks of whoever makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Whoever comes: signing in, and what is on the way to it.
    Nothing,
    /// Any person or key of a workspace.
    SomebodyKnown,
    /// A person who is signed in; a key is nobody.
    Person,
    May(Permission),
}

use Needs::{May, Nothing, Person, SomebodyKnown};
use Permission as P;

/// Every call under `/api/v1`.
pub const RIGHTS: &[(&str, &str, Needs)] = &[
    ("GET", "/session", SomebodyKnown),
    ("POST", "/session", Nothing),
    ("DELETE", "/session", Nothing),
    ("POST", "/session/link", Nothing),
    ("GET", "/setup", Nothing),
    ("POST", "/setup", Nothing),
    ("POST", "/join", Nothing),
    ("PATCH", "/me", Person),
    ("GET", "/users", May(P::UsersRead)),
    ("POST", "/users", May(P::UsersManage)),
    ("PATCH", "/users/{id}", May(P::UsersManage)),
    ("POST", "/users/{id}/invite", May(P::UsersManage)),
    ("GET", "/api-keys", May(P::ApiKeysManage)),
    ("POST", "/api-keys", May(P::ApiKeysManage)),
    ("DELETE", "/api-keys/{id}", May(P::ApiKeysManage)),
    ("GET", "/conversations", May(P::ConversationsRead)),
    ("POST", "/conversations", May(P::ConversationsWrite)),
    ("GET", "/conversations/counts", May(P::ConversationsRead)),
    ("GET", "/conversations/{id}", May(P::ConversationsRead)),
    ("PATCH", "/conversations/{id}", May(P::ConversationsWrite)),
    (
        "POST",
        "/conversations/{id}/read",
        May(P::ConversationsWrite),
    ),
    (
        "POST",
        "/conversations/{id}/typing",
        May(P::ConversationsWrite),
    ),
    (
        "GET",
        "/conversations/{id}/messages",
        May(P::ConversationsRead),
    ),
    (
        "POST",
        "/conversations/{id}/messages",
        May(P::ConversationsWrite),
    ),
    ("GET", "/messages/{id}", May(P::ConversationsRead)),
    (
        "POST",
        "/messages/{id}/reaction",
        May(P::ConversationsWrite),
    ),
    ("POST", "/messages/{id}/resend", May(P::ConversationsWrite)),
    ("POST", "/messages/{id}/settle", May(P::ConversationsWrite)),
    ("POST", "/messages/{id}/cancel", May(P::ConversationsWrite)),
    ("POST", "/decisions", May(P::ConversationsRead)),
    ("POST", "/media", May(P::ConversationsWrite)),
    ("GET", "/media/{id}", May(P::ConversationsRead)),
    ("GET", "/media/{id}/content", May(P::ConversationsRead)),
    ("GET", "/contacts", May(P::LeadsRead)),
    ("GET", "/contacts/{id}", May(P::LeadsRead)),
    ("PATCH", "/contacts/{id}", May(P::LeadsWrite)),
    ("GET", "/leads", May(P::LeadsRead)),
    ("GET", "/leads/{id}", May(P::LeadsRead)),
    ("PATCH", "/leads/{id}", May(P::LeadsWrite)),
    ("GET", "/leads/{id}/timeline", May(P::LeadsRead)),
    ("GET", "/pipelines", May(P::LeadsRead)),
    ("GET", "/templates", May(P::TemplatesRead)),
    ("POST", "/templates/sync", May(P::TemplatesManage)),
    ("GET", "/channels", May(P::ChannelsRead)),
    ("POST", "/channels", May(P::ChannelsManage)),
    ("GET", "/channels/{id}", May(P::ChannelsRead)),
    ("PATCH", "/channels/{id}", May(P::ChannelsManage)),
    ("POST", "/channels/{id}/check", May(P::ChannelsManage)),
    ("POST", "/channels/{id}/move", May(P::ChannelsManage)),
    ("GET", "/channels/{id}/link", May(P::ChannelsManage)),
    ("POST", "/channels/{id}/link", May(P::ChannelsManage)),
    ("DELETE", "/channels/{id}/link", May(P::ChannelsManage)),
    ("GET", "/channels/{id}/setup", May(P::ChannelsManage)),
    (
        "POST",
        "/channels/{id}/setup/request-code",
        May(P::ChannelsManage),
    ),
    (
        "POST",
        "/channels/{id}/setup/verify-code",
        May(P::ChannelsManage),
    ),
    (
        "POST",
        "/channels/{id}/setup/register",
        May(P::ChannelsManage),
    ),
    ("GET", "/capabilities", SomebodyKnown),
    (
        "POST",
        "/conversations/{id}/handoffs",
        May(P::ConversationsWrite),
    ),
    ("GET", "/handoffs", May(P::ConversationsWrite)),
    ("POST", "/handoffs/{id}/confirm", May(P::ConversationsWrite)),
    ("POST", "/handoffs/{id}/drop", May(P::ConversationsWrite)),
    ("GET", "/wordings", May(P::ConversationsRead)),
    ("POST", "/wordings", May(P::ConversationsWrite)),
    ("PATCH", "/wordings/{id}", May(P::ConversationsWrite)),
    ("DELETE", "/wordings/{id}", May(P::ConversationsWrite)),
    ("POST", "/wordings/{id}/fill", May(P::ConversationsRead)),
    ("GET", "/campaigns", May(P::ConversationsRead)),
    ("POST", "/campaigns", May(P::CampaignsManage)),
    ("GET", "/campaigns/{id}", May(P::ConversationsRead)),
    (
        "GET",
        "/campaigns/{id}/recipients",
        May(P::ConversationsRead),
    ),
    ("POST", "/campaigns/{id}/stop", May(P::CampaignsManage)),
    ("GET", "/imports", May(P::ConversationsRead)),
    ("POST", "/imports", May(P::ConversationsWrite)),
    ("GET", "/imports/{id}", May(P::ConversationsRead)),
    ("PATCH", "/imports/{id}", May(P::ConversationsWrite)),
    ("DELETE", "/imports/{id}", May(P::ConversationsWrite)),
    ("POST", "/imports/{id}/apply", May(P::ConversationsWrite)),
    ("POST", "/imports/{id}/undo", May(P::ConversationsWrite)),
    ("GET", "/quarantine", May(P::QuarantineView)),
    ("POST", "/quarantine/{id}/retry", May(P::QuarantineView)),
    ("POST", "/quarantine/{id}/dismiss", May(P::QuarantineView)),
    ("GET", "/attention", May(P::ConversationsRead)),
    (
        "POST",
        "/attention/{id}/dismiss",
        May(P::ConversationsWrite),
    ),
    ("GET", "/events", May(P::EventsRead)),
    ("GET", "/live", May(P::EventsRead)),
    ("POST", "/demo/clock", May(P::ConversationsWrite)),
];

/// What this call asks; `None` when it is not in the table.
#[must_use]
pub fn needs(method: &Method, path: &str) -> Option<Needs> {
    let path = path.strip_prefix(crate::http::API)?;
    // HEAD is a GET without its body.
    let method = if *method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    RIGHTS
        .iter()
        .find(|(of, at, _)| *of == method && *at == path)
        .map(|(_, _, needs)| *needs)
}
