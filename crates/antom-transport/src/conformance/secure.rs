//! Secure channels: good ones, and those that must not be trusted.

use std::io;
use std::time::Duration;

use antom_core::call::{SendOptions, Sent, TransportErrorKind as Kind};

use super::case::{Call, Case, Channel, PATIENT, Required};
use super::peer::Peer;
use super::server::Log;
use super::tls::Identity;
use super::wire::{signed, usual};

const USUAL: Call = Call::new(Required::answer(200, usual));
const REFUSED: Call = Call::new(Required::failure(&[Kind::Tls], &[Sent::No]));
const GOOD: Channel = Channel::Tls(Identity::Good);

pub(super) const CASES: &[Case] = &[
    Case::new(
        "TLS",
        "Twelve calls over secure channels, which are used again.",
        keep_answering,
        &[USUAL; 12],
    )
    .over(GOOD)
    .check(Log::reused),
    Case::new("TLS 1.2", "The server speaks TLS 1.2 at most.", keep_answering, &[USUAL]).over(Channel::Tls12),
    Case::new(
        "unknown issuer",
        "The certificate is from a root that is not trusted.",
        keep_answering,
        &[REFUSED],
    )
    .over(Channel::Tls(Identity::UnknownIssuer)),
    Case::new("wrong name", "The certificate is for another host.", keep_answering, &[REFUSED])
        .over(Channel::Tls(Identity::OtherName)),
    Case::new("expired", "The certificate is no longer valid.", keep_answering, &[REFUSED])
        .over(Channel::Tls(Identity::Expired)),
    Case::new("not yet valid", "The certificate is not valid yet.", keep_answering, &[REFUSED])
        .over(Channel::Tls(Identity::Future)),
    Case::new("TLS 1.1", "The server chooses TLS 1.1.", tls11, &[REFUSED]).over(Channel::Bare),
    Case::new(
        "no TLS",
        "The server speaks HTTP where TLS is expected.",
        |peer| {
            greeting(peer)?;
            peer.answer("400 Bad Request", "connection: close\r\n", usual())?;
            watch(peer)
        },
        &[REFUSED],
    )
    .over(Channel::Bare),
    Case::new(
        "silent handshake",
        "The server reads the greeting and is silent; the limit for connecting ends it.",
        watch,
        &[Call::new(Required::failure(&[Kind::Timeout], &[Sent::No]))
            .within(SendOptions { connect: Duration::from_millis(300), ..PATIENT })],
    )
    .over(Channel::Bare),
    Case::new(
        "closed handshake",
        "The server reads the greeting and closes the connection.",
        |peer| {
            greeting(peer)?;
            peer.finish()
        },
        &[Call::new(Required::failure(&[Kind::Tls, Kind::Connect, Kind::Interrupted], &[Sent::No]))],
    )
    .over(Channel::Bare),
    Case::new(
        "reset handshake",
        "The server reads the greeting and breaks the connection.",
        |peer| {
            greeting(peer)?;
            peer.reset()
        },
        &[Call::new(Required::failure(&[Kind::Tls, Kind::Connect, Kind::Interrupted], &[Sent::No]))],
    )
    .over(Channel::Bare),
    Case::new(
        "TLS, reset after the request",
        "The server reads the request and breaks the connection.",
        |peer| {
            peer.request()?;
            peer.reset()
        },
        &[Call::new(Required::failure(&[Kind::Interrupted], &[Sent::Maybe]))],
    )
    .over(GOOD),
    Case::new(
        "TLS, closed as the end",
        "An answer ends with the secure channel, which is closed as it should be.",
        |peer| {
            peer.request()?;
            peer.write([format!("HTTP/1.1 200 OK\r\n{}\r\n", signed()).as_bytes(), usual()].concat())?;
            peer.finish()
        },
        &[USUAL],
    )
    .over(GOOD),
    Case::new(
        "TLS, cut off as the end",
        "The same, but somebody cut the connection: nobody knows whether the answer is whole.",
        |peer| {
            peer.request()?;
            peer.write([format!("HTTP/1.1 200 OK\r\n{}\r\n", signed()).as_bytes(), usual()].concat())?;
            peer.cut()
        },
        &[Call::new(Required::failure(&[Kind::Interrupted, Kind::Tls], &[Sent::Yes]))],
    )
    .over(GOOD),
    Case::new(
        "TLS, cut off after the answer",
        "The connection is cut after an answer of known length, which is whole.",
        |peer| {
            peer.request()?;
            peer.answer("200 OK", "", usual())?;
            peer.cut()
        },
        &[USUAL],
    )
    .over(GOOD),
];

fn keep_answering(peer: &mut Peer) -> io::Result<()> {
    while peer.request()? {
        peer.answer("200 OK", "", usual())?;
    }
    Ok(())
}

/// Reads the client's first record.
fn greeting(peer: &mut Peer) -> io::Result<()> {
    let header = peer.exactly(5)?;
    let length = header.get(3..5).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_be_bytes);
    peer.exactly(length.into())?;
    Ok(())
}

/// Answers the greeting with one of TLS 1.1.
fn tls11(peer: &mut Peer) -> io::Result<()> {
    greeting(peer)?;
    // A record with a ServerHello: version, 32 bytes of randomness, no session, AES128-SHA, no compression.
    let mut hello = b"\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02".to_vec();
    hello.extend_from_slice(&[0x5a; 32]);
    hello.extend_from_slice(b"\x00\x00\x2f\x00");
    peer.write(hello)?;
    watch(peer)
}

/// Waits for the client to close the connection, and notes anything but an alert or a greeting that it
/// sends: records of application data begin with 23, requests in plain text with a letter.
fn watch(peer: &mut Peer) -> io::Result<()> {
    loop {
        let header = peer.exactly(5)?;
        let &[kind, _, _, high, low] = header.as_slice() else { return Ok(()) };
        if !matches!(kind, 20..=22) {
            peer.shared().log().leaked = true;
            return Ok(());
        }
        peer.exactly(u16::from_be_bytes([high, low]).into())?;
    }
}
