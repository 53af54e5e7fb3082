//! A client that writes bytes, so that it can write the wrong ones.

use std::net::SocketAddr;
use std::time::Duration;

use antom_webhook::testing::SignedDelivery;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a whole case may take before it counts as hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// A request head without `content-length` and without the blank line at its end.
pub(crate) fn head(method: &str, sent: &SignedDelivery) -> String {
    let mut head =
        format!("{method} {} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n", sent.target());
    for (name, value) in sent.headers() {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head
}

pub(crate) struct Line(TcpStream);

impl Line {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) async fn write(&mut self, text: &str) -> std::io::Result<()> {
        self.0.write_all(text.as_bytes()).await?;
        self.0.flush().await
    }

    /// One chunk of the chunked transfer coding.
    pub(crate) async fn chunk(&mut self, text: &str) -> std::io::Result<()> {
        self.write(&format!("{:x}\r\n{text}\r\n", text.len())).await
    }

    /// Reads to the end of the answer. A server that refuses early may reset the connection behind its
    /// answer; what was read until then counts.
    pub(crate) async fn answer(mut self) -> Answer {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = self.0.read(&mut buffer).await {
            bytes.extend_from_slice(&buffer[..length]);
        }
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }
}

/// Sends a delivery whole.
pub(crate) async fn send(address: SocketAddr, method: &str, sent: &SignedDelivery, extra: &str) -> Answer {
    let mut line = Line::open(address).await;
    let body = std::str::from_utf8(sent.body()).unwrap();
    let head = head(method, sent);
    line.write(&format!("{head}{extra}content-length: {}\r\n\r\n{body}", body.len())).await.unwrap();
    line.answer().await
}

/// Sends a delivery in chunks of this many bytes, without stating its length.
pub(crate) async fn send_in_pieces(address: SocketAddr, sent: &SignedDelivery, size: usize) -> Answer {
    let mut line = Line::open(address).await;
    line.write(&format!("{}transfer-encoding: chunked\r\n\r\n", head("POST", sent))).await.unwrap();
    for piece in sent.body().chunks(size) {
        line.chunk(std::str::from_utf8(piece).unwrap()).await.unwrap();
    }
    line.write("0\r\n\r\n").await.unwrap();
    line.answer().await
}
