//! `kesher demo`.

use super::Failed;

/// Posts to the sandbox's control API.
///
/// # Errors
/// When it does not answer, or says no.
pub async fn sandbox_control(
    sandbox_url: &str,
    what: &str,
    body: &serde_json::Value,
) -> Result<serde_json::Value, Failed> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(std::time::Duration::from_secs(10))
        .build()
        .map_err(Failed::other)?;
    let url = format!("{sandbox_url}/control/{what}");
    let response = client
        .post(url)
        .json(body)
        .send()
        .await
        .map_err(Failed::other)?;
    let response = response.error_for_status().map_err(Failed::other)?;
    response.json().await.map_err(Failed::other)
}

pub async fn run(_config: crate::config::Demo) -> Result<(), Failed> {
    Ok(())
}
