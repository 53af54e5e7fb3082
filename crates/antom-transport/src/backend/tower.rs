use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use antom_core::call::{
    IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind,
};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::classify::kind_of;
use super::gate::{Gate, GatedBody};
use super::roundtrip::{Watch, head_of, roundtrip};
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
pub fn gated(request: Request<Bytes>) -> Request<GatedBody> {
    let handle = request.extensions().get::<Handle>().cloned().unwrap_or_default();
    handle.watched.store(true, Ordering::Release);
    request.map(|bytes| handle.gate.body(bytes))
}

impl<S, W> TowerTransport<S, W> {
    /// Sends through `service`; `sleep` keeps the time limits.
    pub fn new(service: S, sleep: W) -> Self {
        Self { service, sleep }
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
        let start = Instant::now();
        let body = request.body().clone();
        let handle = Handle::default();
        let mut outgoing = head_of(&request)?.map(|()| body);
        outgoing.extensions_mut().insert(handle.clone());
        let mut service = self.service.clone();
        self.ready(&mut service, options.connect.min(options.total)).await?;
        let watch = Watch { gate: &handle.gate, watched: Some(&handle.watched) };
        let timer = |duration: Duration| self.sleep.sleep(duration);
        roundtrip(service.call(outgoing), watch, start, options, timer).await
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
                Err(TransportError::new(kind_of(&*error), Sent::No).with_source(error))
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
