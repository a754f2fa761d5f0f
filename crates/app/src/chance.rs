//! Ids and tokens.

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::{Id, Kind};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Makes ids that only grow within this process, so that what was made later also sorts later, within the same
/// millisecond too.
#[derive(Debug, Default)]
pub struct Ids {
    last: Mutex<u128>,
}

impl Ids {
    pub fn next<K: Kind>(&self, at: Timestamp) -> Id<K> {
        let fresh = Id::<K>::from_parts(at.as_millisecond(), self.chance()).bits();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Times before the last id's (a message that came late) keep their own place; only ties are put in order.
        let same_time = (*last >> 80) == (fresh >> 80);
        let bits = if same_time && fresh <= *last {
            *last + 1
        } else {
            fresh
        };
        *last = bits;
        Id::from_bits(bits)
    }

    /// 80 random bits.
    #[must_use]
    pub fn chance(&self) -> u128 {
        let mut bytes = [0_u8; 16];
        fill(&mut bytes);
        // The upper half is left out, and the lowest bits leave room to count up within a millisecond.
        (u128::from_be_bytes(bytes) >> 48) & !0xFFFF
    }
}

/// 256 random bits as text that fits into a link, a cookie or a header.
#[must_use]
pub fn token() -> String {
    let mut bytes = [0_u8; 32];
    fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// How a token is kept: it is random, so a plain hash is enough.
#[must_use]
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Chance from the operating system. Without it no secret can be made, so the process ends.
pub(crate) fn fill(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        tracing::error!(%error, "the operating system gives no random bytes");
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::MessageId;

    #[test]
    fn ids_of_one_millisecond_grow() {
        let ids = Ids::default();
        let at = Timestamp::UNIX_EPOCH;
        let made: Vec<MessageId> = (0..1000).map(|_| ids.next(at)).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
