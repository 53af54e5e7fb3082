//! Delivers notifications: to this machine and to named hosts only, without following redirects.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

#[cfg(feature = "tls")]
use super::trust::Trust;
use crate::engine::{Delivery, DeliveryResult};

/// How long a merchant may take to acknowledge.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How much of an acknowledgement is read.
const MAX_ANSWER: usize = 64 * 1024;

/// Where notifications may go, and whom they trust there.
#[derive(Debug)]
pub(super) struct Targets {
    /// The hosts beside the loopback, by their names or addresses.
    pub(super) hosts: Vec<String>,
    #[cfg(feature = "tls")]
    pub(super) trust: Trust,
}

/// Why a delivery reached nobody.
#[derive(Debug, thiserror::Error)]
enum Unreached {
    #[error("the notification's URL cannot be read")]
    Url,
    #[error("the notification's URL must begin with {}", if cfg!(feature = "tls") { "http:// or https://" } else { "http://" })]
    Scheme,
    #[error(
        "{0} is not this machine; to let notifications go there, start the sandbox with --allow-notify {0} (`notify_hosts`)"
    )]
    NotNamed(String),
    #[error("looking up {0}: {1}")]
    Lookup(String, io::Error),
    #[error("{0} stands for no address that notifications may go to")]
    Special(String),
    #[error("connecting to {0}: {1}")]
    Connect(String, io::Error),
    #[cfg(feature = "tls")]
    #[error(
        "agreeing on TLS with {0}: {1}; an authority of your own is trusted with --notify-ca (`notify_ca`)"
    )]
    Tls(String, io::Error),
    #[error("the connection broke before an answer, or the answer is too long")]
    Broken,
    #[error("there was no answer in {} seconds", TIMEOUT.as_secs())]
    Late,
}

/// Makes one delivery; what it came to, and what the merchant's server said or why nobody was reached. Whatever goes
/// wrong is a result: it will be delivered again.
pub(super) async fn deliver(delivery: &Delivery, targets: &Targets) -> (DeliveryResult, String) {
    let sent = tokio::time::timeout(TIMEOUT, send(delivery, targets)).await.unwrap_or(Err(Unreached::Late));
    match sent {
        Ok((status, body)) => {
            (DeliveryResult::judge(status, &body), String::from_utf8_lossy(&body).into_owned())
        }
        Err(unreached) => (DeliveryResult::Unreachable, unreached.to_string()),
    }
}

async fn send(delivery: &Delivery, targets: &Targets) -> Result<(u16, Bytes), Unreached> {
    let uri: Uri = delivery.url.parse().map_err(|_| Unreached::Url)?;
    let host = uri.host().ok_or(Unreached::Url)?;
    match uri.scheme_str() {
        Some("http") => {
            exchange(dial(host, uri.port_u16().unwrap_or(80), targets).await?, &uri, delivery).await
        }
        #[cfg(feature = "tls")]
        Some("https") => {
            let stream = dial(host, uri.port_u16().unwrap_or(443), targets).await?;
            let secure = targets.trust.connect(literal(host), stream).await;
            exchange(secure.map_err(|error| Unreached::Tls(host.into(), error))?, &uri, delivery).await
        }
        _ => Err(Unreached::Scheme),
    }
}

/// One request and its answer. The connection lives as long as the exchange: nothing is left running behind.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    uri: &Uri,
    delivery: &Delivery,
) -> Result<(u16, Bytes), Unreached> {
    let connected = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = connected.map_err(|_| Unreached::Broken)?;
    let mut request = Request::post(uri.path_and_query().map_or("/", |target| target.as_str()))
        .header(header::HOST, host_header(uri));
    for (name, value) in &delivery.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(delivery.body.clone())).map_err(|_| Unreached::Url)?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(|_| Unreached::Broken)?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
        Ok((status, body.map_err(|_| Unreached::Broken)?.to_bytes()))
    };
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        _ = connection => exchange.await,
    }
}

/// Host and port as the URL writes them; never a name and a password that stand before.
fn host_header(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    uri.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Connects to a loopback address, or to what a named host stands for. What is checked is what is dialled: a name is
/// looked up once.
async fn dial(host: &str, port: u16, targets: &Targets) -> Result<TcpStream, Unreached> {
    let mut addresses = loopback(host);
    if addresses.is_empty() {
        if !targets.hosts.iter().any(|known| literal(known).eq_ignore_ascii_case(literal(host))) {
            return Err(Unreached::NotNamed(host.into()));
        }
        let found = tokio::net::lookup_host((literal(host), port)).await;
        let found = found.map_err(|error| Unreached::Lookup(host.into(), error))?;
        addresses = found.map(|address| address.ip()).filter(may_be_dialled).collect();
    }
    let mut failed = Unreached::Special(host.into());
    for address in addresses {
        match TcpStream::connect(SocketAddr::new(address, port)).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = Unreached::Connect(format!("{host}:{port}"), error),
        }
    }
    Err(failed)
}

/// A host without the brackets of an IPv6 address.
fn literal(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// Whether a named host may stand for this address: not for every address at once, for what only the link knows,
/// which is where clouds keep their secrets, or for many machines.
fn may_be_dialled(address: &IpAddr) -> bool {
    match carried(address) {
        IpAddr::V4(address) => {
            !(address.is_unspecified()
                || address.is_link_local()
                || address.is_multicast()
                || address.is_broadcast())
        }
        IpAddr::V6(address) => {
            // What a translator of one's own makes of its prefix is not known here.
            let own_nat64 = address.segments().starts_with(&[0x64, 0xff9b, 1]);
            !(own_nat64
                || address.is_unspecified()
                || address.is_unicast_link_local()
                || address.is_multicast())
        }
    }
}

/// The address that a packet ends up at: IPv4 addresses travel within those of IPv6, mapped, by a translator (NAT64),
/// or through a tunnel (6to4, and the compatible form of old).
fn carried(address: &IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return *address };
    let pair = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match six.segments() {
        // `::` and `::1` are addresses of their own.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => *address,
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => pair(high, low),
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x2002, high, low, ..] => pair(high, low),
        _ => *address,
    }
}

/// The loopback addresses that a host stands for; none for any other host.
fn loopback(host: &str) -> Vec<IpAddr> {
    if host.eq_ignore_ascii_case("localhost") {
        return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    }
    literal(host).parse::<IpAddr>().into_iter().filter(IpAddr::is_loopback).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_dialled() {
        for good in ["127.0.0.1", "127.9.9.9", "[::1]", "localhost", "LocalHost"] {
            assert!(!loopback(good).is_empty(), "{good}");
        }
        for bad in [
            "0.0.0.0",
            "[::]",
            "[::ffff:127.0.0.1]",
            "169.254.169.254",
            "10.0.0.1",
            "example.com",
            "127.0.0.1.example.com",
            "2130706433",
            "",
        ] {
            assert!(loopback(bad).is_empty(), "{bad}");
        }
    }

    #[test]
    fn a_named_host_stands_for_no_special_address() {
        let may = |text: &str| may_be_dialled(&text.parse().unwrap());
        for good in [
            "127.0.0.1",
            "10.0.0.7",
            "192.168.1.2",
            "203.0.113.9",
            "::1",
            "2001:db8::1",
            "fd00::1",
            "64:ff9b::203.0.113.9",
            "2002:cb00:7109::1",
        ] {
            assert!(may(good), "{good}");
        }
        for bad in [
            "0.0.0.0",
            "::",
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "::ffff:0.0.0.0",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "fe80::1",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
        ] {
            assert!(!may(bad), "{bad}");
        }
    }

    fn targets(hosts: &[&str]) -> Targets {
        Targets {
            hosts: hosts.iter().map(ToString::to_string).collect(),
            #[cfg(feature = "tls")]
            trust: Trust::new(None).unwrap(),
        }
    }

    #[tokio::test]
    async fn other_hosts_are_dialled_only_when_named() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // A name that every machine has for its loopback address, and that is no literal.
        let refused = dial("LOCALHOST.", port, &targets(&[])).await;
        assert!(matches!(refused, Err(Unreached::NotNamed(_))), "{refused:?}");
        let found =
            tokio::net::lookup_host(("localhost.", port)).await.is_ok_and(|mut found| found.next().is_some());
        assert_eq!(dial("LOCALHOST.", port, &targets(&["localhost."])).await.is_ok(), found);
        let special = dial("0.0.0.0", port, &targets(&["0.0.0.0"])).await;
        assert!(matches!(special, Err(Unreached::Special(_))), "{special:?}");
        let special = dial("[::ffff:169.254.169.254]", port, &targets(&["::ffff:169.254.169.254"])).await;
        assert!(matches!(special, Err(Unreached::Special(_))), "{special:?}");
    }

    #[test]
    fn the_host_header_holds_no_password() {
        for (url, host) in [
            ("http://me:word@127.0.0.1:8080/x", "127.0.0.1:8080"),
            ("http://localhost/x", "localhost"),
            ("http://[::1]:80/", "[::1]:80"),
        ] {
            assert_eq!(host_header(&url.parse().unwrap()), host);
        }
    }
}
