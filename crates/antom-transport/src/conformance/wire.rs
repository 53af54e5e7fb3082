//! Bytes that the scripts send and await.

use std::sync::LazyLock;

use super::case::SIGNED;

/// The body of an answer of the usual kind: text that any change of encoding or white space would spoil.
pub(super) fn usual() -> &'static [u8] {
    "{ \"result\":{\"resultStatus\":\"S\"},\r\n\t\"note\":\"caf\u{e9} \u{1f4b3}\\u00e9\" }\n".as_bytes()
}

/// No body.
pub(super) fn empty() -> &'static [u8] {
    b""
}

/// `abc` compressed with gzip: a stack that decodes content gives itself away.
pub(super) fn gzip() -> &'static [u8] {
    b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\x4b\x4c\x4a\x06\0\xc2\x41\x24\x35\x03\0\0\0"
}

/// A body of a mebibyte in which no two stretches are alike.
pub(super) fn large() -> &'static [u8] {
    static LARGE: LazyLock<Vec<u8>> =
        LazyLock::new(|| (0_u32..1 << 17).flat_map(|n| format!("{n:07} ").into_bytes()).collect());
    &LARGE
}

/// The header lines of a signed answer, each with its end.
pub(super) fn signed() -> String {
    SIGNED.iter().map(|(name, value)| format!("{}: {value}\r\n", name.as_str())).collect()
}

/// A whole answer of the usual kind.
pub(super) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\n{}content-type: application/json\r\n{headers}content-length: {}\r\n\r\n",
        signed(),
        body.len()
    );
    [head.as_bytes(), body].concat()
}
