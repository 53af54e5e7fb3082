use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use antom_core::call::{
    IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind,
};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::Body;
use tower_service::Service;

use super::classify::{kind_of, settle};
use super::gate::{Gate, GatedBody};
use super::head::request_of;
use super::roundtrip::{Watch, roundtrip};
use super::urls::Urls;
use crate::{Sleep, Transport};

/// Sends through any clonable tower service, on any runtime.
///
/// A clone of the service is made ready and called once for every request. How it connects, pools, checks
/// certificates and finds proxies is the service's own matter; it must not follow redirects and must not
/// decode the answer's body. Time limits and the size limit are kept here.
///
/// A service that takes the body as [`Bytes`] says nothing about when it sends it: after it was called,
/// every failure is [`Sent::Maybe`], and the limits for connecting and for reading are added up. Put
/// [`gated`] in front of a service that takes bodies of its own kind, and the transport knows what was sent.
///
/// ```
/// # #[derive(Clone)] struct MyStack;
/// # impl tower_service::Service<http::Request<GatedBody>> for MyStack {
/// #     type Response = http::Response<String>;
/// #     type Error = std::io::Error;
/// #     type Future = std::future::Ready<Result<Self::Response, Self::Error>>;
/// #     fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
/// #         std::task::Poll::Ready(Ok(()))
/// #     }
/// #     fn call(&mut self, _: http::Request<GatedBody>) -> Self::Future {
/// #         std::future::ready(Ok(http::Response::new(String::new())))
/// #     }
/// # }
/// # #[derive(Debug)] struct MyTimer;
/// # #[async_trait::async_trait] impl antom_transport::Sleep for MyTimer {
/// #     async fn sleep(&self, _: std::time::Duration) {}
/// # }
/// use antom_transport::backend::{GatedBody, gated};
/// use antom_transport::TowerTransport;
///
/// // `MyStack` is any service that takes `http::Request<impl Body>`, such as hyper-util's client.
/// let service = tower::util::MapRequest::new(MyStack, gated);
/// let transport = TowerTransport::new(service, MyTimer);
/// ```
#[derive(Clone)]
pub struct TowerTransport<S, W> {
    service: S,
    sleep: W,
    urls: Urls<Uri>,
}

/// Travels with a request, so that [`gated`] can put its body behind the transport's gate.
#[derive(Debug, Clone, Default)]
struct Handle {
    gate: Arc<Gate>,
    watched: Arc<AtomicBool>,
}

/// Gives a request a body that tells the [`TowerTransport`] it came from when it is fetched.
///
/// The body is fetched once: middleware that sends a request a second time finds it gone.
///
/// ```
/// use antom_transport::backend::gated;
/// use bytes::Bytes;
///
/// // Between the transport and a service that takes `http::Request<impl Body>`.
/// let request = gated(http::Request::post("/ams/api/v1/payments/pay").body(Bytes::new())?);
/// assert_eq!(request.method(), "POST");
/// # Ok::<(), http::Error>(())
/// ```
pub fn gated(request: Request<Bytes>) -> Request<GatedBody> {
    let handle = request.extensions().get::<Handle>().cloned().unwrap_or_default();
    handle.watched.store(true, Ordering::Release);
    request.map(|bytes| handle.gate.body(bytes))
}

impl<S, W> TowerTransport<S, W> {
    /// Sends through `service`; `sleep` keeps the time limits.
    pub fn new(service: S, sleep: W) -> Self {
        Self { service, sleep, urls: Urls::default() }
    }
}

#[async_trait]
impl<S, W, B> Transport for TowerTransport<S, W>
where
    S: Service<Request<Bytes>, Response = Response<B>> + Clone + Send + Sync,
    S::Future: Send,
    S::Error: Into<Box<dyn StdError + Send + Sync>> + Send,
    B: Body + Send,
    B::Data: Send,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
    W: Sleep,
{
    async fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        let handle = Handle::default();
        let body = request.body().clone();
        let mut outgoing = request_of(&request, &self.urls, body)?;
        outgoing.extensions_mut().insert(handle.clone());
        let mut service = self.service.clone();
        self.ready(&mut service, options.connect.min(options.total)).await?;
        let needs_http2 = request.needs_http2();
        let watch = Watch { gate: &handle.gate, watched: Some(&handle.watched), needs_http2 };
        let timer = |duration: Duration| self.sleep.sleep(duration);
        roundtrip(service.call(outgoing), watch, options, timer).await
    }
}

impl<S, W: Sleep> TowerTransport<S, W> {
    /// Waits until the service takes a request. Nothing was sent before it does.
    async fn ready<R>(&self, service: &mut S, limit: Duration) -> Result<(), TransportError>
    where
        S: Service<R>,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let mut timer = self.sleep.sleep(limit);
        let ready = poll_fn(|context| match service.poll_ready(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => timer.as_mut().poll(context).map(|()| None),
        });
        match ready.await {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => {
                let error = error.into();
                Err(TransportError::new(settle(kind_of(&*error), Sent::No), Sent::No).with_source(error))
            }
            None => Err(TransportError::new(TransportErrorKind::Timeout, Sent::No)),
        }
    }
}

impl<S, W: fmt::Debug> fmt::Debug for TowerTransport<S, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerTransport").field("sleep", &self.sleep).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::Future;
    use std::io;
    use std::pin::{Pin, pin};
    use std::task::{Context, Waker};

    use tower::{ServiceExt, service_fn};

    use super::super::kit::{CALL, request};
    use super::*;

    /// A timer that has run out as soon as it is looked at, unless it is for a long time.
    #[derive(Debug, Clone)]
    struct Impatient;

    #[async_trait]
    impl Sleep for Impatient {
        async fn sleep(&self, duration: Duration) {
            if duration > SHORT {
                std::future::pending().await
            }
        }
    }

    const SHORT: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_secs(1000);

    fn options(connect: Duration, read: Duration) -> SendOptions {
        SendOptions { connect, read, total: LONG * 10, max_answer: 100 }
    }

    /// The result of a call that has to wait for nothing.
    fn send<S>(service: S, options: SendOptions) -> Result<IncomingResponse, (TransportErrorKind, Sent)>
    where
        TowerTransport<S, Impatient>: Transport,
    {
        let transport = TowerTransport::new(service, Impatient);
        let mut sending = pin!(transport.send(request("http://127.0.0.1:1", &CALL), &options));
        match sending.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result.map_err(|error| (error.kind(), error.sent())),
            Poll::Pending => panic!("nothing ends the call"),
        }
    }

    /// A service that never says it is ready.
    #[derive(Clone)]
    struct Busy;

    impl Service<Request<Bytes>> for Busy {
        type Response = Response<String>;
        type Error = Infallible;
        type Future = std::future::Pending<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Pending
        }

        fn call(&mut self, _: Request<Bytes>) -> Self::Future {
            panic!("the service is not ready")
        }
    }

    fn fetch(body: GatedBody) -> Option<Result<Bytes, super::super::GateShut>> {
        let mut body = body;
        match Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(frame) => frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default())),
            Poll::Pending => None,
        }
    }

    #[test]
    fn nothing_is_sent_through_a_service_that_is_not_ready() {
        assert_eq!(send(Busy, options(SHORT, LONG)).unwrap_err(), (TransportErrorKind::Timeout, Sent::No));
    }

    #[test]
    fn a_service_that_takes_bytes_may_have_sent_whatever_fails() {
        let refused = service_fn(|_: Request<Bytes>| async {
            Err::<Response<String>, _>(io::Error::from(io::ErrorKind::ConnectionRefused))
        });
        let error = send(refused, options(LONG, LONG)).unwrap_err();
        assert_eq!(error, (TransportErrorKind::Connect, Sent::Maybe));
        let silent =
            service_fn(|_: Request<Bytes>| std::future::pending::<Result<Response<String>, Infallible>>());
        let error = send(silent, options(SHORT, SHORT)).unwrap_err();
        assert_eq!(error, (TransportErrorKind::Timeout, Sent::Maybe));
    }

    #[test]
    fn a_gated_body_that_nobody_fetched_was_not_sent() {
        let refused = service_fn(|_: Request<GatedBody>| async {
            Err::<Response<String>, _>(io::Error::from(io::ErrorKind::ConnectionRefused))
        });
        let error = send(refused.map_request(gated), options(LONG, LONG)).unwrap_err();
        assert_eq!(error, (TransportErrorKind::Connect, Sent::No));
        let silent = service_fn(|_: Request<GatedBody>| {
            std::future::pending::<Result<Response<String>, Infallible>>()
        });
        // The limit for reading does not count yet, so the one for connecting ends it.
        let error = send(silent.map_request(gated), options(SHORT, LONG)).unwrap_err();
        assert_eq!(error, (TransportErrorKind::Timeout, Sent::No));
    }

    #[test]
    fn a_gated_body_that_was_fetched_may_have_been_sent() {
        let lost = service_fn(|request: Request<GatedBody>| async {
            assert_eq!(fetch(request.into_body()).unwrap().unwrap(), "{}");
            std::future::pending::<Result<Response<String>, Infallible>>().await
        });
        let error = send(lost.map_request(gated), options(LONG, SHORT)).unwrap_err();
        assert_eq!(error, (TransportErrorKind::Timeout, Sent::Maybe));
    }

    #[test]
    fn middleware_cannot_send_the_body_twice() {
        let twice = service_fn(|request: Request<Bytes>| async {
            let first = fetch(gated(request.clone()).into_body()).unwrap();
            let second = fetch(gated(request).into_body()).unwrap();
            assert!(first.is_ok() && second.is_err());
            Ok::<_, Infallible>(Response::builder().header("client-id", "A").body("{}".to_owned()).unwrap())
        });
        let answer = send(twice, options(LONG, LONG)).unwrap();
        assert_eq!((answer.status(), &answer.body()[..]), (200, &b"{}"[..]));
        assert_eq!(answer.header(antom_core::call::HeaderName::ClientId), Ok(Some("A")));
    }

    #[test]
    fn the_size_limit_holds() {
        let large =
            service_fn(|_: Request<Bytes>| async { Ok::<_, Infallible>(Response::new("x".repeat(101))) });
        assert_eq!(send(large, options(LONG, LONG)).unwrap_err(), (TransportErrorKind::TooLarge, Sent::Yes));
    }
}
