//! One version everywhere.

use crate::metadata::Package;

pub(super) fn check(packages: &[&Package]) -> Vec<String> {
    let mut problems = Vec::new();
    let Some(first) = packages.first() else { return problems };
    for package in packages {
        if package.version != first.version {
            problems.push(format!(
                "{} is {}, {} is {}: all crates share one version",
                package.name, package.version, first.name, first.version
            ));
        }
        for needed in &package.declared {
            let Some(own) = packages.iter().find(|own| own.name == needed.name && own.name != package.name)
            else {
                continue;
            };
            let expected = format!("^{}", own.version);
            if needed.requirement != expected {
                problems.push(format!(
                    "{} asks for {} {}, expected {expected}",
                    package.name, needed.name, needed.requirement
                ));
            }
        }
        // Cargo packs a requirement for it, and crates.io has no such crate.
        let unpublished = package.declared.iter().filter(|needed| {
            needed.path && needed.requirement != "*" && packages.iter().all(|own| own.name != needed.name)
        });
        problems.extend(
            unpublished
                .map(|needed| format!("{} needs {}, which is not published", package.name, needed.name)),
        );
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::metadata::{Declared, Package};

    fn package(name: &str, version: &str, needed: &[(&str, &str)]) -> Package {
        let declared = needed.iter().map(|(name, requirement)| Declared {
            name: (*name).into(),
            requirement: (*requirement).into(),
            path: true,
            ..Declared::default()
        });
        Package {
            name: name.into(),
            version: version.into(),
            declared: declared.collect(),
            ..Package::default()
        }
    }

    #[test]
    fn versions_and_requirements_agree() {
        let core = package("core", "0.2.0", &[]);
        // A crate that turns on its own features for its tests names no version.
        let fine = package("shop", "0.2.0", &[("core", "^0.2.0"), ("shop", "*")]);
        assert!(check(&[&core, &fine]).is_empty());
        let old = package("shop", "0.1.0", &[("core", "^0.1.0"), ("bench", "^0.1.0")]);
        assert_eq!(
            check(&[&core, &old]),
            [
                "shop is 0.1.0, core is 0.2.0: all crates share one version",
                "shop asks for core ^0.1.0, expected ^0.2.0",
                "shop needs bench, which is not published",
            ]
        );
    }
}
