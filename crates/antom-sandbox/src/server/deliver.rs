//! Delivers notifications: plain HTTP, this machine only, no redirects.

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
pub(super) async fn deliver(delivery: &Delivery) -> (DeliveryResult, String) {
    match tokio::time::timeout(TIMEOUT, send(delivery)).await {
        Ok(Some((status, body))) => {
            (DeliveryResult::judge(status, &body), String::from_utf8_lossy(&body).into_owned())
        }
        Ok(None) | Err(_) => (DeliveryResult::Unreachable, String::new()),
    }
}

async fn send(delivery: &Delivery) -> Option<(u16, Bytes)> {
    let uri: Uri = delivery.url.parse().ok()?;
    let stream = dial(&uri).await?;
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

/// Connects to a loopback address. A host name is never resolved: what is checked is what is dialled.
async fn dial(uri: &Uri) -> Option<TcpStream> {
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let port = uri.port_u16().unwrap_or(80);
    for address in loopback(uri.host()?) {
        if let Ok(stream) = TcpStream::connect(SocketAddr::new(address, port)).await {
            return Some(stream);
        }
    }
    None
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
}
