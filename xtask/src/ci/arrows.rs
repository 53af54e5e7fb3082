//! Who may name whom, and what the core must not pull in.

use std::collections::{BTreeMap, BTreeSet};

use crate::metadata::{Kind, Metadata, Package};

/// The rooms and the rooms each may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("antom-core", &[]),
    ("antom-transport", &["antom-core"]),
    ("antom-webhook", &["antom-core"]),
    ("antom-store", &["antom-core"]),
    ("antom-reports", &["antom-core"]),
    ("antom", &["antom-core", "antom-transport", "antom-webhook", "antom-store", "antom-reports"]),
    ("antom-sandbox", &["antom-core"]),
    ("antom-cli", &["antom", "antom-sandbox"]),
    // The simulation drives the core's machines and the store without the client between, with a feature of
    // the core that the facade offers to nobody.
    ("antom-testbed", &["antom", "antom-core", "antom-store", "antom-sandbox"]),
    ("antom-examples", &["antom", "antom-sandbox"]),
    ("antom-example-core-only", &["antom-core"]),
    ("antom-benches", &["antom", "antom-sandbox"]),
    ("xtask", &[]),
];

/// What tests may name beyond the arrows: the facade and an example are played against the sandbox, and the
/// examples of docs/webhooks.md name their crate.
const TEST_ARROWS: &[(&str, &[&str])] = &[
    ("antom", &["antom-sandbox"]),
    ("antom-example-core-only", &["antom-sandbox"]),
    ("antom-examples", &["antom-webhook"]),
];

/// Families that must not be in the core's normal dependency tree: I/O, runtimes, id generators, random
/// numbers, date and time. A name matches itself and everything that goes on with a dash.
const DENIED: &[&str] = &[
    "async-std",
    "chrono",
    "cuid",
    "cuid2",
    "curl",
    "fastrand",
    "futures-io",
    "http",
    "httparse",
    "hyper",
    "isahc",
    "jiff",
    "ksuid",
    "mio",
    "nanoid",
    "native-tls",
    "oorandom",
    "polling",
    "rand",
    "reqwest",
    "rusty_ulid",
    "rustls",
    "smol",
    "snowflake",
    "socket2",
    "time",
    "tokio",
    "tracing",
    "ulid",
    "ureq",
    "uuid",
];

/// The room the deny list is for.
const CORE: &str = "antom-core";

/// Every arrow that points the wrong way, one line each.
pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    let ours: BTreeSet<&str> = metadata.members().map(|package| package.name.as_str()).collect();
    let mut problems: Vec<String> =
        metadata.members().flat_map(|package| wrong_arrows(package, &ours)).collect();
    problems.extend(denied(metadata));
    problems
}

fn wrong_arrows(package: &Package, ours: &BTreeSet<&str>) -> Vec<String> {
    let Some(allowed) = row(ARROWS, &package.name) else {
        return vec![format!("{} has no row in the table of arrows", package.name)];
    };
    let for_tests = row(TEST_ARROWS, &package.name).unwrap_or_default();
    package
        .declared
        .iter()
        .filter(|needed| ours.contains(needed.name.as_str()))
        .filter(|needed| {
            let name = needed.name.as_str();
            // A package may name itself for its tests, to turn features on.
            let in_tests =
                needed.kind == Kind::Development && (name == package.name || for_tests.contains(&name));
            !allowed.contains(&name) && !in_tests
        })
        .map(|needed| {
            format!("{} must not depend on {} ({:?} dependency)", package.name, needed.name, needed.kind)
        })
        .collect()
}

fn row(table: &'static [(&str, &[&str])], name: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|(known, _)| *known == name).map(|(_, allowed)| *allowed)
}

/// Walks the normal tree of the core; each denied package comes with the way that leads to it.
fn denied(metadata: &Metadata) -> Vec<String> {
    let Some(root) = metadata.members.iter().find(|id| name(metadata, id) == CORE) else {
        return vec![format!("{CORE} is not in the workspace")];
    };
    let mut reached_from: BTreeMap<&str, &str> = BTreeMap::from([(root.as_str(), "")]);
    let mut queue = vec![root.as_str()];
    while let Some(id) = queue.pop() {
        for next in metadata.packages.get(id).map(|package| package.normal.as_slice()).unwrap_or_default() {
            if !reached_from.contains_key(next.as_str()) {
                reached_from.insert(next, id);
                queue.push(next);
            }
        }
    }
    reached_from
        .keys()
        .filter(|id| DENIED.iter().any(|family| belongs(name(metadata, id), family)))
        .map(|id| format!("{CORE} must not pull in {}", way(metadata, &reached_from, id)))
        .collect()
}

fn way(metadata: &Metadata, reached_from: &BTreeMap<&str, &str>, id: &str) -> String {
    let mut text = name(metadata, id).to_owned();
    let mut at = id;
    while let Some(from) = reached_from.get(at).copied().filter(|from| !from.is_empty()) {
        text = format!("{text}, by way of {}", name(metadata, from));
        at = from;
    }
    text
}

fn belongs(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

fn name<'a>(metadata: &'a Metadata, id: &str) -> &'a str {
    metadata.packages.get(id).map(|package| package.name.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::metadata::Metadata;
    use serde_json::{Value, json};

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Value {
        let dependencies: Vec<_> =
            dependencies.iter().map(|(name, kind)| json!({ "name": name, "kind": kind })).collect();
        json!({ "id": name, "name": name, "dependencies": dependencies })
    }

    /// A workspace in which ids are names; every declared dependency is resolved.
    fn world(members: &[&str], packages: Vec<Value>) -> Metadata {
        let nodes: Vec<_> = packages
            .iter()
            .map(|package| {
                let dependencies = package["dependencies"].as_array().cloned().unwrap_or_default();
                let edges: Vec<_> = dependencies
                    .iter()
                    .map(|edge| json!({ "pkg": edge["name"], "dep_kinds": [{ "kind": edge["kind"] }] }))
                    .collect();
                json!({ "id": package["id"], "deps": edges })
            })
            .collect();
        Metadata::read(
            &json!({ "packages": packages, "resolve": { "nodes": nodes }, "workspace_members": members }),
        )
    }

    #[test]
    fn the_planned_house_has_no_problem() {
        let world = world(
            &["antom-core", "antom", "antom-sandbox"],
            vec![
                package("antom-core", &[("serde", None), ("tokio", Some("dev"))]),
                package(
                    "antom",
                    &[("antom-core", None), ("antom-sandbox", Some("dev")), ("antom", Some("dev"))],
                ),
                package("antom-sandbox", &[("antom-core", None), ("tokio", None)]),
                package("serde", &[]),
                package("tokio", &[("mio", None)]),
                package("mio", &[]),
            ],
        );
        assert_eq!(check(&world), Vec::<String>::new());
    }

    #[test]
    fn arrows_that_point_back_or_aside_are_named() {
        let world = world(
            &["antom-core", "antom-webhook", "antom-store", "parlour"],
            vec![
                package("antom-core", &[("antom-store", Some("build"))]),
                package("antom-webhook", &[("antom-core", None), ("antom-store", Some("dev"))]),
                package("antom-store", &[("antom-core", None)]),
                package("parlour", &[]),
            ],
        );
        assert_eq!(
            check(&world),
            [
                "antom-core must not depend on antom-store (Build dependency)",
                "antom-webhook must not depend on antom-store (Development dependency)",
                "parlour has no row in the table of arrows",
            ]
        );
    }

    #[test]
    fn a_denied_package_is_found_at_depth_with_the_way_to_it() {
        let world = world(
            &["antom-core"],
            vec![
                package("antom-core", &[("harmless", None), ("timeless", None)]),
                package("harmless", &[("tokio-util", None)]),
                package("tokio-util", &[]),
                package("timeless", &[]),
            ],
        );
        assert_eq!(
            check(&world),
            ["antom-core must not pull in tokio-util, by way of harmless, by way of antom-core"]
        );
    }

    #[test]
    fn a_workspace_without_the_core_is_no_proof() {
        assert_eq!(
            check(&world(&["antom"], vec![package("antom", &[])])),
            ["antom-core is not in the workspace"]
        );
    }
}
