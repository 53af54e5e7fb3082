//! A report held against as many records: rows a second among a million, and among a tenth of them as the bound.

use std::convert::Infallible;
use std::sync::Arc;

use antom::core::money::Currency;
use antom::reports::{Decimal, Difference, Ours, OursKind, Reader, Span, Theirs, Totals, reconcile};
use antom::store::{AesGcmCipher, Backend, PostgresOptions, SqliteStore};
use tokio::runtime::Runtime;

use super::postgres::connect;
use super::report::Rows;
use crate::figure::{Figure, Goal};
use crate::measure::Effort;

const MEMORY: &str = "report: rows reconciled";
const SQLITE: &str = "report: reconciled, SQLite";
const POSTGRES: &str = "report: reconciled, PostgreSQL";

pub(super) const NAMES: &[&str] = &[MEMORY, SQLITE, POSTGRES];

pub(super) fn run(effort: Effort) -> Vec<Figure> {
    let rows: u32 = if effort.rounds < 10 { 2_000 } else { 1_000_000 };
    let rounds = effort.rounds.min(5);
    let postgres = match std::env::var("ANTOM_TEST_POSTGRES") {
        Ok(url) => figure(POSTGRES, rounds, rows, |rows| in_postgres(&url, rows)),
        // It did not run: there is no number, and no goal is met or missed.
        Err(_) => Figure::plain(POSTGRES, f64::NAN, f64::NAN, "(did not run)", Goal::None),
    };
    vec![figure(MEMORY, rounds, rows, in_memory), figure(SQLITE, rounds, rows, in_sqlite), postgres]
}

/// The best of some rounds, in which both sides take turns: what else the machine does only slows them.
fn figure(name: &'static str, rounds: u32, rows: u32, rate: impl Fn(u32) -> f64) -> Figure {
    let (mut many, mut few) = (0.0_f64, 0.0_f64);
    for _ in 0..rounds {
        many = many.max(rate(rows));
        few = few.max(rate(rows / 10));
    }
    Figure::plain(name, many, few, "M rows/s", Goal::RatioAtLeast(0.7))
}

/// The rows of a report.
fn listed(rows: u32) -> Vec<Theirs> {
    let text = Rows::text(rows);
    let mut reader = Reader::new("settlementItems_1_000.csv", text.as_bytes()).expect("it is one");
    let mut theirs = Vec::new();
    while let Some(row) = reader.next_row().expect("it reads") {
        theirs.push(Theirs::of(&row));
    }
    theirs
}

/// Million rows a second; every one of them matches.
fn timed(rows: u32, hold: impl FnOnce(Vec<Theirs>, &mut dyn FnMut(Difference)) -> Totals) -> f64 {
    let theirs = listed(rows);
    let start = std::time::Instant::now();
    let mut matched = 0_u64;
    let totals = hold(theirs, &mut |_| matched += 1);
    let rate = f64::from(rows) / start.elapsed().as_secs_f64() / 1e6;
    assert!(!totals.needs_a_person(), "{totals:?}");
    assert_eq!(matched, u64::from(rows));
    rate
}

fn in_memory(rows: u32) -> f64 {
    let records = (0..rows).map(|number| {
        Ok::<_, Infallible>(Ours {
            kind: OursKind::Payment,
            request_id: format!("PAY-{number:08}"),
            transaction_id: None,
            amount: Decimal::new(i128::from(10 + number % 90) * 100 + 50, 2),
            currency: Currency::EUR,
            at: None,
            may_be_absent: false,
        })
    });
    timed(rows, |theirs, tell| {
        let Ok(totals) = reconcile(theirs, records, Span::default(), tell);
        totals
    })
}

fn in_sqlite(rows: u32) -> f64 {
    let folder = std::env::temp_dir().join(format!("antom-bench-report-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("there is a folder");
    let file = folder.join("shop.db");
    let store = SqliteStore::open(&file, cipher()).expect("it opens");
    let raw = rusqlite::Connection::open(&file).expect("it opens");
    raw.execute(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1) \
         INSERT INTO antom_records (kind, request_id, client_id, order_id, currency, value, state) \
         SELECT 0, printf('PAY-%08d', i), 'SANDBOX_5Y0000000000000001', 'ORDER-' || i, 'EUR', \
         (10 + i % 90) * 100 + 50, 2 FROM n",
        [rows],
    )
    .expect("they are written");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it starts");
    let rate = stored(&runtime, &store, rows);
    let _ = std::fs::remove_dir_all(&folder);
    rate
}

fn in_postgres(url: &str, rows: u32) -> f64 {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("it starts");
    let store = runtime.block_on(async {
        let setup = "DROP SCHEMA IF EXISTS bench_reports CASCADE; CREATE SCHEMA bench_reports";
        connect(url).await.batch_execute(setup).await.expect("there is a schema");
        let url = format!("{url}?options=-c%20search_path%3Dbench_reports");
        let options = PostgresOptions::default().with_connections(1);
        let store = options.open(&url, cipher()).await.expect("it opens");
        let fill = format!(
            "INSERT INTO antom_records (kind, request_id, client_id, order_id, currency, value, state) \
             SELECT 0, 'PAY-' || lpad(i::text, 8, '0'), 'SANDBOX_5Y0000000000000001', 'ORDER-' || i, 'EUR', \
             (10 + i % 90) * 100 + 50, 2 FROM generate_series(0, {rows} - 1) i; ANALYZE antom_records"
        );
        connect(&url).await.batch_execute(&fill).await.expect("they are written");
        store
    });
    stored(&runtime, &store, rows)
}

fn cipher() -> Arc<AesGcmCipher> {
    Arc::new(AesGcmCipher::ephemeral().expect("there are keys"))
}

fn stored(runtime: &Runtime, store: &dyn Backend, rows: u32) -> f64 {
    timed(rows, |theirs, mut tell| {
        let held = antom::shop::hold_against(store, theirs, Span::default(), &mut tell);
        runtime.block_on(held).expect("it reads")
    })
}
