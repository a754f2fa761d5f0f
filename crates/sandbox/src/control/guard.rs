//! Control and phone are for this machine only.
//!
//! They have no password, so the caller must be on loopback, and so must the `Host` (a name that resolves here from elsewhere would pass otherwise) and the `Origin` of a page that calls.

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Refusal;
use crate::line::Peer;

pub async fn loopback_only(
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    if !peer.address.ip().to_canonical().is_loopback() {
        return Refusal::forbidden("only callers on this machine are answered").into_response();
    }
    if !names_loopback(request.headers()) {
        return Refusal::forbidden("Host and Origin must be on this machine").into_response();
    }
    next.run(request).await
}

fn names_loopback(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(header::HOST).is_none_or(is_loopback);
    let origin = text(header::ORIGIN).is_none_or(|origin| {
        origin
            .split_once("://")
            .is_some_and(|(_, host)| is_loopback(host))
    });
    host && origin
}

/// A host name, with or without a port.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_pass() {
        for host in [
            "localhost",
            "127.0.0.1:8001",
            "[::1]:8001",
            "phone.localhost",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "example.com",
            "localhost.example.com",
            "10.0.0.1",
            "[2001:db8::1]:1",
            "",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
