use std::io::{PipeReader, Read, Seek, Write as _, pipe};
use std::thread;

use calamine::{DataRef, Reader as _, Xlsx};

use crate::reader::FileError;

/// Opens the first sheet of a workbook as CSV, cell by cell: the sheet's declared size, which some files state
/// wrongly, is not looked at. Give the result to a [`Reader`](crate::Reader).
///
/// A number in a cell of a workbook is a binary one by the format's own rules. It is written with the fewest
/// digits that stand for it, which are the ones that were typed for any amount of up to fifteen digits.
///
/// # Errors
///
/// It is no workbook, or one with a password.
pub fn xlsx<S: Read + Seek + Send + 'static>(name: &str, source: S) -> Result<PipeReader, FileError> {
    let wrong = |why: String| FileError::Container { file: name.to_owned(), why };
    let io = |error: std::io::Error| FileError::Container { file: name.to_owned(), why: error.to_string() };
    let mut book =
        Xlsx::new(source).map_err(|error| wrong(format!("no XLSX workbook that can be read: {error}")))?;
    let sheet =
        book.sheet_names().first().cloned().ok_or_else(|| wrong("the workbook has no sheet".into()))?;
    let (reader, mut writer) = pipe().map_err(io)?;
    thread::Builder::new()
        .name("antom-xlsx".into())
        .spawn(move || {
            let mut rows = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            let Ok(mut cells) = book.worksheet_cells_reader(&sheet) else { return };
            let (mut line, mut row): (u32, Vec<String>) = (0, Vec::new());
            // A reader that went away ends this thread; a cell that cannot be read cuts the file off, which its
            // missing end says.
            while let Ok(Some(cell)) = cells.next_cell() {
                let (at, column) = cell.get_position();
                if at != line {
                    if rows.write_record(&row).is_err() || flush(&mut rows, &mut writer).is_err() {
                        return;
                    }
                    row.clear();
                    line = at;
                }
                let column = usize::try_from(column).unwrap_or(usize::MAX).min(1024);
                while row.len() < column {
                    row.push(String::new());
                }
                row.push(text(cell.get_value()));
            }
            if rows.write_record(&row).is_ok() {
                let _ = flush(&mut rows, &mut writer);
            }
        })
        .map_err(io)?;
    Ok(reader)
}

fn flush(rows: &mut csv::Writer<Vec<u8>>, out: &mut std::io::PipeWriter) -> std::io::Result<()> {
    rows.flush()?;
    let fresh = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let full = core::mem::replace(rows, fresh);
    let bytes = full.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
    out.write_all(&bytes)
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
