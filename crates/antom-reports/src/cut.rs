//! Where the cells of a record stand.

use crate::record::{MOST_BYTES, MOST_CELLS};

/// The begin and the end of a cell. At least one byte is between two cells, so that none begins in the middle of a
/// letter.
pub(crate) type Cell = (usize, usize);

/// The cells between commas. These stand so close together that looking at eight bytes at once is faster than a
/// search for each.
pub(crate) fn commas(bytes: &[u8], cells: &mut Vec<Cell>) {
    const COMMAS: u64 = u64::from_ne_bytes([b','; 8]);
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
    let (words, rest) = bytes.as_chunks();
    let (mut from, mut at) = (0, 0);
    for word in words {
        // A byte of it is zero where a comma stands; its highest bit is set below where it is zero.
        let word = u64::from_le_bytes(*word) ^ COMMAS;
        let mut found = !(((word & LOW) + LOW) | word | LOW);
        while found != 0 {
            let end = at + found.trailing_zeros() as usize / 8;
            cells.push((from, end));
            from = end + 1;
            found &= found - 1;
        }
        at += 8;
    }
    for byte in rest {
        if *byte == b',' {
            cells.push((from, at));
            from = at + 1;
        }
        at += 1;
    }
    cells.push((from, bytes.len()));
}

/// The cells of a record that is here as a whole and whose quotes are around whole cells; how long it is without the
/// end of its line. `None` for any other.
pub(crate) fn whole_cells(bytes: &[u8], cells: &mut Vec<Cell>) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        let end = match rest.split_first()? {
            (b'"', text) => {
                let length = memchr::memchr(b'"', text)?;
                cells.push((at + 1, at + 1 + length));
                at + length + 2
            }
            _ => {
                let is_end = |byte: &u8| matches!(byte, b',' | b'\n' | b'\r' | b'"');
                let length = rest.iter().position(is_end)?;
                cells.push((at, at + length));
                at + length
            }
        };
        match bytes.get(end)? {
            b',' if cells.len() < MOST_CELLS => at = end + 1,
            b'\n' | b'\r' if end <= MOST_BYTES => return Some(end),
            _ => return None,
        }
    }
}
