//! Every sort of bad input that a report may be, by name: a precise word for it, bounded memory, no panic.

use std::cell::Cell;
use std::io::{Cursor, Read};
use std::rc::Rc;

use antom_reports::{FileError, ProblemKind, Reader, ZipLimits, unzip, xlsx};

use crate::support::{HEAD, archive, checked, file, good, kinds, row, workbook};

/// What is said of the amount of a payment, which is then nothing.
fn said_of(amount: &str) -> String {
    let text = file(&[row("PAYMENT", "T1", "PAY-1", amount, "EUR", "10.20", "-0.30")]);
    let mut reader = Reader::new("f.csv", text.as_bytes()).unwrap();
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!(row.transaction_amount(), None, "{amount} becomes nothing, and not zero");
    let said = row.bad_cells().first().unwrap().to_string();
    assert!(said.starts_with("f.csv: line 2, column transactionAmountValue: "), "{said}");
    assert!(said.len() < 200, "{said}");
    said
}

#[test]
fn truncated_file() {
    let cut = file(&[good(), good().replace("T1", "T2")]);
    for length in cut.len() - 60..cut.len() - 7 {
        assert!(kinds(&cut.as_bytes()[..length]).contains(&ProblemKind::Incomplete), "{length} bytes");
    }
}

#[test]
fn missing_end() {
    assert_eq!(kinds(file(&[good()]).replace("<END>\n", "")), [ProblemKind::Incomplete]);
    assert!(kinds(file(&[good()]) + &good()).contains(&ProblemKind::Incomplete), "a row after the end");
}

#[test]
fn no_header() {
    assert!(matches!(Reader::new("f", &b""[..]), Err(FileError::NoHeader { .. })));
    assert!(matches!(Reader::new("f", &b"a,b,c\n1,2,3\n"[..]), Err(FileError::NoHeader { .. })));
}

#[test]
fn two_headers() {
    let text = format!("{HEAD}\n{}{HEAD}\n{}<END>\n", good(), good().replace("T1", "T2"));
    let check = checked(text);
    let [problem] = check.problems() else { panic!("{:?}", check.problems()) };
    assert_eq!((problem.kind, problem.line, &*problem.text), (ProblemKind::Line, 3, "a second header"));
}

#[test]
fn a_column_twice() {
    for header in
        ["transactionId,transactionId,customerId\n", "transactionCompletionTime,paymentTime,customerId\n"]
    {
        assert!(matches!(Reader::new("f", header.as_bytes()), Err(FileError::DuplicateColumn { .. })));
    }
}

#[test]
fn duplicated_rows() {
    assert_eq!(kinds(file(&[good(), good()])), [ProblemKind::Duplicate]);
}

#[test]
fn a_row_of_another_width() {
    assert!(kinds(format!("{HEAD}\nB1,C1,PAYMENT\n<END>\n")).contains(&ProblemKind::Line));
}

#[test]
fn decimal_comma() {
    assert!(said_of("\"10,50\"").contains("a decimal number expected, \"10,50\" found"));
    // Without quotes it is one cell more, and every cell after it is another's.
    assert!(kinds(file(&[good().replace("10.50", "10,50")])).contains(&ProblemKind::Line));
}

#[test]
fn other_forms_of_numbers() {
    for amount in ["1 000.00", "1e3", "10.", ".5", "0x10", "NaN", "EUR 10", "\u{ff11}\u{ff10}"] {
        assert!(said_of(amount).contains("a decimal number"), "{amount}");
    }
    assert!(said_of("10.505").contains("no more decimals than the currency has"));
}

#[test]
fn blanks_and_null() {
    for nothing in ["", "null", "NULL", "None", "  "] {
        let text = file(&[row("PAYMENT", "T1", "PAY-1", nothing, "EUR", "10.20", "-0.30")]);
        assert_eq!(kinds(text), [ProblemKind::Missing], "{nothing:?} is no value");
        let fee = file(&[row("SETTLEMENT_FEE", "T1", "", nothing, "EUR", "-1.00", "0")]);
        assert_eq!(kinds(fee), [], "{nothing:?} in a row that moves nothing by itself");
    }
    let unsettled = file(&[row("PAYMENT", "T1", "P", "10.50", "EUR", "", "0")]);
    assert!(kinds(unsettled).contains(&ProblemKind::Missing));
    assert_eq!(
        kinds(file(&[good().replace("10.50", " 10.50 ")])),
        [],
        "blanks around a value are none of it"
    );
}

#[test]
fn forty_digits() {
    let said = said_of(&"9".repeat(40));
    assert!(said.contains("a decimal number expected"), "{said}");
}

#[test]
fn unknown_currency() {
    let bad = file(&[row("PAYMENT", "T1", "PAY-1", "10.50", "QQQ", "10.20", "-0.30")]);
    let check = checked(bad);
    let said = &check.problems()[0].text;
    assert!(
        said.contains("column transactionCurrency: a currency whose decimals are known expected, \"QQQ\""),
        "{said}"
    );
}

#[test]
fn negative_payment() {
    assert_eq!(
        kinds(file(&[row("PAYMENT", "T", "P", "-10.50", "EUR", "-10.80", "-0.30")])),
        [ProblemKind::Sign]
    );
}

#[test]
fn line_ends_of_both_kinds() {
    let text = file(&[good(), row("REFUND", "T1", "REF-1", "-2.00", "EUR", "-2.00", "0")]);
    let mixed: String =
        text.lines().enumerate().map(|(at, line)| format!("{line}{}", ["\n", "\r\n"][at % 2])).collect();
    assert!(mixed.contains("\r\n") && mixed.replace("\r\n", "").contains('\n'));
    for text in [text.replace('\n', "\r\n"), mixed, text.replace('\n', "\n\n")] {
        assert_eq!(kinds(text), []);
    }
}

#[test]
fn broken_quotes() {
    // A quote that never ends swallows the rest: the file is cut off, and says so.
    let open = kinds(file(&[good().replace(",T1,", ",\"T1,")]));
    assert!(open.contains(&ProblemKind::Incomplete), "{open:?}");
    let inside = file(&[good().replace(",T1,", ",T\"1,")]);
    assert_eq!(kinds(inside), [], "a quote inside a cell is a letter of it");
    let after = kinds(file(&[good().replace(",PAYMENT,", ",\"PAY\"MENT,")]));
    assert_eq!(after, [], "and one that ends too early ends nothing else");
}

#[test]
fn bytes_that_are_no_text() {
    let mut text = file(&[good()]).into_bytes();
    let at = text.windows(5).position(|window| window == b"10.50").unwrap();
    text[at] = 0xff;
    assert!(kinds(text).contains(&ProblemKind::Cell));
}

#[test]
fn long_cells_and_many_batches() {
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

/// Five gigabytes: a beginning, and then one text again and again. Nothing of it is anywhere as a whole.
struct Endless {
    begin: Cursor<Vec<u8>>,
    again: &'static [u8],
    left: u64,
    asked: Rc<Cell<u64>>,
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
fn five_gigabytes_in_one_row() {
    for (begin, again) in [
        ("B1,\"C1", &b"B1,C1,PAYMENT,T1\n"[..]),
        ("B1,C1", b"x"),
        ("B1,C1", b","),
        ("\"B1\"", b",\"\""),
        ("\"", b"\"\""),
    ] {
        let asked = Rc::default();
        let begin = Cursor::new(format!("{HEAD}\n{begin}").into_bytes());
        let file = Endless { begin, again, left: 5_000_000_000, asked: Rc::clone(&asked) };
        let mut reader = Reader::new("f", file).unwrap();
        let error = reader.next_row().unwrap_err();
        assert!(matches!(error, FileError::TooLarge { line: 2, .. }), "{error}");
        // What follows is no row by itself.
        assert!(reader.next_row().unwrap().is_none() && !reader.summary().complete);
        // What is read is all that can be held.
        assert!(asked.get() < 4 << 20, "{} bytes of {:?} were asked for", asked.get(), again.escape_ascii());
    }
}

#[test]
fn zip_bomb() {
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

#[test]
fn workbook_that_would_fill_memory() {
    let long = file(&[good()]).replace("newColumn", &"x".repeat(2 << 20));
    let rows: Vec<Vec<String>> =
        long.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let bytes = workbook(&rows);
    assert!(bytes.len() < 100_000, "it packs well: {}", bytes.len());
    let error = xlsx("bomb.xlsx", Cursor::new(bytes)).unwrap_err().to_string();
    assert!(error.contains("sheet1.xml: a text of more than 1048576 bytes"), "{error}");
}

#[test]
fn workbook_with_a_password() {
    // A workbook with a password is an encrypted container, not an archive.
    let error = xlsx("secret.xlsx", Cursor::new([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1].to_vec()))
        .unwrap_err();
    assert!(error.to_string().starts_with("secret.xlsx: no XLSX workbook"), "{error}");
}
