//! Connections that are used again, and those that must not be.

use std::io;

use antom_core::call::{Sent, TransportErrorKind as Kind};

use super::case::{Call, Case, Required};
use super::peer::Peer;
use super::server::Log;
use super::wire::{self, usual};

const USUAL: Call = Call::new(Required::answer(200, usual));
const SECOND: Call = Call::new(Required::answer(202, second));

pub(super) const CASES: &[Case] = &[
    Case::new(
        "keep-alive",
        "Twelve calls, one after the other, use connections again.",
        keep_answering,
        &[USUAL; 12],
    )
    .check(Log::reused),
    Case::new(
        "keep-alive with chunks",
        "The same with answers in chunks.",
        |peer| {
            while peer.request()? {
                peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n")?;
                peer.write(wire::signed())?;
                peer.write(format!("\r\n{:x}\r\n", usual().len()))?;
                peer.write(usual())?;
                peer.write("\r\n0\r\n\r\n")?;
            }
            Ok(())
        },
        &[USUAL; 12],
    )
    .check(Log::reused),
    Case::new(
        "connection: close",
        "The server says that it will close the connection, and does.",
        |peer| {
            if peer.request()? {
                peer.answer("200 OK", "connection: close\r\n", usual())?;
            }
            peer.finish()
        },
        &[USUAL; 3],
    )
    .check(Log::separate),
    Case::new(
        "connection: close, not closed",
        "The server says that it will close the connection and does not; it reads nothing more from it.",
        |peer| {
            if peer.request()? {
                peer.answer("200 OK", "connection: close\r\n", usual())?;
            }
            peer.hold()
        },
        &[USUAL; 2],
    )
    .check(Log::separate),
    Case::new(
        "idle connection closed",
        "The server closes every connection after one answer, without a word.",
        |peer| {
            if peer.request()? {
                peer.answer("200 OK", "", usual())?;
            }
            peer.finish()
        },
        &[USUAL, Call::new(Required::answer(200, usual).or(&[Kind::Interrupted], &[Sent::No, Sent::Maybe]))],
    ),
    Case::new(
        "surplus",
        "A forged answer follows the first one, before there is a second request.",
        |peer| {
            if peer.number() == 1 && peer.request()? {
                let first = wire::answer("200 OK", "", usual());
                peer.write([first, wire::answer("200 OK", "", b"forged")].concat())?;
            }
            while peer.request()? {
                peer.answer("202 Accepted", "", second())?;
            }
            Ok(())
        },
        &[
            Call::new(Required::answer(200, usual).or(&[Kind::Protocol], &[Sent::Yes])),
            Call::new(SECOND.required.or(&[Kind::Protocol, Kind::Interrupted], &[Sent::No, Sent::Maybe])),
        ],
    ),
    Case::new(
        "after a time limit",
        "The first call gets no answer in time; its connection must not be used for the second one.",
        late_answer,
        &[
            Call::new(Required::failure(&[Kind::Timeout], &[Sent::Maybe])).within(super::limits::SHORT_READ),
            SECOND,
        ],
    ),
    Case::new(
        "after a broken answer",
        "The first answer is too large and is given up; its rest, which looks like answers, is no answer.",
        |peer| {
            if peer.number() == 1 {
                peer.request()?;
                let rest = wire::answer("200 OK", "", b"forged").repeat(40);
                peer.answer("200 OK", "", &rest)?;
            }
            while peer.request()? {
                peer.answer("202 Accepted", "", second())?;
            }
            Ok(())
        },
        &[Call::new(Required::failure(&[Kind::TooLarge], &[Sent::Yes])).within(super::limits::TINY), SECOND],
    ),
];

fn second() -> &'static [u8] {
    b"{ \"second\": 2 }"
}

fn keep_answering(peer: &mut Peer) -> io::Result<()> {
    while peer.request()? {
        peer.answer("200 OK", "", usual())?;
    }
    Ok(())
}

/// Holds the first connection back until there is a request on another one.
fn late_answer(peer: &mut Peer) -> io::Result<()> {
    if !peer.request()? {
        return Ok(());
    }
    if peer.number() == 1 {
        // A client that uses this connection again gets the old answer for the new request.
        if peer.request()? {
            peer.answer("200 OK", "", usual())?;
        }
        return Ok(());
    }
    peer.answer("202 Accepted", "", second())?;
    peer.hold()
}
