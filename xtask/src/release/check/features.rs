//! Every feature alone, and features with each other.
//!
//! All sets of antom's forty features would be a million million builds, so features that only forward to the same
//! place stand for one in the sets: the groups of the API differ in the messages that they compile, and nothing
//! asks for two of them at once. A crate with few features has every set built, one with many every pair.

use std::collections::{BTreeMap, BTreeSet};

use super::{Failure, Found};
use crate::metadata::{Metadata, Package};
use crate::process::{cargo, line, say};

/// Crate, and what stands together in its sets. Where a feature holds others, they need not be named.
const TOGETHER: &[(&str, &[&str])] = &[
    ("antom-core", &["full"]),
    ("antom", &["groups"]),
    // Passed on to the crates below, where they have their sets; no code of the facade asks for them.
    ("antom", &["aws-lc", "conformance", "tower", "tracing", "wire-mirror"]),
    ("antom", &["reports-xlsx", "reports-zip"]),
    ("antom", &["store-postgres", "store-sqlite"]),
    ("antom", &["webhook-actix", "webhook-axum", "webhook-hyper", "webhook-tower"]),
];

/// Features that hold nearly all others: built alone and with everything.
const EVERYTHING: &[(&str, &str)] = &[("antom", "full")];

/// With more units than this, pairs are built instead of every set.
const MOST_UNITS: usize = 6;

type Set = BTreeSet<String>;

pub(super) fn check(metadata: &Metadata, packages: &[&Package]) -> Result<Found, Failure> {
    let mut found = Found::default();
    for package in packages {
        let sets = sets(package);
        for set in &sets {
            found.problems.extend(build(metadata, package, set)?);
        }
        // As it goes: the whole takes many minutes.
        say(&format!("   {}: {} sets of features built\n", package.name, sets.len()));
    }
    Ok(found)
}

/// What rustc says of one set; nothing is as it should be.
fn build(metadata: &Metadata, package: &Package, set: &Set) -> Result<Option<String>, Failure> {
    let names = set.iter().map(String::as_str).collect::<Vec<_>>().join(",");
    let what = if package.library { "--lib" } else { "--bins" };
    let mut command =
        cargo(&["check", "--locked", what, "--package", &package.name, "--no-default-features"]);
    command.args(["--features", &names]).env("CARGO_TARGET_DIR", metadata.target.join("features"));
    let told = line(&command);
    let output =
        command.output().map_err(|error| Failure::new(format!("starting `{told}` failed: {error}")))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let warned = said.lines().any(|line| line.starts_with(&format!("warning: `{}` ", package.name)));
    if output.status.success() && !warned {
        return Ok(None);
    }
    let lines: Vec<&str> =
        said.lines().filter(|line| !line.trim_start().starts_with("Checking ")).take(40).collect();
    Ok(Some(format!("`{told}` does not pass without a warning:\n{}", lines.join("\n"))))
}

/// The sets to build, none twice.
fn sets(package: &Package) -> Vec<Set> {
    let units = units(package);
    let full: Vec<BTreeSet<usize>> = match units.len() {
        count if count <= MOST_UNITS => (0..1_usize << count)
            .map(|bits| (0..count).filter(|index| bits >> index & 1 == 1).collect())
            .collect(),
        count => (0..count)
            .flat_map(|one| (one + 1..count).map(move |other| BTreeSet::from([one, other])))
            .collect(),
    };
    let together = full.into_iter().map(|chosen| {
        chosen.into_iter().filter_map(|index| units.get(index)).flatten().cloned().collect::<Set>()
    });
    let alone = package.features.keys().map(|name| Set::from([name.clone()]));
    let all: Set = package.features.keys().cloned().collect();
    // Two sets that turn the same on are one build.
    let mut known = BTreeMap::new();
    for set in [Set::new(), all].into_iter().chain(alone).chain(together) {
        known.entry(closed(package, &set)).or_insert(set);
    }
    known.into_values().collect()
}

/// What stands for itself in the sets.
fn units(package: &Package) -> Vec<Set> {
    let mut together: Vec<Set> = TOGETHER
        .iter()
        .filter(|(name, _)| *name == package.name)
        .map(|(_, features)| features.iter().map(|name| (*name).to_owned()).collect())
        .collect();
    let mut taken: Set = together.iter().flat_map(|unit| held(package, unit)).collect();
    taken.insert("default".into());
    taken.extend(
        EVERYTHING.iter().filter(|(name, _)| *name == package.name).map(|(_, feature)| (*feature).to_owned()),
    );
    together.extend(
        package.features.keys().filter(|name| !taken.contains(*name)).map(|name| Set::from([name.clone()])),
    );
    together
}

/// The features of a unit: themselves, or what a feature that names only features holds.
fn held(package: &Package, unit: &Set) -> Set {
    let single = unit.iter().next().filter(|_| unit.len() == 1);
    let inside = single.and_then(|name| package.features.get(name)).into_iter().flatten();
    unit.iter().chain(inside).filter(|name| package.features.contains_key(*name)).cloned().collect()
}

/// Everything that a set turns on.
fn closed(package: &Package, set: &Set) -> Set {
    let mut all = set.clone();
    let mut queue: Vec<String> = set.iter().cloned().collect();
    while let Some(name) = queue.pop() {
        for implied in package.features.get(&name).into_iter().flatten() {
            if all.insert(implied.clone()) {
                queue.push(implied.clone());
            }
        }
    }
    // Names for others, for which no code asks.
    all.remove("default");
    all.retain(|name| !EVERYTHING.contains(&(package.name.as_str(), name.as_str())));
    all
}

#[cfg(test)]
mod tests {
    use super::{Set, sets, units};
    use crate::metadata::Package;

    fn package(name: &str, features: &[(&str, &[&str])]) -> Package {
        let features = features.iter().map(|(name, implied)| {
            ((*name).to_owned(), implied.iter().map(|one| (*one).to_owned()).collect())
        });
        Package { name: name.into(), features: features.collect(), ..Package::default() }
    }

    fn set(names: &[&str]) -> Set {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn few_features_make_every_set_once() {
        let package = package("tea", &[("default", &["milk"]), ("milk", &[]), ("sugar", &["dep:sugar"])]);
        let found = sets(&package);
        // `default` is milk, and everything is both.
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.contains(&Set::new()) && found.contains(&set(&["sugar"])));
    }

    #[test]
    fn many_features_make_pairs() {
        let names = ["a", "b", "c", "d", "e", "f", "g"].map(|name| (name, &[] as &[&str]));
        // None, each of seven, each of twenty-one pairs, all.
        assert_eq!(sets(&package("tea", &names)).len(), 1 + 7 + 21 + 1);
    }

    #[test]
    fn groups_of_the_api_stand_together_and_build_alone() {
        let core = package(
            "antom-core",
            &[("full", &["pay", "vaults"]), ("pay", &[]), ("vaults", &[]), ("std", &[])],
        );
        assert_eq!(units(&core), [set(&["full"]), set(&["std"])]);
        let found = sets(&core);
        assert!(found.contains(&set(&["pay"])) && found.contains(&set(&["vaults"])));
        assert!(!found.contains(&set(&["pay", "std"])), "{found:?}");
    }

    #[test]
    fn what_is_implied_makes_no_second_build() {
        let package = package("tea", &[("a", &["b"]), ("b", &[])]);
        // None, `b`, and `a` with it: `a,b` is the same as `a`.
        assert_eq!(sets(&package).len(), 3);
    }
}
