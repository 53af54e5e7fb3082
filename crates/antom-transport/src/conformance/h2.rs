//! HTTP/2, offered beside HTTP/1.1: a stack that has it should choose it, one that has not gets the same in
//! HTTP/1.1.

use std::io;

use antom_core::call::{Sent, TransportErrorKind as Kind};

use super::case::{Call, Case, Channel, Required, SIGNED};
use super::peer::Peer;
use super::wire::{self, signed, usual};

const USUAL: Call = Call::new(Required::answer(200, usual));
/// The server said that it will not act on the request, or the stack did not pass that on.
const TURNED_DOWN: Call =
    Call::new(Required::failure(&[Kind::Interrupted, Kind::Protocol], &[Sent::No, Sent::Maybe]));

pub(super) const CASES: &[Case] = &[
    Case::new("HTTP/2", "Three calls use one connection.", |peer| serve(peer, answer), &[USUAL; 3])
        .over(Channel::Http2)
        .check(|log| match log.used() {
            1 => Ok(()),
            count => Err(format!("the calls used {count} connections instead of 1")),
        }),
    Case::new(
        "HTTP/2 demanded",
        "The request is bound to HTTP/2.",
        |peer| serve(peer, answer),
        &[USUAL.in_session()],
    )
    .over(Channel::Http2)
    .check(|log| match log.requests.iter().all(|seen| seen.head.is_empty()) {
        true => Ok(()),
        false => Err("the request came with HTTP/1.1".into()),
    }),
    Case::new(
        "HTTP/2 demanded in vain",
        "The request is bound to HTTP/2, and the server has HTTP/1.1 only.",
        |peer| serve(peer, answer),
        &[Call::new(Required::failure(&[Kind::Unsupported], &[Sent::No])).in_session()],
    ),
    Case::new(
        "HTTP/2 no answer",
        "The server reads the request and is silent.",
        |peer| serve(peer, |_, _| Ok(true)),
        &[Call::new(Required::failure(&[Kind::Timeout], &[Sent::Maybe])).within(super::limits::SHORT_READ)],
    )
    .over(Channel::Http2),
    Case::new(
        "HTTP/2 stream reset",
        "The server gives the stream up with an internal error.",
        |peer| serve(peer, |peer, stream| reset_stream(peer, stream, 2)),
        &[Call::new(Required::failure(&[Kind::Interrupted, Kind::Protocol], &[Sent::Maybe]))],
    )
    .over(Channel::Http2),
    Case::new(
        "HTTP/2 stream refused",
        "The server refuses the stream.",
        |peer| serve(peer, |peer, stream| reset_stream(peer, stream, 7)),
        &[TURNED_DOWN],
    )
    .over(Channel::Http2),
    Case::new(
        "HTTP/2 goaway",
        "The server says that it has acted on no request, and closes the connection.",
        |peer| serve(peer, go_away),
        &[TURNED_DOWN],
    )
    .over(Channel::Http2),
    Case::new(
        "HTTP/2 reset in the body",
        "The server gives the stream up in the middle of the answer.",
        |peer| serve(peer, |peer, stream| half_an_answer(peer, stream, false)),
        &[Call::new(Required::failure(&[Kind::Interrupted, Kind::Protocol], &[Sent::Yes]))],
    )
    .over(Channel::Http2),
    Case::new(
        "HTTP/2 truncated body",
        "The stream ends before the announced length.",
        |peer| serve(peer, |peer, stream| half_an_answer(peer, stream, true)),
        &[Call::new(Required::failure(&[Kind::Interrupted, Kind::Protocol], &[Sent::Yes]))],
    )
    .over(Channel::Http2),
];

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

/// What is done about one request; `false` ends the connection. Stream 0 is a request of HTTP/1.1.
type Act = fn(&mut Peer, u32) -> io::Result<bool>;

/// Reads requests, in whichever of the two protocols, and acts on each.
fn serve(peer: &mut Peer, act: Act) -> io::Result<()> {
    if !peer.is_http2() {
        while peer.request()? {
            if !act(peer, 0)? {
                break;
            }
        }
        return Ok(());
    }
    // The client's preface; it is the same for everybody.
    peer.exactly(24)?;
    send(peer, SETTINGS, 0, 0, &[])?;
    let mut body = Vec::new();
    loop {
        let head = peer.exactly(9)?;
        let &[a, b, c, kind, flags, w, x, y, z] = head.as_slice() else { return Ok(()) };
        let stream = u32::from_be_bytes([w & 0x7f, x, y, z]);
        let payload = peer.exactly(u32::from_be_bytes([0, a, b, c]) as usize)?;
        match kind {
            SETTINGS if flags & ACK == 0 => send(peer, SETTINGS, ACK, 0, &[])?,
            PING if flags & ACK == 0 => send(peer, PING, ACK, 0, &payload)?,
            DATA => body.extend_from_slice(&payload),
            _ => {}
        }
        if matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
            // The head is compressed, and reading it is not what the suite is about.
            peer.note(String::new(), std::mem::take(&mut body));
            if !act(peer, stream)? {
                return peer.finish();
            }
        }
    }
}

fn send(peer: &mut Peer, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
    let [_, a, b, c] = u32::try_from(payload.len()).unwrap_or_default().to_be_bytes();
    peer.write([&[a, b, c, kind, flags], &stream.to_be_bytes()[..], payload].concat())
}

/// A head of status 200 of a signed answer, with this length, as literals that no table remembers.
fn head(length: usize) -> Vec<u8> {
    let mut block = vec![0x88];
    let mut field = |name: &str, value: &str| {
        block.push(0);
        for text in [name, value] {
            // Shorter than 127 bytes, all of them.
            block.push(u8::try_from(text.len()).unwrap_or_default());
            block.extend_from_slice(text.as_bytes());
        }
    };
    for (name, value) in SIGNED {
        field(name.as_str(), value);
    }
    field("content-length", &length.to_string());
    block
}

fn answer(peer: &mut Peer, stream: u32) -> io::Result<bool> {
    if stream == 0 {
        peer.write(wire::answer("200 OK", "", usual()))?;
        return Ok(true);
    }
    send(peer, HEADERS, END_HEADERS, stream, &head(usual().len()))?;
    send(peer, DATA, END_STREAM, stream, usual())?;
    Ok(true)
}

fn reset_stream(peer: &mut Peer, stream: u32, code: u32) -> io::Result<bool> {
    if stream == 0 {
        peer.reset()?;
        return Ok(false);
    }
    send(peer, RST_STREAM, 0, stream, &code.to_be_bytes())?;
    Ok(true)
}

fn go_away(peer: &mut Peer, stream: u32) -> io::Result<bool> {
    if stream != 0 {
        send(peer, GOAWAY, 0, 0, &[0; 8])?;
    }
    Ok(false)
}

fn half_an_answer(peer: &mut Peer, stream: u32, ends: bool) -> io::Result<bool> {
    if stream == 0 {
        peer.write(format!("HTTP/1.1 200 OK\r\n{}content-length: 400\r\n\r\n", signed()))?;
        peer.write(usual())?;
        peer.finish()?;
        return Ok(false);
    }
    send(peer, HEADERS, END_HEADERS, stream, &head(400))?;
    send(peer, DATA, if ends { END_STREAM } else { 0 }, stream, usual())?;
    if !ends {
        send(peer, RST_STREAM, 0, stream, &2_u32.to_be_bytes())?;
    }
    Ok(true)
}

#[cfg(test)]
#[cfg(all(feature = "hyper", feature = "reqwest"))]
mod tests {
    use std::sync::Arc;

    use antom_core::call::SendOptions;

    use super::super::play::request;
    use super::super::server::{Log, Server};
    use super::super::tls::{Authority, Identity};
    use super::*;
    use crate::{HyperTransport, ReqwestTransport, Transport};

    /// What a server that has HTTP/2 saw of one call.
    async fn seen<T: Transport>(make: impl Fn(&str) -> T) -> Log {
        let authority = Authority::new().unwrap();
        let tls = authority.server(Identity::Good, true, &[b"h2", b"http/1.1"]).unwrap();
        let server = Server::start(Some(tls), Arc::new(|mut peer| serve(&mut peer, answer))).unwrap();
        let transport = make(authority.root());
        let request = request(&format!("https://{}", server.address()), 0, 0).unwrap();
        transport.send(request, &SendOptions::DEFAULT).await.unwrap();
        server.stop()
    }

    #[tokio::test]
    async fn stacks_that_have_it_choose_it() {
        let hyper =
            seen(|root| HyperTransport::builder().extra_roots(root).no_proxy().build().unwrap()).await;
        let reqwest =
            seen(|root| ReqwestTransport::builder().extra_roots(root).no_proxy().build().unwrap()).await;
        for log in [hyper, reqwest] {
            assert_eq!(log.requests.len(), 1);
            assert!(
                log.requests[0].head.is_empty(),
                "a request of HTTP/1.1 came: {:?}",
                log.requests[0].head
            );
        }
    }
}
