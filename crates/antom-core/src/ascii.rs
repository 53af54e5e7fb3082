//! Looking at header text: small functions, each compiled once.

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

#[cfg(test)]
mod tests {
    use super::{only, place};

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
}
