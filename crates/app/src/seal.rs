//! Secrets at rest: tokens and app secrets are sealed with the installation's key, bound to the row they belong to, so
//! that a sealed text that is moved to another row does not open.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use whatsapp::provider::Secret;

use crate::chance;

/// The installation's key. It is never in the database nor in a backup of it.
pub struct Seal {
    cipher: XChaCha20Poly1305,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the secret key is 32 bytes, written as 64 hex digits")]
    Key,
    #[error("a sealed secret does not open with this key")]
    Broken,
}

impl Seal {
    /// Takes the key as 64 hex digits.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_hex(hex: &str) -> Result<Self, SealError> {
        let hex = hex.trim();
        let mut key = [0_u8; 32];
        if hex.len() != 64 {
            return Err(SealError::Key);
        }
        for (byte, pair) in key.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| SealError::Key)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| SealError::Key)?;
        }
        let cipher = XChaCha20Poly1305::new_from_slice(&key).map_err(|_| SealError::Key)?;
        Ok(Self { cipher })
    }

    /// A new key, as 64 hex digits.
    #[must_use]
    pub fn new_key() -> String {
        let mut key = [0_u8; 32];
        chance::fill(&mut key);
        chance::hex(&key)
    }

    /// Seals a secret for the row `owner`.
    ///
    /// # Errors
    /// Never with texts of this size.
    pub fn seal(&self, owner: &str, secret: &Secret) -> Result<String, SealError> {
        let mut nonce = [0_u8; 24];
        chance::fill(&mut nonce);
        let payload = Payload {
            msg: secret.expose().as_bytes(),
            aad: owner.as_bytes(),
        };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SealError::Broken)?;
        Ok(format!(
            "1:{}",
            STANDARD.encode([nonce.as_slice(), &sealed].concat())
        ))
    }

    /// Opens what was sealed for the row `owner`.
    ///
    /// # Errors
    /// When the key or the row is another, or the text was changed.
    pub fn open(&self, owner: &str, sealed: &str) -> Result<Secret, SealError> {
        let text = sealed.strip_prefix("1:").ok_or(SealError::Broken)?;
        let bytes = STANDARD.decode(text).map_err(|_| SealError::Broken)?;
        let (nonce, sealed) = bytes.split_at_checked(24).ok_or(SealError::Broken)?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| SealError::Broken)?;
        let payload = Payload {
            msg: sealed,
            aad: owner.as_bytes(),
        };
        let opened = self
            .cipher
            .decrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SealError::Broken)?;
        String::from_utf8(opened)
            .map(Secret::new)
            .map_err(|_| SealError::Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_own_row_alone() {
        let seal = Seal::from_hex(&Seal::new_key()).unwrap();
        let sealed = seal.seal("acct_1", &Secret::from("EAAG-token")).unwrap();
        assert!(!sealed.contains("token"));
        assert_eq!(seal.open("acct_1", &sealed).unwrap().expose(), "EAAG-token");
        assert_eq!(seal.open("acct_2", &sealed).err(), Some(SealError::Broken));
        let other = Seal::from_hex(&Seal::new_key()).unwrap();
        assert_eq!(other.open("acct_1", &sealed).err(), Some(SealError::Broken));
        assert_eq!(Seal::from_hex("short").err(), Some(SealError::Key));
    }
}
