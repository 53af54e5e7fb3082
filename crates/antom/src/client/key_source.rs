use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;

use antom_core::secret::Secret;

/// Where a key is read from. An RSA key is PEM, one line of base64 or DER, PKCS#8 or PKCS#1 alike; an API key is
/// its text.
///
/// ```
/// use antom::KeySource;
///
/// let sources = [KeySource::env("ANTOM_PRIVATE_KEY"), KeySource::file("private-key.pem"), KeySource::text("MII...")];
/// // A log may show where a key is, never the key.
/// assert!(!format!("{sources:?}").contains("MII"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum KeySource {
    /// This text.
    Text(Secret<String>),
    /// This file.
    File(PathBuf),
    /// This environment variable.
    Env(String),
}

/// Why a key could not be fetched.
///
/// ```
/// use antom::{ApiKeyClient, ConfigProblem, KeySource, KeySourceError};
///
/// let builder = ApiKeyClient::builder().gateway_url("https://gateway.example");
/// let error = builder.api_key(KeySource::env("NO_SUCH_VARIABLE")).build().unwrap_err();
/// assert!(matches!(&error.problems()[0], ConfigProblem::ApiKeySource(KeySourceError::Env { name }) if name == "NO_SUCH_VARIABLE"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySourceError {
    /// The file could not be read.
    #[error("reading the file {path} failed: {error}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The environment variable is not set.
    #[error("the environment variable {name} is not set, or is not text")]
    Env {
        /// The variable's name.
        name: String,
    },
}

/// No key is longer; what is, is a file of another kind. The parser has the same limit and names it.
const MAX_FILE: u64 = 64 * 1024 + 1;

impl KeySource {
    /// The key itself.
    pub fn text(key: impl Into<Secret<String>>) -> Self {
        Self::Text(key.into())
    }

    /// A file that holds the key.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File(path.into())
    }

    /// An environment variable that holds the key.
    pub fn env(name: impl Into<String>) -> Self {
        Self::Env(name.into())
    }

    pub(super) fn read(&self) -> Result<Secret<Vec<u8>>, KeySourceError> {
        match self {
            Self::Text(text) => Ok(Secret::from(text.expose().as_bytes())),
            Self::File(path) => {
                read_file(path).map_err(|error| KeySourceError::File { path: path.clone(), error })
            }
            Self::Env(name) => match std::env::var(name) {
                Ok(text) => Ok(Secret::new(text.into_bytes())),
                Err(_) => Err(KeySourceError::Env { name: name.clone() }),
            },
        }
    }
}

fn read_file(path: &PathBuf) -> io::Result<Secret<Vec<u8>>> {
    // Enough room at once: a buffer that grows leaves copies of the key behind.
    let mut bytes = Vec::with_capacity(16 * 1024);
    let read = std::fs::File::open(path)?.take(MAX_FILE).read_to_end(&mut bytes);
    let bytes = Secret::new(bytes);
    read.map(|_| bytes)
}

impl From<&str> for KeySource {
    fn from(key: &str) -> Self {
        Self::text(key)
    }
}

impl From<String> for KeySource {
    fn from(key: String) -> Self {
        Self::text(key)
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Env(name) => f.debug_tuple("Env").field(name).finish(),
        }
    }
}
