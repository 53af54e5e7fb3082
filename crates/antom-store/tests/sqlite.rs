//! The SQLite store passes the suite, keeps no secret in the clear, and does as its errors say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use antom_core::secret::Secret;
use antom_store::conformance::{Maker, run};
use antom_store::{
    Applied, Backend, Change, Claim, Claimed, Key, KeyName, Orders as _, Outbox as _, SqliteOptions,
    Store as _, StoreError, StoredCard, Subject, Write,
};
use support::{CANARY, Folder, at, begin, cancel, cipher, client, revision, sqlite};

#[derive(Debug)]
struct InFiles(Folder, AtomicU32);

#[async_trait::async_trait]
impl Maker for InFiles {
    async fn fresh(&self) -> Arc<dyn Backend> {
        let number = self.1.fetch_add(1, Ordering::SeqCst);
        Arc::new(sqlite(&self.0.0.join(format!("{number}.db"))))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_passes() {
    let report = run(&InFiles(Folder::new("suite"), AtomicU32::new(0))).await;
    assert!(report.passed(), "{report}");
}

#[tokio::test]
async fn nothing_secret_is_on_the_disk_in_the_clear() {
    let folder = Folder::new("canary");
    let store = sqlite(&folder.file());
    let _ = begin(&store, "ORDER-1", "PAY-1").await.unwrap();
    let token = Secret::new(format!("token-{CANARY}"));
    let card = StoredCard::new("CARD-1", client(), format!("buyer-of-{CANARY}"), token.clone(), at(0));
    let change = Change::write(Write::Card(Box::new(card)), None, at(0));
    assert!(matches!(store.commit(change).await.unwrap(), Applied::Changed(_)));
    assert_eq!(store.find(&Key::new(&client(), KeyName::Token(token))).await.unwrap().len(), 1);
    let body = store.body(&client(), "PAY-1").await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(body.expose()).contains(CANARY));
    let mut files = 0;
    for entry in std::fs::read_dir(&folder.0).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let buyer = bytes.windows(9).filter(|window| *window == b"buyer-of-").count();
        let found = bytes.windows(CANARY.len()).filter(|window| *window == CANARY.as_bytes()).count();
        // The buyer's reference is the merchant's own id, by which rows are found.
        assert_eq!(found, buyer, "{} of {path:?}", found - buyer);
        files += 1;
    }
    assert!(files >= 2, "the file and its log, at least");
}

#[tokio::test]
async fn a_second_process_sees_what_the_first_wrote() {
    let folder = Folder::new("two");
    let (one, two) = (sqlite(&folder.file()), sqlite(&folder.file()));
    let _ = begin(&one, "ORDER-1", "PAY-1").await.unwrap();
    assert!(two.order("ORDER-1").await.unwrap().is_some());
    assert!(matches!(begin(&two, "ORDER-1", "PAY-1").await.unwrap(), Applied::Stale { current: Some(_) }));
}

#[tokio::test]
async fn a_full_disk_is_said_and_loses_nothing() {
    let folder = Folder::new("full");
    let store = SqliteOptions::default().with_max_pages(70).open(folder.file(), cipher()).unwrap();
    let mut stored = Vec::new();
    let error = loop {
        let (order, request) = (format!("ORDER-{}", stored.len()), format!("PAY-{}", stored.len()));
        match begin(&store, &order, &request).await {
            Ok(Applied::Changed(_)) => stored.push(order),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
        assert!(stored.len() < 1000, "seventy pages hold a thousand orders");
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    for order in &stored {
        assert!(store.order(order).await.unwrap().is_some(), "{order} is gone");
    }
    // What did not fit left nothing behind: neither a row, nor its key.
    let failed = format!("PAY-{}", stored.len());
    assert!(store.order(&format!("ORDER-{}", stored.len())).await.unwrap().is_none());
    assert!(store.find(&Key::new(&client(), KeyName::Request(failed))).await.unwrap().is_empty());
    // And there is room again once there is.
    let roomy = sqlite(&folder.file());
    assert!(matches!(begin(&roomy, "ORDER-NEW", "PAY-NEW").await.unwrap(), Applied::Changed(_)));
}

#[tokio::test]
async fn a_file_that_another_process_holds_is_said_to_be_busy() {
    let folder = Folder::new("busy");
    let patience = Duration::from_millis(50);
    let store = SqliteOptions::default().with_busy_timeout(patience).open(folder.file(), cipher()).unwrap();
    let _ = begin(&store, "ORDER-1", "PAY-1").await.unwrap();
    let other = rusqlite::Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = cancel(&store, "ORDER-1").await.unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error}");
    // Reading goes on meanwhile.
    let before = revision(&store, "ORDER-1").await;
    other.execute_batch("ROLLBACK").unwrap();
    assert!(matches!(cancel(&store, "ORDER-1").await.unwrap(), Applied::Changed(_)));
    assert_ne!(revision(&store, "ORDER-1").await, before);
}

#[tokio::test]
async fn a_read_only_file_is_said_to_be_one() {
    let folder = Folder::new("read-only");
    drop(sqlite(&folder.file()));
    let store = sqlite(&folder.file());
    let _ = begin(&store, "ORDER-1", "PAY-1").await.unwrap();
    // Permissions do not hold back root, so the database says it itself.
    let other = rusqlite::Connection::open(folder.file()).unwrap();
    other.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(other);
    let address = format!("file:{}?mode=ro", folder.file().display());
    let bound = SqliteOptions::default().open(address, cipher()).unwrap();
    let error = cancel(&bound, "ORDER-1").await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    assert_eq!(revision(&bound, "ORDER-1").await, revision(&store, "ORDER-1").await);
}

#[tokio::test]
async fn a_state_of_a_newer_program_is_left_alone() {
    let folder = Folder::new("newer");
    let store = sqlite(&folder.file());
    let _ = begin(&store, "ORDER-1", "PAY-1").await.unwrap();
    let _ = begin(&store, "ORDER-2", "PAY-2").await.unwrap();
    let other = rusqlite::Connection::open(folder.file()).unwrap();
    other.execute("UPDATE antom_orders SET version = 99 WHERE id = 'ORDER-1'", []).unwrap();
    let claim = Claim { now: at(1_000_000), lease: Duration::from_secs(30), limit: 10 };
    let claimed = store.claim_orders(claim).await.unwrap();
    let ids: Vec<_> = claimed.iter().map(Claimed::subject).collect();
    assert_eq!(ids, [&Subject::Order("ORDER-2".into())]);
}

#[tokio::test]
async fn a_row_that_cannot_be_opened_fails_alone() {
    let folder = Folder::new("unreadable");
    let store = sqlite(&folder.file());
    for (order, request) in [("ORDER-1", "PAY-1"), ("ORDER-2", "PAY-2")] {
        let _ = begin(&store, order, request).await.unwrap();
        let _ = cancel(&store, order).await.unwrap();
    }
    let other = rusqlite::Connection::open(folder.file()).unwrap();
    // As under a key that is gone.
    other.execute("UPDATE antom_orders SET due = 1, state = zeroblob(64) WHERE id = 'ORDER-1'", []).unwrap();
    other.execute("UPDATE antom_events SET event = zeroblob(64) WHERE id = 'ORDER-1'", []).unwrap();
    let claim = Claim { now: at(1_000_000), lease: Duration::from_secs(30), limit: 10 };
    let mut opened = Vec::new();
    for row in store.claim_orders(claim).await.unwrap() {
        opened.push((row.subject().clone(), row.open().await.is_ok()));
    }
    let order = |id: &str| Subject::Order(id.into());
    assert_eq!(opened, [(order("ORDER-1"), false), (order("ORDER-2"), true)]);
    for row in store.claim_events(claim).await.unwrap() {
        assert_eq!(row.subject() == &order("ORDER-2"), row.open().await.is_ok());
    }
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused_only_where_it_says_so() {
    let folder = Folder::new("tables");
    drop(sqlite(&folder.file()));
    let other = rusqlite::Connection::open(folder.file()).unwrap();
    other.execute("UPDATE antom_schema SET version = 99", []).unwrap();
    drop(sqlite(&folder.file()));
    other.execute("UPDATE antom_schema SET min_reader = 99", []).unwrap();
    let error = SqliteOptions::default().open(folder.file(), cipher()).unwrap_err();
    assert!(matches!(error, StoreError::TooNew { min_reader: 99, .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_that_share_a_transaction_fail_alone() {
    let folder = Folder::new("group");
    let store = Arc::new(sqlite(&folder.file()));
    let _ = begin(&*store, "ORDER-0", "PAY-0").await.unwrap();
    // Every third takes an id that belongs to another order.
    let tasks = (1..=90).map(|number: u32| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let request = if number.is_multiple_of(3) { "PAY-0".into() } else { format!("PAY-{number}") };
            (number, begin(&*store, &format!("ORDER-{number}"), &request).await)
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        let (number, result) = task.await.unwrap();
        match (number % 3, result) {
            (0, Err(StoreError::KeyTaken { .. })) | (1 | 2, Ok(Applied::Changed(_))) => {}
            (_, other) => panic!("{number}: {other:?}"),
        }
    }
    for number in 1..=90 {
        let there = store.order(&format!("ORDER-{number}")).await.unwrap().is_some();
        assert_eq!(there, number % 3 != 0, "ORDER-{number}");
    }
}

/// The plans of the statements that have to stay fast however many rows there are.
#[tokio::test]
async fn what_is_due_and_what_expires_is_found_by_an_index() {
    let folder = Folder::new("plans");
    drop(sqlite(&folder.file()));
    let connection = rusqlite::Connection::open(folder.file()).unwrap();
    let plan = |sql: &str| {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    };
    for (sql, index) in [
        (
            "SELECT place FROM antom_orders WHERE due <= 5 AND version <= 1 ORDER BY due LIMIT 100",
            "antom_orders_due",
        ),
        (
            "SELECT place FROM antom_grants WHERE due <= 5 AND version <= 1 ORDER BY due LIMIT 100",
            "antom_grants_due",
        ),
        (
            "SELECT id, revision, state FROM antom_grants WHERE ends < 5 AND (ends, id) > (1, 'a') \
             ORDER BY ends, id LIMIT 100",
            "antom_grants_ends",
        ),
        (
            "SELECT kind, id FROM antom_keys WHERE digest = x'00' ORDER BY kind, id",
            "sqlite_autoindex_antom_keys",
        ),
    ] {
        let plan = plan(sql);
        assert!(plan.contains(index), "{sql}: {plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}
