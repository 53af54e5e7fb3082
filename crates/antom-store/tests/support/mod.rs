//! What the tests of the databases share.
#![allow(dead_code, clippy::print_stderr, reason = "each test program uses a part; what did not run is said")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use antom_core::flow::payment::{Input, NewAttempt, Payment, Plan, Product, Transition};
use antom_core::money::{Amount, Currency};
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use antom_store::{
    AesGcmCipher, Applied, Backend, Change, CipherKey, FrozenBody, PostgresOptions, PostgresStore, Revision,
    SqliteStore, StoreClock, StoreError,
};

/// A folder that goes away.
#[derive(Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let path = std::env::temp_dir().join(format!("antom-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("shop.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn cipher() -> Arc<AesGcmCipher> {
    Arc::new(AesGcmCipher::new(CipherKey::new("test", [7; 32]).unwrap(), [9; 32]))
}

pub(crate) fn sqlite(path: &Path) -> SqliteStore {
    SqliteStore::open(path, cipher()).unwrap()
}

/// The server of the tests; without one the test says that it did not run, unless that is not allowed.
pub(crate) fn postgres_url(test: &str) -> Option<String> {
    let url = std::env::var("ANTOM_TEST_POSTGRES").ok();
    if url.is_none() {
        let required = std::env::var("ANTOM_REQUIRE").unwrap_or_default();
        assert!(
            !required.split(',').any(|name| name == "postgres"),
            "{test}: ANTOM_REQUIRE names postgres, and ANTOM_TEST_POSTGRES names no server"
        );
        eprintln!("{test}: did NOT run, ANTOM_TEST_POSTGRES names no server; see `cargo xtask postgres`");
    }
    url
}

/// A schema of its own in the tests' database: its name, and the URL with it as search path.
pub(crate) async fn fresh_schema(url: &str) -> (String, String) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let name = format!("test_{}_{number}", std::process::id());
    let client = postgres_client(url).await;
    client
        .batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"))
        .await
        .unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    (name.clone(), format!("{url}{separator}options=-c%20search_path%3D{name}"))
}

pub(crate) async fn postgres_client(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub(crate) async fn postgres(url: &str) -> PostgresStore {
    PostgresOptions::default().with_clock(StoreClock::Caller).open(url, cipher()).await.unwrap()
}

pub(crate) fn at(seconds: i64) -> UnixTime {
    UnixTime::from_secs(1_700_000_000 + seconds)
}

pub(crate) fn client() -> ClientId {
    ClientId::new("SANDBOX_5Y0000000000000001").unwrap()
}

/// The first transition of an order, and its request.
pub(crate) fn opened(order: &str, request: &str) -> (Transition, FrozenBody) {
    let amount = Amount::new(Currency::EUR, 1050);
    let new = NewAttempt::new(client(), request, amount, Product::Cashier, at(600));
    let turn = Payment::new(order, Plan::default()).apply(&Input::Pay(new), at(0)).unwrap();
    let body = format!(r#"{{"paymentRequestId":"{request}","buyer":"{CANARY}"}}"#);
    (turn, FrozenBody::new(client(), request, body.as_bytes()).unwrap())
}

/// A text that must never be on a disk in the clear.
pub(crate) const CANARY: &str = "canary-4b1f-never-in-the-clear";

pub(crate) async fn begin(store: &dyn Backend, order: &str, request: &str) -> Result<Applied, StoreError> {
    let (turn, body) = opened(order, request);
    store.commit(Change::payment(&turn, None, at(0)).with_body(body)).await
}

pub(crate) async fn cancel(store: &dyn Backend, order: &str) -> Result<Applied, StoreError> {
    let row = store.order(order).await?.unwrap();
    let turn = row.payment.apply(&Input::Cancel, at(5)).unwrap();
    store.commit(Change::payment(&turn, Some(row.revision), at(5))).await
}

pub(crate) async fn revision(store: &dyn Backend, order: &str) -> Option<Revision> {
    store.order(order).await.unwrap().map(|row| row.revision)
}
