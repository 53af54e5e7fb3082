//! Reading and writing plain text: small functions, each compiled once.

use alloc::string::String;
use alloc::vec::Vec;

/// Whether every byte is visible ASCII from `first` on, or `also`.
#[inline(never)]
pub(crate) fn only(text: &[u8], first: u8, also: u8) -> bool {
    // Without an early exit, which would keep the compiler from looking at many bytes at once.
    text.iter().fold(true, |all, &byte| all & ((byte >= first) & (byte <= b'~') | (byte == also)))
}

/// The place of this word in the list, compared without case.
#[inline(never)]
pub(crate) fn place(words: &[&str], word: &str) -> Option<usize> {
    let as_it_stands = words.iter().position(|known| *known == word);
    as_it_stands.or_else(|| words.iter().position(|known| known.eq_ignore_ascii_case(word)))
}

/// Writes a number in decimal.
pub(crate) fn write_integer(out: &mut Vec<u8>, number: i64) {
    let mut digits = [0u8; 20];
    let mut left = number.unsigned_abs();
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + (left % 10) as u8;
        left /= 10;
        used += 1;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

/// The written bytes as text; they are UTF-8 because only text was written.
pub(crate) fn into_text(out: Vec<u8>) -> String {
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::{into_text, only, place, write_integer};

    #[test]
    fn what_is_visible() {
        assert!(only(b"", b'!', b'!') && only(b"!~a%", b'!', b'!') && only(b" \t~", b' ', b'\t'));
        for bad in [&b" "[..], b"\t", b"a\x7f", b"\xc3\xa4", b"\n", &[b'a'; 100].map(|_| 0)] {
            assert!(!only(bad, b'!', b'!'), "{bad:?}");
        }
        assert!(!only(b"\n", b' ', b'\t') && !only(b"\x80", b' ', b'\t'));
    }

    #[test]
    fn words_have_no_case() {
        assert_eq!(place(&["keyVersion", "signature"], "SIGNATURE"), Some(1));
        assert_eq!(place(&["signature"], "signatur"), None);
    }

    #[test]
    fn numbers_are_written_as_rust_writes_them() {
        for number in [0, 9, 10, -1, 1_700_000_000_123, i64::MIN, i64::MAX] {
            let mut out = Vec::new();
            write_integer(&mut out, number);
            assert_eq!(into_text(out), number.to_string());
        }
    }
}
