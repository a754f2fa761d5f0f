//! Ids that cannot be swapped. Each is 128 bits, ordered by time (48 bits of milliseconds, then chance), written as
//! 26 letters of Crockford's base 32. Outside of the database an id carries its kind (`lead_01h…`), so that a log or
//! a request that mixes two kinds up is seen at once; inside it is the bare 26 letters.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Letters of an id without its prefix.
pub const BARE_LENGTH: usize = 26;

/// What an id points at. The prefix is part of the public interface and never changes.
pub trait Kind {
    const PREFIX: &'static str;
}

/// An id of one kind of thing.
pub struct Id<K> {
    bits: u128,
    kind: PhantomData<fn() -> K>,
}

/// The text is not an id of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id of this kind looks like {prefix}_ and 26 letters or digits")]
pub struct NotAnId {
    pub prefix: &'static str,
}

impl<K: Kind> Id<K> {
    /// Makes an id from a time and 80 bits of chance, both given by the caller.
    #[must_use]
    pub fn from_parts(unix_ms: i64, chance: u128) -> Self {
        let time = u128::from(u64::try_from(unix_ms).unwrap_or(0)) & 0xFFFF_FFFF_FFFF;
        Self::from_bits((time << 80) | (chance & ((1 << 80) - 1)))
    }

    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self {
            bits,
            kind: PhantomData,
        }
    }

    #[must_use]
    pub const fn bits(self) -> u128 {
        self.bits
    }

    /// The 26 letters, as they stand in the database.
    #[must_use]
    pub fn bare(self) -> String {
        let mut letters = [0_u8; BARE_LENGTH];
        let mut rest = self.bits;
        for letter in letters.iter_mut().rev() {
            *letter = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        letters.iter().map(|letter| char::from(*letter)).collect()
    }

    /// Reads the 26 letters.
    ///
    /// # Errors
    /// When the text is not 26 letters of the alphabet or says more than 128 bits.
    pub fn from_bare(text: &str) -> Result<Self, NotAnId> {
        let refused = NotAnId { prefix: K::PREFIX };
        if text.len() != BARE_LENGTH {
            return Err(refused);
        }
        let mut bits: u128 = 0;
        for (position, letter) in text.bytes().enumerate() {
            let value = ALPHABET
                .iter()
                .position(|known| *known == letter)
                .ok_or_else(|| refused.clone())?;
            if position == 0 && value > 7 {
                return Err(refused);
            }
            bits = (bits << 5) | value as u128;
        }
        Ok(Self::from_bits(bits))
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bits.cmp(&other.bits)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}
impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.bare())
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        text.strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(NotAnId { prefix: K::PREFIX })
            .and_then(Self::from_bare)
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident, $kind:ident, $prefix:literal;)*) => {$(
        #[doc(hidden)]
        pub enum $kind {}
        impl Kind for $kind { const PREFIX: &'static str = $prefix; }
        $(#[$doc])*
        pub type $name = Id<$kind>;
    )*};
}

kinds! {
    /// A business that uses Kesher.
    WorkspaceId, WorkspaceKind, "ws";
    /// A person of a workspace.
    UserId, UserKind, "user";
    /// A key for programs.
    ApiKeyId, ApiKeyKind, "key";
    /// A Meta app: the secret that signs webhooks.
    AppId, AppKind, "app";
    /// A WABA or a login at a gateway.
    AccountId, AccountKind, "acct";
    /// One WhatsApp number as the workspace sees it.
    ChannelId, ChannelKind, "chan";
    /// The dated tie of a channel to an account.
    ConnectionId, ConnectionKind, "conn";
    /// A person who writes or is written to.
    ContactId, ContactKind, "cont";
    /// One enquiry of a contact.
    LeadId, LeadKind, "lead";
    /// The way of a lead from enquiry to end.
    PipelineId, PipelineKind, "pipe";
    /// A column of a pipeline.
    StatusId, StatusKind, "stat";
    /// The thread of one contact on one channel.
    ConversationId, ConversationKind, "conv";
    /// A message, in or out.
    MessageId, MessageKind, "msg";
    /// A message that Meta has approved.
    TemplateId, TemplateKind, "tmpl";
    /// A file of a message.
    MediaId, MediaKindId, "media";
    /// Something that is to leave.
    OutboxId, OutboxKind, "out";
    /// A piece of what the outside said, as it came.
    JournalId, JournalKind, "jrnl";
    /// Slow work outside of the lanes.
    JobId, JobKind, "job";
    /// A wait that survives a restart.
    TimerId, TimerKind, "tmr";
    /// Something that fell through or needs a look.
    AttentionId, AttentionKind, "attn";
    /// An exported chat that somebody brought.
    ImportId, ImportKind, "imp";
    /// A text that was opened in an agent's own app.
    HandoffId, HandoffKind, "hand";
    /// A saved text with fields to fill in.
    WordingId, WordingKind, "word";
    /// One text or template to an audience.
    CampaignId, CampaignKind, "camp";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_says_its_kind_and_refuses_another() {
        let lead = LeadId::from_parts(1_795_334_400_000, 7);
        let text = lead.to_string();
        assert!(text.starts_with("lead_"));
        assert_eq!(text.parse::<LeadId>(), Ok(lead));
        assert!(text.parse::<ContactId>().is_err());
        for bad in [
            "",
            "lead_",
            "lead",
            "lead_0000000000000000000000000u",
            "lead_80000000000000000000000000",
        ] {
            assert!(bad.parse::<LeadId>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn bare_text_keeps_the_bits_and_the_order(a: u128, b: u128) {
            let (a, b) = (LeadId::from_bits(a), LeadId::from_bits(b));
            prop_assert_eq!(LeadId::from_bare(&a.bare()), Ok(a));
            prop_assert_eq!(a.cmp(&b), a.bare().cmp(&b.bare()));
        }
    }
}
