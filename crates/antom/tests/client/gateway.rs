//! A gateway on the loopback that answers what it is told to.

use std::sync::{Arc, Mutex};

use antom::core::signature::{ClientId, KeyVersion, PrivateKey, RsaSigner, sandbox_keys};
use antom::core::time::UnixTime;
use antom::transport::testing::sign_answer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const CLIENT: &str = "SANDBOX_5Y00000000000000";

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// What becomes of a request: these bytes, then the connection closes; `None` leaves it unanswered.
type Answer = Arc<dyn Fn(&Seen) -> Option<Vec<u8>> + Send + Sync>;

pub(crate) struct Gateway {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Gateway {
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer) as Answer);
        let log = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer.clone(), log.clone()));
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answer: Answer, log: Arc<Mutex<Vec<Seen>>>) {
    let Some(request) = read(&mut stream).await else { return };
    let bytes = answer(&request);
    log.lock().unwrap().push(request);
    match bytes {
        Some(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        None => std::future::pending().await,
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        if body.len() >= header(head, "content-length")?.parse::<usize>().ok()? {
            let path = head.split(' ').nth(1)?.to_owned();
            return Some(Seen { path, head: head.to_owned(), body: body.to_owned() });
        }
    }
}

pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

pub(crate) fn http(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A signed answer, dated like the request, for this path.
pub(crate) fn signed_for(path: &str, seen: &Seen, body: &str) -> Vec<u8> {
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap();
    let signer = RsaSigner::new(&key, KeyVersion::FIRST).unwrap();
    let at = UnixTime::from_millis(header(&seen.head, "request-time").unwrap().parse().unwrap());
    let answer = sign_answer(&signer, &ClientId::new(CLIENT).unwrap(), path, at, body.to_owned()).unwrap();
    let headers: String = antom::core::call::HeaderName::ALL
        .iter()
        .filter_map(|name| Some(format!("{}: {}\r\n", name.as_str(), answer.header(*name).ok()??)))
        .collect();
    http("200 OK", &headers, body.as_bytes())
}

pub(crate) fn signed(seen: &Seen, body: &str) -> Vec<u8> {
    signed_for(&seen.path, seen, body)
}

pub(crate) fn answer(id: &str, status: &str, code: &str) -> String {
    format!(
        r#"{{"paymentRequestId":"{id}","new":{{"a":1}},"result":{{"resultCode":"{code}","resultStatus":"{status}","resultMessage":"m"}}}}"#
    )
}
