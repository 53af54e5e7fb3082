//! Files as they come and as they should not, and their reconciliation.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

mod bodies;

use std::convert::Infallible;
use std::io::{Cursor, Read};

use antom_core::money::Currency;
use antom_core::time::UnixTime;
use antom_reports::{
    AmountForm, Check, Column, Decimal, FileError, Kind, Ours, OursKind, Outcome, ProblemKind, Reader, Span,
    Theirs, ZipLimits, csv_row, in_order, reconcile, to_csv, to_html, unzip, xlsx,
};

const HEAD: &str = "settlementBatchId,customerId,transactionType,transactionId,transactionRequestId,\
transactionAmountValue,transactionCurrency,quoteCurrencyPair,quotePrice,settlementAmountValue,settlementCurrency,\
processingFeeAmountValue,processingFeeCurrency,transactionCompletionTime,settlementInitiatedDate,newColumn";

/// A row of one batch: kind, id, request, amount, currency, settled, fee.
fn row(
    kind: &str,
    id: &str,
    request: &str,
    amount: &str,
    currency: &str,
    settled: &str,
    fee: &str,
) -> String {
    format!(
        "B1,C1,{kind},{id},{request},{amount},{currency},,,{settled},EUR,{fee},EUR,2026-03-01T10:00:00+08:00,2026-03-01,x\n"
    )
}

fn file(rows: &[String]) -> String {
    format!("{HEAD}\n{}<END>\n", rows.concat())
}

fn checked(text: impl AsRef<[u8]>) -> Check {
    let mut reader = Reader::new("settlementItems_1_000.csv", text.as_ref()).unwrap();
    let mut check = Check::default();
    while let Some(row) = reader.next_row().unwrap() {
        check.row(&row);
    }
    check.end(reader.summary());
    check
}

fn kinds(text: impl AsRef<[u8]>) -> Vec<ProblemKind> {
    checked(text).problems().iter().map(|problem| problem.kind).collect()
}

fn good() -> String {
    row("PAYMENT", "T1", "PAY-1", "10.50", "EUR", "10.20", "-0.30")
}

#[test]
fn a_good_file_is_clean_in_any_order_of_columns_with_or_without_a_mark() {
    let text = file(&[good(), row("REFUND", "T1", "REF-1", "-2.00", "EUR", "-2.00", "0")]);
    assert_eq!(kinds(&text), []);
    assert_eq!(kinds(format!("\u{feff}{text}")), []);
    assert_eq!(kinds(text.replace('\n', "\r\n")), []);
    let mixed: String =
        text.lines().enumerate().map(|(at, line)| format!("{line}{}", ["\n", "\r\n"][at % 2])).collect();
    assert_eq!(kinds(mixed), []);
    let reversed: String = text
        .lines()
        .map(|line| match line {
            "<END>" => "<END>\n".to_owned(),
            line => line.split(',').rev().collect::<Vec<_>>().join(",") + "\n",
        })
        .collect();
    assert_eq!(kinds(reversed), []);
}

#[test]
fn unknown_columns_and_kinds_survive() {
    let text = file(&[row("A_NEW_KIND", "T9", "", "0", "EUR", "-1.00", "0")]);
    let mut reader = Reader::new("f", text.as_bytes()).unwrap();
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!((row.kind(), row.unknown("newColumn")), ("A_NEW_KIND", Some("x")));
    assert_eq!(row.unknown_cells().collect::<Vec<_>>(), [("newColumn", "x")]);
    assert_eq!(row.text(Column::TransactionRequestId), None);
    assert_eq!(reader.summary().kind, Kind::Settlement);
}

#[test]
fn a_file_without_its_end_is_incomplete() {
    assert_eq!(kinds(file(&[good()]).replace("<END>\n", "")), [ProblemKind::Incomplete]);
    let cut = file(&[good(), good()]);
    assert!(kinds(&cut.as_bytes()[..cut.len() - 60]).contains(&ProblemKind::Incomplete));
    assert!(kinds(file(&[good()]) + &good()).contains(&ProblemKind::Incomplete), "a row after the end");
}

#[test]
fn every_bad_cell_is_named_and_none_becomes_zero() {
    for (amount, expected) in [
        ("10,50", "a decimal number"),
        ("1 000.00", "a decimal number"),
        (&*"9".repeat(40), "a decimal number"),
        ("10.505", "no more decimals"),
        ("1e3", "a decimal number"),
    ] {
        let amount_cell = if amount.contains(',') { format!("\"{amount}\"") } else { amount.to_owned() };
        let text = file(&[row("PAYMENT", "T1", "PAY-1", &amount_cell, "EUR", "10.20", "-0.30")]);
        let mut reader = Reader::new("f.csv", text.as_bytes()).unwrap();
        let row = reader.next_row().unwrap().unwrap();
        assert_eq!(row.transaction_amount(), None, "{amount}");
        let said = row.bad_cells()[0].to_string();
        let begin = "f.csv: line 2, column transactionAmountValue: ";
        assert!(said.starts_with(begin) && said.contains(expected), "{said}");
        assert!(said.len() < 200, "{said}");
    }
    let bad = file(&[row("PAYMENT", "T1", "PAY-1", "10.50", "QQQ", "10.20", "-0.30")]);
    assert!(kinds(bad).contains(&ProblemKind::Cell), "an unknown currency");
    for nothing in ["", "null", "None", "  "] {
        let text = file(&[row("PAYMENT", "T1", "PAY-1", nothing, "EUR", "10.20", "-0.30")]);
        assert_eq!(kinds(text), [ProblemKind::Missing], "{nothing:?} is no value");
        let fee = file(&[row("SETTLEMENT_FEE", "T1", "", nothing, "EUR", "-1.00", "0")]);
        assert_eq!(kinds(fee), [], "{nothing:?} in a row that moves nothing by itself");
    }
    assert!(
        kinds(file(&[row("PAYMENT", "T1", "P", "10.50", "EUR", "", "0")])).contains(&ProblemKind::Missing)
    );
}

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
fn a_payment_of_the_other_sign_is_noticed_before_it_is_settled_and_never_matches() {
    let text = "customerId,wallet,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
transactionCurrency\nC,W,PAYMENT,T1,PAY-1,-10.50,EUR\n<END>\n";
    assert_eq!(kinds(text), [ProblemKind::Sign]);
    let records = [ours(OursKind::Payment, "PAY-1", "T1", 1050, "EUR", 10)];
    let totals = reconcile(theirs(text), records, Span::default(), |_| ()).unwrap();
    assert_eq!(totals.counts.get(&Outcome::AmountDiffers), Some(&1));
    let refund = file(&[row("REFUND", "T1", "REF-1", "2.00", "EUR", "2.00", "0")]);
    let records = [ours(OursKind::Refund, "REF-1", "R1", 200, "EUR", 10)];
    let totals = reconcile(theirs(&refund), records, Span::default(), |_| ()).unwrap();
    assert_eq!(totals.counts.get(&Outcome::AmountDiffers), Some(&1));
}

#[test]
fn an_amount_without_a_currency_is_no_amount() {
    for form in [AmountForm::Decimals, AmountForm::SmallestUnit] {
        let text = file(&[row("PAYMENT", "T1", "PAY-1", "18000", "", "1450", "0")]);
        let mut reader = Reader::with_amounts("f", text.as_bytes(), form).unwrap();
        let row = reader.next_row().unwrap().unwrap();
        assert_eq!(row.transaction_amount(), None, "{form:?}");
        assert!(row.bad_cells()[0].to_string().contains("a currency beside it"), "{form:?}");
    }
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
fn older_files_are_asked_about_and_never_scaled_by_guess() {
    let text = "settlementBatchId,acquirer,pspName,transactionType,transactionId,transactionAmountValue,transactionCurrency,\
settlementAmountValue,settlementCurrency,feeAmountValue,feeCurrency,paymentTime\n\
B1,A,W,PAYMENT,T1,18000,KRW,1450,USD,-50,USD,2019-08-01T10:00:00+08:00\n<END>\n";
    assert!(matches!(Reader::new("old.csv", text.as_bytes()), Err(FileError::UnknownAmounts { .. })));
    let mut reader = Reader::with_amounts("old.csv", text.as_bytes(), AmountForm::SmallestUnit).unwrap();
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!(row.transaction_amount(), Some(Decimal::new(18_000, 0)), "won have no decimals");
    assert_eq!(row.settlement_amount(), Some(Decimal::new(1450, 2)));
    assert_eq!(row.text(Column::Wallet), Some("W"), "by its older name");
    let mut reader = Reader::with_amounts("old.csv", text.as_bytes(), AmountForm::Decimals).unwrap();
    assert_eq!(reader.next_row().unwrap().unwrap().settlement_amount(), Some(Decimal::new(1450, 0)));
}

#[test]
fn gbk_is_read_where_utf8_does_not_hold() {
    let mut text = file(&[good()]).into_bytes();
    let at = text.windows(3).position(|window| window == b",x\n").unwrap();
    text.splice(at + 1..at + 2, [0xd6, 0xd0]);
    let mut reader = Reader::new("f", text.as_slice()).unwrap();
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!(row.unknown("newColumn"), Some("中"));
    assert!(reader.next_row().unwrap().is_none() && reader.summary().gbk && reader.summary().complete);
}

#[test]
fn lines_that_are_wrong_as_a_whole_are_named() {
    let text = format!("{HEAD}\n{}{HEAD}\n{}<END>\n", good(), good().replace("T1", "T2"));
    assert_eq!(kinds(text), [ProblemKind::Line], "a second header");
    let short = format!("{HEAD}\nB1,C1,PAYMENT\n<END>\n");
    assert!(kinds(short).contains(&ProblemKind::Line));
    assert!(matches!(Reader::new("f", &b""[..]), Err(FileError::NoHeader { .. })));
    assert!(matches!(Reader::new("f", &b"a,b,c\n1,2,3\n"[..]), Err(FileError::NoHeader { .. })));
    let twice = "transactionId,transactionId,customerId\n";
    assert!(matches!(Reader::new("f", twice.as_bytes()), Err(FileError::DuplicateColumn { .. })));
    let both = "transactionCompletionTime,paymentTime,customerId\n";
    assert!(matches!(Reader::new("f", both.as_bytes()), Err(FileError::DuplicateColumn { .. })));
    // A quote that never ends swallows the rest: the file is cut off, and says so.
    let open = kinds(file(&[good().replace(",T1,", ",\"T1,")]));
    assert!(open.contains(&ProblemKind::Incomplete), "{open:?}");
    let huge = format!("{HEAD}\n{}\n", "x".repeat(2 << 20));
    let mut reader = Reader::new("f", huge.as_bytes()).unwrap();
    assert!(matches!(reader.next_row(), Err(FileError::TooLarge { .. })));
}

#[test]
fn what_is_said_and_held_is_bounded_whatever_a_file_holds() {
    let long = "x".repeat(100_000);
    let lines = [
        good().replace("B1,", &format!("{long},")),
        good().replace("T1", &long),
        good().replace("T1", &long),
        good().replace("10.50", &long),
        good().replace(",-0.30,EUR,", &format!(",-0.30,{long},")),
        row("PAYMENT", "T", "P", "-1.00", "EUR", "-1.00", "0").replace("PAYMENT", &long),
    ];
    let check = checked(file(&lines));
    assert!(check.count() >= 4, "{:?}", check.problems());
    assert!(check.problems().iter().all(|problem| problem.text.len() < 400), "{:?}", check.problems());
    let many: Vec<String> = (0..11_000)
        .map(|at| good().replace("B1,", &format!("B{at},")).replace(",T1,", &format!(",{at},")))
        .collect();
    let check = checked(file(&many));
    assert_eq!((check.batches().count(), check.count()), (10_000, 1000));
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

#[test]
fn the_parts_of_a_day_are_joined_and_missing_ones_named() {
    let (parts, problems) = in_order(&["a_002.csv", "a_000.csv", "b_000.csv", "c.csv", "a_002.csv"]);
    let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["a_000.csv", "a_002.csv", "a_002.csv", "b_000.csv", "c.csv"]);
    let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["a: file number 001 is missing", "a: file number 002 is there twice"]);
}

/// Five gigabytes: a beginning, and then one text again and again. Nothing of it is anywhere as a whole.
struct Endless {
    begin: Cursor<Vec<u8>>,
    again: &'static [u8],
    left: u64,
    asked: std::rc::Rc<std::cell::Cell<u64>>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut read = self.begin.read(buffer)?;
        if read == 0 {
            for (place, byte) in buffer.iter_mut().zip(self.again.iter().cycle()) {
                *place = *byte;
            }
            read = buffer.len().min(usize::try_from(self.left).unwrap());
            self.left -= read as u64;
        }
        self.asked.set(self.asked.get() + read as u64);
        Ok(read)
    }
}

#[test]
fn a_row_without_an_end_is_refused_before_five_gigabytes_are_read() {
    for (begin, again) in [
        ("B1,\"C1", &b"B1,C1,PAYMENT,T1\n"[..]),
        ("B1,C1", b"x"),
        ("B1,C1", b","),
        ("\"B1\"", b",\"\""),
        ("\"", b"\"\""),
    ] {
        let asked = std::rc::Rc::default();
        let begin = Cursor::new(format!("{HEAD}\n{begin}").into_bytes());
        let file = Endless { begin, again, left: 5_000_000_000, asked: std::rc::Rc::clone(&asked) };
        let mut reader = Reader::new("f", file).unwrap();
        let error = reader.next_row().unwrap_err();
        assert!(matches!(error, FileError::TooLarge { line: 2, .. }), "{error}");
        // What is read is all that can be held.
        assert!(asked.get() < 4 << 20, "{} bytes of {:?} were asked for", asked.get(), again.escape_ascii());
    }
}

fn theirs(text: &str) -> Vec<Theirs> {
    let mut reader = Reader::new("f.csv", text.as_bytes()).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        rows.push(Theirs::of(&row));
    }
    rows
}

fn ours(
    kind: OursKind,
    request: &str,
    id: &str,
    minor: i128,
    currency: &str,
    at: i64,
) -> Result<Ours, Infallible> {
    Ok(Ours {
        kind,
        request_id: request.into(),
        transaction_id: Some(id.into()),
        amount: Decimal::new(minor, 2),
        currency: Currency::from(currency),
        at: Some(UnixTime::from_secs(at)),
    })
}

#[test]
fn every_outcome_is_told_apart() {
    let text = file(&[
        row("PAYMENT", "T1", "PAY-1", "10.50", "EUR", "10.20", "-0.30"),
        row("PAYMENT", "T2", "PAY-2", "11.00", "EUR", "11.00", "0"),
        row("PAYMENT", "T3", "PAY-3", "10.50", "USD", "10.50", "0"),
        row("PAYMENT", "T4", "", "7.00", "EUR", "7.00", "0"),
        row("PAYMENT", "T5", "PAY-5", "10.50", "EUR", "10.50", "0"),
        row("REFUND", "T1", "PAY-1", "-2.00", "EUR", "-2.00", "0"),
        row("SETTLEMENT_FEE", "F", "", "0", "EUR", "-1.00", "0"),
        row("RESERVE", "R", "", "0", "EUR", "-1.00", "0"),
        row("DISPUTE", "T1", "", "-10.50", "EUR", "-10.50", "0"),
        row("REFUND_REVERSAL", "T1", "REF-1", "2.00", "EUR", "2.00", "0"),
        row("AUTHORIZATION", "T1", "PAY-1", "10.50", "EUR", "0", "0"),
        row("SOMETHING_NEW", "T8", "", "1.00", "EUR", "1.00", "0"),
        row("PAYMENT", "T9", "PAY-OLD-9", "3.00", "EUR", "3.00", "0"),
        row("PAYMENT", "T2", "PAY-2", "11.00", "EUR", "11.00", "0"),
        row("CAPTURE", "T9", "C9", "1.00", "EUR", "1.00", "0"),
    ]);
    let records = [
        ours(OursKind::Payment, "PAY-1", "T1", 1050, "EUR", 10),
        ours(OursKind::Payment, "PAY-2", "T2", 1050, "EUR", 10),
        ours(OursKind::Payment, "PAY-3", "T3", 1050, "EUR", 10),
        ours(OursKind::Payment, "PAY-4", "T4", 700, "EUR", 10),
        ours(OursKind::Payment, "PAY-6", "T6", 700, "EUR", 10),
        ours(OursKind::Payment, "PAY-7", "T7", 700, "EUR", 1000),
        ours(OursKind::Payment, "PAY-8", "T8", 700, "EUR", 9),
        ours(OursKind::Payment, "PAY-9", "T9", 300, "EUR", 10),
        ours(OursKind::Capture, "CAP-9", "C9", 100, "EUR", 10),
        ours(OursKind::Refund, "PAY-1", "R1", 200, "EUR", 10),
    ];
    let mut told = Vec::new();
    let span = Span { from: Some(UnixTime::from_secs(10)), until: Some(UnixTime::from_secs(100)) };
    let totals = reconcile(theirs(&text), records, span, |row| told.push(row)).unwrap();
    let count = |outcome| totals.counts.get(&outcome).copied().unwrap_or(0);
    for (outcome, number) in [
        (Outcome::Matched, 4),
        (Outcome::IdDiffers, 1),
        (Outcome::Repeated, 1),
        (Outcome::Early, 1),
        (Outcome::AmountDiffers, 1),
        (Outcome::CurrencyDiffers, 1),
        (Outcome::OnlyOurs, 1),
        (Outcome::Late, 1),
        (Outcome::OnlyTheirs, 1),
        (Outcome::FeeOnly, 1),
        (Outcome::Reserve, 1),
        (Outcome::Dispute, 1),
        (Outcome::Reversal, 1),
        (Outcome::NoMoney, 1),
        (Outcome::Unknown, 1),
    ] {
        assert_eq!(count(outcome), number, "{outcome:?} in {told:#?}");
    }
    assert_eq!(
        totals.currencies.get("EUR").map(|sums| sums.matched),
        Some(Decimal::new(1650, 2)),
        "taken less refunded"
    );
    assert!(totals.needs_a_person());
    let csv = to_csv(&told);
    assert_eq!(csv.lines().count(), told.len() + 1);
    let page = to_html("March <1st>", &totals, &told);
    assert!(page.contains("March &lt;1st&gt;") && page.contains("Somebody has to look"), "{page}");
    // By currency: ours, theirs, the difference, what matched; then what differs, by what it is and of which kind.
    assert!(
        page.contains("<th scope=row>USD<td class=n>0<td class=n>10.50<td class=\"n look\">10.50"),
        "{page}"
    );
    for group in ["Amount differs: PAYMENT (1)", "Only ours: PAYMENT (1)", "Reversal: REFUND_REVERSAL (1)"] {
        assert!(page.contains(&format!("<h2>{group}</h2>")), "{group} in {page}");
    }
    assert!(!page.contains("Matched: ") && !page.contains("Late: "), "{page}");
}

#[test]
fn only_what_succeeded_is_held_against_money_that_moved() {
    let line = |id: u8, status: &str| format!("C,W,PAYMENT,T{id},PAY-{id},10.50,EUR,{status}\n");
    let text = [
        "customerId,wallet,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
         transactionCurrency,status\n"
            .to_owned(),
        line(1, "SUCCESS"),
        line(2, "FAIL"),
        line(3, "PROCESSING"),
        line(4, "A_NEW_STATUS"),
        "<END>\n".to_owned(),
    ]
    .concat();
    let records = [
        ours(OursKind::Payment, "PAY-1", "T1", 1050, "EUR", 10),
        ours(OursKind::Payment, "PAY-2", "T2", 1050, "EUR", 10),
    ];
    let totals = reconcile(theirs(&text), records, Span::default(), |_| ()).unwrap();
    let expected =
        [(Outcome::Matched, 1), (Outcome::OnlyOurs, 1), (Outcome::NoMoney, 2), (Outcome::Unknown, 1)];
    assert_eq!(totals.counts, expected.into());
    assert_eq!(totals.currencies.get("EUR").map(|sums| sums.theirs), Some(Decimal::new(1050, 2)));
}

#[test]
fn a_page_stays_readable_and_says_what_it_leaves_out() {
    let rows = (0..6000).map(|at| Theirs::new("PAYMENT", &format!("P{at}"), "", None, "EUR")).collect();
    let mut told = Vec::new();
    let none: [Result<Ours, Infallible>; 0] = [];
    let totals = reconcile(rows, none, Span::default(), |row| told.push(row)).unwrap();
    let page = to_html("t", &totals, &told);
    assert!(page.contains("Only theirs: PAYMENT (6000)") && page.contains("1000 more are not shown"));
    assert_eq!(page.matches("<tr><td class=i>P").count(), 5000);
    assert_eq!(told.iter().map(csv_row).filter(|row| row.starts_with("only theirs,PAYMENT,P")).count(), 6000);
}

#[test]
fn results_run_nothing_in_a_spreadsheet_or_a_browser() {
    let evil = row("PAYMENT", "@SUM(A1)", "=cmd|' /C calc'!A0", "-10.50", "EUR", "-10.50", "0");
    let mut told = Vec::new();
    let none: [Result<Ours, Infallible>; 0] = [];
    let totals = reconcile(theirs(&file(&[evil])), none, Span::default(), |row| told.push(row)).unwrap();
    let csv = to_csv(&told);
    let line = csv.lines().nth(1).unwrap();
    assert!(line.contains(",'=cmd|") && line.contains(",'@SUM(A1),") && line.contains(",-10.50,"), "{line}");
    let script = file(&[row("PAYMENT", "<script>", "PAY-1", "1.00", "EUR", "1.00", "0")]);
    let mut told = Vec::new();
    let none: [Result<Ours, Infallible>; 0] = [];
    reconcile(theirs(&script), none, Span::default(), |row| told.push(row)).unwrap();
    assert!(!to_html("t", &totals, &told).contains("<script"));
}

/// An archive of these files, in this order.
fn archive<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes.as_ref()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn archives_are_read_file_by_file_in_the_order_of_their_numbers() {
    let names = ["items_003.csv", "items_001.csv", "other/items_000.csv"];
    let text = file(&[good()]);
    let bytes = archive(&names.map(|name| (name, &text)));
    let mut read = Vec::new();
    let problems = unzip("all.zip", Cursor::new(bytes), ZipLimits::default(), |name, source| {
        let mut reader = Reader::new(name, source)?;
        while reader.next_row()?.is_some() {}
        read.push((name.to_owned(), reader.summary().complete));
        Ok(())
    });
    let complete = |name: &str| (name.to_owned(), true);
    assert_eq!(read, [complete("other/items_000.csv"), complete("items_001.csv"), complete("items_003.csv")]);
    let said: Vec<_> = problems.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(said, ["items: file number 002 is missing"]);
}

#[test]
fn a_workbook_in_an_archive_is_read_as_one() {
    let text = file(&[good()]);
    let rows: Vec<Vec<String>> =
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let bytes = archive(&[("SETTLEMENT_DETAIL_C1_20260301.XLSX", workbook(&rows))]);
    let mut rows = 0;
    unzip("all.zip", Cursor::new(&bytes), ZipLimits::default(), |name, source| {
        let mut reader = Reader::new(name, source)?;
        while let Some(row) = reader.next_row()? {
            assert_eq!(row.transaction_amount(), Some(Decimal::new(1050, 2)));
        }
        assert!(reader.summary().complete);
        rows += reader.summary().rows;
        Ok(())
    })
    .unwrap();
    assert_eq!(rows, 1);
    let limits = ZipLimits { workbook: 100, ..ZipLimits::default() };
    let error = unzip("all.zip", Cursor::new(&bytes), limits, |_, _| Ok(())).unwrap_err().to_string();
    assert!(error.contains("a workbook of more than 100 bytes"), "{error}");
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_refused() {
    let bytes = archive(&[("a.csv", file(&[good()])), ("bomb.csv", "0".repeat(4 << 20))]);
    assert!(bytes.len() < 100_000, "it packs well: {}", bytes.len());
    let limits = ZipLimits { bytes: 1 << 20, ..ZipLimits::default() };
    let mut unpacked = 0;
    let error = unzip("all.zip", Cursor::new(&bytes), limits, |_, source| {
        unpacked += std::io::copy(source, &mut std::io::sink()).unwrap_or(1 << 20);
        Ok(())
    })
    .unwrap_err()
    .to_string();
    assert!(error.contains("unpack to more than 1048576 bytes"), "{error}");
    assert!(unpacked < 2 << 20);
    let few = ZipLimits { files: 1, ..ZipLimits::default() };
    let error = unzip("all.zip", Cursor::new(&bytes), few, |_, _| Ok(())).unwrap_err().to_string();
    assert!(error.contains("2 files are more than 1"), "{error}");
    let error = unzip("a", Cursor::new(b"no".to_vec()), ZipLimits::default(), |_, _| Ok(())).unwrap_err();
    assert!(error.to_string().contains("no ZIP archive"), "{error}");
}

/// A workbook by hand, whose sheet says that it is one column wide.
fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    use std::fmt::Write as _;
    let mut sheet = String::from(
        "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <dimension ref=\"A1:A1\"/><sheetData>",
    );
    for (line, cells) in rows.iter().enumerate() {
        write!(sheet, "<row r=\"{}\">", line + 1).unwrap();
        for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let place = format!("{}{}", char::from(b'A' + u8::try_from(at).unwrap()), line + 1);
            let escaped = cell.replace('<', "&lt;").replace('>', "&gt;");
            match cell.parse::<u32>().is_ok() || cell.contains('.') {
                true => write!(sheet, "<c r=\"{place}\"><v>{cell}</v></c>").unwrap(),
                false => {
                    write!(sheet, "<c r=\"{place}\" t=\"inlineStr\"><is><t>{escaped}</t></is></c>").unwrap()
                }
            }
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    let parts = [
        ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>".to_owned()),
        ("_rels/.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>".to_owned()),
        ("xl/workbook.xml", "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>".to_owned()),
        ("xl/_rels/workbook.xml.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>".to_owned()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    archive(&parts)
}

#[test]
fn a_workbook_is_read_whatever_size_its_sheet_declares() {
    let text = file(&[good(), row("REFUND", "T1", "REF-1", "-2.00", "EUR", "-2.00", "0")]);
    let rows: Vec<Vec<String>> =
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let source = xlsx("a.xlsx", Cursor::new(workbook(&rows))).unwrap();
    let mut reader = Reader::new("a.xlsx", source).unwrap();
    let mut check = Check::default();
    let mut amounts = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        amounts.push(row.transaction_amount().unwrap().to_string());
        check.row(&row);
    }
    check.end(reader.summary());
    assert!(check.is_clean(), "{:?}", check.problems());
    assert_eq!(amounts, ["10.5", "-2"], "a workbook keeps no zeros at the end");
    assert!(reader.summary().complete);
    let cut = xlsx("cut.xlsx", Cursor::new(workbook(&rows[..2]))).unwrap();
    let mut reader = Reader::new("cut.xlsx", cut).unwrap();
    while reader.next_row().unwrap().is_some() {}
    assert!(!reader.summary().complete, "a sheet without its end is incomplete");
}

#[test]
fn blank_cells_and_blank_rows_of_a_workbook_are_blank() {
    let mut rows: Vec<Vec<String>> =
        file(&[good()]).lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    // The last cell, and with it the row's width, is not in the sheet; neither is a row between.
    rows[1][15].clear();
    rows.insert(1, Vec::new());
    let source = xlsx("a.xlsx", Cursor::new(workbook(&rows))).unwrap();
    let mut reader = Reader::new("a.xlsx", source).unwrap();
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!((row.line(), row.kind(), row.unknown("newColumn")), (3, "PAYMENT", None));
    assert!(reader.next_row().unwrap().is_none());
    assert!(reader.summary().complete && reader.summary().bad_lines.is_empty(), "{:?}", reader.summary());
}

#[test]
fn a_workbook_that_would_fill_memory_is_refused() {
    let long = file(&[good()]).replace("newColumn", &"x".repeat(2 << 20));
    let rows: Vec<Vec<String>> =
        long.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let bytes = workbook(&rows);
    assert!(bytes.len() < 100_000, "it packs well: {}", bytes.len());
    let error = xlsx("bomb.xlsx", Cursor::new(bytes)).unwrap_err().to_string();
    assert!(error.contains("sheet1.xml: a text of more than 1048576 bytes"), "{error}");
}

#[test]
fn what_is_no_workbook_is_refused() {
    // A workbook with a password is an encrypted container, not an archive.
    let error = xlsx("secret.xlsx", Cursor::new([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1].to_vec()))
        .unwrap_err();
    assert!(error.to_string().starts_with("secret.xlsx: no XLSX workbook"), "{error}");
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        bodies::any_file_is_read_or_refused(&bytes);
    }

    #[test]
    fn no_row_makes_the_reader_panic(text in "[-0-9.,\"\nA-Z/<>]{0,200}") {
        bodies::any_file_is_read_or_refused(text.as_bytes());
    }

    #[test]
    fn a_changed_amount_is_always_noticed(cents in 3_i128..1_000_000) {
        let settled = Decimal::new(1020 + cents, 2).to_string();
        let text = file(&[row("PAYMENT", "T1", "PAY-1", "10.50", "EUR", &settled, "-0.30")]);
        proptest::prop_assert_eq!(kinds(text), [ProblemKind::Formula]);
    }
}
