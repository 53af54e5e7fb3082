//! Connections that break.

use std::io;

use antom_core::call::{SendOptions, Sent, TransportErrorKind as Kind};

use super::case::{Call, Case, Channel, PATIENT, Required};
use super::peer::Peer;
use super::wire::{large, signed};

const LOST: Call = Call::new(Required::failure(&[Kind::Interrupted], &[Sent::Maybe]));
const CUT_OFF: Call = Call::new(Required::failure(&[Kind::Interrupted], &[Sent::Yes]))
    .within(SendOptions { max_answer: 64 << 20, ..PATIENT });

pub(super) const CASES: &[Case] = &[
    Case::new(
        "nobody there",
        "Nobody listens at the address.",
        |_| Ok(()),
        &[Call::new(Required::failure(&[Kind::Connect], &[Sent::No]))],
    )
    .over(Channel::Nobody),
    Case::new(
        "no such host",
        "The host's name is not known.",
        |_| Ok(()),
        &[Call::new(Required::failure(&[Kind::Connect, Kind::Timeout], &[Sent::No]))],
    )
    .over(Channel::NoName),
    Case::new(
        "reset before the request",
        "The server breaks every connection as soon as it is made.",
        |peer| peer.reset(),
        &[Call::new(Required::failure(&[Kind::Interrupted, Kind::Connect], &[Sent::No, Sent::Maybe]))],
    ),
    Case::new(
        "reset during the request",
        "The server breaks the connection when it has the head and some of the body.",
        |peer| {
            peer.head()?;
            peer.exactly(1 << 10)?;
            peer.reset()
        },
        &[LOST.padded(8 << 20)],
    ),
    Case::new(
        "reset after the request",
        "The server reads the request and breaks the connection.",
        |peer| {
            peer.request()?;
            peer.reset()
        },
        &[LOST],
    ),
    Case::new(
        "closed after the request",
        "The server reads the request and closes the connection without an answer.",
        |peer| {
            peer.request()?;
            peer.finish()
        },
        &[LOST],
    ),
    Case::new(
        "closed in the head",
        "The server closes the connection in the middle of the answer's head.",
        |peer| {
            peer.request()?;
            peer.write(format!("HTTP/1.1 200 OK\r\n{}content-le", signed()))?;
            peer.finish()
        },
        &[LOST],
    ),
    Case::new(
        "reset in the body",
        "The server breaks the connection in the middle of an answer of known length.",
        |peer| broken_body(peer, "content-length: 33554432\r\n\r\n"),
        &[CUT_OFF],
    ),
    Case::new(
        "reset in the chunks",
        "The server breaks the connection in the middle of an answer in chunks.",
        |peer| broken_body(peer, "transfer-encoding: chunked\r\n\r\n2000000\r\n"),
        &[CUT_OFF],
    ),
    Case::new(
        "reset as the end",
        "The server breaks the connection in an answer that would end with the connection.",
        |peer| broken_body(peer, "\r\n"),
        &[CUT_OFF],
    ),
];

/// Sends so much of the body that the client must have read the head, and breaks the connection: what a
/// client did not read before a reset may be lost.
fn broken_body(peer: &mut Peer, framing: &str) -> io::Result<()> {
    peer.request()?;
    peer.write(format!("HTTP/1.1 200 OK\r\n{}{framing}", signed()))?;
    for _ in 0..16 {
        peer.write(large())?;
    }
    peer.reset()
}
