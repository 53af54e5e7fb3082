//! Packages carry files, so every published crate has the licences as files: real ones, since not every system
//! that checks this out knows links.

use std::fs;
use std::path::Path;

use crate::metadata::Package;

const FILES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

pub(super) fn check(root: &Path, packages: &[&Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for name in FILES {
        let Ok(expected) = fs::read(root.join(name)) else {
            problems.push(format!("{name} is missing in the root"));
            continue;
        };
        for package in packages {
            let file = Path::new(&package.manifest).with_file_name(name);
            let linked = fs::symlink_metadata(&file).is_ok_and(|about| about.is_symlink());
            match fs::read(&file) {
                Ok(text) if text == expected && !linked => {}
                Ok(_) if linked => problems.push(format!("{}: {name} is a link", package.name)),
                Ok(_) => problems.push(format!("{}: {name} is not the root's", package.name)),
                Err(_) => problems.push(format!("{}: {name} is missing", package.name)),
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{FILES, check};
    use crate::metadata::Package;

    #[test]
    fn a_licence_is_a_file_with_the_same_text() {
        let root = std::env::temp_dir().join(format!("antom-licences-{}", std::process::id()));
        let names = ["same", "other", "none"];
        for name in names {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        for file in FILES {
            fs::write(root.join(file), "as is").unwrap();
            fs::write(root.join("same").join(file), "as is").unwrap();
            fs::write(root.join("other").join(file), "as was").unwrap();
        }
        let packages = names.map(|name| Package {
            name: name.into(),
            manifest: root.join(name).join("Cargo.toml").to_string_lossy().into_owned(),
            ..Package::default()
        });
        let found = check(&root, &packages.iter().collect::<Vec<_>>());
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(
            found,
            [
                "other: LICENSE-APACHE is not the root's",
                "none: LICENSE-APACHE is missing",
                "other: LICENSE-MIT is not the root's",
                "none: LICENSE-MIT is missing",
            ]
        );
    }
}
