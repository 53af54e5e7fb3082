use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use ::ureq::config::Config;
use ::ureq::unversioned::resolver::DefaultResolver;
use ::ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};
use ::ureq::{Agent, Body, Error, Proxy, ProxyProtocol, SendBody};
use antom_core::call::{
    IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind,
};
use bytes::{Buf, Bytes};
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Response, Uri};

use super::builder::{ProxyChoice, Setup, TransportBuilder, sealed};
use super::classify::{kind_of, kind_of_io, settle};
use super::gate::Gate;
use super::head::{request_of, unsupported};
use super::tls::SetupError;
use super::ureq_connect::SecureConnector;
use super::urls::Urls;
use crate::BlockingTransport;

/// Sends with ureq, without a runtime: HTTP/1.1, pooled connections, TLS 1.2 or newer with rustls and the
/// platform's root certificates, proxies of the environment.
///
/// Gateways on the loopback are reached in plain text and never through a proxy. The limit for connecting
/// holds once for the host's name and once for the connection with its secure channel.
///
/// The program must not switch on the features of ureq that decode content (`gzip`, `brotli`): no decoding
/// is asked for, but with them ureq would decode what a gateway sends unasked, and the signature of such an
/// answer would not hold.
///
/// ```
/// use antom_transport::UreqTransport;
/// let transport = UreqTransport::builder().build_loopback()?;
/// # Ok::<(), antom_transport::SetupError>(())
/// ```
#[derive(Clone)]
pub struct UreqTransport {
    agent: Agent,
    proxy: Option<Proxy>,
    urls: Urls<Uri>,
    loopback_only: bool,
}

impl UreqTransport {
    /// A transport with the usual settings.
    ///
    /// # Errors
    ///
    /// The platform has no root certificates.
    ///
    /// ```
    /// use antom_transport::{SetupError, UreqTransport};
    ///
    /// match UreqTransport::new() {
    ///     Ok(transport) => drop(transport),
    ///     // A machine without root certificates, such as a bare container.
    ///     Err(error) => assert!(matches!(error, SetupError::Tls(_))),
    /// }
    /// ```
    pub fn new() -> Result<Self, SetupError> {
        Self::builder().build()
    }

    /// Settings for a transport.
    pub fn builder() -> TransportBuilder<Self> {
        TransportBuilder::default()
    }
}

impl sealed::Build for UreqTransport {
    fn build(setup: Setup, loopback: bool) -> Result<Self, SetupError> {
        let mut tls = setup.tls(loopback)?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let proxy = match &setup.proxy {
            ProxyChoice::None => None,
            ProxyChoice::Environment => Proxy::try_from_env(),
            ProxyChoice::Url(url) => Some(Proxy::new(url.expose()).map_err(|_| SetupError::Proxy)?),
        };
        if proxy.as_ref().is_some_and(|proxy| !is_tunnel(proxy.protocol())) {
            return Err(SetupError::Proxy);
        }
        let config = Config::builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .no_delay(true)
            .user_agent("")
            .accept("")
            .accept_encoding("")
            .max_idle_age(setup.idle)
            .max_idle_connections(setup.max_idle)
            .max_idle_connections_per_host(setup.max_idle)
            .build();
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(SecureConnector::new(Arc::new(tls)));
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        Ok(Self { agent, proxy, urls: Urls::default(), loopback_only: loopback })
    }
}

fn is_tunnel(protocol: ProxyProtocol) -> bool {
    matches!(protocol, ProxyProtocol::Http | ProxyProtocol::Https)
}

impl BlockingTransport for UreqTransport {
    fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        let secure = request.gateway().is_https();
        if secure && self.loopback_only {
            return Err(unsupported("this transport was built for the loopback only"));
        }
        if request.needs_http2() {
            return Err(unsupported("ureq speaks HTTP/1.1 only"));
        }
        let gate = Arc::new(Gate::default());
        let mut body = GatedReader::new(gate.clone(), request.body().clone());
        let mut outgoing = request_of(&request, &self.urls, SendBody::from_reader(&mut body))?;
        outgoing.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(request.body().len()));
        let outgoing = self
            .agent
            .configure_request(outgoing)
            .proxy(self.proxy.clone().filter(|_| secure))
            .timeout_global(Some(options.total))
            .timeout_resolve(Some(options.connect))
            .timeout_connect(Some(options.connect))
            .timeout_per_read(Some(options.read))
            .timeout_per_write(Some(options.read))
            .build();
        match self.agent.run(outgoing) {
            Ok(response) => read(response, options),
            Err(error) => Err(failed(error, gate.shut())),
        }
    }
}

/// Reads the answer. From here on every failure is `Sent::Yes`: only the gateway answers behind a channel
/// that is set up, and it answers requests.
fn read(response: Response<Body>, options: &SendOptions) -> Result<IncomingResponse, TransportError> {
    let (head, mut body) = response.into_parts();
    let too_large = || TransportError::new(TransportErrorKind::TooLarge, Sent::Yes);
    if body.content_length().is_some_and(|length| length > options.max_answer as u64) {
        return Err(too_large());
    }
    let mut whole = Vec::new();
    // One byte beyond the limit tells that there is more.
    let mut reader = body.as_reader().take((options.max_answer as u64).saturating_add(1));
    reader.read_to_end(&mut whole).map_err(|error| failed(Error::from(error), Sent::Yes))?;
    if whole.len() > options.max_answer {
        return Err(too_large());
    }
    let mut incoming = IncomingResponse::new(head.status.as_u16(), whole);
    for (name, value) in &head.headers {
        incoming.push_header(name.as_str(), value.as_bytes());
    }
    Ok(incoming)
}

fn failed(error: Error, sent: Sent) -> TransportError {
    let kind = match &error {
        Error::Timeout(_) => TransportErrorKind::Timeout,
        Error::Tls(_) | Error::TlsRequired => TransportErrorKind::Tls,
        Error::HostNotFound | Error::ConnectionFailed | Error::ConnectProxyFailed(_) => {
            TransportErrorKind::Connect
        }
        Error::Protocol(_) | Error::BodyStalled | Error::LargeResponseHeader(..) => {
            TransportErrorKind::Protocol
        }
        Error::Http(_) | Error::BadUri(_) => TransportErrorKind::Unsupported,
        Error::Io(error) if error.get_ref().is_none() => kind_of_io(error),
        Error::Io(error) => kind_of(error),
        Error::Other(error) => kind_of(&**error),
        _ => TransportErrorKind::Other,
    };
    TransportError::new(settle(kind, sent), sent).with_source(error)
}

/// A body behind a [`Gate`], for a stack that reads it.
struct GatedReader {
    gate: Arc<Gate>,
    entered: bool,
    rest: Bytes,
}

impl GatedReader {
    fn new(gate: Arc<Gate>, rest: Bytes) -> Self {
        // Nobody reads an empty body, so it proves nothing.
        let entered = rest.is_empty() && gate.pass();
        Self { gate, entered, rest }
    }
}

impl Read for GatedReader {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if !self.entered && !self.gate.pass() {
            return Err(io::Error::other("the request was given up before its body was sent"));
        }
        self.entered = true;
        let count = space.len().min(self.rest.len());
        self.rest.copy_to_slice(space.get_mut(..count).unwrap_or_default());
        Ok(count)
    }
}

impl fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UreqTransport").field("loopback_only", &self.loopback_only).finish()
    }
}
