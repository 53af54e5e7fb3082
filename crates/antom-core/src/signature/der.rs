//! The little of DER that RSA keys need. Total: any input gives a value or `None`.

use alloc::vec::Vec;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// The algorithm identifier of RSA keys: OID 1.2.840.113549.1.1.1 with NULL, as one element.
pub(super) const RSA_ALGORITHM: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// The OID alone, without tag and length.
pub(super) const RSA_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// Reads one element after another.
#[derive(Clone, Copy)]
pub(super) struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Tag of the next element.
    pub(super) fn peek(self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Content of the next element, which must have this tag.
    pub(super) fn read(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&found, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (len, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // Four bytes of length hold any key; the indefinite form (0x80) is not DER.
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let len = digits.iter().fold(0_u32, |len, &byte| len << 8 | u32::from(byte));
                // DER has one spelling of a length: the shortest.
                if len < 0x80 || digits.first() == Some(&0) {
                    return None;
                }
                (usize::try_from(len).ok()?, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        (found == tag).then_some(content)
    }

    /// The elements of the next SEQUENCE.
    pub(super) fn sequence(&mut self) -> Option<Der<'a>> {
        self.read(SEQUENCE).map(Der)
    }

    /// The next INTEGER when it is positive, big-endian without leading zeros.
    pub(super) fn positive(&mut self) -> Option<&'a [u8]> {
        match self.read(INTEGER)? {
            // The zero byte is there only to keep the top bit from being a sign.
            [0, rest @ ..] if matches!(rest, [0x80..=0xff, ..]) => Some(rest),
            digits @ [1..=0x7f, ..] => Some(digits),
            _ => None,
        }
    }

    /// The next INTEGER when it is a number under 128.
    pub(super) fn small(&mut self) -> Option<u8> {
        match self.read(INTEGER)? {
            [number @ 0..=0x7f] => Some(*number),
            _ => None,
        }
    }
}

/// The whole input as one SEQUENCE, nothing after it.
pub(super) fn only_sequence(bytes: &[u8]) -> Option<Der<'_>> {
    let mut outer = Der::new(bytes);
    let inner = outer.sequence()?;
    outer.is_empty().then_some(inner)
}

/// Appends an element made of these contents, joined.
pub(super) fn write(out: &mut Vec<u8>, tag: u8, contents: &[&[u8]]) {
    let len: usize = contents.iter().map(|part| part.len()).sum();
    out.push(tag);
    let digits = len.to_be_bytes();
    let digits = digits.get(digits.len() - significant_bytes(len)..).unwrap_or_default();
    match len {
        0..=0x7f => out.extend_from_slice(digits),
        // At most eight length bytes, so the count fits beside the flag.
        _ => {
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
            out.extend_from_slice(digits);
        }
    }
    for part in contents {
        out.extend_from_slice(part);
    }
}

/// Appends a positive INTEGER given big-endian without leading zeros.
pub(super) fn write_positive(out: &mut Vec<u8>, digits: &[u8]) {
    let sign: &[u8] = if digits.first().is_some_and(|&b| b >= 0x80) { &[0] } else { &[] };
    write(out, INTEGER, &[sign, digits]);
}

/// How many bytes a length needs, at least one.
fn significant_bytes(len: usize) -> usize {
    let zeros = usize::try_from(len.leading_zeros() / 8).unwrap_or_default();
    (size_of::<usize>() - zeros).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn written_elements_read_back() {
        for len in [0_usize, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
            let content = vec![0x5a; len];
            let mut out = Vec::new();
            write(&mut out, OCTET_STRING, &[&content]);
            let mut der = Der::new(&out);
            assert_eq!(der.read(OCTET_STRING), Some(&*content), "{len}");
            assert!(der.is_empty());
        }
        for digits in [&[1][..], &[0x7f], &[0x80], &[0xff, 0], &[1, 0, 1]] {
            let mut out = Vec::new();
            write_positive(&mut out, digits);
            assert_eq!(Der::new(&out).positive(), Some(digits));
        }
    }

    #[test]
    fn broken_elements_are_none() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x01],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x81, 0x01, 0],
            &[0x30, 0x82, 0x00, 0x80],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
            &[0x02, 0x01, 0x01],
        ] {
            assert!(Der::new(bytes).read(SEQUENCE).is_none(), "{bytes:?}");
        }
        for bytes in [&[0x02, 0x00][..], &[0x02, 1, 0], &[0x02, 1, 0x80], &[0x02, 2, 0, 1]] {
            assert!(Der::new(bytes).positive().is_none(), "{bytes:?}");
        }
        assert!(only_sequence(&[0x30, 0, 0]).is_none());
    }
}
