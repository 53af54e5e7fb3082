//! Ids and tokens: all different, all decided by the seed.

use antom_core::secret::Secret;
use antom_core::time::UnixTime;

/// Makes ids. The same seed and the same calls in the same order give the same ids.
#[derive(Debug)]
pub(super) struct Ids {
    seed: u64,
    drawn: u64,
}

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    /// How many numbers were drawn.
    #[cfg(feature = "state-file")]
    pub(super) fn drawn(&self) -> u64 {
        self.drawn
    }

    #[cfg(feature = "state-file")]
    pub(super) fn go_on_from(&mut self, drawn: u64) {
        self.drawn = drawn;
    }

    /// SplitMix64 over seed and counter. For one seed it is a bijection of the counter, so no value
    /// comes twice.
    fn draw(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(1);
        let step = self.drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The date, the product area, and twenty digits: the look of a payment, capture or refund id.
    pub(super) fn numbered(&mut self, area: &str, now: UnixTime) -> String {
        let date: String = now.to_rfc3339().chars().take(10).filter(char::is_ascii_digit).collect();
        format!("{date}{area}{:020}", self.draw())
    }

    /// Names a page of the buyer.
    pub(super) fn page(&mut self) -> String {
        format!("{:016x}{:016x}", self.draw(), self.draw())
    }

    /// A one-time code, in the form of a UUID.
    pub(super) fn auth_code(&mut self) -> Secret<String> {
        let (high, low) = (self.draw(), self.draw());
        Secret::new(format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        ))
    }

    /// An access, refresh or card token.
    pub(super) fn token(&mut self, prefix: &str) -> Secret<String> {
        Secret::new(format!("{prefix}_{:020}", self.draw()))
    }

    /// What a card network calls a transaction.
    pub(super) fn network(&mut self) -> String {
        format!("{:015}", self.draw() % 1_000_000_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_differ_and_follow_the_seed() {
        let now = UnixTime::from_secs(1_700_000_000);
        let draw = |seed| -> Vec<String> {
            let mut ids = Ids::new(seed);
            (0..1000).map(|_| ids.numbered("194010800", now)).collect()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_eq!(draw(7).into_iter().collect::<BTreeSet<_>>().len(), 1000);
        assert!(draw(7).iter().all(|id| id.starts_with("20231114") && id.len() <= 64));
    }

    #[test]
    fn codes_have_the_form_of_a_uuid() {
        let code = Ids::new(1).auth_code();
        let lengths: Vec<usize> = code.expose().split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }
}
