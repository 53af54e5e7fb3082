use antom::core::call::{
    IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind as Kind,
};
use antom::transport::Transport;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::{body::Body, client::conn::http1::SendRequest, client::conn::http1::handshake};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::Mutex, time::error::Elapsed, time::timeout};

/// Plain HTTP/1.1 over one connection that is kept: for a gateway on this machine.
#[derive(Debug, Default)]
pub(crate) struct Plain(Mutex<Option<(String, SendRequest<Full<Bytes>>)>>);

#[async_trait]
impl Transport for Plain {
    async fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        // A limit may run out anywhere, so the place is kept outside of what is cut off.
        let mut sent = Sent::No;
        let answer = timeout(options.total, self.exchange(&request, options, &mut sent)).await;
        answer.unwrap_or(Err(Kind::Timeout)).map_err(|kind| TransportError::new(kind, sent))
    }
}

impl Plain {
    async fn exchange(
        &self,
        request: &OutgoingRequest,
        options: &SendOptions,
        sent: &mut Sent,
    ) -> Result<IncomingResponse, Kind> {
        if request.gateway().is_https() || request.needs_http2() {
            return Err(Kind::Unsupported);
        }
        let late = |_: Elapsed| Kind::Timeout;
        let broken = |error: hyper::Error| if error.is_parse() { Kind::Protocol } else { Kind::Interrupted };
        let authority = request.gateway().authority();
        let mut outgoing = hyper::Request::post(request.path()).header("host", authority);
        for header in request.headers() {
            outgoing = outgoing.header(header.name, &*header.value);
        }
        let outgoing = outgoing.body(Full::new(request.body().clone())).map_err(|_| Kind::Unsupported)?;
        // Whoever takes the connection has it alone; it comes back only behind a whole answer.
        let kept = self.0.lock().await.take().filter(|(to, _)| to == authority);
        let mut connection = if let Some((_, mut kept)) = kept
            && kept.ready().await.is_ok()
        {
            kept
        } else {
            let socket = timeout(options.connect, TcpStream::connect(authority)).await.map_err(late)?;
            let socket = TokioIo::new(socket.map_err(|_| Kind::Connect)?);
            let (connection, work) = handshake(socket).await.map_err(|_| Kind::Connect)?;
            tokio::spawn(work);
            connection
        };
        *sent = Sent::Maybe;
        let answer = timeout(options.read, connection.send_request(outgoing)).await.map_err(late)?;
        let (head, mut body) = answer.map_err(broken)?.into_parts();
        *sent = Sent::Yes;
        let mut bytes = BytesMut::new();
        loop {
            if bytes.len() as u64 + body.size_hint().lower() > options.max_answer as u64 {
                return Err(Kind::TooLarge);
            }
            let Some(frame) = timeout(options.read, body.frame()).await.map_err(late)? else { break };
            bytes.extend_from_slice(&frame.map_err(broken)?.into_data().unwrap_or_default());
        }
        let mut incoming = IncomingResponse::new(head.status.as_u16(), bytes.freeze());
        head.headers.iter().for_each(|(name, value)| incoming.push_header(name.as_str(), value.as_bytes()));
        *self.0.lock().await = Some((authority.to_owned(), connection));
        Ok(incoming)
    }
}
