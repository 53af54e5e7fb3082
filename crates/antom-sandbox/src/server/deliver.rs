//! Delivers notifications: plain HTTP, this machine and named hosts only, no redirects.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::engine::{Delivery, DeliveryResult};

/// How long a merchant may take to acknowledge.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How much of an acknowledgement is read.
const MAX_ANSWER: usize = 64 * 1024;

/// Makes one delivery; what it came to, and what the merchant's server said. Whatever goes wrong is a result: it
/// will be delivered again.
pub(super) async fn deliver(delivery: &Delivery, hosts: &[String]) -> (DeliveryResult, String) {
    match tokio::time::timeout(TIMEOUT, send(delivery, hosts)).await {
        Ok(Some((status, body))) => {
            (DeliveryResult::judge(status, &body), String::from_utf8_lossy(&body).into_owned())
        }
        Ok(None) | Err(_) => (DeliveryResult::Unreachable, String::new()),
    }
}

async fn send(delivery: &Delivery, hosts: &[String]) -> Option<(u16, Bytes)> {
    let uri: Uri = delivery.url.parse().ok()?;
    let stream = dial(&uri, hosts).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    let mut request = Request::post(uri.path_and_query().map_or("/", |target| target.as_str()))
        .header(header::HOST, uri.authority()?.as_str());
    for (name, value) in &delivery.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(delivery.body.clone())).ok()?;
    let exchange = async {
        let response = sender.send_request(request).await.ok()?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await.ok()?;
        Some((status, body.to_bytes()))
    };
    // The connection lives as long as the exchange: nothing is left running behind.
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        _ = connection => exchange.await,
    }
}

/// Connects to a loopback address, or to what a named host stands for. What is checked is what is dialled: a name is
/// looked up once.
async fn dial(uri: &Uri, hosts: &[String]) -> Option<TcpStream> {
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let (host, port) = (uri.host()?, uri.port_u16().unwrap_or(80));
    let mut addresses = loopback(host);
    if addresses.is_empty() && hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((literal, port)).await.ok()?;
        addresses = found.map(|address| address.ip()).filter(may_be_dialled).collect();
    }
    for address in addresses {
        if let Ok(stream) = TcpStream::connect(SocketAddr::new(address, port)).await {
            return Some(stream);
        }
    }
    None
}

/// Whether a named host may stand for this address: not for every address at once, for what only the link knows,
/// which is where clouds keep their secrets, or for many machines.
fn may_be_dialled(address: &IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            !(address.is_unspecified()
                || address.is_link_local()
                || address.is_multicast()
                || address.is_broadcast())
        }
        IpAddr::V6(address) => {
            !(address.is_unspecified() || address.is_unicast_link_local() || address.is_multicast())
        }
    }
}

/// The loopback addresses that a host stands for; none for any other host.
fn loopback(host: &str) -> Vec<IpAddr> {
    if host.eq_ignore_ascii_case("localhost") {
        return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    }
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    literal.parse::<IpAddr>().into_iter().filter(IpAddr::is_loopback).collect()
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
        for good in ["127.0.0.1", "10.0.0.7", "192.168.1.2", "203.0.113.9", "::1", "2001:db8::1", "fd00::1"] {
            assert!(may(good), "{good}");
        }
        for bad in [
            "0.0.0.0",
            "::",
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "::ffff:0.0.0.0",
            "fe80::1",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
        ] {
            assert!(!may(bad), "{bad}");
        }
    }

    #[tokio::test]
    async fn other_hosts_are_dialled_only_when_named() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // A name that every machine has for its loopback address, and that is no literal.
        let uri: Uri = format!("http://LOCALHOST.:{port}/x").parse().unwrap();
        assert!(dial(&uri, &[]).await.is_none());
        let named = ["localhost.".to_owned()];
        let found =
            tokio::net::lookup_host(("localhost.", port)).await.is_ok_and(|mut found| found.next().is_some());
        assert_eq!(dial(&uri, &named).await.is_some(), found);
        let secure: Uri = format!("https://127.0.0.1:{port}/x").parse().unwrap();
        assert!(dial(&secure, &named).await.is_none());
    }
}
