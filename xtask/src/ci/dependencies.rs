//! docs/dependencies.md names exactly the direct dependencies: a new one comes with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::metadata::{Kind, Metadata};

const FILE: &str = "docs/dependencies.md";
const USERS: &str = "## In users' programs";
const TOOLS: &str = "## Tests and tools";

/// Who uses a crate, and its licence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    users: BTreeSet<String>,
    licence: String,
}

type Table = BTreeMap<String, Row>;

/// What the tables and the manifests do not agree on, one line each.
pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    match fs::read_to_string(metadata.root.join(FILE)) {
        Ok(text) => compare(metadata, &text),
        Err(error) => vec![format!("reading {FILE} failed: {error}")],
    }
}

fn compare(metadata: &Metadata, text: &str) -> Vec<String> {
    let (users, tools) = found(metadata);
    let mut problems = differences(USERS, &users, text, 5);
    problems.extend(differences(TOOLS, &tools, text, 4));
    problems
}

/// What the manifests name: for users' programs, and for tests and tools alone.
fn found(metadata: &Metadata) -> (Table, Table) {
    let (mut users, mut tools) = (Table::new(), Table::new());
    for package in metadata.members() {
        for needed in package.declared.iter().filter(|needed| !needed.path) {
            let in_programs = package.published && needed.kind != Kind::Development;
            let table = if in_programs { &mut users } else { &mut tools };
            table.entry(needed.name.clone()).or_default().users.insert(package.name.clone());
        }
    }
    tools.retain(|name, _| !users.contains_key(name));
    let licences: BTreeMap<&str, String> = metadata
        .packages
        .values()
        .filter_map(|package| Some((package.name.as_str(), package.spdx()?)))
        .collect();
    for (name, row) in users.iter_mut().chain(&mut tools) {
        row.licence = licences.get(name.as_str()).cloned().unwrap_or_default();
    }
    (users, tools)
}

fn differences(heading: &str, expected: &Table, text: &str, columns: usize) -> Vec<String> {
    let mut problems = Vec::new();
    let mut named = Table::new();
    let rows =
        text.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.starts_with("## "));
    for line in rows.filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let (Some(name), Some(users), Some(licence)) = (cells.first(), cells.get(1), cells.get(2)) else {
            continue;
        };
        let name = name.trim_matches('`').to_owned();
        if cells.len() != columns || cells.iter().any(|cell| cell.is_empty()) {
            problems
                .push(format!("{FILE}: the row of `{name}` has to have {columns} cells, none of them empty"));
        }
        let users = users.split(", ").map(str::to_owned).collect();
        if named.insert(name.clone(), Row { users, licence: (*licence).to_owned() }).is_some() {
            problems.push(format!("{FILE}: `{name}` stands twice under `{heading}`"));
        }
    }
    for (name, row) in expected {
        let users = row.users.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        match named.get(name) {
            None => problems.push(format!(
                "{FILE}: `{name}` is missing under `{heading}`; it begins `| `{name}` | {users} | {} |`",
                row.licence
            )),
            Some(found) if found.users != row.users => {
                problems.push(format!("{FILE}: `{name}` is used by {users}"));
            }
            Some(found) if found.licence != row.licence => {
                problems.push(format!("{FILE}: the licence of `{name}` is {}", row.licence));
            }
            Some(_) => {}
        }
    }
    let gone = named.keys().filter(|name| !expected.contains_key(*name));
    problems.extend(
        gone.map(|name| format!("{FILE}: `{name}` stands under `{heading}` and no manifest names it there")),
    );
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::compare;
    use crate::metadata::Metadata;

    fn world() -> Metadata {
        let needed = |name: &str, kind: Option<&str>| json!({ "name": name, "kind": kind });
        let other = |name: &str| json!({ "id": name, "name": name, "license": "MIT/Apache-2.0" });
        Metadata::read(&json!({
            "packages": [
                {
                    "id": "shop", "name": "shop",
                    "dependencies": [needed("cup", None), needed("kiln", Some("build")), needed("taster", Some("dev")),
                                     { "name": "pot", "path": "/pot" }],
                },
                {
                    "id": "chores", "name": "chores", "publish": [],
                    "dependencies": [needed("cup", None), needed("broom", None)],
                },
                other("cup"), other("kiln"), other("taster"), other("broom"),
            ],
            "workspace_members": ["shop", "chores"],
        }))
    }

    const FINE: &str = "\
## In users' programs

| crate | used by | licence | why | instead |
| --- | --- | --- | --- | --- |
| `cup` | shop | MIT OR Apache-2.0 | holds | hands |
| `kiln` | shop | MIT OR Apache-2.0 | burns | sun |

## Tests and tools

| `broom` | chores | MIT OR Apache-2.0 | sweeps |
| `taster` | shop | MIT OR Apache-2.0 | tastes |
";

    #[test]
    fn a_table_that_names_all_passes() {
        assert_eq!(compare(&world(), FINE), [] as [&str; 0]);
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_is_named() {
        let text = FINE.replace("| `kiln` | shop |", "| `oven` | shop |").replace("| holds |", "|  |");
        assert_eq!(
            compare(&world(), &text),
            [
                "docs/dependencies.md: the row of `cup` has to have 5 cells, none of them empty",
                "docs/dependencies.md: `kiln` is missing under `## In users' programs`; it begins \
                 `| `kiln` | shop | MIT OR Apache-2.0 |`",
                "docs/dependencies.md: `oven` stands under `## In users' programs` and no manifest names it there",
            ]
        );
    }

    #[test]
    fn users_licences_and_rows_have_to_be_right() {
        let text = FINE
            .replace("| `broom` | chores |", "| `broom` | shop |")
            .replace("| `taster` | shop | MIT OR", "| `taster` | shop | BSD OR")
            .replace("| `kiln`", "| `cup`");
        let found = compare(&world(), &text);
        for what in [
            "`cup` stands twice",
            "`broom` is used by chores",
            "the licence of `taster` is MIT OR Apache-2.0",
        ] {
            assert!(found.iter().any(|line| line.contains(what)), "{what}: {found:?}");
        }
    }
}
