use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use ::reqwest::header::HeaderValue;
use ::reqwest::{Body, Client, Method, Request, Response, Url, Version};
use antom_core::call::{
    IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind,
};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::ReqwestBuilder;
use super::causes::causes;
use super::gate::Gate;
use super::tls::SetupError;
use crate::Transport;

/// Sends with reqwest: HTTP/1.1 and HTTP/2, pooled connections, TLS 1.2 or newer with rustls and the
/// platform's root certificates, proxies of the environment.
///
/// It runs on tokio. Gateways on the loopback are reached in plain text and never through a proxy.
///
/// ```
/// use antom_transport::ReqwestTransport;
///
/// let transport = ReqwestTransport::builder().build_loopback()?;
/// let other = transport.clone(); // The same connections.
/// # let _ = other;
/// # Ok::<(), antom_transport::SetupError>(())
/// ```
#[derive(Clone)]
pub struct ReqwestTransport {
    pub(super) secure: Option<Client>,
    pub(super) plain: Client,
}

impl ReqwestTransport {
    /// A transport with the usual settings.
    ///
    /// # Errors
    ///
    /// The platform has no root certificates.
    ///
    /// ```
    /// use antom_transport::{SetupError, ReqwestTransport};
    ///
    /// match ReqwestTransport::new() {
    ///     Ok(transport) => drop(transport),
    ///     // A machine without root certificates, such as a bare container.
    ///     Err(error) => assert!(matches!(error, SetupError::Tls(_))),
    /// }
    /// ```
    pub fn new() -> Result<Self, SetupError> {
        Self::builder().build()
    }

    /// Settings for a transport.
    pub fn builder() -> ReqwestBuilder {
        ReqwestBuilder::default()
    }

    fn prepare(
        &self,
        request: &OutgoingRequest,
    ) -> Result<(&Client, Request, std::sync::Arc<Gate>), TransportError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(unsupported("reqwest needs a running tokio runtime"));
        }
        let client = if request.gateway().is_https() {
            self.secure
                .as_ref()
                .ok_or_else(|| unsupported("this transport was built for the loopback only"))?
        } else {
            &self.plain
        };
        let url = Url::parse(&request.url()).map_err(unsupported)?;
        if url.path() != request.path() || url.query().is_some() || url.fragment().is_some() {
            return Err(unsupported("the URL parser would send another path than the one that was signed"));
        }
        let (gate, body) = Gate::before(request.body().clone());
        let method = Method::from_bytes(request.method().as_bytes()).map_err(unsupported)?;
        let mut outgoing = Request::new(method, url);
        if request.needs_http2() {
            *outgoing.version_mut() = Version::HTTP_2;
        }
        for header in request.headers() {
            let name =
                ::reqwest::header::HeaderName::from_bytes(header.name.as_bytes()).map_err(unsupported)?;
            let mut value = match &header.value {
                Cow::Borrowed(text) => HeaderValue::from_maybe_shared(Bytes::from_static(text.as_bytes())),
                Cow::Owned(text) => HeaderValue::from_str(text),
            }
            .map_err(unsupported)?;
            value.set_sensitive(header.sensitive);
            outgoing.headers_mut().append(name, value);
        }
        *outgoing.body_mut() = Some(Body::wrap(body));
        Ok((client, outgoing, gate))
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        let start = Instant::now();
        let (client, outgoing, gate) = self.prepare(&request)?;
        let end = after(start, options.total);
        let answer = client.execute(outgoing);
        let response =
            head(answer, &gate, start, end, options).await.map_err(|error| match error.kind() {
                // The stack has no other reason to refuse a request that it could have sent.
                TransportErrorKind::Other if request.needs_http2() && error.sent() == Sent::No => {
                    unsupported(error)
                }
                _ => error,
            })?;
        read(response, end, options).await
    }
}

/// Waits for the head of the answer. Until the body is on its way the limit for connecting holds, then
/// the one for reading; the one for everything always.
async fn head(
    answer: impl Future<Output = ::reqwest::Result<Response>>,
    gate: &Gate,
    start: Instant,
    end: Instant,
    options: &SendOptions,
) -> Result<Response, TransportError> {
    let mut answer = pin!(answer);
    let mut limit = pin!(sleep_until(end.min(after(start, options.connect))));
    let mut passed = false;
    let result = poll_fn(|context| {
        if let Poll::Ready(result) = answer.as_mut().poll(context) {
            return Poll::Ready(Some(result));
        }
        if !passed && gate.poll_passed(context) {
            passed = true;
            limit.as_mut().reset(end.min(after(Instant::now(), options.read)));
        }
        if limit.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        Poll::Ready(None)
    })
    .await;
    match result {
        Some(Ok(response)) => Ok(response),
        Some(Err(error)) => {
            Err(TransportError::new(kind_of(&error), gate.shut()).with_source(error.without_url()))
        }
        // If the body passes between the timer and this line, it is `Maybe`; if not, it never will.
        None => Err(TransportError::new(TransportErrorKind::Timeout, gate.shut())),
    }
}

/// Reads the answer. From here on every failure is `Sent::Yes`: only the gateway answers behind a channel
/// that is set up, and it answers requests.
async fn read(
    mut response: Response,
    end: Instant,
    options: &SendOptions,
) -> Result<IncomingResponse, TransportError> {
    let too_large = || TransportError::new(TransportErrorKind::TooLarge, Sent::Yes);
    let announced = response.content_length().unwrap_or_default();
    if announced > options.max_answer as u64 {
        return Err(too_large());
    }
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    loop {
        let limit = end.min(after(Instant::now(), options.read));
        let chunk = match timeout_at(limit, response.chunk()).await {
            Err(_) => return Err(TransportError::new(TransportErrorKind::Timeout, Sent::Yes)),
            Ok(Err(error)) => {
                return Err(TransportError::new(kind_of(&error), Sent::Yes).with_source(error.without_url()));
            }
            Ok(Ok(None)) => break,
            Ok(Ok(Some(chunk))) => chunk,
        };
        if first.len() + whole.len() + chunk.len() > options.max_answer {
            return Err(too_large());
        }
        // Most answers come in one piece, which needs no copy.
        if first.is_empty() && whole.is_empty() {
            first = chunk;
            continue;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&first);
            first = Bytes::new();
        }
        whole.extend_from_slice(&chunk);
    }
    let body = if whole.is_empty() { first } else { whole.freeze() };
    let mut incoming = IncomingResponse::new(response.status().as_u16(), body);
    for (name, value) in response.headers() {
        incoming.push_header(name.as_str(), value.as_bytes());
    }
    Ok(incoming)
}

/// A moment that much later; a limit beyond what the clock can show is no limit within anyone's patience.
fn after(start: Instant, duration: Duration) -> Instant {
    const LONG: Duration = Duration::from_secs(365 * 24 * 3600);
    start + duration.min(LONG)
}

fn unsupported(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Unsupported, Sent::No).with_source(cause)
}

fn kind_of(error: &::reqwest::Error) -> TransportErrorKind {
    for cause in causes(error) {
        if cause.is::<rustls::Error>() {
            return TransportErrorKind::Tls;
        }
        if let Some(cause) = cause.downcast_ref::<hyper::Error>() {
            if cause.is_parse() {
                return TransportErrorKind::Protocol;
            }
            if cause.is_incomplete_message() || cause.is_canceled() || cause.is_closed() {
                return TransportErrorKind::Interrupted;
            }
        }
    }
    if error.is_connect() {
        return TransportErrorKind::Connect;
    }
    if causes(error).any(|cause| cause.is::<std::io::Error>() || cause.is::<hyper::Error>()) {
        return TransportErrorKind::Interrupted;
    }
    TransportErrorKind::Other
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").field("loopback_only", &self.secure.is_none()).finish()
    }
}
