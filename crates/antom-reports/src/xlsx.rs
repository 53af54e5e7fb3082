use std::io::{BufReader, BufWriter, PipeReader, Read, Seek, SeekFrom, Write, pipe};
use std::thread;

use calamine::{DataRef, Reader as _, Xlsx};

use crate::reader::FileError;
use crate::record::{MOST_BYTES, MOST_CELLS};

/// The most bytes that the parts of a workbook beside its sheets unpack to: they are held in memory.
const MOST_SHARED: u64 = 256 << 20;

/// Opens the first sheet of a workbook as CSV, cell by cell: the sheet's declared size, which some files state
/// wrongly, is not looked at. Give the result to a [`Reader`](crate::Reader). Its lines are the sheet's rows, and
/// every row is as wide as the first one, whose cells are the names of the columns.
///
/// A number in a cell of a workbook is a binary one by the format's own rules. It is written with the fewest
/// digits that stand for it, which are the ones that were typed for any amount of up to fifteen digits.
///
/// # Errors
///
/// It is no workbook, or one with a password, or it would unpack to more than memory is for: 256 MiB beside its
/// sheets, or 1 MiB in one cell.
///
/// ```
/// use antom_reports::{FileError, xlsx};
/// use std::io::Cursor;
///
/// // A CSV file that somebody renamed.
/// let refused = xlsx("items.xlsx", Cursor::new(b"transactionId\nT1\n".to_vec()));
/// assert!(matches!(refused, Err(FileError::Container { .. })));
/// ```
pub fn xlsx<S: Read + Seek + Send + 'static>(name: &str, mut source: S) -> Result<PipeReader, FileError> {
    let wrong = |why: String| FileError::Container { file: name.to_owned(), why };
    let io = |error: std::io::Error| FileError::Container { file: name.to_owned(), why: error.to_string() };
    measure(&mut source, MOST_SHARED).map_err(|why| wrong(why.to_string()))?;
    source.seek(SeekFrom::Start(0)).map_err(io)?;
    let mut book = Xlsx::new(BufReader::new(source))
        .map_err(|error| wrong(format!("no XLSX workbook that can be read: {error}")))?;
    let sheet =
        book.sheet_names().first().cloned().ok_or_else(|| wrong("the workbook has no sheet".into()))?;
    let (reader, writer) = pipe().map_err(io)?;
    thread::Builder::new()
        .name("antom-xlsx".into())
        // A reader that went away ends this thread; a cell that cannot be read cuts the file off, which its missing
        // end says.
        .spawn(move || write(&mut book, &sheet, writer))
        .map_err(io)?;
    Ok(reader)
}

/// Unpacks a workbook once to nowhere, so that nothing larger than is allowed is ever put into memory.
fn measure(source: &mut (impl Read + Seek), most: u64) -> Result<(), Box<dyn core::error::Error>> {
    let mut archive = zip::ZipArchive::new(source)
        .map_err(|error| format!("no XLSX workbook that can be read, or one with a password: {error}"))?;
    let (mut shared, mut buffer) = (0_u64, vec![0; 1 << 16]);
    for at in 0..archive.len() {
        let mut part = archive.by_index(at)?;
        let is_sheet = part.name().starts_with("xl/worksheets/");
        let mut since_tag = 0;
        loop {
            let read = part.read(&mut buffer)?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            for run in bytes.split_inclusive(|byte| *byte == b'<') {
                since_tag += run.len();
                if since_tag > MOST_BYTES {
                    return Err(format!("{}: a text of more than {MOST_BYTES} bytes", part.name()).into());
                }
                if run.ends_with(b"<") {
                    since_tag = 0;
                }
            }
            if !is_sheet {
                shared += u64::try_from(read)?;
            }
            if shared > most {
                return Err(format!("beside its sheets it unpacks to more than {most} bytes").into());
            }
        }
    }
    Ok(())
}

/// Writes a sheet as CSV, row by row.
fn write<S: Read + Seek>(book: &mut Xlsx<S>, sheet: &str, out: impl Write) -> Option<()> {
    let mut cells = book.worksheet_cells_reader(sheet).ok()?;
    let mut out = BufWriter::new(out);
    let (mut line, mut column, mut width) = (0_u32, 0_u32, 0_u32);
    loop {
        let cell = cells.next_cell().ok()?;
        let place = cell.as_ref().map(calamine::Cell::get_position);
        if place.is_none_or(|(row, _)| row != line) {
            // The row ends: as wide as the first one that has cells.
            (column..width.saturating_sub(1)).try_for_each(|_| out.write_all(b",")).ok()?;
            width = if width == 0 { column + 1 } else { width };
            let Some((row, _)) = place else { break };
            // Rows without a cell are lines without one.
            (line..row).try_for_each(|_| out.write_all(b"\n")).ok()?;
            (line, column) = (row, 0);
        }
        let (_, at) = place?;
        if usize::try_from(at).is_ok_and(|at| at > MOST_CELLS) {
            return None;
        }
        (column..at).try_for_each(|_| out.write_all(b",")).ok()?;
        column = at;
        let text = text(cell?.get_value()).replace('"', "\"\"");
        write!(out, "\"{text}\"").ok()?;
    }
    out.write_all(b"\n").ok()?;
    out.flush().ok()
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        // A date as a number of days: no column of a report has one, and it is not taken for a time.
        DataRef::DateTime(days) => days.as_f64().to_string(),
        DataRef::Error(error) => format!("{error:?}"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn what_is_held_in_memory_is_limited() {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"] {
            archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all("<t>text</t>".repeat(1000).as_bytes()).unwrap();
        }
        let mut source = archive.finish().unwrap();
        assert!(measure(&mut source, 11_000).is_ok(), "the sheet is not held");
        let error = measure(&mut source, 10_999).unwrap_err().to_string();
        assert!(error.contains("more than 10999 bytes"), "{error}");
    }
}
