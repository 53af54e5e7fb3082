//! Answers of every kind. All of them are answers: what they mean is for others to judge.

use std::io;

use super::case::{Call, Case, Headers, Required};
use super::peer::Peer;
use super::wire::{self, empty, gzip, large, signed, usual};

const USUAL: Call = Call::new(Required::answer(200, usual));

pub(super) const CASES: &[Case] = &[
    Case::new("answer", "A signed answer.", |peer| once(peer, "200 OK", "", usual()), &[USUAL]),
    Case::new(
        "large answer",
        "An answer of a mebibyte.",
        |peer| once(peer, "200 OK", "", large()),
        &[Call::new(Required::answer(200, large))],
    ),
    Case::new(
        "large request",
        "A request of four mebibytes is read and answered.",
        |peer| once(peer, "200 OK", "", usual()),
        &[USUAL.padded(4 << 20)],
    ),
    Case::new(
        "server error",
        "An answer with status 500.",
        |peer| once(peer, "500 Internal Server Error", "", usual()),
        &[Call::new(Required::answer(500, usual))],
    ),
    Case::new(
        "login page",
        "An answer with status 401 that asks for credentials.",
        |peer| once(peer, "401 Unauthorized", "www-authenticate: Basic realm=\"a\"\r\n", usual()),
        &[Call::new(Required::answer(401, usual))],
    ),
    Case::new(
        "web page",
        "An unsigned page of HTML that is not UTF-8.",
        |peer| {
            answer_raw(peer, b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n<p>\xe9\xff</p>")
        },
        &[Call::new(Required::answer(502, || b"<p>\xe9\xff</p>").with(Headers::Unsigned))],
    ),
    Case::new(
        "empty answer",
        "An answer without a body.",
        |peer| once(peer, "200 OK", "", empty()),
        &[Call::new(Required::answer(200, empty))],
    ),
    Case::new(
        "no content",
        "An answer with status 204, which has no body and no length.",
        |peer| answer_raw(peer, format!("HTTP/1.1 204 No Content\r\n{}\r\n", signed())),
        &[Call::new(Required::answer(204, empty))],
    ),
    Case::new(
        "no reason",
        "A status line without a reason.",
        |peer| once(peer, "200 ", "", usual()),
        &[USUAL],
    ),
    Case::new(
        "header case",
        "The headers' names are in capitals, their values have blanks around them.",
        |peer| {
            let head = signed().replace("signature:", "SIGNATURE:  ").replace("client-id:", "Client-ID:\t");
            answer_raw(
                peer,
                [format!("HTTP/1.1 200 OK\r\n{head}CONTENT-LENGTH: 2\r\n\r\n").as_bytes(), b"{}"].concat(),
            )
        },
        &[Call::new(Required::answer(200, || b"{}"))],
    ),
    Case::new(
        "duplicate headers",
        "The signature comes twice, once in capitals.",
        |peer| {
            once(peer, "200 OK", "SIGNATURE: algorithm=RSA256,keyVersion=1,signature=Zm9yZ2Vk\r\n", usual())
        },
        &[Call::new(Required::answer(200, usual).with(Headers::SignedTwice))],
    ),
    Case::new(
        "compressed answer",
        "An answer is compressed with gzip although nobody asked for it; its bytes are what was signed.",
        |peer| once(peer, "200 OK", "content-encoding: gzip\r\n", gzip()),
        &[Call::new(Required::answer(200, gzip))],
    ),
    Case::new(
        "unknown encoding",
        "An answer claims to be compressed with br, gzip and is neither.",
        |peer| once(peer, "200 OK", "content-encoding: br, gzip\r\n", usual()),
        &[USUAL],
    ),
    Case::new(
        "other character set",
        "An answer is said to be in Latin-1.",
        |peer| once(peer, "200 OK", "content-type: text/plain; charset=ISO-8859-1\r\n", b"caf\xe9"),
        &[Call::new(Required::answer(200, || b"caf\xe9"))],
    ),
    Case::new(
        "redirect",
        "Redirects of all five kinds, to a path of the same server.",
        redirect,
        &[
            Call::new(Required::answer(301, usual)),
            Call::new(Required::answer(302, usual)),
            Call::new(Required::answer(303, usual)),
            Call::new(Required::answer(307, usual)),
            Call::new(Required::answer(308, usual)),
            Call::new(Required::answer(308, empty)),
        ],
    ),
    Case::new(
        "cookie",
        "An answer sets a cookie, which the next request must not carry.",
        |peer| {
            while peer.request()? {
                peer.answer("200 OK", "set-cookie: a=b; path=/\r\n", usual())?;
            }
            Ok(())
        },
        &[USUAL, USUAL],
    ),
    Case::new(
        "100-continue",
        "The server says 100 Continue, unasked, before it answers.",
        |peer| informed(peer, "HTTP/1.1 100 Continue\r\n\r\n"),
        &[USUAL],
    ),
    Case::new(
        "early hints",
        "The server says 103 Early Hints with a signature of its own, twice, before it answers.",
        |peer| informed(peer, &"HTTP/1.1 103 Early Hints\r\nsignature: forged\r\n\r\n".repeat(2)),
        &[USUAL],
    ),
    Case::new(
        "early answer",
        "The server answers when it has read the head of the request.",
        |peer| {
            if peer.head()?.is_some() {
                peer.answer("413 Payload Too Large", "connection: close\r\n", usual())?;
            }
            peer.finish()
        },
        &[Call::new(Required::answer(413, usual))],
    ),
    Case::new(
        "early answer, long request",
        "The same, while the body is still on its way.",
        |peer| {
            if peer.head()?.is_some() {
                peer.answer("413 Payload Too Large", "connection: close\r\n", usual())?;
            }
            peer.finish()
        },
        &[Call::new(Required::answer(413, usual)).padded(8 << 20)],
    ),
    Case::new(
        "half-closed",
        "The server answers and closes its side of the connection at once.",
        |peer| {
            if peer.request()? {
                peer.answer("200 OK", "", usual())?;
            }
            peer.finish()
        },
        &[USUAL],
    ),
];

/// Answers the first request and waits for the client to close.
fn once(peer: &mut Peer, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    answer_raw(peer, wire::answer(status, headers, body))
}

fn answer_raw(peer: &mut Peer, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    if peer.request()? {
        peer.write(bytes)?;
    }
    peer.hold()
}

fn informed(peer: &mut Peer, before: &str) -> io::Result<()> {
    if peer.request()? {
        peer.write(before)?;
        peer.answer("200 OK", "", usual())?;
    }
    peer.hold()
}

fn redirect(peer: &mut Peer) -> io::Result<()> {
    while peer.request()? {
        let so_far = peer.shared().log().requests.len();
        let (status, body) = match so_far {
            1 => ("301 Moved Permanently", usual()),
            2 => ("302 Found", usual()),
            3 => ("303 See Other", usual()),
            4 => ("307 Temporary Redirect", usual()),
            5 => ("308 Permanent Redirect", usual()),
            _ => ("308 Permanent Redirect", empty()),
        };
        peer.answer(status, "location: /ams/api/v1/elsewhere\r\n", body)?;
    }
    Ok(())
}
