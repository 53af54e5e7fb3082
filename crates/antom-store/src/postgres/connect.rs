use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres::Config;
use tokio_postgres::error::SqlState;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::StoreError;
use crate::sql::schema::{self, Types};

const TYPES: Types = Types {
    place: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    serial: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    blob: "BYTEA",
    // Compared by bytes, as ids are.
    text: "TEXT COLLATE \"C\"",
};

/// Held while the tables are brought up to date: "antom" in ASCII.
const MIGRATION_LOCK: i64 = 0x61_6e74_6f6d;

/// What a failure of the driver is to a caller.
pub(super) fn failed(step: &'static str, error: tokio_postgres::Error) -> StoreError {
    let constraint = error.as_db_error().and_then(|error| error.constraint());
    match error.code() {
        Some(&SqlState::UNIQUE_VIOLATION) if constraint == Some("antom_attempts_live") => {
            StoreError::TwoLiveAttempts
        }
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
            StoreError::Busy { step }
        }
        Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::QUERY_CANCELED) => StoreError::Busy { step },
        Some(&SqlState::DISK_FULL) => StoreError::Full { step },
        Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => StoreError::ReadOnly { step },
        // The server's words at its end, or none at all.
        Some(&SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN | &SqlState::CANNOT_CONNECT_NOW) => {
            StoreError::Disconnected { step }
        }
        None if error.is_closed() || is_io(&error) => StoreError::Disconnected { step },
        _ => StoreError::Backend { step, source: Box::new(error) },
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

/// The pool of connections to a database.
pub(super) fn pool(
    config: Config,
    roots: Option<&[u8]>,
    connections: usize,
    patience: Duration,
) -> Result<Pool, StoreError> {
    let tls = MakeRustlsConnect::new(tls(roots)?);
    // A connection that broke is found broken by its first statement, whose change is then not written.
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    Pool::builder(Manager::from_config(config, tls, recycling))
        .max_size(connections)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(patience))
        .create_timeout(Some(patience))
        .build()
        .map_err(|error| StoreError::Backend { step: "making the pool", source: Box::new(error) })
}

/// Names are always verified. The provider is named, so that nobody else's choice for the process counts.
fn tls(roots: Option<&[u8]>) -> Result<ClientConfig, StoreError> {
    let step = "setting up TLS";
    let wrong = |error: rustls::Error| StoreError::Backend { step, source: Box::new(error) };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(wrong)?;
    let builder = match roots {
        None => builder.with_platform_verifier().map_err(wrong)?,
        Some(pem) => {
            let mut store = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate
                    .map_err(|error| StoreError::Backend { step, source: error.to_string().into() })?;
                store.add(certificate).map_err(wrong)?;
            }
            builder.with_root_certificates(store)
        }
    };
    Ok(builder.with_no_client_auth())
}

/// A connection, free or new.
pub(super) async fn connection(pool: &Pool) -> Result<Object, StoreError> {
    use deadpool_postgres::PoolError;
    pool.get().await.map_err(|error| match error {
        PoolError::Timeout(_) => StoreError::Busy { step: "waiting for a connection" },
        PoolError::Backend(error) => failed("connecting to PostgreSQL", error),
        error => StoreError::Backend { step: "connecting to PostgreSQL", source: Box::new(error) },
    })
}

pub(super) async fn migrate(pool: &Pool) -> Result<(), StoreError> {
    let wrong = |error| failed("bringing the tables up to date", error);
    let mut connection = connection(pool).await?;
    let transaction = connection.transaction().await.map_err(wrong)?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK]).await.map_err(wrong)?;
    let there = "SELECT to_regclass('antom_schema') IS NOT NULL";
    let there: bool = transaction.query_one(there, &[]).await.map_err(wrong)?.get(0);
    let found = match there {
        true => {
            let row = transaction
                .query_one("SELECT version, min_reader FROM antom_schema", &[])
                .await
                .map_err(wrong)?;
            Some((row.get(0), row.get(1)))
        }
        false => {
            let make = "CREATE TABLE antom_schema (version BIGINT NOT NULL, min_reader BIGINT NOT NULL); \
                        INSERT INTO antom_schema VALUES (0, 0)";
            transaction.batch_execute(make).await.map_err(wrong)?;
            None
        }
    };
    for migration in schema::missing(found)? {
        transaction.batch_execute(&migration.sql(TYPES)).await.map_err(wrong)?;
        transaction
            .execute(
                "UPDATE antom_schema SET version = $1, min_reader = $2",
                &[&migration.version, &migration.min_reader],
            )
            .await
            .map_err(wrong)?;
    }
    transaction.commit().await.map_err(wrong)
}
