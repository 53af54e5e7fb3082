//! Where an answer ends, and answers that are no HTTP.

use std::io;

use antom_core::call::{Sent, TransportErrorKind as Kind};

use super::case::{Call, Case, Required};
use super::peer::Peer;
use super::wire::{signed, usual};

const USUAL: Call = Call::new(Required::answer(200, usual));
const NO_HTTP: Call = Call::new(Required::failure(&[Kind::Protocol], &[Sent::Maybe]));
const BROKEN_BODY: Call = Call::new(Required::failure(&[Kind::Protocol, Kind::Interrupted], &[Sent::Yes]));

pub(super) const CASES: &[Case] = &[
    Case::new(
        "HTTP/1.0",
        "An answer of HTTP/1.0 that ends with the connection.",
        |peer| end_with(peer, &[format!("HTTP/1.0 200 OK\r\n{}\r\n", signed()).as_bytes(), usual()].concat()),
        &[USUAL],
    ),
    Case::new(
        "no length",
        "An answer that ends with the connection.",
        |peer| end_with(peer, &[head("connection: close\r\n").as_bytes(), usual()].concat()),
        &[USUAL],
    ),
    Case::new(
        "chunked",
        "An answer in chunks, with extensions, cut up in the middle of sizes.",
        |peer| {
            let (first, second) = usual().split_at(7);
            then_hold(
                peer,
                &[
                    [
                        head("transfer-encoding: chunked\r\n").as_bytes(),
                        b"7;a=\"b\"\r\n",
                        first,
                        b"\r\n",
                        b"0",
                    ]
                    .concat(),
                    [format!("00{:X}\r\n", second.len()).as_bytes(), second, b"\r\n0\r\n"].concat(),
                    b"\r\n".to_vec(),
                ],
            )
        },
        &[USUAL],
    ),
    Case::new(
        "chunked trailers",
        "A header of a signed answer comes after the body, where it counts for nothing.",
        |peer| {
            let head = head("transfer-encoding: chunked\r\ntrailer: signature\r\n");
            let size = format!("{:x}\r\n", usual().len());
            let end = b"\r\n0\r\nsignature: forged\r\nclient-id: forged\r\n\r\n";
            then_hold(peer, &[[head.as_bytes(), size.as_bytes(), usual(), end].concat()])
        },
        &[USUAL],
    ),
    Case::new(
        "length and chunks",
        "An answer with a length and in chunks: the chunks count, or it is no answer.",
        |peer| {
            let size = format!("{:x}\r\n", usual().len());
            let head = head("content-length: 3\r\ntransfer-encoding: chunked\r\n");
            then_hold(peer, &[[head.as_bytes(), size.as_bytes(), usual(), b"\r\n0\r\n\r\n"].concat()])
        },
        &[Call::new(Required::answer(200, usual).or(&[Kind::Protocol], &[Sent::Maybe]))],
    ),
    Case::new(
        "two lengths",
        "An answer with two lengths that differ.",
        |peer| {
            then_hold(
                peer,
                &[[head("content-length: 5\r\ncontent-length: 7\r\n").as_bytes(), usual()].concat()],
            )
        },
        &[NO_HTTP],
    ),
    Case::new(
        "length is no number",
        "An answer whose length is `2x`.",
        |peer| then_hold(peer, &[[head("content-length: 2x\r\n").as_bytes(), b"{}"].concat()]),
        &[NO_HTTP],
    ),
    Case::new(
        "chunk size is no number",
        "An answer in chunks, the second without a size.",
        |peer| {
            let head = head("transfer-encoding: chunked\r\n");
            then_hold(peer, &[[head.as_bytes(), b"2\r\n{}\r\nzz\r\n{}\r\n0\r\n\r\n"].concat()])
        },
        &[BROKEN_BODY],
    ),
    Case::new(
        "truncated body",
        "The connection ends before the announced length.",
        |peer| end_with(peer, &[head("content-length: 400\r\n").as_bytes(), usual()].concat()),
        &[BROKEN_BODY],
    ),
    Case::new(
        "truncated chunk",
        "The connection ends in the middle of a chunk.",
        |peer| {
            end_with(peer, &[head("transfer-encoding: chunked\r\n").as_bytes(), b"400\r\n", usual()].concat())
        },
        &[BROKEN_BODY],
    ),
    Case::new(
        "no last chunk",
        "The connection ends between two chunks.",
        |peer| {
            let size = format!("{:x}\r\n", usual().len());
            end_with(
                peer,
                &[head("transfer-encoding: chunked\r\n").as_bytes(), size.as_bytes(), usual(), b"\r\n"]
                    .concat(),
            )
        },
        &[BROKEN_BODY],
    ),
    Case::new(
        "another protocol",
        "The answer is a greeting of SSH.",
        |peer| then_hold(peer, &[b"SSH-2.0-OpenSSH_9.7\r\n\r\n".to_vec()]),
        &[NO_HTTP],
    ),
    Case::new(
        "secure server",
        "The server speaks TLS where the client does not, and answers with an alert.",
        |peer| then_hold(peer, &[b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n".to_vec()]),
        &[NO_HTTP],
    ),
    Case::new(
        "endless head",
        "Header after header, without an end.",
        |peer| {
            if peer.request()? {
                peer.write("HTTP/1.1 200 OK\r\n")?;
                let lines = "x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(100);
                loop {
                    peer.write(&lines)?;
                }
            }
            Ok(())
        },
        &[Call::new(Required::failure(&[Kind::Protocol, Kind::TooLarge], &[Sent::Maybe]))],
    ),
];

/// A head of status 200 of a signed answer, with these lines.
fn head(lines: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{}{lines}\r\n", signed())
}

fn end_with(peer: &mut Peer, bytes: &[u8]) -> io::Result<()> {
    if peer.request()? {
        peer.write(bytes)?;
    }
    peer.finish()
}

/// Sends these pieces, each by itself, and waits for the client to close.
fn then_hold(peer: &mut Peer, pieces: &[Vec<u8>]) -> io::Result<()> {
    if peer.request()? {
        for piece in pieces {
            peer.write(piece)?;
        }
    }
    peer.hold()
}
