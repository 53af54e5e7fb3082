//! Reports; the bound is the bare CSV crate over the same bytes.

use antom::reports::{Check, Reader};

use crate::figure::{Figure, Goal};
use crate::measure::{Effort, cpu};

pub(super) const NAMES: &[&str] = &["report: rows read and checked", "report: memory"];

/// A settlement of so many rows, written while it is read. They come in the order of their time, which is not that
/// of their ids.
pub(super) struct Rows {
    left: u32,
    number: u32,
    buffer: Vec<u8>,
    at: usize,
}

const HEAD: &str = "settlementBatchId,customerId,PSP,transactionType,transactionId,transactionRequestId,\
originalTransactionRequestId,paymentMethodType,transactionAmountValue,transactionCurrency,settlementAmountValue,\
settlementCurrency,processingFeeAmountValue,processingFeeCurrency,transactionCompletionTime,settlementInitiatedDate\n";

impl Rows {
    pub(super) fn text(rows: u32) -> String {
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
        let is_end = self.number == self.left;
        let number = u64::from(self.number) * 7_919 % u64::from(self.left);
        self.number += 1;
        // Writing to memory cannot fail.
        let _ = match is_end {
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
    vec![read, Figure::plain("report: memory", megabytes, megabytes, "MB", Goal::AtMost(100.0))]
}
