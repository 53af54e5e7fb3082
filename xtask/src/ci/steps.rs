//! The steps as a table. Few distinct feature sets, so that little is built twice.

/// One check.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) purpose: &'static str,
    pub(super) remedy: &'static str,
    pub(super) action: Action,
}

/// What a step does.
#[derive(Debug)]
pub(super) enum Action {
    /// Runs cargo with these arguments and variables.
    Cargo { arguments: &'static [&'static str], variables: &'static [(&'static str, &'static str)] },
    /// Runs cargo, and counts the tests that ran: none at all is a failure.
    Tests(&'static [&'static str]),
    /// The same with a throw-away PostgreSQL server, where its programs are found.
    TestsWithPostgres(&'static [&'static str]),
    /// Runs cargo for the crates that users depend on, named between the two halves of the arguments.
    EachUserCrate {
        before: &'static [&'static str],
        after: &'static [&'static str],
        variables: &'static [(&'static str, &'static str)],
        tests: bool,
    },
    /// Runs this program again with another command.
    Xtask(&'static [&'static str]),
    /// The arrows between the rooms and the deny list, from `cargo metadata`.
    Arrows,
    /// What every package of the house has.
    House,
    /// The table of dependencies.
    Dependencies,
}

/// In the order in which they are played.
///
/// *Default features* is what a user of one crate gets. A build of the workspace would not show it: the
/// sandbox turns on every group of the core, and cargo unifies features over all packages it builds
/// together. Hence those steps build the crates that users depend on and nothing else.
pub(super) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        purpose: "the tree is formatted",
        remedy: "run `cargo fmt --all`",
        action: cargo(&["fmt", "--all", "--check"]),
    },
    Step {
        name: "house",
        purpose: "every package takes the workspace's lints, licence and edition and has a README; links lead to files and \
                  headings that are there; the book's summary names every page; every example is compiled",
        remedy: "complete the Cargo.toml, add the file, mend the link or the example named above",
        action: Action::House,
    },
    Step {
        name: "dependencies",
        purpose: "docs/dependencies.md has a row for each direct dependency, and none besides",
        remedy: "write the row with its reason, or strike the one that is no longer true",
        action: Action::Dependencies,
    },
    Step {
        name: "release",
        purpose: "versions, changelog, licences and manifests are fit to be published",
        remedy: "see what the check above says; `cargo xtask release check` plays the long checks too",
        action: Action::Xtask(&["release", "check", "--quick"]),
    },
    Step {
        name: "arrows",
        purpose: "no crate names one it may not name, the core stays free of I/O, and the map of the crates is true",
        remedy: "move the code to the room that may depend on both; the arrows are in xtask/src/ci/arrows.rs",
        action: Action::Arrows,
    },
    Step {
        name: "codegen",
        purpose: "the generated code is what the API description says",
        remedy: "run `cargo xtask codegen` and commit what it wrote; edit xtask/spec, never the generated files",
        action: Action::Xtask(&["codegen", "--check"]),
    },
    Step {
        name: "clippy",
        purpose: "no warning with all features",
        remedy: "mend what clippy names; an `allow` needs a reason beside it",
        action: cargo(&[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ]),
    },
    Step {
        name: "tests",
        purpose: "all tests with all features, with PostgreSQL where it is found",
        remedy: "run the failed test alone with `cargo xtask postgres -- cargo test -p CRATE --all-features NAME`",
        // `--tests`: unit tests as well, but of those that the manifests say have some.
        action: Action::TestsWithPostgres(&["test", "--locked", "--workspace", "--all-features", "--tests"]),
    },
    Step {
        name: "doctests",
        purpose: "every example in the documentation compiles and runs",
        remedy: "mend the example, or the documentation that no longer holds",
        action: Action::Tests(&["test", "--locked", "--workspace", "--all-features", "--doc"]),
    },
    Step {
        name: "docs",
        purpose: "the documentation builds without a warning",
        remedy: "mend the link or comment that rustdoc names",
        action: Action::Cargo {
            arguments: &["doc", "--locked", "--workspace", "--lib", "--no-deps", "--all-features"],
            variables: &[("RUSTDOCFLAGS", "-D warnings")],
        },
    },
    Step {
        name: "clippy-default",
        purpose: "no warning in what a user gets with default features",
        remedy: "gate the import or item by the feature that needs it",
        action: Action::EachUserCrate {
            before: &["clippy", "--locked", "--all-targets"],
            after: &["--", "-D", "warnings"],
            variables: &[],
            tests: false,
        },
    },
    Step {
        name: "docs-default",
        purpose: "the documentation of what a user gets with default features builds without a warning",
        remedy: "link to what a feature adds only where that feature is on, or name it as code",
        action: Action::EachUserCrate {
            before: &["doc", "--locked", "--lib", "--no-deps"],
            after: &[],
            variables: &[("RUSTDOCFLAGS", "-D warnings")],
            tests: false,
        },
    },
    Step {
        name: "tests-default",
        purpose: "all tests of what a user gets with default features",
        remedy: "gate the test by the feature that it needs",
        action: Action::EachUserCrate {
            before: &["test", "--locked", "--tests"],
            after: &[],
            variables: &[],
            tests: true,
        },
    },
    Step {
        name: "core-alone",
        purpose: "the core builds with no feature at all: no std, no RSA, no group",
        remedy: "use `core` and `alloc`, and gate what needs a feature",
        action: cargo(&["check", "--locked", "--package", "antom-core", "--no-default-features"]),
    },
];

const fn cargo(arguments: &'static [&'static str]) -> Action {
    Action::Cargo { arguments, variables: &[] }
}

#[cfg(test)]
mod tests {
    use super::{Action, STEPS};

    #[test]
    fn every_step_has_its_own_name() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(STEPS.iter().skip(index + 1).all(|other| other.name != step.name), "{} twice", step.name);
        }
    }

    #[test]
    fn what_builds_keeps_to_the_lock_file() {
        for step in STEPS {
            let arguments = match step.action {
                Action::Cargo { arguments, .. }
                | Action::Tests(arguments)
                | Action::TestsWithPostgres(arguments) => arguments,
                Action::EachUserCrate { before, .. } => before,
                _ => continue,
            };
            assert!(arguments.contains(&"fmt") || arguments.contains(&"--locked"), "{}", step.name);
        }
    }
}
