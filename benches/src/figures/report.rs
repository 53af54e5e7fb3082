//! Reports; the bound is the bare CSV crate over the same bytes.

use antom::reports::{Check, Decimal, Join, Ours, OursKind, Reader, Theirs};

use crate::figure::{Figure, Goal};
use crate::measure::{Effort, cpu, thread_cpu};

pub(super) const NAMES: &[&str] = &[
    "report: rows read and checked",
    "report: memory",
    "report: rows reconciled",
    "report: reconciled, SQLite",
];

/// A settlement of so many rows, written while it is read.
struct Rows {
    left: u32,
    number: u32,
    buffer: Vec<u8>,
    at: usize,
}

const HEAD: &str = "settlementBatchId,customerId,PSP,transactionType,transactionId,transactionRequestId,\
originalTransactionRequestId,paymentMethodType,transactionAmountValue,transactionCurrency,settlementAmountValue,\
settlementCurrency,processingFeeAmountValue,processingFeeCurrency,transactionCompletionTime,settlementInitiatedDate\n";

impl Rows {
    fn text(rows: u32) -> String {
        let mut text = String::from(HEAD);
        let mut all = Self { left: rows, number: 0, buffer: Vec::new(), at: 0 };
        while all.fill() {
            text.push_str(&String::from_utf8_lossy(&all.buffer));
        }
        text
    }

    /// The next row; `false` after the end.
    fn fill(&mut self) -> bool {
        use std::io::Write as _;
        self.buffer.clear();
        self.at = 0;
        if self.number > self.left {
            return false;
        }
        let number = self.number;
        self.number += 1;
        // Writing to memory cannot fail.
        let _ = match number == self.left {
            true => writeln!(self.buffer, "<END>"),
            false => writeln!(
                self.buffer,
                "B20260301,2188120000000001,ALIPAY,PAYMENT,2026030119401089010017{number:08},PAY-{number:08},,GCASH,\
                 {}.50,EUR,{}.20,EUR,-0.30,EUR,2026-03-01T10:00:00+08:00,2026-03-01",
                10 + number % 90,
                10 + number % 90,
            ),
        };
        true
    }
}

impl std::io::Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at >= self.buffer.len() && !self.fill() {
            return Ok(0);
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.at += length;
        Ok(length)
    }
}

fn check(source: impl std::io::Read) -> u64 {
    let mut reader = Reader::new("settlementItems_1_000.csv", source).expect("it is one");
    let mut check = Check::default();
    while let Some(row) = reader.next_row().expect("it reads") {
        check.row(&row);
    }
    check.end(reader.summary());
    assert!(check.is_clean(), "{:?}", check.problems().first());
    reader.summary().rows
}

pub(super) fn run(effort: Effort) -> Vec<Figure> {
    let rows: u32 = if effort.rounds < 10 { 2_000 } else { 1_000_000 };
    let sample = Rows::text(rows);
    let ours = |times: u32| {
        for _ in 0..times {
            std::hint::black_box(check(sample.as_bytes()));
        }
    };
    let bare = |times: u32| {
        for _ in 0..times {
            let mut lines = csv::ReaderBuilder::new().flexible(true).from_reader(sample.as_bytes());
            let mut record = csv::StringRecord::new();
            let mut cells = 0;
            while lines.read_record(&mut record).expect("it reads") {
                cells += record.len();
            }
            std::hint::black_box(cells);
        }
    };
    let few = Effort { rounds: effort.rounds.min(9), ..effort };
    let pair = cpu(few, ours, bare);
    // Rows a second, so that more is better: a ratio of speeds.
    let speed = |nanoseconds: f64| f64::from(rows) / nanoseconds * 1e9 / 1e6;
    let read = Figure {
        name: "report: rows read and checked",
        ours: speed(pair.ours),
        bound: speed(pair.bound),
        ratio: 1.0 / pair.ratio,
        unit: "M rows/s",
        goal: Goal::RatioAtLeast(0.5),
    };
    // Five gigabytes, which are nowhere as a whole.
    let many = if effort.rounds < 10 { rows } else { 32 * rows };
    let head = HEAD.as_bytes();
    let used = allocation_counter::measure(|| {
        let source = std::io::Read::chain(head, Rows { left: many, number: 0, buffer: Vec::new(), at: 0 });
        assert_eq!(check(source), u64::from(many));
    });
    let megabytes = used.bytes_max as f64 / 1e6;
    vec![
        read,
        Figure::plain("report: memory", megabytes, megabytes, "MB", Goal::AtMost(100.0)),
        reconciled(rows),
        stored(rows),
    ]
}

/// Rows a second, among many and among a tenth of them.
fn reconciled(rows: u32) -> Figure {
    let rate = |rows: u32| {
        let text = Rows::text(rows);
        let mut reader = Reader::new("settlementItems_1_000.csv", text.as_bytes()).expect("it is one");
        let mut theirs = Vec::new();
        while let Some(row) = reader.next_row().expect("it reads") {
            theirs.push(Theirs::of(&row));
        }
        let start = thread_cpu();
        let mut matched = 0_u64;
        let mut tell = |_| matched += 1;
        let mut join = Join::new(theirs, None, &mut tell);
        for number in 0..rows {
            let record = Ours {
                kind: OursKind::Payment,
                request_id: format!("PAY-{number:08}"),
                transaction_id: None,
                amount: Decimal::new(i128::from(10 + number % 90) * 100 + 50, 2),
                currency: "EUR".into(),
                at: None,
            };
            join.ours(record, &mut tell);
        }
        let totals = join.end(&mut tell);
        assert!(!totals.needs_a_person(), "{totals:?}");
        assert_eq!(matched, u64::from(rows));
        f64::from(rows) / (thread_cpu() - start) * 1e9 / 1e6
    };
    let (many, few) = (rate(rows), rate(rows / 10));
    Figure::plain("report: rows reconciled", many, few, "M rows/s", Goal::RatioAtLeast(0.7))
}

/// Rows a second with as many records in a store, among many and among a tenth of them.
fn stored(rows: u32) -> Figure {
    let rate = |rows: u32| {
        let folder = std::env::temp_dir().join(format!("antom-bench-report-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("there is a folder");
        let file = folder.join("shop.db");
        let cipher = std::sync::Arc::new(antom::store::AesGcmCipher::ephemeral().expect("there are keys"));
        let store = antom::store::SqliteStore::open(&file, cipher).expect("it opens");
        let raw = rusqlite::Connection::open(&file).expect("it opens");
        raw.execute(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1) \
             INSERT INTO antom_records (kind, request_id, client_id, order_id, currency, value, state) \
             SELECT 0, printf('PAY-%08d', i), 'SANDBOX_5Y0000000000000001', 'ORDER-' || i, 'EUR', \
             (10 + i % 90) * 100 + 50, 2 FROM n",
            [rows],
        )
        .expect("they are written");
        let text = Rows::text(rows);
        let mut reader = Reader::new("settlementItems_1_000.csv", text.as_bytes()).expect("it is one");
        let mut theirs = Vec::new();
        while let Some(row) = reader.next_row().expect("it reads") {
            theirs.push(Theirs::of(&row));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it starts");
        let start = std::time::Instant::now();
        let mut tell = |_| ();
        let mut join = Join::new(theirs, None, &mut tell);
        let all = antom::shop::read_records(&store, |record| join.ours(record, &mut tell));
        runtime.block_on(all).expect("it reads");
        let totals = join.end(&mut tell);
        assert!(!totals.needs_a_person(), "{totals:?}");
        let rate = f64::from(rows) / start.elapsed().as_secs_f64() / 1e6;
        let _ = std::fs::remove_dir_all(&folder);
        rate
    };
    let (many, few) = (rate(rows), rate(rows / 10));
    Figure::plain("report: reconciled, SQLite", many, few, "M rows/s", Goal::RatioAtLeast(0.7))
}
