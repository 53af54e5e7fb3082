//! Versions, as far as a release compares and raises them: three numbers.

use std::fmt;
use std::str::FromStr;

use super::change::Impact;

/// `major.minor.patch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: u64,
    pub(super) minor: u64,
    pub(super) patch: u64,
}

impl Version {
    /// The least version that may follow with such a change. Before 1.0.0 the minor number says what breaks, and
    /// the patch number everything else: so does cargo.
    pub(super) fn after(self, impact: Impact) -> Self {
        let Self { major, minor, patch } = self;
        match impact {
            Impact::Breaking if major > 0 => Self { major: major + 1, minor: 0, patch: 0 },
            Impact::Minor if major > 0 => Self { major, minor: minor + 1, patch: 0 },
            Impact::Breaking => Self { major, minor: minor + 1, patch: 0 },
            Impact::Minor | Impact::Patch => Self { major, minor, patch: patch + 1 },
        }
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<u64>> = text.split('.').map(|part| part.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[major, minor, patch]) => Ok(Self { major, minor, patch }),
            _ => Err(format!("`{text}` is not a version such as 0.1.0")),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;
    use crate::release::change::Impact;

    #[test]
    fn a_change_raises_the_number_that_cargo_looks_at() {
        let after = |version: &str, impact| version.parse::<Version>().unwrap().after(impact).to_string();
        assert_eq!(after("0.1.2", Impact::Patch), "0.1.3");
        assert_eq!(after("0.1.2", Impact::Minor), "0.1.3");
        assert_eq!(after("0.1.2", Impact::Breaking), "0.2.0");
        assert_eq!(after("1.1.2", Impact::Patch), "1.1.3");
        assert_eq!(after("1.1.2", Impact::Minor), "1.2.0");
        assert_eq!(after("1.1.2", Impact::Breaking), "2.0.0");
    }

    #[test]
    fn what_is_not_three_numbers_is_refused() {
        for text in ["", "1", "1.2", "1.2.3.4", "1.2.3-alpha", "v1.2.3"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        assert!("0.9.0".parse::<Version>().unwrap() < "0.10.0".parse().unwrap());
    }
}
