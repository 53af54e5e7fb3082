//! What a run came to.

use std::fmt::Write as _;

use crate::fault::{Counts, Fault};
use crate::rng::mix;
use crate::rules::Violation;

/// What happened, in order: a digest always, the lines on request.
#[derive(Debug, Default)]
pub struct Trace {
    digest: u64,
    lines: Option<String>,
}

impl Trace {
    /// A trace; with `lines` it keeps its text.
    #[must_use]
    pub fn new(lines: bool) -> Self {
        Self { digest: 0, lines: lines.then(String::new) }
    }

    /// One thing that happened.
    pub fn note(&mut self, at: i64, what: &'static str, order: u32, detail: u64) {
        let name = what.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let place =
            at.unsigned_abs() ^ name.rotate_left(17) ^ (u64::from(order) << 40) ^ detail.rotate_left(7);
        self.digest = mix(self.digest ^ mix(place));
        if let Some(lines) = &mut self.lines {
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{at} {what} {order} {detail}");
        }
    }

    /// A number that another run of the same seed must come to as well.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// The text, if it was kept.
    #[must_use]
    pub fn text(&self) -> &str {
        self.lines.as_deref().unwrap_or_default()
    }
}

/// What one world came to, or all together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Orders begun.
    pub payments: u64,
    /// Orders that are settled, and as the gateway has them.
    pub settled: u64,
    /// Of these, by their end: paid, failed, cancelled.
    pub ends: [u64; 3],
    /// Orders that a person wrote off after they were reported.
    pub written_off: u64,
    /// Notifications that were fetched from the recovery.
    pub recovered: u64,
    /// Commits.
    pub commits: u64,
    /// Faults.
    pub faults: Counts,
    /// Broken rules; the first few are described.
    pub violations: u64,
    /// The first few.
    pub first: Vec<Violation>,
    /// How much time went by, in milliseconds.
    pub virtual_millis: u64,
    /// The traces' digest.
    pub digest: u64,
}

impl Outcome {
    /// Adds what another world came to. The order of worlds matters to the digest.
    pub fn merge(&mut self, other: Self) {
        self.payments += other.payments;
        self.settled += other.settled;
        self.ends.iter_mut().zip(other.ends).for_each(|(mine, theirs)| *mine += theirs);
        self.written_off += other.written_off;
        self.recovered += other.recovered;
        self.commits += other.commits;
        self.faults.merge(&other.faults);
        self.violations += other.violations;
        self.first.extend(other.first);
        self.first.truncate(10);
        self.virtual_millis += other.virtual_millis;
        self.digest = mix(self.digest ^ other.digest);
    }

    /// The report as JSON.
    #[must_use]
    pub fn json(&self, mode: &str, level: &str, seed: u64, real_seconds: f64) -> String {
        let faults: Vec<String> = Fault::ALL
            .iter()
            .map(|fault| format!("\"{}\":{}", fault.name(), self.faults.get(*fault)))
            .collect();
        let [paid, failed, cancelled] = self.ends;
        format!(
            "{{\"mode\":\"{mode}\",\"fault_level\":\"{level}\",\"seed\":{seed},\"payments\":{},\"settled\":{},\"paid\":{paid},\
             \"failed\":{failed},\"cancelled\":{cancelled},\"written_off\":{},\"recovered\":{},\"commits\":{},\"faults\":{{{}}},\"violations\":{},\
             \"virtual_seconds\":{},\"real_seconds\":{real_seconds:.3},\"trace\":\"{:016x}\"}}",
            self.payments,
            self.settled,
            self.written_off,
            self.recovered,
            self.commits,
            faults.join(","),
            self.violations,
            self.virtual_millis / 1000,
            self.digest,
        )
    }
}
