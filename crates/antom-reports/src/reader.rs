use std::io::Read;
use std::sync::Arc;

use crate::cells::{CellReader, Currencies};
use crate::column::CURRENT;
use crate::layout::Layout;
use crate::record::{Decoded, MOST_BYTES, MOST_CELLS, Record, RecordError, Records, Text};
use crate::row::{Amounts, Row};

/// What a file lists.
///
/// ```
/// use antom_reports::{Kind, Reader};
/// # const FILE: &str = "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
/// # transactionCurrency,settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency,note\n\
/// # B1,PAYMENT,T1,PAY-1,10.50,EUR,10.20,EUR,-0.30,EUR,gift\n<END>\n";
///
/// // A file that lists the rows of a settlement, by its columns.
/// let reader = Reader::new("settlementItems_20260301_000.csv", FILE.as_bytes())?;
/// assert_eq!(reader.summary().kind, Kind::Settlement);
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The state of every transaction of a day.
    Transactions,
    /// Every row of a settlement's batches.
    Settlement,
    /// Counts and sums of a settlement's batches.
    Summary,
}

/// How a file writes amounts.
///
/// ```
/// use antom_reports::{AmountForm, Column, Reader};
///
/// // An older file, which writes cents; only its reader's user can know that.
/// let file = "transactionId,transactionAmountValue,transactionCurrency\nT1,1050,EUR\n<END>\n";
/// let mut reader = Reader::with_amounts("old.csv", file.as_bytes(), AmountForm::SmallestUnit)?;
/// let row = reader.next_row()?.expect("one row");
/// assert_eq!(row.transaction_amount().unwrap().to_string(), "10.50");
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AmountForm {
    /// Decimals of the currency: 10.50 USD. So do all current files.
    Decimals,
    /// The smallest unit: 1050 for USD. So do some older files.
    SmallestUnit,
}

/// Why a file cannot be read on.
///
/// ```
/// use antom_reports::{FileError, Reader};
///
/// // Nothing is scaled by guess.
/// let file = "transactionId,transactionAmountValue,transactionCurrency\nT1,1050,EUR\n";
/// assert!(matches!(Reader::new("old.csv", file.as_bytes()), Err(FileError::UnknownAmounts { .. })));
/// assert!(matches!(Reader::new("page.html", "<html>".as_bytes()), Err(FileError::NoHeader { .. })));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Reading failed.
    #[error("{file}: reading failed: {source}")]
    Io {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is no header that names a report's columns.
    #[error("{file}: line 1 names no column of a report; expected names such as transactionId")]
    NoHeader {
        /// The file.
        file: String,
    },
    /// Two columns have the same name, or an old and a new name of the same column.
    #[error("{file}: the header names the column {column} twice")]
    DuplicateColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// Nobody can tell how the file writes amounts.
    #[error(
        "{file}: this is a file of an older form whose amounts may be decimals or smallest units; say which, nothing is scaled by guess"
    )]
    UnknownAmounts {
        /// The file.
        file: String,
    },
    /// A row is too large to be one.
    #[error(
        "{file}: line {line}: a row of more than {MOST_BYTES} bytes or {MOST_CELLS} cells is none of a report; look for a quote that is never closed"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// The line.
        line: u64,
    },
    /// The archive or workbook cannot be opened, or holds more than is allowed.
    #[error("{file}: {why}")]
    Container {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
}

/// A cell that cannot be read.
///
/// ```
/// use antom_reports::{AmountForm, Reader};
///
/// let file = "transactionId,transactionAmountValue,transactionCurrency\nT1,\"10,50\",EUR\n";
/// let mut reader = Reader::with_amounts("items.csv", file.as_bytes(), AmountForm::Decimals)?;
/// let row = reader.next_row()?.expect("one row");
/// // What cannot be read is nothing, never zero, and is named.
/// assert!(row.transaction_amount().is_none());
/// assert!(row.bad_cells()[0].to_string().starts_with("items.csv: line 2, column transactionAmountValue"));
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadCell {
    /// The file.
    pub file: String,
    /// The line, counted from 1 with the header.
    pub line: u64,
    /// The column, as the file names it.
    pub column: String,
    /// What stands there, shortened.
    pub text: String,
    /// What was expected.
    pub expected: &'static str,
}

impl core::fmt::Display for BadCell {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { file, line, column, text, expected } = self;
        write!(f, "{file}: line {line}, column {column}: {expected} expected, {text:?} found")
    }
}

/// What was read of a file so far.
///
/// ```
/// use antom_reports::Reader;
/// # const FILE: &str = "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
/// # transactionCurrency,settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency,note\n\
/// # B1,PAYMENT,T1,PAY-1,10.50,EUR,10.20,EUR,-0.30,EUR,gift\n<END>\n";
///
/// let mut reader = Reader::new("settlementItems_20260301_000.csv", FILE.as_bytes())?;
/// while reader.next_row()?.is_some() {}
/// let summary = reader.summary();
/// assert_eq!((summary.rows, summary.complete, summary.gbk), (1, true, false));
/// assert!(summary.bad_lines.is_empty());
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The file.
    pub file: Arc<str>,
    /// What it lists.
    pub kind: Kind,
    /// How it writes amounts.
    pub amounts: AmountForm,
    /// Its rows.
    pub rows: u64,
    /// Whether `<END>` was reached. A file without it was cut off.
    pub complete: bool,
    /// Whether texts were in GBK, as in old files.
    pub gbk: bool,
    /// Lines that are wrong as a whole: a second header, a row after the end.
    pub bad_lines: Vec<(u64, &'static str)>,
}

/// Reads one file, row by row. Memory does not grow with the file.
///
/// ```
/// use antom_reports::Reader;
/// # const FILE: &str = "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
/// # transactionCurrency,settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency,note\n\
/// # B1,PAYMENT,T1,PAY-1,10.50,EUR,10.20,EUR,-0.30,EUR,gift\n<END>\n";
///
/// let mut reader = Reader::new("settlementItems_20260301_000.csv", FILE.as_bytes())?;
/// assert_eq!(reader.columns()[0], "settlementBatchId");
/// let mut rows = 0;
/// while let Some(row) = reader.next_row()? {
///     rows += 1;
///     assert_eq!(row.line(), 2); // The header is line 1.
/// }
/// assert_eq!((rows, reader.summary().rows), (1, 1));
/// # Ok::<(), antom_reports::FileError>(())
/// ```
pub struct Reader<R> {
    records: Records<R>,
    layout: Layout,
    /// The current row, where it is not UTF-8.
    decoded: Decoded,
    amounts: Amounts,
    bad: Vec<BadCell>,
    currencies: Currencies,
    summary: Summary,
}

impl<R> core::fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Reader").field("summary", &self.summary).finish_non_exhaustive()
    }
}

impl<R: Read> Reader<R> {
    /// Opens a CSV file by its name, which is only told in problems. How it writes amounts is found by its
    /// columns: a file that has one of the columns of current files writes decimals.
    ///
    /// # Errors
    ///
    /// It has no header, or an older one: then use [`with_amounts`](Self::with_amounts).
    pub fn new(file: impl Into<String>, source: R) -> Result<Self, FileError> {
        Self::open(file.into(), source, None)
    }

    /// Opens a CSV file whose form of amounts is known.
    ///
    /// # Errors
    ///
    /// It has no header.
    ///
    /// ```
    /// use antom_reports::{AmountForm, Reader};
    ///
    /// let file = "transactionId,transactionAmountValue,transactionCurrency\nT1,1050,JPY\n<END>\n";
    /// let reader = Reader::with_amounts("old.csv", file.as_bytes(), AmountForm::SmallestUnit)?;
    /// assert_eq!(reader.summary().amounts, AmountForm::SmallestUnit);
    /// # Ok::<(), antom_reports::FileError>(())
    /// ```
    pub fn with_amounts(file: impl Into<String>, source: R, form: AmountForm) -> Result<Self, FileError> {
        Self::open(file.into(), source, Some(form))
    }

    fn open(file: String, source: R, form: Option<AmountForm>) -> Result<Self, FileError> {
        let mut records = Records::new(source);
        match records.advance() {
            Ok(true) => {}
            Ok(false) => return Err(FileError::NoHeader { file }),
            Err(error) => return Err(FileError::of(file, error)),
        }
        let (mut decoded, mut gbk) = (Decoded::default(), false);
        let header = text_of(records.record(), &mut decoded, &mut gbk);
        let layout = Layout::of(&file, header)?;
        let current = CURRENT.iter().any(|name| layout.names.iter().any(|known| known == name));
        let amounts = match form {
            Some(form) => form,
            None if current => AmountForm::Decimals,
            None => return Err(FileError::UnknownAmounts { file }),
        };
        let kind = layout.kind();
        let summary = Summary {
            file: file.into(),
            kind,
            amounts,
            rows: 0,
            complete: false,
            gbk,
            bad_lines: Vec::new(),
        };
        Ok(Self {
            records,
            layout,
            decoded,
            amounts: Amounts::default(),
            bad: Vec::new(),
            currencies: Currencies::default(),
            summary,
        })
    }

    /// What was read so far.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The names of the columns, as the file has them.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.layout.names
    }

    /// The next row; `None` at the end, of which [`Summary::complete`] says whether it is the file's own.
    ///
    /// # Errors
    ///
    /// Reading failed. A row whose cells cannot be read is no error: it says so itself.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, FileError> {
        loop {
            match self.records.advance() {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => return Err(FileError::of(self.summary.file.to_string(), error)),
            }
            if self.is_row() {
                break;
            }
        }
        let Self { records, layout, decoded, amounts, bad, currencies, summary } = self;
        let (record, line) = (records.record(), records.line());
        let text = text_of(record, decoded, &mut summary.gbk);
        bad.clear();
        if record.len() != layout.names.len() {
            summary.note(line, "a row with another number of cells than the header");
        }
        let cells = CellReader {
            layout,
            record: text,
            bad,
            file: &summary.file,
            line,
            form: summary.amounts,
            currencies,
        };
        cells.read(amounts);
        summary.rows += 1;
        Ok(Some(Row { layout, record: text, amounts, bad, file: &summary.file, line }))
    }

    /// Whether the record is a row; what else it is, is noted.
    fn is_row(&mut self) -> bool {
        let (record, line, summary) = (self.records.record(), self.records.line(), &mut self.summary);
        let first = record.cells().next().unwrap_or_default();
        if first.trim_ascii() == b"<END>" {
            summary.complete = true;
            return false;
        }
        if record.cells().all(|cell| cell.trim_ascii().is_empty()) {
            return false;
        }
        if summary.complete {
            summary.complete = false;
            summary.note(line, "a row after <END>");
        }
        let is_header =
            self.layout.names.iter().map(String::as_bytes).eq(record.cells().map(<[u8]>::trim_ascii));
        if is_header {
            summary.note(line, "a second header");
        }
        !is_header
    }
}

impl FileError {
    fn of(file: String, error: RecordError) -> Self {
        match error {
            RecordError::Io(source) => Self::Io { file, source },
            RecordError::TooLarge { line } => Self::TooLarge { file, line },
        }
    }
}

impl Summary {
    /// Lines that are wrong as a whole are listed up to a number that nobody reads through.
    fn note(&mut self, line: u64, what: &'static str) {
        if self.bad_lines.len() < 1000 {
            self.bad_lines.push((line, what));
        }
    }
}

/// A record as text. What is UTF-8, as nearly every row is, is not copied.
fn text_of<'a>(record: Record<'a>, decoded: &'a mut Decoded, gbk: &mut bool) -> Text<'a> {
    match record.text() {
        Some(text) => text,
        None => {
            *gbk = true;
            decoded.read(record);
            decoded.text()
        }
    }
}
