use std::io::Read;

use csv::{ByteRecord, StringRecord};

use crate::cells::{CellReader, Currencies};
use crate::column::{CURRENT, Column};
use crate::layout::Layout;
use crate::row::{Amounts, Row};

/// The most cells of a row and bytes of a row: more is no report.
const MOST_CELLS: usize = 512;
const MOST_BYTES: usize = 1 << 20;

/// What a file lists.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AmountForm {
    /// Decimals of the currency: 10.50 USD. So do all current files.
    Decimals,
    /// The smallest unit: 1050 for USD. So do some older files.
    SmallestUnit,
}

/// Why a file cannot be read on.
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
        source: csv::Error,
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
    #[error("{file}: line {line}: a row of {bytes} bytes and {cells} cells is none of a report")]
    TooLarge {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// Its bytes.
        bytes: usize,
        /// Its cells.
        cells: usize,
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
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The file.
    pub file: String,
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
pub struct Reader<R> {
    lines: csv::Reader<R>,
    layout: Layout,
    raw: ByteRecord,
    spare: Option<ByteRecord>,
    record: StringRecord,
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
    pub fn with_amounts(file: impl Into<String>, source: R, form: AmountForm) -> Result<Self, FileError> {
        Self::open(file.into(), source, Some(form))
    }

    fn open(file: String, source: R, form: Option<AmountForm>) -> Result<Self, FileError> {
        let mut lines = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(source);
        let (mut raw, mut header, mut gbk) = (ByteRecord::new(), StringRecord::new(), false);
        match lines.read_byte_record(&mut raw) {
            Ok(true) => {}
            Ok(false) => return Err(FileError::NoHeader { file }),
            Err(source) => return Err(FileError::Io { file, source }),
        }
        decode(&raw, &mut header, &mut gbk);
        if let Some(first) = header.get(0)
            && let Some(rest) = first.strip_prefix('\u{feff}')
        {
            let cells: Vec<String> =
                core::iter::once(rest.to_owned()).chain(header.iter().skip(1).map(str::to_owned)).collect();
            header = StringRecord::from(cells);
        }
        let layout = Layout::of(&file, &header)?;
        let current = CURRENT.iter().any(|name| layout.names.iter().any(|known| known == name));
        let amounts = match form {
            Some(form) => form,
            None if current => AmountForm::Decimals,
            None => return Err(FileError::UnknownAmounts { file }),
        };
        let kind = layout.kind();
        let summary = Summary { file, kind, amounts, rows: 0, complete: false, gbk, bad_lines: Vec::new() };
        Ok(Self {
            lines,
            layout,
            raw,
            spare: None,
            record: header,
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
            match self.lines.read_byte_record(&mut self.raw) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(source) => return Err(FileError::Io { file: self.summary.file.clone(), source }),
            }
            let line = self.raw.position().map_or(0, csv::Position::line);
            let (bytes, cells) = (self.raw.as_slice().len(), self.raw.len());
            if bytes > MOST_BYTES || cells > MOST_CELLS {
                return Err(FileError::TooLarge { file: self.summary.file.clone(), line, bytes, cells });
            }
            let first = self.raw.get(0).unwrap_or_default().trim_ascii();
            if first == b"<END>" {
                self.summary.complete = true;
                continue;
            }
            if self.raw.iter().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            if self.summary.complete {
                self.summary.complete = false;
                self.note(line, "a row after <END>");
            }
            if self.layout.names.iter().map(String::as_bytes).eq(self.raw.iter().map(<[u8]>::trim_ascii)) {
                self.note(line, "a second header");
                continue;
            }
            self.decode();
            self.bad.clear();
            if cells != self.layout.names.len() {
                self.note(line, "a row with another number of cells than the header");
            }
            self.read_cells(line);
            self.summary.rows += 1;
            return Ok(Some(Row {
                layout: &self.layout,
                record: &self.record,
                amounts: &self.amounts,
                bad: &self.bad,
                file: &self.summary.file,
                line,
            }));
        }
    }

    /// Takes the row over as text. What is UTF-8, as nearly every row is, is not copied, and the two records
    /// change places so that none is made.
    fn decode(&mut self) {
        let spare = self.spare.take().unwrap_or_default();
        let raw = core::mem::replace(&mut self.raw, spare);
        match StringRecord::from_byte_record(raw) {
            Ok(record) => self.spare = Some(core::mem::replace(&mut self.record, record).into_byte_record()),
            Err(error) => {
                let raw = error.into_byte_record();
                decode(&raw, &mut self.record, &mut self.summary.gbk);
                self.spare = Some(raw);
            }
        }
    }

    /// Lines that are wrong as a whole are listed up to a number that nobody reads through.
    fn note(&mut self, line: u64, what: &'static str) {
        if self.summary.bad_lines.len() < 1000 {
            self.summary.bad_lines.push((line, what));
        }
    }

    fn read_cells(&mut self, line: u64) {
        let Self { layout, record, amounts, bad, summary, currencies, .. } = self;
        let mut cells =
            CellReader { layout, record, bad, file: &summary.file, line, form: summary.amounts, currencies };
        amounts.transaction = cells.amount(Column::TransactionAmount, Column::TransactionCurrency);
        amounts.converted = cells.amount(Column::ConvertedAmount, Column::ConvertedCurrency);
        amounts.settlement = cells.amount(Column::SettlementAmount, Column::SettlementCurrency);
        amounts.decimals = cells
            .cell(layout.place(Column::SettlementCurrency))
            .and_then(|name| cells.currencies.decimals(name));
        amounts.price = cells.number(layout.place(Column::QuotePrice));
        amounts.count = cells.count();
        for place in &layout.fees {
            if let Some(fee) = amounts.fees.get_mut(place.fee) {
                *fee = cells.fee(place.amount, place.currency);
            }
        }
        cells.times();
    }
}

/// UTF-8, or cell by cell GBK as in old files.
fn decode(raw: &ByteRecord, record: &mut StringRecord, gbk: &mut bool) {
    record.clear();
    for cell in raw {
        match core::str::from_utf8(cell) {
            Ok(text) => record.push_field(text),
            Err(_) => {
                *gbk = true;
                // What is not GBK either becomes the sign for an unreadable letter, which no number holds.
                record.push_field(&encoding_rs::GBK.decode_without_bom_handling(cell).0);
            }
        }
    }
    record.set_position(raw.position().cloned());
}
