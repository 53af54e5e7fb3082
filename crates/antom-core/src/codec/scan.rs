/// The length of the text before the first byte that a JSON string cannot hold as it stands: a quote, a
/// backslash or a control character.
///
/// Both directions spend most of their time here, so it looks at eight bytes at once.
#[inline]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // Has the high bit set of bytes below `limit`, and may have it in a byte further up because of a borrow,
    // but never before the first one that is right. What the other bits say means nothing.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let mut length = 0;
    let words = bytes.chunks_exact(8);
    let rest = words.remainder();
    for word in words {
        let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = (quote | backslash | below(word, 0x20)) & HIGH;
        if found != 0 {
            return length + (found.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    length + rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len())
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
