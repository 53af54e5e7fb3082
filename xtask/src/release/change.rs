//! What changed between two surfaces, and what that means for users.

use std::collections::BTreeSet;
use std::fmt;

use super::surface::{PROVIDED, Surface};

/// What a change means for users, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Impact {
    /// The same surface.
    Patch,
    /// More of it.
    Minor,
    /// Programs that compiled may not.
    Breaking,
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Breaking => "breaking",
        })
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) impact: Impact,
    /// With `-` or `+` before it.
    pub(super) text: String,
}

/// Every difference, in the order of the surface.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<Line>);

impl Changes {
    pub(super) fn between(old: &Surface, new: &Surface) -> Self {
        let mut lines = Vec::new();
        let heads: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for head in heads {
            match (old.get(head), new.get(head)) {
                (Some(before), Some(after)) => {
                    for gone in before.difference(after) {
                        let impact = if missing_trait(gone) { Impact::Minor } else { Impact::Breaking };
                        lines.push(Line { impact, text: format!("- {head}: {gone}") });
                    }
                    for come in after.difference(before) {
                        lines.push(Line {
                            impact: of_new_member(head, come),
                            text: format!("+ {head}: {come}"),
                        });
                    }
                }
                (Some(_), None) => lines.push(Line { impact: Impact::Breaking, text: format!("- {head}") }),
                (None, Some(_)) => {
                    let impact = if of_known_trait(head, old) { Impact::Breaking } else { Impact::Minor };
                    lines.push(Line { impact, text: format!("+ {head}") });
                }
                (None, None) => {}
            }
        }
        Self(lines)
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.0
    }

    pub(super) fn impact(&self) -> Impact {
        self.0.iter().map(|line| line.impact).max().unwrap_or(Impact::Patch)
    }

    /// As a person reads it; a long one is cut.
    pub(super) fn shown(&self) -> String {
        const SHOWN: usize = 40;
        let mut text: String = self
            .0
            .iter()
            .take(SHOWN)
            .map(|line| format!("   {:<8} {}\n", line.impact.to_string(), line.text))
            .collect();
        if self.0.len() > SHOWN {
            text.push_str(&format!("   … and {} more\n", self.0.len() - SHOWN));
        }
        text
    }
}

/// `!Send`: says that something is not there.
fn missing_trait(member: &str) -> bool {
    member.trim_start_matches("is ").starts_with('!')
}

/// A field or variant that is new breaks those who write or match them all, unless the type forbids that.
fn of_new_member(head: &str, member: &str) -> Impact {
    let open = head.starts_with("traits ") || head.contains("#[non_exhaustive]");
    let beside = ["is ", "fn ", "const fn ", "const ", "async fn ", "type "]
        .iter()
        .any(|word| member.starts_with(word));
    if missing_trait(member) || !(open || beside) { Impact::Breaking } else { Impact::Minor }
}

/// An item without a body in a trait that was there before breaks those who implement it.
fn of_known_trait(head: &str, old: &Surface) -> bool {
    if head.ends_with(PROVIDED) {
        return false;
    }
    let item = ["pub fn ", "pub async fn ", "pub const ", "pub type "]
        .iter()
        .find_map(|word| head.strip_prefix(word));
    let Some(item) = item else { return false };
    // `t::Transport::send<T>(…)` belongs to `t::Transport`.
    let name = item.split(['(', '<', ' ']).next().unwrap_or(item).trim_end_matches(':');
    let Some((of, _)) = name.rsplit_once("::") else { return false };
    let trait_of = |known: &String| {
        let rest = known.strip_prefix("pub trait ").or_else(|| known.strip_prefix("pub unsafe trait "));
        rest.is_some_and(|rest| begins_with_path(rest, of))
    };
    old.keys().any(trait_of)
}

fn begins_with_path(text: &str, path: &str) -> bool {
    text.strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['<', ' ']) || rest.starts_with(": "))
}

#[cfg(test)]
mod tests {
    use super::{Changes, Impact};
    use crate::release::snapshot::read;

    fn between(old: &str, new: &str) -> (Impact, Vec<String>) {
        let changes = Changes::between(&read(old), &read(new));
        (changes.impact(), changes.lines().iter().map(|line| line.text.clone()).collect())
    }

    #[test]
    fn the_same_is_a_patch() {
        assert_eq!(between("pub fn a()\n", "pub fn a()\n"), (Impact::Patch, vec![]));
    }

    #[test]
    fn more_is_minor_and_less_is_breaking() {
        assert_eq!(
            between("pub fn a()\n", "pub fn a()\npub fn b()\n"),
            (Impact::Minor, vec!["+ pub fn b()".into()])
        );
        assert_eq!(between("pub fn a()\n", "").0, Impact::Breaking);
        assert_eq!(between("pub fn a()\n", "pub fn a(u8)\n").0, Impact::Breaking);
    }

    #[test]
    fn a_field_breaks_where_the_type_is_closed() {
        let open = "#[non_exhaustive] pub struct A";
        let added = vec![format!("+ {open}: b: u8")];
        assert_eq!(
            between(&format!("{open} {{ a: u8 }}"), &format!("{open} {{ a: u8 | b: u8 }}")),
            (Impact::Minor, added)
        );
        assert_eq!(between("pub enum E { A }", "pub enum E { A | B }").0, Impact::Breaking);
        assert_eq!(between("pub enum E { A }", "pub enum E { A | fn new() -> Self }").0, Impact::Minor);
        assert_eq!(
            between(&format!("{open} {{ a: u8 | b: u8 }}"), &format!("{open} {{ a: u8 }}")).0,
            Impact::Breaking
        );
    }

    #[test]
    fn a_trait_that_is_lost_breaks() {
        assert_eq!(between("traits A { Clone | Debug }", "traits A { Debug }").0, Impact::Breaking);
        assert_eq!(between("traits A { Debug }", "traits A { Debug | !Send }").0, Impact::Breaking);
        assert_eq!(between("traits A { Debug | !Send }", "traits A { Debug }").0, Impact::Minor);
        assert_eq!(between("traits A { Debug }", "traits A { Debug | Hash }").0, Impact::Minor);
    }

    #[test]
    fn a_function_of_a_trait_breaks_unless_it_has_a_body() {
        let old = "pub trait t::Send: Sync\n";
        assert_eq!(between(old, &format!("{old}pub fn t::Send::now<T>(&self, T)\n")).0, Impact::Breaking);
        assert_eq!(between(old, &format!("{old}pub type t::Send::Error\n")).0, Impact::Breaking);
        assert_eq!(between(old, &format!("{old}pub fn t::Send::now(&self) = provided\n")).0, Impact::Minor);
        assert_eq!(between(old, &format!("{old}pub fn t::Sender::now(&self)\n")).0, Impact::Minor);
        assert_eq!(between("", &format!("{old}pub fn t::Send::now(&self)\n")).0, Impact::Minor);
    }
}
