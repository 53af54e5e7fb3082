//! Servers that are slow or send too much.
//!
//! A slow server here is one that stops: it holds the connection until the client gives up, so no case
//! depends on how fast anything is.

use std::io;
use std::time::Duration;

use antom_core::call::{SendOptions, Sent, TransportErrorKind as Kind};

use super::case::{Call, Case, PATIENT, Required};
use super::peer::Peer;
use super::wire::{large, signed, usual};

pub(super) const SHORT_READ: SendOptions = SendOptions { read: Duration::from_millis(300), ..PATIENT };
/// Less than any answer.
pub(super) const TINY: SendOptions = SendOptions { max_answer: 16, ..PATIENT };
/// Long enough for the head of an answer to come in on a busy machine.
const HEAD_IN_TIME: SendOptions = SendOptions { read: Duration::from_millis(1000), ..PATIENT };
const SHORT_TOTAL: SendOptions = SendOptions { total: Duration::from_millis(1000), ..PATIENT };

const UNANSWERED: Required = Required::failure(&[Kind::Timeout], &[Sent::Maybe]);
const UNFINISHED: Required = Required::failure(&[Kind::Timeout], &[Sent::Yes]);
const TOO_LARGE: Call = Call::new(Required::failure(&[Kind::TooLarge], &[Sent::Yes]));

pub(super) const CASES: &[Case] = &[
    Case::new(
        "no answer",
        "The server reads the request and is silent; the limit for reading ends it.",
        |peer| {
            peer.request()?;
            peer.hold()
        },
        &[Call::new(UNANSWERED).within(SHORT_READ)],
    ),
    Case::new(
        "no answer in all",
        "The same; the limit for everything ends it.",
        |peer| {
            peer.request()?;
            peer.hold()
        },
        &[Call::new(UNANSWERED).within(SHORT_TOTAL)],
    ),
    Case::new(
        "request not taken",
        "The server reads nothing of a long request.",
        |peer| peer.shared().wait_for_stop(),
        &[Call::new(UNANSWERED).within(SHORT_READ).padded(24 << 20)],
    ),
    Case::new(
        "slow head",
        "The server stops in the middle of the answer's head.",
        |peer| {
            peer.request()?;
            peer.write(format!("HTTP/1.1 200 OK\r\n{}content-le", signed()))?;
            peer.hold()
        },
        &[Call::new(UNANSWERED).within(SHORT_READ)],
    ),
    Case::new(
        "slow body",
        "The server stops in the middle of the answer's body.",
        |peer| {
            peer.request()?;
            peer.write(format!("HTTP/1.1 200 OK\r\n{}content-length: 400\r\n\r\n", signed()))?;
            peer.write(usual())?;
            peer.hold()
        },
        &[Call::new(UNFINISHED).within(HEAD_IN_TIME)],
    ),
    Case::new(
        "slow chunks",
        "The server stops between two chunks.",
        |peer| {
            peer.request()?;
            peer.write(format!(
                "HTTP/1.1 200 OK\r\n{}transfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n",
                signed()
            ))?;
            peer.hold()
        },
        &[Call::new(UNFINISHED).within(HEAD_IN_TIME)],
    ),
    Case::new(
        "drip of the body",
        "The body comes byte by byte, each in time for the limit for reading but not for the one for everything.",
        |peer| {
            peer.request()?;
            peer.write(format!("HTTP/1.1 200 OK\r\n{}content-length: 400000\r\n\r\n", signed()))?;
            drip(peer, "x")
        },
        &[Call::new(UNFINISHED).within(SHORT_TOTAL)],
    ),
    Case::new(
        "drip of the head",
        "The same with the answer's head.",
        |peer| {
            peer.request()?;
            peer.write("HTTP/1.1 200 OK\r\nx-filler: ")?;
            drip(peer, "x")
        },
        &[Call::new(UNANSWERED).within(SHORT_TOTAL)],
    ),
    Case::new(
        "endless 100-continue",
        "The server says 100 Continue again and again.",
        |peer| {
            peer.request()?;
            drip(peer, "HTTP/1.1 100 Continue\r\n\r\n")
        },
        &[Call::new(UNANSWERED).within(SHORT_TOTAL)],
    ),
    Case::new(
        "oversized",
        "The announced length is beyond the limit.",
        |peer| {
            peer.request()?;
            peer.write(format!("HTTP/1.1 200 OK\r\n{}content-length: 99000000000\r\n\r\n", signed()))?;
            peer.hold()
        },
        &[TOO_LARGE],
    ),
    Case::new(
        "oversized by one",
        "The answer is one byte longer than the limit.",
        |peer| {
            peer.request()?;
            peer.answer("200 OK", "", usual())?;
            peer.hold()
        },
        &[
            // `usual()` has 63 bytes.
            TOO_LARGE.within(SendOptions { max_answer: 62, ..PATIENT }),
        ],
    ),
    Case::new(
        "as large as allowed",
        "The answer is exactly as long as the limit.",
        |peer| {
            peer.request()?;
            peer.answer("200 OK", "", usual())?;
            peer.hold()
        },
        &[Call::new(Required::answer(200, usual)).within(SendOptions { max_answer: 63, ..PATIENT })],
    ),
    Case::new(
        "endless chunks",
        "Chunk after chunk, without an end.",
        |peer| {
            peer.request()?;
            peer.write(format!("HTTP/1.1 200 OK\r\n{}transfer-encoding: chunked\r\n\r\n", signed()))?;
            let chunk = [format!("{:x}\r\n", large().len()).as_bytes(), large(), b"\r\n"].concat();
            loop {
                peer.write(&chunk)?;
            }
        },
        &[TOO_LARGE],
    ),
    Case::new(
        "endless answer",
        "An answer that would end with the connection, which does not end.",
        |peer| {
            peer.request()?;
            peer.write(format!("HTTP/1.1 200 OK\r\n{}\r\n", signed()))?;
            loop {
                peer.write(large())?;
            }
        },
        &[TOO_LARGE],
    ),
];

/// Sends the same again and again until the client has enough.
fn drip(peer: &mut Peer, drop: &str) -> io::Result<()> {
    loop {
        peer.write(drop)?;
        if !peer.pause(Duration::from_millis(20))? {
            return Ok(());
        }
    }
}
