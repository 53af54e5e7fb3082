//! The figures, by what they look at.

mod call;
mod core;
mod crypto;
mod flight;
mod memory;
mod postgres;
mod reconcile;
mod report;
mod sandbox;
mod store;
mod webhook;

use crate::figure::Figure;
use crate::measure::Effort;

/// A few figures that are measured together.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The names of its figures.
    pub names: &'static [&'static str],
    /// Measures all of them.
    pub run: fn(Effort) -> Vec<Figure>,
}

/// All of them, in the order of the table.
pub const GROUPS: &[Group] = &[
    Group { names: crypto::SIGN, run: crypto::sign },
    Group { names: crypto::VERIFY, run: crypto::verify },
    Group { names: core::PARSE, run: core::parse },
    Group { names: core::GROWTH, run: core::growth },
    Group { names: core::CLIENT, run: core::client },
    Group { names: call::HYPER, run: call::hyper },
    Group { names: call::REQWEST, run: call::reqwest },
    Group { names: call::WITHOUT_RSA, run: call::without_rsa },
    Group { names: flight::NAMES, run: flight::run },
    Group { names: webhook::DELIVERY, run: webhook::delivery },
    Group { names: webhook::SERVER, run: webhook::server },
    Group { names: memory::NAMES, run: memory::run },
    Group { names: store::NAMES, run: store::run },
    Group { names: postgres::NAMES, run: postgres::run },
    Group { names: report::NAMES, run: report::run },
    Group { names: reconcile::NAMES, run: reconcile::run },
    Group { names: sandbox::NAMES, run: sandbox::run },
];

/// The figures that are counted, not timed: a goal that is missed is missed on any machine.
pub const GATES: &[&str] = &[
    "sign: allocations",
    "verify: allocations",
    "growth: allocations at 60 kB",
    "call, hyper: allocations",
    "call, hyper: kB",
    "call, hyper: connections",
    "call, reqwest: allocations",
    "webhook: allocations",
    "report: memory",
    "memory: client",
    "memory: 64 in flight",
    "memory: webhook server",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::GROUPS;
    use crate::measure::Effort;

    #[test]
    fn names_are_unique_and_are_those_that_are_measured() {
        let names: Vec<_> = GROUPS.iter().flat_map(|group| group.names).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(super::GATES.iter().all(|gate| names.contains(&gate)));
        for group in GROUPS {
            let measured: Vec<_> = (group.run)(Effort::QUICK).iter().map(|figure| figure.name).collect();
            assert_eq!(measured, group.names);
        }
    }
}
