//! The oldest versions that the manifests allow: a requirement that is too low breaks users whose lock files are old.
//!
//! Only the direct dependencies are lowered: what they ask for themselves is theirs to get right. The flag is
//! unstable, hence `RUSTC_BOOTSTRAP` for the one command that resolves.

use super::{Failure, Found};
use crate::metadata::{Metadata, Package};
use crate::process::plain;
use crate::release::package::{inside, unpacked};

pub(super) fn check(metadata: &Metadata, packages: &[&Package]) -> Result<Found, Failure> {
    // The packed crates, since the workspace's other packages would ask for newer versions; all of them, since the
    // chosen ones need each other.
    let folder = unpacked(metadata, &metadata.published(), true)?;
    let target = metadata.target.join("floors");
    let mut resolve = inside(metadata, &folder, &["update", "-Z", "direct-minimal-versions"]);
    resolve.env("RUSTC_BOOTSTRAP", "1");
    plain(resolve)?;
    for package in packages {
        let what = if package.library { "--lib" } else { "--bins" };
        let arguments = ["check", "--quiet", "--all-features", what, "--package", &package.name];
        let mut command = inside(metadata, &folder, &arguments);
        command.env("CARGO_TARGET_DIR", &target);
        plain(command)?;
    }
    Ok(Found::default())
}
