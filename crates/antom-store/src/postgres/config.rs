use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::PostgresStore;
use super::connect::{self, failed};
use crate::cipher::TokenCipher;
use crate::error::StoreError;
use crate::sql::Opener;

/// The clock that leases go by.
///
/// ```
/// use antom_store::{PostgresOptions, StoreClock};
///
/// assert_eq!(StoreClock::default(), StoreClock::Database);
/// let simulated = PostgresOptions::default().with_clock(StoreClock::Caller);
/// assert!(format!("{simulated:?}").contains("Caller"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StoreClock {
    /// The database's, which all processes share.
    #[default]
    Database,
    /// That of whoever claims: for simulations and tests, whose time is their own.
    Caller,
}

/// How a PostgreSQL database is opened.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use std::sync::Arc;
/// use std::time::Duration;
/// use antom_store::{AesGcmCipher, PostgresOptions, StoreClock};
/// # let pem: &[u8] = b"";
///
/// # block_on(async {
/// let options = PostgresOptions::default()
///     .with_connections(4)
///     .with_patience(Duration::from_secs(2))
///     .with_clock(StoreClock::Database)
///     .with_roots(pem);
/// // Over a network nothing goes in the clear.
/// let cipher = Arc::new(AesGcmCipher::ephemeral()?);
/// let refused = options.open("postgres://shop@db.example/antom?sslmode=disable", cipher).await;
/// assert!(refused.is_err());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    connections: usize,
    patience: Duration,
    clock: StoreClock,
    roots: Option<Vec<u8>>,
}

impl Default for PostgresOptions {
    /// Eight connections, five seconds for one to be free, the database's clock, the roots of the platform.
    fn default() -> Self {
        Self { connections: 8, patience: Duration::from_secs(5), clock: StoreClock::Database, roots: None }
    }
}

/// Why a URL cannot be used.
#[derive(Debug, thiserror::Error)]
enum BadUrl {
    #[error("the URL names no host")]
    NoHost,
    #[error("sslmode=disable is for sockets and loopback; a remote server is reached over TLS alone")]
    Plain,
}

impl PostgresOptions {
    /// With so many connections, at least one.
    #[must_use]
    pub fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// With another wait for a free connection.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// With another clock for leases.
    #[must_use]
    pub fn with_clock(mut self, clock: StoreClock) -> Self {
        self.clock = clock;
        self
    }

    /// With the certificates of a private authority, in PEM, instead of the platform's.
    #[must_use]
    pub fn with_roots(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots = Some(pem.into());
        self
    }

    /// Opens the database and brings its tables up to date. They go into the first schema of the connection's
    /// search path.
    ///
    /// # Errors
    ///
    /// The URL cannot be used, the server cannot be reached, or its tables are of a newer program.
    pub async fn open(self, url: &str, cipher: Arc<dyn TokenCipher>) -> Result<PostgresStore, StoreError> {
        let mut config: Config = url.parse().map_err(|error| failed("reading the database's URL", error))?;
        let bad = |problem: BadUrl| StoreError::Backend {
            step: "reading the database's URL",
            source: Box::new(problem),
        };
        let local = is_local(&config).ok_or_else(|| bad(BadUrl::NoHost))?;
        match (local, config.get_ssl_mode()) {
            // On this machine TLS is used only where it is asked for.
            (true, SslMode::Prefer) => config.ssl_mode(SslMode::Disable),
            (true, _) => &mut config,
            (false, SslMode::Disable) => return Err(bad(BadUrl::Plain)),
            (false, _) => config.ssl_mode(SslMode::Require),
        };
        if config.get_application_name().is_none() {
            config.application_name("antom-store");
        }
        let pool = connect::pool(config, self.roots.as_deref(), self.connections, self.patience)?;
        connect::migrate(&pool).await?;
        Ok(PostgresStore { pool, opener: Opener { cipher }, clock: self.clock })
    }
}

/// Whether every host is this machine; `None` without a host.
fn is_local(config: &Config) -> Option<bool> {
    let hosts = config.get_hosts();
    let named = hosts.iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    let addressed = config.get_hostaddrs().iter().all(IpAddr::is_loopback);
    (!hosts.is_empty()).then_some(named && addressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sockets_and_loopback_are_this_machine() {
        let local = |url: &str| is_local(&url.parse().unwrap());
        assert_eq!(local("postgres://localhost/a"), Some(true));
        assert_eq!(local("postgres://127.0.0.1,[::1]/a"), Some(true));
        assert_eq!(local("postgres:///a?host=/var/run/postgresql"), Some(true));
        assert_eq!(local("postgres://db.example/a"), Some(false));
        assert_eq!(local("postgres://localhost,10.0.0.1/a"), Some(false));
        assert_eq!(local("host=localhost hostaddr=10.0.0.1"), Some(false));
        assert_eq!(local("dbname=a"), None);
    }
}
