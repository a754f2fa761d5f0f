//! Chance, and the ids that are made of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A small generator (SplitMix64): the same seed gives the same run. Not for secrets.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator that no other run repeats.
    pub fn fresh() -> Self {
        Self(getrandom::u64().unwrap_or_else(|_| std::process::id().into()))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// True with the given probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are kept")]
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        unit < probability
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most.saturating_sub(least) + 1)
    }

    pub fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| format!("{:X}", self.next() & 15))
            .collect()
    }

    /// A decimal id that does not start with 0.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|i| {
                if i == 0 {
                    1 + self.next() % 9
                } else {
                    self.next() % 10
                }
            })
            .map(|digit| char::from(b'0' + u8::try_from(digit).unwrap_or(0)))
            .collect()
    }

    /// `A…`, as Meta's trace ids look.
    pub fn trace(&mut self) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
        let tail = (0..22).map(|_| {
            let at = usize::try_from(self.next() % 63).unwrap_or(0);
            char::from(LETTERS[at])
        });
        std::iter::once('A').chain(tail).collect()
    }

    /// A message id with the inner bytes seen in Meta's examples: the person's phone (or `0` when
    /// it is hidden), and a tail of 20 hex digits inbound, 18 outbound.
    pub fn wamid(&mut self, phone: Option<&str>, inbound: bool) -> String {
        let phone = phone.unwrap_or("0");
        let tail = self.hex(if inbound { 20 } else { 18 });
        let mut bytes = vec![0x1C, 0x18, u8::try_from(phone.len()).unwrap_or(0)];
        bytes.extend_from_slice(phone.as_bytes());
        bytes.extend_from_slice(&[0x15, 0x02, 0x00, if inbound { 0x12 } else { 0x11 }, 0x18]);
        bytes.push(u8::try_from(tail.len()).unwrap_or(0));
        bytes.extend_from_slice(tail.as_bytes());
        bytes.push(0);
        format!("wamid.{}", STANDARD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_documented_shape() {
        let mut chance = Chance::seeded(1);
        let inbound = chance.wamid(Some("972500000010"), true);
        assert!(
            inbound.starts_with("wamid.HBgMOTcyNTAwMDAwMDEwFQIAEhgU"),
            "{inbound}"
        );
        let outbound = chance.wamid(Some("972500000010"), false);
        assert!(
            outbound.starts_with("wamid.HBgMOTcyNTAwMDAwMDEwFQIAERgS"),
            "{outbound}"
        );
        assert!(chance.wamid(None, true).starts_with("wamid.HBgBMBUCABIYF"));
    }

    #[test]
    fn the_same_seed_gives_the_same_run() {
        let (mut a, mut b) = (Chance::seeded(7), Chance::seeded(7));
        assert_eq!(a.digits(16), b.digits(16));
        assert_eq!(a.trace(), b.trace());
    }
}
