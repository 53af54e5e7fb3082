//! What is read of a file.

use antom_reports::{AmountForm, Column, Decimal, FileError, Kind, Reader, in_order};

use crate::support::{file, good, kinds, row};

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
fn the_parts_of_a_day_are_joined_and_missing_ones_named() {
    let (parts, problems) = in_order(&["a_002.csv", "a_000.csv", "b_000.csv", "c.csv", "a_002.csv"]);
    let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["a_000.csv", "a_002.csv", "a_002.csv", "b_000.csv", "c.csv"]);
    let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["a: file number 001 is missing", "a: file number 002 is there twice"]);
}
