/// The length of the text before the first byte that a JSON string cannot hold as it stands: a quote, a
/// backslash or a control character.
///
/// Both directions spend most of their time here, so it looks at eight bytes at once.
#[inline]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    for word in bytes.chunks_exact(8) {
        let found = special(u64::from_le_bytes(word.try_into().unwrap_or_default()));
        if found != 0 {
            return length + place(found);
        }
        length += 8;
    }
    plain_length_of_end(bytes)
}

/// The same where all but the last bytes, which fill no word, are plain. Seldom called where a whole document is read,
/// so that what is called often stays short.
#[inline(never)]
fn plain_length_of_end(bytes: &[u8]) -> usize {
    // They are looked at together with bytes before them.
    if let Some(last) = bytes.last_chunk::<8>() {
        let found = special(u64::from_le_bytes(*last));
        return if found == 0 { bytes.len() } else { bytes.len() - 8 + place(found) };
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let word = u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
        return match special(word) {
            0 => bytes.len(),
            found if place(found) < 4 => place(found),
            found => bytes.len() + place(found) - 8,
        };
    }
    bytes.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(bytes.len())
}

/// Has the high bit set of every byte of a word that is special up to the first one. What the bits above say means
/// nothing.
#[inline]
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // Has the high bit set of bytes below `limit`, and may have it in a byte further up because of a borrow,
    // but never before the first one that is right.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let quote = below(word ^ (ONES * u64::from(b'"')), 1);
    let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
    (quote | backslash | below(word, 0x20)) & HIGH
}

/// The byte of the first bit that is set.
#[inline]
fn place(found: u64) -> usize {
    (found.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::plain_length;

    #[test]
    fn every_byte_at_every_place() {
        for byte in 0..=255_u8 {
            for at in 0..20 {
                for filler in [b'a', 0x7f, 0x80, 0xff, b'!', b'#', b'[', b']', b' '] {
                    let mut bytes = [filler; 20];
                    bytes[at] = byte;
                    let special = matches!(byte, b'"' | b'\\' | 0..=0x1f);
                    assert_eq!(plain_length(&bytes), if special { at } else { 20 }, "{byte} at {at}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn it_is_where_a_byte_by_byte_search_finds_it(bytes: Vec<u8>) {
            let plain = bytes.iter().take_while(|&&byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
            prop_assert_eq!(plain_length(&bytes), plain);
        }
    }
}
