//! What every request needs.

use std::sync::Arc;

use app::App;
use app::note_webhook::Noted;
use app::sign_in::Gate;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

/// The state behind every handler.
pub struct Door {
    pub app: Arc<App>,
    pub gate: Gate,
    pub noted: Noted,
    /// How others reach this server: links are built from it, never from a request's headers.
    pub public_url: String,
    pub demo: Option<Demo>,
    pub metrics: Option<PrometheusHandle>,
    pub metrics_token: Option<String>,
    /// Ends live streams at shutdown.
    pub stop: CancellationToken,
}

/// Set under `kesher demo` only.
#[derive(Debug, Clone)]
pub struct Demo {
    pub sandbox_url: String,
}

impl Door {
    /// Whether people reach this server encrypted: then the cookie is for such connections alone.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// An address of ours for people.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.trim_end_matches('/'))
    }

    /// Where an app's webhooks go.
    #[must_use]
    pub fn webhook_url(&self, app_key: &str) -> String {
        if app_key.is_empty() {
            self.link("/webhooks/meta")
        } else {
            self.link(&format!("/webhooks/meta/{app_key}"))
        }
    }
}
