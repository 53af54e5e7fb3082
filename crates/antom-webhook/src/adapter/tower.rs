use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Body;
use http_body_util::Full;
use tower_layer::Layer;
use tower_service::Service;

use super::{Delivery, Receiver};
use crate::ack::Ack;

/// Turns a service from [`Delivery`] to [`Ack`] into one from HTTP request to HTTP response. The inner
/// service never sees what was not verified.
///
/// ```
/// use antom_webhook::{Ack, Delivery, Receiver, WebhookLayer};
/// use std::convert::Infallible;
/// use tower_layer::Layer;
///
/// fn service<S>(receiver: Receiver, inner: S) -> impl tower_service::Service<
///     http::Request<http_body_util::Full<bytes::Bytes>>,
///     Response = http::Response<http_body_util::Full<bytes::Bytes>>,
/// >
/// where
///     S: tower_service::Service<Delivery, Response = Ack, Error = Infallible> + Clone + Send + 'static,
///     S::Future: Send,
/// {
///     WebhookLayer::new(receiver).layer(inner)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct WebhookLayer {
    receiver: Receiver,
}

impl WebhookLayer {
    /// A layer with the endpoints of this receiver.
    #[must_use]
    pub fn new(receiver: Receiver) -> Self {
        Self { receiver }
    }
}

impl<S> Layer<S> for WebhookLayer {
    type Service = WebhookService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        WebhookService { receiver: self.receiver.clone(), inner }
    }
}

/// The service that [`WebhookLayer`] makes.
///
/// ```
/// use antom_webhook::{Receiver, Sleep, WebhookLayer, WebhookService};
/// use tower_layer::Layer;
/// use antom_webhook::WebhookVerifier;
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::time::UnixTime;
/// # use antom_webhook::testing::TestGateway;
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let now = UnixTime::from_secs(1_772_360_430);
/// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
///
/// /// Whatever stands behind the layer sees verified deliveries only.
/// #[derive(Clone)]
/// struct Shop;
/// let receiver = Receiver::new([verifier], Sleep::tokio())?;
/// let service: WebhookService<Shop> = WebhookLayer::new(receiver).layer(Shop);
/// # let _ = service;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct WebhookService<S> {
    receiver: Receiver,
    inner: S,
}

impl<S> fmt::Debug for WebhookService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookService").field("receiver", &self.receiver).finish_non_exhaustive()
    }
}

impl<S, B> Service<http::Request<B>> for WebhookService<S>
where
    S: Service<Delivery, Response = Ack> + Clone + Send + 'static,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
{
    type Response = http::Response<Full<Bytes>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let receiver = self.receiver.clone();
        // The one that was made ready goes along with the request; its clone stays behind.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let ack = match receiver.receive(request).await {
                Ok(delivery) => inner.call(delivery).await?,
                Err(error) => Ack::for_error(&error),
            };
            Ok(ack.into_http())
        })
    }
}
