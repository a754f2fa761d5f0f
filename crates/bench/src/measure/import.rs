//! An exported chat: how fast its text is read, and how fast it comes onto the timeline.

use std::fmt::Write;
use std::time::{Duration, Instant};

use domain::chat_export::{Chat, Reading};
use serde_json::{Value, json};

use crate::rig::Result;
use crate::rig::world;

const WORDS: [&str; 5] = [
    "שלום, ראיתי את המודעה שלכם",
    "כן, מתי נוח לכם?",
    "מחר ב-17:30, ברחוב הרצל 12",
    "Great, see you there",
    "<המדיה לא נכללה>",
];

/// A chat of so many lines, as Android in Hebrew writes it; one line in ten goes on with the message before.
#[must_use]
pub fn chat(lines: usize) -> String {
    let mut text = String::with_capacity(lines * 72);
    for nth in 0..lines {
        let words = WORDS[nth % WORDS.len()];
        if nth % 10 == 9 {
            text.push_str("ועוד שורה, עם מחיר 1,250,000\n");
            continue;
        }
        let (day, minute) = (nth / 600, nth % 600);
        let date = (day % 28 + 1, day / 28 % 12 + 1, 2020 + day / 336);
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "{}.{}.{}, {}:{:02} - {}: {words} {nth}",
            date.0,
            date.1,
            date.2,
            8 + minute / 60,
            minute % 60,
            if nth % 3 == 0 {
                "משרד לוי"
            } else {
                "דנה לוי"
            },
        );
    }
    text
}

/// Reads the text; says how long that took and how many entries it has.
///
/// # Errors
/// When it is no chat.
pub fn parsed(text: &str) -> Result<(Duration, usize)> {
    let began = Instant::now();
    let chat = Chat::read(text, &Reading::default())?;
    Ok((began.elapsed(), chat.entries.len()))
}

/// What came of an import.
#[derive(Debug)]
pub struct Imported {
    pub previewed_in: Duration,
    pub applied_in: Duration,
    pub undone_in: Duration,
    pub messages: u64,
}

/// Brings the chat to a running server, applies it and takes it back.
///
/// # Errors
/// When the server refuses, or does not come to an end.
pub async fn imported(url: &str, text: String) -> Result<Imported> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(120))
        .build()?;
    let api = format!("{url}/api/v1/imports");
    let call = async |request: reqwest::RequestBuilder| -> Result<Value> {
        let answer = request.bearer_auth(world::API_KEY).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    };
    let began = Instant::now();
    let path = format!("{api}?channel_id={}", world::CHANNEL);
    let preview = call(client.post(path).body(text)).await?;
    let one = format!("{api}/{}", preview["id"].as_str().unwrap_or_default());
    let choice = json!({"us": "משרד לוי", "new_contact": {"phone": "0500009999"}});
    call(client.patch(&one).json(&choice)).await?;
    let previewed_in = began.elapsed();

    let finished = async |verb: &str, state: &str| -> Result<(Duration, Value)> {
        let began = Instant::now();
        call(client.post(format!("{one}/{verb}")).json(&json!({}))).await?;
        loop {
            let now = call(client.get(&one)).await?;
            if now["state"] == state {
                return Ok((began.elapsed(), now));
            }
            if now["state"] == "failed" || began.elapsed() > Duration::from_secs(600) {
                return Err(format!("the import is {}", now["state"]).into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let (applied_in, done) = finished("apply", "applied").await?;
    let (undone_in, _) = finished("undo", "undone").await?;
    Ok(Imported {
        previewed_in,
        applied_in,
        undone_in,
        messages: done["added"].as_u64().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chat_is_one() {
        let (_, entries) = parsed(&chat(2000)).unwrap();
        assert_eq!(entries, 1800);
    }
}
