//! How a command ends when it does not end well.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Why a command failed; each kind has its exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something was checked and is not as it should be.
    Check(String),
    /// The arguments or the files they name cannot be used.
    Input(String),
    /// A call was made, and nobody knows what became of it.
    Unresolved(String),
    /// A call was not made: nothing left this machine.
    NotSent(String),
    /// Whoever read the output went away: no reason to complain to nobody.
    Reader,
}

impl Failure {
    /// An unusable input, with the causes of an error.
    pub(crate) fn input(what: &str, error: &(dyn Error + 'static)) -> Self {
        Self::Input(format!("{what}: {}", causes(error)))
    }

    /// A failed check, with the causes of an error.
    pub(crate) fn check(what: &str, error: &(dyn Error + 'static)) -> Self {
        Self::Check(format!("{what}: {}", causes(error)))
    }

    /// Says it on standard error.
    pub(crate) fn report(self) -> ExitCode {
        let (text, code) = match self {
            Self::Check(text) => (text, 1),
            Self::Input(text) => (text, 2),
            Self::Unresolved(text) => (text, 3),
            Self::NotSent(text) => (text, 4),
            Self::Reader => return ExitCode::SUCCESS,
        };
        // Nothing is left to tell it to if this fails.
        let _ = writeln!(io::stderr(), "antom-dev: {text}");
        ExitCode::from(code)
    }
}

impl From<io::Error> for Failure {
    /// For writing to standard output; other errors of this type say what was being done.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Reader,
            _ => Self::input("writing the output failed", &error),
        }
    }
}

/// An error and what led to it, in one line.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        // Some errors repeat their cause in their own text.
        if !text.ends_with(&said) {
            // Writing to a String cannot fail.
            let _ = write!(text, ": {said}");
        }
        next = cause.source();
    }
    text
}
