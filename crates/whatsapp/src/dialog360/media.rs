//! Files that people sent. Meta's address of a file is asked at 360dialog, under the same path and with our key.
//! (docs.360dialog.com, media page, 2026: twenty failed fetches in an hour block all for half an hour.)

use domain::content::MediaSource;
use domain::failure::FailureReason;
use reqwest::{Method, Url};

use super::{Client, call, keyed};
use crate::adapter::{FetchError, Fetched, Number};
use crate::call::{Http, fetch as fetch_file, is_host_of};
use crate::json::word;
use crate::provider::CallError;

/// Where Meta says that its files are.
const META_HOSTS: &[&str] = &["fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net"];

pub(super) async fn fetch(
    client: &Client,
    number: &Number,
    source: &MediaSource,
    max_bytes: u64,
) -> Result<Fetched, FetchError> {
    let http = client.at(number).map_err(why)?;
    let (told, mime_type) = match source {
        MediaSource::Link(link) => (link.clone(), None),
        MediaSource::Id(id) => {
            let info = call(number, http.get(&[id], &[])).await.map_err(why)?;
            let url = word(&info, "url").ok_or(FetchError::Later)?;
            (url, word(&info, "mime_type"))
        }
    };
    let url = address(&http, &told).ok_or(FetchError::Never)?;
    let request = keyed(number, http.request(Method::GET, url)).map_err(why)?;
    let fetched = fetch_file(request, max_bytes).await?;
    Ok(Fetched {
        mime_type: mime_type.or(fetched.mime_type),
        bytes: fetched.bytes,
    })
}

/// Refused means gone, and so does Meta's 100/33, which elsewhere speaks of the number; everything else may be another
/// time.
fn why(error: CallError) -> FetchError {
    match error {
        CallError::Refused(_) => FetchError::Never,
        CallError::Credentials(failure) if failure.reason == FailureReason::ObjectMissing => {
            FetchError::Never
        }
        _ => FetchError::Later,
    }
}

/// The address of a file at 360dialog. `None` where it is neither Meta's nor 360dialog's.
fn address(http: &Http, told: &str) -> Option<Url> {
    let told = Url::parse(told).ok()?;
    if http.is_own(&told) {
        return Some(told);
    }
    if !is_host_of(&told, META_HOSTS) {
        return None;
    }
    let mut url = http.base().clone();
    let stem = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{stem}{}", told.path()));
    url.set_query(told.query());
    Some(url)
}
