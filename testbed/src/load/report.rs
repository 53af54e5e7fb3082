#![allow(clippy::float_arithmetic, reason = "seconds and megabytes for people, not money")]

use serde_json::json;

/// What came of a load.
#[derive(Debug, Clone)]
pub struct Report {
    /// Payments asked for.
    pub payments: u64,
    /// How long that took.
    pub seconds: f64,
    /// Calls that were not answered as they should be.
    pub errors: u64,
    /// Payments that no notification told of.
    pub lost: u64,
    /// Notifications that could not be verified.
    pub forged: u64,
    /// The sandbox's memory in kilobytes, at each fiftieth of the payments.
    pub memory: Vec<u64>,
}

/// How much the memory may differ between the second quarter and the last, in kilobytes.
const SLACK: u64 = 2_048;

impl Report {
    /// The medians of the second quarter and of the last: the first one warms up.
    fn quarters(&self) -> Option<(u64, u64)> {
        let quarter = self.memory.len() / 4;
        let median = |part: &[u64]| {
            let mut part = part.to_vec();
            part.sort_unstable();
            part.get(part.len() / 2).copied()
        };
        let second = self.memory.get(quarter..2 * quarter)?;
        let last = self.memory.get(self.memory.len() - quarter..)?;
        Some((median(second)?, median(last)?))
    }

    /// Whether memory stayed what it was after warming up: within a twentieth and two megabytes.
    fn is_flat(&self) -> bool {
        self.quarters().is_some_and(|(second, last)| last <= second + second / 20 + SLACK)
    }

    /// Whether nothing went wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        (self.errors, self.lost, self.forged) == (0, 0, 0) && self.is_flat()
    }

    /// As one JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        let (second, last) = self.quarters().unwrap_or_default();
        json!({
            "payments": self.payments,
            "seconds": self.seconds,
            "errors": self.errors,
            "lost": self.lost,
            "forged": self.forged,
            "memory_kb_second_quarter": second,
            "memory_kb_last_quarter": last,
            "flat": self.is_flat(),
        })
        .to_string()
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let (second, last) = self.quarters().unwrap_or_default();
        let megabytes = |kilobytes: u64| kilobytes as f64 / 1024.0;
        format!(
            "payments  {:>8}   in {:.1} s, {:.0} a second\nerrors    {:>8}\nlost      {:>8}   notifications\n\
             forged    {:>8}\nmemory    {:>8.1}   MB in the second quarter, {:.1} in the last: {}",
            self.payments,
            self.seconds,
            self.payments as f64 / self.seconds.max(0.001),
            self.errors,
            self.lost,
            self.forged,
            megabytes(second),
            megabytes(last),
            if self.is_flat() { "flat" } else { "NOT FLAT" },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    fn report(memory: Vec<u64>) -> Report {
        Report { payments: 1, seconds: 1.0, errors: 0, lost: 0, forged: 0, memory }
    }

    #[test]
    fn memory_that_grows_is_noticed() {
        assert!(report(vec![5_000, 20_000, 20_100, 20_000, 20_200, 20_100, 20_000, 20_100]).is_good());
        assert!(!report((1..40).map(|step| step * 1_000).collect()).is_good());
        assert!(!report(Vec::new()).is_good());
        assert!(!Report { lost: 1, ..report(vec![1; 8]) }.is_good());
    }
}
