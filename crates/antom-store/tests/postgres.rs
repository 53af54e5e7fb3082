//! The PostgreSQL store passes the suite and does as its errors say, where there is a server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use antom_store::conformance::{Maker, run};
use antom_store::{
    Applied, Backend, Claim, Key, KeyName, Orders as _, Outbox as _, PostgresOptions, StoreError, Subject,
};
use support::{
    CANARY, at, begin, cancel, cipher, client, fresh_schema, postgres, postgres_client, postgres_url,
    revision,
};

#[derive(Debug)]
struct InSchemas(String);

#[async_trait::async_trait]
impl Maker for InSchemas {
    async fn fresh(&self) -> Arc<dyn Backend> {
        Arc::new(postgres(&fresh_schema(&self.0).await.1).await)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_passes() {
    let Some(url) = postgres_url("the suite on PostgreSQL") else { return };
    let report = run(&InSchemas(url)).await;
    assert!(report.passed(), "{report}");
}

#[tokio::test]
async fn leases_go_by_the_clock_of_the_database() {
    let Some(url) = postgres_url("the clock of PostgreSQL") else { return };
    let (_, url) = fresh_schema(&url).await;
    let store = PostgresOptions::default().open(&url, cipher()).await.unwrap();
    let _ = begin(&store, "ORDER-1", "PAY-1").await.unwrap();
    // Due in 2023; a worker whose clock stands in 1970 claims it all the same, and one in 2100 not again.
    let claim = |seconds| Claim { now: at(seconds), lease: Duration::from_secs(60), limit: 10 };
    assert_eq!(store.claim_orders(claim(-1_700_000_000)).await.unwrap().len(), 1);
    assert!(store.claim_orders(claim(2_400_000_000)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_connection_that_is_cut_in_a_transaction_loses_no_half_change() {
    let Some(url) = postgres_url("a cut connection to PostgreSQL") else { return };
    let (schema, url) = fresh_schema(&url).await;
    let store = postgres(&url).await;
    let _ = begin(&store, "ORDER-1", "PAY-1").await.unwrap();
    let other = postgres_client(&url).await;
    // Somebody holds the row, so that the change waits in the middle of its transaction; then it is cut.
    other.batch_execute("BEGIN; SELECT * FROM antom_orders FOR UPDATE").await.unwrap();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { cancel(&store, "ORDER-1").await }
    });
    let killer = postgres_client(&url).await;
    let kill = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
         AND application_name = 'antom-store' AND query LIKE '%antom_orders%' AND '{schema}' <> ''"
    );
    loop {
        let cut: i64 = killer.query_one(&kill, &[]).await.unwrap().get(0);
        if cut > 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    other.batch_execute("ROLLBACK").await.unwrap();
    // The change is made again on another connection: whole, and once.
    assert!(matches!(waiting.await.unwrap().unwrap(), Applied::Changed(_)));
    assert_eq!(revision(&store, "ORDER-1").await.map(antom_store::Revision::get), Some(2));
    assert_eq!(store.events(0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_deadlock_is_tried_again() {
    let Some(url) = postgres_url("a deadlock in PostgreSQL") else { return };
    let (_, url) = fresh_schema(&url).await;
    let store = postgres(&url).await;
    let _ = begin(&store, "ORDER-1", "PAY-1").await.unwrap();
    // A transaction that takes the event's lock alone and then the row: the change takes them the other way.
    let mut other = postgres_client(&url).await;
    let crossing = other.transaction().await.unwrap();
    crossing.execute("SELECT pg_advisory_xact_lock(107127027756289)", &[]).await.unwrap();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { cancel(&store, "ORDER-1").await }
    });
    loop {
        let held = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'";
        let held: i64 = postgres_client(&url).await.query_one(held, &[]).await.unwrap().get(0);
        if held > 0 {
            break;
        }
    }
    let crossed = crossing.execute("SELECT id FROM antom_orders FOR UPDATE", &[]).await;
    match crossed {
        // The server chose the other one: the change goes on alone.
        Err(_) => drop(crossing),
        Ok(_) => crossing.commit().await.unwrap(),
    }
    assert!(matches!(waiting.await.unwrap().unwrap(), Applied::Changed(_)));
    assert_eq!(revision(&store, "ORDER-1").await.map(antom_store::Revision::get), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_want_the_same_id_one_gets_it() {
    let Some(url) = postgres_url("unique ids in PostgreSQL") else { return };
    let (_, url) = fresh_schema(&url).await;
    let store = Arc::new(postgres(&url).await);
    let tasks = (0..30).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { begin(&*store, &format!("ORDER-{number}"), "PAY-1").await })
    });
    let (mut written, mut refused) = (0, 0);
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            Ok(Applied::Changed(_)) => written += 1,
            Err(StoreError::KeyTaken { .. }) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((written, refused), (1, 29));
    let owners = store.find(&Key::new(&client(), KeyName::Request("PAY-1".into()))).await.unwrap();
    assert!(matches!(owners.as_slice(), [Subject::Order(_)]), "{owners:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_events_has_no_holes_that_fill_later() {
    let Some(url) = postgres_url("the order of events in PostgreSQL") else { return };
    let (_, url) = fresh_schema(&url).await;
    let store = Arc::new(postgres(&url).await);
    for number in 0..40 {
        let _ = begin(&*store, &format!("ORDER-{number}"), &format!("PAY-{number}")).await.unwrap();
    }
    let writers = (0..40).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { cancel(&*store, &format!("ORDER-{number}")).await.unwrap() })
    });
    let writers: Vec<_> = writers.collect();
    let (mut seen, mut last) = (Vec::new(), 0);
    loop {
        let done = writers.iter().all(tokio::task::JoinHandle::is_finished);
        for row in store.events(last, 7).await.unwrap() {
            last = row.sequence;
            seen.push(row.sequence);
        }
        if done && store.events(last, 1).await.unwrap().is_empty() {
            break;
        }
    }
    let all: Vec<_> = store.events(0, 1000).await.unwrap().iter().map(|row| row.sequence).collect();
    assert_eq!(seen, all, "a reader that followed missed what came late");
    assert_eq!(all.len(), 40);
}

#[tokio::test]
async fn nothing_secret_is_in_the_tables_in_the_clear() {
    let Some(url) = postgres_url("the canary in PostgreSQL") else { return };
    let (schema, url) = fresh_schema(&url).await;
    let store = postgres(&url).await;
    let _ = begin(&store, "ORDER-1", "PAY-1").await.unwrap();
    let reader = postgres_client(&url).await;
    let tables =
        reader.query("SELECT tablename FROM pg_tables WHERE schemaname = $1", &[&schema]).await.unwrap();
    assert!(tables.len() > 10, "{} tables", tables.len());
    for table in tables {
        let table: String = table.get(0);
        for row in reader.query(&format!("SELECT t::text FROM {table} AS t"), &[]).await.unwrap() {
            let text: String = row.get(0);
            let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(!text.contains(CANARY) && !text.contains(&hex), "{table}");
        }
    }
}

#[tokio::test]
async fn a_remote_server_is_never_reached_without_tls() {
    for url in ["postgres://a@db.example/a?sslmode=disable", "postgres://a@10.0.0.1/a?sslmode=disable"] {
        let error = PostgresOptions::default().open(url, cipher()).await.unwrap_err();
        assert!(matches!(error, StoreError::Backend { step: "reading the database's URL", .. }), "{error:?}");
    }
}
