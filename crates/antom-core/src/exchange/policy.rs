use core::time::Duration;

use crate::call::SendOptions;

/// How often, how long, how patiently.
///
/// ```
/// use antom_core::exchange::Policy;
/// use core::time::Duration;
///
/// let patient = Policy { deadline: Duration::from_secs(120), ..Policy::DEFAULT };
/// assert_eq!(patient.max_sends, 3);
/// assert_eq!(Policy::ONCE.max_sends, 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The most times one request is put on the wire.
    pub max_sends: u32,
    /// The time for everything: signing, sending, waiting.
    pub deadline: Duration,
    /// The first wait is between half of this and this.
    pub first_wait: Duration,
    /// No wait is longer than this.
    pub longest_wait: Duration,
    /// Limits of one sending.
    pub send: SendOptions,
}

impl Policy {
    /// Three sends inside 60 s, waits from 0.5 s doubling to 8 s, each halved at random.
    pub const DEFAULT: Self = Self {
        max_sends: 3,
        deadline: Duration::from_secs(60),
        first_wait: Duration::from_millis(500),
        longest_wait: Duration::from_secs(8),
        send: SendOptions::DEFAULT,
    };

    /// The same limits, and no repetition.
    pub const ONCE: Self = Self { max_sends: 1, ..Self::DEFAULT };
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The waits between sends: doubling, capped, each cut by up to half at random. A pure function of policy
/// and seed.
///
/// ```
/// use antom_core::exchange::{Backoff, Policy};
/// use core::time::Duration;
///
/// let waits: Vec<Duration> = Backoff::new(&Policy::DEFAULT, 42).take(3).collect();
/// assert!(waits[0] >= Duration::from_millis(250) && waits[0] <= Duration::from_millis(500));
/// // The same seed gives the same waits.
/// assert!(Backoff::new(&Policy::DEFAULT, 42).take(3).eq(waits));
/// ```
#[derive(Debug, Clone)]
pub struct Backoff {
    next: Duration,
    longest: Duration,
    random: u64,
}

impl Backoff {
    /// The waits that this seed gives.
    #[must_use]
    pub fn new(policy: &Policy, seed: u64) -> Self {
        Self { next: policy.first_wait, longest: policy.longest_wait, random: seed }
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let whole = self.next.min(self.longest);
        self.next = whole.saturating_mul(2);
        // SplitMix64: spreads any seed well enough for jitter.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let half = whole / 2;
        let millis = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
        Some(half + Duration::from_millis(bits % millis.saturating_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn waits_double_up_to_the_cap_and_depend_on_the_seed_alone() {
        let waits = |seed| Backoff::new(&Policy::DEFAULT, seed).take(8).collect::<Vec<_>>();
        assert_eq!(waits(7), waits(7));
        assert_ne!(waits(7), waits(8));
        for (index, wait) in waits(7).into_iter().enumerate() {
            let whole = Duration::from_millis(500 << index).min(Policy::DEFAULT.longest_wait);
            assert!(wait >= whole / 2 && wait <= whole, "{index}: {wait:?}");
        }
    }
}
