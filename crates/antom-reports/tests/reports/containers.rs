//! Archives and workbooks.

use std::io::Cursor;

use antom_reports::{Check, Decimal, Reader, ZipLimits, unzip, xlsx};

use crate::support::{archive, file, good, row, workbook};

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
