//! A file's records, one at a time, none larger than a report's can be.
//!
//! A record without quotes, or with quotes only around whole cells, is cut where it stands in the buffer. Any other,
//! and one that the buffer does not hold as a whole, is read by `csv-core`. All mean the same: a property below holds
//! them against the CSV crate.

use std::io::{self, ErrorKind, Read};

use csv_core::ReadRecordResult as Read_;

use crate::cut::{Cell, commas, whole_cells};

/// The most bytes and cells of a record: more is none of a report.
pub(crate) const MOST_BYTES: usize = 1 << 20;
pub(crate) const MOST_CELLS: usize = 512;
/// What is asked of a file at once.
const BUFFER: usize = 1 << 16;

/// Why there is no next record.
#[derive(Debug)]
pub(crate) enum RecordError {
    Io(io::Error),
    /// It goes on after [`MOST_BYTES`] or [`MOST_CELLS`].
    TooLarge {
        line: u64,
    },
}

/// Reads records. What it holds is bounded by [`MOST_BYTES`], whatever the file is.
pub(crate) struct Records<R> {
    source: R,
    buffer: Vec<u8>,
    /// What of the buffer is not read yet.
    from: usize,
    to: usize,
    ended: bool,
    begun: bool,
    next_line: u64,
    /// The current record: its line, where it stands, and where its cells do in it.
    line: u64,
    place: Place,
    cells: Vec<Cell>,
    quoted: Box<Quoted>,
    unquoted: Vec<u8>,
}

/// What reads records with quotes, and where it puts their cells.
struct Quoted {
    reader: csv_core::Reader,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    /// In the buffer, as it was written.
    Buffer { from: usize, to: usize },
    /// Without its quotes.
    Unquoted,
}

impl<R: Read> Records<R> {
    pub(crate) fn new(source: R) -> Self {
        Self {
            source,
            buffer: vec![0; BUFFER],
            from: 0,
            to: 0,
            ended: false,
            begun: false,
            next_line: 1,
            line: 1,
            place: Place::Buffer { from: 0, to: 0 },
            cells: Vec::new(),
            quoted: Box::new(Quoted { reader: csv_core::Reader::new(), bytes: Vec::new(), ends: Vec::new() }),
            unquoted: Vec::new(),
        }
    }

    /// The current record.
    pub(crate) fn record(&self) -> Record<'_> {
        let bytes = match self.place {
            Place::Buffer { from, to } => self.buffer.get(from..to).unwrap_or_default(),
            Place::Unquoted => &self.unquoted,
        };
        Record { bytes, cells: &self.cells }
    }

    /// The line on which the current record begins, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Goes to the next record; `false` at the end of the file, and after an error. Empty lines are none.
    pub(crate) fn advance(&mut self) -> Result<bool, RecordError> {
        let next = self.next();
        if next.is_err() {
            // What follows is the rest of a record, and none by itself.
            (self.from, self.ended) = (self.to, true);
        }
        next
    }

    fn next(&mut self) -> Result<bool, RecordError> {
        if !self.begun {
            self.begin()?;
        }
        let mut seen = 0;
        loop {
            let rest = self.buffer.get(self.from..self.to).unwrap_or_default();
            let found = memchr::memchr3(b'\n', b'\r', b'"', rest.get(seen..).unwrap_or_default());
            let Some(at) = found.map(|at| seen + at) else {
                seen = rest.len();
                if !self.ended {
                    self.more()?;
                    continue;
                }
                self.line = self.next_line;
                return if seen == 0 { Ok(false) } else { self.cut(seen, 0) };
            };
            match rest.get(at..) {
                Some([b'"', ..]) => return self.quoted(),
                // An empty line, or what is left of the end of the last one.
                Some([end, ..]) if at == 0 => {
                    self.next_line += u64::from(*end == b'\n');
                    self.from += 1;
                }
                Some([b'\r', b'\n', ..]) => return self.cut(at, 2),
                _ => return self.cut(at, 1),
            }
        }
    }

    /// Takes the next bytes of the buffer for a record, and steps over its end.
    fn cut(&mut self, length: usize, end: usize) -> Result<bool, RecordError> {
        let (from, to) = (self.from, self.from + length);
        self.line = self.next_line;
        self.cells.clear();
        let bytes = self.buffer.get(from..to).unwrap_or_default();
        commas(bytes, &mut self.cells);
        if length > MOST_BYTES || self.cells.len() > MOST_CELLS {
            return Err(RecordError::TooLarge { line: self.line });
        }
        let last = (to + end).checked_sub(1).and_then(|at| self.buffer.get(at));
        self.next_line += u64::from(end > 0 && last == Some(&b'\n'));
        self.from = to + end;
        self.place = Place::Buffer { from, to };
        Ok(true)
    }

    /// Reads a record that has a quote.
    fn quoted(&mut self) -> Result<bool, RecordError> {
        let rest = self.buffer.get(self.from..self.to).unwrap_or_default();
        self.cells.clear();
        let Some(length) = whole_cells(rest, &mut self.cells) else { return self.unquote() };
        let (from, to) = (self.from, self.from + length);
        let lines = memchr::memchr_iter(b'\n', rest.get(..length).unwrap_or_default()).count();
        self.line = self.next_line;
        // The end of the line is left over: it is an empty line, and counted as such.
        self.next_line += u64::try_from(lines).unwrap_or(u64::MAX);
        self.from = to;
        self.place = Place::Buffer { from, to };
        Ok(true)
    }

    /// Reads a record whose cells have to be put together.
    fn unquote(&mut self) -> Result<bool, RecordError> {
        self.line = self.next_line;
        let too_large = Err(RecordError::TooLarge { line: self.line });
        self.quoted.reader.reset();
        self.quoted.ends.resize(MOST_CELLS, 0);
        let (mut taken, mut wrote, mut cells) = (0, 0, 0);
        loop {
            let input = self.buffer.get(self.from..self.to).unwrap_or_default();
            let Quoted { reader, bytes, ends } = &mut *self.quoted;
            let (result, read, written, ended) = reader.read_record(
                input,
                bytes.get_mut(wrote..).unwrap_or_default(),
                ends.get_mut(cells..).unwrap_or_default(),
            );
            let lines = memchr::memchr_iter(b'\n', input.get(..read).unwrap_or_default()).count();
            self.next_line += u64::try_from(lines).unwrap_or(u64::MAX);
            self.from += read;
            (taken, wrote, cells) = (taken + read, wrote + written, cells + ended);
            match result {
                _ if taken > MOST_BYTES => return too_large,
                Read_::InputEmpty if self.from < self.to => {}
                Read_::InputEmpty => self.more()?,
                Read_::OutputFull if wrote < MOST_BYTES => {
                    self.quoted.bytes.resize((wrote * 2).max(1 << 12), 0);
                }
                Read_::OutputFull | Read_::OutputEndsFull => return too_large,
                Read_::Record => break,
                Read_::End => return Ok(false),
            }
        }
        self.part(cells);
        self.place = Place::Unquoted;
        Ok(true)
    }

    /// Puts a byte between the cells, as there is one in the buffer: so no cell begins in the middle of a letter.
    fn part(&mut self, cells: usize) {
        self.unquoted.clear();
        self.cells.clear();
        let mut from = 0;
        for end in self.quoted.ends.iter().take(cells) {
            let begin = self.unquoted.len();
            self.unquoted.extend_from_slice(self.quoted.bytes.get(from..*end).unwrap_or_default());
            self.cells.push((begin, self.unquoted.len()));
            self.unquoted.push(b',');
            from = *end;
        }
    }

    /// Steps over the mark of UTF-8.
    fn begin(&mut self) -> Result<(), RecordError> {
        self.begun = true;
        while self.to < 3 && !self.ended {
            self.more()?;
        }
        if self.buffer.get(..self.to).is_some_and(|begin| begin.starts_with(b"\xef\xbb\xbf")) {
            self.from = 3;
        }
        Ok(())
    }

    /// Reads on, keeping what is not read yet.
    fn more(&mut self) -> Result<(), RecordError> {
        if self.from > 0 {
            self.buffer.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
        }
        if self.to > MOST_BYTES {
            return Err(RecordError::TooLarge { line: self.next_line });
        }
        if self.to == self.buffer.len() {
            self.buffer.resize(self.to * 2, 0);
        }
        loop {
            match self.source.read(self.buffer.get_mut(self.to..).unwrap_or_default()) {
                Ok(0) => self.ended = true,
                Ok(read) => self.to = (self.to + read).min(self.buffer.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(RecordError::Io(error)),
            }
            return Ok(());
        }
    }
}

/// A record as bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    bytes: &'a [u8],
    cells: &'a [Cell],
}

impl<'a> Record<'a> {
    /// How many cells it has.
    pub(crate) fn len(self) -> usize {
        self.cells.len()
    }

    pub(crate) fn cells(self) -> impl Iterator<Item = &'a [u8]> {
        self.cells.iter().map(move |(from, to)| self.bytes.get(*from..*to).unwrap_or_default())
    }

    /// The same as text; `None` where it is no UTF-8.
    pub(crate) fn text(self) -> Option<Text<'a>> {
        core::str::from_utf8(self.bytes).ok().map(|text| Text { text, cells: self.cells })
    }
}

/// A record as text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    text: &'a str,
    cells: &'a [Cell],
}

impl<'a> Text<'a> {
    #[inline]
    pub(crate) fn get(self, at: usize) -> Option<&'a str> {
        let (from, to) = self.cells.get(at)?;
        self.text.get(*from..*to)
    }

    pub(crate) fn cells(self) -> impl Iterator<Item = &'a str> {
        (0..self.cells.len()).filter_map(move |at| self.get(at))
    }
}

/// A record whose cells were decoded one by one.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    text: String,
    cells: Vec<Cell>,
}

impl Decoded {
    /// UTF-8, or cell by cell GBK as in old files. What is not GBK either becomes the sign for an unreadable
    /// letter, which no number holds.
    pub(crate) fn read(&mut self, record: Record<'_>) {
        self.text.clear();
        self.cells.clear();
        for cell in record.cells() {
            let from = self.text.len();
            match core::str::from_utf8(cell) {
                Ok(text) => self.text.push_str(text),
                Err(_) => self.text.push_str(&encoding_rs::GBK.decode_without_bom_handling(cell).0),
            }
            self.cells.push((from, self.text.len()));
        }
    }

    pub(crate) fn text(&self) -> Text<'_> {
        Text { text: &self.text, cells: &self.cells }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, as a slow connection does.
    struct Slowly<'a>(&'a [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn all(bytes: &[u8], step: usize) -> Vec<(u64, Vec<Vec<u8>>)> {
        let mut records = Records::new(Slowly(bytes, step));
        let mut found = Vec::new();
        while records.advance().unwrap() {
            found.push((records.line(), records.record().cells().map(<[u8]>::to_vec).collect()));
        }
        found
    }

    #[test]
    fn lines_are_counted_where_records_begin() {
        let text = b"\n\na,b\r\n\"c\nd\",e\n\nf,\n\"g";
        let lines: Vec<u64> = all(text, 3).iter().map(|record| record.0).collect();
        assert_eq!(lines, [3, 4, 7, 8]);
    }

    proptest::proptest! {
        #[test]
        fn records_are_those_of_the_csv_crate(text in "[ab,\"\r\n\u{e9}]{0,80}", step in 1_usize..9) {
            let mut theirs = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<Vec<u8>>> =
                theirs.byte_records().map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect()).collect();
            let ours: Vec<_> = all(text.as_bytes(), step).into_iter().map(|record| record.1).collect();
            proptest::prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn quoted_cells_are_those_of_the_csv_crate(
            rows in proptest::collection::vec(
                proptest::collection::vec("\"[ab,\n]{0,3}\"|[ab]{0,3}|\"a\"\"b\"", 1..5), 0..5),
            step in 1_usize..40,
        ) {
            let text: String = rows.iter().map(|row| row.join(",") + "\n").collect();
            let mut theirs = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<Vec<u8>>> =
                theirs.byte_records().map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect()).collect();
            let ours: Vec<_> = all(text.as_bytes(), step).into_iter().map(|record| record.1).collect();
            proptest::prop_assert_eq!(ours, theirs);
        }
    }
}
