//! Every name of a fault. `tests/documented.rs` reads this file too.

/// Every name, once: the table in docs/sandbox.md has the same.
pub(super) const NAMES: &[&str] = &[
    "S",
    "U",
    "F-CODE",
    "U-CODE",
    "delay-30s",
    "no-answer",
    "reset",
    "truncated",
    "html-503",
    "wrong-signature",
    "unsigned",
    "old-key",
    "foreign",
    "notify-twice",
    "notify-first",
    "notify-late-10m",
    "notify-lost",
    "notify-bad-signature",
];
