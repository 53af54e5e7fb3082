//! What is checked of rows and batches.

use antom_reports::{AmountForm, Kind, ProblemKind, Reader};

use crate::support::{checked, file, good, kinds, row};

#[test]
fn what_does_not_add_up_is_said() {
    let fails = |line: String| kinds(file(&[line]));
    assert_eq!(fails(row("PAYMENT", "T", "P", "10.50", "EUR", "10.50", "-0.30")), [ProblemKind::Formula]);
    assert_eq!(
        fails(row("PAYMENT", "T", "P", "10.50", "EUR", "10.22", "-0.30")),
        [],
        "two cents are allowed"
    );
    assert_eq!(fails(row("PAYMENT", "T", "P", "10.50", "EUR", "10.23", "-0.30")), [ProblemKind::Formula]);
    assert_eq!(fails(row("PAYMENT", "T", "P", "-10.50", "EUR", "-10.80", "-0.30")), [ProblemKind::Sign]);
    assert_eq!(fails(row("SETTLEMENT_FEE", "T", "", "0", "EUR", "-5.00", "0")), [], "outside the formula");
    assert_eq!(kinds(file(&[good(), good()])), [ProblemKind::Duplicate]);
    let late = good().replace("2026-03-01T10:00:00+08:00", "2026-03-01T16:30:00+00:00");
    assert_eq!(kinds(file(&[late])), [ProblemKind::Day], "past midnight in UTC+8");
    let foreign = good().replace(",-0.30,EUR,", ",-0.30,USD,");
    assert_eq!(kinds(file(&[foreign])), [ProblemKind::FeeCurrency]);
}

#[test]
fn a_converted_amount_is_held_against_the_rate() {
    let converted = |amount: &str| {
        kinds(format!(
            "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
             transactionCurrency,quoteCurrencyPair,quotePrice,convertedTransactionAmountValue,convertedCurrency,\
             settlementAmountValue,settlementCurrency\n\
             B1,PAYMENT,T1,P1,100.00,USD,USD/EUR,0.9125,{amount},EUR,91.25,EUR\n<END>\n"
        ))
    };
    assert_eq!(converted("91.25"), []);
    assert_eq!(converted("91.27"), [], "two cents are allowed");
    assert_eq!(converted("91.28"), [ProblemKind::Conversion]);
    assert_eq!(converted(""), []);
}

#[test]
fn details_that_list_nothing_are_held_against_the_summary() {
    let mut check = checked(file(&[]));
    let summary = "summaryType,settlementBatchId,customerId,count,settlementAmountValue,settlementCurrency\n\
                   TOTAL,B1,C1,5,500.00,EUR\n<END>\n";
    let mut reader = Reader::with_amounts("s", summary.as_bytes(), AmountForm::Decimals).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        check.row(&row);
    }
    check.end(reader.summary());
    check.totals();
    let found: Vec<_> = check.problems().iter().map(|problem| problem.kind).collect();
    assert_eq!(found, [ProblemKind::Total, ProblemKind::Count]);
}

#[test]
fn exchange_rates_are_applied_from_either_side_and_rounded_to_even() {
    let converted = |pair: &str, price: &str, settled: &str| {
        let line = row("PAYMENT", "T", "P", "100.00", "USD", settled, "0")
            .replace("USD,,,", &format!("USD,{pair},{price},"));
        kinds(file(&[line]))
    };
    assert_eq!(converted("USD/EUR", "0.91255", "91.26"), []);
    assert_eq!(converted("EUR/USD", "1.0958", "91.26"), []);
    assert_eq!(converted("USD/EUR", "0.91255", "91.30"), [ProblemKind::Formula]);
    assert_eq!(converted("GBP/EUR", "0.91255", "91.26"), [ProblemKind::Conversion]);
    assert_eq!(converted("USD/EUR", "0", "91.26"), [ProblemKind::Formula]);
}

#[test]
fn the_day_of_a_settlement_is_a_date_or_a_time() {
    for (day, wrong) in [
        ("2026-03-01", false),
        ("2028-02-29", false),
        ("2026-03-01T23:59:59+08:00", false),
        ("2026-03-01T16:00:00Z", false),
        ("2026-02-29", true),
        ("2026-3-1", true),
        ("20260301", true),
        ("2026-03-01T10:00:00", true),
        ("tomorrow", true),
    ] {
        let line =
            good().replace(",2026-03-01,x", &format!(",{day},x")).replace("2026-03-01T10:00:00+08:00", "");
        let expected: &[ProblemKind] = if wrong { &[ProblemKind::Cell] } else { &[] };
        assert_eq!(kinds(file(&[line])), expected, "{day}");
    }
}

#[test]
fn batches_are_held_against_the_summary() {
    let summary = |count: u32, total: &str| {
        format!(
            "summaryType,settlementBatchId,customerId,count,settlementAmountValue,settlementCurrency,settlementInitiatedDate\n\
             PAYMENT,B1,C1,1,10.20,EUR,2026-03-01\nTOTAL,B1,C1,{count},{total},EUR,2026-03-01\n<END>\n"
        )
    };
    let both = |summary: String| {
        let mut check = checked(file(&[good()]));
        let mut reader = Reader::new("settlementSummary_EUR_B1_000.csv", summary.as_bytes()).unwrap();
        assert_eq!(reader.summary().kind, Kind::Summary);
        while let Some(row) = reader.next_row().unwrap() {
            check.row(&row);
        }
        check.end(reader.summary());
        check.totals();
        check.problems().iter().map(|problem| problem.kind).collect::<Vec<_>>()
    };
    assert_eq!(both(summary(1, "10.20")), []);
    assert_eq!(both(summary(1, "10.30")), [], "ten cents are allowed");
    assert_eq!(both(summary(1, "10.31")), [ProblemKind::Total]);
    assert_eq!(both(summary(2, "10.20")), [ProblemKind::Count]);
    let kind = |line: &str| summary(1, "10.20").replace("PAYMENT,B1,C1,1,10.20", line);
    assert_eq!(both(kind("PAYMENT,B1,C1,2,10.20")), [ProblemKind::Count], "of a kind");
    assert_eq!(both(kind("PAYMENT,B1,C1,1,9.20")), [ProblemKind::Total], "of a kind");
    assert_eq!(both(kind("REFUND,B1,C1,1,-1.00")), [ProblemKind::Total, ProblemKind::Count], "not listed");
    assert_eq!(both(kind("REFUND,B1,C1,0,0")), [], "nothing, as older files write it");
    let again = summary(1, "10.20").replace("<END>", "TOTAL,B1,C1,1,10.20,EUR,2026-03-01\n<END>");
    assert_eq!(both(again), [ProblemKind::Total, ProblemKind::Count], "stated twice");
    assert_eq!(
        both(summary(1, "10.20").replace("TOTAL,", "PAYMENT,")),
        [ProblemKind::Total, ProblemKind::Count, ProblemKind::Total]
    );
}
