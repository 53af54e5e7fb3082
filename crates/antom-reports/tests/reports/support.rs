//! Files and records by hand.

use std::convert::Infallible;
use std::io::Cursor;

use antom_core::money::Currency;
use antom_core::time::UnixTime;
use antom_reports::{Check, Decimal, Ours, OursKind, ProblemKind, Reader, Theirs};

pub(crate) const HEAD: &str = "settlementBatchId,customerId,transactionType,transactionId,transactionRequestId,\
transactionAmountValue,transactionCurrency,quoteCurrencyPair,quotePrice,settlementAmountValue,settlementCurrency,\
processingFeeAmountValue,processingFeeCurrency,transactionCompletionTime,settlementInitiatedDate,newColumn";

/// A row of one batch: kind, id, request, amount, currency, settled, fee.
pub(crate) fn row(
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

pub(crate) fn file(rows: &[String]) -> String {
    format!("{HEAD}\n{}<END>\n", rows.concat())
}

pub(crate) fn checked(text: impl AsRef<[u8]>) -> Check {
    let mut reader = Reader::new("settlementItems_1_000.csv", text.as_ref()).unwrap();
    let mut check = Check::default();
    while let Some(row) = reader.next_row().unwrap() {
        check.row(&row);
    }
    check.end(reader.summary());
    check
}

pub(crate) fn kinds(text: impl AsRef<[u8]>) -> Vec<ProblemKind> {
    checked(text).problems().iter().map(|problem| problem.kind).collect()
}

pub(crate) fn good() -> String {
    row("PAYMENT", "T1", "PAY-1", "10.50", "EUR", "10.20", "-0.30")
}

pub(crate) fn theirs(text: &str) -> Vec<Theirs> {
    let mut reader = Reader::new("f.csv", text.as_bytes()).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        rows.push(Theirs::of(&row));
    }
    rows
}

pub(crate) fn ours(
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
        may_be_absent: false,
    })
}

/// An archive of these files, in this order.
pub(crate) fn archive<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes.as_ref()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A workbook by hand, whose sheet says that it is one column wide.
pub(crate) fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
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
