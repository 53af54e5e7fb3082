//! A proxy between the transport and the gateway, and the cases about it.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use antom_core::call::{SendOptions, Sent, TransportErrorKind as Kind};

use super::case::{Call, Case, Channel, PATIENT, Required};
use super::peer::{Peer, header};
use super::server::Log;
use super::tls::Identity;
use super::wire::usual;

/// What stands between the transport and the gateway.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Proxy {
    /// Nothing.
    None,
    /// A proxy that opens tunnels.
    Tunnel,
    /// A proxy that opens tunnels to those who know the password.
    Password,
    /// A proxy that opens no tunnel.
    Refuses,
    /// A proxy that never answers.
    Silent,
    /// An address at which no proxy listens.
    Nobody,
}

const SECURE: Channel = Channel::Tls(Identity::Good);

pub(super) const CASES: &[Case] = &[
    Case::new(
        "proxy",
        "The gateway is reached through a tunnel of the proxy that was set.",
        keep_answering,
        &[Call::new(Required::answer(200, usual)), Call::new(Required::answer(200, usual))],
    )
    .over(SECURE)
    .through(Proxy::Tunnel),
    Case::new(
        "proxy password",
        "The proxy wants the password in its URL, which is not for the gateway.",
        keep_answering,
        &[Call::new(Required::answer(200, usual))],
    )
    .over(SECURE)
    .through(Proxy::Password),
    Case::new(
        "proxy refuses",
        "The proxy opens no tunnel.",
        keep_answering,
        &[Call::new(Required::failure(&[Kind::Connect], &[Sent::No]))],
    )
    .over(SECURE)
    .through(Proxy::Refuses),
    Case::new(
        "proxy silent",
        "The proxy never answers.",
        keep_answering,
        &[Call::new(Required::failure(&[Kind::Timeout], &[Sent::No]))
            .within(SendOptions { connect: Duration::from_millis(300), ..PATIENT })],
    )
    .over(SECURE)
    .through(Proxy::Silent),
    Case::new(
        "proxy absent",
        "Nobody listens at the proxy's address.",
        keep_answering,
        &[Call::new(Required::failure(&[Kind::Connect], &[Sent::No]))],
    )
    .over(SECURE)
    .through(Proxy::Nobody),
];

fn keep_answering(peer: &mut Peer) -> io::Result<()> {
    while peer.request()? {
        peer.answer("200 OK", "", usual())?;
    }
    Ok(())
}

impl Proxy {
    /// The proxy's URL, at this address.
    pub(super) fn url(self, address: impl std::fmt::Display) -> String {
        match self {
            Self::Password => format!("http://user:word@{address}"),
            _ => format!("http://{address}"),
        }
    }

    /// One connection to the proxy.
    pub(super) fn serve(self, mut peer: Peer) -> io::Result<()> {
        let Some(head) = peer.head()? else { return Ok(()) };
        let target =
            head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        let target = target.to_owned();
        let known = header(&head, "proxy-authorization") == Some("Basic dXNlcjp3b3Jk");
        peer.note(head, Vec::new());
        match self {
            Self::Silent => peer.hold(),
            Self::Tunnel => tunnel(peer, &target),
            Self::Password if known => tunnel(peer, &target),
            _ => {
                peer.write("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")?;
                peer.finish()
            }
        }
    }

    /// What must hold of the two sides afterwards.
    pub(super) fn check(self, proxy: &Log, gateway: &Log, target: &str) -> Result<(), String> {
        let connect = format!("CONNECT {target} HTTP/1.1\r\n");
        if self != Self::Nobody && !proxy.requests.iter().all(|seen| seen.head.starts_with(&connect)) {
            return Err("the proxy was asked for something else than a tunnel to the gateway".into());
        }
        if self != Self::Nobody && proxy.requests.is_empty() {
            return Err("the proxy was not asked".into());
        }
        if matches!(self, Self::Refuses | Self::Silent | Self::Nobody) && gateway.connections > 0 {
            return Err("the gateway was reached past the proxy".into());
        }
        if gateway.requests.iter().any(|seen| header(&seen.head, "proxy-authorization").is_some()) {
            return Err("the gateway was told the proxy's password".into());
        }
        Ok(())
    }
}

fn tunnel(mut peer: Peer, target: &str) -> io::Result<()> {
    if !target.starts_with("127.0.0.1:") {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let upstream = peer.shared().track(TcpStream::connect(target)?)?;
    peer.write("HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (back, client) = (upstream.clone(), peer.stream().clone());
    peer.shared().clone().spawn(move || copy(&back, &client));
    copy(peer.stream(), &upstream);
    Ok(())
}

fn copy(from: &Arc<TcpStream>, to: &Arc<TcpStream>) {
    let (mut source, mut sink): (&TcpStream, &TcpStream) = (from, to);
    let _ = io::copy(&mut source, &mut sink);
    let _ = sink.flush();
    let _ = to.shutdown(Shutdown::Write);
}
