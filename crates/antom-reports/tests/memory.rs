//! What reading takes of memory does not depend on how long a file is.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

use std::io::Read;

use antom_reports::{Check, Reader};

/// A file of so many rows, written while it is read.
struct Rows {
    number: u32,
    left: u32,
    line: Vec<u8>,
}

impl Rows {
    fn new(rows: u32) -> Self {
        let head = "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
                    transactionCurrency,settlementAmountValue,settlementCurrency,processingFeeAmountValue\n";
        Self { number: 0, left: rows, line: head.into() }
    }
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.line.is_empty() && self.number <= self.left {
            let number = self.number;
            self.number += 1;
            self.line = match number == self.left {
                true => b"<END>\n".to_vec(),
                // Now and then a row is wrong, and now and then one is quoted.
                false => match number % 1000 {
                    1 => format!("B1,PAYMENT,T{number},P{number},1O.50,EUR,10.20,EUR,-0.30\n"),
                    2 => format!("B1,PAYMENT,\"T\"\"{number}\",P{number},10.50,EUR,10.20,EUR,-0.30\n"),
                    _ => format!("B1,PAYMENT,T{number},P{number},10.50,EUR,10.20,EUR,-0.30\n"),
                }
                .into(),
            };
        }
        let length = self.line.len().min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(self.line.drain(..length)) {
            *place = byte;
        }
        Ok(length)
    }
}

fn most_bytes(rows: u32) -> u64 {
    let used = allocation_counter::measure(|| {
        let mut reader = Reader::new("settlementItems_1_000.csv", Rows::new(rows)).unwrap();
        let mut check = Check::default();
        while let Some(row) = reader.next_row().unwrap() {
            check.row(&row);
        }
        check.end(reader.summary());
        assert_eq!(check.count(), u64::from(rows / 1000), "the rows that are wrong, and no others");
        assert_eq!(reader.summary().rows, u64::from(rows));
    });
    used.bytes_max
}

#[test]
fn memory_does_not_grow_with_the_file() {
    let (few, many) = (most_bytes(10_000), most_bytes(300_000));
    // What is wrong is listed, at less than a kilobyte each.
    assert!(few < 200_000 && many < few + 300 * 1000, "{few} bytes for few rows, {many} for many");
}
